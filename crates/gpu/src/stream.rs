//! What is to be done next: dispatches and copies in order, handed over many at a time.

use std::collections::VecDeque;
use std::sync::atomic::Ordering;
use std::sync::{Arc, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};

use crate::device::Device;
use crate::error::{Error, ErrorKind, Result};
use crate::pool::Allocation;
use crate::progress::Submission;
use crate::staging::fill;

/// Handing over costs some ten microseconds and a dispatch one; the device should not wait long for
/// the first, though.
const MOST: usize = 64;
/// Of what is recorded, which comes fast. The device works on some while the host encodes the next.
const MOST_REPLAYED: usize = 128;
/// Submissions that the host is ahead of the device at least before it waits, and twice as many at most.
const AHEAD: usize = 64;

/// Work that is recorded and not yet handed over.
#[derive(Debug, Default)]
pub(crate) struct Stream {
    // A pass must end before its encoder.
    pass: Option<wgpu::ComputePass<'static>>,
    encoder: Option<wgpu::CommandEncoder>,
    len: usize,
    /// Whose work it is.
    threads: Vec<ThreadId>,
    last: Submission,
    /// What may not be done yet, the oldest first.
    under_way: VecDeque<Submission>,
    /// One of a thread.
    recordings: Vec<Recording>,
    /// The piece that small arrays are written to, and how much of it is full, which is what was recorded.
    shared: Option<(wgpu::Buffer, u64)>,
}

/// One run of a program, ready to be recorded, any number of times.
#[derive(Debug, Clone)]
pub(crate) struct Dispatch {
    pub(crate) pipeline: wgpu::ComputePipeline,
    pub(crate) group: wgpu::BindGroup,
    pub(crate) immediates: Vec<u8>,
    /// Work-groups along each axis.
    pub(crate) groups: [u32; 3],
    /// What it reads and writes; not to be given out again as long as it may run.
    #[expect(dead_code, reason = "it is there to be kept")]
    pub(crate) memory: Vec<Arc<Allocation>>,
}

/// Some bytes of one array that go to another.
#[derive(Debug, Clone)]
pub(crate) struct Transfer {
    pub(crate) from: (Arc<Allocation>, u64),
    pub(crate) to: (Arc<Allocation>, u64),
    pub(crate) bytes: u64,
}

/// What can be put into the queue any number of times.
#[derive(Debug, Clone)]
pub(crate) enum Work {
    Dispatch(Dispatch),
    Transfer(Transfer),
    /// Zeros in all of it.
    Clear(Arc<Allocation>),
}

impl Dispatch {
    fn record(&self, pass: &mut wgpu::ComputePass<'_>) {
        pass.set_pipeline(&self.pipeline);
        pass.set_bind_group(0, &self.group, &[]);
        if !self.immediates.is_empty() {
            pass.set_immediates(0, &self.immediates);
        }
        let [x, y, z] = self.groups;
        pass.dispatch_workgroups(x, y, z);
    }
}

impl Work {
    fn record(&self, device: &wgpu::Device, stream: &mut Stream) {
        match self {
            Self::Dispatch(dispatch) => dispatch.record(stream.dispatches(device)),
            Self::Transfer(Transfer { from, to, bytes }) => stream
                .copies(device)
                .copy_buffer_to_buffer(from.0.buffer(), from.1, to.0.buffer(), to.1, *bytes),
            Self::Clear(memory) => stream.copies(device).clear_buffer(memory.buffer(), 0, None),
        }
    }
}

/// Work that is kept in place of being done.
#[derive(Debug)]
struct Recording {
    thread: ThreadId,
    work: Vec<Work>,
}

impl Stream {
    /// Outside of a pass, where copies go.
    fn copies(&mut self, device: &wgpu::Device) -> &mut wgpu::CommandEncoder {
        self.pass = None;
        self.count();
        self.encoder.get_or_insert_with(|| new_encoder(device))
    }

