//! How a plan is made of an expression.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

use super::repeated::repeated;
use super::strip::Strips;
use super::{End, Pass, Passes, Place, Plan, Sink, Stage, Stored, saved};
use crate::chunks::Chunks;
use crate::error::{Error, ErrorKind, Result};
use crate::executor::claimed;
use crate::file::HELD;
use crate::hash::Identity;
use crate::node::{Node, Op, distinct, sorted};
use crate::program::{Program, ReadFrom};
use crate::reduce::{height, kept_shape, result_chunks};
use crate::tile::{IN_CACHE, PORTIONS, Portions};
use crate::window::{bytes_of, count};

/// What a plan has to keep to.
pub(crate) struct Wishes {
    pub(crate) threads: usize,
    pub(crate) memory: Option<usize>,
    pub(crate) passes: Passes,
    pub(crate) folder: PathBuf,
    /// Where each of the arrays goes.
    pub(crate) place: fn(usize) -> Place,
    /// How many bytes the targets of arrays take to write a chunk, if they go to some.
    pub(crate) writing: usize,
    /// How many ranks share the plan.
    pub(crate) ranks: usize,
    /// Whether results are kept in checkpoints, if there are any.
    pub(crate) checkpoints: Option<bool>,
}

/// Makes the plan for some arrays.
pub(crate) fn plan(roots: &[Arc<Node>], wishes: Wishes) -> Result<Plan> {
    let Wishes { threads, memory, passes, folder, place, writing, ranks, checkpoints } = wishes;
    let apart = (!passes.has(Pass::Share)).then(|| distinct(roots));
    let roots = apart.as_deref().unwrap_or(roots);
    let order = sorted(roots);
    if let Some(error) = order.iter().find_map(|node| node.error()) {
        return Err(error.clone());
    }
    order.iter().try_for_each(|node| numbered(node))?;
    if ranks > 1 {
        let check =
            |node: &Arc<Node>| node.owners.check(ranks).map_err(|error| error.at(node.origin));
        order.iter().try_for_each(check)?;
    }
    let stored = stored_nodes(&order, roots, passes);
    let groups = groups(&stored, passes);
    let (stages, roots_at) = (vec![], vec![]);
    let mut plan = Plan {
        stages,
        stored: vec![],
        roots: roots_at,
        threads,
        memory,
        ranks,
        folder,
        #[cfg(feature = "ranks")]
        share: None,
    };
    for &node in &stored.nodes {
        plan.stored.push(Stored {
            name: node.op.name().into(),
            dtype: node.dtype,
            chunks: node.chunks.clone(),
            origin: node.origin,
            made: 0,
            last: 0,
            place: Place::Memory,
            copies: 1,
            writing: 0,
            ranks,
            owners: node.owners.clone(),
            lasting: None,
            is_saved: false,
        });
    }
    for group in groups {
        let stage = stage(&group, &stored);
        let at = plan.stages.len();
        stage.program.results(&mut |place| plan.stored[place].last = at);
        for sink in &stage.sinks {
            (plan.stored[sink.stored].made, plan.stored[sink.stored].last) = (at, at);
        }
        plan.stages.push(stage);
    }
    plan.roots = roots.iter().map(|root| stored.places[&root.identity]).collect();
    for (number, &root) in plan.roots.iter().enumerate() {
        plan.stored[root].copies = plan.roots.iter().filter(|&&other| other == root).count();
        plan.stored[root].last = plan.stages.len();
        plan.stored[root].place = place(number);
        plan.stored[root].writing = writing;
    }
    if let Some(keeps) = checkpoints {
        saved::note(&mut plan, &stored.nodes, &order, keeps)?;
    }
    if ranks > 1 {
        spread(&mut plan)?;
    }
    put_aside(&mut plan)?;
    admit(&mut plan);
    Ok(plan)
}

/// Leaves large arrays where their chunks are made, on several ranks: of the others each rank has all.
fn spread(plan: &mut Plan) -> Result<()> {
    for sink in plan.stages.iter().flat_map(|stage| &stage.sinks) {
        let End::Reduce { reducer, .. } = &sink.end else { continue };
        if !reducer.travels() {
            let sentence = format!(
                "array `{}` is reduced to values that do not go to other ranks: they are neither numbers nor `bool`",
                reducer.name()
            );
            let origin = plan.stored[sink.stored].origin;
            return Err(Error::new(ErrorKind::Unsupported, sentence).at(origin));
        }
    }
    for place in 0..plan.stored.len() {
        let stored = &plan.stored[place];
        let was_asked_for = stored.last == plan.stages.len();
        let is_large = stored.place == Place::Memory && stored.bytes() > SMALL && !was_asked_for;
        if is_large || stored.place == Place::Ranks {
            set_place(plan, place, Place::Ranks);
        }
    }
    Ok(())
}

