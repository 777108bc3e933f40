//! The texts, without a device, and what they compute, on one.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "numbers become those of the type under test, and counts are small"
)]

mod accuracy;
mod device;
mod exact;
mod points;
mod reference;

use super::{FILES, FUNCTIONS, texts, texts_beside};
use crate::built_in;

/// What the kernels of one number for a type want.
macro_rules! needs {
    ($T:ty: $($name:ident)*) => {[$({
        #[tenfold_kernel::kernel]
        fn f(x: $T) -> $T { x.$name() }
        <f as tenfold_kernel::Kernel<$T>>::SOURCE.portable().unwrap().needs
    }),*]};
}

/// And those of two, the second of which has a type.
macro_rules! needs_of_two {
    ($T:ty, $Y:ty: $($name:ident)*) => {[$({
        #[tenfold_kernel::kernel]
        fn f(x: $T, y: $Y) -> $T { x.$name(y) }
        <f as tenfold_kernel::Kernel<$T>>::SOURCE.portable().unwrap().needs
    }),*]};
}

/// And those that count bits.
macro_rules! needs_of_bits {
    ($($T:ty),*) => {[$({
        #[tenfold_kernel::kernel]
        fn f(x: $T) -> u32 { x.count_ones() + x.leading_zeros() + x.trailing_zeros() }
        <f as tenfold_kernel::Kernel<u32>>::SOURCE.portable().unwrap().needs
    }),*]};
}

#[test]
fn every_text_is_valid() {
    for file in FILES {
        assert!(file.ends_with("\n}\n") && !file.contains("\t"), "{file}");
    }
    let heads = FILES.iter().map(|file| file.matches("\nfn ").count());
    assert_eq!(heads.sum::<usize>(), FUNCTIONS.len());
    for (name, of) in FUNCTIONS.iter() {
        assert!(of.calls.iter().all(|called| FUNCTIONS.contains_key(called)), "{name}");
        let (name, ty) = name.strip_prefix("tenfold_").unwrap().rsplit_once('_').unwrap();
        device::validate(&texts([(name, ty)]).unwrap());
    }
    device::validate(&FILES.concat());
}

#[test]
fn whatever_kernels_want_is_there() {
    let of_floats = [
        &needs! { f32: exp exp2 exp_m1 ln ln_1p log2 log10 sin cos tan asin acos atan sinh cosh tanh
        rsqrt cbrt erf sqrt floor ceil round round_ties_even trunc fract recip abs signum }[..],
        &needs! { f64: exp exp2 exp_m1 ln ln_1p log2 log10 sin cos tan asin acos atan sinh cosh tanh
        rsqrt cbrt erf sqrt floor ceil round round_ties_even trunc fract recip abs signum },
        &needs_of_two! { f32, f32: atan2 powf hypot copysign min max },
        &needs_of_two! { f64, f64: atan2 powf hypot copysign min max },
        &needs_of_two! { f32, i32: powi },
        &needs_of_two! { f64, i32: powi },
    ];
    let of_integers = [
        &needs_of_two! { i32, i32: rem_euclid div_euclid min max }[..],
        &needs_of_two! { u32, u32: rem_euclid div_euclid min max },
        &needs_of_two! { i64, i64: rem_euclid div_euclid min max },
        &needs_of_two! { u64, u64: rem_euclid div_euclid min max },
        &needs_of_two! { i64, u32: pow rotate_left rotate_right },
        &needs_of_bits! { i32, u32, i64, u64 },
    ];
    let all = of_floats.iter().chain(&of_integers).flat_map(|needs| needs.iter());
    let all: Vec<(&str, &str)> = all.flat_map(|needs| needs.iter().copied()).collect();
    assert!(all.contains(&("exp", "f64")) && all.contains(&("trailing_zeros", "i64")));
    for (name, ty) in &all {
        assert!(texts([(*name, *ty)]).is_ok(), "{name} of {ty}");
    }
    device::validate(&texts(all).unwrap());
}

#[test]
fn each_text_is_there_once_and_what_is_missing_is_named() {
    let text = texts([("exp", "f64"), ("sinh", "f64"), ("exp", "f64")]).unwrap();
    for name in ["exp", "sinh", "scale", "rest"] {
        assert_eq!(text.matches(&format!("fn tenfold_{name}_f64(")).count(), 1, "{name}");
    }
    assert!(!text.contains("f32"));
    assert_eq!(texts([]), Ok(String::new()));
    let missing = [("gamma", "f64"), ("exp", "i32"), ("", ""), ("exp_f64", ""), ("sin", "F64")];
    for (name, ty) in missing {
        assert_eq!(texts([("sin", "f32"), (name, ty)]), Err((name, ty)));
    }
}

#[test]
fn texts_are_added_to_those_that_are_there() {
    let there = texts([("exp", "f64")]).unwrap();
    let more = texts_beside([("exp", "f64"), ("sinh", "f64")], &there).unwrap();
    assert!(!more.contains("fn tenfold_exp_f64(") && more.contains("fn tenfold_sinh_f64("));
    device::validate(&(there.clone() + &more));
    assert_eq!(texts_beside([("exp", "f64")], &there), Ok(String::new()));
    assert_eq!(texts_beside([("exp", "")], &there), Err(("exp", "")));
}

#[test]
fn no_text_calls_what_it_stands_in_for() {
    assert!(built_in::places(&device::validate(&FILES.concat()), true).is_empty());
}
