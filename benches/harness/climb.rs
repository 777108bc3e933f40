//! One problem: check every rung's answer, then time the right ones, alternating.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use tenfold_profile::{Sample, Scope, Stats, Timeit};

use crate::any::{AnyProblem, AnyWorkload, RungInfo};
use crate::document::{self, RungStatus};
use crate::host::{cores, cores_granted};
use crate::pools::Pools;
use crate::settings::Settings;
use crate::stats::{Rng, floor, minimum_high};
use crate::workload::Cores;

/// With fewer clean samples there is no figure.
const FEWEST: usize = 3;
/// A parallel rung's figure needs this share of the cores it asks for.
const GRANTED: f64 = 0.9;

/// A rung with a number of threads.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    /// Its place among the workload's rungs.
    pub(crate) index: usize,
    pub(crate) rung: RungInfo,
    pub(crate) threads: usize,
}

impl Entry {
    /// The wanted rungs of a workload, with each number of threads that is asked for.
    pub(crate) fn all(workload: &dyn AnyWorkload, settings: &Settings) -> Vec<Self> {
        let rungs = workload.rungs().into_iter().enumerate();
        rungs
            .filter(|(_, rung)| rung.peer.is_some() || settings.wants(rung.name))
            .flat_map(|(index, rung)| {
                let threads = match rung.cores {
                    Cores::One | Cores::Device => &[1][..],
                    Cores::All => &settings.threads,
                };
                threads.iter().map(move |&threads| Self { index, rung: rung.clone(), threads })
            })
            .collect()
    }

    /// How to time it.
    pub(crate) fn timeit(&self, min_sample: Duration) -> Timeit {
        let scope = match self.rung.cores {
            Cores::One => Scope::Thread,
            // A software device computes on threads of its own.
            Cores::All | Cores::Device => Scope::Process,
        };
        Timeit::new().scope(scope).min_sample(min_sample)
    }
}

/// A problem on its way up: first every answer is checked, then the right rungs are timed.
pub(crate) struct Climb {
    results: Vec<document::Rung>,
    slots: Vec<Slot>,
}

impl Climb {
    /// Runs every wanted rung once and checks its answer; none that is not begun by `deadline`.
    pub(crate) fn check(
        workload: &dyn AnyWorkload,
        problem: &mut dyn AnyProblem,
        settings: &Settings,
        pools: &mut Pools,
        deadline: Instant,
    ) -> Self {
        let (mut results, mut slots) = (Vec::new(), Vec::new());
        for entry in Entry::all(workload, settings) {
            let late = !settings.check_all && Instant::now() >= deadline;
            let result = if late { too_late(&entry) } else { admit(&entry, problem, pools) };
            if result.checked {
                let loops = known_loops(&result, settings.min_sample);
                slots.push(Slot { result: results.len(), loops, ..Slot::new(entry) });
            }
            results.push(result);
        }
        Self { results, slots }
    }

    /// The rungs that gave no right answer, with the reason.
    pub(crate) fn refused(&self) -> impl Iterator<Item = &document::Rung> {
        self.results.iter().filter(|result| !result.checked)
    }

    /// The rungs that gave the right answer, and the loops that make a sample of each long enough; 0
    /// where they are still to be found.
    pub(crate) fn right(&self) -> impl Iterator<Item = (&Entry, u64)> {
        self.slots.iter().map(|slot| (&slot.entry, slot.loops))
    }

    /// How long a round of all its rungs takes, in nanoseconds, by their first calls.
    pub(crate) fn cost(&self) -> f64 {
        self.results.iter().filter_map(|result| result.first_call_ns).sum()
    }

    /// Samples the right rungs until `until`; gives the noise floor and the results.
    pub(crate) fn time(
        mut self,
        problem: &dyn AnyProblem,
        settings: &Settings,
        pools: &mut Pools,
        until: Instant,
    ) -> (Option<f64>, Vec<document::Rung>) {
        let mut rng = Rng::new(settings.seed);
        let twin = add_twin(&mut self.slots);
        alternate(&mut self.slots, problem, settings, pools, until, &mut rng);
        let noise_floor = twin.and_then(|first| {
            let twin = self.slots.pop()?;
            floor(&paired(&self.slots[first], &twin), &mut rng)
        });
        for slot in &self.slots {
            slot.report(problem.ops(), &mut self.results[slot.result]);
            slot.note(problem, &mut self.results[slot.result]);
        }
        speedups(&mut self.results);
        (noise_floor, self.results)
    }
}

