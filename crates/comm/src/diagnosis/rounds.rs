//! What processes have said in earlier rounds.

use std::rc::Rc;

use super::graph::{self, Standing};
use super::remote::standing;
use super::watch::Said;

/// Earlier rounds, each kept for so many: what ranks say in one is compared with what they say now.
///
/// A rank counts only when it has looked often since. Where cores are busy it looks seldom, and the last round is too
/// near; one that is too far was before the ranks began to wait. So it takes four times as many rounds at most as ranks
/// need to look.
#[derive(Debug, Default)]
pub(super) struct Rounds {
    kept: [Rc<[Said]>; KEPT.len()],
    number: u64,
}

const KEPT: [u64; 4] = [1, 4, 16, 64];

impl Rounds {
    /// What ranks do that say this now: against the last round, or against the nearest by which some wait for ever.
    pub(super) fn standings(&self, now: &[Said]) -> Vec<Standing> {
        let against = |before: &Rc<[Said]>| -> Vec<Standing> {
            let said = now.iter().enumerate();
            said.map(|(rank, said)| standing(rank, before.get(rank), said)).collect()
        };
        let stuck =
            self.kept.iter().map(against).find(|standings| !graph::stuck(standings).is_empty());
        stuck.unwrap_or_else(|| against(&self.kept[0]))
    }

    /// A round is over.
    pub(super) fn keep(&mut self, now: Vec<Said>) {
        let now = Rc::from(now);
        for (kept, rounds) in self.kept.iter_mut().zip(KEPT) {
            if self.number.is_multiple_of(rounds) {
                *kept = Rc::clone(&now);
            }
        }
        self.number += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Waits, graph, watch::Said};
    use super::Rounds;

    /// What a rank says that waits for the other of two.
    fn waiting(rank: usize, moved: u64, looks: u64) -> Said {
        Said {
            count: 3,
            moved,
            looks,
            has_ended: false,
            waits: Some(Waits::Any(vec![1 - rank])),
            call: None,
            started: None,
            came: Some(vec![]),
        }
    }

    /// In which round two ranks are stuck that look so often in one, and begin to wait in this one.
    fn found(looks: u64, begin: u64) -> Option<u64> {
        let mut rounds = Rounds::default();
        (0..1000).find(|&round| {
            // Before they receive something in each.
            let now =
                vec![waiting(0, begin.min(round), looks * round), waiting(1, 0, looks * round)];
            let is_found = !graph::stuck(&rounds.standings(&now)).is_empty();
            rounds.keep(now);
            is_found
        })
    }

    #[test]
    fn who_looks_often_is_found_in_the_next_round() {
        assert_eq!([found(50, 0), found(50, 17), found(1000, 18)], [Some(1), Some(18), Some(19)]);
    }

    #[test]
    fn who_looks_seldom_is_found_in_time() {
        for looks in [1, 2, 5, 20, 49] {
            let needed = 50_u64.div_ceil(looks);
            for begin in 0..130 {
                let took = found(looks, begin).unwrap() - begin;
                assert!(
                    (needed..=4 * needed + 64 / 50).contains(&took),
                    "{looks}, {begin}: {took}"
                );
            }
        }
    }

    #[test]
    fn who_does_not_look_or_goes_on_is_not_found() {
        assert_eq!(found(0, 0), None);
        assert_eq!(found(1000, u64::MAX), None);
    }
}
