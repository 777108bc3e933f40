//! Quantiles of arrays that are larger than memory.
//!
//! The elements in order are looked for digit by digit, from the first digit of their bits: how many elements there are of
//! each digit says which one the wanted place has, and the next pass counts the next digit of those that begin so. Each is
//! a histogram in one pass, and one pass needs what the one before has found: a chain of reductions, which holds some
//! thousand counts whatever the size.

use std::sync::Arc;

use ndarray::{Dimension, Ix0, Ix1};

use super::lanes::{OfLanes, of_lanes};
use super::map::ternary;
use super::quantile::Wanted;
use super::{Ordered, is_nan};
use crate::array::Array;
use crate::block::lanes::{LanesFunction, one, two};
use crate::error::Result;
use crate::hash::Identity;
use crate::node::{Node, Origin};
use crate::reduce::Averageable;

/// How many bits a digit has: with more of them there are fewer passes, and more counts to merge.
const BITS: u32 = 13;

/// How many digits there are.
const DIGITS: usize = 1 << BITS;

/// As many, as the number of a bin.
const BEYOND: i64 = 1 << BITS;

/// What is known of both elements that a quantile lies between: as many numbers of an array.
#[derive(Debug, Clone, Copy, Default)]
struct Found {
    /// The digits so far.
    prefixes: [u64; 2],
    /// How many elements with these come before.
    ranks: [u64; 2],
    /// How many elements are numbers, and how many are NaN.
    numbers: u64,
    nans: u64,
}

/// How many numbers a [`Found`] is.
const FOUND: usize = 6;

impl Found {
    fn of(from: &[i64]) -> Self {
        let at = |i: usize| from[i].cast_unsigned();
        Self { prefixes: [at(0), at(1)], ranks: [at(2), at(3)], numbers: at(4), nans: at(5) }
    }

    fn put(self, to: &mut [i64]) {
        let ([a, b], [c, d]) = (self.prefixes, self.ranks);
        for (to, from) in to.iter_mut().zip([a, b, c, d, self.numbers, self.nans]) {
            *to = from.cast_signed();
        }
    }

    /// Goes on with the digit of each that comes of the counts of the first, and of the second if it begins otherwise.
    fn next(mut self, counts: &[i64]) -> Self {
        let is_one = self.prefixes[0] == self.prefixes[1];
        for (which, (prefix, rank)) in self.prefixes.iter_mut().zip(&mut self.ranks).enumerate() {
            let own = if is_one { 0 } else { which * DIGITS };
            for (digit, &count) in (0..).zip(&counts[own..own + DIGITS]) {
                let count = count.cast_unsigned();
                if *rank < count {
                    *prefix = *prefix << BITS | digit;
                    break;
                }
                *rank -= count;
            }
        }
        self
    }
}

/// How many digits the bits of an element have.
fn digits<T: Ordered>() -> u32 {
    u32::try_from(size_of::<T>() * 8).unwrap_or(u64::BITS).div_ceil(BITS)
}

/// The digits of an element before the last so many.
fn prefix<T: Ordered>(x: T, after: u32) -> u64 {
    x.key().checked_shr(BITS * after).unwrap_or(0)
}

/// A digit as a number of a bin.
fn bin(prefix: u64) -> i64 {
    (prefix & (DIGITS as u64 - 1)).cast_signed()
}

/// A function of vectors that gives a vector.
fn vector(
    inputs: &[Arc<Node>],
    key: Identity,
    len: usize,
    function: Box<LanesFunction>,
    origin: Origin,
) -> Result<Array<i64, Ix1>> {
    of_lanes(inputs, OfLanes { name: "select", key, len, scratch: 0, function }, origin)
}

/// The quantile of all elements.
pub(super) fn selected<T, D>(
    x: &Array<T, D>,
    wanted: &Wanted,
    q: f64,
    origin: Origin,
) -> Result<Array<T::Mean, Ix0>>
where
    T: Ordered + Averageable<Wide = f64>,
    D: Dimension,
{
    let key = Identity::of(("quantile", q.to_bits(), wanted.method, wanted.skips_nan));
    let mut found = first(x, wanted, q, key, origin)?;
    for after in (0..digits::<T>() - 1).rev() {
        let [a, b] = [0, 1].map(|at| found.index_axis(0, at));
        let digit = move |x: T, a: i64, b: i64| {
            if is_nan(x) {
                return -1;
            }
            let all = prefix(x, after);
            match (all >> BITS).cast_signed() {
                begins if begins == a => bin(all),
                begins if begins == b => bin(all) + BEYOND,
                _ => -1,
            }
        };
        let nodes = [&x.node, &a.node, &b.node];
        let place: Array<i64, D> = ternary("digit", Identity::of(after), nodes, digit, origin);
        let counts = place.counted("select", 2 * DIGITS, origin);
        let next = |counts: &[i64], found: &[i64], out: &mut [i64]| {
            Found::of(found).next(counts).put(out);
            Ok(())
        };
        let inputs = [counts.node, found.node];
        found = vector(&inputs, Identity::of("next"), FOUND, two(next), origin)?;
    }
    let wanted = wanted.clone();
    let last = move |found: &[i64], out: &mut [T::Mean]| {
        out.fill(T::mean_of(between::<T>(Found::of(found), &wanted, q), 1));
        Ok(())
    };
    let of = OfLanes { name: "quantile", key, len: 1, scratch: 0, function: one(last) };
    Ok(of_lanes::<T::Mean, Ix1>(&[found.node], of, origin)?.index_axis(0, 0))
}

