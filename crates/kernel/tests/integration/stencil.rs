//! Stencils against the function itself, place by place.

use proptest::prelude::*;
use tenfold_kernel::__private::{Call, Field, stencil_map, stencil_steps};
use tenfold_kernel::ndarray::{
    Array, Array1, Array2, ArrayRef, ArrayViewMut2, Axis, Dimension, IntoDimension, Ix1, Ix2, Ix3,
    Slice, array, s,
};
use tenfold_kernel::{Border, ErrorKind, Isa, Nbr1, Nbr2, Nbr3, Real, Stores, kernel, with_isa};

#[kernel(stencil, border = reflect)]
fn line(u: Nbr1<f64>) -> f64 {
    0.5 * u[0] - 0.3 * u[-3] + 0.25 * u[1] / (1.0 + u[2].abs())
}

#[kernel(stencil, border = const(-1.5))]
fn heat(u: Nbr2<f64>) -> f64 {
    0.5 * u[[0, 0]] + 0.125 * (u[[-1, 0]] + u[[1, 0]] + u[[0, -1]] + u[[0, 1]])
}

#[kernel(stencil, border = wrap)]
fn skew(u: Nbr2<f64>) -> f64 {
    0.4 * u[[-2, 3]] - 0.3 * u[[1, -1]] + 0.2 * u[[0, 0]] + 0.1 * u[[-1, -1]]
}

#[kernel(stencil, border = nearest)]
fn ahead(u: Nbr2<f64>) -> f64 {
    0.75 * u[[2, 0]] + 0.25 * u[[1, -1]]
}

#[kernel(stencil)]
fn behind(u: Nbr2<f64>) -> f64 {
    0.75 * u[[-2, 0]] + 0.25 * u[[0, 1]]
}

/// Needs many planes between two steps.
#[kernel(stencil, border = reflect)]
fn far(u: Nbr2<f64>) -> f64 {
    0.5 * u[[-5, 0]] + 0.25 * u[[1, 1]] + 0.25 * u[[0, -1]]
}

#[kernel(stencil, border = reflect)]
fn along(u: Nbr2<f64>) -> f64 {
    0.75 * u[[0, -2]] + 0.25 * u[[0, 1]]
}

#[kernel(stencil, border = valid)]
fn wave(u: Nbr2<f64>, k: f64, c: Nbr2<f64>) -> f64 {
    u[[0, 0]] + k * c[[0, 0]] * (u[[0, 1]] - u[[-1, 0]]) - c[[1, -2]]
}

#[kernel(stencil, border = wrap)]
fn cube(u: Nbr3<f64>) -> f64 {
    0.4 * u[[-1, 0, 0]] - 0.3 * u[[1, 2, -1]] + 0.2 * u[[0, -1, 2]] + 0.1 * u[[0, 0, 0]]
}

#[kernel(stencil, border = valid, stores = stream)]
fn edges(u: Nbr2<f64>) -> f64 {
    u[[-1, 0]] - u[[1, 0]] + u[[0, -1]] - u[[0, 1]]
}

/// By itself.
#[kernel(stencil, border = valid, division = error)]
fn share(u: Nbr2<i64>) -> i64 {
    (u[[0, -1]] + u[[0, 1]] + u[[-1, 0]] + u[[1, 0]]) / u[[0, 0]]
}

/// All borders; what a kernel of any of them is compiled to is the same.
const BORDERS: [Border<f64>; 5] =
    [Border::Const(-1.5), Border::Reflect, Border::Wrap, Border::Nearest, Border::Valid];

const PAR: Call = Call { par: true, ..Call::ONE };
const STREAM: Call = Call { stores: Stores::Stream, ..Call::ONE };

/// Some numbers, of which some are special.
fn numbers<D: Dimension>(shape: D, seed: usize) -> Array<f64, D> {
    let mut state = seed as u64;
    Array::from_shape_simple_fn(shape, || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        match state >> 56 {
            0 => f64::NAN,
            1 => f64::INFINITY,
            2 => -0.0,
            _ => (state >> 33) as f64 / f64::from(1 << 30) - 1.0,
        }
    })
}

