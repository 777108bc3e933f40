//! Which task needs which.

use std::sync::OnceLock;

use super::{ascending, serial};
use crate::error::{Error, ErrorKind, Result};

/// Numbered tasks, each with the tasks whose results it needs. What a task does is not in here, but in the
/// function that [`Settings::run`](crate::Settings::run) or [`Settings::evaluate`](crate::Settings::evaluate) is
/// given.
///
/// A task can only need tasks that are there already: so there are no circles. Of several tasks that could start,
/// the one that was added first does: depth first, a result that is used soon after it was made, takes the least
/// memory.
///
/// It takes 4 bytes a task and 4 an input, and once it has run 8 and 4 more; 16 a task once
/// [`set_bytes`](Self::set_bytes) was called.
///
/// ```
/// use tenfold_array::{Settings, TaskGraph};
///
/// let mut graph = TaskGraph::new();
/// let (a, b) = (graph.add(&[])?, graph.add(&[])?);
/// let sum = graph.add(&[a, b])?;
/// let results = Settings::new().evaluate(&graph, &[sum], |_, inputs: &[&u32]| {
///     Ok::<_, tenfold_array::Error>(if inputs.is_empty() { 21 } else { inputs[0] + inputs[1] })
/// })?;
/// assert_eq!(results, [42]);
/// # Ok::<(), tenfold_array::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct TaskGraph {
    inputs: Lists,
    /// Of no tasks at all, or of all up to one that has some.
    memory: Vec<TaskMemory>,
    links: OnceLock<Links>,
}

/// Bytes that a task takes.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct TaskMemory {
    /// From its start to the end of the last task that needs its result.
    pub(super) result: u64,
    /// While it runs.
    pub(super) scratch: u64,
}

impl TaskMemory {
    pub(super) fn running(self) -> u64 {
        self.result.saturating_add(self.scratch)
    }
}

/// A list of tasks for each task, one behind the other.
#[derive(Debug, Clone, Default)]
struct Lists {
    ends: Vec<u32>,
    items: Vec<u32>,
}

impl Lists {
    fn start(&self, task: usize) -> u32 {
        task.checked_sub(1).map_or(0, |before| self.ends[before])
    }

    fn len_of(&self, task: usize) -> u32 {
        self.ends[task] - self.start(task)
    }

    fn get(&self, task: usize) -> &[u32] {
        &self.items[self.start(task) as usize..self.ends[task] as usize]
    }
}

/// The graph as it is walked.
#[derive(Debug, Clone)]
pub(super) struct Links {
    successors: Lists,
    /// The tasks that need none, in ascending order.
    pub(super) roots: Vec<u32>,
}

impl TaskGraph {
    /// A graph without tasks.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a task, which needs the results of `inputs` in this order, and gives its number. They are counted from 0.
    /// An input may be there twice.
    ///
    /// # Errors
    /// [`ErrorKind::Index`] if an input is no task of this graph yet, [`ErrorKind::Value`] if there were more than
    /// 2^32 - 1 tasks or inputs of tasks.
    pub fn add(&mut self, inputs: &[u32]) -> Result<u32> {
        let task = self.inputs.ends.len();
        if let Some(input) = inputs.iter().find(|&&input| input as usize >= task) {
            let sentence =
                format!("argument `inputs` has task {input}, but there are {task} tasks so far");
            return Err(Error::new(ErrorKind::Index, sentence));
        }
        let (Ok(number), Ok(end)) =
            (u32::try_from(task), u32::try_from(self.inputs.items.len() + inputs.len()))
        else {
            let sentence = format!("a graph has at most {} tasks and inputs", u32::MAX);
            return Err(Error::new(ErrorKind::Value, sentence));
        };
        self.inputs.items.extend_from_slice(inputs);
        self.inputs.ends.push(end);
        self.links = OnceLock::new();
        Ok(number)
    }

    /// Says how many bytes the result of a task takes, until the last that needs it has run, and how many the task
    /// takes besides while it runs. For a task of which nothing is said both are 0.
    ///
    /// # Errors
    /// [`ErrorKind::Index`] if the graph has no such task.
    pub fn set_bytes(&mut self, task: u32, result: usize, scratch: usize) -> Result<()> {
        self.check(task, "task")?;
        self.set_memory(task, TaskMemory { result: result as u64, scratch: scratch as u64 });
        Ok(())
    }