/// Whether each chunk has a number, where a function of chunks needs them.
fn numbered(node: &Node) -> Result<()> {
    if !matches!(node.op, Op::Block(_)) || node.chunks.count() < usize::MAX {
        return Ok(());
    }
    let (name, shape) = (node.op.name(), node.shape());
    let sentence =
        format!("array `{name}` of shape {shape:?} has more chunks than can be numbered");
    Err(Error::new(ErrorKind::Shape, sentence).at(node.origin))
}

/// The nodes whose elements are complete before others read them.
struct Found<'a> {
    nodes: Vec<&'a Arc<Node>>,
    places: HashMap<Identity, usize>,
    /// How many stages must be over before each.
    levels: Vec<usize>,
}

impl Found<'_> {
    fn place(&self, node: &Node) -> Option<usize> {
        self.places.get(&node.identity).copied()
    }

    /// The leaves that a stored node is computed from: what is read, and other stored nodes.
    fn leaves(&self, of: &Arc<Node>) -> HashSet<Identity> {
        let (mut leaves, mut seen) = (HashSet::new(), HashSet::new());
        let mut todo = vec![of];
        while let Some(node) = todo.pop() {
            let is_leaf = matches!(node.op, Op::Source(_) | Op::Memory(_));
            if is_leaf || (!Arc::ptr_eq(node, of) && self.place(node).is_some()) {
                leaves.insert(node.identity);
            } else if seen.insert(node.identity) {
                todo.extend(&node.inputs);
            }
        }
        leaves
    }
}

/// Reductions, what was asked for, and what is cheaper held than computed again and again.
fn stored_nodes<'a>(order: &'a [Arc<Node>], roots: &[Arc<Node>], passes: Passes) -> Found<'a> {
    let kept = kept(order, roots, passes);
    let asked_for: HashSet<Identity> = roots.iter().map(|root| root.identity).collect();
    let mut found = Found { nodes: vec![], places: HashMap::new(), levels: vec![] };
    let mut level_of: HashMap<Identity, usize> = HashMap::new();
    for node in order {
        let behind = node.inputs.iter().map(|input| level_of[&input.identity]).max().unwrap_or(0);
        let is_stored = asked_for.contains(&node.identity)
            || matches!(node.op, Op::Reduce { .. })
            || kept.contains(&node.identity);
        if is_stored {
            found.places.insert(node.identity, found.nodes.len());
            found.nodes.push(node);
            found.levels.push(behind);
        }
        level_of.insert(node.identity, behind + usize::from(is_stored));
    }
    found
}

/// What is cheaper held, and what would have been taken in by passes that are off.
fn kept(order: &[Arc<Node>], roots: &[Arc<Node>], passes: Passes) -> HashSet<Identity> {
    let mut kept = repeated(order, roots, passes.has(Pass::Hold));
    for node in order {
        let is_view = matches!(node.op, Op::View(_));
        if is_held(node) || (!passes.has(Pass::Fuse) && !is_view && is_computed(node)) {
            kept.insert(node.identity);
        }
        if is_view && !passes.has(Pass::PushViews) {
            kept.extend(
                node.inputs.iter().filter(|input| is_computed(input)).map(|input| input.identity),
            );
        }
    }
    kept
}

/// Whether elements are computed where they are read, be it behind views.
fn is_computed(node: &Node) -> bool {
    let mut node = node;
    while let Op::View(_) | Op::Rechunk = node.op {
        node = &node.inputs[0];
    }
    matches!(node.op, Op::Map { .. } | Op::Block(_))
}

/// Whether it is made once, chunk by chunk, in a loop of its own.
fn is_held(node: &Node) -> bool {
    matches!(&node.op, Op::Block(block) if block.is_held())
}

