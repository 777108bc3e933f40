//! Functions of elements, against the same in a loop.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "quotients wrap, and casts lose what they lose"
)]

use ndarray::{Array1, Array2, ArrayD, Ix2, IxDyn, Zip, array, s};
use proptest::prelude::*;
use tenfold_array::{Array, Element, ErrorKind, Settings};

use crate::subjects::{Same, Subject, assert_close, assert_same, float, integer, pairs, subjects};

/// One of one array.
fn one<T: Element, R: Element + Same>(
    x: &Subject<T>,
    lazy: impl Fn(&Array<T, IxDyn>) -> Array<R, IxDyn>,
    plain: impl Fn(T) -> R,
) {
    assert_same(&lazy(&x.lazy), &x.plain.mapv(plain));
}

/// One of two arrays, and of an array and a number.
fn two<T: Element, R: Element + Same>(
    (x, y): &(Subject<T>, Subject<T>),
    number: T,
    lazy: impl Fn(&Array<T, IxDyn>, &Array<T, IxDyn>) -> Array<R, IxDyn>,
    with_number: impl Fn(&Array<T, IxDyn>, T) -> Array<R, IxDyn>,
    plain: impl Fn(T, T) -> R,
) {
    let expected = Zip::from(&x.plain).and(&y.plain).map_collect(|&x, &y| plain(x, y));
    assert_same(&lazy(&x.lazy, &y.lazy), &expected);
    assert_same(&with_number(&x.lazy, number), &x.plain.mapv(|x| plain(x, number)));
}

