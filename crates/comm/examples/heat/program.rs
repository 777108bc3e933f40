//! Heat conduction on a plate whose blocks are on several ranks: 5-point stencil, explicit steps, fixed border.
//!
//! Three ways to hear of the neighbours' points, and all come to the same bits as the serial program.

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use std::ops::Range;

use tenfold_comm::ndarray::{Array2, ArrayView2, ArrayViewMut2, Slice, Zip};
use tenfold_comm::{Cartesian, Communicator, Error, Halo};

/// The points of a side, without the border.
const POINTS: usize = 60;
const STEPS: usize = 50;

/// Diffusion constant.
const A: f64 = 0.5;
/// Grid spacing.
const DX: f64 = 0.01;
/// The largest stable time step.
const DT: f64 = DX * DX / (4.0 * A);

/// The block of points from these on, with what is around it: a hot disc on a cold plate, and a warm border
/// on the left.
fn first(rows: &Range<usize>, columns: &Range<usize>) -> Array2<f64> {
    Array2::from_shape_fn((rows.len() + 2, columns.len() + 2), |(row, column)| {
        let (row, column) = (rows.start + row, columns.start + column);
        let (x, y) = (row as f64 - 20.0, column as f64 - 30.0);
        if x * x + y * y < 100.0 { 100.0 } else { f64::from(u8::from(column == 0)) * 20.0 }
    })
}

/// A step of the points in `new`, which are those of `old` without its outermost.
fn relax(old: ArrayView2<'_, f64>, new: ArrayViewMut2<'_, f64>) {
    Zip::from(old.windows((3, 3))).and(new).for_each(|near, new| {
        let around = near[[0, 1]] + near[[2, 1]] + near[[1, 0]] + near[[1, 2]];
        *new = near[[1, 1]] + A * DT / (DX * DX) * (around - 4.0 * near[[1, 1]]);
    });
}

/// A step of the points in a box.
fn relax_box(old: &Array2<f64>, new: &mut Array2<f64>, ranges: &[Range<usize>]) {
    let part =
        |more: usize| move |range: &Range<usize>| Slice::from(range.start - more..range.end + more);
    relax(
        old.slice_each_axis(|axis| part(1)(&ranges[axis.axis.index()])),
        new.slice_each_axis_mut(|axis| part(0)(&ranges[axis.axis.index()])),
    );
}

/// What is not around a block.
fn inner(block: &Array2<f64>) -> Array2<f64> {
    block.slice_each_axis(|axis| Slice::from(1..axis.len - 1)).to_owned()
}

fn serial() -> Array2<f64> {
    let mut old = first(&(0..POINTS), &(0..POINTS));
    let mut new = old.clone();
    for _ in 0..STEPS {
        relax_box(&old, &mut new, &[1..POINTS + 1, 1..POINTS + 1]);
        std::mem::swap(&mut old, &mut new);
    }
    inner(&old)
}

/// All ghosts, and then all points.
fn exchange<C: Communicator>(world: &C, grid: &Cartesian) -> Result<Array2<f64>, Error> {
    let mut halo = Halo::new(grid, world.rank(), &[1, 1])?.star();
    let block = grid.block(&[POINTS, POINTS], world.rank())?;
    let mut old = first(&block[0], &block[1]);
    let mut new = old.clone();
    for _ in 0..STEPS {
        halo.exchange(world, old.view_mut())?;
        relax(old.view(), halo.interior_mut(new.view_mut())?);
        std::mem::swap(&mut old, &mut new);
    }
    Ok(inner(&old))
}

