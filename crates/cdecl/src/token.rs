//! The tokens of a text.

use crate::keyword::Keyword;
use crate::symbol::Symbol;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Name,
    Keyword(Keyword),
    Number,
    Character,
    String,
    /// One or more characters of punctuation, as in the text.
    Punctuation(Mark),
    /// The end of the text, or of a directive.
    End,
}

/// Punctuation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    OpenParenthesis,
    CloseParenthesis,
    OpenBracket,
    CloseBracket,
    OpenBrace,
    CloseBrace,
    Comma,
    Semicolon,
    Colon,
    Question,
    Ellipsis,
    Dot,
    Arrow,
    Star,
    Slash,
    Percent,
    Plus,
    Minus,
    Tilde,
    Not,
    And,
    Or,
    Xor,
    AndAnd,
    OrOr,
    Equal,
    EqualEqual,
    NotEqual,
    Less,
    Greater,
    LessEqual,
    GreaterEqual,
    ShiftLeft,
    ShiftRight,
    /// An assignment with an operator, `++`, `--`: only skipped.
    Assignment,
}

/// A token and its place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) start: u32,
    pub(crate) end: u32,
    /// Of names and keywords; 0 of others.
    pub(crate) symbol: Symbol,
}

/// `#define NAME value`: the tokens behind `#define`, which end in [`Kind::End`].
#[derive(Debug)]
pub(crate) struct Define {
    /// How many tokens of the text stand before it.
    pub(crate) at: usize,
    pub(crate) tokens: Vec<Token>,
}

/// A text as tokens, the last of which is [`Kind::End`].
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    pub(crate) tokens: Vec<Token>,
    pub(crate) defines: Vec<Define>,
    /// Where `#pragma pack` changes the bound of alignment: how many tokens stand before it, and the
    /// bound, or 0 for none.
    pub(crate) packs: Vec<(usize, u64)>,
}
