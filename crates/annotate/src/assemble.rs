//! The annotation, put together from the functions of a binary.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use iced_x86::{Formatter, Instruction as Decoded, IntelFormatter};

use crate::annotation::{
    Annotation, Cell, Counts, Finding, Function, Instruction, Isa, Kind, Line, Loop, SourceFile,
};
use crate::binary::{BUILD, Binary, Symbol, UNSTRIPPED};
use crate::body::Body;
use crate::callee::demangled;
use crate::error::{Error, ErrorKind};
use crate::finding::{self, Found};
use crate::place::{Place, Places, Span};
use crate::source::Source;
use crate::target::Targets;
use crate::{Selection, isa, summary};

/// A cell that is being filled.
#[derive(Default)]
struct Draft {
    /// All but its findings.
    cell: Cell,
    /// These with their weights.
    findings: Vec<(f64, Finding)>,
    /// Where its last instruction ends.
    end: u64,
}

struct Assembly {
    functions: Vec<Function>,
    cells: BTreeMap<(u32, u32, Isa), Draft>,
    formatter: IntelFormatter,
}

/// Reads a linked binary and annotates the chosen source with what is in it.
pub(crate) fn annotate(binary: &Path, selection: &Selection) -> Result<Annotation, Error> {
    let data = read_binary(binary)?;
    let source = Source::new(&selection.source)?;
    let read = Binary::parse(binary, &data)?;
    let places = Places::find(&read, &source)?;
    check_names(&read, &places)?;
    let mut targets = Targets::new(&read);
    let mut assembly =
        Assembly { functions: Vec::new(), cells: BTreeMap::new(), formatter: formatter() };
    let mut refused = 0_usize;
    for symbol in &read.symbols {
        let spans = places.within(symbol);
        if spans.is_empty() {
            continue;
        }
        let name = demangled(&symbol.name);
        if selection.function.as_ref().is_some_and(|part| !is_named(&name, part)) {
            refused += 1;
            continue;
        }
        if let Some(body) = Body::read(&read, &mut targets, symbol, spans) {
            assembly.add(name, symbol, &body);
        }
    }
    if assembly.functions.is_empty() {
        return Err(no_function(&read, &source, selection, refused));
    }
    assembly.finish(binary, &places.files)
}

/// What is no regular file may have no end.
fn read_binary(path: &Path) -> Result<Vec<u8>, Error> {
    let cannot = |e: std::io::Error| {
        let message = format!("cannot read the binary `{}`", path.display());
        Error::new(ErrorKind::Read, message).of(e)
    };
    if !std::fs::metadata(path).map_err(cannot)?.is_file() {
        let message = format!("the binary `{}` is no regular file", path.display());
        return Err(Error::new(ErrorKind::Read, message));
    }
    std::fs::read(path).map_err(cannot)
}

/// An error if code of the source is in no function of the symbol table: its lines would look as if
/// nothing was compiled of them.
fn check_names(binary: &Binary<'_>, places: &Places) -> Result<(), Error> {
    let nameless = |span: &&Span| binary.symbol_at(span.start).is_none();
    let Some(span) = places.spans.iter().find(nameless) else { return Ok(()) };
    let file = places.files.get(span.place.file as usize).map(|file| file.display());
    let message = format!(
        "the code of {}:{} at {:#x} is in no function that {} names, which was stripped in part: \
         {UNSTRIPPED} keeps them",
        file.map_or_else(String::new, |file| file.to_string()),
        span.place.line,
        span.start,
        binary.name()
    );
    Err(Error::new(ErrorKind::DebugInfo, message))
}

/// Whether a function's name has the part in it. What drops a value is named by its type, as by that
/// of a closure or a future of a function, and is not that function's code.
fn is_named(name: &str, part: &str) -> bool {
    let drop = "core::ptr::drop_in_place";
    let name = if name.starts_with(drop) { drop } else { name };
    name.contains(part)
}

