//! What `build.rs` calls.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process;

use tenfold_cdecl::Target;

use crate::compiler::Compiler;
use crate::error::{Error, Fault, Place};
use crate::invocation::{self, Invocation};
use crate::library::{self, Context};
use crate::scan;

/// Finds the `c_library!`s of a package, verifies them, and writes their modules.
///
/// In a `build.rs` cargo says all that there is to say, and [`verify`](crate::verify) is enough.
///
/// # Examples
///
/// What a build does, on a text and without cargo:
///
/// ```
/// let out = tempfile::tempdir()?;
/// let host = std::env::consts::ARCH.to_owned() + "-unknown-linux-gnu";
/// let source = r#"c_library! { mod m; header = "math.h"; link = "m"; cdef = "double cos(double x);"; }"#;
/// let build = tenfold_ffi_build::Build::new().target(&host).host(&host).out_dir(out.path());
/// build.text("src/lib.rs", source).try_verify()?;
/// let bindings = std::fs::read_to_string(out.path().join("tenfold-ffi/m.rs"))?;
/// assert!(bindings.contains("pub unsafe fn cos(x: f64) -> f64;"), "{bindings}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Build {
    package: Option<PathBuf>,
    out_dir: Option<PathBuf>,
    target: Option<String>,
    host: Option<String>,
    texts: Vec<(PathBuf, String)>,
    left_out: BTreeSet<String>,
}

/// A `c_library!` and the file that it stands in.
struct Found {
    file: PathBuf,
    invocation: Invocation,
}

impl Build {
    /// For the package that cargo builds.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The folder of the package: where its files are, and where paths in invocations start from. Cargo's
    /// `CARGO_MANIFEST_DIR` if it is not said.
    #[must_use]
    pub fn package(mut self, folder: impl Into<PathBuf>) -> Self {
        self.package = Some(folder.into());
        self
    }

    /// Where modules are written, in a folder `tenfold-ffi`. Cargo's `OUT_DIR` if it is not said; if it is,
    /// nothing is said to cargo.
    #[must_use]
    pub fn out_dir(mut self, folder: impl Into<PathBuf>) -> Self {
        self.out_dir = Some(folder.into());
        self
    }

    /// The target, by its triple. Cargo's `TARGET` if it is not said.
    #[must_use]
    pub fn target(mut self, triple: &str) -> Self {
        self.target = Some(triple.to_owned());
        self
    }

    /// The machine that compiles, by its triple. Cargo's `HOST` if it is not said.
    #[must_use]
    pub fn host(mut self, triple: &str) -> Self {
        self.host = Some(triple.to_owned());
        self
    }

    /// A file and what is in it. If there is one, these are read in place of the package's files.
    #[must_use]
    pub fn text(mut self, file: impl Into<PathBuf>, text: &str) -> Self {
        self.texts.push((file.into(), text.to_owned()));
        self
    }

    /// A module that is not made: what it binds is not on this machine. Its invocation stands behind a `cfg`.
    ///
    /// # Examples
    ///
    /// See [`has_header`](Self::has_header).
    #[must_use]
    pub fn leave_out(mut self, module: &str) -> Self {
        self.left_out.insert(module.to_owned());
        self
    }

