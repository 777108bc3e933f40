//! No text makes the parser panic, overflow the stack or take more than linear time.

use proptest::prelude::*;
use proptest::sample::{Index, select};
use tenfold_cdecl::{ErrorKind, Options, Target, Unit};

use crate::{dialect, parsed};

/// Parts of declarations, from which texts are made that are nearly right.
const PARTS: &[&str] = &[
    "int",
    "unsigned",
    "long",
    "char",
    "void",
    "float",
    "double",
    "_Complex",
    "_Bool",
    "__int128",
    "struct",
    "union",
    "enum",
    "typedef",
    "extern",
    "static",
    "const",
    "volatile",
    "restrict",
    "_Atomic",
    "inline",
    "_Noreturn",
    "_Alignas",
    "_Alignof",
    "sizeof",
    "__typeof__",
    "_Static_assert",
    "__extension__",
    "__attribute__",
    "((packed))",
    "((aligned(8)))",
    "((vector_size(16)))",
    "((mode(DI)))",
    "asm",
    "__builtin_offsetof",
    "__stdcall",
    "size_t",
    "a",
    "b",
    "c",
    "s",
    "t",
    "0",
    "1",
    "7",
    "0x80000000",
    "1e3",
    "'a'",
    "\"text\"",
    "\"Python\"",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ";",
    ":",
    "?",
    "...",
    "*",
    "+",
    "-",
    "/",
    "%",
    "<<",
    ">>",
    "<",
    "==",
    "&&",
    "||",
    "!",
    "~",
    "=",
    ".",
    "\n#define x 3\n",
    "\n#define y ...\n",
    "\n# 3 \"file\"\n",
    "\n#pragma pack(push, 1)\n",
    "\n#pragma pack(pop)\n",
    "/*",
    "*/",
    "//",
    "\n",
    "\\\n",
    "\u{e9}",
    "@",
    "'",
    "\"",
    "int f(int);",
    "struct s { int a : 3; };",
    "typedef int t;",
    "enum e { A = 1, ... };",
];

/// Every question that one can ask of a unit.
fn ask_all(unit: &Unit) {
    for declaration in unit.declarations() {
        use tenfold_cdecl::Declaration::{Enum, Function, Record, Typedef, Variable};
        let ty = match declaration {
            Function(function) => function.ty,
            Variable(variable) => variable.ty,
            Typedef(typedef) => typedef.named(),
            Record(record) => {
                let _ = unit.record_layout(record.id());
                let _ = unit.member(record.ty(), "a");
                record.ty()
            }
            Enum(enumeration) => enumeration.ty(),
            _ => continue,
        };
        let _ = unit.layout(ty);
        assert!(!unit.spell(ty).is_empty());
        assert!(unit.compatible(ty, ty));
        if let Some(span) = declaration.span() {
            assert!(unit.position(span).is_some() && unit.caret(span).is_some());
        }
    }
}

fn try_to_read(text: &str) {
    for target in [Target::X86_64, Target::Aarch64] {
        match Options::new().target(target).parse(text) {
            Ok(unit) => ask_all(&unit),
            Err(error) => check_place(text, &error),
        }
    }
    if let Ok(mut unit) = tenfold_cdecl::parse("") {
        let _ = unit.parse_type(text);
    }
}

