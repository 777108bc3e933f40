//! Algorithms and expressions over views of any kind, against the same on the processor.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "numbers are made of any bits, and counts are small"
)]

use std::cmp::Ordering;

use proptest::prelude::*;
use tenfold_gpu::ndarray::{Array, Array1, Array2, Array3, Axis, Ix1, Ix3, s};
use tenfold_gpu::{Device, DeviceArray, Element, Expr, IntoExpr as _, Settings};

use crate::device::{device, sees_subnormal, select};

/// As the tests run on, and one that shows 4 KiB of an array at a time.
fn both(test: &str) -> Vec<Device> {
    let Some(wide) = device(test) else { return vec![] };
    let settings = Settings::new().max_binding_bytes(4096);
    vec![wide, Device::open_with(select(), &settings).unwrap()]
}

/// Types of elements, and what the processor does with them.
trait Number: Element + Copy + PartialEq + std::fmt::Debug {
    const ZERO: Self;
    /// Any, of which many are equal or special.
    fn any(bits: u64) -> Self;
    /// One of which sums, and products with its like, are exact.
    fn small(bits: u64) -> Self;
    fn order(&self, other: &Self) -> Ordering;
    fn add(self, other: Self) -> Self;
    fn mul(self, other: Self) -> Self;
    fn bits(self) -> u64;
}

macro_rules! floats {
    ($($T:ty, $Bits:ty;)*) => {$(
        impl Number for $T {
            const ZERO: Self = 0.0;
            fn any(bits: u64) -> Self {
                const SPECIAL: [$T; 8] =
                    [0.0, -0.0, 1.0, -1.0, <$T>::INFINITY, <$T>::NEG_INFINITY, <$T>::NAN, <$T>::MIN_POSITIVE / 4.0];
                match bits % 3 {
                    0 => SPECIAL[(bits >> 8) as usize % 8],
                    1 => <$T>::from_bits((bits >> 3) as $Bits),
                    _ => ((bits >> 8) % 5) as $T,
                }
            }
            fn small(bits: u64) -> Self {
                (bits % 9) as $T - 4.0
            }
            fn order(&self, other: &Self) -> Ordering {
                self.total_cmp(other)
            }
            fn add(self, other: Self) -> Self {
                self + other
            }
            fn mul(self, other: Self) -> Self {
                self * other
            }
            fn bits(self) -> u64 {
                self.to_bits().into()
            }
        }
    )*};
}
floats! { f32, u32; f64, u64; }

macro_rules! integers {
    ($($T:ty)*) => {$(
        impl Number for $T {
            const ZERO: Self = 0;
            fn any(bits: u64) -> Self {
                if bits % 2 == 0 { (bits >> 3) as $T } else { (bits >> 8) as $T % 5 }
            }
            fn small(bits: u64) -> Self {
                Self::any(bits)
            }
            fn order(&self, other: &Self) -> Ordering {
                self.cmp(other)
            }
            fn add(self, other: Self) -> Self {
                self.wrapping_add(other)
            }
            fn mul(self, other: Self) -> Self {
                self.wrapping_mul(other)
            }
            fn bits(self) -> u64 {
                self as u64
            }
        }
    )*};
}
integers!(i32 u32 i64 u64);

/// What a generic function says of each type of elements that a device has.
macro_rules! of_each_type {
    ($function:ident, $device:expr, $($args:expr),*) => {
        of_each_type!(@ $function, $device, [$($args),*], f32 f64 i32 u32 i64 u64)
    };
    (@ $function:ident, $device:expr, $args:tt, $($T:ty)*) => {{
        $(if <$T as Element>::FEATURE.is_none_or(|feature| $device.has(feature)) {
            of_each_type!(@@ $function, $T, $device, $args);
        })*
        Ok(())
    }};
    (@@ $function:ident, $T:ty, $device:expr, [$($args:expr),*]) => {
        $function::<$T>($device, $($args),*)?;
    };
}

/// A view of an array of three axes: steps, the order of axes, and what the numbers begin with.
#[derive(Debug, Clone)]
struct View {
    shape: [usize; 3],
    steps: [isize; 3],
    order: [usize; 3],
    seed: u64,
}

fn views() -> impl Strategy<Value = View> {
    let step = || prop::sample::select(vec![1_isize, 1, -1, 2, -3]);
    let orders = vec![[0, 1, 2], [2, 1, 0], [1, 0, 2], [0, 2, 1], [2, 0, 1]];
    let shape = (0_usize..4, prop_oneof![0_usize..5, 5_usize..90], 1_usize..4);
    (shape, [step(), step(), step()], prop::sample::select(orders), any::<u64>())
        .prop_map(|((a, b, c), steps, order, seed)| View { shape: [a, b, c], steps, order, seed })
}

