//! Factorisations by the residuals that LAPACK's own tests have: what they are off, in terms of the size of the array
//! and the precision of its numbers. LAPACK passes what is below 30.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ndarray::{Array1, Array2, Axis, Ix2, array, s};
use proptest::prelude::*;
use tenfold_array::{Array, ErrorKind, Linear, NormOrd, Random, Settings, Triangle};

const PASSES: f64 = 30.0;

fn normal(rows: usize, cols: usize, seed: u64) -> Array2<f64> {
    Random::new(seed).standard_normal::<f64, _>([rows, cols], 64).compute().unwrap()
}

/// The largest sum of sizes along a column.
fn norm(a: &Array2<f64>) -> f64 {
    a.map(|x| x.abs()).sum_axis(Axis(0)).iter().copied().fold(0.0, f64::max)
}

/// How far `b` is from `a`, in terms of its size, its longer side, and a precision.
fn residual(a: &Array2<f64>, b: &Array2<f64>, epsilon: f64) -> f64 {
    assert_eq!(a.shape(), b.shape());
    let scale = norm(a) * a.nrows().max(a.ncols()) as f64 * epsilon;
    let off = norm(&(a - b));
    if off == 0.0 { 0.0 } else { off / scale }
}

/// How far the columns of a matrix are from orthogonal.
fn off_orthogonal(q: &Array2<f64>, epsilon: f64) -> f64 {
    residual(&Array2::eye(q.ncols()), &q.t().dot(q), epsilon) * q.ncols() as f64
        / q.nrows().max(1) as f64
}

fn wide<T: Linear + Into<f64>>(x: &Array<T, Ix2>, settings: &Settings) -> Array2<f64> {
    settings.compute(x).unwrap().mapv(T::into)
}

fn check_qr<T: Linear + Into<f64>>(x: &Array<T, Ix2>, epsilon: f64) {
    let settings = Settings::new().threads(2);
    let (q, r) = x.qr();
    let (x, q, r) = (wide(x, &settings), wide(&q, &settings), wide(&r, &settings));
    let k = x.nrows().min(x.ncols());
    assert_eq!((q.shape(), r.shape()), (&[x.nrows(), k][..], &[k, x.ncols()][..]));
    assert!(r.indexed_iter().all(|((i, j), r)| i <= j || *r == 0.0), "{r}");
    assert!(residual(&x, &q.dot(&r), epsilon) < PASSES);
    assert!(off_orthogonal(&q, epsilon) < PASSES, "{:?}", x.shape());
}

fn check_svd<T: Linear + Into<f64>>(x: &Array<T, Ix2>, epsilon: f64) {
    let settings = Settings::new().threads(2);
    let svd = x.svd();
    let s: Array1<f64> = settings.compute(&svd.s).unwrap().mapv(T::into);
    let (x, u, vt) = (wide(x, &settings), wide(&svd.u, &settings), wide(&svd.vt, &settings));
    let k = x.nrows().min(x.ncols());
    assert_eq!((u.shape(), s.len(), vt.shape()), (&[x.nrows(), k][..], k, &[k, x.ncols()][..]));
    assert!(s.windows(2).into_iter().all(|pair| pair[0] >= pair[1]) && s.iter().all(|s| *s >= 0.0));
    assert!(residual(&x, &(&u * &s).dot(&vt), epsilon) < PASSES);
    assert!(off_orthogonal(&u, epsilon) < PASSES);
    assert!(off_orthogonal(&vt.t().to_owned(), epsilon) < PASSES);
}

