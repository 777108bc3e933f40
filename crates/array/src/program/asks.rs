//! Which windows of arrays that others have a program reads, without reading them.
//!
//! It goes the way of [`Program::run`](super::Program::run): chunk by chunk, first what is read ahead of all of them, band by
//! band, then portion by portion, leaf by leaf.

use std::collections::HashMap;

use super::leaf::{From, Leaf};
use super::{Program, of_chunks, wide};
use crate::node::AnySource;
use crate::tile::parts;
use crate::window::{Dims, Window};

/// What is read.
#[derive(Clone, Copy)]
pub(crate) enum Wanted<'a> {
    /// The result of an earlier stage that is not in this rank's memory as a whole.
    Result(usize),
    Source(&'a dyn AnySource),
}

/// Follows programs through chunks, and remembers in what portions.
#[derive(Default)]
pub(crate) struct Follower(HashMap<(*const Program, Dims, Dims), Dims>);

impl Follower {
    /// The windows that a program reads for chunks of one shape that lie side by side, in order.
    pub(crate) fn run<'a>(
        &mut self,
        program: &'a Program,
        chunks: &[Window],
        read: &mut dyn FnMut(Wanted<'a>, &Window),
    ) {
        let (Some(first), Some(last)) = (chunks.first(), chunks.last()) else { return };
        if first.len() == 0 {
            return;
        }
        let wide = wide(first, last);
        let portion = self.portion(program, first.shape(), &wide);
        let is_cut = |axis: usize| wide[axis] > 1 && portion[axis] < first.shape()[axis];
        match (0..first.ndim()).any(is_cut) {
            true => chunks.iter().for_each(|chunk| {
                let portion =
                    self.portion(program, chunk.shape(), &Dims::from_elem(1, chunk.ndim()));
                self.strip(program, (chunk, chunk), &portion, read);
            }),
            false => self.strip(program, (first, last), &portion, read),
        }
    }

    fn portion(&mut self, program: &Program, chunk: &[usize], wide: &[usize]) -> Dims {
        let key = (std::ptr::from_ref(program), Dims::from(chunk), Dims::from(wide));
        self.0.entry(key).or_insert_with(|| program.portion_of(chunk, wide)).clone()
    }

    fn strip<'a>(
        &mut self,
        program: &'a Program,
        (first, last): (&Window, &Window),
        portion: &[usize],
        read: &mut dyn FnMut(Wanted<'a>, &Window),
    ) {
        let (ahead, others): (Vec<&Leaf>, Vec<&Leaf>) =
            program.leaves.iter().partition(|leaf| leaf.is_ahead);
        let whole = of_chunks(first, first, first, last);
        let mut done: Result<(), ()> = ahead.into_iter().try_for_each(|leaf| {
            leaf.bands(&whole, |band| {
                self.leaf(leaf, band, read);
                Ok(())
            })
        });
        done = done.and_then(|()| {
            parts(first, portion, |part| {
                let strip = of_chunks(part, first, first, last);
                others.iter().for_each(|leaf| self.leaf(leaf, &leaf.window(&strip), read));
                Ok(())
            })
        });
        debug_assert!(done.is_ok());
    }

    fn leaf<'a>(
        &mut self,
        leaf: &'a Leaf,
        window: &Window,
        read: &mut dyn FnMut(Wanted<'a>, &Window),
    ) {
        match &leaf.from {
            From::Result { on_disk: true, place } => read(Wanted::Result(*place), window),
            From::Source(source) if !source.is_computed() => {
                read(Wanted::Source(&**source), window);
            }
            From::Block(block, inputs) => {
                for (input, window) in block.asks(window) {
                    self.fill(&inputs[input], &window, read);
                }
            }
            From::Memory(_) | From::Result { on_disk: false, .. } | From::Source(_) => {}
        }
    }

    fn fill<'a>(
        &mut self,
        program: &'a Program,
        window: &Window,
        read: &mut dyn FnMut(Wanted<'a>, &Window),
    ) {
        if window.len() == 0 {
            return;
        }
        match program.plain() {
            Some(leaf) => self.leaf(leaf, &leaf.views[0].window(window), read),
            None => self.run(program, std::slice::from_ref(window), read),
        }
    }
}
