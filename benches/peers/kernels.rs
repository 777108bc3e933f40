//! The cells of kernels.c as kernels, behind the same names and arguments.

use std::slice;

use tenfold_kernel::ndarray::{ArrayView2, ArrayViewMut2};
use tenfold_kernel::{Nbr2, Real, kernel};

#[kernel(for = [f32, f64], math = fast)]
fn triad<T: Real>(a: T, x: T, y: T) -> T {
    a * x + y
}

#[kernel(for = [f32, f64], math = fast, reduce(sum, order = free))]
fn dot<T: Real>(x: T, y: T) -> T {
    x * y
}

#[kernel(for = [f32, f64], math = fast, stencil, border = valid)]
fn stencil<T: Real>(u: Nbr2<T>) -> T {
    0.5 * u[[0, 0]] + 0.125 * (u[[-1, 0]] + u[[1, 0]] + u[[0, -1]] + u[[0, 1]])
}

/// The distribution function of the standard normal, by Abramowitz and Stegun 26.2.17.
#[kernel(for = [f32, f64], math = fast)]
fn cnd<T: Real>(d: T) -> T {
    let k = 1.0 / (1.0 + 0.2316419 * d.abs());
    let p = k
        * (0.31938153
            + k * (-0.356563782 + k * (1.781477937 + k * (-1.821255978 + k * 1.330274429))));
    let tail = 0.3989422804014327 * (-0.5 * d * d).exp() * p;
    if d > 0.0 { 1.0 - tail } else { tail }
}

#[kernel(for = [f32, f64], math = fast)]
fn blackscholes<T: Real>(s: T, k: T, t: T) -> T {
    let (r, v) = (0.02, 0.3);
    let root = t.sqrt();
    let d1 = ((s / k).ln() + (r + 0.5 * v * v) * t) / (v * root);
    let d2 = d1 - v * root;
    s * cnd(d1) - k * (-r * t).exp() * cnd(d2)
}

/// The elements of an argument.
///
/// # Safety
/// There are so many, and nobody writes them during the call.
unsafe fn read<'a, T>(from: *const T, len: usize) -> &'a [T] {
    // SAFETY: as the caller promises.
    unsafe { slice::from_raw_parts(from, len) }
}

/// The elements of an output.
///
/// # Safety
/// There are so many, and nobody else uses them during the call.
unsafe fn write<'a, T>(to: *mut T, len: usize) -> &'a mut [T] {
    // SAFETY: as the caller promises.
    unsafe { slice::from_raw_parts_mut(to, len) }
}

macro_rules! cells {
    ($T:ident $triad:ident $dot:ident $stencil:ident $blackscholes:ident) => {
        /// `out = 2.5 * x + y`
        ///
        /// # Safety
        /// `x`, `y` and `out` have `rows * cols` elements, and nobody else uses those of `out`.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $triad(
            x: *const $T,
            y: *const $T,
            _: *const $T,
            out: *mut $T,
            rows: usize,
            cols: usize,
        ) {
            let len = rows * cols;
            // SAFETY: as the caller promises.
            let (x, y, out) = unsafe { (read(x, len), read(y, len), write(out, len)) };
            triad::into(2.5, x, y, out).expect("one length");
        }

        /// `out[0]` is the sum of `x * y`.
        ///
        /// # Safety
        /// `x` and `y` have `rows * cols` elements, `out` has one, which nobody else uses.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $dot(
            x: *const $T,
            y: *const $T,
            _: *const $T,
            out: *mut $T,
            rows: usize,
            cols: usize,
        ) {
            let len = rows * cols;
            // SAFETY: as the caller promises.
            let (x, y, out) = unsafe { (read(x, len), read(y, len), write(out, 1)) };
            out[0] = dot::reduce(x, y).expect("one length");
        }

        /// A half of each inner element and an eighth of its four neighbours.
        ///
        /// # Safety
        /// `u` is a matrix of `rows` and `cols`, 2 of each at least; `out` has two less of each,
        /// which nobody else uses.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $stencil(
            u: *const $T,
            _: *const $T,
            _: *const $T,
            out: *mut $T,
            rows: usize,
            cols: usize,
        ) {
            let (own, inner) = ((rows, cols), (rows - 2, cols - 2));
            // SAFETY: as the caller promises.
            let (u, out) = unsafe { (read(u, rows * cols), write(out, inner.0 * inner.1)) };
            let u = ArrayView2::from_shape(own, u).expect("so many elements");
            let out = ArrayViewMut2::from_shape(inner, out).expect("so many elements");
            stencil::into(u, out).expect("two less");
        }

        /// Prices of calls on `s` at the strikes `k` in `t` years.
        ///
        /// # Safety
        /// `s`, `k`, `t` and `out` have `rows * cols` elements, and nobody else uses those of
        /// `out`.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $blackscholes(
            s: *const $T,
            k: *const $T,
            t: *const $T,
            out: *mut $T,
            rows: usize,
            cols: usize,
        ) {
            let len = rows * cols;
            // SAFETY: as the caller promises.
            let (s, k) = unsafe { (read(s, len), read(k, len)) };
            // SAFETY: as above.
            let (t, out) = unsafe { (read(t, len), write(out, len)) };
            blackscholes::into(s, k, t, out).expect("one length");
        }
    };
}
cells!(f32 triad_f32 dot_f32 stencil_f32 blackscholes_f32);
cells!(f64 triad_f64 dot_f64 stencil_f64 blackscholes_f64);
