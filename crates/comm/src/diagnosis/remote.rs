//! Ranks that are processes, and tell one of them what they do: by sockets of their machine, so that nothing of
//! it goes the way of their messages.
//!
//! The process of rank 0 asks all, one round after another; nobody says anything unasked. So what ranks say in
//! one round is older than what they say in a later one, and there is an instant between: who says the same
//! in both, and has looked for messages meanwhile, has waited then, as all others that do.

use std::collections::BTreeSet;
use std::hash::{BuildHasher as _, RandomState};
use std::io::{self, Read, Write};
use std::mem;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use super::graph::{self, Standing};
use super::meeting::Meetings;
use super::rounds::Rounds;
use super::watch::Said;
use super::{Deadlock, Watch};
use crate::trace::{In, Out};
use crate::{Finding, Place};

/// Tell what you do.
const TELL: u8 = 1;
/// You wait for ever, or others do: here is who.
const STUCK: u8 = 2;

/// Who has looked so often and found nothing has seen what had been sent before.
const LOOKS: u64 = 50;

/// How long the others may take to come, and to say something. A process that is stopped is left alone then.
const PATIENCE: Duration = Duration::from_secs(60);

/// Between two rounds when rank 0 has ended.
const PAUSE: Duration = Duration::from_millis(10);

/// A rank is asked as long as there is this.
struct Asked(Arc<Watch>);

impl Asked {
    fn new(watch: &Arc<Watch>) -> Self {
        watch.set_asked(true);
        Self(Arc::clone(watch))
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        self.0.set_asked(false);
    }
}

/// Waits until a rank that has failed was asked once more, and all others with it: what it has failed of may be
/// that their collectives differ.
pub(crate) fn linger(watch: &Watch) {
    if !watch.deadlocks().is_empty() {
        // It has failed of that.
        return;
    }
    let (rounds, since) = (watch.rounds(), Instant::now());
    // The next may have begun before.
    while watch.is_asked() && watch.rounds() < rounds + 2 && since.elapsed() < LINGER {
        thread::sleep(PAUSE);
    }
}

/// No longer than a programmer waits.
const LINGER: Duration = Duration::from_secs(2);

/// The collectives that ranks have come to, and which of those that differ were told.
#[derive(Default)]
struct Comparison {
    meetings: Meetings,
    told: BTreeSet<[Place; 2]>,
    is_over: bool,
}

impl Comparison {
    /// Takes what ranks say of their collectives, and tells of those that differ: of each two places once.
    fn compare(&mut self, all: &mut [Said], tell: &dyn Fn(&str)) {
        for said in all {
            let Some(came) = said.came.as_mut().map(mem::take) else {
                if !mem::replace(&mut self.is_over, true) {
                    tell("collectives come too fast, and are no longer compared");
                    self.meetings = Meetings::default();
                }
                return;
            };
            let came = if self.is_over { vec![] } else { came };
            for finding in came.into_iter().filter_map(|(it, ranks)| self.meetings.come(it, ranks))
            {
                if let Finding::Collectives { first, other } = &finding
                    && self.told.insert([first.place.clone(), other.place.clone()])
                {
                    tell(&finding.to_string());
                }
            }
        }
    }
}

/// Where the one is that asks, and what one must say there first.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Meeting {
    pub(crate) port: u16,
    pub(crate) token: u64,
}

/// Asks all others from now on, on a thread of its own, until all have ended. `tell` is told what it finds.
pub(crate) fn ask(
    watch: Arc<Watch>,
    stall: Duration,
    tell: impl Fn(&str) + Send + 'static,
) -> io::Result<Meeting> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let port = listener.local_addr()?.port();
    let token = RandomState::new().hash_one(port);
    let asked = Asked::new(&watch);
    let look = move || {
        let _asked = asked;
        if let Ok(mut peers) = accepted(&listener, &watch, token) {
            // There is nobody left to ask where one is gone.
            let _ = look_on(&watch, &mut peers, stall, &tell);
        }
    };
    thread::Builder::new().name(String::from("watch")).spawn(look)?;
    Ok(Meeting { port, token })
}

