//! The recorder: what happens when a scope is entered and left.
//!
//! Each thread has a record of its own, so that recording takes no lock and no atomic exchange:
//!
//! ```text
//! enter: node = the child of this path for the site; push a frame; read the clock
//! leave: read the clock; pop the frame; add what elapsed to the node
//! ```
//!
//! What that costs was measured when the session started, and the thread's clock stands still for
//! as long: it would count for the scopes around otherwise.
//!
//! Departures from that: 1. without a session `enter` is one load and a branch, and `leave` a
//! branch; 2. self time is not kept but computed from the children's when a report is made; 3. a recursive call goes on below its outer call ([`node::Node`]);
//! 4. frames and numbers are readable by other threads, so that a session can be finished while
//! scopes are open anywhere.

pub(crate) mod lines;
pub(crate) mod link;
pub(crate) mod node;
pub(crate) mod overhead;
pub(crate) mod ring;
pub(crate) mod site;
pub(crate) mod thread;
pub(crate) mod ticks;
pub(crate) mod watch;

use std::cell::Cell;
use std::marker::PhantomData;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};

use crate::memory;
use lines::Lines;
use node::Node;
use overhead::Ticks;
use ring::Ring;
use site::Site;
use thread::{Frame, Thread};

/// The session that runs: its number and what it wants; 0 while there is none.
static STATE: AtomicU32 = AtomicU32::new(0);
/// In `STATE`: there is a session.
const RUNNING: u32 = 1;
/// In `STATE`: it counts allocations.
pub(crate) const ALLOC: u32 = 2;
/// In `STATE`: it keeps the last exits.
pub(crate) const TRACE: u32 = 4;
/// In `STATE`: the clock is not the time-stamp counter.
const SLOW_CLOCK: u32 = 8;
/// What the quick ways do not do.
const UNUSUAL: u32 = ALLOC | TRACE | SLOW_CLOCK;
/// In `STATE`: it tells the lines of functions apart.
pub(crate) const LINES: u32 = 16;
/// In `STATE`: and times each of them.
pub(crate) const TIMED: u32 = 32;
/// In `STATE`: a number that no two sessions in a row share.
const SESSION: u32 = 64;

/// How many exits a thread keeps, for a session that wants them.
static TRACED: AtomicUsize = AtomicUsize::new(0);

/// What a thread needs at hand. Without a destructor, so that it is plain memory.
struct Local {
    state: Cell<u32>,
    ended: Cell<bool>,
    thread: Cell<Option<&'static Thread>>,
    cursor: Cell<Option<&'static Node>>,
    /// The body that was entered last.
    lines: Cell<Option<&'static Lines>>,
}

thread_local! {
    static LOCAL: Local = const {
        Local {
            state: Cell::new(0),
            ended: Cell::new(false),
            thread: Cell::new(None),
            cursor: Cell::new(None),
            lines: Cell::new(None),
        }
    };
    /// Hands the record on when the thread ends.
    static FAREWELL: Farewell = const { Farewell };
}

struct Farewell;

impl Drop for Farewell {
    fn drop(&mut self) {
        LOCAL.with(|local| {
            // Destructors of other thread-locals may still come, with scopes in them.
            local.ended.set(true);
            local.state.set(0);
            local.cursor.set(None);
            local.lines.set(None);
            if let Some(thread) = local.thread.take() {
                thread.release();
            }
        });
    }
}

/// An open scope; dropping it leaves the scope.
#[derive(Debug)]
#[must_use = "a scope ends when its guard is dropped"]
pub struct Guard {
    node: Option<&'static Node>,
    /// Two words altogether, which come back in registers.
    call: Call,
    /// A scope is left on the thread that entered it.
    stays: PhantomData<*const ()>,
}

/// The session of a call, and its frame, or `UNTIMED`.
#[derive(Debug, Clone, Copy)]
struct Call(u64);

/// The depth of a call that only counts.
const UNTIMED: u64 = u32::MAX as u64;

impl Call {
    #[inline(always)]
    fn new(state: u32, depth: u64) -> Self {
        Self((u64::from(state) << 32) | (depth & UNTIMED))
    }

    #[inline(always)]
    fn state(self) -> u32 {
        (self.0 >> 32) as u32
    }

