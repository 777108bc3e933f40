//! What a rank's own thread does while others compute: it sends, receives, answers, and agrees with the other ranks.
//!
//! It never waits for one thing, so that ranks cannot wait for each other in a circle: it looks at everything in turn, and
//! sleeps a little when nothing has happened.

use std::collections::{HashMap, VecDeque};
use std::sync::mpsc::{Receiver, Sender, TryRecvError};
use std::thread;
use std::time::Duration;

use super::agreement::{Agreement, Control};
use super::exchange::{Asked, Exchange};
use super::fault::Fault;
use super::link::{Link, Sending};
use super::message::{Message, Request, answer};
use crate::error::{Error, ErrorKind, Result};
use crate::executor::{Cancel, cancelled, caught};
use crate::plan::{ANSWERS, Partial};

/// How long it sleeps at first, and at most.
pub(super) const SHORTEST: Duration = Duration::from_micros(10);
pub(super) const LONGEST: Duration = Duration::from_micros(500);

/// How much a rank has sent to others, what is needed to agree with them left out.
///
/// ```
/// use tenfold_array::Traffic;
///
/// assert_eq!(Traffic::default().bytes, 0);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Traffic {
    /// How many messages: those that ask for elements, too.
    pub messages: u64,
    /// How many bytes of answers with elements, and of what was reduced.
    pub bytes: u64,
}

pub(super) struct Dispatch<'a> {
    link: &'a dyn Link,
    exchange: &'a Exchange,
    inbox: Receiver<Asked>,
    /// Where it goes what other ranks have reduced.
    partials: Option<Sender<Partial>>,
    /// Stops those that compute here.
    stop: Cancel,
    /// Whether the user wants all to stop.
    user: Cancel,
    agreement: Agreement,
    /// How many times ranks meet: at the end of each stage, and of all.
    stages: usize,
    /// The number of the computation.
    run: u32,
    pub(super) traffic: Traffic,
    asks: HashMap<u64, Sender<Vec<u8>>>,
    next_ask: u64,
    /// Who waits for what another rank does not have any more.
    in_vain: Vec<Sender<Vec<u8>>>,
    /// What others have asked for.
    requests: VecDeque<(usize, Request)>,
    answers: Vec<Box<dyn Sending + 'a>>,
    sends: Vec<(Box<dyn Sending + 'a>, Sender<()>)>,
    /// Who waits for the end of a stage, and how many were over then.
    meeting: Option<(usize, Sender<Vec<u8>>)>,
    /// Whether those that compute here have come to an end.
    has_ended: bool,
}

impl<'a> Dispatch<'a> {
    pub(super) fn new(
        link: &'a dyn Link,
        exchange: &'a Exchange,
        inbox: Receiver<Asked>,
        partials: Sender<Partial>,
        (stop, user): (Cancel, Cancel),
        (run, stages): (u32, usize),
    ) -> Self {
        Self {
            link,
            exchange,
            inbox,
            partials: Some(partials),
            stop,
            user,
            agreement: Agreement::new(link.rank(), link.size(), stages),
            stages,
            run,
            traffic: Traffic::default(),
            asks: HashMap::new(),
            next_ask: 0,
            in_vain: vec![],
            requests: VecDeque::new(),
            answers: vec![],
            sends: vec![],
            meeting: None,
            has_ended: false,
        }
    }

    /// Goes on until all ranks are through, or have stopped: then it gives what for. Those that compute here have stopped
    /// then. [`ErrorKind::Ranks`] if messages do not come and go any more, of which the others are told where they can be.
    pub(super) fn run(&mut self) -> Option<Fault> {
        let through = caught(|| self.all()).unwrap_or_else(|text| {
            let sentence = format!("panicked while it sent and received: {text}");
            Err(Error::new(ErrorKind::Ranks, sentence))
        });
        if let Err(error) = through {
            self.agreement.break_off(Fault::new(self.link.rank(), &error));
            for (to, control) in self.agreement.take_outbox() {
                // Whoever cannot be told finds that nobody is there.
                let _ = caught(|| self.link.post(&control.to_message(self.run), to));
            }
            if self.agreement.fault().is_none() {
                self.end_meeting();
            }
        }
        // Whoever still waits here hears that nothing comes.
        self.stop.cancel();
        self.asks.clear();
        self.in_vain.clear();
        (self.sends, self.answers) = (vec![], vec![]);
        (self.meeting, self.partials) = (None, None);
        while !self.has_ended {
            match self.inbox.recv() {
                Ok(Asked::Ended(_)) | Err(_) => self.has_ended = true,
                Ok(_) => {}
            }
        }
        self.agreement.fault().cloned()
    }

