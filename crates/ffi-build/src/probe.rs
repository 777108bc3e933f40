//! The text that a compiler accepts if, and only if, the declarations are those of the header.
//!
//! Functions, variables and type names are declared once more: C refuses a second declaration with another
//! type, qualifiers and all. Fields are compared in the same way, through `__typeof__`. Values, sizes and
//! offsets are asserted.

use std::collections::BTreeSet;

use tenfold_cdecl::{
    Completeness, Declaration, Enum, Field, Function, Length, Record, RecordKind, Span, Type,
    TypeKind, Typedef, Variable,
};

use crate::catalog::Catalog;
use crate::text::Lines;

/// What includes the headers, then a source, then names that declarations may use without saying where they
/// are from.
pub(crate) fn preamble(headers: &[String], source: &str, uses_files: bool) -> String {
    let own = headers.iter().map(|header| {
        if header.starts_with(['<', '"']) {
            format!("#include {header}\n")
        } else {
            format!("#include <{header}>\n")
        }
    });
    let mut text: String = own.collect();
    text.push_str(source);
    for standard in ["stddef.h", "stdint.h", "stdbool.h", "stdarg.h", "sys/types.h"] {
        text.push_str(&format!("#include <{standard}>\n"));
    }
    if uses_files {
        text.push_str("#include <stdio.h>\n");
    }
    text
}

/// What a name is to the preprocessor, and to the compiler.
#[derive(Debug, Default)]
pub(crate) struct Macros {
    /// Names that stand for something else.
    pub(crate) aliases: BTreeSet<String>,
    /// Functions that are macros and nothing else.
    pub(crate) only: BTreeSet<String>,
}

/// The text that holds all declarations against the headers.
pub(crate) fn write(lines: &mut Lines, catalog: &Catalog<'_>, macros: &Macros) {
    let mut probe = Probe { lines, catalog, macros };
    for declaration in catalog.unit.declarations() {
        match declaration {
            Declaration::Typedef(typedef) => probe.typedef(typedef),
            Declaration::Record(record) => probe.record(record),
            Declaration::Enum(enumeration) => probe.enumeration(enumeration),
            Declaration::Function(function) => probe.function(function),
            Declaration::Variable(variable) => probe.variable(variable),
            _ => {}
        }
    }
    probe.constants();
}

struct Probe<'p, 'c> {
    lines: &'p mut Lines,
    catalog: &'c Catalog<'c>,
    macros: &'p Macros,
}

/// A field, and how it is reached from its record.
pub(crate) struct Reached<'c> {
    pub(crate) field: &'c Field,
    /// In bytes, where it is known.
    pub(crate) offset: Option<u64>,
}

/// The fields that C can name, those of members without a name among them.
pub(crate) fn reached<'c>(catalog: &Catalog<'c>, record: &'c Record) -> Vec<Reached<'c>> {
    let layout = catalog.unit.record_layout(record.id()).ok();
    let mut all = Vec::new();
    for (at, field) in record.fields.iter().enumerate() {
        let place = layout.and_then(|layout| layout.fields().get(at)).map(|place| place.offset());
        match (&field.name, catalog.unit.kind(field.ty)) {
            (Some(_), _) => all.push(Reached { field, offset: place }),
            (None, TypeKind::Record(inner)) => {
                let inner = reached(catalog, catalog.unit.record_by_id(*inner));
                all.extend(inner.into_iter().map(|one| Reached {
                    offset: one.offset.zip(place).map(|(inner, outer)| inner + outer),
                    ..one
                }));
            }
            _ => {}
        }
    }
    all
}

/// A number as C writes it.
fn literal(value: i128) -> String {
    if value == i128::from(i64::MIN) {
        return String::from("(-9223372036854775807LL - 1)");
    }
    if value > i128::from(i64::MAX) { format!("{value}ULL") } else { format!("({value}LL)") }
}

impl Probe<'_, '_> {
    fn assert(&mut self, span: Span, condition: &str, text: &str) {
        let text = text.replace(['"', '\\'], "'");
        self.lines.check(span, "", &format!("_Static_assert({condition}, \"{text}\");"));
    }

    /// Two expressions of types, which have to be the same. `have` names `tf_N`, or is to.
    fn same(&mut self, span: Span, about: &str, wanted: &str, have: Type) {
        let name = format!("tf_{}", self.lines.next());
        let declared = self.catalog.unit.declare(have, &name).replace("[...]", "[]");
        let line = format!("extern {wanted} {name}; extern {declared};");
        self.lines.check(span, about, &line);
    }

