//! Closures as C's functions, one trampoline for each kind of them.

use std::cell::UnsafeCell;
use std::ffi::c_void;
use std::marker::PhantomData;

use crate::callback::on_error::OnError;
use crate::callback::pool::{self, PLACES};
use crate::callback::state::State;

/// A closure that may change what it has, and so runs once at a time.
#[derive(Debug)]
pub struct Exclusive<C>(pub(crate) UnsafeCell<C>);

/// A closure that may run several times at a time, on several threads.
#[derive(Debug)]
pub struct Shared<C>(pub(crate) C);

/// One of the two.
pub(crate) trait Kind {
    const IS_EXCLUSIVE: bool;
}

impl<C> Kind for Exclusive<C> {
    const IS_EXCLUSIVE: bool = true;
}

impl<C> Kind for Shared<C> {
    const IS_EXCLUSIVE: bool = false;
}

/// A closure that takes a tuple of arguments.
pub(crate) trait Run<A> {
    type Result;

    /// Runs it.
    ///
    /// # Safety
    ///
    /// An exclusive one does not run.
    unsafe fn run(&self, arguments: A) -> Self::Result;
}

/// A closure of up to eight arguments, as C's function. `S` is its signature, such as `fn(i32) -> f64`, which
/// the compiler finds. Arguments and result are to be types that C has.
pub trait Closure<S> {
    /// What it returns.
    type Result: OnError;
    /// The function without user data.
    type Plain: Copy;
    /// The function whose last parameter is the user data.
    type Last: Copy;
    /// The function whose first parameter is the user data.
    type First: Copy;

    #[doc(hidden)]
    const LAST: Self::Last;
    #[doc(hidden)]
    const FIRST: Self::First;
    #[doc(hidden)]
    const POOL: [Self::Plain; PLACES];
}

/// The functions of a kind of closure with a signature.
struct Trampoline<K, S>(PhantomData<(K, S)>);

macro_rules! pool {
    ($ty:ty: $($place:literal)*) => {
        [$(<$ty>::pooled::<$place>),*]
    };
    ($ty:ty) => {
        pool!($ty: 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31
              32 33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61
              62 63)
    };
}

macro_rules! arities {
    ($(($($ty:ident $name:ident)*))*) => {$(
        impl<C: FnMut($($ty),*) -> R, R, $($ty),*> Run<($($ty,)*)> for Exclusive<C> {
            type Result = R;

            #[inline]
            unsafe fn run(&self, ($($name,)*): ($($ty,)*)) -> R {
                // SAFETY: it does not run, as the caller says, so that nobody else has a reference to it.
                let closure = unsafe { &mut *self.0.get() };
                closure($($name),*)
            }
        }

        impl<C: Fn($($ty),*) -> R + Sync, R, $($ty),*> Run<($($ty,)*)> for Shared<C> {
            type Result = R;

            #[inline]
            unsafe fn run(&self, ($($name,)*): ($($ty,)*)) -> R {
                (self.0)($($name),*)
            }
        }

        #[allow(clippy::too_many_arguments, clippy::unused_unit, reason = "as many as C has, or none")]
        impl<K, R, $($ty),*> Trampoline<K, fn($($ty),*) -> R>
        where
            K: Kind + Run<($($ty,)*), Result = R>,
            R: OnError,
        {
            /// # Safety
            ///
            /// `data` is the address of the state, which lives, and an exclusive closure is not called by
            /// two threads at a time.
            unsafe extern "C" fn last($($name: $ty,)* data: *mut c_void) -> R {
                // SAFETY: the caller's promise.
                let state = unsafe { &*data.cast::<State<K, R>>() };
                state.call(($($name,)*))
            }

            /// # Safety
            ///
            /// As `last`.
            unsafe extern "C" fn first(data: *mut c_void $(, $name: $ty)*) -> R {
                // SAFETY: the caller's promise.
                let state = unsafe { &*data.cast::<State<K, R>>() };
                state.call(($($name,)*))
            }

            /// # Safety
            ///
            /// The callback does not end during the call, and an exclusive closure is not called by two
            /// threads at a time.
            unsafe extern "C" fn pooled<const PLACE: usize>($($name: $ty),*) -> R {
                // SAFETY: the caller's promise.
                match unsafe { pool::find::<K, R>(PLACE) } {
                    Some(state) => state.call(($($name,)*)),
                    None => R::ON_ERROR,
                }
            }
        }

        impl<K, R, $($ty),*> Closure<fn($($ty),*) -> R> for K
        where
            K: Kind + Run<($($ty,)*), Result = R>,
            R: OnError,
        {
            type Result = R;
            type Plain = unsafe extern "C" fn($($ty),*) -> R;
            type Last = unsafe extern "C" fn($($ty,)* *mut c_void) -> R;
            type First = unsafe extern "C" fn(*mut c_void $(, $ty)*) -> R;
            const LAST: Self::Last = Trampoline::<K, fn($($ty),*) -> R>::last;
            const FIRST: Self::First = Trampoline::<K, fn($($ty),*) -> R>::first;
            const POOL: [Self::Plain; PLACES] = pool!(Trampoline::<K, fn($($ty),*) -> R>);
        }
    )*};
}

arities! {
    ()
    (A a)
    (A a B b)
    (A a B b D d)
    (A a B b D d E e)
    (A a B b D d E e F f)
    (A a B b D d E e F f G g)
    (A a B b D d E e F f G g H h)
    (A a B b D d E e F f G g H h I i)
}
