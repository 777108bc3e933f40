//! What a task of a job has told of itself: the truth about it.

use std::path::Path;

/// The line that a task's script writes when it begins, and writes over when it ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    /// When it began, in seconds since 1970.
    pub(super) began: u64,
    /// Not yet, if it runs.
    pub(super) end: Option<End>,
    pub(super) node: String,
}

/// The exit code of a task, and when it ended, in seconds since 1970.
pub(super) type End = (u8, u64);

/// How long the line is, its end included: as the script pads it.
const LENGTH: usize = 128;

impl Word {
    /// The line of a task that has not begun: it tells nothing, and keeps the room.
    pub(super) fn blank() -> Vec<u8> {
        format!("{:1$}\n", "", LENGTH - 1).into()
    }

    /// What a task has told; nothing, if it has not begun. Half a line, while it is written, tells nothing either.
    pub(super) fn read(folder: &Path, task: u32) -> Option<Self> {
        Self::parse(&std::fs::read_to_string(folder.join(format!("word.{task}"))).ok()?)
    }

    fn parse(line: &str) -> Option<Self> {
        let mut words = line.strip_suffix('\n')?.split_whitespace();
        let kind = words.next()?;
        let code = words.next()?.parse().ok()?;
        let began = words.next()?.parse().ok()?;
        let ended = words.next()?.parse().ok()?;
        let node = words.next().unwrap_or_default().to_owned();
        match kind {
            "began" => Some(Self { began, end: None, node }),
            "ended" => Some(Self { began, end: Some((code, ended)), node }),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_all_or_nothing() {
        let padded = |text: &str| format!("{text:127}\n");
        let word = |end| Word { began: 17, end, node: "n1".into() };
        assert_eq!(Word::parse(&padded("began 0 17 0 n1")), Some(word(None)));
        assert_eq!(Word::parse(&padded("ended 143 17 25 n1")), Some(word(Some((143, 25)))));
        let blank = String::from_utf8(Word::blank()).unwrap();
        assert_eq!((Word::parse(&blank), blank.len()), (None, padded("").len()));
        for torn in ["", "ended", "ended 1", "ended 143 17 25 n1", "\n", "ended 256 1 2 n\n"] {
            assert_eq!(Word::parse(torn), None, "{torn:?}");
        }
    }
}
