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
///
/// The function stays what it is, with its attributes, documents, generics and visibility. Beside it
/// stands a type of the same name, with these functions:
///
/// | | |
/// |---|---|
/// | `f::cache_info()` | hits, misses, maxsize, currsize, and more |
/// | `f::cache_clear()` | forgets everything, and what was counted; files stay |
/// | `f::cache_parameters()` | what the cache was made with |
/// | `f::uncached(..)` | computes, whatever is remembered |
/// | `f::invalidate(..)` | forgets the value for these arguments; whether it was there |
///
/// # Arguments
///
/// | | | |
/// |---|---|---|
/// | `maxsize` | `128`, a constant, `None` | entries at most; 0 keeps nothing. `None` unless said, and 128 with `#[lru_cache]` |
/// | `scope` | `"shared"`, `"thread"` | one cache for all threads, or one for each, without locks |
/// | `typed` | `false`, `true` | floats by their numbers (-0.0 is 0.0, any NaN any other) or by their bits |
/// | `max_bytes`, `weigh` | `"64MiB"`, `\|v\| v.len()` | bytes at most, and what a value has |
/// | `ttl` | `"30s"`, a `Duration` | how long a value is good for |
/// | `policy` | `"lru"`, `"s3fifo"` | which entry goes: the one used longest ago, or by S3-FIFO (feature `s3fifo`) |
/// | `shards` | `16` | parts with a lock each; the order of use is exact with one |
/// | `single_flight` | `true`, `false` | whether threads that ask for one key at one time compute once |
/// | `patience` | `"10s"`, a `Duration` | who has waited so long for another thread computes too |
/// | `ignore(..)` | names of parameters | those that are no part of the key |
/// | `cache_err` | `false`, `true` | whether an `Err` is remembered |
/// | `field` | the name of a field | of methods: the field of type `Memo<K, V>` or `LocalMemo<K, V>` that remembers |
/// | `associated` | | of functions of an `impl` without `self` |
/// | `disk` | a folder | a file for each value, of which other processes and later runs know |
/// | `version`, `depends(..)` | `3`, names of functions | besides the function's own text, what its files are of |
/// | `disk_bytes`, `shared`, `durable` | `"10GiB"`, a folder, `true` | see `Disk` of the host crate |
/// | `crate` | `::tenfold_memo` | the path of the host crate, if it is renamed |
///
/// # Functions of all kinds
///
/// - **Parameters** are looked up as they are given, `&str`, `&[T]`, `&T`, tuples and options of them,
///   and kept as what owns them. Their types are `Hash + Eq + Clone`; those that say `f32` or `f64` are
///   compared by content. `&mut`, `impl Trait` and trait objects are refused.
/// - **A `Result`**: what is `Ok` is remembered. It is known by its name: an alias that is not called
///   `Result` is remembered as it is.
/// - **An `Option`** is remembered, `None` too.
/// - **Generic functions** have a cache for each set of type parameters, which are `'static`:
///   `f::cache_info::<T>()`.
/// - **Methods** remember in a field that you declare, `cache: Memo<(u32, String), f64>`, of the
///   parameters' owned types (one type alone for one parameter). `self` is no part of the key, and neither
///   is the method: each has a field of its own. There are no type parameters. What else
///   is beside the method has its name before it: `self.f_cache_info()`, `self.f_uncached(..)`.
/// - **Associated functions** say `associated`, and have `Self::f_cache_info()` beside them.
/// - **Async functions** do not wait for each other: two that are polled at one time both compute.
///
/// A body runs without any lock. Beware of bodies that wait for a thread pool: see
/// `Builder::patience`.
///
/// # Files
///
/// With `disk`, a value is looked for in memory, then in the folder, and then computed. Its file is known
/// by the function's path, the types of arguments and value, the type parameters and `Self` (both by
/// their paths: two types of one path share files), the arguments, and the version of the code:
/// a hash of the function's tokens, of `ignore(..)` and `version`, and of the functions in `depends(..)`, which have
/// `#[versioned]` or are remembered themselves. Looks and comments do not count. What the function reads
/// elsewhere, and what fields of its types mean, is for `version` to say.
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
            if emit::has_body(&item) {
                return error;
            }
            let message = "there is nothing to remember without a body: this stands where the function has one";
            return syn::Error::new_spanned(item, message);
        }
        let message = "this stands on a function: `fn f(n: u64) -> f64 { .. }`";
        syn::Error::new_spanned(item, message)
    })
}
