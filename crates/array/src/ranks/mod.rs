//! Arrays over ranks.
//!
//! All ranks make the same plan and carry out its stages together, each the chunks that are its own by a formula
//! ([`spread`]). Those that compute ask the rank's own thread ([`exchange`]) for what other ranks have; it alone sends and
//! receives ([`dispatch`]); they are more than the threads, and take [`turns`]. A stored array stays where it was made
//! ([`pieces`]) and is read by windows, as from a file, so that what is held of it is counted as such. Ranks come to the end of
//! each stage together, with what is small of it, or stop for the same error ([`agreement`]).

mod agreement;
mod dispatch;
mod exchange;
mod fault;
mod layout;
mod link;
mod member;
mod message;
mod one_file;
mod pieces;
mod resumed;
mod same;
mod simulation;
mod spread;
mod turns;
mod wire;

use std::cell::{Cell, RefCell};
use std::fmt;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread;

use ndarray::Dimension;
use tenfold_comm::Communicator;

pub use self::dispatch::Traffic;
pub use self::layout::{Layout, Mesh};
pub use self::simulation::{Machine, Simulated, SimulatedStage, Simulation, WhatIf};

use self::dispatch::Dispatch;
use self::exchange::{Asked, Exchange};
use self::fault::Fault;
use self::link::{Link, Over, broken};
use self::member::Member;
use self::same::{Fingerprint, agreed, all_or_none};
use self::spread::Spread;
use crate::array::Array;
use crate::compute::{Answers, Asked as Wished, Many};
use crate::destination::{Made, Remembered, Wanted};
use crate::element::Element;
use crate::error::{Error, ErrorKind, Result};
use crate::executor::{Cancel, caught};
use crate::hash::Identity;
use crate::node::{Node, Op, sorted};
use crate::plan::{Place, Plan, is_small};
use crate::settings::{Settings, for_target, is_shape_of};
use crate::source::Target;

/// The ranks of a communicator, which compute arrays together: each rank makes the same arrays and calls the same methods,
/// and works on the chunks that are its own. Feature `ranks`.
///
/// ```
/// use tenfold_array::{Array, Ranks};
/// use tenfold_comm::World;
///
/// let sums = World::threads(3).run(|world| {
///     let ranks = Ranks::new(world)?;
///     let x = Array::from_fn([300, 400], 100, |at| at[1] as f64);
///     let anomaly = &x - &x.mean();
///     ranks.compute(&(&anomaly * &anomaly).sum())
/// });
/// let sums = sums.unwrap();
/// // The same bits as on one rank, on every rank.
/// assert_eq!(sums[0].first(), Some(&1_599_990_000.0));
/// assert!(sums.iter().all(|sum| sum == &sums[0]));
/// ```
///
/// # Which rank does what
/// The chunks of each array are numbered in row-major order; each rank has as many consecutive ones, unless a [`Layout`] says
/// otherwise. Sources are read by
/// each rank where it needs them, and what was made of ndarray's arrays is there on each. Of what is stored in between, each
/// rank keeps its own chunks, and asks others for windows of theirs; arrays of up to 256 KiB are given to all.
///
/// # Determinism
/// Results have the same bits for any number of ranks and threads.
///
/// # Memory
/// The [cap](Settings::memory) is that of each rank. Where it has room for twice as many workers as threads, half of them ask
/// other ranks for what they need while the others compute. Nothing is put aside on disk: what would have to be is refused.
///
/// # Errors
/// What fails on one rank, or panics, is refused or cancelled, stops all within a fraction of a second, but for functions of
/// yours that take longer: all return the same error, which names the rank. So do ranks that do not compute the same. A rank
/// that is gone, or that messages do not reach, is [`ErrorKind::Ranks`], and from then on the same error for all that these
/// `Ranks` are asked. After other errors they can compute again.
pub struct Ranks<'c> {
    link: Box<dyn Link + 'c>,
    exchange: Arc<Exchange>,
    settings: Settings,
    /// How many computations have begun.
    runs: Cell<u32>,
    traffic: Cell<Traffic>,
    /// Why nothing can be computed any more.
    broken: RefCell<Option<Error>>,
}

