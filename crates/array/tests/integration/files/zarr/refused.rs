//! What is no array, or is one that is broken.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tenfold_array::{
    ErrorKind, Source, Target, ZarrArray, ZarrCompressor, ZarrOptions, ZarrVersion, ZarrWriter,
};

use super::{line, refusal, write};

/// An array of two chunks, whose metadata are changed.
fn changed(folder: &Path, change: impl Fn(&mut Value)) {
    let path = folder.join("x");
    if !path.exists() {
        let options = ZarrOptions::<f32>::new();
        write(&path, &[6], &[3], &options).unwrap();
        fs::copy(path.join("zarr.json"), folder.join("before")).unwrap();
    }
    let mut about = serde_json::from_slice(&fs::read(folder.join("before")).unwrap()).unwrap();
    change(&mut about);
    fs::write(path.join("zarr.json"), about.to_string()).unwrap();
}

#[test]
fn folders_that_are_no_arrays() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x");
    let name = path.display();
    let error = refusal::<f32>(&path);
    assert_eq!(
        (error.kind(), error.to_string()),
        (ErrorKind::Io, format!("Zarr array `{name}` cannot be opened"))
    );
    fs::create_dir(&path).unwrap();
    let told =
        format!("Zarr array `{name}` is none: its folder has neither `zarr.json` nor `.zarray`");
    assert_eq!(refusal::<f32>(&path).to_string(), told);
    for text in ["", "{", "[]", "null", "{}", "{\"zarr_format\": 3}", "\u{0}"] {
        fs::write(path.join("zarr.json"), text).unwrap();
        let error = refusal::<f32>(&path);
        assert_eq!(error.kind(), ErrorKind::Data, "{text}: {error}");
        assert!(
            error.to_string().starts_with(&format!("Zarr array `{name}` cannot be read: ")),
            "{error}"
        );
    }
    fs::write(path.join("zarr.json"), r#"{"zarr_format": 3, "node_type": "group"}"#).unwrap();
    assert_eq!(refusal::<f32>(&path).kind(), ErrorKind::Data);
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    assert_eq!(refusal::<f32>(&file).kind(), ErrorKind::Data);
}

#[test]
fn metadata_that_cannot_be() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x");
    let refused = |kind, change: &dyn Fn(&mut Value)| {
        changed(folder.path(), change);
        let error = refusal::<f32>(&path);
        assert_eq!(error.kind(), kind, "{error}");
        error.to_string()
    };
    let told = refused(ErrorKind::Data, &|about| about["data_type"] = json!("float64"));
    assert_eq!(
        told,
        format!("Zarr array `{}` has elements of float64, not of float32", path.display())
    );
    let told = refused(ErrorKind::Unsupported, &|about| about["data_type"] = json!("float16"));
    assert!(told.ends_with("has elements of type `float16`, which no array here has"), "{told}");
    refused(ErrorKind::Unsupported, &|about| about["data_type"] = json!("thing"));
    refused(ErrorKind::Unsupported, &|about| about["codecs"][1]["name"] = json!("magic"));
    refused(ErrorKind::Unsupported, &|about| about["extra"] = json!({ "must_understand": true }));
    refused(ErrorKind::Data, &|about| about["fill_value"] = json!("much"));
    refused(ErrorKind::Data, &|about| about["shape"] = json!([6, 2]));
    refused(ErrorKind::Data, &|about| about["shape"] = json!([-1]));
    refused(ErrorKind::Data, &|about| about["shape"] = json!([1_u64 << 62]));
    refused(ErrorKind::Data, &|about| {
        about["chunk_grid"]["configuration"]["chunk_shape"] = json!([0]);
    });
    refused(ErrorKind::Data, &|about| {
        about["chunk_grid"]["configuration"]["chunk_shape"] = json!([1_u64 << 62]);
    });
    refused(ErrorKind::Data, &|about| {
        about["chunk_grid"]["configuration"]["chunk_shape"] = json!([3, 3]);
    });
    refused(ErrorKind::Data, &|about| about["dimension_names"] = json!(["a", "b"]));
}

