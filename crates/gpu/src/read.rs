//! Arrays on their way back from a device.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use ndarray::{Array, Dimension};

use crate::array::DeviceArray;
use crate::device::Device;
use crate::element::Element;
use crate::error::{Error, ErrorKind, Result};
use crate::watch::Awaited;

/// An array on its way back from a device: a future, or something to [wait](Self::wait) for.
///
/// The copy is under way when it is there. Dropping it gives the copy up.
///
/// ```
/// use std::time::{Duration, Instant};
/// use tenfold_gpu::{Device, Select, ndarray::array};
///
/// # let Ok(device) = Device::open(Select::env().allow_software(true)) else { return Ok(()) };
/// let x = device.upload(&array![1.0_f32, 2.0])?;
/// let mut back = x.read()?;
/// // .. something else, and then:
/// assert_eq!(back.wait(Duration::from_secs(60))?, array![1.0, 2.0]);
/// # Ok::<(), tenfold_gpu::Error>(())
/// ```
#[must_use = "what is read is got by `wait` or `await`"]
pub struct ReadBack<T, D> {
    device: Device,
    dim: D,
    /// None as long as nothing was asked for, which is so for arrays without elements.
    copy: Option<Copy>,
    _elements: std::marker::PhantomData<T>,
}

struct Copy {
    device: Device,
    buffer: wgpu::Buffer,
    bytes: u64,
    mapped: Arc<Told>,
    /// Whether the device's thread waits for it on behalf of a future.
    is_watched: bool,
}

/// What the driver tells, on whatever thread that asks it first.
#[derive(Default)]
struct Told {
    mapped: Mutex<Mapped>,
    changed: Condvar,
}

#[derive(Default)]
struct Mapped {
    result: Option<std::result::Result<(), wgpu::BufferAsyncError>>,
    waker: Option<Waker>,
}

impl<T: Element, D: Dimension> DeviceArray<T, D> {
    /// Begins to copy the array to the host.
    ///
    /// # Errors
    /// There is no memory for the copy, or the driver told of an error.
    pub fn read(&self) -> Result<ReadBack<T, D>> {
        let device = self.device();
        device.check()?;
        let copy = match self.is_empty() {
            true => None,
            false => Some(Copy::begin(device, &self.to_standard_layout()?)?),
        };
        let (device, dim) = (device.clone(), self.raw_dim());
        Ok(ReadBack { device, dim, copy, _elements: std::marker::PhantomData })
    }
}

impl Told {
    fn lock(&self) -> MutexGuard<'_, Mapped> {
        self.mapped.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, result: Result<(), wgpu::BufferAsyncError>) {
        self.lock().result.get_or_insert(result);
        self.changed.notify_all();
    }

    /// Whom to wake, who may run anything: no lock may be held there.
    fn take_waker(&self) -> Option<Waker> {
        self.lock().waker.take()
    }

    /// Keeps whom to wake, if nothing was told yet.
    fn wakes(&self, waker: Waker) -> bool {
        let mut mapped = self.lock();
        if mapped.result.is_some() {
            return false;
        }
        let before = mapped.waker.replace(waker);
        // Dropping it may run anything, too.
        drop(mapped);
        drop(before);
        true
    }

    /// What was told, in this time.
    fn within(&self, timeout: Duration) -> Option<Result<(), wgpu::BufferAsyncError>> {
        let waits = |mapped: &mut Mapped| mapped.result.is_none();
        let waited = self.changed.wait_timeout_while(self.lock(), timeout, waits);
        waited.unwrap_or_else(PoisonError::into_inner).0.result.clone()
    }
}

/// What tells is called by wgpu, also where work is handed over and the stream is locked; so it is the device's
/// thread that wakes.
impl Awaited for Told {
    fn is_over(&self) -> bool {
        self.lock().result.is_some()
    }

    fn give_up(&self) {
        self.tell(Err(wgpu::BufferAsyncError));
    }

    fn wake(&self) {
        if let Some(waker) = self.take_waker() {
            waker.wake();
        }
    }
}

impl Copy {
    /// Of an array that lies dense and has elements.
    fn begin<T: Element, D: Dimension>(device: &Device, dense: &DeviceArray<T, D>) -> Result<Self> {
        let size = size_of::<T>() as u64;
        let bytes = dense.len() as u64 * size;
        let buffer = device.readable(bytes)?;
        let from = dense.layout().offset as u64 * size;
        device.counters().read_bytes.fetch_add(bytes, Ordering::Relaxed);
        let (device, mapped) = (device.clone(), Arc::default());
        // Whatever happens, the buffer is given back.
        let copy = Self { device, buffer, bytes, mapped, is_watched: false };
        copy.device.finish_with(|encoder| {
            encoder.copy_buffer_to_buffer(dense.memory().buffer(), from, &copy.buffer, 0, bytes);
        })?;
        let told = Arc::clone(&copy.mapped);
        copy.buffer.map_async(wgpu::MapMode::Read, .., move |result| told.tell(result));
        Ok(copy)
    }

