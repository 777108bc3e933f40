//! A process that dies in the last stage of a computation, and another one that goes on from there.
//!
//! ```sh
//! cargo run --release -p tenfold-array --example checkpoint
//! ```

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use std::env::args;
use std::path::Path;
use std::process::{Command, abort};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};

use tenfold_array::{Random, Settings};

const SIZE: usize = 1000;

/// How many elements the first stage has asked for, and whether the last one ends the process.
static ASKED: AtomicUsize = AtomicUsize::new(0);
static DIES: AtomicBool = AtomicBool::new(false);

/// The most by which an element is above the mean of its column.
fn farthest(folder: &Path) -> Result<f64, tenfold_array::Error> {
    let x = Random::new(1).standard_normal::<f64, _>([SIZE, SIZE], 250);
    let asked = x.map(|x| {
        ASKED.fetch_add(1, Relaxed);
        x
    });
    let above = &x - &asked.mean_axis(0);
    let above = above.map(|x| if DIES.load(Relaxed) { abort() } else { x });
    // ANCHOR: checkpoint
    let settings = Settings::new().checkpoints(folder);
    let farthest = settings.compute(&above.max())?.into_scalar();
    // ANCHOR_END: checkpoint
    Ok(farthest)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    if let Some(folder) = args().nth(1) {
        DIES.store(true, Relaxed);
        farthest(Path::new(&folder))?;
    }
    let folder = tempfile::tempdir()?;
    let ended = Command::new(std::env::current_exe()?).arg(folder.path()).status()?;
    println!("the first process: {ended}");
    assert!(!ended.success());

    let found = farthest(folder.path())?;
    println!("{found}, and {} elements were asked for again", ASKED.load(Relaxed));
    assert_eq!(ASKED.swap(0, Relaxed), 0, "the means were there");
    // Nothing is left: this begins anew.
    assert_eq!(farthest(folder.path())?.to_bits(), found.to_bits());
    assert_eq!(ASKED.load(Relaxed), SIZE * SIZE);
    Ok(())
}
