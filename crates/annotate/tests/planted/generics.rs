//! Generic functions, which have as many bodies as types: a defect of one of them is the line's.

use std::hint::black_box;
use std::ops::{Add, AddAssign, Mul};

#[inline(never)]
pub fn total<T: Copy + Default + AddAssign>(v: &[T]) -> T {
    let mut total = T::default();
    for x in v {
        total += *x; //~ scalar
    }
    total
}

#[inline(never)]
pub fn integers_only<T: Copy + Default + AddAssign>(v: &[T]) -> T {
    let mut total = T::default();
    for x in v {
        total += *x;
    }
    total
}

#[inline(never)]
pub fn axpy<T: Copy + Mul<Output = T> + Add<Output = T>>(a: T, x: &[T], y: &mut [T]) {
    for (y, x) in y.iter_mut().zip(x) {
        *y = a * *x + *y;
    }
}

#[inline(never)]
pub fn picked<T: Copy, const N: usize>(v: &[T; N], at: &[u8], out: &mut [T]) {
    for (out, at) in out.iter_mut().zip(at) {
        *out = v[usize::from(*at)]; //~ bounds
    }
}

#[inline(never)]
pub fn picked_within<T: Copy>(v: &[T; 256], at: &[u8], out: &mut [T]) {
    for (out, at) in out.iter_mut().zip(at) {
        *out = v[usize::from(*at)];
    }
}

#[inline(never)]
pub fn mapped<T: Copy>(v: &mut [T], f: impl Fn(T) -> T) {
    for x in v {
        *x = f(*x); //~ call
    }
}

#[inline(never)]
pub fn mapped_inline<T: Copy>(v: &mut [T], f: impl Fn(T) -> T) {
    for x in v {
        *x = f(*x);
    }
}

pub trait Step {
    fn step(x: f64) -> f64;
}

pub struct Slow;
pub struct Quick;

impl Step for Slow {
    fn step(x: f64) -> f64 {
        x.exp() //~ call
    }
}

impl Step for Quick {
    fn step(x: f64) -> f64 {
        x * 0.75 + 0.5
    }
}

#[inline(never)]
pub fn stepped<S: Step>(v: &mut [f64]) {
    for x in v {
        *x = S::step(*x);
    }
}

#[inline(never)]
fn apart(x: u64) -> u64 {
    x.rotate_left(13) ^ 9
}

fn main() {
    let mut floats = black_box(vec![1.0, 2.0]);
    let mut singles = black_box(vec![1.0_f32, 2.0]);
    let mut numbers = black_box(vec![1_u64, 2]);
    black_box((total(&floats), total(&singles), total(&numbers)));
    black_box((integers_only(&numbers), integers_only(&black_box(vec![1_i32, 2]))));
    axpy(2.0, &black_box(vec![1.0]), &mut floats);
    axpy(2.0, &black_box(vec![1.0]), &mut singles);
    picked(&black_box([1.0; 9]), &black_box(vec![1]), &mut floats);
    picked(&black_box([1; 7]), &black_box(vec![1]), &mut numbers);
    picked_within(&black_box([1.0; 256]), &black_box(vec![1]), &mut floats);
    picked_within(&black_box([1; 256]), &black_box(vec![1]), &mut numbers);
    mapped(&mut numbers, apart);
    mapped_inline(&mut numbers, |x| x ^ 99);
    mapped_inline(&mut floats, |x| x * 99.0);
    stepped::<Slow>(&mut floats);
    stepped::<Quick>(&mut floats);
    black_box((floats, singles, numbers));
}
