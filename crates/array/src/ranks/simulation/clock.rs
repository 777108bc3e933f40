//! When ranks come to the end of what they do: a recursion over stages of when each is ready.
//!
//! A stage is what the engine does in it: each rank goes through its strips and waits for what it reads of others
//! ([`Clock::compute`]), sends what it has reduced ([`Clock::send`]), meets the others ([`Clock::meet`]), and gets what all are to
//! have ([`Clock::get`]). What shares a link or the way up from a switch takes as long as its bytes together; what waits at a
//! rank, as long as its messages together.

use tenfold_kernel::{Numbers, Philox};

use super::super::agreement::parent;
use super::super::dispatch::{LONGEST, SHORTEST};
use super::asked::{Ends, Flow};
use super::machine::{Machine, WhatIf};
use crate::plan::ANSWERS;

/// When each rank of a machine is ready.
pub(super) struct Clock<'a> {
    machine: &'a Machine,
    pub(super) ready: Vec<f64>,
    /// Random numbers from 0 to 1, normal ones, and how many of each were drawn.
    uniform: Numbers<f64>,
    normal: Numbers<f64>,
    drawn: u64,
}

/// What a rank computes in a stage.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Work {
    /// How many seconds that takes on one core, of how many tasks, in how many strips.
    pub(super) seconds: f64,
    pub(super) tasks: usize,
    pub(super) strips: usize,
    /// How many workers take turns on how many threads.
    pub(super) workers: usize,
    pub(super) threads: usize,
}

impl<'a> Clock<'a> {
    pub(super) fn new(machine: &'a Machine) -> Self {
        let philox = Philox::new(machine.seed);
        Self {
            machine,
            ready: vec![0.0; machine.ranks],
            uniform: philox.random(),
            normal: philox.stream(1).standard_normal(),
            drawn: 0,
        }
    }

    /// When the last rank is ready.
    pub(super) fn last(&self) -> f64 {
        self.ready.iter().copied().fold(0.0, f64::max)
    }

    fn draw(&mut self) -> f64 {
        self.drawn += 1;
        self.uniform.get(self.drawn)
    }

    /// How much longer some tasks take than they should: the mean of as many exponential numbers, or nearly.
    fn jitter(&mut self, tasks: usize) -> f64 {
        const FEW: usize = 8;
        if self.machine.jitter == 0.0 || tasks == 0 {
            return 1.0;
        }
        let mean = if tasks <= FEW {
            (0..tasks).map(|_| -(1.0 - self.draw()).ln()).sum::<f64>() / tasks as f64
        } else {
            self.drawn += 1;
            (1.0 + self.normal.get(self.drawn) / (tasks as f64).sqrt()).max(0.0)
        };
        1.0 + self.machine.jitter * mean
    }

    /// How long a message waits on average until a rank looks, to which some come so far apart.
    fn pause(&self, gap: f64) -> f64 {
        match self.machine.has(WhatIf::Awake) {
            true => 0.0,
            false => gap.clamp(SHORTEST.as_secs_f64(), LONGEST.as_secs_f64()) / 2.0,
        }
    }

    /// How long the bytes of a rank take, which shares the way up from its switch with others.
    fn bytes(&self, flow: &Flow, rank: usize) -> f64 {
        let Ends { comes, goes, .. } = flow.ranks[rank];
        let switch = self.machine.switch(rank);
        let first = switch * self.machine.radix;
        let beside = self.machine.radix.min(self.machine.ranks - first);
        let [into, out] = flow.switches[switch];
        let up = into.max(out) / self.machine.uplink(beside);
        let own = comes.max(goes) / self.machine.bandwidth;
        // Who sends nothing waits for nothing.
        if own > 0.0 { own.max(up) } else { 0.0 }
    }

    /// Each rank goes through its strips. Gives for how long it computes.
    pub(super) fn compute(&mut self, work: &[Work], reads: &Flow) -> Vec<f64> {
        let Machine { latency, overhead, .. } = *self.machine;
        let mut busy = vec![];
        for (rank, work) in work.iter().enumerate() {
            let Ends { waits, asks, asked, .. } = reads.ranks[rank];
            let workers = work.workers.max(1);
            // The last thread to end has as many strips as any.
            let most = work.strips.div_ceil(work.threads.max(1)) as f64 / work.strips.max(1) as f64;
            let computes = work.seconds * most * self.jitter(work.tasks);
            let bytes = self.bytes(reads, rank);
            let handled = bytes + 2.0 * overhead * asks.max(asked);
            let at_owner = self.pause((computes + handled) / (asks + asked).max(1.0));
            let here = self.pause(2.0 * latency + at_owner);
            let round = 2.0 * (latency + overhead) + at_owner + here;
            let exchanges = waits * round / workers as f64 + handled;
            let is_overlapped = workers > work.threads && !self.machine.has(WhatIf::InTurn);
            self.ready[rank] += match is_overlapped {
                // The first windows come before there is anything to compute.
                true => computes.max(exchanges) + exchanges / work.strips.max(1) as f64,
                false => computes + exchanges,
            };
            busy.push(computes);
        }
        busy
    }

