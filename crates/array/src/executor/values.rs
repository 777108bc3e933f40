//! Tasks with results.

use super::desk::Desk;
use super::graph::TaskGraph;
use super::panics::caught;
use super::slots::Slots;
use super::work::Work;
use crate::error::{Error, ErrorKind, Result};

/// A function makes the result of each task of the results of its inputs, which go when the last task that needs them
/// has run.
#[derive(Debug)]
pub(super) struct Values<'a, V, F> {
    slots: Slots<'a, V>,
    function: F,
}

impl<'a, V, F> Values<'a, V, F> {
    /// The results of the tasks `kept`, in ascending order, stay to the end.
    pub(super) fn new(graph: &'a TaskGraph, kept: &[u32], function: F) -> Self {
        Self { slots: Slots::new(graph, kept), function }
    }

    /// The results of the kept tasks, where they are there. What else is left is dropped.
    pub(super) fn into_results(self, kept: &[u32]) -> Vec<Option<V>> {
        let mut results = Vec::with_capacity(kept.len());
        let mut kept = kept.iter().peekable();
        for (task, value) in self.slots.into_all().enumerate() {
            if kept.next_if(|&&kept| kept as usize == task).is_some() {
                results.push(value);
            } else if value.is_some() {
                // Of a run that has failed, which is what is told.
                let _ = caught(|| drop(value));
            }
        }
        results
    }
}

impl<V: Send + Sync, F: Fn(u32, &[&V]) -> Result<V> + Sync> Work for Values<'_, V, F> {
    const HAS_RESULTS: bool = true;

    fn run(&self, task: u32, desk: &mut Desk<'_>) -> Result<()> {
        let Some(claim) = self.slots.claim(task) else {
            let sentence = format!("task {task} was started twice, or before its inputs");
            return Err(Error::new(ErrorKind::Failed, sentence));
        };
        let value = (self.function)(task, &claim.inputs())?;
        caught(|| claim.finish(value, &mut desk.released)).map_err(|text| {
            let sentence =
                format!("a result panicked when it was dropped after task {task}: {text}");
            Error::new(ErrorKind::Panicked, sentence)
        })
    }
}
