//! Stencils over blocks with ghosts, against the same over the whole array: the same bits.

use std::ops::Range;

use tenfold_comm::ndarray::{ArrayD, indices};
use tenfold_comm::{Cartesian, Communicator, Error, Halo, ThreadComm, World};

use crate::watchdog::in_time;

/// So many steps of a stencil over an array with these ends.
#[derive(Clone, Debug)]
struct Problem {
    whole: Vec<usize>,
    periodic: Vec<bool>,
    /// How far the stencil looks.
    width: usize,
    /// Whether it looks along several axes at once.
    is_box: bool,
    steps: usize,
}

impl Problem {
    fn axes(&self) -> usize {
        self.whole.len()
    }

    /// Where the stencil looks, and how much that counts: each side another weight, so that none can be
    /// taken for another.
    fn stencil(&self) -> Vec<(Vec<isize>, f64)> {
        let width = self.width.cast_signed();
        let cube = indices(vec![2 * self.width + 1; self.axes()]);
        let offsets = cube.into_iter().map(|at| {
            (0..self.axes()).map(|axis| at[axis].cast_signed() - width).collect::<Vec<isize>>()
        });
        let is_in = |offset: &Vec<isize>| {
            self.is_box || offset.iter().filter(|&&steps| steps != 0).count() < 2
        };
        let offsets: Vec<_> = offsets.filter(is_in).collect();
        let total = (offsets.len() * (offsets.len() + 1) / 2) as f64;
        let weigh = |(n, offset)| (offset, (n + 1) as f64 / total);
        offsets.into_iter().enumerate().map(weigh).collect()
    }

    /// The first values of a block with its ghosts, those beyond the ends too. Ghosts that must come from
    /// others have none.
    fn first(&self, start: &[usize], shape: &[usize]) -> ArrayD<f64> {
        ArrayD::from_shape_fn(shape, |at| {
            let mut place = 0;
            for axis in 0..self.axes() {
                let n = self.whole[axis];
                let global = start[axis] + at[axis] + n - self.width;
                if self.periodic[axis] && !(n..2 * n).contains(&global) {
                    return f64::NAN;
                }
                place = place * 3 * n + global;
            }
            (place * 7919 % 1013) as f64 / 10.0
        })
    }

    fn serial(&self) -> ArrayD<f64> {
        let (none, ranges) = (vec![0; self.axes()], self.own(&self.whole));
        let shape: Vec<usize> = self.whole.iter().map(|n| n + 2 * self.width).collect();
        let mut old = self.first(&none, &shape);
        let mut new = old.clone();
        let stencil = self.stencil();
        for _ in 0..self.steps {
            self.wrap(&mut old);
            step(&old, &mut new, &ranges, &stencil);
            std::mem::swap(&mut old, &mut new);
        }
        cut(&old, &ranges)
    }

    fn own(&self, lengths: &[usize]) -> Vec<Range<usize>> {
        lengths.iter().map(|n| self.width..self.width + n).collect()
    }

    /// The ghosts of rings, one by one.
    fn wrap(&self, array: &mut ArrayD<f64>) {
        let before = array.clone();
        for (at, value) in array.indexed_iter_mut() {
            let mut from = at.clone();
            for axis in 0..self.axes() {
                let (n, width) = (self.whole[axis], self.width);
                if self.periodic[axis] {
                    from[axis] = (at[axis] + n - width) % n + width;
                }
            }
            *value = before[from];
        }
    }

    /// What each rank has at the end.
    fn parallel(
        &self,
        world: &ThreadComm,
        grid: &Cartesian,
        is_meanwhile: bool,
    ) -> Result<ArrayD<f64>, Error> {
        let block = grid.block(&self.whole, world.rank())?;
        let start: Vec<usize> = block.iter().map(|range| range.start).collect();
        let lengths: Vec<usize> = block.iter().map(ExactSizeIterator::len).collect();
        let mut halo = Halo::new(grid, world.rank(), &vec![self.width; self.axes()])?;
        if !self.is_box {
            halo = halo.star();
        }
        let shape = halo.padded(&lengths)?;
        let (core, rim) = (halo.core(&shape)?, halo.rim(&shape)?);
        let (ranges, stencil) = (self.own(&lengths), self.stencil());
        let mut old = self.first(&start, &shape);
        let mut new = old.clone();
        for _ in 0..self.steps {
            if is_meanwhile {
                // The view begins behind the ghosts.
                let shift = |range: &Range<usize>| range.start - self.width..range.end - self.width;
                let within: Vec<_> = core.iter().map(shift).collect();
                let mut part = halo.interior(new.view())?.to_owned();
                halo.exchange_while(world, old.view_mut(), |own| {
                    step(&own.to_owned(), &mut part, &within, &stencil);
                })?;
                halo.interior_mut(new.view_mut())?.assign(&part);
                rim.iter().for_each(|ranges| step(&old, &mut new, ranges, &stencil));
            } else {
                halo.exchange(world, old.view_mut())?;
                step(&old, &mut new, &ranges, &stencil);
            }
            std::mem::swap(&mut old, &mut new);
        }
        Ok(cut(&old, &ranges))
    }

