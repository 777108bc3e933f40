//! How a plan is carried out.

mod resumed;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::{End, Lists, Place, Plan, Sink, Stage, Stored, Strips, brought, merge};
use crate::buffer::{Buffer, Part, with_dtype};
use crate::checkpoint::{Checkpoints, How, Members, Own};
use crate::chunks::Chunks;
use crate::destination::{
    AnyTarget, Claimed, Collected, Destination, Lent, Made, Portion, Remembered, Wanted,
};
use crate::element::{DType, Element};
use crate::error::{Error, ErrorKind, Result};
use crate::executor::{Cancel, Ended, Progress, Stop, cancelled, caught, for_blocks};
use crate::file::ScratchFile;
use crate::node::Typed;
use crate::owners::Owners;
use crate::program::{Around, Given, Interrupted, Scratch, named};
use crate::reduce::{Accumulators, Kept, Reducer, Subtree, Tree, destination, reduced_len};
use crate::settings::Settings;
use crate::slab::Slab;
use crate::trace::{Activity, Recorder, Ring, Trace, TraceStage, What};
use crate::window::Window;

/// The stored arrays that are there.
type Arrays = [Mutex<Option<Made>>];

/// What several ranks have to do with each other that carry out one plan, each the chunks that are its own.
pub(crate) trait Team: Sync {
    /// The strips of a stage that are of this rank.
    fn strips(&self, stage: &Stage) -> Vec<Strips>;

    /// How many chunks of these are of this rank.
    fn count(&self, of: Owned<'_>) -> usize;

    /// Which of them.
    fn own(&self, of: Owned<'_>) -> Vec<usize>;

    /// Whether a chunk is.
    fn owns(&self, of: Owned<'_>, number: usize) -> bool;

    /// This rank.
    fn rank(&self) -> usize;

    /// The rank that a chunk is of.
    fn owner(&self, of: Owned<'_>, number: usize) -> usize;

    /// Where this rank's chunks of stored array `place` go, for all ranks to read.
    fn destination(&self, place: usize, stored: &Stored) -> Result<Box<dyn Destination>>;

    /// Sends what was reduced to another rank.
    fn send(&self, to: usize, partial: &Partial) -> Result<()>;

    /// This thread computes nothing for now.
    fn rest(&self);

    /// Waits for what other ranks have reduced.
    fn receive(&self) -> Result<Partial>;

    /// A chunk has failed: all ranks stop soon.
    fn fail(&self, error: &Error);

    /// Waits until all ranks have come here, and gives what all have brought, in any order.
    fn meet(&self, own: &[Brought]) -> Result<Vec<Brought>>;
}

/// Chunks that ranks have, and what says which.
pub(crate) type Owned<'a> = (&'a Chunks, &'a Owners);

/// A chunk of a small array, which all ranks get.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Brought {
    /// The number of the sink in its stage.
    pub(crate) sink: usize,
    pub(crate) chunk: usize,
    pub(crate) elements: Vec<u8>,
}

/// What a rank has reduced, for another that merges it with more.
#[derive(Debug)]
pub(crate) struct Partial {
    /// The number of the sink in its stage.
    pub(crate) sink: usize,
    pub(crate) subtree: Subtree,
    /// The accumulators, written.
    pub(crate) bytes: Vec<u8>,
}

/// A plan that is carried out.
struct Run<'a> {
    plan: &'a Plan,
    /// The other ranks, if there are any.
    team: Option<&'a dyn Team>,
    /// How many chunks there are to do.
    tasks: usize,
    arrays: Vec<Mutex<Option<Made>>>,
    /// What other ranks may still read.
    read_by_others: Mutex<Vec<Made>>,
    /// Where the user wants arrays.
    targets: &'a [Wanted<'a>],
    cancel: &'a Cancel,
    progress: Option<Arc<Progress>>,
    /// How many chunks are done.
    done: AtomicUsize,
    recorder: Option<&'a Recorder>,
    /// What an earlier run has left, and where this one leaves what it makes.
    checkpoints: Option<&'a Checkpoints>,
}

/// What a worker has for a stage.
struct Worker<'a> {
    scratch: Scratch,
    /// What is collected for each array, of those that are written in rows.
    portions: Vec<Option<Portion<'a>>>,
    ring: Option<Ring<'a>>,
}

