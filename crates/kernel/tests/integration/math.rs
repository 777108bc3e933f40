//! The mathematical functions: special values, the same bits everywhere, accuracy.

#![expect(
    clippy::cast_possible_truncation,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "f32 is rounded from f64 here, and errors are printed as a table"
)]

use std::marker::PhantomData;

use tenfold_kernel::math::{self, Binary, Unary};
use tenfold_kernel::simd::{Body, Lanes, Portable, Real, Simd};
#[cfg(target_arch = "x86_64")]
use tenfold_kernel::simd::{V3, V4};

mod agree;
mod doubles;
mod points;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod reference;
mod singles;
mod special;

/// What computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Machine {
    #[cfg(target_arch = "x86_64")]
    V4,
    #[cfg(target_arch = "x86_64")]
    V3,
    /// Four portable lanes.
    Four,
    /// One portable lane.
    One,
    /// The function of one number.
    Scalar,
}

impl Machine {
    /// All that this machine has, the widest first.
    fn available() -> Vec<Machine> {
        #[cfg(target_arch = "x86_64")]
        let wide = [
            V4::detect().is_some().then_some(Machine::V4),
            V3::detect().is_some().then_some(Machine::V3),
        ];
        #[cfg(not(target_arch = "x86_64"))]
        let wide = [None];
        let narrow = [Machine::Four, Machine::One, Machine::Scalar];
        wide.into_iter().flatten().chain(narrow).collect()
    }
}

/// With or without `math = fast`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Default,
    Fast,
}

/// A function of arrays; functions of one number ignore the second.
type Arrays<T> = fn(Machine, Form, &[T], &[T], &mut [T]);

/// One of the functions.
struct Function {
    /// As kernels call it.
    name: &'static str,
    binary: bool,
    /// Where most of the random arguments lie.
    domain: (f64, f64),
    f32: Arrays<f32>,
    f64: Arrays<f64>,
    /// What checks those of f32.
    std: fn(f64, f64) -> f64,
}

impl Function {
    /// Of one pair of numbers, by groups.
    fn one<T: Real>(arrays: Arrays<T>, machine: Machine, x: T, y: T) -> T {
        let mut out = [T::ZERO];
        arrays(machine, Form::Default, &[x], &[y], &mut out);
        out[0]
    }
}

/// `F` of arrays.
struct Apply<'a, F, T> {
    form: Form,
    x: &'a [T],
    y: &'a [T],
    out: &'a mut [T],
    function: PhantomData<F>,
}

/// The group that begins with `from`.
#[inline(always)]
fn group<S: Simd, T: Real>(s: S, from: &[T]) -> Lanes<S, T> {
    let mut array = Lanes::splat(s, T::ONE).to_array();
    array.as_mut()[..from.len()].copy_from_slice(from);
    Lanes::from_array(s, array)
}

struct One<F>(F);
struct Two<F>(F);

impl<F: Unary, T: Real> Body for Apply<'_, One<F>, T> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        for (x, out) in self.x.chunks(S::LANES).zip(self.out.chunks_mut(S::LANES)) {
            let x = group(s, x);
            let y = match self.form {
                Form::Default => T::unary::<S, F>(x),
                Form::Fast => T::fast_unary::<S, F>(x),
            };
            out.copy_from_slice(&y.to_array().as_ref()[..out.len()]);
        }
    }
}

impl<F: Binary, T: Real> Body for Apply<'_, Two<F>, T> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        let pairs = self.x.chunks(S::LANES).zip(self.y.chunks(S::LANES));
        for ((x, y), out) in pairs.zip(self.out.chunks_mut(S::LANES)) {
            let (x, y) = (group(s, x), group(s, y));
            let z = match self.form {
                Form::Default => T::binary::<S, F>(x, y),
                Form::Fast => T::fast_binary::<S, F>(x, y),
            };
            out.copy_from_slice(&z.to_array().as_ref()[..out.len()]);
        }
    }
}

fn call<B: Body<Output = ()>>(machine: Machine, body: B) {
    match machine {
        #[cfg(target_arch = "x86_64")]
        Machine::V4 => V4::detect().unwrap().call(body),
        #[cfg(target_arch = "x86_64")]
        Machine::V3 => V3::detect().unwrap().call(body),
        Machine::Four => Portable::<4>.call(body),
        Machine::One | Machine::Scalar => Portable::<1>.call(body),
    }
}

fn unary<F: Unary, T: Real>(machine: Machine, form: Form, x: &[T], y: &[T], out: &mut [T]) {
    if machine == Machine::Scalar {
        for (x, out) in x.iter().zip(out) {
            *out = math::scalar::unary::<F, T>(*x);
        }
    } else {
        call(machine, Apply::<One<F>, T> { form, x, y, out, function: PhantomData });
    }
}

fn binary<F: Binary, T: Real>(machine: Machine, form: Form, x: &[T], y: &[T], out: &mut [T]) {
    if machine == Machine::Scalar {
        for ((x, y), out) in x.iter().zip(y).zip(out) {
            *out = math::scalar::binary::<F, T>(*x, *y);
        }
    } else {
        call(machine, Apply::<Two<F>, T> { form, x, y, out, function: PhantomData });
    }
}

macro_rules! functions {
    ($($form:ident $name:ident $F:ident $low:literal $high:literal $std:expr;)*) => {
        /// All functions.
        const FUNCTIONS: &[Function] = &[$(
            Function {
                name: stringify!($name),
                binary: functions!(@ $form),
                domain: ($low, $high),
                f32: $form::<math::$F, f32>,
                f64: $form::<math::$F, f64>,
                std: $std,
            },
        )*];
    };
    (@ unary) => { false };
    (@ binary) => { true };
}
functions! {
    unary rsqrt Rsqrt 0.0 1e4 |x, _| 1.0 / x.sqrt();
    unary cbrt Cbrt -1e3 1e3 |x, _| x.cbrt();
    unary exp Exp -746.0 710.0 |x, _| x.exp();
    unary exp2 Exp2 -1076.0 1025.0 |x, _| x.exp2();
    unary exp_m1 ExpM1 -40.0 710.0 |x, _| x.exp_m1();
    unary ln Ln 0.0 1e4 |x, _| x.ln();
    unary ln_1p Ln1p -1.0 1e3 |x, _| x.ln_1p();
    unary log2 Log2 0.0 1e4 |x, _| x.log2();
    unary log10 Log10 0.0 1e4 |x, _| x.log10();
    unary sin Sin -1e3 1e3 |x, _| x.sin();
    unary cos Cos -1e3 1e3 |x, _| x.cos();
    unary tan Tan -1e3 1e3 |x, _| x.tan();
    unary asin Asin -1.0 1.0 |x, _| x.asin();
    unary acos Acos -1.0 1.0 |x, _| x.acos();
    unary atan Atan -10.0 10.0 |x, _| x.atan();
    unary sinh Sinh -711.0 711.0 |x, _| x.sinh();
    unary cosh Cosh -711.0 711.0 |x, _| x.cosh();
    unary tanh Tanh -20.0 20.0 |x, _| x.tanh();
    // std has none; ours of f64 is checked by that of C.
    unary erf Erf -6.0 6.0 |x, _| math::scalar::unary::<math::Erf, f64>(x);
    binary atan2 Atan2 -10.0 10.0 |y, x| y.atan2(x);
    binary powf Pow -50.0 150.0 |x, y| x.powf(y);
    binary hypot Hypot -1e3 1e3 |x, y| x.hypot(y);
}
