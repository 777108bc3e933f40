//! Any window of any file is what it would be of an array in memory.

use std::fs;
use std::ops::Range;
use std::path::Path;
use std::thread;

use proptest::prelude::*;
use tenfold_array::ndarray::{ArrayD, Slice};
use tenfold_array::{
    ByteOrder, Chunks, NpyFile, NpyWriter, NpzFile, NpzWriter, RawFile, RawWriter, ScratchFile,
    Source, Target, Window,
};

use super::number::{Number, array};
use super::{part, whole};

/// How a file has its array.
#[derive(Debug, Clone, Copy)]
struct Kind {
    is_fortran: bool,
    is_big: bool,
}

/// An npy file, made by the description of the format and not by what is tested.
fn make<T: Number>(path: &Path, array: &ArrayD<T>, kind: Kind) {
    let name = match T::DTYPE.name().trim_end_matches(char::is_numeric) {
        "bool" => "b",
        name => &name[..1],
    };
    let order = if kind.is_big { '>' } else { '<' };
    let fortran = if kind.is_fortran { "True" } else { "False" };
    let shape: String = array.shape().iter().map(|len| format!("{len},")).collect();
    let bytes = T::DTYPE.bytes();
    let header = format!(
        "{{'descr': '{order}{name}{bytes}', 'fortran_order': {fortran}, 'shape': ({shape})}}\n"
    );
    let mut file = b"\x93NUMPY\x01\x00".to_vec();
    file.extend(u16::try_from(header.len()).unwrap().to_le_bytes());
    file.extend(header.as_bytes());
    let view = if kind.is_fortran { array.t() } else { array.view() };
    file.extend(view.iter().flat_map(|element| element.bytes(kind.is_big)));
    fs::write(path, file).unwrap();
}

fn slice<T: Number>(array: &ArrayD<T>, window: &Window) -> ArrayD<T> {
    array.slice_each_axis(|axis| Slice::from(window.range(axis.axis.index()))).to_owned()
}

/// A shape, and a window of it.
fn shapes() -> impl Strategy<Value = (Vec<usize>, Window)> {
    let axis = prop_oneof![4 => 1..9_usize, 1 => Just(0_usize), 1 => 20..40_usize];
    prop::collection::vec((axis, any::<prop::sample::Index>(), any::<prop::sample::Index>()), 0..5)
        .prop_map(|axes| {
            let ranges: Vec<Range<usize>> = axes
                .iter()
                .map(|(len, a, b)| {
                    let (a, b) = (a.index(len + 1), b.index(len + 1));
                    a.min(b)..a.max(b)
                })
                .collect();
            (axes.iter().map(|(len, ..)| *len).collect(), Window::new(&ranges))
        })
}

fn kinds() -> impl Strategy<Value = Kind> {
    any::<[bool; 2]>().prop_map(|[is_fortran, is_big]| Kind { is_fortran, is_big })
}

fn agrees<T: Number>(shape: &[usize], window: &Window, kind: Kind) {
    let folder = tempfile::tempdir().unwrap();
    let (path, array) = (folder.path().join("a.npy"), array::<T>(shape));
    make(&path, &array, kind);
    let file = NpyFile::<T>::open(&path).unwrap();
    assert_eq!(Source::<T>::shape(&file)[..], *shape);
    assert_eq!(part(&file, window), slice(&array, window));
    if !kind.is_fortran {
        let order = if kind.is_big { ByteOrder::Big } else { ByteOrder::Little };
        let offset = fs::metadata(&path).unwrap().len() - (array.len() * T::DTYPE.bytes()) as u64;
        let file = RawFile::<T>::open(&path, offset, shape, order).unwrap();
        assert_eq!(part(&file, window), slice(&array, window));
    }
}

/// Writes all chunks from two threads, the one from the front and the other from the back.
fn write<T: Number>(target: &dyn Target<T>, array: &ArrayD<T>, chunks: &Chunks) {
    let write = |number| {
        let window = chunks.window(number);
        let elements: Vec<T> = slice(array, &window).iter().copied().collect();
        target.write(&window, &elements).unwrap();
    };
    let (count, write) = (chunks.count(), &write);
    thread::scope(|scope| {
        scope.spawn(move || (0..count / 2).for_each(write));
        scope.spawn(move || (count / 2..count).rev().for_each(write));
    });
}

