//! How a computation is to be carried out.

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use ndarray::{ArrayViewMut, Dimension};

use crate::array::Array;
use crate::checkpoint::Folder;
use crate::compute::{Asked, Compute, Many};
use crate::cut::bytes;
use crate::destination::{Made, Remembered, Wanted};
use crate::element::Element;
use crate::error::{Error, ErrorKind, Result};
use crate::executor::{Cancel, Listener, workers};
use crate::node::{InMemory, Node, Op};
use crate::plan::{self, Pass, Passes, Place, Plan, Wishes};
use crate::slab::Slab;
use crate::source::Target;
use crate::trace::Trace;

/// With how many threads and how much memory arrays and tasks are computed, and who is told or may stop it.
///
/// It computes an [`Array`], [`Delayed`](crate::Delayed) tasks and a [`TaskGraph`](crate::TaskGraph).
///
/// ```
/// use tenfold_array::{Array, Settings, delayed, join};
///
/// let x = Array::<f64, _>::ones([2000, 2000], "auto");
/// let settings = Settings::new().threads(2).with_memory("16MiB")?;
/// let sum = settings.compute(&(&x + &x.t()).sum())?;
/// assert_eq!(sum.into_scalar(), 8e6);
///
/// // All of `x` takes more than the cap: refused before anything runs.
/// let error = settings.compute(&x).unwrap_err();
/// assert!(error.to_string().starts_with("array `full` needs 3"), "{error}");
///
/// let (a, b) = (delayed(|| 20), delayed(|| 22));
/// assert_eq!(settings.compute(&join((&a, &b), |a, b| a + b))?, 42);
/// # Ok::<(), tenfold_array::Error>(())
/// ```
///
/// # Threads
/// They are its own, of which the calling one is the first; they end with each call, so that a function of yours may
/// compute something itself, or use rayon.
///
/// # Cost
/// Each thread of a call takes some 20 µs. A task takes a few nanoseconds if it needs nothing and nobody needs it, some
/// 10 with two inputs, some 50 with a result that is kept and released. Under a cap that all results together would
/// exceed, tasks are started under a lock: some 200 ns each.
///
/// # Failures
/// When a chunk fails those behind it in the planned order are given up, before the next window that is read for them or
/// tile of two thousand elements, and no more start; those before it come to their end, so that of several that fail the
/// first is told, whoever was faster. When a task fails no other starts, those that run come to their end, and the
/// first in the planned order of those that failed is told. Over ranks all stop for the first failure that rank 0 hears of.
/// All results are dropped. The same settings can compute again.
#[derive(Clone, Default)]
pub struct Settings {
    /// 0 for as many as there are processors.
    pub(crate) threads: usize,
    pub(crate) memory: Option<usize>,
    pub(crate) passes: Passes,
    folder: Option<PathBuf>,
    checkpoints: Option<PathBuf>,
    keeps_checkpoints: bool,
    pub(crate) cancel: Cancel,
    pub(crate) progress: Option<Listener>,
    pub(crate) traces: Option<Arc<Mutex<Vec<Trace>>>>,
}

impl Settings {
    /// As many threads as there are processors, and as much memory as it takes.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// On so many threads, of 1024 at most and no more than there is work for; 0 is as many as there are processors. The
    /// result of arrays is the same, bit for bit.
    #[must_use]
    pub fn threads(self, threads: usize) -> Self {
        Self { threads, ..self }
    }

    /// With at most so many bytes, the results included. It is a contract: kept, or refused before anything runs with
    /// [`ErrorKind::Memory`].
    ///
    /// Of arrays all that they need is counted; of tasks what they are [said](crate::Delayed::bytes) to take. What is
    /// enough for one thread is enough for any number of them: fewer work at a time then.
    #[must_use]
    pub fn memory(self, bytes: usize) -> Self {
        Self { memory: Some(bytes), ..self }
    }

    /// Under this cap, or none.
    pub(crate) fn capped(&self, memory: Option<usize>) -> Self {
        Self { memory, ..self.clone() }
    }

    /// Where arrays are put aside.
    pub(crate) fn folder(&self) -> PathBuf {
        self.folder.clone().unwrap_or_else(std::env::temp_dir)
    }

    /// Telling this one of the progress, or nobody.
    pub(crate) fn telling(&self, progress: Option<Listener>) -> Self {
        Self { progress, ..self.clone() }
    }

