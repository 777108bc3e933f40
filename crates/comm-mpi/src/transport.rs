//! What goes through MPI: headers, with the message where it is small, and bodies.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::ffi::c_int;
use std::mem::MaybeUninit;
use std::rc::Rc;

use mpi::ffi::{self, MPI_Comm, MPI_Request};
use tenfold_comm::{ErrorKind, Layout, RecvBuffer, Result, SendBuffer};

use crate::code::check;
use crate::datatype::{Datatypes, Elements};
use crate::header::{Header, Kind};
use crate::memory::{Bytes, bytes, copied};
use crate::orphans::Orphans;
use crate::raw::{self, no_request};

/// A message with its header: so much as implementations of MPI send without asking the receiver first.
/// Open MPI does up to 4096 bytes with a header of its own, between processes of one machine.
const FRAME: usize = 4000;

/// So many bytes come with their header.
pub(crate) const SMALL: usize = FRAME - Header::BYTES;

/// So many receives wait for headers.
const RING: usize = 4;

type Frame = [MaybeUninit<u8>; FRAME];

/// Sends and receives of MPI.
#[derive(Debug)]
pub(crate) struct Transport {
    headers: MPI_Comm,
    bodies: MPI_Comm,
    ring: RefCell<Ring>,
    /// A frame that MPI does not use.
    spare: RefCell<Option<Box<Frame>>>,
    tags: Rc<BodyTags>,
    datatypes: Datatypes,
    /// Sends.
    pub(crate) orphans: Orphans,
    /// Receives of what nobody wants. Their senders wait.
    pub(crate) discards: Orphans,
}

/// The tags of bodies: none has two that are under way, for then a receive that knows the size of one could
/// get the other. A body is sent in synchronous mode: MPI says that it is done when its receive has met it, and not
/// when a copy lies at the receiver, which may ask for it when all tags have been used once more.
#[derive(Debug)]
struct BodyTags {
    next: Cell<u32>,
    last: u32,
    busy: RefCell<HashSet<u32>>,
}

/// The tag of a body that is under way.
#[derive(Debug)]
pub(crate) struct BodyTag {
    pub(crate) tag: u32,
    tags: Rc<BodyTags>,
}

impl BodyTags {
    fn take(self: &Rc<Self>) -> Result<BodyTag> {
        let mut busy = self.busy.borrow_mut();
        if busy.len() > self.last as usize {
            let must = "fewer: MPI has no tag for another one";
            let value = busy.len();
            return Err(ErrorKind::Value { argument: "open sends", value, must }.into());
        }
        loop {
            let tag = self.next.get();
            self.next.set(if tag == self.last { 0 } else { tag + 1 });
            if busy.insert(tag) {
                return Ok(BodyTag { tag, tags: Rc::clone(self) });
            }
        }
    }
}

impl Drop for BodyTag {
    fn drop(&mut self) {
        self.tags.busy.borrow_mut().remove(&self.tag);
    }
}

/// Receives for headers, that are met in turn.
#[derive(Debug)]
struct Ring {
    /// MPI writes to these as long as there are the requests.
    frames: [Box<Frame>; RING],
    requests: [MPI_Request; RING],
    /// Which is met next.
    next: usize,
    /// Whether the one before it was met and waits for nothing. It is started again when the next message is asked
    /// for: who has one goes on at once.
    is_idle: bool,
}

impl Ring {
    /// Starts the last again that was met.
    fn restart(&mut self) -> Result<()> {
        if self.is_idle {
            let request = &raw mut self.requests[(self.next + RING - 1) % RING];
            // SAFETY: a request that is done; its frame was read.
            check("MPI_Start", unsafe { ffi::MPI_Start(request) })?;
            self.is_idle = false;
        }
        Ok(())
    }
}

fn frame() -> Box<Frame> {
    Box::new([MaybeUninit::uninit(); FRAME])
}

