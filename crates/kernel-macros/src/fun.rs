//! The methods of numbers that kernels know.
//!
//! A new method is a variant of [`Fun`], a line in [`Fun::TABLE`] and a function of its name in the
//! runtime's `ops`.

use crate::ir::{Bound, Fun, Prim, Ty};

/// What may stand before the dot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Class(u8);

impl Class {
    pub(crate) const FLOAT: Self = Self(1);
    pub(crate) const SIGNED: Self = Self(2);
    pub(crate) const UNSIGNED: Self = Self(4);
    pub(crate) const BOOL: Self = Self(8);
    pub(crate) const COMPLEX: Self = Self(16);
    pub(crate) const INT: Self = Self(2 | 4);
    /// Floats and signed integers.
    pub(crate) const SIGN: Self = Self(1 | 2);
    /// Floats and integers.
    pub(crate) const REAL: Self = Self(1 | 2 | 4);
    /// All that has `+`.
    pub(crate) const NUMBER: Self = Self(1 | 2 | 4 | 16);
    /// Floats and complex numbers.
    pub(crate) const ANALYTIC: Self = Self(1 | 16);
    pub(crate) const ANY: Self = Self(31);

    pub(crate) fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    pub(crate) fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Everything that a type may turn out to be.
    pub(crate) fn of(ty: Ty, bound: Option<Bound>) -> Self {
        match ty {
            Ty::Prim(Prim::F32 | Prim::F64) => Self::FLOAT,
            Ty::Prim(Prim::Bool) => Self::BOOL,
            Ty::Prim(prim) if prim.is_signed() => Self::SIGNED,
            Ty::Prim(_) => Self::UNSIGNED,
            Ty::Complex(_) => Self::COMPLEX,
            Ty::Param => match bound {
                Some(Bound::Real) => Self::FLOAT,
                Some(Bound::Int) => Self::INT,
                Some(Bound::Num) | None => Self::REAL,
            },
            Ty::Unknown => Self(0),
            Ty::Unit => Self(128),
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::FLOAT => "floats",
            Self::SIGNED => "signed integers",
            Self::UNSIGNED => "unsigned integers",
            Self::BOOL => "bool",
            Self::COMPLEX => "complex numbers",
            Self::INT => "integers",
            Self::SIGN => "floats and signed integers",
            Self::REAL => "floats and integers",
            Self::ANALYTIC => "floats and complex numbers",
            Self::NUMBER => "numbers",
            Self(10..=14) => "integers and bool",
            Self(19) => "floats, signed integers and complex numbers",
            _ => "numbers and bool",
        }
    }
}

/// An argument behind the receiver, or the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The type of the receiver.
    Same,
    I32,
    U32,
    Bool,
    /// The unsigned integer as wide as the receiver.
    Unsigned,
    /// The float of a complex receiver, or a float as it is.
    Part,
    /// The complex number with parts of the receiver's type.
    Complex,
}

/// A line of the table.
#[derive(Debug)]
pub(crate) struct Method {
    pub(crate) fun: Fun,
    pub(crate) name: &'static str,
    pub(crate) on: Class,
    pub(crate) args: &'static [Kind],
    pub(crate) result: Kind,
    pub(crate) help: &'static str,
}

const fn method(
    fun: Fun,
    name: &'static str,
    on: Class,
    args: &'static [Kind],
    result: Kind,
    help: &'static str,
) -> Method {
    Method { fun, name, on, args, result, help }
}

