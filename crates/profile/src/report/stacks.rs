//! Samples as the call tree that they were taken of, for forms that know scopes only.

use std::collections::HashMap;

use super::document::{
    Document, Frame, Lost, PathPart, Place, PlaceKind, SampleStack, SampleThread, ThreadPart,
};

/// The document with its samples as paths; `None` where it has scopes, or no samples.
///
/// A call stands for a sample, and takes as long as there is from one to the next.
pub(crate) fn as_tree(document: &Document) -> Option<Document> {
    let has_scopes = document.threads.iter().any(|thread| !thread.paths.is_empty());
    let samples = document.samples.as_ref().filter(|_| !has_scopes)?;
    Some(Document {
        functions: samples.frames.iter().map(place).collect(),
        threads: samples.threads.iter().map(|found| thread(found, samples.hz)).collect(),
        samples: None,
        ..document.clone()
    })
}

fn place(frame: &Frame) -> Place {
    let (name, file) = (frame.name.clone(), frame.file.clone());
    Place { name, file, line: 0, kind: PlaceKind::Function, sample: 1 }
}

fn thread(found: &SampleThread, hz: u32) -> ThreadPart {
    let mut paths = Paths::default();
    let running = found.stacks.iter().filter(|stack| !stack.waits);
    running.clone().for_each(|stack| paths.add(stack));
    let mut paths = paths.list;
    let period = 1e9 / f64::from(hz.max(1));
    for path in &mut paths {
        path.elapsed_ns *= period;
        path.nested_ns *= period;
        (path.min_ns, path.max_ns) = (period, period);
    }
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
    let span_ns = period * running.map(|stack| stack.weight).sum::<u64>() as f64;
    let (name, lost) = (found.name.clone(), Lost::default());
    ThreadPart { name, span_ns, cost_ns: 0.0, lost, paths }
}

/// Paths as they come, their times as counts.
#[derive(Debug, Default)]
struct Paths {
    list: Vec<PathPart>,
    /// By parent and function.
    known: HashMap<(Option<usize>, usize), usize>,
}

impl Paths {
    /// A function that is on a stack already goes on below where it was first, as scopes do.
    fn add(&mut self, stack: &SampleStack) {
        let mut parent = None;
        for (depth, &function) in stack.frames.iter().enumerate() {
            let next = self.list.len();
            let at = *self.known.entry((parent, function)).or_insert(next);
            if at == next {
                self.list.push(empty(parent, function, self.outer(parent, function)));
            }
            let is_nested = stack.frames[..depth].contains(&function);
            count(&mut self.list[at], stack.weight, is_nested);
            parent = self.list[at].outer.or(Some(at));
        }
    }

    /// The path of this function above, the path itself among them.
    fn outer(&self, path: Option<usize>, function: usize) -> Option<usize> {
        std::iter::successors(path, |&at| self.list[at].parent)
            .find(|&at| self.list[at].function == function)
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
fn count(path: &mut PathPart, weight: u64, is_nested: bool) {
    path.calls += weight;
    path.timed += weight;
    path.elapsed_ns += weight as f64;
    if is_nested {
        path.nested_ns += weight as f64;
    } else {
        path.primitive_calls += weight;
    }
}

fn empty(parent: Option<usize>, function: usize, outer: Option<usize>) -> PathPart {
    PathPart {
        parent,
        function,
        outer,
        calls: 0,
        primitive_calls: 0,
        timed: 0,
        open: 0,
        elapsed_ns: 0.0,
        nested_ns: 0.0,
        min_ns: 0.0,
        max_ns: 0.0,
        bytes: 0,
        blocks: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::super::analysis::self_ns;
    use super::{SampleStack, SampleThread, thread};

    #[test]
    fn a_stack_is_a_path_and_recursion_stands_with_its_outer_call() {
        let stack = |frames: &[usize], waits, weight| SampleStack {
            frames: frames.to_vec(),
            waits,
            weight,
        };
        let stacks = vec![
            stack(&[0, 1], false, 3),
            stack(&[0, 1, 1, 2], false, 2),
            stack(&[0], false, 1),
            stack(&[0, 2], true, 9),
        ];
        let found = thread(&SampleThread { name: String::new(), stacks }, 1000);
        let numbers: Vec<_> = found
            .paths
            .iter()
            .map(|p| (p.parent, p.function, p.calls, p.primitive_calls))
            .collect();
        let (main, outer) = (Some(0), Some(1));
        assert_eq!(numbers, [(None, 0, 6, 6), (main, 1, 5, 5), (outer, 1, 2, 0), (outer, 2, 2, 2)]);
        assert_eq!(self_ns(&found.paths), [1e6, 3e6, 0.0, 2e6]);
        assert_eq!(found.span_ns, 6e6);
    }
}
