//! What the attributes refuse: the source, with the construct that the error stands on between marks,
//! and a part of the message.

use crate::compiler::Cases;

const REFUSED: &[(&str, &str)] = &[
    // Arguments.
    ("#[lru_cache(«128»)] fn f(n: u32) -> u32 { n }", "as in `maxsize = 128`"),
    ("#[lru_cache(«max_size = 128»)] fn f(n: u32) -> u32 { n }", "did you mean `maxsize`?"),
    ("#[memoize(«capacity = 128»)] fn f(n: u32) -> u32 { n }", "there are `maxsize`, `typed`"),
    ("#[lru_cache(«maxsize»)] fn f(n: u32) -> u32 { n }", "write `maxsize = 128`"),
    ("#[lru_cache(«maxsize =»)] fn f(n: u32) -> u32 { n }", "write `maxsize = 128`"),
    ("#[lru_cache(maxsize = «-1»)] fn f(n: u32) -> u32 { n }", "0 keeps nothing"),
    ("#[lru_cache(«maxsize = \"128\"»)] fn f(n: u32) -> u32 { n }", "write `maxsize = 128`"),
    ("#[lru_cache(maxsize = 1, «maxsize = 2»)] fn f(n: u32) -> u32 { n }", "said twice"),
    ("#[lru_cache(typed = «yes»)] fn f(n: u32) -> u32 { n }", "`true` or `false`"),
    ("#[memoize(scope = «\"thraed\"»)] fn f(n: u32) -> u32 { n }", "did you mean `thread`?"),
    (
        "#[memoize(policy = «\"lfu\"», maxsize = 9)] fn f(n: u32) -> u32 { n }",
        "\"lru\" or \"s3fifo\"",
    ),
    ("#[memoize(«policy = \"s3fifo\"»)] fn f(n: u32) -> u32 { n }", "needs a bound"),
    (
        "#[memoize(policy = \"s3fifo\", maxsize = 9, «ttl = \"1s\"»)] fn f(n: u32) -> u32 { n }",
        "`policy = \"lru\"`",
    ),
    (
        "#[memoize(max_bytes = «\"64\"», weigh = |_| 1)] fn f(n: u32) -> u32 { n }",
        "needs a number and a unit",
    ),
    (
        "#[memoize(max_bytes = «\"0MiB\"», weigh = |_| 1)] fn f(n: u32) -> u32 { n }",
        "is a number above 0",
    ),
    (
        "#[memoize(«max_bytes = \"1MiB\"»)] fn f(n: u32) -> u32 { n }",
        "`weigh = |value| value.len()`",
    ),
    ("#[memoize(«weigh = |_| 1»)] fn f(n: u32) -> u32 { n }", "needs `max_bytes"),
    ("#[memoize(ttl = «\"30\"»)] fn f(n: u32) -> u32 { n }", "as in \"30s\""),
    ("#[memoize(ttl = «\"-3s\"»)] fn f(n: u32) -> u32 { n }", "is not negative"),
    ("#[memoize(ttl = «\"0s\"»)] fn f(n: u32) -> u32 { n }", "is a number above 0"),
    ("#[memoize(«ttl = 3»)] fn f(n: u32) -> u32 { n }", "write `ttl = \"30s\"`"),
    (
        "#[memoize(max_bytes = «\"64XB\"», weigh = |_| 1)] fn f(n: u32) -> u32 { n }",
        "there is no `XB`",
    ),
    ("#[memoize(«maxsize»(128))] fn f(n: u32) -> u32 { n }", "write `maxsize = 128`"),
    ("#[memoize(shards = «0»)] fn f(n: u32) -> u32 { n }", "from 1 to 1024"),
    ("#[memoize(disk = «\"\"»)] fn f(n: u32) -> u32 { n }", "names no folder"),
    ("#[memoize(«disk = 5»)] fn f(n: u32) -> u32 { n }", "write `disk = \"cache/\"`"),
    ("#[memoize(disk = \"x\", «version = 1.5»)] fn f(n: u32) -> u32 { n }", "write `version = 3`"),
    ("#[memoize(disk = \"x\", «version = -1»)] fn f(n: u32) -> u32 { n }", "write `version = 3`"),
    (
        "#[memoize(single_flight = false, «patience = \"1s\"»)] fn f(n: u32) -> u32 { n }",
        "where nobody waits",
    ),
    ("#[memoize(ignore(n, «n»))] fn f(n: u32) -> u32 { n }", "said twice"),
    ("#[memoize(«associated = true»)] fn f(n: u32) -> u32 { n }", "nothing behind it"),
    (
        "#[memoize(ignore(«verbos»))] fn f(verbose: u32) -> u32 { verbose }",
        "did you mean `verbose`?",
    ),
    ("#[memoize(«ignore»)] fn f(n: u32) -> u32 { n }", "write `ignore(verbose)`"),
    ("#[memoize(«version = 3»)] fn f(n: u32) -> u32 { n }", "needs `disk = "),
    ("#[memoize(«depends(g)»)] fn f(n: u32) -> u32 { n }", "needs `disk = "),
    ("#[memoize(crate = «3»)] fn f(n: u32) -> u32 { n }", "the path of the memo crate"),
    (
        "#[memoize(scope = \"thread\", «shards = 4»)] fn f(n: u32) -> u32 { n }",
        "the memo of one thread",
    ),
    (
        "#[memoize(scope = \"thread\", «disk = \"x\"»)] fn f(n: u32) -> u32 { n }",
        "the memo of one thread",
    ),
    ("#[memoize(field = «cache»)] fn f(n: u32) -> u32 { n }", "for methods"),
    // Heads.
    ("#[memoize] «struct S;»", "stands on a function"),
    ("#[memoize] «const» fn f(n: u32) -> u32 { n }", "leave `const` out"),
    ("#[memoize] «unsafe» fn f(n: u32) -> u32 { n }", "wrap it in a safe one"),
    ("#[memoize] «extern \"C\"» fn f(n: u32) -> u32 { n }", "one of Rust's"),
    ("#[memoize(scope = \"thread\")] «async» fn f(n: u32) -> u32 { n }", "from thread to thread"),
    ("#[memoize(disk = \"x\")] «async» fn f(n: u32) -> u32 { n }", "leave `disk` out"),
    ("#[memoize] fn «f»(n: u32) { drop(n) }", "nothing to be remembered"),
    ("#[memoize] fn f(n: u32) -> «()» { drop(n) }", "nothing to be remembered"),
    ("#[memoize] fn f(n: u32) -> «!» { panic!(\"{n}\") }", "never returns"),
    ("#[memoize] fn f(n: u32) -> «impl Clone» { n }", "a type with a name"),
    ("#[memoize] fn f(n: &str) -> «&str» { n }", "return what owns it"),
    ("#[memoize] fn f<'a>(n: &'a str) -> «Option<&'a str>» { Some(n) }", "return what owns it"),
    (
        "#[memoize] fn f<'a>(n: &'a str) -> «Box<dyn Fn(&'a str) -> bool>» { Box::new(|_| true) }",
        "return what owns it",
    ),
    ("#[memoize] fn f<const N: «bool»>(n: u32) -> u32 { n }", "is a `usize`"),
    // Arguments of the function.
    ("#[memoize] fn f(«(a, b)»: (u32, u32)) -> u32 { a + b }", "take it apart in the body"),
    ("#[memoize] fn f(«_»: u32) -> u32 { 1 }", "give the parameter a name"),
    ("#[memoize] fn f(«#[allow(unused)]» n: u32) -> u32 { 1 }", "have no attributes"),
    ("#[memoize] fn f(n: «&mut u32») -> u32 { *n }", "cannot change its arguments"),
    ("#[memoize] fn f(n: «impl Clone») -> u32 { drop(n); 1 }", "write a type parameter"),
    ("#[memoize] fn f(n: «*const u32») -> u32 { drop(n); 1 }", "by its address"),
    ("#[memoize] fn f(n: «fn(u32) -> u32») -> u32 { n(1) }", "no identity"),
    ("#[memoize] fn f(n: &«dyn Fn() -> u32») -> u32 { n() }", "cannot be compared"),
    ("#[memoize] fn f(n: &«[&str]») -> usize { n.len() }", "take `&[String]`"),
    (
        "#[memoize] fn f<'a>(n: «std::borrow::Cow<'a, str>») -> usize { n.len() }",
        "owns what is in it",
    ),
    // Functions of an `impl`.
    ("struct S; impl S { #[memoize] fn f(«&self», n: u32) -> u32 { n } }", "write `field = cache`"),
    (
        "struct S { c: Memo<u32, u32> } impl S { #[memoize(field = c)] fn f(«&mut self», n: u32) -> u32 { n } }",
        "takes `&self`",
    ),
    (
        "struct S { c: Memo<u32, u32> } impl S { #[memoize(field = c)] fn f(«self», n: u32) -> u32 { n } }",
        "takes `&self`",
    ),
    (
        "struct S { c: Memo<u32, u32> } impl S { #[memoize(field = c, «maxsize = 3»)] fn f(&self, n: u32) -> u32 { n } }",
        "where the field is",
    ),
    (
        "struct S { c: Memo<u32, u32> } impl S { #[memoize(field = c)] fn f<'a, «T»: Into<u32>>(&'a self, n: u32) -> u32 { n } }",
        "knows no `T`",
    ),
    (
        "struct S { c: Memo<u32, u32> } impl S { #[memoize(field = c)] fn f<const «N»: usize>(&self, n: u32) -> u32 { n } }",
        "knows no `N`",
    ),
    ("struct S; impl S { #[memoize] fn «f»(n: Self) -> u32 { 1 } }", "`associated`"),
    ("trait T { #[memoize] «fn f(n: u32) -> u32;» }", "without a body"),
    // More than one mistake: all of them at once.
    ("#[memoize(typed = «3», «size = 4»)] fn f(n: «&mut u32») -> «&u32» { n }", ""),
    // Whoever uses what was refused has no errors of its own.
    (
        "#[lru_cache(typed = «3»)] pub fn f(n: u32) -> u32 { n } fn g() -> u32 { f::cache_clear(); f(1) + f::uncached(2) }",
        "",
    ),
    ("#[lru_cache] fn f(n: u32) -> u32 { let x = «;» x } fn g() -> u32 { f(1) }", ""),
];

