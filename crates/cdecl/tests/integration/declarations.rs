//! C's declarations: types, scopes, attributes, and what is skipped.

use tenfold_cdecl::{
    Completeness, Declaration, ErrorKind, Integer, Length, RecordKind, Type, TypeKind,
};

use crate::parsed;

fn refused(text: &str) -> ErrorKind {
    match tenfold_cdecl::parse(text) {
        Ok(_) => panic!("it is read: {text}"),
        Err(error) => error.kind(),
    }
}

fn spelled(text: &str, name: &str) -> String {
    let unit = parsed(text);
    let variable = unit.variable(name).map(|variable| variable.ty);
    let ty = variable.or_else(|| unit.function(name).map(|function| function.ty)).unwrap();
    unit.spell(ty)
}

#[test]
fn words_of_a_type_stand_in_any_order() {
    for (words, name) in [
        ("long unsigned", "unsigned long"),
        ("long int long unsigned", "unsigned long long"),
        ("int short", "short"),
        ("char signed", "signed char"),
        ("unsigned", "unsigned int"),
        ("double long", "long double"),
        ("_Complex", "double _Complex"),
        ("long double _Complex", "long double _Complex"),
        ("float __complex__", "float _Complex"),
        ("__int128 unsigned", "unsigned __int128"),
        ("__float128", "_Float128"),
        ("_Float64x", "_Float64x"),
        ("int volatile const", "const volatile int"),
        ("_Atomic(int)", "_Atomic int"),
        ("_Atomic long", "_Atomic long"),
    ] {
        assert_eq!(spelled(&format!("extern {words} x;"), "x"), name);
    }
    for words in [
        "long long long",
        "short char",
        "unsigned float",
        "signed unsigned",
        "int int",
        "long float",
        "unsigned _Bool",
        "double double",
        "_Complex int",
        "short short",
        "void int",
        "long __int128",
        "_Float64 _Float64",
        "signed _Complex",
        "int struct s",
        "_Complex _Complex",
    ] {
        assert_eq!(refused(&format!("extern {words} *x;")), ErrorKind::InvalidType, "{words}");
    }
}

#[test]
fn declarators_are_read_from_the_name_outwards() {
    for (text, name, ty) in [
        ("int *x[3];", "x", "int *[3]"),
        ("int (*x)[3];", "x", "int (*)[3]"),
        ("int *(*x)(void);", "x", "int *(*)(void)"),
        ("int (*(*x[2])(char))[5];", "x", "int (*(*[2])(char))[5]"),
        ("void (*signal(int, void (*)(int)))(int);", "signal", "void (*(int, void (*)(int)))(int)"),
        ("char *const *volatile x;", "x", "char *const *volatile"),
        ("int (((x)));", "x", "int"),
        ("int a, *x, b[2];", "x", "int *"),
        (
            "int f(int a[3], char g(void), double m[][4]);",
            "f",
            "int (int *a, char (*g)(void), double (*m)[4])",
        ),
        ("int f(int a[const restrict static 3]);", "f", "int (int *const restrict a)"),
        ("int f(int n, int m[n][n]);", "f", "int (int n, int (*m)[*])"),
        (
            "int f(int (int), int (*)(int), int ());",
            "f",
            "int (int (*)(int), int (*)(int), int (*)())",
        ),
        ("int __attribute__((unused)) *__attribute__((aligned(8))) x;", "x", "int *"),
    ] {
        assert_eq!(spelled(text, name), ty, "{text}");
    }
}

#[test]
fn names_of_parameters_hide_type_names_in_their_list_alone() {
    let unit = parsed("typedef char t; int f(int t, int a[sizeof(t)]); t x; struct s { t t; };");
    assert_eq!(unit.spell(unit.variable("x").unwrap().ty), "t");
    assert_eq!(unit.spell(unit.function("f").unwrap().ty), "int (int t, int *a)");
    let fields = &unit.record("s").unwrap().fields;
    assert_eq!((unit.spell(fields[0].ty).as_str(), fields[0].name.as_deref()), ("t", Some("t")));
    assert_eq!(refused("typedef char t; int f(int t, t x);"), ErrorKind::UnknownType);
}

