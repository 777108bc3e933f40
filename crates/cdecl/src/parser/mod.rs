//! From tokens to declarations. Each file has a part of the grammar.

mod attribute;
mod declarator;
mod enumeration;
mod expression;
mod external;
mod primary;
mod record;
mod specifier;

use std::collections::VecDeque;
use std::sync::Arc;

use crate::declaration::{Constant, Item, Origin};
use crate::error::{Error, ErrorKind};
use crate::keyword::Keyword;
use crate::symbol::Symbol;
use crate::text::{Span, Text, clamp, shortened};
use crate::token::{Define, Kind, Mark, Token, Tokens};
use crate::types::{Integer, Type, TypeKind};
use crate::unit::{Binding, Unit};

use self::declarator::Naming;
use self::specifier::Place;

/// How deep declarators, records, parameters and expressions may be nested in each other. C asks for 63.
/// A level takes up to 10 kB of stack in a build without optimisation, and a thread of Rust has 2 MB.
const MAX_NESTING: u32 = 100;

/// How much of a token stands in the message that it is not expected, in characters.
const MAX_FOUND: usize = 40;

pub(crate) struct Parser<'a> {
    unit: &'a mut Unit,
    text: &'a Text,
    number: u32,
    tokens: Vec<Token>,
    at: usize,
    defines: VecDeque<Define>,
    packs: Vec<(usize, u64)>,
    nesting: u32,
    /// Above 0 inside of a parameter list: arrays there may have lengths that only a call knows.
    parameters: u32,
    /// Above 0 where an error is caught: it needs no place and no text.
    tentative: u32,
    /// What the names of parameters stand for outside.
    hidden: Vec<(Symbol, Binding)>,
    origin: Origin,
}

impl<'a> Parser<'a> {
    pub(crate) fn new(unit: &'a mut Unit, text: &'a Text, number: u32, tokens: Tokens) -> Self {
        Self {
            unit,
            text,
            number,
            tokens: tokens.tokens,
            at: 0,
            defines: tokens.defines.into(),
            packs: tokens.packs,
            nesting: 0,
            parameters: 0,
            tentative: 0,
            hidden: Vec::new(),
            origin: Origin::C,
        }
    }

    /// A whole text.
    pub(crate) fn unit(&mut self) -> Result<(), Error> {
        while self.peek().kind != Kind::End {
            self.define_constants(self.at)?;
            self.external()?;
        }
        self.define_constants(usize::MAX)
    }

    /// A text that is one type.
    pub(crate) fn lone_type(&mut self) -> Result<Type, Error> {
        if let Some(define) = self.defines.front() {
            let span = define.tokens.first().map_or(self.here(), |&token| self.span(token));
            return Err(self.error(ErrorKind::Syntax, "a type has no `#define`", span));
        }
        let ty = self.type_name()?;
        match self.peek().kind {
            Kind::End => Ok(ty),
            _ => Err(self.expected("the end of the type")),
        }
    }

    /// A type without a name, as in a cast.
    fn type_name(&mut self) -> Result<Type, Error> {
        let specifiers = self.specifiers(Place::TypeName)?;
        let declarator = self.declarator(Naming::Abstract)?;
        self.apply(&specifiers, declarator)
    }

    // Tokens.

    fn peek(&self) -> Token {
        self.ahead(0)
    }

    fn ahead(&self, count: usize) -> Token {
        let last = self.tokens.last();
        let token = self.tokens.get(self.at + count).or(last);
        token.copied().unwrap_or(Token { kind: Kind::End, start: 0, end: 0, symbol: Symbol(0) })
    }

    /// Takes a token; the end stays.
    fn next(&mut self) -> Token {
        let token = self.peek();
        if token.kind != Kind::End {
            self.at += 1;
        }
        token
    }

    fn is(&self, mark: Mark) -> bool {
        self.peek().kind == Kind::Punctuation(mark)
    }

    fn is_word(&self, keyword: Keyword) -> bool {
        self.peek().kind == Kind::Keyword(keyword)
    }

    fn take(&mut self, mark: Mark) -> bool {
        let found = self.is(mark);
        self.at += usize::from(found);
        found
    }

