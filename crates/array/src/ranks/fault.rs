//! An error that goes to other ranks.

use std::sync::Arc;

use super::wire::{Reader, Writer};
use crate::error::{Error, ErrorKind};
use crate::node::Node;

macro_rules! kinds {
    ($($kind:ident)*) => {
        /// All kinds, each by its number.
        const KINDS: &[ErrorKind] = &[$(ErrorKind::$kind),*];

        /// A kind that is missing above is an error here.
        const _: fn(ErrorKind) = |kind| match kind {
            $(ErrorKind::$kind => {})*
        };
    };
}

kinds! {
    Shape Axis Chunks Index Value Empty Memory Failed Panicked Cancelled Io Data Unsupported Ranks
}

/// What is known of an error elsewhere, and on which rank it happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    rank: usize,
    kind: ErrorKind,
    sentence: String,
    /// File, line and column that wrote the operation.
    place: Option<(String, u32, u32)>,
    source: Option<String>,
}

impl Fault {
    pub(super) fn new(rank: usize, error: &Error) -> Self {
        let place = error.location().map(|at| (at.file().to_owned(), at.line(), at.column()));
        let source = std::error::Error::source(error).map(|source| source.to_string());
        Self { rank, kind: error.kind(), sentence: error.sentence().to_owned(), place, source }
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let kind = KINDS.iter().position(|&kind| kind == self.kind).unwrap_or(KINDS.len());
        let all = Writer::default().numbers(&[self.rank, kind]).bytes(self.sentence.as_bytes());
        let all = match &self.place {
            Some((file, line, column)) => {
                all.bytes(file.as_bytes()).number((*line).into()).number((*column).into())
            }
            None => all.bytes(b"").number(0).number(0),
        };
        let source = self.source.as_deref().map_or(&b""[..], str::as_bytes);
        all.bytes(source).end()
    }

    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let mut from = Reader(bytes);
        let [rank, kind] = from.numbers()?.try_into().ok()?;
        let (kind, sentence) = (*KINDS.get(kind)?, from.text()?);
        let (file, line, column) = (from.text()?, from.number()?, from.number()?);
        let place = match file.is_empty() {
            true => None,
            false => Some((file, line.try_into().ok()?, column.try_into().ok()?)),
        };
        let source = Some(from.text()?).filter(|source| !source.is_empty());
        Some(Self { rank, kind, sentence, place, source })
    }

    /// The error as all ranks tell it. The line is that of one of these arrays, which are the same everywhere.
    pub(super) fn into_error(self, arrays: &[Arc<Node>]) -> Error {
        let Self { rank, kind, mut sentence, place, source } = self;
        let origin = place.as_ref().and_then(|(file, line, column)| {
            let mut origins = arrays.iter().map(|node| node.origin);
            origins.find(|at| (at.file(), at.line(), at.column()) == (file, *line, *column))
        });
        if let (Some((file, line, _)), None) = (&place, origin) {
            sentence = format!("{sentence} (at {file}:{line})");
        }
        let error = Error::new(kind, sentence).within(&format!("rank {rank}"));
        let error = origin.map_or(error.clone(), |origin| error.at(origin));
        source.map_or(error.clone(), |source| error.because(source))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_come_through_with_kind_line_and_source() {
        let disk = std::io::Error::other("disk full");
        let here = std::panic::Location::caller();
        for error in [
            Error::new(ErrorKind::Io, "no room").because(disk).at(here),
            Error::new(ErrorKind::Panicked, "ä"),
        ] {
            let fault = Fault::new(3, &error);
            let bytes = fault.to_bytes();
            assert_eq!(Fault::read(&bytes), Some(fault.clone()));
            assert_eq!(Fault::read(&bytes[..bytes.len() - 1]), None);
            let told = fault.into_error(&[]);
            assert_eq!(told.kind(), error.kind());
            assert_eq!(format!("{told:#}"), format!("rank 3: {error:#}"));
        }
    }
}
