//! Jobs on this machine.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::{Said, Site, WAITS, is_here, runs, signal, until};
use crate::workspace::skip;

#[test]
fn what_a_job_prints_is_shown_and_kept() {
    let site = Site::new("[variables]\nGREETING = \"it's me\"");
    let said = site.run(&["run", "--", "bash", "-c", "echo $GREETING; echo aside >&2"]);
    said.ends(0, "job 1 is done");
    assert_eq!(said.out, "it's me\naside\n");
    assert_eq!(site.run(&["logs"]).out, said.out);
    assert_eq!(site.run(&["status", "1"]).out.split(',').next(), Some("job 1 is done"));
}

#[test]
fn ranks_are_started_by_mpirun() {
    if !is_here("mpirun") {
        return skip("ranks on this machine", "no mpirun on PATH");
    }
    let site = Site::new("");
    let said = site.run(&["run", "-n", "3", "--name", "three", "--", "echo", "rank"]);
    said.ends(0, "job 1 is done");
    said.has("rank", 3);
}

/// It is refused, in the sentence that a queue would have.
#[test]
fn what_this_machine_has_not_is_not_given() {
    let site = Site::new("");
    let echo = "echo $TENFOLD_GPU of $CUDA_VISIBLE_DEVICES";
    let run = |args: &[&str]| site.run(&[&["run"][..], args, &["--", "bash", "-c", echo]].concat());
    run(&["--mem", "1000T"]).ends(2, "--mem 1048576000M: this machine has ");
    run(&["--mem", "1M"]).ends(0, "--mem: a queue would hold the job to it");
    run(&["--gpus-per-rank", "1000"]).ends(2, "1 ranks take 1000 devices, and this machine has ");
    let said = run(&["--gpus-per-rank", "1"]);
    if said.err.contains("and this machine has 0") {
        return skip("a device for a rank on this machine", "there is none");
    }
    said.ends(0, "is done");
    assert_eq!(said.out, "0 of 0\n");
    // Of those that a queue has given to the job.
    for (given, own) in [("5,7", "5 of 5\n"), ("GPU-a,GPU-b", "0 of GPU-a\n")] {
        let mut run = site.cluster(&["run", "--gpus-per-rank", "1", "--", "bash", "-c", echo]);
        let output = run.env("CUDA_VISIBLE_DEVICES", given).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout), own);
    }
}

/// A study of a program that says how long it took.
#[test]
fn a_study_ends_in_a_report() {
    if !is_here("mpirun") {
        return skip("a study on this machine", "no mpirun on PATH");
    }
    let site = Site::new("");
    let program = "n=${OMPI_COMM_WORLD_SIZE:-${PMI_SIZE:-1}}
        [ ${OMPI_COMM_WORLD_RANK:-${PMI_RANK:-0}} = 0 ] || exit 0
        printf '{\"ranks\": %d, \"samples\": [%d.1, %d.1, %d.1]}' $n $((8 / n)) $((8 / n)) $((8 / n)) > $TENFOLD_RESULT";
    let said = site.run(&["scale", "-n", "2,1", "--name", "eighths", "--", "bash", "-c", program]);
    said.ends(0, "report.html");
    for part in ["eighths on this machine, strong scaling", "Amdahl", "worth running up to"] {
        assert!(said.out.contains(part), "no {part:?} in {}", said.out);
    }
    let page = fs::read_to_string(site.folder.join("jobs/1/report.html")).unwrap();
    assert!(page.contains("eighths on this machine"));
    let picture = fs::read_to_string(site.folder.join("jobs/1/speedup.svg")).unwrap();
    assert!(picture.starts_with("<svg ") && picture.contains("eighths on this machine"));
    // The same again, by whoever asks later, without what was shown while it ran.
    let collected = site.run(&["collect"]).out;
    assert!(!collected.is_empty() && said.out.ends_with(&collected), "{collected}\n{said:?}");
    let said = site.run(&["scale", "-n", "1,2", "--", "bash", "-c", "exit 3"]);
    said.ends(5, "ended with code 3");
    let collected = site.run(&["collect"]);
    collected.ends(5, "ended with code 3");
    collected.ends(5, "job 2 has left no times");
}

