//! What can go wrong with a call.

use std::error::Error as StdError;
use std::ffi::OsStr;
use std::fmt;

use crate::{Builtin, CallKind, Deadlock, Layout, Tag};

/// Why a call failed. [`kind`](Self::kind) has the particulars, `Display` a sentence with them. `{:#}` goes on with
/// what it comes from, one [`source`](StdError::source) after another.
///
/// ```
/// use tenfold_comm::{Error, FileMode, ParallelIo, World};
///
/// let missing = std::env::temp_dir().join("tenfold-comm-doc-nowhere").join("file");
/// let result = World::threads(1).run(|world| world.open_file(&missing, FileMode::Read).map(drop));
/// let error = result.unwrap_err();
/// assert_eq!(error.to_string(), "rank 0 failed: open_file failed on rank 0");
/// assert!(format!("{error:#}").contains("tenfold-comm-doc-nowhere"));
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    /// The sentence, where it holds what no kind can: a text that was given.
    sentence: Option<String>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// A [`Result`](std::result::Result) with an [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The kind of an [`Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A rank that the communicator does not have.
    Rank {
        /// The name of the argument.
        argument: &'static str,
        /// What was given.
        rank: usize,
        /// How many ranks there are.
        size: usize,
    },
    /// A tag above the largest.
    Tag {
        /// What was given.
        tag: Tag,
        /// The largest.
        max: Tag,
    },
    /// A buffer, or a list, of another length than the call needs.
    Length {
        /// The name of the argument.
        argument: &'static str,
        /// How many elements it has.
        len: usize,
        /// How many the call needs.
        needed: usize,
    },
    /// A value that an argument cannot have.
    Value {
        /// The name of the argument.
        argument: &'static str,
        /// What was given.
        value: usize,
        /// What it must be.
        must: &'static str,
    },
    /// A value that an argument's list cannot have where it has it.
    Item {
        /// The name of the argument.
        argument: &'static str,
        /// Where in the list, from 0.
        at: usize,
        /// What was given.
        value: usize,
        /// What it must be.
        must: &'static str,
    },
    /// A place that a group does not have.
    Member {
        /// The name of the argument.
        argument: &'static str,
        /// Where in the list, from 0.
        at: usize,
        /// What was given.
        place: usize,
        /// How many ranks the group has.
        size: usize,
    },
    /// A value that all ranks give, and one gives another than rank 0.
    Differs {
        /// The name of the argument.
        argument: &'static str,
        /// The first rank that gives another.
        rank: usize,
        /// What it gives.
        value: u64,
        /// What rank 0 gives.
        first: u64,
    },
    /// An environment variable that does not hold what it must. `Display` of the [`Error`] shows what it
    /// holds.
    Variable {
        /// Its name.
        variable: &'static str,
        /// What it must hold.
        must: &'static str,
    },
    /// A list of numbers that all together, added or multiplied, are more than a `usize` holds.
    Overflow {
        /// The name of the argument.
        argument: &'static str,
        /// The first place where they are.
        at: usize,
        /// What was given there.
        value: usize,
    },
    /// An axis that a grid does not have.
    Axis {
        /// What was given.
        axis: usize,
        /// How many it has.
        axes: usize,
    },
    /// A place outside a grid.
    Place {
        /// Along which axis.
        axis: usize,
        /// What was given.
        place: usize,
        /// The length of the axis.
        length: usize,
    },
    /// An axis of an array that has no room for its ghosts and as many layers to send.
    Ghosts {
        /// The name of the argument.
        argument: &'static str,
        /// Which axis.
        axis: usize,
        /// How many layers of ghosts there are on either side.
        width: usize,
        /// The length of the axis, with them.
        length: usize,
        /// What it must be at least.
        needed: usize,
    },
    /// A grid that is not one of a communicator's ranks.
    Grid {
        /// How many places it has.
        places: usize,
        /// How many ranks there are.
        size: usize,
    },
    /// The root of a broadcast gives nothing.
    NoValue {
        /// The root.
        root: usize,
    },
    /// A message is larger than the receiver's buffer. The sender is not told.
    Truncated {
        /// How many elements were sent.
        sent: usize,
        /// For how many there is room.
        room: usize,
        /// By whom.
        from: usize,
        /// With which tag.
        tag: Tag,
    },
    /// A message is of another type than the receiver's buffer. The sender is not told.
    Type {
        /// What was sent.
        sent: Layout,
        /// What the receiver expects.
        expected: Layout,
        /// By whom it was sent.
        from: usize,
        /// With which tag.
        tag: Tag,
    },
    /// Two ranks take part in a collective with different counts.
    CountMismatch {
        /// The collective.
        call: CallKind,
        /// What this rank expects of the other.
        expected: usize,
        /// What the other sent.
        sent: usize,
        /// The other.
        from: usize,
    },
    /// Two ranks called different collectives, or with different roots, on one communicator.
    CollectiveMismatch {
        /// What this rank called.
        here: CallKind,
        /// With which root.
        root: usize,
        /// What the other called.
        there: CallKind,
        /// With which root.
        their_root: usize,
        /// The other.
        from: usize,
    },
    /// Two ranks called the same collective, but not after as many others on one communicator: one before
    /// it did not fit together, and nobody was told.
    CollectiveOrder {
        /// The collective.
        call: CallKind,
        /// With which root.
        root: usize,
        /// The other.
        from: usize,
    },
    /// A rank makes communicators of other groups of ranks than another does.
    GroupMismatch {
        /// This rank.
        rank: usize,
        /// The other.
        from: usize,
    },
    /// Another rank has failed, and with it the world.
    RankFailed {
        /// Its rank in the world.
        rank: usize,
    },
    /// What is waited for can no longer come: its rank has ended.
    RankEnded {
        /// Its rank in the world; of several, the first.
        rank: usize,
    },
    /// A rank sends to itself, which waits for it to receive.
    SelfSend {
        /// The rank.
        rank: usize,
        /// How many bytes it sends.
        bytes: usize,
    },
    /// A rank waits for a message of its own, and there is none.
    SelfReceive {
        /// The rank.
        rank: usize,
    },
    /// A request was taken back.
    Cancelled,
    /// A persistent request is under way, and cannot be started.
    Active,
    /// A persistent request is not under way, and cannot be waited for.
    Inactive,
    /// A send in ready mode found nobody waiting for it.
    NotReady {
        /// To whom it was sent.
        to: usize,
        /// With which tag.
        tag: Tag,
    },
    /// A world of no ranks.
    NoRanks,
    /// A rank's thread cannot be started.
    Start {
        /// The rank.
        rank: usize,
    },
    /// The system below, MPI, says that a call failed. What it says of that is the source.
    System {
        /// Its name there.
        call: &'static str,
        /// What it came back with.
        code: i32,
    },
    /// The system below, MPI, can be started once, and was.
    Started,
    /// The system below, MPI, does not allow as many threads as asked for.
    ThreadLevel {
        /// What was asked for.
        wanted: &'static str,
        /// What it allows.
        allowed: &'static str,
    },
    /// Elements of a type that a call cannot take.
    Elements {
        /// How they lie in memory.
        layout: Layout,
        /// What they must be.
        must: &'static str,
    },
    /// Elements outside the part that a rank has of a window.
    Part {
        /// The rank.
        rank: usize,
        /// The first of them.
        at: usize,
        /// How many they are.
        count: usize,
        /// How many the rank has.
        len: usize,
    },
    /// A rank makes a window of other elements than another does.
    WindowType {
        /// The elements of this rank.
        layout: Layout,
        /// The other rank.
        from: usize,
    },
    /// An operation that other ranks' memory cannot be combined with: none of the built-in ones, or not one
    /// on numbers of this type.
    Operation {
        /// Which built-in one it is.
        builtin: Option<Builtin>,
        /// The type of the numbers.
        layout: Layout,
    },
    /// Ranks that have no memory together: they are on different nodes.
    Apart {
        /// A rank.
        rank: usize,
        /// The first of the ranks that are on another node.
        from: usize,
    },
    /// A lock is shared, and the call needs one that is exclusive.
    LockShared {
        /// Whose part is locked.
        rank: usize,
    },
    /// A call on a file failed on a rank. On that rank the source says why; on the others it is what the
    /// system told that rank, if it did.
    File {
        /// The call.
        call: CallKind,
        /// The rank.
        rank: usize,
    },
    /// A rank opens another file than another rank does, or in another mode.
    FileMismatch {
        /// The rank.
        rank: usize,
        /// The other.
        from: usize,
    },
    /// A file ends before what is read from it.
    ShortRead {
        /// Where it is read from, in bytes.
        offset: u64,
        /// How many bytes are wanted.
        wanted: usize,
        /// How many there are.
        got: usize,
    },
    /// A file is no trace that can be read, or a trace cannot be written to it.
    TraceFile {
        /// What it must be.
        must: &'static str,
    },
    /// Ranks wait for each other, and this one among them: [`Error::deadlock`] tells which, in which calls and
    /// where. Only in a world that is [traced](crate::World::traced).
    Deadlock {
        /// This rank, in the world.
        rank: usize,
    },
    /// A call that this system does not have.
    Unsupported {
        /// The call.
        call: CallKind,
    },
    /// An object cannot be written.
    Write,
    /// An object cannot be read from the bytes that came.
    Read {
        /// Who sent it.
        from: usize,
    },
}

