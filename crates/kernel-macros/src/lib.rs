//! The attribute `#[kernel]` of `tenfold-kernel`.

#![forbid(unsafe_code)]

mod directives;
mod emit;
mod flow;
mod fun;
mod groups;
mod infer;
mod ir;
mod read;
mod refusals;
mod signature;
mod suggest;
mod uniform;
mod walk;

use proc_macro2::TokenStream;
use syn::ItemFn;
use syn::parse::Parser as _;

use refusals::Refusals;

/// Write the scalar, run it wide.
///
/// The function stays what it is, and can be called with numbers. Beside it stands a type of the
/// same name, with functions that run it over arrays.
///
/// ```text
/// #[kernel]
/// fn saxpy(a: f64, x: f64, y: f64) -> f64 {
///     a * x + y
/// }
///
/// #[kernel(for = [f32, f64], math = fast)]
/// fn logistic<T: Real>(x: T) -> T {
///     1.0 / (1.0 + (-x).exp())
/// }
///
/// #[kernel(stencil, border = reflect)]
/// fn blur(u: Nbr1<f64>) -> f64 {
///     0.25 * u[-1] + 0.5 * u[0] + 0.25 * u[1]
/// }
/// ```
///
/// # Forms
///
/// | `#[kernel(..)]` | the function | is run |
/// |---|---|---|
/// | nothing | numbers to numbers | for each element |
/// | `reduce(sum)` | numbers to one number an operation | for each element, and the results are reduced: `sum` `prod` `min` `max` `any` `all` `count` `mean` `argmin` `argmax`, or `fold = kernel, identity = 0.0` |
/// | `scan(sum)` | numbers to a number | so along an axis, keeping what lies between: `sum` `prod` `min` `max` |
/// | `stencil` | neighbourhoods `Nbr1<f64>` to `Nbr3<f64>`, and numbers | for each element, with relative indices: `u[[-1, 0]]` |
/// | `"(m,n),(n)->(m)"` | slices and matrices (`View2`, `ViewMut2`), inputs first; an output `()` is returned | for each of the outer indices, as a generalised function of NumPy |
/// | `loop` | whole slices | once |
///
/// # Directives
///
/// Each changes one thing, for this kernel alone; the first value is the default.
///
/// | directive | values | |
/// |---|---|---|
/// | `for` | `[f32, f64]` | the types of the parameter in `fn f<T: Real>`; `Int` and `Num` are bounds too |
/// | `math` | `strict` `contract` `fast` | whether `a * b + c` may be rounded once, and also functions may be a little less exact |
/// | `order`, in `reduce(..)` | `fixed` `free` `compensated` | in which order floats are added |
/// | `border`, of stencils | `valid` `const(0.0)` `reflect` `wrap` `nearest` | what lies outside; with `valid` the output is smaller |
/// | `division` | `ieee` `c` `error` | integers by 0: 0, unspecified, or an error of the call, which floats by 0 are then too |
/// | `bounds`, of loops and signatures | `check` `hoist` `unchecked` | indices are checked one by one, before the loop, or not at all, which only an `unsafe fn` may say |
/// | `wraparound`, of loops and signatures | `off` `on` | whether a negative index counts from the end |
/// | `target` | all, or `[v4, v3, baseline, neon]` | instruction sets to print |
/// | `par` | `off` `on` | on all cores |
/// | `stores` | `auto` `stream` | past the caches |
/// | `crate` | `::tenfold_kernel` | the path of the runtime, if it is renamed |
///
/// # The subset
///
/// A kernel compiles as a whole or is refused, with all errors at once.
///
/// | | |
/// |---|---|
/// | types | `f32` `f64`, `i8` to `i64`, `u8` to `u64`, `isize` `usize`, `bool`, `Complex<f32>` `Complex<f64>`, one type parameter |
/// | statements | `let`, `let mut`, `let (a, b)`, a value that comes later, assignments, `if`, `match` on integers and bools, `for` over `a..b` with `.rev()` and `.step_by(n)`, `while`, `loop`, labels, `break`, `continue`, `return` |
/// | expressions | operators, `as`, `if` and `match` with a value, blocks, constants by their path, in capitals |
/// | calls | methods of numbers, also as `f64::sqrt(x)`; `f64::from(n)`, `T::from_f64(x)`; `Complex::new(re, im)`, `from_polar`, `cis`, `i`; other kernels by their path |
/// | arrays | `x[i]` and `x.len()` of slices, `a[[i, j]]`, `a.nrows()` and `a.ncols()` of matrices, constant relative indices of neighbourhoods |
/// | literals | take the type of what they meet; with a type parameter, `2.0` is of its type |
///
/// # Integers
///
/// `+`, `-`, `*` and unary `-` wrap. A shift takes its distance modulo the width. By 0, `/` and `%`
/// give 0; `MIN / -1` is `MIN`, and `MIN % -1` is 0. `as` is Rust's: a float out of range becomes the
/// nearest integer, NaN becomes 0. This holds in debug builds too, and on all devices.
#[proc_macro_attribute]
pub fn kernel(
    attr: proc_macro::TokenStream,
    item: proc_macro::TokenStream,
) -> proc_macro::TokenStream {
    expand(attr.into(), item.into()).into()
}

/// The kernel and all that is made of it, or everything that is wrong with it.
fn expand(attr: TokenStream, item: TokenStream) -> TokenStream {
    let function = match function_of(item.clone()) {
        Ok(function) => function,
        Err(error) => return emit::unread(item, &error),
    };
    let mut refusals = Refusals::default();
    let parsed = directives::read(attr, &mut refusals);
    let kernel = kernel_of(parsed, &function, &mut refusals);
    kernel.iter().for_each(|kernel| groups::check(kernel, &mut refusals));
    match refusals.into_error() {
        None => kernel.iter().map(emit::print).collect(),
        Some(errors) => emit::stub(&function, &errors),
    }
}

fn function_of(item: TokenStream) -> syn::Result<ItemFn> {
    syn::parse2::<ItemFn>(item.clone()).map_err(|error| {
        // A function that does not parse says where; what is none says so.
        if emit::head.parse2(item.clone()).is_ok() {
            return error;
        }
        let message = "`#[kernel]` stands on a function: `fn f(x: f64) -> f64 { .. }`";
        syn::Error::new_spanned(item, message)
    })
}

/// From syntax to a kernel that all printers can print.
fn kernel_of(
    parsed: directives::Parsed,
    function: &ItemFn,
    refusals: &mut Refusals,
) -> Option<ir::Kernel> {
    let read = read::kernel(parsed, function, refusals);
    flow::check(&read.kernel, &read.notes, refusals);
    let mut kernel = infer::types(read, refusals);
    uniform::mark(&mut kernel);
    refusals.is_empty().then_some(kernel)
}

#[cfg(test)]
#[path = "../../../tests/refusals/marks.rs"]
mod marks;
#[cfg(test)]
#[path = "../tests/refused.rs"]
mod refused;
#[cfg(test)]
mod tests;
