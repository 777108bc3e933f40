//! The attribute `#[export]` of `tenfold-ffi`, and the macro `exports!`.

#![forbid(unsafe_code)]

mod args;
mod emit;
mod function;
mod libc;
mod library;
mod number;
mod outcome;
mod parameter;
mod prototype;
mod record;
mod refusals;
mod word;

use proc_macro2::TokenStream;
use quote::quote;
use syn::ItemFn;

use function::Function;
use refusals::Refusals;

/// Makes a function callable from C, and from Python.
///
/// The function stays what it is for Rust. Beside it stands a function of C of the same name, which checks
/// its arguments, catches panics and returns a status. Its prototype and the function's documentation are
/// kept in the library: see [`macro@exports`]. The function may be private, and stands in a module or in
/// another function, not in an `impl`.
///
/// # Parameters
///
/// | Rust | C |
/// |---|---|
/// | `f64`, `i32`, `usize`, ..; `bool` | `double x`, `int32_t x`, `size_t x`, ..; `bool x` |
/// | `Complex<f64>` | `const tenfold_complex128 *x`: by value, CFFI cannot pass it |
/// | `&[f64]` | `const double *x, size_t x_len`; with a length of 0, `x` may be NULL |
/// | `&mut [f64]` | `double *x, size_t x_len` |
/// | `ArrayView2<f64>` | `const double *x, const size_t *x_shape, const ptrdiff_t *x_strides` |
/// | `ArrayViewMut2<f64>` | `double *x, const size_t *x_shape, const ptrdiff_t *x_strides` |
/// | `ArrayViewD<f64>` | `const double *x, size_t x_ndim, const size_t *x_shape, const ptrdiff_t *x_strides` |
/// | `&str`, `&CStr` | `const char *x`, ended by a zero; `&str` has to be UTF-8 |
///
/// Views have `ArrayView1` to `ArrayView6`, and need the feature `ndarray`. Their strides are in bytes, as
/// NumPy has them: negative ones go backwards, and NULL says row-major and dense. A view that is written
/// must not reach an element twice. Types are known by their names: an alias is no number.
///
/// # Results
///
/// A number, a tuple of numbers or an array `[f64; 3]` is written to where the last arguments point:
/// `double *result`, or `double *result0, int32_t *result1`; only if all went well. In `Result<T, E>` the
/// error has `Display`: the message is what `{:#}` prints.
///
/// # Status
///
/// | | |
/// |---|---|
/// | 0 | it went well |
/// | 1 | the function returned an `Err` |
/// | 2 | it panicked, which the panic hook reports as ever; with `panic = "abort"` the program ends |
/// | 3 | a pointer is NULL |
/// | 4 | a pointer is not aligned |
/// | 5 | an array of more bytes than there can be, or of more than 64 axes |
/// | 6 | a stride that is no multiple of an element, or leads a written view to one element twice |
/// | 7 | what is written lies on another argument, by the bytes from the first to the last of each |
/// | 8 | a `bool` that is neither 0 nor 1 |
/// | 9 | a text that is not UTF-8 |
///
/// What went wrong is said, with the name of the argument, by the library's `const char *NAME_error(void)`.
/// Nothing is called, and nothing written, if the status is above 2.
///
/// # Safety
///
/// The function of C believes that pointers which are not NULL point to as much as was said, and that
/// nobody else writes there, or reads what is written, during the call.
///
/// # Arguments
///
/// | | | |
/// |---|---|---|
/// | `c` | | for C; this has to be said |
/// | `name` | `"kern_axpy"` | the name in C; the function's own unless said. Functions of C, such as `pow`, are refused; beware of those of other libraries |
/// | `crate` | `::tenfold_ffi` | the path of the host crate, if it is renamed |
///
/// The attribute may stand in crates with `#![forbid(unsafe_code)]`.
#[proc_macro_attribute]
pub fn export(
    attr: proc_macro::TokenStream,
    item: proc_macro::TokenStream,
) -> proc_macro::TokenStream {
    expand(attr.into(), item.into()).into()
}

/// What a library with exported functions has once: `exports!(kern);` in its `lib.rs`.
///
/// It gives the library two functions of C.
/// - `const char *kern_error(void)`: why the last call of this thread failed. The text is good until the
///   next call that fails on this thread.
/// - `const char *tenfold_cdef(void)`: the declarations of all exported functions, as CFFI reads them. That
///   is how `tenfold.load` of the Python package knows them; where a library is made by hand, the program
///   `tenfold-header` prints them from its file. Only on Linux; elsewhere the text is empty.
///
/// The name is one of C, and no other library that a program loads should have it. Exported functions of
/// other crates are in the library too, if it uses something of the crate: `use other as _;`.
#[proc_macro]
pub fn exports(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    library::expand(input.into()).unwrap_or_else(|error| error.to_compile_error()).into()
}

/// The function and what stands beside it, or everything that is wrong with it.
fn expand(attr: TokenStream, item: TokenStream) -> TokenStream {
    let function = match function_of(item.clone()) {
        Ok(function) => function,
        Err(error) => {
            let errors = error.to_compile_error();
            return quote!(#errors #item);
        }
    };
    let mut refusals = Refusals::default();
    let args = args::read(attr, &mut refusals);
    let read = Function::read(&function, &args, &mut refusals);
    let beside = match refusals.into_error() {
        None => emit::print(&read),
        Some(errors) => errors.to_compile_error(),
    };
    quote!(#function #beside)
}

fn function_of(item: TokenStream) -> syn::Result<ItemFn> {
    syn::parse2(item.clone()).map_err(|error| {
        // A function that does not parse says where; what is none says so.
        let is_function = item.clone().into_iter().any(|token| token.to_string() == "fn");
        let is_whole = item.clone().into_iter().last().is_some_and(|last| last.to_string() != ";");
        match is_function && is_whole {
            true => error,
            false => syn::Error::new_spanned(
                item,
                "this stands on a function with a body: `fn f(n: u64) -> f64 { .. }`",
            ),
        }
    })
}
