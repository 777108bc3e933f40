//! The tasks that results need, in the order in which they are planned.

use std::collections::HashMap;
use std::sync::Arc;

use super::node::{Node, Value};
use crate::error::Result;
use crate::executor::{Attempts, Cancel, Names, TaskGraph, depth_first, reordered};
use crate::settings::Settings;

/// What is to be run.
pub(super) struct Plan<'a> {
    graph: TaskGraph,
    /// By their places in the planned order.
    nodes: Vec<&'a Node>,
    retries: Vec<u32>,
    outputs: Vec<u32>,
}

impl<'a> Plan<'a> {
    /// The plan for these results, each of them once.
    pub(super) fn new(outputs: &[&'a Arc<Node>]) -> Result<Self> {
        let mut found = Found::default();
        outputs.iter().try_for_each(|output| found.visit(output))?;
        let wanted: Vec<u32> = outputs.iter().map(|output| found.numbers[&key(output)]).collect();
        let order = depth_first(&found.graph, &wanted);
        let mut places = vec![0; order.len()];
        (0..).zip(&order).for_each(|(place, &task)| places[task as usize] = place);
        Ok(Self {
            graph: reordered(&found.graph, &order)?,
            nodes: order.iter().map(|&task| found.nodes[task as usize]).collect(),
            retries: order.iter().map(|&task| found.retries[task as usize]).collect(),
            outputs: wanted.iter().map(|&task| places[task as usize]).collect(),
        })
    }

    /// Runs all tasks, and gives the results.
    pub(super) fn run(&self, settings: &Settings) -> Result<Vec<Value>> {
        settings.evaluate_named(&self.graph, &self.outputs, self, |task, inputs: &[&Value]| {
            self.task(task, inputs, &settings.cancel)
        })
    }

    fn task(&self, task: u32, inputs: &[&Value], cancel: &Cancel) -> Result<Value> {
        let node = self.nodes[task as usize];
        let attempts = Attempts { retries: self.retries[task as usize], cancel };
        let made = attempts.make(self, task, || node.call(inputs));
        made.map_err(|error| error.at(node.location()))
    }

    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    pub(super) fn minimum_memory(&self) -> Result<usize> {
        self.graph.minimum_memory(&self.outputs)
    }

    /// That the tasks can be kept within the cap.
    pub(super) fn check_memory(&self, settings: &Settings) -> Result<()> {
        settings.check_memory(&self.graph, &self.outputs, self)
    }
}

impl Names for Plan<'_> {
    fn name(&self, task: u32) -> String {
        format!("task `{}`", self.nodes[task as usize].name())
    }

    fn all(&self) -> Vec<Arc<str>> {
        self.nodes.iter().map(|node| node.name()).collect()
    }
}

/// The tasks that were found so far, each after its inputs.
#[derive(Default)]
struct Found<'a> {
    graph: TaskGraph,
    nodes: Vec<&'a Node>,
    retries: Vec<u32>,
    numbers: HashMap<*const Node, u32>,
}

fn key(node: &Arc<Node>) -> *const Node {
    Arc::as_ptr(node)
}

impl<'a> Found<'a> {
    /// Finds a task and all that it needs: from a list of what is left, not by calls that call themselves, for which
    /// a chain of a million would be too deep.
    fn visit(&mut self, output: &'a Arc<Node>) -> Result<()> {
        if self.numbers.contains_key(&key(output)) {
            return Ok(());
        }
        // With each task, how many of its inputs have been looked at.
        let mut stack = vec![(output, 0)];
        while let Some((node, looked)) = stack.last_mut() {
            if let Some(input) = node.inputs().get(*looked) {
                *looked += 1;
                if !self.numbers.contains_key(&key(input)) {
                    stack.push((input, 0));
                }
            } else {
                let node = *node;
                stack.pop();
                self.add(node)?;
            }
        }
        Ok(())
    }

    /// Adds a task whose inputs are there.
    fn add(&mut self, node: &'a Arc<Node>) -> Result<()> {
        let inputs: Vec<u32> =
            node.inputs().iter().map(|input| self.numbers[&key(input)]).collect();
        let number = self.graph.add(&inputs)?;
        let settings = node.settings();
        if settings.bytes > 0 || settings.scratch > 0 {
            self.graph.set_bytes(number, settings.bytes, settings.scratch)?;
        }
        self.retries.push(settings.retries);
        self.nodes.push(node);
        self.numbers.insert(key(node), number);
        Ok(())
    }
}
