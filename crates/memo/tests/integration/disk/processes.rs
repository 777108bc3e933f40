//! Processes that share a folder and are killed at any time.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tenfold_memo::{Disk, Memo, clear, survey};

/// In a worker's environment: the folder.
const FOLDER: &str = "TENFOLD_MEMO_SOAK";

/// What the value of a key is, of 4 KiB or so.
fn value(key: u32) -> Vec<u64> {
    (0..500 + u64::from(key % 50)).map(|i| i * u64::from(key)).collect()
}

fn random(state: &mut u64) -> u64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    *state >> 33
}

/// Asks for random keys and checks what comes, until it is killed. Ends with an error at the first
/// value that is wrong. A process of its own; nothing where it is not wanted.
#[test]
fn worker() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let memo: Memo<u32, Vec<u64>> =
        Memo::builder().maxsize(0).disk(Disk::new(&folder, "soak").max_bytes(1 << 20)).build();
    let mut state = u64::from(std::process::id());
    loop {
        let key = u32::try_from(random(&mut state) % 400).unwrap();
        let got = memo.get_or_insert_with(key, || value(key));
        assert_eq!(got, value(key));
    }
}

fn start(folder: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "disk::processes::worker", "--nocapture"])
        .env(FOLDER, folder)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Kills one of the workers, and says what it had against what it read.
fn end(mut worker: Child) -> Option<String> {
    if worker.try_wait().unwrap().is_none() {
        // SIGKILL.
        worker.kill().unwrap();
        worker.wait().unwrap();
        return None;
    }
    let output = worker.wait_with_output().unwrap();
    Some(String::from_utf8_lossy(&output.stderr).into_owned())
}

/// Workers, one of which is killed and replaced every few milliseconds. Gives how many were killed.
fn soak(processes: usize, time: Duration) -> usize {
    let scratch = tempfile::tempdir().unwrap();
    let mut workers: Vec<Child> = (0..processes).map(|_| start(scratch.path())).collect();
    let (begun, mut state, mut killed, mut wrong) = (Instant::now(), 7, 0, vec![]);
    while begun.elapsed() < time && wrong.is_empty() {
        thread::sleep(Duration::from_millis(20 + random(&mut state) % 100));
        let index = usize::try_from(random(&mut state)).unwrap() % processes;
        let worker = std::mem::replace(&mut workers[index], start(scratch.path()));
        wrong.extend(end(worker));
        killed += 1;
        // Somebody clears the folder now and then; not at the end, where entries are looked for.
        if killed % 16 == 8 && begun.elapsed() < time * 3 / 4 {
            clear(scratch.path()).unwrap();
        }
    }
    wrong.extend(workers.into_iter().filter_map(end));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let found = survey(scratch.path()).unwrap();
    assert_eq!(found.bad, [""; 0].map(std::path::PathBuf::from), "no file is damaged");
    assert!(found.functions.len() == 1 && found.functions[0].entries > 10, "{found:?}");
    // What was killed in the midst of writing has left something; it goes when it is old.
    for path in &found.unfinished {
        let old = std::time::SystemTime::now() - Duration::from_secs(7200);
        std::fs::File::options().write(true).open(path).unwrap().set_modified(old).unwrap();
    }
    let last: Memo<u32, u32> = Memo::builder().disk(Disk::new(scratch.path(), "soak")).build();
    last.get_or_insert_with(1, || 1);
    assert_eq!(survey(scratch.path()).unwrap().unfinished, found.bad);
    killed
}

#[test]
fn killed_processes_leave_no_wrong_value() {
    assert!(soak(3, Duration::from_secs(2)) >= 5);
}

#[test]
#[ignore = "long: a minute of eight processes that are killed"]
fn killed_processes_leave_no_wrong_value_for_a_minute() {
    let killed = soak(8, Duration::from_secs(60));
    println!("{killed} processes were killed");
}
