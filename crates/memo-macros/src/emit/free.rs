//! A free function, and the type of the same name beside it.

use proc_macro2::TokenStream;
use quote::quote;

use super::{Asking, access, allow_uncached, attributes, body};
use crate::code;
use crate::function::Function;

pub(super) fn print(function: &Function<'_>) -> TokenStream {
    let Function { item, private, inputs, generics, query, .. } = function;
    let (vis, sig, block) = (&item.vis, &item.sig, &item.block);
    let (name, output, asyncness) = (&sig.ident, &sig.output, &sig.asyncness);
    let attributes = attributes(&item.attrs);
    let (outer, inner, all) = (&attributes.outer, &attributes.inner, &attributes.all);

    let turbofish = function.turbofish();
    let asking = Asking {
        memo: quote!(#name::__memo #turbofish()),
        uncached: &quote!(#name::uncached #turbofish),
    };
    let body = body(function, &asking);
    let allow_uncached = allow_uncached();
    let (access, code) = (access(function), code::constant(function));
    let (impls, _, clause) = generics.split_for_impl();
    let (own_impls, _, own_clause) = sig.generics.split_for_impl();
    // `mut` belongs to the body.
    let own_inputs = &sig.inputs;
    let doc = format!("What [`{name}`](fn@{name}) remembers.");
    quote! {
        #(#all)* #(#outer)*
        #vis #asyncness fn #name #own_impls(#(#inputs),*) #output #own_clause { #body }

        #(#all)*
        #[doc = #doc]
        #[allow(non_camel_case_types, dead_code, reason = "named as its function")]
        #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
        #vis struct #name {}

        #(#all)*
        #allow_uncached
        impl #name {
            /// Computes, whatever is remembered, and remembers nothing.
            #(#inner)*
            #vis #asyncness fn uncached #own_impls(#own_inputs) #output #own_clause #block
        }

        #(#all)*
        #[allow(
            warnings,
            clippy::all,
            clippy::pedantic,
            reason = "printed by a macro; the function above has the user's warnings"
        )]
        const _: () = {
            impl #name {
                #code
                #access

                /// What was asked and what is there.
                #vis fn cache_info #impls() -> #private::CacheInfo #clause {
                    #private::Enter::info(Self::__memo #turbofish())
                }

                /// Forgets everything, and what was counted.
                #vis fn cache_clear #impls() #clause {
                    #private::Enter::clear(Self::__memo #turbofish());
                }

                /// What the cache was made with.
                #vis fn cache_parameters #impls() -> #private::CacheParameters #clause {
                    #private::Enter::parameters(Self::__memo #turbofish())
                }

                /// Forgets the value for these arguments; whether it was there.
                #vis fn invalidate #own_impls(#(#inputs),*) -> bool #own_clause {
                    let __query = #query;
                    #private::Enter::invalidate(Self::__memo #turbofish(), &__query)
                }
            }
        };
    }
}