impl Plan {
    /// Computes the arrays that were asked for, in that order.
    pub(crate) fn run(&self, settings: &Settings, targets: &[Wanted<'_>]) -> Result<Vec<Made>> {
        self.check_alone()?;
        let checkpoints = settings.checkpoint_folder().map(|folder| {
            folder.open()?;
            let alone = Members { rank: 0, size: 1, own: &Own::all, least: &Ok };
            Checkpoints::resume(self, &folder, &alone, &settings.cancel)
        });
        self.run_by(settings, targets, None, checkpoints.transpose()?.as_ref())
    }

    /// That it reads nothing that only several ranks together can: within a function that they call, a plan of its own could
    /// wait for a turn that the function has.
    fn check_alone(&self) -> Result<()> {
        self.stages
            .iter()
            .try_for_each(|stage| stage.program.each_source(&mut |source| source.alone()))
    }

    /// The same, of a plan that several ranks carry out together.
    pub(crate) fn run_by(
        &self,
        settings: &Settings,
        targets: &[Wanted<'_>],
        team: Option<&dyn Team>,
        checkpoints: Option<&Checkpoints>,
    ) -> Result<Vec<Made>> {
        let of_stage = |stage: &Stage| match team {
            Some(team) => team.count((&stage.chunks, &stage.owners)),
            None => stage.chunks.count(),
        };
        let tasks = self.stages.iter().map(of_stage).fold(0, usize::saturating_add);
        let recorder = settings.traces.is_some().then(Recorder::start);
        let mut stages = vec![];
        let run = Run {
            plan: self,
            team,
            tasks,
            read_by_others: Mutex::default(),
            arrays: self.stored.iter().map(|_| Mutex::new(None)).collect(),
            targets,
            cancel: &settings.cancel,
            progress: settings.progress.as_ref().and_then(|told| told.begin(tasks, "chunks")),
            done: AtomicUsize::new(0),
            recorder: recorder.as_ref(),
            checkpoints,
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
            let done = match self.checkpoints.map_or(How::Run, |all| all.how(at)) {
                How::Run => self.stage(at, stage),
                How::Load | How::Skip => self.resume(at, stage),
            };
            stages.extend(started.map(|started| self.noted(stage, started)));
            done?;
            over.into_iter().for_each(|place| set(&self.arrays[place], None));
        }
        if let Some(progress) = &self.progress {
            progress.tell()?;
        }
        self.team.map_or(Ok(()), |team| team.meet(&[]).map(drop))?;
        if let Some(checkpoints) = self.checkpoints {
            checkpoints.end(self.plan);
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
            stage.sinks.iter().map(|sink| self.writer(sink, stage)).collect();
        let writers = writers.inspect_err(|_| self.has_no_writer(at))?;
        let worker = |number| Worker {
            scratch: stage.program.scratch(),
            portions: writers.iter().map(Writer::portion).collect(),
            ring: self.recorder.map(|recorder| recorder.ring(number)),
        };
        let strips = Lists::new(match self.team {
            Some(team) => team.strips(stage),
            None => vec![stage.strips.clone()],
        });
        let ended = for_blocks(
            strips.count(),
            stage.workers,
            self.cancel,
            worker,
            |worker, strip, stop| {
                let numbers = strips.chunks(strip);
                let ran =
                    Strip { run: self, stage, at, writers: &writers, numbers, stop }.run(worker);
                if let Some(team) = self.team {
                    team.rest();
                    if let Err(error) = &ran
                        && !stop.was_heeded()
                    {
                        team.fail(error);
                    }
                }
                ran
            },
        )?;
        if ended == Ended::Cancelled {
            let done = self.done.load(Ordering::Relaxed);
            return Err(cancelled(done, self.tasks, "chunks"));
        }
        if let Some(team) = self.team {
            merge::with_others(team, &writers)?;
        }
        for (sink, writer) in stage.sinks.iter().zip(writers) {
            set(&self.arrays[sink.stored], Some(writer.to.finish()));
        }
        self.save(at, stage)?;
        self.team.map_or(Ok(()), |team| self.share(team, stage))
    }

    /// Waits until all ranks have made their chunks of the stage, and gets what each rank has all of.
    fn share(&self, team: &dyn Team, stage: &Stage) -> Result<()> {
        let stored = |sink: &Sink| &self.plan.stored[sink.stored];
        let mut own = vec![];
        // Of a stage that was not run again, what is wanted.
        let made = || {
            let sinks = stage.sinks.iter().enumerate();
            sinks.filter(|(_, sink)| is_set(&self.arrays[sink.stored]))
        };
        for (number, sink) in made() {
            if stored(sink).is_brought() {
                brought::bring(
                    team,
                    number,
                    stored(sink),
                    &get(&self.arrays, sink.stored),
                    &mut own,
                )?;
            }
        }
        let all = team.meet(&own)?;
        let mut read = vec![];
        for (number, sink) in made() {
            let stored = stored(sink);
            if stored.place != Place::Memory {
                continue;
            }
            let own = get(&self.arrays, sink.stored);
            let whole = brought::whole(number, stored, &own, &all);
            let whole = whole.map_err(|error| error.at(stored.origin))?;
            set(&self.arrays[sink.stored], Some(Made::Memory(Arc::new(whole))));
            if !stored.is_brought() {
                read.push(own);
            }
        }
        team.rest();
        // Who has come here has all that was made before.
        *self.read_by_others.lock().unwrap_or_else(PoisonError::into_inner) = read;
        Ok(())
    }

    /// Notes that a stage has no place for what it would make.
    fn has_no_writer(&self, at: usize) {
        if let Some(recorder) = self.recorder {
            let stage = u32::try_from(at).unwrap_or(u32::MAX);
            let activity = Activity::Write;
            recorder.ring(0).record(What { stage, number: 0, activity, bytes: 0, failed: true });
        }
    }

    fn writer<'a>(&'a self, sink: &'a Sink, stage: &'a Stage) -> Result<Writer<'a>> {
        let stored = &self.plan.stored[sink.stored];
        let (dtype, chunks) = (stored.dtype, stored.chunks.clone());
        let wanted = self.wanted(stored.place);
        let collected = match (wanted, stored.place) {
            (Some(Wanted::Target(target)), _) => {
                let (target, chunks) = (Arc::clone(target), chunks.clone());
                Some(Collected { target, dtype, chunks, kept: Made::Away })
            }
            (None, Place::Disk) => {
                Some(with_dtype!(dtype, T => self.scratch_file::<T>(chunks.clone())?))
            }
            _ => None,
        };
        let rows = collected.as_ref().filter(|_| sink.collected(stored) > 0);
        let rows = rows.map(|collected| Arc::clone(&collected.target));
        let to: Box<dyn Destination + 'a> = match (collected, wanted, self.team) {
            (Some(collected), ..) => Box::new(collected),
            (None, Some(Wanted::Memory(lent)), _) => Box::new(Lent(*lent)),
            (None, _, Some(team)) => {
                team.destination(sink.stored, stored).map_err(|error| error.at(stored.origin))?
            }
            (None, _, None) => {
                let slab = with_dtype!(dtype, T => Slab::<T>::new(chunks).map(|slab| Box::new(slab) as Box<dyn Destination>));
                slab.map_err(|error| error.at(stored.origin))?
            }
        };
        let finishing = match (&sink.end, stored.place) {
            (End::Reduce { .. }, _) => Some(Activity::Merge),
            (End::Store, Place::Memory | Place::Lent(_) | Place::Ranks) => None,
            (End::Store, Place::Disk) => Some(Activity::Spill),
            (End::Store, Place::Target(_) | Place::Rows(_)) => Some(Activity::Write),
        };
        let (end, space, tree) = (&sink.end, (&stage.chunks, &stage.owners), Tree::new());
        let result = (&stored.chunks, &stored.owners);
        let (team, results) = (self.team, AtomicUsize::new(0));
        Ok(Writer { stored, end, space, dtype, result, to, rows, tree, team, results, finishing })
    }

