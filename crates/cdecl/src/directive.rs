//! Lines that begin with `#`.

/// What such a line says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Directive<'a> {
    /// `#define`: where what is behind the word begins.
    Define { offset: usize },
    /// `# 12 "file"` or `#line 12 "file"`.
    Line { line: u32, file: Option<&'a str> },
    /// `#pragma pack(..)`.
    Pack(Pack),
    /// Nothing of use: another pragma, `#ident`, an empty one.
    Nothing,
    /// One that only a preprocessor can carry out.
    Refused(&'a str),
}

/// `#pragma pack`, whose bound is 0 for none.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Pack {
    Set(u64),
    Push(Option<u64>),
    Pop(Option<u64>),
}

/// Reads what is behind the `#`.
pub(crate) fn read(line: &str) -> Directive<'_> {
    let trimmed = line.trim_start_matches([' ', '\t']);
    let offset = line.len() - trimmed.len();
    let length = trimmed.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let (word, rest) = trimmed.split_at(length.unwrap_or(trimmed.len()));
    match word {
        "define" => Directive::Define { offset: offset + word.len() },
        "line" => marker(rest.trim_start()).unwrap_or(Directive::Refused(word)),
        "pragma" => pragma(rest.trim()),
        "" | "ident" | "sccs" => Directive::Nothing,
        _ if word.starts_with(|c: char| c.is_ascii_digit()) => {
            marker(trimmed).unwrap_or(Directive::Refused(word))
        }
        _ => Directive::Refused(word),
    }
}

fn marker(text: &str) -> Option<Directive<'_>> {
    let length = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let line = text[..length].parse().ok()?;
    let rest = text[length..].trim_start();
    let file = rest.strip_prefix('"').and_then(|rest| rest.split('"').next());
    Some(Directive::Line { line, file })
}

/// Pragmas that make no sense are passed over, as compilers do.
fn pragma(text: &str) -> Directive<'_> {
    let pack = text.strip_prefix("pack").map(str::trim).and_then(|rest| {
        let inside = rest.strip_prefix('(')?.split(')').next()?;
        pack(inside)
    });
    pack.map_or(Directive::Nothing, Directive::Pack)
}

fn pack(inside: &str) -> Option<Pack> {
    let words: Vec<&str> = inside.split(',').map(str::trim).collect();
    let bound = |word: &&str| -> Option<u64> {
        let value = word.parse().ok()?;
        matches!(value, 0 | 1 | 2 | 4 | 8 | 16).then_some(value)
    };
    let last = words.last().and_then(bound);
    match words.first().copied()? {
        "" => Some(Pack::Set(0)),
        "push" => Some(Pack::Push(last)),
        "pop" => Some(Pack::Pop(last)),
        word => bound(&word).map(Pack::Set),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_of_both_kinds() {
        let line = |line, file| Directive::Line { line, file };
        assert_eq!(read(" 12 \"a b.h\" 1 3"), line(12, Some("a b.h")));
        assert_eq!(read("line 7"), line(7, None));
        assert_eq!(read(" 99999999999 \"a\""), Directive::Refused("99999999999"));
    }

    #[test]
    fn packs() {
        assert_eq!(read("pragma pack(push, 2)"), Directive::Pack(Pack::Push(Some(2))));
        assert_eq!(read("pragma pack(push)"), Directive::Pack(Pack::Push(None)));
        assert_eq!(read("pragma pack(pop)"), Directive::Pack(Pack::Pop(None)));
        assert_eq!(read(" pragma pack ()"), Directive::Pack(Pack::Set(0)));
        assert_eq!(read("pragma pack(3)"), Directive::Nothing);
        assert_eq!(read("pragma once"), Directive::Nothing);
    }

    #[test]
    fn what_needs_a_preprocessor() {
        assert_eq!(read("include <stdio.h>"), Directive::Refused("include"));
        assert_eq!(read("  endif"), Directive::Refused("endif"));
        assert_eq!(read("define X 1"), Directive::Define { offset: 6 });
    }
}
