//! Random numbers of the gamma distribution, and of those that are made of it.

use std::f64::consts::{PI, TAU};

use ndarray::IntoDimension;

use super::Random;
use super::distributions::refused;
use super::stream::Stream;
use crate::array::Array;
use crate::cut::IntoChunks;

/// The logarithm of a number of the gamma distribution of a shape and the scale 1: that of a small shape may be less than
/// any number. By Marsaglia and Tsang (2000), and below shape 1 by their remark on it.
fn ln_gamma(stream: &mut Stream, k: f64) -> f64 {
    if k < 1.0 {
        let more = ln_gamma(stream, k + 1.0);
        return more - stream.exponential() / k;
    }
    let d = k - 1.0 / 3.0;
    let c = 1.0 / (9.0 * d).sqrt();
    loop {
        let x = stream.normal();
        let v = (1.0 + c * x).powi(3);
        if v > 0.0 && stream.unit().ln() < 0.5 * x * x + d - d * v + d * v.ln() {
            return d.ln() + v.ln();
        }
    }
}

/// A number of the gamma distribution of a shape, which is 0 for the shape 0.
pub(super) fn gamma(stream: &mut Stream, k: f64) -> f64 {
    if k == 0.0 { 0.0 } else { ln_gamma(stream, k).exp() }
}

/// A number of the chi-square distribution.
fn chisquare(stream: &mut Stream, df: f64) -> f64 {
    2.0 * gamma(stream, 0.5 * df)
}

/// A number of the noncentral chi-square distribution: one degree of freedom has all of the distance, if there is one; or
/// else there are as many more as a Poisson number says.
fn noncentral(stream: &mut Stream, df: f64, nonc: f64) -> f64 {
    if df > 1.0 {
        let off = stream.normal() + nonc.sqrt();
        return chisquare(stream, df - 1.0) + off * off;
    }
    let more = super::counts::poisson(stream, 0.5 * nonc);
    chisquare(stream, df + 2.0 * more)
}

/// A number of the inverse Gaussian distribution (Michael, Schucany and Haas, 1976).
fn wald(stream: &mut Stream, mean: f64, scale: f64) -> f64 {
    let y = mean * stream.normal().powi(2);
    // The smaller root of the equation, without a difference of what is nearly the same.
    let x = mean / (1.0 + (y + (y * (4.0 * scale + y)).sqrt()) / (2.0 * scale));
    if stream.unit() <= mean / (mean + x) { x } else { mean * (mean / x) }
}

/// A number of the von Mises distribution around 0 (Best and Fisher, 1979). One that is nearly flat is, and one
/// that is as narrow is normal as far as numbers go.
fn vonmises(stream: &mut Stream, kappa: f64) -> f64 {
    if kappa < 1e-8 {
        return PI * (2.0 * stream.unit() - 1.0);
    }
    if kappa > 1e6 {
        return (stream.normal() / kappa.sqrt()).clamp(-PI, PI);
    }
    let tau = 1.0 + (1.0 + 4.0 * kappa * kappa).sqrt();
    let rho = (tau - (2.0 * tau).sqrt()) / (2.0 * kappa);
    // For a small one the difference has no digits left.
    let r = if kappa < 1e-5 { 1.0 / kappa + kappa } else { (1.0 + rho * rho) / (2.0 * rho) };
    loop {
        let z = (PI * stream.unit()).cos();
        let w = (1.0 + r * z) / (r + z);
        let (y, v) = (kappa * (r - w), stream.unit());
        if y * (2.0 - y) > v || (y / v).ln() + 1.0 >= y {
            let angle = w.clamp(-1.0, 1.0).acos();
            return if stream.unit() < 0.5 { -angle } else { angle };
        }
    }
}

/// An angle from -π to π.
fn turned(angle: f64) -> f64 {
    // A remainder is exact, however often the angle goes round.
    ((angle + PI).rem_euclid(TAU) - PI).clamp(-PI, PI)
}

/// What a parameter must be: the first that is not is told.
fn wrong(parameters: &[(&str, f64, Bound)]) -> Option<String> {
    let wrong = parameters.iter().find(|(_, value, bound)| match bound {
        Bound::Positive => !(*value > 0.0 && value.is_finite()),
        Bound::NotNegative => !(*value >= 0.0 && value.is_finite()),
        Bound::Finite => !value.is_finite(),
    });
    wrong.map(|(name, value, bound)| {
        let must = match bound {
            Bound::Positive => "above 0 and finite",
            Bound::NotNegative => "0 or more and finite",
            Bound::Finite => "finite",
        };
        format!("argument `{name}` is {value}, but must be {must}")
    })
}

#[derive(Clone, Copy)]
enum Bound {
    Positive,
    NotNegative,
    Finite,
}

