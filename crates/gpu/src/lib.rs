//! Arrays and kernels on any GPU, by Vulkan and without a toolkit: what `#[kernel]` of tenfold-kernel wrote
//! for the processor runs on the device.
//!
//! This replaces CuPy, PyCUDA and `numba.cuda`. It is not for arrays that are used once: their way to
//! the device and back takes longer than most of what can be done with them.
//!
//! ```
//! use tenfold_gpu::{Device, OnDevice as _, Select, ndarray::array};
//! use tenfold_kernel::kernel;
//!
//! #[kernel]
//! fn saxpy(a: f32, x: f32, y: f32) -> f32 {
//!     a * x + y
//! }
//!
//! # let Ok(device) = Device::open(Select::env().allow_software(true)) else { return Ok(()) };
//! # let _ = "
//! let device = Device::open(Select::env())?;
//! # ";
//! let x = device.upload(&array![[1.0_f32, 2.0], [3.0, 4.0]])?;
//! let y = device.upload(&array![10.0_f32, 20.0])?;
//! let z = saxpy::on(&device).map((2.0, &x, &y))?;
//! assert_eq!(z.to_array()?, array![[12.0, 24.0], [16.0, 28.0]]);
//! # Ok::<(), tenfold_gpu::Error>(())
//! ```
//!
//! # Overview
//! A [`Device`] is opened from what [`devices`] lists, the same one each time; [`Select`] says which, or
//! the environment variable `TENFOLD_GPU` does. A [`DeviceArray`] is an array of [`Element`]s on it, with
//! the shapes, views and layouts of ndarray. What runs on arrays:
//!
//! - arithmetic: operators and functions give an [`Expr`]ession, and [`eval`](Expr::eval) computes all of
//!   it by one kernel;
//! - kernels of tenfold-kernel, elementwise ones and reductions ([`Elementwise`]) and stencils
//!   ([`Stencil`]), by [`OnDevice::on`];
//! - kernels in WGSL ([`RawKernel`]);
//! - reductions, of all elements ([`sum`](DeviceArray::sum), ..) and along an axis
//!   ([`sum_axis`](DeviceArray::sum_axis), ..), running sums ([`cumsum`](DeviceArray::cumsum)),
//!   [`sort`](DeviceArray::sort) and [`argsort`](DeviceArray::argsort), [`matmul`](DeviceArray::matmul),
//!   [`take`](DeviceArray::take) and [`put`](DeviceArray::put); [`Device::random`] draws numbers.
//!
//! A [`Graph`] is work that is recorded once and run many times. A [`ReadBack`] is an array on its way
//! to the host, to be awaited or waited for. [`Settings`] bound the memory that a device may take.
//!
//! ## From Python
//!
//! | Python | here |
//! |---|---|
//! | `drv.Device(0).name()`, device query | [`devices`] |
//! | `CUDA_VISIBLE_DEVICES=0` | `TENFOLD_GPU=0` |
//! | `cp.asarray(x)`, `gpuarray.to_gpu(x)`, `cuda.to_device(x)` | [`device.upload(&x)`](Device::upload) |
//! | `cp.asnumpy(y)`, `y.get()`, `y.copy_to_host()` | [`y.to_array()`](DeviceArray::to_array), [`y.read()`](DeviceArray::read) |
//! | `2 * x + cp.sqrt(y)` | [`(2.0 * &x + y.lazy().sqrt()).eval()`](Expr) |
//! | `@cp.fuse` | every [`Expr`] |
//! | `cp.where(x < 0, 0, x)` | [`x.lazy().lt(0.0).select(0.0, &x)`](Expr::select) |
//! | `x.astype(cp.int32)` | [`x.lazy().cast::<i32>()`](Expr::cast) |
//! | `x.sum()`, `x.max(axis=1)`, `cp.argmin(x)` | [`x.sum()`](DeviceArray::sum), [`x.max_axis(Axis(1))`](DeviceArray::max_axis), [`x.argmin()`](DeviceArray::argmin) |
//! | `cp.cumsum(x)`, `cp.sort(x)`, `cp.argsort(x)` | [`x.cumsum(axis)`](DeviceArray::cumsum), [`x.sort(axis)`](DeviceArray::sort), [`x.argsort(axis)`](DeviceArray::argsort) |
//! | `a @ b` | [`a.matmul(&b)`](DeviceArray::matmul) |
//! | `x[places]`, `x[places] = y` | [`x.take(axis, &places)`](DeviceArray::take), [`x.put(..)`](DeviceArray::put) |
//! | `cp.random.Generator(cp.random.Philox4x3210(1)).random(n)` | [`device.random(Philox::new(1), n)`](Device::random) |
//! | `ElementwiseKernel("float a, float *x, ..", "a * x[i]")` | [`Formula`] |
//! | `cp.ElementwiseKernel(..)`, `@vectorize(target="cuda")` | `#[kernel]` and `f::on(&device).map(..)` |
//! | `cp.ReductionKernel(..)`, `ReductionKernel(..)`, `@cuda.reduce` | `#[kernel(reduce(sum))]` and [`f::on(&device).reduce(..)`](Elementwise::reduce) |
//! | `@cuda.jit` with neighbours | `#[kernel(stencil)]` and `f::on(&device).steps(n, ..)` |
//! | `cp.RawKernel(..)`, `SourceModule(..).get_function(..)` | [`device.raw_kernel(..)`](Device::raw_kernel) |
//! | `cp.get_default_memory_pool().set_limit(..)` | [`Settings::memory_bytes`], `TENFOLD_GPU_MEMORY` |
//! | `pool.used_bytes()`, `pool.free_all_blocks()` | [`Device::memory`], [`Device::trim`] |
//! | `stream.begin_capture()`, `graph.launch()` | [`Device::record`], [`Graph::run`] |
//! | `cupyx.profiler.benchmark`, `cuda.event` | [`Device::time`] |
//! | `device.synchronize()` | [`Device::wait`] |
//!
//! # Errors
//! Whatever a driver refuses is a [`Result`], and the device goes on, unless it is lost. A kernel is
//! checked before its driver sees it, and its error names the line. Nothing waits without an end but
//! for what the device itself does not finish.
//!
//! # Determinism
//! Kernels of tenfold-kernel have the bits of the processor, except for what mathematical functions they call,
//! and for sums of floats in [reductions](Elementwise::reduce), which are of another order: each operation is
//! rounded by itself, by a decoration of every one of them in SPIR-V. Quotients and roots of
//! `f32` are exact on processors such as lavapipe's; where Vulkan lets them be off by 2.5 units in the last
//! place, on a GPU, they are taken by way of `f64`, if it has that. It costs little where `f64` is half as fast
//! as `f32`, and much where it is a sixty-fourth; [`fast`](Elementwise::fast) is without.
//! Subnormal numbers of `f32` are kept by sums, products, quotients and conversions; what else a GPU computes
//! with them, such as comparisons, `floor` and results of `exp`, may take them for 0, as an NVIDIA H100 does.
//! Functions such as `exp` are this crate's own, with the same bits on each device, and not those of the
//! processor, which has a fused multiplication: they differ in the last place for some arguments.
//!
//! # Accuracy
#![doc = include_str!("math/accuracy.md")]
//!
//! With [`fast`](Elementwise::fast) the driver may take operations together and believe that there are neither
//! infinities nor NaN; so may it in raw kernels, unless they are [precise](Device::raw_kernel_precise).
//! Functions of `f64` are this crate's own there, too.
//!
//! # Cost model
//! Opening a device takes some hundred milliseconds, and the first run of a kernel for a kind of
//! arguments up to one to compile; a folder for compiled kernels spares the driver's part of it
//! ([`Settings::cache_folder`]). A run costs some microseconds to record, and up to 64 are handed over together,
//! which costs some ten; a read hands over all and waits. In a graph there is nothing left but the
//! handing over. A host that is 128 times of handing over ahead waits for the device. Memory that an
//! array leaves is there for the next of its size, and is kept until
//! [`trim`](Device::trim) or the budget says otherwise; a size is rounded up by at most a quarter, and not where
//! the budget has no room for that. Arrays that do not lie as they should are copied on the device, which nobody
//! sees. Arrays that are larger than what a kernel may see (2 GiB, and 128 MiB on some devices) run in parts; not so
//! the arrays of raw kernels, the rows that are sorted, and the inner part of what is taken.
//!
//! Uploads and reads go through memory that both sides see, which the budget does not count: up to 40 MiB for the
//! way up, and for the way back what is read and up to 256 MiB, or the budget if that is less, that are kept.
//! Arrays of up to 64 KiB share pieces of 256 KiB, and are handed over with what comes after them, or when a piece
//! is full. The 1024 kernels that were used last are kept, by each of the ways that they are found.
//!
//! All futures of a device are woken by one thread, which is there as long as any waits; it asks the device with
//! pauses of up to a millisecond.

