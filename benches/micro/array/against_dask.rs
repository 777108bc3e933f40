//! The workloads, ours and Dask's in turns.

#![expect(clippy::print_stdout, reason = "a table is its result")]
#![expect(clippy::reversed_empty_ranges, reason = "slices count from the end")]

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Mutex;
use std::time::Instant;

use anyhow::Result;
use tenfold_array::ndarray::{Array1, Ix0, Ix1, Ix2, Zip, s};
use tenfold_array::{Array, Border, Delayed, NpyFile, NpyWriter, Random, Settings, try_delayed};
use tenfold_kernel::Philox;

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

/// What computes an answer.
type Compute = Box<dyn Fn(&Settings) -> f64>;

/// A workload: its name, as Dask's script has it, and how it is computed of each store. One that reads no file is computed
/// beside the first.
struct Workload {
    name: &'static str,
    of: Vec<Compute>,
}

/// Where an array lies: one file that Dask maps, or a file a chunk. A place has a name, by which Dask opens it, and
/// the array in blocks, and in rows.
struct Store {
    name: &'static str,
    path: PathBuf,
    blocks: Array<f64, Ix2>,
    rows: Array<f64, Ix2>,
}

/// Rows of a chunk of whole rows, of 8 MiB.
fn long(n: usize) -> usize {
    ((1 << 20) / n).max(1)
}

/// The same numbers in each store.
fn stores(folder: &Path, n: usize, settings: &Settings) -> Result<Vec<Store>> {
    let npy = npy(&folder.join("x.npy"), n, settings)?;
    let zarr = zarr(&folder.join("zarr"), &npy, settings)?;
    Ok([npy].into_iter().chain(zarr).collect())
}

fn npy(path: &Path, n: usize, settings: &Settings) -> Result<Store> {
    // From the first byte to the last, as NumPy writes files: the page cache then has them in large pages, out of which
    // both sides read twice as fast as out of those of runs of 8 KiB.
    let x = Random::new(7).uniform::<f64, _>([n, n], 0.0..1.0, [long(n), n]);
    let file = NpyWriter::create(path, &x.shape())?;
    settings.store(&x, &file)?;
    file.finish()?;
    let [blocks, rows] = [[1024, 1024], [long(n), n]]
        .map(|chunk| -> Result<_> { Ok(Array::from_source(NpyFile::open(path)?, chunk)) });
    Ok(Store { name: "npy", path: path.to_owned(), blocks: blocks?, rows: rows? })
}

/// Without compression, in chunks of either kind, as Dask's users have them.
#[cfg(feature = "zarr")]
fn zarr(folder: &Path, npy: &Store, settings: &Settings) -> Result<Option<Store>> {
    use tenfold_array::{ZarrArray, ZarrCompressor, ZarrOptions, ZarrWriter};

    let copy = |name, x: &Array<f64, Ix2>| -> Result<_> {
        let (folder, chunk) = (folder.join(name), x.chunks().largest());
        let chunk = [chunk[0], chunk[1]];
        let options = ZarrOptions::new().compressor(ZarrCompressor::None);
        let writer = ZarrWriter::create_with(&folder, &x.shape(), &chunk, &options)?;
        settings.store(x, &writer)?;
        writer.finish()?;
        Ok(Array::from_source(ZarrArray::open(&folder)?, chunk))
    };
    fs::create_dir(folder)?;
    let (blocks, rows) = (copy("blocks", &npy.blocks)?, copy("rows", &npy.rows)?);
    Ok(Some(Store { name: "zarr", path: folder.to_owned(), blocks, rows }))
}

#[cfg(not(feature = "zarr"))]
#[expect(clippy::unnecessary_wraps, reason = "with the feature it may fail")]
fn zarr(_: &Path, _: &Store, _: &Settings) -> Result<Option<Store>> {
    println!("skipped: Zarr: `--features zarr` builds it");
    Ok(None)
}

