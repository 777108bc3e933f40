//! Tasks without results.

use super::desk::Desk;
use super::panics::caught;
use super::work::Work;
use crate::error::{Error, ErrorKind, Result};

/// A function is called for each task.
#[derive(Debug)]
pub(super) struct Calls<F>(pub(super) F);

impl<F: Fn(u32) + Sync> Work for Calls<F> {
    const HAS_RESULTS: bool = false;

    #[inline]
    fn run(&self, task: u32, _: &mut Desk<'_>) -> Result<()> {
        caught(|| (self.0)(task)).map_err(|text| {
            Error::new(ErrorKind::Panicked, format!("task {task} panicked: {text}"))
        })
    }
}
