//! Declarations of real libraries are accepted, and with one thing changed they are refused.

use std::fmt::Write as _;

use tenfold_cdecl::{Type, Unit};
use tenfold_ffi_build::Error;

use crate::made::{has_zlib, module};

const ZLIB: &str = include_str!("cdef/zlib.cdef");
const MATH: &str = include_str!("cdef/math.cdef");
const SYSTEM: &str = include_str!("cdef/system.cdef");

/// Each declaration stands in a line of its own, fields of records with it.
const LIBRARIES: [(&str, &str); 3] = [
    ("\"zlib.h\"", ZLIB),
    ("\"math.h\"", MATH),
    (
        "[\"stdio.h\", \"string.h\", \"unistd.h\", \"sys/utsname.h\", \"sys/stat.h\", \"time.h\"]",
        SYSTEM,
    ),
];

/// Those that are on this machine.
fn libraries(test: &str) -> Vec<(&'static str, &'static str)> {
    let has_zlib = has_zlib(test);
    LIBRARIES.into_iter().filter(|(header, _)| has_zlib || *header != "\"zlib.h\"").collect()
}

fn verify(header: &str, cdef: &str) -> Result<(), Error> {
    module(&format!("header = {header}; cdef = r#\"{cdef}\"#;")).map(drop)
}

#[test]
fn what_is_right_is_accepted() {
    for (header, cdef) in libraries("what_is_right_is_accepted") {
        verify(header, cdef).unwrap_or_else(|error| panic!("{error}"));
    }
}

/// SplitMix64.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % bound as u64).unwrap()
    }

    fn pick<'a, T>(&mut self, list: &'a [T]) -> Option<&'a T> {
        if list.is_empty() { None } else { Some(&list[self.below(list.len())]) }
    }
}

const TYPES: [&str; 12] = [
    "int",
    "unsigned int",
    "long",
    "unsigned long",
    "double",
    "float",
    "char",
    "unsigned char",
    "short",
    "long double",
    "unsigned short",
    "signed char",
];

/// Where each of the words stands in a line.
fn places(line: &str, words: &[&str]) -> Vec<(usize, usize)> {
    let is_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let mut found = Vec::new();
    for word in words {
        for (at, _) in line.match_indices(word) {
            let end = at + word.len();
            let is_whole = !word.starts_with(char::is_alphanumeric)
                || !is_word(line[..at].chars().next_back()) && !is_word(line[end..].chars().next());
            if is_whole {
                found.push((at, end));
            }
        }
    }
    found
}

fn replaced(line: &str, place: (usize, usize), by: &str) -> String {
    format!("{}{by}{}", &line[..place.0], &line[place.1..])
}

/// The parameters of a line, or the fields, and what stands around them.
fn list(line: &str, open: char, between: char) -> Option<(&str, Vec<&str>, &str)> {
    let begin = line.find(open)? + 1;
    let end = line.rfind(if open == '(' { ')' } else { '}' })?;
    let inside = line[begin..end].trim_end_matches(between);
    let items: Vec<&str> = inside.split(between).collect();
    (!items[0].trim().is_empty()).then(|| (&line[..begin], items, &line[end..]))
}

fn joined((before, items, behind): (&str, Vec<&str>, &str), between: char) -> String {
    let last = if between == ';' { ";" } else { "" };
    format!("{before}{}{last}{behind}", items.join(&between.to_string()))
}

/// A line with one thing changed.
fn mutate(line: &str, random: &mut Random) -> Option<String> {
    let is_record = line.contains('{');
    let (open, between) = if is_record { ('{', ';') } else { ('(', ',') };
    match random.below(10) {
        // Another type: of a parameter, a field, the result, a name.
        0..=2 => {
            let all = places(line, &TYPES);
            let place = *random.pick(&all)?;
            Some(replaced(line, place, random.pick(&TYPES)?))
        }
        3 => {
            let place = *random.pick(&places(line, &["const "]))?;
            Some(replaced(line, place, ""))
        }
        4 => {
            let place = *random.pick(&places(line, &["*"]))?;
            Some(replaced(line, place, random.pick(&["**", "", "*const *"])?))
        }
        5 => {
            let place = *random.pick(&places(line, &["char *", "void *", "int *", "double *"]))?;
            Some(replaced(line, (place.0, place.0), random.pick(&["const ", "volatile "])?))
        }
        6 => {
            let (before, mut items, behind) = list(line, open, between)?;
            items.remove(random.below(items.len()));
            let none = items.is_empty() && !is_record;
            if none {
                items.push("void");
            }
            (!items.is_empty()).then(|| joined((before, items, behind), between))
        }
        7 => {
            let (before, mut items, behind) = list(line, open, between)?;
            let at = random.below(items.len());
            let next = (at + 1) % items.len();
            items.swap(at, next);
            Some(joined((before, items, behind), between))
        }
        8 => {
            let (before, mut items, behind) = list(line, open, between)?;
            let (more, at) =
                (if is_record { " int more" } else { " int" }, random.below(items.len() + 1));
            items.insert(at, more);
            Some(joined((before, items, behind), between))
        }
        _ => number(line, random),
    }
}

