//! The roofline: what each rung reaches, under what the machine can do.

use tenfold_report::{Axis, Html, LineChart, Series, Unit};

use crate::bench::document::{Document, Peaks, Rung, Workload};
use crate::bench::text;

/// The range of arithmetic intensities that is drawn, in flops a byte.
const RANGE: (f64, f64) = (0.05, 500.0);

pub(super) fn roofline(document: &Document) -> Option<Html> {
    let peaks = document.peaks.as_ref()?;
    let points: Vec<Point> = document.workloads.iter().filter_map(point).collect();
    if points.is_empty() {
        return None;
    }
    let scatter = |name: &str, all: bool, paint: usize| {
        let points = points.iter().filter(|point| point.all == all);
        points.fold(Series::scatter(name).paint(paint), |series, point| {
            series.labelled(point.intensity, point.flops_per_s, point.label.as_str())
        })
    };
    let (one, all) = (peaks.bytes_per_s, peaks.bytes_per_s_all);
    let chart = LineChart::new("Best rung of each problem under the roof")
        .note("roofs measured in this run: a triad past the caches, and independent multiply-adds")
        .x(Axis::log("arithmetic intensity, flop per byte", Unit::Plain))
        .y(Axis::log("performance", Unit::Si("FLOP/s")))
        .series(roof("roof of one core", one, peaks.flops_per_s).paint(5))
        .series(roof("roof of all cores", all, peaks.flops_per_s_all).paint(3))
        .series(scatter("one core", false, 0))
        .series(scatter("all cores", true, 1));
    Some(chart.to_html().with(explanation(peaks)))
}

struct Point {
    intensity: f64,
    flops_per_s: f64,
    label: String,
    all: bool,
}

/// The fastest rung of a problem that says how much it computes. The roofs are not those of a device.
fn point(workload: &Workload) -> Option<Point> {
    let (flops, bytes) = (workload.flops_per_op, workload.bytes_per_op);
    if flops <= 0.0 {
        return None;
    }
    // What moves next to nothing stands at the right edge.
    let intensity = if bytes > 0.0 { flops / bytes } else { RANGE.1 };
    let measured = |rung: &&Rung| {
        rung.best_ns_per_op.is_some() && rung.device.is_none() && rung.peer.is_none()
    };
    let best = workload.rungs.iter().filter(measured).min_by(|a, b| {
        a.best_ns_per_op.unwrap_or(f64::MAX).total_cmp(&b.best_ns_per_op.unwrap_or(f64::MAX))
    })?;
    Some(Point {
        intensity: intensity.clamp(RANGE.0, RANGE.1),
        flops_per_s: flops / (best.best_ns_per_op? * 1e-9),
        label: format!("{} {}", workload.name, text::name(best)),
        all: best.threads > 1,
    })
}

/// Bandwidth up to the ridge, then the peak.
fn roof(name: &str, bytes_per_s: f64, flops_per_s: f64) -> Series {
    let ridge = (flops_per_s / bytes_per_s).clamp(RANGE.0, RANGE.1);
    let under = |intensity: f64| (intensity, (intensity * bytes_per_s).min(flops_per_s));
    Series::line(name).points([under(RANGE.0), under(ridge), under(RANGE.1)])
}

fn explanation(peaks: &Peaks) -> Html {
    let rate = |flops: f64, bytes: f64| {
        format!("{} and {}", Unit::Si("FLOP/s").format(flops), Unit::Si("B/s").format(bytes))
    };
    Html::paragraph(format!(
        "One core: {}. All cores: {}. Both with the instructions that every build may use; a rung \
         that looks for wider ones at run time may stand above. A problem's bytes are counted as if \
         nothing stayed in a cache from one sweep to the next, so one that fits into a cache may \
         stand above the slope. One that moves next to nothing stands at the right edge.",
        rate(peaks.flops_per_s, peaks.bytes_per_s),
        rate(peaks.flops_per_s_all, peaks.bytes_per_s_all)
    ))
}
