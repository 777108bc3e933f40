//! Lanes in plain arrays: what every machine can do. The baseline of x86-64, every other
//! architecture, single numbers (one lane), and the narrow integers of the wide variants.
//!
//! The loops have a constant length; LLVM unrolls them and finds the vector instructions that the
//! architecture promises (SSE2, NEON), as long as each operation is the same for every lane, without
//! branches.

use super::one::{One, OneFloat, OneInt};
use super::{Body, FloatReg, IntReg, MaskReg, NumReg, Piece, Reg, Simd};
use crate::isa::Isa;

/// No instructions beyond those the architecture promises; `L` lanes.
#[derive(Debug, Clone, Copy)]
pub struct Portable<const L: usize>;

/// A group of numbers, with the token that vouches for them.
#[derive(Debug, Clone, Copy)]
pub struct Arr<S, E, const L: usize>(S, [E; L]);

/// A group of bools: all bits where true, so that a selection is arithmetic.
#[derive(Debug, Clone, Copy)]
pub struct Bools<S, const L: usize>(S, [u64; L]);

/// All bits or none.
#[inline(always)]
fn word(e: bool) -> u64 {
    0_u64.wrapping_sub(e.into())
}

/// Keeps the compiler from computing several groups as one, transposed, which it would do where it
/// meets a loop over groups, before it looks for the vector instructions in a group.
#[inline(always)]
fn apart<const L: usize>() {
    #[cfg(all(any(target_arch = "x86_64", target_arch = "aarch64"), not(miri)))]
    if L > 1 {
        // SAFETY: no instruction, so nothing is touched.
        unsafe { std::arch::asm!("", options(nomem, nostack, preserves_flags)) };
    }
}

impl<const L: usize> Simd for Portable<L> {
    const ISA: Isa = Isa::Baseline;
    const LANES: usize = L;
    type Mask = Bools<Self, L>;
    type F32 = Arr<Self, f32, L>;
    type F64 = Arr<Self, f64, L>;
    type I8 = Arr<Self, i8, L>;
    type I16 = Arr<Self, i16, L>;
    type I32 = Arr<Self, i32, L>;
    type I64 = Arr<Self, i64, L>;
    type U8 = Arr<Self, u8, L>;
    type U16 = Arr<Self, u16, L>;
    type U32 = Arr<Self, u32, L>;
    type U64 = Arr<Self, u64, L>;

    #[inline(always)]
    fn call<B: Body>(self, body: B) -> B::Output {
        body.run(self)
    }

    #[inline(never)]
    fn apart<P: Piece<Self>>(self, piece: P) -> P::Output {
        piece.run(self)
    }
}

/// `e(i)` for every lane.
macro_rules! each {
    ($init:expr, |$i:ident| $e:expr) => {{
        let mut out = $init;
        let mut $i = 0;
        while $i < L {
            out[$i] = $e;
            $i += 1;
        }
        out
    }};
}

