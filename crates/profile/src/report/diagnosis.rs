//! What speaks against the figures of a report.

use std::collections::BTreeSet;

use super::Report;
use super::document::Lost;
use super::function::Function;
use super::lines::is_short;
use super::sampling::ratio;
use crate::Sample;
use crate::units::{Nanoseconds, Percent};

/// Names at most so many functions.
const NAMED: usize = 3;

/// What nothing speaks against.
pub(crate) const NOTHING: &str = "nothing speaks against these figures";

/// A sentence for each thing, and one where there is none.
pub(crate) fn of(report: &Report) -> Vec<String> {
    let mut found: Vec<String> = by_kind(report).into_iter().flatten().collect();
    if found.is_empty() {
        found.push(NOTHING.to_owned());
    }
    found
}

/// The sentences of each kind of thing; a kind is at the same place for all reports.
pub(crate) fn by_kind(report: &Report) -> Vec<Vec<String>> {
    let one = |sentence: Option<String>| Vec::from_iter(sentence);
    vec![
        one(empty(report)),
        samples(report),
        one(distorted(report)),
        lines(report),
        one(untimed(report)),
        one(untimed_paths(report)),
        one(sampled_recursions(report)),
        one(open(report)),
        one(cost(report)),
        one(delay(report)),
        lost(report),
        one(outside(report)),
    ]
}

fn empty(report: &Report) -> Option<String> {
    let is_empty = report.functions().is_empty() && report.sampled().is_none();
    is_empty.then(|| format!(
        "no scope was entered in the {} of this session: put `#[profile]` on functions or \
         `scope!(\"name\");` into blocks that run between its start and its end, and see that their \
         crates build tenfold-profile with its feature `record`",
        Nanoseconds(report.document.wall_ns)
    ))
}

/// The names of those that are `wanted`, and how many they are; `None` when there are none.
fn names(report: &Report, wanted: fn(&Function) -> bool) -> Option<(usize, String)> {
    let functions = report.functions().into_iter().filter(|function| wanted(function));
    let names: Vec<String> = functions.map(|function| format!("`{}`", function.name())).collect();
    let shown = names[..names.len().min(NAMED)].join(", ");
    let more = if names.len() > NAMED { ", .." } else { "" };
    (!names.is_empty()).then(|| (names.len(), shown + more))
}

fn distorted(report: &Report) -> Option<String> {
    let (count, names) = names(report, Function::is_distorted)?;
    let least = Nanoseconds(Function::DISTORTED * report.document.overhead.whole_ns);
    Some(format!(
        "{count} of the functions take less than {least} a call, ten times what recording costs, so \
         that their times are distorted ({names}): count them with `#[profile(sample = 64)]`, or \
         measure the loop around them"
    ))
}

fn untimed(report: &Report) -> Option<String> {
    let (count, names) = names(report, |function| function.timed_calls() == 0)?;
    Some(format!(
        "{count} of the sampled functions were called too seldom for a single sample ({names}), and \
         have no time: sampling is for what is called thousands of times"
    ))
}

/// Paths of functions that were timed elsewhere.
fn untimed_paths(report: &Report) -> Option<String> {
    let paths = report.document.threads.iter().flat_map(|thread| &thread.paths);
    let is_timed = |function: usize| report.by_place[function].timed_calls() > 0;
    let untimed = paths.filter(|path| path.timed == 0 && is_timed(path.function));
    let functions: BTreeSet<usize> = untimed.clone().map(|path| path.function).collect();
    let names = functions.iter().take(NAMED).map(|&at| format!("`{}`", report.by_place[at].name()));
    let names = names.collect::<Vec<_>>().join(", ");
    let more = if functions.len() > NAMED { ", .." } else { "" };
    let count = untimed.count();
    (count > 0).then(|| {
        format!(
            "{count} call paths of sampled functions had no sample ({names}{more}): their time counts \
             as nothing there, and stands with their callers"
        )
    })
}

fn sampled_recursions(report: &Report) -> Option<String> {
    let (count, names) = names(report, Function::is_sampled_recursion)?;
    Some(format!(
        "{count} of the sampled functions called themselves ({names}), and have no time: samples of \
         calls inside of each other do not add up"
    ))
}

fn open(report: &Report) -> Option<String> {
    let (_, names) = names(report, |function| function.open_calls() > 0)?;
    Some(format!("calls that were open at the end count as if they had ended then ({names})"))
}

fn cost(report: &Report) -> Option<String> {
    let span: f64 = report.document.threads.iter().map(|thread| thread.span_ns).sum();
    let cost: f64 = report.document.threads.iter().map(|thread| thread.cost_ns).sum();
    let share = cost / span;
    (share > 0.1).then(|| {
        format!(
            "recording took {} of the threads' time, {}: it is left out of all figures, and what it \
             did to caches is not",
            Percent(share),
            Nanoseconds(cost)
        )
    })
}

