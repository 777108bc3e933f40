//! The steps of a reduction, each cut into what a kernel may see at a time.

use super::kernel::{Step, Tree};
use super::op::Op;
use crate::adapter::Feature;
use crate::device::Device;
use crate::element::Element;
use crate::error::Result;
use crate::launch::Launch;
use crate::run::{Block, Run, Ty, copy_columns};

/// Numbers, and for places what they are the keys of.
#[derive(Debug, Clone)]
pub(super) struct Pair {
    pub(super) keys: Run,
    pub(super) places: Option<Run>,
}

/// What becomes of elements.
#[derive(Debug, Clone)]
pub(super) struct Job<'a> {
    pub(super) device: &'a Device,
    pub(super) op: Op,
    /// The type of the elements.
    pub(super) of: Ty,
    pub(super) is_precise: bool,
    /// How many elements become one, as bytes of their type.
    pub(super) count: Vec<u8>,
    /// Has room for the results.
    pub(super) out: Run,
}

impl<'a> Job<'a> {
    /// Sums of floats are rounded by themselves where the device can.
    pub(super) fn new<T: Element>(device: &'a Device, op: Op, count: T, out: Run) -> Self {
        let of = Ty::of::<T>();
        let is_precise = of.is_float() && op.is_rounded() && device.has(Feature::Precise);
        Self { device, op, of, is_precise, count: bytemuck::bytes_of(&count).to_vec(), out }
    }

    /// Takes axis 1 of an array of three axes away.
    pub(super) fn reduce(&self, x: Run, shape: [usize; 3]) -> Result<()> {
        self.steps(Pair { keys: x, places: None }, shape, true)
    }

    /// What a step does with rows or columns of a length.
    pub(super) fn step(&self, tree: Tree, is_first: bool, is_last: bool) -> Step {
        let Self { op, of, is_precise, .. } = *self;
        Step { op, of, is_first, is_last, is_flat: false, is_precise, tree }
    }

    /// Where a step writes so many numbers.
    pub(super) fn to(&self, step: Step, len: usize) -> Result<Pair> {
        if step.is_last {
            return Ok(Pair { keys: self.out.clone(), places: None });
        }
        let places = step.gives_places().then(|| Run::new(self.device, Ty::U32, len));
        let keys = Run::new(self.device, step.output(), len)?;
        Ok(Pair { keys, places: places.transpose()? })
    }

    /// All steps until one number is left of each row or column.
    pub(super) fn steps(
        &self,
        mut from: Pair,
        [outer, mut len, inner]: [usize; 3],
        mut is_first: bool,
    ) -> Result<()> {
        let device = self.device;
        let most = device.most_elements_of(self.of.bytes);
        loop {
            let tree = Tree::new(len, inner, most);
            let tiles = len.div_ceil(tree.tile());
            let step = self.step(tree, is_first, tiles == 1);
            let to = self.to(step, outer * tiles * inner)?;
            let count = &self.count;
            Cut { device, step, from: &from, to: &to, count, most }.run([outer, len, inner])?;
            if step.is_last {
                return Ok(());
            }
            (from, len, is_first) = (to, tiles, false);
        }
    }
}

/// What scans begin with: of each tile of rows its sum or product.
pub(crate) fn totals(
    device: &Device,
    is_product: bool,
    x: &Run,
    [outer, len]: [usize; 2],
    quads: u32,
    to: &Run,
) -> Result<()> {
    let (op, of) = (if is_product { Op::Prod } else { Op::Sum }, x.ty);
    let is_precise = of.is_float() && device.has(Feature::Precise);
    let tree = Tree::Rows { lanes: 256, quads };
    let step = Step { op, of, is_first: true, is_last: false, is_flat: false, is_precise, tree };
    let from = Pair { keys: x.clone(), places: None };
    let to = Pair { keys: to.clone(), places: None };
    let most = x.most(device);
    Cut { device, step, from: &from, to: &to, count: &vec![0; of.bytes], most }.run([outer, len, 1])
}

/// A step over a whole array.
struct Cut<'a> {
    device: &'a Device,
    step: Step,
    from: &'a Pair,
    to: &'a Pair,
    count: &'a [u8],
    most: usize,
}

impl Cut<'_> {
    fn run(&self, shape: [usize; 3]) -> Result<()> {
        for block in Block::cut(shape, self.step.tree.tile(), self.most) {
            if block.len() <= self.most {
                self.launch(self.from, block)?;
            } else {
                self.narrow(block)?;
            }
        }
        Ok(())
    }

    /// One tile of columns of which not all can be seen: some of them at a time, copied together.
    fn narrow(&self, block: Block) -> Result<()> {
        let [_, len, inner] = block.shape;
        let columns = (self.most / len).max(1);
        for first in (0..inner).step_by(columns) {
            let columns = first..(first + columns).min(inner);
            let copied = |run: &Run| -> Result<Run> {
                let new = Run::new(self.device, run.ty, len * columns.len())?;
                copy_columns(self.device, run, block, columns.clone(), &new, false)?;
                Ok(new)
            };
            let places = self.from.places.as_ref().map(copied).transpose()?;
            let pair = Pair { keys: copied(&self.from.keys)?, places };
            let (to, shape) = (block.to + first, [1, len, columns.len()]);
            self.launch(&pair, Block { from: 0, to, shape, base: block.base })?;
        }
        Ok(())
    }

    fn launch(&self, pair: &Pair, block: Block) -> Result<()> {
        let (device, step) = (self.device, self.step);
        let [outer, len, inner] = block.shape;
        let tiles = len.div_ceil(step.tree.tile());
        let size = block.len();
        let may_be_quads = step.tree.is_quads() && (outer == 1 || len.is_multiple_of(4));
        let quads = |run: &Run| run.quads(device, block.from, size);
        let quads =
            may_be_quads.then(|| Some((quads(&pair.keys)?, pair.places.as_ref().map(quads))));
        let quads = quads.flatten().filter(|(_, places)| !matches!(places, Some(None)));
        let is_quads = quads.is_some();
        let ((keys, first), places) = match quads {
            Some((keys, places)) => (keys, places.flatten()),
            None => {
                let part = |run: &Run| run.part(device, block.from, size);
                (part(&pair.keys), pair.places.as_ref().map(part))
            }
        };
        let program = device.program_for(&("reduce", step, is_quads), || step.source(is_quads))?;
        let launch = Launch::new(device, &program).part(keys);
        let (launch, places_first) = launch.part_if(places);
        let launch = step.give(launch, device, self.to, block, self.count)?;
        launch.number(first).number(places_first).groups(step.tree.groups(outer, tiles, inner))
    }
}

impl Step {
    /// The arrays and numbers of [`complete`](Self::complete), for a part of what is read.
    pub(super) fn give<'a>(
        self,
        launch: Launch<'a>,
        device: &Device,
        to: &Pair,
        block: Block,
        count: &[u8],
    ) -> Result<Launch<'a>> {
        let [outer, len, inner] = block.shape;
        let tiles = len.div_ceil(self.tree.tile());
        let part = |run: &Run| run.part(device, block.to, outer * tiles * inner);
        let (launch, out_first) = launch.part_if(Some(part(&to.keys)));
        let (mut launch, out_places_first) = launch.part_if(to.places.as_ref().map(part));
        // Longer rows than there are u32 have no places.
        let base = if self.op.is_place() { block.base } else { 0 };
        for number in [outer, len, inner, tiles, base] {
            launch = launch.count(number)?;
        }
        let launch = launch.number(out_first).number(out_places_first);
        Ok(launch.bytes(self.of.name, count))
    }
}
