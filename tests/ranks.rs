//! Two crates that tell how evenly ranks work, of one run: the rank merge of tenfold-profile, by scopes, and the analysis of
//! tenfold-comm, by calls.

use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};
use std::{env, fs, process};

use serde_json::{Value, json};
use tenfold_comm::{Analysis, Communicator, Error, ThreadComm, Tracing, World};
use tenfold_profile::{Report, Session, scope};

/// Rank 0 works 5 ms a step, rank 1 twice as long, and so on. Gives how long that took.
fn program(world: &ThreadComm) -> Result<Duration, Error> {
    let mut worked = Duration::ZERO;
    for _ in 0..8 {
        let (work, begun) = (Duration::from_millis(5 * (1 + world.rank() as u64)), Instant::now());
        scope!("work", thread::sleep(work));
        worked += begun.elapsed();
        scope!("talk", world.barrier())?;
    }
    Ok(worked)
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

/// The load balance of a run: by scopes, by calls, and by what the ranks have measured themselves.
fn load_balances() -> [f64; 3] {
    let session = Session::start().unwrap();
    let (result, traced) = World::threads(4).traced(Tracing::new().quiet()).run(program);
    let report = session.finish();
    let worked: Vec<f64> = result.unwrap().iter().map(Duration::as_secs_f64).collect();

    let files = split(&report);
    let ranks = Report::merge(&files).unwrap().communication(|name| name == "talk");
    files.iter().for_each(|file| fs::remove_file(file).unwrap());
    let by_calls = Analysis::of(&traced.trace).efficiency().load_balance;
    let by_hand = worked.iter().sum::<f64>() / 4.0 / worked.iter().fold(0.0, |a, &b| b.max(a));
    [ranks.load_balance().unwrap(), by_calls, by_hand]
}

/// About (5 + 10 + 15 + 20) / 4 / 20. A machine that is busy may disturb a run between two looks at the clock.
#[test]
fn profile_and_comm_show_the_same_load_balance() {
    let all: Vec<[f64; 3]> = (0..10).map(|_| load_balances()).collect();
    let agree = |[by_scopes, by_calls, by_hand]: [f64; 3]| {
        (by_scopes - by_calls).abs() < 0.02 && (by_calls - by_hand).abs() < 0.02
    };
    assert!(all.iter().any(|&balances| agree(balances)), "{all:?}");
    assert!(all.iter().any(|[_, by_calls, _]| (0.5..0.9).contains(by_calls)), "{all:?}");
}
