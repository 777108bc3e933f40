//! Arrays whose files are written out here, byte by byte, by the text of the format: zarr-specs, core v3.0 and v2,
//! and the codecs `transpose`, `sharding_indexed` and `crc32c`.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tenfold_array::ndarray::{ArrayD, array};
use tenfold_array::{Source, ZarrArray, ZarrVersion};

use super::super::{part, whole};
use super::{line, window};

fn put(folder: &Path, name: &str, bytes: impl AsRef<[u8]>) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

fn version_3(dtype: &str, shape: &[usize], chunk: &[usize], fill: Value, codecs: Value) -> String {
    json!({
        "zarr_format": 3, "node_type": "array", "shape": shape, "data_type": dtype,
        "chunk_grid": { "name": "regular", "configuration": { "chunk_shape": chunk } },
        "chunk_key_encoding": { "name": "default", "configuration": { "separator": "/" } },
        "fill_value": fill, "codecs": codecs,
    })
    .to_string()
}

/// Two chunks, of which the second ends behind the array, and one that is missing.
#[test]
fn version_3_with_a_ragged_chunk_and_a_missing_one() {
    let folder = tempfile::tempdir().unwrap();
    let codecs = json!([{ "name": "bytes", "configuration": { "endian": "big" } }]);
    put(folder.path(), "zarr.json", version_3("int16", &[3, 2], &[2, 2], json!(-7), codecs));
    put(folder.path(), "c/1/0", [0, 5, 0, 6, 0x12, 0x34, 0x12, 0x34]);
    let file = ZarrArray::<i16>::open(folder.path()).unwrap();
    assert_eq!((file.version(), file.fill_value()), (ZarrVersion::V3, -7));
    assert_eq!(whole(&file), array![[-7, -7], [-7, -7], [5, 6]].into_dyn());
    assert_eq!(part(&file, &window([1..3, 1..2])), array![[-7], [6]].into_dyn());
}

/// An end of names that leads elsewhere is no end.
#[test]
fn chunks_outside_of_the_folder_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let codecs = json!([{ "name": "bytes" }]);
    let mut about: Value =
        serde_json::from_str(&version_3("uint8", &[2], &[2], json!(0), codecs)).unwrap();
    for (suffix, is_refused) in [("/../../../secret", true), (".bin", false)] {
        about["chunk_key_encoding"] =
            json!({ "name": "zarrs.default_suffix", "configuration": { "suffix": suffix } });
        put(folder.path(), "in/zarr.json", about.to_string());
        put(folder.path(), "in/c/0.bin", [1, 2]);
        put(folder.path(), "secret", [7, 7]);
        match ZarrArray::<u8>::open(folder.path().join("in")) {
            Ok(file) => {
                assert!(!is_refused);
                assert_eq!(whole(&file), array![1, 2].into_dyn());
            }
            Err(error) => {
                assert!(is_refused, "{error}");
                assert!(error.to_string().contains("which is not in its folder"), "{error}");
            }
        }
    }
}

#[test]
fn version_2_in_column_major_order_with_points_and_slashes() {
    for (separator, name) in [(".", "0.1"), ("/", "0/1")] {
        let folder = tempfile::tempdir().unwrap();
        let about = json!({
            "zarr_format": 2, "shape": [2, 5], "chunks": [2, 3], "dtype": "<u2", "order": "F", "fill_value": 9,
            "filters": null, "compressor": null, "dimension_separator": separator,
        });
        put(folder.path(), ".zarray", about.to_string());
        put(folder.path(), ".zattrs", r#"{"_ARRAY_DIMENSIONS": ["row", "column"], "a": [1]}"#);
        // Columns one after another: 13 23, 14 24, and what lies behind the array.
        put(folder.path(), name, [13, 0, 23, 0, 14, 0, 24, 0, 255, 255, 255, 255]);
        let file = ZarrArray::<u16>::open(folder.path()).unwrap();
        assert_eq!(file.version(), ZarrVersion::V2);
        assert_eq!(file.attributes()["a"], json!([1]));
        assert_eq!(file.dimension_names(), [Some("row".to_owned()), Some("column".to_owned())]);
        assert_eq!(whole(&file), array![[9, 9, 9, 13, 14], [9, 9, 9, 23, 24]].into_dyn());
        assert_eq!(part(&file, &window([1..2, 2..4])), array![[9, 23]].into_dyn());
    }
}

#[test]
fn scalars_nulls_and_big_numbers_of_version_2() {
    let folder = tempfile::tempdir().unwrap();
    let about = json!({
        "zarr_format": 2, "shape": [], "chunks": [], "dtype": ">f8", "order": "C", "fill_value": null,
        "filters": null, "compressor": null,
    });
    put(folder.path(), ".zarray", about.to_string());
    let file = ZarrArray::<f64>::open(folder.path()).unwrap();
    assert_eq!(whole(&file), ArrayD::from_elem(vec![], 0.0));
    put(folder.path(), "0", 2.5_f64.to_be_bytes());
    assert_eq!(whole(&file), ArrayD::from_elem(vec![], 2.5));
}

/// A filter that makes bytes of numbers, before they are packed: there are fewer than the elements have.
#[test]
fn tenths_in_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let codecs = json!([
        { "name": "numcodecs.fixedscaleoffset",
          "configuration": { "offset": 0, "scale": 10, "dtype": "f8", "astype": "u1" } },
        { "name": "bytes" },
        { "name": "numcodecs.zlib", "configuration": { "level": 1 } },
    ]);
    put(folder.path(), "zarr.json", version_3("float64", &[3], &[3], json!(0.0), codecs));
    // RFC 1950 and 1951: a block that is stored, and the sums of Adler.
    let stream = [0x78, 1, 1, 3, 0, 0xfc, 0xff, 10, 20, 35, 0, 0x6c, 0, 0x42];
    put(folder.path(), "c/0", stream);
    let file = ZarrArray::<f64>::open(folder.path()).unwrap();
    assert_eq!(whole(&file), array![1.0, 2.0, 3.5].into_dyn());
}

