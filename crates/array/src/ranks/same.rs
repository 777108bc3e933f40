//! Whether all ranks are about to do the same.

use std::collections::HashMap;
use std::sync::Arc;

use super::fault::Fault;
use super::link::Link;
use super::wire::{Reader, Writer};
use crate::error::{Error, ErrorKind, Result};
use crate::hash::Identity;
use crate::node::{Node, Op};

/// What a rank says of what it has planned.
const PLANNED: u64 = 0;
const REFUSED: u64 = 1;

/// What an expression is, on whatever rank: a hash of each array, in the order in which they are made, and of all.
#[derive(Debug)]
pub(super) struct Fingerprint {
    arrays: Vec<Identity>,
    all: Identity,
}

impl Fingerprint {
    /// That of arrays in their order, of which `roots` are asked for, for a purpose.
    pub(super) fn new(order: &[Arc<Node>], roots: &[Arc<Node>], purpose: &str) -> Self {
        let mut places = HashMap::new();
        // What is unique has other hashes on other ranks, but comes in the same order.
        let mut uniques = HashMap::new();
        let mut arrays = vec![];
        for (place, node) in order.iter().enumerate() {
            let inputs: Vec<Option<usize>> =
                node.inputs.iter().map(|input| places.get(&input.identity).copied()).collect();
            let next = uniques.len();
            let key = match node.key.is_unique() || matches!(node.op, Op::Memory(_)) {
                true => Err(*uniques.entry(node.key).or_insert(next)),
                false => Ok(node.key),
            };
            let at = (node.origin.file(), node.origin.line(), node.origin.column());
            let what = (node.op.name(), key, node.dtype, &node.chunks);
            arrays.push(Identity::of((what, inputs, at)));
            places.insert(node.identity, place);
        }
        let roots: Vec<Option<usize>> =
            roots.iter().map(|root| places.get(&root.identity).copied()).collect();
        let all = Identity::of((&arrays, roots, purpose));
        Self { arrays, all }
    }
}

/// Gives what this rank has planned if all ranks have planned the same, and the same error on all if not.
///
/// # Errors
/// That of the lowest rank whose plan was refused; [`ErrorKind::Ranks`] if two ranks have different plans, with the first
/// array that differs.
pub(super) fn agreed<P>(
    link: &dyn Link,
    order: &[Arc<Node>],
    own: &Fingerprint,
    planned: Result<P>,
) -> Result<P> {
    let state = if planned.is_ok() { PLANNED } else { REFUSED };
    let [high, low] = own.all.halves();
    let all = link.allgather(&[state, high, low])?;
    let states: Vec<&[u64]> = all.chunks_exact(3).collect();
    if states.iter().any(|state| state[0] == REFUSED) {
        let fault = planned.as_ref().err().map(|error| Fault::new(link.rank(), error).to_bytes());
        let faults = link.allgather_bytes(&fault.unwrap_or_default())?;
        let first = faults.iter().find_map(|bytes| Fault::read(bytes));
        return Err(first.map_or_else(unknown, |fault| fault.into_error(order)));
    }
    if states.iter().any(|state| state != &states[0]) {
        return Err(difference(link, order, own)?);
    }
    planned
}

fn unknown() -> Error {
    Error::new(ErrorKind::Ranks, "another rank has no plan, and does not say why")
}

/// Which ranks differ first, and in what.
fn difference(link: &dyn Link, order: &[Arc<Node>], own: &Fingerprint) -> Result<Error> {
    let halves = |identity: &Identity| identity.halves();
    let hashes = own.arrays.iter().flat_map(halves);
    let hashes = hashes.fold(Writer::default(), Writer::number).end();
    let all = link.allgather_bytes(&hashes)?;
    let hash = |rank: usize, at: usize| all[rank].get(at * 16..(at + 1) * 16);
    let count = all.iter().map(|hashes| hashes.len() / 16).max().unwrap_or(0);
    let differ = |at: &usize| (1..all.len()).find(|&rank| hash(rank, *at) != hash(0, *at));
    let first = (0..count).find_map(|at| differ(&at).map(|rank| (at, rank)));
    let Some((at, rank)) = first else {
        let sentence = "ranks compute the same arrays, but do not want the same of them";
        return Ok(Error::new(ErrorKind::Ranks, sentence));
    };
    let told = order.get(at).map_or_else(String::new, |node| {
        let origin = node.origin;
        format!("`{}` (at {}:{})", node.op.name(), origin.file(), origin.line())
    });
    let told = link.allgather_bytes(&Writer::default().bytes(told.as_bytes()).end())?;
    let name = |rank: usize| match Reader(&told[rank]).text() {
        Some(name) if !name.is_empty() => name,
        _ => "none".to_owned(),
    };
    let sentence = format!(
        "ranks 0 and {rank} do not compute the same: array {at} is {} on rank 0 and {} on rank {rank}",
        name(0),
        name(rank)
    );
    Ok(Error::new(ErrorKind::Ranks, sentence))
}
