//! What `cargo test` prints, read as cases.

use super::child::Ran;
use super::outcome::{Failure, Outcome, Skip};

/// The cases of a run of `cargo test`.
pub(super) fn cases(ran: &Ran) -> Outcome {
    let mut found = Outcome::default();
    ran.lines.iter().for_each(|line| read(line, &ran.repeat, &mut found));
    if !ran.ok && found.failures.is_empty() {
        let what = "does not build, or ended before it could tell what failed";
        found.add(Outcome::failed(what, ran.repeat.clone()));
    }
    found
}

fn read(line: &str, repeat: &str, found: &mut Outcome) {
    // With one thread libtest writes `test NAME ... ` first, so a skip may stand behind it.
    let (case, verdict) = match line.strip_prefix("test ").and_then(|rest| rest.split_once(" ... "))
    {
        Some((case, verdict)) => (Some(case), verdict),
        None => (None, line),
    };
    found.skips.extend(skip(verdict));
    if let Some(case) = case {
        found.skips.extend(ignored(case, verdict));
        if verdict == "FAILED" {
            let repeat = format!("{repeat} '{case}'");
            found.failures.push(Failure { what: case.to_owned(), repeat });
        }
    } else if let Some(result) = line.strip_prefix("test result: ") {
        found.passed += count(result, "passed");
    }
}

/// `skipped: NAME: REASON`, which a test or an example prints when the machine lacks something. A
/// test must write it to `std::io::stdout()` itself: what `println!` writes is captured.
pub(super) fn skip(line: &str) -> Option<Skip> {
    let (name, reason) = line.strip_prefix("skipped: ")?.split_once(": ")?;
    Some(Skip { name: name.to_owned(), reason: reason.trim_end().to_owned() })
}

/// An ignored test. One that is `long: ..` is meant to be run by hand, and is not skipped.
fn ignored(case: &str, verdict: &str) -> Option<Skip> {
    let reason = verdict.strip_prefix("ignored")?;
    let reason = reason.strip_prefix(", ").unwrap_or("marked `ignore`");
    if reason.starts_with("long: ") {
        return None;
    }
    Some(Skip { name: case.to_owned(), reason: reason.to_owned() })
}

/// The number before a word: 12 in `ok. 12 passed; 0 failed; ..`.
fn count(result: &str, word: &str) -> usize {
    let words: Vec<&str> = result.split([' ', ';']).filter(|word| !word.is_empty()).collect();
    let pair = words.windows(2).find(|pair| pair[1] == word);
    pair.and_then(|pair| pair[0].parse().ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{Outcome, Ran, cases};

    fn read(ok: bool, text: &str) -> Outcome {
        let lines = text.lines().map(str::to_owned).collect();
        cases(&Ran { ok, lines, repeat: String::from("cargo test") })
    }

    #[test]
    fn sums_the_results_of_all_binaries() {
        let found = read(
            true,
            "running 2 tests\ntest a ... ok\ntest b::c ... ok\n\n\
             test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished\n\
             test crates/x/src/lib.rs - f (line 3) ... ok\n\
             test result: ok. 41 passed; 0 failed; 0 ignored; 0 measured; 7 filtered out;",
        );
        assert_eq!(found.tally(), "43 passed, 0 failed");
    }

    #[test]
    fn names_failures_and_ignored_tests() {
        let found = read(
            false,
            "test a::b ... FAILED\ntest c ... ignored\ntest d ... ignored, takes an hour\n\
             test e ... ignored, long: by hand\n\
             test result: FAILED. 0 passed; 1 failed; 2 ignored; 0 measured; 0 filtered out;",
        );
        assert_eq!(found.tally(), "0 passed, 1 failed, 2 skipped");
        assert_eq!(found.failures[0].what, "a::b");
        assert_eq!(found.failures[0].repeat, "cargo test 'a::b'");
        assert_eq!(found.skips[0].reason, "marked `ignore`");
        assert_eq!(found.skips[1].reason, "takes an hour");
    }

    #[test]
    fn collects_what_tests_say_they_skipped() {
        let found = read(
            true,
            "skipped: ranks over MPI: no mpirun\ntest gpu ... skipped: device: no adapter: none\nok\n\
             test result: ok. 2 passed; 0 failed; 0 ignored",
        );
        assert_eq!(found.tally(), "2 passed, 0 failed, 2 skipped");
        assert_eq!(found.skips[0].name, "ranks over MPI");
        assert_eq!(found.skips[1].reason, "no adapter: none");
    }

    #[test]
    fn a_build_that_fails_is_one_failure() {
        assert_eq!(read(false, "").tally(), "0 passed, 1 failed");
    }
}
