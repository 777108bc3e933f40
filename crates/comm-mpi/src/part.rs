//! A window of MPI: memory of which each rank has a part.

use std::cell::RefCell;
use std::ffi::{c_int, c_void};
use std::ptr;

use mpi::ffi::{self, MPI_Aint, MPI_Comm, MPI_Info, MPI_Win};
use tenfold_comm::{CallKind, Communicator as _, Error, ErrorKind, Primitive, Result};

use crate::asked::{Ask, Asked, Span};
use crate::code::check;
use crate::communicator::MpiComm;
use crate::datatype::of_primitive;
use crate::raw;

/// The parts of all ranks, which all reach from the first to the last moment: there is one epoch, under a
/// shared lock of MPI of all parts. Places are in bytes from the start of a part. What this rank asks of one place
/// is done in the order in which it asks.
///
/// It has no `drop`: MPI frees a window when all ranks do, and a rank that waits for the others may wait for
/// ever. What is not freed by `free` is when all ranks have ended.
#[derive(Debug)]
pub(crate) struct Parts {
    window: MPI_Win,
    rank: usize,
    parts: Vec<Part>,
    /// Where the own part starts.
    own: *mut u8,
}

/// What is known of a rank's part.
#[derive(Debug)]
struct Part {
    /// So many bytes before it are there to align it.
    gap: usize,
    bytes: usize,
    /// What the own rank has asked it for.
    asked: Asked,
}

type Allocate =
    unsafe extern "C" fn(MPI_Aint, c_int, MPI_Info, MPI_Comm, *mut c_void, *mut MPI_Win) -> c_int;

/// As far as parts are aligned: no two are in one line of a cache.
const ALIGNMENT: usize = 64;

/// So many bytes go in one call, of which the count is a C `int`.
const MOST: usize = 1 << 30;

impl Parts {
    /// Each rank brings what its part begins with, and `head` bytes more before that, of zeros. A collective;
    /// when it comes back all parts are there.
    ///
    /// # Errors
    /// On every rank where it fails on one.
    pub(crate) fn new(comm: &MpiComm, head: usize, data: &[u8]) -> Result<Self> {
        let rank = comm.rank();
        let mut all = vec![0; comm.size()];
        let is_node = comm.firsts()?.iter().all(|&first| first == 0);
        // MPI's own collectives come after ours: who waits in those takes nothing that others send here.
        comm.allgather(&[head + data.len()], &mut all)?;
        let made = Self::allocate(comm.as_raw()?, (head, data), is_node);
        let mine = match &made {
            Ok((_, gap, _)) => [0, *gap as u64],
            Err(error) => [code_of(error) as u64, 0],
        };
        let mut theirs = vec![[0; 2]; comm.size()];
        comm.allgather(&[mine], &mut theirs)?;
        let (window, _, own) = made?;
        for [code, _] in &theirs {
            check("MPI_Win_allocate", *code as c_int)?;
        }
        let parts = all.into_iter().zip(theirs);
        let part = |(bytes, [_, gap]): (usize, [u64; 2])| Part {
            gap: gap as usize,
            bytes,
            asked: Asked::default(),
        };
        comm.session.windows.0.borrow_mut().push(window);
        Ok(Self { window, rank, parts: parts.map(part).collect(), own })
    }

    /// The window, the gap before the own part, and where that starts.
    fn allocate(
        comm: MPI_Comm,
        (head, data): (usize, &[u8]),
        is_node: bool,
    ) -> Result<(MPI_Win, usize, *mut u8)> {
        let (window, start) = Self::allocate_bytes(comm, head + data.len() + ALIGNMENT, is_node)?;
        check_model(window)?;
        let gap = start.align_offset(ALIGNMENT);
        // SAFETY: there are so many bytes more than the part.
        let own = unsafe { start.add(gap) };
        // SAFETY: so many bytes and more, before others know of them.
        unsafe { ptr::write_bytes(own, 0, head) };
        // SAFETY: as above.
        let part = unsafe { own.add(head) };
        // SAFETY: as above; the data lies elsewhere.
        unsafe { ptr::copy_nonoverlapping(data.as_ptr(), part, data.len()) };
        // SAFETY: a window all of whose parts are locked.
        check("MPI_Win_sync", unsafe { ffi::MPI_Win_sync(window) })?;
        Ok((window, gap, own))
    }

