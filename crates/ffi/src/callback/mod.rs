//! Rust's closures as C's functions.

pub(crate) mod closure;
mod declared;
pub(crate) mod on_error;
mod pool;
pub(crate) mod registered;
mod state;

use std::cell::UnsafeCell;
use std::ffi::c_void;
use std::marker::PhantomData;
use std::ptr;

use crate::callback::closure::{Closure, Exclusive, Kind, Shared};
use crate::callback::on_error::OnError;
use crate::callback::pool::Place;
use crate::callback::registered::Registered;
use crate::callback::state::{Finish, State};
use crate::error::Result;

/// A closure that C may call, for the time of one call ([`scope`](Self::scope)) or until its owner is
/// dropped ([`register`](Self::register)).
///
/// A panic in the closure does not reach C, which gets the value of an error ([`OnError`],
/// [`on_error`](Self::on_error)) from then on at once. It goes on in Rust when the scope ends, and where the
/// owner is asked ([`Registered::check`]) or dropped. If the scope ends by another panic, that one goes on:
/// the hook has told of the first already. Where panics abort, they do so here too.
///
/// The function pointers are `unsafe` to call, and to let C call:
///
/// - the scope lasts, or the owner lives, until the call returns. One that comes later is answered by
///   [`OnError::ON_ERROR`] if C has no user data, unless an equal closure has got the place since then.
/// - a closure of [`new`](Self::new) is not called by two threads at a time, and one that is not [`Send`] by
///   this thread alone. [`register`](Self::register) asks for `Send`, and [`shared`](Callback::shared) for
///   `Sync`.
///
/// A call of such a function costs what one of C does.
///
/// # Examples
///
/// ```
/// use std::ffi::{c_int, c_void};
/// use tenfold_ffi::Callback;
///
/// type Compare = unsafe extern "C" fn(*const c_void, *const c_void) -> c_int;
///
/// unsafe extern "C" {
///     fn qsort(start: *mut c_void, count: usize, bytes: usize, compare: Compare);
/// }
///
/// let mut values = [3.0, 1.0, 2.0_f64];
/// let mut compared = 0;
/// let compare = |a: *const c_void, b: *const c_void| -> c_int {
///     compared += 1;
///     // SAFETY: C calls it with elements of the array.
///     let (a, b) = unsafe { (*a.cast::<f64>(), *b.cast::<f64>()) };
///     a.total_cmp(&b) as c_int
/// };
/// Callback::new(compare).scope(|compare| {
///     // SAFETY: there are three elements of that size, and C calls back before it returns.
///     unsafe { qsort(values.as_mut_ptr().cast(), 3, size_of::<f64>(), compare) }
/// })?;
/// assert_eq!(values, [1.0, 2.0, 3.0]);
/// assert!(compared >= 2);
/// # Ok::<(), tenfold_ffi::Error>(())
/// ```
#[derive(Debug)]
#[must_use = "nobody can call it yet"]
pub struct Callback<K: Closure<S>, S> {
    closure: K,
    on_error: K::Result,
    signature: PhantomData<S>,
}

impl<C, S> Callback<Exclusive<C>, S>
where
    Exclusive<C>: Closure<S>,
{
    /// A closure that may change what it has. A call of it while it runs does not run it: C gets the value of
    /// an error, and Rust [`Reentrant`](crate::ErrorKind::Reentrant) at the end.
    ///
    /// # Examples
    ///
    /// See [`Callback`].
    pub fn new(closure: C) -> Self {
        Self::of(Exclusive(UnsafeCell::new(closure)))
    }
}

impl<C, S> Callback<Shared<C>, S>
where
    Shared<C>: Closure<S>,
{
    /// A closure that changes nothing, or knows how to: it may be called while it runs, and by several
    /// threads at a time.
    ///
    /// # Examples
    ///
    /// ```
    /// use tenfold_ffi::Callback;
    ///
    /// let double = Callback::shared(|x: f64| 2.0 * x).register()?;
    /// let function: unsafe extern "C" fn(f64) -> f64 = double.as_fn();
    /// // SAFETY: `double` lives.
    /// assert_eq!(unsafe { function(1.5) }, 3.0);
    /// # Ok::<(), tenfold_ffi::Error>(())
    /// ```
    pub fn shared(closure: C) -> Self {
        Self::of(Shared(closure))
    }
}

#[expect(private_bounds, reason = "the two kinds are all there are")]
impl<K: Closure<S> + Kind, S> Callback<K, S> {
    fn of(closure: K) -> Self {
        Self { closure, on_error: K::Result::ON_ERROR, signature: PhantomData }
    }

    /// What C gets after a panic.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::panic;
    /// use tenfold_ffi::Callback;
    ///
    /// let caught = panic::catch_unwind(|| {
    ///     Callback::new(|| -> i32 { panic!("wrong") }).on_error(-1).scope(|function| {
    ///         // SAFETY: the scope lasts.
    ///         assert_eq!(unsafe { function() }, -1);
    ///     })
    /// });
    /// assert_eq!(*caught.unwrap_err().downcast::<&str>().unwrap(), "wrong");
    /// ```
    pub fn on_error(self, value: K::Result) -> Self {
        Self { on_error: value, ..self }
    }

    fn state(self) -> State<K, K::Result> {
        State::new(self.closure, self.on_error)
    }

