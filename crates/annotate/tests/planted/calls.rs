//! Calls that were not inlined, direct and through pointers, and twins that were.

use std::hint::black_box;

#[inline(never)]
fn apart(x: u64) -> u64 {
    x.rotate_left(7) ^ 5
}

fn inside(x: u64) -> u64 {
    x.rotate_left(9) ^ 6
}

#[inline(never)]
fn generic_apart<T: Copy + std::ops::Add<Output = T>>(x: T) -> T {
    x + x
}

pub trait Shape {
    fn area(&self) -> u64;
}

pub struct Square(u64);
pub struct Oblong(u64, u64);

impl Shape for Square {
    fn area(&self) -> u64 {
        self.0 ^ 2
    }
}

impl Shape for Oblong {
    fn area(&self) -> u64 {
        self.0 ^ self.1
    }
}

pub enum Either {
    Square(u64),
    Oblong(u64, u64),
}

#[inline(never)]
pub fn direct(v: &mut [u64]) {
    for x in v {
        *x = apart(*x); //~ call
    }
}

#[inline(never)]
pub fn pointer(v: &mut [u64], f: fn(u64) -> u64) {
    for x in v {
        *x = f(*x); //~ call
    }
}

#[inline(never)]
pub fn closure_object(v: &mut [u64], f: &dyn Fn(u64) -> u64) {
    for x in v {
        *x ^= f(*x); //~ call
    }
}

#[inline(never)]
pub fn trait_objects(shapes: &[Box<dyn Shape>]) -> u64 {
    shapes.iter().map(|shape| shape.area()).fold(0, |a, b| a ^ b) //~ call
}

#[inline(never)]
pub fn object_in_loop(shapes: &[&dyn Shape], out: &mut [u64]) {
    for (out, shape) in out.iter_mut().zip(shapes) {
        *out = shape.area(); //~ call
    }
}

#[inline(never)]
pub fn generic(v: &mut [f64]) {
    for x in v {
        *x = generic_apart(*x); //~ call
    }
}

#[inline(never)]
pub fn printed(v: &[u64]) {
    for x in v {
        println!("{x}"); //~ call
    }
}

#[inline(never)]
pub fn compared(words: &[&[u8]], word: &[u8]) -> usize {
    let mut found = 0;
    for other in words {
        found += usize::from(*other == word); //~ call
    }
    found
}

#[inline(never)]
pub fn two_loops(rows: &mut [[u64; 5]]) {
    for row in rows {
        for x in row.iter_mut() {
            *x = apart(*x ^ 1); //~ call
        }
    }
}

#[inline(never)]
pub fn recursive(n: u64) -> u64 {
    if n < 2 { n } else { black_box(recursive(n - 1)) ^ recursive(n - 2) } //~ call?
}

// Inlined, or once.

#[inline(never)]
pub fn inlined(v: &mut [u64]) {
    for x in v {
        *x = inside(*x);
    }
}

#[inline(never)]
pub fn closure(v: &mut [u64], by: u64) {
    let f = |x: u64| x ^ by;
    for x in v {
        *x = f(*x);
    }
}

#[inline(never)]
pub fn enumeration(shapes: &[Either]) -> u64 {
    let mut total = 0;
    for shape in shapes {
        total ^= match shape {
            Either::Square(a) => a ^ 2,
            Either::Oblong(a, b) => a ^ b,
        };
    }
    total
}

#[inline(never)]
pub fn one_type(shapes: &[Oblong]) -> u64 {
    shapes.iter().map(Shape::area).fold(0, |a, b| a ^ b)
}

#[inline(never)]
pub fn called_once(x: u64) -> u64 {
    1 + apart(x)
}

#[inline(never)]
pub fn called_before(v: &mut [u64], x: u64) {
    let by = apart(x);
    for x in v {
        *x ^= by;
    }
}

fn main() {
    black_box([&Square(1) as &dyn Shape, &Oblong(1, 2)]);
    black_box([Either::Square(1), Either::Oblong(1, 2)]);
    black_box([direct as *const (), pointer as *const (), closure_object as *const ()]);
    black_box([trait_objects as *const (), object_in_loop as *const (), generic as *const ()]);
    black_box([printed as *const (), compared as *const (), two_loops as *const ()]);
    black_box([recursive as *const (), inlined as *const (), closure as *const ()]);
    black_box([enumeration as *const (), one_type as *const (), called_once as *const ()]);
    black_box([called_before as *const ()]);
}
