//! From the words of blocks to numbers.

use super::block::{Words, low};
use crate::simd::{Element, Lanes, Num, Real, Simd};

/// What numbers are made of words, some of every block.
pub(super) trait Draw: Copy + Send + Sync {
    /// What is made.
    type Number: Element;
    /// Numbers that a block gives; a power of two, at most 4.
    const PER_BLOCK: usize;

    /// Writes the numbers of all blocks, one block after another.
    ///
    /// # Safety
    /// `to` is valid for writes of `PER_BLOCK * LANES` numbers.
    unsafe fn store<S: Simd>(self, words: Words<S>, to: *mut Self::Number);
}

/// The words as they lie in memory: a u64 is two of them, the low half first.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bits64;

/// Each word.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bits32;

/// The high bits of 64, or of 32, as a fraction below 1.
#[derive(Debug, Clone, Copy)]
pub(super) struct Unit<T>(pub(super) std::marker::PhantomData<T>);

/// A fraction below 1 that is scaled to a range.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scaled<T> {
    pub(super) low: T,
    /// From `low` to what lies above the range.
    pub(super) width: T,
    /// The last number of the range.
    pub(super) last: T,
}

/// So many integers from one on: the high part of a product with so many more random bits that
/// no integer comes more often than it should by more than one in 2^32.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Below<T> {
    pub(super) low: T,
    pub(super) count: T,
}

/// Two words as one number.
#[inline(always)]
fn join<S: Simd>(low_half: Lanes<S, u64>, high_half: Lanes<S, u64>) -> Lanes<S, u64> {
    low(low_half).or(high_half.shl_by(32))
}

/// Two words as they lie one after another in memory.
#[inline(always)]
pub(super) fn in_memory<S: Simd>(first: Lanes<S, u64>, second: Lanes<S, u64>) -> Lanes<S, u64> {
    if cfg!(target_endian = "big") { join(second, first) } else { join(first, second) }
}

/// Both u64 of every block.
#[inline(always)]
pub(super) fn pairs<S: Simd>(words: Words<S>) -> [Lanes<S, u64>; 2] {
    [join(words[0], words[1]), join(words[2], words[3])]
}

/// `[a0, b0, a1, b1, ..]`
#[inline(always)]
pub(super) fn zip<S: Simd>(a: Lanes<S, u64>, b: Lanes<S, u64>) -> [Lanes<S, u64>; 2] {
    let (s, a, b) = (a.token(), a.to_array(), b.to_array());
    let mut zipped = [a, b];
    let mut i = 0;
    while i < S::LANES {
        let (half, at) = (2 * i / S::LANES, 2 * i % S::LANES);
        zipped[half].as_mut()[at] = a.as_ref()[i];
        zipped[half].as_mut()[at + 1] = b.as_ref()[i];
        i += 1;
    }
    [Lanes::from_array(s, zipped[0]), Lanes::from_array(s, zipped[1])]
}

/// # Safety
/// `to` is valid for writes of twice `LANES` numbers.
#[inline(always)]
pub(super) unsafe fn store_two<S: Simd, T: Element>(two: [Lanes<S, T>; 2], to: *mut T) {
    // SAFETY: as the caller promises.
    unsafe { two[0].store(to) };
    // SAFETY: as the caller promises.
    unsafe { two[1].store(to.wrapping_add(S::LANES)) };
}

impl Draw for Bits64 {
    type Number = u64;
    const PER_BLOCK: usize = 2;

    #[inline(always)]
    unsafe fn store<S: Simd>(self, words: Words<S>, to: *mut u64) {
        let [first, second] = pairs(words);
        // SAFETY: as the caller promises.
        unsafe { store_two(zip(first, second), to) };
    }
}

impl Draw for Bits32 {
    type Number = u32;
    const PER_BLOCK: usize = 4;

    #[inline(always)]
    unsafe fn store<S: Simd>(self, words: Words<S>, to: *mut u32) {
        let (first, second) = (in_memory(words[0], words[1]), in_memory(words[2], words[3]));
        // SAFETY: as the caller promises; a u64 has the room of two u32, and needs no alignment.
        unsafe { store_two(zip(first, second), to.cast()) };
    }
}

/// The fraction of the 53 high bits.
#[inline(always)]
pub(super) fn unit<S: Simd>(bits: Lanes<S, u64>) -> Lanes<S, f64> {
    bits.shr_by(11).to_f64() * (f64::EPSILON / 2.0)
}

/// The fraction of the 24 high bits.
#[inline(always)]
fn unit_f32<S: Simd>(bits: Lanes<S, u32>) -> Lanes<S, f32> {
    bits.shr_by(8).to_i32().to_f32() * (f32::EPSILON / 2.0)
}

/// What is made of a fraction.
trait Shape<T: Real>: Copy {
    fn of<S: Simd>(self, unit: Lanes<S, T>) -> Lanes<S, T>;
}

