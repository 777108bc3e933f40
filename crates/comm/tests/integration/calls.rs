//! What a call is, to whom it is shown.

use std::cell::{Cell, RefCell};

use tenfold_comm::{
    Address, Call, CallKind, Communicator, Error, ErrorKind, FileMode, Lock,
    NonblockingCollectives, OneSided, ParallelIo, RecvBuffer, Result, SendBuffer, Status, Sum, Tag,
    ThreadComm, ThreadExposed, ThreadJoint, ThreadMessage, ThreadPending, Want, World,
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
    /// How many collectives begin before something is done, and that.
    interferes: RefCell<Option<Interference>>,
}

type Interference = (u32, Box<dyn Fn()>);

impl Noted {
    fn new(inner: ThreadComm) -> Self {
        Self {
            inner,
            calls: RefCell::default(),
            refuses: Cell::new(None),
            interferes: RefCell::default(),
        }
    }
}

// SAFETY: the inner communicator does it all.
unsafe impl Communicator for Noted {
    type Pending<'c> = ThreadPending<'c>;
    type Message<'c> = ThreadMessage<'c>;
    type Exposed<'c> = ThreadExposed<'c>;
    type Joint<'c> = ThreadJoint<'c>;
    type Handle = ThreadComm;

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

    fn next_collective(&self) -> u32 {
        if let Some((left, body)) = self.interferes.borrow_mut().as_mut() {
            if *left == 0 {
                body();
            }
            *left = left.wrapping_sub(1);
        }
        self.inner.next_collective()
    }

    fn handle(&self) -> ThreadComm {
        self.inner.handle()
    }

    fn next_nonblocking(&self) -> u64 {
        self.inner.next_nonblocking()
    }

    fn operation_panicked(&self, message: &str) {
        self.inner.operation_panicked(message);
    }

    fn derive(&self, groups: &[Vec<usize>]) -> Result<Option<Self>> {
        let inner = self.inner.derive(groups)?;
        Ok(inner.map(Self::new))
    }

    fn derive_shared(&self) -> Result<Self> {
        self.inner.derive_shared().map(Self::new)
    }

    fn expose(&self, data: SendBuffer<'_>) -> Result<ThreadExposed<'_>> {
        self.inner.expose(data)
    }

    fn join(&self, data: SendBuffer<'_>) -> Result<ThreadJoint<'_>> {
        self.inner.join(data)
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
                let request = noted.iallreduce(vec![1_u8; 5], vec![0; 5], Sum)?;
                request.wait()?;
                noted.iscatterv(vec![1_u16], &[1], vec![0], 0)?.wait()?;
                let calls = noted.calls.borrow();
                let kinds: Vec<CallKind> = calls.iter().map(|call| call.0).collect();
                use CallKind::{Allreduce, Dup, Isend, Probe, Recv, Send, Wait};
                assert_eq!(kinds[..8], [Send, Recv, Allreduce, Isend, Probe, Recv, Wait, Dup]);
                use CallKind::{Iallreduce, Iscatter};
                assert_eq!(kinds[8..], [Iallreduce, Wait, Iscatter, Wait]);
                assert_eq!((calls[0].1, calls[0].2), (Some(0), 16));
                assert_eq!((calls[2].2, calls[8].2, calls[10].1), (5, 5, Some(0)));
                let lines: Vec<u32> = calls.iter().map(|call| call.3 - first).collect();
                assert_eq!(lines, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 11]);
                Ok::<_, Error>(())
            })
            .unwrap();
    });
}

