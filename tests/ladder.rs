//! The ladder as a whole: every rung gives the right answer, and every file is on it.

use std::fs;

use tenfold_benches::{AnyWorkload, Size, ladder};

use crate::workspace::{folders, read, root};

/// What is wrong with the answers of a workload's rungs at the smallest size.
fn wrong(workload: &dyn AnyWorkload) -> Vec<String> {
    let mut wrong = vec![];
    for mut problem in workload.problems(Size::S) {
        for (index, rung) in workload.rungs().iter().enumerate() {
            if rung.missing_feature.is_some() || problem.excuse(index).is_some() {
                continue;
            }
            if let Err(error) = problem.check(index).and_then(|checked| checked.verdict) {
                let label = problem.label();
                wrong.push(format!("{}/{} on {label}: {error}", workload.name(), rung.name));
            }
        }
    }
    wrong
}

#[test]
fn every_rung_agrees() {
    let wrong: Vec<String> = ladder::all().iter().flat_map(|w| wrong(w.as_ref())).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_workload_starts_with_naive() {
    for workload in ladder::all() {
        assert_eq!(workload.rungs()[0].name, "naive", "{}", workload.name());
    }
}

#[test]
fn every_folder_is_a_workload() {
    let mut names: Vec<_> = ladder::all().iter().map(|workload| workload.name()).collect();
    names.sort_unstable();
    assert_eq!(folders("benches/ladder"), names, "folders, and `ladder::all()`");
}

#[test]
fn every_rung_file_is_registered() {
    for workload in ladder::all() {
        let rungs: Vec<String> = workload.rungs().iter().map(|rung| stem(rung.name)).collect();
        for name in rung_files(workload.name()) {
            let file = format!("benches/ladder/{}/{name}.rs", workload.name());
            assert!(rungs.contains(&name), "{file} is not in RUNGS");
        }
    }
}

/// The name of a rung's file: no module has a `+` in its name.
fn stem(rung: &str) -> String {
    rung.replace('+', "_")
}

/// The files of a workload that have a rung's function; the others are its helpers.
fn rung_files(workload: &str) -> Vec<String> {
    let folder = format!("benches/ladder/{workload}");
    let entries = fs::read_dir(root().join(&folder)).unwrap().map(Result::unwrap);
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    let modules = names.filter_map(|name| Some(name.strip_suffix(".rs")?.to_owned()));
    let rungs = modules.filter(|name| {
        name != "mod" && read(&format!("{folder}/{name}.rs")).contains("pub(super) fn run(")
    });
    rungs.collect()
}

#[test]
fn a_rung_shows_its_own_file() {
    for workload in ladder::all() {
        for rung in workload.rungs() {
            let file = format!("benches/ladder/{}/{}.rs", workload.name(), stem(rung.name));
            assert_eq!(rung.source, read(&file), "{file}");
        }
    }
}
