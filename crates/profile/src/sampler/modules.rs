//! The unwind tables of the program and its libraries, found before the first sample.

use std::ffi::{CStr, CString, c_void};
use std::sync::atomic::{AtomicU64, Ordering};

use framehop::x86_64::UnwinderX86_64;
use framehop::{ExplicitModuleSectionInfo, Module, MustNotAllocateDuringUnwind, Unwinder as _};

use crate::record::link::Link;

pub(super) type Tables = UnwinderX86_64<&'static [u8], MustNotAllocateDuringUnwind>;

static TABLES: Link<Tables> = Link::none();

/// The unwinder, for a handler.
pub(super) fn unwinder() -> Option<&'static Tables> {
    TABLES.get()
}

/// How often libraries had come and gone when tables were loaded last.
static CHANGES: AtomicU64 = AtomicU64::new(0);

/// Loads tables again, if libraries have come or gone since: an MPI and an interpreter load most of theirs
/// while they run.
pub(super) fn refresh() {
    if changes() != CHANGES.load(Ordering::Acquire) {
        load();
    }
}

/// Loads the tables of all libraries that are there. They are read afresh for each session that
/// finds another set of libraries; old ones stay, because a handler may have them.
///
/// Tables are memory of their libraries, and a handler may read them at any time from now on: so a
/// library that was seen here is never unloaded, whoever closes it.
pub(super) fn load() {
    use std::sync::Mutex;
    static LOADED: Mutex<Vec<Library>> = Mutex::new(Vec::new());
    let mut loaded = crate::record::thread::lock(&LOADED);
    let changes = changes();
    let found = libraries();
    if *loaded == found && TABLES.get().is_some() {
        CHANGES.store(changes, Ordering::Release);
        return;
    }
    let held: Vec<Library> = found.into_iter().filter(Library::hold).collect();
    // One may have gone, and another have come to its place, before it was held.
    let mut found = libraries();
    found.retain(|library| held.contains(library));
    let mut tables = Tables::new();
    found.iter().filter_map(Library::module).for_each(|module| tables.add_module(module));
    TABLES.set(Some(Box::leak(Box::new(tables))));
    *loaded = found;
    // Last: who finds that nothing has changed goes on without the lock.
    CHANGES.store(changes, Ordering::Release);
}

/// The libraries that are there now, by name: `libc.so.6`, and `program` for the program itself.
#[derive(Debug)]
pub(super) struct Names(Vec<Library>);

impl Names {
    pub(super) fn now() -> Self {
        Self(libraries())
    }

    /// The library whose code an address is in.
    pub(super) fn of(&self, address: u64) -> Option<&str> {
        let is_in = |library: &&Library| {
            let (start, end) = library.code;
            (library.base + start..library.base + end).contains(&address)
        };
        let path = self.0.iter().find(is_in)?.name.to_str().ok()?;
        Some(if path.is_empty() { "program" } else { path.rsplit('/').next().unwrap_or(path) })
    }
}

/// A library as it lies in memory. Addresses are as the file states them, without the base.
#[derive(Debug, PartialEq, Eq)]
struct Library {
    /// Its file; empty for the program itself.
    name: CString,
    base: u64,
    /// Where its code begins, and ends.
    code: (u64, u64),
    /// The table of contents of its unwind tables.
    index: (u64, u64),
    /// Its loaded parts that can be read.
    parts: Vec<(u64, u64)>,
}

impl Library {
    /// Keeps it loaded until the program ends. `false` when it has gone meanwhile.
    fn hold(&self) -> bool {
        // The program, and what the kernel has put there.
        if self.name.is_empty() || self.name.to_bytes().starts_with(b"linux-") {
            return true;
        }
        let mode = libc::RTLD_LAZY | libc::RTLD_NOLOAD | libc::RTLD_NODELETE;
        // SAFETY: the name ends in 0, and nothing is loaded that is not there: no code runs.
        let handle = unsafe { libc::dlopen(self.name.as_ptr(), mode) };
        if handle.is_null() {
            return false;
        }
        // SAFETY: the handle was just had; what it stands for stays by its mark.
        unsafe { libc::dlclose(handle) };
        true
    }

    fn module(&self) -> Option<Module<&'static [u8]>> {
        let (start, size) = self.index;
        let index = self.bytes(start, start + size)?;
        let frames = frames_of(index, start)?;
        let (_, end) =
            self.parts.iter().copied().find(|(from, to)| (*from..*to).contains(&frames))?;
        let code = self.code.0..self.code.1;
        let sections = ExplicitModuleSectionInfo {
            base_svma: 0,
            text: self.bytes(code.start, code.end),
            text_svma: Some(code.clone()),
            eh_frame_svma: Some(frames..end),
            eh_frame: self.bytes(frames, end),
            eh_frame_hdr_svma: Some(start..start + size),
            eh_frame_hdr: Some(index),
            ..ExplicitModuleSectionInfo::default()
        };
        let range = self.base + code.start..self.base + code.end;
        Some(Module::new(String::new(), range, self.base, sections))
    }

    /// Memory of the library, where one part holds all of it.
    fn bytes(&self, from: u64, to: u64) -> Option<&'static [u8]> {
        self.parts.iter().find(|(start, end)| *start <= from && to <= *end)?;
        let address = usize::try_from(self.base + from).ok()?;
        let length = usize::try_from(to - from).ok()?;
        // SAFETY: the loader has mapped this part readable and does not change it, and the library
        // is held: it is not unloaded.
        Some(unsafe {
            std::slice::from_raw_parts(std::ptr::with_exposed_provenance(address), length)
        })
    }
}

