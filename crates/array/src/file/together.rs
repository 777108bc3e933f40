//! A file that ranks write together.

use std::marker::PhantomData;
use std::path::Path;
use std::sync::Arc;

use super::byte_order::ByteOrder;
use super::disk::Disk;
use super::extent::Extent;
use super::layout::Layout;
use super::unfinished::{Unfinished, folder_of};
use super::{npy_writer, raw};
use crate::element::Element;
use crate::error::{Error, ErrorKind, Result};
use crate::source::Target;
use crate::window::{Dims, Window};

/// What stands in a file beside the elements.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Form {
    /// The header of an npy file.
    Npy,
    /// Nothing.
    Raw(ByteOrder),
}

/// An array in a hidden file, which one rank makes and gives its name in the end, and others open by the name of the hidden
/// one. Each writes its own windows: nobody knows whether all have come, which the plan is to see to.
#[derive(Debug)]
pub(crate) struct Together<T> {
    extent: Extent,
    /// With who has made it.
    made: Option<Unfinished>,
    of: PhantomData<T>,
}

impl<T: Element> Together<T> {
    /// Makes the file, with what stands before the elements and space for them.
    pub(crate) fn create(path: &Path, shape: &[usize], form: Form) -> Result<Self> {
        let made = Unfinished::create(path)?;
        let disk = Arc::clone(made.disk());
        let (head, layout) = laid_out::<T>(&disk, shape, form)?;
        disk.reserve(layout.end())?;
        disk.write(0, &head)?;
        Ok(Self { extent: Extent { disk, layout }, made: Some(made), of: PhantomData })
    }

    /// Opens the file that another rank has made for this path.
    pub(crate) fn open(path: &Path, hidden: &[u8], shape: &[usize], form: Form) -> Result<Self> {
        let subject = format!("file `{}`", path.display());
        let hidden = str::from_utf8(hidden).map_err(|_| {
            Error::new(ErrorKind::Ranks, format!("another rank does not say how {subject} begins"))
        })?;
        let disk = Arc::new(Disk::open_to_write(&folder_of(path).join(hidden), subject)?);
        let (_, layout) = laid_out::<T>(&disk, shape, form)?;
        Ok(Self { extent: Extent { disk, layout }, made: None, of: PhantomData })
    }

    /// The name of the hidden file within its folder; empty with those that have not made it.
    pub(crate) fn hidden(&self) -> Vec<u8> {
        self.made.as_ref().map(Unfinished::hidden_name).unwrap_or_default()
    }

    /// Returns when the disk has what was written here.
    pub(crate) fn flush(&self) -> Result<()> {
        self.extent.disk.flush()
    }

    /// Gives the file its name, if it was made here.
    pub(crate) fn finish(self) -> Result<()> {
        self.made.map_or(Ok(()), Unfinished::finish)
    }
}

/// What stands before the elements, and where they lie.
fn laid_out<T: Element>(disk: &Disk, shape: &[usize], form: Form) -> Result<(Vec<u8>, Layout)> {
    let laid = match form {
        Form::Npy => npy_writer::laid_out::<T>(0, shape),
        Form::Raw(order) => raw::layout::<T>(0, shape, order).map(|layout| (vec![], layout)),
    };
    laid.map_err(|fault| fault.of(disk.subject()))
}

impl<T: Element> Target<T> for Together<T> {
    fn shape(&self) -> Dims {
        self.extent.shape()
    }

    fn write(&self, window: &Window, elements: &[T]) -> Result<()> {
        self.extent.write(window, elements)
    }
}
