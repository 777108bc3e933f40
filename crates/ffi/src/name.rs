//! The file names that a library may have.

use std::cmp::Reverse;
use std::fs;
use std::path::{Path, PathBuf};

/// Where Linux keeps libraries that its loader's cache does not have.
const FOLDERS: &[&str] = &[
    "/lib64",
    "/usr/lib64",
    "/lib",
    "/usr/lib",
    "/usr/local/lib",
    #[cfg(target_arch = "x86_64")]
    "/lib/x86_64-linux-gnu",
    #[cfg(target_arch = "x86_64")]
    "/usr/lib/x86_64-linux-gnu",
    #[cfg(target_arch = "aarch64")]
    "/lib/aarch64-linux-gnu",
    #[cfg(target_arch = "aarch64")]
    "/usr/lib/aarch64-linux-gnu",
];

/// The cache of Linux' loader. Its paths are texts that end with a 0.
const CACHE: &str = "/etc/ld.so.cache";

/// All files to try for a library, in this order. A path and a name with a suffix stand for themselves.
/// Otherwise `m` is `libm.so`, which only those have who develop for it and which may be a text for the
/// linker, and then `libm.so.6` and its like, wherever the loader looks, the newest first.
pub(crate) fn candidates(name: &str) -> impl Iterator<Item = PathBuf> {
    let has_versions = cfg!(not(any(windows, target_vendor = "apple"))) && !is_file_name(name);
    let begin = has_versions.then(|| format!("lib{name}.so."));
    // Folders are read only if the plain name was no good.
    let found = begin.into_iter().flat_map(|begin| versioned(&begin));
    plain(name).into_iter().map(PathBuf::from).chain(found)
}

/// The names without a version.
fn plain(name: &str) -> Vec<String> {
    if is_file_name(name) {
        vec![name.to_owned()]
    } else if cfg!(windows) {
        vec![format!("{name}.dll"), format!("lib{name}.dll")]
    } else if cfg!(target_vendor = "apple") {
        vec![format!("lib{name}.dylib"), format!("lib{name}.so")]
    } else {
        vec![format!("lib{name}.so")]
    }
}

fn is_file_name(name: &str) -> bool {
    let suffixes = [".so", ".dylib", ".dll"];
    name.contains(['/', '\\'])
        || suffixes.iter().any(|suffix| name.ends_with(suffix))
        || name.contains(".so.")
}

/// The files whose names begin so, the newest first.
fn versioned(begin: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let path = std::env::var_os("LD_LIBRARY_PATH").unwrap_or_default();
    for folder in std::env::split_paths(&path).filter(|folder| folder.is_absolute()) {
        found.extend(listed(&folder, begin));
    }
    found.extend(cached(&fs::read(CACHE).unwrap_or_default(), begin));
    for folder in FOLDERS {
        found.extend(listed(Path::new(folder), begin));
    }
    // Of one version, the first place counts.
    found.sort_by_cached_key(|path| Reverse(version(path, begin)));
    let mut seen = std::collections::HashSet::new();
    found.retain(|path| seen.insert(path.clone()));
    found
}

fn listed(folder: &Path, begin: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.flatten().map(|entry| entry.path());
    paths.filter(|path| version(path, begin).is_some()).collect()
}

fn cached(bytes: &[u8], begin: &str) -> Vec<PathBuf> {
    let texts = bytes.split(|&byte| byte == 0).filter(|text| text.first() == Some(&b'/'));
    let paths = texts.filter_map(|text| str::from_utf8(text).ok()).map(PathBuf::from);
    paths.filter(|path| version(path, begin).is_some()).collect()
}

/// The numbers behind `.so.`; none if there is anything else.
fn version(path: &Path, begin: &str) -> Option<Vec<u64>> {
    let rest = path.file_name()?.to_str()?.strip_prefix(begin)?;
    rest.split('.').map(|number| number.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_stand_for_themselves() {
        for name in ["./m", "libm.so", "libm.so.6", "m.dylib", "m.dll", "/lib/libm.so.6"] {
            assert!(candidates(name).eq([PathBuf::from(name)]));
        }
    }

    #[test]
    fn versions_are_numbers() {
        let version = |path: &str| version(Path::new(path), "libx.so.");
        assert_eq!(version("/a/libx.so.1.10"), Some(vec![1, 10]));
        assert_eq!(version("/a/libx.so.1-debug"), None);
        assert_eq!(version("/a/liby.so.1"), None);
        assert!(version("libx.so.10") > version("libx.so.9.5"));
    }

    #[test]
    fn the_cache_is_searched_for_paths() {
        let bytes = b"glibc-ld.so.cache1.1\x03\0\0libx.so.2\0/lib/libx.so.2\0/lib/liby.so.1\0";
        assert_eq!(cached(bytes, "libx.so."), [PathBuf::from("/lib/libx.so.2")]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_newest_comes_first() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["libx.so.9", "libx.so.10.1", "libx.so.10", "libx.so.10.1.backup"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let mut found = listed(folder.path(), "libx.so.");
        found.sort_by_cached_key(|path| Reverse(version(path, "libx.so.")));
        let names: Vec<_> = found.iter().map(|path| path.file_name().unwrap()).collect();
        assert_eq!(names, ["libx.so.10.1", "libx.so.10", "libx.so.9"]);
        assert_eq!(candidates("m").next(), Some(PathBuf::from("libm.so")));
    }
}
