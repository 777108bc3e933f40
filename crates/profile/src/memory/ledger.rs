//! The blocks that a session allocated and that are live, with the path that allocated each.

use std::collections::HashMap;
use std::sync::Mutex;

use crate::record::node::Node;
use crate::record::thread::lock;

/// Locks, so that threads seldom wait for each other.
const SHARDS: usize = 64;

type Shard = Mutex<Option<HashMap<usize, Entry>>>;

static LEDGER: [Shard; SHARDS] = [const { Mutex::new(None) }; SHARDS];

#[derive(Debug, Clone, Copy)]
struct Entry {
    bytes: usize,
    path: Option<&'static Node>,
}

/// What one path has live.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Block {
    pub(crate) blocks: u64,
    pub(crate) bytes: u64,
}

/// Addresses are multiples of 16 at least.
fn shard(address: usize) -> &'static Shard {
    &LEDGER[(address >> 4) % SHARDS]
}

pub(super) fn enter(address: usize, bytes: usize, path: Option<&'static Node>) {
    let mut shard = lock(shard(address));
    shard.get_or_insert_default().insert(address, Entry { bytes, path });
}

pub(super) fn strike(address: usize) {
    if let Some(entries) = lock(shard(address)).as_mut() {
        entries.remove(&address);
    }
}

pub(super) fn clear() {
    LEDGER.iter().for_each(|shard| *lock(shard) = None);
}

/// Empties the ledger; gives the sums by path.
pub(super) fn take() -> Vec<(Option<&'static Node>, Block)> {
    let mut sums: HashMap<Option<usize>, (Option<&'static Node>, Block)> = HashMap::new();
    for shard in &LEDGER {
        for Entry { bytes, path } in lock(shard).take().into_iter().flat_map(HashMap::into_values) {
            let key = path.map(|node| std::ptr::from_ref(node).addr());
            let (_, sum) = sums.entry(key).or_insert((path, Block::default()));
            sum.blocks += 1;
            sum.bytes += bytes as u64;
        }
    }
    sums.into_values().collect()
}