/// An exchange that something is done meanwhile is two calls: what starts it, and the wait.
#[cfg(feature = "ndarray")]
#[test]
fn an_exchange_is_seen() {
    use tenfold_comm::ndarray::Array2;
    use tenfold_comm::{Cartesian, Halo};

    in_time("exchanges", || {
        World::threads(1)
            .run(|world| {
                let noted = Noted::new(world.dup()?);
                let ring = Cartesian::new(&[1, 1], &[true, false])?;
                let mut halo = Halo::new(&ring, 0, &[1, 1])?;
                let mut block = Array2::<f32>::zeros((4, 5));
                let first = line!();
                halo.exchange(&noted, block.view_mut())?;
                halo.exchange_while(&noted, block.view_mut(), |_| noted.barrier())??;
                ring.neighbor_allgather(&noted, &[1_u8], &mut [0; 4])?;
                ring.neighbor_alltoall(&noted, &[1_u8; 4], &mut [0; 4])?;
                let calls = noted.calls.borrow();
                let calls = calls.iter().map(|call| (call.0, call.2, call.3 - first));
                use CallKind::{Barrier, Exchange, NeighborAllgather, NeighborAlltoall, Wait};
                let must = [
                    (Exchange, 40, 1),
                    (Exchange, 40, 2),
                    (Barrier, 0, 2),
                    (Wait, 0, 2),
                    (NeighborAllgather, 1, 3),
                    (NeighborAlltoall, 4, 4),
                ];
                assert_eq!(calls.collect::<Vec<_>>(), must);
                Ok::<_, Error>(())
            })
            .unwrap();
    });
}

/// What is under way when the wait is refused is taken back, and the next exchange is another.
#[cfg(feature = "ndarray")]
#[test]
fn an_exchange_that_is_refused() {
    use tenfold_comm::ndarray::{Array1, array};
    use tenfold_comm::{Cartesian, Halo};

    in_time("refused exchange", || {
        let result = World::threads(1).run(|world| {
            let noted = Noted::new(world.dup()?);
            let ring = Cartesian::new(&[1], &[true])?;
            let mut halo = Halo::new(&ring, 0, &[1])?;
            let mut block = Array1::from_iter(0..4);
            for kind in [CallKind::Exchange, CallKind::Wait] {
                noted.refuses.set(Some(kind));
                assert!(halo.exchange_while(&noted, block.view_mut(), |_| ()).is_err());
            }
            assert_eq!(block, array![0, 1, 2, 3]);
            noted.refuses.set(None);
            halo.exchange(&noted, block.view_mut())?;
            assert_eq!(block, array![2, 1, 2, 1]);
            Ok::<_, Error>(())
        });
        result.unwrap();
    });
}

#[test]
fn calls_on_windows_are_seen_once() {
    in_time("windows", || {
        World::threads(1)
            .run(|world| {
                let noted = Noted::new(world.dup()?);
                let first = line!();
                let mut window = noted.window(&[0_u32; 3])?;
                window.lock(0, Lock::Exclusive, |target| {
                    target.put(&[1, 2], 0)?;
                    target.get(&mut [0], 0)?;
                    target.accumulate(&[1], 0, Sum)?;
                    target.fetch_and_op(1, 0, Sum)?;
                    target.compare_and_swap(1, 2, 0)?;
                    target.update(0, 1, |_| ())?;
                    target.flush()
                })?;
                window.lock_all(|_| Ok(()))?;
                window.epoch(|_| Ok(()))?;
                window.local(|_| ())?;
                window.free()?;
                let shared = noted.shared_window(&[0_u8])?;
                let view = shared.publish()?;
                let shared = view.edit()?;
                shared.free()?;
                noted.split_shared()?;
                let calls = noted.calls.borrow();
                let kinds: Vec<_> = calls.iter().map(|call| call.0.name()).collect();
                assert_eq!(
                    kinds.join(" "),
                    "window lock put get accumulate fetch_and_op compare_and_swap update flush \
                     lock_all epoch fence local free shared_window publish edit free split_shared"
                );
                assert_eq!((calls[2].1, calls[2].2), (Some(0), 8));
                let lines: Vec<u32> = calls.iter().map(|call| call.3 - first).collect();
                let must = [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 12, 13, 14, 15, 16, 17, 18, 19];
                assert_eq!(lines, must);
                Ok::<_, Error>(())
            })
            .unwrap();
    });
}

