//! Where the annotation goes.

use std::io::{self, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tenfold_annotate::Annotation;

use crate::arguments::{Arguments, Format};
use crate::{Failure, say};

/// Prints the annotation, or writes it; `pages` is where pages go that have no `--output`.
pub(crate) fn give(
    annotation: &Annotation,
    arguments: &Arguments,
    pages: &Path,
) -> Result<(), Failure> {
    let path = arguments.output.clone();
    match arguments.format() {
        Format::Text => put(&annotation.to_text(path.is_none() && coloured()), path.as_deref()),
        Format::Json => put(&annotation.to_json(), path.as_deref()),
        Format::Html => {
            let path = path.unwrap_or_else(|| pages.join(name(&arguments.source)));
            put(&annotation.to_html(), Some(&path))?;
            print(&format!("{}\n", path.display()))?;
            if arguments.open {
                open(&path);
            }
            Ok(())
        }
    }
}

/// Whether the terminal is one, and its user wants colours.
fn coloured() -> bool {
    io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|no| no.is_empty())
}

/// The page's name: the source's, in letters that every file system takes.
fn name(source: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' };
    let source = source.strip_suffix(".rs").unwrap_or(source);
    let name: String = source.trim_matches(['/', '.']).chars().map(plain).collect();
    format!("{}.html", if name.is_empty() { "source" } else { &name })
}

fn put(text: &str, path: Option<&Path>) -> Result<(), Failure> {
    let Some(path) = path else { return print(text) };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let made = folder.map_or(Ok(()), std::fs::create_dir_all);
    made.and_then(|()| std::fs::write(path, text))
        .map_err(|error| Failure::Failed(format!("cannot write `{}`: {error}", path.display())))
}

/// Writes to stdout. Whoever closes it early, as `head` does, has seen enough.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::Failed(format!("cannot write to stdout: {error}")))
        }
        _ => Ok(()),
    }
}

/// Shows a page in the user's browser, or says why not.
fn open(path: &Path) {
    let path: PathBuf = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let program = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let mut command = Command::new(program);
    command.arg(&path).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    match command.status() {
        Ok(status) if status.success() => {}
        Ok(status) => say(&format!("the page is not open: {program} failed: {status}")),
        Err(error) => say(&format!("the page is not open: cannot start {program}: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::name;

    #[test]
    fn pages_are_named_by_their_source() {
        for (source, page) in [
            ("crates/memo/src/table.rs", "crates_memo_src_table.html"),
            ("tenfold-memo", "tenfold-memo.html"),
            ("../a b.rs", "a_b.html"),
            (".", "source.html"),
        ] {
            assert_eq!(name(source), page);
        }
    }
}
