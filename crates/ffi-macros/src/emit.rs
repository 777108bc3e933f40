//! What is printed beside the function: the function of C, and the record of its prototype.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned as _;

use crate::function::Function;
use crate::outcome::Place;
use crate::{prototype, record};

/// The function of C. It is not `unsafe`, though what it is given may be anything: only C can name it, and in
/// an `unsafe` one the call of the user's function could be one that needs `unsafe`. Crates that forbid unsafe
/// code may have it: the lint does not look into what macros of others print.
pub(crate) fn print(function: &Function<'_>) -> TokenStream {
    let Function { name, private, .. } = function;
    let cfgs = function.item.attrs.iter().filter(|attr| attr.path().is_ident("cfg"));
    let text = record::print(&format_ident!("__EXPORT_TEXT"), &prototype::of(function));
    let (variables, body) = (variables(function), body(function));
    let printed = quote! {
        #text
        #[unsafe(export_name = #name)]
        extern "C" fn __export(#variables) -> ::core::primitive::i32 {
            #private::call(&__EXPORT_TEXT, || -> #private::Checked<()> { #body })
        }
    };
    // What is missing without the feature is said there, and not by the names that are missing.
    let printed = match function.parameters.iter().any(|parameter| parameter.kind.is_view()) {
        true => quote!(#private::with_ndarray! { #printed }),
        false => printed,
    };
    quote! {
        #(#cfgs)*
        const _: () = { #printed };
    }
}

fn variables(function: &Function<'_>) -> TokenStream {
    let private = &function.private;
    let variables = function.parameters.iter().flat_map(|parameter| parameter.variables(private));
    let variables = variables.map(|(name, ty, _)| {
        let name = format_ident!("__{name}");
        quote!(#name: #ty)
    });
    let places = function.outcome.value.places().into_iter().map(|(name, number, _)| {
        let (name, ty) = (format_ident!("__{name}"), number.tokens(private));
        quote!(#name: *mut #ty)
    });
    let variables = variables.chain(places);
    quote!(#(#variables),*)
}

/// Checks everything, then calls, then writes.
fn body(function: &Function<'_>) -> TokenStream {
    let private = &function.private;
    let places = function.outcome.value.places();
    let checks = function.parameters.iter().filter_map(|parameter| parameter.check(private));
    let places_checks = places.iter().map(|(name, _, len): &Place<'_>| {
        let ident = format_ident!("__{name}");
        quote!(let #ident = #private::Place::new(#name, #ident, #len)?;)
    });
    let extents = function.parameters.iter().filter_map(|parameter| parameter.extent());
    let place_extents = places.iter().map(|(name, ..)| {
        let ident = format_ident!("__{name}");
        quote!(#ident.write())
    });
    let arguments = function.parameters.iter().map(|parameter| parameter.argument());
    let ident = &function.item.sig.ident;
    let call = quote!(#ident(#(#arguments),*));
    let value = match (function.outcome.is_result, function.outcome.error) {
        (false, _) => call,
        (true, error) => {
            // On the type of the error, where it is said that it has no `Display`.
            let span =
                error.map_or_else(Span::call_site, |ty| Span::call_site().located_at(ty.span()));
            let failed = quote_spanned!(span=> #private::failed);
            quote!(#call.map_err(|__error| #failed(&__error))?)
        }
    };
    let write = function.outcome.value.write();
    quote! {
        #(#checks)*
        #(#places_checks)*
        #private::disjoint(&[#(#extents,)* #(#place_extents,)*])?;
        let __value = #value;
        #write
        ::core::result::Result::Ok(())
    }
}
