//! Functions of chunks and what lies around them.

use std::panic::Location;

use ndarray::{ArrayView, Dimension};
use tenfold_kernel::Border;

use super::BlockInfo;
use crate::array::Array;
use crate::block::map::{Called, Seen};
use crate::element::Element;
use crate::node::Origin;

impl<T: Element, D: Dimension + 'static> Array<T, D> {
    /// A function of each chunk and the elements around it: `depth` has for each axis how many are seen on both
    /// sides. What lies outside of the array the border says, as in the kernel crate; with [`Border::Valid`]
    /// nothing does, and the chunks at its edge see less.
    ///
    /// The result has the shape of the chunk, or that of what was seen: then its rim is cut away. A window of the
    /// input is read for each chunk; neighbours are not kept.
    ///
    /// ```
    /// use tenfold_array::{Array, Border, ndarray::{array, s}};
    ///
    /// let x = Array::arange(0..6_i64, 2);
    /// // Each element and those beside it.
    /// let sums = x.map_overlap(&[1], Border::Nearest, |seen, _| {
    ///     &seen.slice(s![..-2]) + &seen.slice(s![1..-1]) + seen.slice(s![2..])
    /// });
    /// assert_eq!(sums.compute()?, array![1, 3, 6, 9, 12, 14]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn map_overlap<R: Element>(
        &self,
        depth: &[usize],
        border: Border<T>,
        f: impl Fn(ArrayView<'_, T, D>, &BlockInfo) -> ndarray::Array<R, D> + Send + Sync + 'static,
    ) -> Array<R, D> {
        self.overlapped("map_overlap", depth, border, Called::ForChunks, f, Location::caller())
    }

    /// A function of each element and those around it: what [`map_overlap`](Self::map_overlap) gives for a closure whose
    /// elements are each made of those up to `depth` away alone.
    ///
    /// The closure is not called for whole chunks, but for parts of them, which are read, computed and handed on while they are
    /// in the caches; [`BlockInfo`] says which part it is, and in which chunk that begins. So the closure must give the same
    /// elements however the array is cut: what it makes of the place of an element must be of its place in the array. What
    /// lies around a part is read for each anew, so that chunks should be some ten times as long as what is seen on both
    /// sides; others are computed as a whole.
    ///
    /// # Determinism
    /// The bits of `map_overlap`, for any threads, chunks and cap.
    ///
    /// ```
    /// use tenfold_array::{Array, Border, ndarray::{array, s}};
    ///
    /// let x = Array::arange(0..6_i64, 2);
    /// // Each element and those beside it.
    /// let sums = x.stencil(&[1], Border::Nearest, |seen, _| {
    ///     &seen.slice(s![..-2]) + &seen.slice(s![1..-1]) + seen.slice(s![2..])
    /// });
    /// assert_eq!(sums.compute()?, array![1, 3, 6, 9, 12, 14]);
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn stencil<R: Element>(
        &self,
        depth: &[usize],
        border: Border<T>,
        f: impl Fn(ArrayView<'_, T, D>, &BlockInfo) -> ndarray::Array<R, D> + Send + Sync + 'static,
    ) -> Array<R, D> {
        self.overlapped("stencil", depth, border, Called::ForParts, f, Location::caller())
    }

    fn overlapped<R: Element>(
        &self,
        name: &'static str,
        depth: &[usize],
        border: Border<T>,
        called: Called,
        f: impl Fn(ArrayView<'_, T, D>, &BlockInfo) -> ndarray::Array<R, D> + Send + Sync + 'static,
        origin: Origin,
    ) -> Array<R, D> {
        if let Err(error) = self.one_each("depth", depth.len()) {
            return Array::invalid(error, origin);
        }
        let (node, seen) = match border {
            Border::Valid => {
                let most = depth.iter().zip(self.shape());
                (
                    self.node.clone(),
                    Seen::Around(most.map(|(&depth, len)| depth.min(len)).collect()),
                )
            }
            _ => {
                let widths: Vec<_> = depth.iter().map(|&depth| (depth, depth)).collect();
                let padded = self.pad(&widths, border);
                if let Err(error) = padded.check() {
                    return Array::invalid(error, origin);
                }
                (padded.node, Seen::Padded(depth.into()))
            }
        };
        let chunks = self.node.chunks.clone();
        let made =
            self.mapped_blocks(&node, chunks, (seen, called), name, origin, move |part, info| {
                Ok(f(part, info))
            });
        // What is padded may have more chunks.
        made.owned_as(&self.node)
    }
}
