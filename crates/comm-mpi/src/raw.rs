//! Single calls of MPI, and its constants.
//!
//! All are for a process in which MPI is at work: those who call have a session, or are about to make one.

use std::ffi::c_int;
use std::fs::File;
use std::io::Write as _;
use std::os::fd::AsFd as _;
use std::os::unix::fs::FileTypeExt as _;
use std::thread;
use std::time::{Duration, Instant};

use mpi::ffi::{self, MPI_Comm, MPI_Request, MPI_Status};
use tenfold_comm::{Result, Tag};

use crate::code::check;

/// The communicator of all ranks.
pub(crate) fn world() -> MPI_Comm {
    // SAFETY: a constant, which MPI sets before it is started.
    unsafe { ffi::RSMPI_COMM_WORLD }
}

/// The source that is any rank.
pub(crate) fn any_source() -> c_int {
    // SAFETY: as above.
    unsafe { ffi::RSMPI_ANY_SOURCE }
}

/// A status to be written to.
pub(crate) fn no_status() -> MPI_Status {
    // SAFETY: a struct of integers.
    unsafe { std::mem::zeroed() }
}

/// The request of nothing.
pub(crate) fn no_request() -> MPI_Request {
    // SAFETY: a constant, which MPI sets before it is started.
    unsafe { ffi::RSMPI_REQUEST_NULL }
}

/// Whether a request is done; it is freed then.
pub(crate) fn is_done(request: &mut MPI_Request) -> Result<bool> {
    let mut is_done = 0;
    // SAFETY: a request that nobody else has; MPI writes to `is_done`, and to no status.
    let code = unsafe { ffi::MPI_Test(request, &raw mut is_done, ffi::RSMPI_STATUS_IGNORE) };
    check("MPI_Test", code)?;
    Ok(is_done != 0)
}

/// Takes a receive back, or lets it end.
pub(crate) fn cancel(request: &mut MPI_Request) {
    // SAFETY: a receive that nobody else has.
    unsafe { ffi::MPI_Cancel(request) };
    // SAFETY: as above: MPI says that this does not take long.
    unsafe { ffi::MPI_Wait(request, ffi::RSMPI_STATUS_IGNORE) };
}

/// Frees a request, which MPI may still have under way.
pub(crate) fn free_request(request: &mut MPI_Request) {
    // SAFETY: a request that nobody else has.
    unsafe { ffi::MPI_Request_free(request) };
}

/// Has a communicator give errors back, and not end the job.
pub(crate) fn returns_errors(comm: MPI_Comm) -> Result<()> {
    // SAFETY: `comm` is a communicator.
    let code = unsafe { ffi::MPI_Comm_set_errhandler(comm, ffi::RSMPI_ERRORS_RETURN) };
    check("MPI_Comm_set_errhandler", code)
}

/// A communicator of the same ranks. A collective.
pub(crate) fn duplicate(comm: MPI_Comm) -> Result<MPI_Comm> {
    let mut twin = comm;
    // SAFETY: as above; MPI writes one handle.
    check("MPI_Comm_dup", unsafe { ffi::MPI_Comm_dup(comm, &raw mut twin) })?;
    returns_errors(twin)?;
    Ok(twin)
}

/// A communicator of some ranks of the world, which all call this, and nobody else.
pub(crate) fn of_group(members: &[usize]) -> Result<MPI_Comm> {
    let ranks: Vec<c_int> = members.iter().map(|&rank| rank as c_int).collect();
    let (mut comm, count) = (world(), ranks.len() as c_int);
    // SAFETY: a constant.
    let mut all = unsafe { ffi::RSMPI_GROUP_NULL };
    let mut group = all;
    // SAFETY: MPI writes one handle.
    check("MPI_Comm_group", unsafe { ffi::MPI_Comm_group(world(), &raw mut all) })?;
    // SAFETY: there are so many ranks; MPI writes one handle.
    let code = unsafe { ffi::MPI_Group_incl(all, count, ranks.as_ptr(), &raw mut group) };
    check("MPI_Group_incl", code)?;
    // SAFETY: as above.
    let code = unsafe { ffi::MPI_Comm_create_group(world(), group, 0, &raw mut comm) };
    check("MPI_Comm_create_group", code)?;
    for mut group in [all, group] {
        // SAFETY: a handle that was made here.
        unsafe { ffi::MPI_Group_free(&raw mut group) };
    }
    returns_errors(comm)?;
    Ok(comm)
}

