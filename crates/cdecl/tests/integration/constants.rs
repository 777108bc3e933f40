//! Constant expressions, against the C compiler where both have a value.

use std::fmt::Write as _;
use std::process::Command;

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use tenfold_cdecl::{ErrorKind, Integer};

use crate::{compiler, parsed};

fn value(expression: &str) -> Result<(i128, Integer), ErrorKind> {
    let text = format!("#define VALUE {expression}\n");
    let unit = tenfold_cdecl::parse(&text).map_err(|error| error.kind())?;
    let constant = unit.constant("VALUE").unwrap();
    Ok((constant.value().unwrap(), constant.ty()))
}

#[test]
fn values_and_types_are_those_of_c() {
    use Integer::{Int, Long, LongLong, UnsignedInt, UnsignedLong};
    for (expression, expected) in [
        ("1 + 2 * 3 - 4 / 2", (5, Int)),
        ("(1 + 2) * 3 % 5", (4, Int)),
        ("-7 / 2", (-3, Int)),
        ("-7 % 3", (-1, Int)),
        ("1 << 3 | 1 ^ 3 & 2", (11, Int)),
        ("2147483647u + 2147483649u", (0, UnsignedInt)),
        ("-1 < 0u", (0, Int)),
        ("-1 < 0l", (1, Int)),
        ("0u - 1", (0xffff_ffff, UnsignedInt)),
        ("~0ul", (0xffff_ffff_ffff_ffff, UnsignedLong)),
        ("~0", (-1, Int)),
        ("1 << 31", (-0x8000_0000, Int)),
        ("1ll << 40 >> 39", (2, LongLong)),
        ("-8 >> 1", (-4, Int)),
        ("!5 + !0", (1, Int)),
        ("1 ? 2u : -1", (2, UnsignedInt)),
        ("0 ? 1l : -1", (-1, Long)),
        ("7 ?: 1", (7, Int)),
        ("0 && 1 / 0", (0, Int)),
        ("1 || 1 / 0", (1, Int)),
        ("1 ? 3 : 1 / 0", (3, Int)),
        ("2 && 3", (1, Int)),
        ("(char)300", (44, Integer::Char)),
        ("(unsigned char)-1", (255, Integer::UnsignedChar)),
        ("(_Bool)7 + 1", (2, Int)),
        ("(int)3.99", (3, Int)),
        ("(int)-3.99e0f", (-3, Int)),
        ("(long)1e18", (1_000_000_000_000_000_000, Long)),
        ("sizeof(int)", (4, UnsignedLong)),
        ("sizeof(char[3][5])", (15, UnsignedLong)),
        ("sizeof 'a' + sizeof(1l) + sizeof \"four\"", (17, UnsignedLong)),
        ("_Alignof(long double)", (16, UnsignedLong)),
        ("sizeof(struct { char c; double d; })", (16, UnsignedLong)),
        (
            "__builtin_offsetof(struct { char c; struct { int x[4]; } s; }, s.x[2])",
            (12, UnsignedLong),
        ),
        ("'a'", (97, Int)),
        ("'\\n' + '\\0' + '\\x41' + '\\101'", (140, Int)),
        ("'ab'", (0x6162, Int)),
        ("u'\\xffff'", (0xffff, Integer::UnsignedShort)),
        ("0b101 + 0x1F + 017", (51, Int)),
        ("(__int128)1 << 100 >> 98", (4, Integer::Int128)),
        ("(__int128)1 << 127", (i128::MIN, Integer::Int128)),
        ("1 ? 3 : __extension__ (1 / 0)", (3, Int)),
        ("- -5", (5, Int)),
        ("+(short)5", (5, Int)),
    ] {
        assert_eq!(value(expression), Ok(expected), "{expression}");
    }
}

#[test]
fn what_has_no_value_is_an_error() {
    for expression in [
        "1 / 0",
        "1 % 0",
        "2147483647 + 1",
        "-2147483647 - 2",
        "2147483647 * 2",
        "(-2147483647 - 1) / -1",
        "(-2147483647 - 1) % -1",
        "-(-2147483647 - 1)",
        "1 << 32",
        "1 << -1",
        "3 << 31",
        "(__int128)3 << 127",
        "__extension__ (1 / 0)",
        "9223372036854775807 + 1",
        "(int)1e10",
        "1 ? 1 / 0 : 2",
        "1.5",
        "1.0 + 2",
        "\"text\"",
        "!1.5 + 1.5",
        "(int *)0",
        "&x",
        "(float)1",
    ] {
        assert_eq!(value(expression), Err(ErrorKind::Constant), "{expression}");
    }
}

