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
    let [said, steps] = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
    // A list of items ends with an empty line, but for the last.
    let said = format!("{said}\n{steps}");
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

/// What breaks, by the rule that it breaks, and the items with their files.
fn failures(said: &str) -> String {
    let mut failures: Vec<String> = vec![];
    let mut lines = said.lines();
    while let Some(line) = lines.next() {
        if line.starts_with("error") {
            failures.push(line.to_owned());
        } else if let Some(rule) = line.strip_prefix("--- failure ") {
            let items = lines.by_ref().skip_while(|line| *line != "Failed in:").skip(1);
            let items = items.take_while(|line| !line.is_empty()).map(str::trim);
            let items: Vec<&str> = items.collect();
            failures.push(format!("{}: {}", rule.trim_end_matches(" ---"), items.join("; ")));
        }
    }
    if failures.is_empty() { said.trim().to_owned() } else { failures.join("\n") }
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
        // As cargo-semver-checks 0.51.0 says it.
        let said = "
--- failure inherent_method_missing: pub method removed or renamed ---

Description:
A publicly-visible method or associated fn is no longer available under its prior name.
        ref: https://doc.rust-lang.org/cargo/reference/semver.html#item-remove

Failed in:
  Page::scale, previously in file /a/src/page.rs:110
  Page::line, previously in file /a/src/page.rs:69

--- failure function_missing: pub fn removed or renamed ---

Failed in:
  function x::draw, previously in file /a/src/lib.rs:3

     Cloning v0.0.9
    Building x v0.1.0 (current)
";
        assert_eq!(
            failures(said),
            "inherent_method_missing: pub method removed or renamed: Page::scale, previously in file \
             /a/src/page.rs:110; Page::line, previously in file /a/src/page.rs:69\n\
             function_missing: pub fn removed or renamed: function x::draw, previously in file /a/src/lib.rs:3"
        );
        assert_eq!(failures("error: no such crate\n\nCaused by:\n  x\n"), "error: no such crate");
        assert_eq!(failures(" ?\n"), "?");
    }
}
