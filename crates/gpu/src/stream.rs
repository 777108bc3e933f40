//! What is to be done next: dispatches and copies in order, handed over many at a time.

use std::sync::{Arc, MutexGuard, PoisonError};

use crate::device::Device;
use crate::error::Result;
use crate::pool::Allocation;

/// Handing over costs some ten microseconds and a dispatch one; the device should not wait long for
/// the first, though.
const MOST: usize = 64;

/// Work that is recorded and not yet handed over.
#[derive(Debug, Default)]
pub(crate) struct Stream {
    // A pass must end before its encoder.
    pass: Option<wgpu::ComputePass<'static>>,
    encoder: Option<wgpu::CommandEncoder>,
    len: usize,
    last: Option<wgpu::SubmissionIndex>,
}

/// One run of a program, ready to be recorded, any number of times.
#[derive(Debug)]
pub(crate) struct Dispatch {
    pub(crate) pipeline: wgpu::ComputePipeline,
    pub(crate) group: wgpu::BindGroup,
    pub(crate) immediates: Vec<u8>,
    /// Work-groups along x and y.
    pub(crate) groups: (u32, u32),
    /// What it reads and writes; not to be given out again as long as it may run.
    pub(crate) memory: Vec<Arc<Allocation>>,
}

impl Dispatch {
    pub(crate) fn record(&self, pass: &mut wgpu::ComputePass<'_>) {
        pass.set_pipeline(&self.pipeline);
        pass.set_bind_group(0, &self.group, &[]);
        if !self.immediates.is_empty() {
            pass.set_immediates(0, &self.immediates);
        }
        pass.dispatch_workgroups(self.groups.0, self.groups.1, 1);
    }
}

impl Stream {
    /// Outside of a pass, where copies go.
    fn copies(&mut self, device: &wgpu::Device) -> &mut wgpu::CommandEncoder {
        self.pass = None;
        self.len += 1;
        self.encoder.get_or_insert_with(|| new_encoder(device))
    }

    fn dispatches(&mut self, device: &wgpu::Device) -> &mut wgpu::ComputePass<'static> {
        self.len += 1;
        let Self { pass, encoder, .. } = self;
        pass.get_or_insert_with(|| {
            let encoder = encoder.get_or_insert_with(|| new_encoder(device));
            encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default()).forget_lifetime()
        })
    }
}

fn new_encoder(device: &wgpu::Device) -> wgpu::CommandEncoder {
    device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default())
}

impl Device {
    fn recorded(&self) -> MutexGuard<'_, Stream> {
        self.stream().lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a dispatch behind what is there.
    pub(crate) fn enqueue(&self, dispatch: &Dispatch) -> Result<()> {
        let mut stream = self.recorded();
        dispatch.record(stream.dispatches(self.raw()));
        if stream.len >= MOST { self.submit(&mut stream) } else { Ok(()) }
    }

    /// Puts a copy, or what else an encoder does, behind what is there.
    pub(crate) fn encode(&self, work: impl FnOnce(&mut wgpu::CommandEncoder)) -> Result<()> {
        let mut stream = self.recorded();
        work(stream.copies(self.raw()));
        if stream.len >= MOST { self.submit(&mut stream) } else { Ok(()) }
    }

    /// Hands over what is there, and does something before anything else is.
    pub(crate) fn after_flush<R>(&self, work: impl FnOnce(&wgpu::Queue) -> R) -> Result<R> {
        let mut stream = self.recorded();
        self.submit(&mut stream)?;
        self.scope(|| work(self.queue()))
    }

    /// Hands over what is there; what to wait for.
    pub(crate) fn flush(&self) -> Result<Option<wgpu::SubmissionIndex>> {
        let mut stream = self.recorded();
        self.submit(&mut stream)?;
        Ok(stream.last.clone())
    }

    fn submit(&self, stream: &mut Stream) -> Result<()> {
        stream.pass = None;
        stream.len = 0;
        if let Some(encoder) = stream.encoder.take() {
            let index = self.scope(|| self.queue().submit([encoder.finish()]))?;
            stream.last = Some(index);
        }
        self.check()
    }
}
