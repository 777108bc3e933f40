//! Expressions have the bits that Rust has, in any shape and layout.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "casts are what is tested"
)]

use proptest::prelude::*;
use tenfold_gpu::ndarray::{
    Array, Array1, Array2, ArrayD, Axis, Dimension, IxDyn, Slice, array, s,
};
use tenfold_gpu::{Device, DeviceArray, Element, ErrorKind, Expr, Feature, Formula, Select};

use crate::device::{device, narrow, sees_subnormal};

/// What has to come back: equal bits, or NaN for NaN.
trait Same: Element {
    fn same(self, other: Self) -> bool;
}

macro_rules! same {
    ($($float:ty)*; $($int:ty)*) => {
        $(impl Same for $float {
            fn same(self, other: Self) -> bool {
                self.to_bits() == other.to_bits() || self.is_nan() && other.is_nan()
            }
        })*
        $(impl Same for $int {
            fn same(self, other: Self) -> bool {
                self == other
            }
        })*
    };
}
same!(f32 f64; i32 i64 u32 u64);

fn assert_same<T: Same>(what: &str, got: &DeviceArray<T, impl Dimension>, wanted: &[T]) {
    let got = got.to_array().unwrap();
    assert_eq!(got.len(), wanted.len(), "{what}");
    for (i, (got, wanted)) in got.iter().zip(wanted).enumerate() {
        assert!(got.same(*wanted), "{what}, element {i}: {got:?}, not {wanted:?}");
    }
}

/// All pairs of some numbers.
fn pairs<T: Copy>(numbers: &[T]) -> (Array1<T>, Array1<T>) {
    let pairs = numbers.iter().flat_map(|&x| numbers.iter().map(move |&y| (x, y)));
    let (x, y): (Vec<T>, Vec<T>) = pairs.unzip();
    (x.into(), y.into())
}

