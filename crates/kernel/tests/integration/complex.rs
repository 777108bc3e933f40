//! Complex numbers against loops over the ordinary functions, and these against what they mean.

use ndarray::{Array1, Array2, ArrayD, ArrayViewD, Axis, IxDyn, Slice, array, s};
use proptest::prelude::*;
use tenfold_kernel::{Border, Complex, ErrorKind, Kernel, Nbr2, Real, kernel, ndarray};

use crate::elementwise::on_every_isa;

type C = Complex<f64>;

#[kernel]
fn update(x: f64, z: Complex<f64>, w: Complex<f64>) -> Complex<f64> {
    z * w / 3.0 - x * w
}

#[kernel(for = [f32, f64])]
fn operators<T: Real>(
    z: Complex<T>,
    w: Complex<T>,
    x: T,
) -> (Complex<T>, Complex<T>, Complex<T>, Complex<T>, Complex<T>, bool) {
    (z * w, z / w, (z + x) * x - w, (x - z) / x + -w, x / z - x * w, z == w || z != -w)
}

#[kernel]
fn parts(z: Complex<f64>) -> (f64, f64, f64, bool, bool, bool) {
    (z.norm(), z.norm_sqr(), z.arg() + z.re, z.is_nan(), z.is_finite(), z.is_infinite())
}

#[kernel]
fn functions(
    z: Complex<f64>,
    w: Complex<f64>,
    x: f64,
) -> (Complex<f64>, Complex<f64>, Complex<f64>, Complex<f64>, Complex<f64>, Complex<f64>) {
    (
        z.exp(),
        z.ln() * z.conj(),
        z.sqrt() + Complex::from_polar(x, x),
        z.powf(x),
        z.powc(w),
        z.powi(-5) + z.inv() * Complex::i(),
    )
}

#[kernel]
fn waves(
    z: Complex<f64>,
) -> (Complex<f64>, Complex<f64>, Complex<f64>, Complex<f64>, Complex<f64>, Complex<f64>) {
    (z.sin(), z.cos(), z.tan(), z.sinh(), z.cosh(), z.tanh() + Complex::cis(z.re))
}

/// Equality of bits, where all NaN are the same.
trait Same: Copy {
    fn is(self, other: Self) -> bool;
}
impl Same for f64 {
    fn is(self, other: f64) -> bool {
        self.to_bits() == other.to_bits() || (self.is_nan() && other.is_nan())
    }
}
impl Same for f32 {
    fn is(self, other: f32) -> bool {
        self.to_bits() == other.to_bits() || (self.is_nan() && other.is_nan())
    }
}
impl<T: Same> Same for Complex<T> {
    fn is(self, other: Self) -> bool {
        self.re.is(other.re) && self.im.is(other.im)
    }
}

fn same<T: Same>(a: T, b: T) -> bool {
    a.is(b)
}

fn part() -> impl Strategy<Value = f64> {
    let special = vec![
        0.0,
        -0.0,
        1.0,
        -1.0,
        1e-3,
        f64::INFINITY,
        -f64::INFINITY,
        f64::NAN,
        f64::MAX,
        f64::MIN_POSITIVE,
        1e-310,
        -5e-324,
        1e160,
        -1e-160,
        710.0,
        1e30,
        1e-30,
        3.4e38,
        1e-40,
    ];
    prop_oneof![4 => -4.0..4.0_f64, 1 => any::<f64>(), 2 => prop::sample::select(special)]
}

fn number() -> impl Strategy<Value = C> {
    (part(), part()).prop_map(|(re, im)| Complex::new(re, im))
}

fn narrow(z: C) -> Complex<f32> {
    Complex::new(z.re as f32, z.im as f32)
}

