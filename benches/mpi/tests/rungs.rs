//! The rungs `mpi` and `array+mpi` on real processes.

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tenfold_benches::ladder::job::{Job, mpirun};
use tenfold_benches::ladder::{heat, matmul, pi};
use tenfold_benches::{Size, Workload};

const PROGRAM: &str = env!("CARGO_BIN_EXE_ladder-mpi");

/// One job at a time: of a folder that all share Open MPI 4.1.4 takes away what is empty when a job ends, also while another
/// begins there, which fails then.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

#[test]
fn processes_give_the_bits_of_threads() {
    let _alone = alone();
    for ranks in 1..=3 {
        let mut job = Job::start(Path::new(PROGRAM), ranks).unwrap();
        for _ in 0..3 {
            for plate in heat::Heat::problems(Size::S) {
                let field = heat::on_job(&mut job, ranks, &plate).unwrap();
                assert_eq!(field, heat::Heat::RUNGS[1].run.unwrap()(&plate), "`tuned`");
            }
            for points in pi::Pi::problems(Size::S) {
                let count = pi::on_job(&mut job, &points).unwrap();
                assert_eq!(count, pi::Pi::RUNGS[1].run.unwrap()(&points));
            }
        }
    }
}

/// What a rung of a workload makes of a problem.
fn rung<W: Workload>(name: &str, problem: &W::Input) -> W::Output {
    let rung = W::RUNGS.iter().find(|rung| rung.name == name).expect("a rung of that name");
    rung.run.expect("it is built")(problem)
}

#[test]
fn arrays_on_processes_have_the_bits_of_threads() {
    let _alone = alone();
    for ranks in 1..=3 {
        let mut job = Job::start(Path::new(PROGRAM), ranks).unwrap();
        for _ in 0..3 {
            for plate in heat::Heat::problems(Size::S) {
                let field = heat::arrays_on_job(&mut job, &plate).unwrap();
                assert_eq!(field, rung::<heat::Heat>("array+ranks", &plate));
            }
            for points in pi::Pi::problems(Size::S) {
                let count = pi::arrays_on_job(&mut job, &points).unwrap();
                assert_eq!(count, rung::<pi::Pi>("array+ranks", &points));
            }
            for factors in matmul::Matmul::problems(Size::S) {
                let product = matmul::arrays_on_job(&mut job, &factors).unwrap();
                assert_eq!(product, rung::<matmul::Matmul>("array+ranks", &factors));
            }
        }
    }
}

#[test]
fn a_program_that_is_none_is_told() {
    let _alone = alone();
    let error = Job::start(Path::new("no/such/program"), 1).unwrap_err().to_string();
    assert!(error.contains("has ended"), "{error}");
}

#[test]
fn it_says_who_starts_it() {
    let output = Command::new(PROGRAM).stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("ADDRESS is missing"), "{said}");
}

/// `ladder-mpi time` on so many ranks, which are to write into a file.
fn time(ranks: usize, args: &str, file: &str) -> Output {
    let _alone = alone();
    let mut command = mpirun(ranks);
    command.arg(PROGRAM).arg("time").args(args.split_whitespace()).stdin(Stdio::null());
    command.env("TENFOLD_RESULT", file).output().expect("mpirun starts")
}

#[test]
fn ranks_time_themselves() {
    let folder = std::env::temp_dir().join(format!("ladder-mpi-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("heat.json");
    let output = time(2, "heat --size s --weak --samples 2", file.to_str().unwrap());
    assert!(output.status.success() && output.stdout.is_empty(), "{output:?}");
    let result = std::fs::read_to_string(&file).unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    let start =
        r#"{"workload":"heat","size":"s","ranks":2,"threads_per_rank":1,"weak":true,"samples":["#;
    assert!(result.starts_with(start) && result.contains(r#""right":true"#), "{result}");

    let output = time(3, "pi --size s --samples 1 --threads 2 --no-check", "");
    let result = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && result.contains(r#""right":null"#), "{result}");
}

#[test]
fn what_is_wrong_with_a_timing_is_one_sentence() {
    for (args, file, sentence) in [
        ("julia", "", "julia is not timed on ranks: heat and pi are\n"),
        ("pi --samples 0", "", "--samples 0: expected a number from 1 to 1000000\n"),
        (
            "pi",
            "/no/such/a.json",
            "TENFOLD_RESULT is /no/such/a.json, which is no file in a folder that is there\n",
        ),
    ] {
        let output = time(2, args, file);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert_eq!(said.matches(sentence).count(), 1, "{said}");
    }
}
