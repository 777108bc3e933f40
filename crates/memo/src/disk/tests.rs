//! What needs a disk that fails, or the inside of a tier.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;
use std::time::{Duration, SystemTime};

use super::folder::CLEAN_UP_AGE;
use super::*;

type Numbers = Vec<u32>;

fn files(folder: &Path) -> Files {
    Disk::new(folder, "lab::numbers").version(3).files::<u32, Numbers>()
}

/// The tier, with its types.
fn tier(files: &Files) -> &dyn Tier<u32, Numbers> {
    files
}

fn read(files: &Files, place: &Place) -> Option<Numbers> {
    tier(files).read(place, u64::MAX).map(|(value, _)| value)
}

fn info(files: &Files) -> CacheInfo {
    let mut info = CacheInfo::default();
    tier(files).count(&mut info);
    info
}

/// The names in the folder of the function, in order.
fn names(files: &Files) -> Vec<String> {
    let entries = fs::read_dir(&files.own.path).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn every_truncation_and_every_flipped_bit_of_a_file_is_a_miss() {
    let scratch = tempfile::tempdir().unwrap();
    let files = files(scratch.path());
    let place = tier(&files).place(&7).unwrap();
    let value = vec![1, 2, 3];
    tier(&files).write(&place, &value);
    let path = files.own.path.join(&place.name);
    let sound = fs::read(&path).unwrap();
    let mut broken: Vec<Vec<u8>> = (0..sound.len()).map(|n| sound[..n].to_vec()).collect();
    broken.extend((0..sound.len() * 8).map(|bit| {
        let mut bytes = sound.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        bytes
    }));
    for (i, bytes) in broken.iter().enumerate() {
        fs::write(&path, bytes).unwrap();
        assert_eq!(read(&files, &place), None, "case {i}");
        assert!(!path.exists(), "it was set aside");
    }
    assert_eq!(info(&files).disk_bad, broken.len() as u64);
    fs::write(&path, sound).unwrap();
    assert_eq!(read(&files, &place), Some(value));
}

/// Sound entries that are not the one that was asked for, in its place.
#[test]
fn an_entry_of_another_key_code_or_type_is_not_believed() {
    let scratch = tempfile::tempdir().unwrap();
    let files = files(scratch.path());
    let [seven, eight] = [7, 8].map(|key| tier(&files).place(&key).unwrap());
    tier(&files).write(&eight, &vec![8]);
    let (from, to) = (files.own.path.join(&eight.name), files.own.path.join(&seven.name));
    fs::copy(from, &to).unwrap();
    assert_eq!(read(&files, &seven), None);
    assert!(to.exists(), "it is sound, and stays");
    let others = [
        Disk::new(scratch.path(), "lab::numbers").version(4).files::<u32, Numbers>(),
        Disk::new(scratch.path(), "lab-numbers").version(3).files::<u32, Numbers>(),
        Disk::new(scratch.path(), "lab::numbers").version(3).files::<u32, Vec<u64>>(),
    ];
    for other in &others {
        assert_ne!(tier(other).place(&8).unwrap().name, eight.name);
        let place = Place { name: eight.name.clone(), head: tier(other).place(&8).unwrap().head };
        assert_eq!(read(other, &place), None);
    }
    assert_eq!(read(&files, &eight), Some(vec![8]));
    assert_eq!(info(&files).disk_bad, 0);
}

fn is_full(file: &mut File, bytes: &[u8]) -> io::Result<()> {
    file.write_all(&bytes[..bytes.len() / 2])?;
    Err(io::ErrorKind::StorageFull.into())
}

#[test]
fn a_full_disk_costs_a_count_and_leaves_nothing() {
    let scratch = tempfile::tempdir().unwrap();
    let mut files = files(scratch.path());
    files.own.write_all = is_full;
    let place = tier(&files).place(&7).unwrap();
    for _ in 0..3 {
        tier(&files).write(&place, &vec![1]);
    }
    assert_eq!((info(&files).disk_errors, info(&files).disk_writes), (3, 0));
    assert_eq!(names(&files), [""; 0]);
    assert_eq!(read(&files, &place), None);
}

/// What would not be read is not written, and what has no place is counted.
#[test]
fn what_is_too_large_or_cannot_be_written_down_is_counted() {
    #[derive(Hash)]
    struct Unwritten;
    impl Serialize for Unwritten {
        fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(serde::ser::Error::custom("no"))
        }
    }
    let scratch = tempfile::tempdir().unwrap();
    let mut files = files(scratch.path());
    let place = tier(&files).place(&7).unwrap();
    tier(&files).write(&place, &vec![1]);
    files.own.largest = fs::metadata(files.own.path.join(&place.name)).unwrap().len();
    tier(&files).write(&place, &vec![2]);
    tier(&files).write(&place, &vec![3, 4]);
    assert_eq!(read(&files, &place), Some(vec![2]));
    assert_eq!((info(&files).disk_errors, info(&files).disk_writes), (1, 2));
    let keys: &dyn Tier<Unwritten, Numbers> = &files;
    assert!(keys.place(&Unwritten).is_none());
    assert_eq!(info(&files).disk_errors, 2);
}