/// Bits that follow from a seed.
fn bits(seed: u64) -> impl FnMut() -> u64 {
    let mut state = seed;
    move || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state ^ state >> 31
    }
}

impl View {
    /// The same view on both sides.
    fn of<T: Number>(
        &self,
        device: &Device,
        number: fn(u64) -> T,
    ) -> (Array3<T>, DeviceArray<T, Ix3>) {
        let mut next = bits(self.seed);
        let base = Array::from_shape_simple_fn(self.shape, || number(next()));
        let [a, b, c] = self.steps;
        let on_base = device.upload(&base).unwrap();
        let view = on_base.slice(s![..;a, ..;b, ..;c]).unwrap().permuted_axes(self.order).unwrap();
        let host = base.slice(s![..;a, ..;b, ..;c]).permuted_axes(self.order).to_owned();
        (host, view)
    }
}

fn same<T: Number>(got: &Array3<T>, wanted: &Array3<T>) -> Result<(), TestCaseError> {
    prop_assert_eq!(got.shape(), wanted.shape());
    for (got, wanted) in got.iter().zip(wanted) {
        prop_assert!(got.bits() == wanted.bits(), "{:?}, not {:?}", got, wanted);
    }
    Ok(())
}

/// With each row of an axis made into another.
fn by_rows<T: Number, R: Number>(
    host: &Array3<T>,
    axis: Axis,
    row: impl Fn(Vec<T>) -> Vec<R>,
) -> Array3<R> {
    let mut out = Array3::from_elem(host.raw_dim(), R::ZERO);
    for (from, mut to) in host.lanes(axis).into_iter().zip(out.lanes_mut(axis)) {
        to.assign(&Array1::from(row(from.to_vec())));
    }
    out
}

/// The places of a row in the order of its elements, equal ones as they were.
fn places<T: Number>(row: &[T], is_descending: bool) -> Vec<u32> {
    let mut places: Vec<u32> = (0..row.len() as u32).collect();
    places.sort_by(|&i, &j| {
        let order = row[i as usize].order(&row[j as usize]);
        if is_descending { order.reverse() } else { order }
    });
    places
}

fn sorts<T: Number>(device: &Device, view: &View, axis: Axis) -> Result<(), TestCaseError> {
    let (host, x) = view.of::<T>(device, T::any);
    for is_descending in [false, true] {
        let (sorted, order) = match is_descending {
            false => (x.sort(axis).unwrap(), x.argsort(axis).unwrap()),
            true => (x.sort_descending(axis).unwrap(), x.argsort_descending(axis).unwrap()),
        };
        let of_row = |row: Vec<T>| places(&row, is_descending);
        same(&order.to_array().unwrap(), &by_rows(&host, axis, of_row))?;
        let of_row = |row: Vec<T>| -> Vec<T> {
            places(&row, is_descending).iter().map(|&at| row[at as usize]).collect()
        };
        same(&sorted.to_array().unwrap(), &by_rows(&host, axis, of_row))?;
    }
    Ok(())
}

fn scans<T: Number>(device: &Device, view: &View, axis: Axis) -> Result<(), TestCaseError> {
    let (host, x) = view.of::<T>(device, T::small);
    let sums = |is_exclusive: bool| {
        by_rows(&host, axis, move |row: Vec<T>| {
            let mut sum = T::ZERO;
            let each = row.into_iter().map(|x| {
                let before = sum;
                sum = sum.add(x);
                if is_exclusive { before } else { sum }
            });
            each.collect()
        })
    };
    same(&x.cumsum(axis).unwrap().to_array().unwrap(), &sums(false))?;
    same(&x.exclusive_cumsum(axis).unwrap().to_array().unwrap(), &sums(true))
}

fn moves<T: Number>(device: &Device, view: &View, axis: Axis) -> Result<(), TestCaseError> {
    let (host, x) = view.of::<T>(device, T::any);
    let (mut next, len) = (bits(!view.seed), host.len_of(axis));
    let count = if len == 0 { 0 } else { next() as usize % 12 };
    let places: Vec<u32> = (0..count).map(|_| (next() % len as u64) as u32).collect();
    let on_places = device.upload(&Array1::from(places.clone())).unwrap();
    let indices: Vec<usize> = places.iter().map(|&at| at as usize).collect();
    let taken = x.take(axis, &on_places).unwrap();
    same(&taken.to_array().unwrap(), &host.select(axis, &indices))?;
    let values = Array::from_shape_simple_fn(taken.raw_dim(), || T::any(next()));
    let put = x.put(axis, &on_places, &device.upload(&values).unwrap()).unwrap();
    let mut wanted = host.clone();
    for (number, &at) in indices.iter().enumerate() {
        wanted.index_axis_mut(axis, at).assign(&values.index_axis(axis, number));
    }
    same(&put.to_array().unwrap(), &wanted)?;
    // What was there is as it was.
    same(&x.to_array().unwrap(), &host)
}

