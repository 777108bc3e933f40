//! What a plan would take on ranks that nobody has: for 10 to 10,000 of them, on one core.
//!
//! Who makes which chunks, asks whom for which windows and sends whom which subtrees comes from the formulas that the engine
//! computes by ([`reading`], [`merging`]); when that happens, from a model of the machine ([`clock`]). Where there are many
//! ranks, some stand for those around them ([`asked`]).

#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a model is not exact"
)]

mod asked;
mod clock;
mod machine;
mod merging;
mod reading;
mod report;

use std::sync::Arc;

use ndarray::Dimension;

use self::asked::{Asked, Flow, known};
use self::clock::{Clock, Work};
use self::reading::{Reading, without_elements};
use super::agreement::parent;
use super::spread::Spread;
use crate::array::Array;
use crate::element::Element;
use crate::error::Result;
use crate::hash::Identity;
use crate::node::{Node, Op};
use crate::plan::{Place, Plan, Sink, Stage};
use crate::settings::Settings;

pub use self::machine::{Machine, WhatIf};
pub use self::report::{SimulatedStage, Simulation};

/// Ranks that nobody has: they plan as [`Ranks`](crate::Ranks) do, and tell what computing would take. Made by
/// [`Settings::simulate`]. Feature `ranks`.
///
/// ```
/// use tenfold_array::{Array, Machine, Settings};
///
/// let ranks = Settings::new().threads(1).simulate(&Machine::new(16))?;
/// let x = Array::<f64, _>::ones([4096, 4096], 256);
/// let (x, _) = ranks.persist(&x)?;
/// // Each of 16 ranks needs what 15 others have of its rows' mirror image.
/// let simulation = ranks.persist(&(&x + &x.t()))?.1;
/// let answers = 16 * 15 * 4096 * 4096 / 256 * 8;
/// assert!(simulation.bytes() > answers && simulation.bytes() < answers * 101 / 100);
/// println!("{simulation}");
/// # Ok::<(), tenfold_array::Error>(())
/// ```
///
/// # What is exact
/// Messages and bytes are those that [`Ranks::sent`](crate::Ranks::sent) would count on up to 64 ranks of up to 2,048 strips a
/// stage each, of 131,072 windows that others have; beyond, some ranks and strips stand for others, and
/// [`is_exact`](Simulation::is_exact) says so. Operations that read a window in pieces which depend on more than its shape may
/// send other numbers of messages, and some bytes more or less for each.
///
/// # Time
/// It is that of a model, and as good as its figures. A rank computes while it waits for what it asks for if there is room, sends
/// what it has reduced one message after another, and looks for messages in pauses, as the engine does; [`Machine::what_if`] tells
/// what that makes out. A rank has one core more than threads, which sends and receives. Messages that share a link, or the way up from a
/// switch, take as long as all their bytes.
#[derive(Debug, Clone)]
pub struct Simulated {
    settings: Settings,
    machine: Machine,
}

impl Settings {
    /// Ranks of a machine that nobody needs to have, each with these settings. Feature `ranks`.
    ///
    /// # Errors
    /// [`ErrorKind::Value`](crate::ErrorKind::Value) if there is no such machine: without ranks, say.
    pub fn simulate(&self, machine: &Machine) -> Result<Simulated> {
        machine.check()?;
        Ok(Simulated { settings: self.clone(), machine: machine.clone() })
    }
}

impl Simulated {
    /// The plan that each rank would make.
    ///
    /// # Errors
    /// As [`Settings::plan`].
    pub fn plan<T: Element, D: Dimension>(&self, array: &Array<T, D>) -> Result<Plan> {
        self.plan_to(&array.node, Place::Memory)
    }

    /// What it would take to compute all elements of an array, which each rank would get.
    ///
    /// # Errors
    /// As [`plan`](Self::plan).
    pub fn compute<T: Element, D: Dimension>(&self, array: &Array<T, D>) -> Result<Simulation> {
        Ok(self.run(&self.plan(array)?))
    }

    /// What it would take to compute an array whose chunks stay where they are made, and one that stands for it: it has no
    /// elements, but what is made of it can be simulated.
    ///
    /// # Errors
    /// As [`plan`](Self::plan).
    pub fn persist<T: Element, D: Dimension>(
        &self,
        array: &Array<T, D>,
    ) -> Result<(Array<T, D>, Simulation)> {
        let node = &array.node;
        let simulation = self.run(&self.plan_to(node, Place::Ranks)?);
        let spread = Spread { rank: 0, size: self.machine.ranks, owners: node.owners.clone() };
        let pieces = without_elements(spread, &node.chunks, node.dtype, node.origin);
        let source = Op::Source(Arc::new(pieces));
        Ok((
            Array::made(source, [], node.chunks.clone(), Identity::unique(), node.origin),
            simulation,
        ))
    }

    fn plan_to(&self, node: &Arc<Node>, place: Place) -> Result<Plan> {
        let place: fn(usize) -> Place = match place {
            Place::Ranks => |_| Place::Ranks,
            _ => |_| Place::Memory,
        };
        self.settings.plan_for(self.machine.ranks, std::slice::from_ref(node), place, 0)
    }

