//! The course's `evolve.c` in both of its modes: verified by the compiler and linked (API), and loaded when this runs (ABI).

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use anyhow::Result;
use ndarray::{Array2, s};

// ANCHOR: modes
tenfold_ffi::c_library! {
    /// API mode: `evolve.c` is compiled and linked, and is what the declaration is held against.
    mod linked;
    sources = "evolve.c";
    cdef = r#"
        void evolve(double *u, double *u_previous, int n, int m, double a, double dt, double dx2, double dy2);
    "#;
    safe fn evolve(u: [n, m], u_previous: [n, m]);
}

tenfold_ffi::c_library! {
    /// ABI mode: the library is found when this runs.
    mod opened;
    load = "evolve";
    cdef = r#"
        void evolve(double *u, double *u_previous, int n, int m, double a, double dt, double dx2, double dy2);
    "#;
    safe fn evolve(u: [n, m], u_previous: [n, m]);
}
// ANCHOR_END: modes

fn main() -> Result<()> {
    let (a, h2) = (0.5, 0.01_f64.powi(2));
    let dt = h2 / (4.0 * a);
    let mut u = Array2::from_elem((200, 200), 20.0);
    u.slice_mut(s![60..140, 80..120]).fill(85.0);
    let mut u_previous = u.clone();
    let (mut other, mut other_previous) = (u.clone(), u.clone());

    // SAFETY: the library is ours, and its function has this type.
    let library = unsafe { opened::Library::open(env!("EVOLVE")) }?;
    // ANCHOR: steps
    for _ in 0..200 {
        linked::evolve(&mut u, &mut u_previous, a, dt, h2, h2)?;
        library.evolve(&mut other, &mut other_previous, a, dt, h2, h2)?;
    }
    // ANCHOR_END: steps
    println!(
        "after 200 steps {:.4} and {:.4} degrees on average",
        u.mean().unwrap_or_default(),
        other.mean().unwrap_or_default()
    );
    let largest = (&u - &other).fold(0.0, |largest: f64, x| largest.max(x.abs()));
    assert!(largest < 1e-9 && u[[100, 100]] > 30.0);

    // What C cannot have is refused: a plate whose columns lie together.
    let refused = linked::evolve(&mut u.reversed_axes(), &mut u_previous, a, dt, h2, h2);
    println!("{refused:?}");
    assert!(refused.is_err());
    Ok(())
}
