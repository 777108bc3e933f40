//! What nobody should do, and what comes of it: an answer or an error, soon.

use std::panic::panic_any;
use std::time::Duration;

use ndarray::{Array2, array, s};
use tenfold_array::{
    Array, Border, Delayed, Dims, Error, ErrorKind, Excess, NpyWriter, Settings, Source, Target,
    Window, delayed, join,
};

use crate::watchdog::in_time;

const SOON: Duration = Duration::from_secs(60);

#[test]
fn wide_borders_take_no_time_for_each_element() {
    in_time(SOON, || {
        let wide = 1_usize << 40;
        let x = Array::from(vec![1_i64, 2, 3]);
        for border in [Border::Const(0), Border::Nearest, Border::Wrap, Border::Reflect] {
            let padded = x.pad(&[(wide, wide)], border);
            assert_eq!(padded.len(), 2 * wide + 3);
            let at = |index: isize| padded.slice(s![index]).compute().unwrap().into_scalar();
            let wide = wide.cast_signed();
            let all = [at(0), at(wide - 1), at(wide), at(wide + 2), at(wide + 3), at(2 * wide + 2)];
            let outside = |k: isize| match border {
                Border::Wrap => k.rem_euclid(3) + 1,
                Border::Reflect => [1_isize, 2, 3, 2][k.rem_euclid(4).cast_unsigned()],
                Border::Nearest if k < 0 => 1,
                Border::Nearest => 3,
                _ => 0,
            };
            let expected = [outside(-wide), outside(-1), 1, 3, outside(3), outside(wide + 2)];
            assert_eq!(all.map(|k| k as isize), expected, "{border:?}");
        }
    });
}

#[test]
fn a_depth_beyond_all_is_an_error_or_all() {
    in_time(SOON, || {
        let x = Array::<f64, _>::ones([6, 4], 2);
        for depth in [7, 1 << 40, usize::MAX] {
            let all = x.map_overlap(&[depth, 0], Border::Valid, |seen, _| {
                Array2::from_elem(seen.raw_dim(), seen.nrows() as f64)
            });
            assert_eq!(all.compute().unwrap(), Array2::from_elem([6, 4], 6.0));
            let all = x.stencil(&[depth, depth], Border::Valid, |seen, _| {
                Array2::from_elem(seen.raw_dim(), seen.sum())
            });
            assert_eq!(all.compute().unwrap(), Array2::from_elem([6, 4], 24.0));
        }
        let all = x.stencil(&[0, 1 << 40], Border::Wrap, |seen, _| seen.to_owned());
        let error = Settings::new().with_memory("1GiB").unwrap().compute(&all).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Memory, "{error}");
        let all = x.map_overlap(&[usize::MAX, 0], Border::Wrap, |seen, _| seen.to_owned());
        assert_eq!(all.compute().unwrap_err().kind(), ErrorKind::Shape);
        // Each chunk would see 2^40 rows: more than any memory.
        let all = x.map_overlap(&[1 << 40, 0], Border::Wrap, |seen, _| seen.to_owned());
        let error = Settings::new().with_memory("1GiB").unwrap().compute(&all).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Memory, "{error}");
    });
}

