//! The inputs of a block, as its programs make them.

use std::collections::HashMap;

use super::leaf::From;
use super::{Around, Program, Scratch};
use crate::block::Read;
use crate::buffer::{Buffer, Part};
use crate::error::Result;
use crate::window::Window;

/// What an input of a block needs, and what was read of it.
pub(super) struct Inner {
    pub(super) scratch: Scratch,
    pub(super) read: Buffer,
}

/// The inputs of a block operation, computed when they are asked for.
pub(super) struct Inputs<'a> {
    pub(super) programs: &'a [Program],
    pub(super) inner: &'a mut HashMap<usize, Inner>,
    pub(super) kept: &'a mut Option<(Window, Buffer)>,
    pub(super) around: Around<'a>,
}

impl Inputs<'_> {
    fn inner(&mut self, input: usize) -> &mut Inner {
        let program = &self.programs[input];
        self.inner.entry(input).or_insert_with(|| Inner {
            scratch: program.scratch(),
            read: Buffer::new(program.dtype()),
        })
    }
}

impl Read for Inputs<'_> {
    fn read(&mut self, input: usize, window: &Window, out: &mut Buffer) -> Result<()> {
        let (programs, around) = (self.programs, self.around);
        programs[input].fill(window, &mut self.inner(input).scratch, around, out)
    }

    fn get(&mut self, input: usize, window: &Window) -> Result<Part<'_>> {
        let (programs, around) = (self.programs, self.around);
        let Inner { scratch, read } = self.inner(input);
        programs[input].fill(window, scratch, around, read)?;
        Ok(read.part(0..window.len()))
    }

    fn got(&self, input: usize) -> Part<'_> {
        match self.inner.get(&input) {
            Some(Inner { read, .. }) => read.part(0..read.len()),
            None => unreachable!("input {input} is looked at before it is read"),
        }
    }

    fn kept(&mut self) -> &mut Option<(Window, Buffer)> {
        self.kept
    }

    fn all(&mut self, input: usize) -> Option<Part<'_>> {
        let leaf = self.programs[input].plain().filter(|leaf| leaf.is_plain())?;
        let results = self.around.results;
        let held = &mut self.inner(input).scratch.leaves[0].elements;
        let elements = match &leaf.from {
            From::Memory(elements) => elements,
            From::Result { place, on_disk: false } => {
                held.get_or_insert_with(|| results(*place).in_memory())
            }
            From::Result { .. } | From::Source(_) | From::Block(..) => return None,
        };
        Some(elements.part(0..elements.len()))
    }
}
