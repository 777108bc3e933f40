//! What `cargo test` prints, read as cases.

use super::child::Ran;
use super::outcome::{Failure, Outcome, Skip};

/// The cases of a run of `cargo test`.
pub(super) fn cases(ran: &Ran) -> Outcome {
    let mut found = Outcome::default();
    ran.lines.iter().for_each(|line| read(line, &ran.repeat, &mut found));
    for at in 0..found.failures.len() {
        let (before, failure) = (&found.failures[..at], &found.failures[at]);
        // Tests of two programs may have one name.
        let nth = before.iter().filter(|other| other.what == failure.what).count();
        found.failures[at].said = said(&ran.lines, &failure.what, nth);
    }
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
            found.failures.push(Failure { what: case.to_owned(), said: vec![], repeat });
        }
    } else if let Some(result) = line.strip_prefix("test result: ") {
        found.passed += count(result, "passed");
    }
}

/// What a test said that failed, which libtest has under a line of its own: its beginning and its end, without the calls that
/// led there. The end is where a property test says of what it fails.
fn said(lines: &[String], case: &str, nth: usize) -> Vec<String> {
    const MOST: usize = 10;
    let case = case.strip_suffix(" - should panic").unwrap_or(case);
    let heading = format!("---- {case} stdout ----");
    let mut headings = lines.iter().enumerate().filter(|(_, line)| **line == heading);
    let Some((at, _)) = headings.nth(nth) else { return vec![] };
    let is_end = |line: &&String| line.starts_with("---- ") || *line == "failures:";
    let of_case = lines[at + 1..].iter().take_while(|line| !is_end(line));
    let own: Vec<String> = of_case.filter(|line| !is_of_calls(line)).cloned().collect();
    match own.len() {
        all if all <= 2 * MOST => own,
        all => [&own[..MOST], &[String::from("..")], &own[all - MOST..]].concat(),
    }
}

/// A line of a list of calls, or one without a word.
fn is_of_calls(line: &str) -> bool {
    let trimmed = line.trim_start();
    let number = trimmed.split_once(": ").filter(|(number, _)| number.parse::<u32>().is_ok());
    let starts = ["stack backtrace:", "note: ", "at "];
    trimmed.is_empty()
        || starts.iter().any(|start| trimmed.starts_with(start))
        || (number.is_some() && trimmed.len() < line.len())
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
        assert!(found.failures[0].said.is_empty());
        assert_eq!(found.skips[0].reason, "marked `ignore`");
        assert_eq!(found.skips[1].reason, "takes an hour");
    }

    #[test]
    fn keeps_what_a_test_said_that_failed() {
        let found = read(
            false,
            "test a ... FAILED\ntest b ... FAILED\n\nfailures:\n\n---- a stdout ----\n\n\
             thread 'a' (7) panicked at src/x.rs:1:2:\nassertion failed\n  left: 1\n right: 2\n\
             stack backtrace:\n   0: begin\n             at ./begin.rs:1:2\nnote: more\nminimal failing input: 3\n\n\n\
             ---- b stdout ----\nError: \"no\"\n\n\n\
             failures:\n    a\n    b\n\ntest result: FAILED. 0 passed; 2 failed;",
        );
        let of_a = [
            "thread 'a' (7) panicked at src/x.rs:1:2:",
            "assertion failed",
            "  left: 1",
            " right: 2",
            "minimal failing input: 3",
        ];
        assert_eq!(found.failures[0].said, of_a);
        assert_eq!(found.failures[1].said, ["Error: \"no\""]);
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