macro_rules! floats {
    ($name:ident, $test:ident, $T:ident, $U:ident) => {
        /// Numbers of all kinds.
        fn $name() -> Vec<$T> {
            let mut numbers = vec![
                0.0,
                0.1,
                1.0 / 3.0,
                0.5,
                1.0,
                1.5,
                2.5,
                3.5,
                7.0,
                1e7,
                16_777_217.0,
                2_147_483_648.0,
                4_294_967_296.0,
                1e20,
                $T::MAX,
                $T::MIN_POSITIVE,
                $T::MIN_POSITIVE / 8.0,
                $T::EPSILON,
                $T::from_bits(1),
                $T::from_bits($T::MIN_POSITIVE.to_bits() - 1),
                $T::INFINITY,
                $T::NAN,
                0.5 - $T::EPSILON / 4.0,
                0.3,
                12_345.678,
            ];
            let mut state = 7_u64;
            for _ in 0..23 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                numbers.push($T::from_bits((state >> 11) as $U ^ (state << 20) as $U));
            }
            numbers.iter().flat_map(|&x| [x, -x]).collect()
        }

        fn $test(device: &Device) {
            let mut numbers = $name();
            if size_of::<$T>() == 4 && !sees_subnormal(device) {
                numbers.retain(|x| !x.is_subnormal());
            }
            let (x, y) = pairs(&numbers);
            let (a, b) = (device.upload(&x).unwrap(), device.upload(&y).unwrap());
            let both = |f: fn($T, $T) -> $T| -> Vec<$T> {
                x.iter().zip(&y).map(|(&x, &y)| f(x, y)).collect()
            };
            assert_same("+", &(&a + &b).eval().unwrap(), &both(|x, y| x + y));
            assert_same("-", &(&a - &b).eval().unwrap(), &both(|x, y| x - y));
            assert_same("*", &(&a * &b).eval().unwrap(), &both(|x, y| x * y));
            assert_same("/", &(&a / &b).eval().unwrap(), &both(|x, y| x / y));
            assert_same("%", &(&a % &b).eval().unwrap(), &both(|x, y| x % y));
            assert_same("neg", &(-&a).eval().unwrap(), &both(|x, _| -x));
            let twice = (&a * &b + &a).eval().unwrap();
            assert_same("* +", &twice, &both(|x, y| x * y + x));
            let sum = &a + &b;
            let error = (&a - (&sum - (&sum - &a)) + (&b - (&sum - &a))).eval().unwrap();
            assert_same(
                "two sums",
                &error,
                &both(|x, y| {
                    let sum = x + y;
                    x - (sum - (sum - x)) + (y - (sum - x))
                }),
            );
            let inverse = (1.0 - 2.0 / &a).eval().unwrap();
            assert_same("1 - 2 / x", &inverse, &both(|x, _| 1.0 - 2.0 / x));
            let unary: [(&str, Expr<$T, _>, fn($T) -> $T); 13] = [
                ("sqrt", a.lazy().sqrt(), $T::sqrt),
                ("abs", a.lazy().abs(), $T::abs),
                ("floor", a.lazy().floor(), $T::floor),
                ("ceil", a.lazy().ceil(), $T::ceil),
                ("trunc", a.lazy().trunc(), $T::trunc),
                ("round", a.lazy().round(), $T::round),
                ("round_ties_even", a.lazy().round_ties_even(), $T::round_ties_even),
                ("fract", a.lazy().fract(), $T::fract),
                ("recip", a.lazy().recip(), |x| 1.0 / x),
                ("signum", a.lazy().signum(), $T::signum),
                ("powi", a.lazy().powi(5), |x| {
                    let y = x * x;
                    x * (y * y)
                }),
                ("powi", a.lazy().powi(-2), |x| 1.0 / (x * x)),
                ("powi", a.lazy().powi(0), |_| 1.0),
            ];
            for (name, expr, f) in unary {
                let wanted: Vec<$T> = x.iter().map(|&x| f(x)).collect();
                assert_same(name, &expr.eval().unwrap(), &wanted);
            }
            let min = a.lazy().min(&b).eval().unwrap().to_array().unwrap();
            let max = a.lazy().max(&b).eval().unwrap().to_array().unwrap();
            for i in 0..x.len() {
                assert!(
                    min[i] == x[i].min(y[i]) || min[i].same(x[i].min(y[i])),
                    "{} {}",
                    x[i],
                    y[i]
                );
                assert!(
                    max[i] == x[i].max(y[i]) || max[i].same(x[i].max(y[i])),
                    "{} {}",
                    x[i],
                    y[i]
                );
            }
            let sign = a.lazy().copysign(&b).eval().unwrap();
            assert_same("copysign", &sign, &both(|x, y| x.copysign(y)));
            let within = a.lazy().clamp(-1.0, 2.5).eval().unwrap();
            assert_same("clamp", &within, &both(|x, _| x.clamp(-1.0, 2.5)));
            let truths = |f: fn($T, $T) -> bool| -> Vec<u32> {
                x.iter().zip(&y).map(|(&x, &y)| f(x, y).into()).collect()
            };
            let (a, b) = (a.lazy(), b.lazy());
            let a = || a.clone();
            assert_same("<", &a().lt(&b).eval().unwrap(), &truths(|x, y| x < y));
            assert_same("<=", &a().le(&b).eval().unwrap(), &truths(|x, y| x <= y));
            assert_same(">", &a().gt(&b).eval().unwrap(), &truths(|x, y| x > y));
            assert_same(">=", &a().ge(&b).eval().unwrap(), &truths(|x, y| x >= y));
            assert_same("==", &a().eq(&b).eval().unwrap(), &truths(|x, y| x == y));
            assert_same("!=", &a().ne(&b).eval().unwrap(), &truths(|x, y| x != y));
            assert_same("is_nan", &a().is_nan().eval().unwrap(), &truths(|x, _| x.is_nan()));
            let infinite = a().is_infinite() | !a().is_finite();
            assert_same("infinite", &infinite.eval().unwrap(), &truths(|x, _| !x.is_finite()));
            let either = a().lt(&b) ^ a().is_sign_negative();
            let wanted = truths(|x, y| (x < y) ^ x.is_sign_negative());
            assert_same("^", &either.eval().unwrap(), &wanted);
            let picked = a().lt(&b).select(a() + 1.0, &b).eval().unwrap();
            assert_same("select", &picked, &both(|x, y| if x < y { x + 1.0 } else { y }));
            assert_same("i32", &a().cast::<i32>().eval().unwrap(), &x.mapv(|x| x as i32).to_vec());
            assert_same("u32", &a().cast::<u32>().eval().unwrap(), &x.mapv(|x| x as u32).to_vec());
            assert_same("f32", &a().cast::<f32>().eval().unwrap(), &x.mapv(|x| x as f32).to_vec());
            if device.has(Feature::I64) {
                assert_same(
                    "i64",
                    &a().cast::<i64>().eval().unwrap(),
                    &x.mapv(|x| x as i64).to_vec(),
                );
                assert_same(
                    "u64",
                    &a().cast::<u64>().eval().unwrap(),
                    &x.mapv(|x| x as u64).to_vec(),
                );
            }
            if device.has(Feature::F64) {
                assert_same(
                    "f64",
                    &a().cast::<f64>().eval().unwrap(),
                    &x.mapv(|x| x as f64).to_vec(),
                );
            }
        }
    };
}
floats!(numbers_f32, check_f32, f32, u32);
floats!(numbers_f64, check_f64, f64, u64);

