//! The counts of functions beside those of `objdump`, whose text is told apart by other rules.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;
use tenfold_annotate::{Annotation, Selection, annotate};

use crate::program::{PLAIN, compile};

/// What both sides count.
#[derive(Debug, Default, PartialEq, Eq)]
struct Tally {
    packed: u32,
    scalar: u32,
    integer_divisions: u32,
    float_divisions: u32,
    /// Of whatever, but for those that panic.
    calls: u32,
    locked: u32,
    /// Branches to the panic of an index, and to others.
    bounds: u32,
    panics: u32,
}

const PLANTED: [&str; 9] =
    ["atomics", "calls", "casts", "division", "indexing", "libm", "matrices", "panics", "sums"];

/// Parts of the names of functions that panic for an index, that panic otherwise, and that end a
/// program or its cleanup.
const INDICES: [&str; 4] =
    ["panic_bounds_check", "slice_index_fail", "slice_error_fail", "len_mismatch"];
const PANICS: [&str; 4] = ["core::panicking::", "unwrap_failed", "expect_failed", "panic_already"];
const ENDS: [&str; 4] =
    ["handle_error", "handle_alloc_error", "capacity_overflow", "_Unwind_Resume"];

/// An instruction: where it is, its name without prefixes, and the rest.
#[derive(Debug)]
struct Row {
    address: u64,
    prefix: String,
    name: String,
    rest: String,
}

fn disassembly(binary: &Path) -> Vec<Row> {
    let mut objdump = Command::new("objdump");
    objdump.args(["-d", "-C", "-M", "intel", "--no-show-raw-insn"]).arg(binary);
    let output = objdump.output().expect("objdump comes with a C compiler's linker");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let slots = slots(binary);
    let mut rows: Vec<Row> = text.lines().filter_map(row).collect();
    for row in &mut rows {
        let slot = row.rest.split_once("# ").and_then(|(_, rest)| rest.split(' ').next());
        let slot = slot.and_then(|slot| u64::from_str_radix(slot, 16).ok());
        if let Some(name) = slot.and_then(|slot| slots.get(&slot)) {
            row.rest.push_str(name);
        }
    }
    rows
}

/// The names of functions whose addresses the loader writes into the binary, by where.
fn slots(binary: &Path) -> BTreeMap<u64, String> {
    let lines = |program: &str, options: &[&str]| {
        let output = Command::new(program).args(options).arg(binary).output().unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let number = |text: &str| u64::from_str_radix(text.trim_start_matches("0x"), 16).ok();
    let mut symbols = BTreeMap::new();
    for line in lines("nm", &["-C"]).lines() {
        let mut words = line.splitn(3, ' ');
        if let (Some(address), Some(_), Some(name)) = (words.next(), words.next(), words.next()) {
            symbols.extend(number(address).map(|address| (address, name.to_owned())));
        }
    }
    let mut slots = BTreeMap::new();
    for line in lines("objdump", &["-R", "-C"]).lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [slot, _, value] = words[..] else { continue };
        let Some(slot) = number(slot) else { continue };
        let symbol = value.strip_prefix("*ABS*+").and_then(number).and_then(|a| symbols.get(&a));
        slots.insert(slot, symbol.map_or_else(|| value.to_owned(), Clone::clone));
    }
    slots
}

/// Reads an address, a colon, a tab, and `lock inc QWORD PTR [rdi]`.
fn row(line: &str) -> Option<Row> {
    let (address, text) = line.split_once(":\t")?;
    let address = u64::from_str_radix(address.trim(), 16).ok()?;
    let prefixes = ["lock", "rep", "repz", "repnz", "notrack", "bnd", "data16", "addr32", "rex.W"];
    let mut words = text.split_whitespace().peekable();
    let mut prefix = String::new();
    while words.peek().is_some_and(|word| prefixes.contains(word)) {
        prefix.push_str(words.next()?);
    }
    let name = words.next()?.to_owned();
    Some(Row { address, prefix, name, rest: words.collect::<Vec<_>>().join(" ") })
}

impl Tally {
    fn of_rows(rows: &[Row], function: &Range<u64>) -> Self {
        let mut tally = Self::default();
        let inside = |row: &&Row| function.contains(&row.address);
        let rows: Vec<&Row> = rows.iter().filter(inside).collect();
        for (at, row) in rows.iter().enumerate() {
            tally.add(row, function);
            if row.name.starts_with('j') && row.name != "jmp" {
                let target = row.target().and_then(|target| place(&rows, target));
                let ways = [target, Some(at + 1)];
                let end = ways.into_iter().flatten().find_map(|way| end_in_panic(&rows, way));
                tally.bounds += u32::from(end == Some(true));
                tally.panics += u32::from(end == Some(false));
            }
        }
        tally
    }

    fn add(&mut self, row: &Row, function: &Range<u64>) {
        match floats(&row.name) {
            Some(true) => self.packed += 1,
            Some(false) => self.scalar += 1,
            None => {}
        }
        let name = row.name.trim_start_matches('v');
        self.float_divisions += u32::from(
            floats(&row.name).is_some() && (name.starts_with("div") || name.starts_with("sqrt")),
        );
        self.integer_divisions += u32::from(row.name == "div" || row.name == "idiv");
        self.calls += u32::from(is_call(row, function));
        let exchanges = row.name == "xchg" && row.rest.contains('[');
        self.locked += u32::from(row.prefix.contains("lock") || row.name == "mfence" || exchanges);
    }