/// All workloads that have `name` in theirs.
pub(super) fn table(n: usize, name: &str) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let settings = Settings::new().threads(2).with_memory(CAP)?;
    let stores = stores(folder.path(), n, &settings)?;
    let mut dasks: Vec<_> = stores.iter().map(Dask::start).collect();
    println!("{n} x {n} f64 from the page cache, 2 threads, cap {CAP}, least of {ROUNDS} runs");
    println!("processor seconds (seconds) MiB; ratios are of processor seconds, of Dask to ours");
    print!("{:24}", "");
    for name in stores.iter().map(|store| store.name) {
        print!(" {:>22} {:>24} {:>6}", format!("ours, {name}"), format!("dask, {name}"), "ratio");
    }
    println!();
    let mut ratios = vec![vec![]; stores.len()];
    for workload in workloads(&stores, n).into_iter().filter(|each| each.name.contains(name)) {
        let rows = in_turns(&settings, &workload, &mut dasks);
        print!("{:24}", workload.name);
        let mut last = None;
        for (at, ratios) in ratios.iter_mut().enumerate() {
            let ratio = rows.get(at).map_or(last, |(ours, dask)| {
                print(ours, dask.as_ref());
                let dask = dask.as_ref()?;
                agree(workload.name, ours.answer, dask.answer);
                Some(dask.cpu / ours.cpu.max(1e-3))
            });
            // What reads no file is the same beside any.
            ratios.extend(ratio.filter(|_| !workload.name.starts_with("NumPy")));
            last = ratio;
        }
        println!();
    }
    for (store, ratios) in stores.iter().zip(&ratios) {
        summary(store.name, ratios);
    }
    Ok(())
}

/// Runs a workload of all stores on both sides, one after another, some times; the least of each counts.
fn in_turns(
    settings: &Settings,
    workload: &Workload,
    dasks: &mut [Option<Dask>],
) -> Vec<(Run, Option<Run>)> {
    let mut best: Vec<(Run, Option<Run>)> = vec![];
    for _ in 0..ROUNDS {
        for (at, (ours, dask)) in workload.of.iter().zip(&mut *dasks).enumerate() {
            let now = (run(settings, ours), dask.as_mut().and_then(|dask| dask.run(workload.name)));
            match best.get_mut(at) {
                None => best.push(now),
                Some((ours, dask)) => {
                    ours.lower(now.0);
                    if let (Some(dask), Some(now)) = (dask, now.1) {
                        dask.lower(now);
                    }
                }
            }
        }
    }
    best
}

fn print(ours: &Run, dask: Option<&Run>) {
    print!(" {:>8.3} ({:5.2}) {:>6.0}", ours.cpu, ours.wall, ours.peak);
    if let Some(dask) = dask {
        let ratio = dask.cpu / ours.cpu.max(1e-3);
        print!("  {:>8.3} ({:5.2}) {:>6.0} {ratio:>6.1}", dask.cpu, dask.wall, dask.peak);
    }
}

fn agree(name: &str, ours: f64, dask: f64) {
    let apart = (ours - dask).abs();
    assert!(apart <= 1e-9 * dask.abs().max(1.0), "{name}: {ours} and {dask}");
}

fn summary(store: &str, ratios: &[f64]) {
    if ratios.is_empty() {
        return;
    }
    let count = ratios.len();
    let mean = (ratios.iter().map(|ratio| ratio.ln()).sum::<f64>() / count as f64).exp();
    let least = ratios.iter().copied().fold(f64::INFINITY, f64::min);
    println!(
        "{store}: {count} workloads: {mean:.1} times less processor time in geometric mean, {least:.1} at least"
    );
}

impl Run {
    /// The one that took less, with the greater peak of both.
    fn lower(&mut self, other: Self) {
        let peak = self.peak.max(other.peak);
        if other.cpu < self.cpu {
            *self = other;
        }
        self.peak = peak;
    }
}

