//! Sorts with libc's `qsort` and a closure. A panic in the closure does not unwind C's frames: it goes on
//! when `qsort` has returned.

use std::cmp::Ordering;
use std::ffi::{c_int, c_void};
use std::panic::{self, AssertUnwindSafe};

use tenfold_ffi::{Callback, Result};

type Compare = unsafe extern "C" fn(*const c_void, *const c_void) -> c_int;

unsafe extern "C" {
    fn qsort(start: *mut c_void, count: usize, bytes: usize, compare: Compare);
}

/// Sorts by a closure that may count, log or panic.
fn sort_by<T>(values: &mut [T], mut compare: impl FnMut(&T, &T) -> Ordering) -> Result<()> {
    let compare = |a: *const c_void, b: *const c_void| -> c_int {
        // SAFETY: C gives elements of the slice, and does not change them during the call.
        let a = unsafe { &*a.cast::<T>() };
        // SAFETY: as above.
        let b = unsafe { &*b.cast::<T>() };
        compare(a, b) as c_int
    };
    Callback::new(compare).scope(|compare| {
        let (start, count) = (values.as_mut_ptr(), values.len());
        // SAFETY: they are the slice's elements, which are moved as bytes, and C calls back before it returns.
        unsafe { qsort(start.cast(), count, size_of::<T>(), compare) }
    })
}

fn main() -> Result<()> {
    let mut values = [2.5, -1.0, 7.25, 0.0_f64];
    let mut compared = 0;
    sort_by(&mut values, |a, b| {
        compared += 1;
        a.total_cmp(b)
    })?;
    assert_eq!(values, [-1.0, 0.0, 2.5, 7.25]);
    assert!(compared >= 3);

    let caught = panic::catch_unwind(AssertUnwindSafe(|| {
        sort_by(&mut values, |_: &f64, _| panic!("no order"))
    }));
    let payload = caught.err().and_then(|payload| payload.downcast::<&str>().ok());
    assert_eq!(payload.as_deref(), Some(&"no order"));
    Ok(())
}
