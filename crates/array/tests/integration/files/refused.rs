//! What is refused, and in which words.

#![expect(clippy::single_range_in_vec_init, reason = "windows of one axis")]

use std::fs;
use std::path::Path;

use tenfold_array::{
    ByteOrder, Element, Error, ErrorKind, NpyFile, NpyHeader, NpyWriter, NpzFile, NpzWriter,
    RawFile, RawWriter, Result, ScratchFile, Source, Target, Window,
};

use super::golden::golden;

/// The sort of an error, and what it says, without the folder.
fn told<T: std::fmt::Debug>(folder: &Path, result: Result<T>) -> (ErrorKind, String) {
    let error: Error = result.unwrap_err();
    let folder = format!("{}/", folder.display());
    (error.kind(), format!("{error:#}").replace(&folder, ""))
}

fn folder() -> (tempfile::TempDir, impl Fn(&str, &[u8]) -> std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_owned();
    let put = move |name: &str, bytes: &[u8]| {
        let file = path.join(name);
        // Some file systems wait for the disk when a file is written over, but not when it is new.
        let _ = fs::remove_file(&file);
        fs::write(&file, bytes).unwrap();
        file
    };
    (folder, put)
}

macro_rules! refused {
    ($folder:expr, $result:expr, $kind:ident, $text:expr) => {
        assert_eq!(told($folder.path(), $result), (ErrorKind::$kind, $text.to_owned()))
    };
}

#[test]
fn files_that_are_no_arrays() {
    let (folder, put) = folder();
    let float64 = fs::read(golden("float64.npy")).unwrap();
    let open = |name: &str| NpyFile::<f64>::open(folder.path().join(name));

    refused!(
        folder,
        open("none.npy"),
        Io,
        "file `none.npy` cannot be opened: No such file or directory (os error 2)"
    );
    fs::create_dir(folder.path().join("sub")).unwrap();
    refused!(folder, open("sub"), Io, "file `sub` is no regular file");
    put("text.npy", b"1 2 3\n");
    refused!(
        folder,
        open("text.npy"),
        Data,
        "file `text.npy` is no npy file: it begins with `1 2 3\\n`"
    );
    put("torn.npy", &float64[..170]);
    refused!(
        folder,
        open("torn.npy"),
        Data,
        "file `torn.npy` is torn: float64 of shape [2, 3] from byte 128 on take it to 176 bytes, but it has 170"
    );
    put("head.npy", &float64[..100]);
    refused!(
        folder,
        open("head.npy"),
        Data,
        "file `head.npy` is torn: its header takes at least 128 bytes, but it has 100"
    );
    put("float64.npy", &float64);
    refused!(
        folder,
        NpyFile::<f32>::open(folder.path().join("float64.npy")),
        Data,
        "file `float64.npy` has elements of float64, not of float32"
    );
    let with = |from: &str, to: &str| {
        let text = float64.iter().map(|&byte| char::from(byte)).collect::<String>();
        text.replace(from, to).chars().map(|c| u8::try_from(c).unwrap()).collect::<Vec<_>>()
    };
    put("half.npy", &with("<f8", "<f2"));
    refused!(
        folder,
        open("half.npy"),
        Unsupported,
        "file `half.npy` has elements of type `<f2`, which no array here has"
    );
    put("wide.npy", &with("(2, 3), }                    ", "(4294967296, 4294967296), }  "));
    refused!(
        folder,
        open("wide.npy"),
        Data,
        "file `wide.npy` has shape [4294967296, 4294967296], which is more than can be counted"
    );
    put("long.npy", &with("(2, 3), }    ", "(2000000, 3)}"));
    refused!(
        folder,
        open("long.npy"),
        Data,
        "file `long.npy` is torn: float64 of shape [2000000, 3] from byte 128 on take it to 48000128 bytes, but it has 176"
    );
    put("bool.npy", &[&fs::read(golden("bool.npy")).unwrap()[..128], &[1, 0, 1, 1, 7, 0]].concat());
    let bools = NpyFile::<bool>::open(folder.path().join("bool.npy")).unwrap();
    refused!(
        folder,
        bools.read(&Window::new(&[1..2, 0..3]), &mut [false; 3]),
        Data,
        "file `bool.npy` holds something else than bool in [1..2, 0..3]: byte 7 of element 1 is no bool, which is 0 or 1"
    );
    // A pipe, whose opening would wait for one who writes.
    let pipe = folder.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    refused!(folder, NpyHeader::open(&pipe), Io, "file `pipe` is no regular file");
    refused!(folder, NpzFile::open(&pipe), Io, "file `pipe` is no regular file");
    // Nor does a file take its place.
    refused!(
        folder,
        NpyWriter::<u8>::create(&pipe, &[2]),
        Io,
        "file `pipe` cannot be written: it is no regular file"
    );
    assert!(!fs::metadata(&pipe).unwrap().is_file());
}

