//! How ranks merge what each has reduced in a stage.
//!
//! The tree over chunks is that of one rank, and so are the bits. A subtree is merged with its sibling on the rank that has reduced
//! the first chunk of both: the left one is there already, and the right one is sent there. So at most one subtree of
//! each height comes to a rank that has a run of chunks, instead of all to the rank of the result, which gets what is complete.

use std::sync::atomic::Ordering;

use super::End;
use super::run::{Partial, Team, Writer};
use crate::error::{Error, ErrorKind, Result};
use crate::reduce::{Accumulators, Reducer, Subtree, height, origin, reduced_len};

/// Sends what is merged elsewhere, and takes what is merged here, until nothing waits any more and this rank's results
/// are made.
pub(super) fn with_others(team: &dyn Team, writers: &[Writer<'_>]) -> Result<()> {
    let merged = |(sink, writer)| Merged::new(team, sink, writer);
    let all: Vec<Option<Merged<'_>>> = writers.iter().enumerate().map(merged).collect();
    for merged in all.iter().flatten() {
        let away = merged.writer.tree.take(|subtree| !merged.is_home(subtree));
        away.into_iter().try_for_each(|(subtree, values)| merged.send(subtree, values))?;
    }
    while all.iter().flatten().any(Merged::is_waiting) {
        let Partial { sink, subtree, bytes } = team.receive()?;
        let merged = all.get(sink).and_then(Option::as_ref).ok_or_else(|| strange(sink))?;
        merged.writer.named(|| merged.take(subtree, &bytes))?;
    }
    Ok(())
}

/// A reduction that ranks do together.
struct Merged<'a> {
    team: &'a dyn Team,
    /// The number of the sink in its stage.
    sink: usize,
    writer: &'a Writer<'a>,
    axes: &'a [usize],
    reducer: &'a dyn Reducer,
    shape: &'a [usize],
    /// How many chunks are reduced to one.
    of: usize,
}

impl<'a> Merged<'a> {
    fn new(team: &'a dyn Team, sink: usize, writer: &'a Writer<'a>) -> Option<Self> {
        let End::Reduce { axes, reducer, by_chunk, shape } = writer.end else { return None };
        let of = match by_chunk {
            true => 1,
            false => axes.iter().map(|&axis| writer.space.0.axis(axis).count()).product(),
        };
        Some(Self { team, sink, writer, axes, reducer: &**reducer, shape, of })
    }

    fn is_home(&self, subtree: Subtree) -> bool {
        self.home(subtree) == self.team.rank()
    }

    /// Where a subtree is merged with its sibling, or becomes a result.
    fn home(&self, subtree: Subtree) -> usize {
        match first_of_both(subtree, self.of) {
            None => self.team.owner(self.writer.result, subtree.0),
            Some(among) => {
                let space = self.writer.space;
                self.team.owner(space, origin(space.0, self.axes, subtree.0, among))
            }
        }
    }

    fn is_waiting(&self) -> bool {
        let Writer { tree, result, results, .. } = self.writer;
        tree.waiting() > 0 || self.team.count(*result) > results.load(Ordering::Relaxed)
    }

    fn send(&self, subtree: Subtree, values: Accumulators) -> Result<()> {
        let mut bytes = vec![];
        self.reducer.write(&values, &mut bytes);
        drop(values);
        self.team.send(self.home(subtree), &Partial { sink: self.sink, subtree, bytes })
    }

    /// What another rank has reduced goes up the tree, as far as it is merged here.
    fn take(&self, subtree: Subtree, bytes: &[u8]) -> Result<()> {
        let is_own = self.is_there(subtree) && self.is_home(subtree);
        let values =
            self.reducer.read(bytes).filter(|_| is_own).ok_or_else(|| strange(self.sink))?;
        let tree = &self.writer.tree;
        match tree.push_subtree(self.reducer, subtree, self.of, values, |of| self.is_home(of)) {
            None => Ok(()),
            Some((subtree, all)) if self.is_home(subtree) => {
                let count = reduced_len(self.shape, self.axes);
                self.writer.made(subtree.0, self.reducer, all, count)
            }
            Some((subtree, values)) => self.send(subtree, values),
        }
    }

    fn is_there(&self, (to, height_of, place): Subtree) -> bool {
        let is_within = height_of <= height(self.of) && height_of < usize::BITS;
        to < self.writer.result.0.count()
            && is_within
            && place <= self.of.saturating_sub(1) >> height_of
    }
}

/// The number of the first chunk of a subtree and its sibling among those that are reduced to one; none if it is all of them.
fn first_of_both((_, height_of, place): Subtree, of: usize) -> Option<usize> {
    (height_of < height(of)).then_some((place & !1) << height_of)
}

