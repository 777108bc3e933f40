//! Files in a folder that several processes, on several machines, share without locks.

use std::fs::{self, DirBuilder, File, Metadata, OpenOptions};
use std::hash::{BuildHasher as _, RandomState};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::entry::ENTRY;

/// What the names of files that are being written begin with.
const TEMPORARY: &str = ".tmp-";
/// What the names of damaged files end in.
const BAD: &str = "bad";

/// Whatever was left behind longer ago than this is nobody's any more.
pub(crate) const CLEAN_UP_AGE: Duration = Duration::from_secs(3600);

/// No entry is larger, and is not written; a file that is, is none of ours.
const LARGEST: u64 = 4 << 30;

/// A folder of entries.
#[derive(Debug)]
pub(crate) struct Folder {
    pub(crate) path: PathBuf,
    /// Whether files of others are believed. Files of one's own are nobody else's to read.
    pub(crate) shared: bool,
    /// Whether what is written is on the disk before it has its name.
    pub(crate) durable: bool,
    /// `Write::write_all`, but for a test that needs a full disk.
    pub(crate) write_all: fn(&mut File, &[u8]) -> io::Result<()>,
    /// [`LARGEST`], but for a test.
    pub(crate) largest: u64,
}

/// A file in a folder.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) path: PathBuf,
    pub(crate) kind: Kind,
    pub(crate) bytes: u64,
    pub(crate) modified: SystemTime,
}

/// What a file is by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Entry,
    Temporary,
    Bad,
}

impl Folder {
    pub(crate) fn new(path: PathBuf, shared: bool, durable: bool) -> Self {
        let write_all = |file: &mut File, bytes: &[u8]| file.write_all(bytes);
        Self { path, shared, durable, write_all, largest: LARGEST }
    }

    /// The bytes of a file, and when it was last used; `None` if there is none that may be read: a
    /// link, a pipe or a device, or what somebody else has put there.
    pub(crate) fn read(&self, name: &str) -> io::Result<Option<(Vec<u8>, SystemTime)>> {
        let file = match open(&self.path.join(name)) {
            Ok(file) => file,
            Err(error) if is_absent(&error) => return Ok(None),
            Err(error) => return Err(error),
        };
        let metadata = file.metadata()?;
        if !metadata.is_file()
            || metadata.len() > self.largest
            || !(self.shared || is_ours(&metadata))
        {
            return Ok(None);
        }
        // A file can say that it is long without being so.
        const BELIEVED: u64 = 1 << 24;
        let believed = usize::try_from(metadata.len().min(BELIEVED)).unwrap_or(0);
        let mut bytes = Vec::with_capacity(believed + 1);
        file.take(self.largest).read_to_end(&mut bytes)?;
        Ok(Some((bytes, metadata.modified()?)))
    }