    /// Where the user wants an array.
    fn wanted(&self, place: Place) -> Option<&Wanted<'_>> {
        match place {
            Place::Memory | Place::Disk | Place::Ranks => None,
            Place::Target(number) | Place::Rows(number) | Place::Lent(number) => {
                Some(&self.targets[number])
            }
        }
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

fn is_set(array: &Mutex<Option<Made>>) -> bool {
    array.lock().unwrap_or_else(PoisonError::into_inner).is_some()
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
    stop: &'a Stop<'a>,
}

impl Strip<'_> {
    fn run(&self, worker: &mut Worker<'_>) -> Result<()> {
        let mut doing = Activity::Compute;
        // Functions of the user are named where they panic; anything else may, too.
        let computed = caught(|| self.compute(worker, &mut doing)).unwrap_or_else(|text| {
            let error = Error::new(ErrorKind::Panicked, format!("panicked: {text}"));
            Err(Interrupted { chunk: None, error })
        });
        if let Err(Interrupted { chunk, error }) = computed {
            // What was given up for another's sake has not failed.
            if !self.stop.was_heeded() {
                self.record(&mut worker.ring, chunk, doing, 0, true);
            }
            return Err(self.placed(error, chunk));
        }
        self.run.done.fetch_add(self.numbers.len(), Ordering::Relaxed);
        match &self.run.progress {
            Some(progress) => progress.step(self.numbers.len()),
            None => Ok(()),
        }
    }

