//! The types of all expressions, by unification within the function.
//!
//! Parameters, literals with a suffix and annotations are known. A literal without takes the type of
//! what it meets, and i32 or f64 where it meets nothing, as in Rust. Results of other kernels and
//! constants of the user take any type; if none is demanded they stay `Unknown`.

mod expressions;
mod methods;
mod slots;
mod statements;

use crate::fun::Class;
use crate::ir::{Bound, Expr, ExprId, Kernel, ParamKind, Ty, VarId};
use crate::read::{Notes, Read};
use crate::refusals::Refusals;
use crate::walk::{self, Walk};
use slots::{Slot, SlotId, Slots};

/// Types a kernel. What does not fit is refused.
pub(crate) fn types(read: Read, refusals: &mut Refusals) -> Kernel {
    let Read { mut kernel, notes } = read;
    let mut slots = Slots::default();
    let vars = kernel.vars.iter().map(|var| slots.of(var.ty)).collect();
    let exprs = notes.extents.iter().map(|_| slots.open()).collect();
    let bound = kernel.generic.as_ref().map(|generic| generic.bound);
    let returns = returned(&kernel, &mut slots);
    let mut infer = Infer {
        kernel: &kernel,
        notes: &notes,
        refusals,
        slots,
        vars,
        exprs,
        needs: vec![],
        froms: vec![],
        casts: vec![],
        lets: vec![],
        bound,
        returns,
    };
    infer.body();
    infer.slots.default_literals();
    infer.check();
    let Infer { mut slots, vars, exprs, .. } = infer;
    for (var, slot) in kernel.vars.iter_mut().zip(&vars) {
        var.ty = slots.ty(*slot);
    }
    Settle { slots: &mut slots, exprs: &exprs }.block(&mut kernel.body);
    kernel
}

/// What `return` takes.
fn returned(kernel: &Kernel, slots: &mut Slots) -> Option<SlotId> {
    let known = |slots: &mut Slots, ty: &Ty| match ty {
        Ty::Unknown => slots.add(Slot::Poison),
        ty => slots.of(*ty),
    };
    match &kernel.returns[..] {
        [] => None,
        [one] if !kernel.returns_tuple => Some(known(slots, one)),
        many => {
            let parts = many.iter().map(|ty| known(slots, ty)).collect();
            Some(slots.add(Slot::Tuple(parts)))
        }
    }
}

/// What an operation needs of a type that may not be known yet.
struct Need {
    slot: SlotId,
    class: Class,
    at: ExprId,
    /// What needs it: `+`, `sqrt`.
    what: String,
}

struct Infer<'a> {
    kernel: &'a Kernel,
    notes: &'a Notes,
    refusals: &'a mut Refusals,
    slots: Slots,
    vars: Vec<SlotId>,
    exprs: Vec<SlotId>,
    needs: Vec<Need>,
    /// `f64::from(x)`: the target and x.
    froms: Vec<(Ty, ExprId)>,
    /// `x as f64`: the target and x.
    casts: Vec<(Ty, ExprId)>,
    /// The values of variables.
    lets: Vec<ExprId>,
    bound: Option<Bound>,
    returns: Option<SlotId>,
}

impl Infer<'_> {
    fn body(&mut self) {
        let body = &self.kernel.body;
        self.statements(&body.stmts);
        if let Some(tail) = &body.tail {
            self.returned(tail);
        }
    }

    fn refuse(&mut self, at: ExprId, message: String) {
        self.refusals.between(self.notes.extents[at], message);
    }

    fn need(&mut self, slot: SlotId, class: Class, at: ExprId, what: impl Into<String>) {
        self.needs.push(Need { slot, class, at, what: what.into() });
    }

    /// Makes an expression's type another one's, or refuses the expression. `context` goes on with
    /// that type: "`x` is", "`+` has on its left". Whether it fits.
    fn fits(&mut self, at: ExprId, want: SlotId, context: &str) -> bool {
        let got = self.exprs[at];
        let before = (self.slots.show(got), self.slots.show(want));
        if let Err(mismatch) = self.slots.unify(got, want, self.bound) {
            let hint = mismatch.hint(&before, self.bound);
            let (got, want) = before;
            self.refuse(at, format!("this is {got}, but {context} {want}{hint}"));
            // One mistake is told once.
            self.slots.poison(self.exprs[at]);
            return false;
        }
        true
    }

    fn expect(&mut self, at: ExprId, want: SlotId, context: &str) {
        self.fits(at, want, context);
    }

    fn expect_ty(&mut self, at: ExprId, want: Ty, context: &str) {
        let want = self.slots.of(want);
        self.expect(at, want, context);
    }

    fn var(&self, var: VarId) -> SlotId {
        self.vars[var]
    }

    /// What was put off until the literals have types.
    fn check(&mut self) {
        for need in std::mem::take(&mut self.needs) {
            let Some(class) = self.class(need.slot) else { continue };
            if need.class.contains(class) {
                continue;
            }
            let (what, of, shown) = (&need.what, need.class.name(), self.slots.show(need.slot));
            let hint = if what == "unary `-`" && class == Class::UNSIGNED {
                "; say `.wrapping_neg()`"
            } else if class == Class::COMPLEX && need.class == Class::REAL {
                "; complex numbers have no order: take `.norm()` or `.re`"
            } else if shown == "`bool`" && need.class.contains(Class::INT) {
                "; cast with `as i32`"
            } else if matches!(need.class, Class::FLOAT | Class::ANALYTIC)
                && Class::INT.contains(class)
            {
                "; cast with `as f64`"
            } else {
                ""
            };
            let given = match self.kernel.generic.as_ref().filter(|_| self.is_param(need.slot)) {
                Some(generic) => format!("`{}: {}`", generic.name, generic.bound.name()),
                None => shown,
            };
            self.refuse(need.at, format!("{what} is for {of}, and this is {given}{hint}"));
            self.slots.poison(need.slot);
        }
        self.check_conversions();
        self.check_variables();
    }

    /// All that a type may be, if it is known.
    fn class(&mut self, slot: SlotId) -> Option<Class> {
        match self.slots.get(slot) {
            Slot::Known(ty) => Some(Class::of(ty, self.bound)),
            Slot::Complex(_) => Some(Class::COMPLEX),
            Slot::Tuple(_) => Some(Class::of(Ty::Unit, None)),
            Slot::Open(_) | Slot::Poison | Slot::Link(_) => None,
        }
    }

    fn is_param(&mut self, slot: SlotId) -> bool {
        matches!(self.slots.get(slot), Slot::Known(Ty::Param))
    }

    fn element(&mut self, param: usize) -> Ty {
        match self.kernel.params[param].kind {
            ParamKind::Value { ty, .. }
            | ParamKind::Neighbours { ty, .. }
            | ParamKind::Slice { ty, .. } => ty,
        }
    }
}

/// Writes the types that were found into the tree.
struct Settle<'a> {
    slots: &'a mut Slots,
    exprs: &'a [SlotId],
}

impl Walk for Settle<'_> {
    fn expr(&mut self, of: &mut Expr) {
        of.ty = self.slots.ty(self.exprs[of.id]);
        walk::expr(self, of);
    }
}
