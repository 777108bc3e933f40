//! `#[versioned]`: a function, and beside it a type of the same name with the version of its code.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Error;

use crate::refusals::Refusals;
use crate::{args, code, emit, function_of};

/// What may stand in the parentheses.
const ALLOWED: &[&str] = &["depends", "version", "crate"];

pub(crate) fn expand(attr: TokenStream, item: TokenStream) -> TokenStream {
    let function = match function_of(item.clone()) {
        Ok(function) => function,
        Err(error) => return emit::unread(item, &error),
    };
    let mut refusals = Refusals::default();
    let (args, disk) = args::read_some(attr, ALLOWED, &mut refusals);
    if let Some(receiver) = function.sig.receiver() {
        let message = "a method has no type of its name beside it: give the code to a function";
        refusals.push(Error::new_spanned(receiver, message));
    }
    if let Some(errors) = refusals.into_error() {
        return emit::stub(&function, &args, &errors);
    }
    let (vis, sig, block) = (&function.vis, &function.sig, &function.block);
    let krate = &args.krate;
    let own = code::hash(quote!(#sig #block));
    let code = code::of(&quote!(#krate::__private), own, &disk);
    let name = &sig.ident;
    let doc = format!("The version of the code of [`{name}`](fn@{name}).");
    quote! {
        #function

        #[doc = #doc]
        #[allow(non_camel_case_types, dead_code, reason = "named as its function")]
        #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
        #vis struct #name {}

        impl #name {
            #[doc(hidden)]
            #[allow(dead_code, reason = "for those that depend on it")]
            pub const __CODE: ::core::primitive::u64 = #code;
        }
    }
}
