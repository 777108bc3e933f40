//! Which rank has which chunks.

use std::ops::Range;

use tenfold_comm::Blocks;

use super::layout::{Layout, size};
use crate::chunks::Chunks;
use crate::owners::Owners;
use crate::plan::{Dealt, Hand, Strips};
use crate::window::{Dims, Window, count};

/// The distribution of chunks over ranks, as this rank sees it: by a layout, or consecutive numbers, as many for each. It is
/// a formula, so that no rank knows more than its own chunks.
#[derive(Debug, Clone)]
pub(super) struct Spread {
    pub(super) rank: usize,
    pub(super) size: usize,
    pub(super) owners: Owners,
}

impl Spread {
    /// The layout, if there are several ranks: one has all, whatever it says.
    fn layout(&self) -> Option<&Layout> {
        self.owners.layout.as_deref().filter(|_| self.size > 1)
    }

    /// The rank that makes a chunk and has it.
    pub(super) fn owner(&self, chunks: &Chunks, number: usize) -> usize {
        match self.layout() {
            Some(layout) => {
                let counts = chunks.counts();
                layout.owner(&counts, &place(&counts, number))
            }
            None => Blocks::new(chunks.count(), self.size).owner(number).unwrap_or(0),
        }
    }

    pub(super) fn owns(&self, chunks: &Chunks, number: usize) -> bool {
        self.owner(chunks, number) == self.rank
    }

    /// The chunks of this rank, as grids.
    fn own(&self, chunks: &Chunks) -> Vec<Hand> {
        let counts = chunks.counts();
        match self.layout() {
            Some(layout) => layout.own(&counts, self.rank),
            None => {
                let own = Blocks::new(chunks.count(), self.size).range(self.rank);
                let boxes = boxes(&counts, own);
                let of_box = |part: &Window| {
                    (0..part.ndim()).map(|axis| Dealt::run(part.range(axis))).collect()
                };
                boxes.iter().map(of_box).collect()
            }
        }
    }

    /// How many they are.
    pub(super) fn count(&self, chunks: &Chunks) -> usize {
        self.own(chunks).iter().map(|hand| size(hand)).sum()
    }

    /// Their numbers.
    pub(super) fn numbers(&self, chunks: &Chunks) -> Vec<usize> {
        // As a plan counts them: no more room than that.
        let mut all = Vec::with_capacity(self.count(chunks));
        for strips in self.strips(chunks, &Dims::from_elem(1, chunks.ndim())) {
            all.extend((0..strips.count()).flat_map(|strip| strips.chunks(strip)));
        }
        all
    }

    /// The boxes of the grid of chunks that this rank has.
    pub(super) fn boxes(&self, chunks: &Chunks) -> Vec<Window> {
        let mut all = vec![];
        for hand in self.own(chunks) {
            let runs: Dims = hand.iter().map(|dealt| dealt.runs()).collect();
            let (len, rows) = crate::tile::rows(&Window::whole(&runs));
            for row in rows {
                all.extend((0..len).map(|further| {
                    let run =
                        |axis: usize| row[axis] + if axis + 1 == row.len() { further } else { 0 };
                    let along = hand.iter().enumerate().map(|(axis, dealt)| dealt.at(run(axis)));
                    Window::new(&along.collect::<Vec<_>>())
                }));
            }
        }
        all
    }

    /// The parts of an array that this rank's chunks are.
    pub(super) fn parts(&self, chunks: &Chunks) -> Vec<Window> {
        self.boxes(chunks).iter().map(|numbers| chunks.elements(numbers)).collect()
    }

    /// The strips of this rank's chunks, of which so many are worked on together along each axis.
    pub(super) fn strips(&self, chunks: &Chunks, wide: &[usize]) -> Vec<Strips> {
        self.own(chunks).iter().map(|own| Strips::within(chunks, wide, own)).collect()
    }
}

/// Where a chunk is in a grid.
fn place(counts: &[usize], mut number: usize) -> Dims {
    let mut place = Dims::from_elem(0, counts.len());
    for (at, count) in place.iter_mut().zip(counts).rev() {
        (*at, number) = (number % count, number / count);
    }
    place
}

/// The boxes of a grid that a range of row-major numbers is made of, in their order: at most two for each axis.
fn boxes(grid: &[usize], range: Range<usize>) -> Vec<Window> {
    let mut found = vec![];
    if !range.is_empty() {
        go(grid, range, &[], &mut found);
    }
    found
}

