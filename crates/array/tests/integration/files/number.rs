//! Elements of which a test knows what they have to be.

use num_complex::Complex;
use tenfold_array::Element;
use tenfold_array::ndarray::{ArrayD, IxDyn};

/// An element that is made of its number, as `golden/make.py` does.
pub(crate) trait Number: Element {
    fn of(k: usize) -> Self;

    /// Its bytes, the highest or the lowest first.
    fn bytes(self, is_big: bool) -> Vec<u8>;
}

macro_rules! reals {
    ($plus:expr, $($T:ident)*) => {$(
        impl Number for $T {
            fn of(k: usize) -> Self {
                Self::from(u8::try_from(k * 7 % 100).unwrap()) + $plus
            }

            fn bytes(self, is_big: bool) -> Vec<u8> {
                (if is_big { self.to_be_bytes() } else { self.to_le_bytes() }).to_vec()
            }
        }
    )*};
}

reals!(0, i16 i32 i64 u8 u16 u32 u64);
reals!(0.5, f32 f64);

impl Number for i8 {
    fn of(k: usize) -> Self {
        Self::try_from(k * 7 % 100).unwrap()
    }

    fn bytes(self, is_big: bool) -> Vec<u8> {
        u8::try_from(self).unwrap().bytes(is_big)
    }
}

impl Number for bool {
    fn of(k: usize) -> Self {
        k.is_multiple_of(3)
    }

    fn bytes(self, _: bool) -> Vec<u8> {
        vec![self.into()]
    }
}

macro_rules! complex {
    ($($T:ident)*) => {$(
        impl Number for Complex<$T> {
            fn of(k: usize) -> Self {
                let k = $T::from(u16::try_from(k % 10_000).unwrap());
                // Not -0 times 0.25, which is another zero.
                Self::new(1.5 * k, 0.0 - 0.25 * k)
            }

            fn bytes(self, is_big: bool) -> Vec<u8> {
                [self.re.bytes(is_big), self.im.bytes(is_big)].concat()
            }
        }
    )*};
}

complex!(f32 f64);

/// The array of a shape whose elements are counted in row-major order.
pub(crate) fn array<T: Number>(shape: &[usize]) -> ArrayD<T> {
    let count = shape.iter().product();
    ArrayD::from_shape_vec(IxDyn(shape), (0..count).map(T::of).collect()).unwrap()
}

/// Calls a generic function for each type of element.
macro_rules! for_each_type {
    ($f:ident($($argument:expr),*)) => {{
        $f::<bool>($($argument),*);
        $f::<i8>($($argument),*);
        $f::<i16>($($argument),*);
        $f::<i32>($($argument),*);
        $f::<i64>($($argument),*);
        $f::<u8>($($argument),*);
        $f::<u16>($($argument),*);
        $f::<u32>($($argument),*);
        $f::<u64>($($argument),*);
        $f::<f32>($($argument),*);
        $f::<f64>($($argument),*);
        $f::<num_complex::Complex32>($($argument),*);
        $f::<num_complex::Complex64>($($argument),*);
    }};
}

pub(crate) use for_each_type;