    /// Puts a file in its place, whole or not at all.
    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        if bytes.len() as u64 > self.largest {
            let (bytes, largest) = (bytes.len(), self.largest);
            let message = format!("an entry of {bytes} bytes is larger than {largest}");
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
        }
        match self.try_write(name, bytes) {
            // Somebody has cleared the folder, or it is not there yet.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.create()?;
                self.try_write(name, bytes)
            }
            done => done,
        }
    }

    fn try_write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let temporary = self.path.join(temporary());
        let done = self.fill(&temporary, bytes);
        let done = done.and_then(|()| fs::rename(&temporary, self.path.join(name)));
        if done.is_err() {
            let _ = fs::remove_file(&temporary);
            return done;
        }
        if self.durable { File::open(&self.path)?.sync_all() } else { Ok(()) }
    }

    fn fill(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut file = private(OpenOptions::new().write(true).create_new(true)).open(path)?;
        (self.write_all)(&mut file, bytes)?;
        if self.durable { file.sync_data() } else { Ok(()) }
    }

    fn create(&self) -> io::Result<()> {
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&self.path)
    }

    /// Sets a damaged file aside, so that it is looked at once only.
    pub(crate) fn set_aside(&self, name: &str) {
        let path = self.path.join(name);
        let _ = fs::rename(&path, path.with_extension(BAD));
    }

    pub(crate) fn remove(&self, name: &str) {
        let _ = fs::remove_file(self.path.join(name));
    }

    /// Notes that a file was used.
    pub(crate) fn touch(&self, name: &str) {
        if let Ok(file) = open(&self.path.join(name)) {
            let _ = file.set_modified(SystemTime::now());
        }
    }

    /// The files that are ours by name and kind. Nothing else is ever looked into or removed.
    pub(crate) fn list(&self) -> io::Result<Vec<Found>> {
        let mut found = vec![];
        for entry in fs::read_dir(&self.path)? {
            let Ok(entry) = entry else { continue };
            let name = entry.file_name();
            let Some(kind) = name.to_str().and_then(kind) else { continue };
            // Of a link, what the link itself is. What is gone by now is gone.
            let Ok(metadata) = entry.metadata() else { continue };
            if metadata.is_file() {
                let (bytes, modified) = (metadata.len(), metadata.modified());
                let modified = modified.unwrap_or(SystemTime::UNIX_EPOCH);
                found.push(Found { path: entry.path(), kind, bytes, modified });
            }
        }
        Ok(found)
    }

    /// Removes what was left behind long ago, and the entries that were used longest ago until those
    /// left have at most so many bytes. Gives the bytes that are left. Others may do so at the same
    /// time: what is gone already is gone.
    pub(crate) fn sweep(&self, max_bytes: Option<u64>) -> io::Result<u64> {
        let mut found = self.list()?;
        let now = SystemTime::now();
        let is_old =
            |file: &Found| now.duration_since(file.modified).is_ok_and(|age| age > CLEAN_UP_AGE);
        let left = found.extract_if(.., |file| file.kind != Kind::Entry);
        left.filter(is_old).for_each(|file| drop(fs::remove_file(file.path)));
        found.sort_by_key(|file| file.modified);
        let mut bytes: u64 = found.iter().map(|file| file.bytes).sum();
        for file in found {
            if max_bytes.is_none_or(|limit| bytes <= limit) {
                break;
            }
            let _ = fs::remove_file(&file.path);
            bytes -= file.bytes;
        }
        Ok(bytes)
    }
}

/// What a file is by its name.
fn kind(name: &str) -> Option<Kind> {
    if name.starts_with(TEMPORARY) {
        return Some(Kind::Temporary);
    }
    let (stem, ending) = name.rsplit_once('.')?;
    let is_hash = stem.len() == 32 && stem.bytes().all(|byte| byte.is_ascii_hexdigit());
    match ending {
        ENTRY if is_hash => Some(Kind::Entry),
        BAD if is_hash => Some(Kind::Bad),
        _ => None,
    }
}

/// A name that no other thread of any process on any machine makes: two machines that share a folder
/// have processes of the same number.
fn temporary() -> String {
    let random = RandomState::new().hash_one(SystemTime::now());
    let thread = crate::sync::thread();
    format!("{TEMPORARY}{}-{}-{thread}-{random:016x}", host(), std::process::id())
}

/// The machine's name, as far as it can be part of a file's.
fn host() -> String {
    #[cfg(unix)]
    let name = rustix::system::uname().nodename().to_string_lossy().into_owned();
    #[cfg(not(unix))]
    let name = std::env::var("COMPUTERNAME").unwrap_or_default();
    name.chars().filter(|c| c.is_ascii_alphanumeric()).take(32).collect()
}

/// Opens what is no link, and does not wait for what is a pipe.
fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
        std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, flags.bits().cast_signed());
    }
    options.open(path)
}

/// Files that nobody else may read.
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

#[cfg(unix)]
fn is_ours(metadata: &Metadata) -> bool {
    std::os::unix::fs::MetadataExt::uid(metadata) == rustix::process::geteuid().as_raw()
}

#[cfg(not(unix))]
fn is_ours(_: &Metadata) -> bool {
    true
}

/// There is nothing to read: no file, or a link in its place.
fn is_absent(error: &io::Error) -> bool {
    #[cfg(unix)]
    if error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error()) {
        return true;
    }
    error.kind() == io::ErrorKind::NotFound
}
