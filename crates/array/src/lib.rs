//! Arrays larger than memory, computed in parallel, by a plan that knows what it needs before it runs.
//!
//! This replaces `dask.array` and `dask.delayed`. It is not for arrays that fit into memory and are gone through once, where
//! [`ndarray`] itself or a kernel of `tenfold-kernel` does, nor for tables.
//!
//! ```
//! use tenfold_array::{Array, Random, Settings};
//!
//! let x = Random::new(42).standard_normal::<f64, _>([4000, 4000], 1000);
//! let anomaly = &x - &x.mean_axis(0);
//! let settings = Settings::new().with_memory("16MiB")?;
//! let sum = settings.compute(&(&anomaly * &anomaly).sum())?.into_scalar();
//! assert!((sum / 16e6 - 1.0).abs() < 0.01);
//! # Ok::<(), tenfold_array::Error>(())
//! ```
//!
//! # Overview
//! [`Array`] is the principal type: a description. [`Array::compute`] computes it, [`Array::plan`] says what that will do,
//! and [`Settings`] says with how many threads and how much memory; it computes [`Delayed`] tasks too, and what is
//! [`Gathered`], whose size nobody knows before; a [`Trace`] tells what ran. [`Chunks`] say what is worked on at a time. A
//! [`Source`] is read by windows, a [`Target`] written; files are both. [`Random`] makes arrays of random numbers.
//! [`Settings::checkpoints`] lets a run go on where another one was ended.
//!
//! ## How it is computed
//! A [`Plan`] is a list of stages. A stage goes over the chunks of one shape, on several threads. For each it reads
//! windows of what the expression is made of, calls the functions of elements one after another on tiles of two thousand
//! elements, and stores what comes out, or reduces it: no array is made between. What must be complete before it can be
//! used, the result of a reduction, ends a stage. Everything else is computed where it is read, again if it is read
//! again: `(x - x.mean()) * (x - x.mean())` reads `x` twice, and holds a few tiles of it.
//!
//! # Cost
//! Describing an operation takes about a microsecond, whatever the size. A chunk costs some microseconds besides its
//! elements, so that it should have some ten thousand of them or more. A worker holds 16 KiB for each value of an
//! expression that is alive at a time, at most 4 MiB of what is read and what is written together, and up to 8.5 MiB of
//! each array that is seen transposed; for a product a window of the result, of 64 MiB with all that it takes if there is no cap.
//!
//! # Features
//! - `progress`: `Settings::progress_bar`, a bar on the terminal.
//! - `ranks`: `Ranks`, arrays computed by all ranks of a communicator of `tenfold-comm` together; `Machine`, ranks that are
//!   simulated.
//! - `fft`: Fourier transforms, by rustfft.
//! - `linalg`: factorisations of matrices, and what is solved by them, by faer, which takes about a minute to compile.
//! - `zarr`: `ZarrArray`, `ZarrWriter` and `ZarrGroup`, arrays in the format of Python's zarr; some 100 crates more are built.

#![deny(unsafe_code)]

mod array;
mod block;
mod buffer;
mod checkpoint;
mod chunks;
mod compute;
mod cut;
mod delayed;
mod destination;
mod element;
mod error;
mod every;
mod executor;
mod file;
mod function;
mod gather;
mod gathered;
mod hash;
#[cfg(feature = "linalg")]
mod linalg;
mod node;
mod ops;
mod owners;
mod picture;
mod plan;
mod prefetch;
mod product;
mod program;
mod random;
#[cfg(feature = "ranks")]
mod ranks;
mod reduce;
mod region;
mod room;
mod settings;
mod slab;
mod source;
mod tile;
mod trace;
mod view;
mod window;

pub use ndarray;
pub use tenfold_kernel::Border;

#[cfg(feature = "zarr")]
pub use crate::file::{ZarrArray, ZarrCompressor, ZarrGroup, ZarrOptions, ZarrVersion, ZarrWriter};
#[cfg(feature = "linalg")]
pub use crate::linalg::{Linear, Lstsq, Lu, NormOrd, Svd, Triangle};
#[cfg(feature = "fft")]
pub use crate::ops::{FftNorm, Fourier, FourierReal};
pub use crate::{
    array::{Array, Count},
    chunks::{AxisChunks, Chunks},
    compute::{Compute, Many},
    cut::IntoChunks,
    delayed::{Delayed, Join, TryJoin, delayed, join, try_delayed, try_join},
    element::{DType, Element},
    error::{Error, ErrorKind, Result},
    executor::{Cancel, TaskGraph},
    file::{
        ByteOrder, NpyFile, NpyHeader, NpyWriter, NpzFile, NpzMember, NpzWriter, RawFile,
        RawWriter, ScratchFile,
    },
    gathered::Gathered,
    ops::{
        Absolute, Analytic, Arithmetic, Bins, Bits, BlockInfo, CastFrom, ComplexNumber,
        ConvolveMode, Division, Excess, Index, MatMul, MaybeFinite, Number, Operand, Ordered,
        PadMode, QuantileMethod, Real, Shift,
    },
    plan::{Pass, Plan},
    random::{Normal, Random},
    reduce::{Averageable, Summable},
    region::Region,
    settings::Settings,
    source::{Source, Target},
    trace::{Activity, Trace, TraceRecord, TraceSample, TraceStage},
    window::{Dims, Window},
};

#[cfg(feature = "ranks")]
pub use crate::{
    plan::Share,
    ranks::{Layout, Machine, Mesh, Ranks, Simulated, SimulatedStage, Simulation, Traffic, WhatIf},
};

#[doc = include_str!("../README.md")]
#[cfg(all(doctest, feature = "ranks"))]
struct ReadmeDoctests;