#[test]
fn floats_are_those_of_rust() {
    let Some(device) = device("floats_are_those_of_rust") else { return };
    check_f32(&device);
    if device.has(Feature::F64) {
        check_f64(&device);
    }
}

macro_rules! integers {
    ($test:ident, $T:ident) => {
        fn $test(device: &Device) {
            let mut numbers =
                vec![0, 1, 2, 3, 5, 7, 31, 33, 100, 12_345, $T::MAX, $T::MIN, $T::MAX / 2];
            numbers.extend([
                $T::MAX - 1,
                $T::MIN + 1,
                (0 as $T).wrapping_sub(1),
                (0 as $T).wrapping_sub(7),
            ]);
            let (x, y) = pairs(&numbers);
            let (a, b) = (device.upload(&x).unwrap(), device.upload(&y).unwrap());
            let both = |f: fn($T, $T) -> $T| -> Vec<$T> {
                x.iter().zip(&y).map(|(&x, &y)| f(x, y)).collect()
            };
            assert_same("+", &(&a + &b).eval().unwrap(), &both($T::wrapping_add));
            assert_same("-", &(&a - &b).eval().unwrap(), &both($T::wrapping_sub));
            assert_same("*", &(&a * &b).eval().unwrap(), &both($T::wrapping_mul));
            let div = both(|x, y| if y == 0 { 0 } else { x.wrapping_div(y) });
            assert_same("/", &(&a / &b).eval().unwrap(), &div);
            let rem = both(|x, y| if y == 0 { 0 } else { x.wrapping_rem(y) });
            assert_same("%", &(&a % &b).eval().unwrap(), &rem);
            assert_same("&", &(&a & &b).eval().unwrap(), &both(|x, y| x & y));
            assert_same("|", &(&a | &b).eval().unwrap(), &both(|x, y| x | y));
            assert_same("^", &(&a ^ &b).eval().unwrap(), &both(|x, y| x ^ y));
            assert_same("!", &(!&a).eval().unwrap(), &both(|x, _| !x));
            let by = b.lazy().cast::<u32>();
            let left = both(|x, y| x.wrapping_shl(y as u32));
            assert_same("<<", &(&a << &by).eval().unwrap(), &left);
            let right = both(|x, y| x.wrapping_shr(y as u32));
            assert_same(">>", &(&a >> &by).eval().unwrap(), &right);
            assert_same(">> 3", &(&a >> 3).eval().unwrap(), &both(|x, _| x >> 3));
            let (l, m) = (a.lazy(), b.lazy());
            assert_same("min", &l.clone().min(&m).eval().unwrap(), &both(|x, y| x.min(y)));
            assert_same("max", &l.clone().max(&m).eval().unwrap(), &both(|x, y| x.max(y)));
            let within = l.clone().clamp(2, 100).eval().unwrap();
            assert_same("clamp", &within, &both(|x, _| x.clamp(2, 100)));
            assert_same("pow", &l.clone().pow(3).eval().unwrap(), &both(|x, _| x.wrapping_pow(3)));
            let euclid = both(|x, y| if y == 0 { 0 } else { x.wrapping_rem_euclid(y) });
            assert_same("rem_euclid", &l.clone().rem_euclid(&m).eval().unwrap(), &euclid);
            let euclid = both(|x, y| if y == 0 { 0 } else { x.wrapping_div_euclid(y) });
            assert_same("div_euclid", &l.clone().div_euclid(&m).eval().unwrap(), &euclid);
            let bits = |f: fn($T) -> u32| -> Vec<u32> { x.iter().map(|&x| f(x)).collect() };
            assert_same("ones", &l.clone().count_ones().eval().unwrap(), &bits($T::count_ones));
            let zeros = l.clone().leading_zeros().eval().unwrap();
            assert_same("leading", &zeros, &bits($T::leading_zeros));
            let zeros = l.clone().trailing_zeros().eval().unwrap();
            assert_same("trailing", &zeros, &bits($T::trailing_zeros));
            let less = l.clone().lt(&m).cast::<$T>().eval().unwrap();
            assert_same("<", &less, &both(|x, y| (x < y).into()));
            assert_same(
                "i32",
                &l.clone().cast::<i32>().eval().unwrap(),
                &x.mapv(|x| x as i32).to_vec(),
            );
            assert_same(
                "u32",
                &l.clone().cast::<u32>().eval().unwrap(),
                &x.mapv(|x| x as u32).to_vec(),
            );
            assert_same(
                "f32",
                &l.clone().cast::<f32>().eval().unwrap(),
                &x.mapv(|x| x as f32).to_vec(),
            );
            if device.has(Feature::F64) {
                let wide = l.clone().cast::<f64>().eval().unwrap();
                assert_same("f64", &wide, &x.mapv(|x| x as f64).to_vec());
            }
            if device.has(Feature::I64) {
                let wide = l.clone().cast::<i64>().eval().unwrap();
                assert_same("i64", &wide, &x.mapv(|x| x as i64).to_vec());
                let wide = l.cast::<u64>().eval().unwrap();
                assert_same("u64", &wide, &x.mapv(|x| x as u64).to_vec());
            }
        }
    };
}
integers!(check_i32, i32);
integers!(check_u32, u32);
integers!(check_i64, i64);
integers!(check_u64, u64);

