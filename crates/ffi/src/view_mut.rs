//! Borrowed objects of C, and parts of them, to be written.

use std::ffi::c_void;
use std::fmt;
use std::slice;

use crate::arg::Arg;
use crate::codec;
use crate::ctype::CType;
use crate::declarations::Declarations;
use crate::error::{Error, ErrorKind, Result};
use crate::matching::is_const;
use crate::spot::Spot;
use crate::store::Store;
use crate::to_type::ToType;
use crate::value::{Pointer, Value};
use crate::view::{View, addressable, behind, beyond, in_buffer, spell_pointer};

/// A borrowed object, or a part of one, to be read and written.
///
/// # Examples
///
/// ```
/// let declarations = tenfold_ffi::Declarations::parse("struct point { double x, y; };")?;
/// let mut points = declarations.new("struct point[3]")?;
/// for index in 0..3 {
///     let mut point = points.view_mut().into_at(index)?;
///     point.set("x", index as f64)?;
/// }
/// assert_eq!(points.get("[2].x")?, 2.0);
/// # Ok::<(), tenfold_ffi::Error>(())
/// ```
pub struct ViewMut<'a> {
    bytes: &'a mut [u8],
    spot: Spot,
    declarations: Declarations,
}

fn refuse_const(declarations: &Declarations, pointer: Pointer) -> Result<()> {
    let unit = declarations.unit();
    if is_const(unit, pointer.pointee()) {
        let spelled = spell_pointer(unit, pointer.pointee());
        let message = format!("what `{spelled}` points to may only be read");
        return Err(Error::new(ErrorKind::ReadOnly, message));
    }
    Ok(())
}

impl<'a> ViewMut<'a> {
    pub(crate) fn new(bytes: &'a mut [u8], spot: Spot, declarations: Declarations) -> Self {
        Self { bytes, spot, declarations }
    }

    /// Bytes as an object of a type, as [`View::from_buffer`].
    ///
    /// # Errors
    ///
    /// As [`View::from_buffer`].
    pub fn from_buffer(
        declarations: &Declarations,
        ty: impl ToType,
        buffer: &'a mut [u8],
    ) -> Result<Self> {
        let (declarations, ty) = ty.to_type(declarations)?;
        let spot = in_buffer(&declarations, ty, buffer)?;
        Ok(Self::new(&mut buffer[..spot.bytes], spot, declarations))
    }

    /// What a pointer points to.
    ///
    /// # Errors
    ///
    /// As [`View::from_pointer`], and [`ReadOnly`](ErrorKind::ReadOnly) if that is `const`.
    ///
    /// # Safety
    ///
    /// As [`View::from_pointer`], and nobody else reads there either.
    pub unsafe fn from_pointer(declarations: &Declarations, pointer: Pointer) -> Result<Self> {
        refuse_const(declarations, pointer)?;
        let bytes = behind(declarations, pointer, 1)?;
        // SAFETY: the caller's promise.
        let start = unsafe { slice::from_raw_parts_mut(pointer.address().cast::<u8>(), bytes) };
        Ok(Self::new(start, Spot::whole(pointer.pointee(), bytes), declarations.clone()))
    }

    /// So many objects that a pointer points to the first of.
    ///
    /// # Errors
    ///
    /// As [`View::from_pointer_to_array`], and [`ReadOnly`](ErrorKind::ReadOnly) if they are `const`.
    ///
    /// # Safety
    ///
    /// As [`from_pointer`](Self::from_pointer), of all of them.
    pub unsafe fn from_pointer_to_array(
        declarations: &Declarations,
        pointer: Pointer,
        count: usize,
    ) -> Result<Self> {
        refuse_const(declarations, pointer)?;
        let bytes = behind(declarations, pointer, count)?;
        // SAFETY: the caller's promise.
        let start = unsafe { slice::from_raw_parts_mut(pointer.address().cast::<u8>(), bytes) };
        Ok(Self::new(start, Spot::run(pointer.pointee(), bytes), declarations.clone()))
    }

