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
        let made = Unfinished::create_to_write(path)?;
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

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    const RAW: Form = Form::Raw(ByteOrder::Little);

    fn whole() -> Window {
        Window::whole(&[4])
    }

    #[test]
    fn no_rank_can_read_what_it_writes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.raw");
        let first = Together::<u8>::create(&path, &[4], RAW).unwrap();
        let other = Together::<u8>::open(&path, &first.hidden(), &[4], RAW).unwrap();
        other.write(&whole(), &[1, 2, 3, 4]).unwrap();
        for file in [&first, &other] {
            let error = file.extent.disk.read(0, &mut [0]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Io);
            file.flush().unwrap();
        }
        first.finish().unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), [1, 2, 3, 4]);
    }

    /// A disk that is always full, and that cannot be flushed.
    #[test]
    fn what_cannot_be_flushed_says_so() {
        let file = Together::<u8>::open(Path::new("/dev/x.raw"), b"full", &[4], RAW).unwrap();
        let told = file.write(&whole(), &[1, 2, 3, 4]).unwrap_err().to_string();
        assert_eq!(told, "4 bytes from byte 0 of file `/dev/x.raw` cannot be written");
        let error = file.flush().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io);
        assert_eq!(error.to_string(), "file `/dev/x.raw` cannot be flushed");
    }

    #[test]
    fn a_name_that_a_folder_has_is_not_given_and_nothing_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.raw");
        let file = Together::<u8>::create(&path, &[4], RAW).unwrap();
        std::fs::create_dir(&path).unwrap();
        let error = file.finish().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io);
        assert!(error.to_string().ends_with("x.raw` cannot get its name"), "{error}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
