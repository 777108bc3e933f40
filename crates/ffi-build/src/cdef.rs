//! The declarations of an invocation, and where each of them stands.

use std::path::PathBuf;

use tenfold_cdecl::{Options, Span, Target, Unit};

use crate::error::{Fault, Place, Placed};

/// A text with declarations, and where it begins.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) file: PathBuf,
    /// The line of its first character, from 1.
    pub(crate) line: usize,
    pub(crate) text: String,
}

/// Declarations, read.
#[derive(Debug)]
pub(crate) struct Cdef {
    pub(crate) unit: Unit,
    file: PathBuf,
    line: usize,
}

impl Source {
    fn place(&self, line: u32, caret: Option<&str>) -> Place {
        let line = self.line + (line.max(1) as usize - 1);
        Place { file: self.file.clone(), line, caret: caret.map(str::to_owned) }
    }

    /// Reads the declarations, for a machine.
    pub(crate) fn read(self, target: Target) -> Result<Cdef, Fault> {
        match Options::new().target(target).parse(&self.text) {
            Ok(unit) => Ok(Cdef { unit, file: self.file, line: self.line }),
            Err(error) => {
                let place = self.place(error.line(), error.caret());
                Err(Fault::new(error.message()).at(place))
            }
        }
    }
}

impl Cdef {
    /// Where a declaration stands.
    pub(crate) fn place(&self, span: Span) -> Place {
        let line = self.unit.position(span).map_or(1, |position| position.line().max(1)) as usize;
        Place { file: self.file.clone(), line: self.line + line - 1, caret: self.unit.caret(span) }
    }

    /// A fault at its declaration, if it is that of one.
    pub(crate) fn placed(&self, (span, fault): Placed) -> Fault {
        match span {
            Some(span) => fault.at(self.place(span)),
            None => fault,
        }
    }
}
