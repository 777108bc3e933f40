//! A task that was written down.

use std::any::Any;
use std::fmt;
use std::panic::Location;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::error::{Error, ErrorKind, Result};
use crate::executor::BoxError;

/// The result of a task, of whatever type.
pub(super) type Value = Box<dyn Any + Send + Sync>;

/// What makes the result of those of the inputs.
pub(super) type Function = dyn Fn(&[&Value]) -> Result<Value, BoxError> + Send + Sync;

/// A function, the tasks whose results it takes, and what is to be known of it.
pub(crate) struct Node {
    function: Box<Function>,
    inputs: Vec<Arc<Self>>,
    settings: Mutex<Settings>,
    /// The type of the function, which has its name in it.
    type_name: &'static str,
    location: &'static Location<'static>,
}

/// What may be said of a task after it was made.
#[derive(Debug, Clone, Default)]
pub(super) struct Settings {
    pub(super) name: Option<Arc<str>>,
    pub(super) bytes: usize,
    pub(super) scratch: usize,
    pub(super) retries: u32,
}

impl Node {
    pub(super) fn new(
        type_name: &'static str,
        location: &'static Location<'static>,
        inputs: Vec<Arc<Self>>,
        function: Box<Function>,
    ) -> Arc<Self> {
        Arc::new(Self { function, inputs, settings: Mutex::default(), type_name, location })
    }

    pub(super) fn inputs(&self) -> &[Arc<Self>] {
        &self.inputs
    }

    pub(super) fn location(&self) -> &'static Location<'static> {
        self.location
    }

    pub(super) fn settings(&self) -> MutexGuard<'_, Settings> {
        self.settings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What it was called, or else the name of its function, for a closure that in which it is written.
    pub(super) fn name(&self) -> Arc<str> {
        let given = self.settings().name.clone();
        given.unwrap_or_else(|| function_name(self.type_name).into())
    }

    pub(super) fn call(&self, inputs: &[&Value]) -> Result<Value, BoxError> {
        (self.function)(inputs)
    }
}

/// A chain of a million tasks is dropped one by one, not one inside the other.
impl Drop for Node {
    fn drop(&mut self) {
        let mut nodes = std::mem::take(&mut self.inputs);
        while let Some(node) = nodes.pop() {
            if let Some(mut last) = Arc::into_inner(node) {
                nodes.append(&mut last.inputs);
            }
        }
    }
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "task `{}` of {} inputs", self.name(), self.inputs.len())
    }
}

/// The last part of a path, without what it is generic over and what closures are called.
fn function_name(type_name: &'static str) -> &'static str {
    let path = type_name.split('<').next().unwrap_or_default();
    let mut parts = path.rsplit("::").filter(|part| !part.is_empty() && !part.starts_with('{'));
    parts.next().unwrap_or("closure")
}

/// The result of an input, which has the type that the handle of its task has.
pub(super) fn typed<T: 'static>(value: &Value) -> Result<&T, BoxError> {
    value.downcast_ref().ok_or_else(|| mistyped::<T>().into())
}

/// The result itself.
pub(super) fn owned<T: 'static>(value: Value) -> Result<T> {
    value.downcast().map(|value| *value).map_err(|_| mistyped::<T>())
}

fn mistyped<T>() -> Error {
    let sentence = format!("a result is no {}", std::any::type_name::<T>());
    Error::new(ErrorKind::Failed, sentence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_functions() {
        assert_eq!(function_name("program::io::load"), "load");
        assert_eq!(function_name("program::main::{{closure}}"), "main");
        assert_eq!(function_name("program::sum<alloc::vec::Vec<f64>>"), "sum");
        assert_eq!(function_name("<program::A as program::B>::c"), "closure");
    }
}
