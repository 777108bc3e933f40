//! A text for the compiler, whose lines belong to declarations.

use std::fmt::Write as _;

use tenfold_cdecl::Span;

use crate::cdef::Cdef;
use crate::compiler::Message;
use crate::error::{Fault, Place};

/// What the compiler calls the file that the lines are in.
const FILE: &str = "declarations";

/// Lines of C.
#[derive(Debug)]
pub(crate) struct Lines {
    text: String,
    /// One for each line behind the preamble.
    owners: Vec<Owner>,
}

/// What a line checks.
#[derive(Debug, Clone)]
struct Owner {
    span: Span,
    about: String,
}

impl Lines {
    /// Text that belongs to nothing, and goes before.
    pub(crate) fn new(preamble: &str) -> Self {
        // A `#line` in it would count on.
        let text = format!("{preamble}\n#line 1 \"{FILE}\"\n");
        Self { text, owners: Vec::new() }
    }

    /// Adds a line that checks something of a declaration. Names that begin with `tf_` in what the compiler
    /// says of it mean what it is `about`.
    pub(crate) fn check(&mut self, span: Span, about: impl Into<String>, line: &str) {
        let _ = writeln!(self.text, "{}", line.replace('\n', " "));
        self.owners.push(Owner { span, about: about.into() });
    }

    /// The number that the next line has, from 1.
    pub(crate) fn next(&self) -> usize {
        self.owners.len() + 1
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// What the compiler said, one fault for each line: what follows the first error is most often its
    /// consequence.
    pub(crate) fn faults(&self, messages: &[Message], cdef: &Cdef, other: &Place) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut lines = Vec::new();
        for said in messages.chunk_by(|_, next| next.is_note) {
            let Some((error, notes)) = said.split_first() else { continue };
            // What is wrong in a macro is said of the macro, and noted of the line that uses it.
            let line = said.iter().find(|message| message.file == FILE).map(|message| message.line);
            // A header may be as careless as it likes.
            let is_theirs = line.is_none() && error.is_warning;
            let is_repeated = line.is_some() && lines.contains(&line);
            if !is_theirs && !is_repeated {
                lines.push(line);
                let owner = line.and_then(|line| self.owners.get(line.checked_sub(1)?));
                faults.push(fault(error, notes, owner, cdef, other));
            }
        }
        faults
    }
}

fn fault(
    error: &Message,
    notes: &[Message],
    owner: Option<&Owner>,
    cdef: &Cdef,
    other: &Place,
) -> Fault {
    let about = owner.map_or("", |owner| &owner.about);
    let place = owner.map_or_else(|| other.clone(), |owner| cdef.place(owner.span));
    let is_ours = error.file == FILE;
    let mut fault = Fault::new(named(&error.text, about)).at(place);
    if !is_ours && !error.file.is_empty() {
        fault = fault.note(format!("{}:{}: here", error.file, error.line));
    }
    for note in notes {
        let text = named(&note.text, about);
        if note.file != FILE {
            fault = fault.note(format!("{}:{}: note: {text}", note.file, note.line));
        } else if let Some(at) = text.find(" with type ").filter(|_| is_ours) {
            // Of a field, for example: what is there is said, not where.
            fault = fault.note(format!("note: the header has it{}", &text[at..]));
        }
    }
    fault
}

/// Our own names, in the user's words.
fn named(text: &str, about: &str) -> String {
    let mut said = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("tf_") {
        let digits = rest[at + 3..].bytes().take_while(u8::is_ascii_digit).count();
        said.push_str(&rest[..at]);
        said.push_str(if digits > 0 { about } else { "tf_" });
        rest = &rest[at + 3 + digits..];
    }
    said.push_str(rest);
    let said = said.replace("not handled in switch", "is not declared here: write it, or `...`");
    // The assertion's text, which has no colon, says it all.
    match said.rfind(": ").filter(|_| said.contains("static assertion failed")) {
        Some(at) => said[at + 2..].trim_matches('"').to_owned(),
        None => said,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_names_are_not_shown() {
        let said = "conflicting types for ‘tf_31’; have ‘tf_x’";
        assert_eq!(named(said, "s.f"), "conflicting types for ‘s.f’; have ‘tf_x’");
        assert_eq!(named("static assertion failed: \"X is not 7\"", ""), "X is not 7");
    }
}
