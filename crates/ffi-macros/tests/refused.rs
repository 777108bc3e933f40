//! What the attribute refuses: the source, with the construct that the error stands on between marks,
//! and a part of the message.

use crate::compiler::Cases;

const REFUSED: &[(&str, &str)] = &[
    // Arguments.
    ("«#[export]» fn f() {}", "say for whom: `#[export(c)]`"),
    ("«#[export(name = \"g\")]» fn f() {}", "say for whom"),
    ("#[export(c, «python»)] fn f() {}", "there is no `python`"),
    ("#[export(c, «name»)] fn f() {}", "write `name = \"kern_axpy\"`"),
    ("#[export(c, name = «\"2f\"»)] fn f() {}", "no name in C"),
    ("#[export(c, name = «\"double\"»)] fn f() {}", "a word of C"),
    ("#[export(c, «c»)] fn f() {}", "said twice"),
    // Heads.
    ("#[export(c)] «struct S;»", "stands on a function"),
    ("trait T { #[export(c)] «fn f(n: u32) -> u32;» }", "stands on a function with a body"),
    ("#[export(c)] «async» fn f() {}", "C cannot await"),
    ("#[export(c)] «unsafe» fn f() {}", "wrap it in a safe function"),
    ("#[export(c)] «extern \"C\"» fn f() {}", "leave the ABI out"),
    ("#[export(c)] fn f<«T: Copy»>(x: f64) {}", "export one for each type"),
    ("#[export(c)] fn f<«const N: usize»>(x: f64) {}", "export one for each type"),
    ("#[export(c)] fn f(x: f64) «where f64: Copy» {}", "knows no bounds"),
    ("struct S; impl S { #[export(c)] fn f(«&self») {} }", "C has no `self`"),
    ("#[export(c)] fn «register»() {}", "a word of C or C++"),
    ("#[export(c)] fn «größe»() {}", "letters of ASCII"),
    ("#[export(c)] fn «write»(x: &[f64]) {}", "a function of the C library"),
    ("#[export(c, name = «\"exp\"»)] fn f() {}", "a function of the C library"),
    ("#[export(c)] fn «unix»() {}", "a word of C or C++"),
    // Parameters.
    ("#[export(c)] fn f(«_»: f64) {}", "give the parameter a name"),
    ("#[export(c)] fn f(«(a, b)»: (f64, f64)) {}", "take it apart in the body"),
    ("#[export(c)] fn f(«double»: f64) {}", "a word of C"),
    ("#[export(c)] fn f(«#[allow(unused)]» x: f64) {}", "have no attributes"),
    ("#[export(c)] fn f(x: «impl Copy») {}", "knows no `impl Trait`"),
    ("#[export(c)] fn f(x: «&f64») {}", "by value"),
    ("#[export(c)] fn f(x: «&mut f64») {}", "return what is new"),
    ("#[export(c)] fn f(x: «String») {}", "take `&str`"),
    ("#[export(c)] fn f(x: «&String») {}", "take `&str`"),
    ("#[export(c)] fn f(x: «&mut str») {}", "an argument from C is one of"),
    ("#[export(c)] fn f(x: «Vec<f64>») {}", "take `&[f64]`"),
    ("#[export(c)] fn f(x: «&Vec<f64>») {}", "take `&[f64]`"),
    ("#[export(c)] fn f(x: &«'static» [f64]) {}", "leave `'static` out"),
    ("#[export(c)] fn f(x: &«'static» str) {}", "leave `'static` out"),
    ("#[export(c)] fn f(x: ArrayView2<«'static», f64>) {}", "leave `'static` out"),
    ("#[export(c)] fn f(x: «*const f64») {}", "cannot be checked"),
    ("#[export(c)] fn f(x: «char») {}", "an argument from C is one of"),
    ("#[export(c)] fn f(x: «u128») {}", "an argument from C is one of"),
    ("#[export(c)] fn f(x: «Option<f64>») {}", "an argument from C is one of"),
    ("#[export(c)] fn f(x: «(f64, f64)») {}", "an argument from C is one of"),
    ("#[export(c)] fn f(x: «fn()») {}", "an argument from C is one of"),
    ("#[export(c)] fn f(x: &[«bool»]) {}", "take `u8`"),
    ("#[export(c)] fn f(x: &[«&str»]) {}", "an array has numbers in it"),
    ("#[export(c)] fn f(x: «Complex<i32>») {}", "an argument from C is one of"),
    ("#[export(c)] fn f(x: «&Array2<f64>») {}", "take a view by value"),
    ("#[export(c)] fn f(x: «ArrayView<f64, Ix2>») {}", "number of axes into the name"),
    ("#[export(c)] fn f(x: «ArrayView7<f64>») {}", "an argument from C is one of"),
    ("#[export(c)] fn f(x: ArrayView2<«bool»>) {}", "take `u8`"),
    ("#[export(c)] fn f(x: &[f64], «x_len»: usize) {}", "C has another `x_len`"),
    ("#[export(c)] fn f(«result»: f64) -> f64 { 0.0 }", "C has another `result`"),
    // Results.
    ("#[export(c)] fn f(s: &str) -> «&str» { s }", "a result for C is a number"),
    ("#[export(c)] fn f() -> «String» { String::new() }", "a result for C is a number"),
    (
        "#[export(c)] fn f() -> Result<«Vec<f64>», String> { Ok(vec![]) }",
        "write arrays into a `&mut [f64]`",
    ),
    ("#[export(c)] fn f() -> «Option<f64>» { None }", "a result for C is a number"),
    ("#[export(c)] fn f() -> «impl Copy» { 1 }", "a result for C is a number"),
    ("#[export(c)] fn f() -> (f64, «String») { todo!() }", "a result for C is a number"),
    ("#[export(c)] fn f() -> [f64; «N»] { [0.0; N] } const N: usize = 2;", "write a number"),
    ("#[export(c)] fn f() -> «!» { loop {} }", "a result for C is a number"),
    // More than one mistake: all of them at once.
    ("#[export(c)] «async» fn f(x: «&f64», y: «char») -> «String» { String::new() }", ""),
    // Of the library.
    ("exports!(«2»);", "`exports!(kern);`"),
    ("exports!(«double»);", "a word of C"),
];

