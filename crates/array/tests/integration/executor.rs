//! Graphs of numbered tasks: random ones beside a naive run of the same tasks, and what can go wrong.

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use tenfold_array::{Cancel, Error, ErrorKind, Settings, TaskGraph};

use crate::watchdog::in_time;

const MINUTE: Duration = Duration::from_secs(60);

/// SplitMix64.
struct Draws(u64);

impl Draws {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound.max(1) as u64).unwrap()
    }

    fn one_in(&mut self, bound: usize) -> bool {
        self.below(bound) == 0
    }
}

/// A graph, what its tasks take, and what is wanted of it.
struct Case {
    graph: TaskGraph,
    bytes: Vec<(i64, i64)>,
    outputs: Vec<u32>,
    seed: u64,
}

impl Case {
    /// Up to 60 tasks with up to 4 inputs, mostly of those shortly before.
    fn random(seed: u64) -> Self {
        let mut draws = Draws(seed);
        let (mut graph, mut bytes, mut outputs) = (TaskGraph::new(), vec![], vec![]);
        let (count, reach) = (draws.below(60), 1 + draws.below(20));
        let (most, rare) = (1 + draws.below(4), 1 + draws.below(12));
        for task in 0..count {
            let inputs = (0..draws.below(most + 1).min(task)).map(|_| {
                let back = if draws.one_in(8) { draws.below(task) } else { draws.below(reach) };
                u32::try_from(task - 1 - back.min(task - 1)).unwrap()
            });
            let number = graph.add(&inputs.collect::<Vec<_>>()).unwrap();
            let (result, scratch) = (draws.below(100), draws.below(2) * draws.below(50));
            graph.set_bytes(number, result, scratch).unwrap();
            bytes.push((i64::try_from(result).unwrap(), i64::try_from(scratch).unwrap()));
            if draws.one_in(rare) {
                outputs.push(number);
            }
        }
        Self { graph, bytes, outputs, seed }
    }

    /// What a task comes to.
    fn mixed(task: u32, inputs: impl Iterator<Item = u64>) -> u64 {
        inputs.fold(u64::from(task), |mix, input| Draws(mix.rotate_left(7) ^ input).next())
    }

    /// All results, one after the other.
    fn naive(&self) -> Vec<u64> {
        let mut values: Vec<u64> = vec![];
        for task in 0..u32::try_from(self.graph.len()).unwrap() {
            let inputs = self.graph.inputs(task).unwrap().iter();
            let value = Self::mixed(task, inputs.map(|&input| values[input as usize]));
            values.push(value);
        }
        values
    }
}

/// The bytes that are alive, as the results themselves count them.
#[derive(Default)]
struct Count {
    live: AtomicI64,
    most: AtomicI64,
}

impl Count {
    fn add(&self, bytes: i64) {
        let live = self.live.fetch_add(bytes, Ordering::SeqCst) + bytes;
        self.most.fetch_max(live, Ordering::SeqCst);
    }
}

/// A result, which counts itself.
struct Chunk<'a> {
    value: u64,
    bytes: i64,
    count: &'a Count,
}

impl Drop for Chunk<'_> {
    fn drop(&mut self) {
        self.count.add(-self.bytes);
    }
}

/// What goes wrong in a task.
#[derive(Clone, Copy, PartialEq)]
enum Fault {
    None,
    Fails,
    Panics,
    Cancels,
}

