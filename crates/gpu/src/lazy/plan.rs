//! Which kernel an expression is computed by, and how it is launched.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use ndarray::{Dimension, IxDyn};

use super::chain::{Chain, Step, Tensor};
use super::text::{Access, Shape, packed};
use crate::adapter::{AdapterKind, Feature};
use crate::array::DeviceArray;
use crate::device::Device;
use crate::element::Element;
use crate::error::{Error, ErrorKind, Result};
use crate::launch::{Launch, Part};
use crate::layout::{Layout, parts};
use crate::program::Program;

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
    let dim = &result.layout.dim;
    let layouts = tensors.iter().map(|tensor| tensor.layout.broadcast(dim.clone()));
    let layouts = layouts.collect::<Result<Vec<_>>>()?;
    let most: Vec<_> = tensors.iter().map(|tensor| most_elements(device, tensor.size)).collect();
    for part in parts(&layouts, &most) {
        Run { chain, device, tensors: &tensors, axes: Axes::of(&part), is_wide }
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

fn most_elements(device: &Device, size: usize) -> usize {
    let limits = device.limits();
    let bytes = limits.max_binding_bytes - alignment(device, size);
    usize::try_from(bytes).unwrap_or(usize::MAX) / size
}

/// Where a binding may begin, so that it may be one of packed elements too.
fn alignment(device: &Device, size: usize) -> u64 {
    u64::from(device.limits().binding_alignment_bytes).max((LANES * size) as u64)
}

/// The kernels of expressions by what makes them: types of arrays and numbers are those of steps.
#[derive(Debug, Default)]
pub(crate) struct Expressions(Mutex<HashMap<Structure, Arc<Program>>>);

#[derive(Debug, PartialEq, Eq, Hash)]
struct Structure {
    steps: Vec<Step>,
    shape: Shape,
    is_fast: bool,
    is_wide: bool,
}

/// Layouts of one shape with as few axes as they can have, one at least.
#[derive(Debug, PartialEq, Eq)]
struct Axes {
    lens: Vec<usize>,
    /// Of each layout.
    strides: Vec<Vec<isize>>,
    layouts: Vec<Layout<IxDyn>>,
}

impl Axes {
    fn of(layouts: &[Layout<IxDyn>]) -> Self {
        let mut axes =
            Self { lens: vec![], strides: vec![vec![]; layouts.len()], layouts: layouts.to_vec() };
        let shape = layouts.first().map_or(&[][..], Layout::shape);
        for (axis, &len) in shape.iter().enumerate() {
            if len == 1 {
                continue;
            }
            // An axis goes on with the one before it where in all layouts a step of that is a whole
            // round of this.
            let goes_on = axes.lens.last().is_some()
                && layouts.iter().zip(&axes.strides).all(|(layout, strides)| {
                    strides.last() == Some(&(layout.strides[axis] * len.cast_signed()))
                });
            if goes_on && let Some(last) = axes.lens.last_mut() {
                *last *= len;
            } else {
                axes.lens.push(len);
            }
            for (layout, strides) in layouts.iter().zip(&mut axes.strides) {
                if goes_on {
                    strides.pop();
                }
                strides.push(layout.strides[axis]);
            }
        }
        if axes.lens.is_empty() {
            axes.lens.push(1);
            axes.strides.iter_mut().for_each(|strides| strides.push(1));
        }
        axes
    }
}

/// A part of the work, small enough for one launch.
struct Run<'a> {
    chain: &'a Chain,
    device: &'a Device,
    /// The arrays, and the result.
    tensors: &'a [&'a Tensor],
    axes: Axes,
    is_wide: bool,
}