/// The stored nodes that one loop can make: over the same chunks, made by the same ranks, none of them needed for another, and with a leaf in
/// common, so that one pass over it serves them all.
fn groups<'a>(stored: &Found<'a>, passes: Passes) -> Vec<Vec<&'a Arc<Node>>> {
    let key = |place: usize| {
        let Node { chunks, owners, .. } = space(stored.nodes[place]);
        (stored.levels[place], chunks, owners)
    };
    let mut alike: HashMap<_, Vec<usize>> = HashMap::new();
    for place in 0..stored.nodes.len() {
        alike.entry(key(place)).or_default().push(place);
    }
    let mut groups: Vec<Group<'_>> = vec![];
    // Those that have others like them, by what they could be one loop with.
    let mut open: HashMap<_, Vec<(usize, HashSet<Identity>)>> = HashMap::new();
    for (place, &node) in stored.nodes.iter().enumerate() {
        let level = stored.levels[place];
        if !passes.has(Pass::Merge) || is_held(node) || alike[&key(place)].len() == 1 {
            groups.push((level, vec![node]));
            continue;
        }
        let (leaves, open) = (stored.leaves(node), open.entry(key(place)).or_default());
        match open.iter_mut().find(|(_, others)| !others.is_disjoint(&leaves)) {
            Some((group, others)) => {
                groups[*group].1.push(node);
                others.extend(leaves);
            }
            None => {
                open.push((groups.len(), leaves));
                groups.push((level, vec![node]));
            }
        }
    }
    groups.sort_by_key(|(level, _)| *level);
    groups.into_iter().map(|(_, members)| members).collect()
}

/// A level, and the stored nodes of it that one loop makes.
type Group<'a> = (usize, Vec<&'a Arc<Node>>);

/// The node whose chunks the loop that makes a node goes over.
fn space(node: &Node) -> &Node {
    match node.op {
        Op::Reduce { .. } => &node.inputs[0],
        _ => node,
    }
}

fn stage(group: &[&Arc<Node>], stored: &Found<'_>) -> Stage {
    let outputs: Vec<Arc<Node>> = group
        .iter()
        .map(|node| match node.op {
            Op::Reduce { .. } => Arc::clone(&node.inputs[0]),
            _ => Arc::clone(node),
        })
        .collect();
    // What the stage itself makes is not to be read from where it will be.
    let own: HashSet<Identity> = group.iter().map(|node| node.identity).collect();
    let is_stored = |node: &Node| match own.contains(&node.identity) {
        true => None,
        false => stored.place(node),
    };
    let is_folded = |number: usize| matches!(group[number].op, Op::Reduce { .. });
    let program = Program::new(&outputs, &is_stored, &is_folded);
    let sinks = group
        .iter()
        .map(|node| Sink { stored: stored.places[&node.identity], end: end(node) })
        .collect();
    let Node { chunks, owners, .. } = space(group[0]);
    let (chunks, owners) = (chunks.clone(), owners.clone());
    let strips = Strips::single(&chunks);
    Stage {
        chunks,
        owners,
        program,
        sinks,
        strips,
        workers: 1,
        waits: false,
        scratch: 0,
        behind: 0,
        alone: 0,
        least: 0,
        held: 0,
    }
}

fn end(node: &Node) -> End {
    match &node.op {
        Op::Reduce { axes, reducer, by_chunk } => {
            let (shape, by_chunk) = (node.inputs[0].shape(), *by_chunk);
            End::Reduce { axes: axes.clone(), reducer: Arc::clone(reducer), by_chunk, shape }
        }
        _ => End::Store,
    }
}

/// Smaller arrays are not put aside: to read one again takes as much.
pub(super) const SMALL: usize = 1 << 18;

/// Puts as few arrays aside on disk as the cap asks for: one after another the largest that is in memory during the
/// stage that needs the most, as long as there is one. A plan that needs more than the cap each time is refused.
fn put_aside(plan: &mut Plan) -> Result<()> {
    for stage in &mut plan.stages {
        stage.alone = stage.alone(&plan.stored);
    }
    let mut aside = vec![];
    // The least that is needed, and how many were aside then.
    let mut least = (usize::MAX, 0);
    loop {
        let bottleneck = needed(plan);
        let bytes = plan.minimum_memory();
        let Some(cap) = plan.memory.filter(|&cap| bytes > cap) else { return Ok(()) };
        if bytes < least.0 {
            least = (bytes, aside.len());
        }
        if let Some(place) = bottleneck.and_then(|stage| largest(plan, stage)) {
            set_place(plan, place, Place::Disk);
            aside.push(place);
            continue;
        }
        for place in aside.drain(least.1..).rev() {
            set_place(plan, place, Place::Memory);
        }
        return needed(plan).map_or(Ok(()), |stage| Err(refusal(plan, stage, cap)));
    }
}

