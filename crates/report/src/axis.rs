//! Axes: from numbers to places, and the ticks between.

use crate::Unit;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Scale {
    #[default]
    Linear,
    Log,
}

/// One axis of a chart: its label, its unit, linear or logarithmic.
///
/// The range is found from the data. On a logarithmic axis a value that is not positive has no
/// place: charts name it `n/a` or count it below, and never draw it.
///
/// ```
/// use tenfold_report::{Axis, Unit};
/// let x = Axis::log("flop per byte", Unit::Plain);
/// let y = Axis::linear("speed-up", Unit::Ratio).from_zero();
/// # let _ = (x, y);
/// ```
#[must_use]
#[derive(Debug, Clone, Default)]
pub struct Axis {
    pub(crate) label: String,
    pub(crate) unit: Unit,
    pub(crate) scale: Scale,
    zero: bool,
}

impl Axis {
    /// Equal steps for equal differences.
    pub fn linear(label: impl Into<String>, unit: Unit) -> Axis {
        Axis { label: label.into(), unit, scale: Scale::Linear, zero: false }
    }

    /// Equal steps for equal factors.
    pub fn log(label: impl Into<String>, unit: Unit) -> Axis {
        Axis { scale: Scale::Log, ..Axis::linear(label, unit) }
    }

    /// Lets a linear axis begin at zero.
    pub fn from_zero(mut self) -> Axis {
        self.zero = true;
        self
    }

    /// The range that holds all values, rounded outwards to whole ticks.
    pub(crate) fn fit(&self, values: impl Iterator<Item = f64>) -> Range {
        let fitting = values.filter(|v| self.scale.holds(*v));
        let zero = (self.zero && self.scale == Scale::Linear).then_some(0.0);
        match bounds(fitting.chain(zero)) {
            Some((low, high)) if self.scale == Scale::Log => Range::log(low, high),
            Some((low, high)) => Range::linear(low, high),
            None if self.scale == Scale::Log => Range::log(1.0, 10.0),
            None => Range::linear(0.0, 1.0),
        }
    }
}

impl Scale {
    pub(crate) fn holds(self, value: f64) -> bool {
        value.is_finite() && (self == Scale::Linear || value > 0.0)
    }
}

fn bounds(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    values.fold(None, |seen, v| {
        let (low, high) = seen.unwrap_or((v, v));
        Some((f64::min(low, v), f64::max(high, v)))
    })
}

/// A fitted axis. On a logarithmic one `low` and `high` are powers of ten, not values.
#[derive(Debug, Clone)]
pub(crate) struct Range {
    scale: Scale,
    low: f64,
    high: f64,
    ticks: Vec<f64>,
}

/// Ticks aimed at; more would collide on a telephone.
const TICKS: f64 = 5.0;

impl Range {
    /// A linear range whose ends are whole 1-2-5 steps.
    pub(crate) fn linear(low: f64, high: f64) -> Range {
        let (low, high) = widened(low, high);
        let step = step(low, high);
        let (floor, ceil) = ((low / step).floor() * step, (high / step).ceil() * step);
        let rounds = step.is_normal() && floor.is_finite() && ceil.is_finite() && floor < ceil;
        if !rounds {
            return Range { scale: Scale::Linear, low, high, ticks: vec![low, high] };
        }
        let ticks = (0..=20_u32)
            .map(|k| near_zero(floor + step * f64::from(k), step))
            .take_while(|tick| *tick <= ceil + step * 1e-6)
            .collect();
        Range { scale: Scale::Linear, low: floor, high: ceil, ticks }
    }

    /// A linear range with just these ends and ticks: time lines begin where they begin.
    pub(crate) fn exact(low: f64, high: f64) -> Range {
        let (low, high) = widened(low, high);
        let mut range = Range::linear(low, high);
        range.ticks.retain(|tick| (low..=high).contains(tick));
        Range { low, high, ..range }
    }

    fn log(low: f64, high: f64) -> Range {
        let (low, high) = (low.log10(), high.log10());
        // A little air below, so that the smallest bar can be seen at all.
        let (low, high) = (floor_125(low - 0.05), ceil_125(high + 0.02));
        Range { scale: Scale::Log, low, high, ticks: log_ticks(low, high) }
    }

    /// Where the value lies between the ends, 0 to 1; `None` where it has no place.
    pub(crate) fn fraction(&self, value: f64) -> Option<f64> {
        if !self.scale.holds(value) {
            return None;
        }
        let place = if self.scale == Scale::Log { value.log10() } else { value };
        // Halves, because the difference of two large numbers may overflow.
        let (low, high) = (self.low / 2.0, self.high / 2.0);
        let fraction = (place / 2.0 - low) / (high - low);
        fraction.is_finite().then(|| fraction.clamp(0.0, 1.0))
    }