/// What is hard to factor: large, small, of less than full rank, of columns of very different sizes.
fn hard(mut x: Array2<f64>, sort: usize) -> Array2<f64> {
    match sort % 8 {
        // Squares are infinite, and 0.
        6 => x * 1e160,
        7 => x * 1e-160,
        0 => x,
        1 => x * 1e140,
        2 => x * 1e-140,
        3 => {
            let first = x.column(0).to_owned();
            x.columns_mut().into_iter().skip(1).for_each(|mut column| column.assign(&first));
            x
        }
        4 => {
            let mut scale = 1.0;
            for mut column in x.columns_mut() {
                column *= scale;
                scale *= 1e-3;
            }
            x
        }
        _ => x * 0.0,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn tall_and_wide_arrays_are_factored(
        rows in 1..70_usize, cols in 1..12_usize, cut in 1..40_usize, sort in 0..8_usize, seed in any::<u64>(),
    ) {
        let x = hard(normal(rows, cols, seed), sort);
        for x in [x.clone(), x.t().to_owned()] {
            let lazy = Array::from_ndarray(x, [cut, 1 + cut / 3]);
            check_qr(&lazy, f64::EPSILON);
            check_svd(&lazy, f64::EPSILON);
            if ![1, 2, 6, 7].contains(&sort) {
                check_qr(&lazy.astype::<f32>(), f32::EPSILON.into());
                check_svd(&lazy.astype::<f32>(), f32::EPSILON.into());
            }
        }
    }

    #[test]
    fn least_squares_are_orthogonal_to_the_columns(
        rows in 1..60_usize, cols in 1..9_usize, sides in 1..4_usize, cut in 1..30_usize, sort in 0..6_usize, seed in any::<u64>(),
    ) {
        // Two equal columns of two numbers may differ by what is cut off.
        prop_assume!(sort != 3 || rows > 2);
        let a = hard(normal(rows, cols, seed), sort);
        let b = normal(rows, sides, seed ^ 1);
        let (x, y) = (Array::from_ndarray(a.clone(), cut), Array::from_ndarray(b.clone(), cut));
        let found = x.lstsq(&y, None);
        let solution = found.x.compute().unwrap();
        prop_assert_eq!(solution.shape(), &[cols, sides]);
        let left = &b - a.dot(&solution);
        let along = a.t().dot(&left);
        let scale = norm(&a) * norm(&b).max(norm(&a) * norm(&solution)) * rows.max(cols) as f64 * f64::EPSILON;
        // What is cut off as if it were 0 is left.
        prop_assert!(norm(&along) <= PASSES * scale, "{} {scale}", norm(&along));
        let rank = found.rank.compute().unwrap().into_scalar();
        let expected = match sort { 0..=2 => rows.min(cols), 3 => 1, 5 => 0, _ => rank as usize };
        prop_assert_eq!(rank as usize, expected);
    }
}

#[test]
fn bits_do_not_depend_on_threads_or_memory() {
    let x = Random::new(3).standard_normal::<f64, _>([5000, 20], [300, 20]);
    let (q, r) = x.qr();
    let svd = x.svd();
    let alone = Settings::new().threads(1).compute_many((&q, &r, &svd.u, &svd.s, &svd.vt)).unwrap();
    for threads in [2, 3, 7] {
        let settings = Settings::new().threads(threads);
        let all = settings.compute_many((&q, &r, &svd.u, &svd.s, &svd.vt)).unwrap();
        assert_eq!(all, alone, "{threads} threads");
    }
    let least = Settings::new().minimum_memory(&r).unwrap();
    assert!(least < 1 << 20, "{least}");
    assert_eq!(Settings::new().threads(2).memory(least).compute(&r).unwrap(), alone.1);
}

#[test]
fn what_is_asked_for_in_parts_is_the_same() {
    let x = Random::new(5).standard_normal::<f64, _>([100, 4], [30, 4]);
    let (q, r) = x.qr();
    let (whole, r) = (q.compute().unwrap(), r.compute().unwrap());
    assert_eq!(q.slice(s![7..95;3, 1..3]).compute().unwrap(), whole.slice(s![7..95;3, 1..3]));
    assert_eq!(q.rechunk([17, 1]).t().compute().unwrap(), whole.t());
    assert_eq!(r, x.qr().1.compute().unwrap());
}

/// Of NumPy 2.4.6: `np.linalg.svd` and `np.linalg.lstsq`.
#[test]
fn numpys_numbers() {
    let x = Array2::from_shape_fn((6, 3), |(i, j)| ((i * i + 3 * j) % 7) as f64 - j as f64);
    let x = Array::from_ndarray(x, 2);
    let s = x.svd().s.compute().unwrap();
    let of_numpy = NUMPYS_SINGULAR_VALUES;
    assert!(s.iter().zip(of_numpy).all(|(s, numpy)| (s - numpy).abs() < 1e-14), "{s}");
    let b = Array::from_ndarray(Array2::from_shape_fn((6, 1), |(i, _)| i as f64), 2);
    let solution = x.lstsq(&b, None).x.compute().unwrap();
    assert!(solution.iter().zip(NUMPYS_SOLUTION).all(|(x, numpy)| (x - numpy).abs() < 1e-14));
}

#[test]
fn a_compressed_decomposition_is_exact_for_a_low_rank() {
    let (a, b) = (normal(200, 4, 1), normal(4, 150, 2));
    let x = Array::from_ndarray(a.dot(&b), [60, 70]);
    let (exact, about) = (x.svd(), x.svd_compressed(4, 1, 9));
    let (s, found) = (exact.s.compute().unwrap(), about.s.compute().unwrap());
    assert!((&s.slice(s![..4]) - &found).iter().all(|off| off.abs() < 1e-11 * s[0]));
    let made = about.u.compute().unwrap() * &found;
    let made = made.dot(&about.vt.compute().unwrap());
    assert!(residual(&x.compute().unwrap(), &made, f64::EPSILON) < PASSES);
    let again = Settings::new().threads(3).compute(&x.svd_compressed(4, 1, 9).u).unwrap();
    assert_eq!(again, about.u.compute().unwrap());
}

#[test]
fn triangles_are_solved() {
    let b = normal(30, 7, 4);
    let a = normal(30, 30, 3) + Array2::<f64>::eye(30) * 20.0;
    let of = |triangle| {
        Array::from_ndarray(a.clone(), 8)
            .solve_triangular(&Array::from_ndarray(b.clone(), 3), triangle)
            .compute()
            .unwrap()
    };
    let part = |keeps: fn(usize, usize) -> bool, ones: bool| {
        Array2::from_shape_fn((30, 30), |(i, j)| match i == j {
            true if ones => 1.0,
            _ if keeps(i, j) => a[[i, j]],
            _ => 0.0,
        })
    };
    for (triangle, matrix) in [
        (Triangle::Lower, part(|i, j| i >= j, false)),
        (Triangle::Upper, part(|i, j| i <= j, false)),
        (Triangle::UnitLower, part(|i, j| i > j, true)),
        (Triangle::UnitUpper, part(|i, j| i < j, true)),
    ] {
        let x = of(triangle);
        let off = norm(&(matrix.dot(&x) - &b));
        let scale = norm(&matrix) * norm(&x) * 30.0 * f64::EPSILON;
        assert!(off < PASSES * scale, "{triangle:?}: {off}");
    }
}

#[test]
fn arrays_without_elements_are_factored() {
    for shape in [[0, 3], [3, 0], [0, 0]] {
        let x = Array::<f64, _>::zeros(shape, 2);
        let (q, r) = x.qr();
        assert_eq!(q.compute().unwrap().shape(), [shape[0], 0]);
        assert_eq!(r.compute().unwrap().shape(), [0, shape[1]]);
        assert_eq!(x.svd().s.compute().unwrap().len(), 0);
        assert_eq!(x.svd().vt.compute().unwrap().shape(), [0, shape[1]]);
        let b = Array::<f64, _>::ones([shape[0], 2], 1);
        let found = x.lstsq(&b, None);
        assert_eq!(found.x.compute().unwrap(), Array2::<f64>::zeros([shape[1], 2]));
        assert_eq!(found.rank.compute().unwrap().into_scalar(), 0);
    }
}

#[test]
fn what_cannot_be_factored_is_an_error() {
    let x = Array::<f64, _>::ones([4, 3], 2);
    let b = Array::<f64, _>::ones([3, 1], 2);
    let kind = |error: tenfold_array::Error| {
        assert_eq!(error.location().unwrap().file(), file!(), "{error}");
        error.kind()
    };
    assert_eq!(kind(x.lstsq(&b, None).x.compute().unwrap_err()), ErrorKind::Shape);
    assert_eq!(kind(x.svd_compressed(4, 0, 1).u.compute().unwrap_err()), ErrorKind::Value);
    assert_eq!(kind(x.svd_compressed(0, 0, 1).s.compute().unwrap_err()), ErrorKind::Value);
    let error = x.solve_triangular(&b, Triangle::Lower).compute().unwrap_err();
    assert_eq!(kind(error), ErrorKind::Shape);
    let zero = Array::from_ndarray(array![[1.0, 0.0], [1.0, 0.0]], 2);
    let error = zero.solve_triangular(&zero, Triangle::Lower).compute().unwrap_err();
    assert!(error.to_string().contains("singular: the pivot of column 1 of 2 is 0"), "{error}");
    for wrong in [f64::NAN, f64::INFINITY] {
        let x = Array::from_ndarray(array![[1.0, 2.0], [wrong, 3.0], [0.0, 1.0]], 1);
        assert_eq!(x.svd().s.compute().unwrap_err().kind(), ErrorKind::Value);
        assert!(x.qr().1.compute().unwrap().iter().any(|r| !r.is_finite()));
    }
}

const NUMPYS_SINGULAR_VALUES: [f64; 3] = [7.501254230322256, 5.980481670806906, 4.4682238033938155];
const NUMPYS_SOLUTION: [f64; 3] = [0.980487804878049, 0.2682926829268291, -0.07560975609756086];

/// A symmetric matrix whose eigenvalues are those of a diagonal, after some reflections.
fn symmetric(n: usize, eigenvalue: impl Fn(usize) -> f64, seed: u64) -> Array2<f64> {
    let mut a = Array2::from_diag(&Array1::from_shape_fn(n, eigenvalue));
    for seed in seed..seed + 3 {
        let v = normal(n, 1, seed);
        let scale = 2.0 / v.map(|v| v * v).sum();
        let reflection = Array2::eye(n) - v.dot(&v.t()) * scale;
        a = reflection.dot(&a).dot(&reflection);
    }
    let transposed = a.t().to_owned();
    (a + transposed) / 2.0
}

fn check_cholesky(a: &Array2<f64>, cut: usize) {
    let lazy = Array::from_ndarray(a.clone(), cut);
    let settings = Settings::new().threads(2);
    let l = settings.compute(&settings.cholesky(&lazy).unwrap()).unwrap();
    assert!(l.indexed_iter().all(|((i, j), l)| i >= j || *l == 0.0));
    assert!(residual(a, &l.dot(&l.t()), f64::EPSILON) < PASSES);
}

fn check_lu(a: &Array2<f64>, cut: usize) {
    let n = a.nrows();
    let lazy = Array::from_ndarray(a.clone(), cut);
    let settings = Settings::new().threads(2);
    let lu = settings.lu(&lazy).unwrap();
    let (l, u) = settings.compute_many((&lu.l(), &lu.u())).unwrap();
    assert!(l.iter().all(|l| l.abs() <= 1.0), "a pivot was not the largest");
    assert!(u.indexed_iter().all(|((i, j), u)| i <= j || *u == 0.0));
    let permuted = a.select(Axis(0), lu.permutation());
    assert!(residual(&permuted, &l.dot(&u), f64::EPSILON) < PASSES);
    let b = normal(n, 3, 77);
    let x = settings.solve(&lazy, &Array::from_ndarray(b.clone(), 2)).unwrap();
    let x = settings.compute(&x).unwrap();
    let scale = norm(a) * norm(&x) * n as f64 * f64::EPSILON;
    assert!(norm(&(a.dot(&x) - &b)) < PASSES * scale);
}

#[test]
fn square_matrices_are_factored() {
    for n in [1, 2, 17, 63, 64, 65, 130, 200] {
        let of_size = |scale: f64| move |i: usize| scale * (1.0 + i as f64);
        for scale in [1.0, 1e140, 1e-140, 1e300, 1e-290] {
            check_cholesky(&symmetric(n, of_size(scale), 5), 50);
            check_lu(&(normal(n, n, 8) * scale), 50);
        }
        // Close to singular.
        check_cholesky(&symmetric(n, |i| if i == 0 { 1e-12 } else { 1.0 }, 5), 33);
        check_lu(&symmetric(n, |i| if i == 0 { 1e-14 } else { 1.0 }, 5), 200);
    }
}

#[test]
fn inverses_and_determinants() {
    for n in [1, 5, 64, 150] {
        let a = normal(n, n, 3) + Array2::<f64>::eye(n) * 3.0;
        let lazy = Array::from_ndarray(a.clone(), 40);
        let inverse = lazy.inv().unwrap().compute().unwrap();
        let off = norm(&(a.dot(&inverse) - Array2::<f64>::eye(n)));
        let scale = norm(&a) * norm(&inverse) * n as f64 * f64::EPSILON;
        assert!(off < PASSES * scale, "{off} {scale}");
        let (sign, log) = lazy.slogdet().unwrap();
        let det = lazy.det().unwrap();
        assert!((sign * log.exp() / det - 1.0).abs() < 1e-12 * n as f64);
        let twice = Array::from_ndarray(a.dot(&a), 40).slogdet().unwrap();
        assert_eq!(twice.0, 1.0);
        assert!((twice.1 - 2.0 * log).abs() < 1e-10 * n as f64, "{} {log}", twice.1);
    }
    // By NumPy's conventions.
    let none = Array::<f64, _>::zeros([0, 0], 1);
    assert_eq!(none.det().unwrap(), 1.0);
    assert_eq!(none.slogdet().unwrap(), (1.0, 0.0));
    assert_eq!(none.inv().unwrap().compute().unwrap(), Array2::<f64>::zeros([0, 0]));
    assert_eq!(none.cholesky().unwrap().compute().unwrap(), Array2::<f64>::zeros([0, 0]));
    let singular = Array::<f64, _>::ones([100, 100], 30);
    assert_eq!(singular.det().unwrap(), 0.0);
    assert_eq!(singular.slogdet().unwrap(), (0.0, f64::NEG_INFINITY));
    let swapped = Array::from_ndarray(array![[0.0_f32, 1.0], [1.0, 0.0]], 1);
    assert_eq!(swapped.det().unwrap(), -1.0);
}

#[test]
fn factors_of_square_matrices_do_not_depend_on_threads_or_chunks() {
    let n = 300;
    let (definite, any) = (symmetric(n, |i| 1.0 + i as f64, 5), normal(n, n, 4));
    let made = |threads: usize, cut: usize| {
        let settings = Settings::new().threads(threads);
        let of = |a: &Array2<f64>| Array::from_ndarray(a.clone(), cut);
        let l = settings.cholesky(&of(&definite)).unwrap().compute().unwrap();
        let lu = settings.lu(&of(&any)).unwrap();
        let x = settings.solve(&of(&any), &of(&definite)).unwrap().compute().unwrap();
        (l, lu.l().compute().unwrap(), lu.u().compute().unwrap(), lu.permutation().to_vec(), x)
    };
    let alone = made(1, 100);
    for (threads, cut) in [(2, 100), (3, 37), (7, 300), (2, 1)] {
        assert_eq!(made(threads, cut), alone, "{threads} threads, chunks of {cut}");
    }
}

#[test]
fn a_cap_holds_two_panels_or_refuses_them() {
    let a = Random::new(1).standard_normal::<f64, _>([500, 500], 100);
    let settings = Settings::new().threads(2);
    for error in [
        settings.clone().memory(1_000_000).lu(&a).unwrap_err(),
        settings.clone().memory(3_000_000).inv(&a).unwrap_err(),
        settings.clone().memory(1_000_000).cholesky(&a).unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Memory);
        assert_eq!(error.location().unwrap().file(), file!(), "{error}");
    }
    let capped = settings.clone().memory(6_000_000).lu(&a).unwrap();
    assert_eq!(capped.u().compute().unwrap(), settings.lu(&a).unwrap().u().compute().unwrap());
}

