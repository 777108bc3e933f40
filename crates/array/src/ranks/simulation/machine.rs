//! A machine that nobody needs to have.

use std::time::Duration;

use crate::error::{Error, ErrorKind, Result};

/// A machine of so many ranks, on which a plan is [simulated](crate::Settings::simulate). Feature `ranks`.
///
/// Each rank has a link of its own to a switch, both ways at once. So many ranks as the [radix](Self::fat_tree) says share a
/// switch, and all switches are connected at the top of a fat tree, which may have room for a part of what ranks could send
/// alone. A message takes the [overhead](Self::overhead) of whoever sends and of whoever receives it, the
/// [latency](Self::latency), and its bytes over the [bandwidth](Self::bandwidth).
///
/// Where nothing else is said, it has a latency of 2 us, an overhead of 1 us, 12.5 GB/s, 32 ranks at a switch, room for all
/// at the top, and tasks that take as long as the plan estimates, with no jitter.
///
/// ```
/// use std::time::Duration;
/// use tenfold_array::{Array, Machine, Settings};
///
/// let task = Duration::from_millis(1);
/// let machine = Machine::new(100).task(task).jitter(0.02).fat_tree(32, 2.0);
/// let x = Array::<f64, _>::ones([2560, 1000], [1, 1000]);
/// let simulation = Settings::new().threads(1).simulate(&machine)?.compute(&x.sum_axis(1))?;
/// // 26 tasks one after another on those ranks that have the most.
/// assert!(simulation.elapsed() > task * 26);
/// assert!(simulation.efficiency() > 0.5, "{simulation}");
/// # Ok::<(), tenfold_array::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Machine {
    pub(super) ranks: usize,
    pub(super) latency: f64,
    pub(super) overhead: f64,
    pub(super) bandwidth: f64,
    pub(super) radix: usize,
    pub(super) oversubscription: f64,
    pub(super) task: Option<f64>,
    pub(super) speed: f64,
    pub(super) jitter: f64,
    pub(super) seed: u64,
    pub(super) changes: Vec<WhatIf>,
}

/// What the engine could do otherwise: to see what that makes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum WhatIf {
    /// A rank sees a message as soon as it comes. The engine's looks for some in pauses of up to half a millisecond.
    Awake,
    /// A rank computes nothing while it waits for what it has asked for. The engine has two workers for each thread that do
    /// so in turns, if there is room.
    InTurn,
}

impl Machine {
    /// One of so many ranks.
    #[must_use]
    pub fn new(ranks: usize) -> Self {
        Self {
            ranks,
            latency: 2e-6,
            overhead: 1e-6,
            bandwidth: 12.5e9,
            radix: 32,
            oversubscription: 1.0,
            task: None,
            speed: 1.0,
            jitter: 0.0,
            seed: 0,
            changes: vec![],
        }
    }

    /// How long an empty message is under way from one rank to another.
    #[must_use]
    pub fn latency(self, latency: Duration) -> Self {
        Self { latency: latency.as_secs_f64(), ..self }
    }

    /// How long a rank is busy with a message that it sends or receives, beside its bytes.
    #[must_use]
    pub fn overhead(self, overhead: Duration) -> Self {
        Self { overhead: overhead.as_secs_f64(), ..self }
    }

    /// How many bytes a second a rank's link takes each way.
    #[must_use]
    pub fn bandwidth(self, bytes_per_second: f64) -> Self {
        Self { bandwidth: bytes_per_second, ..self }
    }

    /// How many ranks share a switch, and how many times as much as there is room for at the top they could send there: 1 if
    /// there is room for all.
    #[must_use]
    pub fn fat_tree(self, radix: usize, oversubscription: f64) -> Self {
        Self { radix, oversubscription, ..self }
    }

    /// How long each task takes, whatever the plan estimates.
    #[must_use]
    pub fn task(self, task: Duration) -> Self {
        Self { task: Some(task.as_secs_f64()), ..self }
    }

    /// How many times as fast a rank's cores are as those that [`Plan::estimated_time`](crate::Plan::estimated_time) is
    /// for.
    #[must_use]
    pub fn speed(self, times: f64) -> Self {
        Self { speed: times, ..self }
    }

    /// How much longer a task takes on average than it should, as a share of it: each another, by an exponential
    /// distribution.
    #[must_use]
    pub fn jitter(self, share: f64) -> Self {
        Self { jitter: share, ..self }
    }

    /// Where random numbers begin, from which the same simulation follows each time. It is 0 at first.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// The same with a change of the engine.
    #[must_use]
    pub fn what_if(mut self, change: WhatIf) -> Self {
        self.changes.push(change);
        self
    }

    pub(super) fn has(&self, change: WhatIf) -> bool {
        self.changes.contains(&change)
    }

    /// The switch of a rank.
    pub(super) fn switch(&self, rank: usize) -> usize {
        rank / self.radix
    }

    /// How many bytes a second go up from a switch of so many ranks, and down to it.
    pub(super) fn uplink(&self, ranks: usize) -> f64 {
        ranks as f64 * self.bandwidth / self.oversubscription
    }

    /// Whether it can be.
    pub(super) fn check(&self) -> Result<()> {
        let refused = |sentence: String| Err(Error::new(ErrorKind::Value, sentence));
        if self.ranks == 0 || self.radix == 0 {
            let (ranks, radix) = (self.ranks, self.radix);
            return refused(format!(
                "a machine has {ranks} ranks, {radix} at a switch, but there is at least 1 of each"
            ));
        }
        let above = [
            ("bandwidth", self.bandwidth, 0.0),
            ("speed", self.speed, 0.0),
            ("oversubscription", self.oversubscription, 1.0),
        ];
        for (name, value, least) in above {
            if !value.is_finite() || value < least || value <= 0.0 {
                let than = if least > 0.0 { "at least 1" } else { "above 0" };
                return refused(format!(
                    "argument `{name}` of a machine is {value}, but must be {than}"
                ));
            }
        }
        if !self.jitter.is_finite() || self.jitter < 0.0 {
            let jitter = self.jitter;
            return refused(format!(
                "argument `jitter` of a machine is {jitter}, but must be at least 0"
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machines_that_cannot_be_are_refused_with_the_value() {
        let told = |machine: Machine| machine.check().unwrap_err().to_string();
        assert!(Machine::new(1).check().is_ok());
        assert!(told(Machine::new(0)).contains("0 ranks"));
        assert!(told(Machine::new(2).fat_tree(0, 1.0)).contains("0 at a switch"));
        assert!(told(Machine::new(2).bandwidth(0.0)).contains("`bandwidth` of a machine is 0"));
        assert!(told(Machine::new(2).speed(f64::NAN)).contains("`speed` of a machine is NaN"));
        assert!(told(Machine::new(2).fat_tree(8, 0.5)).contains("0.5, but must be at least 1"));
        assert!(told(Machine::new(2).jitter(-0.1)).contains("`jitter` of a machine is -0.1"));
    }
}
