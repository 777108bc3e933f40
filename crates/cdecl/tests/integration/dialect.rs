//! CFFI's dialect: what a compiler completes, and who defines a function.

use tenfold_cdecl::{
    Completeness, Convention, ErrorKind, Length, Options, Origin, Target, TypeKind,
};

use crate::parsed;

/// Texts of all kinds that are right; others are made of them that are not.
pub(crate) const ACCEPTED: &[&str] = &[
    "",
    "int f(int), g(void), *h();",
    "typedef struct { int a, b : 3; ...; } t; t f(t *, ...);",
    "struct s { struct { int x; union { float f; int i; }; }; char name[16]; } s;",
    "union u { int a[2][3]; double (*f)(double); } __attribute__((packed));",
    "enum e { A, B = 1 << 4, C = B | A, D = ... , ... };",
    "enum { X = sizeof(long) * 2, Y = -'a', Z = 1 ? 2 : 1 / 0 };",
    "#define N 0x10\n#define M ...\nextern int table[N][3]; extern int more[...];",
    "typedef int... count_t; typedef float... real_t; typedef ... file_t; typedef ... *dir_t;",
    "extern \"Python\" int on_event(void *, int);\nextern \"Python+C\" { void a(void); void b(int); }",
    "static inline int twice(int x) { return 2 * x; /* } */ }",
    "# 12 \"some.h\" 1 3\nextern int printf(const char *restrict, ...) __attribute__((format(printf, 1, 2)));",
    "int scanf(const char *, ...) __asm__(\"\" \"__isoc99_scanf\") __attribute__((__nothrow__));",
    "_Static_assert(sizeof(int) == 4, \"int\"); _Alignas(16) extern char buffer[64];",
    "void (*signal(int sig, void (*handler)(int)))(int); int (*(*fp)(int a[static 3]))[4];",
    "#pragma pack(push, 2)\nstruct p { char c; long l; };\n#pragma pack(pop)\n",
    "typedef float v4 __attribute__((vector_size(16))); typedef int di __attribute__((mode(DI)));",
    "void copy(int n, double to[n], const double from[restrict n][n + 1]);",
    "int __stdcall f(int); typedef int (__stdcall *g)(long); int WINAPI h(void);",
    "__extension__ typedef long long ll; __typeof__(int *) p; static const int K = 7, J = K + 1;",
    "unsigned __int128 big; _Float128 q; double _Complex z; long double ld; __builtin_va_list ap;",
    "enum m { M1 = __builtin_offsetof(struct { char c; int a[4]; }, a[2]), M2 = L'x' };",
];

#[test]
fn every_sample_is_read() {
    for text in ACCEPTED {
        parsed(text);
    }
}

#[test]
fn dots_in_a_record_leave_it_partial() {
    let unit = parsed("struct s { int a; ...; }; struct t { struct s s; char c; };");
    for tag in ["s", "t"] {
        let record = unit.record(tag).unwrap();
        assert_eq!(record.completeness, Completeness::Partial);
        assert_eq!(unit.layout(record.ty()).unwrap_err().kind(), ErrorKind::Partial);
    }
    let fields = &unit.record("s").unwrap().fields;
    assert_eq!((fields.len(), fields[0].name.as_deref()), (1, Some("a")));
    let unit = parsed("struct s { int a[...]; }; union u { ...; };");
    assert_eq!(unit.record("s").unwrap().completeness, Completeness::Partial);
    assert!(unit.record("u").unwrap().fields.is_empty());
}

#[test]
fn a_partial_record_takes_fields_that_are_completed_later() {
    parsed("struct a { struct b b; ...; }; struct b { ...; };");
    parsed("struct a { int data[]; int end; ...; };");
    assert!(tenfold_cdecl::parse("struct a { struct b b; }; struct b { ...; };").is_err());
    assert!(tenfold_cdecl::parse("struct a { int data[]; int end; };").is_err());
}

#[test]
fn dots_in_an_enumeration_leave_values_open() {
    let unit = parsed("enum e { A, B = ..., C, D = 9, ... };");
    let values = ["A", "B", "C", "D"].map(|name| unit.constant(name).unwrap().value());
    assert_eq!(values, [Some(0), None, None, Some(9)]);
    let enumeration = unit.enumeration("e").unwrap();
    assert_eq!(enumeration.completeness, Completeness::Partial);
    assert_eq!(unit.layout(enumeration.ty()).unwrap_err().kind(), ErrorKind::Partial);
}

#[test]
fn an_open_value_makes_others_open() {
    let unit = parsed("#define N ...\nextern int a[N + 1]; enum { TWICE = 2 * N, FIVE = 5 };");
    let TypeKind::Array { length, .. } = *unit.kind(unit.variable("a").unwrap().ty) else {
        panic!()
    };
    assert_eq!(length, Length::Deduced);
    assert_eq!(unit.constant("TWICE").unwrap().value(), None);
    assert_eq!(unit.constant("FIVE").unwrap().value(), Some(5));
}

#[test]
fn macros_are_constants_or_dots() {
    let unit = parsed("#define A 3\n  #  define B (A << 4) // sixteen times\n#define C ...\n");
    let values = ["A", "B", "C"].map(|name| unit.constant(name).unwrap().value());
    assert_eq!(values, [Some(3), Some(48), None]);
    assert!(unit.constant("A").unwrap().is_macro());
    for (text, kind) in [
        ("#define F(x) x", ErrorKind::Unsupported),
        ("#define S \"text\"", ErrorKind::Constant),
        ("#define E", ErrorKind::Syntax),
        ("#define A 1 2", ErrorKind::Syntax),
        ("#define A 1\n#define A 2", ErrorKind::Redeclared),
        ("int f(int);\n#define f 3", ErrorKind::Redeclared),
        ("#define 3 4", ErrorKind::Syntax),
        ("#include <stdio.h>", ErrorKind::Directive),
    ] {
        assert_eq!(tenfold_cdecl::parse(text).unwrap_err().kind(), kind, "{text}");
    }
}

