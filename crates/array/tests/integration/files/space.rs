//! Disks that are full, folders that are closed, and what is left behind.

use std::error::Error as _;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::Command;

use tenfold_array::{
    ByteOrder, ErrorKind, NpyWriter, NpzWriter, RawWriter, ScratchFile, Source as _, Target as _,
    Window,
};

/// Names the folder to the process that may not write large files.
const FOLDER: &str = "TENFOLD_ARRAY_SMALL_DISK";

/// Does something in a folder and in a process of its own, whose files have at most 64 KiB: a limit that everybody can set,
/// and that the kernel tells as it tells a full disk. It is this program with one test, which calls this again. The folder
/// is empty afterwards.
pub(crate) fn limited(variable: &str, test: &str, body: impl FnOnce(&Path)) {
    if let Some(folder) = std::env::var_os(variable) {
        return body(Path::new(&folder));
    }
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' XFSZ; ulimit -f 128; exec \"$0\" \"$@\""]);
    command.arg(std::env::current_exe().unwrap()).args([test, "--exact"]);
    let output = command.env(variable, folder.path()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
    assert!(fs::read_dir(folder.path()).unwrap().next().is_none());
}

#[test]
fn a_disk_that_fills_says_so_and_keeps_nothing() {
    limited(FOLDER, "files::space::a_disk_that_fills_says_so_and_keeps_nothing", on_a_small_disk);
}

fn on_a_small_disk(folder: &Path) {
    let path = folder.join("a");
    let name = path.display();
    let told = |error: tenfold_array::Error| {
        assert_eq!(error.kind(), ErrorKind::Io);
        format!("{error:#}")
    };
    let full = |bytes: u64, subject: String| {
        format!(
            "the disk does not give the {bytes} bytes of {subject}: File too large (os error 27)"
        )
    };
    assert_eq!(
        told(NpyWriter::<f64>::create(&path, &[1000, 1000]).unwrap_err()),
        full(8_000_128, format!("file `{name}`"))
    );
    assert_eq!(
        told(RawWriter::<u8>::create(&path, &[100_000], ByteOrder::Native).unwrap_err()),
        full(100_000, format!("file `{name}`"))
    );
    assert_eq!(
        told(ScratchFile::<u8>::create(folder, &[100_000]).unwrap_err()),
        full(100_000, format!("a scratch file in `{}`", folder.display()))
    );
    let archive = NpzWriter::create(&path).unwrap();
    archive.array::<u8>("x", &[1000]).unwrap().write(&Window::whole(&[1000]), &[7; 1000]).unwrap();
    let error = told(archive.array::<u8>("y", &[100_000]).unwrap_err());
    assert!(error.contains(&format!("of array `y` of file `{name}`: File too large")), "{error}");
    // What there is space for goes on.
    archive.finish().unwrap();
    let file = tenfold_array::NpzFile::open(&path).unwrap();
    assert_eq!(file.names().collect::<Vec<_>>(), ["x"]);
    fs::remove_file(&path).unwrap();
}

#[test]
fn files_are_as_others_that_a_program_creates() {
    let folder = tempfile::tempdir().unwrap();
    let [plain, ours] = ["plain", "ours"].map(|name| folder.path().join(name));
    fs::write(&plain, b"").unwrap();
    NpyWriter::<u8>::create(&ours, &[0]).unwrap().finish().unwrap();
    let mode = |path| fs::metadata(path).unwrap().mode();
    assert_eq!(mode(&plain), mode(&ours));
}

/// Past the test runner's capture, where skips are counted.
#[cfg(target_os = "linux")]
fn say(line: &str) {
    std::io::Write::write_all(&mut std::io::stdout(), line.as_bytes()).unwrap();
}

/// Not even for root, whom no permission stops elsewhere.
#[test]
#[cfg(target_os = "linux")]
fn a_folder_that_takes_no_files_says_so() {
    let error = NpyWriter::<u8>::create("/proc/a.npy", &[2]).unwrap_err();
    assert_eq!(error.to_string(), "file `/proc/a.npy` cannot be created");
    assert!(error.source().unwrap().downcast_ref::<std::io::Error>().is_some());
}

#[test]
#[cfg(target_os = "linux")]
fn space_is_set_aside_and_given_back() {
    let folder = tempfile::tempdir().unwrap();
    let writer = NpyWriter::<u8>::create(folder.path().join("a"), &[1 << 20]).unwrap();
    let hidden = fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap().path();
    let blocks = |path: &Path| fs::metadata(path).unwrap().blocks();
    assert!(hidden.file_name().unwrap().to_str().unwrap().starts_with(".a."));
    match blocks(&hidden) {
        0 => say("skipped: space that is set aside: the file system sets none\n"),
        blocks => assert!(blocks >= 2048, "{blocks}"),
    }
    drop(writer);

    let scratch = ScratchFile::<u8>::create(folder.path(), &[16, 1 << 16]).unwrap();
    scratch.write(&Window::whole(&[16, 1 << 16]), &vec![7; 1 << 20]).unwrap();
    scratch.release(&Window::new(&[4..12, 0..1 << 16])).unwrap();
    // Rows of less than a block keep theirs.
    scratch.release(&Window::new(&[0..16, 0..100])).unwrap();
    let mut rows = vec![1; 2 << 16];
    scratch.read(&Window::new(&[3..5, 0..1 << 16]), &mut rows).unwrap();
    let (kept, gone) = rows.split_at(1 << 16);
    assert!(kept.iter().all(|&byte| byte == 7));
    assert!(gone.iter().all(|&byte| byte == 0));
}
