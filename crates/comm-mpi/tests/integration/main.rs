//! Jobs of real processes: each test starts one with mpirun, and looks at what it comes to.

mod conformance;
mod diagnosis;
mod examples;
mod failures;
mod job;
#[path = "../../../../benches/harness/launcher.rs"]
mod launcher;
mod model;
mod traces;
