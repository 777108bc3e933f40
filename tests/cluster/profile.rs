//! Where the time of ranks goes: sampled, collected and merged.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::slurm::Slurm;
use super::{BUSY, Said, Site, is_here};
use crate::workspace::{skip, xtask};

/// What doctor does not find of these, and what it says instead.
fn missing(names: &[&str]) -> Option<String> {
    let output = xtask().args(["doctor", "--json"]).output().unwrap();
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut dependencies = found["dependencies"].as_array().unwrap().iter();
    let missing = dependencies.find(|dependency| {
        names.contains(&dependency["name"].as_str().unwrap()) && dependency["status"] != "found"
    });
    missing.map(|dependency| format!("{}: {}", dependency["name"], dependency["detail"]))
}

/// The document of the last job, and where its page is.
fn profile(site: &Site) -> (Value, String) {
    let collected = site.collected();
    let profile = &collected["tasks"][0]["profile"];
    let document = fs::read(profile["document"].as_str().unwrap()).unwrap();
    (serde_json::from_slice(&document).unwrap(), profile["page"].as_str().unwrap().to_owned())
}

/// The document and the page of a job, which its last words name.
fn merged(site: &Site, said: &Said) -> (Value, String) {
    let (document, page) = profile(site);
    assert!(said.err.contains(&format!("profile: {page}")), "{said:?}");
    (document, fs::read_to_string(page).unwrap())
}

fn numbers(document: &Value) -> Vec<u64> {
    let ranks = document["ranks"].as_array().unwrap();
    ranks.iter().map(|rank| rank["rank"].as_u64().unwrap()).collect()
}

/// The time of a function with what it called, least and most of all ranks, in milliseconds.
fn spread(document: &Value, name: &str) -> (f64, f64) {
    let functions = document["functions"].as_array().unwrap();
    let is_it = |function: &&Value| function["name"].as_str().unwrap().ends_with(name);
    let Some(function) = functions.iter().find(is_it) else { panic!("no {name} in {document:#}") };
    let of = |which: &str| function["total_ns"][which].as_f64().unwrap() / 1e6;
    (of("min"), of("max"))
}

#[test]
fn samples_of_a_real_program_name_its_hot_function() {
    if let Some(missing) = missing(&["mpi", "libclang"]) {
        return skip("a profile of the ladder on ranks", &missing);
    }
    let site = Site::new("");
    let size = ["run", "-n", "2", "--profile", "--package", "tenfold-benches-mpi"];
    let program = [
        "--bin",
        "ladder-mpi",
        "--",
        "time",
        "heat",
        "--size",
        "m",
        "--no-check",
        "--samples",
        "400",
    ];
    let said = site.run(&[&size[..], &program].concat());
    said.ends(0, "job 1 is done");
    assert!(said.out.contains("2 ranks: load balance "), "{said:?}");
    // Of the function itself or of its closure, as few samples have it; the document has both.
    assert!(said.out.contains("relax"), "{said:?}");
    let (document, page) = merged(&site, &said);
    assert_eq!(numbers(&document), [0, 1]);
    assert_eq!(
        (&document["ranks"][1]["by"], &document["ranks"][1]["program"]),
        (&"samples".into(), &"ladder-mpi".into())
    );
    assert!(spread(&document, "heat::tuned::relax").0 > 0.0);
    let calls = document["communication"].as_array().unwrap();
    assert!(calls.iter().any(|call| call.as_str().unwrap().starts_with("MPI_")), "{calls:?}");
    for part in ["tuned::relax", "all ranks together", "rank 0", "rank 1"] {
        assert!(page.contains(part), "no {part:?}");
    }
}

#[test]
fn scopes_of_a_program_take_the_place_of_samples() {
    if !is_here("mpirun") {
        return skip("a profile of scopes on ranks", "no mpirun on PATH");
    }
    let site = Site::new("");
    let size = ["run", "-n", "2", "--profile", "--package", "tenfold-profile"];
    let said = site.run(&[&size[..], &["--example", "ranks"]].concat());
    said.ends(0, "job 1 is done");
    let (document, _) = merged(&site, &said);
    assert_eq!(numbers(&document), [0, 1]);
    assert_eq!(document["ranks"][0]["by"], "scopes");
    let names: Vec<_> = document["paths"].as_array().unwrap().iter().map(|p| &p["name"]).collect();
    assert_eq!(names[0], "step");
    assert!(names.contains(&&"ranks::solve".into()) && names.contains(&&"ranks::assemble".into()));
    assert!(spread(&document, "solve").0 > 0.0);
}

/// A program of one process, an array of them, and one that leaves nothing.
#[test]
fn what_has_left_no_profile_is_named() {
    let site = Site::new("");
    let said = site.run(&["submit", "--profile", "--array", "0-1", "--", "bash", "-c", BUSY]);
    said.ends(0, "job 1: ");
    site.until("job 1 (bash) 2 done");
    let collected = site.collected();
    for task in 0..2 {
        let profile = &collected["tasks"][task]["profile"];
        assert!(Path::new(profile["page"].as_str().unwrap()).is_file());
    }
    // The sampler is told to leave nothing.
    let none = ["run", "--profile", "--", "env", "-u", "LD_PRELOAD", "bash", "-c", "exit 0"];
    site.run(&none).ends(0, "job 2 is done");
    let folder = site.folder.join("jobs/2/profile.0");
    fs::remove_dir_all(&folder).unwrap();
    assert!(site.run(&["collect"]).err.contains("job 2 has no profile: no rank has left one"));
    assert_eq!(site.collected()["tasks"][0]["profile"], Value::Null);
    fs::create_dir_all(folder.join("n1")).unwrap();
    fs::write(folder.join("n1/7.json"), "{\"format\"").unwrap();
    let said = site.run(&["collect"]).err;
    assert!(
        said.contains("profile.0: holds no report of a rank; ")
            && said.contains("n1/7.json: is cut off"),
        "{said}"
    );
}

#[test]
fn ranks_of_slurm_are_merged_over_nodes() {
    let Some(slurm) = Slurm::shared() else { return };
    if !is_here("mpicc.mpich") {
        return skip("a profile of ranks on the nodes of Slurm", "no mpicc.mpich on PATH");
    }
    let site = slurm.site("");
    // Rank 1 has ten times as much to do, and the other one waits for it: on a busy machine, whose cores come and
    // go, twice as much can look like as much.
    let source = "#include <mpi.h>
__attribute__((noinline)) double relax(long cells) {
    volatile double sum = 0;
    for (long i = 0; i < cells; i++) sum += 1.0 / (i + 1);
    return sum;
}
int main(void) {
    int rank;
    MPI_Init(0, 0);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    for (int step = 0; step < 10; step++) {
        relax(rank == 0 ? 2000000L : 20000000L);
        MPI_Barrier(MPI_COMM_WORLD);
    }
    return MPI_Finalize();
}
";
    site.compile("relax", source);
    let size = ["submit", "--profile", "-n", "2", "--nodes", "2", "--name", "relax"];
    site.run(&[&size[..], &["--", "./relax"]].concat()).ends(0, " of Slurm");
    site.until("job 1 (relax) done");
    let (document, _) = profile(&site);
    assert_eq!(numbers(&document), [0, 1]);
    let (least, most) = spread(&document, "relax");
    assert!(least > 0.0 && most > 1.2 * least, "{least} ms to {most} ms");
    let calls = document["communication"].as_array().unwrap();
    assert!(calls.iter().any(|call| call.as_str().unwrap().ends_with("MPI_Barrier")), "{calls:?}");
}