#[test]
fn arrays_of_nothing() {
    in_time(SOON, || {
        let x = Array::<f64, _>::ones([0, 4], 2);
        let blocks = x.map_blocks(|part, _| part.to_owned());
        assert_eq!(blocks.compute().unwrap().shape(), [0, 4]);
        assert_eq!(blocks.slice(s![.., 1..1]).compute().unwrap().shape(), [0, 0]);
        let around = x.map_overlap(&[1, 1], Border::Valid, |seen, _| seen.to_owned());
        assert_eq!(around.compute().unwrap().shape(), [0, 4]);
        let around = x.map_overlap(&[0, 1], Border::Wrap, |seen, _| seen.to_owned());
        assert_eq!(around.compute().unwrap().shape(), [0, 4]);
        let around = x.map_overlap(&[1, 1], Border::Wrap, |seen, _| seen.to_owned());
        assert_eq!(around.compute().unwrap_err().kind(), ErrorKind::Empty);
        assert_eq!(x.coarsen(&[3, 2], Excess::Trim, |_| 1).compute().unwrap().shape(), [0, 2]);
        assert_eq!(x.tile(&[7, 0]).compute().unwrap().shape(), [0, 0]);
        assert_eq!(x.repeat(0, 1 << 40).compute().unwrap().shape(), [0, 4]);
        assert_eq!(x.roll(0, isize::MIN).compute().unwrap().shape(), [0, 4]);
        let y = Array::<f64, _>::ones([6, 4], 2);
        let none = y.map_blocks(|part, _| part.to_owned()).slice(s![3..3, ..]);
        assert_eq!(none.compute().unwrap().shape(), [0, 4]);
        assert_eq!(none.sum().compute().unwrap().into_scalar(), 0.0);
        assert_eq!(y.take(0, &[]).sum_axis(0).compute().unwrap(), array![0.0, 0.0, 0.0, 0.0]);
        let boxes = y.coarsen(&[usize::MAX, 1], Excess::Trim, |_| 1);
        assert_eq!(boxes.compute().unwrap().shape(), [0, 4]);
    });
}

#[test]
fn indices_at_the_end_of_numbers() {
    let x = Array::arange(0..5_i64, 2);
    for by in [isize::MIN, isize::MAX] {
        let by_hand = by.rem_euclid(5);
        let expected: Vec<i64> = (0..5).map(|k| (k - by_hand as i64).rem_euclid(5)).collect();
        assert_eq!(x.roll(0, by).compute().unwrap().to_vec(), expected);
    }
    for index in [isize::MIN, isize::MAX, -6, 5] {
        assert_eq!(x.take(0, &[index]).compute().unwrap_err().kind(), ErrorKind::Index);
        assert_eq!(x.index_axis(0, index).compute().unwrap_err().kind(), ErrorKind::Index);
    }
}

/// What a function gives need not lie as one thinks.
#[test]
fn blocks_in_any_order_of_memory() {
    let x =
        Array::from_ndarray(Array2::from_shape_fn([5, 6], |(i, j)| (10 * i + j) as i64), [2, 3]);
    let plain = x.compute().unwrap();
    let columns = x.map_blocks(|part, _| {
        let mut made = Array2::from_elem(ndarray::ShapeBuilder::f(part.dim()), 0);
        made.assign(&part);
        made
    });
    assert_eq!(columns.compute().unwrap(), plain);
    assert_eq!(columns.slice(s![1..4, 2..5]).compute().unwrap(), plain.slice(s![1..4, 2..5]));
    let backwards = x.map_blocks(|part, _| {
        let turned = part.slice(s![..;-1, ..;-1]).to_owned();
        turned.slice_move(s![..;-1, ..;-1])
    });
    assert_eq!(backwards.compute().unwrap(), plain);
    let part_of_more = x.map_blocks(|part, _| {
        let mut more = Array2::from_elem([part.nrows() + 3, part.ncols()], 7);
        more.slice_mut(s![2..-1, ..]).assign(&part);
        more.slice_move(s![2..-1, ..])
    });
    assert_eq!(part_of_more.compute().unwrap(), plain);
}

/// A result of which nothing good can be said: it panics when it goes.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            panic!("dropped");
        }
    }
}

#[test]
fn results_that_panic_when_they_go() {
    in_time(SOON, || {
        let bombs: Vec<Delayed<Bomb>> = (0..20).map(|_| delayed(|| Bomb)).collect();
        let counts: Vec<_> = bombs.iter().map(|bomb| bomb.map(|_| 1)).collect();
        let sum = Delayed::reduce(&counts, |a, b| a + b).unwrap();
        for threads in [1, 4] {
            let error = Settings::new().threads(threads).compute(&sum).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Panicked, "{error}");
        }
    });
}

