//! What a task costs beside its work: one that does nothing, in a tree, with results, recorded, under a cap, as a
//! `delayed` function; beside rayon's spawn and Dask's threads. Answers are checked before they are timed.

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};

use criterion::{Criterion, Throughput, criterion_group};
use tenfold_array::{Delayed, Error, Settings, TaskGraph, delayed};
use tenfold_profile::{Scope, Timeit};

const THREADS: usize = 2;

/// Tasks that need nothing.
fn independent(count: usize) -> TaskGraph {
    let mut graph = TaskGraph::new();
    for _ in 0..count {
        graph.add(&[]).expect("there is room");
    }
    graph
}

/// A binary tree over so many leaves, a power of 2: depth first, as it is planned, or level by level.
fn tree(leaves: usize, is_deep: bool) -> TaskGraph {
    let mut graph = TaskGraph::new();
    let mut add = |inputs: &[u32]| graph.add(inputs).expect("there is room");
    if is_deep {
        let mut waiting: Vec<u32> = vec![];
        for leaf in 1..=leaves {
            waiting.push(add(&[]));
            // As many pairs are full as the number of leaves has zeros at its end.
            for _ in 0..leaf.trailing_zeros() {
                let (b, a) = (waiting.pop(), waiting.pop());
                waiting.push(add(&[a.expect("a left half"), b.expect("a right half")]));
            }
        }
    } else {
        let mut level: Vec<u32> = (0..leaves).map(|_| add(&[])).collect();
        while level.len() > 1 {
            level = level.chunks(2).map(&mut add).collect();
        }
    }
    graph
}

/// With results of 128 bytes.
fn with_bytes(mut graph: TaskGraph) -> TaskGraph {
    let tasks = u32::try_from(graph.len()).expect("few");
    (0..tasks).for_each(|task| graph.set_bytes(task, 128, 0).expect("it is there"));
    graph
}

fn run(settings: &Settings, graph: &TaskGraph) {
    settings
        .run(graph, |task| {
            black_box(task);
        })
        .expect("nothing fails");
}

/// A result of 128 bytes.
struct Chunk(Box<[u64; 16]>);

/// How many leaves there are under the last task.
fn leaves(settings: &Settings, graph: &TaskGraph) -> u64 {
    let root = u32::try_from(graph.len()).expect("few") - 1;
    let results = settings.evaluate(graph, &[root], |_, inputs: &[&Chunk]| {
        let sum = inputs.iter().map(|input| input.0[0]).sum::<u64>();
        Ok::<_, Error>(Chunk(Box::new([sum.max(1); 16])))
    });
    results.expect("nothing fails")[0].0[0]
}

fn delayed_tree(leaves: u64) -> Delayed<u64> {
    let leaves: Vec<_> = (0..leaves).map(|_| delayed(|| 1)).collect();
    Delayed::reduce(&leaves, |a, b| a + b).expect("there are some")
}

fn rayon_spawn(count: usize) {
    rayon::scope(|scope| {
        for task in 0..count {
            scope.spawn(move |_| {
                black_box(task);
            });
        }
    });
}

/// The graphs are right, and each task runs once.
fn check() {
    for graph in [independent(1000), tree(1 << 9, true), tree(1 << 9, false)] {
        let sum = AtomicU64::new(0);
        let add = |task: u32| {
            sum.fetch_add(task.into(), Ordering::Relaxed);
        };
        Settings::new().threads(THREADS).run(&graph, add).expect("nothing fails");
        let count = graph.len() as u64;
        assert_eq!(sum.into_inner(), count * (count - 1) / 2);
    }
    let settings = Settings::new().threads(THREADS);
    assert_eq!(leaves(&settings, &tree(1 << 9, true)), 1 << 9);
    assert_eq!(leaves(&settings, &tree(1 << 9, false)), 1 << 9);
    assert_eq!(settings.compute(&delayed_tree(1000)).expect("nothing fails"), 1000);
}

fn tasks(criterion: &mut Criterion) {
    check();
    const LEAVES: usize = 1 << 15;
    let mut group = criterion.benchmark_group("array/task");
    let count = 2 * LEAVES - 1;
    group.throughput(Throughput::Elements(count as u64));
    let (flat, deep) = (independent(count), tree(LEAVES, true));
    let results = with_bytes(deep.clone());
    let root = u32::try_from(count - 1).expect("few");
    let least = results.minimum_memory(&[root]).expect("it is there");
    for threads in [1, THREADS] {
        let settings = Settings::new().threads(threads);
        let capped = settings.clone().memory(least);
        let name = |what: &str| format!("{what}, {threads} threads");
        group.bench_function(name("independent"), |b| b.iter(|| run(&settings, &flat)));
        group.bench_function(name("tree"), |b| b.iter(|| run(&settings, &deep)));
        group.bench_function(name("results"), |b| b.iter(|| leaves(&settings, &results)));
        group.bench_function(name("results, recorded"), |b| {
            b.iter(|| settings.traced(|settings| leaves(settings, &results)));
        });
        group.bench_function(name("results, least cap"), |b| b.iter(|| leaves(&capped, &results)));
        let sum = delayed_tree(LEAVES as u64);
        group.bench_function(name("delayed"), |b| b.iter(|| settings.compute(&sum)));
    }
    group.bench_function("graph", |b| b.iter(|| tree(LEAVES, true)));
    group.bench_function("delayed, written down", |b| b.iter(|| delayed_tree(LEAVES as u64)));
    group.bench_function("rayon::scope, independent", |b| b.iter(|| rayon_spawn(count)));
    group.finish();
}

