//! Which program of which package is built for a source.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;

use crate::arguments::{Arguments, TargetKind};
use crate::{Failure, canonical};

/// What is built, and what of it is annotated.
#[derive(Debug)]
pub(crate) struct Plan {
    /// The file or folder.
    pub(crate) source: PathBuf,
    /// The package that the source is of, by its name.
    pub(crate) of: String,
    /// The package that has the program, as cargo names it exactly.
    pub(crate) package: String,
    pub(crate) kind: TargetKind,
    pub(crate) target: String,
    /// Where the workspace is, and where it is built.
    pub(crate) root: PathBuf,
    pub(crate) target_directory: PathBuf,
}

/// What `cargo metadata` prints.
#[derive(Debug, Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    workspace_root: PathBuf,
    target_directory: PathBuf,
}

#[derive(Debug, Deserialize)]
struct Package {
    name: String,
    id: String,
    manifest_path: PathBuf,
    targets: Vec<Target>,
    default_run: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
    src_path: PathBuf,
}

impl Plan {
    /// Asks cargo for the packages, and chooses.
    pub(crate) fn new(arguments: &Arguments) -> Result<Self, Failure> {
        metadata(arguments)?.plan(arguments)
    }
}

/// The cargo that runs us, or the first on the path.
pub(crate) fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

fn metadata(arguments: &Arguments) -> Result<Metadata, Failure> {
    let mut cargo = cargo();
    cargo.args(["metadata", "--no-deps", "--format-version", "1"]).args(&arguments.network);
    if let Some(path) = &arguments.manifest_path {
        cargo.arg("--manifest-path").arg(path);
    }
    let failed =
        |error: &dyn std::fmt::Display| Failure::Failed(format!("cargo metadata: {error}"));
    let output = cargo.stderr(Stdio::inherit()).stdin(Stdio::null()).output();
    let output = output.map_err(|error| failed(&error))?;
    if !output.status.success() {
        return Err(Failure::Usage(
            "cargo finds no workspace here; see --manifest-path".to_owned(),
        ));
    }
    serde_json::from_slice(&output.stdout).map_err(|error| failed(&error))
}

impl Metadata {
    fn plan(&self, arguments: &Arguments) -> Result<Plan, Failure> {
        let (source, owner) = self.source(&arguments.source)?;
        let package = match &arguments.package {
            Some(name) => Some(self.package(name)?),
            None => owner,
        };
        let (package, kind, target) = match (&arguments.target, package) {
            (Some((kind, name)), _) => {
                let anywhere = arguments.package.is_none();
                let (package, target) = self.named(package, *kind, name, anywhere)?;
                (package, *kind, target)
            }
            (None, Some(package)) => {
                let (kind, target) = package.program(&source)?;
                (package, kind, target)
            }
            (None, None) => {
                let names = list(self.packages.iter().map(|package| package.name.clone()));
                return Err(Failure::Usage(format!(
                    "`{}` holds several packages: name a program, or one by --package, of {names}",
                    arguments.source
                )));
            }
        };
        Ok(Plan {
            source,
            of: owner.unwrap_or(package).name.clone(),
            package: package.id.clone(),
            kind,
            target: target.name.clone(),
            root: self.workspace_root.clone(),
            target_directory: match &arguments.target_dir {
                Some(folder) => folder.clone(),
                None => self.target_directory.clone(),
            },
        })
    }

    /// The file or folder that is meant, and its package, unless it is a folder of packages.
    fn source(&self, text: &str) -> Result<(PathBuf, Option<&Package>), Failure> {
        if let Ok(path) = Path::new(text).canonicalize() {
            let owns = |package: &&Package| path.starts_with(package.folder());
            let owners = self.packages.iter().filter(owns);
            // The innermost, where one package lies in another's folder.
            let owner = owners.max_by_key(|package| package.folder().components().count());
            let is_above = self.packages.iter().any(|package| package.folder().starts_with(&path));
            if owner.is_none() && !is_above {
                return Err(Failure::Usage(format!(
                    "`{text}` is in no package of the workspace `{}`; see --manifest-path and --binary",
                    self.workspace_root.display()
                )));
            }
            return Ok((path, owner));
        }
        let Some(package) = self.packages.iter().find(|package| package.name == text) else {
            return Err(Failure::Usage(format!(
                "`{text}` is no file, no folder, and no package; there are {}",
                list(self.packages.iter().map(|package| package.name.clone()))
            )));
        };
        Ok((self.folder_of(package), Some(package)))
    }

