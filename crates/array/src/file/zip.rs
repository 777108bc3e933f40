//! What npz needs of the format zip.
//!
//! ```text
//! for each member: its header, its bytes
//! the directory: for each member where its header is
//! the end: where the directory is
//! ```
//! Sizes of more than 32 bits, and a place of the directory of more than that, stand in records of their own (zip64).
//! They always do in what is written here, so that there is one way only. Libraries for zip write one member after
//! another; arrays are written from several threads, everywhere at once.
//! Source: APPNOTE.TXT, 6.3.10, of PKWARE.

use super::disk::Disk;
use super::fault::Fault;
use crate::error::Result;

const LOCAL: u32 = 0x0403_4b50;
const CENTRAL: u32 = 0x0201_4b50;
const END: u32 = 0x0605_4b50;
const END64: u32 = 0x0606_4b50;
const LOCATOR: u32 = 0x0706_4b50;

const END_BYTES: usize = 22;
const END64_BYTES: usize = 56;
const LOCATOR_BYTES: usize = 20;
const LOCAL_BYTES: usize = 30;
/// The sizes of a member of more than 32 bits.
const SIZES: u16 = 1;
/// Stands where a number of 32 bits is kept elsewhere with 64.
const ELSEWHERE: u32 = u32::MAX;
/// The version that has zip64, 4.5.
const VERSION: u16 = 45;
/// Names are in UTF-8.
const UTF8: u16 = 1 << 11;
const ENCRYPTED: u16 = 1;
/// The first of January 1980, as NumPy says: the same array makes the same file.
const DATE: u16 = 0x21;
/// A directory is never longer: that of a million members has some 100 MB.
const LONGEST: u64 = 256 << 20;

/// A member of an archive.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) method: u16,
    pub(super) is_encrypted: bool,
    pub(super) crc: u32,
    /// Its bytes as they lie in the archive.
    pub(super) packed: u64,
    /// Its bytes unpacked.
    pub(super) size: u64,
    /// Where its header is.
    pub(super) header: u64,
}

/// The members of an archive of `len` bytes.
pub(super) fn read_entries(disk: &Disk, len: u64) -> Result<Vec<Entry>> {
    let directory = Directory::find(disk, len)?;
    let mut bytes = vec![0; directory.bytes(len).map_err(|fault| fault.of(disk.subject()))?];
    disk.read(directory.at, &mut bytes)?;
    let mut fields = Fields(&bytes);
    let mut entries = Vec::new();
    while !fields.0.is_empty() {
        entries.push(fields.entry().ok_or_else(|| {
            let what = format!("has a directory whose entry {} is malformed", entries.len());
            Fault::data(what).of(disk.subject())
        })?);
    }
    if entries.len() as u64 != directory.count {
        let (count, found) = (directory.count, entries.len());
        let what = format!("says that it has {count} members, but its directory has {found}");
        return Err(Fault::data(what).of(disk.subject()));
    }
    check_places(&entries, directory.at).map_err(|fault| fault.of(disk.subject()))?;
    Ok(entries)
}

/// That each member lies before the next, and the last before the directory: else a small file could have any number
/// of bytes in it, as many times as there are members.
fn check_places(entries: &[Entry], directory: u64) -> Result<(), Fault> {
    let mut entries: Vec<&Entry> = entries.iter().collect();
    entries.sort_by_key(|entry| entry.header);
    let ends = entries
        .iter()
        .map(|entry| entry.header.checked_add(LOCAL_BYTES as u64)?.checked_add(entry.packed));
    let nexts = entries.iter().skip(1).map(|entry| entry.header).chain([directory]);
    match ends.zip(nexts).position(|(end, next)| end.is_none_or(|end| end > next)) {
        None => Ok(()),
        Some(at) => {
            let Entry { name, packed, header, .. } = entries[at];
            let next = match entries.get(at + 1) {
                Some(next) => format!("{:?} begins at byte {}", next.name, next.header),
                None => format!("the directory begins at byte {directory}"),
            };
            Err(Fault::data(format!(
                "is damaged: {name:?} has {packed} bytes behind its header at byte {header}, but {next}"
            )))
        }
    }
}

