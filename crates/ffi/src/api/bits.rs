//! Bit-fields, as generated code has them: in the bytes that they share.

use crate::bits::Bits;
use crate::error::{Error, ErrorKind, Result};
use crate::number::{Whole, bounds};

/// The byte that a bit-field begins in, and its bits from there on.
fn place(first: usize, width: u32) -> (usize, Bits) {
    (first / 8, Bits { first: (first as u64 % 8) as u32, width })
}

/// The number in `width` bits from bit `first` on, counted from the lowest bit of the first byte.
#[must_use]
pub fn read(bytes: &[u8], first: usize, width: u32, is_signed: bool) -> i128 {
    let (start, bits) = place(first, width);
    bits.integer(&bytes[start..], is_signed).cast_signed()
}

/// Writes a number into the bits that [`read`] reads.
///
/// # Errors
///
/// [`OutOfRange`](ErrorKind::OutOfRange) if it does not fit.
pub fn write(
    bytes: &mut [u8],
    first: usize,
    width: u32,
    is_signed: bool,
    value: i128,
    name: &str,
) -> Result<()> {
    if !Whole::signed(value).fits(width, is_signed) {
        let (least, most) = bounds(width, is_signed);
        let message = format!("the bit-field `{name}` holds {least} to {most}, not {value}");
        return Err(Error::new(ErrorKind::OutOfRange, message));
    }
    let (start, bits) = place(first, width);
    bits.put(&mut bytes[start..], value.cast_unsigned());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_stay_as_they_are() {
        for (first, width) in [(0, 1), (3, 5), (5, 9), (1, 64), (0, 72 - 8)] {
            for fill in [0, 0xff] {
                let mut bytes = [fill; 9];
                let most = (1_i128 << width) - 1;
                for value in [0, 1, most / 3, most] {
                    write(&mut bytes, first, width, false, value, "f").unwrap();
                    assert_eq!(read(&bytes, first, width, false), value);
                    let around =
                        (0..72).filter(|bit| !(first..first + width as usize).contains(bit));
                    for bit in around {
                        assert_eq!(bytes[bit / 8] >> (bit % 8) & 1, fill & 1, "bit {bit}");
                    }
                }
            }
        }
    }

    #[test]
    fn signs_and_bounds() {
        let mut bytes = [0; 2];
        for value in -4..4 {
            write(&mut bytes, 6, 3, true, value, "f").unwrap();
            assert_eq!(read(&bytes, 6, 3, true), value);
        }
        for value in [-5, 4, i128::MAX] {
            let error = write(&mut bytes, 6, 3, true, value, "f").unwrap_err();
            assert_eq!(error.kind(), ErrorKind::OutOfRange);
        }
        assert!(write(&mut bytes, 6, 3, false, -1, "f").is_err());
        assert_eq!(read(&bytes, 6, 3, true), 3);
    }
}
