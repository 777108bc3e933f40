//! Rust's types for those of C.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use tenfold_cdecl::{Convention, Float, FunctionType, Integer, Length, Type, TypeKind, Typedef};

use crate::catalog::{Catalog, is_primitive};
use crate::error::Fault;
use crate::facts::{Facts, Kind};

/// What types are made from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Types<'a> {
    pub(crate) catalog: &'a Catalog<'a>,
    pub(crate) facts: &'a Facts,
}

/// A name of C as one of Rust: with `r#` where Rust has a keyword.
pub(crate) fn ident(name: &str) -> Ident {
    if syn::parse_str::<Ident>(name).is_ok() {
        return Ident::new(name, Span::call_site());
    }
    match name {
        "self" | "Self" | "super" | "crate" | "_" => {
            Ident::new(&format!("{name}_"), Span::call_site())
        }
        _ if syn::parse_str::<Ident>(&format!("r#{name}")).is_ok() => {
            Ident::new_raw(name, Span::call_site())
        }
        // A `$` in a name, which GCC allows.
        _ => Ident::new(&name.replace(|c: char| !c.is_alphanumeric(), "_"), Span::call_site()),
    }
}

/// The name of a type name: Rust has some of its own, which would be defined by themselves.
pub(crate) fn type_ident(name: &str) -> Ident {
    if is_primitive(name) { ident(&format!("{name}_")) } else { ident(name) }
}

