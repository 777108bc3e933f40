//! `cargo xtask ext`: what Python's `build_ext --inplace` does, for a crate with exported functions.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};
use lexopt::{Arg, Parser, ValueExt as _};
use serde::Deserialize;

use crate::exit::{self, Exit};
use crate::sh;
use crate::workspace::{Package, Workspace};

pub(crate) const HELP: &str = "\
cargo xtask ext CRATE|FOLDER [--example NAME] [--features LIST] [--debug] [--out DIR]

Builds a crate whose functions have #[tenfold_ffi::export(c)], and puts beside a script what C and
Python need of it: libNAME.so, NAME.h, and the Python package `tenfold`.

  CRATE            a crate of this workspace, or a FOLDER with a Cargo.toml
  --example NAME   an example of it, in place of its library
  --features LIST  features to build it with
  --release        optimised, which it is anyhow; --debug is not
  --out DIR        not here, but there
";

/// Where the Python package is, from the root.
const PACKAGE: &str = "crates/ffi/python/tenfold";

/// `cargo xtask ext`
pub(crate) fn run(parser: Parser) -> Result<Exit> {
    let Some(options) = Options::parse(parser)? else { return exit::print(HELP) };
    let target = Target::of(&options, &Workspace::read()?)?;
    let Some(built) = build(&mut target.command(&options))? else { return Ok(Exit::Failed) };
    let library = library_of(&built).with_context(|| target.has_no_cdylib())?;
    fs::create_dir_all(&options.out)
        .with_context(|| format!("cannot make {}", options.out.display()))?;
    let placed = place(&library, &options.out)?;
    let header = options.out.join(format!("{}.h", stem(&library)));
    sh::run(&mut header_command(&placed, &header)?)?;
    let package = options.out.join("tenfold");
    place_package(&package)?;
    exit::print(&format!(
        "{}\n{}\n{}\n\nimport tenfold; {} = tenfold.load(\"./{}\")\n",
        placed.display(),
        header.display(),
        package.display(),
        stem(&library),
        placed.file_name().unwrap_or_default().display(),
    ))
}

#[derive(Debug, Default, PartialEq)]
struct Options {
    krate: String,
    example: Option<String>,
    features: Option<String>,
    debug: bool,
    out: PathBuf,
}

impl Options {
    /// `None` asks for help.
    fn parse(mut parser: Parser) -> Result<Option<Self>> {
        let usage = |error: lexopt::Error| exit::usage(format!("{error}\n\n{HELP}"));
        let text =
            |parser: &mut Parser| parser.value().and_then(|value| value.string()).map_err(usage);
        let (mut options, mut krate) = (Self { out: ".".into(), ..Self::default() }, None);
        while let Some(arg) = parser.next().map_err(usage)? {
            match arg {
                Arg::Long("help") | Arg::Short('h') => return Ok(None),
                Arg::Long("example") => options.example = Some(text(&mut parser)?),
                Arg::Long("features") => options.features = Some(text(&mut parser)?),
                Arg::Long("release") => options.debug = false,
                Arg::Long("debug") => options.debug = true,
                Arg::Long("out") => options.out = text(&mut parser)?.into(),
                Arg::Value(word) if krate.is_none() => krate = Some(word.string().map_err(usage)?),
                other => return Err(usage(other.unexpected())),
            }
        }
        options.krate = krate.ok_or_else(|| exit::usage(format!("name a crate\n\n{HELP}")))?;
        Ok(Some(options))
    }
}

/// What is to be built.
#[derive(Debug)]
struct Target {
    /// For people.
    name: String,
    /// `--package NAME`, or `--manifest-path FILE`.
    words: Vec<String>,
    features: Vec<String>,
}

impl Target {
    fn of(options: &Options, workspace: &Workspace) -> Result<Self> {
        let mut target = Self::of_crate(&options.krate, workspace)?;
        target.features.extend(options.features.clone());
        match &options.example {
            None => target.words.push("--lib".to_owned()),
            Some(example) => {
                target.words.extend(["--example".to_owned(), example.clone()]);
                let package = package(&options.krate, workspace);
                let known = package.iter().flat_map(|package| &package.targets);
                let known = known.filter(|known| known.name == *example);
                target.features.extend(known.flat_map(|known| known.required_features.clone()));
            }
        }
        Ok(target)
    }

