//! The page, and the drawing by itself.

use std::collections::HashMap;

use tenfold_report::{
    Axis, Column, Flame, Frame, Html, LineChart, Page, Paint, Series, Table, Tone, Unit,
};

use super::analysis::{self, Branch, Tree};
use super::document::Samples;
use super::table::Sort;
use super::{Report, Sampling, analysis::short};
use crate::units::{Bytes, Nanoseconds, Percent};

/// Functions in the page's table, and in its chart.
const ROWS: usize = 200;
const BARS: usize = 30;

pub(crate) fn write(report: &Report) -> String {
    let name = format!("{}: where the time goes", report.document.program);
    let (mut page, of_samples) = (Page::new(name).lead(lead(report)), report.of_samples());
    if of_samples.is_none() {
        page = page.section("tree", "Call tree", Html::concat(flames(report)));
        page = page.section("functions", "Functions", functions(report));
    }
    page = page.section("few", "How few take most", pareto(of_samples.as_ref().unwrap_or(report)));
    if let (Some(found), Some(sampled)) = (&report.document.samples, report.sampled()) {
        page = page.section("samples", "Samples", samples(found, sampled));
    }
    if let Some(lines) = report.lines() {
        page = page.section("lines", "Lines", lines.to_html());
    }
    if let Some(memory) = memory(report) {
        page = page.section("memory", "Memory", memory);
    }
    let counters = report.counters();
    if !counters.is_empty() {
        let lines = counters.iter().map(ToString::to_string);
        page = page.section("counters", "Counters", Html::list(lines));
    }
    page.section("trust", "What speaks against these figures", Html::list(report.diagnosis()))
        .footer(footer(report))
        .render()
}

fn lead(report: &Report) -> Html {
    let session = (Nanoseconds(report.document.wall_ns).to_string(), "session");
    let figures = match report.sampled().filter(|_| report.of_samples().is_some()) {
        Some(sampled) => [
            session,
            (sampled.running().to_string(), "samples of running threads"),
            (sampled.functions().len().to_string(), "functions seen"),
            (sampled.threads().0.to_string(), "threads"),
        ],
        None => [
            session,
            (Nanoseconds(report.total_ns()).to_string(), "in scopes, all threads"),
            (report.functions().len().to_string(), "functions called"),
            (report.document.threads.len().to_string(), "threads"),
        ],
    };
    let by_samples = || Some(format!("{}, by samples", report.of_samples()?.pareto()?));
    let verdict = match report.pareto().map(|pareto| pareto.to_string()).or_else(by_samples) {
        Some(few) => Html::verdict(few, Tone::Good),
        None => Html::verdict("no time was recorded", Tone::Warn),
    };
    verdict.with(Html::figures(figures.iter().map(|(value, label)| (value, *label))))
}

fn footer(report: &Report) -> String {
    let overhead = &report.document.overhead;
    format!(
        "tenfold-profile {}. Scopes read the {}. Recording a call costs {}, which no figure holds.",
        env!("CARGO_PKG_VERSION"),
        report.document.clock,
        Nanoseconds(overhead.whole_ns)
    )
}

/// One of all threads together, and one of each where there are several.
fn flames(report: &Report) -> Vec<Html> {
    let document = &report.document;
    let mut all = vec![flame(report, "all threads", &Tree::of(document, |_| true)).to_html()];
    if document.threads.len() > 1 {
        let each = document.threads.iter().enumerate().map(|(at, thread)| {
            let tree = Tree::of(document, |thread| thread == at);
            flame(report, &thread.name, &tree).to_html()
        });
        all.push(Html::details("each thread", Html::concat(each)));
    }
    all
}

fn flame(report: &Report, name: &str, tree: &Tree) -> Flame {
    let total: f64 = tree.roots.iter().map(|&root| tree.branches[root].total_ns).sum();
    let functions = &report.document.functions;
    let frames = frames(tree, &tree.roots, 0.0, |function| &functions[function].name);
    let root = Frame::new(name, total / 1e9).children(frames);
    let note = "below each function what it called, as wide as its share of the time";
    Flame::new(name, root, Unit::Seconds).note(note)
}

