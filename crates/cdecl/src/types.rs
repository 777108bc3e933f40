//! The types of C, and CFFI's that a compiler completes.

use std::sync::Arc;

use crate::text::Span;

/// A type of a [`Unit`](crate::Unit), with its qualifiers. It is a number: ask the unit for its
/// [`kind`](crate::Unit::kind), layout and spelling. Two types that are written alike may have
/// different numbers; [`Unit::compatible`](crate::Unit::compatible) compares them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Type {
    pub(crate) id: u32,
    pub(crate) qualifiers: Qualifiers,
}

impl Type {
    pub(crate) const fn plain(id: u32) -> Self {
        Self { id, qualifiers: Qualifiers(0) }
    }

    pub(crate) fn with(self, qualifiers: Qualifiers) -> Self {
        Self { id: self.id, qualifiers: Qualifiers(self.qualifiers.0 | qualifiers.0) }
    }

    /// The qualifiers.
    #[must_use]
    pub fn qualifiers(self) -> Qualifiers {
        self.qualifiers
    }

    /// The same type without qualifiers.
    #[must_use]
    pub fn unqualified(self) -> Self {
        Self::plain(self.id)
    }
}

/// `const`, `volatile`, `restrict` and `_Atomic`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Qualifiers(pub(crate) u8);

impl Qualifiers {
    pub(crate) const CONST: Self = Self(1);
    pub(crate) const VOLATILE: Self = Self(2);
    pub(crate) const RESTRICT: Self = Self(4);
    pub(crate) const ATOMIC: Self = Self(8);

    pub(crate) fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// `const`.
    #[must_use]
    pub fn is_const(self) -> bool {
        self.has(Self::CONST)
    }

    /// `volatile`.
    #[must_use]
    pub fn is_volatile(self) -> bool {
        self.has(Self::VOLATILE)
    }

    /// `restrict`.
    #[must_use]
    pub fn is_restrict(self) -> bool {
        self.has(Self::RESTRICT)
    }

    /// `_Atomic`.
    #[must_use]
    pub fn is_atomic(self) -> bool {
        self.has(Self::ATOMIC)
    }

    /// Their words, in the order in which they are written.
    pub(crate) fn words(self) -> impl Iterator<Item = &'static str> {
        let all = [
            (Self::CONST, "const"),
            (Self::VOLATILE, "volatile"),
            (Self::RESTRICT, "restrict"),
            (Self::ATOMIC, "_Atomic"),
        ];
        all.into_iter().filter(move |&(one, _)| self.has(one)).map(|(_, word)| word)
    }
}

/// The integer types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "they are C's names")]
#[non_exhaustive]
pub enum Integer {
    Char,
    SignedChar,
    UnsignedChar,
    Short,
    UnsignedShort,
    Int,
    UnsignedInt,
    Long,
    UnsignedLong,
    LongLong,
    UnsignedLongLong,
    Int128,
    UnsignedInt128,
}

impl Integer {
    pub(crate) const ALL: [Self; 13] = [
        Self::Char,
        Self::SignedChar,
        Self::UnsignedChar,
        Self::Short,
        Self::UnsignedShort,
        Self::Int,
        Self::UnsignedInt,
        Self::Long,
        Self::UnsignedLong,
        Self::LongLong,
        Self::UnsignedLongLong,
        Self::Int128,
        Self::UnsignedInt128,
    ];

    /// Size and alignment in bytes, on both targets.
    #[must_use]
    pub const fn size(self) -> u64 {
        match self {
            Self::Char | Self::SignedChar | Self::UnsignedChar => 1,
            Self::Short | Self::UnsignedShort => 2,
            Self::Int | Self::UnsignedInt => 4,
            Self::Long | Self::UnsignedLong | Self::LongLong | Self::UnsignedLongLong => 8,
            Self::Int128 | Self::UnsignedInt128 => 16,
        }
    }

    /// Bits, as a count for shifts.
    pub(crate) const fn bits(self) -> u32 {
        match self.size() {
            1 => 8,
            2 => 16,
            4 => 32,
            8 => 64,
            _ => 128,
        }
    }

    /// Whether it has a sign; of `char`, which a target decides, as x86-64 has it.
    pub(crate) const fn is_signed(self) -> bool {
        !matches!(
            self,
            Self::UnsignedChar
                | Self::UnsignedShort
                | Self::UnsignedInt
                | Self::UnsignedLong
                | Self::UnsignedLongLong
                | Self::UnsignedInt128
        )
    }

    /// C's name of it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Char => "char",
            Self::SignedChar => "signed char",
            Self::UnsignedChar => "unsigned char",
            Self::Short => "short",
            Self::UnsignedShort => "unsigned short",
            Self::Int => "int",
            Self::UnsignedInt => "unsigned int",
            Self::Long => "long",
            Self::UnsignedLong => "unsigned long",
            Self::LongLong => "long long",
            Self::UnsignedLongLong => "unsigned long long",
            Self::Int128 => "__int128",
            Self::UnsignedInt128 => "unsigned __int128",
        }
    }

    /// The type of the same size and the other sign, if `signed` asks for it.
    pub(crate) const fn with_sign(self, signed: bool) -> Self {
        match (self.size(), signed) {
            (1, true) => Self::SignedChar,
            (1, false) => Self::UnsignedChar,
            (2, true) => Self::Short,
            (2, false) => Self::UnsignedShort,
            (4, true) => Self::Int,
            (4, false) => Self::UnsignedInt,
            (8, true) if matches!(self, Self::LongLong | Self::UnsignedLongLong) => Self::LongLong,
            (8, true) => Self::Long,
            (8, false) if matches!(self, Self::LongLong | Self::UnsignedLongLong) => {
                Self::UnsignedLongLong
            }
            (8, false) => Self::UnsignedLong,
            (_, true) => Self::Int128,
            (_, false) => Self::UnsignedInt128,
        }
    }
}