    /// As [`memory`](Self::memory), of a text such as `512MiB`.
    ///
    /// # Errors
    /// [`ErrorKind::Value`] if the text is no number of bytes.
    pub fn with_memory(self, memory: &str) -> Result<Self> {
        Ok(self.memory(bytes("memory", memory)?))
    }

    /// Puts arrays aside in this folder when memory is short, instead of in the system's for temporary files. Nothing
    /// is left there.
    #[must_use]
    pub fn scratch_folder(self, folder: impl Into<PathBuf>) -> Self {
        Self { folder: Some(folder.into()), ..self }
    }

    /// Leaves what each stage has made in files of this folder, from which a run of the same program goes on that was ended
    /// before: by an error, by a signal, or with its machine. Stages that are there are read instead of computed, and those
    /// before them are not needed; the bits are the same. The folder is made if it is not there, programs can share it, and
    /// what has succeeded leaves nothing in it, unless it is [kept](Self::keep_checkpoints). Tasks are run again: their
    /// results may be anything.
    ///
    /// ```
    /// use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
    /// use tenfold_array::{Array, Settings};
    ///
    /// static CALLS: AtomicUsize = AtomicUsize::new(0);
    /// static FAILS: AtomicBool = AtomicBool::new(true);
    ///
    /// let folder = tempfile::tempdir()?;
    /// let settings = Settings::new().checkpoints(folder.path());
    /// let x = Array::from_fn([300, 400], 100, |at| {
    ///     CALLS.fetch_add(1, Relaxed);
    ///     at[1] as f64
    /// });
    /// // A stage for the mean, and one for its distances.
    /// let far = (&x.mean_axis(1) - 100.0).map(|x| {
    ///     assert!(!FAILS.load(Relaxed), "the power is gone");
    ///     x.abs()
    /// });
    /// assert!(settings.compute(&far.max()).is_err());
    /// FAILS.store(false, Relaxed);
    /// // The mean is read.
    /// assert_eq!(settings.compute(&far.max())?.into_scalar(), 99.5);
    /// assert_eq!(CALLS.load(Relaxed), 120_000);
    /// assert_eq!(std::fs::read_dir(folder.path())?.count(), 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # What is known again
    /// An array by all that it is made of: the bytes of the program's file, without libraries that it loads; operations and their arguments; elements that were in
    /// memory; the path, length and time of change of npy, npz and raw files, and the [version](crate::Source::version) of
    /// other sources; its chunks. Whatever of that is another one, the array is computed. So is one whose files are torn or
    /// gone, which is no error. Threads, caps and passes may be others, and so may ranks, if all see the folder; each rank
    /// reads its own chunks, of whatever rank they were.
    ///
    /// A function that has captured nothing is known by its type. One that has captured something, such as a number, is
    /// known by the name that [`map_named`](Array::map_named) or [`known_as`](Array::known_as) give, which then must be
    /// another one for another number. What a function takes from elsewhere, from a `static` say, nobody knows.
    ///
    /// # Cost
    /// What a stage leaves is written once, before the next one begins, and read twice if it is there. The program's file is
    /// read once for its hash, and arrays of ndarray are for each computation. 768 KiB more are counted under the [cap](Self::memory).
    ///
    /// # Errors
    /// A computation tells [`ErrorKind::Io`] before anything runs if the folder takes no files, and when a file finds no
    /// space; [`ErrorKind::Value`], as [`plan`](Self::plan) does, if an array that is to be left cannot be known again.
    #[must_use]
    pub fn checkpoints(self, folder: impl Into<PathBuf>) -> Self {
        Self { checkpoints: Some(folder.into()), ..self }
    }

