//! Integer constant expressions, which are evaluated as they are read.

use crate::constant::{self, Binary, Value, common};
use crate::error::{Error, ErrorKind};
use crate::text::Span;
use crate::token::{Kind, Mark, Token};
use crate::types::{Float, Integer, Type, TypeKind};

use super::Parser;

/// An operator and its left operand.
struct Waiting {
    operator: Operator,
    strength: u8,
    value: Value,
    /// Of the left operand of a logical operator.
    truth: Option<bool>,
    first: Token,
    /// Whether the whole has a value.
    live: bool,
}

impl Parser<'_> {
    /// `condition ? value : other`, and all that binds closer. What is not `live` is read but has no
    /// value, so that `1 ? 2 : 1 / 0` is 2.
    pub(super) fn conditional(&mut self, live: bool) -> Result<Value, Error> {
        let first = self.peek();
        let condition = self.operation(live)?;
        if !self.take(Mark::Question) {
            return Ok(condition);
        }
        let truth = self.truth(condition, self.since(first))?;
        let chosen = match self.is(Mark::Colon) {
            // GNU's `condition ?: other`
            true => condition,
            false => self.nested(|parser| parser.conditional(live && truth != Some(false)))?,
        };
        self.expect(Mark::Colon, "`:`")?;
        let other = self.nested(|parser| parser.conditional(live && truth != Some(true)))?;
        Ok(self.chosen(truth, chosen, other))
    }

    /// The value that a condition chooses, in the type that both have.
    fn chosen(&self, truth: Option<bool>, yes: Value, no: Value) -> Value {
        let value = match truth {
            Some(true) => yes,
            Some(false) => no,
            None => return Value::Unknown,
        };
        match (value, yes, no) {
            (
                Value::Integer { value, .. },
                Value::Integer { ty: one, .. },
                Value::Integer { ty: other, .. },
            ) => {
                let ty = common(one, other);
                Value::Integer { value: constant::wrap(value, ty, self.unit.target), ty }
            }
            _ => value,
        }
    }

    /// Whether a value is not 0; `None` where only a compiler knows.
    fn truth(&self, value: Value, span: Span) -> Result<Option<bool>, Error> {
        match value {
            Value::Integer { value, .. } => Ok(Some(value != 0)),
            Value::Unknown => Ok(None),
            Value::Float(_) => Err(self.not_constant(span)),
        }
    }

    pub(super) fn not_constant(&self, span: Span) -> Error {
        if self.tentative > 0 {
            return Error::new(ErrorKind::Constant, "");
        }
        let text = self.text.slice(span.start, span.end);
        let text: String = text.chars().take(60).collect();
        let message = format!("`{text}` is not an integer constant");
        self.error(ErrorKind::Constant, message, span)
    }

    /// Operators of two operands. Those that wait for their right one are a list and no recursion, which
    /// would take ten frames of stack for each parenthesis.
    fn operation(&mut self, live: bool) -> Result<Value, Error> {
        let mut waiting: Vec<Waiting> = Vec::new();
        let mut live = live;
        loop {
            let mut first = self.peek();
            let mut value = self.unary(live)?;
            let next = operator(self.peek().kind);
            let strength = next.as_ref().map_or(0, |&(_, strength)| strength);
            while let Some(left) = waiting.pop_if(|left| left.strength >= strength) {
                value = self.combine(&left, value)?;
                (first, live) = (left.first, left.live);
            }
            let Some((operator, strength)) = next else { return Ok(value) };
            self.at += 1;
            let (mut truth, was_live) = (None, live);
            if let Operator::Logical { decides } = operator {
                truth = self.truth(value, self.since(first))?;
                live &= truth != Some(decides);
            }
            waiting.push(Waiting { operator, strength, value, truth, first, live: was_live });
        }
    }

    fn combine(&self, left: &Waiting, right: Value) -> Result<Value, Error> {
        let span = self.since(left.first);
        match left.operator {
            Operator::Binary(binary) => self.compute(binary, left.value, right, left.live, span),
            Operator::Logical { decides } => {
                let right = self.truth(right, span)?;
                Ok(match (left.truth, right) {
                    (Some(left), _) if left == decides => constant::boolean(decides),
                    (Some(_), Some(right)) => constant::boolean(right),
                    _ => Value::Unknown,
                })
            }
        }
    }

    fn compute(
        &self,
        binary: Binary,
        left: Value,
        right: Value,
        live: bool,
        span: Span,
    ) -> Result<Value, Error> {
        match (left, right) {
            (Value::Integer { value: a, ty: left }, Value::Integer { value: b, ty: right }) => {
                match constant::binary(binary, (a, left), (b, right), self.unit.target) {
                    Ok(value) => Ok(value),
                    Err(_) if !live => {
                        Ok(Value::Integer { value: 0, ty: binary.result(left, right) })
                    }
                    Err(message) => Err(self.error(ErrorKind::Constant, message, span)),
                }
            }
            (Value::Float(_), _) | (_, Value::Float(_)) => Err(self.not_constant(span)),
            _ => Ok(Value::Unknown),
        }
    }

    /// A sign, a cast, or an operand.
    pub(super) fn unary(&mut self, live: bool) -> Result<Value, Error> {
        self.nested(|parser| parser.signed(live))
    }

    fn signed(&mut self, live: bool) -> Result<Value, Error> {
        let first = self.peek();
        let Kind::Punctuation(mark) = first.kind else { return self.operand(live) };
        if mark == Mark::OpenParenthesis {
            return self.parenthesis(live);
        }
        if !matches!(mark, Mark::Plus | Mark::Minus | Mark::Tilde | Mark::Not) {
            return self.operand(live);
        }
        self.at += 1;
        let value = self.unary(live)?;
        let span = self.since(first);
        let target = self.unit.target;
        match (mark, value) {
            (Mark::Minus, Value::Float(value)) => Ok(Value::Float(-value)),
            (Mark::Plus, Value::Float(_)) | (_, Value::Unknown) => Ok(value),
            (Mark::Not, value) => {
                let truth = self.truth(value, span)?;
                Ok(truth.map_or(Value::Unknown, |truth| constant::boolean(!truth)))
            }
            (_, Value::Float(_)) => Err(self.not_constant(span)),
            (Mark::Tilde, Value::Integer { value, ty }) => {
                Ok(constant::complement(value, ty, target))
            }
            (Mark::Minus, Value::Integer { value, ty }) => {
                match constant::negate(value, ty, target) {
                    Ok(value) => Ok(value),
                    Err(_) if !live => Ok(Value::Integer { value: 0, ty: constant::promoted(ty) }),
                    Err(message) => Err(self.error(ErrorKind::Constant, message, span)),
                }
            }
            (_, Value::Integer { value, ty }) => {
                Ok(Value::Integer { value, ty: constant::promoted(ty) })
            }
        }
    }

    /// A cast, or an expression in parentheses.
    fn parenthesis(&mut self, live: bool) -> Result<Value, Error> {
        let open = self.next();
        if !self.starts_type(0) {
            let value = self.conditional(live)?;
            self.expect(Mark::CloseParenthesis, "`)`")?;
            return Ok(value);
        }
        let ty = self.type_name()?;
        self.expect(Mark::CloseParenthesis, "`)`")?;
        let value = self.unary(live)?;
        let span = self.since(open);
        self.cast(value, ty, live, span)
    }

    fn cast(&self, value: Value, ty: Type, live: bool, span: Span) -> Result<Value, Error> {
        let kind = self.unit.resolved_kind(ty);
        let integer = match kind {
            TypeKind::Bool => {
                let truth = match value {
                    Value::Float(value) => Some(value != 0.0),
                    other => self.truth(other, span)?,
                };
                // C has no literal of this type; in an operation it becomes `int`.
                return Ok(truth.map_or(Value::Unknown, |truth| Value::Integer {
                    value: i128::from(truth),
                    ty: Integer::UnsignedChar,
                }));
            }
            TypeKind::SomeInteger => return Ok(Value::Unknown),
            TypeKind::Float(Float::Float | Float::Double) => {
                return match value {
                    Value::Float(value) => Ok(Value::Float(value)),
                    _ => Err(self.not_constant(span)),
                };
            }
            TypeKind::Enum(id) if self.unit.enum_by_id(*id).underlying.is_none() => {
                return Ok(Value::Unknown);
            }
            _ => self.integer_of(ty),
        };
        let Some(ty) = integer else { return Err(self.not_constant(span)) };
        let target = self.unit.target;
        match value {
            Value::Unknown => Ok(Value::Unknown),
            Value::Integer { value, .. } => {
                Ok(Value::Integer { value: constant::wrap(value, ty, target), ty })
            }
            Value::Float(float) => {
                let whole = truncated(float).filter(|&whole| constant::fits(whole, ty, target));
                match whole {
                    Some(value) => Ok(Value::Integer { value, ty }),
                    None if !live => Ok(Value::Integer { value: 0, ty }),
                    None => {
                        let message = format!("{float} does not fit into `{}`", ty.name());
                        Err(self.error(ErrorKind::Constant, message, span))
                    }
                }
            }
        }
    }
}

