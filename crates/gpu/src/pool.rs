//! Memory of the device, kept for the next array of its size.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::error::{Error, ErrorKind, Result};
use crate::poll::block_on;

/// What arrays are allocated from.
///
/// A buffer that comes back is given out again at once, whatever the device still does with it: there
/// is one queue, and what the next owner does comes later in it.
#[derive(Debug)]
pub(crate) struct Pool {
    device: wgpu::Device,
    budget_bytes: u64,
    max_buffer_bytes: u64,
    shelves: Mutex<Shelves>,
}

#[derive(Debug, Default)]
struct Shelves {
    /// By size.
    free: BTreeMap<u64, Vec<wgpu::Buffer>>,
    counts: PoolStats,
}

/// What the pool of a device holds, and how often it could give what it had.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PoolStats {
    /// Bytes of arrays that are alive, in whole classes.
    pub in_use_bytes: u64,
    /// Bytes that are kept for the next arrays.
    pub kept_bytes: u64,
    /// The most bytes that were ever in use.
    pub peak_bytes: u64,
    /// Allocations that the pool had memory for.
    pub hits: u64,
    /// Allocations that the driver was asked for.
    pub misses: u64,
}

/// A buffer that goes back to its pool.
#[derive(Debug)]
pub(crate) struct Allocation {
    buffer: wgpu::Buffer,
    pool: Arc<Pool>,
}

impl Allocation {
    pub(crate) fn buffer(&self) -> &wgpu::Buffer {
        &self.buffer
    }

    /// Its size, which may be more than was asked for.
    pub(crate) fn size_bytes(&self) -> u64 {
        self.buffer.size()
    }
}

impl Drop for Allocation {
    fn drop(&mut self) {
        let size = self.buffer.size();
        let mut shelves = self.pool.lock();
        shelves.counts.in_use_bytes -= size;
        shelves.counts.kept_bytes += size;
        shelves.free.entry(size).or_default().push(self.buffer.clone());
    }
}

impl Pool {
    pub(crate) fn new(device: wgpu::Device, budget_bytes: u64, max_buffer_bytes: u64) -> Arc<Self> {
        Arc::new(Self { device, budget_bytes, max_buffer_bytes, shelves: Mutex::default() })
    }

    fn lock(&self) -> MutexGuard<'_, Shelves> {
        self.shelves.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A buffer of at least so many bytes, with anything in it.
    pub(crate) fn allocate(self: &Arc<Self>, bytes: u64) -> Result<Arc<Allocation>> {
        if bytes > self.max_buffer_bytes {
            let message = format!(
                "an array of {bytes} bytes is larger than the device's largest buffer of {} bytes",
                self.max_buffer_bytes
            );
            return Err(Error::new(ErrorKind::TooLarge, message));
        }
        let size = class(bytes).min(self.max_buffer_bytes & !3).max(bytes);
        let buffer = match self.take(size)? {
            Some(buffer) => buffer,
            None => self.create(size)?,
        };
        Ok(Arc::new(Allocation { buffer, pool: Arc::clone(self) }))
    }

    /// A kept buffer, or room for a new one of this size, which counts as in use from here on.
    fn take(&self, size: u64) -> Result<Option<wgpu::Buffer>> {
        let mut shelves = self.lock();
        let found = shelves.free.get_mut(&size).and_then(Vec::pop);
        if found.is_some() {
            shelves.counts.kept_bytes -= size;
            shelves.counts.hits += 1;
        } else {
            let in_use = shelves.counts.in_use_bytes;
            if size > self.budget_bytes.saturating_sub(in_use) {
                return Err(out_of_memory(size, in_use, self.budget_bytes));
            }
            shelves.make_room(self.budget_bytes - in_use - size);
            shelves.counts.misses += 1;
        }
        shelves.counts.in_use_bytes += size;
        shelves.counts.peak_bytes = shelves.counts.peak_bytes.max(shelves.counts.in_use_bytes);
        Ok(found)
    }

