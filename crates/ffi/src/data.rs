//! Objects of C that Rust owns.

use std::ffi::c_void;
use std::fmt;

use tenfold_cdecl::{Length, Type, TypeKind};

use crate::declarations::Declarations;
use crate::error::{Error, ErrorKind, Result};
use crate::layout;
use crate::memory::Memory;
use crate::spot::Spot;
use crate::store::Store;
use crate::value::Value;
use crate::view::View;
use crate::view_mut::ViewMut;

/// An object in memory of its own, with its type: CFFI's `ffi.new`, made by
/// [`Declarations::new`](Declarations::new).
///
/// It begins zeroed, padding included, and stays at its address until it is dropped. Parts of it are
/// reached by paths such as `corners[2].x`.
///
/// # Examples
///
/// ```
/// use tenfold_ffi::Declarations;
///
/// let declarations = Declarations::parse(
///     "enum shape { CIRCLE, SQUARE };
///      struct figure { enum shape shape; unsigned filled : 1; double corners[2][2]; };",
/// )?;
/// let mut figure = declarations.new("struct figure")?;
/// figure.set("shape", "SQUARE")?;
/// figure.set("filled", 1)?;
/// figure.set("corners", [[0.0, 0.5], [1.0, 1.5]])?;
/// assert_eq!(figure.get("corners[1][0]")?, 1.0);
/// assert_eq!(figure.field("corners")?.as_slice::<f64>()?, [0.0, 0.5, 1.0, 1.5]);
/// assert_eq!(
///     figure.set("filled", 2).unwrap_err().to_string(),
///     "`filled`: 2 is outside `unsigned int` of 1 bits, which holds 0 to 1",
/// );
/// # Ok::<(), tenfold_ffi::Error>(())
/// ```
#[derive(Clone)]
pub struct Data {
    memory: Memory,
    ty: Type,
    tail: Option<usize>,
    declarations: Declarations,
}

impl Data {
    /// Zeroed, and as large as the type.
    pub(crate) fn zeroed(declarations: &Declarations, ty: Type) -> Result<Self> {
        let (bytes, alignment) = layout::of(declarations.unit(), ty)?;
        let memory = Memory::zeroed(bytes, alignment)?;
        let tail = flexible(declarations, ty)?.map(|_| 0);
        Ok(Self { memory, ty, tail, declarations: declarations.clone() })
    }

    /// Zeroed, with so many elements where the type leaves their number open.
    pub(crate) fn open(declarations: &Declarations, ty: Type, count: usize) -> Result<Self> {
        let unit = declarations.unit();
        let (least, start, element, alignment) = match *unit.resolved_kind(ty) {
            TypeKind::Array { element, length: Length::Open } => (0, 0, element, 1),
            _ => {
                let (bytes, alignment) = layout::of(unit, ty)?;
                let Some((start, element)) = flexible(declarations, ty)? else {
                    let spelled = unit.spell(ty);
                    let message =
                        format!("`{spelled}` has its length, and the argument `length` is {count}");
                    return Err(Error::new(ErrorKind::Shape, message));
                };
                (bytes, start, element, alignment)
            }
        };
        let (size, natural) = layout::of(unit, element)?;
        let bytes = size.checked_mul(count).and_then(|bytes| bytes.checked_add(start));
        let bytes = bytes.unwrap_or(usize::MAX).max(least);
        let memory = Memory::zeroed(bytes, alignment.max(natural))?;
        Ok(Self { memory, ty, tail: Some(count), declarations: declarations.clone() })
    }

    /// A copy of bytes, which are those of an object of the type.
    pub(crate) fn copied(
        declarations: &Declarations,
        ty: Type,
        bytes: &[u8],
        tail: Option<usize>,
    ) -> Result<Self> {
        let unit = declarations.unit();
        let alignment = match *unit.resolved_kind(ty) {
            TypeKind::Array { element, .. } => layout::of(unit, element)?.1,
            _ => layout::of(unit, ty)?.1,
        };
        let mut memory = Memory::zeroed(bytes.len(), alignment)?;
        memory.bytes_mut().copy_from_slice(bytes);
        Ok(Self { memory, ty, tail, declarations: declarations.clone() })
    }

    /// Its type.
    #[must_use]
    pub fn ty(&self) -> Type {
        self.ty
    }

    /// What its type is declared in.
    #[must_use]
    pub fn declarations(&self) -> &Declarations {
        &self.declarations
    }

    /// How many bytes it has.
    #[must_use]
    pub fn size(&self) -> usize {
        self.memory.bytes().len()
    }

    /// Its bytes, padding included: CFFI's `ffi.buffer`.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.memory.bytes()
    }

    /// Its bytes, to be written.
    #[must_use]
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        self.memory.bytes_mut()
    }

    /// Its address, for C to read there while this lives.
    #[must_use]
    pub fn as_ptr(&self) -> *const c_void {
        self.memory.start().cast()
    }

    /// Its address, for C to read and write there while this lives and no view of it is used.
    #[must_use]
    pub fn as_mut_ptr(&mut self) -> *mut c_void {
        self.memory.start().cast()
    }

    fn spot(&self) -> Spot {
        Spot { tail: self.tail, ..Spot::whole(self.ty, self.size()) }
    }

    /// All of it, to be read.
    #[must_use]
    pub fn view(&self) -> View<'_> {
        View::new(self.memory.bytes(), self.spot(), self.declarations.clone())
    }

    /// All of it, to be read and written.
    #[must_use]
    pub fn view_mut(&mut self) -> ViewMut<'_> {
        let (spot, declarations) = (self.spot(), self.declarations.clone());
        ViewMut::new(self.memory.bytes_mut(), spot, declarations)
    }

    /// A part of it, to be read. See [`View::field`].
    ///
    /// # Errors
    ///
    /// As [`View::field`].
    pub fn field(&self, path: &str) -> Result<View<'_>> {
        self.view().field(path)
    }

    /// A part of it, to be read and written. See [`View::field`].
    ///
    /// # Errors
    ///
    /// As [`View::field`].
    pub fn field_mut(&mut self, path: &str) -> Result<ViewMut<'_>> {
        self.view_mut().into_field(path)
    }

    /// The value of a part of it. See [`View::get`].
    ///
    /// # Errors
    ///
    /// As [`View::get`].
    pub fn get(&self, path: &str) -> Result<Value> {
        self.view().get(path)
    }

    /// Writes a part of it. See [`ViewMut::set`].
    ///
    /// # Errors
    ///
    /// As [`ViewMut::set`].
    pub fn set(&mut self, path: &str, value: impl Store) -> Result<()> {
        self.view_mut().set(path, value)
    }

    pub(crate) fn address(&self) -> *const u8 {
        self.memory.start()
    }

    pub(crate) fn address_mut(&mut self) -> *mut u8 {
        self.memory.start()
    }
}

impl fmt::Debug for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Data").field(&self.view()).finish()
    }
}

/// Where the array without a length begins in which a record ends, and the type of its elements.
pub(crate) fn flexible(declarations: &Declarations, ty: Type) -> Result<Option<(usize, Type)>> {
    let unit = declarations.unit();
    let TypeKind::Record(id) = *unit.resolved_kind(ty) else { return Ok(None) };
    let Some(last) = unit.record_by_id(id).fields.last() else { return Ok(None) };
    let TypeKind::Array { element, length: Length::Open } = *unit.resolved_kind(last.ty) else {
        return Ok(None);
    };
    let layout = unit.record_layout(id)?;
    let start = layout.fields().last().map_or(0, |field| field.offset());
    Ok(Some((usize::try_from(start).unwrap_or(usize::MAX), element)))
}
