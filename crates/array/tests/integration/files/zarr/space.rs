//! Disks that are full.

use std::fs;
use std::path::Path;

use tenfold_array::{ErrorKind, Target, ZarrCompressor, ZarrOptions, ZarrWriter};

use super::super::space::limited;
use super::super::whole;
use super::line;

/// Names the folder to the process that may not write large files.
const FOLDER: &str = "TENFOLD_ARRAY_SMALL_ZARR";

#[test]
fn a_disk_that_fills_says_so_and_keeps_nothing() {
    limited(
        FOLDER,
        "files::zarr::space::a_disk_that_fills_says_so_and_keeps_nothing",
        on_a_small_disk,
    );
}

fn on_a_small_disk(folder: &Path) {
    let path = folder.join("x");
    let options = ZarrOptions::<u8>::new().compressor(ZarrCompressor::None);
    let writer = ZarrWriter::create_with(&path, &[200_000], &[100_000], &options).unwrap();
    let bytes = vec![7; 100_000];
    for _ in 0..2 {
        // What could not be written may come again.
        let error = writer.write(&line(0..100_000), &bytes).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io);
        let told = format!(
            "chunk `c/0` of Zarr array `{}` cannot be written: File too large",
            path.display()
        );
        assert!(format!("{error:#}").starts_with(&told), "{error:#}");
    }
    assert_eq!(writer.finish().unwrap_err().kind(), ErrorKind::Data);

    // What is there before stays as it was.
    let options = ZarrOptions::<u8>::new();
    let writer = ZarrWriter::create_with(&path, &[100_000], &[100_000], &options).unwrap();
    writer.write(&line(0..100_000), &bytes).unwrap();
    writer.finish().unwrap();
    let writer = ZarrWriter::<u8>::open(&path).unwrap();
    let mut state = 1_u32;
    let noise = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    });
    let noise: Vec<u8> = noise.take(100_000).collect();
    assert_eq!(writer.write(&line(0..100_000), &noise).unwrap_err().kind(), ErrorKind::Io);
    drop(writer);
    let there = whole(&tenfold_array::ZarrArray::<u8>::open(&path).unwrap());
    assert!(there.iter().all(|&byte| byte == 7));
    assert_eq!(fs::read_dir(path.join("c")).unwrap().count(), 1);
    fs::remove_dir_all(&path).unwrap();
}
