//! What goes before a message.

use tenfold_comm::Tag;

/// What a message says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) kind: Kind,
    /// The stream of a communicator.
    pub(crate) context: u64,
    /// The sender's rank in the communicator.
    pub(crate) from: u32,
    pub(crate) tag: Tag,
    /// How many elements there are.
    pub(crate) count: u64,
    /// How many bytes.
    pub(crate) bytes: u64,
    /// The number of the layout, see [`Layouts`](crate::layouts::Layouts).
    pub(crate) layout: u64,
    /// The tag of the body, where that comes apart.
    pub(crate) body: u32,
}

/// What comes with a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// All bytes of the message.
    Whole,
    /// Nothing: they come when the receiver asks MPI for them.
    Body,
    /// Nothing: the sender has ended, and this is the last that it sends.
    End,
}

impl Header {
    pub(crate) const BYTES: usize = 48;

    /// Of a rank that has ended.
    pub(crate) const END: Self = Self {
        kind: Kind::End,
        context: 0,
        from: 0,
        tag: 0,
        count: 0,
        bytes: 0,
        layout: 0,
        body: 0,
    };

    pub(crate) fn write(&self, to: &mut [u8; Self::BYTES]) {
        let longs = [self.context, self.count, self.bytes, self.layout];
        let shorts = [self.kind as u32, self.from, self.tag, self.body];
        let longs = longs.iter().flat_map(|long| long.to_ne_bytes());
        let shorts = shorts.iter().flat_map(|short| short.to_ne_bytes());
        to.iter_mut().zip(longs.chain(shorts)).for_each(|(to, byte)| *to = byte);
    }

    /// `None` of what is no header.
    pub(crate) fn read(from: &[u8; Self::BYTES]) -> Option<Self> {
        let long = |n: usize| {
            let bytes = from[8 * n..].first_chunk();
            bytes.map(|bytes| u64::from_ne_bytes(*bytes))
        };
        let short = |n: usize| {
            let bytes = from[32 + 4 * n..].first_chunk();
            bytes.map(|bytes| u32::from_ne_bytes(*bytes))
        };
        let kind = match short(0)? {
            0 => Kind::Whole,
            1 => Kind::Body,
            2 => Kind::End,
            _ => return None,
        };
        Some(Self {
            kind,
            context: long(0)?,
            count: long(1)?,
            bytes: long(2)?,
            layout: long(3)?,
            from: short(1)?,
            tag: short(2)?,
            body: short(3)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Header, Kind};

    #[test]
    fn a_header_is_read_as_it_was_written() {
        for kind in [Kind::Whole, Kind::Body, Kind::End] {
            let header = Header {
                kind,
                context: u64::MAX - 1,
                from: 3,
                tag: u32::MAX,
                count: 1 << 40,
                bytes: 1 << 43,
                layout: 0x8123_4567_89ab_cdef,
                body: 77,
            };
            let mut bytes = [9; Header::BYTES];
            header.write(&mut bytes);
            assert_eq!(Header::read(&bytes), Some(header));
        }
        assert_eq!(Header::read(&[9; Header::BYTES]), None);
    }
}
