//! Which source line each instruction belongs to: the innermost inlined frame that lies in the
//! chosen source.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;

use addr2line::gimli;
use gimli::{DwAt, Section};

use crate::binary::{BUILD, Binary, Symbol};
use crate::error::{Error, ErrorKind};
use crate::source::Source;

type Bytes<'a> = gimli::EndianSlice<'a, gimli::LittleEndian>;
type Dwarf<'a> = gimli::Dwarf<Bytes<'a>>;
type Unit<'a> = gimli::Unit<Bytes<'a>>;

/// A line of the chosen source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// An index into [`Places::files`].
    pub(crate) file: u32,
    /// From 1.
    pub(crate) line: u32,
    /// From 1; 0 if it is not known.
    pub(crate) column: u32,
    /// How many frames are around it in the compiled function: 0 is the function's own.
    pub(crate) depth: u32,
    /// The line and the calls that it was inlined through, as one number: what is the same for all
    /// copies that the compiler made of one piece of code.
    pub(crate) site: u64,
    /// Whether the compiler gave the instruction a line; else it is known by its frame only.
    pub(crate) solid: bool,
}

/// A range of addresses with one place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    pub(crate) start: u64,
    pub(crate) end: u64,
    pub(crate) place: Place,
}

/// The places of a binary's code that come from the chosen source.
#[derive(Debug, Default)]
pub(crate) struct Places {
    /// The chosen files that have code.
    pub(crate) files: Vec<PathBuf>,
    /// By address, none overlapping.
    pub(crate) spans: Vec<Span>,
}

impl Places {
    /// Finds them, or says why there are none.
    pub(crate) fn find(binary: &Binary<'_>, source: &Source) -> Result<Self, Error> {
        binary.check_debug_info()?;
        let damaged = |e: gimli::Error| {
            let message = format!("the debug information of {} is damaged", binary.name());
            Error::new(ErrorKind::Format, message).of(e)
        };
        let sections: gimli::DwarfSections<Cow<'_, [u8]>> =
            gimli::DwarfSections::load(|id| binary.section(id.name()))?;
        let dwarf = sections.borrow(|s| gimli::EndianSlice::new(s, gimli::LittleEndian));
        let named = NamedFiles::read(&dwarf).map_err(damaged)?;
        let matches = source.matches(&named.names);
        if matches.iter().all(Option::is_none) {
            return Err(nothing_named(binary, source, &named));
        }
        let mut files: Vec<_> = matches.iter().flatten().cloned().collect();
        files.sort();
        files.dedup();
        let index =
            |path: &PathBuf| files.binary_search(path).ok().and_then(|at| at.try_into().ok());
        let chosen: Vec<Option<u32>> =
            matches.iter().map(|path| path.as_ref().and_then(index)).collect();
        let mut spans = Vec::new();
        let mut functions = 0;
        let mut split = false;
        let mut merged = HashSet::new();
        for (offset, files) in &named.units {
            let files: Vec<_> = files.iter().map(|&at| *chosen.get(at as usize)?).collect();
            if files.iter().all(Option::is_none) {
                continue;
            }
            let header = dwarf.unit_header(*offset).map_err(damaged)?;
            let unit = dwarf.unit(header).map_err(damaged)?;
            split |= unit.dwo_id.is_some();
            let mut reader = UnitReader {
                binary,
                dwarf: &dwarf,
                unit: &unit,
                files,
                rows: Vec::new(),
                covered: Vec::new(),
                merged: &mut merged,
            };
            functions += reader.read(&mut spans).map_err(damaged)?;
        }
        if split {
            return Err(split_off(binary));
        }
        if spans.is_empty() {
            return Err(nothing_placed(binary, source, functions));
        }
        spans.sort_by_key(|s| (s.start, s.end));
        // What several functions still claim is the first one's.
        let mut end = 0;
        spans.retain(|s| {
            let keep = s.start >= end;
            end = if keep { s.end } else { end };
            keep
        });
        Ok(Self { files, spans })
    }

    /// Those of a function.
    pub(crate) fn within(&self, symbol: &Symbol) -> &[Span] {
        let end = symbol.address.saturating_add(symbol.size);
        let first = self.spans.partition_point(|s| s.end <= symbol.address);
        let spans = self.spans.get(first..).unwrap_or(&[]);
        spans.get(..spans.partition_point(|s| s.start < end)).unwrap_or(&[])
    }
}

