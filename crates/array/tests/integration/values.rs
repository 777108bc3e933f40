//! Random programs over all values that elements can have: NaN, infinities, -0, subnormals, and integers at their
//! bounds, beside loops, under all settings.

use std::fmt::Debug;

use ndarray::{ArrayD, Axis, IxDyn, Slice, Zip};
use proptest::prelude::*;
use tenfold_array::{
    Absolute, Array, Dims, Division, ErrorKind, Ordered, Pass, Result, Settings, Source, Window,
};

use crate::programs::Choices;

type Lazy<T> = Array<T, IxDyn>;

/// An array, and what it is.
type Both<T> = (Lazy<T>, ArrayD<T>);

/// Elements, and what is done with them by the definitions: of integers in `i128`, of which the lowest bits are kept.
trait Value: Absolute<Abs = Self> + Division + Ordered + Debug {
    fn of(bits: u64) -> Self;
    fn two(self, name: &str, other: Self) -> Self;
    fn one(self, name: &str) -> Self;
    fn is_same(self, other: Self) -> bool;
    fn from_i64(count: i64) -> Self;
    /// One of few numbers, whose sums are exact.
    fn summed(self) -> Self;
    /// One of fewer, whose products are.
    fn multiplied(self) -> Self;
    /// Of the two zeros the positive one.
    fn plus_zero(self) -> Self;

    // What has results of other types, as elements of this one.
    fn lazy_of(x: Lazy<i64>) -> Lazy<Self>;
    fn lazy_of_bools(x: Lazy<bool>) -> Lazy<Self>;
    fn lazy_fold(x: &Lazy<Self>, name: &str, axis: usize) -> Lazy<Self>;
    fn lazy_as(x: &Lazy<Self>, name: &str) -> Lazy<Self>;
}

/// The quotient of two integers, rounded down.
fn floor_div(a: i128, b: i128) -> i128 {
    let quotient = a / b;
    if a % b != 0 && (a < 0) != (b < 0) { quotient - 1 } else { quotient }
}

macro_rules! lazily {
    () => {
        fn is_same(self, other: Self) -> bool {
            let bytes = |x: Self| x.to_le_bytes();
            bytes(self) == bytes(other) || (is_nan(self) && is_nan(other))
        }

        fn from_i64(count: i64) -> Self {
            count as Self
        }

        fn lazy_of(x: Lazy<i64>) -> Lazy<Self> {
            x.astype()
        }

        fn lazy_of_bools(x: Lazy<bool>) -> Lazy<Self> {
            x.astype()
        }

        fn lazy_fold(x: &Lazy<Self>, name: &str, axis: usize) -> Lazy<Self> {
            match name {
                "sum" => x.sum_axis(axis).astype(),
                "nansum" => x.nansum_axis(axis).astype(),
                "prod" => x.prod_axis(axis).astype(),
                "cumsum" => x.cumsum(axis).astype(),
                _ => x.cumprod(axis).astype(),
            }
        }

        fn lazy_as(x: &Lazy<Self>, name: &str) -> Lazy<Self> {
            match name {
                "i8" => x.astype::<i8>().astype(),
                "u32" => x.astype::<u32>().astype(),
                "i64" => x.astype::<i64>().astype(),
                "f32" => x.astype::<f32>().astype(),
                _ => x.astype::<bool>().astype(),
            }
        }
    };
}

macro_rules! integers {
    ($($T:ident)*) => {$(
        impl Value for $T {
            fn of(bits: u64) -> Self {
                let special = [Self::MIN, Self::MAX, Self::MIN + 1, 0, 1, Self::MAX / 2];
                special.get((bits % 12) as usize).copied().unwrap_or((bits >> 20) as Self)
            }

            fn two(self, name: &str, other: Self) -> Self {
                let (a, b) = (i128::from(self), i128::from(other));
                (match (name, b) {
                    ("add", _) => a + b,
                    ("sub", _) => a - b,
                    // Of the greatest, the lowest 64 bits are right in any case.
                    ("mul", _) => a.wrapping_mul(b),
                    (_, 0) => 0,
                    ("div", _) => a / b,
                    ("rem", _) => a % b,
                    ("floor_div", _) => floor_div(a, b),
                    ("modulo", _) => a - b * floor_div(a, b),
                    _ => a.rem_euclid(b),
                }) as Self
            }

            fn one(self, name: &str) -> Self {
                let a = i128::from(self);
                (match name {
                    "neg" => -a,
                    "abs" => a.abs(),
                    "sign" => a.signum(),
                    "square" => a.wrapping_mul(a),
                    "i8" => i128::from(self as i8),
                    "u32" => i128::from(self as u32),
                    "i64" => i128::from(self as i64),
                    "f32" => return self as f32 as Self,
                    _ => i128::from(a != 0),
                }) as Self
            }

            fn summed(self) -> Self {
                self
            }

            fn multiplied(self) -> Self {
                self
            }

            fn plus_zero(self) -> Self {
                self
            }

            lazily!();
        }
    )*};
}
integers!(i8 u8 i16 u32 i64 u64);

