//! Functions of the C library, one number a call, and arithmetic in their place.

use std::hint::black_box;

#[inline(never)]
pub fn exponentials(v: &mut [f64]) {
    for x in v {
        *x = x.exp(); //~ call
    }
}

#[inline(never)]
pub fn logistic(v: &mut [f64]) {
    for x in v {
        *x = 1.0 / (1.0 + (-*x).exp()); //~ call div scalar?
    }
}

#[inline(never)]
pub fn sines(out: &mut [f64], v: &[f64]) {
    for (out, x) in out.iter_mut().zip(v) {
        *out = x.sin() * 0.5 + 1.0; //~ call scalar?
    }
}

#[inline(never)]
pub fn logarithms(v: &[f64]) -> f64 {
    v.iter().map(|x| x.ln()).sum() //~ call scalar
}

#[inline(never)]
pub fn powers(v: &mut [f64], p: f64) {
    for x in v {
        *x = x.powf(p); //~ call
    }
}

#[inline(never)]
pub fn integer_powers(v: &mut [f64], p: i32) {
    for x in v {
        *x = x.powi(p); //~ call
    }
}

#[inline(never)]
pub fn hypotenuses(a: &mut [f64], b: &[f64]) {
    for (a, b) in a.iter_mut().zip(b) {
        *a = a.hypot(*b); //~ call
    }
}

#[inline(never)]
pub fn angles(a: &mut [f64], b: &[f64]) {
    for (a, b) in a.iter_mut().zip(b) {
        *a = a.atan2(*b); //~ call
    }
}

#[inline(never)]
pub fn single_precision(v: &mut [f32]) {
    for x in v {
        *x = x.tanh(); //~ call
    }
}

#[inline(never)]
pub fn cube_roots(v: &mut [f64]) {
    v.iter_mut().for_each(|x| *x = x.cbrt()); //~ call
}

#[inline(never)]
pub fn remainders(v: &mut [f64], by: f64) {
    for x in v {
        *x %= by; //~ call
    }
}

#[inline(never)]
pub fn fused(v: &mut [f64], a: f64, b: f64) {
    for x in v {
        *x = x.mul_add(a, b); //~ call@baseline
    }
}

#[inline(never)]
pub fn floors(v: &mut [f64]) {
    for x in v {
        *x = x.floor(); //~ call@baseline
    }
}

// Without the library.

#[inline(never)]
pub fn squares(v: &mut [f64]) {
    for x in v {
        *x = x.powi(2);
    }
}

#[inline(never)]
pub fn magnitudes(v: &mut [f64]) {
    for x in v {
        *x = x.abs();
    }
}

#[inline(never)]
pub fn negated(v: &mut [f32]) {
    for x in v {
        *x = -*x;
    }
}

#[inline(never)]
pub fn series(v: &mut [f64]) {
    for x in v {
        *x = 1.0 + *x * (1.0 + *x * (0.5 + *x * (1.0 / 6.0)));
    }
}

#[inline(never)]
pub fn signs(v: &mut [f64], of: &[f64]) {
    for (x, of) in v.iter_mut().zip(of) {
        *x = x.copysign(*of);
    }
}

#[inline(never)]
pub fn one_power(x: f64, y: f64) -> f64 {
    x.powf(y) //~ pale call
}

#[inline(never)]
pub fn factor_before(v: &mut [f64], x: f64) {
    let factor = x.exp(); //~ pale call
    for x in v {
        *x *= factor;
    }
}

fn main() {
    black_box([exponentials as *const (), logistic as *const (), sines as *const ()]);
    black_box([logarithms as *const (), powers as *const (), integer_powers as *const ()]);
    black_box([hypotenuses as *const (), angles as *const (), single_precision as *const ()]);
    black_box([cube_roots as *const (), remainders as *const (), fused as *const ()]);
    black_box([floors as *const (), squares as *const (), magnitudes as *const ()]);
    black_box([negated as *const (), series as *const (), signs as *const ()]);
    black_box([one_power as *const (), factor_before as *const ()]);
}
