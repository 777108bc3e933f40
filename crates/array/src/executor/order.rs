//! The order in which tasks are planned.

use super::graph::TaskGraph;
use crate::error::Result;

/// Depth first, so that a result is used soon after it was made; and of the inputs of a task first the one which takes
/// the most memory beyond its result, while the results of the others are not there yet. For a tree that is the
/// order of least memory: Liu, *On the storage requirement in the out-of-core multifrontal method*, 1986.
///
/// Gives the tasks that `outputs` need, each after its inputs. Where nothing is said of bytes, all results are
/// taken to be equally large.
pub(crate) fn depth_first(graph: &TaskGraph, outputs: &[u32]) -> Vec<u32> {
    let inputs = Inputs::sorted(graph);
    let mut order = Vec::with_capacity(graph.len());
    let mut seen = vec![false; graph.len()];
    // With each task, how many of its inputs have been looked at.
    let mut stack = vec![];
    for &output in outputs {
        if !std::mem::replace(&mut seen[output as usize], true) {
            stack.push((output, 0));
        }
        while let Some((task, looked)) = stack.last_mut() {
            if let Some(&input) = inputs.of(*task).get(*looked) {
                *looked += 1;
                if !std::mem::replace(&mut seen[input as usize], true) {
                    stack.push((input, 0));
                }
            } else {
                order.push(*task);
                stack.pop();
            }
        }
    }
    order
}

/// The inputs of each task in the order in which they are made.
#[derive(Debug)]
struct Inputs {
    starts: Vec<usize>,
    items: Vec<u32>,
}

impl Inputs {
    fn sorted(graph: &TaskGraph) -> Self {
        let mut inputs = Self { starts: vec![0], items: vec![] };
        // The most that is alive at once while a task and all before it run, were they a tree.
        let mut peaks: Vec<u64> = Vec::with_capacity(graph.len());
        for task in graph.tasks() {
            let start = inputs.items.len();
            inputs.items.extend_from_slice(graph.inputs_of(task));
            inputs.starts.push(inputs.items.len());
            let made = &mut inputs.items[start..];
            let beyond = |input: u32| peaks[input as usize].saturating_sub(result(graph, input));
            made.sort_by_key(|&input| std::cmp::Reverse(beyond(input)));
            let (mut held, mut peak) = (0_u64, 0);
            for &mut input in made {
                peak = peak.max(held.saturating_add(peaks[input as usize]));
                held = held.saturating_add(result(graph, input));
            }
            let running = result(graph, task).saturating_add(graph.memory(task).scratch);
            peaks.push(peak.max(held.saturating_add(running)));
        }
        inputs
    }

    fn of(&self, task: u32) -> &[u32] {
        &self.items[self.starts[task as usize]..self.starts[task as usize + 1]]
    }
}

fn result(graph: &TaskGraph, task: u32) -> u64 {
    if graph.has_memory() { graph.memory(task).result } else { 1 }
}

/// The same tasks in another order, which has each after its inputs.
pub(crate) fn reordered(graph: &TaskGraph, order: &[u32]) -> Result<TaskGraph> {
    let mut places = vec![u32::MAX; graph.len()];
    let mut planned = TaskGraph::new();
    let mut inputs = vec![];
    for &task in order {
        inputs.clear();
        inputs.extend(graph.inputs_of(task).iter().map(|&input| places[input as usize]));
        let place = planned.add(&inputs)?;
        places[task as usize] = place;
        if graph.has_memory() {
            planned.set_memory(place, graph.memory(task));
        }
    }
    Ok(planned)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::serial::alive;
    use super::*;

    /// The least that a tree needs whose subtrees are made one after the other, by trying all orders of inputs.
    fn least(graph: &TaskGraph, task: u32, inputs: &[u32], held: u64) -> u64 {
        let memory = graph.memory(task);
        if inputs.is_empty() {
            return held + memory.running();
        }
        let one_first = |at: usize| {
            let mut rest = inputs.to_vec();
            let input = rest.remove(at);
            let own = least(graph, input, graph.inputs_of(input), 0);
            let then = least(graph, task, &rest, held + graph.memory(input).result);
            then.max(held + own)
        };
        (0..inputs.len()).map(one_first).min().unwrap()
    }

    proptest! {
        /// Each task but the last is needed by one that comes later.
        #[test]
        fn a_tree_takes_the_least_memory(
            tasks in prop::collection::vec((1..4_u32, 0..50_usize, 0..50_usize), 1..12),
        ) {
            let count = u32::try_from(tasks.len()).unwrap();
            let needs = |task: u32| (0..count - 1)
                .filter(|&other| (other + tasks[other as usize].0).min(count - 1) == task)
                .collect::<Vec<_>>();
            let mut graph = TaskGraph::new();
            for (task, &(_, result, scratch)) in (0..).zip(&tasks) {
                graph.add(&needs(task)).unwrap();
                graph.set_bytes(task, result, scratch).unwrap();
            }
            let last = count - 1;
            let planned = reordered(&graph, &depth_first(&graph, &[last])).unwrap();
            let expected = least(&graph, last, graph.inputs_of(last), 0);
            prop_assert_eq!(alive(&planned, &[last]).into_iter().max(), Some(expected));
        }
    }

    /// A binary tree over so many leaves, level by level.
    fn tree(leaves: u32) -> (TaskGraph, u32) {
        let mut graph = TaskGraph::new();
        let mut level: Vec<u32> = (0..leaves).map(|_| graph.add(&[]).unwrap()).collect();
        while level.len() > 1 {
            level = level.chunks(2).map(|pair| graph.add(pair).unwrap()).collect();
        }
        graph.tasks().for_each(|task| graph.set_bytes(task, 1, 0).unwrap());
        (graph, level[0])
    }

    #[test]
    fn a_tree_holds_few_results() {
        let (graph, root) = tree(1 << 10);
        assert_eq!(alive(&graph, &[root]).iter().max(), Some(&1025), "as it was built");
        let order = depth_first(&graph, &[root]);
        let planned = reordered(&graph, &order).unwrap();
        assert_eq!(alive(&planned, &[2046]).iter().max(), Some(&12));
    }

    #[test]
    fn the_input_that_needs_most_comes_first() {
        let mut graph = TaskGraph::new();
        let small = graph.add(&[]).unwrap();
        let large: Vec<u32> = (0..4).map(|_| graph.add(&[]).unwrap()).collect();
        let sum = graph.add(&large).unwrap();
        let both = graph.add(&[small, sum]).unwrap();
        assert_eq!(depth_first(&graph, &[both]), [1, 2, 3, 4, sum, small, both]);
        // Unless it is the small one that takes most.
        graph.set_bytes(small, 1, 100).unwrap();
        large.iter().for_each(|&task| graph.set_bytes(task, 1, 0).unwrap());
        assert_eq!(depth_first(&graph, &[both])[0], small);
    }

    #[test]
    fn only_what_is_needed_is_planned_and_once() {
        let mut graph = TaskGraph::new();
        for inputs in [&[][..], &[], &[0, 0], &[2, 0], &[1]] {
            graph.add(inputs).unwrap();
        }
        assert_eq!(depth_first(&graph, &[3, 2, 3]), [0, 2, 3]);
    }
}
