//! Comments of bindings.

use proc_macro2::TokenStream;
use quote::quote;

/// The declaration, as C has it, in a block of its own.
pub(crate) fn item(declaration: &str) -> TokenStream {
    lines(&["```c", &format!("{declaration};"), "```"])
}

/// The declaration in a line.
pub(crate) fn line(declaration: &str) -> TokenStream {
    let text = format!(" `{declaration}`");
    quote!(#[doc = #text])
}

pub(crate) fn lines(lines: &[&str]) -> TokenStream {
    let lines = lines.iter().map(|line| {
        let text = if line.is_empty() { String::new() } else { format!(" {line}") };
        quote!(#[doc = #text])
    });
    quote!(#(#lines)*)
}
