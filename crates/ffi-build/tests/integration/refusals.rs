//! What is refused, and how it is said.

use std::fs;

use tenfold_ffi_build::Build;

use crate::made::{TARGET, bindings, refused};

/// C that declarations are held against.
const C: &str = r#"
    struct padded { int a; char b; /* here is room */ double c; };
    typedef struct { unsigned low : 3; int high : 5; } bits_t;
    typedef union { int i; double d; } both_t;
    enum color { RED, GREEN = 5 };
    typedef unsigned long long id_t_;
    extern const int limit;
    typedef struct { void *inside; } holder_t;
    void fill(double *x, int n);
    void hold(holder_t h);
    struct open { int n; double v[]; };
    void opened(struct open *s);
    int flag(_Bool *b);
    typedef int (*visit_t)(int);
    int visit(visit_t f);
    int print(const char *format, ...);
    #define ADD(a, b) ((a) + (b))
    #define LENGTH(text) __builtin_strlen(text)
    #define PRINT(...) print(__VA_ARGS__)
    #define HALF 0.5
"#;

fn against(cdef: &str) -> String {
    refused(&format!("source = r#\"{C}\"#;\ncdef = r#\"{cdef}\"#;"))
}

fn fine(cdef: &str) {
    bindings(&format!("source = r#\"{C}\"#;\ncdef = r#\"{cdef}\"#;"));
}

fn assert_says(said: &str, wanted: &[&str]) {
    for part in wanted {
        assert!(said.contains(part), "no `{part}` in:\n{said}");
    }
}

#[test]
fn a_wrong_function_is_shown_with_both_places() {
    let cdef = "\n\n  int memcmp(long a, const void *b, unsigned n);\n";
    let said = refused(&format!("header = \"string.h\"; cdef = r#\"{cdef}\"#;"));
    assert!(said.starts_with("src/lib.rs:3: error: conflicting types for"), "{said}");
    assert_says(
        &said,
        &["      int memcmp(long a", "\n          ^^^^^^\n", "string.h:", "previous declaration"],
    );
}

#[test]
fn all_that_is_wrong_is_said_at_once() {
    let cdef = "int strlen(const char *);\nint nothing_like_it(int);\n\
        struct timespec { int tv_sec; long tv_nsec; };\n#define CLOCKS_PER_SEC 1";
    let said = refused(&format!("header = [\"string.h\", \"time.h\"]; cdef = r#\"{cdef}\"#;"));
    for line in 1..=4 {
        assert!(said.contains(&format!("src/lib.rs:{line}: error: ")), "line {line}:\n{said}");
    }
}

#[test]
fn what_is_not_there() {
    assert_says(&refused("header = \"no_such.h\"; cdef = \"\";"), &["no_such.h: No such file"]);
    let said = refused("header = \"math.h\"; cdef = \"double coss(double);\";");
    assert_says(&said, &["'coss' undeclared"]);
    assert_says(&against("typedef int nothing_t;"), &["'nothing_t' undeclared"]);
    assert_says(&against("#define NOTHING 1"), &["'NOTHING' undeclared"]);
    assert_says(&refused("cdef = \"\";"), &["nothing to hold declarations against"]);
    assert_says(
        &refused("header = \"math.h\"; cdef = include_str!(\"none.cdef\");"),
        &["cannot read", "none.cdef"],
    );
}

#[test]
fn records() {
    fine(
        "struct padded { int a; char b; double c; }; struct color_; enum color { RED, GREEN = 5 };",
    );
    fine("struct padded { double c; ...; };");
    let said = against("struct padded { int a; double c; };");
    assert_says(&said, &["missing initializer for field 'c' of 'const struct padded'"]);
    assert_says(
        &against("struct padded { int a; char b; };"),
        &["the size of `struct padded` is not 8"],
    );
    assert_says(
        &against("struct padded { char b; int a; double c; };"),
        &["`struct padded.b` does not lie at byte 0"],
    );
    let said = against("struct padded { unsigned a; char b; double c; };");
    assert_says(
        &said,
        &["conflicting types for 'struct padded.a'", "note: the header has it with type 'int'"],
    );
    assert_says(&against("struct padded { int d; ...; };"), &["no member named 'd'"]);
    assert_says(&against("typedef union { int i; float d; } both_t;"), &["both_t"]);
    assert_says(&against("typedef long id_t_;"), &["conflicting types for 'id_t_'"]);
    assert_says(&against("extern int limit;"), &["conflicting type qualifiers for 'limit'"]);
}

