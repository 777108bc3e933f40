//! Which type of C a Rust type is.

use std::ffi::c_void;
use std::fmt;

use num_complex::Complex;

use crate::scalar::Scalar;

/// What a Rust type is in C: made by [`CType`], compared with declarations by this crate.
#[derive(Clone, Copy)]
pub struct Shape(pub(crate) ShapeKind);

#[derive(Debug, Clone, Copy)]
pub(crate) enum ShapeKind {
    /// `()`: what a function without a result returns.
    Nothing,
    /// `c_void`, which stands for any type behind a pointer.
    Any,
    Scalar(Scalar),
    Pointer {
        to: &'static Shape,
        is_const: bool,
    },
    Array {
        of: &'static Shape,
        length: usize,
    },
    Function(&'static FunctionShape),
    Record(&'static RecordShape),
}

/// What a function pointer of Rust is in C.
#[derive(Debug, Clone, Copy)]
pub struct FunctionShape {
    pub(crate) parameters: &'static [&'static Shape],
    pub(crate) result: &'static Shape,
    pub(crate) is_variadic: bool,
}

/// What a structure or a union of Rust is in C.
#[derive(Debug, Clone, Copy)]
pub struct RecordShape {
    /// `struct tag`, `union tag`, a bare tag or a type name.
    pub(crate) name: &'static str,
    pub(crate) size: usize,
    pub(crate) alignment: usize,
    /// None of opaque types.
    pub(crate) fields: Option<&'static [FieldShape]>,
}

/// A field of a [`RecordShape`].
#[derive(Debug, Clone, Copy)]
pub struct FieldShape {
    pub(crate) name: &'static str,
    pub(crate) offset: usize,
    /// A function, so that a record may point to its like.
    pub(crate) shape: fn() -> Shape,
}

impl FieldShape {
    #[doc(hidden)]
    #[must_use]
    pub const fn new<T: CType>(name: &'static str, offset: usize) -> Self {
        Self { name, offset, shape: shape_of::<T> }
    }
}

fn shape_of<T: CType>() -> Shape {
    T::SHAPE
}

impl RecordShape {
    #[doc(hidden)]
    #[must_use]
    pub const fn new<T>(name: &'static str, fields: &'static [FieldShape]) -> Self {
        let fields = Some(fields);
        Self { name, size: size_of::<T>(), alignment: align_of::<T>(), fields }
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn opaque(name: &'static str) -> Self {
        Self { name, size: 0, alignment: 1, fields: None }
    }
}

impl Shape {
    /// For [`c_record!`](crate::c_record), which computes what it takes.
    #[doc(hidden)]
    #[must_use]
    pub const fn record(record: &'static RecordShape) -> Self {
        Self(ShapeKind::Record(record))
    }
}

/// As Rust writes it.
impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            ShapeKind::Nothing => f.write_str("()"),
            ShapeKind::Any => f.write_str("c_void"),
            ShapeKind::Scalar(scalar) => f.write_str(scalar.name()),
            ShapeKind::Pointer { to, is_const: true } => write!(f, "*const {to}"),
            ShapeKind::Pointer { to, is_const: false } => write!(f, "*mut {to}"),
            ShapeKind::Array { of, length } => write!(f, "[{of}; {length}]"),
            ShapeKind::Function(function) => write!(f, "{function}"),
            ShapeKind::Record(record) => f.write_str(record.name),
        }
    }
}

impl fmt::Debug for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl fmt::Display for FunctionShape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("fn(")?;
        for (at, parameter) in self.parameters.iter().enumerate() {
            let comma = if at > 0 { ", " } else { "" };
            write!(f, "{comma}{parameter}")?;
        }
        f.write_str(if self.is_variadic { ", ...)" } else { ")" })?;
        match self.result.0 {
            ShapeKind::Nothing => Ok(()),
            _ => write!(f, " -> {}", self.result),
        }
    }
}

/// A Rust type that C has too: the numbers, pointers, arrays in records, `Option<unsafe extern "C" fn ..>`,
/// and what [`c_record!`](crate::c_record) defines. `()` is a function's missing result, and `c_void`
/// stands for any type behind a pointer.
///
/// | Rust | C |
/// |---|---|
/// | `i8` to `u128`, `isize`, `usize` | the integers and enumerations of that size and sign |
/// | `bool`, `f32`, `f64` | `_Bool`, `float`, `double` |
/// | `Complex<f32>`, `Complex<f64>` | `float _Complex`, `double _Complex` |
/// | `*const T`, `*mut T` | `const T *`, `T *` |
/// | `Option<unsafe extern "C" fn(A) -> R>` | `R (*)(A)` |
///
/// # Safety
///
/// Values of the type lie in memory, and are passed, as those of C's type are that `SHAPE` tells.
pub unsafe trait CType {
    /// What it is in C.
    const SHAPE: Shape;
}

macro_rules! scalars {
    ($($ty:ty => $scalar:expr,)*) => {$(
        // SAFETY: the type has that size, sign and alignment, and Rust's extern "C" passes it as C does; a
        // complex number is a `repr(C)` pair of its parts.
        unsafe impl CType for $ty {
            const SHAPE: Shape = Shape(ShapeKind::Scalar($scalar));
        }
    )*};
}

scalars! {
    bool => Scalar::Bool,
    i8 => Scalar::I8,
    u8 => Scalar::U8,
    i16 => Scalar::I16,
    u16 => Scalar::U16,
    i32 => Scalar::I32,
    u32 => Scalar::U32,
    i64 => Scalar::I64,
    u64 => Scalar::U64,
    i128 => Scalar::I128,
    u128 => Scalar::U128,
    isize => Scalar::ISIZE,
    usize => Scalar::USIZE,
    f32 => Scalar::F32,
    f64 => Scalar::F64,
    Complex<f32> => Scalar::Complex32,
    Complex<f64> => Scalar::Complex64,
}

// SAFETY: it has no values; only pointers to it are passed.
unsafe impl CType for c_void {
    const SHAPE: Shape = Shape(ShapeKind::Any);
}

// SAFETY: a function that returns it returns nothing.
unsafe impl CType for () {
    const SHAPE: Shape = Shape(ShapeKind::Nothing);
}

// SAFETY: a thin pointer is C's.
unsafe impl<T: CType> CType for *const T {
    const SHAPE: Shape = Shape(ShapeKind::Pointer { to: &T::SHAPE, is_const: true });
}

// SAFETY: as above.
unsafe impl<T: CType> CType for *mut T {
    const SHAPE: Shape = Shape(ShapeKind::Pointer { to: &T::SHAPE, is_const: false });
}

// SAFETY: elements lie one behind the other in both.
unsafe impl<T: CType, const N: usize> CType for [T; N] {
    const SHAPE: Shape = Shape(ShapeKind::Array { of: &T::SHAPE, length: N });
}
