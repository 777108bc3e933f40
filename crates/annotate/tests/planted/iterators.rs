//! Closures that run inside the standard library's loops: the place is the closure's.

use std::hint::black_box;

#[inline(never)]
pub fn for_each_check(v: &[u64], places: &[usize], out: &mut [u64]) {
    out.iter_mut().zip(places).for_each(|(out, i)| {
        *out = v[*i]; //~ bounds
    });
}

#[inline(never)]
pub fn fold_sum(v: &[f64]) -> f64 {
    v.iter().fold(0.0, |total, x| {
        total + x * 0.5 //~ scalar
    })
}

#[inline(never)]
pub fn map_libm(v: &mut [f64]) {
    v.iter_mut().filter(|x| **x > 0.0).for_each(|x| {
        *x = x.ln(); //~ call
    });
}

#[inline(never)]
pub fn any_panics(v: &[Option<u64>]) -> bool {
    v.iter().any(|x| {
        x.unwrap() == 5 //~ panic
    })
}

#[inline(never)]
pub fn flattened(rows: &[Vec<f64>]) -> f64 {
    rows.iter().flatten().fold(1.0, |total, x| {
        total * x //~ scalar
    })
}

#[inline(never)]
pub fn scanned(v: &mut [f64]) {
    let mut last = 0.0;
    v.iter_mut().for_each(|x| {
        last = last * 0.9 + *x; //~ scalar
        *x = last;
    });
}

#[inline(never)]
pub fn chunk_division(v: &mut [u64], by: &[u64]) {
    v.chunks_exact_mut(2).zip(by).for_each(|(pair, by)| {
        pair[0] /= by | 1; //~ div
    });
}

// Clean.

#[inline(never)]
pub fn for_each_clean(v: &mut [f64]) {
    v.iter_mut().for_each(|x| {
        *x = *x * *x + 1.0;
    });
}

#[inline(never)]
pub fn zipped_clean(v: &mut [f32], w: &[f32]) {
    v.iter_mut().zip(w).for_each(|(v, w)| *v = *v * 0.5 + *w);
}

#[inline(never)]
pub fn enumerated(v: &mut [u64]) {
    for (i, x) in v.iter_mut().enumerate() {
        *x ^= i as u64;
    }
}

#[inline(never)]
pub fn all_small(v: &[u64]) -> bool {
    v.iter().all(|x| *x < 1000)
}

#[inline(never)]
pub fn reversed(v: &mut [f64]) {
    for x in v.iter_mut().rev() {
        *x -= 0.25;
    }
}

#[inline(never)]
pub fn in_chunks(v: &mut [f64]) {
    for four in v.chunks_exact_mut(4) {
        four[0] += 1.0;
        four[1] += 1.0;
        four[2] += 1.0;
        four[3] += 1.0;
    }
}

fn main() {
    black_box([for_each_check as *const (), fold_sum as *const (), map_libm as *const ()]);
    black_box([any_panics as *const (), flattened as *const (), scanned as *const ()]);
    black_box([chunk_division as *const (), for_each_clean as *const ()]);
    black_box([zipped_clean as *const (), enumerated as *const (), all_small as *const ()]);
    black_box([reversed as *const (), in_chunks as *const ()]);
}
