//! Many numbers at once: what an instruction set offers, as traits that every variant implements.
//!
//! A [`Simd`] is a token: a value of it proves that the machine has the instructions, so that its
//! registers can be computed with in safe code. A *group* of `LANES` numbers is the unit, the same
//! count for every element type, so that numbers of different width walk side by side: 16 lanes
//! are one AVX-512 register of f32 and two of f64.
//!
//! Everything here is `#[inline(always)]` and free of closures: a function that stays out of line
//! would be compiled without the caller's instructions.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "numbers convert here as `as` converts them, and as few bits are used as there are lanes"
)]

#[cfg(target_arch = "x86_64")]
#[macro_use]
mod x86;

mod array;
mod complex;
#[cfg(test)]
mod conformance;
mod element;
mod lanes;
mod one;
#[cfg(target_arch = "x86_64")]
pub mod v3;
#[cfg(target_arch = "x86_64")]
pub mod v4;

pub use array::{Arr, Bools, Portable};
pub use complex::Pair;
pub use element::{Arithmetic, Element, Int, Num, Real};
pub use lanes::{Lanes, Mask, ramp};
#[cfg(target_arch = "x86_64")]
pub use v3::V3;
#[cfg(target_arch = "x86_64")]
pub use v4::V4;

use crate::isa::Isa;

/// Lane by lane, as Rust converts numbers.
macro_rules! convert {
    ($s:expr, $a:expr, $from:ty => $to:ty) => {{
        let from = <<$from as Element>::Reg<Self> as Reg<Self, $from>>::to_array($a);
        let nil = <<$to as Element>::Reg<Self> as Reg<Self, $to>>::splat($s, <$to as Element>::NIL);
        let mut to = nil.to_array();
        let mut i = 0;
        while i < Self::LANES {
            to.as_mut()[i] = from.as_ref()[i] as $to;
            i += 1;
        }
        <<$to as Element>::Reg<Self> as Reg<Self, $to>>::from_array($s, to)
    }};
}

/// Lane by lane.
macro_rules! lookup {
    ($s:expr, $table:expr, $index:expr, $Index:ty => $E:ty) => {{
        let index = <<$Index as Element>::Reg<Self> as Reg<Self, $Index>>::to_array($index);
        let nil = <<$E as Element>::Reg<Self> as Reg<Self, $E>>::splat($s, <$E as Element>::NIL);
        let mut to = nil.to_array();
        let mut i = 0;
        while i < Self::LANES {
            to.as_mut()[i] = $table[(index.as_ref()[i] & 15) as usize];
            i += 1;
        }
        <<$E as Element>::Reg<Self> as Reg<Self, $E>>::from_array($s, to)
    }};
}

/// What lies in turns in two groups, apart: lane by lane.
macro_rules! unzip {
    ($s:expr, $a:expr, $b:expr, $E:ty) => {{
        let (a, b) = ($a.to_array(), $b.to_array());
        let (mut even, mut odd) = (a, a);
        let mut i = 0;
        while i < Self::LANES {
            let (from, at) =
                if 2 * i < Self::LANES { (a, 2 * i) } else { (b, 2 * i - Self::LANES) };
            even.as_mut()[i] = from.as_ref()[at];
            odd.as_mut()[i] = if Self::LANES == 1 { b.as_ref()[0] } else { from.as_ref()[at + 1] };
            i += 1;
        }
        (Reg::<Self, $E>::from_array($s, even), Reg::<Self, $E>::from_array($s, odd))
    }};
}

/// Two groups in turns: lane by lane.
macro_rules! zip {
    ($s:expr, $even:expr, $odd:expr, $E:ty) => {{
        let (even, odd) = ($even.to_array(), $odd.to_array());
        let (mut a, mut b) = (even, even);
        let mut i = 0;
        while i < Self::LANES {
            let from = if i % 2 == 0 { even } else { odd };
            a.as_mut()[i] = from.as_ref()[i / 2];
            let at = Self::LANES + i;
            let from = if at % 2 == 0 { even } else { odd };
            b.as_mut()[i] = from.as_ref()[at / 2];
            i += 1;
        }
        (Reg::<Self, $E>::from_array($s, a), Reg::<Self, $E>::from_array($s, b))
    }};
}