/// Runs a case with a fault at a task, and checks all that can be seen of it.
fn run(case: &Case, settings: Settings, cap: Option<i64>, (at, fault): (u32, Fault)) {
    let (count, cancel) = (Count::default(), Cancel::new());
    let runs: Vec<AtomicU32> = case.bytes.iter().map(|_| AtomicU32::new(0)).collect();
    let settings = settings.cancel(&cancel);
    let result = settings.evaluate(&case.graph, &case.outputs, |task, inputs: &[&Chunk<'_>]| {
        let (bytes, scratch) = case.bytes[task as usize];
        count.add(bytes + scratch);
        // It is counted as long as it runs, however it ends.
        let chunk = Chunk { value: 0, bytes, count: &count };
        let _scratch = Chunk { value: 0, bytes: scratch, count: &count };
        runs[task as usize].fetch_add(1, Ordering::Relaxed);
        if (u64::from(task) ^ case.seed).is_multiple_of(5) {
            thread::yield_now();
        }
        match fault {
            Fault::Fails if task == at => return Err("it shall fail"),
            Fault::Panics if task == at => panic!("it shall panic"),
            Fault::Cancels if task == at => cancel.cancel(),
            _ => {}
        }
        let value = Case::mixed(task, inputs.iter().map(|input| input.value));
        let bytes = std::mem::ManuallyDrop::new(chunk).bytes;
        Ok(Chunk { value, bytes, count: &count })
    });
    let most = count.most.load(Ordering::SeqCst);
    assert!(cap.is_none_or(|cap| most <= cap), "{most} bytes of {cap:?}, seed {}", case.seed);
    let runs: Vec<u32> = runs.into_iter().map(AtomicU32::into_inner).collect();
    match result {
        Ok(results) => {
            assert!(runs.iter().all(|&runs| runs == 1), "{runs:?}, seed {}", case.seed);
            let values: Vec<u64> = results.iter().map(|chunk| chunk.value).collect();
            let naive = case.naive();
            let expected: Vec<u64> =
                case.outputs.iter().map(|&output| naive[output as usize]).collect();
            assert_eq!(values, expected, "seed {}", case.seed);
            // Somebody may have cancelled in the last task.
            assert!(matches!(fault, Fault::None | Fault::Cancels), "seed {}", case.seed);
        }
        Err(error) => {
            assert!(runs.iter().all(|&runs| runs <= 1), "{runs:?}, seed {}", case.seed);
            assert_eq!(runs[at as usize], 1, "{error}, seed {}", case.seed);
            let (kind, text) = (error.kind(), format!("{error:#}"));
            match fault {
                Fault::None => panic!("{text}, seed {}", case.seed),
                Fault::Fails => {
                    assert_eq!(kind, ErrorKind::Failed);
                    assert_eq!(text, format!("task {at} failed: it shall fail"));
                }
                Fault::Panics => {
                    assert_eq!(kind, ErrorKind::Panicked);
                    assert_eq!(text, format!("task {at} panicked: it shall panic"));
                }
                Fault::Cancels => assert_eq!(kind, ErrorKind::Cancelled, "{text}"),
            }
        }
    }
    assert_eq!(count.live.load(Ordering::SeqCst), 0, "seed {}", case.seed);
}

/// So many random graphs, each on 1, 2, 4 or 8 threads, without a cap or with one of 1.0, 1.2 or 1.5 times of what it
/// needs at least.
fn random_graphs(count: u64, faulty: bool) {
    for seed in 0..count {
        let case = Case::random(seed);
        let settings = Settings::new().threads([1, 2, 4, 8][usize::try_from(seed % 4).unwrap()]);
        let least = case.graph.minimum_memory(&case.outputs).unwrap();
        let tenths = [None, Some(10), Some(12), Some(15)][usize::try_from(seed / 4 % 4).unwrap()];
        let cap = tenths.map(|tenths| least * tenths / 10);
        let settings = cap.map_or(settings.clone(), |cap| settings.memory(cap));
        let mut draws = Draws(!seed);
        let fault = match draws.below(3) {
            _ if !faulty || case.graph.is_empty() => Fault::None,
            0 => Fault::Fails,
            1 => Fault::Panics,
            _ => Fault::Cancels,
        };
        let at = u32::try_from(draws.below(case.graph.len())).unwrap();
        run(&case, settings, cap.map(|cap| i64::try_from(cap).unwrap()), (at, fault));
    }
}

/// Panics that are meant are not printed.
fn quiet_panics() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if info.payload_as_str() != Some("it shall panic") {
            before(info);
        }
    }));
}

#[test]
fn random_graphs_stay_within_their_caps() {
    in_time(2 * MINUTE, || random_graphs(10_000, false));
}

#[test]
fn random_faults_are_told_and_leave_nothing() {
    quiet_panics();
    in_time(2 * MINUTE, || random_graphs(3_000, true));
}

#[test]
#[ignore = "long: a minute"]
fn a_hundred_thousand_random_graphs() {
    quiet_panics();
    in_time(60 * MINUTE, || random_graphs(100_000, false));
    in_time(60 * MINUTE, || random_graphs(100_000, true));
}

#[test]
#[ignore = "long: ten minutes"]
fn a_million_random_graphs() {
    in_time(120 * MINUTE, || random_graphs(1_000_000, false));
}

