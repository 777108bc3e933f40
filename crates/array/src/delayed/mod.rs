//! Any function as a task.

mod join;
mod many;
mod node;
mod plan;
mod together;

use std::any::type_name;
use std::fmt;
use std::marker::PhantomData;
use std::panic::Location;
use std::sync::Arc;

pub use self::join::{Join, TryJoin, join, try_join};
pub(crate) use self::node::Node;
pub(crate) use self::together::{Results, Together};

use self::node::{Value, typed};
use crate::error::Result;
use crate::executor::BoxError;
use crate::settings::Settings;

/// A result of type `T` that is not there yet: a function, and the tasks whose results it takes.
///
/// [`delayed`] makes one of a function without arguments, [`map`](Self::map) one of the result of another, [`join`] of
/// several, [`all`](Self::all) and [`reduce`](Self::reduce) of many. Nothing runs before [`compute`](Self::compute),
/// or [`Settings::compute`] where there is something to choose. A task runs once in each computation, however
/// many need its result; they all see it by reference, and it is dropped when the last of them has run.
///
/// A clone is a handle of the same task, and takes nothing. What is set of a task is so for all its handles.
///
/// A task may run again, in the next computation: so functions are `Fn`, and own or share what they use.
///
/// ```
/// use tenfold_array::{delayed, join};
///
/// let a = delayed(|| vec![1.0, 2.0, 3.0]).named("load");
/// let sum = a.map(|a| a.iter().sum::<f64>());
/// let count = a.map(|a| a.len());
/// let mean = join((&sum, &count), |sum, &count| sum / count as f64);
/// assert_eq!(mean.compute()?, 2.0);
/// # Ok::<(), tenfold_array::Error>(())
/// ```
///
/// # Cost model
/// A task takes some 200 bytes and 0.2 µs to write down, and some 0.5 µs to plan and run, besides what its function
/// takes. Chains and trees may be as deep as memory allows.
#[must_use = "a task runs when it is computed"]
pub struct Delayed<T> {
    pub(crate) node: Arc<Node>,
    result: PhantomData<fn() -> T>,
}

/// A task that calls a function.
///
/// ```
/// use tenfold_array::delayed;
///
/// fn load() -> Vec<u8> {
///     vec![1, 2, 3]
/// }
///
/// assert_eq!(delayed(load).compute()?, [1, 2, 3]);
/// # Ok::<(), tenfold_array::Error>(())
/// ```
#[track_caller]
pub fn delayed<T, F>(function: F) -> Delayed<T>
where
    T: Send + Sync + 'static,
    F: Fn() -> T + Send + Sync + 'static,
{
    Delayed::new(type_name::<F>(), vec![], move |_| Ok(function()))
}

/// A task that calls a function which may fail.
///
/// The computation then ends with [`ErrorKind::Failed`](crate::ErrorKind::Failed), the name of the task and this line;
/// the error of the function is its source.
///
/// ```
/// use std::error::Error;
/// use tenfold_array::try_delayed;
///
/// let number = try_delayed(|| "4x2".parse::<u32>()).named("parse");
/// let error = number.compute().unwrap_err();
/// assert!(error.to_string().starts_with("task `parse` failed"));
/// assert_eq!(error.source().unwrap().to_string(), "invalid digit found in string");
/// ```
#[track_caller]
pub fn try_delayed<T, E, F>(function: F) -> Delayed<T>
where
    T: Send + Sync + 'static,
    E: Into<BoxError>,
    F: Fn() -> Result<T, E> + Send + Sync + 'static,
{
    Delayed::new(type_name::<F>(), vec![], move |_| function().map_err(Into::into))
}

impl<T: Send + Sync + 'static> Delayed<T> {
    #[track_caller]
    fn new(
        type_name: &'static str,
        inputs: Vec<Arc<Node>>,
        function: impl Fn(&[&Value]) -> Result<T, BoxError> + Send + Sync + 'static,
    ) -> Self {
        let function = move |inputs: &[&Value]| Ok(Box::new(function(inputs)?) as Value);
        let node = Node::new(type_name, Location::caller(), inputs, Box::new(function));
        Self { node, result: PhantomData }
    }

    /// A task that makes something of the result.
    #[track_caller]
    pub fn map<R, F>(&self, function: F) -> Delayed<R>
    where
        R: Send + Sync + 'static,
        F: Fn(&T) -> R + Send + Sync + 'static,
    {
        self.try_map_named(type_name::<F>(), move |value| Ok(function(value)))
    }

    /// A task that makes something of the result, and may fail as [`try_delayed`].
    #[track_caller]
    pub fn try_map<R, E, F>(&self, function: F) -> Delayed<R>
    where
        R: Send + Sync + 'static,
        E: Into<BoxError>,
        F: Fn(&T) -> Result<R, E> + Send + Sync + 'static,
    {
        self.try_map_named(type_name::<F>(), move |value| function(value).map_err(Into::into))
    }

    #[track_caller]
    fn try_map_named<R: Send + Sync + 'static>(
        &self,
        name: &'static str,
        function: impl Fn(&T) -> Result<R, BoxError> + Send + Sync + 'static,
    ) -> Delayed<R> {
        let function = move |inputs: &[&Value]| function(typed(inputs[0])?);
        Delayed::new(name, vec![Arc::clone(&self.node)], function)
    }

    /// Computes it, on as many threads as there are processors: [`Settings::compute`] of `Settings::new()`.
    ///
    /// # Errors
    /// As for [`Settings::compute`].
    pub fn compute(&self) -> Result<T> {
        Settings::new().compute(self)
    }
}

impl<T> Delayed<T> {
    /// Names the task, for errors and traces. Else it is called as its function, and a task of a closure as the
    /// function in which the closure is written.
    pub fn named(self, name: impl Into<Arc<str>>) -> Self {
        self.node.settings().name = Some(name.into());
        self
    }

    /// Says how many bytes the result takes, for a [cap](Settings::memory) and for the order of tasks: from the start
    /// of the task to the end of the last that needs its result. Else 0.
    pub fn bytes(self, bytes: usize) -> Self {
        self.node.settings().bytes = bytes;
        self
    }

    /// Says how many bytes the task takes besides its result while it runs. Else 0.
    pub fn scratch(self, bytes: usize) -> Self {
        self.node.settings().scratch = bytes;
        self
    }

    /// Runs the task up to so many times more when it fails or panics. Else it does not.
    pub fn retries(self, retries: u32) -> Self {
        self.node.settings().retries = retries;
        self
    }

    /// What the task is called.
    #[must_use]
    pub fn name(&self) -> Arc<str> {
        self.node.name()
    }
}

impl<T> Clone for Delayed<T> {
    fn clone(&self) -> Self {
        Self { node: Arc::clone(&self.node), result: PhantomData }
    }
}

impl<T> fmt::Debug for Delayed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Delayed<{}>({:?})", type_name::<T>(), self.node)
    }
}