/// Where the bytes of a member begin.
pub(super) fn find_bytes(disk: &Disk, len: u64, entry: &Entry) -> Result<u64> {
    let is_inside = |end: Option<u64>| end.is_some_and(|end| end <= len);
    let refuse = |what: &str| {
        let what = format!("{what} at byte {}, but it has {len}", entry.header);
        Err(Fault::data(what).of(disk.subject()))
    };
    if !is_inside(entry.header.checked_add(LOCAL_BYTES as u64)) {
        return refuse("is torn: the header is");
    }
    let mut bytes = [0; LOCAL_BYTES];
    disk.read(entry.header, &mut bytes)?;
    let mut fields = Fields(&bytes);
    let signature = fields.u32();
    let lengths = fields.skip(22).and_then(|()| Some((fields.u16()?, fields.u16()?)));
    let Some((name, extra)) = lengths.filter(|_| signature == Some(LOCAL)) else {
        return refuse("is damaged: no header is");
    };
    let start = entry.header + LOCAL_BYTES as u64 + u64::from(name) + u64::from(extra);
    if !is_inside(start.checked_add(entry.packed)) {
        return refuse(&format!("is torn: {} bytes belong behind the header", entry.packed));
    }
    Ok(start)
}

#[derive(Debug, PartialEq, Eq)]
struct Directory {
    count: u64,
    size: u64,
    at: u64,
}

impl Directory {
    /// Finds the end of the archive, behind which is a comment of at most 65535 bytes.
    fn find(disk: &Disk, len: u64) -> Result<Self> {
        let longest = (END_BYTES + usize::from(u16::MAX)) as u64;
        let start = len.saturating_sub(longest);
        let mut tail = vec![0; usize::try_from(len - start).unwrap_or(0)];
        disk.read(start, &mut tail)?;
        let last = tail.len().checked_sub(END_BYTES);
        let found = last.and_then(|last| {
            (0..=last).rev().find_map(|at| {
                let directory = Self::read(&tail[at..])?;
                Some((start + at as u64, directory))
            })
        });
        let Some((at, directory)) = found else {
            let what = "is no npz file, or torn: no directory is at its end";
            return Err(Fault::data(what).of(disk.subject()));
        };
        Ok(Self::find64(disk, len, at)?.unwrap_or(directory))
    }

    /// An end that takes up all of the rest of a file.
    fn read(rest: &[u8]) -> Option<Self> {
        let mut fields = Fields(rest);
        if fields.u32()? != END {
            return None;
        }
        fields.skip(6)?;
        let (count, size, at) = (fields.u16()?, fields.u32()?, fields.u32()?);
        let comment = usize::from(fields.u16()?);
        let directory = Self { count: count.into(), size: size.into(), at: at.into() };
        (fields.0.len() == comment).then_some(directory)
    }

    /// What stands in the records of 64 bits, if the end at byte `end` has such before it. Its own numbers may be the
    /// largest and still mean themselves: 65535 members need no more.
    fn find64(disk: &Disk, len: u64, end: u64) -> Result<Option<Self>> {
        let Some(locator) = end.checked_sub(LOCATOR_BYTES as u64) else { return Ok(None) };
        let mut bytes = [0; LOCATOR_BYTES];
        disk.read(locator, &mut bytes)?;
        let mut fields = Fields(&bytes);
        if fields.u32() != Some(LOCATOR) {
            return Ok(None);
        }
        let at = fields.skip(4).and_then(|()| fields.u64());
        let at = at.filter(|at| at.checked_add(END64_BYTES as u64).is_some_and(|end| end <= len));
        let mut end = [0; END64_BYTES];
        if let Some(at) = at {
            disk.read(at, &mut end)?;
        }
        let mut fields = Fields(&end);
        let is_end = fields.u32() == Some(END64) && fields.skip(28).is_some();
        let numbers = fields.u64().zip(fields.u64()).zip(fields.u64()).filter(|_| is_end);
        let Some(((count, size), at)) = numbers else {
            let what = "is damaged: the end of its directory is not where it should be";
            return Err(Fault::data(what).of(disk.subject()));
        };
        Ok(Some(Self { count, size, at }))
    }

    /// How long it is, if a file of `len` bytes has it.
    fn bytes(&self, len: u64) -> Result<usize, Fault> {
        let Self { size, at, .. } = self;
        if at.checked_add(*size).is_none_or(|end| end > len) {
            let what = format!(
                "is torn: its directory has {size} bytes from byte {at} on, but it has {len}"
            );
            return Err(Fault::data(what));
        }
        let bytes = usize::try_from(*size).ok().filter(|_| *size <= LONGEST);
        bytes.ok_or_else(|| {
            let what = format!("has a directory of {size} bytes, but at most {LONGEST} are read");
            Fault::unsupported(what)
        })
    }
}

