//! A trace as a page.

use std::collections::HashMap;

use tenfold_report::{
    Axis, Html, LineChart, Page, Paint, Series, SpaceTime, Stretch, Tone, Unit, duration,
};

use super::{Activity, Trace, TraceRecord};
use crate::plan::size;

/// How many points a curve has at most: more cannot be told apart.
const POINTS: usize = 500;
/// How many names of tasks have a colour of their own: there are six, of which the others have the last.
const COLOURS: usize = 5;
const SECOND: f64 = 1e9;

impl Trace {
    /// A page that stands for itself: the workers over time, memory that was planned and that was there, what each
    /// operation took, and the plan. Its size is bounded by what can be seen, not by the trace.
    ///
    /// ```
    /// use tenfold_array::{Array, Settings};
    ///
    /// let x = Array::<f64, _>::ones([1000, 1000], 100);
    /// let (_, traces) = Settings::new().traced(|settings| settings.compute(&x.sum()));
    /// let page = traces[0].to_html();
    /// assert!(page.contains("worker 0") && page.contains("1: sum"));
    /// ```
    #[must_use]
    pub fn to_html(&self) -> String {
        let mut page = Page::new("What ran")
            .lead(self.lead())
            .section("workers", "Workers", self.diagram().to_html())
            .section("memory", "Memory", self.memory_chart().to_html())
            .section("operations", "Operations", self.table().to_html());
        if !self.plan.is_empty() {
            page = page.section("plan", "Plan", preformatted(&self.plan));
        }
        page.footer(self.footer()).render()
    }

    #[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
    fn lead(&self) -> Html {
        let elapsed = self.end_ns();
        let busy: u64 = self.records.iter().map(|record| record.end_ns - record.start_ns).sum();
        let share = busy as f64 / (elapsed as f64 * self.workers as f64).max(1.0);
        let of = |activity| self.records.iter().filter(move |r| r.activity == activity);
        let read: u128 =
            of(Activity::Read).map(|r| u128::from(r.bytes.max(0).unsigned_abs())).sum();
        let mut figures = vec![
            (duration(elapsed as f64 / SECOND), "run time"),
            (self.workers.to_string(), "workers"),
            (Unit::Percent.format(share), "of their time at work"),
        ];
        match self.stages.is_empty() {
            true => figures.push((self.names.len().max(self.records.len()).to_string(), "tasks")),
            false => {
                figures.push((self.stages.len().to_string(), "stages"));
                figures.push((size(read), "read"));
            }
        }
        figures.push((size(self.peak_bytes.into()), self.counted_name()));
        if let Some(grown) = self.grown() {
            figures.push((size(grown.into()), "the process grew by"));
        }
        self.verdict().with(Html::figures(figures))
    }

    /// What failed, if something did.
    fn verdict(&self) -> Html {
        match self.records.iter().find(|record| record.failed) {
            None => Html::new(),
            Some(record) => {
                let text = match record.activity {
                    Activity::Task => format!("{} failed", self.name(record)),
                    _ => format!("chunk {} of {} failed", record.number, self.name(record)),
                };
                Html::verdict(text, Tone::Bad)
            }
        }
    }