/// The least cap that is not refused: the least that is needed while further arrays are put aside, as long as there are
/// any. With those that the plan has put aside already more was needed than now.
pub(super) fn least(plan: &Plan) -> usize {
    let mut plan = Plan {
        stages: plan.stages.clone(),
        stored: plan.stored.clone(),
        roots: vec![],
        threads: plan.threads,
        memory: None,
        ranks: plan.ranks,
        folder: PathBuf::new(),
        #[cfg(feature = "ranks")]
        share: None,
    };
    let mut least = usize::MAX;
    loop {
        let bottleneck = needed(&mut plan);
        least = least.min(plan.minimum_memory());
        let Some(place) = bottleneck.and_then(|stage| largest(&plan, stage)) else { return least };
        set_place(&mut plan, place, Place::Disk);
    }
}

/// Counts what each stage needs at least, and gives the one that needs the most.
fn needed(plan: &mut Plan) -> Option<usize> {
    let held = held(plan);
    for (stage, held) in plan.stages.iter_mut().zip(held) {
        stage.least = held.saturating_add(stage.alone);
    }
    (0..plan.stages.len()).rev().max_by_key(|&at| plan.stages[at].least)
}

/// The largest array that is in memory while a stage runs and could be on disk instead. What the stage itself makes
/// counts if it is read later.
fn largest(plan: &Plan, stage: usize) -> Option<usize> {
    let can_go = |&place: &usize| {
        let stored = &plan.stored[place];
        let was_asked_for = stored.last == plan.stages.len();
        stored.is_held(stage) && stored.bytes() > SMALL && !was_asked_for
    };
    (0..plan.stored.len()).filter(can_go).max_by_key(|&place| plan.stored[place].bytes())
}

/// Has an array in memory, on disk, or on several ranks.
fn set_place(plan: &mut Plan, place: usize, to: Place) {
    let stored = &mut plan.stored[place];
    stored.place = to;
    let (made, last) = (stored.made, stored.last);
    for (at, stage) in plan.stages.iter_mut().enumerate().take(last.saturating_add(1)).skip(made) {
        if stage.program.set_on_disk(place, to != Place::Memory) || at == made {
            stage.alone = stage.alone(&plan.stored);
        }
    }
}

/// Counts the bytes of each stage, and lets it have as many workers as the cap allows.
fn admit(plan: &mut Plan) {
    let held = held(plan);
    for (stage, held) in plan.stages.iter_mut().zip(held) {
        stage.admit(held, &plan.stored, plan.threads, plan.memory);
        stage.waits = plan.ranks > 1 && stage.waits_for_ranks(&plan.stored);
        if stage.waits {
            stage.read_ahead(plan.threads, plan.memory);
        }
    }
}

/// How many bytes stored arrays take while each stage runs.
fn held(plan: &Plan) -> Vec<usize> {
    let mut changes = vec![0_i128; plan.stages.len() + 1];
    let mut bytes = vec![0_i128; plan.stages.len()];
    for stored in plan.stored.iter().filter(|stored| stored.is_saved) {
        bytes[stored.made] += stored.looked_for() as i128;
    }
    for stored in plan.stored.iter().filter(|stored| stored.place.is_in_memory()) {
        changes[stored.made] += stored.held() as i128;
        changes[(stored.last + 1).min(plan.stages.len())] -= stored.held() as i128;
        bytes[stored.made] += match plan.ranks {
            // While it is made, a byte for each chunk.
            1 => stored.chunks.count(),
            _ => stored.bytes_brought(),
        } as i128;
    }
    let of_sources = kept_of_sources(plan);
    let is_saved = plan.stored.iter().any(|stored| stored.is_saved);
    let saving = if is_saved { HELD } else { 0 };
    let mut alive = 0;
    for (bytes, change) in bytes.iter_mut().zip(changes) {
        alive += change;
        *bytes += alive;
        if plan.ranks > 1 {
            *bytes += MESSAGES as i128;
        }
        *bytes += saving.saturating_add(of_sources) as i128;
    }
    bytes.into_iter().map(|bytes| usize::try_from(bytes).unwrap_or(usize::MAX)).collect()
}