#![deny(unsafe_code)]

mod adapter;
mod arguments;
mod array;
mod built_in;
mod calls;
mod copy;
mod device;
mod element;
mod elementwise;
mod error;
mod exact;
mod float_controls;
mod gather;
mod graph;
mod heaps;
mod kept;
mod launch;
mod layout;
mod lazy;
mod math;
mod matmul;
mod on_device;
mod operand;
mod passthrough;
mod pipeline_cache;
mod pointwise;
mod poll;
mod pool;
mod portable;
mod precise;
mod program;
mod progress;
mod random;
mod raw;
mod read;
mod reduce;
mod ring;
mod run;
mod scalar;
mod scan;
mod select;
mod settings;
mod sort;
mod source;
mod spirv;
mod staging;
mod stats;
mod stencil;
mod stream;
#[cfg(test)]
mod testing;
mod timer;
mod validate;
mod watch;

pub use adapter::{Adapter, AdapterKind, Feature, Limits, devices};
pub use array::DeviceArray;
pub use device::Device;
pub use element::Element;
pub use elementwise::Elementwise;
pub use error::{Error, ErrorKind, Result};
pub use graph::{Graph, Recorder};
pub use lazy::{Expr, Formula, FormulaArgs, FormulaTypes, IntoExpr};
pub use ndarray;
pub use on_device::{OnDevice, Runs};
pub use operand::{IntoKernelArgs, KernelArg, KernelArgs, KernelOutputs, StencilArgs};
pub use pool::PoolStats;
pub use raw::{RawArg, RawArgs, RawKernel};
pub use read::ReadBack;
pub use reduce::{Reduction, Reductions};
pub use scalar::Scalar;
pub use select::Select;
pub use settings::Settings;
pub use stats::DeviceStats;
pub use stencil::Stencil;
pub use tenfold_kernel::Philox;

#[doc = include_str!("../README.md")]
#[cfg(doctest)]
struct ReadmeDoctests;
