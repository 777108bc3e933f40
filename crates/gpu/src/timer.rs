//! Times that a device takes itself.

use std::sync::mpsc;
use std::time::Duration;

use crate::adapter::Feature;
use crate::device::Device;
use crate::error::{Error, ErrorKind, Result};

impl Device {
    /// What a closure gives, and how long the device was at what it put into the queue, by the device's
    /// own clock: without what it costs to hand the work over. It waits for the device. What other
    /// threads put into the queue meanwhile is in it.
    ///
    /// ```
    /// use tenfold_gpu::{Device, Feature, Select};
    ///
    /// # let Ok(device) = Device::open(Select::env().allow_software(true)) else { return Ok(()) };
    /// # if !device.has(Feature::Timestamps) { return Ok(()) }
    /// let (array, elapsed) = device.time(|| device.zeros::<f32, _>(1 << 20))?;
    /// println!("{:.1} GB/s", 4e-9 * array.len() as f64 / elapsed.as_secs_f64());
    /// # Ok::<(), tenfold_gpu::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of the closure, the device has no [`Timestamps`](Feature::Timestamps), or a graph is being
    /// recorded.
    pub fn time<R>(&self, work: impl FnOnce() -> Result<R>) -> Result<(R, Duration)> {
        self.require(Feature::Timestamps)?;
        let buffer = |usage| {
            self.raw().create_buffer(&wgpu::BufferDescriptor {
                label: None,
                size: 16,
                usage,
                mapped_at_creation: false,
            })
        };
        let (times, resolved, shown) = self.scope(|| {
            let times = self.raw().create_query_set(&wgpu::QuerySetDescriptor {
                label: None,
                ty: wgpu::QueryType::Timestamp,
                count: 2,
            });
            let usages = wgpu::BufferUsages::QUERY_RESOLVE | wgpu::BufferUsages::COPY_SRC;
            let shown = wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST;
            (times, buffer(usages), buffer(shown))
        })?;
        self.encode(|encoder| encoder.write_timestamp(&times, 0))?;
        let result = work()?;
        let submission = self.finish_with(|encoder| {
            encoder.write_timestamp(&times, 1);
            encoder.resolve_query_set(&times, 0..2, &resolved, 0);
            encoder.copy_buffer_to_buffer(&resolved, 0, &shown, 0, 16);
        })?;
        let (told, heard) = mpsc::channel();
        shown.map_async(wgpu::MapMode::Read, .., move |mapped| {
            // Nobody listens where the wait below has failed.
            drop(told.send(mapped));
        });
        self.poll(submission, None)?;
        let unseen = || Error::new(ErrorKind::Driver, "the driver did not show the times");
        // It is done; a thread that asked at the same time may be about to tell.
        heard
            .recv_timeout(Duration::from_secs(10))
            .map_err(|_| unseen())?
            .map_err(|e| unseen().with_source(e))?;
        let view = shown.get_mapped_range(..).map_err(|e| unseen().with_source(e.to_string()))?;
        let ticks: Vec<u64> = bytemuck::pod_collect_to_vec(&view[..]);
        let ticks = ticks[1].saturating_sub(ticks[0]);
        let nanoseconds = ticks as f64 * f64::from(self.queue().get_timestamp_period());
        Ok((result, Duration::from_secs_f64(nanoseconds * 1e-9)))
    }
}
