//! Files that somebody has changed in several places: they are read, or refused by their name; and nothing else.

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use proptest::sample::Index;
use tenfold_array::{
    DType, Element, ErrorKind, NpyFile, NpyHeader, NpzFile, NpzWriter, Result, Source, Target,
    Window,
};

use super::golden::golden;

/// A change of a file.
#[derive(Debug, Clone)]
enum Change {
    Flip(Index, u8),
    /// A number of 1, 2, 4 or 8 bytes, of the kind that lengths and counts are not expected to be.
    Number(Index, u64, usize),
    Cut(Index),
    Remove(Index, usize),
    Insert(Index, Vec<u8>),
    /// Some bytes of the file at another place of it.
    Copy(Index, Index, usize),
    /// A word of headers where there was another.
    Word(Index, &'static [u8]),
}

const WORDS: [&[u8]; 12] = [
    b"PK\x01\x02",
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"PK\x06\x06",
    b"PK\x06\x07",
    b"(9999999, )",
    b"'>f8'",
    b"True ",
    b"'|O'",
    b"\x93NUMPY\x02\x00",
    b"{'descr': [('x', '<f8')]",
    b"(0, 18446744073709551615)",
];

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let number = prop_oneof![
        (0..300_u64),
        (0..9_u64).prop_map(|less| u64::MAX - less),
        (0..64_u32, 0..3_u64).prop_map(|(bits, less)| (1_u64 << bits).wrapping_sub(less)),
    ];
    let at = any::<Index>;
    let change = prop_oneof![
        3 => (at(), any::<u8>()).prop_map(|(at, by)| Change::Flip(at, by)),
        3 => (at(), number, 0..4_u32).prop_map(|(at, n, width)| Change::Number(at, n, 1 << width)),
        1 => at().prop_map(Change::Cut),
        1 => (at(), 1..40_usize).prop_map(|(at, count)| Change::Remove(at, count)),
        1 => (at(), prop::collection::vec(any::<u8>(), 1..40)).prop_map(|(at, b)| Change::Insert(at, b)),
        1 => (at(), at(), 1..200_usize).prop_map(|(from, to, count)| Change::Copy(from, to, count)),
        2 => (at(), prop::sample::select(&WORDS[..])).prop_map(|(at, word)| Change::Word(at, word)),
    ];
    prop::collection::vec(change, 1..6)
}

fn change(bytes: &mut Vec<u8>, change: &Change) {
    let len = bytes.len();
    if len == 0 {
        return;
    }
    let put = |bytes: &mut Vec<u8>, at: usize, new: &[u8]| {
        let end = (at + new.len()).min(len);
        bytes[at..end].copy_from_slice(&new[..end - at]);
    };
    match change {
        Change::Flip(at, by) => bytes[at.index(len)] ^= by,
        Change::Number(at, n, width) => put(bytes, at.index(len), &n.to_le_bytes()[..*width]),
        Change::Cut(at) => bytes.truncate(at.index(len)),
        Change::Remove(at, count) => {
            let at = at.index(len);
            bytes.drain(at..(at + count).min(len));
        }
        Change::Insert(at, new) => {
            let at = at.index(len);
            bytes.splice(at..at, new.iter().copied());
        }
        Change::Copy(from, to, count) => {
            let from = from.index(len);
            let new = bytes[from..(from + count).min(len)].to_vec();
            put(bytes, to.index(len), &new);
        }
        Change::Word(at, word) => put(bytes, at.index(len), word),
    }
}

/// Reads all of a source, which has not more bytes than there are.
fn read<T: Element>(file: &NpyFile<T>, most: u64) -> Result<()> {
    let window = Window::whole(&Source::<T>::shape(file));
    assert!((window.len() * T::DTYPE.bytes()) as u64 <= most, "{file:?} is of {most} bytes");
    file.read(&window, &mut vec![T::default(); window.len()])
}

/// That an error is of a sort that files have, and names the file.
fn check<T>(path: &Path, result: Result<T>) -> Option<T> {
    let error = match result {
        Ok(value) => return Some(value),
        Err(error) => error,
    };
    let expected = [ErrorKind::Data, ErrorKind::Unsupported];
    assert!(expected.contains(&error.kind()), "{error:?}");
    let name = format!("file `{}`", path.display());
    assert!(error.to_string().contains(&name), "{error}");
    None
}

/// With the elements that it says it has, and with others.
macro_rules! of_its_type {
    ($dtype:expr, $T:ident => $read:expr) => {
        match $dtype {
            DType::F64 => {
                type $T = f64;
                $read
            }
            DType::U8 => {
                type $T = u8;
                $read
            }
            DType::C64 => {
                type $T = num_complex::Complex32;
                $read
            }
            DType::Bool => {
                type $T = bool;
                $read
            }
            _ => {
                type $T = i16;
                $read
            }
        }
    };
}

fn read_npy(path: &Path) {
    let len = fs::metadata(path).unwrap().len();
    let Some(header) = check(path, NpyHeader::open(path)) else {
        assert!(check(path, NpyFile::<f64>::open(path)).is_none(), "opened without a header");
        return;
    };
    of_its_type!(header.dtype(), T => {
        let file = check(path, NpyFile::<T>::open(path));
        file.map(|file| check(path, read(&file, len)));
    });
}

fn read_npz(path: &Path, folder: &Path) {
    let len = fs::metadata(path).unwrap().len();
    let Some(file) = check(path, NpzFile::open(path)) else { return };
    check(path, file.verify());
    for name in file.names().take(8) {
        let Some(header) = check(path, file.header(name)) else {
            continue;
        };
        of_its_type!(header.dtype(), T => {
            let array = check(path, file.array_in::<T>(name, folder));
            // A byte that is packed makes not more than some thousand.
            array.map(|array| check(path, read(&array, 1040 * len)));
        });
    }
}

fn originals() -> Vec<(&'static str, Vec<u8>)> {
    let names = ["float64.npy", "fortran.npy", "big.npy", "bool.npy", "version3.npy", "scalar.npy"];
    names.map(|name| (name, fs::read(golden(name)).unwrap())).to_vec()
}

fn archives() -> Vec<(&'static str, Vec<u8>)> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.npz");
    let writer = NpzWriter::create(&path).unwrap();
    writer.array::<u8>("x", &[3]).unwrap().write(&Window::whole(&[3]), b"abc").unwrap();
    writer.array::<f64>("y", &[]).unwrap().write(&Window::whole(&[]), &[2.5]).unwrap();
    writer.finish().unwrap();
    let ours = fs::read(&path).unwrap();
    let numpys = ["stored.npz", "deflated.npz"].map(|name| (name, fs::read(golden(name)).unwrap()));
    [numpys.to_vec(), vec![("ours", ours)]].concat()
}

fn mutate(whole: &[u8], changes: &[Change], path: &Path) {
    let mut bytes = whole.to_vec();
    changes.iter().for_each(|one| change(&mut bytes, one));
    let _ = fs::remove_file(path);
    fs::write(path, &bytes).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn changed_arrays_are_read_or_refused(which in any::<Index>(), changes in changes()) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.npy");
        let originals = originals();
        mutate(&originals[which.index(originals.len())].1, &changes, &path);
        read_npy(&path);
    }

    #[test]
    fn changed_archives_are_read_or_refused(which in any::<Index>(), changes in changes()) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.npz");
        let archives = archives();
        mutate(&archives[which.index(archives.len())].1, &changes, &path);
        read_npz(&path, folder.path());
    }
}
