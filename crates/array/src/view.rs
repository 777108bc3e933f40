//! Which element of an array stands where in a view of it.

use smallvec::SmallVec;

use crate::chunks::{AxisChunks, Chunks};
use crate::window::{Dims, Window};

/// What an index of the array is, along one of its axes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum AxisMap {
    /// The same for all of the view.
    Fixed(usize),
    /// `start + step * i`, where `i` is the index of the view along its axis `axis`.
    Along { axis: usize, start: usize, step: isize },
}

/// A view of an array, as slices, transposes, new axes and broadcasts give it: an affine map from the indices of the
/// view to those of the array. An axis of the view that no axis of the array goes along repeats the elements.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct View {
    /// The shape of the view.
    pub(crate) shape: Dims,
    /// One for each axis of the array.
    pub(crate) maps: SmallVec<[AxisMap; 4]>,
}

impl View {
    /// All of an array as it is.
    pub(crate) fn whole(shape: &[usize]) -> Self {
        let maps = (0..shape.len()).map(|axis| AxisMap::Along { axis, start: 0, step: 1 });
        Self { shape: shape.into(), maps: maps.collect() }
    }

    /// The axes in another order: axis `i` of the view is axis `order[i]` of the array.
    pub(crate) fn permuted(shape: &[usize], order: &[usize]) -> Self {
        let mut view = Self::whole(shape);
        view.shape = order.iter().map(|&axis| shape[axis]).collect();
        for (axis, &from) in order.iter().enumerate() {
            view.maps[from] = AxisMap::Along { axis, start: 0, step: 1 };
        }
        view
    }

    /// An array of the shape `from` repeated to the shape `to`, by NumPy's rules, which are known to allow it.
    pub(crate) fn broadcast(from: &[usize], to: &[usize]) -> Self {
        let new = to.len() - from.len();
        let maps = from.iter().enumerate().map(|(i, &len)| match len {
            1 if to[new + i] != 1 => AxisMap::Fixed(0),
            _ => AxisMap::Along { axis: new + i, start: 0, step: 1 },
        });
        Self { shape: to.into(), maps: maps.collect() }
    }

    /// Whether it changes nothing.
    pub(crate) fn is_whole(&self, shape: &[usize]) -> bool {
        *self == Self::whole(shape)
    }

    /// Whether a window of it shows a window of the array, with the elements in the same order.
    pub(crate) fn keeps_windows(&self) -> bool {
        let mut next = 0;
        let ascends = self.maps.iter().all(|map| match *map {
            AxisMap::Fixed(_) => true,
            AxisMap::Along { axis, step, .. } => {
                // Axes of the view between repeat nothing.
                let is_next = axis >= next && self.shape[next..axis].iter().all(|&len| len == 1);
                next = axis + 1;
                is_next && step == 1
            }
        });
        ascends && self.shape[next.min(self.shape.len())..].iter().all(|&len| len == 1)
    }

    /// How many chunks it has along each axis if it is cut where the array is, which has so many; 1 where it repeats.
    #[cfg(feature = "ranks")]
    pub(crate) fn counts_of(&self, counts: &[usize]) -> Dims {
        let mut seen = Dims::from_elem(1, self.shape.len());
        for (&count, map) in counts.iter().zip(&self.maps) {
            if let AxisMap::Along { axis, .. } = *map {
                seen[axis] = count;
            }
        }
        seen
    }

    /// Whether it shows each element once and forwards, with the axes in any order.
    pub(crate) fn is_permuted(&self) -> bool {
        let goes_along = |along: usize| {
            let is = |map: &AxisMap| matches!(*map, AxisMap::Along { axis, step: 1, .. } if axis == along);
            self.maps.iter().any(is)
        };
        self.maps.len() == self.shape.len() && (0..self.shape.len()).all(goes_along)
    }

    /// Whether it shows what another one shows, moved along the axes of the array.
    pub(crate) fn is_moved(&self, other: &Self) -> bool {
        let goes_along = |maps: (&AxisMap, &AxisMap)| match maps {
            (AxisMap::Fixed(_), AxisMap::Fixed(_)) => true,
            (
                AxisMap::Along { axis, step, .. },
                AxisMap::Along { axis: other_axis, step: other_step, .. },
            ) => axis == other_axis && step == other_step,
            _ => false,
        };
        self.shape == other.shape && self.maps.iter().zip(&other.maps).all(goes_along)
    }

