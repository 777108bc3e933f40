//! Arithmetic of integers.

use std::arch::x86_64::*;

use super::super::one::One;
use super::super::{IntReg, NumReg, Reg};
use super::mask::divide;
use super::{I32, I64, Mask, U32, U64, V4, halves, whole};

// Quotients of 32 bits: f64 holds both numbers, and what it rounds is nearer to the quotient than
// that is to the next integer. Anything where `b` is 0.

#[inline(always)]
unsafe fn quotient_epi32(a: __m512i, b: __m512i) -> __m512i {
    let (a, b) = (halves(a), halves(b));
    safe!({
        let lo = _mm512_div_pd(_mm512_cvtepi32_pd(a[0]), _mm512_cvtepi32_pd(b[0]));
        let hi = _mm512_div_pd(_mm512_cvtepi32_pd(a[1]), _mm512_cvtepi32_pd(b[1]));
        // -2^31 / -1 does not fit, for which the instruction gives MIN.
        whole(_mm512_cvttpd_epi32(lo), _mm512_cvttpd_epi32(hi))
    })
}

#[inline(always)]
unsafe fn quotient_epu32(a: __m512i, b: __m512i) -> __m512i {
    let (a, b) = (halves(a), halves(b));
    safe!({
        let lo = _mm512_div_pd(_mm512_cvtepu32_pd(a[0]), _mm512_cvtepu32_pd(b[0]));
        let hi = _mm512_div_pd(_mm512_cvtepu32_pd(a[1]), _mm512_cvtepu32_pd(b[1]));
        whole(_mm512_cvttpd_epu32(lo), _mm512_cvttpd_epu32(hi))
    })
}

macro_rules! quotients {
    (lanewise) => {
        lanewise! { One; div(b); rem(b); }
    };
    ($quotient:ident) => {
        #[inline(always)]
        fn div(self, b: Self) -> Self {
            Self(
                self.0,
                safe!({
                    let some = _mm512_test_epi32_mask(b.1, b.1);
                    _mm512_maskz_mov_epi32(some, $quotient(self.1, b.1))
                }),
            )
        }
        #[inline(always)]
        fn rem(self, b: Self) -> Self {
            Self(
                self.0,
                safe!({
                    let some = _mm512_test_epi32_mask(b.1, b.1);
                    let taken = _mm512_mullo_epi32($quotient(self.1, b.1), b.1);
                    _mm512_maskz_sub_epi32(some, self.1, taken)
                }),
            )
        }
    };
}