fn run(settings: &Settings, ours: &Compute) -> Run {
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

/// All of them: what reads no array, what reads one of each store.
fn workloads(stores: &[Store], n: usize) -> Vec<Workload> {
    let mut of_stores: Vec<Workload> = vec![];
    for store in stores {
        for (at, (name, of)) in of_arrays(&store.blocks, &store.rows, n).into_iter().enumerate() {
            match of_stores.get_mut(at) {
                None => of_stores.push(Workload { name, of: vec![of] }),
                Some(workload) => workload.of.push(of),
            }
        }
    }
    free(n).into_iter().chain(of_stores).collect()
}

fn scalar(array: Array<f64, Ix0>) -> Compute {
    Box::new(move |settings| settings.compute(&array).expect("it fits").into_scalar())
}

fn number(array: Array<i64, Ix0>) -> Compute {
    Box::new(move |settings| settings.compute(&array).expect("it fits").into_scalar() as f64)
}

/// Random numbers are others on either side, so that answers are rounded to what they share.
fn rounded(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

fn of_arrays(
    x: &Array<f64, Ix2>,
    rows: &Array<f64, Ix2>,
    n: usize,
) -> Vec<(&'static str, Compute)> {
    let slim = slim(n);
    let anomaly = |x: &Array<f64, Ix2>| (x - &x.mean_axis(0)).abs().sum();
    let diagonal = x.slice(s![1.., 1..]) - x.slice(s![..-1, ..-1]);
    let many = {
        let (min, max, mean) = (x.min(), x.max(), x.mean());
        move |settings: &Settings| {
            let (min, max, mean) = settings.compute_many((&min, &max, &mean)).expect("it fits");
            min.into_scalar() + max.into_scalar() + mean.into_scalar()
        }
    };
    let around = x.stencil(&[1, 1], Border::Wrap, |u, _| {
        let rows = Zip::from(u.slice(s![..-2, 1..-1])).and(u.slice(s![2.., 1..-1]));
        let all = rows.and(u.slice(s![1..-1, ..-2])).and(u.slice(s![1..-1, 2..]));
        all.map_collect(|above, below, left, right| above + below + left + right)
    });
    let both = Array::concatenate(0, &[x.clone(), x.slice(s![..(n / 2).cast_signed(), ..])]);
    let half = (n * n / 2).cast_signed();
    vec![
        ("sum", scalar(x.sum())),
        ("mean of columns", scalar(x.mean_axis(0).sum())),
        ("mean of rows", scalar(x.mean_axis(1).sum())),
        ("x + x.T", scalar((x + &x.t()).mean_axis(0).sum())),
        ("anomaly by blocks", scalar(anomaly(x))),
        ("anomaly by rows", scalar(anomaly(rows))),
        ("squared deviation", scalar((x - &x.mean()).square().sum())),
        ("rows to columns", scalar(rows.rechunk([n, long(n)]).max_axis(1).sum())),
        ("stencil", scalar(around.sum())),
        ("tensordot", scalar(x.dot(&slim).sum())),
        ("chain", scalar(((((x + 1.0) * 2.0 - x) / 3.0) * x).sum())),
        ("diagonal difference", scalar(diagonal.abs().sum())),
        ("every second, backwards", scalar(x.slice(s![..;2, ..;-1]).max_axis(0).sum())),
        ("min, max, mean", Box::new(many)),
        ("count", number(x.greater(0.5).sum())),
        ("exp", scalar(x.exp().sum())),
        ("clip", scalar(x.clip(0.25, 0.75).sum())),
        ("where", scalar(x.greater(0.5).where_(x, 0.0).sum())),
        ("standard deviation", scalar(x.std_axis(0, 0.0).sum())),
        ("argmax", number(x.argmax_axis(1).sum())),
        ("cumsum", scalar(x.cumsum(0).max())),
        ("reshape", scalar(x.reshape(n * n).slice(s![..half]).max())),
        ("concatenate", scalar(both.sum())),
    ]
}

/// Columns to multiply by.
fn slim(n: usize) -> Array<f64, Ix2> {
    Array::from_fn([n, 64], [1024, 64], move |index| (index[0] * 64 + index[1]) as f64 / n as f64)
}

/// What reads no file; first beside NumPy, on one thread as it has.
fn free(n: usize) -> Vec<Workload> {
    let slim = slim(n);
    let mut random = Random::new(1);
    let noise = random.uniform::<f64, _>([n, n], 0.0..1.0, 1024).mean();
    let points = [(); 2].map(|()| random.uniform::<f64, _>(n * n / 4, 0.0..1.0, 1 << 20));
    let inside = (points[0].square() + points[1].square()).less_equal(1.0).mean() * 4.0;
    let memory =
        Array::from_fn(n * n / 4, 1 << 18, move |index| index[0] as f64 / (n * n / 4 - 1) as f64);
    let memory = memory.persist().expect("it fits");
    let chain = (((&memory + 1.0) * 2.0 - &memory) / 3.0) * &memory;
    let summed = chain.sum();
    // Without a division, which takes as long as six of these.
    let longer = (((&memory + 1.0) * 2.0 - &memory - 1.5).abs().maximum(&memory)) * &memory + 2.0;
    let longer_summed = longer.sum();
    let one = Settings::new().threads(1);
    let last = |array: Array<f64, Ix1>| -> Compute {
        let one = one.clone();
        Box::new(move |_| *one.compute(&array).expect("it fits").last().expect("one"))
    };
    let sum = |array: Array<f64, Ix0>| -> Compute {
        let one = one.clone();
        Box::new(move |_| one.compute(&array).expect("it fits").into_scalar())
    };
    let roughly = |array: Array<f64, Ix0>| -> Compute {
        let exact = scalar(array);
        Box::new(move |settings| rounded(exact(settings)))
    };
    // Into memory that is there, which nobody has to clear first.
    let last_of = |array: Array<f64, Ix1>| -> Compute {
        let (one, there) = (one.clone(), Mutex::new(Array1::zeros(n * n / 4)));
        Box::new(move |_| {
            let mut there = there.lock().expect("nobody panics with it");
            one.compute_into(&array, &mut *there).expect("it fits");
            *there.last().expect("one")
        })
    };
    let all: [(_, Compute); 11] = [
        ("NumPy: chain", last(chain.clone())),
        ("NumPy: chain, there", last_of(chain)),
        ("NumPy: chain, summed", sum(summed)),
        ("NumPy: eight", last(longer.clone())),
        ("NumPy: eight, there", last_of(longer)),
        ("NumPy: eight, summed", sum(longer_summed)),
        ("delayed pi", Box::new(delayed_pi)),
        ("arange", number(Array::arange(0..(n * n).cast_signed() as i64, 1 << 20).sum())),
        ("random sums", roughly(noise)),
        ("pi", roughly(inside)),
        ("outer", scalar((slim.slice(s![.., ..1]) * slim.slice(s![.., 1..2]).t()).max())),
    ];
    all.map(|(name, compute)| Workload { name, of: vec![compute] }).into()
}

/// The course's first: ten million points, each 100,000 of them a task that draws and one that counts.
fn delayed_pi(_: &Settings) -> f64 {
    const CHUNK: usize = 100_000;
    const CHUNKS: u64 = 100;
    let counts: Vec<_> = (0..CHUNKS)
        .map(|chunk| {
            let draw = move || -> Result<_, tenfold_kernel::Error> {
                let coordinates = |stream| -> Result<_, tenfold_kernel::Error> {
                    let mut numbers = vec![0.0; CHUNK];
                    let random = Philox::new(2026).stream(stream).random();
                    random.fill_from(chunk * CHUNK as u64, &mut numbers)?;
                    Ok(numbers)
                };
                Ok((coordinates(0)?, coordinates(1)?))
            };
            try_delayed(draw).map(|(x, y): &(Vec<f64>, Vec<f64>)| {
                x.iter().zip(y).filter(|&(x, y)| x * x + y * y <= 1.0).count()
            })
        })
        .collect();
    let count = Delayed::reduce(&counts, |a, b| a + b).expect("there are some");
    let count = Settings::new().threads(2).compute(&count).expect("nothing fails");
    rounded(4.0 * count as f64 / (CHUNKS * CHUNK as u64) as f64)
}

/// Dask in a process of its own.
struct Dask {
    process: Child,
    ask: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Dask {
    /// `None`, and a line that says why, if there is no Dask.
    fn start(store: &Store) -> Option<Self> {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/peers/dask_arrays.py");
        let python = std::env::var("PEERS_PYTHON").unwrap_or_else(|_| "python3".to_owned());
        let mut command = Command::new(&python);
        command
            .arg(script)
            .arg(&store.path)
            .arg("2")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let Ok(mut process) = command.spawn() else {
            println!("skipped: dask on {}: {python} cannot be started", store.name);
            return None;
        };
        let (ask, answers) = (process.stdin.take()?, BufReader::new(process.stdout.take()?));
        let mut dask = Self { process, ask, answers };
        let version = dask.line();
        if version.is_empty() {
            println!(
                "skipped: dask on {}: {python} lacks it; `cargo xtask setup peers` installs it",
                store.name
            );
            return None;
        }
        println!("{}: {}", store.name, version.trim());
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