impl Fun {
    /// `From` and `FromBits` are no methods: they are called as `f64::from(x)`.
    #[rustfmt::skip]
    pub(crate) const TABLE: &[Method] = {
        use Kind::{Bool, I32, Part, Same, U32, Unsigned};
        const F: Class = Class::FLOAT;
        const I: Class = Class::INT;
        const FS: Class = Class::SIGN;
        const R: Class = Class::REAL;
        const C: Class = Class::COMPLEX;
        const A: Class = Class::ANALYTIC;
        &[
            method(Self::Sqrt, "sqrt", A, &[], Same, "square root"),
            method(Self::Rsqrt, "rsqrt", F, &[], Same, "1 / square root"),
            method(Self::Cbrt, "cbrt", F, &[], Same, "cube root"),
            method(Self::Exp, "exp", A, &[], Same, "e to the x"),
            method(Self::Exp2, "exp2", F, &[], Same, "2 to the x"),
            method(Self::ExpM1, "exp_m1", F, &[], Same, "e to the x, minus 1"),
            method(Self::Ln, "ln", A, &[], Same, "natural logarithm"),
            method(Self::Ln1p, "ln_1p", F, &[], Same, "natural logarithm of 1 + x"),
            method(Self::Log2, "log2", F, &[], Same, "logarithm to base 2"),
            method(Self::Log10, "log10", F, &[], Same, "logarithm to base 10"),
            method(Self::Sin, "sin", A, &[], Same, "sine"),
            method(Self::Cos, "cos", A, &[], Same, "cosine"),
            method(Self::Tan, "tan", A, &[], Same, "tangent"),
            method(Self::Asin, "asin", F, &[], Same, "arc sine"),
            method(Self::Acos, "acos", F, &[], Same, "arc cosine"),
            method(Self::Atan, "atan", F, &[], Same, "arc tangent"),
            method(Self::Atan2, "atan2", F, &[Same], Same, "angle of the point (other, x)"),
            method(Self::Sinh, "sinh", A, &[], Same, "hyperbolic sine"),
            method(Self::Cosh, "cosh", A, &[], Same, "hyperbolic cosine"),
            method(Self::Tanh, "tanh", A, &[], Same, "hyperbolic tangent"),
            method(Self::Powf, "powf", A, &[Part], Same, "x to a float"),
            method(Self::Hypot, "hypot", F, &[Same], Same, "length of (x, other)"),
            method(Self::Erf, "erf", F, &[], Same, "error function"),
            method(Self::Floor, "floor", F, &[], Same, "rounded down"),
            method(Self::Ceil, "ceil", F, &[], Same, "rounded up"),
            method(Self::Round, "round", F, &[], Same, "rounded, halves away from 0"),
            method(Self::RoundTiesEven, "round_ties_even", F, &[], Same, "rounded, halves to even"),
            method(Self::Trunc, "trunc", F, &[], Same, "rounded towards 0"),
            method(Self::Fract, "fract", F, &[], Same, "x minus x.trunc()"),
            method(Self::Recip, "recip", F, &[], Same, "1 / x"),
            method(Self::MulAdd, "mul_add", F, &[Same, Same], Same, "x * a + b, rounded once"),
            method(Self::Copysign, "copysign", F, &[Same], Same, "x with the sign of other"),
            method(Self::IsNan, "is_nan", A, &[], Bool, "whether x is not a number"),
            method(Self::IsFinite, "is_finite", A, &[], Bool, "neither infinite nor NaN"),
            method(Self::IsInfinite, "is_infinite", A, &[], Bool, "whether x is infinite"),
            method(Self::IsSignNegative, "is_sign_negative", F, &[], Bool, "also of -0.0"),
            method(Self::IsSignPositive, "is_sign_positive", F, &[], Bool, "also of 0.0"),
            method(Self::ToDegrees, "to_degrees", F, &[], Same, "of radians"),
            method(Self::ToRadians, "to_radians", F, &[], Same, "of degrees"),
            method(Self::ToBits, "to_bits", F, &[], Unsigned, "the bits as an integer"),
            method(Self::Powi, "powi", A, &[I32], Same, "x to an i32"),
            method(Self::Abs, "abs", FS, &[], Same, "absolute value; of MIN it is MIN"),
            method(Self::Signum, "signum", FS, &[], Same, "1, -1, and 0 of integers"),
            method(Self::Min, "min", R, &[Same], Same, "the smaller; a number before NaN"),
            method(Self::Max, "max", R, &[Same], Same, "the larger; a number before NaN"),
            method(Self::Clamp, "clamp", R, &[Same, Same], Same, "not below, not above"),
            method(Self::Pow, "pow", I, &[U32], Same, "x to a u32, wrapping"),
            method(Self::WrappingAdd, "wrapping_add", I, &[Same], Same, "as `+`"),
            method(Self::WrappingSub, "wrapping_sub", I, &[Same], Same, "as `-`"),
            method(Self::WrappingMul, "wrapping_mul", I, &[Same], Same, "as `*`"),
            method(Self::WrappingNeg, "wrapping_neg", I, &[], Same, "0 - x, wrapping"),
            method(Self::WrappingShl, "wrapping_shl", I, &[U32], Same, "as `<<`"),
            method(Self::WrappingShr, "wrapping_shr", I, &[U32], Same, "as `>>`"),
            method(Self::RotateLeft, "rotate_left", I, &[U32], Same, "bits that leave come back"),
            method(Self::RotateRight, "rotate_right", I, &[U32], Same, "bits that leave come back"),
            method(Self::CountOnes, "count_ones", I, &[], U32, "bits that are 1"),
            method(Self::LeadingZeros, "leading_zeros", I, &[], U32, "zeros above the highest 1"),
            method(Self::TrailingZeros, "trailing_zeros", I, &[], U32, "zeros below the lowest 1"),
            method(Self::AbsDiff, "abs_diff", I, &[Same], Unsigned, "distance"),
            method(Self::RemEuclid, "rem_euclid", I, &[Same], Same, "never negative; 0 by 0"),
            method(Self::DivEuclid, "div_euclid", I, &[Same], Same, "of rem_euclid; 0 by 0"),
            method(Self::Norm, "norm", C, &[], Part, "absolute value"),
            method(Self::NormSqr, "norm_sqr", C, &[], Part, "re * re + im * im"),
            method(Self::Arg, "arg", C, &[], Part, "angle"),
            method(Self::Conj, "conj", C, &[], Same, "im negated"),
            method(Self::Inv, "inv", C, &[], Same, "1 / z"),
            method(Self::Powc, "powc", C, &[Same], Same, "z to a complex number"),
        ]
    };

