//! Heat conduction: the course's `evolve.c`, called with arrays of ndarray.

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use anyhow::Result;
use ndarray::{Array2, s};

tenfold_ffi::c_library! {
    /// `evolve.c`, which is compiled and is what the declaration is held against.
    mod evolve_c;
    sources = "evolve.c";
    cdef = r#"
        void evolve(double *u, double *u_previous, int n, int m,
                    double a, double dt, double dx2, double dy2);
    "#;
    safe fn evolve(u: [n, m], u_previous: [n, m]);
}

fn main() -> Result<()> {
    let (a, h2) = (0.5, 0.01_f64.powi(2));
    let dt = h2 / (4.0 * a);
    let mut u = Array2::from_elem((64, 64), 20.0);
    u.slice_mut(s![16..48, 16..48]).fill(85.0);
    let mut u_previous = u.clone();
    for _ in 0..200 {
        evolve_c::evolve(&mut u, &mut u_previous, a, dt, h2, h2)?;
    }
    let mean = u.mean().expect("it is not empty");
    println!("after 200 steps the plate has {mean:.2} degrees on average");
    assert!((20.0..36.25).contains(&mean));

    // What C cannot have is refused: a plate whose columns lie together.
    let (mut u, mut u_previous) = (u.reversed_axes(), u_previous.reversed_axes());
    let refused = evolve_c::evolve(&mut u, &mut u_previous, a, dt, h2, h2);
    println!("{refused:?}");
    assert!(refused.is_err());
    Ok(())
}
