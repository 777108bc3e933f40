//! Loop kernels against their ordinary functions, and with hoisted bounds against checked ones.

use std::panic::{AssertUnwindSafe, catch_unwind};

use ndarray::{Array, Array2, s};
use proptest::prelude::*;
use tenfold_kernel::{
    Error, ErrorKind, Int, Isa, Real, View2, ViewMut2, kernel, ndarray, with_isa,
};

use crate::elementwise::on_every_isa;

/// The same function with a check for each access, and with hoisted checks.
macro_rules! both {
    ($($checked:ident, $hoisted:ident, $args:tt [$($returns:tt)*] $body:tt)*) => {$(
        #[kernel(loop)]
        fn $checked $args $($returns)* $body
        #[kernel(loop, bounds = hoist)]
        fn $hoisted $args $($returns)* $body
    )*};
}

both! {
    smooth, smooth_hoisted, (x: &[f64], start: usize, end: usize, out: &mut [f64]) [] {
        for i in start..end { out[i] = 0.5 * (x[i - 1] + x[i + 1]); }
    }
    decay, decay_hoisted, (x: &[f64], start: usize, end: usize, out: &mut [f64]) [] {
        for i in start..end { out[i] = 0.5 * out[i - 1] + x[i]; }
    }
    back, back_hoisted, (x: &[f64], shift: usize, end: usize, out: &mut [f64]) [] {
        for i in (0..=end).rev() { out[i] += x[i + shift]; }
    }
    steps, steps_hoisted, (x: &[f64], step: usize, end: usize, out: &mut [f64]) [-> usize] {
        let mut count = 0;
        for i in (1..end).step_by(step) {
            if x[i] < 0.0 { continue; }
            out[i - 1] = 2.0 * x[i];
            count += 1;
        }
        count
    }
    back_steps, back_steps_hoisted, (x: &[f64], step: usize, end: usize, out: &mut [f64]) [-> f64] {
        let mut last = 0.0;
        for i in (1..=end).rev().step_by(step) { last = x[i]; out[i] -= last; }
        last
    }
    convolve, convolve_hoisted, (x: &[f64], taps: usize, end: usize, out: &mut [f64]) [] {
        for i in 0..end {
            out[i] = 0.0;
            for j in 0..taps { out[i] += x[i + j] * x[taps - j]; }
        }
    }
    inside, inside_hoisted, (x: &[f64], start: usize, end: usize, out: &mut [f64]) [] {
        for i in start..end { if i > 0 && i < x.len() && i < out.len() { out[i] -= x[i - 1]; } }
    }
    jumps, jumps_hoisted, (x: &[f64], start: usize, end: usize, out: &mut [f64]) [-> usize] {
        let mut seen = 0;
        'rows: for i in start..end {
            for j in i..end {
                seen += 1;
                if x[j] > 6.0 { continue 'rows; }
                if out[i] > 12.0 { break 'rows; }
                out[i] += x[j].abs();
            }
            if i == 9 { return 1000 + seen; }
        }
        seen
    }
    points, points_hoisted, (x: &[f64], k: usize, end: usize, out: &mut [f64]) [] {
        for i in 0..end { out[k] += x[i]; out[0] = x[end - 1] - x[0]; }
    }
    shadows, shadows_hoisted, (x: &[f64], start: usize, end: usize, out: &mut [f64]) [] {
        for i in start..end {
            let k = i + 1;
            let i = 2;
            for j in 0..i { out[j] += x[k + j]; }
            for j in 0..i { let x = j; out[x] += 1.0; }
        }
    }
    whiles, whiles_hoisted, (x: &[f64], start: usize, end: usize, out: &mut [f64]) [-> usize] {
        let mut rounds = 0;
        while rounds < 2 {
            let mut k = start;
            loop {
                if k >= end { break; }
                for i in k..k + 2 { out[i] += x[i] + x[k]; }
                k += 1 + x.len() / 8;
            }
            rounds += 1;
        }
        rounds * (end << 1) % 7
    }
}

/// Kernels as function pointers.
macro_rules! calls {
    ($Call:ty: $checked:ident, $hoisted:ident) => {{
        let calls: [$Call; 2] = [
            |x, a, b, out| $checked::call(x, a, b, out),
            |x, a, b, out| $hoisted::call(x, a, b, out),
        ];
        calls
    }};
    ($checked:ident, $hoisted:ident) => {{
        let calls: [MatrixCall; 2] =
            [|u, out| $checked::call(u, out), |u, out| $hoisted::call(u, out)];
        calls
    }};
}

type MatrixCall = fn(&Array2<f64>, &mut Array2<f64>) -> Result<(), Error>;
type Call<R> = fn(&Vec<f64>, usize, usize, &mut Vec<f64>) -> Result<R, Error>;

/// Both kernels give what the ordinary function gives, or the same error in the same place where
/// that panics.
fn compare<R: PartialEq + std::fmt::Debug>(
    calls: [Call<R>; 2],
    ordinary: fn(&[f64], usize, usize, &mut [f64]) -> R,
    (x, a, b, out): (&Vec<f64>, usize, usize, &Vec<f64>),
) {
    let mut expected = out.clone();
    let value = catch_unwind(AssertUnwindSafe(|| ordinary(x, a, b, &mut expected))).ok();
    on_every_isa(|| {
        for call in calls {
            let mut got = out.clone();
            let result = call(x, a, b, &mut got);
            assert_eq!(got, expected);
            match (&value, &result) {
                (Some(value), Ok(result)) => assert_eq!(value, result),
                (None, Err(error)) => assert_eq!(error.kind(), ErrorKind::Bounds),
                other => panic!("{other:?}"),
            }
        }
    });
    let [checked, hoisted] = calls.map(|call| call(x, a, b, &mut out.clone()).err());
    assert_eq!(checked, hoisted);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn hoisting_changes_nothing(
        x in prop::collection::vec(-9_i8..9, 0..24),
        out in prop::collection::vec(-9_i8..9, 0..24),
        a in 0_usize..12,
        b in 0_usize..26,
    ) {
        let quiet = std::panic::take_hook();
        std::panic::set_hook(Box::new(|_| {}));
        let [x, out] = [x, out].map(|v| v.into_iter().map(f64::from).collect::<Vec<f64>>());
        let case = (&x, a, b, &out);
        macro_rules! each {
            ($($checked:ident $hoisted:ident)*) => {$(
                compare(calls!(Call<_>: $checked, $hoisted), $checked, case);
            )*};
        }
        each! { smooth smooth_hoisted decay decay_hoisted back back_hoisted
            convolve convolve_hoisted inside inside_hoisted jumps jumps_hoisted
            points points_hoisted shadows shadows_hoisted whiles whiles_hoisted }
        let case = (&x, a + 1, b, &out);
        compare(calls!(Call<_>: steps, steps_hoisted), steps, case);
        compare(calls!(Call<_>: back_steps, back_steps_hoisted), back_steps, case);
        std::panic::set_hook(quiet);
    }
}

both! {
    heat, heat_hoisted, (u: View2<f64>, out: ViewMut2<f64>) [] {
        for i in 1..u.nrows() - 1 {
            for j in 1..u.ncols() - 1 {
                out[[i, j]] = u[[i, j]]
                    + 0.1 * (u[[i - 1, j]] + u[[i + 1, j]] + u[[i, j - 1]] + u[[i, j + 1]]);
            }
        }
    }
    turn, turn_hoisted, (u: View2<f64>, out: ViewMut2<f64>) [] {
        for i in 0..u.nrows() { for j in 0..u.ncols() { out[[j, i]] += u[[i, j]]; } }
    }
    sums, sums_hoisted, (u: View2<f64>, out: ViewMut2<f64>) [] {
        for i in 0..u.nrows() { for j in 0..u.ncols() { out[[i, 0]] += u[[i, j]]; } }
    }
}

#[test]
fn matrices_are_walked() {
    for (rows, cols) in [(2, 2), (3, 3), (5, 7), (13, 4), (31, 33)] {
        let u = Array::from_shape_fn((rows, cols), |(i, j)| (i * 7 + j * 3 % 5) as f64);
        let mut expected = Array2::from_elem((rows, cols), 0.5);
        heat(u.view(), expected.view_mut());
        let mut turned = Array2::zeros((cols, rows));
        turn(u.view(), turned.view_mut());
        let mut added = Array2::ones((rows, 1));
        sums(u.view(), added.view_mut());
        on_every_isa(|| {
            for call in calls!(heat, heat_hoisted) {
                let mut out = Array2::from_elem((rows, cols), 0.5);
                call(&u, &mut out).unwrap();
                assert_eq!(out, expected);
            }
            for call in calls!(turn, turn_hoisted) {
                let mut out = Array2::zeros((cols, rows));
                call(&u, &mut out).unwrap();
                assert_eq!(out, turned);
            }
            for call in calls!(sums, sums_hoisted) {
                let mut out = Array2::ones((rows, 1));
                call(&u, &mut out).unwrap();
                assert_eq!(out, added);
            }
        });
    }
}

#[test]
fn an_index_outside_of_a_matrix_is_an_error() {
    let u = Array2::<f64>::zeros((3, 5));
    for call in calls!(turn, turn_hoisted) {
        let error = call(&u, &mut Array2::zeros((5, 2))).unwrap_err();
        let message = "index (0, 2) of argument `out` is out of range for its shape (5, 2)";
        assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::Bounds, message));
    }
    let error = heat::call(&Array2::zeros((0, 5)), &mut Array2::zeros((0, 5))).unwrap_err();
    let message = "index (1, 1) of argument `u` is out of range for its shape (0, 5)";
    assert_eq!(error.to_string(), message);
}

