//! Numbers and texts as bytes of a message.

/// Writes a message.
#[derive(Debug, Default)]
pub(super) struct Writer(Vec<u8>);

impl Writer {
    pub(super) fn number(mut self, number: u64) -> Self {
        self.0.extend_from_slice(&number.to_le_bytes());
        self
    }

    pub(super) fn numbers(self, numbers: &[usize]) -> Self {
        let all = self.number(numbers.len() as u64);
        numbers.iter().fold(all, |all, &number| all.number(number as u64))
    }

    pub(super) fn bytes(self, bytes: &[u8]) -> Self {
        let mut all = self.number(bytes.len() as u64);
        all.0.extend_from_slice(bytes);
        all
    }

    pub(super) fn end(self) -> Vec<u8> {
        self.0
    }
}

/// Reads a message, from the front on. What is not there is none.
#[derive(Debug)]
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn number(&mut self) -> Option<u64> {
        self.0.split_off(..8)?.try_into().ok().map(u64::from_le_bytes)
    }

    pub(super) fn size(&mut self) -> Option<usize> {
        self.number()?.try_into().ok()
    }

    pub(super) fn numbers(&mut self) -> Option<Vec<usize>> {
        // What is read piece by piece takes no more memory than was sent.
        let count = self.size().filter(|&count| count <= self.0.len() / 8)?;
        (0..count).map(|_| self.size()).collect()
    }

    pub(super) fn bytes(&mut self) -> Option<&'a [u8]> {
        let len = self.size()?;
        self.0.split_off(..len)
    }

    pub(super) fn text(&mut self) -> Option<String> {
        String::from_utf8(self.bytes()?.to_vec()).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_what_is_cut_off_is_not() {
        let all = Writer::default().number(7).numbers(&[1, 2]).bytes(b"text").end();
        let read = |mut from: Reader<'_>| Some((from.number()?, from.numbers()?, from.text()?));
        assert_eq!(read(Reader(&all)), Some((7, vec![1, 2], "text".into())));
        for end in 0..all.len() {
            assert_eq!(read(Reader(&all[..end])), None, "{end} bytes");
        }
        assert_eq!(Reader(&u64::MAX.to_le_bytes()).numbers(), None);
    }
}
