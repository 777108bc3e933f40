//! Types of methods and conversions.

use super::slots::{Literal, Slot};
use super::{Infer, SlotId};
use crate::fun::{Class, Kind};
use crate::ir::{Expr, Fun, Prim, Ty};

impl Infer<'_> {
    pub(super) fn method(&mut self, expr: &Expr, fun: Fun, args: &[Expr]) -> SlotId {
        let Some((receiver, rest)) = args.split_first() else { return self.slots.open() };
        let slot = self.expr(receiver);
        let Some(method) = fun.method() else {
            // `from` and `from_bits`: the reader knows what they make.
            if fun == Fun::From && matches!(expr.ty, Ty::Prim(_)) {
                self.froms.push((expr.ty, receiver.id));
            }
            return self.slots.of(expr.ty);
        };
        self.need(slot, method.on, receiver.id, format!("`{}`", method.name));
        for (arg, kind) in rest.iter().zip(method.args) {
            self.expr(arg);
            let context = format!("`{}` takes", method.name);
            match kind {
                Kind::Part => {
                    let part = self.part_of(slot);
                    self.expect(arg.id, part, &context);
                }
                Kind::I32 => self.expect_ty(arg.id, Ty::Prim(Prim::I32), &context),
                Kind::U32 => self.expect_ty(arg.id, Ty::Prim(Prim::U32), &context),
                _ => self.expect(arg.id, slot, &format!("`{}` is called on", method.name)),
            }
        }
        self.result(method.result, receiver, slot)
    }

    /// The type of the parts of a complex number; a float has itself.
    pub(super) fn part_of(&mut self, slot: SlotId) -> SlotId {
        match self.slots.get(slot) {
            Slot::Complex(part) => part,
            _ => slot,
        }
    }

    fn result(&mut self, kind: Kind, receiver: &Expr, slot: SlotId) -> SlotId {
        match kind {
            Kind::Same => slot,
            Kind::Bool => self.slots.of(Ty::Prim(Prim::Bool)),
            Kind::I32 => self.slots.of(Ty::Prim(Prim::I32)),
            Kind::U32 => self.slots.of(Ty::Prim(Prim::U32)),
            Kind::Part => match self.slots.get(slot) {
                Slot::Complex(part) => part,
                _ => self.slots.foreign(),
            },
            Kind::Complex => self.slots.add(Slot::Complex(slot)),
            Kind::Unsigned => match self.slots.get(slot) {
                Slot::Known(Ty::Prim(prim)) => self.slots.of(Ty::Prim(prim.unsigned())),
                Slot::Known(Ty::Param) => {
                    let message =
                        "the result's type would depend on the type parameter; cast first";
                    self.refuse(receiver.id, message.to_owned());
                    self.slots.add(Slot::Poison)
                }
                Slot::Open(open) if open.literal == Literal::Float => {
                    self.slots.of(Ty::Prim(Prim::U64))
                }
                Slot::Open(open) if open.literal == Literal::Int => {
                    self.slots.of(Ty::Prim(Prim::U32))
                }
                _ => self.slots.foreign(),
            },
        }
    }

    /// `f64::from(x)` and `x as f64`, once all types are known.
    pub(super) fn check_conversions(&mut self) {
        for (target, at) in std::mem::take(&mut self.froms) {
            let source = self.slots.ty(self.exprs[at]);
            if let (Ty::Prim(to), Ty::Prim(from)) = (target, source)
                && !is_lossless(from, to)
            {
                let (from, to) = (from.name(), to.name());
                let message = format!(
                    "`{to}::from` keeps all values, and of `{from}` it cannot; \
                                       cast with `as {to}`"
                );
                self.refuse(at, message);
            }
        }
        for (target, at) in std::mem::take(&mut self.casts) {
            let Some(class) = self.class(self.exprs[at]) else { continue };
            let message = match (class, target) {
                (Class::COMPLEX, _) => {
                    "a complex number cannot be cast; take `.re`, `.im` or \
                                        `.norm()`"
                }
                (Class::BOOL, Ty::Prim(prim)) if prim.is_float() => {
                    "a bool is cast to an integer first: `as u8 as f64`"
                }
                (Class::BOOL, Ty::Param) => "a bool is cast to an integer first: `as u8 as T`",
                (class, Ty::Prim(Prim::Bool)) if class != Class::BOOL => {
                    "nothing is cast to bool; compare it: `x != 0`"
                }
                (class, _) if !Class::ANY.contains(class) => {
                    "a tuple cannot be cast; cast its parts"
                }
                _ => continue,
            };
            self.refuse(at, message.to_owned());
        }
    }

    /// Variables are numbers.
    pub(super) fn check_variables(&mut self) {
        for at in std::mem::take(&mut self.lets) {
            if matches!(self.slots.get(self.exprs[at]), Slot::Tuple(_)) {
                let message =
                    "a variable holds one number; take the tuple apart: `let (a, b) = ..`";
                self.refuse(at, message.to_owned());
            }
        }
    }
}

/// Whether all values of a type are values of the other.
fn is_lossless(from: Prim, to: Prim) -> bool {
    let mantissa = |prim: Prim| if prim == Prim::F32 { 24 } else { 53 };
    let pointer = |prim: Prim| matches!(prim, Prim::Usize | Prim::Isize);
    if from == to {
        return true;
    }
    match (from, to) {
        (_, Prim::Bool) => false,
        (Prim::Bool, _) => true,
        (from, _) if pointer(from) => false,
        // As the standard library has it: from 8 bits, and from 16 where a sign is not lost.
        (from, Prim::Usize) => matches!(from, Prim::U8 | Prim::U16),
        (from, Prim::Isize) => matches!(from, Prim::U8 | Prim::I8 | Prim::I16),
        (from, to) if from.is_float() => to == Prim::F64,
        (from, to) if to.is_float() => from.bits() < mantissa(to),
        (from, to) if from.is_signed() == to.is_signed() => from.bits() <= to.bits(),
        (from, to) => !from.is_signed() && from.bits() < to.bits(),
    }
}