    /// The same, to be read.
    #[must_use]
    pub fn view(&self) -> View<'_> {
        View::new(self.bytes, self.spot, self.declarations.clone())
    }

    /// The same, for a shorter time.
    #[must_use]
    pub fn view_mut(&mut self) -> ViewMut<'_> {
        ViewMut::new(self.bytes, self.spot, self.declarations.clone())
    }

    pub(crate) fn spot(&self) -> &Spot {
        &self.spot
    }

    pub(crate) fn declarations(&self) -> &Declarations {
        &self.declarations
    }

    /// Its bytes, to be written.
    #[must_use]
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        self.bytes
    }

    /// Its address, for C to read and write there.
    #[must_use]
    pub fn as_mut_ptr(&mut self) -> *mut c_void {
        self.bytes.as_mut_ptr().cast()
    }

    /// Its address with its type, as [`View::address`]. C may read and write there while the object lives
    /// and no view of it is used.
    ///
    /// # Errors
    ///
    /// As [`View::address`].
    pub fn address(&mut self) -> Result<Pointer> {
        addressable(&self.spot, &self.declarations)?;
        Ok(Pointer { address: self.as_mut_ptr(), pointee: self.spot.ty })
    }

    /// The fields of a record, in order, as an initialiser has values for them.
    pub(crate) fn members(&self) -> Result<Vec<Spot>> {
        self.spot.members(self.declarations.unit())
    }

    pub(crate) fn part_mut(&mut self, spot: Spot) -> Result<ViewMut<'_>> {
        self.view_mut().into_part(spot)
    }

    fn into_part(self, spot: Spot) -> Result<Self> {
        let given = self.bytes.len();
        let bytes = self.bytes.get_mut(spot.range()).ok_or_else(|| beyond(&spot, given))?;
        Ok(Self { bytes, spot: spot.rebased(), declarations: self.declarations })
    }

    /// A part of it by its path, as [`View::field`].
    ///
    /// # Errors
    ///
    /// As [`View::field`].
    pub fn field_mut(&mut self, path: &str) -> Result<ViewMut<'_>> {
        self.view_mut().into_field(path)
    }

    /// A part of it by its path, for as long.
    ///
    /// # Errors
    ///
    /// As [`View::field`].
    pub fn into_field(self, path: &str) -> Result<Self> {
        let spot = self.spot.walk(self.declarations.unit(), path)?;
        self.into_part(spot)
    }

    /// An element of an array.
    ///
    /// # Errors
    ///
    /// As [`View::at`].
    pub fn at_mut(&mut self, index: usize) -> Result<ViewMut<'_>> {
        self.view_mut().into_at(index)
    }

    /// An element of an array, for as long.
    ///
    /// # Errors
    ///
    /// As [`View::at`].
    pub fn into_at(self, index: usize) -> Result<Self> {
        let spot = self.spot.at(self.declarations.unit(), index)?;
        self.into_part(spot)
    }

    /// The value of a part of it, as [`View::get`].
    ///
    /// # Errors
    ///
    /// As [`View::get`].
    pub fn get(&self, path: &str) -> Result<Value> {
        self.view().get(path)
    }

    /// Writes it. A number has to fit without loss, an array to have as many elements.
    ///
    /// # Errors
    ///
    /// See [`Store`]. After an error in an array or a text, some elements may have been written.
    pub fn store(&mut self, value: impl Store) -> Result<()> {
        value.store(self)
    }

    pub(crate) fn store_arg(&mut self, value: &Arg<'_>) -> Result<()> {
        codec::encode(&self.declarations, &self.spot, self.bytes, value)
    }

    /// Writes a part of it.
    ///
    /// # Errors
    ///
    /// As [`View::field`] and [`store`](Self::store).
    ///
    /// # Examples
    ///
    /// See [`Data`](crate::Data).
    pub fn set(&mut self, path: &str, value: impl Store) -> Result<()> {
        let mut field = self.field_mut(path)?;
        field.store(value).map_err(|error| error.within(format_args!("`{path}`")))
    }

    /// All elements of an array of numbers, as [`View::as_slice`].
    ///
    /// # Errors
    ///
    /// As [`View::as_slice`].
    pub fn as_mut_slice<T: CType>(&mut self) -> Result<&mut [T]> {
        self.view_mut().into_mut_slice()
    }

    /// All elements of an array of numbers, for as long.
    ///
    /// # Errors
    ///
    /// As [`View::as_slice`].
    pub fn into_mut_slice<T: CType>(self) -> Result<&'a mut [T]> {
        let count = crate::slice::dense::<T>(&self.view())?;
        // SAFETY: as in `View::as_slice`; the bytes are borrowed for as long.
        Ok(unsafe { slice::from_raw_parts_mut(self.bytes.as_mut_ptr().cast(), count) })
    }

    /// Copies all elements of an array of numbers.
    ///
    /// # Errors
    ///
    /// As [`View::as_slice`], and [`Shape`](ErrorKind::Shape) if there are not as many.
    ///
    /// # Examples
    ///
    /// ```
    /// let declarations = tenfold_ffi::Declarations::parse("")?;
    /// let mut values = declarations.new_array("double[]", 3)?;
    /// values.view_mut().copy_from(&[1.0, 2.0, 3.0])?;
    /// assert_eq!(values.get("[2]")?, 3.0);
    /// # Ok::<(), tenfold_ffi::Error>(())
    /// ```
    pub fn copy_from<T: CType + Copy>(&mut self, values: &[T]) -> Result<()> {
        let into = self.as_mut_slice()?;
        crate::store::same_count(into.len(), values.len())?;
        into.copy_from_slice(values);
        Ok(())
    }

    /// Copies the first bytes of an object, whatever its type is: CFFI's `ffi.memmove`.
    ///
    /// # Errors
    ///
    /// [`Index`](ErrorKind::Index) if one of the two has fewer, [`ValueType`](ErrorKind::ValueType) if one is
    /// a bit-field, whose bytes have bits of others.
    ///
    /// # Examples
    ///
    /// ```
    /// let declarations = tenfold_ffi::Declarations::parse("")?;
    /// let one = declarations.new("double")?;
    /// let mut other = declarations.new("unsigned char[4]")?;
    /// other.view_mut().memmove(&one.view(), 4)?;
    /// assert!(other.view_mut().memmove(&one.view(), 5).is_err());
    /// # Ok::<(), tenfold_ffi::Error>(())
    /// ```
    pub fn memmove(&mut self, source: &View<'_>, bytes: usize) -> Result<()> {
        addressable(source.spot(), source.declarations())?;
        addressable(&self.spot, &self.declarations)?;
        let (given, room) = (source.bytes().len(), self.bytes.len());
        if bytes > given.min(room) {
            let message = format!(
                "the argument `bytes` is {bytes}, the source has {given} and the destination {room}"
            );
            return Err(Error::new(ErrorKind::Index, message));
        }
        self.bytes[..bytes].copy_from_slice(&source.bytes()[..bytes]);
        Ok(())
    }

    /// What a pointer that lies here points to.
    ///
    /// # Errors
    ///
    /// As [`View::deref`], and [`ReadOnly`](ErrorKind::ReadOnly) if that is `const`.
    ///
    /// # Safety
    ///
    /// As [`from_pointer`](Self::from_pointer).
    pub unsafe fn deref_mut<'b>(&self) -> Result<ViewMut<'b>> {
        // SAFETY: the caller's promise.
        unsafe { ViewMut::from_pointer(&self.declarations, self.view().pointer()?) }
    }
}

impl fmt::Debug for ViewMut<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.view().fmt(f)
    }
}
