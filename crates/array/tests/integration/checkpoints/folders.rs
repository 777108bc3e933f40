//! Folders that are torn, shared, full or closed.

use super::*;

/// Has a computation fail in its last stage, and gives the files that it leaves.
fn left(x: &Array<f64, Ix2>, settings: &Settings, folder: &Path) -> Vec<PathBuf> {
    settings.compute(&failing(x, &Calls::default(), STAGES - 1, 20_000)).unwrap_err();
    let files = files(folder);
    assert_eq!(files.len(), STAGES - 1);
    files
}

#[test]
fn a_file_that_is_torn_is_made_again() {
    let (x, calls) = (numbers(), Calls::default());
    let (expected, all) = undisturbed(&x);
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings::new().threads(2).checkpoints(folder.path());
    let tear: [fn(&mut Vec<u8>); 5] = [
        |bytes| bytes[0] ^= 1,
        |bytes| *bytes.last_mut().unwrap() ^= 1,
        |bytes| bytes.truncate(bytes.len() - 1),
        |bytes| bytes.truncate(20),
        Vec::clear,
    ];
    let mut computed = [0; STAGES];
    for (file, tear) in (0..STAGES - 1).flat_map(|file| tear.map(|tear| (file, tear))) {
        let path = &left(&x, &settings, folder.path())[file];
        let mut bytes = fs::read(path).unwrap();
        tear(&mut bytes);
        fs::write(path, bytes).unwrap();
        assert_eq!(bits(&settings.compute(&counting(&x, &calls)).unwrap()), expected);
        let calls = calls.take();
        for stage in 0..STAGES {
            assert!(calls[stage] == 0 || calls[stage] == all[stage], "{calls:?}");
            computed[stage] += usize::from(calls[stage] > 0);
        }
        assert_eq!(files(folder.path()), NONE);
    }
    // Of what the last stage reads, the sums and their mean, each was torn so often; the others are not needed.
    assert_eq!(computed, [0, 0, 5, 5, 20]);
}

#[test]
fn what_is_no_checkpoint_does_no_harm_and_stays() {
    let (x, calls) = (numbers(), Calls::default());
    let (expected, all) = undisturbed(&x);
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings::new().threads(2).checkpoints(folder.path());
    let there = left(&x, &settings, folder.path());
    // The files of other arrays under the names of these.
    let others: Vec<Vec<u8>> = there.iter().map(|path| fs::read(path).unwrap()).collect();
    for (path, bytes) in there.iter().zip(others.iter().rev()) {
        fs::write(path, bytes).unwrap();
    }
    let [text, inner] = ["notes.txt", "more.chunks"].map(|name| folder.path().join(name));
    fs::write(&text, "mine").unwrap();
    fs::create_dir(&inner).unwrap();
    assert_eq!(bits(&settings.compute(&counting(&x, &calls)).unwrap()), expected);
    assert_eq!(calls.take(), all);
    assert_eq!(files(folder.path()), [inner, text]);
}

#[test]
fn two_computations_share_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings::new().threads(2).checkpoints(folder.path());
    let (x, y, calls) = (numbers(), numbers() * 2.0, Calls::default());
    let all = [undisturbed(&x), undisturbed(&y)];
    settings.compute(&failing(&x, &calls, 3, 20_000)).unwrap_err();
    settings.compute(&failing(&y, &calls, 3, 20_000)).unwrap_err();
    assert_eq!(files(folder.path()).len(), 6);
    for (x, (expected, all), left) in [(&x, &all[0], 3), (&y, &all[1], 0)] {
        calls.take();
        assert_eq!(bits(&settings.compute(&counting(x, &calls)).unwrap()), *expected);
        assert_eq!(calls.take(), [0, 0, 0, all[3], all[4]]);
        assert_eq!(files(folder.path()).len(), left);
    }
}

#[test]
fn a_folder_that_takes_no_files_is_told_before_anything_runs() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let closed = if cfg!(target_os = "linux") { Path::new("/proc/closed") } else { &file };
    for path in [&file, closed] {
        let calls = Calls::default();
        let settings = Settings::new().checkpoints(path);
        let error = settings.compute(&counting(&numbers(), &calls)).unwrap_err();
        let path = path.display();
        let expected = format!("folder `{path}` of argument `checkpoints` takes no files");
        assert_eq!((error.kind(), error.to_string()), (ErrorKind::Io, expected));
        assert_eq!(calls.take(), [0; STAGES]);
    }
}

#[cfg(unix)]
#[test]
fn a_disk_that_fills_says_so_and_leaves_the_stages_before() {
    const FOLDER: &str = "TENFOLD_ARRAY_SMALL_DISK_FOR_CHECKPOINTS";
    let test = "checkpoints::folders::a_disk_that_fills_says_so_and_leaves_the_stages_before";
    crate::files::limited(FOLDER, test, |folder| {
        let calls = Calls::default();
        let settings = Settings::new().threads(2).checkpoints(folder);
        let error = settings.compute(&counting(&numbers(), &calls)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io);
        let told = format!("{error:#}");
        assert!(
            told.starts_with("the checkpoint of array `view`: the disk does not give"),
            "{told}"
        );
        assert!(told.ends_with("File too large (os error 27)"), "{told}");
        let [before, after] = [calls.take(), {
            settings.compute(&counting(&numbers(), &calls)).unwrap_err();
            calls.take()
        }];
        assert!(before[0] > 0 && before[1] > 0 && before[2..] == [0; 3], "{before:?}");
        assert_eq!((after[0], after[1]), (0, before[1]));
        // That of the first stage, and no half of another.
        let left = files(folder);
        assert_eq!(left.len(), 1);
        fs::remove_file(&left[0]).unwrap();
    });
}