    /// With the chunk in which something has panicked, which does not know it.
    fn placed(&self, error: Error, chunk: Option<usize>) -> Error {
        if error.kind() != ErrorKind::Panicked {
            return error;
        }
        let names = self.writers.iter().map(|writer| format!("`{}`", writer.stored.name));
        let names = names.collect::<Vec<_>>().join(" and ");
        error.within(&match (chunk, &*self.numbers) {
            (Some(at), numbers) => format!("chunk {} of {names}", numbers[at]),
            (None, [one]) => format!("chunk {one} of {names}"),
            (None, several) => {
                format!("chunks {:?} to {:?} of {names}", several[0], several[several.len() - 1])
            }
        })
    }

    /// Goes through the chunks, and says what it does meanwhile.
    fn compute(&self, worker: &mut Worker<'_>, doing: &mut Activity) -> Result<(), Interrupted> {
        let Self { stage, writers, numbers, .. } = self;
        let Worker { scratch, portions, ring } = worker;
        let chunks: Vec<Window> =
            numbers.iter().map(|&number| stage.chunks.window(number)).collect();
        let places = writers.iter().zip(portions);
        let mut open: Vec<Open<'_, '_>> =
            places.map(|(writer, portion)| writer.open(numbers, &chunks, portion)).collect();
        let around = Around { results: &|place| get(&self.run.arrays, place), stop: self.stop };
        let made = self.fill(&mut open, &chunks, scratch, around)?;
        let rest = if made > 0 { &[] } else { &*chunks };
        let mut computed = made;
        stage.program.run(rest, scratch, around, |given| {
            let (at, tile, outputs) = match given {
                Given::Tile(at, tile, outputs) => (at, tile, outputs),
                Given::Portion(window) => {
                    self.write(&mut open, &mut computed, doing, ring)?;
                    open.iter_mut().for_each(|open| open.begin(window));
                    return Ok(());
                }
            };
            for ((open, writer), output) in open.iter_mut().zip(*writers).zip(outputs) {
                match open {
                    Open::Store(claims) => claims[at].write(tile, output),
                    Open::Write(portion) => portion.take(tile, output),
                    Open::Reduce(all) => writer.named(|| {
                        writer.fold(&mut all[at], &chunks[at], tile, output);
                        Ok(())
                    })?,
                }
            }
            computed += outputs.iter().map(Part::bytes).sum::<usize>();
            Ok(())
        })?;
        let written = self.write(&mut open, &mut computed, doing, ring);
        written.map_err(|error| Interrupted { chunk: None, error })?;
        if computed > 0 {
            self.record(ring, None, Activity::Compute, computed, false);
        }
        for (writer, open) in writers.iter().zip(open) {
            let is_written = matches!(open, Open::Write(_));
            *doing = writer.finishing.unwrap_or(Activity::Compute);
            writer.finish(open, numbers)?;
            if let Some(activity) = writer.finishing.filter(|_| !is_written) {
                let bytes = chunks.iter().map(|chunk| writer.bytes(chunk)).sum();
                self.record(ring, None, activity, bytes, false);
            }
        }
        Ok(())
    }

