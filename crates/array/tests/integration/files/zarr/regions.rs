//! Parts of arrays, and tasks that would share a chunk.

use std::fs;

use tenfold_array::ndarray::{Ix1, Ix2, s};
use tenfold_array::{
    Array, Chunks, ErrorKind, Random, Region, Settings, Source, Target, ZarrArray, ZarrOptions,
    ZarrWriter,
};

use super::super::whole;
use super::{line, window};

fn numbers(shape: [usize; 2], chunk: [usize; 2]) -> Array<f64, Ix2> {
    Random::new(5).uniform(shape, 0.0..1.0, chunk)
}

/// Whatever the chunks of the array, each file is written once and as a whole.
#[test]
fn an_array_is_cut_as_the_file_is() {
    let folder = tempfile::tempdir().unwrap();
    for (number, chunk) in
        [[3, 7], [8, 8], [4, 4], [20, 30], [1, 30], [12, 6]].into_iter().enumerate()
    {
        let x = numbers([20, 30], chunk);
        let path = folder.path().join(number.to_string());
        let options = ZarrOptions::new().shard(&[8, 8]);
        let writer = ZarrWriter::create_with(&path, &[20, 30], &[4, 4], &options).unwrap();
        Settings::new().threads(2).store(&x, &writer).unwrap();
        writer.finish().unwrap();
        assert_eq!(whole(&ZarrArray::<f64>::open(&path).unwrap()), x.compute().unwrap().into_dyn());
    }
}

/// There is nothing to make, and no place to make it in.
#[test]
fn lanes_without_elements_are_stored() {
    let folder = tempfile::tempdir().unwrap();
    for shape in [[0, 5], [3, 0], [0, 0]] {
        let sorted = Array::<f64, _>::ones(shape, 2).sort(1);
        let path = folder.path().join(format!("{}-{}", shape[0], shape[1]));
        let writer =
            ZarrWriter::<f64>::create_with(&path, &shape, &[2, 2], &ZarrOptions::new()).unwrap();
        Settings::new().store(&sorted, &writer).unwrap();
        writer.finish().unwrap();
        assert_eq!(whole(&ZarrArray::<f64>::open(&path).unwrap()).shape(), shape);
    }
}

#[test]
fn regions_are_stored_one_by_one_and_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x");
    let writer = ZarrWriter::<f64>::create(&path, &[10, 10], &[4, 3]).unwrap();
    let x = numbers([10, 10], [10, 10]);
    let halves = [s![0..8, ..], s![8.., ..]];
    let regions = [0..8, 8..10].map(|rows| Region::new(&writer, &[rows, 0..10]).unwrap());
    std::thread::scope(|scope| {
        for (half, region) in halves.into_iter().zip(&regions) {
            let part = x.slice(half).rechunk(5);
            scope.spawn(move || Settings::new().store(&part, region).unwrap());
        }
    });
    writer.finish().unwrap();
    let all = whole(&ZarrArray::<f64>::open(&path).unwrap());
    assert_eq!(all, x.compute().unwrap().into_dyn());

    // A part of what is there is replaced, and the rest stays.
    let writer = ZarrWriter::<f64>::open(&path).unwrap();
    let ones = Array::<f64, Ix2>::ones([4, 7], 2);
    Settings::new().store(&ones, &Region::new(&writer, &[4..8, 3..10]).unwrap()).unwrap();
    writer.finish().unwrap();
    let mut expected = all;
    expected.slice_each_axis_mut(|axis| [4..8, 3..10][axis.axis.index()].clone().into()).fill(1.0);
    assert_eq!(whole(&ZarrArray::<f64>::open(&path).unwrap()), expected);
    // No hidden file is left.
    let names = fs::read_dir(path.join("c/1")).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(names.into_iter().all(|name| !name.to_string_lossy().starts_with('.')));
}

#[test]
fn who_would_share_a_chunk_is_refused_by_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x");
    let writer = ZarrWriter::<f64>::create(&path, &[10, 10], &[4, 3]).unwrap();
    let error = Region::new(&writer, &[0..5, 3..10]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Chunks);
    assert_eq!(
        error.to_string(),
        "argument `ranges` is [0..5, 3..10], of shape [5, 7], which has a part of chunk [4..8, 3..6] of the target, whose \
         chunks are written as a whole and have shape [4, 3]"
    );
    let error = Region::new(&writer, &[4..8, 1..3]).unwrap_err();
    assert!(error.to_string().contains("a part of chunk [4..8, 0..3]"), "{error}");
    assert_eq!(Region::new(&writer, &[]).unwrap_err().kind(), ErrorKind::Shape);
    assert_eq!(Region::new(&writer, &[0..11, 0..10]).unwrap_err().kind(), ErrorKind::Index);
    #[expect(clippy::reversed_empty_ranges, reason = "it is what is refused")]
    let reversed = Region::new(&writer, &[8..4, 0..10]);
    assert_eq!(reversed.unwrap_err().kind(), ErrorKind::Index);

    let error = writer.write(&window([0..4, 0..4]), &[0.0; 16]).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "argument `window` is [0..4, 0..4], of shape [4, 4], which takes a part of chunk [0..4, 3..6] of Zarr array `{}`, \
             whose chunks are written as a whole and have shape [4, 3]",
            path.display()
        )
    );
    // Two regions with a chunk in common: the second does not write over the first.
    let x = Array::<f64, Ix2>::ones([4, 6], 6);
    Settings::new().store(&x, &Region::new(&writer, &[0..4, 0..6]).unwrap()).unwrap();
    let again = Settings::new().store(&(&x + 1.0), &Region::new(&writer, &[0..4, 3..9]).unwrap());
    let error = again.unwrap_err();
    assert!(error.to_string().contains("but chunk [0..4, 3..6] of"), "{error}");
    assert!(error.to_string().contains("has come before"), "{error}");
    let error = writer.finish().unwrap_err();
    assert!(error.to_string().ends_with("was not written"), "{error}");
    assert!(fs::read_dir(folder.path()).unwrap().next().is_none());
}

#[test]
fn regions_of_nothing_and_of_other_targets() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x");
    let writer = ZarrWriter::<u8>::create(&path, &[10], &[4]).unwrap();
    let [nothing, last] = [4..4, 8..10].map(|range| Region::new(&writer, &[range]).unwrap());
    assert_eq!((nothing.shape().as_slice(), nothing.chunks().unwrap().count()), (&[0][..], 1));
    Settings::new().store(&Array::<u8, Ix1>::ones([0], 1), &nothing).unwrap();
    assert_eq!(last.chunks(), Some(Chunks::even(&[2], &[4]).unwrap()));
    last.write(&line(0..2), &[1, 2]).unwrap();
    assert_eq!(last.write(&line(0..3), &[1, 2, 3]).unwrap_err().kind(), ErrorKind::Index);
    writer.finish_filled().unwrap();
    let file = ZarrArray::<u8>::open(&path).unwrap();
    let mut back = [7; 10];
    file.read(&line(0..10), &mut back).unwrap();
    assert_eq!(back, [0, 0, 0, 0, 0, 0, 0, 0, 1, 2]);
}