/// How many bytes sources keep of what was read of them, whichever stage reads it.
fn kept_of_sources(plan: &Plan) -> usize {
    let mut sources = HashMap::new();
    for stage in &plan.stages {
        let done: Result<()> = stage.program.each_source(&mut |source| {
            sources.insert(std::ptr::from_ref(source).cast::<()>(), source.kept());
            Ok(())
        });
        debug_assert!(done.is_ok());
    }
    sources.values().fold(0, |all: usize, &kept| all.saturating_add(kept))
}

/// How many bytes of elements a rank asks another for at a time, and how many of its answers are under way at a time.
pub(crate) const ANSWER: usize = 1 << 17;
pub(crate) const ANSWERS: usize = 4;

/// How many bytes a rank holds of answers: those under way, and those that it makes and has just received.
const MESSAGES: usize = 2 * ANSWERS * ANSWER;

/// How many bytes a worker holds of what it has asked other ranks for: two answers under way, and one that it puts where it
/// belongs.
const ASKED: usize = 3 * ANSWER;

/// How many bytes a chunk takes in the list of those that a rank has, beside its elements.
const NOTED: usize = 128;

/// How often as many accumulators wait to be merged if several ranks share a reduction: a rank has runs of chunks from
/// anywhere, of each of which up to two subtrees of each height wait, and one may come from others.
const SHARED: usize = 3;

/// How many strips there should be for each thread, so that none waits long for another at the end.
const STRIPS: usize = 4;

/// How many windows of a product there should be for each thread.
const WINDOWS: usize = 2;

/// How many chunks side by side are worked on together at most.
const WIDEST: usize = 32;

/// How many bytes a worker takes for windows of a product if there is no cap.
const ROOM: usize = 64 << 20;

impl Stage {
    /// As many workers as the cap allows, with the largest portions of those that give as many room.
    fn admit(&mut self, held: usize, stored: &[Stored], threads: usize, memory: Option<usize>) {
        let mut best = (0, PORTIONS[PORTIONS.len() - 1]);
        for portion in PORTIONS {
            self.portion(portion, held, stored, threads, memory);
            if self.workers > best.0 {
                best = (self.workers, portion);
            }
            if self.workers == threads.min(self.chunks.count()) {
                self.read_less(portion, held, stored, threads, memory);
                return;
            }
        }
        self.portion(best.1, held, stored, threads, memory);
    }

    /// Reads smaller portions than those of so many bytes, which are still in the cache when they are worked on, if it reads
    /// rows alone, and rows as long.
    fn read_less(
        &mut self,
        portions: Portions,
        held: usize,
        stored: &[Stored],
        threads: usize,
        memory: Option<usize>,
    ) {
        if portions.bytes <= IN_CACHE || !self.program.only_reads_rows() {
            return;
        }
        let strips = self.strips.clone();
        let less = Portions { bytes: IN_CACHE, ..portions };
        self.portion(less, held, stored, threads, memory);
        if self.strips != strips {
            self.portion(portions, held, stored, threads, memory);
        }
    }

    /// Reads portions of so many bytes, on as many threads as then can be, while stored arrays take some.
    fn portion(
        &mut self,
        portions: Portions,
        held: usize,
        stored: &[Stored],
        threads: usize,
        memory: Option<usize>,
    ) {
        self.set_portion(portions, stored);
        let chunk = self.chunks.largest();
        let strips = match self.program.is_whole() {
            true => {
                let room = memory.map_or(ROOM, |cap| cap.saturating_sub(held) / threads);
                self.windows_of(&chunk, stored, threads, room)
            }
            false => self.strips_of(&chunk, stored, threads),
        };
        self.by_strips(strips.clone(), held, stored, threads, memory);
        let with_strips = self.workers;
        // What strips save is a part of what it takes to read; a worker more does all of it so much sooner.
        if with_strips < threads.min(self.chunks.count()) {
            self.by_strips(Strips::single(&self.chunks), held, stored, threads, memory);
            if self.workers <= with_strips {
                self.by_strips(strips, held, stored, threads, memory);
            }
        }
    }

