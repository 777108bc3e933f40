//! The numbers that can be drawn, and how they are distributed.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Range;

use super::block::Keys;
use super::draw::{Below, Bits32, Bits64, Draw, Scaled, Unit};
use super::fill::{Sequence, fill};
use super::normal::Normal;
use crate::call::Call;
use crate::error::{Error, ErrorKind};
use crate::nest::Nest;
use crate::simd::{Num, Real};

mod sealed {
    use super::{Call, Error, Nest, Range};

    #[expect(unnameable_types, reason = "so that the numbers are those of this module")]
    pub trait Sealed: Sized {
        /// How they are distributed.
        type Law: Copy + Send + Sync + std::fmt::Debug + PartialEq;
        /// All numbers alike.
        const RANDOM: Self::Law;
        /// Those of a range alike.
        fn uniform(range: &Range<Self>) -> Result<Self::Law, Error>;
        /// Writes numbers of a stream into the output of a nest, which has the indices, too.
        fn fill(law: Self::Law, at: super::At, nest: Nest, call: Call);
    }
}
pub(super) use sealed::Sealed;

/// A number that [`Philox`](super::Philox) draws: `i32`, `i64`, `u32`, `u64`, `f32`, `f64`.
pub trait Random: Num + Sealed {}

/// Where numbers are drawn.
#[derive(Debug, Clone, Copy)]
pub struct At {
    pub(super) seed: u64,
    pub(super) stream: u64,
    /// The number that the index 0 has.
    pub(super) start: u64,
}

impl At {
    fn with<D: Draw>(self, draw: D) -> Sequence<D> {
        Sequence { draw, keys: Keys::new(self.seed), stream: self.stream, start: self.start }
    }
}

/// How integers are distributed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IntLaw<T> {
    /// All that there are.
    All,
    /// Those of a range.
    Uniform(Below<T>),
}

/// How real numbers are distributed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum RealLaw<T> {
    /// From 0 to 1.
    Unit,
    /// In a range.
    Uniform(Scaled<T>),
    /// The standard normal distribution.
    Normal,
}

fn refuse<T: fmt::Debug>(range: &Range<T>, why: &str) -> Error {
    Error::new(ErrorKind::Argument, format!("argument `range` is {range:?}, {why}"))
}

/// Integers, drawn as unsigned ones of their width.
macro_rules! integers {
    ($($E:ident as $Unsigned:ident $Bits:ident;)*) => {$(
        impl Random for $E {}
        impl Sealed for $E {
            type Law = IntLaw<$Unsigned>;
            const RANDOM: Self::Law = IntLaw::All;
            #[expect(clippy::allow_attributes, reason = "not all are signed")]
            #[allow(clippy::cast_sign_loss, reason = "a distance, and the bits of where it starts")]
            fn uniform(range: &Range<$E>) -> Result<Self::Law, Error> {
                if range.start >= range.end {
                    return Err(refuse(range, "but it must start below its end"));
                }
                let count = range.end.wrapping_sub(range.start) as $Unsigned;
                Ok(IntLaw::Uniform(Below { low: range.start as $Unsigned, count }))
            }
            fn fill(law: Self::Law, at: At, nest: Nest, call: Call) {
                match law {
                    IntLaw::All => fill(&at.with($Bits), nest, call),
                    IntLaw::Uniform(below) => fill(&at.with(below), nest, call),
                }
            }
        }
    )*};
}
integers! { i32 as u32 Bits32; u32 as u32 Bits32; i64 as u64 Bits64; u64 as u64 Bits64; }

macro_rules! reals {
    ($($E:ident)*) => {$(
        impl Random for $E {}
        impl Sealed for $E {
            type Law = RealLaw<$E>;
            const RANDOM: Self::Law = RealLaw::Unit;
            fn uniform(range: &Range<$E>) -> Result<Self::Law, Error> {
                scaled(range, $E::next_down).map(RealLaw::Uniform)
            }
            fn fill(law: Self::Law, at: At, nest: Nest, call: Call) {
                match law {
                    RealLaw::Unit => fill(&at.with(Unit::<$E>(PhantomData)), nest, call),
                    RealLaw::Uniform(scaled) => fill(&at.with(scaled), nest, call),
                    RealLaw::Normal => fill(&at.with(Normal::<$E>(PhantomData)), nest, call),
                }
            }
        }
    )*};
}
reals! { f32 f64 }

fn scaled<T: Real + std::ops::Sub<Output = T>>(
    range: &Range<T>,
    before: fn(T) -> T,
) -> Result<Scaled<T>, Error> {
    let is_finite = |x: T| x >= T::MIN && x <= T::MAX;
    if !is_finite(range.start) || !is_finite(range.end) {
        return Err(refuse(range, "but both ends must be finite"));
    }
    if range.start >= range.end {
        return Err(refuse(range, "but it must start below its end"));
    }
    let width = range.end - range.start;
    if !is_finite(width) {
        let why = format!("but its width must be finite, at most {:?}", T::MAX);
        return Err(refuse(range, &why));
    }
    Ok(Scaled { low: range.start, width, last: before(range.end) })
}
