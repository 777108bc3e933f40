//! What is told of programs that are wrong, while they run and at their end, and of right ones.

use std::hint;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crate::job;

/// How a job of the example `wrong` ends, and what it says, where it is watched.
fn says(ranks: usize, arguments: &[&str], is_synchronous: bool, stall_ms: u32) -> (bool, String) {
    of("wrong", ranks, arguments, is_synchronous, stall_ms)
}

fn of(
    name: &str,
    ranks: usize,
    arguments: &[&str],
    is_synchronous: bool,
    stall_ms: u32,
) -> (bool, String) {
    let stall = stall_ms.to_string();
    let variables = [
        ("TENFOLD_COMM_CHECK", "1".as_ref()),
        ("TENFOLD_COMM_SYNCHRONOUS", if is_synchronous { "1" } else { "0" }.as_ref()),
        ("TENFOLD_COMM_STALL_MS", stall.as_ref()),
    ];
    let output = job::run_with(ranks, name, arguments, &variables);
    (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
}

/// A wrong program of the table that the tests of tenfold-comm have.
#[derive(Debug)]
struct Case {
    told: String,
    /// How many ranks it needs at least.
    ranks: usize,
    name: String,
}

fn cases() -> Vec<Case> {
    let case = |line: &str| {
        let mut words = line.splitn(3, ' ');
        let mut word = || words.next().expect("what is told, ranks and a name").to_owned();
        Case { told: word(), ranks: word().parse().expect("a number"), name: word() }
    };
    let list = job::run(1, "wrong", &[]);
    let list = String::from_utf8(list.stdout).expect("is text");
    let cases: Vec<Case> = list.lines().map(case).collect();
    assert!(cases.len() >= 60, "{list}");
    cases
}

/// The arguments of a program whose ranks begin late by this seed, if there is one.
fn late<'a>(seed: Option<&'a str>, program: &'a str) -> Vec<&'a str> {
    seed.into_iter().flat_map(|seed| ["late", seed]).chain([program]).collect()
}

impl Case {
    /// What the program says where it runs on so many ranks, if that is not what must be told.
    fn missed(&self, ranks: usize, seed: Option<&str>) -> Option<String> {
        let is_synchronous = self.told == "Buffering";
        let (is_well, said) = says(ranks, &late(seed, &self.name), is_synchronous, 20);
        let is_deadlock = said.contains("tenfold-comm: deadlock: rank") && said.contains(".rs:");
        let line = |has: &dyn Fn(&str) -> bool| said.lines().any(has);
        let is_told = match self.told.as_str() {
            "Deadlock" => is_deadlock && !is_well,
            "Buffering" => is_deadlock && !is_well && said.contains("only a larger buffer"),
            "Collectives" => said.contains("collectives do not fit together: "),
            "Failed" => {
                line(&|line| line.starts_with("tenfold-comm: rank ") && line.contains(".rs:"))
            }
            "Unreceived" => line(&|line| {
                line.contains(" were never received, sent at ") && line.contains(".rs:")
            }),
            "Request" => line(&|line| line.contains("was never waited for")),
            other => panic!("what is {other}?"),
        };
        (!is_told).then(|| format!("missed: {self:?}, {ranks} ranks, late {seed:?}: {said}"))
    }
}

/// What is said of the right programs, which is nothing, with sends that wait and without.
fn false_alarms(ranks: usize, seed: Option<&str>) -> Vec<String> {
    let alarm = |is_synchronous| {
        let (is_well, said) = says(ranks, &late(seed, "twins"), is_synchronous, 1);
        (!is_well || said.contains("tenfold-comm:"))
            .then(|| format!("false alarm: {ranks} ranks, late {seed:?}: {said}"))
    };
    [false, true].into_iter().filter_map(alarm).collect()
}

/// Runs all wrong programs and all right ones on so many ranks, which begin late by seeds from this one on: how many of
/// those are told of, and of these, and what is mistaken.
fn each(ranks: impl IntoIterator<Item = usize>, first_seed: Option<u64>) -> (String, Vec<String>) {
    let cases = cases();
    let mut seeds = first_seed.into_iter().flat_map(|first| first..).map(|seed| seed.to_string());
    let (mut wrong, mut right) = (0, 0);
    let (mut missed, mut alarms) = (vec![], vec![]);
    for ranks in ranks {
        for case in cases.iter().filter(|case| case.ranks <= ranks) {
            missed.extend(case.missed(ranks, seeds.next().as_deref()));
            wrong += 1;
        }
        // Quick beside the others.
        for _ in 0..3 {
            alarms.extend(false_alarms(ranks, seeds.next().as_deref()));
            right += 2;
        }
    }
    let told = format!(
        "{} of {wrong} wrong programs told of; {} of {right} jobs of right ones are",
        wrong - missed.len(),
        alarms.len()
    );
    (told, [missed, alarms].concat())
}

/// Ends the load when it is dropped.
struct Load<'a>(&'a AtomicBool);

