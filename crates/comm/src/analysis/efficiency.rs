//! How much of the time of all ranks was work, and what kept it from more.

use super::total;

/// The efficiencies of the [POP methodology](https://pop-coe.eu/node/69), each from 0 to 1.
///
/// Useful time is what passes outside calls. The ideal run time is that of the same run on a network that takes no
/// time: each rank works as long as it did, and waits for the others where it must.
///
/// ```text
/// load balance  = mean useful time / largest useful time
/// serialisation = largest useful time / ideal run time
/// transfer      = ideal run time / run time
/// communication = serialisation × transfer
/// parallel      = load balance × communication = mean useful time / run time
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Efficiency {
    /// Whether ranks have as much to do: 1 if all have the same.
    pub load_balance: f64,
    /// Whether ranks work at the same time: 1 if the busiest never waits for what another has yet to work out.
    pub serialisation: f64,
    /// Whether the network is fast: 1 if messages take no time.
    pub transfer: f64,
}

impl Efficiency {
    /// Of the useful times, the ideal run time and the run time. What was nothing at all is efficient.
    pub(super) fn of(useful: &[u64], ideal: u64, runtime: u64) -> Self {
        let most = useful.iter().copied().max().unwrap_or(0);
        let sum = total(useful.iter().copied());
        let ranks = useful.len().max(1);
        Self {
            load_balance: ratio(sum as f64 / ranks as f64, most as f64),
            serialisation: ratio(most as f64, ideal as f64),
            transfer: ratio(ideal as f64, runtime as f64),
        }
    }

    /// What is lost to waiting and to messages together.
    #[must_use]
    pub fn communication(&self) -> f64 {
        self.serialisation * self.transfer
    }

    /// The share of the time of all ranks that was useful.
    #[must_use]
    pub fn parallel(&self) -> f64 {
        self.load_balance * self.communication()
    }
}

fn ratio(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { (part / whole).min(1.0) } else { 1.0 }
}
