//! How a chunk is gone through.

use std::ops::Range;

use smallvec::SmallVec;

use crate::window::{Dims, Window};

/// How many elements are worked on at a time, so that what an expression makes of them stays in the first caches.
pub(crate) const TILE: usize = 2048;

/// How many elements of a row a tile has where it has several rows: as many as make whole cache lines of those
/// that a transpose reads by columns.
pub(crate) const RUN: usize = 256;

/// How many bytes are read and collected at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Portions {
    /// So many before they are worked on, and before they are written.
    pub(crate) bytes: usize,
    /// Of what is seen across its rows, as a transpose sees it, up to so many for all of a chunk, before its portions.
    pub(crate) ahead: usize,
}

/// From what is best to what must do where memory is short. Megabytes leave the second cache, but what is read across the rows
/// of a file then lies in runs of some thousand bytes: 4 MiB take half the processor time of 1 MiB there, and as much
/// elsewhere. A transposed chunk of 8 MiB has runs of 8 KiB if it is read ahead, which takes two thirds of the time.
pub(crate) const PORTIONS: [Portions; 4] = [
    Portions { bytes: 4 << 20, ahead: 8 << 20 },
    Portions { bytes: 4 << 20, ahead: 0 },
    Portions { bytes: 1 << 20, ahead: 0 },
    Portions { bytes: 1 << 18, ahead: 0 },
];

/// How many bytes are read where all is read in rows that stay as long as with more: they are in the second cache when they
/// are worked on.
pub(crate) const IN_CACHE: usize = 1 << 19;

/// The shape of the tiles of a chunk. It depends on the shape of the chunk alone: the order in which elements are
/// added up must not depend on what else the plan does.
pub(crate) fn tile_shape(chunk: &[usize]) -> Dims {
    let mut tile: Dims = chunk.iter().map(|_| 1).collect();
    let Some(last) = chunk.len().checked_sub(1) else { return tile };
    tile[last] = chunk[last].clamp(1, RUN);
    let mut left = TILE / tile[last];
    for axis in (0..last).rev() {
        tile[axis] = chunk[axis].clamp(1, left.max(1));
        left /= tile[axis];
    }
    // Where there are few rows, they are longer.
    tile[last] = chunk[last].clamp(1, tile[last] * left.max(1));
    tile
}

/// The parts of a range, each but the last of one length.
fn steps(range: Range<usize>, step: usize) -> impl Iterator<Item = Range<usize>> {
    let end = range.end;
    range.step_by(step.max(1)).map(move |start| start..(start + step).min(end))
}

/// Calls `each` with the parts of a window, in row-major order. The window has elements.
pub(crate) fn parts<E>(
    window: &Window,
    shape: &[usize],
    mut each: impl FnMut(&Window) -> Result<(), E>,
) -> Result<(), E> {
    fn go<E>(
        axis: usize,
        window: &Window,
        shape: &[usize],
        part: &mut Window,
        each: &mut impl FnMut(&Window) -> Result<(), E>,
    ) -> Result<(), E> {
        if axis == window.ndim() {
            return each(part);
        }
        for range in steps(window.range(axis), shape[axis]) {
            part.set(axis, range);
            go(axis + 1, window, shape, part, each)?;
        }
        Ok(())
    }
    go(0, window, shape, &mut window.clone(), &mut each)
}

/// The same, with the part that comes next.
pub(crate) fn parts_and_next<E>(
    window: &Window,
    shape: &[usize],
    mut each: impl FnMut(&Window, Option<&Window>) -> Result<(), E>,
) -> Result<(), E> {
    let mut before: Option<Window> = None;
    parts(window, shape, |part| match before.replace(part.clone()) {
        Some(before) => each(&before, Some(part)),
        None => Ok(()),
    })?;
    before.map_or(Ok(()), |last| each(&last, None))
}

/// The shape of the parts of a chunk that are read at a time: whole tiles, cut along the first axes only, so that
/// going through all parts meets the tiles in the same order as going through the chunk.
pub(crate) fn portion_shape(
    chunk: &[usize],
    most: usize,
    bytes_of: impl Fn(&[usize]) -> usize,
) -> Dims {
    let tile = tile_shape(chunk);
    let mut portion: Dims = chunk.into();
    for axis in 0..chunk.len() {
        if bytes_of(&portion) <= most {
            break;
        }
        portion[axis] = tile[axis].min(chunk[axis]);
        if bytes_of(&portion) <= most {
            grow(&mut portion, axis, (tile[axis], chunk[axis]), most, &bytes_of);
            break;
        }
    }
    portion
}

