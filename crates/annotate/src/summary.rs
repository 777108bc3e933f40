//! A function in one line.

use crate::annotation::{Isa, Kind, Loop};
use crate::finding::Found;

/// How many sorts of findings are named; the rest is counted.
const NAMED: usize = 4;

/// `vectorised 8 x f64 (v4), 2 bounds checks in the inner loop at line 41`.
pub(crate) fn of(isa: Isa, loops: &[Loop], found: &[Found]) -> String {
    let mut parts = Vec::new();
    if let Some(widest) = loops.iter().filter(|l| l.lanes > 1).max_by_key(|l| l.lanes * l.bits) {
        let (lanes, bits, isa) = (widest.lanes, widest.bits, isa.name());
        parts.push(format!("vectorised {lanes} x f{bits} ({isa})"));
    }
    let groups = groups(found);
    parts.extend(groups.iter().take(NAMED).map(Group::text));
    let rest = groups.len().saturating_sub(NAMED);
    if rest > 0 {
        parts.push(format!("{rest} more"));
    }
    match (parts.is_empty(), loops.is_empty()) {
        (false, _) => parts.join(", "),
        (true, true) => "nothing found; it has no loop".into(),
        (true, false) => "nothing found".into(),
    }
}

/// Findings that are named together: of one kind, at one place in the loops.
struct Group {
    kind: Kind,
    what: String,
    place: &'static str,
    count: u32,
    lines: Vec<u32>,
    weight: f64,
}

/// The groups of what was found, the heaviest first.
fn groups(found: &[Found]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for f in found {
        let finding = &f.finding;
        let (kind, what) = (finding.kind, group(finding.kind, &finding.what));
        let place = match (finding.depth, finding.innermost) {
            (0, _) => "outside of loops",
            (1, true) => "in the loop",
            (_, true) => "in the inner loop",
            _ => "in an outer loop",
        };
        let same = |g: &&mut Group| g.kind == kind && g.place == place && g.what == what;
        match groups.iter_mut().find(same) {
            Some(group) => {
                group.count += finding.count;
                group.weight = group.weight.max(f.weight);
                if !group.lines.contains(&f.place.line) {
                    group.lines.push(f.place.line);
                }
            }
            None => {
                let (count, lines) = (finding.count, vec![f.place.line]);
                groups.push(Group { kind, what, place, count, lines, weight: f.weight });
            }
        }
    }
    for group in &mut groups {
        group.lines.sort_unstable();
    }
    groups.sort_by(|a, b| {
        b.weight.total_cmp(&a.weight).then_with(|| (a.kind, &a.lines).cmp(&(b.kind, &b.lines)))
    });
    groups
}

impl Group {
    fn text(&self) -> String {
        let what = counted(self.kind, &self.what, self.count);
        format!("{what} {} at {}", self.place, numbers(&self.lines))
    }
}

/// What is counted together.
fn group(kind: Kind, what: &str) -> String {
    match kind {
        Kind::Bounds => "bounds check".into(),
        Kind::Spill => "spill".into(),
        _ => what.into(),
    }
}

fn counted(kind: Kind, what: &str, count: u32) -> String {
    match (kind, count) {
        // One such instruction or many: the loop is scalar.
        (Kind::Scalar, _) => what.into(),
        (_, 1) => format!("1 {what}"),
        (_, count) => {
            let (noun, rest) = what.split_at(noun_end(what));
            let plural = if noun.ends_with('y') {
                format!("{}ies", noun.trim_end_matches('y'))
            } else {
                format!("{noun}s")
            };
            format!("{count} {plural}{rest}")
        }
    }
}

/// Where the words end of which the last takes the plural.
fn noun_end(what: &str) -> usize {
    [" of ", " by ", " through ", " for ", " that ", ", ", " (", " kept "]
        .iter()
        .filter_map(|word| what.find(word))
        .min()
        .unwrap_or(what.len())
}

fn numbers(lines: &[u32]) -> String {
    match lines {
        [one] => format!("line {one}"),
        [first, second] => format!("lines {first} and {second}"),
        [first, .., last] => format!("{} lines from {first} to {last}", lines.len()),
        [] => "no line".into(),
    }
}