/// The results of a kernel over columns of `rows`, beside those of its function.
macro_rules! compare {
    ($rows:ident: $($kernel:ident($($at:tt),+) -> $($out:tt),+;)*) => {$(
        let got = $kernel::map($(&$rows.iter().map(|row| row.$at).collect::<Vec<_>>()),+).unwrap();
        for (i, row) in $rows.iter().enumerate() {
            let wanted = $kernel($(row.$at),+);
            $(assert!(
                same(got.$out[i], wanted.$out),
                "{} {} of {row:?}: {} for {}", stringify!($kernel), $out, got.$out[i], wanted.$out,
            );)+
        }
    )*};
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Every operator, with any instructions, over any numbers.
    #[test]
    fn wide_as_one(rows in prop::collection::vec((number(), number(), part()), 1..40)) {
        let narrow: Vec<_> =
            rows.iter().map(|&(z, w, x)| (narrow(z), narrow(w), x as f32)).collect();
        on_every_isa(|| {
            compare! { rows:
                operators(0, 1, 2) -> 0, 1, 2, 3, 4;
                parts(0) -> 0, 1, 2;
            }
            compare! { narrow:
                operators(0, 1, 2) -> 0, 1, 2, 3, 4;
            }
            let z: Vec<C> = rows.iter().map(|row| row.0).collect();
            let w: Vec<C> = rows.iter().map(|row| row.1).collect();
            let (_, _, _, is_nan, is_finite, is_infinite) = parts::map(&z).unwrap();
            let (_, _, _, _, _, equal) = operators::map(&z, &w, 1.0).unwrap();
            for (i, (&z, &w)) in z.iter().zip(&w).enumerate() {
                assert_eq!(is_nan[i], z.re.is_nan() || z.im.is_nan());
                assert_eq!(is_finite[i], z.re.is_finite() && z.im.is_finite());
                assert_eq!(is_infinite[i], !is_nan[i] && !is_finite[i]);
                assert_eq!(equal[i], z == w || z != -w);
            }
        });
    }

    /// Products, sums and quotients of numbers of moderate size are those of num-complex.
    #[test]
    fn as_num_complex(a in prop::array::uniform4(-1e3..1e3_f64), x in 0.1..9.0_f64) {
        let (z, w) = (Complex::new(a[0], a[1]), Complex::new(a[2], a[3]));
        let (product, quotient, third, ..) = operators(z, w, x);
        assert!(same(product, z * w) && same(third, (z + x) * x - w));
        assert!(same(quotient, z / w), "{quotient} for {}", z / w);
    }

    /// Functions of numbers of moderate size, to some digits.
    #[test]
    fn functions_mean_what_they_say(a in prop::array::uniform4(-3.0..3.0_f64), x in 0.1..2.0_f64) {
        let (z, w) = (Complex::new(a[0], a[1]), Complex::new(a[2], a[3]));
        prop_assume!(z.norm() > 0.1);
        let (exp, _, sqrt, powf, powc, _) = functions(z, w, x);
        let close = |a: C, b: C| (a - b).norm() <= 1e-13 * (1.0 + b.norm());
        assert!(close(exp, z.exp()) && close(powf, z.powf(x)) && close(powc, (w * z.ln()).exp()));
        assert!(close(sqrt, z.sqrt() + Complex::from_polar(x, x)));
        let (sin, cos, tan, sinh, cosh, tanh) = waves(z);
        assert!(close(sin, z.sin()) && close(cos, z.cos()) && close(sinh, z.sinh()));
        assert!(close(cosh, z.cosh()) && close(tan * cos, sin));
        assert!(close((tanh - Complex::cis(z.re)) * cosh, sinh));
    }

    /// Any strides of inputs and output: fresh, into, in place, on threads; broadcast.
    #[test]
    fn any_layout(shape in prop::collection::vec(prop_oneof![Just(0_usize), Just(1), 1..40_usize], 1..4),
        steps in prop::array::uniform3(prop_oneof![Just(1_isize), Just(-1), Just(2), Just(-3)]), swap in 0..3_usize)
    {
        let cut = |array: &ArrayD<C>| -> ArrayD<C> { view(array, &steps, swap).to_owned() };
        let (z, w) = (ramp(&shape, 0.1), ramp(&shape, 0.2));
        let expected = update_each(&cut(&z), &cut(&w));
        let row = ramp(&shape[shape.len() - 1..], 0.3);
        on_every_isa(|| {
            let (z, w) = (view(&z, &steps, swap), view(&w, &steps, swap));
            assert_eq!(update::map(0.5, &z, &w).unwrap(), expected);
            assert_eq!(update::par().map(0.5, &z, &w).unwrap(), expected);
            let mut memory = ArrayD::zeros(IxDyn(&shape));
            let mut out = memory.view_mut();
            for (axis, &step) in steps.iter().take(shape.len()).enumerate() {
                out.slice_axis_inplace(Axis(axis), Slice::new(0, None, step));
            }
            out.swap_axes(0, swap.min(shape.len() - 1));
            update::into(0.5, &z, &w, out.view_mut()).unwrap();
            assert_eq!(out, expected);
            out.assign(&w);
            update::update(0.5, &z, out.view_mut()).unwrap();
            assert_eq!(out, expected);
        });
        let wide = update::map(0.5, &z, &row).unwrap();
        assert_eq!(wide, update_each(&z, &row.broadcast(IxDyn(&shape)).unwrap().to_owned()));
    }
}

