//! Pointers to functions.

use crate::arg::{Arg, Given};
use crate::ctype::{CType, FunctionShape, Shape, ShapeKind};

mod sealed {
    #[expect(unnameable_types, reason = "so that nobody else implements it")]
    pub trait Sealed {}
}

/// A pointer to a function of C: `unsafe extern "C" fn(A, B) -> R` with up to 12 parameters, and
/// `unsafe extern "C" fn(A, ...) -> R`, all of them [`CType`]s. Only `unsafe` ones: a declaration does not
/// prove that a function bears all arguments.
pub trait Signature: Copy + sealed::Sealed {
    /// What it is in C.
    #[doc(hidden)]
    const SHAPE: FunctionShape;
}

macro_rules! shape {
    ($variadic:literal, $($ty:ident)*) => {
        FunctionShape {
            parameters: &[$(&$ty::SHAPE),*],
            result: &Output::SHAPE,
            is_variadic: $variadic,
        }
    };
}

macro_rules! pointer {
    ($variadic:literal, ($($ty:ident)*) $pointer:ty) => {
        // SAFETY: a pointer to a function is C's; that of none is null.
        unsafe impl<$($ty: CType,)* Output: CType> CType for Option<$pointer> {
            const SHAPE: Shape = Shape(ShapeKind::Function(&shape!($variadic, $($ty)*)));
        }

        impl<$($ty: CType,)* Output: CType> From<$pointer> for Arg<'_> {
            fn from(function: $pointer) -> Self {
                Self(Given::Function {
                    address: function as *const _,
                    shape: const { &shape!($variadic, $($ty)*) },
                })
            }
        }
    };
}

macro_rules! signature {
    ($variadic:literal, ($($ty:ident)*) $pointer:ty) => {
        impl<$($ty: CType,)* Output: CType> sealed::Sealed for $pointer {}

        impl<$($ty: CType,)* Output: CType> Signature for $pointer {
            const SHAPE: FunctionShape = shape!($variadic, $($ty)*);
        }

        pointer!($variadic, ($($ty)*) $pointer);
    };
}

macro_rules! signatures {
    () => {
        signature!(false, () unsafe extern "C" fn() -> Output);
        pointer!(false, () extern "C" fn() -> Output);
    };
    ($first:ident $($rest:ident)*) => {
        signatures!($($rest)*);
        signature!(false, ($first $($rest)*) unsafe extern "C" fn($first, $($rest),*) -> Output);
        signature!(true, ($first $($rest)*) unsafe extern "C" fn($first, $($rest,)* ...) -> Output);
        pointer!(false, ($first $($rest)*) extern "C" fn($first, $($rest),*) -> Output);
    };
}

signatures!(A B C D E F G H I J K L);