/// A shard of four chunks of two numbers: the third is missing, and the last lies before the first.
#[test]
fn a_shard_with_its_index_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = json!([{ "name": "bytes", "configuration": { "endian": "little" } }]);
    let sharding = |location: &str| {
        json!([{ "name": "sharding_indexed", "configuration": {
            "chunk_shape": [1, 2], "codecs": bytes, "index_codecs": bytes, "index_location": location,
        }}])
    };
    let index = |first: u64| -> Vec<u8> {
        let places = [[first + 4, 4], [first + 8, 4], [u64::MAX; 2], [first, 4]];
        places.concat().iter().flat_map(|place| place.to_le_bytes()).collect()
    };
    let chunks = [7_u16, 8, 1, 2, 3, 4].map(u16::to_le_bytes).concat();
    put(folder.path(), "c/0/0", [index(64), chunks.clone()].concat());
    put(
        folder.path(),
        "zarr.json",
        version_3("uint16", &[2, 4], &[2, 4], json!(0), sharding("start")),
    );
    let expected = array![[1, 2, 3, 4], [0, 0, 7, 8]].into_dyn();
    let file = ZarrArray::<u16>::open(folder.path()).unwrap();
    assert_eq!(whole(&file), expected);
    assert_eq!(file.chunks().unwrap().counts().as_slice(), [2, 2]);
    assert_eq!(part(&file, &window([1..2, 1..4])), array![[0, 7, 8]].into_dyn());

    put(folder.path(), "c/0/0", [chunks, index(0)].concat());
    put(
        folder.path(),
        "zarr.json",
        version_3("uint16", &[2, 4], &[2, 4], json!(0), sharding("end")),
    );
    assert_eq!(whole(&ZarrArray::<u16>::open(folder.path()).unwrap()), expected);
}

/// The checksum of "123456789" that all tables of CRC32C have: e3069283.
#[test]
fn a_checksum_that_is_right_and_one_that_is_not() {
    let folder = tempfile::tempdir().unwrap();
    put(
        folder.path(),
        "zarr.json",
        version_3(
            "uint8",
            &[9],
            &[9],
            json!(0),
            json!([{ "name": "bytes" }, { "name": "crc32c" }]),
        ),
    );
    put(folder.path(), "c/0", b"123456789\x83\x92\x06\xe3");
    let file = ZarrArray::<u8>::open(folder.path()).unwrap();
    assert_eq!(whole(&file).into_raw_vec_and_offset().0, b"123456789");
    put(folder.path(), "c/0", b"123456780\x83\x92\x06\xe3");
    let error = file.read(&line(0..9), &mut [0; 9]).unwrap_err();
    assert!(error.to_string().contains("chunk `c/0` of Zarr array"), "{error}");
}

/// Axes in another order than memory has them, which are not all turned round.
#[test]
fn three_axes_transposed() {
    let folder = tempfile::tempdir().unwrap();
    let codecs = json!([
        { "name": "transpose", "configuration": { "order": [1, 2, 0] } },
        { "name": "bytes", "configuration": { "endian": "little" } },
    ]);
    put(folder.path(), "zarr.json", version_3("uint8", &[2, 1, 3], &[2, 1, 3], json!(0), codecs));
    // Of shape [1, 3, 2] in the file: element [b, c, a] is [a, b, c] of the array.
    put(folder.path(), "c/0/0/0", [1, 4, 2, 5, 3, 6]);
    let file = ZarrArray::<u8>::open(folder.path()).unwrap();
    assert_eq!(whole(&file), array![[[1, 2, 3]], [[4, 5, 6]]].into_dyn());
}