    /// Runs a function that may let C call the closure, without user data. There are 64 such callbacks at a
    /// time.
    ///
    /// # Errors
    ///
    /// [`Exhausted`](crate::ErrorKind::Exhausted) if there are more; nothing was run.
    /// [`Reentrant`](crate::ErrorKind::Reentrant) after the run, if the closure was called while it ran.
    ///
    /// # Panics
    ///
    /// With what the closure has panicked with.
    ///
    /// # Examples
    ///
    /// See [`Callback`].
    pub fn scope<T>(self, run: impl FnOnce(K::Plain) -> T) -> Result<T> {
        let state = self.state();
        // SAFETY: the state is behind the place here, and is dropped after it.
        let place = unsafe { Place::take(&raw const state) }?;
        let result = run(K::POOL[place.at()]);
        drop(place);
        state.finish()?;
        Ok(result)
    }

    /// Runs a function that may let C call the closure, with the user data as the last argument.
    ///
    /// # Errors
    ///
    /// [`Reentrant`](crate::ErrorKind::Reentrant) after the run, if the closure was called while it ran.
    ///
    /// # Panics
    ///
    /// With what the closure has panicked with.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::ffi::c_void;
    /// use tenfold_ffi::Callback;
    ///
    /// type Visit = unsafe extern "C" fn(i32, *mut c_void);
    ///
    /// extern "C" fn visit_three(visit: Visit, data: *mut c_void) {
    ///     for n in 0..3 {
    ///         // SAFETY: whoever gave the function gave its data.
    ///         unsafe { visit(n, data) };
    ///     }
    /// }
    ///
    /// let mut sum = 0;
    /// Callback::new(|n: i32| sum += n).scope_with_data(|visit, data| visit_three(visit, data))?;
    /// assert_eq!(sum, 3);
    /// # Ok::<(), tenfold_ffi::Error>(())
    /// ```
    pub fn scope_with_data<T>(self, run: impl FnOnce(K::Last, *mut c_void) -> T) -> Result<T> {
        self.scope_of(|data| run(K::LAST, data))
    }

    /// Runs a function that may let C call the closure, with the user data as the first argument.
    ///
    /// # Errors
    ///
    /// As [`scope_with_data`](Self::scope_with_data).
    ///
    /// # Panics
    ///
    /// As [`scope_with_data`](Self::scope_with_data).
    ///
    /// # Examples
    ///
    /// As [`scope_with_data`](Self::scope_with_data), with the data before the other arguments.
    pub fn scope_with_data_first<T>(
        self,
        run: impl FnOnce(K::First, *mut c_void) -> T,
    ) -> Result<T> {
        self.scope_of(|data| run(K::FIRST, data))
    }

    fn scope_of<T>(self, run: impl FnOnce(*mut c_void) -> T) -> Result<T> {
        let state = self.state();
        let result = run((&raw const state).cast_mut().cast());
        state.finish()?;
        Ok(result)
    }

    /// Makes a function without user data, which may be called while its owner lives. There are 64 such
    /// callbacks at a time.
    ///
    /// # Errors
    ///
    /// [`Exhausted`](crate::ErrorKind::Exhausted) if there are more.
    ///
    /// # Examples
    ///
    /// See [`shared`](Self::shared).
    pub fn register(self) -> Result<Registered<K::Plain>>
    where
        K: Send + 'static,
        K::Result: 'static,
    {
        let state = Box::into_raw(Box::new(self.state()));
        // SAFETY: the owner drops the place before the state.
        let place = unsafe { Place::take(state) };
        let place = place.inspect_err(|_| {
            // SAFETY: it is a box's, and nobody else knows it.
            drop(unsafe { Box::from_raw(state) });
        })?;
        let function = K::POOL[place.at()];
        // SAFETY: it is a box's, and nobody else owns it.
        Ok(unsafe { Registered::new(function, ptr::null_mut(), Some(place), state) })
    }

    /// Makes a function whose last argument is the user data, which may be called while its owner lives.
    ///
    /// # Examples
    ///
    /// ```
    /// use tenfold_ffi::Callback;
    ///
    /// let mut sum = 0;
    /// let add = Callback::new(move |n: i32| {
    ///     sum += n;
    ///     sum
    /// })
    /// .register_with_data();
    /// // SAFETY: `add` lives, and the data is its own.
    /// let totals = [1, 2, 3].map(|n| unsafe { add.as_fn()(n, add.data()) });
    /// assert_eq!(totals, [1, 3, 6]);
    /// ```
    pub fn register_with_data(self) -> Registered<K::Last>
    where
        K: Send + 'static,
        K::Result: 'static,
    {
        self.register_of(K::LAST)
    }

    /// Makes a function whose first argument is the user data, which may be called while its owner lives.
    ///
    /// # Examples
    ///
    /// As [`register_with_data`](Self::register_with_data), with the data before the other arguments.
    pub fn register_with_data_first(self) -> Registered<K::First>
    where
        K: Send + 'static,
        K::Result: 'static,
    {
        self.register_of(K::FIRST)
    }

    fn register_of<F: Copy>(self, function: F) -> Registered<F>
    where
        K: Send + 'static,
        K::Result: 'static,
    {
        let state = Box::into_raw(Box::new(self.state()));
        // SAFETY: it is a box's, and nobody else owns it.
        unsafe { Registered::new(function, state.cast(), None, state) }
    }
}