impl Settings {
    /// To compute by these settings on all ranks of a communicator together. All ranks call it. Threads and memory are
    /// those of each rank; where ranks are threads of one process, they should have few threads each. Feature `ranks`.
    ///
    /// ```
    /// use tenfold_array::{Array, Settings};
    /// use tenfold_comm::World;
    ///
    /// let sums = World::threads(2).run(|world| {
    ///     let ranks = Settings::new().threads(1).with_memory("16MiB")?.over(world)?;
    ///     ranks.compute(&Array::<f64, _>::ones([2000, 2000], 500).sum())
    /// });
    /// assert_eq!(sums.unwrap()[1].first(), Some(&4e6));
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Ranks`] if a rank is gone.
    pub fn over<'c, C: Communicator + 'c>(&self, comm: &C) -> Result<Ranks<'c>> {
        let own = comm.dup().map_err(broken)?;
        Ok(Ranks {
            link: Box::new(Over(own)),
            exchange: Arc::default(),
            settings: self.clone(),
            runs: Cell::new(0),
            traffic: Cell::default(),
            broken: RefCell::default(),
        })
    }
}

impl<T: Element, D: Dimension> Array<T, D> {
    /// Computes all elements, on all ranks of a communicator together, which all get them. [`Ranks`] can say more.
    ///
    /// # Errors
    /// As [`Ranks::compute`].
    pub fn compute_on<C: Communicator>(&self, comm: &C) -> Result<ndarray::Array<T, D>> {
        Ranks::new(comm)?.compute(self)
    }
}

impl<'c> Ranks<'c> {
    /// The ranks of a communicator, each on all cores and without a cap on memory. All ranks call it.
    ///
    /// # Errors
    /// [`ErrorKind::Ranks`] if a rank is gone.
    pub fn new<C: Communicator + 'c>(comm: &C) -> Result<Self> {
        Settings::new().over(comm)
    }

    /// This rank, from 0.
    #[must_use]
    pub fn rank(&self) -> usize {
        self.link.rank()
    }

    /// How many ranks there are.
    #[must_use]
    pub fn size(&self) -> usize {
        self.link.size()
    }

    /// How much this rank has sent until now.
    #[must_use]
    pub fn sent(&self) -> Traffic {
        self.traffic.get()
    }

    /// What computing an array will do, on all ranks and ([`Plan::share`]) on this one. Nothing is sent for it.
    ///
    /// # Errors
    /// As [`Settings::plan`].
    pub fn plan<T: Element, D: Dimension>(&self, array: &Array<T, D>) -> Result<Plan> {
        let nodes = [Arc::clone(&array.node)];
        let mut plan = self.settings.plan_for(self.size(), &nodes, |_| Place::Memory, 0)?;
        let share = plan.share_of(self.rank(), |(chunks, owners)| {
            let (rank, size) = (self.rank(), self.size());
            let spread = Spread { rank, size, owners: owners.clone() };
            (spread.count(chunks), spread.parts(chunks))
        });
        plan.share = Some(share);
        Ok(plan)
    }

    /// Computes all elements of an array, which each rank gets. All ranks call it.
    ///
    /// # Errors
    /// As [`Settings::compute`], the same on all ranks; [`ErrorKind::Ranks`] if they do not compute the same, or one is
    /// gone; [`ErrorKind::Unsupported`] if it is reduced by functions of yours to values that are not numbers.
    pub fn compute<T: Element, D: Dimension>(
        &self,
        array: &Array<T, D>,
    ) -> Result<ndarray::Array<T, D>> {
        self.compute_many(array)
    }

    /// Computes several arrays together, as [`Settings::compute_many`] does. All ranks call it.
    ///
    /// # Errors
    /// As [`compute`](Self::compute); [`ErrorKind::Unsupported`] if there are tasks among them.
    pub fn compute_many<M: Many>(&self, what: M) -> Result<M::Computed> {
        let mut wished = Wished::default();
        what.ask(&mut wished);
        let made =
            self.run_if(wished.has_no_tasks(), wished.arrays(), ("compute", 0), |_| Place::Memory)?;
        what.take(&mut Answers::of_arrays(made)?)
    }

    /// Computes all elements of an array for one rank, which alone gets them: the others get `None`, and hold no more than
    /// their own chunks of a large one. All ranks call it, with the same `root`.
    ///
    /// ```
    /// use tenfold_array::{Array, Ranks};
    /// use tenfold_comm::World;
    ///
    /// let all = World::threads(2).run(|world| {
    ///     Ranks::new(world)?.compute_at(1, &Array::<u8, _>::ones([4], 2))
    /// }).unwrap();
    /// assert!(all[0].is_none());
    /// assert_eq!(all[1].as_ref().map(|x| x.sum()), Some(4));
    /// ```
    ///
    /// # Errors
    /// As [`compute`](Self::compute); [`ErrorKind::Index`] if there is no rank `root`.
    pub fn compute_at<T: Element, D: Dimension>(
        &self,
        root: usize,
        array: &Array<T, D>,
    ) -> Result<Option<ndarray::Array<T, D>>> {
        let size = self.size();
        // The others are told, too, if they have another root.
        let allowed = if root < size {
            Ok(())
        } else {
            let sentence = format!("argument `root` is {root}, but there are {size} ranks");
            Err(Error::new(ErrorKind::Index, sentence))
        };
        let is_root = self.rank() == root;
        let mut wished = Wished::default();
        array.ask(&mut wished);
        let purpose = format!("compute at {root}");
        // What is small all ranks get anyway.
        let has_all = is_root || is_small(&array.node.chunks, T::DTYPE);
        let place: fn(usize) -> Place = if has_all { |_| Place::Memory } else { |_| Place::Ranks };
        let made = self.run_if(allowed, wished.arrays(), (&purpose, 0), place)?;
        match is_root {
            true => Many::take(array, &mut Answers::of_arrays(made)?).map(Some),
            false => Ok(None),
        }
    }

