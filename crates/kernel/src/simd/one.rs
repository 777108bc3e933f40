//! One number: the meaning of every operation of kernels, which all variants share.

/// What kernels do with a number. Operations that a type lacks are never called.
pub(crate) trait One: Copy {
    fn add(self, b: Self) -> Self;
    fn sub(self, b: Self) -> Self;
    fn mul(self, b: Self) -> Self;
    fn div(self, b: Self) -> Self;
    fn rem(self, b: Self) -> Self;
    fn neg(self) -> Self;
    fn abs(self) -> Self;
    fn min(self, b: Self) -> Self;
    fn max(self, b: Self) -> Self;
}

/// What kernels do with an integer.
pub(crate) trait OneInt: One {
    fn and(self, b: Self) -> Self;
    fn or(self, b: Self) -> Self;
    fn xor(self, b: Self) -> Self;
    fn shl(self, by: Self) -> Self;
    fn shr(self, by: Self) -> Self;
}

/// What kernels do with a float.
pub(crate) trait OneFloat: One {
    fn sqrt(self) -> Self;
    fn mul_add(self, b: Self, c: Self) -> Self;
    fn contract(self, b: Self, c: Self) -> Self;
    fn floor(self) -> Self;
    fn ceil(self) -> Self;
    fn trunc(self) -> Self;
    fn round_ties_even(self) -> Self;
    fn scale(self, n: Self) -> Self;
    fn split(self) -> (Self, Self);
    fn rsqrt_estimate(self) -> Self;
    fn recip_estimate(self) -> Self;
}

macro_rules! of_integers {
    ($($E:ident $sign:ident),*) => {$(
        impl One for $E {
            #[inline(always)]
            fn add(self, b: Self) -> Self {
                self.wrapping_add(b)
            }
            #[inline(always)]
            fn sub(self, b: Self) -> Self {
                self.wrapping_sub(b)
            }
            #[inline(always)]
            fn mul(self, b: Self) -> Self {
                self.wrapping_mul(b)
            }
            #[inline(always)]
            fn div(self, b: Self) -> Self {
                if b == 0 { 0 } else { self.wrapping_div(b) }
            }
            #[inline(always)]
            fn rem(self, b: Self) -> Self {
                if b == 0 { 0 } else { self.wrapping_rem(b) }
            }
            #[inline(always)]
            fn neg(self) -> Self {
                self.wrapping_neg()
            }
            #[inline(always)]
            fn abs(self) -> Self {
                absolute!($sign self)
            }
            #[inline(always)]
            fn min(self, b: Self) -> Self {
                if b < self { b } else { self }
            }
            #[inline(always)]
            fn max(self, b: Self) -> Self {
                if b > self { b } else { self }
            }
        }

        impl OneInt for $E {
            #[inline(always)]
            fn and(self, b: Self) -> Self {
                self & b
            }
            #[inline(always)]
            fn or(self, b: Self) -> Self {
                self | b
            }
            #[inline(always)]
            fn xor(self, b: Self) -> Self {
                self ^ b
            }
            #[expect(clippy::allow_attributes, reason = "not all widths lose bits")]
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "masked")]
            #[inline(always)]
            fn shl(self, by: Self) -> Self {
                self.wrapping_shl(by as u32)
            }
            #[expect(clippy::allow_attributes, reason = "not all widths lose bits")]
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "masked")]
            #[inline(always)]
            fn shr(self, by: Self) -> Self {
                self.wrapping_shr(by as u32)
            }
        }
    )*};
}
macro_rules! absolute {
    (signed $x:expr) => {
        $x.wrapping_abs()
    };
    (unsigned $x:expr) => {
        $x
    };
}
of_integers!(
    i8 signed, i16 signed, i32 signed, i64 signed, u8 unsigned, u16 unsigned, u32 unsigned,
    u64 unsigned
);

macro_rules! of_floats {
    ($($E:ident { $Bits:ident, $Int:ident, mantissa: $M:literal, bias: $B:literal })*) => {$(
        impl One for $E {
            #[inline(always)]
            fn add(self, b: Self) -> Self {
                self + b
            }
            #[inline(always)]
            fn sub(self, b: Self) -> Self {
                self - b
            }
            #[inline(always)]
            fn mul(self, b: Self) -> Self {
                self * b
            }
            #[inline(always)]
            fn div(self, b: Self) -> Self {
                self / b
            }
            #[inline(always)]
            fn rem(self, b: Self) -> Self {
                self % b
            }
            #[inline(always)]
            fn neg(self) -> Self {
                -self
            }
            #[inline(always)]
            fn abs(self) -> Self {
                $E::abs(self)
            }
            #[inline(always)]
            fn min(self, b: Self) -> Self {
                if b < self || self.is_nan() { b } else { self }
            }
            #[inline(always)]
            fn max(self, b: Self) -> Self {
                if b > self || self.is_nan() { b } else { self }
            }
        }

        impl OneFloat for $E {
            #[inline(always)]
            fn sqrt(self) -> Self {
                $E::sqrt(self)
            }
            #[inline(always)]
            fn mul_add(self, b: Self, c: Self) -> Self {
                $E::mul_add(self, b, c)
            }
            #[inline(always)]
            fn contract(self, b: Self, c: Self) -> Self {
                self * b + c
            }
            #[inline(always)]
            fn floor(self) -> Self {
                $E::floor(self)
            }
            #[inline(always)]
            fn ceil(self) -> Self {
                $E::ceil(self)
            }
            #[inline(always)]
            fn trunc(self) -> Self {
                $E::trunc(self)
            }
            #[inline(always)]
            fn round_ties_even(self) -> Self {
                $E::round_ties_even(self)
            }
            /// In two steps, the first of which is exact.
            #[inline(always)]
            fn scale(self, n: Self) -> Self {
                let n = n as $Int;
                let half = n >> 1;
                let first = half.wrapping_add($B).cast_unsigned() << $M;
                let second = (n - half).wrapping_add($B).cast_unsigned() << $M;
                self * $E::from_bits(first) * $E::from_bits(second)
            }
            #[inline(always)]
            fn split(self) -> (Self, Self) {
                // A subnormal becomes normal first.
                let small = self < $E::MIN_POSITIVE;
                let x = if small { self * $E::from_bits((($M + $B + 1) as $Bits) << $M) } else { self };
                let bits = x.to_bits();
                // The exponent that puts the mantissa into [0.75, 1.5).
                let up = bits.wrapping_add(1 << ($M - 1)) >> $M;
                let exponent = up as $Int - $B - if small { $M + 1 } else { 0 };
                let mantissa = bits.wrapping_sub((up << $M).wrapping_sub($B << $M));
                ($E::from_bits(mantissa), exponent as $E)
            }
            #[inline(always)]
            fn rsqrt_estimate(self) -> Self {
                1.0 / self.sqrt()
            }
            #[inline(always)]
            fn recip_estimate(self) -> Self {
                1.0 / self
            }
        }
    )*};
}
of_floats! {
    f32 { u32, i32, mantissa: 23, bias: 127 }
    f64 { u64, i64, mantissa: 52, bias: 1023 }
}
