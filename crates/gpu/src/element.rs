//! What arrays on a device are made of.

use crate::adapter::Feature;

/// A type of elements: `f32`, `i32` and `u32` on every device, `f64`, `i64` and `u64` where the
/// device has them.
///
/// On a device without a type its arrays are an error; nothing is ever computed in a narrower one.
pub trait Element: sealed::Sealed + std::fmt::Debug {
    /// The name of the type in WGSL, which is Rust's.
    const WGSL: &'static str;
    /// What a device must have for it.
    const FEATURE: Option<Feature>;
}

pub(crate) mod sealed {
    /// What no other crate implements: plain numbers, any bits of which are one.
    #[expect(unnameable_types, reason = "that is what seals")]
    pub trait Sealed:
        bytemuck::Pod + Default + PartialEq + PartialOrd + Send + Sync + 'static
    {
        /// As a literal of WGSL.
        #[doc(hidden)]
        fn literal(self) -> String;
        /// A count as a number, rounded or cut off.
        #[doc(hidden)]
        fn of(count: usize) -> Self;
        /// Divided by a count, which is not 0.
        #[doc(hidden)]
        fn share(self, count: usize) -> Self;
        /// Of a range where it begins, how far it is to its end, and its last number.
        #[doc(hidden)]
        fn bounds(range: &std::ops::Range<Self>) -> [Self; 3];
    }
}

macro_rules! elements {
    ($($ty:ty, $feature:expr, |$x:ident| $literal:expr, $of:expr, $bounds:expr;)*) => {$(
        impl Element for $ty {
            const WGSL: &'static str = stringify!($ty);
            const FEATURE: Option<Feature> = $feature;
        }

        impl sealed::Sealed for $ty {
            fn literal(self) -> String {
                let $x = self;
                $literal
            }

            fn of(count: usize) -> Self {
                let of: fn(usize) -> Self = $of;
                of(count)
            }

            fn share(self, count: usize) -> Self {
                self / Self::of(count)
            }

            fn bounds(range: &std::ops::Range<Self>) -> [Self; 3] {
                let bounds: fn(Self, Self) -> [Self; 2] = $bounds;
                let [width, last] = bounds(range.start, range.end);
                [range.start, width, last]
            }
        }
    )*};
}

// Bits for floats, so that NaN, infinities and -0.0 are literals too; the smallest integers are no
// literals with a sign before.
elements! {
    f32, None, |x| format!("bitcast<f32>({}u)", x.to_bits()), |n| n as f32, |from, to| [to - from, to.next_down()];
    i32, None, |x| format!("bitcast<i32>({}u)", x.cast_unsigned()), |n| {
        i32::try_from(n).unwrap_or(i32::MAX)
    }, |from, to| [to.wrapping_sub(from), to.wrapping_sub(1)];
    u32, None, |x| format!("{x}u"), |n| u32::try_from(n).unwrap_or(u32::MAX), |from, to| [to.wrapping_sub(from), to.wrapping_sub(1)];
    f64, Some(Feature::F64), |x| format!("bitcast<f64>({}lu)", x.to_bits()), |n| n as f64, |from, to| [to - from, to.next_down()];
    i64, Some(Feature::I64), |x| format!("bitcast<i64>({}lu)", x.cast_unsigned()), |n| {
        i64::try_from(n).unwrap_or(i64::MAX)
    }, |from, to| [to.wrapping_sub(from), to.wrapping_sub(1)];
    u64, Some(Feature::I64), |x| format!("{x}lu"), |n| n as u64, |from, to| [to.wrapping_sub(from), to.wrapping_sub(1)];
}
