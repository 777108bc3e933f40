//! Files that say they are large: nothing is asked of memory for it, and nobody waits.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};
use tenfold_array::ndarray::Ix1;
use tenfold_array::{
    Array, Error, ErrorKind, Settings, Source as _, ZarrArray, ZarrGroup, ZarrWriter,
};

use super::super::whole;
use super::{line, refusal};

/// An array of 8 bytes in one chunk, by these codecs.
fn describe(folder: &Path, codecs: &Value) {
    let about = json!({
        "zarr_format": 3, "node_type": "array", "shape": [8], "data_type": "uint8", "fill_value": 0,
        "chunk_grid": { "name": "regular", "configuration": { "chunk_shape": [8] } },
        "chunk_key_encoding": { "name": "default", "configuration": { "separator": "/" } },
        "codecs": codecs,
    });
    fs::create_dir_all(folder.join("c")).unwrap();
    fs::write(folder.join("zarr.json"), about.to_string()).unwrap();
}

/// A codec with what it must be told.
fn codec(name: &str) -> Value {
    let about = match name {
        "zstd" => json!({ "level": 1, "checksum": false }),
        "gzip" | "numcodecs.zlib" => json!({ "level": 1 }),
        "blosc" => json!({
            "cname": "lz4", "clevel": 1, "shuffle": "noshuffle", "blocksize": 0
        }),
        "numcodecs.shuffle" => json!({ "elementsize": 1 }),
        _ => json!({}),
    };
    json!({ "name": name, "configuration": about })
}

fn codecs(names: &[&str]) -> Value {
    names.iter().map(|name| codec(name)).collect()
}

/// CRC32C, bit by bit, behind what it is of.
fn summed(bytes: &[u8]) -> Vec<u8> {
    let step = |sum: u32| if sum & 1 == 1 { (sum >> 1) ^ 0x82f6_3b78 } else { sum >> 1 };
    let add = |sum: u32, byte: &u8| (0..8).fold(sum ^ u32::from(*byte), |sum, _| step(sum));
    let sum = !bytes.iter().fold(u32::MAX, add);
    [bytes, &sum.to_le_bytes()].concat()
}

/// A frame of Zstandard that says it has 2^60 bytes.
fn claims_zstd() -> Vec<u8> {
    let head = [0x28, 0xb5, 0x2f, 0xfd, 0b1110_0000];
    [&head[..], &(1_u64 << 60).to_le_bytes(), &[1, 0, 0]].concat()
}

/// One of blocks of 128 KiB, of one byte each, that come to 1 GiB, and does not say it.
fn expands_zstd() -> Vec<u8> {
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0, 0x38];
    let block = |is_last: u32| ((128 << 10) << 3 | 1 << 1 | is_last).to_le_bytes();
    // No more of them than a chunk's file may have bytes.
    for number in 0..900_u32 {
        frame.extend(&block(u32::from(number == 899))[..3]);
        frame.push(7);
    }
    frame
}

fn expands_gzip() -> Vec<u8> {
    let mut to = flate2::write::GzEncoder::new(vec![], flate2::Compression::best());
    to.write_all(&vec![7; 3 << 20]).unwrap();
    to.finish().unwrap()
}

fn expands_zlib() -> Vec<u8> {
    let mut to = flate2::write::ZlibEncoder::new(vec![], flate2::Compression::best());
    to.write_all(&vec![7; 3 << 20]).unwrap();
    to.finish().unwrap()
}

/// A header of Blosc that says it has so many bytes.
fn claims_blosc(bytes: u32) -> Vec<u8> {
    let of = |number: u32| number.to_le_bytes();
    [&[2, 1, 0x22, 1][..], &of(bytes), &of(bytes), &of(40), &[0; 24]].concat()
}

fn read(folder: &Path) -> Error {
    let file = ZarrArray::<u8>::open(folder).unwrap();
    assert!(file.memory() < 1 << 20, "{}", file.memory());
    file.read(&line(0..8), &mut [0; 8]).unwrap_err()
}

