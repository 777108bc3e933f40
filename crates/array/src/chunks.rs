//! How an array is cut into chunks.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use crate::error::{Error, ErrorKind, Result};
use crate::window::{Dims, Window};

/// How an axis is cut: into chunks of one size, of which the last may be shorter, or into listed ones.
///
/// It is a formula where it can be: an axis of 10^9 chunks takes no more memory than one of two.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct AxisChunks(Cut);

#[derive(Clone, PartialEq, Eq, Hash)]
enum Cut {
    /// `size` is at least 1.
    Even { len: usize, size: usize },
    /// Where chunks end: ascending, and at least one of them.
    Listed(Arc<[usize]>),
}

impl AxisChunks {
    /// An axis of `len` elements in chunks of `size`, the last one shorter where that leaves a rest. An axis
    /// of no elements is one chunk of none.
    ///
    /// # Errors
    /// [`ErrorKind::Chunks`] if `size` is 0 and `len` is not.
    pub fn even(len: usize, size: usize) -> Result<Self> {
        if size == 0 && len > 0 {
            let sentence = format!(
                "argument `chunks` is 0 for an axis of {len}, but a chunk has at least 1 element"
            );
            return Err(Error::new(ErrorKind::Chunks, sentence));
        }
        Ok(Self(Cut::Even { len, size: size.clamp(1, len.max(1)) }))
    }

    /// An axis of `len` elements in one chunk.
    #[must_use]
    pub fn one(len: usize) -> Self {
        Self(Cut::Even { len, size: len.max(1) })
    }

    /// Chunks of the sizes given.
    ///
    /// # Errors
    /// [`ErrorKind::Chunks`] if one of them is 0, there is none, or they do not add up to `len`.
    pub fn listed(len: usize, sizes: &[usize]) -> Result<Self> {
        let refuse = |sentence: String| Err(Error::new(ErrorKind::Chunks, sentence));
        if len > 0
            && let Some(at) = sizes.iter().position(|&size| size == 0)
        {
            return refuse(format!(
                "chunk {at} of argument `chunks` is 0, but a chunk has at least 1 element"
            ));
        }
        let sum = sizes.iter().try_fold(0_usize, |sum, &size| sum.checked_add(size));
        if sum != Some(len) || sizes.is_empty() {
            let sum =
                sum.map_or_else(|| "more than can be counted".to_owned(), |sum| sum.to_string());
            return refuse(format!(
                "argument `chunks` adds up to {sum}, but the axis has {len} elements"
            ));
        }
        Ok(Self::of_sizes(sizes.iter().copied()))
    }

    /// Chunks of sizes that are known to be right, as a formula if they are even.
    pub(crate) fn of_sizes(sizes: impl IntoIterator<Item = usize>) -> Self {
        let ends: Vec<usize> = sizes
            .into_iter()
            .scan(0, |end, size| {
                *end += size;
                Some(*end)
            })
            .collect();
        let (Some(&first), Some(&len)) = (ends.first(), ends.last()) else { return Self::one(0) };
        let is_even =
            ends.iter().enumerate().all(|(i, &end)| end == len.min((i + 1).saturating_mul(first)));
        if is_even && (ends.len() - 1).saturating_mul(first) < len.max(1) {
            return Self(Cut::Even { len, size: first.max(1) });
        }
        Self(Cut::Listed(ends.into()))
    }

    /// How many elements the axis has.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "an axis of no elements is one chunk of none")]
    pub fn len(&self) -> usize {
        match &self.0 {
            Cut::Even { len, .. } => *len,
            Cut::Listed(ends) => ends.last().copied().unwrap_or(0),
        }
    }

    /// How many chunks there are, at least 1.
    #[must_use]
    pub fn count(&self) -> usize {
        match &self.0 {
            Cut::Even { len, size } => len.div_ceil(*size).max(1),
            Cut::Listed(ends) => ends.len(),
        }
    }

    /// The elements of chunk `i`, which is below [`count`](Self::count).
    #[must_use]
    pub fn range(&self, i: usize) -> Range<usize> {
        match &self.0 {
            Cut::Even { len, size } => {
                (i * size).min(*len)..((i + 1).saturating_mul(*size)).min(*len)
            }
            Cut::Listed(ends) => i.checked_sub(1).map_or(0, |before| ends[before])..ends[i],
        }
    }