fn view<'a>(array: &'a ArrayD<C>, steps: &[isize; 3], swap: usize) -> ArrayViewD<'a, C> {
    let mut view = array.view();
    for (axis, &step) in steps.iter().take(array.ndim()).enumerate() {
        view.slice_axis_inplace(Axis(axis), Slice::new(0, None, step));
    }
    view.swap_axes(0, swap.min(array.ndim() - 1));
    view
}

fn update_each(z: &ArrayD<C>, w: &ArrayD<C>) -> ArrayD<C> {
    ndarray::Zip::from(z).and(w).map_collect(|&z, &w| update(0.5, z, w))
}

fn ramp(shape: &[usize], seed: f64) -> ArrayD<C> {
    let mut i = 0.0;
    ArrayD::from_shape_simple_fn(IxDyn(shape), || {
        i += 1.0;
        Complex::new((i * 0.37 + seed).sin() * 10.0, (i * 0.11 - seed).cos())
    })
}

#[test]
fn quotients_at_the_ends() {
    let divide = |a: (f64, f64), b: (f64, f64)| {
        operators(Complex::new(a.0, a.1), Complex::new(b.0, b.1), 1.0).1
    };
    let inf = f64::INFINITY;
    let (tiny, huge) = (f64::MIN_POSITIVE, f64::MAX);
    for (a, b, quotient) in [
        ((1e300, 1e300), (1e300, 1e300), (1.0, 0.0)),
        ((tiny, tiny), (tiny, tiny), (1.0, 0.0)),
        ((5e-324, 0.0), (5e-324, 0.0), (1.0, 0.0)),
        ((huge, 0.0), (0.0, huge), (0.0, -1.0)),
        ((huge, huge), (2.0, 0.0), (huge / 2.0, huge / 2.0)),
        ((1e-300, 1e-300), (1e-200, 0.0), (1e-300 / 1e-200, 1e-300 / 1e-200)),
        ((1e200, 0.0), (1e-200, 0.0), (inf, 0.0)),
        ((1e-200, 0.0), (1e200, 0.0), (0.0, 0.0)),
        ((1.0, -2.0), (0.0, 0.0), (inf, -inf)),
        ((1.0, 2.0), (inf, 1.0), (0.0, 0.0)),
        ((1.0, 2.0), (f64::NAN, inf), (0.0, 0.0)),
    ] {
        let got = divide(a, b);
        let close = |x: f64, y: f64| x == y || (x - y).abs() <= 1e-15 * y.abs();
        assert!(close(got.re, quotient.0) && close(got.im, quotient.1), "{a:?} / {b:?}: {got}");
    }
    assert!(divide((0.0, 0.0), (0.0, 0.0)).re.is_nan());
    assert!(divide((inf, 0.0), (inf, 0.0)).re.is_nan());
    assert!(divide((inf, 1.0), (2.0, 1.0)).re == inf);
    assert!(divide((1.0, f64::NAN), (2.0, 1.0)).re.is_nan());
}