/// The header in front of the bytes of a member.
pub(super) fn local_header(entry: &Entry) -> Vec<u8> {
    let mut bytes = Written::default();
    bytes.u32(LOCAL).u16(VERSION).u16(UTF8).u16(entry.method).u16(0).u16(DATE).u32(entry.crc);
    bytes.u32(ELSEWHERE).u32(ELSEWHERE);
    bytes.length(entry.name.len()).u16(20);
    bytes.0.extend(entry.name.as_bytes());
    bytes.u16(SIZES).u16(16).u64(entry.size).u64(entry.packed);
    bytes.0
}

/// All that stands behind the members, from byte `at` on.
pub(super) fn directory(entries: &[Entry], at: u64) -> Vec<u8> {
    let mut bytes = Written::default();
    for entry in entries {
        bytes.u32(CENTRAL).u16(VERSION).u16(VERSION).u16(UTF8).u16(entry.method).u16(0).u16(DATE);
        bytes.u32(entry.crc).u32(ELSEWHERE).u32(ELSEWHERE);
        // No comment, the first disk, no attributes.
        bytes.length(entry.name.len()).u16(28).u16(0).u16(0).u16(0).u32(0).u32(ELSEWHERE);
        bytes.0.extend(entry.name.as_bytes());
        bytes.u16(SIZES).u16(24).u64(entry.size).u64(entry.packed).u64(entry.header);
    }
    let (count, size) = (entries.len() as u64, bytes.0.len() as u64);
    bytes.u32(END64).u64(END64_BYTES as u64 - 12).u16(VERSION).u16(VERSION).u32(0).u32(0);
    bytes.u64(count).u64(count).u64(size).u64(at);
    bytes.u32(LOCATOR).u32(0).u64(at + size).u32(1);
    bytes.u32(END).u16(0).u16(0).u16(u16::MAX).u16(u16::MAX);
    bytes.u32(ELSEWHERE).u32(ELSEWHERE).u16(0);
    bytes.0
}

/// Numbers, the lowest byte first, as long as there are bytes.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn skip(&mut self, count: usize) -> Option<()> {
        self.take(count).map(|_| ())
    }

    fn u16(&mut self) -> Option<u16> {
        self.take(2)?.try_into().ok().map(u16::from_le_bytes)
    }

    fn u32(&mut self) -> Option<u32> {
        self.take(4)?.try_into().ok().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Option<u64> {
        self.take(8)?.try_into().ok().map(u64::from_le_bytes)
    }

    /// An entry of the directory.
    fn entry(&mut self) -> Option<Entry> {
        if self.u32()? != CENTRAL {
            return None;
        }
        self.skip(4)?;
        let (flags, method) = (self.u16()?, self.u16()?);
        self.skip(4)?;
        let (crc, packed, size) = (self.u32()?, self.u32()?, self.u32()?);
        let (name, extra, comment) = (self.u16()?, self.u16()?, self.u16()?);
        self.skip(8)?;
        let header = self.u32()?;
        let name = String::from_utf8_lossy(self.take(name.into())?).into_owned();
        let mut wide = sizes(self.take(extra.into())?);
        self.skip(comment.into())?;
        let mut number = |narrow: u32| {
            if narrow == ELSEWHERE { wide.u64() } else { Some(narrow.into()) }
        };
        // In the order in which they stand in the record of wide ones.
        let (size, packed, header) = (number(size)?, number(packed)?, number(header)?);
        let is_encrypted = flags & ENCRYPTED != 0;
        Some(Entry { name, method, is_encrypted, crc, packed, size, header })
    }
}

/// The record of wide numbers among those that an entry has.
fn sizes(records: &[u8]) -> Fields<'_> {
    let mut fields = Fields(records);
    while let (Some(id), Some(length)) = (fields.u16(), fields.u16()) {
        match fields.take(length.into()) {
            Some(record) if id == SIZES => return Fields(record),
            Some(_) => {}
            None => break,
        }
    }
    Fields(&[])
}

#[derive(Default)]
struct Written(Vec<u8>);

impl Written {
    fn u16(&mut self, number: u16) -> &mut Self {
        self.0.extend(number.to_le_bytes());
        self
    }

    fn u32(&mut self, number: u32) -> &mut Self {
        self.0.extend(number.to_le_bytes());
        self
    }

    fn u64(&mut self, number: u64) -> &mut Self {
        self.0.extend(number.to_le_bytes());
        self
    }

