//! Work that is recorded once and run many times.

use std::fmt;

use ndarray::Dimension;

use crate::array::DeviceArray;
use crate::device::Device;
use crate::element::Element;
use crate::error::{Error, ErrorKind, Result};
use crate::stream::{Transfer, Work};

/// Work that was [recorded](Device::record), to be run any number of times at the cost of handing it
/// over: two or three microseconds for each dispatch, while the device does those before it.
///
/// The arrays that were made while it was recorded are those of every run: each writes them anew.
#[must_use = "nothing is done before it is run"]
pub struct Graph<R> {
    device: Device,
    work: Vec<Work>,
    output: R,
}

/// What records a [`Graph`].
#[derive(Debug)]
pub struct Recorder<'a> {
    device: &'a Device,
}

impl Device {
    /// Records what a closure does with arrays of this device, which is not done before the graph is
    /// run. Uploads and reads cannot be recorded, and what other threads do is not.
    ///
    /// ```
    /// use tenfold_gpu::{Device, OnDevice as _, Select, ndarray::array};
    /// use tenfold_kernel::kernel;
    ///
    /// #[kernel]
    /// fn double(x: f32) -> f32 {
    ///     2.0 * x
    /// }
    ///
    /// # let Ok(device) = Device::open(Select::env().allow_software(true)) else { return Ok(()) };
    /// let x = device.upload(&array![1.0_f32, 3.0])?;
    /// let graph = device.record(|recorder| {
    ///     let doubled = double::on(&device).map(&x)?;
    ///     // What a run leaves in `doubled` is what the next one finds in `x`.
    ///     recorder.carry(&doubled, &x)?;
    ///     Ok(doubled)
    /// })?;
    /// graph.run(10)?;
    /// assert_eq!(graph.output().to_array()?, array![1024.0, 3072.0]);
    /// # Ok::<(), tenfold_gpu::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of the closure, or a graph is being recorded.
    pub fn record<R>(&self, work: impl FnOnce(&Recorder<'_>) -> Result<R>) -> Result<Graph<R>> {
        let recorder = Recorder { device: self };
        let (output, work) = self.capture(|| work(&recorder))?;
        Ok(Graph { device: self.clone(), work, output })
    }
}

impl Recorder<'_> {
    /// Copies an array over another of the same shape, whatever shows its memory. Either may be a view; the one
    /// that is copied over must lie row-major and dense, as rows of an array do, and what is around it stays.
    ///
    /// # Errors
    /// Other shapes ([`Shape`](ErrorKind::Shape)) or devices ([`DeviceMismatch`](ErrorKind::DeviceMismatch)),
    /// an array that does not lie so, or one that shares memory with the other
    /// ([`Argument`](ErrorKind::Argument)).
    pub fn carry<T: Element, D: Dimension>(
        &self,
        from: &DeviceArray<T, D>,
        to: &DeviceArray<T, D>,
    ) -> Result<()> {
        if !self.device.is(from.device()) || !self.device.is(to.device()) {
            let message = "what is carried is on another device than the graph";
            return Err(Error::new(ErrorKind::DeviceMismatch, message));
        }
        let (shape, strides) = (to.shape(), to.strides());
        if from.shape() != shape {
            let message = format!(
                "an array of shape {:?} cannot be carried to one of shape {shape:?}",
                from.shape()
            );
            return Err(Error::new(ErrorKind::Shape, message));
        }
        if !to.is_standard_layout() {
            let message = format!(
                "argument `to` has shape {shape:?} and strides {strides:?}, and must lie row-major and dense"
            );
            return Err(Error::new(ErrorKind::Argument, message));
        }
        let from = from.to_standard_layout()?;
        if std::sync::Arc::ptr_eq(from.memory(), to.memory()) {
            let message = "what is carried shares memory with where it goes";
            return Err(Error::new(ErrorKind::Argument, message));
        }
        let size = size_of::<T>() as u64;
        let place = |array: &DeviceArray<T, D>| {
            (array.memory().clone(), array.layout().offset as u64 * size)
        };
        let bytes = from.len() as u64 * size;
        if bytes == 0 {
            return Ok(());
        }
        self.device.enqueue(Work::Transfer(Transfer { from: place(&from), to: place(to), bytes }))
    }
}

impl<R> Graph<R> {
    /// Runs all that was recorded, in its order, so many times. What other threads do may come in between
    /// two runs, not within one.
    ///
    /// # Errors
    /// The driver told of an error, or a graph is being recorded.
    pub fn run(&self, times: usize) -> Result<()> {
        self.device.replay(&self.work, times)
    }

    /// What the closure gave.
    pub fn output(&self) -> &R {
        &self.output
    }

    /// How many dispatches and copies a run has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.work.len()
    }

    /// Whether a run does nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.work.is_empty()
    }
}

impl<R> fmt::Debug for Graph<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Graph of {} on {:?}", self.work.len(), self.device)
    }
}
