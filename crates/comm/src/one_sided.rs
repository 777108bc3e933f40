//! Memory that ranks make together.

use crate::{Call, CallKind, Communicator, Element, Result, SharedWindow, Window};

/// What ranks do with each other's memory. Every [`Communicator`] can.
///
/// ```
/// use tenfold_comm::{Communicator, Lock, OneSided, Sum, World};
///
/// let counts = World::threads(3).run(|world| {
///     // One counter, on rank 0.
///     let mut window = world.window(if world.rank() == 0 { &[0_u64][..] } else { &[] })?;
///     window.lock(0, Lock::Shared, |counter| counter.accumulate(&[1], 0, Sum))?;
///     world.barrier()?;
///     window.local(|mine| mine.to_vec())
/// });
/// assert_eq!(counts.unwrap(), [vec![3], vec![], vec![]]);
/// ```
pub trait OneSided: Communicator {
    /// A window: a part of memory of each rank, which all ranks put to and get from. Every rank calls this,
    /// each with what its own part begins with: as many elements as it likes, none too.
    ///
    /// # Errors
    /// [`Elements`](crate::ErrorKind::Elements) for a type that other ranks cannot write bytewise, `bool` or a
    /// record with gaps; [`WindowType`](crate::ErrorKind::WindowType) on every rank if they are not all of
    /// one type. As [`allgather`](Communicator::allgather).
    #[track_caller]
    fn window<T: Element>(&self, data: &[T]) -> Result<Window<'_, Self, T>> {
        let call = Call::new(CallKind::Window).moves::<T, T>(data, &[]);
        self.observe(&call, || Window::new(self, data))
    }

    /// The ranks that can have memory together with this one, in their order here. Every rank calls this.
    /// Ranks as threads all can.
    ///
    /// # Errors
    /// As [`dup`](Communicator::dup).
    #[track_caller]
    fn split_shared(&self) -> Result<Self> {
        self.observe(&Call::new(CallKind::SplitShared), || self.derive_shared())
    }

    /// Memory that all ranks see where it lies; on ranks of [`split_shared`](Self::split_shared). Every rank
    /// calls this, each with what its own part begins with.
    ///
    /// # Errors
    /// As [`window`](Self::window); [`Apart`](crate::ErrorKind::Apart) on every rank if some are on other nodes.
    #[track_caller]
    fn shared_window<T: Element>(&self, data: &[T]) -> Result<SharedWindow<'_, Self, T>> {
        let call = Call::new(CallKind::SharedWindow).moves::<T, T>(data, &[]);
        self.observe(&call, || SharedWindow::new(self, data))
    }
}

impl<C: Communicator> OneSided for C {}
