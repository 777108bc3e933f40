//! Lists of ranks as sets.

use std::collections::{HashMap, HashSet};

use crate::{Communicator, ErrorKind, Result};

/// Some ranks of a communicator, each once, in an order: MPI's groups.
///
/// A group is of the communicator whose ranks it names, and becomes one by
/// [`subset`](Communicator::subset).
///
/// ```
/// use tenfold_comm::{Communicator, Group, World};
///
/// let ranks = World::threads(5).run(|world| {
///     let all = Group::of(world);
///     let workers = all.excl(&[0])?;
///     let workers = world.subset(workers.ranks())?;
///     Ok::<_, tenfold_comm::Error>(workers.map(|workers| workers.rank()))
/// });
/// assert_eq!(ranks.unwrap(), [None, Some(0), Some(1), Some(2), Some(3)]);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Group {
    ranks: Vec<usize>,
}

/// What two groups have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Comparison {
    /// The same ranks in the same order.
    Identical,
    /// The same ranks in another order.
    Similar,
    /// Other ranks.
    Unequal,
}

impl Group {
    /// All ranks of a communicator.
    #[must_use]
    pub fn of<C: Communicator>(comm: &C) -> Self {
        Self { ranks: (0..comm.size()).collect() }
    }

    /// These ranks, in this order.
    ///
    /// # Errors
    /// [`Item`](ErrorKind::Item) for one that is there twice.
    pub fn new(ranks: &[usize]) -> Result<Self> {
        once("ranks", ranks)?;
        Ok(Self { ranks: ranks.to_vec() })
    }

    /// The ranks.
    #[must_use]
    pub fn ranks(&self) -> &[usize] {
        &self.ranks
    }

    /// How many there are.
    #[must_use]
    pub fn size(&self) -> usize {
        self.ranks.len()
    }

    /// Whether a rank is in it, and at which place.
    #[must_use]
    pub fn place(&self, rank: usize) -> Option<usize> {
        self.ranks.iter().position(|&member| member == rank)
    }

    /// Those of this group, then those of the other that are not in it.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        let new = other.difference(self);
        Self { ranks: [&self.ranks[..], &new.ranks].concat() }
    }

    /// Those of this group that are in the other too.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let theirs = other.set();
        self.filtered(|rank| theirs.contains(&rank))
    }

    /// Those of this group that are not in the other.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        let theirs = other.set();
        self.filtered(|rank| !theirs.contains(&rank))
    }

    /// The ranks, to be looked up.
    fn set(&self) -> HashSet<usize> {
        self.ranks.iter().copied().collect()
    }

    fn filtered(&self, is_in: impl Fn(usize) -> bool) -> Self {
        Self { ranks: self.ranks.iter().copied().filter(|&rank| is_in(rank)).collect() }
    }

    /// Those at these places, in their order.
    ///
    /// # Errors
    /// [`Member`](ErrorKind::Member) for a place that is not there, [`Item`](ErrorKind::Item) for one that is
    /// there twice.
    pub fn incl(&self, places: &[usize]) -> Result<Self> {
        self.check(places)?;
        Ok(Self { ranks: places.iter().map(|&place| self.ranks[place]).collect() })
    }

    /// Those at other places than these.
    ///
    /// # Errors
    /// As [`incl`](Self::incl).
    pub fn excl(&self, places: &[usize]) -> Result<Self> {
        Ok(self.difference(&self.incl(places)?))
    }

    /// At which places of another group those at these places are, if they are in it.
    ///
    /// # Errors
    /// [`Member`](ErrorKind::Member) for a place that is not there.
    pub fn translate_ranks(&self, places: &[usize], other: &Self) -> Result<Vec<Option<usize>>> {
        self.check_places(places)?;
        let theirs = other.ranks.iter().enumerate().map(|(place, &rank)| (rank, place));
        let theirs: HashMap<usize, usize> = theirs.collect();
        Ok(places.iter().map(|&place| theirs.get(&self.ranks[place]).copied()).collect())
    }

    /// Whether they are the same ranks, and in the same order.
    #[must_use]
    pub fn compare(&self, other: &Self) -> Comparison {
        if self == other {
            Comparison::Identical
        } else if self.size() == other.size() && self.difference(other).size() == 0 {
            Comparison::Similar
        } else {
            Comparison::Unequal
        }
    }

    fn check(&self, places: &[usize]) -> Result<()> {
        self.check_places(places)?;
        once("places", places)
    }

    fn check_places(&self, places: &[usize]) -> Result<()> {
        let size = self.size();
        match places.iter().enumerate().find(|&(_, &place)| place >= size) {
            Some((at, &place)) => {
                Err(ErrorKind::Member { argument: "places", at, place, size }.into())
            }
            None => Ok(()),
        }
    }
}

