//! Files that all ranks write together.

use std::path::Path;

use ndarray::{Array2, Ix2};
use tenfold_array::{
    Array, ByteOrder, Error, ErrorKind, Layout, Mesh, NpyFile, NpyHeader, Random, Ranks, RawFile,
    Result, Settings,
};

use super::on_ranks;

type Matrix = Array<f64, Ix2>;

const SHAPE: [usize; 2] = [240, 170];

fn numbers() -> Matrix {
    Random::new(7).standard_normal(SHAPE, [40, 30])
}

fn one_thread() -> Settings {
    Settings::new().threads(1)
}

fn layouts(size: usize) -> Vec<Option<Layout>> {
    let mesh = Mesh::new([("row", 2.min(size)), ("column", (size / 2).max(1))]).unwrap();
    let layout = mesh.layout(["row", "column"]).unwrap();
    vec![None, Some(layout.clone()), Some(layout.cyclic(&[1, 2]).unwrap())]
}

/// The names of what is in a folder.
fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let name = |entry: std::io::Result<std::fs::DirEntry>| {
        entry.unwrap().file_name().into_string().unwrap()
    };
    let mut names: Vec<String> = entries.map(name).collect();
    names.sort();
    names
}

#[test]
fn all_ranks_write_one_file() {
    let expected = one_thread().compute(&numbers()).unwrap();
    for size in [1, 2, 3, 4, 7] {
        for layout in layouts(size) {
            let folder = tempfile::tempdir().unwrap();
            let [npy, raw] = ["x.npy", "x.raw"].map(|name| folder.path().join(name));
            std::fs::write(&npy, "what was there before").unwrap();
            on_ranks(size, &Settings::new().threads(2), |ranks| {
                let x = layout.as_ref().map_or_else(numbers, |layout| numbers().on(layout));
                let kept = ranks.persist(&x)?;
                ranks.store_npy(&kept, &npy)?;
                // As soon as it is over on one rank.
                let read = Matrix::from_source(NpyFile::open(&npy)?, 50).compute()?;
                assert_eq!(read, expected);
                ranks.store_raw(&x, &raw, ByteOrder::Big)
            });
            let file = RawFile::<f64>::open(&raw, 0, &SHAPE, ByteOrder::Big).unwrap();
            let read: Array2<f64> = Array::from_source(file, 50).compute().unwrap();
            assert_eq!(read, expected, "{size} ranks");
            assert_eq!(names(folder.path()), ["x.npy", "x.raw"]);
            let bytes = std::fs::read(&npy).unwrap().len();
            assert_eq!(bytes, 128 + SHAPE[0] * SHAPE[1] * 8, "a header and all elements");
        }
    }
}

#[test]
fn arrays_without_axes_or_elements_are_written_too() {
    let folder = tempfile::tempdir().unwrap();
    on_ranks(3, &one_thread(), |ranks| {
        let [sum, none] = ["sum.npy", "none.npy"].map(|name| folder.path().join(name));
        ranks.store_npy(&numbers().map(|_| 1.0).sum(), &sum)?;
        let sum = Array::<f64, ndarray::Ix0>::from_source(NpyFile::open(&sum)?, "auto");
        assert_eq!(sum.compute()?.into_scalar(), 40_800.0);
        ranks.store_npy(&Array::<u8, _>::ones([0, 3], 2), &none)?;
        assert_eq!(NpyHeader::open(&none)?.shape(), [0, 3]);
        Ok(())
    });
}

/// The error of all ranks, which is the same, and what is in the folder then.
fn refusal(
    size: usize,
    program: impl Fn(&Ranks<'_>, &Path) -> Result<(), Error> + Sync,
) -> (ErrorKind, String, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npy");
    std::fs::write(&path, "what was there before").unwrap();
    let told = on_ranks(size, &one_thread(), |ranks| {
        let error = program(ranks, &path).expect_err("it is refused");
        // They can go on.
        assert_eq!(ranks.compute(&Array::<f64, _>::ones([30], 10).sum())?.into_scalar(), 30.0);
        Ok((error.kind(), error.to_string()))
    });
    assert!(told.iter().all(|other| *other == told[0]), "{told:?}");
    assert_eq!(std::fs::read(&path).unwrap(), b"what was there before");
    (told[0].0, told[0].1.clone(), names(folder.path()))
}

#[test]
fn what_fails_on_one_rank_fails_on_all_and_leaves_nothing() {
    for size in [2, 3, 4, 7] {
        let (kind, told, left) = refusal(size, |ranks, path| {
            ranks.store_npy(&numbers(), path.with_file_name("no").join("folder.npy"))
        });
        assert_eq!((kind, left), (ErrorKind::Io, vec!["x.npy".to_owned()]));
        assert!(told.starts_with("rank 0: file `") && told.contains("cannot be created"), "{told}");
        let (kind, told, left) = refusal(size, |ranks, path| {
            // Where nobody has made a file.
            let other = path.with_file_name("no").join("x.npy");
            let own = if ranks.rank() == size - 1 { &other } else { path };
            ranks.store_npy(&numbers(), own)
        });
        assert_eq!((kind, left), (ErrorKind::Io, vec!["x.npy".to_owned()]));
        let begin = format!("rank {}: file `", size - 1);
        assert!(told.starts_with(&begin) && told.contains("cannot be opened as"), "{told}");
        let (kind, told, left) = refusal(size, |ranks, path| {
            let failing = ranks.rank() == 1;
            let x = Array::from_fn(SHAPE, [40, 30], move |at| {
                assert!(!failing, "the disk is gone");
                at[0] as f64
            });
            ranks.store_npy(&x, path)
        });
        assert_eq!((kind, left), (ErrorKind::Panicked, vec!["x.npy".to_owned()]));
        assert!(told.starts_with("rank 1: ") && told.contains("the disk is gone"), "{told}");
    }
}

/// A folder that comes by the name meanwhile cannot be replaced.
#[test]
fn a_file_that_cannot_get_its_name_fails_on_all_and_leaves_nothing() {
    for size in [1, 2, 3] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.npy");
        let told = on_ranks(size, &one_thread(), |ranks| {
            let (is_first, path_of) = (ranks.rank() == 0, path.clone());
            let x = Array::from_fn(SHAPE, [40, 30], move |at| {
                if is_first && at == [0, 0] {
                    std::fs::create_dir(&path_of).unwrap();
                }
                at[1] as f64
            });
            let error = ranks.store_npy(&x, &path).unwrap_err();
            Ok((error.kind(), error.to_string()))
        });
        assert!(told.iter().all(|other| *other == told[0]), "{told:?}");
        assert_eq!(told[0].0, ErrorKind::Io);
        assert!(told[0].1.contains("x.npy` cannot get its name"), "{told:?}");
        assert_eq!(names(folder.path()), ["x.npy"]);
        assert!(path.is_dir());
    }
}

#[test]
fn ranks_that_want_other_files_are_told() {
    let (kind, told, _) = refusal(3, |ranks, path| match ranks.rank() {
        2 => ranks.store_raw(&numbers(), path, ByteOrder::Little),
        _ => ranks.store_npy(&numbers(), path),
    });
    assert_eq!(kind, ErrorKind::Ranks);
    assert!(told.contains("do not want the same"), "{told}");
    let (kind, told, _) = refusal(3, |ranks, path| {
        let wrong = Array::<f64, _>::ones([3], 1) + Array::ones([4], 1);
        ranks.store_npy(&wrong, path)
    });
    assert_eq!(kind, ErrorKind::Shape);
    assert!(told.starts_with("rank 0: "), "{told}");
}