#[test]
fn chunks_that_would_be_large_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let bombs: [(&str, Vec<u8>); 8] = [
        ("zstd", claims_zstd()),
        ("zstd", expands_zstd()),
        ("gzip", expands_gzip()),
        ("numcodecs.zlib", expands_zlib()),
        ("blosc", claims_blosc(u32::MAX)),
        ("blosc", claims_blosc(i32::MAX.cast_unsigned())),
        ("blosc", claims_blosc(9)),
        ("blosc", vec![]),
    ];
    for (name, bomb) in bombs {
        for sums in 0..3 {
            for filter in [None, Some("numcodecs.shuffle"), Some("crc32c")] {
                let names = ["bytes"].into_iter().chain(filter).chain([name]);
                let names: Vec<&str> = names.chain(std::iter::repeat_n("crc32c", sums)).collect();
                describe(folder.path(), &codecs(&names));
                let file = (0..sums).fold(bomb.clone(), |bytes, _| summed(&bytes));
                fs::write(folder.path().join("c/0"), file).unwrap();
                let error = read(folder.path());
                assert_eq!(error.kind(), ErrorKind::Data, "{names:?}: {error}");
                assert!(error.to_string().starts_with("chunk `c/0` of Zarr array `"), "{error}");
            }
        }
    }
}

/// What is written so is read, with a checksum before or behind what packs, and both.
#[test]
fn checksums_around_what_packs() {
    let bytes = *b"12345678";
    for (before, behind) in [(0, 1), (1, 0), (1, 1), (0, 2), (2, 0), (0, 0)] {
        for name in ["zstd", "gzip", "numcodecs.zlib", "blosc", "numcodecs.shuffle"] {
            let folder = tempfile::tempdir().unwrap();
            let sums = |count| std::iter::repeat_n("crc32c", count);
            let names = ["bytes"].into_iter().chain(sums(before)).chain([name]);
            let names: Vec<&str> = names.chain(sums(behind)).collect();
            describe(folder.path(), &codecs(&names));
            let writer = ZarrWriter::<u8>::open(folder.path()).unwrap();
            tenfold_array::Target::write(&writer, &line(0..8), &bytes).unwrap();
            writer.finish().unwrap();
            let file = ZarrArray::<u8>::open(folder.path()).unwrap();
            assert_eq!(whole(&file).into_raw_vec_and_offset().0, bytes, "{names:?}");
            // Every byte counts, if there is a sum of it.
            let path = folder.path().join("c/0");
            let right = fs::read(&path).unwrap();
            for at in 0..right.len() * usize::from(behind > 0) {
                let mut wrong = right.clone();
                wrong[at] ^= 1;
                fs::write(&path, wrong).unwrap();
                let error = read(folder.path());
                assert!(error.to_string().contains("its checksum is not"), "{names:?}: {error}");
            }
        }
    }
}

/// How long these become is not certain before they are unpacked.
#[test]
fn orders_of_codecs_without_a_bound_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    for names in [
        &["bytes", "zstd", "zstd"][..],
        &["bytes", "gzip", "crc32c", "blosc"],
        &["bytes", "blosc", "numcodecs.shuffle"],
        &["bytes", "numcodecs.zlib", "gzip", "crc32c"],
    ] {
        describe(folder.path(), &codecs(names));
        let error = refusal::<u8>(folder.path());
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{names:?}: {error}");
        assert!(error.to_string().contains("only the last codec"), "{error}");
    }
    let sharding = |codecs: Value, index: Value| {
        json!([{ "name": "sharding_indexed", "configuration": {
            "chunk_shape": [4], "codecs": codecs, "index_codecs": index,
        }}])
    };
    let plain = || codecs(&["bytes"]);
    let endian = || json!([{ "name": "bytes", "configuration": { "endian": "little" } }]);
    describe(folder.path(), &sharding(sharding(plain(), endian()), endian()));
    assert_eq!(refusal::<u8>(folder.path()).kind(), ErrorKind::Unsupported);
    let packed = json!([endian()[0], codec("zstd")]);
    describe(folder.path(), &sharding(plain(), packed));
    assert_eq!(refusal::<u8>(folder.path()).kind(), ErrorKind::Unsupported);
    describe(folder.path(), &sharding(plain(), endian()));
    ZarrArray::<u8>::open(folder.path()).unwrap();
}