impl Run<'_> {
    /// Of a result of so many elements.
    fn launch(&self, len: usize) -> Result<()> {
        let mut shape = self.shape(len);
        let parts = shape.accesses.iter().enumerate().map(|(at, access)| self.part(at, *access));
        let (parts, firsts): (Vec<_>, Vec<_>) = parts.unzip();
        shape.is_from_start = firsts.iter().all(|&first| first == 0);
        let program = self.program(&shape)?;
        let mut launch = parts.into_iter().fold(Launch::new(self.device, &program), Launch::part);
        let lens = &self.axes.lens;
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
            for (axis, &stride) in self.axes.strides[at].iter().enumerate() {
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
        let known = &self.device.expressions().0;
        let found = known.lock().unwrap_or_else(PoisonError::into_inner).get(&structure).cloned();
        if let Some(program) = found {
            return Ok(program);
        }
        let source = self.chain.source(shape, is_wide)?;
        let program = self.device.program(&source)?;
        let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Arc::clone(known.entry(structure).or_insert(program)))
    }

    fn shape(&self, len: usize) -> Shape {
        let (axes, result) = (self.axes.lens.len(), self.tensors.len() - 1);
        // Four long functions would take the driver four times as long to compile, and their time is not
        // that of memory.
        let lanes =
            if !self.chain.is_long() && self.may_be_packed(result, len) { LANES } else { 1 };
        let access = |at: usize| match lanes {
            1 => Access::Apart,
            _ if self.axes.strides[at].last() == Some(&0) => Access::Same,
            _ if self.may_be_packed(at, len) => Access::Packed,
            _ => Access::Apart,
        };
        let accesses = (0..=result).map(access).collect();
        Shape { axes, lanes, accesses, is_from_start: false }
    }

    /// Whether an array, or the result, can be taken four elements at a time along the last axis.
    fn may_be_packed(&self, at: usize, len: usize) -> bool {
        let (lens, strides) = (&self.axes.lens, &self.axes.strides[at]);
        let (layout, tensor) = (&self.axes.layouts[at], self.tensors[at]);
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
        let bytes = (end.next_multiple_of(LANES) * tensor.size) as u64;
        last == 0 && is_end && bytes <= tensor.memory.size_bytes()
    }

    /// What the kernel sees of an array, and where in it the first element is, in its elements.
    fn part(&self, at: usize, access: Access) -> (Part, usize) {
        let (tensor, layout) = (self.tensors[at], &self.axes.layouts[at]);
        let lanes = if access == Access::Packed { LANES } else { 1 };
        let (low, high) = layout.span().unwrap_or((0, 0));
        let alignment = alignment(self.device, tensor.size);
        let size = tensor.size as u64;
        let from = low as u64 * size / alignment * alignment;
        let bytes = ((high as u64 + 1) * size - from).next_multiple_of(lanes as u64 * size);
        let part = Part {
            memory: Arc::clone(&tensor.memory),
            offset_bytes: from,
            size_bytes: bytes,
            ty: if lanes == 1 { tensor.ty } else { packed(tensor.ty) },
        };
        // A part begins less than an alignment before the first element.
        let from = usize::try_from(from).unwrap_or(usize::MAX) / tensor.size;
        (part, (layout.offset - from) / lanes)
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array1, IxDyn};

    use super::{Axes, run_as};
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
    fn axes_are_as_few_as_they_can_be() {
        let dense = Layout::standard(IxDyn(&[2, 3, 1, 5]));
        let axes = Axes::of(&[dense.clone(), dense.clone()]);
        assert_eq!((axes.lens, axes.strides), (vec![30], vec![vec![1], vec![1]]));
        let row = Layout { strides: vec![0, 0, 0, 1], ..dense.clone() };
        let axes = Axes::of(&[dense.clone(), row]);
        assert_eq!((axes.lens, axes.strides), (vec![6, 5], vec![vec![5, 1], vec![0, 1]]));
        let one = Layout { strides: vec![0; 4], ..dense.clone() };
        let axes = Axes::of(&[dense, one]);
        assert_eq!((axes.lens, axes.strides), (vec![30], vec![vec![1], vec![0]]));
        let axes = Axes::of(&[Layout::standard(IxDyn(&[]))]);
        assert_eq!((axes.lens, axes.strides), (vec![1], vec![vec![1]]));
    }
}