#[test]
fn windows_that_are_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let source = NpyFile::<f64>::open(golden("float64.npy")).unwrap();
    let name = format!("file `{}`", golden("float64.npy").display());
    let read = |window: &[std::ops::Range<usize>], count: usize| {
        source.read(&Window::new(window), &mut vec![0.0; count])
    };
    refused!(
        folder,
        read(&[0..2], 2),
        Shape,
        format!("argument `window` has 1 axes, but {name} has 2")
    );
    refused!(
        folder,
        read(&[0..2, 1..4], 6),
        Index,
        format!(
            "argument `window` takes 3 elements from index 1 on of axis 1, but {name} has 3 there"
        )
    );
    refused!(
        folder,
        read(&[usize::MAX - 1..usize::MAX, 0..3], 3),
        Index,
        format!(
            "argument `window` takes 1 elements from index {} on of axis 0, but {name} has 2 there",
            usize::MAX - 1
        )
    );
    refused!(
        folder,
        read(&[0..2, 0..3], 5),
        Shape,
        "the slice has 5 elements, but argument `window` [0..2, 0..3] has 6"
    );
    let scratch = ScratchFile::<u8>::create(folder.path(), &[4]).unwrap();
    let subject = format!("a scratch file in `{}`", folder.path().display());
    let result = scratch.write(&Window::new(&[2..5]), &[0; 3]);
    assert_eq!(
        result.unwrap_err().to_string(),
        format!(
            "argument `window` takes 3 elements from index 2 on of axis 0, but {subject} has 4 there"
        )
    );
    let result = scratch.release(&Window::new(&[0..usize::MAX]));
    assert_eq!(result.unwrap_err().kind(), ErrorKind::Index);
}

#[test]
fn raw_files_that_are_short() {
    let (folder, put) = folder();
    let path = put("a.raw", &[0; 20]);
    refused!(
        folder,
        RawFile::<u32>::open(&path, 4, &[5], ByteOrder::Native),
        Data,
        "file `a.raw` is torn: uint32 of shape [5] from byte 4 on take it to 24 bytes, but it has 20"
    );
    refused!(
        folder,
        RawFile::<u32>::open(&path, u64::MAX, &[1], ByteOrder::Native),
        Data,
        "file `a.raw` has shape [1], which is more than can be counted"
    );
    assert!(RawFile::<u32>::open(&path, 4, &[4], ByteOrder::Native).is_ok());
    assert!(RawFile::<u32>::open(&path, 20, &[0], ByteOrder::Native).is_ok());
}

