//! What a report holds, as its file has it. `SCHEMA.md` says what each field means.

use serde::{Deserialize, Serialize};

pub(crate) const FORMAT: &str = "tenfold-profile";
pub(crate) const VERSION: u64 = 1;

/// The whole file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Document {
    pub(crate) format: String,
    pub(crate) version: u64,
    pub(crate) program: String,
    pub(crate) rank: Option<u64>,
    pub(crate) wall_ns: f64,
    /// For how long threads were ready to run while something else had the core, together.
    pub(crate) run_delay_ns: Option<f64>,
    pub(crate) clock: String,
    pub(crate) overhead: Overhead,
    pub(crate) functions: Vec<Place>,
    pub(crate) threads: Vec<ThreadPart>,
    pub(crate) memory: Option<Memory>,
    pub(crate) samples: Option<Samples>,
    /// Empty when they were not asked for.
    pub(crate) counters: Vec<Counter>,
    pub(crate) lines: Option<LinesPart>,
}

/// What the lines of functions took.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LinesPart {
    pub(crate) mode: LinesMode,
    /// What a mark cost, which stands in no figure; 0 where lines were not timed.
    pub(crate) mark_ns: f64,
    /// `None` where nobody looked.
    pub(crate) looks: Option<Looks>,
    pub(crate) functions: Vec<LinedFunction>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LinesMode {
    Counts,
    Sample,
    Time,
}

/// How often a thread of ours looked which lines were current.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Looks {
    pub(crate) hz: u32,
    /// How many looks the session is long.
    pub(crate) expected: f64,
    pub(crate) taken: u64,
    /// Those that came with another one, because our thread had no core meanwhile.
    pub(crate) merged: u64,
    /// Looks at threads that were in none of the functions.
    pub(crate) outside: u64,
}

/// A function whose lines are told apart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LinedFunction {
    pub(crate) name: String,
    pub(crate) file: String,
    pub(crate) line: u32,
    /// The line of the source's first line.
    pub(crate) first: u32,
    /// The body, with its braces.
    pub(crate) source: String,
    /// In the order of the source.
    pub(crate) lines: Vec<LinePart>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LinePart {
    pub(crate) line: u32,
    pub(crate) hits: u64,
    /// For how long it was the current line; 0 where lines were only counted.
    pub(crate) elapsed_ns: f64,
    /// In how many looks it was the current line.
    pub(crate) samples: u64,
}

/// An event that the kernel counts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Counter {
    pub(crate) name: String,
    pub(crate) value: Option<u64>,
    /// For which share of the time it was counted.
    pub(crate) share: Option<f64>,
    /// Why there is no value.
    pub(crate) missing: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Overhead {
    pub(crate) inner_ns: f64,
    pub(crate) whole_ns: f64,
    pub(crate) untimed_ns: f64,
}

/// A function or a scope in the source.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Place {
    pub(crate) name: String,
    pub(crate) file: String,
    pub(crate) line: u32,
    pub(crate) kind: PlaceKind,
    /// One call in so many was timed.
    pub(crate) sample: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum PlaceKind {
    Function,
    Scope,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ThreadPart {
    pub(crate) name: String,
    /// From its first scope to its last.
    pub(crate) span_ns: f64,
    /// What recording cost it; it stands in no other figure.
    pub(crate) cost_ns: f64,
    pub(crate) lost: Lost,
    /// Those above before those below.
    pub(crate) paths: Vec<PathPart>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Lost {
    pub(crate) deep: u64,
    pub(crate) paths: u64,
    pub(crate) crossed: u64,
    pub(crate) backwards: u64,
}

/// A call path of a thread.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PathPart {
    /// The path that it was called from, by its place in the list; none for the outermost.
    pub(crate) parent: Option<usize>,
    pub(crate) function: usize,
    /// The path of the outer call, when this is a recursive one: what it calls is found there.
    pub(crate) outer: Option<usize>,
    pub(crate) calls: u64,
    pub(crate) primitive_calls: u64,
    /// How many calls were timed.
    pub(crate) timed: u64,
    /// How many calls were still open at the end; they count as if they had ended then.
    pub(crate) open: u64,
    /// Of all calls, with what they called.
    pub(crate) elapsed_ns: f64,
    /// The part of it that recursive calls took, inside of an outer call.
    pub(crate) nested_ns: f64,
    pub(crate) min_ns: f64,
    pub(crate) max_ns: f64,
    pub(crate) bytes: u64,
    pub(crate) blocks: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Memory {
    /// By how much more was live at the session's end than at its start.
    pub(crate) live_bytes: i64,
    /// The most that was live at once, over what was live when the session began.
    pub(crate) peak_bytes: i64,
    /// The process's high-water mark of resident memory, since it began.
    pub(crate) resident_bytes: Option<u64>,
    pub(crate) leaks: Option<Vec<Leak>>,
}

/// What one path allocated and nobody released.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Leak {
    /// From the outermost to the innermost; empty outside of all scopes.
    pub(crate) path: Vec<usize>,
    pub(crate) blocks: u64,
    pub(crate) bytes: u64,
}

/// Where threads were when they were asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Samples {
    pub(crate) hz: u32,
    /// How many samples the threads' lives are long.
    pub(crate) expected: f64,
    pub(crate) taken: u64,
    /// Those that came with another one, because the thread had no core meanwhile.
    pub(crate) merged: u64,
    /// Those for which there was no room.
    pub(crate) lost: u64,
    /// Those whose outermost functions are not known.
    pub(crate) cut: u64,
    pub(crate) seen_threads: u64,
    /// Those that the system had no timer for.
    pub(crate) unwatched_threads: u64,
    pub(crate) frames: Vec<Frame>,
    pub(crate) threads: Vec<SampleThread>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Frame {
    pub(crate) name: String,
    pub(crate) file: String,
}

/// All threads of one name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SampleThread {
    pub(crate) name: String,
    pub(crate) stacks: Vec<SampleStack>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SampleStack {
    /// From the outermost to the innermost.
    pub(crate) frames: Vec<usize>,
    /// Inside of the system.
    pub(crate) waits: bool,
    pub(crate) weight: u64,
}
