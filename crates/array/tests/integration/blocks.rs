//! Functions of chunks.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use ndarray::{Array2, ArrayD, ArrayView2, ArrayViewD, Axis, Ix2, IxDyn, Slice, array, s};
use proptest::prelude::*;
use tenfold_array::{Array, Border, Chunks, Error, ErrorKind, Excess, Random, Settings};
use tenfold_kernel::{Nbr2, kernel};

fn table(rows: usize, cols: usize) -> Array2<f64> {
    Array2::from_shape_fn((rows, cols), |(i, j)| ((i * 31 + j * 17) % 101) as f64 / 7.0)
}

/// An array whose chunks are counted when they are made.
fn counted(chunks: [usize; 2]) -> (Array<f64, Ix2>, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let x = Array::from_ndarray(table(600, 700), chunks);
    let made = Arc::clone(&count);
    let blocks = x.map_blocks(move |block, info| {
        assert_eq!(block.shape(), info.window().shape());
        made.fetch_add(1, Ordering::Relaxed);
        block.to_owned()
    });
    (blocks, count)
}

#[test]
fn a_chunk_is_made_once() {
    // A chunk has more bytes than what is read at a time.
    let (blocks, count) = counted([300, 700]);
    let once = |what: &str| assert_eq!(count.swap(0, Ordering::Relaxed), 2, "{what}");
    assert_eq!(blocks.compute().unwrap(), table(600, 700));
    once("itself");
    blocks.sum().compute().unwrap();
    once("reduced");
    (&blocks * 2.0 + 1.0).mean_axis(0).compute().unwrap();
    once("in a chain");
    assert_eq!(blocks.rechunk([7, 90]).t().compute().unwrap(), table(600, 700).t());
    once("in other chunks");
    blocks.slice(s![10..590, ..;3]).compute().unwrap();
    once("in part");
    Array::concatenate(1, &[blocks.clone(), Array::zeros([600, 3], 300)]).sum().compute().unwrap();
    once("beside another");
    (&blocks - &blocks.broadcast([1, 600, 700])).rechunk(50).sum().compute().unwrap();
    once("twice");
    blocks
        .map_overlap(&[1, 1], Border::Wrap, |seen, _| seen.to_owned())
        .rechunk(100)
        .sum()
        .compute()
        .unwrap();
    once("with what is around it");
    blocks.dot(&blocks.t()).sum().compute().unwrap();
    once("multiplied");
}

#[test]
fn blocks_know_which_they_are() {
    let x = Array::<f64, _>::zeros([5, 6], [2, 4]);
    let numbers = x.map_blocks(|block, info| {
        assert_eq!(info.shape(), [5, 6]);
        assert_eq!(info.number(), info.index()[0] * 2 + info.index()[1]);
        Array2::from_elem(block.dim(), info.number() as i64)
    });
    let row = |a: i64| [a, a, a, a, a + 1, a + 1];
    let expected = [row(0), row(0), row(2), row(2), row(4)];
    assert_eq!(numbers.compute().unwrap(), ndarray::arr2(&expected));
}

#[test]
fn axes_go_and_come() {
    let x = Array::from_ndarray(table(10, 4), [3, 4]);
    let chunks = Chunks::even(&[10], &[3]).unwrap();
    let sums = x.try_map_blocks([10], chunks, |block, _| Ok::<_, Error>(block.sum_axis(Axis(1))));
    assert_eq!(sums.compute().unwrap(), table(10, 4).sum_axis(Axis(1)));
    let chunks = Chunks::even(&[2, 10, 4], &[2, 3, 4]).unwrap();
    let twice = x.try_map_blocks([2, 10, 4], chunks, |block, _| {
        Ok::<_, Error>(ndarray::stack![Axis(0), block, block.mapv(|x| -x)])
    });
    assert_eq!(twice.sum_axis(0).compute().unwrap(), Array2::<f64>::zeros((10, 4)));
}

