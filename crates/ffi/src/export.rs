//! Rust functions for C: what the expansions of `#[export]` and `exports!` are made of.
//!
//! A call goes in this order: each argument is checked by itself, then all against each other; only then
//! are there references, and the function runs; then its result is written. References live as long as what
//! has been checked, which is in the function of C: none outlives the call.

mod extent;
mod header;
mod message;
mod place;
mod refusal;
mod section;
mod slice;
mod text;
#[cfg(feature = "ndarray")]
mod view;

use std::panic::{AssertUnwindSafe, catch_unwind};

#[cfg(feature = "ndarray")]
pub use self::view::View;
pub use self::{
    extent::{Extent, disjoint},
    header::{cdef_of, header_of, records_of},
    message::last_error,
    place::Place,
    refusal::{Checked, Refusal, boolean, failed},
    section::{between, cdef},
    slice::Slice,
    text::Text,
};

/// Runs the body of a function of C, and gives its status. `text` is the record of the function, which
/// stays in the library because this has its address.
pub fn call(text: &'static [u8], body: impl FnOnce() -> Checked<()>) -> i32 {
    // What the body leaves behind is the caller's, who sees the status.
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(())) => 0,
        Ok(Err(refusal)) => message::keep(text, &refusal),
        Err(payload) => message::keep(text, &Refusal::panicked(payload)),
    }
}

/// A function of C over views.
#[doc(hidden)]
#[cfg(feature = "ndarray")]
#[macro_export]
macro_rules! __with_ndarray {
    ($($tokens:tt)*) => {
        $($tokens)*
    };
}

/// A function of C over views, which there are not.
#[doc(hidden)]
#[cfg(not(feature = "ndarray"))]
#[macro_export]
macro_rules! __with_ndarray {
    ($($tokens:tt)*) => {
        ::core::compile_error!(
            "views need a feature: write `tenfold-ffi = { version = \"..\", features = [\"ndarray\"] }`"
        );
    };
}

#[cfg(test)]
mod tests {
    use std::ffi::CStr;
    use std::fmt;
    use std::thread;

    use super::*;

    const TEXT: &[u8] = b"/**\n * f()\n */\nint32_t f(void);\n\0";

    fn said() -> String {
        // SAFETY: the message stays until the next call that fails.
        let text = unsafe { CStr::from_ptr(last_error()) };
        text.to_str().unwrap().to_owned()
    }

    /// An error that cannot be said.
    struct Bad;

    impl fmt::Display for Bad {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            panic!("no words")
        }
    }

    #[test]
    fn everything_becomes_a_status() {
        assert_eq!((call(TEXT, || Err(failed(&"a\0b"))), said()), (1, "f: a\\0b".to_owned()));
        // What went well leaves the message.
        assert_eq!((call(TEXT, || Ok(())), said()), (0, "f: a\\0b".to_owned()));
        assert_eq!(call(TEXT, || Err(failed(&Bad))), 2);
        assert_eq!(said(), "f: panicked: no words");
        assert_eq!(call(TEXT, || std::panic::panic_any(7)), 2);
        assert_eq!(said(), "f: panicked with what is no text");
    }

    #[test]
    fn each_thread_has_its_message() {
        assert_eq!(call(TEXT, || Err(failed(&"here"))), 1);
        thread::spawn(|| assert_eq!(said(), "")).join().unwrap();
        assert_eq!(said(), "f: here");
    }

    /// A thread that ends may still call.
    #[test]
    fn a_thread_that_ends_has_no_message() {
        struct Calls;
        impl Drop for Calls {
            fn drop(&mut self) {
                assert_eq!(call(TEXT, || Err(failed(&"late"))), 1);
            }
        }
        thread_local!(static LAST: Calls = const { Calls });
        thread::spawn(|| {
            LAST.with(|_| {});
            call(TEXT, || Err(failed(&"early")))
        })
        .join()
        .unwrap();
    }
}
