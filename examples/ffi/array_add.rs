//! Adds two arrays in C in the four styles of CFFI: API and ABI mode, in-line and out-of-line.

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use anyhow::Result;
use ndarray::Array1;
use tenfold_ffi::{Library, args};

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

/// As many as in the course.
const N: usize = 2_000_000;

fn main() -> Result<()> {
    let x = Array1::linspace(0.0, 1.0, N);
    let y = x.mapv(|x: f64| 2.0 * x);
    let wanted = &x + &y;

    let mut sum = Array1::zeros(N);
    inline::array_add(&x, &y, &mut sum)?;
    assert_eq!(sum, wanted);

    let mut sum = Array1::zeros(N);
    beside::array_add(&x, &y, &mut sum)?;
    assert_eq!(sum, wanted);

    // SAFETY: the library is ours, and its functions have these types.
    let library = unsafe { loaded::Library::open(env!("ARRAY_ADD")) }?;
    let mut sum = Array1::zeros(N);
    library.array_add(&x, &y, &mut sum)?;
    assert_eq!(sum, wanted);

    // ABI mode, in-line: types and library are known when this runs.
    // SAFETY: as above.
    let mut library = unsafe { Library::open(env!("ARRAY_ADD")) }?;
    library.cdef("void array_add(const double *x, const double *y, double *sum, int n);")?;
    let mut sum = vec![0.0; N];
    let arguments = args![
        x.as_slice().expect("it is dense"),
        y.as_slice().expect("so is this"),
        &mut sum[..],
        N
    ];
    // SAFETY: there are as many numbers in each.
    unsafe { library.call("array_add", &arguments)? };
    assert_eq!(sum, wanted.to_vec());

    let refused = inline::array_add(&x, &y, &mut [0.0; 10]);
    println!("{N} sums, four times the same; into 10 places: {refused:?}");
    assert!(refused.is_err());
    Ok(())
}
