//! An array that comes window by window.

use std::sync::atomic::{AtomicU64, Ordering};

use super::extent::Extent;
use crate::element::Element;
use crate::error::{Error, ErrorKind, Result};
use crate::window::Window;

/// An array in a file, and how many of its elements have come.
#[derive(Debug)]
pub(super) struct Filling {
    pub(super) extent: Extent,
    came: AtomicU64,
}

impl Filling {
    pub(super) fn new(extent: Extent) -> Self {
        Self { extent, came: AtomicU64::new(0) }
    }

    pub(super) fn write<T: Element>(&self, window: &Window, elements: &[T]) -> Result<()> {
        self.extent.write(window, elements)?;
        self.came.fetch_add(elements.len() as u64, Ordering::Relaxed);
        Ok(())
    }

    /// That all elements have come, once.
    pub(super) fn check(&self) -> Result<()> {
        let (came, expected) = (self.came.load(Ordering::Relaxed), self.extent.layout.len());
        if came == expected {
            return Ok(());
        }
        let subject = self.extent.disk.subject();
        let what = format!("{subject} has {expected} elements, but {came} were written");
        Err(Error::new(ErrorKind::Data, what))
    }
}
