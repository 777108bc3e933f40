//! What doctor prints: a page for people that ends in the verdict, or one JSON document.

use anyhow::Result;
use serde::Serialize;

use super::finding::{Finding, Status};

/// Changes when a field changes its meaning or goes; a new field leaves it.
const SCHEMA: u32 = 1;

#[derive(Debug, Serialize)]
struct Document<'a> {
    schema: u32,
    verdict: &'static str,
    dependencies: &'a [Finding],
}

/// Whether what is required is there.
pub(super) fn is_ready(findings: &[Finding]) -> bool {
    findings.iter().all(|finding| finding.is_found() || !finding.dependency.is_required())
}

fn word(findings: &[Finding]) -> &'static str {
    if is_ready(findings) { "ready" } else { "not ready" }
}

pub(super) fn json(findings: &[Finding]) -> Result<String> {
    let verdict = word(findings);
    let document = Document { schema: SCHEMA, verdict, dependencies: findings };
    Ok(serde_json::to_string_pretty(&document)? + "\n")
}

pub(super) fn text(findings: &[Finding], colour: bool) -> String {
    format!("{}\n{}\n", list(findings, colour), verdict(findings))
}

/// A block for each finding: what it is, what it is for, and how to get it when it is not there.
pub(crate) fn list(findings: &[Finding], colour: bool) -> String {
    let blocks = findings.iter().map(|finding| block(finding, Paint(colour)));
    blocks.collect::<Vec<_>>().concat()
}

fn block(finding: &Finding, paint: Paint) -> String {
    let mark = match (finding.status, finding.software || finding.outdated) {
        (Status::Found, false) => paint.green("✓"),
        (Status::Found, true) => paint.yellow("~"),
        (Status::Missing, _) => paint.yellow("-"),
        (Status::Broken, _) => paint.red("✗"),
    };
    let state = match finding.status {
        Status::Found => "",
        Status::Missing => "missing: ",
        Status::Broken => "broken: ",
    };
    let mut block = format!("{mark} {:<9} {state}{}\n", finding.name, finding.detail);
    block += &format!("            {}\n", paint.dim(&format!("for {}", finding.why)));
    if !finding.is_found() || finding.outdated {
        block += &format!("            -> {}\n", finding.supply);
    }
    block
}

/// The one line that answers "can I go on?".
pub(super) fn verdict(findings: &[Finding]) -> String {
    if !is_ready(findings) {
        let lacks = lacks(findings, |finding| finding.dependency.is_required());
        return format!("doctor: not ready ({lacks})");
    }
    match lacks(findings, |_| true) {
        lacks if lacks.is_empty() => String::from("doctor: ready (everything is there)"),
        lacks => format!("doctor: ready (bench and test work; optional parts {lacks})"),
    }
}

/// `missing: mpi, slurm; broken: python -> cargo xtask setup mpi slurm peers`, or nothing.
fn lacks(findings: &[Finding], counts: fn(&Finding) -> bool) -> String {
    let lacking = findings.iter().filter(|finding| !finding.is_found() && counts(finding));
    let lacking: Vec<_> = lacking.collect();
    let named = |status: Status| {
        let names = lacking.iter().filter(|finding| finding.status == status);
        names.map(|finding| finding.name).collect::<Vec<_>>().join(", ")
    };
    let states = [("missing", named(Status::Missing)), ("broken", named(Status::Broken))];
    let states = states.into_iter().filter(|(_, names)| !names.is_empty());
    let states: Vec<_> = states.map(|(state, names)| format!("{state}: {names}")).collect();
    if states.is_empty() {
        return String::new();
    }
    format!("{} -> {}", states.join("; "), supplies(&lacking))
}

/// The commands that supply what lacks, those of `setup` joined into one.
fn supplies(lacking: &[&Finding]) -> String {
    const SETUP: &str = "cargo xtask setup ";
    let mut targets: Vec<&str> = Vec::new();
    let mut commands: Vec<String> = Vec::new();
    for finding in lacking {
        match finding.supply.strip_prefix(SETUP) {
            Some(target) if !targets.contains(&target) => targets.push(target),
            Some(_) => {}
            None => commands.push(finding.supply.to_owned()),
        }
    }
    if !targets.is_empty() {
        commands.push(format!("{SETUP}{}", targets.join(" ")));
    }
    commands.join("; ")
}

/// Colours, or none.
#[derive(Debug, Clone, Copy)]
struct Paint(bool);

