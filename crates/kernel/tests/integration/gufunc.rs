//! Generalised kernels against loops over their ordinary functions.

use ndarray::{
    Array, Array1, Array2, Array3, ArrayD, ArrayViewD, Axis, Dimension, Ix1, Ix2, IxDyn, Slice,
    arr0, array, s,
};
use proptest::prelude::*;
use tenfold_kernel::{Error, ErrorKind, Real, View2, ViewMut2, kernel, ndarray};

use crate::elementwise::on_every_isa;

#[kernel("(n)->(n)", bounds = hoist)]
fn softmax(x: &[f64], out: &mut [f64]) {
    let mut top = x[0];
    for i in 1..x.len() {
        top = top.max(x[i]);
    }
    let mut sum = 0.0;
    for i in 0..x.len() {
        out[i] = (x[i] - top).exp();
        sum += out[i];
    }
    for i in 0..x.len() {
        out[i] /= sum;
    }
}

#[kernel("(n)->(n)")]
fn running(x: &[f64], out: &mut [f64]) {
    let mut sum = 0.0;
    for i in 0..x.len() {
        sum += x[i];
        out[i] += sum;
    }
}

#[kernel("(m,n),(n)->(m)", bounds = hoist)]
fn matvec(a: View2<f64>, x: &[f64], y: &mut [f64]) {
    for i in 0..a.nrows() {
        y[i] = 0.0;
        for j in 0..a.ncols() {
            y[i] += a[[i, j]] * x[j];
        }
    }
}

#[kernel("(m),(n)->(m,n)")]
fn outer(x: &[f64], y: &[f64], out: ViewMut2<f64>) {
    for i in 0..x.len() {
        for j in 0..y.len() {
            out[[i, j]] = x[i] - y[j];
        }
    }
}

#[kernel("(n),()->()")]
fn weighted(x: &[f64], p: f64) -> f64 {
    let mut sum = 0.0;
    for i in 0..x.len() {
        sum += x[i] * p;
    }
    sum
}

#[kernel("(3),(3)->(3)")]
fn cross(a: &[f32], b: &[f32], out: &mut [f32]) {
    out[0] = a[1] * b[2] - a[2] * b[1];
    out[1] = a[2] * b[0] - a[0] * b[2];
    out[2] = a[0] * b[1] - a[1] * b[0];
}

#[kernel("(n)->(),(n),()")]
fn extremes(x: &[i32], turned: &mut [i64]) -> (i32, i32) {
    let (mut low, mut high) = (i32::MAX, i32::MIN);
    for i in 0..x.len() {
        low = low.min(x[i]);
        high = high.max(x[i]);
        turned[x.len() - 1 - i] = x[i] as i64;
    }
    (low, high)
}

#[kernel("(n),(n)->()", for = [f32, f64])]
fn dot<T: Real>(x: &[T], y: &[T]) -> T {
    let mut sum = T::from_f64(0.0);
    for i in 0..x.len() {
        sum += x[i] * y[i];
    }
    sum
}

/// How an array lies in memory.
#[derive(Debug, Clone, Copy)]
enum Layout {
    Rows,
    Columns,
    Backwards,
    Strided,
}

const LAYOUTS: [Layout; 4] = [Layout::Rows, Layout::Columns, Layout::Backwards, Layout::Strided];

/// Memory that holds an array in a layout.
struct Laid {
    memory: ArrayD<f64>,
    layout: Layout,
}

impl Laid {
    fn new(array: &ArrayD<f64>, layout: Layout) -> Self {
        let memory = match layout {
            Layout::Rows => array.clone(),
            Layout::Columns => array.t().as_standard_layout().into_owned(),
            Layout::Backwards => {
                let mut view = array.view();
                (0..array.ndim()).for_each(|axis| view.invert_axis(Axis(axis)));
                view.as_standard_layout().into_owned()
            }
            Layout::Strided => {
                let shape: Vec<usize> = array.shape().iter().map(|len| 2 * len).collect();
                let mut memory = ArrayD::from_elem(shape, 77.0);
                memory.slice_each_axis_mut(|_| Slice::from(..).step_by(2)).assign(array);
                memory
            }
        };
        Self { memory, layout }
    }

    fn view(&self) -> ArrayViewD<'_, f64> {
        let mut view = self.memory.view();
        match self.layout {
            Layout::Rows => view,
            Layout::Columns => view.reversed_axes(),
            Layout::Backwards => {
                (0..view.ndim()).for_each(|axis| view.invert_axis(Axis(axis)));
                view
            }
            Layout::Strided => {
                view.slice_each_axis_inplace(|_| Slice::from(..).step_by(2));
                view
            }
        }
    }
}