#[test]
fn functions_at_the_ends() {
    let inf = f64::INFINITY;
    let of = |re, im| functions(Complex::new(re, im), Complex::new(0.0, 0.0), 0.0);
    assert_eq!(of(0.0, -0.0).0, Complex::new(1.0, -0.0));
    assert_eq!(of(-inf, f64::NAN).0, Complex::new(0.0, 0.0));
    assert_eq!(of(inf, 0.0).0, Complex::new(inf, 0.0));
    // e^710 is no number, and this is one.
    let exp = of(710.0, std::f64::consts::FRAC_PI_2 - 0.1).0;
    assert!((exp.re / (0.1_f64.sin() * 355.0_f64.exp()) / 355.0_f64.exp() - 1.0).abs() < 1e-12);
    assert!(exp.im.is_infinite());
    for z in
        [(4.0, 0.0), (-4.0, 0.0), (-4.0, -0.0), (1e308, -1.5e308), (3e-320, -4e-320), (0.0, 2.0)]
    {
        let z = C::new(z.0, z.1);
        let root = functions(z, z, 0.0).2;
        let back = Complex::new((root.re - root.im) * (root.re + root.im), 2.0 * root.re * root.im);
        let largest = z.re.abs().max(z.im.abs());
        let error = ((back.re - z.re) / largest).abs() + ((back.im - z.im) / largest).abs();
        assert!(error < 1e-3 && root.re >= 0.0, "{z}: {root}");
        assert_eq!(root.im.is_sign_negative(), z.im.is_sign_negative(), "{z}: {root}");
    }
    assert_eq!(of(f64::NAN, inf).2, Complex::new(inf, inf));
    // The powers of 0.
    assert_eq!((of(0.0, 0.0).3, of(0.0, 0.0).4), (Complex::new(1.0, 0.0), Complex::new(1.0, 0.0)));
    let one = Complex::new(1.0, 0.0);
    assert_eq!(functions(one - one, one, 2.0).4, one - one);
    // Near 1, where the norm has lost the digits.
    let ln = functions(C::new(1.0, 1e-9), one, 1.0).1 / Complex::new(1.0, -1e-9);
    assert!((ln.re - 5e-19).abs() < 1e-30, "{ln}");
    for x in [400.0, -400.0_f64] {
        let (_, _, tan, .., tanh) = waves(Complex::new(x, 0.5));
        assert!((tanh - Complex::cis(x) - x.signum()).norm() < 1e-15 && tan.is_finite());
    }
    assert_eq!(waves(Complex::new(0.0, 800.0)).0, Complex::new(0.0, inf));
}

#[kernel(math = contract)]
fn contracted(z: Complex<f64>, w: Complex<f64>, x: f64) -> (Complex<f64>, f64) {
    let mut sum = z * w + z;
    sum -= w * x;
    (sum - w * z, z.norm_sqr())
}

#[kernel(math = fast)]
fn fast(z: Complex<f32>, w: Complex<f32>) -> Complex<f32> {
    (z * w).exp() * w.norm_sqr() / z + w.sqrt()
}

#[test]
fn contracted_and_fast_are_close() {
    let z = ramp(&[300], 0.1).mapv(|z| z * 0.1);
    let w = ramp(&[300], 0.7).mapv(|z| z * 0.1);
    on_every_isa(|| {
        let (got, norms) = contracted::map(&z, &w, 0.3).unwrap();
        let narrowed = fast::map(&z.mapv(narrow), &w.mapv(narrow)).unwrap();
        for (i, (&z, &w)) in z.iter().zip(&w).enumerate() {
            let (wanted, norm) = contracted(z, w, 0.3);
            assert!((got[i] - wanted).norm() < 1e-14, "{} for {wanted}", got[i]);
            assert!((norms[i] - norm).abs() < 1e-14);
            let wanted = fast(narrow(z), narrow(w));
            assert!((narrowed[i] - wanted).norm() < 1e-5 * wanted.norm(), "{wanted}");
        }
    });
}

#[kernel]
fn julia(z: Complex<f64>, c: Complex<f64>) -> u32 {
    let mut z = z;
    let mut n = 0;
    while z.norm_sqr() <= 4.0 && n < 100 {
        z = z * z + c;
        n += 1;
    }
    n
}

#[kernel]
fn newton(z: Complex<f64>) -> (Complex<f64>, i32) {
    let mut z = z;
    for n in 0..40 {
        let step = (z.powi(3) - 1.0) / (3.0 * z * z);
        z -= step;
        if step.norm() < 1e-12 {
            return (z, n);
        }
    }
    (if z.is_nan() { Complex::new(0.0, 0.0) } else { z }, -1)
}

