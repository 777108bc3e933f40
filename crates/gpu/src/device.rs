//! An open device: what arrays live on and kernels run on.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use crate::adapter::{Adapter, Feature, Limits};
use crate::element::Element;
use crate::error::{Error, ErrorKind, Result};
use crate::float_controls::FloatControls;
use crate::lazy::Expressions;
use crate::pipeline_cache::PipelineCache;
use crate::poll::{block_on, caught, pause};
use crate::pool::{Allocation, Pool, PoolStats};
use crate::precise::Precision;
use crate::program::Programs;
use crate::progress::{Progress, Submission};
use crate::select::Select;
use crate::settings::Settings;
use crate::staging::Staging;
use crate::stats::{Counters, DeviceStats};
use crate::stream::Stream;
use crate::watch::Watch;

/// An open device. Clones are the same device, and cost nothing.
///
/// Work is put into a queue and done in order, whatever thread it comes from; what is read is waited
/// for.
///
/// ```
/// use tenfold_gpu::{Device, Select, ndarray::array};
///
/// # let Ok(device) = Device::open(Select::env().allow_software(true)) else { return Ok(()) };
/// # let _ = "
/// let device = Device::open(Select::env())?;
/// # ";
/// let x = device.upload(&array![[1.0_f32, 2.0], [3.0, 4.0]])?;
/// assert_eq!(x.to_array()?, array![[1.0, 2.0], [3.0, 4.0]]);
/// # Ok::<(), tenfold_gpu::Error>(())
/// ```
#[derive(Clone)]
pub struct Device {
    inner: Arc<Inner>,
}

struct Inner {
    adapter: Adapter,
    limits: Limits,
    raw: wgpu::Device,
    queue: wgpu::Queue,
    pool: Arc<Pool>,
    programs: Programs,
    expressions: Expressions,
    stream: Mutex<Stream>,
    progress: Arc<Progress>,
    fault: Arc<Mutex<Fault>>,
    counters: Counters,
    staging: Staging,
    watch: Watch,
    cache: Option<PipelineCache>,
    controls: FloatControls,
    is_by_f64: bool,
}

/// What the driver told when nobody had asked.
#[derive(Debug, Default)]
struct Fault {
    lost: Option<String>,
    error: Option<wgpu::Error>,
    /// Whose work, handed over by another thread, is lost, and why.
    refused: Vec<(ThreadId, String)>,
}

impl Device {
    /// Opens the adapter that is selected, with all that it can do.
    ///
    /// # Errors
    /// No adapter is what is selected ([`NoAdapter`](ErrorKind::NoAdapter)), its driver does not open
    /// it, or `TENFOLD_GPU_MEMORY` is no number of bytes.
    pub fn open(select: Select) -> Result<Self> {
        Self::open_with(select, &Settings::new())
    }

