//! Messages beside mpi4py's: both sides run several times in turn, each as a job of two processes.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::doctor::{self, Mpi};
use crate::{exit, mpirun, sh};

/// So many runs of each side, unless told otherwise.
const ROUNDS: usize = 5;

/// A case and its bytes.
type Case = (String, usize);

/// The microseconds of each case, in all runs of one side.
type Times = BTreeMap<Case, Vec<f64>>;

/// The commands: the one that builds ours, ours and theirs.
pub(super) fn commands() -> Result<[Command; 3]> {
    let mpi = Mpi::find(None).map_err(|error| mpirun::missing(None, &error))?;
    let target = sh::build_dir();
    let mut build = sh::cargo();
    build.args(["build", "--release", "--package", "tenfold-comm-mpi", "--example", "latency"]);
    mpi.build(&mut build, &target);
    let mut ours = mpi.start(2, mpirun::place(2));
    ours.arg(mpi.folder(&target).join("release/examples/latency")).arg("alone");
    let python = std::env::var_os("PEERS_PYTHON");
    let python =
        python.map_or_else(|| doctor::peers_python(&doctor::peers_folder()), PathBuf::from);
    let mut theirs = mpi.start(2, mpirun::place(2));
    theirs.arg(python).arg(sh::root().join("benches/peers/mpi4py_latency.py"));
    Ok([build, ours, theirs])
}

/// Runs both sides in turn and prints a table.
pub(super) fn run(rest: &[String]) -> Result<()> {
    let rounds = rounds(rest)?;
    let [mut build, mut ours, mut theirs] = commands()?;
    sh::run(&mut build)?;
    let (mut our_times, mut their_times, mut order) = (Times::new(), Times::new(), vec![]);
    for round in 1..=rounds {
        exit::say(&format!("round {round} of {rounds}"));
        order = read(&mut ours, &mut our_times)?;
        read(&mut theirs, &mut their_times)?;
    }
    exit::print(&table(&order, &our_times, &their_times)).map(drop)
}

fn rounds(rest: &[String]) -> Result<usize> {
    match rest {
        [] => Ok(ROUNDS),
        [name, number] if name == "--rounds" => {
            let rounds = number.parse().ok().filter(|rounds| (1..=100).contains(rounds));
            let wrong =
                || exit::usage(format!("--rounds {number}: expected a number from 1 to 100"));
            rounds.ok_or_else(wrong)
        }
        _ => Err(exit::usage("mpi4py takes --rounds N")),
    }
}

/// Runs one side, and adds its figures to the list; gives the cases in its order.
fn read(side: &mut Command, times: &mut Times) -> Result<Vec<Case>> {
    let output = sh::output(side)?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        bail!("{} failed: {}", sh::display(side), said.trim());
    }
    let mut order = vec![];
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let (case, time) = parse(line).with_context(|| format!("`{line}` is no figure"))?;
        times.entry(case.clone()).or_default().push(time);
        order.push(case);
    }
    Ok(order)
}

/// `one_way 8 0.35`
fn parse(line: &str) -> Option<(Case, f64)> {
    let mut words = line.split(' ');
    let (name, bytes, time) = (words.next()?, words.next()?, words.next()?);
    Some(((name.to_owned(), bytes.parse().ok()?), time.parse().ok()?))
}

/// The medians, and the median of the ratios with the least and the largest.
fn table(order: &[Case], ours: &Times, theirs: &Times) -> String {
    let mut text = format!(
        "{:<10} {:>8} {:>12} {:>12}   theirs / ours\n",
        "case", "bytes", "tenfold us", "mpi4py us"
    );
    for case in order {
        let (Some(our), Some(their)) = (ours.get(case), theirs.get(case)) else { continue };
        let ratios: Vec<f64> = their.iter().zip(our).map(|(their, our)| their / our).collect();
        let (low, middle, high) = spread(&ratios);
        let _ = writeln!(
            text,
            "{:<10} {:>8} {:>12.2} {:>12.2}   {middle:.2} [{low:.2}, {high:.2}]",
            case.0,
            case.1,
            spread(our).1,
            spread(their).1
        );
    }
    text
}

/// The least, the median and the largest.
fn spread(values: &[f64]) -> (f64, f64, f64) {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = |at: usize| sorted.get(at).copied().unwrap_or(f64::NAN);
    (at(0), at(sorted.len() / 2), at(sorted.len().saturating_sub(1)))
}

#[cfg(test)]
mod tests {
    use super::{Times, parse, rounds, table};

    #[test]
    fn a_table_has_the_median_of_ratios() {
        let (mut ours, mut theirs) = (Times::new(), Times::new());
        for (our, their) in [
            ("one_way 8 1.0", "one_way 8 2.0"),
            ("one_way 8 2", "one_way 8 8"),
            ("one_way 8 1", "one_way 8 3"),
        ] {
            let (case, time) = parse(our).unwrap();
            ours.entry(case).or_default().push(time);
            let (case, time) = parse(their).unwrap();
            theirs.entry(case).or_default().push(time);
        }
        let text = table(&[(String::from("one_way"), 8)], &ours, &theirs);
        assert!(text.contains("1.00         3.00   3.00 [2.00, 4.00]"), "{text}");
        assert!(parse("one_way 8").is_none() && parse("Traceback:").is_none());
    }

    #[test]
    fn rounds_are_checked() {
        let words = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(rounds(&words("")).unwrap(), 5);
        assert_eq!(rounds(&words("--rounds 7")).unwrap(), 7);
        for line in ["--rounds 0", "--rounds x", "--rounds", "--fast 3"] {
            assert!(rounds(&words(line)).is_err(), "{line}");
        }
    }
}
