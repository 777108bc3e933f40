//! Headers of the system as a preprocessor gives them, against what another parser finds in them.

use std::collections::BTreeSet;
use std::process::Command;

use lang_c::ast::{DeclaratorKind, Enumerator, Identifier, StructType};
use lang_c::driver::{Config, Flavor, parse_preprocessed};
use lang_c::span::{Node, Span};
use lang_c::visit::{self, Visit};
use tenfold_cdecl::{Declaration, TypeKind, Unit};

use crate::compiler;

/// Those of the C library, which are wherever a C compiler is.
const LIBC: &[&str] = &[
    "complex.h",
    "ctype.h",
    "dirent.h",
    "errno.h",
    "fcntl.h",
    "inttypes.h",
    "locale.h",
    "math.h",
    "netdb.h",
    "netinet/in.h",
    "poll.h",
    "pthread.h",
    "pwd.h",
    "regex.h",
    "sched.h",
    "semaphore.h",
    "setjmp.h",
    "signal.h",
    "stdarg.h",
    "stdint.h",
    "stdio.h",
    "stdlib.h",
    "string.h",
    "sys/mman.h",
    "sys/socket.h",
    "sys/stat.h",
    "sys/types.h",
    "sys/uio.h",
    "sys/wait.h",
    "termios.h",
    "time.h",
    "ucontext.h",
    "unistd.h",
    "wchar.h",
];

/// Those of libraries that may be there.
const LIBRARIES: &[&str] = &["zlib.h", "sqlite3.h"];

/// What the other parser finds at the outermost level.
#[derive(Default)]
struct Names {
    ordinary: BTreeSet<String>,
    tags: BTreeSet<String>,
}

impl<'ast> Visit<'ast> for Names {
    fn visit_declaration(&mut self, node: &'ast lang_c::ast::Declaration, span: &'ast Span) {
        for declarator in &node.declarators {
            self.ordinary.extend(name(&declarator.node.declarator.node));
        }
        visit::visit_declaration(self, node, span);
    }

    fn visit_function_definition(
        &mut self,
        node: &'ast lang_c::ast::FunctionDefinition,
        _: &'ast Span,
    ) {
        // Bodies are skipped.
        self.ordinary.extend(name(&node.declarator.node));
    }

    fn visit_struct_type(&mut self, node: &'ast StructType, span: &'ast Span) {
        self.tags.extend(node.identifier.iter().map(word));
        visit::visit_struct_type(self, node, span);
    }

    fn visit_enumerator(&mut self, node: &'ast Enumerator, _: &'ast Span) {
        self.ordinary.insert(word(&node.identifier));
    }
}

fn word(identifier: &Node<Identifier>) -> String {
    identifier.node.name.clone()
}

fn name(declarator: &lang_c::ast::Declarator) -> Option<String> {
    match &declarator.kind.node {
        DeclaratorKind::Identifier(identifier) => Some(word(identifier)),
        DeclaratorKind::Declarator(inner) => name(&inner.node),
        DeclaratorKind::Abstract => None,
    }
}

fn ours(unit: &Unit) -> Names {
    let mut names = Names::default();
    for declaration in unit.declarations() {
        let name = declaration.name().map(str::to_owned);
        match declaration {
            Declaration::Record(_) => names.tags.extend(name),
            Declaration::Enum(_) => {}
            _ => names.ordinary.extend(name),
        }
    }
    names
}

/// Every record has a layout or is only mentioned; every function is written as it is declared.
fn check_types(header: &str, unit: &Unit) {
    let mut again = unit.clone();
    for declaration in unit.declarations() {
        match declaration {
            Declaration::Function(function) => {
                assert!(matches!(unit.resolved_kind(function.ty), TypeKind::Function(_)));
                let text = format!("{};", unit.declare(function.ty, &function.name));
                again.extend(&text).unwrap_or_else(|error| panic!("{header}: {error:#}"));
            }
            Declaration::Record(record)
                if record.completeness != tenfold_cdecl::Completeness::Incomplete =>
            {
                unit.record_layout(record.id()).unwrap();
            }
            _ => {}
        }
    }
}

/// Whether the header is there, and the other parser reads it too.
fn compare(header: &str) -> bool {
    let Some(text) = compiler::preprocessed(header) else { return false };
    let unit = tenfold_cdecl::parse(&text).unwrap_or_else(|error| panic!("{header}: {error:#}"));
    let without_markers: String =
        text.lines().filter(|line| !line.starts_with('#')).flat_map(|line| [line, "\n"]).collect();
    tenfold_cdecl::parse(&without_markers).unwrap_or_else(|error| panic!("{header}: {error:#}"));
    let config =
        Config { flavor: Flavor::GnuC11, cpp_command: String::new(), cpp_options: Vec::new() };
    let Ok(theirs) = parse_preprocessed(&config, text) else { return false };
    let mut found = Names::default();
    found.visit_translation_unit(&theirs.unit);
    let ours = ours(&unit);
    // Prototypes within prototypes and bodies declare nothing here.
    let missing: Vec<&String> = found.ordinary.difference(&ours.ordinary).collect();
    assert!(missing.is_empty(), "{header}: {missing:?} are missing");
    let extra: Vec<&String> = ours.ordinary.difference(&found.ordinary).collect();
    assert!(extra.is_empty(), "{header}: {extra:?} are too many");
    assert_eq!(found.tags, ours.tags, "{header}");
    true
}

