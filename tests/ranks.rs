//! Two crates that tell how evenly ranks work, of one run: the rank merge of tenfold-profile, by scopes, and the analysis of
//! tenfold-comm, by calls.

use std::path::PathBuf;
use std::thread;
use std::time::Duration;
use std::{env, fs, process};

use serde_json::{Value, json};
use tenfold_comm::{Analysis, Communicator, Error, ThreadComm, Tracing, World};
use tenfold_profile::{Report, Session, scope};

/// Rank 0 works 5 ms a step, rank 1 twice as long, and so on.
fn program(world: &ThreadComm) -> Result<(), Error> {
    for _ in 0..8 {
        let work = Duration::from_millis(5 * (1 + world.rank() as u64));
        scope!("work", thread::sleep(work));
        scope!("talk", world.barrier())?;
    }
    Ok(())
}

/// A report of a process is of all its threads; ranks that are threads are a file each.
fn split(report: &Report) -> Vec<PathBuf> {
    let document: Value = serde_json::from_str(&report.to_json()).unwrap();
    let threads = document["threads"].as_array().unwrap().iter();
    let ranks = threads.filter_map(|thread| {
        let rank: u64 = thread["name"].as_str()?.strip_prefix("rank ")?.parse().ok()?;
        let mut part = document.clone();
        part["rank"] = json!(rank);
        part["threads"] = json!([thread]);
        let file = env::temp_dir().join(format!("tenfold-rank-{}-{rank}.json", process::id()));
        fs::write(&file, part.to_string()).unwrap();
        Some(file)
    });
    ranks.collect()
}

#[test]
fn profile_and_comm_show_the_same_load_balance() {
    let session = Session::start().unwrap();
    let (result, traced) = World::threads(4).traced(Tracing::new().quiet()).run(program);
    let report = session.finish();
    result.unwrap();

    let files = split(&report);
    let ranks = Report::merge(&files).unwrap().communication(|name| name == "talk");
    files.iter().for_each(|file| fs::remove_file(file).unwrap());
    let by_scopes = ranks.load_balance().unwrap();
    let by_calls = Analysis::of(&traced.trace).efficiency().load_balance;
    assert!((by_scopes - by_calls).abs() < 0.02, "{by_scopes} by scopes, {by_calls} by calls");
    // By hand it is (5 + 10 + 15 + 20) / 4 / 20; a machine that is busy may add to any of them.
    assert!((0.5..0.9).contains(&by_calls), "{by_calls}");
}