    /// Makes portions of so many bytes, with what is collected of them for files.
    fn set_portion(&mut self, portions: Portions, stored: &[Stored]) {
        let collected = self.sinks.iter().map(|sink| sink.collected(&stored[sink.stored])).sum();
        self.program.set_portion(portions.bytes, collected);
        self.program.set_ahead(portions.ahead, &self.chunks.largest());
    }

    /// Goes by these strips, on as many threads as then can be.
    fn by_strips(
        &mut self,
        strips: Strips,
        held: usize,
        stored: &[Stored],
        threads: usize,
        memory: Option<usize>,
    ) {
        self.strips = strips;
        self.scratch = self.scratch(&self.chunks.largest(), &self.strips.wide(), stored);
        let of_sinks = |bytes: &dyn Fn(&Sink) -> usize| {
            self.sinks.iter().map(bytes).fold(0, usize::saturating_add)
        };
        self.behind = of_sinks(&|sink| sink.behind(&self.chunks, &self.strips));
        self.held = held.saturating_add(of_sinks(&|sink| {
            sink.merging(self, &self.strips, &stored[sink.stored])
        }));
        self.workers = threads.min(self.strips.count()).min(self.fit(memory));
    }

    /// How many workers have room under the cap.
    fn fit(&self, memory: Option<usize>) -> usize {
        let room = memory.map_or(Some(usize::MAX), |cap| cap.checked_sub(self.held));
        let each = self.scratch.saturating_add(self.behind).max(1);
        room.and_then(|room| room.checked_sub(self.scratch))
            .map_or(0, |others| (others / each).saturating_add(1))
    }

    /// Whether it reads what other ranks have.
    fn waits_for_ranks(&self, stored: &[Stored]) -> bool {
        let mut waits = false;
        self.program.results(&mut |place| waits |= stored[place].place == Place::Ranks);
        self.reads(&self.strips, &mut |from, _| {
            if let ReadFrom::Source(source, _) = from {
                waits |= source.on_ranks().is_some();
            }
        });
        waits
    }

    /// Twice as many workers, if there is room: while one waits for what other ranks have, another computes.
    fn read_ahead(&mut self, threads: usize, memory: Option<usize>) {
        self.workers = self.workers.max(self.wanted(threads).min(self.fit(memory)));
    }

    /// How many bytes it takes beside stored arrays with one worker, chunk by chunk, in the smallest portions.
    fn alone(&mut self, stored: &[Stored]) -> usize {
        self.set_portion(PORTIONS[PORTIONS.len() - 1], stored);
        let single = Strips::single(&self.chunks);
        let merging = |sink: &Sink| sink.merging(self, &single, &stored[sink.stored]);
        let merging = self.sinks.iter().map(merging);
        let scratch = self.scratch(&self.chunks.largest(), &single.wide(), stored);
        merging.fold(scratch, usize::saturating_add)
    }

    /// Along which axis smaller chunks would save the most. Functions of whole chunks do not say how much: then it is the
    /// longest.
    fn axis_to_cut(&self, stored: &[Stored]) -> Option<usize> {
        let (chunk, wide) = (self.chunks.largest(), Strips::single(&self.chunks).wide());
        let all = self.scratch(&chunk, &wide, stored);
        let saved = |axis: usize| {
            let mut smaller = chunk.clone();
            smaller[axis] = chunk[axis].div_ceil(2);
            all.saturating_sub(self.scratch(&smaller, &wide, stored))
        };
        let axes = (0..chunk.len()).filter(|&axis| chunk[axis] > 1);
        let best = axes.map(|axis| (saved(axis), chunk[axis], axis)).max();
        best.filter(|&(saved, ..)| saved > 0 || self.program.is_whole()).map(|(_, _, axis)| axis)
    }

    /// How many bytes a worker holds for so many chunks together along each axis.
    fn scratch(&self, chunk: &[usize], wide: &[usize], stored: &[Stored]) -> usize {
        let of_sinks = self.sinks.iter().map(|sink| sink.scratch(&stored[sink.stored], chunk));
        let of_sinks = of_sinks.fold(0, usize::saturating_add).saturating_mul(count(wide));
        let is_on_ranks = self.sinks.iter().any(|sink| stored[sink.stored].ranks > 1);
        let of_others = if is_on_ranks { ASKED } else { 0 };
        self.program.bytes(chunk, wide).saturating_add(of_sinks).saturating_add(of_others)
    }

