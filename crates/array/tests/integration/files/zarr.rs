//! Zarr arrays.

mod bombs;
mod by_hand;
mod groups;
mod mutated;
mod peers;
mod refused;
mod regions;
mod round_trips;
#[cfg(unix)]
mod space;

use std::path::Path;

use tenfold_array::{Result, Target, Window, ZarrArray, ZarrOptions, ZarrWriter};

use super::number::{Number, array};

/// Writes the array whose elements are counted, chunk by chunk.
fn write<T: Number>(
    path: &Path,
    shape: &[usize],
    chunk: &[usize],
    options: &ZarrOptions<T>,
) -> Result<()> {
    let writer = ZarrWriter::create_with(path, shape, chunk, options)?;
    let all = array::<T>(shape);
    let chunks = writer.chunks().unwrap();
    // From the last to the first.
    for number in (0..chunks.count()).rev() {
        let window = chunks.window(number);
        let part = all.slice_each_axis(|axis| window.range(axis.axis.index()).into());
        let elements: Vec<T> = part.iter().copied().collect();
        writer.write(&window, &elements)?;
    }
    writer.finish()
}

/// Opens an array of which it is expected to fail.
fn refusal<T: tenfold_array::Element>(path: &Path) -> tenfold_array::Error {
    ZarrArray::<T>::open(path).map(|_| ()).unwrap_err()
}

/// The window with one range for each axis.
fn window<const N: usize>(ranges: [std::ops::Range<usize>; N]) -> Window {
    Window::new(&ranges)
}

/// The window of one axis.
fn line(range: std::ops::Range<usize>) -> Window {
    Window::new(&[range])
}
