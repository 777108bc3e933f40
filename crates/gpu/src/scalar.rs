//! The numbers of kernels, and how arrays hold them.

use crate::element::Element;

/// A type that a kernel computes with: an [`Element`], which arrays hold as it is, or `bool`, which they
/// hold as 0 and 1 of `u32`.
pub trait Scalar: sealed::Sealed + tenfold_kernel::Element {
    /// What arrays hold.
    type Stored: Element;
    /// As arrays hold it.
    fn stored(self) -> Self::Stored;
}

mod sealed {
    #[expect(unnameable_types, reason = "that is what seals")]
    pub trait Sealed {}
}

macro_rules! scalars {
    ($($ty:ty)*) => {$(
        impl sealed::Sealed for $ty {}
        impl Scalar for $ty {
            type Stored = $ty;
            fn stored(self) -> $ty {
                self
            }
        }
    )*};
}
scalars!(f32 f64 i32 i64 u32 u64);

impl sealed::Sealed for bool {}
impl Scalar for bool {
    type Stored = u32;
    fn stored(self) -> u32 {
        self.into()
    }
}

/// An expression for what an array holds, as a kernel takes it.
pub(crate) fn loaded(ty: &str, expression: &str) -> String {
    if ty == "bool" { format!("({expression} != 0u)") } else { expression.to_owned() }
}

/// An expression for what a kernel gives, as an array holds it.
pub(crate) fn to_store(ty: &str, expression: &str) -> String {
    if ty == "bool" { format!("u32({expression})") } else { expression.to_owned() }
}
