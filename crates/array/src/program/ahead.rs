//! What a transpose shows of a chunk of a file, read at once and put in the order in which it is seen.
//!
//! A portion that has few rows of a transpose has as few elements of each run of the file. All of a chunk has long ones; they
//! are read some at a time, and turned round while they are in the cache, so that tiles find rows.

use super::Around;
use super::leaf::{Held, Leaf};
use crate::buffer::{Buffer, with_dtype};
use crate::error::Result;
use crate::gather::{dense_strides, permute};
use crate::tile::{IN_CACHE, parts};
use crate::view::AxisMap;
use crate::window::{Dims, Window, bytes_of};

impl Leaf {
    /// Whether it is read, and what lies together there is seen along another axis than the last.
    pub(super) fn is_across(&self) -> bool {
        let [view] = &*self.views else { return false };
        let last = view.shape.len().wrapping_sub(1);
        let is_last = |map: &AxisMap| matches!(map, AxisMap::Along { axis, .. } if *axis == last);
        self.is_read() && view.is_permuted() && view.maps.last().is_some_and(|map| !is_last(map))
    }

    /// How many bytes it takes to read it ahead for a window of the result.
    pub(super) fn ahead_bytes(&self, window: &Window) -> usize {
        let (shown, each) = (self.window(window), self.dtype.bytes());
        let (all, band) =
            (bytes_of(shown.shape(), each), bytes_of(&band(shown.shape(), each), each));
        // Smaller chunks may fill bands better.
        all.saturating_add(band.max(all.min(IN_CACHE)))
    }

    /// Calls `each` with what is read at a time to read it ahead for a window of the result, in order.
    pub(super) fn bands<E>(
        &self,
        window: &Window,
        each: impl FnMut(&Window) -> Result<(), E>,
    ) -> Result<(), E> {
        let shown = self.window(window);
        parts(&shown, &band(shown.shape(), self.dtype.bytes()), each)
    }

    /// Reads it for a window of the result, in whose order it is held.
    pub(super) fn hold_ahead(
        &self,
        window: &Window,
        held: &mut Held,
        around: Around<'_>,
    ) -> Result<()> {
        let mut own = std::mem::replace(&mut held.own, Buffer::nothing());
        let mut read = std::mem::replace(&mut held.band, Buffer::new(self.dtype));
        own.resize(window.len());
        let done = self.bands(window, |band| {
            around.stop.check()?;
            read.resize(band.len());
            self.read(band, held, around, &mut read)?;
            self.turn(band, &read, window, &mut own);
            Ok(())
        });
        (held.own, held.band) = (own, read);
        held.window = window.clone();
        done
    }

    /// Puts a band of what is read where it belongs in a window of the result.
    fn turn(&self, band: &Window, read: &Buffer, window: &Window, own: &mut Buffer) {
        let to = dense_strides(window.shape());
        let (mut first, mut strides) = (0, to.clone());
        for (along, map) in self.views[0].maps.iter().enumerate() {
            if let AxisMap::Along { axis, start, .. } = *map {
                let at = band.start()[along] - start - window.start()[axis];
                first += at * to[axis].unsigned_abs();
                strides[along] = to[axis];
            }
        }
        with_dtype!(self.dtype, T => {
            let (from, out) = (read.elements::<T>(), &mut own.elements_mut::<T>()[first..]);
            permute(from, band.shape(), out, &strides);
        });
    }
}

/// The shape of what is read at a time of a window: of its first axes as few as stay in the cache.
fn band(shape: &[usize], each: usize) -> Dims {
    let mut band = Dims::from(shape);
    for axis in 0..shape.len() {
        let all = bytes_of(&band, each);
        if all > IN_CACHE {
            band[axis] = (IN_CACHE / (all / band[axis])).clamp(1, shape[axis]);
        }
    }
    band
}
