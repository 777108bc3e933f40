//! How long messages and reductions take, beside MPI's own calls on the same buffers: two ranks, both sides
//! in turn, many times.
//! `cargo xtask mpirun -n 2 --backend mpi --release --example latency`. With the argument `alone` it prints
//! what `cargo xtask peers mpi4py` puts beside mpi4py's.

#![expect(clippy::print_stdout, reason = "an example shows its result")]
#![expect(unsafe_code, reason = "calls MPI, to compare")]
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "two ranks, and lengths that are written here"
)]

use std::ffi::c_int;
use std::time::Instant;

use mpi::ffi;
use tenfold_comm::{Communicator, Error, ErrorKind, Sum};
use tenfold_comm_mpi::{MpiComm, World, mpi};

/// Bytes of the messages.
const SIZES: [usize; 7] = [8, 1 << 10, 3 << 10, 8 << 10, 64 << 10, 1 << 20, 4 << 20];

/// So many pairs of batches, one of either side after the other.
const PAIRS: usize = 41;

/// The bytes that one batch moves, about.
const BATCH_BYTES: usize = 16 << 20;

fn rounds(bytes: usize) -> usize {
    (BATCH_BYTES / bytes).clamp(4, 2000)
}

fn c(code: c_int) -> Result<(), Error> {
    let ok = code == ffi::MPI_SUCCESS as c_int;
    if ok { Ok(()) } else { Err(ErrorKind::System { call: "MPI", code }.into()) }
}

/// Back and forth by MPI's own calls.
fn theirs(world: &MpiComm, buffer: &mut [f64], rounds: usize) -> Result<(), Error> {
    let (comm, count, other) = (world.as_raw()?, buffer.len() as c_int, 1 - world.rank() as c_int);
    let start = buffer.as_mut_ptr().cast::<std::ffi::c_void>();
    // SAFETY: a constant.
    let double = unsafe { ffi::RSMPI_DOUBLE };
    // SAFETY: a constant.
    let ignore = unsafe { ffi::RSMPI_STATUS_IGNORE };
    // SAFETY: so many numbers, which are borrowed; the call comes back when they can be used.
    let send = || c(unsafe { ffi::MPI_Send(start, count, double, other, 0, comm) });
    // SAFETY: as above.
    let recv = || c(unsafe { ffi::MPI_Recv(start, count, double, other, 0, comm, ignore) });
    for _ in 0..rounds {
        if other == 1 {
            send()?;
            recv()?;
        } else {
            recv()?;
            send()?;
        }
    }
    Ok(())
}

fn ours(world: &MpiComm, buffer: &mut [f64], rounds: usize) -> Result<(), Error> {
    let other = 1 - world.rank();
    for _ in 0..rounds {
        if other == 1 {
            world.send(buffer, other, 0)?;
            world.recv(buffer, other, 0)?;
        } else {
            world.recv(buffer, other, 0)?;
            world.send(buffer, other, 0)?;
        }
    }
    Ok(())
}

/// Both ways at the same time.
fn their_sendrecv(world: &MpiComm, buffer: &mut [f64], rounds: usize) -> Result<(), Error> {
    let (comm, count, other) = (world.as_raw()?, buffer.len() as c_int, 1 - world.rank() as c_int);
    let mut room = vec![0.0; buffer.len()];
    let (from, to) = (buffer.as_ptr().cast(), room.as_mut_ptr().cast());
    // SAFETY: constants.
    let (double, ignore) = (unsafe { ffi::RSMPI_DOUBLE }, unsafe { ffi::RSMPI_STATUS_IGNORE });
    for _ in 0..rounds {
        // SAFETY: two slices of so many numbers.
        c(unsafe {
            ffi::MPI_Sendrecv(
                from, count, double, other, 0, to, count, double, other, 0, comm, ignore,
            )
        })?;
    }
    Ok(())
}

fn our_sendrecv(world: &MpiComm, buffer: &mut [f64], rounds: usize) -> Result<(), Error> {
    let other = 1 - world.rank();
    let mut room = vec![0.0; buffer.len()];
    for _ in 0..rounds {
        world.sendrecv((buffer, other, 0), &mut room, other, 0)?;
    }
    Ok(())
}

fn their_allreduce(world: &MpiComm, buffer: &mut [f64], rounds: usize) -> Result<(), Error> {
    let (comm, count) = (world.as_raw()?, buffer.len() as c_int);
    let mut sum = vec![0.0; buffer.len()];
    let (from, to) = (buffer.as_ptr().cast(), sum.as_mut_ptr().cast());
    // SAFETY: constants.
    let (double, add) = (unsafe { ffi::RSMPI_DOUBLE }, unsafe { ffi::RSMPI_SUM });
    for _ in 0..rounds {
        // SAFETY: two slices of so many numbers.
        c(unsafe { ffi::MPI_Allreduce(from, to, count, double, add, comm) })?;
    }
    Ok(())
}

fn our_allreduce(world: &MpiComm, buffer: &mut [f64], rounds: usize) -> Result<(), Error> {
    let mut sum = vec![0.0; buffer.len()];
    for _ in 0..rounds {
        world.allreduce(buffer, &mut sum, Sum)?;
    }
    Ok(())
}

type Side = fn(&MpiComm, &mut [f64], usize) -> Result<(), Error>;

/// Microseconds a round, of a batch.
fn time(world: &MpiComm, side: Side, buffer: &mut [f64], rounds: usize) -> Result<f64, Error> {
    world.barrier()?;
    let start = Instant::now();
    side(world, buffer, rounds)?;
    Ok(start.elapsed().as_secs_f64() * 1e6 / rounds as f64)
}

