//! Random programs, and what a sequential model says of them: for the ranks of any communicator, each of which
//! makes the same programs for itself.

use std::collections::VecDeque;
use std::io::Write as _;
use std::ops::Range;
use std::{io, thread};

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};
use tenfold_comm::{
    CollectiveRequest, Communicator, Error, NonblockingCollectives as _, Request, Source, Sum, Tags,
};

/// Lengths around all that decides how a message goes: nothing, few, just copied aside, just not.
const COUNTS: &[usize] = &[0, 1, 7, 8, 9, 511, 512, 513, 2000];
const MOST: usize = 2000;

/// How many ranks choose a part each for itself; those behind them choose the same again.
const CHOICES: usize = 8;

#[derive(Clone, Debug)]
struct Message {
    from: Index,
    to: Index,
    tag: u32,
    count: usize,
    is_synchronous: bool,
}

/// What happens between two collectives.
#[derive(Clone, Debug)]
struct Phase {
    /// Whether each part plays it for itself, not all ranks together.
    is_apart: bool,
    messages: Vec<Message>,
    /// Which pairs of ranks receive by any tag: from a rank by the bits of its receiver.
    any_tag: u64,
    /// The order in which each rank posts its sends and receives, and waits for them.
    order: u64,
    collective: u8,
    /// Started before the messages, and waited for at some time before the end: kind, root and length.
    open: Vec<(u8, Index, usize)>,
}

/// What some ranks do, on all and on the parts that they split into.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    /// The color and the key of each rank.
    parts: Vec<(Option<u32>, i64)>,
    phases: Vec<Phase>,
}

/// What a rank does, of which each has its own list.
#[derive(Clone, Debug)]
enum Step {
    Send {
        to: usize,
        tag: u32,
        data: Vec<u64>,
        is_synchronous: bool,
    },
    /// With what must come.
    Receive {
        from: usize,
        tag: Tags,
        expected: (u32, Vec<u64>),
    },
}

fn message() -> impl Strategy<Value = Message> {
    let count = prop::sample::select(COUNTS);
    (any::<Index>(), any::<Index>(), 0..3_u32, count, any::<bool>()).prop_map(
        |(from, to, tag, count, is_synchronous)| Message { from, to, tag, count, is_synchronous },
    )
}

fn phase() -> impl Strategy<Value = Phase> {
    let open = vec((0..6_u8, any::<Index>(), prop::sample::select(COUNTS)), 0..4);
    let messages = vec(message(), 0..20);
    (any::<bool>(), messages, any::<u64>(), any::<u64>(), 0..4_u8, open).prop_map(
        |(is_apart, messages, any_tag, order, collective, open)| Phase {
            is_apart,
            messages,
            any_tag,
            order,
            collective,
            open,
        },
    )
}

pub(crate) fn program() -> impl Strategy<Value = Program> {
    // One rank in five is in no part.
    let color = (0..5_u32).prop_map(|color| (color < 4).then_some(color / 2));
    let parts = vec((color, -2..2_i64), CHOICES);
    (parts, vec(phase(), 1..4)).prop_map(|(parts, phases)| Program { parts, phases })
}

