//! Transforms of lanes by the plans of rustfft.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};

use num_complex::{Complex, Complex32, Complex64};
use realfft::num_traits::{FromPrimitive, Zero};
use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};
use rustfft::{Fft, FftNum, FftPlanner};

use crate::block::lanes::{LanesFunction, lane};
use crate::element::Element;
use crate::error::{Error, ErrorKind};

/// Numbers that Fourier transforms are of: `f32`, `f64`, and the complex numbers of both.
pub trait Fourier: Element {
    /// The real numbers of the same precision.
    type Real: FourierReal<Real = Self::Real, Complex = Self::Complex>;
    /// The complex ones.
    type Complex: Fourier<Real = Self::Real, Complex = Self::Complex>;

    #[doc(hidden)]
    #[expect(private_interfaces, reason = "for this crate alone")]
    fn to_complex(transform: Transform) -> Box<LanesFunction>;

    #[doc(hidden)]
    #[expect(private_interfaces, reason = "for this crate alone")]
    fn to_real(transform: Transform) -> Box<LanesFunction>;
}

/// Real numbers that Fourier transforms are of: `f32` and `f64`.
pub trait FourierReal: Fourier {
    #[doc(hidden)]
    #[expect(private_interfaces, reason = "for this crate alone")]
    fn half_complex(transform: Transform) -> Box<LanesFunction>;
}

/// What is done to a lane.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Transform {
    /// How many points the lane is cut or filled up to.
    pub(super) n: usize,
    pub(super) inverse: bool,
    pub(super) conjugate: bool,
    /// What results are multiplied by.
    pub(super) scale: f64,
}

/// How many complex numbers a transform of `n` points takes at most beside lanes: for the plan and what it works in.
/// A prime factor that rustfft has no butterfly for goes by a convolution of up to four times its length.
pub(super) fn work(n: usize) -> usize {
    let mut rest = n.max(1);
    for factor in [2, 3, 5, 7, 11] {
        while rest.is_multiple_of(factor) {
            rest /= factor;
        }
    }
    n.saturating_mul(if rest == 1 { 7 } else { 16 }).saturating_add(1024)
}

/// Plans that are used, by their length: who needs one of a length that another array needs too has the same.
struct Shared<P: ?Sized>(OnceLock<Mutex<HashMap<usize, Weak<P>>>>);

impl<P: ?Sized> Shared<P> {
    const fn new() -> Self {
        Self(OnceLock::new())
    }

    fn get(&self, n: usize, make: impl FnOnce() -> Arc<P>) -> Arc<P> {
        let plans = self.0.get_or_init(Mutex::default);
        let mut plans = plans.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(plan) = plans.get(&n).and_then(Weak::upgrade) {
            return plan;
        }
        plans.retain(|_, plan| plan.strong_count() > 0);
        let plan = make();
        plans.insert(n, Arc::downgrade(&plan));
        plan
    }
}

/// The plans of a precision.
struct Plans<R: FftNum> {
    forward: Shared<dyn Fft<R>>,
    inverse: Shared<dyn Fft<R>>,
    of_real: Shared<dyn RealToComplex<R>>,
    to_real: Shared<dyn ComplexToReal<R>>,
}

impl<R: FftNum> Plans<R> {
    const fn new() -> Self {
        Self {
            forward: Shared::new(),
            inverse: Shared::new(),
            of_real: Shared::new(),
            to_real: Shared::new(),
        }
    }
}

/// A real number of a precision as elements have it.
trait Precision: Element + FftNum {
    fn plans() -> &'static Plans<Self>;
}

macro_rules! fourier {
    ($($R:ty, $C:ty);*) => {$(
        impl Precision for $R {
            fn plans() -> &'static Plans<Self> {
                static PLANS: Plans<$R> = Plans::new();
                &PLANS
            }
        }

        fourier!(impl $R, $R, $C);
        fourier!(impl $C, $R, $C);

        impl FourierReal for $R {
            #[expect(private_interfaces, reason = "for this crate alone")]
            fn half_complex(transform: Transform) -> Box<LanesFunction> {
                half_complex::<$R>(transform)
            }
        }
    )*};
    (impl $T:ty, $R:ty, $C:ty) => {
        impl Fourier for $T {
            type Real = $R;
            type Complex = $C;

            #[expect(private_interfaces, reason = "for this crate alone")]
            fn to_complex(transform: Transform) -> Box<LanesFunction> {
                to_complex::<$T, $R>(transform)
            }

            #[expect(private_interfaces, reason = "for this crate alone")]
            fn to_real(transform: Transform) -> Box<LanesFunction> {
                to_real::<$T, $R>(transform)
            }
        }
    };
}
fourier!(f32, Complex32; f64, Complex64);

/// The first points of a lane, and zeros for those that it does not have.
fn fill<T: Copy, P: Zero + Clone>(lane: &[T], points: &mut [P], of: impl Fn(T) -> P) {
    let (there, missing) = points.split_at_mut(lane.len().min(points.len()));
    there.iter_mut().zip(lane).for_each(|(point, &element)| *point = of(element));
    missing.fill(P::zero());
}

