//! Collectives that go on while the program does something else.

use std::cell::{Cell, RefCell};
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::thread;

use crate::call::OPEN_NUMBERS;
use crate::{ErrorKind, Result};

/// One collective, which gives `R`. It owns all that it needs: so it goes on whatever becomes of its request.
pub(crate) struct Task<R>(Cell<State<R>>);

enum State<R> {
    Open(Pin<Box<dyn Future<Output = Result<R>>>>),
    /// It is being polled, further up on this stack.
    Driven,
    Done(Result<R>),
    /// Its operation has panicked, or its result was taken.
    Lost,
}

/// A task, whatever it gives.
trait Step {
    /// Does what can be done without waiting, and tells whether nothing is left.
    fn step(&self) -> bool;
}

/// A task that is not done, and as which of all tasks of this thread it was started.
struct Open {
    number: u64,
    task: Rc<dyn Step>,
}

thread_local! {
    /// In the order in which they were started.
    static OPEN: RefCell<Vec<Open>> = const { RefCell::new(vec![]) };
    /// How many these are; 0 while they are driven. All that a call looks at where there are none.
    static COUNT: Cell<usize> = const { Cell::new(0) };
    static STARTED: Cell<u64> = const { Cell::new(0) };
}

/// The open tasks of this thread, while they are driven. They come back also where an operation panics.
struct Taken(Vec<Open>);

impl Taken {
    fn all() -> Self {
        COUNT.set(0);
        // There are none any more while a thread ends.
        Self(OPEN.try_with(RefCell::take).unwrap_or_default())
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        let mut tasks = mem::take(&mut self.0);
        let _ = OPEN.try_with(|open| {
            // An operation may have started others.
            tasks.append(&mut open.take());
            COUNT.set(tasks.len());
            *open.borrow_mut() = tasks;
        });
    }
}

/// Drives the non-blocking collectives of this thread: does what can be done without waiting. Gives whether
/// some are still open.
///
/// For implementors of [`Communicator`](crate::Communicator): a call that waits calls this again and again as
/// long as some are open, and one that only looks calls it when it has found nothing. So no rank waits for
/// what another has started and leaves alone.
#[expect(clippy::must_use_candidate, reason = "who looks once need not know")]
pub fn progress() -> bool {
    // No operation runs while something unwinds.
    if COUNT.get() == 0 || thread::panicking() {
        return false;
    }
    Taken::all().0.retain(|open| !open.task.step());
    COUNT.get() > 0
}

/// The most that are started while one is open, so that their numbers tell their messages apart.
const MOST: u64 = OPEN_NUMBERS as u64 - 1;

/// Whether the oldest that is open was started too long ago.
fn is_too_far(number: u64) -> bool {
    let oldest = OPEN.try_with(|open| open.borrow().first().map(|open| open.number));
    oldest.ok().flatten().is_some_and(|oldest| number - oldest > MOST)
}

/// Counts one that is started.
fn next_number() -> Result<u64> {
    let number = STARTED.get();
    if is_too_far(number) {
        // It may be done, and nobody has asked since.
        progress();
    }
    if is_too_far(number) {
        return Err(ErrorKind::StillOpen { most: MOST }.into());
    }
    STARTED.set(number + 1);
    Ok(number)
}

impl<R: 'static> Task<R> {
    /// Starts what this future does. A call that is refused is at once.
    pub(crate) fn start(future: impl Future<Output = Result<R>> + 'static) -> Result<Rc<Self>> {
        let number = next_number()?;
        let mut future = Box::pin(future);
        if let Poll::Ready(result) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return Ok(Rc::new(Self(Cell::new(State::Done(Ok(result?))))));
        }
        let task = Rc::new(Self(Cell::new(State::Open(future))));
        let open = Open { number, task: Rc::clone(&task) as Rc<dyn Step> };
        let _ = OPEN.try_with(|list| {
            list.borrow_mut().push(open);
            COUNT.set(COUNT.get() + 1);
        });
        Ok(task)
    }

    /// Whether it is done, after this and all others of the thread have been driven.
    pub(crate) fn is_done(&self) -> bool {
        progress();
        // Once more: while a thread ends or unwinds the others are left alone. Here they are too.
        let _others = Taken::all();
        self.step()
    }

    /// What it has come to; [`Cancelled`](ErrorKind::Cancelled) where its operation has panicked.
    pub(crate) fn finish(&self) -> Result<R> {
        match self.0.replace(State::Lost) {
            State::Done(result) => result,
            _ => Err(ErrorKind::Cancelled.into()),
        }
    }
}

impl<R> Step for Task<R> {
    fn step(&self) -> bool {
        let (state, is_done) = match self.0.replace(State::Driven) {
            State::Open(mut future) => {
                let mut context = Context::from_waker(Waker::noop());
                let poll = || future.as_mut().poll(&mut context);
                match catch_unwind(AssertUnwindSafe(poll)) {
                    Ok(Poll::Pending) => (State::Open(future), false),
                    Ok(Poll::Ready(result)) => (State::Done(result), true),
                    Err(panic) => {
                        self.0.set(State::Lost);
                        resume_unwind(panic);
                    }
                }
            }
            State::Driven => (State::Driven, false),
            other @ (State::Done(_) | State::Lost) => (other, true),
        };
        self.0.set(state);
        is_done
    }
}
