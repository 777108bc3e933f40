//! A group of numbers as kernels see it.

use std::fmt;

use super::{Arithmetic, Element, Int, MaskReg, Num, Real, Reg, Simd};

/// `LANES` elements in registers.
#[derive(Clone, Copy)]
pub struct Lanes<S: Simd, T: Element> {
    s: S,
    reg: T::Reg<S>,
}

/// Which lanes are meant.
pub type Mask<S> = Lanes<S, bool>;

impl<S: Simd, T: Element> fmt::Debug for Lanes<S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.to_array().as_ref()).finish()
    }
}

impl<S: Simd, T: Element> Lanes<S, T> {
    #[inline(always)]
    pub(crate) fn new(s: S, reg: T::Reg<S>) -> Self {
        Self { s, reg }
    }
    #[inline(always)]
    pub(crate) fn reg(self) -> T::Reg<S> {
        self.reg
    }
    /// The token.
    #[inline(always)]
    pub fn token(self) -> S {
        self.s
    }
    /// Every lane is `e`.
    #[inline(always)]
    pub fn splat(s: S, e: T) -> Self {
        Self { s, reg: Reg::splat(s, e) }
    }
    /// As many elements as lanes.
    #[inline(always)]
    pub fn to_array(self) -> <T::Reg<S> as Reg<S, T>>::Array {
        self.reg.to_array()
    }
    /// From as many elements as lanes.
    #[inline(always)]
    pub fn from_array(s: S, array: <T::Reg<S> as Reg<S, T>>::Array) -> Self {
        Self { s, reg: Reg::from_array(s, array) }
    }
    /// The element in a lane.
    #[inline(always)]
    pub fn lane(self, lane: usize) -> T {
        self.to_array().as_ref()[lane]
    }
    /// `a` where the mask is true, else `b`.
    #[inline(always)]
    pub fn select(mask: Mask<S>, a: Self, b: Self) -> Self {
        Self { s: a.s, reg: T::Reg::<S>::select(mask.reg, a.reg, b.reg) }
    }
    /// Lane `i` is lane `i + 1`, and the last one the first.
    #[inline(always)]
    pub(crate) fn rotate_left(self) -> Self {
        Self { s: self.s, reg: self.reg.rotate_left(self.s) }
    }
    /// Lane `i` is lane `i - 1`, and the first one the last.
    #[inline(always)]
    pub(crate) fn rotate_right(self) -> Self {
        Self { s: self.s, reg: self.reg.rotate_right(self.s) }
    }
    /// # Safety
    /// `from` is valid for reads of `LANES` elements.
    #[inline(always)]
    pub(crate) unsafe fn load(s: S, from: *const T) -> Self {
        // SAFETY: the caller promises the same.
        Self { s, reg: unsafe { Reg::load(s, from) } }
    }
    /// # Safety
    /// `from` is valid for reads of `n < LANES` elements.
    #[inline(always)]
    pub(crate) unsafe fn load_some(s: S, from: *const T, n: usize, fill: T) -> Self {
        let fill = Reg::splat(s, fill);
        // SAFETY: the caller promises the same.
        Self { s, reg: unsafe { Reg::load_some(s, from, n, fill) } }
    }
    /// # Safety
    /// `to` is valid for writes of `LANES` elements.
    #[inline(always)]
    pub(crate) unsafe fn store(self, to: *mut T) {
        // SAFETY: the caller promises the same.
        unsafe { self.reg.store(to) };
    }
    /// # Safety
    /// `to` is valid for writes of `LANES` elements, and aligned to 64 bytes.
    #[inline(always)]
    pub(crate) unsafe fn stream(self, to: *mut T) {
        // SAFETY: the caller promises the same.
        unsafe { self.reg.stream(to) };
    }
    /// # Safety
    /// `to` is valid for writes of `n < LANES` elements.
    #[inline(always)]
    pub(crate) unsafe fn store_some(self, to: *mut T, n: usize) {
        // SAFETY: the caller promises the same.
        unsafe { self.reg.store_some(to, n) };
    }
}

