//! How a plan is carried out.

use std::sync::{Arc, Mutex, PoisonError};

use super::{End, Place, Plan, Sink, Stage};
use crate::buffer::{Buffer, Part, with_dtype};
use crate::chunks::Chunks;
use crate::destination::{AnyTarget, Claimed, Collected, Destination, Made, Remembered};
use crate::element::{DType, Element};
use crate::error::{Error, ErrorKind, Result};
use crate::executor::{Cancel, Progress, caught, for_blocks};
use crate::file::ScratchFile;
use crate::node::Typed;
use crate::program::Scratch;
use crate::reduce::{Accumulators, Kept, Tree, destination, reduced_len};
use crate::settings::Settings;
use crate::slab::Slab;
use crate::trace::{Activity, Recorder, Ring, Trace, TraceStage, What};
use crate::window::Window;

/// The stored arrays that are there.
type Arrays = [Mutex<Option<Made>>];

/// A plan that is carried out.
struct Run<'a> {
    plan: &'a Plan,
    arrays: Vec<Mutex<Option<Made>>>,
    /// Where the user wants arrays.
    targets: &'a [Arc<dyn AnyTarget + 'a>],
    cancel: &'a Cancel,
    progress: Option<Progress>,
    recorder: Option<&'a Recorder>,
}

/// What a worker has for a stage.
struct Worker<'a> {
    scratch: Scratch,
    ring: Option<Ring<'a>>,
}

impl Plan {
    /// Computes the arrays that were asked for, in that order.
    pub(crate) fn run(
        &self,
        settings: &Settings,
        targets: &[Arc<dyn AnyTarget + '_>],
    ) -> Result<Vec<Made>> {
        let recorder = settings.traces.is_some().then(Recorder::start);
        let mut stages = vec![];
        let run = Run {
            plan: self,
            arrays: self.stored.iter().map(|_| Mutex::new(None)).collect(),
            targets,
            cancel: &settings.cancel,
            progress: settings
                .progress
                .as_ref()
                .and_then(|told| told.begin(self.tasks(), "chunks")),
            recorder: recorder.as_ref(),
        };
        let made = run.all(&mut stages);
        drop(run);
        if let Some(recorder) = recorder {
            settings.keep(self.trace(stages).finish(recorder));
        }
        made
    }

    /// What is known of a run beside what workers have recorded.
    fn trace(&self, stages: Vec<TraceStage>) -> Trace {
        Trace {
            peak_bytes: self.peak_memory() as u64,
            memory: self.memory,
            workers: stages.iter().map(|stage| stage.workers).max().unwrap_or(0),
            plan: self.to_string(),
            stages,
            ..Trace::default()
        }
    }

    /// How many bytes the arrays take that were asked for, when it is over.
    pub(crate) fn result_bytes(&self) -> usize {
        self.roots.iter().fold(0, |bytes, &root| bytes.saturating_add(self.stored[root].bytes()))
    }
}

impl Run<'_> {
    /// All stages, of which each is noted if somebody records.
    fn all(&self, stages: &mut Vec<TraceStage>) -> Result<Vec<Made>> {
        let mut over = vec![vec![]; self.plan.stages.len() + 1];
        for (place, stored) in self.plan.stored.iter().enumerate() {
            over[stored.last].push(place);
        }
        for ((at, stage), over) in self.plan.stages.iter().enumerate().zip(over) {
            let started = self.recorder.map(Recorder::now);
            let done = self.stage(at, stage);
            stages.extend(started.map(|started| self.noted(stage, started)));
            done?;
            over.into_iter().for_each(|place| set(&self.arrays[place], None));
        }
        if let Some(progress) = &self.progress {
            progress.tell()?;
        }
        Ok(self.plan.roots.iter().map(|&root| get(&self.arrays, root)).collect())
    }

