//! The trace of this process' rank.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::rc::Rc;

use tenfold_comm::{
    Clock, Communicator as _, Deadlock, Ended, Finding, Reading, Result, Space, Trace, Tracer,
    Tracing,
};

use crate::MpiComm;
use crate::header::{Header, Kind};
use crate::inbox::{Envelope, Inbox, Label};
use crate::machines::Machines;
use crate::session::Session;

/// What the calls of this rank are recorded by, and where that is told.
#[derive(Debug)]
pub(crate) struct Recording {
    pub(crate) tracer: Rc<Tracer>,
    size: usize,
    /// The file of this rank's trace, if it is written.
    file: Option<PathBuf>,
    /// How the clock stood at the start.
    clock: Reading,
    /// When all that is said before the program was said.
    start_ns: u64,
}

impl Recording {
    /// As the environment asks for, of the communicator of all; all have the same variables.
    pub(crate) fn from_env(comm: &MpiComm) -> Result<Option<Self>> {
        let Some(tracing) = Tracing::from_env()? else { return Ok(None) };
        let (rank, size) = (comm.rank(), comm.size());
        let tracer = Rc::new(Tracer::alone(rank, size, &tracing));
        let file = tracing.written_to().map(|folder| folder.join(format!("rank-{rank}.trace")));
        // Where no trace is written nobody asks for the time.
        let clock = match &file {
            Some(_) => comm.session.read_clocks(|| tracer.now())?,
            None => Reading::default(),
        };
        watch(comm, &tracing, &tracer)?;
        let start_ns = tracer.now();
        Ok(Some(Self { tracer, size, file, clock, start_ns }))
    }

    /// The rank has ended: writes its trace, and says what is wrong.
    pub(crate) fn end(&self, ended: Ended) {
        let mut log = self.tracer.end(ended);
        (log.clock, log.start_ns) = (self.clock.into(), self.start_ns);
        for finding in self.tracer.findings() {
            say(&finding.to_string());
        }
        if ended == Ended::Error {
            self.tracer.lingers();
        }
        let Some(file) = &self.file else { return };
        // Where it cannot be made, the file says why.
        let _ = file.parent().map(fs::create_dir_all);
        tell_failure(Trace { size: self.size, ranks: vec![log] }.write(file));
    }

    /// Says that a rank has not received these messages of this one.
    pub(crate) fn tell_unreceived(&self, from: usize, to: usize, header: Header) {
        let Header { stream, tag, count, bytes, .. } = header;
        if let Some(communicator) = Space::Program.communicator(stream) {
            let place = self.tracer.last_sent(communicator, to, tag);
            let (count, bytes) = (count as usize, bytes as usize);
            let finding = Finding::Unreceived { from, to, tag, communicator, count, bytes, place };
            say(&finding.to_string());
        }
    }

    /// All have ended, and come to this: how the clock stands now is added to the trace.
    pub(crate) fn read_clock(&self, session: &Session) -> Result<()> {
        if let Some(file) = &self.file {
            let last = session.read_clocks(|| self.tracer.now())?;
            tell_failure(Trace::set_clock(file, Clock { first: self.clock, last }));
        }
        Ok(())
    }
}

/// Says why a trace is not.
fn tell_failure(result: Result<()>) {
    if let Err(error) = result {
        say(&format!("{error:#}"));
    }
}

/// The messages of the program that lie at a rank when all have ended: a header for those of each sender, communicator
/// and tag, for the sender, who knows where it has sent them.
pub(crate) fn unreceived(inbox: &Inbox) -> Vec<(usize, Header)> {
    let mut groups = BTreeMap::new();
    for Envelope { label, bytes, .. } in inbox.left() {
        let Label { stream, sender, tag, .. } = *label;
        if Space::Program.communicator(stream).is_some() {
            let header = Header { stream, tag, ..Header::alone(Kind::Left) };
            let (_, header) = groups.entry((sender, stream, tag)).or_insert((sender, header));
            header.count += 1;
            header.bytes += *bytes as u64;
        }
    }
    groups.into_values().collect()
}

/// Prints it, as one piece. There is nothing to be done where stderr is closed.
fn say(what: &str) {
    let _ = io::stderr().lock().write_all(format!("tenfold-comm: {what}\n").as_bytes());
}

/// Has the ranks look for those of them that wait for each other, where all are on one machine.
fn watch(comm: &MpiComm, tracing: &Tracing, tracer: &Tracer) -> Result<()> {
    let machines = Machines::of(comm)?;
    let (rank, mut meeting) = (comm.rank(), [0; 2]);
    if rank == 0 {
        let asked = match machines {
            Some(machines) => Err(format!("it needs all ranks on one machine, and has {machines}")),
            None => tracer
                .asks(tracing, |what: &str| say(what.trim_end()))
                .map_err(|error| error.to_string()),
        };
        match asked {
            Ok(place) => meeting = place,
            Err(why) => {
                say(&format!("deadlocks are not looked for, nor collectives that differ: {why}"));
            }
        }
    }
    comm.bcast(&mut meeting, 0)?;
    if rank > 0 && meeting != [0; 2] {
        let tell = move |deadlock: &Deadlock| {
            let own = deadlock.ranks().iter().find(|waiting| waiting.rank == rank);
            if let Some(waiting) = own {
                say(&format!("deadlock: {waiting}"));
            }
        };
        if let Err(error) = tracer.answers(meeting, tell) {
            say(&format!("rank {rank} is not watched: {error}"));
        }
    }
    Ok(())
}
