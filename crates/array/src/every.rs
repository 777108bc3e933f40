//! Leaves of which only every so many rows are read.

use crate::view::{AxisMap, View};
use crate::window::{Dims, Window, bytes_of};

/// How many bytes a row must have that is left out rather than read in vain.
const ROW: usize = 4096;

/// Of an axis of a source only every `step`-th index, from `first` on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Every {
    pub(crate) axis: usize,
    first: usize,
    pub(crate) step: usize,
    /// The shape of the source.
    pub(crate) whole: Dims,
}

impl Every {
    /// What a view shows of a source, if it leaves out rows that are worth it, and the view of what is left.
    pub(crate) fn of(shape: &[usize], view: &View, each: usize) -> Option<(Self, View)> {
        let mut rest = view.clone();
        for (axis, map) in rest.maps.iter_mut().enumerate() {
            let AxisMap::Along { axis: along, start, step } = *map else { continue };
            let len = view.shape[along];
            if step.unsigned_abs() < 2 || len == 0 || bytes_of(&shape[axis + 1..], each) < ROW {
                continue;
            }
            let last = len - 1;
            let (first, start) = match step > 0 {
                true => (start, 0),
                false => (crate::view::moved(start, step, last), last),
            };
            *map = AxisMap::Along { axis: along, start, step: step.signum() };
            let step = step.unsigned_abs();
            return Some((Self { axis, first, step, whole: shape.into() }, rest));
        }
        None
    }

    /// The shape of what is left.
    pub(crate) fn shape(&self) -> Dims {
        let mut shape = self.whole.clone();
        shape[self.axis] = (self.whole[self.axis] - self.first).div_ceil(self.step);
        shape
    }

    /// Calls `each` with the windows of the source that a window of what is left consists of, one after another.
    pub(crate) fn each<E>(
        &self,
        window: &Window,
        mut each: impl FnMut(&Window) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut rows = Dims::from(window.shape());
        rows[..=self.axis].fill(1);
        crate::tile::parts(window, &rows, |row| {
            let mut row = row.clone();
            let at = self.first + self.step * row.start()[self.axis];
            row.set(self.axis, at..at + 1);
            each(&row)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_are_left_out() {
        // x[-1::-3, ..] of 8 rows: 7, 4, 1.
        let mut view = View::whole(&[8, 2000]);
        view.shape = [3, 2000].as_slice().into();
        view.maps[0] = AxisMap::Along { axis: 0, start: 7, step: -3 };
        let (every, rest) = Every::of(&[8, 2000], &view, 8).unwrap();
        assert_eq!(every.shape().as_slice(), [3, 2000]);
        assert_eq!(rest.maps[0], AxisMap::Along { axis: 0, start: 2, step: -1 });
        let mut rows = vec![];
        let Ok(()) = every.each::<std::convert::Infallible>(&Window::new(&[1..3, 5..9]), |row| {
            rows.push(row.clone());
            Ok(())
        });
        assert_eq!(rows, [Window::new(&[4..5, 5..9]), Window::new(&[7..8, 5..9])]);
        assert!(Every::of(&[8, 2000], &view, 1).is_none(), "short rows are read");
        assert!(Every::of(&[8, 2000], &View::whole(&[8, 2000]), 8).is_none());
    }
}