    /// Each rank sends what is merged elsewhere, one message after another, and waits for what is merged here: that goes up
    /// about as many times as there are ranks by powers of two.
    pub(super) fn send(&mut self, sends: &Flow) {
        let Machine { latency, overhead, .. } = *self.machine;
        let sending = |rank: &usize| sends.ranks[*rank].asks > 0.0;
        let all: Vec<usize> = (0..self.ready.len()).filter(sending).collect();
        if all.is_empty() {
            return;
        }
        let begin = all.iter().map(|&rank| self.ready[rank]).fold(f64::INFINITY, f64::min);
        let pause = self.pause(self.last() - begin);
        for &rank in &all {
            // The next is sent when the other rank has begun to receive this one.
            let each = 2.0 * (latency + overhead) + pause;
            self.ready[rank] += sends.ranks[rank].asks * each + self.bytes(sends, rank);
        }
        for rank in 0..self.ready.len() {
            let taken = begin + latency + 2.0 * overhead * sends.ranks[rank].asked;
            self.ready[rank] = self.ready[rank].max(taken + self.bytes(sends, rank));
        }
        self.up(&[]);
    }

    /// All ranks come together, and go on: up a binary tree, with what each brings, and down with all of that.
    pub(super) fn meet(&mut self, brings: &[f64]) {
        self.up(brings);
        self.down(brings.first().copied().unwrap_or(0.0));
    }

    /// Each rank gets what all are to have from those that have a part.
    pub(super) fn get(&mut self, gets: &Flow) {
        let Machine { latency, overhead, .. } = *self.machine;
        let most = |of: fn(&Ends) -> f64| gets.ranks.iter().map(of).fold(0.0, f64::max);
        if most(|ends| ends.asks) == 0.0 {
            return;
        }
        // An answer is over when who has asked begins to receive it, and only some are under way.
        let at_once = most(|ends| ends.asked) * 2.0 * (latency + overhead) / ANSWERS as f64;
        let pause = self.pause(at_once);
        let each = (2.0 * overhead).max((2.0 * latency + overhead + pause) / ANSWERS as f64);
        let served = most(|ends| ends.asked) * each;
        for rank in 0..self.ready.len() {
            let Ends { waits, asks, .. } = gets.ranks[rank];
            if asks == 0.0 {
                continue;
            }
            let round = 2.0 * (latency + overhead) + 2.0 * self.pause(0.0);
            let alone = waits * round + asks * 2.0 * overhead;
            // Those that ask are answered one after another.
            let turn = served * (rank + 1) as f64 / self.ready.len() as f64;
            self.ready[rank] += alone.max(turn) + self.bytes(gets, rank);
        }
    }

    /// All ranks agree on a few numbers, as at the beginning: as many rounds as there are ranks by powers of two.
    pub(super) fn agree(&mut self) {
        let Machine { latency, overhead, ranks, .. } = *self.machine;
        let rounds = f64::from(ranks.next_power_of_two().trailing_zeros());
        let end = self.last() + rounds * (latency + 2.0 * overhead);
        self.ready.fill(end);
    }

    /// One message to the parent of each rank, when those of its children have come, with so many bytes.
    fn up(&mut self, bytes: &[f64]) {
        for rank in (0..self.ready.len()).rev() {
            let Some(parent) = parent(rank) else { continue };
            let bytes = bytes.get(rank).copied().unwrap_or(0.0);
            let comes = self.ready[rank] + self.hop(bytes);
            self.ready[parent] = self.ready[parent].max(comes);
        }
    }

    /// One message from each rank to its children.
    fn down(&mut self, bytes: f64) {
        for rank in 0..self.ready.len() {
            let Some(parent) = parent(rank) else { continue };
            let comes = self.ready[parent] + self.hop(bytes);
            self.ready[rank] = self.ready[rank].max(comes);
        }
    }

    /// A message to a rank that waits, and looks after the longest pause.
    fn hop(&mut self, bytes: f64) -> f64 {
        let pause = 2.0 * self.pause(f64::INFINITY) * self.draw();
        let Machine { latency, overhead, bandwidth, .. } = *self.machine;
        latency + 2.0 * overhead + bytes / bandwidth + pause
    }
}
