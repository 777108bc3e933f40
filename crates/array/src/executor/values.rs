//! Tasks with results.

use smallvec::SmallVec;

use super::desk::Desk;
use super::graph::TaskGraph;
use super::panics::caught;
use super::slots::Slots;
use super::sync::{AtomicU32, Ordering};
use super::work::Work;
use crate::error::{Error, ErrorKind, Result};

/// A function makes the result of each task of the results of its inputs, which go when the last task that needs them
/// has run.
#[derive(Debug)]
pub(super) struct Values<'a, V, F> {
    graph: &'a TaskGraph,
    slots: Slots<V>,
    /// How many tasks, and who wants it in the end, still need a result.
    uses: Box<[AtomicU32]>,
    function: F,
}

impl<'a, V, F> Values<'a, V, F> {
    /// The results of the tasks `kept`, in ascending order, stay to the end.
    pub(super) fn new(graph: &'a TaskGraph, kept: &[u32], function: F) -> Self {
        let links = graph.links();
        let kept = |task| u32::from(kept.binary_search(&task).is_ok());
        // A graph has fewer than 2^32 inputs.
        let uses = graph.tasks().map(|task| AtomicU32::new(links.use_count(task) + kept(task)));
        let uses = uses.collect();
        Self { graph, slots: Slots::new(graph.len()), uses, function }
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

impl<V: Send + Sync, F: Fn(u32, &[&V]) -> Result<V> + Sync> Values<'_, V, F> {
    fn make(&self, task: u32) -> Result<()> {
        let inputs = self.graph.inputs_of(task).iter().map(|&input| {
            // SAFETY: its task has finished, and its result goes only when all that need it have run, this one too.
            unsafe { self.slots.get(input) }
        });
        let inputs: Option<SmallVec<[&V; 8]>> = inputs.collect();
        let lost = || Error::new(ErrorKind::Failed, format!("an input of task {task} is lost"));
        let value = (self.function)(task, &inputs.ok_or_else(lost)?)?;
        // SAFETY: a task runs once, and those that read its result have not started.
        unsafe { self.slots.put(task, value) };
        Ok(())
    }

    /// One less needs a result.
    fn release(&self, task: u32, desk: &mut Desk<'_>) {
        let uses = &self.uses[task as usize];
        // Who sees 1 is the last, and needs no more expensive operation to be it.
        if uses.load(Ordering::Acquire) == 1 || uses.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.free(task, desk);
        }
    }

    fn free(&self, task: u32, desk: &mut Desk<'_>) {
        desk.released.push(task);
        // SAFETY: it has finished, and all that needed its result have read it, as the count of its uses tells.
        drop(unsafe { self.slots.take(task) });
    }
}

impl<V: Send + Sync, F: Fn(u32, &[&V]) -> Result<V> + Sync> Work for Values<'_, V, F> {
    fn run(&self, task: u32, desk: &mut Desk<'_>) -> Result<()> {
        self.make(task)?;
        let release = || {
            self.graph.inputs_of(task).iter().for_each(|&input| self.release(input, desk));
            if self.uses[task as usize].load(Ordering::Relaxed) == 0 {
                self.free(task, desk);
            }
        };
        caught(release).map_err(|text| {
            let sentence =
                format!("a result panicked when it was dropped after task {task}: {text}");
            Error::new(ErrorKind::Panicked, sentence)
        })
    }
}
