//! Sums without rounding.

use super::{Outcome, list, same};
use crate::{
    Blocks, Communicator, ExactReductions, ExactSum, NonblockingCollectives, Source, Sum, Tags,
};

list![
    the_same_sum_by_any_number_of_ranks,
    a_sum_is_rounded_once,
    what_is_no_number,
    exact_sums_are_elements,
];

fn bits(value: f64) -> String {
    format!("{:#x}", value.to_bits())
}

/// What Python gives, `python3 -c 'from math import fsum; print(fsum(1 / n for n in range(1, 10001)).hex())'`:
/// `0x1.39341192de2b9p+3`. Miri is slow, and takes the first 300.
fn the_same_sum_by_any_number_of_ranks<C: Communicator>(comm: &C) -> Outcome {
    let (rank, size) = (comm.rank(), comm.size());
    let (count, must) =
        if cfg!(miri) { (300, 0x4019_2172_a3e6_965a) } else { (10_000, 0x4023_9341_192d_e2b9) };
    let number = |n: usize| 1.0 / (n + 1) as f64;
    let must = bits(f64::from_bits(must));
    // In blocks, in turn, backwards, and all by the last.
    let block: Vec<f64> = Blocks::new(count, size).range(rank).map(number).collect();
    same("blocks", bits(comm.sum_exact(&block)?), must.clone())?;
    let turns: Vec<f64> = (rank..count).step_by(size).map(number).collect();
    same("turns", bits(comm.sum_exact(&turns)?), must.clone())?;
    let back = |n: usize| number(count - 1 - n);
    let backwards: Vec<f64> = Blocks::new(count, size).range(rank).map(back).collect();
    same("backwards", bits(comm.sum_exact(&backwards)?), must.clone())?;
    let all: Vec<f64> = (0..if rank == size - 1 { count } else { 0 }).map(number).collect();
    same("one has all", bits(comm.sum_exact(&all)?), must)
}

/// Each rank has what the others cancel, and a little more.
fn a_sum_is_rounded_once<C: Communicator>(comm: &C) -> Outcome {
    let (rank, size) = (comm.rank(), comm.size());
    let large = 1e300 * (1.0 + rank as f64);
    let other = 1e300 * (1.0 + ((rank + 1) % size) as f64);
    same("cancels", comm.sum_exact(&[large, 5e-324, -other])?, size as f64 * 5e-324)?;
    // Half a last digit of 1, and less than that.
    let half = f64::EPSILON / 2.0;
    let least = if rank == size - 1 { f64::MIN_POSITIVE } else { 0.0 };
    let first = if rank == 0 { vec![1.0, half] } else { vec![] };
    same("to even", comm.sum_exact(&first)?, 1.0)?;
    same("above half", comm.sum_exact(&[&first[..], &[least]].concat())?, 1.0 + f64::EPSILON)?;
    same("below half", comm.sum_exact(&[&first[..], &[-least]].concat())?, 1.0)?;
    // Too large on the way, and in the end not.
    let way = [f64::MAX, f64::MAX, -f64::MAX, -f64::MAX, rank as f64];
    same("too large on the way", comm.sum_exact(&way)?, (size * (size - 1) / 2) as f64)
}

fn what_is_no_number<C: Communicator>(comm: &C) -> Outcome {
    let first = |one: f64, others: f64| if comm.rank() == 0 { one } else { others };
    let is_nan = |sum: f64| same("not a number", sum.is_nan(), true);
    same("nothing", bits(comm.sum_exact::<f64>(&[])?), bits(0.0))?;
    same("negative zeros", bits(comm.sum_exact(&[-0.0])?), bits(-0.0))?;
    same("one zero", bits(comm.sum_exact(&[first(0.0, -0.0), -0.0])?), bits(0.0))?;
    same("infinity", comm.sum_exact(&[first(f64::INFINITY, -1e308)])?, f64::INFINITY)?;
    is_nan(comm.sum_exact(&[first(f64::INFINITY, 1.0), first(f64::NEG_INFINITY, 1.0)])?)?;
    is_nan(comm.sum_exact(&[first(f64::NAN, 1.0), f64::NEG_INFINITY])?)?;
    same("too large", comm.sum_exact(&[f64::MAX, first(f64::MAX, 0.0)])?, f64::INFINITY)
}

/// In messages, in reductions of several, also of those that do not wait.
fn exact_sums_are_elements<C: Communicator>(comm: &C) -> Outcome {
    let (rank, size) = (comm.rank(), comm.size());
    let mine = [ExactSum::of(&[0.1_f32, rank as f32]), ExactSum::of(&[1_u32 << 31, 7])];
    let (to, from) = ((rank + 1) % size, (rank + size - 1) % size);
    let mut theirs = [ExactSum::new(); 2];
    comm.sendrecv((&mine, to, 1), &mut theirs, Source::Rank(from), Tags::Only(1))?;
    same("message", theirs[0], ExactSum::of(&[from as f32, 0.1]))?;
    let mut total = vec![ExactSum::new(); 2];
    comm.allreduce(&mine, &mut total, Sum)?;
    let open = comm.iallreduce(theirs.to_vec(), vec![ExactSum::new(); 2], Sum)?;
    same("without waiting", &open.wait()?, &total)?;
    let numbers = (0..size).flat_map(|rank| [rank as f32, 0.1]);
    let must = ExactSum::of(&numbers.collect::<Vec<_>>());
    same("sum", (total[0], total[0].value_f32()), (must, must.value_f32()))?;
    same("integers", total[1].value(), size as f64 * (2_147_483_648.0 + 7.0))?;
    let mut below = [ExactSum::new()];
    comm.exscan(&[ExactSum::of(&[rank as f64])], &mut below, Sum)?;
    same("exscan", below[0].value(), (rank * rank.saturating_sub(1) / 2) as f64)
}
