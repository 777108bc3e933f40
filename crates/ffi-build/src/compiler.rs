//! The C compiler, which is asked and never made to run what it compiled.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::error::Fault;

/// A compiler for the target, with the flags of one library.
#[derive(Debug)]
pub(crate) struct Compiler {
    tool: cc::Tool,
    folder: PathBuf,
    name: String,
}

/// Something that a compiler says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) file: String,
    pub(crate) line: usize,
    pub(crate) is_note: bool,
    /// Whether it is an error only because we ask for it.
    pub(crate) is_warning: bool,
    pub(crate) text: String,
}

impl Compiler {
    /// Takes what `build` would compile with. Texts are written into `folder`, in files that begin with
    /// `name`.
    pub(crate) fn new(build: &cc::Build, folder: &Path, name: &str) -> Result<Self, Fault> {
        let tool = build
            .try_get_compiler()
            .map_err(|error| Fault::new(format!("no C compiler: {error}")))?;
        if !tool.is_like_gnu() && !tool.is_like_clang() {
            let message = format!("{} is neither like GCC nor like Clang", tool.path().display());
            return Err(Fault::new(message));
        }
        Ok(Self { tool, folder: folder.to_owned(), name: name.to_owned() })
    }

    fn command(&self) -> Command {
        let mut command = Command::new(self.tool.path());
        // Some warnings are errors here, which `-w` from the environment would silence. Others would be
        // errors of our own text, which uses extensions of GNU.
        let strict = ["-w", "-Werror", "-Wpedantic", "-pedantic", "-pedantic-errors"];
        let is_lenient = |argument: &&OsString| strict.iter().all(|other| *argument != other);
        command.args(self.tool.args().iter().filter(is_lenient));
        command.envs(self.tool.get_envs());
        // Messages are read.
        command
            .env("LC_ALL", "C")
            .args(["-fno-diagnostics-show-caret", "-fdiagnostics-color=never"]);
        if self.tool.is_like_clang() {
            command.arg("-ferror-limit=0");
        }
        command
    }

    fn run(&self, what: &str, text: &str, flags: &[&str]) -> Result<Output, Fault> {
        let file = self.folder.join(format!("{}.{what}.c", self.name));
        fs::write(&file, text).map_err(Fault::cannot("write", &file))?;
        let mut command = self.command();
        command.args(flags).arg(&file);
        command.output().map_err(Fault::cannot("run", self.tool.path()))
    }

    /// Compiles a text, and gives what is wrong with it: errors, each with its notes behind it.
    pub(crate) fn check(&self, what: &str, text: &str) -> Result<Vec<Message>, Fault> {
        let flags = [
            "-fsyntax-only",
            "-Werror=missing-field-initializers",
            "-Werror=incompatible-pointer-types",
            "-Werror=implicit-function-declaration",
            "-Werror=int-conversion",
            "-Werror=switch",
        ];
        // Clang has it among those above.
        let discarded =
            if self.tool.is_like_clang() { None } else { Some("-Werror=discarded-qualifiers") };
        let flags: Vec<&str> = flags.into_iter().chain(discarded).collect();
        let output = self.run(what, text, &flags)?;
        let said = String::from_utf8_lossy(&output.stderr);
        let messages = messages(&said);
        if messages.is_empty() && !output.status.success() {
            return Err(Fault::new(format!("the compiler failed: {}", said.trim())));
        }
        Ok(messages)
    }

    /// What the preprocessor makes of a text.
    pub(crate) fn preprocess(&self, what: &str, text: &str) -> Result<String, Vec<Message>> {
        self.output(what, text, &["-E", "-P"])
    }

    /// The assembly of a text, with constants computed.
    pub(crate) fn assemble(&self, what: &str, text: &str) -> Result<String, Vec<Message>> {
        self.output(
            what,
            text,
            &["-S", "-O1", "-w", "-fno-pic", "-fno-pie", "-fno-lto", "-g0", "-o", "-"],
        )
    }

    /// The files that a text includes.
    pub(crate) fn dependencies(&self, what: &str, text: &str) -> BTreeSet<PathBuf> {
        let rule = self.output(what, text, &["-M"]).unwrap_or_default();
        let files = rule.split_once(':').map_or("", |(_, files)| files).replace("\\\n", " ");
        files.split_whitespace().map(PathBuf::from).filter(|file| file.is_absolute()).collect()
    }

