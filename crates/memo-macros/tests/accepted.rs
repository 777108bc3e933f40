//! Expansions in a crate that is strict, and knows the memo crate by another name.

use std::io::Write as _;

use crate::compiler::{self, has_clippy};

const STRICT: &str = r#"
    //! Strict.
    #![forbid(unsafe_code)]
    #![deny(missing_docs, warnings, clippy::all, clippy::pedantic)]

    use memo::{Memo, lru_cache, memoize};

    /// Remembered.
    #[lru_cache(crate = ::memo)]
    pub fn f(n: u64, text: &str) -> u64 {
        n + text.len() as u64
    }

    /// On each thread.
    ///
    /// # Errors
    /// What it was given.
    #[memoize(crate = ::memo, scope = "thread", maxsize = 7, typed = true)]
    pub fn g<T: std::hash::Hash + Eq + Clone + 'static>(x: T, y: f64) -> Result<f64, T> {
        if y > 0.0 { Ok(y) } else { Err(x) }
    }

    /// With all there is to say.
    #[memoize(
        crate = ::memo, max_bytes = "64MiB", weigh = |v: &Vec<f64>| v.len() * 8, ttl = "30s",
        shards = 4, single_flight = true, patience = "10s", ignore(verbose)
    )]
    pub async fn h(mut xs: Vec<f64>, verbose: bool) -> Vec<f64> {
        if verbose { xs.push(std::future::ready(1.0).await) }
        xs
    }

    /// A method.
    #[derive(Debug)]
    pub struct Field {
        /// Its memo.
        pub cache: Memo<(u32, String), u32>,
    }

    impl Field {
        /// Remembered.
        #[lru_cache(field = cache, crate = ::memo)]
        pub fn m(&self, n: u32, text: &str) -> u32 {
            n + text.parse().unwrap_or(0)
        }

        /// Associated.
        #[memoize(associated, crate = ::memo)]
        pub fn a(n: u32) -> Option<u32> {
            n.checked_sub(1)
        }
    }

    /// Uses them all.
    pub async fn user(field: &Field) -> String {
        let text = format!(
            "{} {:?} {:?} {} {:?}",
            f(1, "x"), g(1, 2.0), h(vec![], true).await, field.m(1, "2"), Field::a(1)
        );
        f::cache_clear();
        format!(
            "{text} {} {} {} {} {}", f::cache_info(), g::cache_info::<u8>(), h::cache_parameters(),
            field.m_cache_info(), Field::a_cache_info()
        )
    }
"#;

fn said_of(text: &str, package: &str) -> String {
    compiler::said_of(text, package, "memo")
}

#[test]
fn a_strict_crate_has_nothing_to_say() {
    let said = said_of(&STRICT.replace("\n    ", "\n"), "strict-user");
    assert!(said.is_empty(), "{said}");
}

/// What makes the test above worth something: the same crate with an undocumented function, and with one
/// that clippy has something against.
#[test]
fn a_strict_crate_is_heard() {
    let text = STRICT.replace("\n    ", "\n");
    let undocumented = text.replace("/// Remembered.\n#[lru", "#[lru");
    assert!(said_of(&undocumented, "strict-user-heard").contains("missing documentation"));
    if !has_clippy() {
        let _ = writeln!(std::io::stdout(), "skipped: a_strict_crate_is_heard: no clippy");
        return;
    }
    let pedantic = format!("{text}\n/// Long.\n#[must_use]\npub fn long() -> u32 {{ 1000000 }}\n");
    assert!(said_of(&pedantic, "strict-user-heard").contains("long literal"));
}
