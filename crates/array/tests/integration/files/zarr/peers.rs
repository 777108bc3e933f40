//! Python's zarr: it reads what is written here, and what it writes is read here.

use std::path::Path;
use std::process::Command;

use num_complex::Complex64;
use tenfold_array::{ZarrCompressor, ZarrGroup, ZarrOptions, ZarrVersion};

use super::super::golden::{golden, python};
use super::super::number::{Number, array, for_each_type};
use super::super::whole;
use super::write;

fn run(python: &Path, what: &str, folder: &Path) -> String {
    let mut command = Command::new(python);
    command.env("PYTHONDONTWRITEBYTECODE", "1").env("PYTHONWARNINGS", "ignore");
    let output = command.arg(golden("zarr_peer.py")).arg(what).arg(folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn python_reads_what_is_written() {
    fn all<T: Number>(folder: &Path, count: &mut usize) {
        let compressors = [
            ZarrCompressor::None,
            ZarrCompressor::Zstd,
            ZarrCompressor::Gzip(5),
            ZarrCompressor::BloscLz4(5),
            ZarrCompressor::BloscZstd(5),
        ];
        for (number, compressor) in compressors.into_iter().enumerate() {
            let plain = || ZarrOptions::<T>::new().compressor(compressor).fill_value(T::of(3));
            let all = [
                plain().version(ZarrVersion::V2),
                plain().dimension_names(&["a", "b"]).attribute("units", "m"),
                plain().checksum(),
                plain().shard(&[6, 4]),
            ];
            for (kind, options) in all.into_iter().enumerate() {
                write::<T>(
                    &folder.join(format!("{}-{number}-{kind}", T::DTYPE)),
                    &[7, 5],
                    &[3, 2],
                    &options,
                )
                .unwrap();
                *count += 1;
            }
        }
    }
    let Some(python) = python("Zarr arrays that Python reads") else { return };
    let folder = tempfile::tempdir().unwrap();
    let mut count = 0;
    for_each_type!(all(folder.path(), &mut count));
    write::<f64>(
        &folder.path().join("float64-scalar"),
        &[],
        &[],
        &ZarrOptions::new().fill_value(f64::NAN),
    )
    .unwrap();
    write::<f32>(
        &folder.path().join("float32-empty"),
        &[0, 3],
        &[2, 2],
        &ZarrOptions::new().fill_value(f32::INFINITY),
    )
    .unwrap();
    assert_eq!(run(&python, "check", folder.path()), format!("{} right\n", count + 2));
}

#[test]
fn what_python_writes_is_read() {
    fn all<T: Number>(group: &ZarrGroup, count: &mut usize) {
        for name in group
            .arrays()
            .unwrap()
            .iter()
            .filter(|name| name.starts_with(&format!("{}-", T::DTYPE)))
        {
            let file = group.array::<T>(name).unwrap();
            assert_eq!(whole(&file), array::<T>(&[7, 5]), "{name}");
            assert_eq!(file.fill_value(), T::of(3), "{name}");
            *count += 1;
        }
    }
    let Some(python) = python("Zarr arrays that Python wrote") else { return };
    let folder = tempfile::tempdir().unwrap();
    let told = run(&python, "make", folder.path());
    for version in ["v2", "v3"] {
        let group = ZarrGroup::open(folder.path().join(version)).unwrap();
        let (mut count, names) = (0, group.arrays().unwrap().len());
        for_each_type!(all(&group, &mut count));
        // All but the two below.
        assert_eq!(count + 2, names, "{version} {told}");
        assert!(count >= 13 * 6, "{count}");
        assert_eq!(group.attributes()["title"], "golden", "{version}");
        assert_eq!(group.groups().unwrap(), ["inner"]);
        let scalar = group.array::<f64>("scalar").unwrap();
        assert!(scalar.fill_value().is_nan());
        assert_eq!(whole(&scalar).into_raw_vec_and_offset().0, [2.5]);
        let complex = group.array::<Complex64>("complex").unwrap().fill_value();
        assert!(complex.re.is_infinite() && complex.im.is_nan(), "{complex}");
    }
}
