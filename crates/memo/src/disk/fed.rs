//! What is fed to hashers, as bytes.

use std::hash::Hasher;

/// All that a hasher is fed, in the order of bytes that every machine has.
#[derive(Debug, Default)]
pub(crate) struct Fed(pub(crate) Vec<u8>);

macro_rules! feeds {
    ($($write:ident $ty:ty),*) => { $(
        fn $write(&mut self, x: $ty) {
            self.write(&x.to_le_bytes());
        }
    )* };
}

impl Hasher for Fed {
    fn write(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    fn write_usize(&mut self, x: usize) {
        self.write_u64(x as u64);
    }

    fn write_isize(&mut self, x: isize) {
        self.write_i64(x as i64);
    }

    feeds! { write_u16 u16, write_u32 u32, write_u64 u64, write_u128 u128 }
    feeds! { write_i16 i16, write_i32 i32, write_i64 i64, write_i128 i128 }

    fn finish(&self) -> u64 {
        0
    }
}
