//! What the checks of arrays cost before a call of C: three arguments, of each kind that they come in.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use ndarray::Array2;
use tenfold_ffi::{ErrorKind, c_library};

c_library! {
    /// Functions that do nothing, so that only their checks are measured.
    mod nothing;
    source = r#"
        void three(const double *x, const double *y, double *z, int n) { (void)x; (void)y; (void)z; (void)n; }
        void grids(const double *x, const double *y, double *z, int n, int m)
        { (void)x; (void)y; (void)z; (void)n; (void)m; }
    "#;
    cdef = r#"
        void three(const double *x, const double *y, double *z, int n);
        void grids(const double *x, const double *y, double *z, int n, int m);
    "#;
    safe fn three(x: [n], y: [n], z: [n]), grids(x: [n, m], y: [n, m], z: [n, m]);
}

mod unchecked {
    tenfold_ffi::c_library! {
        /// The same without checks.
        pub(super) mod bare;
        source = "static void keep(void) {} void bare_three(const double *x, const double *y, double *z, int n) { (void)x; (void)y; (void)z; (void)n; keep(); }";
        cdef = "void bare_three(const double *x, const double *y, double *z, int n);";
    }
}

fn arrays(criterion: &mut Criterion) {
    let (x, y, mut z) = (vec![1.0; 100], vec![2.0; 100], vec![0.0; 100]);
    assert!(nothing::three(&x, &y, &mut z).is_ok());
    let wrong = nothing::three(&x[1..], &y, &mut z).expect_err("they differ in length");
    assert_eq!(wrong.kind(), ErrorKind::Shape);
    let (a, b, mut c) =
        (Array2::<f64>::zeros((9, 11)), Array2::zeros((9, 11)), Array2::zeros((9, 11)));
    assert!(nothing::grids(&a, &b, &mut c).is_ok());
    assert!(nothing::grids(a.t(), b.t(), c.view_mut().reversed_axes()).is_err());

    let mut group = criterion.benchmark_group("arrays");
    group.bench_function("unchecked", |bencher| {
        bencher.iter(|| {
            let (x, y, z) = (black_box(&x), black_box(&y), black_box(&mut z));
            // SAFETY: nothing is read or written there.
            unsafe { unchecked::bare::bare_three(x.as_ptr(), y.as_ptr(), z.as_mut_ptr(), 100) }
        });
    });
    group.bench_function("three_slices", |bencher| {
        bencher.iter(|| nothing::three(black_box(&x), black_box(&y), black_box(&mut z)));
    });
    group.bench_function("three_arrays_2d", |bencher| {
        bencher.iter(|| nothing::grids(black_box(&a), black_box(&b), black_box(&mut c)));
    });
    group.finish();
}

criterion_group!(benches, arrays);
criterion_main!(benches);