#[test]
fn panics_that_panic_when_they_go() {
    in_time(SOON, || {
        let bombs: Vec<Delayed<u32>> = (0..20).map(|_| delayed(|| panic_any(Bomb))).collect();
        let sum = Delayed::reduce(&bombs, |a, b| a + b).unwrap();
        let error = Settings::new().threads(4).compute(&sum).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Panicked, "{error}");
        let x = Array::<f64, _>::ones([6, 4], 2);
        let error = x.map_blocks::<f64>(|_, _| panic_any(Bomb)).compute().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Panicked, "{error}");
        let error = x.map::<f64>(|_| panic_any(Bomb)).compute().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Panicked, "{error}");
    });
}

#[test]
fn one_task_as_both_inputs() {
    let one = delayed(|| 21).bytes(100);
    let two = join((&one, &one), |a, b| a + b);
    assert_eq!(two.compute().unwrap(), 42);
    assert_eq!(Settings::new().minimum_memory(&two).unwrap(), 100);
    let all = Delayed::all(&[one.clone(), one.clone(), one], |all| all.len());
    assert_eq!(all.compute().unwrap(), 3);
}

#[test]
fn bytes_beyond_all_numbers() {
    in_time(SOON, || {
        let parts: Vec<Delayed<u32>> =
            (0..4).map(|_| delayed(|| 1).bytes(usize::MAX).scratch(usize::MAX)).collect();
        let sum = Delayed::reduce(&parts, |a, b| a + b).unwrap();
        let said = |error: Error| {
            assert!(
                error.kind() == ErrorKind::Value || error.kind() == ErrorKind::Memory,
                "{error}"
            );
        };
        match Settings::new().minimum_memory(&sum) {
            Ok(bytes) => assert_eq!(bytes, usize::MAX),
            Err(error) => said(error),
        }
        said(Settings::new().memory(usize::MAX - 1).compute(&sum).unwrap_err());
    });
}

#[test]
fn shapes_beyond_all_numbers() {
    in_time(SOON, || {
        for shape in [[usize::MAX, 1], [1 << 40, 1 << 40], [usize::MAX, usize::MAX]] {
            let x = Array::<f64, _>::ones(shape, 1 << 20);
            let error = x.compute().unwrap_err();
            let kinds = [ErrorKind::Shape, ErrorKind::Memory];
            assert!(kinds.contains(&error.kind()), "{shape:?}: {:?}: {error}", error.kind());
            // A sum could be had, with patience; a plan of it at once.
            let _ = x.sum().plan();
            let _ = x.map_blocks(|part, _| part.to_owned()).sum().plan();
            assert!(format!("{x:?}{x}").len() < 2000);
            assert!(x.to_svg().ends_with("</svg>\n"));
        }
    });
}

#[test]
fn a_chain_of_many_operations() {
    in_time(SOON, || {
        let mut x = Array::<f64, _>::zeros(10, 10);
        for _ in 0..2_000 {
            x = &x + 1.0;
        }
        assert_eq!(x.sum().compute().unwrap().into_scalar(), 20_000.0);
        assert!(x.to_dot().len() > 2_000);
        assert!(x.to_svg().ends_with("</svg>\n"));
        drop(x);
        let mut x = Array::<f64, _>::zeros(10, 10);
        for _ in 0..200 {
            x = &x + &x.sum();
        }
        x.plan().unwrap();
    });
}

/// Both see all of it: a file is replaced at once.
#[test]
fn an_array_is_stored_over_the_file_that_it_reads() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npy");
    let settings = Settings::new();
    let ones = Array::<f64, _>::ones([300, 300], 100);
    let file = NpyWriter::create(&path, &ones.shape()).unwrap();
    settings.store(&ones, &file).unwrap();
    file.finish().unwrap();
    let x =
        Array::<f64, ndarray::Ix2>::from_source(tenfold_array::NpyFile::open(&path).unwrap(), 100);
    let file = NpyWriter::create(&path, &x.shape()).unwrap();
    settings.store(&(&x.t() + &x), &file).unwrap();
    file.finish().unwrap();
    assert_eq!(x.sum().compute().unwrap().into_scalar(), 90_000.0);
    let twos = tenfold_array::NpyFile::open(&path).unwrap();
    let twos = Array::<f64, ndarray::Ix2>::from_source(twos, 100);
    assert_eq!(twos.sum().compute().unwrap().into_scalar(), 180_000.0);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

