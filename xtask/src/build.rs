//! `cargo xtask build`: what this machine can build, and why not the rest.

use anyhow::Result;
use lexopt::{Arg, Parser, ValueExt as _};

use crate::exit::{self, Exit};
use crate::lacks::Lacks;
use crate::sh;
use crate::workspace::{BENCHES, Package, Workspace};

pub(crate) const HELP: &str = "\
cargo xtask build [CRATE..] [--with FEATURES] [--release] [--dry-run]

Builds the crates, or all that this machine can build, and lists the rest with reasons.

  CRATE            `profile` or `tenfold-profile`
  --with FEATURES  heavy rungs of the ladder too, separated by commas: features of tenfold-benches
  --release        optimised
  --dry-run        show what would be done
";

/// `cargo xtask build`
pub(crate) fn run(parser: Parser) -> Result<Exit> {
    let Some(options) = Options::parse(parser)? else { return exit::print(HELP) };
    let workspace = Workspace::read()?;
    let plan = plan(&workspace, &options, &Lacks::of_machine(&workspace)?)?;
    plan.left.iter().for_each(|(what, reason)| exit::say(&format!("not built: {what}: {reason}")));
    if plan.packages.is_empty() {
        return Ok(Exit::Nothing);
    }
    let mut cargo = sh::cargo();
    cargo.args(arguments(&plan, &options));
    if options.dry_run {
        return exit::print(&format!("{}\n", sh::display(&cargo)));
    }
    sh::run(cargo.stdin(std::process::Stdio::null()))?;
    Ok(Exit::Ok)
}

#[derive(Debug, Default)]
struct Options {
    crates: Vec<String>,
    with: Vec<String>,
    release: bool,
    dry_run: bool,
}

impl Options {
    /// `None` asks for help.
    fn parse(mut parser: Parser) -> Result<Option<Self>> {
        let usage = |error: lexopt::Error| exit::usage(format!("{error}\n\n{HELP}"));
        let mut options = Self::default();
        while let Some(arg) = parser.next().map_err(usage)? {
            match arg {
                Arg::Long("help") | Arg::Short('h') => return Ok(None),
                Arg::Long("release") => options.release = true,
                Arg::Long("dry-run") => options.dry_run = true,
                Arg::Long("with") => {
                    let list = parser.value().and_then(|value| value.string()).map_err(usage)?;
                    options.with.extend(list.split(',').map(|name| name.trim().to_owned()));
                }
                Arg::Value(name) => options.crates.push(name.string().map_err(usage)?),
                other => return Err(usage(other.unexpected())),
            }
        }
        Ok(Some(options))
    }
}

/// What to build, and what not, with reasons.
#[derive(Debug, Default, PartialEq, Eq)]
struct Plan {
    packages: Vec<String>,
    left: Vec<(String, String)>,
}

fn plan(workspace: &Workspace, options: &Options, lacks: &Lacks) -> Result<Plan> {
    let mut plan = Plan::default();
    for package in chosen(workspace, options)? {
        match lacks.of(package) {
            Some(reason) => plan.left.push((package.name.clone(), reason)),
            None => plan.packages.push(package.name.clone()),
        }
    }
    let left = features(workspace, options)?;
    if options.crates.is_empty() {
        plan.left.extend(left);
    }
    Ok(plan)
}

/// The packages that the command line names, or all. Features are those of the benches.
fn chosen<'a>(workspace: &'a Workspace, options: &Options) -> Result<Vec<&'a Package>> {
    if options.crates.is_empty() {
        return Ok(workspace.packages.iter().collect());
    }
    let benches = (!options.with.is_empty()).then_some(BENCHES);
    let mut packages: Vec<&Package> = vec![];
    for name in options.crates.iter().map(String::as_str).chain(benches) {
        let package = find(workspace, name)?;
        if packages.iter().all(|other| other.name != package.name) {
            packages.push(package);
        }
    }
    Ok(packages)
}

fn find<'a>(workspace: &'a Workspace, name: &str) -> Result<&'a Package> {
    let found = workspace.package(name).or_else(|| workspace.package(&format!("tenfold-{name}")));
    found.ok_or_else(|| {
        let known = workspace.packages.iter().map(|package| short(&package.name));
        let known = known.collect::<Vec<_>>().join(", ");
        exit::usage(format!("`{name}` is no crate of this workspace; there are {known}"))
    })
}

