//! The course's `evolve` in C, called through API mode: the compiler has verified the declaration, and each call
//! checks shapes and overlap.

use tenfold_ffi::WriteArray;

use super::{A, DX, DY, Field, Problem, dt};

tenfold_ffi::c_library! {
    /// `evolve.c`, the one of the example.
    mod heat_evolve;
    sources = "../examples/ffi/evolve.c";
    cdef = r#"
        void evolve(double *u, double *u_previous, int n, int m, double a, double dt, double dx2, double dy2);
    "#;
    safe fn evolve(u: [n, m], u_previous: [n, m]);
}

pub(super) fn run(problem: &Problem) -> Field {
    let (rows, cols) = (problem.field.rows(), problem.field.cols());
    let mut u = problem.field.values().to_vec();
    let mut u_previous = u.clone();
    for _ in 0..problem.steps {
        step(&mut u, &mut u_previous, [rows, cols]).expect("both have the field's shape");
    }
    Field::new(rows, cols, u)
}

fn step(u: &mut [f64], u_previous: &mut [f64], shape: [usize; 2]) -> tenfold_ffi::Result<()> {
    let (u, u_previous) = (WriteArray::reshape(u, shape)?, WriteArray::reshape(u_previous, shape)?);
    heat_evolve::evolve(u, u_previous, A, dt(), DX * DX, DY * DY)
}