/// The frames of some branches, without those that take less. Made from the leaves up, because a tree
/// may be deep.
pub(crate) fn frames<'a>(
    tree: &Tree,
    roots: &[usize],
    least_ns: f64,
    name: impl Fn(usize) -> &'a str,
) -> Vec<Frame> {
    let mut made: Vec<Option<Frame>> = tree.branches.iter().map(|_| None).collect();
    for (at, branch) in tree.branches.iter().enumerate().rev() {
        let Branch { function, total_ns, below, .. } = branch;
        if *total_ns < least_ns {
            continue;
        }
        let mut below = below.clone();
        let time = |at: &usize| tree.branches[*at].total_ns;
        below.sort_by(|a, b| time(b).total_cmp(&time(a)));
        let below: Vec<Frame> = below.iter().filter_map(|&at| made[at].take()).collect();
        made[at] = Some(Frame::new(short(name(*function)), total_ns / 1e9).children(below));
    }
    roots.iter().filter_map(|&root| made[root].take()).collect()
}

/// The table in four orders, of which one shows: pages have no scripts.
fn functions(report: &Report) -> Html {
    let orders = [
        ("self", "self time", Sort::SelfTime),
        ("total", "cumulative time", Sort::Total),
        ("calls", "calls", Sort::Calls),
        ("max", "longest call", Sort::Max),
    ];
    let mut style = String::from(".order>div{display:none}.order label{margin-right:1rem}");
    let (mut inputs, mut tables) = (String::new(), Html::new());
    for (at, (id, name, sort)) in orders.into_iter().enumerate() {
        style += &format!(".order:has(#by-{id}:checked)>.by-{id}{{display:block}}");
        let checked = if at == 0 { " checked" } else { "" };
        inputs += &format!(
            "<label><input type=\"radio\" name=\"order\" id=\"by-{id}\"{checked}> {name}</label>"
        );
        let table = report.stats().sort_by(sort).top(ROWS).strip(true).to_table(true).to_html();
        tables.push(Html::trusted(format!("<div class=\"by-{id}\">{table}</div>")));
    }
    Html::trusted(format!(
        "<style>{style}</style><div class=\"order\"><p>sorted by: {inputs}</p>{tables}</div>"
    ))
}

/// Cumulative share of self time over the functions, the largest first.
fn pareto(report: &Report) -> Html {
    let functions = report.functions();
    let all = report.total_ns();
    if all <= 0.0 {
        return Html::paragraph("no time was recorded");
    }
    let shown = functions.iter().take(BARS);
    let mut sum = 0.0;
    let (mut each, mut cumulative) = (vec![], vec![]);
    let mut x = 0.0;
    for function in shown.clone() {
        x += 1.0;
        sum += function.self_ns();
        each.push((x, function.self_ns() / all));
        cumulative.push((x, sum / all));
    }
    let mut chart = LineChart::new("share of self time")
        .x(Axis::linear("functions, the largest first", Unit::Plain).from_zero())
        .y(Axis::linear("share", Unit::Percent).from_zero())
        .series(Series::line("together").paint(Paint::Series(0)).points(cumulative))
        .series(Series::scatter("each").paint(Paint::Series(1)).points(each));
    if functions.len() > BARS {
        chart = chart.note(format!("the first {BARS} of {}", functions.len()));
    }
    chart.to_html()
}

/// The icicle graph of what ran, and its functions.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
fn samples(samples: &Samples, sampled: Sampling<'_>) -> Html {
    let mut tree = SampleTree::default();
    let stacks = samples.threads.iter().flat_map(|thread| &thread.stacks);
    stacks.filter(|stack| !stack.waits).for_each(|stack| tree.add(&stack.frames, stack.weight));
    let root = Frame::new("samples", tree.total as f64).children(tree.frames(samples));
    let note = "below each function what it called, as wide as its share of the samples";
    let flame = Flame::new("while running", root, Unit::Plain).note(note).to_html();
    let table = sampled.top(BARS).to_table().to_html();
    Html::paragraph(sampled.headline()).with(flame).with(table)
}

/// Stacks laid over each other. Those below come later in the list.
#[derive(Debug, Default)]
struct SampleTree {
    /// A function, its weight with all below, and where it was called from.
    branches: Vec<(usize, u64, Option<usize>)>,
    known: HashMap<(Option<usize>, usize), usize>,
    total: u64,
}