/// Points that need no ghosts while these are under way, and then the others.
fn overlap<C: Communicator>(world: &C, grid: &Cartesian) -> Result<Array2<f64>, Error> {
    let mut halo = Halo::new(grid, world.rank(), &[1, 1])?.star();
    let block = grid.block(&[POINTS, POINTS], world.rank())?;
    let mut old = first(&block[0], &block[1]);
    let mut new = old.clone();
    let (core, rim) = (halo.core(old.shape())?, halo.rim(old.shape())?);
    for _ in 0..STEPS {
        let core = new.slice_each_axis_mut(|axis| Slice::from(core[axis.axis.index()].clone()));
        halo.exchange_while(world, old.view_mut(), |own| relax(own, core))?;
        rim.iter().for_each(|ranges| relax_box(&old, &mut new, ranges));
        std::mem::swap(&mut old, &mut new);
    }
    Ok(inner(&old))
}

/// Without a halo: whole rows of a grid of one column, by requests that borrow them.
fn requests<C: Communicator>(world: &C, grid: &Cartesian) -> Result<Array2<f64>, Error> {
    let (above, below) = grid.shift(world.rank(), 0, 1)?;
    let block = grid.block(&[POINTS, POINTS], world.rank())?;
    let mut old = first(&block[0], &block[1]);
    let mut new = old.clone();
    let (rows, row) = (block[0].len(), POINTS + 2);
    for _ in 0..STEPS {
        let points = old.as_slice_mut().expect("it is in standard order");
        let (ghosts_above, points) = points.split_at_mut(row);
        let (own, ghosts_below) = points.split_at_mut(rows * row);
        world.scope(|scope| {
            if let Some(above) = above {
                scope.irecv(ghosts_above, above, 1)?;
                scope.isend(&own[..row], above, 2)?;
            }
            if let Some(below) = below {
                scope.irecv(ghosts_below, below, 2)?;
                scope.isend(&own[(rows - 1) * row..], below, 1)?;
            }
            Ok(())
        })?;
        relax_box(&old, &mut new, &[1..rows + 1, 1..POINTS + 1]);
        std::mem::swap(&mut old, &mut new);
    }
    Ok(inner(&old))
}

/// The blocks of all ranks as one plate, on rank 0.
fn whole<C: Communicator>(
    world: &C,
    grid: &Cartesian,
    block: &Array2<f64>,
) -> Result<Option<Array2<f64>>, Error> {
    let blocks = (0..world.size()).map(|rank| grid.block(&[POINTS, POINTS], rank));
    let blocks = blocks.collect::<Result<Vec<_>, _>>()?;
    let counts: Vec<usize> =
        blocks.iter().map(|block| block.iter().map(Range::len).product()).collect();
    let is_root = world.rank() == 0;
    let mut all = vec![0.0; if is_root { POINTS * POINTS } else { 0 }];
    world.gatherv(block.as_slice().expect("it is in standard order"), &mut all, &counts, 0)?;
    let mut all = all.into_iter();
    let mut plate = Array2::zeros((POINTS, POINTS));
    for block in blocks.iter().filter(|_| is_root) {
        let mut part =
            plate.slice_each_axis_mut(|axis| Slice::from(block[axis.axis.index()].clone()));
        part.iter_mut().zip(&mut all).for_each(|(to, from)| *to = from);
    }
    Ok(is_root.then_some(plate))
}

type Way<C> = fn(&C, &Cartesian) -> Result<Array2<f64>, Error>;

pub(crate) fn program<C: Communicator>(world: &C) -> Result<(), Error> {
    let plate = if world.rank() == 0 { serial() } else { Array2::zeros((0, 0)) };
    let blocks = Cartesian::balanced(world.size(), 2, false)?;
    let rows = Cartesian::new(&[world.size(), 1], &[false, false])?;
    let ways: [(&str, Way<C>, &Cartesian); 3] = [
        ("exchange", exchange, &blocks),
        ("overlap", overlap, &blocks),
        ("requests", requests, &rows),
    ];
    for (name, way, grid) in ways {
        let block = way(world, grid)?;
        if let Some(whole) = whole(world, grid, &block)? {
            println!("{name}: {:.12}, serial: {:.12}", whole.sum(), plate.sum());
            assert_eq!(whole, plate, "{name}");
        }
    }
    Ok(())
}