/// An index says where chunks are: those that are nowhere are told, and not taken for missing ones.
#[test]
fn places_outside_of_a_shard_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    for packs in [false, true] {
        let names = if packs { &["bytes", "zstd"][..] } else { &["bytes"] };
        describe(
            folder.path(),
            &json!([{ "name": "sharding_indexed", "configuration": {
                "chunk_shape": [4], "codecs": codecs(names),
                "index_codecs": [{ "name": "bytes", "configuration": { "endian": "little" } }],
            }}]),
        );
        let file = ZarrArray::<u8>::open(folder.path()).unwrap();
        // The indices that are kept are counted, with what it takes to read one.
        assert_eq!((file.kept(), file.memory() > 0), (32 * (4 + 3), packs));
        for (start, bytes) in [
            (37, 4),
            (u64::MAX - 1, 4),
            (u64::MAX, 4),
            (0, u64::MAX),
            (1 << 40, 0),
            (0, 1 << 60),
            (36, 1),
        ] {
            let index = [start, bytes, u64::MAX, u64::MAX].map(u64::to_le_bytes).concat();
            fs::write(folder.path().join("c/0"), [&[1, 2, 3, 4][..], &index].concat()).unwrap();
            let error = file.read(&line(0..8), &mut [9; 8]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Data, "{start} {bytes}: {error}");
            let told = format!(
                "is torn: chunk [0] has {bytes} bytes from byte {start} on, but the file 36"
            );
            assert!(error.to_string().ends_with(&told), "{error}");
        }
    }
}

/// A shard that was replaced, or changed where it is, is read anew.
#[test]
fn a_changed_shard_is_read_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    describe(
        folder.path(),
        &json!([{ "name": "sharding_indexed", "configuration": {
            "chunk_shape": [4], "codecs": codecs(&["bytes"]),
            "index_codecs": [{ "name": "bytes", "configuration": { "endian": "little" } }],
        }}]),
    );
    let file = ZarrArray::<u8>::open(folder.path()).unwrap();
    let path = folder.path().join("c/0");
    let shard = |places: [u64; 4]| {
        [&[1, 2, 3, 4, 5, 6, 7, 8][..], &places.map(u64::to_le_bytes).concat()].concat()
    };
    // However long the test takes.
    let now = SystemTime::now() + Duration::from_secs(3600);
    let mut out = [0; 8];
    for _ in 0..3 {
        fs::write(&path, shard([0, 4, 4, 4])).unwrap();
        file.read(&line(0..8), &mut out).unwrap();
        assert_eq!(out, [1, 2, 3, 4, 5, 6, 7, 8]);
        // Another file of the same length.
        fs::write(folder.path().join("new"), shard([4, 4, 0, 4])).unwrap();
        fs::rename(folder.path().join("new"), &path).unwrap();
        file.read(&line(0..8), &mut out).unwrap();
        assert_eq!(out, [5, 6, 7, 8, 1, 2, 3, 4]);
        // Changed where it is, within one step of the clock.
        for (places, numbers) in
            [([0, 4, 4, 4], [1, 2, 3, 4, 5, 6, 7, 8]), ([4, 4, 0, 4], [5, 6, 7, 8, 1, 2, 3, 4])]
        {
            fs::write(&path, shard(places)).unwrap();
            let changed = fs::File::options().write(true).open(&path).unwrap();
            changed.set_modified(now).unwrap();
            file.read(&line(0..8), &mut out).unwrap();
            assert_eq!(out, numbers);
        }
        // One that is longer.
        fs::write(&path, [shard([0, 4, 4, 4]), shard([0, 4, 0, 4])].concat()).unwrap();
        file.read(&line(0..8), &mut out).unwrap();
        assert_eq!(out, [1, 2, 3, 4, 1, 2, 3, 4]);
        fs::remove_file(&path).unwrap();
        file.read(&line(0..8), &mut out).unwrap();
        assert_eq!(out, [0; 8]);
    }
}

#[cfg(target_os = "linux")]
fn pipe(path: &Path) {
    let _ = fs::remove_file(path);
    let mode = rustix::fs::Mode::from_raw_mode(0o600);
    rustix::fs::mknodat(rustix::fs::CWD, path, rustix::fs::FileType::Fifo, mode, 0).unwrap();
}

