//! Events that the kernel counts: not here.

use crate::report::document::Counter;

/// Counters that are not there.
#[derive(Debug)]
pub(crate) struct Counters;

impl Counters {
    pub(crate) fn start() -> Self {
        Self
    }

    pub(crate) fn stop(self) -> Vec<Counter> {
        let missing = if cfg!(feature = "counters") {
            "it needs Linux on x86-64"
        } else {
            "tenfold-profile was built without its feature `counters`"
        };
        let name = "all events".to_owned();
        vec![Counter { name, value: None, share: None, missing: Some(missing.to_owned()) }]
    }
}
