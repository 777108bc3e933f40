//! What computes each element of some results from the elements of arrays and ranges at its place.

mod shape;

use std::sync::Arc;

use ndarray::IxDyn;

use self::shape::{Access, LANES};
pub(crate) use self::shape::{Element, Shape};
use crate::array::part_at;
use crate::device::Device;
use crate::error::Result;
use crate::launch::{Launch, Part};
use crate::layout::{Layout, collapsed, parts};
use crate::operand::{Field, Sequence};
use crate::program::Program;
use crate::run::{Ty, as_quads};

/// Places in a range are numbers of 32 bits.
const MOST_PLACES: usize = 1 << 31;

/// What is read, in any layout.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Input<'a> {
    Array(&'a Field),
    Range(&'a Sequence),
}

impl<'a> Input<'a> {
    fn layout(self) -> &'a Layout<IxDyn> {
        match self {
            Self::Array(field) => &field.layout,
            Self::Range(sequence) => &sequence.layout,
        }
    }

    fn field(self) -> Option<&'a Field> {
        match self {
            Self::Array(field) => Some(field),
            Self::Range(_) => None,
        }
    }

    /// The type of an array's elements in WGSL.
    pub(crate) fn ty(&self) -> Option<&'static str> {
        self.field().map(|field| field.ty)
    }

    /// How many elements a kernel may see at a time.
    pub(crate) fn most(&self, device: &Device) -> usize {
        self.field().map_or(MOST_PLACES, |field| device.most_elements_of(field.size))
    }
}

/// A call: what it reads, and numbers.
pub(crate) struct Pointwise<'a> {
    pub(crate) device: &'a Device,
    /// What is read, which is broadcast.
    pub(crate) inputs: &'a [Input<'a>],
    /// What is written: of one shape, dense, and with nothing else in its memory.
    pub(crate) outputs: &'a [Field],
    /// Gives a launch its numbers, for the layouts of the inputs in it.
    pub(crate) numbers: &'a dyn for<'b> Fn(Launch<'b>, &[Layout<IxDyn>]) -> Launch<'b>,
    /// Whether an invocation computes four elements where it can. Four long functions would take the
    /// driver four times as long to compile, and their time is not that of memory.
    pub(crate) is_short: bool,
}

/// What a kernel sees of an array, and where in it the first element is.
type Seen = Option<(Part, u32)>;

impl Pointwise<'_> {
    /// Runs the program that there is for the shape of a launch, in as many launches as bindings are
    /// large.
    pub(crate) fn run(&self, program: impl Fn(&Shape) -> Result<Arc<Program>>) -> Result<()> {
        let Some(result) = self.outputs.first().filter(|output| output.layout.len() > 0) else {
            return Ok(());
        };
        let dim = &result.layout.dim;
        let inputs = self.inputs.iter().map(|input| input.layout());
        let layouts = inputs.chain(self.outputs.iter().map(|output| &output.layout));
        let layouts = layouts.map(|layout| layout.broadcast(dim.clone()));
        let layouts = layouts.collect::<Result<Vec<_>>>()?;
        let outputs = self.outputs.iter().map(Input::Array);
        let all = self.inputs.iter().copied().chain(outputs);
        let most: Vec<_> = all.map(|one| one.most(self.device)).collect();
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
        let (accesses, seen) = self.seen(layouts);
        let lanes = if accesses.last() == Some(&Access::Packed) { LANES } else { 1 };
        let lens = layouts.last().map_or(&[][..], |layout| layout.shape());
        let is_from_start = seen.iter().flatten().all(|(_, first)| *first == 0);
        let shape = Shape { axes: lens.len(), lanes, accesses, is_from_start };
        let program = program(&shape)?;
        let mut launch = Launch::new(self.device, &program);
        for (part, _) in seen.iter().flatten() {
            launch = launch.part(part.clone());
        }
        let last = lens.len() - 1;
        let in_last = lens[last].div_ceil(lanes);
        let count = lens[..last].iter().product::<usize>() * in_last;
        launch = launch.count(count)?;
        for (axis, &len) in lens.iter().enumerate().skip(1) {
            launch = launch.count(if axis == last { in_last } else { len })?;
        }
        for ((access, seen), layout) in shape.accesses.iter().zip(&seen).zip(layouts) {
            if let Some((_, first)) = seen.as_ref().filter(|_| !is_from_start) {
                launch = launch.number(*first);
            }
            for (axis, &stride) in layout.strides.iter().enumerate() {
                launch = match access {
                    Access::Packed | Access::Same if axis == last => launch,
                    Access::Packed => launch.stride(stride / LANES.cast_signed())?,
                    _ => launch.stride(stride)?,
                };
            }
        }
        (self.numbers)(launch, layouts).invocations(count)
    }

    /// How each comes to an invocation, four elements of all results or one, and what the kernel sees of
    /// those that lie somewhere.
    fn seen(&self, layouts: &[Layout<IxDyn>]) -> (Vec<Access>, Vec<Seen>) {
        let fields = self.inputs.iter().map(|input| (input.field(), false));
        let fields: Vec<_> =
            fields.chain(self.outputs.iter().map(|out| (Some(out), true))).collect();
        let mut quads: Vec<Seen> = vec![None; fields.len()];
        if self.is_short {
            let all = fields.iter().zip(layouts);
            let quad = |(&(field, is_result), layout)| self.quads(field?, layout, is_result);
            quads = all.map(quad).collect();
        }
        let is_packed = quads[self.inputs.len()..].iter().all(Option::is_some);
        let one = |(((field, _), layout), quads): ((_, &Layout<IxDyn>), Seen)| {
            let Some(field) = field else { return (Access::Range, None) };
            let seen = || Some(part_at(self.device, field, layout));
            match quads.filter(|_| is_packed) {
                Some(quads) => (Access::Packed, Some(quads)),
                None if is_packed && layout.strides.last() == Some(&0) => (Access::Same, seen()),
                None => (Access::Apart, seen()),
            }
        };
        fields.into_iter().zip(layouts).zip(quads).map(one).unzip()
    }

    /// What is seen of an array, or a result, that can be taken four elements at a time along the last axis.
    fn quads(&self, field: &Field, layout: &Layout<IxDyn>, is_result: bool) -> Seen {
        let (last, outer) = layout.strides.split_last()?;
        if *last != 1 || outer.iter().any(|stride| stride % LANES.cast_signed() != 0) {
            return None;
        }
        // The last four may reach beyond the end, where there is nothing else of a result.
        let len = layout.shape()[outer.len()];
        let is_end = !is_result || layout.offset + len == field.layout.len();
        if !(len.is_multiple_of(LANES) || outer.is_empty() && is_end) {
            return None;
        }
        let (part, first) = part_at(self.device, field, layout);
        as_quads(self.device, part, first, Ty { name: field.ty, bytes: field.size })
    }
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