criterion_group!(benches, tasks);

/// One thing to time: its name, how many tasks it runs, and it.
type Case<'a> = (String, usize, Box<dyn Fn() + 'a>);

/// `--table`: all cases in turns, so that what disturbs the machine disturbs all of them alike, and Dask.
/// `benches/record` has what it printed.
#[expect(clippy::print_stdout, reason = "that is what it is for")]
fn table() {
    const LEAVES: usize = 1 << 19;
    check();
    let count = 2 * LEAVES - 1;
    let (flat, deep, broad) = (independent(count), tree(LEAVES, true), tree(LEAVES, false));
    let results = with_bytes(deep.clone());
    let sum = delayed_tree(LEAVES as u64);
    let root = u32::try_from(count - 1).expect("few");
    let least = results.minimum_memory(&[root]).expect("it is there");
    let mut cases: Vec<Case<'_>> = vec![];
    for threads in [1, THREADS] {
        let settings = Settings::new().threads(threads);
        let mut case = |what: &str, f: fn(&Settings, &TaskGraph), settings, graph| {
            let name = format!("{what}, {threads} threads");
            cases.push((name, count, Box::new(move || f(&settings, graph))));
        };
        case("independent", run, settings.clone(), &flat);
        case("tree, depth first", run, settings.clone(), &deep);
        case("tree, by levels", run, settings.clone(), &broad);
        case("tree of results", checked_leaves, settings.clone(), &results);
        case("tree of results, recorded", recorded_leaves, settings.clone(), &results);
        case(
            "tree of results, least cap",
            checked_leaves,
            settings.clone().memory(least),
            &results,
        );
        let name = format!("tree of delayed, {threads} threads");
        let sum = sum.clone();
        let compute = move || {
            assert_eq!(settings.compute(&sum).expect("nothing fails"), LEAVES as u64);
        };
        cases.push((name, count, Box::new(compute)));
    }
    cases.push(("written down: graph".into(), count, Box::new(|| drop(tree(LEAVES, true)))));
    let write = || drop(delayed_tree(LEAVES as u64));
    cases.push(("written down: delayed".into(), count, Box::new(write)));
    cases.push(("rayon::scope, independent".into(), count, Box::new(move || rayon_spawn(count))));
    println!("{:<38} {:>9} {:>9}   ns a task of {count}, the least of 9", "", "wall", "CPU");
    for ((name, ..), (wall, cpu)) in cases.iter().zip(least_times(&cases)) {
        println!("{name:<38} {wall:>9.1} {cpu:>9.1}");
    }
    peak();
    dask();
}

fn checked_leaves(settings: &Settings, graph: &TaskGraph) {
    assert_eq!(leaves(settings, graph), graph.len().div_ceil(2) as u64);
}

fn recorded_leaves(settings: &Settings, graph: &TaskGraph) {
    let ((), traces) = settings.traced(|settings| checked_leaves(settings, graph));
    let trace = &traces[0];
    assert_eq!(trace.records.len() as u64 + trace.dropped, graph.len() as u64);
}

/// The least wall time and the least CPU time of all threads of a task of each case, in ns.
fn least_times(cases: &[Case<'_>]) -> Vec<(f64, f64)> {
    let timeit = Timeit::new().scope(Scope::Process);
    let mut least = vec![(f64::INFINITY, f64::INFINITY); cases.len()];
    for _ in 0..9 {
        for ((_, count, run), (wall, cpu)) in cases.iter().zip(&mut least) {
            let sample = timeit.sample(1, run);
            *wall = wall.min(sample.wall_ns() / *count as f64);
            *cpu = cpu.min(sample.cpu_ns().unwrap_or(f64::NAN) / *count as f64);
        }
    }
    least
}

/// How many results are alive at once: they are said to be of 1 MiB, which is what is counted by.
#[expect(clippy::print_stdout, reason = "that is what it is for")]
fn peak() {
    let mut graph = tree(1 << 19, true);
    let tasks = u32::try_from(graph.len()).expect("few");
    (0..tasks).for_each(|task| graph.set_bytes(task, 1 << 20, 0).expect("it is there"));
    for threads in [1, THREADS] {
        let settings = Settings::new().threads(threads);
        let ((), traces) = settings.traced(|settings| checked_leaves(settings, &graph));
        let peak = traces[0].peak_bytes >> 20;
        println!("tree of 2^19 leaves, {threads} threads: {peak} results alive at once");
    }
}

/// The Python of `cargo xtask setup peers`, or another.
fn python() -> PathBuf {
    let peers = || {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("a folder");
        target.join("tenfold/peers/bin/python")
    };
    std::env::var_os("PEERS_PYTHON").map_or_else(peers, PathBuf::from)
}

/// What Dask prints of the same tasks.
#[expect(clippy::print_stdout, reason = "that is what it is for")]
fn dask() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/dask_tasks.py");
    let (python, threads) = (python(), THREADS.to_string());
    match Command::new(&python).arg(script).arg(threads).output() {
        Ok(output) if output.status.success() => {
            print!("{}", String::from_utf8_lossy(&output.stdout));
        }
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr);
            println!("skipped: dask: {}", said.lines().last().unwrap_or("it says nothing"));
        }
        Err(error) => println!(
            "skipped: dask: {} does not start, {error}: cargo xtask setup peers",
            python.display()
        ),
    }
}

fn main() {
    if std::env::args().any(|arg| arg == "--table") {
        return table();
    }
    benches();
    Criterion::default().configure_from_args().final_summary();
}