/// Answers from now on, on a thread of its own.
pub(crate) fn answer(
    watch: Arc<Watch>,
    rank: usize,
    meeting: Meeting,
    tell: impl Fn(&Deadlock) + Send + 'static,
) -> io::Result<()> {
    let mut asker = TcpStream::connect((Ipv4Addr::LOCALHOST, meeting.port))?;
    asker.write_all(&meeting.token.to_le_bytes())?;
    asker.write_all(&(rank as u64).to_le_bytes())?;
    let asked = Asked::new(&watch);
    let look = move || {
        let _asked = asked;
        // Nobody asks any more.
        let _ = answered(&watch, rank, &mut asker, &tell);
    };
    thread::Builder::new().name(String::from("watch")).spawn(look).map(drop)
}

/// The others, in the order of ranks, when all have come.
fn accepted(listener: &TcpListener, watch: &Watch, token: u64) -> io::Result<Vec<TcpStream>> {
    let mut peers: Vec<Option<TcpStream>> = (1..watch.ranks()).map(|_| None).collect();
    let since = Instant::now();
    listener.set_nonblocking(true)?;
    while peers.iter().any(Option::is_none) {
        // Where rank 0 has ended it waits for this.
        let patience = if watch.is_over_after(Duration::ZERO) { LINGER } else { PATIENCE };
        if since.elapsed() > patience {
            return Err(io::ErrorKind::TimedOut.into());
        }
        let Ok((mut peer, _)) = listener.accept() else {
            thread::sleep(Duration::from_millis(1));
            continue;
        };
        peer.set_nonblocking(false)?;
        peer.set_read_timeout(Some(PATIENCE))?;
        // Somebody else's is dropped.
        if read_number(&mut peer)? == token {
            let rank = read_number(&mut peer)?;
            let place =
                usize::try_from(rank).ok().and_then(|rank| peers.get_mut(rank.checked_sub(1)?));
            if let Some(place) = place {
                *place = Some(peer);
            }
        }
    }
    Ok(peers.into_iter().flatten().collect())
}

/// Asks again and again, and tells of those that wait for each other, until all have ended, or one does not answer.
fn look_on(
    watch: &Watch,
    peers: &mut [TcpStream],
    stall: Duration,
    tell: &dyn Fn(&str),
) -> io::Result<()> {
    let (mut rounds, mut comparison) = (Rounds::default(), Comparison::default());
    loop {
        if watch.is_over_after(stall) {
            // Rank 0 waits for this.
            thread::sleep(PAUSE);
        }
        watch.starts_round();
        let mut now = vec![watch.says(0)];
        for peer in &mut *peers {
            peer.write_all(&[TELL])?;
            let bytes = received(peer)?;
            now.push(In::new(&bytes).said().map_err(io::Error::other)?);
        }
        comparison.compare(&mut now, tell);
        let standings = rounds.standings(&now);
        let stuck = graph::stuck(&standings);
        if let Some(deadlock) = Watch::judged(&standings, &stuck, |rank| now[rank].calls()) {
            let own = stuck.contains(&0).then_some((0, now[0].count));
            watch.has_found(&deadlock, own.as_slice());
            tell(&deadlock.text());
            for (peer, said) in peers.iter_mut().zip(&now[1..]) {
                let mut out = Out::default();
                out.put(said.count);
                out.deadlock(&deadlock);
                // One that is gone need not know.
                let _ = peer.write_all(&[STUCK]).and_then(|()| send(peer, &out));
            }
            // What was seen before would tell of it again.
            rounds = Rounds::default();
        }
        if now.iter().all(|said| said.has_ended) {
            return Ok(());
        }
        rounds.keep(now);
    }
}

