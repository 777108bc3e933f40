//! Ranks that are processes of MPI and wait for problems between samples: both ends of what a rung `mpi` or `array+mpi`
//! and they say to each other.
//!
//! A job is started once, before the first sample. Each of its ranks then has a connection to the harness, by
//! the machine's own network, and blocks on it, so that it takes no time from what is measured meanwhile. In
//! the figure of a rung are: its input, on its way to the ranks, what they do, and the answer, on its way back.

use std::collections::BTreeMap;
use std::env;
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use tenfold_comm::Communicator;

use super::{heat, matmul, pi};
use crate::launcher::launcher_of;

/// What a request is about, its first word.
pub(super) const HEAT: u64 = 1;
pub(super) const PI: u64 = 2;
pub(super) const HEAT_ARRAY: u64 = 3;
pub(super) const PI_ARRAY: u64 = 4;
pub(super) const MATMUL_ARRAY: u64 = 5;

/// As long as a launcher that looks for a network needs before it gives up on it, and longer.
const START: Duration = Duration::from_secs(180);

/// As long as a rank may work on a problem.
const WORK: Duration = Duration::from_secs(600);

/// As long as a job has to end by itself.
const END: Duration = Duration::from_secs(5);

const POLL: Duration = Duration::from_millis(2);

/// Jobs by their numbers of ranks.
static JOBS: Mutex<BTreeMap<usize, Job>> = Mutex::new(BTreeMap::new());

/// Some ranks.
#[derive(Debug)]
pub struct Job {
    /// In the order of ranks.
    wires: Vec<Wire>,
    launcher: Option<Child>,
}

impl Job {
    /// Starts `program`, whose ranks each [`serve`].
    ///
    /// # Errors
    /// The launcher cannot be started, or ends, or the ranks do not come.
    pub fn start(program: &Path, ranks: usize) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let mut command = mpirun(ranks);
        command.arg(program).arg(listener.local_addr()?.to_string());
        // Our own stdout is for events.
        command.stdin(Stdio::null()).stdout(Stdio::null());
        let child = command.spawn().with_context(|| format!("cannot start {}", launcher()))?;
        let mut job = Self { wires: vec![], launcher: Some(child) };
        job.wires = accept(&listener, ranks, || job.ended())?;
        Ok(job)
    }

    /// What the launcher has ended with.
    fn ended(&mut self) -> Option<String> {
        let status = self.launcher.as_mut()?.try_wait().ok()??;
        Some(format!("{} has ended: {status}", launcher()))
    }

    /// Gives each rank its request, and waits for all answers, in the order of ranks.
    ///
    /// # Errors
    /// A rank has ended, or does not answer. The job is of no use then.
    pub(super) fn ask(
        &mut self,
        requests: impl IntoIterator<Item = impl AsRef<[u64]>>,
    ) -> Result<Vec<Vec<u64>>> {
        for (wire, request) in self.wires.iter_mut().zip(requests) {
            wire.send(request.as_ref())?;
        }
        let answers = self.wires.iter_mut().enumerate().map(|(rank, wire)| {
            let answer = wire.receive();
            answer.with_context(|| format!("rank {rank} does not answer"))
        });
        answers.collect()
    }

    /// Gives all ranks the same request, and waits for all answers, in the order of ranks.
    ///
    /// # Errors
    /// As [`ask`](Self::ask).
    pub(super) fn ask_all(&mut self, request: &[u64]) -> Result<Vec<Vec<u64>>> {
        let ranks = self.wires.len();
        self.ask(std::iter::repeat_n(request, ranks))
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        // The ranks end when nobody is there to ask any more.
        self.wires.clear();
        let Some(mut launcher) = self.launcher.take() else { return };
        let since = Instant::now();
        while since.elapsed() < END && matches!(launcher.try_wait(), Ok(None)) {
            sleep(POLL);
        }
        // One that is gone already is as good.
        let _ = launcher.kill();
        let _ = launcher.wait();
    }
}

