//! Sizes, alignments and offsets, as GCC has them on the targets.

use std::sync::Arc;

use crate::declaration::{Completeness, Field, Record, RecordKind};
use crate::error::{Error, ErrorKind};
use crate::types::{Float, Length, RecordId, Type, TypeKind};
use crate::unit::Unit;

/// No object is larger: differences of pointers into it fit.
const MAX_SIZE: u64 = i64::MAX as u64;

/// Size and alignment of a type, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Layout {
    pub(crate) size: u64,
    pub(crate) alignment: u64,
}

impl Layout {
    /// The size in bytes.
    #[must_use]
    pub fn size(self) -> u64 {
        self.size
    }

    /// The alignment in bytes.
    #[must_use]
    pub fn alignment(self) -> u64 {
        self.alignment
    }
}

/// How a record lies in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordLayout {
    layout: Layout,
    fields: Vec<FieldLayout>,
}

impl RecordLayout {
    /// The size in bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.layout.size
    }

    /// The alignment in bytes.
    #[must_use]
    pub fn alignment(&self) -> u64 {
        self.layout.alignment
    }

    /// Its fields, one for each of [`Record::fields`], in the same order.
    #[must_use]
    pub fn fields(&self) -> &[FieldLayout] {
        &self.fields
    }
}

/// Where a field lies, in bits from the record's first byte; bits count from the lowest of a byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FieldLayout {
    bit_offset: u64,
    width: Option<u32>,
}

impl FieldLayout {
    /// The byte that it begins in.
    #[must_use]
    pub fn offset(self) -> u64 {
        self.bit_offset / 8
    }

    /// Its first bit, from the record's begin.
    #[must_use]
    pub fn bit_offset(self) -> u64 {
        self.bit_offset
    }

    /// The number of bits of a bit-field.
    #[must_use]
    pub fn width(self) -> Option<u32> {
        self.width
    }
}

/// Where the next field goes, and what is known of the whole.
struct Place {
    bits: u128,
    /// Of a union: the bits of the largest.
    largest: u128,
    alignment: u64,
}

fn round_up(bits: u128, alignment: u64) -> u128 {
    bits.next_multiple_of(u128::from(alignment.max(1)))
}

impl Unit {
    /// Size and alignment of a type.
    ///
    /// # Errors
    ///
    /// [`Incomplete`](ErrorKind::Incomplete) for `void`, functions, records without fields known and
    /// arrays without a length; [`Partial`](ErrorKind::Partial) for what was written with `...`;
    /// [`Limit`](ErrorKind::Limit) for arrays beyond the address space.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut unit = tenfold_cdecl::parse("struct s { char c; double d; };")?;
    /// let ty = unit.parse_type("struct s")?;
    /// let layout = unit.layout(ty)?;
    /// assert_eq!((layout.size(), layout.alignment()), (16, 8));
    /// # Ok::<(), tenfold_cdecl::Error>(())
    /// ```
    pub fn layout(&self, ty: Type) -> Result<Layout, Error> {
        let (mut ty, mut count, mut given) = (ty, 1_u64, None);
        loop {
            let layout = match self.kind(ty) {
                TypeKind::Typedef(id) => {
                    let typedef = self.typedef_by_id(*id);
                    given = given.or(typedef.alignment);
                    ty = typedef.ty.with(ty.qualifiers);
                    continue;
                }
                TypeKind::Array { element, length: Length::Known(length) } => {
                    count = count.checked_mul(*length).ok_or_else(|| self.too_large(ty))?;
                    ty = *element;
                    continue;
                }
                TypeKind::Array { .. } => return Err(self.without_length(ty)),
                TypeKind::Record(id) => {
                    let layout = self.record_layout(*id)?.layout;
                    if ty.qualifiers.is_atomic() { atomic(layout) } else { layout }
                }
                kind => self.basic_layout(kind, ty)?,
            };
            let size = layout.size.checked_mul(count).filter(|size| *size <= MAX_SIZE);
            let size = size.ok_or_else(|| self.too_large(ty))?;
            return Ok(Layout { size, alignment: given.unwrap_or(layout.alignment) });
        }
    }