#[test]
fn matrices_that_have_no_factors() {
    let mut indefinite = symmetric(150, |_| 1.0, 3);
    indefinite[[99, 99]] = -1.0;
    for threads in [1, 3] {
        let settings = Settings::new().threads(threads);
        let error = settings.cholesky(&Array::from_ndarray(indefinite.clone(), 64)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Value);
        let sentence = "argument `a` of `cholesky` is not positive definite: the leading minor of order 100 of 150 is not";
        assert!(error.to_string().starts_with(sentence), "{error}");
        assert_eq!(error.location().unwrap().file(), file!());
        // A column of zeros, which nothing that is added to it changes.
        let mut singular = normal(150, 150, 6);
        singular.column_mut(70).fill(0.0);
        let error = settings.lu(&Array::from_ndarray(singular.clone(), 64)).unwrap_err();
        assert!(
            error.to_string().contains("singular: the pivot of column 70 of 150 is 0"),
            "{error}"
        );
        let lazy = Array::from_ndarray(singular, 64);
        assert_eq!(settings.solve(&lazy, &lazy).unwrap_err().kind(), ErrorKind::Value);
        assert_eq!(settings.inv(&lazy).unwrap_err().kind(), ErrorKind::Value);
    }
    let not_square = Array::<f64, _>::ones([3, 4], 2);
    assert_eq!(not_square.cholesky().unwrap_err().kind(), ErrorKind::Shape);
    assert_eq!(not_square.lu().unwrap_err().kind(), ErrorKind::Shape);
    assert_eq!(not_square.det().unwrap_err().kind(), ErrorKind::Shape);
    let square = Array::<f64, _>::ones([3, 3], 2);
    let huge = Array::<f64, _>::zeros([1 << 33, 1 << 33], 1 << 12);
    assert_eq!(huge.lu().unwrap_err().kind(), ErrorKind::Memory);
    for rcond in [-1.0, f64::NAN] {
        let x = square.lstsq(&Array::ones([3, 1], 2), Some(rcond)).x;
        assert_eq!(x.compute().unwrap_err().kind(), ErrorKind::Value);
    }
    assert_eq!(square.solve(&Array::ones([4, 1], 2)).unwrap_err().kind(), ErrorKind::Shape);
    for wrong in [f64::NAN, f64::INFINITY] {
        let x = Array::from_ndarray(array![[wrong, 1.0], [1.0, 2.0]], 2);
        let made = x.lu().map(|lu| lu.u().compute().unwrap());
        assert!(made.map_or(true, |u| u.iter().any(|u| !u.is_finite())));
        let made = x.cholesky().map(|l| l.compute().unwrap());
        assert!(made.map_or(true, |l| l.iter().any(|l| !l.is_finite())));
    }
}