    fn dispatches(&mut self, device: &wgpu::Device) -> &mut wgpu::ComputePass<'static> {
        self.count();
        let Self { pass, encoder, .. } = self;
        pass.get_or_insert_with(|| {
            let encoder = encoder.get_or_insert_with(|| new_encoder(device));
            encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default()).forget_lifetime()
        })
    }

    /// What to wait for before more is handed over, if the host is far ahead.
    fn behind(&mut self) -> Option<Submission> {
        if self.under_way.len() < 2 * AHEAD {
            return None;
        }
        let done = self.under_way.len() - AHEAD;
        self.under_way.drain(..done).next_back()
    }

    /// Counts what this thread adds.
    fn count(&mut self) {
        self.len += 1;
        let thread = thread::current().id();
        if !self.threads.contains(&thread) {
            self.threads.push(thread);
        }
    }

    /// The recording of this thread.
    fn recording(&mut self) -> Option<&mut Recording> {
        let thread = thread::current().id();
        self.recordings.iter_mut().find(|recording| recording.thread == thread)
    }

    /// What this thread has recorded; it records no more.
    fn recorded(&mut self) -> Option<Vec<Work>> {
        let thread = thread::current().id();
        let at = self.recordings.iter().position(|recording| recording.thread == thread)?;
        Some(self.recordings.swap_remove(at).work)
    }
}

fn new_encoder(device: &wgpu::Device) -> wgpu::CommandEncoder {
    device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default())
}

fn is_recording() -> Error {
    let message = "a graph is being recorded, which can hold nothing that waits, uploads or reads";
    Error::new(ErrorKind::Argument, message)
}

