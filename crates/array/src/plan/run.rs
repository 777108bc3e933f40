//! How a plan is carried out.

use std::sync::{Arc, Mutex, PoisonError};

use super::{End, Place, Plan, Sink, Stage};
use crate::buffer::{Buffer, Part, with_dtype};
use crate::chunks::Chunks;
use crate::destination::{AnyTarget, Claimed, Collected, Destination, Made};
use crate::element::Element;
use crate::error::Result;
use crate::executor::{Cancel, for_blocks};
use crate::file::ScratchFile;
use crate::node::Typed;
use crate::program::Scratch;
use crate::reduce::{Accumulators, Kept, Tree, destination, reduced_len};
use crate::slab::Slab;
use crate::source::Target;
use crate::window::Window;

/// The stored arrays that are there.
type Arrays = [Mutex<Option<Made>>];

impl Plan {
    /// Computes the arrays that were asked for, in that order.
    pub(crate) fn run(
        &self,
        cancel: &Cancel,
        targets: &[Box<dyn AnyTarget + '_>],
    ) -> Result<Vec<Made>> {
        let arrays: Vec<Mutex<Option<Made>>> =
            self.stored.iter().map(|_| Mutex::new(None)).collect();
        for (at, stage) in self.stages.iter().enumerate() {
            self.run_stage(stage, &arrays, cancel, targets)?;
            for (stored, array) in self.stored.iter().zip(&arrays) {
                if stored.last == at {
                    set(array, None);
                }
            }
        }
        Ok(self.roots.iter().map(|&root| get(&arrays, root)).collect())
    }

    /// How many bytes the arrays take that were asked for, when it is over.
    pub(crate) fn result_bytes(&self) -> usize {
        self.roots.iter().fold(0, |bytes, &root| bytes.saturating_add(self.stored[root].bytes()))
    }

    fn run_stage(
        &self,
        stage: &Stage,
        arrays: &Arrays,
        cancel: &Cancel,
        targets: &[Box<dyn AnyTarget + '_>],
    ) -> Result<()> {
        let writers: Result<Vec<Writer<'_>>> =
            stage.sinks.iter().map(|sink| self.writer(sink, &stage.chunks, targets)).collect();
        let writers = writers?;
        let scratch = |_| stage.program.scratch();
        for_blocks(stage.strips.count(), stage.workers, cancel, scratch, |scratch, strip| {
            stage.run_strip(strip, scratch, &writers, arrays)
        })?;
        for (sink, writer) in stage.sinks.iter().zip(writers) {
            set(&arrays[sink.stored], Some(writer.to.finish()));
        }
        Ok(())
    }

    fn writer<'a>(
        &'a self,
        sink: &'a Sink,
        space: &'a Chunks,
        targets: &'a [Box<dyn AnyTarget + '_>],
    ) -> Result<Writer<'a>> {
        let stored = &self.stored[sink.stored];
        let (dtype, chunks) = (stored.dtype, stored.chunks.clone());
        let to: Box<dyn Destination + 'a> = match stored.place {
            Place::Memory => {
                let slab = with_dtype!(dtype, T => Slab::<T>::new(chunks).map(|slab| Box::new(slab) as Box<dyn Destination>));
                slab.map_err(|error| error.at(stored.origin))?
            }
            Place::Disk => with_dtype!(dtype, T => Box::new(self.scratch_file::<T>(chunks)?)),
            Place::Target(number) => {
                let target = Box::new(Borrowed(&*targets[number]));
                Box::new(Collected { target, dtype, chunks, kept: Made::Away })
            }
        };
        Ok(Writer { end: &sink.end, space, result: &stored.chunks, to, tree: Tree::new() })
    }

    fn scratch_file<T: Element>(&self, chunks: Chunks) -> Result<Collected<'static>> {
        let file = Arc::new(ScratchFile::<T>::create(&self.folder, &chunks.shape())?);
        let kept = Made::Disk(Arc::new(Typed::<T, _>::new(Arc::clone(&file), "scratch")));
        Ok(Collected { target: Box::new(Owned(file)), dtype: T::DTYPE, chunks, kept })
    }
}

/// A target that somebody else has.
struct Borrowed<'a>(&'a dyn AnyTarget);