/// The same array in another layout: axes reversed, backwards, or with gaps.
fn laid_out<D: Dimension>(a: &Array<f64, D>, layout: usize) -> Array<f64, D> {
    match layout {
        0 => a.clone(),
        1 => {
            let mut reversed = Array::zeros(a.t().raw_dim());
            reversed.assign(&a.t());
            reversed.reversed_axes()
        }
        _ => {
            let mut turned = a.clone();
            for axis in 0..a.ndim() {
                turned.invert_axis(Axis(axis));
            }
            let mut copy = turned.clone();
            copy.assign(a);
            let mut result = turned;
            result.assign(a);
            result
        }
    }
}

/// Bits, with all NaN made one: which of two a sum keeps is nobody's business.
fn bits<D: Dimension>(a: &ArrayRef<f64, D>) -> Array<u64, D> {
    a.mapv(|x| if x.is_nan() { f64::NAN.to_bits() } else { x.to_bits() })
}

fn on_all(mut f: impl FnMut(Isa)) {
    for isa in Isa::ALL {
        if isa.is_available() {
            with_isa(isa, || f(isa));
        }
    }
}

/// The kernel by its function, with `low` and `high` the reach.
fn oracle<D: Dimension, const N: usize>(
    shape: [usize; N],
    border: Border<f64>,
    reach: [(usize, usize); N],
    f: impl Fn([usize; N]) -> f64,
) -> Array<f64, D> {
    let is_valid = border == Border::Valid;
    let mut dim = D::zeros(N);
    for axis in 0..N {
        let cut = if is_valid { reach[axis].0 + reach[axis].1 } else { 0 };
        dim[axis] = shape[axis].saturating_sub(cut);
    }
    Array::from_shape_fn(dim, |at| {
        let at = at.into_dimension();
        let shift = |axis: usize| if is_valid { reach[axis].0 } else { 0 };
        f(std::array::from_fn(|axis| at[axis] + shift(axis)))
    })
}

/// The steps by the function: with `valid` the frame stays.
fn stepped<D: Dimension>(
    u: &Array<f64, D>,
    count: usize,
    border: Border<f64>,
    reach: &[(usize, usize)],
    map: impl Fn(&Array<f64, D>) -> Array<f64, D>,
) -> Array<f64, D> {
    let mut u = u.clone();
    for _ in 0..count {
        let next = map(&u);
        if border == Border::Valid {
            if !next.is_empty() {
                let mut inner = u.view_mut();
                for (axis, (low, high)) in reach.iter().enumerate() {
                    let end = inner.len_of(Axis(axis)) - high;
                    inner.slice_axis_inplace(Axis(axis), Slice::from(*low..end));
                }
                inner.assign(&next);
            }
        } else {
            u = next;
        }
    }
    u
}

macro_rules! check {
    ($name:ident $Nbr:ident $Ix:ident $reach:expr; $shape:expr, $seed:expr, $layout:expr, $count:expr) => {{
        let reach = $reach;
        let u: Array<f64, $Ix> = numbers($shape.into_dimension(), $seed);
        let laid = laid_out(&u, $layout);
        for border in BORDERS {
            let map = |u: &Array<f64, $Ix>, call: Call| {
                let args = (Field::new(&u, border), ());
                stencil_map::<$name, f64, $Ix>(&args, call).unwrap().0
            };
            let steps = |mut u: Array<f64, $Ix>, call: Call| {
                let field = Field::of_output(&mut &mut u, border);
                stencil_steps::<$name, f64, f64>($count, 0, &field, &(field, ()), call).unwrap();
                u
            };
            let expected: Array<f64, $Ix> =
                oracle($shape, border, reach, |at| $name($Nbr::new(&u, at, border)));
            let after = stepped(&u, $count, border, &reach, |u| map(u, Call::ONE));
            on_all(|isa| {
                let what = (stringify!($name), border, isa, $shape, $layout, $count);
                assert_eq!(bits(&map(&laid, Call::ONE)), bits(&expected), "{what:?}");
                assert_eq!(bits(&map(&laid, PAR)), bits(&expected), "par {what:?}");
                assert_eq!(bits(&map(&laid, STREAM)), bits(&expected), "stream {what:?}");
                assert_eq!(bits(&steps(laid.clone(), Call::ONE)), bits(&after), "steps {what:?}");
                assert_eq!(bits(&steps(laid.clone(), PAR)), bits(&after), "par steps {what:?}");
            });
        }
    }};
}

