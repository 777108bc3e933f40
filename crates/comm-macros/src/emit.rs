//! The implementation, as it is printed.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::Ident;
use syn::spanned::Spanned as _;

use crate::record::Record;

/// `unsafe impl Element`: its promise is what [`Record::read`] has made sure of, and what the compiler makes
/// sure of in the bounds of the trait and of each field.
///
/// Crates that forbid unsafe code may have it: the lint does not look into what macros of others print.
pub(crate) fn print(record: &Record) -> TokenStream {
    let Record { name, generics, fields, host } = record;
    let (parameters, arguments, wheres) = generics.split_for_impl();
    let (members, types): (Vec<_>, Vec<_>) = fields.iter().cloned().unzip();
    let names: Vec<Ident> = (0..fields.len()).map(|number| format_ident!("__{number}")).collect();
    let fields = fields.iter().map(|(member, ty)| {
        // On the field's type, where it is said that it is none, and no code of the user's for lints.
        let span = Span::call_site().located_at(ty.span());
        let layout = quote_spanned!(span=> <#ty as #host::Element>::LAYOUT);
        quote!((::core::mem::offset_of!(Self, #member), #layout))
    });
    // What has no parameters is looked at here, and not first where it is used.
    let check = generics
        .params
        .is_empty()
        .then(|| quote!(const _: #host::Layout = <#name as #host::Element>::LAYOUT;));
    quote! {
        // SAFETY: its fields are elements, which stand where `offset_of` says.
        #[automatically_derived]
        unsafe impl #parameters #host::Element for #name #arguments #wheres {
            const LAYOUT: #host::Layout = {
                // That these are all fields, and of these types: another attribute can have changed them.
                let _: fn(Self) -> (#(#types,)*) = |Self { #(#members: #names),* }| (#(#names,)*);
                ::core::assert!(
                    ::core::mem::size_of::<Self>() > 0,
                    "there is nothing to send: an element has bytes"
                );
                #host::Layout::record(
                    const { &[#(#fields),*] },
                    ::core::mem::size_of::<Self>(),
                )
            };
        }
        #check
    }
}