macro_rules! compare {
    (op $name:ident $how:ident; $a:expr, $b:expr) => {
        op!($name::<$how>; $a, $b)
    };
    (single $name:ident $how:ident; $a:expr, $b:expr) => {
        divide(safe!($name::<{ $how }>($a.1, $b.1)))
    };
}
macro_rules! magnitude {
    (unsigned $one:ident $x:expr) => {
        $x
    };
    ($name:ident $one:ident $x:expr) => {
        Self($x.0, $one!($name; $x))
    };
}
/// Arithmetic of integers; `one!` applies an instruction to the whole group.
macro_rules! integers {
    ($($Name:ident $E:ident $one:ident $quotient:ident; $add:ident $sub:ident $mul:ident $min:ident $max:ident
        $cmp:ident $and:ident $or:ident $xor:ident $shl:ident $shr:ident
        $shl_by:ident $shr_by:ident $abs:ident $Count:ty;)*) => {$(
        impl NumReg<V4, $E> for $Name {
            quotients!($quotient);
            #[inline(always)]
            fn add(self, b: Self) -> Self {
                Self(self.0, $one!($add; self, b))
            }
            #[inline(always)]
            fn sub(self, b: Self) -> Self {
                Self(self.0, $one!($sub; self, b))
            }
            #[inline(always)]
            fn mul(self, b: Self) -> Self {
                Self(self.0, $one!($mul; self, b))
            }
            #[inline(always)]
            fn neg(self) -> Self {
                Self::splat(self.0, 0).sub(self)
            }
            #[inline(always)]
            fn abs(self) -> Self {
                magnitude!($abs $one self)
            }
            #[inline(always)]
            fn min(self, b: Self) -> Self {
                Self(self.0, $one!($min; self, b))
            }
            #[inline(always)]
            fn max(self, b: Self) -> Self {
                Self(self.0, $one!($max; self, b))
            }
            #[inline(always)]
            fn eq(self, b: Self) -> Mask {
                Mask(self.0, compare!($one $cmp _MM_CMPINT_EQ; self, b))
            }
            #[inline(always)]
            fn lt(self, b: Self) -> Mask {
                Mask(self.0, compare!($one $cmp _MM_CMPINT_LT; self, b))
            }
            #[inline(always)]
            fn le(self, b: Self) -> Mask {
                Mask(self.0, compare!($one $cmp _MM_CMPINT_LE; self, b))
            }
        }
        impl IntReg<V4, $E> for $Name {
            #[inline(always)]
            fn and(self, b: Self) -> Self {
                Self(self.0, $one!($and; self, b))
            }
            #[inline(always)]
            fn or(self, b: Self) -> Self {
                Self(self.0, $one!($or; self, b))
            }
            #[inline(always)]
            fn xor(self, b: Self) -> Self {
                Self(self.0, $one!($xor; self, b))
            }
            #[inline(always)]
            fn shl(self, by: Self) -> Self {
                let by = by.and(Self::splat(self.0, ($E::BITS - 1) as $E));
                Self(self.0, $one!($shl; self, by))
            }
            #[inline(always)]
            fn shr(self, by: Self) -> Self {
                let by = by.and(Self::splat(self.0, ($E::BITS - 1) as $E));
                Self(self.0, $one!($shr; self, by))
            }
            #[inline(always)]
            fn shl_by(self, _: V4, by: u32) -> Self {
                let by = safe!(_mm_cvtsi32_si128(by.cast_signed()));
                Self(self.0, count!($one $shl_by; self, by))
            }
            #[inline(always)]
            fn shr_by(self, _: V4, by: u32) -> Self {
                let by = safe!(_mm_cvtsi32_si128(by.cast_signed()));
                Self(self.0, count!($one $shr_by; self, by))
            }
        }
    )*};
}
integers! {
    I64 i64 op lanewise; _mm512_add_epi64 _mm512_sub_epi64 _mm512_mullo_epi64 _mm512_min_epi64
        _mm512_max_epi64 _mm512_cmp_epi64_mask _mm512_and_si512 _mm512_or_si512 _mm512_xor_si512
        _mm512_sllv_epi64 _mm512_srav_epi64 _mm512_sll_epi64 _mm512_sra_epi64 _mm512_abs_epi64 i64;
    U64 u64 op lanewise; _mm512_add_epi64 _mm512_sub_epi64 _mm512_mullo_epi64 _mm512_min_epu64
        _mm512_max_epu64 _mm512_cmp_epu64_mask _mm512_and_si512 _mm512_or_si512 _mm512_xor_si512
        _mm512_sllv_epi64 _mm512_srlv_epi64 _mm512_sll_epi64 _mm512_srl_epi64 unsigned i64;
    I32 i32 single quotient_epi32; _mm512_add_epi32 _mm512_sub_epi32 _mm512_mullo_epi32 _mm512_min_epi32
        _mm512_max_epi32 _mm512_cmp_epi32_mask _mm512_and_si512 _mm512_or_si512 _mm512_xor_si512
        _mm512_sllv_epi32 _mm512_srav_epi32 _mm512_sll_epi32 _mm512_sra_epi32 _mm512_abs_epi32 i32;
    U32 u32 single quotient_epu32; _mm512_add_epi32 _mm512_sub_epi32 _mm512_mullo_epi32 _mm512_min_epu32
        _mm512_max_epu32 _mm512_cmp_epu32_mask _mm512_and_si512 _mm512_or_si512 _mm512_xor_si512
        _mm512_sllv_epi32 _mm512_srlv_epi32 _mm512_sll_epi32 _mm512_srl_epi32 unsigned i32;
}
