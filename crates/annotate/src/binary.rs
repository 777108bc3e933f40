//! A linked binary: its code, its functions and what its jumps and calls by table lead to.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::Path;

use iced_x86::{Decoder, DecoderOptions, Mnemonic};
use object::elf;
use object::read::elf::{ElfFile64, ElfSymbol64};
use object::{
    LittleEndian, Object, ObjectSection, ObjectSymbol, ObjectSymbolTable, RelocationFlags,
    RelocationTarget, SectionKind, SymbolFlags, SymbolKind,
};

use crate::error::{Error, ErrorKind};

/// How a binary is built that can be annotated.
pub(crate) const BUILD: &str =
    "`cargo build --release --config 'profile.release.debug=\"line-tables-only\"'`";

/// How a stripped binary is built again.
pub(crate) const UNSTRIPPED: &str = "`cargo build --release --config 'profile.release.strip=\"none\"' --config \
     'profile.release.debug=\"line-tables-only\"'`";

/// A function of the symbol table.
#[derive(Debug, Clone)]
pub(crate) struct Symbol {
    pub(crate) address: u64,
    pub(crate) size: u64,
    /// As the linker knows it, mangled.
    pub(crate) name: String,
}

/// Where a slot of the global offset table leads to.
#[derive(Debug, Clone)]
pub(crate) enum Slot {
    /// A function of another binary, by name.
    Import(String),
    /// A place in this one.
    Address(u64),
}

/// A piece of the binary that is in memory when it runs.
struct Segment<'d> {
    address: u64,
    data: &'d [u8],
    code: bool,
}

/// A linked binary for x86-64.
pub(crate) struct Binary<'d> {
    name: String,
    elf: ElfFile64<'d, LittleEndian>,
    segments: Vec<Segment<'d>>,
    /// By address; one for each address.
    pub(crate) symbols: Vec<Symbol>,
    slots: HashMap<u64, Slot>,
    /// The stubs of the procedure linkage table: their address and that of their slot.
    stubs: HashMap<u64, u64>,
}

impl<'d> Binary<'d> {
    /// Takes the contents of a file apart; the path is what errors name.
    pub(crate) fn parse(path: &Path, data: &'d [u8]) -> Result<Self, Error> {
        let name = format!("`{}`", path.display());
        check_header(&name, data)?;
        let elf = ElfFile64::<LittleEndian>::parse(data)
            .map_err(|e| format_error(format!("{name} is damaged or truncated")).of(e))?;
        check_sections(&name, &elf, data.len())?;
        Ok(Self {
            name,
            segments: segments(&elf),
            symbols: symbols(&elf),
            slots: slots(&elf),
            stubs: stubs(&elf),
            elf,
        })
    }

    /// How messages name it.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// An error unless functions have names and addresses have lines.
    pub(crate) fn check_debug_info(&self) -> Result<(), Error> {
        let has = |name| self.elf.section_by_name(name).is_some_and(|s| s.size() > 0);
        if has(".debug_info") && !self.symbols.is_empty() {
            return Ok(());
        }
        let name = &self.name;
        let message = if has(".gnu_debuglink") && !has(".debug_info") {
            format!(
                "the debug information of {name} was moved to another file: {UNSTRIPPED} keeps it"
            )
        } else if self.elf.symbol_table().is_none_or(|t| t.symbols().next().is_none()) {
            format!(
                "{name} is stripped, so that no function has a name or lines: {UNSTRIPPED} keeps them"
            )
        } else if has(".debug_line") {
            format!(
                "{name} has lines but no functions in its debug information: {BUILD} makes both"
            )
        } else {
            format!("{name} was built without debug information: {BUILD} adds what is needed")
        };
        Err(Error::new(ErrorKind::DebugInfo, message))
    }