/// Time that functions seem to take while something else has their core.
fn delay(report: &Report) -> Option<String> {
    let delay = report.document.run_delay_ns?;
    let of_samples = report.of_samples();
    let recorded = of_samples.as_ref().unwrap_or(report).total_ns();
    let share = delay / recorded;
    (share > Sample::DISTURBED && share.is_finite()).then(|| {
        format!(
            "threads waited {} for a core that something else had, where {} were recorded: it stands \
             with the functions that it fell on",
            Nanoseconds(delay),
            Nanoseconds(recorded)
        )
    })
}

fn lost(report: &Report) -> Vec<String> {
    let sum = |count: fn(&Lost) -> u64| -> u64 {
        report.document.threads.iter().map(|thread| count(&thread.lost)).sum()
    };
    let counts = [
        (sum(|lost| lost.deep), "calls were more than 32768 scopes deep"),
        (sum(|lost| lost.paths), "calls came on more than 32768 different paths of a thread"),
    ];
    let mut found: Vec<String> = counts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| {
            format!("{count} {what}: they are not counted, and their time is their caller's")
        })
        .collect();
    let crossed = sum(|lost| lost.crossed);
    if crossed > 0 {
        found.push(format!(
            "{crossed} scopes ended before ones that began later, as they do when a guard is held \
             over an `.await`: what was inside of them ended with them"
        ));
    }
    let backwards = sum(|lost| lost.backwards);
    if backwards > 0 {
        found.push(format!(
            "{backwards} calls ended before they began, by clocks of cores that do not agree: they \
             count as nothing"
        ));
    }
    found
}

/// What samples could not be had.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
fn samples(report: &Report) -> Vec<String> {
    const ENOUGH: u64 = 100;
    let Some(sampled) = report.sampled() else { return vec![] };
    let (taken, expected) = (sampled.taken(), sampled.expected());
    let mut found = vec![];
    let running = sampled.running();
    if running < ENOUGH {
        found.push(format!(
            "{running} samples of running threads are few: a share of 10 % is off by {:.0} points in \
             one case of three; run for longer, or ask more often than {} times a second",
            100.0 * (0.09 / running.max(1) as f64).sqrt(),
            sampled.hz()
        ));
    }
    let share = (taken + sampled.merged()) as f64 / expected;
    if share < 0.95 && expected >= 20.0 {
        found.push(format!("{} of the samples asked for came", Percent(share)));
    }
    let share = ratio(sampled.cut(), running + sampled.waiting());
    if share > 0.01 {
        found.push(format!(
            "{} of the samples are of stacks deeper than 128 functions or 32 KiB, or without tables \
             to unwind them: who called their outermost function is not known, and `(cut off)` \
             stands there",
            Percent(share)
        ));
    }
    let (threads, unwatched) = sampled.threads();
    if unwatched > 0 {
        found.push(format!(
            "{unwatched} of {threads} threads had no timer, and are not in the samples"
        ));
    }
    found
}

/// What speaks against the lines.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
fn lines(report: &Report) -> Vec<String> {
    const ENOUGH: u64 = 100;
    let Some(part) = &report.document.lines else { return vec![] };
    let mut found = vec![];
    if part.functions.is_empty() {
        found.push(
            "no function with `#[profile(lines)]` was entered in this session: those that were entered \
             before it began have no lines in it"
                .to_owned(),
        );
    }
    let lines = || part.functions.iter().flat_map(|function| &function.lines);
    let distorted = lines().filter(|line| is_short(line, part.mark_ns)).count();
    if distorted > 0 {
        found.push(format!(
            "{distorted} of the lines take less than {} each time, ten times what reading the clock \
             costs, so that their times are distorted: look at them with `Lines::Sample`",
            Nanoseconds(Function::DISTORTED * part.mark_ns)
        ));
    }
    let Some(looks) = part.looks.filter(|_| !part.functions.is_empty()) else { return found };
    let inside = lines().fold(0_u64, |sum, line| sum.saturating_add(line.samples));
    if inside < ENOUGH {
        found.push(format!(
            "{inside} looks at lines are few: a share of 10 % is off by {:.0} points in one case of \
             three; run for longer",
            100.0 * (0.09 / inside.max(1) as f64).sqrt()
        ));
    }
    let merged = ratio(looks.merged, looks.taken + looks.merged);
    if merged > 0.1 {
        found.push(format!(
            "{} of the looks at lines came too late, for want of a core, and count with the next",
            Percent(merged)
        ));
    }
    let share = (looks.taken + looks.merged) as f64 / looks.expected;
    if share < 0.95 && looks.expected >= 20.0 {
        found.push(format!("{} of the looks at lines that were asked for came", Percent(share)));
    }
    found
}

/// Time of the first thread that no scope covers.
fn outside(report: &Report) -> Option<String> {
    let thread = report.document.threads.first()?;
    let roots = thread.paths.iter().filter(|path| path.parent.is_none());
    let covered: f64 = roots.map(|path| path.elapsed_ns).sum();
    let outside = 1.0 - (covered + thread.cost_ns) / report.document.wall_ns;
    (outside > 0.1 && report.document.wall_ns > 0.0).then(|| {
        format!(
            "{} of the session's {} passed outside of all scopes of thread `{}`",
            Percent(outside),
            Nanoseconds(report.document.wall_ns),
            thread.name
        )
    })
}
