//! Collectives that ranks come to, one after another.

use std::collections::BTreeMap;

use crate::{CallKind, Called, Finding};

/// The collectives to which some ranks have come, and others have not, with the first that came.
#[derive(Debug, Default)]
pub(super) struct Meetings(BTreeMap<Key, (Called, usize)>);

/// A communicator, whether it waits, and as which of the communicator's.
type Key = (u64, bool, Option<u32>);

impl Meetings {
    /// A rank comes to a collective of so many. What differs from the first is a finding.
    pub(super) fn come(&mut self, other: Called, ranks: usize) -> Option<Finding> {
        let key = (other.communicator, other.kind.is_nonblocking(), other.number);
        let (first, come) = self.0.entry(key).or_insert_with(|| (other.clone(), 0));
        *come += 1;
        let finding =
            (!fit(first, &other)).then(|| Finding::Collectives { first: first.clone(), other });
        if *come == ranks {
            self.0.remove(&key);
        }
        finding
    }
}

fn fit(one: &Called, two: &Called) -> bool {
    let operations = one.operation.zip(two.operation);
    one.kind == two.kind
        && one.to == two.to
        && operations.is_none_or(|(one, two)| one == two)
        && (!are_equal(one.kind) || one.bytes == two.bytes)
}

/// Whether all ranks bring as much. Gathers and scatters have the kinds of those with counts.
fn are_equal(kind: CallKind) -> bool {
    use CallKind::{Allreduce, Exscan, Iallreduce, Iexscan, Ireduce, Iscan, Reduce, Scan};
    matches!(kind, Allreduce | Exscan | Iallreduce | Iexscan | Ireduce | Iscan | Reduce | Scan)
}
