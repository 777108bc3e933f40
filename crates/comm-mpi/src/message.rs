//! A message that was taken out of the inbox.

use tenfold_comm::{Message, RecvBuffer, Result, Status, progress};

use crate::communicator::MpiComm;
use crate::inbox::{Fate, Letter};
use crate::raw;

/// A message between processes that `mprobe` has taken. One that is dropped is received and thrown away.
#[derive(Debug)]
pub struct MpiMessage<'c> {
    comm: &'c MpiComm,
    /// `None` when it was received.
    letter: Option<Letter>,
    status: Status,
}

impl<'c> MpiMessage<'c> {
    pub(crate) fn new(comm: &'c MpiComm, letter: Letter) -> Self {
        let status = letter.envelope.status(&comm.session.layouts);
        Self { comm, letter: Some(letter), status }
    }
}

impl Message for MpiMessage<'_> {
    fn status(&self) -> Status {
        self.status
    }

    fn receive(mut self, room: RecvBuffer<'_>) -> Result<Status> {
        let Some(letter) = self.letter.take() else { return Ok(self.status) };
        let session = &self.comm.session;
        // SAFETY: the borrow lasts longer than this function, which waits for what it starts.
        let mut room = unsafe { room.detach() };
        match session.open(letter, &mut room)? {
            Fate::Done(result) => Ok(result?),
            Fate::Moving(mut request, status) => {
                // Whatever else goes wrong, MPI writes to `room` until this is done.
                let mut result = Ok(status);
                loop {
                    match raw::is_done(&mut request) {
                        Ok(true) => return result,
                        Ok(false) => {}
                        Err(error) => raw::abort(format_args!("rank {}: {error:#}", session.rank)),
                    }
                    if let Err(error) = session.progress() {
                        result = Err(error);
                    }
                    // Nothing unwinds from here: what an operation throws is kept for its request.
                    progress();
                    std::thread::yield_now();
                }
            }
            Fate::Open | Fate::Revoked => Ok(self.status),
        }
    }
}

impl Drop for MpiMessage<'_> {
    fn drop(&mut self) {
        if let Some(letter) = self.letter.take() {
            // What fails here has nobody to be told to.
            let _ = self.comm.session.drop_letter(letter);
        }
    }
}
