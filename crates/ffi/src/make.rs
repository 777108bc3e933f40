//! Objects and sizes from declarations.

use crate::data::Data;
use crate::declarations::Declarations;
use crate::error::{Error, ErrorKind, Result};
use crate::layout;
use crate::spot::Spot;
use crate::to_type::ToType;

impl Declarations {
    /// A zeroed object of a type: CFFI's `ffi.new`, with the object's type rather than a pointer's.
    ///
    /// # Errors
    ///
    /// [`Declaration`](ErrorKind::Declaration) if the text is no type, [`Partial`](ErrorKind::Partial) if
    /// its size is not known, as of `int[]` and of opaque types, [`Exhausted`](ErrorKind::Exhausted) if
    /// there is no memory.
    ///
    /// # Examples
    ///
    /// ```
    /// let declarations = tenfold_ffi::Declarations::parse("typedef struct { double x, y; } point;")?;
    /// let mut point = declarations.new("point")?;
    /// point.set("x", 1.5)?;
    /// let x: f64 = point.get("x")?.try_into()?;
    /// assert_eq!(x, 1.5);
    /// # Ok::<(), tenfold_ffi::Error>(())
    /// ```
    #[expect(clippy::new_ret_no_self, reason = "CFFI's name of it")]
    pub fn new(&self, ty: impl ToType) -> Result<Data> {
        let (declarations, ty) = ty.to_type(self)?;
        Data::zeroed(&declarations, ty)
    }

    /// A zeroed object of a type that leaves a length open: of `int[]`, or of a record that ends in such
    /// an array.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new), and [`Shape`](ErrorKind::Shape) if the type has its length.
    ///
    /// # Examples
    ///
    /// ```
    /// let declarations = tenfold_ffi::Declarations::parse("struct packet { int size; char bytes[]; };")?;
    /// let packet = declarations.new_array("struct packet", 100)?;
    /// assert_eq!(packet.field("bytes")?.count()?, 100);
    /// assert_eq!(declarations.new_array("int[]", 3)?.size(), 12);
    /// # Ok::<(), tenfold_ffi::Error>(())
    /// ```
    pub fn new_array(&self, ty: impl ToType, length: usize) -> Result<Data> {
        let (declarations, ty) = ty.to_type(self)?;
        Data::open(&declarations, ty, length)
    }

    /// The size of a type in bytes.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new), but for the memory.
    ///
    /// # Examples
    ///
    /// ```
    /// let declarations = tenfold_ffi::Declarations::parse("struct s { char c; struct { short a[4]; } b; };")?;
    /// assert_eq!(declarations.sizeof("struct s")?, 10);
    /// assert_eq!(declarations.alignof("struct s")?, 2);
    /// assert_eq!(declarations.offsetof("struct s", "b.a[3]")?, 8);
    /// # Ok::<(), tenfold_ffi::Error>(())
    /// ```
    pub fn sizeof(&self, ty: impl ToType) -> Result<usize> {
        let (declarations, ty) = ty.to_type(self)?;
        Ok(layout::of(declarations.unit(), ty)?.0)
    }

    /// The alignment of a type in bytes.
    ///
    /// # Errors
    ///
    /// As [`sizeof`](Self::sizeof).
    ///
    /// # Examples
    ///
    /// See [`sizeof`](Self::sizeof).
    pub fn alignof(&self, ty: impl ToType) -> Result<usize> {
        let (declarations, ty) = ty.to_type(self)?;
        Ok(layout::of(declarations.unit(), ty)?.1)
    }

    /// The offset of a part of a type in bytes, by its path.
    ///
    /// # Errors
    ///
    /// As [`sizeof`](Self::sizeof) and [`View::field`](crate::View::field), and
    /// [`ValueType`](ErrorKind::ValueType) of a bit-field.
    ///
    /// # Examples
    ///
    /// See [`sizeof`](Self::sizeof).
    pub fn offsetof(&self, ty: impl ToType, path: &str) -> Result<usize> {
        let (declarations, ty) = ty.to_type(self)?;
        let unit = declarations.unit();
        layout::of(unit, ty)?;
        // The array that a record ends in may be as long as can be.
        let spot = Spot::whole(ty, isize::MAX.cast_unsigned()).walk(unit, path)?;
        if spot.bits.is_some() {
            let message = format!("the bit-field `{path}` has no offset in bytes");
            return Err(Error::new(ErrorKind::ValueType, message));
        }
        Ok(spot.offset)
    }
}
