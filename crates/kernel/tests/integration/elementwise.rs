//! Elementwise kernels against loops over their ordinary functions.

use ndarray::{Array, Array1, Array2, Array3, ArrayD, ArrayViewD, Axis, IxDyn, Slice, s};
use proptest::prelude::*;
use tenfold_kernel::{ErrorKind, Isa, Num, Real, Stores, kernel, ndarray, with_isa};

#[kernel]
fn saxpy(a: f64, x: f64, y: f64) -> f64 {
    a * x + y
}

#[kernel]
fn mixed(x: f32, n: i32, b: bool) -> f64 {
    if b { f64::from(x) } else { n as f64 }
}

#[kernel]
fn div_rem(x: i32, y: i32) -> (i32, i32) {
    (x / y, x % y)
}

#[kernel(for = [f32, f64, i32, u8])]
fn larger<T: Num>(x: T, y: T) -> T {
    if x > y { x } else { y }
}

#[kernel]
fn negate(x: bool) -> bool {
    !x
}

/// Runs `test` with every instruction set that this machine has.
pub(crate) fn on_every_isa(test: impl Fn()) {
    for isa in Isa::ALL.into_iter().filter(|isa| isa.is_available()) {
        with_isa(isa, &test);
    }
}

/// How an array is cut: `start..end;step` by axis, and which axes are swapped.
#[derive(Debug, Clone)]
struct Cut {
    steps: Vec<isize>,
    swap: (usize, usize),
}

impl Cut {
    fn of<'a>(&self, array: &'a ArrayD<f64>) -> ArrayViewD<'a, f64> {
        let mut view = array.view();
        for (axis, &step) in self.steps.iter().enumerate() {
            view.slice_axis_inplace(Axis(axis), Slice::new(0, None, step));
        }
        view.swap_axes(self.swap.0, self.swap.1);
        view
    }
}

fn lengths() -> impl Strategy<Value = usize> {
    prop_oneof![Just(0), Just(1), Just(2), Just(7), Just(17), Just(31), 1..70_usize]
}

fn cut(axes: usize) -> impl Strategy<Value = Cut> {
    let step = prop_oneof![Just(1_isize), Just(-1), Just(2), Just(-3)];
    let steps = prop::collection::vec(step, axes);
    (steps, 0..axes, 0..axes).prop_map(|(steps, a, b)| Cut { steps, swap: (a, b) })
}

