//! Borrowed objects of C, and parts of them.

use std::ffi::c_void;
use std::fmt;
use std::slice;

use tenfold_cdecl::{Length, Type, TypeKind, Unit};

use crate::codec;
use crate::ctype::CType;
use crate::data;
use crate::declarations::Declarations;
use crate::error::{Error, ErrorKind, Result};
use crate::layout;
use crate::spot::Spot;
use crate::to_type::ToType;
use crate::value::{Pointer, Value};

/// A borrowed object, or a part of one, to be read: a record, an array, an element, a field, the bits of
/// a bit-field.
///
/// # Examples
///
/// ```
/// use tenfold_ffi::{Declarations, View};
///
/// // What came from a file or a device: CFFI's `ffi.from_buffer`.
/// #[repr(align(4))]
/// struct Aligned([u8; 8]);
/// let bytes = Aligned([1, 2, 0, 0, 255, 255, 255, 255]);
/// let declarations = Declarations::parse("struct header { unsigned char version, kind; int size; };")?;
/// let header = View::from_buffer(&declarations, "struct header", &bytes.0)?;
/// assert_eq!(header.get("kind")?, 2);
/// assert_eq!(header.get("size")?, -1);
/// # Ok::<(), tenfold_ffi::Error>(())
/// ```
#[derive(Clone)]
pub struct View<'a> {
    bytes: &'a [u8],
    spot: Spot,
    declarations: Declarations,
}

/// That an object reaches beyond the bytes that are there, which a layout does not let happen.
pub(crate) fn beyond(spot: &Spot, bytes: usize) -> Error {
    let range = spot.range();
    let message =
        format!("bytes {} to {} are outside the object of {bytes}", range.start, range.end);
    Error::new(ErrorKind::Index, message)
}

/// The object of a type at the begin of a buffer.
pub(crate) fn in_buffer(declarations: &Declarations, ty: Type, buffer: &[u8]) -> Result<Spot> {
    let unit = declarations.unit();
    let given = buffer.len();
    let (bytes, alignment) = match *unit.resolved_kind(ty) {
        TypeKind::Array { element, length: Length::Open } => {
            let (size, alignment) = layout::of(unit, element)?;
            if given.checked_rem(size).is_none_or(|rest| rest != 0) {
                let spelled = unit.spell(ty);
                let message = format!(
                    "the argument `buffer` has {given} bytes, and `{spelled}` elements of {size}"
                );
                return Err(Error::new(ErrorKind::Shape, message));
            }
            (given, alignment)
        }
        _ => layout::of(unit, ty)?,
    };
    if given < bytes {
        let spelled = unit.spell(ty);
        let message = format!("the argument `buffer` has {given} bytes, and `{spelled}` {bytes}");
        return Err(Error::new(ErrorKind::Shape, message));
    }
    let address = buffer.as_ptr().addr();
    if !address.is_multiple_of(alignment) {
        let spelled = unit.spell(ty);
        let message = format!(
            "the argument `buffer` is at {address:#x}, and `{spelled}` needs a multiple of {alignment}"
        );
        return Err(Error::new(ErrorKind::Align, message));
    }
    // A record that ends in an open array has all that is there.
    let is_open = data::flexible(declarations, ty)?.is_some();
    Ok(Spot::whole(ty, if is_open { given } else { bytes }))
}

/// The type of a pointer as C writes it.
pub(crate) fn spell_pointer(unit: &Unit, pointee: Type) -> String {
    let is_bound_later =
        matches!(unit.kind(pointee), TypeKind::Function(_) | TypeKind::Array { .. });
    unit.declare(pointee, if is_bound_later { "(*)" } else { "*" })
}

/// How many bytes so many objects have, behind a pointer that has to point to something.
pub(crate) fn behind(declarations: &Declarations, pointer: Pointer, count: usize) -> Result<usize> {
    let unit = declarations.unit();
    if pointer.is_null() {
        let spelled = spell_pointer(unit, pointer.pointee());
        return Err(Error::new(ErrorKind::Null, format!("the pointer `{spelled}` is null")));
    }
    let (size, _) = layout::of(unit, pointer.pointee())?;
    size.checked_mul(count).filter(|bytes| isize::try_from(*bytes).is_ok()).ok_or_else(|| {
        let message = format!("the argument `count` is {count}, and each has {size} bytes");
        Error::new(ErrorKind::OutOfRange, message)
    })
}

