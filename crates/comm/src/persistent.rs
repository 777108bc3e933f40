//! Sends and receives that are started again and again.

use std::fmt;
use std::mem;

use crate::memory::Held;
use crate::{
    Address, Call, CallKind, Communicator, Element, ErrorKind, Pending, Result, Status, Want,
};

/// A send or a receive that can be started again when it is done, with its buffer.
///
/// ```
/// use tenfold_comm::{Communicator, World};
///
/// World::threads(2).run(|world| {
///     let other = 1 - world.rank();
///     let mut send = world.send_init(vec![0], other, 0)?;
///     let mut receive = world.recv_init(vec![0], other, 0)?;
///     for round in 0..3 {
///         receive.start()?;
///         send.buffer().expect("not under way")[0] = round;
///         send.start()?;
///         receive.wait()?;
///         send.wait()?;
///         assert_eq!(receive.buffer().expect("done"), [round]);
///     }
///     Ok::<(), tenfold_comm::Error>(())
/// }).unwrap();
/// ```
#[must_use = "a persistent request does nothing before it is started"]
pub struct Persistent<'c, C: Communicator, T: Element> {
    comm: &'c C,
    way: Way,
    state: State<C::Pending<'c>, T>,
}

#[derive(Clone, Copy, Debug)]
enum Way {
    Send(Address),
    Receive(Want),
}

enum State<P: Pending, T: Element> {
    Idle(Vec<T>),
    Active(Held<P, T>),
}

impl<'c, C: Communicator + 'c, T: Element> Persistent<'c, C, T> {
    pub(crate) fn sending(comm: &'c C, data: Vec<T>, address: Address) -> Self {
        Self { comm, way: Way::Send(address), state: State::Idle(data) }
    }

    pub(crate) fn receiving(comm: &'c C, room: Vec<T>, want: Want) -> Self {
        Self { comm, way: Way::Receive(want), state: State::Idle(room) }
    }

    /// The buffer; none while it is under way.
    pub fn buffer(&mut self) -> Option<&mut [T]> {
        match &mut self.state {
            State::Idle(buffer) => Some(buffer),
            State::Active(_) => None,
        }
    }

    /// Starts it.
    ///
    /// # Errors
    /// [`Active`](ErrorKind::Active) if it is under way already; a world that has failed.
    #[track_caller]
    pub fn start(&mut self) -> Result<()> {
        let State::Idle(buffer) = &self.state else { return Err(ErrorKind::Active.into()) };
        let call = Call::new(CallKind::Start);
        let call = match self.way {
            Way::Send(Address { to, tag, .. }) => call.sends(buffer, to, tag),
            Way::Receive(Want { from, tag, .. }) => call.receives(buffer, from, tag),
        };
        let Self { comm, way, state } = self;
        comm.observe(&call, || {
            // Taken in here: where `observe` does not call this, the buffer is not lost.
            let State::Idle(buffer) = mem::replace(state, State::Idle(vec![])) else {
                return Err(ErrorKind::Active.into());
            };
            let held = match *way {
                Way::Send(to) => Held::sending(buffer, |data| comm.start_send(data, to)),
                Way::Receive(want) => {
                    Held::receiving(buffer, |room| comm.start_receive(room, want))
                }
            };
            let (next, result) = match held {
                Ok(held) => (State::Active(held), Ok(())),
                Err((buffer, error)) => (State::Idle(buffer), Err(error)),
            };
            *state = next;
            result
        })
    }

    /// Whether [`wait`](Self::wait) would come back at once.
    #[must_use]
    pub fn is_done(&mut self) -> bool {
        match &mut self.state {
            State::Idle(_) => true,
            State::Active(held) => held.pending().is_done(),
        }
    }

    /// Waits until it is done. Then it can be started again, also after an error.
    ///
    /// # Errors
    /// As [`Request::wait`](crate::Request::wait); [`Inactive`](ErrorKind::Inactive) if it is not under way.
    #[track_caller]
    pub fn wait(&mut self) -> Result<Status> {
        if matches!(self.state, State::Idle(_)) {
            return Err(ErrorKind::Inactive.into());
        }
        self.comm.observe(&Call::new(CallKind::Wait), || {
            // Taken in here: where `observe` does not call this, the buffer is not lost.
            match mem::replace(&mut self.state, State::Idle(vec![])) {
                State::Idle(_) => Err(ErrorKind::Inactive.into()),
                State::Active(held) => {
                    let (buffer, result) = held.finish();
                    self.state = State::Idle(buffer);
                    result
                }
            }
        })
    }
}

impl<'c, C: Communicator + 'c, T: Element> fmt::Debug for Persistent<'c, C, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Persistent").field("way", &self.way).finish_non_exhaustive()
    }
}
