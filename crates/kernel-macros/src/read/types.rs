//! Types as they are written.

use proc_macro2::Ident;
use syn::{GenericArgument, PathArguments, Type};

use super::Reader;
use crate::ir::{Prim, Ty};
use crate::suggest::did_you_mean;

const NUMBERS: &str = "kernels know f32, f64, i8 to i64, u8 to u64, isize, usize, bool, Complex<f32> \
                       and Complex<f64>";

impl Reader<'_> {
    /// The type of a number, or `None` after a refusal.
    pub(super) fn number(&mut self, ty: &Type) -> Option<Ty> {
        let message = match ty {
            Type::Paren(paren) => return self.number(&paren.elem),
            Type::Group(group) => return self.number(&group.elem),
            Type::Path(path) if path.qself.is_none() => return self.named(ty, &path.path),
            Type::Reference(_) => {
                "a reference is no number; only `&[T]` and `&mut [T]` are taken, \
                                   by kernels of form `loop` or with a signature"
            }
            Type::Array(_) => "kernels have no arrays; take one number for each element",
            Type::Slice(_) => "a slice stands behind a reference: `&[f64]`",
            Type::ImplTrait(_) => {
                "`impl Trait` hides the type; use a type parameter, `T: Real` \
                                   with `for = [f32, f64]`"
            }
            Type::TraitObject(_) | Type::FnPtr(_) => "a kernel calls other kernels by their path",
            Type::Tuple(_) => "a tuple is no number; take its parts one by one",
            Type::Infer(_) => "leave the type out instead of `_`",
            Type::Ptr(_) => "kernels have no pointers",
            _ => "this is no type of a number",
        };
        self.refuse(ty, format!("{message}; {NUMBERS}"));
        None
    }

    fn named(&mut self, ty: &Type, path: &syn::Path) -> Option<Ty> {
        let last = path.segments.last()?;
        let name = last.ident.to_string();
        let has_args = !matches!(last.arguments, PathArguments::None);
        let found = match Prim::by_name(&name) {
            Some(prim) if !has_args => Some(Ty::Prim(prim)),
            _ if self.is_generic(&last.ident) && !has_args && path.segments.len() == 1 => {
                Some(Ty::Param)
            }
            _ if name == "Complex" => {
                self.mention_complex(path, path.segments.len());
                return self.complex(ty, last);
            }
            _ => None,
        };
        if found.is_none() {
            let hint = match name.as_str() {
                "u128" | "i128" => "; 64 bits are the widest integers",
                "f16" | "f128" => "; use f32 or f64",
                "char" | "str" | "String" => "; text is no number",
                "Vec" | "Array" | "Array1" | "Array2" => {
                    "; take one element, and call the kernel with whole arrays"
                }
                "Nbr1" | "Nbr2" | "Nbr3" => "; neighbourhoods are parameters of `stencil` kernels",
                "View2" | "ViewMut2" => {
                    "; matrices are parameters of kernels of form `loop` or with a signature"
                }
                _ => "",
            };
            let near = if hint.is_empty() {
                did_you_mean(&name, Prim::NAMES.iter().map(|(name, _)| *name))
            } else {
                String::new()
            };
            self.refuse(ty, format!("`{name}` is no type of kernels{near}{hint}; {NUMBERS}"));
        }
        found
    }

    fn complex(&mut self, ty: &Type, segment: &syn::PathSegment) -> Option<Ty> {
        match self.argument(segment).map(|of| self.number(&of)) {
            Some(Some(Ty::Prim(prim))) if prim.is_float() => Some(Ty::Complex(Some(prim))),
            Some(Some(Ty::Param)) => Some(Ty::Complex(None)),
            Some(None) => None,
            _ => {
                self.refuse(ty, "a complex number is `Complex<f32>` or `Complex<f64>`");
                None
            }
        }
    }

    /// Keeps the path of `Complex`, which has this many segments.
    pub(super) fn mention_complex(&mut self, path: &syn::Path, count: usize) {
        let segments = path.segments.iter().take(count).map(|segment| segment.ident.clone());
        let segments = segments.map(syn::PathSegment::from).collect();
        let written = syn::Path { leading_colon: path.leading_colon, segments };
        self.complex.get_or_insert(written);
    }

    /// The one type in angle brackets.
    pub(super) fn argument(&self, segment: &syn::PathSegment) -> Option<Type> {
        let PathArguments::AngleBracketed(args) = &segment.arguments else { return None };
        let mut types = args.args.iter();
        match (types.next(), types.next()) {
            (Some(GenericArgument::Type(ty)), None) => Some(ty.clone()),
            _ => None,
        }
    }

    pub(super) fn is_generic(&self, name: &Ident) -> bool {
        self.generic.as_ref().is_some_and(|generic| generic.name == *name)
    }
}
