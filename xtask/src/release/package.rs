//! What goes to a registry: each package holds all that its files name, and builds from that alone.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};

use super::{Answer, Release};
use crate::sh;
use crate::workspace::{self, Package};

/// What a registry takes at most.
const LARGEST_BYTES: u64 = 10 << 20;

/// Packs all crates, unpacks them, and looks for what their files name.
pub(super) fn look(release: &Release<'_>) -> Result<Answer> {
    let folder = sh::build_dir().join("tenfold/release");
    // Cargo puts what is packed beside what was packed before.
    let _ = fs::remove_dir_all(&folder);
    let mut pack = command(&release.crates);
    pack.args(["--no-verify", "--offline", "--target-dir"]).arg(&folder);
    workspace::stdout(&mut pack)?;
    let (mut wrong, mut bytes) = (vec![], 0);
    for package in &release.crates {
        let name = format!("{}-{}", package.name, package.version);
        let packed = folder.join("package").join(format!("{name}.crate"));
        let size = fs::metadata(&packed).with_context(|| packed.display().to_string())?.len();
        bytes += size;
        if size > LARGEST_BYTES {
            wrong.push(format!("{name} has {size} bytes, more than {LARGEST_BYTES}"));
        }
        let mut unpack = Command::new("tar");
        workspace::stdout(unpack.arg("-xzf").arg(&packed).arg("-C").arg(&folder))?;
        let missing = missing(&folder.join(&name), needed(package))?;
        wrong.extend(missing.into_iter().map(|what| format!("{name}: {what}")));
    }
    let right =
        format!("{} with all that their files name, {} kB", release.crates.len(), bytes / 1000);
    Ok(Answer::of(right, &wrong))
}

/// Builds each crate from its package, and from those of the crates that it depends on.
pub(super) fn build(release: &Release<'_>) -> Result<Answer> {
    let (crates, left) = release.buildable();
    let count = crates.len();
    // Cargo unpacks the packages that others depend on once for each version and folder, and keeps them at home until
    // its own cleaning takes them: in the folder of an earlier run it builds on what they were then.
    let folder = sh::build_dir().join(format!("tenfold/release-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    let verify = || {
        let mut cargo = command(&crates);
        cargo.arg("--target-dir").arg(&folder);
        cargo
    };
    let mut said = complaint(verify().arg("--offline"))?;
    // What the workspace is built of is here as a rule; else cargo is let to ask for it.
    if said.as_ref().is_some_and(|said| said.contains("--offline")) {
        said = complaint(&mut verify())?;
    }
    // Nothing can be done about a folder that does not go.
    let _ = fs::remove_dir_all(&folder);
    Ok(match said {
        Some(said) => not_built(&said),
        None if left.is_empty() => Answer::Right(format!("{count} of their packages alone")),
        None => Answer::Unknown(format!("{count} build; not tried: {}", left.join("; "))),
    })
}

/// What a command says that fails.
pub(super) fn complaint(command: &mut Command) -> Result<Option<String>> {
    let output = sh::output(command.stdin(Stdio::null()))?;
    let said = || String::from_utf8_lossy(&output.stderr).into_owned();
    Ok((!output.status.success()).then(said))
}

/// What one that fails says of a package.
pub(super) fn not_built(said: &str) -> Answer {
    not_here(said).unwrap_or_else(|| Answer::Wrong(said.trim().to_owned()))
}

/// What cannot be downloaded says nothing of a package.
pub(super) fn not_here(said: &str) -> Option<Answer> {
    let mut lines = said.lines().map(|line| line.trim().trim_start_matches("error: "));
    let line = lines.find(|line| line.starts_with("failed to download"))?;
    Some(Answer::Unknown(format!("{line}: not all that it takes is here")))
}

/// Several packages in one command, which finds those that no registry has yet among the others.
fn command(crates: &[&Package]) -> Command {
    let mut cargo = sh::cargo();
    cargo.args(["package", "--quiet", "--locked", "--allow-dirty"]);
    cargo.args(crates.iter().flat_map(|package| ["--package", &package.name]));
    cargo
}

/// What users look for. A macro crate comes with its host.
fn needed(package: &Package) -> &'static [&'static str] {
    let all = &["LICENSE-APACHE", "LICENSE-MIT", "CHANGELOG.md", "README.md"];
    if package.has("proc-macro") { &all[..2] } else { all }
}

/// What is not in an unpacked package, and should be.
fn missing(folder: &Path, needed: &[&str]) -> Result<Vec<String>> {
    let absent = needed.iter().filter(|name| !folder.join(name).is_file());
    let mut missing: Vec<String> = absent.map(|name| format!("no {name}")).collect();
    for file in workspace::files_under(folder)? {
        let text = fs::read_to_string(folder.join(&file)).unwrap_or_default();
        let names = match file.extension().and_then(|extension| extension.to_str()) {
            Some("rs") if !is_test(&file) => included(&text),
            Some("md") => pictures(&text),
            _ => continue,
        };
        let beside = folder.join(file.parent().unwrap_or(Path::new("")));
        let absent = names.into_iter().filter(|name| !beside.join(name).is_file());
        missing.extend(absent.map(|name| format!("{} names {name}", file.display())));
    }
    Ok(missing)
}

