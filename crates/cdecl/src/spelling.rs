//! Types as C writes them.

use std::fmt::Write as _;

use crate::declaration::Completeness;
use crate::text::shortened;
use crate::types::{EnumId, FunctionType, Length, Qualifiers, RecordId, Type, TypeKind};
use crate::unit::Unit;

/// How many types are written before the rest becomes `...`: types that share their parts are small
/// in the text and huge in full.
const MAX_STEPS: u32 = 10_000;

/// How deep records without a name, and parameters, are written in each other.
const MAX_DEPTH: u32 = 300;

/// How much of a type stands in the message of an error, in characters.
const MAX_SHOWN: usize = 100;

/// What may still be written.
struct Budget {
    steps: u32,
    depth: u32,
}

impl Unit {
    /// A type as C writes it. Read again by [`parse_type`](Unit::parse_type), it is a compatible type,
    /// but for records and enumerations that have neither tag nor name: those are new ones.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut unit = tenfold_cdecl::parse("")?;
    /// let ty = unit.parse_type("int(*[ 3 ])(char const*,...)")?;
    /// assert_eq!(unit.spell(ty), "int (*[3])(const char *, ...)");
    /// # Ok::<(), tenfold_cdecl::Error>(())
    /// ```
    #[must_use]
    pub fn spell(&self, ty: Type) -> String {
        self.declare(ty, "")
    }

    /// A declaration of a name with a type, without the semicolon.
    ///
    /// # Examples
    ///
    /// ```
    /// let unit = tenfold_cdecl::parse("void (*signal(int, void (*)(int)))(int);")?;
    /// let signal = unit.function("signal").unwrap();
    /// assert_eq!(unit.declare(signal.ty, "signal"), "void (*signal(int, void (*)(int)))(int)");
    /// # Ok::<(), tenfold_cdecl::Error>(())
    /// ```
    #[must_use]
    pub fn declare(&self, ty: Type, name: &str) -> String {
        let mut budget = Budget { steps: MAX_STEPS, depth: MAX_DEPTH };
        self.write(ty, name.to_owned(), &mut budget)
    }

    /// The begin of a type as C writes it, for a message.
    pub(crate) fn shown(&self, ty: Type) -> String {
        shortened(&self.spell(ty), MAX_SHOWN)
    }

    fn write(&self, ty: Type, inner: String, budget: &mut Budget) -> String {
        if budget.depth == 0 {
            return String::from("...");
        }
        budget.depth -= 1;
        let text = self.write_shallow(ty, inner, budget);
        budget.depth += 1;
        text
    }

    fn write_shallow(&self, ty: Type, inner: String, budget: &mut Budget) -> String {
        let (mut ty, mut inner) = (ty, inner);
        loop {
            budget.steps = budget.steps.saturating_sub(1);
            if budget.steps == 0 {
                return String::from("...");
            }
            match self.kind(ty) {
                TypeKind::Pointer(to) => {
                    let mut words: Vec<&str> = ty.qualifiers.words().collect();
                    words.extend(Some(inner.as_str()).filter(|inner| !inner.is_empty()));
                    inner = format!("*{}", words.join(" "));
                    if matches!(self.kind(*to), TypeKind::Array { .. } | TypeKind::Function(_)) {
                        inner = format!("({inner})");
                    }
                    ty = *to;
                }
                TypeKind::Array { element, length } => {
                    match length {
                        Length::Known(length) => inner.push_str(&format!("[{length}]")),
                        Length::Open => inner.push_str("[]"),
                        Length::Deduced => inner.push_str("[...]"),
                        Length::Variable => inner.push_str("[*]"),
                    }
                    ty = element.with(ty.qualifiers);
                }
                TypeKind::Function(function) => {
                    inner.push_str(&self.parameters(function, budget));
                    ty = function.result;
                }
                kind => {
                    let base = self.base(kind, ty.qualifiers, budget);
                    let blank = if inner.is_empty() || inner.starts_with('[') { "" } else { " " };
                    return format!("{base}{blank}{inner}");
                }
            }
        }
    }

