//! Versions: one for all crates, which is what they want of each other, and which is not out yet.

use anyhow::Result;

use super::{Answer, Release, git, tag};
use crate::workspace::Package;

pub(super) fn look(release: &Release<'_>) -> Result<Answer> {
    let version = release.crates.first().map_or("", |package| package.version.as_str());
    let mut wrong = disagreements(&release.crates, version);
    // Where there is no git, nothing is known of tags. The release itself has its tag.
    let tags = git(&["tag", "--list", &tag(version)]);
    let right =
        if tags.is_ok() { "which no tag has" } else { "and there is no git to ask for tags" };
    let tags = tags.unwrap_or_default();
    let here = git(&["tag", "--points-at", "HEAD"]).unwrap_or_default();
    if !tags.trim().is_empty() && !here.lines().any(|line| line == tag(version)) {
        wrong.push(format!("there is a tag {} already: raise the version", tags.trim()));
    }
    Ok(Answer::of(format!("{version}, {right}"), &wrong))
}

/// What has another version, or wants another one of a sibling.
fn disagreements(crates: &[&Package], version: &str) -> Vec<String> {
    let others = crates.iter().filter(|package| package.version != version);
    let others = others.map(|package| {
        format!("{} has the version {}, others {version}", package.name, package.version)
    });
    let is_ours = |name: &str| crates.iter().any(|package| package.name == name);
    let edges = crates.iter().flat_map(|package| {
        package.dependencies.iter().map(move |dependency| (package, dependency))
    });
    let edges = edges.filter(|(_, dependency)| is_ours(&dependency.name) && dependency.req != "*");
    let stale =
        edges.filter(|(_, dependency)| dependency.req.trim_start_matches(['^', '=']) != version);
    let stale = stale.map(|(package, dependency)| {
        format!("{} wants {} {}, not {version}", package.name, dependency.name, dependency.req)
    });
    others.chain(stale).collect()
}

#[cfg(test)]
mod tests {
    use super::disagreements;
    use crate::workspace::Package;

    #[test]
    fn crates_of_one_version_want_that_of_each_other() {
        let mut old = Package::fake("old", &[]);
        old.version = String::from("0.0.9");
        let new = Package::fake("new", &[]).with("old", "^0.0.9", None).with("serde", "^1", None);
        let right =
            Package::fake("right", &[]).with("new", "=0.1.0", None).with("old", "*", Some("dev"));
        assert!(disagreements(&[&right, &Package::fake("new", &[])], "0.1.0").is_empty());
        let wrong = disagreements(&[&old, &new, &right], "0.1.0");
        let expected =
            ["old has the version 0.0.9, others 0.1.0", "new wants old ^0.0.9, not 0.1.0"];
        assert_eq!(wrong, expected);
    }
}
