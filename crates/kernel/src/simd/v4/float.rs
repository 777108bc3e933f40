//! Arithmetic of floats.

use std::arch::x86_64::*;

use super::super::one::One;
use super::super::{FloatReg, IntReg, NumReg, Reg};
use super::mask::divide;
use super::{F32, F64, Mask, U32, U64, V4};

macro_rules! compare {
    (op $name:ident $how:ident; $a:expr, $b:expr) => {
        op!($name::<$how>; $a, $b)
    };
    (single $name:ident $how:ident; $a:expr, $b:expr) => {
        divide(safe!($name::<{ $how }>($a.1, $b.1)))
    };
}
macro_rules! mantissa {
    (op $name:ident; $a:expr) => {
        safe!([
            $name::<_MM_MANT_NORM_P75_1P5, _MM_MANT_SIGN_SRC>($a.1[0]),
            $name::<_MM_MANT_NORM_P75_1P5, _MM_MANT_SIGN_SRC>($a.1[1])
        ])
    };
    (single $name:ident; $a:expr) => {
        safe!($name::<_MM_MANT_NORM_P75_1P5, _MM_MANT_SIGN_SRC>($a.1))
    };
}
macro_rules! floats {
    ($($Name:ident $E:ident $one:ident $Bits:ident; $add:ident $sub:ident $mul:ident $div:ident
        $sqrt:ident $fma:ident $min:ident $max:ident $cmp:ident $round:ident $scalef:ident
        $getmant:ident $getexp:ident $rsqrt:ident $rcp:ident $to_bits:ident $from_bits:ident;)*) => {$(
        impl NumReg<V4, $E> for $Name {
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
                Mask(self.0, compare!($one $cmp _CMP_EQ_OQ; self, b))
            }
            #[inline(always)]
            fn lt(self, b: Self) -> Mask {
                Mask(self.0, compare!($one $cmp _CMP_LT_OQ; self, b))
            }
            #[inline(always)]
            fn le(self, b: Self) -> Mask {
                Mask(self.0, compare!($one $cmp _CMP_LE_OQ; self, b))
            }
        }
        impl FloatReg<V4, $E> for $Name {
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
                Self(self.0, round!($one $round 1; self))
            }
            #[inline(always)]
            fn ceil(self) -> Self {
                Self(self.0, round!($one $round 2; self))
            }
            #[inline(always)]
            fn trunc(self) -> Self {
                Self(self.0, round!($one $round 3; self))
            }
            #[inline(always)]
            fn round_ties_even(self) -> Self {
                Self(self.0, round!($one $round 0; self))
            }
            #[inline(always)]
            fn to_bits(self) -> $Bits {
                $Bits(self.0, $one!($to_bits; self))
            }
            #[inline(always)]
            fn from_bits(s: V4, bits: $Bits) -> Self {
                Self(s, $one!($from_bits; bits))
            }
            #[inline(always)]
            fn scale(self, n: Self) -> Self {
                Self(self.0, $one!($scalef; self, n))
            }
            #[inline(always)]
            fn split(self) -> (Self, Self) {
                let mantissa = Self(self.0, mantissa!($one $getmant; self));
                let exponent = Self(self.0, $one!($getexp; self));
                let one = Self::splat(self.0, 1.0);
                // A mantissa from 1.5 on is halved.
                let up = Self::select(mantissa.lt(one), exponent.add(one), exponent);
                (mantissa, up)
            }
            #[inline(always)]
            fn rsqrt_estimate(self) -> Self {
                Self(self.0, $one!($rsqrt; self))
            }
            #[inline(always)]
            fn recip_estimate(self) -> Self {
                Self(self.0, $one!($rcp; self))
            }
        }
    )*};
}
floats! {
    F64 f64 op U64; _mm512_add_pd _mm512_sub_pd _mm512_mul_pd _mm512_div_pd _mm512_sqrt_pd
        _mm512_fmadd_pd _mm512_min_pd _mm512_max_pd _mm512_cmp_pd_mask _mm512_roundscale_pd
        _mm512_scalef_pd _mm512_getmant_pd _mm512_getexp_pd _mm512_rsqrt14_pd _mm512_rcp14_pd
        _mm512_castpd_si512 _mm512_castsi512_pd;
    F32 f32 single U32; _mm512_add_ps _mm512_sub_ps _mm512_mul_ps _mm512_div_ps _mm512_sqrt_ps
        _mm512_fmadd_ps _mm512_min_ps _mm512_max_ps _mm512_cmp_ps_mask _mm512_roundscale_ps
        _mm512_scalef_ps _mm512_getmant_ps _mm512_getexp_ps _mm512_rsqrt14_ps _mm512_rcp14_ps
        _mm512_castps_si512 _mm512_castsi512_ps;
}
