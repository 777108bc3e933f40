//! Which rank has which chunks.

use std::ops::Range;

use tenfold_comm::Blocks;

use crate::chunks::Chunks;
use crate::plan::Strips;
use crate::window::{Window, count};

/// The distribution of chunks over ranks, as this rank sees it: consecutive numbers, as many for each. It is a formula,
/// so that no rank knows more than its own chunks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spread {
    pub(super) rank: usize,
    pub(super) size: usize,
}

impl Spread {
    /// The rank that makes a chunk and has it.
    pub(super) fn owner(self, chunks: &Chunks, number: usize) -> usize {
        Blocks::new(chunks.count(), self.size).owner(number).unwrap_or(0)
    }

    pub(super) fn owns(self, chunks: &Chunks, number: usize) -> bool {
        self.own(chunks).contains(&number)
    }

    /// The chunks of this rank.
    pub(super) fn own(self, chunks: &Chunks) -> Range<usize> {
        Blocks::new(chunks.count(), self.size).range(self.rank)
    }

    /// The parts of an array that this rank's chunks are.
    pub(super) fn parts(self, chunks: &Chunks) -> Vec<Window> {
        let boxes = boxes(&chunks.counts(), self.own(chunks));
        boxes.iter().map(|numbers| chunks.elements(numbers)).collect()
    }

    /// The strips of this rank's chunks, of which so many are worked on together along each axis.
    pub(super) fn strips(self, chunks: &Chunks, wide: &[usize]) -> Vec<Strips> {
        let own = self.own(chunks);
        let boxes = boxes(&chunks.counts(), own);
        boxes.iter().map(|part| Strips::within(chunks, wide, part)).collect()
    }
}

/// The boxes of a grid that a range of row-major numbers is made of, in their order: at most two for each axis.
pub(super) fn boxes(grid: &[usize], range: Range<usize>) -> Vec<Window> {
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

    use super::*;
    use crate::node::Node;
    use crate::plan::{Place, Plan};
    use crate::{Array, Settings};

    proptest! {
        #[test]
        fn each_chunk_is_in_one_strip_of_one_rank(
            axes in prop::collection::vec((0..14_usize, 1..5_usize, 1..4_usize), 0..4),
            size in 1..9_usize,
        ) {
            let [lens, sizes, wide] =
                [0, 1, 2].map(|of| axes.iter().map(|&(a, b, c)| [a, b, c][of]).collect::<Vec<_>>());
            let chunks = Chunks::even(&lens, &sizes).unwrap();
            let mut all = vec![];
            for rank in 0..size {
                let spread = Spread { rank, size };
                let strips = spread.strips(&chunks, &wide);
                prop_assert!(strips.len() <= 2 * axes.len().max(1));
                let mut own: Vec<usize> = strips
                    .iter()
                    .flat_map(|strips| (0..strips.count()).flat_map(|strip| strips.chunks(strip)))
                    .collect();
                for &number in &own {
                    prop_assert_eq!(spread.owner(&chunks, number), rank);
                    prop_assert!(spread.owns(&chunks, number));
                }
                own.sort_unstable();
                let elements = own.iter().map(|&number| chunks.window(number).len()).sum::<usize>();
                prop_assert_eq!(spread.parts(&chunks).iter().map(Window::len).sum::<usize>(), elements);
                prop_assert_eq!(&own, &spread.own(&chunks).collect::<Vec<_>>());
                all.extend(own);
            }
            prop_assert_eq!(all, (0..chunks.count()).collect::<Vec<_>>());
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
        let spread = Spread { rank: 1, size: 10_000 };
        assert_eq!(spread.own(&chunks), 1000..2000);
        let strips = spread.strips(&chunks, &[1, 1]);
        assert_eq!(strips.iter().map(Strips::count).sum::<usize>(), 1000);
        assert_eq!(strips[0].chunks(999), [1999]);
    }

    const SPREAD: Spread = Spread { rank: 7, size: 1000 };

    /// What rank 7 of 1,000 plans of an array of 10^7 chunks, under a cap of 10 MB.
    fn plans() -> [Plan; 2] {
        let x = Array::<f64, _>::ones([10_000_000, 8], [1, 8]);
        let settings = Settings::new().threads(1).memory(10_000_000);
        let plan = |node: &Arc<Node>, place| {
            settings.plan_for(SPREAD.size, &[Arc::clone(node)], place, 0).unwrap()
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
            let share = plan.share_of(7, |chunks| (SPREAD.own(chunks).len(), SPREAD.parts(chunks)));
            assert_eq!((plan.tasks(), share.tasks), (passes * 10_000_000, passes * 10_000));
            for stage in &plan.stages {
                let strips = SPREAD.strips(&stage.chunks, &stage.strips.wide());
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
