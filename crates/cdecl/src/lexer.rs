//! From a text to tokens: comments and line markers go, directives are sorted out.

use crate::directive::{self, Directive, Pack};
use crate::error::{Error, ErrorKind};
use crate::symbol::{Symbol, Symbols};
use crate::text::{Marker, Text, clamp};
use crate::token::{Define, Kind, Mark, Token, Tokens};

/// Reads a whole text.
pub(crate) fn read(
    text: String,
    symbols: &mut Symbols,
    pack: Option<u64>,
) -> Result<(Text, Tokens), Error> {
    let mut known = Text { lines: vec![0], ..Text::default() };
    if u32::try_from(text.len()).is_err() {
        let message = format!("the text has {} bytes, and the bound is 4 GiB", text.len());
        let error = Error::new(ErrorKind::Limit, message);
        return Err(error.at(known.position(0), known.caret(0, 0)));
    }
    let mut tokens = Tokens::default();
    tokens.tokens.reserve(text.len() / 5);
    let mut lexer = Lexer {
        bytes: text.as_bytes(),
        text: &text,
        // A mark of byte order says nothing here.
        at: if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 },
        is_line_start: true,
        known: &mut known,
        symbols,
        tokens: &mut tokens,
        bound: pack.unwrap_or(0),
        pushed: Vec::new(),
    };
    if let Some(pack) = pack {
        lexer.tokens.packs.push((0, pack));
    }
    let result = lexer.run();
    known.text = text;
    match result {
        Ok(()) => Ok((known, tokens)),
        Err(fault) => {
            let caret = known.caret(fault.start, fault.end);
            let error = Error::new(fault.kind, fault.message);
            let position = known.position(fault.start);
            Err(error.at(position, caret))
        }
    }
}

struct Fault {
    kind: ErrorKind,
    message: String,
    start: u32,
    end: u32,
}

struct Lexer<'a> {
    bytes: &'a [u8],
    text: &'a str,
    at: usize,
    is_line_start: bool,
    known: &'a mut Text,
    symbols: &'a mut Symbols,
    tokens: &'a mut Tokens,
    /// The bound of `#pragma pack` in force, and those that `push` keeps.
    bound: u64,
    pushed: Vec<u64>,
}

