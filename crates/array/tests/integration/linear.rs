//! Products against naive loops.

use ndarray::{Array2, ArrayD, Dimension, Ix1, Ix2, Ix3, IxDyn, s};
use num_complex::Complex64;
use proptest::prelude::*;
use tenfold_array::{Array, NpyFile, NpyWriter, Number, Random, Settings};

fn shaped<T: Number>(shape: &[usize], element: impl Fn(usize) -> T) -> ArrayD<T> {
    let elements = (0..shape.iter().product()).map(element).collect();
    ArrayD::from_shape_vec(shape, elements).unwrap()
}

/// `tensordot` by its definition.
fn summed<T: Number + std::ops::Add<Output = T> + std::ops::Mul<Output = T>>(
    (a, b): (&ArrayD<T>, &ArrayD<T>),
    axes: (&[usize], &[usize]),
) -> ArrayD<T> {
    let left = |x: &ArrayD<T>, axes: &[usize]| {
        (0..x.ndim()).filter(|axis| !axes.contains(axis)).collect::<Vec<_>>()
    };
    let (of_a, of_b) = (left(a, axes.0), left(b, axes.1));
    let lens = |x: &ArrayD<T>, axes: &[usize]| {
        axes.iter().map(|&axis| x.shape()[axis]).collect::<Vec<_>>()
    };
    let shape = [lens(a, &of_a), lens(b, &of_b)].concat();
    let inner = lens(a, axes.0);
    ArrayD::from_shape_fn(shape, |index| {
        let index = index.slice();
        let mut sum = T::default();
        for k in ndarray::indices(IxDyn(&inner)) {
            let mut at = (vec![0; a.ndim()], vec![0; b.ndim()]);
            of_a.iter().zip(index).for_each(|(&axis, &i)| at.0[axis] = i);
            of_b.iter().zip(&index[of_a.len()..]).for_each(|(&axis, &i)| at.1[axis] = i);
            axes.0.iter().zip(k.slice()).for_each(|(&axis, &i)| at.0[axis] = i);
            axes.1.iter().zip(k.slice()).for_each(|(&axis, &i)| at.1[axis] = i);
            sum = sum + a[IxDyn(&at.0)] * b[IxDyn(&at.1)];
        }
        sum
    })
}

fn check_tensordot<T>(shape: &[usize], sums: usize, cut: usize, element: impl Fn(usize) -> T)
where
    T: Number + std::ops::Add<Output = T> + std::ops::Mul<Output = T>,
{
    // The axes that are summed over are the last of one array and the first of the other, the other way round.
    let other: Vec<usize> = shape.iter().rev().copied().chain([3]).collect();
    let axes = (
        (shape.len() - sums..shape.len()).collect::<Vec<_>>(),
        (0..sums).rev().collect::<Vec<_>>(),
    );
    let (a, b) = (shaped(shape, &element), shaped(&other, |i| element(i + 5)));
    let x = Array::from_ndarray(a.clone(), cut).map(|x| x);
    let y = Array::from_ndarray(b.clone(), 1 + cut / 2);
    let product = x.tensordot(&y, (&axes.0, &axes.1));
    assert_eq!(product.compute().unwrap(), summed((&a, &b), (&axes.0, &axes.1)));
    let settings = Settings::new().threads(2);
    assert_eq!(settings.compute(&product.t().rechunk(2)).unwrap(), product.compute().unwrap().t());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn sums_over_axes(shape in prop::collection::vec(0..6_usize, 1..4), sums in 0..4_usize, cut in 1..6_usize) {
        let sums = sums.min(shape.len());
        // All of these are exact.
        check_tensordot(&shape, sums, cut, |i| (i % 7) as i64 - 3);
        check_tensordot(&shape, sums, cut, |i| (i % 5) as u8 % 2);
        check_tensordot(&shape, sums, cut, |i| (i % 7) as f32 - 3.0);
        check_tensordot(&shape, sums, cut, |i| (i % 7) as f64 - 3.0);
        check_tensordot(&shape, sums, cut, |i| Complex64::new((i % 7) as f64, -((i % 3) as f64)));
    }

    #[test]
    fn matrices_and_vectors(rows in 0..9_usize, inner in 0..9_usize, cols in 0..9_usize, cut in 1..6_usize) {
        let element = |i: usize| (i % 11) as f64 - 5.0;
        let a: Array2<f64> = shaped(&[rows, inner], element).into_dimensionality().unwrap();
        let b: Array2<f64> = shaped(&[inner, cols], element).into_dimensionality().unwrap();
        let (x, y) = (Array::from_ndarray(a.clone(), cut), Array::from_ndarray(b.clone(), cut));
        let product = a.dot(&b);
        prop_assert_eq!(&x.dot(&y).compute().unwrap(), &product);
        prop_assert_eq!(y.t().matmul(&x.t()).compute().unwrap(), product.t());
        if rows > 0 && cols > 0 {
            prop_assert_eq!(x.row(-1).dot(&y).compute().unwrap(), a.row(rows - 1).dot(&b));
            prop_assert_eq!(x.dot(&y.column(0)).compute().unwrap(), a.dot(&b.column(0)));
            let number = x.row(0).dot(&y.column(0)).compute().unwrap().into_scalar();
            prop_assert_eq!(number, a.row(0).dot(&b.column(0)));
        }
        let all = x.ravel();
        prop_assert_eq!(x.vdot(&x).compute().unwrap(), all.inner(&all).compute().unwrap().into_dimensionality().unwrap());
    }
}

