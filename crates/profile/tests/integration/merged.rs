//! Ranks whose figures were written by hand, merged.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tenfold_profile::{Report, Session, Spread};

use crate::record_with;

/// A folder of its own for a test.
fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("merged").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// A report without scopes, of 125 ms.
fn empty(rank: u64) -> Value {
    let report = record_with(Session::builder().rank(rank).program("planted"), || ());
    let mut document: Value = serde_json::from_str(&report.to_json()).unwrap();
    document["wall_ns"] = json!(125e6);
    document["run_delay_ns"] = json!(null);
    document["threads"] = json!([]);
    document
}

/// A report of samples, 1000 a second: so many of each stack, whose functions are apart by ` > `.
fn sampled(rank: u64, stacks: &[(&str, u64)]) -> Value {
    let mut frames: Vec<&str> = vec![];
    let mut list = vec![];
    for (stack, weight) in stacks {
        let number = |name| match frames.iter().position(|known| *known == name) {
            Some(at) => at,
            None => {
                frames.push(name);
                frames.len() - 1
            }
        };
        let numbers: Vec<usize> = stack.split(" > ").map(number).collect();
        list.push(json!({"frames": numbers, "waits": false, "weight": weight}));
    }
    let taken: u64 = stacks.iter().map(|(_, weight)| weight).sum();
    let frames: Vec<Value> =
        frames.iter().map(|name| json!({"name": name, "file": "src/main.rs"})).collect();
    let mut document = empty(rank);
    document["samples"] = json!({
        "hz": 1000, "expected": taken, "taken": taken, "merged": 0, "lost": 0, "cut": 0,
        "seen_threads": 1, "unwatched_threads": 0, "frames": frames,
        "threads": [{"name": "main", "stacks": list}],
    });
    document
}

/// A report of scopes: name, line, the path above, and how long it took altogether.
fn scoped(rank: u64, paths: &[(&str, u32, Option<usize>, f64)]) -> Value {
    let function = |(name, line, ..): &(&str, u32, _, _)| json!({"name": name, "file": "src/main.rs", "line": line, "kind": "scope", "sample": 1});
    let path = |(at, (_, _, parent, ns)): (usize, &(_, _, Option<usize>, f64))| {
        json!({
            "parent": parent, "function": at, "outer": null, "calls": 1, "primitive_calls": 1,
            "timed": 1, "open": 0, "elapsed_ns": ns, "nested_ns": 0.0, "min_ns": ns, "max_ns": ns,
            "bytes": 0, "blocks": 0,
        })
    };
    let mut document = empty(rank);
    document["functions"] = paths.iter().map(function).collect();
    document["threads"] = json!([{
        "name": "main", "span_ns": 125e6, "cost_ns": 0.0,
        "lost": {"deep": 0, "paths": 0, "crossed": 0, "backwards": 0},
        "paths": paths.iter().enumerate().map(path).collect::<Vec<_>>(),
    }]);
    document
}

fn write(folder: &Path, reports: &[Value]) -> Vec<PathBuf> {
    let file = |(at, report): (usize, &Value)| {
        let file = folder.join(format!("{at}.json"));
        fs::write(&file, report.to_string()).unwrap();
        file
    };
    reports.iter().enumerate().map(file).collect()
}

/// Rank 0 waits 40 ms in MPI for rank 1, which has something else to do too.
fn two_ranks() -> [Value; 2] {
    [
        sampled(0, &[("main > solve", 60), ("main > MPI_Wait > poll", 40)]),
        sampled(1, &[("main > solve", 90), ("main > extra", 10)]),
    ]
}

fn milliseconds(spread: &Spread) -> (f64, f64, f64, u64) {
    (spread.min_ns / 1e6, spread.mean_ns / 1e6, spread.max_ns / 1e6, spread.max_rank)
}

#[test]
fn samples_of_ranks_are_one_tree() {
    let ranks = Report::merge(write(&folder("tree"), &two_ranks())).unwrap();
    let paths: Vec<_> = ranks
        .paths()
        .iter()
        .map(|p| (p.path.join(" > "), milliseconds(&p.self_ns), milliseconds(&p.total_ns)))
        .collect();
    let path = |name: &str, own, all| (name.to_owned(), own, all);
    let nothing = (0.0, 0.0, 0.0, 0);
    let (solve, wait, extra) = ((60.0, 75.0, 90.0, 1), (0.0, 20.0, 40.0, 0), (0.0, 5.0, 10.0, 1));
    assert_eq!(
        paths,
        [
            path("main", nothing, (100.0, 100.0, 100.0, 0)),
            path("main > solve", solve, solve),
            path("main > MPI_Wait", nothing, wait),
            path("main > MPI_Wait > poll", wait, wait),
            path("main > extra", extra, extra),
        ]
    );
}