    #[inline(always)]
    fn depth(self) -> u64 {
        self.0 & UNTIMED
    }
}

impl Guard {
    const IDLE: Self = Self { node: None, call: Call(0), stays: PhantomData };

    #[inline(always)]
    fn new(node: &'static Node, state: u32, depth: u64) -> Self {
        Self { node: Some(node), call: Call::new(state, depth), stays: PhantomData }
    }
}

impl Drop for Guard {
    #[inline]
    fn drop(&mut self) {
        if let Some(node) = self.node {
            leave(node, self.call);
        }
    }
}

/// An open scope of a site that is sampled.
#[derive(Debug)]
#[must_use = "a scope ends when its guard is dropped"]
pub struct SampledGuard(Guard);

impl Drop for SampledGuard {
    #[inline]
    fn drop(&mut self) {
        let Guard { node, call, .. } = self.0;
        if let Some(node) = node.filter(|_| call.depth() == UNTIMED) {
            leave_untimed(node, call.state());
            // There is nothing left for the guard to do.
            self.0.node = None;
        }
    }
}

/// Enters a scope: one relaxed load and a branch while no session runs.
#[inline]
pub fn enter(site: &'static Site) -> Guard {
    match STATE.load(Ordering::Relaxed) {
        0 => Guard::IDLE,
        state => begin(site, state),
    }
}

/// Enters a scope that is counted always and timed now and then.
#[inline]
pub fn enter_sampled(site: &'static Site) -> SampledGuard {
    SampledGuard(match STATE.load(Ordering::Relaxed) {
        0 => Guard::IDLE,
        state => begin_sampled(site, state),
    })
}

/// The quick way in: everything is as it was the last time here. It calls nothing, so that it
/// saves no registers.
#[inline(never)]
fn begin(site: &'static Site, state: u32) -> Guard {
    let quick = LOCAL.with(|local| {
        if local.state.get() != state || state & UNUSUAL != 0 {
            return None;
        }
        let (thread, cursor) = (local.thread.get()?, local.cursor.get()?);
        let node = cursor.last_child(site)?;
        let depth = thread.depth.get();
        let frame = thread.near_frame(depth)?;
        Some(open(local, thread, frame, node, Call::new(state, depth)))
    });
    match quick {
        Some(guard) => guard,
        None => begin_slowly(site, state),
    }
}

/// The way in.
#[inline(never)]
fn begin_slowly(site: &'static Site, state: u32) -> Guard {
    LOCAL.with(|local| match find(local, site, state) {
        Some((thread, node)) => open_any(local, thread, node, state),
        None => Guard::IDLE,
    })
}

/// The quick way into a sampled scope, when it is not its turn. It goes into the caller: a call
/// costs a third of what is to be done.
#[inline]
fn begin_sampled(site: &'static Site, state: u32) -> Guard {
    let quick = LOCAL.with(|local| {
        if local.state.get() != state {
            return None;
        }
        let (thread, cursor) = (local.thread.get()?, local.cursor.get()?);
        let node = cursor.last_child(site)?;
        if node.countdown.get() <= 1 {
            return None;
        }
        Some(count(local, thread, node, state))
    });
    match quick {
        Some(guard) => guard,
        None => begin_sampled_slowly(site, state),
    }
}

#[inline(never)]
fn begin_sampled_slowly(site: &'static Site, state: u32) -> Guard {
    LOCAL.with(|local| {
        let Some((thread, node)) = find(local, site, state) else { return Guard::IDLE };
        if node.countdown.get() == 0 {
            // The first one is drawn too, before anything is timed.
            node.countdown.set(1 + random() % gap(site));
        }
        if node.countdown.get() > 1 {
            return count(local, thread, node, state);
        }
        node.countdown.set(1 + random() % gap(site));
        node.timed.add(1);
        open_any(local, thread, node, state)
    })
}

/// Gaps between calls that are timed are random, from 1 to this, so that calls which alternate in
/// some rhythm do not fall in with it. Their mean is the rate.
fn gap(site: &Site) -> u64 {
    (2 * u64::from(site.sample) - 1).max(1)
}