fn real<R: FromPrimitive + Zero>(scale: f64) -> R {
    R::from_f64(scale).unwrap_or_else(R::zero)
}

/// Lanes are transformed one at a time: rustfft takes pairs of short ones together, which may have other bits.
fn to_complex<T, R>(transform: Transform) -> Box<LanesFunction>
where
    T: Element + Into<Complex<R>>,
    R: Precision,
    Complex<R>: Element,
{
    let Transform { n, inverse, scale, .. } = transform;
    let plan = OnceLock::new();
    Box::new(move |lanes, inputs, out| {
        let plan: &Arc<dyn Fft<R>> = plan.get_or_init(|| match inverse {
            false => R::plans().forward.get(n, || FftPlanner::new().plan_fft_forward(n)),
            true => R::plans().inverse.get(n, || FftPlanner::new().plan_fft_inverse(n)),
        });
        let elements = inputs[0].elements::<T>();
        let mut scratch = vec![Complex::zero(); plan.get_inplace_scratch_len()];
        for (number, out) in out.elements_mut::<Complex<R>>().chunks_exact_mut(n).enumerate() {
            fill(lane(elements, lanes, number), out, T::into);
            plan.process_with_scratch(out, &mut scratch);
            if scale != 1.0 {
                let scale: R = real(scale);
                out.iter_mut().for_each(|out| *out = out.scale(scale));
            }
        }
        Ok(())
    })
}

/// The first half of the spectrum of real lanes.
fn half_complex<R>(transform: Transform) -> Box<LanesFunction>
where
    R: Precision,
    Complex<R>: Element,
{
    let Transform { n, conjugate, scale, .. } = transform;
    let plan = OnceLock::new();
    Box::new(move |lanes, inputs, out| {
        let plan: &Arc<dyn RealToComplex<R>> = plan.get_or_init(|| {
            R::plans().of_real.get(n, || RealFftPlanner::new().plan_fft_forward(n))
        });
        let elements = inputs[0].elements::<R>();
        let (mut points, mut scratch) = (plan.make_input_vec(), plan.make_scratch_vec());
        let (re, mut im) = (real::<R>(scale), real::<R>(scale));
        if conjugate {
            im = -im;
        }
        let out = out.elements_mut::<Complex<R>>();
        for (number, out) in out.chunks_exact_mut(plan.complex_len()).enumerate() {
            fill(lane(elements, lanes, number), &mut points, |element| element);
            plan.process_with_scratch(&mut points, out, &mut scratch).map_err(failed)?;
            if conjugate || scale != 1.0 {
                out.iter_mut().for_each(|out| *out = Complex::new(out.re * re, out.im * im));
            }
        }
        Ok(())
    })
}

/// Real lanes of the first half of their spectrum.
fn to_real<T, R>(transform: Transform) -> Box<LanesFunction>
where
    T: Element + Into<Complex<R>>,
    R: Precision,
    Complex<R>: Element,
{
    let Transform { n, conjugate, scale, .. } = transform;
    let plan = OnceLock::new();
    Box::new(move |lanes, inputs, out| {
        let plan: &Arc<dyn ComplexToReal<R>> = plan.get_or_init(|| {
            R::plans().to_real.get(n, || RealFftPlanner::new().plan_fft_inverse(n))
        });
        let elements = inputs[0].elements::<T>();
        let (mut points, mut scratch) = (plan.make_input_vec(), plan.make_scratch_vec());
        let last = points.len() - 1;
        for (number, out) in out.elements_mut::<R>().chunks_exact_mut(n).enumerate() {
            fill(lane(elements, lanes, number), &mut points, |element| match conjugate {
                true => element.into().conj(),
                false => element.into(),
            });
            points[0].im = R::zero();
            if n.is_multiple_of(2) {
                points[last].im = R::zero();
            }
            plan.process_with_scratch(&mut points, out, &mut scratch).map_err(failed)?;
            if scale != 1.0 {
                let scale: R = real(scale);
                out.iter_mut().for_each(|out| *out = *out * scale);
            }
        }
        Ok(())
    })
}

/// Slices and numbers are as the plan wants them: it refuses nothing.
fn failed(error: realfft::FftError) -> Error {
    Error::new(ErrorKind::Failed, "a transform was refused").because(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plans_work_in_no_more_than_is_counted() {
        for n in 1..3000 {
            let (forward, inverse) = (
                FftPlanner::<f64>::new().plan_fft_forward(n),
                RealFftPlanner::<f32>::new().plan_fft_inverse(n),
            );
            // The other half is for the plan.
            assert!(2 * forward.get_inplace_scratch_len() <= work(n), "{n}");
            assert!(2 * (inverse.get_scratch_len() + n) <= work(n), "{n}");
        }
    }

    #[test]
    fn a_length_has_one_plan_as_long_as_it_is_used() {
        let shared = Shared::<dyn Fft<f64>>::new();
        let make = || FftPlanner::new().plan_fft_forward(12);
        let plan = shared.get(12, make);
        assert!(Arc::ptr_eq(&plan, &shared.get(12, || unreachable!("it is there"))));
        drop(plan);
        let mut made = 0;
        shared.get(12, || {
            made += 1;
            make()
        });
        assert_eq!(made, 1);
    }
}
