//! How a plan is made of an expression.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

use super::repeated::repeated;
use super::strip::Strips;
use super::{End, Pass, Passes, Place, Plan, Sink, Stage, Stored};
use crate::error::{Error, ErrorKind, Result};
use crate::hash::Identity;
use crate::node::{Node, Op, distinct, sorted};
use crate::program::Program;
use crate::reduce::{kept_shape, result_chunks};
use crate::tile::PORTIONS;
use crate::window::{bytes_of, count};

/// What a plan has to keep to.
pub(crate) struct Wishes {
    pub(crate) threads: usize,
    pub(crate) memory: Option<usize>,
    pub(crate) passes: Passes,
    pub(crate) folder: PathBuf,
    /// Whether the arrays go to targets of the user, one each.
    pub(crate) to_targets: bool,
}

/// Makes the plan for some arrays.
pub(crate) fn plan(roots: &[Arc<Node>], wishes: Wishes) -> Result<Plan> {
    let Wishes { threads, memory, passes, folder, to_targets } = wishes;
    let apart = (!passes.has(Pass::Share)).then(|| distinct(roots));
    let roots = apart.as_deref().unwrap_or(roots);
    let order = sorted(roots);
    if let Some(error) = order.iter().find_map(|node| node.error()) {
        return Err(error.clone());
    }
    let stored = stored_nodes(&order, roots, passes);
    let groups = groups(&order, &stored, passes);
    let mut plan = Plan { stages: vec![], stored: vec![], roots: vec![], threads, memory, folder };
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
        if to_targets {
            plan.stored[root].place = Place::Target(number);
        }
    }
    while let Err(refused) = admit(&mut plan) {
        let Some(place) = to_spill(&plan, refused.stage) else { return Err(refused.error) };
        spill(&mut plan, place);
    }
    Ok(plan)
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
}

/// Reductions, what was asked for, and what is cheaper held than computed again and again.
fn stored_nodes<'a>(order: &'a [Arc<Node>], roots: &[Arc<Node>], passes: Passes) -> Found<'a> {
    let kept = kept(order, roots, passes);
    let mut found = Found { nodes: vec![], places: HashMap::new(), levels: vec![] };
    let mut level_of: HashMap<Identity, usize> = HashMap::new();
    for node in order {
        let behind = node.inputs.iter().map(|input| level_of[&input.identity]).max().unwrap_or(0);
        let is_asked_for = roots.iter().any(|root| root.identity == node.identity);
        let is_stored =
            is_asked_for || matches!(node.op, Op::Reduce { .. }) || kept.contains(&node.identity);
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
    let mut kept = if passes.has(Pass::Hold) { repeated(order, roots) } else { HashSet::new() };
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

/// The stored nodes that one loop can make: over the same chunks, none of them needed for another, and with a leaf in
/// common, so that one pass over it serves them all.
fn groups<'a>(order: &[Arc<Node>], stored: &Found<'a>, passes: Passes) -> Vec<Vec<&'a Arc<Node>>> {
    let leaves = leaves(order, stored);
    let mut groups: Vec<(usize, Vec<usize>)> = vec![];
    for (place, node) in stored.nodes.iter().enumerate() {
        let level = stored.levels[place];
        let fits = groups.iter_mut().find(|(other, members)| {
            passes.has(Pass::Merge)
                && *other == level
                && !is_held(node)
                && !is_held(stored.nodes[members[0]])
                && space(stored.nodes[members[0]]) == space(node)
                && members
                    .iter()
                    .any(|member| leaves[*member].iter().any(|leaf| leaves[place].contains(leaf)))
        });
        match fits {
            Some((_, members)) => members.push(place),
            None => groups.push((level, vec![place])),
        }
    }
    groups.sort_by_key(|(level, _)| *level);
    groups
        .into_iter()
        .map(|(_, members)| members.into_iter().map(|place| stored.nodes[place]).collect())
        .collect()
}

