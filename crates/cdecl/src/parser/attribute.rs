//! `__attribute__((..))`, `[[..]]`, `_Alignas`, and what of them counts.

use crate::constant::Value;
use crate::error::{Error, ErrorKind};
use crate::keyword::Keyword;
use crate::text::Span;
use crate::token::{Kind, Mark};
use crate::types::{Convention, Float, Integer, Type, TypeKind};

use super::Parser;

/// GCC's bound of an alignment.
const MAX_ALIGNMENT: i128 = 1 << 28;

/// A machine mode: the type, with sign, that has it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Mode {
    Integer(Integer),
    Float(Float),
    Complex(Float),
}

/// The greatest number that `nonnull` lists: C asks for as many parameters.
const MAX_NONNULL: i128 = 127;

/// The parameters that `nonnull` means, a bit for each.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Nonnull(u128);

impl Nonnull {
    /// Without a list it means all pointers.
    const ALL: Self = Self(u128::MAX);

    /// Whether a parameter is meant, counted from 0.
    pub(super) fn has(self, index: usize) -> bool {
        let bit = u32::try_from(index).ok().and_then(|index| self.0.checked_shr(index));
        self.0 == Self::ALL.0 || bit.is_some_and(|bits| bits & 1 == 1)
    }
}

/// The attributes of a declaration that change what it means.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Attributes {
    pub(super) is_packed: bool,
    /// The largest that is asked for.
    pub(super) alignment: Option<u64>,
    pub(super) is_noreturn: bool,
    pub(super) nonnull: Nonnull,
    pub(super) returns_nonnull: bool,
    pub(super) is_transparent: bool,
    pub(super) mode: Option<(Mode, Span)>,
    /// Bytes of a vector.
    pub(super) vector: Option<(u64, Span)>,
    pub(super) convention: Option<Convention>,
    /// `ms_struct` and the like: a layout that this crate does not know.
    pub(super) foreign: Option<Span>,
}

impl Attributes {
    /// These and those of a declarator.
    pub(super) fn and(&self, other: &Self) -> Self {
        let mut both = *self;
        both.is_packed |= other.is_packed;
        both.is_noreturn |= other.is_noreturn;
        both.nonnull.0 |= other.nonnull.0;
        both.returns_nonnull |= other.returns_nonnull;
        both.is_transparent |= other.is_transparent;
        both.alignment = both.alignment.max(other.alignment);
        both.mode = other.mode.or(both.mode);
        both.vector = other.vector.or(both.vector);
        both.convention = other.convention.or(both.convention);
        both.foreign = other.foreign.or(both.foreign);
        both
    }
}