    fn parameters(&self, function: &FunctionType, budget: &mut Budget) -> String {
        if !function.is_prototype {
            return String::from("()");
        }
        let mut list: Vec<String> = Vec::with_capacity(function.parameters.len());
        for parameter in &function.parameters {
            let name = parameter.name.as_deref().unwrap_or_default();
            list.push(self.write(parameter.ty, name.to_owned(), budget));
        }
        if function.is_variadic {
            list.push(String::from("..."));
        }
        if list.is_empty() {
            list.push(String::from("void"));
        }
        format!("({})", list.join(", "))
    }

    fn base(&self, kind: &TypeKind, qualifiers: Qualifiers, budget: &mut Budget) -> String {
        let mut text: String = qualifiers.words().flat_map(|word| [word, " "]).collect();
        match kind {
            TypeKind::Void => text.push_str("void"),
            TypeKind::Bool => text.push_str("_Bool"),
            TypeKind::Integer(integer) => text.push_str(integer.name()),
            TypeKind::Float(float) => text.push_str(float.name()),
            TypeKind::Complex(float) => {
                text.push_str(float.name());
                text.push_str(" _Complex");
            }
            TypeKind::VaList => text.push_str("__builtin_va_list"),
            TypeKind::Typedef(id) => text.push_str(&self.typedef_by_id(*id).name),
            TypeKind::Record(id) => self.write_record(&mut text, *id, budget),
            TypeKind::Enum(id) => self.write_enum(&mut text, *id, budget),
            TypeKind::Vector { element, length } => {
                let bytes = self.layout(*element).map_or(0, |layout| layout.size()) * length;
                text.push_str(&self.write(*element, String::new(), budget));
                let _ = write!(text, " __attribute__((vector_size({bytes})))");
            }
            TypeKind::SomeInteger => text.push_str("int..."),
            TypeKind::SomeFloat => text.push_str("float..."),
            _ => text.push_str("..."),
        }
        text
    }

    fn write_record(&self, text: &mut String, id: RecordId, budget: &mut Budget) {
        let record = self.record_by_id(id);
        match (&record.tag, record.name) {
            (Some(tag), _) => *text += &format!("{} {tag}", record.kind.word()),
            (None, Some(name)) => text.push_str(&self.typedef_by_id(name).name),
            (None, None) => {
                *text += record.kind.word();
                if record.is_packed {
                    text.push_str(" __attribute__((packed))");
                }
                text.push_str(" { ");
                for field in &record.fields {
                    let name = field.name.as_deref().unwrap_or_default();
                    text.push_str(&self.write(field.ty, name.to_owned(), budget));
                    if let Some(width) = field.width {
                        let _ = write!(text, " : {width}");
                    }
                    if let Some(alignment) = field.alignment {
                        let _ = write!(text, " __attribute__((aligned({alignment})))");
                    }
                    text.push_str("; ");
                    if budget.steps == 0 {
                        break;
                    }
                }
                if record.completeness == Completeness::Partial {
                    text.push_str("...; ");
                }
                text.push('}');
            }
        }
    }

    fn write_enum(&self, text: &mut String, id: EnumId, budget: &mut Budget) {
        let enumeration = self.enum_by_id(id);
        match (&enumeration.tag, enumeration.name) {
            (Some(tag), _) => *text += &format!("enum {tag}"),
            (None, Some(name)) => text.push_str(&self.typedef_by_id(name).name),
            (None, None) => {
                let names = enumeration.enumerators.iter().map(|enumerator| &*enumerator.name);
                let names: Vec<&str> = names.take(budget.steps as usize).collect();
                budget.steps =
                    budget.steps.saturating_sub(u32::try_from(names.len()).unwrap_or(u32::MAX));
                *text += &format!("enum {{ {} }}", names.join(", "));
            }
        }
    }
}