/// The heat of the ladder: each inner element becomes the mean of its neighbours, the rim stays.
#[kernel(stencil, border = nearest)]
fn relax(u: Nbr2<f64>) -> f64 {
    0.25 * (u[[-1, 0]] + u[[1, 0]] + u[[0, -1]] + u[[0, 1]])
}

fn relaxed(u: ArrayView2<'_, f64>) -> Array2<f64> {
    relax::map(u).unwrap()
}

#[test]
fn a_stencil_of_the_kernel_crate() {
    let plain = table(50, 61);
    let expected = (0..3).fold(plain.clone(), |u, _| relaxed(u.view()));
    for chunks in [[50, 61], [7, 11], [1, 61], [50, 2]] {
        let mut x = Array::from_ndarray(plain.clone(), chunks);
        for _ in 0..3 {
            x = x.map_overlap(&[1, 1], Border::Nearest, |seen, _| relaxed(seen));
        }
        assert_eq!(x.compute().unwrap(), expected, "{chunks:?}");
    }
}

#[test]
fn without_a_border_the_edge_sees_less() {
    let x = Array::from_ndarray(table(9, 8), [4, 3]);
    let seen = x.map_overlap(&[2, 1], Border::Valid, |seen, info| {
        let window = info.window();
        let around = |axis: usize, depth: usize| {
            let range = window.range(axis);
            (range.end + depth).min(info.shape()[axis]) - range.start.saturating_sub(depth)
        };
        assert_eq!(seen.shape(), [around(0, 2), around(1, 1)]);
        seen.mapv(|x| x * 2.0)
    });
    assert_eq!(seen.compute().unwrap(), table(9, 8) * 2.0);
    let trimmed = x.map_overlap(&[1, 1], Border::Const(0.0), |seen, _| {
        seen.slice(s![1..-1, 1..-1]).to_owned()
    });
    assert_eq!(trimmed.compute().unwrap(), table(9, 8));
}

/// What is held of a stencil: chunks and what is around them, never the array.
#[test]
fn an_overlap_holds_a_window() {
    let x = Array::<f64, _>::from_fn([1 << 14, 1 << 14], 1 << 10, |index| index[0] as f64);
    let u = x.map_overlap(&[1, 1], Border::Reflect, |seen, _| relaxed(seen));
    let plan = Settings::new().threads(2).plan(&u.sum()).unwrap();
    // For each thread the window as it is read and as the border has made it, the result and a copy.
    assert!(plan.peak_memory() < 2 * 6 * (8 << 20), "{}", plan.peak_memory());
}

/// For each element the weighted sum of those up to `depth` away along each axis that are seen.
fn around(seen: ArrayViewD<'_, f64>, depth: &[usize]) -> ArrayD<f64> {
    let mut sums = seen.to_owned();
    for (axis, &depth) in depth.iter().enumerate().filter(|(_, depth)| **depth > 0) {
        let len = seen.len_of(Axis(axis));
        for by in 1..=depth.min(len.saturating_sub(1)) {
            let weight = 1.0 / (1 + by + axis) as f64;
            for (to, from) in [(by..len, 0..len - by), (0..len - by, by..len)] {
                let mut to = sums.slice_axis_mut(Axis(axis), Slice::from(to));
                to.scaled_add(weight, &seen.slice_axis(Axis(axis), Slice::from(from)));
            }
        }
    }
    sums
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// Whether chunks are cut, and where, makes no difference.
    #[test]
    fn a_stencil_has_the_bits_of_an_overlap(
        axes in prop::collection::vec((1..25_usize, 1..30_usize, 0..4_usize), 1..4),
        long in 0..3_usize,
        border in 0..5_usize,
        (turns, is_read) in any::<(bool, bool)>(),
    ) {
        let ndim = axes.len();
        let times = |at: usize| if at == long % ndim { 20 } else { 1 };
        let shape: Vec<usize> = (0..ndim).map(|at| axes[at].0 * times(at)).collect();
        let chunk: Vec<usize> = (0..ndim).map(|at| axes[at].1 * times(at)).collect();
        let depth: Vec<usize> = axes.iter().map(|axis| axis.2).collect();
        let borders = [Border::Wrap, Border::Nearest, Border::Reflect, Border::Const(0.3), Border::Valid];
        let x: Array<f64, IxDyn> = Random::new(5).standard_normal(&shape[..], &chunk[..]);
        let x = if is_read { x } else { x.persist().unwrap() };
        let (of_chunks, of_parts) = (depth.clone(), depth.clone());
        let by_chunks = x.map_overlap(&depth, borders[border], move |seen, _| around(seen, &of_chunks));
        let by_parts = x.stencil(&depth, borders[border], move |seen, _| around(seen, &of_parts));
        let [by_chunks, by_parts] = [by_chunks, by_parts].map(|x| if turns { x.t() } else { x });
        let expected = Settings::new().threads(1).compute_many((&by_chunks, &by_chunks.sum())).unwrap();
        let settings = Settings::new().threads(2);
        let small = settings.plan(&by_parts).unwrap().minimum_memory();
        for settings in [settings.clone(), settings.memory(small)] {
            prop_assert_eq!(&settings.compute(&by_parts).unwrap(), &expected.0);
            prop_assert_eq!(settings.compute(&by_parts.sum()).unwrap(), expected.1.clone());
        }
    }
}

