//! Operations on arrays.

mod arithmetic;
mod broadcast;
mod map;
mod reductions;
mod slicing;

pub use self::arithmetic::Arithmetic;