fn no_function(
    binary: &Binary<'_>,
    source: &Source,
    selection: &Selection,
    refused: usize,
) -> Error {
    let (name, source) = (binary.name(), source.name());
    let message = match (&selection.function, refused) {
        (Some(part), 1..) => format!(
            "none of the {refused} compiled functions with code of {source} in {name} has \
             `{part}` in its name: it may be inlined into them all, or not be used"
        ),
        _ => format!(
            "no function of {name} has code of {source}: {BUILD} keeps the names of functions"
        ),
    };
    Error::new(ErrorKind::NoCode, message)
}

fn formatter() -> IntelFormatter {
    let mut formatter = IntelFormatter::new();
    let options = formatter.options_mut();
    options.set_hex_prefix("0x");
    options.set_hex_suffix("");
    options.set_uppercase_hex(false);
    options.set_space_after_operand_separator(true);
    options.set_branch_leading_zeros(false);
    options.set_memory_size_options(iced_x86::MemorySizeOptions::Minimal);
    formatter
}

impl Assembly {
    fn add(&mut self, name: String, symbol: &Symbol, body: &Body) {
        let isa = isa::of(&name, &body.code);
        let found = finding::find(body);
        let index = self.functions.len();
        let Some(first) = first_place(body) else { return };
        let loops = loops(body, first.file);
        let mut kinds: BTreeMap<usize, Kind> = BTreeMap::new();
        for f in &found {
            let kind = kinds.entry(f.at).or_insert(f.finding.kind);
            *kind = (*kind).min(f.finding.kind);
        }
        for (at, decoded) in body.code.iter().enumerate() {
            let Some(place) = body.place(at) else { continue };
            let text = self.text(decoded, body, at);
            let draft = self.cells.entry((place.file, place.line, isa)).or_default();
            body.count(at, &mut draft.cell.counts);
            let gap = !draft.cell.assembly.is_empty() && draft.end != decoded.ip();
            draft.end = decoded.next_ip();
            draft.cell.assembly.push(Instruction {
                address: decoded.ip(),
                text,
                function: index,
                depth: body.region(at).map_or(0, |r| r.depth),
                kind: kinds.get(&at).copied(),
                gap,
            });
        }
        for f in &found {
            let draft = self.cells.entry((f.place.file, f.place.line, isa)).or_default();
            draft.merge(f);
        }
        self.functions.push(Function {
            name,
            file: first.file as usize,
            line: first.line,
            isa,
            address: symbol.address,
            bytes: symbol.size,
            summary: summary::of(isa, &loops, &found),
            loops,
        });
    }

    fn text(&mut self, decoded: &Decoded, body: &Body, at: usize) -> String {
        let mut text = String::new();
        if let Some(callee) = body.callee(at).filter(|c| !c.name.is_empty()) {
            self.formatter.format_mnemonic(decoded, &mut text);
            text.push(' ');
            text.push_str(&callee.name);
        } else {
            self.formatter.format(decoded, &mut text);
        }
        text
    }

    fn finish(self, binary: &Path, paths: &[PathBuf]) -> Result<Annotation, Error> {
        let mut order: Vec<_> = self.functions.into_iter().enumerate().collect();
        order.sort_by_key(|(_, f)| (f.file, f.line, f.isa, f.address));
        let mut new = vec![0; order.len()];
        for (to, (from, _)) in order.iter().enumerate() {
            if let Some(slot) = new.get_mut(*from) {
                *slot = to;
            }
        }
        let mut functions: Vec<_> = order.into_iter().map(|(_, function)| function).collect();
        let mut lines: BTreeMap<u32, BTreeMap<u32, Line>> = BTreeMap::new();
        for ((file, line, isa), mut draft) in self.cells {
            for instruction in &mut draft.cell.assembly {
                instruction.function = new.get(instruction.function).copied().unwrap_or(0);
            }
            let line = lines.entry(file).or_default().entry(line).or_default();
            line.cells.insert(isa, draft.finish());
        }
        // Files that have code, and the functions' indices into them.
        let mut kept = BTreeMap::new();
        let mut files = Vec::new();
        for (at, path) in (0..).zip(paths) {
            let Some(lines) = lines.remove(&at) else { continue };
            kept.insert(at as usize, files.len());
            files.push(source_file(path, lines)?);
        }
        let renumber = |file: &mut usize| *file = kept.get(file).copied().unwrap_or(0);
        for function in &mut functions {
            renumber(&mut function.file);
            for place in function.loops.iter_mut().filter_map(|l| l.line.as_mut()) {
                renumber(&mut place.0);
            }
        }
        Ok(Annotation { binary: binary.to_path_buf(), files, functions })
    }
}