impl AnyTarget for Borrowed<'_> {
    fn write(&self, window: &Window, elements: &Part<'_>) -> Result<()> {
        self.0.write(window, elements)
    }
}

/// A scratch file that is also read.
struct Owned<T>(Arc<ScratchFile<T>>);

impl<T: Element> AnyTarget for Owned<T> {
    fn write(&self, window: &Window, elements: &Part<'_>) -> Result<()> {
        self.0.write(window, elements.elements())
    }
}

fn get(arrays: &Arrays, place: usize) -> Made {
    let array = arrays[place].lock().unwrap_or_else(PoisonError::into_inner);
    match &*array {
        Some(array) => array.clone(),
        None => unreachable!("stored array {place} is read before it is made"),
    }
}

fn set(array: &Mutex<Option<Made>>, to: Option<Made>) {
    *array.lock().unwrap_or_else(PoisonError::into_inner) = to;
}

impl Stage {
    fn run_strip(
        &self,
        strip: usize,
        scratch: &mut Scratch,
        writers: &[Writer<'_>],
        arrays: &Arrays,
    ) -> Result<()> {
        let numbers = self.strips.chunks(strip);
        let chunks: Vec<Window> =
            numbers.clone().map(|number| self.chunks.window(number)).collect();
        let opened =
            |(number, chunk)| writers.iter().map(|writer| writer.open(number, chunk)).collect();
        let mut open: Vec<Vec<Open<'_>>> = numbers.clone().zip(&chunks).map(opened).collect();
        self.program.run(&chunks, scratch, &|place| get(arrays, place), |at, tile, outputs| {
            for (open, output) in open[at].iter_mut().zip(outputs) {
                match open {
                    Open::Store(claim) => claim.write(tile, output),
                    Open::Reduce(writer, accumulators) => {
                        writer.fold(accumulators, &chunks[at], tile, output);
                    }
                }
            }
            Ok(())
        })?;
        for (number, open) in numbers.zip(open) {
            open.into_iter().try_for_each(|open| open.finish(number))?;
        }
        Ok(())
    }
}

impl Open<'_> {
    /// All of a chunk has come.
    fn finish(self, number: usize) -> Result<()> {
        match self {
            Self::Store(claim) => claim.finish(),
            Self::Reduce(writer, accumulators) => writer.reduced(number, accumulators),
        }
    }
}

/// An array while it is made.
struct Writer<'a> {
    end: &'a End,
    /// The chunks of the stage, and of the array.
    space: &'a Chunks,
    result: &'a Chunks,
    to: Box<dyn Destination + 'a>,
    tree: Tree,
}

/// What a chunk of the stage goes into.
enum Open<'a> {
    Store(Box<dyn Claimed + 'a>),
    Reduce(&'a Writer<'a>, Accumulators),
}

impl Writer<'_> {
    fn open(&self, number: usize, chunk: &Window) -> Open<'_> {
        match self.end {
            End::Store => Open::Store(self.to.claim(number)),
            End::Reduce { axes, reducer, shape } => {
                let len = Kept { axes, shape, chunk }.len();
                Open::Reduce(self, reducer.start(len))
            }
        }
    }

    fn fold(
        &self,
        accumulators: &mut Accumulators,
        chunk: &Window,
        tile: &Window,
        elements: &Part<'_>,
    ) {
        if let End::Reduce { axes, reducer, shape } = self.end {
            reducer.fold(accumulators, &Kept { axes, shape, chunk }, tile, elements);
        }
    }

    /// What a chunk was reduced to goes up the tree, and into the array when it is the last.
    fn reduced(&self, number: usize, accumulators: Accumulators) -> Result<()> {
        let End::Reduce { axes, reducer, shape } = self.end else { return Ok(()) };
        let (to, among, of) = destination(self.space, axes, number);
        if let Some(all) = self.tree.push(&**reducer, to, among, of, accumulators) {
            let window = self.result.window(to);
            let mut elements = Buffer::new(reducer.result());
            elements.resize(window.len());
            reducer.finish(all, reduced_len(shape, axes), &mut elements);
            let mut claim = self.to.claim(to);
            claim.write(&window, &elements.part(0..window.len()));
            claim.finish()?;
        }
        Ok(())
    }
}