impl Lexer<'_> {
    fn byte(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn fault<T>(
        &self,
        kind: ErrorKind,
        message: impl Into<String>,
        start: usize,
    ) -> Result<T, Fault> {
        let end = self.text[start..].chars().next().map_or(start, |c| start + c.len_utf8());
        Err(Fault {
            kind,
            message: message.into(),
            start: clamp(start),
            end: clamp(end.max(self.at)),
        })
    }

    fn run(&mut self) -> Result<(), Fault> {
        loop {
            self.blank()?;
            if self.at >= self.bytes.len() {
                break;
            }
            if self.byte(0) == b'#' && self.is_line_start {
                self.directive()?;
                continue;
            }
            self.is_line_start = false;
            let token = self.token()?;
            self.tokens.tokens.push(token);
        }
        // What is missing at the end is shown behind the last token, not on an empty line.
        let end = self.tokens.tokens.last().map_or(0, |token| token.end);
        self.tokens.tokens.push(Token { kind: Kind::End, start: end, end, symbol: Symbol(0) });
        Ok(())
    }

    fn newline(&mut self) {
        self.at += 1;
        self.known.lines.push(clamp(self.at));
    }

    /// Skips blanks, comments and ends of lines.
    fn blank(&mut self) -> Result<(), Fault> {
        loop {
            match self.byte(0) {
                b'\n' => {
                    self.newline();
                    self.is_line_start = true;
                }
                b' ' | b'\t' | b'\r' | 0x0b | 0x0c => self.at += 1,
                _ if !self.comment_or_splice()? => return Ok(()),
                _ => {}
            }
        }
    }

    /// Skips a comment or an end of line behind a backslash, if one is here.
    fn comment_or_splice(&mut self) -> Result<bool, Fault> {
        match (self.byte(0), self.byte(1)) {
            (b'/', b'*') => self.comment()?,
            (b'/', b'/') => {
                while self.at < self.bytes.len() && self.byte(0) != b'\n' {
                    if !self.splice() {
                        // Two backslashes continue no line, as CFFI has it.
                        let is_pair = self.byte(0) == b'\\' && self.byte(1) == b'\\';
                        self.at += 1 + usize::from(is_pair);
                    }
                }
            }
            _ => return Ok(self.splice()),
        }
        Ok(true)
    }

    fn splice(&mut self) -> bool {
        let length = match (self.byte(0), self.byte(1), self.byte(2)) {
            (b'\\', b'\n', _) => 1,
            (b'\\', b'\r', b'\n') => 2,
            _ => return false,
        };
        self.at += length;
        self.newline();
        true
    }

    fn comment(&mut self) -> Result<(), Fault> {
        let start = self.at;
        self.at += 2;
        loop {
            match (self.byte(0), self.byte(1)) {
                (b'*', b'/') => {
                    self.at += 2;
                    return Ok(());
                }
                (b'\n', _) => self.newline(),
                _ if self.at >= self.bytes.len() => {
                    self.at = start + 2;
                    return self.fault(
                        ErrorKind::Unterminated,
                        "a comment that no `*/` ends",
                        start,
                    );
                }
                _ => self.at += 1,
            }
        }
    }

    fn token(&mut self) -> Result<Token, Fault> {
        let start = self.at;
        let first = self.byte(0);
        if is_name_start(first) {
            if let Some(quote) = self.prefixed_quote() {
                self.at += quote;
                return self.quoted(start);
            }
            return Ok(self.name());
        }
        if first.is_ascii_digit() || (first == b'.' && self.byte(1).is_ascii_digit()) {
            return Ok(self.number());
        }
        if matches!(first, b'"' | b'\'') {
            return self.quoted(start);
        }
        let Some((mark, length)) = mark(first, self.byte(1), self.byte(2)) else {
            let found = self.text[start..].chars().next().unwrap_or('\0');
            let message = format!("the character {found:?} begins no token of C");
            return self.fault(ErrorKind::Token, message, start);
        };
        self.at += length;
        Ok(self.made(Kind::Punctuation(mark), start))
    }

    fn made(&self, kind: Kind, start: usize) -> Token {
        Token { kind, start: clamp(start), end: clamp(self.at), symbol: Symbol(0) }
    }

    /// How far the quote is in `L"`, `u'`, `u8"` and the like.
    fn prefixed_quote(&self) -> Option<usize> {
        let length = match (self.byte(0), self.byte(1)) {
            (b'L' | b'U' | b'u', b'"' | b'\'') => 1,
            (b'u', b'8') => 2,
            _ => return None,
        };
        matches!(self.byte(length), b'"' | b'\'').then_some(length)
    }

    fn name(&mut self) -> Token {
        let start = self.at;
        while is_name(self.byte(0)) {
            self.at += 1;
        }
        let symbol = self.symbols.intern(&self.text[start..self.at]);
        let kind = symbol.keyword().map_or(Kind::Name, Kind::Keyword);
        Token { kind, start: clamp(start), end: clamp(self.at), symbol }
    }

    fn number(&mut self) -> Token {
        let start = self.at;
        while is_name(self.byte(0)) || self.byte(0) == b'.' {
            let exponent = matches!(self.byte(0), b'e' | b'E' | b'p' | b'P');
            let hexadecimal = matches!(self.bytes.get(start + 1), Some(b'x' | b'X'));
            let is_exponent = exponent && !(hexadecimal && matches!(self.byte(0), b'e' | b'E'));
            self.at += if is_exponent && matches!(self.byte(1), b'+' | b'-') { 2 } else { 1 };
        }
        // Three dots behind a number are dots: `[2...]` is not taken, but `1...` is no number.
        let text = &self.text[start..self.at];
        if let Some(length) = text.find("...") {
            self.at = start + length;
        }
        self.made(Kind::Number, start)
    }

    fn quoted(&mut self, start: usize) -> Result<Token, Fault> {
        let quote = self.byte(0);
        self.at += 1;
        loop {
            match self.byte(0) {
                byte if byte == quote => break,
                b'\\' if !self.splice() => self.at += 1 + usize::from(self.byte(1) != b'\n'),
                b'\\' => {}
                b'\n' | 0 if self.byte(0) == b'\n' || self.at >= self.bytes.len() => {
                    let what = if quote == b'"' { "a string" } else { "a character constant" };
                    self.at = self.at.min(self.bytes.len());
                    let message = format!("{what} that no {} ends in its line", char::from(quote));
                    return self.fault(ErrorKind::Unterminated, message, start);
                }
                _ => self.at += 1,
            }
        }
        self.at += 1;
        let kind = if quote == b'"' { Kind::String } else { Kind::Character };
        Ok(self.made(kind, start))
    }

    /// The line from here on, where lines behind a backslash belong to it.
    fn line_end(&self) -> usize {
        let mut at = self.at;
        while let Some(&byte) = self.bytes.get(at) {
            match byte {
                b'\\' if self.bytes.get(at + 1) == Some(&b'\n') => at += 2,
                b'\\' if self.bytes[at..].starts_with(b"\\\r\n") => at += 3,
                b'\n' => break,
                _ => at += 1,
            }
        }
        at
    }

    fn directive(&mut self) -> Result<(), Fault> {
        let start = self.at;
        let end = self.line_end();
        match directive::read(&self.text[start + 1..end]) {
            Directive::Define { offset } => {
                self.at = start + 1 + offset;
                self.define(end)?;
            }
            Directive::Line { line, file } => self.marker(end, line, file),
            Directive::Pack(pack) => self.pack(&pack),
            Directive::Nothing => {}
            Directive::Refused(word) => {
                self.at = (start + 1 + word.len()).min(end);
                let message =
                    format!("`#{word}` is for a preprocessor: pass the text through `cc -E` first");
                return self.fault(ErrorKind::Directive, message, start);
            }
        }
        while self.at < end {
            if self.byte(0) == b'\n' {
                self.newline();
            } else {
                self.at += 1;
            }
        }
        Ok(())
    }

    /// Reads the tokens of a definition.
    fn define(&mut self, end: usize) -> Result<(), Fault> {
        let mut tokens = Vec::new();
        loop {
            while self.at < end {
                match self.byte(0) {
                    b' ' | b'\t' | b'\r' | 0x0b | 0x0c => self.at += 1,
                    _ if !self.comment_or_splice()? => break,
                    _ => {}
                }
            }
            if self.at >= end {
                break;
            }
            tokens.push(self.token()?);
        }
        let end = tokens.last().map_or(clamp(end), |token| token.end);
        tokens.push(Token { kind: Kind::End, start: end, end, symbol: Symbol(0) });
        self.tokens.defines.push(Define { at: self.tokens.tokens.len(), tokens });
        Ok(())
    }

    fn marker(&mut self, end: usize, line: u32, file: Option<&str>) {
        let before = self.known.markers.last().map(|marker| marker.file.clone());
        let file = file.map(|file| match before.clone() {
            Some(before) if *before == *file => before,
            _ => file.into(),
        });
        let Some(file) = file.or(before) else { return };
        let start = clamp((end + 1).min(self.bytes.len()));
        self.known.markers.push(Marker { start, file, line });
    }

    fn pack(&mut self, pack: &Pack) {
        self.bound = match *pack {
            Pack::Set(value) => value,
            Pack::Push(value) => {
                self.pushed.push(self.bound);
                value.unwrap_or(self.bound)
            }
            Pack::Pop(value) => {
                let popped = self.pushed.pop();
                value.or(popped).unwrap_or(self.bound)
            }
        };
        self.tokens.packs.push((self.tokens.tokens.len(), self.bound));
    }
}

