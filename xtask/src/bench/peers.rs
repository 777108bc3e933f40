//! What is measured beside the rungs: others' programs, and the Python that runs them.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

use super::document::Micro;
use super::options::Options;
use crate::{doctor, exit, setup, sh};

/// Names a Python to use in place of our own environment.
const VARIABLE: &str = "PEERS_PYTHON";

/// What the environment takes, measured with the versions that setup pins.
const DOWNLOAD: &str = "about 130 MB to download, 540 MB unpacked";

/// Tells the ladder of the peers, and supplies the Python that runs them. Where there is none the ladder lists them
/// with the reason.
pub(super) fn supply(options: &Options, ladder: &mut Command) {
    if options.peers.is_empty() {
        return;
    }
    ladder.args(options.peers.iter().flat_map(|peer| ["--peer", peer]));
    match python() {
        Ok(python) => {
            ladder.arg("--peer-program").arg(program()).env(VARIABLE, python);
            ladder.env("CARGO_TARGET_DIR", sh::build_dir());
        }
        Err(error) => {
            exit::say(&format!("no peer runs: {error:#}"));
            ladder.arg("--peer-lacks").arg(format!("{error:#}"));
        }
    }
}

/// The same as words, for `--dry-run`.
pub(super) fn args(options: &Options) -> Vec<String> {
    if options.peers.is_empty() {
        return Vec::new();
    }
    let names = options.peers.iter().map(|peer| format!("--peer {peer}"));
    names.chain([format!("--peer-program {}", program().display())]).collect()
}

/// What would be installed first, a line each.
pub(super) fn steps(options: &Options) -> Result<Vec<String>> {
    if options.peers.is_empty() || std::env::var_os(VARIABLE).is_some() {
        return Ok(Vec::new());
    }
    let steps = setup::peers()?;
    Ok(steps
        .iter()
        .map(|step| format!("{} # {}", sh::display(&step.command()), step.why))
        .collect())
}

/// What one call, message or task of that micro-benchmark costs elsewhere; what cannot be measured is said.
pub(super) fn costs(python: &Path, peers: &[String], bench: &str) -> Result<Vec<Micro>> {
    let mut command = Command::new(python);
    command.arg(sh::root().join("benches/peers/ladder/costs.py")).arg(bench).args(peers);
    command.env("CARGO_TARGET_DIR", sh::build_dir()).stderr(Stdio::inherit());
    let ran = sh::output(&mut command)?;
    ensure!(ran.status.success(), "{} failed: {}", sh::display(&command), ran.status);
    let lines = String::from_utf8_lossy(&ran.stdout);
    let costs = lines.lines().map(|line| cost(bench, line)).collect::<Result<Vec<_>>>()?;
    Ok(costs.into_iter().flatten().collect())
}

/// A line of what it printed; `None` where there is a reason in place of a figure.
fn cost(bench: &str, line: &str) -> Result<Option<Micro>> {
    let value: Value = serde_json::from_str(line)?;
    let word = |key: &str| value[key].as_str().map(str::to_owned);
    let id = word("id").with_context(|| format!("a cost without a name: {line}"))?;
    if let Some(reason) = word("reason") {
        exit::say(&format!("{id}: {reason}"));
        return Ok(None);
    }
    let number = |key: &str| value[key].as_f64().with_context(|| format!("{id} has no `{key}`"));
    let (median_ns, interval_ns) = (number("ns")?, (number("low")?, number("high")?));
    Ok(Some(Micro { bench: bench.to_owned(), id: format!("{bench}/{id}"), median_ns, interval_ns }))
}

fn program() -> PathBuf {
    sh::root().join("benches/peers/peer")
}

/// The Python that a user names, or that of the environment, which is made if it is not there.
pub(super) fn python() -> Result<PathBuf> {
    if let Some(named) = std::env::var_os(VARIABLE) {
        return Ok(named.into());
    }
    let (steps, folder) = (setup::peers()?, doctor::peers_folder());
    if !steps.is_empty() {
        exit::say(&format!("peers: a Python environment in {}, {DOWNLOAD}", folder.display()));
    }
    match setup::carry_out(&steps) {
        0 => Ok(doctor::peers_python(&folder)),
        _ => bail!("their environment in {} could not be made", folder.display()),
    }
}

#[cfg(test)]
mod tests {
    use super::cost;

    #[test]
    fn a_cost_is_a_micro_benchmark() {
        let line = r#"{"id": "python/a call", "ns": 40.5, "low": 40, "high": 42.0}"#;
        let micro = cost("ffi", line).unwrap().unwrap();
        assert_eq!((micro.bench.as_str(), micro.id.as_str()), ("ffi", "ffi/python/a call"));
        assert_eq!((micro.median_ns, micro.interval_ns), (40.5, (40.0, 42.0)));
        let lacks = r#"{"id": "dask/a task", "reason": "no module"}"#;
        assert!(cost("array", lacks).unwrap().is_none());
        let error = cost("ffi", r#"{"id": "a", "ns": 1}"#).unwrap_err();
        assert_eq!(error.to_string(), "a has no `low`");
    }
}
