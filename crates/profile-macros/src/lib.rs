//! The attribute `#[profile]` of `tenfold-profile`.

#![forbid(unsafe_code)]

extern crate proc_macro;

mod args;
mod item;
mod lines;

use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote};

/// Records the calls of a function, or of all functions of an `impl` block.
///
/// ```text
/// #[profile]
/// fn assemble(mesh: &Mesh) -> Matrix { .. }
///
/// #[profile(sample = 64)]
/// fn shape(x: f64) -> f64 { .. }
///
/// #[profile]
/// impl Solver {
///     fn step(&mut self) { .. }
///
///     #[profile(sample = 64)]
///     fn update(&mut self, i: usize) { .. }
///
///     #[profile(skip)]
///     const fn rank(&self) -> usize { .. }
/// }
/// ```
///
/// The function stays what it is: its signature, its callers, its unwinding. A call is left when
/// the function returns, by whatever way.
///
/// | argument | |
/// |---|---|
/// | `sample = 64` | all calls are counted, and about one in 64 is timed: for what takes nanoseconds |
/// | `skip` | inside of an `impl` block with `#[profile]`: leave this function out |
/// | `crate = path` | where `tenfold_profile` is, if it is renamed |
///
/// Refused, with a word on what to write instead: `const fn`, which may run in the compiler; `async
/// fn`, whose calls are left and come back, on other threads maybe; functions without a body.
#[proc_macro_attribute]
pub fn profile(
    attr: proc_macro::TokenStream,
    item: proc_macro::TokenStream,
) -> proc_macro::TokenStream {
    expand(attr.into(), item.into()).into()
}

/// The item with its scopes, or as it was with what is wrong: an item that is gone would only raise
/// more errors.
fn expand(attr: TokenStream, item: TokenStream) -> TokenStream {
    let args = match args::Args::read(attr) {
        Ok(args) => args,
        Err(error) => return with_errors(&error, item::bare(item)),
    };
    match item::profile(&args, item.clone()) {
        Ok(profiled) => profiled.into_token_stream(),
        Err(error) => with_errors(&error, item::bare(item)),
    }
}

fn with_errors(error: &syn::Error, item: TokenStream) -> TokenStream {
    let errors = error.to_compile_error();
    quote!(#errors #item)
}

#[cfg(test)]
#[path = "../tests/refused.rs"]
mod refused;
#[cfg(test)]
mod tests;