/// Makes a portion at least so long along each axis, in whole tiles. It has all of the axes behind the first one that was
/// too short: else its tiles would come in another order.
pub(crate) fn lengthen(portion: &mut Dims, chunk: &[usize], least: impl Fn(usize) -> usize) {
    let is_short = |axis: usize| portion[axis] < chunk[axis].min(least(axis));
    let Some(axis) = (0..chunk.len()).find(|&axis| is_short(axis)) else { return };
    let tile = tile_shape(chunk)[axis];
    portion[axis] = least(axis).div_ceil(tile).saturating_mul(tile).min(chunk[axis]);
    portion[axis + 1..].copy_from_slice(&chunk[axis + 1..]);
}

/// As many tiles along an axis as a portion may have.
fn grow(
    portion: &mut Dims,
    axis: usize,
    (tile, chunk): (usize, usize),
    most: usize,
    bytes_of: &impl Fn(&[usize]) -> usize,
) {
    while portion[axis] < chunk {
        let before = portion[axis];
        portion[axis] = (before + tile).min(chunk);
        if bytes_of(portion) > most {
            portion[axis] = before;
            return;
        }
    }
}

/// The rows of a window: for each the index of its first element, in row-major order, and how many elements each
/// has. A window without axes is a row of one element.
pub(crate) fn rows(window: &Window) -> (usize, impl Iterator<Item = Dims> + use<>) {
    let ndim = window.ndim();
    let len = window.shape().last().copied().unwrap_or(1);
    let outer: SmallVec<[usize; 4]> = window.shape()[..ndim.saturating_sub(1)].into();
    let count: usize = outer.iter().product();
    let start: SmallVec<[usize; 4]> = window.start().into();
    let rows = (0..count).map(move |row| {
        let mut at = start.clone();
        let mut rest = row;
        for axis in (0..outer.len()).rev() {
            at[axis] += rest % outer[axis];
            rest /= outer[axis];
        }
        at
    });
    (len, rows)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tiles(chunk: &[usize], of: &Window) -> Vec<Window> {
        tiles_of(of, &tile_shape(chunk))
    }

    fn tiles_of(window: &Window, shape: &[usize]) -> Vec<Window> {
        let mut found = vec![];
        parts::<()>(window, shape, |tile| {
            found.push(tile.clone());
            Ok(())
        })
        .unwrap();
        found
    }

    #[test]
    fn tiles_are_some_thousand_elements() {
        assert_eq!(tile_shape(&[1024, 1024]).as_slice(), [8, 256]);
        assert_eq!(tile_shape(&[1_000_000]).as_slice(), [2048]);
        assert_eq!(tile_shape(&[1_000_000, 3]).as_slice(), [682, 3]);
        assert_eq!(tile_shape(&[2, 1_000_000]).as_slice(), [2, 1024]);
        assert_eq!(tile_shape(&[]).as_slice(), [0; 0]);
        assert_eq!(tile_shape(&[5, 2, 3]).as_slice(), [5, 2, 3]);
    }

    proptest! {
        /// However a chunk is portioned, its tiles come in the same order.
        #[test]
        fn portions_keep_the_order(
            chunk in prop::collection::vec(1..300_usize, 1..4),
            each in 1..2000_usize,
            least in prop::collection::vec(0..100_usize, 3),
        ) {
            let whole = Window::whole(&chunk);
            let mut portion = portion_shape(&chunk, 1 << 20, |shape| shape.iter().product::<usize>() * each);
            lengthen(&mut portion, &chunk, |axis| least[axis]);
            for (axis, len) in portion.iter().enumerate() {
                prop_assert!(*len >= chunk[axis].min(least[axis]));
            }
            let mut found = vec![];
            parts::<()>(&whole, &portion, |part| {
                found.extend(tiles(&chunk, part));
                Ok(())
            }).unwrap();
            prop_assert_eq!(found, tiles(&chunk, &whole));
        }
    }

    #[test]
    fn each_part_is_told_the_next() {
        let told = |len: usize, until: usize| {
            let mut found = vec![];
            let ended = parts_and_next(&Window::whole(&[2, len]), &[1, 3], |part, next| {
                found.push((part.clone(), next.cloned()));
                if found.len() < until { Ok(()) } else { Err(()) }
            });
            (found, ended)
        };
        let (found, ended) = told(5, 9);
        assert_eq!((found.len(), ended), (4, Ok(())));
        let behind = found.iter().skip(1).map(|(part, _)| Some(part)).chain([None]);
        assert!(found.iter().map(|(_, next)| next.as_ref()).eq(behind));
        let all = tiles_of(&Window::whole(&[2, 5]), &[1, 3]);
        assert!(found.iter().map(|(part, _)| part).eq(&all));
        // What ends it ends it at once.
        assert_eq!(told(5, 2).1, Err(()));
        assert_eq!(told(5, 2).0, found[..2]);
        assert_eq!(told(5, 4).1, Err(()));
    }
}
