//! The order of the bytes of a number.

/// In which order a file has the bytes of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ByteOrder {
    /// As this machine has them.
    #[default]
    Native,
    /// The lowest byte first.
    Little,
    /// The highest byte first.
    Big,
}

impl ByteOrder {
    /// Whether bytes must be swapped for this machine.
    pub(super) fn is_foreign(self) -> bool {
        self == if cfg!(target_endian = "little") { Self::Big } else { Self::Little }
    }
}

/// Swaps the bytes of each number of `unit` bytes.
pub(super) fn swap(bytes: &mut [u8], unit: usize) {
    match unit {
        2 => swap_each::<2>(bytes),
        4 => swap_each::<4>(bytes),
        8 => swap_each::<8>(bytes),
        _ => {}
    }
}

/// Of a size that the compiler knows, so that it is a few vector instructions.
fn swap_each<const N: usize>(bytes: &mut [u8]) {
    bytes.as_chunks_mut::<N>().0.iter_mut().for_each(|number| number.reverse());
}
