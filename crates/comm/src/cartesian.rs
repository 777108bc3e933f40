//! Ranks in a grid.

mod balance;

use std::ops::Range;

use crate::collective::{self, Blocking, Counts, now};
use crate::{Blocks, Call, CallKind, Communicator, Element, ErrorKind, Result};

/// A grid of as many ranks as a communicator has, in row-major order: the last axis runs fastest.
///
/// ```
/// use tenfold_comm::Cartesian;
///
/// // Two rows of three, whose rows close to rings.
/// let grid = Cartesian::new(&[2, 3], &[false, true])?;
/// assert_eq!(grid.coordinates(5)?, [1, 2]);
/// assert_eq!(grid.rank(&[1, 2])?, 5);
/// // Along an axis data come from one neighbour and go to the other.
/// assert_eq!(grid.shift(5, 1, 1)?, (Some(4), Some(3)));
/// assert_eq!(grid.shift(5, 0, 1)?, (Some(2), None));
/// # Ok::<(), tenfold_comm::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cartesian {
    dims: Vec<usize>,
    periodic: Vec<bool>,
}

impl Cartesian {
    /// A grid with these lengths, and whether each axis closes to a ring.
    ///
    /// # Errors
    /// [`Length`](ErrorKind::Length) if `periodic` does not have one for each axis,
    /// [`Item`](ErrorKind::Item) for a length of 0, and [`Overflow`](ErrorKind::Overflow) if their product is
    /// no number.
    pub fn new(dims: &[usize], periodic: &[bool]) -> Result<Self> {
        if periodic.len() != dims.len() {
            let (len, needed) = (periodic.len(), dims.len());
            return Err(ErrorKind::Length { argument: "periodic", len, needed }.into());
        }
        let mut size = 1_usize;
        for (at, &value) in dims.iter().enumerate() {
            let argument = "dims";
            if value == 0 {
                return Err(ErrorKind::Item { argument, at, value, must: "above 0" }.into());
            }
            let product = size.checked_mul(value);
            size = product.ok_or(ErrorKind::Overflow { argument, at, value })?;
        }
        Ok(Self { dims: dims.to_vec(), periodic: periodic.to_vec() })
    }

    /// A grid of `axes` axes for so many ranks, as close to a cube as they go: MPI's `Dims_create`. The
    /// longest and the shortest differ least, and the longest is as short as it can be then. The first axes
    /// are the longer.
    ///
    /// ```
    /// use tenfold_comm::Cartesian;
    ///
    /// assert_eq!(Cartesian::balanced(12, 2, false)?.dims(), [4, 3]);
    /// # Ok::<(), tenfold_comm::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Value`](ErrorKind::Value) for no ranks or no axes, more than 4294967295 ranks, or more than 64 axes.
    pub fn balanced(ranks: usize, axes: usize, periodic: bool) -> Result<Self> {
        let (most_ranks, most_axes) = (u32::MAX as usize, 64);
        let must = |argument, value, must| Err(ErrorKind::Value { argument, value, must }.into());
        if !(1..=most_ranks).contains(&ranks) {
            return must("ranks", ranks, "from 1 to 4294967295");
        }
        if !(1..=most_axes).contains(&axes) {
            return must("axes", axes, "from 1 to 64");
        }
        Self::new(&balance::lengths(ranks, axes), &vec![periodic; axes])
    }

    /// That a communicator has as many ranks as this.
    ///
    /// # Errors
    /// [`Grid`](ErrorKind::Grid) if it has not.
    pub fn check<C: Communicator>(&self, comm: &C) -> Result<()> {
        let (places, size) = (self.size(), comm.size());
        if places == size { Ok(()) } else { Err(ErrorKind::Grid { places, size }.into()) }
    }

    /// The lengths.
    #[must_use]
    pub fn dims(&self) -> &[usize] {
        &self.dims
    }

    /// How many ranks there are.
    #[must_use]
    pub fn size(&self) -> usize {
        self.dims.iter().product()
    }

