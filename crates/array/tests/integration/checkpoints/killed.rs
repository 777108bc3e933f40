//! Processes that are killed, and what others make of it.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::*;

/// What tells the process what to do: the folder, the stage in which it waits to be killed, and how many ranks there are.
const VARIABLES: [&str; 3] =
    ["TENFOLD_ARRAY_KILLED_IN", "TENFOLD_ARRAY_KILLED_AT", "TENFOLD_ARRAY_KILLED_RANKS"];

/// A process that computes in a folder: this program with one test, or another program that does the same.
fn process(program: &Path, folder: &Path, stage: usize, ranks: usize) -> Child {
    let mut command = Command::new(program);
    command.args(["checkpoints::killed::a_process_that_is_killed_is_gone_on_with", "--exact"]);
    let values = [folder.display().to_string(), stage.to_string(), ranks.to_string()];
    started(command.envs(VARIABLES.into_iter().zip(values)).stdout(Stdio::null()))
}

/// Starts a program that may have been written just now. Until it runs its own program, a process that another test has begun
/// meanwhile has all files open that were open then, this one to be written, too: what is so cannot be run yet.
fn started(command: &mut Command) -> Child {
    let since = Instant::now();
    loop {
        match command.spawn() {
            Err(error) if is_busy(&error) && since.elapsed() < Duration::from_secs(60) => {
                std::thread::sleep(Duration::from_millis(5));
            }
            child => return child.unwrap(),
        }
    }
}

fn is_busy(error: &std::io::Error) -> bool {
    error.kind() == std::io::ErrorKind::ExecutableFileBusy
}

/// What the process does. Each element of a stage is a byte of a file, which no signal takes back.
fn computes(folder: &Path, waits: usize, ranks: usize) {
    let calls = OpenOptions::new().append(true).create(true).open(folder.join("calls")).unwrap();
    let (calls, counted) = (Arc::new(calls), Calls::default());
    let waiting = folder.join("waits");
    let sum = move || {
        let (calls, counted, waiting) = (Arc::clone(&calls), counted.clone(), waiting.clone());
        pipeline(&numbers(), move |stage| {
            (&*calls).write_all(&[b'0' + stage as u8]).unwrap();
            if stage == waits && counted.count(stage) == 20_000 {
                File::create(&waiting).unwrap();
                std::thread::sleep(Duration::from_secs(600));
            }
        })
    };
    let settings = Settings::new().threads(1).checkpoints(folder.join("checkpoints"));
    let result = match ranks {
        1 => settings.compute(&sum()).unwrap(),
        #[cfg(feature = "ranks")]
        _ => crate::ranks::on_ranks(ranks, &settings, |ranks| ranks.compute(&sum())).remove(0),
        #[cfg(not(feature = "ranks"))]
        _ => unreachable!("there are no ranks"),
    };
    let bytes: Vec<u8> = bits(&result).into_iter().flat_map(u64::to_le_bytes).collect();
    fs::write(folder.join("result"), bytes).unwrap();
}

/// How often each stage was told since the last time.
fn calls(folder: &Path) -> [usize; STAGES] {
    let all = fs::read(folder.join("calls")).unwrap();
    fs::remove_file(folder.join("calls")).unwrap();
    std::array::from_fn(|stage| all.iter().filter(|&&byte| byte == b'0' + stage as u8).count())
}

/// Kills a process when it has come to where it waits.
fn kill(mut process: Child, folder: &Path) {
    let started = Instant::now();
    while !folder.join("waits").exists() {
        assert!(process.try_wait().unwrap().is_none(), "it has come to an end");
        assert!(started.elapsed() < Duration::from_secs(120), "it does not come to where it waits");
        std::thread::sleep(Duration::from_millis(5));
    }
    // SIGKILL: nothing of it runs any more.
    process.kill().unwrap();
    process.wait().unwrap();
    fs::remove_file(folder.join("waits")).unwrap();
}

/// The bits of the result of a process that comes to its end.
fn result(mut process: Child, folder: &Path) -> Vec<u64> {
    assert!(process.wait().unwrap().success());
    let bytes = fs::read(folder.join("result")).unwrap();
    bytes.chunks(8).map(|bytes| u64::from_le_bytes(bytes.try_into().unwrap())).collect()
}

#[test]
fn a_process_that_is_killed_is_gone_on_with() {
    if let [Some(folder), Some(waits), Some(ranks)] = VARIABLES.map(|name| std::env::var(name).ok())
    {
        return computes(Path::new(&folder), waits.parse().unwrap(), ranks.parse().unwrap());
    }
    let this = std::env::current_exe().unwrap();
    let (expected, all) = undisturbed(&numbers());
    let sizes = if cfg!(feature = "ranks") { [1, 3] } else { [1, 1] };
    for (stage, ranks) in [(1, sizes[0]), (3, sizes[0]), (2, sizes[1]), (4, sizes[1])] {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        kill(process(&this, folder, stage, ranks), folder);
        assert_eq!(calls(folder)[..stage], all[..stage], "{ranks} ranks");
        assert_eq!(result(process(&this, folder, STAGES, ranks), folder), expected);
        let again = calls(folder);
        assert_eq!(again[..stage], [0; STAGES][..stage], "stage {stage}, {ranks} ranks");
        assert_eq!(again[stage..], all[stage..], "stage {stage}, {ranks} ranks");
        assert_eq!(files(&folder.join("checkpoints")), NONE);
    }
}

#[test]
fn a_program_that_is_yet_open_to_be_written_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("sh");
    fs::copy("/bin/sh", &program).unwrap();
    let open = OpenOptions::new().append(true).open(&program).unwrap();
    let mut command = Command::new(&program);
    match command.args(["-c", "exit 7"]).spawn() {
        Err(error) => assert!(is_busy(&error), "{error}"),
        // Some kernels run what is open to be written.
        Ok(mut child) => return assert_eq!(child.wait().unwrap().code(), Some(7)),
    }
    std::thread::scope(|scope| {
        let child = scope.spawn(|| started(&mut command).wait().unwrap());
        std::thread::sleep(Duration::from_millis(50));
        drop(open);
        assert_eq!(child.join().unwrap().code(), Some(7));
    });
}

#[test]
fn another_program_makes_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let this = std::env::current_exe().unwrap();
    kill(process(&this, folder, 3, 1), folder);
    let left = files(&folder.join("checkpoints"));
    let all = undisturbed(&numbers());
    calls(folder);
    // The same code, but who knows that: its file is a byte longer.
    let other = folder.join("other");
    fs::copy(&this, &other).unwrap();
    OpenOptions::new().append(true).open(&other).unwrap().write_all(b"1").unwrap();
    assert_eq!(result(process(&other, folder, STAGES, 1), folder), all.0);
    assert_eq!(calls(folder), all.1);
    assert_eq!(files(&folder.join("checkpoints")), left);
}