/// A call that only counts.
#[inline(always)]
fn count(local: &Local, thread: &'static Thread, node: &'static Node, state: u32) -> Guard {
    node.countdown.sub(1);
    node.calls.add(1);
    if let Some(activity) = node.activity {
        let open = activity.open.get();
        activity.open.set(open + 1);
        if open > 0 {
            node.nested_calls.add(1);
        }
    }
    thread.cost.add(thread.price.untimed.get());
    local.cursor.set(Some(node.below()));
    Guard::new(node, state, UNTIMED)
}

/// Marsaglia's xorshift, one for each thread.
fn random() -> u64 {
    thread_local!(static SEED: Cell<u64> = Cell::new(seed()));
    SEED.with(|seed| {
        let mut x = seed.get();
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        seed.set(x);
        x >> 11
    })
}

/// Another one for each thread and each run: many threads that make few calls each would time the
/// same ones of them otherwise. Vigna's splitmix64.
#[cold]
fn seed() -> u64 {
    const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;
    static THREADS: AtomicU64 = AtomicU64::new(0);
    let mut x = ticks::now().wrapping_add(THREADS.fetch_add(GOLDEN, Ordering::Relaxed));
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    // Xorshift never leaves 0.
    (x ^ (x >> 31)) | 1
}

/// The thread's record and the path to `site` in it.
#[inline(always)]
fn find(
    local: &Local,
    site: &'static Site,
    state: u32,
) -> Option<(&'static Thread, &'static Node)> {
    if local.state.get() != state {
        join(local, state);
    }
    let (thread, cursor) = (local.thread.get()?, local.cursor.get()?);
    let node = match cursor.child(site) {
        Some(node) => node,
        None => extend(thread, cursor, site)?,
    };
    Some((thread, node))
}

/// A new path. What it takes to keep it is no allocation of the program's.
#[cold]
fn extend(
    thread: &'static Thread,
    cursor: &'static Node,
    site: &'static Site,
) -> Option<&'static Node> {
    memory::uncounted(|| thread.extend(cursor, site))
}

/// The first scope of a session on this thread.
#[cold]
fn join(local: &Local, state: u32) {
    if local.ended.get() || FAREWELL.try_with(|_| ()).is_err() {
        return;
    }
    memory::uncounted(|| {
        let thread = local.thread.get().or_else(|| thread::register(state, &STATE));
        // The session ended meanwhile.
        let Some(thread) = thread else { return };
        if state & TRACE != 0 {
            let capacity = TRACED.load(Ordering::Relaxed);
            if thread.ring.get().is_none_or(|ring| ring.capacity() != capacity) {
                thread.ring.set(Some(Box::leak(Box::new(Ring::new(capacity)))));
            }
        }
        thread.reset(state, ticks::now(), price());
        local.thread.set(Some(thread));
        local.cursor.set(Some(thread.root));
        local.state.set(state);
    });
}

/// Opens a frame, wherever it is.
fn open_any(local: &Local, thread: &'static Thread, node: &'static Node, state: u32) -> Guard {
    let depth = thread.depth.get();
    let Some(frame) = thread.frame(depth) else {
        thread.lost.deep.add(1);
        return Guard::IDLE;
    };
    if state & ALLOC != 0 {
        let (bytes, blocks) = memory::of_thread();
        frame.bytes.set(bytes);
        frame.blocks.set(blocks);
    }
    open(local, thread, frame, node, Call::new(state, depth))
}

/// Opens a frame for a call that is timed.
#[inline(always)]
fn open(
    local: &Local,
    thread: &'static Thread,
    frame: &Frame,
    node: &'static Node,
    call: Call,
) -> Guard {
    if let Some(activity) = node.activity {
        activity.open.add(1);
    }
    frame.node.set(Some(node));
    frame.cost.set(thread.cost.get());
    local.cursor.set(Some(node.below()));
    frame.start.set(ticks::quick_or(call.state() & SLOW_CLOCK != 0));
    // Readers see a frame when it is whole.
    thread.depth.publish(call.depth() + 1);
    Guard { node: Some(node), call, stays: PhantomData }
}