impl Transport {
    /// Of two communicators of all ranks, and tags up to `last_body`.
    pub(crate) fn new(headers: MPI_Comm, bodies: MPI_Comm, last_body: u32) -> Result<Self> {
        let mut ring = Ring {
            frames: std::array::from_fn(|_| frame()),
            requests: [no_request(); RING],
            next: 0,
            is_idle: false,
        };
        for (frame, request) in ring.frames.iter_mut().zip(&mut ring.requests) {
            let (start, any) = (frame.as_mut_ptr().cast(), raw::any_source());
            // SAFETY: the frames and the requests live until `end` has cancelled them.
            let code = unsafe {
                let byte = ffi::RSMPI_UINT8_T;
                ffi::MPI_Recv_init(start, FRAME as c_int, byte, any, 0, headers, request)
            };
            check("MPI_Recv_init", code)?;
            // SAFETY: as above.
            check("MPI_Start", unsafe { ffi::MPI_Start(request) })?;
        }
        Ok(Self {
            headers,
            bodies,
            ring: RefCell::new(ring),
            spare: RefCell::default(),
            tags: Rc::new(BodyTags {
                next: Cell::new(0),
                last: last_body,
                busy: RefCell::default(),
            }),
            datatypes: Datatypes::default(),
            orphans: Orphans::default(),
            discards: Orphans::default(),
        })
    }

    /// Hands the next header that has come to `read`, with the sender and what came with it.
    pub(crate) fn next<R>(
        &self,
        read: impl FnOnce(Header, usize, &Bytes) -> R,
    ) -> Result<Option<R>> {
        let mut ring = self.ring.borrow_mut();
        ring.restart()?;
        let at = ring.next;
        let (mut is_there, mut status) = (0, raw::no_status());
        let request = &raw mut ring.requests[at];
        // SAFETY: a request of the ring; MPI writes to the two places.
        let code = unsafe { ffi::MPI_Test(request, &raw mut is_there, &raw mut status) };
        check("MPI_Test", code)?;
        if is_there == 0 {
            return Ok(None);
        }
        let (header, rest) = ring.frames[at].split_at(Header::BYTES);
        let header = header.as_ptr().cast::<[u8; Header::BYTES]>();
        // SAFETY: a header comes first in all that is sent here.
        let header = Header::read(unsafe { &*header });
        let sender = usize::try_from(status.MPI_SOURCE).unwrap_or(0);
        // A body does not come along, and what does is small.
        let result = header.map(|header| {
            let bytes = if header.kind == Kind::Whole { header.bytes as usize } else { 0 };
            read(header, sender, &rest[..bytes.min(SMALL)])
        });
        ring.next = (at + 1) % RING;
        ring.is_idle = true;
        Ok(result)
    }

    /// Sends a header, and what goes with it. MPI mostly copies it at once, and then its frame is the next one's.
    pub(crate) fn send(&self, to: usize, header: Header, bytes: &Bytes) -> Result<()> {
        let mut frame = self.spare.take().unwrap_or_else(frame);
        let mut first = [0; Header::BYTES];
        header.write(&mut first);
        let (start, rest) = frame.split_at_mut(Header::BYTES);
        start.copy_from_slice(&first.map(MaybeUninit::new));
        rest[..bytes.len()].copy_from_slice(bytes);
        let (all, mut request) = ((Header::BYTES + bytes.len()) as c_int, no_request());
        let start = frame.as_ptr().cast();
        // SAFETY: the frame has so many bytes, and lives until the request is done: see below.
        let code = unsafe {
            let byte = ffi::RSMPI_UINT8_T;
            ffi::MPI_Isend(start, all, byte, to as c_int, 0, self.headers, &raw mut request)
        };
        check("MPI_Isend", code)?;
        let is_done = raw::is_done(&mut request);
        if matches!(is_done, Ok(true)) {
            self.spare.replace(Some(frame));
        } else {
            self.orphans.adopt(request, frame);
        }
        is_done.map(drop)
    }

    /// Starts a barrier of all ranks.
    pub(crate) fn start_barrier(&self) -> Result<MPI_Request> {
        let mut request = no_request();
        // SAFETY: a communicator of all ranks; MPI writes one handle.
        let code = unsafe { ffi::MPI_Ibarrier(self.headers, &raw mut request) };
        check("MPI_Ibarrier", code)?;
        Ok(request)
    }