#[test]
fn lanes_go_their_own_ways() {
    let grid = Array2::from_shape_fn((37, 41), |(i, j)| {
        Complex::new(j as f64 * 0.07 - 1.4, i as f64 * 0.08 - 1.5)
    });
    let c = Complex::new(-0.8, 0.156);
    on_every_isa(|| {
        assert_eq!(julia::map(&grid, c).unwrap(), grid.mapv(|z| julia(z, c)));
        assert_eq!(
            julia::par().map(0.3 * c, grid.t()).unwrap(),
            grid.t().mapv(|z| julia(0.3 * c, z))
        );
        let (roots, steps) = newton::map(&grid).unwrap();
        for (at, &z) in grid.indexed_iter() {
            let (root, n) = newton(z);
            assert!(same(roots[at], root) && steps[at] == n, "{z}");
        }
    });
}

const ONE: Complex<f64> = Complex::new(1.0, 0.0);

#[kernel]
fn times(z: Complex<f64>, w: Complex<f64>) -> Complex<f64> {
    z * w
}

#[kernel(reduce(sum, mean, prod, fold = times, identity = ONE))]
fn moments(z: Complex<f64>) -> (Complex<f64>, Complex<f64>, Complex<f64>, Complex<f64>) {
    (z, z, 0.1 * z, z / z.norm())
}

#[kernel(reduce(sum, order = compensated), for = [f32, f64])]
fn exact<T: Real>(z: Complex<T>, x: T) -> Complex<T> {
    z * x
}

#[test]
fn reductions() {
    // Sums of these have no rounding error, so every order gives the same.
    let whole = Array2::from_shape_fn((33, 70), |(i, j)| {
        Complex::new((i * 31 + j * 7) as f64 % 17.0, (i + j) as f64 % 5.0 - 2.0)
    });
    let unit = whole.mapv(|z| Complex::cis(z.re));
    let first = moments::reduce(&unit).unwrap();
    on_every_isa(|| {
        let (sum, mean, ..) = moments::reduce(&whole).unwrap();
        assert_eq!((sum, mean), (whole.sum(), whole.sum() / 2310.0));
        for axis in 0..2 {
            assert_eq!(
                moments::reduce_axis(axis, whole.view()).unwrap().0,
                whole.sum_axis(Axis(axis))
            );
            let (_, _, _, turns) = moments::par().reduce_axis(axis, unit.t()).unwrap();
            for (lane, turn) in unit.t().lanes(Axis(axis)).into_iter().zip(&turns) {
                assert!((lane.product() - turn).norm() < 1e-12);
            }
        }
        // The order is fixed.
        let again = moments::par().reduce(&unit).unwrap();
        assert!(same(again.0, first.0) && same(again.2, first.2) && same(again.3, first.3));
        assert!((first.3 - unit.product()).norm() < 1e-10);
    });
    let hard: Vec<C> = (1..3000)
        .flat_map(|i| {
            let big = Complex::new(f64::from(i) * 1e16, 1e18 / f64::from(i));
            [big, Complex::new(0.125, -0.25), -big]
        })
        .collect();
    assert_eq!(exact::reduce(&hard, 2.0).unwrap(), Complex::new(0.25, -0.5) * 2999.0);
    let none = moments::reduce(&[0.0 * ONE; 0]).unwrap_err();
    assert_eq!(none.kind(), ErrorKind::Empty);
}

#[kernel(scan(sum))]
fn path(z: Complex<f64>, x: f64) -> Complex<f64> {
    z * x
}

#[kernel(scan(prod), for = [f32, f64])]
fn turns<T: Real>(z: Complex<T>) -> Complex<T> {
    z
}

#[test]
fn scans() {
    let z = ramp(&[7, 33, 5], 0.2);
    on_every_isa(|| {
        for view in [z.view(), z.t(), z.slice(s![..;-1, ..;2, ..]).into_dyn()] {
            for axis in 0..3 {
                let mut sums = view.mapv(|z| path(z, 0.5));
                sums.accumulate_axis_inplace(Axis(axis), |&before, z| *z = before + *z);
                assert_eq!(path::map(axis, &view, 0.5).unwrap(), sums);
                let mut products = view.mapv(narrow);
                let mut got = products.clone();
                products.accumulate_axis_inplace(Axis(axis), |&before, z| *z = before * *z);
                turns::par().update(axis, &mut got).unwrap();
                assert!(got.iter().zip(&products).all(|(&a, &b)| same(a, b)));
            }
        }
    });
}