    /// Computes an array, and gives one that reads its elements where they are: each rank keeps its own chunks. All ranks
    /// call it. Only these `Ranks` can compute with the array: all else refuses it, also a computation of its own within a
    /// function that these call.
    ///
    /// ```
    /// use tenfold_array::{Array, Ranks, Settings};
    /// use tenfold_comm::World;
    ///
    /// World::threads(3).run(|world| {
    ///     let ranks = Ranks::new(world)?;
    ///     let x = ranks.persist(&Array::from_fn([60, 60], 10, |at| (at[0] * at[1]) as f64))?;
    ///     assert_eq!(ranks.compute(&(&x - &x.t()).sum())?.into_scalar(), 0.0);
    ///     assert!(Settings::new().compute(&x.sum()).is_err());
    ///     Ok::<(), tenfold_array::Error>(())
    /// }).unwrap();
    /// ```
    ///
    /// # Errors
    /// As [`compute`](Self::compute).
    pub fn persist<T: Element, D: Dimension>(&self, array: &Array<T, D>) -> Result<Array<T, D>> {
        if self.size() == 1 {
            return self.settings.persist(array);
        }
        let node = &array.node;
        let arrays = [Arc::clone(node)];
        let made = self.run_if(Ok(()), &arrays, ("persist", 0), |_| Place::Ranks)?.pop();
        let Some(Made::Disk(source)) = made else {
            unreachable!("a plan has a result for each root, where it was wanted")
        };
        let key = Identity::of(("persisted on ranks", self.runs.get()));
        let mut array = Array::made(Op::Source(source), [], node.chunks.clone(), key, node.origin);
        // Other `Ranks` count their runs from the beginning, too.
        if let Some(node) = Arc::get_mut(&mut array.node) {
            node.identity = Identity::unique();
        }
        Ok(array)
    }

    /// Computes an array into a target: each rank writes the windows that it makes. All ranks call it, with targets that
    /// come to one array, such as one that threads share; [`store_npy`](Self::store_npy) makes a file of processes, too.
    ///
    /// ```
    /// use tenfold_array::{Array, NpyFile, NpyWriter, Ranks, ndarray::Ix2};
    /// use tenfold_comm::World;
    ///
    /// let folder = tempfile::tempdir()?;
    /// let path = folder.path().join("x.npy");
    /// let file = NpyWriter::create(&path, &[300, 400])?;
    /// World::threads(3).run(|world| {
    ///     let x = Array::from_fn([300, 400], 100, |at| at[1] as f64);
    ///     Ranks::new(world)?.store(&x, &file)
    /// }).unwrap();
    /// file.finish()?;
    /// let x = Array::<f64, Ix2>::from_source(NpyFile::open(&path)?, 100);
    /// assert_eq!(x.sum().compute()?.into_scalar(), 300.0 * 199.5 * 400.0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`compute`](Self::compute), and what the target says; [`ErrorKind::Shape`] if it has another shape.
    pub fn store<T: Element, D: Dimension>(
        &self,
        array: &Array<T, D>,
        target: &impl Target<T>,
    ) -> Result<()> {
        let shaped = array.check().and_then(|()| is_shape_of(array, "target", &target.shape()));
        let (array, place) = for_target(array, target);
        let wanted = Wanted::Target(Arc::new(Remembered::new(target)));
        let planned = self.planned(shaped, &[array.node], ("store", target.memory()), place)?;
        self.carry_out(&planned, &[wanted]).map(drop)
    }
}

/// A plan that all ranks have made, and the arrays that it is of.
struct Planned {
    plan: Plan,
    order: Vec<Arc<Node>>,
}

