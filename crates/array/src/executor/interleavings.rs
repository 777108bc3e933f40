//! Both schedules in every order that two or three workers can take, by loom:
//!
//! ```text
//! RUSTFLAGS="--cfg loom" cargo test --release --package tenfold-array --lib interleavings
//! ```

use std::sync::Arc;

use loom::thread;

use super::admitted::Admitted;
use super::desk::Desk;
use super::free::Free;
use super::range_max::RangeMax;
use super::values::Values;
use super::work::{Run, Work};
use super::{Cancel, Failure, Live, TaskGraph, serial};
use crate::error::Result;

/// What `'static` threads of a model share: some hundred bytes for each order, which are not freed.
fn shared<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

fn graph(tasks: &[&[u32]]) -> TaskGraph {
    let mut graph = TaskGraph::new();
    for inputs in tasks {
        let task = graph.add(inputs).unwrap();
        graph.set_bytes(task, 1, 0).unwrap();
    }
    graph.links();
    graph
}

/// All orders in which at most so many times a worker is put off that could go on. The result of the last task is kept;
/// each task adds 1 to the sum of its inputs.
fn orders(preemptions: usize, workers: usize, cap: Option<u64>, tasks: &'static [&'static [u32]]) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(preemptions);
    builder.check(move || {
        let graph = shared(graph(tasks));
        let kept = [u32::try_from(graph.len()).unwrap() - 1];
        let run: &'static Run<'static> = shared(Run {
            graph,
            workers,
            counts_bytes: true,
            is_exact: cap.is_some(),
            cancel: shared(Cancel::new()),
            progress: None,
            recorder: None,
            failure: Failure::default(),
            live: Live::default(),
            finished: 0.into(),
        });
        let add = |_, inputs: &[&u64]| -> Result<u64> {
            Ok(1 + inputs.iter().map(|input| **input).sum::<u64>())
        };
        let values = Arc::new(Values::new(graph, &kept, add));
        match cap {
            None => {
                let free = Arc::new(Free::new(run));
                all(workers, run, &values, move |work, desk| free.work(work, desk));
            }
            Some(cap) => {
                let alive = shared(RangeMax::new(serial::alive(graph, &kept)));
                let admitted = Arc::new(Admitted::new(run, cap, alive));
                all(workers, run, &values, move |work, desk| admitted.work(work, desk));
                assert!(run.live.peak() <= cap);
            }
        }
        let values = Arc::into_inner(values).unwrap();
        let mut expected: Vec<u64> = vec![];
        for inputs in tasks {
            let sum: u64 = inputs.iter().map(|&input| expected[input as usize]).sum();
            expected.push(sum + 1);
        }
        assert_eq!(values.into_results(&kept), [expected.last().copied()]);
    });
}

fn all<W: Work + Send + 'static>(
    workers: usize,
    run: &'static Run<'static>,
    work: &Arc<W>,
    schedule: impl Fn(&W, &mut Desk<'static>) + Clone + Send + 'static,
) {
    let threads: Vec<_> = (1..workers)
        .map(|worker| {
            let (schedule, work) = (schedule.clone(), Arc::clone(work));
            thread::spawn(move || schedule(&work, &mut Desk::new(run, worker)))
        })
        .collect();
    schedule(work, &mut Desk::new(run, 0));
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}

const DIAMOND: &[&[u32]] = &[&[], &[0], &[0], &[1, 2]];
const PAIRS: &[&[u32]] = &[&[], &[], &[0, 1], &[], &[], &[3, 4], &[2, 5, 5]];

#[test]
fn a_diamond_of_two() {
    orders(3, 2, None, DIAMOND);
    orders(3, 2, Some(3), DIAMOND);
}

#[test]
fn a_diamond_of_three() {
    orders(2, 3, None, DIAMOND);
    orders(2, 3, Some(3), DIAMOND);
}

#[test]
fn a_tree_of_two() {
    orders(2, 2, None, PAIRS);
    orders(2, 2, Some(4), PAIRS);
}
