//! Elements that lie here and there, put one after another.

use std::ops::Range;

use smallvec::SmallVec;
use tenfold_kernel::{Loop, vectorized};

use crate::element::Element;
use crate::reduce::TOGETHER;
use crate::window::Dims;

/// Copies the elements of a box into `out`: those at `first` and by `strides` from there, in row-major order of
/// `shape`. There are as many as `out` has.
pub(crate) fn gather<T: Element>(
    elements: &[T],
    first: usize,
    strides: &[isize],
    shape: &[usize],
    out: &mut [T],
) {
    let (shape, strides) = joined(shape, strides);
    let [outer @ .., len] = shape.as_slice() else {
        out.copy_from_slice(&elements[first..=first]);
        return;
    };
    let (&len, [strides @ .., stride]) = (len, strides.as_slice()) else { return };
    let stride = *stride;
    if let ([.., rows], [.., between]) = (outer, strides)
        && stride.unsigned_abs() > between.unsigned_abs()
        && *between == 1
    {
        // A transpose: along its rows elements of the array lie apart, along its columns together.
        let plane = rows * len;
        let outer = &outer[..outer.len() - 1];
        let strides = &strides[..strides.len() - 1];
        each_row(first, strides, outer, plane, out, |first, out| {
            transpose(elements, first, stride, len, out);
        });
        return;
    }
    each_row(first, strides, outer, len, out, |first, out| match stride {
        1 => out.copy_from_slice(&elements[first..first + len]),
        0 => out.fill(elements[first]),
        _ => {
            let last = first.wrapping_add_signed(stride * (len - 1).cast_signed());
            let row = &elements[first.min(last)..=first.max(last)];
            vectorized(Strided { row, stride, out });
        }
    });
}

/// Copies the elements of a row that lie apart, or backwards.
struct Strided<'a, T> {
    row: &'a [T],
    stride: isize,
    out: &'a mut [T],
}

impl<T: Copy> Loop for Strided<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { row, stride, out } = self;
        match (stride, stride.unsigned_abs()) {
            (-1, _) => copy(out, row.iter().rev()),
            // The compiler makes more of an apartness that it knows.
            (2, _) => copy(out, row.iter().step_by(2)),
            (1.., apart) => copy(out, row.iter().step_by(apart)),
            (_, apart) => copy(out, row.iter().rev().step_by(apart)),
        }
    }
}

#[inline(always)]
fn copy<'a, T: Copy + 'a>(out: &mut [T], from: impl Iterator<Item = &'a T>) {
    for (out, &element) in out.iter_mut().zip(from) {
        *out = element;
    }
}

/// Writes elements, dense in row-major order of `shape`, where they belong in `out`: at `first` and by `strides` from
/// there.
pub(crate) fn scatter<T: Element>(
    elements: &[T],
    shape: &[usize],
    out: &mut [T],
    first: usize,
    strides: &[isize],
) {
    let (shape, strides) = joined(shape, strides);
    let [outer @ .., len] = shape.as_slice() else {
        out[first] = elements[0];
        return;
    };
    let [strides @ .., stride] = strides.as_slice() else { return };
    each_place(first, strides, outer, |at, place| {
        let row = &elements[at * len..(at + 1) * len];
        if *stride == 1 {
            out[place..place + len].copy_from_slice(row);
            return;
        }
        for (i, &element) in row.iter().enumerate() {
            out[place.wrapping_add_signed(stride * i.cast_signed())] = element;
        }
    });
}

/// How many rows and columns are turned round at a time: whole cache lines of most elements, and few enough that lines do not
/// drive each other out of the first cache where they lie a power of two apart.
const BLOCK: usize = 8;

/// Copies elements, dense in row-major order of `shape`, to `out`, where neighbours along each axis lie by strides apart,
/// those along one of the axes before the last best one after another.
pub(crate) fn permute<T: Element>(elements: &[T], shape: &[usize], out: &mut [T], to: &[isize]) {
    let last = shape.len().saturating_sub(1);
    let Some(rows) = (0..last).find(|&axis| to[axis] == 1) else {
        return scatter(elements, shape, out, 0, to);
    };
    let from = dense_strides(shape);
    let plane = Plane {
        rows: shape[rows],
        columns: shape[last],
        from: from[rows].unsigned_abs(),
        to: to[last].unsigned_abs(),
    };
    // Each plane of the two axes, of which one lies together here and one there.
    let mut outer = Dims::from(shape);
    (outer[rows], outer[last]) = (1, 1);
    each_pair_of_places(&outer, [&from, to], |[from, to]| {
        plane.turn(&elements[from.unsigned_abs()..], &mut out[to.unsigned_abs()..]);
    });
}

/// A matrix that is transposed.
struct Plane {
    rows: usize,
    columns: usize,
    /// How far its rows lie apart, and its columns where they become rows.
    from: usize,
    to: usize,
}