fn filled(shape: &[usize], seed: usize) -> ArrayD<f64> {
    let mut next = seed;
    ArrayD::from_shape_simple_fn(shape, || {
        next = (next * 29 + 17) % 101;
        next as f64 / 8.0 - 6.0
    })
}

/// The shapes that broadcast to `outer`: axes of it are 1, or leading ones are missing.
fn narrowed(outer: &[usize], ones: u8, skip: usize) -> Vec<usize> {
    let len = |(axis, &len): (usize, &usize)| if ones >> axis & 1 == 1 { 1 } else { len };
    outer.iter().enumerate().map(len).skip(skip).collect()
}

fn joined(outer: &[usize], core: &[usize]) -> Vec<usize> {
    [outer, core].concat()
}

/// What the outer axes of two arguments make.
fn common(a: &[usize], b: &[usize]) -> Vec<usize> {
    let at =
        |shape: &[usize], axis: usize, axes: usize| match (axis + shape.len()).checked_sub(axes) {
            Some(own) => shape[own],
            None => 1,
        };
    let axes = a.len().max(b.len());
    let pair = |axis| (at(a, axis, axes), at(b, axis, axes));
    (0..axes).map(pair).map(|(a, b)| if a == 1 { b } else { a }).collect()
}

/// Calls `f` with the vectors or matrices of each place.
fn places(
    outer: &[usize],
    args: [(&ArrayViewD<'_, f64>, usize); 2],
    mut f: impl FnMut(&IxDyn, [ArrayD<f64>; 2]),
) {
    let wide = args.map(|(array, core)| {
        let shape = joined(outer, &array.shape()[array.ndim() - core..]);
        array.broadcast(shape).unwrap().into_owned()
    });
    for index in ndarray::indices(outer) {
        let one = wide.each_ref().map(|array| {
            let mut view = array.view();
            index.slice().iter().for_each(|&at| view = view.clone().index_axis_move(Axis(0), at));
            view.as_standard_layout().into_owned()
        });
        f(&index, one);
    }
}

#[test]
fn explains_itself() {
    let explain = softmax::explain();
    assert_eq!((explain.kernel, explain.lanes, explain.stores), ("softmax", 1, None));
    assert_eq!(explain.threads, rayon::current_num_threads());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn matrices_times_vectors_are_those_of_a_loop(
        outer in prop::collection::vec(prop::sample::select(vec![0_usize, 1, 2, 3, 5]), 0..4),
        core in (prop::sample::select(vec![0_usize, 1, 3, 7]), prop::sample::select(vec![0_usize, 1, 2, 11])),
        ones in (any::<u8>(), any::<u8>()),
        skips in (0_usize..3, 0_usize..3),
        layouts in (0_usize..4, 0_usize..4, 0_usize..4),
    ) {
        let (m, n) = core;
        let shapes = [narrowed(&outer, ones.0, skips.0), narrowed(&outer, ones.1, skips.1)];
        let outer = common(&shapes[0], &shapes[1]);
        let a = Laid::new(&filled(&joined(&shapes[0], &[m, n]), 3), LAYOUTS[layouts.0]);
        let x = Laid::new(&filled(&joined(&shapes[1], &[n]), 5), LAYOUTS[layouts.1]);
        let mut expected = ArrayD::zeros(joined(&outer, &[m]));
        places(&outer, [(&a.view(), 2), (&x.view(), 1)], |index, [a, x]| {
            let a = a.into_dimensionality::<Ix2>().unwrap();
            let mut y = vec![0.0; m];
            matvec(a.view(), x.as_slice().unwrap(), &mut y);
            for (i, y) in y.into_iter().enumerate() {
                expected[&joined(index.slice(), &[i])[..]] = y;
            }
        });
        on_every_isa(|| {
            assert_eq!(matvec::map(a.view(), x.view()).unwrap(), expected);
            let mut out = Laid::new(&ArrayD::from_elem(expected.shape(), 9.0), LAYOUTS[layouts.2]);
            let mut view = out.memory.view_mut();
            match out.layout {
                Layout::Rows => {}
                Layout::Columns => view = view.reversed_axes(),
                Layout::Backwards => {
                    (0..view.ndim()).for_each(|axis| view.invert_axis(Axis(axis)));
                }
                Layout::Strided => {
                    view.slice_each_axis_inplace(|_| Slice::from(..).step_by(2));
                }
            }
            matvec::par().into(a.view(), x.view(), view).unwrap();
            assert_eq!(out.view(), expected);
        });
    }

    #[test]
    fn vectors_and_numbers_are_those_of_a_loop(
        outer in prop::collection::vec(prop::sample::select(vec![0_usize, 1, 2, 4]), 0..4),
        n in prop::sample::select(vec![0_usize, 1, 2, 13]),
        ones in (any::<u8>(), any::<u8>()),
        skips in (0_usize..3, 0_usize..3),
        layouts in (0_usize..4, 0_usize..4),
    ) {
        let shapes = [narrowed(&outer, ones.0, skips.0), narrowed(&outer, ones.1, skips.1)];
        let outer = common(&shapes[0], &shapes[1]);
        let x = Laid::new(&filled(&joined(&shapes[0], &[n]), 1), LAYOUTS[layouts.0]);
        let p = Laid::new(&filled(&shapes[1], 2), LAYOUTS[layouts.1]);
        let mut expected = ArrayD::zeros(&outer[..]);
        places(&outer, [(&x.view(), 1), (&p.view(), 0)], |index, [x, p]| {
            expected[index] = weighted(x.as_slice().unwrap(), p[&[][..]]);
        });
        on_every_isa(|| {
            assert_eq!(weighted::map(x.view(), p.view()).unwrap(), expected);
        });
    }
}

#[test]
fn results_have_static_axes() {
    let a = Array3::<f64>::ones((2, 3, 4));
    let x = Array1::<f64>::ones(4);
    let y: Array2<f64> = matvec::map(&a, &x).unwrap();
    assert_eq!(y, Array2::from_elem((2, 3), 4.0));
    let one: Array1<f64> = matvec::map(&array![[1.0, 2.0], [3.0, 4.0]], &[1.0, 1.0]).unwrap();
    assert_eq!(one, array![3.0, 7.0]);
    let zero = weighted::map(&[1.0, 2.0], 3.0).unwrap();
    assert_eq!(zero, arr0(9.0));
    let table: Array3<f64> = outer::map(&Array2::ones((5, 2)), &x).unwrap();
    assert_eq!(table.dim(), (5, 2, 4));
    assert_eq!(outer::map(&[1.0, 2.0], &[0.5]).unwrap(), array![[0.5], [1.5]]);
}

#[test]
fn softmax_is_one_along_the_core() {
    let x = Array2::from_shape_fn((7, 5), |(i, j)| (i * j) as f64 / 3.0 - 4.0);
    on_every_isa(|| {
        let out = softmax::map(&x).unwrap();
        for row in 0..7 {
            let mut one = [0.0; 5];
            softmax(x.row(row).as_slice().unwrap(), &mut one);
            assert_eq!(out.row(row), Array1::from_iter(one));
            assert!((out.row(row).sum() - 1.0).abs() < 1e-15);
        }
        // Along the other axis.
        let turned = softmax::map(x.t()).unwrap();
        assert!((turned.row(0).sum() - 1.0).abs() < 1e-15);
    });
    let error = softmax::map(&Array2::zeros((2, 0))).unwrap_err();
    let message = "index 0 of argument `x` is out of range for its length 0";
    assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::Bounds, message));
    assert_eq!(softmax::map(&Array2::zeros((0, 3))).unwrap().dim(), (0, 3));
}