/// That another rank has sent something that this one has no use for.
fn strange(sink: usize) -> Error {
    let sentence =
        format!("a rank has sent values for array {sink} of a stage, which does not merge them");
    Error::new(ErrorKind::Ranks, sentence)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::hash::Identity;
    use crate::reduce::{Folded, Sum, Tree};

    /// Ranks that each have some chunks, and merge what they come to in one tree; messages come in any order.
    struct Ranks {
        reducer: Folded<f64, f64, Sum>,
        owners: Vec<usize>,
        trees: Vec<Tree>,
        under_way: Vec<(usize, Subtree, Accumulators)>,
        whole: Option<f64>,
        /// How many subtrees have waited on a rank at most, with those that were on the way to it.
        most: usize,
    }

    fn of_chunk(number: usize) -> Accumulators {
        Box::new(vec![1.0 / (number as f64 + 3.0)])
    }

    fn value(all: &Accumulators) -> f64 {
        all.downcast_ref::<Vec<f64>>().unwrap()[0]
    }

    impl Ranks {
        fn new(owners: Vec<usize>) -> Self {
            let size = owners.iter().max().unwrap() + 1;
            let reducer = Folded::new("sum", Identity::of(()), Sum);
            let trees = (0..size).map(|_| Tree::new()).collect();
            Self { reducer, owners, trees, under_way: vec![], whole: None, most: 0 }
        }

        /// The result is of rank 0.
        fn home(&self, subtree: Subtree) -> usize {
            first_of_both(subtree, self.owners.len()).map_or(0, |first| self.owners[first])
        }

        fn reduce(&mut self) {
            let of = self.owners.len();
            for (number, &owner) in self.owners.iter().enumerate() {
                if let Some(all) =
                    self.trees[owner].push(&self.reducer, 0, number, of, of_chunk(number))
                {
                    self.trees[owner].keep(0, of, all);
                }
            }
            for rank in 0..self.trees.len() {
                let away = self.trees[rank].take(|subtree| self.home(subtree) != rank);
                for (subtree, values) in away {
                    let to = self.home(subtree);
                    self.under_way.push((to, subtree, values));
                }
            }
            self.count();
        }

        fn count(&mut self) {
            for (rank, tree) in self.trees.iter().enumerate() {
                let coming = self.under_way.iter().filter(|(to, ..)| *to == rank).count();
                self.most = self.most.max(tree.waiting() + coming);
            }
        }

        fn deliver(&mut self, at: usize) {
            let (rank, subtree, values) = self.under_way.swap_remove(at);
            let of = self.owners.len();
            let stays = |subtree| self.home(subtree) == rank;
            match self.trees[rank].push_subtree(&self.reducer, subtree, of, values, stays) {
                None => {}
                Some((subtree, all)) if first_of_both(subtree, of).is_none() && rank == 0 => {
                    assert!(self.whole.is_none());
                    self.whole = Some(value(&all));
                }
                Some((subtree, values)) => {
                    self.under_way.push((self.home(subtree), subtree, values));
                }
            }
            self.count();
        }

        fn run(&mut self, mut seed: usize) -> f64 {
            self.reduce();
            // A rank that has all of it.
            for (_, all) in
                self.trees[0].take(|subtree| first_of_both(subtree, self.owners.len()).is_none())
            {
                self.whole = Some(value(&all));
            }
            while !self.under_way.is_empty() {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                self.deliver((seed >> 33) % self.under_way.len());
            }
            assert!(self.trees.iter().all(|tree| tree.waiting() == 0));
            self.whole.unwrap()
        }
    }

    fn on_one_rank(of: usize) -> f64 {
        let (tree, reducer) =
            (Tree::new(), Folded::<f64, f64, Sum>::new("sum", Identity::of(()), Sum));
        let all = (0..of).find_map(|number| tree.push(&reducer, 0, number, of, of_chunk(number)));
        value(&all.unwrap())
    }

    proptest! {
        #[test]
        fn ranks_with_any_chunks_make_what_one_makes(
            owners in prop::collection::vec(0..5_usize, 1..70),
            seed in any::<usize>(),
        ) {
            let of = owners.len();
            let sum = Ranks::new(owners).run(seed);
            prop_assert_eq!(sum.to_bits(), on_one_rank(of).to_bits());
        }
    }

    #[test]
    fn no_rank_has_many_values_of_others() {
        for (chunks, size) in [(1000, 100), (1000, 7), (1024, 1024)] {
            let mut ranks = Ranks::new((0..chunks).map(|number| number * size / chunks).collect());
            assert_eq!(ranks.run(7).to_bits(), on_one_rank(chunks).to_bits());
            // The tree is 10 high: two subtrees of each height are left of a run, and one comes from others.
            assert!(ranks.most <= 30, "{} on one of {size} ranks", ranks.most);
        }
    }
}
