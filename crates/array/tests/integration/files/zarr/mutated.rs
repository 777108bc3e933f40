//! Arrays that somebody has changed in several places: they are read, or refused by their name; and nothing else.

use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use proptest::sample::Index;
use tenfold_array::{
    ErrorKind, Source, Window, ZarrArray, ZarrCompressor, ZarrOptions, ZarrVersion,
};

use super::write;

/// Words for metadata, and bytes for chunks.
const WORDS: [&str; 26] = [
    "0",
    "-1",
    "1e400",
    "18446744073709551615",
    "4611686018427387904",
    "3",
    "null",
    "[]",
    "{}",
    "\"\"",
    "[0]",
    "[3,3]",
    "true",
    "\"bytes\"",
    "\"zstd\"",
    "\"blosc\"",
    "\"transpose\"",
    "\"sharding_indexed\"",
    "\"NaN\"",
    "\"0x7ff\"",
    "\"float32\"",
    "\"crc32c\"",
    "\"order\"",
    "\"index_codecs\"",
    "\"F\"",
    "\"big\"",
];

#[derive(Debug, Clone)]
enum Change {
    Flip(Index, u8),
    Cut(Index),
    Remove(Index, usize),
    /// One of the words where another word of a text, or anything of other files, stood.
    Word(Index, &'static str),
    Number(Index, u64),
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let at = any::<Index>;
    let number = prop_oneof![
        0..300_u64,
        (0..9_u64).prop_map(|less| u64::MAX - less),
        (0..64_u32).prop_map(|bits| 1 << bits)
    ];
    let change = prop_oneof![
        2 => (at(), any::<u8>()).prop_map(|(at, by)| Change::Flip(at, by)),
        1 => at().prop_map(Change::Cut),
        1 => (at(), 1..20_usize).prop_map(|(at, count)| Change::Remove(at, count)),
        4 => (at(), prop::sample::select(&WORDS[..])).prop_map(|(at, word)| Change::Word(at, word)),
        2 => (at(), number).prop_map(|(at, number)| Change::Number(at, number)),
    ];
    prop::collection::vec(change, 1..4)
}

/// Where the words of a text begin and end.
fn words(bytes: &[u8]) -> Vec<std::ops::Range<usize>> {
    let is_word = |byte: u8| !b" ,:[]{}\n".contains(&byte);
    let mut found: Vec<std::ops::Range<usize>> = vec![];
    for (at, &byte) in bytes.iter().enumerate() {
        match found.last_mut().filter(|word| word.end == at) {
            Some(word) if is_word(byte) => word.end = at + 1,
            _ if is_word(byte) => found.push(at..at + 1),
            _ => {}
        }
    }
    found
}

fn change(bytes: &mut Vec<u8>, by: &Change) {
    if bytes.is_empty() {
        return;
    }
    match by {
        Change::Flip(at, by) => {
            let at = at.index(bytes.len());
            bytes[at] ^= by;
        }
        Change::Cut(at) => bytes.truncate(at.index(bytes.len())),
        Change::Remove(at, count) => {
            let at = at.index(bytes.len());
            bytes.drain(at..(at + count).min(bytes.len()));
        }
        Change::Word(at, word) => {
            let words = words(bytes);
            if let Some(old) = (!words.is_empty()).then(|| words[at.index(words.len())].clone()) {
                bytes.splice(old, word.bytes());
            }
        }
        Change::Number(at, number) => {
            let at = at.index(bytes.len());
            for (byte, new) in bytes[at..].iter_mut().zip(number.to_le_bytes()) {
                *byte = new;
            }
        }
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all = vec![];
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { all.extend(files(&path)) } else { all.push(path) }
    }
    all.sort();
    all
}

/// What comes of it: elements, or an error of its own sort and with its name.
fn reads(path: &Path) -> Result<(), TestCaseError> {
    let told = |error: tenfold_array::Error| {
        let sorts = [ErrorKind::Data, ErrorKind::Unsupported, ErrorKind::Io, ErrorKind::Memory];
        prop_assert!(sorts.contains(&error.kind()), "{error:?}");
        prop_assert!(error.to_string().contains("Zarr array `"), "{error}");
        Ok(())
    };
    let file = match ZarrArray::<f32>::open(path) {
        Ok(file) => file,
        Err(error) => return told(error),
    };
    // As much as the array here has of what may have become large.
    let shape: Vec<usize> = file.shape().iter().map(|&len| len.min(9)).collect();
    let window = Window::whole(&shape);
    if window.len() > 1 << 16 {
        return Ok(());
    }
    let mut out = vec![0.0; window.len()];
    file.read(&window, &mut out).map_or_else(told, Ok)
}

const COMPRESSORS: [ZarrCompressor; 5] = [
    ZarrCompressor::None,
    ZarrCompressor::Zstd,
    ZarrCompressor::Gzip(3),
    ZarrCompressor::BloscLz4(3),
    ZarrCompressor::BloscZstd(3),
];

fn mutate(cases: u32) {
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let kind = (prop::sample::select(&COMPRESSORS[..]), 0..4_usize);
    runner
        .run(
            &(kind, prop::collection::vec((any::<Index>(), changes()), 1..3)),
            |((compressor, kind), changes)| {
                let folder = tempfile::tempdir().unwrap();
                let path = folder.path().join("x");
                let options = ZarrOptions::<f32>::new().compressor(compressor).fill_value(0.5);
                let options = match kind {
                    0 => options.version(ZarrVersion::V2),
                    1 => options.shard(&[6, 6]),
                    2 => options.checksum(),
                    _ => options.dimension_names(&["a", "b"]),
                };
                write(&path, &[6, 7], &[3, 3], &options).unwrap();
                // The metadata as often as all chunks together.
                let all = files(&path);
                let about: Vec<_> = all
                    .iter()
                    .filter(|path| {
                        let name = path.file_name().unwrap().to_string_lossy();
                        name == "zarr.json" || name == ".zarray"
                    })
                    .cloned()
                    .collect();
                for (file, changes) in changes {
                    let among = if file.index(2) == 0 { &about } else { &all };
                    let file = &among[file.index(among.len())];
                    let mut bytes = fs::read(file).unwrap();
                    changes.iter().for_each(|by| change(&mut bytes, by));
                    fs::write(file, bytes).unwrap();
                }
                reads(&path)
            },
        )
        .unwrap();
}

#[test]
fn what_was_changed_is_read_or_refused() {
    mutate(400);
}

#[test]
#[ignore = "long: minutes of changes"]
fn what_was_changed_a_hundred_thousand_times() {
    mutate(100_000);
}
