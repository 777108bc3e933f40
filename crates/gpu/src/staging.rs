//! Memory that both the host and the device see, for what goes up and comes back, kept for the next
//! time.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::device::Device;
use crate::error::{Error, ErrorKind, Result};
use crate::pool::Allocation;
use crate::ring::Ring;

/// Bytes of a piece that goes up: large enough that handing it over costs little beside its copy.
const PIECE: usize = 8 << 20;
/// Pieces that are under way at a time: one is written while others travel.
const PIECES: usize = 4;
/// Bytes of a piece that small arrays share, which is handed over when it is full.
const SHARED: usize = 256 << 10;
/// One for each time of handing over of which the device has not done the copies yet.
const SHARED_PIECES: usize = 32;
/// Up to here arrays share a piece.
const SMALL: usize = 64 << 10;
/// Bytes that are kept of what comes back.
const KEPT: u64 = 256 << 20;

#[derive(Debug)]
pub(crate) struct Staging {
    up: Arc<Ring>,
    /// What small arrays share; the piece that is written now is the stream's.
    shared: Arc<Ring>,
    back: Mutex<Vec<wgpu::Buffer>>,
    /// Of all that are there for the way back, kept or not.
    back_bytes: AtomicU64,
    most_kept_bytes: u64,
}

impl Staging {
    /// What is kept of the way back is no more than arrays may hold.
    pub(crate) fn new(budget_bytes: u64) -> Self {
        Self {
            up: Ring::new(PIECE, PIECES),
            shared: Ring::new(SHARED, SHARED_PIECES),
            back: Mutex::default(),
            back_bytes: AtomicU64::new(0),
            most_kept_bytes: KEPT.min(budget_bytes),
        }
    }

    pub(crate) fn shared(&self) -> &Arc<Ring> {
        &self.shared
    }

    fn back(&self) -> MutexGuard<'_, Vec<wgpu::Buffer>> {
        self.back.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Bytes of all of it.
    pub(crate) fn bytes(&self) -> u64 {
        self.up.bytes() + self.shared.bytes() + self.back_bytes.load(Ordering::Relaxed)
    }

    /// Gives what is idle back to the driver; how many bytes that was.
    pub(crate) fn trim(&self) -> u64 {
        let kept = std::mem::take(&mut *self.back());
        let bytes = kept.iter().map(wgpu::Buffer::size).sum();
        self.back_bytes.fetch_sub(bytes, Ordering::Relaxed);
        bytes + self.up.trim() + self.shared.trim()
    }

    /// Keeps a buffer and as many of the others as are no more than the bytes that may be kept.
    fn keep(&self, buffer: wgpu::Buffer) {
        let mut kept = self.back();
        kept.push(buffer);
        let size = |kept: &[wgpu::Buffer]| kept.iter().map(wgpu::Buffer::size).sum::<u64>();
        while size(&kept) > self.most_kept_bytes {
            // The oldest, of a size that is not asked for any more; but one that is too large by itself would
            // push out all others and then go too.
            let last = kept.len() - 1;
            let at = if kept[last].size() > self.most_kept_bytes { last } else { 0 };
            self.back_bytes.fetch_sub(kept.remove(at).size(), Ordering::Relaxed);
        }
    }
}

impl Device {
    /// Copies bytes to the beginning of a buffer, behind all that is there.
    pub(crate) fn stage_up(&self, to: &wgpu::Buffer, bytes: &[u8]) -> Result<()> {
        self.not_recording()?;
        if bytes.len() <= SMALL {
            return self.write(to, bytes);
        }
        let ring = &self.staging().up;
        for (at, bytes) in (0..).step_by(PIECE).zip(bytes.chunks(PIECE)) {
            let piece = self.piece(ring)?;
            let filled = fill(&piece, 0, bytes);
            piece.unmap();
            let size = bytes.len() as u64;
            let copy = |encoder: &mut wgpu::CommandEncoder| {
                encoder.copy_buffer_to_buffer(&piece, 0, to, at, size);
            };
            let handed_over = filled.and_then(|()| self.finish_with(copy));
            // It comes back in either case.
            ring.await_back(&piece);
            handed_over?;
        }
        Ok(())
    }

    /// Memory with these bytes, which nothing writes to: it is there before what is recorded, too.
    pub(crate) fn constant(&self, bytes: &[u8]) -> Result<Arc<Allocation>> {
        let memory = self.allocate(bytes.len() as u64)?;
        self.write(memory.buffer(), bytes)?;
        Ok(memory)
    }

    /// A buffer that the host can read, of so many bytes or more.
    pub(crate) fn readable(&self, bytes: u64) -> Result<wgpu::Buffer> {
        let mut kept = self.staging().back();
        let fits =
            |buffer: &wgpu::Buffer| (bytes..=bytes.saturating_mul(2)).contains(&buffer.size());
        if let Some(at) = kept.iter().position(fits) {
            return Ok(kept.swap_remove(at));
        }
        drop(kept);
        let usage = wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST;
        let buffer = self.host_buffer(bytes, usage)?;
        self.staging().back_bytes.fetch_add(buffer.size(), Ordering::Relaxed);
        Ok(buffer)
    }

