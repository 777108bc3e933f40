//! Jobs of a real Slurm.

use std::fs;
use std::process::Stdio;
use std::thread::sleep;
use std::time::Duration;

use super::slurm::Slurm;
use super::{is_here, signal, tell};
use crate::workspace::skip;

#[test]
fn ranks_run_on_nodes() {
    let Some(slurm) = Slurm::shared() else { return };
    let site = slurm.site("");
    let program = ["--", "bash", "-c", "echo $SLURMD_NODENAME $OMP_NUM_THREADS"];
    let size = ["run", "-n", "2", "--nodes", "2", "--threads-per-rank", "2", "--time", "5m"];
    let said = site.run(&[&size[..], &program].concat());
    said.ends(0, " of Slurm");
    let mut lines: Vec<&str> = said.out.lines().collect();
    lines.sort_unstable();
    assert_eq!(lines.len(), 2, "{said:?}");
    assert!(
        lines[0] != lines[1]
            && lines.iter().all(|line| line.starts_with('n') && line.ends_with(" 2"))
    );
}

#[test]
fn each_rank_has_a_device_of_its_own() {
    let Some(slurm) = Slurm::shared() else { return };
    let site = slurm.site("gpu-partition = \"main\"");
    let program = "echo $TENFOLD_GPU and $CUDA_VISIBLE_DEVICES of $SLURM_JOB_GPUS";
    let size = ["run", "-n", "2", "--nodes", "1", "--gpus-per-rank", "1", "--"];
    let said = site.run(&[&size[..], &["bash", "-c", program]].concat());
    said.ends(0, "is done");
    let mut lines: Vec<&str> = said.out.lines().collect();
    lines.sort_unstable();
    assert_eq!(lines, ["0 and 0 of 0,1", "1 and 1 of 0,1"]);
    let args = ["run", "-n", "2", "--nodes", "1", "--gpus-per-rank", "2", "--", "true"];
    site.run(&args).ends(2, "ask for less by -n, --nodes, --threads-per-rank or --gpus-per-rank");
}

#[test]
fn ranks_of_an_mpi_find_each_other_over_nodes() {
    let Some(slurm) = Slurm::shared() else { return };
    if !is_here("mpicc.mpich") {
        return skip("MPI over the nodes of Slurm", "no mpicc.mpich on PATH");
    }
    let site = slurm.site("");
    let source = "#include <mpi.h>
#include <stdio.h>
int main(void) {
    int rank, size, sum;
    MPI_Init(0, 0);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    MPI_Reduce(&rank, &sum, 1, MPI_INT, MPI_SUM, 0, MPI_COMM_WORLD);
    if (rank == 0) printf(\"%d ranks, sum %d\\n\", size, sum);
    return MPI_Finalize();
}
";
    site.compile("sum", source);
    let said = site.run(&["run", "-n", "4", "--nodes", "2", "--", "./sum"]);
    said.ends(0, "is done");
    assert_eq!(said.out, "4 ranks, sum 6\n");
}

#[test]
fn tasks_of_an_array_leave_results() {
    let Some(slurm) = Slurm::shared() else { return };
    let site = slurm.site("");
    let program = "echo $SLURM_ARRAY_TASK_ID; echo $TENFOLD_TASK > $TENFOLD_RESULT";
    let said = site.run(&["run", "--array", "0-15", "--", "bash", "-c", program]);
    said.ends(0, "16 tasks");
    // How long it took is in there.
    tell(&said.err);
    let collected = site.collected();
    for (number, task) in collected["tasks"].as_array().unwrap().iter().enumerate() {
        assert_eq!(
            (task["result"].as_u64(), task["state"].as_str()),
            (Some(number as u64), Some("done"))
        );
    }
    assert_eq!(site.run(&["logs", "--task", "11"]).out, "11\n");
}

#[test]
fn what_fails_says_how() {
    let Some(slurm) = Slurm::shared() else { return };
    let site = slurm.site("");
    site.run(&["run", "--", "bash", "-c", "echo last words; exit 3"])
        .ends(5, "`bash` ended with code 3");
    site.run(&["run", "--", "./nowhere"]).ends(5, "has no program ");
    site.run(&["run", "--mem", "100G", "--", "true"]).ends(2, "ask for less than --mem 102400M");
    site.write("scheduler = \"slurm\"\npartition = \"nope\"");
    let said = site.run(&["run", "--", "true"]);
    said.ends(2, "set `partition` in the site file to one of main");
    // Of what was refused there is no record.
    assert_eq!(site.jobs().len(), 2);
}

#[test]
fn what_waits_for_ever_says_so_and_is_cancelled() {
    let Some(slurm) = Slurm::shared() else { return };
    let site = slurm.site("");
    let mut run = site.cluster(&["run", "-n", "9", "--nodes", "9", "--", "true"]);
    let run = run.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    site.until("waits");
    // Until it has asked the queue itself.
    sleep(Duration::from_secs(3));
    signal("-INT", run.id());
    let output = run.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(130), "{said}");
    assert!(said.contains("maybe for ever: ") && said.contains("goes on"), "{said}");
    site.run(&["cancel"]).ends(0, "told to end");
    site.until("cancelled");
}

