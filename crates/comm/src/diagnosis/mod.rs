//! What goes wrong while a program runs: who waits for whom, and what does not fit together.

mod called;
mod deadlock;
mod environment;
mod finding;
mod graph;
mod meeting;
mod remote;
mod report;
mod rounds;
mod tracing;
mod watch;
mod words;

pub(crate) use called::Active;
pub use called::Called;
pub use deadlock::{Deadlock, Waiting};
pub use finding::Finding;
pub(crate) use finding::is_finding;
pub(crate) use remote::{Meeting, answer, ask, linger};
pub use report::Report;
pub use tracing::Tracing;
pub(crate) use watch::{Waits, Watch};
