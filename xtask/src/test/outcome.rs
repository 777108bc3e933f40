//! What a step found: cases that passed, failures with the way to repeat them, skips with reasons.

/// What a step found.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Outcome {
    pub(super) passed: usize,
    pub(super) failures: Vec<Failure>,
    pub(super) skips: Vec<Skip>,
}

/// Something that does not hold.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) what: String,
    /// What it said of it, as far as that is known.
    pub(super) said: Vec<String>,
    /// The command that shows it again.
    pub(super) repeat: String,
}

/// Something that was not tried.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Skip {
    pub(super) name: String,
    pub(super) reason: String,
}

impl Outcome {
    /// One case that passed, or failed for that reason.
    pub(super) fn of(what: &str, ok: bool, repeat: String) -> Self {
        if ok { Self::passed(1) } else { Self::failed(what, repeat) }
    }

    /// So many cases that passed.
    pub(super) fn passed(passed: usize) -> Self {
        Self { passed, ..Self::default() }
    }

    /// One case that failed.
    pub(super) fn failed(what: impl Into<String>, repeat: String) -> Self {
        let failure = Failure { what: what.into(), said: vec![], repeat };
        Self { failures: vec![failure], ..Self::default() }
    }

    /// One case that was not tried.
    pub(super) fn skipped(name: impl Into<String>, reason: impl Into<String>) -> Self {
        let skip = Skip { name: name.into(), reason: reason.into() };
        Self { skips: vec![skip], ..Self::default() }
    }

    /// The same, where several were tried in the same way: each name says of which it is.
    pub(super) fn of_one(mut self, one: &str) -> Self {
        let whats = self.failures.iter_mut().map(|failure| &mut failure.what);
        for name in whats.chain(self.skips.iter_mut().map(|skip| &mut skip.name)) {
            *name = format!("{one}: {name}");
        }
        self
    }

    /// Adds what another found.
    pub(super) fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failures.extend(other.failures);
        self.skips.extend(other.skips);
    }

    /// A machine that promised everything (CI) may not skip anything.
    pub(super) fn skips_are_failures(&mut self, step: &str) {
        for skip in self.skips.drain(..) {
            let what = format!("{} was skipped: {}", skip.name, skip.reason);
            self.failures.push(Failure { what, said: vec![], repeat: super::again(step) });
        }
    }

    /// The last line of the report.
    pub(super) fn tally(&self) -> String {
        let (passed, failed) = (self.passed, self.failures.len());
        match self.skips.len() {
            0 => format!("{passed} passed, {failed} failed"),
            skipped => format!("{passed} passed, {failed} failed, {skipped} skipped"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Outcome;

    #[test]
    fn adds_up() {
        let mut all = Outcome::passed(3);
        assert_eq!(all.tally(), "3 passed, 0 failed");
        all.add(Outcome::failed("it is broken", String::from("cargo fix")));
        assert_eq!(all.tally(), "3 passed, 1 failed");
        all.add(Outcome::skipped("ranks", "no MPI"));
        assert_eq!(all.tally(), "3 passed, 1 failed, 1 skipped");
    }

    #[test]
    fn names_say_of_which_they_are() {
        let mut all = Outcome::passed(3);
        all.add(Outcome::failed("a::b", String::from("cargo test")));
        all.add(Outcome::skipped("ranks", "no network"));
        let all = all.of_one("MPICH 4.0.2");
        assert_eq!(all.tally(), "3 passed, 1 failed, 1 skipped");
        assert_eq!(all.failures[0].what, "MPICH 4.0.2: a::b");
        assert_eq!(all.failures[0].repeat, "cargo test");
        assert_eq!(all.skips[0].name, "MPICH 4.0.2: ranks");
    }

    #[test]
    fn ci_takes_a_skip_for_a_failure() {
        let mut all = Outcome::skipped("ranks", "no MPI");
        all.skips_are_failures("tests");
        assert_eq!(all.tally(), "0 passed, 1 failed");
        assert_eq!(all.failures[0].what, "ranks was skipped: no MPI");
        assert_eq!(all.failures[0].repeat, "cargo xtask test --only tests");
    }
}
