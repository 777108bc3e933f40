//! Bytes as elements of plain layouts, of which any bits are one.

use std::mem;
use std::ptr;
use std::slice;

use crate::{Element, ErrorKind};

/// Whether bytes at `start` are `count` elements.
fn are<T: Element>(start: *const T, bytes: usize, count: usize) -> bool {
    T::LAYOUT.is_plain() && start.is_aligned() && size_of::<T>().checked_mul(count) == Some(bytes)
}

/// These bytes as `count` elements, where they are that. No bytes are aligned wherever they lie.
pub(crate) fn elements<T: Element>(bytes: &[u8], count: usize) -> Option<&[T]> {
    let start = if bytes.is_empty() { ptr::dangling() } else { bytes.as_ptr().cast() };
    // SAFETY: the bytes are so many elements (see `are`), and any bits are one.
    are::<T>(start, bytes.len(), count).then(|| unsafe { slice::from_raw_parts(start, count) })
}

/// These bytes as `count` elements, where they are that.
pub(crate) fn elements_mut<T: Element>(bytes: &mut [u8], count: usize) -> Option<&mut [T]> {
    let start = if bytes.is_empty() { ptr::dangling_mut() } else { bytes.as_mut_ptr().cast() };
    // SAFETY: as above; they are borrowed alone, and an element has no gaps that would leave a byte
    // without a value.
    are::<T>(start, bytes.len(), count).then(|| unsafe { slice::from_raw_parts_mut(start, count) })
}

/// The element of no bits.
pub(crate) fn zero<T: Element>() -> Result<T, ErrorKind> {
    T::LAYOUT.checked_plain()?;
    // SAFETY: any bits are one.
    Ok(unsafe { mem::zeroed() })
}

#[cfg(test)]
mod tests {
    use super::{elements, elements_mut, zero};
    use crate::Located;
    use crate::memory::Region;

    #[test]
    fn bytes_are_elements_where_they_can_be() {
        let mut region = Region::of(&[0; 16]);
        let bytes = region.as_bytes_mut();
        elements_mut::<u32>(bytes, 4).expect("aligned")[3] = 7;
        assert_eq!(elements::<u32>(bytes, 4), Some(&[0, 0, 0, 7][..]));
        assert_eq!(elements::<u32>(bytes, 3), None);
        assert_eq!(elements::<u32>(bytes, usize::MAX), None);
        assert_eq!(elements::<u32>(&bytes[1..13], 3), None);
        assert_eq!(elements::<bool>(bytes, 16), None);
        assert_eq!(elements::<[f64; 0]>(&[], 3).map(<[_]>::len), Some(3));
        assert!(elements::<Located<f32>>(bytes, 1).is_none() && zero::<Located<f32>>().is_err());
        assert_eq!(zero::<[f64; 2]>(), Ok([0.0; 2]));
    }
}
