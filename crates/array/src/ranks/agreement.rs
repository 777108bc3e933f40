//! How all ranks come to one end of a stage, and of a computation.
//!
//! Ranks are a binary tree, of which rank 0 is the root. What a rank has to tell goes up, when its children have told the
//! same; what the root makes of it comes down. So there is one decision for each stage: all go on, with what all have
//! brought, or all stop for the same error, the first that the root hears of.

use super::fault::Fault;

/// What ranks tell their parent (`Done`, `Failed`, `Quiet`), their children (`GoOn`, `Stop`, `End`), and both (`Broken`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Control {
    /// This rank and those below it have done all of a stage, and bring this.
    Done(Vec<u8>),
    /// All have, and have brought this.
    GoOn(Vec<u8>),
    /// Something has failed here or below.
    Failed(Fault),
    /// All stop for this.
    Stop(Fault),
    /// This rank and those below it have stopped, and ask for nothing any more.
    Quiet,
    /// All have.
    End,
    /// Messages do not come and go any more: nobody waits for anybody.
    Broken(Fault),
}

/// What a rank knows of the others.
#[derive(Debug)]
pub(super) struct Agreement {
    parent: Option<usize>,
    children: Vec<usize>,
    /// How many of the children have done the stage, or are quiet, and whether this rank is.
    done: usize,
    is_done: bool,
    /// What they have brought, and what all had at the end of the last stage.
    brought: Vec<u8>,
    by_all: Vec<u8>,
    quiet: usize,
    is_quiet: bool,
    has_told: bool,
    fault: Option<Fault>,
    has_ended: bool,
    broken: Option<Fault>,
    /// How many stages are over, and how many there are.
    over: usize,
    stages: usize,
    /// What is to be sent, in order.
    outbox: Vec<(usize, Control)>,
}

/// The rank above another in the tree of ranks, whose root is rank 0.
pub(super) fn parent(rank: usize) -> Option<usize> {
    rank.checked_sub(1).map(|rank| rank / 2)
}

impl Agreement {
    pub(super) fn new(rank: usize, size: usize, stages: usize) -> Self {
        Self {
            parent: parent(rank),
            children: (2 * rank + 1..=2 * rank + 2).filter(|&child| child < size).collect(),
            done: 0,
            is_done: false,
            brought: vec![],
            by_all: vec![],
            quiet: 0,
            is_quiet: false,
            has_told: false,
            fault: None,
            has_ended: false,
            broken: None,
            over: 0,
            stages,
            outbox: vec![],
        }
    }

