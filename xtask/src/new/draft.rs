//! Files that are to be written: all of them, or none.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};

use crate::exit;

/// New and changed files, by their path from the root.
#[derive(Debug)]
pub(crate) struct Draft {
    root: PathBuf,
    files: BTreeMap<String, File>,
}

#[derive(Debug)]
struct File {
    text: String,
    is_new: bool,
}

impl Draft {
    pub(super) fn new(root: &Path) -> Self {
        Self { root: root.to_owned(), files: BTreeMap::new() }
    }

    /// What a file holds, or will hold.
    pub(super) fn read(&self, path: &str) -> Result<String> {
        match self.files.get(path) {
            Some(file) => Ok(file.text.clone()),
            None => fs::read_to_string(self.root.join(path)).with_context(|| path.to_owned()),
        }
    }

    /// Whether there is such a file or folder.
    pub(super) fn exists(&self, path: &str) -> bool {
        self.root.join(path).exists()
    }

    /// Adds a file.
    ///
    /// # Errors
    /// There is one of that name.
    pub(super) fn add(&mut self, path: &str, text: &str) -> Result<()> {
        self.refuse(path)?;
        self.set(path, text, true);
        Ok(())
    }

    /// An error if there is such a file or folder.
    pub(super) fn refuse(&self, path: &str) -> Result<()> {
        if self.exists(path) { Err(exit::usage(format!("{path} exists"))) } else { Ok(()) }
    }

    /// Changes a file.
    pub(super) fn edit(&mut self, path: &str, edit: impl Fn(&str) -> Result<String>) -> Result<()> {
        let text = edit(&self.read(path)?).with_context(|| format!("cannot edit {path}"))?;
        self.set(path, &text, false);
        Ok(())
    }

    fn set(&mut self, path: &str, text: &str, is_new: bool) {
        let text = if path.ends_with(".rs") { self.formatted(text) } else { text.to_owned() };
        self.files.insert(path.to_owned(), File { text, is_new });
    }

    /// As rustfmt has it; as it is where there is no rustfmt.
    fn formatted(&self, text: &str) -> String {
        self.rustfmt(text).unwrap_or_else(|| text.to_owned())
    }

    fn rustfmt(&self, text: &str) -> Option<String> {
        let mut rustfmt = Command::new("rustfmt");
        rustfmt.args(["--edition", "2024", "--config-path"]).arg(&self.root);
        rustfmt.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = rustfmt.spawn().ok()?;
        child.stdin.take()?.write_all(text.as_bytes()).ok()?;
        let output = child.wait_with_output().ok()?;
        output.status.success().then(|| String::from_utf8(output.stdout).ok())?
    }

    /// The files, a line each.
    pub(super) fn list(&self) -> String {
        let line = |(path, file): (&String, &File)| {
            format!("{} {path}\n", if file.is_new { "new    " } else { "changed" })
        };
        self.files.iter().map(line).collect()
    }

    /// Writes them all.
    pub(crate) fn write(&self) -> Result<()> {
        for (path, file) in &self.files {
            let path = self.root.join(path);
            fs::create_dir_all(path.parent().unwrap_or(&self.root))?;
            fs::write(&path, &file.text).with_context(|| path.display().to_string())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Draft;
    use crate::sh;

    #[test]
    fn adds_and_edits_without_writing() {
        let mut draft = Draft::new(sh::root());
        draft.add("benches/none.rs", "fn  f( ) { }\n").unwrap();
        assert_eq!(draft.read("benches/none.rs").unwrap(), "fn f() {}\n");
        draft.edit("Cargo.toml", |text| Ok(format!("{text}# more\n"))).unwrap();
        draft.edit("Cargo.toml", |text| Ok(format!("{text}# still more\n"))).unwrap();
        assert!(draft.read("Cargo.toml").unwrap().ends_with("# more\n# still more\n"));
        assert_eq!(draft.list(), "changed Cargo.toml\nnew     benches/none.rs\n");
        assert!(!sh::root().join("benches/none.rs").exists());
        assert!(draft.add("xtask", "").unwrap_err().to_string().contains("xtask exists"));
    }
}