#[test]
fn an_index_outside_is_an_error() {
    let x = vec![1.0; 6];
    let mut out = vec![0.0; 5];
    for call in calls!(Call<()>: decay, decay_hoisted) {
        let error = call(&x, 1, 6, &mut out).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Bounds);
        let message = "index 5 of argument `out` is out of range for its length 5";
        assert_eq!(error.to_string(), message);
        let error = call(&x, 0, 6, &mut out).unwrap_err();
        let message = "index -1 of argument `out` is out of range for its length 5";
        assert_eq!(error.to_string(), message);
    }
}

#[kernel(loop, wraparound = on)]
fn ends(x: &mut [i64], n: i32) -> i64 {
    x[-1] += x[n];
    x[n] <<= 3;
    x[-1]
}

#[kernel(loop, wraparound = on, bounds = hoist)]
fn differences(x: &[i64], out: &mut [i64]) {
    for i in 0..x.len() {
        out[i] = x[i] - x[i - 1];
    }
}

#[test]
fn explains_itself() {
    let explain = ends::explain();
    assert_eq!((explain.isa, explain.lanes, explain.threads), (Isa::detect(), 1, 1));
    assert_eq!(explain.stores, None);
    assert_eq!(explain.to_string(), format!("ends: {}, as it is written; one thread", explain.isa));
}