macro_rules! two {
    ($pair:expr, $number:expr, $name:ident, $plain:expr) => {
        two($pair, $number, |x, y| x.$name(y), |x, n| x.$name(n), $plain);
    };
    ($pair:expr, $number:expr, $op:tt) => {
        two($pair, $number, |x, y| x $op y, |x, n| x $op n, |x, y| x $op y);
    };
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn comparisons(pair in pairs(float), n in any::<u64>()) {
        let n = float(n);
        two!(&pair, n, less, |x, y| x < y);
        two!(&pair, n, less_equal, |x, y| x <= y);
        two!(&pair, n, greater, |x, y| x > y);
        two!(&pair, n, greater_equal, |x, y| x >= y);
        two!(&pair, n, equal, |x, y| x == y);
        two!(&pair, n, not_equal, |x, y| x != y);
    }

    #[test]
    fn bits_of_integers_and_bools(pair in pairs(integer), bools in pairs(|bits| bits % 2 == 0), n in any::<u64>()) {
        let n = integer(n);
        two!(&pair, n, &);
        two!(&pair, n, |);
        two!(&pair, n, ^);
        one(&pair.0, |x| !x, |x| !x);
        two!(&bools, true, &);
        two!(&bools, false, |);
        two!(&bools, true, ^);
        one(&bools.0, |x| !x, |x| !x);
        let shift = |x: i32, by: i32| u32::try_from(by).ok().and_then(|by| x.checked_shl(by)).unwrap_or(0);
        two(&pair, n, |x, y| x << y, |x, n| x << n, shift);
        let shift = |x: i32, by: i32| if (0..32).contains(&by) { x >> by } else { x >> 31 };
        two(&pair, n, |x, y| x >> y, |x, n| x >> n, shift);
    }

    #[test]
    fn whole_quotients(pair in pairs(integer), floats in pairs(float)) {
        // By the definition, in numbers that hold all of them.
        let floor = |x: i32, y: i32| match y {
            0 => 0,
            _ => (f64::from(x) / f64::from(y)).floor() as i64 as i32,
        };
        let rest = |x: i32, y: i32| match y {
            0 => 0,
            _ => x.wrapping_sub(floor(x, y).wrapping_mul(y)),
        };
        two!(&pair, -3, floor_div, floor);
        two!(&pair, 4, modulo, rest);
        two!(&pair, -4, rem_euclid, |x: i32, y: i32| if y == 0 { 0 } else { x.wrapping_rem_euclid(y) });
        two!(&floats, -2.5, rem_euclid, f64::rem_euclid);
        let sign = |x: f64, y: f64| { let r = x % y; if r != 0.0 && (r < 0.0) != (y < 0.0) { r + y } else { r } };
        two!(&floats, -2.5, modulo, sign);
    }

    #[test]
    fn lesser_and_greater(pair in pairs(float), ints in pairs(integer)) {
        let nan = |x: f64, y: f64, f: fn(f64, f64) -> f64| if x.is_nan() || y.is_nan() { f64::NAN } else { f(x, y) };
        two!(&pair, 1.0, minimum, |x, y| nan(x, y, f64::min));
        two!(&pair, 1.0, maximum, |x, y| nan(x, y, f64::max));
        two!(&pair, f64::NAN, fmin, f64::min);
        two!(&pair, f64::NAN, fmax, f64::max);
        two!(&ints, 1, minimum, |x: i32, y| x.min(y));
        two!(&ints, 1, maximum, |x: i32, y| x.max(y));
        one(&pair.0, |x| x.clip(-1.0, 2.5), |x| if x.is_nan() { x } else { x.clamp(-1.0, 2.5) });
    }

    #[test]
    fn functions_of_one_number(x in subjects(float)) {
        one(&x, |x| x.abs(), f64::abs);
        one(&x, |x| x.square(), |x| x * x);
        one(&x, |x| x.floor(), f64::floor);
        one(&x, |x| x.ceil(), f64::ceil);
        one(&x, |x| x.trunc(), f64::trunc);
        one(&x, |x| x.round(), f64::round_ties_even);
        one(&x, |x| x.sqrt(), f64::sqrt);
        one(&x, |x| x.reciprocal(), f64::recip);
        one(&x, |x| x.powi(3), |x| x.powi(3));
        one(&x, |x| x.is_nan(), f64::is_nan);
        one(&x, |x| x.is_finite(), f64::is_finite);
        one(&x, |x| x.is_infinite(), f64::is_infinite);
        one(&x, |x| x.sign(), |x| if x == 0.0 || x.is_nan() { x } else { x.signum() });
    }

    /// `std` rounds as well as it likes, so a few units in the last place are left to both.
    #[test]
    fn mathematics(x in subjects(float)) {
        type Lazy = fn(&Array<f64, IxDyn>) -> Array<f64, IxDyn>;
        type Plain = fn(f64) -> f64;
        let functions: [(Lazy, Plain); 24] = [
            (|x| x.exp(), f64::exp), (|x| x.exp2(), f64::exp2), (|x| x.exp_m1(), f64::exp_m1),
            (|x| x.ln(), f64::ln), (|x| x.log2(), f64::log2), (|x| x.log10(), f64::log10),
            (|x| x.ln_1p(), f64::ln_1p), (|x| x.sin(), f64::sin), (|x| x.cos(), f64::cos),
            (|x| x.tan(), f64::tan), (|x| x.asin(), f64::asin), (|x| x.acos(), f64::acos),
            (|x| x.atan(), f64::atan), (|x| x.sinh(), f64::sinh), (|x| x.cosh(), f64::cosh),
            (|x| x.tanh(), f64::tanh), (|x| x.asinh(), f64::asinh), (|x| x.acosh(), f64::acosh),
            (|x| x.atanh(), f64::atanh), (|x| x.cbrt(), f64::cbrt), (|x| x.to_degrees(), f64::to_degrees),
            (|x| x.to_radians(), f64::to_radians), (|x| x.powf(1.5), |x| x.powf(1.5)),
            (|x| x.atan2(-1.0), |x| x.atan2(-1.0)),
        ];
        for (lazy, plain) in functions {
            assert_close(&lazy(&x.lazy), &x.plain.mapv(plain), 1e-14);
        }
    }

    /// As Rust casts: what NumPy leaves open saturates.
    #[test]
    fn casts(floats in subjects(float), ints in subjects(integer)) {
        macro_rules! all {
            ($($T:ty),*) => {$(
                one(&floats, |x| x.astype::<$T>(), |x| x as $T);
                one(&ints, |x| x.astype::<$T>(), |x| x as $T);
                one(&ints, |x| x.astype::<$T>().astype::<i64>(), |x| x as $T as i64);
            )*};
        }
        all!(i8, i16, i32, i64, u8, u16, u32, u64, f32, f64);
        one(&floats, |x| x.astype::<bool>(), |x| x != 0.0);
        one(&floats, |x| x.greater(0.0).astype::<f32>(), |x| f32::from(u8::from(x > 0.0)));
    }

    #[test]
    fn choices(pair in pairs(float), bools in subjects(|bits| bits % 2 == 0)) {
        let (x, y) = &pair;
        let expected = Zip::from(&x.plain).and(&y.plain).map_collect(|&x, &y| if x < y { x } else { y });
        assert_same(&x.lazy.less(&y.lazy).where_(&x.lazy, &y.lazy), &expected);
        one(&bools, |b| b.where_(1_u8, 7), |b| if b { 1 } else { 7 });
        one(&bools, |b| b.astype::<i16>().choose(&[&b.where_(0, 5), &b.where_(6, 0)]), |b| if b { 6 } else { 5 });
    }
}

