//! What the derive refuses: the source, with the construct that the error stands on between marks, and a
//! part of the message.

use crate::compiler::{Cases, messages};

/// The head of most structs.
const HEAD: &str = "#[derive(Clone, Copy, Element)] ";

/// By the macro, behind the head.
const REFUSED: &[(&str, &str)] = &[
    ("struct «S» { x: f64 }", "write `#[repr(C)]`"),
    ("struct «S»(f64, u8);", "write `#[repr(C)]`"),
    ("#[repr(align(16))] struct «S» { x: f64 }", "write `#[repr(C)]`"),
    ("#[repr(C, «packed»)] struct S { x: u8, y: u8 }", "cannot be borrowed"),
    ("#[repr(«packed(2)», C)] struct S { x: u8, y: u8 }", "from large to small"),
    ("#[repr(C)] «enum» E { A, B }", "`send_object`"),
    ("#[repr(u8)] «enum» E { A = 1 }", "send its number"),
    ("#[repr(C)] «union» U { x: f64, y: u64 }", "send a struct"),
    ("#[repr(C)] struct «S»;", "has a field"),
    ("#[repr(C)] struct «S» {}", "has a field"),
    ("#[repr(C)] struct «S»();", "has a field"),
    ("#[repr(C)] struct S<«'a»> { x: &'a f64 }", "borrows nothing"),
    ("#[«element»] #[repr(C)] struct S { x: f64 }", "takes `crate = path`"),
    ("#[element(«krate» = x)] #[repr(C)] struct S { x: f64 }", "takes `crate = path`"),
    ("#[element(«3»)] #[repr(C)] struct S { x: f64 }", "takes `crate = path`"),
    ("#[element(«crate»)] #[repr(C)] struct S { x: f64 }", "the path of the crate"),
    ("#[element(«crate» =)] #[repr(C)] struct S { x: f64 }", "the path of the crate"),
    ("#[element(crate = «3»)] #[repr(C)] struct S { x: f64 }", "the path of the crate"),
    (
        "#[element(crate = ::tenfold_comm «x»)] #[repr(C)] struct S { x: f64 }",
        "takes `crate = path`",
    ),
    (
        "#[element(crate = ::tenfold_comm)] #[«element(crate = ::tenfold_comm)»] #[repr(C)] struct S { x: f64 }",
        "said twice",
    ),
    // More than one mistake: all of them at once.
    ("struct «S»<«'a»> { x: &'a f64 }", ""),
];

/// By the compiler, in words of ours.
const NO_ELEMENTS: &[(&str, &str)] = &[
    ("#[derive(Clone, Copy, Element)] #[repr(C)] struct S { x: f64, y: «char» }", "`char`"),
    ("#[derive(Clone, Copy, Element)] #[repr(C)] struct S(f64, «Option<u8>»);", "`Option<u8>`"),
    ("#[derive(Clone, Copy, Element)] #[repr(C)] struct S { x: «*const u8» }", "`*const u8`"),
];

#[test]
fn refusals_stand_on_their_constructs() {
    let all = || REFUSED.iter().map(|(marked, part)| (format!("{HEAD}{marked}"), part));
    let cases = Cases::new("", all().map(|(marked, _)| marked));
    let mut wrong = vec![];
    for (case, (_, part)) in cases.check("refused-elements").into_iter().zip(all()) {
        let is_said = case.found.iter().any(|error| error.message.contains(part));
        let by_the_macro = case.found.iter().all(|error| error.code.is_empty());
        if !(is_said && by_the_macro && case.stands_on_its_marks()) {
            wrong.push(format!("{case}\n  not {part:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} are wrong\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn a_field_that_is_no_element_is_named() {
    let cases = Cases::new("", NO_ELEMENTS.iter().map(|(source, _)| source));
    for (case, (source, part)) in cases.check("no-elements").into_iter().zip(NO_ELEMENTS) {
        let is_said = case.found.iter().any(|error| {
            error.message.contains(part) && error.message.contains("cannot be sent as it lies")
        });
        let stands = case.found.iter().any(|error| error.at == case.marks[0]);
        assert!(is_said && stands, "{source}\n{case}");
    }
}

/// What only the compiler can know.
const OTHERS: &[(&str, &str)] = &[
    ("#[derive(Element)] #[repr(C)] struct S { x: f64 }", "Copy"),
    ("#[derive(Clone, Copy, Element)] #[repr(C)] struct S { x: [f64; 0] }", "an element has bytes"),
    (
        "#[derive(Clone, Copy, Element)] #[repr(C)] struct S<T> { x: T } \
         fn is<T: Element>() {} fn f() { is::<S<char>>() }",
        "`char`",
    ),
];

#[test]
fn what_the_compiler_refuses() {
    // Each alone: what is evaluated comes only where types are right.
    for (number, (source, part)) in OTHERS.iter().enumerate() {
        let text = format!("#![allow(warnings)]\nuse tenfold_comm::*;\n{source}\n");
        let found = messages("check", &format!("other-element{number}"), "tenfold-comm", &text);
        let said = found.iter().any(|line| line["message"]["rendered"].to_string().contains(part));
        assert!(said, "{source}\n{found:#?}");
    }
}
