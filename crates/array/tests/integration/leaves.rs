//! How arrays are read that are seen several times.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use ndarray::{Array2, Ix2, s};
use proptest::prelude::*;
use tenfold_array::{Array, Chunks, Dims, Result, Settings, Source, Window};

/// An array that counts the elements that are read of it.
#[derive(Debug)]
struct Counted {
    plain: Array2<f64>,
    read: AtomicUsize,
    /// The shapes of the windows.
    shapes: Mutex<Vec<[usize; 2]>>,
    /// Those that it keeps apart, if it does.
    chunks: Option<Chunks>,
}

impl Source<f64> for Counted {
    fn shape(&self) -> Dims {
        self.plain.shape().into()
    }

    fn chunks(&self) -> Option<Chunks> {
        self.chunks.clone()
    }

    fn read(&self, window: &Window, out: &mut [f64]) -> Result<()> {
        self.read.fetch_add(window.len(), Ordering::Relaxed);
        self.shapes.lock().unwrap().push([window.shape()[0], window.shape()[1]]);
        let part = self.plain.slice(s![window.range(0), window.range(1)]);
        out.iter_mut().zip(part).for_each(|(out, &element)| *out = element);
        Ok(())
    }
}

fn counted(rows: usize, cols: usize, chunk: usize) -> (Arc<Counted>, Array<f64, Ix2>) {
    counted_in(None, rows, cols, chunk)
}

fn counted_in(
    chunks: Option<Chunks>,
    rows: usize,
    cols: usize,
    chunk: usize,
) -> (Arc<Counted>, Array<f64, Ix2>) {
    let plain = Array2::from_shape_fn((rows, cols), |(i, j)| ((i * 37 + j * 101) % 1009) as f64);
    let (read, shapes) = (AtomicUsize::new(0), Mutex::default());
    let source = Arc::new(Counted { plain, read, shapes, chunks });
    let array = Array::from_source(Arc::clone(&source), chunk);
    (source, array)
}

#[test]
fn elements_that_lie_side_by_side_are_read_once() {
    let (source, x) = counted(200, 300, 100);
    let lazy = x.slice(s![1.., 1..]) - x.slice(s![..-1, ..-1]);
    let plan = Settings::new().plan(&lazy).unwrap();
    assert_eq!(plan.bytes_read(), 200 * 300 * 8);
    let expected = &source.plain.slice(s![1.., 1..]) - &source.plain.slice(s![..-1, ..-1]);
    assert_eq!(lazy.compute().unwrap(), expected);
    // Each once, and those along the edges of chunks once more.
    let read = source.read.load(Ordering::Relaxed);
    assert!((200 * 300..204 * 310).contains(&read), "{read} elements");
}

#[test]
fn elements_that_lie_far_apart_are_read_by_themselves() {
    let (source, x) = counted(200, 300, 50);
    let lazy = x.slice(s![..50, ..50]) + x.slice(s![150.., 250..]) + x.slice(s![..50, ..50]).t();
    let plain = &source.plain;
    let expected = &plain.slice(s![..50, ..50]) + &plain.slice(s![150.., 250..]);
    assert_eq!(lazy.compute().unwrap(), expected + plain.slice(s![..50, ..50]).t());
    assert_eq!(source.read.load(Ordering::Relaxed), 3 * 50 * 50);
}

/// A chunk of a transpose is read by whole rows of the array where there is room, and by parts of them where there is not.
#[test]
fn a_transpose_is_read_by_rows_of_its_array() {
    let (source, x) = counted(700, 1100, 1100);
    let other = Array::from_fn([1100, 700], 1100, |at| (at[0] % 7 * at[1]) as f64);
    let (lazy, one) = (&other + &x.t(), Settings::new().threads(1));
    let expected = other.compute().unwrap() + source.plain.t();
    assert_eq!(one.compute(&lazy).unwrap(), expected);
    assert_eq!(source.read.load(Ordering::Relaxed), 700 * 1100);
    let shapes = std::mem::take(&mut *source.shapes.lock().unwrap());
    assert!(shapes.len() > 1 && shapes.iter().all(|shape| shape[1] == 1100), "{shapes:?}");
    let bytes = 700 * 1100 * 8;
    assert!(one.plan(&lazy).unwrap().peak_memory() > 2 * bytes);

    let little = one.memory(2 * bytes);
    assert_eq!(little.compute(&lazy).unwrap(), expected);
    let shapes = source.shapes.lock().unwrap();
    assert!(shapes.iter().all(|shape| shape[1] < 1100), "{shapes:?}");
}

