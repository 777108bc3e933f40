//! The interface beside that of the release before: whether the version says what became of it.

use std::process::Stdio;

use anyhow::Result;

use super::package::not_here;
use super::{Answer, Release, deny, git};
use crate::doctor::Dependency;
use crate::sh;
use crate::workspace::Package;

pub(super) fn look(release: &Release<'_>) -> Result<Answer> {
    let tags = git(&["tag", "--list", "--merged", "HEAD", "--sort=-version:refname", "v[0-9]*"]);
    let tag = match newest(tags) {
        Ok(tag) => tag,
        Err(why) => return Ok(Answer::Unknown(why)),
    };
    let Some(mut cargo) = deny::tool("semver-checks") else {
        return Ok(Answer::missing(Dependency::Semver));
    };
    let (crates, left) = release.buildable();
    let old: Vec<&Package> = crates.into_iter().filter(|package| is_in(&tag, package)).collect();
    cargo.args(["--color", "never", "--baseline-rev", &tag]);
    cargo.args(old.iter().flat_map(|package| ["--package", &package.name]));
    let output = sh::output(cargo.stdin(Stdio::null()))?;
    let said = String::from_utf8_lossy(&output.stdout);
    let said = said + String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        return Ok(not_here(&said).unwrap_or_else(|| Answer::Wrong(failures(&said))));
    }
    let right = format!("{} as {tag} promises", old.len());
    Ok(match left.len() {
        0 => Answer::Right(right),
        _ => Answer::Unknown(format!("{right}; not tried: {}", left.join("; "))),
    })
}

/// The tag of the release before, or why there is none.
fn newest(tags: Result<String>) -> Result<String, String> {
    let tags = tags.map_err(|error| format!("no release to compare with: {error:#}"))?;
    let newest = tags.lines().next().map(str::to_owned);
    newest.ok_or_else(|| {
        String::from("nothing is released yet: no tag such as v0.1.0 to compare with")
    })
}

/// Whether a library with an interface of its own was there already. Macros have none that could be
/// compared.
fn is_in(tag: &str, package: &Package) -> bool {
    let folder = package.dir().strip_prefix(sh::root()).unwrap_or(package.dir());
    let manifest = format!("{tag}:{}/Cargo.toml", folder.display());
    package.has("lib") && git(&["cat-file", "-e", &manifest]).is_ok()
}

/// The lines that name what breaks.
fn failures(said: &str) -> String {
    let lines = said.lines().filter(|line| line.contains("failure ") || line.starts_with("error"));
    let lines: Vec<&str> = lines.collect();
    if lines.is_empty() { said.trim().to_owned() } else { lines.join("\n") }
}

#[cfg(test)]
mod tests {
    use super::{failures, is_in, newest};
    use crate::workspace::Workspace;

    #[test]
    fn a_library_that_a_commit_has_can_be_compared() {
        let workspace = Workspace::read().unwrap();
        let of = |name: &str| is_in("HEAD", workspace.package(name).unwrap());
        assert!(of("tenfold-memo") && !of("tenfold-memo-macros"));
        assert!(!is_in("no-such-tag", workspace.package("tenfold-memo").unwrap()));
    }

    #[test]
    fn without_git_or_a_tag_there_is_nothing_to_compare_with() {
        assert_eq!(newest(Ok(String::from("v0.2.0\nv0.1.0\n"))).as_deref(), Ok("v0.2.0"));
        let said = newest(Ok(String::new())).unwrap_err();
        assert!(said.starts_with("nothing is released yet"), "{said}");
        let said = newest(Err(anyhow::anyhow!("cannot start git tag"))).unwrap_err();
        assert_eq!(said, "no release to compare with: cannot start git tag");
    }

    #[test]
    fn what_breaks_is_named() {
        let said = "     Parsed x\n--- failure function_missing: pub fn removed ---\n  text\n";
        assert_eq!(failures(said), "--- failure function_missing: pub fn removed ---");
        assert_eq!(failures(" ?\n"), "?");
    }
}
