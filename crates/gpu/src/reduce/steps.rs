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
struct Pair {
    keys: Run,
    places: Option<Run>,
}

/// Takes axis 1 of an array of three axes away. `out` has room for the results.
pub(super) fn reduce<T: Element>(
    device: &Device,
    op: Op,
    x: Run,
    [outer, len, inner]: [usize; 3],
    out: Run,
    count: T,
) -> Result<()> {
    let of = x.ty;
    let is_precise = of.is_float()
        && matches!(op, Op::Sum | Op::Prod | Op::Mean)
        && device.has(Feature::Precise);
    let most = x.most(device);
    let (mut len, mut is_first) = (len, true);
    let mut from = Pair { keys: x, places: None };
    loop {
        let tree = Tree::new(len, inner, most);
        let tiles = len.div_ceil(tree.tile());
        let is_last = tiles == 1;
        let step = Step { op, of, is_first, is_last, is_precise, tree };
        let to = if is_last {
            Pair { keys: out.clone(), places: None }
        } else {
            let places = step.gives_places();
            let places = places.then(|| Run::new(device, Ty::U32, outer * tiles * inner));
            let keys = Run::new(device, step.output(), outer * tiles * inner)?;
            Pair { keys, places: places.transpose()? }
        };
        Cut { device, step, from: &from, to: &to, count, most }.run([outer, len, inner])?;
        if is_last {
            return Ok(());
        }
        (from, len, is_first) = (to, tiles, false);
    }
}

/// What scans begin with: of each tile of rows its sum or product.
pub(crate) fn totals<T: Element>(
    device: &Device,
    is_product: bool,
    x: &Run,
    [outer, len]: [usize; 2],
    quads: u32,
    to: &Run,
) -> Result<()> {
    let op = if is_product { Op::Prod } else { Op::Sum };
    let is_precise = x.ty.is_float() && device.has(Feature::Precise);
    let tree = Tree::Rows { lanes: 256, quads };
    let step = Step { op, of: x.ty, is_first: true, is_last: false, is_precise, tree };
    let from = Pair { keys: x.clone(), places: None };
    let to = Pair { keys: to.clone(), places: None };
    let most = x.most(device);
    Cut { device, step, from: &from, to: &to, count: T::of(0), most }.run([outer, len, 1])
}

/// A step over a whole array.
struct Cut<'a, T> {
    device: &'a Device,
    step: Step,
    from: &'a Pair,
    to: &'a Pair,
    count: T,
    most: usize,
}

impl<T: Element> Cut<'_, T> {
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
        let (size, results) = (block.len(), outer * tiles * inner);
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
        let to = |run: &Run| run.part(device, block.to, results);
        let (launch, out_first) = launch.part_if(Some(to(&self.to.keys)));
        let (mut launch, out_places_first) = launch.part_if(self.to.places.as_ref().map(to));
        for number in [outer, len, inner, tiles] {
            launch = launch.count(number)?;
        }
        launch = launch.number(first).number(places_first);
        // Longer rows than there are u32 have no places.
        let base = if step.op.is_place() { block.base } else { 0 };
        launch = launch.number(out_first).number(out_places_first).count(base)?;
        launch.number(self.count).groups(step.tree.groups(outer, tiles, inner))
    }
}