/// Of NumPy 2.4.6: `np.linalg.norm`.
#[test]
fn numpys_norms() {
    let x = Array::from_ndarray(
        Array2::from_shape_fn((5, 3), |(i, j)| ((i * i + 3 * j) % 7) as f64 - 2.0 * j as f64),
        2,
    );
    let line = x.reshape([15]);
    let orders = [
        NormOrd::Euclidean,
        NormOrd::Infinity,
        NormOrd::NegativeInfinity,
        NormOrd::P(1.0),
        NormOrd::P(-1.0),
        NormOrd::P(2.0),
        NormOrd::P(-2.0),
    ];
    let near = |a: f64, b: f64| (a - b).abs() <= 1e-14 * b.abs();
    for (ord, (of_matrix, of_vector)) in orders.into_iter().zip(NUMPYS_NORMS) {
        let found = x.norm_by(ord).compute().unwrap().into_scalar();
        assert!(near(found, of_matrix), "{ord:?}: {found}");
        let found = line.norm_by(ord).compute().unwrap().into_scalar();
        assert!(near(found, of_vector), "{ord:?}: {found}");
    }
    let [nuclear, none, half, third] = NUMPYS_OTHER_NORMS;
    assert!(near(x.norm_by(NormOrd::Nuclear).compute().unwrap().into_scalar(), nuclear));
    for (p, numpy) in [(0.0, none), (0.5, half), (3.0, third)] {
        let found = line.norm_by(NormOrd::P(p)).compute().unwrap().into_scalar();
        assert!(near(found, numpy), "{p}: {found}");
    }
    let kind = |x: Array<f64, _>| x.compute().unwrap_err().kind();
    assert_eq!(kind(x.norm_by(NormOrd::P(3.0))), ErrorKind::Value);
    assert_eq!(kind(line.norm_by(NormOrd::Nuclear)), ErrorKind::Value);
    let cube = Array::<f64, _>::ones([2, 2, 2], 1);
    assert_eq!(kind(cube.norm_by(NormOrd::P(1.0))), ErrorKind::Axis);
    assert_eq!(cube.norm_by(NormOrd::Euclidean).compute().unwrap().into_scalar(), 8.0_f64.sqrt());
    assert_eq!(kind(Array::<f64, _>::zeros([0], 1).norm_by(NormOrd::Infinity)), ErrorKind::Empty);
}