    /// So many bytes, which other processes see too where all are on one node. There it is the shorter way;
    /// and Open MPI 4.1 by the other gives two windows one file, which are made at the same time by
    /// communicators that have no rank in common.
    fn allocate_bytes(comm: MPI_Comm, bytes: usize, is_node: bool) -> Result<(MPI_Win, *mut u8)> {
        let mut start: *mut c_void = ptr::null_mut();
        // SAFETY: constants.
        let (mut window, info) = unsafe { (ffi::RSMPI_WIN_NULL, ffi::RSMPI_INFO_NULL) };
        let (call, allocate): (_, Allocate) = if is_node {
            ("MPI_Win_allocate_shared", ffi::MPI_Win_allocate_shared)
        } else {
            ("MPI_Win_allocate", ffi::MPI_Win_allocate)
        };
        // No more than memory has. MPICH 4.0 reaches parts beside their place that follow on odd ones.
        let (bytes, place) =
            (bytes.next_multiple_of(ALIGNMENT) as MPI_Aint, (&raw mut start).cast());
        // SAFETY: a communicator; MPI writes a pointer and a handle.
        let code = unsafe { allocate(bytes, 1, info, comm, place, &raw mut window) };
        check(call, code)?;
        // SAFETY: the window that was just made.
        let code = unsafe { ffi::MPI_Win_set_errhandler(window, ffi::RSMPI_ERRORS_RETURN) };
        check("MPI_Win_set_errhandler", code)?;
        let alone = ffi::MPI_MODE_NOCHECK as c_int;
        // SAFETY: as above; nobody has another lock of it, ever.
        check("MPI_Win_lock_all", unsafe { ffi::MPI_Win_lock_all(alone, window) })?;
        Ok((window, start.cast()))
    }

    /// Where the own part starts, at a multiple of 64 bytes.
    pub(crate) fn own(&self) -> *mut u8 {
        self.own
    }

    /// Where this process sees a rank's part, of a window that is shared: at a multiple of 64 bytes.
    ///
    /// # Errors
    /// [`Unsupported`](ErrorKind::Unsupported) where what MPI shows is not that part.
    pub(crate) fn query(&self, rank: usize) -> Result<*mut u8> {
        let (mut bytes, mut unit, mut start): (_, _, *mut c_void) = (0, 0, ptr::null_mut());
        let (size, place) = (&raw mut bytes, (&raw mut start).cast());
        // SAFETY: a rank of the window; MPI writes two numbers and a pointer.
        let code = unsafe {
            ffi::MPI_Win_shared_query(self.window, rank as c_int, size, &raw mut unit, place)
        };
        check("MPI_Win_shared_query", code)?;
        let Part { gap, bytes: needed, .. } = self.parts[rank];
        let has_room = usize::try_from(bytes).is_ok_and(|bytes| bytes >= gap + needed);
        let place = start.cast::<u8>().wrapping_add(gap);
        // Memory is shared by pages, so that a part is aligned here where it is at its own rank.
        let is_aligned = place.addr().is_multiple_of(ALIGNMENT);
        if start.is_null() || !has_room || unit != 1 || !is_aligned {
            return Err(ErrorKind::Unsupported { call: CallKind::SharedWindow }.into());
        }
        Ok(place)
    }

    /// Where so many bytes at `at` of a rank's part are, for MPI.
    fn place(&self, rank: usize, at: usize, bytes: usize) -> (c_int, MPI_Aint) {
        let part = &self.parts[rank];
        let is_inside = at.checked_add(bytes).is_some_and(|end| end <= part.bytes);
        assert!(is_inside, "checked before");
        (rank as c_int, (part.gap + at) as MPI_Aint)
    }

