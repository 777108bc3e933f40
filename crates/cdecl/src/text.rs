//! A text that is parsed: its lines, the files that line markers say they come from, and carets.

use std::fmt;
use std::sync::Arc;

/// How much of a long line stands before and behind the place of an error.
const CONTEXT: usize = 60;

/// A part of a text that a [`Unit`](crate::Unit) was made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Span {
    pub(crate) text: u32,
    pub(crate) start: u32,
    pub(crate) end: u32,
}

/// A place in a text: line and column from 1, and what a line marker says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    line: u32,
    column: u32,
    origin: Option<(Arc<str>, u32)>,
}

impl Position {
    /// The line in the text that was parsed, from 1.
    #[must_use]
    pub fn line(&self) -> u32 {
        self.line
    }

    /// The column in characters, from 1. A tab is one.
    #[must_use]
    pub fn column(&self) -> u32 {
        self.column
    }

    /// The file and its line, where a line marker of a preprocessor (`# 12 "file"`) names them.
    #[must_use]
    pub fn origin(&self) -> Option<(&str, u32)> {
        self.origin.as_ref().map(|(file, line)| (&**file, *line))
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)?;
        match &self.origin {
            Some((file, line)) => write!(f, " ({file} line {line})"),
            None => Ok(()),
        }
    }
}

/// From the line that begins at `start` on, lines are those of `file` from `line`.
#[derive(Debug, Clone)]
pub(crate) struct Marker {
    pub(crate) start: u32,
    pub(crate) file: Arc<str>,
    pub(crate) line: u32,
}

/// What the lexer found out about a text.
#[derive(Debug, Clone, Default)]
pub(crate) struct Text {
    pub(crate) text: String,
    /// Where each line begins.
    pub(crate) lines: Vec<u32>,
    pub(crate) markers: Vec<Marker>,
}

impl Text {
    pub(crate) fn slice(&self, start: u32, end: u32) -> &str {
        self.text.get(start as usize..end as usize).unwrap_or_default()
    }

    fn line_index(&self, offset: u32) -> usize {
        self.lines.partition_point(|&start| start <= offset).saturating_sub(1)
    }

    pub(crate) fn position(&self, offset: u32) -> Position {
        let index = self.line_index(offset);
        let start = self.lines.get(index).copied().unwrap_or(0);
        let column = self.slice(start, offset).chars().count() + 1;
        let marker = self.markers.partition_point(|marker| marker.start <= start).checked_sub(1);
        let origin = marker.and_then(|at| self.markers.get(at)).map(|marker| {
            let lines = index.saturating_sub(self.line_index(marker.start));
            (marker.file.clone(), marker.line.saturating_add(clamp(lines)))
        });
        Position { line: clamp(index + 1), column: clamp(column), origin }
    }

    /// The line around a place, and carets under it.
    pub(crate) fn caret(&self, start: u32, end: u32) -> String {
        let index = self.line_index(start);
        let first = self.lines.get(index).copied().unwrap_or(0);
        let last = self.lines.get(index + 1).copied().unwrap_or(clamp(self.text.len()));
        let before = self.slice(first, start);
        // A lexer that stopped has not seen the ends of later lines.
        let behind = self.slice(start, last).split(['\n', '\r']).next().unwrap_or_default();
        let cut = before.char_indices().rev().nth(CONTEXT).map_or(0, |(at, c)| at + c.len_utf8());
        let before = &before[cut..];
        let shown = behind.char_indices().nth(CONTEXT).map_or(behind, |(at, _)| &behind[..at]);
        let marked = shown.char_indices().take_while(|&(at, _)| at < (end - start) as usize);
        let pad: String = before.chars().map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
        format!("{before}{shown}\n{pad}{}", "^".repeat(marked.count().max(1)))
    }
}

/// The begin of a text that is longer than so many characters, and dots.
pub(crate) fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((at, _)) => format!("{}...", &text[..at]),
        None => text.to_owned(),
    }
}

/// Offsets and counts fit: a text of over 4 GiB is refused before it is read.
pub(crate) fn clamp(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
