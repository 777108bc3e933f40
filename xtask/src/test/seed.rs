//! What property tests take their numbers from: the commit, so that each commit tries others, and what fails on one
//! machine fails on the next.

use std::process::Command;

use crate::{sh, workspace};

/// What proptest calls it.
pub(super) const NAME: &str = "PROPTEST_RNG_SEED";

/// The seed that the environment says, or that of the commit; 0 where there is none.
pub(super) fn seed() -> String {
    let of_commit = || head().and_then(|hash| of_commit(&hash)).unwrap_or(0).to_string();
    std::env::var(NAME).unwrap_or_else(|_| of_commit())
}

fn head() -> Option<String> {
    let mut git = Command::new("git");
    let said = workspace::stdout(git.current_dir(sh::root()).args(["rev-parse", "HEAD"])).ok()?;
    String::from_utf8(said).ok()
}

/// The first 64 bits of its hash.
fn of_commit(hash: &str) -> Option<u64> {
    u64::from_str_radix(hash.get(..16)?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::of_commit;

    #[test]
    fn a_commit_has_a_seed() {
        let hash = "00000000000000ffe1fee1fee1fee1fee1fee1fe\n";
        assert_eq!(of_commit(hash), Some(255));
        assert_eq!(of_commit("HEAD"), None);
        assert_eq!(of_commit("fatal: not a git repository"), None);
    }
}