#[test]
fn prototypes_and_functions_without_one() {
    let unit =
        parsed("int a(void), b(), c(int, ...); typedef void none; int d(none); int b(double);");
    let function = |name: &str| match unit.resolved_kind(unit.function(name).unwrap().ty) {
        TypeKind::Function(function) => function.as_ref().clone(),
        other => panic!("{other:?}"),
    };
    assert!(function("a").is_prototype && function("a").parameters.is_empty());
    assert!(function("d").parameters.is_empty());
    assert!(function("c").is_variadic && function("c").parameters.len() == 1);
    // The second declaration tells the parameters.
    assert!(function("b").is_prototype && function("b").parameters.len() == 1);
    assert_eq!(refused("int f(a) int a; { return a; }"), ErrorKind::OldStyle);
    assert_eq!(refused("int f(a, b) char *a; int b; {}"), ErrorKind::OldStyle);
    assert_eq!(refused("int f(a);"), ErrorKind::UnknownType);
}

#[test]
fn bodies_and_initialisers_are_skipped() {
    let text = "static inline int f(int x) { char *s = \"}\"; if (x) { return '}'; } return 1; }\n\
                int table[] = { 1, [3] = (2, 4), { ';' } }, after = (1, 2);\n\
                struct s *p = &(struct s){ 0 }; int q = (int)sizeof(int) * -1 + '2', r = f(1) ? f(2) : 3;\n\
                char *text = \"a\" \"b\", *other = __extension__ (char *)0; __asm__ volatile (\"nop\" : : ); int last;";
    let unit = parsed(text);
    let f = unit.function("f").unwrap();
    assert!(f.is_static && f.is_inline && f.has_body);
    assert!(["table", "after", "p", "last"].iter().all(|name| unit.variable(name).is_some()));
    assert_eq!(refused("int f(void) {} int f(void) {}"), ErrorKind::Redeclared);
    let constants =
        parsed("static const int A = 3, B = A << 2; static const char C = 255; const int D = 1;");
    let value = |name: &str| constants.constant(name).and_then(|constant| constant.value());
    assert_eq!((value("A"), value("B"), value("D")), (Some(3), Some(12), None));
    assert!(constants.variable("D").is_some() && value("C").is_some());
}

#[test]
fn attributes_that_count_are_kept() {
    let text = "struct __attribute__((packed)) a { char c; int i; };\n\
                struct b { char c; int i; } __attribute__((__packed__, __aligned__(2)));\n\
                struct c { char c __attribute__((aligned(8))); };\n\
                struct d { char c; int i __attribute__((mode(DI))); };\n\
                struct e { char c; float v __attribute__((vector_size(16))); };\n\
                typedef int wide __attribute__((aligned(32)));\n\
                typedef int di __attribute__((__mode__(__DI__))); typedef unsigned by __attribute__((mode(QI)));\n\
                typedef float v4 __attribute__((vector_size(16)));\n\
                void stop(int) __attribute__((noreturn)); _Noreturn void halt(void);\n\
                [[noreturn]] void die(void); [[gnu::unused, deprecated(\"x\")]] int old;\n\
                typedef union { int *i; float *f; } either __attribute__((transparent_union));\n\
                int scan(const char *, ...) __asm__(\"\" \"__isoc99_scanf\") __attribute__((cold));\n\
                extern _Thread_local _Alignas(double) char buffer[3]; extern __thread int e;";
    let unit = parsed(text);
    let layout =
        |ty: Type| unit.layout(ty).map(|layout| (layout.size(), layout.alignment())).unwrap();
    let record = |tag: &str| layout(unit.record(tag).unwrap().ty());
    let records = ["a", "b", "c", "d", "e"].map(record);
    assert_eq!(records, [(5, 1), (6, 2), (8, 8), (16, 8), (32, 16)]);
    let named = |name: &str| layout(unit.typedef(name).unwrap().named());
    assert_eq!((named("wide"), named("di"), named("by")), ((4, 32), (8, 8), (1, 1)));
    assert_eq!(named("v4"), (16, 16));
    for name in ["stop", "halt", "die"] {
        assert!(unit.function(name).unwrap().is_noreturn, "{name}");
    }
    assert_eq!(unit.function("scan").unwrap().symbol.as_deref(), Some("__isoc99_scanf"));
    let TypeKind::Record(id) = *unit.resolved_kind(unit.typedef("either").unwrap().ty) else {
        panic!()
    };
    assert!(unit.record_by_id(id).is_transparent);
    let buffer = unit.variable("buffer").unwrap();
    assert_eq!((buffer.alignment, buffer.is_thread_local), (Some(8), true));
}