/// A result without a figure.
fn without(entry: &Entry, status: RungStatus, reason: Option<String>) -> document::Rung {
    document::Rung {
        name: entry.rung.name.to_owned(),
        threads: entry.threads,
        status,
        reason,
        checked: false,
        max_error: None,
        build_s: None,
        first_call_ns: None,
        best_ns_per_op: None,
        best_high_ns_per_op: None,
        median_ns_per_op: None,
        cpu_ns_per_op: None,
        speedup_vs_naive: None,
        speedup_vs_previous: None,
        samples: 0,
        clean_samples: 0,
        clean_ns_per_op: Vec::new(),
        device: None,
        transfer_ns_per_op: None,
        peer: entry.rung.peer.clone(),
        source: entry.rung.source.to_owned(),
    }
}

fn too_late(entry: &Entry) -> document::Rung {
    let reason = "the time was up before its turn; give more with --time";
    without(entry, RungStatus::Unavailable, Some(reason.to_owned()))
}

/// Runs the rung once and checks its answer, where that can be done.
fn admit(entry: &Entry, problem: &mut dyn AnyProblem, pools: &mut Pools) -> document::Rung {
    if let Some(feature) = entry.rung.missing_feature {
        let reason = format!("left out of this build; add it with --with {feature}");
        return without(entry, RungStatus::NotBuilt, Some(reason));
    }
    if let Some(excuse) = problem.excuse(entry.index) {
        return without(entry, RungStatus::Unavailable, Some(excuse));
    }
    if entry.index > 0 && !problem.has_reference() {
        let reason = "there is no answer to check it against: naive gave none".to_owned();
        return without(entry, RungStatus::Unavailable, Some(reason));
    }
    let checked = pools.run(entry.rung.cores, entry.threads, || {
        // A rung that panics is a wrong rung; the others still have their turn.
        catch_unwind(AssertUnwindSafe(|| problem.check(entry.index)))
    });
    let checked = match checked {
        Ok(Ok(Ok(checked))) => checked,
        Ok(Ok(Err(reason))) => return without(entry, RungStatus::Unavailable, Some(reason)),
        Ok(Err(panic)) => return without(entry, RungStatus::Wrong, Some(last_words(&*panic))),
        Err(reason) => return without(entry, RungStatus::Unavailable, Some(reason)),
    };
    let (status, reason) = match &checked.verdict {
        Ok(_) => (RungStatus::Measured, None),
        Err(reason) => (RungStatus::Wrong, Some(reason.clone())),
    };
    document::Rung {
        checked: checked.verdict.is_ok(),
        max_error: checked.verdict.ok(),
        // That of a peer has compilers in it, and its loops are to be found with what they compile.
        first_call_ns: entry.rung.peer.is_none().then_some(checked.first_call.as_secs_f64() * 1e9),
        ..without(entry, status, reason)
    }
}

/// One loop, where the first call was so long that even a warm one makes a sample; 0, still to be
/// found, elsewhere.
fn known_loops(result: &document::Rung, min_sample: Duration) -> u64 {
    let long = 4.0 * min_sample.as_secs_f64() * 1e9;
    u64::from(result.first_call_ns.is_some_and(|first| first > long))
}

/// What a panicking rung said.
fn last_words(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!("it panicked: {}", text.unwrap_or("without a message"))
}

/// A right rung and its samples.
struct Slot {
    entry: Entry,
    /// Where its result stands.
    result: usize,
    loops: u64,
    /// With the round in which each was taken.
    samples: Vec<(usize, Sample)>,
    spent: Duration,
    /// Why there are no more.
    lost: Option<String>,
}

impl Slot {
    fn new(entry: Entry) -> Self {
        Self { entry, result: 0, loops: 0, samples: Vec::new(), spent: Duration::ZERO, lost: None }
    }

    /// Whether both are of one rung: a rung and its twin.
    fn is_same(&self, other: &Self) -> bool {
        self.entry.index == other.entry.index && self.entry.threads == other.entry.threads
    }

    fn clean(&self) -> Vec<&Sample> {
        self.samples.iter().map(|(_, sample)| sample).filter(|s| s.is_clean()).collect()
    }