    /// Where a rank stands.
    ///
    /// # Errors
    /// [`Rank`](ErrorKind::Rank)
    pub fn coordinates(&self, rank: usize) -> Result<Vec<usize>> {
        let size = self.size();
        if rank >= size {
            return Err(ErrorKind::Rank { argument: "rank", rank, size }.into());
        }
        let mut rest = rank;
        let mut coordinates: Vec<usize> = self
            .dims
            .iter()
            .rev()
            .map(|&n| {
                let at = rest % n;
                rest /= n;
                at
            })
            .collect();
        coordinates.reverse();
        Ok(coordinates)
    }

    /// Who stands there.
    ///
    /// # Errors
    /// [`Length`](ErrorKind::Length) for another number of axes, [`Place`](ErrorKind::Place) for one
    /// outside the grid.
    pub fn rank(&self, coordinates: &[usize]) -> Result<usize> {
        let (len, needed) = (coordinates.len(), self.dims.len());
        if len != needed {
            return Err(ErrorKind::Length { argument: "coordinates", len, needed }.into());
        }
        for (axis, (&place, &length)) in coordinates.iter().zip(&self.dims).enumerate() {
            if place >= length {
                return Err(ErrorKind::Place { axis, place, length }.into());
            }
        }
        Ok(coordinates.iter().zip(&self.dims).fold(0, |rank, (at, n)| rank * n + at))
    }

    /// Whom a rank hears from and whom it sends to, when data move `by` places along `axis`. None beyond an
    /// end.
    ///
    /// # Errors
    /// [`Rank`](ErrorKind::Rank), and [`Axis`](ErrorKind::Axis).
    pub fn shift(
        &self,
        rank: usize,
        axis: usize,
        by: isize,
    ) -> Result<(Option<usize>, Option<usize>)> {
        let at = self.coordinates(rank)?;
        if axis >= at.len() {
            return Err(ErrorKind::Axis { axis, axes: at.len() }.into());
        }
        let neighbour = |by: i128| -> Result<Option<usize>> {
            let Some(place) = self.moved(at[axis], axis, by) else { return Ok(None) };
            let mut there = at.clone();
            there[axis] = place;
            self.rank(&there).map(Some)
        };
        let by = by as i128;
        Ok((neighbour(-by)?, neighbour(by)?))
    }

    /// The neighbours of a rank in MPI's order: for each axis the one before it, then the one behind it. None
    /// beyond an end.
    ///
    /// # Errors
    /// [`Rank`](ErrorKind::Rank).
    pub fn neighbors(&self, rank: usize) -> Result<Vec<Option<usize>>> {
        let mut neighbors = Vec::with_capacity(2 * self.dims.len());
        self.coordinates(rank)?;
        for axis in 0..self.dims.len() {
            let (before, behind) = self.shift(rank, axis, 1)?;
            neighbors.extend([before, behind]);
        }
        Ok(neighbors)
    }

    /// The block that a rank has of an array with this shape: its range along each axis, as
    /// [`Blocks`](crate::Blocks) shares it among the ranks along that axis.
    ///
    /// ```
    /// use tenfold_comm::Cartesian;
    ///
    /// let grid = Cartesian::new(&[2, 3], &[false; 2])?;
    /// assert_eq!(grid.block(&[10, 100], 5)?, [5..10, 67..100]);
    /// # Ok::<(), tenfold_comm::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Rank`](ErrorKind::Rank), and [`Length`](ErrorKind::Length) for another number of axes.
    pub fn block(&self, shape: &[usize], rank: usize) -> Result<Vec<Range<usize>>> {
        let at = self.coordinates(rank)?;
        let (len, needed) = (shape.len(), self.dims.len());
        if len != needed {
            return Err(ErrorKind::Length { argument: "shape", len, needed }.into());
        }
        let axes = shape.iter().zip(&self.dims).zip(at);
        Ok(axes.map(|((&total, &parts), at)| Blocks::new(total, parts).range(at)).collect())
    }