/// The token of an instruction set.
pub trait Simd: Copy + Send + Sync + 'static + std::fmt::Debug {
    /// Which it is.
    const ISA: Isa;
    /// Numbers in a group.
    const LANES: usize;

    /// A group of bools.
    type Mask: MaskReg<Self>;
    /// A group of f32.
    type F32: FloatReg<Self, f32, Bits = Self::U32>;
    /// A group of f64.
    type F64: FloatReg<Self, f64, Bits = Self::U64>;
    /// A group of i8.
    type I8: IntReg<Self, i8>;
    /// A group of i16.
    type I16: IntReg<Self, i16>;
    /// A group of i32.
    type I32: IntReg<Self, i32>;
    /// A group of i64.
    type I64: IntReg<Self, i64>;
    /// A group of u8.
    type U8: IntReg<Self, u8>;
    /// A group of u16.
    type U16: IntReg<Self, u16>;
    /// A group of u32.
    type U32: IntReg<Self, u32>;
    /// A group of u64.
    type U64: IntReg<Self, u64>;

    /// Calls `body` where the compiler may use the instructions.
    fn call<B: Body>(self, body: B) -> B::Output;
    /// Calls `piece` as a function of its own, whose code is there once, however often it is
    /// called: for what takes so long that a call does not matter.
    fn apart<P: Piece<Self>>(self, piece: P) -> P::Output;

    /// After the last [`Reg::stream`] and before anything else, another thread included, looks at
    /// what it wrote.
    #[inline(always)]
    fn fence(self) {}

    /// `table[index % 16]`
    #[inline(always)]
    fn lookup_f32(self, table: &[f32; 16], index: Self::U32) -> Self::F32 {
        lookup!(self, table, index, u32 => f32)
    }
    /// `table[index % 16]`
    #[inline(always)]
    fn lookup_f64(self, table: &[f64; 16], index: Self::U64) -> Self::F64 {
        lookup!(self, table, index, u64 => f64)
    }

    /// The numbers in even places of two groups, one behind the other, and those in odd places.
    #[inline(always)]
    fn unzip_f32(self, a: Self::F32, b: Self::F32) -> (Self::F32, Self::F32) {
        unzip!(self, a, b, f32)
    }
    /// As `unzip_f32`.
    #[inline(always)]
    fn unzip_f64(self, a: Self::F64, b: Self::F64) -> (Self::F64, Self::F64) {
        unzip!(self, a, b, f64)
    }
    /// What `unzip_f32` takes apart.
    #[inline(always)]
    fn zip_f32(self, even: Self::F32, odd: Self::F32) -> (Self::F32, Self::F32) {
        zip!(self, even, odd, f32)
    }
    /// What `unzip_f64` takes apart.
    #[inline(always)]
    fn zip_f64(self, even: Self::F64, odd: Self::F64) -> (Self::F64, Self::F64) {
        zip!(self, even, odd, f64)
    }

    // Conversions that have instructions in some variants; those not here go lane by lane.

    /// Exact.
    #[inline(always)]
    fn f64_from_i32(self, a: Self::I32) -> Self::F64 {
        convert!(self, a, i32 => f64)
    }
    /// Exact.
    #[inline(always)]
    fn f64_from_u32(self, a: Self::U32) -> Self::F64 {
        self.f64_from_i64(self.i64_from_u64(self.u64_from_u32(a)))
    }
    /// Rounded.
    #[inline(always)]
    fn f64_from_i64(self, a: Self::I64) -> Self::F64 {
        convert!(self, a, i64 => f64)
    }
    /// Rounded.
    #[inline(always)]
    fn f64_from_u64(self, a: Self::U64) -> Self::F64 {
        convert!(self, a, u64 => f64)
    }
    /// Exact.
    #[inline(always)]
    fn f64_from_f32(self, a: Self::F32) -> Self::F64 {
        convert!(self, a, f32 => f64)
    }
    /// Rounded.
    #[inline(always)]
    fn f32_from_f64(self, a: Self::F64) -> Self::F32 {
        convert!(self, a, f64 => f32)
    }
    /// Rounded.
    #[inline(always)]
    fn f32_from_i32(self, a: Self::I32) -> Self::F32 {
        convert!(self, a, i32 => f32)
    }
    /// Towards zero; saturates, and 0 for NaN.
    #[inline(always)]
    fn i32_from_f32(self, a: Self::F32) -> Self::I32 {
        convert!(self, a, f32 => i32)
    }
    /// Towards zero; saturates, and 0 for NaN.
    #[inline(always)]
    fn i32_from_f64(self, a: Self::F64) -> Self::I32 {
        convert!(self, a, f64 => i32)
    }
    /// Towards zero; saturates, and 0 for NaN.
    #[inline(always)]
    fn i64_from_f64(self, a: Self::F64) -> Self::I64 {
        convert!(self, a, f64 => i64)
    }
    /// Keeps the value.
    #[inline(always)]
    fn i64_from_i32(self, a: Self::I32) -> Self::I64 {
        convert!(self, a, i32 => i64)
    }
    /// Keeps the value.
    #[inline(always)]
    fn u64_from_u32(self, a: Self::U32) -> Self::U64 {
        convert!(self, a, u32 => u64)
    }
    /// Keeps the low half.
    #[inline(always)]
    fn i32_from_i64(self, a: Self::I64) -> Self::I32 {
        convert!(self, a, i64 => i32)
    }
    /// Keeps the low half.
    #[inline(always)]
    fn u32_from_u64(self, a: Self::U64) -> Self::U32 {
        convert!(self, a, u64 => u32)
    }
    /// The same bits.
    #[inline(always)]
    fn i64_from_u64(self, a: Self::U64) -> Self::I64 {
        convert!(self, a, u64 => i64)
    }
    /// The same bits.
    #[inline(always)]
    fn u64_from_i64(self, a: Self::I64) -> Self::U64 {
        convert!(self, a, i64 => u64)
    }
    /// The same bits.
    #[inline(always)]
    fn i32_from_u32(self, a: Self::U32) -> Self::I32 {
        convert!(self, a, u32 => i32)
    }
    /// The same bits.
    #[inline(always)]
    fn u32_from_i32(self, a: Self::I32) -> Self::U32 {
        convert!(self, a, i32 => u32)
    }
}

