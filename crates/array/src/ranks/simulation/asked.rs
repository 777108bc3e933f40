//! Whom ranks send messages to or ask for elements, and what that comes to on all of them.

use std::collections::BTreeMap;

/// What one rank asks others for, or sends them.
#[derive(Debug, Clone, Default)]
pub(super) struct Asked {
    /// Of each of them how many messages and bytes.
    of: BTreeMap<usize, (f64, f64)>,
    /// How many times it waits for what comes back.
    pub(super) waits: f64,
}

impl Asked {
    pub(super) fn add(&mut self, rank: usize, messages: f64, bytes: f64) {
        let of = self.of.entry(rank).or_default();
        *of = (of.0 + messages, of.1 + bytes);
    }

    /// As many times as much.
    pub(super) fn scale(&mut self, by: f64) {
        self.waits *= by;
        self.of.values_mut().for_each(|of| *of = (of.0 * by, of.1 * by));
    }

    #[cfg(test)]
    pub(super) fn of(&self, rank: usize) -> (f64, f64) {
        self.of.get(&rank).copied().unwrap_or_default()
    }

    #[cfg(test)]
    pub(super) fn messages(&self) -> f64 {
        self.of.values().map(|of| of.0).sum()
    }

    #[cfg(test)]
    pub(super) fn bytes(&self) -> f64 {
        self.of.values().map(|of| of.1).sum()
    }
}

/// What all ranks ask each other for.
#[derive(Debug)]
pub(super) struct Flow {
    pub(super) ranks: Vec<Ends>,
    /// The bytes that come to a switch from others, and go from it to others.
    pub(super) switches: Vec<[f64; 2]>,
}

/// What a rank asks for, and is asked for.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Ends {
    pub(super) waits: f64,
    pub(super) asks: f64,
    pub(super) comes: f64,
    pub(super) asked: f64,
    pub(super) goes: f64,
}

impl Flow {
    /// That of all ranks, of which some are known, in ascending order: the first and the last among them. Those between do
    /// as the nearest that is known. Whom both the known ones around ask is asked by all between; else they ask who is as
    /// far from them.
    pub(super) fn new(size: usize, radix: usize, known: &[(usize, Asked)]) -> Self {
        let switches = vec![[0.0; 2]; size.div_ceil(radix.max(1))];
        let mut flow = Self { ranks: vec![Ends::default(); size], switches };
        for (rank, asked) in known {
            flow.waits(*rank, asked);
            asked.of.iter().for_each(|(&of, &amount)| flow.add(radix, *rank, of, amount));
        }
        for pair in known.windows(2) {
            let [(first, of_first), (last, of_last)] = pair else { continue };
            let middle = first + (last - first) / 2;
            flow.between(radix, (*first, of_first), of_last, first + 1..middle + 1);
            flow.between(radix, (*last, of_last), of_first, (middle + 1).min(*last)..*last);
        }
        flow
    }

    /// Those between do as one of the known around them.
    fn between(
        &mut self,
        radix: usize,
        (known, asked): (usize, &Asked),
        other: &Asked,
        between: std::ops::Range<usize>,
    ) {
        let size = self.ranks.len();
        let all: Vec<_> = asked
            .of
            .iter()
            .map(|(&of, &amount)| (of, amount, other.of.contains_key(&of)))
            .collect();
        for rank in between.filter(|&rank| rank != known && rank < size) {
            self.waits(rank, asked);
            for &(of, amount, by_all) in &all {
                let of = match by_all {
                    true if of == rank => known,
                    true => of,
                    false => (of + size + rank - known) % size,
                };
                self.add(radix, rank, of, amount);
            }
        }
    }

    fn waits(&mut self, rank: usize, asked: &Asked) {
        self.ranks[rank].waits += asked.waits;
    }

    fn add(&mut self, radix: usize, rank: usize, of: usize, (messages, bytes): (f64, f64)) {
        let own = &mut self.ranks[rank];
        (own.asks, own.comes) = (own.asks + messages, own.comes + bytes);
        let other = &mut self.ranks[of];
        (other.asked, other.goes) = (other.asked + messages, other.goes + bytes);
        let (here, there) = (rank / radix, of / radix);
        if here != there {
            self.switches[here][0] += bytes;
            self.switches[there][1] += bytes;
        }
    }

    pub(super) fn messages(&self) -> f64 {
        self.ranks.iter().map(|ends| ends.asks).sum()
    }

    pub(super) fn bytes(&self) -> f64 {
        self.ranks.iter().map(|ends| ends.comes).sum()
    }
}

/// The ranks that stand for all of so many: all if they are few.
pub(super) fn known(size: usize) -> Vec<usize> {
    const ALL: usize = 64;
    const ENDS: usize = 4;
    const BETWEEN: usize = 24;
    if size <= ALL {
        return (0..size).collect();
    }
    let ends = (0..ENDS).chain(size - ENDS..size);
    let between = (1..=BETWEEN).map(|at| at * size / (BETWEEN + 1));
    let mut all: Vec<usize> = ends.chain(between).collect();
    all.sort_unstable();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(of: &[(usize, f64)]) -> Asked {
        let mut asked = Asked { waits: 1.0, ..Asked::default() };
        of.iter().for_each(|&(of, bytes)| asked.add(of, 1.0, bytes));
        asked
    }

    #[test]
    fn neighbours_and_the_one_that_all_ask_are_told_apart() {
        // Each asks the next for 10 bytes, and all but rank 0 that for 1.
        let known: Vec<(usize, Asked)> = [0, 1, 50, 98, 99]
            .into_iter()
            .map(|rank| match rank {
                0 => (0, asked(&[(1, 10.0)])),
                99 => (99, asked(&[(0, 1.0)])),
                _ => (rank, asked(&[(0, 1.0), (rank + 1, 10.0)])),
            })
            .collect();
        let flow = Flow::new(100, 10, &known);
        assert_eq!(flow.ranks[0].asked, 99.0);
        assert_eq!(flow.ranks[0].goes, 99.0);
        assert!(flow.ranks[1..].iter().all(|ends| (ends.asked, ends.goes) == (1.0, 10.0)));
        assert_eq!((flow.messages(), flow.bytes()), (99.0 * 2.0, 99.0 * 11.0));
        // From one switch to the next, and to the first.
        assert_eq!(flow.switches[1], [10.0 + 10.0, 10.0]);
        assert_eq!(flow.switches[0], [10.0, 90.0]);
    }

    #[test]
    fn ranks_that_are_known_begin_with_the_first_and_end_with_the_last() {
        assert_eq!(known(3), [0, 1, 2]);
        let many = known(10_000);
        assert!(many.is_sorted() && many.len() < 64);
        assert_eq!((many[0], many[many.len() - 1]), (0, 9999));
    }
}
