//! Sums that are rounded once, against other ways to find them.

#![expect(clippy::cast_possible_truncation, reason = "that rounds")]

use proptest::collection::vec;
use proptest::prelude::*;
use tenfold_comm::{
    Cause, Communicator, Error, ErrorKind, ExactReductions, ExactSum, Lock, OneSided, Sum, World,
};
#[cfg(all(unix, not(miri)))]
use tenfold_comm::{FileMode, ParallelIo};

use crate::watchdog::in_time;

/// Enough that slices are sorted into bins, and more than go there at a time.
const MANY: usize = if cfg!(miri) { 300 } else { 20_000 };

fn of_bits(bits: u64) -> f64 {
    f64::from_bits(bits)
}

/// One at a time, and by slices.
fn each_way(numbers: &[f64]) -> [ExactSum; 3] {
    let mut one_by_one = ExactSum::new();
    numbers.iter().for_each(|&number| one_by_one.add(number));
    let mut merged = ExactSum::new();
    numbers.chunks(numbers.len() / 2 + 1).rev().for_each(|part| merged.merge(&ExactSum::of(part)));
    [one_by_one, merged, ExactSum::of(numbers)]
}

/// Shewchuk's expansions, as `math.fsum` of Python has them: no sum may be too large on the way.
fn expansion(numbers: &[f64]) -> f64 {
    let mut parts: Vec<f64> = vec![];
    for &number in numbers {
        let (mut high, mut kept) = (number, vec![]);
        for part in parts {
            let (more, less) = if part.abs() > high.abs() { (part, high) } else { (high, part) };
            high = more + less;
            let low = less - (high - more);
            if low != 0.0 {
                kept.push(low);
            }
        }
        if high != 0.0 {
            kept.push(high);
        }
        parts = kept;
    }
    let mut sum = parts.pop().unwrap_or(0.0);
    while let Some(part) = parts.pop() {
        let first = sum;
        sum = first + part;
        let low = part - (sum - first);
        if low != 0.0 {
            // Half of a last digit is decided by what comes below.
            let (twice, next) = (2.0 * low, parts.last().copied().unwrap_or(0.0));
            let is_more = (low < 0.0 && next < 0.0) || (low > 0.0 && next > 0.0);
            if is_more && (sum + twice) - sum == twice {
                sum += twice;
            }
            break;
        }
    }
    sum
}

/// With another exponent.
fn with_exponent(bits: u64, exponent: u64) -> f64 {
    of_bits((bits & !(0x7ff << 52)) | (exponent << 52))
}

/// Numbers of all sizes, but so small that a thousand of them are no infinity.
fn finite() -> impl Strategy<Value = f64> {
    let wide =
        (any::<u64>(), 0..2030_u64).prop_map(|(bits, exponent)| with_exponent(bits, exponent));
    let near = (any::<u64>(), 1000..1070_u64).prop_map(|(bits, e)| with_exponent(bits, e));
    let subnormal = any::<u64>().prop_map(|bits| with_exponent(bits, 0));
    let power = (0..2030_u64).prop_map(|exponent| with_exponent(0, exponent));
    prop_oneof![wide, near, subnormal, power, Just(-0.0)]
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: if cfg!(miri) { 4 } else { 512 },
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_sum_is_the_one_of_expansions(mut numbers in vec(finite(), 0..500), cancels in 0..4_usize) {
        // What is left of some that cancel is found in the lowest digits.
        let others: Vec<f64> = numbers.iter().step_by(cancels + 1).map(|number| -number).collect();
        numbers.extend(if cancels > 0 { others } else { vec![] });
        let sums = each_way(&numbers);
        prop_assert_eq!(sums, [sums[0]; 3]);
        prop_assert_eq!(sums[0].value(), expansion(&numbers));
        let back: Vec<f64> = numbers.iter().rev().copied().collect();
        prop_assert_eq!(ExactSum::of(&back), sums[0]);
    }

    /// Integers of 128 bits are exact too.
    #[test]
    fn a_sum_is_the_one_of_integers(numbers in vec((any::<i64>(), 0..40_i32), 0..500), scale in -1074..900_i32) {
        let float = |&(n, shift): &(i64, i32)| (n >> 11) as f64 * 2.0_f64.powi(shift);
        let sum: i128 = numbers.iter().map(|&(n, shift)| i128::from(n >> 11) << shift).sum();
        // By two steps, as the factor may be subnormal.
        let scaled = |value: f64| value * 2.0_f64.powi(scale / 2) * 2.0_f64.powi(scale - scale / 2);
        let floats: Vec<f64> = numbers.iter().map(|pair| scaled(float(pair))).collect();
        for total in each_way(&floats) {
            prop_assert_eq!(total.value(), scaled(sum as f64));
        }
    }

    /// Around halves of a last digit, where to round an `f64` again would be wrong.
    #[test]
    fn a_sum_is_rounded_once_to_an_f32(base in any::<f32>(), half in -1..=1_i8, low in -1..=1_i8) {
        prop_assume!(base.is_finite());
        let digit = f64::from(base.abs().next_up()) - f64::from(base.abs());
        prop_assume!(digit.is_finite());
        let (first, low) = (f64::from(base) + f64::from(half) * digit / 2.0, f64::from(low) * 5e-324);
        // Rounded to the odd of two, a sum tells that there is more.
        let is_odd = first.to_bits() & 1 == 1 || low == 0.0;
        let odd = match low > 0.0 {
            _ if is_odd => first,
            true => first.next_up(),
            false => first.next_down(),
        };
        prop_assert_eq!(ExactSum::of(&[low, first]).value_f32(), odd as f32);
    }

    #[test]
    fn ranks_share_the_numbers_as_they_like(
        numbers in vec(finite(), 0..200), owners in vec(0..7_usize, 200), ranks in 1..=7_usize,
    ) {
        let sums = World::threads(ranks).run(|world| {
            let mine = |(_, owner): &(&f64, &usize)| **owner % ranks == world.rank();
            let mine: Vec<f64> = numbers.iter().zip(&owners).filter(mine).map(|(n, _)| *n).collect();
            world.sum_exact(&mine)
        });
        let must = ExactSum::of(&numbers).value().to_bits();
        for sum in sums.unwrap() {
            prop_assert_eq!(sum.to_bits(), must);
        }
    }
}

