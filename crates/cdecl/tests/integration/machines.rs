//! Where the targets differ. The sizes are those of the ABIs: System V's for x86-64, sections 3.1.2 and
//! "Bit-Fields", and AAPCS64, sections "Fundamental Data Types", "Bit-fields" and "The va_list type".

use tenfold_cdecl::{Options, Target, Unit};

fn on(target: Target, text: &str) -> Unit {
    Options::new().target(target).parse(text).unwrap_or_else(|error| panic!("{error:#}"))
}

fn layout(target: Target, text: &str) -> (u64, u64) {
    let unit = on(target, text);
    let layout = unit.layout(unit.record("s").unwrap().ty()).unwrap();
    (layout.size(), layout.alignment())
}

#[test]
fn fields_without_a_name_align_on_aarch64_alone() {
    for (text, x86_64, aarch64) in [
        ("struct s { char a; int : 3; };", (2, 1), (4, 4)),
        ("struct s { char a; int : 0; char b; };", (5, 1), (8, 4)),
        ("struct s { char a; long : 0; };", (8, 1), (8, 8)),
        ("struct s { char a; int b : 3; };", (4, 4), (4, 4)),
        ("union s { char a; short : 9; };", (2, 1), (2, 2)),
        ("struct s { char a; int : 0; } __attribute__((packed));", (4, 1), (4, 4)),
    ] {
        assert_eq!(layout(Target::X86_64, text), x86_64, "{text}");
        assert_eq!(layout(Target::Aarch64, text), aarch64, "{text}");
    }
}

#[test]
fn basic_types_of_both_machines() {
    for (ty, x86_64, aarch64) in [
        ("__builtin_va_list", (24, 8), (32, 8)),
        ("long double", (16, 16), (16, 16)),
        ("long double _Complex", (32, 16), (32, 16)),
        ("__int128", (16, 16), (16, 16)),
        ("wchar_t", (4, 4), (4, 4)),
        ("void *", (8, 8), (8, 8)),
        ("_Float16", (2, 2), (2, 2)),
    ] {
        let text = format!("struct s {{ {ty} x; }};");
        assert_eq!(layout(Target::X86_64, &text), x86_64, "{ty}");
        assert_eq!(layout(Target::Aarch64, &text), aarch64, "{ty}");
    }
    assert_eq!((Target::X86_64.max_align(), Target::Aarch64.max_align()), (16, 16));
}

#[test]
fn signs_of_characters() {
    let text = "enum { C = (char)200, W = (wchar_t)-1 < 0, L = '\\377' };";
    let value = |target, name: &str| on(target, text).constant(name).unwrap().value().unwrap();
    assert_eq!(["C", "W", "L"].map(|name| value(Target::X86_64, name)), [-56, 1, -1]);
    assert_eq!(["C", "W", "L"].map(|name| value(Target::Aarch64, name)), [200, 0, 255]);
}

#[test]
fn what_a_machine_lacks_is_refused() {
    let unit = on(Target::Aarch64, "extern __float80 x;");
    let error = unit.layout(unit.variable("x").unwrap().ty).unwrap_err();
    assert_eq!(error.kind(), tenfold_cdecl::ErrorKind::Unsupported);
}