macro_rules! floats {
    ($($T:ident)*) => {$(
        impl Value for $T {
            fn of(bits: u64) -> Self {
                let special = [
                    0.0, -0.0, $T::INFINITY, $T::NEG_INFINITY, $T::NAN, $T::MIN_POSITIVE / 8.0,
                    -$T::MIN_POSITIVE / 2.0, $T::MAX, $T::MIN, $T::EPSILON, 0.5, -2.5, 1e10,
                ];
                let other = ((bits >> 20) % 129) as $T / 4.0 - 16.0;
                special.get((bits % 26) as usize).copied().unwrap_or(other)
            }

            fn two(self, name: &str, other: Self) -> Self {
                match name {
                    "add" => self + other,
                    "sub" => self - other,
                    "mul" => self * other,
                    "div" => self / other,
                    "rem" => self % other,
                    "rem_euclid" => self.rem_euclid(other),
                    _ => self.python(name, other),
                }
            }

            fn one(self, name: &str) -> Self {
                match name {
                    "neg" => -self,
                    "abs" => self.abs(),
                    "sign" if self == 0.0 => 0.0,
                    "sign" => if self.is_nan() { self } else { (1.0 as $T).copysign(self) },
                    "square" => self * self,
                    "i8" => self as i8 as Self,
                    "u32" => self as u32 as Self,
                    "i64" => self as i64 as Self,
                    "f32" => self as f32 as Self,
                    _ => if self == 0.0 { 0.0 } else { 1.0 },
                }
            }

            fn summed(self) -> Self {
                if self.is_finite() { (self % 8.0 * 4.0).round() / 4.0 } else { self }
            }

            fn multiplied(self) -> Self {
                let size = match self.abs() {
                    0.0 => 0.0,
                    small if small < 1.0 => 0.5,
                    middle if middle < 4.0 => 1.0,
                    large if large.is_finite() => 2.0,
                    other => other,
                };
                size.copysign(self)
            }

            fn plus_zero(self) -> Self {
                self + 0.0
            }

            lazily!();
        }

        impl Python for $T {
            fn python(self, name: &str, by: Self) -> Self {
                if by == 0.0 && name == "floor_div" {
                    return self / by;
                }
                let rest = self % by;
                let is_other = rest != 0.0 && (rest < 0.0) != (by < 0.0);
                if name == "modulo" {
                    return if rest == 0.0 { rest.copysign(by) } else if is_other { rest + by } else { rest };
                }
                let quotient = (self - rest) / by - $T::from(i8::from(is_other));
                match quotient {
                    0.0 => (0.0 as $T).copysign(self / by),
                    _ if quotient - quotient.floor() > 0.5 => quotient.floor() + 1.0,
                    _ => quotient.floor(),
                }
            }
        }
    )*};
}

/// Division as in Python: `float_divmod` of CPython, and `npy_divmod` of NumPy.
trait Python {
    fn python(self, name: &str, by: Self) -> Self;
}
floats!(f32 f64);

#[expect(clippy::eq_op, reason = "NaN alone is not equal to itself")]
fn is_nan<T: PartialEq>(x: T) -> bool {
    x != x
}

/// A source that is read as files are.
#[derive(Debug)]
struct Given<T>(ArrayD<T>);

impl<T: Value> Source<T> for Given<T> {
    fn shape(&self) -> Dims {
        self.0.shape().into()
    }

    fn read(&self, window: &Window, out: &mut [T]) -> Result<()> {
        let part = self.0.slice_each_axis(|axis| Slice::from(window.range(axis.axis.index())));
        assert_eq!(part.len(), out.len());
        out.iter_mut().zip(part).for_each(|(to, x)| *to = *x);
        Ok(())
    }
}