/// A name that is as long as the disk takes.
#[test]
fn a_file_of_a_long_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(format!("{}.npy", "x".repeat(251)));
    std::fs::write(&path, "").unwrap();
    NpyWriter::<f64>::create(&path, &[0]).unwrap().finish().unwrap();
    assert!(tenfold_array::NpyFile::<f64>::open(&path).is_ok());
}

/// A source or target that gives up in one way or the other at a place.
#[derive(Debug)]
struct Faulty {
    shape: [usize; 2],
    panics: bool,
    at: usize,
}

impl Faulty {
    fn look(&self, window: &Window) -> tenfold_array::Result<()> {
        let is_there = window.range(0).contains(&self.at);
        assert!(!(is_there && self.panics), "row {} is bad", self.at);
        match is_there {
            // What a source of one's own has is an error of one of ours.
            true => tenfold_array::NpyFile::<f64>::open("no such file").map(drop),
            false => Ok(()),
        }
    }
}

impl Source<f64> for Faulty {
    fn shape(&self) -> Dims {
        self.shape[..].into()
    }

    fn read(&self, window: &Window, out: &mut [f64]) -> tenfold_array::Result<()> {
        out.fill(1.0);
        self.look(window)
    }
}

impl Target<f64> for Faulty {
    fn shape(&self) -> Dims {
        self.shape[..].into()
    }

    fn write(&self, window: &Window, _: &[f64]) -> tenfold_array::Result<()> {
        self.look(window)
    }
}

#[test]
fn sources_and_targets_that_give_up() {
    in_time(SOON, || {
        for (panics, kind) in [(false, ErrorKind::Io), (true, ErrorKind::Panicked)] {
            for at in [0, 500, 999] {
                for threads in [1, 4] {
                    let faulty = || Faulty { shape: [1000, 100], panics, at };
                    let settings = Settings::new().threads(threads);
                    let x = Array::<f64, ndarray::Ix2>::from_source(faulty(), [10, 100]);
                    let error = settings.compute(&x.sum()).unwrap_err();
                    assert_eq!(error.kind(), kind, "{error}");
                    let error = settings.compute(&(&x + &x.t().t())).unwrap_err();
                    assert_eq!(error.kind(), kind, "{error}");
                    let ones = Array::<f64, _>::ones([1000, 100], [10, 100]);
                    let error = settings.store(&ones, &faulty()).unwrap_err();
                    assert_eq!(error.kind(), kind, "{error}");
                    // Nothing of what was written is left.
                    let folder = tempfile::tempdir().unwrap();
                    let path = folder.path().join("x.npy");
                    let file = NpyWriter::create(&path, &x.shape()).unwrap();
                    settings.store(&x, &file).unwrap_err();
                    assert!(file.finish().is_err());
                    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
                }
            }
        }
    });
}

/// Functions of elements and chunks may compute arrays themselves: threads are nobody's.
#[test]
fn computing_while_computing() {
    in_time(SOON, || {
        let inner = Array::<f64, _>::ones([100, 100], 10);
        let x = Array::<f64, _>::ones([8, 8], 1);
        let sums = x.map_blocks(move |part, _| {
            part.to_owned() * inner.sum().compute().unwrap().into_scalar()
        });
        for threads in [1, 3] {
            let sum = Settings::new().threads(threads).compute(&sums.sum()).unwrap();
            assert_eq!(sum.into_scalar(), 640_000.0);
        }
        let inner = delayed(|| 2);
        let outer: Vec<Delayed<i32>> = (0..50)
            .map(|_| {
                let inner = inner.clone();
                delayed(move || inner.compute().unwrap())
            })
            .collect();
        let sum = Delayed::reduce(&outer, |a, b| a + b).unwrap();
        assert_eq!(Settings::new().threads(3).compute(&sum).unwrap(), 100);
    });
}

#[test]
fn a_picture_that_cannot_be_written_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let x = Array::<f64, _>::ones(3, 1);
    let error = x.visualize(folder.path().join("no/such/folder.svg")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
    for name in ["x.png", "x", ".svg", ""] {
        let error = x.visualize(folder.path().join(name)).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Value | ErrorKind::Io), "{name}: {error}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}
