//! The inputs of a block, as its programs make them.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use super::leaf::From;
use super::{Around, Program, Scratch};
use crate::block::Read;
use crate::buffer::{Buffer, Part};
use crate::error::Result;
use crate::gather::{dense_strides, is_dense};
use crate::window::Window;

/// What an input of a block needs, and what was read of it.
pub(super) struct Inner {
    pub(super) scratch: Scratch,
    pub(super) read: Buffer,
    /// Where what was asked for lies one after another in memory, if it does: it is not read then.
    pub(super) seen: Option<(Arc<Buffer>, Range<usize>)>,
}

impl Inner {
    fn elements(&self) -> Part<'_> {
        match &self.seen {
            Some((elements, range)) => elements.part(range.clone()),
            None => self.read.part(0..self.read.len()),
        }
    }
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
            seen: None,
        })
    }

    /// Where a window of an input lies one after another in memory, if it does.
    fn seen(&mut self, input: usize, window: &Window) -> Option<(Arc<Buffer>, Range<usize>)> {
        let (leaf, results) = (self.programs[input].plain()?, self.around.results);
        // An empty window is nowhere: no view shows a place for it.
        let range = match window.len() {
            0 => 0..0,
            _ => dense_range(&leaf.views[0].window(window), &leaf.shape)?,
        };
        let elements = match &leaf.from {
            From::Memory(elements) => elements,
            From::Result { place, on_disk: false } => {
                let held = &mut self.inner(input).scratch.leaves[0].elements;
                held.get_or_insert_with(|| results(*place).in_memory())
            }
            From::Result { .. } | From::Source(_) | From::Block(..) => return None,
        };
        Some((Arc::clone(elements), range))
    }
}

/// Where the elements of a window of an array lie, if one after another.
fn dense_range(shown: &Window, shape: &[usize]) -> Option<Range<usize>> {
    let strides = dense_strides(shape);
    if !is_dense(shown.shape(), &strides) {
        return None;
    }
    let along = shown.start().iter().zip(&strides);
    let first: usize = along.map(|(start, stride)| start * stride.unsigned_abs()).sum();
    Some(first..first + shown.len())
}

impl Read for Inputs<'_> {
    fn read(&mut self, input: usize, window: &Window, out: &mut Buffer) -> Result<()> {
        let (programs, around) = (self.programs, self.around);
        programs[input].fill(window, &mut self.inner(input).scratch, around, out)
    }

    fn get(&mut self, input: usize, window: &Window) -> Result<Part<'_>> {
        let (programs, around) = (self.programs, self.around);
        let seen = self.seen(input, window);
        let inner = self.inner(input);
        if seen.is_none() {
            programs[input].fill(window, &mut inner.scratch, around, &mut inner.read)?;
        }
        inner.seen = seen;
        Ok(inner.elements())
    }

    fn got(&self, input: usize) -> Part<'_> {
        match self.inner.get(&input) {
            Some(inner) => inner.elements(),
            None => unreachable!("input {input} is looked at before it is read"),
        }
    }

    fn kept(&mut self) -> &mut Option<(Window, Buffer)> {
        self.kept
    }

    fn all(&mut self, input: usize) -> Option<Part<'_>> {
        let leaf = self.programs[input].plain().filter(|leaf| leaf.is_plain())?;
        let seen = self.seen(input, &Window::whole(&leaf.shape))?;
        let inner = self.inner(input);
        inner.seen = Some(seen);
        Some(inner.elements())
    }
}
