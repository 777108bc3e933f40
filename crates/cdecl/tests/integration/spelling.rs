//! Types as they are written, and read again.

use proptest::prelude::*;
use proptest::sample::select;
use tenfold_cdecl::ErrorKind;

use crate::parsed;

const PREAMBLE: &str =
    "typedef struct { int x; } point; union u; enum e { A }; typedef int (*op)(int);";

/// A declarator around a name, which may be empty.
fn declarator() -> impl Strategy<Value = String> {
    Just(String::from("@")).prop_recursive(6, 12, 1, |inner| {
        let qualifiers =
            select(vec!["", " const ", " volatile ", " restrict ", " const volatile "]);
        prop_oneof![
            (qualifiers, inner.clone()).prop_map(|(words, inner)| format!("(*{words}{inner})")),
            (0..5_u8, inner.clone()).prop_map(|(length, inner)| format!("{inner}[{length}]")),
            (select(vec!["()", "(void)", "(int)", "(point *, ...)", "(op, char a[])"]), inner)
                .prop_map(|(parameters, inner)| format!("{inner}{parameters}")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn a_type_that_is_written_and_read_is_the_same(
        base in select(vec![
            "int", "const char", "unsigned long long", "long double", "double _Complex", "void",
            "point", "union u", "enum e", "op", "_Bool", "__builtin_va_list", "const volatile op",
        ]),
        shape in declarator(),
    ) {
        let mut unit = parsed(PREAMBLE);
        let text = format!("{base} {}", shape.replace('@', ""));
        // A function that returns an array, and the like, is no type.
        let Ok(ty) = unit.parse_type(&text) else { return Ok(()) };
        let spelled = unit.spell(ty);
        let again = unit.parse_type(&spelled).unwrap_or_else(|error| panic!("{text}: {error:#}"));
        prop_assert!(unit.compatible(ty, again), "{text} became {spelled}");
        prop_assert_eq!(&unit.spell(again), &spelled);

        let declared = format!("typedef {};", unit.declare(ty, "named"));
        unit.extend(&declared).unwrap_or_else(|error| panic!("{text}: {error:#}"));
        prop_assert!(unit.compatible(unit.typedef("named").unwrap().ty, ty), "{}", declared);
    }
}

#[test]
fn types_that_differ_are_told_apart() {
    let mut unit = parsed(PREAMBLE);
    let types = [
        "int",
        "unsigned",
        "long",
        "long long",
        "const int",
        "int *",
        "const int *",
        "int *const",
        "int[3]",
        "int[4]",
        "int *[3]",
        "int (*)[3]",
        "int (*)(int)",
        "int (*)(int, ...)",
        "int (*)(long)",
        "void (*)(int)",
        "point",
        "union u",
        "char",
        "signed char",
        "float",
        "float _Complex",
        "_Float32",
        "_Bool",
        "void *",
    ];
    let types = types.map(|text| unit.parse_type(text).unwrap());
    for (at, &one) in types.iter().enumerate() {
        for (other_at, &other) in types.iter().enumerate() {
            let same = unit.compatible(one, other);
            assert_eq!(same, at == other_at, "{} and {}", unit.spell(one), unit.spell(other));
        }
    }
    let mut same = |a: &str, b: &str| {
        let [a, b] = [a, b].map(|text| unit.parse_type(text).unwrap());
        unit.compatible(a, b)
    };
    assert!(same("op", "int (*)(const int)") && same("int[]", "int[3]"));
    assert!(same("int (*)()", "int (*)(int)") && same("enum e", "unsigned"));
    assert!(same("const int[2]", "int const[2]") && same("int(int[2])", "int(int *)"));
}

#[test]
fn records_without_a_name_are_written_whole() {
    let text = "struct { char c; int a : 3; int : 0; struct { long l; } in; union { int i; float f; }; } x;";
    let unit = parsed(text);
    let ty = unit.variable("x").unwrap().ty;
    let spelled = unit.spell(ty);
    let again = parsed(&format!("{spelled} x;"));
    let layouts = [unit.layout(ty), again.layout(again.variable("x").unwrap().ty)];
    assert_eq!(layouts[0], layouts[1]);
    assert_eq!(again.spell(again.variable("x").unwrap().ty), spelled);
}

#[test]
fn nearest_names() {
    let unit = parsed("int compress(int); int compress2(int); int crc32(int); struct z_stream;");
    assert_eq!(unit.nearest("compres"), ["compress", "compress2"]);
    assert_eq!(unit.nearest("z_strem"), ["z_stream"]);
    assert!(unit.nearest("nothing_like_it").is_empty());
}

#[test]
fn huge_arrays_have_no_size() {
    let unit = parsed(
        "extern char a[0x7fffffffffffffff]; extern int b[0x7fffffffffffffff]; extern char c[2][0xffffffffffffffff];",
    );
    let size =
        |name: &str| unit.layout(unit.variable(name).unwrap().ty).map(|layout| layout.size());
    assert_eq!(size("a").unwrap(), 0x7fff_ffff_ffff_ffff);
    for name in ["b", "c"] {
        assert_eq!(size(name).unwrap_err().kind(), ErrorKind::Limit);
    }
    let error =
        tenfold_cdecl::parse("struct s { char a[0x7fffffffffffffff], b[9]; };").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Limit);
}
