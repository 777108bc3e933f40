//! How long a rank has asked again and again.

/// Who asks again so soon has done next to nothing in between.
pub(super) const SOON_NS: u64 = 50_000;

/// The questions whether a request is done that were asked in vain.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Polls {
    /// How long nothing else was done, all together.
    waited_ns: u64,
    last_ns: Option<u64>,
}

impl Polls {
    /// It is not done at this time.
    pub(super) fn in_vain(&mut self, now_ns: u64) {
        self.waited_ns = now_ns - self.begin(now_ns);
        self.last_ns = Some(now_ns);
    }

    /// From when on the rank has waited, if it waits at this time: as if all that it has asked came just before.
    pub(super) fn begin(&self, now_ns: u64) -> u64 {
        let since = self.last_ns.map_or(0, |last| now_ns.saturating_sub(last));
        let since = if since <= SOON_NS { since } else { 0 };
        now_ns.saturating_sub(self.waited_ns + since)
    }
}

#[cfg(test)]
mod tests {
    use super::{Polls, SOON_NS};

    #[test]
    fn time_between_questions_is_waited() {
        let mut polls = Polls::default();
        assert_eq!(polls.begin(500), 500);
        for now in [1000, 1400, 2000] {
            polls.in_vain(now);
        }
        assert_eq!(polls.begin(2100), 1000);
    }

    #[test]
    fn work_between_questions_is_not() {
        let mut polls = Polls::default();
        for chunk in 1..9 {
            polls.in_vain(chunk * (SOON_NS + 1));
        }
        let now = 9 * (SOON_NS + 1);
        assert_eq!(polls.begin(now), now);
        // Ten more nanoseconds of it.
        polls.in_vain(now);
        polls.in_vain(now + 10);
        assert_eq!(polls.begin(now + 2 * SOON_NS), now + 2 * SOON_NS - 10);
    }
}
