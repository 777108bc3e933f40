//! Numbers: the types that Rust, C and NumPy have in common.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{GenericArgument, Ident, Path, PathArguments, Type};

/// A type of number, known by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Number {
    /// As the record says it: `f64`, `Complex<f64>`.
    pub(crate) rust: &'static str,
    pub(crate) c: &'static str,
}

const NUMBERS: &[(&str, &str)] = &[
    ("f32", "float"),
    ("f64", "double"),
    ("i8", "int8_t"),
    ("i16", "int16_t"),
    ("i32", "int32_t"),
    ("i64", "int64_t"),
    ("isize", "ptrdiff_t"),
    ("u8", "uint8_t"),
    ("u16", "uint16_t"),
    ("u32", "uint32_t"),
    ("u64", "uint64_t"),
    ("usize", "size_t"),
    ("bool", "bool"),
    ("Complex<f32>", "tenfold_complex64"),
    ("Complex<f64>", "tenfold_complex128"),
];

impl Number {
    /// The number that a type is the name of.
    pub(crate) fn of(ty: &Type) -> Option<Self> {
        let path = match ty {
            // As a macro of the user's passes a type on.
            Type::Group(group) => return Self::of(&group.elem),
            Type::Paren(paren) => return Self::of(&paren.elem),
            Type::Path(path) => path,
            _ => return None,
        };
        let last = path.path.segments.last().filter(|_| path.qself.is_none())?;
        let name = last.ident.to_string();
        let name = match (name.as_str(), &last.arguments) {
            ("Complex", PathArguments::AngleBracketed(list)) => match list.args.first() {
                Some(GenericArgument::Type(Type::Path(part))) if list.args.len() == 1 => {
                    format!("Complex<{}>", ident(&part.path)?)
                }
                _ => return None,
            },
            ("Complex32", PathArguments::None) => "Complex<f32>".to_owned(),
            ("Complex64", PathArguments::None) => "Complex<f64>".to_owned(),
            (_, PathArguments::None) => name,
            _ => return None,
        };
        let (rust, c) = NUMBERS.iter().find(|(rust, _)| *rust == name)?;
        Some(Self { rust, c })
    }

    pub(crate) fn is_bool(&self) -> bool {
        self.rust == "bool"
    }

    pub(crate) fn is_complex(&self) -> bool {
        self.rust.starts_with("Complex")
    }

    /// The type, by a path that nothing shadows.
    pub(crate) fn tokens(&self, private: &TokenStream) -> TokenStream {
        match self.rust {
            "Complex<f32>" => quote!(#private::Complex<::core::primitive::f32>),
            "Complex<f64>" => quote!(#private::Complex<::core::primitive::f64>),
            name => {
                let name = Ident::new(name, proc_macro2::Span::call_site());
                quote!(::core::primitive::#name)
            }
        }
    }
}

fn ident(path: &Path) -> Option<&Ident> {
    path.segments.last().filter(|last| last.arguments.is_none()).map(|last| &last.ident)
}