#[test]
fn what_broadcasts_and_what_does_not() {
    let column = Array::from_ndarray(array![[1.0], [2.0]], 1);
    let row = Array::from_ndarray(array![1.0, 2.0, 3.0], 2);
    let expected = array![[true, true, true], [false, true, true]];
    assert_eq!(column.less_equal(&row).compute().unwrap(), expected);
    let filled = row.greater(1.5).where_(&column, 0.0);
    assert_eq!(filled.compute().unwrap(), array![[0.0, 1.0, 1.0], [0.0, 2.0, 2.0]]);
    let error = row.hypot(&Array::<f64, _>::ones([4], 2)).compute().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Shape);
    assert!(error.location().unwrap().file().ends_with("elementwise.rs"));
    let error = Array::<u8, _>::zeros([2], 1).choose::<f64>(&[]).compute().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Value);
}

/// The same operation of the same array is one node, whoever writes it.
#[test]
fn what_is_the_same_is_computed_once() {
    let calls = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counter = std::sync::Arc::clone(&calls);
    let x = Array::from_fn([8], 4, move |i| {
        counter.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        i[0] as f64
    });
    let y = (x.exp() + x.exp()) * x.minimum(2.0) - x.minimum(2.0);
    Settings::new().threads(1).compute(&y).unwrap();
    assert_eq!(calls.load(std::sync::atomic::Ordering::Relaxed), 8);
    assert_eq!(x.sum().plan().unwrap().stages(), 1);
    let twice = Settings::new().compute_many((&x.var(1.0), &x.var(1.0), &x.var(0.0))).unwrap();
    assert_eq!((twice.0.into_scalar(), twice.1.into_scalar()), (6.0, 6.0));
    assert_eq!(twice.2.into_scalar(), 5.25);
}

