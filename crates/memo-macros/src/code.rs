//! The version of a function's code, which is part of its key on disk.

use proc_macro2::TokenStream;
use quote::quote;

use crate::args::Disk;
use crate::function::Function;

/// A hash of tokens: what is between them, and comments, do not count. FNV-1a of 64 bits.
pub(crate) fn hash(tokens: TokenStream) -> u64 {
    let mut hash = 0xCBF2_9CE4_8422_2325_u64;
    let mut feed = |byte: u8| hash = (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01B3);
    fn each(tokens: TokenStream, feed: &mut dyn FnMut(u8)) {
        for token in tokens {
            match token {
                proc_macro2::TokenTree::Group(group) => {
                    let (open, close) = match group.delimiter() {
                        proc_macro2::Delimiter::Parenthesis => (b'(', b')'),
                        proc_macro2::Delimiter::Brace => (b'{', b'}'),
                        proc_macro2::Delimiter::Bracket => (b'[', b']'),
                        proc_macro2::Delimiter::None => (b'<', b'>'),
                    };
                    feed(open);
                    each(group.stream(), feed);
                    feed(close);
                }
                other => {
                    other.to_string().bytes().for_each(&mut *feed);
                    feed(b' ');
                }
            }
        }
    }
    each(tokens, &mut feed);
    hash
}

/// `const __CODE`, for those that depend on the function.
pub(crate) fn constant(function: &Function<'_>) -> TokenStream {
    let code = expression(function);
    quote! {
        #[doc(hidden)]
        pub const __CODE: ::core::primitive::u64 = #code;
    }
}

/// The version of a remembered function: its own tokens, which parameters are its key, its version, and
/// the code of what it depends on.
fn expression(function: &Function<'_>) -> TokenStream {
    let (sig, block) = (&function.item.sig, &function.item.block);
    let none = Disk::default();
    let disk = function.args.disk.as_ref().unwrap_or(&none);
    let keys = function.names.iter().filter(|name| !function.args.ignore.contains(name));
    of(&function.private, hash(quote!(#sig #block (#(#keys)*))), disk)
}

/// Of tokens with this hash.
pub(crate) fn of(private: &TokenStream, own: u64, disk: &Disk) -> TokenStream {
    let (depends, version) = (&disk.depends, disk.version.iter());
    quote! {
        #private::code(#own, &[#((#version) as ::core::primitive::u64,)* #(#depends::__CODE,)*])
    }
}

/// The builder, with a disk.
pub(crate) fn with_disk(
    function: &Function<'_>,
    disk: &Disk,
    builder: &TokenStream,
) -> TokenStream {
    let private = &function.private;
    let name = function.item.sig.ident.to_string();
    let Disk { folder, shared, max_bytes, durable, .. } = disk;
    let shared = shared.as_ref().map(|folder| quote!(.shared(#folder)));
    let max_bytes = max_bytes.as_ref().map(|bytes| quote!(.max_bytes(#bytes)));
    let durable = durable.then(|| quote!(.durable(true)));
    let code = expression(function);
    let name = quote!(::core::concat!(::core::module_path!(), "::", #name));
    // The path says neither the type parameters nor the type that an `impl` is of.
    let name = match function.has_many() {
        true => {
            let tag = function.tag();
            quote!(#private::name_of::<#tag>(#name))
        }
        false => name,
    };
    quote! {
        #private::with_disk!(
            [#builder] [#private::Disk::new(#folder, #name).version(#code) #shared #max_bytes #durable]
        )
    }
}
