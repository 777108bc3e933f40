//! What tasks take when they run one after the other.

use super::graph::TaskGraph;

/// The bytes that are alive while each task of a graph runs, if they run in their order: with its own result and
/// scratch, and all results that a later task needs or that are `kept`, in ascending order, to the end.
pub(super) fn alive(graph: &TaskGraph, kept: &[u32]) -> Vec<u64> {
    let mut uses: Vec<u32> = graph.tasks().map(|task| graph.links().use_count(task)).collect();
    kept.iter().for_each(|&task| uses[task as usize] += 1);
    let mut alive = 0_u64;
    let step = |task: u32| {
        let memory = graph.memory(task);
        let running = alive.saturating_add(memory.running());
        alive = alive.saturating_add(memory.result);
        for &input in graph.inputs_of(task) {
            uses[input as usize] -= 1;
            if uses[input as usize] == 0 {
                alive = alive.saturating_sub(graph.memory(input).result);
            }
        }
        if uses[task as usize] == 0 {
            alive = alive.saturating_sub(memory.result);
        }
        running
    };
    graph.tasks().map(step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_lives_until_its_last_use() {
        let mut graph = TaskGraph::new();
        for (inputs, result, scratch) in
            [(&[][..], 10, 0), (&[], 20, 5), (&[0, 1], 1, 100), (&[1], 7, 0), (&[], 50, 0)]
        {
            let task = graph.add(inputs).unwrap();
            graph.set_bytes(task, result, scratch).unwrap();
        }
        // Task 2 and 4 are of no use, 3 is kept.
        assert_eq!(alive(&graph, &[3]), [10, 35, 131, 27, 57]);
        assert_eq!(alive(&graph, &[2, 3]), [10, 35, 131, 28, 58]);
    }
}