    /// Keeps [checkpoints](Self::checkpoints) of computations that have succeeded, and their results, too, but for what goes to
    /// a target: a program of several computations that is started again reads the results of those that were over. Who does
    /// not need the folder any more removes it.
    ///
    /// ```
    /// use tenfold_array::{Random, Settings};
    ///
    /// let folder = tempfile::tempdir()?;
    /// let settings = Settings::new().checkpoints(folder.path()).keep_checkpoints();
    /// let sum = Random::new(1).uniform([500, 500], 0.0..1.0, 100).sum();
    /// let first = settings.compute(&sum)?;
    /// assert_eq!(std::fs::read_dir(folder.path())?.count(), 1);
    /// assert_eq!(settings.compute(&sum)?, first);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn keep_checkpoints(self) -> Self {
        Self { keeps_checkpoints: true, ..self }
    }

    /// Where checkpoints are, if there are some.
    pub(crate) fn checkpoint_folder(&self) -> Option<Folder> {
        let path = self.checkpoints.clone()?;
        Some(Folder { path, keeps: self.keeps_checkpoints })
    }

    /// Without one of the planner's passes: to see what it is good for, or to find a fault. The result has the same
    /// bits.
    #[must_use]
    pub fn without(self, pass: Pass) -> Self {
        Self { passes: self.passes.without(pass), ..self }
    }

    /// Until somebody uses the token.
    #[must_use]
    pub fn cancel(self, cancel: &Cancel) -> Self {
        Self { cancel: cancel.clone(), ..self }
    }

    /// Calls `told` with the number of chunks or tasks that have finished and the number of all: on any of the threads,
    /// one at a time, with more each time. While one is told others go on: it does not hear of every one, but of the
    /// last.
    ///
    /// ```
    /// use std::sync::atomic::{AtomicUsize, Ordering};
    /// use std::sync::Arc;
    /// use tenfold_array::{Array, Settings};
    ///
    /// let last = Arc::new(AtomicUsize::new(0));
    /// let seen = Arc::clone(&last);
    /// let settings = Settings::new().progress(move |done, all| {
    ///     assert!(done <= all);
    ///     seen.store(done, Ordering::Relaxed);
    /// });
    /// let x = Array::<f64, _>::ones([100, 100], 10);
    /// settings.compute(&x.sum())?;
    /// assert_eq!(last.load(Ordering::Relaxed), 100);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[must_use]
    pub fn progress(self, told: impl Fn(usize, usize) + Send + Sync + 'static) -> Self {
        Self { progress: Some(Listener::Function(Arc::new(told))), ..self }
    }

    /// Shows a bar with the chunks or tasks that have finished and the time that is left, if stderr is a terminal, and
    /// nothing if not. It goes when the computation ends, however that is. Feature `progress`.
    #[cfg(feature = "progress")]
    #[must_use]
    pub fn progress_bar(self) -> Self {
        Self { progress: Some(Listener::Terminal), ..self }
    }

    /// Gives settings that record what runs to `body`, and what they have recorded with what `body` gave: a trace for
    /// each call, also for one that has failed.
    ///
    /// A record takes some 10 ns and 40 bytes, up to 10 MiB for each worker, in each stage of an array. They are not
    /// counted under the cap.
    ///
    /// ```
    /// use tenfold_array::{Settings, delayed};
    ///
    /// let answer = delayed(|| 42).named("answer");
    /// let (result, traces) = Settings::new().traced(|settings| settings.compute(&answer));
    /// assert_eq!(result?, 42);
    /// let record = traces[0].records[0];
    /// assert_eq!(traces[0].name(&record), "answer");
    /// assert!(record.start_ns <= record.end_ns);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    pub fn traced<R>(&self, body: impl FnOnce(&Self) -> R) -> (R, Vec<Trace>) {
        let traces = Arc::default();
        let result = body(&Self { traces: Some(Arc::clone(&traces)), ..self.clone() });
        let traces = std::mem::take(&mut *traces.lock().unwrap_or_else(PoisonError::into_inner));
        (result, traces)
    }

    /// Gives a trace to who has asked for it.
    pub(crate) fn keep(&self, trace: Trace) {
        if let Some(traces) = &self.traces {
            traces.lock().unwrap_or_else(PoisonError::into_inner).push(trace);
        }
    }
}

impl Settings {
    /// What computing an array will do.
    ///
    /// # Errors
    /// That of a wrong operation; [`ErrorKind::Memory`] if the cap is too small.
    pub fn plan<T: Element, D: Dimension>(&self, array: &Array<T, D>) -> Result<Plan> {
        self.plan_of(&[Arc::clone(&array.node)], |_| Place::Memory)
    }

    pub(crate) fn plan_of(&self, nodes: &[Arc<Node>], place: fn(usize) -> Place) -> Result<Plan> {
        self.plan_for(1, nodes, place, 0)
    }

