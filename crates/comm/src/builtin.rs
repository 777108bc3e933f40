//! The operations that every system knows.

use std::any::TypeId;

use crate::operation::{BitAnd, BitOr, BitXor, Max, Min, NoOp, Operation, Prod, Replace, Sum};
use crate::{ErrorKind, Primitive, Result, SendBuffer};

/// Which built-in operation an [`Operation`] is: what a system that cannot call a closure combines with.
///
/// ```
/// use tenfold_comm::{Builtin, Operation, Sum};
///
/// assert_eq!(Operation::<f64>::builtin(&Sum), Some(Builtin::Sum));
/// assert_eq!((|a: f64, _: f64| a).builtin(), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Builtin {
    /// [`Sum`](crate::Sum)
    Sum,
    /// [`Prod`](crate::Prod)
    Prod,
    /// [`Min`](crate::Min)
    Min,
    /// [`Max`](crate::Max)
    Max,
    /// [`And`](crate::And)
    And,
    /// [`Or`](crate::Or)
    Or,
    /// [`Xor`](crate::Xor)
    Xor,
    /// [`BitAnd`](crate::BitAnd)
    BitAnd,
    /// [`BitOr`](crate::BitOr)
    BitOr,
    /// [`BitXor`](crate::BitXor)
    BitXor,
    /// [`MinLoc`](crate::MinLoc)
    MinLoc,
    /// [`MaxLoc`](crate::MaxLoc)
    MaxLoc,
    /// [`Replace`](crate::Replace)
    Replace,
    /// [`NoOp`](crate::NoOp)
    NoOp,
}

/// Whether this is one of the types that primitives name. Another of the same layout may have an order of
/// its own, and then the least is not what a system takes for it.
pub(crate) fn is_primitive<T: 'static>() -> bool {
    macro_rules! one_of {
        ($($type:ty)*) => { [$(TypeId::of::<$type>()),*].contains(&TypeId::of::<T>()) };
    }
    one_of!(i8 i16 i32 i64 isize u8 u16 u32 u64 usize f32 f64)
}

/// Combines element by element, as bytes.
macro_rules! fold {
    ($operation:ident, $type:ty, $into:ident, $data:ident) => {
        for (into, data) in $into.as_chunks_mut().0.iter_mut().zip($data.as_chunks().0) {
            let (left, right) = (<$type>::from_ne_bytes(*into), <$type>::from_ne_bytes(*data));
            *into = $operation.combine(left, right).to_ne_bytes();
        }
    };
}

/// A function that combines bytes by an operation, for these types.
macro_rules! folds {
    ($($name:ident $operation:ident: $($primitive:ident $type:ty),*;)*) => {$(
        fn $name(of: Primitive, into: &mut [u8], data: &[u8]) -> bool {
            match of {
                $(Primitive::$primitive => fold!($operation, $type, into, data),)*
                _ => return false,
            }
            true
        }
    )*};
}

macro_rules! with_integers {
    ($($name:ident $operation:ident;)*) => { folds! {$(
        $name $operation: I8 i8, I16 i16, I32 i32, I64 i64, Isize isize, U8 u8, U16 u16, U32 u32, U64 u64,
            Usize usize;
    )*} };
}

macro_rules! with_numbers {
    ($($name:ident $operation:ident;)*) => { folds! {$(
        $name $operation: I8 i8, I16 i16, I32 i32, I64 i64, Isize isize, U8 u8, U16 u16, U32 u32, U64 u64,
            Usize usize, F32 f32, F64 f64;
    )*} };
}

with_numbers! { sum Sum; prod Prod; min Min; max Max; replace Replace; no_op NoOp; }
with_integers! { bit_and BitAnd; bit_or BitOr; bit_xor BitXor; }

impl Builtin {
    /// All, in the order of their numbers.
    pub(crate) const ALL: [Self; 14] = [
        Self::Sum,
        Self::Prod,
        Self::Min,
        Self::Max,
        Self::And,
        Self::Or,
        Self::Xor,
        Self::BitAnd,
        Self::BitOr,
        Self::BitXor,
        Self::MinLoc,
        Self::MaxLoc,
        Self::Replace,
        Self::NoOp,
    ];

    /// For implementors of [`Exposed`](crate::Exposed): combines numbers with as many others, which come from
    /// the right; `false` where there is no such operation on them. Nothing of a user's runs here, so that it
    /// can be done under a lock.
    ///
    /// ```
    /// use tenfold_comm::{Builtin, Primitive};
    ///
    /// let mut sum = 3_u16.to_ne_bytes();
    /// assert!(Builtin::Sum.combine(Primitive::U16, &mut sum, &4_u16.to_ne_bytes()));
    /// assert_eq!(u16::from_ne_bytes(sum), 7);
    /// assert!(!Builtin::And.combine(Primitive::U16, &mut sum, &[0; 2]));
    /// ```
    #[must_use]
    pub fn combine(self, of: Primitive, into: &mut [u8], data: &[u8]) -> bool {
        let combine = match self {
            Self::Sum => sum,
            Self::Prod => prod,
            Self::Min => min,
            Self::Max => max,
            Self::BitAnd => bit_and,
            Self::BitOr => bit_or,
            Self::BitXor => bit_xor,
            Self::Replace => replace,
            Self::NoOp => no_op,
            Self::And | Self::Or | Self::Xor | Self::MinLoc | Self::MaxLoc => return false,
        };
        combine(of, into, data)
    }

    /// For implementors of [`Exposed`](crate::Exposed): as [`combine`](Self::combine), of what a rank brings.
    ///
    /// # Errors
    /// [`Operation`](ErrorKind::Operation) where there is no such operation on it.
    pub fn accumulate(self, of: Primitive, into: &mut [u8], data: &SendBuffer<'_>) -> Result<()> {
        if self.combine(of, into, data.as_bytes()?) {
            return Ok(());
        }
        let (builtin, layout) = (Some(self), data.layout());
        Err(ErrorKind::Operation { builtin, layout }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::Builtin;
    use crate::{Max, Min, MinLoc, Operation, Primitive, Replace};

    #[test]
    fn numbers_are_combined_as_bytes() {
        let mut into: Vec<u8> = [1_i16, -5].iter().flat_map(|n| n.to_ne_bytes()).collect();
        let data: Vec<u8> = [10_i16, 3].iter().flat_map(|n| n.to_ne_bytes()).collect();
        assert!(Builtin::Sum.combine(Primitive::I16, &mut into, &data));
        let must: Vec<u8> = [11_i16, -2].iter().flat_map(|n| n.to_ne_bytes()).collect();
        assert_eq!(into, must);
        assert!(!Builtin::BitAnd.combine(Primitive::F64, &mut into, &data));
        assert!(!Builtin::Sum.combine(Primitive::Bool, &mut into, &data));
    }

    #[test]
    fn what_has_an_order_of_its_own_is_not_built_in() {
        assert_eq!(Operation::<f32>::builtin(&Min), Some(Builtin::Min));
        assert_eq!(Operation::<[f32; 2]>::builtin(&Max), None);
        assert_eq!(Operation::<crate::Located<i32>>::builtin(&MinLoc), Some(Builtin::MinLoc));
        assert_eq!(Operation::<[u8; 3]>::builtin(&Replace), Some(Builtin::Replace));
    }
}