fn nothing_named(binary: &Binary<'_>, source: &Source, named: &NamedFiles<'_>) -> Error {
    let file = source.file_name();
    let (name, source) = (binary.name(), source.name());
    if named.only_standard {
        let lines = file.is_some_and(|file| named.tables_name(file));
        let message = if lines {
            format!(
                "{name} has lines of {source} but not its functions, as with \
                 `line-directives-only`: {BUILD} adds them"
            )
        } else {
            format!(
                "{name} was built without debug information, but for the standard library's: \
                 {BUILD} adds what is needed"
            )
        };
        return Error::new(ErrorKind::DebugInfo, message);
    }
    let message = format!(
        "no code of {source} is in {name}: it is not linked, or was built without line tables, or \
         its functions are generic and never used, or the compiler removed them"
    );
    Error::new(ErrorKind::NoCode, message)
}

/// Lines without their functions would leave out what was inlined.
fn split_off(binary: &Binary<'_>) -> Error {
    let message = format!(
        "the debug information of {} lies in split files (.dwo): \
         `cargo build --release --config 'profile.release.split-debuginfo=\"off\"' \
         --config 'profile.release.debug=\"line-tables-only\"'` keeps it together",
        binary.name()
    );
    Error::new(ErrorKind::DebugInfo, message)
}

fn nothing_placed(binary: &Binary<'_>, source: &Source, functions: usize) -> Error {
    let (name, source) = (binary.name(), source.name());
    if functions == 0 {
        let message = format!(
            "the debug information of {name} has no functions for {source}, as with \
             `line-directives-only`: {BUILD} adds them"
        );
        return Error::new(ErrorKind::DebugInfo, message);
    }
    let message = format!(
        "{source} is named in {name}, but no instruction comes from it: its functions are generic \
         and never used, or the compiler removed them"
    );
    Error::new(ErrorKind::NoCode, message)
}

/// All files that units of a binary name.
struct NamedFiles<'d> {
    names: Vec<String>,
    /// Each unit's files as indices into `names`, in the unit's order.
    units: Vec<(gimli::DebugInfoOffset, Vec<u32>)>,
    /// Whether all units are those that the standard library comes with.
    only_standard: bool,
    /// The tables that names stand in.
    tables: [&'d [u8]; 2],
}

impl<'d> NamedFiles<'d> {
    fn read(dwarf: &Dwarf<'d>) -> Result<Self, gimli::Error> {
        let tables = [dwarf.debug_line.reader().slice(), dwarf.debug_line_str.reader().slice()];
        let mut named = Self { names: Vec::new(), units: Vec::new(), only_standard: true, tables };
        let mut known: HashMap<String, u32> = HashMap::new();
        let mut headers = dwarf.units();
        while let Some(header) = headers.next()? {
            let Some(offset) = header.debug_info_offset() else { continue };
            let unit = dwarf.unit(header)?;
            let folder = unit.comp_dir.map_or(&[][..], |folder| folder.slice());
            let standard = [&b"/rustc/"[..], b"/rust/deps/"];
            named.only_standard &= standard.iter().any(|s| folder.starts_with(s));
            let Some(program) = &unit.line_program else { continue };
            let header = program.header();
            let mut files = Vec::new();
            // Before DWARF 5 files count from 1.
            if header.file(0).is_none() {
                files.push(named.index(String::new(), &mut known));
            }
            let first = files.len() as u64;
            for at in first.. {
                let Some(file) = header.file(at) else { break };
                let name = file_name(dwarf, &unit, header, file)?;
                files.push(named.index(name, &mut known));
            }
            named.units.push((offset, files));
        }
        Ok(named)
    }

    /// Whether a file's name stands in the tables of lines at all.
    fn tables_name(&self, file: &str) -> bool {
        let name = file.as_bytes();
        !name.is_empty() && self.tables.iter().any(|t| t.windows(name.len()).any(|w| w == name))
    }

    fn index(&mut self, name: String, known: &mut HashMap<String, u32>) -> u32 {
        if let Some(&index) = known.get(&name) {
            return index;
        }
        let index = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.names.push(name.clone());
        known.insert(name, index);
        index
    }
}

