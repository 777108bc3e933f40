//! Memory that is written, with elements whose type is known at run time.

use num_complex::{Complex32, Complex64};

use crate::element::Element;

/// Elements of one type, one after another, wherever they lie.
#[derive(Debug)]
pub(crate) enum Room<'a> {
    Bool(&'a mut [bool]),
    I8(&'a mut [i8]),
    I16(&'a mut [i16]),
    I32(&'a mut [i32]),
    I64(&'a mut [i64]),
    U8(&'a mut [u8]),
    U16(&'a mut [u16]),
    U32(&'a mut [u32]),
    U64(&'a mut [u64]),
    F32(&'a mut [f32]),
    F64(&'a mut [f64]),
    C64(&'a mut [Complex32]),
    C128(&'a mut [Complex64]),
}

impl<'a> Room<'a> {
    pub(crate) fn of<T: Element>(elements: &'a mut [T]) -> Self {
        T::room(elements)
    }

    /// The elements. Who made the graph has seen to it that the types agree.
    pub(crate) fn elements_mut<T: Element>(&mut self) -> &mut [T] {
        match T::of_room(self) {
            Some(elements) => elements,
            None => unreachable!("elements of another type where {} is needed", T::DTYPE),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::element::Sealed;

    #[test]
    fn elements_are_found_by_their_type() {
        let mut elements = [1.0_f32, 2.0];
        let mut room = Room::of(&mut elements);
        assert!(f64::of_room(&mut room).is_none());
        room.elements_mut::<f32>()[1] = 3.0;
        assert_eq!(elements, [1.0, 3.0]);
    }
}
