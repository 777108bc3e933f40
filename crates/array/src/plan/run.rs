//! How a plan is carried out.

use std::sync::{Arc, Mutex, PoisonError};

use super::{End, Plan, Sink, Stage};
use crate::buffer::{Buffer, with_dtype};
use crate::chunks::Chunks;
use crate::error::Result;
use crate::executor::{Cancel, for_blocks};
use crate::program::Scratch;
use crate::reduce::{Accumulators, Kept, Tree, destination, reduced_len};
use crate::slab::{AnyClaim, AnySlab, Slab};
use crate::window::Window;

/// The stored arrays that are there.
type Arrays = [Mutex<Option<Arc<Buffer>>>];

impl Plan {
    /// Computes the arrays that were asked for, in that order.
    pub(crate) fn run(&self, cancel: &Cancel) -> Result<Vec<Arc<Buffer>>> {
        let arrays: Vec<Mutex<Option<Arc<Buffer>>>> =
            self.stored.iter().map(|_| Mutex::new(None)).collect();
        for (at, stage) in self.stages.iter().enumerate() {
            self.run_stage(stage, &arrays, cancel)?;
            for (stored, array) in self.stored.iter().zip(&arrays) {
                if stored.last == at {
                    set(array, None);
                }
            }
        }
        Ok(self.roots.iter().map(|&root| get(&arrays, root)).collect())
    }

    fn run_stage(&self, stage: &Stage, arrays: &Arrays, cancel: &Cancel) -> Result<()> {
        let slabs: Vec<Writer<'_>> =
            stage.sinks.iter().map(|sink| self.writer(sink, &stage.chunks)).collect();
        let scratch = |_| stage.program.scratch();
        for_blocks(stage.chunks.count(), stage.workers, cancel, scratch, |scratch, number| {
            stage.run_chunk(number, scratch, &slabs, arrays)
        })?;
        for (sink, writer) in stage.sinks.iter().zip(slabs) {
            set(&arrays[sink.stored], Some(Arc::new(writer.slab.into_buffer())));
        }
        Ok(())
    }

    fn writer<'a>(&'a self, sink: &'a Sink, space: &'a Chunks) -> Writer<'a> {
        let stored = &self.stored[sink.stored];
        let slab: Box<dyn AnySlab> =
            with_dtype!(stored.dtype, T => Box::new(Slab::<T>::new(stored.chunks.clone())));
        Writer { end: &sink.end, space, result: &stored.chunks, slab, tree: Tree::new() }
    }
}

fn get(arrays: &Arrays, place: usize) -> Arc<Buffer> {
    let array = arrays[place].lock().unwrap_or_else(PoisonError::into_inner);
    match &*array {
        Some(array) => Arc::clone(array),
        None => unreachable!("stored array {place} is read before it is made"),
    }
}

fn set(array: &Mutex<Option<Arc<Buffer>>>, to: Option<Arc<Buffer>>) {
    *array.lock().unwrap_or_else(PoisonError::into_inner) = to;
}

impl Stage {
    fn run_chunk(
        &self,
        number: usize,
        scratch: &mut Scratch,
        writers: &[Writer<'_>],
        arrays: &Arrays,
    ) -> Result<()> {
        let chunk = self.chunks.window(number);
        let mut open: Vec<Open<'_>> =
            writers.iter().map(|writer| writer.open(number, &chunk)).collect();
        self.program.run(&chunk, scratch, &|place| get(arrays, place), |tile, outputs| {
            for (open, output) in open.iter_mut().zip(outputs) {
                match open {
                    Open::Store(claim) => claim.write(tile, output),
                    Open::Reduce(writer, accumulators) => {
                        writer.fold(accumulators, &chunk, tile, output)
                    }
                }
            }
            Ok(())
        })?;
        for open in open {
            if let Open::Reduce(writer, accumulators) = open {
                writer.reduced(number, accumulators);
            }
        }
        Ok(())
    }
}

/// An array while it is made.
struct Writer<'a> {
    end: &'a End,
    /// The chunks of the stage, and of the array.
    space: &'a Chunks,
    result: &'a Chunks,
    slab: Box<dyn AnySlab>,
    tree: Tree,
}

/// What a chunk of the stage goes into.
enum Open<'a> {
    Store(Box<dyn AnyClaim + 'a>),
    Reduce(&'a Writer<'a>, Accumulators),
}

impl Writer<'_> {
    fn open(&self, number: usize, chunk: &Window) -> Open<'_> {
        match self.end {
            End::Store => Open::Store(self.claim(number)),
            End::Reduce { axes, reducer, shape } => {
                let len = Kept { axes, shape, chunk }.len();
                Open::Reduce(self, reducer.start(len))
            }
        }
    }

    fn claim(&self, number: usize) -> Box<dyn AnyClaim + '_> {
        match self.slab.claim(number) {
            Some(claim) => claim,
            None => unreachable!("chunk {number} is made twice"),
        }
    }

    fn fold(
        &self,
        accumulators: &mut Accumulators,
        chunk: &Window,
        tile: &Window,
        elements: &crate::buffer::Part<'_>,
    ) {
        if let End::Reduce { axes, reducer, shape } = self.end {
            reducer.fold(accumulators, &Kept { axes, shape, chunk }, tile, elements);
        }
    }

    /// What a chunk was reduced to goes up the tree, and into the array when it is the last.
    fn reduced(&self, number: usize, accumulators: Accumulators) {
        let End::Reduce { axes, reducer, shape } = self.end else { return };
        let (to, among, of) = destination(self.space, axes, number);
        if let Some(all) = self.tree.push(&**reducer, to, among, of, accumulators) {
            let window = self.result.window(to);
            let mut elements = Buffer::new(reducer.result());
            elements.resize(window.len());
            reducer.finish(all, reduced_len(shape, axes), &mut elements);
            self.claim(to).write(&window, &elements.part(0..window.len()));
        }
    }
}