    /// The same of so many ranks, and of arrays that go to targets which take so many bytes to write a chunk.
    pub(crate) fn plan_for(
        &self,
        ranks: usize,
        nodes: &[Arc<Node>],
        place: fn(usize) -> Place,
        writing: usize,
    ) -> Result<Plan> {
        let wishes = Wishes {
            threads: workers(self.threads),
            memory: self.memory,
            passes: self.passes,
            folder: self.folder(),
            place,
            writing,
            ranks,
            checkpoints: self.checkpoint_folder().map(|folder| folder.keeps),
        };
        plan::plan(nodes, wishes)
    }

    /// Computes all elements of an array, or the result of a task: all tasks that it needs run once each.
    ///
    /// # Errors
    /// Of an array that of a wrong operation, and whatever keeps a source from being read. [`ErrorKind::Failed`] if a
    /// task fails, with its name, its line and the error of its function as [`source`](std::error::Error::source);
    /// [`ErrorKind::Panicked`] if a function of yours panics. [`ErrorKind::Memory`] if it cannot be kept within the
    /// [cap](Self::memory), before anything has run; [`ErrorKind::Cancelled`] if somebody cancels before the last
    /// task has started, or within the last chunk of an array.
    pub fn compute<C: Compute>(&self, what: &C) -> Result<C::Computed> {
        what.compute_by(self)
    }

    /// Computes several arrays and tasks, given as a tuple of references to up to eight, or as a slice. What they have in
    /// common is computed once, and reductions of one array in one pass over it; tasks run when the arrays are there.
    /// Results of tasks are cloned only for those that are there more than once.
    ///
    /// ```
    /// use tenfold_array::{Array, Settings, delayed};
    ///
    /// let settings = Settings::new();
    /// let x = Array::<f64, _>::ones([100, 100], 10);
    /// let (sum, most) = settings.compute_many((&x.sum(), &x.max()))?;
    /// assert_eq!((sum.into_scalar(), most.into_scalar()), (10_000.0, 1.0));
    ///
    /// let numbers = delayed(|| vec![3, 1, 2]);
    /// let (least, count) = (numbers.map(|n| n.iter().min().copied()), numbers.map(|n| n.len()));
    /// assert_eq!(settings.compute_many((&least, &count))?, (Some(1), 3));
    /// assert_eq!(settings.compute_many(&[least.clone(), least][..])?, [Some(1); 2]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`compute`](Self::compute).
    pub fn compute_many<M: Many>(&self, what: M) -> Result<M::Computed> {
        let mut asked = Asked::default();
        what.ask(&mut asked);
        what.take(&mut asked.answers(self)?)
    }

    /// The least cap under which [`compute`](Self::compute) puts nothing aside on disk, in bytes: it suffices for any
    /// number of threads. Of tasks it is the least under which they are not refused.
    ///
    /// ```
    /// use tenfold_array::{Delayed, Settings, delayed};
    ///
    /// let parts: Vec<Delayed<u64>> = (0..8).map(|n| delayed(move || n).bytes(100)).collect();
    /// let sum = Delayed::all(&parts, |n| n.iter().copied().sum::<u64>());
    /// assert_eq!(Settings::new().minimum_memory(&sum)?, 800);
    /// let error = Settings::new().memory(799).compute(&sum).unwrap_err();
    /// assert!(error.to_string().contains("needs 800 bytes"));
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// That of a wrong operation; [`ErrorKind::Value`] if there were more than 2^32 - 1 tasks.
    pub fn minimum_memory<C: Compute>(&self, what: &C) -> Result<usize> {
        what.minimum_memory_by(self)
    }

    /// Computes an array, and gives one that reads the elements in memory.
    ///
    /// # Errors
    /// As [`compute`](Self::compute).
    pub fn persist<T: Element, D: Dimension>(&self, array: &Array<T, D>) -> Result<Array<T, D>> {
        let node = &array.node;
        let plan = self.plan_of(&[Arc::clone(node)], |_| Place::Memory)?;
        let Some(elements) = plan.run(self, &[])?.pop().map(Made::in_memory) else {
            return Ok(array.clone());
        };
        let key = crate::hash::Identity::of(("persisted", node.identity));
        let op = Op::Memory(InMemory::new(elements));
        Ok(Array::made(op, [], node.chunks.clone(), key, node.origin))
    }