/// What a rank does that has said that in an earlier round.
pub(super) fn standing(rank: usize, before: Option<&Said>, now: &Said) -> Standing {
    if now.has_ended {
        return Standing::Ended;
    }
    let has_waited = |before: &Said| {
        (before.count, before.moved) == (now.count, now.moved)
            && before.waits == now.waits
            && before.looks + LOOKS <= now.looks
    };
    let waits = now.waits.as_ref().filter(|_| before.is_some_and(has_waited));
    waits.map_or(Standing::Free, |waits| waits.standing(rank))
}

/// Answers, and hears of deadlocks, until nobody asks any more.
fn answered(
    watch: &Watch,
    rank: usize,
    asker: &mut TcpStream,
    tell: &dyn Fn(&Deadlock),
) -> io::Result<()> {
    loop {
        let mut what = [0];
        asker.read_exact(&mut what)?;
        if what == [STUCK] {
            let bytes = received(asker)?;
            let mut input = In::new(&bytes);
            let calls = input.number().map_err(io::Error::other)?;
            let deadlock = input.deadlock().map_err(io::Error::other)?;
            let is_own = deadlock.ranks().iter().any(|waiting| waiting.rank == rank);
            watch.has_found(&deadlock, is_own.then_some((rank, calls)).as_slice());
            tell(&deadlock);
            continue;
        }
        watch.starts_round();
        let mut out = Out::default();
        out.said(&watch.says(rank));
        send(asker, &out)?;
    }
}

fn read_number(peer: &mut TcpStream) -> io::Result<u64> {
    let mut bytes = [0; 8];
    peer.read_exact(&mut bytes)?;
    Ok(u64::from_le_bytes(bytes))
}

fn send(peer: &mut TcpStream, out: &Out) -> io::Result<()> {
    peer.write_all(&(out.bytes().len() as u64).to_le_bytes())?;
    peer.write_all(out.bytes())
}

fn received(peer: &mut TcpStream) -> io::Result<Vec<u8>> {
    let len = read_number(peer)?;
    let mut bytes = vec![];
    peer.take(len).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::{Comparison, In, Out, Said};
    use crate::diagnosis::{Active, Watch};
    use crate::{Call, CallKind, Max, Operation, Sum};

    /// What a rank says that has come to a reduction, as others read it.
    fn said(rank: usize, number: u32, operation: &impl Operation<i32>) -> Said {
        let watch = Watch::new(2);
        watch.set_asked(true);
        let call = Call::new(CallKind::Allreduce).by(operation);
        watch.comes_alone(Active { rank, call, communicator: 0, number: Some(number) }, 2);
        let mut out = Out::default();
        out.said(&watch.says(rank));
        assert!(watch.says(rank).came.unwrap().is_empty());
        In::new(out.bytes()).said().unwrap()
    }

    #[test]
    fn collectives_that_differ_are_told_once() {
        let (told, mut comparison) = (RefCell::new(vec![]), Comparison::default());
        let tell = |what: &str| told.borrow_mut().push(what.to_owned());
        comparison.compare(&mut [said(0, 0, &Sum), said(1, 0, &Sum)], &tell);
        assert!(told.borrow().is_empty());
        for number in 1..4 {
            comparison.compare(&mut [said(0, number, &Sum)], &tell);
            comparison.compare(&mut [said(1, number, &Max)], &tell);
        }
        assert_eq!(told.borrow().len(), 1);
        assert!(told.borrow()[0].contains("rank 1: allreduce #1 by Max at "), "{told:?}");
        // Nothing is compared with what was not told.
        let lost = Said { came: None, ..said(0, 4, &Sum) };
        comparison.compare(&mut [lost, said(1, 4, &Max)], &tell);
        comparison.compare(&mut [said(0, 5, &Sum), said(1, 5, &Max)], &tell);
        assert_eq!(told.borrow().len(), 2);
        assert!(told.borrow()[1].contains("no longer compared"), "{told:?}");
    }
}