#[test]
fn arrays_and_type_names_that_a_compiler_completes() {
    let unit =
        parsed("extern int a[...], b[2][...]; typedef unsigned long... n; typedef double... r;");
    let layout = |name: &str| unit.layout(unit.variable(name).unwrap().ty).unwrap_err().kind();
    assert_eq!((layout("a"), layout("b")), (ErrorKind::Partial, ErrorKind::Partial));
    let kind = |name: &str| unit.kind(unit.typedef(name).unwrap().ty).clone();
    assert_eq!((kind("n"), kind("r")), (TypeKind::SomeInteger, TypeKind::SomeFloat));
    for text in ["int f(int...);", "int... x;", "typedef struct s... t;", "int f(int a[...]);"] {
        assert_eq!(tenfold_cdecl::parse(text).unwrap_err().kind(), ErrorKind::Syntax, "{text}");
    }
    assert!(tenfold_cdecl::parse("typedef long double... t;").is_err());
}

#[test]
fn opaque_types_are_apart() {
    let unit = parsed("typedef ... a; typedef ... b; typedef ... *p; int f(a *, p);");
    let ty = |name: &str| unit.typedef(name).unwrap().named();
    assert!(unit.compatible(ty("a"), ty("a")) && !unit.compatible(ty("a"), ty("b")));
    assert_eq!(*unit.kind(unit.typedef("a").unwrap().ty), TypeKind::Opaque);
    assert_eq!(unit.layout(ty("p")).unwrap().size(), 8);
}

#[test]
fn well_known_names_need_no_declaration() {
    let unit =
        parsed("size_t f(uint8_t *, wchar_t, bool, FILE *, ssize_t, int_fast16_t, va_list);");
    let f = unit.function("f").unwrap();
    let spelled = unit.declare(f.ty, "f");
    assert_eq!(
        spelled,
        "size_t f(uint8_t *, wchar_t, bool, FILE *, ssize_t, int_fast16_t, va_list)"
    );
    assert!(unit.typedef("size_t").unwrap().span.is_none());
    assert_eq!(unit.declarations().filter(|one| one.name() == Some("size_t")).count(), 0);
    // A declaration takes their place, whatever it says.
    let unit = parsed("int f(size_t); typedef unsigned short size_t; size_t n; int bool;");
    assert_eq!(unit.layout(unit.variable("n").unwrap().ty).unwrap().size(), 2);
}

#[test]
fn python_defines_functions() {
    let unit = parsed(
        "extern \"Python\" { int a(int); int b(void); } extern \"C + Python\" void c(void); int d(void);",
    );
    let origin = |name: &str| unit.function(name).unwrap().origin;
    assert_eq!(
        ["a", "b", "c", "d"].map(origin),
        [Origin::Python, Origin::Python, Origin::PythonAndC, Origin::C]
    );
    for text in ["extern \"Python\" int x;", "extern \"Rust\" int f(void);"] {
        assert_eq!(tenfold_cdecl::parse(text).unwrap_err().kind(), ErrorKind::Unsupported);
    }
}

#[test]
fn conventions_belong_to_the_nearest_function() {
    let text = "int __stdcall a(int); int (WINAPI *b)(int); int __cdecl c(int); \
                void d(void) __attribute__((ms_abi)); int (*e(void))(void) __attribute__((sysv_abi)); \
                struct s { int (*f)(int) __attribute__((ms_abi)); };";
    let unit = parsed(text);
    let convention = |ty| match unit.resolved_kind(ty) {
        TypeKind::Function(function) => function.convention,
        other => panic!("{other:?}"),
    };
    assert_eq!(convention(unit.function("a").unwrap().ty), Convention::Stdcall);
    assert_eq!(convention(unit.function("c").unwrap().ty), Convention::C);
    let TypeKind::Pointer(to) = *unit.kind(unit.variable("b").unwrap().ty) else { panic!() };
    assert_eq!(convention(to), Convention::Stdcall);
    assert_eq!(convention(unit.function("d").unwrap().ty), Convention::Ms);
    assert_eq!(convention(unit.function("e").unwrap().ty), Convention::SysV);
    // Names for one convention, and another.
    parsed("int f(int); int f(int) __attribute__((sysv_abi)); int __stdcall f(int);");
    let error =
        tenfold_cdecl::parse("int f(int); int f(int) __attribute__((ms_abi));").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Redeclared);
    let field = &unit.record("s").unwrap().fields[0];
    let TypeKind::Pointer(to) = *unit.kind(field.ty) else { panic!() };
    assert_eq!(convention(to), Convention::Ms);
}

#[test]
fn packing_is_an_option() {
    let text = "struct s { char c; int i; short h : 9; };";
    let size = |options: Options| {
        let unit = options.target(Target::X86_64).parse(text).unwrap();
        unit.layout(unit.record("s").unwrap().ty()).unwrap().size()
    };
    assert_eq!(size(Options::new()), 12);
    assert_eq!(size(Options::new().pack(1)), 7);
    assert_eq!(size(Options::new().pack(2)), 8);
    let error = Options::new().pack(3).parse(text).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Limit);
}
