//! Task arrays that know their memory before they run.

#![deny(unsafe_code)]

mod array;
mod block;
mod buffer;
mod chunks;
mod cut;
mod destination;
mod element;
mod error;
mod executor;
mod file;
mod function;
mod gather;
mod hash;
mod node;
mod ops;
mod picture;
mod plan;
mod program;
mod random;
mod reduce;
mod settings;
mod slab;
mod source;
mod tile;
mod view;
mod window;

pub use ndarray;

pub use crate::{
    array::{Array, Count},
    chunks::{AxisChunks, Chunks},
    cut::IntoChunks,
    element::{DType, Element},
    error::{Error, ErrorKind, Result},
    executor::Cancel,
    file::{
        ByteOrder, NpyFile, NpyHeader, NpyWriter, NpzFile, NpzMember, NpzWriter, RawFile,
        RawWriter, ScratchFile,
    },
    ops::Arithmetic,
    plan::{Pass, Plan},
    random::{Normal, Random},
    reduce::{Real, Summable},
    settings::{Many, Settings},
    source::{Source, Target},
    window::{Dims, Window},
};