const LINE: [(usize, usize); 1] = [(3, 2)];
const HEAT: [(usize, usize); 2] = [(1, 1), (1, 1)];
const SKEW: [(usize, usize); 2] = [(2, 1), (1, 3)];
const CUBE: [(usize, usize); 3] = [(1, 1), (1, 2), (1, 2)];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn one_dimension(n in 0..70_usize, seed: usize, layout in 0..3_usize, count in 0..6_usize) {
        check!(line Nbr1 Ix1 LINE; [n], seed, layout, count);
    }

    #[test]
    fn two_dimensions(
        rows in 0..12_usize, columns in 0..40_usize, seed: usize,
        layout in 0..3_usize, count in 0..9_usize,
    ) {
        check!(heat Nbr2 Ix2 HEAT; [rows, columns], seed, layout, count);
        check!(skew Nbr2 Ix2 SKEW; [rows, columns], seed, layout, count);
    }

    #[test]
    fn one_sided(rows in 0..9_usize, columns in 0..20_usize, seed: usize, count in 0..9_usize) {
        check!(ahead Nbr2 Ix2 [(0, 2), (1, 0)]; [rows, columns], seed, 0, count);
        check!(behind Nbr2 Ix2 [(2, 0), (0, 1)]; [rows, columns], seed, 0, count);
        check!(along Nbr2 Ix2 [(0, 0), (2, 1)]; [rows, columns], seed, 0, count);
        check!(far Nbr2 Ix2 [(5, 1), (1, 1)]; [2 * rows, columns], seed, 0, count);
    }

    #[test]
    fn three_dimensions(
        planes in 0..6_usize, rows in 0..6_usize, columns in 0..24_usize, seed: usize,
        layout in 0..3_usize, count in 0..5_usize,
    ) {
        check!(cube Nbr3 Ix3 CUBE; [planes, rows, columns], seed, layout, count);
    }
}

/// Large enough for several parts, tiles and waves.
#[test]
fn larger_than_a_part() {
    check!(line Nbr1 Ix1 LINE; [20_011], 1, 0, 3);
    check!(heat Nbr2 Ix2 HEAT; [67, 1301], 2, 1, 13);
    check!(skew Nbr2 Ix2 SKEW; [211, 53], 3, 0, 20);
    check!(cube Nbr3 Ix3 CUBE; [23, 19, 41], 4, 2, 7);
}

/// So large that vectors and `wrap` are cut on one thread.
#[test]
fn larger_than_the_cache() {
    check!(line Nbr1 Ix1 LINE; [70_001], 5, 0, 80);
    check!(skew Nbr2 Ix2 SKEW; [301, 257], 6, 0, 41);
}

#[test]
fn several_inputs() {
    const WAVE: [(usize, usize); 2] = [(1, 1), (2, 1)];
    let (u, c): (Array2<f64>, Array2<f64>) = (numbers(Ix2(13, 37), 1), numbers(Ix2(13, 37), 2));
    let at = |u: &Array2<f64>| {
        oracle::<Ix2, 2>([13, 37], Border::Valid, WAVE, |at| {
            let [u, c] = [u, &c].map(|array| Nbr2::new(array, at, Border::Valid));
            wave(u, 0.3, c)
        })
    };
    on_all(|_| {
        let found = wave::map(&u, 0.3, c.view()).unwrap();
        assert_eq!(bits(&found), bits(&at(&u)));
        let mut out = Array2::zeros((11, 34));
        wave::par().into(&u, 0.3, c.view(), &mut out).unwrap();
        assert_eq!(bits(&out), bits(&found));
        let mut found = u.clone();
        wave::steps(5).run(&mut found, 0.3, &c).unwrap();
        assert_eq!(bits(&found), bits(&stepped(&u, 5, Border::Valid, &WAVE, at)));
        let mut found = u.clone();
        wave::par().steps(5).run(&mut found, 0.3, &c).unwrap();
        assert_eq!(bits(&found), bits(&stepped(&u, 5, Border::Valid, &WAVE, at)));
    });
}

