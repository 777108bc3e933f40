//! What a unit declares.

use std::sync::Arc;

use crate::layout::RecordLayout;
use crate::text::Span;
use crate::types::{EnumId, Integer, RecordId, Type, TypedefId};

/// A function.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Function {
    /// Its name in C.
    pub name: Arc<str>,
    /// Its type, whose kind is [`TypeKind::Function`](crate::TypeKind::Function), perhaps behind
    /// type names.
    pub ty: Type,
    /// Its name in the library, where `__asm__("name")` gives another.
    pub symbol: Option<Arc<str>>,
    /// Whether it is `static`: no library has it.
    pub is_static: bool,
    /// Whether it is `inline`.
    pub is_inline: bool,
    /// Whether its body is there (and was skipped).
    pub has_body: bool,
    /// Whether it never returns.
    pub is_noreturn: bool,
    /// The parameters that must not be null, as `__attribute__((nonnull))` at the function says: the
    /// indices of pointers, in order. Numbers that are those of no pointer mean nothing, as for GCC.
    pub nonnull: Vec<usize>,
    /// Whether it never returns a null pointer, as `__attribute__((returns_nonnull))` says.
    pub returns_nonnull: bool,
    /// Who defines it.
    pub origin: Origin,
    /// Where it is declared first.
    pub span: Span,
}

/// Who defines a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Origin {
    /// C.
    #[default]
    C,
    /// The caller: CFFI's `extern "Python"`.
    Python,
    /// The caller, and C may call it by name: `extern "Python+C"`.
    PythonAndC,
}

/// A variable.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Variable {
    /// Its name in C.
    pub name: Arc<str>,
    /// Its type.
    pub ty: Type,
    /// Its name in the library, where `__asm__("name")` gives another.
    pub symbol: Option<Arc<str>>,
    /// The alignment that it asks for, in bytes.
    pub alignment: Option<u64>,
    /// Whether it is `static`: no library has it.
    pub is_static: bool,
    /// Whether each thread has its own.
    pub is_thread_local: bool,
    /// Where it is declared first.
    pub span: Span,
}

/// A name for a type.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Typedef {
    /// The name.
    pub name: Arc<str>,
    /// The type that it names.
    pub ty: Type,
    /// The alignment that it asks for in place of its type's, in bytes.
    pub alignment: Option<u64>,
    /// Where it is declared; `None` of names that everybody knows, such as `size_t`.
    pub span: Option<Span>,
    pub(crate) id: TypedefId,
    pub(crate) type_id: u32,
}

impl Typedef {
    /// Its number.
    #[must_use]
    pub fn id(&self) -> TypedefId {
        self.id
    }

    /// The type of that name.
    #[must_use]
    pub fn named(&self) -> Type {
        Type::plain(self.type_id)
    }
}

/// Whether a record is a structure or a union.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RecordKind {
    /// Fields one behind the other.
    Struct,
    /// Fields on one place.
    Union,
}

impl RecordKind {
    /// The keyword.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Struct => "struct",
            Self::Union => "union",
        }
    }
}

/// How much is known of a record or an enumeration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Completeness {
    /// Only its name.
    Incomplete,
    /// Some of it: it was written with `...`, or holds something that was.
    Partial,
    /// All.
    Complete,
}

/// A structure or a union.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Record {
    /// Structure or union.
    pub kind: RecordKind,
    /// Its tag, if it has one.
    pub tag: Option<Arc<str>>,
    /// Its fields, in order.
    pub fields: Vec<Field>,
    /// What is known of it.
    pub completeness: Completeness,
    /// Whether it is `packed`.
    pub is_packed: bool,
    /// The bound that `#pragma pack` or [`Options::pack`](crate::Options::pack) set for the
    /// alignment of its fields, in bytes.
    pub pack: Option<u64>,
    /// The alignment that it asks for, in bytes.
    pub alignment: Option<u64>,
    /// Whether a parameter of this type takes any of its members.
    pub is_transparent: bool,
    /// Where it is defined, or else mentioned first.
    pub span: Span,
    pub(crate) layout: Option<Arc<RecordLayout>>,
    pub(crate) id: RecordId,
    pub(crate) type_id: u32,
    pub(crate) name: Option<TypedefId>,
}

