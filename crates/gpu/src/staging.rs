//! Memory that both the host and the device see, for what goes up and comes back, kept for the next
//! time.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use crate::device::Device;
use crate::error::{Error, ErrorKind, Result};
use crate::progress::Submission;

/// Bytes of a piece that goes up: large enough that handing it over costs little beside its copy.
const PIECE: usize = 8 << 20;
/// Pieces that are under way at a time: one is written while others travel.
const PIECES: usize = 4;
/// Up to here the queue's own copy is as fast.
const SMALL: usize = 64 << 10;
/// Bytes that are kept of what comes back.
const KEPT: u64 = 256 << 20;

#[derive(Debug, Default)]
pub(crate) struct Staging {
    up: Mutex<Ring>,
    back: Mutex<Vec<wgpu::Buffer>>,
}

#[derive(Debug, Default)]
struct Ring {
    made: usize,
    /// Those that the host may write.
    idle: Arc<Mutex<Vec<wgpu::Buffer>>>,
    /// What the others wait for, the oldest first.
    under_way: VecDeque<Submission>,
}

impl Ring {
    /// Notes what the last piece waits for. Pieces come back in order, so that none waits for more than the
    /// last few.
    fn hand_over(&mut self, submission: Submission) {
        self.under_way.push_back(submission);
        let more = self.under_way.len().saturating_sub(PIECES);
        self.under_way.drain(..more);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Device {
    /// Copies bytes to the beginning of a buffer, behind all that is recorded.
    pub(crate) fn stage_up(&self, to: &wgpu::Buffer, bytes: &[u8]) -> Result<()> {
        if bytes.len() <= SMALL {
            // The queue copies them aside, and has them there before anything that is handed over later.
            return self.after_flush(|queue| queue.write_buffer(to, 0, bytes));
        }
        self.not_recording()?;
        let mut ring = lock(&self.staging().up);
        for (at, piece) in (0_u64..).zip(bytes.chunks(PIECE)) {
            let from = self.writable(&mut ring)?;
            let size = piece.len() as u64;
            match from.get_mapped_range_mut(..size) {
                Ok(mut view) => view.copy_from_slice(piece),
                Err(error) => return Err(not_shown().with_source(error.to_string())),
            }
            from.unmap();
            let submission = self.finish_with(|encoder| {
                encoder.copy_buffer_to_buffer(&from, 0, to, at * PIECE as u64, size);
            })?;
            ring.hand_over(submission);
            let (idle, again) = (Arc::clone(&ring.idle), from.clone());
            from.map_async(wgpu::MapMode::Write, .., move |mapped| {
                if mapped.is_ok() {
                    lock(&idle).push(again);
                }
            });
        }
        Ok(())
    }

    /// A piece that the host may write.
    fn writable(&self, ring: &mut Ring) -> Result<wgpu::Buffer> {
        loop {
            if let Some(buffer) = lock(&ring.idle).pop() {
                return Ok(buffer);
            }
            let waited = match ring.made < PIECES {
                true => None,
                false => ring.under_way.pop_front(),
            };
            let Some(submission) = waited else { break };
            self.poll(submission, None)?;
            // It is done; a thread that asked at the same time may be about to tell.
            for _ in 0..1000 {
                if !lock(&ring.idle).is_empty() {
                    break;
                }
                thread::sleep(Duration::from_micros(20));
                self.poll(submission, None)?;
            }
        }
        ring.made += 1;
        self.scope(|| {
            self.raw().create_buffer(&wgpu::BufferDescriptor {
                label: None,
                size: PIECE as u64,
                usage: wgpu::BufferUsages::MAP_WRITE | wgpu::BufferUsages::COPY_SRC,
                mapped_at_creation: true,
            })
        })
    }

    /// A buffer that the host can read, of so many bytes or more.
    pub(crate) fn readable(&self, bytes: u64) -> Result<wgpu::Buffer> {
        let mut kept = lock(&self.staging().back);
        let fits =
            |buffer: &wgpu::Buffer| (bytes..=bytes.saturating_mul(2)).contains(&buffer.size());
        if let Some(at) = kept.iter().position(fits) {
            return Ok(kept.swap_remove(at));
        }
        drop(kept);
        self.scope(|| {
            self.raw().create_buffer(&wgpu::BufferDescriptor {
                label: None,
                size: bytes,
                usage: wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST,
                mapped_at_creation: false,
            })
        })
    }

    /// Keeps a buffer of [`readable`](Self::readable), whatever is under way with it.
    pub(crate) fn give_back(&self, buffer: wgpu::Buffer) {
        // One that was never shown has nothing to take back, which is no error of ours.
        if self.scope(|| buffer.unmap()).is_err() {
            return;
        }
        keep(&mut lock(&self.staging().back), buffer, KEPT);
    }
}

/// Keeps a buffer and as many of the others as are no more than these bytes together.
fn keep(kept: &mut Vec<wgpu::Buffer>, buffer: wgpu::Buffer, most_bytes: u64) {
    if buffer.size() > most_bytes {
        // It would push out all others and then itself.
        return;
    }
    kept.push(buffer);
    while kept.iter().map(wgpu::Buffer::size).sum::<u64>() > most_bytes {
        // The oldest, of a size that is not asked for any more.
        kept.remove(0);
    }
}

fn not_shown() -> Error {
    Error::new(ErrorKind::Driver, "the driver did not show memory for an upload")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use ndarray::Array;

    use super::{PIECES, keep, lock};
    use crate::{Device, Select};

    #[test]
    fn uploads_leave_nothing_behind_that_is_done() {
        let device = Device::open(Select::noop()).unwrap();
        for _ in 0..3 * PIECES {
            drop(device.upload(&Array::<f32, _>::zeros(20_000)).unwrap());
            // A piece is idle from here on.
            device.wait(Duration::from_secs(60)).unwrap();
        }
        assert!(lock(&device.staging().up).under_way.len() <= PIECES);
    }

    #[test]
    fn what_is_too_large_to_keep_pushes_nothing_out() {
        let device = Device::open(Select::noop()).unwrap();
        let sizes = |kept: &[wgpu::Buffer]| kept.iter().map(wgpu::Buffer::size).collect::<Vec<_>>();
        let mut kept = vec![];
        for (bytes, then) in
            [(400, vec![400]), (1004, vec![400]), (600, vec![400, 600]), (4, vec![600, 4])]
        {
            keep(&mut kept, device.readable(bytes).unwrap(), 1000);
            assert_eq!(sizes(&kept), then, "{bytes}");
        }
        keep(&mut kept, device.readable(1000).unwrap(), 1000);
        assert_eq!(sizes(&kept), [1000]);
    }
}
