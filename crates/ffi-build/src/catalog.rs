//! The records and enumerations of a unit, with the names that C and Rust have for them.

use std::collections::{BTreeMap, BTreeSet};

use tenfold_cdecl::{
    Completeness, Declaration, Enum, EnumId, Float, Record, RecordId, Type, TypeKind, Unit,
};

/// A type that a unit defines.
#[derive(Debug, Clone)]
pub(crate) struct Name {
    /// How C writes it. None of what C cannot write: what is in a record and has no name.
    pub(crate) c: Option<String>,
    /// What Rust calls it.
    pub(crate) rust: String,
}

/// All that a unit defines.
#[derive(Debug)]
pub(crate) struct Catalog<'a> {
    pub(crate) unit: &'a Unit,
    records: BTreeMap<RecordId, Name>,
    enums: BTreeMap<EnumId, Name>,
    enumerators: BTreeSet<&'a str>,
    taken: BTreeSet<String>,
}

/// Types and modules that bindings name or have.
const OURS: [&str; 3] = ["Library", "hidden", "tenfold"];

/// Whether Rust has a type of that name without a path.
pub(crate) fn is_primitive(name: &str) -> bool {
    const NAMES: [&str; 17] = [
        "bool", "char", "str", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "u8",
        "u16", "u32", "u64", "u128", "usize",
    ];
    NAMES.contains(&name)
}

impl<'a> Catalog<'a> {
    pub(crate) fn new(unit: &'a Unit) -> Self {
        let mut catalog = Self {
            unit,
            records: BTreeMap::new(),
            enums: BTreeMap::new(),
            enumerators: BTreeSet::new(),
            taken: OURS.map(str::to_owned).into(),
        };
        let all = catalog.enums().flat_map(|enumeration| &enumeration.enumerators);
        catalog.enumerators = all.map(|one| &*one.name).collect();
        // A type name goes before a tag, since it is what C writes without a keyword.
        for typedef in unit.declarations().filter_map(typedef) {
            if typedef.span.is_some() && !catalog.names_its_own_tag(typedef) {
                catalog.taken.insert((*typedef.name).to_owned());
            }
        }
        catalog.name_those_with_names();
        catalog.name_those_inside();
        catalog
    }

    /// `typedef struct point {..} point;`: one type of Rust.
    pub(crate) fn names_its_own_tag(&self, typedef: &tenfold_cdecl::Typedef) -> bool {
        match *self.unit.kind(typedef.ty) {
            TypeKind::Record(id) => {
                let record = self.unit.record_by_id(id);
                record.tag.as_ref().is_none_or(|tag| *tag == typedef.name)
                    && self.spelled(record.ty()).is_some_and(|c| is_called(&c, &typedef.name))
            }
            TypeKind::Enum(id) => {
                let enumeration = self.unit.enum_by_id(id);
                enumeration.tag.as_ref().is_none_or(|tag| *tag == typedef.name)
                    && self.spelled(enumeration.ty()).is_some_and(|c| is_called(&c, &typedef.name))
            }
            _ => false,
        }
    }

    /// How C writes a record or an enumeration, if it has a name.
    fn spelled(&self, ty: Type) -> Option<String> {
        Some(self.unit.spell(ty)).filter(|c| !c.contains('{'))
    }

    fn free(&mut self, wanted: &str, keyword: &str) -> String {
        let mut name = wanted.to_owned();
        while is_primitive(&name) || !self.taken.insert(name.clone()) {
            name = format!("{keyword}_{name}");
        }
        name
    }

    fn name_those_with_names(&mut self) {
        for declaration in self.unit.declarations() {
            match declaration {
                Declaration::Record(record) => {
                    let Some(c) = self.spelled(record.ty()) else { continue };
                    let word = c.rsplit(' ').next().unwrap_or_default().to_owned();
                    let rust = self.free(&word, record.kind.word());
                    self.records.insert(record.id(), Name { c: Some(c), rust });
                }
                Declaration::Enum(enumeration) => {
                    let Some(c) = self.spelled(enumeration.ty()) else { continue };
                    let word = c.rsplit(' ').next().unwrap_or_default().to_owned();
                    // A newtype is a function, too.
                    let is_value = self.unit.function(&word).is_some()
                        || self.unit.variable(&word).is_some()
                        || self.unit.constant(&word).is_some();
                    let word = if is_value { format!("enum_{word}") } else { word };
                    let rust = self.free(&word, "enum");
                    self.enums.insert(enumeration.id(), Name { c: Some(c), rust });
                }
                _ => {}
            }
        }
    }