#[test]
fn headers_of_the_c_library_declare_what_another_parser_finds() {
    let compared = LIBC.iter().filter(|header| compare(header)).count();
    assert!(compared * 2 > LIBC.len(), "only {compared} of {} were compared", LIBC.len());
}

/// Nothing promises them, so one that is missing is no skip.
#[test]
fn headers_of_libraries_declare_what_another_parser_finds() {
    for header in LIBRARIES {
        compare(header);
    }
}

#[test]
fn types_of_headers_are_written_as_they_are_read() {
    for header in ["math.h", "signal.h", "stdio.h", "stdlib.h", "string.h", "sys/socket.h"] {
        let unit = tenfold_cdecl::parse(&compiler::preprocessed(header).unwrap()).unwrap();
        check_types(header, &unit);
    }
}

/// Those of the calls, each of which stands on a line of its own, whose null pointer the compiler warns of.
fn warned(header: &str, calls: &[String]) -> BTreeSet<usize> {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("calls.c");
    let text = format!("#include <{header}>\nvoid calls(void) {{\n{}\n}}\n", calls.join("\n"));
    std::fs::write(&source, text).unwrap();
    let mut command = Command::new(compiler::cc());
    // What the compiler knows of these functions itself does not count.
    command.args(["-std=gnu11", "-D_GNU_SOURCE", "-fno-builtin", "-Wnonnull", "-fsyntax-only"]);
    let output = compiler::run(command.arg(&source));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}");
    let lines = said.lines().filter(|line| line.contains("-Wnonnull"));
    lines.map(|line| line.split(':').nth(1).unwrap().parse::<usize>().unwrap() - 3).collect()
}

/// A call of a function for each of its pointers, which is null there, and whether it must not be.
fn calls_with_null(unit: &Unit, function: &tenfold_cdecl::Function) -> Vec<(String, bool)> {
    let TypeKind::Function(ty) = unit.resolved_kind(function.ty) else { panic!("{function:?}") };
    let values = ty.parameters.iter().map(|parameter| {
        let value = unit.declare(parameter.ty, "value");
        format!("({{ {value}; value; }})")
    });
    let values: Vec<String> = values.collect();
    let pointers =
        ty.parameters.iter().enumerate().filter(|(_, parameter)| {
            matches!(unit.resolved_kind(parameter.ty), TypeKind::Pointer(_))
        });
    let calls = pointers.map(|(index, _)| {
        let mut given = values.clone();
        given[index] = String::from("0");
        let call = format!("{}({});", function.name, given.join(", "));
        (call, function.nonnull.contains(&index))
    });
    calls.collect()
}

#[test]
fn pointers_that_must_not_be_null_are_those_that_the_compiler_warns_of() {
    let mut count = 0;
    for header in ["string.h", "stdlib.h", "unistd.h", "sys/stat.h", "wchar.h"] {
        let unit = tenfold_cdecl::parse(&compiler::preprocessed(header).unwrap()).unwrap();
        let functions = unit.declarations().filter_map(|declaration| match declaration {
            Declaration::Function(function) => Some(function),
            _ => None,
        });
        let (calls, is_nonnull): (Vec<String>, Vec<bool>) =
            functions.flat_map(|function| calls_with_null(&unit, function)).unzip();
        let warned = warned(header, &calls);
        for (at, call) in calls.iter().enumerate() {
            assert_eq!(is_nonnull[at], warned.contains(&at), "{header}: {call}");
        }
        count += warned.len();
    }
    // Other C libraries may say nothing.
    assert!(cfg!(not(target_env = "gnu")) || count > 50, "{count}");
}

#[test]
fn errors_in_headers_name_file_and_line() {
    let text = compiler::preprocessed("time.h").unwrap().replacen("struct tm *", "struct tm %", 1);
    let error = tenfold_cdecl::parse(&text).unwrap_err();
    let (file, line) = error.position().unwrap().origin().unwrap();
    let source = std::fs::read_to_string(file).unwrap();
    let shown = source.lines().nth(usize::try_from(line).unwrap() - 1).unwrap();
    assert!(shown.contains("struct tm *"), "{error}: {shown}");
    assert!(error.to_string().contains(file), "{error}");
}
