//! The attributes `#[lru_cache]` and `#[memoize]` of `tenfold-memo`.

#![forbid(unsafe_code)]

mod amount;
mod args;
mod code;
mod emit;
mod function;
mod key;
mod refusals;
mod suggest;
mod versioned;

use proc_macro2::TokenStream;
use quote::quote;
use syn::ItemFn;
use syn::parse::Parser as _;

use function::Function;
use refusals::Refusals;

/// Remembers what a function returned, for the arguments that were used last: Python's
/// `functools.lru_cache`.
///
/// `maxsize` is 128 unless something else is said; all else is as for [`macro@memoize`].
#[proc_macro_attribute]
pub fn lru_cache(
    attr: proc_macro::TokenStream,
    item: proc_macro::TokenStream,
) -> proc_macro::TokenStream {
    let size = quote!(::core::option::Option::Some::<::core::primitive::usize>(128));
    expand(attr.into(), item.into(), size).into()
}

/// Remembers what a function returned, by its arguments.
#[proc_macro_attribute]
pub fn memoize(
    attr: proc_macro::TokenStream,
    item: proc_macro::TokenStream,
) -> proc_macro::TokenStream {
    let size = quote!(::core::option::Option::None::<::core::primitive::usize>);
    expand(attr.into(), item.into(), size).into()
}

/// Gives a function a version of its code, so that remembered functions can say that they depend on
/// it: `depends(helper)`. Editing the helper, or what it depends on itself, then makes their entries on
/// disk those of another function.
#[proc_macro_attribute]
pub fn versioned(
    attr: proc_macro::TokenStream,
    item: proc_macro::TokenStream,
) -> proc_macro::TokenStream {
    versioned::expand(attr.into(), item.into()).into()
}

/// The function and what stands beside it, or everything that is wrong with it.
fn expand(attr: TokenStream, item: TokenStream, maxsize: TokenStream) -> TokenStream {
    let function = match function_of(item.clone()) {
        Ok(function) => function,
        Err(error) => return emit::unread(item, &error),
    };
    let mut refusals = Refusals::default();
    let args = args::read(attr, maxsize, &mut refusals);
    let read = Function::read(&function, &args, &mut refusals);
    let printed = emit::print(&read);
    match refusals.into_error() {
        None => printed,
        Some(errors) => emit::stub(&function, &args, &errors),
    }
}

fn function_of(item: TokenStream) -> syn::Result<ItemFn> {
    syn::parse2::<ItemFn>(item.clone()).map_err(|error| {
        // A function that does not parse says where; what is none says so.
        if emit::head.parse2(item.clone()).is_ok() {
            return error;
        }
        let message = "this stands on a function: `fn f(n: u64) -> f64 { .. }`";
        syn::Error::new_spanned(item, message)
    })
}