/// The place is in the text, and the caret stands under it.
fn check_place(text: &str, error: &tenfold_cdecl::Error) {
    let line = usize::try_from(error.line()).unwrap();
    let column = usize::try_from(error.column()).unwrap();
    let source = text.split('\n').nth(line - 1).unwrap();
    assert!(column >= 1 && column <= source.chars().count() + 1, "{error:#} in {text:?}");
    let caret = error.caret().unwrap();
    let (shown, marks) = caret.rsplit_once('\n').unwrap();
    assert!(source.contains(shown), "{caret:?} in {text:?}");
    assert!(marks.trim_start().starts_with('^') && marks.trim_start().trim_matches('^').is_empty());
    assert!(!error.message().is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, ..ProptestConfig::default() })]

    #[test]
    fn any_text_ends_in_a_unit_or_an_error(text in "\\PC{0,60}") {
        try_to_read(&text);
    }

    #[test]
    fn any_tokens_end_in_a_unit_or_an_error(parts in prop::collection::vec(select(PARTS), 0..40)) {
        try_to_read(&parts.join(" "));
    }

    #[test]
    fn mutated_text_ends_in_a_unit_or_an_error(
        case in any::<Index>(),
        changes in prop::collection::vec((any::<Index>(), any::<Index>(), select(PARTS), 0..4_u8), 1..4),
    ) {
        let mut text: Vec<char> = case.get(dialect::ACCEPTED).chars().collect();
        for (at, end, part, change) in changes {
            let (at, end) = (at.index(text.len() + 1), end.index(text.len() + 1));
            let (first, last) = (at.min(end), at.max(end).min(at.min(end) + 8));
            match change {
                0 => drop(text.drain(first..last)),
                1 => drop(text.splice(first..first, part.chars())),
                2 => drop(text.splice(first..last, part.chars())),
                _ => {
                    let copy: Vec<char> = text[first..last].to_vec();
                    drop(text.splice(at..at, copy));
                }
            }
        }
        try_to_read(&text.into_iter().collect::<String>());
    }
}

/// Texts that nest, by how deep.
fn nested(depth: usize) -> Vec<(&'static str, String)> {
    let around = |open: &str, inner: &str, close: &str| {
        format!("{}{inner}{}", open.repeat(depth), close.repeat(depth))
    };
    vec![
        ("parentheses", format!("int {};", around("(", "x", ")"))),
        ("pointers", format!("int {}x;", "*".repeat(depth))),
        ("pointers in parentheses", format!("int {};", around("(*", "x", ")"))),
        ("arrays", format!("int x{};", "[1]".repeat(depth))),
        ("functions", format!("int {};", around("(*", "x", ")(void)"))),
        ("parameters", format!("void f({});", around("void (*)(", "int", ")"))),
        ("structures", around("struct {", "int x;", "} x;").replacen("} x;", "} x ;", 1)),
        ("unions", format!("union u {{ {} }};", around("union {", "int x;", "};"))),
        ("sums", format!("enum {{ A = {} }};", around("(1+", "1", ")"))),
        ("operators", format!("enum {{ A = {} }};", around("1||1&&1|1^1&1==1<1<<1+1*(", "1", ")"))),
        ("signs", format!("enum {{ A = {}1 }};", "- ".repeat(depth))),
        ("conditions", format!("enum {{ A = {}1 }};", "1 ? 1 : ".repeat(depth))),
        ("casts", format!("enum {{ A = {}1 }};", "(int)".repeat(depth))),
        ("sizes", format!("enum {{ A = {} }};", around("sizeof(char[", "1", "])"))),
        ("typeof", format!("{} x;", around("__typeof__(", "int", ")"))),
        ("atomic", format!("{} x;", around("_Atomic(", "int", ")"))),
        ("enumerations", format!("{};", around("enum { A = sizeof(", "int", ") }"))),
        ("blocks", format!("void f(void) {}", around("{", "", "}"))),
        ("linkage", around("extern \"C\" {", "int x;", "}")),
        ("attributes", format!("int x {};", "__attribute__((unused))".repeat(depth))),
        ("aligned", format!("int x {};", around("__attribute__((aligned(sizeof(int ", "", "))))"))),
        (
            "type names",
            (0..depth)
                .map(|at| match at {
                    0 => String::from("typedef int t0;"),
                    _ => format!("typedef t{} *t{at};", at - 1),
                })
                .collect(),
        ),
    ]
}

/// Half of what a thread has by default.
fn on_a_small_stack(run: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(1 << 20).spawn(run).unwrap();
    thread.join().unwrap();
}

#[test]
fn nesting_ends_in_an_error_and_not_in_the_stack() {
    for depth in [90, 99, 120, 250, 300, 20_000] {
        on_a_small_stack(move || nest(depth));
    }
}

fn nest(depth: usize) {
    for (name, text) in nested(depth) {
        match tenfold_cdecl::parse(&text) {
            Ok(unit) => {
                let endless = ["blocks", "attributes"].contains(&name);
                assert!(endless || depth < 300, "{name}");
                ask_all(&unit);
            }
            Err(error) => {
                let kinds = [ErrorKind::Limit, ErrorKind::Syntax, ErrorKind::Redeclared];
                assert!(kinds.contains(&error.kind()), "{name}: {error}");
            }
        }
    }
}

