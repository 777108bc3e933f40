//! The few literals of Python that a header consists of.

use crate::window::Dims;

/// Reads literals one after another. An error is where it stopped, and why.
#[derive(Debug)]
pub(super) struct Literals<'a> {
    text: &'a [u8],
    at: usize,
}

type Read<T> = Result<T, String>;

impl<'a> Literals<'a> {
    pub(super) fn new(text: &'a [u8]) -> Self {
        Self { text, at: 0 }
    }

    /// The next byte behind white space, if there is one.
    pub(super) fn peek(&mut self) -> Option<u8> {
        let rest = &self.text[self.at..];
        self.at += rest.iter().take_while(|byte| b" \t\n\r".contains(byte)).count();
        self.text.get(self.at).copied()
    }

    /// Whether `byte` comes next, and then goes on behind it.
    pub(super) fn eat(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    pub(super) fn expect(&mut self, byte: u8) -> Read<()> {
        if self.eat(byte) { Ok(()) } else { self.fail(&format!("`{}`", char::from(byte))) }
    }

    pub(super) fn end(&mut self) -> Read<()> {
        if self.peek().is_none() { Ok(()) } else { self.fail("its end") }
    }

    /// A string without escapes, in either kind of quotes.
    pub(super) fn string(&mut self) -> Read<&'a [u8]> {
        let quote = match self.peek() {
            Some(quote @ (b'\'' | b'"')) => quote,
            _ => return self.fail("a string"),
        };
        let rest = &self.text[self.at + 1..];
        let Some(len) = rest.iter().position(|&byte| byte == quote) else {
            return self.fail("a string that ends");
        };
        if rest[..len].contains(&b'\\') {
            return self.fail("a string without escapes");
        }
        self.at += len + 2;
        Ok(&rest[..len])
    }

    pub(super) fn boolean(&mut self) -> Read<bool> {
        self.peek();
        for (name, value) in [(&b"True"[..], true), (b"False", false)] {
            if self.text[self.at..].starts_with(name) {
                self.at += name.len();
                return Ok(value);
            }
        }
        self.fail("`True` or `False`")
    }

    /// A number, with the `L` behind it that Python 2 wrote.
    fn number(&mut self) -> Read<usize> {
        self.peek();
        let rest = &self.text[self.at..];
        let len = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let digits = std::str::from_utf8(&rest[..len]).unwrap_or_default();
        let Ok(number) = digits.parse() else { return self.fail("a length that can be counted") };
        self.at += len + usize::from(rest.get(len) == Some(&b'L'));
        Ok(number)
    }

    /// A tuple of numbers: one alone has a comma behind it.
    pub(super) fn tuple(&mut self) -> Read<Dims> {
        let mut numbers = Dims::new();
        self.expect(b'(')?;
        while !self.eat(b')') {
            numbers.push(self.number()?);
            if !self.eat(b',') {
                if numbers.len() == 1 {
                    return self.fail("`,`");
                }
                self.expect(b')')?;
                break;
            }
        }
        Ok(numbers)
    }

    /// That something else was expected.
    pub(super) fn fail<T>(&self, expected: &str) -> Read<T> {
        let rest = &self.text[self.at..];
        let found = rest[..rest.len().min(16)].escape_ascii();
        Err(format!("byte {} of it is expected to be {expected}, but is `{found}`", self.at))
    }
}
