//! Calls that others were made within: an operation of a reduction may communicate, and runs in the call that
//! drives it.

use std::cmp::Reverse;

/// A stretch of a call that no other was made within. Most calls are one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) call: usize,
    pub(super) start: u64,
    pub(super) end: u64,
    pub(super) is_first: bool,
    pub(super) is_last: bool,
}

/// A call that goes on.
struct Open {
    call: usize,
    /// Since when, after the last that was made within it.
    since: u64,
    is_new: bool,
}

/// Hands over the pieces of calls in the order of time. The calls, each from a time to a time, are in the order in
/// which they came back.
pub(super) fn pieces(calls: &[(u64, u64)], mut give: impl FnMut(Piece)) {
    let mut outer = outer(calls).into_iter().peekable();
    let mut open: Vec<Open> = vec![];
    for (call, &(start, end)) in calls.iter().enumerate() {
        while let Some((_, call)) = outer.next_if(|(first, _)| *first == call) {
            let since = calls[call].0;
            interrupt(&mut open, since, &mut give);
            open.push(Open { call, since, is_new: true });
        }
        if let Some(whole) = open.pop_if(|open| open.call == call) {
            give(Piece { call, start: whole.since, end, is_first: false, is_last: true });
        } else {
            interrupt(&mut open, start, &mut give);
            give(Piece { call, start, end, is_first: true, is_last: true });
        }
        if let Some(open) = open.last_mut() {
            open.since = end;
        }
    }
}

/// What is open is so no longer, as another call is made within it.
fn interrupt(open: &mut [Open], end: u64, give: &mut impl FnMut(Piece)) {
    let Some(open) = open.last_mut() else { return };
    let is_first = std::mem::take(&mut open.is_new);
    give(Piece { call: open.call, start: open.since, end, is_first, is_last: false });
}

/// The calls that others were made within, each behind the first of these: by those, and the outermost first.
fn outer(calls: &[(u64, u64)]) -> Vec<(usize, usize)> {
    let mut outer = vec![];
    // The calls that came back, but for those within them, with the first of these.
    let mut done: Vec<(usize, usize)> = vec![];
    for (call, &(start, _)) in calls.iter().enumerate() {
        let is_within = |&mut (_, other): &mut (usize, usize)| {
            start <= calls[other].0 && start < calls[other].1
        };
        let mut first = call;
        while let Some((within, _)) = done.pop_if(is_within) {
            first = within;
        }
        outer.extend((first < call).then_some((first, call)));
        done.push((first, call));
    }
    outer.sort_unstable_by_key(|(first, call)| (*first, Reverse(*call)));
    outer
}

#[cfg(test)]
mod tests {
    use super::pieces;

    /// Number, begin and end of each piece.
    fn of(calls: &[(u64, u64)]) -> Vec<(usize, u64, u64)> {
        let mut found = vec![];
        pieces(calls, |piece| found.push((piece.call, piece.start, piece.end)));
        found
    }

    #[test]
    fn calls_one_after_another_are_whole() {
        let calls = [(0, 0), (0, 5), (5, 5), (5, 9), (12, 13)];
        assert_eq!(of(&calls), [(0, 0, 0), (1, 0, 5), (2, 5, 5), (3, 5, 9), (4, 12, 13)]);
        pieces(&calls, |piece| assert!(piece.is_first && piece.is_last));
    }

    #[test]
    fn what_is_within_divides_a_call() {
        // 3 has 0 and 2 within it, and 2 has 1.
        let calls = [(2, 3), (5, 6), (4, 7), (1, 9), (9, 10)];
        let expected = [
            (3, 1, 2),
            (0, 2, 3),
            (3, 3, 4),
            (2, 4, 5),
            (1, 5, 6),
            (2, 6, 7),
            (3, 7, 9),
            (4, 9, 10),
        ];
        assert_eq!(of(&calls), expected);
        let mut ends = vec![];
        pieces(&calls, |piece| ends.push((piece.is_first, piece.is_last)));
        let (first, middle, last, whole) =
            ((true, false), (false, false), (false, true), (true, true));
        assert_eq!(ends, [first, whole, middle, first, whole, last, last, whole]);
    }

    /// Each call within the next, and one after another: what took the square of their number would not end.
    #[test]
    fn many_take_no_longer_each() {
        let deep: Vec<(u64, u64)> = (0..200_000).map(|at| (200_000 - at, 200_001 + at)).collect();
        assert_eq!(of(&deep).len(), 2 * deep.len() - 1);
        let flat: Vec<(u64, u64)> = (0..200_000).map(|at| (at, at + 1)).collect();
        assert_eq!(of(&flat).len(), flat.len());
    }
}
