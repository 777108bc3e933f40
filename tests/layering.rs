//! Which way the arrows run. A new edge is a decision: it is written into ARCHITECTURE.md first,
//! and then into the tables here.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

use crate::workspace::{packages, read, root};

/// What a crate may depend on, of our own, and builds with. Those that are not here: nothing.
const EDGES: &[(&str, &[&str])] = &[
    ("tenfold-annotate", &["tenfold-report"]),
    ("tenfold-profile", &["tenfold-profile-macros", "tenfold-report"]),
    ("tenfold-memo", &["tenfold-memo-macros"]),
    ("tenfold-kernel", &["tenfold-kernel-macros"]),
    ("tenfold-ffi", &["tenfold-ffi-macros", "tenfold-cdecl"]),
    ("tenfold-ffi-macros", &["tenfold-cdecl"]),
    ("tenfold-ffi-build", &["tenfold-cdecl"]),
    ("tenfold-comm", &["tenfold-comm-macros", "tenfold-report"]),
    ("tenfold-comm-mpi", &["tenfold-comm"]),
    ("tenfold-array", &["tenfold-comm", "tenfold-kernel", "tenfold-report"]),
    ("tenfold-gpu", &["tenfold-kernel"]),
    ("xtask", &["tenfold-report"]),
];

/// What its tests and examples may use besides: a macro's tests expand into the crate it serves.
const DEV_EDGES: &[(&str, &[&str])] = &[
    ("tenfold-comm-macros", &["tenfold-comm"]),
    ("tenfold-profile-macros", &["tenfold-profile"]),
    ("tenfold-memo-macros", &["tenfold-memo"]),
    ("tenfold-kernel-macros", &["tenfold-kernel"]),
    ("tenfold-ffi-macros", &["tenfold-ffi"]),
    // An example streams its chunks, and tests compare its random numbers.
    ("tenfold-gpu", &["tenfold-array"]),
    // An example computes arrays on ranks that are processes.
    ("tenfold-comm-mpi", &["tenfold-array"]),
];

/// What stands above all crates.
const TOP: &[&str] = &[
    "tenfold-benches",
    "tenfold-benches-mpi",
    "tenfold-ffi-examples",
    "tenfold-peers",
    "tenfold-tests",
];

fn allowed(from: &str, to: &str, is_dev: bool) -> bool {
    let lists = |table: &[(&str, &[&str])]| {
        table.iter().any(|(name, edges)| *name == from && edges.contains(&to))
    };
    TOP.contains(&from) || lists(EDGES) || (is_dev && lists(DEV_EDGES))
}

fn name(package: &Value) -> &str {
    package["name"].as_str().unwrap()
}

/// The dependencies of a package on packages of ours.
fn ours<'a>(package: &'a Value, names: &BTreeSet<&str>) -> Vec<&'a Value> {
    let dependencies = package["dependencies"].as_array().unwrap().iter();
    dependencies.filter(|dependency| names.contains(name(dependency))).collect()
}

/// The edges of a list of packages that no table allows.
fn forbidden(packages: &[Value]) -> Vec<String> {
    let names: BTreeSet<&str> = packages.iter().map(name).collect();
    let mut found = vec![];
    for package in packages {
        for dependency in ours(package, &names) {
            if !allowed(name(package), name(dependency), dependency["kind"] == "dev") {
                found.push(format!("{} -> {}", name(package), name(dependency)));
            }
        }
    }
    found
}

#[test]
fn no_edge_but_those_of_the_table() {
    let found = forbidden(&packages());
    assert!(found.is_empty(), "edges that tests/layering.rs does not list: {}", found.join(", "));
}

#[test]
fn a_forbidden_edge_is_found() {
    let package = |name: &str, to: &str, kind: Option<&str>| serde_json::json!({"name": name, "dependencies": [{"name": to, "kind": kind}]});
    let packages = [
        package("tenfold-memo", "tenfold-report", None),
        package("tenfold-report", "tenfold-memo", Some("dev")),
        package("tenfold-comm-mpi", "tenfold-comm", None),
        package("tenfold-comm", "tenfold-memo", Some("build")),
        package("tenfold-memo-macros", "tenfold-memo", Some("dev")),
        package("tenfold-ffi-macros", "tenfold-ffi", None),
        package("tenfold-ffi", "serde", None),
        package("tenfold-benches", "tenfold-ffi", None),
    ];
    let expected = [
        "tenfold-memo -> tenfold-report",
        "tenfold-report -> tenfold-memo",
        "tenfold-comm -> tenfold-memo",
        "tenfold-ffi-macros -> tenfold-ffi",
    ];
    assert_eq!(forbidden(&packages), expected);
}

