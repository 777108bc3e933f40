//! Write the scalar, run it wide: functions of numbers become kernels over [`ndarray`] arrays, with
//! vector instructions chosen at run time.
//!
//! This replaces Numba's `@vectorize`, `@guvectorize`, `@stencil` and `@njit`, and the typed loops
//! of Cython. It is not for matrix products and other linear algebra, which libraries do better,
//! nor for what ndarray's own methods say in a line and nobody waits for.
//!
//! ```
//! use tenfold_kernel::{kernel, ndarray::array};
//!
//! #[kernel]
//! fn saxpy(a: f64, x: f64, y: f64) -> f64 {
//!     a * x + y
//! }
//!
//! let (x, mut y) = (array![1.0, 2.0, 3.0], array![10.0, 20.0, 30.0]);
//! assert_eq!(saxpy(2.0, 1.0, 10.0), 12.0);
//! assert_eq!(saxpy::map(2.0, &x, &y)?, array![12.0, 24.0, 36.0]);
//! saxpy::par().update(2.0, &x, &mut y)?;
//! assert_eq!(y, array![12.0, 24.0, 36.0]);
//! # Ok::<(), tenfold_kernel::Error>(())
//! ```
//!
//! # Overview
//! [`macro@kernel`] is all there is to learn: its page has the forms (elementwise, `reduce`,
//! `scan`, `stencil`, signatures, `loop`), the directives, and the Rust that a kernel may consist
//! of. What is no such Rust is refused, on its own line, all of it at once.
//!
//! - Arguments are [`Operand`]s: numbers, ranges, slices, arrays and views of any layout, broadcast
//!   as in NumPy. Outputs are [`Output`]s.
//! - `map` gives new arrays, `into` writes given ones, `update` overwrites its last argument,
//!   `reduce` and `reduce_axis` reduce; those of a scan take an axis first; `par()` has the same over
//!   the threads of rayon's pool; `explain()` says what a call would use.
//! - A stencil has `map`, `into` and `steps(n).run(..)`, which takes an array many steps ahead in
//!   one pass through the caches; [`Border`] says what it reads outside.
//! - [`Kernel::SOURCE`] is the kernel in WGSL, for devices.
//! - [`Philox`] draws random [`Numbers`], into new arrays and given ones.
//!
//! ## Lanes that go different ways
//! A kernel may branch and loop as its numbers have it. The lanes of a group then run under masks,
//! and a loop goes on until its last lane has left. The results are those of the function, bit for
//! bit:
//!
//! ```
//! use tenfold_kernel::kernel;
//!
//! #[kernel]
//! fn is_prime(n: u64) -> bool {
//!     if n < 2 {
//!         return false;
//!     }
//!     let mut d = 2;
//!     while d * d <= n {
//!         if n % d == 0 {
//!             return false;
//!         }
//!         d += 1;
//!     }
//!     true
//! }
//!
//! let primes = is_prime::map(0..100)?;
//! assert_eq!(primes.iter().filter(|&&is| is).count(), 25);
//! # Ok::<(), tenfold_kernel::Error>(())
//! ```
//!
//! ## Reductions
//! A reduction goes on with the function that makes its elements; nothing is stored between. Here
//! pi by the share of random points that fall into a quarter of a circle, as the course's first
//! exercise has it:
//!
//! ```
//! use tenfold_kernel::kernel;
//!
//! #[kernel(reduce(count))]
//! fn inside(i: u64) -> bool {
//!     // SplitMix64: the integers of a kernel wrap.
//!     let state = (i + 1) * 0x9E37_79B9_7F4A_7C15;
//!     let z = (state ^ (state >> 30)) * 0xBF58_476D_1CE4_E5B9;
//!     let z = (z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB;
//!     let bits = z ^ (z >> 31);
//!     let x = (bits >> 32) as f64 / 4_294_967_296.0;
//!     let y = (bits & 0xFFFF_FFFF) as f64 / 4_294_967_296.0;
//!     x * x + y * y <= 1.0
//! }
//!
//! let n = 1_000_000;
//! let pi = 4.0 * inside::par().reduce(0..n)? as f64 / n as f64;
//! assert!((pi - std::f64::consts::PI).abs() < 0.01);
//! # Ok::<(), tenfold_kernel::Error>(())
//! ```
//!
//! ## Loops on slices
//! What goes from element to element is a loop kernel: sequential code on slices, compiled for each
//! instruction set and called with slices, or with arrays whose elements lie one after another.
//!
//! ```
//! use tenfold_kernel::{ErrorKind, kernel};
//!
//! #[kernel(loop, bounds = hoist)]
//! fn decay(x: &[f64], g: f64, out: &mut [f64]) {
//!     for i in 1..x.len() {
//!         out[i] = g * out[i - 1] + x[i];
//!     }
//! }
//!
//! #[kernel(loop, bounds = hoist)]
//! fn moving_average(x: &[f64], width: usize, out: &mut [f64]) {
//!     for i in 0..out.len() {
//!         let mut sum = 0.0;
//!         for j in 0..width {
//!             sum += x[i + j];
//!         }
//!         out[i] = sum / width as f64;
//!     }
//! }
//!
//! let mut out = [1.0; 4];
//! decay::call(&[0.0; 4], 0.5, &mut out)?;
//! assert_eq!(out, [1.0, 0.5, 0.25, 0.125]);
//!
//! let mut mean = [0.0; 3];
//! moving_average::call(&[1.0, 3.0, 5.0, 7.0], 2, &mut mean)?;
//! assert_eq!(mean, [2.0, 4.0, 6.0]);
//!
//! let error = moving_average::call(&[1.0, 3.0, 5.0], 2, &mut mean).unwrap_err();
//! assert_eq!(error.kind(), ErrorKind::Bounds);
//! assert_eq!(error.to_string(), "index 3 of argument `x` is out of range for its length 3");
//! # Ok::<(), tenfold_kernel::Error>(())
//! ```
//!
//! An index outside of its argument is an error, and what was written before stays. `bounds = hoist`
//! changes nothing but the time: where the indices of a `for` go along with its counter, as `x[i - 1]`
//! and `x[i + j]` do, they are checked once before the loop, which then has no branch for them; where
//! that check fails, the loop runs with a check for each access. `bounds = unchecked` is for an `unsafe
//! fn`. Operations keep the order as written, sums too. `wraparound = on` counts negative indices from
//! the end, `division = error` gives an error for a divisor of 0.
//!
//! ## Functions of vectors and matrices
//! A kernel with a signature as NumPy writes them sees the last axes of its arguments, and runs for
//! each place on the axes before, which are broadcast:
//!
//! ```
//! use tenfold_kernel::{View2, kernel, ndarray::array};
//!
//! #[kernel("(n)->(n)")]
//! fn softmax(x: &[f64], out: &mut [f64]) {
//!     let mut top = x[0];
//!     for i in 1..x.len() {
//!         top = top.max(x[i]);
//!     }
//!     let mut sum = 0.0;
//!     for i in 0..x.len() {
//!         out[i] = (x[i] - top).exp();
//!         sum += out[i];
//!     }
//!     for i in 0..x.len() {
//!         out[i] /= sum;
//!     }
//! }
//!
//! #[kernel("(m,n),(n)->(m)", bounds = hoist)]
//! fn matvec(a: View2<f64>, x: &[f64], y: &mut [f64]) {
//!     for i in 0..a.nrows() {
//!         y[i] = 0.0;
//!         for j in 0..a.ncols() {
//!             y[i] += a[[i, j]] * x[j];
//!         }
//!     }
//! }
//!
//! let shares = softmax::map(&array![[0.0, 0.0], [5.0, 5.0]])?;
//! assert_eq!(shares, array![[0.5, 0.5], [0.5, 0.5]]);
//!
//! let a = array![[1.0, 2.0], [3.0, 4.0]];
//! assert_eq!(matvec::map(&a, &[1.0, 1.0])?, array![3.0, 7.0]);
//! let several = array![[1.0, 1.0], [0.0, 1.0], [1.0, 0.0]];
//! assert_eq!(matvec::map(&a, &several)?, array![[3.0, 7.0], [2.0, 4.0], [1.0, 3.0]]);
//!
//! let error = matvec::map(&a, &[1.0, 1.0, 1.0]).unwrap_err();
//! assert_eq!(error.to_string(), "core dimension `n` is 2 in argument `a` but 3 in `x`");
//! # Ok::<(), tenfold_kernel::Error>(())
//! ```
//!
//! The results have the outer axes and then the core dimensions of the output; their number is static
//! where that of the arguments is. A number of the output, `()`, is returned by the function. Cores
//! that do not lie dense are copied for the kernel, and back. `par()` shares the places among threads
//! and changes no bit; of several errors, the first in order of place is given.
//!
//! ## Mathematics
//! The functions of a kernel are this crate's own, for whole groups, and have the same bits with all
//! instruction sets. Their largest errors, in units of the last place: over all numbers of `f32` (of
//! two arguments 2^30 pairs), and over 10^8 of `f64` against quadruple precision; with `math = fast`
//! where argument and result are finite and normal.
//!
//! | | `f32` | fast | `f64` | fast |
//! |---|---:|---:|---:|---:|
//! | `exp` | 0.80 | 2.29 | 0.83 | 3.01 |
//! | `exp2` | 0.77 | 1.29 | 0.79 | 2.94 |
//! | `exp_m1` | 0.87 | 1.57 | 0.88 | 2.01 |
//! | `ln` | 0.87 | 1.58 | 0.71 | 1.82 |
//! | `ln_1p` | 0.87 | 1.79 | 0.70 | 2.02 |
//! | `log2` | 0.74 | 2.21 | 0.80 | 1.88 |
//! | `log10` | 0.78 | 2.78 | 0.77 | 2.16 |
//! | `sin` | 0.51 | 2.12 | 0.75 | 2.11 |
//! | `cos` | 0.51 | 2.12 | 0.75 | 2.13 |
//! | `tan` | 0.53 | 0.53 | 0.90 | 2.14 |
//! | `asin` | 0.63 | 0.63 | 0.63 | 0.63 |
//! | `acos` | 0.61 | 0.61 | 0.61 | 0.61 |
//! | `atan` | 0.69 | 0.69 | 0.68 | 0.68 |
//! | `atan2` | 0.73 | 0.73 | 0.72 | 0.72 |
//! | `sinh` | 0.90 | 0.90 | 0.80 | 0.80 |
//! | `cosh` | 0.71 | 0.71 | 0.84 | 0.84 |
//! | `tanh` | 0.77 | 2.52 | 0.89 | 2.55 |
//! | `powf` | 0.53 | 2.21 | 0.81 | 1.00 |
//! | `rsqrt` | 0.50 | 1.05 | 0.51 | 1.38 |
//! | `cbrt` | 0.50 | 0.50 | 0.50 | 0.50 |
//! | `hypot` | 0.91 | 0.86 | 0.90 | 0.86 |
//! | `erf` | 0.57 | 2.29 | 0.63 | 1.55 |
//!
//! `sqrt`, `abs`, `floor` and the other functions that are instructions have no error. `sin`, `cos`
//! and `tan` reduce arguments of any size exactly.
//!
//! ## Random numbers
//! [`Philox`] makes every number by itself, of a seed, a stream and an index: an array has the same
//! numbers on any number of threads and however it is cut into parts. Pi once more, by points that
//! are drawn before they are counted:
//!
//! ```
//! use tenfold_kernel::{Philox, kernel};
//!
//! #[kernel(reduce(count))]
//! fn inside(x: f64, y: f64) -> bool {
//!     x * x + y * y <= 1.0
//! }
//!
//! let n = 1_000_000;
//! let coordinates = Philox::new(2026).random::<f64>().par();
//! let (mut x, mut y) = (vec![0.0; n], vec![0.0; n]);
//! coordinates.fill(&mut x)?;
//! coordinates.fill_from(n as u64, &mut y)?;
//! let pi = 4.0 * inside::par().reduce(&x, &y)? as f64 / n as f64;
//! assert!((pi - std::f64::consts::PI).abs() < 0.01);
//! # Ok::<(), tenfold_kernel::Error>(())
//! ```
//!
//! There are [`random`](Philox::random), [`uniform`](Philox::uniform) and
//! [`standard_normal`](Philox::standard_normal) numbers; the page of [`Philox`] defines each exactly.
//!
//! ## Complex numbers
//! [`Complex<f32>`](Complex) and `Complex<f64>` are elements as numbers are, in every form and beside
//! real numbers:
//!
//! ```
//! use tenfold_kernel::{Complex, kernel, ndarray::array};
//!
//! #[kernel]
//! fn rotate(z: Complex<f64>, angle: f64) -> Complex<f64> {
//!     z * Complex::cis(angle)
//! }
//!
//! #[kernel]
//! fn polar(z: Complex<f64>) -> (f64, f64) {
//!     (z.norm(), z.arg())
//! }
//!
//! #[kernel(scan(prod))]
//! fn powers(z: Complex<f64>) -> Complex<f64> {
//!     z
//! }
//!
//! let z = array![Complex::new(3.0, 4.0), Complex::i()];
//! let (length, angle) = polar::map(&z)?;
//! assert_eq!((length[0], angle[1]), (5.0, std::f64::consts::FRAC_PI_2));
//! assert_eq!(rotate::map(&z, 0.0)?, z);
//! assert_eq!(powers::map(0, &[Complex::i(); 3])?[2], -Complex::i());
//! # Ok::<(), tenfold_kernel::Error>(())
//! ```
//!
//! `+`, `-` and `*` are the formulas, each operation rounded, and so is `/` where nothing over- or
//! underflows on the way: the bits are those of `num_complex`. Elsewhere a quotient is as exact in
//! relation to its larger part, by powers of two that come off before and go on after, which may
//! take a much smaller part along to 0; by 0 both parts are divided, and a finite
//! number by an infinite one is 0. `math = contract` and `fast` round products and sums together.
//! Functions are made of those of real numbers, and good to some units in the last place of the larger
//! part. Complex numbers have no order: `min`, `max` and the reductions of these names refuse them.
//!
//! # Integers
//! `+`, `-`, `*` and unary `-` wrap. Shifts take their amount modulo the width. `/` and `%` cut
//! towards zero; by zero both give 0, unless the kernel says `division = error`; `MIN / -1` is
//! `MIN`. `as` converts as Rust does. All of this is the same in the function called with numbers,
//! over arrays with any instructions, and on devices.
//!
//! # Determinism
//! With `math = strict`, the default, a kernel gives the same bits with every instruction set and
//! on any number of threads; reductions too, for operands of the same shapes and strides.
//! `math = contract` rounds products and sums together where the processor has an instruction for
//! it; `math = fast` besides uses functions that are good to 4 units in the last place for finite
//! normal numbers.
//!
//! # Cost model
//! A call of an elementwise kernel costs some ten nanoseconds before the first element. Operands
//! that lie dense are read where they lie; others are packed on the way, in blocks that stay in
//! the first cache. Instructions are chosen once per call. `par()` splits the outermost axis into
//! parts of at least 64 KiB and stays on one thread below two of them. Each kernel is compiled for
//! three instruction sets; that is what makes its crate's build longer.
//!
//! # Features
//! - `verify`: a function of that name, which checks portable sources by naga.

