//! Many numbers, sorted by their exponents.

use super::{Binary, ExactSum};

/// Sums of mantissas, of numbers whose exponents differ in the last 5 bits only. There the mantissas stand
/// where these bits say. So nothing is carried while numbers are added.
///
/// Numbers go to two sets by turns: an addition would have to wait for the one before, which is often to the
/// same bin.
pub(super) struct Bins([[u128; Bins::COUNT]; 2]);

impl Bins {
    /// How many numbers these may hold: far below the 2⁴³ that a bin has room for, and few enough that not
    /// much is lost where they are in vain.
    pub(super) const MOST: usize = 4096;

    /// One for each exponent that is a multiple of 32, and for each sign, which is above them.
    const COUNT: usize = 2 * Self::GROUPS;
    const GROUPS: usize = 64;

    /// The numbers from 2⁹⁹³ on, infinities and NaN.
    const LARGEST: usize = Self::GROUPS - 1;

    pub(super) fn of<T: Copy + Into<f64>>(numbers: &[T]) -> Self {
        let mut sets = [[0; Self::COUNT]; 2];
        let (pairs, last) = numbers.as_chunks::<2>();
        for pair in pairs {
            put(&mut sets[0], pair[0].into());
            put(&mut sets[1], pair[1].into());
        }
        last.iter().for_each(|&number| put(&mut sets[0], number.into()));
        Self(sets)
    }

    /// The limbs of the sum. None where it is not all: of zeros, whose signs are not here, and where there are
    /// numbers among the largest that may be none.
    pub(super) fn limbs(&self) -> Option<[u64; ExactSum::LIMBS]> {
        let [first, second] = &self.0;
        let is_zero = |bin: usize| first[bin] == 0 && second[bin] == 0;
        let has_largest = !is_zero(Self::LARGEST) || !is_zero(Self::GROUPS + Self::LARGEST);
        if has_largest || (0..Self::COUNT).all(is_zero) {
            return None;
        }
        let positive = (0..Self::GROUPS).map(|bin| first[bin] + second[bin]);
        let negative = (Self::GROUPS..Self::COUNT).map(|bin| first[bin] + second[bin]);
        // Below 2⁹⁸, each.
        let differences =
            positive.zip(negative).map(|(more, less)| more.wrapping_sub(less).cast_signed());
        Some(carried(differences))
    }
}

fn put(bins: &mut [u128; Bins::COUNT], number: f64) {
    let Binary { place, mantissa, .. } = Binary::of(number);
    let shift = place % 32;
    let (low, high) = (mantissa << shift, (mantissa >> 1) >> (63 - shift));
    let bin = (number.to_bits() >> 57) as usize;
    bins[bin] += u128::from(low) | (u128::from(high) << 64);
}

/// Numbers of which each counts 2³² times the one before, as one, in two's complement.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "what is cut off is carried"
)]
fn carried(numbers: impl Iterator<Item = i128>) -> [u64; ExactSum::LIMBS] {
    let mut numbers = numbers.chain(std::iter::repeat(0));
    let mut carry = 0;
    let mut digit = || {
        let sum = numbers.next().unwrap_or(0) + carry;
        carry = sum >> 32;
        u64::from(sum as u32)
    };
    std::array::from_fn(|_| digit() | (digit() << 32))
}
