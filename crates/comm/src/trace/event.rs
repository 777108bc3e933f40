//! One call, as it is recorded.

use crate::{CallKind, Tag};

/// One call of a rank: 64 bytes.
///
/// Ranks are those of the world. A call that sends has a [`to`](Self::to) and a [`tag`](Self::tag), one that
/// receives a [`from`](Self::from) and a [`want`](Self::want), a `sendrecv` both, and a collective with a root
/// has it as `to`.
///
/// # Matching
/// A message is known by its communicator, its sender, its receiver, its tag and its
/// [`sequence`](Self::sequence). The call that receives it has all five: the sender and the tag in `from` and `want`,
/// which are those of the message, even where any were wanted. Of an `irecv` they are what is wanted, and the
/// [`wait`](CallKind::Wait) with the same [`request`](Self::request) has those of the message.
/// The receivers' numbers count in the order in which receives came back; waits for requests of one sender and
/// one tag in another order than they were started exchange their numbers.
///
/// # Polling
/// A program may ask again and again whether a request is done, or probe. Questions that come within 50 us of each
/// other are waiting, and what is between them is no work; more time between them is. A request that is found done so
/// has its [`wait`](CallKind::Wait) there, which begins as much earlier as was waited; the call that waits for it
/// afterwards has no request. Probes in vain, of up to eight kinds in turn, are one event each. Questions for
/// non-blocking collectives are not recorded, and count as work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// What was called.
    pub kind: CallKind,
    /// What came of it.
    pub outcome: Outcome,
    /// Where, as the [`RankLog::places`](super::RankLog::places) tell.
    pub place: u16,
    /// Which communicator it was called of, as [`RankLog::communicators`](super::RankLog::communicators) tell.
    pub communicator: u32,
    /// When it was called, in nanoseconds of the rank's clock.
    pub start_ns: u64,
    /// When it came back.
    pub end_ns: u64,
    /// How many bytes the rank brought.
    pub sent: u64,
    /// How many bytes it received; of a collective, for how many it had room.
    pub received: u64,
    /// Whom it sent to, or the root; [`NOBODY`](Self::NOBODY).
    pub to: u32,
    /// Whose message it received; [`NOBODY`](Self::NOBODY), or [`ANY`](Self::ANY) where it came to none.
    pub from: u32,
    /// The tag of what it sent; [`NO_TAG`](Self::NO_TAG).
    pub tag: Tag,
    /// The tag of what it received; [`NO_TAG`](Self::NO_TAG), also for any where it came to none.
    pub want: Tag,
    /// Of a message, its number among those with the same communicator, sender, receiver and tag, from 0. Of a
    /// collective, a number that is the same on all ranks and grows with each of the communicator's, those
    /// that do not wait by themselves. [`NONE`](Self::NONE), also of a collective that was refused or has no other
    /// ranks to meet.
    pub sequence: u32,
    /// See [`request`](Self::request) and [`matched`](Self::matched).
    pub(crate) link: u32,
}

/// What came of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// What it is there for.
    Done,
    /// Nothing yet: a probe that does not wait, and has found nothing.
    Nothing,
    /// An error.
    Failed,
}

impl Event {
    /// No rank.
    pub const NOBODY: u32 = u32::MAX;
    /// Any rank.
    pub const ANY: u32 = u32::MAX - 1;
    /// No tag, or any.
    pub const NO_TAG: Tag = Tag::MAX;
    /// No number.
    pub const NONE: u32 = u32::MAX;

    /// A call that has nothing but a place and a time.
    #[must_use]
    pub fn new(kind: CallKind, start_ns: u64, end_ns: u64) -> Self {
        Self {
            kind,
            outcome: Outcome::Done,
            place: 0,
            communicator: 0,
            start_ns,
            end_ns,
            sent: 0,
            received: 0,
            to: Self::NOBODY,
            from: Self::NOBODY,
            tag: Self::NO_TAG,
            want: Self::NO_TAG,
            sequence: Self::NONE,
            link: Self::NONE,
        }
    }

    /// The same, of this request.
    #[must_use]
    pub fn with_request(self, request: u32) -> Self {
        Self { link: request, ..self }
    }

    /// The same, of a `sendrecv` that has received the message of this number.
    #[must_use]
    pub fn with_matched(self, matched: u32) -> Self {
        Self { link: matched, ..self }
    }

    /// The number of the request that it started or waited for, from 0 on each rank.
    #[must_use]
    pub fn request(&self) -> Option<u32> {
        (self.kind != CallKind::Sendrecv && self.link != Self::NONE).then_some(self.link)
    }

    /// The number of the message that it received: as [`sequence`](Self::sequence), of its own half for a
    /// `sendrecv`.
    #[must_use]
    pub fn matched(&self) -> Option<u32> {
        let number = if self.kind == CallKind::Sendrecv { self.link } else { self.sequence };
        (self.from < Self::ANY && number != Self::NONE).then_some(number)
    }
}

#[cfg(test)]
mod tests {
    use super::Event;
    use crate::CallKind;

    #[test]
    fn it_is_64_bytes() {
        assert_eq!(size_of::<Event>(), 64);
    }

    #[test]
    fn a_request_is_no_message() {
        let event = Event { from: 2, sequence: 7, ..Event::new(CallKind::Wait, 0, 1) };
        assert_eq!((event.request(), event.matched()), (None, Some(7)));
        assert_eq!(event.with_request(3).request(), Some(3));
        let both = Event { kind: CallKind::Sendrecv, ..event }.with_matched(9);
        assert_eq!((both.request(), both.matched()), (None, Some(9)));
    }
}
