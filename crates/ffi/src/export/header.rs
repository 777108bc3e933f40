//! The texts in the section of a library, and what C and CFFI read of them.

use std::fmt::Write as _;

/// The names of the statuses in C, by [`Status`](super::refusal::Status), from 0.
const STATUSES: &[&str] = &[
    "OK",
    "FAILED",
    "PANICKED",
    "NULL",
    "ALIGN",
    "SHAPE",
    "STRIDE",
    "OVERLAP",
    "OUT_OF_RANGE",
    "TEXT",
];

/// The records, in the order of the names of their functions, which is no matter of the linker's.
///
/// # Errors
///
/// A section that is not made of texts.
pub fn records_of(section: &[u8]) -> Result<Vec<&str>, String> {
    if section.last().is_some_and(|&last| last != 0) {
        return Err("the section `tenfold_exports` does not end with a text".to_owned());
    }
    let texts = section.split(|&byte| byte == 0).filter(|text| !text.is_empty());
    let mut records = vec![];
    for text in texts {
        let text = str::from_utf8(text).ok().filter(|text| !name_of(text.as_bytes()).is_empty());
        records
            .push(text.ok_or("the section `tenfold_exports` has something else than prototypes")?);
    }
    records.sort_by_key(|text| name_of(text.as_bytes()));
    Ok(records)
}

/// The name of the function of a record: what is before the parenthesis behind the comment.
pub(super) fn name_of(record: &[u8]) -> &str {
    let text = str::from_utf8(record).unwrap_or_default();
    let prototype = text.rsplit("*/\n").next().unwrap_or_default();
    let head = prototype.split_once('(').map_or("", |(head, _)| head);
    head.rsplit([' ', '*']).next().unwrap_or_default()
}

/// For CFFI: no directives.
#[must_use]
pub fn cdef_of(records: &[&str]) -> String {
    let mut text = String::new();
    if has_complex(records) {
        text.push_str(&complex_types_of_c());
    }
    let _ = writeln!(text, "enum tenfold_status {{\n{}}};", statuses());
    records.iter().for_each(|record| {
        let _ = write!(text, "\n{record}");
    });
    text
}

/// A header for C11 and C++11. `name` is what guards it.
#[must_use]
pub fn header_of(name: &str, records: &[&str]) -> String {
    let upper = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
    let guard: String = name.chars().map(upper).collect();
    let guard = format!("TENFOLD_{guard}_H");
    let mut text = format!(
        "#ifndef {guard}\n#define {guard}\n\n#include <stdbool.h>\n#include <stddef.h>\n#include <stdint.h>\n"
    );
    if has_complex(records) {
        text.push_str(&complex_types());
    }
    let _ = write!(
        text,
        "\n#ifdef __cplusplus\nextern \"C\" {{\n#endif\n\n#ifndef TENFOLD_STATUS\n#define TENFOLD_STATUS\n\
         enum tenfold_status {{\n{}}};\n#endif\n",
        statuses()
    );
    records.iter().for_each(|record| {
        let _ = write!(text, "\n{record}");
    });
    text + &format!("\n#ifdef __cplusplus\n}}\n#endif\n\n#endif /* {guard} */\n")
}

fn statuses() -> String {
    let line = |(code, name)| match code + 1 == STATUSES.len() {
        true => format!("    TENFOLD_{name} = {code}\n"),
        false => format!("    TENFOLD_{name} = {code},\n"),
    };
    STATUSES.iter().enumerate().map(line).collect()
}

const COMPLEXES: [(&str, &str); 2] =
    [("tenfold_complex64", "float"), ("tenfold_complex128", "double")];

/// Whether prototypes name complex types.
fn has_complex(records: &[&str]) -> bool {
    records.iter().any(|record| record.contains("tenfold_complex"))
}

/// C++ has no `_Complex`, and C no `std::complex`: they are alike in memory. Both types, since the guard is
/// of all headers.
fn complex_types() -> String {
    let cpp = COMPLEXES
        .map(|(name, number)| format!("typedef std::complex<{number}> {name};\n"))
        .concat();
    format!(
        "\n#ifndef TENFOLD_COMPLEX\n#define TENFOLD_COMPLEX\n#ifdef __cplusplus\n#include <complex>\n{cpp}\
         #else\n{}#endif\n#endif\n",
        complex_types_of_c()
    )
}

fn complex_types_of_c() -> String {
    COMPLEXES.map(|(name, number)| format!("typedef {number} _Complex {name};\n")).concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECTION: &[u8] = b"/**\n * g() -> f64\n */\nint32_t g(double *result);\n\0\0\0\
        /**\n * Why.\n */\nconst char *a_error(void);\n\0";

    #[test]
    fn records_are_sorted_texts() {
        let records = records_of(SECTION).unwrap();
        let names: Vec<&str> = records.iter().map(|record| name_of(record.as_bytes())).collect();
        assert_eq!(names, ["a_error", "g"]);
        assert_eq!(records_of(b"").unwrap(), [""; 0]);
        assert!(records_of(&SECTION[..SECTION.len() - 1]).unwrap_err().contains("does not end"));
        assert!(records_of(b"hello\0").unwrap_err().contains("something else"));
        assert!(records_of(b"\xff(\0").unwrap_err().contains("something else"));
    }

    #[test]
    fn cdef_is_what_our_parser_reads_too() {
        let text = cdef_of(&records_of(SECTION).unwrap());
        let unit = tenfold_cdecl::parse(&text).unwrap();
        assert!(unit.function("g").is_some() && unit.function("a_error").is_some());
        assert_eq!(unit.constant("TENFOLD_TEXT").unwrap().value(), Some(9));
    }

    #[test]
    fn complex_types_come_when_they_are_named() {
        let plain = header_of("a-b", &records_of(SECTION).unwrap());
        assert!(
            plain.starts_with("#ifndef TENFOLD_A_B_H\n") && !plain.contains("omplex"),
            "{plain}"
        );
        let record = "/**\n * h(z: &[Complex<f64>])\n */\nint32_t h(const tenfold_complex128 *z, size_t z_len);\n";
        assert!(header_of("k", &[record]).contains("std::complex<double> tenfold_complex128"));
        assert!(cdef_of(&[record]).contains("typedef double _Complex tenfold_complex128;"));
    }
}
