//! Waiting for a job: its own words often, its scheduler seldom.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::Result;

use super::job::Job;
use super::scheduler::Look;
use super::state::State;
use crate::exit;

/// How long between two looks at the words: from the first to the last.
const WORDS: [Duration; 2] = [Duration::from_millis(50), Duration::from_secs(1)];

/// And between two questions to the scheduler, which many ask.
const LOOKS: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(30)];

/// How long a file system may take to show what another node wrote.
const GRACE: Duration = Duration::from_secs(15);

/// A time that grows each time.
struct Pause {
    now: Duration,
    most: Duration,
}

impl Pause {
    fn new([first, most]: [Duration; 2]) -> Self {
        Self { now: first, most }
    }

    fn next(&mut self) -> Duration {
        let now = self.now;
        self.now = (now * 3 / 2).min(self.most);
        now
    }
}

/// Whether somebody has pressed Ctrl-C.
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Has Ctrl-C end the waiting, and not the job.
pub(super) fn listen() -> Result<()> {
    Ok(ctrlc::set_handler(|| INTERRUPTED.store(true, Ordering::Relaxed))?)
}

/// What waiting came to.
pub(super) enum Waited {
    Over(Vec<(u32, State)>),
    Interrupted,
}

/// Waits for all tasks of a job. Shows the log of one that is no array as it grows.
pub(super) fn wait(job: &Job) -> Result<Waited> {
    let (mut words, mut looks) = (Pause::new(WORDS), Pause::new(LOOKS));
    let mut log = Log::new(job);
    let mut next_look = Instant::now() + looks.next();
    let mut wordless: Option<Instant> = None;
    let mut told = String::new();
    let mut had_ended = false;
    loop {
        let has_ended = job.has_last_words();
        log.show()?;
        if has_ended != had_ended {
            // What the words do not say the scheduler may: whether a limit ended them, or that they begin again.
            (had_ended, looks, next_look) = (has_ended, Pause::new(LOOKS), Instant::now());
        }
        if INTERRUPTED.load(Ordering::Relaxed) {
            return Ok(Waited::Interrupted);
        }
        if Instant::now() >= next_look {
            let (look, states) = job.ask();
            if states.iter().all(|(_, state)| state.is_over()) {
                let since = *wordless.get_or_insert_with(Instant::now);
                let is_sure = states.iter().all(|(_, state)| *state != State::Wordless);
                if is_sure || since.elapsed() >= GRACE {
                    log.show()?;
                    return Ok(Waited::Over(states));
                }
            } else {
                wordless = None;
            }
            tell(job, &look, &states, &mut told);
            let pause = if wordless.is_some() { LOOKS[0] } else { looks.next() };
            next_look = Instant::now() + pause;
        }
        sleep(words.next());
    }
}

/// Says what a job waits for, whenever that is something else.
fn tell(job: &Job, look: &Look, states: &[(u32, State)], told: &mut String) {
    let now = match (look, states.first()) {
        (Look::Silent(reason), _) => {
            format!("job {} is not known: {reason}", job.number)
        }
        (_, Some((_, State::Waits(reason)))) if !reason.is_empty() => {
            let advice = job.kind.scheduler().advice(reason);
            let advice = advice.map(|advice| format!(", maybe for ever: {advice}"));
            format!("job {} waits: {reason}{}", job.number, advice.unwrap_or_default())
        }
        _ => String::new(),
    };
    if now != *told && !now.is_empty() {
        exit::say(&now);
    }
    *told = now;
}

/// The log of a job that is no array, shown as it grows.
struct Log {
    path: Option<std::path::PathBuf>,
    shown: u64,
}

impl Log {
    fn new(job: &Job) -> Self {
        Self { path: job.plan.tasks.is_none().then(|| job.log(0)), shown: 0 }
    }

    fn show(&mut self) -> Result<()> {
        let Some(mut file) = self.path.as_ref().and_then(|path| File::open(path).ok()) else {
            return Ok(());
        };
        let mut bytes = vec![];
        file.seek(SeekFrom::Start(self.shown))?;
        file.read_to_end(&mut bytes)?;
        self.shown += bytes.len() as u64;
        match std::io::stdout().lock().write_all(&bytes) {
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
            _ => Ok(()),
        }
    }
}
