//! Structures and unions.

use std::collections::HashSet;
use std::sync::Arc;

use crate::declaration::{Completeness, Field, RecordKind};
use crate::error::{Error, ErrorKind};
use crate::keyword::Keyword;
use crate::symbol::Symbol;
use crate::text::Span;
use crate::token::{Kind, Mark};
use crate::types::{Integer, Length, RecordId, Type, TypeKind};

use super::Parser;
use super::attribute::Attributes;
use super::declarator::Naming;
use super::specifier::{Place, Specifiers};

/// The fields that were read.
#[derive(Default)]
struct Fields {
    fields: Vec<Field>,
    names: HashSet<Arc<str>>,
    is_partial: bool,
    /// An array without a length, behind which nothing may follow.
    flexible: Option<Span>,
    /// What is wrong unless `...` stands for more fields.
    fault: Option<Error>,
}

impl Parser<'_> {
    /// A record, from its keyword on; whether it is defined here.
    pub(super) fn record(&mut self, kind: RecordKind) -> Result<(Type, bool), Error> {
        let keyword = self.next();
        let mut attributes = Attributes::default();
        self.record_attributes(&mut attributes)?;
        let token = self.peek();
        let tag = (token.kind == Kind::Name).then_some(token);
        self.at += usize::from(tag.is_some());
        self.record_attributes(&mut attributes)?;
        if tag.is_none() && !self.is(Mark::OpenBrace) {
            return Err(self.expected("a tag or `{`"));
        }
        let span = self.span(tag.unwrap_or(keyword));
        let id = match tag {
            Some(token) => self.tagged_record(kind, token.symbol, span)?,
            None => self.unit.new_record(kind, None, span)?,
        };
        let defines = self.is(Mark::OpenBrace);
        if defines {
            self.body(id, attributes, span)?;
        }
        Ok((self.unit.record_by_id(id).ty(), defines))
    }

    /// The record of a tag, which is a new one where it is mentioned first.
    pub(super) fn tagged_record(
        &mut self,
        kind: RecordKind,
        tag: Symbol,
        span: Span,
    ) -> Result<RecordId, Error> {
        if let Some(id) = self.unit.tagged(tag).record(kind) {
            return Ok(id);
        }
        let id = self.unit.new_record(kind, Some(self.name(tag)), span)?;
        *self.unit.tags[tag.0 as usize].record_mut(kind) = Some(id);
        Ok(id)
    }

    fn record_attributes(&mut self, into: &mut Attributes) -> Result<(), Error> {
        loop {
            self.attributes(into)?;
            if !self.take_word(Keyword::Alignas) {
                return Ok(());
            }
            self.alignas(into)?;
        }
    }

    fn body(&mut self, id: RecordId, attributes: Attributes, span: Span) -> Result<(), Error> {
        self.check_undefined(id, span)?;
        let open = self.next();
        let mut fields = Fields::default();
        while !self.is(Mark::CloseBrace) {
            match self.peek().kind {
                Kind::End => return Err(self.unclosed(open)),
                Kind::Punctuation(Mark::Semicolon) => self.at += 1,
                Kind::Punctuation(Mark::Ellipsis) => {
                    self.at += 1;
                    self.expect(Mark::Semicolon, "`;`")?;
                    fields.is_partial = true;
                }
                Kind::Keyword(Keyword::StaticAssert) => self.assertion()?,
                _ => self.member(id, &mut fields)?,
            }
        }
        if let Some(fault) = fields.fault.filter(|_| !fields.is_partial) {
            return Err(fault);
        }
        let pack = self.pack();
        self.at += 1;
        let mut attributes = attributes;
        self.attributes(&mut attributes)?;
        // One may have been defined in its own braces.
        self.check_undefined(id, span)?;
        if let Some(span) = attributes.foreign {
            let message = "no layout but GCC's own is known";
            return Err(self.error(ErrorKind::Unsupported, message, span));
        }
        let record = &mut self.unit.records[id.0 as usize];
        record.fields = fields.fields;
        record.is_packed = attributes.is_packed;
        record.alignment = attributes.alignment;
        record.is_transparent = attributes.is_transparent;
        record.pack = pack;
        record.span = span;
        let layout = match fields.is_partial {
            true => None,
            false => self.unit.lay_out(&self.unit.records[id.0 as usize])?,
        };
        let record = &mut self.unit.records[id.0 as usize];
        record.completeness = match layout {
            Some(_) => Completeness::Complete,
            None => Completeness::Partial,
        };
        record.layout = layout;
        Ok(())
    }

    fn check_undefined(&self, id: RecordId, span: Span) -> Result<(), Error> {
        let record = self.unit.record_by_id(id);
        if record.completeness == Completeness::Incomplete {
            return Ok(());
        }
        let message = format!("`{}` is defined twice", self.unit.shown(record.ty()));
        Err(self.error(ErrorKind::Redeclared, message, span))
    }

    /// One declaration of fields.
    fn member(&mut self, id: RecordId, fields: &mut Fields) -> Result<(), Error> {
        let specifiers = self.specifiers(Place::Field)?;
        if self.is(Mark::Semicolon) {
            self.at += 1;
            return self.anonymous(specifiers, fields);
        }
        loop {
            self.field(id, &specifiers, fields)?;
            if !self.take(Mark::Comma) {
                break;
            }
        }
        self.expect(Mark::Semicolon, "`;` or `,`")?;
        Ok(())
    }

    /// A record without a tag and a name, whose members belong to the record around.
    fn anonymous(&mut self, specifiers: Specifiers, fields: &mut Fields) -> Result<(), Error> {
        let ty = specifiers.ty;
        let TypeKind::Record(inner) = *self.unit.kind(ty) else {
            if specifiers.is_tagged {
                return Ok(());
            }
            let message = format!("a field of type `{}` has no name", self.unit.shown(ty));
            return Err(self.error(ErrorKind::Syntax, message, specifiers.span));
        };
        if !specifiers.defines_record || self.unit.record_by_id(inner).tag.is_some() {
            return Ok(());
        }
        let mut names = Vec::new();
        self.unit.member_names(inner, &mut names);
        for name in names {
            if !fields.names.insert(name.clone()) {
                return Err(self.twice(&name, specifiers.span));
            }
        }
        self.check_last(fields);
        fields.fields.push(Field {
            name: None,
            ty,
            width: None,
            alignment: specifiers.attributes.alignment,
            is_packed: false,
            span: specifiers.span,
        });
        Ok(())
    }

    fn twice(&self, name: &str, span: Span) -> Error {
        self.error(ErrorKind::Redeclared, format!("the field `{name}` is there twice"), span)
    }

    /// An array without a length takes all that follows.
    fn check_last(&self, fields: &mut Fields) {
        if let Some(span) = fields.flexible.take() {
            let message = "an array without a length is not the last field";
            let fault = self.error(ErrorKind::InvalidType, message, span);
            fields.fault.get_or_insert(fault);
        }
    }

    fn field(
        &mut self,
        id: RecordId,
        specifiers: &Specifiers,
        fields: &mut Fields,
    ) -> Result<(), Error> {
        let mut attributes = Attributes::default();
        let (name, ty, span) = if self.is(Mark::Colon) {
            (None, specifiers.ty, self.here())
        } else {
            let mut declarator = self.declarator(Naming::Named)?;
            self.attributes(&mut declarator.attributes)?;
            attributes = declarator.attributes;
            (declarator.name, self.apply(specifiers, declarator)?, self.here())
        };
        let span = name.map_or(span, |(_, span)| span);
        let width = match self.take(Mark::Colon) {
            true => Some(self.width(ty, name.is_some())?),
            false => None,
        };
        self.attributes(&mut attributes)?;
        let attributes = specifiers.attributes.and(&attributes);
        match self.check_field(ty, span) {
            Err(error) if error.kind() == ErrorKind::Incomplete => {
                fields.fault.get_or_insert(error);
            }
            checked => checked?,
        }
        self.check_last(fields);
        let name = name.map(|(symbol, _)| self.name(symbol));
        if let Some(name) = &name
            && !fields.names.insert(name.clone())
        {
            return Err(self.twice(name, span));
        }
        let is_open =
            matches!(self.unit.resolved_kind(ty), TypeKind::Array { length: Length::Open, .. });
        if is_open && self.unit.record_by_id(id).kind == RecordKind::Struct {
            fields.flexible = Some(span);
        }
        fields.fields.push(Field {
            name,
            ty,
            width,
            alignment: attributes.alignment,
            is_packed: attributes.is_packed,
            span,
        });
        Ok(())
    }

    fn check_field(&self, ty: Type, span: Span) -> Result<(), Error> {
        let kind = match self.unit.resolved_kind(ty) {
            TypeKind::Void | TypeKind::Function(_) => ErrorKind::InvalidType,
            TypeKind::Record(id)
                if self.unit.record_by_id(*id).completeness == Completeness::Incomplete =>
            {
                ErrorKind::Incomplete
            }
            _ => return Ok(()),
        };
        let message = format!("a field cannot have the type `{}`", self.unit.shown(ty));
        Err(self.error(kind, message, span))
    }

    /// The number of bits of a bit-field.
    fn width(&mut self, ty: Type, is_named: bool) -> Result<u32, Error> {
        let first = self.peek();
        let (value, _) = self.constant()?;
        let span = self.since(first);
        let Some(value) = value else {
            let message = "no compiler can tell the width of a bit-field: write a number";
            return Err(self.error(ErrorKind::Constant, message, span));
        };
        let bits = match self.unit.resolved_kind(ty) {
            TypeKind::Bool => 1,
            TypeKind::Integer(integer) => integer.bits(),
            TypeKind::Enum(id) => {
                let underlying = self.unit.enum_by_id(*id).underlying;
                underlying.map_or(Integer::Int.bits(), Integer::bits)
            }
            TypeKind::SomeInteger => 64,
            _ => {
                let message = format!("`{}` makes no bit-field", self.unit.shown(ty));
                return Err(self.error(ErrorKind::InvalidType, message, span));
            }
        };
        let least = i128::from(is_named);
        match u32::try_from(value) {
            Ok(width) if (least..=i128::from(bits)).contains(&value) => Ok(width),
            _ => {
                let message = format!(
                    "a bit-field of `{}` has {value} bits, and may have {least} to {bits}",
                    self.unit.shown(ty)
                );
                Err(self.error(ErrorKind::InvalidType, message, span))
            }
        }
    }
}