/// Where the frames lie: the second field of the index, in the form that linkers write, an offset
/// of 32 bits from itself.
fn frames_of(index: &[u8], start: u64) -> Option<u64> {
    const RELATIVE_32: u8 = 0x1b;
    let (version, form) = (*index.first()?, *index.get(1)?);
    if version != 1 || form != RELATIVE_32 {
        return None;
    }
    let offset = i32::from_le_bytes(*index.get(4..8)?.first_chunk::<4>()?);
    (start + 4).checked_add_signed(offset.into())
}

fn libraries() -> Vec<Library> {
    let mut found: Vec<Library> = vec![];
    let into = (&raw mut found).cast::<c_void>();
    // SAFETY: the loader calls `visit` with what it promises and with `into`, which is a list that
    // nobody else has meanwhile.
    unsafe { libc::dl_iterate_phdr(Some(visit), into) };
    found
}

/// How often libraries have come and gone so far.
fn changes() -> u64 {
    let mut changes = 0_u64;
    let into = (&raw mut changes).cast::<c_void>();
    // SAFETY: the loader calls `count` with what it promises and with `into`, which is a number that
    // nobody else has meanwhile.
    unsafe { libc::dl_iterate_phdr(Some(count), into) };
    changes
}

unsafe extern "C" fn count(
    info: *mut libc::dl_phdr_info,
    _: libc::size_t,
    into: *mut c_void,
) -> libc::c_int {
    // SAFETY: the loader gives what `changes` gave it.
    let changes = unsafe { &mut *into.cast::<u64>() };
    // SAFETY: the loader gives a description that is valid during the call.
    let info = unsafe { &*info };
    *changes = info.dlpi_adds.wrapping_add(info.dlpi_subs);
    // All libraries say the same: the first is enough.
    1
}

unsafe extern "C" fn visit(
    info: *mut libc::dl_phdr_info,
    _: libc::size_t,
    into: *mut c_void,
) -> libc::c_int {
    // SAFETY: the loader gives what `libraries` gave it.
    let found = unsafe { &mut *into.cast::<Vec<Library>>() };
    // SAFETY: the loader gives a description that is valid during the call.
    let info = unsafe { &*info };
    // SAFETY: it has so many headers there.
    let headers = unsafe { std::slice::from_raw_parts(info.dlpi_phdr, info.dlpi_phnum.into()) };
    let name = match info.dlpi_name.is_null() {
        true => CString::default(),
        // SAFETY: it is a text that ends in 0, valid during the call.
        false => unsafe { CStr::from_ptr(info.dlpi_name) }.to_owned(),
    };
    found.extend(library(name, info.dlpi_addr, headers));
    0
}

fn library(name: CString, base: u64, headers: &[libc::Elf64_Phdr]) -> Option<Library> {
    let of = |kind: u32| headers.iter().filter(move |header| header.p_type == kind);
    let range = |header: &libc::Elf64_Phdr| (header.p_vaddr, header.p_vaddr + header.p_memsz);
    let index = of(libc::PT_GNU_EH_FRAME).next()?;
    let code = of(libc::PT_LOAD).find(|header| header.p_flags & libc::PF_X != 0)?;
    let readable = of(libc::PT_LOAD).filter(|header| header.p_flags & libc::PF_R != 0);
    Some(Library {
        name,
        base,
        code: range(code),
        index: (index.p_vaddr, index.p_memsz),
        parts: readable.map(range).collect(),
    })
}

#[cfg(test)]
mod tests {
    use std::ffi::CStr;

    use super::{Library, Names, libraries, load, refresh};

    fn is_loaded(name: &CStr) -> bool {
        libraries().iter().any(|library| library.name.to_bytes().ends_with(name.to_bytes()))
    }

    /// Whether a library of the C library's, which this program does not use, stays where it is closed.
    /// `None` where there is none.
    fn stays(name: &CStr, when_loaded: fn()) -> Option<bool> {
        // SAFETY: a library of the system's, whose code does nothing when it is loaded.
        let handle = unsafe { libc::dlopen(name.as_ptr(), libc::RTLD_LAZY) };
        if handle.is_null() || !is_loaded(name) {
            return None;
        }
        when_loaded();
        // SAFETY: the handle was just had.
        unsafe { libc::dlclose(handle) };
        Some(is_loaded(name))
    }

    #[test]
    fn an_address_is_in_a_library() {
        let names = Names::now();
        let of = |address: usize| names.of(address as u64);
        assert_eq!(of(libraries as fn() -> Vec<Library> as usize), Some("program"));
        assert!(
            of(libc::abs as unsafe extern "C" fn(i32) -> i32 as usize)
                .unwrap()
                .starts_with("libc.so")
        );
        assert_eq!(of(1), None);
    }

    #[test]
    fn a_library_whose_tables_are_known_stays() {
        assert_ne!(stays(c"libBrokenLocale.so.1", load), Some(false));
    }

    #[test]
    fn a_library_that_comes_later_is_seen() {
        load();
        assert_ne!(stays(c"libthread_db.so.1", refresh), Some(false));
    }
}