#[test]
fn several_outputs_are_given_in_the_order_of_the_signature() {
    let x = array![[3, 1, 2], [-5, 7, 0]];
    let (low, turned, high) = extremes::map(&x).unwrap();
    assert_eq!((low, high), (array![1, -5], array![3, 7]));
    assert_eq!(turned, array![[2_i64, 1, 3], [0, 7, -5]]);
    let (mut low, mut turned, mut high) =
        (Array1::zeros(2), Array2::zeros((2, 3)), Array1::zeros(2));
    extremes::into(x.slice(s![.., ..; -1]), &mut low, &mut turned, high.slice_mut(s![..; -1]))
        .unwrap();
    assert_eq!((low, high), (array![1, -5], array![7, 3]));
    assert_eq!(turned, array![[3_i64, 1, 2], [-5, 7, 0]]);
}

#[test]
fn fixed_dimensions_and_types_of_choice() {
    let (a, b) = (array![[1.0_f32, 0.0, 0.0], [0.0, 2.0, 0.0]], array![0.0_f32, 0.0, 1.0]);
    assert_eq!(cross::map(&a, &b).unwrap(), array![[0.0, -1.0, 0.0], [2.0, 0.0, 0.0]]);
    assert_eq!(dot::map(&[1.0_f32, 2.0], &[3.0, 4.0]).unwrap(), arr0(11.0_f32));
    assert_eq!(dot::map(&array![[1.0, 2.0], [3.0, 5.0]], &[3.0, 4.0]).unwrap(), array![11.0, 29.0]);
}

#[test]
fn outputs_can_be_read() {
    let x = array![[1.0, 2.0], [3.0, 4.0]];
    let mut out = array![[10.0, 20.0], [30.0, 40.0]];
    running::into(&x, out.view_mut().reversed_axes()).unwrap();
    assert_eq!(out, array![[11.0, 23.0], [33.0, 47.0]]);
}