#[test]
fn integers_are_those_of_kernels() {
    let Some(device) = device("integers_are_those_of_kernels") else { return };
    check_i32(&device);
    check_u32(&device);
    if device.has(Feature::I64) {
        check_i64(&device);
        check_u64(&device);
    }
    let x = array![i32::MIN, -5, 0, 7];
    let a = device.upload(&x).unwrap().lazy();
    assert_same("abs", &a.clone().abs().eval().unwrap(), &[i32::MIN, 5, 0, 7]);
    assert_same("signum", &a.clone().signum().eval().unwrap(), &[-1, -1, 0, 1]);
    assert_same("neg", &(-a).eval().unwrap(), &[i32::MIN, 5, 0, -7]);
}

#[test]
fn numbers_are_parameters_and_equal_parts_one() {
    let Some(device) = device("numbers_are_parameters_and_equal_parts_one") else { return };
    let x = device.upload(&array![1.0_f32, 2.0, 3.0]).unwrap();
    let y = x.lazy() * 2.0;
    let z = &y * &y + &y;
    assert_eq!(format!("{z:?}"), "Expr [3] of 1 arrays, 5 steps");
    assert_eq!(z.eval().unwrap().to_array().unwrap(), array![6.0, 20.0, 42.0]);
    let other = 1.0 / (x.clone() + x.clone()) - 3.0;
    let wanted = array![1.0 / 2.0 - 3.0, 1.0 / 4.0 - 3.0, 1.0 / 6.0_f32 - 3.0];
    assert_eq!(other.eval().unwrap().to_array().unwrap(), wanted);
}

#[test]
fn results_go_into_arrays() {
    let Some(device) = device("results_go_into_arrays") else { return };
    let mut x = device.upload(&array![[1.0_f32, 2.0], [3.0, 4.0]]).unwrap();
    // The expression shows the array: its old memory stays as it was.
    let twice = &x * 2.0;
    twice.eval_into(&mut x).unwrap();
    assert_eq!(x.to_array().unwrap(), array![[2.0, 4.0], [6.0, 8.0]]);
    assert_eq!(twice.eval().unwrap().to_array().unwrap(), array![[2.0, 4.0], [6.0, 8.0]]);
    let before = x.clone();
    let row = device.upload(&array![1.0_f32, -1.0]).unwrap();
    (-row.lazy()).eval_into(&mut x).unwrap();
    assert_eq!(x.to_array().unwrap(), array![[-1.0, 1.0], [-1.0, 1.0]]);
    assert_eq!(before.to_array().unwrap(), array![[2.0, 4.0], [6.0, 8.0]]);
    // Alone now: no other memory is asked for.
    let allocated = device.memory().hits + device.memory().misses;
    (&row + 1.0).eval_into(&mut x).unwrap();
    assert_eq!(x.to_array().unwrap(), array![[2.0, 0.0], [2.0, 0.0]]);
    assert!(device.memory().hits + device.memory().misses >= allocated);
    let long = device.upload(&array![1.0_f32, 2.0, 3.0]).unwrap();
    let error = long.lazy().eval_into(&mut x).unwrap_err();
    assert_eq!(error.to_string(), "an expression of shape [3] cannot be broadcast to [2, 2]");
    assert_eq!(x.to_array().unwrap(), array![[2.0, 0.0], [2.0, 0.0]]);
    let error = x.lazy().broadcast(2).eval().unwrap_err();
    assert_eq!(error.to_string(), "an expression of shape [2, 2] cannot be broadcast to [2]");
}