    fn too_large(&self, ty: Type) -> Error {
        let message = format!("an array of `{}` is larger than {MAX_SIZE} bytes", self.shown(ty));
        Error::new(ErrorKind::Limit, message)
    }

    fn without_length(&self, ty: Type) -> Error {
        let spelled = self.shown(ty);
        match self.kind(ty) {
            TypeKind::Array { length: Length::Deduced, .. } => Error::new(
                ErrorKind::Partial,
                format!("only a compiler knows the length of `{spelled}`"),
            ),
            _ => Error::new(ErrorKind::Incomplete, format!("the array `{spelled}` has no length")),
        }
    }

    fn basic_layout(&self, kind: &TypeKind, ty: Type) -> Result<Layout, Error> {
        let even = |size| Layout { size, alignment: size };
        Ok(match kind {
            TypeKind::Bool => even(1),
            TypeKind::Integer(integer) => even(integer.size()),
            TypeKind::Float(float) => even(self.float_size(*float)?),
            TypeKind::Complex(float) => {
                let size = self.float_size(*float)?;
                Layout { size: 2 * size, alignment: size }
            }
            TypeKind::VaList => {
                let (size, alignment) = self.target.va_list();
                Layout { size, alignment }
            }
            TypeKind::Pointer(_) => even(8),
            TypeKind::Enum(id) => {
                let enumeration = self.enum_by_id(*id);
                match (enumeration.underlying, enumeration.completeness) {
                    (Some(integer), _) => even(integer.size()),
                    (None, Completeness::Incomplete) => return Err(self.incomplete(ty)),
                    (None, _) => return Err(self.partial(ty)),
                }
            }
            TypeKind::Vector { element, length } => {
                let size = self.layout(*element)?.size.checked_mul(*length);
                even(size.ok_or_else(|| self.too_large(ty))?)
            }
            TypeKind::SomeInteger | TypeKind::SomeFloat | TypeKind::Opaque => {
                return Err(self.partial(ty));
            }
            _ => return Err(self.incomplete(ty)),
        })
    }

    fn float_size(&self, float: Float) -> Result<u64, Error> {
        if self.target.has_float(float) {
            return Ok(float.size());
        }
        let message = format!("{:?} has no `{}`", self.target, float.name());
        Err(Error::new(ErrorKind::Unsupported, message))
    }

    fn incomplete(&self, ty: Type) -> Error {
        let message = format!("`{}` is incomplete: it has no size", self.shown(ty));
        Error::new(ErrorKind::Incomplete, message)
    }

    fn partial(&self, ty: Type) -> Error {
        let message = format!("only a compiler knows the size of `{}`", self.shown(ty));
        Error::new(ErrorKind::Partial, message)
    }

    /// How a structure or a union lies in memory.
    ///
    /// # Errors
    ///
    /// [`Incomplete`](ErrorKind::Incomplete) if its fields are not known,
    /// [`Partial`](ErrorKind::Partial) if it was written with `...` or holds something that was.
    ///
    /// # Panics
    ///
    /// If the number is another unit's.
    ///
    /// # Examples
    ///
    /// ```
    /// let unit = tenfold_cdecl::parse("struct s { char c; int low : 3, high : 5; };")?;
    /// let layout = unit.record_layout(unit.record("s").unwrap().id())?;
    /// let places: Vec<_> = layout.fields().iter().map(|field| field.bit_offset()).collect();
    /// assert_eq!((layout.size(), places), (4, vec![0, 8, 11]));
    /// # Ok::<(), tenfold_cdecl::Error>(())
    /// ```
    pub fn record_layout(&self, id: RecordId) -> Result<&RecordLayout, Error> {
        let record = self.record_by_id(id);
        match (&record.layout, record.completeness) {
            (Some(layout), _) => Ok(layout),
            (None, Completeness::Incomplete) => Err(self.incomplete(record.ty())),
            (None, _) => Err(self.partial(record.ty())),
        }
    }