    fn of_crate(name: &str, workspace: &Workspace) -> Result<Self> {
        if let Some(package) = package(name, workspace) {
            let name = package.name.clone();
            let words = vec!["--package".to_owned(), name.clone()];
            return Ok(Self { name, words, features: vec![] });
        }
        let manifest = Path::new(name).join("Cargo.toml");
        if manifest.is_file() {
            let manifest = std::path::absolute(manifest)?.display().to_string();
            let words = vec!["--manifest-path".to_owned(), manifest];
            return Ok(Self { name: name.to_owned(), words, features: vec![] });
        }
        Err(exit::usage(format!(
            "`{name}` is neither a crate of this workspace nor a folder with a Cargo.toml\n\n{HELP}"
        )))
    }

    fn command(&self, options: &Options) -> Command {
        let mut cargo = sh::cargo();
        cargo.arg("build").args(&self.words);
        if !self.features.is_empty() {
            cargo.args(["--features", &self.features.join(",")]);
        }
        if !options.debug {
            cargo.arg("--release");
        }
        cargo.args(["--message-format", "json-render-diagnostics"]);
        cargo
    }

    fn has_no_cdylib(&self) -> String {
        format!(
            "{} builds no library for C: write into its Cargo.toml\n\n[lib]\ncrate-type = [\"cdylib\", \"rlib\"]\n",
            self.name
        )
    }
}

/// The crate of that name, which may be without `tenfold-`.
fn package<'a>(name: &str, workspace: &'a Workspace) -> Option<&'a Package> {
    workspace.package(name).or_else(|| workspace.package(&format!("tenfold-{name}")))
}

/// Builds; what cargo says of what it has built, or `None` after it has said why it failed.
fn build(cargo: &mut Command) -> Result<Option<String>> {
    let output = sh::output(cargo.stderr(Stdio::inherit()))?;
    let lines = String::from_utf8(output.stdout).context("cargo prints what is not UTF-8")?;
    Ok(output.status.success().then_some(lines))
}

/// The library for C among what cargo says. What was asked for is built last; crates before that, which it
/// uses, may have libraries for C too.
fn library_of(lines: &str) -> Option<PathBuf> {
    #[derive(Deserialize)]
    struct Built {
        target: Kinds,
        filenames: Vec<PathBuf>,
    }
    #[derive(Deserialize)]
    struct Kinds {
        crate_types: Vec<String>,
    }
    let built: Built = lines.lines().rev().find_map(|line| serde_json::from_str(line).ok())?;
    let is_library = |name: &PathBuf| {
        ["so", "dylib", "dll"].iter().any(|end| name.extension() == Some(OsStr::new(end)))
    };
    let is_for_c = built.target.crate_types.iter().any(|name| name == "cdylib");
    is_for_c.then(|| built.filenames.into_iter().find(is_library))?
}

/// `kern` of `libkern.so`.
fn stem(library: &Path) -> String {
    let name = library.file_stem().unwrap_or_default().to_string_lossy();
    name.strip_prefix("lib").unwrap_or(&name).to_owned()
}

/// Copies a file into a folder, and takes the place of an older one only when it is whole: a program may have
/// that one loaded.
fn place(file: &Path, folder: &Path) -> Result<PathBuf> {
    let name = file.file_name().context("a file without a name")?;
    let (to, mut new) = (folder.join(name), name.to_owned());
    new.push(".new");
    let new = folder.join(new);
    let placed = fs::copy(file, &new).and_then(|_| fs::rename(&new, &to));
    placed.with_context(|| format!("cannot put {} into {}", file.display(), folder.display()))?;
    Ok(to)
}

/// The program of the crate that writes the declarations.
fn header_command(library: &Path, header: &Path) -> Result<Command> {
    let mut cargo = sh::cargo();
    cargo.args(["run", "--quiet", "--package", "tenfold-ffi", "--features", "header"]);
    // Cargo runs at the workspace's root.
    cargo.args(["--bin", "tenfold-header", "--"]).arg(std::path::absolute(library)?);
    cargo.arg("-o").arg(std::path::absolute(header)?);
    Ok(cargo)
}