impl<S: Simd> Mask<S> {
    /// Any lane?
    #[inline(always)]
    pub fn any(self) -> bool {
        self.reg.any()
    }
    /// All lanes?
    #[inline(always)]
    pub fn all(self) -> bool {
        self.reg.all()
    }
    /// Bit `i` is lane `i`.
    #[inline(always)]
    pub fn bits(self) -> u32 {
        self.reg.bits()
    }
    /// The first `n` lanes.
    #[inline(always)]
    pub fn first(s: S, n: usize) -> Self {
        Self { s, reg: S::Mask::from_bits(s, ((1_u64 << n.min(32)) - 1) as u32) }
    }
}

impl<S: Simd> std::ops::BitAnd for Mask<S> {
    type Output = Self;
    #[inline(always)]
    fn bitand(self, b: Self) -> Self {
        Self { s: self.s, reg: self.reg.and(b.reg) }
    }
}
impl<S: Simd> std::ops::BitOr for Mask<S> {
    type Output = Self;
    #[inline(always)]
    fn bitor(self, b: Self) -> Self {
        Self { s: self.s, reg: self.reg.or(b.reg) }
    }
}
impl<S: Simd> std::ops::Not for Mask<S> {
    type Output = Self;
    #[inline(always)]
    fn not(self) -> Self {
        Self { s: self.s, reg: self.reg.not() }
    }
}

macro_rules! operators {
    ($($Trait:ident $method:ident $Bound:ident;)*) => {$(
        impl<S: Simd, T: $Bound> std::ops::$Trait for Lanes<S, T> {
            type Output = Self;
            #[inline(always)]
            fn $method(self, b: Self) -> Self {
                Self { s: self.s, reg: <T as $Bound>::$method(self.reg, b.reg) }
            }
        }
        impl<S: Simd, T: $Bound> std::ops::$Trait<T> for Lanes<S, T> {
            type Output = Self;
            #[inline(always)]
            fn $method(self, b: T) -> Self {
                Self { s: self.s, reg: <T as $Bound>::$method(self.reg, Reg::splat(self.s, b)) }
            }
        }
    )*};
}
operators! {
    Add add Arithmetic; Sub sub Arithmetic; Mul mul Arithmetic; Div div Arithmetic; Rem rem Num;
}

impl<S: Simd, T: Arithmetic> std::ops::Neg for Lanes<S, T> {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        Self { s: self.s, reg: T::neg(self.reg) }
    }
}

