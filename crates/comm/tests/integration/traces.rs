//! Traces on disk, and the program that reads them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tenfold_comm::{Analysis, CallKind, Event, Members, Place, RankLog, Trace};

/// A folder of its own for each test, which goes with it.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("comm-trace-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn comm_trace(folder: &Path, options: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_comm-trace"));
    command.current_dir(folder).args(options).output().unwrap()
}

/// Rank 0 works for 3 ms and sends; rank 1 has waited for that. Each rank's log by itself.
fn late_sender() -> [Trace; 2] {
    let log = |rank, event| RankLog {
        end_ns: 3_000_000 + 1_000_000 * rank as u64,
        events: vec![event],
        places: vec![Place { file: "late<r>.rs".into(), line: 31, column: 5 }],
        communicators: vec![Members { id: 0, ranks: vec![0, 1] }],
        ..RankLog::new(rank)
    };
    let mut send = Event::new(CallKind::Send, 3_000_000, 3_000_000);
    (send.to, send.tag, send.sent, send.sequence) = (1, 0, 8, 0);
    let mut recv = Event::new(CallKind::Recv, 0, 3_000_000);
    (recv.from, recv.want, recv.received, recv.sequence) = (0, 0, 8, 0);
    [log(0, send), log(1, recv)].map(|log| Trace { size: 2, ranks: vec![log] })
}

#[test]
fn a_folder_is_analysed() {
    let folder = Folder::new("page");
    for (rank, trace) in late_sender().iter().enumerate() {
        trace.write(folder.0.join(format!("{rank}.trace"))).unwrap();
    }
    let output = comm_trace(&folder.0, &[".", "--html", "a.html", "--json", "a.json"]);
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("2 ranks, 2 calls, 4.00ms"), "{text}");
    assert!(text.contains("late sender  recv at late<r>.rs:31"), "{text}");

    let page = fs::read_to_string(folder.0.join("a.html")).unwrap();
    assert!(
        page.contains("recv at late&lt;r&gt;.rs:31: 3 ms") && !page.contains("late<r>"),
        "{page}"
    );
    for part in ["class=\"arrow\"", "class=\"path\"", "class=\"jump\"", "serialisation efficiency"]
    {
        assert!(page.contains(part), "{part}");
    }
    let json = fs::read_to_string(folder.0.join("a.json")).unwrap();
    for part in ["\"ph\":\"X\",\"ts\":3000.000", "\"ph\":\"s\"", "\"ph\":\"f\"", "rank 1"] {
        assert!(json.contains(part), "{part} in {json}");
    }
}

/// Of 3 ms of work and 1 ms, and a wait for the first of them.
#[test]
fn a_summary_has_the_seconds_of_each_rank() {
    let folder = Folder::new("summary");
    for (rank, trace) in late_sender().iter().enumerate() {
        trace.write(folder.0.join(format!("{rank}.trace"))).unwrap();
    }
    let output = comm_trace(&folder.0, &[".", "--verdict", "--summary", "a.json"]);
    assert!(output.status.success(), "{output:?}");
    let summary = fs::read_to_string(folder.0.join("a.json")).unwrap();
    for part in [
        "\"seconds\": 0.004,",
        "\"calls\": 2,",
        "\"serialisation\": 0.75,",
        "\"mean\": {\"compute\": 0.002, \"communication\": 0, \"wait\": 0.0015}",
        "{\"rank\": 0, \"compute\": 0.003, \"communication\": 0, \"wait\": 0},",
        "{\"rank\": 1, \"compute\": 0.001, \"communication\": 0, \"wait\": 0.003}",
        "\"complete\": true",
    ] {
        assert!(summary.contains(part), "{part} in {summary}");
    }
}

#[test]
fn several_worlds_are_several_runs() {
    let folder = Folder::new("worlds");
    for (at, trace) in late_sender().into_iter().chain(late_sender()).enumerate() {
        trace.write(folder.0.join(format!("{at}.trace"))).unwrap();
    }
    let output =
        comm_trace(&folder.0, &[".", "--verdict", "--html", "a.html", "--summary", "a.json"]);
    assert_eq!(String::from_utf8(output.stdout).unwrap().lines().count(), 2);
    assert!(folder.0.join("a.html").exists() && folder.0.join("a-2.html").exists());
    assert!(folder.0.join("a.json").exists() && folder.0.join("a-2.json").exists());
}

#[test]
fn what_is_no_trace_is_told() {
    let folder = Folder::new("wrong");
    let fails = |options: &[&str], code: i32, expected: &str| {
        let output = comm_trace(&folder.0, options);
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{text}");
        assert!(text.starts_with(expected), "{text}");
    };
    fails(&["."], 1, ". has no file *.trace");
    fails(&["nowhere"], 1, "cannot read nowhere: ");
    fails(&[], 2, "say which folder");
    fails(&[".", "--pdf"], 2, "there is no option --pdf");
    fails(&[".", "."], 2, "one folder, and not . too");
    fails(&[".", "--html"], 2, "--html needs a file");
    fails(&[".", "--summary"], 2, "--summary needs a file");
    fs::write(folder.0.join("a.trace"), "PNG").unwrap();
    fails(&["."], 1, "./a.trace: ");
}

#[test]
fn a_page_of_another_trace_lacks_what_that_has_not() {
    let trace = Trace::joined(late_sender());
    let page = Analysis::of(&trace).to_page(&Trace::default(), "another");
    assert!(page.contains("another"));
}