#[test]
fn negative_indices_count_from_the_end() {
    let mut x = vec![1, 2, 3];
    assert_eq!(ends::call(&mut x, -2), Ok(5));
    assert_eq!(x, [1, 16, 5]);
    assert_eq!(ends(&mut [1, 2, 3], -2), 5);
    let error = ends::call(&mut x, -4).unwrap_err();
    let message = "index -4 of argument `x` is out of range for its length 3";
    assert_eq!(error.to_string(), message);
    let mut out = [0; 4];
    differences::call(&[1, 4, 9, 16], &mut out).unwrap();
    assert_eq!(out, [-15, 3, 5, 7]);
    differences(&[1, 4, 9, 16], &mut out);
    assert_eq!(out, [-15, 3, 5, 7]);
}

#[kernel(loop, division = error)]
fn ratios(x: &[i32], y: &[i32], out: &mut [i32]) -> usize {
    for i in 0..x.len() {
        out[i] = x[i] / y[i];
        out[i] %= y[i];
    }
    out.len() / x.len()
}

#[kernel(loop)]
fn quotients(x: &[i32], y: &[i32], out: &mut [i32]) -> usize {
    for i in 0..x.len() {
        out[i] = x[i] / y[i];
    }
    out.len() % (x.len() - 3)
}