/// What the other runs took is reported, at once and later, and the failure behind it.
#[test]
fn a_run_of_a_study_may_fail() {
    if !is_here("mpirun") {
        return skip("a study of which a part fails", "no mpirun on PATH");
    }
    let site = Site::new("");
    let program = "n=${OMPI_COMM_WORLD_SIZE:-${PMI_SIZE:-1}}
        [ $n = 2 ] && exit 3
        printf '{\"ranks\": %d, \"samples\": [0.5]}' $n > $TENFOLD_RESULT";
    let said = site.run(&["scale", "-n", "1,2", "--", "bash", "-c", program]);
    for said in [&said, &site.run(&["collect"])] {
        said.ends(5, "2 ranks are left out");
        said.ends(5, "error: job 1 has failed: `bash` ended with code 3");
        assert!(said.out.contains("p = 1 alone says nothing"), "{said:?}");
    }
    assert!(said.out.contains("2 ranks ended with code 3"), "{said:?}");
}

#[test]
fn tasks_of_an_array_leave_results() {
    let site = Site::new("");
    let program = "echo \"{\\\"square\\\": $((TENFOLD_TASK * TENFOLD_TASK))}\" > $TENFOLD_RESULT";
    let said = site.run(&["run", "--array", "1-7:3", "--", "bash", "-c", program]);
    said.ends(0, "job 1 is done: 3 tasks");
    let collected = site.collected();
    let tasks = collected["tasks"].as_array().unwrap();
    let found: Vec<_> =
        tasks.iter().map(|task| (&task["task"], &task["result"]["square"])).collect();
    assert_eq!(
        format!("{found:?}"),
        "[(Number(1), Number(1)), (Number(4), Number(16)), (Number(7), Number(49))]"
    );
    site.run(&["logs", "--task", "2"]).ends(2, "--task 2: job 1 has no such");
}

#[test]
fn a_job_that_fails_says_how() {
    let site = Site::new("");
    let cases = [
        (&["run", "--", "bash", "-c", "exit 3"][..], "job 1 has failed: `bash` ended with code 3"),
        (&["run", "--", "bash", "-c", "kill -SEGV $$"], "job 2 has failed: signal 11 ended `bash`"),
        (
            &["run", "--", "bash", "-c", "kill -KILL $$"],
            "as the system does to what takes too much",
        ),
        (&["run", "--", "no-such"], "has no program `no-such`; put it where all nodes see it"),
        (&["run", "--time", "1s", "--", "sleep", "60"], "was ended by its time limit of 1s"),
        (
            &["run", "--array", "0-2", "--", "bash", "-c", "exit $((TENFOLD_TASK / 2))"],
            "job 6, task 2 has failed",
        ),
    ];
    for (args, words) in cases {
        site.run(args).ends(5, words);
    }
    let status = site.run(&["status"]).out;
    assert!(status.contains("job 6 (bash) 2 done, 1 failed"), "{status}");
    assert_eq!(site.run(&["status", "1"]).code, Some(5));
    for args in [&["status", "6", "--task", "0"][..], &["status", "--task", "0"]] {
        let told = site.run(args).out;
        assert!(told.starts_with("job 6, task 0 is done, after "), "{told}");
    }
    site.run(&["collect", "--task", "0"]).ends(2, "--task is for status and logs");
}

#[test]
fn who_waits_may_go_and_the_job_goes_on() {
    let site = Site::new("");
    let program = format!("{WAITS} rm go; echo {{}} > $TENFOLD_RESULT");
    for name in ["-INT", "-KILL"] {
        let mut run = site.cluster(&["run", "--", "bash", "-c", &program]);
        let run = run.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        site.until("runs");
        signal(name, run.id());
        let output = run.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        if name == "-INT" {
            assert_eq!(output.status.code(), Some(130), "{said}");
            assert!(said.contains("goes on: `cargo xtask cluster status 1` finds it"), "{said}");
        }
        site.let_go();
        site.until(if name == "-INT" { "job 1 (bash) done" } else { "job 2 (bash) done" });
        assert!(site.collected()["tasks"][0]["result"].is_object());
    }
}