impl Plane {
    fn turn<T: Copy>(&self, elements: &[T], out: &mut [T]) {
        for column in (0..self.columns).step_by(BLOCK) {
            for row in (0..self.rows).step_by(BLOCK) {
                let columns = column..(column + BLOCK).min(self.columns);
                let rows = row..(row + BLOCK).min(self.rows);
                self.block(elements, out, rows, columns);
            }
        }
    }

    fn block<T: Copy>(
        &self,
        elements: &[T],
        out: &mut [T],
        rows: Range<usize>,
        columns: Range<usize>,
    ) {
        for column in columns {
            let row_of = &mut out[column * self.to..][rows.clone()];
            for (to, row) in row_of.iter_mut().zip(rows.clone()) {
                *to = elements[row * self.from + column];
            }
        }
    }
}

/// The same box with fewer axes: without those of one element, and with those as one that lie one after another.
fn joined(shape: &[usize], strides: &[isize]) -> (Dims, SmallVec<[isize; 4]>) {
    let (mut lens, mut steps) = (Dims::new(), SmallVec::<[isize; 4]>::new());
    for (&len, &step) in shape.iter().zip(strides).filter(|(len, _)| **len != 1) {
        match (lens.last_mut(), steps.last_mut()) {
            (Some(outer), Some(before)) if *before == step * len.cast_signed() => {
                *outer *= len;
                *before = step;
            }
            _ => {
                lens.push(len);
                steps.push(step);
            }
        }
    }
    (lens, steps)
}

/// The distances between elements along each axis of an array that lies densely in row-major order.
pub(crate) fn dense_strides(shape: &[usize]) -> SmallVec<[isize; 4]> {
    let mut strides = SmallVec::from_elem(1, shape.len());
    for axis in (1..shape.len()).rev() {
        strides[axis - 1] = strides[axis] * shape[axis].cast_signed();
    }
    strides
}

/// Whether a box lies in row-major order with nothing between.
pub(crate) fn is_dense(shape: &[usize], strides: &[isize]) -> bool {
    let mut len = 1;
    shape.iter().zip(strides).rev().all(|(&along, &stride)| {
        let goes_on = along == 1 || stride == len;
        len *= along.cast_signed();
        goes_on
    })
}

/// Where elements lie that are gone through row by row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// The first element.
    pub(crate) first: usize,
    /// How many lie together.
    pub(crate) row: usize,
    /// How far rows lie apart.
    pub(crate) apart: isize,
}

impl Place {
    /// One row of so many, or of none.
    pub(crate) fn dense(first: usize, len: usize) -> Self {
        Self { first, row: len.max(1), apart: len.cast_signed() }
    }
}

/// Where a box lies at `first` and by `strides`, if it lies in rows of one length that lie as far apart.
pub(crate) fn in_rows(first: usize, shape: &[usize], strides: &[isize]) -> Option<Place> {
    let (shape, strides) = joined(shape, strides);
    match (&*shape, &*strides) {
        ([], _) => Some(Place::dense(first, 1)),
        (&[row], [1]) => Some(Place::dense(first, row)),
        (&[_, row], &[apart, 1]) if row >= TOGETHER => Some(Place { first, row, apart }),
        _ => None,
    }
}

/// Writes rows of `len` elements, whose neighbours in a row lie `stride` apart, and those in a column together.
fn transpose<T: Element>(elements: &[T], first: usize, stride: isize, len: usize, out: &mut [T]) {
    let rows = out.len() / len;
    for column in 0..len {
        let from = first.wrapping_add_signed(stride * column.cast_signed());
        for (row, &element) in elements[from..from + rows].iter().enumerate() {
            out[row * len + column] = element;
        }
    }
}

/// Cuts `out` into rows of `len`, and calls `row` with the place of each row's first element.
fn each_row<T>(
    first: usize,
    strides: &[isize],
    shape: &[usize],
    len: usize,
    out: &mut [T],
    mut row: impl FnMut(usize, &mut [T]),
) {
    if out.is_empty() {
        return;
    }
    each_place(first, strides, shape, |at, place| row(place, &mut out[at * len..(at + 1) * len]));
}

/// Calls `each` with the number of each element of a box in row-major order, and its place.
pub(crate) fn each_place(
    first: usize,
    strides: &[isize],
    shape: &[usize],
    mut each: impl FnMut(usize, usize),
) {
    let mut index = Dims::from_elem(0, shape.len());
    let mut place = first;
    for at in 0..shape.iter().product() {
        each(at, place);
        for axis in (0..shape.len()).rev() {
            index[axis] += 1;
            place = place.wrapping_add_signed(strides[axis]);
            if index[axis] < shape[axis] {
                break;
            }
            place = place.wrapping_add_signed(-strides[axis] * shape[axis].cast_signed());
            index[axis] = 0;
        }
    }
}

