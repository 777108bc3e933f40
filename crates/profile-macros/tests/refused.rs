//! What `#[profile]` refuses: the source, with the construct that the error stands on between
//! marks, and a part of the message. Read by the unit tests, and compiled by the integration test.

pub(crate) const REFUSED: &[(&str, &str)] = &[
    ("#[profile] «struct S;»", "stands on a function, a method or an `impl` block"),
    ("#[profile] «mod m {}»", "stands on a function"),
    ("#[profile] «trait» T { fn f(&self) {} }", "on those of its methods that have a body"),
    ("trait T { #[profile] fn «f»(&self); }", "nothing to time"),
    ("#[profile] «const» fn f() {}", "may run in the compiler, which has no clock: leave out"),
    ("#[profile] «async» fn f() {}", "between two `.await`"),
    ("struct S; #[profile] impl S { «const» fn f() {} }", "write `#[profile(skip)]` on it"),
    ("struct S; #[profile] impl S { «async» fn f() {} }", "write `#[profile(skip)]` on it"),
    ("struct S; impl S { #[profile] «async» fn f(&self) {} }", "leave out `#[profile]`"),
    (
        "#[profile(«smaple» = 64)] fn f() {}",
        "takes `sample = 64`, `lines`, `skip` and `crate = path`",
    ),
    ("#[profile(«64»)] fn f() {}", "takes `sample = 64`"),
    ("#[profile(«sample»)] fn f() {}", "how many calls share one that is timed"),
    ("#[profile(sample = «0»)] fn f() {}", "from 1 to 1000000"),
    ("#[profile(sample = «1000001»)] fn f() {}", "from 1 to 1000000"),
    ("#[profile(sample = «\"64\"»)] fn f() {}", "`sample = 64`"),
    ("#[profile(sample = «64u8»)] fn f() {}", "`sample = 64`"),
    ("#[profile(sample = 2, «sample» = 3)] fn f() {}", "said twice"),
    ("#[profile(«skip»)] fn f() {}", "inside of an `impl` block"),
    ("struct S; #[profile(«skip»)] impl S {}", "inside of an `impl` block"),
    ("#[profile(lines, «sample» = 64)] fn f() { g() } fn g() {}", "write one of both"),
    ("#[profile(sample = 64, «lines»)] fn f() { g() } fn g() {}", "write one of both"),
    ("#[profile(lines, «lines»)] fn f() {}", "said twice"),
    // What the first of two has made of it.
    (
        "#[profile(lines)] fn «f»() { ::tenfold_profile::__private::function!(1, 1); g() } fn g() {}",
        "stands here twice",
    ),
    ("#[profile(lines«(»time))] fn f() {}", "by `Session::builder().lines(..)`"),
    ("#[profile(lines «=» time)] fn f() {}", "by `Session::builder().lines(..)`"),
    ("struct S; #[profile] impl S { #[profile(lines, «skip»)] fn f() {} }", "nothing for `lines`"),
    ("#[profile(lines)] «async» fn f() {}", "between two `.await`"),
    ("#[profile(lines)] «const» fn f() {}", "may run in the compiler"),
    ("#[profile(crate = «3»)] fn f() {}", "write the path of the crate"),
    ("#[profile(«crate»)] fn f() {}", "write the path of the crate"),
    ("struct S; #[profile] impl S { #[profile «=» 3] fn f() {} }", "write `#[profile(..)]`"),
    ("struct S; #[profile] impl S { #[profile(«mean»)] fn f() {} }", "takes `sample = 64`"),
];
