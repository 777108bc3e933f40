//! What is needed of a communicator, so that all else is compiled once.

use tenfold_comm::{Communicator, Min, Request, Source};

use crate::error::{Error, ErrorKind, Result};

/// The tag of all messages: what they are stands in them.
const TAG: u32 = 0;

/// This rank among the others.
pub(super) trait Link {
    fn rank(&self) -> usize;

    fn size(&self) -> usize;

    /// Sends, without waiting for anybody.
    fn post(&self, message: &[u8], to: usize) -> Result<()>;

    /// Starts to send. It is done when the other rank has begun to receive: nothing is left under way then.
    fn start(&self, message: Vec<u8>, to: usize) -> Result<Box<dyn Sending + '_>>;

    /// The next message and who has sent it, if one is there.
    fn next(&self) -> Result<Option<(usize, Vec<u8>)>>;

    /// That a message can still come from a rank.
    fn check(&self, rank: usize) -> Result<()>;

    /// The least of each of some numbers that all ranks have.
    fn least(&self, mine: &[u64]) -> Result<Vec<u64>>;

    /// What one rank tells all.
    fn told_by(&self, root: usize, mine: Vec<u8>) -> Result<Vec<u8>>;
}

/// A message that is being sent.
pub(super) trait Sending {
    fn is_done(&mut self) -> bool;

    /// What it came to, when it is done.
    fn end(self: Box<Self>) -> Result<()>;
}

/// A communicator of its own, so that its messages meet no others.
pub(super) struct Over<C>(pub(super) C);

impl<C: Communicator> Link for Over<C> {
    fn rank(&self) -> usize {
        self.0.rank()
    }

    fn size(&self) -> usize {
        self.0.size()
    }

    fn post(&self, message: &[u8], to: usize) -> Result<()> {
        self.0.bsend(message, to, TAG).map_err(broken)
    }

    fn start(&self, message: Vec<u8>, to: usize) -> Result<Box<dyn Sending + '_>> {
        let request = self.0.issend(message, to, TAG).map_err(broken)?;
        Ok(Box::new(request))
    }

    fn next(&self) -> Result<Option<(usize, Vec<u8>)>> {
        let Some(message) = self.0.improbe(Source::Any, TAG).map_err(broken)? else {
            return Ok(None);
        };
        let from = message.status().source();
        let mut bytes = vec![0; message.status().count()];
        message.recv(&mut bytes).map_err(broken)?;
        Ok(Some((from, bytes)))
    }

    fn check(&self, rank: usize) -> Result<()> {
        self.0.iprobe(rank, TAG).map(drop).map_err(broken)
    }

    fn least(&self, mine: &[u64]) -> Result<Vec<u64>> {
        let mut least = vec![0; mine.len()];
        self.0.allreduce(mine, &mut least, Min).map_err(broken)?;
        Ok(least)
    }

    fn told_by(&self, root: usize, mut mine: Vec<u8>) -> Result<Vec<u8>> {
        let mut count = [mine.len()];
        self.0.bcast(&mut count, root).map_err(broken)?;
        mine.resize(count[0], 0);
        self.0.bcast(&mut mine, root).map_err(broken)?;
        Ok(mine)
    }
}

impl<'c, C: Communicator + 'c> Sending for Request<'c, C, u8> {
    fn is_done(&mut self) -> bool {
        Self::is_done(self)
    }

    fn end(self: Box<Self>) -> Result<()> {
        self.wait().map(drop).map_err(broken)
    }
}

/// That messages do not come and go any more.
pub(super) fn broken(error: tenfold_comm::Error) -> Error {
    Error::new(ErrorKind::Ranks, error.to_string()).because(error)
}