/// A few numbers in a random order (splitmix64 and Fisher and Yates).
fn shuffled<T>(mut list: Vec<T>, mut seed: u64) -> Vec<T> {
    for at in (1..list.len()).rev() {
        seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (seed ^ (seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        list.swap(at, (mixed >> 33) as usize % (at + 1));
    }
    list
}

/// Numbers in their order, as one.
fn folded(numbers: impl IntoIterator<Item = u64>) -> u64 {
    numbers.into_iter().fold(0, |sum, number| {
        let mixed = (sum ^ number).wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed ^ (mixed >> 27)
    })
}

/// Where a phase is played.
struct Stage<'c, C> {
    comm: &'c C,
    /// In all its data, so that none passes for that of another phase or part.
    salt: u64,
}

/// The model: one queue of messages for each pair of ranks. A receive takes the first with its tag.
fn steps(phase: &Phase, size: usize, salt: u64) -> Vec<Vec<Step>> {
    let mut steps = vec![vec![]; size];
    let mut queues = vec![VecDeque::new(); size * size];
    for (n, message) in phase.messages.iter().enumerate() {
        let (from, to) = (message.from.index(size), message.to.index(size));
        let data: Vec<u64> = (0..message.count).map(|k| salt + (n * MOST + k) as u64).collect();
        queues[from * size + to].push_back((message.tag, data.clone()));
        let Message { tag, is_synchronous, .. } = *message;
        steps[from].push(Step::Send { to, tag, data, is_synchronous });
    }
    for to in 0..size {
        let wanted: Vec<(usize, u32)> = (0..size)
            .flat_map(|from| queues[from * size + to].iter().map(move |(tag, _)| (from, *tag)))
            .collect();
        for (from, tag) in shuffled(wanted, phase.order ^ to as u64) {
            let queue = &mut queues[from * size + to];
            let by_any = phase.any_tag >> ((from * 7 + to) % 64) & 1 == 1;
            let at = if by_any { Some(0) } else { queue.iter().position(|(t, _)| *t == tag) };
            let expected = at.and_then(|at| queue.remove(at)).expect("as many as are sent");
            let tag = if by_any { Tags::Any } else { Tags::Only(tag) };
            steps[to].push(Step::Receive { from, tag, expected });
        }
    }
    // Sends stay in their order, and receives in theirs; how they mix is random.
    let mix = |(rank, steps): (usize, Vec<Step>)| {
        let is_send = |step: &Step| matches!(step, Step::Send { .. });
        let (sends, receives): (Vec<Step>, Vec<Step>) = steps.into_iter().partition(is_send);
        let turns = [vec![true; sends.len()], vec![false; receives.len()]].concat();
        let (mut sends, mut receives) = (sends.into_iter(), receives.into_iter());
        let turns = shuffled(turns, phase.order ^ (rank as u64 + 1) << 40);
        let next = |send| if send { sends.next() } else { receives.next() };
        turns.into_iter().filter_map(next).collect()
    };
    steps.into_iter().enumerate().map(mix).collect()
}

/// The messages of a phase. All that this rank has got, as one number.
fn play<C: Communicator>(stage: &Stage<'_, C>, steps: Vec<Step>, order: u64) -> Result<u64, Error> {
    type Expected = Option<(usize, (u32, Vec<u64>))>;
    let Stage { comm, salt } = stage;
    let mut open: Vec<(Request<'_, C, u64>, Expected)> = vec![];
    for step in steps {
        open.push(match step {
            Step::Send { to, tag, data, is_synchronous: true } => {
                (comm.issend(data, to, tag)?, None)
            }
            Step::Send { to, tag, data, .. } => (comm.isend(data, to, tag)?, None),
            Step::Receive { from, tag, expected } => {
                (comm.irecv(vec![u64::MAX; MOST], from, tag)?, Some((from, expected)))
            }
        });
    }
    let mut sum = 0_u64;
    // In a random order, but sends to itself must not wait for what this rank receives later: all are posted.
    for (request, expected) in shuffled(open, order.rotate_right(9)) {
        let (buffer, status) = request.wait()?;
        if let Some((from, (tag, data))) = expected {
            let (source, count) = (status.source(), status.count());
            assert_eq!((source, status.tag(), count), (from, tag, data.len()));
            assert_eq!(&buffer[..count], data);
            assert!(buffer[count..].iter().all(|&n| n == u64::MAX));
            let label = [*salt, comm.rank() as u64, source as u64, u64::from(status.tag())];
            sum = sum.wrapping_add(folded(label.into_iter().chain(buffer[..count].to_vec())));
        }
    }
    Ok(sum)
}

/// A collective that goes on, with what must come of it.
struct Open<'c, C: Communicator> {
    request: CollectiveRequest<'c, C, Vec<u64>>,
    must: Vec<u64>,
    /// Whose it is.
    label: [u64; 2],
}

impl<C: Communicator> Open<'_, C> {
    /// What this rank has got of it, as one number.
    fn end(self) -> Result<u64, Error> {
        let got = self.request.wait()?;
        assert_eq!(got, self.must);
        Ok(folded(self.label.into_iter().chain(got)))
    }
}

/// Starts a collective.
fn start<'c, C: Communicator>(
    stage: &Stage<'c, C>,
    kind: u8,
    root: usize,
    count: usize,
) -> Result<Open<'c, C>, Error> {
    let Stage { comm, salt } = *stage;
    let (rank, size) = (comm.rank(), comm.size());
    let data = |rank: usize| vec![salt + rank as u64 + 1; count];
    let sum = |ranks: usize| vec![ranks as u64 * salt + (ranks * (ranks + 1) / 2) as u64; count];
    let all = || (0..size).flat_map(data).collect::<Vec<_>>();
    let room = vec![0; count];
    let for_root = |list: Vec<u64>| if rank == root { list } else { vec![] };
    let (request, must) = match kind {
        0 => (comm.ibcast(data(rank), root)?, data(root)),
        1 => (comm.iallreduce(data(rank), room, Sum)?, sum(size)),
        2 => (comm.iscan(data(rank), room, Sum)?, sum(rank + 1)),
        3 => {
            let room = for_root(vec![0; size * count]);
            (comm.igather(data(rank), room, root)?, for_root(all()))
        }
        4 => (comm.iscatter(for_root(all()), room, root)?, data(rank)),
        _ => {
            let sends = data(rank).repeat(size);
            (comm.ialltoall(sends, vec![0; size * count])?, all())
        }
    };
    Ok(Open { request, must, label: [salt, rank as u64] })
}