/// What `math.fsum` of Python 3.11 gives:
/// `python3 -c 'from math import fsum; print(fsum([1e16, 1.0, 1e-16]).hex())'`, and so on.
#[test]
fn what_python_gives() {
    let two = |exponent| 2.0_f64.powi(exponent);
    let cases: [(Vec<f64>, f64); 8] = [
        (vec![1e100, 1.0, -1e100, 1e-9], 1.000000001),
        (vec![1e16, 1.0, 1e-16], 1.0000000000000002e16),
        (vec![two(53), 1.0, two(-100)], 9007199254740994.0),
        (vec![two(53), -0.5, -two(-54)], 9007199254740991.0),
        (vec![0.1; 10], 1.0),
        (vec![1e-308, -1e-309, 5e-324], 9e-309),
        (
            (0..10_000).map(|n| f64::from(1 - n % 2 * 2) / f64::from(2 * n + 1)).collect(),
            of_bits(0x3fe9_21c6_e67e_5913),
        ),
        (
            (0..5000).map(|n| two(n % 600 - 300) * f64::from(1 - n % 2 * 2)).collect(),
            -5.432095936891963e90,
        ),
    ];
    for (numbers, must) in cases {
        for sum in each_way(&numbers) {
            assert_eq!(sum.value(), must, "{:?}", &numbers[..numbers.len().min(4)]);
        }
    }
}

/// Of 1024 exponents. The sum of floats ends in other bits, `..1418e155` for `..1419e155`.
///
/// ```python
/// from math import fsum
/// from struct import pack, unpack
/// state, numbers = 1, []
/// for _ in range(20000):
///     state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
///     bits = state & ~(0x7ff << 52) | 512 + (state >> 3) % 1024 << 52
///     numbers += unpack('<d', pack('<Q', bits))
/// print(fsum(numbers))
/// ```
#[cfg(not(miri))]
#[test]
fn what_python_gives_for_many() {
    let mut state = 1_u64;
    let numbers: Vec<f64> = (0..20_000)
        .map(|_| {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            with_exponent(state, 512 + (state >> 3) % 1024)
        })
        .collect();
    for sum in each_way(&numbers) {
        assert_eq!(sum.value().to_bits(), 0xe020_4594_814b_10f2);
    }
    assert_ne!(numbers.iter().sum::<f64>(), ExactSum::of(&numbers).value());
}

/// Only a sum that is too large is infinite: from half a digit above the greatest number.
#[test]
fn what_is_too_large() {
    let (max, least) = (f64::MAX, 5e-324);
    let half = 2.0_f64.powi(970);
    let cases: [(&[f64], f64); 8] = [
        (&[max, max, -max], max),
        (&[max, half.next_down()], max),
        (&[max, half], f64::INFINITY),
        (&[max, half, -least], max),
        (&[-max, -half, least], -max),
        (&[-max, -half], f64::NEG_INFINITY),
        (&[max, max], f64::INFINITY),
        (&[f64::INFINITY, -max, -max], f64::INFINITY),
    ];
    for (numbers, must) in cases {
        let many = [numbers, &[0.0; 400]].concat();
        assert_eq!(each_way(&many).map(|sum| sum.value()), [must; 3], "{numbers:?}");
    }
    let all = vec![max; MANY];
    let back = vec![-max; MANY - 1];
    for mut sum in each_way(&all) {
        assert_eq!(sum.value(), f64::INFINITY);
        sum.extend(&back);
        assert_eq!((sum.value(), sum.value_f32()), (max, f32::INFINITY));
    }
    let (max, half) = (f64::from(f32::MAX), 2.0_f64.powi(103));
    assert_eq!(ExactSum::of(&[max, half, -least]).value_f32(), f32::MAX);
    assert_eq!(ExactSum::of(&[-max, -half]).value_f32(), f32::NEG_INFINITY);
}

