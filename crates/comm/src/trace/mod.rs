//! What the ranks of a run have called, and when.

mod clock;
mod event;
mod file;
mod log;
mod place;
mod polls;
mod ring;
mod tables;
mod tracer;

pub use clock::{Clock, Reading};
pub use event::{Event, Outcome};
pub(crate) use file::{In, Out, foreign};
pub use log::{Ended, Members, RankLog, Trace};
pub use place::Place;
pub use tracer::Tracer;