/// Waits for some of what is open, in an order of this rank's own, and leaves at most `left` of it open.
fn settle<C: Communicator>(
    open: &mut Vec<Open<'_, C>>,
    left: usize,
    order: u64,
) -> Result<u64, Error> {
    let mut sum = 0_u64;
    for (n, mut one) in shuffled(std::mem::take(open), order).into_iter().enumerate() {
        if n < left && !one.request.is_done() {
            open.push(one);
        } else {
            sum = sum.wrapping_add(one.end()?);
        }
    }
    Ok(sum)
}

/// A collective that waits.
fn meet<C: Communicator>(comm: &C, kind: u8) -> Result<(), Error> {
    let (rank, size) = (comm.rank(), comm.size());
    match kind {
        0 => comm.barrier()?,
        1 => {
            let mut sum = [0];
            comm.allreduce(&[rank], &mut sum, Sum)?;
            assert_eq!(sum[0], size * (size - 1) / 2);
        }
        2 => {
            let mut all = vec![0; size];
            comm.allgather(&[rank], &mut all)?;
            assert!(all.into_iter().eq(0..size));
        }
        _ => {
            let mut below = [0];
            comm.exscan(&[1], &mut below, Sum)?;
            assert_eq!(below[0], rank);
        }
    }
    Ok(())
}

impl Program {
    /// One of those that a seed stands for. It needs none of the others.
    fn numbered(seed: u64, number: u64) -> Self {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        bytes[8..16].copy_from_slice(&number.to_le_bytes());
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
        let mut runner = TestRunner::new_with_rng(ProptestConfig::default(), rng);
        program().new_tree(&mut runner).expect("nothing is rejected").current()
    }

    /// Runs it on this rank of all. What all have got, as one number, the same on each.
    pub(crate) fn run<C: Communicator>(&self, world: &C) -> Result<u64, Error> {
        let (color, _) = self.parts[world.rank() % CHOICES];
        let part = self.split(world)?;
        let (mut open, mut sum) = (vec![], 0_u64);
        for (phase, number) in self.phases.iter().zip(1_u64..) {
            // Whoever is in no part has nothing to do.
            let comm = if phase.is_apart { part.as_ref() } else { Some(world) };
            let Some(comm) = comm else { continue };
            let color = color.filter(|_| phase.is_apart).map_or(0, |color| u64::from(color) + 1);
            let stage = Stage { comm, salt: number << 40 | color << 32 };
            for (kind, root, count) in &phase.open {
                open.push(start(&stage, *kind, root.index(comm.size()), *count)?);
            }
            let mine = steps(phase, comm.size(), stage.salt).swap_remove(comm.rank());
            sum = sum.wrapping_add(play(&stage, mine, phase.order)?);
            let order = phase.order ^ (world.rank() as u64) << 20;
            sum = sum.wrapping_add(settle(&mut open, 3, order)?);
            meet(comm, phase.collective)?;
        }
        sum = sum.wrapping_add(settle(&mut open, 0, world.rank() as u64)?);
        world.barrier()?;
        for comm in [Some(world), part.as_ref()].into_iter().flatten() {
            assert_eq!(comm.iprobe(Source::Any, Tags::Any)?, None);
        }
        // And nobody goes on to the next program, and sends, before all have looked.
        let mut all = [0];
        world.allreduce(&[sum], &mut all, u64::wrapping_add)?;
        Ok(all[0])
    }

    /// This rank's part, of those with its color: by their keys, and then by their ranks.
    fn split<C: Communicator>(&self, world: &C) -> Result<Option<C>, Error> {
        let of = |rank: usize| self.parts[rank % CHOICES];
        let (color, key) = of(world.rank());
        let part = world.split(color, key)?;
        assert_eq!(part.is_some(), color.is_some());
        if let Some(part) = &part {
            let mut mates: Vec<usize> = (0..world.size()).filter(|&r| of(r).0 == color).collect();
            mates.sort_by_key(|&rank| of(rank).1);
            assert_eq!((mates[part.rank()], part.size()), (world.rank(), mates.len()));
        }
        Ok(part)
    }
}

/// Runs some of the programs that a seed stands for on this rank of all. What all have got, as one number, the
/// same on each, and the same for every communicator of as many ranks.
///
/// # Errors
/// That of a program, with its number.
pub(crate) fn run<C: Communicator>(
    world: &C,
    seed: u64,
    numbers: Range<u64>,
) -> Result<u64, String> {
    let mut sums = vec![];
    for number in numbers {
        let named = Named { seed, number };
        let sum = Program::numbered(seed, number).run(world);
        sums.push(sum.map_err(|error| format!("{named}: {error}"))?);
    }
    Ok(folded(sums))
}

/// Says of a panic, which knows no numbers, in which program it was.
struct Named {
    seed: u64,
    number: u64,
}

impl std::fmt::Display for Named {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "program {} of seed {}", self.number, self.seed)
    }
}

impl Drop for Named {
    fn drop(&mut self) {
        if thread::panicking() {
            let _ = writeln!(io::stderr(), "{self} panics");
        }
    }
}
