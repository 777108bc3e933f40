//! What can be written into an object of C.

use std::ffi::CStr;

use num_complex::Complex;
use tenfold_cdecl::TypeKind;

use crate::arg::Arg;
use crate::ctype::CType;
use crate::data::Data;
use crate::error::{Error, ErrorKind, Result};
use crate::layout;
use crate::value::{Pointer, Value};
use crate::view::View;
use crate::view_mut::ViewMut;

/// What [`ViewMut::store`] and [`Data::set`](crate::Data::set) take:
///
/// - numbers, into numbers that hold them exactly: else [`OutOfRange`](ErrorKind::OutOfRange). A floating
///   number never goes into an integer: [`ValueType`](ErrorKind::ValueType); see [`cast`].
/// - `&str`: the name of an enumeration's constant ([`Field`](ErrorKind::Field) if it has none such), or
///   text for an array of `char`, `wchar_t`, `char16_t` or `char32_t`, with a zero behind it
///   ([`Shape`](ErrorKind::Shape) if that has no room, [`InteriorNul`](ErrorKind::InteriorNul)).
/// - `&CStr`: text for an array of `char`, with the same errors.
/// - pointers, into pointers to the same type, or from and to `void *`: else
///   [`ValueType`](ErrorKind::ValueType), or [`ReadOnly`](ErrorKind::ReadOnly) of `const`. C's pointer says
///   nothing of how long the place lives.
/// - slices and arrays of all these, into arrays of as many elements: else [`Shape`](ErrorKind::Shape).
/// - tuples of all these, into records of as many fields (of a union, its first): else
///   [`Shape`](ErrorKind::Shape).
/// - [`Value`]s, [`Data`] and [`View`]s, into the same type; an [`Arg`] of anything as in a call.
///
/// [`cast`]: crate::Declarations::cast
///
/// # Examples
///
/// ```
/// let declarations = tenfold_ffi::Declarations::parse("struct entry { char name[8]; int sizes[2]; };")?;
/// let mut entry = declarations.new("struct entry")?;
/// entry.view_mut().store(("tenfold", [1, 2]))?;
/// assert_eq!(entry.get("sizes[1]")?, 2);
/// assert!(entry.set("name", "too long").is_err());
/// assert_eq!(entry.field("name")?.string()?, c"tenfold".to_owned());
/// # Ok::<(), tenfold_ffi::Error>(())
/// ```
pub trait Store {
    /// Writes itself.
    ///
    /// # Errors
    ///
    /// See [`Store`].
    fn store(&self, into: &mut ViewMut<'_>) -> Result<()>;
}

impl<T: Store + ?Sized> Store for &T {
    fn store(&self, into: &mut ViewMut<'_>) -> Result<()> {
        (**self).store(into)
    }
}

impl Store for Arg<'_> {
    fn store(&self, into: &mut ViewMut<'_>) -> Result<()> {
        into.store_arg(self)
    }
}

impl Store for Value {
    fn store(&self, into: &mut ViewMut<'_>) -> Result<()> {
        into.store_arg(&Arg::from(self))
    }
}

macro_rules! numbers {
    ($($ty:ty)*) => {$(
        impl Store for $ty {
            fn store(&self, into: &mut ViewMut<'_>) -> Result<()> {
                into.store_arg(&Arg::from(*self))
            }
        }
    )*};
}

numbers!(bool i8 u8 i16 u16 i32 u32 i64 u64 i128 u128 isize usize f32 f64);
numbers!(Complex<f32> Complex<f64> Pointer);

impl Store for char {
    fn store(&self, into: &mut ViewMut<'_>) -> Result<()> {
        u32::from(*self).store(into)
    }
}

impl<T: CType> Store for *const T {
    fn store(&self, into: &mut ViewMut<'_>) -> Result<()> {
        into.store_arg(&Arg::from(*self))
    }
}

impl<T: CType> Store for *mut T {
    fn store(&self, into: &mut ViewMut<'_>) -> Result<()> {
        into.store_arg(&Arg::from(*self))
    }
}

impl Store for Data {
    fn store(&self, into: &mut ViewMut<'_>) -> Result<()> {
        self.view().store(into)
    }
}

impl Store for View<'_> {
    fn store(&self, into: &mut ViewMut<'_>) -> Result<()> {
        let value = self.value()?;
        into.store_arg(&Arg::from(&value))
    }
}