#[test]
fn functions_are_spread_over_ranks() {
    let ranks = Report::merge(write(&folder("functions"), &two_ranks())).unwrap();
    let functions = ranks.functions();
    let names: Vec<&str> = functions.iter().map(|function| function.name.as_str()).collect();
    assert_eq!(names, ["solve", "poll", "extra", "main", "MPI_Wait"]);
    assert_eq!(milliseconds(&functions[0].self_ns), (60.0, 75.0, 90.0, 1));
    assert!((functions[0].self_ns.imbalance() - 0.2).abs() < 1e-9);
    // (sqrt(2 ln 2) + 1) * sqrt(75) = 18.9 samples over the mean come by chance; 15 were, and of
    // `poll` 20 where 9.7 do.
    assert!(functions[0].self_ns.is_chance && !functions[1].self_ns.is_chance);
    assert_eq!(milliseconds(&functions[3].total_ns), (100.0, 100.0, 100.0, 0));
}

#[test]
fn calls_of_mpi_are_communication_with_what_they_call() {
    let ranks = Report::merge(write(&folder("mpi"), &two_ranks())).unwrap();
    assert_eq!((ranks.total_ns(), ranks.useful_ns()), (vec![100e6, 100e6], vec![60e6, 100e6]));
    let close = |known: Option<f64>, expected: f64| (known.unwrap() - expected).abs() < 1e-9;
    assert!(close(ranks.load_balance(), 0.8), "{ranks}");
    assert!(close(ranks.communication_efficiency(), 100.0 / 125.0), "{ranks}");
    assert!(close(ranks.parallel_efficiency(), 0.64), "{ranks}");
    let named = ranks.clone().communication(|name| name == "extra");
    assert_eq!(named.useful_ns(), [100e6, 90e6]);
    // Without calls of MPI nobody knows what waits.
    let silent = [sampled(0, &[("main", 100)]), sampled(1, &[("main", 100)])];
    let silent = Report::merge(write(&folder("no-mpi"), &silent)).unwrap();
    assert_eq!(silent.load_balance(), None);
}

#[test]
fn one_text_says_it_all() {
    let ranks = Report::merge(write(&folder("text"), &two_ranks())).unwrap();
    let text = ranks.to_string();
    let expected = "\
2 ranks: load balance 80.0 %, communication efficiency 80.0 %, parallel efficiency 64.0 %
rank 1 has most time outside of communication: 100 ms, where the mean is 80.0 ms and the least 60.0 ms

time of ranks, on all their threads
rank  session  recorded  outside of communication    share  program
   0   125 ms    100 ms                   60.0 ms   60.0 %  planted
   1   125 ms    100 ms                    100 ms  100.0 %  planted

self time over the ranks
    min     mean      max  on rank  imbalance  function
60.0 ms  75.0 ms  90.0 ms        1    !20.0 %  solve
0.00 ns  20.0 ms  40.0 ms        0    100.0 %  poll
0.00 ns  5.00 ms  10.0 ms        1    100.0 %  extra

time with what was called over the ranks, from 1.0 % on
    min     mean      max  on rank  imbalance  path
 100 ms   100 ms   100 ms        0     !0.0 %  main
60.0 ms  75.0 ms  90.0 ms        1    !20.0 %  · solve
0.00 ns  20.0 ms  40.0 ms        0    100.0 %  · MPI_Wait > poll
0.00 ns  5.00 ms  10.0 ms        1    100.0 %  · extra

note: `!` stands before imbalances that samples of a balanced program show by chance: run for longer, or ask more often
";
    assert_eq!(text, expected);
}

#[test]
fn one_document_says_it_all() {
    let folder = folder("document");
    let ranks = Report::merge(write(&folder, &two_ranks())).unwrap();
    let file = folder.join("ranks.json");
    ranks.write_json(&file).unwrap();
    let document: Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    assert_eq!(
        (&document["format"], &document["version"]),
        (&json!("tenfold-profile-ranks"), &json!(1))
    );
    assert_eq!(document["communication"], json!(["MPI_Wait"]));
    assert_eq!(document["load_balance"], json!(0.8));
    assert_eq!(
        document["ranks"][1],
        json!({
            "rank": 1, "program": "planted", "by": "samples", "wall_ns": 125e6,
            "total_ns": 100e6, "useful_ns": 100e6,
        })
    );
    let paths = document["paths"].as_array().unwrap();
    let shape: Vec<_> = paths.iter().map(|path| (&path["name"], &path["parent"])).collect();
    assert_eq!(
        json!(shape),
        json!([["main", null], ["solve", 0], ["MPI_Wait", 0], ["poll", 2], ["extra", 0]])
    );
    assert_eq!(
        paths[1]["self_ns"],
        json!({
            "min": 60e6, "mean": 75e6, "max": 90e6, "max_rank": 1,
            "imbalance": 90.0 / 75.0 - 1.0, "is_chance": true,
        })
    );
    assert_eq!(document["functions"][1]["name"], "poll");
    assert_eq!(document["diagnosis"].as_array().unwrap().len(), 1);
}