/// A memo over a disk that cannot be used remembers, and its callers hear nothing.
#[test]
fn a_folder_that_cannot_be_costs_nothing_else() {
    let scratch = tempfile::tempdir().unwrap();
    let file = scratch.path().join("file");
    fs::write(&file, "in the way").unwrap();
    let memo: crate::Memo<u32, u32> = crate::Memo::builder().disk(Disk::new(&file, "f")).build();
    assert_eq!(memo.get_or_insert_with(1, || 10) + memo.get_or_insert_with(1, || 11), 20);
    let info = memo.info();
    assert_eq!((info.hits, info.misses, info.disk_writes), (1, 1, 0));
    assert!(info.disk_errors >= 1);
    assert_eq!(fs::read_to_string(&file).unwrap(), "in the way");
}

#[cfg(unix)]
#[test]
fn links_pipes_and_folders_are_not_read() {
    let scratch = tempfile::tempdir().unwrap();
    let files = files(scratch.path());
    let places: Vec<Place> = (0..4).map(|key| tier(&files).place(&key).unwrap()).collect();
    let path = |i: usize| files.own.path.join(&places[i].name);
    tier(&files).write(&places[0], &vec![5]);
    // A link to a sound entry, a link to nowhere, a pipe that nobody writes to, a folder.
    fs::rename(path(0), scratch.path().join("elsewhere")).unwrap();
    std::os::unix::fs::symlink(scratch.path().join("elsewhere"), path(0)).unwrap();
    std::os::unix::fs::symlink("/nowhere", path(1)).unwrap();
    let (mode, kind) =
        (rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR, rustix::fs::FileType::Fifo);
    rustix::fs::mknodat(rustix::fs::CWD, path(2), kind, mode, 0).unwrap();
    fs::create_dir(path(3)).unwrap();
    for place in &places {
        assert_eq!(read(&files, place), None);
    }
    // A write replaces the link, not what it leads to.
    tier(&files).write(&places[0], &vec![6]);
    assert_eq!(read(&files, &places[0]), Some(vec![6]));
    assert!(fs::read(scratch.path().join("elsewhere")).is_ok());
    assert_eq!(survey(scratch.path()).unwrap().functions[0].entries, 1);
}

#[cfg(unix)]
#[test]
fn files_are_their_owners_alone() {
    use std::os::unix::fs::MetadataExt as _;
    let scratch = tempfile::tempdir().unwrap();
    let files = files(scratch.path());
    let place = tier(&files).place(&1).unwrap();
    tier(&files).write(&place, &vec![1]);
    let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o777;
    assert_eq!(mode(&files.own.path.join(&place.name)), 0o600);
    assert_eq!(mode(&files.own.path), 0o700);
}

#[test]
fn a_shared_tier_is_read_and_not_written() {
    let (own, shared) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let filled = files(shared.path());
    let [one, two] = [1, 2].map(|key| tier(&filled).place(&key).unwrap());
    tier(&filled).write(&one, &vec![1]);
    fs::write(filled.own.path.join(&two.name), "damaged").unwrap();
    let before = names(&filled);
    let both = Disk::new(own.path(), "lab::numbers").version(3).shared(shared.path());
    let both = both.files::<u32, Numbers>();
    assert_eq!((read(&both, &one), read(&both, &two)), (Some(vec![1]), None));
    tier(&both).write(&two, &vec![2]);
    assert_eq!(read(&both, &two), Some(vec![2]));
    assert_eq!(names(&filled), before);
    assert_eq!(fs::read_to_string(filled.own.path.join(&two.name)).unwrap(), "damaged");
    assert_eq!((info(&both).disk_hits, info(&both).disk_bad), (2, 1));
}

/// The age of a file, made up.
fn age(path: &Path, by: Duration) {
    File::open(path).unwrap().set_modified(SystemTime::now() - by).unwrap();
}

#[test]
fn what_was_used_longest_ago_goes_first() {
    let scratch = tempfile::tempdir().unwrap();
    let disk = || Disk::new(scratch.path(), "lab::numbers").version(3);
    let files = disk().files::<u32, Numbers>();
    let places: Vec<Place> = (0..10).map(|key| tier(&files).place(&key).unwrap()).collect();
    let value = vec![u32::MAX; 100];
    for (i, place) in places.iter().enumerate() {
        tier(&files).write(place, &value);
        let hours = u64::try_from(10 - i).unwrap();
        age(&files.own.path.join(&place.name), Duration::from_secs(3600 * hours));
    }
    let bytes = fs::metadata(files.own.path.join(&places[0].name)).unwrap().len();
    // Five and a half fit; the first is used, and stays for it.
    let bounded = disk().max_bytes(bytes * 11 / 2).files::<u32, Numbers>();
    assert!(read(&bounded, &places[0]).is_some());
    tier(&bounded).write(&tier(&bounded).place(&99).unwrap(), &value);
    let left: Vec<usize> = (0..10).filter(|&i| read(&bounded, &places[i]).is_some()).collect();
    assert_eq!(left, [0, 8, 9]);
}

