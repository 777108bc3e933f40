//! What an edit of the code does to what is on disk: builds of a program, one after another.

use std::fs;
use std::path::Path;
use std::process::Command;

const PROGRAM: &str = r#"
    use tenfold_memo::{memoize, versioned};

    #[versioned]
    fn inner(x: u64) -> u64 {
        x + 1
    }

    #[versioned(depends(inner))]
    fn helper(x: u64) -> u64 {
        inner(x) * 2
    }

    #[memoize(disk = std::env::args().nth(1).unwrap(), depends(helper))]
    fn f(x: u64) -> u64 {
        helper(x) + 100
    }

    fn main() {
        let value = f(7);
        println!("{value} {}", f::cache_info().disk_hits);
    }
"#;

/// Builds the program with this text in place of that, and runs it: the value, and whether it was on
/// disk.
fn run(package: &Path, folder: &Path, edit: Option<(&str, &str)>) -> (u64, bool) {
    let text = edit.map_or_else(|| PROGRAM.to_owned(), |(from, to)| PROGRAM.replacen(from, to, 1));
    assert!(edit.is_none() || text != PROGRAM);
    run_program(package, folder, &text)
}

/// Builds and runs a program.
fn run_program(package: &Path, folder: &Path, text: &str) -> (u64, bool) {
    fs::write(package.join("src/main.rs"), text).unwrap();
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["run", "--offline", "--quiet", "--"]).arg(folder).current_dir(package);
    cargo.env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("builds"));
    let output = cargo.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let printed = String::from_utf8(output.stdout).unwrap();
    let (value, hits) = printed.trim().split_once(' ').unwrap();
    (value.parse().unwrap(), hits == "1")
}

#[test]
fn editing_a_body_or_what_it_depends_on_changes_the_key() {
    let scratch = tempfile::tempdir().unwrap();
    let (package, folder) = (scratch.path().join("package"), scratch.path().join("cache"));
    fs::create_dir_all(package.join("src")).unwrap();
    let memo = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest = format!(
        "[package]\nname = \"edited\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n\
         tenfold-memo = {{ path = {memo:?}, features = [\"disk\"] }}\n\n[workspace]\n"
    );
    fs::write(package.join("Cargo.toml"), manifest).unwrap();
    let lock = memo.parent().unwrap().parent().unwrap().join("Cargo.lock");
    fs::copy(lock, package.join("Cargo.lock")).unwrap();
    let run = |edit| run(&package, &folder, edit);

    assert_eq!(run(None), (116, false));
    assert_eq!(run(None), (116, true));
    // Looks are no code.
    assert_eq!(run(Some(("helper(x) + 100", "helper(x)  /* and */  +  100 // more"))), (116, true));
    assert_eq!(run(Some(("helper(x) + 100", "helper(x) + 101"))), (117, false));
    assert_eq!(run(Some(("inner(x) * 2", "inner(x) * 3"))), (124, false));
    // What a helper depends on, at second hand.
    assert_eq!(run(Some(("x + 1", "x + 2"))), (118, false));
    assert_eq!(run(Some(("depends(helper))", "depends(helper), version = 1)"))), (116, false));
    assert_eq!(run(None), (116, true));
    // Which parameters are the key.
    let takes = |ignored: &str| {
        let program = PROGRAM.replace("f(x: u64)", "f(x: u64, y: u64)").replace("f(7)", "f(7, 7)");
        program.replace("depends(helper))", &format!("depends(helper), ignore({ignored}))"))
    };
    assert_eq!(run_program(&package, &folder, &takes("x")), (116, false));
    assert_eq!(run_program(&package, &folder, &takes("y")), (116, false));
}
