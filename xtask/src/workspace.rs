//! What `cargo metadata` and git say of the workspace.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

use crate::sh;

/// The package whose features are the ladder's heavy rungs.
pub(crate) const BENCHES: &str = "tenfold-benches";

/// The workspace's packages.
#[derive(Debug, Deserialize)]
pub(crate) struct Workspace {
    pub(crate) packages: Vec<Package>,
    workspace_default_members: Vec<String>,
}

/// One package, as far as our commands care.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    id: String,
    manifest_path: PathBuf,
    #[serde(default)]
    pub(crate) dependencies: Vec<Dependency>,
    /// `None` publishes anywhere, an empty list nowhere.
    publish: Option<Vec<String>>,
    pub(crate) features: BTreeMap<String, Vec<String>>,
    pub(crate) targets: Vec<Target>,
    metadata: Option<Metadata>,
}

/// What a package depends on.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    /// The versions that will do; of one without a version, `*`.
    pub(crate) req: String,
    /// `dev`, `build`, or neither.
    pub(crate) kind: Option<String>,
}

/// A library, an example, a bench, ..
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Target {
    pub(crate) name: String,
    pub(crate) kind: Vec<String>,
    /// Of its package; without them it is not built.
    #[serde(default, rename = "required-features")]
    pub(crate) required_features: Vec<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Metadata {
    tenfold: Tenfold,
    docs: Docs,
}

/// `[package.metadata.docs]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Docs {
    rs: DocsRs,
}

/// `[package.metadata.docs.rs]`: how docs.rs is to build the documentation.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(crate) struct DocsRs {
    pub(crate) all_features: bool,
    pub(crate) no_default_features: bool,
    pub(crate) features: Vec<String>,
    pub(crate) rustdoc_args: Vec<String>,
    pub(crate) targets: Vec<String>,
    /// What nobody looks at.
    #[serde(flatten)]
    pub(crate) others: BTreeMap<String, Anything>,
}

/// `[package.metadata.tenfold]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Tenfold {
    needs: Vec<String>,
}

/// A value that nobody looks at: serde's own for that cannot be compared.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Anything;

impl<'de> Deserialize<'de> for Anything {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        serde::de::IgnoredAny::deserialize(deserializer).map(|_| Self)
    }
}

impl Workspace {
    /// Reads the workspace without asking a registry for anything.
    pub(crate) fn read() -> Result<Self> {
        let mut cargo = sh::cargo();
        cargo.args(["metadata", "--format-version", "1", "--no-deps", "--offline"]);
        let json = stdout(&mut cargo)?;
        serde_json::from_slice(&json).context("cargo metadata prints what we do not understand")
    }

    /// The package of that name.
    pub(crate) fn package(&self, name: &str) -> Option<&Package> {
        self.packages.iter().find(|package| package.name == name)
    }

    /// The features of the benches that add rungs: those that bring a dependency in. Others are
    /// switches of the harness.
    pub(crate) fn rung_features(&self) -> Vec<&str> {
        let features = self.package(BENCHES).into_iter().flat_map(|benches| &benches.features);
        let brings_in = |brings: &[String]| brings.iter().any(|part| part.starts_with("dep:"));
        let rungs = features.filter(|(name, brings)| *name != "default" && brings_in(brings));
        rungs.map(|(name, _)| name.as_str()).collect()
    }

    /// The features that a micro-benchmark is built with.
    pub(crate) fn bench_features(&self, bench: &str) -> &[String] {
        let mut targets = self.package(BENCHES).into_iter().flat_map(|benches| &benches.targets);
        let target = targets.find(|target| target.name == bench && target.kind == ["bench"]);
        target.map_or(&[], |target| &target.required_features)
    }

    /// One that exists on paper.
    #[cfg(test)]
    pub(crate) fn fake(packages: Vec<Package>) -> Self {
        Self { packages, workspace_default_members: vec![] }
    }

    /// Whether a plain `cargo build` builds it.
    pub(crate) fn is_default(&self, package: &Package) -> bool {
        self.workspace_default_members.contains(&package.id)
    }

    /// What goes to a registry.
    pub(crate) fn publishable(&self) -> impl Iterator<Item = &Package> {
        let publishable =
            |package: &&Package| package.publish.as_ref().is_none_or(|to| !to.is_empty());
        self.packages.iter().filter(publishable)
    }

    /// The libraries that users add one by one. Macro crates come with their host.
    pub(crate) fn published(&self) -> impl Iterator<Item = &Package> {
        self.publishable().filter(|package| !package.has("proc-macro"))
    }

