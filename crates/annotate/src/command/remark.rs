//! What LLVM's vectoriser says of loops: reasons, and no more than advice.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use tenfold_annotate::Annotation;

use crate::canonical;

/// The pass that is asked.
pub(crate) const PASS: &str = "loop-vectorize";

/// What was said of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Remark {
    /// As the compiler names it, which may be relative to the workspace.
    pub(crate) file: PathBuf,
    pub(crate) line: u32,
    pub(crate) text: String,
}

impl Remark {
    /// Reads `src/a.rs:10:5 loop-vectorize (analysis): loop not vectorized: reason`. What does not
    /// look so is none: the compiler promises no words.
    pub(crate) fn parse(message: &str) -> Option<Self> {
        let (place, said) = message.split_once(&format!(" {PASS} ("))?;
        let (_, text) = said.split_once("): ")?;
        let mut parts = place.rsplitn(3, ':');
        let (_, line, file) = (parts.next()?, parts.next()?, parts.next()?);
        let line = line.parse().ok()?;
        Some(Self { file: file.into(), line, text: text.trim().to_owned() })
    }

    /// Whether it says more than that a loop is as it is.
    fn is_reason(&self) -> bool {
        !self.text.is_empty() && self.text != "loop not vectorized"
    }
}

/// Puts remarks beside the lines that they are of; `root` is where relative paths begin.
pub(crate) fn attach(annotation: &mut Annotation, remarks: &[Remark], root: &Path) {
    let mut by_file: BTreeMap<&Path, Vec<&Remark>> = BTreeMap::new();
    for remark in remarks.iter().filter(|remark| remark.is_reason()) {
        by_file.entry(&remark.file).or_default().push(remark);
    }
    let by_file: BTreeMap<PathBuf, Vec<&Remark>> =
        by_file.into_iter().map(|(file, said)| (canonical(&root.join(file)), said)).collect();
    for file in &mut annotation.files {
        let said = by_file.get(&canonical(&file.path));
        for remark in said.into_iter().flatten() {
            if let Some(line) = file.lines.get_mut(&remark.line)
                && !line.remarks.contains(&remark.text)
            {
                line.remarks.push(remark.text.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Remark;

    #[test]
    fn reads_what_llvm_says() {
        let message = "src/a:b.rs:10:5 loop-vectorize (analysis): loop not vectorized: cannot prove \
                       it is safe to reorder floating-point operations";
        let remark = Remark::parse(message).unwrap();
        assert_eq!((remark.file.to_str(), remark.line), (Some("src/a:b.rs"), 10));
        assert!(remark.text.ends_with("floating-point operations") && remark.is_reason());
        let bare = Remark::parse("a.rs:1:2 loop-vectorize (missed): loop not vectorized").unwrap();
        assert!(!bare.is_reason());
    }

    #[test]
    fn other_words_are_no_remark() {
        for message in [
            "",
            "unused variable: `x`",
            "a.rs:10:5 inline (missed): no",
            "a.rs loop-vectorize (missed): no",
            "a.rs:x:5 loop-vectorize (missed): no",
            "a.rs:99999999999:5 loop-vectorize (missed): no",
            "a.rs:1:5 loop-vectorize (missed",
        ] {
            assert_eq!(Remark::parse(message), None, "{message}");
        }
    }
}
