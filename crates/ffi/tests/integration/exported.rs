//! Exported functions, called by C and C++ through the header that is printed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::kern::{library, run};

fn header(args: &[&str], library: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tenfold-header"));
    command.args(args).arg(library);
    command
}

fn source(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/integration").join(name)
}

fn compiler(variable: &str, default: &str) -> Command {
    let mut command = Command::new(std::env::var_os(variable).unwrap_or_else(|| default.into()));
    command.args(["-Wall", "-Wextra", "-Werror", "-pedantic"]);
    command
}

#[test]
fn c_calls_everything_and_gets_a_status_for_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let (file, program) = (folder.path().join("kern.h"), folder.path().join("program"));
    assert_eq!(run(header(&["-o", file.to_str().unwrap()], library()).current_dir(&folder)), "");
    let mut cc = compiler("CC", "cc");
    cc.arg("-std=c11").arg("-I").arg(folder.path()).arg(source("exported.c")).arg(library());
    run(cc.arg("-o").arg(&program));
    let mut command = Command::new(&program);
    let said = run(command.env("LD_LIBRARY_PATH", library().parent().unwrap()));
    assert_eq!(said, "28 good, 27 bad\n");
}

#[test]
fn the_header_is_one_for_cpp_too() {
    let folder = tempfile::tempdir().unwrap();
    let text = run(&mut header(&[], library()));
    fs::write(folder.path().join("kern.h"), text).unwrap();
    let user = folder.path().join("user.cpp");
    let text = "#include \"kern.h\"\n#include \"kern.h\"\n\
        int main() { std::complex<double> z, by(0, 1), sum; return turn(&z, 1, &by, false, &sum); }\n";
    fs::write(&user, text).unwrap();
    let mut cpp = compiler("CXX", "c++");
    match cpp.args(["-std=c++11", "-fsyntax-only"]).arg(&user).output() {
        Ok(output) => {
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
        Err(error) => {
            let line = format!("skipped: the header in C++: no C++ compiler: {error}\n");
            std::io::Write::write_all(&mut std::io::stdout(), line.as_bytes()).unwrap();
        }
    }
}

#[test]
fn the_declarations_are_those_of_the_library_that_runs() {
    let printed = run(&mut header(&["--cdef"], library()));
    let unit = tenfold_ffi::Declarations::parse(&printed).unwrap();
    for name in ["axpy", "evolve", "total", "turn", "kern_nothing", "kern_error"] {
        assert!(unit.unit().function(name).is_some(), "{name}");
    }
    assert!(!printed.contains("\n#"), "{printed}");
}

/// Of the system, and not of what is in a library.
#[cfg(target_os = "linux")]
#[test]
fn full_disks_and_odd_names_are_errors() {
    use std::os::unix::ffi::OsStrExt as _;

    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = header(&[], library()).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stderr.starts_with(b"error: cannot write: "));
    let output = header(&[], Path::new(std::ffi::OsStr::from_bytes(b"\xff.so"))).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stderr.starts_with(b"error: cannot read "));
}

#[test]
fn what_is_no_library_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = fs::read(library()).unwrap();
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    };
    let texts = bytes.windows(9).position(|bytes| bytes == b"int32_t a").unwrap();
    let mut torn = bytes.clone();
    torn[texts] = 0xff;
    for (path, part) in [
        (folder.path().join("none.so"), "cannot read"),
        (file("text.so", b"hello"), "is no library"),
        (file("empty.so", b""), "is no library"),
        (file("short.so", &bytes[..40]), "is no library"),
        (file("cut.so", &bytes[..texts]), ""),
        (file("torn.so", &torn), "something else than prototypes"),
        (std::env::current_exe().unwrap(), "has no exported functions"),
    ] {
        let output = header(&[], &path).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{path:?}: {said}");
        assert!(said.starts_with("error: ") && said.contains(part), "{path:?}: {said}");
    }
}
