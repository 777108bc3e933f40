//! What is not what it was is computed anew.

use std::fs::File;
use std::time::{Duration, SystemTime};

use super::*;

/// A file of such numbers, that was written so many seconds after another one.
fn write(path: &Path, shift: f64, seconds: u64) {
    let file = NpyWriter::create(path, &[300, 250]).unwrap();
    Settings::new().store(&(numbers() + shift), &file).unwrap();
    file.finish().unwrap();
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000 + seconds);
    File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
}

fn read(path: &Path) -> Array<f64, Ix2> {
    Array::from_source(NpyFile::open(path).unwrap(), [70, 110])
}

#[test]
fn a_file_that_has_changed_is_read_again() {
    let (folder, calls) = (tempfile::tempdir().unwrap(), Calls::default());
    let [input, others] = ["x.npy", "checkpoints"].map(|name| folder.path().join(name));
    let settings = Settings::new().threads(2).checkpoints(&others);
    write(&input, 0.0, 0);
    let old = undisturbed(&read(&input));
    settings.compute(&failing(&read(&input), &calls, 4, 20_000)).unwrap_err();
    calls.take();
    // As long as before.
    write(&input, 1.0, 10);
    let new = undisturbed(&read(&input));
    assert_ne!(old.0, new.0);
    assert_eq!(bits(&settings.compute(&counting(&read(&input), &calls)).unwrap()), new.0);
    assert_eq!(calls.take(), new.1);
    // The files of what was read before are still there.
    assert_eq!(files(&others).len(), 4);
}

#[test]
fn a_file_that_has_not_changed_is_not_read_again() {
    let (folder, calls) = (tempfile::tempdir().unwrap(), Calls::default());
    let input = folder.path().join("x.npy");
    let settings = Settings::new().threads(2).checkpoints(folder.path().join("checkpoints"));
    write(&input, 0.0, 0);
    settings.compute(&failing(&read(&input), &calls, 4, 20_000)).unwrap_err();
    calls.take();
    settings.compute(&counting(&read(&input), &calls)).unwrap();
    assert_eq!(calls.take()[..4], [0; 4]);
}

#[test]
fn a_part_of_a_file_is_another_one_than_others_of_it() {
    use tenfold_array::{ByteOrder, RawFile};
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x");
    fs::write(&path, (0..100).collect::<Vec<u8>>()).unwrap();
    let settings =
        Settings::new().checkpoints(folder.path().join("checkpoints")).keep_checkpoints();
    for offset in [0, 1, 2, 1] {
        let file = RawFile::<u8>::open(&path, offset, &[50], ByteOrder::Native).unwrap();
        let least = settings.compute(&Array::<u8, Ix1>::from_source(file, 10).min()).unwrap();
        assert_eq!(least.into_scalar(), offset as u8);
    }
}

#[test]
fn another_plan_takes_what_it_has_in_common() {
    let (x, calls) = (numbers(), Calls::default());
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings::new().threads(2).checkpoints(folder.path());
    settings.compute(&failing(&x, &calls, 4, 20_000)).unwrap_err();
    let all = calls.take();
    // The same stages, and something else in the end.
    let other = counting(&x, &calls).max();
    let expected = Settings::new().compute(&other).unwrap();
    calls.take();
    assert_eq!(settings.compute(&other).unwrap(), expected);
    assert_eq!(calls.take()[..4], [0; 4]);
    // Other numbers, and the same in other chunks.
    for x in [&x + 1.0, x.rechunk([300, 25])] {
        let (expected, all) = undisturbed(&x);
        let before = files(folder.path()).len();
        assert_eq!(bits(&settings.compute(&counting(&x, &calls)).unwrap()), expected);
        assert_eq!(calls.take(), all);
        assert_eq!(files(folder.path()).len(), before);
    }
    assert!(all[0] > 0);
}

#[test]
fn what_a_closure_has_captured_is_called_something_or_refused() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings::new().checkpoints(folder.path()).keep_checkpoints();
    let scaled = |by: f64| numbers().map(move |x| x * by);
    let refused = |error: Error| {
        assert_eq!(error.kind(), ErrorKind::Value);
        assert_eq!(error.location().unwrap().file(), file!());
        let told = error.to_string();
        assert!(told.starts_with("argument `checkpoints` needs to know array `map` in"), "{told}");
    };
    refused(settings.compute(&scaled(2.0).sum()).unwrap_err());
    refused(settings.plan(&(scaled(2.0) + 1.0).max()).unwrap_err());
    for by in [2.0, 3.0, 2.0] {
        let named = scaled(by).known_as(&format!("by {by}")).max();
        let expected = scaled(by).max().compute().unwrap();
        assert_eq!(settings.compute(&named).unwrap(), expected);
    }
    // Closures that have captured nothing are told apart by themselves, on one line, too.
    let both: [fn() -> Array<f64, Ix2>; 2] =
        [|| numbers().map(|x| x + 1.0), || numbers().map(|x| x + 2.0)];
    for make in [both[0], both[1], both[0]] {
        let expected = make().max().compute().unwrap();
        assert_eq!(settings.compute(&make().max()).unwrap(), expected);
    }
}
