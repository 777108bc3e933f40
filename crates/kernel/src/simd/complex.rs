//! Groups of complex numbers: a group of real parts and one of imaginary parts. In memory the two
//! parts of a number lie side by side, as ndarray and NumPy have them.
//!
//! What is computed, with `a + bi` and `c + di`:
//!
//! - `*`: `(ac - bd) + (ad + bc)i`, each product and sum rounded. No part that is infinite is
//!   recovered from NaN, as C does.
//! - `/`: `((ac + bd) + (bc - ad)i) / (cc + dd)`, where this neither over- nor underflows on the way.
//!   Elsewhere both numbers are scaled by powers of two before and the result after, so that it is as
//!   exact there in relation to the larger part. By 0 each part is divided; a finite number by an infinite one is 0.

use std::marker::PhantomData;

use num_complex::Complex;

use super::element::sealed::Sealed;
use super::{Arithmetic, Element, Lanes, Mask, Piece, Real, Reg, Simd};
use crate::wide::copysign;

/// The most lanes that there are.
const MOST: usize = 16;

/// A group of complex numbers in registers.
#[derive(Debug, Clone, Copy)]
pub struct Pair<S: Simd, T: Real> {
    re: Lanes<S, T>,
    im: Lanes<S, T>,
}

/// The same in memory.
#[derive(Debug, Clone, Copy)]
pub struct Numbers<S, T> {
    all: [Complex<T>; MOST],
    set: PhantomData<S>,
}

impl<S: Simd, T> AsRef<[Complex<T>]> for Numbers<S, T> {
    #[inline(always)]
    fn as_ref(&self) -> &[Complex<T>] {
        &self.all[..S::LANES]
    }
}

impl<S: Simd, T> AsMut<[Complex<T>]> for Numbers<S, T> {
    #[inline(always)]
    fn as_mut(&mut self) -> &mut [Complex<T>] {
        &mut self.all[..S::LANES]
    }
}

impl<S: Simd, T: Real> Reg<S, Complex<T>> for Pair<S, T> {
    type Array = Numbers<S, T>;
    #[inline(always)]
    fn splat(s: S, e: Complex<T>) -> Self {
        Self { re: Lanes::splat(s, e.re), im: Lanes::splat(s, e.im) }
    }
    #[inline(always)]
    fn from_array(s: S, array: Numbers<S, T>) -> Self {
        // SAFETY: the array has MOST elements, and no set has more lanes.
        unsafe { Self::load(s, array.all.as_ptr()) }
    }
    #[inline(always)]
    fn to_array(self) -> Numbers<S, T> {
        let mut all = [Complex::NIL; MOST];
        // SAFETY: as above.
        unsafe { self.store(all.as_mut_ptr()) };
        Numbers { all, set: PhantomData }
    }
    #[inline(always)]
    unsafe fn load(s: S, from: *const Complex<T>) -> Self {
        let from = from.cast::<T>();
        // SAFETY: the caller promises LANES numbers, which are 2 LANES parts.
        let first = unsafe { Lanes::load(s, from) };
        // SAFETY: as above.
        let second = unsafe { Lanes::load(s, from.wrapping_add(S::LANES)) };
        let (re, im) = T::unzip(s, first.reg(), second.reg());
        Self { re: Lanes::new(s, re), im: Lanes::new(s, im) }
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut Complex<T>) {
        let to = to.cast::<T>();
        let (first, second) = self.zip();
        // SAFETY: the caller promises room for LANES numbers, which are 2 LANES parts.
        unsafe { first.store(to) };
        // SAFETY: as above.
        unsafe { second.store(to.wrapping_add(S::LANES)) };
    }
    #[inline(always)]
    unsafe fn stream(self, to: *mut Complex<T>) {
        let to = to.cast::<T>();
        let (first, second) = self.zip();
        // SAFETY: the caller promises room for LANES numbers, and an alignment to at least the size
        // of a group of parts.
        unsafe { first.stream(to) };
        // SAFETY: as above, a group further.
        unsafe { second.stream(to.wrapping_add(S::LANES)) };
    }
    #[inline(always)]
    fn select(mask: S::Mask, a: Self, b: Self) -> Self {
        let mask = Mask::new(a.re.token(), mask);
        Self { re: Lanes::select(mask, a.re, b.re), im: Lanes::select(mask, a.im, b.im) }
    }
    #[inline(always)]
    fn rotate_left(self, _: S) -> Self {
        Self { re: self.re.rotate_left(), im: self.im.rotate_left() }
    }
    #[inline(always)]
    fn rotate_right(self, _: S) -> Self {
        Self { re: self.re.rotate_right(), im: self.im.rotate_right() }
    }
}

