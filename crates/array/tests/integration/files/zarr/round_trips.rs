//! What is written comes back.

use proptest::prelude::*;
use tenfold_array::ndarray::Ix2;
use tenfold_array::{
    Array, Random, Settings, Source, Window, ZarrArray, ZarrCompressor, ZarrOptions, ZarrVersion,
    ZarrWriter,
};

use super::super::number::{Number, array, for_each_type};
use super::super::{part, whole};
use super::{line, write};

const COMPRESSORS: [ZarrCompressor; 7] = [
    ZarrCompressor::None,
    ZarrCompressor::Zstd,
    ZarrCompressor::ZstdLevel(-5),
    ZarrCompressor::Gzip(6),
    ZarrCompressor::BloscLz4(5),
    ZarrCompressor::BloscZstd(1),
    ZarrCompressor::BloscLz4(0),
];

/// An axis: its length, the size of a chunk, how many of those are a shard, and where a window begins and ends.
type Axis = (usize, usize, usize, (usize, usize));

fn check<T: Number>(axes: &[Axis], options: ZarrOptions<T>, has_shards: bool) {
    let of = |f: fn(&Axis) -> usize| axes.iter().map(f).collect::<Vec<_>>();
    let (shape, chunk) = (of(|axis| axis.0), of(|axis| axis.1));
    let shard: Vec<usize> = axes.iter().map(|axis| axis.1 * axis.2).collect();
    let options = if has_shards { options.shard(&shard) } else { options };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x");
    write::<T>(&path, &shape, &chunk, &options).unwrap();

    let file = ZarrArray::<T>::open(&path).unwrap();
    assert_eq!(file.chunks().unwrap().largest().as_slice(), min(&chunk, &shape));
    assert_eq!(file.shard(), if has_shards { shard } else { chunk });
    assert_eq!(whole(&file), array::<T>(&shape));
    let ranges: Vec<_> = axes
        .iter()
        .map(|&(len, _, _, (a, b))| {
            let (a, b) = (a % (len + 1), b % (len + 1));
            a.min(b)..a.max(b)
        })
        .collect();
    let all = array::<T>(&shape);
    let expected = all.slice_each_axis(|axis| ranges[axis.axis.index()].clone().into());
    assert_eq!(part(&file, &Window::new(&ranges)), expected);
}

fn min(a: &[usize], b: &[usize]) -> Vec<usize> {
    a.iter().zip(b).map(|(a, b)| *a.min(b)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn any_array_comes_back(
        axes in prop::collection::vec((0..9_usize, 1..5_usize, 1..4_usize, (0..9_usize, 0..9_usize)), 0..4),
        which in 0..13_usize,
        compressor in prop::sample::select(&COMPRESSORS[..]),
        is_v2 in any::<bool>(),
        has_checksum in any::<bool>(),
        has_shards in any::<bool>(),
    ) {
        fn one<T: Number>(
            at: &mut usize, which: usize, axes: &[Axis], compressor: ZarrCompressor, flags: [bool; 3],
        ) {
            *at += 1;
            if *at != which + 1 {
                return;
            }
            let [is_v2, has_checksum, has_shards] = flags;
            let options = ZarrOptions::<T>::new().compressor(compressor).fill_value(T::of(3));
            let options = match is_v2 {
                true => options.version(ZarrVersion::V2),
                false if has_checksum => options.checksum(),
                false => options,
            };
            check(axes, options, has_shards && !is_v2);
        }
        let mut at = 0;
        for_each_type!(one(&mut at, which, &axes, compressor, [is_v2, has_checksum, has_shards]));
        prop_assert_eq!(at, 13);
    }
}

#[test]
fn fill_values_come_back_bit_by_bit() {
    fn back<T: Number>(fill: T, version: ZarrVersion) -> (T, T) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        let options = ZarrOptions::new().fill_value(fill).version(version);
        ZarrWriter::create_with(&path, &[2], &[2], &options).unwrap().finish_filled().unwrap();
        let file = ZarrArray::<T>::open(&path).unwrap();
        (file.fill_value(), whole(&file)[[1]])
    }
    for version in [ZarrVersion::V2, ZarrVersion::V3] {
        let floats = [
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::NAN,
            -0.0,
            1e-310,
            0.1,
            f64::MIN,
            f64::from_bits(0x7ff8_0000_0000_0001),
        ];
        for fill in floats {
            let (told, read) = back(fill, version);
            assert_eq!(told.to_bits(), read.to_bits());
            // Version 2 has one NaN.
            if version == ZarrVersion::V3 || !fill.is_nan() {
                assert_eq!(read.to_bits(), fill.to_bits(), "{fill} {version:?}");
            }
            assert_eq!(read.is_nan(), fill.is_nan());
        }
        assert!(back(f32::NAN, version).1.is_nan());
        assert_eq!(back(f32::MAX, version).1, f32::MAX);
        assert_eq!(back(u64::MAX, version).1, u64::MAX);
        assert_eq!(back(i64::MIN, version).1, i64::MIN);
        assert!(back(true, version).1);
        let complex = num_complex::Complex::new(f32::INFINITY, -1.5);
        assert_eq!(back(complex, version).1, complex);
    }
}