impl SampleTree {
    fn add(&mut self, frames: &[usize], weight: u64) {
        self.total += weight;
        let mut above = None;
        for &frame in frames {
            let next = self.branches.len();
            let at = *self.known.entry((above, frame)).or_insert(next);
            if at == next {
                self.branches.push((frame, 0, above));
            }
            self.branches[at].1 += weight;
            above = Some(at);
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
    fn frames(&self, samples: &Samples) -> Vec<Frame> {
        let mut below: Vec<Vec<Frame>> = self.branches.iter().map(|_| vec![]).collect();
        let mut roots = vec![];
        for (at, (function, weight, above)) in self.branches.iter().enumerate().rev() {
            let children = std::mem::take(&mut below[at]);
            let name = short(&samples.frames[*function].name);
            let frame = Frame::new(name, *weight as f64).children(children);
            match above {
                Some(above) => below[*above].push(frame),
                None => roots.push(frame),
            }
        }
        roots
    }
}

fn memory(report: &Report) -> Option<Html> {
    let line = Html::paragraph(report.memory_line()?);
    let by = report.stats().sort_by(Sort::Bytes).top(BARS).strip(true);
    let mut table =
        Table::new([Column::number("bytes"), Column::number("blocks"), Column::text("function")])
            .caption("allocated by the function itself");
    #[expect(clippy::cast_precision_loss, reason = "shown with three digits")]
    for (at, function) in by.rows().into_iter().filter(|(_, f)| f.blocks() > 0) {
        let label = analysis::label(&report.document.functions[at], true);
        let bytes = Bytes(function.bytes() as f64).to_string();
        table = table.row([bytes, function.blocks().to_string(), label]);
    }
    let html = line.with(table.to_html());
    let Some(leaks) = report.leaks() else { return Some(html) };
    let mut table =
        Table::new([Column::number("bytes"), Column::number("blocks"), Column::text("path")])
            .caption("allocated in the session and not released at its end");
    #[expect(clippy::cast_precision_loss, reason = "shown with three digits")]
    for leak in leaks.iter().take(BARS) {
        let path: Vec<String> = leak.path.iter().map(|name| short(name)).collect();
        let path =
            if path.is_empty() { "(outside of scopes)".to_owned() } else { path.join(" > ") };
        table = table.row([Bytes(leak.bytes as f64).to_string(), leak.blocks.to_string(), path]);
    }
    Some(html.with(table.to_html()))
}

/// A drawing by itself: the widths and heights that the page's drawings leave to the browser.
pub(crate) fn svg(report: &Report) -> String {
    const WIDTH: f64 = 1200.0;
    const ROW: f64 = 20.0;
    let tree = Tree::of(&report.document, |_| true);
    let total: f64 = tree.roots.iter().map(|&root| tree.branches[root].total_ns).sum();
    let mut boxes = String::new();
    let mut deepest = 0_usize;
    let mut open: Vec<(usize, f64, usize)> = vec![];
    let place = |open: &mut Vec<(usize, f64, usize)>, list: &[usize], left: f64, depth: usize| {
        let mut left = left;
        for &at in list {
            open.push((at, left, depth));
            left += tree.branches[at].total_ns;
        }
    };
    place(&mut open, &tree.roots, 0.0, 0);
    while let Some((at, left, depth)) = open.pop() {
        let branch = &tree.branches[at];
        let width = WIDTH * branch.total_ns / total;
        // What is thinner than a tenth of a pixel cannot be seen, with all below it.
        if !width.is_finite() || width < 0.1 {
            continue;
        }
        deepest = deepest.max(depth + 1);
        let name = &report.document.functions[branch.function].name;
        let share = Percent(branch.total_ns / total);
        let title = format!("{name}: {}, {share}", Nanoseconds(branch.total_ns));
        boxes += &icicle(WIDTH * left / total, ROW * depth as f64, width, name, &title);
        place(&mut open, &branch.below, left, depth + 1);
    }
    let height = ROW * deepest.max(1) as f64;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" \
         font-family=\"sans-serif\" font-size=\"11\">\n{boxes}</svg>\n"
    )
}

/// One box, its name cut to what has room.
fn icicle(x: f64, y: f64, width: f64, name: &str, title: &str) -> String {
    const LETTER: f64 = 6.5;
    let mix = |hash: u32, byte: u8| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    let hue = name.bytes().fold(0x811c_9dc5, mix) % 60;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few hundred")]
    let room = (width / LETTER).max(0.0) as usize;
    let text: String =
        if room < 3 { String::new() } else { short(name).chars().take(room).collect() };
    format!(
        "<g><title>{}</title><rect x=\"{x:.2}\" y=\"{y}\" width=\"{width:.2}\" height=\"19\" \
         fill=\"hsl({hue},70%,72%)\" stroke=\"#fff\" stroke-width=\"0.5\"/>\
         <text x=\"{:.2}\" y=\"{}\">{}</text></g>\n",
        Html::text(title),
        x + 4.0,
        y + 14.0,
        Html::text(&text)
    )
}
