//! What the ranks of a run have called, and when.

mod event;
mod file;
mod log;
mod place;
mod polls;
mod ring;
mod tables;
mod tracer;

pub use event::{Event, Outcome};
pub(crate) use file::{In, Out, foreign};
pub use log::{Clock, Ended, Members, RankLog, Trace};
pub use place::Place;
pub use tracer::Tracer;
