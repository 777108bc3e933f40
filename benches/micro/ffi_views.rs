//! What the checks of arrays cost before a call of C: three arguments, of each kind that they come in.

use std::hint::black_box;
use std::time::Instant;

use criterion::{Criterion, criterion_group};
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

/// What is passed.
struct Arrays {
    slices: [Vec<f64>; 3],
    grids: [Array2<f64>; 3],
}

impl Arrays {
    fn checked() -> Self {
        let mut this = Self {
            slices: [vec![1.0; 100], vec![2.0; 100], vec![0.0; 100]],
            grids: [const { (9, 11) }; 3].map(Array2::zeros),
        };
        let [x, y, z] = &mut this.slices;
        assert!(nothing::three(&*x, &*y, &mut *z).is_ok());
        let wrong = nothing::three(&x[1..], &*y, &mut *z).expect_err("they differ in length");
        assert_eq!(wrong.kind(), ErrorKind::Shape);
        let [a, b, c] = &mut this.grids;
        assert!(nothing::grids(&*a, &*b, &mut *c).is_ok());
        assert!(nothing::grids(a.t(), b.t(), c.view_mut().reversed_axes()).is_err());
        this
    }

    #[inline(always)]
    fn unchecked(&mut self) {
        let [x, y, z] = black_box(&mut self.slices);
        // SAFETY: nothing is read or written there.
        unsafe { unchecked::bare::bare_three(x.as_ptr(), y.as_ptr(), z.as_mut_ptr(), 100) }
    }

    #[inline(always)]
    fn three_slices(&mut self) {
        let [x, y, z] = black_box(&mut self.slices);
        let _ = black_box(nothing::three(&*x, &*y, z));
    }

    #[inline(always)]
    fn three_arrays_2d(&mut self) {
        let [x, y, z] = black_box(&mut self.grids);
        let _ = black_box(nothing::grids(&*x, &*y, z));
    }
}

fn arrays(criterion: &mut Criterion) {
    let mut arrays = Arrays::checked();
    let mut group = criterion.benchmark_group("arrays");
    group.bench_function("unchecked", |bencher| bencher.iter(|| arrays.unchecked()));
    group.bench_function("three_slices", |bencher| bencher.iter(|| arrays.three_slices()));
    group.bench_function("three_arrays_2d", |bencher| bencher.iter(|| arrays.three_arrays_2d()));
    group.finish();
}

criterion_group!(benches, arrays);

/// Nanoseconds of a call, the least of all turns.
fn least(mut call: impl FnMut()) -> f64 {
    const TURNS: usize = 1000;
    const CALLS: u32 = 10_000;
    let turns = (0..TURNS).map(|_| {
        let begin = Instant::now();
        for _ in 0..CALLS {
            call();
        }
        begin.elapsed().as_secs_f64() * 1e9 / f64::from(CALLS)
    });
    turns.fold(f64::INFINITY, f64::min)
}

/// `--table`: what disturbs the machine only adds to the least. `benches/record` has what it printed.
#[expect(clippy::print_stdout, reason = "that is what it is for")]
fn table() {
    let mut arrays = Arrays::checked();
    println!("{:<16} {:>8}", "ns a call", "least");
    println!("{:<16} {:>8.2}", "unchecked", least(|| arrays.unchecked()));
    println!("{:<16} {:>8.2}", "three slices", least(|| arrays.three_slices()));
    println!("{:<16} {:>8.2}", "three arrays 2d", least(|| arrays.three_arrays_2d()));
}

fn main() {
    if std::env::args().any(|arg| arg == "--table") {
        return table();
    }
    benches();
    Criterion::default().configure_from_args().final_summary();
}
