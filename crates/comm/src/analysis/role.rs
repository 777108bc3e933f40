//! Who waits for whom in a call, by its kind.

use crate::{CallKind, Event, Outcome};

/// What a call does to other ranks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// It sends.
    Send,
    /// It receives.
    Receive,
    /// It does both.
    Both,
    /// It waits for a request.
    Wait,
    /// It is one of a collective.
    Collective(Direction),
    /// It concerns nobody else, as far as is known: windows, files, errors.
    Alone,
}

/// Who waits for whom in a collective.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    /// All for all.
    All,
    /// Each for some of the others, and it is not recorded for which.
    Near,
    /// All for the root.
    FromRoot,
    /// The root for all.
    ToRoot,
    /// Each for those before it.
    Upward,
}

/// What a call does.
pub(super) fn role(event: &Event) -> Role {
    if event.outcome != Outcome::Done {
        return Role::Alone;
    }
    match event.kind {
        CallKind::Send | CallKind::Ssend | CallKind::Bsend | CallKind::Rsend => Role::Send,
        CallKind::Isend | CallKind::Issend => Role::Send,
        CallKind::Start if event.to < Event::ANY => Role::Send,
        CallKind::Recv | CallKind::Mprobe | CallKind::Irecv | CallKind::Start => Role::Receive,
        CallKind::Sendrecv => Role::Both,
        CallKind::Wait => Role::Wait,
        kind => direction(kind).map_or(Role::Alone, Role::Collective),
    }
}

fn direction(kind: CallKind) -> Option<Direction> {
    use CallKind as K;
    Some(match kind {
        K::Bcast | K::Scatter | K::Ibcast | K::Iscatter => Direction::FromRoot,
        K::Gather | K::Reduce | K::Igather | K::Ireduce => Direction::ToRoot,
        K::Scan | K::Exscan | K::Iscan | K::Iexscan => Direction::Upward,
        K::Barrier | K::Allgather | K::Alltoall | K::Allreduce | K::ReduceScatter => Direction::All,
        K::Ibarrier | K::Iallgather | K::Ialltoall | K::Iallreduce => Direction::All,
        K::IreduceScatter | K::Split | K::SplitShared => Direction::All,
        K::NeighborAllgather | K::NeighborAlltoall | K::Exchange => Direction::Near,
        K::Dup | K::Subset | K::Derive => Direction::Near,
        K::Window | K::SharedWindow | K::Epoch | K::Fence | K::Free => Direction::All,
        K::Publish | K::Edit | K::OpenFile | K::ReadAtAll | K::WriteAtAll => Direction::All,
        K::WriteOrdered | K::SetLen | K::Sync => Direction::All,
        _ => return None,
    })
}

/// Whether the call comes back before what it has started is done.
pub(super) fn starts(event: &Event) -> bool {
    use CallKind as K;
    match event.kind {
        K::Isend | K::Issend | K::Irecv | K::Start => true,
        // One that goes on while its program does something else is waited for.
        K::Exchange => event.request().is_some(),
        kind => kind.is_nonblocking(),
    }
}

/// Whether it runs an operation of the program, which may itself make calls.
pub(super) fn runs_operation(event: &Event) -> bool {
    use CallKind as K;
    matches!(
        event.kind,
        K::Reduce
            | K::Allreduce
            | K::ReduceScatter
            | K::Scan
            | K::Exscan
            | K::Ireduce
            | K::Iallreduce
            | K::IreduceScatter
            | K::Iscan
            | K::Iexscan
    )
}