    fn typedef(&mut self, typedef: &Typedef) {
        let (Some(span), name) = (typedef.span, &typedef.name) else { return };
        let unit = self.catalog.unit;
        let exists = format!("extern __typeof__({name}) *tf_{};", self.lines.next());
        match unit.kind(typedef.ty) {
            TypeKind::SomeInteger => {
                self.lines.check(span, &**name, &exists);
                let condition = format!("({name})0.5 == 0");
                self.assert(span, &condition, &format!("`{name}` is no integer type"));
            }
            TypeKind::SomeFloat => {
                self.lines.check(span, &**name, &exists);
                let condition = format!("({name})0.5 != 0");
                self.assert(span, &condition, &format!("`{name}` is no floating type"));
            }
            TypeKind::Opaque => self.lines.check(span, &**name, &exists),
            _ if unit.spell(typedef.ty).contains("...") => {
                // A pointer to what nothing is known of.
                let line =
                    format!("{exists} extern __typeof__(*({name})0) tf_{0}_to;", self.lines.next());
                self.lines.check(span, &**name, &line);
            }
            _ if self.catalog.is_unnamed(typedef.ty) => self.lines.check(span, &**name, &exists),
            _ => {
                let declared = unit.declare(typedef.ty, name);
                self.lines.check(span, &**name, &format!("{exists} typedef {declared};"));
            }
        }
        if let Some(alignment) = typedef.alignment {
            let condition = format!("_Alignof({name}) == {alignment}");
            self.assert(span, &condition, &format!("the alignment of `{name}` is not {alignment}"));
        }
    }

    fn record(&mut self, record: &Record) {
        let name = self.catalog.record(record.id()).and_then(|name| name.c.clone());
        let Some(c) = name.filter(|_| record.completeness != Completeness::Incomplete) else {
            return;
        };
        if let Ok(layout) = self.catalog.unit.record_layout(record.id()) {
            let (size, alignment) = (layout.size(), layout.alignment());
            let text = format!("the size of `{c}` is not {size} bytes");
            self.assert(record.span, &format!("sizeof({c}) == {size}"), &text);
            let text = format!("the alignment of `{c}` is not {alignment} bytes");
            self.assert(record.span, &format!("_Alignof({c}) == {alignment}"), &text);
        } else {
            let line = format!("extern char tf_{}[sizeof({c})];", self.lines.next());
            self.lines.check(record.span, &c, &line);
        }
        for one in reached(self.catalog, record) {
            self.field(&c, &one);
        }
        if record.completeness == Completeness::Complete && record.kind == RecordKind::Struct {
            self.all_fields(&c, record);
        }
    }

    fn field(&mut self, c: &str, one: &Reached<'_>) {
        let (field, Some(name)) = (one.field, &one.field.name) else { return };
        let span = field.span;
        if let Some(width) = field.width {
            // Its place is found out later; that it is one, by an address that cannot be taken.
            let line = format!(
                "enum {{ tf_{} = sizeof((({c} *)0)->{name} + 0) + {width} }};",
                self.lines.next()
            );
            self.lines.check(span, &**name, &line);
            return;
        }
        let about = format!("{c}.{name}");
        if self.catalog.is_unnamed(field.ty) {
            if let Ok(layout) = self.catalog.unit.layout(field.ty) {
                let size = layout.size();
                let condition = format!("sizeof((({c} *)0)->{name}) == {size}");
                self.assert(
                    span,
                    &condition,
                    &format!("the size of `{about}` is not {size} bytes"),
                );
            }
            self.dimensions(span, &about, format!("(({c} *)0)->{name}"), field.ty);
        } else {
            self.same(span, &about, &format!("__typeof__((({c} *)0)->{name})"), field.ty);
        }
        if let Some(offset) = one.offset {
            let condition = format!("__builtin_offsetof({c}, {name}) == {offset}");
            self.assert(span, &condition, &format!("`{about}` does not lie at byte {offset}"));
        }
    }

    /// Arrays of one size may have other dimensions.
    fn dimensions(&mut self, span: Span, about: &str, mut array: String, mut ty: Type) {
        while let TypeKind::Array { element, length } = self.catalog.unit.kind(ty) {
            if let Length::Known(length) = length {
                let condition = format!("sizeof({array}) == {length} * sizeof({array}[0])");
                let text = format!("a dimension of `{about}` is not {length}");
                self.assert(span, &condition, &text);
            }
            array.push_str("[0]");
            ty = *element;
        }
    }

    /// A field that is left out may hide in padding. Whoever lists initialisers for too few fields is
    /// warned, and the warning is an error here. They are not 0: a lone `{0}` is taken for all.
    fn all_fields(&mut self, c: &str, record: &Record) {
        let values = self.values(record);
        if values.is_empty() {
            return;
        }
        let line = format!("const {c} tf_{} = {{ {} }};", self.lines.next(), values.join(", "));
        self.lines.check(record.span, c, &line);
    }