fn ramp(shape: &[usize], seed: f64) -> ArrayD<f64> {
    let mut i = 0.0;
    ArrayD::from_shape_simple_fn(IxDyn(shape), || {
        i += 1.0;
        (i * 0.37 + seed).sin() * 100.0
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Any strides of inputs and output: fresh, into, in place, on threads.
    #[test]
    fn any_layout((shape, a, b) in prop::collection::vec(lengths(), 1..4)
        .prop_flat_map(|shape| { let n = shape.len(); (Just(shape), cut(n), cut(n)) }))
    {
        let (x, y) = (ramp(&shape, 0.1), ramp(&shape, 0.2));
        let (x, y) = (a.of(&x).to_owned(), b.of(&y).to_owned());
        let (x, y) = (a.of(&x), a.of(&y));
        prop_assume!(x.shape() == y.shape());
        let expected = ndarray::Zip::from(&x).and(&y).map_collect(|&x, &y| saxpy(1.5, x, y));
        on_every_isa(|| {
            assert_eq!(saxpy::map(1.5, x.view(), &y).unwrap(), expected);
            let mut storage = ArrayD::zeros(IxDyn(&x.shape().iter().map(|n| 3 * n).collect::<Vec<_>>()));
            let mut out = storage.view_mut();
            for (axis, &step) in b.steps.iter().enumerate() {
                let n = x.shape()[axis];
                let end = (n * step.unsigned_abs()) as isize;
                out.slice_axis_inplace(Axis(axis), Slice::new(0, Some(end), step));
            }
            saxpy::into(1.5, &x, &y, out.view_mut()).unwrap();
            assert_eq!(out, expected);
            out.assign(&y);
            saxpy::par().update(1.5, &x, out.view_mut()).unwrap();
            assert_eq!(out, expected);
        });
    }

    /// NumPy's broadcasting, against ndarray's.
    #[test]
    fn broadcasting(n in lengths(), m in lengths(), k in 1..4_usize) {
        let x = ramp(&[n, 1], 0.3);
        let y = ramp(&[k, 1, m], 0.4);
        let expected = ArrayD::from_shape_fn(IxDyn(&[k, n, m]), |i| {
            saxpy(x[[i[1], 0]], y[[i[0], 0, i[2]]], 0.25)
        });
        on_every_isa(|| assert_eq!(saxpy::map(&x, &y, 0.25).unwrap(), expected));
    }

    #[test]
    fn integers_as_the_ordinary_function(pairs in prop::collection::vec(
        (prop_oneof![any::<i32>(), -3..3, Just(i32::MIN)], prop_oneof![any::<i32>(), -2..3]), 0..50))
    {
        let (x, y): (Vec<i32>, Vec<i32>) = pairs.iter().copied().unzip();
        on_every_isa(|| {
            let (quotients, rests) = div_rem::map(&x, &y).unwrap();
            for (i, &(x, y)) in pairs.iter().enumerate() {
                assert_eq!((quotients[i], rests[i]), div_rem(x, y), "{x} by {y}");
            }
        });
    }

    #[test]
    fn types_of_many_widths(rows in prop::collection::vec(any::<(f32, i32, bool, u8, u8)>(), 0..70)) {
        let x: Vec<f32> = rows.iter().map(|row| row.0).collect();
        let n: Vec<i32> = rows.iter().map(|row| row.1).collect();
        let b: Vec<bool> = rows.iter().map(|row| row.2).collect();
        let u: Vec<u8> = rows.iter().map(|row| row.3).collect();
        let v: Vec<u8> = rows.iter().map(|row| row.4).collect();
        on_every_isa(|| {
            let got = mixed::map(&x, &n, &b).unwrap();
            let larger_u = larger::map(&u, &v).unwrap();
            let larger_n = larger::map(&n, 5).unwrap();
            let not = negate::map(&b).unwrap();
            for i in 0..rows.len() {
                assert_eq!(got[i].to_bits(), mixed(x[i], n[i], b[i]).to_bits());
                assert_eq!(larger_u[i], larger(u[i], v[i]));
                assert_eq!(larger_n[i], n[i].max(5));
                assert_eq!(not[i], !b[i]);
            }
        });
    }
}

#[test]
fn semantics_of_integers() {
    assert_eq!(div_rem(7, 0), (0, 0));
    assert_eq!(div_rem(i32::MIN, -1), (i32::MIN, 0));
    assert_eq!(div_rem(-7, 2), (-3, -1));
}

#[test]
fn all_kinds_of_operands() {
    let (vec, array) = (vec![1.0, 2.0, 3.0], [10.0, 20.0, 30.0]);
    let nd = Array1::from(vec![0.5; 3]);
    assert_eq!(saxpy::map(2.0, &vec, &array).unwrap().to_vec(), [12.0, 24.0, 36.0]);
    assert_eq!(saxpy::map(&vec[..], 1.0, nd.view()).unwrap().to_vec(), [1.5, 2.5, 3.5]);
    assert_eq!(saxpy::map(2.0, 3.0, 4.0).unwrap().into_scalar(), 10.0);
    let mut out = vec![0.0; 3];
    saxpy::into(2.0, &vec, &nd, &mut out).unwrap();
    assert_eq!(out, [2.5, 4.5, 6.5]);
    saxpy::update(1.0, &vec, &mut out[1..].to_vec()).unwrap_err();
    saxpy::update(1.0, &vec, &mut out[..]).unwrap();
    assert_eq!(out, [3.5, 6.5, 9.5]);
    let empty = Array3::<f64>::zeros((2, 0, 3));
    assert_eq!(saxpy::map(1.0, &empty, 2.0).unwrap().dim(), (2, 0, 3));
}

#[kernel]
fn cube(n: u32) -> u32 {
    n * n * n
}

#[kernel(reduce(count))]
fn odd(n: u64) -> bool {
    n % 2 == 1
}

#[kernel(reduce(sum))]
fn product(x: f64, y: f64) -> f64 {
    x * y
}

#[kernel(for = [f32, f64])]
fn tripled<T: Real>(x: T) -> T {
    x + x + x
}

#[test]
fn ranges_count() {
    on_every_isa(|| {
        let cubes = cube::map(3..103).unwrap();
        assert!((3..103).zip(&cubes).all(|(n, &got)| got == n * n * n));
        assert_eq!(cube::map(5..5).unwrap().len(), 0);
        #[expect(clippy::reversed_empty_ranges, reason = "as a user may write it")]
        let none = cube::map(5..2).unwrap();
        assert_eq!(none.len(), 0);
        assert_eq!(cube::par().map(0..100_000).unwrap()[99_999], 99_999_u32.wrapping_pow(3));
    });
}

#[test]
fn ranges_of_floats_count_exactly() {
    on_every_isa(|| {
        // To the last whole numbers that follow each other, and through 0.
        for start in [-1000.0, 0.0, 16_777_216.0 - 777.0] {
            let got = tripled::map(start as f32..start as f32 + 777.0).unwrap();
            assert!((0..777).zip(&got).all(|(n, &got)| got == 3.0 * (start + f64::from(n)) as f32));
        }
        for start in [-1000.0, 0.0, 9_007_199_254_740_992.0 - 777.0] {
            let got = tripled::map(start..start + 777.0).unwrap();
            assert!((0..777).zip(&got).all(|(n, &got)| got == 3.0 * (start + f64::from(n))));
            let ones = Array2::ones((3, 777));
            // Outputs are written forwards, so that the range is counted down.
            let mut turned = ones.clone();
            saxpy::into(1.0, start..start + 777.0, &ones, turned.slice_mut(s![..;-1, ..;-1]))
                .unwrap();
            assert!(turned.rows().into_iter().all(|row| {
                (0..777).zip(row.iter().rev()).all(|(n, &got)| got == start + f64::from(n) + 1.0)
            }));
            for ones in [ones.slice(s![.., ..]), ones.slice(s![..;-1, ..;-1])] {
                let sums = saxpy::map(1.0, start..start + 777.0, ones).unwrap();
                assert!(sums.rows().into_iter().all(|row| {
                    (0..777).zip(row).all(|(n, &got)| got == start + f64::from(n) + 1.0)
                }));
            }
        }
        // In parts, each of which begins somewhere in the range.
        let got = tripled::par().map(-7.0..99_993.0).unwrap();
        assert!((-7..99_993).zip(&got).all(|(n, &got)| got == 3.0 * f64::from(n)));
        assert_eq!(tripled::map(5.0..2.0).unwrap().len(), 0);
    });
}

#[test]
fn ranges_that_do_not_count() {
    let why = "but the ends of ranges of floats are whole, and at most 2^53 (f64) or 2^24 (f32) from 0 and from each other";
    for range in
        [0.5..3.0, 0.0..2.5, 0.0..f64::INFINITY, f64::NAN..3.0, 0.0..9_007_199_254_740_994.0]
    {
        let expected = format!("argument `x` is {range:?}, {why}");
        assert_eq!(message(tripled::map(range.clone()), ErrorKind::Argument), expected);
        let mut out = vec![0.0; 3];
        assert_eq!(message(tripled::into(range.clone(), &mut out), ErrorKind::Argument), expected);
        let none = &mut out[..0];
        assert_eq!(message(tripled::into(range, none), ErrorKind::Argument), expected);
    }
    for range in [0.0..16_777_218_f32, -16_777_216.0..1.0] {
        let expected = format!("argument `x` is {range:?}, {why}");
        assert_eq!(message(tripled::map(range), ErrorKind::Argument), expected);
    }
    assert_eq!(
        message(odd::reduce(0..u64::MAX), ErrorKind::Argument),
        "argument `n` is 0..18446744073709551615, longer than an array can be"
    );
    // Nor together: so many elements cannot even be counted.
    let column = Array2::ones((2048, 1));
    assert_eq!(
        message(product::reduce(0.0..9_007_199_254_740_992.0, &column), ErrorKind::Shape),
        "the shape (2048, 9007199254740992) that the arguments make up to `y` has more elements than an array can have"
    );
}

#[test]
fn column_major_stays_column_major() {
    let x = ramp(&[40, 30], 0.1).into_dimensionality::<ndarray::Ix2>().unwrap();
    let f = x.clone().reversed_axes();
    let got = saxpy::map(2.0, &f, 1.0).unwrap();
    assert_eq!(got.strides(), f.strides());
    assert_eq!(got, f.mapv(|x| saxpy(2.0, x, 1.0)));
}

/// What the error of a call says.
fn message<T: std::fmt::Debug>(
    result: Result<T, tenfold_kernel::Error>,
    kind: ErrorKind,
) -> String {
    let error = result.unwrap_err();
    assert_eq!(error.kind(), kind, "{error}");
    error.to_string()
}

#[test]
fn shapes_that_do_not_fit() {
    let (x, y) = (Array2::<f64>::zeros((2, 3)), Array2::<f64>::zeros((4, 3)));
    assert_eq!(
        message(saxpy::map(1.0, &x, &y), ErrorKind::Shape),
        "argument `y` of shape (4, 3) cannot be broadcast with (2, 3), the shape of the arguments \
         before it"
    );
    let mut out = Array2::<f64>::zeros((3, 2));
    assert_eq!(
        message(saxpy::into(1.0, &x, &x, &mut out), ErrorKind::Shape),
        "output `out` has shape (3, 2), but the inputs make (2, 3)"
    );
    let mut flat = vec![0.0; 6];
    assert_eq!(
        message(saxpy::par().into(1.0, &x, &x, &mut flat), ErrorKind::Shape),
        "output `out` has shape (6,), but the inputs make (2, 3)"
    );
    // In place, the last argument must have the whole shape.
    let mut row = Array2::<f64>::zeros((1, 3));
    message(saxpy::update(1.0, &x, &mut row), ErrorKind::Shape);
}

#[kernel(division = error)]
fn ratio(x: f64, y: f64) -> f64 {
    x / y
}

#[kernel(division = error)]
fn guarded(n: i32, d: i32) -> i32 {
    if d != 0 && n / d > 2 { n / d } else { 0 }
}

#[test]
fn division_by_zero_is_an_error_on_request() {
    on_every_isa(|| {
        let mut y = vec![1.0; 100];
        assert!(ratio::map(1.0, &y).is_ok());
        y[99] = 0.0;
        message(ratio::map(1.0, &y), ErrorKind::DivisionByZero);
        message(ratio::par().map(1.0, &y), ErrorKind::DivisionByZero);
        // Not where the condition keeps the lane from dividing.
        let got = guarded::map(&[9, 9, 3], &[3, 0, 3]).unwrap();
        assert_eq!(got.to_vec(), [3, 0, 0]);
    });
}

#[kernel]
fn twelve(
    a: f64,
    b: f64,
    c: f64,
    d: f64,
    e: f64,
    f: f64,
    g: f64,
    h: f64,
    i: f64,
    j: f64,
    k: f64,
    l: f64,
) -> (f64, f64, f64) {
    (a + b + c + d, e + f + g + h, i * j * k * l)
}

#[test]
fn twelve_arguments_and_three_results() {
    let x = Array::linspace(0.0, 1.0, 50);
    let (first, second, third) =
        twelve::map(&x, 1.0, &x, &x, &x, &x, &x, 2.0, &x, &x, &x, &x).unwrap();
    let y = x[20];
    assert_eq!(first[20], y + 1.0 + y + y);
    assert_eq!(second[20], y + y + y + 2.0);
    assert_eq!(third[20], y * y * y * y);
    let (mut a, mut b, mut c) = (vec![0.0; 50], Array1::zeros(50), [0.0; 50]);
    twelve::into(&x, 1.0, &x, &x, &x, &x, &x, 2.0, &x, &x, &x, &x, &mut a, &mut b, &mut c).unwrap();
    assert_eq!((a[20], b[20], c[20]), (first[20], second[20], third[20]));
}

#[test]
fn threads_and_streams_change_nothing() {
    let x = Array1::from_iter((0..5_000_011).map(|i| f64::from(i) * 0.25));
    let expected = x.mapv(|x| saxpy(3.0, x, 1.0));
    assert_eq!(saxpy::map(3.0, &x, 1.0).unwrap(), expected);
    assert_eq!(saxpy::par().map(3.0, &x, 1.0).unwrap(), expected);
    let mut out = Array1::zeros(x.len() + 3);
    saxpy::par().into(3.0, &x, 1.0, out.slice_mut(s![3..])).unwrap();
    assert_eq!(out.slice(s![3..]), expected);
}

#[kernel]
fn casts(a: u32, b: i32, c: u64, d: i64) -> (f64, f64, f64, f64) {
    (a as f64, b as f64, c as f64, d as f64)
}

#[test]
fn integers_become_the_nearest_numbers() {
    let mut state = 1_u64;
    let mut bits = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(99);
        state ^ state >> 31
    };
    let ends = [0, 1, u64::MAX, 1 << 63, (1 << 63) - 1, 1 << 31, (1 << 31) - 1, 1 << 32, 1 << 53];
    let c: Vec<u64> = ends.into_iter().chain((0..100).map(|i| bits() >> (i % 60))).collect();
    let a: Vec<u32> = c.iter().map(|&c| c as u32).collect();
    let b: Vec<i32> = a.iter().map(|a| a.cast_signed()).collect();
    let d: Vec<i64> = c.iter().map(|c| c.cast_signed()).collect();
    on_every_isa(|| {
        let (fa, fb, fc, fd) = casts::map(&a, &b, &c, &d).unwrap();
        for i in 0..c.len() {
            let expected = (f64::from(a[i]), f64::from(b[i]), c[i] as f64, d[i] as f64);
            assert_eq!((fa[i], fb[i], fc[i], fd[i]), expected, "{}", c[i]);
        }
    });
}

#[kernel(stores = stream)]
fn multiples(x: f64) -> (f64, f64, f64) {
    (x, 2.0 * x, 3.0 * x)
}

#[test]
fn outputs_that_are_not_aligned_together_are_written() {
    let x: Vec<f64> = (0..97).map(f64::from).collect();
    on_every_isa(|| {
        let mut outs = [vec![0.0; 105], vec![0.0; 105], vec![0.0; 105]];
        for starts in (0..8).flat_map(|b| (0..8).map(move |c| [0, b, c])) {
            let [a, b, c] = &mut outs;
            let at = |out: usize| starts[out]..starts[out] + x.len();
            multiples::into(&x, &mut a[at(0)], &mut b[at(1)], &mut c[at(2)]).unwrap();
            for (factor, (out, start)) in [1.0, 2.0, 3.0].into_iter().zip(outs.iter().zip(starts)) {
                assert!((0..x.len()).all(|i| out[start + i] == factor * x[i]), "{starts:?}");
            }
        }
    });
}

#[test]
fn explains_itself() {
    let explain = saxpy::explain();
    assert_eq!((explain.kernel, explain.isa), ("saxpy", Isa::detect()));
    with_isa(Isa::Baseline, || assert_eq!(saxpy::explain().isa, Isa::Baseline));
    assert_eq!((explain.lanes, explain.stores), (Isa::detect().lanes(), Some(Stores::Auto)));
    assert!(explain.to_string().starts_with("saxpy: "), "{explain}");
}