    /// The chunk of element `index`, which is below [`len`](Self::len).
    #[must_use]
    pub fn chunk_of(&self, index: usize) -> usize {
        match &self.0 {
            Cut::Even { size, .. } => index / size,
            Cut::Listed(ends) => ends.partition_point(|&end| end <= index),
        }
    }

    /// The size of the largest chunk.
    #[must_use]
    pub fn largest(&self) -> usize {
        match &self.0 {
            Cut::Even { len, size } => *len.min(size),
            Cut::Listed(_) => self.sizes().max().unwrap_or(0),
        }
    }

    /// The sizes of all chunks in order.
    pub fn sizes(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.count()).map(|i| self.range(i).len())
    }

    /// Whether each chunk ends where one of another cut of the same axis does.
    fn is_made_of(&self, others: &Self) -> bool {
        match (&self.0, &others.0) {
            (Cut::Even { len, size }, Cut::Even { size: other, .. }) => {
                size == len || size.is_multiple_of(*other)
            }
            _ => (0..self.count()).all(|i| {
                let end = self.range(i).end;
                end == self.len() || others.range(others.chunk_of(end)).start == end
            }),
        }
    }

    /// The chunks that follow each other and have one size, from the first on, or from the second if it has another.
    pub(crate) fn alike(&self) -> Range<usize> {
        if let Cut::Even { len, size } = self.0 {
            return 0..len / size;
        }
        let size = |i: usize| self.range(i).len();
        let first = usize::from(self.count() > 1 && size(0) != size(1));
        let end = (first + 1..self.count()).find(|&i| size(i) != size(first));
        first..end.unwrap_or(self.count())
    }

    /// The size that all chunks but the last have, if there is one.
    pub(crate) fn even_size(&self) -> Option<usize> {
        match self.0 {
            Cut::Even { size, .. } => Some(size),
            Cut::Listed(_) => None,
        }
    }
}

impl fmt::Debug for AxisChunks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Cut::Even { len, size } => write!(f, "{len} by {size}"),
            Cut::Listed(_) => f.debug_list().entries(self.sizes()).finish(),
        }
    }
}

/// How all axes of an array are cut. Chunks are counted in row-major order.
///
/// ```
/// use tenfold_array::Chunks;
///
/// let chunks = Chunks::even(&[10, 7], &[4, 7])?;
/// assert_eq!(chunks.count(), 3);
/// assert_eq!(chunks.axis(0).sizes().collect::<Vec<_>>(), [4, 4, 2]);
/// # Ok::<(), tenfold_array::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Chunks(smallvec::SmallVec<[AxisChunks; 4]>);

impl Chunks {
    /// A cut of each axis.
    #[must_use]
    pub fn new(axes: impl IntoIterator<Item = AxisChunks>) -> Self {
        Self(axes.into_iter().collect())
    }

    /// Chunks of one shape for an array of the given one.
    ///
    /// # Errors
    /// [`ErrorKind::Shape`] if there is not one size for each axis, [`ErrorKind::Chunks`] if one is 0.
    pub fn even(shape: &[usize], sizes: &[usize]) -> Result<Self> {
        if shape.len() != sizes.len() {
            let sentence = format!(
                "argument `chunks` has {} sizes, but the array has {} axes",
                sizes.len(),
                shape.len()
            );
            return Err(Error::new(ErrorKind::Shape, sentence));
        }
        let axes = shape.iter().zip(sizes).map(|(&len, &size)| AxisChunks::even(len, size));
        axes.collect::<Result<_>>().map(Self)
    }

    /// One chunk for all of an array.
    #[must_use]
    pub fn one(shape: &[usize]) -> Self {
        Self::new(shape.iter().map(|&len| AxisChunks::one(len)))
    }

    /// The cut of an axis, which the array has.
    #[must_use]
    pub fn axis(&self, axis: usize) -> &AxisChunks {
        &self.0[axis]
    }

    /// The cuts of all axes.
    #[must_use]
    pub fn axes(&self) -> &[AxisChunks] {
        &self.0
    }

    /// How many axes there are.
    #[must_use]
    pub fn ndim(&self) -> usize {
        self.0.len()
    }

    /// The lengths of the axes.
    #[must_use]
    pub fn shape(&self) -> Dims {
        self.0.iter().map(AxisChunks::len).collect()
    }

    /// How many chunks there are along each axis.
    #[must_use]
    pub fn counts(&self) -> Dims {
        self.0.iter().map(AxisChunks::count).collect()
    }