/// Products of views: `(m, k)` and `(k, n)`, of which each may be a transpose or every other row of another.
fn products<T: Number>(
    device: &Device,
    lens: [usize; 3],
    kinds: [usize; 2],
    seed: u64,
) -> Result<(), TestCaseError> {
    let mut next = bits(seed);
    let mut factor = |rows: usize, columns: usize, kind: usize| {
        let shape = [(rows, columns), (columns, rows), (2 * rows, columns)][kind];
        let base = Array2::from_shape_simple_fn(shape, || T::small(next()));
        let on_base = device.upload(&base).unwrap();
        match kind {
            0 => (base, on_base),
            1 => (base.reversed_axes(), on_base.reversed_axes()),
            _ => (base.slice(s![..;-2, ..]).to_owned(), on_base.slice(s![..;-2, ..]).unwrap()),
        }
    };
    let [m, k, n] = lens;
    let ((a, on_a), (b, on_b)) = (factor(m, k, kinds[0]), factor(k, n, kinds[1]));
    let found = on_a.matmul(&on_b).unwrap().to_array().unwrap();
    prop_assert_eq!(found.shape(), [m, n]);
    for ((i, j), found) in found.indexed_iter() {
        let products = (0..k).map(|at| a[[i, at]].mul(b[[at, j]]));
        if let Some(wanted) = products.reduce(T::add) {
            prop_assert!(*found == wanted, "{:?} {:?}: {:?}, not {:?}", i, j, found, wanted);
        } else {
            prop_assert_eq!(found.bits(), 0);
        }
    }
    Ok(())
}

/// An expression of two arrays.
#[derive(Debug, Clone)]
enum Tree {
    X,
    Y,
    Constant(f32),
    Unary(usize, Box<Tree>),
    Binary(usize, Box<Tree>, Box<Tree>),
    Select(Box<[Tree; 4]>),
}

fn trees() -> impl Strategy<Value = Tree> {
    let leaf = prop_oneof![
        Just(Tree::X),
        Just(Tree::Y),
        any::<u64>().prop_map(|bits| Tree::Constant(f32::any(bits))),
    ];
    leaf.prop_recursive(5, 24, 4, |inner| {
        prop_oneof![
            (0_usize..10, inner.clone()).prop_map(|(op, x)| Tree::Unary(op, x.into())),
            (0_usize..8, inner.clone(), inner.clone()).prop_map(|(op, x, y)| Tree::Binary(
                op,
                x.into(),
                y.into()
            )),
            [inner.clone(), inner.clone(), inner.clone(), inner]
                .prop_map(|all| Tree::Select(all.into())),
        ]
    })
}

impl Tree {
    fn expr(&self, x: &DeviceArray<f32, Ix1>, y: &DeviceArray<f32, Ix1>) -> Expr<f32, Ix1> {
        let of = |tree: &Tree| tree.expr(x, y);
        match self {
            Tree::X => x.lazy(),
            Tree::Y => y.lazy(),
            Tree::Constant(c) => c.into_expr().broadcast(x.len()),
            Tree::Unary(op, a) => {
                let a = of(a);
                match op {
                    0 => -a,
                    1 => a.abs(),
                    2 => a.sqrt(),
                    3 => a.floor(),
                    4 => a.ceil(),
                    5 => a.trunc(),
                    6 => a.round(),
                    7 => a.recip(),
                    8 => a.round_ties_even(),
                    _ => a.cast::<i32>().cast::<f32>(),
                }
            }
            Tree::Binary(op, a, b) => {
                let (a, b) = (of(a), of(b));
                match op {
                    0 => a + b,
                    1 => a - b,
                    2 => a * b,
                    3 => a / b,
                    4 => a % b,
                    5 => a.copysign(b),
                    6 => a.min(b),
                    _ => a.max(b),
                }
            }
            Tree::Select(all) => {
                let [a, b, c, d] = all.each_ref().map(of);
                a.lt(b).select(c, d)
            }
        }
    }