fn is_name_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte == b'$' || byte >= 0x80
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte >= 0x80
}

/// The punctuation that three bytes begin with, and its length.
fn mark(first: u8, second: u8, third: u8) -> Option<(Mark, usize)> {
    let three = match (first, second, third) {
        (b'.', b'.', b'.') => Some(Mark::Ellipsis),
        (b'<', b'<', b'=') | (b'>', b'>', b'=') => Some(Mark::Assignment),
        _ => None,
    };
    if let Some(mark) = three {
        return Some((mark, 3));
    }
    two(first, second).map(|mark| (mark, 2)).or_else(|| one(first).map(|mark| (mark, 1)))
}

fn two(first: u8, second: u8) -> Option<Mark> {
    Some(match (first, second) {
        (b'-', b'>') => Mark::Arrow,
        (b'&', b'&') => Mark::AndAnd,
        (b'|', b'|') => Mark::OrOr,
        (b'=', b'=') => Mark::EqualEqual,
        (b'!', b'=') => Mark::NotEqual,
        (b'<', b'=') => Mark::LessEqual,
        (b'>', b'=') => Mark::GreaterEqual,
        (b'<', b'<') => Mark::ShiftLeft,
        (b'>', b'>') => Mark::ShiftRight,
        (b'<', b':') => Mark::OpenBracket,
        (b':', b'>') => Mark::CloseBracket,
        (b'<', b'%') => Mark::OpenBrace,
        (b'%', b'>') => Mark::CloseBrace,
        (b'+', b'+') | (b'-', b'-') => Mark::Assignment,
        (b'+' | b'-' | b'*' | b'/' | b'%' | b'&' | b'|' | b'^', b'=') => Mark::Assignment,
        _ => return None,
    })
}

fn one(byte: u8) -> Option<Mark> {
    Some(match byte {
        b'(' => Mark::OpenParenthesis,
        b')' => Mark::CloseParenthesis,
        b'[' => Mark::OpenBracket,
        b']' => Mark::CloseBracket,
        b'{' => Mark::OpenBrace,
        b'}' => Mark::CloseBrace,
        b',' => Mark::Comma,
        b';' => Mark::Semicolon,
        b':' => Mark::Colon,
        b'?' => Mark::Question,
        b'.' => Mark::Dot,
        b'*' => Mark::Star,
        b'/' => Mark::Slash,
        b'%' => Mark::Percent,
        b'+' => Mark::Plus,
        b'-' => Mark::Minus,
        b'~' => Mark::Tilde,
        b'!' => Mark::Not,
        b'&' => Mark::And,
        b'|' => Mark::Or,
        b'^' => Mark::Xor,
        b'=' => Mark::Equal,
        b'<' => Mark::Less,
        b'>' => Mark::Greater,
        _ => return None,
    })
}
