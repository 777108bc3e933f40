//! One library, from its invocation to its bindings.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use tenfold_cdecl::{Declaration, Target, TypeKind};

use crate::catalog::Catalog;
use crate::cdef::{Cdef, Source};
use crate::compiler::Compiler;
use crate::emit;
use crate::error::{Fault, Place};
use crate::facts::Facts;
use crate::invocation::{Invocation, Text};
use crate::probe::{self, Macros};
use crate::questions::Questions;
use crate::shim::Shims;
use crate::text::Lines;

/// Where bindings are made, and for which machine.
#[derive(Debug)]
pub(crate) struct Context<'a> {
    /// The folder that paths of C start from.
    pub(crate) package: &'a Path,
    /// Where texts for the compiler, archives and bindings go.
    pub(crate) folder: &'a Path,
    pub(crate) target: &'a str,
    pub(crate) host: &'a str,
    pub(crate) machine: Target,
    /// What begins all names of C that are made here.
    pub(crate) prefix: &'a str,
    pub(crate) is_cargo: bool,
}

/// A module that is finished.
#[derive(Debug)]
pub(crate) struct Bindings {
    pub(crate) text: String,
    /// Files that it was made from, besides the invocation's.
    pub(crate) files: BTreeSet<PathBuf>,
}

struct Maker<'a> {
    context: &'a Context<'a>,
    invocation: &'a Invocation,
    /// Where the invocation stands.
    place: Place,
    name: String,
    files: BTreeSet<PathBuf>,
}

/// Makes a module.
pub(crate) fn make(
    context: &Context<'_>,
    invocation: &Invocation,
    file: &Path,
) -> Result<Bindings, Vec<Fault>> {
    let line = invocation.name.span().start().line;
    let place = Place { file: file.to_owned(), line, caret: None };
    let name = invocation.name.to_string();
    let mut maker = Maker { context, invocation, place, name, files: BTreeSet::new() };
    let text = maker.run().map_err(|faults| {
        faults.into_iter().map(|fault| fault.at(maker.place.clone())).collect::<Vec<_>>()
    })?;
    Ok(Bindings { text, files: maker.files })
}