const NUMPYS_NORMS: [(f64, f64); 7] = [
    (9.539392014169456, 9.539392014169456),
    (8.0, 4.0),
    (3.0, 0.0),
    (13.0, 33.0),
    (9.0, 0.0),
    (8.091302696707874, 9.539392014169456),
    (2.3650392721843643, 0.0),
];
const NUMPYS_OTHER_NORMS: [f64; 4] =
    [14.921474655753126, 14.0, 440.969384301301, 6.534335077087572];

/// Of numbers below one over the largest there are no reciprocals.
#[test]
fn pivots_without_reciprocals_are_divided_by_or_named() {
    // 2^-1030.
    let tiny = f64::from_bits(1 << 44);
    let a = array![[1.0, 2.0, 0.5], [0.0, 0.25 * tiny, 2.0 * tiny], [0.0, tiny, tiny]];
    let lazy = Array::from_ndarray(a.clone(), 2);
    let lu = lazy.lu().unwrap();
    let (l, u) = (lu.l().compute().unwrap(), lu.u().compute().unwrap());
    assert_eq!((l[[2, 1]], lu.permutation()), (0.25, &[0, 2, 1][..]));
    assert!(norm(&(l.dot(&u) - a.select(Axis(0), lu.permutation()))) <= 5e-324);
    assert_eq!(lazy.slogdet().unwrap().0, -1.0);
    let upper = Array::from_ndarray(u, 2);
    let b = Array::<f64, _>::ones([3, 1], 1);
    for error in [
        lazy.solve(&b).unwrap_err(),
        lazy.inv().unwrap_err(),
        upper.solve_triangular(&b, Triangle::Upper).compute().unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Value);
        assert_eq!(error.location().unwrap().file(), file!());
        let sentence = format!(
            "too close to singular: the pivot of column 1 of 3 is {tiny:?}, whose reciprocal is infinite"
        );
        assert!(error.to_string().contains(&sentence), "{error}");
    }
    // They do not count where there are ones.
    let x = upper.solve_triangular(&b, Triangle::UnitUpper).compute().unwrap();
    assert!(x.iter().all(|x| x.is_finite()), "{x}");
    let eye = Array2::<f64>::eye(3);
    let lower = Settings::new().cholesky(&Array::from_ndarray(eye * tiny, 2)).unwrap();
    assert!((lower.compute().unwrap()[[2, 2]] / tiny.sqrt() - 1.0).abs() < 1e-12);
    // Factors by reflections of what is as small have errors as of the smallest numbers.
    let x = normal(20, 3, 5) * tiny;
    let (q, r) = Array::from_ndarray(x.clone(), 7).qr();
    let (q, r) = (q.compute().unwrap(), r.compute().unwrap());
    assert!(off_orthogonal(&q, f64::EPSILON) < PASSES, "{q}");
    assert!(norm(&(q.dot(&r) - x)) < 1e-321, "{r}");
}