    /// A new buffer; what is kept goes first, where the driver has no more.
    fn create(&self, size: u64) -> Result<wgpu::Buffer> {
        let created = self.try_create(size).or_else(|_| {
            self.trim();
            // What was freed is gone when the device has nothing to do with it any more.
            drop(self.device.poll(wgpu::PollType::wait_indefinitely()));
            self.try_create(size)
        });
        created.map_err(|source| {
            let mut shelves = self.lock();
            shelves.counts.in_use_bytes -= size;
            let in_use = shelves.counts.in_use_bytes;
            out_of_memory(size, in_use, self.budget_bytes).with_source(source)
        })
    }

    fn try_create(&self, size: u64) -> std::result::Result<wgpu::Buffer, wgpu::Error> {
        let memory = self.device.push_error_scope(wgpu::ErrorFilter::OutOfMemory);
        let validation = self.device.push_error_scope(wgpu::ErrorFilter::Validation);
        let buffer = self.device.create_buffer(&wgpu::BufferDescriptor {
            label: None,
            size,
            usage: wgpu::BufferUsages::STORAGE
                | wgpu::BufferUsages::UNIFORM
                | wgpu::BufferUsages::COPY_SRC
                | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        let invalid = block_on(validation.pop());
        match block_on(memory.pop()).or(invalid) {
            None => Ok(buffer),
            Some(error) => Err(error),
        }
    }

    /// Gives what is kept back to the driver; how many bytes that was.
    pub(crate) fn trim(&self) -> u64 {
        let mut shelves = self.lock();
        let kept = shelves.counts.kept_bytes;
        shelves.make_room(0);
        kept
    }

    pub(crate) fn stats(&self) -> PoolStats {
        self.lock().counts
    }

    pub(crate) fn budget_bytes(&self) -> u64 {
        self.budget_bytes
    }
}

impl Shelves {
    /// Frees what is kept, the largest first, until it is no more than this.
    fn make_room(&mut self, most_bytes: u64) {
        while self.counts.kept_bytes > most_bytes {
            let Some(mut entry) = self.free.last_entry() else { break };
            match entry.get_mut().pop() {
                Some(buffer) => self.counts.kept_bytes -= buffer.size(),
                None => drop(entry.remove()),
            }
        }
    }
}

fn out_of_memory(requested_bytes: u64, in_use_bytes: u64, budget_bytes: u64) -> Error {
    let message = match budget_bytes {
        u64::MAX => format!(
            "out of memory: {requested_bytes} bytes asked for, {in_use_bytes} in use, and the driver has no more"
        ),
        _ => format!(
            "out of memory: {requested_bytes} bytes asked for, {in_use_bytes} in use of a budget of {budget_bytes}"
        ),
    };
    Error::new(ErrorKind::OutOfMemory { requested_bytes, in_use_bytes, budget_bytes }, message)
}

/// The size that is allocated: 256 bytes and more, four classes to a power of two, so that at most a
/// fifth lies idle.
fn class(bytes: u64) -> u64 {
    let bytes = bytes.max(256);
    let step = bytes.checked_next_power_of_two().map_or(64, |power| (power / 8).max(64));
    bytes.checked_next_multiple_of(step).unwrap_or(bytes)
}

#[cfg(test)]
mod tests {
    use super::class;

    #[test]
    fn classes_waste_little() {
        let mut before = 0;
        for bytes in 1..100_000 {
            let size = class(bytes);
            assert!(size >= bytes && size.is_multiple_of(4) && size >= before, "{bytes}: {size}");
            assert!(size <= 256 || size * 4 <= bytes * 5 + 64, "{bytes}: {size}");
            before = size;
        }
        assert_eq!(class(0), 256);
        assert_eq!(class(1 << 40), 1 << 40);
        assert_eq!(class((1 << 20) + 1), (1 << 20) + (1 << 18));
    }
}
