//! What is told of programs that are wrong, while they run.

use crate::job;

/// What a job says that is watched.
fn says(ranks: usize, name: &str, arguments: &[&str], is_synchronous: bool) -> (bool, String) {
    let variables = [
        ("TENFOLD_COMM_CHECK", "1".as_ref()),
        ("TENFOLD_COMM_SYNCHRONOUS", if is_synchronous { "1" } else { "0" }.as_ref()),
        ("TENFOLD_COMM_STALL_MS", "100".as_ref()),
    ];
    let output = job::run_with(ranks, name, arguments, &variables);
    (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
}

/// Each ends, though its ranks wait for each other, and one of them says who does.
fn is_told(case: &str, is_synchronous: bool) {
    for ranks in [2, 3, 5] {
        let (is_well, said) = says(ranks, "wrong", &[case], is_synchronous);
        let told = said.contains("tenfold-comm: deadlock: rank") && said.contains("wait");
        assert!(!is_well && told && said.contains("wrong.rs:"), "{case}, {ranks} ranks: {said}");
    }
}

#[test]
fn circles_are_told_of() {
    for case in ["ring", "receives", "any", "barrier", "open"] {
        is_told(case, false);
    }
}

#[test]
fn sends_that_only_buffers_save_are_told_of() {
    let (is_well, said) = says(3, "wrong", &["synchronous"], false);
    assert!(is_well, "{said}");
    is_told("synchronous", true);
}

#[test]
fn who_computes_is_not_told_of() {
    let (is_well, said) = says(4, "wrong", &["slow"], false);
    assert!(is_well && !said.contains("tenfold-comm:"), "{said}");
}

/// All that the suite does, and it plants mistakes, but no deadlock.
#[test]
fn the_suite_has_no_deadlock() {
    let (is_well, said) = says(4, "conformance", &[], false);
    assert!(is_well && !said.contains("deadlock"), "{said}");
}