impl Paint {
    fn green(self, text: &str) -> String {
        self.with("32", text)
    }

    fn yellow(self, text: &str) -> String {
        self.with("33", text)
    }

    fn red(self, text: &str) -> String {
        self.with("31", text)
    }

    fn dim(self, text: &str) -> String {
        self.with("2", text)
    }

    fn with(self, code: &str, text: &str) -> String {
        if self.0 { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

/// Whether stdout is a terminal on which colours are welcome.
pub(crate) fn colour() -> bool {
    use std::io::IsTerminal as _;
    let unset = |name| std::env::var_os(name).is_none_or(|value| value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    std::io::stdout().is_terminal() && unset("NO_COLOR") && !dumb
}

#[cfg(test)]
mod tests {
    use super::super::dependency::Dependency;
    use super::super::finding::Answer;
    use super::*;

    /// Everything found, but for what the caller says.
    fn findings(except: &[(Dependency, Status)]) -> Vec<Finding> {
        let finding = |dependency: Dependency| {
            let answer = match except.iter().find(|(which, _)| *which == dependency) {
                Some((_, Status::Missing)) => Answer::missing("not on PATH"),
                Some((_, Status::Broken)) => Answer::broken("it fails"),
                _ => Answer::found("1.2.3"),
            };
            Finding::new(dependency, answer)
        };
        Dependency::ALL.map(finding).into()
    }

    #[test]
    fn the_verdict_is_the_last_line() {
        let all = findings(&[]);
        assert_eq!(text(&all, false).lines().last(), Some("doctor: ready (everything is there)"));
    }

    #[test]
    fn optional_parts_are_named_with_one_command() {
        let some = findings(&[
            (Dependency::Mpi, Status::Missing),
            (Dependency::Libclang, Status::Missing),
            (Dependency::Slurm, Status::Broken),
        ]);
        assert!(is_ready(&some));
        assert_eq!(
            verdict(&some),
            "doctor: ready (bench and test work; optional parts missing: mpi, libclang; \
             broken: slurm -> cargo xtask setup mpi slurm)"
        );
    }

    #[test]
    fn what_is_required_decides() {
        let without =
            findings(&[(Dependency::Cc, Status::Missing), (Dependency::Mpi, Status::Missing)]);
        assert!(!is_ready(&without));
        assert_eq!(verdict(&without), "doctor: not ready (missing: cc -> cargo xtask setup tools)");
    }

    #[test]
    fn every_command_of_setup_names_a_target_that_setup_knows() {
        for dependency in Dependency::ALL {
            if let Some(target) = dependency.supply().strip_prefix("cargo xtask setup ") {
                assert!(crate::setup::knows(target), "{target}");
            }
        }
    }

    #[test]
    fn json_is_one_document_with_the_promised_fields() {
        let document = json(&findings(&[(Dependency::Mpi, Status::Missing)])).unwrap();
        let document: serde_json::Value = serde_json::from_str(&document).unwrap();
        assert_eq!(document["schema"], 1);
        assert_eq!(document["verdict"], "ready");
        let mpi = &document["dependencies"][2];
        assert_eq!(mpi["name"], "mpi");
        assert_eq!(mpi["status"], "missing");
        assert_eq!(mpi["supply"], "cargo xtask setup mpi");
        assert_eq!(mpi.as_object().unwrap().len(), 5);
    }

    #[test]
    fn colour_is_asked_for() {
        let all = findings(&[]);
        assert!(!text(&all, false).contains('\x1b'));
        assert!(text(&all, true).contains("\x1b[32m✓\x1b[0m rust"));
    }

    #[test]
    fn what_is_outdated_works_and_says_how_to_renew_it() {
        let answer = Answer::found("numba 0.61.0").outdated("numba 0.61.0, not 0.68.1");
        let finding = Finding::new(Dependency::Peers, answer);
        assert!(finding.is_found());
        let page = list(&[finding], false);
        assert!(page.starts_with("~ peers     numba 0.61.0, not 0.68.1; numba 0.61.0\n"), "{page}");
        assert!(page.ends_with("-> cargo xtask setup peers\n"), "{page}");
    }

    #[test]
    fn what_lacks_says_how_to_get_it() {
        let page = text(&findings(&[(Dependency::Mpi, Status::Missing)]), false);
        let block = "- mpi       missing: not on PATH\n            for real ranks over a network: \
            tenfold-comm-mpi and the ladder's mpi rung\n            -> cargo xtask setup mpi\n";
        assert!(page.contains(block), "{page}");
    }
}