impl Draft {
    /// Adds a finding; those that only differ in number are one.
    fn merge(&mut self, found: &Found) {
        let new = &found.finding;
        let same = |f: &Finding| {
            (f.kind, &f.what, &f.callee, f.depth, f.innermost)
                == (new.kind, &new.what, &new.callee, new.depth, new.innermost)
        };
        match self.findings.iter_mut().find(|(_, known)| same(known)) {
            Some((weight, known)) => {
                known.count += new.count;
                *weight = weight.max(found.weight);
            }
            None => self.findings.push((found.weight, new.clone())),
        }
        self.cell.weight = self.cell.weight.max(found.weight);
    }

    /// The cell with the heaviest of its findings first.
    fn finish(mut self) -> Cell {
        self.findings.sort_by(|(a, first), (b, second)| {
            let order = |f: &Finding| (f.kind, std::cmp::Reverse(f.count));
            b.total_cmp(a).then_with(|| order(first).cmp(&order(second)))
        });
        self.cell.findings = self.findings.into_iter().map(|(_, finding)| finding).collect();
        self.cell
    }
}

fn source_file(path: &Path, lines: BTreeMap<u32, Line>) -> Result<SourceFile, Error> {
    let bytes = std::fs::read(path).map_err(|e| {
        let message = format!("cannot read the source `{}`", path.display());
        Error::new(ErrorKind::Read, message).of(e)
    })?;
    let below = std::env::current_dir().ok().and_then(|here| {
        let here = here.canonicalize().ok()?;
        path.strip_prefix(here).ok().map(Path::to_path_buf)
    });
    let name = below.as_deref().unwrap_or(path).display().to_string();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let (has, last) = (text.lines().count(), lines.keys().next_back().copied().unwrap_or(0));
    if (last as usize) > has {
        let message = format!(
            "the source `{name}` ends at line {has}, but there is code of line {last}: it was changed \
             after it was built"
        );
        return Err(Error::new(ErrorKind::Read, message));
    }
    Ok(SourceFile { path: path.to_path_buf(), name, text, lines })
}

/// Where a function begins: at its own first line, or the first that was inlined into it.
fn first_place(body: &Body) -> Option<Place> {
    let entry = body.places.first().copied().flatten().filter(|p| p.depth == 0);
    entry.or_else(|| {
        let places = body.places.iter().flatten();
        places.copied().min_by_key(|p| (p.depth, p.file, p.line))
    })
}

fn loops(body: &Body, file: u32) -> Vec<Loop> {
    let regions = &body.nest.loops;
    let vectorised = finding::vectorised(body);
    let mut counts = vec![Counts::default(); regions.len()];
    let mut widths = vec![(0_u32, 0_u32); regions.len()];
    let mut places: Vec<Option<Place>> = vec![None; regions.len()];
    let order = |p: &Place| (p.file != file, p.depth, p.line);
    for (at, decoded) in body.code.iter().enumerate() {
        let Some(region) = body.loop_of(at) else { continue };
        if let Some(counts) = counts.get_mut(region) {
            body.count(at, counts);
        }
        if let Some(float) = body.float(at).filter(|f| f.packed)
            && vectorised.get(region) == Some(&true)
            && let Some(width) = widths.get_mut(region)
        {
            *width = (*width).max((float.lanes(decoded), float.bits));
        }
        if let Some(place) = body.place(at)
            && let Some(slot) = places.get_mut(region)
            && slot.as_ref().is_none_or(|known| order(&place) < order(known))
        {
            *slot = Some(place);
        }
    }
    let rows = regions.iter().zip(counts).zip(widths.into_iter().zip(places));
    let mut loops: Vec<_> = rows
        .map(|((region, counts), ((lanes, bits), place))| Loop {
            depth: region.depth,
            innermost: region.height == 0,
            line: place.map(|p| (p.file as usize, p.line)),
            lanes,
            bits,
            counts,
        })
        .collect();
    loops.sort_by_key(|l| (l.depth, l.line));
    loops
}