impl Ranks<'_> {
    /// Plans, and carries the plan out if all ranks have the same, and nothing speaks against it on any.
    fn run_if(
        &self,
        allowed: Result<()>,
        arrays: &[Arc<Node>],
        purpose: (&str, usize),
        place: fn(usize) -> Place,
    ) -> Result<Vec<Made>> {
        self.carry_out(&self.planned(allowed, arrays, purpose, place)?, &[])
    }

    /// The plan, if all ranks have the same, and nothing speaks against it on any.
    fn planned(
        &self,
        allowed: Result<()>,
        arrays: &[Arc<Node>],
        (purpose, writing): (&str, usize),
        place: fn(usize) -> Place,
    ) -> Result<Planned> {
        if let Some(error) = &*self.broken.borrow() {
            return Err(error.clone());
        }
        self.runs.set(self.runs.get().wrapping_add(1));
        let order = sorted(arrays);
        let mut planned =
            allowed.and_then(|()| self.settings.plan_for(self.size(), arrays, place, writing));
        if self.size() > 1 {
            planned = planned.and_then(|plan| self.open_checkpoints().map(|()| plan));
            let keeps = self.settings.checkpoint_folder().map(|folder| folder.keeps);
            let purpose = format!("{purpose} {:?} {keeps:?}", self.settings.passes);
            let own = Fingerprint::new(&order, arrays, &purpose);
            planned = self.linked(agreed(&*self.link, &order, &own, planned))?;
        }
        Ok(Planned { plan: planned?, order })
    }

    /// Remembers if messages do not come and go any more.
    fn linked<R>(&self, heard: Result<R>) -> Result<R> {
        heard.inspect_err(|error| *self.broken.borrow_mut() = Some(error.clone()))
    }

    /// What this rank has come to, if all have; the same error on all if not.
    fn all_or_none<R>(&self, of: &Planned, own: Result<R>) -> Result<R> {
        match self.size() {
            1 => own,
            _ => self.linked(all_or_none(&*self.link, &of.order, own))?,
        }
    }

    /// What rank 0 tells all.
    fn told_by_first(&self, own: Option<Vec<u8>>) -> Result<Vec<u8>> {
        self.linked(self.link.told_by(0, own.unwrap_or_default()))
    }

    /// Computes on other threads, while this one sends and receives.
    fn carry_out(&self, planned: &Planned, targets: &[Wanted<'_>]) -> Result<Vec<Made>> {
        let Planned { plan, order } = planned;
        if self.size() == 1 {
            return plan.run(&self.settings, targets);
        }
        let checkpoints = self.linked(self.resumed(plan))?;
        let (to, partials) = channel();
        let inbox = self.exchange.open(plan.threads);
        let stop = Cancel::new();
        let settings = self.settings.clone().cancel(&stop);
        let user = self.settings.cancel.clone();
        let member = Member {
            rank: self.rank(),
            size: self.size(),
            exchange: Arc::clone(&self.exchange),
            partials: Mutex::new(partials),
            run: self.runs.get(),
        };
        let rank = self.rank();
        let exchange = &*self.exchange;
        let compute = || {
            let made =
                caught(|| plan.run_by(&settings, targets, Some(&member), checkpoints.as_ref()));
            let made = made.unwrap_or_else(|text| {
                Err(Error::new(ErrorKind::Panicked, format!("panicked: {text}")))
            });
            let fault = made.as_ref().err().map(|error| Fault::new(rank, error));
            exchange.ask(Asked::Ended(fault));
            made
        };
        // At the end of each stage, and of all.
        let meetings = plan.stages() + 1;
        let ways = (stop, user);
        let times = (self.runs.get(), meetings);
        let mut dispatch = Dispatch::new(&*self.link, exchange, inbox, to, ways, times);
        let (fault, made) = thread::scope(|scope| {
            let name = format!("tenfold rank {rank}");
            let computing = thread::Builder::new().name(name).spawn_scoped(scope, compute);
            if let Err(error) = &computing {
                let error = Error::new(ErrorKind::Io, format!("no thread can be started: {error}"));
                let fault = Some(Fault::new(rank, &error));
                exchange.ask(Asked::Ended(fault));
            }
            (dispatch.run(), computing.map(thread::ScopedJoinHandle::join))
        });
        self.exchange.close();
        let (before, own) = (self.traffic.get(), dispatch.traffic);
        self.traffic.set(Traffic {
            messages: before.messages + own.messages,
            bytes: before.bytes + own.bytes,
        });
        if let Some(broken) = dispatch.broken() {
            *self.broken.borrow_mut() = Some(broken.into_error(order));
        }
        match (fault, made) {
            (Some(fault), _) => Err(fault.into_error(order)),
            (None, Ok(Ok(made))) => made,
            (None, _) => unreachable!("a thread that does not panic has come to an end"),
        }
    }
}

impl fmt::Debug for Ranks<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ranks")
            .field("rank", &self.rank())
            .field("size", &self.size())
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