impl<'a> View<'a> {
    pub(crate) fn new(bytes: &'a [u8], spot: Spot, declarations: Declarations) -> Self {
        Self { bytes, spot, declarations }
    }

    /// Bytes as an object of a type, which is at their begin: CFFI's `ffi.from_buffer`. `int[]` has as
    /// many elements as the bytes, and so has the open array that a record ends in.
    ///
    /// # Errors
    ///
    /// [`Declaration`](ErrorKind::Declaration) and [`Partial`](ErrorKind::Partial) as
    /// [`Declarations::new`], [`Shape`](ErrorKind::Shape) if there are too few bytes or a part of an
    /// element is left, [`Align`](ErrorKind::Align) if they begin at no multiple of its alignment.
    ///
    /// # Examples
    ///
    /// See [`View`].
    pub fn from_buffer(
        declarations: &Declarations,
        ty: impl ToType,
        buffer: &'a [u8],
    ) -> Result<Self> {
        let (declarations, ty) = ty.to_type(declarations)?;
        let spot = in_buffer(&declarations, ty, buffer)?;
        Ok(Self::new(&buffer[..spot.bytes], spot, declarations))
    }

    /// What a pointer points to.
    ///
    /// # Errors
    ///
    /// [`Null`](ErrorKind::Null), and [`Partial`](ErrorKind::Partial) for `void` and for types whose size
    /// is not known.
    ///
    /// # Safety
    ///
    /// The pointer points to an object of its type, as `declarations` have it, initialised with its padding,
    /// as all of C's are. It lives as long as the view, and nobody writes to it meanwhile.
    pub unsafe fn from_pointer(declarations: &Declarations, pointer: Pointer) -> Result<Self> {
        let bytes = behind(declarations, pointer, 1)?;
        // SAFETY: the caller's promise.
        let start = unsafe { slice::from_raw_parts(pointer.address().cast::<u8>(), bytes) };
        Ok(Self::new(start, Spot::whole(pointer.pointee(), bytes), declarations.clone()))
    }

    /// So many objects that a pointer points to the first of.
    ///
    /// # Errors
    ///
    /// As [`from_pointer`](Self::from_pointer), and [`OutOfRange`](ErrorKind::OutOfRange) if no memory is
    /// so large.
    ///
    /// # Safety
    ///
    /// As [`from_pointer`](Self::from_pointer), of all of them.
    pub unsafe fn from_pointer_to_array(
        declarations: &Declarations,
        pointer: Pointer,
        count: usize,
    ) -> Result<Self> {
        let bytes = behind(declarations, pointer, count)?;
        // SAFETY: the caller's promise.
        let start = unsafe { slice::from_raw_parts(pointer.address().cast::<u8>(), bytes) };
        Ok(Self::new(start, Spot::run(pointer.pointee(), bytes), declarations.clone()))
    }

    /// Its type; of what a pointer to an array points to, that of the elements.
    #[must_use]
    pub fn ty(&self) -> Type {
        self.spot.ty
    }

    /// What its type is declared in.
    #[must_use]
    pub fn declarations(&self) -> &Declarations {
        &self.declarations
    }

    pub(crate) fn spot(&self) -> &Spot {
        &self.spot
    }

    /// Its type as C writes it.
    #[must_use]
    pub fn spell(&self) -> String {
        self.spot.spell(self.declarations.unit())
    }

    /// Its bytes, padding included: CFFI's `ffi.buffer`. Of a bit-field, those that have some of its bits.
    #[must_use]
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Its address, for C to read there.
    #[must_use]
    pub fn as_ptr(&self) -> *const c_void {
        self.bytes.as_ptr().cast()
    }

    /// Its address with its type: CFFI's `ffi.addressof`. C may read there while the object lives.
    ///
    /// # Errors
    ///
    /// [`ValueType`](ErrorKind::ValueType) of a bit-field, which has no address.
    pub fn address(&self) -> Result<Pointer> {
        let address = self.as_ptr().cast_mut();
        addressable(&self.spot, &self.declarations)?;
        Ok(Pointer { address, pointee: self.spot.ty })
    }

    fn part(&self, spot: Spot) -> Result<Self> {
        let bytes = self.bytes.get(spot.range()).ok_or_else(|| beyond(&spot, self.bytes.len()))?;
        Ok(Self { bytes, spot: spot.rebased(), declarations: self.declarations.clone() })
    }