#[test]
fn archives_that_are_damaged() {
    let (folder, put) = folder();
    let stored = fs::read(golden("stored.npz")).unwrap();
    let deflated = fs::read(golden("deflated.npz")).unwrap();
    refused!(
        folder,
        NpzFile::open(put("a.npz", b"no archive, whatever its name is")),
        Data,
        "file `a.npz` is no npz file, or torn: no directory is at its end"
    );
    refused!(
        folder,
        NpzFile::open(put("torn.npz", &stored[..stored.len() - 1])),
        Data,
        "file `torn.npz` is no npz file, or torn: no directory is at its end"
    );
    refused!(
        folder,
        NpzFile::open(put("front.npz", &stored[300..])),
        Data,
        format!(
            "file `front.npz` is torn: its directory has 102 bytes from byte {} on, but it has {}",
            stored.len() - 124,
            stored.len() - 300
        )
    );
    let file = NpzFile::open(put("b.npz", &stored)).unwrap();
    refused!(
        folder,
        file.array::<f64>("z"),
        Value,
        "argument `name` is \"z\", but file `b.npz` has [\"x\", \"y\"]"
    );
    refused!(
        folder,
        file.array::<f32>("x"),
        Data,
        "array `x` of file `b.npz` has elements of float64, not of float32"
    );
    // A byte of what is packed.
    let mut flipped = deflated.clone();
    let at = 30 + "x.npy".len() + 20 + 60;
    flipped[at] ^= 0x55;
    let file = NpzFile::open(put("c.npz", &flipped)).unwrap();
    let (kind, text) = told(folder.path(), file.array::<f64>("x"));
    assert_eq!(kind, ErrorKind::Data);
    assert!(text.starts_with("array `x` of file `c.npz` has a header that is malformed"), "{text}");
    let (kind, text) = told(folder.path(), file.verify());
    assert_eq!(kind, ErrorKind::Data);
    assert!(text.starts_with("array `x` of file `c.npz` is damaged"), "{text}");
    // The method in the directory.
    let mut other = stored;
    let entry = other.windows(4).position(|bytes| bytes == b"PK\x01\x02").unwrap();
    other[entry + 10] = 12;
    let file = NpzFile::open(put("d.npz", &other)).unwrap();
    refused!(
        folder,
        file.header("x"),
        Unsupported,
        "array `x` of file `d.npz` is packed by method 12, but 0 (stored) and 8 (deflated) are known"
    );
    // Whether it is encrypted.
    other[entry + 8] |= 1;
    let file = NpzFile::open(put("e.npz", &other)).unwrap();
    refused!(folder, file.header("x"), Unsupported, "array `x` of file `e.npz` is encrypted");
}

#[test]
fn an_array_that_claims_to_be_packed_tightly() {
    let (folder, put) = folder();
    let mut claims = fs::read(golden("deflated.npz")).unwrap();
    let entry = claims.windows(4).position(|bytes| bytes == b"PK\x01\x02").unwrap();
    claims[entry + 24..entry + 28].copy_from_slice(&0x7fff_ffff_u32.to_le_bytes());
    let file = NpzFile::open(put("a.npz", &claims)).unwrap();
    let (kind, text) = told(folder.path(), file.array::<f64>("x"));
    assert_eq!(kind, ErrorKind::Data);
    assert!(text.ends_with("bytes cannot be 2147483647 unpacked"), "{text}");
}

#[test]
fn writers_that_cannot_begin_or_end() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.npy");
    fs::write(&path, b"before").unwrap();
    let names = || fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    let unharmed = || {
        assert_eq!(fs::read(&path).unwrap(), b"before");
        let names: Vec<_> = names();
        assert_eq!(names, ["a.npy"]);
    };

    drop(NpyWriter::<u8>::create(&path, &[2]).unwrap());
    unharmed();
    let writer = NpyWriter::<u8>::create(&path, &[2, 2]).unwrap();
    writer.write(&Window::new(&[0..1, 0..2]), &[1, 2]).unwrap();
    refused!(
        folder,
        writer.finish(),
        Data,
        "file `a.npy` has shape [2, 2], but element [1, 0] was not written"
    );
    unharmed();
    let writer = RawWriter::<u8>::create(&path, &[2], ByteOrder::Native).unwrap();
    writer.write(&Window::new(&[0..1]), &[1]).unwrap();
    refused!(
        folder,
        writer.write(&Window::whole(&[2]), &[1, 2]),
        Value,
        "argument `window` is [0..2], but element [0] of file `a.npy` has come before"
    );
    drop(writer);
    unharmed();
    let writer = NpzWriter::create(&path).unwrap();
    writer.array::<u8>("x", &[0]).unwrap();
    writer.array::<u8>("y", &[2]).unwrap();
    refused!(
        folder,
        writer.array::<u8>("x", &[2]),
        Value,
        "argument `name` is \"x\", which file `a.npy` has already"
    );
    refused!(
        folder,
        writer.array::<u8>("", &[2]),
        Value,
        "argument `name` is \"\", which is empty"
    );
    refused!(
        folder,
        writer.array::<u8>(&"n".repeat(1001), &[2]),
        Value,
        "argument `name` is \"nnnnnnnnnnnnnnnnnnnn\", which has 1001 bytes, but at most 1000 can be"
    );
    refused!(
        folder,
        writer.finish(),
        Data,
        "array `y` of file `a.npy` has shape [2], but element [0] was not written"
    );
    unharmed();
    let created = NpyWriter::<u8>::create(folder.path().join("no/b.npy"), &[2]);
    let (kind, text) = told(folder.path(), created);
    assert_eq!(kind, ErrorKind::Io);
    let must = "file `no/b.npy` cannot be created: No such file or directory (os error 2)";
    assert!(text.starts_with(must), "{text}");
    refused!(
        folder,
        NpyWriter::<f64>::create(&path, &[usize::MAX, 2]),
        Data,
        format!("file `a.npy` has shape [{}, 2], which is more than can be counted", usize::MAX)
    );
    let (kind, text) = told(Path::new(""), NpyWriter::<u8>::create(folder.path(), &[2]));
    assert_eq!(kind, ErrorKind::Io);
    assert!(text.ends_with("cannot be written: it is a folder, or has no name"), "{text}");
    let (kind, text) = told(folder.path(), ScratchFile::<u8>::create(&path, &[2]));
    assert_eq!(kind, ErrorKind::Io);
    assert!(text.starts_with("a scratch file in `a.npy` cannot be created: "), "{text}");
    unharmed();
}