impl Error {
    /// An error of this kind. For implementors of [`Communicator`](crate::Communicator).
    #[must_use]
    pub fn new(kind: ErrorKind) -> Self {
        Self(Box::new(Inner { kind, sentence: None, source: None }))
    }

    /// An error of this kind, caused by another.
    #[must_use]
    pub fn caused(kind: ErrorKind, source: impl StdError + Send + Sync + 'static) -> Self {
        Self(Box::new(Inner { kind, sentence: None, source: Some(Box::new(source)) }))
    }

    /// An error of this kind, whose sentence says more.
    pub(crate) fn told(kind: ErrorKind, sentence: String) -> Self {
        Self(Box::new(Inner { kind, sentence: Some(sentence), source: None }))
    }

    /// A variable of the environment that is none of what it must be.
    pub(crate) fn variable(variable: &'static str, must: &'static str, value: &OsStr) -> Self {
        let shown = clipped(&value.to_string_lossy());
        let sentence = format!("`{variable}` is {shown:?}, it must be {must}");
        Self::told(ErrorKind::Variable { variable, must }, sentence)
    }

    /// The ranks that wait for each other, where a call ended for that.
    #[must_use]
    pub fn deadlock(&self) -> Option<&Deadlock> {
        self.0.source.as_deref()?.downcast_ref()
    }