    /// A section by its name, uncompressed; empty if there is none.
    pub(crate) fn section(&self, name: &str) -> Result<Cow<'d, [u8]>, Error> {
        let Some(section) = self.elf.section_by_name(name) else {
            return Ok(Cow::Borrowed(&[]));
        };
        section.uncompressed_data().map_err(|e| {
            format_error(format!("section `{name}` of {} cannot be read", self.name)).of(e)
        })
    }

    /// The bytes from an address on, `size` of them or as many as there are.
    pub(crate) fn bytes(&self, address: u64, size: u64) -> &'d [u8] {
        let Some(segment) = self.segment(address) else { return &[] };
        let Ok(from) = usize::try_from(address - segment.address) else { return &[] };
        let rest = segment.data.get(from..).unwrap_or(&[]);
        let size = usize::try_from(size).unwrap_or(usize::MAX).min(rest.len());
        rest.get(..size).unwrap_or(&[])
    }

    /// Whether code lies there.
    pub(crate) fn is_code(&self, address: u64) -> bool {
        self.segment(address).is_some_and(|s| s.code && address - s.address < s.data.len() as u64)
    }

    /// The last segment that begins at or before an address; it may end before it.
    fn segment(&self, address: u64) -> Option<&Segment<'d>> {
        let at = self.segments.partition_point(|s| s.address <= address);
        self.segments.get(at.checked_sub(1)?)
    }

    /// The function that has this address in it.
    pub(crate) fn symbol_at(&self, address: u64) -> Option<&Symbol> {
        let at = self.symbols.partition_point(|s| s.address <= address);
        let symbol = self.symbols.get(at.checked_sub(1)?)?;
        (address - symbol.address < symbol.size.max(1)).then_some(symbol)
    }

    /// Where a slot of the global offset table leads to.
    pub(crate) fn slot(&self, address: u64) -> Option<Slot> {
        if let Some(slot) = self.slots.get(&address) {
            return Some(slot.clone());
        }
        // Relocated in place, as in a static binary: what the slot holds is an address.
        let bytes = self.bytes(address, 8).try_into().ok()?;
        let target = u64::from_le_bytes(bytes);
        self.is_code(target).then_some(Slot::Address(target))
    }

    /// Where a jump to this address ends, if it is a stub of the procedure linkage table.
    pub(crate) fn stub(&self, address: u64) -> Option<Slot> {
        self.slot(*self.stubs.get(&address)?)
    }
}

fn format_error(message: String) -> Error {
    Error::new(ErrorKind::Format, message)
}

/// What is no binary for x86-64 in ELF, by its first bytes.
fn check_header(name: &str, data: &[u8]) -> Result<(), Error> {
    let fail = |what: String| Err(format_error(format!("{name} {what}")));
    let byte = |at: usize| data.get(at).copied().unwrap_or(0);
    let half = |at: usize| u16::from_le_bytes([byte(at), byte(at + 1)]);
    if !data.starts_with(&elf::ELFMAG) {
        let what = match data {
            [] => "is empty",
            [b'M', b'Z', ..] => "is a Windows program (PE), not ELF",
            [0xcf, 0xfa, 0xed, 0xfe, ..] | [0xca, 0xfe, 0xba, 0xbe, ..] => {
                "is a macOS program (Mach-O), not ELF"
            }
            [b'!', b'<', b'a', b'r', b'c', b'h', b'>', ..] => {
                "is a library that is not linked yet; what can be annotated is a program that uses it"
            }
            _ => "is not a binary in ELF",
        };
        return fail(what.into());
    }
    if data.len() < 64 {
        return fail(format!("is truncated: {} bytes, where the header alone has 64", data.len()));
    }
    let machine = elf::Machine(half(18));
    if machine != elf::EM_X86_64 {
        let other = match machine {
            elf::EM_386 => "32-bit x86".to_owned(),
            elf::EM_AARCH64 => "aarch64".to_owned(),
            elf::EM_ARM => "arm".to_owned(),
            elf::EM_RISCV => "riscv".to_owned(),
            elf::EM_PPC64 => "powerpc64".to_owned(),
            elf::EM_S390 => "s390x".to_owned(),
            elf::EM_LOONGARCH => "loongarch".to_owned(),
            // The other byte order.
            elf::Machine(0x1600) => "s390x".to_owned(),
            elf::Machine(0x1500) => "powerpc64".to_owned(),
            other => format!("machine {} of ELF", other.0),
        };
        return fail(format!("is for {other}; only x86-64 can be annotated"));
    }
    if byte(4) != elf::ELFCLASS64.0 || byte(5) != elf::ELFDATA2LSB.0 {
        return fail("is not in the 64-bit little-endian ELF of x86-64".into());
    }
    match elf::FileType(half(16)) {
        elf::ET_EXEC | elf::ET_DYN => Ok(()),
        elf::ET_REL => fail("is an object file that is not linked yet".into()),
        elf::ET_CORE => fail("is the memory of a crashed program, not a program".into()),
        other => fail(format!("is of type {} in ELF, neither a program nor a library", other.0)),
    }
}

fn check_sections(name: &str, elf: &ElfFile64<'_, LittleEndian>, size: usize) -> Result<(), Error> {
    for section in elf.sections() {
        let Some((start, length)) = section.file_range() else { continue };
        let end = start.saturating_add(length);
        if end > size as u64 {
            let section = section.name().unwrap_or("?");
            return Err(format_error(format!(
                "{name} is truncated: section `{section}` ends at byte {end}, the file at {size}"
            )));
        }
    }
    if elf.sections().next().is_none() {
        return Err(format_error(format!(
            "{name} has no sections, so that its lines cannot be found: {UNSTRIPPED} keeps them"
        )));
    }
    Ok(())
}

