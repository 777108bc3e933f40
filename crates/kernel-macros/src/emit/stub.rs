//! What stands for a kernel that was refused: its errors, and a function and a type of its name, so
//! that the code which uses it has no errors of its own.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::quote;
use syn::{FnArg, ItemFn, Pat, Path};

pub(crate) fn stub(function: &ItemFn, krate: &Path, errors: Option<TokenStream>) -> TokenStream {
    let ItemFn { vis, sig, .. } = function;
    let name = &sig.ident;
    let is_plain = |input: &FnArg| {
        matches!(input, FnArg::Typed(input) if input.attrs.is_empty()
            && matches!(&*input.pat, Pat::Ident(pat) if pat.subpat.is_none()))
    };
    let head = sig.inputs.iter().all(is_plain).then(|| {
        let safety = &sig.safety;
        let (generics, inputs, output) = (&sig.generics, &sig.inputs, &sig.output);
        let clause = &generics.where_clause;
        let types = rooted(quote!(#generics (#inputs) #output #clause), krate);
        quote! {
            #[allow(warnings, reason = "the kernel was refused")]
            #vis #safety fn #name #types {
                ::core::unreachable!()
            }
        }
    });
    quote! {
        #errors
        #head
        #[doc(hidden)]
        #[allow(warnings, reason = "the kernel was refused")]
        #vis struct #name {}
    }
}

/// The runtime's types by their full path, in case the user has not imported them.
fn rooted(tokens: TokenStream, krate: &Path) -> TokenStream {
    const OURS: &[&str] =
        &["Nbr1", "Nbr2", "Nbr3", "View2", "ViewMut2", "Complex", "Real", "Int", "Num"];
    let mut after_colon = false;
    let mut rooted = TokenStream::new();
    for token in tokens {
        let is_ours = |ident: &Ident| OURS.iter().any(|ours| ident == ours);
        match token {
            TokenTree::Ident(ident) if !after_colon && is_ours(&ident) => {
                rooted.extend(quote!(#krate::#ident));
            }
            TokenTree::Group(group) => {
                let inner = rooted_group(&group, krate);
                rooted.extend([TokenTree::Group(inner)]);
            }
            other => {
                after_colon =
                    matches!(&other, TokenTree::Punct(p) if p.as_char() == ':' && after(&rooted));
                rooted.extend([other]);
                continue;
            }
        }
        after_colon = false;
    }
    rooted
}

fn rooted_group(group: &Group, krate: &Path) -> Group {
    let mut inner = Group::new(group.delimiter(), rooted(group.stream(), krate));
    inner.set_span(group.span());
    inner
}

/// Whether the last token is the first half of `::`.
fn after(tokens: &TokenStream) -> bool {
    matches!(tokens.clone().into_iter().last(), Some(TokenTree::Punct(punct)) if punct.as_char() == ':')
}
