//! Zarr arrays: a folder with a text that describes an array, and a file for each of its chunks.
//!
//! What the text says, and the codecs that are not of every day, are left to zarrs; files are read and written here, so
//! that it is known how much memory that takes, and elements are unpacked where they are wanted.

mod array;
mod attributes;
mod codec;
mod described;
mod folder;
mod group;
mod opened;
mod options;
mod packing;
mod pieces;
mod recent;
mod shard;
mod text;
mod writer;

pub use array::ZarrArray;
pub use group::ZarrGroup;
pub use options::{ZarrCompressor, ZarrOptions, ZarrVersion};
pub use writer::ZarrWriter;
