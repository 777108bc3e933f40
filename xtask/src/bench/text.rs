//! The ladder as text for a terminal, and as Markdown.

use super::document::{Comparison, Document, Micro, Rung, RungStatus, Verdict, Workload};

/// The longest bar.
const BAR: usize = 24;

/// The whole run for a terminal.
pub(super) fn ladder(document: &Document, coloured: bool) -> String {
    let paint = Paint(coloured);
    let mut text = heading(document);
    for workload in &document.workloads {
        text += &climb(workload, &paint);
    }
    if let Some(against) = &document.against {
        text += &format!("\nagainst {against}\n");
        let lines = document.comparisons.iter().map(|c| comparison(c, &paint));
        text.extend(lines);
    }
    text.extend(document.micro.iter().map(micro));
    text
}

fn heading(document: &Document) -> String {
    let host = &document.host;
    if host.cpu.is_empty() {
        return String::new();
    }
    let granted =
        host.cores_granted.map_or_else(String::new, |granted| format!(" ({granted:.1} granted)"));
    let load = host.load.map_or_else(String::new, |load| format!(", load {load:.1}"));
    format!(
        "{}, {} cores{granted}{load}; noise floor {}; seed {}\n",
        host.cpu,
        host.cores,
        percent(document.noise_floor),
        document.seed
    )
}

fn climb(workload: &Workload, paint: &Paint) -> String {
    let title = format!("{}  {}", workload.name, workload.label);
    let mut text = format!("\n{}  ns/{}\n", paint.bold(&title), workload.unit);
    let scale = Scale::of(workload);
    for rung in &workload.rungs {
        text += &format!("  {}\n", step(rung, &scale, paint).trim_end());
    }
    text
}

/// One rung: its figure, its bar, what it gained.
fn step(rung: &Rung, scale: &Scale, paint: &Paint) -> String {
    let name = format!("{:<12}", threaded(&rung.name, rung.threads));
    let Some(best) = rung.best_ns_per_op else {
        let reason = rung.reason.as_deref().unwrap_or("no figure");
        let cpu = rung
            .cpu_ns_per_op
            .map_or_else(String::new, |cpu| format!(" (CPU time {})", number(cpu)));
        let device = device(rung);
        let status = format!("{}: {reason}{cpu}{device}", status(rung.status));
        let bad = rung.status == RungStatus::Wrong;
        return format!("{name} {}", if bad { paint.bad(&status) } else { paint.faint(&status) });
    };
    let spread = rung.best_high_ns_per_op.map_or(0.0, |high| high / best - 1.0);
    let bar = "▬".repeat(scale.length(best));
    format!(
        "{name} {:>8} {:<8} {bar:<BAR$} {}{}",
        number(best),
        format!("+{:.1} %", 100.0 * spread),
        gains(rung),
        device(rung)
    )
}

/// Which device a figure is of, and how much of it are transfers; nothing for a rung without one.
fn device(rung: &Rung) -> String {
    match (&rung.device, rung.transfer_ns_per_op) {
        (Some(device), Some(ns)) => format!("; on {device}, transfers {}", number(ns)),
        _ => String::new(),
    }
}

fn gains(rung: &Rung) -> String {
    if let (Some(naive), Some(peer)) = (rung.speedup_vs_naive, &rung.peer) {
        return format!("{:>8} over naive; {peer}", times(naive));
    }
    match (rung.speedup_vs_naive, rung.speedup_vs_previous) {
        (Some(naive), Some(previous)) if (naive - previous).abs() > 1e-9 => {
            format!("{:>8} over naive, {} over the rung below", times(naive), times(previous))
        }
        (Some(naive), Some(_)) => format!("{:>8} over naive", times(naive)),
        _ => String::new(),
    }
}

fn comparison(c: &Comparison, paint: &Paint) -> String {
    let what = format!("{} {}, {}", c.name, c.label, threaded(&c.rung, c.threads));
    let verdict = match c.verdict {
        Verdict::Slower => paint.bad("slower"),
        Verdict::Faster => paint.good("faster"),
        Verdict::Same => paint.faint("within noise"),
        Verdict::Degraded => paint.faint(c.reason.as_deref().unwrap_or("no telling")),
    };
    let change =
        c.change.map_or_else(|| "-".to_owned(), |change| format!("{:+.2} %", 100.0 * change));
    let interval = c.interval.map_or_else(String::new, |(low, high)| {
        format!("[{:+.2}, {:+.2}]", 100.0 * low, 100.0 * high)
    });
    let (floor, clean, pairs) = (percent(c.noise_floor), c.clean_pairs, c.pairs);
    format!(
        "  {what:<44} {change:>9} {interval:<17} floor {floor}, {clean}/{pairs} pairs: {verdict}\n"
    )
}

fn micro(m: &Micro) -> String {
    let (low, high) = m.interval_ns;
    format!(
        "  micro {:<40} {:>9} ns [{}, {}]\n",
        m.id,
        number(m.median_ns),
        number(low),
        number(high)
    )
}

/// The whole run as Markdown.
pub(super) fn markdown(document: &Document) -> String {
    let mut text = String::new();
    for workload in &document.workloads {
        text += &format!(
            "### {}: {}\n\n| rung | ns/{} | over naive | over the rung below | status |\n\
             |---|---:|---:|---:|---|\n",
            workload.name, workload.label, workload.unit
        );
        text.extend(workload.rungs.iter().map(row));
        text.push('\n');
    }
    if !document.comparisons.is_empty() {
        text += "| compared | change | floor | verdict |\n|---|---:|---:|---|\n";
        text.extend(document.comparisons.iter().map(|c| {
            let change = c
                .change
                .map_or_else(|| "-".to_owned(), |change| format!("{:+.2} %", 100.0 * change));
            let what = format!("{} {}, {}", c.name, c.label, threaded(&c.rung, c.threads));
            format!("| {what} | {change} | {} | {:?} |\n", percent(c.noise_floor), c.verdict)
        }));
    }
    if !document.micro.is_empty() {
        text += "| micro-benchmark | ns |\n|---|---:|\n";
        let lines = document.micro.iter();
        text.extend(lines.map(|m| format!("| {} | {} |\n", m.id, number(m.median_ns))));
    }
    text
}