/// A module of tests of a library, which no user builds.
fn is_test(file: &Path) -> bool {
    let in_tests = file.iter().skip(1).any(|part| part == "tests");
    file.starts_with("src") && (in_tests || file.file_stem().is_some_and(|stem| stem == "tests"))
}

/// The files that a module names, but for its tests, which end it.
fn included(text: &str) -> Vec<&str> {
    const STARTS: [&str; 4] =
        ["include_str!(\"", "include_bytes!(\"", "include!(\"", "#[path = \""];
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let mut names = vec![];
    let mut for_tests = false;
    for line in lines {
        if for_tests && line.starts_with("mod ") && line.ends_with('{') {
            break;
        }
        let starts = STARTS.iter().filter(|_| !line.starts_with("//") && !for_tests);
        let rests = starts.filter_map(|start| line.split_once(start));
        names.extend(rests.filter_map(|(_, rest)| rest.split_once('"')).map(|(name, _)| name));
        // Attributes stand before what they are of.
        for_tests = line == "#[cfg(test)]" || (for_tests && line.starts_with("#["));
    }
    names
}

/// The pictures beside a document.
fn pictures(text: &str) -> Vec<&str> {
    let rests = text.split("![").skip(1).filter_map(|rest| rest.split_once("]("));
    // An attribute in a block of code begins like a picture.
    let rests = rests.filter(|(text, _)| !text.contains('\n'));
    let names = rests.filter_map(|(_, rest)| rest.split([')', ' ']).next());
    names.filter(|name| !name.contains("://")).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::{Answer, complaint, included, is_test, missing, not_built, pictures, sh};

    #[test]
    fn what_files_name_is_looked_for_in_the_package() {
        let folder =
            sh::build_dir().join(format!("tenfold/test-of-release-{}", std::process::id()));
        fs::create_dir_all(folder.join("src/deep")).unwrap();
        let write = |name: &str, text: &str| fs::write(folder.join(name), text).unwrap();
        write("README.md", "![a](page.png) ![b](gone.png) [c](../away.md)\n");
        write("page.png", "");
        write(
            "src/lib.rs",
            "#[path = \"deep/a.rs\"]\nmod a;\nconst X: &str = include_str!(\"../../x\");\n",
        );
        write("src/deep/a.rs", "const Y: &str = include_str!(\"../../page.png\");\n");
        write("src/deep/tests.rs", "#[path = \"../../../other.rs\"]\nmod other;\n");
        let missing = missing(&folder, &["README.md", "LICENSE-MIT"]).unwrap();
        fs::remove_dir_all(&folder).unwrap();
        let expected = ["no LICENSE-MIT", "README.md names gone.png", "src/lib.rs names ../../x"];
        assert_eq!(missing, expected);
    }

    #[test]
    fn what_cannot_be_downloaded_is_not_known() {
        // As cargo 1.95 says it.
        let said = "error: failed to get `a` as a dependency of package `x v0.1.0`\n\nCaused by:\n  \
                    download of config.json failed\n\nCaused by:\n  failed to download from `https://b.c`\n";
        let why = "failed to download from `https://b.c`: not all that it takes is here";
        assert_eq!(not_built(said), Answer::Unknown(String::from(why)));
        let said = "error[E0432]: unresolved import `a`\n";
        assert_eq!(not_built(said), Answer::Wrong(said.trim().to_owned()));
    }

    #[test]
    fn a_command_that_fails_has_a_complaint() {
        let said = complaint(sh::cargo().arg("--no-such-option")).unwrap();
        assert!(said.is_some_and(|said| said.contains("--no-such-option")));
        assert_eq!(complaint(sh::cargo().arg("--version")).unwrap(), None);
    }

    #[test]
    fn tests_of_a_library_may_name_what_is_elsewhere() {
        let text = "#[cfg(test)]\n#[path = \"../../a.rs\"]\nmod a;\n#[path = \"b.rs\"]\nmod b;\n\
                    // include_str!(\"c\")\n#[cfg(test)]\nmod tests {\n    include!(\"d\");\n}\n";
        assert_eq!(included(text), ["b.rs"]);
        assert!(is_test(Path::new("src/a/tests.rs")) && is_test(Path::new("src/tests/b.rs")));
        assert!(!is_test(Path::new("tests/main.rs")) && !is_test(Path::new("src/a.rs")));
    }

    #[test]
    fn pictures_of_others_are_not_looked_for() {
        assert_eq!(pictures("![a](b.png \"c\") ![d](https://e.f/g.svg) [h](i)"), ["b.png"]);
        assert!(pictures("#![allow(x)]\n[a](b)").is_empty());
    }
}