#[test]
fn a_zero_divisor_is_an_error_if_the_kernel_says_so() {
    let mut out = [7; 3];
    assert_eq!(ratios::call(&[7, -8, 9], &[2, 3, 4], &mut out), Ok(1));
    assert_eq!(out, [1, -2, 2]);
    let error = ratios::call(&[1, 2, 3], &[1, 0, 1], &mut out).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DivisionByZero);
    let message = "a divisor was zero, and the kernel says `division = error`";
    assert_eq!(error.to_string(), message);
    assert_eq!(ratios::call(&[], &[], &mut out).unwrap_err().kind(), ErrorKind::DivisionByZero);
    assert_eq!(quotients::call(&[1, i32::MIN, 3], &[0, -1, 2], &mut out), Ok(0));
    assert_eq!(out, [0, i32::MIN, 1]);
}

#[kernel(loop, math = contract, bounds = hoist)]
fn axpy(a: f64, x: &[f64], y: &[f64], out: &mut [f64]) {
    for i in 0..out.len() {
        out[i] = a * x[i] + y[i];
        out[i] -= x[i] * y[i];
    }
}

#[kernel(loop, bounds = hoist)]
fn fused(a: f64, x: &[f64], out: &mut [f64]) {
    for i in 0..out.len() {
        out[i] = x[i].mul_add(a, 1.0) + x[i].exp() - x[i].abs().sqrt().ln_1p();
    }
}

#[test]
fn sums_of_products_are_contracted_where_that_is_an_instruction() {
    let x: Vec<f64> = (0..37).map(|i| 1.0 + f64::from(i) / 7.0).collect();
    let y: Vec<f64> = (0..37).map(|i| 0.1 - f64::from(i) / 3.0).collect();
    for isa in Isa::ALL.into_iter().filter(|isa| isa.is_available()) {
        let mut out = vec![0.0; 37];
        with_isa(isa, || axpy::call(1.1, &x, &y, &mut out)).unwrap();
        for i in 0..37 {
            let expected = if isa == Isa::Baseline && cfg!(target_arch = "x86_64") {
                1.1 * x[i] + y[i] - x[i] * y[i]
            } else {
                (-x[i]).mul_add(y[i], 1.1_f64.mul_add(x[i], y[i]))
            };
            assert_eq!(out[i].to_bits(), expected.to_bits(), "{isa} {i}");
        }
    }
}

#[test]
fn functions_give_the_bits_of_the_ordinary_function() {
    let x: Vec<f64> = (0..53).map(|i| f64::from(i * i) / 97.0 - 13.0).collect();
    let mut expected = vec![0.0; 53];
    fused(1.3, &x, &mut expected);
    on_every_isa(|| {
        let mut out = vec![0.0; 53];
        fused::call(1.3, &x, &mut out).unwrap();
        assert!(out.iter().zip(&expected).all(|(a, b)| a.to_bits() == b.to_bits()));
    });
}

#[kernel(loop, for = [f32, f64])]
fn dot<T: Real>(x: &[T], y: &[T], scale: f64) -> (T, usize) {
    let mut sum = T::from_f64(0.0);
    for i in 0..x.len() {
        sum += x[i] * y[i];
    }
    (sum * (scale as T) / (x.len() as T), x.len())
}

#[kernel(loop, for = [u8, i64])]
fn pick<T: Int>(x: &[T], at: &[T], out: &mut [T]) {
    for i in 0..at.len() {
        out[i] = x[at[i] as usize] << i;
    }
}

#[kernel(loop)]
fn gather(x: &[f32], at: &[usize], keep: &[bool], out: &mut [f32]) {
    for i in 0..at.len() {
        if keep[i] {
            out[at[i].min(9)] += x[i];
        }
    }
}

