//! Accumulators as bytes, for other ranks.

use std::any::{Any, TypeId};

use num_complex::{Complex32, Complex64};

use crate::element::Element;

/// How a value is written, and read again: with all its bits.
pub(crate) struct Packing<A> {
    pub(crate) write: fn(&A, &mut Vec<u8>),
    pub(crate) read: fn(&mut &[u8]) -> Option<A>,
}

/// What knows how it is written.
pub(crate) trait Packed: Sized {
    fn write(&self, to: &mut Vec<u8>);

    /// Reads one off the front, if it is there.
    fn read(from: &mut &[u8]) -> Option<Self>;
}

impl<T: Element> Packed for T {
    fn write(&self, to: &mut Vec<u8>) {
        to.extend_from_slice(T::as_bytes(std::slice::from_ref(self)));
    }

    fn read(from: &mut &[u8]) -> Option<Self> {
        let own = from.split_off(..T::DTYPE.bytes())?;
        let mut element = [T::default()];
        let read = T::from_bytes(&mut element, &mut |to| {
            to.copy_from_slice(own);
            Ok(())
        });
        read.is_ok().then_some(element[0])
    }
}

impl<A: Packed, B: Packed> Packed for (A, B) {
    fn write(&self, to: &mut Vec<u8>) {
        self.0.write(to);
        self.1.write(to);
    }

    fn read(from: &mut &[u8]) -> Option<Self> {
        Some((A::read(from)?, B::read(from)?))
    }
}

impl<A: Packed> Packed for Option<A> {
    fn write(&self, to: &mut Vec<u8>) {
        self.is_some().write(to);
        if let Some(value) = self {
            value.write(to);
        }
    }

    fn read(from: &mut &[u8]) -> Option<Self> {
        match bool::read(from)? {
            true => A::read(from).map(Some),
            false => Some(None),
        }
    }
}

impl<A: Packed> Packing<A> {
    /// As the type says.
    pub(crate) fn own() -> Self {
        Self { write: A::write, read: A::read }
    }
}

impl<A> Packing<A> {
    pub(crate) fn write_all(&self, values: &[A], to: &mut Vec<u8>) {
        values.iter().for_each(|value| (self.write)(value, to));
    }

    /// All values of some bytes, if they are some.
    pub(crate) fn read_all(&self, mut from: &[u8]) -> Option<Vec<A>> {
        let mut values = vec![];
        while !from.is_empty() {
            values.push((self.read)(&mut from)?);
        }
        Some(values)
    }
}

impl<A: 'static> Packing<A> {
    /// That of a type of which nothing is known, if it is one of those that elements have.
    pub(crate) fn found() -> Option<Self> {
        macro_rules! any {
            ($($T:ty),*) => {
                None$(.or_else(|| Self::like::<$T>()))*
            };
        }
        any!(bool, i8, i16, i32, i64, u8, u16, u32, u64, f32, f64, Complex32, Complex64)
    }

    /// That of `T`, if both are the same.
    fn like<T: Element>() -> Option<Self> {
        (TypeId::of::<T>() == TypeId::of::<A>()).then_some(Self {
            write: |value, to| {
                if let Some(value) = (value as &dyn Any).downcast_ref::<T>() {
                    value.write(to);
                }
            },
            read: |from| {
                let value: Box<dyn Any> = Box::new(T::read(from)?);
                value.downcast().ok().map(|value| *value)
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn there_and_back<A: Clone>(packing: &Packing<A>, value: &A) -> A {
        let mut bytes = vec![];
        (packing.write)(value, &mut bytes);
        let mut rest = bytes.as_slice();
        let back = (packing.read)(&mut rest).unwrap();
        assert!(rest.is_empty());
        assert!((packing.read)(&mut &bytes[..bytes.len() - 1]).is_none(), "one byte is missing");
        back
    }

    #[test]
    fn values_come_back_with_all_bits() {
        let nan = f64::from_bits(0x7ff8_0000_0000_1234);
        let back = there_and_back(&Packing::own(), &(nan, Some(7_u64)));
        assert_eq!((back.0.to_bits(), back.1), (nan.to_bits(), Some(7)));
        assert_eq!(there_and_back(&Packing::own(), &None::<(i8, u64)>), None);
        let found = Packing::<Complex32>::found().unwrap();
        assert_eq!(there_and_back(&found, &Complex32::new(1.0, -0.0)).im.to_bits(), 1 << 31);
        assert!(Packing::<String>::found().is_none());
    }

    #[test]
    fn a_byte_that_is_no_bool_is_refused() {
        assert_eq!(bool::read(&mut &[2][..]), None);
    }
}
