//! Tasks that are computed together.

use std::collections::HashMap;
use std::sync::Arc;

use super::node::{Node, Value, owned};
use super::plan::Plan;
use crate::error::{Error, ErrorKind, Result};
use crate::settings::Settings;

/// Tasks of which some may be there more than once, planned.
pub(crate) struct Together<'a> {
    plan: Plan<'a>,
    /// How often each is asked for, in the order of the plan's results.
    uses: Vec<usize>,
    /// Which of these each is that was asked for.
    places: Vec<usize>,
}

impl<'a> Together<'a> {
    pub(crate) fn new(tasks: &'a [Arc<Node>]) -> Result<Self> {
        let (mut once, mut uses, mut found) = (vec![], vec![], HashMap::new());
        let mut places = vec![];
        for task in tasks {
            let place = *found.entry(Arc::as_ptr(task)).or_insert_with(|| {
                once.push(task);
                uses.push(0);
                once.len() - 1
            });
            uses[place] += 1;
            places.push(place);
        }
        Ok(Self { plan: Plan::new(&once)?, uses, places })
    }

    /// How many tasks there are, with those that they need.
    pub(crate) fn len(&self) -> usize {
        self.plan.len()
    }

    /// That the tasks can be kept within the cap.
    pub(crate) fn check_memory(&self, settings: &Settings) -> Result<()> {
        self.plan.check_memory(settings)
    }

    pub(crate) fn minimum_memory(&self) -> Result<usize> {
        self.plan.minimum_memory()
    }

    /// Runs all tasks that are needed, each once.
    pub(crate) fn run(self, settings: &Settings) -> Result<Results> {
        if self.places.is_empty() {
            return Ok(Results::default());
        }
        let values = self.plan.run(settings)?.into_iter().map(Some).zip(self.uses).collect();
        Ok(Results { values, places: self.places.into_iter() })
    }
}

/// Results, to be taken in the order in which they were asked for.
#[derive(Default)]
pub(crate) struct Results {
    /// Each result once, with how often it will still be asked for.
    values: Vec<(Option<Value>, usize)>,
    /// Where each is.
    places: std::vec::IntoIter<usize>,
}

impl Results {
    /// The next result: itself where it is not asked for again, else a clone.
    pub(crate) fn next<T: Clone + 'static>(&mut self) -> Result<T> {
        let place = self.places.next().ok_or_else(lost)?;
        let (value, uses) = &mut self.values[place];
        *uses -= 1;
        if *uses == 0 {
            return value.take().map_or_else(|| Err(lost()), owned);
        }
        value.as_ref().and_then(|value| value.downcast_ref().cloned()).ok_or_else(lost)
    }

    /// The only result.
    pub(crate) fn take<T: 'static>(mut self) -> Result<T> {
        let value = self.values.pop().and_then(|(value, _)| value);
        value.map_or_else(|| Err(lost()), owned)
    }
}

fn lost() -> Error {
    Error::new(ErrorKind::Failed, "a result is lost")
}