#[test]
fn bit_fields() {
    fine("typedef struct { unsigned low : 3; int high : 5; } bits_t;");
    let wide = "struct wide { unsigned __int128 all : 100; };";
    let said = refused(&format!("source = \"{wide}\"; cdef = \"{wide}\";"));
    assert_says(&said, &["the bit-field `all` has 100 bits"]);
    let said = against("typedef struct { unsigned low : 4; int high : 5; } bits_t;");
    assert_says(&said, &["the bit-field `low` has 3 bits, not 4"]);
    let said = against("typedef struct { int low : 3; int high : 5; } bits_t;");
    assert_says(&said, &["the bit-field `low` is unsigned in the header"]);
    let said = against("typedef struct { int high : 5; unsigned low : 3; } bits_t;");
    assert_says(&said, &["the bit-field `high` begins at bit 3, not at bit 0"]);
}

#[test]
fn values() {
    assert_says(&against("enum color { RED, GREEN };"), &["`GREEN` is not 1"]);
    assert_says(&against("enum color { RED = -1, ... };"), &["`RED` is not -1"]);
    let said = against("#define HALF ...");
    assert_says(&said, &["HALF"]);
    let said = refused("header = \"limits.h\"; cdef = \"#define ULONG_MAX -1\";");
    assert_says(&said, &["`ULONG_MAX` is not -1"]);
    let limits = "header = \"limits.h\"; cdef = \"#define ULONG_MAX ...\\n#define LONG_MIN ...\\n#define INT_MIN ...\";";
    let bound = bindings(limits);
    assert_says(
        &bound,
        &[
            "ULONG_MAX: u64 = 18446744073709551615",
            "LONG_MIN: i64 = -9223372036854775808",
            "INT_MIN: i32 = -2147483648",
        ],
    );
}

#[test]
fn macros() {
    fine("int ADD(int a, int b); unsigned long LENGTH(const char *text);");
    assert_says(&against("unsigned long LENGTH(int *text);"), &["incompatible pointer type"]);
    assert_says(
        &against("int PRINT(const char *format, ...);"),
        &["variadic, and no function of the library"],
    );
}

/// What is doubtful in a header is not its reader's fault.
#[test]
fn careless_headers_are_none_of_ours() {
    let careless = r"
        struct pair { int a, b; };
        static const struct pair half = { 1 };
        static inline char *loose(const char *text) { char *same = text; int *other = text; return same + (other == 0); }
        int f(int);
    ";
    let text = bindings(&format!(
        "source = r#\"{careless}\"#; cdef = \"int f(int); char *loose(const char *text);\";"
    ));
    assert_says(&text, &["pub unsafe fn f(argument0: tenfold::c_int)", "_m_loose"]);
}

#[test]
fn what_rust_has_no_type_for() {
    assert_says(&against("int print();"), &["write `(void)`"]);
    let said = refused("load = \"m\"; cdef = \"struct s { int a; ...; }; int f(struct s);\";");
    assert_says(&said, &["only a compiler knows the size of `struct s`"]);
    let said = refused("load = \"m\"; cdef = \"long double fabsl(long double);\";");
    assert_says(&said, &["cannot pass `long double` by value"]);
    let said = refused("load = \"m\"; cdef = \"extern int signgam;\";");
    assert_says(&said, &["functions alone"]);
    let said = refused("header = \"stdio.h\"; cdef = \"struct unknown; int f(struct unknown);\";");
    assert_says(&said, &["'f' undeclared"]);
}

fn safe(cdef: &str, safe: &str) -> String {
    refused(&format!("source = r#\"{C}\"#;\ncdef = r#\"{cdef}\"#;\nsafe fn {safe};"))
}

#[test]
fn safe_functions_with_pointers_that_nothing_guards() {
    let fill = "void fill(double *x, int n);";
    assert_says(
        &safe(fill, "fill"),
        &["the pointer `x` has no guard", "void fill(double *x, int n);\n"],
    );
    assert_says(&safe(fill, "fill(y: [n])"), &["no parameter `y`"]);
    assert_says(&safe(fill, "fill(x: [m])"), &["the length `m` is no parameter"]);
    assert_says(&safe(fill, "fill(x: [x])"), &["the length `x` is `double *`"]);
    assert_says(&safe(fill, "fill(x: cstr)"), &["no `const char *`"]);
    assert_says(&safe(fill, "fill(x: [n]) -> &'static cstr"), &["no `char *`"]);
    assert_says(&safe(fill, "fil"), &["no such function is declared; did you mean `fill`?"]);
    assert_says(&safe(fill, "fill(x: [n]), fill(x: [n])"), &["stands here twice"]);
    let hold = "typedef struct { void *inside; } holder_t; void hold(holder_t h);";
    assert_says(&safe(hold, "hold"), &["`h` of type `holder_t` has pointers"]);
    assert_says(&safe("int flag(_Bool *b);", "flag(b: &)"), &["no `bool` of Rust"]);
    let visit = "typedef int (*visit_t)(int); int visit(visit_t f);";
    assert_says(&safe(visit, "visit"), &["the pointer `f` has no guard"]);
    assert_says(&safe(visit, "visit(f: &)"), &["`f` leads to pointers"]);
    let said = safe("void fill(double *, int);", "fill(x: [n])");
    assert_says(&said, &["the pointer `double *` has no name"]);
    let open = "struct open { int n; double v[]; }; void opened(struct open *s);";
    assert_says(&safe(open, "opened(s: &)"), &["`s` leads to an array that says no length"]);
    let print = "int print(const char *format, ...);";
    assert_says(&safe(print, "print(format: cstr)"), &["a variadic function cannot be safe"]);
}