fn leaf<T: Value>(choices: &mut Choices, shape: &[usize]) -> Both<T> {
    let plain = ArrayD::from_shape_simple_fn(IxDyn(shape), || T::of(choices.bits()));
    let sizes = choices.sizes(shape);
    let lazy = match choices.below(2) {
        0 => Array::from_ndarray(plain.clone(), &*sizes),
        _ => Array::from_source(Given(plain.clone()), &*sizes),
    };
    (lazy, plain)
}

const PAIRS: [&str; 12] = [
    "add",
    "sub",
    "mul",
    "div",
    "rem",
    "floor_div",
    "modulo",
    "rem_euclid",
    "minimum",
    "maximum",
    "fmin",
    "fmax",
];
const CASTS: [&str; 5] = ["i8", "u32", "i64", "f32", "bool"];

/// One of two arrays.
fn pair<T: Value>(name: &str, x: &Lazy<T>, y: &Lazy<T>) -> Lazy<T> {
    match name {
        "add" => x + y,
        "sub" => x - y,
        "mul" => x * y,
        "div" => x / y,
        "rem" => x % y,
        "floor_div" => x.floor_div(y),
        "modulo" => x.modulo(y),
        "rem_euclid" => x.rem_euclid(y),
        "minimum" => x.minimum(y),
        "maximum" => x.maximum(y),
        "fmin" => x.fmin(y),
        _ => x.fmax(y),
    }
}

/// The same of two elements.
fn two<T: Value>(name: &str, a: T, b: T) -> T {
    match name {
        "minimum" if is_nan(a) || is_nan(b) => {
            if is_nan(a) {
                a
            } else {
                b
            }
        }
        "maximum" if is_nan(a) || is_nan(b) => {
            if is_nan(a) {
                a
            } else {
                b
            }
        }
        "fmin" | "fmax" if is_nan(a) => b,
        "fmin" | "fmax" if is_nan(b) => a,
        "minimum" | "fmin" => {
            if b < a {
                b
            } else {
                a
            }
        }
        "maximum" | "fmax" => {
            if b > a {
                b
            } else {
                a
            }
        }
        _ => a.two(name, b),
    }
}

/// The extreme of a lane, the first NaN first of all unless it is skipped, and where it is.
fn extreme<T: Value>(lane: &[T], greatest: bool, skips: bool) -> (Option<T>, i64) {
    let mut best: Option<(usize, T)> = None;
    for (at, &x) in lane.iter().enumerate().filter(|(_, x)| !skips || !is_nan(**x)) {
        let wins = best.is_none_or(|(_, best)| {
            !is_nan(best) && (is_nan(x) || if greatest { x > best } else { x < best })
        });
        if wins {
            best = Some((at, x));
        }
    }
    (best.map(|(_, x)| x), best.map_or(-1, |(at, _)| at as i64))
}