fn quantile(sorted: &[f64], part: f64) -> f64 {
    sorted[((sorted.len() - 1) as f64 * part).round() as usize]
}

fn compare(world: &MpiComm, name: &str, per_round: f64, sides: [Side; 2]) -> Result<(), Error> {
    for bytes in SIZES {
        let mut buffer = vec![1.0; bytes / 8];
        let (mut times, mut ratios) = ([vec![], vec![]], vec![]);
        for _ in 0..PAIRS {
            let pair = [0, 1].map(|side| time(world, sides[side], &mut buffer, rounds(bytes)));
            let [theirs, ours] = pair;
            let pair = [theirs?, ours?];
            times.iter_mut().zip(pair).for_each(|(list, time)| list.push(time / per_round));
            ratios.push(pair[1] / pair[0]);
        }
        times.iter_mut().for_each(|list| list.sort_by(f64::total_cmp));
        ratios.sort_by(f64::total_cmp);
        if world.rank() == 0 {
            println!(
                "{name:<10} {bytes:>8} B   MPI {:>9.3} us (best {:>9.3})   tenfold {:>9.3} us (best {:>9.3})   ratio {:.2} [{:.2}, {:.2}]",
                quantile(&times[0], 0.5),
                times[0][0],
                quantile(&times[1], 0.5),
                times[1][0],
                quantile(&ratios, 0.5),
                quantile(&ratios, 0.25),
                quantile(&ratios, 0.75),
            );
        }
    }
    Ok(())
}

/// As much as pickle's records are in mpi4py's side: a number, a float and a word.
type Record = (u64, f64, String);

/// Bytes of the objects.
const OBJECT_SIZES: [usize; 3] = [1 << 10, 64 << 10, 1 << 20];

/// Back and forth as objects.
fn ping<V>(world: &MpiComm, value: &V, rounds: usize) -> Result<(), Error>
where
    V: serde::Serialize + serde::de::DeserializeOwned,
{
    let other = 1 - world.rank();
    for _ in 0..rounds {
        if other == 1 {
            world.send_object(value, other, 0)?;
            world.recv_object::<V>(other, 0)?;
        } else {
            world.recv_object::<V>(other, 0)?;
            world.send_object(value, other, 0)?;
        }
    }
    Ok(())
}

/// Microseconds one way, the median of some batches, as the other side prints it.
fn report(
    world: &MpiComm,
    (name, bytes): (&str, usize),
    per_round: f64,
    mut run: impl FnMut(usize) -> Result<(), Error>,
) -> Result<(), Error> {
    let (rounds, mut times) = (rounds(bytes), vec![]);
    for _ in 0..PAIRS / 2 + 1 {
        world.barrier()?;
        let start = Instant::now();
        run(rounds)?;
        times.push(start.elapsed().as_secs_f64() * 1e6 / rounds as f64 / per_round);
    }
    times.sort_by(f64::total_cmp);
    if world.rank() == 0 {
        println!("{name} {bytes} {}", quantile(&times, 0.5));
    }
    Ok(())
}

/// What `cargo xtask peers mpi4py` reads.
fn alone(world: &MpiComm) -> Result<(), Error> {
    for bytes in SIZES {
        let mut buffer = vec![1.0; bytes / 8];
        report(world, ("one_way", bytes), 2.0, |rounds| ours(world, &mut buffer, rounds))?;
    }
    for bytes in SIZES {
        let mut buffer = vec![1.0; bytes / 8];
        report(world, ("allreduce", bytes), 1.0, |n| our_allreduce(world, &mut buffer, n))?;
    }
    for bytes in OBJECT_SIZES {
        let record = |n: usize| (n as u64, n as f64 * 0.5, format!("word{:04}", n % 10000));
        let records: Vec<Record> = (0..bytes / 24).map(record).collect();
        report(world, ("records", bytes), 2.0, |rounds| ping(world, &records, rounds))?;
    }
    for bytes in OBJECT_SIZES {
        let floats: Vec<f64> = (0..bytes / 8).map(|n| n as f64 * 0.5).collect();
        report(world, ("floats", bytes), 2.0, |rounds| ping(world, &floats, rounds))?;
    }
    // What is an array there goes as a buffer here: an array of a size that the receiver learns.
    for bytes in OBJECT_SIZES {
        let data = vec![1.0; bytes / 8];
        report(world, ("array", bytes), 2.0, |rounds| arrays(world, &data, rounds))?;
    }
    Ok(())
}

/// Arrays whose receiver asks how large they are, and makes room.
fn arrays(world: &MpiComm, data: &[f64], rounds: usize) -> Result<(), Error> {
    let other = 1 - world.rank();
    let hear = || {
        let message = world.mprobe(other, 0)?;
        let mut room = vec![0.0; message.status().count()];
        message.recv(&mut room)?;
        Ok::<_, Error>(room)
    };
    for _ in 0..rounds {
        if other == 1 {
            world.send(data, other, 0)?;
            hear()?;
        } else {
            hear()?;
            world.send(data, other, 0)?;
        }
    }
    Ok(())
}

fn program(world: &MpiComm) -> Result<(), Error> {
    if world.size() != 2 {
        let must = "2: this is for two ranks";
        return Err(ErrorKind::Value { argument: "ranks", value: world.size(), must }.into());
    }
    if std::env::args().nth(1).as_deref() == Some("alone") {
        return alone(world);
    }
    compare(world, "one way", 2.0, [theirs, ours])?;
    compare(world, "sendrecv", 1.0, [their_sendrecv, our_sendrecv])?;
    compare(world, "allreduce", 1.0, [their_allreduce, our_allreduce])
}

fn main() -> Result<(), Error> {
    World::init()?.run(program);
    Ok(())
}
