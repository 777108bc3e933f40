//! What recording and watching cost: the CPU time of a plate's heat on 4 ranks, with and without, in turns.
//!
//! ```sh
//! cargo run --release -p tenfold-comm --example trace_cost -- 10
//! ```
//! The argument is the length of a run in seconds, about.

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use std::time::{Duration, Instant};

use tenfold_comm::{Communicator, Error, Max, ThreadComm, Tracing, World};

const RANKS: usize = 4;
const COLUMNS: usize = 512;
const ROWS: usize = 128;

/// The rows of one rank, with one of each neighbour above and below.
type Plate = Vec<[f64; COLUMNS]>;

/// Each place the mean of its neighbours.
fn step(old: &Plate, new: &mut Plate) -> f64 {
    let mut change = 0_f64;
    for row in 1..=ROWS {
        for column in 1..COLUMNS - 1 {
            let sides = old[row][column - 1] + old[row][column + 1];
            let mean = (old[row - 1][column] + old[row + 1][column] + sides) / 4.0;
            change = change.max((mean - old[row][column]).abs());
            new[row][column] = mean;
        }
    }
    change
}

/// So many steps; gives how much the last one has changed.
fn heat(world: &ThreadComm, steps: u64) -> Result<f64, Error> {
    let (rank, last) = (world.rank(), world.size() - 1);
    let mut old: Plate = vec![[0.0; COLUMNS]; ROWS + 2];
    if rank == 0 {
        old[0] = [100.0; COLUMNS];
    }
    let (mut new, mut most) = (old.clone(), [0.0]);
    for _ in 0..steps {
        if rank > 0 {
            let (mine, mut theirs) = (old[1], [0.0; COLUMNS]);
            world.sendrecv((&mine, rank - 1, 0), &mut theirs, rank - 1, 0)?;
            old[0] = theirs;
        }
        if rank < last {
            let (mine, mut theirs) = (old[ROWS], [0.0; COLUMNS]);
            world.sendrecv((&mine, rank + 1, 0), &mut theirs, rank + 1, 0)?;
            old[ROWS + 1] = theirs;
        }
        let change = step(&old, &mut new);
        std::mem::swap(&mut old, &mut new);
        if rank == 0 {
            old[0] = [100.0; COLUMNS];
        }
        world.allreduce(&[change], &mut most, Max)?;
    }
    Ok(most[0])
}

/// The CPU time of all threads of this process so far, those that have ended too.
fn cpu_time() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
    // A tick is a hundredth of a second wherever Linux shows it.
    Some(Duration::from_millis(10 * ticks))
}

fn run(steps: u64, tracing: Option<&Tracing>) -> Option<(Duration, f64)> {
    let before = cpu_time()?;
    let world = World::threads(RANKS);
    let result = match tracing {
        None => world.run(|world| heat(world, steps)),
        Some(tracing) => {
            let (result, report) = world.traced(tracing.clone()).run(|world| heat(world, steps));
            assert!(report.is_clean(), "{report}");
            result
        }
    };
    Some((cpu_time()? - before, result.expect("nobody fails")[0]))
}

fn main() {
    let seconds = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(2_u128);
    let start = Instant::now();
    let Some((_, _)) = run(200, None) else {
        println!("no CPU time: there is no /proc here");
        return;
    };
    let steps = 200 * seconds * 1_000_000 / start.elapsed().as_micros().max(1);
    let steps = u64::try_from(steps).unwrap_or(u64::MAX).max(1);
    let tracing = Tracing::new().quiet();
    let mut ratios = vec![];
    for round in 0..5 {
        let (Some(plain), Some(traced)) = (run(steps, None), run(steps, Some(&tracing))) else {
            return;
        };
        assert!((plain.1 - traced.1).abs() < f64::EPSILON, "the answer is the same");
        ratios.push(traced.0.as_secs_f64() / plain.0.as_secs_f64());
        println!("{round}: {:?} without, {:?} with, {:.4}", plain.0, traced.0, ratios[round]);
    }
    ratios.sort_by(f64::total_cmp);
    println!("{steps} steps of {RANKS} ranks: with against without, median {:.4}", ratios[2]);
}