    /// How many chunks there are: at least 1, and at most `usize::MAX` are counted.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.iter().fold(1, |count, axis| count.saturating_mul(axis.count()))
    }

    /// The shape of a chunk that is as large as any along each axis.
    #[must_use]
    pub fn largest(&self) -> Dims {
        self.0.iter().map(AxisChunks::largest).collect()
    }

    /// The elements of a box of chunks, whose numbers along each axis these are. It has some.
    #[cfg(feature = "ranks")]
    pub(crate) fn elements(&self, numbers: &Window) -> Window {
        let along = |(axis, cut): (usize, &AxisChunks)| {
            let own = numbers.range(axis);
            cut.range(own.start).start..cut.range(own.end - 1).end
        };
        Window::new(&self.axes().iter().enumerate().map(along).collect::<Vec<_>>())
    }

    /// Whether each chunk consists of whole ones of another cut of the same shape.
    pub(crate) fn is_made_of(&self, others: &Self) -> bool {
        self.0.iter().zip(&others.0).all(|(axis, others)| axis.is_made_of(others))
    }

    /// The number of the chunk that has an element.
    pub(crate) fn chunk_of(&self, index: &[usize]) -> usize {
        let along = self.0.iter().zip(index);
        along.fold(0, |number, (cut, &index)| number * cut.count() + cut.chunk_of(index))
    }

    /// The elements of chunk `number`, which is below [`count`](Self::count).
    #[must_use]
    pub fn window(&self, mut number: usize) -> Window {
        let mut window = Window::whole(&self.shape());
        for (axis, cut) in self.0.iter().enumerate().rev() {
            window.set(axis, cut.range(number % cut.count()));
            number /= cut.count();
        }
        window
    }
}

impl fmt::Debug for Chunks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.0).finish()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn chunks_cover_an_axis_once(sizes in prop::collection::vec(1..9_usize, 1..9)) {
            let len = sizes.iter().sum();
            let axis = AxisChunks::listed(len, &sizes).unwrap();
            prop_assert_eq!(axis.sizes().collect::<Vec<_>>(), sizes.clone());
            prop_assert_eq!((axis.len(), axis.count()), (len, sizes.len()));
            prop_assert_eq!(axis.largest(), *sizes.iter().max().unwrap());
            for index in 0..len {
                prop_assert!(axis.range(axis.chunk_of(index)).contains(&index));
            }
        }

        #[test]
        fn even_chunks_are_the_same_listed(len in 0..40_usize, size in 1..12_usize) {
            let even = AxisChunks::even(len, size).unwrap();
            prop_assert_eq!(&AxisChunks::of_sizes(even.sizes()), &even);
            prop_assert_eq!(even.sizes().sum::<usize>(), len);
        }
    }

    #[test]
    fn windows_count_in_row_major_order() {
        let chunks = Chunks::even(&[5, 4], &[3, 2]).unwrap();
        let window = chunks.window(3);
        assert_eq!((window.range(0), window.range(1)), (3..5, 2..4));
    }

    #[test]
    fn bad_chunks_are_refused_with_their_numbers() {
        let told = |result: Result<AxisChunks>| result.unwrap_err().to_string();
        assert_eq!(
            told(AxisChunks::even(5, 0)),
            "argument `chunks` is 0 for an axis of 5, but a chunk has at least 1 element"
        );
        assert_eq!(
            told(AxisChunks::listed(5, &[2, 0, 3])),
            "chunk 1 of argument `chunks` is 0, but a chunk has at least 1 element"
        );
        assert_eq!(
            told(AxisChunks::listed(5, &[2, 2])),
            "argument `chunks` adds up to 4, but the axis has 5 elements"
        );
        assert_eq!(
            told(AxisChunks::listed(5, &[2, usize::MAX])),
            "argument `chunks` adds up to more than can be counted, but the axis has 5 elements"
        );
        let error = Chunks::even(&[2, 3], &[1]).unwrap_err();
        assert_eq!(error.to_string(), "argument `chunks` has 1 sizes, but the array has 2 axes");
    }

    #[test]
    fn a_thousand_million_chunks_are_a_formula() {
        let chunks = Chunks::even(&[1 << 40, 1 << 20], &[1 << 20, 1 << 10]).unwrap();
        assert_eq!(chunks.count(), 1 << 30);
        assert_eq!(chunks.window((1 << 30) - 1).range(1), (1 << 20) - (1 << 10)..1 << 20);
    }
}
