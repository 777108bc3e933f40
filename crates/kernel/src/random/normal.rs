//! The standard normal distribution by Box and Muller: a random radius and a random angle make two
//! independent numbers of two uniform ones, always, so that none depends on those before it.

use std::marker::PhantomData;

use super::block::Words;
use super::draw::{Draw, in_memory, pairs, store_two, zip};
use crate::math::{Ln, Turn, Unary};
use crate::simd::{Lanes, Simd};

/// The distribution.
#[derive(Debug, Clone, Copy)]
pub(super) struct Normal<T>(pub(super) PhantomData<T>);

impl Draw for Normal<f64> {
    type Number = f64;
    const PER_BLOCK: usize = 2;

    #[inline(always)]
    unsafe fn store<S: Simd>(self, words: Words<S>, to: *mut f64) {
        let [radius, angle] = pairs(words);
        // A fraction above 0, of which there is a logarithm.
        let radius = (radius.shr_by(11) + 1).to_f64() * (f64::EPSILON / 2.0);
        let radius = (Ln::f64(radius) * -2.0).sqrt();
        let [cosine, sine] = Turn::f64(angle);
        let [first, second] = zip((radius * cosine).to_bits(), (radius * sine).to_bits());
        // SAFETY: as the caller promises.
        unsafe { store_two([Lanes::from_bits(first), Lanes::from_bits(second)], to) };
    }
}

/// Two numbers of two words, one after another.
#[inline(always)]
fn two<S: Simd>(radius: Lanes<S, u64>, angle: Lanes<S, u64>) -> Lanes<S, u64> {
    let bits = radius.to_u32();
    // `(bits + 1/2) / 2^32`, rounded once.
    let high = bits.shr_by(8).to_i32().to_f32() * (1.0 / 16_777_216.0);
    let low = bits.and(Lanes::splat(bits.token(), 255)).to_i32().to_f32() + 0.5;
    let radius = high + low * (1.0 / 4_294_967_296.0);
    let radius = (Ln::f32(radius) * -2.0).sqrt();
    let [cosine, sine] = Turn::f32(angle.to_u32());
    let (first, second) = (radius * cosine, radius * sine);
    in_memory(first.to_bits().to_u64(), second.to_bits().to_u64())
}

impl Draw for Normal<f32> {
    type Number = f32;
    const PER_BLOCK: usize = 4;

    #[inline(always)]
    unsafe fn store<S: Simd>(self, words: Words<S>, to: *mut f32) {
        let (first, second) = (two(words[0], words[1]), two(words[2], words[3]));
        // SAFETY: as the caller promises; a u64 has the room of two f32, and needs no alignment.
        unsafe { store_two(zip(first, second), to.cast()) };
    }
}