    /// Opens the adapter that is selected, as settings have it.
    ///
    /// # Errors
    /// As of [`open`](Self::open).
    pub fn open_with(select: Select, settings: &Settings) -> Result<Self> {
        let budget_bytes = settings.budget()?;
        let adapter = select.adapter()?;
        let raw_limits = adapter.raw().limits();
        let features = adapter.raw().features() & Feature::wanted();
        if !features.contains(wgpu::Features::IMMEDIATES) {
            let message = format!("{adapter} has no immediate parameters of dispatches");
            return Err(Error::new(ErrorKind::Unsupported, message));
        }
        let opened = block_on(adapter.raw().request_device(&wgpu::DeviceDescriptor {
            label: None,
            required_features: features,
            required_limits: raw_limits,
            experimental_features: wgpu::ExperimentalFeatures::disabled(),
            memory_hints: wgpu::MemoryHints::Performance,
            trace: wgpu::Trace::Off,
        }));
        let (raw, queue) = opened.map_err(|source| {
            let message = format!("{adapter} cannot be opened");
            Error::new(ErrorKind::Driver, message).with_source(source)
        })?;
        let fault = listen(&raw);
        let mut limits = adapter.limits().clone();
        limits.max_binding_bytes = settings.binding(limits.max_binding_bytes);
        let cache =
            settings.cache().and_then(|folder| PipelineCache::open(&raw, &adapter, &folder));
        let pool = Pool::new(raw.clone(), budget_bytes, limits.max_buffer_bytes);
        let inner = Inner {
            fault,
            controls: FloatControls::of(adapter.raw()),
            is_by_f64: settings.is_by_f64(&adapter),
            adapter,
            limits,
            raw,
            queue,
            pool,
            programs: Programs::default(),
            expressions: Expressions::default(),
            stream: Mutex::default(),
            progress: Arc::default(),
            counters: Counters::default(),
            staging: Staging::new(budget_bytes),
            watch: Watch::default(),
            cache,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The adapter that was opened.
    #[must_use]
    pub fn adapter(&self) -> &Adapter {
        &self.inner.adapter
    }

    /// How much it can do, as it was opened.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.inner.limits
    }

    /// Whether it has a feature.
    #[must_use]
    pub fn has(&self, feature: Feature) -> bool {
        self.inner.adapter.has(feature)
    }

    /// An error that says which feature is missing.
    pub(crate) fn require(&self, feature: Feature) -> Result<()> {
        if self.has(feature) {
            return Ok(());
        }
        let message = format!("{} has no {feature}", self.inner.adapter.name());
        Err(Error::new(ErrorKind::Unsupported, message))
    }

    /// An error if there are no elements of this type.
    pub(crate) fn require_type<T: Element>(&self) -> Result<()> {
        T::FEATURE.map_or(Ok(()), |feature| self.require(feature))
    }

    /// What its pool of memory holds.
    #[must_use]
    pub fn memory(&self) -> PoolStats {
        self.inner.pool.stats()
    }

    /// What was done since it was opened, by all clones.
    #[must_use]
    pub fn stats(&self) -> DeviceStats {
        let staging_bytes = self.staging().bytes();
        self.inner.counters.read(self.programs_kept(), staging_bytes, self.memory())
    }

    /// Writes the compiled kernels to the folder that [`Settings::cache_folder`] names. It is done too
    /// when the last clone goes, where an error is nobody's.
    ///
    /// # Errors
    /// The folder or the file cannot be written ([`Driver`](ErrorKind::Driver)). Without a folder there
    /// is nothing to do.
    pub fn save_cache(&self) -> Result<()> {
        self.inner.cache.as_ref().map_or(Ok(()), PipelineCache::save)
    }

    /// The bytes that arrays may hold together; `u64::MAX` where nothing was said.
    #[must_use]
    pub fn budget_bytes(&self) -> u64 {
        self.inner.pool.budget_bytes()
    }

    /// Gives memory that is kept for the next arrays and for their way back to the driver; how many bytes that
    /// was.
    #[expect(clippy::must_use_candidate, reason = "it is called for what it does")]
    pub fn trim(&self) -> u64 {
        self.inner.pool.trim() + self.staging().trim()
    }

    /// Waits until all is done that was put into the queue.
    ///
    /// # Errors
    /// It is not done in this time ([`Timeout`](ErrorKind::Timeout)), or the driver told of an error.
    pub fn wait(&self, timeout: Duration) -> Result<()> {
        let submission = self.flush()?;
        self.poll(submission, Some(timeout))
    }

    /// Waits for a submission, and calls what waits for it.
    pub(crate) fn poll(&self, submission: Submission, timeout: Option<Duration>) -> Result<()> {
        let progress = self.progress();
        self.poll_until(timeout, |pause| progress.within(submission, pause).then_some(()))?;
        self.check()
    }

    /// Calls what waits until a closure has heard of it, which listens as long as it is told.
    ///
    /// wgpu's own wait is of no use: that of version 30 panics where another thread has seen the queue empty
    /// when it has not yet, which loses what it was to call.
    pub(crate) fn poll_until<R>(
        &self,
        timeout: Option<Duration>,
        listen: impl Fn(Duration) -> Option<R>,
    ) -> Result<R> {
        let (start, kind) = (Instant::now(), self.adapter().kind());
        loop {
            self.poll_once()?;
            let waited = start.elapsed();
            let left = timeout.map_or(Duration::MAX, |timeout| timeout.saturating_sub(waited));
            if let Some(heard) = listen(pause(waited, kind).min(left)) {
                return Ok(heard);
            }
            if left.is_zero() {
                self.check()?;
                let within = timeout.unwrap_or_default();
                let message = format!("{} was not done within {within:?}", self.adapter().name());
                return Err(Error::new(ErrorKind::Timeout, message));
            }
            self.check_lost(&self.fault())?;
        }
    }

    /// Calls what waits for what is done, unless the device is lost.
    pub(crate) fn poll_alive(&self) -> Result<()> {
        self.poll_once()?;
        self.check_lost(&self.fault())
    }

    /// Calls what waits for what is done. Where the driver fails, the device counts as lost from then on.
    pub(crate) fn poll_once(&self) -> Result<()> {
        // There is nothing that it could not have waited for.
        caught(|| drop(self.inner.raw.poll(wgpu::PollType::Poll))).map_err(|panic| {
            let mut fault = self.fault();
            self.lost(fault.lost.get_or_insert(panic))
        })
    }

    fn lost(&self, reason: &str) -> Error {
        let message = format!("{} is lost: {reason}", self.adapter().name());
        Error::new(ErrorKind::DeviceLost, message)
    }

    /// An error if the device is lost.
    fn check_lost(&self, fault: &Fault) -> Result<()> {
        fault.lost.as_ref().map_or(Ok(()), |reason| Err(self.lost(reason)))
    }

    fn fault(&self) -> MutexGuard<'_, Fault> {
        self.inner.fault.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An error that the driver told of in the meantime.
    pub(crate) fn check(&self) -> Result<()> {
        let mut fault = self.fault();
        self.check_lost(&fault)?;
        let me = thread::current().id();
        if let Some(at) = fault.refused.iter().position(|(whose, _)| *whose == me) {
            let (_, why) = fault.refused.swap_remove(at);
            let message = format!("work that another thread handed over is lost: {why}");
            return Err(Error::new(ErrorKind::Driver, message));
        }
        fault.error.take().map_or(Ok(()), |error| Err(self.told(error)))
    }

    /// Keeps an error that this thread is told of for the other threads whose work it was.
    pub(crate) fn tell_others(&self, threads: &[ThreadId], error: &Error) {
        let me = thread::current().id();
        let mut fault = self.fault();
        for &whose in threads.iter().filter(|&&whose| whose != me) {
            if fault.refused.iter().all(|(known, _)| *known != whose) {
                fault.refused.push((whose, error.to_string()));
            }
        }
    }

    /// An error that the driver has with what a closure does.
    pub(crate) fn scope<R>(&self, work: impl FnOnce() -> R) -> Result<R> {
        let memory = self.inner.raw.push_error_scope(wgpu::ErrorFilter::OutOfMemory);
        let validation = self.inner.raw.push_error_scope(wgpu::ErrorFilter::Validation);
        let result = work();
        let invalid = block_on(validation.pop());
        match block_on(memory.pop()).or(invalid) {
            None => Ok(result),
            Some(error) => {
                // What else was told is for who asks for it.
                self.check_lost(&self.fault())?;
                Err(self.told(error))
            }
        }
    }

    /// An error of ours for what the driver told.
    fn told(&self, error: wgpu::Error) -> Error {
        match error {
            wgpu::Error::OutOfMemory { .. } => self.inner.pool.exhausted(error),
            error => refused(error),
        }
    }

    pub(crate) fn raw(&self) -> &wgpu::Device {
        &self.inner.raw
    }

    pub(crate) fn queue(&self) -> &wgpu::Queue {
        &self.inner.queue
    }

    /// Memory of at least so many bytes, with anything in it.
    pub(crate) fn allocate(&self, bytes: u64) -> Result<Arc<Allocation>> {
        let allocated = self.inner.pool.allocate(bytes, || self.settle_and_trim());
        allocated.map_err(|error| self.if_lost(error))
    }

    /// Memory that the host sees: what is to be written is shown at once.
    pub(crate) fn host_buffer(&self, size: u64, usage: wgpu::BufferUsages) -> Result<wgpu::Buffer> {
        let mapped_at_creation = usage.contains(wgpu::BufferUsages::MAP_WRITE);
        let description = wgpu::BufferDescriptor { label: None, size, usage, mapped_at_creation };
        let created = self.inner.pool.create(&description, || self.settle_and_trim());
        created.map_err(|error| self.if_lost(error))
    }

    /// Waits until what was freed is gone, and gives back what is idle beside the pool then.
    fn settle_and_trim(&self) -> Result<()> {
        self.settle()?;
        self.staging().trim();
        Ok(())
    }

    /// An error of the driver; a device that is lost refuses everything.
    fn if_lost(&self, error: Error) -> Error {
        match error.kind() {
            ErrorKind::Driver => self.check().err().unwrap_or(error),
            _ => error,
        }
    }

    pub(crate) fn expressions(&self) -> &Expressions {
        &self.inner.expressions
    }

    pub(crate) fn programs(&self) -> &Programs {
        &self.inner.programs
    }

    pub(crate) fn counters(&self) -> &Counters {
        &self.inner.counters
    }

    pub(crate) fn staging(&self) -> &Staging {
        &self.inner.staging
    }

    pub(crate) fn cache(&self) -> Option<&wgpu::PipelineCache> {
        self.inner.cache.as_ref().map(PipelineCache::raw)
    }

    /// How this device's modules in SPIR-V are written.
    pub(crate) fn precision(&self, is_precise: bool, is_zeroed: bool) -> Precision<'_> {
        let Inner { controls, is_by_f64, .. } = &*self.inner;
        Precision { is_precise, controls, is_by_f64: *is_by_f64, is_zeroed }
    }