    /// Whether another sample would help, and its share of the time allows it.
    fn wants(&self, enough: usize, share: Duration) -> bool {
        if self.lost.is_some() {
            return false;
        }
        let clean = self.clean().len();
        self.samples.len() < FEWEST || (clean < enough && self.spent < share)
    }

    /// Takes one sample; the first time, finds the number of loops too.
    fn sample(
        &mut self,
        round: usize,
        problem: &dyn AnyProblem,
        settings: &Settings,
        pools: &mut Pools,
    ) {
        let start = Instant::now();
        let (entry, loops) = (&self.entry, self.loops);
        let timeit = entry.timeit(settings.min_sample);
        let sample = pools.run(entry.rung.cores, entry.threads, || {
            let loops = match loops {
                0 => problem.autorange(entry.index, &timeit),
                known => known,
            };
            problem.sample(entry.index, &timeit, loops)
        });
        match sample {
            Ok(Ok(sample)) => {
                self.loops = sample.loops;
                self.samples.push((round, sample));
            }
            Ok(Err(reason)) | Err(reason) => self.lost = Some(reason),
        }
        self.spent += start.elapsed();
    }

    /// Writes the figures into the result, or why there are none.
    fn report(&self, ops: f64, result: &mut document::Rung) {
        let clean: Vec<f64> = self.clean().iter().map(|s| s.wall_ns() / ops).collect();
        let cpu: Option<Vec<f64>> =
            self.samples.iter().map(|(_, s)| Some(s.cpu_ns()? / ops)).collect();
        result.samples = self.samples.len();
        result.clean_samples = clean.len();
        result.cpu_ns_per_op = cpu.and_then(|cpu| Some(Stats::of(&cpu)?.min));
        if let Some(reason) = self.disturbed(clean.len()) {
            result.status = RungStatus::Degraded;
            result.reason = Some(reason);
            return;
        }
        let stats = Stats::of(&clean);
        result.best_ns_per_op = stats.map(|s| s.min);
        result.median_ns_per_op = stats.map(|s| s.median);
        result.best_high_ns_per_op = minimum_high(&clean);
        result.clean_ns_per_op = clean;
    }

    /// Writes what is to be known beside the figures.
    fn note(&self, problem: &dyn AnyProblem, result: &mut document::Rung) {
        // A device that is lost by now must not take the figures with it.
        let note = catch_unwind(AssertUnwindSafe(|| problem.note(self.entry.index)));
        let Ok(Some(note)) = note else { return };
        result.device = Some(note.device);
        result.transfer_ns_per_op = Some(note.transfer.as_secs_f64() * 1e9 / problem.ops());
    }

    /// Why there is no figure: too little time, or a host that could not give what one needs.
    fn disturbed(&self, clean: usize) -> Option<String> {
        if let Some(reason) = &self.lost {
            return Some(reason.clone());
        }
        let (threads, all) = (self.entry.threads, self.samples.len());
        if threads > cores() {
            return Some(format!("{threads} threads on a host of {} cores", cores()));
        }
        if all < FEWEST {
            return Some(format!("time for {all} samples, {FEWEST} are needed; give more --time"));
        }
        if clean < FEWEST {
            return Some(format!("{clean} of {all} samples clean: other work had the core"));
        }
        let granted = if threads > 1 { cores_granted(threads) } else { 1.0 };
        (granted < GRANTED * threads as f64)
            .then(|| format!("the host gave {granted:.1} of {threads} cores"))
    }
}

/// Adds the second half of the A/A pair, a copy of `tuned` or of the first rung; gives the place
/// of the first half.
fn add_twin(slots: &mut Vec<Slot>) -> Option<usize> {
    let tuned = slots.iter().position(|slot| slot.entry.rung.name == "tuned");
    let first = tuned.or_else(|| (!slots.is_empty()).then_some(0))?;
    let twin = Slot { loops: slots[first].loops, ..Slot::new(slots[first].entry.clone()) };
    slots.push(twin);
    Some(first)
}

