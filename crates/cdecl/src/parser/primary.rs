//! What stands alone in an expression: literals, names, `sizeof` and its like.

use crate::constant::{self, Value};
use crate::error::{Error, ErrorKind};
use crate::keyword::Keyword;
use crate::nearest;
use crate::text::Span;
use crate::token::{Kind, Mark};
use crate::types::{Integer, Length, Type, TypeKind};
use crate::unit::Binding;

use super::Parser;

impl Parser<'_> {
    pub(super) fn operand(&mut self, live: bool) -> Result<Value, Error> {
        let token = self.peek();
        let text = self.spelled(token);
        match token.kind {
            Kind::Number => {
                self.at += 1;
                let value = match is_float(text) {
                    true => constant::float_literal(text),
                    false => constant::integer_literal(text),
                };
                value.map_err(|message| self.error(ErrorKind::Token, message, self.span(token)))
            }
            Kind::Character => {
                self.at += 1;
                constant::character(text, self.unit.target)
                    .map_err(|message| self.error(ErrorKind::Token, message, self.span(token)))
            }
            Kind::Name => {
                let value = self.named_value()?;
                self.at += 1;
                Ok(value)
            }
            Kind::Keyword(Keyword::Sizeof) => {
                self.at += 1;
                self.size_of()
            }
            Kind::Keyword(Keyword::Alignof) => {
                self.at += 1;
                self.align_of()
            }
            Kind::Keyword(Keyword::Offsetof) => {
                self.at += 1;
                self.offset_of()
            }
            Kind::Keyword(Keyword::Extension) => {
                self.at += 1;
                self.unary(live)
            }
            Kind::String | Kind::Punctuation(Mark::And | Mark::Star) => {
                Err(self.not_constant(self.span(token)))
            }
            _ => Err(self.expected("an integer constant")),
        }
    }

    fn named_value(&self) -> Result<Value, Error> {
        let token = self.peek();
        match self.unit.bound(token.symbol) {
            Binding::Constant(at) => {
                let constant = &self.unit.constants[at as usize];
                Ok(match constant.value {
                    Some(value) => Value::Integer { value, ty: constant.ty },
                    None => Value::Unknown,
                })
            }
            Binding::Nothing if self.tentative == 0 => {
                let name = self.spelled(token);
                let names = self.unit.constants.iter().map(|constant| &*constant.name);
                let near = nearest::question(name, names);
                let message = format!("unknown name `{name}` in a constant{near}");
                Err(self.error(ErrorKind::UnknownName, message, self.span(token)))
            }
            _ => Err(self.not_constant(self.span(token))),
        }
    }

    /// The operand of `sizeof` or `_Alignof`: a type, or what is declared by a name; or else
    /// nothing, and an expression is here.
    fn operand_type(&mut self) -> Result<Option<Type>, Error> {
        let is_open = self.is(Mark::OpenParenthesis);
        if is_open && self.starts_type(1) {
            self.at += 1;
            let ty = self.nested(Self::type_name)?;
            self.expect(Mark::CloseParenthesis, "`)`")?;
            return Ok(Some(ty));
        }
        let start = self.at;
        while self.take(Mark::OpenParenthesis) {}
        let count = self.at - start;
        let Some(ty) = self.declared_type() else {
            self.at = start;
            return Ok(None);
        };
        self.at += 1;
        for _ in 0..count {
            self.expect(Mark::CloseParenthesis, "`)`")?;
        }
        Ok(Some(ty))
    }

    fn size_of(&mut self) -> Result<Value, Error> {
        let first = self.peek();
        if let Some(ty) = self.operand_type()? {
            return self.layout_value(ty, self.since(first), crate::Layout::size);
        }
        if first.kind == Kind::String {
            let strings = self.strings()?;
            return Ok(size(strings.len() as u64 + 1));
        }
        match self.unary(false)? {
            Value::Integer { ty, .. } => Ok(size(ty.size())),
            Value::Float(_) => Ok(size(8)),
            Value::Unknown => Ok(Value::Unknown),
        }
    }

    fn align_of(&mut self) -> Result<Value, Error> {
        let first = self.peek();
        match self.operand_type()? {
            Some(ty) => self.layout_value(ty, self.since(first), crate::Layout::alignment),
            None => Err(self.expected("a type in parentheses")),
        }
    }

    /// A number of a type's layout, unknown if the type is.
    fn layout_value(
        &self,
        ty: Type,
        span: Span,
        of: fn(crate::Layout) -> u64,
    ) -> Result<Value, Error> {
        // As GCC has it, these have the size 1.
        if matches!(self.unit.resolved_kind(ty), TypeKind::Void | TypeKind::Function(_)) {
            return Ok(size(1));
        }
        match self.unit.layout(ty) {
            Err(error) if error.kind() == ErrorKind::Partial => Ok(Value::Unknown),
            layout => Ok(size(of(self.placed(layout, span)?))),
        }
    }

    /// `offsetof(type, field.field[2])`, behind the keyword.
    fn offset_of(&mut self) -> Result<Value, Error> {
        self.expect(Mark::OpenParenthesis, "`(`")?;
        let mut ty = self.nested(Self::type_name)?;
        self.expect(Mark::Comma, "`,`")?;
        let mut bits = Some(0_u64);
        let first = self.peek();
        loop {
            let token = self.peek();
            if token.kind != Kind::Name {
                return Err(self.expected("the name of a field"));
            }
            self.at += 1;
            let member = self.unit.member(ty, self.spelled(token));
            let member = self.placed(member, self.span(token))?;
            ty = member.ty;
            bits = bits.zip(member.bit_offset).and_then(|(a, b)| a.checked_add(b));
            while self.take(Mark::OpenBracket) {
                let (index, _) = self.constant()?;
                self.expect(Mark::CloseBracket, "`]`")?;
                let TypeKind::Array { element, length } = *self.unit.resolved_kind(ty) else {
                    let message = format!("`{}` has no elements", self.unit.shown(ty));
                    let span = self.since(token);
                    return Err(self.error(ErrorKind::InvalidType, message, span));
                };
                ty = element;
                let index = index.and_then(|index| u64::try_from(index).ok());
                if let (Length::Known(length), Some(index)) = (length, index)
                    && index > length
                {
                    let message = format!("the index {index} is beyond the {length} elements");
                    let span = self.since(token);
                    return Err(self.error(ErrorKind::Constant, message, span));
                }
                let step = self.placed(self.unit.layout(ty), self.since(token))?.size();
                let step = index.and_then(|index| step.checked_mul(index)?.checked_mul(8));
                bits = bits.zip(step).and_then(|(a, b)| a.checked_add(b));
            }
            if !self.take(Mark::Dot) {
                break;
            }
        }
        let span = self.since(first);
        self.expect(Mark::CloseParenthesis, "`)`")?;
        match bits {
            Some(bits) if bits % 8 == 0 => Ok(size(bits / 8)),
            Some(_) => Err(self.not_constant(span)),
            None => Ok(Value::Unknown),
        }
    }
}

/// A value of type `size_t`.
fn size(bytes: u64) -> Value {
    Value::Integer { value: i128::from(bytes), ty: Integer::UnsignedLong }
}

fn is_float(text: &str) -> bool {
    let is_hexadecimal = text.starts_with("0x") || text.starts_with("0X");
    text.contains('.')
        || match is_hexadecimal {
            true => text.contains(['p', 'P']),
            false => text.contains(['e', 'E']) && !text.starts_with("0b"),
        }
}