/// Calls `each` with how far each element of a box lies from the first, in row-major order, where the box lies in two
/// ways.
pub(crate) fn each_pair_of_places(
    shape: &[usize],
    strides: [&[isize]; 2],
    mut each: impl FnMut([isize; 2]),
) {
    let mut index = Dims::from_elem(0, shape.len());
    let mut places = [0; 2];
    for _ in 0..shape.iter().product() {
        each(places);
        for axis in (0..shape.len()).rev() {
            index[axis] += 1;
            places = [0, 1].map(|of| strides[of][axis].wrapping_add(places[of]));
            if index[axis] < shape[axis] {
                break;
            }
            let back = -shape[axis].cast_signed();
            places = [0, 1].map(|of| strides[of][axis].wrapping_mul(back).wrapping_add(places[of]));
            index[axis] = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array3, s};

    use super::*;

    fn check(strides: &[isize], first: usize, expected: ndarray::ArrayView3<'_, i32>) {
        let elements: Vec<i32> = (0..60).collect();
        let mut out = vec![0; expected.len()];
        gather(&elements, first, strides, expected.shape(), &mut out);
        assert_eq!(out, expected.iter().copied().collect::<Vec<_>>());
    }

    #[test]
    fn boxes_of_all_strides() {
        let array = Array3::from_shape_vec((3, 4, 5), (0..60).collect()).unwrap();
        check(&[20, 5, 1], 0, array.view());
        check(&[1, 5, 20], 0, array.view().reversed_axes());
        check(&[20, 1, 5], 0, array.view().permuted_axes([0, 2, 1]));
        check(&[-20, 5, 2], 40, array.slice(s![..;-1, .., ..;2]));
        check(&[20, 0, 1], 5, array.slice(s![.., 1..2, ..]).broadcast((3, 7, 5)).unwrap());
        check(&[20, 5, 0], 4, array.slice(s![.., .., 4..]).broadcast((3, 4, 2)).unwrap());
    }

    #[test]
    fn what_is_scattered_is_gathered_again() {
        for (shape, first, strides) in [
            ([3, 4, 5], 0, [20, 5, 1]),
            ([3, 1, 5], 5, [20, 5, 1]),
            ([2, 3, 4], 59, [-20, -5, -1]),
            ([4, 5, 3], 0, [5, 1, 20]),
            ([1, 1, 1], 7, [20, 5, 1]),
        ] {
            let elements: Vec<u64> = (1..=shape.iter().product::<usize>() as u64).collect();
            let (mut there, mut back) = (vec![0_u64; 60], vec![0; elements.len()]);
            scatter(&elements, &shape, &mut there, first, &strides);
            assert_eq!(there.iter().filter(|&&element| element > 0).count(), elements.len());
            gather(&there, first, &strides, &shape, &mut back);
            assert_eq!(back, elements);
        }
    }

    #[test]
    fn axes_in_any_order() {
        let array =
            Array3::from_shape_fn((11, 20, 19), |(i, j, k)| (i * 1000 + j * 100 + k) as u64);
        for order in [[2, 1, 0], [1, 2, 0], [0, 2, 1], [2, 0, 1]] {
            let expected = array.view().permuted_axes(order);
            let dense = dense_strides(expected.shape());
            let mut to = dense.clone();
            for (axis, from) in order.into_iter().enumerate() {
                to[from] = dense[axis];
            }
            let mut out = vec![0; array.len()];
            permute(array.as_slice().unwrap(), array.shape(), &mut out, &to);
            assert_eq!(out, expected.iter().copied().collect::<Vec<_>>());
        }
    }

    #[test]
    fn boxes_that_lie_in_rows() {
        let place = |first, shape: &[usize], strides: &[isize]| in_rows(first, shape, strides);
        let found = |first, row, apart| Some(Place { first, row, apart });
        assert_eq!(place(5, &[3, 4], &[4, 1]), found(5, 12, 12));
        assert_eq!(place(5, &[3, 100], &[400, 1]), found(5, 100, 400));
        assert_eq!(place(900, &[3, 1, 100], &[-400, 7, 1]), found(900, 100, -400));
        assert_eq!(place(5, &[3, 2, 50], &[400, 50, 1]), found(5, 100, 400));
        assert_eq!(place(5, &[3, 100], &[0, 1]), found(5, 100, 0));
        assert_eq!(place(5, &[3, 10], &[400, 1]), None, "short rows are copied");
        assert_eq!(place(5, &[2, 3, 100], &[900, 200, 1]), None);
        assert_eq!(place(5, &[3, 100], &[100, 2]), None);
        assert_eq!(place(5, &[], &[]), found(5, 1, 1));
    }

    #[test]
    fn a_number_and_nothing() {
        let mut out = [0];
        gather(&[7, 8], 1, &[], &[], &mut out);
        assert_eq!(out, [8]);
        gather::<i32>(&[], 0, &[3, 1], &[0, 3], &mut []);
    }
}