/// Of a large array in memory a tile asks for what the next one needs: whatever its views, it is as with small ones.
#[test]
fn what_lies_far_in_memory() {
    let plain = Array2::from_shape_fn((1501, 1536), |(i, j)| (i * 7 + j) as f64);
    assert!(plain.len() * size_of::<f64>() > 16 << 20);
    let chain = |x: f64| (((x + 1.0) * 2.0 - x) / 3.0).max(5.0) * x;
    let lazy = |x: &Array<f64, Ix2>| (((x + 1.0) * 2.0 - x) / 3.0).maximum(5.0) * x;
    // Of the second, rows of a tile lie apart and are cut, of the third there is one in a tile.
    for chunks in [[500, 1000], [4, 512], [1, 1536]] {
        let all = Array::from_ndarray(plain.clone(), chunks);
        assert_eq!(lazy(&all).compute().unwrap(), plain.mapv(chain));
        let of = all.slice(s![.., 3..6]).sum_axis(1).insert_axis(1)
            + Array::arange(0..1536, 700).astype::<f64>();
        let expected = Array2::from_shape_fn((1501, 1536), |(i, j)| {
            let of = (i * 21 + 12) as f64 + j as f64;
            if plain[[i, j]] < of { plain[[i, j]] } else { -of }
        });
        assert_eq!(all.less(&of).where_(&all, &-&of).compute().unwrap(), expected);
    }
    let all = Array::from_ndarray(plain.clone(), [500, 1000]);
    for part in [s![3.., 5..], s![3..;2, ..;-1], s![.., 1532..], s![7..8, ..]] {
        let expected = plain.slice(part).mapv(chain);
        assert_eq!(lazy(&all.slice(part)).compute().unwrap(), expected);
    }
    assert_eq!(lazy(&all.t()).compute().unwrap(), plain.t().mapv(chain));
    let difference = (all.slice(s![1.., ..]) - all.slice(s![..-1, ..])).abs();
    assert_eq!(difference.compute().unwrap(), Array2::from_elem((1500, 1536), 7.0));
    let row = Array::from_ndarray(plain.flatten().into_owned(), 1_000_003);
    let chosen = row.less(5e3).astype::<u8>().choose(&[&(&row * 2.0), &row.abs()]);
    let expected = plain.flatten().mapv(|x| if x < 5e3 { x } else { x * 2.0 });
    assert_eq!(chosen.compute().unwrap(), expected);
    let bytes = Array1::from_shape_fn(17 << 20, |i| (i % 251) as u8);
    let odd = (Array::from_ndarray(bytes.clone(), 3_000_001) / 2 + 1).map(|x| x & 1 == 1);
    assert_eq!(odd.compute().unwrap(), bytes.mapv(|x| (x / 2 + 1) & 1 == 1));
}

/// Every type becomes every other, and comes back where nothing is lost.
#[test]
fn casts_there_and_back() {
    macro_rules! back {
        ($T:ty => $($U:ty),*) => {$(
            let x = Array::from_ndarray(array![<$T>::default(), Array::<$T, _>::ones([1], 1).compute().unwrap()[0]], 1);
            assert_eq!(x.astype::<$U>().astype::<$T>().compute().unwrap(), x.compute().unwrap());
        )*};
    }
    macro_rules! all {
        ($($T:ty),*) => {$(
            back!($T => bool, i8, i16, i32, i64, u8, u16, u32, u64, f32, f64, Complex<f32>, Complex<f64>);
        )*};
    }
    use num_complex::Complex;
    all!(i8, i16, i32, i64, u8, u16, u32, u64, f32, f64);
    let z = Array::from_ndarray(array![Complex::new(1.5, -2.0), Complex::new(0.0, 1.0)], 1);
    assert_eq!(z.astype::<f32>().compute().unwrap(), array![1.5, 0.0]);
    assert_eq!(z.astype::<bool>().compute().unwrap(), array![true, true]);
    assert_eq!(z.real().compute().unwrap(), array![1.5, 0.0]);
    assert_eq!(z.imag().compute().unwrap(), array![-2.0, 1.0]);
    assert_eq!(z.abs().compute().unwrap(), array![2.5, 1.0]);
    assert_eq!(z.conj().arg().compute().unwrap()[1], -std::f64::consts::FRAC_PI_2);
    let x: ArrayD<f64> = array![f64::NAN, 1e300, -1e300].into_dyn();
    let x = Array::from_ndarray(x, 2);
    assert_eq!(x.astype::<i8>().compute().unwrap(), array![0, 127, -128].into_dyn());
}
