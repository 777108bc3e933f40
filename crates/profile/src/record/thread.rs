//! What one thread recorded, readable by any other.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering, fence};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use super::lines::{Body, Lines};
use super::link::Link;
use super::node::{Activity, Node, Tally};
use super::overhead::Ticks;
use super::ring::Ring;
use super::site::Site;

/// Scopes inside of each other, before which a thread needs more than its first block of frames.
const NEAR: usize = 256;
/// Scopes inside of each other that are recorded; those further in count for the last one.
const DEEPEST: usize = 1 << 15;
/// Paths of one thread that are recorded; calls on others count for where they are called from.
const MOST_PATHS: usize = 1 << 15;

/// An open scope.
#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) node: Link<Node>,
    pub(crate) start: Tally,
    /// What recording had cost the thread before.
    pub(crate) cost: Tally,
    pub(crate) bytes: Tally,
    pub(crate) blocks: Tally,
}

impl Frame {
    fn new() -> Self {
        let [start, cost, bytes, blocks] = [0; 4].map(Tally::new);
        Self { node: Link::none(), start, cost, bytes, blocks }
    }

    /// Whether it is of a call on this path.
    #[inline(always)]
    pub(crate) fn is_of(&self, node: &Node) -> bool {
        self.node.get().is_some_and(|own| std::ptr::eq(own, node))
    }

    fn block(length: usize) -> Box<[Self]> {
        std::iter::repeat_with(Self::new).take(length).collect()
    }
}

/// The record of a thread. It is never freed: when its thread has ended and its session was read,
/// the next thread that comes takes it over, with all paths that it has.
#[derive(Debug)]
pub(crate) struct Thread {
    identity: Mutex<Identity>,
    /// The session that its numbers are of.
    pub(crate) state: AtomicU32,
    /// Whether a thread has it.
    taken: AtomicBool,
    /// Odd while the thread is changing its numbers.
    version: AtomicU64,
    /// How many frames are open.
    pub(crate) depth: Tally,
    /// What recording has cost the thread so far: its clock stands still meanwhile.
    pub(crate) cost: Tally,
    /// What recording a call costs.
    pub(crate) price: Price,
    near: Box<[Frame]>,
    deep: OnceLock<Box<[Frame]>>,
    pub(crate) root: &'static Node,
    nodes: Mutex<Vec<&'static Node>>,
    activities: Mutex<Vec<&'static Activity>>,
    /// The bodies whose lines are told apart, the newest first.
    lines: Link<Lines>,
    /// The last exits, for a session that keeps them.
    pub(crate) ring: Link<Ring>,
    /// When it first entered a scope, and when it last left one.
    pub(crate) first: Tally,
    pub(crate) last: Tally,
    pub(crate) lost: Lost,
}

/// What recording a call costs, in ticks.
#[derive(Debug)]
pub(crate) struct Price {
    /// Between the two reads of the clock.
    pub(crate) inner: Tally,
    /// Altogether.
    pub(crate) whole: Tally,
    /// Altogether, when it is counted and not timed.
    pub(crate) untimed: Tally,
    /// Of a line, and of a call of a function whose lines are timed.
    pub(crate) mark: Tally,
    pub(crate) body: Tally,
}

/// Who has a record.
#[derive(Debug, Clone, Default)]
pub(crate) struct Identity {
    /// In the order in which threads first recorded something.
    pub(crate) number: u64,
    pub(crate) name: String,
}

/// What could not be recorded as it was, counted.
#[derive(Debug)]
pub(crate) struct Lost {
    /// Calls deeper than `DEEPEST`.
    pub(crate) deep: Tally,
    /// Calls on more than `MOST_PATHS` paths.
    pub(crate) paths: Tally,
    /// Scopes that ended while one that began later was still open.
    pub(crate) crossed: Tally,
    /// Scopes that ended before they began, by the clock.
    pub(crate) backwards: Tally,
}