/// What is written behind `border =` is what is done.
#[test]
fn borders_as_written() {
    let (u, v): (Array2<f64>, Array1<f64>) = (numbers(Ix2(7, 9), 1), numbers(Ix1(20), 2));
    let at = |border, f: fn(Nbr2<'_, f64>) -> f64| {
        oracle::<Ix2, 2>([7, 9], border, [(2, 0), (0, 1)], |at| f(Nbr2::new(&u, at, border)))
    };
    assert_eq!(bits(&heat::map(&u).unwrap()), bits(&at(Border::Const(-1.5), heat)));
    assert_eq!(bits(&skew::map(&u).unwrap()), bits(&at(Border::Wrap, skew)));
    assert_eq!(bits(&ahead::map(&u).unwrap()), bits(&at(Border::Nearest, ahead)));
    assert_eq!(bits(&along::map(&u).unwrap()), bits(&at(Border::Reflect, along)));
    assert_eq!(bits(&behind::map(&u).unwrap()), bits(&at(Border::Valid, behind)));
    let expected = v.indexed_iter().map(|(at, _)| line(Nbr1::new(&v, [at], Border::Reflect)));
    let mut out = vec![0.0; 20];
    line::into(&v.to_vec(), &mut out).unwrap();
    assert_eq!(bits(&Array1::from(out)), bits(&expected.collect::<Array1<f64>>()));
}

#[kernel(stencil, border = nearest, for = [f32, f64])]
fn sharpen<T: Real>(u: Nbr2<T>, by: T) -> T {
    u[[0, 0]] + by * (u[[0, 0]] - u[[0, 1]])
}

#[kernel(stencil, border = const(0))]
fn life(u: Nbr2<u8>) -> u8 {
    let around = u[[-1, -1]]
        + u[[-1, 0]]
        + u[[-1, 1]]
        + u[[0, -1]]
        + u[[0, 1]]
        + u[[1, -1]]
        + u[[1, 0]]
        + u[[1, 1]];
    if around == 3 || (around == 2 && u[[0, 0]] == 1) { 1 } else { 0 }
}

#[kernel(stencil, border = wrap)]
fn slopes(u: Nbr1<i32>) -> (i32, f32) {
    (u[1] - u[0], (u[0] - u[-1]) as f32 / 2.0)
}

#[kernel(stencil, border = reflect, division = error)]
fn ratio(u: Nbr1<i64>) -> i64 {
    u[1] / u[0]
}

#[kernel(stencil, border = reflect)]
fn halvings(u: Nbr1<f64>) -> f64 {
    let mut x = u[-1] + u[1];
    while x > 1.0 {
        x *= 0.5;
    }
    x
}

#[test]
fn element_types() {
    let u = Array2::from_shape_fn((5, 23), |(i, j)| (i * j % 7) as f32);
    on_all(|_| {
        let found = sharpen::map(&u, 0.5).unwrap();
        for (at, x) in found.indexed_iter() {
            assert_eq!(*x, sharpen(Nbr2::new(&u, at.into(), Border::Nearest), 0.5));
        }
        let found = sharpen::map(&u.mapv(f64::from), 0.5).unwrap();
        assert_eq!(found[[1, 1]], f64::from(sharpen(Nbr2::new(&u, [1, 1], Border::Nearest), 0.5)));
        let w = array![3, 9, 27, 28];
        let (right, left) = slopes::map(&w).unwrap();
        assert_eq!((right, left), (array![6, 18, 1, -25], array![-12.5, 3.0, 9.0, 0.5]));
        let mut glider = Array2::<u8>::zeros((40, 40));
        glider.slice_mut(s![..3, ..3]).assign(&array![[0, 1, 0], [0, 0, 1], [1, 1, 1]]);
        let mut moved = glider.clone();
        life::steps(4 * 20).run(&mut moved).unwrap();
        assert_eq!(moved.slice(s![20..23, 20..23]), glider.slice(s![..3, ..3]));
        assert_eq!(moved.iter().sum::<u8>(), 5);
        // A loop ends, whatever lies in lanes that nobody looks at.
        let mut x = Array1::linspace(0.0, 900.0, 19);
        halvings::steps(50).run(&mut x).unwrap();
        assert!(x.iter().all(|x| *x <= 1.0));
    });
}

