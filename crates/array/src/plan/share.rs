//! What one of several ranks does of a plan.

use std::fmt;

use super::table::size;
use super::{Owned, Plan, Stage};
use crate::program::ReadFrom;
use crate::window::Window;

/// What one of several ranks does of a [`Plan`], of which [`tasks`](Plan::tasks), [`bytes_read`](Plan::bytes_read) and the times
/// are those of all, and what it says of memory is so of each.
///
/// ```
/// use tenfold_array::{Array, Ranks};
/// use tenfold_comm::World;
///
/// World::threads(3).run(|world| {
///     let ranks = Ranks::new(world)?;
///     let plan = ranks.plan(&Array::<f64, _>::ones([100, 100], 10).sum())?;
///     let share = plan.share().expect("several ranks share it");
///     assert_eq!((share.rank, share.ranks), (ranks.rank(), 3));
///     assert_eq!((share.tasks, plan.tasks()), (if ranks.rank() == 0 { 34 } else { 33 }, 100));
///     Ok::<(), tenfold_array::Error>(())
/// }).unwrap();
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Share {
    /// The rank, and how many there are.
    pub rank: usize,
    /// How many ranks there are.
    pub ranks: usize,
    /// How many chunks it works on, of all stages.
    pub tasks: usize,
    /// How many bytes it reads from files and other sources that do not compute their elements, arrays that are kept on
    /// ranks among them, whosever chunks they are. What is made and read within the plan is not in it.
    pub bytes_read: u128,
}

impl Plan {
    /// What this rank does of a plan of [`Ranks::plan`](crate::Ranks::plan); none of a plan that is not shared.
    #[must_use]
    pub fn share(&self) -> Option<&Share> {
        self.share.as_ref()
    }

    /// What a rank does that has these parts of the space of each stage, and so many of its chunks.
    pub(crate) fn share_of(
        &self,
        rank: usize,
        parts: impl Fn(Owned<'_>) -> (usize, Vec<Window>),
    ) -> Share {
        let mut share = Share { rank, ranks: self.ranks, tasks: 0, bytes_read: 0 };
        for stage in &self.stages {
            let (tasks, parts) = parts((&stage.chunks, &stage.owners));
            share.tasks = share.tasks.saturating_add(tasks);
            let bytes = parts.iter().map(|part| stage.bytes_read_for(part));
            share.bytes_read = bytes.fold(share.bytes_read, u128::saturating_add);
        }
        share
    }
}

impl Stage {
    fn bytes_read_for(&self, part: &Window) -> u128 {
        let mut all = 0_u128;
        self.reads_for(part, &self.strips, &mut |from, bytes| {
            if let ReadFrom::Source(..) = from {
                all = all.saturating_add(bytes);
            }
        });
        all
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rank, ranks, tasks, bytes_read } = self;
        write!(
            f,
            "rank {rank} of {ranks} does {tasks} of the tasks and reads {}",
            size(*bytes_read)
        )
    }
}
