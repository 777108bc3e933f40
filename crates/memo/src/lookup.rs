//! What a key is looked up by.

use std::borrow::Borrow;
use std::hash::{Hash, Hasher};

/// Something that finds a key `K` without being one, as `&str` finds a `String`.
///
/// Implemented for
/// - references to whatever can be hashed, compared and owned: `&T` finds the `T` of a `T: Clone`,
///   `&str` a `String`, `&[T]` a `Vec<T>`, `&Path` a `PathBuf`;
/// - integers, `bool`, `char` and `String` by value;
/// - tuples of up to twelve of these, `Option`s of them, and [`Floats::of`](crate::Floats::of),
///   which stands for floats.
///
/// ```
/// use tenfold_memo::Memo;
///
/// let lengths: Memo<(String, u32), usize> = Memo::new(128);
/// let length = |text: &str, n: u32| lengths.get_or_insert_with((text, n), || text.len() * n as usize);
/// assert_eq!(length("ab", 3), 6);
/// assert_eq!(length("ab", 3), 6); // no String was made to find it
/// assert_eq!(lengths.info().hits, 1);
/// ```
///
/// Two lookups that match the same key must feed the hasher the same.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot look up the key `{K}`",
    label = "no way to find a `{K}` by this",
    note = "what is remembered by must be `Hash + Eq + Clone`; floats are looked up by `Floats::of(&x)`"
)]
pub trait Lookup<K> {
    /// Feeds the hasher.
    fn feed<H: Hasher>(&self, state: &mut H);
    /// Whether this is the key.
    fn matches(&self, key: &K) -> bool;
    /// The key, to be kept.
    fn to_key(&self) -> K;
}

impl<T, K> Lookup<K> for &T
where
    T: ToOwned<Owned = K> + Hash + Eq + ?Sized,
    K: Borrow<T>,
{
    #[inline]
    fn feed<H: Hasher>(&self, state: &mut H) {
        self.hash(state);
    }

    #[inline]
    fn matches(&self, key: &K) -> bool {
        **self == *key.borrow()
    }

    fn to_key(&self) -> K {
        (*self).to_owned()
    }
}

macro_rules! by_value {
    ($($ty:ty)*) => { $(
        impl Lookup<$ty> for $ty {
            #[inline]
            fn feed<H: Hasher>(&self, state: &mut H) {
                self.hash(state);
            }

            #[inline]
            fn matches(&self, key: &$ty) -> bool {
                self == key
            }

            fn to_key(&self) -> $ty {
                self.clone()
            }
        }
    )* };
}

by_value! { i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize bool char String }

impl<Q: Lookup<K>, K> Lookup<Option<K>> for Option<Q> {
    fn feed<H: Hasher>(&self, state: &mut H) {
        // As `Option` itself does it, which a reference to one is looked up by.
        std::mem::discriminant(self).hash(state);
        self.iter().for_each(|some| some.feed(state));
    }

    fn matches(&self, key: &Option<K>) -> bool {
        match (self, key) {
            (Some(some), Some(key)) => some.matches(key),
            (None, None) => true,
            _ => false,
        }
    }

    fn to_key(&self) -> Option<K> {
        self.as_ref().map(Lookup::to_key)
    }
}

/// What functions without arguments are remembered by.
impl Lookup<()> for () {
    fn feed<H: Hasher>(&self, _: &mut H) {}

    fn matches(&self, (): &()) -> bool {
        true
    }

    fn to_key(&self) {}
}

macro_rules! tuples {
    ($(($($q:ident $k:ident $i:tt),*))*) => { $(
        impl<$($q: Lookup<$k>, $k),*> Lookup<($($k,)*)> for ($($q,)*) {
            #[inline]
            fn feed<S: Hasher>(&self, state: &mut S) {
                $(self.$i.feed(state);)*
            }

            #[inline]
            fn matches(&self, key: &($($k,)*)) -> bool {
                true $(&& self.$i.matches(&key.$i))*
            }

            fn to_key(&self) -> ($($k,)*) {
                ($(self.$i.to_key(),)*)
            }
        }
    )* };
}

tuples! {
    (A Ka 0)
    (A Ka 0, B Kb 1)
    (A Ka 0, B Kb 1, C Kc 2)
    (A Ka 0, B Kb 1, C Kc 2, D Kd 3)
    (A Ka 0, B Kb 1, C Kc 2, D Kd 3, E Ke 4)
    (A Ka 0, B Kb 1, C Kc 2, D Kd 3, E Ke 4, F Kf 5)
    (A Ka 0, B Kb 1, C Kc 2, D Kd 3, E Ke 4, F Kf 5, G Kg 6)
    (A Ka 0, B Kb 1, C Kc 2, D Kd 3, E Ke 4, F Kf 5, G Kg 6, H Kh 7)
    (A Ka 0, B Kb 1, C Kc 2, D Kd 3, E Ke 4, F Kf 5, G Kg 6, H Kh 7, I Ki 8)
    (A Ka 0, B Kb 1, C Kc 2, D Kd 3, E Ke 4, F Kf 5, G Kg 6, H Kh 7, I Ki 8, J Kj 9)
    (A Ka 0, B Kb 1, C Kc 2, D Kd 3, E Ke 4, F Kf 5, G Kg 6, H Kh 7, I Ki 8, J Kj 9, L Kl 10)
    (A Ka 0, B Kb 1, C Kc 2, D Kd 3, E Ke 4, F Kf 5, G Kg 6, H Kh 7, I Ki 8, J Kj 9, L Kl 10, M Km 11)
}

/// What an argument of a remembered function can be.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an argument by which results are remembered",
    label = "is not `Hash + Eq + Clone`",
    note = "derive these, or `ignore` the argument; write `f64` itself for an alias of it, since floats are known by their name"
)]
pub trait Key {}

impl<T: ToOwned + Hash + Eq + ?Sized> Key for T {}

/// Says of an argument that it is none, on its type.
#[inline(always)]
#[must_use]
pub const fn key<T: Key + ?Sized>(argument: &T) -> &T {
    argument
}
