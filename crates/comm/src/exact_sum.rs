//! Sums that are rounded once.

mod bins;

use std::fmt;

use bins::Bins;

/// How many bits stand below the last of the least number, 2⁻¹⁰⁷⁴: so the last bit of a number stands where
/// its biased exponent says.
const BELOW: usize = 1;

/// A sum of floats without rounding: a superaccumulator.
///
/// Numbers are added exactly, in any order; [`value`](Self::value) rounds once. It has the same bits whoever
/// adds what, where sums of floats differ with the order, and so with the number of ranks. [`Sum`](crate::Sum)
/// merges one from each rank, also without waiting; [`sum_exact`](crate::ExactReductions::sum_exact) does all of it.
///
/// ```
/// use tenfold_comm::{Communicator, Error, ExactSum, Sum, World};
///
/// let numbers = [1e100, 1.0, -1e100, 1e-9];
/// assert_eq!(numbers.iter().sum::<f64>(), 1e-9);
/// assert_eq!(ExactSum::of(&numbers).value(), 1.000_000_001);
///
/// let sums = World::threads(4).run(|world| {
///     let mut total = [ExactSum::new()];
///     world.allreduce(&[ExactSum::of(&[numbers[world.rank()]])], &mut total, Sum)?;
///     Ok::<_, Error>(total[0].value())
/// });
/// assert_eq!(sums.unwrap(), [1.000_000_001; 4]);
/// ```
///
/// It is a fixed-point number of 2176 bits, 280 bytes with what it notes of infinities and the like. It holds
/// 2⁷⁶ numbers as large as they can be, and wraps around beyond. Two are equal that are sums of the same numbers,
/// in any order.
///
/// # IEEE 754
/// Infinities, NaN and signs of zero are as additions one after another would have them, but for overflow: a sum
/// is infinite only if an infinity was added, or if it is too large itself. The sum of nothing is 0.
///
/// # Cost model
/// A slice is added faster than its numbers one at a time, if it has some hundred, and if none of them is as large
/// as 2⁹⁹³.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[repr(C)]
pub struct ExactSum {
    /// In two's complement, the lowest first, in units of 2⁻¹⁰⁷⁵.
    pub(crate) limbs: [u64; ExactSum::LIMBS],
    /// What was added, of [`Note`]s. Others mean nothing: they come from bytes that were no sum.
    pub(crate) notes: u64,
}

/// What is known of the numbers that were added, besides their sum.
struct Note;

impl Note {
    const NAN: u64 = 1;
    const INFINITY: u64 = 2;
    const NEG_INFINITY: u64 = 4;
    const SOMETHING: u64 = 8;
    /// Than -0.
    const SOMETHING_ELSE: u64 = 16;

    fn of(number: f64) -> u64 {
        if number.to_bits() == (-0.0_f64).to_bits() {
            return Self::SOMETHING;
        }
        let special = match number {
            f64::INFINITY => Self::INFINITY,
            f64::NEG_INFINITY => Self::NEG_INFINITY,
            _ if number.is_nan() => Self::NAN,
            _ => 0,
        };
        Self::SOMETHING | Self::SOMETHING_ELSE | special
    }
}

/// A finite float: its sign, the place of its last bit, and its mantissa.
struct Binary {
    is_negative: bool,
    place: usize,
    mantissa: u64,
}

impl Binary {
    const DIGITS: u32 = f64::MANTISSA_DIGITS - 1;

    fn of(number: f64) -> Self {
        let bits = number.to_bits();
        let exponent = (bits >> Self::DIGITS) & 0x7ff;
        let is_subnormal = u64::from(exponent == 0);
        let fraction = bits & ((1 << Self::DIGITS) - 1);
        #[expect(clippy::cast_possible_truncation, reason = "it has 11 bits")]
        let place = (exponent | is_subnormal) as usize;
        let mantissa = fraction | ((1 - is_subnormal) << Self::DIGITS);
        Self { is_negative: number.is_sign_negative(), place, mantissa }
    }
}

/// Below so many numbers, one at a time is faster.
const FEW: usize = 256;

impl ExactSum {
    /// So many words hold 2⁷⁶ times the greatest number, and a sign.
    pub(crate) const LIMBS: usize = 34;

