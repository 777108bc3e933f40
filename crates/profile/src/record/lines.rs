//! Lines: how often each was begun, and for how long it was the current one.
//!
//! ```text
//! enter: remember the line that is current in this function on this thread
//! mark:  the time since the last mark is the current line's; this line is the current one
//! leave: the same, and the line that was current before is so again
//! ```
//!
//! So each moment on a thread belongs to one line of a function: a line has the time of what it calls,
//! and of a recursion the innermost call has it. What another function's marks do is no concern of
//! this one's.

use std::marker::PhantomData;
use std::ptr;
use std::sync::atomic::Ordering;

use super::node::Tally;
use super::site::Site;
use super::thread::Thread;
use super::{LINES, LOCAL, SLOW_CLOCK, STATE, TIMED, ticks};
use crate::memory;

/// The body of a function whose lines are told apart. Expansions hold one in a `static`.
#[derive(Debug)]
pub struct Body {
    pub(crate) site: Site,
    /// The line of the source's first line.
    pub(crate) first: u32,
    pub(crate) source: &'static str,
    /// The lines of the marks.
    pub(crate) marks: &'static [u32],
}

impl Body {
    /// The source is that of the body, with its braces.
    #[must_use]
    pub const fn new(site: Site, first: u32, source: &'static str, marks: &'static [u32]) -> Self {
        Self { site, first, source, marks }
    }
}

/// A body on one thread. Like the thread's record it is never freed, and used again.
#[derive(Debug)]
pub(crate) struct Lines {
    pub(crate) body: &'static Body,
    thread: &'static Thread,
    pub(crate) next: Option<&'static Self>,
    /// The number of the mark that was passed last, from 1; 0 outside of the function.
    current: Tally,
    /// When it was passed, and what recording had cost the thread before.
    since: Tally,
    cost: Tally,
    pub(crate) cells: Box<[Cell]>,
}

/// A line on one thread.
#[derive(Debug)]
pub(crate) struct Cell {
    pub(crate) hits: Tally,
    pub(crate) ticks: Tally,
    /// Only the thread that looks adds to it.
    pub(crate) samples: Tally,
}

impl Lines {
    pub(crate) fn new(
        body: &'static Body,
        thread: &'static Thread,
        next: Option<&'static Self>,
    ) -> Self {
        let zero = || Tally::new(0);
        let cell = |_: &u32| Cell { hits: zero(), ticks: zero(), samples: zero() };
        let cells = body.marks.iter().map(cell).collect();
        let (current, since, cost) = (zero(), zero(), zero());
        Self { body, thread, next, current, since, cost, cells }
    }

    /// Forgets what was seen.
    pub(crate) fn reset(&self) {
        self.current.set(0);
        for Cell { hits, ticks, samples } in &self.cells {
            [hits, ticks, samples].into_iter().for_each(|tally| tally.set(0));
        }
    }

    /// The line that is current.
    pub(crate) fn current(&self) -> Option<&Cell> {
        let current = usize::try_from(self.current.get()).ok()?;
        self.cells.get(current.checked_sub(1)?)
    }

    /// For how long it has been, in a clock that stands still while recording. Wraps below 0.
    pub(crate) fn elapsed(&self, now: u64) -> u64 {
        let stood = self.thread.cost.get().wrapping_sub(self.cost.get());
        now.wrapping_sub(self.since.get()).wrapping_sub(stood)
    }

    /// Whether it became so before this moment.
    pub(crate) fn is_before(&self, now: u64) -> bool {
        self.since.get() <= now
    }

    #[inline(always)]
    fn go(&self, current: u64, state: u32) {
        if state & TIMED == 0 {
            self.current.set(current);
        } else {
            self.lap(current, state, self.thread.price.mark.get());
        }
    }

    #[inline(never)]
    fn lap(&self, current: u64, state: u32, price: u64) {
        let now = ticks::settled_or(state & SLOW_CLOCK != 0);
        self.thread.change(|| {
            if let Some(cell) = self.current() {
                cell.ticks.add(self.elapsed(now));
            }
            self.current.set(current);
            self.since.set(now);
            self.cost.set(self.thread.cost.get());
            self.thread.cost.add(price);
        });
    }
}

/// A call of a function whose lines are told apart, and the session that it began in.
#[derive(Debug, Clone, Copy)]
struct Call {
    lines: Option<&'static Lines>,
    /// Its own, at hand: whatever a loop stores, the compiler knows that they are the same.
    cells: &'static [Cell],
    state: u32,
}