/// The whole part of a number that has at most 64 bits.
fn truncated(float: f64) -> Option<i128> {
    let bound = 18_446_744_073_709_551_616.0;
    if !(float > -bound && float < bound) {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "it was compared with the bounds")]
    Some(float.trunc() as i128)
}

#[derive(Clone, Copy)]
enum Operator {
    Binary(Binary),
    /// `&&`, which false decides, or `||`, which true does.
    Logical {
        decides: bool,
    },
}

/// An operator and its strength.
fn operator(kind: Kind) -> Option<(Operator, u8)> {
    let Kind::Punctuation(mark) = kind else { return None };
    let binary = |binary, strength| Some((Operator::Binary(binary), strength));
    match mark {
        Mark::OrOr => Some((Operator::Logical { decides: true }, 1)),
        Mark::AndAnd => Some((Operator::Logical { decides: false }, 2)),
        Mark::Or => binary(Binary::Or, 3),
        Mark::Xor => binary(Binary::Xor, 4),
        Mark::And => binary(Binary::And, 5),
        Mark::EqualEqual => binary(Binary::Equal, 6),
        Mark::NotEqual => binary(Binary::NotEqual, 6),
        Mark::Less => binary(Binary::Less, 7),
        Mark::Greater => binary(Binary::Greater, 7),
        Mark::LessEqual => binary(Binary::LessEqual, 7),
        Mark::GreaterEqual => binary(Binary::GreaterEqual, 7),
        Mark::ShiftLeft => binary(Binary::ShiftLeft, 8),
        Mark::ShiftRight => binary(Binary::ShiftRight, 8),
        Mark::Plus => binary(Binary::Add, 9),
        Mark::Minus => binary(Binary::Subtract, 9),
        Mark::Star => binary(Binary::Multiply, 10),
        Mark::Slash => binary(Binary::Divide, 10),
        Mark::Percent => binary(Binary::Remainder, 10),
        _ => None,
    }
}