/// Another value, another length.
fn number(line: &str, random: &mut Random) -> Option<String> {
    let begin = line.find('[').map(|at| at + 1).or_else(|| {
        let define = line.strip_prefix("#define ")?;
        Some("#define ".len() + define.find(' ')? + 1)
    })?;
    let end = line[begin..].find(']').map_or(line.len(), |at| begin + at);
    let value: i64 = line[begin..end].trim().parse().ok()?;
    let other = value + [1, -1, 1 << 32, 1000][random.below(4)];
    (!line.contains('[') || other > 0).then(|| replaced(line, (begin, end), &other.to_string()))
}

/// What is compared of a unit, as C has it: the types of all names, fields and values.
fn meaning(unit: &Unit) -> Vec<(String, Result<Type, String>)> {
    use tenfold_cdecl::Declaration;
    let mut all = Vec::new();
    for declaration in unit.declarations() {
        let name = declaration.name().unwrap_or_default().to_owned();
        match declaration {
            Declaration::Function(one) => all.push((name, Ok(one.ty))),
            Declaration::Typedef(one) if one.span.is_some() => all.push((name, Ok(one.ty))),
            Declaration::Constant(one) => all.push((name, Err(format!("{:?}", one.value())))),
            Declaration::Record(one) => {
                for field in &one.fields {
                    let field_name = field.name.as_deref().unwrap_or_default();
                    all.push((format!("{name}.{field_name}"), Ok(field.ty)));
                }
            }
            _ => {}
        }
    }
    all
}

/// Whether two texts say the same to C.
fn same(base: &str, mutant: &Unit) -> bool {
    let mut unit = tenfold_cdecl::parse(base).unwrap();
    let (a, b) = (meaning(&unit), meaning(mutant));
    a.len() == b.len()
        && a.into_iter().zip(b).all(|((name, one), (other_name, other))| {
            name == other_name
                && match (one, other) {
                    (Ok(one), Ok(other)) => {
                        let other = unit.parse_type(&mutant.spell(other));
                        other.is_ok_and(|other| unit.compatible(one, other))
                    }
                    (one, other) => one == other,
                }
        })
}

/// Mutants of a library, each as the line that was changed and what it was changed to.
fn mutants(cdef: &str, count: usize, seed: u64) -> Vec<(usize, String)> {
    let lines: Vec<&str> = cdef.lines().collect();
    let mut random = Random(seed);
    let mut found: Vec<(usize, String)> = Vec::new();
    while found.len() < count {
        let at = random.below(lines.len());
        let Some(mutant) = mutate(lines[at], &mut random) else { continue };
        let mut text = String::new();
        for (number, line) in lines.iter().enumerate() {
            let _ = writeln!(text, "{}", if number == at { mutant.as_str() } else { line });
        }
        // What is no C is refused without a compiler, and what is the same is right.
        let Ok(unit) = tenfold_cdecl::parse(&text) else { continue };
        if !same(cdef, &unit) && !found.iter().any(|(_, other)| *other == mutant) {
            found.push((at, mutant));
        }
    }
    found
}

fn all_are_refused(test: &str, counts: [usize; 3], seed: u64) {
    let mut missed = Vec::new();
    let there = libraries(test);
    for (library, count) in LIBRARIES.into_iter().zip(counts) {
        if !there.contains(&library) {
            continue;
        }
        let (header, cdef) = library;
        for (at, mutant) in mutants(cdef, count, seed) {
            let mut lines: Vec<&str> = cdef.lines().collect();
            let original = std::mem::replace(&mut lines[at], &mutant);
            let said = verify(header, &lines.join("\n"));
            let line = said
                .as_ref()
                .err()
                .and_then(|error| error.faults()[0].place())
                .map(|place| place.1);
            if line != Some(at + 1) {
                missed.push(format!("{original}\n  -> {mutant}\n  {said:?}"));
            }
        }
    }
    let total: usize = counts.iter().sum();
    assert!(missed.is_empty(), "{} of {total} missed:\n{}", missed.len(), missed.join("\n"));
}

#[test]
fn some_mutants_are_refused() {
    all_are_refused("some_mutants_are_refused", [40, 40, 20], 1);
}

#[test]
#[ignore = "long: asks the compiler 1,500 times"]
fn many_mutants_are_refused() {
    all_are_refused("many_mutants_are_refused", [700, 500, 300], 2);
}
