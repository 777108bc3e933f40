//! What doctor says about one dependency.

use serde::Serialize;

use super::dependency::Dependency;

/// Whether a dependency can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Status {
    /// It was tried and it works.
    Found,
    /// It is not here.
    Missing,
    /// It is here, or a part of it, and does not work.
    Broken,
}

/// A dependency, what became of trying it, and what to do about that.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Finding {
    /// The short name, for people and scripts.
    pub(crate) name: &'static str,
    pub(crate) status: Status,
    /// Version and path, or what went wrong.
    pub(crate) detail: String,
    /// What in tenfold uses it.
    pub(crate) why: &'static str,
    /// The command that supplies it.
    pub(crate) supply: &'static str,
    /// It works, but in software: good for tests, not for measurements.
    #[serde(skip)]
    pub(crate) software: bool,
    /// It works, but in another version than `setup` would install.
    #[serde(skip)]
    pub(crate) outdated: bool,
    #[serde(skip)]
    pub(super) dependency: Dependency,
}

impl Finding {
    pub(crate) fn is_found(&self) -> bool {
        self.status == Status::Found
    }

    pub(super) fn new(dependency: Dependency, answer: Answer) -> Self {
        Self {
            name: dependency.name(),
            status: answer.status,
            detail: answer.detail,
            why: dependency.why(),
            supply: dependency.supply(),
            software: answer.software,
            outdated: answer.outdated,
            dependency,
        }
    }
}

/// What a probe found out.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: Status,
    pub(super) detail: String,
    pub(super) software: bool,
    pub(super) outdated: bool,
}

impl Answer {
    fn new(status: Status, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into(), software: false, outdated: false }
    }

    pub(super) fn found(detail: impl Into<String>) -> Self {
        Self::new(Status::Found, detail)
    }

    pub(super) fn software(detail: impl Into<String>) -> Self {
        Self { software: true, ..Self::found(detail) }
    }

    /// What works in other versions than `setup` would install: which.
    pub(super) fn outdated(self, others: &str) -> Self {
        Self { detail: format!("{others}; {}", self.detail), outdated: true, ..self }
    }

    pub(super) fn missing(detail: impl Into<String>) -> Self {
        Self::new(Status::Missing, detail)
    }

    pub(super) fn broken(detail: impl Into<String>) -> Self {
        Self::new(Status::Broken, detail)
    }
}
