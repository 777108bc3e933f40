//! Functions of parts of arrays, against loops.

use ndarray::{ArrayD, ArrayViewD, Axis, Dimension as _, IxDyn};
use proptest::prelude::*;
use tenfold_array::{Array, ErrorKind};

use crate::subjects::{assert_same, integer, subject};

/// The product of a matrix and a vector, or what is left of each.
fn product(parts: &[ArrayViewD<'_, i32>]) -> ArrayD<i32> {
    let rows = parts[0].axis_iter(Axis(0));
    let products = rows.map(|row| {
        row.iter().zip(&parts[1]).fold(0_i32, |sum, (a, b)| sum.wrapping_add(a.wrapping_mul(*b)))
    });
    ArrayD::from_shape_vec(IxDyn(&[parts[0].shape()[0]]), products.collect()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Outer axes are broadcast, and parts are whole whatever the chunks.
    #[test]
    fn matrices_and_vectors(
        outer in prop::collection::vec(1..4_usize, 0..3),
        ones in prop::collection::vec(any::<bool>(), 2),
        inner in (0..4_usize, 0..5_usize),
        chunk in 1..5_usize,
        seed in any::<u64>(),
    ) {
        let (i, j) = inner;
        let vectors: Vec<usize> = outer.iter().zip(&ones).map(|(&len, &is_one)| if is_one { 1 } else { len }).collect();
        let x = subject(&[&outer[..], &[i, j]].concat(), chunk, 0, seed, integer);
        let v = subject(&[&vectors[..], &[j]].concat(), chunk, 0, seed ^ 1, integer);
        let (lazy_x, lazy_v) = (x.lazy.clone().into_dyn(), v.lazy.clone().into_dyn());
        let made = Array::apply_gufunc("(i,j),(j)->(i)", &[&lazy_x, &lazy_v], product);
        let shape = [&outer[..], &[i]].concat();
        let spread = v.plain.broadcast([&outer[..], &[j]].concat()).unwrap();
        let expected = ArrayD::from_shape_fn(IxDyn(&shape), |at| {
            (0..j).fold(0_i32, |sum, k| {
                let (mut of_x, mut of_v) = (at.slice().to_vec(), at.slice()[..outer.len()].to_vec());
                of_x.push(k);
                of_v.push(k);
                sum.wrapping_add(x.plain[&*of_x].wrapping_mul(spread[&*of_v]))
            })
        });
        assert_same(&made, &expected);
    }
}

#[test]
fn what_does_not_fit_is_told() {
    let x = Array::<i32, _>::ones([2, 3], 2).into_dyn();
    let y = Array::<i32, _>::ones([4], 2).into_dyn();
    let told = |signature: &str, arrays: &[&Array<i32, IxDyn>]| {
        let made = Array::apply_gufunc(signature, arrays, |parts| parts[0].to_owned());
        let error = made.compute().unwrap_err();
        (error.kind(), error.to_string())
    };
    let (kind, told_) = told("(i,j)->", &[&x]);
    assert!(
        kind == ErrorKind::Value && told_.contains("\"(i,j)->\", but must have names"),
        "{told_}"
    );
    let (kind, told_) = told("(i,j),(j)->(i)", &[&x, &y]);
    assert_eq!(kind, ErrorKind::Shape);
    assert!(
        told_.starts_with("axis `j` of argument `signature` is 4 long in array 1, but 3 before"),
        "{told_}"
    );
    let (kind, told_) = told("(i,j,k)->(i)", &[&x]);
    assert!(
        kind == ErrorKind::Axis && told_.contains("array 0 of argument `arrays` has 2 axes"),
        "{told_}"
    );
    let (kind, told_) = told("(i)->(i)", &[&x, &y]);
    assert!(
        kind == ErrorKind::Axis && told_.contains("has 1 arrays, but argument `arrays` 2"),
        "{told_}"
    );
    let (kind, told_) = told("(i)->()", &[&x]);
    assert_eq!(kind, ErrorKind::Shape);
    assert!(
        told_.contains("made a part of shape [3], but argument `signature` says []"),
        "{told_}"
    );
    let (kind, _) = told("(),()->()", &[&x, &y]);
    assert_eq!(kind, ErrorKind::Shape);
    // Parts of no axis are single elements.
    let twice = Array::apply_gufunc("()->()", &[&y], |parts| parts[0].mapv(|x| 2 * x));
    assert_eq!(twice.compute().unwrap(), ArrayD::from_elem(vec![4], 2));
}
