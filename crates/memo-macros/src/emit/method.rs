//! A function of an `impl`, where no type and no static can stand: what is beside it are functions,
//! `f_cache_info` for `f::cache_info`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Ident;

use super::{Asking, access, allow_uncached, attributes, body};
use crate::function::Function;

/// A method whose memo is a field that the user has declared.
pub(super) fn with_field(function: &Function<'_>, field: &Ident) -> TokenStream {
    let uncached = function.beside("uncached");
    let memo = quote!(&self.#field);
    let receiver = function.item.sig.receiver();
    let asking = Asking { memo: memo.clone(), uncached: &quote!(self.#uncached) };
    let receiver = quote!(#receiver);
    print(function, &asking, &memo, &receiver, &quote!())
}

/// An associated function, with a memo for each type that it is a function of.
pub(super) fn associated(function: &Function<'_>) -> TokenStream {
    let (uncached, turbofish) = (function.beside("uncached"), function.turbofish());
    let memo = quote::format_ident!("__{}", function.beside("memo"));
    let memo = quote!(Self::#memo #turbofish());
    let asking = Asking { memo: memo.clone(), uncached: &quote!(Self::#uncached #turbofish) };
    let access = access(function);
    print(function, &asking, &memo, &quote!(), &access)
}

fn print(
    function: &Function<'_>,
    asking: &Asking<'_>,
    memo: &TokenStream,
    receiver: &TokenStream,
    access: &TokenStream,
) -> TokenStream {
    let Function { item, private, inputs, generics, query, .. } = function;
    let (vis, sig, block) = (&item.vis, &item.sig, &item.block);
    let (name, output, asyncness) = (&sig.ident, &sig.output, &sig.asyncness);
    let attributes = attributes(&item.attrs);
    let (outer, inner, all) = (&attributes.outer, &attributes.inner, &attributes.all);
    let body = body(function, asking);
    let allow_uncached = allow_uncached();
    let [uncached, info, clear, parameters, invalidate] =
        ["uncached", "cache_info", "cache_clear", "cache_parameters", "invalidate"]
            .map(|suffix| function.beside(suffix));
    // A method's memo has no generics but those of its `self`.
    let generics = function.args.associated.then_some(generics);
    let split = generics.map(syn::Generics::split_for_impl);
    let (impls, clause) = split.map_or((None, None), |(impls, _, clause)| (Some(impls), clause));
    let (own_impls, _, own_clause) = sig.generics.split_for_impl();
    let own_inputs = &sig.inputs;
    let first = (!receiver.is_empty()).then(|| quote!(#receiver,));
    // Without the lifetime that the method may give it.
    let this = (!receiver.is_empty()).then(|| quote!(&self));
    let allow = quote! {
        #(#all)*
        #[allow(
            dead_code,
            clippy::all,
            clippy::pedantic,
            reason = "printed by a macro, and not all of it is called"
        )]
    };
    let docs = [
        format!("What was asked of [`{name}`](Self::{name})'s memo and what is there."),
        format!(
            "Forgets everything that [`{name}`](Self::{name}) remembers, and what was counted."
        ),
        format!("What the memo of [`{name}`](Self::{name}) was made with."),
        format!(
            "Forgets the value of [`{name}`](Self::{name}) for these arguments; whether it was there."
        ),
        format!("[`{name}`](Self::{name}), whatever is remembered."),
    ];
    let [about_info, about_clear, about_parameters, about_invalidate, about_uncached] = &docs;
    quote! {
        #(#all)* #(#outer)*
        #vis #asyncness fn #name #own_impls(#first #(#inputs),*) #output #own_clause { #body }

        #(#all)*
        #[doc = #about_uncached]
        #(#inner)*
        #allow_uncached
        #vis #asyncness fn #uncached #own_impls(#own_inputs) #output #own_clause #block

        #allow
        #access

        #allow
        #[doc = #about_info]
        #vis fn #info #impls(#this) -> #private::CacheInfo #clause {
            #private::Enter::info(#memo)
        }

        #allow
        #[doc = #about_clear]
        #vis fn #clear #impls(#this) #clause {
            #private::Enter::clear(#memo);
        }

        #allow
        #[doc = #about_parameters]
        #vis fn #parameters #impls(#this) -> #private::CacheParameters #clause {
            #private::Enter::parameters(#memo)
        }

        #allow
        #[doc = #about_invalidate]
        #vis fn #invalidate #own_impls(#first #(#inputs),*) -> bool #own_clause {
            let __query = #query;
            #private::Enter::invalidate(#memo, &__query)
        }
    }
}