    /// Lets what was asked for before be done, where this would meet it.
    fn ask(&self, ask: Ask, rank: usize, at: usize, bytes: usize) -> Result<()> {
        let (asked, span) = (&self.parts[rank].asked, Span::new(at, bytes));
        if asked.is_in_the_way(ask, span) {
            self.flush(rank)?;
        }
        asked.note(ask, span);
        Ok(())
    }

    /// Copies bytes to a rank's part. They are there after a `flush`.
    pub(crate) fn put(&self, data: &[u8], rank: usize, at: usize) -> Result<()> {
        self.ask(Ask::Put, rank, at, data.len())?;
        let mut chunks = data.chunks(MOST).enumerate();
        let put = chunks.try_for_each(|(n, data)| {
            let (to, place) = self.place(rank, at + n * MOST, data.len());
            let (start, count) = (data.as_ptr().cast(), data.len() as c_int);
            // SAFETY: so many bytes, which are borrowed until `done` has come back; the place is inside.
            let code = unsafe {
                let byte = ffi::RSMPI_UINT8_T;
                ffi::MPI_Put(start, count, byte, to, place, count, byte, self.window)
            };
            check("MPI_Put", code)
        });
        self.done(rank);
        put
    }

    /// Fills bytes from a rank's part.
    pub(crate) fn get(&self, room: &mut [u8], rank: usize, at: usize) -> Result<()> {
        self.ask(Ask::Get, rank, at, room.len())?;
        let mut chunks = room.chunks_mut(MOST).enumerate();
        let got = chunks.try_for_each(|(n, room)| {
            let (from, place) = self.place(rank, at + n * MOST, room.len());
            let (start, count) = (room.as_mut_ptr().cast(), room.len() as c_int);
            // SAFETY: as above; they are borrowed alone.
            let code = unsafe {
                let byte = ffi::RSMPI_UINT8_T;
                ffi::MPI_Get(start, count, byte, from, place, count, byte, self.window)
            };
            check("MPI_Get", code)
        });
        self.done(rank);
        got
    }

    /// Adds numbers to those of a rank, each in one step.
    pub(crate) fn add(
        &self,
        data: &[u8],
        primitive: Primitive,
        rank: usize,
        at: usize,
    ) -> Result<()> {
        let (size, datatype) = (primitive.layout().bytes(), of_primitive(unsigned(primitive)));
        assert!(at.is_multiple_of(size), "a part has numbers where they belong");
        self.ask(Ask::Add, rank, at, data.len())?;
        let mut chunks = data.chunks(MOST).enumerate();
        let added = chunks.try_for_each(|(n, data)| {
            let (to, place) = self.place(rank, at + n * MOST, data.len());
            let (start, count) = (data.as_ptr().cast(), (data.len() / size) as c_int);
            // SAFETY: as for `put`.
            let code = unsafe {
                let (sum, window) = (ffi::RSMPI_SUM, self.window);
                ffi::MPI_Accumulate(start, count, datatype, to, place, count, datatype, sum, window)
            };
            check("MPI_Accumulate", code)
        });
        self.done(rank);
        added
    }

    /// Adds one number to one of a rank, in one step; what was there before comes to `room`.
    pub(crate) fn fetch_add(
        &self,
        (data, room): (&[u8], &mut [u8]),
        primitive: Primitive,
        rank: usize,
        at: usize,
    ) -> Result<()> {
        let (size, datatype) = (primitive.layout().bytes(), of_primitive(unsigned(primitive)));
        assert!(data.len() == size && room.len() == size, "checked before");
        assert!(at.is_multiple_of(size), "a part has numbers where they belong");
        self.ask(Ask::Add, rank, at, size)?;
        let (to, place) = self.place(rank, at, size);
        let (start, room) = (data.as_ptr().cast(), room.as_mut_ptr().cast());
        // SAFETY: one number each, borrowed until `done` has come back; the place is inside.
        let code = unsafe {
            ffi::MPI_Fetch_and_op(start, room, datatype, to, place, ffi::RSMPI_SUM, self.window)
        };
        self.done(rank);
        check("MPI_Fetch_and_op", code)
    }

