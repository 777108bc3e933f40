//! Sorting.

mod kernel;
#[cfg(test)]
mod tests;

use ndarray::{Axis, Dimension};

use self::kernel::{Kind, Pass, SHARED_BYTES, TILE};
use crate::array::DeviceArray;
use crate::device::Device;
use crate::element::Element;
use crate::error::{Error, ErrorKind, Result};
use crate::launch::{Launch, Part};
use crate::run::{Run, Ty, around};
use crate::scan::offsets;

/// Digits of a pass.
const DIGITS: usize = 256;
/// Bytes that the counts of rows that are sorted together may have.
const COUNTS_BYTES: usize = 64 << 20;

/// Sorting along an axis, by radix: in time that grows with the length alone.
///
/// Floats are sorted as `total_cmp` does it: -NaN, negative infinity, numbers, -0.0 before 0.0, infinity,
/// NaN. Equal elements keep their order, also in descending order.
///
/// An axis that is not the last one, or is not dense, is copied first. Rows of the axis are sorted many at a
/// time. Besides its result a sort needs memory for the elements of these rows once more. An argsort needs
/// memory for all elements, and for the elements and the places of these rows once more. What is counted
/// takes 2 KiB for every 4096 elements begun of a row: in all 128 MiB and little more, or what a single row
/// takes. A row may have at most as many bytes as a kernel can see, and that must be 1 KiB and a little more
/// ([`Limits::max_binding_bytes`](crate::Limits::max_binding_bytes)).
///
/// ```
/// use tenfold_gpu::{Device, Select, ndarray::{Axis, array}};
///
/// # let Ok(device) = Device::open(Select::env().allow_software(true)) else { return Ok(()) };
/// let x = device.upload(&array![2.5_f32, -1.0, 7.0, 0.0])?;
/// assert_eq!(x.sort(Axis(0))?.to_array()?, array![-1.0, 0.0, 2.5, 7.0]);
/// assert_eq!(x.argsort_descending(Axis(0))?.to_array()?, array![2, 0, 3, 1]);
/// # Ok::<(), tenfold_gpu::Error>(())
/// ```
impl<T: Element, D: Dimension> DeviceArray<T, D> {
    /// The elements along an axis in ascending order.
    ///
    /// # Errors
    /// There is no such axis or no memory, or a row is larger than what a kernel can see.
    pub fn sort(&self, axis: Axis) -> Result<Self> {
        Ok(self.sorted(axis, false, true, false)?.0)
    }

    /// The elements along an axis in descending order.
    ///
    /// # Errors
    /// As of [`sort`](Self::sort).
    pub fn sort_descending(&self, axis: Axis) -> Result<Self> {
        Ok(self.sorted(axis, true, true, false)?.0)
    }

    /// The places of the elements along an axis in ascending order of the elements.
    ///
    /// # Errors
    /// As of [`sort`](Self::sort).
    pub fn argsort(&self, axis: Axis) -> Result<DeviceArray<u32, D>> {
        Ok(self.sorted(axis, false, false, true)?.1)
    }

    /// The places of the elements along an axis in descending order of the elements.
    ///
    /// # Errors
    /// As of [`sort`](Self::sort).
    pub fn argsort_descending(&self, axis: Axis) -> Result<DeviceArray<u32, D>> {
        Ok(self.sorted(axis, true, false, true)?.1)
    }

    /// Sorted elements and their places, each of which may be left out and is anything then.
    fn sorted(
        &self,
        axis: Axis,
        is_descending: bool,
        has_keys: bool,
        has_places: bool,
    ) -> Result<(Self, DeviceArray<u32, D>)> {
        let device = self.device();
        let [outer, len, inner] = around(self.shape(), axis.index())?;
        // The axis as the last one, which swapping undoes.
        let swapped = |layout: &crate::layout::Layout<D>| {
            let mut layout = layout.clone();
            let last = layout.strides.len() - 1;
            layout.dim.slice_mut().swap(axis.index(), last);
            layout.strides.swap(axis.index(), last);
            layout
        };
        let dense = self.with_layout(swapped(self.layout())).to_standard_layout()?;
        let keys = device.uninit::<T, D>(dense.raw_dim())?;
        let dim = if has_places { dense.raw_dim() } else { D::zeros(self.ndim()) };
        let places = device.uninit::<u32, D>(dim)?;
        if !self.is_empty() {
            let ty = key_ty::<T>();
            let of = |run: Run| Run { ty, ..run };
            let sort = Sort {
                device,
                kind: kind::<T>(),
                is_descending,
                x: of(Run::of(&dense)),
                keys: of(Run::of(&keys)),
                places: has_places.then(|| Run::of(&places)),
                has_keys,
                len,
            };
            sort.run(outer * inner)?;
        }
        let places = if has_places { places.with_layout(swapped(places.layout())) } else { places };
        Ok((keys.with_layout(swapped(keys.layout())), places))
    }
}

fn kind<T: Element>() -> Kind {
    match T::WGSL {
        "f32" | "f64" => Kind::Float,
        "i32" | "i64" => Kind::Signed,
        _ => Kind::Unsigned,
    }
}

