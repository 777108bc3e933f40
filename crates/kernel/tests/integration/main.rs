//! What `#[kernel]` promises, against loops over the ordinary functions.

mod divergent;
mod elementwise;
mod gufunc;
mod math;
mod reduce;
mod scan;
mod slices;
mod stencil;
