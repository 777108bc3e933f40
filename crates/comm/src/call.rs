//! What a communicator can be asked for, as it is recorded.

use std::fmt;
use std::panic::Location;

use crate::{Builtin, Operation, Source, Tag, Tags};

/// One call of a program, as [`Communicator::observe`](crate::Communicator::observe) sees it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Call {
    /// What is asked for.
    pub kind: CallKind,
    /// Whom it is sent to, or the root.
    pub to: Option<usize>,
    /// Whom it is received from.
    pub from: Option<Source>,
    /// The tag of what is sent.
    pub tag: Option<Tag>,
    /// The tag of what is received.
    pub want: Option<Tags>,
    /// How many bytes this rank brings.
    pub bytes: usize,
    /// How many bytes this rank has room for.
    pub room: usize,
    /// What it combines with, if that is built in.
    pub operation: Option<Builtin>,
    /// Of a non-blocking collective, and of the wait for it, its number among those of the thread.
    pub task: Option<u64>,
    /// Where the program asks for it.
    pub at: &'static Location<'static>,
}

impl Call {
    /// A call of the place that calls this.
    #[must_use]
    #[track_caller]
    pub fn new(kind: CallKind) -> Self {
        let at = Location::caller();
        let (to, from, tag, want) = (None, None, None, None);
        let (bytes, room, operation, task) = (0, 0, None, None);
        Self { kind, to, from, tag, want, bytes, room, operation, task, at }
    }

    /// The same, sending `data` to a rank.
    #[must_use]
    pub fn sends<T>(self, data: &[T], to: usize, tag: Tag) -> Self {
        Self { to: Some(to), tag: Some(tag), bytes: size_of_val(data), ..self }
    }

    /// The same, receiving into `room`.
    #[must_use]
    pub fn receives<T>(self, room: &[T], from: Source, want: Tags) -> Self {
        Self { from: Some(from), want: Some(want), room: size_of_val(room), ..self }
    }

    /// The same, as a collective with a root.
    #[must_use]
    pub fn root(self, root: usize) -> Self {
        Self { to: Some(root), ..self }
    }

    /// The same, with what this rank brings and has room for.
    #[must_use]
    pub fn moves<T, U>(self, data: &[T], room: &[U]) -> Self {
        Self { bytes: size_of_val(data), room: size_of_val(room), ..self }
    }

    /// The same, of the non-blocking collective with this number.
    #[must_use]
    pub fn of_task(self, task: u64) -> Self {
        Self { task: Some(task), ..self }
    }

    /// The same, combining with an operation.
    #[must_use]
    pub fn by<T>(self, operation: &impl Operation<T>) -> Self {
        Self { operation: operation.builtin(), ..self }
    }
}

macro_rules! kinds {
    ($($kind:ident $name:literal,)*) => {
        /// What a program asks a communicator for.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum CallKind {$(
            #[doc = concat!("`", $name, "`")]
            $kind,
        )*}

        impl CallKind {
            const ALL: &[Self] = &[$(Self::$kind,)*];

            /// The kind of this number in a file.
            pub(crate) fn numbered(number: u8) -> Option<Self> {
                Self::ALL.get(usize::from(number)).copied()
            }

            /// Its name, that of the method.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {$(Self::$kind => $name,)*}
            }
        }
    };
}

kinds! {
    Send "send", Ssend "ssend", Bsend "bsend", Rsend "rsend", Recv "recv", Sendrecv "sendrecv",
    Probe "probe", Mprobe "mprobe", Isend "isend", Issend "issend", Irecv "irecv", Wait "wait",
    Barrier "barrier", Bcast "bcast", Scatter "scatter", Gather "gather", Allgather "allgather",
    Alltoall "alltoall", Reduce "reduce", Allreduce "allreduce", Scan "scan", Exscan "exscan",
    ReduceScatter "reduce_scatter", Dup "dup", Split "split", Subset "subset", Start "start",
    Derive "derive", Window "window", Lock "lock", LockAll "lock_all", Epoch "epoch", Fence "fence",
    Local "local", Put "put", Get "get", Accumulate "accumulate", FetchAndOp "fetch_and_op",
    CompareAndSwap "compare_and_swap", Update "update", Flush "flush", SplitShared "split_shared",
    SharedWindow "shared_window", Publish "publish", Edit "edit", Free "free", OpenFile "open_file",
    ReadAt "read_at", WriteAt "write_at", ReadAtAll "read_at_all", WriteAtAll "write_at_all",
    WriteOrdered "write_ordered", SetLen "set_len", Bytes "bytes",
    Sync "sync", Ibarrier "ibarrier", Ibcast "ibcast", Iscatter "iscatter", Igather "igather",
    Iallgather "iallgather", Ialltoall "ialltoall", Ireduce "ireduce", Iallreduce "iallreduce",
    Iscan "iscan", Iexscan "iexscan", IreduceScatter "ireduce_scatter",
    NeighborAllgather "neighbor_allgather", NeighborAlltoall "neighbor_alltoall",
    Exchange "exchange",
}