pub(crate) fn same_count(wanted: usize, given: usize) -> Result<()> {
    if wanted == given {
        return Ok(());
    }
    let message = format!("{given} values are given for an array of {wanted}");
    Err(Error::new(ErrorKind::Shape, message))
}

impl<T: Store> Store for [T] {
    fn store(&self, into: &mut ViewMut<'_>) -> Result<()> {
        same_count(into.view().count()?, self.len())?;
        for (index, value) in self.iter().enumerate() {
            into.at_mut(index)?
                .store(value)
                .map_err(|error| error.within(format_args!("element {index}")))?;
        }
        Ok(())
    }
}

macro_rules! tuples {
    ($(($($ty:ident $at:tt)*))*) => {$(
        impl<$($ty: Store),*> Store for ($($ty,)*) {
            fn store(&self, into: &mut ViewMut<'_>) -> Result<()> {
                let values: &[&dyn Store] = &[$(&self.$at),*];
                let members = into.members()?;
                if members.len() != values.len() {
                    let (spelled, wanted, given) =
                        (into.view().spell(), members.len(), values.len());
                    let message =
                        format!("{given} values are given for the {wanted} fields of `{spelled}`");
                    return Err(Error::new(ErrorKind::Shape, message));
                }
                for (index, (member, value)) in members.into_iter().zip(values).enumerate() {
                    into.part_mut(member)?
                        .store(value)
                        .map_err(|error| error.within(format_args!("field {index}")))?;
                }
                Ok(())
            }
        }
    )*};
}

tuples! {
    (A 0)
    (A 0 B 1)
    (A 0 B 1 C 2)
    (A 0 B 1 C 2 D 3)
    (A 0 B 1 C 2 D 3 E 4)
    (A 0 B 1 C 2 D 3 E 4 F 5)
    (A 0 B 1 C 2 D 3 E 4 F 5 G 6)
    (A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7)
}

impl<T: Store, const COUNT: usize> Store for [T; COUNT] {
    fn store(&self, into: &mut ViewMut<'_>) -> Result<()> {
        self.as_slice().store(into)
    }
}

impl<T: Store> Store for Vec<T> {
    fn store(&self, into: &mut ViewMut<'_>) -> Result<()> {
        self.as_slice().store(into)
    }
}

impl Store for CStr {
    fn store(&self, into: &mut ViewMut<'_>) -> Result<()> {
        let bytes = crate::text::unit_bytes(&into.view())?;
        if bytes > 1 {
            let message = format!(
                "a text of bytes goes into no `{}`, and a `&str` does",
                into.view().spell()
            );
            return Err(Error::new(ErrorKind::ValueType, message));
        }
        store_characters(self.to_bytes(), into)
    }
}

impl Store for str {
    fn store(&self, into: &mut ViewMut<'_>) -> Result<()> {
        let declarations = into.declarations().clone();
        let unit = declarations.unit();
        if let TypeKind::Enum(id) = *unit.resolved_kind(into.spot().ty)
            && !into.spot().is_run
        {
            let known = &unit.enum_by_id(id).enumerators;
            let one = known.iter().find(|one| &*one.name == self).ok_or_else(|| {
                let message = format!("`{}` has no constant `{self}`", into.view().spell());
                Error::new(ErrorKind::Field, message)
            })?;
            let value = one.value.ok_or_else(|| layout::partial(unit, into.spot().ty))?;
            return value.store(into);
        }
        match crate::text::unit_bytes(&into.view())? {
            1 => store_characters(self.as_bytes(), into),
            2 => store_characters(&self.encode_utf16().collect::<Vec<_>>(), into),
            _ => store_characters(&self.chars().map(u32::from).collect::<Vec<_>>(), into),
        }
    }
}

/// Writes characters and zeros behind them: one at least.
fn store_characters<T>(characters: &[T], into: &mut ViewMut<'_>) -> Result<()>
where
    T: Copy + Default + PartialEq + Store,
{
    let room = into.view().count()?;
    if let Some(position) = characters.iter().position(|one| *one == T::default()) {
        let message = format!("the text has a zero at {position}, where C would end it");
        return Err(Error::new(ErrorKind::InteriorNul { position }, message));
    }
    if characters.len() >= room {
        let (spelled, given) = (into.view().spell(), characters.len());
        let message =
            format!("a text of {given} characters and a zero is too long for `{spelled}`");
        return Err(Error::new(ErrorKind::Shape, message));
    }
    into.bytes_mut().fill(0);
    for (index, character) in characters.iter().enumerate() {
        into.at_mut(index)?.store(*character)?;
    }
    Ok(())
}
