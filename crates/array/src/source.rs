//! Where the elements of an array come from.

use std::fmt::Debug;
use std::sync::Arc;

use crate::chunks::Chunks;
use crate::element::Element;
use crate::error::Result;
use crate::window::{Dims, Window};

/// Elements that can be read in any window: a file, a generator, or what you make one.
///
/// Reading the same window again gives the same elements: a plan may read twice rather than hold an array in
/// memory. Several threads read at a time. What keeps it from reading is told as an [`Error`](crate::Error): by
/// [`Error::new`](crate::Error::new), or `?` of an [`io::Error`](std::io::Error).
pub trait Source<T: Element>: Debug + Send + Sync + 'static {
    /// The lengths of its axes. They never change.
    fn shape(&self) -> Dims;

    /// In which chunks it is best read, where it has a preference.
    fn chunks(&self) -> Option<Chunks> {
        None
    }

    /// Whether its elements are computed, so that a small window costs no more for each element than a large one.
    /// Such a source is asked for a few thousand elements at a time, others for what a chunk needs.
    fn is_computed(&self) -> bool {
        false
    }

    /// How many bytes a read takes at most beside `out`, if it has to make more elements than it is asked for, such as
    /// those of a chunk that is unpacked as a whole. A plan counts them once for each thread, and asks for whole chunks of
    /// the array then; a source that says 0 is asked for parts of them.
    fn memory(&self) -> usize {
        0
    }

    /// How many bytes a read takes beside that, whatever its window, and leaves behind for later ones, such as an index of where
    /// chunks are. A plan counts them once for each thread, of all sources together; a source is asked for parts of chunks
    /// all the same.
    fn kept(&self) -> usize {
        0
    }

    /// What tells its elements from those that it has at another time, such as the path, the length and the time of change of
    /// a file: [checkpoints](crate::Settings::checkpoints) are not used when it is another one. A source that does not know
    /// says `None`; then somebody has to say [what it is known as](crate::Array::known_as).
    fn version(&self) -> Option<String> {
        None
    }

    /// Writes the elements of a window, which lies within the shape, into `out`: dense, in row-major order, as
    /// many as the window has.
    ///
    /// # Errors
    /// Whatever keeps it from that. Nobody looks at `out` then.
    fn read(&self, window: &Window, out: &mut [T]) -> Result<()>;
}

/// Where the elements of an array go, window by window.
pub trait Target<T: Element>: Debug + Send + Sync {
    /// The lengths of its axes.
    fn shape(&self) -> Dims;

    /// In which chunks it keeps them, if it does. It is then given whole ones: the chunks of the array, if each is made of
    /// these, or else these themselves. Others get what is made at a time, if it can be of rows of several
    /// chunks that lie side by side: so files are written in long runs.
    fn chunks(&self) -> Option<Chunks> {
        None
    }

    /// How many bytes a write takes at most beside `elements`, such as those that a chunk is packed into. A plan counts
    /// them once for each thread, if there are chunks.
    fn memory(&self) -> usize {
        0
    }

    /// Takes the elements of a window, dense, in row-major order. Windows come in any order, from several
    /// threads, and never twice.
    ///
    /// # Errors
    /// Whatever keeps it from that.
    fn write(&self, window: &Window, elements: &[T]) -> Result<()>;
}

/// What several share is read by each.
impl<T: Element, S: Source<T>> Source<T> for Arc<S> {
    fn shape(&self) -> Dims {
        S::shape(self)
    }

    fn chunks(&self) -> Option<Chunks> {
        S::chunks(self)
    }

    fn is_computed(&self) -> bool {
        S::is_computed(self)
    }

    fn memory(&self) -> usize {
        S::memory(self)
    }

    fn kept(&self) -> usize {
        S::kept(self)
    }

    fn version(&self) -> Option<String> {
        S::version(self)
    }

    fn read(&self, window: &Window, out: &mut [T]) -> Result<()> {
        S::read(self, window, out)
    }
}

/// What several share is written by each.
impl<T: Element, S: Target<T> + ?Sized> Target<T> for Arc<S> {
    fn shape(&self) -> Dims {
        S::shape(self)
    }

    fn chunks(&self) -> Option<Chunks> {
        S::chunks(self)
    }

    fn memory(&self) -> usize {
        S::memory(self)
    }

    fn write(&self, window: &Window, elements: &[T]) -> Result<()> {
        S::write(self, window, elements)
    }
}

/// What is borrowed is written where it is.
impl<T: Element, S: Target<T> + ?Sized> Target<T> for &S {
    fn shape(&self) -> Dims {
        S::shape(self)
    }

    fn chunks(&self) -> Option<Chunks> {
        S::chunks(self)
    }

    fn memory(&self) -> usize {
        S::memory(self)
    }

    fn write(&self, window: &Window, elements: &[T]) -> Result<()> {
        S::write(self, window, elements)
    }
}
