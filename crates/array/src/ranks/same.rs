//! Whether all ranks are about to do the same.
//!
//! No rank learns what each other has: the least and the greatest of some numbers tell whether all are equal, and one rank
//! tells all what differs. Both go up and down trees.

use std::collections::HashMap;
use std::sync::Arc;

use super::fault::Fault;
use super::link::Link;
use super::wire::{Reader, Writer};
use crate::error::{Error, ErrorKind, Result};
use crate::hash::Identity;
use crate::node::{Node, Op};

/// What stands for no rank, and for no array.
const NONE: u64 = u64::MAX;

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
            let what = (node.op.name(), key, node.dtype, &node.chunks, &node.owners);
            arrays.push(Identity::of((what, inputs, at)));
            places.insert(node.identity, place);
        }
        let roots: Vec<Option<usize>> =
            roots.iter().map(|root| places.get(&root.identity).copied()).collect();
        let all = Identity::of((&arrays, roots, purpose));
        Self { arrays, all }
    }
}

/// Gives what this rank has planned if all ranks have planned the same, and the same error on all if not: that of the lowest
/// rank whose plan was refused, or [`ErrorKind::Ranks`] if two ranks have different plans, with the first array that differs.
///
/// # Errors
/// That messages do not come and go, as of all that is asked of a [`Link`].
pub(super) fn agreed<P>(
    link: &dyn Link,
    order: &[Arc<Node>],
    own: &Fingerprint,
    planned: Result<P>,
) -> Result<Result<P>> {
    let [high, low] = own.all.halves();
    let rank = link.rank() as u64;
    let refused = if planned.is_ok() { NONE } else { rank };
    // The least complements are those of the greatest.
    let least = link.least(&[refused, high, low, !high, !low])?;
    if least[0] != NONE {
        return told(link, order, least[0], planned.err()).map(Err);
    }
    if [least[1], least[2]] != [!least[3], !least[4]] {
        return difference(link, order, own).map(Err);
    }
    Ok(planned)
}

/// Gives what this rank has come to if all have, and the same error on all if not: that of the lowest rank that has one.
pub(super) fn all_or_none<R>(
    link: &dyn Link,
    order: &[Arc<Node>],
    own: Result<R>,
) -> Result<Result<R>> {
    let failed = if own.is_ok() { NONE } else { link.rank() as u64 };
    match link.least(&[failed])?[0] {
        NONE => Ok(own),
        first => told(link, order, first, own.err()).map(Err),
    }
}

/// The error of a rank, on all.
fn told(link: &dyn Link, order: &[Arc<Node>], of: u64, own: Option<Error>) -> Result<Error> {
    let fault = own.map(|error| Fault::new(link.rank(), &error).to_bytes());
    let told = link.told_by(root(of), fault.unwrap_or_default())?;
    Ok(Fault::read(&told).map_or_else(unknown, |fault| fault.into_error(order)))
}

fn root(rank: u64) -> usize {
    usize::try_from(rank).unwrap_or(0)
}

fn unknown() -> Error {
    Error::new(ErrorKind::Ranks, "another rank has no plan, and does not say why")
}

/// Which ranks differ first, and in what.
fn difference(link: &dyn Link, order: &[Arc<Node>], own: &Fingerprint) -> Result<Error> {
    let hashes = own.arrays.iter().flat_map(|identity| identity.halves());
    let of_first = link.told_by(0, hashes.fold(Writer::default(), Writer::number).end())?;
    let first = link.least(&[first_other(own, &of_first)])?[0];
    if first == NONE {
        let sentence = "ranks compute the same arrays, but do not want the same of them";
        return Ok(Error::new(ErrorKind::Ranks, sentence));
    }
    let differs = first_other(own, &of_first) == first;
    let rank = link.least(&[if differs { link.rank() as u64 } else { NONE }])?[0];
    let array = usize::try_from(first).ok().and_then(|at| order.get(at));
    let own = array.map_or_else(
        || "none".to_owned(),
        |node| {
            let origin = node.origin;
            format!("`{}` (at {}:{})", node.op.name(), origin.file(), origin.line())
        },
    );
    let name = |of: u64| -> Result<String> {
        let told = link.told_by(root(of), own.clone().into_bytes())?;
        Ok(String::from_utf8_lossy(&told).into_owned())
    };
    let (on_first, there) = (name(0)?, name(rank)?);
    let sentence = format!(
        "ranks 0 and {rank} do not compute the same: array {first} is {on_first} on rank 0 and {there} on rank {rank}"
    );
    Ok(Error::new(ErrorKind::Ranks, sentence))
}

/// The first array that another rank has not, or this one, by the hashes of the other.
fn first_other(own: &Fingerprint, others: &[u8]) -> u64 {
    let count = own.arrays.len().max(others.len() / 16);
    let mut others = Reader(others);
    let mut is_other = |at: &usize| {
        let other = others.number().and_then(|high| Some([high, others.number()?]));
        own.arrays.get(*at).map(|identity| identity.halves()) != other
    };
    (0..count).find(|at| is_other(at)).map_or(NONE, |at| at as u64)
}
