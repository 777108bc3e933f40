//! This build against another: three workers, two of this build and one of the other, whose
//! samples alternate. The two of this build give the noise floor of this very comparison.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::check;
use crate::document::{Comparison, Verdict};
use crate::settings::Settings;
use crate::stats::{Rng, floor, median_interval};
use crate::worker::{Reading, Request, Worker};

/// Workers are started afresh so many times: where a process's pages happen to lie shifts all its
/// samples by a per cent or two, and only other processes show that.
const GENERATIONS: u32 = 4;
/// Pairs taken of each rung in a generation.
const PAIRS: usize = 10;
/// With fewer clean pairs there is no verdict.
const FEWEST: usize = 10;
/// With a floor above this, 5 % cannot be told from nothing.
const QUIET: f64 = 0.01;
/// Less than this is never flagged.
const SMALLEST: f64 = 0.02;

/// A rung of the problem under comparison.
#[derive(Debug, Clone)]
pub(crate) struct Subject {
    pub(crate) rung: String,
    pub(crate) threads: usize,
    /// How far the digests of both sides may be apart.
    pub(crate) tolerance: f64,
}

/// Compares the rungs of one problem within `budget`. What the other build cannot open or run is
/// degraded, with the reason.
pub(crate) fn compare(
    open: &Request,
    (name, label): (&str, &str),
    subjects: &[Subject],
    other: &Path,
    settings: &Settings,
    budget: Duration,
) -> Result<Vec<Comparison>> {
    let this = std::env::current_exe()?;
    let mut rng = Rng::new(settings.seed);
    let mut rounds: Vec<Rounds> = subjects.iter().cloned().map(Rounds::new).collect();
    for number in 0..GENERATIONS {
        let mut sides = [Worker::start(&this)?, Worker::start(&this)?, Worker::start(other)?];
        if let Err(error) = sides.iter_mut().try_for_each(|side| side.open(open, label)) {
            rounds.iter_mut().for_each(|rung| rung.lost = Some(format!("{error:#}")));
            break;
        }
        if number == 0 {
            rounds.iter_mut().for_each(|rung| rung.agree(&mut sides));
        }
        let until = Instant::now() + budget / GENERATIONS;
        generation(&mut sides, &mut rounds, settings, until, &mut rng);
    }
    Ok(rounds.into_iter().map(|rounds| rounds.judge(name, label, &mut rng)).collect())
}

/// One rung's samples: this build, this build again, the other.
struct Rounds {
    subject: Subject,
    loops: u64,
    triples: Vec<[Reading; 3]>,
    /// Why some side cannot run it.
    lost: Option<String>,
}

fn generation(
    sides: &mut [Worker; 3],
    rounds: &mut [Rounds],
    settings: &Settings,
    until: Instant,
    rng: &mut Rng,
) {
    for rung in rounds.iter_mut().filter(|rung| rung.lost.is_none()) {
        rung.warm_up(sides);
    }
    let mut order = [0, 1, 2];
    for pair in 0..PAIRS {
        if pair % 2 == 0 {
            rng.shuffle(&mut order);
        } else {
            order.reverse();
        }
        for rung in rounds.iter_mut().filter(|rung| rung.lost.is_none()) {
            // At least one pair of each, however little time there is.
            if pair > 0 && Instant::now() >= until {
                return;
            }
            rung.round(sides, order, settings);
        }
    }
}

impl Rounds {
    fn new(subject: Subject) -> Self {
        Self { subject, loops: 0, triples: Vec::new(), lost: None }
    }

    fn request(&self, loops: u64, min_sample: Duration) -> Request {
        Request::Sample {
            rung: self.subject.rung.clone(),
            threads: self.subject.threads,
            loops,
            min_sample_ms: min_sample.as_millis() as u64,
        }
    }

    /// Looks whether the other side has the same answer, where both say what theirs is.
    fn agree(&mut self, sides: &mut [Worker; 3]) {
        let Subject { rung, threads, tolerance } = &self.subject;
        let [ours, _, theirs] = sides;
        let agree = ours.answer(rung, *threads).and_then(|ours| {
            match (ours, theirs.answer(rung, *threads)?) {
                // Builds of another age may say other numbers of an answer.
                (Some(ours), Some(theirs)) if !ours.is_empty() && ours.len() == theirs.len() => {
                    check::same_digest(&ours, &theirs, *tolerance).map_err(anyhow::Error::msg)
                }
                _ => Ok(0.0),
            }
        });
        self.lost = agree.err().map(|error| format!("{error:#}"));
    }