#[test]
fn what_is_wrong_is_told_when_it_is_evaluated() {
    let device = Device::open(Select::noop()).unwrap();
    let other = Device::open(Select::noop()).unwrap();
    let x = device.zeros::<f32, _>((3, 2)).unwrap();
    let y = other.zeros::<f32, _>((3, 2)).unwrap();
    let error = ((&x + &y) * 2.0).sqrt().eval().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DeviceMismatch);
    let z = device.zeros::<f32, _>(3).unwrap();
    let wrong = (z.lazy() + &x) / &z;
    assert_eq!(wrong.eval().unwrap_err().kind(), ErrorKind::Shape);
    assert_eq!(wrong.fast().eval().unwrap_err().kind(), ErrorKind::Shape);
    let mut long = x.lazy();
    for _ in 0..2000 {
        long = long + 1.0;
    }
    assert_eq!(long.eval().unwrap_err().kind(), ErrorKind::TooLarge);
    let none = tenfold_gpu::IntoExpr::into_expr(2.0_f32) + 1.0_f32;
    assert_eq!(none.eval().unwrap_err().kind(), ErrorKind::Argument);
}

#[test]
fn more_arrays_than_a_kernel_sees_are_an_error() {
    let Some(device) = device("more_arrays_than_a_kernel_sees_are_an_error") else { return };
    let most = device.limits().max_bindings;
    if most > 1000 {
        return;
    }
    let mut sum = device.zeros::<i32, _>(3).unwrap().lazy();
    for i in 2..most {
        sum = sum + device.upload(&array![i, 0, 1].mapv(|x| x as i32)).unwrap();
    }
    assert_eq!(sum.eval().unwrap().to_array().unwrap()[2], most as i32 - 2);
    let error = (sum + device.zeros(3).unwrap()).eval().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge, "{error}");
}

/// Evaluates functions of one, and of two, on a device that computes nothing.
macro_rules! evaluated {
    ($x:ident, $y:ident: $($name:ident)*; $($second:ident)*) => {
        $(drop($x.lazy().$name().eval().unwrap());)*
        $(drop($x.lazy().$second(&$y).eval().unwrap());)*
        drop((&$x + &$y - &$x * &$y / &$x % &$y).eval().unwrap());
        drop($x.lazy().ne(&$y).select(&$x, $x.lazy().clamp(&$y, &$x)).abs().signum().eval().unwrap());
    };
}

#[test]
fn every_operation_is_valid_without_a_device() {
    let device = Device::open(Select::noop()).unwrap();
    macro_rules! of_floats {
        ($T:ident) => {
            for shape in [(4, 8), (3, 5)] {
                let x = device.zeros::<$T, _>(shape).unwrap();
                let y = device.zeros::<$T, _>(shape.1).unwrap();
                evaluated! { x, y:
                    sqrt rsqrt cbrt recip exp exp2 exp_m1 ln ln_1p log2 log10 sin cos tan asin acos atan
                    sinh cosh tanh erf floor ceil trunc round round_ties_even fract to_degrees to_radians
                    is_nan is_infinite is_finite is_sign_negative is_sign_positive;
                    powf atan2 hypot copysign min max
                }
                drop((-&x).mul_add(&y, &x).powi(-7).fast().eval().unwrap());
                drop(x.lazy().exp().tan().rsqrt().trunc().fast().eval().unwrap());
            }
        };
    }
    of_floats!(f32);
    of_floats!(f64);
    macro_rules! of_integers {
        ($($T:ident)*) => {$(
            let x = device.zeros::<$T, _>((3, 5)).unwrap();
            let y = device.zeros::<$T, _>(5).unwrap();
            evaluated! { x, y:
                count_ones leading_zeros trailing_zeros; div_euclid rem_euclid min max
            }
            drop((!(&x & &y | &x ^ &y) << 3 >> x.lazy().pow(2).cast::<u32>()).eval().unwrap());
            drop(x.lazy().cast::<f32>().cast::<i64>().cast::<f64>().cast::<u64>().eval().unwrap());
            drop(x.lazy().cast::<f64>().cast::<i32>().cast::<f32>().cast::<u32>().eval().unwrap());
        )*};
    }
    of_integers!(i32 u32 i64 u64);
}