impl Parser<'_> {
    /// Whether attributes begin here.
    pub(super) fn is_attribute(&self) -> bool {
        self.is_word(Keyword::Attribute)
            || (self.is(Mark::OpenBracket)
                && self.ahead(1).kind == Kind::Punctuation(Mark::OpenBracket))
    }

    /// Reads all attributes that stand here.
    pub(super) fn attributes(&mut self, into: &mut Attributes) -> Result<(), Error> {
        while self.is_attribute() {
            let is_gnu = self.take_word(Keyword::Attribute);
            let (open, shown, close, end) = match is_gnu {
                true => (Mark::OpenParenthesis, "`((`", Mark::CloseParenthesis, "`))`"),
                false => (Mark::OpenBracket, "`[[`", Mark::CloseBracket, "`]]`"),
            };
            self.expect(open, shown)?;
            self.expect(open, shown)?;
            while !self.is(close) {
                if !self.is(Mark::Comma) {
                    self.attribute(into)?;
                }
                if !self.take(Mark::Comma) {
                    break;
                }
            }
            self.expect(close, end)?;
            self.expect(close, end)?;
        }
        Ok(())
    }

    fn attribute(&mut self, into: &mut Attributes) -> Result<(), Error> {
        let mut first = self.next();
        // `gnu::packed`
        while self.is(Mark::Colon) && self.ahead(1).kind == Kind::Punctuation(Mark::Colon) {
            self.at += 2;
            first = self.next();
        }
        if !matches!(first.kind, Kind::Name | Kind::Keyword(_)) {
            self.at -= usize::from(first.kind != Kind::End);
            return Err(self.expected("an attribute"));
        }
        let name = self.spelled(first);
        let name = name.strip_prefix("__").unwrap_or(name);
        let name = name.strip_suffix("__").unwrap_or(name);
        match name {
            "packed" => into.is_packed = true,
            "noreturn" | "_Noreturn" => into.is_noreturn = true,
            "nonnull" => return self.nonnull(&mut into.nonnull),
            "returns_nonnull" => into.returns_nonnull = true,
            "transparent_union" => into.is_transparent = true,
            "stdcall" => into.convention = Some(Convention::Stdcall),
            "ms_abi" => into.convention = Some(Convention::Ms),
            "sysv_abi" => into.convention = Some(Convention::SysV),
            "vectorcall" | "regcall" | "aarch64_vector_pcs" | "preserve_most" | "preserve_all" => {
                into.convention = Some(Convention::Other);
            }
            "ms_struct" | "scalar_storage_order" => into.foreign = Some(self.since(first)),
            "aligned" => {
                let given = match self.take(Mark::OpenParenthesis) {
                    true => self.alignment_value()?,
                    false => Some(self.unit.target.max_align()),
                };
                into.alignment = into.alignment.max(given);
                return Ok(());
            }
            "vector_size" if self.take(Mark::OpenParenthesis) => {
                let (value, _) = self.constant()?;
                let bytes = value.and_then(|value| u64::try_from(value).ok());
                let bytes = bytes.filter(|bytes| bytes.is_power_of_two());
                let span = self.since(first);
                let Some(bytes) = bytes else {
                    let message = "the argument of `vector_size` is no power of two";
                    return Err(self.error(ErrorKind::InvalidType, message, span));
                };
                self.expect(Mark::CloseParenthesis, "`)`")?;
                into.vector = Some((bytes, span));
                return Ok(());
            }
            "mode" if self.take(Mark::OpenParenthesis) => {
                into.mode = Some(self.mode()?);
                self.expect(Mark::CloseParenthesis, "`)`")?;
                return Ok(());
            }
            _ => {}
        }
        if self.is(Mark::OpenParenthesis) {
            self.skip_brackets()?;
        }
        Ok(())
    }

    /// The list of `nonnull`, if there is one.
    fn nonnull(&mut self, into: &mut Nonnull) -> Result<(), Error> {
        if !self.take(Mark::OpenParenthesis) || self.take(Mark::CloseParenthesis) {
            *into = Nonnull::ALL;
            return Ok(());
        }
        loop {
            let first = self.peek();
            let (value, _) = self.constant()?;
            match value {
                Some(position @ 1..=MAX_NONNULL) => into.0 |= 1 << (position - 1),
                Some(position) if position > MAX_NONNULL => {
                    let message = format!(
                        "`nonnull` names parameter {position}, and {MAX_NONNULL} is the last that it may"
                    );
                    return Err(self.error(ErrorKind::Limit, message, self.since(first)));
                }
                // GCC passes over what is no parameter.
                _ => {}
            }
            if !self.take(Mark::Comma) {
                break;
            }
        }
        self.expect(Mark::CloseParenthesis, "`,` or `)`").map(drop)
    }

    /// An alignment up to the parenthesis behind it; none for 0, and where only a compiler knows it.
    fn alignment_value(&mut self) -> Result<Option<u64>, Error> {
        let first = self.peek();
        let (value, _) = self.constant()?;
        let span = self.since(first);
        self.expect(Mark::CloseParenthesis, "`)`")?;
        match value {
            None | Some(0) => Ok(None),
            Some(value @ 1..=MAX_ALIGNMENT) if value & (value - 1) == 0 => {
                Ok(u64::try_from(value).ok())
            }
            Some(value) => {
                let message =
                    format!("the alignment {value} is no power of two from 1 to {MAX_ALIGNMENT}");
                Err(self.error(ErrorKind::InvalidType, message, span))
            }
        }
    }

    /// `_Alignas(8)` or `_Alignas(double)`, behind the keyword.
    pub(super) fn alignas(&mut self, into: &mut Attributes) -> Result<(), Error> {
        self.expect(Mark::OpenParenthesis, "`(`")?;
        let alignment = if self.starts_type(0) {
            let first = self.peek();
            let ty = self.type_name()?;
            let layout = self.placed(self.unit.layout(ty), self.since(first))?;
            self.expect(Mark::CloseParenthesis, "`)`")?;
            Some(layout.alignment())
        } else {
            self.alignment_value()?
        };
        into.alignment = into.alignment.max(alignment);
        Ok(())
    }

    /// The type of a machine mode, with sign.
    fn mode(&mut self) -> Result<(Mode, Span), Error> {
        let token = self.next();
        let name = self.spelled(token).trim_matches('_');
        let integer = Mode::Integer;
        let kind = match name {
            "QI" | "byte" => integer(Integer::SignedChar),
            "HI" => integer(Integer::Short),
            "SI" => integer(Integer::Int),
            "DI" | "word" | "pointer" => integer(Integer::Long),
            "TI" => integer(Integer::Int128),
            "HF" => Mode::Float(Float::Float16),
            "SF" => Mode::Float(Float::Float),
            "DF" => Mode::Float(Float::Double),
            "XF" => Mode::Float(Float::Float80),
            "TF" => Mode::Float(Float::Float128),
            "SC" => Mode::Complex(Float::Float),
            "DC" => Mode::Complex(Float::Double),
            "XC" => Mode::Complex(Float::LongDouble),
            "TC" => Mode::Complex(Float::Float128),
            _ => {
                let message = format!("the machine mode `{name}` is unknown");
                return Err(self.error(ErrorKind::Unsupported, message, self.span(token)));
            }
        };
        Ok((kind, self.span(token)))
    }

    /// What `mode` and `vector_size` make of a type.
    pub(super) fn changed(&mut self, ty: Type, attributes: &Attributes) -> Result<Type, Error> {
        let mut ty = ty;
        if let Some((mode, span)) = attributes.mode {
            ty = self.with_mode(ty, mode, span)?;
        }
        if let Some((bytes, span)) = attributes.vector {
            let element = self.unit.resolve(ty);
            let kind = self.unit.kind(element);
            if !matches!(kind, TypeKind::Integer(_) | TypeKind::Float(_)) {
                let message = format!("`{}` makes no vector", self.unit.shown(ty));
                return Err(self.error(ErrorKind::InvalidType, message, span));
            }
            let size = self.placed(self.unit.layout(element), span)?.size();
            if bytes < size {
                let message = format!("a vector of {bytes} bytes has no room for {size}");
                return Err(self.error(ErrorKind::InvalidType, message, span));
            }
            ty = self.add(TypeKind::Vector { element: ty, length: bytes / size }, span)?;
        }
        Ok(ty)
    }

    fn with_mode(&self, ty: Type, mode: Mode, span: Span) -> Result<Type, Error> {
        let resolved = self.unit.resolve(ty);
        let kind = match (self.unit.kind(resolved), mode) {
            (TypeKind::Integer(from), Mode::Integer(to)) => {
                TypeKind::Integer(to.with_sign(self.unit.target.is_signed(*from)))
            }
            (TypeKind::Float(_), Mode::Float(to)) => TypeKind::Float(to),
            (TypeKind::Complex(_), Mode::Complex(to)) => TypeKind::Complex(to),
            (TypeKind::Pointer(_), Mode::Integer(Integer::Long)) => return Ok(ty),
            _ => {
                let message = format!("`{}` has no such machine mode", self.unit.shown(ty));
                return Err(self.error(ErrorKind::InvalidType, message, span));
            }
        };
        Ok(self.unit.basic(&kind).with(resolved.qualifiers))
    }

    /// Evaluates an expression; `None` where `...` leaves the value to a compiler.
    pub(super) fn constant(&mut self) -> Result<(Option<i128>, Integer), Error> {
        let first = self.peek();
        match self.conditional(true)? {
            Value::Integer { value, ty } => Ok((Some(value), ty)),
            Value::Unknown => Ok((None, Integer::Int)),
            Value::Float(value) => {
                let message = format!("{value} is not an integer constant");
                Err(self.error(ErrorKind::Constant, message, self.since(first)))
            }
        }
    }
}