#[test]
fn parts_change_nothing() {
    for threads in [1, 2, 3] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let x = Array::from_shape_fn((61, 7, 101), |(i, j, k)| {
            ((i * 31 + j * 17 + k * 13) % 97) as f64
        });
        let serial = softmax::map(&x).unwrap();
        let turned = x.view().permuted_axes([2, 1, 0]);
        let serial_turned = softmax::map(turned).unwrap();
        pool.install(|| {
            let same = |a: &Array3<f64>, b: &Array3<f64>| {
                a.iter().zip(b).all(|(a, b)| a.to_bits() == b.to_bits())
            };
            assert!(same(&softmax::par().map(&x).unwrap(), &serial));
            assert!(same(&softmax::par().map(turned).unwrap(), &serial_turned));
            let mut out = Array3::zeros(x.dim());
            softmax::par().into(&x, &mut out).unwrap();
            assert!(same(&out, &serial));
        });
    }
}

#[kernel("(n),()->()", division = error)]
fn mean(x: &[i64], by: i64) -> i64 {
    let mut sum = 0;
    for i in 0..x.len() {
        sum += x[i];
    }
    if by == 13 { x[x.len()] } else { sum / by }
}

#[test]
fn the_first_error_counts() {
    let x = Array2::<i64>::ones((1000, 100));
    let mut by = Array1::<i64>::ones(1000);
    assert_eq!(mean::map(&x, &by).unwrap()[999], 100);
    by[900] = 13;
    by[501] = 0;
    by[700] = 13;
    let error = mean::map(&x, &by).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DivisionByZero);
    assert_eq!(mean::par().map(&x, &by).unwrap_err(), error);
    by[30] = 13;
    let error = mean::par().map(&x, &by).unwrap_err();
    let message = "index 100 of argument `x` is out of range for its length 100";
    assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::Bounds, message));
}

fn shape<T>(result: Result<T, Error>, message: &str) {
    let Err(error) = result else { panic!("no error, instead of: {message}") };
    assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::Shape, message));
}

#[test]
fn shapes_that_do_not_fit_are_errors() {
    let a = Array2::<f64>::ones((2, 3));
    shape(matvec::map(&a, &[1.0; 4]), "core dimension `n` is 3 in argument `a` but 4 in `x`");
    // A core is not broadcast.
    shape(matvec::map(&a, &[1.0]), "core dimension `n` is 3 in argument `a` but 1 in `x`");
    shape(
        cross::map(&[1.0, 2.0], &[1.0, 2.0, 3.0]),
        "a core dimension of argument `a` is 2, and the signature says 3",
    );
    shape(
        matvec::map(&[1.0], &[1.0]),
        "argument `a` has 1 axes, fewer than its core dimensions `(m,n)`",
    );
    shape(
        weighted::map(&a, &[1.0, 2.0, 3.0]),
        "argument `p` of outer shape (3,) cannot be broadcast with (2,), the outer shape of the \
         arguments before it",
    );
    shape(
        matvec::into(&a, &[1.0; 3], &mut [0.0; 3]),
        "output `y` has shape (3,), but the inputs make (2,)",
    );
    shape(
        weighted::into(&a, 1.0, &mut Array1::<f64>::zeros(1)),
        "output `out` has shape (1,), but the inputs make (2,)",
    );
}

#[test]
fn numbers_and_ranges_are_arguments() {
    assert_eq!(weighted::map(&Array2::ones((2, 3)), 0.5).unwrap(), array![1.5, 1.5]);
    let (low, turned, high) = extremes::map(3..6).unwrap();
    assert_eq!((low, high, turned), (arr0(3), arr0(5), array![5_i64, 4, 3]));
    assert_eq!(mean::map(0_i64..5, 1_i64..4).unwrap(), array![10, 5, 3]);
    assert_eq!(
        weighted::map(1.0..4.0, 0.5).unwrap(),
        weighted::map(&array![1.0, 2.0, 3.0], 0.5).unwrap()
    );
    let error = weighted::map(0.5..4.0, 0.5).unwrap_err().to_string();
    assert!(error.starts_with("argument `x` is 0.5..4.0, but the ends"), "{error}");
    assert_eq!(Ix1::NDIM, Some(1));
}

#[kernel("(n)->()", bounds = unchecked)]
unsafe fn first(x: &[f64]) -> f64 {
    x[0]
}

#[test]
fn unchecked_kernels_are_unsafe_to_map() {
    // SAFETY: every core has an element.
    let first = unsafe { first::map(&array![[1.0, 2.0], [3.0, 4.0]]) }.unwrap();
    assert_eq!(first, array![1.0, 3.0]);
}