    /// Computes the layout of a record whose fields are known; none if one of them is partial.
    pub(crate) fn lay_out(&self, record: &Record) -> Result<Option<Arc<RecordLayout>>, Error> {
        let mut fields = Vec::with_capacity(record.fields.len());
        let mut place = Place { bits: 0, largest: 0, alignment: record.alignment.unwrap_or(1) };
        for field in &record.fields {
            let layout = match self.field_layout(field.ty) {
                Ok(layout) => layout,
                Err(error) if error.kind() == ErrorKind::Partial => return Ok(None),
                Err(error) => return Err(self.error(error.kind(), error.message(), field.span)),
            };
            if record.kind == RecordKind::Union {
                place.bits = 0;
            }
            let at = match field.width {
                Some(width) => self.place_bits(&mut place, record, field, layout, width),
                None => place_whole(&mut place, record, field, layout),
            };
            place.largest = place.largest.max(place.bits);
            let bit_offset = u64::try_from(at).unwrap_or(u64::MAX);
            fields.push(FieldLayout { bit_offset, width: field.width });
        }
        let bytes = round_up(place.largest, 8) / 8;
        let bytes = round_up(bytes, place.alignment);
        // Offsets in bits have to fit too.
        let Some(size) = u64::try_from(bytes).ok().filter(|size| *size <= MAX_SIZE / 8) else {
            let message = format!(
                "`{}` has {bytes} bytes, and the bound is {}",
                self.shown(record.ty()),
                MAX_SIZE / 8
            );
            return Err(self.error(ErrorKind::Limit, message, record.span));
        };
        let layout = Layout { size, alignment: place.alignment };
        Ok(Some(Arc::new(RecordLayout { layout, fields })))
    }

    /// A member may be an array without a length, which takes no room.
    fn field_layout(&self, ty: Type) -> Result<Layout, Error> {
        let resolved = self.resolve(ty);
        match self.kind(resolved) {
            TypeKind::Array { element, length: Length::Open } => {
                let alignment = self.layout(*element)?.alignment;
                Ok(Layout { size: 0, alignment })
            }
            _ => self.layout(ty),
        }
    }

    /// Places a bit-field: behind the one before, unless it would cross more units of its type than
    /// it has to.
    fn place_bits(
        &self,
        place: &mut Place,
        record: &Record,
        field: &Field,
        layout: Layout,
        width: u32,
    ) -> u128 {
        // One without bits ends the unit, whatever packs the others.
        let is_packed = (record.is_packed || field.is_packed) && width > 0;
        let pack = record.pack.filter(|_| width > 0);
        let own = field.alignment.unwrap_or(0);
        let own = pack.map_or(own, |pack| own.min(pack));
        let start = if width == 0 { layout.alignment.max(own) } else { own };
        if start > 0 {
            place.bits = round_up(place.bits, start * 8);
        }
        let unit = u128::from(layout.alignment) * 8;
        let crosses = (place.bits % unit + u128::from(width)).div_ceil(unit)
            > u128::from(layout.size) * 8 / unit;
        if width > 0 && crosses && !is_packed && pack.is_none() {
            place.bits = round_up(place.bits, layout.alignment * 8);
        }
        if field.name.is_some() || self.target.aligns_unnamed() {
            let counted = match pack {
                Some(pack) => layout.alignment.min(pack),
                None if is_packed => 1,
                None => layout.alignment,
            };
            place.alignment = place.alignment.max(counted).max(own);
        }
        let at = place.bits;
        place.bits += u128::from(width);
        at
    }
}

/// Places a field that has bytes of its own.
fn place_whole(place: &mut Place, record: &Record, field: &Field, layout: Layout) -> u128 {
    let is_packed = record.is_packed || field.is_packed;
    let natural = if is_packed { 1 } else { layout.alignment };
    let wanted = natural.max(field.alignment.unwrap_or(1));
    let alignment = record.pack.map_or(wanted, |pack| wanted.min(pack));
    let at = round_up(place.bits, alignment * 8);
    place.alignment = place.alignment.max(alignment);
    place.bits = at + u128::from(layout.size) * 8;
    at
}

/// An atomic record whose size is a power of two is aligned to it, so that one instruction reaches it.
fn atomic(layout: Layout) -> Layout {
    match layout.size {
        1 | 2 | 4 | 8 | 16 => {
            Layout { size: layout.size, alignment: layout.alignment.max(layout.size) }
        }
        _ => layout,
    }
}
