//! Types that are known, partly known or open, and their unification.

use crate::ir::{Bound, Prim, Ty};

pub(super) type SlotId = usize;

#[derive(Debug, Clone)]
pub(super) enum Slot {
    /// The same as another.
    Link(SlotId),
    Open(Open),
    Known(Ty),
    /// A complex number with parts of this type.
    Complex(SlotId),
    Tuple(Vec<SlotId>),
    /// Of something refused: fits everything.
    Poison,
}

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Open {
    pub(super) literal: Literal,
    /// Met the result of another kernel or an argument of one, so only the compiler can say.
    pub(super) foreign: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Literal {
    #[default]
    None,
    Int,
    Float,
}

/// Two types that are not the same.
#[derive(Debug, Clone, Copy)]
pub(super) enum Mismatch {
    /// `2` where a float is needed.
    IntForFloat,
    FloatForInt,
    Arity,
    Other,
}

impl Mismatch {
    /// What to do about it; `(got, want)` as shown.
    pub(super) fn hint(self, (got, want): &(String, String), bound: Option<Bound>) -> String {
        let is_number = |shown: &str| {
            Prim::by_name(shown.trim_matches('`')).is_some_and(|prim| prim != Prim::Bool)
        };
        match self {
            Self::IntForFloat if got == INTEGER => "; write it with a point, like `2.0`".to_owned(),
            Self::FloatForInt if bound == Some(Bound::Num) && got == FLOAT => {
                "; say `T::from_f64(..)`, since it may be an integer".to_owned()
            }
            Self::FloatForInt if got == FLOAT => {
                "; write it without a point, like `2`, or cast the other to it".to_owned()
            }
            Self::Arity => "; count the parts of the tuple".to_owned(),
            _ if got == "`bool`" && is_number(want) => {
                "; choose with `if`, or cast with `as`".to_owned()
            }
            _ if want == "`bool`" => "; compare it, like `x > 0.0`".to_owned(),
            _ if want.starts_with("`Complex") && is_number(got) => {
                "; say `Complex::new(x, 0.0)`".to_owned()
            }
            _ if is_number(got) && is_number(want) => {
                format!("; cast it: `as {}`", want.trim_matches('`'))
            }
            _ if want == "the type parameter" && is_number(got) => "; cast it: `as T`".to_owned(),
            _ if got == "the type parameter" && is_number(want) => {
                format!("; cast it: `as {}`", want.trim_matches('`'))
            }
            _ => String::new(),
        }
    }
}

const INTEGER: &str = "an integer";
const FLOAT: &str = "a float";

#[derive(Debug, Default)]
pub(super) struct Slots(Vec<Slot>);

impl Slots {
    pub(super) fn add(&mut self, slot: Slot) -> SlotId {
        self.0.push(slot);
        self.0.len() - 1
    }

    pub(super) fn open(&mut self) -> SlotId {
        self.add(Slot::Open(Open::default()))
    }

    pub(super) fn foreign(&mut self) -> SlotId {
        self.add(Slot::Open(Open { foreign: true, ..Open::default() }))
    }

    pub(super) fn literal(&mut self, literal: Literal) -> SlotId {
        self.add(Slot::Open(Open { literal, foreign: false }))
    }

    /// A slot of a type; an unknown one is open.
    pub(super) fn of(&mut self, ty: Ty) -> SlotId {
        match ty {
            Ty::Unknown => self.open(),
            Ty::Complex(part) => {
                let part = self.add(Slot::Known(part.map_or(Ty::Param, Ty::Prim)));
                self.add(Slot::Complex(part))
            }
            known => self.add(Slot::Known(known)),
        }
    }

    fn root(&mut self, mut slot: SlotId) -> SlotId {
        while let Slot::Link(next) = self.0[slot] {
            // Shorter for the next who asks.
            if let Slot::Link(after) = self.0[next] {
                self.0[slot] = Slot::Link(after);
            }
            slot = next;
        }
        slot
    }

    pub(super) fn get(&mut self, slot: SlotId) -> Slot {
        let root = self.root(slot);
        self.0[root].clone()
    }

    pub(super) fn poison(&mut self, slot: SlotId) {
        let root = self.root(slot);
        // What is known of a variable stays known: only open types stop being asked for.
        if matches!(self.0[root], Slot::Open(_)) {
            self.0[root] = Slot::Poison;
        }
    }

    pub(super) fn mark_foreign(&mut self, slot: SlotId) {
        let root = self.root(slot);
        if let Slot::Open(open) = &mut self.0[root] {
            open.foreign = true;
        }
    }

    pub(super) fn unify(
        &mut self,
        a: SlotId,
        b: SlotId,
        bound: Option<Bound>,
    ) -> Result<(), Mismatch> {
        let (a, b) = (self.root(a), self.root(b));
        if a == b {
            return Ok(());
        }
        match (self.0[a].clone(), self.0[b].clone()) {
            (Slot::Poison, _) | (_, Slot::Poison) => Ok(()),
            (Slot::Open(left), Slot::Open(right)) => {
                let literal = match (left.literal, right.literal) {
                    (Literal::None, other) | (other, Literal::None) => other,
                    (Literal::Int, Literal::Float) => return Err(Mismatch::IntForFloat),
                    (Literal::Float, Literal::Int) => return Err(Mismatch::FloatForInt),
                    (same, _) => same,
                };
                let foreign = left.foreign || right.foreign;
                self.0[b] = Slot::Open(Open { literal, foreign });
                self.0[a] = Slot::Link(b);
                Ok(())
            }
            (Slot::Open(open), known) => self.close(a, open, b, &known, bound),
            (known, Slot::Open(open)) => self.close(b, open, a, &known, bound),
            (Slot::Known(left), Slot::Known(right)) if left == right => Ok(()),
            (Slot::Complex(left), Slot::Complex(right)) => self.unify(left, right, bound),
            (Slot::Tuple(left), Slot::Tuple(right)) => {
                if left.len() != right.len() {
                    return Err(Mismatch::Arity);
                }
                left.iter().zip(&right).try_for_each(|(a, b)| self.unify(*a, *b, bound))
            }
            _ => Err(Mismatch::Other),
        }
    }

    /// Gives an open type one that is known.
    fn close(
        &mut self,
        open_slot: SlotId,
        open: Open,
        slot: SlotId,
        known: &Slot,
        bound: Option<Bound>,
    ) -> Result<(), Mismatch> {
        match (open.literal, known) {
            (Literal::None, _) => {}
            (literal, Slot::Known(ty)) => {
                let (int, float) = match ty {
                    Ty::Prim(prim) => (prim.is_int(), prim.is_float()),
                    Ty::Param => (bound != Some(Bound::Real), bound == Some(Bound::Real)),
                    _ => (false, false),
                };
                match literal {
                    Literal::Int if !int && float => return Err(Mismatch::IntForFloat),
                    Literal::Float if !float && int => return Err(Mismatch::FloatForInt),
                    Literal::Int if !int => return Err(Mismatch::Other),
                    Literal::Float if !float => return Err(Mismatch::Other),
                    _ => {}
                }
            }
            _ => return Err(Mismatch::Other),
        }
        if self.occurs(open_slot, slot) {
            return Err(Mismatch::Other);
        }
        self.0[open_slot] = Slot::Link(slot);
        Ok(())
    }

    /// Whether a type is a part of another, which would have no end.
    fn occurs(&mut self, part: SlotId, whole: SlotId) -> bool {
        let (part, whole) = (self.root(part), self.root(whole));
        part == whole
            || match self.0[whole].clone() {
                Slot::Tuple(parts) => parts.into_iter().any(|of| self.occurs(part, of)),
                Slot::Complex(of) => self.occurs(part, of),
                _ => false,
            }
    }

    /// Literals that met nothing are i32 and f64.
    pub(super) fn default_literals(&mut self) {
        for slot in &mut self.0 {
            if let Slot::Open(Open { literal, foreign: false }) = slot {
                match literal {
                    Literal::Int => *slot = Slot::Known(Ty::Prim(Prim::I32)),
                    Literal::Float => *slot = Slot::Known(Ty::Prim(Prim::F64)),
                    Literal::None => {}
                }
            }
        }
    }

    /// The type of a slot, as far as it is known.
    pub(super) fn ty(&mut self, slot: SlotId) -> Ty {
        match self.get(slot) {
            Slot::Known(ty) => ty,
            Slot::Complex(part) => match self.ty(part) {
                Ty::Prim(prim) => Ty::Complex(Some(prim)),
                Ty::Param => Ty::Complex(None),
                _ => Ty::Unknown,
            },
            Slot::Open(_) | Slot::Tuple(_) | Slot::Poison | Slot::Link(_) => Ty::Unknown,
        }
    }

    /// A type in the words of messages.
    pub(super) fn show(&mut self, slot: SlotId) -> String {
        match self.get(slot) {
            Slot::Known(Ty::Prim(prim)) => format!("`{}`", prim.name()),
            Slot::Known(Ty::Param) => "the type parameter".to_owned(),
            Slot::Complex(part) => match self.ty(part) {
                Ty::Prim(prim) => format!("`Complex<{}>`", prim.name()),
                _ => "a complex number".to_owned(),
            },
            Slot::Open(Open { literal: Literal::Int, .. }) => INTEGER.to_owned(),
            Slot::Open(Open { literal: Literal::Float, .. }) => FLOAT.to_owned(),
            Slot::Tuple(parts) => format!("a tuple of {}", parts.len()),
            _ => "a number".to_owned(),
        }
    }
}