impl Device {
    fn locked(&self) -> MutexGuard<'_, Stream> {
        self.stream().lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The stream, unless this thread records a graph.
    fn unrecorded(&self) -> Result<MutexGuard<'_, Stream>> {
        let mut stream = self.locked();
        if stream.recording().is_some() { Err(is_recording()) } else { Ok(stream) }
    }

    /// Puts work behind what is there.
    pub(crate) fn enqueue(&self, work: Work) -> Result<()> {
        let mut stream = self.locked();
        match stream.recording() {
            Some(recording) => {
                recording.work.push(work);
                Ok(())
            }
            None => {
                self.put(&mut stream, &work, MOST)?;
                self.pace(stream).map(drop)
            }
        }
    }

    /// Puts all work behind what is there, so many times. Others may come in between two times.
    pub(crate) fn enqueue_all(&self, work: &[Work], times: usize) -> Result<()> {
        let mut stream = self.locked();
        let times = if work.is_empty() { 0 } else { times };
        for _ in 0..times {
            match stream.recording() {
                Some(recording) => recording.work.extend_from_slice(work),
                None => {
                    for work in work {
                        self.put(&mut stream, work, MOST)?;
                    }
                    stream = self.pace(stream)?;
                }
            }
        }
        Ok(())
    }

    fn put(&self, stream: &mut Stream, work: &Work, most: usize) -> Result<()> {
        work.record(self.raw(), stream);
        let counters = self.counters();
        let counter = match work {
            Work::Dispatch(_) => &counters.dispatches,
            Work::Transfer(_) | Work::Clear(_) => &counters.copies,
        };
        counter.fetch_add(1, Ordering::Relaxed);
        if stream.len >= most { self.submit(stream) } else { Ok(()) }
    }

    /// Puts all work behind what is there, so many times, and hands it over. Others may come in between
    /// two times.
    pub(crate) fn replay(&self, work: &[Work], times: usize) -> Result<()> {
        let mut stream = self.unrecorded()?;
        let times = if work.is_empty() { 0 } else { times };
        for _ in 0..times {
            for work in work {
                self.put(&mut stream, work, MOST_REPLAYED)?;
            }
            stream = self.pace(stream)?;
        }
        self.submit(&mut stream)?;
        self.pace(stream).map(drop)
    }

    /// Keeps what a closure puts into the queue from this thread in place of doing it.
    pub(crate) fn capture<R>(&self, work: impl FnOnce() -> Result<R>) -> Result<(R, Vec<Work>)> {
        {
            let mut stream = self.unrecorded()?;
            let thread = thread::current().id();
            stream.recordings.push(Recording { thread, work: vec![] });
        }
        // What panics must not leave the queue waiting.
        let end = EndRecording(self);
        let result = work();
        let recorded = end.0.locked().recorded();
        Ok((result?, recorded.unwrap_or_default()))
    }

    /// An error if this thread records a graph.
    pub(crate) fn not_recording(&self) -> Result<()> {
        self.unrecorded().map(drop)
    }

    /// Copies bytes to the beginning of a buffer, behind what is there, recording or not.
    ///
    /// They go by a piece of our own that many share: wgpu's way takes memory of its own for each, which nobody
    /// bounds, and loses the device where there is none.
    pub(crate) fn write(&self, to: &wgpu::Buffer, bytes: &[u8]) -> Result<()> {
        let most = self.staging().shared().piece_bytes();
        for (at, bytes) in (0..).step_by(most).zip(bytes.chunks(most)) {
            let size = bytes.len() as u64;
            let (mut stream, piece, from) = self.room(size)?;
            fill(&piece, from, bytes)?;
            stream.copies(self.raw()).copy_buffer_to_buffer(&piece, from, to, at, size);
            stream.shared = Some((piece, (from + size).next_multiple_of(wgpu::MAP_ALIGNMENT)));
            if stream.len >= MOST {
                self.submit(&mut stream)?;
            }
            drop(self.pace(stream)?);
        }
        Ok(())
    }

    /// The stream, its piece that is shared, and where so many bytes of it are free. A full one is handed over.
    fn room(&self, bytes: u64) -> Result<(MutexGuard<'_, Stream>, wgpu::Buffer, u64)> {
        let ring = self.staging().shared();
        let mut stream = self.locked();
        loop {
            match stream.shared.clone() {
                Some((piece, full)) if full + bytes <= piece.size() => {
                    return Ok((stream, piece, full));
                }
                Some(_) => self.submit(&mut stream)?,
                None => {}
            }
            drop(stream);
            // It may have to be waited for.
            let piece = self.piece(ring)?;
            stream = self.locked();
            match stream.shared {
                Some(_) => ring.give_back(piece),
                None => stream.shared = Some((piece, 0)),
            }
        }
    }

    /// What an encoder does, behind what is there.
    pub(crate) fn encode(&self, work: impl FnOnce(&mut wgpu::CommandEncoder)) -> Result<()> {
        let mut stream = self.unrecorded()?;
        work(stream.copies(self.raw()));
        Ok(())
    }

    /// What an encoder does, behind what is there; all is handed over. What to wait for.
    pub(crate) fn finish_with(
        &self,
        work: impl FnOnce(&mut wgpu::CommandEncoder),
    ) -> Result<Submission> {
        let mut stream = self.unrecorded()?;
        work(stream.copies(self.raw()));
        self.submit(&mut stream)?;
        let last = stream.last;
        self.pace(stream).map(|_| last)
    }

    /// Hands over what is there; what to wait for. It does not wait itself: who asks may have no time.
    pub(crate) fn flush(&self) -> Result<Submission> {
        let mut stream = self.unrecorded()?;
        self.submit(&mut stream)?;
        Ok(stream.last)
    }

    /// Waits where the host is far ahead of the device: what is under way holds memory of the host. The
    /// stream is let go meanwhile, because what is called when something is done may use it.
    fn pace<'a>(&'a self, mut stream: MutexGuard<'a, Stream>) -> Result<MutexGuard<'a, Stream>> {
        let Some(submission) = stream.behind() else { return Ok(stream) };
        drop(stream);
        self.poll(submission, None)?;
        Ok(self.locked())
    }

    /// Hands over what is there, recording or not, and waits for all that was.
    pub(crate) fn settle(&self) -> Result<()> {
        let mut stream = self.locked();
        self.submit(&mut stream)?;
        let last = stream.last;
        drop(stream);
        self.poll(last, None)
    }

    fn submit(&self, stream: &mut Stream) -> Result<()> {
        stream.pass = None;
        stream.len = 0;
        if let Some(encoder) = stream.encoder.take() {
            let shared = stream.shared.take_if(|(_, full)| *full > 0);
            if let Some((piece, _)) = &shared {
                piece.unmap();
            }
            let submitted = self.scope(|| self.queue().submit([encoder.finish()]));
            if let Some((piece, _)) = &shared {
                self.staging().shared().await_back(piece);
            }
            let threads = std::mem::take(&mut stream.threads);
            // It is the work of all of them that is lost.
            submitted.inspect_err(|error| self.tell_others(&threads, error))?;
            let (next, progress) = (stream.last.next(), Arc::clone(self.progress()));
            self.queue().on_submitted_work_done(move || progress.tell(next));
            stream.under_way.push_back(next);
            stream.last = next;
            self.counters().submissions.fetch_add(1, Ordering::Relaxed);
        }
        self.check()
    }
}

