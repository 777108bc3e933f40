//! Elements by their places: taken, and put.

#[cfg(test)]
mod tests;

use ndarray::{Axis, Ix1, RemoveAxis};

use crate::array::DeviceArray;
use crate::device::Device;
use crate::element::Element;
use crate::error::{Error, ErrorKind, Result};
use crate::launch::{Launch, Part};
use crate::program::Source;
use crate::run::{Run, Ty, around};

/// Elements by their places along an axis. Places are checked on the device, and the call waits for that;
/// so it cannot be recorded.
///
/// ```
/// use tenfold_gpu::{Device, Select, ndarray::{Axis, array}};
///
/// # let Ok(device) = Device::open(Select::env().allow_software(true)) else { return Ok(()) };
/// let x = device.upload(&array![[1, 2, 3], [4, 5, 6]])?;
/// let places = device.upload(&array![2_u32, 0])?;
/// let taken = x.take(Axis(1), &places)?;
/// assert_eq!(taken.to_array()?, array![[3, 1], [6, 4]]);
/// let zeros = device.zeros((2, 3))?;
/// assert_eq!(zeros.put(Axis(1), &places, &taken)?.to_array()?, array![[1, 0, 3], [4, 0, 6]]);
/// let error = x.take(Axis(0), &places).unwrap_err();
/// assert_eq!(error.to_string(), "place 2, number 0 of the places, is outside of axis 0, which has length 2");
/// # Ok::<(), tenfold_gpu::Error>(())
/// ```
impl<T: Element, D: RemoveAxis> DeviceArray<T, D> {
    /// The array whose element number `i` along an axis is the one at place `places[i]`.
    ///
    /// # Errors
    /// There is no such axis, a place is outside of it, there is no memory, a kernel cannot see the axes behind
    /// it at a time, or the arrays are of different devices.
    pub fn take(&self, axis: Axis, places: &DeviceArray<u32, Ix1>) -> Result<Self> {
        let device = self.device();
        let shape = around(self.shape(), axis.index())?;
        same(device, places.device())?;
        let places = places.to_standard_layout()?;
        check(&places, axis, shape[1])?;
        let mut dim = self.raw_dim();
        dim[axis.index()] = places.len();
        let out = device.uninit(dim)?;
        if out.is_empty() {
            return Ok(out);
        }
        let dense = self.to_standard_layout()?;
        let moves = Moves { device, shape, places: &places, winners: None };
        moves.run::<T>(&Run::of(&dense), &Run::of(&out))?;
        Ok(out)
    }

    /// A new array in which the element at place `places[i]` along an axis is number `i` of `values`; of
    /// equal places the last one counts. All other elements are those of this array.
    ///
    /// # Errors
    /// As of [`take`](Self::take), or `values` has not the shape that `take` would give.
    pub fn put(&self, axis: Axis, places: &DeviceArray<u32, Ix1>, values: &Self) -> Result<Self> {
        let device = self.device();
        let shape = around(self.shape(), axis.index())?;
        same(device, places.device())?;
        same(device, values.device())?;
        let mut wanted = self.raw_dim();
        wanted[axis.index()] = places.len();
        if values.raw_dim() != wanted {
            let message = format!(
                "argument `values` has shape {:?}, and {:?} is put",
                values.shape(),
                wanted.slice()
            );
            return Err(Error::new(ErrorKind::Shape, message));
        }
        let places = places.to_standard_layout()?;
        check(&places, axis, shape[1])?;
        let out = self.copied()?;
        if values.is_empty() {
            return Ok(out);
        }
        let dense = values.to_standard_layout()?;
        let winners = winners(&places, shape[1])?;
        let moves = Moves { device, shape, places: &places, winners: Some(&winners) };
        moves.run::<T>(&Run::of(&out), &Run::of(&dense))?;
        Ok(out)
    }
}

fn same(one: &Device, other: &Device) -> Result<()> {
    if one.is(other) {
        return Ok(());
    }
    let message = "the array and the places or values are on different devices";
    Err(Error::new(ErrorKind::DeviceMismatch, message))
}

/// A run whose elements are changed by several invocations.
fn atomic(part: (Part, u32)) -> (Part, u32) {
    (Part { ty: "atomic<u32>", ..part.0 }, part.1)
}

/// An error for the first place that is outside of an axis.
fn check(places: &DeviceArray<u32, Ix1>, axis: Axis, len: usize) -> Result<()> {
    let device = places.device();
    let run = Run::of(places);
    let flag = device.zeros::<u32, _>(1)?;
    let source = Source::new("places_check")
        .read("places", "u32")
        .write("flag", "atomic<u32>")
        .param("n", "u32")
        .param("first", "u32")
        .param("len", "u32")
        .param("flag_first", "u32")
        .body("if (index < params.n && places[params.first + index] >= params.len) { atomicMax(&flag[params.flag_first], params.n - index); }");
    let program = device.program(&source)?;
    let most = run.most(device);
    for at in (0..places.len()).step_by(most) {
        let n = most.min(places.len() - at);
        let (part, first) = run.part(device, at, n);
        let (flag_part, flag_first) = atomic(Run::of(&flag).part(device, 0, 1));
        let launch = Launch::new(device, &program).part(part).part(flag_part);
        let launch = launch.count(n)?.number(first).count(len)?.number(flag_first);
        launch.invocations(n)?;
        let found = flag.to_array()?[0] as usize;
        if found > 0 {
            let number = at + n - found;
            let place = places.slice(ndarray::s![number..=number])?.to_array()?[0];
            let message = format!(
                "place {place}, number {number} of the places, is outside of axis {}, which has length {len}",
                axis.index()
            );
            return Err(Error::new(ErrorKind::Argument, message));
        }
    }
    Ok(())
}