    /// What all neighbours bring, in the order of [`neighbors`](Self::neighbors). All ranks bring as much.
    /// Parts of neighbours that are not there stay as they were.
    ///
    /// ```
    /// use tenfold_comm::{Cartesian, Communicator, World};
    ///
    /// let heard = World::threads(3).run(|world| {
    ///     let line = Cartesian::new(&[3], &[false])?;
    ///     let mut heard = [9; 2];
    ///     line.neighbor_allgather(world, &[world.rank()], &mut heard)?;
    ///     Ok::<_, tenfold_comm::Error>(heard)
    /// });
    /// assert_eq!(heard.unwrap(), [[9, 1], [0, 2], [1, 9]]);
    /// ```
    ///
    /// # Errors
    /// [`Grid`](ErrorKind::Grid), [`Length`](ErrorKind::Length),
    /// [`CountMismatch`](ErrorKind::CountMismatch), [`Type`](ErrorKind::Type),
    /// [`CollectiveMismatch`](ErrorKind::CollectiveMismatch) and
    /// [`CollectiveOrder`](ErrorKind::CollectiveOrder), and what all calls of a communicator can give.
    #[track_caller]
    pub fn neighbor_allgather<C: Communicator, T: Element>(
        &self,
        comm: &C,
        send: &[T],
        recv: &mut [T],
    ) -> Result<()> {
        let call = Call::new(CallKind::NeighborAllgather).moves(send, recv);
        let counts = Counts::Each(send.len());
        comm.observe(&call, || {
            now(collective::neighbor_allgatherv(Blocking(comm), self, send, (recv, counts)))
        })
    }

    /// As [`neighbor_allgather`](Self::neighbor_allgather), with `counts[k]` elements of neighbour `k`.
    ///
    /// # Errors
    /// As [`neighbor_allgather`](Self::neighbor_allgather).
    #[track_caller]
    pub fn neighbor_allgatherv<C: Communicator, T: Element>(
        &self,
        comm: &C,
        send: &[T],
        recv: &mut [T],
        counts: &[usize],
    ) -> Result<()> {
        let call = Call::new(CallKind::NeighborAllgather).moves(send, recv);
        let counts = Counts::List(counts);
        comm.observe(&call, || {
            now(collective::neighbor_allgatherv(Blocking(comm), self, send, (recv, counts)))
        })
    }

    /// Part `k` of `send` to neighbour `k`, in the order of [`neighbors`](Self::neighbors), and what it has
    /// for this rank as part `k` of `recv`. All parts have the same length. Those of neighbours that are not
    /// there are not read, and stay as they were.
    ///
    /// A rank that is its neighbour on both sides, or is its own, gets behind it what was sent to before it,
    /// as on a longer ring.
    ///
    /// # Errors
    /// As [`neighbor_allgather`](Self::neighbor_allgather).
    #[track_caller]
    pub fn neighbor_alltoall<C: Communicator, T: Element>(
        &self,
        comm: &C,
        send: &[T],
        recv: &mut [T],
    ) -> Result<()> {
        let call = Call::new(CallKind::NeighborAlltoall).moves(send, recv);
        let counts = Counts::Each(send.len().checked_div(2 * self.dims.len()).unwrap_or(0));
        let (send, recv) = ((send, counts), (recv, counts));
        comm.observe(&call, || {
            now(collective::neighbor_alltoallv(Blocking(comm), self, send, recv))
        })
    }

