//! Shapes, selections and blocks against ndarray and naive loops, one by one and in rows.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ndarray::{
    ArrayD, ArrayViewD, Axis, Dimension, IxDyn, Slice, SliceInfoElem, array, concatenate, s, stack,
};
use num_complex::Complex64;
use proptest::prelude::*;
use tenfold_array::{
    Array, Border, Chunks, Dims, Element, Error, Excess, Result, Settings, Source, Window,
};

/// An array behind a source, which counts what is read of it.
#[derive(Debug, Clone)]
struct Table<T> {
    elements: ArrayD<T>,
    read: Arc<AtomicUsize>,
}

impl<T: Element> Source<T> for Table<T> {
    fn shape(&self) -> Dims {
        self.elements.shape().into()
    }

    fn read(&self, window: &Window, out: &mut [T]) -> Result<()> {
        assert!(window.len() > 0 && window.len() == out.len(), "{window:?} into {}", out.len());
        self.read.fetch_add(out.len(), Ordering::Relaxed);
        let part =
            self.elements.slice_each_axis(|axis| Slice::from(window.range(axis.axis.index())));
        out.iter_mut().zip(part).for_each(|(to, from)| *to = *from);
        Ok(())
    }
}

/// Which sort of leaf an array is made of.
#[derive(Debug, Clone, Copy)]
enum Leaf {
    Memory,
    Source,
    Computed,
}

fn array_of<T: Element>(elements: &ArrayD<T>, chunks: &[usize], leaf: Leaf) -> Array<T, IxDyn> {
    let table = || Table { elements: elements.clone(), read: Arc::default() };
    match leaf {
        Leaf::Memory => Array::from_ndarray(elements.clone(), chunks),
        Leaf::Source => Array::from_source(table(), chunks),
        Leaf::Computed => Array::from_source(table(), chunks).map(|element| element),
    }
}

fn shaped<T>(shape: &[usize], element: impl Fn(usize) -> T) -> ArrayD<T> {
    let elements = (0..shape.iter().product()).map(element).collect();
    ArrayD::from_shape_vec(shape, elements).unwrap()
}

/// The array with other indices: `of` changes an index of the result to one of `x`.
fn picked<T: Copy>(x: &ArrayD<T>, shape: &[usize], of: impl Fn(&mut [usize])) -> ArrayD<T> {
    ArrayD::from_shape_fn(shape, |index| {
        let mut index = index.slice().to_vec();
        of(&mut index);
        x[IxDyn(&index)]
    })
}

/// The array with another axis: index `i` of the result shows index `of(i)`.
fn picked_along<T: Copy>(
    x: &ArrayD<T>,
    axis: usize,
    len: usize,
    of: impl Fn(usize) -> usize,
) -> ArrayD<T> {
    let mut shape = x.shape().to_vec();
    shape[axis] = len;
    picked(x, &shape, |index| index[axis] = of(index[axis]))
}

/// An operation, of numbers that are taken as the shape allows.
#[derive(Debug, Clone)]
enum Step {
    Flip(usize),
    Swap(usize, usize),
    Move(usize, usize),
    Insert(usize),
    Index(usize, usize),
    Slice(usize, usize, usize, isize),
    Take(usize, Vec<usize>),
    Compress(usize, u32),
    Repeat(usize, usize),
    Tile(usize, usize),
    Roll(usize, isize),
    Pad(usize, usize, usize, usize),
    Reshape(usize),
    Concatenate(usize),
    Stack(usize),
    Assign(usize, usize, usize, isize),
    Tril(isize),
    Triu(isize),
    Rechunk(usize),
    MapBlocks,
    Overlap(usize, usize),
    Coarsen(usize, usize),
}