    /// Makes chunks where they go to, all of them, if that can be: says how many bytes they have.
    fn fill(
        &self,
        open: &mut [Open<'_, '_>],
        chunks: &[Window],
        scratch: &mut Scratch,
        around: Around<'_>,
    ) -> Result<usize, Interrupted> {
        let program = &self.stage.program;
        let ([Open::Store(claims)], true) = (open, program.fills()) else { return Ok(0) };
        if !claims.iter_mut().zip(chunks).all(|(claim, chunk)| claim.room(chunk).is_some()) {
            return Ok(0);
        }
        for (at, (claim, chunk)) in claims.iter_mut().zip(chunks).enumerate() {
            let Some(room) = claim.room(chunk) else { unreachable!("a chunk had a place") };
            program
                .fill_room(chunk, scratch, around, room)
                .map_err(|error| Interrupted { chunk: Some(at), error })?;
        }
        let bytes = |chunk| self.writers.iter().map(move |writer| writer.bytes(chunk));
        Ok(chunks.iter().flat_map(bytes).sum())
    }

    /// Writes what was collected of a portion to its targets.
    fn write(
        &self,
        open: &mut [Open<'_, '_>],
        computed: &mut usize,
        doing: &mut Activity,
        ring: &mut Option<Ring<'_>>,
    ) -> Result<()> {
        for (open, writer) in open.iter_mut().zip(self.writers) {
            let Open::Write(portion) = open else { continue };
            if *computed > 0 {
                self.record(ring, None, Activity::Compute, std::mem::take(computed), false);
            }
            let mut bytes = 0;
            *doing = writer.finishing.unwrap_or(Activity::Write);
            writer.named(|| {
                bytes = portion.write()?;
                Ok(())
            })?;
            *doing = Activity::Compute;
            if let Some(activity) = writer.finishing.filter(|_| bytes > 0) {
                self.record(ring, None, activity, bytes, false);
            }
        }
        Ok(())
    }

    /// Notes what was done since the last time, if somebody records: of one of the chunks, or of all from the first on.
    fn record(
        &self,
        ring: &mut Option<Ring<'_>>,
        chunk: Option<usize>,
        activity: Activity,
        bytes: usize,
        failed: bool,
    ) {
        let Some(ring) = ring else { return };
        ring.record_with_reads(What {
            stage: u32::try_from(self.at).unwrap_or(u32::MAX),
            number: self.numbers[chunk.unwrap_or(0)] as u64,
            activity,
            bytes: i64::try_from(bytes).unwrap_or(i64::MAX),
            failed,
        });
    }
}

impl Open<'_, '_> {
    /// This window is gone through next.
    fn begin(&mut self, window: &Window) {
        if let Self::Write(portion) = self {
            portion.begin(window);
        }
    }
}

