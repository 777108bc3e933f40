//! Arrays in files, read and written window by window.
//!
//! A file is never mapped: what is read lies in the caller's memory alone, so that a plan knows how much that is.

mod byte_order;
mod checkpoint;
mod coverage;
mod disk;
mod extent;
mod fault;
mod filling;
mod layout;
mod literal;
mod npy_file;
mod npy_header;
mod npy_writer;
mod npz_file;
mod npz_writer;
mod raw;
mod runs;
mod scratch;
mod stage;
#[cfg(feature = "ranks")]
mod together;
mod unfinished;
#[cfg(feature = "zarr")]
mod zarr;
mod zip;

pub use byte_order::ByteOrder;
pub(crate) use checkpoint::{CheckpointFile, CheckpointReader, CheckpointWriter, Chunked, HELD};
pub use npy_file::NpyFile;
pub use npy_header::NpyHeader;
pub use npy_writer::NpyWriter;
pub use npz_file::NpzFile;
pub use npz_writer::{NpzMember, NpzWriter};
pub use raw::{RawFile, RawWriter};
pub use scratch::ScratchFile;
#[cfg(feature = "ranks")]
pub(crate) use together::{Form, Together};
pub(crate) use unfinished::write_text;
#[cfg(feature = "zarr")]
pub use zarr::{ZarrArray, ZarrCompressor, ZarrGroup, ZarrOptions, ZarrVersion, ZarrWriter};
