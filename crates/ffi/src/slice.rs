//! Arrays of C as slices.

use tenfold_cdecl::{Integer, Type, TypeKind, Unit};

use crate::ctype::{CType, ShapeKind};
use crate::error::{Error, ErrorKind, Result};
use crate::scalar::Scalar;
use crate::view::View;

/// How many numbers of a type lie there, one behind the other.
pub(crate) fn dense<T: CType>(view: &View<'_>) -> Result<usize> {
    let unit = view.declarations().unit();
    let (element, lengths) = view.spot().lengths(unit)?;
    let count = lengths.into_iter().fold(1, usize::saturating_mul);
    if !lies_as(unit, element, T::SHAPE.0) {
        let (array, asked) = (view.spell(), std::any::type_name::<T>());
        let message = format!("the elements of `{array}` are not Rust's `{asked}`");
        return Err(Error::new(ErrorKind::ValueType, message));
    }
    let address = view.bytes().as_ptr();
    if !address.cast::<T>().is_aligned() {
        let (array, alignment) = (view.spell(), align_of::<T>());
        let message =
            format!("`{array}` is at {address:p}, and a slice needs a multiple of {alignment}");
        return Err(Error::new(ErrorKind::Align, message));
    }
    Ok(count.min(view.bytes().len() / size_of::<T>()))
}

/// Whether the elements are numbers of that type. `char` is taken with either sign. `_Bool` is none, as C
/// may give it other bytes than 0 and 1.
fn lies_as(unit: &Unit, element: Type, asked: ShapeKind) -> bool {
    let ShapeKind::Scalar(asked) = asked else { return false };
    match (asked, unit.resolved_kind(element)) {
        (Scalar::Bool, _) => false,
        (Scalar::I8 | Scalar::U8, TypeKind::Integer(Integer::Char)) => true,
        _ => Scalar::of(unit, element) == Some(asked),
    }
}
