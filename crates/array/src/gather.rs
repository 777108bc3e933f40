//! Elements that lie here and there, put one after another.

use crate::element::Element;

/// Copies the elements of a box into `out`: those at `first` and by `strides` from there, in row-major order of
/// `shape`. There are as many as `out` has.
pub(crate) fn gather<T: Element>(
    elements: &[T],
    first: usize,
    strides: &[isize],
    shape: &[usize],
    out: &mut [T],
) {
    let Some((&len, outer)) = shape.split_last() else {
        out.copy_from_slice(&elements[first..=first]);
        return;
    };
    let Some((&stride, strides)) = strides.split_last() else { return };
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
            for (i, to) in out.iter_mut().enumerate() {
                *to = elements[first.wrapping_add_signed(stride * i.cast_signed())];
            }
        }
    });
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
    let mut index: smallvec::SmallVec<[usize; 4]> = smallvec::SmallVec::from_elem(0, shape.len());
    let mut place = first;
    for part in out.chunks_exact_mut(len) {
        row(place, part);
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
    fn a_number_and_nothing() {
        let mut out = [0];
        gather(&[7, 8], 1, &[], &[], &mut out);
        assert_eq!(out, [8]);
        gather::<i32>(&[], 0, &[3, 1], &[0, 3], &mut []);
    }
}
