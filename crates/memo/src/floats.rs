//! Keys with floats in them, which have no `Hash` and no `Eq` of their own.

use std::fmt;
use std::hash::{Hash, Hasher};

use crate::lookup::Lookup;

/// What can be compared by its numbers: floats, and what is made of them.
///
/// As numbers, -0.0 is 0.0, and any NaN is any other: a key is found again. With `typed` the bits
/// count. The macros choose this for parameters whose type says `f32` or `f64`.
///
/// With a disk, what is fed is what a file is known by: keys that are not the same must not feed the same.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be remembered by its floats",
    note = "there are f32, f64, slices, arrays, vectors, options and tuples of them, and, with the \
            feature `ndarray`, arrays; else ignore the argument, or implement `Content`"
)]
pub trait Content {
    /// Feeds the hasher.
    fn feed<H: Hasher>(&self, typed: bool, state: &mut H);
    /// Whether both are the same key.
    fn same(&self, other: &Self, typed: bool) -> bool;
}

/// A key that owns floats: those of an `f64`, of a `[f64]`, which it keeps as a `Vec<f64>`, ..
///
/// ```
/// use tenfold_memo::{Floats, Memo};
///
/// let sums: Memo<Floats<[f64]>, f64> = Memo::new(8);
/// let sum = |x: &[f64]| sums.get_or_insert_with(Floats::of(x), || x.iter().sum());
/// assert_eq!(sum(&[0.0, 1.5]), 1.5);
/// assert_eq!(sum(&[-0.0, 1.5]), 1.5);
/// assert_eq!(sums.info().hits, 1);
/// ```
///
/// `Floats<X, true>` compares bits.
pub struct Floats<X: Content + ToOwned + ?Sized, const TYPED: bool = false> {
    owned: X::Owned,
}

/// Finds [`Floats`].
#[derive(Debug)]
pub struct FloatsOf<'a, X: ?Sized, const TYPED: bool>(&'a X);

impl<X: Content + ToOwned + ?Sized, const TYPED: bool> Floats<X, TYPED> {
    #[cfg(feature = "ndarray")]
    pub(crate) const fn new(owned: X::Owned) -> Self {
        Self { owned }
    }

    /// What finds the key of these floats.
    pub const fn of(floats: &X) -> FloatsOf<'_, X, TYPED> {
        FloatsOf(floats)
    }

    /// The floats.
    pub fn get(&self) -> &X {
        std::borrow::Borrow::borrow(&self.owned)
    }
}

impl<X, const TYPED: bool> Lookup<Floats<X, TYPED>> for FloatsOf<'_, X, TYPED>
where
    X: Content + ToOwned + ?Sized,
{
    #[inline]
    fn feed<H: Hasher>(&self, state: &mut H) {
        self.0.feed(TYPED, state);
    }

    #[inline]
    fn matches(&self, key: &Floats<X, TYPED>) -> bool {
        self.0.same(key.get(), TYPED)
    }

    fn to_key(&self) -> Floats<X, TYPED> {
        Floats { owned: self.0.to_owned() }
    }
}

impl<X: Content + ToOwned + ?Sized, const TYPED: bool> PartialEq for Floats<X, TYPED> {
    fn eq(&self, other: &Self) -> bool {
        self.get().same(other.get(), TYPED)
    }
}

impl<X: Content + ToOwned + ?Sized, const TYPED: bool> Eq for Floats<X, TYPED> {}

impl<X: Content + ToOwned + ?Sized, const TYPED: bool> Hash for Floats<X, TYPED> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.get().feed(TYPED, state);
    }
}

#[cfg(feature = "disk")]
impl<X, const TYPED: bool> serde::Serialize for Floats<X, TYPED>
where
    X: Content + ToOwned + ?Sized,
    X::Owned: serde::Serialize,
{
    /// What is fed to a hasher, since equal keys are the same file: 0.0 is written as -0.0 is.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if TYPED {
            return self.owned.serialize(serializer);
        }
        let mut fed = crate::disk::Fed::default();
        self.get().feed(TYPED, &mut fed);
        serializer.serialize_bytes(&fed.0)
    }
}

impl<X: Content + ToOwned + ?Sized, const TYPED: bool> Clone for Floats<X, TYPED> {
    fn clone(&self) -> Self {
        Self { owned: self.get().to_owned() }
    }
}

impl<X: Content + ToOwned + fmt::Debug + ?Sized, const TYPED: bool> fmt::Debug
    for Floats<X, TYPED>
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Floats").field(&self.get()).finish()
    }
}

macro_rules! numbers {
    ($($ty:ty)*) => { $(
        impl Content for $ty {
            #[inline]
            fn feed<H: Hasher>(&self, typed: bool, state: &mut H) {
                let x = *self;
                // x + 0.0 is 0.0 for -0.0, and x for all else.
                let x = if typed { x } else if x.is_nan() { <$ty>::NAN } else { x + 0.0 };
                x.to_bits().hash(state);
            }

            #[inline]
            fn same(&self, other: &Self, typed: bool) -> bool {
                if typed {
                    return self.to_bits() == other.to_bits();
                }
                self == other || (self.is_nan() && other.is_nan())
            }
        }
    )* };
}

numbers! { f32 f64 }

macro_rules! by_hash {
    ($($ty:ty)*) => { $(
        impl Content for $ty {
            #[inline]
            fn feed<H: Hasher>(&self, _: bool, state: &mut H) {
                self.hash(state);
            }

            #[inline]
            fn same(&self, other: &Self, _: bool) -> bool {
                self == other
            }
        }
    )* };
}

by_hash! { i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize bool char str String }

impl<T: Content> Content for [T] {
    fn feed<H: Hasher>(&self, typed: bool, state: &mut H) {
        self.len().hash(state);
        self.iter().for_each(|x| x.feed(typed, state));
    }

    fn same(&self, other: &Self, typed: bool) -> bool {
        self.len() == other.len() && self.iter().zip(other).all(|(a, b)| a.same(b, typed))
    }
}

macro_rules! as_slices {
    ($([$($generics:tt)*] $ty:ty;)*) => { $(
        impl<T: Content, $($generics)*> Content for $ty {
            fn feed<H: Hasher>(&self, typed: bool, state: &mut H) {
                self[..].feed(typed, state);
            }

            fn same(&self, other: &Self, typed: bool) -> bool {
                self[..].same(&other[..], typed)
            }
        }
    )* };
}

as_slices! {
    [] Vec<T>;
    [] Box<[T]>;
    [const N: usize] [T; N];
}

impl<T: Content> Content for Option<T> {
    fn feed<H: Hasher>(&self, typed: bool, state: &mut H) {
        self.is_some().hash(state);
        self.iter().for_each(|x| x.feed(typed, state));
    }

    fn same(&self, other: &Self, typed: bool) -> bool {
        match (self, other) {
            (Some(a), Some(b)) => a.same(b, typed),
            (a, b) => a.is_none() && b.is_none(),
        }
    }
}

macro_rules! tuples {
    ($(($($t:ident $i:tt),*))*) => { $(
        impl<$($t: Content),*> Content for ($($t,)*) {
            fn feed<S: Hasher>(&self, typed: bool, state: &mut S) {
                $(self.$i.feed(typed, state);)*
            }

            fn same(&self, other: &Self, typed: bool) -> bool {
                true $(&& self.$i.same(&other.$i, typed))*
            }
        }
    )* };
}

tuples! { (A 0) (A 0, B 1) (A 0, B 1, C 2) (A 0, B 1, C 2, D 3) }