/// Ends a recording, whatever comes of it.
struct EndRecording<'a>(&'a Device);

impl Drop for EndRecording<'_> {
    fn drop(&mut self) {
        drop(self.0.locked().recorded());
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::thread;
    use std::time::Duration;

    use ndarray::Array1;

    use super::{AHEAD, MOST, MOST_REPLAYED, Work};
    use crate::{Device, ErrorKind, Select};

    const LONG: Duration = Duration::from_secs(60);

    /// Puts work into the queue that the driver refuses when it is handed over.
    fn spoil(device: &Device) {
        let x = device.zeros::<f32, _>(100_000).unwrap();
        x.memory().buffer().destroy();
        drop(x);
        device.trim();
    }

    #[test]
    fn work_that_is_refused_is_told_to_another_thread_of_it() {
        let device = Device::open(Select::noop()).unwrap();
        spoil(&device);
        thread::scope(|scope| {
            scope.spawn(|| {
                let error = device.wait(LONG).unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Driver, "{error}");
                // It is told once to a thread.
                device.wait(LONG).unwrap();
            });
        });
        let error = device.wait(LONG).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Driver);
        let says = "work that another thread handed over is lost: the driver refused a call: ";
        assert!(error.to_string().starts_with(says), "{error}");
        device.wait(LONG).unwrap();
    }

    #[test]
    fn work_of_one_thread_that_is_refused_is_nobody_elses() {
        let device = Device::open(Select::noop()).unwrap();
        spoil(&device);
        assert_eq!(device.wait(LONG).unwrap_err().kind(), ErrorKind::Driver);
        thread::scope(|scope| {
            scope.spawn(|| device.wait(LONG).unwrap());
        });
        let x = device.upload(&Array1::<f32>::zeros(3)).unwrap();
        assert_eq!(x.to_array().unwrap().len(), 3);
    }

    fn under_way(device: &Device) -> usize {
        device.locked().under_way.len()
    }

    #[test]
    fn the_host_is_not_far_ahead_of_the_device() {
        let device = Device::open(Select::noop()).unwrap();
        let x = device.zeros::<f32, _>(4).unwrap();
        let work = vec![Work::Clear(Arc::clone(x.memory())); MOST];
        for _ in 0..3 * AHEAD {
            device.enqueue_all(&work, 1).unwrap();
            assert!(under_way(&device) < 2 * AHEAD);
        }
        device.enqueue_all(&work, 3 * AHEAD).unwrap();
        assert!(under_way(&device) < 2 * AHEAD);
        for _ in 0..3 * AHEAD * MOST {
            device.enqueue(work[0].clone()).unwrap();
        }
        assert!(under_way(&device) < 2 * AHEAD);
        for _ in 0..3 * AHEAD {
            device
                .finish_with(|encoder| encoder.clear_buffer(x.memory().buffer(), 0, None))
                .unwrap();
        }
        assert!(under_way(&device) < 2 * AHEAD);
        device.replay(&work, 3 * AHEAD * MOST_REPLAYED / MOST).unwrap();
        assert!(under_way(&device) < 2 * AHEAD);
        // The host never was more than that ahead.
        let submissions = device.stats().submissions;
        assert!(submissions >= 15 * AHEAD as u64, "{submissions}");
        device.replay(&[], usize::MAX).unwrap();
        device.enqueue_all(&[], usize::MAX).unwrap();
    }
}