fn segments<'d>(elf: &ElfFile64<'d, LittleEndian>) -> Vec<Segment<'d>> {
    let mut segments: Vec<_> = elf
        .sections()
        .filter(|s| s.address() != 0)
        .filter_map(|s| {
            let code = s.kind() == SectionKind::Text;
            Some(Segment { address: s.address(), data: s.data().ok()?, code })
        })
        .filter(|s| !s.data.is_empty())
        .collect();
    segments.sort_by_key(|s| s.address);
    segments
}

/// Functions, and those that choose among several when the program starts, as the C library's do.
fn is_function(symbol: &ElfSymbol64<'_, '_, LittleEndian>) -> bool {
    let chooses = match symbol.flags() {
        SymbolFlags::Elf { st_info, .. } => st_info.st_type() == elf::STT_GNU_IFUNC,
        _ => false,
    };
    chooses || symbol.kind() == SymbolKind::Text
}

fn symbols(elf: &ElfFile64<'_, LittleEndian>) -> Vec<Symbol> {
    let mut symbols: Vec<_> = elf
        .symbols()
        .chain(elf.dynamic_symbols())
        .filter(|s| is_function(s) && !s.is_undefined() && s.address() != 0)
        .filter_map(|s| {
            let name = s.name().ok().filter(|name| !name.is_empty())?;
            let underscores = name.len() - name.trim_start_matches('_').len();
            // Mangled names begin with one, and the C library's own names for its functions with two.
            Some((s.address(), s.size(), (!s.is_global(), underscores > 1), name))
        })
        .collect();
    // Of several names at one address, the one with a size, then the global one that others call.
    symbols.sort_by_key(|&(address, size, hidden, name)| (address, size == 0, hidden, name));
    symbols.dedup_by_key(|s| s.0);
    let mut next = u64::MAX;
    let mut all = Vec::with_capacity(symbols.len());
    for &(address, size, _, name) in symbols.iter().rev() {
        // Handwritten assembly has no size: it ends where the next function begins, and so does one
        // that claims more, or else damaged sizes would have all code read for each function.
        let room = next - address;
        let size = if size == 0 { room.min(1 << 16) } else { size.min(room) };
        next = address;
        all.push(Symbol { address, size, name: name.to_owned() });
    }
    all.reverse();
    all
}

fn slots(elf: &ElfFile64<'_, LittleEndian>) -> HashMap<u64, Slot> {
    let mut slots = HashMap::new();
    let table = elf.dynamic_symbol_table();
    for (address, relocation) in elf.dynamic_relocations().into_iter().flatten() {
        let RelocationFlags::Elf { r_type } = relocation.flags() else { continue };
        let addend = u64::from_le_bytes(relocation.addend().to_le_bytes());
        let slot = match r_type {
            elf::R_X86_64_RELATIVE | elf::R_X86_64_IRELATIVE => Slot::Address(addend),
            elf::R_X86_64_GLOB_DAT | elf::R_X86_64_JUMP_SLOT | elf::R_X86_64_64 => {
                let RelocationTarget::Symbol(index) = relocation.target() else { continue };
                let Some(symbol) = table.and_then(|t| t.symbol_by_index(index).ok()) else {
                    continue;
                };
                match symbol.name() {
                    Ok(name) if symbol.is_undefined() => Slot::Import(name.to_owned()),
                    _ => Slot::Address(symbol.address().wrapping_add(addend)),
                }
            }
            _ => continue,
        };
        slots.insert(address, slot);
    }
    slots
}

/// The stubs jump through their slot; what comes before the jump is `endbr64` or nothing.
fn stubs(elf: &ElfFile64<'_, LittleEndian>) -> HashMap<u64, u64> {
    let mut stubs = HashMap::new();
    for section in elf.sections() {
        if !section
            .name()
            .is_ok_and(|name| matches!(name, ".plt" | ".plt.sec" | ".plt.got" | ".iplt"))
        {
            continue;
        }
        let Ok(data) = section.data() else { continue };
        let mut entry = None;
        for instruction in Decoder::with_ip(64, data, section.address(), DecoderOptions::NONE) {
            let address = instruction.ip();
            if instruction.mnemonic() == Mnemonic::Endbr64 {
                entry = Some(address);
            } else if instruction.mnemonic() == Mnemonic::Jmp
                && instruction.is_ip_rel_memory_operand()
            {
                let slot = instruction.ip_rel_memory_address();
                stubs.insert(entry.take().unwrap_or(address), slot);
            } else {
                entry = None;
            }
        }
    }
    stubs
}