    /// Each tick with its place.
    pub(crate) fn ticks(&self) -> impl Iterator<Item = (f64, f64)> {
        self.ticks.iter().filter_map(|tick| Some((*tick, self.fraction(*tick)?)))
    }
}

/// Equal ends make no axis: moves them apart.
fn widened(low: f64, high: f64) -> (f64, f64) {
    match () {
        () if low < high => (low, high),
        () if low == 0.0 => (0.0, 1.0),
        () => (low - low.abs() / 2.0, (low + low.abs() / 2.0).min(f64::MAX)),
    }
}

fn step(low: f64, high: f64) -> f64 {
    let raw = high / TICKS - low / TICKS;
    let magnitude = 10_f64.powf(raw.log10().floor());
    let mantissas = [1.0, 2.0, 5.0, 10.0];
    let fits = |mantissa: &&f64| **mantissa * magnitude >= raw * 0.9999;
    mantissas.iter().find(fits).unwrap_or(&10.0) * magnitude
}

fn near_zero(tick: f64, step: f64) -> f64 {
    if tick.abs() < step * 1e-6 { 0.0 } else { tick }
}

const LOG_125: [f64; 4] = [0.0, std::f64::consts::LOG10_2, 0.698_970_004_336_018_8, 1.0];

fn floor_125(log: f64) -> f64 {
    let (decade, part) = (log.floor(), log - log.floor());
    decade + LOG_125.iter().rfind(|m| **m <= part + 1e-9).unwrap_or(&0.0)
}

fn ceil_125(log: f64) -> f64 {
    let (decade, part) = (log.floor(), log - log.floor());
    decade + LOG_125.iter().find(|m| **m >= part - 1e-9).unwrap_or(&1.0)
}

/// 1-2-5 within about two decades, whole decades beyond, every n-th where they are many.
fn log_ticks(low: f64, high: f64) -> Vec<f64> {
    let span = high - low;
    let mantissas: &[f64] = if span < 2.2 { &[1.0, 2.0, 5.0] } else { &[1.0] };
    let stride = (span / 6.0).ceil().max(1.0);
    let inside =
        |tick: &f64| tick.is_finite() && (low - 1e-9..=high + 1e-9).contains(&tick.log10());
    (0..=8_u32)
        .map(|k| low.floor() + stride * f64::from(k))
        .flat_map(|decade| mantissas.iter().map(move |m| m * 10_f64.powf(decade)))
        .filter(inside)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(axis: &Axis, values: &[f64]) -> Vec<String> {
        let range = axis.fit(values.iter().copied());
        range.ticks().map(|(tick, _)| axis.unit.format(tick)).collect()
    }

    #[test]
    fn linear_ticks_are_1_2_5() {
        let axis = Axis::linear("", Unit::Plain).from_zero();
        assert_eq!(labels(&axis, &[0.0, 9.3]), ["0", "2", "4", "6", "8", "10"]);
        assert_eq!(labels(&axis, &[0.07]), ["0", "0.02", "0.04", "0.06", "0.08"]);
        assert_eq!(
            labels(&Axis::linear("", Unit::Plain), &[-3.0, 3.0]),
            ["-4", "-2", "0", "2", "4"]
        );
    }

    #[test]
    fn log_ticks_are_decades_or_1_2_5() {
        let axis = Axis::log("", Unit::Seconds);
        assert_eq!(labels(&axis, &[3e-9, 1.7e-6]), ["10 ns", "100 ns", "1 µs"]);
        assert_eq!(labels(&axis, &[3e-9, 17e-9]), ["2 ns", "5 ns", "10 ns", "20 ns"]);
        assert!(labels(&axis, &[1e-300, 1e300]).len() <= 7);
    }

    #[test]
    fn every_value_has_a_place_or_none() {
        let extremes = [0.0, -1.0, 1.0, f64::MAX, f64::MIN, 5e-324, f64::NAN, f64::INFINITY];
        for axis in [Axis::linear("", Unit::Plain), Axis::log("", Unit::Plain)] {
            let range = axis.fit(extremes.into_iter());
            for value in extremes {
                let place = range.fraction(value);
                assert_eq!(place.is_some(), axis.scale.holds(value), "{axis:?} {value}");
                assert!(place.is_none_or(|p| (0.0..=1.0).contains(&p)));
            }
            assert!(range.ticks().count() >= 2);
        }
    }

    #[test]
    fn one_value_or_none_still_make_an_axis() {
        for axis in [Axis::linear("", Unit::Plain), Axis::log("", Unit::Plain)] {
            for values in [&[][..], &[5.0], &[f64::MAX], &[-7.0, -7.0], &[1e-300]] {
                assert!(axis.fit(values.iter().copied()).ticks().count() >= 1, "{values:?}");
            }
        }
    }
}