/// Memory, and selection by bits.
macro_rules! memory {
    ($($E:ident $Bits:ident $to_bits:ident $from_bits:ident;)*) => {$(
        impl<S: Simd, const L: usize> Reg<S, $E> for Arr<S, $E, L> {
            type Array = [$E; L];
            #[inline(always)]
            fn splat(s: S, e: $E) -> Self {
                Self(s, [e; L])
            }
            #[inline(always)]
            fn from_array(s: S, array: [$E; L]) -> Self {
                Self(s, array)
            }
            #[inline(always)]
            fn to_array(self) -> [$E; L] {
                self.1
            }
            #[inline(always)]
            unsafe fn load(s: S, from: *const $E) -> Self {
                apart::<L>();
                // SAFETY: the caller promises L readable elements; the read needs no alignment.
                Self(s, unsafe { from.cast::<[$E; L]>().read_unaligned() })
            }
            #[inline(always)]
            unsafe fn store(self, to: *mut $E) {
                apart::<L>();
                // SAFETY: the caller promises L writable elements; the write needs no alignment.
                unsafe { to.cast::<[$E; L]>().write_unaligned(self.1) };
            }
            #[inline(always)]
            fn select(mask: S::Mask, a: Self, b: Self) -> Self {
                let mask = mask.to_words::<L>();
                if L == 1 {
                    return if mask[0] != 0 { a } else { b };
                }
                Self(a.0, each!(b.1, |i| {
                    let mask = mask[i] as $Bits;
                    let (a, b) = ($to_bits!(a.1[i]), $to_bits!(b.1[i]));
                    $from_bits!($E, a & mask | b & !mask)
                }))
            }
            #[inline(always)]
            fn rotate_left(self, s: S) -> Self {
                Self(s, each!(self.1, |i| self.1[(i + 1) % L]))
            }
            #[inline(always)]
            fn rotate_right(self, s: S) -> Self {
                Self(s, each!(self.1, |i| self.1[(i + L - 1) % L]))
            }
        }
    )*};
}
macro_rules! itself {
    ($x:expr) => {
        $x
    };
    ($E:ident, $x:expr) => {
        $x
    };
}
macro_rules! to_bits {
    ($x:expr) => {
        $x.to_bits()
    };
}
macro_rules! from_bits {
    ($E:ident, $x:expr) => {
        $E::from_bits($x)
    };
}
memory! {
    f32 u32 to_bits from_bits; f64 u64 to_bits from_bits;
    i8 i8 itself itself; i16 i16 itself itself; i32 i32 itself itself; i64 i64 itself itself;
    u8 u8 itself itself; u16 u16 itself itself; u32 u32 itself itself; u64 u64 itself itself;
}

impl<S: Simd, const L: usize> Reg<S, bool> for Bools<S, L> {
    type Array = [bool; L];
    #[inline(always)]
    fn splat(s: S, e: bool) -> Self {
        Self(s, [word(e); L])
    }
    #[inline(always)]
    fn from_array(s: S, array: [bool; L]) -> Self {
        Self(s, each!([0; L], |i| word(array[i])))
    }
    #[inline(always)]
    fn to_array(self) -> [bool; L] {
        each!([false; L], |i| self.1[i] != 0)
    }
    #[inline(always)]
    unsafe fn load(s: S, from: *const bool) -> Self {
        apart::<L>();
        // SAFETY: the caller promises L readable bools.
        Self::from_array(s, unsafe { from.cast::<[bool; L]>().read() })
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut bool) {
        apart::<L>();
        // SAFETY: the caller promises L writable bools.
        unsafe { to.cast::<[bool; L]>().write(self.to_array()) };
    }
    #[inline(always)]
    fn select(mask: S::Mask, a: Self, b: Self) -> Self {
        let mask = mask.to_words::<L>();
        Self(a.0, each!(b.1, |i| (mask[i] & a.1[i]) | (!mask[i] & b.1[i])))
    }
}

impl<S: Simd<Mask = Self>, const L: usize> MaskReg<S> for Bools<S, L> {
    #[inline(always)]
    fn and(self, b: Self) -> Self {
        Self(self.0, each!(self.1, |i| self.1[i] & b.1[i]))
    }
    #[inline(always)]
    fn or(self, b: Self) -> Self {
        Self(self.0, each!(self.1, |i| self.1[i] | b.1[i]))
    }
    #[inline(always)]
    fn not(self) -> Self {
        Self(self.0, each!(self.1, |i| !self.1[i]))
    }
    #[inline(always)]
    fn any(self) -> bool {
        let mut any = 0;
        let mut i = 0;
        while i < L {
            any |= self.1[i];
            i += 1;
        }
        any != 0
    }
    #[inline(always)]
    fn all(self) -> bool {
        let mut all = !0;
        let mut i = 0;
        while i < L {
            all &= self.1[i];
            i += 1;
        }
        all != 0
    }
    #[inline(always)]
    fn bits(self) -> u32 {
        let mut bits = 0;
        let mut i = 0;
        while i < L {
            bits |= u32::from(self.1[i] != 0) << i;
            i += 1;
        }
        bits
    }
    #[inline(always)]
    fn from_bits(s: S, bits: u32) -> Self {
        Self(s, each!([0; L], |i| word(bits >> i & 1 != 0)))
    }
    #[inline(always)]
    fn to_bools<const N: usize>(self) -> [bool; N] {
        const { assert!(N == L) };
        let mut out = [false; N];
        let mut i = 0;
        while i < N {
            out[i] = self.1[i] != 0;
            i += 1;
        }
        out
    }
    #[inline(always)]
    fn from_bools<const N: usize>(s: S, bools: [bool; N]) -> Self {
        const { assert!(N == L) };
        Self(s, each!([0; L], |i| word(bools[i])))
    }
    #[inline(always)]
    fn to_words<const N: usize>(self) -> [u64; N] {
        const { assert!(N == L) };
        let mut out = [0; N];
        let mut i = 0;
        while i < N {
            out[i] = self.1[i];
            i += 1;
        }
        out
    }
}