    /// The view that `self` has of what `inner` is a view of.
    pub(crate) fn of(&self, inner: &Self) -> Self {
        let compose = |map: &AxisMap| match *map {
            AxisMap::Fixed(index) => AxisMap::Fixed(index),
            AxisMap::Along { axis, start, step } => match self.maps[axis] {
                AxisMap::Fixed(index) => AxisMap::Fixed(moved(start, step, index)),
                AxisMap::Along { axis, start: first, step: outer } => {
                    AxisMap::Along { axis, start: moved(start, step, first), step: step * outer }
                }
            },
        };
        Self { shape: self.shape.clone(), maps: inner.maps.iter().map(compose).collect() }
    }

    /// The elements of the array that a window of the view shows, and perhaps some between. The window has
    /// elements.
    pub(crate) fn window(&self, window: &Window) -> Window {
        let ranges = self.maps.iter().map(|map| match *map {
            AxisMap::Fixed(index) => index..index + 1,
            AxisMap::Along { axis, start, step } => {
                let range = window.range(axis);
                // Plans ask for windows of a shape, which may be longer than the view.
                let last = (range.end - 1).min(self.shape[axis].saturating_sub(1));
                let ends =
                    [range.start, last.max(range.start)].map(|index| moved(start, step, index));
                // What is seen backwards of an axis without elements begins before the first.
                ends[0].min(ends[1])..ends[0].max(ends[1]).saturating_add(1)
            }
        });
        Window::new(&ranges.collect::<SmallVec<[_; 4]>>())
    }

    /// Where the elements of a window of the view lie, if a window of the array lies densely in row-major order
    /// and holds them: the place of the first, and the distance along each axis of the view.
    pub(crate) fn places(&self, window: &Window, held: &Window) -> (usize, SmallVec<[isize; 4]>) {
        let mut strides = SmallVec::from_elem(0, self.shape.len());
        let (mut first, mut stride) = (0, 1_usize);
        for (along, map) in self.maps.iter().enumerate().rev() {
            let index = match *map {
                AxisMap::Fixed(index) => index,
                AxisMap::Along { axis, start, step } => {
                    strides[axis] += step * stride.cast_signed();
                    moved(start, step, window.start()[axis])
                }
            };
            first += (index - held.start()[along]) * stride;
            stride *= held.shape()[along];
        }
        (first, strides)
    }

    /// How the view is cut if each of its chunks is to show one chunk of the array. What repeats is one chunk.
    pub(crate) fn chunks(&self, of: &Chunks) -> Chunks {
        let mut axes: SmallVec<[_; 4]> =
            self.shape.iter().map(|&len| AxisChunks::one(len)).collect();
        for (map, cut) in self.maps.iter().zip(of.axes()) {
            if let AxisMap::Along { axis, start, step } = *map {
                axes[axis] = cut_along(cut, self.shape[axis], start, step);
            }
        }
        Chunks::new(axes)
    }
}

/// `start + step * index`, which lies in the array.
pub(crate) fn moved(start: usize, step: isize, index: usize) -> usize {
    start.wrapping_add_signed(step.wrapping_mul(index.cast_signed()))
}

/// How many chunks of a view are listed where they are not even: beyond that they are as long as most would be.
const LISTED: usize = 1 << 16;