/// What is held of it: some rows at a time, which are no fewer than what they see is worth.
#[test]
fn a_stencil_goes_by_parts_of_chunks() {
    let x = Array::<f64, _>::from_fn([1 << 11, 1 << 11], 1 << 10, |index| index[0] as f64);
    let shapes = Arc::new(Mutex::new(vec![]));
    let seen_by = Arc::clone(&shapes);
    let u = x.stencil(&[1, 1], Border::Reflect, move |seen, info| {
        assert_eq!(info.index()[0], info.window().start()[0] / 1024);
        assert_eq!(info.number(), info.index()[0] * 2 + info.index()[1]);
        seen_by.lock().unwrap().push([info.window().shape()[0], info.window().shape()[1]]);
        relaxed(seen)
    });
    let chunks = x.map_overlap(&[1, 1], Border::Reflect, |seen, _| relaxed(seen));
    let settings = Settings::new().threads(2);
    let plan = settings.plan(&u.sum()).unwrap();
    assert!(plan.peak_memory() < 2 * (7 << 20), "{}", plan.peak_memory());
    assert!(plan.least_memory() < 4 << 20, "{}", plan.least_memory());
    let expected = settings.compute(&chunks.sum()).unwrap();
    for settings in [settings.clone(), settings.memory(plan.least_memory())] {
        shapes.lock().unwrap().clear();
        assert_eq!(settings.compute(&u.sum()).unwrap(), expected);
        let shapes = shapes.lock().unwrap();
        assert!(shapes.len() > 4, "{shapes:?}");
        assert!(shapes.iter().all(|[rows, _]| (16..1024).contains(rows)), "{shapes:?}");
        let elements: usize = shapes.iter().map(|[rows, columns]| rows * columns).sum();
        assert_eq!(elements, 1 << 22);
    }
}

#[test]
fn boxes_are_taken_together() {
    let plain = table(9, 8);
    let x = Array::from_ndarray(plain.clone(), [4, 3]);
    let means = x.coarsen(&[2, 4], Excess::Trim, |cell| cell.mean().unwrap());
    let expected = Array2::from_shape_fn((4, 2), |(i, j)| {
        plain.slice(s![2 * i..2 * i + 2, 4 * j..4 * j + 4]).to_owned().mean().unwrap()
    });
    assert_eq!(means.compute().unwrap(), expected);
}

