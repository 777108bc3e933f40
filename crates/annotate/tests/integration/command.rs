//! `cargo annotate`, on a workspace of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

const ROOT: &str =
    "[workspace]\nresolver = \"3\"\nmembers = [\"lib\", \"app\"]\nexclude = [\"far\"]\n";

const LIB: &str = "\
#[inline(never)]
pub fn sum(v: &[f64]) -> f64 {
    let mut total = 0.0;
    for i in 0..v.len() {
        total += v[i];
    }
    total
}

#[inline(never)]
pub fn gather(v: &[u64], at: &[usize]) -> u64 {
    let mut total = v[7];
    for i in at {
        total ^= v[*i];
    }
    total
}

pub fn never<T: Copy>(v: &[T]) -> T {
    v[3]
}
";

const MAIN: &str = "\
mod part;

fn main() {
    let v = vec![1.0; std::env::args().count()];
    println!(\"{} {}\", toy_lib::sum(&v), part::doubled(&v));
}
";

const PART: &str = "\
pub fn doubled(v: &[f64]) -> f64 {
    let unused = 1;
    v.iter().map(|x| x * 2.0).sum()
}
";

const EXAMPLE: &str = "\
fn main() {
    let v = vec![1; std::env::args().count()];
    println!(\"{} {}\", toy_lib::gather(&v, &[0]), toy_lib::sum(&[1.0]));
}
";

/// A library with an example, a program that uses it, and a package that is no member.
struct Workspace(TempDir);

impl Workspace {
    fn new() -> Self {
        let workspace = Self(TempDir::new().unwrap());
        let package = |name: &str, rest: &str| {
            format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n{rest}")
        };
        workspace.write("Cargo.toml", ROOT);
        let far = "[dependencies]\nfar = { path = \"../far\" }\n";
        workspace.write("lib/Cargo.toml", &package("toy-lib", far));
        workspace.write("far/Cargo.toml", &package("far", ""));
        workspace.write("far/src/lib.rs", "");
        workspace.write("lib/src/lib.rs", LIB);
        workspace.write("lib/examples/one.rs", EXAMPLE);
        let needs = "[dependencies]\ntoy-lib = { path = \"../lib\" }\n";
        workspace.write("app/Cargo.toml", &package("toy-app", needs));
        workspace.write("app/src/main.rs", MAIN);
        workspace.write("app/src/part.rs", PART);
        workspace
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new(program.as_ref());
        command.current_dir(self.0.path());
        // What the tests themselves are built with is not what these packages are.
        for (name, _) in std::env::vars_os() {
            let of_cargo = name.to_string_lossy().starts_with("CARGO_");
            if of_cargo && name != "CARGO_HOME" || name == "RUSTFLAGS" {
                command.env_remove(name);
            }
        }
        command.env("CARGO_INCREMENTAL", "0").env_remove("RUSTC_WORKSPACE_WRAPPER");
        command
    }

    fn annotate(&self, line: &str) -> Output {
        let mut command = self.command(env!("CARGO_BIN_EXE_cargo-annotate"));
        command.args(line.split_whitespace()).args(["--offline"]).output().unwrap()
    }

    /// What it prints, where all is well.
    fn printed(&self, line: &str) -> String {
        let output = self.annotate(line);
        let (text, errors) = texts(&output);
        assert!(output.status.success(), "{line}: {errors}");
        text
    }

    /// The exit code, and what is said of it.
    fn failed(&self, line: &str) -> (i32, String) {
        let output = self.annotate(line);
        let (_, errors) = texts(&output);
        (output.status.code().unwrap(), errors)
    }
}

fn texts(output: &Output) -> (String, String) {
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr))
}

