//! Each refusal stands on its construct, and nothing follows from it.

use crate::compiler::{Cases, Judged};
use crate::refused::REFUSED;

/// What a user does with a kernel, refused or not.
const USES: &str = "
    pub fn user(x: &[f64]) -> Result<f64, Error> {
        let y = f::map(x)?;
        f::par().update(f::reduce(x)?, &mut y)?;
        println!(\"{} {:?}\", f::explain(), <f as Kernel<f64>>::SOURCE);
        Ok(x.iter().map(|&x| f(x)).sum())
    }";

/// Where else a refused kernel may stand, and who else may use it.
const SURROUNDED: &[&str] = &[
    // In a module of its own.
    "pub mod a { use super::*; #[kernel] pub fn f(x: f64) -> f64 { «y» } }
    mod b { use super::a::*; fn user() -> f64 { f::map(1.0); f(1.0) } }
    mod c { use super::a::f; fn user() -> f64 { f::map(1.0); f(1.0) } }
    mod d { fn user() -> f64 { super::a::f::map(1.0); super::a::f(1.0) } }",
    // In a function, as in the examples of documents.
    "fn main() { #[kernel] fn f(x: f64) -> f64 { «y» } f::map(1.0); f(1.0); }",
    // Called by other kernels.
    "#[kernel] fn f(x: f64) -> f64 { «y» }
    #[kernel] fn g(x: f64) -> f64 { f(f(x)) }
    #[kernel(reduce(sum))] fn h(x: f64) -> f64 { f(x) }
    #[kernel(reduce(fold = f, identity = 0.0))] fn i(x: f64) -> f64 { x }
    #[kernel(scan(sum))] fn j(x: f64) -> f64 { f(x) }
    #[kernel(stencil)] fn k(u: Nbr1<f64>) -> f64 { f(u[0]) }
    #[kernel(loop)] fn l(x: &mut [f64]) { x[0] = f(x[0]); }
    #[kernel(\"(n)->()\")] fn m(x: &[f64]) -> f64 { f(x[0]) }
    #[kernel(for = [f32, f64])] fn n<T: Real>(x: T) -> T { f(x) }",
    // Two of them.
    "#[kernel] fn f(x: f64) -> f64 { «y» } #[kernel] fn g(x: f64) -> f64 { f(x) + «z» }
    fn user() -> f64 { g::map(1.0); g(1.0) }",
    // With more than one mistake: all of them in one compile.
    "#[kernel(math = «quick»)] fn f(x: f64, s: «&str») -> f64 {
        let v = «vec![x]»;
        let y = x.«sqrtt»();
        let z: «u128» = 1;
        ««undefined» + y * 2.0f32»
    }",
    // Among methods.
    "struct S; impl S { #[kernel] fn f(«&self», x: f64) -> f64 { x } }
    fn user(s: S) -> f64 { s.f(1.0) }",
    // What does not parse.
    "#[kernel] fn f(x: f64) -> f64 { let y = «;» y } fn user() -> f64 { f::map(1.0); f(1.0) }",
    "#[kernel] pub(crate) fn f(x: f64, y: «)» -> f64 { x } fn user() -> f64 { f(1.0, 2.0) }",
];

/// What the compiler says besides, and rightly so, of what is no Rust: it reads the tokens before it
/// hands them to a macro, and what the macro leaves.
const ITS_OWN: &[&str] = &[
    "expected expression, found",
    "expected type, found",
    "`self` parameter is only allowed in associated functions",
];

/// Without what the compiler says of its own.
fn refusals(mut case: Judged<'_>) -> Judged<'_> {
    case.found.retain(|error| !ITS_OWN.iter().any(|part| error.message.starts_with(part)));
    case
}

#[test]
fn refusals_stand_on_their_constructs() {
    let sources = REFUSED.iter().map(|(marked, _)| match marked.contains("&self") {
        true => (*marked).to_owned(), // nobody calls a method like a function
        false => format!("{marked}{USES}"),
    });
    let cases = Cases::new("", sources.chain(SURROUNDED.iter().map(|&source| source.to_owned())));
    let parts = REFUSED.iter().map(|&(_, part)| part).chain(SURROUNDED.iter().map(|_| ""));
    let mut wrong = vec![];
    for (case, part) in cases.check("refused").into_iter().map(refusals).zip(parts) {
        let is_said = case.found.iter().any(|error| error.message.contains(part));
        let by_the_macro = case.found.iter().all(|error| error.code.is_empty());
        if !(is_said && by_the_macro && case.stands_on_its_marks()) {
            wrong.push(format!("{case}\n  not {part:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} are wrong\n{}", wrong.len(), wrong.join("\n"));
}
