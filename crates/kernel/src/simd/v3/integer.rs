//! Arithmetic of integers.

use std::arch::x86_64::*;

use super::super::one::One;
use super::super::{IntReg, NumReg, Reg};
use super::mask::widen;
use super::{I32, I64, Mask, U32, U64, V3, halves, low_halves, whole};

// What AVX2 lacks, on one register.

/// The low 64 bits of the products, by halves.
#[inline(always)]
unsafe fn mul_epi64(a: __m256i, b: __m256i) -> __m256i {
    safe!({
        let low = _mm256_mul_epu32(a, b);
        let crossed = _mm256_add_epi64(
            _mm256_mul_epu32(_mm256_srli_epi64::<32>(a), b),
            _mm256_mul_epu32(a, _mm256_srli_epi64::<32>(b)),
        );
        _mm256_add_epi64(low, _mm256_slli_epi64::<32>(crossed))
    })
}

/// `a` where the mask is true, else `b`.
#[inline(always)]
unsafe fn choose(mask: __m256i, a: __m256i, b: __m256i) -> __m256i {
    safe!({
        let [mask, a, b] =
            [_mm256_castsi256_pd(mask), _mm256_castsi256_pd(a), _mm256_castsi256_pd(b)];
        _mm256_castpd_si256(_mm256_blendv_pd(b, a, mask))
    })
}

/// Unsigned numbers are ordered as signed ones whose sign is flipped.
#[inline(always)]
unsafe fn flip_epi64(a: __m256i) -> __m256i {
    safe!(_mm256_xor_si256(a, _mm256_set1_epi64x(i64::MIN)))
}

#[inline(always)]
unsafe fn flip_epi32(a: __m256i) -> __m256i {
    safe!(_mm256_xor_si256(a, _mm256_set1_epi32(i32::MIN)))
}

#[inline(always)]
unsafe fn gt_epu64(a: __m256i, b: __m256i) -> __m256i {
    safe!(_mm256_cmpgt_epi64(flip_epi64(a), flip_epi64(b)))
}

#[inline(always)]
unsafe fn gt_epu32(a: __m256i, b: __m256i) -> __m256i {
    safe!(_mm256_cmpgt_epi32(flip_epi32(a), flip_epi32(b)))
}

#[inline(always)]
unsafe fn min_epi64(a: __m256i, b: __m256i) -> __m256i {
    safe!(choose(_mm256_cmpgt_epi64(a, b), b, a))
}

#[inline(always)]
unsafe fn max_epi64(a: __m256i, b: __m256i) -> __m256i {
    safe!(choose(_mm256_cmpgt_epi64(a, b), a, b))
}

#[inline(always)]
unsafe fn min_epu64(a: __m256i, b: __m256i) -> __m256i {
    safe!(choose(gt_epu64(a, b), b, a))
}

#[inline(always)]
unsafe fn max_epu64(a: __m256i, b: __m256i) -> __m256i {
    safe!(choose(gt_epu64(a, b), a, b))
}

#[inline(always)]
unsafe fn abs_epi64(a: __m256i) -> __m256i {
    safe!({
        let sign = _mm256_cmpgt_epi64(_mm256_setzero_si256(), a);
        _mm256_sub_epi64(_mm256_xor_si256(a, sign), sign)
    })
}

/// A logical shift; then what was the sign is spread.
#[inline(always)]
unsafe fn srav_epi64(a: __m256i, by: __m256i) -> __m256i {
    safe!({
        let sign = _mm256_srlv_epi64(_mm256_set1_epi64x(i64::MIN), by);
        _mm256_sub_epi64(_mm256_xor_si256(_mm256_srlv_epi64(a, by), sign), sign)
    })
}

#[inline(always)]
unsafe fn sra_epi64(a: __m256i, by: __m128i) -> __m256i {
    safe!({
        let sign = _mm256_srl_epi64(_mm256_set1_epi64x(i64::MIN), by);
        _mm256_sub_epi64(_mm256_xor_si256(_mm256_srl_epi64(a, by), sign), sign)
    })
}

// Quotients of 32 bits: f64 holds both numbers, and what it rounds is nearer to the quotient than
// that is to the next integer. Anything where `b` is 0.

#[inline(always)]
unsafe fn quotient_epi32(a: __m256i, b: __m256i) -> __m256i {
    let (a, b) = (halves(a), halves(b));
    safe!({
        let lo = _mm256_div_pd(_mm256_cvtepi32_pd(a[0]), _mm256_cvtepi32_pd(b[0]));
        let hi = _mm256_div_pd(_mm256_cvtepi32_pd(a[1]), _mm256_cvtepi32_pd(b[1]));
        // -2^31 / -1 does not fit, for which the instruction gives MIN.
        whole(_mm256_cvttpd_epi32(lo), _mm256_cvttpd_epi32(hi))
    })
}

#[inline(always)]
unsafe fn quotient_epu32(a: __m256i, b: __m256i) -> __m256i {
    let (a, b) = (halves(a), halves(b));
    low_halves(safe!([quotient_half(a[0], b[0]), quotient_half(a[1], b[1])]))
}