#[test]
fn leftovers_go_when_they_are_old() {
    let scratch = tempfile::tempdir().unwrap();
    let files = files(scratch.path());
    let place = tier(&files).place(&1).unwrap();
    tier(&files).write(&place, &vec![1]);
    let old = CLEAN_UP_AGE + Duration::from_secs(60);
    let bad = place.name.replace(".memo", ".bad");
    for (name, by) in
        [(".tmp-a-1-1-0", old), (".tmp-b-1-1-0", Duration::ZERO), (&bad, old), ("mine", old)]
    {
        let path = files.own.path.join(name);
        fs::write(&path, "left").unwrap();
        age(&path, by);
    }
    // Another process looks at the folder when it first writes.
    let other = self::files(scratch.path());
    tier(&other).write(&place, &vec![1]);
    assert_eq!(names(&files), [".tmp-b-1-1-0", &place.name, "mine"]);
}

#[test]
fn a_folder_that_is_cleared_is_made_again() {
    let scratch = tempfile::tempdir().unwrap();
    let files = files(scratch.path());
    let place = tier(&files).place(&1).unwrap();
    for _ in 0..2 {
        tier(&files).write(&place, &vec![1]);
        assert_eq!(read(&files, &place), Some(vec![1]));
        assert_eq!(clear(scratch.path()).unwrap(), 1);
        assert_eq!(read(&files, &place), None);
    }
    assert_eq!(info(&files).disk_errors, 0);
}

#[test]
fn a_survey_names_what_is_there() {
    let scratch = tempfile::tempdir().unwrap();
    let files = files(scratch.path());
    for key in 0..3 {
        tier(&files).write(&tier(&files).place(&key).unwrap(), &vec![key]);
    }
    let newer = Disk::new(scratch.path(), "lab::numbers").version(4).files::<u32, Numbers>();
    tier(&newer).write(&tier(&newer).place(&0).unwrap(), &vec![0]);
    fs::write(files.own.path.join(".tmp-x"), "half").unwrap();
    fs::write(scratch.path().join("notes.txt"), "mine").unwrap();
    let damaged = files.own.path.join(&tier(&files).place(&2).unwrap().name);
    fs::write(&damaged, "damaged").unwrap();
    let found = survey(scratch.path()).unwrap();
    let each: Vec<(&str, u64, usize)> =
        found.functions.iter().map(|f| (f.name.as_str(), f.code, f.entries)).collect();
    assert_eq!(each, [("lab::numbers", 3, 2), ("lab::numbers", 4, 1)]);
    assert!(found.functions[0].types.contains("Vec<u32>"), "{}", found.functions[0].types);
    assert_eq!((found.bad, found.unfinished.len()), (vec![damaged], 1));
    assert_eq!(clear(scratch.path()).unwrap(), 5);
    assert_eq!(survey(scratch.path()).unwrap(), Survey::default());
    assert!(scratch.path().join("notes.txt").exists());
    let error = survey(scratch.path().join("nowhere")).unwrap_err();
    assert!(error.to_string().starts_with("cannot read `"), "{error}");
    assert_eq!(error.kind(), crate::ErrorKind::Read);
}

#[test]
fn a_value_has_its_age() {
    let scratch = tempfile::tempdir().unwrap();
    let mut files = files(scratch.path());
    files.now_ns = || 1000;
    let place = tier(&files).place(&1).unwrap();
    tier(&files).write(&place, &vec![1]);
    files.now_ns = || 1500;
    assert_eq!(tier(&files).read(&place, 501), Some((vec![1], 500)));
    assert_eq!(tier(&files).read(&place, 500), None);
    files.now_ns = || 0;
    assert_eq!(tier(&files).read(&place, 1), Some((vec![1], 0)), "a clock that goes after");
    assert_eq!(info(&files).disk_bad, 0);
}

#[test]
fn a_durable_entry_is_read_like_another() {
    let scratch = tempfile::tempdir().unwrap();
    let files = Disk::new(scratch.path(), "f").durable(true).files::<u32, Numbers>();
    let place = tier(&files).place(&1).unwrap();
    tier(&files).write(&place, &vec![1]);
    assert_eq!(read(&files, &place), Some(vec![1]));
}

#[test]
fn names_become_folders() {
    assert_eq!(subfolder("lab::roots"), "f-lab--roots");
    assert_eq!(subfolder("../../x"), "f-------x");
    assert_eq!(subfolder(&"ü".repeat(200)).len(), 102);
}