fn steps() -> impl Strategy<Value = Step> {
    use Step as S;
    let n = || 0..12_usize;
    let by = || prop_oneof![-3..0_isize, 1..4_isize];
    prop_oneof![
        n().prop_map(S::Flip),
        (n(), n()).prop_map(|(a, b)| S::Swap(a, b)),
        (n(), n()).prop_map(|(a, b)| S::Move(a, b)),
        n().prop_map(S::Insert),
        (n(), n()).prop_map(|(a, b)| S::Index(a, b)),
        (n(), n(), n(), by()).prop_map(|(a, b, c, d)| S::Slice(a, b, c, d)),
        (n(), prop::collection::vec(0..100_usize, 0..12)).prop_map(|(a, b)| S::Take(a, b)),
        (n(), any::<u32>()).prop_map(|(a, b)| S::Compress(a, b)),
        (n(), 0..4_usize).prop_map(|(a, b)| S::Repeat(a, b)),
        (n(), 0..4_usize).prop_map(|(a, b)| S::Tile(a, b)),
        (n(), -9..9_isize).prop_map(|(a, b)| S::Roll(a, b)),
        (n(), 0..9_usize, 0..9_usize, n()).prop_map(|(a, b, c, d)| S::Pad(a, b, c, d)),
        n().prop_map(S::Reshape),
        n().prop_map(S::Concatenate),
        n().prop_map(S::Stack),
        (n(), n(), n(), by()).prop_map(|(a, b, c, d)| S::Assign(a, b, c, d)),
        (-3..4_isize).prop_map(S::Tril),
        (-3..4_isize).prop_map(S::Triu),
        (1..6_usize).prop_map(S::Rechunk),
        Just(S::MapBlocks),
        (0..4_usize, n()).prop_map(|(a, b)| S::Overlap(a, b)),
        (n(), 1..4_usize).prop_map(|(a, b)| S::Coarsen(a, b)),
    ]
}

const BORDERS: [Border<i64>; 4] =
    [Border::Const(-1), Border::Reflect, Border::Wrap, Border::Nearest];

/// What lies at an index outside of an axis.
fn outside(at: isize, len: usize, border: Border<i64>) -> Option<usize> {
    let mut at = at;
    let n = len.cast_signed();
    while !(0..n).contains(&at) {
        at = match border {
            Border::Const(_) => return None,
            Border::Wrap => at + if at < 0 { n } else { -n },
            Border::Nearest => at.clamp(0, n - 1),
            _ if n == 1 => 0,
            _ => {
                if at < 0 {
                    -at
                } else {
                    2 * (n - 1) - at
                }
            }
        };
    }
    Some(at.cast_unsigned())
}

fn padded(
    x: &ArrayD<i64>,
    axis: usize,
    widths: (usize, usize),
    border: Border<i64>,
) -> ArrayD<i64> {
    let len = x.shape()[axis];
    let mut shape = x.shape().to_vec();
    shape[axis] += widths.0 + widths.1;
    ArrayD::from_shape_fn(shape, |index| {
        let mut index = index.slice().to_vec();
        match (outside(index[axis].cast_signed() - widths.0.cast_signed(), len, border), border) {
            (None, Border::Const(number)) => number,
            (at, _) => {
                index[axis] = at.unwrap();
                x[IxDyn(&index)]
            }
        }
    })
}

/// The sums of a box around each element.
fn sums(seen: &ArrayD<i64>, depth: usize) -> ArrayD<i64> {
    (0..seen.ndim()).fold(seen.clone(), |x, axis| {
        let len = x.shape()[axis] - 2 * depth;
        let parts = (0..=2 * depth)
            .map(|by| x.slice_axis(Axis(axis), Slice::from(by..by + len)).to_owned());
        parts.reduce(|a, b| a + b).unwrap()
    })
}

fn slice_of(
    x: &ArrayD<i64>,
    axis: usize,
    (a, b): (usize, usize),
    step: isize,
) -> Vec<SliceInfoElem> {
    let len = x.shape()[axis] + 1;
    let (a, b) = (a % len, b % len);
    let mut slice = vec![SliceInfoElem::Slice { start: 0, end: None, step: 1 }; x.ndim()];
    let end = Some(a.max(b).cast_signed());
    slice[axis] = SliceInfoElem::Slice { start: a.min(b).cast_signed(), end, step };
    slice
}