    /// What has no name is called after what it is in.
    fn name_those_inside(&mut self) {
        for typedef in self.unit.declarations().filter_map(typedef) {
            if let TypeKind::Pointer(to) = *self.unit.kind(typedef.ty) {
                let c = format!("__typeof__(*({})0)", typedef.name);
                self.name_inside(to, Some(c), &format!("{}_target", typedef.name));
            }
        }
        let all: Vec<RecordId> = self.records().map(Record::id).collect();
        // An outer record stands before what is in it.
        for id in all {
            let record = self.unit.record_by_id(id);
            let Some(owner) = self.records.get(&id).cloned() else { continue };
            for (at, field) in record.fields.iter().enumerate() {
                let (inner, elements) = self.element(field.ty);
                let rust = match &field.name {
                    Some(name) => format!("{}_{name}", owner.rust),
                    None => format!("{}_anonymous{at}", owner.rust),
                };
                let path = field.name.as_deref().zip(owner.c.as_deref());
                let c = path.map(|(name, owner)| {
                    format!("__typeof__((({owner} *)0)->{name}{})", "[0]".repeat(elements))
                });
                self.name_inside(inner, c, &rust);
            }
        }
    }

    fn name_inside(&mut self, ty: Type, c: Option<String>, wanted: &str) {
        match *self.unit.kind(ty) {
            TypeKind::Record(id) if !self.records.contains_key(&id) => {
                let rust = self.free(wanted, "struct");
                self.records.insert(id, Name { c, rust });
            }
            TypeKind::Enum(id) if !self.enums.contains_key(&id) => {
                let rust = self.free(wanted, "enum");
                self.enums.insert(id, Name { c, rust });
            }
            _ => {}
        }
    }

    /// What an array is of, and how many dimensions it has.
    pub(crate) fn element(&self, ty: Type) -> (Type, usize) {
        let (mut ty, mut dimensions) = (ty, 0);
        while let TypeKind::Array { element, .. } = self.unit.kind(ty) {
            (ty, dimensions) = (*element, dimensions + 1);
        }
        (ty, dimensions)
    }

    pub(crate) fn records(&self) -> impl Iterator<Item = &'a Record> + use<'a> {
        self.unit.declarations().filter_map(|declaration| match declaration {
            Declaration::Record(record) => Some(record),
            _ => None,
        })
    }

    pub(crate) fn enums(&self) -> impl Iterator<Item = &'a Enum> + use<'a> {
        self.unit.declarations().filter_map(|declaration| match declaration {
            Declaration::Enum(enumeration) => Some(enumeration),
            _ => None,
        })
    }

    /// Whether a constant is one of an enumeration.
    pub(crate) fn is_enumerator(&self, constant: &str) -> bool {
        self.enumerators.contains(constant)
    }

    pub(crate) fn record(&self, id: RecordId) -> Option<&Name> {
        self.records.get(&id)
    }

    /// None of an enumeration that is only a list of constants.
    pub(crate) fn enumeration(&self, id: EnumId) -> Option<&Name> {
        self.enums.get(&id)
    }

    /// Whether a type is, or is an array of, a record or an enumeration that has no name of its own.
    pub(crate) fn is_unnamed(&self, ty: Type) -> bool {
        let (element, _) = self.element(ty);
        match *self.unit.kind(element) {
            TypeKind::Record(_) | TypeKind::Enum(_) => {
                self.spelled(element.unqualified()).is_none()
            }
            _ => false,
        }
    }

    /// Whether Rust cannot pass a type by value as C does: it has no type for it, or does not know all of
    /// a record.
    pub(crate) fn needs_pointer(&self, ty: Type) -> bool {
        match self.unit.resolved_kind(ty) {
            TypeKind::Float(float) | TypeKind::Complex(float) => is_opaque(*float),
            TypeKind::Array { element, .. } => self.needs_pointer(*element),
            TypeKind::Record(id) => {
                let record = self.unit.record_by_id(*id);
                record.completeness == Completeness::Partial
                    || record.fields.iter().any(|field| self.needs_pointer(field.ty))
            }
            TypeKind::SomeFloat => true,
            _ => false,
        }
    }
}

fn is_called(c: &str, name: &str) -> bool {
    c.rsplit(' ').next() == Some(name)
}

fn typedef(declaration: Declaration<'_>) -> Option<&tenfold_cdecl::Typedef> {
    match declaration {
        Declaration::Typedef(typedef) => Some(typedef),
        _ => None,
    }
}

/// Whether Rust has no numbers of that type.
pub(crate) fn is_opaque(float: Float) -> bool {
    !matches!(
        float,
        Float::Float | Float::Double | Float::Float32 | Float::Float64 | Float::Float32x
    )
}