/// How `len` elements are cut that lie at `start`, `start + step`, .. of an axis that is cut.
fn cut_along(cut: &AxisChunks, len: usize, start: usize, step: isize) -> AxisChunks {
    if len == cut.len() && step == 1 {
        return cut.clone();
    }
    if len == 0 {
        return AxisChunks::one(0);
    }
    // An even cut that starts where a chunk does stays even, however many chunks there are.
    if let Some(size) = cut.even_size()
        && step == 1
        && start.is_multiple_of(size)
        && let Ok(even) = AxisChunks::even(len, size)
    {
        return even;
    }
    if let Some(size) = cut.even_size() {
        let step = step.unsigned_abs();
        let shown = size.div_ceil(step);
        // Backwards, and whole chunks, are even too.
        let is_even = len.saturating_mul(step) == cut.len() && cut.len().is_multiple_of(size);
        let is_whole = size.is_multiple_of(step) && is_even;
        if (is_whole || len / shown > LISTED)
            && let Ok(even) = AxisChunks::even(len, shown)
        {
            return even;
        }
    }
    let chunk = |index| cut.chunk_of(moved(start, step, index));
    let mut sizes = vec![];
    let mut first = 0;
    while first < len {
        // The elements of a chunk follow each other, so the last of them is found by halving.
        let this = chunk(first);
        let mut ahead = first..len;
        while ahead.len() > 1 {
            let middle = ahead.start + ahead.len() / 2;
            if chunk(middle) == this {
                ahead.start = middle;
            } else {
                ahead.end = middle;
            }
        }
        sizes.push(ahead.start + 1 - first);
        first = ahead.start + 1;
    }
    AxisChunks::of_sizes(sizes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_of_a_view_is_a_view() {
        // x[::-1, 2:8:3].T
        let mut sliced = View::whole(&[5, 8]);
        sliced.shape = [5, 2].as_slice().into();
        sliced.maps[0] = AxisMap::Along { axis: 0, start: 4, step: -1 };
        sliced.maps[1] = AxisMap::Along { axis: 1, start: 2, step: 3 };
        let both = View::permuted(&[5, 2], &[1, 0]).of(&sliced);
        assert_eq!(both.shape.as_slice(), [2, 5]);
        assert_eq!(both.maps[0], AxisMap::Along { axis: 1, start: 4, step: -1 });
        assert_eq!(both.maps[1], AxisMap::Along { axis: 0, start: 2, step: 3 });
        let window = Window::new(&[1..2, 1..3]);
        let held = both.window(&window);
        assert_eq!(held, Window::new(&[2..4, 5..6]));
        assert_eq!(both.places(&window, &held), (1, SmallVec::from_slice(&[3, -1])));
    }

    #[test]
    fn a_window_that_is_longer_than_what_is_seen_shows_all_of_it() {
        let mut flipped = View::whole(&[9]);
        flipped.maps[0] = AxisMap::Along { axis: 0, start: 8, step: -1 };
        for view in [flipped, View::whole(&[9])] {
            for len in [9, 10, 11, 600] {
                assert_eq!(view.window(&Window::whole(&[len])), Window::whole(&[9]));
            }
        }
        let mut nothing = View::whole(&[0]);
        nothing.maps[0] = AxisMap::Along { axis: 0, start: usize::MAX, step: -1 };
        assert_eq!(nothing.window(&Window::whole(&[4])).len(), 0);
    }

    #[test]
    fn cuts_follow_the_chunks_of_the_array() {
        let cut = AxisChunks::listed(10, &[3, 3, 4]).unwrap();
        let sizes =
            |len, start, step| cut_along(&cut, len, start, step).sizes().collect::<Vec<_>>();
        assert_eq!(sizes(10, 9, -1), [4, 3, 3]);
        assert_eq!(sizes(5, 0, 2), [2, 1, 2]);
        assert_eq!(sizes(2, 5, 4), [1, 1]);
        assert_eq!(sizes(0, 0, 1), [0]);
        let even = AxisChunks::even(12, 4).unwrap();
        let sizes =
            |len, start, step| cut_along(&even, len, start, step).sizes().collect::<Vec<_>>();
        assert_eq!(sizes(12, 11, -1), [4, 4, 4]);
        assert_eq!(sizes(6, 0, 2), [2, 2, 2]);
        assert_eq!(sizes(6, 11, -2), [2, 2, 2]);
        assert_eq!(sizes(9, 2, 1), [2, 4, 3]);
        let huge = AxisChunks::even(1 << 50, 1000).unwrap();
        assert_eq!(cut_along(&huge, (1 << 50) - 7, 7, 1).largest(), 1000);
        assert_eq!(cut_along(&huge, 1 << 48, (1 << 50) - 1, -3).largest(), 334);
    }

    #[test]
    fn slices_and_new_axes_keep_windows() {
        let mut sliced = View::whole(&[5, 8]);
        sliced.shape = [1, 3, 1, 8, 1].as_slice().into();
        sliced.maps[0] = AxisMap::Along { axis: 1, start: 2, step: 1 };
        sliced.maps[1] = AxisMap::Along { axis: 3, start: 0, step: 1 };
        assert!(sliced.keeps_windows());
        assert!(View::whole(&[]).keeps_windows());
        sliced.shape[2] = 2;
        assert!(!sliced.keeps_windows());
        assert!(!View::permuted(&[5, 8], &[1, 0]).keeps_windows());
        assert!(!View::broadcast(&[3], &[2, 3]).keeps_windows());
        assert!(View::broadcast(&[3], &[1, 3]).keeps_windows());
        let mut flipped = View::whole(&[5]);
        flipped.maps[0] = AxisMap::Along { axis: 0, start: 4, step: -1 };
        assert!(!flipped.keeps_windows());
        flipped.shape = Dims::new();
        flipped.maps[0] = AxisMap::Fixed(2);
        assert!(flipped.keeps_windows());
    }

    #[test]
    fn broadcasts_repeat() {
        let view = View::broadcast(&[1, 3], &[2, 4, 3]);
        let window = Window::whole(&[2, 4, 3]);
        let held = view.window(&window);
        assert_eq!(held, Window::whole(&[1, 3]));
        assert_eq!(view.places(&window, &held), (0, SmallVec::from_slice(&[0, 0, 1])));
        assert_eq!(view.chunks(&Chunks::even(&[1, 3], &[1, 2]).unwrap()).count(), 2);
    }
}
