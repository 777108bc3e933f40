//! Micro-benchmarks of the files of tenfold-array, beside plain reads of 8 MiB. Everything is in the page cache:
//! what is measured is what stands between it and the caller's memory. An answer is checked before it is timed.
//!
//! `--table` takes a file of 16384 x 16384 doubles (2 GiB) and shows rates by the wall and by the processor. `--disk`
//! takes one that is not in the page cache, and shows what share of the disk's rate an array gets.

#[path = "array_files/disk.rs"]
mod disk;

use std::fs::File;
use std::hint::black_box;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use criterion::{BenchmarkId, Criterion, Throughput};
use tempfile::TempDir;
use tenfold_array::{NpyFile, NpyWriter, Source, Target, Window};
use tenfold_profile::{Scope, Timeit};

/// What plain reads take at a time, and chunks have.
const CHUNK: usize = 8 << 20;

/// The header of an npy file.
const HEADER: usize = 128;

/// Square arrays of doubles in both orders, whose element k in the order of the file is k.
struct Files {
    side: usize,
    row_major: NpyFile<f64>,
    column_major: NpyFile<f64>,
    path: PathBuf,
    _folder: TempDir,
}

impl Files {
    fn make(side: usize) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let [path, other] = ["row.npy", "column.npy"].map(|name| folder.path().join(name));
        write(&path, side)?;
        // The same bytes with another word in the header.
        std::fs::copy(&path, &other)?;
        turn(&other)?;
        let (row_major, column_major) = (NpyFile::open(&path)?, NpyFile::open(&other)?);
        Ok(Self { side, row_major, column_major, path, _folder: folder })
    }

    /// Plain reads of all of it.
    fn plain(&self, bytes: &mut [u8]) -> Result<()> {
        let mut file = File::open(&self.path)?;
        file.seek(SeekFrom::Start(HEADER as u64))?;
        for _ in 0..self.bytes() / CHUNK {
            file.read_exact(black_box(bytes))?;
        }
        Ok(())
    }

    fn bytes(&self) -> usize {
        self.side * self.side * 8
    }

    /// The first `count` windows of a size.
    fn windows(&self, of: &Windows, count: usize, out: &mut [f64]) -> Result<()> {
        let file = if of.is_row_major { &self.row_major } else { &self.column_major };
        let (rows, columns) = of.size(self.side);
        let across = self.side / columns;
        for i in 0..count {
            let (row, column) = (i / across * rows, i % across * columns);
            let window = Window::new(&[row..row + rows, column..column + columns]);
            file.read(&window, black_box(&mut out[..rows * columns]))?;
        }
        Ok(())
    }

    /// That windows are what they have to be.
    fn check(&self, of: &Windows) -> Result<()> {
        let (rows, columns) = of.size(self.side);
        let mut out = vec![0.0; rows * columns];
        let all = self.bytes() / 8 / out.len();
        self.windows(of, all, &mut out)?;
        for (k, &element) in out.iter().enumerate() {
            let (row, column) = (self.side - rows + k / columns, self.side - columns + k % columns);
            let (outer, inner) = if of.is_row_major { (row, column) } else { (column, row) };
            anyhow::ensure!(element == (outer * self.side + inner) as f64, "{}: {k}", of.name);
        }
        Ok(())
    }
}

fn write(path: &Path, side: usize) -> Result<()> {
    let writer = NpyWriter::<f64>::create(path, &[side, side])?;
    let rows = (CHUNK / 8 / side).min(side);
    for row in (0..side).step_by(rows) {
        let numbers: Vec<f64> = (row * side..(row + rows) * side).map(|k| k as f64).collect();
        writer.write(&Window::new(&[row..row + rows, 0..side]), &numbers)?;
    }
    Ok(writer.finish()?)
}

fn turn(path: &Path) -> Result<()> {
    use std::io::Write as _;

    let mut header = [0; HEADER];
    let mut file = File::options().read(true).write(true).open(path)?;
    file.read_exact(&mut header)?;
    let at = header.windows(7).position(|word| word == b": False").context("no order")?;
    header[at..at + 7].copy_from_slice(b": True ");
    file.rewind()?;
    Ok(file.write_all(&header)?)
}