/// A chunk of the fill value has no file, as with Python's zarr.
#[test]
fn what_is_the_fill_value_takes_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x");
    let writer = ZarrWriter::<u8>::create(&path, &[4], &[2]).unwrap();
    let x = Array::from(vec![0_u8, 0, 0, 1]);
    Settings::new().store(&x, &writer).unwrap();
    writer.finish().unwrap();
    assert!(!path.join("c/0").exists() && path.join("c/1").exists());
    // Nor has one that becomes that.
    let writer = ZarrWriter::<u8>::open(&path).unwrap();
    tenfold_array::Target::write(&writer, &line(2..4), &[0, 0]).unwrap();
    writer.finish().unwrap();
    assert!(!path.join("c/1").exists());
    assert_eq!(whole(&ZarrArray::<u8>::open(&path).unwrap()).sum(), 0);
}

/// The plan counts what is unpacked, and asks for whole chunks; of what is not packed for parts.
#[test]
fn plans_count_what_is_unpacked() {
    let folder = tempfile::tempdir().unwrap();
    let sum = |compressor, name: &str| {
        let path = folder.path().join(name);
        let x = Random::new(1).uniform::<f64, _>([512, 512], 0.0..1.0, 256);
        let options = ZarrOptions::new().compressor(compressor);
        let writer = ZarrWriter::create_with(&path, &[512, 512], &[256, 256], &options).unwrap();
        Settings::new().store(&x, &writer).unwrap();
        writer.finish().unwrap();
        let file = ZarrArray::<f64>::open(&path).unwrap();
        let memory = Source::memory(&file);
        let x = Array::<f64, Ix2>::from_source(file, "auto");
        assert_eq!(x.chunks().counts().as_slice(), [2, 2]);
        let sum = (&x + 1.0).sum();
        let least = sum.plan().unwrap().least_memory();
        assert!(Settings::new().memory(least).compute(&sum).unwrap().into_scalar() > 0.0);
        (memory, least)
    };
    let (none, plain) = sum(ZarrCompressor::None, "plain");
    let (some, packed) = sum(ZarrCompressor::Zstd, "packed");
    assert_eq!(none, 0);
    assert!(some >= 2 * 256 * 256 * 8, "{some}");
    assert!(packed >= plain + some, "{packed} {plain}");
}

/// Of chunks that are not packed a plan holds parts, in a shard too.
#[test]
fn plain_shards_are_read_by_parts() {
    let folder = tempfile::tempdir().unwrap();
    let shape = [1024, 1024];
    let x = Random::new(1).uniform::<f64, _>(shape, 0.0..1.0, 512);
    let sum = |name: &str, options: ZarrOptions<f64>| {
        let path = folder.path().join(name);
        let options = options.compressor(ZarrCompressor::None);
        let writer = ZarrWriter::create_with(&path, &shape, &[512, 512], &options).unwrap();
        Settings::new().store(&x, &writer).unwrap();
        writer.finish().unwrap();
        let x = Array::<f64, Ix2>::from_source(ZarrArray::open(&path).unwrap(), "auto");
        let settings = Settings::new().threads(1);
        let plan = settings.plan(&x.sum()).unwrap();
        (plan.peak_memory(), settings.compute(&x.sum()).unwrap())
    };
    let (alone, expected) = sum("alone", ZarrOptions::new());
    let (in_shards, made) = sum("in shards", ZarrOptions::new().shard(&shape));
    assert_eq!(made, expected);
    // With indices of four chunks, and what it takes to read one; and the same for when it was read.
    let indices = 2 * (7 * 16 * 4 + 7 * 4);
    assert!(alone < 512 * 512 * 8, "{alone}");
    assert!((alone..=alone + indices).contains(&in_shards), "{in_shards}, {alone}");
}

/// Rows that are long enough to be scattered by one call, whole ones and parts.
#[test]
fn long_rows_of_chunks_that_are_not_packed() {
    fn all<T: Number>() {
        for has_shards in [false, true] {
            for columns in [(0, 900), (150, 750), (300, 600)] {
                let axes = [(7, 3, 2, (1, 6)), (900, 300, 2, columns)];
                check::<T>(&axes, plain(), has_shards);
                let axes = [(3, 2, 1, (0, 3)), (5, 2, 2, (1, 5)), (900, 300, 1, columns)];
                check::<T>(&axes, plain(), has_shards);
            }
        }
    }
    fn plain<T: Number>() -> ZarrOptions<T> {
        ZarrOptions::new().compressor(ZarrCompressor::None)
    }
    all::<f64>();
    all::<i16>();
    all::<bool>();
}
