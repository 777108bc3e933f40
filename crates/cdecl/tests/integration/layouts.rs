//! Sizes, alignments, offsets and bits of random records, against the C compiler.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use tenfold_cdecl::{Options, Target, Unit};

use crate::compiler;

/// Records in a batch, which is one compilation.
const RECORDS: usize = 400;

/// Bits are looked at in records up to so many bytes.
const PROBE: u64 = 256;

#[derive(Debug, Clone)]
struct Field {
    ty: &'static str,
    array: Option<u8>,
    width: Option<u8>,
    named: bool,
    attribute: &'static str,
    nested: Option<u8>,
}

#[derive(Debug, Clone)]
struct Record {
    word: &'static str,
    attribute: &'static str,
    pack: Option<u8>,
    fields: Vec<Field>,
    flexible: bool,
    anonymous: Option<Vec<Field>>,
}

/// Types and their bits, or 0 of those that make no bit-field.
const TYPES: &[(&str, u8)] = &[
    ("char", 8),
    ("signed char", 8),
    ("unsigned char", 8),
    ("short", 16),
    ("unsigned short", 16),
    ("int", 32),
    ("unsigned", 32),
    ("long", 64),
    ("unsigned long long", 64),
    ("_Bool", 1),
    ("enum small", 32),
    ("enum big", 64),
    ("enum narrow", 8),
    ("__int128", 128),
    ("float", 0),
    ("double", 0),
    ("long double", 0),
    ("_Float128", 0),
    ("float _Complex", 0),
    ("double _Complex", 0),
    ("long double _Complex", 0),
    ("void *", 0),
    ("wide", 0),
    ("shallow", 0),
    ("vector", 0),
    ("_Atomic int", 0),
    ("__builtin_va_list", 0),
];

const PREAMBLE: &str = "
enum small { SMALL };
enum big { BIG = 0x100000000 };
enum narrow { NARROW } __attribute__((packed));
typedef int wide __attribute__((aligned(16)));
typedef long shallow __attribute__((aligned(2)));
typedef float vector __attribute__((vector_size(16)));
";

fn field() -> impl Strategy<Value = Field> {
    let attributes = prop_oneof![
        8 => Just(""),
        1 => Just("__attribute__((packed))"),
        1 => Just("__attribute__((aligned(4)))"),
        1 => Just("__attribute__((aligned(8), packed))"),
        1 => Just("__attribute__((aligned))"),
    ];
    let array = option::weighted(0.15, 0..4_u8);
    let width = option::weighted(0.45, 0..=128_u8);
    let nested = option::weighted(0.1, any::<u8>());
    (0..TYPES.len(), array, width, prop::bool::weighted(0.85), attributes, nested).prop_map(
        |(ty, array, width, named, attribute, nested)| {
            let (ty, bits) = TYPES[ty];
            let width = width.filter(|_| bits > 0).map(|width| width % (bits + 1));
            let named = width.is_none() || (named && width != Some(0));
            let (array, nested) =
                (array.filter(|_| width.is_none()), nested.filter(|_| width.is_none()));
            Field { ty, array, width, named, attribute, nested }
        },
    )
}

fn record() -> impl Strategy<Value = Record> {
    let word = prop_oneof![4 => Just("struct"), 1 => Just("union")];
    let attribute = prop_oneof![
        5 => Just(""),
        2 => Just("__attribute__((packed))"),
        1 => Just("__attribute__((aligned(32)))"),
        1 => Just("__attribute__((packed, aligned(2)))"),
    ];
    let pack = option::weighted(0.2, prop::sample::select(vec![1_u8, 2, 4, 8, 16]));
    let anonymous = option::weighted(0.1, vec(field(), 1..4));
    (word, attribute, pack, vec(field(), 1..9), prop::bool::weighted(0.1), anonymous).prop_map(
        |(word, attribute, pack, fields, flexible, anonymous)| {
            let flexible = flexible && word == "struct" && fields[0].named;
            Record { word, attribute, pack, fields, flexible, anonymous }
        },
    )
}

/// The text of one field. Records of the batch that come before may be its type.
fn written(field: &Field, name: &str, before: &[Record]) -> String {
    let mut ty = field.ty.to_owned();
    if let Some(nested) = field.nested.filter(|_| !before.is_empty()) {
        let at = usize::from(nested) % before.len();
        if !before[at].flexible {
            ty = format!("{} r{at}", before[at].word);
        }
    }
    // An array cannot have elements that are aligned to more than their size, or less.
    let array = field.array.filter(|_| !["wide", "shallow"].contains(&field.ty) || ty != field.ty);
    let name = if field.named { name } else { "" };
    let array = array.map_or(String::new(), |length| format!("[{length}]"));
    let width = field.width.map_or(String::new(), |width| format!(" : {width}"));
    format!("{ty} {name}{array}{width} {};", field.attribute)
}

fn source(records: &[Record]) -> String {
    let mut text = PREAMBLE.to_owned();
    for (at, record) in records.iter().enumerate() {
        if let Some(pack) = record.pack {
            let _ = writeln!(text, "#pragma pack(push, {pack})");
        }
        let _ = write!(text, "{} r{at} {{", record.word);
        for (number, field) in record.fields.iter().enumerate() {
            let _ = write!(text, " {}", written(field, &format!("f{number}"), &records[..at]));
        }
        if let Some(fields) = &record.anonymous {
            text.push_str(" struct {");
            for (number, field) in fields.iter().enumerate() {
                let _ = write!(text, " {}", written(field, &format!("a{number}"), &records[..at]));
            }
            text.push_str(" };");
        }
        if record.flexible {
            text.push_str(" short last[];");
        }
        let _ = writeln!(text, " }} {};", record.attribute);
        if record.pack.is_some() {
            text.push_str("#pragma pack(pop)\n");
        }
    }
    text
}