/// The next operation: its name, and of arrays of one shape another one of it.
fn step<T: Value>(choices: &mut Choices, x: &Both<T>, y: &Both<T>) -> (String, Both<T>) {
    let ((lazy, plain), (other, other_plain)) = (x, y);
    let shape = plain.shape().to_vec();
    let zip =
        |f: &dyn Fn(T, T) -> T| Zip::from(plain).and(other_plain).map_collect(|&a, &b| f(a, b));
    let choice = choices.below(if shape.is_empty() || shape.contains(&0) { 7 } else { 13 });
    let name = match choice {
        0..3 => PAIRS[choices.below(PAIRS.len())],
        3 => ["neg", "abs", "sign", "square"][choices.below(4)],
        4 => CASTS[choices.below(CASTS.len())],
        5 => ["less", "less_equal", "greater", "equal", "not_equal"][choices.below(5)],
        6 => "clip",
        7 => ["sum", "nansum", "prod"][choices.below(3)],
        8 => ["cumsum", "cumprod"][choices.below(2)],
        9 => ["min", "max", "nanmin", "nanmax"][choices.below(4)],
        10 => ["argmin", "argmax", "nanargmin", "nanargmax"][choices.below(4)],
        11 => ["any", "all", "count"][choices.below(3)],
        _ => ["cummin", "cummax"][choices.below(2)],
    };
    let axis = choices.below(shape.len());
    // Along an axis, and the results again as long as it is.
    let spread = |x: Lazy<T>| x.insert_axis(axis).into_dyn().broadcast(IxDyn(&shape));
    let along = |f: &dyn Fn(&[T]) -> T, plain: &ArrayD<T>| {
        let folded = plain.map_axis(Axis(axis), |lane| f(&lane.to_vec()));
        folded.insert_axis(Axis(axis)).broadcast(IxDyn(&shape)).unwrap().to_owned()
    };
    let running = |f: &dyn Fn(T, T) -> T, start: T, plain: &ArrayD<T>| {
        let mut plain = plain.clone();
        for mut lane in plain.lanes_mut(Axis(axis)) {
            lane.iter_mut().fold(start, |acc, x| {
                *x = f(acc, *x);
                *x
            });
        }
        plain
    };
    let (zero, one) = (T::from_i64(0), T::from_i64(1));
    let summed = || (lazy.map_named("summed", T::summed), plain.mapv(T::summed));
    let multiplied = || (lazy.map_named("multiplied", T::multiplied), plain.mapv(T::multiplied));
    let plus_zero = |x: Lazy<T>| x.map_named("plus_zero", T::plus_zero);
    let both = match (choice, name) {
        (0..3, _) => (pair(name, lazy, other), zip(&|a, b| two(name, a, b))),
        (3, _) => {
            let lazy = match name {
                "neg" => -lazy,
                "abs" => lazy.abs(),
                "sign" => lazy.sign(),
                _ => lazy.square(),
            };
            (lazy, plain.mapv(|x| x.one(name)))
        }
        (4, _) => (T::lazy_as(lazy, name), plain.mapv(|x| x.one(name))),
        (5, _) => {
            let is = match name {
                "less" => lazy.less(other),
                "less_equal" => lazy.less_equal(other),
                "greater" => lazy.greater(other),
                "equal" => lazy.equal(other),
                _ => lazy.not_equal(other),
            };
            let f = |a: T, b: T| match name {
                "less" => a < b,
                "less_equal" => a <= b,
                "greater" => a > b,
                "equal" => a == b,
                _ => a != b,
            };
            match choices.below(2) {
                0 => (is.where_(lazy, one), zip(&|a, b| if f(a, b) { a } else { one })),
                _ => (T::lazy_of_bools(is), zip(&|a, b| T::from_i64(f(a, b).into()))),
            }
        }
        (6, _) => {
            let bound = T::of(choices.bits());
            let clipped = |x, low| two("minimum", two("maximum", x, low), bound);
            (lazy.clip(other, bound), zip(&clipped))
        }
        (7 | 8, _) => {
            let is_product = name.ends_with("prod");
            let ((lazy, plain), what, start) =
                if is_product { (multiplied(), "mul", one) } else { (summed(), "add", zero) };
            let skips = name == "nansum";
            let f = |a: T, b: T| if skips && is_nan(b) { a } else { a.two(what, b) };
            let folded = T::lazy_fold(&lazy, name, axis);
            match choice {
                7 => {
                    let fold = |lane: &[T]| lane.iter().fold(start, |a, &b| f(a, b));
                    (spread(folded), along(&fold, &plain))
                }
                _ => (folded, running(&f, start, &plain)),
            }
        }
        (9, _) => {
            let folded = match name {
                "min" => lazy.min_axis(axis),
                "max" => lazy.max_axis(axis),
                "nanmin" => lazy.nanmin_axis(axis),
                _ => lazy.nanmax_axis(axis),
            };
            let f = |lane: &[T]| {
                let (best, _) = extreme(lane, name.ends_with("max"), name.starts_with("nan"));
                best.unwrap_or(lane[0]).plus_zero()
            };
            (plus_zero(spread(folded)), along(&f, plain))
        }
        (10, _) => {
            let places = match name {
                "argmin" => lazy.argmin_axis(axis),
                "argmax" => lazy.argmax_axis(axis),
                "nanargmin" => lazy.nanargmin_axis(axis),
                _ => lazy.nanargmax_axis(axis),
            };
            let f = |lane: &[T]| {
                T::from_i64(extreme(lane, name.ends_with("max"), name.starts_with("nan")).1)
            };
            (spread(T::lazy_of(places)), along(&f, plain))
        }
        (11, _) => {
            let folded = match name {
                "any" => T::lazy_of_bools(lazy.any_axis(axis)),
                "all" => T::lazy_of_bools(lazy.all_axis(axis)),
                _ => T::lazy_of(lazy.count_nonzero_axis(axis)),
            };
            let f = |lane: &[T]| {
                let count = lane.iter().filter(|&&x| x != zero).count();
                T::from_i64(match name {
                    "any" => (count > 0).into(),
                    "all" => (count == lane.len()).into(),
                    _ => count as i64,
                })
            };
            (spread(folded), along(&f, plain))
        }
        _ => {
            let f = |a: T, b: T| two(if name == "cummax" { "maximum" } else { "minimum" }, a, b);
            let start = if name == "cummax" { T::LEAST } else { T::GREATEST };
            let lazy = if name == "cummax" { lazy.cummax(axis) } else { lazy.cummin(axis) };
            (plus_zero(lazy), running(&f, start, plain).mapv(T::plus_zero))
        }
    };
    (format!("{name} along {axis}"), both)
}