    /// Waits until MPI has done with this rank's buffers. Where that fails it may have them for ever: there is
    /// no going on.
    fn done(&self, rank: usize) {
        // SAFETY: a rank of the window, all parts of which are locked.
        let code = unsafe { ffi::MPI_Win_flush_local(rank as c_int, self.window) };
        if let Err(error) = check("MPI_Win_flush_local", code) {
            raw::abort(format_args!("a window of MPI: {error:#}"));
        }
    }

    /// Waits until all is done that this rank has asked a rank for.
    pub(crate) fn flush(&self, rank: usize) -> Result<()> {
        // SAFETY: as above.
        check("MPI_Win_flush", unsafe { ffi::MPI_Win_flush(rank as c_int, self.window) })?;
        self.parts[rank].asked.clear();
        Ok(())
    }

    /// Has loads find what others have put, and others what was stored.
    pub(crate) fn sync(&self) -> Result<()> {
        // SAFETY: as above.
        check("MPI_Win_sync", unsafe { ffi::MPI_Win_sync(self.window) })
    }

    pub(crate) fn rank(&self) -> usize {
        self.rank
    }

    /// So many bytes the part of a rank has.
    pub(crate) fn bytes(&self, rank: usize) -> usize {
        self.parts[rank].bytes
    }

    /// Frees the memory of all. A collective; all ranks have come to it.
    pub(crate) fn free(self, windows: &Windows) -> Result<()> {
        windows.0.borrow_mut().retain(|&window| window != self.window);
        free(self.window)
    }
}

/// The windows of a process that are not freed, in the order in which they were made: so do all ranks that
/// have two of them together.
#[derive(Debug, Default)]
pub(crate) struct Windows(RefCell<Vec<MPI_Win>>);

impl Windows {
    /// Frees what is left. To be called before MPI ends, when all ranks do, and when none has borrowed of it.
    pub(crate) fn end(&self) -> Result<()> {
        self.0.take().into_iter().try_for_each(free)
    }
}

fn free(mut window: MPI_Win) -> Result<()> {
    // SAFETY: a window that is locked, see `allocate`.
    check("MPI_Win_unlock_all", unsafe { ffi::MPI_Win_unlock_all(window) })?;
    // SAFETY: nobody has borrowed of the memory, say the callers, and nobody uses it any more.
    check("MPI_Win_free", unsafe { ffi::MPI_Win_free(&raw mut window) })
}

/// That what others put is what loads find after a `sync`, also where others put beside it.
fn check_model(window: MPI_Win) -> Result<()> {
    /// `MPI_WIN_SEPARATE`, which Open MPI and MPICH number alike and declare in different ways.
    const SEPARATE: c_int = 1;
    let (mut value, mut is_set): (*const c_int, c_int) = (ptr::null(), 0);
    let (key, place_of) = (ffi::MPI_WIN_MODEL as c_int, (&raw mut value).cast());
    // SAFETY: of this key MPI writes a pointer to a number of its own.
    let code = unsafe { ffi::MPI_Win_get_attr(window, key, place_of, &raw mut is_set) };
    check("MPI_Win_get_attr", code)?;
    // SAFETY: see above.
    if is_set != 0 && unsafe { *value } != SEPARATE {
        return Ok(());
    }
    Err(ErrorKind::Unsupported { call: CallKind::Window }.into())
}

/// Numbers with the same sums, which wrap around: in C those of signed ones need not.
fn unsigned(primitive: Primitive) -> Primitive {
    match primitive {
        Primitive::I8 => Primitive::U8,
        Primitive::I16 => Primitive::U16,
        Primitive::I32 => Primitive::U32,
        Primitive::I64 | Primitive::Isize => Primitive::U64,
        other => other,
    }
}

/// What MPI came back with.
fn code_of(error: &Error) -> c_int {
    match error.kind() {
        ErrorKind::System { code, .. } => code,
        _ => ffi::MPI_ERR_OTHER as c_int,
    }
}