/// An array while it is made.
pub(super) struct Writer<'a> {
    stored: &'a Stored,
    pub(super) end: &'a End,
    /// The chunks of the stage, and of the array.
    pub(super) space: Owned<'a>,
    pub(super) result: Owned<'a>,
    dtype: DType,
    to: Box<dyn Destination + 'a>,
    /// The target, if it is written in rows of several chunks.
    rows: Option<Arc<dyn AnyTarget + 'a>>,
    pub(super) tree: Tree,
    team: Option<&'a dyn Team>,
    /// How many chunks of the result are made, of a reduction.
    pub(super) results: AtomicUsize,
    /// What is done when all of a chunk has come, where it takes time.
    finishing: Option<Activity>,
}

/// What a strip of the stage goes into.
enum Open<'a, 'w> {
    /// Each chunk to its place.
    Store(Vec<Box<dyn Claimed + 'a>>),
    /// What is made at a time to a target.
    Write(&'a mut Portion<'w>),
    /// Each chunk to what it is reduced to.
    Reduce(Vec<Accumulators>),
}

impl<'w> Writer<'w> {
    /// What a worker collects for it, if it is written in rows.
    fn portion(&self) -> Option<Portion<'w>> {
        self.rows.as_ref().map(|target| Portion::new(Arc::clone(target), self.dtype))
    }

    fn open<'a, 'p>(
        &'a self,
        numbers: &[usize],
        chunks: &[Window],
        portion: &'a mut Option<Portion<'p>>,
    ) -> Open<'a, 'p> {
        match (self.end, portion) {
            (End::Store, Some(portion)) => Open::Write(portion),
            (End::Store, None) => {
                Open::Store(numbers.iter().map(|&number| self.to.claim(number)).collect())
            }
            (End::Reduce { axes, reducer, shape, .. }, _) => {
                let of_chunk = |chunk| reducer.start(Kept { axes, shape, chunk }.len());
                Open::Reduce(chunks.iter().map(of_chunk).collect())
            }
        }
    }

    /// All of a strip has come.
    fn finish(&self, open: Open<'_, '_>, numbers: &[usize]) -> Result<(), Interrupted> {
        let of_chunk = |at| move |error| Interrupted { chunk: Some(at), error };
        match open {
            Open::Write(_) => Ok(()),
            Open::Store(claims) => claims
                .into_iter()
                .enumerate()
                .try_for_each(|(at, claim)| self.named(|| claim.finish()).map_err(of_chunk(at))),
            Open::Reduce(all) => all.into_iter().enumerate().try_for_each(|(at, all)| {
                self.named(|| self.reduced(numbers[at], all)).map_err(of_chunk(at))
            }),
        }
    }
}

impl Writer<'_> {
    /// Does what is done for the array, and says which it is if that panics.
    pub(super) fn named(&self, body: impl FnOnce() -> Result<()>) -> Result<()> {
        let Stored { name, origin, .. } = self.stored;
        named(name, origin, body)
    }

    /// How many bytes a chunk of the stage becomes: those of its elements, or of what they are folded into.
    fn bytes(&self, chunk: &Window) -> usize {
        match self.end {
            End::Store => chunk.len() * self.dtype.bytes(),
            End::Reduce { axes, reducer, shape, .. } => {
                Kept { axes, shape, chunk }.len() * reducer.bytes()
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
            false => destination(self.space.0, axes, number),
        };
        match self.tree.push(&**reducer, to, among, of, accumulators) {
            Some(all) if self.team.is_some_and(|team| !team.owns(self.result, to)) => {
                self.tree.keep(to, of, all);
                Ok(())
            }
            Some(all) => self.made(to, &**reducer, all, reduced_len(shape, axes)),
            None => Ok(()),
        }
    }

    /// All of a chunk of the result is reduced, `count` elements for each of its own.
    pub(super) fn made(
        &self,
        to: usize,
        reducer: &dyn Reducer,
        all: Accumulators,
        count: usize,
    ) -> Result<()> {
        let window = self.result.0.window(to);
        let mut elements = Buffer::new(reducer.result());
        elements.resize(window.len());
        reducer.finish(all, count, &mut elements);
        let mut claim = self.to.claim(to);
        claim.write(&window, &elements.part(0..window.len()));
        claim.finish()?;
        self.results.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}
