//! Jobs of a real Slurm.

use std::fs::{self, File};
use std::process::Stdio;
use std::thread::sleep;
use std::time::Duration;

use serde_json::Value;

use super::slurm::Slurm;
use super::{BUSY, WAITS, is_here, signal, tell, until};
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
    let log = site.folder.join("said");
    let mut run = run.stdout(Stdio::null()).stderr(File::create(&log).unwrap()).spawn().unwrap();
    let said = || fs::read_to_string(&log).unwrap();
    until("it has asked the queue", || said().contains("maybe for ever: "));
    signal("-INT", run.id());
    let status = run.wait().unwrap();
    assert_eq!(status.code(), Some(130), "{}", said());
    assert!(said().contains("goes on"), "{}", said());
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
    let id = site.id(1);
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
    let program = format!("{WAITS} echo 7 > $TENFOLD_RESULT");
    let mut run = site.cluster(&["run", "--", "bash", "-c", &program]);
    let mut run = run.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    site.until("runs");
    run.kill().unwrap();
    run.wait().unwrap();
    site.let_go();
    site.until("done");
    assert_eq!(site.collected()["tasks"][0]["result"], 7);
}

/// Slurm takes the job, and what sbatch says is lost, or nobody is left to hear it.
#[test]
fn a_job_that_nobody_has_answered_for_is_found() {
    let Some(slurm) = Slurm::shared() else { return };
    let site = slurm.site("");
    let take = "#!/bin/bash\nPATH=${PATH#*:} /usr/bin/env sbatch \"$@\" > /dev/null\n";
    let lost = "echo 'sbatch: error: Zero Bytes were transmitted or received' >&2\nexit 1\n";
    site.stand_in("sbatch", &format!("{take}{lost}"));
    let program = format!("{WAITS} rm go; echo $TENFOLD_TASK > $TENFOLD_RESULT");
    let program = ["--array", "1-2", "--", "bash", "-c", &program];
    let said = site.run(&[&["submit"][..], &program].concat());
    said.ends(0, "job 1: Slurm has not said whether it took the job");
    site.until("job 1 (bash) 2 runs");
    assert!(site.id(1).parse::<u32>().is_ok());
    site.let_go();
    until("a task has taken the file", || !site.folder.join("go").exists());
    site.let_go();
    site.until("job 1 (bash) 2 done");
    assert_eq!(site.collected()["tasks"][1]["result"], 2);

    site.stand_in("sbatch", &format!("{take}kill -KILL $PPID\n"));
    assert_ne!(site.run(&["run", "--", "sleep", "600"]).code, Some(0));
    site.until("job 2 (sleep) runs");
    site.run(&["cancel"]).ends(0, "job 2 was told to end");
    site.until("job 2 (sleep) cancelled");

    // It has never come to the queue; which is sure after a while alone.
    site.stand_in("sbatch", &format!("#!/bin/bash\n{lost}"));
    site.run(&["submit", "--", "true"]).ends(0, "job 3: Slurm has not said");
    let status = site.run(&["status", "3"]);
    assert_eq!(status.out, "job 3 is not known: Slurm shows no job of its script yet\n");
    site.run(&["cancel"])
        .ends(1, "Slurm cannot be told to end job 3: it shows no job of its script");
    let path = site.folder.join("jobs/3/job.json");
    let mut record: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    record["submitted"] = 1.into();
    fs::write(&path, record.to_string()).unwrap();
    let status = site.run(&["status", "3"]);
    assert_eq!(status.out, "job 3 was never taken by the queue; submit it again\n");
    assert_eq!(status.code, Some(5));
}

/// It asks a queue for the ranks of its largest run, and runs them one after another.
#[test]
fn a_study_runs_in_one_job() {
    let Some(slurm) = Slurm::shared() else { return };
    let site = slurm.site("");
    let program = "[ $SLURM_PROCID = 0 ] || exit 0
        n=$SLURM_STEP_NUM_TASKS
        printf '{\"ranks\": %d, \"samples\": [%d.1, %d.1, %d.1]}' $n $((8 / n)) $((8 / n)) $((8 / n)) > $TENFOLD_RESULT";
    let said = site.run(&["scale", "-n", "1,2", "--name", "eighths", "--", "bash", "-c", program]);
    said.ends(0, "report.html");
    assert!(said.out.contains("eighths on Slurm, strong scaling"), "{}", said.out);
    assert!(said.out.contains("worth running up to"), "{}", said.out);
}

#[test]
fn folders_may_have_strange_names() {
    let Some(slurm) = Slurm::shared() else { return };
    let mut site = slurm.site("");
    let own = site.folder.clone();
    for name in ["it's a 50%u \"folder\" #1", "-n", "b|c;d: é"] {
        site.folder = own.join(name);
        fs::create_dir(&site.folder).unwrap();
        site.write("scheduler = \"slurm\"");
        let said = site.run(&["run", "--array", "0-1", "--", "echo", "$HOME"]);
        said.ends(0, "2 tasks");
        assert_eq!(site.run(&["logs", "--task", "1"]).out, "$HOME\n");
        let profiled = site.run(&["run", "--profile", "--", "bash", "-c", BUSY]);
        profiled.ends(0, "profile: ");
    }
    site.folder = own;
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

/// A minute is the least that Slurm counts, and it looks only twice in it. What ended before is forgotten meanwhile, and
/// there are no accounts.
#[test]
fn a_job_that_takes_too_long_is_told_from_one_that_fails() {
    let Some(slurm) = Slurm::shared() else { return };
    let site = slurm.site("");
    site.run(&["submit", "--", "bash", "-c", "kill -SEGV $$"]).ends(0, "job 1: ");
    let said = site.run(&["run", "--time", "1m", "--", "sleep", "600"]);
    said.ends(5, "was ended by its time limit of 1m; ask for more by --time");
    until("Slurm has forgotten both jobs", || {
        [1, 2].iter().all(|&job| slurm.has_forgotten(&site.id(job)))
    });
    let status = site.run(&["status", "1"]);
    assert_eq!(
        (status.out.as_str(), status.code),
        ("job 1 has failed: signal 11 ended `bash`\n", Some(5))
    );
    // And what it has said of the second is on record.
    let status = site.run(&["status", "2"]);
    assert!(status.out.contains("was ended by its time limit"), "{status:?}");
}

#[test]
fn a_controller_that_is_gone_for_ten_seconds_loses_nothing() {
    let Some(slurm) = Slurm::start() else { return };
    let site = slurm.site("");
    let program = format!("touch begun; {WAITS} echo well");
    let mut run = site.cluster(&["run", "--", "bash", "-c", &program]);
    let run = run.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A job runs before its program does, which its srun must ask the controller for.
    until("the program runs", || site.folder.join("begun").is_file());
    slurm.kill(slurm.first_controller());
    site.let_go();
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
