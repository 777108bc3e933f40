//! Ghost layers, against the places of a global array that they stand for.

#![expect(clippy::cast_possible_wrap, reason = "arrays are small")]

use ndarray::{ArrayD, ArrayViewMutD, Axis, Dimension, IxDyn, ShapeBuilder};

use super::{Outcome, fails, list, same};
use crate::{Cartesian, Communicator, ErrorKind, Halo, Result, Sum};

list![
    ghosts_are_filled_with_their_corners,
    a_star_leaves_corners_alone,
    ghosts_of_any_memory_order,
    ghosts_while_something_else_is_done,
    an_axis_without_ghosts,
    blocks_that_are_too_small_are_refused,
];

/// What is where nothing came.
const UNTOUCHED: i64 = -1;

/// A block of a global array whose elements are their places in it.
struct Block {
    grid: Cartesian,
    periodic: Vec<bool>,
    whole: Vec<usize>,
    start: Vec<usize>,
    widths: Vec<usize>,
    halo: Halo<i64>,
    shape: Vec<usize>,
}

impl Block {
    /// Of an array with this shape, or a larger one, where there are so many ranks that their blocks would have no
    /// room for what they send.
    fn new<C: Communicator>(
        comm: &C,
        whole: &[usize],
        periodic: &[bool],
        widths: &[usize],
    ) -> Result<Self> {
        let dims = Cartesian::balanced(comm.size(), whole.len(), false)?;
        let grid = Cartesian::new(dims.dims(), periodic)?;
        let least = grid.dims().iter().zip(widths).map(|(parts, width)| parts * width);
        let whole: Vec<usize> = whole.iter().zip(least).map(|(&n, least)| n.max(least)).collect();
        let block = grid.block(&whole, comm.rank())?;
        let halo = Halo::new(&grid, comm.rank(), widths)?;
        let lengths: Vec<usize> = block.iter().map(ExactSizeIterator::len).collect();
        Ok(Self {
            grid,
            periodic: periodic.to_vec(),
            whole,
            start: block.iter().map(|range| range.start).collect(),
            widths: widths.to_vec(),
            shape: halo.padded(&lengths)?,
            halo,
        })
    }

    /// What must be at a place of the block after an exchange.
    fn must(&self, at: &IxDyn, has_corners: bool) -> i64 {
        let (mut place, mut ghost_axes, mut is_beyond) = (0, 0, false);
        for axis in 0..self.whole.len() {
            let (n, width, at) = (self.whole[axis], self.widths[axis], at[axis]);
            let is_ghost = at < width || at >= self.shape[axis] - width;
            ghost_axes += usize::from(is_ghost);
            // Twice the length above, so that nothing is below 0.
            let global = self.start[axis] + at + 2 * n - width;
            is_beyond |= !self.periodic[axis] && !(2 * n..3 * n).contains(&global);
            place = place * n + global % n;
        }
        if is_beyond || (!has_corners && ghost_axes > 1) { UNTOUCHED } else { place as i64 }
    }

    fn is_own(&self, at: &IxDyn) -> bool {
        (0..self.whole.len()).all(|axis| {
            (self.widths[axis]..self.shape[axis] - self.widths[axis]).contains(&at[axis])
        })
    }

    /// Its own places filled, and no ghosts.
    fn fill(&self, mut array: ArrayViewMutD<'_, i64>) {
        for (at, value) in array.indexed_iter_mut() {
            *value = if self.is_own(&at) { self.must(&at, true) } else { UNTOUCHED };
        }
    }

    fn check(&self, array: &ArrayViewMutD<'_, i64>, has_corners: bool) -> Outcome {
        for (at, &value) in array.indexed_iter() {
            let must = self.must(&at, has_corners);
            if value != must {
                let Self { grid, whole, widths, .. } = self;
                let what = format!("{:?} of {whole:?} in {grid:?}, {widths:?}", at.slice());
                return same(&what, value, must);
            }
        }
        Ok(())
    }
}

/// Global shapes with widths of ghosts, which few ranks can share.
fn shapes() -> Vec<(Vec<usize>, Vec<usize>)> {
    let mut shapes = vec![
        (vec![15], vec![1]),
        (vec![23], vec![3]),
        (vec![8, 9], vec![1, 1]),
        (vec![14, 7], vec![2, 3]),
        (vec![7, 5, 6], vec![1, 2, 1]),
    ];
    if !cfg!(miri) {
        shapes.push((vec![7, 4, 3, 5], vec![1, 2, 1, 1]));
    }
    shapes
}

fn ghosts_are_filled_with_their_corners<C: Communicator>(comm: &C) -> Outcome {
    for (whole, widths) in shapes() {
        for pattern in 0..3 {
            let periodic: Vec<bool> = (0..whole.len()).map(|n| (n + pattern) % 3 > 0).collect();
            let mut block = Block::new(comm, &whole, &periodic, &widths)?;
            let mut array = ArrayD::zeros(&block.shape[..]);
            for _ in 0..2 {
                block.fill(array.view_mut());
                block.halo.exchange(comm, array.view_mut())?;
                block.check(&array.view_mut(), true)?;
            }
        }
    }
    Ok(())
}

fn a_star_leaves_corners_alone<C: Communicator>(comm: &C) -> Outcome {
    for (whole, widths) in shapes() {
        for is_periodic in [false, true] {
            let mut block = Block::new(comm, &whole, &vec![is_periodic; whole.len()], &widths)?;
            block.halo = block.halo.clone().star();
            let mut array = ArrayD::zeros(&block.shape[..]);
            for _ in 0..2 {
                block.fill(array.view_mut());
                block.halo.exchange(comm, array.view_mut())?;
                block.check(&array.view_mut(), false)?;
            }
        }
    }
    Ok(())
}