/// Windows of one size that tile an array.
struct Windows {
    name: &'static str,
    is_row_major: bool,
    /// In an array of 16384 x 16384, and as large a part of another.
    rows: usize,
    columns: usize,
}

impl Windows {
    fn size(&self, side: usize) -> (usize, usize) {
        (self.rows * side / 16384, self.columns * side / 16384)
    }
}

const fn windows(name: &'static str, is_row_major: bool, rows: usize, columns: usize) -> Windows {
    Windows { name, is_row_major, rows, columns }
}

const WINDOWS: [Windows; 6] = [
    windows("rows, 64 x 16384", true, 64, 16384),
    windows("blocks, 1024 x 1024", true, 1024, 1024),
    windows("columns, 16384 x 64", true, 16384, 64),
    windows("column-major, 64 x 16384", false, 64, 16384),
    windows("column-major, 1024 x 1024", false, 1024, 1024),
    windows("column-major, 16384 x 64", false, 16384, 64),
];

fn benches(criterion: &mut Criterion) -> Result<()> {
    let files = Files::make(2048)?;
    let mut group = criterion.benchmark_group("array_files");
    group.throughput(Throughput::Bytes(files.bytes() as u64));
    let (mut bytes, mut out) = (vec![0; CHUNK], vec![0.0; files.bytes() / 8]);
    group.bench_function("plain", |bencher| {
        bencher.iter(|| files.plain(&mut bytes).expect("it was written"));
    });
    for of in &WINDOWS {
        files.check(of)?;
        let (rows, columns) = of.size(files.side);
        let count = files.bytes() / 8 / (rows * columns);
        group.bench_function(BenchmarkId::new("windows", of.name), |bencher| {
            bencher.iter(|| files.windows(of, count, &mut out).expect("it was checked"));
        });
    }
    group.finish();
    Ok(())
}

/// Rates of the large file, windows and plain reads in turn.
#[expect(clippy::print_stdout, reason = "that is what it is for")]
fn table() -> Result<()> {
    const ROUNDS: usize = 5;
    let files = Files::make(16384)?;
    let (mut bytes, mut out) = (vec![0; CHUNK], vec![0.0; CHUNK / 8]);
    println!(
        "{:<28} {:>8} {:>8} {:>12}   GB/s, medians of {ROUNDS}",
        "", "wall", "CPU", "CPU of plain"
    );
    for of in &WINDOWS {
        files.check(of)?;
        let timeit = Timeit::new().scope(Scope::Thread);
        let [mut wall, mut cpu, mut share] = [const { Vec::new() }; 3];
        for _ in 0..ROUNDS {
            let plain = timeit.sample(1, || files.plain(&mut bytes));
            let ours = timeit.sample(1, || files.windows(of, files.bytes() / CHUNK, &mut out));
            let (plain, ours_cpu) =
                plain.cpu_ns().zip(ours.cpu_ns()).context("no clock of the processor")?;
            wall.push(files.bytes() as f64 / ours.wall_ns());
            cpu.push(files.bytes() as f64 / ours_cpu);
            share.push(plain / ours_cpu);
        }
        let [wall, cpu, share] = [wall, cpu, share].map(|mut all| {
            all.sort_by(f64::total_cmp);
            all[ROUNDS / 2]
        });
        println!("{:<28} {wall:>8.2} {cpu:>8.2} {:>11.0}%", of.name, 100.0 * share);
    }
    Ok(())
}

fn main() -> Result<()> {
    if std::env::args().any(|arg| arg == "--disk") {
        return disk::table(16384);
    }
    if std::env::args().any(|arg| arg == "--table") {
        return table();
    }
    let mut criterion = Criterion::default().configure_from_args();
    benches(&mut criterion)?;
    criterion.final_summary();
    Ok(())
}