/// What the compiler refuses, in its own words.
const UNFIT: &[(&str, &str)] = &[
    // What C passes ends with the call, by whatever name.
    ("#[export(c)] fn f<'a: 'static>(x: &'a [f64]) {}", "dropped while borrowed"),
    ("#[export(c)] fn f<'a: 'static>(x: &'a mut [f64]) {}", "dropped while borrowed"),
    ("#[export(c)] fn f<'a: 'static>(x: &'a str) {}", "dropped while borrowed"),
    ("#[export(c)] fn f<'a: 'static>(x: &'a std::ffi::CStr) {}", "dropped while borrowed"),
    // The processor may not have what the function needs.
    #[cfg(target_arch = "x86_64")]
    ("#[export(c)] #[target_feature(enable = \"avx2\")] fn f() {}", "is unsafe"),
    ("struct E; #[export(c)] fn f() -> Result<(), E> { Ok(()) }", "Display"),
    ("use std::vec::Vec as f64; #[export(c)] fn f(x: f64<u8>) {}", "an argument from C is one of"),
    ("type i32 = String; #[export(c)] fn f(x: i32) {}", "mismatched types"),
    ("#[export(c)] fn f(x: f64, mut rest: ...) {}", "a fixed number of arguments"),
    ("struct S; impl S { #[export(c)] fn f(x: f64) {} }", "in this context need a name"),
];

#[test]
fn refusals_stand_on_their_constructs() {
    let cases = Cases::new("", REFUSED.iter().map(|(marked, _)| marked));
    let mut wrong = vec![];
    for (mut case, (_, part)) in cases.check("refused-export").into_iter().zip(REFUSED) {
        // A name that is not known is the compiler's affair as well.
        case.found.retain(|error| !["E0405", "E0412", "E0425"].contains(&&*error.code));
        let is_said = case.found.iter().any(|error| error.message.contains(part));
        let by_the_macro = case.found.iter().all(|error| error.code.is_empty());
        if !(is_said && by_the_macro && case.stands_on_its_marks()) {
            wrong.push(format!("{case}\n  not {part:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} are wrong\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn types_of_other_names_are_the_compilers() {
    let cases = Cases::new("", UNFIT.iter().map(|(source, _)| source));
    for (case, (source, part)) in cases.check("unfit-export").into_iter().zip(UNFIT) {
        let is_said = case.found.iter().any(|error| error.message.contains(part));
        assert!(is_said, "{source}\n{:#?}", case.found);
    }
}