#[test]
fn one_page_shows_all_ranks_and_each() {
    let folder = folder("page");
    let ranks = Report::merge(write(&folder, &two_ranks())).unwrap();
    let file = folder.join("ranks.html");
    ranks.write_html(&file).unwrap();
    let page = fs::read_to_string(file).unwrap();
    // Frames as wide as the sum of the ranks, and as that of one.
    for frame in ["solve: 150 ms, 75 %", "solve: 90 ms, 90 %", "poll: 40 ms, 40 %"] {
        assert!(page.contains(&format!("<title>{frame}</title>")), "no {frame:?} in {page}");
    }
    for part in
        ["rank 1 has most time", "all ranks together", "60.0 % of its time", "· MPI_Wait &gt; poll"]
    {
        assert!(page.contains(part), "no {part:?} in {page}");
    }
    let one = Report::merge(write(&folder, &two_ranks()[..1])).unwrap();
    assert!(!one.to_html().contains("each rank"));
}

#[test]
fn what_only_calls_another_stands_in_one_line_with_it() {
    let stacks = [
        ("main > a > b > c > d > e > f", 500),
        ("main > a > b > c > d > e > g", 300),
        ("main > x > y", 100),
        ("main > x", 99),
        ("main > x > z", 1),
    ];
    let text = Report::merge(write(&folder("chains"), &[sampled(0, &stacks)])).unwrap().to_string();
    let (_, tree) = text.split_once("imbalance  path\n").unwrap();
    let lines = tree.lines().take_while(|line| !line.is_empty());
    let lines: Vec<&str> = lines.map(|line| line.split("0.0 %  ").nth(1).unwrap()).collect();
    assert_eq!(lines, ["main", "· a > .. > d > e", "· · f", "· · g", "· x", "· · y"]);
}

#[test]
fn many_ranks_stay_a_page() {
    let stack: Vec<String> = (0..100).map(|at| format!("function {at}")).collect();
    let stacks: Vec<(String, u64)> =
        (0..100).map(|at| (stack[..=at].join(" > "), 1 + at as u64)).collect();
    let stacks: Vec<(&str, u64)> =
        stacks.iter().map(|(path, weight)| (path.as_str(), *weight)).collect();
    let reports: Vec<Value> = (0..200).map(|rank| sampled(rank, &stacks)).collect();
    let ranks = Report::merge(write(&folder("many"), &reports)).unwrap();
    let page = ranks.to_html();
    assert!(page.len() < 1_500_000, "{} bytes", page.len());
    assert!(
        page.contains("the 128 of 200 ranks with most") && page.contains("the 32 ranks with most")
    );
    let text = ranks.to_string();
    assert!(
        text.lines().count() < 80 && text.contains("the 8 of 200 ranks with most time"),
        "{text}"
    );
}

#[test]
fn ranks_with_different_functions_count_as_nothing_where_they_have_none() {
    let reports = [sampled(0, &[("main > io", 100)]), sampled(1, &[("main > solve", 80)])];
    let ranks = Report::merge(write(&folder("different"), &reports)).unwrap();
    let functions = ranks.functions();
    assert_eq!(functions[0].name, "io");
    assert_eq!(milliseconds(&functions[0].self_ns), (0.0, 50.0, 100.0, 0));
    assert_eq!(milliseconds(&functions[1].self_ns), (0.0, 40.0, 80.0, 1));
    assert_eq!(functions[1].self_ns.imbalance(), 1.0);
}

#[test]
fn a_rank_without_samples_is_named() {
    let reports = [sampled(0, &[("main", 90)]), sampled(1, &[]), empty(2)];
    let ranks = Report::merge(write(&folder("silent"), &reports)).unwrap();
    assert_eq!(milliseconds(&ranks.functions()[0].self_ns), (0.0, 30.0, 90.0, 0));
    let text = ranks.to_string();
    assert!(text.contains("nothing was recorded of ranks 1, 2, neither scopes nor"), "{text}");
    assert!(
        text.contains("rank 0, and 1 rank alike: 90 samples of running threads are few"),
        "{text}"
    );
    let none = Report::merge(write(&folder("none"), &[sampled(0, &[])])).unwrap();
    assert!(
        none.to_html().contains("no time was recorded") && none.to_string().starts_with("1 rank:")
    );
}

