//! A part of an array that lies in memory in two places.

use std::ops::Range;

use crate::error::Result;
use crate::window::{Dims, Window, count};

/// The runs of elements that lie together in both of two windows, row-major and dense, that hold a part.
///
/// ```text
/// for each row of the part: give(place in the one, place in the other, how many)
/// ```
/// Axes of which both windows have no more than the part are taken together with the one before.
pub(super) fn runs(
    part: &Window,
    one: &Window,
    other: &Window,
    mut give: impl FnMut(usize, usize, usize) -> Result<()>,
) -> Result<()> {
    if part.len() == 0 {
        return Ok(());
    }
    let first = first_of_run(part, one, other);
    let len = count(&part.shape()[first..]);
    let mut index: Dims = part.start().into();
    loop {
        give(place(&index, one), place(&index, other), len)?;
        // The next of the axes before, the last of them first.
        let mut axis = first;
        loop {
            let Some(before) = axis.checked_sub(1) else { return Ok(()) };
            axis = before;
            index[axis] += 1;
            if index[axis] < part.range(axis).end {
                break;
            }
            index[axis] = part.start()[axis];
        }
    }
}

/// The same of one window.
pub(super) fn runs_of(
    part: &Window,
    one: &Window,
    mut give: impl FnMut(usize, usize) -> Result<()>,
) -> Result<()> {
    runs(part, one, part, |at, _, len| give(at, len))
}

/// Where a part lies in a window, if it lies together.
pub(super) fn one_run(part: &Window, window: &Window) -> Option<Range<usize>> {
    let first = first_of_run(part, window, part);
    let at = place(part.start(), window);
    part.shape()[..first].iter().all(|&len| len == 1).then(|| at..at + part.len())
}

/// The first axis of a run: behind it nothing is left out.
fn first_of_run(part: &Window, one: &Window, other: &Window) -> usize {
    let is_cut =
        |axis: usize| [one, other].iter().any(|all| all.shape()[axis] != part.shape()[axis]);
    (0..part.ndim()).rev().find(|&axis| is_cut(axis)).unwrap_or(0)
}

/// Where an index lies in a window.
pub(super) fn place(index: &[usize], window: &Window) -> usize {
    let axes = index.iter().zip(window.start()).zip(window.shape());
    axes.fold(0, |place, ((&index, &start), &len)| place * len + index - start)
}

/// What two windows have in common.
pub(super) fn common(one: &Window, other: &Window) -> Window {
    let mut both = one.clone();
    for axis in 0..one.ndim() {
        let (a, b) = (one.range(axis), other.range(axis));
        let start = a.start.max(b.start);
        both.set(axis, start..a.end.min(b.end).max(start));
    }
    both
}

/// A part of a window, counted from the window's first element on.
pub(super) fn within(part: &Window, window: &Window) -> Window {
    let mut inner = part.clone();
    for (axis, &start) in window.start().iter().enumerate() {
        let range = part.range(axis);
        inner.set(axis, range.start - start..range.end - start);
    }
    inner
}

/// The numbers of the chunks of one shape that have some of a window, as a window of the grid of chunks.
pub(super) fn touched(window: &Window, chunk: &[usize]) -> Window {
    let mut grid = window.clone();
    for (axis, &size) in chunk.iter().enumerate() {
        let range = window.range(axis);
        let end = if range.is_empty() { range.start / size } else { range.end.div_ceil(size) };
        grid.set(axis, range.start / size..end);
    }
    grid
}

/// The indices of a window, in row-major order.
pub(super) fn indices(window: &Window) -> impl Iterator<Item = Dims> {
    let (len, rows) = crate::tile::rows(window);
    rows.flat_map(move |row| {
        (0..len).map(move |i| {
            let mut index = row.clone();
            if let Some(last) = index.last_mut() {
                *last += i;
            }
            index
        })
    })
}

/// The elements of the chunk with this index, those behind the end of the array too.
pub(super) fn chunk_window(index: &[usize], chunk: &[usize]) -> Window {
    let mut window = Window::whole(chunk);
    for (axis, (&i, &size)) in index.iter().zip(chunk).enumerate() {
        window.set(axis, i * size..i * size + size);
    }
    window
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Beside a copy by single elements.
        #[test]
        fn runs_have_every_element_once(
            axes in prop::collection::vec((1..5_usize, 1..5_usize, 0..3_usize, 0..3_usize), 0..4),
        ) {
            let of = |f: fn(&(usize, usize, usize, usize)) -> Range<usize>| {
                Window::new(&axes.iter().map(f).collect::<Vec<_>>())
            };
            let one = of(|&(a, _, from, _)| from..from + a);
            let other = of(|&(_, b, _, from)| from..from + b);
            let part = common(&one, &other);
            let mut came = vec![];
            runs(&part, &one, &other, |a, b, len| {
                came.extend((0..len).map(|i| (a + i, b + i)));
                Ok(())
            }).unwrap();
            let expected: Vec<_> = match part.len() {
                0 => vec![],
                _ => indices(&part).map(|index| (place(&index, &one), place(&index, &other))).collect(),
            };
            prop_assert_eq!(came, expected);
        }
    }

    #[test]
    fn whole_windows_are_one_run() {
        let window = Window::new(&[2..4, 0..3]);
        let mut came = vec![];
        runs_of(&window, &window, |at, len| {
            came.push((at, len));
            Ok(())
        })
        .unwrap();
        assert_eq!(came, [(0, 6)]);
        assert_eq!(indices(&Window::whole(&[])).collect::<Vec<_>>(), [Dims::new()]);
        assert_eq!(touched(&Window::new(&[3..9, 4..4]), &[4, 3]), Window::new(&[0..3, 1..1]));
    }
}
