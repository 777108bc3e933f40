//! What code of the user throws.

use std::any::Any;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs this, and gives what its panic says.
///
/// Whoever calls it looks at nothing afterwards that the code may have left half done.
pub(crate) fn caught<R>(body: impl FnOnce() -> R) -> Result<R, String> {
    catch_unwind(AssertUnwindSafe(body)).map_err(|thrown| {
        let text = message(&*thrown);
        // What was thrown may panic once more when it is dropped.
        if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(thrown))) {
            mem::forget(again);
        }
        text
    })
}

fn message(thrown: &(dyn Any + Send)) -> String {
    let text = thrown.downcast_ref::<&str>().map(|text| String::from(*text));
    text.or_else(|| thrown.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| String::from("something that is no text"))
}

#[cfg(test)]
mod tests {
    use std::panic::panic_any;

    use super::*;

    struct Bomb;

    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("once more");
        }
    }

    #[test]
    fn panics_tell_what_they_say() {
        assert_eq!(caught(|| 7), Ok(7));
        assert_eq!(caught(|| panic!("a word")), Err::<(), _>("a word".into()));
        assert_eq!(caught(|| panic!("{} words", 2)), Err::<(), _>("2 words".into()));
        assert_eq!(caught(|| panic_any(Bomb)), Err::<(), _>("something that is no text".into()));
    }
}
