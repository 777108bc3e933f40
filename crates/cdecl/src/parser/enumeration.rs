//! Enumerations.

use crate::constant::fits;
use crate::declaration::{Completeness, Enumerator};
use crate::error::{Error, ErrorKind};
use crate::text::Span;
use crate::token::{Kind, Mark};
use crate::types::{EnumId, Integer, Type, TypeKind};

use super::Parser;
use super::attribute::Attributes;
use super::specifier::Place;

impl Parser<'_> {
    /// An enumeration, from its keyword on.
    pub(super) fn enumeration(&mut self) -> Result<Type, Error> {
        let keyword = self.next();
        let mut attributes = Attributes::default();
        self.attributes(&mut attributes)?;
        let token = self.peek();
        let tag = (token.kind == Kind::Name).then_some(token);
        self.at += usize::from(tag.is_some());
        let fixed = match self.is(Mark::Colon) && self.starts_type(1) {
            true => Some(self.fixed()?),
            false => None,
        };
        if tag.is_none() && !self.is(Mark::OpenBrace) {
            return Err(self.expected("a tag or `{`"));
        }
        let span = self.span(tag.unwrap_or(keyword));
        let known = tag.and_then(|token| self.unit.tagged(token.symbol).enumeration);
        let id = match (known, tag) {
            (Some(id), _) => id,
            (None, Some(token)) => {
                let id = self.unit.new_enum(Some(self.name(token.symbol)), span)?;
                self.unit.tags[token.symbol.0 as usize].enumeration = Some(id);
                id
            }
            (None, None) => self.unit.new_enum(None, span)?,
        };
        if self.is(Mark::OpenBrace) {
            self.enumerators(id, attributes, fixed, span)?;
        } else if let Some(fixed) = fixed {
            self.store_in(id, fixed, span)?;
        }
        Ok(self.unit.enum_by_id(id).ty())
    }

    /// What stands in braces elsewhere is stored in this integer.
    fn store_in(&mut self, id: EnumId, fixed: Integer, span: Span) -> Result<(), Error> {
        let underlying = self.unit.enum_by_id(id).underlying;
        if let Some(other) = underlying.filter(|&other| other != fixed) {
            let shown = self.unit.shown(self.unit.enum_by_id(id).ty());
            let message =
                format!("`{shown}` is stored in `{}`, and was in `{}`", fixed.name(), other.name());
            return Err(self.error(ErrorKind::Redeclared, message, span));
        }
        self.unit.enums[id.0 as usize].underlying = Some(fixed);
        Ok(())
    }

    /// `: type`, as C23 has it.
    fn fixed(&mut self) -> Result<Integer, Error> {
        self.at += 1;
        let specifiers = self.specifiers(Place::TypeName)?;
        match self.unit.resolved_kind(specifiers.ty) {
            TypeKind::Integer(integer) => Ok(*integer),
            _ => {
                let message = "an enumeration is stored in an integer";
                Err(self.error(ErrorKind::InvalidType, message, specifiers.span))
            }
        }
    }

    fn enumerators(
        &mut self,
        id: EnumId,
        attributes: Attributes,
        fixed: Option<Integer>,
        span: Span,
    ) -> Result<(), Error> {
        let enumeration = self.unit.enum_by_id(id);
        if enumeration.completeness != Completeness::Incomplete {
            let message = format!("`{}` is defined twice", self.unit.shown(enumeration.ty()));
            return Err(self.error(ErrorKind::Redeclared, message, span));
        }
        let open = self.next();
        if self.is(Mark::CloseBrace) {
            return Err(self.expected("a constant"));
        }
        let mut list: Vec<Enumerator> = Vec::new();
        let (mut is_partial, mut next) = (false, Some(0_i128));
        while !self.is(Mark::CloseBrace) && self.peek().kind != Kind::End {
            if self.take(Mark::Ellipsis) {
                is_partial = true;
                self.take(Mark::Comma);
                break;
            }
            let enumerator = self.enumerator(next, fixed)?;
            is_partial |= enumerator.value.is_none();
            next = enumerator.value.map(|value| value.saturating_add(1));
            list.push(enumerator);
            if !self.take(Mark::Comma) {
                break;
            }
        }
        if self.peek().kind == Kind::End {
            return Err(self.unclosed(open));
        }
        self.expect(Mark::CloseBrace, "`,` or `}`")?;
        let mut attributes = attributes;
        self.attributes(&mut attributes)?;
        let underlying = match fixed {
            Some(fixed) => Some(fixed),
            None if is_partial => None,
            None => Some(self.storage_of(&list, attributes.is_packed, span)?),
        };
        let enumeration = &mut self.unit.enums[id.0 as usize];
        enumeration.enumerators = list;
        enumeration.underlying = underlying;
        enumeration.span = span;
        enumeration.completeness = match is_partial {
            true => Completeness::Partial,
            false => Completeness::Complete,
        };
        Ok(())
    }

    fn enumerator(
        &mut self,
        next: Option<i128>,
        fixed: Option<Integer>,
    ) -> Result<Enumerator, Error> {
        let token = self.peek();
        if token.kind != Kind::Name {
            return Err(self.expected("the name of a constant"));
        }
        self.at += 1;
        self.attributes(&mut Attributes::default())?;
        let (mut value, mut span) = (next, self.span(token));
        if self.take(Mark::Equal) {
            let first = self.peek();
            value = match self.take(Mark::Ellipsis) {
                true => None,
                false => {
                    let (value, ty) = self.constant()?;
                    // Bits of 128 without sign have no place here.
                    let is_huge = ty == Integer::UnsignedInt128;
                    value.map(|value| if is_huge && value < 0 { i128::MAX } else { value })
                }
            };
            span = self.since(first);
        }
        let target = self.unit.target;
        let mut ty = fixed.unwrap_or(Integer::Int);
        if let Some(value) = value {
            let choices =
                [Integer::Int, Integer::UnsignedInt, Integer::Long, Integer::UnsignedLong];
            let found = match fixed {
                Some(fixed) => fits(value, fixed, target).then_some(fixed),
                None => choices.into_iter().find(|&ty| fits(value, ty, target)),
            };
            let Some(found) = found else {
                let bound = fixed.map_or("64 bits", Integer::name);
                let message = format!(
                    "the constant `{}` is {value}, which does not fit into {bound}",
                    self.spelled(token)
                );
                return Err(self.error(ErrorKind::Constant, message, span));
            };
            ty = found;
        }
        let place = self.span(token);
        self.declare_constant(token.symbol, value, ty, place, false)?;
        Ok(Enumerator { name: self.name(token.symbol), value, span: place })
    }

    /// The integer that GCC stores an enumeration in.
    fn storage_of(
        &self,
        list: &[Enumerator],
        is_packed: bool,
        span: Span,
    ) -> Result<Integer, Error> {
        let values = || list.iter().filter_map(|enumerator| enumerator.value);
        let (least, most) = (values().min().unwrap_or(0), values().max().unwrap_or(0));
        let choices: &[Integer] = match (is_packed, least < 0) {
            (true, false) => &[
                Integer::UnsignedChar,
                Integer::UnsignedShort,
                Integer::UnsignedInt,
                Integer::UnsignedLong,
            ],
            (true, true) => &[Integer::SignedChar, Integer::Short, Integer::Int, Integer::Long],
            (false, false) => &[Integer::UnsignedInt, Integer::UnsignedLong],
            (false, true) => &[Integer::Int, Integer::Long],
        };
        let target = self.unit.target;
        let holds = |ty: &Integer| fits(least, *ty, target) && fits(most, *ty, target);
        choices.iter().copied().find(holds).ok_or_else(|| {
            let message = format!("no integer of 64 bits holds both {least} and {most}");
            self.error(ErrorKind::Constant, message, span)
        })
    }

    /// The integer that a type is, or that an enumeration is stored in.
    pub(super) fn integer_of(&self, ty: Type) -> Option<Integer> {
        match self.unit.resolved_kind(ty) {
            TypeKind::Integer(integer) => Some(*integer),
            TypeKind::Enum(id) => self.unit.enum_by_id(*id).underlying,
            _ => None,
        }
    }
}
