//! The gate: what may not be in a loop.

use std::process::ExitCode;

use tenfold_annotate::{Annotation, Finding, Isa, Kind};

use crate::say;

/// Says what was denied and found, a line each; 1 if there is any.
pub(crate) fn judge(annotation: &Annotation, denied: &[Kind]) -> ExitCode {
    let found = offences(annotation, denied);
    found.iter().for_each(|line| say(line));
    ExitCode::from(u8::from(!found.is_empty()))
}

fn offences(annotation: &Annotation, denied: &[Kind]) -> Vec<String> {
    let mut found = vec![];
    for file in &annotation.files {
        for (number, line) in &file.lines {
            for (isa, cell) in &line.cells {
                let denied =
                    |finding: &&Finding| finding.depth > 0 && denied.contains(&finding.kind);
                let say = |finding| format!("{}:{number}: {}", file.name, said(finding, *isa));
                found.extend(cell.findings.iter().filter(denied).map(say));
            }
        }
    }
    found
}

fn said(finding: &Finding, isa: Isa) -> String {
    let (kind, isa) = (finding.kind.word(), isa.name());
    let times =
        if finding.count > 1 { format!(", {} times", finding.count) } else { String::new() };
    format!("{kind}: {} ({isa}, loop depth {}{times})", finding.what, finding.depth)
}
