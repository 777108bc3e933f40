//! Operations on arrays.

mod arithmetic;
mod blocks;
mod broadcast;
mod cast;
mod compare;
mod composed;
mod convolve;
mod correlation;
mod create;
mod difference;
mod division;
mod einsum;
#[cfg(feature = "fft")]
mod fft;
mod floats;
mod found;
mod gufunc;
mod histogram;
mod index;
mod join;
mod lanes;
mod linear;
mod logic;
mod map;
mod math;
mod operand;
mod overlap;
mod padding;
mod quantile;
mod reductions;
mod rows;
mod scan;
mod select;
mod selection;
mod shape;
mod sign;
mod slicing;
mod sort;
mod special;
mod tables;
mod take;
mod top;
mod unique;

#[cfg(feature = "fft")]
pub use self::fft::{FftNorm, Fourier, FourierReal};
pub(crate) use self::select::is_nan;
pub(crate) use self::sort::{order, sort_key};
pub use self::{
    arithmetic::Arithmetic,
    blocks::{BlockInfo, Excess},
    cast::CastFrom,
    compare::MaybeFinite,
    convolve::ConvolveMode,
    division::Division,
    histogram::Bins,
    linear::{MatMul, Number},
    logic::{Bits, Shift},
    math::{Analytic, Real},
    operand::Operand,
    padding::PadMode,
    quantile::QuantileMethod,
    select::{Index, Ordered},
    sign::{Absolute, ComplexNumber},
};
