//! What goes before a message.

use tenfold_comm::Tag;

/// What a message says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) kind: Kind,
    /// That of a communicator.
    pub(crate) stream: [u64; 2],
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
    /// Nothing: the sender wants to be told when this rank has ended.
    Ask,
    /// Nothing: the sender has ended, and has sent before all that it will.
    End,
    /// Nothing: rank 0 asks what time it is; or, from the others, that, as the count.
    Time,
    /// Nothing: how the clock of this rank stands, as the count and the bytes.
    Reading,
    /// Nothing: messages of this rank like this one, as many as the count says, lie at the sender when all have ended.
    Left,
    /// Nothing: the sender has told of those.
    Told,
}

impl Header {
    pub(crate) const BYTES: usize = 56;

    /// One that goes without a message.
    pub(crate) const fn alone(kind: Kind) -> Self {
        Self { kind, stream: [0; 2], from: 0, tag: 0, count: 0, bytes: 0, layout: 0, body: 0 }
    }

    /// Its bytes, in words, so that they are written and read as fast as a struct.
    pub(crate) fn write(&self, to: &mut [u8; Self::BYTES]) {
        let pair = |low: u32, high: u32| u64::from(low) | u64::from(high) << 32;
        let [kind, body] = [self.kind as u32, self.body];
        let shorts = [pair(kind, self.from), pair(self.tag, body)];
        let [communicator, number] = self.stream;
        let words =
            [communicator, number, self.count, self.bytes, self.layout, shorts[0], shorts[1]];
        let (chunks, _) = to.as_chunks_mut();
        chunks.iter_mut().zip(words).for_each(|(to, word)| *to = word.to_ne_bytes());
    }

    /// `None` of what is no header.
    pub(crate) fn read(from: &[u8; Self::BYTES]) -> Option<Self> {
        let (chunks, _) = from.as_chunks();
        let mut words = [0; Self::BYTES / 8];
        words.iter_mut().zip(chunks).for_each(|(word, bytes)| *word = u64::from_ne_bytes(*bytes));
        let [communicator, number, count, bytes, layout, first, second] = words;
        let kind = match first as u32 {
            0 => Kind::Whole,
            1 => Kind::Body,
            2 => Kind::Ask,
            3 => Kind::End,
            4 => Kind::Time,
            5 => Kind::Reading,
            6 => Kind::Left,
            7 => Kind::Told,
            _ => return None,
        };
        let ((from, tag), body) = (((first >> 32) as u32, second as u32), (second >> 32) as u32);
        let stream = [communicator, number];
        Some(Self { kind, stream, from, tag, count, bytes, layout, body })
    }
}

#[cfg(test)]
mod tests {
    use super::{Header, Kind};

    #[test]
    fn a_header_is_read_as_it_was_written() {
        use Kind::{Ask, Body, End, Left, Reading, Time, Told, Whole};
        for kind in [Whole, Body, Ask, End, Time, Reading, Left, Told] {
            let header = Header {
                kind,
                stream: [u64::MAX - 1, 1 << 63],
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
