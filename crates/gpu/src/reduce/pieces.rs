//! What a dispatch reduces at a time of arguments in any layout.

use ndarray::{Dimension, IxDyn};

use crate::layout::Layout;

/// A part of some arguments, with all axes.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    pub(super) dim: IxDyn,
    /// Of the arguments that have axes.
    pub(super) layouts: Vec<Layout<IxDyn>>,
    /// The number of its first element, in row-major order of the whole.
    pub(super) from: usize,
    /// The same of its first result.
    pub(super) to: usize,
}

/// Cuts so that the results of a piece lie one after another.
#[derive(Debug)]
pub(super) struct Cutter {
    /// The axis that is reduced,
    axis: usize,
    /// in tiles, each of which gives one result.
    tile: usize,
    /// Elements of a piece.
    len: usize,
    /// Elements that a piece may span of each argument.
    most: Vec<usize>,
    /// Results of a piece.
    of_results: usize,
}

impl Cutter {
    /// Pieces of so many elements.
    pub(super) fn new(axis: usize, tile: usize, len: usize) -> Self {
        Self { axis, tile, len, most: vec![], of_results: usize::MAX }
    }

    /// That besides span no more than so many elements of each argument, and give no more results.
    pub(super) fn within(self, most: Vec<usize>, of_results: usize) -> Self {
        Self { most, of_results, ..self }
    }

    /// The pieces in order. One that has a single tile, and may not be cut, may span more than it should.
    pub(super) fn cut(&self, piece: Piece) -> Vec<Piece> {
        let mut all = vec![];
        self.cut_into(piece, &mut all);
        all
    }

    fn cut_into(&self, piece: Piece, all: &mut Vec<Piece>) {
        // What lies before is of length 1, or of one tile: so results of halves come one after the other.
        let is_long = |&axis: &usize| piece.dim[axis] > self.unit(axis);
        let axis = (0..piece.dim.ndim()).find(is_long);
        let Some(axis) = axis.filter(|_| !self.fits(&piece)) else {
            all.push(piece);
            return;
        };
        let (len, unit) = (piece.dim[axis], self.unit(axis));
        let half = len.div_ceil(unit).next_power_of_two() / 2 * unit;
        let [first, mut second] = [(0, half), (half, len)].map(|(from, to)| {
            let mut dim = piece.dim.clone();
            dim[axis] = to - from;
            let layouts = piece.layouts.iter().map(|layout| layout.narrow(axis, from, to));
            Piece { dim, layouts: layouts.collect(), ..piece }
        });
        second.from += half * piece.dim.slice()[axis + 1..].iter().product::<usize>();
        second.to += self.results(&first);
        self.cut_into(first, all);
        self.cut_into(second, all);
    }

    /// What is not cut of an axis.
    fn unit(&self, axis: usize) -> usize {
        if axis == self.axis { self.tile } else { 1 }
    }

    fn results(&self, piece: &Piece) -> usize {
        let axes = piece.dim.slice().iter().enumerate();
        axes.map(|(axis, &len)| len.div_ceil(if axis == self.axis { self.tile } else { 1 }))
            .product()
    }

    fn fits(&self, piece: &Piece) -> bool {
        let spans = piece.layouts.iter().zip(&self.most);
        piece.dim.size() <= self.len
            && self.results(piece) <= self.of_results
            && spans.into_iter().all(|(layout, &most)| layout.reach() <= most)
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Dimension, IxDyn};

    use super::{Cutter, Piece};
    use crate::layout::Layout;

    #[test]
    fn pieces_are_small_and_their_results_lie_one_after_another() {
        let dim = IxDyn(&[3, 5, 4]);
        for axis in 0..3 {
            for (len, most, of_results) in [(1, 99, 99), (7, 99, 99), (99, 9, 99), (99, 99, 3)] {
                let layouts = vec![Layout::standard(dim.clone())];
                let whole = Piece { dim: dim.clone(), layouts, from: 0, to: 0 };
                let cutter = Cutter::new(axis, 2, len).within(vec![most], of_results);
                let (mut elements, mut results) = (0, 0);
                for piece in cutter.cut(whole) {
                    let is_one = cutter.results(&piece) == 1;
                    assert!(cutter.fits(&piece) || is_one, "{axis} {piece:?}");
                    assert_eq!((piece.layouts[0].offset, piece.to), (piece.from, results));
                    elements += piece.dim.size();
                    results += cutter.results(&piece);
                }
                let tiles = dim[axis].div_ceil(2);
                assert_eq!((elements, results), (60, 60 / dim[axis] * tiles));
            }
        }
    }
}
