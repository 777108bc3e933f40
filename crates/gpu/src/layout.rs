//! Where the elements of an array lie: shape, strides, and the first of them.

use ndarray::{Dimension, IxDyn};

use crate::error::{Error, ErrorKind, Result};

/// Shape, strides and offset, all in elements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Layout<D> {
    pub(crate) dim: D,
    pub(crate) strides: Vec<isize>,
    /// Of the element with index 0.
    pub(crate) offset: usize,
}

impl<D: Dimension> Layout<D> {
    /// Row-major and dense, from the beginning.
    pub(crate) fn standard(dim: D) -> Self {
        let mut strides = vec![0; dim.ndim()];
        let mut step = 1_isize;
        for (stride, &len) in strides.iter_mut().zip(dim.slice()).rev() {
            *stride = step;
            step = step.wrapping_mul(len.cast_signed());
        }
        Self { dim, strides, offset: 0 }
    }

    pub(crate) fn shape(&self) -> &[usize] {
        self.dim.slice()
    }

    pub(crate) fn len(&self) -> usize {
        // The other axes of an empty array may be of any length.
        if self.shape().contains(&0) { 0 } else { self.shape().iter().product() }
    }

    /// How far it is from one element to the next along an axis; 0 where there is none to go to, whose
    /// stride may be anything.
    pub(crate) fn step(&self, axis: usize) -> isize {
        if self.shape()[axis] > 1 { self.strides[axis] } else { 0 }
    }

    /// Whether the elements lie row-major and dense, wherever they begin.
    pub(crate) fn is_standard(&self) -> bool {
        let mut step = 1;
        self.len() == 0
            || self.shape().iter().zip(&self.strides).rev().all(|(&len, &stride)| {
                let fits = len == 1 || stride == step;
                step *= len.cast_signed();
                fits
            })
    }

    /// The first and the last place that an element lies at; none if there are no elements.
    pub(crate) fn span(&self) -> Option<(usize, usize)> {
        if self.len() == 0 {
            return None;
        }
        let (mut low, mut high) = (self.offset, self.offset);
        for (&len, &stride) in self.shape().iter().zip(&self.strides) {
            let reach = (len - 1) * stride.unsigned_abs();
            if stride < 0 { low -= reach } else { high += reach }
        }
        Some((low, high))
    }

    /// How many elements lie from the first of [`span`](Self::span) to the last.
    pub(crate) fn reach(&self) -> usize {
        self.span().map_or(0, |(low, high)| high - low + 1)
    }

    /// The same with any number of axes.
    pub(crate) fn into_dyn(self) -> Layout<IxDyn> {
        Layout { dim: self.dim.into_dyn(), strides: self.strides, offset: self.offset }
    }

    /// Broadcast to a shape: axes of length 1 and such that are missing in front are repeated.
    pub(crate) fn broadcast<E: Dimension>(&self, dim: E) -> Result<Layout<E>> {
        let more = dim.ndim().checked_sub(self.shape().len());
        let fits = more.is_some_and(|more| {
            let wanted = dim.slice()[more..].iter();
            self.shape().iter().zip(wanted).all(|(&from, &to)| from == to || from == 1)
        });
        let Some(more) = more.filter(|_| fits) else {
            let message = format!(
                "an array of shape {:?} cannot be broadcast to shape {:?}",
                self.shape(),
                dim.slice()
            );
            return Err(Error::new(ErrorKind::Shape, message));
        };
        let len = dim.slice().iter().try_fold(1_usize, |len, &n| len.checked_mul(n));
        if !dim.slice().contains(&0) && len.is_none_or(|len| isize::try_from(len).is_err()) {
            let message = format!("an array of shape {:?} has too many elements", dim.slice());
            return Err(Error::new(ErrorKind::TooLarge, message));
        }
        let mut strides = vec![0; more];
        let own = self.shape().iter().zip(&self.strides).zip(&dim.slice()[more..]);
        strides.extend(own.map(|((&from, &stride), &to)| if from == to { stride } else { 0 }));
        Ok(Layout { dim, strides, offset: self.offset })
    }
}

impl Layout<IxDyn> {
    /// Only indices `from..to` of an axis.
    pub(crate) fn narrow(&self, axis: usize, from: usize, to: usize) -> Self {
        let mut narrowed = self.clone();
        narrowed.dim[axis] = to - from;
        narrowed.offset =
            narrowed.offset.wrapping_add_signed(self.strides[axis] * from.cast_signed());
        narrowed
    }
}

/// Cuts layouts of one shape into parts, along the same axes, so that no part of any spans more elements
/// than `most` says for it.
pub(crate) fn parts(layouts: &[Layout<IxDyn>], most: &[usize]) -> Vec<Vec<Layout<IxDyn>>> {
    let Some(worst) = (0..layouts.len()).find(|&i| layouts[i].reach() > most[i].max(1)) else {
        return vec![layouts.to_vec()];
    };
    // The axis along which the layout reaches farthest.
    let reach = |&axis: &usize| {
        let layout = &layouts[worst];
        (layout.shape()[axis] - 1) * layout.strides[axis].unsigned_abs()
    };
    let axes = (0..layouts[worst].shape().len()).rev();
    let Some(axis) = axes.max_by_key(reach) else { return vec![layouts.to_vec()] };
    let len = layouts[worst].shape()[axis];
    let half = len.next_power_of_two() / 2;
    let cut = |from, to| -> Vec<_> { layouts.iter().map(|l| l.narrow(axis, from, to)).collect() };
    let mut all = parts(&cut(0, half), most);
    all.extend(parts(&cut(half, len), most));
    all
}

