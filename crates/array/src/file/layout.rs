//! Where in a file the elements of an array lie.

use super::fault::Fault;
use crate::chunks::Chunks;
use crate::element::DType;
use crate::error::{Error, ErrorKind, Result};
use crate::window::{Dims, Window};

/// The bytes of a chunk that a file asks to be read in.
const CHUNK: usize = 8 << 20;

/// An array that lies dense in a file.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    pub(super) shape: Dims,
    /// The bytes from one index to the next on each axis.
    pub(super) strides: Dims,
    pub(super) dtype: DType,
    /// The first byte.
    pub(super) offset: u64,
    /// All of its bytes.
    pub(super) bytes: u64,
    /// Whether the first axis is the one that lies together, not the last.
    pub(super) is_fortran: bool,
    /// Whether the bytes of a number lie the other way round.
    pub(super) is_foreign: bool,
}

impl Layout {
    /// In row-major order, the bytes of numbers in the order of this machine.
    pub(super) fn new(shape: &[usize], dtype: DType, offset: u64) -> Result<Self, Fault> {
        let mut layout = Self {
            shape: shape.into(),
            strides: Dims::new(),
            dtype,
            offset,
            bytes: 0,
            is_fortran: false,
            is_foreign: false,
        };
        layout.lay()?;
        Ok(layout)
    }

    /// In column-major order.
    pub(super) fn fortran(mut self) -> Result<Self, Fault> {
        self.is_fortran = true;
        self.lay()?;
        Ok(self)
    }

    /// Finds the strides, unless there are more bytes than a file can have.
    fn lay(&mut self) -> Result<(), Fault> {
        let shape = self.shape.clone();
        self.strides = Dims::from_elem(0, shape.len());
        let mut axes: Dims = (0..shape.len()).collect();
        if !self.is_fortran {
            axes.reverse();
        }
        let mut stride = Some(self.dtype.bytes());
        for axis in axes {
            self.strides[axis] = stride.unwrap_or(0);
            // An axis without elements counts too, so that no product of lengths overflows.
            stride = stride.and_then(|stride| stride.checked_mul(shape[axis].max(1)));
        }
        let bytes = stride.filter(|&bytes| isize::try_from(bytes).is_ok());
        let fits = bytes.filter(|&bytes| {
            self.offset.checked_add(bytes as u64).is_some_and(|end| i64::try_from(end).is_ok())
        });
        let Some(bytes) = fits else {
            let what = format!("has shape {shape:?}, which is more than can be counted");
            return Err(Fault::data(what));
        };
        self.bytes = if shape.contains(&0) { 0 } else { bytes as u64 };
        Ok(())
    }

    /// The byte behind the last.
    pub(super) fn end(&self) -> u64 {
        self.offset + self.bytes
    }

    /// Chunks that lie together in the file, where those are not of rows, which others think of by themselves.
    pub(super) fn chunks(&self) -> Option<Chunks> {
        let axes = self.shape.iter().zip(&self.strides);
        let sizes: Dims =
            axes.map(|(&len, &stride)| (CHUNK / stride).clamp(1, len.max(1))).collect();
        Chunks::even(&self.shape, &sizes).ok().filter(|_| self.is_fortran)
    }

    /// The bytes that are swapped as one, where they are.
    pub(super) fn swapped_unit(&self) -> Option<usize> {
        let unit = match self.dtype {
            DType::C64 => 4,
            DType::C128 => 8,
            real => real.bytes(),
        };
        (self.is_foreign && unit > 1).then_some(unit)
    }

    /// That a file of `found` bytes has all of it.
    pub(super) fn check_end(&self, found: u64) -> Result<(), Fault> {
        if self.end() <= found {
            return Ok(());
        }
        let what = format!(
            "is torn: {} of shape {:?} from byte {} on take it to {} bytes, but it has {found}",
            self.dtype,
            self.shape,
            self.offset,
            self.end()
        );
        Err(Fault::data(what))
    }

    /// That a window lies in the array, and that a slice has as many elements.
    pub(super) fn check_slice(
        &self,
        subject: &str,
        window: &Window,
        elements: usize,
    ) -> Result<()> {
        self.check(subject, window)?;
        if window.len() == elements {
            return Ok(());
        }
        let what = format!(
            "the slice has {elements} elements, but argument `window` {window:?} has {}",
            window.len()
        );
        Err(Error::new(ErrorKind::Shape, what))
    }

    /// That a window lies in the array.
    pub(super) fn check(&self, subject: &str, window: &Window) -> Result<()> {
        let shape = &self.shape;
        if window.ndim() != shape.len() {
            let what = format!(
                "argument `window` has {} axes, but {subject} has {}",
                window.ndim(),
                shape.len()
            );
            return Err(Error::new(ErrorKind::Shape, what));
        }
        let ends = window.start().iter().zip(window.shape()).map(|(a, b)| a.checked_add(*b));
        if let Some(axis) = ends.zip(shape).position(|(end, &len)| end.is_none_or(|end| end > len))
        {
            let what = format!(
                "argument `window` takes {} elements from index {} on of axis {axis}, but {subject} has {} there",
                window.shape()[axis],
                window.start()[axis],
                shape[axis]
            );
            return Err(Error::new(ErrorKind::Index, what));
        }
        Ok(())
    }
}
