//! Calls of random signatures, against the C compiler: C gets the bytes that were given, and what it returns
//! comes back bit for bit.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use tenfold_cdecl::{Float, Length, RecordKind, Type, TypeKind, Unit};

use crate::arg::Arg;
use crate::callable::Callable;
use crate::declarations::Declarations;
use crate::library::Library;
use crate::value::Value;

/// Functions in a library, which is one compilation.
const FUNCTIONS: usize = 250;

/// Records that the functions of a library take.
const RECORDS: usize = 40;

const MAX_RECORD: u64 = 64;

/// Where C puts what it gets, and finds what it returns.
const BUFFER: usize = 4096;

const BASIC: &[&str] = &[
    "char",
    "signed char",
    "unsigned char",
    "short",
    "unsigned short",
    "int",
    "unsigned",
    "long",
    "unsigned long",
    "long long",
    "_Bool",
    "float",
    "float",
    "double",
    "double",
    "long double",
    "__int128",
    "unsigned __int128",
    "float _Complex",
    "double _Complex",
    "long double _Complex",
    "void *",
    "enum small",
    "enum big",
    "enum narrow",
];

/// What C's promotions leave as it is.
const PROMOTED: &[&str] = &[
    "int",
    "unsigned",
    "long",
    "unsigned long",
    "double",
    "double",
    "long double",
    "__int128",
    "double _Complex",
    "float _Complex",
    "void *",
];

const PREAMBLE: &str = "
enum small { SMALL = -1 };
enum big { BIG = 0x100000000 };
enum narrow { NARROW } __attribute__((packed));
";

/// xorshift64*.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() >> 33).unwrap() % bound
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn pick<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.below(list.len())]
    }
}

/// One field, with its semicolon.
fn field(random: &mut Random, at: usize, records: usize) -> String {
    if random.chance(10) {
        let (ty, bits) = [("int", 32), ("unsigned char", 8), ("long", 64)][random.below(3)];
        return format!("{ty} f{at} : {};", 1 + random.below(bits));
    }
    let ty = match random.chance(25) && records > 0 {
        true => format!("r{}", random.below(records)),
        false => random.pick(BASIC).to_owned(),
    };
    let array =
        if random.chance(20) { format!("[{}]", 1 + random.below(4)) } else { String::new() };
    format!("{ty} f{at}{array};")
}

/// A record that is no larger than it may be.
fn record(random: &mut Random, at: usize, before: &str) -> String {
    loop {
        let word = if random.chance(20) { "union" } else { "struct" };
        let attribute = match random.below(10) {
            0 => "__attribute__((packed))",
            1 => "__attribute__((aligned(16)))",
            2 => "__attribute__((packed, aligned(2)))",
            _ => "",
        };
        let fields: String =
            (0..1 + random.below(5)).map(|field_at| field(random, field_at, at)).collect();
        let text = format!("typedef {word} {attribute} {{ {fields} }} r{at};\n");
        let unit = tenfold_cdecl::parse(&[before, &text].concat()).unwrap();
        let layout = unit.layout(unit.typedef(&format!("r{at}")).unwrap().ty).unwrap();
        if layout.size() <= MAX_RECORD {
            return text;
        }
    }
}

fn types(random: &mut Random) -> String {
    let mut text = PREAMBLE.to_owned();
    for at in 0..RECORDS {
        let next = record(random, at, &text);
        text.push_str(&next);
    }
    text
}

struct Function {
    result: Option<String>,
    parameters: Vec<String>,
    /// What is given for `...`.
    extra: Option<Vec<String>>,
}

/// The records that may stand in `...`. GCC 12 copies one of 16 aligned bytes out of registers with an
/// instruction that needs their alignment, which those do not have: its own calls crash.
fn unpromoted(types: &str) -> Vec<String> {
    let unit = tenfold_cdecl::parse(types).unwrap();
    let is_sound = |name: &String| {
        let layout = unit.layout(unit.typedef(name).unwrap().ty).unwrap();
        layout.size() > 16 || layout.alignment() < 16
    };
    (0..RECORDS).map(|at| format!("r{at}")).filter(is_sound).collect()
}

