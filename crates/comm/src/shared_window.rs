//! Memory that ranks of a node see where it lies.

use std::fmt;
use std::marker::PhantomData;

use crate::communicator::checked_rank;
use crate::memory;
use crate::window::agreed_lens;
use crate::{Call, CallKind, Communicator, Element, Joint, Result};

/// A part of memory of each rank, while each writes its own; made by
/// [`shared_window`](crate::OneSided::shared_window).
///
/// A rank sees its own part, until [`publish`](Self::publish) makes a [`SharedView`] of it, in which all ranks
/// see all parts. Nothing is copied. Every rank calls `publish` and [`edit`](SharedView::edit), in turns. A
/// rank that drops its window leaves those waiting that do not, until it ends or is in another collective of
/// the communicator.
///
/// ```
/// use tenfold_comm::{Communicator, OneSided, World};
///
/// let sums = World::threads(4).run(|world| {
///     let node = world.split_shared()?;
///     let mut window = node.shared_window(&[0; 10])?;
///     window.own().fill(node.rank());
///     let view = window.publish()?;
///     let sum: usize = view.parts().flatten().sum();
///     let mut window = view.edit()?;
///     window.own()[0] = sum;
///     Ok::<_, tenfold_comm::Error>(sum)
/// });
/// assert_eq!(sums.unwrap(), [60; 4]);
/// ```
///
/// What was borrowed must have an end before:
///
/// ```compile_fail,E0505
/// # use tenfold_comm::{Communicator, OneSided, World};
/// # World::threads(2).run(|world| {
/// let view = world.shared_window(&[0; 10])?.publish()?;
/// let theirs = view.part(1)?;
/// let window = view.edit()?;
/// assert_eq!(theirs[0], 0);
/// # Ok::<_, tenfold_comm::Error>(())
/// # });
/// ```
pub struct SharedWindow<'c, C: Communicator, T>(Sharing<'c, C, T>);

/// The parts of all ranks of a [`SharedWindow`], while all read.
pub struct SharedView<'c, C: Communicator, T>(Sharing<'c, C, T>);

struct Sharing<'c, C: Communicator, T> {
    comm: &'c C,
    memory: C::Joint<'c>,
    /// How many elements each rank has.
    lens: Vec<usize>,
    elements: PhantomData<T>,
}

impl<'c, C: Communicator + 'c, T> Sharing<'c, C, T> {
    /// Ends a turn, when every rank does.
    fn meet(mut self, call: &Call) -> Result<Self> {
        self.comm.observe(call, || self.memory.meet(call.kind))?;
        Ok(self)
    }
}

impl<'c, C: Communicator + 'c, T: Element> SharedWindow<'c, C, T> {
    pub(crate) fn new(comm: &'c C, data: &[T]) -> Result<Self> {
        let lens = agreed_lens::<C, T>(comm, CallKind::SharedWindow, data.len())?;
        let memory = comm.join(data.into())?;
        Ok(Self(Sharing { comm, memory, lens, elements: PhantomData }))
    }

    /// The own part.
    #[expect(clippy::missing_panics_doc, reason = "a backend keeps its word")]
    pub fn own(&mut self) -> &mut [T] {
        let Sharing { comm, memory, lens, .. } = &mut self.0;
        let part = memory.own().and_then(|bytes| memory::elements_mut(bytes, lens[comm.rank()]));
        part.expect("it is written now")
    }

    /// How many elements each rank has.
    #[must_use]
    pub fn lens(&self) -> &[usize] {
        &self.0.lens
    }

    /// Lets all ranks see all parts, when all have called it.
    ///
    /// # Errors
    /// [`RankFailed`](crate::ErrorKind::RankFailed), [`RankEnded`](crate::ErrorKind::RankEnded),
    /// [`CollectiveMismatch`](crate::ErrorKind::CollectiveMismatch),
    /// [`CollectiveOrder`](crate::ErrorKind::CollectiveOrder) where another rank publishes another window. The
    /// window is gone then.
    #[track_caller]
    pub fn publish(self) -> Result<SharedView<'c, C, T>> {
        self.0.meet(&Call::new(CallKind::Publish)).map(SharedView)
    }

    /// Frees the memory. Every rank calls this. A window that is dropped without may stay until the world
    /// ends, on systems that must free together.
    ///
    /// # Errors
    /// As [`publish`](Self::publish).
    #[track_caller]
    pub fn free(self) -> Result<()> {
        let Sharing { comm, mut memory, .. } = self.0;
        comm.observe(&Call::new(CallKind::Free), || {
            memory.meet(CallKind::Free)?;
            memory.free()
        })
    }
}

impl<'c, C: Communicator + 'c, T: Element> SharedView<'c, C, T> {
    /// The part of a rank.
    ///
    /// # Errors
    /// [`Rank`](crate::ErrorKind::Rank).
    pub fn part(&self, rank: usize) -> Result<&[T]> {
        checked_rank(self.0.comm, "rank", rank)?;
        Ok(self.part_of(rank))
    }

    fn part_of(&self, rank: usize) -> &[T] {
        let Sharing { memory, lens, .. } = &self.0;
        let part = memory.part(rank).and_then(|bytes| memory::elements(bytes, lens[rank]));
        part.expect("it is read now")
    }

    /// The parts of all ranks, in their order.
    pub fn parts(&self) -> impl Iterator<Item = &[T]> {
        (0..self.0.lens.len()).map(|rank| self.part_of(rank))
    }

    /// Lets each rank write its part, when all have called it.
    ///
    /// # Errors
    /// As [`publish`](SharedWindow::publish).
    #[track_caller]
    pub fn edit(self) -> Result<SharedWindow<'c, C, T>> {
        self.0.meet(&Call::new(CallKind::Edit)).map(SharedWindow)
    }
}

impl<'c, C: Communicator + 'c, T> fmt::Debug for SharedWindow<'c, C, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedWindow").field("lens", &self.0.lens).finish_non_exhaustive()
    }
}

impl<'c, C: Communicator + 'c, T> fmt::Debug for SharedView<'c, C, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedView").field("lens", &self.0.lens).finish_non_exhaustive()
    }
}
