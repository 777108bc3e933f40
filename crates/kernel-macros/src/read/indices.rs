//! `x[i]`, `a[[i, j]]`, and the relative indices of stencils.

use syn::{Expr as Syntax, ExprIndex, Lit};

use super::{Binding, Reader, single};
use crate::ir::{Expr, ExprKind, ParamKind, Prim, Ty};

/// No stencil reads farther, and sums of indices cannot overflow.
const FARTHEST: i64 = 1 << 10;

impl Reader<'_> {
    pub(super) fn index(&mut self, index: &ExprIndex) -> Expr {
        let Some(name) = single(&index.expr) else {
            return self.refused(index, "only parameters can be indexed: `x[i]`");
        };
        let param = match self.lookup(name) {
            Some(Binding::Array(param)) => param,
            Some(Binding::Var(_)) => {
                let message = format!("`{name}` is a number and has no elements");
                return self.refused(index, message);
            }
            None => {
                self.refuse_unknown(&index.expr, name);
                return self.placeholder(index);
            }
        };
        let indices: Vec<&Syntax> = match &*index.index {
            Syntax::Array(array) => array.elems.iter().collect(),
            Syntax::Tuple(tuple) => {
                let message = "several indices stand in two pairs of brackets: `[[i, j]]`";
                return self.refused(tuple, message);
            }
            Syntax::Range(range) => {
                return self.refused(range, "kernels have no sub-slices; count the elements");
            }
            one => vec![one],
        };
        let dims = self.params[param].kind.dims();
        if indices.len() != dims {
            let what = self.describe(param);
            let is = indices.len();
            let message = format!("`{name}` is {what} with {dims} axes, and this index has {is}");
            return self.refused(&index.index, message);
        }
        match self.params[param].kind {
            ParamKind::Neighbours { ty, .. } => self.neighbour(index, param, &indices, ty),
            ParamKind::Slice { ty, .. } => {
                let at: Vec<Expr> = indices.into_iter().map(|at| self.expr(at)).collect();
                if !self.wraparound {
                    at.iter().for_each(|at| self.demand(at, Ty::Prim(Prim::Usize)));
                }
                self.typed(index, ExprKind::Element { param, index: at }, ty)
            }
            ParamKind::Value { .. } => self.placeholder(index),
        }
    }

    fn neighbour(&mut self, index: &ExprIndex, param: usize, at: &[&Syntax], ty: Ty) -> Expr {
        let mut offset = vec![];
        for syntax in at {
            match constant(syntax) {
                Some(value) if value.abs() <= FARTHEST => offset.push(value),
                Some(value) => {
                    let message = format!("a neighbour at {value} is farther than {FARTHEST} away");
                    self.refuse(syntax, message);
                }
                None => {
                    let message = "a neighbour's distance is an integer constant like `-1`, so that \
                                   the border is known; `#[kernel(loop)]` takes variable indices";
                    self.refuse(syntax, message);
                }
            }
        }
        if offset.len() != at.len() {
            return self.placeholder(index);
        }
        if let ParamKind::Neighbours { reach, .. } = &mut self.params[param].kind {
            for ((low, high), at) in reach.iter_mut().zip(&offset) {
                *low = (*low).min(*at);
                *high = (*high).max(*at);
            }
        }
        self.typed(index, ExprKind::Neighbour { param, offset }, ty)
    }
}

/// The value of integer literals with `+`, `-` and `*`.
fn constant(expr: &Syntax) -> Option<i64> {
    match expr {
        Syntax::Paren(paren) => constant(&paren.expr),
        Syntax::Group(group) => constant(&group.expr),
        Syntax::Lit(lit) => match &lit.lit {
            Lit::Int(int) if matches!(int.suffix(), "" | "isize" | "i64" | "i32") => {
                int.base10_parse().ok()
            }
            _ => None,
        },
        Syntax::Unary(unary) if matches!(unary.op, syn::UnOp::Neg(_)) => {
            constant(&unary.expr)?.checked_neg()
        }
        Syntax::Binary(binary) => {
            let (left, right) = (constant(&binary.left)?, constant(&binary.right)?);
            match binary.op {
                syn::BinOp::Add(_) => left.checked_add(right),
                syn::BinOp::Sub(_) => left.checked_sub(right),
                syn::BinOp::Mul(_) => left.checked_mul(right),
                _ => None,
            }
        }
        _ => None,
    }
}
