//! Loops in loops: what stands in the outer one is paler than what stands in the inner one.

use std::hint::black_box;
use std::num::NonZeroU64;

#[inline(never)]
fn apart(x: u64) -> u64 {
    x.rotate_left(3) ^ 8
}

#[inline(never)]
pub fn check_outside(rows: &[u64], at: &[usize], cells: &mut [Vec<u64>]) {
    for (row, at) in cells.iter_mut().zip(at) {
        let by = rows[*at]; //~ outer bounds
        for x in row.iter_mut() {
            *x ^= by;
        }
    }
}

#[inline(never)]
pub fn check_inside(rows: &[u64], at: &[usize], cells: &mut [u64]) {
    for x in cells {
        for at in at {
            *x ^= rows[*at]; //~ bounds
        }
    }
}

#[inline(never)]
pub fn call_outside(cells: &mut [Vec<u64>]) {
    for row in cells {
        let by = apart(row.len() as u64); //~ outer call
        for x in row.iter_mut() {
            *x ^= by;
        }
    }
}

#[inline(never)]
pub fn call_inside(cells: &mut [Vec<u64>]) {
    for row in cells {
        for x in row.iter_mut() {
            *x = apart(*x); //~ call
        }
    }
}

#[inline(never)]
pub fn quotient_outside(cells: &mut [Vec<u64>], by: NonZeroU64) {
    for row in cells {
        let share = row.len() as u64 / by; //~ outer div
        for x in row.iter_mut() {
            *x ^= share;
        }
    }
}

#[inline(never)]
pub fn buffer_outside(cells: &mut [Vec<u64>], n: usize) {
    for row in cells {
        let mut buffer = vec![0_u64; n]; //~ outer alloc panic?
        black_box(&mut buffer);
        for x in row.iter_mut() {
            *x ^= 3;
        }
    } //~ outer alloc
}

#[inline(never)]
pub fn sum_of_three(cube: &[Vec<Vec<f64>>]) -> f64 {
    let mut total = 0.0;
    for plane in cube {
        for row in plane {
            for x in row {
                total += x; //~ scalar
            }
        }
    }
    total
}

#[inline(never)]
pub fn while_loop(v: &[u64], mut at: usize) -> u64 {
    let mut total = 0;
    while at != 0 {
        at = v[at] as usize; //~ bounds
        total += 1;
    }
    total
}

#[inline(never)]
pub fn labelled(v: &[u64], stop: &[usize]) -> u64 {
    let mut total = 0;
    'rows: loop {
        for at in stop {
            total ^= v[*at]; //~ bounds
            if total == 77 {
                break 'rows;
            }
        }
        total ^= 1;
    }
    total
}

#[inline(never)]
pub fn dispatched(program: &[u8], at: &[usize], v: &[u64]) -> u64 {
    let (mut x, mut y) = (1_u64, 2_u64);
    for (op, at) in program.iter().zip(at) {
        match op {
            0 => x = x.wrapping_mul(y),
            1 => y ^= v[*at], //~ bounds
            2 => x = x.rotate_left(5),
            3 => y = apart(x), //~ call
            4 => std::mem::swap(&mut x, &mut y),
            5 => x = x.swap_bytes(),
            6 => y = y.leading_zeros().into(),
            7 => x = !x,
            _ => y ^= 21,
        }
    }
    x ^ y
}

#[inline(never)]
pub fn one_after_another(v: &mut [f64], w: &[f64]) -> f64 {
    for x in v.iter_mut() {
        *x *= 1.5;
    }
    let mut total = 0.0;
    for x in w {
        total += x; //~ scalar
    }
    total
}

#[inline(never)]
pub fn rows_clean(rows: &mut [Vec<f64>], by: f64) {
    for row in rows {
        for x in row.iter_mut() {
            *x += by;
        }
    }
}

fn main() {
    black_box([check_outside as *const (), check_inside as *const (), call_outside as *const ()]);
    black_box([call_inside as *const (), quotient_outside as *const ()]);
    black_box([buffer_outside as *const (), sum_of_three as *const (), while_loop as *const ()]);
    black_box([labelled as *const (), dispatched as *const (), one_after_another as *const ()]);
    black_box([rows_clean as *const ()]);
}
