//! The workloads, ours and Dask's in turns.

#![expect(clippy::print_stdout, reason = "a table is its result")]
#![expect(clippy::reversed_empty_ranges, reason = "slices count from the end")]

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Instant;

use tenfold_array::ndarray::{Ix2, s};
use tenfold_array::{Array, Border, NpyFile, NpyWriter, Random, Settings};

/// How often each side runs; the least counts.
const ROUNDS: usize = 3;

/// The cap of ours, as users of 2 GiB arrays set it.
const CAP: &str = "512MiB";

/// What a run took.
struct Run {
    cpu: f64,
    wall: f64,
    peak: f64,
    answer: f64,
}

/// A workload: its name, as Dask's script has it, and how many bytes it plans to take and to read, and its answer.
type Workload = (&'static str, Box<dyn Fn(&Settings) -> f64>);

pub(super) fn table(n: usize) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("x.npy");
    let settings = Settings::new().threads(2).with_memory(CAP).expect("a size");
    let x = Random::new(7).uniform::<f64, _>([n, n], 0.0..1.0, 1024);
    let file = NpyWriter::create(&path, &x.shape()).expect("room for it");
    settings.store(&x, &file).expect("room for it");
    file.finish().expect("all was written");

    let mut dask = Dask::start(&path);
    println!("{n} x {n} f64 from the page cache, 2 threads, least of {ROUNDS} runs");
    println!("{:24} {:>22} {:>22} {:>7}", "", "ours: cpu s, MiB", "dask: cpu s, MiB", "ratio");
    let mut ratios = vec![];
    for (name, ours) in workloads(&path, n) {
        let mut best = (run(&settings, &*ours), dask.as_mut().and_then(|dask| dask.run(name)));
        for _ in 1..ROUNDS {
            best.0 = least(best.0, run(&settings, &*ours));
            best.1 = best.1.and_then(|before| Some(least(before, dask.as_mut()?.run(name)?)));
        }
        let (ours, dask) = best;
        print!("{name:24} {:>6.2} ({:5.2}) {:>8.1}", ours.cpu, ours.wall, ours.peak);
        match dask {
            Some(dask) => {
                let apart = (ours.answer - dask.answer).abs();
                assert!(
                    apart <= 1e-9 * dask.answer.abs().max(1.0),
                    "{name}: {} and {}",
                    ours.answer,
                    dask.answer
                );
                let ratio = dask.cpu / ours.cpu.max(0.01);
                if !name.starts_with("NumPy") {
                    ratios.push(ratio);
                }
                println!("{:>6.2} ({:5.2}) {:>8.1} {ratio:>7.1}", dask.cpu, dask.wall, dask.peak);
            }
            None => println!(),
        }
    }
    if !ratios.is_empty() {
        let mean = (ratios.iter().map(|ratio| ratio.ln()).sum::<f64>() / ratios.len() as f64).exp();
        let least = ratios.iter().copied().fold(f64::INFINITY, f64::min);
        println!(
            "{} workloads: {mean:.1} times less processor time in geometric mean, {least:.1} at least",
            ratios.len()
        );
    }
}

fn least(a: Run, b: Run) -> Run {
    if b.cpu < a.cpu {
        Run { peak: a.peak.max(b.peak), ..b }
    } else {
        Run { peak: a.peak.max(b.peak), ..a }
    }
}

fn run(settings: &Settings, ours: &dyn Fn(&Settings) -> f64) -> Run {
    let _ = fs::write("/proc/self/clear_refs", "5");
    let (before, cpu, begin) = (status("VmRSS"), cpu(), Instant::now());
    let answer = ours(settings);
    let wall = begin.elapsed().as_secs_f64();
    Run { cpu: self::cpu() - cpu, wall, peak: status("VmHWM") - before, answer }
}

/// Processor seconds of this process, from Linux.
fn cpu() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

/// A line of `/proc/self/status`, in MiB.
fn status(field: &str) -> f64 {
    let text = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with(field));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok())
        .map_or(f64::NAN, |kib| kib / 1024.0)
}