    /// Whether a plain `cargo build` knows a target of that kind.
    pub(crate) fn has_default(&self, kind: &str) -> bool {
        self.packages.iter().any(|package| self.is_default(package) && package.has(kind))
    }
}

impl Package {
    /// Where its Cargo.toml lies.
    pub(crate) fn dir(&self) -> &Path {
        self.manifest_path.parent().unwrap_or(&self.manifest_path)
    }

    /// Whether it has a target of that kind.
    pub(crate) fn has(&self, kind: &str) -> bool {
        self.targets.iter().any(|target| target.kind.iter().any(|k| k == kind))
    }

    /// What docs.rs is told.
    pub(crate) fn docs_rs(&self) -> DocsRs {
        self.metadata.as_ref().map(|metadata| metadata.docs.rs.clone()).unwrap_or_default()
    }

    /// What the system must have before it builds, in doctor's words.
    pub(crate) fn needs(&self) -> &[String] {
        self.metadata.as_ref().map_or(&[], |metadata| &metadata.tenfold.needs)
    }
}

#[cfg(test)]
impl Package {
    /// One that exists on paper.
    pub(crate) fn fake(name: &str, needs: &[&str]) -> Self {
        let needs = needs.iter().map(|&need| need.to_owned()).collect();
        let metadata = Some(Metadata { tenfold: Tenfold { needs }, ..Metadata::default() });
        let version = String::from("0.1.0");
        Self { name: name.to_owned(), version, id: name.to_owned(), metadata, ..Self::default() }
    }

    /// The same, with one more dependency.
    pub(crate) fn with(mut self, name: &str, req: &str, kind: Option<&str>) -> Self {
        let (name, req) = (name.to_owned(), req.to_owned());
        self.dependencies.push(Dependency { name, req, kind: kind.map(str::to_owned) });
        self
    }
}

/// The files that git tracks or would track, relative to the root.
pub(crate) fn files() -> Result<Vec<PathBuf>> {
    let mut git = Command::new("git");
    git.current_dir(sh::root());
    git.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let list = stdout(&mut git).context("git does not list the files: is this a checkout?")?;
    let list = String::from_utf8(list).context("a file's name is not UTF-8")?;
    let files = list.split_terminator('\0').map(PathBuf::from);
    // A file deleted but not yet committed is still on git's list.
    Ok(files.filter(|file| sh::root().join(file).is_file()).collect())
}

/// The files under a folder, relative to it, in order.
pub(crate) fn files_under(folder: &Path) -> Result<Vec<PathBuf>> {
    let (mut files, mut folders) = (vec![], vec![PathBuf::new()]);
    while let Some(inner) = folders.pop() {
        for entry in std::fs::read_dir(folder.join(&inner))? {
            let entry = entry?;
            let path = inner.join(entry.file_name());
            if entry.file_type()?.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    Ok(files)
}

/// What the command prints; its errors if it fails.
pub(crate) fn stdout(command: &mut Command) -> Result<Vec<u8>> {
    let output = sh::output(command.stdin(std::process::Stdio::null()))?;
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr);
        bail!("{} failed: {}\n{}", sh::display(command), output.status, errors.trim_end());
    }
    Ok(output.stdout)
}

#[cfg(test)]
mod tests {
    use super::{Package, Workspace, files};

    #[test]
    fn reads_this_workspace() {
        let workspace = Workspace::read().unwrap();
        let profile = workspace.package("tenfold-profile").unwrap();
        assert!(workspace.is_default(profile) && profile.has("lib") && profile.has("example"));
        assert!(workspace.published().any(|package| package.name == "tenfold-profile"));
        assert!(!workspace.published().any(|package| package.name == "xtask"));
        assert_eq!(workspace.bench_features("gpu"), ["gpu"]);
        assert!(workspace.bench_features("kernel").is_empty());
        assert!(files().unwrap().contains(&"xtask/Cargo.toml".into()));
    }

    #[test]
    fn needs_stand_in_the_metadata() {
        let json = |metadata: &str| {
            format!(
                r#"{{"name": "x", "version": "0.1.0", "id": "x", "manifest_path": "/x/Cargo.toml", "publish": [],
                    "features": {{}}, "targets": [], "metadata": {metadata}}}"#
            )
        };
        let needs = |metadata: &str| {
            serde_json::from_str::<Package>(&json(metadata)).unwrap().needs().to_vec()
        };
        assert!(needs("null").is_empty());
        assert!(needs(r#"{"docs": {"rs": {"all-features": true}}}"#).is_empty());
        assert_eq!(needs(r#"{"tenfold": {"needs": ["mpi", "libclang"]}}"#), ["mpi", "libclang"]);
    }
}