/// The connections of all ranks, unless it is said why there will be none.
fn accept(
    listener: &TcpListener,
    ranks: usize,
    mut ended: impl FnMut() -> Option<String>,
) -> Result<Vec<Wire>> {
    listener.set_nonblocking(true)?;
    let (since, mut wires) = (Instant::now(), BTreeMap::new());
    while wires.len() < ranks {
        match listener.accept() {
            Ok((stream, _)) => {
                stream.set_nonblocking(false)?;
                let mut wire = Wire::new(stream, START)?;
                let hello = wire.receive()?;
                let &[rank, size] = &hello[..] else { bail!("no rank says {hello:?}") };
                if size != ranks as u64 || rank >= size || wires.insert(rank, wire).is_some() {
                    bail!("rank {rank} of {size} came to a job of {ranks}");
                }
            }
            Err(error) if error.kind() != ErrorKind::WouldBlock => return Err(error.into()),
            Err(_) if since.elapsed() > START => bail!("{} of {ranks} ranks came", wires.len()),
            Err(_) => match ended() {
                Some(reason) => bail!(reason),
                None => sleep(POLL),
            },
        }
    }
    let mut wires: Vec<Wire> = wires.into_values().collect();
    wires.iter_mut().try_for_each(|wire| wire.stream.set_read_timeout(Some(WORK)))?;
    Ok(wires)
}

/// Runs on so many ranks of a job that is kept, and started if there is none.
///
/// # Panics
/// If that cannot be: the harness takes it for a wrong answer, and shows the reason.
pub(super) fn on_ranks<R>(ranks: usize, run: impl FnOnce(&mut Job) -> Result<R>) -> R {
    let jobs = || JOBS.lock().unwrap_or_else(PoisonError::into_inner);
    let kept = jobs().remove(&ranks);
    let job = kept.map_or_else(|| Job::start(&program()?, ranks), Ok);
    let result = job.and_then(|mut job| Ok((run(&mut job)?, job)));
    let (result, job) = result.unwrap_or_else(|error| panic!("{error:#}"));
    jobs().insert(ranks, job);
    result
}

/// Why there are no such ranks here, if there are none.
pub(super) fn missing<I>(_: &I) -> Option<String> {
    if !is_on_path(&launcher()) {
        return Some(format!("no {} on PATH; cargo xtask setup mpi", launcher()));
    }
    let program = program().ok()?;
    (!program.is_file()).then(|| {
        let (name, folder) = (NAME, program.parent().unwrap_or(Path::new("")).display());
        format!("no {name} in {folder}; cargo xtask build benches-mpi --release")
    })
}

/// What the ranks run.
const NAME: &str = "ladder-mpi";

/// Where it is, if not beside the ladder. What is built for MPICH has a folder of its own.
pub(crate) const VARIABLE: &str = "TENFOLD_LADDER_MPI";

fn program() -> Result<PathBuf> {
    match env::var_os(VARIABLE).filter(|program| !program.is_empty()) {
        Some(program) => Ok(program.into()),
        None => {
            Ok(env::current_exe()?.with_file_name(format!("{NAME}{}", env::consts::EXE_SUFFIX)))
        }
    }
}

/// What starts so many ranks of a program of MPI, also as root, and on fewer cores.
#[must_use]
pub fn mpirun(ranks: usize) -> Command {
    let mut command = Command::new(launcher());
    command.args(["-n", &ranks.to_string()]);
    // Open MPI refuses to run as root, and more ranks than cores, unless told otherwise.
    command.env("OMPI_ALLOW_RUN_AS_ROOT", "1").env("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1");
    command.env("OMPI_MCA_rmaps_base_oversubscribe", "1");
    command.env("PRTE_MCA_rmaps_default_mapping_policy", ":oversubscribe");
    command
}