#[test]
fn pointers_that_must_not_be_null_are_told() {
    let text = "char *all(char *, int, void (*)(void)) __attribute__((nonnull, returns_nonnull));\n\
                __attribute__((__nonnull__(1), __returns_nonnull__)) char *first(char *, char *);\n\
                void __attribute__((nonnull(2))) __attribute__((nonnull(1 + 2))) two(int *, int *, int[]);\n\
                [[gnu::nonnull(1, 2, 0, -1, 9)]] void number(int, const void *);\n\
                void none(char *) __attribute__((nonnull())); void plain(char *, void (*)(char *));\n\
                typedef char *text; void again(text, text); void again(text, text) __attribute__((nonnull(2)));\n\
                extern void again(text a, text b) __attribute__((nonnull(1)));\n\
                void *of(void *, char *(*)(char *)) __attribute__((nonnull(2))), *by(void *);";
    let unit = parsed(text);
    let nonnull = |name: &str| unit.function(name).unwrap().nonnull.clone();
    let lists =
        ["all", "first", "two", "number", "none", "plain", "again", "of", "by"].map(nonnull);
    let expected: [&[usize]; 9] = [&[0, 2], &[0], &[1, 2], &[1], &[0], &[], &[0, 1], &[1], &[]];
    assert_eq!(lists.each_ref().map(Vec::as_slice), expected);
    let returns = |name: &str| unit.function(name).unwrap().returns_nonnull;
    assert_eq!(["all", "first", "two"].map(returns), [true, true, false]);
}

#[test]
fn pack_is_the_pragma_in_force_at_the_brace() {
    let text = "#pragma pack(push, 1)\nstruct a { char c; long l; };\n#pragma pack(push)\n#pragma pack(2)\n\
                struct b { char c; long l; };\n#pragma pack(pop)\nstruct c { char c; long l; };\n\
                #pragma pack(pop)\nstruct d { char c; long l; };\n#pragma pack(4)\nstruct e { char c; long l; };\n\
                #pragma pack()\nstruct f { char c; long l; };\n#pragma once\n";
    let unit = parsed(text);
    let size = |tag: &str| unit.layout(unit.record(tag).unwrap().ty()).unwrap().size();
    assert_eq!(["a", "b", "c", "d", "e", "f"].map(size), [9, 10, 9, 16, 12, 16]);
}

#[test]
fn tags_are_known_before_their_fields() {
    let unit =
        parsed("struct list { struct list *next; struct item *item; }; struct item { int i; };");
    assert_eq!(unit.record("item").unwrap().completeness, Completeness::Complete);
    let unit = parsed("struct never *p; union u; enum e *q;");
    assert_eq!(unit.record("never").unwrap().completeness, Completeness::Incomplete);
    assert_eq!(unit.record("u").unwrap().kind, RecordKind::Union);
    assert!(unit.record("union u").is_some() && unit.record("struct u").is_none());
    let error = unit.layout(unit.record("u").unwrap().ty()).unwrap_err();
    assert_eq!((error.kind(), error.line()), (ErrorKind::Incomplete, 0));
}

#[test]
fn a_record_without_a_tag_is_named_by_its_type_name() {
    let unit =
        parsed("typedef struct { int x; } point, *points; point a; points b; struct { int y; } c;");
    assert_eq!(unit.spell(unit.resolve(unit.variable("a").unwrap().ty)), "point");
    assert_eq!(unit.spell(unit.resolve(unit.variable("b").unwrap().ty)), "point *");
    assert_eq!(unit.spell(unit.variable("c").unwrap().ty), "struct { int y; }");
}

#[test]
fn anonymous_members_belong_to_the_record_around() {
    let unit = parsed(
        "struct s { int a; struct { char b; union { int c; float d; }; }; struct t { int z; } e; struct lone { int q; }; };",
    );
    let offset = |name: &str| {
        unit.member(unit.record("s").unwrap().ty(), name)
            .map(|member| member.bit_offset.unwrap() / 8)
    };
    assert_eq!(["a", "b", "c", "d", "e"].map(|name| offset(name).unwrap()), [0, 4, 8, 8, 12]);
    assert_eq!(offset("q").unwrap_err().kind(), ErrorKind::UnknownName);
    assert_eq!(offset("z").unwrap_err().kind(), ErrorKind::UnknownName);
}

