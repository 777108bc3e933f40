//! Memory that is asked for again and again, in the open and behind a method, and twins that ask
//! once or never.

use std::collections::HashMap;
use std::hint::black_box;

#[inline(never)]
pub fn pushed(v: &[u64]) -> Vec<u64> {
    let mut out = Vec::new();
    for x in v {
        if *x != 3 {
            out.push(x ^ 1); //~ alloc
        }
    }
    out
}

#[inline(never)]
pub fn reserved_and_pushed(v: &[u64]) -> Vec<u64> {
    let mut out = Vec::with_capacity(v.len()); //~ pale alloc
    for x in v {
        out.push(x ^ 2); //~ alloc
    }
    out
}

#[inline(never)]
pub fn buffer_each(rows: &[[u64; 4]], n: usize) -> u64 {
    let mut total = 0;
    for row in rows {
        let mut buffer = vec![0; n]; //~ alloc panic?
        black_box(&mut buffer);
        total ^= row[0];
    } //~ alloc
    total
}

#[inline(never)]
pub fn boxes(v: &[u64]) {
    for x in v {
        black_box(Box::new(*x)); //~ alloc panic?
    }
}

#[inline(never)]
pub fn copies(rows: &[&[u64]]) {
    for row in rows {
        black_box(row.to_vec()); //~ alloc call? panic?
    }
}

#[inline(never)]
pub fn clones(rows: &[Vec<u8>], out: &mut [Vec<u8>]) {
    for (out, row) in out.iter_mut().zip(rows) {
        *out = row.clone(); //~ alloc call? panic?
    }
}

#[inline(never)]
pub fn formatted(v: &[u32]) -> usize {
    let mut total = 0;
    for x in v {
        total += format!("{x}").len(); //~ alloc|call
    }
    total
}

#[inline(never)]
pub fn strings(words: &[&str], out: &mut [String]) {
    for (out, word) in out.iter_mut().zip(words) {
        *out = (*word).to_owned(); //~ alloc call? panic?
    }
}

#[inline(never)]
pub fn collected(rows: &[[f64; 8]]) {
    for row in rows {
        black_box(row.iter().map(|x| x * 2.0).collect::<Vec<f64>>()); //~ alloc panic?
    }
}

#[inline(never)]
pub fn extended(rows: &[&[u8]]) -> Vec<u8> {
    let mut out = Vec::new();
    for row in rows {
        out.extend_from_slice(row); //~ alloc call?
    }
    out
}

#[inline(never)]
pub fn letters(text: &str) -> String {
    let mut out = String::new();
    for letter in text.bytes() {
        out.push(char::from(letter & 0x7f)); //~ alloc
    }
    out
}

#[inline(never)]
pub fn counted(v: &[u64]) -> HashMap<u64, u64> {
    let mut counts = HashMap::new();
    for x in v {
        *counts.entry(*x).or_insert(0) += 1; //~ alloc|call
    }
    counts
}

// Asked once, or never.

#[inline(never)]
pub fn collected_once(v: &[f64]) -> Vec<f64> {
    v.iter().map(|x| x * 3.0).collect() //~ pale alloc
}

#[inline(never)]
pub fn filled_once(v: &[f64], n: usize) -> Vec<f64> {
    let mut out = vec![0.0; n]; //~ pale alloc
    for (out, x) in out.iter_mut().zip(v) {
        *out = x + 3.0;
    }
    out
}

#[inline(never)]
pub fn given(v: &[f64], out: &mut [f64]) {
    for (out, x) in out.iter_mut().zip(v) {
        *out = x - 3.0;
    }
}

#[inline(never)]
pub fn one_box(v: u64) -> Box<u64> {
    Box::new(v) //~ pale alloc
}

#[inline(never)]
pub fn on_the_stack(rows: &[[u64; 4]], out: &mut [[u64; 4]]) {
    for (row, out) in rows.iter().zip(out) {
        let buffer = [row[3], row[2], row[1], row[0]];
        *out = buffer;
    }
}

fn main() {
    black_box([pushed as *const (), reserved_and_pushed as *const (), buffer_each as *const ()]);
    black_box([boxes as *const (), copies as *const (), clones as *const ()]);
    black_box([formatted as *const (), strings as *const (), collected as *const ()]);
    black_box([extended as *const (), letters as *const (), counted as *const ()]);
    black_box([collected_once as *const (), filled_once as *const (), given as *const ()]);
    black_box([one_box as *const (), on_the_stack as *const ()]);
}