impl fmt::Display for CallKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How many kinds, roots and numbers a tag tells apart: half of all tags, as many as programs have. With
/// number 0 they have 23 bits, as some systems want them. So do those of non-blocking collectives, each of which
/// has a stream of its own.
const KINDS: u32 = 128;
const ROOTS: u32 = 1 << 16;
const NUMBERS: u32 = 1 << 8;

impl CallKind {
    /// The tag of a collective's messages: what is called, with which root, and as which of all
    /// collectives.
    pub(crate) fn tag(self, root: usize, number: u32) -> Tag {
        let root = u32::try_from(root).unwrap_or(0) % ROOTS;
        self as u32 + KINDS * (root + ROOTS * (number % NUMBERS))
    }

    /// What is called, and with which root, as a tag says.
    pub(crate) fn of(tag: Tag) -> (Self, usize) {
        let kind = Self::ALL.get((tag % KINDS) as usize).copied().unwrap_or(Self::Barrier);
        (kind, (tag / KINDS % ROOTS) as usize)
    }

    /// Whether all ranks of a communicator call it together.
    #[must_use]
    pub fn is_collective(self) -> bool {
        use CallKind::{
            Allgather, Allreduce, Alltoall, Barrier, Bcast, Dup, Edit, Epoch, Exchange, Exscan,
            Fence, Free, Gather, NeighborAllgather, NeighborAlltoall, OpenFile, Publish, ReadAtAll,
            Reduce, ReduceScatter, Scan, Scatter, SetLen, SharedWindow, Split, SplitShared, Subset,
            Sync, Window, WriteAtAll, WriteOrdered,
        };
        self.is_nonblocking()
            || matches!(
                self,
                Allgather
                    | Allreduce
                    | Alltoall
                    | Barrier
                    | Bcast
                    | Dup
                    | Edit
                    | Epoch
                    | Exchange
                    | Exscan
                    | Fence
                    | Free
                    | Gather
                    | NeighborAllgather
                    | NeighborAlltoall
                    | OpenFile
                    | Publish
                    | ReadAtAll
                    | Reduce
                    | ReduceScatter
                    | Scan
                    | Scatter
                    | SetLen
                    | SharedWindow
                    | Split
                    | SplitShared
                    | Subset
                    | Sync
                    | Window
                    | WriteAtAll
                    | WriteOrdered
            )
    }

    /// Whether it is a collective that is waited for later.
    #[must_use]
    pub fn is_nonblocking(self) -> bool {
        use CallKind::{
            Iallgather, Iallreduce, Ialltoall, Ibarrier, Ibcast, Iexscan, Igather, Ireduce,
            IreduceScatter, Iscan, Iscatter,
        };
        matches!(
            self,
            Iallgather
                | Iallreduce
                | Ialltoall
                | Ibarrier
                | Ibcast
                | Iexscan
                | Igather
                | Ireduce
                | IreduceScatter
                | Iscan
                | Iscatter
        )
    }

    /// The same call, which does not wait.
    pub(crate) fn nonblocking(self) -> Self {
        match self {
            Self::Barrier => Self::Ibarrier,
            Self::Bcast => Self::Ibcast,
            Self::Scatter => Self::Iscatter,
            Self::Gather => Self::Igather,
            Self::Allgather => Self::Iallgather,
            Self::Alltoall => Self::Ialltoall,
            Self::Reduce => Self::Ireduce,
            Self::Allreduce => Self::Iallreduce,
            Self::Scan => Self::Iscan,
            Self::Exscan => Self::Iexscan,
            Self::ReduceScatter => Self::IreduceScatter,
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{CallKind, KINDS, NUMBERS};
    use crate::Tag;

    #[test]
    fn a_tag_says_what_is_called() {
        for &kind in CallKind::ALL {
            assert!((kind as u32) < KINDS);
            for number in [0, 1, NUMBERS - 1, NUMBERS, u32::MAX] {
                let tag = kind.tag(12, number);
                assert_eq!(CallKind::of(tag), (kind, 12));
                assert!(tag <= Tag::MAX / 2);
            }
            assert!(kind.tag(65_535, 0) < 1 << 23);
            assert_ne!(kind.tag(12, 3), kind.tag(12, 4));
        }
    }

    #[test]
    fn what_does_not_wait_has_the_name_with_an_i() {
        let kinds = CallKind::ALL.iter().filter(|kind| kind.nonblocking() != **kind);
        let names: Vec<_> = kinds.map(|kind| (kind.name(), kind.nonblocking().name())).collect();
        assert_eq!(names.len(), 11);
        assert!(names.iter().all(|(name, other)| format!("i{name}") == *other), "{names:?}");
    }
}