#[test]
fn enumerations_take_the_integer_that_gcc_takes() {
    for (body, underlying) in [
        ("A", Integer::UnsignedInt),
        ("A = -1", Integer::Int),
        ("A = 0xffffffff", Integer::UnsignedInt),
        ("A = -1, B = 0x80000000", Integer::Long),
        ("A = 0x100000000", Integer::UnsignedLong),
        ("A = -1, B = 0x7fffffffffffffff", Integer::Long),
    ] {
        let unit = parsed(&format!("enum e {{ {body} }};"));
        assert_eq!(unit.enumeration("e").unwrap().underlying, Some(underlying), "{body}");
    }
    for (body, underlying) in [
        ("A = 255", Integer::UnsignedChar),
        ("A = -1, B = 127", Integer::SignedChar),
        ("A = -1, B = 128", Integer::Short),
        ("A = 65536", Integer::UnsignedInt),
    ] {
        let unit = parsed(&format!("enum e {{ {body} }} __attribute__((packed));"));
        assert_eq!(unit.enumeration("e").unwrap().underlying, Some(underlying), "{body}");
    }
    for text in ["enum e { A }; enum e : char x;", "enum e : int; enum e : char;"] {
        assert_eq!(tenfold_cdecl::parse(text).unwrap_err().kind(), ErrorKind::Redeclared, "{text}");
    }
    let unit = parsed("enum e : short; enum e : short x; enum e : short { A };");
    assert_eq!(unit.enumeration("e").unwrap().underlying, Some(Integer::Short));
    let unit = parsed("enum e : unsigned char { A = 255 }; struct s { enum e a : 3, : 5; };");
    assert_eq!(unit.layout(unit.record("s").unwrap().ty()).unwrap().size(), 1);
    for text in [
        "enum { A = -1, B = 0xffffffffffffffff };",
        "enum { A = 0xffffffffffffffff, B };",
        "enum e : char { A = 200 };",
    ] {
        assert_eq!(tenfold_cdecl::parse(text).unwrap_err().kind(), ErrorKind::Constant, "{text}");
    }
}

fn expression() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        (0..70_u32, prop::sample::select(vec!["", "u", "l", "ul", "ll", "ull"]))
            .prop_map(|(value, suffix)| format!("{value}{suffix}")),
        any::<u32>().prop_map(|value| format!("{value:#x}")),
        any::<u64>().prop_map(|value| format!("{value:#x}")),
        prop::sample::select(vec!["'a'", "'\\377'", "sizeof(int)", "SMALL", "LARGE"])
            .prop_map(str::to_owned),
    ];
    leaf.prop_recursive(4, 24, 3, |inner| {
        let operators = vec![
            "+", "-", "*", "/", "%", "<<", ">>", "<", ">", "<=", ">=", "==", "!=", "&", "|", "^",
            "&&", "||",
        ];
        let types = vec!["char", "unsigned char", "short", "int", "unsigned", "long", "_Bool"];
        prop_oneof![
            4 => (inner.clone(), prop::sample::select(operators), inner.clone())
                .prop_map(|(a, operator, b)| format!("({a} {operator} {b})")),
            1 => (prop::sample::select(vec!["-", "~", "!", "+"]), inner.clone())
                .prop_map(|(sign, a)| format!("({sign} {a})")),
            1 => (inner.clone(), inner.clone(), inner.clone())
                .prop_map(|(a, b, c)| format!("({a} ? {b} : {c})")),
            1 => (prop::sample::select(types), inner).prop_map(|(ty, a)| format!("(({ty}) {a})")),
        ]
    })
}

/// Random expressions: where we have a value, the compiler has the same of a type as large and with the
/// same sign.
#[test]
fn random_expressions_have_the_values_that_the_compiler_gives_them() {
    const PREAMBLE: &str = "enum { SMALL = -3, LARGE = 0x12345678 };\n";
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let (mut source, mut count) = (PREAMBLE.to_owned(), 0);
    for _ in 0..3000 {
        let expression = expression().new_tree(&mut runner).unwrap().current();
        let text = format!("{PREAMBLE}#define VALUE {expression}\n");
        let Ok(unit) = tenfold_cdecl::parse(&text) else { continue };
        let constant = unit.constant("VALUE").unwrap();
        let (value, ty) = (constant.value().unwrap(), constant.ty());
        if ty.size() > 8 {
            continue;
        }
        count += 1;
        let _ = writeln!(
            source,
            "_Static_assert(({expression}) == {}(__int128){:#x}ull && sizeof({expression}) == {} \
             && ((__typeof__(({expression}) + 0))-1 < 0) == ((__typeof__(({}) 1 + 0))-1 < 0), \"\");",
            if value < 0 { "-" } else { "" },
            value.unsigned_abs(),
            ty.size(),
            ty.name(),
        );
    }
    assert!(count > 1000, "only {count} have a value");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("constants.c");
    std::fs::write(&file, &source).unwrap();
    let mut command = Command::new(compiler::cc());
    let output = compiler::run(command.args(["-std=gnu11", "-w", "-fsyntax-only"]).arg(&file));
    let messages = String::from_utf8_lossy(&output.stderr);
    let shown: Vec<&str> = messages.lines().take(20).collect();
    assert!(output.status.success(), "{}", shown.join("\n"));
}