/// The words of an element, the low one first: no device need have 64-bit integers for this.
fn key_ty<T: Element>() -> Ty {
    match size_of::<T>() {
        8 => Ty { name: "vec2<u32>", bytes: 8 },
        _ => Ty::U32,
    }
}

/// A sort of rows that lie dense.
struct Sort<'a> {
    device: &'a Device,
    kind: Kind,
    is_descending: bool,
    x: Run,
    keys: Run,
    places: Option<Run>,
    has_keys: bool,
    len: usize,
}

/// What a pass reads or writes: keys, and places if they go along.
#[derive(Debug, Clone, Copy)]
struct Pair<'a>(&'a Run, Option<&'a Run>);

impl Sort<'_> {
    fn run(&self, rows: usize) -> Result<()> {
        let Self { device, len, .. } = *self;
        let shared = device.limits().max_workgroup_bytes;
        if shared < SHARED_BYTES {
            let message = format!(
                "sorting shares {SHARED_BYTES} bytes in a work-group, and {} has {shared}",
                device.adapter().name()
            );
            return Err(Error::new(ErrorKind::Unsupported, message));
        }
        let tiles = len.div_ceil(TILE as usize);
        // All of a row is seen at a time, and so are the counts of its digits.
        let most = (self.x.most(device) / len)
            .min(Run::most_of(device, Ty::U32) / (DIGITS * tiles))
            .min(rows);
        if most == 0 {
            let bytes = (len * self.x.ty.bytes).max(DIGITS * tiles * Ty::U32.bytes);
            let message = format!(
                "sorting an axis of {len} elements of {} bytes takes {bytes} bytes that are seen at a time, and the \
                 device shows {}",
                self.x.ty.bytes,
                self.x.most(device) * self.x.ty.bytes
            );
            return Err(Error::new(ErrorKind::TooLarge, message));
        }
        // Short rows have more counts than elements.
        let most = most.min((COUNTS_BYTES / (DIGITS * tiles * Ty::U32.bytes)).max(1));
        let other = Run::new(device, self.x.ty, most * len)?;
        let other_places = self.places.as_ref().map(|_| Run::new(device, Ty::U32, most * len));
        let other_places = other_places.transpose()?;
        for first in (0..rows).step_by(most) {
            let rows = most.min(rows - first);
            self.rows(first, rows, Pair(&other, other_places.as_ref()))?;
        }
        Ok(())
    }

    fn rows(&self, first: usize, rows: usize, other: Pair<'_>) -> Result<()> {
        let passes = self.x.ty.bytes;
        let out = Pair(&self.keys, self.places.as_ref());
        let at = first * self.len;
        for digit in 0..passes {
            let pass = Pass {
                kind: self.kind,
                is_double: self.x.ty.bytes == 8,
                is_descending: self.is_descending,
                is_first: digit == 0,
                is_last: digit == passes - 1,
                has_places: self.places.is_some(),
                has_keys: self.has_keys,
            };
            // An even number of passes ends in the results.
            let (from, to) = match digit {
                0 => ((Pair(&self.x, None), at), (other, 0)),
                _ if digit % 2 == 1 => ((other, 0), (out, at)),
                _ => ((out, at), (other, 0)),
            };
            self.pass(pass, digit, rows, from, to)?;
        }
        Ok(())
    }

    fn pass(
        &self,
        pass: Pass,
        digit: usize,
        rows: usize,
        (from, from_at): (Pair<'_>, usize),
        (to, to_at): (Pair<'_>, usize),
    ) -> Result<()> {
        let Self { device, len, .. } = *self;
        let tiles = len.div_ceil(TILE as usize);
        let shift = u32::try_from(8 * digit).unwrap_or(0);
        let size = rows * len;
        let all_counts = rows * DIGITS * tiles;
        let (x, first) = from.0.part(device, from_at, size);
        let counts = Run::new(device, Ty::U32, all_counts)?;
        let (counts_part, counts_first) = counts.part(device, 0, all_counts);
        let program = device.program_for(&("sort counts", pass), || pass.counts())?;
        let launch = Launch::new(device, &program).part(x.clone()).part(counts_part);
        let launch = launch.count(len)?.count(tiles)?.number(shift);
        launch.number(first).number(counts_first).groups(rows * tiles)?;
        let offsets = offsets(device, &counts, [rows, DIGITS * tiles])?;
        drop(counts);
        let (offsets_part, offsets_first) = offsets.part(device, 0, all_counts);
        let program = device.program_for(&("sort scatter", pass), || pass.scatter())?;
        let mut launch = Launch::new(device, &program).part(x);
        let part = |run: Option<&Run>, at: usize| -> Option<(Part, u32)> {
            run.map(|run| run.part(device, at, size))
        };
        let (places_first, out_first, out_places_first);
        (launch, places_first) = launch.part_if(part(from.1, from_at));
        launch = launch.part(offsets_part);
        let is_written = pass.has_keys || !pass.is_last;
        (launch, out_first) = launch.part_if(part(is_written.then_some(to.0), to_at));
        (launch, out_places_first) = launch.part_if(part(to.1, to_at));
        launch = launch.count(len)?.count(tiles)?.number(shift).number(first).number(places_first);
        launch = launch.number(offsets_first).number(out_first).number(out_places_first);
        launch.groups(rows * tiles)
    }
}
