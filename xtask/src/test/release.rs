//! What `cargo xtask release --dry-run` looks at, but for what takes a build, the network or a tool.

use anyhow::Result;

use super::outcome::Outcome;
use crate::release;

pub(super) fn run() -> Result<Outcome> {
    let mut outcome = Outcome::default();
    for (name, wrong) in release::quick()? {
        let what = wrong.as_ref().map(|why| format!("release, {name}: {why}")).unwrap_or_default();
        let repeat = String::from("cargo xtask release --dry-run --quick");
        outcome.add(Outcome::of(&what, wrong.is_none(), repeat));
    }
    Ok(outcome)
}