/// That all are there once.
pub(crate) fn once(argument: &'static str, ranks: &[usize]) -> Result<()> {
    let mut seen = HashSet::with_capacity(ranks.len());
    for (at, &value) in ranks.iter().enumerate() {
        if !seen.insert(value) {
            let must = "there once";
            return Err(ErrorKind::Item { argument, at, value, must }.into());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Comparison, Group};
    use crate::ErrorKind;

    fn group(ranks: &[usize]) -> Group {
        Group::new(ranks).unwrap()
    }

    #[test]
    fn sets_keep_their_order() {
        let (a, b) = (group(&[5, 1, 3]), group(&[3, 4, 5]));
        assert_eq!(a.union(&b), group(&[5, 1, 3, 4]));
        assert_eq!(a.intersection(&b), group(&[5, 3]));
        assert_eq!(b.intersection(&a), group(&[3, 5]));
        assert_eq!(a.difference(&b), group(&[1]));
        assert_eq!(a.incl(&[2, 0]).unwrap(), group(&[3, 5]));
        assert_eq!(a.excl(&[2, 0]).unwrap(), group(&[1]));
        assert_eq!(a.incl(&[]).unwrap(), Group::default());
        assert_eq!(a.excl(&[]).unwrap(), a);
        assert_eq!(a.translate_ranks(&[0, 1, 0], &b).unwrap(), [Some(2), None, Some(2)]);
    }

    #[test]
    fn groups_are_compared() {
        let a = group(&[5, 1]);
        assert_eq!(a.compare(&group(&[5, 1])), Comparison::Identical);
        assert_eq!(a.compare(&group(&[1, 5])), Comparison::Similar);
        assert_eq!(a.compare(&group(&[1, 5, 2])), Comparison::Unequal);
        assert_eq!(a.compare(&group(&[1])), Comparison::Unequal);
        assert_eq!(Group::default().compare(&Group::default()), Comparison::Identical);
    }

    #[test]
    fn what_is_no_group_is_refused() {
        let kind = |result: crate::Result<Group>| result.unwrap_err().kind();
        let must =
            |argument, at, value| ErrorKind::Item { argument, at, value, must: "there once" };
        assert_eq!(kind(Group::new(&[3, 1, 3])), must("ranks", 2, 3));
        let a = group(&[5, 1]);
        assert_eq!(kind(a.incl(&[1, 1])), must("places", 1, 1));
        let member = |at| ErrorKind::Member { argument: "places", at, place: 2, size: 2 };
        assert_eq!((kind(a.incl(&[0, 2])), kind(a.excl(&[2]))), (member(1), member(0)));
        assert_eq!(a.translate_ranks(&[1, 1, 2], &a).unwrap_err().kind(), member(2));
        let sentence = "`places[1]` is 2, but the group has 2 ranks, from 0";
        assert_eq!(a.incl(&[0, 2]).unwrap_err().to_string(), sentence);
    }

    /// More than could be compared each with each.
    #[cfg(not(miri))]
    #[test]
    fn large_groups() {
        let many: Vec<usize> = (0..100_000).rev().collect();
        let all = group(&many);
        let half = all.excl(&many[..50_000]).unwrap();
        assert_eq!(half.size(), 50_000);
        assert_eq!(half.union(&all).compare(&all), Comparison::Identical);
        assert_eq!(group(&many[50_000..]).union(&all).compare(&all), Comparison::Similar);
        assert_eq!(all.intersection(&half), half);
        assert_eq!(all.translate_ranks(&[50_000, 49_999], &half).unwrap(), [None, Some(49_999)]);
        assert_eq!(
            Group::new(&[&many[..], &[7]].concat()).unwrap_err().kind(),
            ErrorKind::Item { argument: "ranks", at: 100_000, value: 7, must: "there once" }
        );
    }
}
