//! What every [`Communicator`] does: the suite that each implementation runs, at 1, 2, 3, 4 and 7 ranks.
//!
//! ```
//! use tenfold_comm::{World, conformance};
//!
//! assert!(World::threads(2).run(conformance::run).is_ok());
//! ```

mod collectives;
mod exact;
mod files;
mod groups;
#[cfg(feature = "ndarray")]
mod halos;
mod messages;
mod neighbors;
mod nonblocking;
#[cfg(feature = "objects")]
mod objects;
mod requests;
mod sharing;
#[cfg(feature = "derive")]
mod structs;
mod windows;

use std::fmt;

use crate::{Communicator, Error, ErrorKind, Result as CommResult};

/// What a communicator did not do.
#[derive(Debug)]
pub struct Failure {
    case: &'static str,
    rank: usize,
    what: String,
}

/// A thing that communicators do.
#[derive(Clone, Copy, Debug)]
pub struct Case<C> {
    name: &'static str,
    body: fn(&C) -> Outcome,
}

type Outcome = Result<(), Wrong>;

/// What is wrong, before it is known where; nothing where the communicator says that it does not have what the
/// case is about.
struct Wrong(Option<String>);

impl From<Error> for Wrong {
    fn from(error: Error) -> Self {
        let is_unsupported = matches!(error.kind(), ErrorKind::Unsupported { .. });
        Self((!is_unsupported).then(|| format!("{error} ({:?})", error.kind())))
    }
}

impl<C: Communicator> Case<C> {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Runs it; every rank of `comm` must. Of a call that is [`Unsupported`](ErrorKind::Unsupported) nothing
    /// more is asked.
    ///
    /// # Errors
    /// What went wrong on this rank.
    pub fn run(&self, comm: &C) -> Result<(), Failure> {
        match (self.body)(comm) {
            Err(Wrong(Some(what))) => Err(Failure { case: self.name, rank: comm.rank(), what }),
            Ok(()) | Err(Wrong(None)) => Ok(()),
        }
    }
}

/// All cases, in an order that goes from what the others need to what needs the others.
#[must_use]
pub fn cases<C: Communicator>() -> Vec<Case<C>> {
    let mut cases = vec![];
    cases.extend(messages::cases());
    cases.extend(requests::cases());
    cases.extend(collectives::cases());
    cases.extend(exact::cases());
    cases.extend(groups::cases());
    cases.extend(nonblocking::cases());
    cases.extend(neighbors::cases());
    #[cfg(feature = "ndarray")]
    cases.extend(halos::cases());
    #[cfg(feature = "objects")]
    cases.extend(objects::cases());
    cases.extend(windows::cases());
    cases.extend(sharing::cases());
    cases.extend(files::cases());
    #[cfg(feature = "derive")]
    cases.extend(structs::cases());
    cases
}

/// Runs all cases; every rank of `comm` must. After each all ranks meet, so that a message which a case
/// leaves behind does not go unseen. Files are made in the system's temporary folder, which all ranks must
/// have together.
///
/// # Errors
/// The first thing that went wrong on this rank.
pub fn run<C: Communicator>(comm: &C) -> Result<(), Failure> {
    for case in cases() {
        case.run(comm)?;
        Case { name: case.name, body: nothing_is_left }.run(comm)?;
    }
    Ok(())
}

fn nothing_is_left<C: Communicator>(comm: &C) -> Outcome {
    comm.barrier()?;
    let left = comm.iprobe(crate::Source::Any, crate::Tags::Any)?;
    same("messages that are left", left, None)?;
    Ok(comm.barrier()?)
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: rank {}: {}", self.case, self.rank, self.what)
    }
}

impl std::error::Error for Failure {}

/// That something is as it must be.
fn same<T: PartialEq + fmt::Debug>(what: &str, is: T, must: T) -> Outcome {
    if is == must { Ok(()) } else { Err(Wrong(Some(format!("{what}: {is:?}, must be {must:?}")))) }
}

/// That a call fails, and with what.
fn fails<T>(what: &str, result: CommResult<T>, must: impl Fn(ErrorKind) -> bool) -> Outcome {
    match result {
        Ok(_) => Err(Wrong(Some(format!("{what}: no error")))),
        Err(error) if must(error.kind()) => Ok(()),
        Err(error) => Err(Wrong(Some(format!("{what}: another error, {:?}", error.kind())))),
    }
}

/// Numbers that tell who made them, and for what.
fn numbers(rank: usize, salt: usize, count: usize) -> Vec<u64> {
    (0..count).map(|n| (rank * 1_000_003 + salt * 10_007 + n) as u64).collect()
}

/// None, one, a few, and more than any system copies aside.
const COUNTS: [usize; 4] = [0, 1, 5, if cfg!(miri) { 1000 } else { 10_000 }];

/// A list of cases by their functions.
macro_rules! list {
    ($($name:ident),* $(,)?) => {
        pub(super) fn cases<C: crate::Communicator>() -> Vec<super::Case<C>> {
            vec![$(super::Case { name: stringify!($name), body: $name },)*]
        }
    };
}
use list;