/// Distributions by a function of a stream and parameters, which have bounds.
macro_rules! draws {
    ($($(#[$doc:meta])* $name:ident($pattern:pat, $P:ty), [$($arg:ident: $bound:ident),+], $f:expr;)*) => {$(
        $(#[$doc])*
        #[track_caller]
        #[must_use]
        pub fn $name<S: IntoDimension>(
            &mut self,
            shape: S,
            $pattern: $P,
            chunks: impl IntoChunks,
        ) -> Array<f64, S::Dim> {
            if let Some(sentence) = wrong(&[$((stringify!($arg), $arg, Bound::$bound)),+]) {
                return refused::<f64, S>(sentence);
            }
            self.sampled(stringify!($name), &[$($arg),+], shape, chunks, $f($($arg),+))
        }
    )*};
}

/// The gamma distribution and what is made of it. An element draws as many numbers as it needs, of a stream that is its
/// own: as other distributions, these are the same for any chunks and any number of threads. Parameters that cannot be
/// are an error.
///
/// ```
/// use tenfold_array::Random;
///
/// let mut random = Random::new(1);
/// let rain = random.standard_gamma([300, 400], 2.5, 100) * 4.0;
/// assert!((rain.mean().compute()?.into_scalar() - 10.0).abs() < 0.1);
/// let error = random.beta([3], [1.0, -2.0], 3).compute().unwrap_err();
/// assert!(error.to_string().starts_with("argument `b` is -2, but must be above 0 and finite"), "{error}");
/// # Ok::<(), tenfold_array::Error>(())
/// ```
impl Random {
    draws! {
        /// Numbers of the gamma distribution of shape `k` and scale 1, which a product sets. Of the shape 0 they are 0.
        standard_gamma(k, f64), [k: NotNegative], |k| move |stream: &mut Stream| gamma(stream, k);
        /// Numbers of the chi-square distribution of `df` degrees of freedom: the sum of as many squares of normal numbers.
        chisquare(df, f64), [df: Positive], |df| move |stream: &mut Stream| chisquare(stream, df);
        /// Numbers of the beta distribution of `[a, b]`, from 0 to 1.
        beta([a, b], [f64; 2]), [a: Positive, b: Positive], |a, b| move |stream: &mut Stream| {
            let (x, y) = (ln_gamma(stream, a), ln_gamma(stream, b));
            // x / (x + y), of which both may be too small for a number.
            1.0 / (1.0 + (y - x).exp())
        };
        /// Numbers of Fisher's distribution of `[dfnum, dfden]` degrees of freedom.
        f([dfnum, dfden], [f64; 2]), [dfnum: Positive, dfden: Positive], |dfnum, dfden| {
            move |stream: &mut Stream| {
                let (x, y) = (ln_gamma(stream, 0.5 * dfnum), ln_gamma(stream, 0.5 * dfden));
                (x - y).exp() * (dfden / dfnum)
            }
        };
        /// Numbers of Student's distribution of `df` degrees of freedom.
        standard_t(df, f64), [df: Positive], |df: f64| move |stream: &mut Stream| {
            let (normal, half) = (stream.normal(), 0.5 * df);
            normal * ((half.ln() - ln_gamma(stream, half)) * 0.5).exp()
        };
        /// Numbers of the noncentral chi-square distribution of `[df, nonc]`: the sum of the squares of `df` normal numbers
        /// whose means are as far from 0 as the root of `nonc`.
        noncentral_chisquare([df, nonc], [f64; 2]), [df: Positive, nonc: NotNegative],
            |df, nonc| move |stream: &mut Stream| noncentral(stream, df, nonc);
        /// Numbers of the noncentral Fisher distribution of `[dfnum, dfden, nonc]`.
        noncentral_f([dfnum, dfden, nonc], [f64; 3]), [dfnum: Positive, dfden: Positive, nonc: NotNegative],
            |dfnum: f64, dfden: f64, nonc: f64| move |stream: &mut Stream| {
                let above = noncentral(stream, dfnum, nonc) / dfnum;
                above * ((0.5 * dfden).ln() - ln_gamma(stream, 0.5 * dfden)).exp()
            };
        /// Numbers of the inverse Gaussian distribution of `[mean, scale]`.
        wald([mean, scale], [f64; 2]), [mean: Positive, scale: Positive],
            |mean, scale| move |stream: &mut Stream| wald(stream, mean, scale);
        /// Angles of the von Mises distribution of `[mu, kappa]`, from -π to π: most often near `mu`, the more the greater
        /// `kappa` is.
        vonmises([mu, kappa], [f64; 2]), [mu: Finite, kappa: NotNegative],
            |mu, kappa| move |stream: &mut Stream| turned(mu + vonmises(stream, kappa));
    }
}
