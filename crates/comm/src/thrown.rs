//! What code of a program has thrown.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::mem::{self, ManuallyDrop};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What a panic throws.
pub(crate) type Thrown = Box<dyn Any + Send>;

thread_local! {
    /// What operations of non-blocking collectives of this thread have thrown and nobody was told. It is not
    /// dropped where it stays: that may panic once more.
    static KEPT: RefCell<Vec<(u64, ManuallyDrop<Thrown>)>> = const { RefCell::new(vec![]) };
    static NUMBER: Cell<u64> = const { Cell::new(0) };
}

/// Keeps what was thrown, and gives a number for it.
pub(crate) fn keep(thrown: Thrown) -> u64 {
    let number = NUMBER.replace(NUMBER.get() + 1);
    let thrown = ManuallyDrop::new(thrown);
    let _ = KEPT.try_with(|kept| kept.borrow_mut().push((number, thrown)));
    number
}

/// What was kept under a number; none when the thread has come to its end.
pub(crate) fn take(number: u64) -> Option<Thrown> {
    let take = |kept: &RefCell<Vec<(u64, ManuallyDrop<Thrown>)>>| {
        let mut kept = kept.borrow_mut();
        let at = kept.iter().position(|(other, _)| *other == number)?;
        Some(ManuallyDrop::into_inner(kept.remove(at).1))
    };
    KEPT.try_with(take).ok().flatten()
}

/// For those who run a program on a rank: what the first operation of a non-blocking collective says that has
/// panicked on this thread and whose request has not told of it. When the program has ended no request will: the
/// rank has failed then, whatever its program came to.
#[must_use]
pub fn untold_panic() -> Option<String> {
    let first = |kept: &RefCell<Vec<(u64, ManuallyDrop<Thrown>)>>| {
        kept.borrow().first().map(|(_, thrown)| message(&***thrown))
    };
    KEPT.try_with(first).ok().flatten()
}

/// Runs this, and gives what its panic says. What was thrown may panic once more when it is dropped.
pub(crate) fn caught<R>(body: impl FnOnce() -> R) -> Result<R, String> {
    catch_unwind(AssertUnwindSafe(body)).map_err(|thrown| {
        let text = message(&*thrown);
        if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(thrown))) {
            mem::forget(again);
        }
        text
    })
}

/// What a panic says.
fn message(thrown: &(dyn Any + Send)) -> String {
    let text = thrown.downcast_ref::<&str>().map(|text| String::from(*text));
    text.or_else(|| thrown.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| String::from("something that is no text"))
}