#[test]
fn errors_name_the_argument() {
    let (u, c) = (Array2::<f64>::zeros((3, 4)), Array2::<f64>::zeros((3, 5)));
    let error = wave::map(&u, 1.0, &c).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Shape);
    assert_eq!(error.to_string(), "argument `c` has shape (3, 5), but `u` has shape (3, 4)");
    let error = heat::into(&u, &mut c.clone()).unwrap_err();
    assert_eq!(error.to_string(), "output `out` has shape (3, 5), but the inputs make (3, 4)");
    let error = behind::into(&u, &mut c.clone()).unwrap_err();
    assert_eq!(error.to_string(), "output `out` has shape (3, 5), but the inputs make (1, 3)");
    assert_eq!(slopes::map(0..9).unwrap_err().kind(), ErrorKind::Argument);
    let zero = ratio::map(&array![1_i64, 0, 3, 0]).unwrap_err();
    assert_eq!(zero.kind(), ErrorKind::DivisionByZero);
    assert_eq!(ratio::map(&array![1_i64, 2, 4, 4]).unwrap(), array![2, 2, 1, 1]);
    let mut v = array![3_i64, 3, 3, 3, 3];
    ratio::steps(3).run(&mut v).unwrap();
    assert_eq!(ratio::par().steps(1).run(&mut Array1::zeros(40)).unwrap_err(), zero);
}

/// Rows of outputs that are aligned nowhere, or somewhere.
#[test]
fn streams_start_where_rows_are_aligned() {
    let u: Array2<f64> = numbers(Ix2(5, 45), 8);
    let expected = bits(&edges::map(&u).unwrap());
    on_all(|_| {
        let mut room = vec![0.0; 3 * 43 + 8];
        for start in 0..8 {
            let out = &mut room[start..start + 3 * 43];
            let mut out = ArrayViewMut2::from_shape((3, 43), out).unwrap();
            edges::into(&u, &mut out).unwrap();
            assert_eq!(bits(&out), expected, "{start}");
        }
    });
}

/// A zero in the frame, or in lanes that nobody looks at, is nobody's divisor.
#[test]
fn only_what_is_computed_can_fail() {
    let mut u = Array2::from_elem((9, 13), 3_i64);
    for at in [[0, 4], [8, 0], [8, 12], [3, 0], [5, 12]] {
        u[at] = 0;
    }
    on_all(|_| {
        let mut v = u.clone();
        share::steps(1).run(&mut v).unwrap();
        assert!(v.slice(s![2..7, 2..11]).iter().all(|&x| x == 4), "{v}");
        assert_eq!((v[[1, 4]], v[[3, 1]], v[[8, 5]]), (3, 3, 3));
        let mut v = u.clone();
        v[[4, 5]] = 0;
        assert_eq!(share::steps(1).run(&mut v).unwrap_err().kind(), ErrorKind::DivisionByZero);
    });
}

/// The frame of `valid` stays, and a plate without an inside stays as it is.
#[test]
fn the_frame_stays() {
    let u: Array2<f64> = numbers(Ix2(2, 9), 3);
    let mut v = u.clone();
    behind::steps(9).run(&mut v).unwrap();
    assert_eq!(bits(&v), bits(&u));
    assert_eq!(behind::map(&u).unwrap().dim(), (0, 8));
}

#[test]
fn borders_are_those_of_numpy() {
    let u = array![0, 1, 2, 3];
    let pad = |border| -> Vec<i32> {
        (0..14).map(|at| Nbr1::new(&u, [0], border).at([at - 5])).collect()
    };
    assert_eq!(pad(Border::Const(9)), [9, 9, 9, 9, 9, 0, 1, 2, 3, 9, 9, 9, 9, 9]);
    assert_eq!(pad(Border::Reflect), [1, 2, 3, 2, 1, 0, 1, 2, 3, 2, 1, 0, 1, 2]);
    assert_eq!(pad(Border::Wrap), [3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0]);
    assert_eq!(pad(Border::Nearest), [0, 0, 0, 0, 0, 0, 1, 2, 3, 3, 3, 3, 3, 3]);
    assert_eq!(Nbr1::new(&array![7], [0], Border::Reflect).at([-3]), 7);
}