    /// What the driver tells of the copy in this time.
    fn result(&self, timeout: Option<Duration>) -> Result<Result<(), wgpu::BufferAsyncError>> {
        if let Some(result) = self.mapped.within(Duration::ZERO) {
            return Ok(result);
        }
        let result = self.device.poll_until(timeout, |pause| self.mapped.within(pause))?;
        self.device.check()?;
        Ok(result)
    }

    /// Has the device's thread wait for it, if it does not.
    fn watched(&mut self) -> Result<()> {
        if !self.is_watched {
            self.device.watch(Arc::clone(&self.mapped) as _)?;
            self.is_watched = true;
        }
        Ok(())
    }

    /// The elements, when they are there.
    fn elements<T: Element>(&self, result: Result<(), wgpu::BufferAsyncError>) -> Result<Vec<T>> {
        let failed = |source: Box<dyn std::error::Error + Send + Sync>| {
            let lost = self.device.check().err();
            lost.unwrap_or_else(|| {
                let message = "the driver did not show what was read";
                Error::new(ErrorKind::Driver, message).with_source(source)
            })
        };
        result.map_err(|error| failed(error.into()))?;
        let view =
            self.buffer.get_mapped_range(..self.bytes).map_err(|e| failed(e.to_string().into()))?;
        Ok(match bytemuck::try_cast_slice::<u8, T>(&view) {
            Ok(elements) => elements.to_vec(),
            Err(_) => bytemuck::pod_collect_to_vec(&view[..]),
        })
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        // wgpu shows what was asked for last as soon as the copy is done that was asked for first: who read into this
        // buffer next would see what was given up here.
        let is_over = self.mapped.is_over();
        if self.is_watched {
            // Nobody waits any more.
            self.mapped.give_up();
        }
        drop(self.mapped.take_waker());
        if is_over {
            self.device.give_back(self.buffer.clone());
        } else {
            self.device.give_up(&self.buffer);
        }
    }
}

impl<T: Element, D: Dimension> ReadBack<T, D> {
    /// Waits for the array.
    ///
    /// # Errors
    /// It is not there in this time ([`Timeout`](ErrorKind::Timeout)), and one may wait again; or the
    /// driver told of an error, or the array was given out before.
    pub fn wait(&mut self, timeout: Duration) -> Result<Array<T, D>> {
        self.take(Some(timeout))
    }

    /// Waits for the array as long as it takes.
    pub(crate) fn finish(mut self) -> Result<Array<T, D>> {
        self.take(None)
    }

    fn take(&mut self, timeout: Option<Duration>) -> Result<Array<T, D>> {
        let Some(copy) = &self.copy else { return self.shaped(vec![]) };
        let result = copy.result(timeout)?;
        let elements = copy.elements(result)?;
        self.copy = None;
        self.shaped(elements)
    }

    fn shaped(&self, elements: Vec<T>) -> Result<Array<T, D>> {
        Array::from_shape_vec(self.dim.clone(), elements).map_err(|source| {
            let message = "what was read was given out before";
            Error::new(ErrorKind::Argument, message).with_source(source)
        })
    }
}

/// A future must be woken. One thread of the device does so for all that are awaited, from the first time that
/// an array is asked for and not there until all are. Where the system has no thread for it, that is an error
/// ([`Driver`](ErrorKind::Driver)), and one may ask again or [wait](ReadBack::wait).
impl<T: Element, D: Dimension> Future for ReadBack<T, D> {
    type Output = Result<Array<T, D>>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let Some(copy) = &mut this.copy else { return Poll::Ready(this.shaped(vec![])) };
        drop(this.device.poll_once());
        if copy.mapped.wakes(context.waker().clone()) {
            return match copy.watched() {
                Ok(()) => Poll::Pending,
                Err(error) => Poll::Ready(Err(error)),
            };
        }
        Poll::Ready(this.take(Some(Duration::ZERO)))
    }
}

impl<T, D> Unpin for ReadBack<T, D> {}

impl<T: Element, D: Dimension> fmt::Debug for ReadBack<T, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ReadBack<{}> {:?}", T::WGSL, self.dim.slice())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::{Arc, Weak};
    use std::task::{Wake, Waker};

    use super::{Awaited as _, Told};

    /// What asks at once whether something was told.
    #[derive(Default)]
    struct Asks {
        told: Weak<Told>,
        could_ask: AtomicBool,
    }

    impl Wake for Asks {
        fn wake(self: Arc<Self>) {
            let told = self.told.upgrade().unwrap();
            let has_result = told.mapped.try_lock().is_ok_and(|mapped| mapped.result.is_some());
            self.could_ask.store(has_result, Ordering::Relaxed);
        }
    }

    #[test]
    fn who_is_woken_may_ask_at_once() {
        let told = Arc::<Told>::default();
        let asks = Arc::new(Asks { told: Arc::downgrade(&told), ..Asks::default() });
        assert!(told.wakes(Waker::from(Arc::clone(&asks))));
        told.tell(Ok(()));
        // Who tells may hold the stream.
        assert!(!asks.could_ask.load(Ordering::Relaxed));
        told.wake();
        assert!(asks.could_ask.load(Ordering::Relaxed));
        assert!(!told.wakes(Waker::noop().clone()));
    }
}