    /// A tag for a body.
    pub(crate) fn body_tag(&self) -> Result<BodyTag> {
        self.tags.take()
    }

    /// Offers a body.
    pub(crate) fn offer(
        &self,
        data: SendBuffer<'static>,
        place: (usize, u32),
    ) -> Result<MPI_Request> {
        let elements = self.elements(data.count(), data.layout())?;
        self.offer_from(data.as_ptr(), elements, place)
    }

    fn offer_from(
        &self,
        start: *const u8,
        Elements { count, datatype }: Elements,
        (to, body): (usize, u32),
    ) -> Result<MPI_Request> {
        let (start, comm, mut request) = (start.cast(), self.bodies, no_request());
        let (to, tag) = (to as c_int, body as c_int);
        // SAFETY: so many elements, which are there as long as the request is: those of an `MpiPending`, or of
        // an orphan.
        let code =
            unsafe { ffi::MPI_Issend(start, count, datatype, to, tag, comm, &raw mut request) };
        check("MPI_Issend", code)?;
        Ok(request)
    }

    /// Offers a copy of a body.
    pub(crate) fn offer_copy(&self, data: &SendBuffer<'_>, to: usize, body: BodyTag) -> Result<()> {
        let copy = copied(bytes(data));
        let elements = self.elements(data.count(), data.layout())?;
        let request = self.offer_from(copy.as_ptr().cast(), elements, (to, body.tag))?;
        self.orphans.adopt(request, Box::new((copy, body)));
        Ok(())
    }

    /// Asks for a body, of which `count` elements are known to come.
    pub(crate) fn fetch(
        &self,
        room: &mut RecvBuffer<'static>,
        count: usize,
        (from, body): (usize, u32),
    ) -> Result<MPI_Request> {
        assert!(count <= room.count(), "checked before");
        let elements = self.elements(count, room.layout())?;
        self.fetch_to(room.as_mut_ptr(), elements, (from, body))
    }

    /// Asks for a body that nobody wants, so that its sender goes on.
    pub(crate) fn throw_away(
        &self,
        (count, bytes): (usize, usize),
        from: (usize, u32),
    ) -> Result<()> {
        let mut room: Box<Bytes> = Box::new_uninit_slice(bytes);
        // In elements as large as the sender's: MPI's counts have 31 bits.
        let elements = self.datatypes.bytes(count, bytes.checked_div(count).unwrap_or(0))?;
        let request = self.fetch_to(room.as_mut_ptr().cast(), elements, from)?;
        self.discards.adopt(request, Box::new(room));
        Ok(())
    }

    fn fetch_to(
        &self,
        start: *mut u8,
        Elements { count, datatype }: Elements,
        (from, body): (usize, u32),
    ) -> Result<MPI_Request> {
        let (comm, mut request) = (self.bodies, no_request());
        let (from, tag) = (from as c_int, body as c_int);
        // SAFETY: the callers have so much room, for as long as there is the request.
        let code = unsafe {
            ffi::MPI_Irecv(start.cast(), count, datatype, from, tag, comm, &raw mut request)
        };
        check("MPI_Irecv", code)?;
        Ok(request)
    }

    /// Lets some of those go that nobody waits for and that are done.
    pub(crate) fn tidy(&self) {
        self.orphans.look_at_some();
        self.discards.look_at_some();
    }

    /// That so many elements can be one message.
    pub(crate) fn elements(&self, count: usize, layout: Layout) -> Result<Elements> {
        self.datatypes.elements(count, layout)
    }

    /// Ends what MPI has under way, before MPI ends.
    pub(crate) fn end(&self) {
        for request in &mut self.ring.borrow_mut().requests {
            raw::cancel(request);
            raw::free_request(request);
        }
        self.orphans.forget();
        self.discards.forget();
        self.datatypes.free();
        raw::free(self.headers);
        raw::free(self.bodies);
    }
}
