//! `exports!(kern);`: what a library has once.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::parse::{Parse, ParseStream, Parser as _};
use syn::{Error, Ident, Path, Result, Token, parse_quote};

use crate::{record, word};

struct Library {
    name: Ident,
    krate: Path,
}

impl Parse for Library {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let name: Ident = input.parse().map_err(|error| {
            Error::new(error.span(), "write the library's name: `exports!(kern);`")
        })?;
        word::check(&name.to_string()).map_err(|why| Error::new_spanned(&name, why))?;
        let mut krate = parse_quote!(::tenfold_ffi);
        if input.parse::<Option<Token![,]>>()?.is_some() && !input.is_empty() {
            input.parse::<Token![crate]>()?;
            input.parse::<Token![=]>()?;
            krate = input.call(Path::parse_mod_style)?;
        }
        Ok(Self { name, krate })
    }
}

/// The two functions of the library.
pub(crate) fn expand(input: TokenStream) -> Result<TokenStream> {
    let Library { name, krate } = Library::parse.parse2(input)?;
    let private = quote!(#krate::__private);
    let error = format!("{name}_error");
    let text = record::print(
        &format_ident!("__EXPORT_TEXT"),
        &format!(
            "/**\n * Why the last call of this thread failed, until the next that fails. Not to be freed.\n \
             */\nconst char *{error}(void);\n"
        ),
    );
    // SAFETY of what is printed: the linker puts the two at the ends of the section, which this record
    // is in.
    Ok(quote! {
        const _: () = {
            #text
            #[cfg(target_os = "linux")]
            fn __section() -> &'static [::core::primitive::u8] {
                unsafe extern "C" {
                    #[link_name = "__start_tenfold_exports"]
                    static __START: ::core::primitive::u8;
                    #[link_name = "__stop_tenfold_exports"]
                    static __STOP: ::core::primitive::u8;
                }
                unsafe { #private::between(&raw const __START, &raw const __STOP) }
            }
            #[cfg(not(target_os = "linux"))]
            fn __section() -> &'static [::core::primitive::u8] {
                &[]
            }
            #[unsafe(export_name = #error)]
            extern "C" fn __error() -> *const ::core::ffi::c_char {
                #private::last_error()
            }
            #[unsafe(export_name = "tenfold_cdef")]
            extern "C" fn __cdef() -> *const ::core::ffi::c_char {
                #private::cdef(__section)
            }
        };
    })
}