    /// As many chunks together as make rows of files longer, and leave enough strips for all threads. What is
    /// collected by the chunk is not: it would be collected for all of a strip.
    fn strips_of(&self, chunk: &[usize], stored: &[Stored], threads: usize) -> Strips {
        let single = Strips::single(&self.chunks);
        let is_by_chunk = |sink: &Sink| {
            let stored = &stored[sink.stored];
            !stored.place.is_in_memory() && sink.collected(stored) == 0
        };
        if self.sinks.iter().any(is_by_chunk) {
            return single;
        }
        let halves =
            std::iter::successors(Some(WIDEST), |wide| Some(wide / 2)).take_while(|&wide| wide > 1);
        let strips = halves.map(|wide| {
            let mut all = single.wide();
            all.iter_mut().rev().take(1).for_each(|last| *last = wide);
            Strips::new(&self.chunks, &all)
        });
        let enough = STRIPS * threads;
        let good = |strips: &Strips| {
            strips.count() >= enough.min(single.count())
                && self.program.has_rows_of(chunk, &strips.wide())
        };
        strips.into_iter().find(good).unwrap_or(single)
    }

    /// As many chunks together as have room and save reading: each window of a product reads its factors anew, so that
    /// they are read half as often for windows twice as wide.
    fn windows_of(
        &self,
        chunk: &[usize],
        stored: &[Stored],
        threads: usize,
        room: usize,
    ) -> Strips {
        let single = Strips::single(&self.chunks);
        let enough = (WINDOWS * threads).min(single.count());
        let mut best = (self.all_bytes_read(&single), single);
        loop {
            let wider = (0..chunk.len()).filter_map(|axis| {
                let mut wide = best.1.wide();
                wide[axis] *= 2;
                let strips = Strips::new(&self.chunks, &wide);
                let fits =
                    strips.count() >= enough && self.scratch(chunk, &strips.wide(), stored) <= room;
                (fits && strips != best.1).then(|| (self.all_bytes_read(&strips), strips))
            });
            match wider.min_by_key(|(bytes, _)| *bytes) {
                Some(wider) if wider.0 < best.0 => best = wider,
                _ => return best.1,
            }
        }
    }

    /// How many bytes are read, of what was put aside too, if it goes by these strips.
    fn all_bytes_read(&self, strips: &Strips) -> u128 {
        let mut all = 0_u128;
        self.reads(strips, &mut |_, bytes| all = all.saturating_add(bytes));
        all
    }
}

/// That a stage needs more than the cap.
fn refusal(plan: &Plan, stage: usize, cap: usize) -> Error {
    let Stage { least, alone, sinks, chunks, .. } = &plan.stages[stage];
    let (array, held) = (&plan.stored[sinks[0].stored], least.saturating_sub(*alone));
    let axis = plan.stages[stage].axis_to_cut(&plan.stored).filter(|_| held <= cap);
    let hint = axis.map_or_else(String::new, |axis| {
        let len = chunks.largest()[axis];
        format!("; chunks of fewer than {len} elements along axis {axis} would help")
    });
    let sentence = format!(
        "array `{}` needs {least} bytes ({held} held, {alone} for one thread), more than the {cap} bytes that argument \
         `memory` allows{hint}",
        array.name
    );
    Error::new(ErrorKind::Memory, sentence).at(array.origin)
}

impl Stored {
    /// How many bytes it takes while it is held: its elements, once more for each time that it was asked for again; none
    /// in memory that is there anyway.
    fn held(&self) -> usize {
        let all = || self.bytes().saturating_mul(self.copies);
        match self.place {
            Place::Lent(_) => 0,
            Place::Ranks => self.share(),
            // The chunks that were made here stay until other ranks have them.
            _ if self.ranks > 1 => all().saturating_add(self.share()),
            _ => all(),
        }
    }

    /// How many bytes of it are made by a rank at most, with what is noted of each chunk.
    fn share(&self) -> usize {
        let chunks = self.owners.most(&self.chunks, self.ranks);
        let each = bytes_of(&self.chunks.largest(), self.dtype.bytes()).saturating_add(NOTED);
        each.saturating_mul(chunks)
    }

    /// How many bytes are noted of its chunks while a checkpoint of it is looked for, read or written: a byte for each of those
    /// of a rank, and its number where others have more.
    fn looked_for(&self) -> usize {
        let each = if self.ranks > 1 { 1 + size_of::<usize>() } else { 1 };
        self.owners.most(&self.chunks, self.ranks).saturating_mul(each)
    }

