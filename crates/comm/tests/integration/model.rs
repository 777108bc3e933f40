//! Random programs, against what a sequential model says of them.

use std::collections::VecDeque;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use tenfold_comm::{
    CollectiveRequest, Communicator, Error, NonblockingCollectives, Request, Sum, Tags, ThreadComm,
    World,
};

use crate::watchdog::in_time;

/// Lengths around all that decides how a message goes: nothing, few, just copied aside, just not.
const COUNTS: &[usize] = &[0, 1, 7, 8, 9, 511, 512, 513, 2000];
const MOST: usize = 2000;

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
    messages: Vec<Message>,
    /// Which pairs of ranks receive by any tag: from a rank by the bits of its receiver.
    any_tag: u64,
    /// The order in which each rank posts its sends and receives, and waits for them.
    order: u64,
    collective: u8,
    /// Started before the messages, and waited for at some time before the end: kind, root and length.
    open: Vec<(u8, Index, usize)>,
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
    (vec(message(), 0..20), any::<u64>(), any::<u64>(), 0..4_u8, open).prop_map(
        |(messages, any_tag, order, collective, open)| Phase {
            messages,
            any_tag,
            order,
            collective,
            open,
        },
    )
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

/// The model: one queue of messages for each pair of ranks. A receive takes the first with its tag.
fn steps(phase: &Phase, size: usize) -> Vec<Vec<Step>> {
    let mut steps = vec![vec![]; size];
    let mut queues = vec![VecDeque::new(); size * size];
    for (n, message) in phase.messages.iter().enumerate() {
        let (from, to) = (message.from.index(size), message.to.index(size));
        let data: Vec<u64> = (0..message.count).map(|k| (n * MOST + k) as u64).collect();
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
            let expected = queue.remove(at.unwrap()).unwrap();
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

fn play(world: &ThreadComm, steps: &[Step], order: u64) -> Result<(), Error> {
    type Expected<'s> = Option<(usize, &'s (u32, Vec<u64>))>;
    let mut open: Vec<(Request<'_, ThreadComm, u64>, Expected<'_>)> = vec![];
    for step in steps {
        open.push(match step {
            Step::Send { to, tag, data, is_synchronous: true } => {
                (world.issend(data.clone(), *to, *tag)?, None)
            }
            Step::Send { to, tag, data, .. } => (world.isend(data.clone(), *to, *tag)?, None),
            Step::Receive { from, tag, expected } => {
                (world.irecv(vec![u64::MAX; MOST], *from, *tag)?, Some((*from, expected)))
            }
        });
    }
    // In a random order, but sends to itself must not wait for what this rank receives later: all are posted.
    for (request, expected) in shuffled(open, order.rotate_right(9)) {
        let (buffer, status) = request.wait()?;
        if let Some((from, (tag, data))) = expected {
            assert_eq!((status.source(), status.tag(), status.count()), (from, *tag, data.len()));
            assert_eq!(&buffer[..data.len()], data);
            assert!(buffer[data.len()..].iter().all(|&n| n == u64::MAX));
        }
    }
    Ok(())
}

type Open<'c> = (CollectiveRequest<'c, ThreadComm, Vec<u64>>, Vec<u64>);

/// Starts a collective, and says what must come of it.
fn start(world: &ThreadComm, kind: u8, root: usize, count: usize) -> Result<Open<'_>, Error> {
    let (rank, size) = (world.rank(), world.size());
    let data = |rank: usize| vec![rank as u64 + 1; count];
    let sum = |ranks: usize| vec![(ranks * (ranks + 1) / 2) as u64; count];
    let all = || (0..size).flat_map(data).collect::<Vec<_>>();
    let room = vec![0; count];
    let for_root = |list: Vec<u64>| if rank == root { list } else { vec![] };
    Ok(match kind {
        0 => (world.ibcast(data(rank), root)?, data(root)),
        1 => (world.iallreduce(data(rank), room, Sum)?, sum(size)),
        2 => (world.iscan(data(rank), room, Sum)?, sum(rank + 1)),
        3 => {
            let room = for_root(vec![0; size * count]);
            (world.igather(data(rank), room, root)?, for_root(all()))
        }
        4 => (world.iscatter(for_root(all()), room, root)?, data(rank)),
        _ => {
            let sends = data(rank).repeat(size);
            (world.ialltoall(sends, vec![0; size * count])?, all())
        }
    })
}

/// Waits for some of what is open, in an order of this rank's own.
fn settle(
    world: &ThreadComm,
    open: &mut Vec<Open<'_>>,
    left: usize,
    order: u64,
) -> Result<(), Error> {
    let mixed = shuffled(std::mem::take(open), order ^ (world.rank() as u64) << 20);
    for (n, (mut request, must)) in mixed.into_iter().enumerate() {
        if n < left && !request.is_done() {
            open.push((request, must));
        } else {
            assert_eq!(request.wait()?, must);
        }
    }
    Ok(())
}

fn meet(world: &ThreadComm, kind: u8) -> Result<(), Error> {
    let (rank, size) = (world.rank(), world.size());
    match kind {
        0 => world.barrier()?,
        1 => {
            let mut sum = [0];
            world.allreduce(&[rank], &mut sum, Sum)?;
            assert_eq!(sum[0], size * (size - 1) / 2);
        }
        2 => {
            let mut all = vec![0; size];
            world.allgather(&[rank], &mut all)?;
            assert!(all.into_iter().eq(0..size));
        }
        _ => {
            let mut below = [0];
            world.exscan(&[1], &mut below, Sum)?;
            assert_eq!(below[0], rank);
        }
    }
    Ok(())
}

fn run(size: usize, phases: &[Phase]) {
    let plans: Vec<_> = phases.iter().map(|phase| (phase, steps(phase, size))).collect();
    let result = World::threads(size).run(|world| {
        let mut open = vec![];
        for (phase, steps) in &plans {
            for (kind, root, count) in &phase.open {
                open.push(start(world, *kind, root.index(size), *count)?);
            }
            play(world, &steps[world.rank()], phase.order)?;
            settle(world, &mut open, 3, phase.order)?;
            meet(world, phase.collective)?;
        }
        settle(world, &mut open, 0, 0)?;
        assert_eq!(world.iprobe(tenfold_comm::Source::Any, Tags::Any)?, None);
        Ok::<_, Error>(())
    });
    result.unwrap();
}

fn programs(cases: u32) {
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let program = (1..6_usize, vec(phase(), 1..4));
    let check = |(size, phases): (usize, Vec<Phase>)| {
        run(size, &phases);
        Ok(())
    };
    runner.run(&program, check).unwrap();
}

#[test]
fn random_programs() {
    in_time("random programs", || programs(100));
}

#[test]
#[ignore = "long: minutes unless optimised"]
fn ten_thousand_random_programs() {
    programs(10_000);
}