    /// Computes an array into a target, such as a file: memory holds what is worked on, a few MiB for each thread, or
    /// chunks if the target has [chunks of its own](Target::chunks). No two tasks share one of those: an array whose chunks
    /// do not end where they do is cut as the target is. A part of a target is a [`Region`](crate::Region).
    ///
    /// ```
    /// use tenfold_array::{Array, NpyFile, NpyWriter, Settings, ndarray::{Ix2, s}};
    ///
    /// let path = std::env::temp_dir().join(format!("tenfold-array-doc-store-{}.npy", std::process::id()));
    /// let x = Array::<f64, _>::ones([2000, 2000], 500);
    /// let file = NpyWriter::create(&path, &x.shape())?;
    /// Settings::new().with_memory("16MiB")?.store(&(&x + &x.t()), &file)?;
    /// file.finish()?;
    ///
    /// let x = Array::<f64, Ix2>::from_source(NpyFile::open(&path)?, "auto");
    /// assert_eq!(x.slice(s![7, 1999]).compute()?.into_scalar(), 2.0);
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`compute`](Self::compute); [`ErrorKind::Shape`] if the target has another shape; what the target says.
    pub fn store<T: Element, D: Dimension>(
        &self,
        array: &Array<T, D>,
        target: &impl Target<T>,
    ) -> Result<()> {
        array.check()?;
        is_shape_of(array, "target", &target.shape())?;
        let (array, place) = for_target(array, target);
        let plan = self.plan_for(1, &[Arc::clone(&array.node)], place, target.memory())?;
        let target = Wanted::Target(Arc::new(Remembered::new(target)));
        plan.run(self, &[target]).map(drop)
    }

    /// Computes an array into one of the same shape that is there: elements are written where they stay, in whatever
    /// layout that is. Its memory is not counted under the [cap](Self::memory), and the system need not clear it first,
    /// which takes about as long as to compute a short expression.
    ///
    /// ```
    /// use tenfold_array::{Array, Settings, ndarray::{Array2, Array3, Axis}};
    ///
    /// let x = Array::<f64, _>::ones([1000, 1000], 500);
    /// let mut out = Array2::zeros([1000, 1000]);
    /// Settings::new().compute_into(&(&x + &x.t()), &mut out)?;
    /// assert_eq!(out.sum(), 2e6);
    ///
    /// let mut both = Array3::zeros([2, 1000, 1000]);
    /// Settings::new().compute_into(&x, both.index_axis_mut(Axis(0), 1).reversed_axes())?;
    /// assert_eq!((both[[0, 0, 0]], both[[1, 0, 0]]), (0.0, 1.0));
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`compute`](Self::compute), with some elements written and others not; [`ErrorKind::Shape`] if `into` has
    /// another shape.
    #[expect(single_use_lifetimes, reason = "it cannot be left out within `impl`")]
    pub fn compute_into<'a, T: Element, D: Dimension>(
        &self,
        array: &Array<T, D>,
        into: impl Into<ArrayViewMut<'a, T, D>>,
    ) -> Result<()> {
        let into = into.into();
        array.check()?;
        is_shape_of(array, "into", into.shape())?;
        let plan = self.plan_of(&[Arc::clone(&array.node)], Place::Lent)?;
        let slab = Slab::lent(into, array.node.chunks.clone());
        let slab = slab.map_err(|error| error.at(array.node.origin))?;
        plan.run(self, &[Wanted::Memory(&slab)]).map(drop)
    }
}

/// An array in chunks that a target takes, and where it goes.
pub(crate) fn for_target<T: Element, D: Dimension>(
    array: &Array<T, D>,
    target: &impl Target<T>,
) -> (Array<T, D>, fn(usize) -> Place) {
    match target.chunks() {
        None => (array.clone(), Place::Rows),
        Some(chunks) if array.chunks().is_made_of(&chunks) => (array.clone(), Place::Target),
        Some(chunks) => (array.rechunk(&chunks), Place::Target),
    }
}

/// Whether what an array is to be written to has its shape.
pub(crate) fn is_shape_of<T: Element, D: Dimension>(
    array: &Array<T, D>,
    argument: &str,
    there: &[usize],
) -> Result<()> {
    let shape = array.shape();
    if shape.as_slice() == there {
        return Ok(());
    }
    let shape = shape.as_slice();
    let sentence =
        format!("argument `{argument}` has the shape {there:?}, but the array has {shape:?}");
    Err(Error::new(ErrorKind::Shape, sentence))
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("threads", &self.threads)
            .field("memory", &self.memory)
            .field("passes", &self.passes)
            .field("folder", &self.folder)
            .field("checkpoints", &self.checkpoint_folder())
            .field("cancel", &self.cancel)
            .finish_non_exhaustive()
    }
}