#[test]
fn what_goes_wrong_names_the_block() {
    let x = Array::<f64, _>::zeros([4, 4], 2);
    let told = |array: &Array<f64, Ix2>| {
        let error = Settings::new().threads(1).compute(array).unwrap_err();
        (error.kind(), error.to_string())
    };
    let wrong = x.map_blocks(|_, info| Array2::zeros((2, 2 + info.number())));
    let sentence = "block [0, 1] of `map_blocks` has the shape [2, 3], but must have [2, 2]";
    assert_eq!(told(&wrong), (ErrorKind::Shape, sentence.into()));
    let wrong = x.map_overlap(&[1, 1], Border::Wrap, |_, _| Array2::zeros((3, 4)));
    let sentence = "block [0, 0] of `map_overlap` has the shape [3, 4], but must have [2, 2] or, with its rim, [4, 4]";
    assert_eq!(told(&wrong), (ErrorKind::Shape, sentence.into()));
    let wrong = x.stencil(&[1, 1], Border::Wrap, |_, _| Array2::zeros((3, 4)));
    let sentence = "block [0, 0] of `stencil` has the shape [3, 4], but must have [2, 2] or, with its rim, [4, 4]";
    assert_eq!(told(&wrong), (ErrorKind::Shape, sentence.into()));
    let wrong = x.map_blocks(|block, info| {
        assert!(info.number() < 2, "no third one");
        block.to_owned()
    });
    let sentence = "chunk 2 of `map_blocks`: block [1, 0] of `map_blocks` panicked: no third one";
    assert_eq!(told(&wrong), (ErrorKind::Panicked, sentence.into()));
    let wrong = x.try_map_blocks([4, 4], 2, |_, info| match info.number() {
        3 => Err(std::io::Error::other("a bad day")),
        _ => Ok(Array2::zeros((2, 2))),
    });
    let sentence = "block [1, 1] of `map_blocks` failed: a bad day";
    assert_eq!(told(&wrong), (ErrorKind::Failed, sentence.into()));
    let wrong = Array::from_chunks([4, 4], 4, |_| Ok::<_, Error>(array![[1.0]]));
    let sentence = "block [0, 0] of `from_chunks` has the shape [1, 1], but must have [4, 4]";
    assert_eq!(told(&wrong), (ErrorKind::Shape, sentence.into()));
}

/// A stencil of shifted arrays: without storing some of the steps, each would compute the one before twice.
#[test]
fn blocks_of_blocks_are_not_computed_again_and_again() {
    let mut plain = ndarray::Array1::from_shape_fn(50, |i| (i * i % 17) as i64);
    let mut x = Array::from_ndarray(plain.clone(), 7);
    for _ in 0..40 {
        x = x.roll(0, 1) - x.roll(0, -1);
        plain = ndarray::Array1::from_shape_fn(50, |i| {
            plain[(i + 49) % 50].wrapping_sub(plain[(i + 1) % 50])
        });
    }
    assert_eq!(x.compute().unwrap(), plain);
    let mut x = Array::arange(0..5_i64, 2);
    for _ in 0..1003 {
        x = x.roll(0, 1);
    }
    assert_eq!(x.compute().unwrap(), array![2, 3, 4, 0, 1]);
}

#[test]
fn a_plan_counts_what_is_read_again() {
    let x: Array<f64, Ix2> = Array::from_source(Zeros, [100, 25]);
    let product = x.dot(&x.t());
    let read = |settings: Settings| settings.threads(1).plan(&product).unwrap().bytes_read();
    let once = 8 * 400 * 25 * 2;
    // Each of the two inputs for each of four chunks of the other, or for two windows of one of them.
    let least = Settings::new().minimum_memory(&product).unwrap();
    assert_eq!(read(Settings::new().memory(least)), 4 * once);
    assert_eq!(read(Settings::new()), 3 * once / 2);
    let passes = Settings::new().threads(1).plan(&product).unwrap().passes();
    assert_eq!(passes, [("source".to_owned(), 3.0)]);
}

#[derive(Debug)]
struct Zeros;

impl tenfold_array::Source<f64> for Zeros {
    fn shape(&self) -> tenfold_array::Dims {
        [400, 25].as_slice().into()
    }

    fn read(&self, _: &tenfold_array::Window, out: &mut [f64]) -> tenfold_array::Result<()> {
        out.fill(0.0);
        Ok(())
    }
}