/// The boxes of a range of what is left of the grid, within `above`. The range has numbers.
fn go(grid: &[usize], range: Range<usize>, above: &[usize], found: &mut Vec<Window>) {
    let Some((_, rest)) = grid.split_first() else {
        return found.push(boxed(above, &[], &[]));
    };
    let inner = count(rest);
    let (first, last) = (range.start / inner, (range.end - 1) / inner);
    let within = |at: usize, range: Range<usize>, found: &mut Vec<Window>| {
        go(rest, range, &[above, &[at]].concat(), found);
    };
    if first == last && range.len() < inner {
        return within(first, range.start - first * inner..range.end - first * inner, found);
    }
    let whole = range.start.div_ceil(inner)..range.end / inner;
    if first < whole.start {
        within(first, range.start - first * inner..inner, found);
    }
    if !whole.is_empty() {
        found.push(boxed(above, std::slice::from_ref(&whole), rest));
    }
    if whole.end <= last {
        within(last, 0..range.end - last * inner, found);
    }
}

/// A place of the outer axes, a range of the axis between, if there is one, and all of the rest.
fn boxed(above: &[usize], between: &[Range<usize>], rest: &[usize]) -> Window {
    let outer = above.iter().map(|&at| at..at + 1);
    let all = outer.chain(between.iter().cloned()).chain(rest.iter().map(|&len| 0..len));
    Window::new(&all.collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::super::layout::tests::layouts;
    use super::*;
    use crate::node::Node;
    use crate::plan::{Place, Plan};
    use crate::{Array, AxisChunks, Mesh, Settings};

    fn consecutive(rank: usize, size: usize) -> Spread {
        Spread { rank, size, owners: Owners::default() }
    }

    /// Checks that all chunks are in one strip of one rank each, and gives how many lists of strips ranks have at most.
    fn check(chunks: &Chunks, wide: &[usize], size: usize, owners: &Owners) -> usize {
        let (mut all, mut most) = (vec![], 0);
        for rank in 0..size {
            let spread = Spread { rank, size, owners: owners.clone() };
            let strips = spread.strips(chunks, wide);
            most = most.max(strips.len());
            let mut own = vec![];
            for strip in
                strips.iter().flat_map(|strips| (0..strips.count()).map(|at| strips.chunks(at)))
            {
                // They lie side by side, and are alike.
                let [first, last] = [0, strip.len() - 1].map(|at| chunks.window(strip[at]));
                let hull =
                    (0..chunks.ndim()).map(|axis| last.range(axis).end - first.range(axis).start);
                assert_eq!(hull.product::<usize>(), strip.len() * first.len());
                own.extend(strip);
            }
            assert!(own.iter().all(|&number| spread.owner(chunks, number) == rank));
            assert!(own.iter().all(|&number| spread.owns(chunks, number)));
            own.sort_unstable();
            let elements = own.iter().map(|&number| chunks.window(number).len()).sum::<usize>();
            assert_eq!(spread.parts(chunks).iter().map(Window::len).sum::<usize>(), elements);
            let mut numbers = spread.numbers(chunks);
            numbers.sort_unstable();
            assert_eq!((&own, own.len()), (&numbers, spread.count(chunks)));
            assert!(own.len() <= owners.most(chunks, size));
            all.extend(own);
        }
        all.sort_unstable();
        assert_eq!(all, (0..chunks.count()).collect::<Vec<_>>());
        most
    }

    proptest! {
        #[test]
        fn each_chunk_is_in_one_strip_of_one_rank(
            axes in prop::collection::vec((0..14_usize, 1..5_usize, 1..4_usize), 0..4),
            size in 1..9_usize,
        ) {
            let [lens, sizes, wide] =
                [0, 1, 2].map(|of| axes.iter().map(|&(a, b, c)| [a, b, c][of]).collect::<Vec<_>>());
            let chunks = Chunks::even(&lens, &sizes).unwrap();
            let most = check(&chunks, &wide, size, &Owners::default());
            prop_assert!(most <= 2 * axes.len().max(1));
        }

        #[test]
        fn each_chunk_is_in_one_strip_of_one_rank_by_a_layout(
            (layout, size) in layouts(2),
            axes in prop::collection::vec((0..40_usize, 1..5_usize, 0..3_usize, 1..5_usize), 2),
        ) {
            // Of one size, or the first of another.
            let cut = |&(len, size, first, _): &(usize, usize, usize, usize)| match first {
                0 => AxisChunks::even(len, size).unwrap(),
                _ => AxisChunks::of_sizes([vec![first], vec![size; len / size]].concat()),
            };
            let chunks = match layout.clone().is_square() {
                true => Chunks::new([cut(&axes[0]), cut(&axes[0])]),
                false => Chunks::new(axes.iter().map(cut)),
            };
            let wide = [axes[0].3, axes[1].3];
            let owners = Owners { layout: Some(Arc::new(layout)) };
            // One more than the mesh has.
            check(&chunks, &wide, size + 1, &owners);
        }
    }

    #[test]
    fn a_range_is_a_few_boxes() {
        let windows = boxes(&[4, 3], 2..10);
        assert_eq!(format!("{windows:?}"), "[[0..1, 2..3], [1..3, 0..3], [3..4, 0..1]]");
        assert_eq!(format!("{:?}", boxes(&[4, 3], 3..6)), "[[1..2, 0..3]]");
        assert_eq!(format!("{:?}", boxes(&[4, 3], 4..5)), "[[1..2, 1..2]]");
        assert_eq!(format!("{:?}", boxes(&[], 0..1)), "[[]]");
        assert!(boxes(&[4, 3], 3..3).is_empty());
    }

    #[test]
    fn ten_million_chunks_of_ten_thousand_ranks_are_a_formula() {
        let chunks = Chunks::even(&[10_000_000, 1], &[1, 1]).unwrap();
        let spread = consecutive(1, 10_000);
        assert_eq!(spread.count(&chunks), 1000);
        let strips = spread.strips(&chunks, &[1, 1]);
        assert_eq!(strips.iter().map(Strips::count).sum::<usize>(), 1000);
        assert_eq!(strips[0].chunks(999), [1999]);
        // In turn, on a mesh.
        let chunks = Chunks::even(&[10_000, 1000], &[1, 1]).unwrap();
        let mesh = Mesh::new([("row", 100), ("column", 100)]).unwrap();
        let layout = mesh.layout(["row", "column"]).unwrap().cyclic(&[1, 1]).unwrap();
        let owners = Owners { layout: Some(Arc::new(layout)) };
        let spread = Spread { rank: 102, size: 10_000, owners };
        let [strips] = &*spread.strips(&chunks, &[1, 1]) else { panic!("one list of strips") };
        assert_eq!((spread.count(&chunks), strips.count()), (1000, 1000));
        assert_eq!((strips.chunks(0), strips.chunks(999)), (vec![1002], vec![9_901_902]));
    }

    const SIZE: usize = 1000;

    /// What rank 7 of 1,000 plans of an array of 10^7 chunks, under a cap of 10 MB.
    fn plans() -> [Plan; 2] {
        let x = Array::<f64, _>::ones([10_000_000, 8], [1, 8]);
        let settings = Settings::new().threads(1).memory(10_000_000);
        let plan = |node: &Arc<Node>, place| {
            settings.plan_for(SIZE, &[Arc::clone(node)], place, 0).unwrap()
        };
        let twice = |x: f64| 2.0 * x;
        [
            plan(&(&x - &x.mean()).sum().node, |_| Place::Memory),
            plan(&x.map(twice).node, |_| Place::Ranks),
        ]
    }

    #[test]
    fn ten_million_chunks_of_a_thousand_ranks_take_each_ten_megabytes() {
        for (plan, passes) in plans().iter().zip([2, 1]) {
            assert!(plan.peak_memory() <= 10_000_000);
            let spread = consecutive(7, SIZE);
            let share =
                plan.share_of(7, |(chunks, _)| (spread.count(chunks), spread.parts(chunks)));
            assert_eq!((plan.tasks(), share.tasks), (passes * 10_000_000, passes * 10_000));
            for stage in &plan.stages {
                let strips = spread.strips(&stage.chunks, &stage.strips.wide());
                assert_eq!(strips.len(), 1, "one list of strips, whatever their number");
            }
        }
    }

    #[test]
    #[ignore = "long: times plans of 10^7 chunks"]
    fn ten_million_chunks_are_planned_in_no_time() {
        let started = std::time::Instant::now();
        (0..100).for_each(|_| drop(plans()));
        eprintln!("a plan of 10^7 chunks on 1,000 ranks takes {:?}", started.elapsed() / 200);
    }
}