fn row(rung: &Rung) -> String {
    let ratio = |ratio: Option<f64>| ratio.map_or_else(|| "-".to_owned(), times);
    let reason = rung.reason.as_ref().map_or_else(String::new, |reason| format!(": {reason}"));
    let peer = rung.peer.as_ref().map_or_else(String::new, |peer| format!("; {peer}"));
    let more = (reason + &device(rung) + &peer).replace('|', "\\|");
    let status = format!("{}{more}", status(rung.status));
    format!(
        "| {} | {} | {} | {} | {status} |\n",
        name(rung),
        rung.best_ns_per_op.map_or_else(|| "-".to_owned(), number),
        ratio(rung.speedup_vs_naive),
        ratio(rung.speedup_vs_previous)
    )
}

/// What a rung is called.
pub(super) fn name(rung: &Rung) -> String {
    threaded(&rung.name, rung.threads)
}

/// A rung's name, with its threads where there are several.
pub(super) fn threaded(name: &str, threads: usize) -> String {
    if threads > 1 { format!("{name} x{threads}") } else { name.to_owned() }
}

pub(super) fn status(status: RungStatus) -> &'static str {
    match status {
        RungStatus::Measured => "measured",
        RungStatus::Degraded => "degraded",
        RungStatus::Wrong => "wrong",
        RungStatus::Unavailable => "unavailable",
        RungStatus::NotBuilt => "not built",
    }
}

pub(super) fn percent(ratio: Option<f64>) -> String {
    ratio.map_or_else(|| "unknown".to_owned(), |ratio| format!("{:.2} %", 100.0 * ratio))
}

pub(super) fn times(ratio: f64) -> String {
    format!("{}x", number(ratio))
}

/// Three significant digits.
pub(super) fn number(value: f64) -> String {
    match value.abs() {
        0.0 => "0".to_owned(),
        v if !v.is_finite() => "n/a".to_owned(),
        v if !(1e-3..1e6).contains(&v) => format!("{value:.2e}"),
        v if v >= 100.0 => format!("{value:.0}"),
        v if v >= 10.0 => format!("{value:.1}"),
        v if v >= 1.0 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}

/// Lengths of bars, on a logarithmic scale: a ladder spans decades.
struct Scale {
    low: f64,
    high: f64,
}

impl Scale {
    fn of(workload: &Workload) -> Self {
        let best = workload.rungs.iter().filter_map(|rung| rung.best_ns_per_op);
        let (low, high) =
            best.fold((f64::INFINITY, 0.0_f64), |(low, high), ns| (low.min(ns), high.max(ns)));
        // The shortest bar starts at half its value, so that it is not nothing.
        Self { low: low / 2.0, high }
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to BAR")]
    fn length(&self, ns: f64) -> usize {
        let share = (ns / self.low).ln() / (self.high / self.low).ln();
        (share * BAR as f64).round().clamp(1.0, BAR as f64) as usize
    }
}

/// Colours, or none.
struct Paint(bool);

impl Paint {
    fn with(&self, code: &str, text: &str) -> String {
        if self.0 { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
    fn bold(&self, text: &str) -> String {
        self.with("1", text)
    }
    fn faint(&self, text: &str) -> String {
        self.with("2", text)
    }
    fn good(&self, text: &str) -> String {
        self.with("32", text)
    }
    fn bad(&self, text: &str) -> String {
        self.with("31", text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_of_a_device_names_it_and_its_transfers() {
        let mut rung: Rung = serde_json::from_str(
            r#"{"name": "gpu", "threads": 1, "status": "measured", "reason": null, "checked": true,
                "max_error": null, "build_s": null, "first_call_ns": null, "best_ns_per_op": 2.5,
                "best_high_ns_per_op": null, "median_ns_per_op": null, "cpu_ns_per_op": null,
                "speedup_vs_naive": 4.0, "speedup_vs_previous": 2.0, "samples": 3,
                "clean_samples": 3, "clean_ns_per_op": []}"#,
        )
        .unwrap();
        assert_eq!(device(&rung), "");
        assert!(row(&rung).ends_with("| measured |\n"), "{}", row(&rung));
        rung.device = Some("llvmpipe, software".to_owned());
        rung.transfer_ns_per_op = Some(0.5);
        let scale = Scale { low: 1.0, high: 3.0 };
        let line = step(&rung, &scale, &Paint(false));
        assert!(line.ends_with("; on llvmpipe, software, transfers 0.500"), "{line}");
        let row = row(&rung);
        assert!(row.ends_with("| measured; on llvmpipe, software, transfers 0.500 |\n"), "{row}");
        rung.best_ns_per_op = None;
        let line = step(&rung, &scale, &Paint(false));
        assert!(line.ends_with("no figure; on llvmpipe, software, transfers 0.500"), "{line}");
    }

    #[test]
    fn three_digits() {
        let cases = [
            (0.0, "0"),
            (0.3712, "0.371"),
            (2.807, "2.81"),
            (28.3, "28.3"),
            (412.4, "412"),
            (1.5e7, "1.50e7"),
            (4.1e-8, "4.10e-8"),
            (f64::NAN, "n/a"),
        ];
        for (value, text) in cases {
            assert_eq!(number(value), text);
        }
    }
}
