//! Random numbers: those of tenfold-kernel's `Philox`, drawn on the device.

mod kernel;
#[cfg(test)]
mod tests;

use std::ops::Range;

use ndarray::{Dimension, ShapeBuilder};
use tenfold_kernel::{Philox, Random, Real};

use self::kernel::{Draw, Law};
use crate::adapter::Feature;
use crate::array::DeviceArray;
use crate::device::Device;
use crate::element::Element;
use crate::error::Result;
use crate::launch::Launch;
use crate::run::{Run, Ty};

/// Random numbers.
///
/// The element with index `i` in row-major order is number `i` of the stream of the `Philox`, whose page
/// defines it. So it is what the processor draws, on each device.
///
/// ```
/// use tenfold_gpu::{Device, Philox, Select};
///
/// # let Ok(device) = Device::open(Select::env().allow_software(true)) else { return Ok(()) };
/// let philox = Philox::new(42);
/// let x = device.random::<f32, _>(philox, (2, 3))?;
/// assert_eq!(x.to_array()?, philox.random::<f32>().array((2, 3))?);
/// let dice = device.uniform(philox.stream(1), 1..7, 100)?;
/// assert!(dice.to_array()?.iter().all(|eyes| (1..7).contains(eyes)));
/// # Ok::<(), tenfold_gpu::Error>(())
/// ```
impl Device {
    /// Integers of which all come alike, floats from 0 to below 1.
    ///
    /// # Errors
    /// The device has no such elements, or no memory for them.
    pub fn random<T: Element + Random, Sh: ShapeBuilder>(
        &self,
        philox: Philox,
        shape: Sh,
    ) -> Result<DeviceArray<T, Sh::Dim>> {
        self.drawn(philox, Law::Random, [T::default(); 3], shape)
    }

    /// Numbers from `range.start` to below `range.end`. The bits are those of the processor where the
    /// device has [precise mode](Feature::Precise).
    ///
    /// # Errors
    /// As of [`random`](Self::random), or the range is empty, or its ends or its width are not finite.
    pub fn uniform<T: Element + Random, Sh: ShapeBuilder>(
        &self,
        philox: Philox,
        range: Range<T>,
        shape: Sh,
    ) -> Result<DeviceArray<T, Sh::Dim>> {
        let bounds = T::bounds(&range);
        philox.uniform(range)?;
        self.drawn(philox, Law::Uniform, bounds, shape)
    }

    /// Numbers of the normal distribution with mean 0 and variance 1. They differ from those of the
    /// processor by some units in the last place, as devices divide and take roots.
    ///
    /// # Errors
    /// As of [`random`](Self::random); numbers of type `f64` need 64-bit integers too.
    pub fn standard_normal<T: Element + Random + Real, Sh: ShapeBuilder>(
        &self,
        philox: Philox,
        shape: Sh,
    ) -> Result<DeviceArray<T, Sh::Dim>> {
        if size_of::<T>() == 8 {
            self.require(Feature::I64)?;
        }
        self.drawn(philox, Law::Normal, [T::default(); 3], shape)
    }

    fn drawn<T: Element, Sh: ShapeBuilder>(
        &self,
        philox: Philox,
        law: Law,
        [low, width, last]: [T; 3],
        shape: Sh,
    ) -> Result<DeviceArray<T, Sh::Dim>> {
        let out = self.uninit::<T, _>(shape.into_shape_with_order().raw_dim().clone())?;
        let ty = Ty::of::<T>();
        let is_precise = ty.is_float() && law != Law::Random && self.has(Feature::Precise);
        let draw = Draw { ty, law, has_wide: self.has(Feature::I64), is_precise };
        let run = Run::of(&out);
        let per = draw.per_block();
        let most = run.most(self) / per * per;
        let (seed, stream) = philox.seed_and_stream();
        let len = out.raw_dim().size();
        for at in (0..len).step_by(most) {
            let n = most.min(len - at);
            let quads = (per == 4).then(|| run.quads(self, at, n)).flatten();
            let is_quads = quads.is_some();
            let program =
                self.program_for(&("random", draw, is_quads), || draw.source(is_quads))?;
            let (part, first) = quads.unwrap_or_else(|| run.part(self, at, n));
            let mut launch = Launch::new(self, &program).part(part);
            for number in [seed, stream, (at / per) as u64] {
                for half in words(number) {
                    launch = launch.number(half);
                }
            }
            launch = launch.count(n)?.number(first).number(low).number(width).number(last);
            launch.invocations(n.div_ceil(per))?;
        }
        Ok(out)
    }
}

/// The words of a number, the low one first.
#[expect(clippy::cast_possible_truncation, reason = "both halves are kept")]
fn words(x: u64) -> [u32; 2] {
    [x as u32, (x >> 32) as u32]
}
