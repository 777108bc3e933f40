//! A text in the section of the library that `tenfold-header` and `tenfold_cdef` read.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;

/// A static with the text and a zero, so that texts can be told apart behind one another.
pub(crate) fn print(name: &Ident, text: &str) -> TokenStream {
    let mut bytes = text.as_bytes().to_vec();
    bytes.push(0);
    let (len, text) = (bytes.len(), Literal::byte_string(&bytes));
    quote! {
        #[used]
        #[cfg_attr(target_os = "linux", unsafe(link_section = "tenfold_exports"))]
        static #name: [::core::primitive::u8; #len] = *#text;
    }
}
