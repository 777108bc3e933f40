//! Bools.

use std::arch::x86_64::*;

use super::super::{MaskReg, Reg};
use super::{Mask, V3, low_halves};

/// The mask of 32-bit lanes: all ones where true.
#[inline(always)]
pub(super) fn narrow(mask: Mask) -> __m256i {
    low_halves(mask.1)
}

/// From a mask of 32-bit lanes: `narrow` turned round, by shuffles alone, so that the compiler
/// drops both where one follows the other.
#[inline(always)]
pub(super) fn widen(mask: __m256i) -> [__m256i; 2] {
    safe!({
        let mixed = _mm256_permute4x64_epi64::<0b11_01_10_00>(mask);
        [_mm256_unpacklo_epi32(mixed, mixed), _mm256_unpackhi_epi32(mixed, mixed)]
    })
}

impl Reg<V3, bool> for Mask {
    type Array = [bool; 8];
    #[inline(always)]
    fn splat(s: V3, e: bool) -> Self {
        let half = safe!(_mm256_set1_epi64x(-i64::from(e)));
        Self(s, [half; 2])
    }
    #[inline(always)]
    fn from_array(s: V3, array: [bool; 8]) -> Self {
        Self::from_bools(s, array)
    }
    #[inline(always)]
    fn to_array(self) -> [bool; 8] {
        self.to_bools()
    }
    #[inline(always)]
    unsafe fn load(s: V3, from: *const bool) -> Self {
        // SAFETY: the caller promises 8 readable bools, which are bytes.
        let bytes = safe!(_mm_loadl_epi64(from.cast()));
        let lanes = safe!({
            let bytes = _mm_sub_epi8(_mm_setzero_si128(), bytes);
            [_mm256_cvtepi8_epi64(bytes), _mm256_cvtepi8_epi64(_mm_bsrli_si128::<4>(bytes))]
        });
        Self(s, lanes)
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut bool) {
        let lanes = narrow(self);
        let bytes = safe!({
            let lo = _mm256_castsi256_si128(lanes);
            let shorts = _mm_packs_epi32(lo, _mm256_extracti128_si256::<1>(lanes));
            _mm_and_si128(_mm_packs_epi16(shorts, shorts), _mm_set1_epi8(1))
        });
        // SAFETY: the caller promises 8 writable bools, and 0 and 1 are bools.
        safe!(_mm_storel_epi64(to.cast(), bytes));
    }
    #[inline(always)]
    fn select(mask: Mask, a: Self, b: Self) -> Self {
        mask.and(a).or(mask.not().and(b))
    }
}

impl MaskReg<V3> for Mask {
    #[inline(always)]
    fn and(self, b: Self) -> Self {
        Self(self.0, op!(_mm256_and_si256; self, b))
    }
    #[inline(always)]
    fn or(self, b: Self) -> Self {
        Self(self.0, op!(_mm256_or_si256; self, b))
    }
    #[inline(always)]
    fn not(self) -> Self {
        let ones = Self::splat(self.0, true);
        Self(self.0, op!(_mm256_xor_si256; self, ones))
    }
    #[inline(always)]
    fn any(self) -> bool {
        let either = safe!(_mm256_or_si256(self.1[0], self.1[1]));
        safe!(_mm256_movemask_pd(_mm256_castsi256_pd(either))) != 0
    }
    #[inline(always)]
    fn all(self) -> bool {
        let both = safe!(_mm256_and_si256(self.1[0], self.1[1]));
        safe!(_mm256_movemask_pd(_mm256_castsi256_pd(both))) == 0b1111
    }
    #[inline(always)]
    fn bits(self) -> u32 {
        let lanes = safe!(_mm256_castsi256_ps(narrow(self)));
        safe!(_mm256_movemask_ps(lanes)).cast_unsigned()
    }
    #[inline(always)]
    fn from_bits(s: V3, bits: u32) -> Self {
        let lanes = safe!({
            let bit = [_mm256_setr_epi64x(1, 2, 4, 8), _mm256_setr_epi64x(16, 32, 64, 128)];
            let bits = _mm256_set1_epi64x(bits.into());
            [
                _mm256_cmpeq_epi64(_mm256_and_si256(bits, bit[0]), bit[0]),
                _mm256_cmpeq_epi64(_mm256_and_si256(bits, bit[1]), bit[1]),
            ]
        });
        Self(s, lanes)
    }
    #[inline(always)]
    fn to_bools<const N: usize>(self) -> [bool; N] {
        const { assert!(N == 8) };
        let mut out = [false; N];
        // SAFETY: `out` has 8 bools.
        unsafe { self.store(out.as_mut_ptr()) };
        out
    }
    #[inline(always)]
    fn from_bools<const N: usize>(s: V3, bools: [bool; N]) -> Self {
        const { assert!(N == 8) };
        // SAFETY: `bools` has 8.
        unsafe { Self::load(s, bools.as_ptr()) }
    }
}
