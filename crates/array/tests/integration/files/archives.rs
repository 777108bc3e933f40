//! Archives of many arrays, of odd names, and of bytes that somebody changed.

use std::fs;
use std::path::Path;

use tenfold_array::{ErrorKind, NpzFile, NpzWriter, Target, Window};

use super::golden::golden;
use super::whole;

fn write(path: &Path, arrays: &[(&str, Vec<u8>)]) {
    let writer = NpzWriter::create(path).unwrap();
    for (name, elements) in arrays {
        let shape = [elements.len()];
        writer.array(name, &shape).unwrap().write(&Window::whole(&shape), elements).unwrap();
    }
    writer.finish().unwrap();
}

/// The places in a file where some bytes begin.
fn places(bytes: &[u8], wanted: &[u8]) -> Vec<usize> {
    bytes
        .windows(wanted.len())
        .enumerate()
        .filter(|(_, w)| *w == wanted)
        .map(|(at, _)| at)
        .collect()
}

#[test]
fn arrays_that_are_verified() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.npz");
    write(&path, &[("x", vec![1; 10]), ("y", (0..200).collect()), ("none", vec![])]);
    NpzFile::open(&path).unwrap().verify().unwrap();
    for name in ["stored.npz", "deflated.npz"] {
        NpzFile::open(golden(name)).unwrap().verify().unwrap();
    }
    // A byte of the elements, which no window is checked for.
    let mut bytes = fs::read(&path).unwrap();
    let at = places(&bytes, &[50, 51, 52, 53])[0];
    bytes[at] = 0;
    fs::write(&path, &bytes).unwrap();
    let file = NpzFile::open(&path).unwrap();
    assert_eq!(whole(&file.array::<u8>("y").unwrap())[50], 0);
    let error = file.verify().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Data);
    let sum = |offset: usize| {
        let entry = places(&bytes, b"PK\x01\x02")[1];
        u32::from_le_bytes(bytes[entry + offset..][..4].try_into().unwrap())
    };
    let told = error.to_string();
    let begin =
        format!("array `y` of file `{}` is damaged: its bytes have checksum ", path.display());
    let end = format!(", but {:08x} is expected", sum(16));
    assert!(told.starts_with(&begin) && told.ends_with(&end), "{told}");

    // The same of one that is packed: its checksum in the directory.
    let mut bytes = fs::read(golden("deflated.npz")).unwrap();
    let entry = places(&bytes, b"PK\x01\x02")[1];
    bytes[entry + 16] ^= 1;
    fs::write(&path, &bytes).unwrap();
    let file = NpzFile::open(&path).unwrap();
    let [read, verified] = [file.array::<u8>("y").map(|_| ()), file.verify()];
    for told in [read.unwrap_err().to_string(), verified.unwrap_err().to_string()] {
        assert!(told.starts_with(&begin), "{told}");
    }
    assert!(file.array::<f64>("x").is_ok());
}

/// The name of an array is worth more than that of a file.
#[test]
fn names_that_end_as_files_do() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.npz");
    let [plain, dotted] = [("a", vec![1_u8]), ("a.npy", vec![2, 2])];
    for arrays in [[plain.clone(), dotted.clone()], [dotted, plain.clone()]] {
        write(&path, &arrays);
        let file = NpzFile::open(&path).unwrap();
        for (name, must) in arrays {
            let found = whole(&file.array::<u8>(name).unwrap());
            assert_eq!(found.as_slice().unwrap(), must, "{name}");
        }
        assert_eq!(whole(&file.array::<u8>("a.npy.npy").unwrap()).len(), 2);
    }
    // And the name of a file does where there is no such array.
    write(&path, &[plain]);
    assert_eq!(whole(&NpzFile::open(&path).unwrap().array::<u8>("a.npy").unwrap()).len(), 1);
}

/// More than a process may have files open.
#[test]
fn archives_of_many_arrays() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.npz");
    let names: Vec<String> = (0..2000).map(|i| format!("array {i}")).collect();
    let arrays: Vec<_> = names.iter().map(|name| (&**name, vec![7_u8; 2])).collect();
    write(&path, &arrays);
    let file = NpzFile::open(&path).unwrap();
    assert!(file.names().eq(&names));
    let open: Vec<_> = names.iter().map(|name| file.array::<u8>(name).unwrap()).collect();
    assert_eq!(whole(&open[1999]).sum(), 14);
    file.verify().unwrap();
}

/// An array that its header denies is not unpacked, whatever space the archive says that it takes.
#[test]
fn packed_arrays_are_refused_before_they_take_space() {
    let file = NpzFile::open(golden("deflated.npz")).unwrap();
    let nowhere = Path::new("/no/such/folder");
    let told = file.array_in::<f32>("x", nowhere).unwrap_err().to_string();
    assert!(told.ends_with("has elements of float64, not of float32"), "{told}");
    let error = file.array_in::<f64>("x", nowhere).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
}

/// What is unpacked lies elsewhere each time, and is the same as long as its archive is.
#[test]
fn packed_arrays_are_known_by_their_archive() {
    use tenfold_array::Source as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.npz");
    fs::copy(golden("deflated.npz"), &path).unwrap();
    let versions = || {
        let file = NpzFile::open(&path).unwrap();
        let floats = file.names().filter_map(|name| file.array::<f64>(name).ok());
        floats.map(|array| array.version().unwrap()).collect::<Vec<_>>()
    };
    let before = versions();
    assert!(!before.is_empty() && before == versions());
    let file = fs::File::options().write(true).open(&path).unwrap();
    file.set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
    let after = versions();
    assert!(before.iter().zip(&after).all(|(before, after)| before != after), "{after:?}");
}
