//! Arrays and kernels on any GPU, by Vulkan and without a toolkit.
//!
//! This replaces CuPy, PyCUDA and `numba.cuda`.
//!
//! ```
//! use tenfold_gpu::{Device, Select, ndarray::array};
//!
//! # let Ok(device) = Device::open(Select::env().allow_software(true)) else { return Ok(()) };
//! # let _ = "
//! let device = Device::open(Select::env())?;
//! # ";
//! let x = device.upload(&array![[1.0_f32, 2.0], [3.0, 4.0]])?;
//! assert_eq!(x.t().to_array()?, array![[1.0, 3.0], [2.0, 4.0]]);
//! # Ok::<(), tenfold_gpu::Error>(())
//! ```

#![deny(unsafe_code)]

mod adapter;
mod array;
mod copy;
mod device;
mod element;
mod elementwise;
mod error;
mod graph;
mod launch;
mod layout;
mod math;
mod on_device;
mod operand;
mod passthrough;
mod pipeline_cache;
mod poll;
mod pool;
mod portable;
mod precise;
mod program;
mod raw;
mod read;
mod scalar;
mod select;
mod settings;
mod source;
mod staging;
mod stats;
mod stencil;
mod stream;
#[cfg(test)]
mod testing;
mod timer;
mod validate;

pub use adapter::{Adapter, AdapterKind, Feature, Limits, devices};
pub use array::DeviceArray;
pub use device::Device;
pub use element::Element;
pub use elementwise::Elementwise;
pub use error::{Error, ErrorKind, Result};
pub use graph::{Graph, Recorder};
pub use ndarray;
pub use on_device::{OnDevice, Runs};
pub use operand::{Arg, Args, Results, Surroundings, Tuple};
pub use pool::PoolStats;
pub use raw::{RawArg, RawArgs, RawKernel};
pub use read::ReadBack;
pub use scalar::Scalar;
pub use select::Select;
pub use settings::Settings;
pub use stats::DeviceStats;
pub use stencil::Stencil;