/// Where the last whole group ends, of those from `i` to `len`: a loop that compares with an end that
/// stays has half as many instructions around it as one that looks whether a group is left.
#[inline(always)]
pub(crate) fn whole<S: Simd>(i: usize, len: usize) -> usize {
    i + len.saturating_sub(i) / S::LANES * S::LANES
}

/// What is called with an instruction set. `run` must be `#[inline(always)]`.
pub trait Body {
    /// What it returns.
    type Output;
    /// Does the work.
    fn run<S: Simd>(self, s: S) -> Self::Output;
}

/// What is called with registers in hand. `run` must be `#[inline(always)]`.
pub trait Piece<S: Simd> {
    /// What it returns.
    type Output;
    /// Does the work.
    fn run(self, s: S) -> Self::Output;
}

/// A group of numbers in registers.
pub trait Reg<S: Simd, E>: Copy {
    /// The same in memory: `LANES` elements.
    type Array: AsRef<[E]> + AsMut<[E]> + Copy;
    /// Every lane is `e`.
    fn splat(s: S, e: E) -> Self;
    /// From an array.
    fn from_array(s: S, array: Self::Array) -> Self;
    /// To an array.
    fn to_array(self) -> Self::Array;
    /// Reads a group.
    ///
    /// # Safety
    /// `from` is valid for reads of `LANES` elements.
    unsafe fn load(s: S, from: *const E) -> Self;
    /// Writes a group.
    ///
    /// # Safety
    /// `to` is valid for writes of `LANES` elements.
    unsafe fn store(self, to: *mut E);
    /// Reads the first `n < LANES` elements; the others are those of `fill`.
    ///
    /// # Safety
    /// `from` is valid for reads of `n` elements.
    #[inline(always)]
    unsafe fn load_some(s: S, from: *const E, n: usize, fill: Self) -> Self {
        let mut array = fill.to_array();
        // SAFETY: `n < LANES` elements can be read, as the caller promises, and the array has LANES.
        unsafe { std::ptr::copy_nonoverlapping(from, array.as_mut().as_mut_ptr(), n) };
        Self::from_array(s, array)
    }
    /// Writes the first `n < LANES` elements.
    ///
    /// # Safety
    /// `to` is valid for writes of `n` elements.
    #[inline(always)]
    unsafe fn store_some(self, to: *mut E, n: usize) {
        let array = self.to_array();
        // SAFETY: `n < LANES` elements can be written, as the caller promises.
        unsafe { std::ptr::copy_nonoverlapping(array.as_ref().as_ptr(), to, n) };
    }
    /// Writes past the caches where the variant can. [`Simd::fence`] must follow before anything
    /// else looks at what was written.
    ///
    /// # Safety
    /// As `store`; and `to` is aligned to 64 bytes, or to the size of a group if that is less.
    #[inline(always)]
    unsafe fn stream(self, to: *mut E) {
        // SAFETY: the caller promises the same.
        unsafe { self.store(to) };
    }
    /// `a` where the mask is true, else `b`.
    fn select(mask: S::Mask, a: Self, b: Self) -> Self;
    /// Lane `i` is lane `i + 1`, and the last one the first.
    #[inline(always)]
    fn rotate_left(self, s: S) -> Self {
        let mut array = self.to_array();
        array.as_mut().rotate_left(1);
        Self::from_array(s, array)
    }
    /// Lane `i` is lane `i - 1`, and the first one the last.
    #[inline(always)]
    fn rotate_right(self, s: S) -> Self {
        let mut array = self.to_array();
        array.as_mut().rotate_right(1);
        Self::from_array(s, array)
    }
}

