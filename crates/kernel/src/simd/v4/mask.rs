//! Bools.

use std::arch::x86_64::*;

use super::super::{MaskReg, Reg};
use super::{Mask, V4};

#[inline(always)]
pub(super) fn join(mask: [__mmask8; 2]) -> __mmask16 {
    __mmask16::from(mask[0]) | __mmask16::from(mask[1]) << 8
}

#[inline(always)]
pub(super) fn divide(mask: __mmask16) -> [__mmask8; 2] {
    [mask as __mmask8, (mask >> 8) as __mmask8]
}

impl Reg<V4, bool> for Mask {
    type Array = [bool; 16];
    #[inline(always)]
    fn splat(s: V4, e: bool) -> Self {
        Self(s, [if e { !0 } else { 0 }; 2])
    }
    #[inline(always)]
    fn from_array(s: V4, array: [bool; 16]) -> Self {
        Self::from_bools(s, array)
    }
    #[inline(always)]
    fn to_array(self) -> [bool; 16] {
        self.to_bools()
    }
    #[inline(always)]
    unsafe fn load(s: V4, from: *const bool) -> Self {
        // SAFETY: the caller promises 16 readable bools, which are bytes.
        let bytes = safe!(_mm_loadu_si128(from.cast()));
        Self(s, divide(safe!(_mm_test_epi8_mask(bytes, bytes))))
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut bool) {
        let bytes = safe!(_mm_maskz_set1_epi8(join(self.1), 1));
        // SAFETY: the caller promises 16 writable bools, and 0 and 1 are bools.
        safe!(_mm_storeu_si128(to.cast(), bytes));
    }
    #[inline(always)]
    fn select(mask: Mask, a: Self, b: Self) -> Self {
        mask.and(a).or(mask.not().and(b))
    }
}

impl MaskReg<V4> for Mask {
    #[inline(always)]
    fn and(self, b: Self) -> Self {
        Self(self.0, [self.1[0] & b.1[0], self.1[1] & b.1[1]])
    }
    #[inline(always)]
    fn or(self, b: Self) -> Self {
        Self(self.0, [self.1[0] | b.1[0], self.1[1] | b.1[1]])
    }
    #[inline(always)]
    fn not(self) -> Self {
        Self(self.0, [!self.1[0], !self.1[1]])
    }
    #[inline(always)]
    fn any(self) -> bool {
        self.1[0] | self.1[1] != 0
    }
    #[inline(always)]
    fn all(self) -> bool {
        self.1[0] & self.1[1] == !0
    }
    #[inline(always)]
    fn bits(self) -> u32 {
        join(self.1).into()
    }
    #[inline(always)]
    fn from_bits(s: V4, bits: u32) -> Self {
        Self(s, divide(bits as __mmask16))
    }
    #[inline(always)]
    fn to_bools<const N: usize>(self) -> [bool; N] {
        const { assert!(N == 16) };
        let mut out = [false; N];
        // SAFETY: `out` has 16 bools.
        unsafe { self.store(out.as_mut_ptr()) };
        out
    }
    #[inline(always)]
    fn from_bools<const N: usize>(s: V4, bools: [bool; N]) -> Self {
        const { assert!(N == 16) };
        // SAFETY: `bools` has 16.
        unsafe { Self::load(s, bools.as_ptr()) }
    }
}
