//! Collectives that ranks come to, one after another.

use std::collections::BTreeMap;

use super::Active;
use crate::{CallKind, Finding};

/// The collectives to which some ranks have come, and others have not, with the first that came.
#[derive(Debug, Default)]
pub(super) struct Meetings(BTreeMap<Key, (Active, usize)>);

/// A communicator, whether it waits, and as which of the communicator's.
type Key = (u64, bool, u32);

impl Meetings {
    /// A rank comes to a collective of so many. What differs from the first is a finding.
    pub(super) fn come(&mut self, active: Active, number: u32, ranks: usize) -> Option<Finding> {
        let key = (active.communicator, active.call.kind.is_nonblocking(), number);
        let (first, come) = self.0.entry(key).or_insert((active, 0));
        let first = *first;
        *come += 1;
        if *come == ranks {
            self.0.remove(&key);
        }
        (!fit(&first, &active))
            .then(|| Finding::Collectives { first: first.into(), other: active.into() })
    }
}

fn fit(one: &Active, two: &Active) -> bool {
    let (one, two) = (&one.call, &two.call);
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