/// An integer type by what it holds.
pub(crate) fn integer(kind: Kind) -> Option<TokenStream> {
    let name = match (kind.bytes, kind.is_signed) {
        (1, true) => "i8",
        (1, false) => "u8",
        (2, true) => "i16",
        (2, false) => "u16",
        (4, true) => "i32",
        (4, false) => "u32",
        (8, true) => "i64",
        (8, false) => "u64",
        (16, true) => "i128",
        (16, false) => "u128",
        _ => return None,
    };
    let name = ident(name);
    Some(quote!(#name))
}

pub(crate) fn c_integer(integer: Integer) -> TokenStream {
    match integer {
        Integer::Char => quote!(tenfold::c_char),
        Integer::SignedChar => quote!(tenfold::c_schar),
        Integer::UnsignedChar => quote!(tenfold::c_uchar),
        Integer::Short => quote!(tenfold::c_short),
        Integer::UnsignedShort => quote!(tenfold::c_ushort),
        Integer::Int => quote!(tenfold::c_int),
        Integer::UnsignedInt => quote!(tenfold::c_uint),
        Integer::Long => quote!(tenfold::c_long),
        Integer::UnsignedLong => quote!(tenfold::c_ulong),
        Integer::LongLong => quote!(tenfold::c_longlong),
        Integer::UnsignedLongLong => quote!(tenfold::c_ulonglong),
        Integer::Int128 => quote!(i128),
        _ => quote!(u128),
    }
}

/// Names that need no declaration, and that Rust has types of its own for.
fn predefined(typedef: &Typedef) -> Option<TokenStream> {
    let name = match &*typedef.name {
        "int8_t" => "i8",
        "uint8_t" => "u8",
        "int16_t" => "i16",
        "uint16_t" => "u16",
        "int32_t" => "i32",
        "uint32_t" => "u32",
        "int64_t" => "i64",
        "uint64_t" => "u64",
        "size_t" | "uintptr_t" => "usize",
        "ssize_t" | "ptrdiff_t" | "intptr_t" => "isize",
        _ => return None,
    };
    let name = ident(name);
    Some(quote!(#name))
}

impl Types<'_> {
    fn unsupported(&self, ty: Type, why: &str) -> Fault {
        Fault::new(format!("`{}` {why}", self.catalog.unit.spell(ty)))
    }

    /// The type of a field, a variable, or what a pointer leads to.
    pub(crate) fn rust(&self, ty: Type) -> Result<TokenStream, Fault> {
        let unit = self.catalog.unit;
        Ok(match unit.kind(ty) {
            TypeKind::Void => quote!(tenfold::c_void),
            TypeKind::Bool => quote!(bool),
            TypeKind::Integer(integer) => c_integer(*integer),
            TypeKind::Float(float) => self.float(ty, *float)?,
            TypeKind::Complex(float) => {
                let part = self.float(ty, *float)?;
                quote!(tenfold::Complex<#part>)
            }
            TypeKind::VaList => quote!(*mut tenfold::c_void),
            TypeKind::Pointer(to) => self.pointer(*to)?,
            TypeKind::Array { element, length } => {
                let element = self.rust(*element)?;
                let Length::Known(length) = length else { return Ok(quote!([#element; 0])) };
                let length = syn::LitInt::new(&length.to_string(), Span::call_site());
                quote!([#element; #length])
            }
            TypeKind::Function(function) => self.signature(function)?,
            TypeKind::Record(id) => {
                self.named(self.catalog.record(*id).map(|name| &name.rust), ty)?
            }
            TypeKind::Enum(id) => match self.catalog.enumeration(*id) {
                Some(name) => {
                    let name = ident(&name.rust);
                    quote!(#name)
                }
                None => self.stored(*id, ty)?,
            },
            TypeKind::Typedef(id) => {
                let typedef = unit.typedef_by_id(*id);
                if typedef.span.is_none() {
                    return predefined(typedef).map_or_else(|| self.rust(typedef.ty), Ok);
                }
                let name = type_ident(&typedef.name);
                quote!(#name)
            }
            TypeKind::Vector { .. } => {
                return Err(self.unsupported(ty, "is a vector, which stable Rust has no type for"));
            }
            _ => return Err(self.unsupported(ty, "has no type in Rust")),
        })
    }

    fn stored(&self, id: tenfold_cdecl::EnumId, ty: Type) -> Result<TokenStream, Fault> {
        let kind = self.facts.enums.get(&id).copied();
        kind.and_then(integer).ok_or_else(|| self.unsupported(ty, "has no known size"))
    }

    fn named(&self, name: Option<&String>, ty: Type) -> Result<TokenStream, Fault> {
        let name = name.ok_or_else(|| self.unsupported(ty, "has no name: give it one"))?;
        let name = ident(name);
        Ok(quote!(#name))
    }

    fn float(&self, ty: Type, float: Float) -> Result<TokenStream, Fault> {
        Ok(match float {
            Float::Float | Float::Float32 => quote!(f32),
            Float::Double | Float::Float64 | Float::Float32x => quote!(f64),
            Float::LongDouble | Float::Float64x | Float::Float80 => quote!(tenfold::LongDouble),
            Float::Float128 => quote!(tenfold::Float128),
            _ => return Err(self.unsupported(ty, "has no type in stable Rust")),
        })
    }

    fn pointer(&self, to: Type) -> Result<TokenStream, Fault> {
        if let TypeKind::Function(_) = self.catalog.unit.resolved_kind(to) {
            let function = self.rust(to)?;
            return Ok(quote!(::core::option::Option<#function>));
        }
        let target = self.rust(to)?;
        Ok(if self.is_const(to) { quote!(*const #target) } else { quote!(*mut #target) })
    }

    /// Whether C may not write through a pointer to it.
    pub(crate) fn is_const(&self, to: Type) -> bool {
        let (element, _) = self.catalog.element(to);
        self.catalog.unit.resolve(to).qualifiers().is_const()
            || self.catalog.unit.resolve(element).qualifiers().is_const()
    }

    fn signature(&self, function: &FunctionType) -> Result<TokenStream, Fault> {
        let parameters = self.parameters(function)?;
        let parameters = parameters.iter().map(|(name, ty)| quote!(#name: #ty));
        let result = self.result(function)?;
        let dots = function.is_variadic.then(|| quote!(, ...));
        let abi = self.abi(function)?;
        Ok(quote!(unsafe extern #abi fn(#(#parameters),* #dots) #result))
    }

    pub(crate) fn abi(&self, function: &FunctionType) -> Result<&'static str, Fault> {
        match function.convention {
            convention if convention.is_platform() => Ok("C"),
            Convention::Ms => Ok("win64"),
            _ => Err(Fault::new("functions of this calling convention have no type in Rust")),
        }
    }

    /// Names and types of parameters.
    pub(crate) fn parameters(
        &self,
        function: &FunctionType,
    ) -> Result<Vec<(Ident, TokenStream)>, Fault> {
        if !function.is_prototype {
            return Err(Fault::new("`()` says nothing of the parameters: write `(void)`"));
        }
        let mut taken = std::collections::BTreeSet::new();
        let mut list = Vec::new();
        for (at, parameter) in function.parameters.iter().enumerate() {
            let name = parameter.name.as_deref().filter(|name| taken.insert((*name).to_owned()));
            let name = name.map_or_else(|| format!("argument{at}"), str::to_owned);
            self.check_value(parameter.ty)?;
            list.push((self.parameter(&name), self.rust(parameter.ty)?));
        }
        Ok(list)
    }

    /// A name for a parameter, which in Rust cannot be that of a constant or of a newtype.
    fn parameter(&self, name: &str) -> Ident {
        let unit = self.catalog.unit;
        let is_newtype = |one: &tenfold_cdecl::Enum| {
            self.catalog.enumeration(one.id()).is_some_and(|other| other.rust == name)
        };
        if unit.constant(name).is_some() || self.catalog.enums().any(is_newtype) {
            return ident(&format!("{name}_"));
        }
        ident(name)
    }

    /// Of nothing that is passed by value the size may be unknown.
    fn check_value(&self, ty: Type) -> Result<(), Fault> {
        match self.catalog.unit.resolved_kind(ty) {
            TypeKind::Opaque => {
                Err(self.unsupported(ty, "is opaque, so it cannot be passed by value"))
            }
            TypeKind::Record(id) if !self.facts.records.contains_key(id) => {
                Err(self.unsupported(ty, "is incomplete, so it cannot be passed by value"))
            }
            _ => Ok(()),
        }
    }

    /// `-> T`, or nothing.
    pub(crate) fn result(&self, function: &FunctionType) -> Result<TokenStream, Fault> {
        if matches!(self.catalog.unit.resolved_kind(function.result), TypeKind::Void) {
            return Ok(TokenStream::new());
        }
        self.check_value(function.result)?;
        let ty = self.rust(function.result)?;
        Ok(quote!(-> #ty))
    }

    /// Whether `#[derive(Debug)]` works for a field of this type: not for functions of many parameters.
    pub(crate) fn is_debug(&self, ty: Type) -> bool {
        match self.catalog.unit.resolved_kind(ty) {
            TypeKind::Pointer(to) => match self.catalog.unit.resolved_kind(*to) {
                TypeKind::Function(function) => {
                    function.parameters.len() <= 12 && function.convention != Convention::Ms
                }
                _ => true,
            },
            TypeKind::Array { element, .. } => self.is_debug(*element),
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_rust() {
        let names = ["x", "type", "self", "match", "a$b", "_"];
        let names: Vec<String> = names.iter().map(|name| ident(name).to_string()).collect();
        assert_eq!(names, ["x", "r#type", "self_", "r#match", "a_b", "__"]);
    }
}
