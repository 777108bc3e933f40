//! Which kernel an expression is computed by, and how it is launched.

use std::sync::Arc;

use ndarray::{Dimension, IxDyn};

use super::chain::{Chain, Step, Tensor};
use super::text::{Access, Shape};
use crate::adapter::{AdapterKind, Feature};
use crate::array::DeviceArray;
use crate::device::Device;
use crate::element::Element;
use crate::error::{Error, ErrorKind, Result};
use crate::launch::{Launch, Part};
use crate::layout::{Layout, collapsed, parts};
use crate::program::{Kept, Program};
use crate::run::{Ty, quad};

/// Elements that an invocation computes where it can.
const LANES: usize = 4;

/// The device of an expression.
pub(super) fn device(chain: &Chain) -> Result<&Device> {
    chain.device.as_ref().ok_or_else(|| {
        Error::new(ErrorKind::Argument, "an expression of numbers alone has no device")
    })
}

/// Computes a chain into an array of which all is overwritten: dense, from the beginning of its memory.
pub(super) fn run<T: Element, D: Dimension>(chain: &Chain, out: &DeviceArray<T, D>) -> Result<()> {
    run_as(chain, out, is_wide(device(chain)?))
}

fn run_as<T: Element, D: Dimension>(
    chain: &Chain,
    out: &DeviceArray<T, D>,
    is_wide: bool,
) -> Result<()> {
    let device = device(chain)?;
    device.check()?;
    require(chain, device)?;
    if out.is_empty() {
        return Ok(());
    }
    let result = Tensor::of(out);
    let mut tensors: Vec<_> = chain.arrays.iter().collect();
    tensors.push(&result);
    let dim = &result.field.layout.dim;
    let layouts = tensors.iter().map(|tensor| tensor.field.layout.broadcast(dim.clone()));
    let layouts = layouts.collect::<Result<Vec<_>>>()?;
    let most = tensors.iter().map(|tensor| device.most_elements_of(tensor.field.size));
    let most: Vec<_> = most.collect();
    for part in parts(&layouts, &most) {
        Run { chain, device, tensors: &tensors, layouts: with_axes(&part), is_wide }
            .launch(out.len())?;
    }
    Ok(())
}

/// An error if the device lacks a type that the chain computes with, or has fewer bindings than it has
/// arrays.
fn require(chain: &Chain, device: &Device) -> Result<()> {
    for step in &chain.steps {
        match step.ty {
            "f64" => device.require(Feature::F64)?,
            "i64" | "u64" => device.require(Feature::I64)?,
            _ => {}
        }
    }
    let (arrays, most) = (chain.arrays.len(), device.limits().max_bindings as usize);
    if arrays >= most {
        let message = format!(
            "an expression has {arrays} arrays, and the device shows {} and the result at a time; a part of it has to be evaluated before",
            most.saturating_sub(1)
        );
        return Err(Error::new(ErrorKind::TooLarge, message));
    }
    Ok(())
}

/// Whether the quotients of f32 are better taken from f64. Processors round them rightly.
fn is_wide(device: &Device) -> bool {
    device.has(Feature::F64) && device.adapter().kind() != AdapterKind::Cpu
}

/// The kernels of expressions by what makes them: types of arrays and numbers are those of steps.
#[derive(Debug, Default)]
pub(crate) struct Expressions(Kept<Structure>);

#[derive(Debug, PartialEq, Eq, Hash)]
struct Structure {
    steps: Vec<Step>,
    shape: Shape,
    is_fast: bool,
    is_wide: bool,
}

/// Layouts of one shape with as few axes as they can have, one at least.
fn with_axes(layouts: &[Layout<IxDyn>]) -> Vec<Layout<IxDyn>> {
    let one = |layout: Layout<IxDyn>| match layout.strides.is_empty() {
        true => Layout { dim: IxDyn(&[1]), strides: vec![1], offset: layout.offset },
        false => layout,
    };
    collapsed(layouts).into_iter().map(one).collect()
}

/// A part of the work, small enough for one launch.
struct Run<'a> {
    chain: &'a Chain,
    device: &'a Device,
    /// The arrays, and the result.
    tensors: &'a [&'a Tensor],
    /// Of the tensors.
    layouts: Vec<Layout<IxDyn>>,
    is_wide: bool,
}

