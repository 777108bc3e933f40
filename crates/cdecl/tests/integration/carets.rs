//! Every error says what is wrong and where: the line, the column, and the caret under it.

use tenfold_cdecl::ErrorKind::{self, *};
use tenfold_cdecl::parse;

/// Texts in which `«` and `»` stand around what the carets mark, and the message.
const WRONG: &[(&str, ErrorKind, &str)] = &[
    ("int f(«foo_t» x);", UnknownType, "unknown type name `foo_t`"),
    (
        "typedef int file_t;\nint f(«flie_t»);",
        UnknownType,
        "unknown type name `flie_t`; is it `file_t`?",
    ),
    ("int f(int«»", Syntax, "expected `,` or `)`, found the end of the text"),
    ("int f(int)\n  «int» g(int);", Syntax, "expected `;` or `,`, found `int`"),
    ("«implicit»(void);", UnknownType, "unknown type name `implicit`"),
    ("int a[«n»];", UnknownName, "unknown name `n` in a constant"),
    (
        "enum { LIMIT = 4 };\nint a[«LIMTI»];",
        UnknownName,
        "unknown name `LIMTI` in a constant; is it `LIMIT`?",
    ),
    ("int a[«-1»];", InvalidType, "an array of -1 elements"),
    ("int a[«1.5»];", Constant, "1.5 is not an integer constant"),
    ("int x; int a[«x»];", Constant, "`x` is not an integer constant"),
    ("enum { A = «1 / 0» };", Constant, "`1 / 0` divides by zero"),
    ("enum { A = «0x7fffffff + 1» };", Constant, "`2147483647 + 1` overflows `int`"),
    ("enum { A = 1 + «2147483647 * 2» };", Constant, "`2147483647 * 2` overflows `int`"),
    ("enum { A = «1 << 32» };", Constant, "`1 << 32` shifts by no count below 32"),
    ("enum { A = «-(-2147483647 - 1)» };", Constant, "`-(-2147483648)` overflows `int`"),
    ("enum { A = «09» };", Token, "`09` is no number of C"),
    ("enum { A = «1uz» };", Token, "`1uz` is no number of C"),
    ("enum { A = «''» };", Token, "a character constant is empty"),
    ("enum { A = «'\\q'» };", Token, "the escape `\\q` is none of C's"),
    ("int a = «\"text\n;", Unterminated, "a string that no \" ends in its line"),
    ("int a;\n  «/*» b", Unterminated, "a comment that no `*/` ends"),
    ("int «@»;", Token, "the character '@' begins no token of C"),
    ("struct s «{» int a;", Unterminated, "nothing closes this `{`"),
    ("enum e «{» A,", Unterminated, "nothing closes this `{`"),
    ("void f(void) «{» if (1) { }", Unterminated, "nothing closes this `{`"),
    ("void f(void) { («}»", Syntax, "`}` closes no bracket"),
    ("int a = 5 «int» f(void);", Syntax, "expected `;` or `,`, found `int`"),
    ("static const int A = 7 «f»(3);", Syntax, "expected `;` or `,`, found `f`"),
    ("extern \"C\" «{» int a;", Unterminated, "nothing closes this `{`"),
    ("struct s { int a; };\nstruct «s» { int b; };", Redeclared, "`struct s` is defined twice"),
    ("struct s { int a;\n  char «a»; };", Redeclared, "the field `a` is there twice"),
    ("struct s { int a; «struct { int a; }»; };", Redeclared, "the field `a` is there twice"),
    ("struct s { struct t «t»; };", Incomplete, "a field cannot have the type `struct t`"),
    ("struct s { void «v»; };", InvalidType, "a field cannot have the type `void`"),
    ("struct s { int «f»(void); };", InvalidType, "a field cannot have the type `int (void)`"),
    (
        "struct s { int a : «33»; };",
        InvalidType,
        "a bit-field of `int` has 33 bits, and may have 1 to 32",
    ),
    (
        "struct s { int a : «0»; };",
        InvalidType,
        "a bit-field of `int` has 0 bits, and may have 1 to 32",
    ),
    ("struct s { float f : «3»; };", InvalidType, "`float` makes no bit-field"),
    ("struct s { «int»; };", Syntax, "a field of type `int` has no name"),
    (
        "struct s { int «a»[]; int b; };",
        InvalidType,
        "an array without a length is not the last field",
    ),
    ("struct s { int a «}»;", Syntax, "expected `;` or `,`, found `}`"),
    ("struct «;»", Syntax, "expected a tag or `{`, found `;`"),
    ("enum e { «}»;", Syntax, "expected a constant, found `}`"),
    ("enum e { A, «3» };", Syntax, "expected the name of a constant, found `3`"),
    (
        "enum { A = «99999999999999999999» };",
        Token,
        "the number `99999999999999999999` needs more than 64 bits",
    ),
    ("enum { A };\nenum { «A» = 1 };", Redeclared, "the constant `A` is 1, and was 0 before"),
    (
        "int f(int);\nlong «f»(int);",
        Redeclared,
        "`f` is `long (int)` here, and was `int (int)` before",
    ),
    ("int f(int);\nint «f»;", Redeclared, "`f` is a variable here, and was something else before"),
    ("typedef int t;\ntypedef long «t»;", Redeclared, "`t` is `long` here, and was `int` before"),
    (
        "int f(«a», b) int a; long b; { }",
        OldStyle,
        "the parameter `a` has no type: this is K&R's style, write a prototype",
    ),
    ("int f(int, «void»);", InvalidType, "the type of parameter 2 is `void`"),
    ("int f(«...»);", Syntax, "expected a type, found `...`"),
    ("int f(int a[][«LIMIT»]);", UnknownName, "unknown name `LIMIT` in a constant"),
    (
        "int f(«const char restrict», int);",
        InvalidType,
        "`char` is no pointer that could be `restrict`",
    ),
    ("void «v»;", InvalidType, "the variable `v` has the type `void`"),
    ("int f«(void)»[3];", InvalidType, "a function cannot return `int[3]`"),
    ("int a«[3]»(void);", InvalidType, "an array cannot have elements `int (void)`"),
    ("struct s a«[3]»;", Incomplete, "an array cannot have elements `struct s`"),
    ("«long float» x;", InvalidType, "these words make no type of C"),
    ("«short long» x;", InvalidType, "these words make no type of C"),
    (
        "typedef int t; t «struct» s { int a; } x;",
        InvalidType,
        "a second type, where one is complete",
    ),
    ("static «extern» int x;", Syntax, "`extern` is a second storage class"),
    ("struct s { «static» int a; };", Syntax, "`static` cannot stand here"),
    ("int f(«typedef» int a);", Syntax, "`typedef` cannot stand here"),
    ("typedef int«;»", Syntax, "expected a name, found `;`"),
    ("int«;»", Syntax, "expected a name, found `;`"),
    ("int (*«)»(void);", Syntax, "expected a name, found `)`"),
    (
        "_Static_assert(«sizeof(int) == 8», \"long ints\");",
        Assertion,
        "an assertion does not hold: \"long ints\"",
    ),
    ("enum { A = sizeof«(struct s)» };", Incomplete, "`struct s` is incomplete: it has no size"),
    (
        "enum { A = __builtin_offsetof(struct { int first; }, «fist») };",
        UnknownName,
        "`struct { int first; }` has no field `fist`; is it `first`?",
    ),
    (
        "int x __attribute__((aligned(«3»)));",
        InvalidType,
        "the alignment 3 is no power of two from 1 to 268435456",
    ),
    ("int x __attribute__((mode(«ZZ»)));", Unsupported, "the machine mode `ZZ` is unknown"),
    (
        "void f(int *) __attribute__((nonnull(1, «128»)));",
        Limit,
        "`nonnull` names parameter 128, and 127 is the last that it may",
    ),
    ("void f(int *) __attribute__((nonnull(1 «2»)));", Syntax, "expected `,` or `)`, found `2`"),
    ("int x __attribute__(«packed»);", Syntax, "expected `((`, found `packed`"),
    ("#define «F»(x) x", Unsupported, "the macro `F` has parameters"),
    (
        "int a;\n«#ifdef» X",
        Directive,
        "`#ifdef` is for a preprocessor: pass the text through `cc -E` first",
    ),
    ("int a;\n#define X «\"s\"»", Constant, "`\"s\"` is not an integer constant"),
    ("\t\tint \u{e4}\u{f6} = 1; int b«»", Syntax, "expected `;` or `,`, found the end of the text"),
    (
        "extern «\"Rust\"» int f(void);",
        Unsupported,
        "the language \"Rust\" is neither C nor Python",
    ),
    (
        "struct s { int a; } __attribute__((«ms_struct»));",
        Unsupported,
        "no layout but GCC's own is known",
    ),
    ("__typeof__(1 + «x») y;", UnknownName, "unknown name `x` in a constant"),
];

