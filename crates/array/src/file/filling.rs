//! An array that comes window by window.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::coverage::Coverage;
use super::extent::Extent;
use crate::element::Element;
use crate::error::{Error, ErrorKind, Result};
use crate::window::Window;

/// An array in a file, and which of its elements have come.
#[derive(Debug)]
pub(super) struct Filling {
    pub(super) extent: Extent,
    coverage: Mutex<Coverage>,
}

impl Filling {
    pub(super) fn new(extent: Extent) -> Self {
        let coverage = Mutex::new(Coverage::new(&extent.layout.shape));
        Self { extent, coverage }
    }

    /// Puts the elements of a window of which none has come before. What could not be put has not come.
    pub(super) fn write<T: Element>(&self, window: &Window, elements: &[T]) -> Result<()> {
        let subject = self.extent.disk.subject();
        self.extent.check(window, elements.len())?;
        // Before anything is written: two threads may come with the same element.
        self.coverage().take(window).map_err(|index| {
            let what = format!(
                "argument `window` is {window:?}, but element {index:?} of {subject} has come before"
            );
            Error::new(ErrorKind::Value, what)
        })?;
        let written = self.extent.write(window, elements);
        if written.is_err() {
            self.coverage().give_back(window);
        }
        written
    }

    /// That all elements have come.
    pub(super) fn check(&self) -> Result<()> {
        let Some(index) = self.coverage().missing() else { return Ok(()) };
        let (subject, shape) = (self.extent.disk.subject(), &self.extent.layout.shape);
        let what = format!("{subject} has shape {shape:?}, but element {index:?} was not written");
        Err(Error::new(ErrorKind::Data, what))
    }

    fn coverage(&self) -> MutexGuard<'_, Coverage> {
        self.coverage.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::fs::File;
    use std::sync::Arc;

    use super::super::disk::Disk;
    use super::super::layout::Layout;
    use super::*;
    use crate::element::DType;

    /// On a disk that is always full.
    #[test]
    fn a_window_that_could_not_be_written_may_come_again() {
        let file = File::options().write(true).open("/dev/full").unwrap();
        let disk = Arc::new(Disk::new(file, "file `full`".to_owned()));
        let layout = Layout::new(&[4], DType::U8, 0).unwrap();
        let filling = Filling::new(Extent { disk, layout });
        for _ in 0..2 {
            let error = filling.write(&Window::whole(&[4]), &[1_u8, 2, 3, 4]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Io);
        }
        let told = filling.check().unwrap_err().to_string();
        assert_eq!(told, "file `full` has shape [4], but element [0] was not written");
    }
}
