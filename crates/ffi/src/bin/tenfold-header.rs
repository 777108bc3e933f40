//! Prints the declarations that a library of exported functions holds, without running it.

#![forbid(unsafe_code)]

use std::ffi::OsString;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use object::{Object as _, ObjectSection as _};
use tenfold_ffi::__private::{cdef_of, header_of, records_of};

const HELP: &str = "\
tenfold-header LIBRARY [-o FILE] [--cdef]

Prints a header for C and C++ with the functions that #[tenfold_ffi::export(c)] has put into LIBRARY,
which is read and not run.

  -o FILE  writes there
  --cdef   prints what CFFI reads: no directives
";

const ONCE: &str = "tenfold_ffi::exports!(NAME); once in its lib.rs";

fn main() -> ExitCode {
    let options = match Options::parse(std::env::args_os().skip(1)) {
        Ok(Some(options)) => options,
        Ok(None) => return say(io::stdout(), HELP, 0),
        Err(error) => return say(io::stderr(), &format!("error: {error}\n\n{HELP}"), 2),
    };
    match options.run() {
        Ok(text) => say(io::stdout(), &text, 0),
        Err(error) => say(io::stderr(), &format!("error: {error}\n"), 1),
    }
}

/// Who stops listening has no use for an error; a full disk is one.
fn say(mut to: impl io::Write, text: &str, code: u8) -> ExitCode {
    match to.write_all(text.as_bytes()).and_then(|()| to.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            let _ = writeln!(io::stderr(), "error: cannot write: {error}");
            ExitCode::FAILURE
        }
        _ => ExitCode::from(code),
    }
}

#[derive(Debug)]
struct Options {
    library: PathBuf,
    out: Option<PathBuf>,
    cdef: bool,
}

impl Options {
    /// `None` asks for help.
    fn parse(mut words: impl Iterator<Item = OsString>) -> Result<Option<Self>, String> {
        let (mut library, mut out, mut cdef) = (None, None, false);
        while let Some(word) = words.next() {
            match &*word.to_string_lossy() {
                "-h" | "--help" => return Ok(None),
                "-o" => out = Some(words.next().ok_or("-o needs a file")?.into()),
                "--cdef" => cdef = true,
                flag if flag.starts_with('-') => return Err(format!("there is no {flag}")),
                _ if library.is_some() => return Err("one library at a time".to_owned()),
                _ => library = Some(word.into()),
            }
        }
        let library = library.ok_or("name a library")?;
        Ok(Some(Self { library, out, cdef }))
    }

    /// What is to be printed.
    fn run(&self) -> Result<String, String> {
        let shown = self.library.display();
        let bytes =
            fs::read(&self.library).map_err(|error| format!("cannot read {shown}: {error}"))?;
        let section = section(&bytes).map_err(|error| format!("{shown} {error}"))?;
        let records = records_of(&section).map_err(|error| format!("{shown}: {error}"))?;
        if !records.iter().any(|record| record.contains("\nconst char *")) {
            return Err(format!("{shown} cannot say what fails: write {ONCE}"));
        }
        let text = match self.cdef {
            true => cdef_of(&records),
            false => header_of(&stem(&self.library), &records),
        };
        let Some(out) = &self.out else { return Ok(text) };
        fs::write(out, text).map_err(|error| format!("cannot write {}: {error}", out.display()))?;
        Ok(String::new())
    }
}

/// `kern` of `libkern.so`.
fn stem(library: &Path) -> String {
    let name = library.file_name().unwrap_or_default().to_string_lossy();
    let name = name.split('.').next().unwrap_or_default();
    name.strip_prefix("lib").unwrap_or(name).to_owned()
}

/// The texts of a library, or what it is instead.
fn section(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let library = object::File::parse(bytes)
        .map_err(|error| format!("is no library, or only a part of one: {error}"))?;
    let section = library.section_by_name("tenfold_exports").ok_or_else(|| {
        format!("has no exported functions: write #[tenfold_ffi::export(c)], and {ONCE}, on Linux")
    })?;
    let data = section.uncompressed_data().map_err(|error| format!("is cut off: {error}"))?;
    Ok(data.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Option<Options>, String> {
        Options::parse(line.split_whitespace().map(OsString::from))
    }

    #[test]
    fn reads_its_command_line() {
        let options = parse("libkern.so -o kern.h --cdef").unwrap().unwrap();
        assert_eq!(options.out.as_deref(), Some(Path::new("kern.h")));
        assert!(options.cdef && parse("--help").unwrap().is_none());
        for (line, part) in [
            ("", "name a library"),
            ("a b", "one library"),
            ("a -o", "-o needs a file"),
            ("a --fast", "there is no --fast"),
        ] {
            assert!(parse(line).unwrap_err().contains(part), "{line}");
        }
    }

    #[test]
    fn a_library_has_a_name() {
        assert_eq!(stem(Path::new("x/libkern.so.1")), "kern");
        assert_eq!(stem(Path::new("kern.dll")), "kern");
    }

    #[test]
    fn what_is_no_library_is_said() {
        assert!(section(b"hello").unwrap_err().contains("is no library"));
        // This program has none.
        let own = fs::read(std::env::current_exe().unwrap()).unwrap();
        assert!(section(&own).unwrap_err().contains("has no exported functions"));
        assert!(section(&own[..own.len() / 2]).is_err());
    }
}