impl Run<'_> {
    /// The lengths of the axes.
    fn lens(&self) -> &[usize] {
        self.layouts.last().map_or(&[], Layout::shape)
    }

    /// Of a result of so many elements.
    fn launch(&self, len: usize) -> Result<()> {
        let mut shape = self.shape(len);
        let parts = shape.accesses.iter().enumerate().map(|(at, access)| self.part(at, *access));
        let (parts, firsts): (Vec<_>, Vec<_>) = parts.unzip();
        shape.is_from_start = firsts.iter().all(|&first| first == 0);
        let program = self.program(&shape)?;
        let mut launch = parts.into_iter().fold(Launch::new(self.device, &program), Launch::part);
        let lens = self.lens();
        let last = lens.len() - 1;
        let in_last = lens[last].div_ceil(shape.lanes);
        let count = lens[..last].iter().product::<usize>() * in_last;
        launch = launch.count(count)?;
        for (axis, &len) in lens.iter().enumerate().skip(1) {
            launch = launch.count(if axis == last { in_last } else { len })?;
        }
        for (at, access) in shape.accesses.iter().enumerate() {
            if !shape.is_from_start {
                launch = launch.count(firsts[at])?;
            }
            for (axis, &stride) in self.layouts[at].strides.iter().enumerate() {
                launch = match access {
                    Access::Packed | Access::Same if axis == last => launch,
                    Access::Packed => launch.stride(stride / LANES.cast_signed())?,
                    _ => launch.stride(stride)?,
                };
            }
        }
        for number in &self.chain.numbers {
            launch = launch.bytes(number.ty, &number.bytes);
        }
        launch.invocations(count)
    }

    /// The kernel, whose text is written the first time.
    fn program(&self, shape: &Shape) -> Result<Arc<Program>> {
        let Chain { steps, is_fast, .. } = self.chain;
        let (steps, is_fast, is_wide) = (steps.clone(), *is_fast, self.is_wide);
        let structure = Structure { steps, shape: shape.clone(), is_fast, is_wide };
        self.device
            .expressions()
            .0
            .get_or(structure, || self.device.program(&self.chain.source(shape, is_wide)?))
    }

    fn shape(&self, len: usize) -> Shape {
        let (axes, result) = (self.lens().len(), self.tensors.len() - 1);
        // Four long functions would take the driver four times as long to compile, and their time is not
        // that of memory.
        let lanes =
            if !self.chain.is_long() && self.may_be_packed(result, len) { LANES } else { 1 };
        let access = |at: usize| match lanes {
            1 => Access::Apart,
            _ if self.layouts[at].strides.last() == Some(&0) => Access::Same,
            _ if self.may_be_packed(at, len) => Access::Packed,
            _ => Access::Apart,
        };
        let accesses = (0..=result).map(access).collect();
        Shape { axes, lanes, accesses, is_from_start: false }
    }

    /// Whether an array, or the result, can be taken four elements at a time along the last axis.
    fn may_be_packed(&self, at: usize, len: usize) -> bool {
        let (lens, layout, field) = (self.lens(), &self.layouts[at], &self.tensors[at].field);
        let strides = &layout.strides;
        let last = lens.len() - 1;
        let is_aligned = layout.offset.is_multiple_of(LANES)
            && strides[..last].iter().all(|stride| stride % LANES.cast_signed() == 0);
        if strides[last] != 1 || !is_aligned {
            return false;
        }
        if lens[last].is_multiple_of(LANES) {
            return true;
        }
        // The last four reach beyond the end. There must be memory, and nothing else of the result.
        let end = layout.offset + lens[last];
        let is_end = at + 1 < self.tensors.len() || end == len;
        let bytes = (end.next_multiple_of(LANES) * field.size) as u64;
        last == 0 && is_end && bytes <= field.memory.size_bytes()
    }

    /// What the kernel sees of an array, and where in it the first element is, in its elements.
    fn part(&self, at: usize, access: Access) -> (Part, usize) {
        let (field, layout) = (&self.tensors[at].field, &self.layouts[at]);
        let (span, ty) =
            (layout.span().unwrap_or((0, 0)), Ty { name: field.ty, bytes: field.size });
        let (mut part, from) = Part::of(self.device, &field.memory, span, ty);
        if access != Access::Packed {
            return (part, layout.offset - from);
        }
        // A binding begins at a multiple of 32 bytes at least, four of any type.
        part.ty = quad(field.ty);
        part.size_bytes = part.size_bytes.next_multiple_of((LANES * field.size) as u64);
        (part, (layout.offset - from) / LANES)
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array1, IxDyn};

    use super::{run_as, with_axes};
    use crate::Feature;
    use crate::layout::Layout;
    use crate::testing::device;

    #[test]
    fn quotients_and_roots_by_f64_are_those_of_f32() {
        let Some(device) = device("quotients_and_roots_by_f64_are_those_of_f32") else { return };
        if !device.has(Feature::F64) {
            return;
        }
        let mut numbers =
            vec![0.0, -0.0, 1.0, f32::NAN, f32::INFINITY, f32::MAX, f32::MIN_POSITIVE];
        numbers.extend([3.0, -7.0, 1.0 / 3.0, f32::MIN_POSITIVE / 3.0, f32::from_bits(1), 0.1]);
        let mut state = 1_u32;
        numbers.resize_with(80, || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            f32::from_bits(state)
        });
        let pairs = numbers.iter().flat_map(|&x| numbers.iter().map(move |&y| (x, y)));
        let (x, y): (Vec<f32>, Vec<f32>) = pairs.unzip();
        let (a, b) = (Array1::from(x.clone()), Array1::from(y.clone()));
        let (a, b) = (device.upload(&a).unwrap(), device.upload(&b).unwrap());
        for (expr, wanted) in [
            (&a / &b, (|x, y| x / y) as fn(f32, f32) -> f32),
            (a.lazy().sqrt(), |x, _| x.sqrt()),
            (a.lazy().recip(), |x, _| 1.0 / x),
            (a.lazy().powi(-2), |x, _| 1.0 / (x * x)),
        ] {
            let out = device.zeros::<f32, _>(x.len()).unwrap();
            run_as(&expr.chain.unwrap(), &out, true).unwrap();
            for (i, got) in out.to_array().unwrap().into_iter().enumerate() {
                let wanted = wanted(x[i], y[i]);
                let is_same = got.to_bits() == wanted.to_bits() || got.is_nan() && wanted.is_nan();
                assert!(is_same, "{} and {}: {got}, not {wanted}", x[i], y[i]);
            }
        }
    }

    #[test]
    fn there_is_an_axis_at_least() {
        let dense = Layout::standard(IxDyn(&[2, 3, 1, 5]));
        let row = Layout { strides: vec![0, 0, 0, 1], ..dense.clone() };
        let all = with_axes(&[dense, row]);
        assert_eq!(all[0].shape(), [6, 5]);
        assert_eq!((&all[0].strides[..], &all[1].strides[..]), (&[5, 1][..], &[0, 1][..]));
        let one = with_axes(&[Layout::standard(IxDyn(&[]))]);
        assert_eq!((one[0].shape(), &one[0].strides[..]), (&[1][..], &[1][..]));
    }
}