#[test]
fn texts_that_are_no_declarations() {
    let said = refused("header = \"math.h\"; cdef = \"\n  double cos(doubel x);\";");
    assert!(said.starts_with("src/lib.rs:2: error: unknown type name `doubel`"), "{said}");
    assert_says(&refused("header = 7; cdef = \"\";"), &["src/lib.rs:1: error: expected"]);
}

#[test]
fn two_modules_of_one_name() {
    let folder = tempfile::tempdir().unwrap();
    let text = "c_library! { mod m; load = \"m\"; cdef = \"\"; }";
    let build = Build::new().target(TARGET).host(TARGET).out_dir(folder.path());
    let both = build.clone().text("a.rs", text).text("b.rs", &format!("\n{text}"));
    let said = both.try_verify().unwrap_err().to_string();
    assert_eq!(
        said,
        "b.rs:2: error: two modules of this package are called `m`\n  a.rs:1: note: the other"
    );
    let error = build.text("a.rs", "c_library!(").try_verify().unwrap_err();
    assert_says(&error.to_string(), &["a.rs:1: error: no Rust"]);
}

#[test]
fn a_machine_that_nobody_knows() {
    let folder = tempfile::tempdir().unwrap();
    let build =
        Build::new().target("riscv64gc-unknown-linux-gnu").host(TARGET).out_dir(folder.path());
    let error = build.text("a.rs", "").try_verify().unwrap_err();
    assert_says(&error.to_string(), &["neither x86_64 nor aarch64"]);
}

#[test]
fn files_are_named_with_their_own_lines() {
    let package = tempfile::tempdir().unwrap();
    fs::create_dir(package.path().join("src")).unwrap();
    let text = "c_library! { mod m; header = \"math.h\"; cdef = include_str!(\"m.cdef\"); }";
    fs::write(package.path().join("src/lib.rs"), text).unwrap();
    fs::write(package.path().join("src/m.cdef"), "double cos(double);\n\nint sin(double);\n")
        .unwrap();
    let build = Build::new().package(package.path()).target(TARGET).host(TARGET);
    let error = build.out_dir(package.path().join("out")).try_verify().unwrap_err();
    assert!(error.to_string().starts_with("src/m.cdef:3: error: conflicting types"), "{error}");
    assert_eq!(error.faults()[0].place().unwrap().1, 3);
    assert!(error.faults()[0].message().contains("'sin'") && !error.faults()[0].notes().is_empty());
}

/// What has the size, and is not the same.
#[test]
fn what_hides_in_the_layout() {
    let c = r#"
        typedef struct { struct { short s; } g[2][3]; } grid_t;
        struct anon { int a; struct { char p; char q; }; };
        enum three { ONE, TWO, THREE };
    "#;
    let against = |cdef: &str| refused(&format!("source = r#\"{c}\"#; cdef = \"{cdef}\";"));
    bindings(&format!("source = r#\"{c}\"#; cdef = r#\"{c}\"#;"));
    bindings(&format!("source = r#\"{c}\"#; cdef = \"enum three {{ TWO = 1, ... }};\";"));
    let said = against("typedef struct { struct { short s; } g[3][2]; } grid_t;");
    assert_says(&said, &["a dimension of `grid_t.g` is not 3"]);
    let said = against("struct anon { int a; struct { char p; }; };");
    assert_says(&said, &["missing initializer for field 'q'"]);
    assert_says(&against("enum three { ONE, TWO };"), &["'THREE' is not declared here"]);
}

/// C converts without a word.
#[test]
fn numbers_that_would_change() {
    fine("static const double HALF; long ADD(int a, int b);");
    fine("static const float HALF;");
    assert_says(&against("static const int HALF;"), &["changes value from", "to '0'"]);
    assert_says(&against("short ADD(int a, int b);"), &["from 'int' to 'short int' may change"]);
    assert_says(&against("int LENGTH(const char *text);"), &["'long unsigned int' to 'int'"]);
}