    /// One loop on each side, which meets cold caches and fresh pages so that no sample does.
    fn warm_up(&mut self, sides: &mut [Worker; 3]) {
        let request = self.request(1, Duration::ZERO);
        for side in sides {
            if let Err(error) = side.sample(&request) {
                self.lost = Some(format!("{error:#}"));
                return;
            }
        }
    }

    /// One sample of each side.
    fn round(&mut self, sides: &mut [Worker; 3], order: [usize; 3], settings: &Settings) {
        let mut triple = [None; 3];
        for side in order {
            match sides[side].sample(&self.request(self.loops, settings.min_sample)) {
                Ok(reading) => {
                    // All sides run the same number of loops.
                    self.loops = reading.loops;
                    triple[side] = Some(reading);
                }
                Err(error) => {
                    self.lost = Some(format!("{error:#}"));
                    return;
                }
            }
        }
        if let [Some(a), Some(b), Some(c)] = triple {
            self.triples.push([a, b, c]);
        }
    }

    /// Logarithms of the ratios of two sides, over the rounds in which both are clean.
    fn log_ratios(&self, a: usize, b: usize) -> Vec<f64> {
        let clean = self.triples.iter().filter(|t| t[a].clean && t[b].clean);
        clean.map(|t| (t[a].ns / t[b].ns).ln()).collect()
    }

    fn judge(self, name: &str, label: &str, rng: &mut Rng) -> Comparison {
        let (ratios, same) = (self.log_ratios(0, 2), self.log_ratios(0, 1));
        let noise_floor = floor(&same, rng);
        let change = median_interval(&ratios, rng)
            .map(|(m, (low, high))| (m.exp_m1(), (low.exp_m1(), high.exp_m1())));
        let clean = ratios.len().min(same.len());
        let judged = match &self.lost {
            Some(reason) => Err(reason.clone()),
            None => verdict(change, noise_floor, clean, self.triples.len()),
        };
        Comparison {
            name: name.to_owned(),
            label: label.to_owned(),
            rung: self.subject.rung,
            threads: self.subject.threads,
            change: change.map(|(median, _)| median),
            interval: change.map(|(_, interval)| interval),
            noise_floor,
            pairs: self.triples.len(),
            clean_pairs: ratios.len(),
            verdict: *judged.as_ref().unwrap_or(&Verdict::Degraded),
            reason: judged.err(),
        }
    }
}

/// A median with its interval.
type Change = (f64, (f64, f64));

/// Flags a change only if its interval excludes 0 and it clears max(3 x floor, 2 %). The error is
/// why there is no telling.
fn verdict(
    change: Option<Change>,
    floor: Option<f64>,
    clean: usize,
    pairs: usize,
) -> Result<Verdict, String> {
    if pairs < FEWEST {
        return Err(format!("{pairs} pairs of {FEWEST}: give more --time"));
    }
    let (Some((change, (low, high))), Some(floor), FEWEST..) = (change, floor, clean) else {
        return Err(format!("{clean} clean pairs of {FEWEST}"));
    };
    let clears = change.abs() > (3.0 * floor).max(SMALLEST);
    match (clears, low > 0.0, high < 0.0) {
        (true, true, _) => Ok(Verdict::Slower),
        (true, _, true) => Ok(Verdict::Faster),
        _ if floor > QUIET => Err(format!("noise floor {:.1} %", 100.0 * floor)),
        _ => Ok(Verdict::Same),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verdict_needs_a_clear_change_and_a_quiet_host() {
        let change = |median: f64, width: f64| Some((median, (median - width, median + width)));
        let cases = [
            (change(0.05, 0.01), Some(0.005), 20, Ok(Verdict::Slower)),
            (change(-0.05, 0.01), Some(0.005), 20, Ok(Verdict::Faster)),
            (change(0.05, 0.06), Some(0.005), 20, Ok(Verdict::Same)),
            (change(0.015, 0.001), Some(0.001), 20, Ok(Verdict::Same)),
            (change(0.05, 0.01), Some(0.02), 20, Err("noise floor 2.0 %")),
            (change(0.50, 0.01), Some(0.02), 20, Ok(Verdict::Slower)),
            (change(0.05, 0.01), Some(0.005), 9, Err("9 clean pairs of 10")),
            (None, None, 0, Err("0 clean pairs of 10")),
        ];
        for (change, floor, clean, expected) in cases {
            let judged = verdict(change, floor, clean, 20);
            assert_eq!(judged, expected.map_err(str::to_owned), "{change:?} {floor:?} {clean}");
        }
        let few = verdict(change(0.05, 0.01), Some(0.001), 4, 4).unwrap_err();
        assert_eq!(few, "4 pairs of 10: give more --time");
    }
}
