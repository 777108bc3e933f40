//! Ranks that are processes, and tell one of them what they do: by sockets of their machine, so that nothing of
//! it goes the way of their messages.
//!
//! The process of rank 0 asks all, one round after another; nobody says anything unasked. So what ranks say in
//! one round is older than what they say in the next, and there is an instant between: who says the same
//! in both, and has looked for messages meanwhile, has waited then, as all others that do.

use std::hash::{BuildHasher as _, RandomState};
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use super::graph::Standing;
use super::watch::Said;
use super::{Deadlock, Waits, Watch};
use crate::trace::{In, Out};

/// Tell what you do.
const TELL: u8 = 1;
/// You wait for ever, or others do: here is who.
const STUCK: u8 = 2;

/// Who has looked so often and found nothing has seen what had been sent before.
const LOOKS: u64 = 50;

/// How long the others may take to come, and to say something. A process that is stopped is left alone then.
const PATIENCE: Duration = Duration::from_secs(60);

/// Where the one is that asks, and what one must say there first.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Meeting {
    pub(crate) port: u16,
    pub(crate) token: u64,
}

/// Asks all others from now on, on a thread of its own. `tell` is told what it finds.
pub(crate) fn ask(
    watch: Arc<Watch>,
    stall: Duration,
    tell: impl Fn(&Deadlock) + Send + 'static,
) -> io::Result<Meeting> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let port = listener.local_addr()?.port();
    let token = RandomState::new().hash_one(port);
    let look = move || {
        if let Ok(mut peers) = accepted(&listener, &watch, token)
            && let Ok(Some(deadlock)) = found(&watch, &mut peers, stall)
        {
            tell(watch.has_found(deadlock.clone()));
            let mut out = Out::default();
            out.deadlock(&deadlock);
            for peer in &mut peers {
                // One that is gone need not know.
                let _ = peer.write_all(&[STUCK]).and_then(|()| send(peer, &out));
            }
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
    let look = move || {
        if let Ok(Some(deadlock)) = answered(&watch, rank, &mut asker) {
            tell(watch.has_found(deadlock));
        }
    };
    thread::Builder::new().name(String::from("watch")).spawn(look).map(drop)
}

/// The others, in the order of ranks, when all have come.
fn accepted(listener: &TcpListener, watch: &Watch, token: u64) -> io::Result<Vec<TcpStream>> {
    let mut peers: Vec<Option<TcpStream>> = (1..watch.ranks()).map(|_| None).collect();
    let since = Instant::now();
    listener.set_nonblocking(true)?;
    while peers.iter().any(Option::is_none) {
        if since.elapsed() > PATIENCE {
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

/// Asks again and again, until some wait for each other or one does not answer.
fn found(watch: &Watch, peers: &mut [TcpStream], stall: Duration) -> io::Result<Option<Deadlock>> {
    let mut before: Vec<Said> = vec![];
    loop {
        thread::sleep(stall);
        let mut now = vec![watch.says(0)];
        for peer in &mut *peers {
            peer.write_all(&[TELL])?;
            let bytes = received(peer)?;
            now.push(In::new(&bytes).said().map_err(io::Error::other)?);
        }
        let standings: Vec<Standing> = now
            .iter()
            .enumerate()
            .map(|(rank, said)| standing(rank, before.get(rank), said))
            .collect();
        let deadlock = Watch::judged(&standings, |rank| now[rank].calls());
        if deadlock.is_some() {
            return Ok(deadlock);
        }
        before = now;
    }
}

fn standing(rank: usize, before: Option<&Said>, now: &Said) -> Standing {
    if now.has_ended {
        return Standing::Ended;
    }
    let has_waited = |before: &Said| {
        (before.count, before.moved) == (now.count, now.moved)
            && before.waits == now.waits
            && before.looks + LOOKS <= now.looks
    };
    let others = |peers: &[usize]| peers.iter().copied().filter(|&peer| peer != rank).collect();
    match &now.waits {
        Some(Waits::All(peers)) if before.is_some_and(has_waited) => Standing::All(others(peers)),
        Some(Waits::Any(peers)) if before.is_some_and(has_waited) => Standing::Any(others(peers)),
        _ => Standing::Free,
    }
}

/// Answers until it is told of a deadlock, or nobody asks any more.
fn answered(watch: &Watch, rank: usize, asker: &mut TcpStream) -> io::Result<Option<Deadlock>> {
    loop {
        let mut what = [0];
        asker.read_exact(&mut what)?;
        if what == [STUCK] {
            let bytes = received(asker)?;
            return In::new(&bytes).deadlock().map(Some).map_err(io::Error::other);
        }
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
