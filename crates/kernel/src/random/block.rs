//! The bijection: ten rounds on a counter of four words, under a key of two.
//!
//! ```text
//! for round in 0..10:
//!     (high0, low0) = M0 * word0                 64 bits of the product of 32 and 32
//!     (high1, low1) = M1 * word2
//!     words = [high1 ^ word1 ^ key0, low1, high0 ^ word3 ^ key1, low0]
//!     keys += [W0, W1]                           modulo 2^32
//! ```
//!
//! 1. A lane holds a block, and a group of u64 one of its words: the instruction that multiplies
//!    32 by 32 bits reads the low halves of 64-bit lanes and fills both.
//! 2. Only low halves count. What lies above is left as it comes: a product is the next word as it
//!    stands.
//! 3. The keys of all rounds are the same for all blocks, and computed once.
//! 4. Every instruction of a round waits for one before it. Several groups go side by side where
//!    there are registers for them.

use crate::simd::{Lanes, Portable, Simd};

const MULTIPLIERS: [u64; 2] = [0xD251_1F53, 0xCD9E_8D57];
/// What a key grows by from round to round: the golden ratio and the square root of 3, without
/// their integers.
const STEPS: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];
const ROUNDS: usize = 10;

/// The low half.
const LOW: u64 = 0xFFFF_FFFF;

/// The words of a block of each lane, in the low halves; above them lies anything.
pub(super) type Words<S> = [Lanes<S, u64>; 4];

/// The keys of the rounds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Keys([[u64; 2]; ROUNDS]);

impl Keys {
    pub(super) fn new(seed: u64) -> Self {
        let (low, high) = halves(seed);
        let mut key = [low, high];
        Self(std::array::from_fn(|_| {
            let round = key.map(u64::from);
            key = [key[0].wrapping_add(STEPS[0]), key[1].wrapping_add(STEPS[1])];
            round
        }))
    }

    /// `N` groups of blocks of a stream, from number `block` on, modulo 2^64.
    #[inline(always)]
    pub(super) fn blocks<S: Simd, const N: usize>(
        &self,
        s: S,
        stream: u64,
        block: u64,
    ) -> [Words<S>; N] {
        let block = Lanes::splat(s, block) + crate::simd::ramp(s);
        let stream = Lanes::splat(s, stream);
        let mut groups = [[block, block, stream, stream.shr_by(32)]; N];
        let mut i = 0;
        while i < N {
            groups[i][0] = block + (i * S::LANES) as u64;
            groups[i][1] = groups[i][0].shr_by(32);
            i += 1;
        }
        let mut n = 0;
        while n < ROUNDS {
            let mut i = 0;
            while i < N {
                groups[i] = round(groups[i], self.0[n]);
                i += 1;
            }
            n += 1;
        }
        groups
    }

    /// Block number `block` of a stream.
    pub(super) fn block(&self, stream: u64, block: u64) -> [u32; 4] {
        let [words] = self.blocks(Portable::<1>, stream, block);
        words.map(|word| halves(word.lane(0)).0)
    }
}

#[inline(always)]
fn round<S: Simd>(words: Words<S>, key: [u64; 2]) -> Words<S> {
    let first = low(words[0]) * MULTIPLIERS[0];
    let second = low(words[2]) * MULTIPLIERS[1];
    [
        second.shr_by(32).xor(words[1].xor(splat(words[1], key[0]))),
        second,
        first.shr_by(32).xor(words[3].xor(splat(words[3], key[1]))),
        first,
    ]
}

/// `(low, high)`
#[expect(clippy::cast_possible_truncation, reason = "both halves are kept")]
fn halves(x: u64) -> (u32, u32) {
    (x as u32, (x >> 32) as u32)
}

#[inline(always)]
fn splat<S: Simd>(like: Lanes<S, u64>, x: u64) -> Lanes<S, u64> {
    Lanes::splat(like.token(), x)
}

/// The low half alone.
#[inline(always)]
pub(super) fn low<S: Simd>(x: Lanes<S, u64>) -> Lanes<S, u64> {
    x.and(splat(x, LOW))
}