/// An array of some axes, and a view of it: backwards, in steps, or transposed.
#[derive(Debug, Clone)]
struct Viewed {
    host: ArrayD<f32>,
    steps: Vec<isize>,
    is_reversed: bool,
}

impl Viewed {
    fn cut(&self, axis: usize) -> Slice {
        Slice::new(0, None, self.steps[axis % self.steps.len()])
    }

    fn host(&self) -> ArrayD<f32> {
        let mut view = self.host.view();
        for axis in 0..view.ndim() {
            view.slice_axis_inplace(Axis(axis), self.cut(axis));
        }
        if self.is_reversed { view.reversed_axes().to_owned() } else { view.to_owned() }
    }

    fn device(&self, device: &Device) -> DeviceArray<f32, IxDyn> {
        let whole = device.upload(&self.host).unwrap();
        let info: Vec<_> = (0..whole.ndim()).map(|axis| self.cut(axis).into()).collect();
        let view = whole.slice(&info[..]).unwrap();
        if self.is_reversed { view.reversed_axes() } else { view }
    }
}

/// Views whose shapes go together with `shape`.
fn viewed(shape: Vec<usize>) -> impl Strategy<Value = Viewed> {
    let axes = shape.len();
    let steps = prop::collection::vec(prop::sample::select(vec![1_isize, 1, 1, -1, 2, -3]), 4);
    let ones = prop::collection::vec(prop::bool::weighted(0.25), axes);
    (0..=axes, ones, steps, any::<bool>(), any::<u32>()).prop_map(
        move |(missing, ones, steps, is_reversed, seed)| {
            let own = shape.iter().zip(&ones).skip(missing.min(shape.len()));
            let mut own: Vec<usize> = own.map(|(&n, &one)| if one { 1 } else { n }).collect();
            if is_reversed {
                own.reverse();
            }
            let whole: Vec<usize> = own
                .iter()
                .enumerate()
                .map(|(axis, &n)| {
                    let step = steps[axis % steps.len()].unsigned_abs();
                    if n == 0 { 0 } else { (n - 1) * step + 1 }
                })
                .collect();
            let mut state = seed;
            let host = Array::from_shape_simple_fn(IxDyn(&whole), || {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 8) as f32 / 65_536.0 - 100.0
            });
            Viewed { host, steps, is_reversed }
        },
    )
}

fn together() -> impl Strategy<Value = [Viewed; 3]> {
    let len = prop::sample::select(vec![0_usize, 1, 2, 3, 4, 5, 7, 8, 13, 64, 127]);
    let shape = prop::collection::vec(len, 0..=3)
        .prop_filter("not too large", |shape| shape.iter().product::<usize>() < 40_000);
    shape.prop_flat_map(|shape| [viewed(shape.clone()), viewed(shape.clone()), viewed(shape)])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn shapes_and_layouts_are_those_of_ndarray(viewed in together()) {
        for device in [device("shapes_and_layouts"), narrow("shapes_and_layouts")] {
            let Some(device) = device else { return Ok(()) };
            let [x, y, z] = viewed.each_ref().map(|viewed| viewed.device(&device));
            let [a, b, c] = viewed.each_ref().map(Viewed::host);
            let got = (&x * &y + z.lazy().abs() / 3.0 - &x).eval().unwrap();
            let wanted = &a * &b + c.mapv(f32::abs) / 3.0 - &a;
            prop_assert_eq!(got.shape(), wanted.shape());
            prop_assert_eq!(got.to_array().unwrap(), wanted);
        }
    }
}

/// Four elements of 8 bytes begin where four of 4 bytes do not need to.
fn lengths_of_mixed_types(device: &Device) {
    for n in [1, 4, 5, 63, 64, 130, 4099] {
        let x: Array1<f64> = (0..n).map(|i| f64::from(i) / 3.0).collect();
        let y = x.mapv(|x| x as f32);
        let (a, b) = (device.upload(&x).unwrap(), device.upload(&y).unwrap());
        for from in [0, 1, 2, 4, 60] {
            if from >= n {
                continue;
            }
            let (a, b) = (a.slice(s![from..]).unwrap(), b.slice(s![from..]).unwrap());
            let got = (&a * 3.0 - b.lazy().cast::<f64>()).eval().unwrap();
            let wanted = &x.slice(s![from..]) * 3.0 - y.slice(s![from..]).mapv(f64::from);
            assert_eq!(got.to_array().unwrap(), wanted, "{n} from {from}");
        }
    }
}