    /// That ranks in a grid of these lengths come to the same bits.
    fn check(&self, dims: &[usize]) {
        let grid = Cartesian::new(dims, &self.periodic).unwrap();
        let serial = self.serial();
        assert!(serial.iter().all(|value| value.is_finite()));
        for is_meanwhile in [false, true] {
            let blocks = World::threads(grid.size())
                .run(|world| self.parallel(world, &grid, is_meanwhile))
                .unwrap();
            for (rank, block) in blocks.iter().enumerate() {
                let must = cut(&serial, &grid.block(&self.whole, rank).unwrap());
                let bits = |array: &ArrayD<f64>| array.mapv(f64::to_bits);
                assert_eq!(bits(block), bits(&must), "rank {rank} of {dims:?}, {self:?}");
            }
        }
    }
}

/// A box of an array.
fn cut(array: &ArrayD<f64>, ranges: &[Range<usize>]) -> ArrayD<f64> {
    array.slice_each_axis(|axis| ranges[axis.axis.index()].clone().into()).to_owned()
}

/// One step for the places in a box.
fn step(
    old: &ArrayD<f64>,
    new: &mut ArrayD<f64>,
    ranges: &[Range<usize>],
    stencil: &[(Vec<isize>, f64)],
) {
    let strides = old.strides().to_vec();
    let linear = |at: &[isize]| at.iter().zip(&strides).map(|(n, stride)| n * stride).sum();
    let stencil: Vec<(isize, f64)> =
        stencil.iter().map(|(offset, weight)| (linear(offset), *weight)).collect();
    let lengths: Vec<usize> = ranges.iter().map(ExactSizeIterator::len).collect();
    let (old, new) = (old.as_slice().unwrap(), new.as_slice_mut().unwrap());
    for at in indices(lengths) {
        let place = |(axis, range): (usize, &Range<usize>)| (at[axis] + range.start).cast_signed();
        let place: isize = linear(&ranges.iter().enumerate().map(place).collect::<Vec<_>>());
        let place = place.cast_unsigned();
        let there = |offset| place.checked_add_signed(offset).unwrap();
        new[place] =
            stencil.iter().fold(0.0, |sum, (offset, weight)| sum + weight * old[there(*offset)]);
    }
}

const STEPS: usize = if cfg!(miri) { 3 } else { 50 };

#[test]
fn heat_on_a_plate() {
    in_time("plates", || {
        let grids: [&[usize]; 8] =
            [&[1, 1], &[2, 1], &[1, 2], &[3, 1], &[4, 1], &[2, 2], &[3, 2], &[2, 3]];
        for dims in grids {
            for (periodic, is_box) in
                [([false; 2], false), ([true; 2], true), ([true, false], true)]
            {
                let (whole, periodic) = (vec![13, 12], periodic.to_vec());
                Problem { whole, periodic, width: 1, is_box, steps: STEPS }.check(dims);
            }
        }
    });
}

#[test]
fn heat_in_a_rod() {
    in_time("rods", || {
        for ranks in [1, 2, 3, 4, 6] {
            for (is_periodic, width) in [(false, 1), (true, 1), (true, 3)] {
                let (whole, periodic) = (vec![25], vec![is_periodic]);
                Problem { whole, periodic, width, is_box: false, steps: STEPS }.check(&[ranks]);
            }
        }
    });
}

#[test]
fn heat_in_a_block() {
    in_time("blocks of heat", || {
        for (dims, is_box) in [([2, 1, 2], true), ([1, 3, 2], false)] {
            let (whole, periodic) = (vec![4, 6, 5], vec![true, false, true]);
            Problem { whole, periodic, width: 1, is_box, steps: STEPS / 10 + 1 }.check(&dims);
        }
    });
}