#[test]
fn stacks_of_matrices_are_broadcast() {
    let element = |i: usize| (i * i % 13) as i32 - 6;
    let (a, b) = (shaped(&[4, 5, 6], element), shaped(&[6, 7], element));
    let x: Array<i32, Ix3> =
        Array::from_ndarray(a.clone().into_dimensionality().unwrap(), [1, 2, 3]);
    let y: Array<i32, Ix2> = Array::from_ndarray(b.clone().into_dimensionality().unwrap(), [2, 7]);
    let expected = summed((&a, &b), (&[2], &[0]));
    assert_eq!(x.matmul(&y).compute().unwrap().into_dyn(), expected);
    let stack = y.map(|y| y).broadcast([4, 6, 7]);
    assert_eq!(x.matmul(&stack).compute().unwrap().into_dyn(), expected);
    let each = x.clone().into_dyn().matmul(&y.slice(s![.., 0]).into_dyn());
    assert_eq!(each.compute().unwrap(), expected.index_axis(ndarray::Axis(2), 0));
    let outer = y.column(1).outer(&y.row(2)).compute().unwrap();
    assert_eq!(outer[[3, 4]], b[[3, 1]] * b[[2, 4]]);
}

#[test]
fn conjugates() {
    let x: Array<Complex64, Ix1> =
        Array::from(vec![Complex64::new(1.0, 2.0), Complex64::new(0.0, -3.0)]);
    assert_eq!(x.vdot(&x).compute().unwrap().into_scalar(), Complex64::new(14.0, 0.0));
    assert_eq!(x.dot(&x).compute().unwrap().into_scalar(), Complex64::new(-12.0, 4.0));
}

#[test]
fn integers_wrap() {
    let x = Array::from(vec![200_u8, 100]);
    assert_eq!(
        x.dot(&x).compute().unwrap().into_scalar(),
        200_u8.wrapping_mul(200).wrapping_add(100_u8.wrapping_mul(100))
    );
}

/// The bits depend on shape and chunks, not on threads or on what a window shows.
#[test]
fn the_same_bits_in_any_window() {
    let x = Random::new(3).standard_normal::<f64, _>([300, 500], [64, 100]).persist().unwrap();
    let product = x.dot(&x.t());
    let one = Settings::new().threads(1).compute(&product).unwrap();
    assert_eq!(Settings::new().threads(3).compute(&product).unwrap(), one);
    let part = product.slice(s![17..130, 3..299;5]).rechunk([10, 7]).compute().unwrap();
    assert_eq!(part, one.slice(s![17..130, 3..299;5]));
    let plain = x.compute().unwrap();
    let expected = plain.dot(&plain.t());
    assert!((&one - &expected).iter().all(|error| error.abs() < 1e-11));
}

/// A step holds a part of each input, however long the sums are.
#[test]
fn long_sums_need_no_more_memory() {
    let x = Array::<f32, _>::ones([1 << 10, 1 << 24], [1 << 10, 1 << 24]);
    let plan = Settings::new().threads(1).plan(&x.dot(&x.t())).unwrap();
    // The result, the parts of both inputs, and a copy of the result's chunk.
    assert!(plan.peak_memory() < (4 << 20) * 2 + 3 * (8 << 20), "{}", plan.peak_memory());
}

/// Windows of a product are as wide as there is room for.
#[test]
fn windows_change_no_bit() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npy");
    let file = NpyWriter::<f64>::create(&path, &[90, 300]).unwrap();
    let numbers = Random::new(1).standard_normal([90, 300], 50);
    Settings::new().store(&numbers, &file).unwrap();
    file.finish().unwrap();
    let x = Array::<f64, Ix2>::from_source(NpyFile::open(&path).unwrap(), [16, 50]);
    let product = x.dot(&x.t());
    let of = |settings: &Settings| {
        let plan = settings.plan(&product).unwrap();
        let bits: Vec<u64> =
            settings.compute(&product).unwrap().iter().map(|x| x.to_bits()).collect();
        (plan.bytes_read(), bits)
    };
    let wide = Settings::new().threads(1);
    let least = wide.plan(&product).unwrap().minimum_memory().to_string();
    let narrow = wide.clone().with_memory(&least).unwrap();
    let ((few, bits), (many, same)) = (of(&wide), of(&narrow));
    assert!(few < many && bits == same, "{few} bytes read, and {many}");
    assert_eq!(of(&Settings::new().threads(3)).1, bits);
}