#[test]
fn lengths_around_lanes_and_groups() {
    for device in [device("lengths_around_lanes"), narrow("lengths_around_lanes")] {
        let Some(device) = device else { return };
        for n in [0, 1, 2, 3, 4, 5, 63, 64, 65, 255, 256, 257, 1023, 1024, 1025, 4099, 70_001] {
            let x: Array1<f32> = (0..n).map(|i| i as f32).collect();
            let a = device.upload(&x).unwrap();
            let got = (&a * 0.5 + 1.0).eval().unwrap();
            assert_eq!(got.to_array().unwrap(), &x * 0.5 + 1.0, "{n}");
            if n > 1 {
                let inner = a.slice(s![1..]).unwrap() - a.slice(s![..-1]).unwrap();
                assert_eq!(
                    inner.eval().unwrap().to_array().unwrap(),
                    Array1::<f32>::ones(n - 1),
                    "{n}"
                );
            }
        }
        if device.has(Feature::F64) {
            lengths_of_mixed_types(&device);
        }
        let x = Array2::from_shape_fn((33, 20), |(i, j)| (i * 20 + j) as f32);
        let a = device.upload(&x).unwrap();
        let part = a.slice(s![1..32, 4..12]).unwrap();
        let column = a.slice(s![1..32, 3..4]).unwrap();
        let row = a.slice(s![0, 4..12]).unwrap();
        let got = (&part * &row - &column).eval().unwrap().to_array().unwrap();
        let wanted = &x.slice(s![1..32, 4..12]) * &x.slice(s![0, 4..12]) - x.slice(s![1..32, 3..4]);
        assert_eq!(got, wanted);
    }
}

/// How many numbers lie between two.
fn steps(x: f32, y: f32) -> u32 {
    let place = |x: f32| {
        let bits = x.to_bits().cast_signed();
        if bits < 0 { i32::MIN.wrapping_sub(bits) } else { bits }
    };
    if x.is_nan() && y.is_nan() { 0 } else { place(x).abs_diff(place(y)) }
}

fn steps_wide(x: f64, y: f64) -> u64 {
    let place = |x: f64| {
        let bits = x.to_bits().cast_signed();
        if bits < 0 { i64::MIN.wrapping_sub(bits) } else { bits }
    };
    if x.is_nan() && y.is_nan() { 0 } else { place(x).abs_diff(place(y)) }
}

/// Functions on the device against std's of f64, for f32 within 3 units in the last place, and for f64,
/// where std's are not exact either, within 4.
macro_rules! functions {
    ($device:ident: $($name:ident)*; $($second:ident)*) => {
        let y: Array1<f64> = (0..3000).map(|i| f64::from(i % 37) * 0.37 - 6.1).collect();
        let x: Array1<f64> = (0..3000).map(|i| (f64::from(i) - 1400.0) * 0.0173).collect();
        let narrow = |x: &Array1<f64>| x.mapv(|x| x as f32);
        let (a, b) = ($device.upload(&narrow(&x)).unwrap(), $device.upload(&narrow(&y)).unwrap());
        let (p, q) = (narrow(&x).mapv(f64::from), narrow(&y).mapv(f64::from));
        let close = |name: &str, got: &DeviceArray<f32, _>, wanted: &dyn Fn(usize) -> f64| {
            for (i, &got) in got.to_array().unwrap().iter().enumerate() {
                let wanted = wanted(i) as f32;
                let off = steps(got, wanted);
                assert!(off <= 3, "{name} of {}, {}: {got} and {wanted}", p[i], q[i]);
            }
        };
        $(close(stringify!($name), &a.lazy().$name().eval().unwrap(), &|i| p[i].$name());)*
        $(close(stringify!($second), &a.lazy().$second(&b).eval().unwrap(), &|i| p[i].$second(q[i]));)*
        if $device.has(Feature::F64) && $device.has(Feature::I64) {
            let (a, b) = ($device.upload(&x).unwrap(), $device.upload(&y).unwrap());
            let close = |name: &str, got: &DeviceArray<f64, _>, wanted: &dyn Fn(usize) -> f64| {
                for (i, &got) in got.to_array().unwrap().iter().enumerate() {
                    let wanted = wanted(i);
                    let off = steps_wide(got, wanted);
                    assert!(off <= 4, "{name} of {}, {}: {got} and {wanted}", x[i], y[i]);
                }
            };
            $(close(stringify!($name), &a.lazy().$name().eval().unwrap(), &|i| x[i].$name());)*
            $(close(stringify!($second), &a.lazy().$second(&b).eval().unwrap(), &|i| x[i].$second(y[i]));)*
        }
    };
}

