//! Types of expressions.

use super::slots::{Literal, Slot};
use super::{Infer, SlotId};
use crate::fun::Class;
use crate::ir::{BinOp, Block, Expr, ExprId, ExprKind, Prim, Ty, UnOp};

impl Infer<'_> {
    /// Finds what can be found of an expression's type by looking at it from left to right.
    pub(super) fn expr(&mut self, expr: &Expr) -> SlotId {
        let slot = self.kind(expr);
        self.exprs[expr.id] = slot;
        if let Some(ty) = self.notes.demands.get(&expr.id) {
            self.expect_ty(expr.id, *ty, "here it has to be");
        }
        slot
    }

    fn kind(&mut self, expr: &Expr) -> SlotId {
        match &expr.kind {
            ExprKind::Int(_) if expr.ty == Ty::Unknown => self.slots.literal(Literal::Int),
            ExprKind::Float(_) if expr.ty == Ty::Unknown => self.slots.literal(Literal::Float),
            ExprKind::Int(_) | ExprKind::Float(_) | ExprKind::Bool(_) | ExprKind::Len { .. } => {
                self.slots.of(expr.ty)
            }
            ExprKind::Const(_) if expr.ty == Ty::Unknown => self.slots.foreign(),
            ExprKind::Const(_) => self.slots.of(expr.ty),
            ExprKind::Var(var) => self.var(*var),
            ExprKind::Unary(op, value) => self.unary(*op, value),
            ExprKind::Binary(op, left, right) => self.binary(*op, left, right),
            ExprKind::And(left, right) | ExprKind::Or(left, right) => {
                for side in [left, right] {
                    self.expr(side);
                    self.expect_ty(side.id, Ty::Prim(Prim::Bool), "`&&` and `||` are for");
                }
                self.slots.of(Ty::Prim(Prim::Bool))
            }
            ExprKind::Cast(value) => {
                self.expr(value);
                self.casts.push((expr.ty, value.id));
                self.slots.of(expr.ty)
            }
            ExprKind::Method(fun, args) => self.method(expr, *fun, args),
            ExprKind::Call(_, args) => {
                for arg in args {
                    let slot = self.expr(arg);
                    self.slots.mark_foreign(slot);
                }
                self.slots.foreign()
            }
            ExprKind::Complex(re, im) => {
                let part = self.expr(re);
                self.expr(im);
                self.expect(im.id, part, "the real part is");
                self.need(part, Class::FLOAT, re.id, "`Complex::new`");
                self.slots.add(Slot::Complex(part))
            }
            ExprKind::Part(value, _) => self.part(value),
            ExprKind::If { cond, then, other } => {
                self.condition(cond);
                self.branches(then, other)
            }
            ExprKind::Block(block) => match self.block(block).map(|tail| tail.id) {
                Some(tail) => self.exprs[tail],
                None => self.slots.open(),
            },
            ExprKind::Tuple(parts) => {
                let parts = parts.iter().map(|part| self.expr(part)).collect();
                self.slots.add(Slot::Tuple(parts))
            }
            ExprKind::Neighbour { param, .. } => {
                let ty = self.element(*param);
                self.slots.of(ty)
            }
            ExprKind::Element { param, index } => {
                self.indices(index);
                let ty = self.element(*param);
                self.slots.of(ty)
            }
        }
    }

    pub(super) fn indices(&mut self, index: &[Expr]) {
        for at in index {
            let slot = self.expr(at);
            self.need(slot, Class::INT, at.id, "an index");
        }
    }

    fn branches(&mut self, then: &Block, other: &Block) -> SlotId {
        let first = self.block(then).map(|tail| tail.id);
        let second = self.block(other).map(|tail| tail.id);
        match (first, second) {
            (Some(first), Some(second)) => {
                let want = self.exprs[first];
                self.expect(second, want, "the branch before has");
                want
            }
            (Some(one), None) | (None, Some(one)) => self.exprs[one],
            (None, None) => self.slots.open(),
        }
    }

    fn unary(&mut self, op: UnOp, value: &Expr) -> SlotId {
        let slot = self.expr(value);
        let (class, what) = match op {
            UnOp::Neg => (Class::SIGN.or(Class::COMPLEX), "unary `-`"),
            UnOp::Not => (Class::INT.or(Class::BOOL), "`!`"),
        };
        self.need(slot, class, value.id, what);
        slot
    }

    fn binary(&mut self, op: BinOp, left: &Expr, right: &Expr) -> SlotId {
        let one = self.expr(left);
        let two = self.expr(right);
        let symbol = format!("`{}`", op.symbol());
        self.need(one, op.class(), left.id, symbol.clone());
        match op {
            BinOp::Shl | BinOp::Shr => {
                self.need(two, Class::INT, right.id, format!("the distance of {symbol}"));
                return one;
            }
            _ if op.class() == Class::NUMBER && self.is_mixed(one, two) => {
                self.mixed(&symbol, left.id, right.id);
                let is_left = matches!(self.slots.get(one), Slot::Complex(_));
                return if is_left { one } else { two };
            }
            // What it is was told to be wrong; what it is used for is not wrong too.
            _ if !self.same(&symbol, left.id, right.id) => return self.slots.add(Slot::Poison),
            _ => {}
        }
        if op.compares() { self.slots.of(Ty::Prim(Prim::Bool)) } else { one }
    }

    /// Whether one is a complex number and the other a real one.
    pub(super) fn is_mixed(&mut self, one: SlotId, two: SlotId) -> bool {
        let mut is_real = |slot| match self.slots.get(slot) {
            Slot::Known(Ty::Prim(prim)) => prim.is_float(),
            Slot::Known(ty) => ty == Ty::Param,
            Slot::Open(open) => open.literal == Literal::Float,
            _ => false,
        };
        let (left, right) = (is_real(one), is_real(two));
        let mut is_complex = |slot| matches!(self.slots.get(slot), Slot::Complex(_));
        (is_complex(one) && right) || (left && is_complex(two))
    }

    /// A real number beside a complex one is of the type of its parts.
    pub(super) fn mixed(&mut self, symbol: &str, left: ExprId, right: ExprId) {
        let (one, two) = (self.exprs[left], self.exprs[right]);
        match self.slots.get(one) {
            Slot::Complex(part) => {
                self.fits(right, part, &format!("{symbol} has on its left parts of"));
            }
            _ => {
                let part = self.part_of(two);
                self.fits(left, part, &format!("{symbol} has on its right parts of"));
            }
        }
    }

    /// Both sides of an operator have one type. A literal of the wrong kind is where the caret goes,
    /// on whichever side it stands.
    fn same(&mut self, symbol: &str, left: ExprId, right: ExprId) -> bool {
        let (one, two) = (self.exprs[left], self.exprs[right]);
        let is_literal =
            matches!(self.slots.get(one), Slot::Open(open) if open.literal != Literal::None);
        if is_literal && !matches!(self.slots.get(two), Slot::Open(_)) {
            self.fits(left, two, &format!("{symbol} has on its right"))
        } else {
            self.fits(right, one, &format!("{symbol} has on its left"))
        }
    }

    fn part(&mut self, value: &Expr) -> SlotId {
        let slot = self.expr(value);
        match self.slots.get(slot) {
            Slot::Complex(part) => part,
            Slot::Open(_) => {
                let part = self.slots.open();
                let want = self.slots.add(Slot::Complex(part));
                self.expect(value.id, want, "only complex numbers have parts: it has to be");
                part
            }
            Slot::Poison => self.slots.add(Slot::Poison),
            _ => {
                let shown = self.slots.show(slot);
                let message = format!("`re` and `im` are of complex numbers, and this is {shown}");
                self.refuse(value.id, message);
                self.slots.add(Slot::Poison)
            }
        }
    }
}

impl BinOp {
    pub(crate) fn symbol(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Sub => "-",
            Self::Mul => "*",
            Self::Div => "/",
            Self::Rem => "%",
            Self::BitAnd => "&",
            Self::BitOr => "|",
            Self::BitXor => "^",
            Self::Shl => "<<",
            Self::Shr => ">>",
            Self::Eq => "==",
            Self::Ne => "!=",
            Self::Lt => "<",
            Self::Le => "<=",
            Self::Gt => ">",
            Self::Ge => ">=",
        }
    }

    pub(crate) fn compares(self) -> bool {
        matches!(self, Self::Eq | Self::Ne | Self::Lt | Self::Le | Self::Gt | Self::Ge)
    }

    pub(crate) fn class(self) -> Class {
        match self {
            Self::Add | Self::Sub | Self::Mul | Self::Div => Class::NUMBER,
            Self::Rem | Self::Lt | Self::Le | Self::Gt | Self::Ge => Class::REAL,
            Self::BitAnd | Self::BitOr | Self::BitXor => Class::INT.or(Class::BOOL),
            Self::Shl | Self::Shr => Class::INT,
            Self::Eq | Self::Ne => Class::ANY,
        }
    }
}