    fn output(&self, what: &str, text: &str, flags: &[&str]) -> Result<String, Vec<Message>> {
        let failed = |text: String| Message {
            file: String::new(),
            line: 0,
            is_note: false,
            is_warning: false,
            text,
        };
        let ran = self.run(what, text, flags);
        let output = ran.map_err(|fault| vec![failed(fault.message().to_owned())])?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        let messages = messages(&said);
        Err(if messages.is_empty() { vec![failed(said.trim().to_owned())] } else { messages })
    }
}

/// Errors and their notes among what a compiler says.
fn messages(said: &str) -> Vec<Message> {
    let mut messages: Vec<Message> = Vec::new();
    let mut is_error = false;
    for line in said.lines() {
        let Some(((file, number), kind, text)) = split(line) else { continue };
        match kind {
            "warning" => is_error = false,
            "note" if !is_error => {}
            _ => {
                is_error = true;
                let is_warning = text.contains(" [-W");
                let text = text.split(" [-W").next().unwrap_or_default().trim().to_owned();
                let (file, is_note) = (file.to_owned(), kind == "note");
                messages.push(Message { file, line: number, is_note, is_warning, text });
            }
        }
    }
    messages
}

/// `file:line:column: error: text`.
fn split(line: &str) -> Option<((&str, usize), &'static str, &str)> {
    let kinds = ["fatal error", "error", "warning", "note"];
    let (at, kind) = kinds.iter().find_map(|kind| {
        let mark = format!(": {kind}: ");
        line.find(&mark).map(|at| (at, *kind))
    })?;
    let text = &line[at + kind.len() + 4..];
    let mut parts = line[..at].rsplitn(3, ':');
    let (_column, number, name) = (parts.next()?, parts.next()?, parts.next()?);
    Some(((name, number.parse().ok()?), kind, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_with_their_notes() {
        let said = "In file included from probe.c:1:\n\
            probe.c:2:5: warning: conflicting types for built-in function 'pow'\n\
            /usr/include/x.h:9:1: note: of the warning\n\
            probe.c:7:15: error: conflicting types for 'crc32'; have 'int(int)'\n\
            /usr/include/zlib.h:1725:22: note: previous declaration of 'crc32' with type 'long'\n\
            x.h:5:3: error: passing argument 1 of 'f' [-Werror=incompatible-pointer-types]\n\
            y.c:3:10: fatal error: z.h: No such file or directory\ncompilation terminated.\n";
        let found = messages(said);
        let lines: Vec<_> = found.iter().map(|m| (m.file.as_str(), m.line, m.is_note)).collect();
        let wanted = [
            ("probe.c", 7, false),
            ("/usr/include/zlib.h", 1725, true),
            ("x.h", 5, false),
            ("y.c", 3, false),
        ];
        assert_eq!(lines, wanted);
        assert!(found[2].is_warning && !found[0].is_warning);
        assert_eq!(found[2].text, "passing argument 1 of 'f'");
        assert_eq!(found[3].text, "z.h: No such file or directory");
    }

    /// A compiler with flags, as `CFLAGS` may have them.
    fn compiler(folder: &Path, flags: &[&str]) -> Compiler {
        let host = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
        let mut build = cc::Build::new();
        build.target(&host).host(&host).out_dir(folder).opt_level(0).flags(flags);
        Compiler::new(&build, folder, "m").unwrap()
    }

    /// Whoever builds a distribution has it in `CFLAGS`.
    #[test]
    fn link_time_optimisation_does_not_hide_the_answers() {
        let folder = tempfile::tempdir().unwrap();
        let compiler = compiler(folder.path(), &["-flto"]);
        let text = "void f(void) { __asm__ volatile(\"->tf 0 %c0 <-\" : : \"i\"(7)); }";
        assert!(compiler.assemble("lto", text).unwrap().contains("->tf 0 7 <-"));
    }

    #[test]
    fn strict_flags_are_not_for_our_text() {
        let folder = tempfile::tempdir().unwrap();
        let compiler = compiler(folder.path(), &["-Wpedantic", "-Werror"]);
        assert_eq!(compiler.check("strict", "struct s { int a; } x = {};").unwrap(), []);
    }
}