fn workloads(path: &Path, n: usize) -> Vec<Workload> {
    let open = |rows: usize, cols: usize| {
        Array::<f64, Ix2>::from_source(NpyFile::open(path).expect("it was written"), [rows, cols])
    };
    let long = ((1 << 20) / n).max(1);
    let (x, rows) = (open(1024, 1024), open(long, n));
    let slim = Array::from_fn([n, 64], [1024, 64], move |index| {
        (index[0] * 64 + index[1]) as f64 / n as f64
    });
    let mut random = Random::new(1);
    let noise = random.uniform::<f64, _>([n, n], 0.0..1.0, 1024);
    let points = [(); 2].map(|()| random.uniform::<f64, _>(n * n / 4, 0.0..1.0, 1 << 20));
    let anomaly = |x: &Array<f64, Ix2>| (x - &x.mean_axis(0)).abs().sum();
    let diagonal = x.slice(s![1.., 1..]) - x.slice(s![..-1, ..-1]);
    let inside = (points[0].square() + points[1].square()).less_equal(1.0);
    let many = {
        let (min, max, mean) = (x.min(), x.max(), x.mean());
        move |settings: &Settings| {
            let (min, max, mean) = settings.compute_many((&min, &max, &mean)).expect("it fits");
            min.into_scalar() + max.into_scalar() + mean.into_scalar()
        }
    };
    let around = x.map_overlap(&[1, 1], Border::Wrap, |u, _| {
        &u.slice(s![..-2, 1..-1])
            + &u.slice(s![2.., 1..-1])
            + u.slice(s![1..-1, ..-2])
            + u.slice(s![1..-1, 2..])
    });
    let both = Array::concatenate(0, &[x.clone(), x.slice(s![..(n / 2).cast_signed(), ..])]);
    let half = (n * n / 2).cast_signed();
    let memory =
        Array::from_fn(n * n / 4, 1 << 18, move |index| index[0] as f64 / (n * n / 4 - 1) as f64);
    let memory = memory.persist().expect("it fits");
    let chain = (((&memory + 1.0) * 2.0 - &memory) / 3.0) * &memory;
    let (summed, one) = (chain.sum(), Settings::new().threads(1));
    let alone = one.clone();
    let scalar = |array: Array<f64, ndarray::Ix0>| -> Box<dyn Fn(&Settings) -> f64> {
        Box::new(move |settings| settings.compute(&array).expect("it fits").into_scalar())
    };
    let number = |array: Array<i64, ndarray::Ix0>, times: f64| -> Box<dyn Fn(&Settings) -> f64> {
        Box::new(move |settings| {
            settings.compute(&array).expect("it fits").into_scalar() as f64 * times
        })
    };
    vec![
        // One thread, as NumPy has.
        (
            "NumPy: chain",
            Box::new(move |_| *one.compute(&chain).expect("it fits").last().expect("one")),
        ),
        (
            "NumPy: chain, summed",
            Box::new(move |_| alone.compute(&summed).expect("it fits").into_scalar()),
        ),
        ("sum", scalar(x.sum())),
        ("mean of columns", scalar(x.mean_axis(0).sum())),
        ("mean of rows", scalar(x.mean_axis(1).sum())),
        ("x + x.T", scalar((&x + &x.t()).mean_axis(0).sum())),
        ("anomaly by blocks", scalar(anomaly(&x))),
        ("anomaly by rows", scalar(anomaly(&rows))),
        ("squared deviation", scalar((&x - &x.mean()).square().sum())),
        ("rows to columns", scalar(rows.rechunk([n, long]).max_axis(1).sum())),
        ("stencil", scalar(around.sum())),
        ("tensordot", scalar(x.dot(&slim).sum())),
        ("chain", scalar(((((&x + 1.0) * 2.0 - &x) / 3.0) * &x).sum())),
        ("diagonal difference", scalar(diagonal.abs().sum())),
        ("every second, backwards", scalar(x.slice(s![..;2, ..;-1]).max_axis(0).sum())),
        ("min, max, mean", Box::new(many)),
        ("count", number(x.greater(0.5).sum(), 1.0)),
        ("exp", scalar(x.exp().sum())),
        ("clip", scalar(x.clip(0.25, 0.75).sum())),
        ("where", scalar(x.greater(0.5).where_(&x, 0.0).sum())),
        ("standard deviation", scalar(x.std_axis(0, 0.0).sum())),
        ("argmax", number(x.argmax_axis(1).sum(), 1.0)),
        ("cumsum", scalar(x.cumsum(0).max())),
        ("reshape", scalar(x.reshape(n * n).slice(s![..half]).max())),
        ("concatenate", scalar(both.sum())),
        ("arange", number(Array::arange(0..(n * n).cast_signed() as i64, 1 << 20).sum(), 1.0)),
        ("random", scalar(noise.sum() * 0.0)),
        ("pi", number(inside.sum(), 0.0)),
        ("outer", scalar((slim.slice(s![.., ..1]) * slim.slice(s![.., 1..2]).t()).max())),
    ]
}

/// Dask in a process of its own.
struct Dask {
    process: Child,
    ask: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Dask {
    /// `None`, and a line that says why, if there is no Dask.
    fn start(path: &Path) -> Option<Self> {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/peers/dask_arrays.py");
        let python = std::env::var("PEERS_PYTHON").unwrap_or_else(|_| "python3".to_owned());
        let mut command = Command::new(&python);
        command
            .arg(script)
            .arg(path)
            .arg("2")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let Ok(mut process) = command.spawn() else {
            println!("skipped: dask: {python} cannot be started");
            return None;
        };
        let (ask, answers) = (process.stdin.take()?, BufReader::new(process.stdout.take()?));
        let mut dask = Self { process, ask, answers };
        let version = dask.line();
        if version.is_empty() {
            println!("skipped: dask: {python} has none; `cargo xtask setup peers` installs it");
            return None;
        }
        println!("{}", version.trim());
        Some(dask)
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        let _ = self.answers.read_line(&mut line);
        line
    }

    fn run(&mut self, name: &str) -> Option<Run> {
        writeln!(self.ask, "{name}").ok()?;
        let line = self.line();
        let numbers: Vec<f64> =
            line.split_whitespace().map_while(|number| number.parse().ok()).collect();
        let [cpu, wall, peak, answer] = numbers[..] else { return None };
        Some(Run { cpu, wall, peak, answer })
    }
}

impl Drop for Dask {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