    /// The kind.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }
}

/// No more of it than fits on a line.
fn clipped(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{}..", &text[..end]),
        None => text.to_owned(),
    }
}

impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Self {
        Self::new(kind)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut tuple = f.debug_tuple("Error");
        tuple.field(&self.0.kind);
        if let Some(sentence) = &self.0.sentence {
            tuple.field(sentence);
        }
        if let Some(source) = &self.0.source {
            tuple.field(source);
        }
        tuple.finish()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.sentence {
            Some(sentence) => f.write_str(sentence)?,
            None => self.0.kind.fmt(f)?,
        }
        let mut source = self.source().filter(|_| f.alternate());
        while let Some(cause) = source {
            write!(f, ": {cause}")?;
            source = cause.source();
        }
        Ok(())
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Rank { argument, rank, size } => {
                write!(f, "`{argument}` is {rank}, but the communicator has {size} ranks, from 0")
            }
            Self::Tag { tag, max } => write!(f, "`tag` is {tag}, the largest is {max}"),
            Self::Length { argument, len, needed } => {
                write!(f, "`{argument}` has {len} elements, the call needs {needed}")
            }
            Self::Value { argument, value, must } => {
                write!(f, "`{argument}` is {value}, it must be {must}")
            }
            Self::Item { argument, at, value, must } => {
                write!(f, "`{argument}[{at}]` is {value}, it must be {must}")
            }
            Self::Member { argument, at, place, size } => {
                write!(f, "`{argument}[{at}]` is {place}, but the group has {size} ranks, from 0")
            }
            Self::Differs { argument, rank, value, first } => {
                write!(f, "`{argument}` is {value} on rank {rank}, it must be {first} as on rank 0")
            }
            Self::Variable { variable, must } => {
                write!(f, "the environment variable `{variable}` is not {must}")
            }
            Self::Overflow { argument, at, value } => write!(
                f,
                "`{argument}[{at}]` is {value}, and with it all are more than {}",
                usize::MAX
            ),
            Self::Axis { axis, axes } => {
                write!(f, "`axis` is {axis}, but the grid has {axes} axes, from 0")
            }
            Self::Place { axis, place, length } => write!(
                f,
                "`coordinates[{axis}]` is {place}, but the axis has {length} places, from 0"
            ),
            Self::Ghosts { argument, axis, width, length, needed } => write!(
                f,
                "`{argument}[{axis}]` is {length}, with ghosts of width {width} it must be at least {needed}"
            ),
            Self::Grid { places, size } => {
                write!(f, "the grid has {places} places, `comm` has {size} ranks")
            }
            Self::NoValue { root } => {
                write!(f, "`value` is None on rank {root}, which is the root and must give one")
            }
            Self::Truncated { sent, room, from, tag } => write!(
                f,
                "rank {from} sent {sent} elements with tag {tag}, the buffer has room for {room}"
            ),
            Self::Type { sent, expected, from, tag } => write!(
                f,
                "rank {from} sent elements of type {sent} with tag {tag}, the buffer is of {expected}"
            ),
            Self::CountMismatch { call, expected, sent, from } => write!(
                f,
                "{call}: rank {from} takes part with {sent} elements, this rank expects {expected}"
            ),
            Self::CollectiveMismatch { here, root, there, their_root, from } => write!(
                f,
                "this rank is in {here} with root {root}, rank {from} in {there} with root {their_root}"
            ),
            Self::CollectiveOrder { call, root, from } => write!(
                f,
                "{call} with root {root}: rank {from} sent for another one, as the ranks called \
                 different collectives before"
            ),
            Self::GroupMismatch { rank, from } => {
                write!(f, "rank {rank} makes a communicator of other ranks than rank {from}")
            }
            Self::RankFailed { rank } => write!(f, "rank {rank} of the world has failed"),
            Self::RankEnded { rank } => {
                write!(f, "rank {rank} of the world has ended, and what is waited for cannot come")
            }
            Self::SelfSend { rank, bytes } => write!(
                f,
                "rank {rank} sends {bytes} bytes to itself and would wait for itself to receive"
            ),
            Self::SelfReceive { rank } => {
                write!(f, "rank {rank} waits for a message of its own, and has sent none")
            }
            Self::Cancelled => f.write_str("the request was taken back"),
            Self::Active => f.write_str("the persistent request is under way already"),
            Self::Inactive => f.write_str("the persistent request was not started"),
            Self::NotReady { to, tag } => {
                write!(f, "a ready send found rank {to} not waiting for tag {tag}")
            }
            Self::NoRanks => f.write_str("a world has at least 1 rank, `ranks` is 0"),
            Self::Start { rank } => write!(f, "the thread of rank {rank} cannot be started"),
            Self::System { call, code } => write!(f, "{call} failed with code {code}"),
            Self::Started => f.write_str("MPI was started before, and can be once"),
            Self::ThreadLevel { wanted, allowed } => {
                write!(f, "MPI allows {allowed}, `level` is {wanted}")
            }
            Self::Elements { layout, must } => {
                write!(f, "the elements are {layout}, they must be {must}")
            }
            Self::Part { rank, at, count, len } => write!(
                f,
                "`at` is {at}, with {count} elements from there, but rank {rank} has {len}, from 0"
            ),
            Self::WindowType { layout, from } => {
                write!(f, "rank {from} makes a window of other elements than {layout}")
            }
            Self::Operation { builtin: Some(builtin), layout } => {
                write!(f, "`operation` is {builtin:?}, which is not built in for {layout}")
            }
            Self::Operation { builtin: None, layout } => {
                write!(f, "`operation` on {layout} is none of the built-in ones")
            }
            Self::Apart { rank, from } => {
                write!(
                    f,
                    "ranks {rank} and {from} have no memory together, being on different nodes"
                )
            }
            Self::LockShared { rank } => {
                write!(f, "the lock of rank {rank} is shared, the call needs an exclusive one")
            }
            Self::File { call, rank } => write!(f, "{call} failed on rank {rank}"),
            Self::FileMismatch { rank, from } => {
                write!(f, "rank {rank} opens another file, or in another mode, than rank {from}")
            }
            Self::ShortRead { offset, wanted, got } => write!(
                f,
                "`room` takes {wanted} bytes, the file has {got} from `offset`, which is {offset}"
            ),
            Self::Deadlock { rank } => {
                write!(f, "rank {rank} of the world waits for ever, as do those that it waits for")
            }
            Self::TraceFile { must } => write!(f, "the trace's file must be {must}"),
            Self::Unsupported { call } => write!(f, "this system has no {call}"),
            Self::Write => f.write_str("the object cannot be written"),
            Self::Read { from } => write!(f, "the object of rank {from} cannot be read"),
        }
    }
}