#[test]
fn a_job_is_cancelled_with_all_it_has_started() {
    let site = Site::new("");
    site.run(&["submit", "--", "bash", "-c", "sleep 600 & echo $! > child; wait"])
        .ends(0, "job 1: ");
    site.until("runs");
    let child = || fs::read_to_string(site.folder.join("child")).unwrap_or_default();
    until("there is a child", || child().ends_with('\n'));
    let child = child().trim().to_owned();
    site.run(&["cancel"]).ends(0, "job 1 was told to end");
    site.until("cancelled");
    assert_eq!(site.run(&["status", "1"]).out, "job 1 was cancelled\n");
    // Its process is gone, or a zombie until whoever adopted it looks.
    let stat = fs::read_to_string(format!("/proc/{child}/stat")).unwrap_or_default();
    assert!(stat.is_empty() || stat.contains(") Z "), "{stat}");
    site.run(&["cancel"]).ends(0, "job 1 is over already");
}

/// It has some seconds to end, and is killed then.
#[test]
fn a_program_that_ignores_what_it_is_told_is_killed() {
    let site = Site::new("");
    let deaf =
        "trap '' TERM; sleep 600 & echo $$ $! > pids; mv pids deaf; while :; do sleep 1; done";
    let ends = |what: &str| {
        let processes = fs::read_to_string(site.folder.join("deaf")).unwrap();
        until(what, || !processes.split_whitespace().any(runs));
        fs::remove_file(site.folder.join("deaf")).unwrap();
    };
    site.run(&["submit", "--", "bash", "-c", deaf]).ends(0, "job 1: ");
    until("the program runs", || site.folder.join("deaf").is_file());
    site.run(&["cancel"]).ends(0, "told to end");
    site.until("cancelled");
    ends("a job that was cancelled is gone");
    // And by its time.
    site.run(&["run", "--time", "8s", "--", "bash", "-c", deaf]).ends(5, "its time limit of 8s");
    ends("a job that took too long is gone");
}

/// As in a queue.
#[test]
fn runs_of_a_study_share_its_time() {
    if !is_here("mpirun") {
        return skip("the time of a study's runs", "no mpirun on PATH");
    }
    let site = Site::new("");
    let said = site.run(&["scale", "-n", "1,2", "--time", "3s", "--", "sleep", "2"]);
    said.ends(5, "was ended by its time limit of 3s");
}

#[test]
fn a_job_that_is_killed_has_no_last_word() {
    let site = Site::new("");
    let program = "echo $PPID > keeper; mv keeper keeps; exec sleep 600";
    site.run(&["submit", "--", "bash", "-c", program]);
    until("the program runs", || site.folder.join("keeps").is_file());
    let keeper = fs::read_to_string(site.folder.join("keeps")).unwrap();
    let id = site.id(1);
    let process = id.split('@').next().unwrap();
    let groups = [process, keeper.trim()].map(|group| format!("-{group}"));
    let killed = Command::new("kill").args(["-KILL", "--"]).args(&groups).status();
    assert!(killed.unwrap().success());
    let said = site.until("lost");
    assert_eq!(said.out, "job 1 (bash) lost\n");
    let said = site.run(&["status", "1"]);
    assert!(said.out.contains("has ended without a word") && said.code == Some(5), "{said:?}");
}

/// Words are taken for themselves, whatever a shell would make of them.
#[test]
fn names_may_be_strange() {
    let mut site = Site::new("");
    let strange = site.folder.join("it's a 50% \"folder\" #1");
    fs::create_dir(&strange).unwrap();
    site.folder = strange;
    site.write("");
    let said = site.run(&["run", "--", "echo", "*", "$HOME", "a  b", "'", "-n", "two\nlines"]);
    said.ends(0, "is done");
    assert_eq!(said.out, "* $HOME a  b ' -n two\nlines\n");
    site.run(&["run", "--", "./a$(touch pwned)"]).ends(5, "has no program ");
    assert!(!site.folder.join("pwned").exists());
    site.folder = site.folder.parent().unwrap().to_owned();
}

