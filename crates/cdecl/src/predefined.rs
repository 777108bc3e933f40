//! Type names that CFFI knows without a declaration. A declaration takes their place.

use crate::target::Target;
use crate::types::{Integer, TypeKind};

/// What such a name stands for: a basic type, or a structure's tag.
pub(crate) enum Predefined {
    Kind(TypeKind),
    Struct(&'static str),
}

/// The type of a name.
pub(crate) fn find(name: &str, target: Target) -> Option<Predefined> {
    let integer = match name {
        "bool" => return Some(Predefined::Kind(TypeKind::Bool)),
        "FILE" => return Some(Predefined::Struct("_IO_FILE")),
        "va_list" | "__gnuc_va_list" => return Some(Predefined::Kind(TypeKind::VaList)),
        "__int128_t" => Integer::Int128,
        "__uint128_t" => Integer::UnsignedInt128,
        "wchar_t" => target.wide(),
        "int8_t" | "int_least8_t" | "int_fast8_t" => Integer::SignedChar,
        "uint8_t" | "uint_least8_t" | "uint_fast8_t" => Integer::UnsignedChar,
        "int16_t" | "int_least16_t" => Integer::Short,
        "uint16_t" | "uint_least16_t" | "char16_t" => Integer::UnsignedShort,
        "int32_t" | "int_least32_t" => Integer::Int,
        "uint32_t" | "uint_least32_t" | "char32_t" => Integer::UnsignedInt,
        "int64_t" | "int_least64_t" | "int_fast16_t" | "int_fast32_t" | "int_fast64_t"
        | "intptr_t" | "intmax_t" | "ptrdiff_t" | "ssize_t" => Integer::Long,
        "uint64_t" | "uint_least64_t" | "uint_fast16_t" | "uint_fast32_t" | "uint_fast64_t"
        | "uintptr_t" | "uintmax_t" | "size_t" => Integer::UnsignedLong,
        "_cffi_float_complex_t" => {
            return Some(Predefined::Kind(TypeKind::Complex(crate::Float::Float)));
        }
        "_cffi_double_complex_t" => {
            return Some(Predefined::Kind(TypeKind::Complex(crate::Float::Double)));
        }
        _ => return None,
    };
    Some(Predefined::Kind(TypeKind::Integer(integer)))
}
