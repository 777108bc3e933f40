//! Objects of C that Rust owns.

use std::mem::MaybeUninit;

use tenfold_cdecl::Type;

use crate::declarations::Declarations;
use crate::error::Result;

/// The unit in which memory is taken: as aligned as any type of C is.
#[derive(Debug, Clone, Copy)]
#[repr(C, align(16))]
struct Chunk([MaybeUninit<u8>; 16]);

/// An object in memory of its own, with its type: CFFI's `ffi.new`.
#[derive(Debug, Clone)]
pub struct Data {
    chunks: Box<[Chunk]>,
    bytes: usize,
    ty: Type,
    declarations: Declarations,
}

impl Data {
    /// Zeroed, and as large as the type.
    pub(crate) fn zeroed(declarations: &Declarations, ty: Type) -> Result<Self> {
        let bytes = usize::try_from(declarations.unit().layout(ty)?.size()).unwrap_or(usize::MAX);
        let zero = Chunk([MaybeUninit::new(0); 16]);
        let chunks = vec![zero; bytes.div_ceil(16).max(1)].into_boxed_slice();
        Ok(Self { chunks, bytes, ty, declarations: declarations.clone() })
    }

    /// Its type.
    #[must_use]
    pub fn ty(&self) -> Type {
        self.ty
    }

    /// What its type is declared in.
    #[must_use]
    pub fn declarations(&self) -> &Declarations {
        &self.declarations
    }

    /// How many bytes it has.
    #[must_use]
    pub fn size(&self) -> usize {
        self.bytes
    }

    pub(crate) fn address(&self) -> *const u8 {
        self.chunks.as_ptr().cast()
    }

    pub(crate) fn address_mut(&mut self) -> *mut u8 {
        self.chunks.as_mut_ptr().cast()
    }
}