fn any(random: &mut Random, basic: &[&str], records: &[String]) -> String {
    match random.chance(35) {
        true => records[random.below(records.len())].clone(),
        false => random.pick(basic).to_owned(),
    }
}

fn function(random: &mut Random, unpromoted: &[String]) -> Function {
    let records: Vec<String> = (0..RECORDS).map(|at| format!("r{at}")).collect();
    let list = |random: &mut Random, basic: &[&str], records: &[String], least: usize| {
        // Few and many are equally frequent.
        let bound = if random.chance(50) { 6 } else { 17 - least };
        let count = least + random.below(bound);
        (0..count).map(|_| any(random, basic, records)).collect::<Vec<_>>()
    };
    let is_variadic = random.chance(20);
    let parameters = list(random, BASIC, &records, usize::from(is_variadic));
    let extra = is_variadic.then(|| list(random, PROMOTED, unpromoted, 0));
    let result = random.chance(90).then(|| any(random, BASIC, &records));
    Function { result, parameters, extra }
}

impl Function {
    fn prototype(&self, name: &str) -> String {
        let mut list: Vec<String> =
            self.parameters.iter().enumerate().map(|(at, ty)| format!("{ty} a{at}")).collect();
        if self.extra.is_some() {
            list.push(String::from("..."));
        }
        let list = if list.is_empty() { String::from("void") } else { list.join(", ") };
        format!("{} {name}({list})", self.result.as_deref().unwrap_or("void"))
    }

    /// Copies what it gets one behind the other, and returns what is there.
    fn definition(&self, name: &str) -> String {
        let mut text = format!("{} {{\n  unsigned char *to = received;\n", self.prototype(name));
        for at in 0..self.parameters.len() {
            let _ = writeln!(text, "  memcpy(to, &a{at}, sizeof a{at}); to += sizeof a{at};");
        }
        if let Some(extra) = &self.extra {
            let last = self.parameters.len() - 1;
            let _ = writeln!(text, "  __builtin_va_list list; __builtin_va_start(list, a{last});");
            for ty in extra {
                let _ = writeln!(
                    text,
                    "  {{ {ty} v = __builtin_va_arg(list, {ty}); memcpy(to, &v, sizeof v); to += sizeof v; }}"
                );
            }
            text.push_str("  __builtin_va_end(list);\n");
        }
        if let Some(ty) = &self.result {
            let _ = writeln!(text, "  {ty} result; memcpy(&result, returned, sizeof result);");
            text.push_str("  return result;\n");
        }
        text.push_str("}\n");
        text
    }
}

/// Random bytes of a type, and which of their bits are its value and not padding.
fn fill(unit: &Unit, ty: Type, random: &mut Random) -> (Vec<u8>, Vec<u8>) {
    let size = usize::try_from(unit.layout(ty).unwrap().size()).unwrap();
    let (mut bytes, mut mask) = (vec![0; size], vec![0; size]);
    fill_at(unit, ty, random, &mut bytes, &mut mask);
    (bytes, mask)
}

fn fill_at(unit: &Unit, ty: Type, random: &mut Random, bytes: &mut [u8], mask: &mut [u8]) {
    let ty = unit.resolve(ty);
    match unit.kind(ty) {
        TypeKind::Bool => (bytes[0], mask[0]) = (u8::from(random.chance(50)), 0xff),
        TypeKind::Float(Float::LongDouble) => extended(random, bytes, mask),
        TypeKind::Complex(Float::LongDouble) => {
            extended(random, &mut bytes[..16], &mut mask[..16]);
            extended(random, &mut bytes[16..], &mut mask[16..]);
        }
        TypeKind::Array { element, length: Length::Known(length) } => {
            let size = usize::try_from(unit.layout(*element).unwrap().size()).unwrap();
            for at in 0..usize::try_from(*length).unwrap() {
                let range = at * size..(at + 1) * size;
                fill_at(unit, *element, random, &mut bytes[range.clone()], &mut mask[range]);
            }
        }
        TypeKind::Record(id) => {
            let layout = unit.record_layout(*id).unwrap();
            let record = unit.record_by_id(*id);
            let is_union = record.kind == RecordKind::Union;
            for (field, place) in record.fields.iter().zip(layout.fields()) {
                if let Some(width) = field.width {
                    for bit in place.bit_offset()..place.bit_offset() + u64::from(width) {
                        let (byte, bit) = (usize::try_from(bit / 8).unwrap(), bit % 8);
                        mask[byte] |= 1 << bit;
                        bytes[byte] |= u8::from(random.chance(50)) << bit;
                    }
                    continue;
                }
                let begin = usize::try_from(place.offset()).unwrap();
                let (bytes, mask) = (&mut bytes[begin..], &mut mask[begin..]);
                fill_at(unit, field.ty, random, bytes, mask);
                if is_union && random.chance(30) {
                    break;
                }
            }
        }
        _ => {
            let size = usize::try_from(unit.layout(ty).unwrap().size()).unwrap();
            bytes[..size].fill_with(|| u8::try_from(random.next() >> 56).unwrap());
            mask[..size].fill(0xff);
        }
    }
}