impl Maker<'_> {
    fn run(&mut self) -> Result<String, Vec<Fault>> {
        let one = |fault| vec![fault];
        let source = self.text(&self.invocation.cdef).map_err(one)?;
        let uses_files = source.text.contains("FILE");
        let cdef = source.read(self.context.machine).map_err(one)?;
        let catalog = Catalog::new(&cdef.unit);
        if let Some(load) = &self.invocation.load {
            let (facts, shims) = (Facts::declared(&catalog), Shims::default());
            let load = load.value();
            return self.emit(&cdef, &catalog, &facts, &shims, None, Some(&load));
        }
        let preamble = self.preamble(uses_files).map_err(one)?;
        let compiler = Compiler::new(&self.cc(), self.context.folder, &self.name).map_err(one)?;
        let macros = self.macros(&compiler, &preamble, &catalog)?;
        self.check(&compiler, &preamble, &cdef, &catalog, &macros)?;
        let facts = self.facts(&compiler, &preamble, &cdef, &catalog, &macros)?;
        let mut lines = Lines::new(&preamble);
        let prefix = format!("{}_{}", self.context.prefix, self.name);
        let shims = Shims::write(&mut lines, &cdef, &catalog, &macros, &facts, &prefix)?;
        if !shims.is_empty() {
            let messages = compiler.check("shim", lines.text()).map_err(one)?;
            refuse(lines.faults(&messages, &cdef, &self.place))?;
        }
        let included = compiler.dependencies("include", &preamble).into_iter();
        self.files.extend(included.filter(|file| !file.starts_with(self.context.folder)));
        let compiled = self.compile(&lines, &shims, &prefix).map_err(one)?;
        self.emit(&cdef, &catalog, &facts, &shims, compiled.as_deref(), None)
    }

    /// A text of the invocation, with the place of its first line.
    fn text(&mut self, text: &Text) -> Result<Source, Fault> {
        match text {
            Text::Here(literal) => {
                let line = literal.span().start().line;
                Ok(Source { file: self.place.file.clone(), line, text: literal.value() })
            }
            Text::File(name) => {
                // As `include_str!` has it: from the file that names it.
                let folder = self.place.file.parent().unwrap_or(Path::new(""));
                let file = folder.join(name.value());
                let path = self.context.package.join(&file);
                let text = fs::read_to_string(&path).map_err(Fault::cannot("read", &path))?;
                self.files.insert(path);
                Ok(Source { file, line: 1, text })
            }
        }
    }

    /// A path that the invocation names, from the package's folder.
    fn path(&self, literal: &syn::LitStr) -> PathBuf {
        self.context.package.join(literal.value())
    }

    fn sources(&self) -> Vec<PathBuf> {
        self.invocation.sources.iter().map(|source| self.path(source)).collect()
    }

    /// Headers, or without one the sources themselves, and the C that stands in the invocation.
    fn preamble(&mut self, uses_files: bool) -> Result<String, Fault> {
        let mut headers: Vec<String> =
            self.invocation.headers.iter().map(syn::LitStr::value).collect();
        if headers.is_empty() {
            headers =
                self.sources().iter().map(|source| format!("\"{}\"", source.display())).collect();
        }
        let mut text = String::new();
        if let Some(source) = &self.invocation.source {
            let source = self.text(source)?;
            let line = source.line;
            let file = self.context.package.join(&source.file);
            // Its errors are told at their lines of the Rust file.
            text = format!("#line {line} \"{}\"\n{}\n", file.display(), source.text);
        }
        if headers.is_empty() && text.is_empty() {
            let message =
                "there is nothing to hold declarations against: no header, no source, no sources";
            return Err(Fault::new(message));
        }
        Ok(probe::preamble(&headers, &text, uses_files))
    }

    /// The compiler's options, in all but what is compiled.
    fn cc(&self) -> cc::Build {
        let mut build = cc::Build::new();
        build.target(self.context.target).host(self.context.host);
        build.out_dir(self.context.folder).warnings(false).opt_level(0).debug(false).pic(false);
        build.cargo_metadata(self.context.is_cargo);
        self.configure(&mut build);
        build
    }

    fn configure(&self, build: &mut cc::Build) {
        for include in &self.invocation.include {
            build.include(self.path(include));
        }
        for define in &self.invocation.define {
            let define = define.value();
            match define.split_once('=') {
                Some((name, value)) => build.define(name, value),
                None => build.define(&define, None),
            };
        }
    }

    /// Which names the headers make macros, and which of them are nothing else.
    fn macros(
        &self,
        compiler: &Compiler,
        preamble: &str,
        catalog: &Catalog<'_>,
    ) -> Result<Macros, Vec<Fault>> {
        let names = catalog.unit.declarations().filter_map(|declaration| match declaration {
            Declaration::Function(function) => Some((&*function.name, true)),
            Declaration::Variable(variable) => Some((&*variable.name, false)),
            _ => None,
        });
        let names: Vec<(&str, bool)> = names.collect();
        let mut text = preamble.to_owned();
        for (name, _) in &names {
            text.push_str(&format!("#ifdef {name}\ntf_macro \"{name}\" {name}\n#endif\n"));
        }
        let expanded = compiler.preprocess("macros", &text).map_err(|messages| {
            let faults = messages.iter().filter(|message| !message.is_note);
            faults.map(|message| Fault::new(&message.text)).collect::<Vec<_>>()
        })?;
        let defined: Vec<(&str, &str)> = expanded
            .lines()
            .filter_map(|line| line.strip_prefix("tf_macro \"")?.split_once("\" "))
            .collect();
        let mut macros = Macros::default();
        let mut suspects = Vec::new();
        for (name, expansion) in defined {
            match names.iter().find(|(other, _)| *other == name) {
                Some((_, true)) => suspects.push(name),
                _ if expansion.trim() != name => {
                    macros.aliases.insert(name.to_owned());
                }
                _ => {}
            }
        }
        self.only_macros(compiler, preamble, &suspects, &mut macros)
            .map_err(|fault| vec![fault])?;
        Ok(macros)
    }

    /// Functions whose address nobody can take are no functions.
    fn only_macros(
        &self,
        compiler: &Compiler,
        preamble: &str,
        suspects: &[&str],
        macros: &mut Macros,
    ) -> Result<(), Fault> {
        if suspects.is_empty() {
            return Ok(());
        }
        let lines = suspects.iter().enumerate();
        let lines = lines.map(|(at, name)| format!("extern __typeof__(&({name})) tf_{at};\n"));
        let lines: String = lines.collect();
        let text = format!("{preamble}#line 1 \"tf_suspects\"\n{lines}");
        for message in compiler.check("functions", &text)? {
            if message.file == "tf_suspects"
                && !message.is_note
                && let Some(name) = suspects.get(message.line.saturating_sub(1))
            {
                macros.only.insert((*name).to_owned());
            }
        }
        Ok(())
    }

    fn check(
        &self,
        compiler: &Compiler,
        preamble: &str,
        cdef: &Cdef,
        catalog: &Catalog<'_>,
        macros: &Macros,
    ) -> Result<(), Vec<Fault>> {
        let mut lines = Lines::new(preamble);
        probe::write(&mut lines, catalog, macros);
        let messages = compiler.check("check", lines.text()).map_err(|fault| vec![fault])?;
        let mut faults = without_prototypes(cdef);
        faults.extend(lines.faults(&messages, cdef, &self.place));
        refuse(faults)
    }

    fn facts(
        &self,
        compiler: &Compiler,
        preamble: &str,
        cdef: &Cdef,
        catalog: &Catalog<'_>,
        macros: &Macros,
    ) -> Result<Facts, Vec<Fault>> {
        let questions = Questions::new(catalog, macros);
        let text = questions.text(preamble);
        let assembly = compiler
            .assemble("questions", &text)
            .map_err(|messages| questions.faults(&messages))?;
        let facts =
            questions.answers(&assembly, catalog).map_err(|placed| vec![cdef.placed(placed)])?;
        let wrong = facts.compare_bits(catalog).into_iter();
        refuse(wrong.map(|(span, fault)| fault.at(cdef.place(span))).collect())?;
        Ok(facts)
    }

    /// Compiles what stands in the invocation, the shims and the sources. None if there is nothing.
    fn compile(
        &mut self,
        lines: &Lines,
        shims: &Shims,
        prefix: &str,
    ) -> Result<Option<String>, Fault> {
        let sources = self.sources();
        let has_header = !self.invocation.headers.is_empty();
        let mut build = cc::Build::new();
        build.target(self.context.target).host(self.context.host).out_dir(self.context.folder);
        build.cargo_metadata(false).warnings(false);
        if !self.context.is_cargo {
            build.opt_level(2).debug(false);
        }
        self.configure(&mut build);
        // Without a header the sources are part of the text already.
        let is_text = !shims.is_empty()
            || self.invocation.source.is_some()
            || (!has_header && !sources.is_empty());
        if is_text {
            let file = self.context.folder.join(format!("{}.library.c", self.name));
            fs::write(&file, lines.text()).map_err(Fault::cannot("write", &file))?;
            build.file(file);
        }
        if has_header {
            build.files(&sources);
        }
        self.files.extend(sources.iter().cloned());
        if !is_text && sources.is_empty() {
            return Ok(None);
        }
        build.try_compile(prefix).map_err(|error| Fault::new(error.to_string()))?;
        Ok(Some(prefix.to_owned()))
    }

    fn emit(
        &self,
        cdef: &Cdef,
        catalog: &Catalog<'_>,
        facts: &Facts,
        shims: &Shims,
        compiled: Option<&str>,
        load: Option<&str>,
    ) -> Result<String, Vec<Fault>> {
        let library = emit::Library {
            catalog,
            facts,
            shims,
            safe: &self.invocation.safe,
            compiled,
            links: &self.invocation.links,
            load,
        };
        emit::module(&library)
            .map_err(|faults| faults.into_iter().map(|placed| cdef.placed(placed)).collect())
    }
}

fn refuse(faults: Vec<Fault>) -> Result<(), Vec<Fault>> {
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

/// `int f()` goes with any parameters, so that nothing would be checked.
fn without_prototypes(cdef: &Cdef) -> Vec<Fault> {
    let functions = cdef.unit.declarations().filter_map(|declaration| match declaration {
        Declaration::Function(function) => Some(function),
        _ => None,
    });
    let wrong = functions.filter(|function| match cdef.unit.resolved_kind(function.ty) {
        TypeKind::Function(ty) => !ty.is_prototype,
        _ => false,
    });
    let fault = |function: &tenfold_cdecl::Function| {
        let message = "`()` says nothing of the parameters: write `(void)`";
        Fault::new(message).at(cdef.place(function.span))
    };
    wrong.map(fault).collect()
}
