//! Random records: each field is written by Rust and read by C, and the other way round.

use std::ffi::{c_int, c_void};
use std::fmt::Write as _;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use tenfold_ffi::{Complex, Data, Declarations, Value};

use crate::compiler::{compiled, function};

/// Values that each field gets.
const VALUES: u64 = 4;

/// How a type's bits are a value.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    Bool,
    Signed,
    Unsigned,
    Float,
    Complex,
    Pointer,
}

/// A type, its size in bytes, and its bits if it makes bit-fields.
type Scalar = (&'static str, Kind, usize, u8);

const TYPES: &[Scalar] = &[
    ("char", Kind::Signed, 1, 8),
    ("signed char", Kind::Signed, 1, 8),
    ("unsigned char", Kind::Unsigned, 1, 8),
    ("short", Kind::Signed, 2, 16),
    ("unsigned short", Kind::Unsigned, 2, 16),
    ("int", Kind::Signed, 4, 32),
    ("unsigned", Kind::Unsigned, 4, 32),
    ("wchar_t", Kind::Signed, 4, 32),
    ("long", Kind::Signed, 8, 64),
    ("unsigned long long", Kind::Unsigned, 8, 64),
    ("__int128", Kind::Signed, 16, 128),
    ("unsigned __int128", Kind::Unsigned, 16, 128),
    ("_Bool", Kind::Bool, 1, 1),
    ("enum small", Kind::Unsigned, 4, 32),
    ("enum cold", Kind::Signed, 4, 32),
    ("enum big", Kind::Unsigned, 8, 64),
    ("enum narrow", Kind::Unsigned, 1, 8),
    ("float", Kind::Float, 4, 0),
    ("double", Kind::Float, 8, 0),
    ("float _Complex", Kind::Complex, 8, 0),
    ("double _Complex", Kind::Complex, 16, 0),
    ("void *", Kind::Pointer, 8, 0),
];

const PREAMBLE: &str = "
enum small { SMALL };
enum cold { COLD = -1 };
enum big { BIG = 0x100000000 };
enum narrow { NARROW } __attribute__((packed));
";

#[derive(Debug, Clone)]
struct Field {
    ty: usize,
    array: Option<u8>,
    width: Option<u8>,
    attribute: &'static str,
    nested: Option<u8>,
}

#[derive(Debug, Clone)]
struct Record {
    word: &'static str,
    attribute: &'static str,
    pack: Option<u8>,
    fields: Vec<Field>,
    anonymous: Option<(&'static str, Vec<Field>)>,
}

/// A number in a record: how to reach it, its type and its width as a bit-field.
#[derive(Debug, Clone)]
struct Leaf {
    path: String,
    ty: usize,
    width: Option<u8>,
}

fn field() -> impl Strategy<Value = Field> {
    let attributes = prop_oneof![
        8 => Just(""),
        1 => Just("__attribute__((packed))"),
        1 => Just("__attribute__((aligned(4)))"),
        1 => Just("__attribute__((aligned(8), packed))"),
    ];
    let array = option::weighted(0.15, 1..4_u8);
    let width = option::weighted(0.5, 0..128_u8);
    let nested = option::weighted(0.1, any::<u8>());
    (0..TYPES.len(), array, width, attributes, nested).prop_map(
        |(ty, array, width, attribute, nested)| {
            let bits = TYPES[ty].3;
            let width = width.filter(|_| bits > 0).map(|width| 1 + width % bits);
            let is_whole = width.is_none();
            let (array, nested) = (array.filter(|_| is_whole), nested.filter(|_| is_whole));
            Field { ty, array, width, attribute, nested }
        },
    )
}

fn word() -> impl Strategy<Value = &'static str> {
    prop_oneof![4 => Just("struct"), 1 => Just("union")]
}

fn record() -> impl Strategy<Value = Record> {
    let attribute = prop_oneof![
        5 => Just(""),
        2 => Just("__attribute__((packed))"),
        1 => Just("__attribute__((aligned(32)))"),
        1 => Just("__attribute__((packed, aligned(2)))"),
    ];
    let pack = option::weighted(0.2, prop::sample::select(vec![1_u8, 2, 4, 8, 16]));
    let anonymous = option::weighted(0.2, (word(), vec(field(), 1..4)));
    (word(), attribute, pack, vec(field(), 1..9), anonymous).prop_map(
        |(word, attribute, pack, fields, anonymous)| Record {
            word,
            attribute,
            pack,
            fields,
            anonymous,
        },
    )
}

/// The record that a field is of, if it is of one of those before.
fn nested(field: &Field, before: usize) -> Option<usize> {
    field.nested.filter(|_| before > 0).map(|nested| usize::from(nested) % before)
}

fn declared(field: &Field, name: &str, records: &[Record], before: usize) -> String {
    let ty = match nested(field, before) {
        Some(at) => format!("{} r{at}", records[at].word),
        None => TYPES[field.ty].0.to_owned(),
    };
    let array = field.array.map_or(String::new(), |length| format!("[{length}]"));
    let width = field.width.map_or(String::new(), |width| format!(" : {width}"));
    format!(" {ty} {name}{array}{width} {};", field.attribute)
}

fn declarations(records: &[Record]) -> String {
    let mut text = PREAMBLE.to_owned();
    for (at, record) in records.iter().enumerate() {
        let pack =
            record.pack.map_or(String::new(), |pack| format!("#pragma pack(push, {pack})\n"));
        let _ = write!(text, "{pack}{} r{at} {{", record.word);
        for (number, field) in record.fields.iter().enumerate() {
            text += &declared(field, &format!("f{number}"), records, at);
        }
        if let Some((word, fields)) = &record.anonymous {
            let _ = write!(text, " {word} {{");
            for (number, field) in fields.iter().enumerate() {
                text += &declared(field, &format!("a{number}"), records, at);
            }
            text.push_str(" };");
        }
        let end = if record.pack.is_some() { "#pragma pack(pop)\n" } else { "" };
        let _ = write!(text, " }} {};\n{end}", record.attribute);
    }
    text
}

fn collect(field: &Field, path: &str, records: &[Record], before: usize, into: &mut Vec<Leaf>) {
    let places: Vec<String> = match field.array {
        Some(length) => (0..length).map(|at| format!("{path}[{at}]")).collect(),
        None => vec![path.to_owned()],
    };
    for path in places {
        match nested(field, before) {
            Some(at) => into.extend(leaves(records, at).into_iter().map(|leaf| {
                let path = format!("{path}.{}", leaf.path);
                Leaf { path, ..leaf }
            })),
            None => into.push(Leaf { path, ty: field.ty, width: field.width }),
        }
    }
}

fn leaves(records: &[Record], at: usize) -> Vec<Leaf> {
    let mut all = Vec::new();
    for (number, field) in records[at].fields.iter().enumerate() {
        collect(field, &format!("f{number}"), records, at, &mut all);
    }
    if let Some((_, fields)) = &records[at].anonymous {
        for (number, field) in fields.iter().enumerate() {
            collect(field, &format!("a{number}"), records, at, &mut all);
        }
    }
    // Records in records in records grow; a few of each kind do.
    all.truncate(60);
    all
}

/// A function of C for each record that writes one of its numbers, and one that reads it.
fn accessors(records: &[Record]) -> String {
    let mut text = String::new();
    for at in 0..records.len() {
        let (mut write, mut read) = (String::new(), String::new());
        for (number, leaf) in leaves(records, at).iter().enumerate() {
            let (ty, path) = (TYPES[leaf.ty].0, &leaf.path);
            let _ = writeln!(
                write,
                "case {number}: {{ {ty} x; __builtin_memcpy(&x, v, sizeof x); q->{path} = x; break; }}"
            );
            let _ = writeln!(
                read,
                "case {number}: {{ {ty} x = q->{path}; __builtin_memcpy(v, &x, sizeof x); break; }}"
            );
        }
        let word = records[at].word;
        let _ = writeln!(
            text,
            "void write_{at}(void *p, int leaf, const void *v) {{ {word} r{at} *q = p; switch (leaf) {{ {write} }} }}
             void read_{at}(const void *p, int leaf, void *v) {{ const {word} r{at} *q = p; switch (leaf) {{ {read} }} }}"
        );
    }
    text
}

/// The next number of a sequence that looks random.
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Random bytes that are a value of the type, with the value.
fn value(leaf: &Leaf, state: &mut u64) -> ([u8; 16], Value) {
    let (_, kind, bytes, _) = TYPES[leaf.ty];
    let random = u128::from(next(state)) << 64 | u128::from(next(state));
    let width = leaf.width.map_or(8 * bytes, usize::from);
    let width = if kind == Kind::Bool { 1 } else { width };
    let unused = u32::try_from(128 - width).unwrap();
    let bits = match kind {
        Kind::Signed => ((random << unused).cast_signed() >> unused).cast_unsigned(),
        _ => random << unused >> unused,
    };
    let all = bits.to_le_bytes();
    let mut raw = [0; 16];
    raw[..bytes].copy_from_slice(&all[..bytes]);
    (raw, from_raw(raw, kind, bytes))
}

fn from_raw(raw: [u8; 16], kind: Kind, bytes: usize) -> Value {
    let first4 = |at: usize| f32::from_le_bytes(raw[at..at + 4].try_into().unwrap());
    let first8 = |at: usize| f64::from_le_bytes(raw[at..at + 8].try_into().unwrap());
    let number = u128::from_le_bytes(raw);
    match (kind, bytes) {
        (Kind::Bool, _) => (number != 0).into(),
        (Kind::Float, 4) => first4(0).into(),
        (Kind::Float, _) => first8(0).into(),
        (Kind::Complex, 8) => Complex::new(first4(0), first4(4)).into(),
        (Kind::Complex, _) => Complex::new(first8(0), first8(8)).into(),
        (Kind::Signed, _) => {
            let unused = u32::try_from(8 * (16 - bytes)).unwrap();
            ((number << unused).cast_signed() >> unused).into()
        }
        (Kind::Unsigned | Kind::Pointer, _) => number.into(),
    }
}

/// The bytes of a number as C has it.
fn raw(value: &Value) -> [u8; 16] {
    let mut raw = [0; 16];
    let mut put = |bytes: &[u8]| raw[..bytes.len()].copy_from_slice(bytes);
    match value {
        Value::Bool(value) => put(&[u8::from(*value)]),
        Value::I8(value) => put(&value.to_le_bytes()),
        Value::U8(value) => put(&value.to_le_bytes()),
        Value::I16(value) => put(&value.to_le_bytes()),
        Value::U16(value) => put(&value.to_le_bytes()),
        Value::I32(value) => put(&value.to_le_bytes()),
        Value::U32(value) => put(&value.to_le_bytes()),
        Value::I64(value) => put(&value.to_le_bytes()),
        Value::U64(value) => put(&value.to_le_bytes()),
        Value::I128(value) => put(&value.to_le_bytes()),
        Value::U128(value) => put(&value.to_le_bytes()),
        Value::F32(value) => put(&value.to_le_bytes()),
        Value::F64(value) => put(&value.to_le_bytes()),
        Value::Complex32(value) => {
            put(&[value.re.to_le_bytes(), value.im.to_le_bytes()].concat());
        }
        Value::Complex64(value) => {
            put(&[value.re.to_le_bytes(), value.im.to_le_bytes()].concat());
        }
        Value::Pointer(pointer) => put(&pointer.address().addr().to_le_bytes()),
        other => panic!("{other} is no number"),
    }
    raw
}

/// Writes by Rust.
fn set(data: &mut Data, leaf: &Leaf, raw: [u8; 16], value: &Value) {
    let stored = match TYPES[leaf.ty].1 {
        Kind::Pointer => {
            let address = usize::from_le_bytes(raw[..8].try_into().unwrap());
            data.set(&leaf.path, std::ptr::without_provenance_mut::<c_void>(address))
        }
        _ => data.set(&leaf.path, value),
    };
    stored.unwrap_or_else(|error| panic!("{}: {error}", leaf.path));
}

type Write = unsafe extern "C" fn(*mut c_void, c_int, *const c_void);
type Read = unsafe extern "C" fn(*const c_void, c_int, *mut c_void);

/// One number of one record, both ways. What is around it keeps its bits.
fn check(data: &mut Data, leaf: &Leaf, number: c_int, write: Write, read: Read, state: &mut u64) {
    let (wanted, value) = value(leaf, state);
    for byte in data.bytes_mut() {
        *byte = next(state).to_le_bytes()[0];
    }
    let mut by_c = data.clone();
    // SAFETY: the object is of the record's type, and the bytes are a number of the leaf's.
    unsafe { write(by_c.as_mut_ptr(), number, wanted.as_ptr().cast()) };
    set(data, leaf, wanted, &value);
    assert_eq!(data.bytes(), by_c.bytes(), "{leaf:?} = {value}: Rust's bytes, and C's");

    assert_eq!(raw(&by_c.get(&leaf.path).unwrap()), wanted, "{leaf:?}: Rust reads C's");
    let mut found = [0; 16];
    // SAFETY: as above.
    unsafe { read(data.as_ptr(), number, found.as_mut_ptr().cast()) };
    assert_eq!(found, wanted, "{leaf:?}: C reads Rust's");
}

/// How many numbers were checked.
fn batch(seed: u8, count: usize) -> usize {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let records: Vec<Record> = vec(record(), count).new_tree(&mut runner).unwrap().current();
    let text = declarations(&records);
    let declarations = Declarations::parse(&text).unwrap_or_else(|error| panic!("{error:#}"));
    let source = format!("typedef __WCHAR_TYPE__ wchar_t;\n{text}{}", accessors(&records));
    let library = compiled(&source);
    let mut state = u64::from(seed);
    let mut checked = 0;
    for (at, record) in records.iter().enumerate() {
        // SAFETY: the source has them with these types.
        let write: Write = unsafe { function(&library, &format!("write_{at}")) };
        // SAFETY: as above.
        let read: Read = unsafe { function(&library, &format!("read_{at}")) };
        let mut data = declarations.new(format!("{} r{at}", record.word).as_str()).unwrap();
        for (number, leaf) in leaves(&records, at).iter().enumerate() {
            for _ in 0..VALUES {
                check(&mut data, leaf, number.try_into().unwrap(), write, read, &mut state);
                checked += 1;
            }
        }
    }
    checked
}

#[test]
fn random_records_are_read_and_written_as_c_does() {
    assert!(batch(1, 80) > 1000);
}

#[test]
#[ignore = "long: four thousand records, ten compilations"]
fn more_random_records_are_read_and_written_as_c_does() {
    let checked: usize = (2..12).map(|seed| batch(seed, 400)).sum();
    assert!(checked > 50_000, "{checked}");
}