    fn take_word(&mut self, keyword: Keyword) -> bool {
        let found = self.is_word(keyword);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, mark: Mark, shown: &str) -> Result<Token, Error> {
        match self.is(mark) {
            true => Ok(self.next()),
            false => Err(self.expected(shown)),
        }
    }

    fn spelled(&self, token: Token) -> &'a str {
        self.text.slice(token.start, token.end)
    }

    fn name(&self, symbol: Symbol) -> Arc<str> {
        self.unit.symbols.name(symbol)
    }

    // Places and errors.

    fn span(&self, token: Token) -> Span {
        Span { text: self.number, start: token.start, end: token.end }
    }

    fn here(&self) -> Span {
        self.span(self.peek())
    }

    /// From a token to the last that was taken.
    fn since(&self, token: Token) -> Span {
        let last = self.at.checked_sub(1).and_then(|at| self.tokens.get(at));
        let end = last.map_or(token.end, |last| last.end).max(token.end);
        Span { text: self.number, start: token.start, end }
    }

    fn error(&self, kind: ErrorKind, message: impl Into<String>, span: Span) -> Error {
        match self.tentative {
            0 => self.unit.error(kind, message, span),
            _ => Error::new(kind, ""),
        }
    }

    fn expected(&self, what: &str) -> Error {
        let token = self.peek();
        if self.tentative > 0 {
            return Error::new(ErrorKind::Syntax, "");
        }
        let found = match token.kind {
            Kind::End => String::from("the end of the text"),
            _ => format!("`{}`", shortened(self.spelled(token), MAX_FOUND)),
        };
        self.error(ErrorKind::Syntax, format!("expected {what}, found {found}"), self.span(token))
    }

    fn unclosed(&self, open: Token) -> Error {
        let message = format!("nothing closes this `{}`", self.spelled(open));
        self.error(ErrorKind::Unterminated, message, self.span(open))
    }

    /// Gives an error a place that has none.
    fn placed<T>(&self, result: Result<T, Error>, span: Span) -> Result<T, Error> {
        result.map_err(|error| match error.has_place() {
            true => error,
            false => self.error(error.kind(), error.message(), span),
        })
    }

    fn add(&mut self, kind: TypeKind, span: Span) -> Result<Type, Error> {
        let added = self.unit.add(kind);
        self.placed(added, span)
    }

    /// Runs a part of the grammar one level deeper.
    fn nested<T>(&mut self, run: impl FnOnce(&mut Self) -> Result<T, Error>) -> Result<T, Error> {
        if self.nesting >= MAX_NESTING {
            let message = format!("this is nested deeper than the bound of {MAX_NESTING}");
            return Err(self.error(ErrorKind::Limit, message, self.here()));
        }
        self.nesting += 1;
        let result = run(self);
        self.nesting -= 1;
        result
    }

    /// Runs a part of the grammar, and goes back to where it began if that fails.
    fn attempt<T>(&mut self, run: impl FnOnce(&mut Self) -> Result<T, Error>) -> Option<T> {
        let at = self.at;
        self.tentative += 1;
        let result = run(self);
        self.tentative -= 1;
        if result.is_err() {
            self.at = at;
        }
        result.ok()
    }

    /// Skips from an opening bracket to behind the one that closes it.
    fn skip_brackets(&mut self) -> Result<(), Error> {
        let first = self.next();
        let mut open = vec![first];
        while let Some(&innermost) = open.last() {
            let token = self.next();
            match token.kind {
                Kind::Punctuation(Mark::OpenParenthesis | Mark::OpenBracket | Mark::OpenBrace) => {
                    open.push(token);
                }
                Kind::Punctuation(
                    mark @ (Mark::CloseParenthesis | Mark::CloseBracket | Mark::CloseBrace),
                ) => {
                    if closing(innermost) != Some(mark) {
                        let message = format!("`{}` closes no bracket", self.spelled(token));
                        return Err(self.error(ErrorKind::Syntax, message, self.span(token)));
                    }
                    open.pop();
                }
                Kind::End => return Err(self.unclosed(innermost)),
                _ => {}
            }
        }
        Ok(())
    }

    /// The strings that stand here, as one.
    fn strings(&mut self) -> Result<String, Error> {
        let mut joined = String::new();
        if self.peek().kind != Kind::String {
            return Err(self.expected("a string"));
        }
        while self.peek().kind == Kind::String {
            let token = self.next();
            let text = self.spelled(token);
            let inside = text.find('"').map_or("", |quote| &text[quote + 1..]);
            joined.push_str(inside.strip_suffix('"').unwrap_or(inside));
        }
        Ok(joined)
    }

    /// The bound that `#pragma pack` sets here.
    fn pack(&self) -> Option<u64> {
        let before = self.packs.partition_point(|&(at, _)| at <= self.at);
        let bound = before.checked_sub(1).and_then(|at| self.packs.get(at));
        bound.map(|&(_, bound)| bound).filter(|&bound| bound > 0)
    }

    // Constants of `#define`.

    /// Defines what stands before a token.
    fn define_constants(&mut self, at: usize) -> Result<(), Error> {
        while let Some(define) = self.defines.pop_front_if(|define| define.at <= at) {
            let tokens = std::mem::replace(&mut self.tokens, define.tokens);
            let before = std::mem::replace(&mut self.at, 0);
            self.define()?;
            (self.tokens, self.at) = (tokens, before);
        }
        Ok(())
    }

    fn define(&mut self) -> Result<(), Error> {
        let name = self.next();
        if !matches!(name.kind, Kind::Name) {
            self.at = 0;
            return Err(self.expected("a name behind `#define`"));
        }
        let behind = self.peek();
        if behind.kind == Kind::Punctuation(Mark::OpenParenthesis) && behind.start == name.end {
            let message = format!("the macro `{}` has parameters", self.spelled(name));
            return Err(self.error(ErrorKind::Unsupported, message, self.span(name)));
        }
        let (value, ty) =
            if self.take(Mark::Ellipsis) { (None, Integer::Int) } else { self.constant()? };
        if self.peek().kind != Kind::End {
            return Err(self.expected("the end of the line"));
        }
        let span = self.span(name);
        self.declare_constant(name.symbol, value, ty, span, true)
    }

    /// Declares a constant; the same twice is no error.
    fn declare_constant(
        &mut self,
        symbol: Symbol,
        value: Option<i128>,
        ty: Integer,
        span: Span,
        is_macro: bool,
    ) -> Result<(), Error> {
        let name = self.name(symbol);
        match self.unit.bound(symbol) {
            Binding::Nothing => {}
            Binding::Constant(at) => {
                let before = &self.unit.constants[at as usize];
                if before.value == value {
                    return Ok(());
                }
                let shown = |value: Option<i128>| {
                    value.map_or_else(|| String::from("..."), |value| value.to_string())
                };
                let (new, old) = (shown(value), shown(before.value));
                let message = format!("the constant `{name}` is {new}, and was {old} before");
                return Err(self.error(ErrorKind::Redeclared, message, span));
            }
            _ => return Err(self.redeclared(&name, "a constant", span)),
        }
        let number = clamp(self.unit.constants.len());
        self.unit.constants.push(Constant { name, value, ty, span, is_macro });
        self.bind(symbol, Binding::Constant(number));
        self.unit.items.push(Item::Constant(number));
        Ok(())
    }

    fn bind(&mut self, symbol: Symbol, binding: Binding) {
        if let Some(bound) = self.unit.bindings.get_mut(symbol.0 as usize) {
            *bound = binding;
        }
    }

    fn redeclared(&self, name: &str, what: &str, span: Span) -> Error {
        let message = format!("`{name}` is {what} here, and was something else before");
        self.error(ErrorKind::Redeclared, message, span)
    }
}

/// What closes a bracket.
fn closing(open: Token) -> Option<Mark> {
    match open.kind {
        Kind::Punctuation(Mark::OpenParenthesis) => Some(Mark::CloseParenthesis),
        Kind::Punctuation(Mark::OpenBracket) => Some(Mark::CloseBracket),
        Kind::Punctuation(Mark::OpenBrace) => Some(Mark::CloseBrace),
        _ => None,
    }
}