#[cfg(all(unix, not(miri)))]
#[test]
fn calls_on_files_are_seen_once() {
    in_time("files", || {
        let path = std::env::temp_dir().join(format!("tenfold-comm-calls-{}", std::process::id()));
        let result = World::threads(1).run(|world| {
            let noted = Noted::new(world.dup()?);
            let first = line!();
            let file = noted.open_file(&path, FileMode::Truncate)?;
            file.write_at(&[1_u16, 2], 0)?;
            file.read_at(&mut [0_u8], 0)?;
            file.write_at_all(&[1_u8], 0)?;
            file.read_at_all(&mut [0_u8], 0)?;
            file.write_ordered(&[1_u8], 0)?;
            file.set_len(0)?;
            file.bytes()?;
            file.sync()?;
            let calls = noted.calls.borrow();
            let kinds: Vec<_> = calls.iter().map(|call| call.0.name()).collect();
            assert_eq!(
                kinds.join(" "),
                "open_file write_at read_at write_at_all read_at_all write_ordered set_len bytes sync"
            );
            assert_eq!(calls[1].2, 4);
            let lines: Vec<u32> = calls.iter().map(|call| call.3 - first).collect();
            assert_eq!(lines, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
            Ok::<_, Error>(())
        });
        std::fs::remove_file(&path).unwrap();
        result.unwrap();
    });
}

/// A lock that is not taken is nobody's, and one that is taken is given back.
#[test]
fn a_lock_that_is_refused_is_not_held() {
    in_time("refused locks", || {
        let result = World::threads(2).run(|world| {
            let noted = Noted::new(world.dup()?);
            let mut window = noted.window(&[0_u8; 2])?;
            noted.refuses.set(Some(CallKind::Lock));
            assert!(window.lock(0, Lock::Exclusive, |_| Ok(())).is_err());
            noted.refuses.set(Some(CallKind::Local));
            assert!(window.local(|_| ()).is_err());
            noted.refuses.set(Some(CallKind::Put));
            assert!(window.lock(0, Lock::Exclusive, |target| target.put(&[1], 0)).is_err());
            noted.refuses.set(None);
            noted.barrier()?;
            window.lock(0, Lock::Exclusive, |target| target.accumulate(&[1], 0, Sum))?;
            window.free()
        });
        assert_eq!(result.unwrap(), [[2, 0], [0, 0]]);
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
            let rank = outer.rank();
            let inner = World::threads(3).run(|inner| {
                let mut sum = [0];
                inner.allreduce(&[inner.rank() + rank], &mut sum, Sum)?;
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

/// What it has started goes on, as for one that is dropped.
#[test]
fn a_collective_whose_wait_is_refused_goes_on() {
    in_time("refused collective", || {
        let result = World::threads(3).run(|world| {
            let noted = Noted::new(world.dup()?);
            let all = noted.iallgather(vec![world.rank()], vec![0; 3])?;
            if world.rank() == 1 {
                noted.refuses.set(Some(CallKind::Wait));
                assert_eq!(all.wait().unwrap_err().kind(), ErrorKind::Inactive);
            } else {
                assert_eq!(all.wait()?, [0, 1, 2]);
            }
            noted.barrier()
        });
        result.unwrap();
    });
}

/// Rank 0 has the file open, and then the others find a folder there.
#[cfg(all(unix, not(miri)))]
#[test]
fn a_file_that_one_cannot_open_is_not_emptied() {
    in_time("truncate", || {
        let folder = std::env::temp_dir();
        let path = folder.join(format!("tenfold-comm-truncate-{}", std::process::id()));
        let kept = path.with_extension("kept");
        std::fs::write(&path, "kept").unwrap();
        let result = World::threads(3).run(|world| {
            let noted = Noted::new(world.dup()?);
            let (from, to) = (path.clone(), kept.clone());
            let replace = move || {
                std::fs::rename(&from, &to).unwrap();
                std::fs::create_dir(&from).unwrap();
            };
            if world.rank() == 0 {
                // After that of the path and the mode, that of its own open.
                *noted.interferes.borrow_mut() = Some((1, Box::new(replace)));
            }
            let kind = noted.open_file(&path, FileMode::Truncate).unwrap_err().kind();
            assert!(matches!(kind, ErrorKind::File { call: CallKind::OpenFile, rank: 1.. }));
            Ok::<_, Error>(())
        });
        let text = std::fs::read_to_string(&kept);
        std::fs::remove_dir(&path).unwrap();
        std::fs::remove_file(&kept).unwrap();
        result.unwrap();
        assert_eq!(text.unwrap(), "kept");
    });
}