    /// Whether the compiler finds a header.
    ///
    /// # Errors
    ///
    /// If there is no compiler, or cargo does not say what it is to be asked with.
    ///
    /// # Examples
    ///
    /// ```
    /// let out = tempfile::tempdir()?;
    /// let host = std::env::consts::ARCH.to_owned() + "-unknown-linux-gnu";
    /// let build = tenfold_ffi_build::Build::new().target(&host).host(&host).out_dir(out.path());
    /// assert!(build.has_header("math.h")?);
    /// assert!(!build.has_header("no_such.h")?);
    /// let source = "c_library! { mod none; header = \"no_such.h\"; cdef = \"\"; }";
    /// build.text("src/lib.rs", source).leave_out("none").try_verify()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn has_header(&self, header: &str) -> Result<bool, Error> {
        let folder = self.folder()?;
        let (target, host) = (self.target_triple()?, self.host_triple()?);
        let mut build = cc::Build::new();
        build.target(&target).host(&host).out_dir(&folder).opt_level(0).debug(false);
        build.cargo_metadata(self.out_dir.is_none());
        let compiler = Compiler::new(&build, &folder, "header")?;
        Ok(compiler.check("has", &format!("#include <{header}>\n"))?.is_empty())
    }

    fn target_triple(&self) -> Result<String, Fault> {
        self.target.clone().map_or_else(|| variable("TARGET"), Ok)
    }

    fn host_triple(&self) -> Result<String, Fault> {
        self.host.clone().map_or_else(|| variable("HOST"), Ok)
    }

    /// Where modules are written, which is made.
    fn folder(&self) -> Result<PathBuf, Fault> {
        let out_dir = match &self.out_dir {
            Some(folder) => folder.clone(),
            None => PathBuf::from(variable("OUT_DIR")?),
        };
        let folder = out_dir.join("tenfold-ffi");
        fs::create_dir_all(&folder).map_err(Fault::cannot("make", &folder))?;
        Ok(folder)
    }

    /// Verifies and writes; ends the program with what is wrong, and status 1.
    pub fn verify(&self) {
        if let Err(error) = self.try_verify() {
            let _ = writeln!(std::io::stderr(), "{error}");
            process::exit(1);
        }
    }

    /// Verifies and writes.
    ///
    /// # Errors
    ///
    /// All that is wrong: declarations that are not the header's, headers that are not there, safe functions
    /// with pointers that nothing guards, two modules of one name.
    ///
    /// # Examples
    ///
    /// See [`Build`].
    pub fn try_verify(&self) -> Result<(), Error> {
        let package = match &self.package {
            Some(folder) => folder.clone(),
            None if self.texts.is_empty() => PathBuf::from(variable("CARGO_MANIFEST_DIR")?),
            None => PathBuf::from("."),
        };
        let is_cargo = self.out_dir.is_none();
        let (target, host, folder) = (self.target_triple()?, self.host_triple()?, self.folder()?);
        let machine = machine(&target)?;
        let prefix = prefix();
        let context = Context {
            package: &package,
            folder: &folder,
            target: &target,
            host: &host,
            machine,
            prefix: &prefix,
            is_cargo,
        };
        let mut said = Said { lines: BTreeSet::new() };
        // Also when something is wrong: what is changed then is what has to be looked at again.
        let made = self.make(&context, &mut said);
        if is_cargo {
            said.add(format!("cargo:rustc-link-search=native={}", folder.display()));
            said.say();
        }
        made
    }

    fn make(&self, context: &Context<'_>, said: &mut Said) -> Result<(), Error> {
        let mut faults = Vec::new();
        let found = self.find(context.package, said, &mut faults)?;
        faults.extend(doubles(&found));
        for one in &found {
            match library::make(context, &one.invocation, &one.file) {
                Ok(bindings) => {
                    let file = context.folder.join(format!("{}.rs", one.invocation.name));
                    bindings.files.iter().for_each(|file| said.rerun(file));
                    write(&file, &bindings.text)?;
                }
                Err(all) => faults.extend(all),
            }
        }
        if faults.is_empty() { Ok(()) } else { Err(Error::new(faults)) }
    }

    fn find(
        &self,
        package: &Path,
        said: &mut Said,
        faults: &mut Vec<Fault>,
    ) -> Result<Vec<Found>, Error> {
        let mut found = Vec::new();
        for (file, text) in self.read(package, said)? {
            let place = |line| Place { file: file.clone(), line, caret: None };
            let all = scan::invocations(&text).unwrap_or_else(|error| {
                let line = error.span().start().line;
                faults.push(Fault::new(format!("no Rust: {error}")).at(place(line)));
                Vec::new()
            });
            for one in all {
                match invocation::read(one.tokens) {
                    Ok(invocation) => found.push(Found { file: file.clone(), invocation }),
                    Err(error) => faults.extend(error.into_iter().map(|error| {
                        let line = error.span().start().line;
                        let line = if line > 1 { line } else { one.span.start().line };
                        Fault::new(error.to_string()).at(place(line))
                    })),
                }
            }
        }
        found.retain(|one| !self.left_out.contains(&one.invocation.name.to_string()));
        Ok(found)
    }

    /// Files with what is in them, by their paths in the package.
    fn read(&self, package: &Path, said: &mut Said) -> Result<Vec<(PathBuf, String)>, Error> {
        if !self.texts.is_empty() {
            return Ok(self.texts.clone());
        }
        let files = scan::files(package).map_err(Fault::cannot("read", package))?;
        // What names targets outside the usual folders.
        said.rerun(&package.join("Cargo.toml"));
        let mut texts = Vec::new();
        for file in files {
            let text = fs::read_to_string(&file).map_err(Fault::cannot("read", &file))?;
            let inside = file.strip_prefix(package).unwrap_or(&file).to_owned();
            // A folder, so that a file that comes into it is seen.
            if let Some(top) = inside.components().next() {
                said.rerun(&package.join(top));
            }
            texts.push((inside, text));
        }
        Ok(texts)
    }
}

