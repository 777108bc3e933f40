//! Bytes in which elements of any type can lie.

use std::slice;

/// As far as all memory is aligned that ranks expose or share.
pub(crate) const ALIGNMENT: usize = 16;

#[derive(Clone, Copy, Debug)]
#[repr(C, align(16))]
struct Block([u8; ALIGNMENT]);

/// Bytes that start at a multiple of [`ALIGNMENT`].
#[derive(Debug)]
pub(crate) struct Region {
    blocks: Box<[Block]>,
    bytes: usize,
}

impl Region {
    /// A copy of these bytes.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let blocks = bytes.chunks(ALIGNMENT).map(|chunk| {
            let mut block = [0; ALIGNMENT];
            block[..chunk.len()].copy_from_slice(chunk);
            Block(block)
        });
        Self { blocks: blocks.collect(), bytes: bytes.len() }
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        // SAFETY: the blocks are so many bytes or more, all of which have a value.
        unsafe { slice::from_raw_parts(self.blocks.as_ptr().cast(), self.bytes) }
    }

    pub(crate) fn as_bytes_mut(&mut self) -> &mut [u8] {
        // SAFETY: as above; the blocks are borrowed alone, and any bytes are one.
        unsafe { slice::from_raw_parts_mut(self.blocks.as_mut_ptr().cast(), self.bytes) }
    }
}

#[cfg(test)]
mod tests {
    use super::{ALIGNMENT, Region};

    #[test]
    fn bytes_are_kept_and_aligned() {
        for len in [0, 1, 15, 16, 17, 40] {
            let bytes: Vec<u8> = (0..len).collect();
            let mut region = Region::of(&bytes);
            assert_eq!(region.as_bytes(), bytes);
            region.as_bytes_mut().reverse();
            assert_eq!(region.as_bytes().first().copied(), bytes.last().copied());
            assert!(region.as_bytes().as_ptr().addr().is_multiple_of(ALIGNMENT));
        }
    }
}