    /// The ranks that it hears from.
    pub(super) fn neighbors(&self) -> impl Iterator<Item = usize> + '_ {
        self.parent.into_iter().chain(self.children.iter().copied())
    }

    /// Why all stop, if they do.
    pub(super) fn fault(&self) -> Option<&Fault> {
        self.fault.as_ref()
    }

    /// Whether a failure is known here of which the root has not decided yet.
    pub(super) fn is_failing(&self) -> bool {
        self.has_told && self.fault.is_none() && !self.is_over()
    }

    /// Whether all have stopped.
    pub(super) fn has_ended(&self) -> bool {
        self.has_ended
    }

    /// Why it is no use to wait for anybody, if it is not.
    pub(super) fn broken(&self) -> Option<&Fault> {
        self.broken.as_ref()
    }

    /// Whether all ranks have done all stages. Others may go then.
    pub(super) fn is_over(&self) -> bool {
        self.over == self.stages
    }

    /// How many stages are over on all ranks.
    pub(super) fn over(&self) -> usize {
        self.over
    }

    /// What all have brought to the end of the last stage.
    pub(super) fn take_brought(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.by_all)
    }

    /// What is to be sent now.
    pub(super) fn take_outbox(&mut self) -> Vec<(usize, Control)> {
        std::mem::take(&mut self.outbox)
    }

    /// This rank has done all of a stage, and brings something for all.
    pub(super) fn do_stage(&mut self, own: &[u8]) {
        self.is_done = true;
        self.brought.extend_from_slice(own);
        self.settle();
    }

    /// This rank has failed. After the last stage that changes nothing.
    pub(super) fn fail(&mut self, fault: Fault) {
        match self.parent {
            _ if self.fault.is_some() || self.has_told || self.is_over() => {}
            Some(parent) => {
                self.has_told = true;
                self.outbox.push((parent, Control::Failed(fault)));
            }
            None => self.stop(fault),
        }
    }

    /// Messages do not come and go any more. After the last stage nobody needs any.
    pub(super) fn break_off(&mut self, fault: Fault) {
        if self.broken.is_some() {
            return;
        }
        let told: Vec<_> =
            self.neighbors().map(|to| (to, Control::Broken(fault.clone()))).collect();
        self.outbox.extend(told);
        if !self.is_over() {
            self.fault.get_or_insert_with(|| fault.clone());
        }
        self.broken = Some(fault);
    }

    /// This rank has stopped, and asks for nothing any more.
    pub(super) fn be_quiet(&mut self) {
        if !self.is_quiet {
            self.is_quiet = true;
            self.settle();
        }
    }

    /// Hears from a neighbor.
    pub(super) fn hear(&mut self, control: Control) {
        match control {
            Control::Done(brought) => {
                self.done += 1;
                self.brought.extend_from_slice(&brought);
            }
            Control::GoOn(brought) => self.go_on(brought),
            Control::Failed(fault) => self.fail(fault),
            Control::Stop(fault) => self.stop(fault),
            Control::Quiet => self.quiet += 1,
            Control::End => self.end(),
            Control::Broken(fault) => self.break_off(fault),
        }
        self.settle();
    }

    /// Tells the parent what is complete, or all others at the root.
    fn settle(&mut self) {
        if self.fault.is_none() && self.is_done && self.done == self.children.len() {
            (self.is_done, self.done) = (false, 0);
            let brought = std::mem::take(&mut self.brought);
            match self.parent {
                Some(parent) => self.outbox.push((parent, Control::Done(brought))),
                None => self.go_on(brought),
            }
        }
        if self.is_quiet && !self.has_ended && self.quiet == self.children.len() {
            self.quiet = 0;
            match self.parent {
                Some(parent) => self.outbox.push((parent, Control::Quiet)),
                None => self.end(),
            }
        }
    }

    fn go_on(&mut self, brought: Vec<u8>) {
        self.over += 1;
        self.by_all.clone_from(&brought);
        self.tell_children(&Control::GoOn(brought));
    }

    fn stop(&mut self, fault: Fault) {
        if self.fault.is_none() {
            self.tell_children(&Control::Stop(fault.clone()));
            self.fault = Some(fault);
        }
    }

    fn end(&mut self) {
        self.has_ended = true;
        self.tell_children(&Control::End);
    }

    fn tell_children(&mut self, control: &Control) {
        self.outbox.extend(self.children.iter().map(|&child| (child, control.clone())));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use proptest::prelude::*;

    use super::*;
    use crate::error::{Error, ErrorKind};

    /// Ranks whose messages come in any order, but for those of a pair.
    struct Ranks {
        all: Vec<Agreement>,
        under_way: Vec<((usize, usize), VecDeque<Control>)>,
        next: u64,
    }

    impl Ranks {
        fn new(size: usize, seed: u64) -> Self {
            let all = (0..size).map(|rank| Agreement::new(rank, size, 3)).collect();
            Self { all, under_way: vec![], next: seed }
        }

        fn below(&mut self, end: usize) -> usize {
            self.next = self.next.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (self.next >> 33) as usize % end
        }

        fn send(&mut self) {
            for from in 0..self.all.len() {
                for (to, control) in self.all[from].take_outbox() {
                    match self.under_way.iter_mut().find(|(pair, _)| *pair == (from, to)) {
                        Some((_, queue)) => queue.push_back(control),
                        None => self.under_way.push(((from, to), [control].into())),
                    }
                }
            }
        }

        /// Delivers one message, if there is any.
        fn step(&mut self) -> bool {
            self.send();
            self.under_way.retain(|(_, queue)| !queue.is_empty());
            if self.under_way.is_empty() {
                return false;
            }
            let at = self.below(self.under_way.len());
            let ((_, to), queue) = &mut self.under_way[at];
            let control = queue.pop_front().unwrap();
            self.all[*to].hear(control);
            true
        }
    }

    fn fault(rank: usize) -> Fault {
        Fault::new(rank, &Error::new(ErrorKind::Io, "disk"))
    }

    proptest! {
        #[test]
        fn nobody_goes_on_before_all_have_come(size in 1..20_usize, seed in any::<u64>()) {
            let mut ranks = Ranks::new(size, seed);
            for stage in 0..3 {
                let mut to_come: Vec<usize> = (0..size).collect();
                while !to_come.is_empty() {
                    prop_assert!(ranks.all.iter().all(|rank| rank.over() == stage));
                    let at = ranks.below(to_come.len());
                    let rank = to_come.swap_remove(at);
                    ranks.all[rank].do_stage(&[u8::try_from(rank).unwrap()]);
                    ranks.step();
                }
                while ranks.step() {}
                prop_assert!(ranks.all.iter().all(|rank| rank.over() == stage + 1));
                for rank in &mut ranks.all {
                    let mut brought = rank.take_brought();
                    brought.sort_unstable();
                    prop_assert!(brought.iter().copied().map(usize::from).eq(0..size));
                }
            }
        }

        #[test]
        fn all_stop_for_one_fault_and_end(
            size in 1..20_usize,
            failing in prop::collection::vec(any::<prop::sample::Index>(), 1..5),
            seed in any::<u64>(),
        ) {
            let mut ranks = Ranks::new(size, seed);
            let failing: Vec<usize> = failing.iter().map(|at| at.index(size)).collect();
            for rank in (0..size).filter(|rank| !failing.contains(rank)) {
                ranks.all[rank].do_stage(&[]);
            }
            for &rank in &failing {
                ranks.all[rank].fail(fault(rank));
                ranks.step();
            }
            while ranks.step() {}
            let told = ranks.all[0].fault().unwrap().clone();
            prop_assert!(failing.iter().any(|&rank| fault(rank) == told));
            prop_assert!(ranks.all.iter().all(|rank| rank.fault() == Some(&told)));
            let mut loud: Vec<usize> = (0..size).collect();
            while !loud.is_empty() {
                prop_assert!(ranks.all.iter().all(|rank| !rank.has_ended()));
                let at = ranks.below(loud.len());
                let rank = loud.swap_remove(at);
                ranks.all[rank].be_quiet();
                ranks.step();
            }
            while ranks.step() {}
            prop_assert!(ranks.all.iter().all(Agreement::has_ended));
        }

        /// A rank that fails when it has done the last stage, before it hears that all have: either all stop, or none.
        #[test]
        fn a_failure_after_the_last_stage_stops_all_or_none(
            size in 1..20_usize,
            failing in any::<prop::sample::Index>(),
            seed in any::<u64>(),
        ) {
            let mut ranks = Ranks::new(size, seed);
            for _ in 0..3 {
                ranks.all.iter_mut().for_each(|rank| rank.do_stage(&[]));
                if ranks.all[0].over() < 2 {
                    while ranks.step() {}
                }
            }
            let steps = ranks.below(4 * size);
            for _ in 0..steps {
                ranks.step();
            }
            let failing = failing.index(size);
            ranks.all[failing].fail(fault(failing));
            while ranks.step() {}
            let has_stopped = ranks.all[0].fault().is_some();
            prop_assert!(ranks.all.iter().all(|rank| rank.fault().is_some() == has_stopped));
            prop_assert!(ranks.all.iter().all(|rank| rank.is_over() != has_stopped));
            prop_assert!(ranks.all.iter().all(|rank| !rank.is_failing()));
        }

        #[test]
        fn all_hear_that_messages_do_not_come(size in 1..20_usize, seed in any::<u64>()) {
            let mut ranks = Ranks::new(size, seed);
            let at = ranks.below(size);
            ranks.all[at].break_off(fault(at));
            while ranks.step() {}
            let all_know = ranks.all.iter().all(|rank| rank.broken().is_some() && rank.fault() == Some(&fault(at)));
            prop_assert!(all_know);
        }

        #[test]
        fn what_breaks_when_all_is_done_fails_nobody(size in 1..20_usize, seed in any::<u64>()) {
            let mut ranks = Ranks::new(size, seed);
            for _ in 0..3 {
                ranks.all.iter_mut().for_each(|rank| rank.do_stage(&[]));
                if ranks.all[0].over() < 2 {
                    while ranks.step() {}
                }
            }
            while !ranks.all[0].is_over() {
                ranks.step();
            }
            // The root knows it first, and tells the others before it tells them this.
            ranks.all[0].break_off(fault(0));
            while ranks.step() {}
            prop_assert!(ranks.all.iter().all(|rank| rank.is_over() && rank.fault().is_none()));
            prop_assert!(ranks.all.iter().all(|rank| rank.broken() == Some(&fault(0))));
        }
    }
}