/// The path of a file: an absolute part replaces what stands before it.
fn file_name(
    dwarf: &Dwarf<'_>,
    unit: &Unit<'_>,
    header: &gimli::LineProgramHeader<Bytes<'_>>,
    file: &gimli::FileEntry<Bytes<'_>>,
) -> Result<String, gimli::Error> {
    let mut path = PathBuf::new();
    if let Some(folder) = unit.comp_dir {
        path.push(&*folder.to_string_lossy());
    }
    if file.directory_index() != 0
        && let Some(folder) = file.directory(header)
    {
        path.push(&*dwarf.attr_string(unit, folder)?.to_string_lossy());
    }
    path.push(&*dwarf.attr_string(unit, file.path_name())?.to_string_lossy());
    Ok(path.to_string_lossy().into_owned())
}

/// Code with one line in the unit's table.
#[derive(Clone, Copy)]
struct Row {
    start: u64,
    end: u64,
    file: u64,
    line: u32,
    column: u32,
}

/// A function that was inlined.
#[derive(Clone, Copy)]
struct Inlined {
    start: u64,
    end: u64,
    depth: usize,
    call_file: u64,
    call_line: u32,
    call_column: u32,
}

/// A function that is being read.
struct Open {
    /// How deep it stands in the tree of entries.
    level: isize,
    ranges: Vec<gimli::Range>,
    inlined: Vec<Inlined>,
    /// The levels of the inlined functions around the next entry.
    nest: Vec<isize>,
}

struct UnitReader<'u, 'd> {
    binary: &'u Binary<'d>,
    dwarf: &'u Dwarf<'u>,
    unit: &'u Unit<'u>,
    /// For each file of the unit, which chosen one it is.
    files: Vec<Option<u32>>,
    rows: Vec<Row>,
    /// The code of the unit's functions.
    covered: Vec<gimli::Range>,
    /// Where functions begin that are placed, of this unit and those before.
    merged: &'u mut HashSet<u64>,
}

impl UnitReader<'_, '_> {
    /// Reads a unit and says how many functions it has.
    fn read(&mut self, spans: &mut Vec<Span>) -> Result<usize, gimli::Error> {
        self.read_rows()?;
        let mut functions = 0;
        let mut open: Vec<Open> = Vec::new();
        let mut entries = self.unit.entries_raw(None)?;
        while !entries.is_empty() {
            let level = entries.next_depth();
            let Some(abbreviation) = entries.read_abbreviation()? else { continue };
            while let Some(function) = open.pop_if(|f| level <= f.level) {
                functions += usize::from(self.close(function, spans));
            }
            let tag = abbreviation.tag();
            if !matches!(tag, gimli::DW_TAG_subprogram | gimli::DW_TAG_inlined_subroutine) {
                entries.skip_attributes(abbreviation.attributes())?;
                continue;
            }
            let mut entry = Entry::default();
            for attribute in abbreviation.attributes() {
                let attribute = entries.read_attribute(*attribute)?;
                entry.take(self, attribute.name(), attribute.value())?;
            }
            let mut ranges = Vec::new();
            entry.ranges(self, &mut ranges)?;
            if tag == gimli::DW_TAG_subprogram {
                ranges.retain(|r| self.binary.is_code(r.begin));
                open.push(Open { level, ranges, inlined: Vec::new(), nest: Vec::new() });
            } else if let Some(function) = open.last_mut() {
                function.nest.retain(|&outer| outer < level);
                let depth = function.nest.len();
                function.nest.push(level);
                function.inlined.extend(ranges.iter().map(|r| entry.inlined(*r, depth)));
            }
        }
        while let Some(function) = open.pop() {
            functions += usize::from(self.close(function, spans));
        }
        self.place_rest(spans);
        Ok(functions)
    }

    /// Places the code that no function of the unit covers, by its rows: with line tables only, the
    /// compiler leaves out functions that nothing was inlined into.
    fn place_rest(&mut self, spans: &mut Vec<Span>) {
        let mut covered = std::mem::take(&mut self.covered);
        covered.sort_by_key(|r| r.begin);
        let mut covered = covered.into_iter().peekable();
        let mut end = 0;
        for row in &self.rows {
            while let Some(function) = covered.next_if(|f| f.begin <= row.start) {
                end = end.max(function.end);
            }
            if row.start < end {
                continue;
            }
            if let Some(place) = self.innermost(Some(row), &[]) {
                spans.push(Span { start: row.start, end: row.end, place });
            }
        }
    }

