//! Functions of groups give the bits of those of one number, with all instructions there are.

use num_complex::Complex;

use super::{fast, one};
use crate::isa::{self, Isa};
use crate::simd::{Body, Lanes, Real, Simd};

/// Parts where something begins or ends, and some between.
const PARTS: [f64; 19] = [
    0.0,
    -0.0,
    1.0,
    -0.75,
    0.3,
    2.5,
    -19.0,
    21.0,
    1e-3,
    -400.0,
    710.0,
    1e-30,
    1e30,
    1e-310,
    1e160,
    -1e-160,
    f64::MAX,
    f64::INFINITY,
    f64::NAN,
];

fn is_same(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan())
}

struct Conforms<T>(std::marker::PhantomData<T>);

impl<T: Real> Body for Conforms<T> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        let all = PARTS.iter().flat_map(|&re| PARTS.map(|im| (re, im)));
        let all = all.map(|(re, im)| Complex::new(T::from_f64(re), T::from_f64(im)));
        let numbers: Vec<Complex<T>> = all.collect();
        for rows in numbers.windows(S::LANES + 7).step_by(S::LANES - 1) {
            let mut array = Lanes::splat(s, rows[0]).to_array();
            array.as_mut().copy_from_slice(&rows[..S::LANES]);
            let z = Lanes::from_array(s, array);
            array.as_mut().copy_from_slice(&rows[7..]);
            let w = Lanes::from_array(s, array);
            macro_rules! check {
                ($($name:ident($($arg:ident),+);)*) => {$({
                    let got = super::$name($($arg),+).to_array();
                    for i in 0..S::LANES {
                        let wanted = one::$name($($arg.lane(i)),+);
                        let got = got.as_ref()[i];
                        let same = is_same(got.re.to_f64(), wanted.re.to_f64())
                            && is_same(got.im.to_f64(), wanted.im.to_f64());
                        let of = (z.lane(i), w.lane(i));
                        assert!(same, "{s:?}: {} of {of:?}: {got:?} for {wanted:?}", stringify!($name));
                    }
                })*};
            }
            let x = w.re();
            check! {
                exp(z); ln(z); sqrt(z); powf(z, x); powc(z, w); sin(z); cos(z); tan(z); sinh(z);
                cosh(z); tanh(z); inv(z); conj(z); cis(x); from_polar(x, x); mul_real(z, x);
                div_real(z, x); real_sub(x, z); real_div(x, z); add_real(z, x); sub_real(z, x);
                real_add(x, z); real_mul(x, z);
            }
            let (norm, arg) = (super::norm(z), super::arg(z));
            for i in 0..S::LANES {
                let of = z.lane(i);
                let wanted = (one::norm(of).to_f64(), one::arg(of).to_f64());
                let got = (norm.lane(i).to_f64(), arg.lane(i).to_f64());
                assert!(is_same(got.0, wanted.0) && is_same(got.1, wanted.1), "{s:?}: {of:?}");
            }
        }
    }
}

#[test]
fn groups_as_one() {
    for isa in Isa::ALL.into_iter().filter(|isa| isa.is_available()) {
        isa::call(isa, Conforms::<f64>(std::marker::PhantomData));
        isa::call(isa, Conforms::<f32>(std::marker::PhantomData));
    }
}

struct Fast;

impl Body for Fast {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        for i in 0..200 {
            let i = f64::from(i);
            let z = Complex::new((i * 0.7).sin() * 3.0, (i * 0.3).cos() * 2.0);
            let got = fast::exp(fast::sqrt(Lanes::splat(s, z))).lane(0);
            let wanted = one::exp(one::sqrt(z));
            let error = (got - wanted).norm() / wanted.norm();
            assert!(error < 1e-14, "{s:?}: {z}: {got} for {wanted}");
        }
    }
}

#[test]
fn fast_functions_are_close() {
    for isa in Isa::ALL.into_iter().filter(|isa| isa.is_available()) {
        isa::call(isa, Fast);
    }
}
