//! What C gives back.

use std::ffi::c_void;

use num_complex::Complex;
use tenfold_cdecl::Type;

use crate::data::Data;

/// A value of C: what a dynamic call returns, and what a field, an element or a variable holds.
#[derive(Debug, Clone)]
#[non_exhaustive]
#[expect(missing_docs, reason = "they are Rust's names of the types")]
pub enum Value {
    Void,
    Bool(bool),
    I8(i8),
    U8(u8),
    I16(i16),
    U16(u16),
    I32(i32),
    U32(u32),
    I64(i64),
    U64(u64),
    I128(Box<i128>),
    U128(Box<u128>),
    F32(f32),
    F64(f64),
    Complex32(Complex<f32>),
    Complex64(Complex<f64>),
    Pointer(Pointer),
    /// A structure, a union, or another type that Rust has no name for, with its bytes.
    Data(Box<Data>),
}

/// An address, and the type of what is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Pointer {
    pub(crate) address: *mut c_void,
    pub(crate) pointee: Type,
}

impl Pointer {
    /// The address.
    #[must_use]
    pub fn address(self) -> *mut c_void {
        self.address
    }

    /// The type of what is there, in the declarations of the function that gave it.
    #[must_use]
    pub fn pointee(self) -> Type {
        self.pointee
    }

    /// Whether there is nothing.
    #[must_use]
    pub fn is_null(self) -> bool {
        self.address.is_null()
    }
}