/// A group of numbers that have an order.
pub trait NumReg<S: Simd, E>: Reg<S, E> {
    /// Integers wrap.
    fn add(self, b: Self) -> Self;
    /// Integers wrap.
    fn sub(self, b: Self) -> Self;
    /// Integers wrap.
    fn mul(self, b: Self) -> Self;
    /// Of integers: towards zero, `x / 0 = 0`, `MIN / -1 = MIN`.
    fn div(self, b: Self) -> Self;
    /// The remainder of `div`; `x % 0 = 0` of integers.
    fn rem(self, b: Self) -> Self;
    /// Integers wrap.
    fn neg(self) -> Self;
    /// `|a|`; `MIN` stays `MIN`.
    fn abs(self) -> Self;
    /// `b` if `b < a` or `a` is NaN, else `a`.
    fn min(self, b: Self) -> Self;
    /// `b` if `b > a` or `a` is NaN, else `a`.
    fn max(self, b: Self) -> Self;
    /// `a == b`
    fn eq(self, b: Self) -> S::Mask;
    /// `a < b`
    fn lt(self, b: Self) -> S::Mask;
    /// `a <= b`
    fn le(self, b: Self) -> S::Mask;
}

/// A group of floats.
pub trait FloatReg<S: Simd, E>: NumReg<S, E> {
    /// Unsigned integers of the same width.
    type Bits: Copy;
    /// Correctly rounded.
    fn sqrt(self) -> Self;
    /// `self * b + c` with one rounding, in every variant.
    fn mul_add(self, b: Self, c: Self) -> Self;
    /// `self * b + c`: one rounding where the variant has an instruction for it, else two.
    fn contract(self, b: Self, c: Self) -> Self;
    /// Towards minus infinity.
    fn floor(self) -> Self;
    /// Towards infinity.
    fn ceil(self) -> Self;
    /// Towards zero.
    fn trunc(self) -> Self;
    /// To the nearest, ties to even.
    fn round_ties_even(self) -> Self;
    /// The bits.
    fn to_bits(self) -> Self::Bits;
    /// From bits.
    fn from_bits(s: S, bits: Self::Bits) -> Self;
    /// `self * 2^n`, rounded once, for `0.25 <= |self| <= 4` and integral `n` of at most 2000 (f64)
    /// or 240 (f32) in size; anything for others.
    fn scale(self, n: Self) -> Self;
    /// `(m, e)` with `self = m * 2^e` and `0.75 <= m < 1.5`, for finite positive numbers,
    /// subnormal ones included; anything for others.
    fn split(self) -> (Self, Self);
    /// An estimate of `1 / sqrt(self)` for normal positive numbers, off by at most 2^-11: for
    /// `math = fast`, which refines it. It differs from variant to variant.
    fn rsqrt_estimate(self) -> Self;
    /// An estimate of `1 / self` for normal numbers of at most `MAX / 8` in size, off by at most
    /// 2^-11.
    fn recip_estimate(self) -> Self;
}

