//! Adds two arrays in C: through API mode with the C in the program and beside it, and through a shared library
//! that is loaded.

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use anyhow::Result;
use ndarray::Array1;

tenfold_ffi::c_library! {
    /// API mode, in-line: the C stands here.
    mod inline;
    source = r#"
        void array_add(const double *x, const double *y, double *sum, int n)
        {
            for (int i = 0; i < n; i++) sum[i] = x[i] + y[i];
        }
    "#;
    cdef = "void array_add(const double *x, const double *y, double *sum, int n);";
    safe fn array_add(x: [n], y: [n], sum: [n]);
}

tenfold_ffi::c_library! {
    /// API mode, out-of-line: the C stands in a file with its header.
    mod beside;
    header = "array_add.h";
    include = ".";
    sources = "array_add.c";
    cdef = "void array_add(const double *x, const double *y, double *sum, int n);";
    safe fn array_add(x: [n], y: [n], sum: [n]);
}

tenfold_ffi::c_library! {
    /// ABI mode, out-of-line: the types are known when this is compiled, the library when it runs.
    mod loaded;
    load = "array_add";
    cdef = "void array_add(const double *x, const double *y, double *sum, int n);";
    safe fn array_add(x: [n], y: [n], sum: [n]);
}

fn main() -> Result<()> {
    let x = Array1::linspace(0.0, 1.0, 1000);
    let y = x.mapv(|x: f64| 2.0 * x);
    let wanted = &x + &y;

    let mut sum = Array1::zeros(1000);
    inline::array_add(&x, &y, &mut sum)?;
    assert_eq!(sum, wanted);

    let mut sum = Array1::zeros(1000);
    beside::array_add(&x, &y, &mut sum)?;
    assert_eq!(sum, wanted);

    // SAFETY: the library is ours, and its functions have these types.
    let library = unsafe { loaded::Library::open(env!("ARRAY_ADD")) }?;
    let mut sum = Array1::zeros(1000);
    library.array_add(&x, &y, &mut sum)?;
    assert_eq!(sum, wanted);

    let refused = inline::array_add(&x, &y, &mut [0.0; 10]);
    println!("1000 sums, three times the same; into 10 places: {refused:?}");
    assert!(refused.is_err());
    Ok(())
}