/// What lies side by side in a slice is read together too, though its first chunk is shorter than the others, and so is
/// what is seen backwards.
#[test]
fn rows_of_several_chunks_are_read_together() {
    let long = |lazy: &Array<f64, Ix2>, source: &Counted| {
        source.shapes.lock().unwrap().clear();
        let sum = Settings::new().threads(1).compute(&lazy.sum()).unwrap().into_scalar();
        assert_eq!(sum, lazy.compute().unwrap().sum());
        source.shapes.lock().unwrap().iter().map(|shape| shape[1]).max()
    };
    let (source, x) = counted(300, 500, 100);
    assert_eq!(long(&x.slice(s![.., 1..]), &source), Some(400));
    assert_eq!(long(&x.slice(s![.., ..;-1]), &source), Some(400));
}

/// Rows of several chunks that lie apart are no longer than those of one: each chunk is read by itself.
#[test]
fn chunks_that_lie_apart_are_read_apart() {
    let chunks = Chunks::even(&[300, 500], &[100, 100]).unwrap();
    let (source, x) = counted_in(Some(chunks), 300, 500, 100);
    let sum = Settings::new().threads(1).compute(&x.sum()).unwrap().into_scalar();
    assert_eq!(sum, source.plain.sum());
    assert_eq!(*source.shapes.lock().unwrap(), [[100, 100]; 15]);

    // Of one that keeps them longer than the array's, they are, and so are those that begin within a chunk.
    for (len, first) in [(200, 0), (100, 1)] {
        let chunks = Chunks::even(&[300, 500], &[100, len]).unwrap();
        let (source, x) = counted_in(Some(chunks), 300, 500, 100);
        Settings::new().threads(1).compute(&x.slice(s![.., first..]).sum()).unwrap();
        let shapes = source.shapes.lock().unwrap();
        assert!(shapes.iter().any(|shape| shape[1] > 200), "{shapes:?}");
    }
}

proptest! {
    /// However some views of an array are moved, they see what they see.
    #[test]
    fn moved_views_see_their_own(
        moved in prop::collection::vec((0..12_usize, 0..12_usize), 1..5),
        (rows, cols, chunk) in (13..60_usize, 13..60_usize, 1..40_usize),
        step in prop::sample::select(vec![1_isize, 2, -1, -3]),
    ) {
        let (source, x) = counted(rows, cols, chunk);
        let (tall, wide) = (rows - 12, cols - 12);
        let window = |&(row, col): &(usize, usize)| s![row..row + tall, col..col + wide; step];
        let views: Vec<_> = moved.iter().map(|at| x.slice(window(at))).collect();
        let sum = views[1..].iter().fold(views[0].clone(), |sum, view| sum * 3.0 + view);
        let mut expected = source.plain.slice(window(&moved[0])).to_owned();
        for at in &moved[1..] {
            expected = expected * 3.0 + source.plain.slice(window(at));
        }
        prop_assert_eq!(sum.compute().unwrap(), expected);
    }
}

/// Rows that lie apart, backwards, and again and again.
#[test]
fn rows_are_taken_where_they_lie() {
    let plain = Array2::from_shape_fn((60, 300), |(i, j)| ((i * 37 + j * 101) % 1009) as f64);
    let x = Array::from_ndarray(plain.clone(), [30, 150]);
    let (back, row) = (s![..;-1, ..], s![7..8, ..]);
    assert_eq!((&x - &x.slice(back)).compute().unwrap(), &plain - &plain.slice(back));
    assert_eq!((&x - &x.slice(row)).compute().unwrap(), &plain - &plain.slice(row));
    assert_eq!(x.slice(back).max().compute().unwrap().into_scalar(), 1008.0);
    // What is stored as it is, and folded too.
    let part = x.slice(s![3..41, 20..250]);
    let (stored, sum) = Settings::new().compute_many((&part, &part.sum())).unwrap();
    assert_eq!(stored, plain.slice(s![3..41, 20..250]));
    assert_eq!(sum.into_scalar(), plain.slice(s![3..41, 20..250]).sum());
    let chosen = x.greater(500.0).astype::<u8>().choose(&[&x, &x.slice(back)]).compute().unwrap();
    let other = plain.slice(back);
    for (at, &chosen) in chosen.indexed_iter() {
        assert_eq!(chosen, if plain[at] > 500.0 { other[at] } else { plain[at] }, "{at:?}");
    }
}