    fn run(&self, plan: &Plan) -> Simulation {
        let mut clock = Clock::new(&self.machine);
        let is_shared = self.machine.ranks > 1;
        if is_shared {
            clock.agree();
        }
        let begins = clock.last();
        let mut is_exact = true;
        let all = plan.stages.iter().map(|stage| {
            let stage = StageOf { plan, stage, machine: &self.machine };
            let (told, all) = stage.run(&mut clock, is_shared);
            is_exact &= all;
            told
        });
        let stages: Vec<SimulatedStage> = all.collect();
        let computed = clock.last();
        if is_shared {
            clock.meet(&[]);
        }
        let around = begins + clock.last() - computed;
        Simulation::new(&self.machine, plan.threads, stages, is_exact, around)
    }
}

/// A stage of a plan on a machine.
struct StageOf<'a> {
    plan: &'a Plan,
    stage: &'a Stage,
    machine: &'a Machine,
}

impl StageOf<'_> {
    fn run(&self, clock: &mut Clock<'_>, is_shared: bool) -> (SimulatedStage, bool) {
        let before = clock.last();
        let work = self.work();
        let (reads, is_exact) = self.reads();
        let [sends, gets] = match is_shared {
            true => [self.sends(), self.flow(&|rank| rank.gets())],
            false => [self.flow(&|_| Asked::default()), self.flow(&|_| Asked::default())],
        };
        let brings = if is_shared { self.brings() } else { vec![] };
        let busy = clock.compute(&work, &reads);
        clock.send(&sends);
        if is_shared {
            clock.meet(&brings);
        }
        clock.get(&gets);
        let answered = [&reads, &gets];
        let [up, down] = told(&brings);
        let messages =
            answered.map(|flow| 2.0 * flow.messages()).iter().sum::<f64>() + up.0 + down.0;
        let bytes = answered.map(Flow::bytes).iter().sum::<f64>() + up.1 + down.1;
        let stage = SimulatedStage::new(
            self.plan.made_by(self.stage).join(", "),
            self.stage.chunks.count(),
            [messages + sends.messages(), bytes + sends.bytes()],
            work.iter().map(|work| work.seconds).sum(),
            busy.iter().sum::<f64>() / busy.len() as f64,
            clock.last() - before,
            self.plan.threads * self.machine.ranks,
        );
        (stage, is_exact && self.machine.ranks == known(self.machine.ranks).len())
    }

    fn rank(&self, rank: usize) -> Reading<'_> {
        Reading { plan: self.plan, stage: self.stage, rank, size: self.machine.ranks }
    }

    /// What each rank computes.
    fn work(&self) -> Vec<Work> {
        let elements: f64 = self.stage.chunks.shape().iter().map(|&len| len as f64).product();
        let each = self.stage.nanoseconds(&self.plan.stored) * 1e-9 / elements.max(1.0);
        let of_rank = |rank| {
            let share = self.rank(rank).share();
            let seconds = match self.machine.task {
                Some(task) => task * share.chunks as f64,
                None => each * share.elements / self.machine.speed,
            };
            let [workers, threads] =
                [self.stage.workers, self.plan.threads].map(|count| count.min(share.strips));
            Work { seconds, tasks: share.chunks, strips: share.strips, workers, threads }
        };
        (0..self.machine.ranks).map(of_rank).collect()
    }

    /// How many bytes each rank brings to the end of the stage, with what those below it in the tree of ranks bring.
    fn brings(&self) -> Vec<f64> {
        let mut all: Vec<f64> =
            (0..self.machine.ranks).map(|rank| self.rank(rank).brings() as f64).collect();
        for rank in (0..all.len()).rev() {
            if let Some(parent) = parent(rank) {
                all[parent] += all[rank];
            }
        }
        all
    }

    fn reads(&self) -> (Flow, bool) {
        let all_looked_at = std::cell::Cell::new(true);
        let flow = self.flow(&|rank| {
            let (asked, all) = rank.reads();
            all_looked_at.set(all_looked_at.get() && all);
            asked
        });
        (flow, all_looked_at.get())
    }

    /// What all ranks send of what they have reduced. No two do the same, and a few results take no time to go through.
    fn sends(&self) -> Flow {
        const FEW: usize = 1 << 20;
        let of_sink = |sink: &Sink| self.plan.stored[sink.stored].chunks.count();
        let results = self.stage.sinks.iter().map(of_sink).fold(0, usize::saturating_add);
        let size = self.machine.ranks;
        if results.saturating_mul(size) > FEW {
            return self.flow(&|rank| rank.sends());
        }
        let all: Vec<_> = (0..size).map(|rank| (rank, self.rank(rank).sends())).collect();
        Flow::new(size, self.machine.radix, &all)
    }

    fn flow(&self, of_rank: &dyn Fn(&Reading<'_>) -> Asked) -> Flow {
        let of_known =
            known(self.machine.ranks).into_iter().map(|rank| (rank, of_rank(&self.rank(rank))));
        Flow::new(self.machine.ranks, self.machine.radix, &of_known.collect::<Vec<_>>())
    }
}

/// How many messages go up the tree of ranks with what they bring, and down with all of it, and how many bytes they have.
fn told(brings: &[f64]) -> [(f64, f64); 2] {
    let Some((&all, below)) = brings.split_first().filter(|(all, _)| **all > 0.0) else {
        return [(0.0, 0.0); 2];
    };
    let up = below.iter().filter(|&&bytes| bytes > 0.0);
    let others = below.len() as f64;
    [(up.clone().count() as f64, up.sum()), (others, others * all)]
}