/// Neither a directive nor a record can hold these.
#[test]
fn what_no_script_can_name_is_refused() {
    let mut site = Site::new("");
    let own = site.folder.clone();
    for name in ["two\nlines", "back\\slash"] {
        site.folder = own.join(name);
        fs::create_dir(&site.folder).unwrap();
        site.write("");
        let said = site.run(&["run", "--", "true"]);
        said.ends(2, "queues take no names with line breaks or backslashes");
    }
    site.folder = own.join(OsStr::from_bytes(b"\xff"));
    fs::create_dir(&site.folder).unwrap();
    let file = own.join("tenfold-site.toml");
    let args = ["run", "--site", file.to_str().unwrap(), "--", "true"];
    site.run(&args).ends(2, "\\xFF\" is no UTF-8: take another name for it");
    let mut run = site.cluster(&args[..4]);
    let output = run.arg("echo").arg(OsStr::from_bytes(b"\xff")).output().unwrap();
    Said::of(&output).ends(2, "argument is invalid unicode: \"\\xFF\"");
    site.folder = own;
    assert!(site.jobs().is_empty());
    // Where the sampler is built, it is loaded from, by a list of names.
    let mut run = site.cluster(&["run", "--profile", "--", "true"]);
    let output = run.env("CARGO_TARGET_DIR", site.folder.join("a b")).output().unwrap();
    Said::of(&output).ends(2, "has a blank or a colon, at which the loader splits");
}

/// It is told where, and kept.
#[test]
fn a_result_that_is_no_json_is_shown() {
    let site = Site::new("");
    let program = "printf '{\"a\": 1,}' > $TENFOLD_RESULT";
    site.run(&["run", "--", "bash", "-c", program]).ends(0, "is done");
    let said = site.run(&["collect"]);
    said.ends(
        0,
        "result.0.json is no JSON: trailing comma at line 1 column 9; its text is in `text`",
    );
    let collected: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(collected["tasks"][0]["text"], "{\"a\": 1,}");
    assert!(collected["tasks"][0]["result"].is_null());
}

/// What a program has written so far may be half of it.
#[test]
fn results_are_read_when_a_task_is_over() {
    let site = Site::new("");
    let program =
        format!("echo 1 > $TENFOLD_RESULT; touch there; {WAITS} echo 2 > $TENFOLD_RESULT");
    site.run(&["submit", "--", "bash", "-c", &program]).ends(0, "job 1: ");
    until("the program runs", || site.folder.join("there").is_file());
    assert!(site.collected()["tasks"][0]["result"].is_null());
    site.let_go();
    site.until("done");
    assert_eq!(site.collected()["tasks"][0]["result"], 2);
}

/// What the site loads before programs is loaded still.
#[test]
fn the_sampler_is_loaded_beside_what_the_site_loads() {
    let site = Site::new("[variables]\nLD_PRELOAD = \"libm.so.6\"");
    let said = site.run(&["run", "--profile", "--", "bash", "-c", "echo $LD_PRELOAD"]);
    said.ends(0, "is done");
    assert!(said.out.lines().any(|line| line.ends_with("preload.so:libm.so.6")), "{said:?}");
}

#[test]
fn a_dry_run_writes_nothing() {
    let site = Site::new("modules = [\"mpi/4\"]\nsetup = [\"ulimit -s unlimited\"]");
    let said =
        site.run(&["run", "--slurm", "-n", "4", "--nodes", "2", "--dry-run", "--", "./heat"]);
    said.ends(0, "");
    for part in [
        "#SBATCH --nodes=2",
        "module load mpi/4 || {",
        "srun --nodes=2 --ntasks=4",
        "sbatch --parsable ",
    ] {
        assert!(said.out.contains(part), "no {part:?} in {}", said.out);
    }
    assert!(site.jobs().is_empty());
}

#[test]
fn wrong_use_is_told_in_a_sentence() {
    let site = Site::new("");
    site.run(&["run", "-n", "0", "--", "x"]).ends(2, "-n 0: expected a number from 1");
    site.run(&["status", "7"]).ends(2, "no job 7 in ");
    site.run(&["logs"]).ends(2, "submit one first");
    site.run(&["run", "--site", "nowhere.toml", "--", "x"]).ends(2, "cannot read nowhere.toml");
    site.run(&["run", "--hostfile", "nowhere", "--", "x"])
        .ends(2, "--hostfile nowhere: cannot be read");
    site.write("partiton = \"x\"");
    site.run(&["run", "--", "x"]).ends(2, "tenfold-site.toml: line 2: unknown field `partiton`");
    site.write("scheduler = \"lsf\"");
    site.run(&["run", "--", "x"]).ends(2, "there are local, slurm and pbs");
    let folder = site.folder.join("file");
    fs::write(&folder, "").unwrap();
    fs::write(site.folder.join("tenfold-site.toml"), format!("folder = {folder:?}")).unwrap();
    site.run(&["run", "--", "true"])
        .ends(2, "give jobs another place by `folder` in the site file");
    assert!(site.jobs().is_empty());
}