    /// All that is a package's own: its folder, unless others lie in it.
    fn folder_of(&self, package: &Package) -> PathBuf {
        let folder = package.folder();
        let is_inside =
            |other: &&Package| other.id != package.id && other.folder().starts_with(&folder);
        let source = package.targets.first().and_then(|target| target.src_path.parent());
        match source {
            Some(source) if self.packages.iter().any(|other| is_inside(&other)) => {
                source.to_owned()
            }
            _ => folder,
        }
    }

    fn package(&self, name: &str) -> Result<&Package, Failure> {
        self.packages.iter().find(|package| package.name == name).ok_or_else(|| {
            let names = list(self.packages.iter().map(|package| package.name.clone()));
            Failure::Usage(format!("--package {name}: there are {names}"))
        })
    }

    /// The program of that name in the package, or else in the only one that has it.
    fn named<'a>(
        &'a self,
        package: Option<&'a Package>,
        kind: TargetKind,
        name: &str,
        anywhere: bool,
    ) -> Result<(&'a Package, &'a Target), Failure> {
        let has_it = |package: &'a Package| {
            let target = package.targets(kind).find(|target| target.name == name);
            target.map(|target| (package, target))
        };
        if let Some(own) = package.and_then(has_it) {
            return Ok(own);
        }
        let others = self.packages.iter().filter(|_| anywhere).flat_map(|package| {
            let named = package.targets(kind).filter(|target| target.name == name);
            named.map(move |target| (package, target))
        });
        match others.collect::<Vec<_>>()[..] {
            [one] => Ok(one),
            [] => Err(Failure::Usage(match package {
                Some(package) => format!(
                    "`{}` has no {} `{name}`; {}",
                    package.name,
                    kind.name(),
                    package.choice()
                ),
                None => format!("no package has a {} `{name}`", kind.name()),
            })),
            ref several => Err(Failure::Usage(format!(
                "several packages have a {} `{name}`: name one by --package, of {}",
                kind.name(),
                list(several.iter().map(|(package, _)| package.name.clone()))
            ))),
        }
    }
}

impl Package {
    fn folder(&self) -> PathBuf {
        canonical(self.manifest_path.parent().unwrap_or(&self.manifest_path))
    }

    fn targets(&self, kind: TargetKind) -> impl Iterator<Item = &Target> {
        self.targets.iter().filter(move |target| target.kind.iter().any(|k| k == kind.name()))
    }

    fn programs(&self) -> impl Iterator<Item = (TargetKind, &Target)> {
        TargetKind::ALL.into_iter().flat_map(|kind| self.targets(kind).map(move |t| (kind, t)))
    }

    /// The program to look into, where none is named.
    fn program(&self, source: &Path) -> Result<(TargetKind, &Target), Failure> {
        let is_root = |(_, target): &(_, &Target)| target.path() == source;
        if let Some(own) = self.programs().find(is_root) {
            return Ok(own);
        }
        // A module beside the `main.rs` of a program that has a folder to itself.
        let owns = |(_, target): &(_, &Target)| {
            let path = target.path();
            let is_main = path.file_name().is_some_and(|name| name == "main.rs");
            is_main && path.parent().is_some_and(|folder| source.starts_with(folder))
        };
        let owners: Vec<_> = self.programs().filter(owns).collect();
        if let [one] = owners[..] {
            return Ok(one);
        }
        let bins: Vec<_> = self.targets(TargetKind::Bin).collect();
        let default = bins.iter().find(|bin| Some(&bin.name) == self.default_run.as_ref());
        match (default, &bins[..]) {
            (Some(bin), _) | (None, [bin]) => return Ok((TargetKind::Bin, bin)),
            _ => {}
        }
        let examples: Vec<_> = self.targets(TargetKind::Example).collect();
        match (&bins[..], &examples[..]) {
            ([], [example]) => Ok((TargetKind::Example, example)),
            _ => Err(Failure::Usage(format!(
                "which program? `{}` has several, or none: {}",
                self.name,
                self.choice()
            ))),
        }
    }

    /// What there is to choose from, as options.
    fn choice(&self) -> String {
        let option =
            |(kind, target): (TargetKind, &Target)| format!("--{} {}", kind.name(), target.name);
        let options: Vec<String> = self.programs().map(option).collect();
        if options.is_empty() {
            return "it has no programs; --package names another package that uses it".to_owned();
        }
        format!("there are {}; --package names another package", list(options))
    }
}

impl Target {
    fn path(&self) -> PathBuf {
        canonical(&self.src_path)
    }
}

fn list(names: impl IntoIterator<Item = String>) -> String {
    names.into_iter().collect::<Vec<_>>().join(", ")
}