    /// As [`neighbor_alltoall`](Self::neighbor_alltoall), with `send_counts[k]` elements to neighbour `k`, and
    /// `recv_counts[k]` from it.
    ///
    /// # Errors
    /// As [`neighbor_allgather`](Self::neighbor_allgather).
    #[track_caller]
    pub fn neighbor_alltoallv<C: Communicator, T: Element>(
        &self,
        comm: &C,
        (send, send_counts): (&[T], &[usize]),
        (recv, recv_counts): (&mut [T], &[usize]),
    ) -> Result<()> {
        let call = Call::new(CallKind::NeighborAlltoall).moves(send, recv);
        let send = (send, Counts::List(send_counts));
        let recv = (recv, Counts::List(recv_counts));
        comm.observe(&call, || {
            now(collective::neighbor_alltoallv(Blocking(comm), self, send, recv))
        })
    }

    fn moved(&self, at: usize, axis: usize, by: i128) -> Option<usize> {
        let (n, place) = (self.dims[axis] as i128, at as i128 + by);
        let place = if self.periodic[axis] { place.rem_euclid(n) } else { place };
        usize::try_from(place).ok().filter(|&place| place < self.dims[axis])
    }
}

#[cfg(test)]
mod tests {
    use super::Cartesian;
    use crate::ErrorKind;

    #[test]
    fn ranks_and_places_are_inverse() {
        let grid = Cartesian::new(&[2, 3, 4], &[false; 3]).unwrap();
        for rank in 0..24 {
            assert_eq!(grid.rank(&grid.coordinates(rank).unwrap()).unwrap(), rank);
        }
    }

    #[test]
    fn rings_close_and_lines_end() {
        let grid = Cartesian::new(&[3, 3], &[true, false]).unwrap();
        assert_eq!(grid.shift(0, 0, 1).unwrap(), (Some(6), Some(3)));
        assert_eq!(grid.shift(0, 0, -4).unwrap(), (Some(3), Some(6)));
        assert_eq!(grid.shift(0, 1, 1).unwrap(), (None, Some(1)));
        assert_eq!(grid.shift(0, 1, isize::MIN).unwrap(), (None, None));
        assert_eq!(grid.shift(4, 1, 0).unwrap(), (Some(4), Some(4)));
    }

    #[test]
    fn balanced_grids() {
        for (ranks, axes, dims) in [
            (1, 2, &[1, 1][..]),
            (7, 2, &[7, 1]),
            (12, 2, &[4, 3]),
            (8, 3, &[2, 2, 2]),
            (24, 3, &[4, 3, 2]),
            (72, 2, &[9, 8]),
            (40, 2, &[8, 5]),
            (180, 2, &[15, 12]),
            (60, 3, &[5, 4, 3]),
            (4_294_967_291, 2, &[4_294_967_291, 1]),
            (2, 4, &[2, 1, 1, 1]),
        ] {
            assert_eq!(Cartesian::balanced(ranks, axes, false).unwrap().dims(), dims);
        }
    }

    #[test]
    fn what_is_no_grid_is_refused() {
        let kind = |dims: &[usize], periodic: &[bool]| {
            Cartesian::new(dims, periodic).map_err(|error| error.kind()).unwrap_err()
        };
        assert!(matches!(kind(&[2], &[]), ErrorKind::Length { argument: "periodic", .. }));
        assert!(matches!(kind(&[2, 0], &[true; 2]), ErrorKind::Item { at: 1, value: 0, .. }));
        assert!(matches!(kind(&[usize::MAX, 2], &[true; 2]), ErrorKind::Overflow { at: 1, .. }));
        let grid = Cartesian::new(&[2], &[true]).unwrap();
        assert!(grid.coordinates(2).is_err() && grid.rank(&[2]).is_err());
        assert!(grid.rank(&[0, 0]).is_err() && grid.shift(0, 1, 1).is_err());
        let kind = |ranks, axes| Cartesian::balanced(ranks, axes, true).unwrap_err().kind();
        assert!(matches!(kind(8, usize::MAX), ErrorKind::Value { argument: "axes", .. }));
        assert!(matches!(kind(usize::MAX, 2), ErrorKind::Value { argument: "ranks", .. }));
        assert!(Cartesian::balanced(0, 1, true).is_err());
        assert!(Cartesian::balanced(1, 0, true).is_err());
    }
}