/// Samples the slots in rounds: a random order, then the same backwards, so that a drift of the
/// machine meets all of them alike.
fn alternate(
    slots: &mut [Slot],
    problem: &dyn AnyProblem,
    settings: &Settings,
    pools: &mut Pools,
    until: Instant,
    rng: &mut Rng,
) {
    let left = until.saturating_duration_since(Instant::now());
    let share = left / u32::try_from(slots.len().max(1)).unwrap_or(u32::MAX);
    let mut order: Vec<usize> = (0..slots.len()).collect();
    for round in 0.. {
        if round % 2 == 0 {
            rng.shuffle(&mut order);
        } else {
            order.reverse();
        }
        // The halves of the A/A pair are only of use together; the twin has less of its own.
        let twin_wants = slots.last().is_some_and(|slot| slot.wants(settings.enough, share));
        let mut idle = true;
        for &i in &order {
            if Instant::now() >= until {
                return;
            }
            let paired = slots.last().is_some_and(|twin| slots[i].is_same(twin));
            if slots[i].wants(settings.enough, share) || (paired && twin_wants) {
                slots[i].sample(round, problem, settings, pools);
                idle = false;
            }
        }
        if idle {
            return;
        }
    }
}

/// Logarithms of the ratios of the rounds in which both have a clean sample.
fn paired(a: &Slot, b: &Slot) -> Vec<f64> {
    let clean = |slot: &Slot, round| {
        slot.samples.iter().find(|(r, s)| *r == round && s.is_clean()).map(|(_, s)| s.wall_ns())
    };
    let rounds = a.samples.iter().map(|(round, _)| *round);
    rounds.filter_map(|round| Some((clean(a, round)? / clean(b, round)?).ln())).collect()
}

/// Fills in the ratios of the minima. A peer stands beside the ladder: no rung is below it.
fn speedups(results: &mut [document::Rung]) {
    let best = |i: usize, results: &[document::Rung]| results[i].best_ns_per_op;
    for i in 0..results.len() {
        let Some(own) = best(i, results) else { continue };
        let below = (0..i).rev().filter(|&j| results[j].name != results[i].name);
        let below = below.filter(|_| results[i].peer.is_none());
        let previous = below.filter_map(|j| best(j, results)).next();
        let naive = (results[0].name == "naive").then(|| best(0, results)).flatten();
        results[i].speedup_vs_naive = naive.map(|naive| naive / own);
        results[i].speedup_vs_previous = previous.map(|previous| previous / own);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workload::{Note, Rung, Size, Workload};

    /// Sums of numbers, also on a device that is none.
    struct Sum;

    fn sum(n: &u64) -> u64 {
        (0..*n).sum()
    }

    fn note(run: &dyn Fn()) -> Note {
        run();
        Note { device: String::from("an abacus"), transfer: Duration::from_micros(3) }
    }

    impl Workload for Sum {
        type Input = u64;
        type Output = u64;
        const NAME: &'static str = "sum";
        const ABOUT: &'static str = "sums";
        const UNIT: &'static str = "number";
        const RUNGS: &'static [Rung<u64, u64>] =
            &[Rung::new("naive", "", sum), Rung::new("far", "", sum).on_device(note)];
        fn problems(_: Size) -> Vec<u64> {
            vec![1000]
        }
        fn label(n: &u64) -> String {
            format!("{n} numbers")
        }
        fn ops(n: &u64) -> f64 {
            *n as f64
        }
        fn check(_: &u64, reference: &u64, got: &u64) -> Result<f64, String> {
            crate::check::equal(reference, got)
        }
    }

    #[test]
    fn a_rung_on_a_device_has_one_entry_and_a_note_beside_its_figures() {
        let threads = vec![1, 2, 3];
        let settings =
            Settings { threads, min_sample: Duration::from_millis(1), ..Settings::default() };
        let (mut problem, mut pools) = (AnyWorkload::problems(&Sum, Size::S), Pools::default());
        let mut problem = problem.remove(0);
        let soon = Instant::now() + Duration::from_secs(1);
        let climb = Climb::check(&Sum, problem.as_mut(), &settings, &mut pools, soon);
        let (_, rungs) = climb.time(problem.as_ref(), &settings, &mut pools, soon);
        let of = |rung: &document::Rung| (rung.device.clone(), rung.transfer_ns_per_op);
        assert_eq!(rungs.iter().map(|rung| rung.threads).collect::<Vec<_>>(), [1, 1]);
        assert_eq!(of(&rungs[0]), (None, None));
        assert_eq!(of(&rungs[1]), (Some(String::from("an abacus")), Some(3.0)));
        assert!(rungs[1].samples > 0 && rungs[1].status != RungStatus::Wrong);
    }
}
