//! Random numbers against their definition.

mod definition;
mod statistics;

use ndarray::{Array1, Array2, ArrayD, ArrayViewMutD, Axis, IxDyn, Slice, arr0};
use proptest::prelude::*;
use tenfold_kernel::{Error, ErrorKind, Numbers, Philox, Random, ndarray};

use self::definition::{Check, Defined, every_kind};
use crate::elementwise::on_every_isa;

/// Random123 1.14, `tests/kat_vectors`, the lines of `philox4x32 10`: counter, key, words.
const VECTORS: [([u32; 4], [u32; 2], [u32; 4]); 3] = [
    ([0; 4], [0; 2], [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]),
    ([u32::MAX; 4], [u32::MAX; 2], [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd]),
    (
        [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
        [0xa4093822, 0x299f31d0],
        [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    ),
];

#[test]
fn vectors_of_random123() {
    let join = |low: u32, high: u32| u64::from(low) | u64::from(high) << 32;
    for ([c0, c1, c2, c3], [k0, k1], expected) in VECTORS {
        let defined = Defined(join(k0, k1), join(c2, c3));
        let n = join(c0, c1);
        assert_eq!(defined.block(n), expected);
        assert_eq!(defined.philox().block(n), expected);
        // The same words as numbers, where an index reaches them.
        on_every_isa(|| {
            for (at, word) in expected.into_iter().enumerate() {
                if let Some(index) = n.checked_mul(4) {
                    assert_eq!(defined.philox().random::<u32>().get(index + at as u64), word);
                }
            }
        });
    }
}

/// As many numbers from somewhere on, with every instruction set.
struct Stretch {
    start: u64,
    len: usize,
}

impl Stretch {
    fn compare<T: Random>(
        &self,
        numbers: Numbers<T>,
        defined: &dyn Fn(u64) -> T,
        same: impl Fn(T, T) -> bool,
    ) {
        let mut all = vec![T::ZERO; self.len];
        numbers.fill_from(self.start, &mut all).unwrap();
        for (at, &got) in (self.start..=u64::MAX).zip(&all) {
            let expected = defined(at);
            assert!(same(got, expected), "number {at} is {got:?}, not {expected:?}");
        }
        on_every_isa(|| {
            let mut got = vec![T::ZERO; self.len];
            numbers.fill_from(self.start, &mut got).unwrap();
            assert_eq!(got, all);
        });
    }
}

impl Check for Stretch {
    fn check<T: Random>(&self, numbers: Numbers<T>, defined: &dyn Fn(u64) -> T) {
        self.compare(numbers, defined, |got, expected| got == expected);
    }
    fn check_about<T: Random>(&self, numbers: Numbers<T>, defined: &dyn Fn(u64) -> T) {
        // Logarithms, roots and sines of both are rounded.
        let unit = if size_of::<T>() == 4 { f32::EPSILON.into() } else { f64::EPSILON };
        let near = |got: T, expected: T| (got.to_f64() - expected.to_f64()).abs() < 12.0 * unit;
        self.compare(numbers, defined, near);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn blocks_are_as_defined(seed: u64, stream: u64, n: u64) {
        let defined = Defined(seed, stream);
        prop_assert_eq!(defined.philox().block(n), defined.block(n));
    }

    /// Anywhere: where a carry goes from word to word of the counter, too.
    #[test]
    fn numbers_are_as_defined(
        seed: u64,
        stream: u64,
        anywhere: u64,
        edge in 0..8_u32,
        len in 0..300_usize,
    ) {
        let edges = [0, 1 << 32, 1 << 33, 1 << 34, 1 << 63, anywhere, anywhere >> 30, u64::MAX - 300];
        let near = edges[edge as usize].saturating_sub(anywhere % 200);
        every_kind(Defined(seed, stream), &Stretch { start: near.min(u64::MAX - 300), len });
    }
}

#[test]
fn the_last_numbers() {
    every_kind(Defined(3, 4), &Stretch { start: u64::MAX - 99, len: 100 });
    let philox = Philox::new(3).stream(4);
    let mut last = [0_u64; 1];
    philox.random().fill_from(u64::MAX, &mut last).unwrap();
    assert_eq!(philox.random::<u64>().get(u64::MAX), last[0]);
}

/// In chunks, on threads, as a new array, one by one.
struct Cuts {
    /// Lengths of chunks; the last one goes to the end.
    lens: Vec<usize>,
    len: usize,
}

impl Check for Cuts {
    fn check<T: Random>(&self, numbers: Numbers<T>, _: &dyn Fn(u64) -> T) {
        let expected = numbers.array(self.len).unwrap();
        on_every_isa(|| {
            let mut got = Array1::from_elem(self.len, T::ZERO);
            let mut start = 0;
            for &len in self.lens.iter().chain([&self.len]) {
                let end = self.len.min(start + len);
                let chunk = got.slice_mut(ndarray::s![start..end]);
                numbers.par().fill_from(start as u64, chunk).unwrap();
                start = end;
            }
            assert_eq!(got, expected);
            let last = self.len - 1;
            for i in [0, 1.min(last), self.len / 2, last] {
                assert_eq!(numbers.get(i as u64), expected[i]);
            }
        });
    }
    fn check_about<T: Random>(&self, numbers: Numbers<T>, defined: &dyn Fn(u64) -> T) {
        self.check(numbers, defined);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn chunks_have_the_numbers_of_the_whole(
        seed: u64,
        lens in prop::collection::vec(0..200_usize, 0..12),
        len in 1..1500_usize,
    ) {
        every_kind(Defined(seed, 1), &Cuts { lens, len });
    }
}

/// On pools of so many threads.
struct Threads(Vec<rayon::ThreadPool>);

impl Check for Threads {
    fn check<T: Random>(&self, numbers: Numbers<T>, _: &dyn Fn(u64) -> T) {
        let shape = (3, 30_011);
        let expected = numbers.array(shape).unwrap();
        for pool in &self.0 {
            let test = || assert_eq!(numbers.par().array(shape).unwrap(), expected);
            pool.install(|| on_every_isa(test));
        }
    }
    fn check_about<T: Random>(&self, numbers: Numbers<T>, defined: &dyn Fn(u64) -> T) {
        self.check(numbers, defined);
    }
}

#[test]
fn threads_change_nothing() {
    let pool = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    every_kind(Defined(5, 6), &Threads([1, 2, 3].map(pool).into()));
}

/// A view into `storage` with steps, some backwards, and two axes swapped.
fn strided<'a, T>(
    storage: &'a mut ArrayD<T>,
    steps: &[isize],
    (a, b): (usize, usize),
) -> ArrayViewMutD<'a, T> {
    let mut view = storage.view_mut();
    for (axis, &step) in steps.iter().enumerate() {
        view.slice_axis_inplace(Axis(axis), Slice::new(0, None, step));
    }
    view.swap_axes(a, b);
    view
}

/// Into a view of any layout, and as parts of it.
#[derive(Debug, Clone)]
struct Layout {
    shape: Vec<usize>,
    steps: Vec<isize>,
    swap: (usize, usize),
    cuts: Vec<usize>,
}

impl Check for Layout {
    fn check<T: Random>(&self, numbers: Numbers<T>, _: &dyn Fn(u64) -> T) {
        on_every_isa(|| {
            let mut storage = ArrayD::from_elem(IxDyn(&self.shape), T::ZERO);
            let mut out = strided(&mut storage, &self.steps, self.swap);
            numbers.fill(out.view_mut()).unwrap();
            let whole = out.shape().to_vec();
            let expected = numbers.array(out.len()).unwrap().into_shape_with_order(whole.clone());
            assert_eq!(out, expected.unwrap());
            let filled = out.to_owned();
            // Each half of it by itself, along every axis.
            for (axis, &cut) in self.cuts.iter().enumerate() {
                out.fill(T::ZERO);
                let mut origin = vec![0; whole.len()];
                let (first, second) = out.view_mut().split_at(Axis(axis), cut % (whole[axis] + 1));
                origin[axis] = first.len_of(Axis(axis));
                numbers.fill_part(&vec![0; whole.len()], &whole, first).unwrap();
                numbers.par().fill_part(&origin, &whole, second).unwrap();
                assert_eq!(out, filled);
            }
        });
    }
    fn check_about<T: Random>(&self, numbers: Numbers<T>, defined: &dyn Fn(u64) -> T) {
        self.check(numbers, defined);
    }
}

fn layout() -> impl Strategy<Value = Layout> {
    let axis = (
        prop_oneof![Just(0), Just(1), Just(2), Just(17), 3..60_usize],
        prop_oneof![Just(1_isize), Just(-1), Just(2), Just(-3)],
        any::<usize>(),
    );
    prop::collection::vec(axis, 1..4).prop_flat_map(|axes| {
        let swap = (0..axes.len(), 0..axes.len());
        swap.prop_map(move |swap| Layout {
            shape: axes.iter().map(|axis| axis.0).collect(),
            steps: axes.iter().map(|axis| axis.1).collect(),
            swap,
            cuts: axes.iter().map(|axis| axis.2).collect(),
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_layout(seed: u64, layout in layout()) {
        every_kind(Defined(seed, 2), &layout);
    }
}

#[test]
fn large_strided_outputs_on_threads() {
    let numbers = Philox::new(8).random::<f64>();
    let expected = numbers.array((300, 400)).unwrap();
    let mut storage = Array2::zeros((400, 300));
    numbers.par().fill(storage.view_mut().reversed_axes()).unwrap();
    assert_eq!(storage.t(), expected);
    let mut backwards = Array2::zeros((300, 400));
    numbers.par().fill(backwards.slice_mut(ndarray::s![..;-1, ..;-1])).unwrap();
    assert_eq!(backwards.slice(ndarray::s![..;-1, ..;-1]), expected);
}

#[test]
fn shapes_of_all_kinds() {
    let numbers = Philox::new(9).random::<f32>();
    let first = numbers.get(0);
    let mut one = arr0(0.0);
    numbers.fill(&mut one).unwrap();
    assert_eq!((one.into_scalar(), numbers.array(()).unwrap().into_scalar()), (first, first));
    assert_eq!(numbers.array([1, 1, 1]).unwrap()[[0, 0, 0]], first);
    assert_eq!(numbers.array((3, 0, 2)).unwrap().dim(), (3, 0, 2));
    assert_eq!(numbers.array(IxDyn(&[2, 2])).unwrap().ndim(), 2);
    numbers.fill_from(u64::MAX, &mut [0.0; 0]).unwrap();
    let mut vec = vec![0.0; 5];
    numbers.fill(&mut vec).unwrap();
    assert_eq!(vec[0], first);
}

fn refused<T: std::fmt::Debug>(result: Result<T, Error>, kind: ErrorKind, message: &str) {
    let error = result.unwrap_err();
    assert_eq!((error.kind(), error.to_string()), (kind, message.to_owned()));
}

#[test]
fn bad_ranges() {
    let philox = Philox::new(10);
    let empty = ErrorKind::Argument;
    refused(
        philox.uniform(3..3_u32),
        empty,
        "argument `range` is 3..3, but it must start below its end",
    );
    #[expect(clippy::reversed_empty_ranges, reason = "as a user may write it")]
    let reversed = philox.uniform(7..-2_i64);
    refused(reversed, empty, "argument `range` is 7..-2, but it must start below its end");
    refused(
        philox.uniform(0.5..0.5_f64),
        empty,
        "argument `range` is 0.5..0.5, but it must start below its end",
    );
    let end = "but both ends must be finite";
    for (start, stop) in
        [(f64::NAN, 1.0), (0.0, f64::NAN), (f64::NEG_INFINITY, 0.0), (0.0, f64::INFINITY)]
    {
        let message = format!("argument `range` is {start:?}..{stop:?}, {end}");
        refused(philox.uniform(start..stop), empty, &message);
    }
    refused(
        philox.uniform(-3e38_f32..3e38),
        empty,
        "argument `range` is -3e38..3e38, but its width must be finite, at most 3.4028235e38",
    );
    philox.uniform(f64::MIN / 2.0..f64::MAX / 2.0).unwrap();
}

#[test]
fn bad_places() {
    let numbers = Philox::new(10).random::<f64>();
    refused(
        numbers.fill_from(u64::MAX - 1, &mut [0.0; 3]),
        ErrorKind::Argument,
        "argument `start` is 18446744073709551614, but 3 numbers from there on go beyond number \
         18446744073709551615",
    );
    refused(
        numbers.array((1 << 40, 1 << 40)),
        ErrorKind::Shape,
        "argument `shape` is (1099511627776, 1099511627776), but an array has at most \
         9223372036854775807 bytes",
    );
    refused(
        numbers.array((1 << 40, 0, 1 << 40)),
        ErrorKind::Shape,
        "argument `shape` is (1099511627776, 0, 1099511627776), but an array has at most \
         9223372036854775807 bytes",
    );
    let mut part = Array2::zeros((2, 3));
    refused(
        numbers.fill_part(&[3, 1], &[4, 4], &mut part),
        ErrorKind::Shape,
        "output `out` of shape (2, 3) at `origin` (3, 1) does not lie in `whole` of shape (4, 4)",
    );
    for (origin, whole) in [(&[0][..], &[4, 4][..]), (&[0, 0], &[4]), (&[usize::MAX, 0], &[4, 4])] {
        assert_eq!(
            numbers.fill_part(origin, whole, &mut part).unwrap_err().kind(),
            ErrorKind::Shape
        );
    }
    refused(
        numbers.fill_part(&[0, 0], &[1 << 40, 1 << 40], &mut part),
        ErrorKind::Argument,
        "argument `whole` is (1099511627776, 1099511627776), but it may have at most \
         9223372036854775807 elements",
    );
    // The last numbers that a part can have.
    let whole = [1 << 31, (1 << 32) - 1];
    let mut last = Array2::zeros((2, 3));
    numbers.fill_part(&[whole[0] - 2, whole[1] - 3], &whole, &mut last).unwrap();
    let index = (whole[0] as u64 - 1) * whole[1] as u64 + (whole[1] as u64 - 2);
    assert_eq!(last[[1, 1]], numbers.get(index));
}