    /// Why messages do not come and go any more, if they do not: also where all was done before.
    pub(super) fn broken(&self) -> Option<Fault> {
        self.agreement.broken().cloned()
    }

    fn all(&mut self) -> Result<()> {
        let mut pause = SHORTEST;
        loop {
            let happened = self.hear_threads()? | self.hear_ranks()? | self.see_sends()?;
            self.answer()?;
            self.agree()?;
            if self.is_through() {
                return Ok(());
            }
            if happened {
                pause = SHORTEST;
                continue;
            }
            thread::park_timeout(pause);
            // After the last stage the others may go.
            if pause == LONGEST && !self.agreement.is_over() {
                self.agreement.neighbors().try_for_each(|rank| self.link.check(rank))?;
            }
            pause = LONGEST.min(2 * pause);
        }
    }

    fn is_through(&self) -> bool {
        if self.agreement.broken().is_some() {
            return true;
        }
        let is_over = match self.agreement.fault() {
            Some(_) => self.agreement.has_ended(),
            None => self.has_ended && self.meeting.is_none() && !self.agreement.is_failing(),
        };
        is_over && self.answers.is_empty() && self.sends.is_empty()
    }

    /// What those that compute here ask for.
    fn hear_threads(&mut self) -> Result<bool> {
        let mut happened = false;
        loop {
            match self.inbox.try_recv() {
                Ok(asked) => self.take(asked)?,
                Err(TryRecvError::Empty | TryRecvError::Disconnected) => return Ok(happened),
            }
            happened = true;
        }
    }

    fn take(&mut self, asked: Asked) -> Result<()> {
        match asked {
            // Nothing more is asked for when all stop: who asks hears it.
            Asked::Elements { .. } | Asked::Send { .. } | Asked::Meet { .. }
                if self.agreement.fault().is_some() => {}
            Asked::Elements { mut request, of, answer } => {
                request.ask = self.next_ask;
                self.next_ask += 1;
                self.asks.insert(request.ask, answer);
                self.traffic.messages += 1;
                self.link.post(&request.to_message(), of)?;
            }
            Asked::Send { message, to, sent } => {
                self.count(message.len());
                self.sends.push((self.link.start(message, to)?, sent));
            }
            Asked::Meet { own, met } => {
                self.meeting = Some((self.agreement.over(), met));
                self.agreement.do_stage(&own);
            }
            Asked::Failed(fault) => self.agreement.fail(fault),
            Asked::Ended(fault) => {
                self.has_ended = true;
                if let Some(fault) = fault {
                    self.agreement.fail(fault);
                }
            }
        }
        Ok(())
    }

    fn count(&mut self, bytes: usize) {
        self.traffic.messages += 1;
        self.traffic.bytes += bytes as u64;
    }

    /// What other ranks have sent.
    fn hear_ranks(&mut self) -> Result<bool> {
        let mut happened = false;
        while let Some((from, bytes)) = self.link.next()? {
            happened = true;
            match Message::read(&bytes).ok_or_else(|| strange(from))? {
                Message::Request(request) => self.requests.push_back((from, request)),
                Message::Answer { ask, elements } => {
                    let back = self.asks.remove(&ask).ok_or_else(|| strange(from))?;
                    match elements {
                        // Nobody waits for it where something has failed.
                        Some(elements) => drop(back.send(elements)),
                        // The other rank has failed, as it will tell: it is that which all stop for.
                        None => self.in_vain.push(back),
                    }
                }
                Message::Partial(partial) => {
                    if let Some(to) = &self.partials {
                        let _ = to.send(partial);
                    }
                }
                Message::Control { run, control } if run == self.run => {
                    self.agreement.hear(control);
                }
                Message::Control { .. } => {}
            }
        }
        Ok(happened)
    }