    fn values(&self, record: &Record) -> Vec<String> {
        let mut values = Vec::new();
        for field in &record.fields {
            let is_padding = field.name.is_none() && field.width.is_some();
            let is_open = matches!(
                self.catalog.unit.resolved_kind(field.ty),
                TypeKind::Array { length: Length::Open, .. }
            );
            if is_padding || is_open {
                continue;
            }
            values.push(match self.catalog.unit.resolved_kind(field.ty) {
                TypeKind::Pointer(_) => String::from("(void *)1"),
                // A structure with a name is held against the header by itself.
                TypeKind::Record(id) if field.name.is_none() => {
                    let inner = self.catalog.unit.record_by_id(*id);
                    let is_struct = inner.kind == RecordKind::Struct;
                    let inside = if is_struct { self.values(inner) } else { Vec::new() };
                    format!("{{ {} }}", inside.join(", "))
                }
                TypeKind::Array { .. }
                | TypeKind::Record(_)
                | TypeKind::VaList
                | TypeKind::Vector { .. } => String::from("{}"),
                _ => String::from("1"),
            });
        }
        values
    }

    fn enumeration(&mut self, enumeration: &Enum) {
        let name = self.catalog.enumeration(enumeration.id()).and_then(|name| name.c.clone());
        if let (Some(c), Completeness::Complete) = (&name, enumeration.completeness) {
            self.all_enumerators(c, enumeration);
        }
        if let (Some(c), Some(integer)) = (name, enumeration.underlying) {
            let (size, span) = (integer.size(), enumeration.span);
            let text = format!("the size of `{c}` is not {size} bytes");
            self.assert(span, &format!("sizeof({c}) == {size}"), &text);
            let is_signed = self.catalog.unit.target().is_signed(integer);
            let sign = if is_signed { "<" } else { ">" };
            let text = format!("`{c}` is not stored as `{}`", integer.name());
            self.assert(span, &format!("({c})-1 {sign} 0"), &text);
        }
        for one in &enumeration.enumerators {
            self.constant(one.span, &one.name, one.value);
        }
    }

    /// Whoever switches over an enumeration is warned of what is left out, and of what is not in it.
    fn all_enumerators(&mut self, c: &str, enumeration: &Enum) {
        let values: Option<Vec<i128>> =
            enumeration.enumerators.iter().map(|one| one.value).collect();
        let Some(values) = values else { return };
        let mut seen = BTreeSet::new();
        let mut cases = String::new();
        for (one, value) in enumeration.enumerators.iter().zip(values) {
            if seen.insert(value) {
                cases.push_str(&format!("case {}: ", one.name));
            }
        }
        let next = self.lines.next();
        let line =
            format!("static inline void tf_{next}({c} value) {{ switch (value) {{ {cases}; }} }}");
        self.lines.check(enumeration.span, c, &line);
    }

    fn constants(&mut self) {
        for declaration in self.catalog.unit.declarations() {
            if let Declaration::Constant(constant) = declaration
                && !self.catalog.is_enumerator(constant.name())
            {
                self.constant(constant.span(), constant.name(), constant.value());
            }
        }
    }

    fn constant(&mut self, span: Span, name: &str, value: Option<i128>) {
        let line = format!("enum {{ tf_{} = ({name}) }};", self.lines.next());
        self.lines.check(span, name, &line);
        let Some(value) = value else { return };
        let sign = u8::from(value < 0);
        let condition = format!("({name}) == {} && (({name}) < 0) == {sign}", literal(value));
        self.assert(span, &condition, &format!("`{name}` is not {value}"));
    }

    fn function(&mut self, function: &Function) {
        let (name, unit) = (&*function.name, self.catalog.unit);
        if self.macros.only.contains(name) {
            return;
        }
        // In parentheses it is no macro with arguments.
        let exists = format!("extern __typeof__(({name})) *tf_{};", self.lines.next());
        let declared = unit.declare(function.ty, &format!("({name})"));
        self.lines.check(function.span, name, &format!("{exists} {declared};"));
    }

    fn variable(&mut self, variable: &Variable) {
        let (name, unit) = (&*variable.name, self.catalog.unit);
        if self.macros.aliases.contains(name) || variable.is_static {
            // It has no declaration to compare with: the function that reads it is checked.
            return;
        }
        let exists = format!("extern __typeof__({name}) *tf_{};", self.lines.next());
        let thread = if variable.is_thread_local { "extern __thread" } else { "extern" };
        let declared = unit.declare(variable.ty, name).replace("[...]", "[]");
        let line = format!("{exists} {thread} {declared};");
        self.lines.check(variable.span, name, &line);
    }
}