/// Nobody writes to these pipes, so that reading one would never end.
#[cfg(target_os = "linux")]
#[test]
fn pipes_devices_and_sockets_are_no_files() {
    let folder = tempfile::tempdir().unwrap();
    let told = |error: &Error| {
        assert_eq!(error.kind(), ErrorKind::Io, "{error}");
        assert!(error.to_string().ends_with("is no regular file"), "{error}");
    };
    let irregular: [&dyn Fn(&Path); 3] =
        [&pipe, &|path| std::os::unix::fs::symlink("/dev/zero", path).unwrap(), &|path| {
            drop(std::os::unix::net::UnixListener::bind(path).unwrap());
        }];
    for (number, make) in irregular.into_iter().enumerate() {
        let path = folder.path().join(number.to_string());
        describe(&path, &codecs(&["bytes"]));
        make(&path.join("c/0"));
        let file = ZarrArray::<u8>::open(&path).unwrap();
        told(&file.read(&line(0..8), &mut [0; 8]).unwrap_err());
        fs::remove_file(path.join("zarr.json")).unwrap();
        make(&path.join("zarr.json"));
        told(&refusal::<u8>(&path));
        told(&ZarrGroup::open(&path).map(drop).unwrap_err());
        // An array of version 2 whose attributes are one, or that has one beside it.
        let old = json!({
            "zarr_format": 2, "shape": [1], "chunks": [1], "dtype": "|u1", "order": "C",
            "fill_value": 0, "filters": null, "compressor": null,
        });
        fs::write(path.join(".zarray"), old.to_string()).unwrap();
        told(&refusal::<u8>(&path));
        fs::remove_file(path.join("zarr.json")).unwrap();
        ZarrArray::<u8>::open(&path).unwrap();
        make(&path.join(".zattrs"));
        told(&refusal::<u8>(&path));
        fs::remove_file(path.join(".zarray")).unwrap();
        make(&path.join(".zgroup"));
        told(&ZarrGroup::open(&path).map(drop).unwrap_err());
    }
}

/// What unpacks Blosc says of itself how long its blocks are, up to all of a chunk.
#[test]
fn blocks_as_long_as_a_chunk_are_counted() {
    let folder = tempfile::tempdir().unwrap();
    let memory = |name: &str| {
        describe(folder.path(), &codecs(&["bytes", name]));
        ZarrArray::<u8>::open(folder.path()).unwrap().memory()
    };
    // What was packed, and then what comes of it with two blocks.
    assert_eq!(memory("blosc") - memory("zstd"), 2 * 8);
}

/// Each array keeps indices of its own.
#[test]
fn indices_are_counted_of_all_arrays_that_are_read() {
    let peak = |codecs: &Value| {
        let folders = [(); 2].map(|()| tempfile::tempdir().unwrap());
        let arrays = folders.each_ref().map(|folder| {
            describe(folder.path(), codecs);
            ZarrArray::<u8>::open(folder.path()).unwrap()
        });
        let kept: usize = arrays.iter().map(|array| array.kept()).sum();
        let [x, y] = arrays.map(|array| Array::<u8, Ix1>::from_source(array, 8));
        (Settings::new().threads(1).plan(&(x + y).sum()).unwrap().peak_memory(), kept)
    };
    let plain = peak(&codecs(&["bytes"]));
    let sharded = peak(&json!([{ "name": "sharding_indexed", "configuration": {
        "chunk_shape": [1], "codecs": codecs(&["bytes"]),
        "index_codecs": [{ "name": "bytes", "configuration": { "endian": "little" } }],
    }}]));
    assert_eq!((plain.1, sharded.1), (0, 2 * 7 * 8 * 16));
    // While they are read, and afterwards.
    assert_eq!(sharded.0, plain.0 + 2 * sharded.1);
}

/// Metadata of a length that none have: the file has a hole.
#[test]
fn metadata_without_an_end_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = fs::File::create(folder.path().join("zarr.json")).unwrap();
    file.set_len(1 << 34).unwrap();
    for error in [refusal::<u8>(folder.path()), ZarrGroup::open(folder.path()).unwrap_err()] {
        assert_eq!(error.kind(), ErrorKind::Data);
        assert!(error.to_string().contains("more than the"), "{error}");
    }
    // Those of an array are shorter than those of a group, which may have those of all its arrays.
    file.set_len((16 << 20) + 1).unwrap();
    let error = refusal::<u8>(folder.path());
    assert!(error.to_string().contains("16777217 bytes, more than the 16777216"), "{error}");
    let error = ZarrGroup::open(folder.path()).unwrap_err();
    assert!(error.to_string().contains("is no JSON"), "{error}");
}