    /// A part of it by its path: names of fields and indexes, such as `corners[2].x` or `[3]`.
    ///
    /// # Errors
    ///
    /// [`Field`](ErrorKind::Field) if there is no such field or the path is none,
    /// [`Index`](ErrorKind::Index) outside an array, [`ValueType`](ErrorKind::ValueType) for an index into
    /// what is no array, [`Partial`](ErrorKind::Partial) where only a compiler knows the offset.
    ///
    /// # Examples
    ///
    /// See [`View`].
    pub fn field(&self, path: &str) -> Result<Self> {
        self.part(self.spot.walk(self.declarations.unit(), path)?)
    }

    /// An element of an array.
    ///
    /// # Errors
    ///
    /// [`Index`](ErrorKind::Index) and [`ValueType`](ErrorKind::ValueType), as [`field`](Self::field).
    pub fn at(&self, index: usize) -> Result<Self> {
        self.part(self.spot.at(self.declarations.unit(), index)?)
    }

    /// How many elements the array has.
    ///
    /// # Errors
    ///
    /// [`ValueType`](ErrorKind::ValueType) if it is none.
    pub fn count(&self) -> Result<usize> {
        Ok(self.spot.elements(self.declarations.unit())?.1)
    }

    /// Its value: a number as it is, a record or an array as a copy.
    ///
    /// # Errors
    ///
    /// [`Partial`](ErrorKind::Partial) of a type that is not known, [`ValueType`](ErrorKind::ValueType) of
    /// what a pointer to an array points to.
    pub fn value(&self) -> Result<Value> {
        codec::decode(&self.declarations, &self.spot, self.bytes)
    }

    /// The value of a part of it.
    ///
    /// # Errors
    ///
    /// As [`field`](Self::field) and [`value`](Self::value).
    ///
    /// # Examples
    ///
    /// See [`View`].
    pub fn get(&self, path: &str) -> Result<Value> {
        self.field(path)?.value()
    }

    /// All elements of an array of numbers, and of arrays of them, row by row.
    ///
    /// # Errors
    ///
    /// [`ValueType`](ErrorKind::ValueType) if the elements are of another type than `T`,
    /// [`Align`](ErrorKind::Align) in a packed record.
    ///
    /// # Examples
    ///
    /// See [`Data`](crate::Data).
    pub fn as_slice<T: CType>(&self) -> Result<&'a [T]> {
        let count = crate::slice::dense::<T>(self)?;
        // SAFETY: `dense` has compared the type of the elements, their place and how many fit into the
        // bytes, and all their bit patterns are values of `T`.
        Ok(unsafe { slice::from_raw_parts(self.bytes.as_ptr().cast(), count) })
    }

    /// What a pointer that lies here points to.
    ///
    /// # Errors
    ///
    /// [`ValueType`](ErrorKind::ValueType) if it is no pointer, and as
    /// [`from_pointer`](Self::from_pointer).
    ///
    /// # Safety
    ///
    /// As [`from_pointer`](Self::from_pointer).
    pub unsafe fn deref<'b>(&self) -> Result<View<'b>> {
        // SAFETY: the caller's promise.
        unsafe { View::from_pointer(&self.declarations, self.pointer()?) }
    }

    /// The pointer that lies here.
    ///
    /// # Errors
    ///
    /// [`ValueType`](ErrorKind::ValueType) if it is none.
    pub fn pointer(&self) -> Result<Pointer> {
        match self.declarations.unit().resolved_kind(self.spot.ty) {
            TypeKind::Pointer(_) if !self.spot.is_run => self.value()?.try_into(),
            _ => {
                let message = format!("`{}` is no pointer", self.spell());
                Err(Error::new(ErrorKind::ValueType, message))
            }
        }
    }
}

/// A bit-field has no address.
pub(crate) fn addressable(spot: &Spot, declarations: &Declarations) -> Result<()> {
    if spot.bits.is_none() {
        return Ok(());
    }
    let message = format!("a bit-field of `{}` has no address", spot.spell(declarations.unit()));
    Err(Error::new(ErrorKind::ValueType, message))
}

impl fmt::Debug for View<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {} bytes", self.spell(), self.bytes.len())
    }
}