    /// What has been sent.
    fn see_sends(&mut self) -> Result<bool> {
        let before = self.answers.len() + self.sends.len();
        for mut answer in std::mem::take(&mut self.answers) {
            match answer.is_done() {
                true => answer.end()?,
                false => self.answers.push(answer),
            }
        }
        for (mut send, sent) in std::mem::take(&mut self.sends) {
            if send.is_done() {
                send.end()?;
                let _ = sent.send(());
            } else {
                self.sends.push((send, sent));
            }
        }
        Ok(self.answers.len() + self.sends.len() < before)
    }

    /// Answers those that ask, some at a time.
    fn answer(&mut self) -> Result<()> {
        while self.answers.len() < ANSWERS {
            // What is not there any more has gone because something has failed here: who asks is to hear of that first.
            let can_be = |(_, request): &(usize, Request)| {
                self.has_ended || self.exchange.find(request.array).is_some()
            };
            let Some(at) = self.requests.iter().position(can_be) else { return Ok(()) };
            let Some((from, request)) = self.requests.remove(at) else { return Ok(()) };
            let pieces = self.exchange.find(request.array);
            let is_there = pieces.is_some();
            let message = pieces.and_then(|pieces| pieces.answer(&request)).unwrap_or_else(|| {
                if is_there {
                    self.agreement.fail(Fault::new(self.link.rank(), &strange(from)));
                }
                answer(request.ask, false, 0)
            });
            self.count(message.len());
            self.answers.push(self.link.start(message, from)?);
        }
        Ok(())
    }

    /// Tells the other ranks what they must know of this one, and those that compute here what was decided.
    fn agree(&mut self) -> Result<()> {
        if self.user.is_cancelled() && !self.stop.is_cancelled() {
            self.stop.cancel();
            // Those that compute may wait for others, which do not hear it.
            let error = cancelled(self.agreement.over(), self.stages - 1, "stages");
            self.agreement.fail(Fault::new(self.link.rank(), &error));
        }
        if self.agreement.fault().is_some() {
            self.stop.cancel();
            // Who waits for others waits in vain.
            (self.meeting, self.partials) = (None, None);
            self.in_vain.clear();
            let asks_nothing = self.asks.is_empty() && self.sends.is_empty();
            if self.has_ended && asks_nothing && self.requests.is_empty() {
                self.agreement.be_quiet();
            }
        }
        self.end_meeting();
        for (to, control) in self.agreement.take_outbox() {
            if let Control::Done(brought) | Control::GoOn(brought) = &control
                && !brought.is_empty()
            {
                self.count(brought.len());
            }
            let posted = self.link.post(&control.to_message(self.run), to);
            // Who is gone after the last stage has told of its end before, and who is gone needs no other news.
            if !matches!(control, Control::Failed(_) | Control::Broken(_)) {
                posted?;
            }
        }
        Ok(())
    }

    /// Tells who waits for the end of a stage that all have come there, if they have.
    fn end_meeting(&mut self) {
        let over = self.agreement.over();
        if let Some((_, met)) = self.meeting.take_if(|(before, _)| *before < over) {
            let _ = met.send(self.agreement.take_brought());
        }
    }
}