#![expect(unnameable_types, reason = "what expansions use has its names in `__private` alone")]

mod axis;
mod call;
mod cast;
#[doc(hidden)]
pub mod complex;
mod elementwise;
mod error;
#[doc(hidden)]
pub mod gufunc;
mod isa;
mod list;
#[doc(hidden)]
pub mod math;
mod nest;
mod operand;
#[doc(hidden)]
pub mod ops;
mod random;
mod reduce;
#[doc(hidden)]
pub mod reduction;
#[doc(hidden)]
pub mod scan;
#[doc(hidden)]
pub mod simd;
#[doc(hidden)]
pub mod slices;
mod source;
mod stencil;
#[cfg(feature = "verify")]
mod verify;
#[doc(hidden)]
pub mod wide;

pub use call::{Explain, Stores};
pub use error::{Error, ErrorKind};
pub use isa::{Isa, Loop, vectorized, with_isa};
pub use ndarray;
pub use num_complex::Complex;
pub use operand::{Operand, Output};
pub use random::{Numbers, Philox, Random};
pub use simd::{Element, Int, Num, Real};
pub use slices::{Matrix, MatrixMut, Slice, SliceMut, View2, ViewMut2};
pub use source::{Kernel, Portable, Source};
pub use stencil::{Border, Nbr1, Nbr2, Nbr3};
pub use tenfold_kernel_macros::kernel;
#[cfg(feature = "verify")]
pub use verify::verify;

