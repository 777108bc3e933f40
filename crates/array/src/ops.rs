//! Operations on arrays.

mod arithmetic;
mod blocks;
mod broadcast;
mod cast;
mod compare;
mod composed;
mod create;
mod division;
mod join;
mod linear;
mod logic;
mod map;
mod math;
mod operand;
mod overlap;
mod reductions;
mod scan;
mod select;
mod shape;
mod sign;
mod slicing;
mod take;

pub(crate) use self::select::is_nan;
pub use self::{
    arithmetic::Arithmetic,
    blocks::{BlockInfo, Excess},
    cast::CastFrom,
    compare::MaybeFinite,
    division::Division,
    linear::{MatMul, Number},
    logic::{Bits, Shift},
    math::{Analytic, Real},
    operand::Operand,
    select::{Index, Ordered},
    sign::{Absolute, ComplexNumber},
};