fn place_package(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    for file in fs::read_dir(sh::root().join(PACKAGE))? {
        let file = file?.path();
        if file.extension() == Some(OsStr::new("py")) {
            place(&file, folder)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};

    use super::{
        HELP, Options, PACKAGE, Parser, Target, Workspace, header_command, library_of, place,
        place_package, sh, stem,
    };

    fn parse(line: &str) -> Result<Option<Options>, String> {
        Options::parse(Parser::from_args(line.split_whitespace())).map_err(|e| e.to_string())
    }

    fn command(line: &str) -> Result<String, String> {
        let options = parse(line)?.ok_or("help")?;
        let workspace = Workspace::read().map_err(|error| error.to_string())?;
        let target = Target::of(&options, &workspace).map_err(|error| error.to_string())?;
        Ok(sh::display(&target.command(&options)))
    }

    #[test]
    fn builds_the_library_of_a_crate() {
        let json = "--message-format json-render-diagnostics";
        let line = format!("cargo build --package tenfold-ffi --lib --release {json}");
        assert_eq!(command("ffi").unwrap(), line);
        assert_eq!(command("tenfold-ffi --release").unwrap(), line);
        let line = format!("cargo build --package tenfold-ffi --lib --features a,b {json}");
        assert_eq!(command("ffi --debug --features a,b").unwrap(), line);
        // What the example needs is known.
        let line = "cargo build --package tenfold-ffi --example kern --features ndarray --release";
        assert_eq!(command("ffi --example kern").unwrap(), format!("{line} {json}"));
        let folder = sh::root().join("xtask");
        let line = command(folder.to_str().unwrap()).unwrap();
        assert!(line.contains("xtask/Cargo.toml --lib --release"), "{line}");
    }

    #[test]
    fn names_what_is_wrong() {
        assert!(parse("--help").unwrap().is_none());
        for (line, part) in [
            ("", "name a crate"),
            ("a b", "unexpected argument"),
            ("a --fast", "invalid option"),
            ("nonesuch", "`nonesuch` is neither a crate"),
        ] {
            let error = command(line).unwrap_err();
            assert!(error.contains(part) && error.contains(HELP), "{line}: {error}");
        }
        let target = Target { name: "a".to_owned(), words: vec![], features: vec![] };
        assert!(target.has_no_cdylib().contains("crate-type = [\"cdylib\", \"rlib\"]"));
    }

    #[test]
    fn finds_the_library_among_what_cargo_says() {
        let line = |kind: &str, name: &str| {
            format!(
                r#"{{"target": {{"crate_types": [{kind}]}}, "filenames": ["/x/a.rlib", "{name}"]}}"#
            )
        };
        let found = library_of(&line(r#""rlib", "cdylib""#, "/x/libkern.so"));
        assert_eq!(found, Some(PathBuf::from("/x/libkern.so")));
        assert_eq!(stem(&found.unwrap()), "kern");
        assert_eq!(stem(Path::new("kern.dll")), "kern");
        // A macro crate's is none for C.
        assert_eq!(library_of(&line(r#""proc-macro""#, "/x/libkern.so")), None);
        // Nor is that of a crate which this one uses.
        let uses = |last| {
            format!(
                "{}\n{last}\n{{\"reason\": \"build-finished\"}}\n",
                line(r#""cdylib""#, "/x/libused.so")
            )
        };
        assert_eq!(library_of(&uses(line(r#""lib""#, "/x/a.rmeta"))), None);
        let found = library_of(&uses(line(r#""cdylib""#, "/x/libkern.so")));
        assert_eq!(found, Some(PathBuf::from("/x/libkern.so")));
        assert_eq!(library_of(r#"{"reason": "build-finished", "success": true}"#), None);
    }

    #[test]
    fn puts_files_beside_a_script() {
        let folder = sh::target_dir().join(format!("tenfold/ext-{}", std::process::id()));
        let package = folder.join("tenfold");
        place_package(&package).unwrap();
        let placed = package.join("__init__.py");
        assert_eq!(
            fs::read(&placed).unwrap(),
            fs::read(sh::root().join(PACKAGE).join("__init__.py")).unwrap()
        );
        let names: Vec<PathBuf> =
            fs::read_dir(&package).unwrap().map(|file| file.unwrap().path()).collect();
        assert!(names.iter().all(|name| name.extension().is_some_and(|end| end == "py")));
        let error = place(&placed, &folder.join("none")).unwrap_err().to_string();
        assert!(error.contains("cannot put "), "{error}");
        fs::remove_dir_all(folder).unwrap();
        let line = sh::display(&header_command(Path::new("/a b.so"), Path::new("/a.h")).unwrap());
        assert!(line.ends_with("--bin tenfold-header -- '/a b.so' -o /a.h"), "{line}");
    }
}
