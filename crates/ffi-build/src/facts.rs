//! What only a compiler knows for certain: where things lie, how large they are, and what constants are.

use std::collections::{BTreeMap, BTreeSet};

use tenfold_cdecl::{EnumId, Integer, RecordId, Type, TypeKind, TypedefId, Unit};

use crate::catalog::Catalog;
use crate::error::Fault;

/// A record in memory.
#[derive(Debug, Clone, Default)]
pub(crate) struct RecordFacts {
    pub(crate) size: u64,
    pub(crate) alignment: u64,
    /// One for each field, in the declaration's order.
    pub(crate) fields: Vec<FieldFacts>,
}

/// A field in its record.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct FieldFacts {
    pub(crate) bit_offset: u64,
    /// Of an array written `[...]`.
    pub(crate) length: Option<u64>,
    /// Whether its place is known at all.
    pub(crate) is_placed: bool,
}

/// An integer type, by what it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Kind {
    pub(crate) bytes: u64,
    pub(crate) is_signed: bool,
}

/// A constant.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Value {
    pub(crate) value: i128,
    pub(crate) kind: Kind,
}

/// All of one library.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    pub(crate) records: BTreeMap<RecordId, RecordFacts>,
    pub(crate) enums: BTreeMap<EnumId, Kind>,
    pub(crate) integers: BTreeMap<TypedefId, Kind>,
    pub(crate) floats: BTreeMap<TypedefId, u64>,
    pub(crate) constants: BTreeMap<String, Value>,
    /// Lengths of variables written `[...]`.
    pub(crate) lengths: BTreeMap<String, u64>,
    /// Names in the library, where they are others.
    pub(crate) symbols: BTreeMap<String, String>,
    /// Functions that the header defines itself, so that no library has them.
    pub(crate) inline: BTreeSet<String>,
}

pub(crate) fn kind_of(unit: &Unit, integer: Integer) -> Kind {
    Kind { bytes: integer.size(), is_signed: unit.target().is_signed(integer) }
}

impl Facts {
    /// What the declarations say without a compiler.
    pub(crate) fn declared(catalog: &Catalog<'_>) -> Self {
        let unit = catalog.unit;
        let mut facts = Self::default();
        for record in catalog.records() {
            let Ok(layout) = unit.record_layout(record.id()) else { continue };
            let fields = layout.fields().iter();
            let fields = fields.map(|field| FieldFacts {
                bit_offset: field.bit_offset(),
                length: None,
                is_placed: true,
            });
            let known = RecordFacts {
                size: layout.size(),
                alignment: layout.alignment(),
                fields: fields.collect(),
            };
            facts.records.insert(record.id(), known);
        }
        for enumeration in catalog.enums() {
            if let Some(integer) = enumeration.underlying {
                facts.enums.insert(enumeration.id(), kind_of(unit, integer));
            }
            for one in &enumeration.enumerators {
                let kind = kind_of(unit, unit.constant(&one.name).map_or(Integer::Int, |c| c.ty()));
                if let Some(value) = one.value {
                    facts.constants.insert((*one.name).to_owned(), Value { value, kind });
                }
            }
        }
        for declaration in unit.declarations() {
            if let tenfold_cdecl::Declaration::Constant(constant) = declaration
                && let Some(value) = constant.value()
            {
                let kind = kind_of(unit, constant.ty());
                facts.constants.insert(constant.name().to_owned(), Value { value, kind });
            }
        }
        facts
    }

    /// Size and alignment that Rust gives a type, in bytes; none of what Rust cannot have in a record.
    pub(crate) fn layout(&self, unit: &Unit, ty: Type) -> Option<(u64, u64)> {
        match unit.kind(ty) {
            TypeKind::Typedef(id) => match unit.kind(unit.typedef_by_id(*id).ty) {
                TypeKind::SomeInteger => {
                    self.integers.get(id).map(|kind| (kind.bytes, kind.bytes.min(16)))
                }
                TypeKind::SomeFloat => self.floats.get(id).map(|bytes| (*bytes, *bytes)),
                // An alignment of the name is none of Rust's alias.
                _ => self.layout(unit, unit.typedef_by_id(*id).ty),
            },
            TypeKind::Array { element, length } => {
                let (size, alignment) = self.layout(unit, *element)?;
                match length {
                    tenfold_cdecl::Length::Known(length) => Some((size * length, alignment)),
                    tenfold_cdecl::Length::Open => Some((0, alignment)),
                    _ => None,
                }
            }
            TypeKind::Record(id) => {
                self.records.get(id).map(|record| (record.size, record.alignment))
            }
            TypeKind::Enum(id) => self.enums.get(id).map(|kind| (kind.bytes, kind.bytes)),
            TypeKind::VaList | TypeKind::Vector { .. } => None,
            _ => unit.layout(ty).ok().map(|layout| (layout.size(), layout.alignment())),
        }
    }

    /// Compares places of bit-fields, which C cannot assert.
    pub(crate) fn compare_bits(&self, catalog: &Catalog<'_>) -> Vec<(tenfold_cdecl::Span, Fault)> {
        let mut faults = Vec::new();
        for record in catalog.records() {
            let (Ok(layout), Some(known)) =
                (catalog.unit.record_layout(record.id()), self.records.get(&record.id()))
            else {
                continue;
            };
            for ((field, wanted), known) in
                record.fields.iter().zip(layout.fields()).zip(&known.fields)
            {
                if field.width.is_some()
                    && field.name.is_some()
                    && wanted.bit_offset() != known.bit_offset
                {
                    let name = field.name.as_deref().unwrap_or_default();
                    let message = format!(
                        "the bit-field `{name}` begins at bit {}, not at bit {}",
                        known.bit_offset,
                        wanted.bit_offset()
                    );
                    faults.push((field.span, Fault::new(message)));
                }
            }
        }
        faults
    }
}