/// The floating types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "they are C's names")]
#[non_exhaustive]
pub enum Float {
    Float,
    Double,
    LongDouble,
    Float16,
    Float32,
    Float64,
    Float128,
    Float32x,
    Float64x,
    Float80,
}

impl Float {
    pub(crate) const ALL: [Self; 10] = [
        Self::Float,
        Self::Double,
        Self::LongDouble,
        Self::Float16,
        Self::Float32,
        Self::Float64,
        Self::Float128,
        Self::Float32x,
        Self::Float64x,
        Self::Float80,
    ];

    /// Size and alignment in bytes, on both targets. The 16 bytes of `long double` hold 10 on
    /// x86-64.
    #[must_use]
    pub const fn size(self) -> u64 {
        match self {
            Self::Float16 => 2,
            Self::Float | Self::Float32 => 4,
            Self::Double | Self::Float64 | Self::Float32x => 8,
            Self::LongDouble | Self::Float128 | Self::Float64x | Self::Float80 => 16,
        }
    }

    /// C's name of it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Float => "float",
            Self::Double => "double",
            Self::LongDouble => "long double",
            Self::Float16 => "_Float16",
            Self::Float32 => "_Float32",
            Self::Float64 => "_Float64",
            Self::Float128 => "_Float128",
            Self::Float32x => "_Float32x",
            Self::Float64x => "_Float64x",
            Self::Float80 => "__float80",
        }
    }
}

/// What a type is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum TypeKind {
    /// `void`.
    Void,
    /// `_Bool`.
    Bool,
    /// An integer.
    Integer(Integer),
    /// A floating number.
    Float(Float),
    /// `_Complex` of a floating number.
    Complex(Float),
    /// `__builtin_va_list`: on x86-64 an array, which decays, on aarch64 a structure.
    VaList,
    /// A pointer to a type.
    Pointer(Type),
    /// An array.
    Array {
        /// The type of its elements.
        element: Type,
        /// How many there are.
        length: Length,
    },
    /// A function.
    Function(Box<FunctionType>),
    /// A structure or a union.
    Record(RecordId),
    /// An enumeration.
    Enum(EnumId),
    /// A name for another type.
    Typedef(TypedefId),
    /// Elements that a register holds: `__attribute__((vector_size(16)))`.
    Vector {
        /// The type of its elements.
        element: Type,
        /// How many there are.
        length: u64,
    },
    /// CFFI's `typedef int... t`: some integer, which a compiler tells.
    SomeInteger,
    /// CFFI's `typedef float... t`: some floating number, which a compiler tells.
    SomeFloat,
    /// CFFI's `typedef ... t`: a type of which nothing is known.
    Opaque,
}

/// How many elements an array has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Length {
    /// As many.
    Known(u64),
    /// `[]`: a flexible member, a parameter, or one that an initialiser or another declaration tells.
    Open,
    /// `[...]`: what a compiler tells.
    Deduced,
    /// `[n]` or `[*]` in a parameter: what the caller passes.
    Variable,
}

/// A function's type.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FunctionType {
    /// What it returns.
    pub result: Type,
    /// Its parameters, as they are passed: arrays and functions are pointers.
    pub parameters: Vec<Parameter>,
    /// Whether `...` follows the parameters.
    pub is_variadic: bool,
    /// Whether the parameters are known: not so in `int f();`.
    pub is_prototype: bool,
    /// How it is called.
    pub convention: Convention,
}

/// A parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Parameter {
    /// Its name, if there is one.
    pub name: Option<Arc<str>>,
    /// Its type, as it is passed.
    pub ty: Type,
    /// Where it is declared.
    pub span: Span,
}

/// How a function is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Convention {
    /// The platform's.
    #[default]
    C,
    /// `__stdcall`, `WINAPI`: the platform's, but on 32-bit Windows.
    Stdcall,
    /// `__attribute__((ms_abi))`: Windows' on x86-64.
    Ms,
    /// `__attribute__((sysv_abi))`: System V's on x86-64.
    SysV,
    /// `__attribute__((vectorcall))`, `aarch64_vector_pcs` and others that this crate does not know
    /// more of.
    Other,
}

impl Convention {
    /// Whether functions are called as all others are, on Linux and the machines of
    /// [`Target`](crate::Target): three of the names are for one convention there.
    #[must_use]
    pub const fn is_platform(self) -> bool {
        matches!(self, Self::C | Self::Stdcall | Self::SysV)
    }
}

/// A structure's or union's number in its unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RecordId(pub(crate) u32);

/// An enumeration's number in its unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EnumId(pub(crate) u32);

/// A type name's number in its unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TypedefId(pub(crate) u32);