/// What expansions of the macros name. Nothing here is for people, and it may change any time.
#[doc(hidden)]
pub mod __private {
    pub use crate::axis::reduce_axis;
    pub use crate::call::{Call, explain, explain_cores, explain_loop};
    pub use crate::cast::Cast;
    pub use crate::elementwise::{Elementwise, into, map};
    pub use crate::list::{List, Operands, Outputs};
    pub use crate::operand::InPlace;
    pub use crate::reduce::{Reducing, reduce};
    pub use crate::reduction;
    pub use crate::simd::{Lanes, Mask, Simd};
    pub use crate::source::{Piece, SourceFor, Value};
    pub use crate::stencil::{Around, Field, Neighbours, Number, Params, Stencil};
    pub use crate::stencil::{into as stencil_into, map as stencil_map, steps as stencil_steps};
    pub use ndarray::{Array, Dimension, Ix1, Ix2, Ix3};

    /// Whether two texts are the same, while compiling.
    #[must_use]
    pub const fn same(a: &str, b: &str) -> bool {
        let (a, b) = (a.as_bytes(), b.as_bytes());
        let mut i = 0;
        while i < a.len() && i < b.len() && a[i] == b[i] {
            i += 1;
        }
        a.len() == b.len() && i == a.len()
    }
    pub use crate::{complex, gufunc, ops, scan, slices, wide};
}

#[doc = include_str!("../README.md")]
#[cfg(doctest)]
struct ReadmeDoctests;
