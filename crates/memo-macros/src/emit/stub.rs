//! What stands for a function that was refused: its errors, and its name, so that the code which uses
//! it has no errors of its own.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{format_ident, quote};
use syn::parse::{ParseStream, Parser as _};
use syn::{Attribute, Error, ItemFn, Token, Visibility};

use crate::args::Args;

/// What stands for a function that cannot be remembered.
pub(crate) fn stub(function: &ItemFn, args: &Args, errors: &Error) -> TokenStream {
    // A method stands in an `impl`, where no module can be, and is a method without the attribute.
    let is_in_impl = function.sig.receiver().is_some() || crate::function::says_self(&function.sig);
    if is_in_impl || args.associated {
        let errors = errors.to_compile_error();
        return quote!(#errors #function);
    }
    named(&function.vis, &function.sig.ident, errors)
}

/// What stands for tokens that are no function, or not yet.
pub(crate) fn unread(item: TokenStream, errors: &Error) -> TokenStream {
    match head.parse2(item.clone()) {
        // Without a body it is a trait's, where no module can be.
        Ok((vis, name)) if has_body(&item) => named(&vis, &name, errors),
        _ => {
            let errors = errors.to_compile_error();
            quote!(#errors #item)
        }
    }
}

/// Whether it does not end as a declaration.
pub(crate) fn has_body(item: &TokenStream) -> bool {
    let last = item.clone().into_iter().last();
    !matches!(last, Some(TokenTree::Punct(end)) if end.as_char() == ';')
}

/// The visibility and the name of what begins like a function.
pub(crate) fn head(input: ParseStream<'_>) -> syn::Result<(Visibility, Ident)> {
    Attribute::parse_outer(input)?;
    let vis = input.parse()?;
    while !input.peek(Token![fn]) {
        input.parse::<TokenTree>()?;
    }
    input.parse::<Token![fn]>()?;
    let name = input.parse()?;
    input.parse::<TokenStream>()?;
    Ok((vis, name))
}

/// The errors in a module of their own, and the name as an import that does not exist there: of what
/// is done with such a name the compiler says nothing.
fn named(vis: &Visibility, name: &Ident, errors: &Error) -> TokenStream {
    let errors = errors.to_compile_error();
    let module = format_ident!("__{name}_was_refused");
    quote! {
        #[doc(hidden)]
        #[allow(warnings, reason = "the function was refused")]
        mod #module {
            #errors
            pub use self::refused as #name;
        }
        #[doc(hidden)]
        #[allow(warnings, reason = "the function was refused")]
        #vis use #module::#name;
    }
}