/// The quick way out. It calls nothing, so that it saves no registers.
#[inline(never)]
fn leave(node: &'static Node, call: Call) {
    let (state, depth) = (call.state(), call.depth());
    if state & UNUSUAL != 0 {
        return leave_slowly(node, call, ticks::now());
    }
    let now = ticks::quick_or(false);
    let done = LOCAL.with(|local| {
        let thread = local.thread.get()?;
        let frame = thread.near_frame(depth)?;
        let elapsed = thread.elapsed(frame, now);
        if STATE.load(Ordering::Relaxed) != state
            || thread.depth.get() != depth + 1
            || !frame.is_of(node)
            || now < frame.start.get()
        {
            return None;
        }
        thread.change(|| {
            close(thread, node, elapsed, now);
            thread.depth.publish(depth);
        });
        local.cursor.set(node.parent);
        Some(())
    });
    if done.is_none() {
        leave_slowly(node, call, now);
    }
}

/// The way out.
#[inline(never)]
fn leave_slowly(node: &'static Node, call: Call, now: u64) {
    let (state, depth) = (call.state(), call.depth());
    // A scope that outlives its session was added up when that was finished.
    if STATE.load(Ordering::Relaxed) != state {
        return;
    }
    LOCAL.with(|local| {
        let Some(thread) = local.thread.get() else { return };
        // One that ended with another already is not there, or another one has its place.
        let is_open = |frame: &&Frame| depth < thread.depth.get() && frame.is_of(node);
        let Some(frame) = thread.frame(depth).filter(is_open) else { return };
        if thread.depth.get() != depth + 1 {
            uncross(thread, depth, now, state);
        }
        close_any(thread, (frame, depth), node, now, state);
        local.cursor.set(node.parent);
    });
}

#[inline(always)]
fn leave_untimed(node: &'static Node, state: u32) {
    LOCAL.with(|local| {
        if local.state.get() == state {
            if let Some(activity) = node.activity {
                activity.open.set(activity.open.get().saturating_sub(1));
            }
            local.cursor.set(node.parent);
        }
    });
}

/// Adds up a call that ends now. `elapsed` may be less than nothing, when an empty scope was quick:
/// the sum of many is right, one is not, and counts as nothing. No branch says so: for a short scope
/// it would go either way by chance, and cost 10 ns and more.
#[inline(always)]
fn close(thread: &Thread, node: &Node, elapsed: u64, now: u64) {
    let own = elapsed.cast_signed().max(0).cast_unsigned();
    thread.cost.add(thread.price.whole.get());
    thread.last.set(now);
    node.calls.add(1);
    node.elapsed.add(elapsed);
    if own < node.min.get() {
        node.min.set(own);
    }
    if own > node.max.get() {
        node.max.set(own);
    }
    if let Some(activity) = node.activity {
        let open = activity.open.get().saturating_sub(1);
        activity.open.set(open);
        if open > 0 {
            node.nested_calls.add(1);
            node.nested.add(elapsed);
        }
    }
}

/// The same, with what few sessions want, and the frame at this depth gone.
fn close_any(
    thread: &Thread,
    (frame, depth): (&Frame, u64),
    node: &'static Node,
    now: u64,
    state: u32,
) {
    let start = frame.start.get();
    // What recording costs may be more than a call took; but a clock that went back says nothing.
    let elapsed = if now < start { 0 } else { thread.elapsed(frame, now) };
    thread.change(|| {
        if now < start {
            thread.lost.backwards.add(1);
        }
        close(thread, node, elapsed, now);
        if state & ALLOC != 0 {
            let (bytes, blocks) = memory::of_thread();
            node.bytes.add(bytes.wrapping_sub(frame.bytes.get()));
            node.blocks.add(blocks.wrapping_sub(frame.blocks.get()));
        }
        if let Some(ring) = thread.ring.get().filter(|_| state & TRACE != 0) {
            ring.push(node, start, now.saturating_sub(start));
        }
        // A reader sees a call in its frame or among those that ended, never in both.
        thread.depth.publish(depth);
    });
}

/// A scope ends and is not the innermost. Those inside of it end with it.
#[cold]
fn uncross(thread: &Thread, depth: u64, now: u64, state: u32) {
    thread.lost.crossed.add(1);
    while thread.depth.get() > depth + 1 {
        let last = thread.depth.get() - 1;
        if let Some((frame, node)) = thread.frame(last).and_then(|f| Some((f, f.node.get()?))) {
            close_any(thread, (frame, last), node, now, state);
        } else {
            thread.depth.publish(last);
        }
    }
}