/// The same elements in the same order with as few axes as can be: those of length 1 go, and neighbours
/// that all layouts walk as one become one.
pub(crate) fn collapsed(layouts: &[Layout<IxDyn>]) -> Vec<Layout<IxDyn>> {
    let Some(shape) = layouts.first().map(|layout| layout.shape().to_vec()) else { return vec![] };
    // Axes from the last to the first: lengths, and strides of each layout.
    let mut axes: Vec<(usize, Vec<isize>)> = vec![];
    for (axis, &len) in shape.iter().enumerate().rev() {
        if len == 1 {
            continue;
        }
        let strides: Vec<_> = layouts.iter().map(|layout| layout.strides[axis]).collect();
        match axes.last_mut() {
            Some((inner, steps))
                if strides.iter().zip(&*steps).all(|(s, t)| *s == t * inner.cast_signed()) =>
            {
                *inner *= len;
            }
            _ => axes.push((len, strides)),
        }
    }
    axes.reverse();
    let dim = IxDyn(&axes.iter().map(|(len, _)| *len).collect::<Vec<_>>());
    let one = |(at, layout): (usize, &Layout<IxDyn>)| Layout {
        dim: dim.clone(),
        strides: axes.iter().map(|(_, strides)| strides[at]).collect(),
        offset: layout.offset,
    };
    layouts.iter().enumerate().map(one).collect()
}

#[cfg(test)]
mod tests {
    use ndarray::{Dimension, IxDyn};

    use super::{Layout, collapsed, parts};

    #[test]
    fn spans_and_broadcasts() {
        let layout = Layout::standard(IxDyn(&[3, 1, 5]));
        assert_eq!(layout.strides, [5, 5, 1]);
        assert_eq!(layout.span(), Some((0, 14)));
        let wide = layout.broadcast(IxDyn(&[2, 3, 4, 5])).unwrap();
        assert_eq!(wide.strides, [0, 5, 0, 1]);
        assert_eq!(wide.span(), Some((0, 14)));
        let error = layout.broadcast(IxDyn(&[3, 4, 6])).unwrap_err();
        assert_eq!(
            error.to_string(),
            "an array of shape [3, 1, 5] cannot be broadcast to shape [3, 4, 6]"
        );
        assert_eq!(Layout::standard(IxDyn(&[3, 0])).span(), None);
        assert_eq!(Layout::standard(IxDyn(&[usize::MAX, usize::MAX, 0])).len(), 0);
        let error = layout.broadcast(IxDyn(&[usize::MAX, 3, 2, 5])).unwrap_err();
        assert_eq!(error.kind(), crate::ErrorKind::TooLarge);
        assert_eq!(Layout::standard(IxDyn(&[])).span(), Some((0, 0)));
        assert_eq!([0, 1, 2].map(|axis| layout.step(axis)), [5, 0, 1]);
    }

    #[test]
    fn parts_are_small_and_cover_all() {
        let row = Layout::standard(IxDyn(&[7, 5]));
        let column = Layout { dim: IxDyn(&[7, 5]), strides: vec![1, 7], offset: 3 };
        let back = Layout { dim: IxDyn(&[7, 5]), strides: vec![-5, 1], offset: 30 };
        for most in [1, 2, 4, 5, 8, 34, 35] {
            let cut = parts(&[row.clone(), column.clone(), back.clone()], &[most; 3]);
            let mut seen = [0; 35];
            for part in &cut {
                for layout in part {
                    let (low, high) = layout.span().unwrap();
                    assert!(high - low < most, "{most}");
                    assert_eq!(layout.shape(), part[0].shape());
                }
                let shape = part[0].dim.clone();
                for (i, j) in (0..shape[0]).flat_map(|i| (0..shape[1]).map(move |j| (i, j))) {
                    let at = |l: &Layout<IxDyn>| {
                        let steps = l.strides[0] * i.cast_signed() + l.strides[1] * j.cast_signed();
                        l.offset.wrapping_add_signed(steps)
                    };
                    let place = at(&part[0]);
                    seen[place] += 1;
                    assert_eq!(at(&part[1]), 3 + place / 5 + place % 5 * 7);
                    assert_eq!(at(&part[2]), 30 - place / 5 * 5 + place % 5);
                }
            }
            assert_eq!(seen, [1; 35]);
        }
        assert_eq!(parts(&[Layout::standard(IxDyn(&[]))], &[1])[0][0].dim.ndim(), 0);
    }

    #[test]
    fn axes_are_as_few_as_can_be() {
        let dense = Layout::standard(IxDyn(&[4, 1, 5, 6]));
        let all = collapsed(&[dense.clone(), dense.clone()]);
        assert_eq!((all[0].shape(), &all[1].strides[..]), (&[120][..], &[1][..]));
        let row = Layout::standard(IxDyn(&[6])).broadcast(dense.dim.clone()).unwrap();
        let all = collapsed(&[dense.clone(), row]);
        assert_eq!((all[0].shape(), &all[1].strides[..]), (&[20, 6][..], &[0, 1][..]));
        let one = Layout::standard(IxDyn(&[])).broadcast(dense.dim.clone()).unwrap();
        let all = collapsed(&[dense, one]);
        assert_eq!((all[0].shape(), &all[1].strides[..]), (&[120][..], &[0][..]));
        assert_eq!(collapsed(&[Layout::standard(IxDyn(&[1, 1]))])[0].shape(), [0; 0]);
    }
}