    pub(crate) fn stream(&self) -> &Mutex<Stream> {
        &self.inner.stream
    }

    /// What its thread waits for.
    pub(crate) fn watched(&self) -> &Watch {
        &self.inner.watch
    }

    /// How far it is.
    pub(crate) fn progress(&self) -> &Arc<Progress> {
        &self.inner.progress
    }

    /// Whether both are one device.
    pub(crate) fn is(&self, other: &Device) -> bool {
        Arc::ptr_eq(&self.inner, &other.inner)
    }
}

impl fmt::Debug for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Device({})", self.inner.adapter)
    }
}

/// Keeps what the driver tells when nobody asks, the first of it.
fn listen(device: &wgpu::Device) -> Arc<Mutex<Fault>> {
    let fault = Arc::<Mutex<Fault>>::default();
    let (for_error, for_lost) = (Arc::clone(&fault), Arc::clone(&fault));
    device.on_uncaptured_error(Arc::new(move |error| {
        let mut fault = for_error.lock().unwrap_or_else(PoisonError::into_inner);
        fault.error.get_or_insert(error);
    }));
    device.set_device_lost_callback(move |reason, message| {
        let mut fault = for_lost.lock().unwrap_or_else(PoisonError::into_inner);
        fault.lost.get_or_insert(format!("{message} ({reason:?})"));
    });
    fault
}