/// Modules are a function of login shells, here of one that is made up.
#[test]
fn a_site_file_is_filled_from_what_is_there() {
    let site = Site::new("");
    let home = site.folder.join("home");
    fs::create_dir(&home).unwrap();
    let modules = "/opt/modules:\nopenmpi/\nopenmpi/4.1.6(default)\nhdf5-mpi/1.10\nmpich/4.0\n";
    let profile = format!("module() {{ [ \"$*\" = '-t avail' ] && printf '{modules}' >&2; }}\n");
    fs::write(home.join(".bash_profile"), profile).unwrap();
    site.stand_in("sinfo", "#!/bin/bash\necho 'short*|(null)'\necho 'gpu|gpu:2'\n");
    site.stand_in("srun", "#!/bin/bash\necho 'MPI plugin types are... none pmi2 pmix'\n");
    let site = site.with("HOME", home.to_str().unwrap());
    site.run(&["init"]).ends(2, "is there already; --force writes it anew");
    site.run(&["init", "--force"]).ends(0, "look through it");
    let text = fs::read_to_string(site.folder.join("tenfold-site.toml")).unwrap();
    for line in [
        "\nscheduler = \"slurm\"\n",
        "\npartition = \"short\"  # there are short, gpu\n",
        "\ngpu-partition = \"gpu\"\n",
        "\n# modules = [\"mpich/4.0\"]  # MPIs are openmpi/4.1.6, mpich/4.0\n",
        "\nsrun-mpi = \"pmix\"\n",
    ] {
        assert!(text.contains(line), "no {line:?} in {text}");
    }
    // It is a site file.
    let said = site.run(&["run", "--dry-run", "--", "true"]);
    said.ends(0, "");
    assert!(said.out.contains("#SBATCH --partition=short"), "{said:?}");
}

/// A job does not go on without what it needs.
#[test]
fn a_module_that_is_missing_ends_the_job() {
    let site = Site::new("modules = [\"mpi/4\"]\nsetup = [\"echo set up\"]");
    let said = site.run(&["run", "--", "true"]);
    said.ends(5, " cannot load what `modules` of the site file asks for");
    assert!(said.out.contains("module: command not found") && !said.out.contains("set up"));
}

/// On a disk of 64 KiB, which root can mount.
#[test]
fn a_full_folder_is_told_before_and_while_a_job_runs() {
    let site = Site::new("");
    let (disk, jobs) = (site.folder.join("disk"), site.folder.join("disk/jobs"));
    fs::create_dir(&disk).unwrap();
    let mount = |args: &[&str]| Command::new(args[0]).args(&args[1..]).arg(&disk).output();
    let mounted = mount(&["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs"]);
    if !mounted.is_ok_and(|output| output.status.success()) {
        return skip("a folder on a full disk", "only root can mount one");
    }
    fs::write(site.folder.join("tenfold-site.toml"), format!("folder = {jobs:?}")).unwrap();
    // The program fills the disk, and its job's last word finds room.
    let fill = format!("head -c 1M /dev/zero > {}; exit 4", disk.join("filler").display());
    let filled = site.run(&["run", "--", "bash", "-c", &fill]);
    let refused = site.run(&["run", "--", "true"]);
    let collected = site.run(&["collect"]);
    mount(&["umount"]).unwrap();
    filled.ends(5, "job 1 has failed: `bash` ended with code 4");
    refused.ends(2, "free some space there, or give jobs another place by `folder`");
    // What is known of a job is shown all the same.
    collected.ends(2, "free some space there");
    assert!(collected.out.contains("\"state\": \"failed\""), "{collected:?}");
}