/// That of the MPI that programs are built with.
fn launcher() -> String {
    let wrapper = env::var("MPICC").unwrap_or_else(|_| String::from("mpicc"));
    launcher_of(&wrapper)
}

fn is_on_path(name: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    // A name from the root stays what it is.
    env::split_paths(&path).any(|folder| folder.join(name).is_file())
}

/// A rank's end: answers requests until nobody is there to ask any more.
///
/// # Errors
/// There is nobody at that address, what is asked for is nothing known, or the ranks fail.
pub fn serve<C: Communicator>(world: &C, address: &str) -> Result<()> {
    let stream = TcpStream::connect(address);
    let stream = stream.with_context(|| format!("nobody listens at {address}"))?;
    let mut wire = Wire::new(stream, Duration::ZERO)?;
    wire.send(&[world.rank() as u64, world.size() as u64])?;
    loop {
        let request = match wire.receive() {
            Ok(request) => request,
            Err(error) if is_end(&error) => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        let answer = match request.split_first() {
            Some((&HEAT, rest)) => heat::mpi::answer(world, rest)?,
            Some((&PI, rest)) => pi::mpi::answer(world, rest)?,
            Some((&HEAT_ARRAY, rest)) => heat::array_mpi::answer(world, rest)?,
            Some((&PI_ARRAY, rest)) => pi::array_mpi::answer(world, rest)?,
            Some((&MATMUL_ARRAY, rest)) => matmul::array_mpi::answer(world, rest)?,
            _ => bail!(
                "no rank knows the request {:?}: are `ladder` and `ladder-mpi` built of the same sources?",
                request.first()
            ),
        };
        wire.send(&answer)?;
    }
}

/// Whether whoever asks is gone, in order or not.
fn is_end(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset)
}

/// Lists of words, one after the other.
#[derive(Debug)]
struct Wire {
    stream: TcpStream,
    bytes: Vec<u8>,
}

/// Words that go at once: half of what the second cache holds.
const CHUNK: usize = 1 << 14;