#[test]
fn a_cap_below_the_least_is_refused_before_the_run() {
    let mut graph = TaskGraph::new();
    let (a, b) = (graph.add(&[]).unwrap(), graph.add(&[]).unwrap());
    let sum = graph.add(&[a, b]).unwrap();
    for (task, bytes, scratch) in [(a, 500, 0), (b, 300, 0), (sum, 8, 92)] {
        graph.set_bytes(task, bytes, scratch).unwrap();
    }
    let settings = Settings::new();
    assert_eq!(graph.minimum_memory(&[sum]).unwrap(), 900);
    let ran = AtomicBool::new(false);
    let work = |_, _: &[&()]| {
        ran.store(true, Ordering::Relaxed);
        Ok::<_, Error>(())
    };
    let error = settings.clone().memory(899).evaluate(&graph, &[sum], work).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Memory);
    assert_eq!(
        error.to_string(),
        "task 2 needs 900 bytes with all that is alive beside it, but the cap is 899"
    );
    assert!(!ran.load(Ordering::Relaxed));
    assert!(settings.memory(900).evaluate(&graph, &[sum], work).is_ok());
}

#[test]
fn bytes_beyond_all_numbers_are_refused() {
    let mut graph = TaskGraph::new();
    let tasks: Vec<u32> = (0..3).map(|_| graph.add(&[]).unwrap()).collect();
    tasks.iter().for_each(|&task| graph.set_bytes(task, usize::MAX, usize::MAX).unwrap());
    let work = |_, _: &[&()]| Ok::<_, Error>(());
    let error = Settings::new().memory(1 << 40).evaluate(&graph, &tasks, work).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Memory);
    assert!(Settings::new().evaluate(&graph, &tasks, work).is_ok());
}

#[test]
fn outputs_that_are_not_there_or_twice_are_refused() {
    let mut graph = TaskGraph::new();
    graph.add(&[]).unwrap();
    let error = |outputs: &[u32]| {
        let work = |_, _: &[&()]| Ok::<_, Error>(());
        Settings::new().evaluate(&graph, outputs, work).unwrap_err()
    };
    assert_eq!(
        error(&[0, 7]).to_string(),
        "argument `outputs` is task 7, but the graph has 1 tasks"
    );
    assert_eq!(error(&[0, 0]).to_string(), "argument `outputs` has task 0 twice");
    assert_eq!(error(&[0, 0]).kind(), ErrorKind::Value);
}

#[test]
fn no_tasks_and_fewer_than_threads() {
    in_time(MINUTE, || {
        for threads in [0, 1, 2, 64, usize::MAX] {
            let settings = Settings::new().threads(threads);
            let mut graph = TaskGraph::new();
            settings.run(&graph, |_| panic!("there is no task")).unwrap();
            let work = |task, _: &[&u32]| Ok::<_, Error>(task);
            assert!(settings.evaluate(&graph, &[], work).unwrap().is_empty());
            graph.add(&[]).unwrap();
            assert_eq!(settings.evaluate(&graph, &[0], work).unwrap(), [0]);
        }
    });
}

#[test]
fn a_chain_of_a_million_tasks() {
    in_time(MINUTE, || {
        let mut graph = TaskGraph::new();
        let mut last = graph.add(&[]).unwrap();
        for _ in 1..1_000_000 {
            last = graph.add(&[last]).unwrap();
        }
        let work =
            |_, inputs: &[&u32]| Ok::<_, Error>(inputs.first().map_or(0, |input| *input + 1));
        for threads in [1, 3] {
            let results = Settings::new().threads(threads).evaluate(&graph, &[last], work);
            assert_eq!(results.unwrap(), [999_999]);
        }
    });
}

/// Whoever has two tasks gives one away: they wait for each other.
#[test]
fn two_tasks_run_at_one_time() {
    in_time(MINUTE, || {
        // The cap is less than all take together, so that it is watched, but not than these two with the root.
        for cap in [None, Some(110)] {
            let mut graph = TaskGraph::new();
            let root = graph.add(&[]).unwrap();
            let pair = [graph.add(&[root]).unwrap(), graph.add(&[root]).unwrap()];
            graph.set_bytes(root, 60, 0).unwrap();
            pair.iter().for_each(|&task| graph.set_bytes(task, 10, 15).unwrap());
            let last = graph.add(&pair).unwrap();
            graph.set_bytes(last, 50, 0).unwrap();
            let settings = Settings::new().threads(2);
            let settings = cap.map_or(settings.clone(), |cap| settings.memory(cap));
            let meeting = Barrier::new(2);
            let work = |task, _: &[&()]| {
                if pair.contains(&task) {
                    meeting.wait();
                }
                Ok::<_, Error>(())
            };
            settings.evaluate(&graph, &[last], work).unwrap();
        }
    });
}

