//! Indices that the compiler has to check, and twins where it has not.

use std::hint::black_box;

#[inline(never)]
pub fn gather(v: &[f64], at: &[usize], out: &mut [f64]) {
    for (out, i) in out.iter_mut().zip(at) {
        *out = v[*i]; //~ bounds
    }
}

#[inline(never)]
pub fn three_arrays(n: usize, out: &mut [f64], a: &[f64], b: &[f64]) {
    for i in 0..n {
        out[i] = a[i] + b[i]; //~ bounds scalar?
    }
}

#[inline(never)]
pub fn neighbours(out: &mut [f64], v: &[f64]) {
    for i in 1..v.len() - 1 {
        out[i] = v[i - 1] + v[i + 1]; //~ bounds scalar?
    }
}

#[inline(never)]
pub fn strided(v: &[f64], n: usize) -> f64 {
    let mut total = 0.0;
    for i in 0..n {
        total += v[3 * i]; //~ scalar bounds
    }
    total
}

#[inline(never)]
pub fn histogram(bytes: &[u8], counts: &mut [u32]) {
    for byte in bytes {
        counts[usize::from(*byte)] += 1; //~ bounds
    }
}

#[inline(never)]
pub fn table_too_small(v: &mut [u16], table: &[u16; 256]) {
    for x in v {
        *x = table[usize::from(*x)]; //~ bounds
    }
}

#[inline(never)]
pub fn ranges(v: &[u64], starts: &[usize]) -> u64 {
    let mut total = 0;
    for start in starts {
        let part = &v[*start..*start + 2]; //~ bounds
        total += part[0] ^ part[1];
    }
    total
}

#[inline(never)]
pub fn tails(v: &[u64], starts: &[usize]) -> usize {
    let mut total = 0;
    for start in starts {
        total ^= v[*start..].len(); //~ bounds
    }
    total
}

#[inline(never)]
pub fn swaps(v: &mut [u32], pairs: &[(usize, usize)]) {
    for (a, b) in pairs {
        v.swap(*a, *b); //~ bounds
    }
}

#[inline(never)]
pub fn copies(rows: &mut [[u8; 64]], sources: &[&[u8]]) {
    for (row, source) in rows.iter_mut().zip(sources) {
        row.copy_from_slice(source); //~ bounds
    }
}

#[inline(never)]
pub fn texts(text: &str, at: &[usize]) -> usize {
    let mut total = 0;
    for i in at {
        total += text[*i..].len(); //~ bounds
    }
    total
}

#[inline(never)]
pub fn permuted(v: &[u64], order: &[u32]) -> u64 {
    order.iter().map(|i| v[*i as usize]).fold(0, |a, b| a ^ b) //~ bounds
}

// Clean, or pale, from here on.

#[inline(never)]
pub fn once(v: &[f64], i: usize) -> f64 {
    v[i] //~ pale bounds
}

#[inline(never)]
pub fn cut_before(n: usize, out: &mut [f64], a: &[f64], b: &[f64]) {
    let out = &mut out[..n]; //~ pale bounds
    let a = &a[..n]; //~ pale bounds
    let b = &b[..n]; //~ pale bounds
    for i in 0..n {
        out[i] = a[i] - b[i];
    }
}

#[inline(never)]
pub fn zipped(out: &mut [f64], a: &[f64], b: &[f64]) {
    for ((out, a), b) in out.iter_mut().zip(a).zip(b) {
        *out = a * b;
    }
}

#[inline(never)]
pub fn windows(out: &mut [f64], v: &[f64]) {
    for (out, three) in out.iter_mut().zip(v.windows(3)) {
        *out = three[0] + three[2];
    }
}

#[inline(never)]
pub fn histogram_sized(bytes: &[u8], counts: &mut [u32; 256]) {
    for byte in bytes {
        counts[usize::from(*byte)] += 1;
    }
}

#[inline(never)]
pub fn table_masked(v: &mut [u16], table: &[u16; 256]) {
    for x in v {
        *x = table[usize::from(*x & 255)];
    }
}

#[inline(never)]
pub fn gather_or_none(v: &[u64], at: &[usize]) -> u64 {
    at.iter().map(|i| v.get(*i).copied().unwrap_or(7)).fold(0, |a, b| a ^ b)
}

#[inline(never)]
pub fn every_third(v: &[u64], out: &mut [u64]) {
    for (out, three) in out.iter_mut().zip(v.chunks_exact(3)) {
        *out = three[0] ^ three[2];
    }
}

#[inline(never)]
pub fn own_length(v: &mut [u64]) {
    for i in 0..v.len() {
        v[i] ^= 0x55;
    }
}

fn main() {
    black_box([gather as *const (), three_arrays as *const (), neighbours as *const ()]);
    black_box([strided as *const (), histogram as *const (), table_too_small as *const ()]);
    black_box([ranges as *const (), tails as *const (), swaps as *const ()]);
    black_box([copies as *const (), texts as *const (), permuted as *const ()]);
    black_box([once as *const (), cut_before as *const (), zipped as *const ()]);
    black_box([windows as *const (), histogram_sized as *const (), table_masked as *const ()]);
    black_box([gather_or_none as *const (), every_third as *const (), own_length as *const ()]);
}