    /// The value, and what came in between.
    fn value(&self, x: f32, y: f32, between: &mut Between) -> f32 {
        let mut of = |tree: &Tree| tree.value(x, y, between);
        let value = match self {
            Tree::X => x,
            Tree::Y => y,
            Tree::Constant(c) => *c,
            Tree::Unary(op, a) => {
                let a = of(a);
                match op {
                    0 => -a,
                    1 => a.abs(),
                    2 => a.sqrt(),
                    3 => a.floor(),
                    4 => a.ceil(),
                    5 => a.trunc(),
                    6 => a.round(),
                    7 => 1.0 / a,
                    8 => a.round_ties_even(),
                    _ => a as i32 as f32,
                }
            }
            Tree::Binary(op, a, b) => {
                let (a, b) = (of(a), of(b));
                match op {
                    0 => a + b,
                    1 => a - b,
                    2 => a * b,
                    3 => a / b,
                    4 => a % b,
                    5 => {
                        between.sign_of_nan |= b.is_nan();
                        a.copysign(b)
                    }
                    // Of zeros the first one, and of NaN the other number.
                    6 if a.is_nan() || b < a => b,
                    7 if a.is_nan() || b > a => b,
                    _ => a,
                }
            }
            Tree::Select(all) => {
                let [a, b, c, d] = all.each_ref().map(of);
                if a < b { c } else { d }
            }
        };
        between.subnormal |= value.is_subnormal();
        value
    }
}

/// What makes of a value what nobody promises.
#[derive(Default)]
struct Between {
    /// GPUs may see none.
    subnormal: bool,
    /// It is nobody's, and was asked for.
    sign_of_nan: bool,
}

/// Bits are the same but for those of NaN, of which the sign is nobody's.
fn expressions(device: &Device, tree: &Tree, seed: u64) -> Result<(), TestCaseError> {
    let (mut next, sees_subnormal) = (bits(seed), sees_subnormal(device));
    let mut column = || Array1::from_iter((0..70).map(|_| f32::any(next())));
    let (x, y) = (column(), column());
    let (on_x, on_y) = (device.upload(&x).unwrap(), device.upload(&y).unwrap());
    // Of numbers alone there would be no device.
    let expr = on_x.lazy().lt(&on_x).select(&on_x, tree.expr(&on_x, &on_y));
    let found = expr.eval().unwrap().to_array().unwrap();
    for ((&found, &x), &y) in found.iter().zip(&x).zip(&y) {
        let mut between = Between::default();
        let wanted = tree.value(x, y, &mut between);
        let is_same = found.to_bits() == wanted.to_bits() || found.is_nan() && wanted.is_nan();
        let is_free = between.sign_of_nan || between.subnormal && !sees_subnormal;
        prop_assert!(is_same || is_free, "of {} and {}: {}, not {}", x, y, found, wanted);
    }
    Ok(())
}

/// Runs a property on both devices.
fn check<S: Strategy>(
    test: &str,
    cases: u32,
    strategy: &S,
    property: impl Fn(&Device, S::Value) -> Result<(), TestCaseError>,
) where
    S::Value: Clone,
{
    for device in both(test) {
        let config =
            ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
        let mut runner = proptest::test_runner::TestRunner::new(config);
        if let Err(error) = runner.run(strategy, |value| property(&device, value)) {
            panic!("{test}: {error}");
        }
    }
}

/// Runs a property of views along an axis on both devices.
fn check_views(
    test: &str,
    cases: u32,
    property: impl Fn(&Device, &View, Axis) -> Result<(), TestCaseError>,
) {
    let along = (views(), 0_usize..3);
    check(test, cases, &along, |device, (view, axis)| property(device, &view, Axis(axis)));
}

#[test]
fn sorted_views_are_those_of_the_processor() {
    check_views("sorted_views_are_those_of_the_processor", 6, |device, view, axis| {
        of_each_type!(sorts, device, view, axis)
    });
}

#[test]
fn running_sums_of_views_are_those_of_the_processor() {
    check_views("running_sums_of_views_are_those_of_the_processor", 8, |device, view, axis| {
        of_each_type!(scans, device, view, axis)
    });
}

#[test]
fn moved_elements_of_views_are_those_of_the_processor() {
    check_views("moved_elements_of_views_are_those_of_the_processor", 8, |device, view, axis| {
        of_each_type!(moves, device, view, axis)
    });
}

#[test]
fn products_of_views_are_those_of_the_processor() {
    let cases = ([0_usize..40, 0..40, 0..40], [0_usize..3, 0..3], any::<u64>());
    let test = "products_of_views_are_those_of_the_processor";
    check(test, 8, &cases, |device, (lens, kinds, seed)| {
        of_each_type!(products, device, lens, kinds, seed)
    });
}

#[test]
fn random_expressions_have_the_bits_of_the_processor() {
    let test = "random_expressions_have_the_bits_of_the_processor";
    check(test, 80, &(trees(), any::<u64>()), |device, (tree, seed)| {
        expressions(device, &tree, seed)
    });
}