impl<S: Simd, T: Real> Pair<S, T> {
    /// The parts in turns.
    #[inline(always)]
    fn zip(self) -> (Lanes<S, T>, Lanes<S, T>) {
        let s = self.re.token();
        let (first, second) = T::zip(s, self.re.reg(), self.im.reg());
        (Lanes::new(s, first), Lanes::new(s, second))
    }
}

impl<T: Real> Sealed for Complex<T> {}
impl<T: Real> Element for Complex<T> {
    type Reg<S: Simd> = Pair<S, T>;
    const NIL: Self = Complex::new(T::ZERO, T::ZERO);
    const NAME: &'static str = T::COMPLEX;
}

impl<S: Simd, T: Real> Lanes<S, Complex<T>> {
    /// Of its parts.
    #[inline(always)]
    pub fn complex(re: Lanes<S, T>, im: Lanes<S, T>) -> Self {
        Self::new(re.token(), Pair { re, im })
    }
    /// The real parts.
    #[inline(always)]
    pub fn re(self) -> Lanes<S, T> {
        self.reg().re
    }
    /// The imaginary parts.
    #[inline(always)]
    pub fn im(self) -> Lanes<S, T> {
        self.reg().im
    }
}

impl<T: Real> Arithmetic for Complex<T> {
    const UNIT: Self = Complex::new(T::ONE, T::ZERO);
    #[inline(always)]
    fn add<S: Simd>(a: Pair<S, T>, b: Pair<S, T>) -> Pair<S, T> {
        Pair { re: a.re + b.re, im: a.im + b.im }
    }
    #[inline(always)]
    fn sub<S: Simd>(a: Pair<S, T>, b: Pair<S, T>) -> Pair<S, T> {
        Pair { re: a.re - b.re, im: a.im - b.im }
    }
    #[inline(always)]
    fn mul<S: Simd>(a: Pair<S, T>, b: Pair<S, T>) -> Pair<S, T> {
        Pair { re: a.re * b.re - a.im * b.im, im: a.re * b.im + a.im * b.re }
    }
    #[inline(always)]
    fn div<S: Simd>(a: Pair<S, T>, b: Pair<S, T>) -> Pair<S, T> {
        let (above, below) = (largest(a), largest(b));
        let zero = Lanes::splat(above.token(), T::ZERO);
        let is_plain = is_moderate(below) & (is_moderate(above) | above.eq(zero));
        let plain = quotient(a, b);
        if is_plain.all() {
            return plain;
        }
        let scaled = above.token().apart(Scaled { a, b, above, below });
        Pair {
            re: Lanes::select(is_plain, plain.re, scaled.re),
            im: Lanes::select(is_plain, plain.im, scaled.im),
        }
    }
    #[inline(always)]
    fn neg<S: Simd>(a: Pair<S, T>) -> Pair<S, T> {
        Pair { re: -a.re, im: -a.im }
    }
    #[inline(always)]
    fn eq<S: Simd>(a: Pair<S, T>, b: Pair<S, T>) -> S::Mask {
        (a.re.eq(b.re) & a.im.eq(b.im)).reg()
    }
    #[inline(always)]
    fn share(self, count: f64) -> Self {
        Complex::new(self.re.share(count), self.im.share(count))
    }
}

