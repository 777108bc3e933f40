//! The chosen source: which of the files that debug information names belong to it.

use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};

use crate::error::{Error, ErrorKind};

/// A source file, or a folder of them.
pub(crate) struct Source {
    /// As it was given.
    given: PathBuf,
    /// Without links and dots.
    root: PathBuf,
    folder: bool,
}

impl Source {
    pub(crate) fn new(path: &Path) -> Result<Self, Error> {
        if path.as_os_str().is_empty() {
            let message = "no source is chosen: `Selection::source` is empty";
            return Err(Error::new(ErrorKind::Usage, message));
        }
        let root = path.canonicalize().map_err(|e| {
            let message = format!("cannot read the source `{}`", path.display());
            Error::new(ErrorKind::Read, message).of(e)
        })?;
        let folder = root.is_dir();
        Ok(Self { given: path.to_path_buf(), root, folder })
    }

    /// How messages name it.
    pub(crate) fn name(&self) -> String {
        format!("`{}`", self.given.display())
    }

    /// The name of the file, if it is one.
    pub(crate) fn file_name(&self) -> Option<&str> {
        self.root.file_name()?.to_str().filter(|_| !self.folder)
    }

    /// For each name, the file of the chosen source that it is.
    ///
    /// Names are compared as paths, links followed. Where none matches, as when a build replaced the
    /// front of its paths, the longest ends in common decide if they are unambiguous.
    pub(crate) fn matches(&self, names: &[String]) -> Vec<Option<PathBuf>> {
        let mut folders = HashMap::new();
        let found: Vec<_> = names.iter().map(|name| self.exact(name, &mut folders)).collect();
        if found.iter().any(Option::is_some) { found } else { self.by_ends(names) }
    }

    fn exact(
        &self,
        name: &str,
        folders: &mut HashMap<PathBuf, Option<PathBuf>>,
    ) -> Option<PathBuf> {
        let path = Path::new(name);
        let (folder, file) = (path.parent()?, path.file_name()?);
        // A thousand names lie in few folders: each is looked up once.
        if !folders.contains_key(folder) {
            folders.insert(folder.to_path_buf(), folder.canonicalize().ok());
        }
        let real = folders.get(folder)?.as_ref()?.join(file);
        // A file has nothing below it but itself.
        if real.starts_with(&self.root) && real.is_file() {
            return Some(real);
        }
        // The file itself may be a link.
        let link = real.symlink_metadata().is_ok_and(|m| m.is_symlink());
        let real = if link { real.canonicalize().ok()? } else { return None };
        real.starts_with(&self.root).then_some(real)
    }

    fn by_ends(&self, names: &[String]) -> Vec<Option<PathBuf>> {
        let mut found = vec![None; names.len()];
        let files = if self.folder { files_below(&self.root) } else { vec![self.root.clone()] };
        for file in files {
            let inside = file.strip_prefix(&self.root).map_or(0, |p| p.components().count());
            let needed = (inside + 1).max(telling(&file));
            let shared: Vec<_> = names.iter().map(|name| ends_in_common(name, &file)).collect();
            let best = shared.iter().copied().max().unwrap_or(0);
            let same = |&at: &usize| shared.get(at) == Some(&best);
            let mut at = (0..names.len()).filter(same);
            if let (true, Some(only), None) = (best >= needed, at.next(), at.next())
                && let Some(slot) = found.get_mut(only)
            {
                *slot = Some(file);
            }
        }
        found
    }
}

/// How many of a path's last parts name the file in all crates: its name and folder, and where one
/// of these is a folder that every crate has, the crate's folder too.
fn telling(file: &Path) -> usize {
    let usual = ["src", "examples", "tests", "benches"];
    let of_all = |c: Component<'_>| usual.iter().any(|name| c.as_os_str() == *name);
    file.components().rev().position(of_all).map_or(2, |at| at + 2)
}

/// How many of the last parts of two paths are the same.
fn ends_in_common(name: &str, file: &Path) -> usize {
    let normal = |c: &Component<'_>| matches!(c, Component::Normal(_));
    let (a, b) = (Path::new(name).components(), file.components());
    a.rev().zip(b.rev()).take_while(|(a, b)| a == b && normal(a)).count()
}

/// The Rust files of a folder, sorted; links to folders are not followed.
fn files_below(root: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in folder.read_dir().into_iter().flatten().flatten() {
            let (path, name) = (entry.path(), entry.file_name());
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_dir() && name != "target" && name != ".git" {
                folders.push(path);
            } else if kind.is_file() && path.extension().is_some_and(|e| e == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_every_crate_has_is_told_by_its_crate() {
        assert_eq!(telling(Path::new("/projects/me/waves/src/lib.rs")), 3);
        assert_eq!(telling(Path::new("/projects/me/waves/src/simd/v4.rs")), 4);
        assert_eq!(telling(Path::new("/projects/me/waves/main.rs")), 2);
        let file = Path::new("/projects/me/waves/src/lib.rs");
        assert_eq!(ends_in_common("/registry/other-1.0/src/lib.rs", file), 2);
        assert_eq!(ends_in_common("/builds/waves/src/lib.rs", file), 3);
    }
}