/// Lane by lane, the operation of one number.
macro_rules! lanewise {
    ($One:ident: $($name:ident($($arg:ident),*);)*) => {$(
        #[inline(always)]
        fn $name(self $(, $arg: Self)*) -> Self {
            Self(self.0, each!(self.1, |i| $One::$name(self.1[i] $(, $arg.1[i])*)))
        }
    )*};
}

macro_rules! numbers {
    ($($E:ty),*) => {$(
        impl<S: Simd, const L: usize> NumReg<S, $E> for Arr<S, $E, L> {
            lanewise! { One: add(b); sub(b); mul(b); div(b); rem(b); neg(); abs(); min(b); max(b); }
            #[inline(always)]
            fn eq(self, b: Self) -> S::Mask {
                S::Mask::from_bools(self.0, each!([false; L], |i| self.1[i] == b.1[i]))
            }
            #[inline(always)]
            fn lt(self, b: Self) -> S::Mask {
                S::Mask::from_bools(self.0, each!([false; L], |i| self.1[i] < b.1[i]))
            }
            #[inline(always)]
            fn le(self, b: Self) -> S::Mask {
                S::Mask::from_bools(self.0, each!([false; L], |i| self.1[i] <= b.1[i]))
            }
        }
    )*};
}
numbers!(f32, f64, i8, i16, i32, i64, u8, u16, u32, u64);

macro_rules! integers {
    ($($E:ty),*) => {$(
        impl<S: Simd, const L: usize> IntReg<S, $E> for Arr<S, $E, L> {
            lanewise! { OneInt: and(b); or(b); xor(b); shl(by); shr(by); }
        }
    )*};
}
integers!(i8, i16, i32, i64, u8, u16, u32, u64);

macro_rules! floats {
    ($($E:ty, $Bits:ty;)*) => {$(
        impl<S: Simd, const L: usize> FloatReg<S, $E> for Arr<S, $E, L> {
            type Bits = Arr<S, $Bits, L>;
            lanewise! { OneFloat:
                sqrt(); mul_add(b, c); contract(b, c); floor(); ceil(); trunc(); round_ties_even();
                scale(n); rsqrt_estimate(); recip_estimate();
            }
            #[inline(always)]
            fn to_bits(self) -> Self::Bits {
                Arr(self.0, each!([0; L], |i| self.1[i].to_bits()))
            }
            #[inline(always)]
            fn from_bits(s: S, bits: Self::Bits) -> Self {
                Self(s, each!([0.0; L], |i| <$E>::from_bits(bits.1[i])))
            }
            #[inline(always)]
            fn split(self) -> (Self, Self) {
                (
                    Self(self.0, each!(self.1, |i| OneFloat::split(self.1[i]).0)),
                    Self(self.0, each!(self.1, |i| OneFloat::split(self.1[i]).1)),
                )
            }
        }
    )*};
}
floats! { f32, u32; f64, u64; }