/// What is wrong with the error of a text whose marks stand around its place.
fn fault(text: &str, kind: ErrorKind, message: &str) -> Option<String> {
    let Err(error) = parse(&text.replace(['«', '»'], "")) else {
        return Some(format!("it is read: {text}"));
    };
    let (before, rest) = text.split_once('«').unwrap();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap().chars().count() + 1;
    let place = (usize::try_from(error.line()).unwrap(), usize::try_from(error.column()).unwrap());
    let inside = rest.split(['»', '\n']).next().unwrap();
    let carets = error.caret().unwrap().matches('^').count();
    let is_right = place == (line, column)
        && carets == inside.chars().count().max(1)
        && (error.kind(), error.message()) == (kind, message);
    (!is_right).then(|| format!("{error:#}\n{:?} in {text}\n", error.kind()))
}

#[test]
fn errors_stand_where_they_are() {
    let faults = WRONG.iter().filter_map(|&(text, kind, message)| fault(text, kind, message));
    let faults: Vec<String> = faults.collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_caret_keeps_tabs_and_counts_characters() {
    let error = parse("\tint \u{e4}\u{f6}; \tfoo x;").unwrap_err();
    assert_eq!(error.caret(), Some("\tint \u{e4}\u{f6}; \tfoo x;\n\t        \t^^^"));
    assert_eq!((error.line(), error.column()), (1, 11));
    assert_eq!(error.to_string(), "line 1, column 11: unknown type name `foo`");
}

#[test]
fn the_line_of_a_long_one_is_cut_around_the_place() {
    let error = parse(&format!("{} foo x; {}", "int a; ".repeat(1000), "int b; ".repeat(1000)));
    let error = error.unwrap_err();
    let (shown, marks) = error.caret().unwrap().split_once('\n').unwrap();
    assert!(shown.chars().count() <= 121, "{shown}");
    assert_eq!(shown.find("foo"), marks.find('^'));
    assert_eq!(error.column(), 7002);
}

#[test]
fn a_message_is_no_longer_than_a_screen() {
    let name = "a".repeat(100_000);
    for text in [
        format!("{name} x;"),
        format!("enum {{ A = {name} }};"),
        format!("int {name}; int {name}(void);"),
    ] {
        let error = parse(&text).unwrap_err();
        assert!(error.message().chars().count() <= 403, "{}", error.message().len());
        assert!(error.to_string().chars().count() < 450);
    }
    let error = parse(&format!("int a[{}];", "9".repeat(100_000))).unwrap_err();
    assert!(error.message().ends_with("..."), "{}", error.message());
}

#[test]
fn a_mark_of_byte_order_is_no_token() {
    assert!(parse("\u{feff}int x;").is_ok() && parse("int \u{feff}x;").is_ok());
}

#[test]
fn markers_say_where_a_line_comes_from() {
    let text =
        "# 1 \"main.c\"\nint a;\n# 40 \"inner.h\" 1\nint b;\nint c; foo d;\n# 2 \"main.c\" 2\n";
    let error = parse(text).unwrap_err();
    assert_eq!((error.line(), error.column()), (5, 8));
    assert_eq!(error.position().unwrap().origin(), Some(("inner.h", 41)));
    let error = parse("int a;\n#line 7\nfoo b;").unwrap_err();
    assert_eq!(error.position().unwrap().origin(), None);
    let unit = parse(text.replace("foo", "int").as_str()).unwrap();
    let position = unit.position(unit.variable("c").unwrap().span).unwrap();
    assert_eq!(position.to_string(), "line 5, column 5 (inner.h line 41)");
    assert_eq!(unit.caret(unit.variable("c").unwrap().span).unwrap(), "int c; int d;\n    ^");
}

#[test]
fn a_place_of_each_text_that_a_unit_was_made_of() {
    let mut unit = parse("int a;").unwrap();
    unit.extend("\nint b;").unwrap();
    let line = |name: &str| unit.position(unit.variable(name).unwrap().span).unwrap().line();
    assert_eq!((line("a"), line("b")), (1, 2));
    let error = unit.clone().parse_type("struct missing[2]").unwrap_err();
    assert_eq!((error.line(), error.column()), (1, 15));
}
