//! Whether the numbers look random. All seeds are fixed: each of these held, and will.

use std::collections::HashSet;

use tenfold_kernel::Philox;

use crate::elementwise::on_every_isa;

const N: usize = 1 << 18;
/// Standard deviations that a statistic may be off.
const FAR: f64 = 4.0;

fn mean(x: impl ExactSizeIterator<Item = f64>) -> f64 {
    let len = x.len() as f64;
    x.sum::<f64>() / len
}

/// Whether the mean of independent numbers with this variance is as it should be.
fn has_mean(what: &str, x: impl ExactSizeIterator<Item = f64>, expected: f64, variance: f64) {
    let (far, mean) = (FAR * (variance / x.len() as f64).sqrt(), mean(x));
    assert!((mean - expected).abs() < far, "{what}: {mean}, not {expected} within {far}");
}

/// Pearson's statistic of counts that should be equal.
fn is_even(what: &str, counts: &[usize]) {
    let expected = counts.iter().sum::<usize>() as f64 / counts.len() as f64;
    let squares = counts.iter().map(|&n| (n as f64 - expected).powi(2) / expected);
    let (sum, free): (f64, f64) = (squares.sum(), counts.len() as f64 - 1.0);
    let far = FAR * (2.0 * free).sqrt();
    assert!((sum - free).abs() < far, "{what}: {sum}, not {free} within {far}");
}

fn count<const BINS: usize>(bins: impl Iterator<Item = usize>) -> [usize; BINS] {
    let mut counts = [0; BINS];
    bins.for_each(|bin| counts[bin] += 1);
    counts
}

/// Numbers of mean 0 and variance 1 that know nothing of each other.
fn are_apart(what: &str, x: &[f64], y: &[f64]) {
    let n = x.len().min(y.len());
    has_mean(what, (0..n).map(|i| x[i] * y[i]), 0.0, 1.0);
    // Nor do their squares.
    let rest = |x: f64| x * x - 1.0;
    let variance = mean((0..n).map(|i| rest(x[i]).powi(2) * rest(y[i]).powi(2)));
    has_mean(what, (0..n).map(|i| rest(x[i]) * rest(y[i])), 0.0, variance);
}

fn scaled(philox: Philox) -> Vec<f64> {
    philox.random::<f64>().array(N).unwrap().iter().map(|x| (x - 0.5) * 12_f64.sqrt()).collect()
}

#[test]
fn all_bytes_come_alike() {
    for seed in [0, 1, u64::MAX] {
        let words = Philox::new(seed).random::<u32>().array(N).unwrap();
        for byte in 0..4 {
            let counts = count::<256>(words.iter().map(|word| word.to_le_bytes()[byte].into()));
            is_even(&format!("byte {byte} of seed {seed}"), &counts);
        }
        let bits = words.iter().map(|word| f64::from(word.count_ones()));
        has_mean("bits", bits, 16.0, 8.0);
    }
}

#[test]
fn uniform_floats() {
    let philox = Philox::new(11);
    let (x, y) =
        (philox.random::<f64>().array(N).unwrap(), philox.random::<f32>().array(N).unwrap());
    let kinds = [("f64", x.to_vec()), ("f32", y.iter().map(|&y| y.into()).collect())];
    for (what, x) in &kinds {
        assert!(x.iter().all(|x| (0.0..1.0).contains(x)));
        has_mean(what, x.iter().copied(), 0.5, 1.0 / 12.0);
        has_mean(what, x.iter().map(|x| (x - 0.5).powi(2)), 1.0 / 12.0, 1.0 / 180.0);
        is_even(what, &count::<100>(x.iter().map(|x| (x * 100.0) as usize)));
    }
}

#[test]
fn normal_floats() {
    let philox = Philox::new(12);
    let x = philox.standard_normal::<f64>().array(N).unwrap();
    let y = philox.standard_normal::<f32>().array(N).unwrap();
    let kinds = [("f64", x.to_vec()), ("f32", y.iter().map(|&y| y.into()).collect())];
    for (what, x) in &kinds {
        has_mean(what, x.iter().copied(), 0.0, 1.0);
        has_mean(what, x.iter().map(|x| x * x), 1.0, 2.0);
        has_mean(what, x.iter().map(|x| x.powi(3)), 0.0, 15.0);
        has_mean(what, x.iter().map(|x| x.powi(4)), 3.0, 96.0);
        // The shares of the distribution.
        for (at, share) in [(0.0, 0.5), (-1.0, 0.841344746), (1.0, 0.158655254), (3.0, 0.001349898)]
        {
            let above = x.iter().map(|&x| f64::from(u8::from(x > at)));
            has_mean(what, above, share, share * (1.0 - share));
        }
        // Both of a pair.
        let (even, odd): (Vec<f64>, Vec<f64>) = x.chunks(2).map(|pair| (pair[0], pair[1])).unzip();
        are_apart(what, &even, &odd);
    }
}

#[test]
fn integers_of_a_range_come_alike() {
    let philox = Philox::new(13);
    let dice = philox.uniform(1..7).unwrap().array(N).unwrap();
    is_even("dice", &count::<6>(dice.iter().map(|&n: &i32| n as usize - 1)));
    // Where a remainder would give the first third twice as often.
    let x = philox.uniform(0..3_u32 << 30).unwrap().array(N).unwrap();
    is_even("u32", &count::<3>(x.iter().map(|x| (x >> 30) as usize)));
    let x = philox.uniform(0..3_u64 << 62).unwrap().array(N).unwrap();
    is_even("u64", &count::<3>(x.iter().map(|x| (x >> 62) as usize)));
    is_even("u64", &count::<256>(x.iter().map(|x| (x & 255) as usize)));
}

#[test]
fn neighbours_are_apart() {
    let philox = Philox::new(14);
    let x = scaled(philox);
    for n in [1, 2, 3, 1 << 32, u64::MAX] {
        are_apart(&format!("stream {n}"), &x, &scaled(philox.stream(n)));
        are_apart(&format!("seed {n} on"), &x, &scaled(Philox::new(14_u64.wrapping_add(n))));
    }
    // In a block, in the lanes of a group, in groups.
    for lag in [1, 2, 3, 4, 7, 8, 15, 16, 31, 32, 63, 64, 128, 1000] {
        are_apart(&format!("{lag} places on"), &x, &x[lag..]);
    }
}

#[test]
fn no_block_comes_twice() {
    let mut seen = HashSet::new();
    for stream in [0, 1, 2, 1 << 32, u64::MAX] {
        for start in [0, (1 << 32) - 2000, u64::MAX - 4000] {
            let philox = Philox::new(15).stream(stream);
            assert!((start..start + 4000).all(|n| seen.insert(philox.block(n))));
        }
    }
}

/// The same numbers, and so the same statistics, with every instruction set.
#[test]
fn with_all_instructions_alike() {
    let numbers = Philox::new(16).standard_normal::<f64>();
    let expected = numbers.array(10_000).unwrap();
    on_every_isa(|| assert_eq!(numbers.array(10_000).unwrap(), expected));
}
