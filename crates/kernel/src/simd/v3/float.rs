//! Arithmetic of floats.

use std::arch::x86_64::*;

use super::super::one::One;
use super::super::{FloatReg, IntReg, NumReg, Reg};
use super::mask::widen;
use super::{F32, F64, Mask, U32, U64, V3};

/// The exponent is split off, so that f32 holds the rest; it is halved in the bits.
#[inline(always)]
unsafe fn rsqrt_pd(a: __m256d) -> __m256d {
    safe!({
        let bits = _mm256_castpd_si256(a);
        // Between 0.5 and 2: with the exponent 1022 or 1023, whichever is as even as that of `a`.
        let rest = _mm256_and_si256(bits, _mm256_set1_epi64x((1 << 53) - 1));
        let rest = _mm256_or_si256(rest, _mm256_set1_epi64x(1022 << 52));
        let rest = _mm256_cvtps_pd(_mm_rsqrt_ps(_mm256_cvtpd_ps(_mm256_castsi256_pd(rest))));
        let half = _mm256_slli_epi64::<52>(_mm256_srli_epi64::<53>(bits));
        let scale = _mm256_sub_epi64(_mm256_set1_epi64x(511 << 52), half);
        _mm256_castsi256_pd(_mm256_add_epi64(_mm256_castpd_si256(rest), scale))
    })
}

/// The division itself, which is hardly slower than what would replace it.
#[inline(always)]
unsafe fn recip_pd(a: __m256d) -> __m256d {
    safe!(_mm256_div_pd(_mm256_set1_pd(1.0), a))
}

macro_rules! compare {
    (op $name:ident $how:ident $to_bits:ident; $a:expr, $b:expr) => {
        Mask(
            $a.0,
            safe!([
                $to_bits($name::<{ $how }>($a.1[0], $b.1[0])),
                $to_bits($name::<{ $how }>($a.1[1], $b.1[1]))
            ]),
        )
    };
    (single $name:ident $how:ident $to_bits:ident; $a:expr, $b:expr) => {
        Mask($a.0, widen(safe!($to_bits($name::<{ $how }>($a.1, $b.1)))))
    };
}