impl Record {
    /// Its number.
    #[must_use]
    pub fn id(&self) -> RecordId {
        self.id
    }

    /// Its type.
    #[must_use]
    pub fn ty(&self) -> Type {
        Type::plain(self.type_id)
    }
}

/// A member of a record.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Field {
    /// Its name; `None` of bit-fields that only fill, and of records whose members belong to the
    /// record around.
    pub name: Option<Arc<str>>,
    /// Its type.
    pub ty: Type,
    /// The number of bits of a bit-field.
    pub width: Option<u32>,
    /// The alignment that it asks for, in bytes.
    pub alignment: Option<u64>,
    /// Whether it is itself `packed`.
    pub is_packed: bool,
    /// Where it is declared.
    pub span: Span,
}

/// An enumeration.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Enum {
    /// Its tag, if it has one.
    pub tag: Option<Arc<str>>,
    /// Its constants, in order.
    pub enumerators: Vec<Enumerator>,
    /// What is known of it.
    pub completeness: Completeness,
    /// The integer that it is stored in, as GCC chooses it; `None` unless it is complete.
    pub underlying: Option<Integer>,
    /// Where it is defined, or else mentioned first.
    pub span: Span,
    pub(crate) id: EnumId,
    pub(crate) type_id: u32,
    pub(crate) name: Option<TypedefId>,
}

impl Enum {
    /// Its number.
    #[must_use]
    pub fn id(&self) -> EnumId {
        self.id
    }

    /// Its type.
    #[must_use]
    pub fn ty(&self) -> Type {
        Type::plain(self.type_id)
    }
}

/// A constant of an enumeration.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Enumerator {
    /// Its name.
    pub name: Arc<str>,
    /// Its value; `None` where `...` leaves it to a compiler.
    pub value: Option<i128>,
    /// Where it is declared.
    pub span: Span,
}

/// An integer constant: of an enumeration, of `#define`, or a `static const` with a value.
#[derive(Debug, Clone)]
pub struct Constant {
    pub(crate) name: Arc<str>,
    pub(crate) value: Option<i128>,
    pub(crate) ty: Integer,
    pub(crate) span: Span,
    pub(crate) is_macro: bool,
}

impl Constant {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its value; `None` where `...` leaves it to a compiler.
    #[must_use]
    pub fn value(&self) -> Option<i128> {
        self.value
    }

    /// Its type; `int` where nothing is known.
    #[must_use]
    pub fn ty(&self) -> Integer {
        self.ty
    }

    /// Whether `#define` made it.
    #[must_use]
    pub fn is_macro(&self) -> bool {
        self.is_macro
    }

    /// Where it is declared.
    #[must_use]
    pub fn span(&self) -> Span {
        self.span
    }
}

/// One of what a unit declares.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Declaration<'a> {
    /// A function.
    Function(&'a Function),
    /// A variable.
    Variable(&'a Variable),
    /// A name for a type.
    Typedef(&'a Typedef),
    /// A structure or a union.
    Record(&'a Record),
    /// An enumeration.
    Enum(&'a Enum),
    /// A constant, which an enumeration of its own may have too.
    Constant(&'a Constant),
}

impl<'a> Declaration<'a> {
    /// Its name, or its tag; `None` of records and enumerations without one.
    #[must_use]
    pub fn name(self) -> Option<&'a str> {
        match self {
            Self::Function(function) => Some(&function.name),
            Self::Variable(variable) => Some(&variable.name),
            Self::Typedef(typedef) => Some(&typedef.name),
            Self::Record(record) => record.tag.as_deref(),
            Self::Enum(enumeration) => enumeration.tag.as_deref(),
            Self::Constant(constant) => Some(&constant.name),
        }
    }

    /// Where it is declared.
    #[must_use]
    pub fn span(self) -> Option<Span> {
        match self {
            Self::Function(function) => Some(function.span),
            Self::Variable(variable) => Some(variable.span),
            Self::Typedef(typedef) => typedef.span,
            Self::Record(record) => Some(record.span),
            Self::Enum(enumeration) => Some(enumeration.span),
            Self::Constant(constant) => Some(constant.span),
        }
    }
}

/// An entry of the list of declarations.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Item {
    Function(u32),
    Variable(u32),
    Typedef(u32),
    Record(u32),
    Enum(u32),
    Constant(u32),
}
