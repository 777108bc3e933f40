//! Tasks of several results.

use std::any::type_name;
use std::sync::Arc;

use super::Delayed;
use super::node::{Value, typed};
use crate::error::Result;
use crate::executor::BoxError;

/// A task that makes something of several results: of `(&a, &b)` by a function of two references, and so on up to eight.
///
/// ```
/// use tenfold_array::{delayed, join};
///
/// fn scaled(vector: &Vec<f64>, factor: &f64) -> Vec<f64> {
///     vector.iter().map(|x| x * factor).collect()
/// }
///
/// let (vector, factor) = (delayed(|| vec![1.0, 2.0]), delayed(|| 3.0));
/// let product = join((&vector, &factor), scaled);
/// let sum = join((&vector, &product), |a, b| a.iter().chain(b).sum::<f64>());
/// assert_eq!(sum.compute()?, 12.0);
/// # Ok::<(), tenfold_array::Error>(())
/// ```
#[track_caller]
pub fn join<I: Join<F, R>, F, R>(inputs: I, function: F) -> Delayed<R> {
    inputs.join(function)
}

/// A task that makes something of several results, and may fail as [`try_delayed`](crate::try_delayed).
///
/// ```
/// use tenfold_array::{delayed, try_join};
///
/// let (a, b) = (delayed(|| 1_u32), delayed(|| 2_u32));
/// let difference = try_join((&a, &b), |a, b| a.checked_sub(*b).ok_or("it is negative"));
/// assert!(format!("{:#}", difference.compute().unwrap_err()).ends_with(": it is negative"));
/// ```
#[track_caller]
pub fn try_join<I: TryJoin<F, R>, F, R>(inputs: I, function: F) -> Delayed<R> {
    inputs.try_join(function)
}

/// Several tasks whose results a function `F` takes: a tuple of references to up to eight. For [`join`].
pub trait Join<F, R>: Sealed {
    #[doc(hidden)]
    fn join(self, function: F) -> Delayed<R>;
}

/// Several tasks whose results a function `F` takes that may fail. For [`try_join`].
pub trait TryJoin<F, R>: Sealed {
    #[doc(hidden)]
    fn try_join(self, function: F) -> Delayed<R>;
}

/// Who can be joined. Not for others.
#[expect(unnameable_types, reason = "it keeps others from being joined")]
pub trait Sealed {}

macro_rules! tuples {
    ($($at:tt $T:ident),*) => {
        impl<$($T),*> Sealed for ($(&Delayed<$T>,)*) {}

        impl<$($T,)* R, F> Join<F, R> for ($(&Delayed<$T>,)*)
        where
            $($T: Send + Sync + 'static,)*
            R: Send + Sync + 'static,
            F: Fn($(&$T),*) -> R + Send + Sync + 'static,
        {
            #[track_caller]
            fn join(self, function: F) -> Delayed<R> {
                let inputs = vec![$(Arc::clone(&self.$at.node)),*];
                let function = move |inputs: &[&Value]| Ok(function($(typed(inputs[$at])?),*));
                Delayed::new(type_name::<F>(), inputs, function)
            }
        }

        impl<$($T,)* R, E, F> TryJoin<F, R> for ($(&Delayed<$T>,)*)
        where
            $($T: Send + Sync + 'static,)*
            R: Send + Sync + 'static,
            E: Into<BoxError>,
            F: Fn($(&$T),*) -> Result<R, E> + Send + Sync + 'static,
        {
            #[track_caller]
            fn try_join(self, function: F) -> Delayed<R> {
                let inputs = vec![$(Arc::clone(&self.$at.node)),*];
                let function =
                    move |inputs: &[&Value]| function($(typed(inputs[$at])?),*).map_err(Into::into);
                Delayed::new(type_name::<F>(), inputs, function)
            }
        }
    };
}

tuples!(0 A);
tuples!(0 A, 1 B);
tuples!(0 A, 1 B, 2 C);
tuples!(0 A, 1 B, 2 C, 3 D);
tuples!(0 A, 1 B, 2 C, 3 D, 4 G);
tuples!(0 A, 1 B, 2 C, 3 D, 4 G, 5 H);
tuples!(0 A, 1 B, 2 C, 3 D, 4 G, 5 H, 6 I);
tuples!(0 A, 1 B, 2 C, 3 D, 4 G, 5 H, 6 I, 7 J);