#[test]
fn nesting_as_deep_as_c_asks_for_is_read() {
    // 63 is C's number. An expression in a type in an expression takes three levels.
    for (name, text) in nested(63).into_iter().chain(nested(30)) {
        let is_deep = text.len() > 400 && name == "sizes";
        if !is_deep && !["enumerations", "aligned"].contains(&name) {
            tenfold_cdecl::parse(&text)
                .map(|unit| ask_all(&unit))
                .unwrap_or_else(|error| panic!("{name}: {error:#}"));
        }
    }
}

/// A small text whose types are huge when they are written in full.
#[test]
fn types_that_share_their_parts_stay_small() {
    let double = |name: &str| {
        let mut text = format!("void (*{name}0)(int);");
        for at in 1..60 {
            let part = format!("__typeof__({name}{})", at - 1);
            text += &format!("void (*{name}{at})({part}, {part});");
        }
        text
    };
    let unit = tenfold_cdecl::parse(&(double("a") + &double("b"))).unwrap();
    ask_all(&unit);
    let [a, b] = ["a59", "b59"].map(|name| unit.variable(name).unwrap().ty);
    // Too large to be compared: taken for different.
    assert!(!unit.compatible(a, b));

    let mut text = String::from("struct { int x; } a0;");
    for at in 1..50 {
        text += &format!("struct {{ __typeof__(a{0}) x, y; }} a{at};", at - 1);
    }
    ask_all(&parsed(&text));

    let mut text = String::from("struct { int x; } a0;");
    for at in 1..2000 {
        text += &format!("struct {{ __typeof__(a{0}) x; }} a{at};", at - 1);
    }
    let unit = tenfold_cdecl::parse(&text).unwrap();
    assert!(unit.spell(unit.variable("a1999").unwrap().ty).contains("..."));
}

/// What has a bound in the time of one thread; that it is linear is measured in the benches.
#[test]
fn long_texts_are_read() {
    let lines: String = (0..50_000).map(|at| format!("int f{at}(int a, char *b[2]); ")).collect();
    let unit = tenfold_cdecl::parse(&lines).unwrap();
    assert_eq!(unit.declarations().count(), 50_000);
    let fields: String = (0..50_000).map(|at| format!("int f{at} : 3; ")).collect();
    let unit = tenfold_cdecl::parse(&format!("struct s {{ {fields} }};")).unwrap();
    assert!(unit.layout(unit.record("s").unwrap().ty()).is_ok());
    let constants: String = (0..50_000).map(|at| format!("A{at}, ")).collect();
    let unit = tenfold_cdecl::parse(&format!("enum e {{ {constants} }};")).unwrap();
    assert_eq!(unit.constant("A49999").unwrap().value(), Some(49_999));
    let lengths: String =
        (0..20_000).map(|at| format!("void g{at}(int n, int a[n][n]); ")).collect();
    assert!(tenfold_cdecl::parse(&lengths).is_ok());
}

#[test]
#[ignore = "long: ten million texts"]
fn ten_million_texts_end_in_a_unit_or_an_error() {
    // A generator of its own: proptest keeps what it needs to shrink.
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = |bound: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % u64::try_from(bound).unwrap()).unwrap()
    };
    let mut text = String::new();
    for round in 0..10_000_000_u32 {
        text.clear();
        if round % 2 == 0 {
            text.push_str(dialect::ACCEPTED[next(dialect::ACCEPTED.len())]);
            for _ in 0..1 + next(3) {
                let mut at = next(text.len() + 1);
                while !text.is_char_boundary(at) {
                    at -= 1;
                }
                let mut end = (at + next(6)).min(text.len());
                while !text.is_char_boundary(end) {
                    end -= 1;
                }
                let part = if next(2) == 0 { "" } else { PARTS[next(PARTS.len())] };
                text.replace_range(at..end.max(at), part);
            }
        } else {
            for _ in 0..next(24) {
                text.push_str(PARTS[next(PARTS.len())]);
                text.push(' ');
            }
        }
        match tenfold_cdecl::parse(&text) {
            Ok(unit) => ask_all(&unit),
            Err(error) => check_place(&text, &error),
        }
    }
}