impl Thread {
    fn new() -> Self {
        let root: &'static Node = Box::leak(Box::new(Node::new(None, None, None)));
        let zero = || Tally::new(0);
        Self {
            identity: Mutex::default(),
            state: AtomicU32::new(0),
            taken: AtomicBool::new(true),
            version: AtomicU64::new(0),
            depth: zero(),
            cost: zero(),
            price: Price {
                inner: zero(),
                whole: zero(),
                untimed: zero(),
                mark: zero(),
                body: zero(),
            },
            near: Frame::block(NEAR),
            deep: OnceLock::new(),
            root,
            nodes: Mutex::new(vec![root]),
            activities: Mutex::default(),
            lines: Link::none(),
            ring: Link::none(),
            first: zero(),
            last: zero(),
            lost: Lost { deep: zero(), paths: zero(), crossed: zero(), backwards: zero() },
        }
    }

    /// The frame at a depth, of the first block.
    #[inline(always)]
    pub(crate) fn near_frame(&self, depth: u64) -> Option<&Frame> {
        self.near.get(usize::try_from(depth).ok()?)
    }

    /// What elapsed since a frame was opened, in a clock that stands still while scopes are
    /// recorded. Wraps below 0.
    #[inline(always)]
    pub(crate) fn elapsed(&self, frame: &Frame, now: u64) -> u64 {
        let since = self.cost.get().wrapping_sub(frame.cost.get());
        let stood = since.wrapping_add(self.price.inner.get());
        now.wrapping_sub(frame.start.get()).wrapping_sub(stood)
    }

    /// The frame at a depth; `None` beyond the deepest.
    pub(crate) fn frame(&self, depth: u64) -> Option<&Frame> {
        let depth = usize::try_from(depth).ok()?;
        self.near.get(depth).or_else(|| self.deep_frame(depth))
    }

    #[inline(never)]
    fn deep_frame(&self, depth: usize) -> Option<&Frame> {
        if depth >= DEEPEST {
            return None;
        }
        self.deep.get_or_init(|| Frame::block(DEEPEST - NEAR)).get(depth - NEAR)
    }

    /// Changes numbers; readers see all of it or nothing.
    #[inline(always)]
    pub(crate) fn change(&self, change: impl FnOnce()) {
        let version = self.version.load(Ordering::Relaxed);
        self.version.store(version.wrapping_add(1), Ordering::Relaxed);
        fence(Ordering::Release);
        change();
        self.version.store(version.wrapping_add(2), Ordering::Release);
    }

    /// Reads numbers as they were at one moment: again if the thread changed them meanwhile, which
    /// it does once more at most when no session runs.
    pub(crate) fn read<T>(&self, read: impl Fn(&Self) -> T) -> T {
        loop {
            let before = self.version.load(Ordering::Acquire);
            if before.is_multiple_of(2) {
                let found = read(self);
                fence(Ordering::Acquire);
                if self.version.load(Ordering::Relaxed) == before {
                    return found;
                }
            }
            // The thread lost its core in the middle of a change, and needs one to go on.
            std::thread::yield_now();
        }
    }

    /// Starts from nothing, for a session. Called by the thread itself.
    pub(crate) fn reset(&self, state: u32, now: u64, price: Ticks) {
        self.change(|| {
            lock(&self.nodes).iter().for_each(|node| node.reset());
            lock(&self.activities).iter().for_each(|activity| activity.open.set(0));
            let Lost { deep, paths, crossed, backwards } = &self.lost;
            let zeros = [deep, paths, crossed, backwards, &self.depth, &self.cost];
            zeros.into_iter().for_each(|tally| tally.set(0));
            self.price.inner.set(price.inner);
            self.price.whole.set(price.whole);
            self.price.untimed.set(price.untimed);
            self.price.mark.set(price.mark);
            self.price.body.set(price.body);
            self.lines().for_each(Lines::reset);
            self.first.set(now);
            self.last.set(now);
            if let Some(ring) = self.ring.get() {
                ring.reset();
            }
            self.state.store(state, Ordering::Release);
        });
    }