/// Methods that pass on to the element's.
macro_rules! methods {
    ($Trait:ident: $($(#[$doc:meta])* $name:ident($($arg:ident),*);)*) => {$(
        $(#[$doc])*
        #[inline(always)]
        pub fn $name(self $(, $arg: Self)*) -> Self {
            Self { s: self.s, reg: <T as $Trait>::$name(self.reg $(, $arg.reg)*) }
        }
    )*};
}

impl<S: Simd, T: Arithmetic> Lanes<S, T> {
    /// `self == b`
    #[inline(always)]
    pub fn eq(self, b: Self) -> Mask<S> {
        Lanes { s: self.s, reg: <T as Arithmetic>::eq(self.reg, b.reg) }
    }
    /// `self != b`
    #[inline(always)]
    pub fn ne(self, b: Self) -> Mask<S> {
        !self.eq(b)
    }
}

impl<S: Simd, T: Num> Lanes<S, T> {
    methods! { Num:
        /// `|x|`; `MIN` stays `MIN`.
        abs();
        /// `b` if `b < self` or `self` is NaN, else `self`.
        min(b);
        /// `b` if `b > self` or `self` is NaN, else `self`.
        max(b);
        /// `self * b + c`, rounded once where that is an instruction.
        contract(b, c);
    }
    /// `self < b`
    #[inline(always)]
    pub fn lt(self, b: Self) -> Mask<S> {
        Lanes { s: self.s, reg: <T as Num>::lt(self.reg, b.reg) }
    }
    /// `self <= b`
    #[inline(always)]
    pub fn le(self, b: Self) -> Mask<S> {
        Lanes { s: self.s, reg: <T as Num>::le(self.reg, b.reg) }
    }
    /// `self > b`
    #[inline(always)]
    pub fn gt(self, b: Self) -> Mask<S> {
        b.lt(self)
    }
    /// `self >= b`
    #[inline(always)]
    pub fn ge(self, b: Self) -> Mask<S> {
        b.le(self)
    }
}

#[expect(clippy::should_implement_trait, reason = "amounts are taken modulo the width")]
impl<S: Simd, T: Int> Lanes<S, T> {
    methods! { Int:
        /// `self & b`
        and(b);
        /// `self | b`
        or(b);
        /// `self ^ b`
        xor(b);
        /// The amount modulo the width.
        shl(by);
        /// The amount modulo the width; keeps the sign.
        shr(by);
    }
    /// By the same amount, below the width.
    #[inline(always)]
    pub fn shl_by(self, by: u32) -> Self {
        Self { s: self.s, reg: T::shl_by(self.s, self.reg, by) }
    }
    /// By the same amount, below the width; keeps the sign.
    #[inline(always)]
    pub fn shr_by(self, by: u32) -> Self {
        Self { s: self.s, reg: T::shr_by(self.s, self.reg, by) }
    }
}

impl<S: Simd, T: Real> Lanes<S, T> {
    methods! { Real:
        /// Correctly rounded.
        sqrt();
        /// `self * b + c`, rounded once.
        mul_add(b, c);
        /// Towards minus infinity.
        floor();
        /// Towards infinity.
        ceil();
        /// Towards zero.
        trunc();
        /// To the nearest, ties to even.
        round_ties_even();
        /// `self * 2^n`, see `FloatReg::scale`.
        scale(n);
        /// See `FloatReg::rsqrt_estimate`.
        rsqrt_estimate();
        /// See `FloatReg::recip_estimate`.
        recip_estimate();
    }
    /// The bits.
    #[inline(always)]
    pub fn to_bits(self) -> Lanes<S, T::Bits> {
        Lanes { s: self.s, reg: T::to_bits(self.reg) }
    }
    /// From bits.
    #[inline(always)]
    pub fn from_bits(bits: Lanes<S, T::Bits>) -> Self {
        Self { s: bits.s, reg: T::from_bits(bits.s, bits.reg) }
    }
    /// See `FloatReg::split`.
    #[inline(always)]
    pub fn split(self) -> (Self, Self) {
        let (m, e) = T::split(self.reg);
        (Self { s: self.s, reg: m }, Self { s: self.s, reg: e })
    }
    /// `table[index % 16]`
    #[inline(always)]
    pub fn lookup(table: &[T; 16], index: Lanes<S, T::Bits>) -> Self {
        Self { s: index.s, reg: T::lookup(index.s, table, index.reg) }
    }
    /// Is it NaN?
    #[inline(always)]
    pub fn is_nan(self) -> Mask<S> {
        self.ne(self)
    }
}

/// Conversions with instructions.
macro_rules! conversions {
    ($($From:ident $name:ident $To:ident $method:ident;)*) => {$(
        impl<S: Simd> Lanes<S, $From> {
            /// As `as` converts.
            #[inline(always)]
            pub fn $name(self) -> Lanes<S, $To> {
                Lanes { s: self.s, reg: self.s.$method(self.reg) }
            }
        }
    )*};
}
conversions! {
    i32 to_f64 f64 f64_from_i32; u32 to_f64 f64 f64_from_u32; i64 to_f64 f64 f64_from_i64; u64 to_f64 f64 f64_from_u64;
    f32 to_f64 f64 f64_from_f32; f64 to_f32 f32 f32_from_f64; i32 to_f32 f32 f32_from_i32;
    f32 to_i32 i32 i32_from_f32; f64 to_i32 i32 i32_from_f64; f64 to_i64 i64 i64_from_f64;
    i32 to_i64 i64 i64_from_i32; u32 to_u64 u64 u64_from_u32; i64 to_i32 i32 i32_from_i64;
    u64 to_u32 u32 u32_from_u64; u64 to_i64 i64 i64_from_u64; i64 to_u64 u64 u64_from_i64;
    u32 to_i32 i32 i32_from_u32; i32 to_u32 u32 u32_from_i32;
}

/// 0, 1, 2, ..
#[inline(always)]
pub fn ramp<S: Simd, T: Num>(s: S) -> Lanes<S, T> {
    let mut array = Lanes::splat(s, T::ZERO).to_array();
    let mut i = 0;
    while i < S::LANES {
        array.as_mut()[i] = T::wrapping(i);
        i += 1;
    }
    Lanes::from_array(s, array)
}
