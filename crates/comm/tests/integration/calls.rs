//! What a call is, to whom it is shown.

use std::cell::{Cell, RefCell};

use tenfold_comm::{
    Address, Call, CallKind, Communicator, Error, ErrorKind, RecvBuffer, Result, SendBuffer,
    Status, Sum, Tag, ThreadComm, ThreadMessage, ThreadPending, Want, World,
};

use crate::watchdog::in_time;

/// What was called, with whom, how many bytes, and on which line.
type Noting = (CallKind, Option<usize>, usize, u32);

/// A communicator that notes what is called.
struct Noted {
    inner: ThreadComm,
    calls: RefCell<Vec<Noting>>,
    /// What it does not do.
    refuses: Cell<Option<CallKind>>,
}

impl Noted {
    fn new(inner: ThreadComm) -> Self {
        Self { inner, calls: RefCell::default(), refuses: Cell::new(None) }
    }
}

// SAFETY: the inner communicator does it all.
unsafe impl Communicator for Noted {
    type Pending<'c> = ThreadPending<'c>;
    type Message<'c> = ThreadMessage<'c>;

    fn rank(&self) -> usize {
        self.inner.rank()
    }

    fn size(&self) -> usize {
        self.inner.size()
    }

    fn max_tag(&self) -> Tag {
        self.inner.max_tag()
    }

    fn start_send(&self, data: SendBuffer<'static>, to: Address) -> Result<ThreadPending<'_>> {
        self.inner.start_send(data, to)
    }

    fn start_receive(&self, room: RecvBuffer<'static>, want: Want) -> Result<ThreadPending<'_>> {
        self.inner.start_receive(room, want)
    }

    fn peek(&self, want: Want, wait: bool) -> Result<Option<Status>> {
        self.inner.peek(want, wait)
    }

    fn take(&self, want: Want, wait: bool) -> Result<Option<ThreadMessage<'_>>> {
        self.inner.take(want, wait)
    }

    fn derive(&self, groups: &[Vec<usize>]) -> Result<Option<Self>> {
        let inner = self.inner.derive(groups)?;
        Ok(inner.map(Self::new))
    }

    fn observe<R>(&self, call: &Call, body: impl FnOnce() -> Result<R>) -> Result<R> {
        assert!(call.at.file().ends_with("calls.rs"));
        if self.refuses.get() == Some(call.kind) {
            // Worse than dropping it: what it holds is never dropped.
            std::mem::forget(body);
            return Err(ErrorKind::Inactive.into());
        }
        self.calls.borrow_mut().push((call.kind, call.to, call.bytes, call.at.line()));
        body()
    }
}

#[test]
fn every_call_is_seen_once_and_from_where_it_came() {
    in_time("calls", || {
        World::threads(1)
            .run(|world| {
                let noted = Noted::new(world.dup()?);
                let first = line!();
                noted.send(&[1.0, 2.0], 0, 3)?;
                noted.recv(&mut [0.0; 2], 0, 3)?;
                noted.allreduce(&[1_u8; 5], &mut [0; 5], Sum)?;
                let request = noted.isend(vec![1_u32], 0, 3)?;
                noted.probe(0, 3)?;
                noted.recv(&mut [0_u32], 0, 3)?;
                request.wait()?;
                noted.dup()?;
                let calls = noted.calls.borrow();
                let kinds: Vec<CallKind> = calls.iter().map(|call| call.0).collect();
                use CallKind::{Allreduce, Dup, Isend, Probe, Recv, Send, Wait};
                assert_eq!(kinds, [Send, Recv, Allreduce, Isend, Probe, Recv, Wait, Dup]);
                assert_eq!((calls[0].1, calls[0].2), (Some(0), 16));
                assert_eq!(calls[2].2, 5);
                let lines: Vec<u32> = calls.iter().map(|call| call.3 - first).collect();
                assert_eq!(lines, [1, 2, 3, 4, 5, 6, 7, 8]);
                Ok::<_, Error>(())
            })
            .unwrap();
    });
}

#[test]
fn ranks_have_names() {
    let names = World::threads(2).run(|_| {
        let name = std::thread::current().name().map(str::to_owned);
        Ok::<_, Error>(name.unwrap())
    });
    assert_eq!(names.unwrap(), ["rank 0", "rank 1"]);
}

/// Worlds do not know of each other.
#[test]
fn a_world_in_a_world() {
    in_time("worlds", || {
        let sums = World::threads(2).run(|outer| {
            let inner = World::threads(3).run(|inner| {
                let mut sum = [0];
                inner.allreduce(&[inner.rank() + outer.rank()], &mut sum, Sum)?;
                Ok::<_, Error>(sum[0])
            });
            let mut sum = [0];
            outer.allreduce(&[inner.unwrap()[2]], &mut sum, Sum)?;
            Ok::<_, Error>(sum[0])
        });
        assert_eq!(sums.unwrap(), [9; 2]);
    });
}

/// The buffer is borrowed until the scope ends, and so long what is under way must be known.
#[test]
fn a_wait_that_is_refused_stays_with_its_scope() {
    in_time("refused", || {
        let result = World::threads(2).run(|world| {
            let noted = Noted::new(world.dup()?);
            let other = 1 - world.rank();
            if world.rank() == 0 {
                noted.recv(&mut [0_u8], other, 1)?;
                return noted.send(&[7_u8; 8], other, 0);
            }
            let mut room = [0_u8; 8];
            noted.scope(|scope| {
                let request = scope.irecv(&mut room, other, 0)?;
                noted.refuses.set(Some(CallKind::Wait));
                assert_eq!(request.wait().unwrap_err().kind(), ErrorKind::Inactive);
                noted.send(&[0_u8], other, 1)
            })?;
            // The scope has waited for it: nobody writes here any more.
            assert_eq!(room, [7; 8]);
            Ok::<_, Error>(())
        });
        result.unwrap();
    });
}

#[test]
fn a_persistent_request_keeps_its_buffer_when_refused() {
    in_time("refused persistent", || {
        let result = World::threads(1).run(|world| {
            let noted = Noted::new(world.dup()?);
            let mut receive = noted.recv_init(vec![0_u8; 3], 0, 0)?;
            noted.refuses.set(Some(CallKind::Start));
            assert!(receive.start().is_err());
            assert_eq!(receive.buffer().unwrap(), [0; 3]);
            noted.refuses.set(None);
            receive.start()?;
            noted.send(&[4_u8; 3], 0, 0)?;
            noted.refuses.set(Some(CallKind::Wait));
            assert!(receive.wait().is_err());
            noted.refuses.set(None);
            receive.wait()?;
            assert_eq!(receive.buffer().unwrap(), [4; 3]);
            Ok::<_, Error>(())
        });
        result.unwrap();
    });
}