/// Bytes and blocks that this thread has allocated, where the record is this thread's and its session
/// counts them.
pub(crate) fn allocated(thread: &Thread) -> Option<(u64, u64)> {
    let own = LOCAL.with(|local| local.thread.get());
    let is_own = own.is_some_and(|own| std::ptr::eq(own, thread));
    let counts = thread.state.load(Ordering::Relaxed) & ALLOC != 0;
    (is_own && counts).then(memory::of_thread)
}

/// The path that this thread is on, while a session runs.
pub(crate) fn path() -> Option<&'static Node> {
    LOCAL.with(|local| {
        let path = local.cursor.get()?;
        (local.state.get() == STATE.load(Ordering::Relaxed)).then_some(path)
    })
}

/// What a call costs, for threads that come.
static PRICE: Mutex<Ticks> = Mutex::new(Ticks::NOTHING);

fn price() -> Ticks {
    *thread::lock(&PRICE)
}

/// Lets threads record from now on. The caller holds the one session.
pub(crate) fn start(wants: u32, traced: usize, price: Ticks) -> u32 {
    static LAST: AtomicU32 = AtomicU32::new(0);
    *thread::lock(&PRICE) = price;
    TRACED.store(traced, Ordering::Relaxed);
    let number = LAST.fetch_add(SESSION, Ordering::Relaxed).wrapping_add(SESSION);
    let clock = if ticks::is_counter() { 0 } else { SLOW_CLOCK };
    let state = (number & !(SESSION - 1)) | wants | clock | RUNNING;
    STATE.store(state, Ordering::Release);
    state
}

/// From now on nothing is recorded.
pub(crate) fn stop() {
    STATE.store(0, Ordering::SeqCst);
}

#[cfg(test)]
#[cfg(feature = "record")]
mod tests {
    use super::*;
    use crate::Session;
    use crate::record::site::Kind;

    static SITE: Site = Site::new(Kind::Scope, "site", file!(), line!(), || "", 1);

    /// There is one session in a process, and tests run side by side.
    fn alone() -> std::sync::MutexGuard<'static, ()> {
        static ALONE: Mutex<()> = Mutex::new(());
        thread::lock(&ALONE)
    }

    fn record() -> &'static Thread {
        LOCAL.with(|local| local.thread.get()).unwrap()
    }

    /// Another thread entered it after the session's last moment and before it saw the end.
    #[test]
    fn a_call_that_began_after_the_end_is_none_of_the_sessions() {
        let _alone = alone();
        let session = Session::start().unwrap();
        let (outer, inner) = (enter(&SITE), enter(&SITE));
        let start = &record().frame(1).unwrap().start;
        start.set(start.get() + (1 << 50));
        let report = session.finish();
        drop((inner, outer));
        let site = report.function("site").unwrap();
        assert_eq!((site.calls(), site.open_calls()), (1, 1), "{report}");
    }

    #[test]
    fn a_thread_that_comes_after_the_end_gets_no_record() {
        let _alone = alone();
        let session = Session::start().unwrap();
        let state = STATE.load(Ordering::Relaxed);
        let other = || std::thread::spawn(move || thread::register(state, &STATE).is_some());
        assert!(other().join().unwrap());
        drop(session);
        assert!(!other().join().unwrap());
        let _session = Session::start().unwrap();
        assert!(!other().join().unwrap());
    }

    #[test]
    fn a_call_that_ended_before_it_began_counts_as_nothing() {
        let _alone = alone();
        let session = Session::start().unwrap();
        for backwards in [false, true] {
            let guard = enter(&SITE);
            std::thread::sleep(std::time::Duration::from_millis(1));
            let start = &record().frame(0).unwrap().start;
            start.set(start.get() + if backwards { 1 << 50 } else { 0 });
            drop(guard);
        }
        let report = session.finish();
        let site = report.function("site").unwrap();
        assert_eq!((site.calls(), report.document.threads[0].lost.backwards), (2, 1));
        assert!(site.total_ns() > 0.0 && site.total_ns() == site.max_ns().unwrap(), "{report}");
    }
}
