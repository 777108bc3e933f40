//! The serial part, by the law of Amdahl or of Gustafson.

use super::bootstrap::{Estimate, Medians};
use super::figure::Figure;
use super::study::Kind;

/// A law with the serial part that fits best, by least squares.
///
/// ```text
/// Amdahl (1967), strong:    1/S = f + (1 - f)/n    least squares on 1/S
/// Gustafson (1988), weak:     S = n - f (n - 1)    least squares on S
/// ```
///
/// Both go through S = 1 at n = 1, and have one number to fit.
#[derive(Debug)]
pub(super) struct Fit {
    pub(super) kind: Kind,
    /// Of the base's time on one core (Amdahl), or of any point's (Gustafson).
    pub(super) serial: Estimate,
    /// The largest share by which a speed-up is off the law; none of a single point, which no law is off.
    ///
    /// Not R², which is close to 1 for any law that falls as 1/n.
    pub(super) off: Option<f64>,
}

impl Fit {
    /// To the points that are not crowded; none where these are the base alone.
    pub(super) fn of(figures: &[Figure<'_>], base: &Figure<'_>, kind: Kind) -> Option<Self> {
        let fitted: Vec<&Figure<'_>> =
            figures.iter().filter(|figure| !figure.crowded && figure.n > 1.0).collect();
        if fitted.is_empty() || base.crowded {
            return None;
        }
        let medians: Vec<&Medians> =
            std::iter::once(base).chain(fitted.iter().copied()).map(|f| &f.medians).collect();
        let serial = Estimate::of(&medians, |times| {
            let points = fitted.iter().zip(&times[1..]).map(|(f, time)| (f.n, times[0] / time));
            serial(kind, points)
        });
        let mut fit = Self { kind, serial, off: None };
        let off = |figure: &&Figure<'_>| fit.off(figure.n, figure.speedup.value);
        fit.off = (fitted.len() > 1).then(|| fitted.iter().map(off).fold(0.0, f64::max));
        Some(fit)
    }

    /// The speed-up of the law; none where it has none, beyond more than the law knows.
    pub(super) fn speedup(&self, n: f64) -> Option<f64> {
        let f = self.serial.value;
        let speedup = match self.kind {
            Kind::Strong => 1.0 / (f + (1.0 - f) / n),
            Kind::Weak => n - f * (n - 1.0),
        };
        (speedup.is_finite() && speedup > 0.0).then_some(speedup)
    }

    /// By which share a speed-up is off that of the law.
    fn off(&self, n: f64, speedup: f64) -> f64 {
        let f = self.serial.value;
        match self.kind {
            Kind::Strong => ((f + (1.0 - f) / n) * speedup - 1.0).abs(),
            Kind::Weak => ((n - f * (n - 1.0)) / speedup - 1.0).abs(),
        }
    }
}

/// The serial part of points, each `n` and how many times as fast as the base it is.
fn serial(kind: Kind, points: impl Iterator<Item = (f64, f64)>) -> f64 {
    let (products, squares) = points.fold((0.0, 0.0), |(products, squares), (n, ratio)| {
        let (x, y) = match kind {
            Kind::Strong => (1.0 - 1.0 / n, 1.0 / ratio - 1.0 / n),
            Kind::Weak => (n - 1.0, n - n * ratio),
        };
        (products + x * y, squares + x * x)
    });
    products / squares
}