    /// A stage that has come to its end. Its times are ticks until the run has.
    fn noted(&self, stage: &Stage, started: u64) -> TraceStage {
        let names = stage.sinks.iter().map(|sink| &*self.plan.stored[sink.stored].name);
        let workers = stage.workers.clamp(1, stage.strips.count().max(1));
        TraceStage {
            name: names.collect::<Vec<_>>().join(", ").into(),
            start_ns: started,
            end_ns: self.recorder.map_or(started, |recorder| {
                recorder.sample();
                recorder.now()
            }),
            chunks: stage.chunks.count(),
            workers,
            peak_bytes: stage.peak(workers) as u64,
        }
    }

    fn stage(&self, at: usize, stage: &Stage) -> Result<()> {
        let writers: Result<Vec<Writer<'_>>> =
            stage.sinks.iter().map(|sink| self.writer(sink, &stage.chunks)).collect();
        let writers = writers?;
        let worker = |number| Worker {
            scratch: stage.program.scratch(),
            ring: self.recorder.map(|recorder| recorder.ring(number)),
        };
        for_blocks(stage.strips.count(), stage.workers, self.cancel, worker, |worker, strip| {
            let numbers = stage.strips.chunks(strip);
            Strip { run: self, stage, at, writers: &writers, numbers }.run(worker)
        })?;
        for (sink, writer) in stage.sinks.iter().zip(writers) {
            set(&self.arrays[sink.stored], Some(writer.to.finish()));
        }
        Ok(())
    }

    fn writer<'a>(&'a self, sink: &'a Sink, space: &'a Chunks) -> Result<Writer<'a>> {
        let stored = &self.plan.stored[sink.stored];
        let (dtype, chunks) = (stored.dtype, stored.chunks.clone());
        let to: Box<dyn Destination + 'a> = match stored.place {
            Place::Memory => {
                let slab = with_dtype!(dtype, T => Slab::<T>::new(chunks).map(|slab| Box::new(slab) as Box<dyn Destination>));
                slab.map_err(|error| error.at(stored.origin))?
            }
            Place::Disk => with_dtype!(dtype, T => Box::new(self.scratch_file::<T>(chunks)?)),
            Place::Target(number) => {
                let target = Arc::clone(&self.targets[number]);
                Box::new(Collected { target, dtype, chunks, kept: Made::Away })
            }
        };
        let finishing = match (&sink.end, stored.place) {
            (End::Reduce { .. }, _) => Some(Activity::Merge),
            (End::Store, Place::Memory) => None,
            (End::Store, Place::Disk) => Some(Activity::Spill),
            (End::Store, Place::Target(_)) => Some(Activity::Write),
        };
        let (end, result, tree) = (&sink.end, &stored.chunks, Tree::new());
        Ok(Writer { end, space, dtype, result, to, tree, finishing })
    }

    fn scratch_file<T: Element>(&self, chunks: Chunks) -> Result<Collected<'static>> {
        let file = Arc::new(ScratchFile::<T>::create(&self.plan.folder, &chunks.shape())?);
        let kept = Made::Disk(Arc::new(Typed::<T, _>::new(Arc::clone(&file), "scratch")));
        let target = Arc::new(Remembered::new(file));
        Ok(Collected { target, dtype: T::DTYPE, chunks, kept })
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

/// Chunks of a stage that a worker goes through together.
struct Strip<'a> {
    run: &'a Run<'a>,
    stage: &'a Stage,
    /// The place of the stage in the plan.
    at: usize,
    writers: &'a [Writer<'a>],
    /// The numbers of its chunks.
    numbers: Vec<usize>,
}