    fn read_rows(&mut self) -> Result<(), gimli::Error> {
        let Some(program) = self.unit.line_program.clone() else { return Ok(()) };
        let mut rows = program.rows();
        let mut sequence: Vec<Row> = Vec::new();
        while let Some((_, row)) = rows.next_row()? {
            let start = row.address();
            if let Some(last) = sequence.last_mut() {
                last.end = start;
            }
            if row.end_sequence() {
                // What the linker removed begins at 0.
                if sequence.first().is_some_and(|r| self.binary.is_code(r.start)) {
                    self.rows.extend(sequence.iter().filter(|r| r.start < r.end));
                }
                sequence.clear();
                continue;
            }
            let line = row.line().map_or(0, |line| u32::try_from(line.get()).unwrap_or(0));
            let column = match row.column() {
                gimli::ColumnType::LeftEdge => 0,
                gimli::ColumnType::Column(column) => u32::try_from(column.get()).unwrap_or(0),
            };
            sequence.push(Row { start, end: start, file: row.file_index(), line, column });
        }
        self.rows.sort_by_key(|r| r.start);
        Ok(())
    }

    fn chosen(&self, file: u64) -> Option<u32> {
        *self.files.get(usize::try_from(file).ok()?)?
    }

    /// Places the code of a function; false if it has none.
    fn close(&mut self, mut function: Open, spans: &mut Vec<Span>) -> bool {
        if function.ranges.is_empty() {
            return false;
        }
        function.inlined.sort_by_key(|i| (i.start, i.depth));
        for range in &function.ranges {
            let before = spans.len();
            // Functions that the linker merged lie at one address: the first that is chosen counts.
            if !self.merged.contains(&range.begin) {
                self.place(*range, &function.inlined, spans);
            }
            if spans.len() > before {
                self.merged.insert(range.begin);
            }
        }
        self.covered.append(&mut function.ranges);
        true
    }

    /// Cuts a range where a row or an inlined function begins or ends, and places each piece.
    fn place(&self, range: gimli::Range, inlined: &[Inlined], spans: &mut Vec<Span>) {
        let first = self.rows.partition_point(|r| r.end <= range.begin);
        let rows = self.rows.get(first..).unwrap_or(&[]);
        let rows = rows.get(..rows.partition_point(|r| r.start < range.end)).unwrap_or(&[]);
        let mut cuts: Vec<u64> = rows.iter().flat_map(|r| [r.start, r.end]).collect();
        cuts.extend(inlined.iter().flat_map(|i| [i.start, i.end]));
        cuts.extend([range.begin, range.end]);
        cuts.retain(|cut| (range.begin..=range.end).contains(cut));
        cuts.sort_unstable();
        cuts.dedup();
        let mut rows = rows.iter().peekable();
        let mut coming = inlined.iter().peekable();
        let mut around: Vec<Inlined> = Vec::new();
        let mut lineless = Vec::new();
        let before = spans.len();
        for cut in cuts.windows(2) {
            let &[start, end] = cut else { continue };
            while rows.next_if(|r| r.end <= start).is_some() {}
            around.retain(|i| i.end > start);
            while let Some(next) = coming.next_if(|i| i.start <= start) {
                if next.end > start {
                    around.push(*next);
                }
            }
            around.sort_by_key(|i| i.depth);
            let row = rows.peek().filter(|r| r.start <= start);
            let Some(place) = self.innermost(row.copied(), &around) else {
                if around.is_empty() && row.is_none_or(|r| r.line == 0) {
                    lineless.push((start, end));
                }
                continue;
            };
            match spans.last_mut().filter(|last| last.end == start && last.place == place) {
                Some(last) => last.end = end,
                None => spans.push(Span { start, end, place }),
            }
        }
        let own: Vec<Span> =
            spans.iter().skip(before).filter(|s| s.place.depth == 0).copied().collect();
        spans.extend(lineless.into_iter().filter_map(|gap| near(&own, gap)));
    }