#[test]
fn nan_is_not_lost() {
    for at in 0..9 {
        for rest in [0.0, 1.0] {
            let mut a = Array2::from_shape_fn((3, 3), |(i, j)| if i == j { 2.0 } else { rest });
            a[[at / 3, at % 3]] = f64::NAN;
            let lazy = Array::from_ndarray(a.clone(), 2);
            assert!(lazy.det().unwrap().is_nan(), "{a}");
            let (sign, log) = lazy.slogdet().unwrap();
            assert!(sign.is_nan() && log.is_nan(), "{a}");
            let inverse = lazy.inv().map(|inverse| inverse.compute().unwrap());
            assert!(inverse.is_err() || inverse.unwrap().iter().any(|x| x.is_nan()), "{a}");
        }
    }
    // A column has no pivot, but the determinant is not 0.
    for a in [array![[0.0, 1.0], [0.0, f64::NAN]], array![[0.0, 1.0], [f64::NAN, 1.0]]] {
        assert!(Array::from_ndarray(a.clone(), 1).det().unwrap().is_nan(), "{a}");
    }
    let x = Array::from_ndarray(array![[1.0], [f64::NAN]], 1);
    assert!(x.norm_by(NormOrd::Euclidean).compute().unwrap().into_scalar().is_nan());
}