/// A group of integers.
pub trait IntReg<S: Simd, E>: NumReg<S, E> {
    /// `a & b`
    fn and(self, b: Self) -> Self;
    /// `a | b`
    fn or(self, b: Self) -> Self;
    /// `a ^ b`
    fn xor(self, b: Self) -> Self;
    /// The amount is taken modulo the width.
    fn shl(self, by: Self) -> Self;
    /// The amount is taken modulo the width; signed integers keep their sign.
    fn shr(self, by: Self) -> Self;
    /// By the same for all, below the width.
    #[inline(always)]
    fn shl_by(self, s: S, by: u32) -> Self
    where
        E: TryFrom<u8>,
    {
        self.shl(Self::splat(s, narrow(by)))
    }
    /// By the same for all, below the width.
    #[inline(always)]
    fn shr_by(self, s: S, by: u32) -> Self
    where
        E: TryFrom<u8>,
    {
        self.shr(Self::splat(s, narrow(by)))
    }
}

/// A number below 64 as any integer.
#[inline(always)]
fn narrow<E: TryFrom<u8>>(by: u32) -> E {
    let Ok(by) = E::try_from((by & 63) as u8) else { unreachable!() };
    by
}

/// A group of bools.
pub trait MaskReg<S: Simd>: Reg<S, bool> {
    /// `a & b`
    fn and(self, b: Self) -> Self;
    /// `a | b`
    fn or(self, b: Self) -> Self;
    /// `!a`
    fn not(self) -> Self;
    /// Is any true?
    fn any(self) -> bool;
    /// Are all true?
    fn all(self) -> bool;
    /// Bit `i` is lane `i`.
    fn bits(self) -> u32;
    /// Lane `i` is bit `i`.
    fn from_bits(s: S, bits: u32) -> Self;
    /// To an array of `N = LANES`.
    fn to_bools<const N: usize>(self) -> [bool; N];
    /// From an array of `N = LANES`.
    fn from_bools<const N: usize>(s: S, bools: [bool; N]) -> Self;
    /// To an array of `N = LANES`: all bits where true, else none.
    #[inline(always)]
    fn to_words<const N: usize>(self) -> [u64; N] {
        let bools = self.to_bools::<N>();
        let mut out = [0; N];
        let mut i = 0;
        while i < N {
            out[i] = 0_u64.wrapping_sub(bools[i].into());
            i += 1;
        }
        out
    }
}
