//! Task arrays that know their memory before they run.

#![forbid(unsafe_code)]

mod chunks;
mod element;
mod error;
mod source;
mod window;

pub use ndarray;

pub use crate::{
    chunks::{AxisChunks, Chunks},
    element::{DType, Element},
    error::{Error, ErrorKind, Result},
    source::{Source, Target},
    window::{Dims, Window},
};
