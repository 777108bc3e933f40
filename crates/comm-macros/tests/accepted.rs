//! Expansions in a crate that is strict, and knows the comm crate by another name.

use std::io::Write as _;

use crate::compiler::{self, has_clippy};

const STRICT: &str = r#"
    //! Strict.
    #![forbid(unsafe_code)]
    #![deny(missing_docs, warnings, clippy::all, clippy::pedantic)]
    #![deny(clippy::undocumented_unsafe_blocks, clippy::multiple_unsafe_ops_per_block)]

    use comm::{Communicator, Error};

    /// Derived.
    #[derive(Clone, Copy, Debug, Default, comm::Element)]
    #[element(crate = ::comm)]
    #[repr(C)]
    pub struct Particle {
        /// Where it is.
        pub place: [f64; 3],
        /// What it weighs.
        pub mass: f32,
        r#type: u8,
    }

    /// With parameters.
    #[derive(Clone, Copy, Debug, comm::Element)]
    #[element(crate = ::comm)]
    #[repr(C, align(32))]
    pub struct Several<T: Default, const N: usize>(pub [T; N], pub Particle)
    where
        T: Copy;

    /// Transparent.
    #[derive(Clone, Copy, Debug, comm::Element)]
    #[element(crate = ::comm)]
    #[repr(transparent)]
    pub struct Metres(f64);

    /// Sends them.
    ///
    /// # Errors
    /// What sending gives.
    pub fn user<C: Communicator>(world: &C, metres: Metres) -> Result<(), Error> {
        world.send(&[Particle::default()], 0, 0)?;
        world.send(&[Several([1_u8; 5], Particle::default())], 0, 0)?;
        world.send(&[metres], 0, 0)
    }

    /// A crate with names of its own.
    pub mod names {
        #![allow(non_camel_case_types)]

        /// No number.
        #[derive(Clone, Copy, Debug)]
        pub struct Layout;

        /// Another `core`, and another `Element`.
        pub mod core {}

        /// As the trait is called.
        #[derive(Clone, Copy, Debug, comm::Element)]
        #[element(crate = ::comm)]
        #[repr(C)]
        pub struct Element {
            /// A number.
            pub element: u8,
        }
    }
"#;

fn said_of(text: &str, package: &str) -> String {
    compiler::said_of(text, package, "comm")
}

#[test]
fn a_strict_crate_has_nothing_to_say() {
    let said = said_of(&STRICT.replace("\n    ", "\n"), "strict-user");
    assert!(said.is_empty(), "{said}");
}

/// What makes the test above worth something: the same crate with unsafe code of its own, and with something
/// that clippy has something against.
#[test]
fn a_strict_crate_is_heard() {
    let text = STRICT.replace("\n    ", "\n");
    let own = format!("{text}\nunsafe impl Send for Particle {{}}\n");
    assert!(said_of(&own, "strict-user-heard").contains("implementation of an `unsafe` trait"));
    if !has_clippy() {
        let _ = writeln!(std::io::stdout(), "skipped: a_strict_crate_is_heard: no clippy");
        return;
    }
    let pedantic = format!("{text}\n/// Long.\n#[must_use]\npub fn long() -> u32 {{ 1000000 }}\n");
    assert!(said_of(&pedantic, "strict-user-heard").contains("long literal"));
}