    /// The length of a name, which is known to be short.
    fn length(&mut self, length: usize) -> &mut Self {
        self.u16(u16::try_from(length).unwrap_or(u16::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn archive(bytes: &[u8]) -> (Disk, u64) {
        let disk = Disk::new(tempfile::tempfile().unwrap(), "file `a.npz`".to_owned());
        disk.write(0, bytes).unwrap();
        (disk, bytes.len() as u64)
    }

    fn two() -> (Vec<Entry>, Vec<u8>) {
        let entry = |name: &str, header| Entry {
            name: name.to_owned(),
            crc: 7,
            packed: 3,
            size: 3,
            header,
            ..Entry::default()
        };
        let mut entries = vec![entry("x.npy", 0)];
        let mut bytes = local_header(&entries[0]);
        bytes.extend(b"abc");
        entries.push(entry("ä.npy", bytes.len() as u64));
        bytes.extend(local_header(&entries[1]));
        bytes.extend(b"def");
        bytes.extend(directory(&entries, bytes.len() as u64));
        (entries, bytes)
    }

    #[test]
    fn entries_are_read_as_they_were_written() {
        let (entries, bytes) = two();
        let (disk, len) = archive(&bytes);
        assert_eq!(read_entries(&disk, len).unwrap(), entries);
        for (entry, must) in entries.iter().zip([b"abc", b"def"]) {
            let mut found = [0; 3];
            disk.read(find_bytes(&disk, len, entry).unwrap(), &mut found).unwrap();
            assert_eq!(&found, must);
        }
    }

    /// Every file that differs in a byte, or ends early, is read or refused; nothing else.
    #[test]
    fn damage_is_refused_or_read() {
        let (_, bytes) = two();
        let mut refused = 0;
        for cut in 0..bytes.len() {
            let (disk, len) = archive(&bytes[..cut]);
            assert!(read_entries(&disk, len).is_err(), "{cut}");
        }
        for at in 0..bytes.len() {
            for flip in [1, 0x80, 0xff] {
                let mut bytes = bytes.clone();
                bytes[at] ^= flip;
                let (disk, len) = archive(&bytes);
                match read_entries(&disk, len) {
                    Ok(entries) => entries.iter().for_each(|entry| {
                        refused += usize::from(find_bytes(&disk, len, entry).is_err());
                    }),
                    Err(_) => refused += 1,
                }
            }
        }
        assert!(refused > 200, "{refused}");
    }

    /// The end of an archive as others write it, whose numbers have 16 and 32 bits.
    fn narrow_end(count: u16, size: u32, at: u32) -> Vec<u8> {
        let mut bytes = Written::default();
        bytes.u32(END).u16(0).u16(0).u16(count).u16(count).u32(size).u32(at).u16(0);
        bytes.0
    }

    /// The most members that need no numbers of 64 bits.
    #[test]
    fn archives_of_65535_members_are_read() {
        let at = |header: u64| Entry { name: "a".to_owned(), header, ..Entry::default() };
        let entries: Vec<_> = (0..65535).map(|i| at(31 * i)).collect();
        let start = 31 * 65535;
        let mut bytes = directory(&entries, start);
        bytes.truncate(bytes.len() - END64_BYTES - LOCATOR_BYTES - END_BYTES);
        let size = bytes.len().try_into().unwrap();
        bytes.extend(narrow_end(u16::MAX, size, start.try_into().unwrap()));
        let disk = Disk::new(tempfile::tempfile().unwrap(), "file `a.npz`".to_owned());
        disk.write(start, &bytes).unwrap();
        assert_eq!(read_entries(&disk, start + bytes.len() as u64).unwrap(), entries);
    }

    /// Of which a small file could have any number, each of all its bytes.
    #[test]
    fn members_that_overlap_are_refused() {
        let told = |change: fn(&mut [Entry])| {
            let (mut entries, bytes) = two();
            let end = bytes.len() - directory(&entries, 0).len();
            change(&mut entries);
            let bytes = [&bytes[..end], &directory(&entries, end as u64)].concat();
            let (disk, len) = archive(&bytes);
            read_entries(&disk, len).unwrap_err().to_string()
        };
        let begin = "file `a.npz` is damaged: ";
        assert_eq!(
            told(|entries| entries[1].header = 0),
            format!(
                "{begin}\"x.npy\" has 3 bytes behind its header at byte 0, but \"ä.npy\" begins at byte 0"
            )
        );
        assert_eq!(
            told(|entries| entries[1].packed = 60),
            format!(
                "{begin}\"ä.npy\" has 60 bytes behind its header at byte 58, but the directory begins at byte 117"
            )
        );
        assert_eq!(
            told(|entries| entries[0].packed = u64::MAX),
            format!(
                "{begin}\"x.npy\" has {} bytes behind its header at byte 0, but \"ä.npy\" begins at byte 58",
                u64::MAX
            )
        );
    }
}
