//! A report as a page.

use tenfold_report::{Axis, Html, Lane, LineChart, Page, Series, Timeline, Tone, Unit};

use super::bootstrap::Estimate;
use super::figure::Figure;
use super::fit::Fit;
use super::report::Report;
use super::study::Kind;
use super::verdict::WORTH;

/// From here on `p` doubles rather than counts.
const MANY: f64 = 16.0;

/// How many places a curve is drawn at.
const STEPS: u32 = 40;

impl Report<'_> {
    /// One page that stands for itself.
    pub(crate) fn page(&self) -> String {
        let lead = Html::verdict(self.verdict(), self.verdict.tone).with(self.highlights());
        let charts = Html::columns([self.time_chart(), self.efficiency_chart()]);
        let mut page = Page::new(format!("{}, {}", self.study.title, self.kind()))
            .lead(lead)
            .section("speedup", "Speed-up", self.speedup_chart().to_html().with(charts))
            .section("figures", "Figures", self.figures_section());
        if let Some(table) = self.split_table() {
            let body = self.split_chart().with(table.to_html());
            page = page.section("split", "Where the time went", body);
        }
        if !self.study.facts.is_empty() {
            let facts = self.study.facts.iter().map(|(name, value)| (&name[..], &value[..]));
            page = page.section("run", "What was run", Html::facts(facts));
        }
        page.footer(FOOTER).render()
    }

    fn highlights(&self) -> Html {
        let full = || self.figures.iter().filter(|figure| !figure.crowded);
        let Some(last) = full().next_back() else { return Html::new() };
        let mut pairs = vec![
            (Unit::Plain.format(last.p), "p, the most with a core each".to_owned()),
            (Unit::Ratio.format(last.speedup.value), "speed-up there".to_owned()),
            (Unit::Percent.format(last.efficiency.value), "efficiency there".to_owned()),
        ];
        if let Some(fit) = &self.fit {
            pairs.push((
                Unit::Percent.format(fit.serial.value),
                format!("serial, by {}", fit.law()),
            ));
        }
        Html::figures(pairs)
    }

    fn figures_section(&self) -> Html {
        let lines = self.fit.iter().map(Fit::words).chain(self.notes.iter().cloned());
        let lines: Vec<String> = lines.collect();
        let table = self.table().to_html();
        if lines.is_empty() {
            return table;
        }
        table.with(Html::list(lines.iter().map(String::as_str)))
    }

    /// The speed-up as a file of its own: an SVG for documents.
    pub(crate) fn picture(&self) -> String {
        let note = format!("{}, {}", self.study.title, self.kind());
        self.speedup_chart().note(note).to_svg()
    }

    fn speedup_chart(&self) -> LineChart {
        let name = match self.study.kind {
            Kind::Strong => "speed-up",
            Kind::Weak => "scaled speed-up",
        };
        let axis = if self.is_wide() {
            Axis::log(name, Unit::Ratio)
        } else {
            Axis::linear(name, Unit::Ratio).from_zero()
        };
        let chart = self
            .chart(format!("{name} over p"), axis, |figure| figure.speedup)
            .series(self.curve("ideal", Some).paint(Tone::Neutral));
        let Some(fit) = &self.fit else { return chart };
        chart.series(self.curve(fit.law(), |n| fit.speedup(n)).paint(1))
    }

    fn time_chart(&self) -> Html {
        let axis = if self.is_wide() {
            Axis::log("time", Unit::Seconds)
        } else {
            Axis::linear("time", Unit::Seconds).from_zero()
        };
        let base = self.figures[self.base].time.value;
        let ideal = |n| match self.study.kind {
            Kind::Strong => base / n,
            Kind::Weak => base,
        };
        self.chart("time over p", axis, |figure| figure.time)
            .series(self.curve("ideal", |n| Some(ideal(n))).paint(Tone::Neutral))
            .to_html()
    }

    fn efficiency_chart(&self) -> Html {
        let axis = Axis::linear("efficiency", Unit::Percent).from_zero();
        self.chart("efficiency over p", axis, |figure| figure.efficiency)
            .series(self.curve("ideal", |_| Some(1.0)).paint(Tone::Neutral))
            .series(self.curve("half of the time is lost", |_| Some(WORTH)).paint(Tone::Bad))
            .to_html()
    }

    /// Ranks and threads that have a core each, and those that have not, beside each other.
    fn chart(
        &self,
        title: impl Into<String>,
        y: Axis,
        value: impl Fn(&Figure<'_>) -> Estimate,
    ) -> LineChart {
        let series = |name: Series, crowded: bool| {
            let figures = self.figures.iter().filter(|figure| figure.crowded == crowded);
            figures.fold(name.paint(0), |series, figure| {
                let estimate = value(figure);
                match estimate.interval {
                    Some((low, high)) => series.whisker(figure.p, estimate.value, low, high),
                    None => series.point(figure.p, estimate.value),
                }
            })
        };
        let chart = LineChart::new(title).x(self.across()).y(y);
        let chart = chart.series(series(Series::new("measured"), false));
        if !self.figures.iter().any(|figure| figure.crowded) {
            return chart;
        }
        chart.series(series(Series::scatter("more ranks and threads than cores"), true).hollow())
    }

    fn across(&self) -> Axis {
        let single = self.figures.iter().all(|figure| figure.point.threads_per_rank == 1);
        let name = if single { "p: ranks" } else { "p: ranks x threads" };
        if self.is_wide() {
            Axis::log(name, Unit::Plain)
        } else {
            Axis::linear(name, Unit::Plain).from_zero()
        }
    }

    /// The least and the most of `p`.
    fn ends(&self) -> (f64, f64) {
        let at = |figure: Option<&Figure<'_>>| figure.map_or(1.0, |figure| figure.p);
        (at(self.figures.first()), at(self.figures.last()))
    }

    fn is_wide(&self) -> bool {
        let (low, high) = self.ends();
        high / low > MANY
    }

    /// What a function of `n` gives, from the base to the most.
    fn curve(&self, name: &str, value: impl Fn(f64) -> Option<f64>) -> Series {
        let (base, (_, last)) = (self.figures[self.base].p, self.ends());
        let ns = (0..=STEPS).map(|step| (last / base).powf(f64::from(step) / f64::from(STEPS)));
        let points = ns.filter_map(|n| Some((n * base, value(n)?)));
        Series::line(name).points(points).dashed()
    }

    fn split_chart(&self) -> Html {
        let chart = Timeline::new("share of the ranks' time").unit(Unit::Percent);
        let chart = self.splits().fold(chart, |chart, (figure, shares)| {
            let mut start = 0.0;
            let lane =
                shares.into_iter().fold(Lane::new(figure.point.name()), |lane, (name, share)| {
                    let end = start + share;
                    let text = format!("{name}: {}", Unit::Percent.format(share));
                    let lane = lane.span(start, end, name, text);
                    start = end;
                    lane
                });
            chart.lane(lane)
        });
        chart.to_html()
    }
}

impl Fit {
    fn law(&self) -> &'static str {
        match self.kind {
            Kind::Strong => "Amdahl",
            Kind::Weak => "Gustafson",
        }
    }
}

const FOOTER: &str = "T is the median of the samples, timed inside the program; S is the speed-up, in a weak study the \
                      scaled one; E is S over p, both in relation to the base; Karp-Flatt is the serial part if that \
                      is all that is lost. Intervals are those in which a figure lies in 95 of 100 times (bootstrap, \
                      percentiles).";