#[test]
fn gives_text_json_and_a_page() {
    let workspace = Workspace::new();
    let text = workspace.printed("annotate lib/src/lib.rs");
    assert!(text.contains("lib.rs") && text.contains("total ^= v[*i];"), "{text}");
    assert!(!text.contains('\x1b'), "no terminal, no colours: {text}");
    let json = workspace.printed("lib/src/lib.rs --format json --fn gather");
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["version"], 1);
    let functions = json["functions"].as_array().unwrap().iter();
    let names: Vec<&str> = functions.map(|function| function["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["toy_lib::gather"]);
    let path = workspace.printed("toy-lib --format html");
    assert!(path.trim_end().ends_with("target/annotate/toy-lib.html"), "{path}");
    let page = fs::read_to_string(path.trim_end()).unwrap();
    assert!(page.contains("</html>") && page.contains("gather"), "{page}");
    workspace.printed("toy-lib --format json --output new/folder/a.json");
    assert!(workspace.path("new/folder/a.json").is_file());
}

#[test]
fn chooses_the_program() {
    let workspace = Workspace::new();
    let binary = |line: &str| {
        let json = workspace.printed(&format!("{line} --format json"));
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        let path = PathBuf::from(json["binary"].as_str().unwrap());
        path.file_name().unwrap().to_string_lossy().into_owned()
    };
    assert_eq!(binary("lib/src/lib.rs"), "one");
    assert_eq!(binary("lib/examples/one.rs"), "one");
    assert_eq!(binary("toy-lib -p toy-app"), "toy-app");
    assert_eq!(binary("app/src/part.rs"), "toy-app");
    assert_eq!(binary("app"), "toy-app");
    assert_eq!(binary("toy-lib --bin toy-app"), "toy-app");
    assert_eq!(binary(". --bin toy-app"), "toy-app");
    assert_eq!(binary(". -p toy-lib"), "one");
    assert_eq!(binary("app/src/main.rs --manifest-path app/Cargo.toml --profile dev"), "toy-app");

    workspace.write("lib/examples/two.rs", EXAMPLE);
    let (code, said) = workspace.failed("toy-lib");
    assert_eq!(code, 2);
    assert!(said.contains("--example one, --example two"), "{said}");
    assert_eq!(binary("lib/src/lib.rs --example two"), "two");
    let (code, said) = workspace.failed("toy-lib --bench one");
    assert!(code == 2 && said.contains("has no bench `one`"), "{said}");
}

#[test]
fn denies_what_is_in_loops() {
    let workspace = Workspace::new();
    let (code, said) = workspace.failed("toy-lib --deny bounds,scalar");
    assert_eq!(code, 1, "{said}");
    let denied: Vec<&str> =
        said.lines().filter(|line| line.starts_with("lib/src/lib.rs:")).collect();
    assert_eq!(denied.len(), 2, "{said}");
    assert!(denied[0].starts_with("lib/src/lib.rs:5: scalar: "), "{said}");
    assert!(denied[1].starts_with("lib/src/lib.rs:14: bounds: bounds check"), "{said}");
    assert!(denied[1].ends_with("(baseline, loop depth 1)"), "{said}");
    // The check of line 11 stands outside of the loop.
    assert_eq!(workspace.annotate("toy-lib --deny atomic,div").status.code(), Some(0));
}

#[test]
fn says_why_there_is_nothing() {
    let workspace = Workspace::new();
    for (line, code, named) in [
        ("", 2, "name a file"),
        ("nothing", 2, "toy-lib, toy-app"),
        ("toy-lib -p other", 2, "toy-lib, toy-app"),
        (".", 2, "toy-lib, toy-app"),
        (". --bin none", 2, "no package has a bin `none`"),
        ("toy-lib --deny slow", 2, "scalar, bounds"),
        ("/etc/hostname", 2, "--binary"),
        ("toy-lib --manifest-path none/Cargo.toml", 2, "--manifest-path"),
        ("toy-lib --fn never", 3, "never"),
        ("toy-lib --profile unheard-of", 4, "unheard-of"),
        ("toy-lib --output lib/src", 4, "lib/src"),
        ("lib/src/lib.rs --binary lib/src/lib.rs", 3, "ELF"),
        ("lib/src/lib.rs --binary none", 4, "none"),
    ] {
        let (found, said) = workspace.failed(line);
        assert!(found == code && said.contains(named), "{line}: {found} {said}");
    }
    workspace.write("app/src/part.rs", "pub fn doubled(v: &[f64]) -> f64 { v }\n");
    let (code, said) = workspace.failed("toy-app");
    assert!(code == 4 && said.contains("mismatched types"), "{said}");
}

#[test]
fn a_linked_program_needs_no_cargo() {
    let workspace = Workspace::new();
    workspace.printed("toy-app --no-remarks");
    let line = "app/src/part.rs --binary target/release/toy-app --format json";
    let mut command = workspace.command(env!("CARGO_BIN_EXE_cargo-annotate"));
    command.env("CARGO", "no-such-program").args(line.split_whitespace());
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", texts(&output).1);
    assert!(texts(&output).0.contains("part.rs"));
}

/// Reasons come from a compilation of their own, which what is linked knows nothing of, and are
/// repeated where cargo has nothing to do.
#[test]
fn reasons_are_kept_and_plain_builds_stay_fresh() {
    let workspace = Workspace::new();
    let build = || {
        let mut cargo = workspace
            .command(std::env::var_os("CARGO").unwrap_or("cargo".into()).to_str().unwrap());
        let output = cargo.args(["build", "--release", "--offline", "--verbose"]).output().unwrap();
        texts(&output).1
    };
    assert!(build().contains("Compiling toy-lib"));
    for round in 0..2 {
        let output = workspace.annotate("lib/src/lib.rs -p toy-app --format json");
        let (json, said) = texts(&output);
        assert!(json.contains("reorder floating-point operations"), "round {round}: {json}");
        // The package's own warning is shown, LLVM's notes are not.
        assert!(said.contains("unused variable") && !said.contains("loop-vectorize"), "{said}");
        assert_eq!(said.contains("Compiling toy-lib"), round == 0, "{said}");
        assert!(!said.contains("Compiling far"), "{said}");
    }
    let again = build();
    assert!(again.contains("Fresh toy-lib") && again.contains("Fresh toy-app"), "{again}");
    let json = workspace.printed("lib/src/lib.rs -p toy-app --format json --no-remarks");
    assert!(!json.contains("reorder floating-point"), "{json}");
}

#[test]
fn a_profile_that_strips_is_overruled() {
    let workspace = Workspace::new();
    for setting in ["strip = true", "strip = \"debuginfo\"", "split-debuginfo = \"packed\""] {
        workspace.write("Cargo.toml", &format!("{ROOT}[profile.release]\n{setting}\n"));
        let text = workspace.printed("toy-lib -p toy-app");
        assert!(text.contains("total += v[i];"), "{setting}: {text}");
    }
}
