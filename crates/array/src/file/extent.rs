//! An array in a file.

use std::sync::Arc;

use super::byte_order::swap;
use super::disk::Disk;
use super::layout::Layout;
use super::runs::Runs;
use super::stage;
use crate::element::{DType, Element};
use crate::error::{Error, ErrorKind, Result};
use crate::window::{Dims, Window};

/// The most bytes whose order is turned, or that are looked at whether they are a `bool`, at a time.
const SLAB: usize = 64 << 10;

/// A layout in a file.
#[derive(Debug, Clone)]
pub(super) struct Extent {
    pub(super) disk: Arc<Disk>,
    pub(super) layout: Layout,
}

impl Extent {
    pub(super) fn shape(&self) -> Dims {
        self.layout.shape.clone()
    }

    /// What tells the elements from those of another time, as far as the system knows.
    pub(super) fn version(&self) -> Option<String> {
        let stamp = self.disk.stamp().ok()?;
        Some(format!("{} {stamp:?} {:?}", self.disk.subject(), self.layout))
    }

    /// That a window lies in the array, and that a slice has as many elements.
    pub(super) fn check(&self, window: &Window, elements: usize) -> Result<()> {
        self.layout.check_slice(self.disk.subject(), window, elements)
    }

    /// Fills `out` with a window.
    pub(super) fn read<T: Element>(&self, window: &Window, out: &mut [T]) -> Result<()> {
        self.check(window, out.len())?;
        self.read_parts(window, out)
    }

    /// Fills the elements of a window where they belong in `out`, which begins with the first of them and has so many
    /// elements along each axis; if they are as they are in memory, which it tells.
    #[cfg(feature = "zarr")]
    pub(super) fn read_among<T: Element>(
        &self,
        window: &Window,
        shape: &[usize],
        out: &mut [T],
    ) -> Result<bool> {
        let is_native = T::DTYPE != DType::Bool && self.layout.swapped_unit().is_none();
        if is_native && window.len() > 0 {
            let runs = Runs::among(&self.layout, window, shape);
            T::from_bytes(out, &mut |bytes| stage::read(&self.disk, &runs, bytes))?;
        }
        Ok(is_native)
    }

    /// Bytes that have to be looked at are read elsewhere first, so they are few at a time.
    fn read_parts<T: Element>(&self, window: &Window, out: &mut [T]) -> Result<()> {
        if T::DTYPE == DType::Bool && out.len() > SLAB {
            let [first, second] = halves(window);
            let (front, back) = out.split_at_mut(first.len());
            self.read_parts(&first, front)?;
            return self.read_parts(&second, back);
        }
        let mut is_read = false;
        let read = T::from_bytes(out, &mut |bytes| {
            self.fill(window, bytes)?;
            is_read = true;
            Ok(())
        });
        read.map_err(|error| if is_read { self.not_elements(window, error) } else { error })
    }

    fn fill(&self, window: &Window, bytes: &mut [u8]) -> Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        stage::read(&self.disk, &Runs::of(&self.layout, window), bytes)?;
        if let Some(unit) = self.layout.swapped_unit() {
            swap(bytes, unit);
        }
        Ok(())
    }

    fn not_elements(&self, window: &Window, error: Error) -> Error {
        let subject = self.disk.subject();
        let what =
            format!("{subject} holds something else than {} in {window:?}", self.layout.dtype);
        Error::new(ErrorKind::Data, what).because(error)
    }

    /// Puts the elements of a window.
    pub(super) fn write<T: Element>(&self, window: &Window, elements: &[T]) -> Result<()> {
        self.check(window, elements.len())?;
        if elements.is_empty() {
            return Ok(());
        }
        let (runs, bytes) = (Runs::of(&self.layout, window), T::as_bytes(elements));
        runs.each(|file, memory| self.put(file, &bytes[memory..][..runs.bytes]))
    }

    fn put(&self, at: u64, bytes: &[u8]) -> Result<()> {
        let Some(unit) = self.layout.swapped_unit() else { return self.disk.write(at, bytes) };
        let mut swapped = Vec::with_capacity(SLAB.min(bytes.len()));
        for (i, slab) in bytes.chunks(SLAB).enumerate() {
            swapped.clear();
            swapped.extend_from_slice(slab);
            swap(&mut swapped, unit);
            self.disk.write(at + (i * SLAB) as u64, &swapped)?;
        }
        Ok(())
    }

    /// Gives the disk back the space of a window, in runs that are as long as a block of a disk.
    pub(super) fn release(&self, window: &Window) -> Result<()> {
        const BLOCK: usize = 4 << 10;
        self.layout.check(self.disk.subject(), window)?;
        if window.len() == 0 {
            return Ok(());
        }
        let runs = Runs::of(&self.layout, window);
        if runs.bytes < BLOCK {
            return Ok(());
        }
        runs.each(|file, _| self.disk.release(file, runs.bytes as u64))
    }
}

/// The two halves of a window that has more than one element, one behind the other in memory.
fn halves(window: &Window) -> [Window; 2] {
    let axis = window.shape().iter().position(|&len| len > 1).unwrap_or(0);
    let range = window.range(axis);
    let middle = range.start + range.len() / 2;
    let (mut first, mut second) = (window.clone(), window.clone());
    first.set(axis, range.start..middle);
    second.set(axis, middle..range.end);
    [first, second]
}
