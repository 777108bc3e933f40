//! What C gets where a closure has no answer.

use num_complex::Complex;

/// A type that a callback may return, with what C gets after a panic unless
/// [`Callback::on_error`](crate::Callback::on_error) says otherwise, and after the end of the callback: 0,
/// `false`, a null pointer, nothing.
///
/// # Examples
///
/// ```
/// use tenfold_ffi::OnError;
///
/// #[derive(Clone, Copy)]
/// #[repr(C)]
/// struct Point {
///     x: f64,
///     y: f64,
/// }
///
/// impl OnError for Point {
///     const ON_ERROR: Self = Self { x: f64::NAN, y: f64::NAN };
/// }
/// assert_eq!(<i32 as OnError>::ON_ERROR, 0);
/// ```
pub trait OnError: Copy {
    /// The value.
    const ON_ERROR: Self;
}

macro_rules! zeros {
    ($($ty:ty => $zero:expr,)*) => {$(
        impl OnError for $ty {
            const ON_ERROR: Self = $zero;
        }
    )*};
}

zeros! {
    () => (),
    bool => false,
    i8 => 0,
    u8 => 0,
    i16 => 0,
    u16 => 0,
    i32 => 0,
    u32 => 0,
    i64 => 0,
    u64 => 0,
    i128 => 0,
    u128 => 0,
    isize => 0,
    usize => 0,
    f32 => 0.0,
    f64 => 0.0,
    Complex<f32> => Complex::new(0.0, 0.0),
    Complex<f64> => Complex::new(0.0, 0.0),
}

impl<T> OnError for *const T {
    const ON_ERROR: Self = std::ptr::null();
}

impl<T> OnError for *mut T {
    const ON_ERROR: Self = std::ptr::null_mut();
}

impl<T: Copy> OnError for Option<T> {
    const ON_ERROR: Self = None;
}