    /// The sum of nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self { limbs: [0; Self::LIMBS], notes: 0 }
    }

    /// The sum of these: `f64`, `f32`, integers of up to 32 bits, and what else is an `f64` without loss.
    #[must_use]
    pub fn of<T: Copy + Into<f64>>(numbers: &[T]) -> Self {
        let mut sum = Self::new();
        sum.extend(numbers);
        sum
    }

    /// Adds a number.
    pub fn add(&mut self, number: impl Into<f64>) {
        let number = number.into();
        self.notes |= Note::of(number);
        if number == 0.0 || !number.is_finite() {
            return;
        }
        let Binary { is_negative, place, mantissa } = Binary::of(number);
        let (limb, shift) = (place / 64, place % 64);
        let words = [mantissa << shift, (mantissa >> 1) >> (63 - shift)];
        if is_negative {
            self.carry_from(limb, words, u64::borrowing_sub);
        } else {
            self.carry_from(limb, words, u64::carrying_add);
        }
    }

    /// Adds or takes away two words, and what is carried, as far as it goes.
    fn carry_from(
        &mut self,
        limb: usize,
        words: [u64; 2],
        operation: impl Fn(u64, u64, bool) -> (u64, bool),
    ) {
        let mut carry = false;
        let (these, above) = self.limbs[limb..].split_at_mut(2);
        for (limb, word) in these.iter_mut().zip(words) {
            (*limb, carry) = operation(*limb, word, carry);
        }
        for limb in above {
            if !carry {
                break;
            }
            (*limb, carry) = operation(*limb, 0, carry);
        }
    }

    /// Adds many, as [`of`](Self::of).
    pub fn extend<T: Copy + Into<f64>>(&mut self, numbers: &[T]) {
        for block in numbers.chunks(Bins::MOST) {
            let limbs = if block.len() < FEW { None } else { Bins::of(block).limbs() };
            if let Some(limbs) = limbs {
                // There is a number among them that is not 0.
                let notes = Note::SOMETHING | Note::SOMETHING_ELSE;
                self.merge(&Self { limbs, notes });
            } else {
                block.iter().for_each(|&number| self.add(number));
            }
        }
    }

    /// Adds all that was added to another.
    pub fn merge(&mut self, other: &Self) {
        let mut carry = false;
        for (limb, other) in self.limbs.iter_mut().zip(other.limbs) {
            (*limb, carry) = limb.carrying_add(other, carry);
        }
        self.notes |= other.notes;
    }

    /// The sum, correctly rounded: to the nearest, of two to the even one.
    #[must_use]
    pub fn value(&self) -> f64 {
        let infinity = f64::INFINITY.to_bits();
        let (is_negative, bits) = self.rounded(f64::MANTISSA_DIGITS as usize, BELOW);
        let value = f64::from_bits(bits.min(infinity));
        self.special().unwrap_or(if is_negative { -value } else { value })
    }

    /// The sum, correctly rounded to an `f32`. To round [`value`](Self::value) is to round twice.
    #[must_use]
    pub fn value_f32(&self) -> f32 {
        let infinity = f32::INFINITY.to_bits();
        // The least is 2⁻¹⁴⁹.
        let (is_negative, bits) = self.rounded(f32::MANTISSA_DIGITS as usize, BELOW + 1074 - 149);
        let value = f32::from_bits(u32::try_from(bits).unwrap_or(infinity).min(infinity));
        let value = if is_negative { -value } else { value };
        #[expect(clippy::cast_possible_truncation, reason = "infinity and NaN are so in both")]
        self.special().map_or(value, |special| special as f32)
    }

    /// What the sum is for the sake of something that is no number.
    fn special(&self) -> Option<f64> {
        let has = |note| self.notes & note != 0;
        match (has(Note::INFINITY), has(Note::NEG_INFINITY)) {
            _ if has(Note::NAN) => Some(f64::NAN),
            (true, true) => Some(f64::NAN),
            (true, false) => Some(f64::INFINITY),
            (false, true) => Some(f64::NEG_INFINITY),
            (false, false) => None,
        }
    }

    /// The sign of the sum, and what else a float of so many digits has as bits, whose least number stands at
    /// `lowest`; more than infinity where it is too large.
    fn rounded(&self, digits: usize, lowest: usize) -> (bool, u64) {
        let is_negative = self.limbs[Self::LIMBS - 1] >> 63 == 1;
        let magnitude = Magnitude::of(self.limbs, is_negative);
        let Some(length) = magnitude.length() else {
            return (self.notes & (Note::SOMETHING | Note::SOMETHING_ELSE) == Note::SOMETHING, 0);
        };
        let cut = length.saturating_sub(digits).max(lowest);
        let kept = magnitude.word(cut);
        let is_half = magnitude.word(cut - 1) & 1 == 1;
        let is_up = is_half && (kept & 1 == 1 || !magnitude.is_zero_below(cut - 1));
        // The first digit counts for the exponent, where there is one, and so does what is carried.
        (is_negative, (((cut - lowest) as u64) << (digits - 1)) + kept + u64::from(is_up))
    }
}

/// The limbs of a sum without its sign.
struct Magnitude([u64; ExactSum::LIMBS]);

impl Magnitude {
    fn of(mut limbs: [u64; ExactSum::LIMBS], is_negative: bool) -> Self {
        if is_negative {
            let mut carry = true;
            for limb in &mut limbs {
                (*limb, carry) = (!*limb).carrying_add(0, carry);
            }
        }
        Self(limbs)
    }

    /// How many bits it has, up to the first; none where it is zero.
    fn length(&self) -> Option<usize> {
        let above = self.0.iter().rev().take_while(|limb| **limb == 0).count();
        let first = self.0.iter().rev().nth(above)?;
        Some(64 * (ExactSum::LIMBS - above) - first.leading_zeros() as usize)
    }

    /// 64 bits from one on.
    fn word(&self, from: usize) -> u64 {
        let (at, shift) = (from / 64, from % 64);
        let limb = |at: usize| self.0.get(at).copied().unwrap_or(0);
        (limb(at) >> shift) | ((limb(at + 1) << 1) << (63 - shift))
    }

    /// Whether all bits below one are none.
    fn is_zero_below(&self, end: usize) -> bool {
        let (at, shift) = (end / 64, end % 64);
        self.0[..at].iter().all(|limb| *limb == 0) && self.0[at] & ((1 << shift) - 1) == 0
    }
}

impl Default for ExactSum {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for ExactSum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ExactSum").field(&self.value()).finish()
    }
}
