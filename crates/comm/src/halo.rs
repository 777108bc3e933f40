//! The ghost layers of a rank's block of an array.

mod face;

use std::mem;
use std::ops::Range;

use ndarray::{ArrayView, ArrayViewMut, Dimension, Slice};

use crate::collective::{Blocking, Channel};
use crate::memory::Held;
use crate::nonblocking::next_task;
use crate::{Call, CallKind, Cartesian, Communicator, Element, ErrorKind, Pending, Result};
use face::{Reach, Side, make_room, pack, unpack};

/// Fills the ghost layers of a rank's block of an array from the blocks of its neighbours in a grid.
///
/// The block of each rank has `widths[axis]` layers of ghosts before and behind its own places, on every axis.
/// An exchange copies into them what the neighbours have there. Ghosts beyond an end of the grid, where an
/// axis closes to no ring, are for the boundary condition. Nobody is there, and they stay as they are, but for
/// corners that are beside a neighbour along another axis.
///
/// Corners are filled too, as stencils need that look along two axes at once (9 points in the plane, 27 in
/// space): one axis goes after the other, and takes along what came before, and what the neighbour has beyond
/// an end. So a corner beyond an end is what the neighbour's boundary is there: every rank sets the boundary of
/// its own block before it exchanges. Two messages are sent for each axis. Stencils that look along one axis at
/// a time (5 points, 7 points) need no corners, and a [`star`](Self::star) waits once for all axes.
///
/// ```
/// use tenfold_comm::ndarray::{Array1, array};
/// use tenfold_comm::{Cartesian, Communicator, Error, Halo, World};
///
/// let blocks = World::threads(3).run(|world| {
///     let ring = Cartesian::new(&[3], &[true])?;
///     let mut halo = Halo::new(&ring, world.rank(), &[1])?;
///     // Two places of its own, and a ghost on either side.
///     let mut block = Array1::zeros(halo.padded(&[2])?[0]);
///     halo.interior_mut(block.view_mut())?.fill(world.rank());
///     halo.exchange(world, block.view_mut())?;
///     Ok::<_, Error>(block)
/// });
/// assert_eq!(blocks.unwrap(), [array![2, 0, 0, 1], array![0, 1, 1, 2], array![1, 2, 2, 0]]);
/// ```
///
/// All ranks of the grid call the same exchanges, as with collectives. Buffers are made by the first one and
/// kept. What is exchanged does not depend on who is faster.
#[derive(Clone, Debug)]
pub struct Halo<T> {
    rank: usize,
    size: usize,
    reach: Reach,
    axes: Vec<[Border<T>; 2]>,
}

/// One side of an axis: who is there, and what goes there and comes from there.
#[derive(Clone, Debug)]
struct Border<T> {
    neighbour: Option<usize>,
    data: Vec<T>,
    room: Vec<T>,
}

/// Waits until it is sent, and gives the buffer back.
fn sent<P: Pending, T: Element>(held: Held<P, T>) -> Result<Vec<T>> {
    let (data, result) = held.finish();
    result.map(|_| data)
}

/// What was started for some axes, in the order of starting.
struct Open<P: Pending, T: Element> {
    receives: Vec<(usize, Side, Held<P, T>)>,
    sends: Vec<(usize, Side, Held<P, T>)>,
}

impl<T: Element> Halo<T> {
    /// For the block of a rank of `grid`, with so many layers of ghosts on both sides of each axis. An axis
    /// of width 0 has none, and nothing is sent along it.
    ///
    /// # Errors
    /// [`Length`](ErrorKind::Length) if `widths` does not have one for each axis, and
    /// [`Rank`](ErrorKind::Rank).
    pub fn new(grid: &Cartesian, rank: usize, widths: &[usize]) -> Result<Self> {
        let (len, needed) = (widths.len(), grid.dims().len());
        if len != needed {
            return Err(ErrorKind::Length { argument: "widths", len, needed }.into());
        }
        let border = |neighbour| Border { neighbour, data: vec![], room: vec![] };
        let neighbours = grid.neighbors(rank)?;
        let pairs = || neighbours.chunks_exact(2);
        let ends = pairs().map(|pair| [pair[0].is_none(), pair[1].is_none()]).collect();
        let axes = pairs().map(|pair| [border(pair[0]), border(pair[1])]).collect();
        Ok(Self { rank, size: grid.size(), reach: Reach::new(widths, ends), axes })
    }

    /// The same, which leaves all corners as they are, and has the messages of all axes under way at once.
    #[must_use]
    pub fn star(self) -> Self {
        Self { reach: self.reach.star(), ..self }
    }

    /// The layers of ghosts on both sides of each axis.
    #[must_use]
    pub fn widths(&self) -> &[usize] {
        self.reach.widths()
    }

    /// The shape of a block with its ghosts, of which `shape` are its own places.
    ///
    /// # Errors
    /// [`Length`](ErrorKind::Length) for another number of axes, and [`Overflow`](ErrorKind::Overflow) for a
    /// length that is no number.
    pub fn padded(&self, shape: &[usize]) -> Result<Vec<usize>> {
        self.reach.padded(shape)
    }

