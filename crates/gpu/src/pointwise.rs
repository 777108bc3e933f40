//! What computes each element of some results from the elements of arrays at its place.

mod shape;

use std::sync::Arc;

use ndarray::IxDyn;

use self::shape::{Access, LANES};
pub(crate) use self::shape::{Element, Shape};
use crate::device::Device;
use crate::error::Result;
use crate::launch::{Launch, Part};
use crate::layout::{Layout, collapsed, parts};
use crate::operand::Field;
use crate::program::Program;
use crate::run::{Ty, quad};

/// A call: arrays in any layout, and numbers.
#[derive(Debug)]
pub(crate) struct Pointwise<'a> {
    pub(crate) device: &'a Device,
    /// What is read, which is broadcast, and behind it what is written: of one shape, dense, and with
    /// nothing else in its memory.
    pub(crate) fields: &'a [&'a Field],
    /// How many of these are written.
    pub(crate) results: usize,
    /// Their types and their bytes.
    pub(crate) numbers: &'a [(&'static str, &'a [u8])],
    /// Whether an invocation computes four elements where it can. Four long functions would take the
    /// driver four times as long to compile, and their time is not that of memory.
    pub(crate) is_short: bool,
}

impl Pointwise<'_> {
    /// Runs the program that there is for the shape of a launch, in as many launches as bindings are
    /// large.
    pub(crate) fn run(&self, program: impl Fn(&Shape) -> Result<Arc<Program>>) -> Result<()> {
        let Some(result) = self.fields.last().filter(|result| result.layout.len() > 0) else {
            return Ok(());
        };
        let dim = &result.layout.dim;
        let layouts = self.fields.iter().map(|field| field.layout.broadcast(dim.clone()));
        let layouts = layouts.collect::<Result<Vec<_>>>()?;
        let most = self.fields.iter().map(|field| self.device.most_elements_of(field.size));
        let most: Vec<_> = most.collect();
        for part in parts(&layouts, &most) {
            self.launch(&with_axes(&part), &program)?;
        }
        Ok(())
    }

    /// A part that is small enough.
    fn launch(
        &self,
        layouts: &[Layout<IxDyn>],
        program: impl Fn(&Shape) -> Result<Arc<Program>>,
    ) -> Result<()> {
        let mut shape = self.shape(layouts);
        let parts = shape.accesses.iter().zip(self.fields).zip(layouts);
        let parts = parts.map(|((access, field), layout)| self.part(field, layout, *access));
        let (parts, firsts): (Vec<_>, Vec<_>) = parts.unzip();
        shape.is_from_start = firsts.iter().all(|&first| first == 0);
        let program = program(&shape)?;
        let mut launch = parts.into_iter().fold(Launch::new(self.device, &program), Launch::part);
        let lens = lens(layouts);
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
            for (axis, &stride) in layouts[at].strides.iter().enumerate() {
                launch = match access {
                    Access::Packed | Access::Same if axis == last => launch,
                    Access::Packed => launch.stride(stride / LANES.cast_signed())?,
                    _ => launch.stride(stride)?,
                };
            }
        }
        for (ty, bytes) in self.numbers {
            launch = launch.bytes(ty, bytes);
        }
        launch.invocations(count)
    }

    fn shape(&self, layouts: &[Layout<IxDyn>]) -> Shape {
        let first = self.fields.len() - self.results;
        let may_be_packed = |at: usize| may_be_packed(self.fields[at], &layouts[at], at >= first);
        let is_packed = self.is_short && (first..self.fields.len()).all(may_be_packed);
        let lanes = if is_packed { LANES } else { 1 };
        let access = |at: usize| match lanes {
            1 => Access::Apart,
            _ if layouts[at].strides.last() == Some(&0) => Access::Same,
            _ if may_be_packed(at) => Access::Packed,
            _ => Access::Apart,
        };
        let accesses = (0..self.fields.len()).map(access).collect();
        Shape { axes: lens(layouts).len(), lanes, accesses, is_from_start: false }
    }

    /// What the kernel sees of an array, and where in it the first element is, in its elements.
    fn part(&self, field: &Field, layout: &Layout<IxDyn>, access: Access) -> (Part, usize) {
        let ty = Ty { name: field.ty, bytes: field.size };
        let span = layout.span().unwrap_or((0, 0));
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

/// Whether an array, or a result, can be taken four elements at a time along the last axis.
fn may_be_packed(field: &Field, layout: &Layout<IxDyn>, is_result: bool) -> bool {
    let (lens, strides) = (layout.shape(), &layout.strides);
    let last = lens.len() - 1;
    let is_aligned = layout.offset.is_multiple_of(LANES)
        && strides[..last].iter().all(|stride| stride % LANES.cast_signed() == 0);
    if strides[last] != 1 || !is_aligned {
        return false;
    }
    if lens[last].is_multiple_of(LANES) {
        return true;
    }
    // The last four reach beyond the end. There must be memory, and nothing else of a result.
    let end = layout.offset + lens[last];
    let is_end = !is_result || end == field.layout.len();
    let bytes = (end.next_multiple_of(LANES) * field.size) as u64;
    last == 0 && is_end && bytes <= field.memory.size_bytes()
}

/// The lengths of the axes.
fn lens(layouts: &[Layout<IxDyn>]) -> &[usize] {
    layouts.last().map_or(&[], Layout::shape)
}

/// Layouts of one shape with as few axes as they can have, one at least.
fn with_axes(layouts: &[Layout<IxDyn>]) -> Vec<Layout<IxDyn>> {
    let one = |layout: Layout<IxDyn>| match layout.strides.is_empty() {
        true => Layout { dim: IxDyn(&[1]), strides: vec![1], offset: layout.offset },
        false => layout,
    };
    collapsed(layouts).into_iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use ndarray::IxDyn;

    use super::with_axes;
    use crate::layout::Layout;

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