type Both = (Array<i64, IxDyn>, ArrayD<i64>);

/// The operation by this crate and by hand.
fn applied((lazy, plain): &Both, step: &Step) -> Both {
    let ndim = plain.ndim();
    let axis = |n: usize| n % ndim;
    let len = |n: usize| plain.shape()[axis(n)];
    match step {
        _ if plain.len() > 3000 => (lazy.clone(), plain.clone()),
        &Step::Flip(n) => {
            let mut flipped = plain.clone();
            flipped.invert_axis(Axis(axis(n)));
            (lazy.flip(axis(n)), flipped)
        }
        &Step::Swap(a, b) => {
            let mut swapped = plain.clone();
            swapped.swap_axes(axis(a), axis(b));
            (lazy.swap_axes(axis(a), axis(b)), swapped)
        }
        &Step::Move(a, b) => {
            let mut order: Vec<usize> = (0..ndim).filter(|&at| at != axis(a)).collect();
            order.insert(axis(b), axis(a));
            (lazy.move_axis(axis(a), axis(b)), plain.clone().permuted_axes(order))
        }
        &Step::Insert(n) if ndim < 4 => {
            let axis = n % (ndim + 1);
            let back = lazy.insert_axis(axis).squeeze(&[axis]);
            assert_eq!(back.shape(), lazy.shape());
            (lazy.insert_axis(axis), plain.clone().insert_axis(Axis(axis)))
        }
        &Step::Index(n, at) if ndim > 1 && len(n) > 0 => {
            let at = at % len(n);
            let from_end = at.cast_signed() - len(n).cast_signed();
            (lazy.index_axis(axis(n), from_end), plain.index_axis(Axis(axis(n)), at).to_owned())
        }
        &Step::Slice(n, a, b, by) => {
            let slice = slice_of(plain, axis(n), (a, b), by);
            (lazy.slice(slice.as_slice()), plain.slice(slice.as_slice()).to_owned())
        }
        Step::Take(n, indices) if len(*n) > 0 => {
            let indices: Vec<usize> = indices.iter().map(|index| index % len(*n)).collect();
            let signed: Vec<isize> = indices
                .iter()
                .map(|&i| i.cast_signed() - if i % 2 == 0 { len(*n).cast_signed() } else { 0 })
                .collect();
            (lazy.take(axis(*n), &signed), plain.select(Axis(axis(*n)), &indices))
        }
        &Step::Compress(n, bits) => {
            let mask: Vec<bool> = (0..len(n)).map(|i| bits >> (i % 32) & 1 == 1).collect();
            let chosen: Vec<usize> = (0..len(n)).filter(|&i| mask[i]).collect();
            (lazy.compress(axis(n), &mask), plain.select(Axis(axis(n)), &chosen))
        }
        &Step::Repeat(n, times) => {
            let repeated = picked_along(plain, axis(n), len(n) * times, |i| i / times);
            (lazy.repeat(axis(n), times), repeated)
        }
        &Step::Tile(n, times) => {
            let mut each = vec![1; ndim];
            each[axis(n)] = times;
            (lazy.tile(&each), picked_along(plain, axis(n), len(n) * times, |i| i % len(n)))
        }
        &Step::Roll(n, by) => {
            let len = len(n).cast_signed();
            let rolled = |i: usize| (i.cast_signed() - by).rem_euclid(len).cast_unsigned();
            (lazy.roll(axis(n), by), picked_along(plain, axis(n), len.cast_unsigned(), rolled))
        }
        &Step::Pad(n, before, after, border) if len(n) > 0 => {
            let border = BORDERS[border % 4];
            let mut widths = vec![(0, 0); ndim];
            widths[axis(n)] = (before, after);
            (lazy.pad(&widths, border), padded(plain, axis(n), (before, after), border))
        }
        &Step::Reshape(n) => {
            let all = plain.len();
            let divides = |by: usize| by > 0 && all % by == 0;
            let mut shape: Vec<usize> = plain.shape().iter().rev().copied().collect();
            if n % 3 == 1 && divides(n) {
                shape = vec![n, all / n];
            } else if n % 3 == 2 {
                shape = vec![all];
            }
            let plain = plain.as_standard_layout().into_owned();
            (lazy.reshape(shape.as_slice()), plain.into_shape_with_order(shape).unwrap())
        }
        &Step::Concatenate(n) => {
            let parts = [
                plain.view(),
                plain.slice_axis(Axis(axis(n)), Slice::from(..len(n) / 2)),
                plain.view(),
            ];
            let half = slice_of(plain, axis(n), (0, len(n) / 2), 1);
            let lazy = Array::concatenate(
                axis(n),
                &[lazy.clone(), lazy.slice(half.as_slice()), lazy.map(|x| x)],
            );
            (lazy, concatenate(Axis(axis(n)), &parts).unwrap())
        }
        &Step::Stack(n) if ndim < 4 => {
            let axis = n % (ndim + 1);
            let twice = plain.mapv(|x| 2 * x);
            let lazy = Array::stack(axis, &[lazy.clone(), lazy + lazy]);
            (lazy, stack(Axis(axis), &[plain.view(), twice.view()]).unwrap())
        }
        &Step::Assign(n, a, b, by) => {
            let slice = slice_of(plain, axis(n), (a, b), by);
            let mut assigned = plain.clone();
            let mut part = assigned.slice_mut(slice.as_slice());
            let values = shaped(part.shape(), |i| -(i as i64));
            part.assign(&values);
            let values = array_of(&values, &vec![2; ndim], Leaf::Source);
            (lazy.assign(slice.as_slice(), &values), assigned)
        }
        &Step::Tril(k) if ndim > 1 => (lazy.tril(k), triangle(plain, |down| down <= k)),
        &Step::Triu(k) if ndim > 1 => (lazy.triu(k), triangle(plain, |down| down >= k)),
        &Step::Rechunk(size) => (lazy.rechunk(size), plain.clone()),
        Step::MapBlocks => {
            let counted = lazy.map_blocks(|block, info| {
                assert_eq!(block.shape(), info.window().shape());
                block.mapv(|x| 2 * x)
            });
            (counted, plain.mapv(|x| 2 * x))
        }
        &Step::Overlap(depth, border) if !plain.is_empty() => {
            let (border, is_stencil) = (BORDERS[border % 4], border / 4 == 1);
            let around =
                (0..ndim).fold(plain.clone(), |x, axis| padded(&x, axis, (depth, depth), border));
            let (depths, seen) =
                (vec![depth; ndim], move |seen: ArrayViewD<'_, i64>| sums(&seen.to_owned(), depth));
            let lazy = match is_stencil {
                true => lazy.stencil(&depths, border, move |part, _| seen(part)),
                false => lazy.map_overlap(&depths, border, move |part, _| seen(part)),
            };
            (lazy, sums(&around, depth))
        }
        &Step::Coarsen(n, size) => {
            let mut sizes = vec![1; ndim];
            sizes[axis(n)] = size;
            let coarse = picked_along(plain, axis(n), len(n) / size, |i| i * size);
            (lazy.coarsen(&sizes, Excess::Trim, |cell| *cell.first().unwrap()), coarse)
        }
        _ => (lazy.clone(), plain.clone()),
    }
}

fn triangle(x: &ArrayD<i64>, keeps: impl Fn(isize) -> bool) -> ArrayD<i64> {
    ArrayD::from_shape_fn(x.shape(), |index| {
        let [.., row, column] = *index.slice() else { unreachable!() };
        if keeps(column.cast_signed() - row.cast_signed()) { x[&index] } else { 0 }
    })
}

/// Chunks add up, and none is much larger than those that it was made of.
fn check_chunks(made: &Chunks, of: &Chunks) {
    let elements = |chunks: &Chunks| chunks.largest().iter().product::<usize>();
    for axis in made.axes() {
        assert_eq!(axis.sizes().sum::<usize>(), axis.len());
    }
    assert!(elements(made) <= 4 * elements(of).max(1), "{made:?} of {of:?}");
}

fn check(step_list: &[Step], shape: &[usize], chunk: usize, leaf: Leaf) {
    let plain = shaped(shape, |i| i as i64 + 1);
    let chunks: Vec<usize> = (0..shape.len()).map(|axis| 1 + chunk / (axis + 1) % 5).collect();
    let mut both = (array_of(&plain, &chunks, leaf), plain);
    for step in step_list {
        let next = applied(&both, step);
        assert_eq!(next.0.shape().as_slice(), next.1.shape(), "{step:?}: {:?}", next.0);
        if !matches!(step, Step::Rechunk(_)) {
            check_chunks(next.0.chunks(), both.0.chunks());
        }
        both = next;
    }
    let (lazy, plain) = both;
    let settings = Settings::new().threads(2);
    let (computed, sum) = settings.compute_many((&lazy, &lazy.sum())).unwrap();
    assert_eq!(computed, plain);
    assert_eq!(sum.into_scalar(), plain.sum());
    // Windows that follow other cuts than those of the array.
    let last = lazy.ndim() - 1;
    let turned = lazy.t().rechunk(3).sum_axis(last).compute().unwrap();
    assert_eq!(turned, plain.t().sum_axis(Axis(last)));
}

fn leaves() -> impl Strategy<Value = Leaf> {
    prop_oneof![Just(Leaf::Memory), Just(Leaf::Source), Just(Leaf::Computed)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn one_operation(
        step in steps(),
        shape in prop::collection::vec(0..9_usize, 1..4),
        chunk in 0..20_usize,
        leaf in leaves(),
    ) {
        check(&[step], &shape, chunk, leaf);
    }

    #[test]
    fn operations_in_a_row(
        steps in prop::collection::vec(steps(), 2..6),
        shape in prop::collection::vec(0..7_usize, 1..4),
        chunk in 0..20_usize,
        leaf in leaves(),
    ) {
        check(&steps, &shape, chunk, leaf);
    }
}

/// Every element type goes the same ways.
fn elements_of<T: Element>(element: impl Fn(usize) -> T) {
    let plain = shaped(&[5, 6], element);
    for leaf in [Leaf::Memory, Leaf::Source, Leaf::Computed] {
        let x = array_of(&plain, &[2, 4], leaf);
        let joined =
            Array::concatenate(1, &[x.flip(1), x.clone()]).take(0, &[4, 0, 0]).reshape([36]);
        let rows = [4, 0, 0].map(|row| {
            let row: Vec<T> = plain.index_axis(Axis(0), row).iter().copied().collect();
            [row.iter().rev().copied().collect(), row].concat()
        });
        assert_eq!(joined.compute().unwrap().to_vec(), rows.concat());
    }
}

#[test]
fn elements_of_all_types() {
    elements_of(|i| i % 3 == 0);
    elements_of(|i| i as u8);
    elements_of(|i| i as i16);
    elements_of(|i| i as u32);
    elements_of(|i| i as f32 / 7.0);
    elements_of(|i| i as f64 / 7.0);
    elements_of(|i| Complex64::new(i as f64, -1.0));
}

#[test]
fn views_and_blocks_read_what_they_show() {
    let plain = shaped(&[400, 500], |i| i as i64);
    let table = Table { elements: plain.clone(), read: Arc::default() };
    let x: Array<i64, IxDyn> = Array::from_source(table.clone(), [100, 100]);
    let reads = |array: &Array<i64, IxDyn>| {
        table.read.store(0, Ordering::Relaxed);
        array.compute().unwrap();
        table.read.load(Ordering::Relaxed)
    };
    let all = 400 * 500;
    // A gap of less than a page is read with what is around it.
    assert!((all..all + 4 * 512).contains(&reads(&x.roll(0, 37).roll(1, -1))));
    assert_eq!(reads(&x.slice(s![300.., ..;-1].as_ref())), 100 * 500);
    assert_eq!(reads(&x.reshape(IxDyn(&[20, 20, 500]))), all);
    assert_eq!(reads(&x.ravel().slice(s![1000..3000]).into_dyn()), 2000);
    assert_eq!(
        reads(&Array::concatenate(0, &[x.clone(), x.clone()]).slice(s![390..410, ..].as_ref())),
        20 * 500
    );
    // Rows that are far apart are read by themselves, those of one place once.
    assert_eq!(reads(&x.take(0, &[399, 7, 399, 7, 8])), 3 * 500);
    assert_eq!(reads(&x.repeat(1, 4)), all);
    // What is written over is not read.
    assert_eq!(reads(&x.fill(s![..200, ..].as_ref(), 7)), all / 2);
    // The neighbours are read with each chunk.
    let sums = x.map_overlap(&[1, 1], Border::Valid, |seen, _| seen.mapv(|x| x + 1));
    assert_eq!(reads(&sums), (400 + 6) * (500 + 8));
    let square = x.slice(s![..400, ..400]).compute().unwrap();
    let matrix: Array<i64, ndarray::Ix2> = Array::from_source(table.clone(), [100, 100]);
    let diagonal = matrix.diagonal();
    assert_eq!(diagonal.compute().unwrap(), square.diag());
    assert!(reads(&diagonal.into_dyn()) <= 400 * 32);
}

#[test]
fn many_arrays_are_joined() {
    let parts: Vec<_> = (0..3000).map(|i| Array::from(vec![i as i64, -1])).collect();
    let x = Array::concatenate(0, &parts);
    assert_eq!(x.slice(s![4000..4004]).compute().unwrap(), array![2000, -1, 2001, -1]);
    assert_eq!(x.sum().compute().unwrap().into_scalar(), 3000 * 2999 / 2 - 3000);
    let rows = Array::stack(0, &parts[..500]);
    assert_eq!(rows.sum_axis(0).compute().unwrap(), array![500 * 499 / 2, -500]);
}

#[test]
fn created() {
    let x = Array::<f64, _>::eye([3, 4], -1, 2).compute().unwrap();
    assert_eq!(x, array![[0.0, 0.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0]]);
    assert_eq!(Array::<i32, _>::eye([2, 2], -5, 1).compute().unwrap().sum(), 0);
    assert_eq!(Array::<i32, _>::identity(7, 3).sum().compute().unwrap().into_scalar(), 7);
    let plain = ndarray::Array::linspace(-1.0, 2.0, 10);
    assert_eq!(Array::linspace(-1.0, 2.0, 10, 3).compute().unwrap(), plain);
    assert_eq!(Array::linspace(3.0_f32, 9.0, 1, 3).compute().unwrap(), array![3.0]);
    let indices = Array::indices(&[3, 5], 2).compute().unwrap();
    for (index, &at) in indices.indexed_iter() {
        assert_eq!(at, [index[1], index[2]][index[0]] as i64);
    }
    let x = Array::arange(0..7_i64, 3);
    assert_eq!(x.zeros_like().chunks(), x.chunks());
    let blocks = Array::from_chunks([5, 4], [2, 4], |info| {
        Ok::<_, Error>(ndarray::Array::from_elem(
            (info.window().shape()[0], 4),
            info.number() as u64,
        ))
    });
    assert_eq!(blocks.sum_axis(1).compute().unwrap(), array![0, 0, 4, 4, 8]);
}
