//! Expansions in a crate that is strict, and knows the ffi crate by another name.

use crate::compiler::said_of;

const STRICT: &str = r#"
    //! Strict.
    #![forbid(unsafe_code)]
    #![forbid(missing_docs, warnings, clippy::all, clippy::pedantic)]

    use ffi::{Complex, export};

    ffi::exports!(strict, crate = ::ffi);

    /// Of everything that needs no feature.
    ///
    /// # Errors
    /// The text.
    #[export(c, name = "strict_f", crate = ::ffi)]
    pub fn f(
        a: f64, on: bool, z: Complex<f64>, x: &[f32], y: &mut [u8], text: &str, name: &std::ffi::CStr,
    ) -> Result<(f64, i8), std::fmt::Error> {
        y.fill(u8::from(on));
        let letters = text.len() + name.count_bytes() + x.len();
        if letters == 0 { Err(std::fmt::Error) } else { Ok((a + z.re, 1)) }
    }

    #[export(c, crate = ffi)]
    const fn g() -> [f64; 3] {
        [1.0; 3]
    }

    mod inner {
        type Out = u32;

        /// With a name that is Rust's, and a result that has one type.
        #[ffi::export(c, crate = ::ffi)]
        pub(crate) fn h(mut x: usize, r#in: &[i64]) -> std::io::Result<u32> {
            x += r#in.len();
            Out::try_from(x).map_err(std::io::Error::other)
        }

        /// Another one of the same name, inside of a function.
        pub(crate) fn outer() {
            #[ffi::export(c, name = "strict_g", crate = ::ffi)]
            fn g(result: f64) {
                assert!(result > 0.0);
            }
            g(1.0);
        }
    }

    /// As Rust calls them.
    ///
    /// # Errors
    /// Those of the others.
    pub fn user() -> std::io::Result<u32> {
        inner::outer();
        inner::h(g().len(), &[1])
    }
"#;

#[test]
fn a_strict_crate_has_nothing_to_say() {
    let said = said_of(&STRICT.replace("\n    ", "\n"), "strict-ffi-user", "ffi");
    assert!(said.is_empty(), "{said}");
}

/// What makes the test above worth something.
#[test]
fn a_strict_crate_is_heard() {
    let text = STRICT
        .replace("\n    ", "\n")
        .replace("/// Of everything that needs no feature.\n///\n", "//");
    let text =
        format!("{text}\n#[unsafe(no_mangle)]\n/// Mine.\npub extern \"C\" fn mine() {{}}\n");
    let said = said_of(&text, "strict-ffi-user-heard", "ffi");
    assert!(said.contains("unsafe_code"), "{said}");
}

#[test]
fn views_without_their_feature_say_so() {
    let text = "struct ArrayView2<T>(T);\n#[ffi::export(c)]\nfn f(x: ArrayView2<f64>) {}\n";
    let text = text.replace("(c)", "(c, crate = ::ffi)");
    let said = said_of(&text, "ffi-user-without", "ffi");
    assert!(said.contains("features = [\"ndarray\"]") && said.contains("src/lib.rs:2"), "{said}");
}
