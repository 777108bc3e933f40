//! Collectives that go on while the program does something else.

use std::cell::{Cell, RefCell};
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::thread;

use crate::{Communicator, ErrorKind, Result, thrown};

/// One collective, which gives `R`. It owns all that it needs: so it goes on whatever becomes of its request.
pub(crate) struct Task<C, R>(Cell<State<C, R>>);

type Work<R> = Pin<Box<dyn Future<Output = Result<R>>>>;

/// What is done holds no communicator: it may be forgotten with its request.
enum State<C, R> {
    /// With whom to tell of a panic that no request can tell of.
    Open(Work<R>, C),
    /// It is being polled, further up on this stack.
    Driven,
    Done(Result<R>),
    /// Its operation has panicked; what was thrown is kept under this number.
    Panicked(u64, C),
    /// What it came to was told.
    Told,
}

/// A task, whatever it gives.
trait Step {
    /// Does what can be done without waiting, and tells whether nothing is left. No panic comes out.
    fn step(&self) -> bool;

    /// Nobody will ask any more what it has come to: lets all ranks know if it has panicked.
    fn abandon(&self);
}

thread_local! {
    /// The tasks that are not done, in the order in which they were started.
    static OPEN: RefCell<Vec<Rc<dyn Step>>> = const { RefCell::new(vec![]) };
    /// How many these are; 0 while they are driven. All that a call looks at where there are none.
    static COUNT: Cell<usize> = const { Cell::new(0) };
}

/// The open tasks of this thread, while they are driven.
struct Taken(Vec<Rc<dyn Step>>);

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
/// some are still open. An operation that panics does not disturb the call that drives it: its own request
/// tells.
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
    Taken::all().0.retain(|task| !is_over(task));
    COUNT.get() > 0
}

/// Whether non-blocking collectives of this thread are open, which [`progress`] would drive.
///
/// For implementors of [`Communicator`](crate::Communicator): while a call waits, the operation of one that is open
/// may make calls of its own, which come after the one that waits.
#[must_use]
pub fn any_open() -> bool {
    COUNT.get() > 0
}

/// Does what can be done of it without waiting, and tells whether nothing is left.
fn is_over(task: &Rc<dyn Step>) -> bool {
    let is_over = task.step();
    if is_over && Rc::strong_count(task) == 1 {
        task.abandon();
    }
    is_over
}

impl<C: Communicator + 'static, R: 'static> Task<C, R> {
    /// Starts what this future does. A call that is refused is at once, and a panic comes out at once.
    pub(crate) fn start(
        comm: C,
        future: impl Future<Output = Result<R>> + 'static,
    ) -> Result<Rc<Self>> {
        let mut future = Box::pin(future);
        if let Poll::Ready(result) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return Ok(Rc::new(Self(Cell::new(State::Done(Ok(result?))))));
        }
        let task = Rc::new(Self(Cell::new(State::Open(future, comm))));
        let open = Rc::clone(&task) as Rc<dyn Step>;
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
}

impl<C: Communicator, R> Task<C, R> {
    /// What it has come to: its panic goes on here.
    pub(crate) fn finish(&self) -> Result<R> {
        match self.0.replace(State::Told) {
            State::Done(result) => result,
            State::Panicked(number, _) => Err(resumed(number)),
            State::Open(..) | State::Driven | State::Told => Err(ErrorKind::Cancelled.into()),
        }
    }

    /// Its request is dropped. Its panic goes on here, unless something unwinds, and that is what is told.
    pub(crate) fn leave(&self) {
        match self.0.replace(State::Told) {
            State::Panicked(number, _) if !thread::panicking() => drop(resumed(number)),
            state => {
                self.0.set(state);
                self.abandon();
            }
        }
    }
}

/// Goes on with a panic. Where it is lost, as the thread ends, there is an error.
fn resumed(number: u64) -> crate::Error {
    if let Some(thrown) = thrown::take(number) {
        resume_unwind(thrown);
    }
    ErrorKind::Cancelled.into()
}

/// What a task is after it was polled. Its code, and what that holds, is the program's: it may panic.
fn polled<C, R>(mut work: Work<R>, comm: C) -> State<C, R> {
    let mut context = Context::from_waker(Waker::noop());
    let result = match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(&mut context))) {
        Ok(Poll::Pending) => return State::Open(work, comm),
        Ok(Poll::Ready(result)) => Ok(result),
        Err(thrown) => Err(thrown),
    };
    let dropped = catch_unwind(AssertUnwindSafe(|| drop(work)));
    match (result, dropped) {
        (Ok(result), Ok(())) => State::Done(result),
        (Ok(_), Err(thrown)) => State::Panicked(thrown::keep(thrown), comm),
        (Err(thrown), second) => {
            // The first is told, and the second may panic once more when it is dropped.
            mem::forget(second);
            State::Panicked(thrown::keep(thrown), comm)
        }
    }
}

impl<C: Communicator, R> Step for Task<C, R> {
    fn step(&self) -> bool {
        let state = match self.0.replace(State::Driven) {
            State::Open(work, comm) => polled(work, comm),
            other => other,
        };
        let is_done = !matches!(state, State::Open(..) | State::Driven);
        self.0.set(state);
        is_done
    }

    fn abandon(&self) {
        let state = self.0.replace(State::Driven);
        if let (State::Panicked(_, comm), Some(text)) = (&state, thrown::untold_panic()) {
            comm.operation_panicked(&text);
        }
        self.0.set(state);
    }
}