/// That a message has come which nobody has use for.
fn strange(from: usize) -> Error {
    let sentence = format!("rank {from} has sent something that is no message of an array");
    Error::new(ErrorKind::Ranks, sentence)
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};
    use std::sync::Arc;
    use std::time::Instant;

    use tenfold_comm::{Communicator, ThreadComm, World};

    use super::super::link::{Over, broken};
    use super::super::{Planned, Ranks};
    use super::*;
    use crate::node::sorted;
    use crate::plan::Place;
    use crate::{Array, Random, Settings};

    type Heard = Result<Option<(usize, Vec<u8>)>>;

    /// A link that hears messages in another way.
    struct Odd<F> {
        link: Over<ThreadComm>,
        next: F,
        /// Whether it fails once to agree.
        fails: Cell<bool>,
    }

    impl<F: Fn(&Over<ThreadComm>) -> Heard> Link for Odd<F> {
        fn rank(&self) -> usize {
            self.link.rank()
        }

        fn size(&self) -> usize {
            self.link.size()
        }

        fn post(&self, message: &[u8], to: usize) -> Result<()> {
            self.link.post(message, to)
        }

        fn start(&self, message: Vec<u8>, to: usize) -> Result<Box<dyn Sending + '_>> {
            self.link.start(message, to)
        }

        fn next(&self) -> Heard {
            (self.next)(&self.link)
        }

        fn check(&self, rank: usize) -> Result<()> {
            self.link.check(rank)
        }

        fn least(&self, mine: &[u64]) -> Result<Vec<u64>> {
            if self.fails.take() {
                return Err(Error::new(ErrorKind::Ranks, "nobody agrees"));
            }
            self.link.least(mine)
        }

        fn told_by(&self, root: usize, mine: Vec<u8>) -> Result<Vec<u8>> {
            self.link.told_by(root, mine)
        }
    }

    fn ranks(
        world: &ThreadComm,
        next: impl Fn(&Over<ThreadComm>) -> Heard + 'static,
    ) -> Result<Ranks<'static>> {
        failing(world, next, false)
    }

    fn failing(
        world: &ThreadComm,
        next: impl Fn(&Over<ThreadComm>) -> Heard + 'static,
        fails: bool,
    ) -> Result<Ranks<'static>> {
        let link = Over(world.dup().map_err(broken)?);
        Ok(Ranks {
            link: Box::new(Odd { link, next, fails: Cell::new(fails) }),
            exchange: Arc::default(),
            settings: Settings::new().threads(1),
            runs: Cell::new(0),
            traffic: Cell::default(),
            broken: RefCell::default(),
        })
    }

    /// Each rank's two attempts to compute, of which one rank has a link that is torn after so many looks for messages.
    fn told(torn: usize, left: usize, panics: bool) -> Vec<[String; 2]> {
        let all = World::threads(5).run(|world| {
            let left = Cell::new(if world.rank() == torn { left } else { usize::MAX });
            let ranks = ranks(world, move |link| {
                match left.get().checked_sub(1) {
                    Some(less) => left.set(less),
                    None if panics => panic!("the link is torn"),
                    None => return Err(Error::new(ErrorKind::Ranks, "the link is torn")),
                }
                link.next()
            })?;
            let x = Random::new(1).standard_normal::<f64, _>([300, 300], 50);
            let errors = [0, 1].map(|_| {
                let error = ranks.compute(&(&x - &x.mean_axis(0)).t().cumsum(0)).unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Ranks);
                error.to_string()
            });
            // Nobody goes before all have asked again.
            world.barrier().map_err(broken)?;
            Ok::<_, Error>(errors)
        });
        all.unwrap()
    }

    #[test]
    fn a_link_that_is_torn_is_one_error_on_all_ranks_from_then_on() {
        for (torn, left, panics) in [(0, 0, false), (1, 1, false), (4, 2, true), (0, 2, true)] {
            let all = told(torn, left, panics);
            let expected = match panics {
                false => format!("rank {torn}: the link is torn"),
                true => {
                    format!("rank {torn}: panicked while it sent and received: the link is torn")
                }
            };
            assert!(all.iter().flatten().all(|told| *told == expected), "{all:?}");
        }
    }

    #[test]
    fn a_link_by_which_nobody_agrees_is_an_error_from_then_on() {
        let all = World::threads(2).run(|world| {
            let ranks = failing(world, Link::next, world.rank() == 1)?;
            let x = Array::<f64, _>::ones([30], 10);
            Ok::<_, Error>([0, 1].map(|_| ranks.compute(&x.sum()).map_err(|e| e.to_string())))
        });
        let all = all.unwrap();
        assert_eq!(all[1], [Err("nobody agrees".to_owned()), Err("nobody agrees".to_owned())]);
        assert!(all[0].iter().all(Result::is_err), "{all:?}");
    }

    /// One rank's link is torn when it has heard that all have done all.
    #[test]
    fn a_link_that_is_torn_when_all_is_done_is_an_error_of_what_comes_next() {
        let all = World::threads(3).run(|world| {
            let (is_torn, over) = (world.rank() == 1, Cell::new(0));
            // The end of the one stage, and of all.
            let ranks = ranks(world, move |link| {
                if is_torn && over.get() == 2 {
                    return Err(Error::new(ErrorKind::Ranks, "the link is torn"));
                }
                let next = link.next()?;
                if let Some((_, bytes)) = &next
                    && let Some(Message::Control { control: Control::GoOn(_), .. }) =
                        Message::read(bytes)
                {
                    over.set(over.get() + 1);
                }
                Ok(next)
            })?;
            let x = Array::<f64, _>::ones([30], 10);
            let first = ranks.compute(&x.sum())?.into_scalar();
            let next = ranks.compute(&x.sum()).map_err(|error| (error.kind(), error.to_string()));
            Ok::<_, Error>((first, next.err()))
        });
        let all = all.unwrap();
        assert!(all.iter().all(|(first, _)| *first == 30.0), "{all:?}");
        let told = (ErrorKind::Ranks, "rank 1: the link is torn".to_owned());
        assert_eq!(all[1].1, Some(told));
        assert!(
            all.iter()
                .all(|(_, next)| next.as_ref().is_some_and(|(kind, _)| *kind == ErrorKind::Ranks))
        );
    }

    /// Hears messages so much later than they come.
    fn late(by: Duration) -> impl Fn(&Over<ThreadComm>) -> Heard {
        let under_way = RefCell::new(VecDeque::new());
        move |link| {
            let mut under_way = under_way.borrow_mut();
            while let Some(message) = link.next()? {
                under_way.push_back((Instant::now() + by, message));
            }
            Ok(under_way.pop_front_if(|(at, _)| *at <= Instant::now()).map(|(_, message)| message))
        }
    }

    /// How long two ranks take for 72 chunks each, of which each asks the other for half, with so many workers that share
    /// a thread, and the bits of what they make.
    fn timed(workers: usize, late_by: Duration, takes: Duration) -> (Duration, u64) {
        let all = World::threads(2).run(|world| {
            let ranks = ranks(world, late(late_by))?;
            let x = Random::new(1).standard_normal::<f64, _>([1200, 1200], 100);
            let slow = ranks.persist(&x)?.t().map_blocks(move |block, _| {
                thread::sleep(takes);
                block.mapv(f64::abs)
            });
            let nodes = [slow.sum().node];
            let mut plan = ranks.settings.plan_for(2, &nodes, |_| Place::Memory, 0)?;
            assert_eq!(plan.stages[0].workers, 2, "there is room");
            plan.stages[0].workers = workers;
            let planned = Planned { plan, order: sorted(&nodes) };
            ranks.runs.set(ranks.runs.get() + 1);
            let started = Instant::now();
            let made = ranks.carry_out(&planned, &[])?.remove(0).in_memory();
            let took = started.elapsed();
            // Nobody goes before all have heard that it is over.
            world.barrier().map_err(broken)?;
            Ok::<_, Error>((took, made.elements::<f64>()[0].to_bits()))
        });
        all.unwrap()[0]
    }

    #[test]
    fn as_many_workers_wait_as_compute_and_make_the_same() {
        let [one, two] =
            [1, 2].map(|workers| timed(workers, Duration::from_micros(100), Duration::ZERO).1);
        assert_eq!(one, two);
    }

    #[test]
    fn there_is_one_worker_where_two_have_no_room() {
        World::threads(2)
            .run(|world| {
                let ranks = Ranks::new(world)?;
                let sum = ranks.persist(&Array::<f64, _>::ones([600, 600], 300))?.t().sum();
                let workers = |memory: Option<usize>| -> Result<usize> {
                    let settings = Settings::new().threads(1).capped(memory);
                    let nodes = [Arc::clone(&sum.node)];
                    Ok(settings.plan_for(2, &nodes, |_| Place::Memory, 0)?.stages[0].workers)
                };
                let nodes = [Arc::clone(&sum.node)];
                let settings = Settings::new().threads(1);
                let plan = settings.plan_for(2, &nodes, |_| Place::Memory, 0)?;
                let least = plan.minimum_memory();
                assert_eq!((workers(None)?, workers(Some(least))?), (2, 1));
                let full = plan.full_speed_memory();
                assert_eq!(
                    (plan.threads, workers(Some(full))?, workers(Some(full - 1))?),
                    (1, 2, 1)
                );
                Ok::<_, Error>(())
            })
            .unwrap();
    }

    #[test]
    #[ignore = "long: times two ranks with a slow link"]
    fn what_is_under_way_meanwhile_saves_time() {
        for late_by in [1, 5, 10, 20] {
            let mut least = [Duration::MAX; 2];
            for _ in 0..5 {
                for (least, workers) in least.iter_mut().zip([1, 2]) {
                    let [late_by, takes] = [late_by, 10].map(Duration::from_millis);
                    *least = (*least).min(timed(workers, late_by, takes).0);
                }
            }
            let [one, two] = least;
            eprintln!("{late_by} ms late: {one:?} with one worker, {two:?} with two");
        }
    }
}