#[test]
fn kernels_take_several_types() {
    assert_eq!(dot::call(&[1.0_f32, 2.0], &[3.0, 4.0], 2.0), Ok((11.0, 2)));
    assert_eq!(dot::call(&vec![1.0, 2.0], &Array::from(vec![3.0, 4.0]), 1.0), Ok((5.5, 2)));
    let mut out = [0_u8; 3];
    pick::call(&[5, 6, 255], &[2, 0, 1], &mut out).unwrap();
    assert_eq!(out, [255, 10, 24]);
    let error = pick::call(&[5_i64, 6], &[-1], &mut [0]).unwrap_err();
    let message = "index -1 of argument `x` is out of range for its length 2";
    assert_eq!(error.to_string(), message);
    let mut out = [0.0; 3];
    gather::call(&[1.0, 2.0, 4.0], &[2, 0, 2], &[true, false, true], &mut out).unwrap();
    assert_eq!(out, [0.0, 0.0, 5.0]);
}

#[kernel(loop)]
fn total(x: &[f64]) -> f64 {
    let mut sum = 0.0;
    for i in 0..x.len() {
        sum += x[i];
    }
    sum
}

#[kernel(loop)]
fn trace(a: View2<f64>) -> f64 {
    let mut sum = 0.0;
    for i in 0..a.nrows().min(a.ncols()) {
        sum += a[[i, i]];
    }
    sum
}

#[test]
fn arguments_lie_one_after_another() {
    let x = Array::from_iter((0..10).map(f64::from));
    assert_eq!(total::call(&x.slice(s![2..5])), Ok(9.0));
    assert_eq!(total::call(x.view()), Ok(45.0));
    assert_eq!(total::call(&x.as_slice().unwrap()[..3]), total::call(&[0.0, 1.0, 2.0]));
    let error = total::call(x.slice(s![..; 2])).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Argument);
    let message = "the elements of argument `x` do not lie one after another, row by row; copy it \
                   with `as_standard_layout`";
    assert_eq!(error.to_string(), message);
    assert!(total::call(x.slice(s![..; -1])).is_err());
    let a = x.into_shape_with_order((2, 5)).unwrap();
    assert_eq!(trace::call(&a), Ok(6.0));
    assert!(trace::call(a.t()).is_err());
    assert_eq!(trace(a.t()), 6.0);
}

#[test]
fn sums_keep_the_order_as_written() {
    let x: Vec<f64> = (0..1000).map(|i| 1.0 / f64::from(i + 1)).collect();
    let expected = x.iter().fold(0.0, |sum, x| sum + x);
    on_every_isa(|| assert_eq!(total::call(&x), Ok(expected)));
}

#[test]
fn a_step_of_zero_is_an_error() {
    let message = "a loop with a step of 0 never ends";
    for call in calls!(Call<usize>: steps, steps_hoisted) {
        let error = call(&vec![1.0], 0, 9, &mut vec![1.0]).unwrap_err();
        assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::Argument, message));
    }
}

#[kernel(loop, bounds = hoist)]
fn whole(x: &[f64], end: usize) -> f64 {
    let mut last = 0.0;
    for i in 0..=end {
        last = x[i] + x[0];
        if i == 3 {
            return last;
        }
    }
    last
}

#[test]
fn ranges_to_the_last_number_are_whole() {
    assert_eq!(whole::call(&[1.0, 2.0, 3.0, 4.0], usize::MAX), Ok(5.0));
    assert!(whole::call(&[1.0, 2.0], usize::MAX).is_err());
}

#[kernel(loop, bounds = unchecked)]
unsafe fn unchecked(x: &[f64], a: View2<f64>, out: &mut [f64]) {
    for i in 0..out.len() {
        out[i] = x[i] + a[[0, i]];
    }
}

#[test]
fn unchecked_kernels_are_unsafe_to_call() {
    let mut out = [0.0; 3];
    let a = Array2::ones((1, 3));
    // SAFETY: all arguments have three columns.
    unsafe { unchecked::call(&[1.0, 2.0, 3.0], &a, &mut out) }.unwrap();
    assert_eq!(out, [2.0, 3.0, 4.0]);
    // SAFETY: as above.
    unsafe { unchecked(&[1.0, 2.0, 3.0], a.view(), &mut out) };
    assert_eq!(out, [2.0, 3.0, 4.0]);
}
