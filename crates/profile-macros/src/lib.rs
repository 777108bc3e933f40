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
/// #[profile(lines)]
/// fn relax(grid: &mut Grid) -> f64 { .. }
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
/// | `lines` | tells its lines apart where the session wants it, see below; not with `sample` |
/// | `skip` | inside of an `impl` block with `#[profile]`: leave this function out |
/// | `crate = path` | where `tenfold_profile` is, if it is renamed |
///
/// Refused, with a word on what to write instead: `const fn`, which may run in the compiler; `async
/// fn`, whose calls are left and come back, on other threads maybe; functions without a body.
///
/// # Lines
/// A statement belongs to the line that it begins on, and what it calls to it. Statements on one line
/// are one. What is counted:
///
/// | | |
/// |---|---|
/// | a statement, the last expression of a block | each time it is begun |
/// | `while`, `while let` | each time its condition is asked, as Python counts |
/// | `for` | each time the list is asked for an element: once more than there are |
/// | `loop` | each time it is entered |
/// | `else if` on a line of its own | each time its condition is asked |
/// | an arm of a `match` on a line of its own | each time it is taken; its guard is part of the `match` |
/// | a closure with a block | its lines, each time they run, on whatever thread; a closure that is one expression, or stands on the line of its statement, is part of that |
///
/// Each moment on a thread belongs to one line of a function, in a recursion to that of the innermost
/// call. What is dropped at the end of a block is part of the line that ran last.
///
/// Left whole, as part of their statement: macros, `async` and `const` blocks, `async` closures.
/// Functions inside of the function are none of its lines, and may have an attribute themselves. In a
/// body that a macro made the lines are those of the macro's definition, and what was handed to it is
/// left whole; where that is all there is, `lines` is refused. Conditions of `#[cfg]` on a statement hold for its mark, those in `#[cfg_attr]` do
/// not.
///
/// Nothing about values, temporaries and borrows changes. But a counter in a loop keeps it from going
/// wide: what that costs stands in the crate's page.
///
/// Lints that look for a `while` or a `for`, or for code that is never reached, may find none: where
/// such a lint is silenced, write `allow` and not `expect`. Of more than 64 `else if` in a row the others
/// are part of the last of these.
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
#[path = "../../../tests/refusals/marks.rs"]
mod marks;
#[cfg(test)]
#[path = "../tests/refused.rs"]
mod refused;
#[cfg(test)]
mod tests;