/// What the compiler says besides of what is no Rust: it reads tokens before it hands them to a macro.
const ITS_OWN: &str = "expected expression, found";

/// What is refused by the compiler, in words of ours.
const UNHASHABLE: &[(&str, &str)] = &[
    ("struct P; #[memoize] fn f(p: P) -> u32 { drop(p); 1 }", "Clone"),
    (
        "#[derive(Clone)] struct P(f64); #[memoize] fn f(p: P) -> u32 { drop(p); 1 }",
        "cannot look up the key",
    ),
    (
        "#[memoize] fn f(m: std::collections::HashMap<u8, f64>) -> u32 { drop(m); 1 }",
        "cannot be remembered by its floats",
    ),
];

#[test]
fn refusals_stand_on_their_constructs() {
    let cases = Cases::new("", REFUSED.iter().map(|(marked, _)| marked));
    let mut wrong = vec![];
    for (mut case, (_, part)) in cases.check("refused-memo").into_iter().zip(REFUSED) {
        case.found.retain(|error| !error.message.starts_with(ITS_OWN));
        let is_said = case.found.iter().any(|error| error.message.contains(part));
        let by_the_macro = case.found.iter().all(|error| error.code.is_empty());
        if !(is_said && by_the_macro && case.stands_on_its_marks()) {
            wrong.push(format!("{case}\n  not {part:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} are wrong\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn what_cannot_be_a_key_is_said_in_words_of_ours() {
    let cases = Cases::new("", UNHASHABLE.iter().map(|(source, _)| source));
    for (case, (source, part)) in cases.check("unhashable-memo").into_iter().zip(UNHASHABLE) {
        let is_said = case.found.iter().any(|error| error.message.contains(part));
        assert!(is_said, "{source}\n{:#?}", case.found);
    }
}
