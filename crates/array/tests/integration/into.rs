//! Arrays that are computed into memory that is there.

use proptest::prelude::*;
use tenfold_array::ndarray::{Array1, Array2, ArrayD, ArrayViewMutD, Axis, IxDyn, Slice, arr0, s};
use tenfold_array::{Array, ErrorKind, Random, Settings};

/// An axis of an array and of the memory that it is written to: its length, that of its chunks, the step between its
/// elements there, and what is free around them.
type Along = (usize, usize, isize, [usize; 2]);

/// Memory of -1 for an array of some axes, which lie there in this order.
fn memory(axes: &[Along], order: &[usize]) -> ArrayD<i64> {
    let apart = |&(len, _, step, [before, behind]): &Along| {
        before + len.saturating_sub(1) * step.unsigned_abs() + 1 + behind
    };
    ArrayD::from_elem(order.iter().map(|&axis| apart(&axes[axis])).collect::<Vec<_>>(), -1)
}

/// The part of it where the array goes.
fn part<'a>(
    memory: &'a mut ArrayD<i64>,
    axes: &[Along],
    order: &[usize],
) -> ArrayViewMutD<'a, i64> {
    let mut view = memory.view_mut();
    for (at, &axis) in order.iter().enumerate() {
        let (len, _, step, [before, _]) = axes[axis];
        let end = before + len.saturating_sub(1) * step.unsigned_abs() + usize::from(len > 0);
        view.slice_axis_inplace(Axis(at), Slice::new(before as isize, Some(end as isize), step));
    }
    let mut of = vec![0; order.len()];
    order.iter().enumerate().for_each(|(at, &axis)| of[axis] = at);
    view.permuted_axes(of)
}

proptest! {
    /// Whatever the layout, elements are where they belong, and nothing else is touched.
    #[test]
    fn any_layout_is_written(
        (axes, order) in prop::collection::vec(
            (0..40_usize, 1..20_usize, prop::sample::select(vec![1, -1, 2, -3]), [0..3_usize, 0..3_usize]),
            0..4,
        ).prop_flat_map(|axes| {
            let order: Vec<usize> = (0..axes.len()).collect();
            (Just(axes), Just(order).prop_shuffle())
        }),
        threads in 1..4_usize,
    ) {
        let shape: Vec<usize> = axes.iter().map(|axis| axis.0).collect();
        let chunks: Vec<usize> = axes.iter().map(|axis| axis.1).collect();
        let strides: Vec<usize> = (0..shape.len()).map(|axis| shape[axis + 1..].iter().product()).collect();
        let number = move |index: &[usize]| index.iter().zip(&strides).map(|(i, stride)| i * stride).sum::<usize>() as i64;
        let x = Array::<i64, IxDyn>::from_fn(&*shape, &*chunks, number);

        let mut there = memory(&axes, &order);
        Settings::new().threads(threads).compute_into(&x, part(&mut there, &axes, &order)).unwrap();
        prop_assert_eq!(part(&mut there, &axes, &order).to_owned(), x.compute().unwrap());
        part(&mut there, &axes, &order).fill(-1);
        prop_assert!(there.iter().all(|&element| element == -1));
    }
}

#[test]
fn reductions_products_and_numbers_are_written() {
    let x = Random::new(3).uniform::<f64, _>([70, 50], 0.0..1.0, [16, 20]);
    let settings = Settings::new().threads(2);

    let mut product = Array2::zeros([70, 70]);
    settings.compute_into(&x.dot(&x.t()), product.view_mut().reversed_axes()).unwrap();
    assert_eq!(product.reversed_axes(), x.dot(&x.t()).compute().unwrap());

    let mut means = Array1::zeros(150);
    settings.compute_into(&x.mean_axis(0), means.slice_mut(s![..;3])).unwrap();
    assert_eq!(means.slice(s![..;3]), x.mean_axis(0).compute().unwrap());
    assert!(means.iter().skip(1).step_by(3).all(|&between| between == 0.0));

    let mut sum = arr0(0.0);
    settings.compute_into(&x.sum(), &mut sum).unwrap();
    assert_eq!(sum, x.sum().compute().unwrap());

    // What is in memory already is copied.
    let kept = settings.persist(&x).unwrap();
    let mut copy = Array2::zeros([70, 50]);
    settings.compute_into(&kept, &mut copy).unwrap();
    assert_eq!(copy, x.compute().unwrap());
}

#[test]
fn another_shape_is_refused() {
    let x = Array::<f64, _>::ones([3, 4], 2);
    let mut out = Array2::zeros([4, 3]);
    let error = Settings::new().compute_into(&x, &mut out).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Shape);
    let sentence = "argument `into` has the shape [4, 3], but the array has [3, 4]";
    assert_eq!(error.to_string(), sentence);
    assert_eq!(out.sum(), 0.0);
    Settings::new().compute_into(&x, out.view_mut().reversed_axes()).unwrap();
    assert_eq!(out.sum(), 12.0);
}

#[test]
fn the_memory_that_is_there_is_not_counted() {
    let x = Array::<f64, _>::ones([1000, 1000], 100);
    let settings = Settings::new().threads(2).with_memory("1MB").unwrap();
    assert_eq!(settings.compute(&x).unwrap_err().kind(), ErrorKind::Memory);
    let mut out = Array2::zeros([1000, 1000]);
    settings.compute_into(&x, &mut out).unwrap();
    assert_eq!(out.sum(), 1e6);
}

#[test]
fn a_failure_is_told() {
    let x = Array::<f64, _>::ones([100, 100], 10);
    let failing = x.map(|x| if x > 0.5 { panic!("too much") } else { x });
    let mut out = Array2::zeros([100, 100]);
    let error = Settings::new().compute_into(&failing, &mut out).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Panicked);
    assert!(error.to_string().contains("too much"), "{error}");
    assert_eq!(out.sum(), 0.0);
}
