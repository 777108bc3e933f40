//! A function of a report.

use super::analysis::Sum;
use super::document::{Place, PlaceKind};

/// What one function or scope took, on all threads together. Times are without what recording
/// cost.
#[derive(Debug, Clone, PartialEq)]
pub struct Function {
    pub(crate) place: Place,
    pub(crate) sum: Sum,
    pub(crate) distorted: bool,
}

impl Function {
    /// A mean below this many times what recording a call costs is distorted.
    pub const DISTORTED: f64 = 10.0;

    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
    pub(crate) fn new(place: Place, sum: Sum, overhead_ns: f64) -> Self {
        let mean = sum.elapsed_ns / sum.calls.max(1) as f64;
        let distorted = sum.timed > 0 && mean < Self::DISTORTED * overhead_ns;
        Self { place, sum, distorted }
    }

    /// The path of the function, or the label of the scope.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.place.name
    }

    /// The source file, as the compiler names it.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.place.file
    }

    /// The line of its attribute or macro.
    #[must_use]
    pub fn line(&self) -> u32 {
        self.place.line
    }

    /// Whether it is a `scope!`, not a function.
    #[must_use]
    pub fn is_scope(&self) -> bool {
        self.place.kind == PlaceKind::Scope
    }

    /// How often it was called.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.sum.calls
    }

    /// How often it was called outside of another call of itself on the same thread.
    #[must_use]
    pub fn primitive_calls(&self) -> u64 {
        self.sum.primitive_calls
    }

    /// How many of the calls were timed: all but of a function that is sampled.
    #[must_use]
    pub fn timed_calls(&self) -> u64 {
        self.sum.timed
    }

    /// How many calls were open when the session ended; they count as if they had ended then.
    #[must_use]
    pub fn open_calls(&self) -> u64 {
        self.sum.open
    }

    /// Time in the function itself, in nanoseconds. Estimated from the calls that were timed, which
    /// says nothing where none was ([`timed_calls`](Self::timed_calls)), or calls of a sampled
    /// function were inside of each other: tables have `n/a` there.
    #[must_use]
    pub fn self_ns(&self) -> f64 {
        self.sum.self_ns
    }

    /// Time in the function and in what it called, in nanoseconds; recursive calls count once.
    #[must_use]
    pub fn total_ns(&self) -> f64 {
        self.sum.total_ns
    }

    /// The shortest timed call, in nanoseconds; `None` when none was timed, or calls of a sampled
    /// function were inside of each other.
    #[must_use]
    pub fn min_ns(&self) -> Option<f64> {
        self.has_times().then_some(self.sum.min_ns)
    }

    /// The longest timed call, in nanoseconds; `None` when none was timed, or calls of a sampled
    /// function were inside of each other.
    #[must_use]
    pub fn max_ns(&self) -> Option<f64> {
        self.has_times().then_some(self.sum.max_ns)
    }

    /// Bytes that it allocated itself. 0 without [`alloc`](crate::Builder::alloc).
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.sum.bytes
    }

    /// Blocks that it allocated itself. 0 without [`alloc`](crate::Builder::alloc).
    #[must_use]
    pub fn blocks(&self) -> u64 {
        self.sum.blocks
    }

    /// Whether a call takes so little that the figures of it are not worth much: its mean is below
    /// ten times what recording costs.
    #[must_use]
    pub fn is_distorted(&self) -> bool {
        self.distorted
    }

    /// Whether a part of the calls was drawn to be timed while others, of the same function, were
    /// open around them: what was drawn stands for them in no way that adds up.
    pub(crate) fn is_sampled_recursion(&self) -> bool {
        self.place.sample > 1 && self.sum.primitive_calls < self.sum.calls
    }

    pub(crate) fn has_times(&self) -> bool {
        self.sum.timed > 0 && !self.is_sampled_recursion()
    }

    /// Whether the times are estimated from a part of the calls.
    #[must_use]
    pub fn is_sampled(&self) -> bool {
        self.sum.timed < self.sum.calls
    }
}
