//! A rank's part in carrying out a plan.

use std::collections::HashMap;
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, PoisonError};

use super::exchange::{Asked, Exchange, given_up};
use super::fault::Fault;
use super::message::{brought, partial, read_brought};
use super::pieces::{Filling, Pieces};
use super::spread::Spread;
use crate::buffer::with_dtype;
use crate::destination::Destination;
use crate::error::{Error, ErrorKind, Result};
use crate::owners::Owners;
use crate::plan::{Brought, Owned, Partial, Stage, Stored, Strips, Team};
use crate::slab::is_there;
use crate::window::count;

/// One of the ranks that carry out a plan, to those that compute.
pub(super) struct Member {
    pub(super) rank: usize,
    pub(super) size: usize,
    pub(super) exchange: Arc<Exchange>,
    /// What other ranks have reduced.
    pub(super) partials: Mutex<Receiver<Partial>>,
    /// The number of the computation.
    pub(super) run: u32,
}

impl Member {
    fn spread(&self, owners: &Owners) -> Spread {
        Spread { rank: self.rank, size: self.size, owners: owners.clone() }
    }
}

impl Team for Member {
    fn strips(&self, stage: &Stage) -> Vec<Strips> {
        self.spread(&stage.owners).strips(&stage.chunks, &stage.strips.wide())
    }

    fn count(&self, (chunks, owners): Owned<'_>) -> usize {
        self.spread(owners).count(chunks)
    }

    fn own(&self, (chunks, owners): Owned<'_>) -> Vec<usize> {
        self.spread(owners).numbers(chunks)
    }

    fn rank(&self) -> usize {
        self.rank
    }

    fn owner(&self, (chunks, owners): Owned<'_>, number: usize) -> usize {
        self.spread(owners).owner(chunks, number)
    }

    fn owns(&self, (chunks, owners): Owned<'_>, number: usize) -> bool {
        self.spread(owners).owns(chunks, number)
    }

    fn destination(&self, place: usize, stored: &Stored) -> Result<Box<dyn Destination>> {
        let own = self
            .count((&stored.chunks, &stored.owners))
            .saturating_mul(count(&stored.chunks.largest()));
        let own = own.min(count(&stored.chunks.shape()));
        with_dtype!(stored.dtype, T => is_there::<T>(own))?;
        let pieces = Arc::new(Pieces {
            id: u64::from(self.run) << 32 | place as u64,
            name: Arc::clone(&stored.name),
            dtype: stored.dtype,
            chunks: stored.chunks.clone(),
            origin: stored.origin,
            lasting: stored.lasting,
            spread: self.spread(&stored.owners),
            exchange: Arc::clone(&self.exchange),
            own: Mutex::new(HashMap::new()),
        });
        self.exchange.show(pieces.id, &pieces);
        Ok(Box::new(Filling(pieces)))
    }

    fn send(&self, to: usize, of: &Partial) -> Result<()> {
        let message = partial(of);
        self.exchange.wait(|sent| Asked::Send { message, to, sent })
    }

    fn rest(&self) {
        self.exchange.turns.end();
    }

    fn receive(&self) -> Result<Partial> {
        let partials = self.partials.lock().unwrap_or_else(PoisonError::into_inner);
        partials.recv().map_err(|_| given_up())
    }

    fn fail(&self, error: &Error) {
        self.exchange.ask(Asked::Failed(Fault::new(self.rank, error)));
    }

    fn meet(&self, own: &[Brought]) -> Result<Vec<Brought>> {
        let own = brought(own);
        let all = self.exchange.wait(|met| Asked::Meet { own, met })?;
        read_brought(&all).ok_or_else(|| {
            let sentence = "ranks have brought something that is no array to the end of a stage";
            Error::new(ErrorKind::Ranks, sentence)
        })
    }
}
