//! What a point says beside the base.

use super::bootstrap::{Estimate, Medians};
use super::study::{Kind, Point, Study};

/// A point with its figures; the base's are 1.
#[derive(Debug)]
pub(super) struct Figure<'s> {
    pub(super) point: &'s Point,
    pub(super) medians: Medians,
    pub(super) crowded: bool,
    /// Ranks times threads.
    pub(super) p: f64,
    /// How many times the base's.
    pub(super) n: f64,
    pub(super) time: Estimate,
    pub(super) speedup: Estimate,
    pub(super) efficiency: Estimate,
    /// None of what has no more cores than the base.
    pub(super) karp_flatt: Option<Estimate>,
}

/// Those of all points of a study that was checked, fewest `p` first, and which of them the base is.
pub(super) fn figures(study: &Study) -> (Vec<Figure<'_>>, usize) {
    let points = study.points.iter().zip(1..);
    let mut figures: Vec<Figure<'_>> = points.map(|(point, seed)| alone(point, seed)).collect();
    figures.sort_by(|a, b| a.p.total_cmp(&b.p).then(a.time.value.total_cmp(&b.time.value)));
    // What takes turns is no base, if there is another.
    let base = figures.iter().position(|figure| !figure.crowded).unwrap_or(0);
    for at in 0..figures.len() {
        let n = figures[at].p / figures[base].p;
        let scale = if study.kind == Kind::Weak { n } else { 1.0 };
        let medians = [&figures[base].medians, &figures[at].medians];
        let speedup = Estimate::of(&medians, |times| scale * times[0] / times[1]);
        let figure = &mut figures[at];
        figure.n = n;
        figure.speedup = speedup;
        figure.efficiency = speedup.map(|s| s / n);
        figure.karp_flatt = (n > 1.0).then(|| speedup.map(|s| karp_flatt(s, n)));
    }
    (figures, base)
}

fn alone(point: &Point, seed: u64) -> Figure<'_> {
    let medians = Medians::of(&point.seconds, seed);
    let one = Estimate { value: 1.0, interval: None };
    Figure {
        point,
        crowded: point.is_crowded(),
        p: point.workers() as f64,
        n: 1.0,
        time: Estimate::of(&[&medians], |times| times[0]),
        speedup: one,
        efficiency: one,
        karp_flatt: None,
        medians,
    }
}

fn karp_flatt(speedup: f64, n: f64) -> f64 {
    (1.0 / speedup - 1.0 / n) / (1.0 - 1.0 / n)
}