    /// Functions of `Complex`: `Complex::cis(x)`.
    pub(crate) const OF_COMPLEX: &[Method] = {
        use Kind::{Complex, Same};
        const F: Class = Class::FLOAT;
        &[
            method(Self::FromPolar, "from_polar", F, &[Same], Complex, "by length and angle"),
            method(Self::Cis, "cis", F, &[], Complex, "cosine and i times sine"),
        ]
    };

    pub(crate) fn by_name(name: &str) -> Option<&'static Method> {
        Self::TABLE.iter().find(|method| method.name == name)
    }

    /// The line of this method; `From` and `FromBits` have none.
    pub(crate) fn method(self) -> Option<&'static Method> {
        Self::TABLE.iter().chain(Self::OF_COMPLEX).find(|method| method.fun == self)
    }

    /// Whether only complex numbers have it, or it makes one.
    pub(crate) fn is_of_complex(self) -> bool {
        let of = |method: &Method| method.on == Class::COMPLEX || method.result == Kind::Complex;
        self.method().is_some_and(of)
    }

    /// The name in the source and in the runtime's `ops`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::From => "from",
            Self::FromBits => "from_bits",
            _ => self.method().map_or("", |method| method.name),
        }
    }
}

impl Prim {
    pub(crate) const NAMES: &[(&str, Self)] = &[
        ("f32", Self::F32),
        ("f64", Self::F64),
        ("i8", Self::I8),
        ("i16", Self::I16),
        ("i32", Self::I32),
        ("i64", Self::I64),
        ("u8", Self::U8),
        ("u16", Self::U16),
        ("u32", Self::U32),
        ("u64", Self::U64),
        ("usize", Self::Usize),
        ("isize", Self::Isize),
        ("bool", Self::Bool),
    ];

    pub(crate) fn by_name(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(of, _)| *of == name).map(|(_, prim)| *prim)
    }

    pub(crate) fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, prim)| *prim == self).map_or("", |(name, _)| *name)
    }

    pub(crate) fn is_float(self) -> bool {
        matches!(self, Self::F32 | Self::F64)
    }

    pub(crate) fn is_signed(self) -> bool {
        matches!(self, Self::I8 | Self::I16 | Self::I32 | Self::I64 | Self::Isize)
    }

    pub(crate) fn is_int(self) -> bool {
        !self.is_float() && self != Self::Bool
    }

    /// The unsigned integer as wide.
    pub(crate) fn unsigned(self) -> Self {
        match self {
            Self::F32 | Self::I32 => Self::U32,
            Self::F64 | Self::I64 => Self::U64,
            Self::I8 => Self::U8,
            Self::I16 => Self::U16,
            Self::Isize => Self::Usize,
            other => other,
        }
    }

    /// Bits of the value, and whether all integers of a type fit is a question of them.
    pub(crate) fn bits(self) -> u32 {
        match self {
            Self::Bool => 1,
            Self::I8 | Self::U8 => 8,
            Self::I16 | Self::U16 => 16,
            Self::F32 | Self::I32 | Self::U32 => 32,
            // What a target has at least is 32, but no number is converted to them losslessly.
            Self::F64 | Self::I64 | Self::U64 | Self::Usize | Self::Isize => 64,
        }
    }
}

impl Bound {
    pub(crate) fn allows(self, prim: Prim) -> bool {
        match self {
            Self::Real => prim.is_float(),
            Self::Int => prim.is_int(),
            Self::Num => prim != Prim::Bool,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Real => "Real",
            Self::Int => "Int",
            Self::Num => "Num",
        }
    }
}