    /// Adds the path from `cursor` to `site`; `None` when there are too many.
    pub(crate) fn extend(
        &self,
        cursor: &'static Node,
        site: &'static Site,
    ) -> Option<&'static Node> {
        let mut nodes = lock(&self.nodes);
        if nodes.len() >= MOST_PATHS {
            self.lost.paths.add(1);
            return None;
        }
        let activity = self.activity(site);
        let node = Node::new(Some(activity), Some(cursor), cursor.ancestor(site));
        let node: &'static Node = Box::leak(Box::new(node));
        nodes.push(node);
        cursor.adopt(node);
        Some(node)
    }

    fn activity(&self, site: &'static Site) -> &'static Activity {
        let mut activities = lock(&self.activities);
        if let Some(known) = activities.iter().find(|activity| activity.site == site) {
            return known;
        }
        let activity: &'static Activity =
            Box::leak(Box::new(Activity { site, open: Tally::new(0) }));
        activities.push(activity);
        activity
    }

    /// The bodies whose lines are told apart.
    pub(crate) fn lines(&self) -> impl Iterator<Item = &'static Lines> {
        std::iter::successors(self.lines.get(), |lines| lines.next)
    }

    /// Adds one. Called by the thread itself.
    pub(crate) fn add_lines(&'static self, body: &'static Body) -> &'static Lines {
        let lines = Box::leak(Box::new(Lines::new(body, self, self.lines.get())));
        self.lines.set(Some(lines));
        lines
    }

    /// Whether its thread lives.
    pub(crate) fn is_taken(&self) -> bool {
        self.taken.load(Ordering::Acquire)
    }

    /// All paths, those above before those below.
    pub(crate) fn nodes(&self) -> Vec<&'static Node> {
        lock(&self.nodes).clone()
    }

    pub(crate) fn identity(&self) -> Identity {
        lock(&self.identity).clone()
    }

    /// The thread that has it ends.
    pub(crate) fn release(&self) {
        self.taken.store(false, Ordering::Release);
    }
}

static THREADS: Mutex<Vec<&'static Thread>> = Mutex::new(Vec::new());
static NUMBER: AtomicU64 = AtomicU64::new(0);

/// A record for the calling thread, which holds nothing of the session `state`. `None` where
/// `running` says that this one has ended: what would be free for it may be of the next.
pub(crate) fn register(state: u32, running: &AtomicU32) -> Option<&'static Thread> {
    let mut threads = lock(&THREADS);
    if running.load(Ordering::SeqCst) != state {
        return None;
    }
    let free = |thread: &&&'static Thread| {
        !thread.taken.load(Ordering::Acquire) && thread.state.load(Ordering::Acquire) != state
    };
    let thread = match threads.iter().find(free) {
        Some(thread) => *thread,
        None => {
            let thread: &'static Thread = Box::leak(Box::new(Thread::new()));
            threads.push(thread);
            thread
        }
    };
    thread.taken.store(true, Ordering::Release);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let name =
        std::thread::current().name().map_or_else(|| format!("thread {number}"), str::to_owned);
    *lock(&thread.identity) = Identity { number, name };
    Some(thread)
}

/// The records of a session, in the order in which its threads came.
pub(crate) fn of_session(state: u32) -> Vec<&'static Thread> {
    let mut threads: Vec<&Thread> = unsorted_of_session(state).collect();
    threads.sort_by_key(|thread| thread.identity().number);
    threads
}

/// The same, as they come. The lock is given back first: a process that is forked while a thread has
/// it has it for ever.
pub(crate) fn unsorted_of_session(state: u32) -> impl Iterator<Item = &'static Thread> {
    let threads = lock(&THREADS).clone();
    threads.into_iter().filter(move |thread| thread.state.load(Ordering::Acquire) == state)
}

/// A panic of one thread is no reason for others to lose what they recorded.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