/// In columns, upside down, and every second one of a larger array.
fn ghosts_of_any_memory_order<C: Communicator>(comm: &C) -> Outcome {
    let mut block = Block::new(comm, &[14, 9], &[true, false], &[2, 1])?;
    let shape = &block.shape;
    let mut columns = ArrayD::zeros(IxDyn(shape).f());
    let mut reversed = ArrayD::zeros(&shape[..]);
    let mut large = ArrayD::from_elem(vec![2 * shape[0], 3 * shape[1]], i64::MIN);
    let reversed = {
        let mut view = reversed.view_mut();
        view.invert_axis(Axis(0));
        view
    };
    let mut views = [columns.view_mut(), reversed, large.view_mut()];
    views[2].slice_each_axis_inplace(|axis| {
        let step = [2, 3][axis.axis.index()];
        ndarray::Slice::new(0, None, step)
    });
    for mut view in views {
        block.fill(view.view_mut());
        block.halo.exchange(comm, view.view_mut())?;
        block.check(&view, true)?;
    }
    let gaps = large.iter().filter(|&&value| value == i64::MIN).count();
    same("places between", gaps, large.len() - large.len() / 6)
}

/// Also collectives, whose messages are no ghosts.
fn ghosts_while_something_else_is_done<C: Communicator>(comm: &C) -> Outcome {
    for has_corners in [false, true] {
        for (whole, widths) in shapes() {
            let mut block = Block::new(comm, &whole, &vec![true; whole.len()], &widths)?;
            if !has_corners {
                block.halo = block.halo.clone().star();
            }
            let mut array = ArrayD::zeros(&block.shape[..]);
            block.fill(array.view_mut());
            let result = block.halo.exchange_while(comm, array.view_mut(), |own| {
                let mut sum = [0];
                comm.allreduce(&[own.sum()], &mut sum, Sum).map(|()| sum[0])
            })?;
            let places = block.whole.iter().product::<usize>() as i64;
            same("sum", result?, places * (places - 1) / 2)?;
            block.check(&array.view_mut(), has_corners)?;
            parts_are_all(&block)?;
        }
    }
    Ok(())
}

/// Core and rim are each place of its own once.
fn parts_are_all(block: &Block) -> Outcome {
    let mut counts = ArrayD::<u8>::zeros(&block.shape[..]);
    let mut parts = block.halo.rim(&block.shape)?;
    parts.push(block.halo.core(&block.shape)?);
    for part in parts {
        let slice = |axis: ndarray::AxisDescription| part[axis.axis.index()].clone().into();
        counts.slice_each_axis_mut(slice).iter_mut().for_each(|count| *count += 1);
    }
    for (at, &count) in counts.indexed_iter() {
        same("parts that have it", count, u8::from(block.is_own(&at)))?;
    }
    Ok(())
}

fn an_axis_without_ghosts<C: Communicator>(comm: &C) -> Outcome {
    for widths in [[0, 2], [2, 0], [0, 0]] {
        let mut block = Block::new(comm, &[14, 14], &[true, true], &widths)?;
        let mut array = ArrayD::zeros(&block.shape[..]);
        block.fill(array.view_mut());
        block.halo.exchange(comm, array.view_mut())?;
        block.check(&array.view_mut(), true)?;
        let len = block.halo.exchange_while(comm, array.view_mut(), |own| own.len())?;
        let lengths = block.shape.iter().zip(widths).map(|(length, width)| length - 2 * width);
        same("own", len, lengths.product())?;
    }
    Ok(())
}

/// What is refused has sent nothing: the next one takes place.
fn blocks_that_are_too_small_are_refused<C: Communicator>(comm: &C) -> Outcome {
    let (rank, size) = (comm.rank(), comm.size());
    let ring = Cartesian::new(&[size], &[true])?;
    let mut halo = Halo::new(&ring, rank, &[2])?;
    let mut small = ndarray::Array1::<i64>::zeros(5);
    let must =
        ErrorKind::Ghosts { argument: "array.shape()", axis: 0, width: 2, length: 5, needed: 6 };
    fails("small", halo.exchange(comm, small.view_mut()), |kind| kind == must)?;
    let result = halo.exchange_while(comm, small.view_mut(), |_| ());
    fails("small", result, |kind| kind == must)?;
    let must = ErrorKind::Length { argument: "array.shape()", len: 2, needed: 1 };
    let mut plane = ndarray::Array2::<i64>::zeros((9, 9));
    fails("plane", halo.exchange(comm, plane.view_mut()), |kind| kind == must)?;
    let other = Cartesian::new(&[size + 1], &[true])?;
    let mut wrong = Halo::new(&other, rank, &[1])?;
    let must = ErrorKind::Grid { places: size + 1, size };
    fails("grid", wrong.exchange(comm, small.view_mut()), |kind| kind == must)?;
    let mut line = ndarray::Array1::from_elem(6, rank as i64);
    halo.exchange(comm, line.view_mut())?;
    let (before, behind) = ((rank + size - 1) % size, (rank + 1) % size);
    let must = [before, before, rank, rank, behind, behind].map(|rank| rank as i64);
    same("line", line.to_vec(), must.to_vec())
}