    /// Keeps a buffer of [`readable`](Self::readable), which is shown.
    pub(crate) fn give_back(&self, buffer: wgpu::Buffer) {
        match self.scope(|| buffer.unmap()) {
            Ok(()) => self.staging().keep(buffer),
            Err(_) => drop(self.staging().back_bytes.fetch_sub(buffer.size(), Ordering::Relaxed)),
        }
    }

    /// Lets a buffer of [`readable`](Self::readable) go, whatever is under way with it.
    pub(crate) fn give_up(&self, buffer: &wgpu::Buffer) {
        // One that was never shown has nothing to take back, which is no error of ours.
        let _ = self.scope(|| buffer.unmap());
        self.staging().back_bytes.fetch_sub(buffer.size(), Ordering::Relaxed);
    }
}

/// Writes bytes to a place of a buffer that is shown.
pub(crate) fn fill(buffer: &wgpu::Buffer, at: u64, bytes: &[u8]) -> Result<()> {
    let mut view = buffer.get_mapped_range_mut(at..at + bytes.len() as u64).map_err(|error| {
        let message = "the driver did not show memory for an upload";
        Error::new(ErrorKind::Driver, message).with_source(error.to_string())
    })?;
    view.copy_from_slice(bytes);
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use ndarray::Array;

    use super::{PIECE, PIECES, SHARED, SHARED_PIECES, Staging};
    use crate::{Device, ErrorKind, Result, Select, Settings, pool};

    const LONG: Duration = Duration::from_secs(60);

    #[test]
    fn uploads_take_no_more_than_the_rings() {
        let device = Device::open(Select::noop()).unwrap();
        for _ in 0..3 * PIECES {
            drop(device.upload(&Array::<f32, _>::zeros(20_000)).unwrap());
        }
        assert!(device.staging().up.bytes() <= (PIECES * PIECE) as u64);
        device.wait(LONG).unwrap();
        device.trim();
        assert_eq!(device.staging().bytes(), 0);
    }

    /// Nothing is run in between, and nothing waited for.
    #[test]
    fn small_uploads_take_no_more_than_a_ring_and_are_handed_over() {
        let device = Device::open(Select::noop()).unwrap();
        let host = Array::<f32, _>::zeros(16 << 10);
        let most = (SHARED * SHARED_PIECES) as u64;
        for i in 0..5_000_u64 {
            drop(device.upload(&host).unwrap());
            assert!(device.stats().staging_bytes <= most);
            // A piece has room for four.
            assert!(device.stats().submissions >= i / 4);
        }
        assert_eq!(device.stats().uploaded_bytes, 5_000 * (64 << 10));
    }

    #[test]
    fn small_uploads_do_not_hand_over_what_is_there() {
        let device = Device::open(Select::noop()).unwrap();
        let before = device.stats().submissions;
        let arrays: Vec<_> =
            (0..60).map(|i| device.upload(&Array::from_elem(3, i)).unwrap()).collect();
        assert_eq!(device.stats().submissions, before);
        drop(arrays);
    }

    #[test]
    fn what_is_too_large_to_keep_pushes_nothing_out() {
        let device =
            Device::open_with(Select::noop(), &Settings::new().memory_bytes(1000)).unwrap();
        let staging: &Staging = device.staging();
        let sizes = || staging.back().iter().map(wgpu::Buffer::size).collect::<Vec<_>>();
        for (bytes, then) in
            [(400, vec![400]), (1004, vec![400]), (600, vec![400, 600]), (4, vec![600, 4])]
        {
            staging.keep(device.readable(bytes).unwrap());
            assert_eq!(sizes(), then, "{bytes}");
            assert_eq!(staging.bytes(), then.iter().sum());
        }
        staging.keep(device.readable(1000).unwrap());
        assert_eq!((sizes(), staging.bytes()), (vec![1000], 1000));
    }

    /// Each way, first where giving back what is kept is enough, and then where it is not.
    #[test]
    fn staging_without_memory_is_out_of_memory_and_the_device_goes_on() {
        let device = Device::open(Select::noop()).unwrap();
        let x = device.zeros::<f32, _>(1 << 18).unwrap();
        let small = |bytes: usize| device.stage_up(x.memory().buffer(), &vec![0; bytes]);
        let ways: [&dyn Fn() -> Result<()>; 4] =
            [&|| small(64), &|| small(1 << 20), &|| x.read().map(drop), &|| {
                device.constant(&[0; 256]).map(drop)
            }];
        for (way, go) in ways.iter().enumerate() {
            for shortages in [1, 2] {
                device.wait(LONG).unwrap();
                device.trim();
                pool::run_short(&device, shortages);
                let Err(error) = go() else {
                    assert_eq!(shortages, 1, "way {way}");
                    continue;
                };
                assert_eq!(shortages, 2, "way {way}: {error}");
                let ErrorKind::OutOfMemory { requested_bytes, in_use_bytes, budget_bytes } =
                    error.kind()
                else {
                    panic!("{error:?}");
                };
                assert!(requested_bytes > 0);
                assert!((1 << 20..=(1 << 20) + 256).contains(&in_use_bytes), "{in_use_bytes}");
                assert_eq!(budget_bytes, u64::MAX);
            }
            go().unwrap();
        }
        device.wait(LONG).unwrap();
    }
}