#[kernel(stencil, border = wrap)]
fn diffuse(u: Nbr2<Complex<f64>>, k: f64) -> Complex<f64> {
    u[[0, 0]]
        + k * (u[[-1, 0]] + u[[1, 0]] - 4.0 * u[[0, 0]] + u[[0, -1]] + u[[0, 1]]) * Complex::i()
}

#[kernel(stencil, border = const(ONE))]
fn slope(u: Nbr2<Complex<f64>>) -> (f64, f64) {
    let d = u[[0, 1]] - u[[0, -1]];
    (d.norm(), d.arg())
}

#[test]
fn neighbourhoods() {
    let u = ramp(&[23, 37], 0.4).into_dimensionality::<ndarray::Ix2>().unwrap();
    on_every_isa(|| {
        let got = diffuse::map(&u, 0.1).unwrap();
        let (length, angle) = slope::par().map(&u).unwrap();
        for ((i, j), &at) in got.indexed_iter() {
            let near = Nbr2::new(&u, [i, j], Border::Wrap);
            assert!(same(at, diffuse(near, 0.1)));
            let near = Nbr2::new(&u, [i, j], Border::Const(ONE));
            assert_eq!((length[[i, j]], angle[[i, j]]), slope(near));
        }
        let mut stepped = u.clone();
        diffuse::steps(3).run(&mut stepped, 0.1).unwrap();
        let twice = diffuse::map(&diffuse::map(&got, 0.1).unwrap(), 0.1).unwrap();
        assert!(stepped.iter().zip(&twice).all(|(&a, &b)| same(a, b)));
    });
}

#[kernel(loop, bounds = hoist)]
fn horner(c: &[Complex<f64>], z: &[Complex<f64>], out: &mut [Complex<f64>]) {
    for i in 0..z.len() {
        let mut sum = Complex::new(0.0, 0.0);
        for k in (0..c.len()).rev() {
            sum = sum * z[i] + c[k];
        }
        out[i] = sum;
        out[i] /= 2.0;
    }
}

#[kernel("(n),(n)->()")]
fn inner(a: &[Complex<f64>], b: &[Complex<f64>]) -> Complex<f64> {
    let mut sum = Complex::new(0.0, 0.0);
    for i in 0..a.len() {
        sum += a[i].conj() * b[i];
    }
    sum
}

#[test]
fn slices() {
    let c = [ONE, 2.0 * ONE, Complex::i()];
    let z: Vec<C> = ramp(&[19], 0.0).into_iter().collect();
    let mut out = vec![ONE; 19];
    on_every_isa(|| {
        let mut out = out.clone();
        horner::call(&c, &z, &mut out).unwrap();
        assert!(out.iter().zip(&z).all(|(&p, &z)| same(p, ((c[2] * z + c[1]) * z + c[0]) / 2.0)));
    });
    horner::call(&c, &z, &mut out).unwrap();
    let rows = array![[ONE, c[2]], [c[2], ONE]];
    assert_eq!(inner::map(&rows, &[c[2], ONE]).unwrap().to_vec(), [0.0 * ONE, 2.0 * ONE]);
}

#[kernel(division = error)]
fn ratio(z: Complex<f64>, w: Complex<f64>, x: f64) -> Complex<f64> {
    z / w / x
}

#[test]
fn zero_divisors() {
    let (some, none) = ([ONE; 9], [ONE, 0.0 * ONE, ONE]);
    assert!(ratio::map(ONE, &some, 1.0).is_ok());
    assert_eq!(ratio::map(ONE, &none, 1.0).unwrap_err().kind(), ErrorKind::DivisionByZero);
    assert_eq!(ratio::map(ONE, &some, 0.0).unwrap_err().kind(), ErrorKind::DivisionByZero);
    assert!(std::panic::catch_unwind(|| ratio(ONE, ONE, 0.0)).is_err());
}

#[test]
fn portable_sources() {
    let source = <update as Kernel<Complex<f64>>>::SOURCE;
    let portable = source.portable().unwrap();
    assert_eq!((portable.params[1].1, portable.returns), ("vec2<f64>", &["vec2<f64>"][..]));
    let text = <operators as Kernel<f32>>::SOURCE.wgsl().unwrap();
    assert!(text.contains("o0: vec2<f32>"), "{text}");
    let empty = update::map(0.5, &Array1::<C>::zeros(0), ONE).unwrap();
    assert_eq!(empty.len(), 0);
}
