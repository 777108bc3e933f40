//! What reductions combine with.

use crate::builtin::is_primitive;
use crate::{Builtin, Element, ExactSum, Located};

/// Combines two values, of which `left` comes from lower ranks.
///
/// Must be associative; need not be commutative, since values are combined in the order of ranks. A closure
/// `|left, right| ..` is one too.
pub trait Operation<T> {
    /// `left` and `right` in one.
    fn combine(&self, left: T, right: T) -> T;

    /// Which of those it is that every system has, and that one may use in its place; none of a closure.
    fn builtin(&self) -> Option<Builtin> {
        None
    }
}

impl<T, F: Fn(T, T) -> T> Operation<T> for F {
    fn combine(&self, left: T, right: T) -> T {
        self(left, right)
    }
}

macro_rules! operations {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default)]
        pub struct $name;
    )*};
}

operations! {
    /// The sum. Integers wrap around.
    Sum;
    /// The product. Integers wrap around.
    Prod;
    /// The least. NaN, if there is one.
    Min;
    /// The greatest. NaN, if there is one.
    Max;
    /// Whether all are true.
    And;
    /// Whether one is true.
    Or;
    /// Whether an odd number is true.
    Xor;
    /// The bits that all have.
    BitAnd;
    /// The bits that one has.
    BitOr;
    /// The bits that an odd number has.
    BitXor;
    /// The least and where it was found; of equals, the lowest place. NaN, if there is one.
    MinLoc;
    /// The greatest and where it was found; of equals, the lowest place. NaN, if there is one.
    MaxLoc;
    /// The one from the right: what an [`accumulate`](crate::Target::accumulate) brings.
    Replace;
    /// The one from the left: what an [`accumulate`](crate::Target::accumulate) finds.
    NoOp;
}

macro_rules! combine {
    ($($operation:ident for $($type:ty),*: |$left:ident, $right:ident| $value:expr;)*) => {$($(
        impl Operation<$type> for $operation {
            fn combine(&self, $left: $type, $right: $type) -> $type {
                $value
            }

            fn builtin(&self) -> Option<Builtin> {
                Some(Builtin::$operation)
            }
        }
    )*)*};
}

combine! {
    Sum for i8, i16, i32, i64, isize, u8, u16, u32, u64, usize: |left, right| left.wrapping_add(right);
    Sum for f32, f64: |left, right| left + right;
    Prod for i8, i16, i32, i64, isize, u8, u16, u32, u64, usize: |left, right| left.wrapping_mul(right);
    Prod for f32, f64: |left, right| left * right;
    BitAnd for i8, i16, i32, i64, isize, u8, u16, u32, u64, usize: |left, right| left & right;
    BitOr for i8, i16, i32, i64, isize, u8, u16, u32, u64, usize: |left, right| left | right;
    BitXor for i8, i16, i32, i64, isize, u8, u16, u32, u64, usize: |left, right| left ^ right;
    And for bool: |left, right| left & right;
    Or for bool: |left, right| left | right;
    Xor for bool: |left, right| left ^ right;
}

#[cfg(feature = "complex")]
combine! {
    Sum for num_complex::Complex32, num_complex::Complex64: |left, right| left + right;
    Prod for num_complex::Complex32, num_complex::Complex64: |left, right| left * right;
}

impl Operation<ExactSum> for Sum {
    fn combine(&self, mut left: ExactSum, right: ExactSum) -> ExactSum {
        left.merge(&right);
        left
    }
}

/// Whether `a` goes before `b` under NaN, which goes before all: then it is found, whoever has it.
#[expect(clippy::eq_op, reason = "NaN is what is not itself")]
fn first<T: PartialOrd>(a: &T, b: &T, less: impl Fn(&T, &T) -> bool) -> bool {
    if a != a || b != b { a != a } else { less(a, b) }
}

impl<T: Element + PartialOrd> Operation<T> for Min {
    fn combine(&self, left: T, right: T) -> T {
        if first(&right, &left, |a, b| a < b) { right } else { left }
    }

    fn builtin(&self) -> Option<Builtin> {
        is_primitive::<T>().then_some(Builtin::Min)
    }
}

impl<T: Element + PartialOrd> Operation<T> for Max {
    fn combine(&self, left: T, right: T) -> T {
        if first(&right, &left, |a, b| a > b) { right } else { left }
    }

    fn builtin(&self) -> Option<Builtin> {
        is_primitive::<T>().then_some(Builtin::Max)
    }
}

/// The one that goes first, or the lower place of two that are equal.
fn located<T: PartialOrd>(
    left: Located<T>,
    right: Located<T>,
    less: impl Fn(&T, &T) -> bool + Copy,
) -> Located<T> {
    let before = first(&right.value, &left.value, less);
    let after = first(&left.value, &right.value, less);
    if (before && !after) || (before == after && right.at < left.at) { right } else { left }
}

impl<T: Element + PartialOrd> Operation<Located<T>> for MinLoc {
    fn combine(&self, left: Located<T>, right: Located<T>) -> Located<T> {
        located(left, right, |a, b| a < b)
    }

    fn builtin(&self) -> Option<Builtin> {
        is_primitive::<T>().then_some(Builtin::MinLoc)
    }
}

impl<T: Element + PartialOrd> Operation<Located<T>> for MaxLoc {
    fn combine(&self, left: Located<T>, right: Located<T>) -> Located<T> {
        located(left, right, |a, b| a > b)
    }

    fn builtin(&self) -> Option<Builtin> {
        is_primitive::<T>().then_some(Builtin::MaxLoc)
    }
}

impl<T: Element> Operation<T> for Replace {
    fn combine(&self, _: T, right: T) -> T {
        right
    }

    fn builtin(&self) -> Option<Builtin> {
        Some(Builtin::Replace)
    }
}

impl<T: Element> Operation<T> for NoOp {
    fn combine(&self, left: T, _: T) -> T {
        left
    }

    fn builtin(&self) -> Option<Builtin> {
        Some(Builtin::NoOp)
    }
}

#[cfg(test)]
mod tests {
    use super::{Max, MaxLoc, Min, MinLoc, Operation as _, Prod, Sum};
    use crate::Located;

    #[test]
    fn integers_wrap_around() {
        assert_eq!(Sum.combine(u8::MAX, 2), 1);
        assert_eq!(Prod.combine(i32::MAX, 2), -2);
    }

    #[test]
    fn nan_is_found_from_either_side() {
        for (a, b) in [(f64::NAN, 1.0), (1.0, f64::NAN)] {
            assert!(Min.combine(a, b).is_nan() && Max.combine(a, b).is_nan());
            let (a, b) = (Located { value: a, at: 0 }, Located { value: b, at: 1 });
            assert!(MinLoc.combine(a, b).value.is_nan() && MaxLoc.combine(a, b).value.is_nan());
        }
        assert_eq!((Min.combine(2.0, 1.0), Max.combine(2.0, 1.0)), (1.0, 2.0));
    }

    #[test]
    fn of_equals_the_lowest_place_is_found() {
        let [a, b, c] = [(5, 3), (5, 1), (2, 9)].map(|(value, at)| Located { value, at });
        assert_eq!((MinLoc.combine(a, b), MaxLoc.combine(b, a)), (b, b));
        assert_eq!((MinLoc.combine(a, c), MaxLoc.combine(c, a)), (c, a));
    }
}