fn writes<T: Number>(shape: &[usize], sizes: &[usize], order: ByteOrder) {
    let (folder, array) = (tempfile::tempdir().unwrap(), array::<T>(shape));
    let chunks = Chunks::even(shape, &sizes[..shape.len()]).unwrap();
    let path = folder.path().join("a");

    let writer = NpyWriter::<T>::create(&path, shape).unwrap();
    write(&writer, &array, &chunks);
    writer.finish().unwrap();
    assert_eq!(whole(&NpyFile::<T>::open(&path).unwrap()), array);

    let writer = RawWriter::<T>::create(&path, shape, order).unwrap();
    write(&writer, &array, &chunks);
    writer.finish().unwrap();
    let is_big = order == ByteOrder::Big;
    let bytes: Vec<u8> = array.iter().flat_map(|element| element.bytes(is_big)).collect();
    assert_eq!(fs::read(&path).unwrap(), bytes);

    let writer = NpzWriter::create(&path).unwrap();
    let members = ["x", "y"].map(|name| writer.array::<T>(name, shape).unwrap());
    members.iter().for_each(|member| write(member, &array, &chunks));
    writer.finish().unwrap();
    let file = NpzFile::open(&path).unwrap();
    assert_eq!(whole(&file.array::<T>("x").unwrap()), array);
    assert_eq!(whole(&file.array::<T>("y").unwrap()), array);

    let scratch = ScratchFile::<T>::create(folder.path(), shape).unwrap();
    write(&scratch, &array, &chunks);
    assert_eq!(whole(&scratch), array);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

proptest! {
    #[test]
    fn windows_are_slices((shape, window) in shapes(), kind in kinds()) {
        agrees::<bool>(&shape, &window, kind);
        agrees::<u8>(&shape, &window, kind);
        agrees::<i16>(&shape, &window, kind);
        agrees::<f32>(&shape, &window, kind);
        agrees::<f64>(&shape, &window, kind);
        agrees::<num_complex::Complex32>(&shape, &window, kind);
        agrees::<num_complex::Complex64>(&shape, &window, kind);
    }
}

proptest! {
    // Fewer than usual: each waits nine times until the disk has its file.
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn chunks_are_a_file(
        (shape, _) in shapes(),
        sizes in prop::collection::vec(2..20_usize, 4),
        is_big: bool,
    ) {
        let order = if is_big { ByteOrder::Big } else { ByteOrder::Little };
        writes::<bool>(&shape, &sizes, order);
        writes::<i32>(&shape, &sizes, order);
        writes::<num_complex::Complex64>(&shape, &sizes, order);
    }
}

/// Windows of more than the buffer, of long and short runs, with wide and narrow gaps.
#[test]
fn large_windows_are_slices() {
    type Windows<'a> = &'a [&'a [Range<usize>]];
    let shapes: [(&[usize], Windows<'_>); 3] = [
        (
            &[700, 600],
            &[&[0..700, 0..600], &[1..699, 3..597], &[5..600, 590..600], &[0..700, 7..8]],
        ),
        (&[3, 90, 1500], &[&[0..3, 1..90, 1..1500], &[1..3, 0..90, 700..760], &[0..3, 3..4, 0..9]]),
        (
            &[60_000, 4, 2],
            &[&[1..59_000, 1..3, 0..1], &[9..60_000, 0..4, 1..2], &[0..9, 1..4, 0..2]],
        ),
    ];
    for (shape, windows) in shapes {
        for is_fortran in [false, true] {
            for window in windows {
                let kind = Kind { is_fortran, is_big: window[0].start == 1 };
                agrees::<f64>(shape, &Window::new(window), kind);
                agrees::<bool>(shape, &Window::new(window), kind);
            }
        }
    }
}

/// More than the order of bytes is turned of at a time.
#[test]
fn long_runs_are_written_in_either_order() {
    for order in [ByteOrder::Native, ByteOrder::Little, ByteOrder::Big] {
        writes::<f64>(&[3, 20_000], &[3, 20_000], order);
    }
}

#[test]
fn column_major_files_ask_for_columns() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.npy");
    let chunks = |shape: &[usize], is_fortran| {
        make(&path, &array::<f64>(shape), Kind { is_fortran, is_big: false });
        let chunks = Source::<f64>::chunks(&NpyFile::<f64>::open(&path).unwrap())?;
        Some(chunks.largest().to_vec())
    };
    assert_eq!(chunks(&[5000, 300], true), Some(vec![5000, 209]));
    assert_eq!(chunks(&[1 << 17, 2, 9], true), Some(vec![1 << 17, 2, 4]));
    assert_eq!(chunks(&[3, 0], true), Some(vec![3, 0]));
    assert_eq!(chunks(&[5000, 300], false), None);
}
