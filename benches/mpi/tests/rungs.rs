//! The rungs `mpi` on real processes.

use std::path::Path;
use std::process::{Command, Stdio};

use tenfold_benches::ladder::{heat, job::Job, pi};
use tenfold_benches::{Size, Workload as _};

const PROGRAM: &str = env!("CARGO_BIN_EXE_ladder-mpi");

#[test]
fn processes_give_the_bits_of_threads() {
    for ranks in 1..=3 {
        let mut job = Job::start(Path::new(PROGRAM), ranks).unwrap();
        for _ in 0..3 {
            for plate in heat::Heat::problems(Size::S) {
                let field = heat::on_job(&mut job, ranks, &plate).unwrap();
                assert_eq!(field, heat::Heat::RUNGS[1].run.unwrap()(&plate), "`tuned`");
            }
            for points in pi::Pi::problems(Size::S) {
                let count = pi::on_job(&mut job, ranks, &points).unwrap();
                assert_eq!(count, pi::Pi::RUNGS[1].run.unwrap()(&points));
            }
        }
    }
}

#[test]
fn a_program_that_is_none_is_told() {
    let error = Job::start(Path::new("no/such/program"), 1).unwrap_err().to_string();
    assert!(error.contains("has ended"), "{error}");
}

#[test]
fn it_says_who_starts_it() {
    let output = Command::new(PROGRAM).stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("ADDRESS is missing"), "{said}");
}
