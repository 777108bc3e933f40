//! The bytes of an entry.
//!
//! ```text
//! 8   magic
//! 8   code version
//! 4   length of the identity
//! 4   length of the key
//! 8   length of the value
//! 8   when it was computed, in nanoseconds since 1970
//!     identity: the function's path, a line feed, the types of key and value
//!     key
//!     value
//! 16  XXH3-128 of all before
//! ```
//! Numbers are little-endian. The lengths must add up to that of the file, so that none of them is
//! ever believed further than the bytes that are there.

use twox_hash::XxHash3_128;

const MAGIC: [u8; 8] = *b"10fmemo2";
const FIXED: usize = 40;
const SUM: usize = 16;

/// Who an entry is of: what its key is a key of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) code: u64,
    /// The function's path, a line feed, the types of key and value.
    pub(crate) text: String,
}

/// An entry that is sound.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Entry<'a> {
    pub(crate) code: u64,
    pub(crate) identity: &'a [u8],
    pub(crate) key: &'a [u8],
    pub(crate) value: &'a [u8],
    pub(crate) computed_ns: u64,
}

/// Everything before the value but what is of the value, which comes to stand in [`OF_VALUE`].
pub(crate) fn head(identity: &Identity, key: &[u8]) -> Option<Vec<u8>> {
    let text = identity.text.as_bytes();
    let mut head = Vec::with_capacity(FIXED + text.len() + key.len());
    head.extend(MAGIC);
    head.extend(identity.code.to_le_bytes());
    head.extend(u32::try_from(text.len()).ok()?.to_le_bytes());
    head.extend(u32::try_from(key.len()).ok()?.to_le_bytes());
    head.extend([0; OF_VALUE.end - OF_VALUE.start]);
    head.extend(text);
    head.extend(key);
    Some(head)
}

/// Where the length of the value and its time stand.
const OF_VALUE: std::ops::Range<usize> = 24..FIXED;

/// The name of the file for a head: its hash.
pub(crate) fn name(head: &[u8]) -> String {
    format!("{:032x}.{ENTRY}", XxHash3_128::oneshot(head))
}

/// What the names of entries end in.
pub(crate) const ENTRY: &str = "memo";

/// A whole entry.
pub(crate) fn encode(head: &[u8], value: &[u8], computed_ns: u64) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(head.len() + value.len() + SUM);
    bytes.extend(head);
    let of_value = [value.len() as u64, computed_ns].map(u64::to_le_bytes);
    bytes[OF_VALUE].copy_from_slice(of_value.as_flattened());
    bytes.extend(value);
    let sum = XxHash3_128::oneshot(&bytes);
    bytes.extend(sum.to_le_bytes());
    bytes
}

/// An entry, if the bytes are one from the first to the last.
pub(crate) fn decode(bytes: &[u8]) -> Option<Entry<'_>> {
    let (body, sum) = bytes.split_last_chunk::<SUM>()?;
    let (fixed, rest) = body.split_at_checked(FIXED)?;
    let (magic, fixed) = fixed.split_first_chunk::<8>()?;
    let (code, fixed) = fixed.split_first_chunk::<8>()?;
    let (identity, fixed) = fixed.split_first_chunk::<4>()?;
    let (key, fixed) = fixed.split_first_chunk::<4>()?;
    let (value, computed) = fixed.split_first_chunk::<8>()?;
    let computed_ns = u64::from_le_bytes(computed.try_into().ok()?);
    let lengths = [
        u64::from(u32::from_le_bytes(*identity)),
        u64::from(u32::from_le_bytes(*key)),
        u64::from_le_bytes(*value),
    ];
    let total = lengths.iter().try_fold(0_u64, |sum, &length| sum.checked_add(length))?;
    if *magic != MAGIC || total != rest.len() as u64 {
        return None;
    }
    if XxHash3_128::oneshot(body) != u128::from_le_bytes(*sum) {
        return None;
    }
    let (identity, rest) = rest.split_at_checked(usize::try_from(lengths[0]).ok()?)?;
    let (key, value) = rest.split_at_checked(usize::try_from(lengths[1]).ok()?)?;
    Some(Entry { code: u64::from_le_bytes(*code), identity, key, value, computed_ns })
}

/// Whether sound bytes are the entry that `head` asks for: all but what is of the value is.
pub(crate) fn is_of(bytes: &[u8], head: &[u8]) -> bool {
    let (start, rest) = (..OF_VALUE.start, OF_VALUE.end..head.len());
    bytes.get(start) == head.get(start) && bytes.get(rest.clone()) == head.get(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> (Vec<u8>, Vec<u8>) {
        let identity = Identity { code: 7, text: "a::f\n(u32, f64)".to_owned() };
        let head = head(&identity, b"key").unwrap();
        let bytes = encode(&head, b"the value", 5);
        (head, bytes)
    }

    #[test]
    fn what_is_written_is_read() {
        let (head, bytes) = sample();
        let entry = decode(&bytes).unwrap();
        assert_eq!((entry.code, entry.key, entry.value), (7, &b"key"[..], &b"the value"[..]));
        assert_eq!(entry.computed_ns, 5);
        assert!(is_of(&bytes, &head));
        let other = Identity { code: 8, text: "a::f\n(u32, f64)".to_owned() };
        assert!(!is_of(&bytes, &self::head(&other, b"key").unwrap()));
        let identity = Identity { code: 7, text: "a::f\n(u32, f64)".to_owned() };
        assert!(!is_of(&bytes, &self::head(&identity, b"kex").unwrap()));
        assert!(!is_of(&bytes, &self::head(&identity, b"keythe").unwrap()));
        assert_eq!(name(&head).len(), 37);
    }

    #[test]
    fn every_length_but_its_own_is_refused() {
        let (_, bytes) = sample();
        assert!((0..bytes.len()).all(|length| decode(&bytes[..length]).is_none()));
        let mut longer = bytes.clone();
        longer.push(0);
        assert_eq!(decode(&longer), None);
    }

    #[test]
    fn every_flipped_bit_is_refused() {
        let (_, mut bytes) = sample();
        for bit in 0..bytes.len() * 8 {
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(decode(&bytes), None, "bit {bit}");
            bytes[bit / 8] ^= 1 << (bit % 8);
        }
        assert!(decode(&bytes).is_some());
    }

    /// Lengths that add up to more than there is, or than there can be.
    #[test]
    fn lengths_are_not_believed() {
        let (_, bytes) = sample();
        for (at, length) in [(16, 4), (20, 4), (24, 8)] {
            for value in [0, 1, 255, u64::MAX, u64::MAX / 2] {
                let mut bytes = bytes[..bytes.len() - SUM].to_vec();
                bytes[at..at + length].copy_from_slice(&value.to_le_bytes()[..length]);
                let sum = XxHash3_128::oneshot(&bytes);
                bytes.extend(sum.to_le_bytes());
                assert_eq!(decode(&bytes), None, "{value} at {at}");
            }
        }
    }
}