    /// Whether it takes memory while a stage runs.
    fn is_held(&self, stage: usize) -> bool {
        self.place == Place::Memory && self.made <= stage && stage <= self.last
    }

    pub(crate) fn bytes(&self) -> usize {
        bytes_of(&self.chunks.shape(), self.dtype.bytes())
    }
}

impl Sink {
    /// How many bytes of each element are collected with what is made at a time, to be written in rows.
    pub(crate) fn collected(&self, stored: &Stored) -> usize {
        match self.end {
            End::Store if stored.place.is_by_rows() => stored.dtype.bytes(),
            End::Store | End::Reduce { .. } => 0,
        }
    }

    /// What a worker holds for it while it goes through a chunk.
    fn scratch(&self, stored: &Stored, chunk: &[usize]) -> usize {
        match &self.end {
            End::Store if stored.place.is_in_memory() || stored.place.is_by_rows() => 0,
            // A chunk is collected before it is written.
            End::Store => bytes_of(chunk, stored.dtype.bytes()).saturating_add(stored.writing),
            End::Reduce { axes, reducer, .. } => {
                // The accumulators, what they become, and that collected.
                let each = reducer.bytes() + 2 * reducer.result().bytes();
                bytes_of(&kept_shape(chunk, axes), each).saturating_add(stored.writing)
            }
        }
    }

    /// What waits to be merged while one worker goes from strip to strip: for each chunk of the result the subtrees
    /// that are complete, and whose siblings are not.
    fn merging(
        &self,
        Stage { chunks, owners, .. }: &Stage,
        strips: &Strips,
        stored: &Stored,
    ) -> usize {
        let End::Reduce { axes, reducer, by_chunk: false, .. } = &self.end else { return 0 };
        let (mut subtrees, _) = waiting(chunks, axes, &strips.wide());
        let all = count(&result_chunks(chunks, axes).shape());
        if stored.ranks > 1 {
            let (runs, own) = owners.runs(chunks, axes).unwrap_or((1, usize::MAX));
            // Of each of its own there is what it is reduced to, and a sibling from others at each height.
            let among = axes.iter().map(|&axis| chunks.axis(axis).count());
            let among = among.fold(1, usize::saturating_mul);
            let most = own.saturating_mul(1 + height(among) as usize);
            subtrees = (subtrees * SHARED).saturating_mul(runs).min(most);
        }
        all.saturating_mul(subtrees).saturating_mul(reducer.bytes())
    }

    /// What waits besides for each further worker: the chunks that it has claimed and not come to leave a gap in those of
    /// as many results.
    fn behind(&self, chunks: &Chunks, strips: &Strips) -> usize {
        let End::Reduce { axes, reducer, by_chunk: false, .. } = &self.end else { return 0 };
        let (_, besides) = waiting(chunks, axes, &strips.wide());
        let results = result_chunks(chunks, axes);
        // Two workers claim the most at once: a single one leaves no gap.
        let claimed = claimed(strips.count(), 2).saturating_mul(count(&strips.wide()));
        let one = count(&results.largest()).saturating_mul(besides);
        one.saturating_mul(results.count().min(claimed)).saturating_mul(reducer.bytes())
    }
}

/// How many subtrees of the tree of a result wait at most while its chunks come in order, and how many more if there is a
/// gap: those that make up all before a chunk are one for each height at most, those of a run elsewhere two. Chunks
/// come as one run, unless strips have several along an axis that is reduced and is not the last of them: then as
/// one for each.
fn waiting(chunks: &Chunks, axes: &[usize], wide: &[usize]) -> (usize, usize) {
    let of = axes.iter().fold(1_usize, |of, &axis| of.saturating_mul(chunks.axis(axis).count()));
    let height = of.checked_next_power_of_two().map_or(usize::BITS, usize::trailing_zeros) as usize;
    let outer = axes.split_last().map_or(&[][..], |(_, outer)| outer);
    let apart = outer.iter().map(|&axis| wide[axis]).filter(|&wide| wide > 1);
    let runs = apart.fold(1_usize, |runs, wide| runs.saturating_mul(wide + 1));
    let besides = height.saturating_mul(2).saturating_mul(runs).min(of);
    (if runs == 1 { height } else { besides }, besides)
}
