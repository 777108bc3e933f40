//! What `#[profile]` refuses, as the compiler shows it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../../../tests/refusals/compiler.rs"]
#[expect(dead_code, reason = "others ask clippy too, and where an error has a number")]
mod compiler;
#[path = "../../../tests/refusals/marks.rs"]
mod marks;
mod refused;

use compiler::Cases;
use refused::REFUSED;

/// What a macro makes, which only the compiler expands.
const MADE: &[(&str, &str)] = &[(
    "fn g() {} macro_rules! make { ($($t:tt)*) => { #[profile(lines)] fn «f»() { $($t)* } } } \
     \nmake!(g(););",
    "a macro put this function together",
)];

#[test]
fn every_refusal_stands_on_its_construct_and_raises_nothing_else() {
    let all = || REFUSED.iter().chain(MADE);
    let cases = Cases::new("", all().map(|(marked, _)| marked));
    let mut wrong = vec![];
    for (case, (_, part)) in cases.check("refused-profiles").into_iter().zip(all()) {
        let is_said = case.found.iter().all(|error| error.message.contains(part));
        if !(is_said && case.stands_on_its_marks()) {
            wrong.push(format!("{case}\n  not {part:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} are wrong\n{}", wrong.len(), wrong.join("\n"));
}