pub(crate) fn refused(error: wgpu::Error) -> Error {
    let text = error.to_string().lines().map(str::trim).collect::<Vec<_>>().join(" ");
    Error::new(ErrorKind::Driver, format!("the driver refused a call: {text}")).with_source(error)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use ndarray::array;

    use super::Device;
    use crate::{ErrorKind, Select, testing};

    #[test]
    fn a_lost_device_is_an_error_wherever_it_is_used() {
        if testing::device("a_lost_device_is_an_error_wherever_it_is_used").is_none() {
            return;
        }
        let device = Device::open(Select::env().allow_software(true)).unwrap();
        let x = device.upload(&array![1, 2, 3]).unwrap();
        let mut back = x.read().unwrap();
        device.raw().destroy();
        // What was under way is there, or it is not; it is not waited for without an end.
        if let Err(error) = back.wait(Duration::from_secs(60)) {
            assert_eq!(error.kind(), ErrorKind::DeviceLost, "{error}");
        }
        let lost = |error: crate::Error| assert_eq!(error.kind(), ErrorKind::DeviceLost, "{error}");
        lost(device.upload(&array![1.0_f32]).unwrap_err());
        lost(x.read().unwrap_err());
        lost(x.t().to_array().unwrap_err());
        lost(device.wait(Duration::from_secs(60)).unwrap_err());
        lost(device.raw_kernel("@compute @workgroup_size(1) fn f() {}", "f").unwrap_err());
    }

    #[test]
    fn what_a_driver_tells_unasked_is_an_error_once() {
        let device = Device::open(Select::noop()).unwrap();
        drop(device.raw().create_buffer(&wgpu::BufferDescriptor {
            label: None,
            size: 16,
            usage: wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::STORAGE,
            mapped_at_creation: false,
        }));
        let error = device.wait(Duration::from_secs(1)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Driver);
        assert!(std::error::Error::source(&error).is_some());
        device.wait(Duration::from_secs(1)).unwrap();
    }
}