impl Wire {
    /// Waits no longer than that for a word, or for ever if it is 0.
    fn new(stream: TcpStream, patience: Duration) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        stream.set_read_timeout((!patience.is_zero()).then_some(patience))?;
        Ok(Self { stream, bytes: vec![0; 8 * CHUNK] })
    }

    fn send(&mut self, words: &[u64]) -> io::Result<()> {
        self.write(&[words.len() as u64])?;
        words.chunks(CHUNK).try_for_each(|chunk| self.write(chunk))
    }

    fn receive(&mut self) -> io::Result<Vec<u64>> {
        let mut words = vec![];
        self.read(1, &mut words)?;
        let mut left = words.remove(0);
        while left > 0 {
            let count = left.min(CHUNK as u64);
            self.read(count as usize, &mut words)?;
            left -= count;
        }
        Ok(words)
    }

    fn write(&mut self, words: &[u64]) -> io::Result<()> {
        let (slots, _) = self.bytes.as_chunks_mut();
        slots.iter_mut().zip(words).for_each(|(slot, word)| *slot = word.to_ne_bytes());
        self.stream.write_all(&self.bytes[..8 * words.len()])
    }

    fn read(&mut self, count: usize, words: &mut Vec<u64>) -> io::Result<()> {
        let bytes = &mut self.bytes[..8 * count];
        self.stream.read_exact(bytes)?;
        let (slots, _) = bytes.as_chunks();
        words.extend(slots.iter().map(|slot| u64::from_ne_bytes(*slot)));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use tenfold_comm::World;

    use super::*;
    use crate::{Size, Workload};

    /// A job whose ranks are threads, and what they come to.
    fn job(ranks: usize) -> (Job, thread::JoinHandle<Result<(), String>>) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let run = move || {
            let served = World::threads(ranks).run(|world| serve(world, &address));
            served.map(drop).map_err(|error| error.to_string())
        };
        let served = thread::spawn(run);
        let wires = accept(&listener, ranks, || None).unwrap();
        (Job { wires, launcher: None }, served)
    }

    /// What a rung of a workload makes of a problem.
    fn rung<W: Workload>(name: &str, problem: &W::Input) -> W::Output {
        W::RUNGS.iter().find(|rung| rung.name == name).unwrap().run.unwrap()(problem)
    }

    /// That arrays on a job have the bits of those on ranks that are threads.
    fn arrays(job: &mut Job) {
        let plate = &heat::Heat::problems(Size::S)[0];
        let field = heat::arrays_on_job(job, plate).unwrap();
        assert_eq!(field, rung::<heat::Heat>("array+ranks", plate));
        let points = pi::Points { seed: 3, n: 1001 };
        assert_eq!(pi::arrays_on_job(job, &points).unwrap(), rung::<pi::Pi>("tuned", &points));
        let factors = &matmul::Matmul::problems(Size::S)[0];
        let product = matmul::arrays_on_job(job, factors).unwrap();
        assert_eq!(product, rung::<matmul::Matmul>("array", factors));
    }

    #[test]
    fn ranks_answer_until_nobody_asks() {
        for ranks in 1..=3 {
            let (mut job, served) = job(ranks);
            for _ in 0..2 {
                let plate = &heat::Heat::problems(Size::S)[0];
                let field = heat::on_job(&mut job, ranks, plate).unwrap();
                assert_eq!(field, heat::Heat::RUNGS[1].run.unwrap()(plate), "`tuned`");
                let points = pi::Points { seed: 3, n: 1001 };
                let count = pi::on_job(&mut job, &points).unwrap();
                assert_eq!(count, pi::Pi::RUNGS[1].run.unwrap()(&points));
                arrays(&mut job);
            }
            drop(job);
            assert_eq!(served.join().unwrap(), Ok(()));
        }
    }

    #[test]
    fn strange_requests_end_the_job() {
        for (request, message) in [
            (vec![], "no rank knows the request None"),
            (vec![99], "no rank knows the request Some(99)"),
            (vec![PI, 1], "points are a seed and a number, not 1 words"),
            (vec![HEAT, 2], "a plate is 3 words and its values, not 1 words"),
            (vec![HEAT, 2, 3, 1, 0], "a plate of 2x3 on 1 ranks: rank 0 has 1 values"),
            (vec![HEAT, u64::MAX, 9, 1], "rank 0 has 0 values"),
            (vec![PI_ARRAY], "points are a seed and a number, not 0 words"),
            (vec![HEAT_ARRAY, 2, 3], "a plate is 3 words and its values, not 2 words"),
            (vec![HEAT_ARRAY, 2, 3, 1, 0], "a plate of 2x3 on 1 ranks has 1 values"),
            (vec![HEAT_ARRAY, 0, 0, 1], "a plate of 0x0 on 1 ranks has 0 values"),
            (vec![MATMUL_ARRAY], "two matrices are their size and their values, not 0 words"),
            (vec![MATMUL_ARRAY, 2, 0], "two matrices of 2x2 have 1 values"),
            (vec![MATMUL_ARRAY, 1 << 32], "two matrices of 4294967296x4294967296 have 0 values"),
        ] {
            let (mut job, served) = job(1);
            assert!(job.ask([request.clone()]).is_err(), "{request:?}");
            let said = served.join().unwrap().unwrap_err();
            assert!(said.contains(message), "{request:?} gave {said:?}");
        }
    }

    #[test]
    fn strangers_are_no_ranks() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        for hello in [&[][..], &[1], &[2, 2], &[0, 3]] {
            let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
            Wire::new(stream, START).unwrap().send(hello).unwrap();
            assert!(accept(&listener, 2, || None).is_err(), "{hello:?}");
        }
        let ended = || Some(String::from("it has ended"));
        assert_eq!(accept(&listener, 2, ended).unwrap_err().to_string(), "it has ended");
    }
}
