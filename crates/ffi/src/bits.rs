//! Bit-fields: some bits of some bytes, counted from the lowest bit of the first byte, as GCC lays them
//! out on little-endian machines.

/// Where a bit-field lies, from the byte that it begins in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bits {
    /// Its first bit: 0 to 7.
    pub(crate) first: u32,
    /// How many there are: at most 128.
    pub(crate) width: u32,
}

/// So many ones.
pub(crate) fn ones(width: u32) -> u128 {
    u128::MAX.checked_shr(128_u32.saturating_sub(width)).unwrap_or(0)
}

impl Bits {
    /// How many bytes hold some of them.
    pub(crate) fn bytes(self) -> usize {
        (self.first + self.width).div_ceil(8) as usize
    }

    /// The bits, as a number without a sign.
    pub(crate) fn get(self, bytes: &[u8]) -> u128 {
        let mut value = 0;
        let mut place = 0;
        for &byte in &bytes[..self.bytes()] {
            let byte = u128::from(byte);
            value |= if place == 0 { byte >> self.first } else { byte << (place - self.first) };
            place += 8;
        }
        value & ones(self.width)
    }

    /// The bits, as an integer in two's complement: with a sign, their highest bit is that of all above.
    pub(crate) fn integer(self, bytes: &[u8], is_signed: bool) -> u128 {
        let value = self.get(bytes);
        let is_negative = is_signed && self.width > 0 && value >> (self.width - 1) == 1;
        if is_negative { value | !ones(self.width) } else { value }
    }

    /// Replaces the bits by the lowest of a number, and leaves those around them.
    pub(crate) fn put(self, bytes: &mut [u8], value: u128) {
        let mut place = 0;
        for byte in &mut bytes[..self.bytes()] {
            let part = |of: u128| {
                let moved = if place == 0 { of << self.first } else { of >> (place - self.first) };
                moved.to_le_bytes()[0]
            };
            let mask = part(ones(self.width));
            *byte = (*byte & !mask) | (part(value) & mask);
            place += 8;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// One bit after the other.
    fn naive(bits: Bits, bytes: &[u8]) -> u128 {
        (0..bits.width).fold(0, |value, bit| {
            let at = bits.first + bit;
            value | (u128::from(bytes[(at / 8) as usize] >> (at % 8) & 1) << bit)
        })
    }

    proptest! {
        #[test]
        fn bits_are_got_and_put(
            first in 0..8_u32, width in 0..=128_u32, mut bytes: [u8; 17], value: u128,
        ) {
            let bits = Bits { first, width };
            prop_assert_eq!(bits.get(&bytes), naive(bits, &bytes));
            let before = bytes;
            bits.put(&mut bytes, value);
            prop_assert_eq!(naive(bits, &bytes), value & ones(width));
            bits.put(&mut bytes, naive(bits, &before));
            prop_assert_eq!(bytes, before);
        }
    }
}
