//! The disk itself: a file that is not in the page cache, read and written, beside plain reads and writes in turns.

#![expect(clippy::print_stdout, reason = "a table is its result")]

use std::fs::File;
use std::hint::black_box;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::time::Instant;

use anyhow::Result;
use tenfold_array::ndarray::Ix2;
use tenfold_array::{Array, NpyFile, NpyWriter, Settings};

use super::{CHUNK, HEADER};

/// How often each is done; a ratio is of two neighbours.
const ROUNDS: usize = 7;

/// A way to read or write all of a file: seconds.
type Way<'a> = &'a dyn Fn() -> Result<f64>;

/// A square array of so many rows of doubles.
pub(super) fn table(side: usize) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let [from, to] = ["from.npy", "to.npy"].map(|name| folder.path().join(name));
    let bytes = side * side * size_of::<f64>();
    let settings = Settings::new().threads(2).with_memory("512MiB")?;
    write(&settings, &from, side, [64, side])?;
    if !is_forgotten(&from)? {
        println!("skipped: the disk: this system does not tell how its page cache is emptied");
        return Ok(());
    }
    println!(
        "{:.1} GiB, not in the page cache, medians of {ROUNDS}",
        bytes as f64 / f64::from(1 << 30)
    );
    println!("{:32} {:>10} {:>10} {:>6}", "", "plain, GB/s", "ours, GB/s", "ratio (all)");
    for (name, chunks) in [("read, chunks of rows", [64, side]), ("read, blocks", [1024, 1024])] {
        let x = Array::<f64, Ix2>::from_source(NpyFile::open(&from)?, chunks);
        let sum = x.sum();
        compare(name, bytes, &|| cold(&from, || plain_read(&from, bytes)), &|| {
            cold(&from, || {
                let sum = settings.compute(&sum)?.into_scalar();
                anyhow::ensure!(sum == (side * side) as f64, "the sum is {sum}");
                Ok(())
            })
        })?;
    }
    // Until it is on the disk.
    for (name, chunks) in
        [("written, chunks of rows", [64, side]), ("written, blocks", [1024, 1024])]
    {
        compare(name, bytes, &|| timed(|| plain_write(&to, bytes)), &|| {
            timed(|| write(&settings, &to, side, chunks))
        })?;
    }
    Ok(())
}

/// Does both in turns, each first as often as second, and prints rates and the ratios of neighbours.
fn compare(name: &str, bytes: usize, plain: Way<'_>, ours: Way<'_>) -> Result<()> {
    let mut all = [vec![], vec![], vec![]];
    for round in 0..ROUNDS {
        let (plain, ours) = match round % 2 {
            0 => {
                let plain = plain()?;
                (plain, ours()?)
            }
            _ => {
                let ours = ours()?;
                (plain()?, ours)
            }
        };
        let rate = |seconds: f64| bytes as f64 / seconds / 1e9;
        for (all, one) in all.iter_mut().zip([rate(plain), rate(ours), plain / ours]) {
            all.push(one);
        }
    }
    all.iter_mut().for_each(|all| all.sort_by(f64::total_cmp));
    let [plain, ours, ratio] = all.each_ref().map(|all| all[ROUNDS / 2]);
    let (least, most) = (all[2][0], all[2][ROUNDS - 1]);
    println!("{name:32} {plain:>10.2} {ours:>10.2} {ratio:>6.2} ({least:.2} to {most:.2})");
    Ok(())
}

fn timed(work: impl FnOnce() -> Result<()>) -> Result<f64> {
    let begin = Instant::now();
    work()?;
    Ok(begin.elapsed().as_secs_f64())
}

/// The same after the page cache has forgotten the file.
fn cold(path: &Path, work: impl FnOnce() -> Result<()>) -> Result<f64> {
    anyhow::ensure!(is_forgotten(path)?, "the page cache keeps {}", path.display());
    timed(work)
}

/// Has the page cache forget a file, where that can be asked for.
fn is_forgotten(path: &Path) -> Result<bool> {
    let file = File::open(path)?;
    // What is not on the disk yet cannot be forgotten.
    file.sync_all()?;
    #[cfg(target_os = "linux")]
    rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::DontNeed)?;
    Ok(cfg!(target_os = "linux"))
}

fn plain_read(path: &Path, bytes: usize) -> Result<()> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(HEADER as u64))?;
    let mut part = vec![0; CHUNK];
    for _ in 0..bytes / CHUNK {
        file.read_exact(black_box(&mut part))?;
    }
    Ok(())
}

fn plain_write(path: &Path, bytes: usize) -> Result<()> {
    let mut file = File::create(path)?;
    let part = vec![1; CHUNK];
    for _ in 0..bytes / CHUNK {
        file.write_all(black_box(&part))?;
    }
    Ok(file.sync_all()?)
}

/// Stores an array of ones, and waits until it is on the disk, which `finish` does.
fn write(settings: &Settings, path: &Path, side: usize, chunks: [usize; 2]) -> Result<()> {
    let file = NpyWriter::create(path, &[side, side])?;
    settings.store(&Array::<f64, Ix2>::ones([side, side], chunks), &file)?;
    Ok(file.finish()?)
}