/// What is found by the first digits, of which NaN has one of its own.
fn first<T, D>(
    x: &Array<T, D>,
    wanted: &Wanted,
    q: f64,
    key: Identity,
    origin: Origin,
) -> Result<Array<i64, Ix1>>
where
    T: Ordered + Averageable<Wide = f64>,
    D: Dimension,
{
    let after = digits::<T>() - 1;
    let digit = move |x: T| if is_nan(x) { BEYOND } else { bin(prefix(x, after)) };
    let place = x.unary("digit", Identity::of("first"), digit, origin);
    let counts = place.counted("select", DIGITS + 1, origin);
    let method = wanted.method;
    let start = move |counts: &[i64], out: &mut [i64]| {
        let (nans, counts) = (counts[DIGITS].cast_unsigned(), &counts[..DIGITS]);
        let numbers = counts.iter().sum::<i64>().cast_unsigned();
        let found = Found { ranks: method.ranks(numbers, q), numbers, nans, ..Found::default() };
        if numbers > 0 { found.next(counts) } else { found }.put(out);
        Ok(())
    };
    vector(&[counts.node], key, FOUND, one(start), origin)
}

/// The quantile that lies between the elements that were found.
fn between<T>(found: Found, wanted: &Wanted, q: f64) -> f64
where
    T: Ordered + Averageable<Wide = f64>,
{
    if found.numbers == 0 || (found.nans > 0 && !wanted.skips_nan) {
        return f64::NAN;
    }
    let [low, high] = found.prefixes.map(|key| T::of_key(key).wide());
    wanted.method.between(found.numbers, q, low, high)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::QuantileMethod;
    use super::super::quantile::Given;
    use super::*;

    const METHODS: [QuantileMethod; 6] = [
        QuantileMethod::Linear,
        QuantileMethod::Lower,
        QuantileMethod::Midpoint,
        QuantileMethod::InvertedCdf,
        QuantileMethod::AveragedInvertedCdf,
        QuantileMethod::Hazen,
    ];

    /// Both ways to the same quantile.
    fn check<T>(elements: Vec<T>, chunk: usize, q: f64, method: QuantileMethod, skips_nan: bool)
    where
        T: Ordered + Averageable<Wide = f64>,
        T::Mean: Into<f64>,
    {
        let x = Array::from_ndarray(ndarray::Array1::from(elements), chunk);
        let (given, values) = (Given::Q, vec![q]);
        let wanted = Wanted { name: "quantile", given, values, method, skips_nan };
        let origin = std::panic::Location::caller();
        let made = selected(&x, &wanted, q, origin).unwrap().compute().unwrap();
        let expected = match skips_nan {
            true => x.nanquantile_axis(0, q, method),
            false => x.quantile_axis(0, q, method),
        };
        let expected = expected.compute().unwrap().into_scalar().into();
        let made: f64 = made.into_scalar().into();
        assert!(made == expected || made.is_nan() && expected.is_nan(), "{made} {expected}");
    }

    proptest! {
        #[test]
        fn digits_find_what_an_order_does(
            bits in prop::collection::vec(any::<u64>(), 0..60),
            ints in prop::collection::vec(any::<i32>(), 0..60),
            short in prop::collection::vec(any::<i16>(), 0..60),
            few in prop::collection::vec(0..5_u8, 0..60),
            chunk in 1..20_usize,
            q in prop_oneof![Just(0.0), Just(1.0), Just(0.5), 0.0..1.0_f64],
            method in prop::sample::select(&METHODS[..]),
            skips_nan in any::<bool>(),
        ) {
            let floats = |&bits: &u64| if bits % 50 == 0 { f64::NAN } else { f64::from_bits(bits) };
            let finite: Vec<f64> = bits.iter().map(|bits| ((bits % 2001) as f64 - 1000.0) / 8.0).collect();
            check(bits.iter().map(floats).map(|x| x / 4.0).collect(), chunk, q, QuantileMethod::Lower, skips_nan);
            check(finite, chunk, q, method, skips_nan);
            check(ints, chunk, q, method, skips_nan);
            check(short, chunk, q, method, skips_nan);
            check(few, chunk, q, method, skips_nan);
        }
    }

    #[test]
    fn keys_are_in_order() {
        let floats =
            [f64::NEG_INFINITY, -1.5, -f64::MIN_POSITIVE, -0.0, 0.0, 5e-324, 2.0, f64::INFINITY];
        assert!(floats.map(Ordered::key).is_sorted());
        assert_eq!(floats.map(|x| f64::of_key(x.key()).to_bits()), floats.map(f64::to_bits));
        let ints = [i8::MIN, -1, 0, 1, i8::MAX];
        assert!(ints.map(Ordered::key).is_sorted());
        assert_eq!(ints.map(|x| i8::of_key(x.key())), ints);
        assert_eq!([false, true].map(|x| bool::of_key(x.key())), [false, true]);
    }
}
