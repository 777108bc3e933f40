//! libclang, the library: bindgen loads it, and neither the `clang` program nor `libclang-cpp.so`
//! stands in for it.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use super::cc;
use super::finding::Answer;
use super::path::{find, variable};
use super::scratch::{PATIENCE, Scratch};

const LOADER: &str = include_str!("libclang.c");
const HEADER: &str = "#include <stddef.h>\nsize_t tenfold(void);\n";

/// Decides alone, as it does for bindgen. Names the file or its folder.
const CHOICE: &str = "LIBCLANG_PATH";

/// Where distributions put it. One part of a path may hold one `*`.
const FOLDERS: [&str; 8] = [
    "/usr/lib/llvm-*/lib",
    "/usr/lib/x86_64-linux-gnu",
    "/usr/lib/aarch64-linux-gnu",
    "/usr/lib64",
    "/usr/lib64/llvm*/lib",
    "/usr/lib",
    "/usr/local/lib",
    "/opt/homebrew/opt/llvm/lib",
];

pub(super) fn probe(scratch: &Scratch) -> Result<Answer> {
    let libraries = candidates(scratch);
    if libraries.is_empty() {
        let places = match variable(CHOICE) {
            Some(chosen) => format!("{CHOICE} = {chosen}, which decides alone"),
            None => String::from("llvm-config --libdir, ldconfig -p, or below /usr/lib*"),
        };
        return Ok(Answer::missing(format!("no libclang.so in {places}")));
    }
    let loader = scratch.compile(cc::command()?, "loader", LOADER)?;
    let header = scratch.write("header.h", HEADER)?;
    let mut complaint = String::new();
    for library in &libraries {
        let mut load = Command::new(&loader);
        let reply = scratch.run(load.arg(library).arg(&header), PATIENCE)?;
        if reply.status.success() {
            return Ok(Answer::found(format!("{}, {}", reply.stdout.trim(), library.display())));
        }
        complaint = format!("{}: {}", library.display(), reply.complaint());
    }
    Ok(Answer::broken(complaint))
}

/// Every libclang that there is.
fn candidates(scratch: &Scratch) -> Vec<PathBuf> {
    if let Some(chosen) = variable(CHOICE) {
        let path = PathBuf::from(chosen);
        return if path.is_file() { vec![path] } else { inside(&path) };
    }
    let mut all: Vec<_> = llvm_config(scratch).iter().flat_map(|folder| inside(folder)).collect();
    all.extend(ldconfig(scratch));
    all.extend(FOLDERS.iter().flat_map(|pattern| folders(pattern)).flat_map(|at| inside(&at)));
    let mut seen = std::collections::HashSet::new();
    all.retain(|path| path.exists() && seen.insert(real(path)));
    all
}

/// One library has many names; the links all lead to the same file.
fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_path_buf())
}

fn llvm_config(scratch: &Scratch) -> Option<PathBuf> {
    let program = variable("LLVM_CONFIG_PATH").unwrap_or_else(|| String::from("llvm-config"));
    let program = find(&program)?;
    let folder = scratch.text(Command::new(program).arg("--libdir"), PATIENCE).ok()?;
    Some(PathBuf::from(folder.trim()))
}

fn ldconfig(scratch: &Scratch) -> Vec<PathBuf> {
    let Some(program) = find("ldconfig") else { return Vec::new() };
    let list = scratch.text(Command::new(program).arg("-p"), PATIENCE).unwrap_or_default();
    parse_ldconfig(&list)
}

/// The paths after the arrows in the lines that name a libclang.
fn parse_ldconfig(list: &str) -> Vec<PathBuf> {
    list.lines()
        .filter_map(|line| {
            let (name, path) = line.split_once("=>")?;
            is_libclang(name.split_whitespace().next()?).then(|| PathBuf::from(path.trim()))
        })
        .collect()
}

/// The library files of a folder, plain `libclang.so` first.
fn inside(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<_> = entries
        .filter(|e| is_libclang(&e.file_name().to_string_lossy()))
        .map(|e| e.path())
        .collect();
    found.sort_by_key(|path| (path.as_os_str().len(), path.clone()));
    found
}

/// `libclang.so`, `libclang.so.1`, `libclang-14.so.1`, `libclang.dylib`; not `libclang-cpp.so`,
/// the C++ interface, and not `libclangAST.so`, a part of it.
fn is_libclang(name: &str) -> bool {
    let Some(rest) = name.strip_prefix("libclang") else { return false };
    let rest = match rest.strip_prefix('-') {
        Some(versioned) => versioned.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.'),
        None => rest.trim_start_matches('.'),
    };
    rest == "so" || rest == "dylib" || rest.starts_with("so.")
}

/// Folders that match a pattern with one `*` at most; the highest version first.
fn folders(pattern: &str) -> Vec<PathBuf> {
    let Some((before, after)) = pattern.split_once('*') else {
        return vec![PathBuf::from(pattern)];
    };
    let (parent, prefix) = before.rsplit_once('/').unwrap_or(("", before));
    let names = std::fs::read_dir(parent).into_iter().flatten().flatten();
    let names = names.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut versions: Vec<_> =
        names.filter_map(|name| name.strip_prefix(prefix).map(str::to_owned)).collect();
    versions.sort_by_key(|version| std::cmp::Reverse(version.parse::<u32>().unwrap_or(0)));
    versions.iter().map(|version| PathBuf::from(format!("{before}{version}{after}"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_c_interface_counts() {
        for name in [
            "libclang.so",
            "libclang.so.1",
            "libclang-14.so.1",
            "libclang-14.so",
            "libclang.so.18.1",
            "libclang-14.so.14.0.6",
            "libclang.dylib",
        ] {
            assert!(is_libclang(name), "{name}");
        }
        for name in [
            "libclang-cpp.so.14",
            "libclangAST.so",
            "libclang.a",
            "libclang",
            "clang",
            "libclang-common.txt",
        ] {
            assert!(!is_libclang(name), "{name}");
        }
    }

    #[test]
    fn ldconfig_names_the_path_behind_the_arrow() {
        let list = "812 libs found in cache `/etc/ld.so.cache'\n\
            \tlibclang-cpp.so.14 (libc6,x86-64) => /lib/x86_64-linux-gnu/libclang-cpp.so.14\n\
            \tlibclang-14.so.1 (libc6,x86-64) => /lib/x86_64-linux-gnu/libclang-14.so.1\n\
            \tlibc.so.6 (libc6,x86-64, OS ABI: Linux 3.2.0) => /lib/x86_64-linux-gnu/libc.so.6\n\
            Cache generated by: ldconfig (Debian GLIBC 2.36-9) stable release version 2.36\n";
        let only = PathBuf::from("/lib/x86_64-linux-gnu/libclang-14.so.1");
        assert_eq!(parse_ldconfig(list), [only]);
        assert_eq!(parse_ldconfig(""), Vec::<PathBuf>::new());
    }

    #[test]
    fn a_pattern_lists_the_newest_first() {
        let scratch = Scratch::new("test-folders").unwrap();
        for name in ["llvm-9/lib", "llvm-14/lib", "other/lib"] {
            std::fs::create_dir_all(scratch.path(name)).unwrap();
        }
        let pattern = scratch.path("llvm-*/lib").display().to_string();
        let expected = [scratch.path("llvm-14/lib"), scratch.path("llvm-9/lib")];
        assert_eq!(folders(&pattern), expected);
    }
}