/// Which rank of a communicator is the first of those that can have memory together with this one.
/// A collective.
pub(crate) fn first_of_node(comm: MPI_Comm, rank: usize) -> Result<usize> {
    let (mut node, key) = (comm, rank as c_int);
    // SAFETY: constants.
    let (shared, info) = unsafe { (ffi::RSMPI_COMM_TYPE_SHARED, ffi::RSMPI_INFO_NULL) };
    // SAFETY: `comm` is a communicator; MPI writes one handle.
    let code = unsafe { ffi::MPI_Comm_split_type(comm, shared, key, info, &raw mut node) };
    check("MPI_Comm_split_type", code)?;
    returns_errors(node)?;
    // SAFETY: a constant.
    let mut groups = [unsafe { ffi::RSMPI_GROUP_NULL }; 2];
    for (comm, group) in [node, comm].into_iter().zip(&mut groups) {
        // SAFETY: as above.
        check("MPI_Comm_group", unsafe { ffi::MPI_Comm_group(comm, group) })?;
    }
    let (first, mut place) = (0, 0);
    let [of_node, of_comm] = groups;
    // SAFETY: one rank of the first group; MPI writes one of the second.
    let code = unsafe {
        ffi::MPI_Group_translate_ranks(of_node, 1, &raw const first, of_comm, &raw mut place)
    };
    check("MPI_Group_translate_ranks", code)?;
    for mut group in groups {
        // SAFETY: a handle that was made here.
        unsafe { ffi::MPI_Group_free(&raw mut group) };
    }
    free(node);
    Ok(place as usize)
}

/// Frees a communicator.
pub(crate) fn free(mut comm: MPI_Comm) {
    // SAFETY: as above; the caller does not use it any more.
    unsafe { ffi::MPI_Comm_free(&raw mut comm) };
}

pub(crate) fn rank() -> Result<usize> {
    let mut rank = 0;
    // SAFETY: MPI writes one number.
    check("MPI_Comm_rank", unsafe { ffi::MPI_Comm_rank(world(), &raw mut rank) })?;
    Ok(rank as usize)
}

pub(crate) fn size() -> Result<usize> {
    let mut size = 0;
    // SAFETY: as above.
    check("MPI_Comm_size", unsafe { ffi::MPI_Comm_size(world(), &raw mut size) })?;
    Ok(size as usize)
}

/// The largest tag of MPI: at least 32767, says the standard.
pub(crate) fn max_tag() -> Result<Tag> {
    let (mut value, mut is_set): (*const c_int, c_int) = (std::ptr::null(), 0);
    let key = ffi::MPI_TAG_UB as c_int;
    let place = (&raw mut value).cast();
    // SAFETY: of this key MPI writes a pointer to a number of its own.
    let code = unsafe { ffi::MPI_Comm_get_attr(world(), key, place, &raw mut is_set) };
    check("MPI_Comm_get_attr", code)?;
    if is_set == 0 {
        return Ok(32767);
    }
    // SAFETY: see above.
    Ok(unsafe { *value } as Tag)
}

/// How long a launcher has to read a message before it ends all ranks, and to hand it on.
const TIME_TO_READ: Duration = Duration::from_secs(5);
const TIME_TO_HAND_ON: Duration = Duration::from_millis(100);

/// Whether something that was written to stderr is still in the pipe to the launcher.
fn is_unread() -> bool {
    let Ok(pipe) = std::io::stderr().as_fd().try_clone_to_owned().map(File::from) else {
        return false;
    };
    // Of a terminal it would tell what was typed, of a file what is behind.
    pipe.metadata().is_ok_and(|about| about.file_type().is_fifo())
        && rustix::io::ioctl_fionread(&pipe).is_ok_and(|bytes| bytes > 0)
}

/// Ends all ranks, with a message.
pub(crate) fn abort(why: std::fmt::Arguments<'_>) -> ! {
    // One that cannot be written ends the job all the same.
    let written = std::io::stderr().write_all(format!("{why}\n").as_bytes());
    // MPICH's launcher reads no further when it hears of the end: one message in twenty was lost.
    let since = Instant::now();
    while written.is_ok() && is_unread() && since.elapsed() < TIME_TO_READ {
        thread::sleep(Duration::from_millis(1));
    }
    thread::sleep(TIME_TO_HAND_ON);
    // SAFETY: MPI is at work.
    unsafe { ffi::MPI_Abort(world(), 1) };
    std::process::exit(1)
}
