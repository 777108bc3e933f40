//! Who waits for whom, and who of these waits for ever.

/// What a rank does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It computes, or something has come that it will see.
    Free,
    /// Who waits for it is told.
    Ended,
    /// It goes on when each of these has done something.
    All(Vec<usize>),
    /// It goes on when one of these has done something.
    Any(Vec<usize>),
}

/// The ranks that nobody can wake any more. Those who are free go on, and with them those who wait for them, and
/// so on: these are what is left. It takes a step for each rank and each edge.
pub(super) fn stuck(standings: &[Standing]) -> Vec<usize> {
    // Of how many others each waits for something before it goes on.
    let mut needs: Vec<usize> = (0..standings.len()).map(|rank| need(standings, rank)).collect();
    let mut waiters = vec![vec![]; standings.len()];
    for (rank, standing) in standings.iter().enumerate() {
        for &peer in peers(standing) {
            waiters[peer].push(rank);
        }
    }
    let mut free: Vec<usize> = (0..standings.len()).filter(|&rank| needs[rank] == 0).collect();
    while let Some(rank) = free.pop() {
        if standings[rank] == Standing::Ended {
            // It does nothing for anybody: `need` has seen to those who wait for it.
            continue;
        }
        for &waiter in &waiters[rank] {
            if needs[waiter] > 0 {
                needs[waiter] -= 1;
                if needs[waiter] == 0 {
                    free.push(waiter);
                }
            }
        }
    }
    (0..standings.len()).filter(|&rank| needs[rank] > 0).collect()
}

fn peers(standing: &Standing) -> &[usize] {
    match standing {
        Standing::Free | Standing::Ended => &[],
        Standing::All(peers) | Standing::Any(peers) => peers,
    }
}

fn need(standings: &[Standing], rank: usize) -> usize {
    let has_ended = |peer: &usize| standings[*peer] == Standing::Ended;
    match &standings[rank] {
        Standing::Free | Standing::Ended => 0,
        // It is told that this cannot come.
        Standing::All(peers) if peers.iter().any(has_ended) => 0,
        Standing::Any(peers) if peers.iter().all(has_ended) => 0,
        Standing::All(peers) => peers.len(),
        Standing::Any(_) => 1,
    }
}

/// A circle of ranks that wait for each other, from the least of the first that is found: each waits for
/// the next, and the last for the first. There is one wherever some are stuck.
pub(super) fn circle(standings: &[Standing], stuck: &[usize]) -> Vec<usize> {
    let next = |rank: usize| {
        let mut peers = peers(&standings[rank]).iter();
        peers.find(|peer| stuck.contains(peer)).copied()
    };
    let mut path: Vec<usize> = stuck.first().copied().into_iter().collect();
    while let Some(rank) = path.last().and_then(|&rank| next(rank)) {
        if let Some(start) = path.iter().position(|&seen| seen == rank) {
            let mut circle = path.split_off(start);
            let least = (0..circle.len()).min_by_key(|&at| circle[at]).unwrap_or(0);
            circle.rotate_left(least);
            return circle;
        }
        path.push(rank);
    }
    vec![]
}

#[cfg(test)]
mod tests {
    use super::Standing::{All, Any, Ended, Free};
    use super::{Standing, circle, stuck};

    #[test]
    fn a_circle_is_stuck_and_who_waits_for_it() {
        let ring = [All(vec![1]), All(vec![2]), All(vec![1]), Free, All(vec![3]), All(vec![0])];
        assert_eq!(stuck(&ring), [0, 1, 2, 5]);
        assert_eq!(circle(&ring, &[0, 1, 2, 5]), [1, 2]);
    }

    #[test]
    fn one_who_computes_frees_all_behind_it() {
        assert_eq!(stuck(&[All(vec![1]), All(vec![2]), Free]), [0; 0]);
    }

    #[test]
    fn one_of_any_is_enough() {
        assert_eq!(stuck(&[Any(vec![1, 2]), All(vec![0]), Free]), [0; 0]);
        assert_eq!(stuck(&[Any(vec![1, 2]), All(vec![0]), All(vec![0])]), [0, 1, 2]);
        assert_eq!(stuck(&[All(vec![1, 2]), All(vec![0]), Free]), [0, 1]);
    }

    #[test]
    fn who_has_ended_leaves_nobody_waiting_for_it_alone() {
        assert_eq!(stuck(&[All(vec![1]), Ended]), [0; 0]);
        assert_eq!(stuck(&[Any(vec![1]), Ended]), [0; 0]);
        // Of any, one that has ended does not come, and the other waits.
        assert_eq!(stuck(&[Any(vec![1, 2]), Ended, All(vec![0])]), [0, 2]);
    }

    /// The definition, by brute force: a set is stuck when each in it waits within it alone.
    fn by_sets(standings: &[Standing]) -> Vec<usize> {
        let mut left: Vec<usize> = (0..standings.len()).collect();
        loop {
            let goes_on = |rank: &usize| match &standings[*rank] {
                Free | Ended => true,
                All(peers) => {
                    peers.iter().any(|&peer| standings[peer] == Ended)
                        || peers.iter().all(|peer| !left.contains(peer))
                }
                Any(peers) => {
                    peers.iter().all(|&peer| standings[peer] == Ended)
                        || peers
                            .iter()
                            .any(|&peer| standings[peer] != Ended && !left.contains(&peer))
                }
            };
            let free: Vec<usize> = left.iter().copied().filter(goes_on).collect();
            if free.is_empty() {
                return left;
            }
            left.retain(|rank| !free.contains(rank));
        }
    }

    proptest::proptest! {
        #[test]
        fn it_is_what_its_definition_says(
            raw in proptest::collection::vec((0..8_u8, proptest::collection::btree_set(0..6_usize, 1..4)), 6)
        ) {
            let standing = |(kind, peers): &(u8, std::collections::BTreeSet<usize>)| {
                let peers = peers.iter().copied().collect();
                match kind { 0 => Free, 1 => Ended, 2..5 => Any(peers), _ => All(peers) }
            };
            let standings: Vec<Standing> = raw.iter().map(standing).collect();
            let stuck = stuck(&standings);
            proptest::prop_assert_eq!(&stuck, &by_sets(&standings));
            let circle = circle(&standings, &stuck);
            proptest::prop_assert_eq!(circle.is_empty(), stuck.is_empty());
        }
    }
}