    fn of_annotation(annotation: &Annotation) -> Self {
        let mut tally = Self::default();
        let lines = annotation.files.iter().flat_map(|file| file.lines.values());
        for cell in lines.flat_map(|line| line.cells.values()) {
            let counts = &cell.counts;
            tally.packed += counts.packed;
            tally.scalar += counts.scalar;
            tally.integer_divisions += counts.integer_divisions;
            tally.float_divisions += counts.float_divisions;
            tally.calls += counts.calls + counts.allocations;
            tally.locked += counts.atomics;
            tally.bounds += counts.bounds;
            tally.panics += counts.panics;
        }
        tally
    }
}

impl Row {
    /// Where a jump goes.
    fn target(&self) -> Option<u64> {
        u64::from_str_radix(self.rest.split(' ').next()?, 16).ok()
    }
}

fn place(rows: &[&Row], address: u64) -> Option<usize> {
    rows.binary_search_by_key(&address, |row| row.address).ok()
}

/// Whether what is done from there on, without a choice, is to panic; if so, for an index.
fn end_in_panic(rows: &[&Row], mut at: usize) -> Option<bool> {
    for _ in 0..100 {
        let row = rows.get(at)?;
        at += 1;
        match row.name.as_str() {
            "call" if INDICES.iter().any(|name| row.rest.contains(name)) => return Some(true),
            "call" if PANICS.iter().any(|name| row.rest.contains(name)) => return Some(false),
            "call" | "ret" => return None,
            "jmp" => at = place(rows, row.target()?)?,
            name if name.starts_with('j') => return None,
            _ => {}
        }
    }
    None
}

/// Whether an instruction computes with floats, and if so, with several.
fn floats(name: &str) -> Option<bool> {
    let name = name.strip_prefix('v').unwrap_or(name);
    if let Some(conversion) = name.strip_prefix("cvt") {
        return Some(!["ss", "sd", "si"].iter().any(|one| conversion.contains(one)));
    }
    let operations = [
        "add", "sub", "mul", "div", "sqrt", "min", "max", "round", "hadd", "fmadd", "fmsub",
        "fnmadd", "fnmsub",
    ];
    let computes = operations.iter().any(|operation| name.starts_with(operation));
    let end = |ends: [&str; 2]| ends.iter().any(|end| name.ends_with(end));
    match (computes, end(["ps", "pd"]), end(["ss", "sd"])) {
        (true, true, _) => Some(true),
        (true, _, true) => Some(false),
        _ => None,
    }
}

/// A call, or a jump to another function, that may come back.
fn is_call(row: &Row, function: &Range<u64>) -> bool {
    let goes_to = |names: &[&str]| names.iter().any(|name| row.rest.contains(name));
    if goes_to(&INDICES) || goes_to(&PANICS) || goes_to(&ENDS) {
        return false;
    }
    let inside = row.target().is_some_and(|target| function.contains(&target));
    row.name == "call" || (row.name == "jmp" && !inside)
}

#[test]
fn counts_are_those_of_objdump() {
    let folder = TempDir::new().unwrap();
    let mut compared = 0;
    let mut totals = BTreeMap::new();
    for variant in ["x86-64", "x86-64-v3"] {
        let cpu = format!("-Ctarget-cpu={variant}");
        let flags = [&PLAIN[..], &[&cpu]].concat();
        for name in PLANTED {
            let source =
                Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/planted/{name}.rs"));
            let binary = compile(&source, folder.path(), &flags);
            let rows = disassembly(&binary);
            let whole = annotation(&binary, &source, None);
            for function in &whole.functions {
                let alone = annotation(&binary, &source, Some(function.name.clone()));
                if alone.functions.len() > 1 || function.name.contains("wide") {
                    // Of another instance, or a division that is a call.
                    continue;
                }
                let range = function.address..function.address + function.bytes;
                let expected = Tally::of_rows(&rows, &range);
                let found = Tally::of_annotation(&alone);
                assert_eq!(found, expected, "{variant}: {} at {:#x}", function.name, range.start);
                *totals.entry("packed").or_insert(0) += found.packed;
                *totals.entry("scalar").or_insert(0) += found.scalar;
                *totals.entry("divisions").or_insert(0) +=
                    found.integer_divisions + found.float_divisions;
                *totals.entry("calls").or_insert(0) += found.calls;
                *totals.entry("locked").or_insert(0) += found.locked;
                *totals.entry("bounds").or_insert(0) += found.bounds;
                *totals.entry("panics").or_insert(0) += found.panics;
                compared += 1;
            }
        }
    }
    assert!(compared > 150 && totals.values().all(|&total| total > 10), "{compared} {totals:?}");
}

fn annotation(binary: &Path, source: &Path, function: Option<String>) -> Annotation {
    annotate(binary, &Selection { source: source.to_owned(), function }).unwrap()
}

#[test]
fn rows_are_read() {
    let row = row("   13e1c:\tlock inc QWORD PTR [rdi]").unwrap();
    assert_eq!((row.address, &*row.prefix, &*row.name), (0x13e1c, "lock", "inc"));
    assert_eq!(floats("vfmadd231pd"), Some(true));
    assert_eq!(floats("cvttsd2si"), Some(false));
    assert_eq!(floats("movsd"), None);
    assert_eq!(floats("paddd"), None);
}