impl Strip<'_> {
    /// Runs it, and says which array and line a panic is of.
    fn run(&self, worker: &mut Worker<'_>) -> Result<()> {
        let stored = &self.run.plan.stored[self.stage.sinks[0].stored];
        let done = caught(|| self.compute(worker)).unwrap_or_else(|text| {
            let first = self.numbers[0];
            let sentence = format!("chunk {first} of array `{}` panicked: {text}", stored.name);
            Err(Error::new(ErrorKind::Panicked, sentence).at(stored.origin))
        });
        if done.is_err() {
            self.record(&mut worker.ring, Activity::Compute, 0, true);
        }
        done?;
        match &self.run.progress {
            Some(progress) => progress.step(self.numbers.len()),
            None => Ok(()),
        }
    }

    fn compute(&self, worker: &mut Worker<'_>) -> Result<()> {
        let Self { stage, writers, numbers, .. } = self;
        let chunks: Vec<Window> =
            numbers.iter().map(|&number| stage.chunks.window(number)).collect();
        let opened = |writer| {
            let of_writer = |(&number, chunk)| Writer::open(writer, number, chunk);
            numbers.iter().zip(&chunks).map(of_writer).collect()
        };
        let mut open: Vec<Vec<Open<'_>>> = writers.iter().map(opened).collect();
        let mut computed = 0;
        let results = |place| get(&self.run.arrays, place);
        stage.program.run(&chunks, &mut worker.scratch, &results, |at, tile, outputs| {
            for (open, output) in open.iter_mut().zip(outputs) {
                match &mut open[at] {
                    Open::Store(claim) => claim.write(tile, output),
                    Open::Reduce(writer, accumulators) => {
                        writer.fold(accumulators, &chunks[at], tile, output);
                    }
                }
            }
            computed += outputs.iter().map(Part::bytes).sum::<usize>();
            Ok(())
        })?;
        self.record(&mut worker.ring, Activity::Compute, computed, false);
        for (writer, open) in writers.iter().zip(open) {
            let mut bytes = 0;
            for ((&number, chunk), open) in numbers.iter().zip(&chunks).zip(open) {
                bytes += writer.bytes(chunk);
                open.finish(number)?;
            }
            if let Some(activity) = writer.finishing {
                self.record(&mut worker.ring, activity, bytes, false);
            }
        }
        Ok(())
    }

    /// Notes what was done since the last time, if somebody records.
    fn record(&self, ring: &mut Option<Ring<'_>>, activity: Activity, bytes: usize, failed: bool) {
        let Some(ring) = ring else { return };
        ring.record_with_reads(What {
            stage: u32::try_from(self.at).unwrap_or(u32::MAX),
            number: self.numbers[0] as u64,
            activity,
            bytes: i64::try_from(bytes).unwrap_or(i64::MAX),
            failed,
        });
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
    dtype: DType,
    to: Box<dyn Destination + 'a>,
    tree: Tree,
    /// What is done when all of a chunk has come, where it takes time.
    finishing: Option<Activity>,
}

/// What a chunk of the stage goes into.
enum Open<'a> {
    Store(Box<dyn Claimed + 'a>),
    Reduce(&'a Writer<'a>, Accumulators),
}

impl Writer<'_> {
    /// How many bytes a chunk of the stage becomes: those of its elements, or of what they are folded into.
    fn bytes(&self, chunk: &Window) -> usize {
        match self.end {
            End::Store => chunk.len() * self.dtype.bytes(),
            End::Reduce { axes, reducer, shape, .. } => {
                Kept { axes, shape, chunk }.len() * reducer.bytes()
            }
        }
    }

    fn open(&self, number: usize, chunk: &Window) -> Open<'_> {
        match self.end {
            End::Store => Open::Store(self.to.claim(number)),
            End::Reduce { axes, reducer, shape, .. } => {
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
        if let End::Reduce { axes, reducer, shape, .. } = self.end {
            reducer.fold(accumulators, &Kept { axes, shape, chunk }, tile, elements);
        }
    }

    /// What a chunk was reduced to goes up the tree, and into the array when it is the last.
    fn reduced(&self, number: usize, accumulators: Accumulators) -> Result<()> {
        let End::Reduce { axes, reducer, by_chunk, shape } = self.end else { return Ok(()) };
        let (to, among, of) = match by_chunk {
            true => (number, 0, 1),
            false => destination(self.space, axes, number),
        };
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