    /// The innermost frame in the chosen source; `around` are the inlined functions, outer first.
    fn innermost(&self, row: Option<&Row>, around: &[Inlined]) -> Option<Place> {
        let solid = row.is_some_and(|r| r.line != 0);
        let own = row
            .filter(|r| r.line != 0)
            .and_then(|r| Some((self.chosen(r.file)?, r.line, r.column)));
        let mut frames = around.len();
        let mut found = own;
        while found.is_none() && frames > 0 {
            frames -= 1;
            let call = around.get(frames)?;
            found = Some(call.call_line)
                .filter(|&line| line != 0)
                .and_then(|line| Some((self.chosen(call.call_file)?, line, call.call_column)));
        }
        let (file, line, column) = found?;
        let mut hash = DefaultHasher::new();
        (file, line).hash(&mut hash);
        for call in around.iter().take(frames) {
            (call.call_file, call.call_line, call.call_column).hash(&mut hash);
        }
        let depth = u32::try_from(frames).unwrap_or(u32::MAX);
        Some(Place { file, line, column, depth, site: hash.finish(), solid })
    }
}

/// Code without a line in a function's own frame, as of instructions that the compiler merged, placed
/// at the line of that frame before it, or else behind.
fn near(own: &[Span], (start, end): (u64, u64)) -> Option<Span> {
    let behind = own.partition_point(|s| s.start < start);
    let span =
        behind.checked_sub(1).and_then(|before| own.get(before)).or_else(|| own.get(behind))?;
    Some(Span { start, end, place: Place { solid: false, ..span.place } })
}

/// What is read of an entry for a function.
#[derive(Default)]
struct Entry {
    low: Option<u64>,
    high: Option<u64>,
    size: Option<u64>,
    ranges: Option<gimli::RangeListsOffset>,
    call_file: u64,
    call_line: u32,
    call_column: u32,
}

impl Entry {
    fn take(
        &mut self,
        reader: &UnitReader<'_, '_>,
        name: DwAt,
        value: gimli::AttributeValue<Bytes<'_>>,
    ) -> Result<(), gimli::Error> {
        use gimli::AttributeValue as Value;
        let (dwarf, unit) = (reader.dwarf, reader.unit);
        let number = |value: &Value<Bytes<'_>>| value.udata_value().unwrap_or(0);
        match (name, value) {
            (gimli::DW_AT_low_pc, value) => self.low = dwarf.attr_address(unit, value)?,
            (gimli::DW_AT_high_pc, value) => {
                self.size = value.udata_value();
                self.high = dwarf.attr_address(unit, value)?;
            }
            (gimli::DW_AT_ranges, value) => self.ranges = dwarf.attr_ranges_offset(unit, value)?,
            (gimli::DW_AT_call_file, Value::FileIndex(file)) => self.call_file = file,
            (gimli::DW_AT_call_file, value) => self.call_file = number(&value),
            (gimli::DW_AT_call_line, value) => {
                self.call_line = u32::try_from(number(&value)).unwrap_or(0);
            }
            (gimli::DW_AT_call_column, value) => {
                self.call_column = u32::try_from(number(&value)).unwrap_or(0);
            }
            _ => {}
        }
        Ok(())
    }

    fn ranges(
        &self,
        reader: &UnitReader<'_, '_>,
        ranges: &mut Vec<gimli::Range>,
    ) -> Result<(), gimli::Error> {
        if let Some(offset) = self.ranges {
            let mut list = reader.dwarf.ranges(reader.unit, offset)?;
            while let Some(range) = list.next()? {
                ranges.push(range);
            }
        } else if let Some(begin) = self.low {
            let end = self.size.map(|size| begin.wrapping_add(size));
            if let Some(end) = self.high.or(end) {
                ranges.push(gimli::Range { begin, end });
            }
        }
        ranges.retain(|r| r.begin < r.end);
        Ok(())
    }

    fn inlined(&self, range: gimli::Range, depth: usize) -> Inlined {
        Inlined {
            start: range.begin,
            end: range.end,
            depth,
            call_file: self.call_file,
            call_line: self.call_line,
            call_column: self.call_column,
        }
    }
}