impl Drop for Load<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A few of each kind.
#[test]
fn wrong_programs_are_told_of() {
    let cases = cases();
    let names = [
        "a ring of large sends",
        "all receive from any rank first",
        "all wait for any request first",
        "a receive before a barrier that the sender is in",
        "a reduction that goes on, and one rank has not started",
        "a ring of small sends",
        "a barrier and a broadcast",
        "a sum and a maximum on all",
        "two operations of a reduction that goes on",
        "a scope that ends before the send",
        "sends that are waited for before the receives",
        "a message that nobody receives",
        "a message that is too long",
        "a rank that does not come to the barrier",
        "a receive that is forgotten",
    ];
    for name in names {
        let case = cases.iter().find(|case| case.name == name);
        let missed = case.unwrap_or_else(|| panic!("there is no {name}")).missed(3, None);
        assert!(missed.is_none(), "{missed:?}");
    }
}

/// The receiver does not know where: it asks.
#[test]
fn messages_that_nobody_receives_are_told_where_they_were_sent() {
    let name = "a message with another tag than is received";
    let (is_well, said) = says(3, &[name], false, 20);
    let told = "1 messages (4 bytes) of rank 0 for rank 1, tag 4 were never received, sent at ";
    let (_, place) = said.split_once(told).unwrap_or_else(|| panic!("{said}"));
    let place = place.lines().next().expect("a line");
    let (file, line) = place.rsplit_once(':').expect("a file and a line");
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(file);
    let text = std::fs::read_to_string(file).expect("a file of the workspace");
    let line = text.lines().nth(line.parse::<usize>().expect("a number") - 1);
    assert_eq!(line.map(str::trim), Some("world.bsend(&[1], 1, 4)?;"));
    assert!(is_well);
}

/// MPICH can take the ranks of this machine for those of two. Who cannot watch says so, and goes on.
#[test]
fn ranks_of_several_machines_are_not_watched() {
    let variables =
        [("TENFOLD_COMM_CHECK", "1".as_ref()), ("MPIR_CVAR_ODD_EVEN_CLIQUES", "1".as_ref())];
    let output = job::run_with(4, "wrong", &["slow"], &variables);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    if job::is_mpich() {
        let told = "tenfold-comm: deadlocks are not looked for, nor collectives that differ: it needs all ranks on \
                    one machine, and has ranks 0, 2 on ";
        assert_eq!(
            (said.matches(told).count(), said.matches(", ranks 1, 3 on ").count()),
            (1, 1),
            "{said}"
        );
    } else {
        assert!(!said.contains("tenfold-comm:"), "{said}");
    }
    // What is wrong at the end is told all the same.
    let name = "a message that nobody receives";
    let output = job::run_with(4, "wrong", &[name], &variables);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains(" were never received, sent at "), "{said}");
}

#[test]
fn right_programs_are_not_told_of() {
    let alarms = false_alarms(3, None);
    assert!(alarms.is_empty(), "{}", alarms.join("\n"));
}

#[test]
#[ignore = "long: minutes"]
fn all_wrong_programs_are_told_of() {
    let (told, mistaken) = each([2, 3, 5], None);
    println!("{told}");
    assert!(mistaken.is_empty(), "{}", mistaken.join("\n"));
}

/// Every number of ranks, where they begin at random times and other threads have two cores.
#[test]
#[ignore = "long: half an hour"]
fn all_wrong_programs_are_told_of_under_load() {
    let is_over = AtomicBool::new(false);
    let (told, mistaken) = thread::scope(|scope| {
        let _load = Load(&is_over);
        for _ in 0..2 {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    hint::spin_loop();
                }
            });
        }
        each(2..=7, Some(1))
    });
    println!("{told}");
    assert!(mistaken.is_empty(), "{}", mistaken.join("\n"));
}

#[test]
fn sends_that_only_buffers_save_are_no_deadlock() {
    let (is_well, said) = says(3, &["a ring of small sends"], false, 20);
    assert!(is_well, "{said}");
}

#[test]
fn who_computes_is_not_told_of() {
    let (is_well, said) = says(4, &["slow"], false, 100);
    assert!(is_well && !said.contains("tenfold-comm:"), "{said}");
}

/// Each call that waits for ever is told of, and what comes after it goes on.
#[test]
fn who_goes_on_after_the_error_is_told_of_again() {
    let (is_well, said) = says(2, &["again"], false, 20);
    let told = said.matches("tenfold-comm: deadlock: ranks 0, 1 wait for ever").count();
    assert!(is_well && told == 2, "{said}");
}

/// All that the suite does, and it plants mistakes, but no deadlock.
#[test]
fn the_suite_has_no_deadlock() {
    let (is_well, said) = of("conformance", 4, &[], false, 100);
    assert!(is_well && !said.contains("deadlock"), "{said}");
}
