//! The compiler, asked for its reasons: cargo starts us in its place, and we start it.
//!
//! Where a crate has several codegen units, its loops are vectorised when they are linked
//! together, and rustc passes on no remarks from there. So the crate that is asked about is
//! compiled once more, in one unit, into a folder that is thrown away. What is linked is what cargo
//! asked for.
//!
//! Which crate that is says its debug information: cargo builds anew what it has built with other.

use std::ffi::{OsStr, OsString};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, ExitStatus, Stdio};

use serde_json::Value;

use crate::remark::{PASS, Remark};

/// The debug information of a package that is asked for reasons: places alone.
pub(crate) const ASKED: &str = "line-tables-only";
/// That of the others, which have places too.
pub(crate) const SILENT: &str = "limited";

/// Tells us that cargo has started us.
const NAME: &str = "TENFOLD_ANNOTATE_WRAPS";
const CARGOS: &str = "RUSTC_WORKSPACE_WRAPPER";

/// Has cargo start us in the compiler's place; not where somebody else has it so already.
pub(crate) fn install(cargo: &mut Command) {
    let us = std::env::current_exe();
    if let (Ok(us), None) = (us, std::env::var_os(CARGOS)) {
        cargo.env(CARGOS, us).env(NAME, "1");
    }
}

/// Does the compiler's work, if it is what we were started for.
pub(crate) fn run() -> Option<ExitCode> {
    std::env::var_os(NAME)?;
    let mut words = std::env::args_os().skip(1);
    let compiler = words.next()?;
    let words: Vec<OsString> = words.collect();
    let status = Command::new(&compiler).args(&words).status();
    if status.as_ref().is_ok_and(ExitStatus::success) && is_asked(&words) {
        // No reasons are no failure.
        let _ = ask(&compiler, &words);
    }
    let code = status.ok().and_then(|status| status.code()).unwrap_or(1);
    Some(ExitCode::from(u8::try_from(code).unwrap_or(1)))
}

/// Whether the compiler makes code, of the package that is asked.
fn is_asked(words: &[OsString]) -> bool {
    let links = words.iter().filter_map(|word| word.to_str()).any(|word| {
        word.strip_prefix("--emit=").is_some_and(|kinds| kinds.split(',').any(|k| k == "link"))
    });
    let asked = format!("debuginfo={ASKED}");
    links && words.iter().any(|word| *word == *asked)
}

/// Compiles again, and passes on remarks alone.
fn ask(compiler: &OsStr, words: &[OsString]) -> std::io::Result<()> {
    let folder = Folder::new()?;
    let mut command = Command::new(compiler);
    command.args(again(words, &folder.0));
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
    let lines = child.stderr.take().map(|pipe| BufReader::new(pipe).split(b'\n'));
    for line in lines.into_iter().flatten() {
        let line = line?;
        let message = serde_json::from_slice::<Value>(&line).unwrap_or_default();
        if message["message"].as_str().and_then(Remark::parse).is_some() {
            let mut stderr = std::io::stderr().lock();
            stderr.write_all(&line)?;
            stderr.write_all(b"\n")?;
        }
    }
    child.wait().map(drop)
}

/// The same words, but for one object in another folder.
fn again(words: &[OsString], folder: &Path) -> Vec<OsString> {
    let mut these = vec![];
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match word.to_str() {
            Some("--out-dir") => {
                words.next();
            }
            Some("-C") => {
                let next = words.next().cloned().unwrap_or_default();
                if !next.to_str().is_some_and(is_ours) {
                    these.extend([word.clone(), next]);
                }
            }
            Some(text) if text.starts_with("--emit=") => {}
            _ => these.push(word.clone()),
        }
    }
    these.extend(["--emit=obj", "-C", "codegen-units=1", "-C"].map(OsString::from));
    these.push(format!("remark={PASS}").into());
    these.extend(["--out-dir".into(), folder.into()]);
    these
}

/// Whether a setting of the compiler's is one that we make ourselves, or can do without.
fn is_ours(setting: &str) -> bool {
    let keys = ["incremental=", "codegen-units=", "lto", "linker-plugin-lto"];
    keys.iter().any(|key| setting.starts_with(key))
}

/// A folder that is removed.
struct Folder(PathBuf);

impl Folder {
    fn new() -> std::io::Result<Self> {
        let path = std::env::temp_dir().join(format!("tenfold-annotate-{}", std::process::id()));
        std::fs::create_dir(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left over is the system's to clean.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;
    use std::path::Path;

    use super::{again, is_asked};

    fn words(line: &str) -> Vec<OsString> {
        line.split_whitespace().map(OsString::from).collect()
    }

    #[test]
    fn asks_for_one_object_elsewhere() {
        let line = words(
            "--crate-name a src/lib.rs --emit=dep-info,metadata,link -C opt-level=3 -C lto=fat \
             -C codegen-units=16 -C debuginfo=line-tables-only -C incremental=/i --out-dir /d -L x",
        );
        assert!(is_asked(&line));
        let expected = "--crate-name a src/lib.rs -C opt-level=3 -C debuginfo=line-tables-only -L x \
                        --emit=obj -C codegen-units=1 -C remark=loop-vectorize --out-dir /t";
        assert_eq!(again(&line, Path::new("/t")), words(expected));
    }

    #[test]
    fn asks_nothing_of_others() {
        for line in [
            "-vV",
            "--crate-name a --emit=dep-info,metadata -C debuginfo=line-tables-only",
            "--crate-name a --emit=dep-info,link -C debuginfo=1",
            "",
        ] {
            assert!(!is_asked(&words(line)), "{line}");
        }
    }
}