fn check<T: Value>(seed: u64) {
    let mut choices = Choices::new(seed);
    let lens = [1, 2, 3, 5, 7, 17, 40, 0];
    let ndim = choices.below(4);
    let shape: Vec<usize> =
        (0..ndim).map(|axis| lens[choices.below(if axis == 0 { 8 } else { 6 })]).collect();
    let mut arrays: Vec<Both<T>> = vec![leaf(&mut choices, &shape), leaf(&mut choices, &shape)];
    let mut names = vec![];
    for _ in 0..1 + choices.below(9) {
        let [x, y] = [0; 2].map(|_| choices.below(arrays.len()));
        let x = if choices.below(3) > 0 { arrays.len() - 1 } else { x };
        let (name, both) = step(&mut choices, &arrays[x], &arrays[y]);
        names.push(format!("{name} of {x} and {y}"));
        arrays.push(both);
    }
    let (last, expected) = arrays.last().unwrap();
    let (other, other_expected) = &arrays[choices.below(arrays.len())];
    let assert = |found: &ArrayD<T>, expected: &ArrayD<T>, how: &str| {
        let is_same = found.shape() == expected.shape()
            && found.iter().zip(expected).all(|(a, b)| a.is_same(*b));
        let of = arrays[..2].iter().map(|x| &x.1).collect::<Vec<_>>();
        assert!(
            is_same,
            "seed {seed} of {} {how}: {names:?} of {of:?}: {found:?} instead of {expected:?}",
            T::DTYPE
        );
    };
    let run = |settings: &Settings, how: &str| {
        let (found, other) = settings.compute_many((last, other))?;
        assert(&found, expected, how);
        assert(&other, other_expected, how);
        Ok::<_, tenfold_array::Error>(())
    };
    let free = Settings::new().threads(1 + choices.below(4));
    run(&free, "freely").unwrap_or_else(|error| panic!("seed {seed}: {error}"));
    for pass in Pass::ALL {
        run(&free.clone().without(pass), &format!("without {pass:?}")).unwrap();
    }
    let peak = free.plan(last).unwrap().peak_memory();
    for parts in [1, 2, 3] {
        let cap = peak * parts / 4 + 1;
        let settings = free.clone().with_memory(&cap.to_string()).unwrap();
        if let Err(error) = run(&settings, &format!("with {cap} bytes")) {
            assert_eq!(error.kind(), ErrorKind::Memory, "seed {seed}: {error}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn programs_of_floats(seed in any::<u64>()) {
        check::<f64>(seed);
        check::<f32>(seed);
    }

    #[test]
    fn programs_of_integers(seed in any::<u64>()) {
        check::<i8>(seed);
        check::<u8>(seed);
        check::<i16>(seed);
        check::<u32>(seed);
        check::<i64>(seed);
        check::<u64>(seed);
    }
}

/// The same for longer.
#[test]
#[ignore = "long: minutes"]
fn many_programs_of_all_values() {
    let count = std::env::var("TENFOLD_ARRAY_PROGRAMS").ok().and_then(|n| n.parse().ok());
    for seed in 0..count.unwrap_or(20_000) {
        check::<f64>(seed);
        check::<f32>(seed);
        check::<i8>(seed);
        check::<u8>(seed);
        check::<i16>(seed);
        check::<u32>(seed);
        check::<i64>(seed);
        check::<u64>(seed);
    }
}