#[test]
fn chunks_that_are_torn() {
    for compressor in [
        ZarrCompressor::None,
        ZarrCompressor::Zstd,
        ZarrCompressor::Gzip(1),
        ZarrCompressor::BloscLz4(5),
        ZarrCompressor::BloscZstd(5),
    ] {
        for version in [ZarrVersion::V2, ZarrVersion::V3] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("x");
            let options = ZarrOptions::<f64>::new().compressor(compressor).version(version);
            write(&path, &[40], &[20], &options).unwrap();
            let name = if version == ZarrVersion::V2 { "1" } else { "c/1" };
            let bytes = fs::read(path.join(name)).unwrap();
            let file = ZarrArray::<f64>::open(&path).unwrap();
            let mut out = [0.0; 40];
            for len in 0..bytes.len() {
                fs::write(path.join(name), &bytes[..len]).unwrap();
                let error = file.read(&line(0..40), &mut out).unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Data, "{compressor:?} {len}: {error}");
                assert!(
                    error.to_string().starts_with(&format!("chunk `{name}` of Zarr array `")),
                    "{error}"
                );
                // The other chunk is whole.
                file.read(&line(0..20), &mut out[..20]).unwrap();
            }
            fs::write(path.join(name), vec![0; 100_000]).unwrap();
            assert_eq!(file.read(&line(0..40), &mut out).unwrap_err().kind(), ErrorKind::Data);
            fs::remove_file(path.join(name)).unwrap();
            fs::create_dir(path.join(name)).unwrap();
            assert_eq!(file.read(&line(0..40), &mut out).unwrap_err().kind(), ErrorKind::Io);
        }
    }
}

#[test]
fn shards_that_are_torn() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x");
    write(&path, &[40], &[10], &ZarrOptions::<f64>::new().shard(&[40])).unwrap();
    let bytes = fs::read(path.join("c/0")).unwrap();
    let file = ZarrArray::<f64>::open(&path).unwrap();
    let mut out = [0.0; 40];
    file.read(&line(0..40), &mut out).unwrap();
    for len in 0..bytes.len() {
        fs::write(path.join("c/0"), &bytes[..len]).unwrap();
        let error = file.read(&line(0..40), &mut out).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Data, "{len}: {error}");
    }
}

#[test]
fn bools_that_are_none() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x");
    let options = ZarrOptions::<bool>::new().compressor(ZarrCompressor::None);
    write(&path, &[4], &[4], &options).unwrap();
    fs::write(path.join("c/0"), [0, 1, 2, 0]).unwrap();
    let error =
        ZarrArray::<bool>::open(&path).unwrap().read(&line(0..4), &mut [false; 4]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Data);
    assert!(error.to_string().contains("holds something else than bool"), "{error}");
}

#[test]
fn options_that_do_not_go_together() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x");
    let kind = |shape: &[usize], chunk: &[usize], options: &ZarrOptions<f32>| {
        let error = ZarrWriter::create_with(&path, shape, chunk, options).unwrap_err();
        assert!(fs::read_dir(folder.path()).unwrap().next().is_none(), "{error}");
        error.kind()
    };
    let plain = ZarrOptions::new;
    assert_eq!(kind(&[4], &[0], &plain()), ErrorKind::Chunks);
    assert_eq!(kind(&[4], &[1, 1], &plain()), ErrorKind::Shape);
    assert_eq!(kind(&[4], &[2], &plain().shard(&[3])), ErrorKind::Chunks);
    assert_eq!(kind(&[4], &[2], &plain().shard(&[4, 4])), ErrorKind::Chunks);
    assert_eq!(
        kind(&[4], &[2], &plain().shard(&[4]).version(ZarrVersion::V2)),
        ErrorKind::Unsupported
    );
    assert_eq!(
        kind(&[4], &[2], &plain().checksum().version(ZarrVersion::V2)),
        ErrorKind::Unsupported
    );
    assert_eq!(kind(&[4], &[2], &plain().dimension_names(&["a", "b"])), ErrorKind::Shape);
    assert_eq!(kind(&[4], &[2], &plain().compressor(ZarrCompressor::Gzip(10))), ErrorKind::Value);
    assert_eq!(
        kind(&[4], &[2], &plain().compressor(ZarrCompressor::ZstdLevel(23))),
        ErrorKind::Value
    );
    assert_eq!(kind(&[usize::MAX], &[2], &plain()), ErrorKind::Data);
    assert_eq!(kind(&[4], &[usize::MAX], &plain()), ErrorKind::Data);
}

#[test]
fn names_that_are_taken() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x");
    let writer = ZarrWriter::<u8>::create(&path, &[1], &[1]).unwrap();
    fs::create_dir(&path).unwrap();
    writer.write(&line(0..1), &[1]).unwrap();
    let error = writer.finish().unwrap_err();
    assert!(error.to_string().ends_with("something has that name already"), "{error}");
    assert_eq!(ZarrWriter::<u8>::create(&path, &[1], &[1]).unwrap_err().kind(), ErrorKind::Io);
    // Nothing is left but what was there.
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    assert_eq!(ZarrWriter::<u8>::create("/proc/x", &[1], &[1]).unwrap_err().kind(), ErrorKind::Io);
    let missing = folder.path().join("none/x");
    assert_eq!(ZarrWriter::<u8>::create(missing, &[1], &[1]).unwrap_err().kind(), ErrorKind::Io);
}