/// A bit-field to be looked at: its record, name, first bit and width.
struct Bits {
    record: usize,
    name: String,
    first: u64,
    width: u32,
}

fn assertions(unit: &Unit, records: &[Record]) -> (String, Vec<Bits>) {
    let (mut text, mut bits) = (String::new(), Vec::new());
    for (at, record) in records.iter().enumerate() {
        let name = format!("{} r{at}", record.word);
        let ours = unit.record(&format!("r{at}")).unwrap();
        let layout = unit.record_layout(ours.id()).unwrap();
        let _ = writeln!(text, "_Static_assert(sizeof({name}) == {}, \"\");", layout.size());
        let _ = writeln!(text, "_Static_assert(_Alignof({name}) == {}, \"\");", layout.alignment());
        let own = (0..record.fields.len()).map(|at| format!("f{at}"));
        let inner =
            record.anonymous.iter().flat_map(|fields| (0..fields.len()).map(|at| format!("a{at}")));
        for field in own.chain(inner).chain(record.flexible.then(|| String::from("last"))) {
            let Ok(member) = unit.member(ours.ty(), &field) else { continue };
            let first = member.bit_offset.unwrap();
            match member.width {
                None => {
                    let offset = first / 8;
                    let _ = writeln!(
                        text,
                        "_Static_assert(__builtin_offsetof({name}, {field}) == {offset}, \"\");"
                    );
                }
                Some(width) if layout.size() <= PROBE && !record.flexible => {
                    bits.push(Bits { record: at, name: field, first, width });
                }
                Some(_) => {}
            }
        }
    }
    (text, bits)
}

/// Objects whose one field is all ones, each in as many bytes, in a section of their own.
fn probes(records: &[Record], bits: &[Bits]) -> String {
    let mut text = String::new();
    for (at, field) in bits.iter().enumerate() {
        let (word, record) = (records[field.record].word, field.record);
        let _ = writeln!(
            text,
            "union {{ {word} r{record} record; char bytes[{PROBE}]; }} p{at} \
             __attribute__((section(\".probe\"), aligned({PROBE}))) = {{ {{ .{} = -1 }} }};",
            field.name
        );
    }
    text
}

/// The bytes of the probes in an object file.
fn section(objcopy: &str, object: &Path) -> Vec<u8> {
    let binary = object.with_extension("bin");
    let mut command = Command::new(objcopy);
    command.args(["-O", "binary", "--only-section=.probe", "--set-section-flags", ".probe=alloc"]);
    let output = compiler::run(command.arg(object).arg(&binary));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    std::fs::read(binary).unwrap()
}

fn batch(target: Target, compiler: &str, objcopy: &str, seed: u8) {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let records: Vec<Record> = vec(record(), RECORDS).new_tree(&mut runner).unwrap().current();
    let text = source(&records);
    let unit = Options::new().target(target).parse(&text);
    let unit = unit.unwrap_or_else(|error| panic!("{error:#}"));
    let (asserted, bits) = assertions(&unit, &records);
    assert!(bits.len() > RECORDS / 2, "only {} bit-fields", bits.len());

    let folder = tempfile::tempdir().unwrap();
    let (file, object) = (folder.path().join("layouts.c"), folder.path().join("layouts.o"));
    std::fs::write(&file, format!("{text}{asserted}{}", probes(&records, &bits))).unwrap();
    if let Err(message) = compiler::compile(compiler, &file, &object) {
        let kept = std::env::temp_dir().join(format!("layouts-{seed}.c"));
        std::fs::copy(&file, &kept).unwrap();
        let shown: String =
            message.lines().take(40).fold(String::new(), |all, line| all + line + "\n");
        panic!("{} says of {}:\n{shown}", compiler, kept.display());
    }
    let bytes = section(objcopy, &object);
    for (at, field) in bits.iter().enumerate() {
        let start = at * usize::try_from(PROBE).unwrap();
        let object = &bytes[start..start + usize::try_from(PROBE).unwrap()];
        let is_one = |bit: &u64| object[usize::try_from(bit / 8).unwrap()] >> (bit % 8) & 1 == 1;
        let found: Vec<u64> = (0..PROBE * 8).filter(is_one).collect();
        let ours: Vec<u64> = (field.first..field.first + u64::from(field.width)).collect();
        let line = text.lines().find(|line| line.contains(&format!(" r{} {{", field.record)));
        assert_eq!(found, ours, "bits of {} in {}", field.name, line.unwrap());
    }
}

#[test]
fn random_records_lie_as_the_compiler_lays_them() {
    for seed in 1..=2 {
        batch(Target::host(), &compiler::cc(), "objcopy", seed);
    }
}

#[test]
#[ignore = "long: asks a cross compiler, aarch64-linux-gnu-gcc"]
fn random_records_lie_as_the_compiler_for_aarch64_lays_them() {
    for seed in 1..=10 {
        batch(Target::Aarch64, "aarch64-linux-gnu-gcc", "aarch64-linux-gnu-objcopy", seed);
    }
}

#[test]
#[ignore = "long: twenty compilations"]
fn more_random_records_lie_as_the_compiler_lays_them() {
    for seed in 3..=22 {
        batch(Target::host(), &compiler::cc(), "objcopy", seed);
    }
}