    /// How many tasks there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.inputs.ends.len()
    }

    /// Whether there is no task.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The tasks whose results a task needs.
    ///
    /// # Errors
    /// [`ErrorKind::Index`] if the graph has no such task.
    pub fn inputs(&self, task: u32) -> Result<&[u32]> {
        self.check(task, "task").map(|()| self.inputs_of(task))
    }

    /// The bytes that [`Settings::evaluate`](crate::Settings::evaluate) needs at least for some results, which suffice
    /// for any number of threads.
    ///
    /// # Errors
    /// [`ErrorKind::Index`] if the graph has not all of the outputs, [`ErrorKind::Value`] if one is there twice.
    pub fn minimum_memory(&self, outputs: &[u32]) -> Result<usize> {
        outputs.iter().try_for_each(|&output| self.check(output, "outputs"))?;
        let alive = serial::alive(self, &ascending(outputs)?);
        let most = alive.into_iter().max().unwrap_or(0);
        Ok(usize::try_from(most).unwrap_or(usize::MAX))
    }

    /// That there is such a task.
    pub(super) fn check(&self, task: u32, argument: &str) -> Result<()> {
        if (task as usize) < self.len() {
            return Ok(());
        }
        let sentence =
            format!("argument `{argument}` is task {task}, but the graph has {} tasks", self.len());
        Err(Error::new(ErrorKind::Index, sentence))
    }

    /// As [`inputs`](Self::inputs), for a task that is there.
    pub(super) fn inputs_of(&self, task: u32) -> &[u32] {
        self.inputs.get(task as usize)
    }

    /// As [`set_bytes`](Self::set_bytes), for a task that is there.
    pub(super) fn set_memory(&mut self, task: u32, memory: TaskMemory) {
        if self.memory.len() <= task as usize {
            self.memory.resize(task as usize + 1, TaskMemory::default());
        }
        self.memory[task as usize] = memory;
    }

    pub(super) fn memory(&self, task: u32) -> TaskMemory {
        self.memory.get(task as usize).copied().unwrap_or_default()
    }

    /// Whether something was said of bytes.
    pub(super) fn has_memory(&self) -> bool {
        !self.memory.is_empty()
    }

    /// How many inputs a task has.
    pub(super) fn input_count(&self, task: u32) -> u32 {
        self.inputs.len_of(task as usize)
    }

    /// The tasks, in order.
    pub(super) fn tasks(&self) -> impl Iterator<Item = u32> + use<> {
        // `add` lets in no more than can be numbered.
        (0..=u32::MAX).take(self.len())
    }

    pub(super) fn links(&self) -> &Links {
        self.links.get_or_init(|| Links::new(self))
    }
}

impl Links {
    fn new(graph: &TaskGraph) -> Self {
        let (count, inputs) = (graph.len(), &graph.inputs);
        // First how many each has, then where the next goes, which ends where its list does.
        let mut ends = vec![0_u32; count];
        inputs.items.iter().for_each(|&input| ends[input as usize] += 1);
        let mut sum = 0;
        for end in &mut ends {
            sum += std::mem::replace(end, sum);
        }
        let mut items = vec![0; inputs.items.len()];
        for task in graph.tasks() {
            for &input in graph.inputs_of(task) {
                let at = &mut ends[input as usize];
                items[*at as usize] = task;
                *at += 1;
            }
        }
        let roots = graph.tasks().filter(|&task| graph.inputs_of(task).is_empty()).collect();
        Self { successors: Lists { ends, items }, roots }
    }

    /// How often a task is needed.
    pub(super) fn use_count(&self, task: u32) -> u32 {
        self.successors.len_of(task as usize)
    }

    /// The tasks that need this one, in ascending order, as often as they need it.
    pub(super) fn successors(&self, task: u32) -> &[u32] {
        self.successors.get(task as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn successors_are_inputs_turned_round() {
        let mut graph = TaskGraph::new();
        for inputs in [&[][..], &[0], &[0, 1], &[], &[2, 2, 0]] {
            graph.add(inputs).unwrap();
        }
        let links = graph.links();
        assert_eq!(links.roots, [0, 3]);
        let successors: Vec<&[u32]> = graph.tasks().map(|task| links.successors(task)).collect();
        assert_eq!(successors, [&[1, 2, 4][..], &[2], &[4, 4], &[], &[]]);
    }

    #[test]
    fn a_task_that_was_added_later_is_linked_too() {
        let mut graph = TaskGraph::new();
        graph.add(&[]).unwrap();
        assert!(graph.links().successors(0).is_empty());
        graph.add(&[0]).unwrap();
        assert_eq!(graph.links().successors(0), [1]);
    }

    #[test]
    fn no_circle_can_be_made() {
        let mut graph = TaskGraph::new();
        graph.add(&[]).unwrap();
        let error = graph.add(&[0, 1]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Index);
        assert_eq!(error.to_string(), "argument `inputs` has task 1, but there are 1 tasks so far");
        assert_eq!(graph.len(), 1);
        let error = graph.set_bytes(1, 0, 0).unwrap_err();
        assert_eq!(error.to_string(), "argument `task` is task 1, but the graph has 1 tasks");
    }
}