/// The size of the larger part.
#[inline(always)]
fn largest<S: Simd, T: Real>(z: Pair<S, T>) -> Lanes<S, T> {
    z.re.abs().max(z.im.abs())
}

/// Whether squares neither over- nor underflow.
#[inline(always)]
fn is_moderate<S: Simd, T: Real>(x: Lanes<S, T>) -> Mask<S> {
    let (low, high) = T::MODERATE;
    x.gt(Lanes::splat(x.token(), low)) & x.lt(Lanes::splat(x.token(), high))
}

#[inline(always)]
fn quotient<S: Simd, T: Real>(a: Pair<S, T>, b: Pair<S, T>) -> Pair<S, T> {
    let square = b.re * b.re + b.im * b.im;
    Pair { re: (a.re * b.re + a.im * b.im) / square, im: (a.im * b.re - a.re * b.im) / square }
}

/// The quotient of any two numbers, which is rare. `above` and `below` are the sizes of their larger
/// parts.
struct Scaled<S: Simd, T: Real> {
    a: Pair<S, T>,
    b: Pair<S, T>,
    above: Lanes<S, T>,
    below: Lanes<S, T>,
}

impl<S: Simd, T: Real> Piece<S> for Scaled<S, T> {
    type Output = Pair<S, T>;
    #[inline(always)]
    fn run(self, s: S) -> Pair<S, T> {
        let Self { a, b, above, below } = self;
        let infinity = Lanes::splat(s, T::INFINITY);
        // An infinite number goes in as it is, and into as a direction.
        let up = Lanes::select(above.eq(infinity), Lanes::splat(s, T::ONE), power(above));
        let down = power(below);
        let is_endless = below.eq(infinity);
        let by = Pair {
            re: Lanes::select(is_endless, direction(b.re), b.re / down),
            im: Lanes::select(is_endless, direction(b.im), b.im / down),
        };
        let scaled = quotient(Pair { re: a.re / up, im: a.im / up }, by);
        let is_zero = below.eq(Lanes::splat(s, T::ZERO));
        Pair {
            re: Lanes::select(is_zero, a.re / b.re, scale_back(scaled.re, up, down)),
            im: Lanes::select(is_zero, a.im / b.re, scale_back(scaled.im, up, down)),
        }
    }
}

/// 1 for infinity, else 0, with the sign.
#[inline(always)]
fn direction<S: Simd, T: Real>(x: Lanes<S, T>) -> Lanes<S, T> {
    let (zero, one) = (Lanes::splat(x.token(), T::ZERO), Lanes::splat(x.token(), T::ONE));
    let is_infinite = x.abs().eq(Lanes::splat(x.token(), T::INFINITY));
    copysign(Lanes::select(is_infinite, one, zero), x)
}

/// `x * up / down`. Where both powers are large or both small, their ratio is a number; elsewhere
/// what the first step loses, the second would lose too.
#[inline(always)]
fn scale_back<S: Simd, T: Real>(x: Lanes<S, T>, up: Lanes<S, T>, down: Lanes<S, T>) -> Lanes<S, T> {
    let one = Lanes::splat(x.token(), T::ONE);
    let is_ratio = (up.gt(one) & down.gt(one)) | (up.le(one) & down.le(one));
    Lanes::select(is_ratio, x * (up / down), x * up / down)
}

/// The power of two not above a positive number, at least the smallest normal number.
#[inline(always)]
fn power<S: Simd, T: Real>(x: Lanes<S, T>) -> Lanes<S, T> {
    let s = x.token();
    let exponent = Lanes::splat(s, T::INFINITY).to_bits();
    Lanes::from_bits(x.to_bits().and(exponent)).max(Lanes::splat(s, T::MIN_POSITIVE))
}