#[test]
fn xtask_depends_on_report_alone() {
    let packages = packages();
    let names = packages.iter().map(name).collect();
    let xtask = packages.iter().find(|package| name(package) == "xtask").unwrap();
    let edges: Vec<&str> = ours(xtask, &names).into_iter().map(name).collect();
    assert_eq!(edges, ["tenfold-report"]);
}

#[test]
fn report_and_cdecl_have_no_dependencies() {
    let packages = packages();
    for alone in ["tenfold-cdecl", "tenfold-report"] {
        let package = packages.iter().find(|package| name(package) == alone).unwrap();
        let all = package["dependencies"].as_array().unwrap().iter();
        let normal = all.filter(|dependency| dependency["kind"] != "dev");
        assert_eq!(normal.map(name).collect::<Vec<_>>(), [""; 0], "{alone}");
    }
}

#[test]
fn one_ndarray() {
    let count = read("Cargo.lock").lines().filter(|&line| line == "name = \"ndarray\"").count();
    assert!(count <= 1, "Cargo.lock holds {count} versions of ndarray");
}

#[test]
fn macro_crates_are_pinned() {
    for package in packages() {
        for dependency in package["dependencies"].as_array().unwrap() {
            let (to, req) = (name(dependency), dependency["req"].as_str().unwrap());
            let is_macros = to.starts_with("tenfold-") && to.ends_with("-macros");
            if is_macros && !TOP.contains(&name(&package)) {
                assert!(req.starts_with('='), "{} wants {to} {req}, not `=`", name(&package));
            }
        }
    }
}

/// A file's text, where there is one.
fn read_if(path: &str) -> Option<String> {
    fs::read_to_string(root().join(path)).ok()
}

/// What a crate on its own must bring. A macro crate comes with its host, which has the rest.
fn lacks(package: &Value) -> Vec<String> {
    let dir = |file: &str| format!("crates/{}/{file}", &name(package)["tenfold-".len()..]);
    let targets = package["targets"].as_array().unwrap();
    let has = |kind: &str| targets.iter().any(|target| target["kind"][0] == kind);
    let fields = ["description", "license", "rust_version"].into_iter();
    let missing = fields.filter(|&key| !package[key].is_string());
    let mut lacks: Vec<String> = missing.map(str::to_owned).collect();
    for (key, most) in [("keywords", 5), ("categories", 5)] {
        let count = package[key].as_array().map_or(0, Vec::len);
        lacks.extend((!(1..=most).contains(&count)).then(|| format!("1 to {most} {key}")));
    }
    let licences = ["LICENSE-APACHE", "LICENSE-MIT"];
    let absent = licences.into_iter().filter(|file| read_if(&dir(file)) != Some(read(file)));
    lacks.extend(absent.map(|file| format!("{file}, as a link to that of the root")));
    if package["metadata"]["docs"]["rs"].is_null() {
        lacks.push(String::from("[package.metadata.docs.rs]"));
    }
    if !read(&dir("Cargo.toml")).contains("[lints]\nworkspace = true") {
        lacks.push(String::from("[lints] workspace = true"));
    }
    if !has("proc-macro") {
        let files = ["README.md", "CHANGELOG.md"].map(dir);
        lacks.extend(files.into_iter().filter(|file| !root().join(file).is_file()));
        lacks.extend((!has("example")).then(|| String::from("an example")));
    }
    lacks
}

#[test]
fn every_crate_can_be_published() {
    for package in packages() {
        let manifest = package["manifest_path"].as_str().unwrap();
        if !manifest.contains("/crates/") {
            assert_eq!(package["publish"], serde_json::json!([]), "{}", name(&package));
            continue;
        }
        assert!(name(&package).starts_with("tenfold-"), "{manifest}: named {}", name(&package));
        let lacks = lacks(&package);
        assert!(lacks.is_empty(), "{} lacks {}", name(&package), lacks.join(", "));
    }
}