impl<T: Real> Shape<T> for Unit<T> {
    #[inline(always)]
    fn of<S: Simd>(self, unit: Lanes<S, T>) -> Lanes<S, T> {
        unit
    }
}

impl<T: Real> Shape<T> for Scaled<T> {
    #[inline(always)]
    fn of<S: Simd>(self, unit: Lanes<S, T>) -> Lanes<S, T> {
        // The sum may be rounded up to what lies above the range.
        (unit * self.width + self.low).min(Lanes::splat(unit.token(), self.last))
    }
}

/// # Safety
/// As `Draw::store`.
#[inline(always)]
unsafe fn store_f64<S: Simd, D: Shape<f64>>(shape: D, words: Words<S>, to: *mut f64) {
    let [first, second] = pairs(words);
    let [first, second] = zip(first, second);
    // SAFETY: as the caller promises.
    unsafe { store_two([shape.of(unit(first)), shape.of(unit(second))], to) };
}

/// # Safety
/// As `Draw::store`.
#[inline(always)]
unsafe fn store_f32<S: Simd, D: Shape<f32>>(shape: D, words: Words<S>, to: *mut f32) {
    // First the bits, then what they stand for, at the same place.
    // SAFETY: as the caller promises.
    unsafe { Bits32.store(words, to.cast()) };
    let mut i = 0;
    while i < Bits32::PER_BLOCK * S::LANES {
        let to = to.wrapping_add(i);
        // SAFETY: a group of bits was just written here.
        let bits = unsafe { Lanes::load(words[0].token(), to.cast_const().cast::<u32>()) };
        // SAFETY: as the caller promises.
        unsafe { shape.of(unit_f32(bits)).store(to) };
        i += S::LANES;
    }
}

impl Draw for Unit<f64> {
    type Number = f64;
    const PER_BLOCK: usize = 2;

    #[inline(always)]
    unsafe fn store<S: Simd>(self, words: Words<S>, to: *mut f64) {
        // SAFETY: as the caller promises.
        unsafe { store_f64(self, words, to) };
    }
}

impl Draw for Scaled<f64> {
    type Number = f64;
    const PER_BLOCK: usize = 2;

    #[inline(always)]
    unsafe fn store<S: Simd>(self, words: Words<S>, to: *mut f64) {
        // SAFETY: as the caller promises.
        unsafe { store_f64(self, words, to) };
    }
}

impl Draw for Unit<f32> {
    type Number = f32;
    const PER_BLOCK: usize = 4;

    #[inline(always)]
    unsafe fn store<S: Simd>(self, words: Words<S>, to: *mut f32) {
        // SAFETY: as the caller promises.
        unsafe { store_f32(self, words, to) };
    }
}

impl Draw for Scaled<f32> {
    type Number = f32;
    const PER_BLOCK: usize = 4;

    #[inline(always)]
    unsafe fn store<S: Simd>(self, words: Words<S>, to: *mut f32) {
        // SAFETY: as the caller promises.
        unsafe { store_f32(self, words, to) };
    }
}

/// `(word * count + carry) / 2^32`, cut off, for counts of at most 32 bits.
#[inline(always)]
fn scale<S: Simd>(
    word: Lanes<S, u64>,
    count: Lanes<S, u64>,
    carry: Lanes<S, u64>,
) -> Lanes<S, u64> {
    (low(word) * low(count) + carry).shr_by(32)
}

impl Draw for Below<u32> {
    type Number = u32;
    const PER_BLOCK: usize = 2;

    #[inline(always)]
    unsafe fn store<S: Simd>(self, words: Words<S>, to: *mut u32) {
        let s = words[0].token();
        let (zero, count) = (Lanes::splat(s, u64::ZERO), Lanes::splat(s, self.count.into()));
        let first = scale(words[1], count, scale(words[0], count, zero));
        let second = scale(words[3], count, scale(words[2], count, zero));
        let [first, second] = zip(first, second);
        // SAFETY: as the caller promises.
        unsafe { store_two([first.to_u32() + self.low, second.to_u32() + self.low], to) };
    }
}

impl Draw for Below<u64> {
    type Number = u64;
    const PER_BLOCK: usize = 1;

    #[inline(always)]
    unsafe fn store<S: Simd>(self, words: Words<S>, to: *mut u64) {
        let s = words[0].token();
        let count = Lanes::splat(s, self.count);
        let mut carry = Lanes::splat(s, u64::ZERO);
        let mut i = 0;
        while i < words.len() {
            // No sum of these reaches 2^64.
            let under = scale(words[i], count, low(carry));
            carry = low(words[i]) * count.shr_by(32) + carry.shr_by(32) + under;
            i += 1;
        }
        // SAFETY: as the caller promises.
        unsafe { (carry + self.low).store(to) };
    }
}
