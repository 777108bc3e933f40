//! Memory of the device, kept for the next array of its size.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::device::refused;
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
    /// How many more times there is no memory.
    #[cfg(test)]
    shortages: std::sync::atomic::AtomicU32,
}

#[derive(Debug, Default)]
struct Shelves {
    /// By size.
    free: BTreeMap<u64, Vec<wgpu::Buffer>>,
    /// Bytes that the driver is being asked for.
    asked_bytes: u64,
    counts: PoolStats,
}

/// What the pool of a device holds, and how often it could give what it had.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PoolStats {
    /// Bytes of arrays that are alive, as they are taken from the driver: sizes are rounded up by at most a
    /// quarter, and to 256 bytes.
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
        Arc::new(Self {
            device,
            budget_bytes,
            max_buffer_bytes,
            shelves: Mutex::default(),
            #[cfg(test)]
            shortages: 0.into(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, Shelves> {
        self.shelves.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A buffer of at least so many bytes, with anything in it. Where the driver has no more, `settle` waits
    /// until what was freed is gone.
    pub(crate) fn allocate(
        self: &Arc<Self>,
        bytes: u64,
        settle: impl FnOnce() -> Result<()>,
    ) -> Result<Arc<Allocation>> {
        if bytes > self.max_buffer_bytes {
            let message = format!(
                "an array of {bytes} bytes is larger than the device's largest buffer of {} bytes",
                self.max_buffer_bytes
            );
            return Err(Error::new(ErrorKind::TooLarge, message));
        }
        // The driver knows words alone.
        let least = bytes.max(1).next_multiple_of(4);
        let class = class(bytes).min(self.max_buffer_bytes & !3).max(least);
        let buffer = match self.take(least, class)? {
            Taken::Kept(buffer) => buffer,
            Taken::Room(size) => {
                let created = self.create(&description(size), settle);
                self.lock().answered(size, created.is_ok());
                created?
            }
        };
        Ok(Arc::new(Allocation { buffer, pool: Arc::clone(self) }))
    }

    /// A kept buffer, or room for a new one until the driver has answered: of the class, or of the least size if
    /// the budget has no more.
    fn take(&self, least: u64, class: u64) -> Result<Taken> {
        let mut shelves = self.lock();
        for size in [class, least] {
            if let Some(buffer) = shelves.free.get_mut(&size).and_then(Vec::pop) {
                shelves.counts.kept_bytes -= size;
                shelves.counts.hits += 1;
                shelves.uses(size);
                return Ok(Taken::Kept(buffer));
            }
        }
        let in_use = shelves.counts.in_use_bytes + shelves.asked_bytes;
        let left = self.budget_bytes.saturating_sub(in_use);
        if least > left {
            let why = format!(
                "{least} bytes asked for, {in_use} in use of a budget of {}",
                self.budget_bytes
            );
            return Err(self.out_of_memory(least, in_use, &why));
        }
        let size = if class <= left { class } else { least };
        shelves.make_room(left - size);
        shelves.counts.misses += 1;
        shelves.asked_bytes += size;
        Ok(Taken::Room(size))
    }

    /// A new buffer; what is kept goes first, where the driver has no more.
    pub(crate) fn create(
        &self,
        description: &wgpu::BufferDescriptor<'_>,
        settle: impl FnOnce() -> Result<()>,
    ) -> Result<wgpu::Buffer> {
        let size = description.size;
        let mut created = self.try_create(description);
        if matches!(created, Err(wgpu::Error::OutOfMemory { .. })) {
            self.trim();
            settle()?;
            created = self.try_create(description);
        }
        created.map_err(|error| match error {
            wgpu::Error::OutOfMemory { .. } => {
                let in_use = self.lock().counts.in_use_bytes;
                let why =
                    format!("{size} bytes asked for, {in_use} in use, and the driver has no more");
                self.out_of_memory(size, in_use, &why).with_source(error)
            }
            other => refused(other),
        })
    }

    fn try_create(
        &self,
        description: &wgpu::BufferDescriptor<'_>,
    ) -> std::result::Result<wgpu::Buffer, wgpu::Error> {
        #[cfg(test)]
        if tests::is_short(self) {
            return Err(wgpu::Error::OutOfMemory { source: "a test has it so".into() });
        }
        let memory = self.device.push_error_scope(wgpu::ErrorFilter::OutOfMemory);
        let validation = self.device.push_error_scope(wgpu::ErrorFilter::Validation);
        let buffer = self.device.create_buffer(description);
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

    /// What the driver has no memory for is something of its own.
    pub(crate) fn exhausted(&self, error: wgpu::Error) -> Error {
        let in_use = self.lock().counts.in_use_bytes;
        let why = format!("the driver has no more for itself, {in_use} bytes in use");
        self.out_of_memory(0, in_use, &why).with_source(error)
    }

    fn out_of_memory(&self, requested_bytes: u64, in_use_bytes: u64, why: &str) -> Error {
        let budget_bytes = self.budget_bytes;
        let kind = ErrorKind::OutOfMemory { requested_bytes, in_use_bytes, budget_bytes };
        Error::new(kind, format!("out of memory: {why}"))
    }
}

impl Shelves {
    fn uses(&mut self, size: u64) {
        self.counts.in_use_bytes += size;
        self.counts.peak_bytes = self.counts.peak_bytes.max(self.counts.in_use_bytes);
    }

    /// What the driver was asked for is there, or is not.
    fn answered(&mut self, size: u64, is_there: bool) {
        self.asked_bytes -= size;
        if is_there {
            self.uses(size);
        }
    }

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

/// What an allocation is made of.
enum Taken {
    Kept(wgpu::Buffer),
    /// Bytes of a new one.
    Room(u64),
}

/// A buffer of arrays.
fn description(size: u64) -> wgpu::BufferDescriptor<'static> {
    wgpu::BufferDescriptor {
        label: None,
        size,
        usage: wgpu::BufferUsages::STORAGE
            | wgpu::BufferUsages::UNIFORM
            | wgpu::BufferUsages::COPY_SRC
            | wgpu::BufferUsages::COPY_DST,
        mapped_at_creation: false,
    }
}

/// The size that is allocated: 256 bytes and more, four classes to a power of two, so that at most a
/// fifth lies idle.
fn class(bytes: u64) -> u64 {
    let bytes = bytes.max(256);
    let step = bytes.checked_next_power_of_two().map_or(64, |power| (power / 8).max(64));
    bytes.checked_next_multiple_of(step).unwrap_or(bytes)
}

#[cfg(test)]
pub(crate) use tests::run_short;

#[cfg(test)]
mod tests {
    use std::error::Error as _;
    use std::sync::atomic::Ordering;

    use super::{Pool, class};
    use crate::{Device, ErrorKind, Select, Settings};

    /// Whether there is no memory, as a test has it.
    pub(super) fn is_short(pool: &Pool) -> bool {
        let one_less = |n: u32| n.checked_sub(1);
        pool.shortages.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less).is_ok()
    }

    /// Has the driver have no memory, so many times.
    pub(crate) fn run_short(device: &Device, times: u32) {
        device.allocate(0).unwrap().pool.shortages.store(times, Ordering::Relaxed);
    }

    #[test]
    fn a_driver_without_memory_is_not_a_budget() {
        let settings = Settings::new().memory_bytes(1 << 20);
        let device = Device::open_with(Select::noop(), &settings).unwrap();
        let small = device.zeros::<f32, _>(64).unwrap();
        run_short(&device, 2);
        device.trim();
        let error = device.zeros::<u32, _>(1 << 17).unwrap_err();
        let (requested_bytes, budget_bytes) = (1 << 19, 1 << 20);
        let kind = ErrorKind::OutOfMemory { requested_bytes, in_use_bytes: 256, budget_bytes };
        assert_eq!(error.kind(), kind);
        let message = error.to_string();
        assert!(message.ends_with(", 256 in use, and the driver has no more"), "{message}");
        assert!(error.source().is_some());
        let memory = device.memory();
        assert!(memory.peak_bytes <= 512 && memory.in_use_bytes == 256, "{memory:?}");
        let error = device.zeros::<u32, _>(1 << 18).unwrap_err();
        assert!(error.to_string().ends_with("256 in use of a budget of 1048576"), "{error}");
        assert_eq!(small.to_array().unwrap().len(), 64);
    }

    #[test]
    fn what_holds_freed_memory_is_handed_over_where_memory_is_short() {
        let device = Device::open(Select::noop()).unwrap();
        let small = device.zeros::<f32, _>(64).unwrap();
        run_short(&device, 1);
        let before = device.stats().submissions;
        // It goes on where a graph is recorded, too.
        let graph = device.record(|_| device.zeros::<f32, _>(1 << 17)).unwrap();
        assert_eq!(device.stats().submissions, before + 1);
        assert_eq!((graph.len(), small.len()), (1, 64));
        assert_eq!(device.memory().in_use_bytes, 256 + (1 << 19));
    }

    #[test]
    fn what_a_driver_refuses_is_not_out_of_memory() {
        let (device, _queue) = wgpu::Device::noop(&wgpu::DeviceDescriptor::default());
        let limit = device.limits().max_buffer_size;
        let pool = Pool::new(device, u64::MAX, u64::MAX);
        let error = pool.allocate(2 * limit, || panic!("memory was not short")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Driver, "{error}");
        assert!(error.source().is_some());
        assert_eq!((pool.stats().in_use_bytes, pool.stats().peak_bytes), (0, 0));
    }

    #[test]
    fn what_fits_the_budget_is_had() {
        for bytes in [4_u64, 100, 1000, 1_000_000, (1 << 20) + 4] {
            let settings = Settings::new().memory_bytes(bytes);
            let device = Device::open_with(Select::noop(), &settings).unwrap();
            for time in 0..3 {
                let whole = device.zeros::<u32, _>(usize::try_from(bytes).unwrap() / 4).unwrap();
                assert_eq!(device.memory().in_use_bytes, bytes);
                let error = device.zeros::<u32, _>(1).unwrap_err();
                let kind = ErrorKind::OutOfMemory {
                    requested_bytes: 4,
                    in_use_bytes: bytes,
                    budget_bytes: bytes,
                };
                assert_eq!(error.kind(), kind);
                drop(whole);
                assert_eq!((device.memory().kept_bytes, device.memory().hits), (bytes, time));
            }
        }
        let device = Device::open_with(Select::noop(), &Settings::new().memory_bytes(600)).unwrap();
        let first = device.zeros::<u32, _>(100).unwrap();
        // What is left is less than its class.
        let second = device.zeros::<u32, _>(38).unwrap();
        assert_eq!(device.memory().in_use_bytes, 600);
        drop((first, second));
    }

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