    fn counted_name(&self) -> &'static str {
        if self.stages.is_empty() { "of results alive at most" } else { "planned at most" }
    }

    fn footer(&self) -> String {
        let dropped = match self.dropped {
            0 => String::new(),
            some => {
                format!("{some} records were not kept: those of each worker that were oldest. ")
            }
        };
        dropped
            + "What was read for a chunk stands before its computation, be it that they took turns. Memory of the process \
               is what the system counts, from what it was when the run began; what was freed before and is used again \
               does not show."
    }

    #[expect(clippy::cast_precision_loss, reason = "2^53 ns are a hundred days")]
    fn diagram(&self) -> SpaceTime {
        let mut diagram = SpaceTime::new("What each worker did", Unit::Seconds);
        let mut kinds = self.kinds(&mut diagram);
        let mut labels: HashMap<String, usize> = HashMap::new();
        let mut lanes: Vec<Vec<Stretch>> = vec![vec![]; self.workers];
        for record in &self.records {
            let Some(lane) = lanes.get_mut(usize::from(record.worker)) else { continue };
            let text = self.label(record);
            let label = match labels.get(&text) {
                Some(&label) => label,
                None => {
                    let label = diagram.label(text.clone());
                    labels.insert(text, label);
                    label
                }
            };
            let (start, end) = (record.start_ns as f64 / SECOND, record.end_ns as f64 / SECOND);
            lane.push(Stretch { start, end, kind: kinds.of(self, record), label });
        }
        for (worker, lane) in lanes.into_iter().enumerate() {
            diagram.lane(format!("worker {worker}"), lane);
        }
        diagram
    }

    /// What a stretch says: the same for all chunks of a stage, so that neighbours can be drawn as one.
    fn label(&self, record: &TraceRecord) -> String {
        match record.activity {
            Activity::Task => self.name(record),
            activity => format!("{activity} of stage {}, {}", record.stage + 1, self.name(record)),
        }
    }

    fn kinds(&self, diagram: &mut SpaceTime) -> Kinds {
        let mut kinds = Kinds { of_names: HashMap::new(), of_activities: HashMap::new(), rest: 0 };
        for (at, activity) in Activity::ALL.into_iter().skip(1).enumerate() {
            if self.records.iter().any(|record| record.activity == activity) {
                let kind = diagram.kind(activity.to_string(), Paint::Series(at));
                kinds.of_activities.insert(activity, kind);
            }
        }
        if self.stages.is_empty() {
            let totals = self.totals();
            for (at, total) in totals.iter().take(COLOURS).enumerate() {
                let kind = diagram.kind(total.name.clone(), Paint::Series(at));
                kinds.of_names.insert(total.name.clone(), kind);
            }
            if totals.len() > COLOURS {
                kinds.rest = diagram.kind("other tasks", Paint::Series(COLOURS));
            }
        }
        kinds
    }

    #[expect(clippy::cast_precision_loss, reason = "a figure of seven digits would do")]
    fn memory_chart(&self) -> LineChart {
        let seconds = |ns: u64| ns as f64 / SECOND;
        let mut chart = LineChart::new("Bytes held over time")
            .x(Axis::linear("time", Unit::Seconds))
            .y(Axis::linear("", Unit::Bytes).from_zero());
        let planned = steps(&self.planned());
        if !planned.is_empty() {
            let points = planned.into_iter().map(|(at, bytes)| (seconds(at), bytes as f64));
            chart = chart.series(Series::line("planned at most").points(points));
        }
        let counted = thinned(&self.counted());
        if !counted.is_empty() {
            let points = counted.into_iter().map(|(at, bytes)| (seconds(at), bytes as f64));
            chart = chart.series(Series::line("results alive").points(points));
        }
        let first = self.samples.first().map_or(0, |sample| sample.resident);
        let grown: Vec<_> = self
            .samples
            .iter()
            .map(|sample| (sample.at_ns, sample.resident.saturating_sub(first)))
            .collect();
        let grown = thinned(&grown).into_iter().map(|(at, bytes)| (seconds(at), bytes as f64));
        chart = chart.series(Series::line("memory of the process, grown by").points(grown));
        if let Some(cap) = self.memory {
            let ends = [(0.0, cap as f64), (seconds(self.end_ns()), cap as f64)];
            chart = chart.series(Series::line("cap").points(ends).dashed());
        }
        chart
    }
}

/// Text whose columns stay below each other.
fn preformatted(text: &str) -> Html {
    let open = "<div class=\"scroll\" tabindex=\"0\"><pre>";
    Html::trusted(open).with(Html::text(text)).with(Html::trusted("</pre></div>"))
}

/// The colours of what is done, and of tasks by their names.
struct Kinds {
    of_activities: HashMap<Activity, usize>,
    of_names: HashMap<String, usize>,
    rest: usize,
}

impl Kinds {
    fn of(&mut self, trace: &Trace, record: &TraceRecord) -> usize {
        match record.activity {
            Activity::Task => {
                self.of_names.get(&trace.group_name(record)).copied().unwrap_or(self.rest)
            }
            activity => self.of_activities.get(&activity).copied().unwrap_or(self.rest),
        }
    }
}

/// A line that holds its height until the next point.
fn steps(points: &[(u64, u64)]) -> Vec<(u64, u64)> {
    let ends = points.windows(2).flat_map(|pair| [pair[0], (pair[1].0, pair[0].1)]);
    ends.chain(points.last().copied()).collect()
}

/// As many points as can be seen, of some neighbours always the highest.
fn thinned(points: &[(u64, u64)]) -> Vec<(u64, u64)> {
    let together = points.len().div_ceil(POINTS).max(1);
    let highest = |some: &[(u64, u64)]| some.iter().copied().max_by_key(|&(_, bytes)| bytes);
    points.chunks(together).filter_map(highest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_keep_their_peaks() {
        let points: Vec<(u64, u64)> =
            (0..10_000).map(|at| (at, if at == 7777 { 99 } else { at % 3 })).collect();
        let thin = thinned(&points);
        assert!(thin.len() <= POINTS && thin.contains(&(7777, 99)));
        assert_eq!(thinned(&points[..3]), points[..3]);
        assert_eq!(steps(&[(0, 5), (10, 7)]), [(0, 5), (10, 5), (10, 7)]);
    }

    #[test]
    fn a_page_of_many_records_is_small() {
        let record = |at: u64| TraceRecord {
            start_ns: at * 1000,
            end_ns: at * 1000 + 900,
            bytes: 0,
            number: at,
            stage: 0,
            worker: u16::try_from(at % 4).unwrap(),
            activity: Activity::Task,
            failed: false,
        };
        let names = (0..100_000).map(|at| format!("<task> {}", at % 1000).into()).collect();
        let records = (0..100_000).map(record).collect();
        let trace = Trace { records, names, workers: 4, ..Trace::default() };
        let page = trace.to_html();
        assert!(page.len() < 5_000_000, "{}", page.len());
        assert!(page.contains("other tasks") && page.contains("the first 100 of 1000"));
        assert!(!page.contains("<task>"));
    }
}