/// What cargo is told.
struct Said {
    lines: BTreeSet<String>,
}

impl Said {
    fn add(&mut self, line: String) {
        self.lines.insert(line);
    }

    fn rerun(&mut self, file: &Path) {
        self.add(format!("cargo:rerun-if-changed={}", file.display()));
    }

    fn say(&self) {
        let mut out = std::io::stdout().lock();
        for line in &self.lines {
            // Whoever does not listen need not be told.
            let _ = writeln!(out, "{line}");
        }
    }
}

/// Writes unless the file has the text already: rustc looks at the time.
fn write(file: &Path, text: &str) -> Result<(), Fault> {
    if fs::read_to_string(file).is_ok_and(|old| old == text) {
        return Ok(());
    }
    fs::write(file, text).map_err(Fault::cannot("write", file))
}

/// Two modules of one name would be written into one file.
fn doubles(found: &[Found]) -> Vec<Fault> {
    let mut first: BTreeMap<String, &Found> = BTreeMap::new();
    let mut faults = Vec::new();
    for one in found {
        let name = one.invocation.name.to_string();
        let line = one.invocation.name.span().start().line;
        if let Some(other) = first.get(&name) {
            let place = Place { file: one.file.clone(), line, caret: None };
            let message = format!("two modules of this package are called `{name}`");
            let line = other.invocation.name.span().start().line;
            let note = format!("{}:{line}: note: the other", other.file.display());
            faults.push(Fault::new(message).at(place).note(note));
        } else {
            first.insert(name, one);
        }
    }
    faults
}

fn variable(name: &str) -> Result<String, Fault> {
    env::var(name).map_err(|_| {
        Fault::new(format!(
            "`{name}` is not set: this runs in a build.rs, or is told all that cargo tells"
        ))
    })
}

fn machine(target: &str) -> Result<Target, Fault> {
    match target.split('-').next() {
        Some("x86_64") => Ok(Target::X86_64),
        Some("aarch64") => Ok(Target::Aarch64),
        _ => Err(Fault::new(format!("the target {target} is neither x86_64 nor aarch64"))),
    }
}

/// Names of C in one program are one's own: two packages may bind the same library.
fn prefix() -> String {
    let of = |name: &str| env::var(name).unwrap_or_default();
    let text = format!("tenfold_{}_{}", of("CARGO_PKG_NAME"), of("CARGO_PKG_VERSION"));
    text.replace(|c: char| !c.is_ascii_alphanumeric(), "_")
}