/// For each place of an axis the number, from 1, of the last one that is it; 0 for none.
fn winners(places: &DeviceArray<u32, Ix1>, len: usize) -> Result<DeviceArray<u32, Ix1>> {
    let device = places.device();
    let winners = device.zeros::<u32, _>(len)?;
    let source = Source::new("places_last")
        .read("places", "u32")
        .write("winners", "atomic<u32>")
        .param("n", "u32")
        .param("first", "u32")
        .param("winners_first", "u32")
        .param("start", "u32")
        .param("base", "u32")
        .param("len", "u32")
        .body(
            "if (index >= params.n) { return; }\n\
             let at = places[params.first + index] - params.base;\n\
             if (at < params.len) { atomicMax(&winners[params.winners_first + at], params.start + index + 1u); }",
        );
    let program = device.program(&source)?;
    let (run, of) = (Run::of(places), Run::of(&winners));
    let most = run.most(device);
    for start in (0..places.len()).step_by(most) {
        for base in (0..len).step_by(most) {
            let (n, len) = (most.min(places.len() - start), most.min(len - base));
            let (part, first) = run.part(device, start, n);
            let (winners_part, winners_first) = atomic(of.part(device, base, len));
            let launch = Launch::new(device, &program).part(part).part(winners_part);
            let launch = launch.count(n)?.number(first).number(winners_first);
            launch.count(start)?.count(base)?.count(len)?.invocations(n)?;
        }
    }
    Ok(winners)
}

/// Elements on their way between an array and one that has them in another order along the middle axis.
struct Moves<'a> {
    device: &'a Device,
    /// Of the array.
    shape: [usize; 3],
    places: &'a DeviceArray<u32, Ix1>,
    /// Whether elements go to the array, and then which.
    winners: Option<&'a DeviceArray<u32, Ix1>>,
}

impl Moves<'_> {
    /// In parts of the array and of the other one that can be seen together.
    fn run<T: Element>(&self, array: &Run, other: &Run) -> Result<()> {
        let [outer, len, inner] = self.shape;
        let (most, n) = (array.most(self.device), self.places.len());
        if inner > most {
            let message = format!(
                "the axes behind have {inner} elements, and a kernel sees {most} at a time"
            );
            return Err(Error::new(ErrorKind::TooLarge, message));
        }
        let program = self.device.program(&self.source::<T>())?;
        let rows = most / inner;
        let places = rows.min(Run::most_of(self.device, Ty::U32));
        let outers = (rows / len).min(places / n);
        if outers > 0 {
            return (0..outer).step_by(outers).try_for_each(|first| {
                let block = [first, outers.min(outer - first), 0, len, 0, n];
                self.launch(&program, array, other, block)
            });
        }
        for row in 0..outer {
            for base in (0..len).step_by(rows) {
                for start in (0..n).step_by(places) {
                    let block = [row, 1, base, rows.min(len - base), start, places.min(n - start)];
                    self.launch(&program, array, other, block)?;
                }
            }
        }
        Ok(())
    }

    fn launch(
        &self,
        program: &crate::program::Program,
        array: &Run,
        other: &Run,
        [row, rows, base, len, start, n]: [usize; 6],
    ) -> Result<()> {
        let device = self.device;
        let [_, whole, inner] = self.shape;
        let all = self.places.len();
        let (places, places_first) = Run::of(self.places).part(device, start, n);
        let x = array.part(device, (row * whole + base) * inner, rows * len * inner);
        let y = other.part(device, (row * all + start) * inner, rows * n * inner);
        let winners = self.winners.map(|winners| Run::of(winners).part(device, base, len));
        let launch = Launch::new(device, program).part(places).part(x.0);
        let (launch, winners_first) = launch.part(y.0).part_if(winners);
        let mut launch = launch;
        for number in [rows, len, inner, n, base, start] {
            launch = launch.count(number)?;
        }
        launch = launch.number(places_first).number(x.1).number(y.1).number(winners_first);
        launch.invocations(rows * n * inner)
    }

    fn source<T: Element>(&self) -> Source {
        let is_put = self.winners.is_some();
        let mut source = Source::new(if is_put { "put" } else { "take" }).read("places", "u32");
        source = match is_put {
            true => source.write("x", T::WGSL).read("y", T::WGSL).read("winners", "u32"),
            false => source.read("x", T::WGSL).write("y", T::WGSL),
        };
        for name in [
            "outer",
            "len",
            "inner",
            "n",
            "base",
            "start",
            "places_first",
            "x_first",
            "y_first",
            "winners_first",
        ] {
            source = source.param(name, "u32");
        }
        source.body(
            "let column = index % params.inner;\nlet left = index / params.inner;\n\
             let j = left % params.n;\nlet row = left / params.n;\n\
             if (row >= params.outer) { return; }\n\
             let at = places[params.places_first + j] - params.base;\n\
             if (at >= params.len) { return; }\n\
             let i = params.x_first + (row * params.len + at) * params.inner + column;\n\
             let k = params.y_first + index;",
        )
        .body(match is_put {
            true => {
                "if (winners[params.winners_first + at] == params.start + j + 1u) { x[i] = y[k]; }"
            }
            false => "y[k] = x[i];",
        })
    }
}