#[test]
fn nothing_starts_after_a_failure() {
    let mut graph = TaskGraph::new();
    for _ in 0..1000 {
        graph.add(&[]).unwrap();
    }
    let runs = AtomicU32::new(0);
    let work = |task, _: &[&()]| {
        runs.fetch_add(1, Ordering::Relaxed);
        if task == 100 { Err("no") } else { Ok(()) }
    };
    let error = Settings::new().threads(1).evaluate(&graph, &[], work).unwrap_err();
    assert_eq!(error.to_string(), "task 100 failed");
    assert_eq!(runs.into_inner(), 101);
}

#[test]
fn a_panic_of_a_task_without_result_is_told() {
    quiet_panics();
    let mut graph = TaskGraph::new();
    for _ in 0..10 {
        graph.add(&[]).unwrap();
    }
    let work = |task| assert!(task != 3, "it shall panic");
    let error = Settings::new().run(&graph, work).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Panicked);
    assert_eq!(error.to_string(), "task 3 panicked: it shall panic");
}

/// Results whose drop panics end the run, and are dropped once.
#[test]
fn a_panic_of_a_drop_is_told() {
    static DROPS: AtomicU32 = AtomicU32::new(0);
    struct Bomb(bool);
    impl Drop for Bomb {
        fn drop(&mut self) {
            DROPS.fetch_add(1, Ordering::Relaxed);
            assert!(!self.0, "it shall panic");
        }
    }
    quiet_panics();
    let mut graph = TaskGraph::new();
    let roots: Vec<u32> = (0..5).map(|_| graph.add(&[]).unwrap()).collect();
    let last = graph.add(&roots).unwrap();
    let work = |task, _: &[&Bomb]| Ok::<_, Error>(Bomb(task != last));
    let error = Settings::new().threads(2).evaluate(&graph, &[last], work).map(drop).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Panicked);
    assert!(error.to_string().contains("when it was dropped"), "{error}");
    assert_eq!(DROPS.load(Ordering::Relaxed), 6);
}

/// What was said of results is not counted where there are none.
#[test]
fn a_trace_of_calls_has_no_bytes() {
    let mut graph = TaskGraph::new();
    for task in 0..10 {
        graph.add(&[]).unwrap();
        graph.set_bytes(task, 1 << 30, 0).unwrap();
    }
    let (result, traces) = Settings::new().traced(|settings| settings.run(&graph, |_| ()));
    result.unwrap();
    assert_eq!((traces[0].records.len(), traces[0].peak_bytes), (10, 0));
}

#[test]
fn a_trace_has_every_task_and_the_peak() {
    for (threads, cap) in [(1, None), (3, None), (2, Some(3 << 20))] {
        let mut graph = TaskGraph::new();
        let mut last = graph.add(&[]).unwrap();
        graph.set_bytes(last, 1 << 20, 0).unwrap();
        for _ in 0..50 {
            let side = graph.add(&[]).unwrap();
            last = graph.add(&[last, side]).unwrap();
            graph.set_bytes(side, 1 << 20, 0).unwrap();
            graph.set_bytes(last, 1 << 20, 0).unwrap();
        }
        let settings = Settings::new().threads(threads);
        let settings = cap.map_or(settings.clone(), |cap| settings.memory(cap));
        let work = |_, _: &[&()]| Ok::<_, Error>(());
        let (result, traces) = settings.traced(|settings| settings.evaluate(&graph, &[last], work));
        result.unwrap();
        let [trace] = &traces[..] else { panic!("{traces:?}") };
        let mut tasks: Vec<u64> = trace.records.iter().map(|record| record.number).collect();
        assert!(trace.records.is_sorted_by_key(|record| record.start_ns));
        tasks.sort_unstable();
        assert_eq!(tasks, (0..101).collect::<Vec<_>>());
        assert_eq!(trace.records.iter().map(|record| record.bytes).sum::<i64>(), 1 << 20);
        assert!(trace.records.iter().all(|record| usize::from(record.worker) < trace.workers));
        assert_eq!((trace.workers, trace.dropped), (threads, 0));
        assert!(trace.peak_bytes >= 2 << 20, "{trace:?}");
        assert!(cap.is_none_or(|cap| trace.peak_bytes <= cap as u64), "{trace:?}");
    }
}