macro_rules! floats {
    ($($Name:ident $E:ident $one:ident $Bits:ident mantissa: $M:literal, bias: $B:literal;
        $add:ident $sub:ident $mul:ident $div:ident $sqrt:ident $fma:ident $min:ident $max:ident
        $cmp:ident $round:ident $rsqrt:ident $recip:ident $to_bits:ident $from_bits:ident;)*) => {$(
        impl NumReg<V3, $E> for $Name {
            lanewise! { One; rem(b); }
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
            fn div(self, b: Self) -> Self {
                Self(self.0, $one!($div; self, b))
            }
            #[inline(always)]
            fn neg(self) -> Self {
                let sign = (-0.0 as $E).to_bits();
                let bits = self.to_bits();
                Self::from_bits(self.0, bits.xor($Bits::splat(self.0, sign)))
            }
            #[inline(always)]
            fn abs(self) -> Self {
                let sign = (-0.0 as $E).to_bits();
                let bits = self.to_bits();
                Self::from_bits(self.0, bits.and($Bits::splat(self.0, !sign)))
            }
            #[inline(always)]
            fn min(self, b: Self) -> Self {
                // The instruction returns its second operand unless the first is smaller.
                let smaller = Self(self.0, $one!($min; b, self));
                Self::select(self.eq(self), smaller, b)
            }
            #[inline(always)]
            fn max(self, b: Self) -> Self {
                let larger = Self(self.0, $one!($max; b, self));
                Self::select(self.eq(self), larger, b)
            }
            #[inline(always)]
            fn eq(self, b: Self) -> Mask {
                compare!($one $cmp _CMP_EQ_OQ $to_bits; self, b)
            }
            #[inline(always)]
            fn lt(self, b: Self) -> Mask {
                compare!($one $cmp _CMP_LT_OQ $to_bits; self, b)
            }
            #[inline(always)]
            fn le(self, b: Self) -> Mask {
                compare!($one $cmp _CMP_LE_OQ $to_bits; self, b)
            }
        }
        impl FloatReg<V3, $E> for $Name {
            type Bits = $Bits;
            #[inline(always)]
            fn sqrt(self) -> Self {
                Self(self.0, $one!($sqrt; self))
            }
            #[inline(always)]
            fn mul_add(self, b: Self, c: Self) -> Self {
                Self(self.0, $one!($fma; self, b, c))
            }
            #[inline(always)]
            fn contract(self, b: Self, c: Self) -> Self {
                Self(self.0, $one!($fma; self, b, c))
            }
            #[inline(always)]
            fn floor(self) -> Self {
                Self(self.0, round!($one $round 9; self))
            }
            #[inline(always)]
            fn ceil(self) -> Self {
                Self(self.0, round!($one $round 10; self))
            }
            #[inline(always)]
            fn trunc(self) -> Self {
                Self(self.0, round!($one $round 11; self))
            }
            #[inline(always)]
            fn round_ties_even(self) -> Self {
                Self(self.0, round!($one $round 8; self))
            }
            #[inline(always)]
            fn to_bits(self) -> $Bits {
                $Bits(self.0, $one!($to_bits; self))
            }
            #[inline(always)]
            fn from_bits(s: V3, bits: $Bits) -> Self {
                Self(s, $one!($from_bits; bits))
            }
            /// In two steps, the first of which is exact.
            #[inline(always)]
            fn scale(self, n: Self) -> Self {
                let s = self.0;
                // Both exponents together, in the low bits of the mantissa; the shift drops others.
                const MAGIC: $E = (1_u64 << $M) as $E + 2.0 * ($B as $E);
                let both = n.add(Self::splat(s, MAGIC)).to_bits();
                let half = both.shr_by(s, 1);
                let first = Self::from_bits(s, half.shl_by(s, $M));
                let second = Self::from_bits(s, both.sub(half).shl_by(s, $M));
                self.mul(first).mul(second)
            }
            #[inline(always)]
            fn split(self) -> (Self, Self) {
                const MAGIC: $E = (1_u64 << $M) as $E;
                const UP: $E = MAGIC * 2.0;
                let s = self.0;
                // A subnormal becomes normal first.
                let small = self.lt(Self::splat(s, $E::MIN_POSITIVE));
                let bits = Self::select(small, self.mul(Self::splat(s, UP)), self).to_bits();
                // The exponent that puts the mantissa into [0.75, 1.5).
                let up = bits.add($Bits::splat(s, 1 << ($M - 1))).shr_by(s, $M);
                let mantissa = bits.sub(up.sub($Bits::splat(s, $B)).shl_by(s, $M));
                // As a float, in the mantissa of a power of two.
                let up = Self::from_bits(s, up.or($Bits::splat(s, MAGIC.to_bits())));
                let normal = Self::splat(s, MAGIC + $B as $E);
                let subnormal = Self::splat(s, MAGIC + ($B + $M + 1) as $E);
                let exponent = up.sub(Self::select(small, subnormal, normal));
                (Self::from_bits(s, mantissa), exponent)
            }
            #[inline(always)]
            fn rsqrt_estimate(self) -> Self {
                Self(self.0, $one!($rsqrt; self))
            }
            #[inline(always)]
            fn recip_estimate(self) -> Self {
                Self(self.0, $one!($recip; self))
            }
        }
    )*};
}
floats! {
    F64 f64 op U64 mantissa: 52, bias: 1023; _mm256_add_pd _mm256_sub_pd _mm256_mul_pd
        _mm256_div_pd _mm256_sqrt_pd _mm256_fmadd_pd _mm256_min_pd _mm256_max_pd _mm256_cmp_pd
        _mm256_round_pd rsqrt_pd recip_pd _mm256_castpd_si256 _mm256_castsi256_pd;
    F32 f32 single U32 mantissa: 23, bias: 127; _mm256_add_ps _mm256_sub_ps _mm256_mul_ps
        _mm256_div_ps _mm256_sqrt_ps _mm256_fmadd_ps _mm256_min_ps _mm256_max_ps _mm256_cmp_ps
        _mm256_round_ps _mm256_rsqrt_ps _mm256_rcp_ps _mm256_castps_si256 _mm256_castsi256_ps;
}