/// A normal number of 80 bits.
fn extended(random: &mut Random, bytes: &mut [u8], mask: &mut [u8]) {
    bytes[..8].copy_from_slice(&(random.next() | 1 << 63).to_le_bytes());
    let exponent = 1 + random.below(0x7ffe) + (random.below(2) << 15);
    bytes[8..10].copy_from_slice(&u16::try_from(exponent).unwrap().to_le_bytes());
    mask[..10].fill(0xff);
}

fn compile(folder: &Path, name: &str, text: &str, level: &str) -> std::path::PathBuf {
    let (source, object) = (folder.join(format!("{name}.c")), folder.join(format!("{name}.so")));
    std::fs::write(&source, text).unwrap();
    let cc = std::env::var("CC").unwrap_or_else(|_| String::from("cc"));
    let mut command = Command::new(cc);
    command.args(["-std=gnu11", "-w", "-shared", "-fPIC", level, "-o"]).arg(&object).arg(&source);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    object
}

/// The buffers of a library.
struct Buffers {
    received: *mut [u8; BUFFER],
    returned: *mut [u8; BUFFER],
}

/// A library of random functions.
struct Batch {
    library: Library,
    functions: Vec<Function>,
    buffers: Buffers,
    /// The types by their names.
    declarations: Declarations,
    random: Random,
    /// For messages.
    types: String,
}

impl Batch {
    fn new(seed: u64, count: usize, level: &str) -> Self {
        let mut random = Random(seed.wrapping_mul(2) + 1);
        let types = types(&mut random);
        let unpromoted = unpromoted(&types);
        let functions: Vec<Function> =
            (0..count).map(|_| function(&mut random, &unpromoted)).collect();
        let variables =
            format!("unsigned char received[{BUFFER}]; unsigned char returned[{BUFFER}];\n");
        let mut source = format!("#include <string.h>\n{types}{variables}");
        let mut cdef = format!("{types}extern {}", variables.replace("; ", "; extern "));
        for (at, function) in functions.iter().enumerate() {
            let name = format!("f{at}");
            source.push_str(&function.definition(&name));
            let _ = writeln!(cdef, "{};", function.prototype(&name));
        }
        let folder = tempfile::tempdir().unwrap();
        let object = compile(folder.path(), &format!("batch{seed}"), &source, level);
        // SAFETY: it has no initialisers.
        let mut library = unsafe { Library::open(object.to_str().unwrap()) }.unwrap();
        library.cdef(&cdef).unwrap_or_else(|error| panic!("{error:#}"));
        let buffers = Buffers {
            received: library.variable("received").unwrap(),
            returned: library.variable("returned").unwrap(),
        };
        let declarations = library.declarations().clone();
        Self { library, functions, buffers, declarations, random, types }
    }

    fn ty(&mut self, text: &str) -> Type {
        self.declarations.parse_type(text).unwrap()
    }

