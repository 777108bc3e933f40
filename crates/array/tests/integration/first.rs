//! The course's expressions.

use ndarray::{Array2, Axis, array, s};
use tenfold_array::{Array, ErrorKind, Random, Settings};

fn table(rows: usize, cols: usize) -> Array2<f64> {
    Array2::from_shape_fn((rows, cols), |(i, j)| ((i * 31 + j * 17) % 101) as f64 / 7.0)
}

fn close(a: &ndarray::ArrayD<f64>, b: &ndarray::ArrayD<f64>) {
    assert_eq!(a.shape(), b.shape());
    assert!(a.iter().zip(b).all(|(a, b)| (a - b).abs() <= 1e-9 * b.abs().max(1.0)), "{a} and {b}");
}

#[test]
fn anomalies_and_transposes() {
    let plain = table(50, 50);
    for chunks in [[50, 50], [7, 11], [1, 50], [50, 3]] {
        let x = Array::from_ndarray(plain.clone(), chunks);
        let mean = plain.mean_axis(Axis(0)).unwrap();
        close(&x.mean_axis(0).compute().unwrap().into_dyn(), &mean.clone().into_dyn());
        close(&(&x - &x.mean_axis(0)).compute().unwrap().into_dyn(), &(&plain - &mean).into_dyn());
        close(
            &(&x + &x.t()).mean_axis(0).compute().unwrap().into_dyn(),
            &(&plain + &plain.t()).mean_axis(Axis(0)).unwrap().into_dyn(),
        );
        let deviation = (&x - &x.mean()).map(|x| x * x).sum().compute().unwrap().into_scalar();
        let mean = plain.mean().unwrap();
        let expected: f64 = plain.iter().map(|x| (x - mean) * (x - mean)).sum();
        assert!((deviation - expected).abs() < 1e-9 * expected);
        let part = x.slice(s![3..40;2, ..;-1]).max_axis(1).compute().unwrap();
        let expected = plain
            .slice(s![3..40;2, ..;-1])
            .map_axis(Axis(1), |row| row.fold(0.0, |a: f64, &b| a.max(b)));
        assert_eq!(part, expected);
    }
}

#[test]
fn threads_and_chunks_do_not_change_what_they_must_not() {
    let x = Random::new(7).standard_normal::<f64, _>([300, 400], [64, 100]);
    let sum = |threads| Settings::new().threads(threads).compute(&x.sum()).unwrap().into_scalar();
    assert_eq!(sum(1).to_bits(), sum(5).to_bits());
    let most = |chunks: [usize; 2]| x.rechunk(chunks).max().compute().unwrap().into_scalar();
    assert_eq!(most([1, 400]).to_bits(), most([300, 7]).to_bits());
    let one = Array::<f64, _>::ones([3, 4], 2);
    assert_eq!((1.0 / (&one + 1.0)).sum_axis(1).compute().unwrap(), array![2.0, 2.0, 2.0]);
}

#[test]
fn mistakes_are_told_with_their_line() {
    let (x, y) = (Array::<f64, _>::zeros([3, 4], 2), Array::<f64, _>::zeros([5], 2));
    let sum = (&x + &y).sum();
    let error = sum.plan().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Shape);
    let line = error.location().unwrap();
    assert!(line.file().ends_with("first.rs"));
    assert!(error.to_string().starts_with("shapes [3, 4] and [5] do not go together: axis 1 of the result would have 4 and 5 elements (at "), "{error}");
    assert_eq!(sum.compute().unwrap_err().to_string(), error.to_string());
}

#[test]
fn a_thousand_million_chunks_are_planned_at_once() {
    let x = Array::<f64, _>::ones([1 << 30, 1 << 20], [1 << 15, 1 << 5]);
    let plan = ((&x + &x) * 2.0 - &x.mean_axis(0)).sum().plan().unwrap();
    assert_eq!(plan.tasks(), 2 << 30);
    assert_eq!(plan.stages(), 2);
}

#[test]
fn a_hundred_thousand_operations_in_a_row() {
    let mut x = Array::<i64, _>::zeros([5], 5);
    for _ in 0..100_000 {
        x = x + 1;
    }
    assert_eq!(x.compute().unwrap(), ndarray::Array1::from_elem(5, 100_000));
}