/// Opens a file as an array of `T`, and reads all of it if that goes.
fn read_all<T: Element>(path: &Path) -> Result<usize> {
    let file = NpyFile::<T>::open(path)?;
    let window = Window::whole(&Source::<T>::shape(&file));
    file.read(&window, &mut vec![T::default(); window.len()])?;
    Ok(window.len())
}

/// Each byte of a header another one, or gone with all behind it: refused, or read as what it says then.
#[test]
fn damaged_headers_are_refused_or_read() {
    let (folder, put) = folder();
    let mut counts = [0; 2];
    for name in ["float64.npy", "fortran.npy", "version2.npy", "version3.npy", "empty.npy"] {
        let whole = fs::read(golden(name)).unwrap();
        for at in 0..whole.len() {
            let results = [0x01, 0x02, 0x10, 0x20, 0x80, 0xff].map(|flip| {
                let mut bytes = whole.clone();
                bytes[at] ^= flip;
                let path = put("a.npy", &bytes);
                [read_all::<f64>(&path), read_all::<i16>(&path), read_all::<u8>(&path)]
            });
            for result in results.as_flattened() {
                counts[usize::from(result.is_ok())] += 1;
                assert!(result.as_ref().is_ok_and(|&count| count <= 48) || result.is_err());
            }
            let path = put("a.npy", &whole[..at]);
            assert!(read_all::<f64>(&path).is_err(), "{name} cut at {at}");
            assert!(read_all::<i16>(&path).is_err(), "{name} cut at {at}");
        }
    }
    assert!(counts[0] > 5000 && counts[1] > 500, "{counts:?}");
    drop(folder);
}

/// The same of archives.
#[test]
fn damaged_archives_are_refused_or_read() {
    let (folder, put) = folder();
    let mut counts = [0; 2];
    for name in ["stored.npz", "deflated.npz"] {
        let whole = fs::read(golden(name)).unwrap();
        for at in 0..whole.len() {
            for flip in [0x01, 0x40, 0xff] {
                let mut bytes = whole.clone();
                bytes[at] ^= flip;
                let path = put("a.npz", &bytes);
                let read = NpzFile::open(&path).and_then(|file| {
                    let x = file.array_in::<f64>("x", folder.path())?;
                    x.read(&Window::whole(&[2, 3]), &mut [0.0; 6])
                });
                counts[usize::from(read.is_ok())] += 1;
            }
            assert!(NpzFile::open(put("a.npz", &whole[..at])).is_err(), "{name} cut at {at}");
        }
    }
    assert!(counts.iter().all(|&count| count > 300), "{counts:?}");
}
