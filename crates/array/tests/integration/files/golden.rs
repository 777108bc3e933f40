//! Files of NumPy, and NumPy with our files.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use tenfold_array::{
    ByteOrder, DType, NpyFile, NpyHeader, NpyWriter, NpzFile, NpzWriter, Target, Window,
};

use super::number::{Number, array, for_each_type};
use super::whole;

pub(crate) fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/integration/golden").join(name)
}

fn write_npy<T: Number>(path: &Path, shape: &[usize]) {
    let writer = NpyWriter::<T>::create(path, shape).unwrap();
    writer.write(&Window::whole(shape), array::<T>(shape).as_slice().unwrap()).unwrap();
    writer.finish().unwrap();
}

#[test]
fn every_type_is_read_and_written_as_numpy_does() {
    fn same<T: Number>(folder: &Path) {
        let (name, golden) = (format!("{}.npy", T::DTYPE), golden(&format!("{}.npy", T::DTYPE)));
        let file = NpyFile::<T>::open(&golden).unwrap();
        assert_eq!(whole(&file), array::<T>(&[2, 3]), "{name}");
        if cfg!(target_endian = "little") {
            write_npy::<T>(&folder.join(&name), &[2, 3]);
            assert_eq!(fs::read(folder.join(&name)).unwrap(), fs::read(&golden).unwrap(), "{name}");
        }
    }
    let folder = tempfile::tempdir().unwrap();
    for_each_type!(same(folder.path()));
}

#[test]
fn shapes_orders_and_versions_are_read() {
    fn same<T: Number>(name: &str, shape: &[usize]) {
        let file = NpyFile::<T>::open(golden(name)).unwrap();
        assert_eq!(whole(&file), array::<T>(shape), "{name}");
    }
    same::<f64>("fortran.npy", &[2, 3]);
    same::<num_complex::Complex32>("big.npy", &[2, 3]);
    same::<f64>("scalar.npy", &[]);
    same::<i32>("line.npy", &[5]);
    same::<u8>("empty.npy", &[0, 3]);
    same::<i16>("version2.npy", &[2, 3]);
    same::<i16>("version3.npy", &[2, 3]);
}

#[test]
fn headers_are_read_without_a_type() {
    let header = NpyHeader::open(golden("fortran.npy")).unwrap();
    assert_eq!((header.dtype(), header.shape()), (DType::F64, &[2, 3][..]));
    assert_eq!((header.fortran_order(), header.byte_order()), (true, ByteOrder::Little));
    let header = NpyHeader::open(golden("big.npy")).unwrap();
    assert_eq!((header.dtype(), header.byte_order()), (DType::C64, ByteOrder::Big));
}

#[test]
fn archives_are_read() {
    for name in ["stored.npz", "deflated.npz"] {
        let file = NpzFile::open(golden(name)).unwrap();
        assert_eq!(file.names().collect::<Vec<_>>(), ["x", "y"], "{name}");
        assert_eq!(whole(&file.array::<f64>("x").unwrap()), array::<f64>(&[2, 3]), "{name}");
        assert_eq!(whole(&file.array::<u8>("y.npy").unwrap()), array::<u8>(&[40]), "{name}");
        let header = file.header("y").unwrap();
        assert_eq!((header.dtype(), header.shape()), (DType::U8, &[40][..]), "{name}");
    }
}

/// The Python that `PEERS_PYTHON` names, or that `cargo xtask setup peers` makes; or a line for the record of skips.
pub(crate) fn python(test: &str) -> Option<PathBuf> {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let named = std::env::var_os("PEERS_PYTHON").map(PathBuf::from);
    let python = named.unwrap_or_else(|| target.join("tenfold/peers/bin/python"));
    if python.exists() {
        return Some(python);
    }
    // Past the test runner's capture, where skips are counted.
    let line = format!("skipped: {test}: no {}: cargo xtask setup peers\n", python.display());
    std::io::stdout().write_all(line.as_bytes()).unwrap();
    None
}

#[test]
fn numpy_reads_what_is_written() {
    fn both<T: Number>(folder: &Path, archive: &NpzWriter) {
        write_npy::<T>(&folder.join(format!("{}.npy", T::DTYPE)), &[2, 3]);
        let member = archive.array::<T>(T::DTYPE.name(), &[2, 3]).unwrap();
        // From the last row to the first.
        for row in [1, 0] {
            let window = Window::new(&[row..row + 1, 0..3]);
            member.write(&window, &[0, 1, 2].map(|column| T::of(3 * row + column))).unwrap();
        }
    }
    let Some(python) = python("files that NumPy reads") else { return };
    let folder = tempfile::tempdir().unwrap();
    let archive = NpzWriter::create(folder.path().join("all.npz")).unwrap();
    for_each_type!(both(folder.path(), &archive));
    archive.finish().unwrap();
    write_npy::<f64>(&folder.path().join("scalar.npy"), &[]);
    write_npy::<f64>(&folder.path().join("line.npy"), &[5]);
    write_npy::<f64>(&folder.path().join("empty.npy"), &[0, 3]);

    let mut command = Command::new(python);
    command.env("PYTHONDONTWRITEBYTECODE", "1").arg(golden("check.py")).arg(folder.path());
    let output = command.output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "29 right\n", "{told}");
}
