//! Calls of what the user wrote.

use super::cancel::Cancel;
use super::panics::caught;
use super::{BoxError, Names};
use crate::error::{Error, ErrorKind, Result};

/// How often a task may run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Attempts<'a> {
    /// How often it runs again when it fails or panics, unless somebody cancels.
    pub(crate) retries: u32,
    pub(crate) cancel: &'a Cancel,
}

impl Attempts<'_> {
    /// Runs the function of a task, and makes an error of what keeps it from its result.
    pub(crate) fn make<V>(
        self,
        names: &dyn Names,
        task: u32,
        function: impl Fn() -> Result<V, BoxError>,
    ) -> Result<V> {
        let mut attempt = 0;
        loop {
            let error = match caught(&function) {
                Ok(Ok(value)) => return Ok(value),
                Ok(Err(source)) => failed(names, task, attempt).because(source),
                Err(text) => panicked(names, task, attempt, &text),
            };
            if attempt == self.retries || self.cancel.is_cancelled() {
                return Err(error);
            }
            attempt += 1;
        }
    }
}

fn failed(names: &dyn Names, task: u32, attempt: u32) -> Error {
    Error::new(ErrorKind::Failed, format!("{} failed{}", names.name(task), times(attempt)))
}

fn panicked(names: &dyn Names, task: u32, attempt: u32, text: &str) -> Error {
    let sentence = format!("{} panicked{}: {text}", names.name(task), times(attempt));
    Error::new(ErrorKind::Panicked, sentence)
}

fn times(attempt: u32) -> String {
    if attempt == 0 { String::new() } else { format!(" {} times", u64::from(attempt) + 1) }
}