#[test]
fn builds_and_programs_that_differ_are_named() {
    let mut reports = [
        scoped(0, &[("main", 3, None, 100e6), ("solve", 10, Some(0), 90e6)]),
        scoped(1, &[("main", 3, None, 100e6), ("solve", 14, Some(0), 60e6)]),
    ];
    let ranks = Report::merge(write(&folder("builds"), &reports)).unwrap();
    let solve = &ranks.paths()[1];
    assert_eq!(solve.path, ["main", "solve"]);
    assert_eq!(milliseconds(&solve.total_ns), (60.0, 75.0, 90.0, 0));
    assert!(!solve.total_ns.is_chance);
    let text = ranks.to_string();
    assert!(
        text.contains(
            "1 function at another place of the source on rank 1 than on rank 0 (`solve`)"
        ),
        "{text}"
    );
    reports[1]["program"] = json!("other");
    let text = Report::merge(write(&folder("programs"), &reports)).unwrap().to_string();
    assert!(
        text.contains("ranks ran different programs: `other` on rank 1, `planted` on rank 0"),
        "{text}"
    );
    reports[1] = sampled(1, &[("main > solve", 60)]);
    let ranks = Report::merge(write(&folder("mixed"), &reports)).unwrap();
    assert_eq!(milliseconds(&ranks.paths()[1].total_ns), (60.0, 75.0, 90.0, 0));
    let text = ranks.to_string();
    assert!(
        text.contains("rank 1 had no scopes and rank 0 had: samples stand beside scopes"),
        "{text}"
    );
}

#[test]
fn scopes_of_one_name_are_one() {
    let paths = [
        ("main", 1, None, 100e6),
        ("step", 5, Some(0), 30e6),
        ("step", 9, Some(0), 40e6),
        ("inner", 7, Some(1), 10e6),
        ("inner", 7, Some(2), 20e6),
    ];
    let ranks = Report::merge(write(&folder("names"), &[scoped(0, &paths)])).unwrap();
    let paths: Vec<_> =
        ranks.paths().iter().map(|p| (p.path.len(), milliseconds(&p.total_ns).2)).collect();
    assert_eq!(paths, [(1, 100.0), (2, 70.0), (3, 30.0)]);
    let waits = ranks.communication(|name| name == "step");
    assert_eq!(waits.useful_ns(), [30e6]);
}

/// What two ranks leave, one of which has started a shell, and has written scopes of its own.
#[test]
fn a_folder_has_one_report_of_each_rank() {
    let folder = folder("folder");
    fs::create_dir(folder.join("node1")).unwrap();
    let mut shell = sampled(0, &[("main", 2)]);
    shell["program"] = json!("sh");
    let [first, second] = two_ranks();
    write(&folder, &[shell, first]);
    let own = scoped(1, &[("main", 3, None, 20e6)]);
    write(&folder.join("node1"), &[own, second]);
    let torn = folder.join("torn.json");
    fs::write(&torn, "{\"format\": \"tenf").unwrap();
    fs::write(folder.join("notes.txt"), "no report").unwrap();
    let ranks = Report::merge_folder(&folder).unwrap();
    assert_eq!(ranks.total_ns(), [100e6, 20e6]);
    let text = ranks.diagnosis().join("\n");
    assert!(text.contains(&format!("{}: is cut off", torn.display())), "{text}");
    assert!(
        text.contains("2 reports left out, of processes") && text.contains("`planted`, `sh`"),
        "{text}"
    );
    // A file that is asked for by its name is not left out.
    let error = Report::merge([&torn]).unwrap_err().to_string();
    assert!(error.starts_with(&format!("{}: is cut off", torn.display())), "{error}");
}

#[test]
fn ranks_that_left_nothing_are_named() {
    let folder = folder("absent");
    let error = Report::merge_folder(&folder).unwrap_err().to_string();
    assert!(error.ends_with("absent: holds no report of a rank"), "{error}");
    let error = Report::merge_folder(folder.join("nowhere")).unwrap_err().to_string();
    assert!(error.starts_with("cannot use the file") && error.ends_with("nowhere"), "{error}");
    write(&folder, &[1, 3, 9].map(|rank| sampled(rank, &[("main", 100)])));
    let text = Report::merge_folder(&folder).unwrap().diagnosis().join("\n");
    assert!(
        text.contains(
            "there is no report of ranks 0, 2, 4, 5 and 3 more, though there is one of rank 9"
        ),
        "{text}"
    );
    // A program that nobody has started as ranks is one.
    let mut alone = sampled(0, &[("main", 100)]);
    alone["rank"] = json!(null);
    write(&folder, &[alone.clone(), alone.clone(), alone.clone()]);
    let ranks = Report::merge_folder(&folder).unwrap();
    assert_eq!(ranks.reports().iter().map(Report::rank).collect::<Vec<_>>(), [Some(0)]);
    write(&folder, &[alone, sampled(7, &[("main", 100)]), sampled(u64::MAX, &[])]);
    let text = Report::merge_folder(&folder).unwrap().diagnosis().join("\n");
    assert!(
        text.contains("1 report without a rank, which others have, left out: of `planted`"),
        "{text}"
    );
}