#[test]
fn a_job_that_runs_is_cancelled() {
    let Some(slurm) = Slurm::shared() else { return };
    let site = slurm.site("");
    site.run(&["submit", "--", "sleep", "600"]).ends(0, "job 1: ");
    site.until("runs");
    site.run(&["cancel", "1"]).ends(0, "told to end");
    site.until("cancelled");
    assert_eq!(site.run(&["status", "1"]).code, Some(5));
}

/// Slurm ends it by a signal, and starts it again two minutes later, or when it is told to.
#[test]
fn a_job_that_is_put_back_has_not_failed() {
    let Some(slurm) = Slurm::shared() else { return };
    let site = slurm.site("directives = [\"--requeue\"]");
    let program =
        "[ \"${SLURM_RESTART_COUNT:-0}\" = 1 ] || exec sleep 600; echo again > $TENFOLD_RESULT";
    let program = program.replace("again", "\\\"again\\\"");
    let mut run = site.cluster(&["run", "--", "bash", "-c", &program]);
    let run = run.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    site.until("runs");
    let id = site.id();
    slurm.control(&["requeue", &id]);
    site.until("waits");
    let status = site.run(&["status", "1"]);
    assert!(status.out.contains("it was put back into the queue"), "{status:?}");
    assert_eq!(status.code, Some(0));
    slurm.control(&["update", &format!("jobid={id}"), "starttime=now"]);
    let output = run.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert_eq!(site.collected()["tasks"][0]["result"], "again");
}

#[test]
fn who_waits_is_killed_and_nothing_is_lost() {
    let Some(slurm) = Slurm::shared() else { return };
    let site = slurm.site("");
    let program = "sleep 3; echo 7 > $TENFOLD_RESULT";
    let mut run = site.cluster(&["run", "--", "bash", "-c", program]);
    let mut run = run.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    site.until("runs");
    run.kill().unwrap();
    run.wait().unwrap();
    site.until("done");
    assert_eq!(site.collected()["tasks"][0]["result"], 7);
}

#[test]
fn folders_may_have_strange_names() {
    let Some(slurm) = Slurm::shared() else { return };
    let mut site = slurm.site("");
    let strange = site.folder.join("it's a 50%u \"folder\" #1");
    fs::create_dir(&strange).unwrap();
    site.folder = strange;
    site.write("scheduler = \"slurm\"");
    let said = site.run(&["run", "--array", "0-1", "--", "echo", "$HOME"]);
    said.ends(0, "2 tasks");
    assert_eq!(site.run(&["logs", "--task", "1"]).out, "$HOME\n");
    site.folder = site.folder.parent().unwrap().to_owned();
}

/// `cargo test -p tenfold-tests -- --ignored a_study_of_heat` shows how long it took, behind the build.
#[test]
#[ignore = "long: builds the ladder for MPICH, optimised"]
fn a_study_of_heat_ends_in_a_report() {
    let Some(slurm) = Slurm::shared() else { return };
    let site = slurm.site("");
    let size = ["scale", "--mpi", "mpich", "-n", "1,2,4", "heat", "--size", "l", "--samples", "9"];
    let said = site.run(&size);
    said.ends(0, "report.html");
    assert!(said.out.contains("heat on Slurm, strong scaling"), "{}", said.out);
    tell(&format!("{}{}", said.out, said.err));
}

/// A minute is the least that Slurm counts, and it looks only twice in it.
#[test]
fn a_job_that_takes_too_long_is_told_from_one_that_fails() {
    let Some(slurm) = Slurm::shared() else { return };
    let site = slurm.site("");
    let said = site.run(&["run", "--time", "1m", "--", "sleep", "600"]);
    said.ends(5, "was ended by its time limit of 1m; ask for more by --time");
}

#[test]
fn a_controller_that_is_gone_for_ten_seconds_loses_nothing() {
    let Some(slurm) = Slurm::start() else { return };
    let site = slurm.site("");
    let mut run = site.cluster(&["run", "--", "bash", "-c", "sleep 6; echo well"]);
    let run = run.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    site.until("runs");
    slurm.kill(slurm.first_controller());
    sleep(Duration::from_secs(10));
    let status = site.run(&["status"]).out;
    slurm.controller();
    let output = run.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "well\n");
    // It ended meanwhile, and said so; nobody had to answer for it.
    assert!(status.contains("done"), "{status}");
}