fn short(name: &str) -> &str {
    name.strip_prefix("tenfold-").unwrap_or(name)
}

/// The features of the benches that were not asked for; an error for one that does not exist.
fn features(workspace: &Workspace, options: &Options) -> Result<Vec<(String, String)>> {
    let known = workspace.rung_features();
    if let Some(unknown) = options.with.iter().find(|name| !known.contains(&name.as_str())) {
        let known = known.join(", ");
        return Err(exit::usage(format!("--with {unknown}: {BENCHES} has the features {known}")));
    }
    let left = known.into_iter().filter(|name| options.with.iter().all(|asked| asked != name));
    let reason = |name| format!("heavy to build; ask for it: cargo xtask build --with {name}");
    Ok(left.map(|name| (format!("the ladder's `{name}` rungs"), reason(name))).collect())
}

/// The arguments of cargo.
fn arguments(plan: &Plan, options: &Options) -> Vec<String> {
    let mut arguments = vec![String::from("build")];
    for package in &plan.packages {
        arguments.extend([String::from("--package"), package.clone()]);
    }
    if !options.with.is_empty() {
        let features = options.with.iter().map(|name| format!("{BENCHES}/{name}"));
        arguments.extend([String::from("--features"), features.collect::<Vec<_>>().join(",")]);
    }
    if options.release {
        arguments.push(String::from("--release"));
    }
    arguments
}

#[cfg(test)]
mod tests {
    use super::{HELP, Lacks, Options, Package, Parser, Workspace, arguments, plan};

    fn parse(line: &str) -> Result<Option<Options>, String> {
        Options::parse(Parser::from_args(line.split_whitespace())).map_err(|e| e.to_string())
    }

    fn workspace() -> Workspace {
        let mut benches = Package::fake("tenfold-benches", &[]);
        let feature = |name: &str, brings: &[&str]| {
            (name.to_owned(), brings.iter().map(|&brings| brings.to_owned()).collect())
        };
        benches.features =
            [feature("gpu", &["dep:wgpu"]), feature("linalg", &["dep:faer"]), feature("x", &[])]
                .into();
        let near = Package::fake("tenfold-comm", &["mpi"]);
        Workspace::fake(vec![near, Package::fake("tenfold-far", &["mpi", "libclang"]), benches])
    }

    /// The command, then what is left out.
    fn planned(line: &str) -> Result<Vec<String>, String> {
        let options = parse(line)?.ok_or("help")?;
        let plan = plan(&workspace(), &options, &Lacks::fake()).map_err(|e| e.to_string())?;
        let left = plan.left.iter().map(|(what, _)| what.clone());
        Ok([arguments(&plan, &options).join(" ")].into_iter().chain(left).collect())
    }

    #[test]
    fn builds_what_can_be_built_and_lists_the_rest() {
        assert_eq!(
            planned("").unwrap(),
            [
                "build --package tenfold-comm --package tenfold-benches",
                "tenfold-far",
                "the ladder's `gpu` rungs",
                "the ladder's `linalg` rungs"
            ]
        );
        assert_eq!(
            planned("--with gpu,linalg --release").unwrap(),
            [
                "build --package tenfold-comm --package tenfold-benches \
                 --features tenfold-benches/gpu,tenfold-benches/linalg --release",
                "tenfold-far"
            ]
        );
    }

    #[test]
    fn builds_the_crates_that_are_named() {
        assert_eq!(planned("comm tenfold-comm").unwrap(), ["build --package tenfold-comm"]);
        assert_eq!(
            planned("comm --with gpu").unwrap(),
            ["build --package tenfold-comm --package tenfold-benches \
                 --features tenfold-benches/gpu"]
        );
        assert_eq!(planned("far").unwrap(), ["build", "tenfold-far"]);
    }

    #[test]
    fn names_what_it_knows() {
        let error = planned("memo").unwrap_err();
        assert!(error.ends_with("there are comm, far, benches"), "{error}");
        let error = planned("--with gpus").unwrap_err();
        assert_eq!(error, "--with gpus: tenfold-benches has the features gpu, linalg");
        assert!(planned("--fast").unwrap_err().contains(HELP));
        assert!(parse("comm --help").unwrap().is_none());
    }
}