/// The matrix is singular, which is found when it is factored.
#[test]
fn what_the_right_hand_side_lacks_is_told_before_the_matrix_is_factored() {
    let a = Array::<f64, _>::ones([100, 100], 50);
    let b = Array::from_chunks([100, 3], 50, |_| Err::<Array2<f64>, _>("a bad day"));
    let wide = Array::<f64, _>::ones([100, 4000], 50);
    for memory in [400_000, 4 << 20] {
        let settings = Settings::new().threads(1).memory(memory);
        let told = settings.solve(&a, &b).unwrap_err();
        assert_eq!(told.kind(), ErrorKind::Failed, "{told}");
        assert_eq!(settings.solve(&a, &wide).unwrap_err().kind(), ErrorKind::Memory);
        let told = settings.solve(&a, &Array::ones([100, 3], 50)).unwrap_err();
        assert!(told.to_string().contains("singular"), "{told}");
    }
}

/// Normal numbers, of which it is counted how many are read.
#[derive(Debug)]
struct Counted(Array2<f64>, Arc<AtomicUsize>);

impl tenfold_array::Source<f64> for Counted {
    fn shape(&self) -> tenfold_array::Dims {
        self.0.shape().into()
    }

    fn read(&self, window: &tenfold_array::Window, out: &mut [f64]) -> tenfold_array::Result<()> {
        let (rows, cols) = (window.range(0), window.range(1));
        let part = self.0.slice(s![rows, cols]);
        out.iter_mut().zip(part).for_each(|(out, x)| *out = *x);
        self.1.fetch_add(out.len(), Ordering::Relaxed);
        Ok(())
    }
}