/// The leaves that each stored node is computed from.
fn leaves(order: &[Arc<Node>], stored: &Found<'_>) -> Vec<Vec<Identity>> {
    let mut of: HashMap<Identity, Vec<Identity>> = HashMap::new();
    let mut found = vec![vec![]; stored.nodes.len()];
    for node in order {
        let mut leaves: Vec<Identity> = match node.op {
            Op::Source(_) | Op::Memory(_) => vec![node.identity],
            _ => node.inputs.iter().flat_map(|input| of[&input.identity].iter().copied()).collect(),
        };
        leaves.sort_unstable();
        leaves.dedup();
        if let Some(place) = stored.place(node) {
            found[place] = leaves;
            leaves = vec![node.identity];
        }
        of.insert(node.identity, leaves);
    }
    found
}

/// What the loop that makes a node goes over.
fn space(node: &Node) -> &crate::chunks::Chunks {
    match node.op {
        Op::Reduce { .. } => &node.inputs[0].chunks,
        _ => &node.chunks,
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
    let own: Vec<Identity> = group.iter().map(|node| node.identity).collect();
    let program = Program::new(&outputs, &|node| match own.contains(&node.identity) {
        true => None,
        false => stored.place(node),
    });
    let sinks = group
        .iter()
        .map(|node| Sink { stored: stored.places[&node.identity], end: end(node) })
        .collect();
    let chunks = space(group[0]).clone();
    let strips = Strips::single(&chunks);
    Stage { chunks, program, sinks, strips, workers: 1, scratch: 0, held: 0 }
}

fn end(node: &Node) -> End {
    match &node.op {
        Op::Reduce { axes, reducer } => {
            let shape = node.inputs[0].shape();
            End::Reduce { axes: axes.clone(), reducer: Arc::clone(reducer), shape }
        }
        _ => End::Store,
    }
}

/// Counts the bytes of each stage, and lets it have as many workers as the cap allows, of smaller portions where that
/// gives more of them room.
fn admit(plan: &mut Plan) -> Result<(), Refused> {
    for at in 0..plan.stages.len() {
        let alive = plan.stored.iter().filter(|stored| stored.is_held(at));
        let held = alive.map(|stored| stored.held(at)).fold(0, usize::saturating_add);
        let stage = &mut plan.stages[at];
        let merging = stage.sinks.iter().map(|sink| sink.merging(&stage.chunks, plan.threads));
        stage.held = merging.fold(held, usize::saturating_add);
        for portion in PORTIONS {
            stage.portion(portion, &plan.stored, plan.threads, plan.memory);
            if stage.workers == plan.threads.min(stage.strips.count()) {
                break;
            }
        }
        if let (0, Some(cap)) = (stage.workers, plan.memory) {
            let error = refusal(&plan.stored[stage.sinks[0].stored], stage, cap);
            return Err(Refused { stage: at, error });
        }
    }
    Ok(())
}

/// How many strips there should be for each thread, so that none waits long for another at the end.
const STRIPS: usize = 4;

/// How many chunks side by side are worked on together at most.
const WIDEST: usize = 32;

impl Stage {
    /// Reads portions of so many bytes, on as many threads as then can be.
    fn portion(&mut self, bytes: usize, stored: &[Stored], threads: usize, memory: Option<usize>) {
        self.program.set_portion(bytes);
        let chunk = self.chunks.largest();
        self.strips = self.strips_of(&chunk, stored, threads);
        let wide = self.strips.wide;
        let of_sinks = self.sinks.iter().map(|sink| sink.scratch(&stored[sink.stored], &chunk));
        let of_sinks = of_sinks.fold(0, usize::saturating_add);
        self.scratch =
            self.program.bytes(&chunk, wide).saturating_add(of_sinks.saturating_mul(wide));
        let room =
            memory.map_or(usize::MAX, |cap| cap.saturating_sub(self.held) / self.scratch.max(1));
        self.workers = threads.min(self.strips.count()).min(room);
        if memory.is_some_and(|cap| self.held > cap) {
            self.workers = 0;
        }
    }

    /// As many chunks together as make rows of files longer, and leave enough strips for all threads. What is
    /// collected for files by the chunk is not: it would be collected for all of a strip.
    fn strips_of(&self, chunk: &[usize], stored: &[Stored], threads: usize) -> Strips {
        let single = Strips::single(&self.chunks);
        if self.sinks.iter().any(|sink| stored[sink.stored].place != Place::Memory) {
            return single;
        }
        let halves =
            std::iter::successors(Some(WIDEST), |wide| Some(wide / 2)).take_while(|&wide| wide > 1);
        let strips = halves.map(|wide| Strips::new(&self.chunks, wide));
        let enough = STRIPS * threads;
        let good = |strips: &Strips| {
            strips.count() >= enough.min(single.count())
                && self.program.reads_rows_of(chunk, strips.wide)
        };
        strips.into_iter().find(good).unwrap_or(single)
    }
}

fn refusal(array: &Stored, stage: &Stage, cap: usize) -> Error {
    let chunk = stage.chunks.largest();
    let longest = (0..chunk.len()).max_by_key(|&axis| chunk[axis]);
    let axis = longest.map_or_else(String::new, |axis| {
        format!("; its chunks are longest, {} elements, along axis {axis}", chunk[axis])
    });
    let (needed, name) = (stage.held.saturating_add(stage.scratch), &array.name);
    let sentence = format!(
        "array `{name}` needs {needed} bytes ({} held, {} for one thread), more than the {cap} bytes that argument \
         `memory` allows{axis}",
        stage.held, stage.scratch
    );
    Error::new(ErrorKind::Memory, sentence).at(array.origin)
}

/// A stage that does not fit under the cap.
struct Refused {
    stage: usize,
    error: Error,
}

/// The largest array that is in memory while a stage runs and could be on disk instead. What the stage itself makes
/// counts if it is read later.
fn to_spill(plan: &Plan, stage: usize) -> Option<usize> {
    let can_go = |&place: &usize| plan.stored[place].is_held(stage) && !plan.roots.contains(&place);
    (0..plan.stored.len()).filter(can_go).max_by_key(|&place| plan.stored[place].bytes())
}

fn spill(plan: &mut Plan, place: usize) {
    plan.stored[place].place = Place::Disk;
    plan.stages.iter_mut().for_each(|stage| stage.program.spill(place));
}

impl Stored {
    /// How many bytes it takes while a stage runs that it is held for: its elements, once more for each time that it
    /// was asked for again, and a byte for each chunk while it is made.
    fn held(&self, stage: usize) -> usize {
        let claims = if self.made == stage { self.chunks.count() } else { 0 };
        self.bytes().saturating_mul(self.copies).saturating_add(claims)
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
    /// What a worker holds for it while it goes through a chunk.
    fn scratch(&self, stored: &Stored, chunk: &[usize]) -> usize {
        match &self.end {
            End::Store if stored.place == Place::Memory => 0,
            // A chunk is collected before it is written.
            End::Store => bytes_of(chunk, stored.dtype.bytes()),
            End::Reduce { axes, reducer, .. } => {
                // The accumulators, what they become, and that collected.
                let each = reducer.bytes() + 2 * reducer.result().bytes();
                bytes_of(&kept_shape(chunk, axes), each)
            }
        }
    }

    /// What waits to be merged: for each chunk of the result as much as its tree is high, and as much again for
    /// each thread that is behind.
    fn merging(&self, chunks: &crate::chunks::Chunks, threads: usize) -> usize {
        let End::Reduce { axes, reducer, .. } = &self.end else { return 0 };
        let of =
            axes.iter().fold(1_usize, |of, &axis| of.saturating_mul(chunks.axis(axis).count()));
        let height =
            of.checked_next_power_of_two().map_or(usize::BITS, usize::trailing_zeros) as usize;
        let results = result_chunks(chunks, axes);
        let (all, one) = (count(&results.shape()), count(&results.largest()));
        let behind = height.saturating_mul(2).saturating_mul(threads);
        let waiting = all.saturating_mul(height).saturating_add(one.saturating_mul(behind));
        waiting.saturating_mul(reducer.bytes())
    }
}