    /// Calls a function with random arguments and a random result; the bytes of both are compared.
    fn check(&mut self, at: usize, callable: &Callable) {
        let function = &self.functions[at];
        let names: Vec<String> =
            function.parameters.iter().chain(function.extra.iter().flatten()).cloned().collect();
        let result = function.result.clone();
        let given: Vec<(Type, Vec<u8>, Vec<u8>)> = names
            .iter()
            .map(|name| {
                let ty = self.ty(name);
                let (bytes, mask) = fill(self.declarations.unit(), ty, &mut self.random);
                (ty, bytes, mask)
            })
            .collect();
        let values: Vec<Value> = given
            .iter()
            // SAFETY: the bytes are an object of the type.
            .map(|(ty, bytes, _)| unsafe {
                Value::read(&self.declarations, *ty, bytes.as_ptr()).unwrap()
            })
            .collect();
        let args: Vec<Arg<'_>> = values.iter().map(Arg::from).collect();
        let expected = result.map(|name| {
            let ty = self.ty(&name);
            let (bytes, mask) = fill(self.declarations.unit(), ty, &mut self.random);
            // SAFETY: nobody else uses the buffer.
            let returned = unsafe { &mut *self.buffers.returned };
            returned[..bytes.len()].copy_from_slice(&bytes);
            (ty, bytes, mask)
        });

        // SAFETY: the declaration is what was compiled, and the values are of its types.
        let value = unsafe { callable.call(&args) };
        let value = value.unwrap_or_else(|error| panic!("{error}"));

        // SAFETY: as above.
        let mut received = unsafe { &*self.buffers.received }.as_slice();
        for (index, (_, bytes, mask)) in given.iter().enumerate() {
            let (got, rest) = received.split_at(bytes.len());
            let is_same =
                bytes.iter().zip(got).zip(mask).all(|((a, b), mask)| a & mask == b & mask);
            assert!(
                is_same,
                "argument {index} of {}\n{bytes:02x?}\n{got:02x?}\n{names:?}\n{}",
                callable.declaration(),
                self.types
            );
            received = rest;
        }
        let Some((ty, bytes, mask)) = expected else {
            assert!(matches!(value, Value::Void));
            return;
        };
        let mut got = vec![0; bytes.len()];
        // SAFETY: there is room for an object of the type.
        unsafe { Arg::from(&value).store(self.declarations.unit(), ty, got.as_mut_ptr()) }.unwrap();
        let is_same = bytes.iter().zip(&got).zip(&mask).all(|((a, b), mask)| a & mask == b & mask);
        assert!(
            is_same,
            "result of {}\n{bytes:02x?}\n{got:02x?}\n{}",
            callable.declaration(),
            self.types
        );
    }

    fn check_all(&mut self) {
        for at in 0..self.functions.len() {
            let callable = self.library.prepare(&format!("f{at}")).unwrap();
            self.check(at, &callable);
            self.check(at, &callable);
        }
    }

    /// How many of the functions libffi can call; these are called.
    #[cfg(feature = "libffi")]
    fn check_libffi(&mut self) -> usize {
        let mut count = 0;
        for at in 0..self.functions.len() {
            // Objects for `...` have no place in what libffi is told.
            let is_plain = |name: &String| !name.starts_with('r') && !name.contains("__int128");
            let extra = &self.functions[at].extra;
            if !extra.iter().flatten().all(is_plain) {
                continue;
            }
            if let Ok(callable) = self.library.prepare_libffi(&format!("f{at}")) {
                self.check(at, &callable);
                count += 1;
            }
        }
        count
    }
}

fn check_batches(batches: std::ops::Range<u64>, count: usize) {
    let levels = ["-O0", "-O2", "-O1"];
    for (seed, level) in batches.zip(levels.into_iter().cycle()) {
        Batch::new(seed, count, level).check_all();
    }
}

#[test]
fn c_gets_what_was_given_and_gives_what_comes_back() {
    check_batches(0..8, FUNCTIONS);
}

/// The same words that the stub takes go through libffi, and C gets the same.
#[cfg(feature = "libffi")]
#[test]
fn libffi_passes_what_the_stub_passes() {
    let counts = (0..4).map(|seed| Batch::new(seed, FUNCTIONS, "-O1").check_libffi());
    let count: usize = counts.sum();
    assert!(count > 100, "{count} functions");
}

#[test]
#[ignore = "long: 4 minutes of CPU time"]
fn c_gets_what_was_given_for_100_000_signatures() {
    check_batches(1000..1200, 2 * FUNCTIONS);
}