/// What additions one after another give, of what a float is besides a number.
#[test]
fn what_additions_give() {
    let all = [
        f64::NAN,
        -f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        0.0,
        -0.0,
        5e-324,
        -5e-324,
        f64::MIN_POSITIVE,
        f64::MIN_POSITIVE.next_down(),
        1.0,
        f64::MAX,
    ];
    for a in all {
        for b in all {
            for zeros in [0, 400] {
                let numbers = [&[a, b][..], &vec![-0.0; zeros]].concat();
                for sum in each_way(&numbers) {
                    let (is, must) = (sum.value(), a + b);
                    let same = is.to_bits() == must.to_bits() || (is.is_nan() && must.is_nan());
                    assert!(same, "{a} + {b} = {is}, must be {must}");
                    let (is, must) = (sum.value_f32(), must as f32);
                    assert!(is.to_bits() == must.to_bits() || (is.is_nan() && must.is_nan()));
                }
            }
        }
    }
    assert_eq!(ExactSum::default().value().to_bits(), 0.0_f64.to_bits());
    assert_eq!(ExactSum::of(&[-0.0; 500]).value().to_bits(), (-0.0_f64).to_bits());
    assert_eq!(ExactSum::of(&[-1e-50]).value_f32().to_bits(), (-0.0_f32).to_bits());
    assert_eq!(format!("{:?}", ExactSum::of(&[1.5, 2.0])), "ExactSum(3.5)");
}

#[test]
fn sums_in_a_window() {
    in_time("window", || {
        let sums = World::threads(2).run(|world| {
            let mut window = world.window(&[ExactSum::of(&[world.rank() as f64 + 0.5])])?;
            let accumulated = window
                .lock(0, Lock::Shared, |target| target.accumulate(&[ExactSum::of(&[1.0])], 0, Sum));
            let kind = accumulated.unwrap_err().kind();
            assert!(matches!(kind, ErrorKind::Operation { builtin: None, .. }), "{kind:?}");
            window
                .lock(0, Lock::Exclusive, |target| target.update(0, 1, |sum| sum[0].add(1_u8)))?;
            world.barrier()?;
            Ok::<_, Error>(window.free()?[0].value())
        });
        assert_eq!(sums.unwrap(), [2.5, 1.5]);
    });
}

/// Bytes that are no sum of numbers do no harm, nor do sums beyond the room that there is.
#[cfg(all(unix, not(miri)))]
#[test]
fn any_bytes_are_a_sum() {
    let path = std::env::temp_dir().join(format!("tenfold-comm-exact-{}", std::process::id()));
    let result = World::threads(1).run(|world| {
        let file = world.open_file(&path, FileMode::Create)?;
        let bits: Vec<u64> =
            (0..35 * 50_u64).map(|n| (n % 5).wrapping_sub(2) << (n % 64)).collect();
        file.write_at(&bits, 0)?;
        file.write_at(&[u64::MAX; 35], 0)?;
        let mut sums = [ExactSum::new(); 50];
        file.read_at(&mut sums, 0)?;
        let mut all = ExactSum::new();
        for _ in 0..3000 {
            let twice = all;
            all.merge(&twice);
            all.add(f64::MIN);
            assert!(!all.value().is_nan() && !all.value_f32().is_nan());
        }
        for sum in &mut sums {
            sum.extend(&[1.0; 300]);
            all.merge(sum);
            let _ = (sum.value(), sum.value_f32(), format!("{sum:?}"));
        }
        assert!(all.value().is_nan());
        Ok::<_, Error>(())
    });
    std::fs::remove_file(&path).unwrap();
    result.unwrap();
}

#[test]
fn a_sum_that_does_not_fit() {
    in_time("does not fit", || {
        let result = World::threads(2).run(|world| {
            let mut room = [ExactSum::new(); 2];
            let error = world.allreduce(&[ExactSum::new()], &mut room, Sum).unwrap_err();
            let must = ErrorKind::Length { argument: "recv", len: 2, needed: 1 };
            assert_eq!(error.kind(), must);
            world.send(&[[0_u64; 35]], world.rank(), 1)?;
            let kind = world.recv(&mut room, world.rank(), 1).unwrap_err().kind();
            assert!(matches!(kind, ErrorKind::Type { .. }));
            world.barrier()?;
            if world.rank() == 0 {
                return world.sum_exact(&[1.0]).map(drop);
            }
            world.bcast(&mut [0.0], 0)
        });
        let Cause::Error(error) = result.unwrap_err().into_cause() else { panic!("an error") };
        let kind = error.kind();
        assert!(matches!(kind, ErrorKind::CollectiveMismatch { .. }), "{kind:?}");
    });
}
