//! The portable source of a kernel, as a constant of the runtime's types.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::Item;
use crate::directives::{Border, Form};
use crate::emit::wgsl::{self, Piece, Portable, Source};
use crate::ir::{Kernel, Prim, Ty};

/// `impl Kernel<f64> for saxpy`, for each element type.
pub(super) fn print(item: &Item<'_>) -> TokenStream {
    let Kernel { name, generic, returns, .. } = item.kernel;
    let (krate, private) = (&item.krate, &item.private);
    let text = name.to_string();
    let types: Vec<Ty> = match generic {
        Some(generic) => generic.types.iter().copied().map(Ty::Prim).collect(),
        None => returns.first().copied().filter(|ty| prim(*ty).is_some()).into_iter().collect(),
    };
    let own = types.first().and_then(|ty| prim(*ty));
    let impls = types.iter().map(|ty| {
        let ty = item.ty(*ty);
        quote! {
            impl #krate::Kernel<#ty> for #name {
                const NAME: &'static str = #text;
                const SOURCE: #krate::Source = <Self as #private::SourceFor<#ty>>::SOURCE;
            }
        }
    });
    let source = match generic {
        None => constant(item, &wgsl::print(item.kernel, own), own.as_ref()),
        Some(generic) => {
            let arms = generic.types.iter().map(|ty| {
                let number = ty.name();
                let source = constant(item, &wgsl::print(item.kernel, Some(*ty)), Some(ty));
                quote!(if #private::same(__D::NAME, #number) { #source } else)
            });
            quote!(#(#arms)* { #krate::Source::Unsupported("it is not for this type") })
        }
    };
    quote! {
        impl<__D: #krate::Element> #private::SourceFor<__D> for #name {
            const SOURCE: #krate::Source = #source;
        }
        #(#impls)*
    }
}

/// The type of an element, or of its parts.
fn prim(ty: Ty) -> Option<Prim> {
    match ty {
        Ty::Complex(part) => part,
        // Indices are no elements.
        Ty::Prim(Prim::Usize | Prim::Isize) => None,
        Ty::Prim(prim) => Some(prim),
        _ => None,
    }
}

fn constant(item: &Item<'_>, portable: &Portable, dtype: Option<&Prim>) -> TokenStream {
    let krate = &item.krate;
    let source = match portable {
        Portable::Unsupported { reason } => return quote!(#krate::Source::Unsupported(#reason)),
        Portable::Source(source) => source,
    };
    let Source { name, params, neighbours, returns, pieces, deps, needs } = source;
    let private = &item.private;
    let of = dtype.map_or_else(|| quote!(f32), |prim| item.ty(Ty::Prim(*prim)));
    let params = params.iter().map(|(name, ty)| quote!((#name, #ty)));
    let neighbourhoods = neighbours.iter().map(|(name, ty, dims)| quote!((#name, #ty, #dims)));
    let needs = needs.iter().map(|(fun, prim)| {
        let (fun, prim) = (fun.name(), prim.name());
        quote!((#fun, #prim))
    });
    let borders = match borders(item, neighbours) {
        Ok(borders) => borders,
        Err(reason) => return quote!(#krate::Source::Unsupported(#reason)),
    };
    let deps = deps.iter().map(|path| quote!(&<#path as #private::SourceFor<#of>>::SOURCE));
    let pieces = pieces.iter().map(|piece| match piece {
        Piece::Text(text) => quote!(#private::Piece::Text(#text)),
        Piece::Call(path) => {
            quote!(#private::Piece::Call(&<#path as #private::SourceFor<#of>>::SOURCE))
        }
        Piece::Const(path, prim) => {
            let value = format_ident!("{}", value(*prim));
            quote!(#private::Piece::Const(#private::Value::#value(#path)))
        }
    });
    quote! {
        #krate::Source::Portable(#krate::Portable {
            name: #name,
            params: &[#(#params),*],
            neighbours: &[#(#neighbourhoods),*],
            borders: &[#(#borders),*],
            returns: &[#(#returns),*],
            needs: &[#(#needs),*],
            deps: &[#(#deps),*],
            pieces: &[#(#pieces),*],
        })
    }
}

/// The border of each neighbourhood, of its type in WGSL.
fn borders(
    item: &Item<'_>,
    neighbours: &[(String, &'static str, usize)],
) -> Result<Vec<TokenStream>, &'static str> {
    let (krate, private) = (&item.krate, &item.private);
    let Form::Stencil { border } = &item.kernel.directives.form else { return Ok(vec![]) };
    let each = neighbours.iter().map(|(_, ty, _)| {
        let value = match border {
            Border::Reflect => return Ok(quote!(#krate::Border::Reflect)),
            Border::Wrap => return Ok(quote!(#krate::Border::Wrap)),
            Border::Nearest => return Ok(quote!(#krate::Border::Nearest)),
            Border::Valid => return Ok(quote!(#krate::Border::Valid)),
            Border::Const(value) => value,
        };
        let value = match *ty {
            "bool" => quote!(Bool(#value)),
            "f32" => quote!(F32((#value) as f32)),
            "f64" => quote!(F64((#value) as f64)),
            "i32" => quote!(I32((#value) as i32)),
            "i64" => quote!(I64((#value) as i64)),
            "u32" => quote!(U32((#value) as u32)),
            "u64" => quote!(U64((#value) as u64)),
            _ => return Err("its border is a complex number"),
        };
        Ok(quote!(#krate::Border::Const(#private::Value::#value)))
    });
    each.collect()
}

/// The variant of the runtime's `Value`.
fn value(prim: Prim) -> &'static str {
    match prim {
        Prim::F32 => "F32",
        Prim::F64 => "F64",
        Prim::I8 | Prim::I16 | Prim::I32 => "I32",
        Prim::I64 | Prim::Isize => "I64",
        Prim::U8 | Prim::U16 | Prim::U32 => "U32",
        Prim::U64 => "U64",
        Prim::Usize => "Usize",
        Prim::Bool => "Bool",
    }
}
