//! The same bits with all instruction sets.

use ndarray::{Dimension, Ix2, s};
use num_complex::Complex;
use tenfold_array::{Array, Element, Settings};
use tenfold_kernel::{Isa, with_isa};

type Lazy<T> = Array<T, Ix2>;

/// The elements of an array. What prints alike has the same bits, but for those of NaN, which Rust leaves open.
fn printed<T: Element, D: Dimension>(array: &Array<T, D>) -> String {
    // One thread is the calling one, whose instructions `with_isa` chooses.
    let computed = Settings::new().threads(1).compute(array).unwrap();
    format!("{:?}", computed.iter().collect::<Vec<_>>())
}

/// That results are the same with all instruction sets that the machine has.
fn check(what: &str, results: impl Fn() -> Vec<String>) {
    let expected = with_isa(Isa::Baseline, &results);
    for isa in Isa::ALL.into_iter().filter(|isa| isa.is_available()) {
        for (at, (found, expected)) in with_isa(isa, &results).iter().zip(&expected).enumerate() {
            assert!(found == expected, "result {at} of {what} with {isa}");
        }
    }
}

/// Two arrays in chunks whose rows fill no whole vectors.
fn pair<T: Element>(of: impl Fn(usize) -> T + Copy + Send + Sync + 'static) -> (Lazy<T>, Lazy<T>) {
    let array = |times: usize| {
        Array::from_fn([67, 331], [40, 300], move |index| {
            of((index[0] * 331 + index[1]).wrapping_mul(times) % 7919)
        })
    };
    (array(1), array(31))
}

/// What all elements have.
macro_rules! any_elements {
    ($x:ident, $y:ident) => {
        vec![
            printed(&$x.equal(&$y)),
            printed(&$x.equal(&$y).where_(&$x, &$y)),
            printed(&$x.slice(s![..;3, ..;2])),
            printed(&$x.slice(s![..;-2, ..;-3])),
            printed(&$x.slice(s![.., ..;-1]).t()),
            printed(&$x.any_axis(0)),
            printed(&$x.all_axis(1)),
            printed(&$x.count_nonzero()),
            printed(&$x.count_nonzero_axis(1)),
            printed(&$x.astype::<u8>()),
            printed(&$x.astype::<i64>()),
            printed(&$x.astype::<f32>()),
            printed(&$x.astype::<bool>().astype::<f64>()),
            printed(&$x.sum()),
            printed(&$x.sum_axis(0)),
            printed(&$x.sum_axis(1)),
            printed(&$x.prod_axis(1)),
            printed(&$x.mean_axis(0)),
            printed(&$x.mean_axis(1)),
            printed(&$x.nanmean_axis(1)),
        ]
    };
}

macro_rules! numbers {
    ($x:ident, $y:ident) => {
        vec![
            printed(&(&$x + &$y)),
            printed(&(&$x - &$y)),
            printed(&(&$x * &$y)),
            printed(&(&$x / &$y)),
            printed(&-&$x),
            printed(&(&$x + &$y.slice(s![.., ..;-1]))),
            printed(&$x.abs()),
            printed(&$x.sign()),
            printed(&$x.square()),
        ]
    };
}

macro_rules! ordered {
    ($x:ident, $y:ident) => {
        vec![
            printed(&$x.less(&$y)),
            printed(&$x.minimum(&$y)),
            printed(&$x.fmax(&$y)),
            printed(&$x.max()),
            printed(&$x.min_axis(0)),
            printed(&$x.nanmax_axis(1)),
            printed(&$x.argmax()),
            printed(&$x.argmin_axis(1)),
            printed(&$x.nanargmin_axis(0)),
            printed(&$x.nanargmax_axis(1)),
            printed(&$x.var_axis(0, 0.0)),
            printed(&$x.std_axis(1, 1.0)),
        ]
    };
}

macro_rules! integers {
    ($($T:ident),*) => {$(
        #[test]
        fn $T() {
            let (x, y) = pair(|i| i.wrapping_mul(0x9E37_79B9_7F4A_7C15) as $T);
            check(stringify!($T), || {
                let mut found = any_elements!(x, y);
                found.extend(numbers!(x, y));
                found.extend(ordered!(x, y));
                found.extend([printed(&(&x % &y)), printed(&(&x & &y)), printed(&(&x << (&y & 7)))]);
                found
            });
        }
    )*};
}
integers!(i8, i16, i32, i64, u8, u16, u32, u64);

macro_rules! floats {
    ($($T:ident),*) => {$(
        #[test]
        fn $T() {
            // Infinities, NaN, zeros of both signs, the smallest and the largest, and numbers of all sizes between.
            let (x, y) = pair(|i| match i {
                0 => -0.0,
                17 => $T::INFINITY,
                23 => $T::NEG_INFINITY,
                31 => $T::MAX,
                37 => $T::MIN_POSITIVE / 4.0,
                i if i % 509 == 0 => $T::NAN,
                i => (i as $T - 4000.0) / 3.0 * (2.0 as $T).powi(i as i32 % 11),
            });
            check(stringify!($T), || {
                let mut found = any_elements!(x, y);
                found.extend(numbers!(x, y));
                found.extend(ordered!(x, y));
                found.extend([&x % &y, x.sqrt(), x.floor(), x.round(), x.exp(), x.tanh()].iter().map(printed));
                found.extend([printed(&((&x * 3.0 + &y) / 7.0 - &x * &y).sum()), printed(&x.clip(-9.0, 9.0))]);
                found
            });
        }
    )*};
}
floats!(f32, f64);

#[test]
fn bools() {
    let (x, y) = pair(|i| i % 3 == 0);
    check("bool", || {
        let mut found = any_elements!(x, y);
        found.extend([
            printed(&(&x & &y)),
            printed(&(&x ^ &y)),
            printed(&!&x),
            printed(&x.argmax()),
        ]);
        found
    });
}

#[test]
fn complex_numbers() {
    let (x, y) = pair(|i| Complex::new(i as f64 / 3.0 - 1000.0, (i % 17) as f64));
    check("complex128", || {
        let mut found = any_elements!(x, y);
        found.extend(numbers!(x, y));
        found
    });
    let (x, y) = pair(|i| Complex::new(i as f32 / 3.0 - 1000.0, (i % 17) as f32));
    check("complex64", || {
        let mut found = any_elements!(x, y);
        found.extend(numbers!(x, y));
        found
    });
}