#[test]
fn functions_are_near_those_of_std() {
    let Some(device) = device("functions_are_near_those_of_std") else { return };
    functions! { device:
        exp exp2 exp_m1 ln ln_1p log2 log10 sin cos tan asin acos atan sinh cosh tanh cbrt;
        atan2 powf hypot
    }
    let x = device.upload(&array![0.0_f32, 0.25, 4.0, f32::INFINITY]).unwrap();
    let got = x.lazy().rsqrt().eval().unwrap().to_array().unwrap();
    assert_eq!(got, array![f32::INFINITY, 2.0, 0.5, 0.0]);
    let got = x.lazy().erf().eval().unwrap().to_array().unwrap();
    assert!(steps(got[1], 0.276_326_4) <= 3 && got[3] == 1.0);
    let got = x.lazy().mul_add(3.0, -1.0).to_degrees().to_radians().eval().unwrap();
    assert!(steps(got.to_array().unwrap()[1], -0.25) <= 4);
}

#[test]
fn formulas_are_parts_of_expressions() {
    let saxpy = Formula::<(f32, f32, f32), f32>::new(["a", "x", "y"], "a * x + y // so").unwrap();
    let error = Formula::<(f32, f32), f32>::new(["a"], "a").unwrap_err();
    assert_eq!(error.to_string(), "a formula of 2 arguments was given 1 names");
    for (name, text) in [("x", "x + "), ("x", "x + 1i"), ("x", "y"), ("fn", "1.0"), ("x y", "1.0")]
    {
        let error = Formula::<(f32,), f32>::new([name], text).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Validation { .. }), "{name} {text}: {error}");
    }
    let Some(device) = device("formulas_are_parts_of_expressions") else { return };
    let x = device.upload(&array![[1.0_f32, 2.0], [3.0, 0.1]]).unwrap();
    let row = device.upload(&array![0.7_f32, -1.0]).unwrap();
    let got = saxpy.of((2.0, &x * 3.0, saxpy.of((0.5, &row, &x)))).eval().unwrap();
    let wanted = array![[7.35, 13.5], [21.35, 2.0 * (0.1 * 3.0) + (0.1_f32 - 0.5)]];
    assert_eq!(got.to_array().unwrap(), wanted);
    let many =
        Formula::<(f32, u32), f32>::new(["x", "n"], "select(exp(x), sin(x), n > 1u)").unwrap();
    let n = device.upload(&array![1_u32, 2]).unwrap();
    let got = (many.of((&x, &n)) + x.lazy().sin()).eval().unwrap().to_array().unwrap();
    assert!(steps(got[[0, 0]], (1.0_f64.exp() + 1.0_f64.sin()) as f32) <= 3);
    assert!(steps(got[[1, 1]], 2.0 * 0.1_f32.sin()) <= 3);
    let wrong = saxpy.of((1.0, &x, device.zeros::<f32, _>(3).unwrap()));
    assert_eq!(wrong.eval().unwrap_err().kind(), ErrorKind::Shape);
}

#[test]
fn fast_mode_is_near() {
    let Some(device) = device("fast_mode_is_near") else { return };
    let x: Array1<f32> = (1..5000).map(|i| i as f32 * 1e-3).collect();
    let a = device.upload(&x).unwrap();
    let got =
        (a.lazy().sin().mul_add(2.0, 1.0) / &a + a.lazy().exp().sqrt()).fast().eval().unwrap();
    for (&x, got) in x.iter().zip(got.to_array().unwrap()) {
        let wanted = (x.sin() * 2.0 + 1.0) / x + x.exp().sqrt();
        assert!((got - wanted).abs() <= 1e-5 * wanted + 2e-3, "{x}: {got} and {wanted}");
    }
}

#[test]
fn formulas_of_integers_are_precise_inside() {
    let Some(device) = device("formulas_of_integers_are_precise_inside") else { return };
    let text = "bitcast<u32>((f32(i) * 0.1 + 3e7) - 3e7)";
    let formula = Formula::<(u32,), u32>::new(["i"], text).unwrap();
    let i = Array1::from_iter(0..1000_u32);
    let got = formula.of((&device.upload(&i).unwrap(),)).eval().unwrap().to_array().unwrap();
    assert_eq!(got, i.mapv(|i| ((i as f32 * 0.1 + 3e7) - 3e7).to_bits()));
}