impl Call {
    /// What is recorded into, while the session goes on.
    #[inline(always)]
    fn lines(self) -> Option<&'static Lines> {
        self.lines.filter(|_| STATE.load(Ordering::Relaxed) == self.state)
    }

    #[inline(always)]
    fn mark(self, line: u32) {
        let Some(lines) = self.lines() else { return };
        if let Some(cell) = self.cells.get(line as usize) {
            cell.hits.add(1);
        }
        lines.go(u64::from(line) + 1, self.state);
    }

    #[inline(always)]
    fn goto(self, line: u32) {
        if let Some(lines) = self.lines() {
            lines.go(u64::from(line) + 1, self.state);
        }
    }
}

/// An open call; dropping it leaves the function.
#[derive(Debug)]
#[must_use = "a call ends when its guard is dropped"]
pub struct LinesGuard {
    call: Call,
    /// The line that was current before.
    outer: u64,
    /// A call is left on the thread that began it.
    stays: PhantomData<*const ()>,
}

impl LinesGuard {
    /// A line begins. The one before it ends.
    #[inline(always)]
    pub fn mark(&self, line: u32) {
        self.call.mark(line);
    }

    /// A line goes on. The one before it ends.
    #[inline(always)]
    pub fn goto(&self, line: u32) {
        self.call.goto(line);
    }

    /// A line goes on when what this gives is dropped.
    #[inline(always)]
    pub fn back(&self, line: u32) -> Back {
        Back { call: self.call, line }
    }

    /// A list, each of whose elements is a line's.
    #[inline(always)]
    pub fn each<I: IntoIterator>(&self, line: u32, list: I) -> Each<I::IntoIter> {
        Each { call: self.call, line, list: list.into_iter() }
    }
}

impl Drop for LinesGuard {
    #[inline]
    fn drop(&mut self) {
        if self.call.lines.is_some() {
            leave(self.call, self.outer);
        }
    }
}

/// See [`LinesGuard::back`].
#[derive(Debug)]
#[must_use = "a line goes on when this is dropped"]
pub struct Back {
    call: Call,
    line: u32,
}

impl Drop for Back {
    #[inline(always)]
    fn drop(&mut self) {
        self.call.goto(self.line);
    }
}

/// See [`LinesGuard::each`].
#[derive(Debug)]
pub struct Each<I> {
    call: Call,
    line: u32,
    list: I,
}

impl<I: Iterator> Iterator for Each<I> {
    type Item = I::Item;

    #[inline(always)]
    fn next(&mut self) -> Option<I::Item> {
        self.call.mark(self.line);
        self.list.next()
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        self.list.size_hint()
    }
}

/// Enters a function whose lines are told apart: one relaxed load and a branch while no session wants
/// them. What the guard holds comes in registers, so that a loop needs no look into memory to know
/// that there is nothing to do.
#[inline]
pub fn enter_lines(body: &'static Body) -> LinesGuard {
    let state = STATE.load(Ordering::Relaxed);
    let lines = if state & LINES == 0 { None } else { find(body, state) };
    let (cells, outer) =
        lines.map_or((&[][..], 0), |lines| (&lines.cells[..], lines.current.get()));
    LinesGuard { call: Call { lines, cells, state }, outer, stays: PhantomData }
}

/// The body on this thread; `None` where the thread or the session has ended.
#[inline(never)]
fn find(body: &'static Body, state: u32) -> Option<&'static Lines> {
    LOCAL.with(|local| {
        if local.state.get() != state {
            super::join(local, state);
        }
        let thread = local.thread.get().filter(|_| local.state.get() == state)?;
        let last = local.lines.get().filter(|lines| ptr::eq(lines.body, body));
        let lines = last.unwrap_or_else(|| {
            let known = thread.lines().find(|lines| ptr::eq(lines.body, body));
            known.unwrap_or_else(|| memory::uncounted(|| thread.add_lines(body)))
        });
        local.lines.set(Some(lines));
        Some(lines)
    })
}

#[inline(never)]
fn leave(call: Call, outer: u64) {
    match call.lines() {
        Some(lines) if call.state & TIMED != 0 => {
            lines.lap(outer, call.state, lines.thread.price.body.get());
        }
        Some(lines) => lines.current.set(outer),
        None => {}
    }
}