#[test]
fn arrays_are_gone_over_as_often_as_the_docs_say() {
    let count = Arc::new(AtomicUsize::new(0));
    let len = 400 * 25;
    let of = |cut| Array::from_source(Counted(normal(400, 25, 1), Arc::clone(&count)), cut);
    let settings = Settings::new().threads(2);
    let check = |what: &str, x: &Array<f64, Ix2>, more: Option<&Array<f64, Ix2>>, times: usize| {
        match more {
            Some(y) => drop(settings.compute_many((x, y)).unwrap()),
            None => {
                let passes = settings.plan(x).unwrap().passes();
                assert_eq!(passes, [("source".to_owned(), times as f64)], "{what}");
                drop(settings.compute(x).unwrap());
            }
        }
        assert_eq!(count.swap(0, Ordering::Relaxed), times * len, "{what}");
    };
    let x = of([100, 25]);
    for (x, is_source) in [(x.clone(), true), (&x * 2.0, false)] {
        let (q, r) = x.qr();
        check("r", &r, None, 1);
        check("qr", &q, Some(&r), 2);
        let svd = x.svd();
        check("vt", &svd.vt, None, 1);
        check("u", &svd.u, Some(&svd.vt), 2);
        for iterations in 0..3 {
            let svd = x.svd_compressed(3, iterations, 1);
            // What is computed is held if it is asked for more than four times.
            let times = if is_source || iterations == 0 { 2 * iterations + 2 } else { 1 };
            check("compressed", &svd.u, Some(&svd.vt), times);
        }
    }
    // A triangular matrix is read for each chunk of the right-hand side, and stored first if it is computed.
    let square = Counted(normal(25, 25, 2) + Array2::<f64>::eye(25) * 9.0, Arc::clone(&count));
    let a = Array::from_source(square, [25, 25]);
    let b = Array::from_ndarray(normal(25, 12, 3), [25, 4]);
    for (a, times) in [(&a, 3), (&(&a * 2.0), 1)] {
        let x = a.solve_triangular(&b, Triangle::Lower);
        assert_eq!(settings.plan(&x).unwrap().passes(), [("source".to_owned(), f64::from(times))]);
        settings.compute(&x).unwrap();
        assert_eq!(count.swap(0, Ordering::Relaxed), times as usize * 625);
    }
}

#[test]
fn a_matrix_larger_than_the_cap_is_factored_on_disk() {
    let n = 420;
    let (definite, any, b) =
        (symmetric(n, |i| 1.0 + i as f64, 5), normal(n, n, 4), normal(n, 5, 6));
    let made = |settings: &Settings| {
        let of = |a: &Array2<f64>| Array::from_ndarray(a.clone(), 100);
        let l = settings.cholesky(&of(&definite)).unwrap().compute().unwrap();
        let lu = settings.lu(&of(&any)).unwrap();
        let x = settings.solve(&of(&any), &of(&b)).unwrap().compute().unwrap();
        let part = lu.u().slice(s![100..333;7, 50..400]).compute().unwrap();
        assert_eq!(part, lu.u().compute().unwrap().slice(s![100..333;7, 50..400]));
        let det = settings.slogdet(&of(&any)).unwrap();
        (l, lu.l().compute().unwrap(), lu.u().compute().unwrap(), lu.permutation().to_vec(), x, det)
    };
    let alone = made(&Settings::new().threads(1));
    // For one panel of 64 columns beside another, for two, and for four of seven.
    for (threads, memory) in [(1, 850_000), (1, 1_100_000), (2, 1_600_000)] {
        let settings = Settings::new().threads(threads).memory(memory);
        assert!(made(&settings) == alone, "{threads} threads and {memory} bytes");
    }
    let settings = Settings::new().threads(1).memory(850_000);
    let mut singular = any.clone();
    singular.column_mut(300).fill(0.0);
    let singular = Array::from_ndarray(singular, 100);
    let error = settings.lu(&singular).unwrap_err();
    assert!(error.to_string().contains("singular: the pivot of column 300 of 420 is 0"), "{error}");
    assert_eq!(settings.det(&singular).unwrap(), 0.0);
    let error = settings.scratch_folder("/nowhere").lu(&Array::from_ndarray(any, 100)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io, "{error}");
    assert_eq!(error.location().unwrap().file(), file!());
}