    /// A block without its ghosts.
    ///
    /// # Errors
    /// [`Length`](ErrorKind::Length) for another number of axes, and [`Ghosts`](ErrorKind::Ghosts) if there is
    /// no room for them.
    pub fn interior<'a, D: Dimension>(
        &self,
        mut array: ArrayView<'a, T, D>,
    ) -> Result<ArrayView<'a, T, D>> {
        let own = self.reach.own("array.shape()", array.shape())?;
        array.slice_each_axis_inplace(|axis| Slice::from(own[axis.axis.index()].clone()));
        Ok(array)
    }

    /// A block without its ghosts, to be written.
    ///
    /// # Errors
    /// As [`interior`](Self::interior).
    pub fn interior_mut<'a, D: Dimension>(
        &self,
        mut array: ArrayViewMut<'a, T, D>,
    ) -> Result<ArrayViewMut<'a, T, D>> {
        let own = self.reach.own("array.shape()", array.shape())?;
        array.slice_each_axis_inplace(|axis| Slice::from(own[axis.axis.index()].clone()));
        Ok(array)
    }

    /// The places whose stencils reach no ghosts, of a block that with its ghosts has this shape: the range
    /// along each axis.
    ///
    /// # Errors
    /// As [`interior`](Self::interior).
    pub fn core(&self, shape: &[usize]) -> Result<Vec<Range<usize>>> {
        Ok(self.reach.parts(shape)?.0)
    }

    /// The places of its own whose stencils reach ghosts, of a block that with its ghosts has this shape, in
    /// boxes that do not overlap: the range along each axis. With [`core`](Self::core) they are all of its
    /// own.
    ///
    /// # Errors
    /// As [`interior`](Self::interior).
    pub fn rim(&self, shape: &[usize]) -> Result<Vec<Vec<Range<usize>>>> {
        Ok(self.reach.parts(shape)?.1)
    }

    /// Fills the ghosts of `array`, which is this rank's block with them, in any memory order.
    ///
    /// # Errors
    /// [`Grid`](ErrorKind::Grid) and [`Value`](ErrorKind::Value) if the communicator is not as large as the
    /// grid, or its rank another; [`Length`](ErrorKind::Length) for another number of axes;
    /// [`Ghosts`](ErrorKind::Ghosts) if an axis has no room for the ghosts and, where there are neighbours, as
    /// many layers to send. [`CountMismatch`](ErrorKind::CountMismatch) and [`Type`](ErrorKind::Type) if a
    /// neighbour's block does not fit to this one; some ghosts may be filled then.
    #[track_caller]
    pub fn exchange<C: Communicator, D: Dimension>(
        &mut self,
        comm: &C,
        mut array: ArrayViewMut<'_, T, D>,
    ) -> Result<()> {
        let call = self.call(array.shape(), Call::new(CallKind::Exchange));
        comm.observe(&call, || {
            self.check(comm, array.shape())?;
            let channel = Channel::new(Blocking(comm), CallKind::Exchange, 0)?;
            self.phases().try_for_each(|axes| {
                let open = self.start(&channel, &array.view(), axes)?;
                self.finish(&channel, open, &mut array)
            })
        })
    }

    /// Fills the ghosts of `array`, and runs `body` on what is not a ghost while the messages travel.
    ///
    /// What is sent was copied before. Of a [`star`](Self::star) all messages travel meanwhile, otherwise
    /// those of the first axis that has ghosts and neighbours; the others follow, as they take along what these
    /// bring. So a stencil that needs corners gains less. What `body` sees is enough for the places of the
    /// [`core`](Self::core); the [`rim`](Self::rim) is left for afterwards. It may call collectives, as long as
    /// all ranks do.
    ///
    /// ```
    /// use tenfold_comm::ndarray::{Array1, s};
    /// use tenfold_comm::{Cartesian, Communicator, Error, Halo, World};
    ///
    /// World::threads(2).run(|world| {
    ///     let ring = Cartesian::new(&[2], &[true])?;
    ///     let mut halo = Halo::new(&ring, world.rank(), &[1])?.star();
    ///     let mut old = Array1::from_elem(6, 1.0);
    ///     let mut new = old.clone();
    ///     let mean = |a: f64, b: f64| (a + b) / 2.0;
    ///     halo.exchange_while(world, old.view_mut(), |own| {
    ///         for at in 1..own.len() - 1 {
    ///             new[1 + at] = mean(own[at - 1], own[at + 1]);
    ///         }
    ///     })?;
    ///     for at in halo.rim(&[6])?.into_iter().flat_map(|ranges| ranges[0].clone()) {
    ///         new[at] = mean(old[at - 1], old[at + 1]);
    ///     }
    ///     assert_eq!(new.slice(s![1..5]), Array1::from_elem(4, 1.0));
    ///     Ok::<_, Error>(())
    /// }).unwrap();
    /// ```
    ///
    /// A communicator observes two calls: this one, which starts, and the wait.
    ///
    /// # Errors
    /// As [`exchange`](Self::exchange). `body` is not run for what is wrong on this rank.
    #[track_caller]
    pub fn exchange_while<C: Communicator, D: Dimension, R>(
        &mut self,
        comm: &C,
        mut array: ArrayViewMut<'_, T, D>,
        body: impl FnOnce(ArrayView<'_, T, D>) -> R,
    ) -> Result<R> {
        let call = self.call(array.shape(), Call::new(CallKind::Exchange));
        let wait = Call::new(CallKind::Wait);
        // As one belongs to the other, for those who look on.
        let [call, wait] = if comm.is_observed() {
            let task = next_task();
            [call.of_task(task), wait.of_task(task)]
        } else {
            [call, wait]
        };
        let mut phases = self.phases();
        let first = phases.next();
        let (channel, mut open) = comm.observe(&call, || {
            let channel = Channel::new(Blocking(comm), CallKind::Exchange, 0)?;
            self.check(comm, array.shape())?;
            let open = first.map(|axes| self.start(&channel, &array.view(), axes)).transpose()?;
            Ok((channel, open))
        })?;
        let result = body(self.interior(array.view())?);
        comm.observe(&wait, || {
            if let Some(open) = open.take() {
                self.finish(&channel, open, &mut array)?;
            }
            phases.try_for_each(|axes| {
                let open = self.start(&channel, &array.view(), axes)?;
                self.finish(&channel, open, &mut array)
            })
        })?;
        Ok(result)
    }

    /// The axes that go together, one such set after another.
    fn phases(&self) -> impl Iterator<Item = Range<usize>> + use<T> {
        let each = if self.reach.is_star() { self.axes.len().max(1) } else { 1 };
        let sends: Vec<bool> = (0..self.axes.len()).map(|axis| self.reach.sends(axis)).collect();
        let phases = (0..sends.len()).step_by(each).map(move |first| first..first + each);
        phases.filter(move |phase| sends[phase.clone()].contains(&true))
    }

    /// The call, with what it moves.
    fn call(&self, shape: &[usize], call: Call) -> Call {
        let sides = self.axes.iter().enumerate();
        let counts = sides.map(|(axis, borders)| {
            let neighbours = borders.iter().filter(|border| border.neighbour.is_some()).count();
            self.reach.count(shape, axis).saturating_mul(neighbours)
        });
        // Elements may have no bytes, and be more than a `usize` can count.
        let bytes = counts.fold(0, usize::saturating_add).saturating_mul(size_of::<T>());
        Call { bytes, room: bytes, ..call }
    }

    fn check<C: Communicator>(&self, comm: &C, shape: &[usize]) -> Result<()> {
        let (places, size, value) = (self.size, comm.size(), comm.rank());
        if places != size {
            return Err(ErrorKind::Grid { places, size }.into());
        }
        if value != self.rank {
            let (argument, must) = ("comm.rank()", "the rank that the halo was made for");
            return Err(ErrorKind::Value { argument, value, must }.into());
        }
        self.reach.check("array.shape()", shape, true)
    }

    /// Starts to receive and to send what goes along some axes.
    ///
    /// Two neighbours may be one rank, and this one too. Its messages do not overtake each other. On each axis
    /// all send first to who is before them, and await first what comes so: from who is behind them.
    fn start<'c, C: Communicator, D: Dimension>(
        &mut self,
        channel: &Channel<Blocking<'c, C>>,
        array: &ArrayView<'_, T, D>,
        axes: Range<usize>,
    ) -> Result<Open<C::Pending<'c>, T>> {
        let mut open = Open { receives: vec![], sends: vec![] };
        let Self { reach, axes: borders, .. } = self;
        let sends = |&axis: &usize| reach.sends(axis);
        for axis in axes.clone().filter(sends) {
            for side in [Side::Behind, Side::Before] {
                let border = &mut borders[axis][side as usize];
                let Some(from) = border.neighbour else { continue };
                let mut room = mem::take(&mut border.room);
                make_room(&mut room, reach.count(array.shape(), axis), array.first());
                open.receives.push((axis, side, channel.start_recv(room, from)?));
            }
        }
        for axis in axes.filter(sends) {
            for side in [Side::Before, Side::Behind] {
                let border = &mut borders[axis][side as usize];
                let Some(to) = border.neighbour else { continue };
                let mut data = mem::take(&mut border.data);
                pack(array, &reach.sent(array.shape(), axis, side), &mut data);
                open.sends.push((axis, side, channel.start_send(data, to)?));
            }
        }
        Ok(open)
    }

    /// Waits for what was started, and fills the ghosts with it.
    fn finish<'c, C: Communicator, D: Dimension>(
        &mut self,
        channel: &Channel<Blocking<'c, C>>,
        open: Open<C::Pending<'c>, T>,
        array: &mut ArrayViewMut<'_, T, D>,
    ) -> Result<()> {
        for (axis, side, held) in open.receives {
            let room = channel.finish_recv(held)?;
            unpack(&room, &self.reach.ghosts(array.shape(), axis, side), array);
            self.axes[axis][side as usize].room = room;
        }
        for (axis, side, held) in open.sends {
            self.axes[axis][side as usize].data = sent(held)?;
        }
        Ok(())
    }
}