#[test]
fn one_name_has_one_meaning() {
    parsed(
        "int f(int a); int f(int b); extern int x[]; extern int x[3]; typedef int t; typedef int t;",
    );
    parsed(
        "int f(const int); int f(int); struct s; struct s { int a; }; struct s; typedef struct s s;",
    );
    let unit = parsed("extern int x[]; extern int x[3];");
    let TypeKind::Array { length, .. } = *unit.kind(unit.variable("x").unwrap().ty) else {
        panic!()
    };
    assert_eq!(length, Length::Known(3));
    for text in [
        "int f(int); int f(long);",
        "int f(int); int f(int, ...);",
        "int *f(void); char *f(void);",
        "extern int x[2]; extern int x[3];",
        "int x; const int x;",
        "int x; int x(void);",
        "enum { A }; int A;",
        "typedef int t; int t;",
        "struct s { int a; }; struct s { int a; };",
        "enum e { A }; enum e { B };",
    ] {
        assert_eq!(refused(text), ErrorKind::Redeclared, "{text}");
    }
}

#[test]
fn declarations_are_in_order() {
    let text = "typedef int t; struct s { t a; }; enum e { A, B }; t f(struct s *); t v; typedef t u;\n#define N 1\n";
    let unit = parsed(text);
    let order: Vec<String> = unit
        .declarations()
        .map(|declaration| {
            let kind = match declaration {
                Declaration::Function(_) => "function",
                Declaration::Variable(_) => "variable",
                Declaration::Typedef(_) => "typedef",
                Declaration::Record(_) => "record",
                Declaration::Enum(_) => "enum",
                Declaration::Constant(_) => "constant",
                _ => "other",
            };
            format!("{kind} {}", declaration.name().unwrap())
        })
        .collect();
    assert_eq!(
        order,
        [
            "typedef t",
            "record s",
            "enum e",
            "constant A",
            "constant B",
            "function f",
            "variable v",
            "typedef u",
            "constant N",
        ]
    );
}

#[test]
fn other_things_that_headers_have() {
    let unit = parsed(
        "; _Static_assert(1, \"yes\"); _Static_assert(sizeof(void *) == 8); _Pragma(\"once\")\n\
         __extension__ extern __inline __attribute__((__gnu_inline__)) int g(void) { return 0; }\n\
         extern \"C\" { int h(void); extern \"C\" int k(void); }\n\
         int d<:3:>;",
    );
    assert!(["g", "h", "k"].iter().all(|name| unit.function(name).is_some()));
    assert_eq!(unit.spell(unit.variable("d").unwrap().ty), "int[3]");
    let unit = parsed("int x; __typeof__(x) y; __typeof__(int (*)(void)) z; typeof(1ul) w;");
    assert_eq!(unit.spell(unit.variable("z").unwrap().ty), "int (*)(void)");
    assert_eq!(
        *unit.kind(unit.variable("w").unwrap().ty),
        TypeKind::Integer(Integer::UnsignedLong)
    );
    assert_eq!(refused("_Static_assert(sizeof(long) == 4, \"no\");"), ErrorKind::Assertion);
    assert_eq!(refused("__typeof__(1 + f()) x;"), ErrorKind::UnknownName);
}

#[test]
fn extension_after_an_error_leaves_the_unit_as_it_was() {
    let mut unit = parsed("typedef struct s *s; enum { A };");
    for text in
        ["struct s { int a; }; int f(missing);", "enum { B, A = 3 };", "typedef int t; int t;"]
    {
        assert!(unit.extend(text).is_err());
    }
    assert_eq!(unit.record("s").unwrap().completeness, Completeness::Incomplete);
    assert!(unit.constant("B").is_none() && unit.typedef("t").is_none());
    assert_eq!(unit.declarations().count(), 4);
    assert!(unit.parse_type("int; int").is_err() && unit.parse_type("").is_err());
    assert!(unit.parse_type("int x").is_err() && unit.parse_type("int (*)(s)").is_ok());
}