/// In the low 32 bits of every 64.
#[inline(always)]
unsafe fn quotient_half(a: __m128i, b: __m128i) -> __m256i {
    safe!({
        // The mantissa of 2^52 holds integers below it.
        let magic = _mm256_set1_pd(4503599627370496.0);
        let bits = _mm256_castpd_si256(magic);
        let a = _mm256_castsi256_pd(_mm256_or_si256(_mm256_cvtepu32_epi64(a), bits));
        let b = _mm256_castsi256_pd(_mm256_or_si256(_mm256_cvtepu32_epi64(b), bits));
        let quotient = _mm256_div_pd(_mm256_sub_pd(a, magic), _mm256_sub_pd(b, magic));
        _mm256_castpd_si256(_mm256_add_pd(_mm256_floor_pd(quotient), magic))
    })
}

macro_rules! magnitude {
    (unsigned $one:ident $x:expr) => {
        $x
    };
    ($name:ident $one:ident $x:expr) => {
        Self($x.0, $one!($name; $x))
    };
}

macro_rules! compare {
    (op $name:ident; $a:expr, $b:expr) => {
        Mask($a.0, op!($name; $a, $b))
    };
    (single $name:ident; $a:expr, $b:expr) => {
        Mask($a.0, widen(single!($name; $a, $b)))
    };
}

macro_rules! quotients {
    (lanewise) => {
        lanewise! { One; div(b); rem(b); }
    };
    ($quotient:ident) => {
        #[inline(always)]
        fn div(self, b: Self) -> Self {
            let zero = Self::splat(self.0, 0);
            Self(
                self.0,
                safe!({
                    let none = _mm256_cmpeq_epi32(b.1, zero.1);
                    _mm256_andnot_si256(none, $quotient(self.1, b.1))
                }),
            )
        }
        #[inline(always)]
        fn rem(self, b: Self) -> Self {
            let zero = Self::splat(self.0, 0);
            Self(
                self.0,
                safe!({
                    let none = _mm256_cmpeq_epi32(b.1, zero.1);
                    let taken = _mm256_mullo_epi32($quotient(self.1, b.1), b.1);
                    _mm256_andnot_si256(none, _mm256_sub_epi32(self.1, taken))
                }),
            )
        }
    };
}

/// Arithmetic of integers; `one!` applies an instruction to the whole group.
macro_rules! integers {
    ($($Name:ident $E:ident $one:ident $quotient:ident; $add:ident $sub:ident $mul:ident $min:ident
        $max:ident $eq:ident $gt:ident $shl:ident $shr:ident $shl_by:ident $shr_by:ident
        $abs:ident;)*) => {$(
        impl NumReg<V3, $E> for $Name {
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
                compare!($one $eq; self, b)
            }
            #[inline(always)]
            fn lt(self, b: Self) -> Mask {
                compare!($one $gt; b, self)
            }
            #[inline(always)]
            fn le(self, b: Self) -> Mask {
                super::super::MaskReg::not(b.lt(self))
            }
        }
        impl IntReg<V3, $E> for $Name {
            #[inline(always)]
            fn and(self, b: Self) -> Self {
                Self(self.0, $one!(_mm256_and_si256; self, b))
            }
            #[inline(always)]
            fn or(self, b: Self) -> Self {
                Self(self.0, $one!(_mm256_or_si256; self, b))
            }
            #[inline(always)]
            fn xor(self, b: Self) -> Self {
                Self(self.0, $one!(_mm256_xor_si256; self, b))
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
            fn shl_by(self, _: V3, by: u32) -> Self {
                let by = safe!(_mm_cvtsi32_si128(by.cast_signed()));
                Self(self.0, count!($one $shl_by; self, by))
            }
            #[inline(always)]
            fn shr_by(self, _: V3, by: u32) -> Self {
                let by = safe!(_mm_cvtsi32_si128(by.cast_signed()));
                Self(self.0, count!($one $shr_by; self, by))
            }
        }
    )*};
}
integers! {
    I64 i64 op lanewise; _mm256_add_epi64 _mm256_sub_epi64 mul_epi64 min_epi64 max_epi64
        _mm256_cmpeq_epi64 _mm256_cmpgt_epi64 _mm256_sllv_epi64 srav_epi64 _mm256_sll_epi64
        sra_epi64 abs_epi64;
    U64 u64 op lanewise; _mm256_add_epi64 _mm256_sub_epi64 mul_epi64 min_epu64 max_epu64
        _mm256_cmpeq_epi64 gt_epu64 _mm256_sllv_epi64 _mm256_srlv_epi64 _mm256_sll_epi64
        _mm256_srl_epi64 unsigned;
    I32 i32 single quotient_epi32; _mm256_add_epi32 _mm256_sub_epi32 _mm256_mullo_epi32
        _mm256_min_epi32 _mm256_max_epi32 _mm256_cmpeq_epi32 _mm256_cmpgt_epi32 _mm256_sllv_epi32
        _mm256_srav_epi32 _mm256_sll_epi32 _mm256_sra_epi32 _mm256_abs_epi32;
    U32 u32 single quotient_epu32; _mm256_add_epi32 _mm256_sub_epi32 _mm256_mullo_epi32
        _mm256_min_epu32 _mm256_max_epu32 _mm256_cmpeq_epi32 gt_epu32 _mm256_sllv_epi32
        _mm256_srlv_epi32 _mm256_sll_epi32 _mm256_srl_epi32 unsigned;
}
