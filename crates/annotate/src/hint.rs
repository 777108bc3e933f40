//! What to change: from a line's findings and its text.

mod call;
mod expression;

use std::collections::BTreeSet;

use crate::overview::{Found, found};
use crate::{Annotation, Isa, Kind, Line, SourceFile};
use expression::{Division, Index, Shape};

/// More than this is not read.
const MOST: usize = 8;

/// Fills [`Line::hints`] of all lines.
pub(crate) fn fill(annotation: &mut Annotation) {
    for SourceFile { text, lines, .. } in &mut annotation.files {
        let texts: Vec<&str> = text.lines().collect();
        for (number, line) in lines {
            let at = number.checked_sub(1).and_then(|at| usize::try_from(at).ok());
            let source = at.and_then(|at| texts.get(at)).copied().unwrap_or_default();
            line.hints = hints(line, source);
        }
    }
}

/// What to change in a line, the heaviest finding first, nothing twice.
pub(crate) fn hints(line: &Line, source: &str) -> Vec<String> {
    let code = expression::code(source);
    let all = found(line);
    let mut said: Vec<(String, BTreeSet<Isa>)> = Vec::new();
    for finding in &all {
        for hint in of_finding(finding, &all, &code) {
            match said.iter_mut().find(|(known, _)| *known == hint) {
                Some((_, isas)) => isas.extend(&finding.isas),
                None => said.push((hint, finding.isas.clone())),
            }
        }
    }
    let said = said.into_iter().take(MOST);
    said.map(|(hint, isas)| hint + &only_in(line, &isas)).collect()
}

/// Where only some variants of a line have it, which.
fn only_in(line: &Line, isas: &BTreeSet<Isa>) -> String {
    if isas.len() == line.cells.len() {
        return String::new();
    }
    let words: Vec<&str> = isas.iter().rev().map(|isa| isa.name()).collect();
    format!(" (only in {})", words.join(" and "))
}

fn of_finding(finding: &Found<'_>, all: &[Found<'_>], code: &str) -> Vec<String> {
    match finding.kind() {
        Kind::Call => call::hints(finding, code),
        Kind::Scalar => scalar(finding, all, code).into_iter().collect(),
        // What happens once is not worth a change of the code.
        _ if !finding.is_in_loop() => Vec::new(),
        Kind::Bounds => bounds(code),
        Kind::Panic => vec![panic(finding, code)],
        Kind::Alloc => vec![allocation(finding, code)],
        Kind::Div => division(finding, code),
        Kind::Spill => vec![
            "more values are alive than there are registers: split the loop in two, or keep fewer \
             values across it; a call in the loop has the same effect"
                .to_owned(),
        ],
        Kind::Atomic => vec![atomic(code)],
    }
}

/// One hint for each shape of index that the line has.
fn bounds(code: &str) -> Vec<String> {
    let indices = expression::indices(code);
    let hints: Vec<String> = Shape::ALL
        .into_iter()
        .filter_map(|shape| {
            let alike = indices.iter().filter(|index| index.shape() == shape);
            let alike: Vec<Index<'_>> = alike.copied().collect();
            Some(of_shape(shape, alike.first()?, &alike, code))
        })
        .collect();
    if hints.is_empty() {
        return vec![
            "the check is that of an inlined function: give it slices whose lengths are seen \
             before the loop, as `&x[..n]` or by `chunks_exact`"
                .to_owned(),
        ];
    }
    hints
}

fn of_shape(shape: Shape, first: &Index<'_>, alike: &[Index<'_>], code: &str) -> String {
    let Index { base, index } = first;
    let whole = unique(alike.iter().map(|Index { base, index }| format!("{base}[{index}]")));
    let all = listed(&whole);
    let bases: Vec<&str> = unique(alike.iter().map(|index| index.base));
    // What a line begins with it mostly assigns to.
    let borrow = if code.starts_with(base) { "&mut " } else { "&" };
    match (shape, bases.as_slice()) {
        (Shape::Name, [_, second, ..]) => format!(
            "iterate {} together in place of indexing them: `{base}.iter().zip({second})`; or take \
             slices of one length before the loop: `let {second} = &{second}[..{base}.len()];`",
            listed(&bases)
        ),
        (Shape::Name, _) => format!(
            "iterate `{base}` in place of indexing it: `for x in {base}.iter()`; where the index is \
             needed too, `.iter().enumerate()`"
        ),
        (Shape::Axes, _) => format!(
            "{all}: checked on every axis; iterate `{base}.rows()` or `ndarray::Zip`, or make the \
             body a `#[kernel]` of tenfold-kernel"
        ),
        (Shape::Range, _) => format!(
            "{all}: cut in every pass; let `{base}.chunks_exact(n)` or `{base}.windows(n)` make the \
             slices, or cut one before the loop"
        ),
        (Shape::Row, _) => format!(
            "{all}: the row is looked up in every pass; take it before the inner loop, \
             `let row = {borrow}{base};`, and iterate it, or keep all rows in one array"
        ),
        (Shape::Offset, _) => format!(
            "{all}: checked in every pass; iterate `{base}.windows(n)`, or take a slice of known \
             length before the loop, `&{base}[..n]`; a `#[kernel(loop, bounds = hoist)]` of \
             tenfold-kernel checks once"
        ),
        (Shape::Computed, _) => format!(
            "{all}: the index depends on data, so the check stays unless the length is seen: an \
             array of fixed length with `{index} & (LENGTH - 1)`, or `get` where an index outside is \
             meant to be skipped"
        ),
    }
}

fn scalar(finding: &Found<'_>, all: &[Found<'_>], code: &str) -> Option<String> {
    let everywhere = |other: &&Found<'_>| finding.isas.is_subset(&other.isas);
    if !finding.says("in order") && all.iter().filter(everywhere).any(call::is_libm) {
        // The hint of the call says what to do.
        return None;
    }
    if finding.says("cast") {
        return Some(cast(finding, code));
    }
    if finding.says("in order") || expression::reduces(code) {
        return Some(reduction(finding, code));
    }
    // The order and casts come first, and have their hints.
    let known = |other: &Found<'_>| other.says("in order") || other.says("cast");
    if all.iter().any(|other| other.kind() == Kind::Scalar && known(other)) {
        return None;
    }
    let other = |kind| all.iter().any(|other| other.kind() == kind && other.is_in_loop());
    for (kind, word) in [
        (Kind::Call, "the call"),
        (Kind::Bounds, "the bounds check"),
        (Kind::Panic, "the branch to a panic"),
    ] {
        if other(kind) {
            return Some(format!(
                "first take {word} out of this loop: it keeps the loop from being vectorised"
            ));
        }
    }
    Some(
        "make the body a `#[kernel]` of tenfold-kernel, which runs it wide with every instruction \
         set; or split the loop so that no pass needs the result of the one before"
            .to_owned(),
    )
}

/// For a number that goes from each pass to the next.
fn reduction(finding: &Found<'_>, code: &str) -> String {
    let extreme = [".min(", ".max(", "::min", "::max"].iter().any(|word| code.contains(word));
    if finding.says("minimum") || (extreme && !finding.says("in order")) {
        return "each pass waits for the extreme of the one before: \
                `#[kernel(reduce(max))]` of tenfold-kernel, or keep several over `chunks_exact(8)`; \
                `if x > top { top = x }` is cheaper than `max`, which looks after NaN"
            .to_owned();
    }
    let times = finding.says("product") || code.contains("*=") || code.contains(".product");
    let (verb, fold) = if times { ("multiplied", "prod") } else { ("added", "sum") };
    format!(
        "floats are {verb} one after another, in the order that the code says: free the order with \
         `#[kernel(reduce({fold}, order = free))]` of tenfold-kernel, or keep several accumulators \
         over `chunks_exact(8)` (both round differently)"
    )
}

fn cast(finding: &Found<'_>, code: &str) -> String {
    if finding.says("between") {
        return "every number is converted between `f32` and `f64`: keep one of them in the loop, \
                constants too (`0.5_f32`)"
            .to_owned();
    }
    let target = expression::cast(code);
    if finding.says("to an integer") {
        let int = target.filter(|target| !target.starts_with('f'));
        let cast = int.map_or("a cast".to_owned(), |int| format!("`as {int}`"));
        return format!(
            "{cast} of a float to an integer handles NaN and what does not fit, at some instructions \
             each: cast in a loop of its own, best to `i32`; `to_int_unchecked` leaves the checks \
             out, but is unsafe: a value that does not fit is undefined behaviour"
        );
    }
    let float = target.filter(|target| target.starts_with('f')).unwrap_or("f64");
    format!(
        "a cast of 64-bit integers to `{float}` is one vector instruction with AVX-512 alone: count in \
         `i32` or `u32` where the range allows it, or count in `{float}` beside the index"
    )
}

fn panic(finding: &Found<'_>, code: &str) -> String {
    let dividing = ["zero", "(div", "(rem"].iter().any(|word| finding.says(word));
    let hint = if finding.says("overflow") && !dividing {
        "overflow is checked, as in the dev profile or with `overflow-checks = true`: build with \
         `--release`, or say `wrapping_add` and its like where wrapping is meant"
    } else if dividing {
        "the divisor is compared with 0, and a signed one with -1, in every pass: take it as \
         `NonZeroU32` or its like, or check it once before the loop"
    } else if code.contains("try_into") || code.contains("try_from") {
        "the conversion is checked in every pass: convert the bounds of the loop once, or iterate \
         in the type that is needed"
    } else if finding.says("unwrap") || code.contains(".unwrap()") || code.contains(".expect(") {
        "unwrap before the loop where the value does not change in it; else let the iterator leave \
         out what is missing (`flatten`, `filter_map`), or return the error after the loop"
    } else if code.contains("borrow()") || code.contains("borrow_mut()") {
        "borrow once, before the loop"
    } else if finding.says("assertion") || code.contains("assert") {
        "assert before the loop what holds for all its passes, or use `debug_assert!`"
    } else {
        "a branch that may panic keeps the loop from being vectorised: check before the loop, or \
         collect the failure and look at it after"
    };
    hint.to_owned()
}

fn allocation(finding: &Found<'_>, code: &str) -> String {
    let has = |parts: &[&str]| parts.iter().any(|part| code.contains(part));
    let hint = if finding.says("deallocation") && code.starts_with('}') {
        "what was made in the loop is dropped here in every pass: keep it from before the loop on, \
         and `clear` it"
    } else if has(&[".push(", ".extend(", ".push_str(", ".insert("]) {
        "growing allocates again and again: `with_capacity(n)` before the loop, or `reserve`"
    } else if has(&["format!", ".to_string()"]) {
        "formatting makes a new string in every pass: `write!` into one that is cleared, \
         `text.clear()`"
    } else if has(&[".clone()", ".to_vec()", ".to_owned()"]) {
        "borrow in place of the copy, or reuse one buffer: `clone_from`, `copy_from_slice`, or \
         `clear` and `extend_from_slice`"
    } else if has(&[".collect"]) {
        "collecting makes a new vector in every pass: go on with the iterator, or `clear` a buffer \
         from before the loop and `extend` it"
    } else if has(&["Box::new", "Rc::new", "Arc::new"]) {
        "one allocation a pass: keep the values in one `Vec`, and refer to them by index"
    } else {
        "allocate before the loop and reuse the buffer: `clear()`, `fill(0.0)`, or a function that \
         writes into its argument (`_into`)"
    };
    hint.to_owned()
}

fn division(finding: &Found<'_>, code: &str) -> Vec<String> {
    if finding.says("root") || finding.says("sqrt") {
        return vec![
            "a square root takes as long as a division: compare squares in place of roots, or use \
             `rsqrt` in a `#[kernel(math = fast)]` of tenfold-kernel"
                .to_owned(),
        ];
    }
    let divisions = expression::divisions(code);
    let float = ["f64", "f32", "float"].iter().any(|word| finding.says(word));
    let hints: Vec<String> = divisions
        .iter()
        .map(|division| if float { of_floats(division) } else { of_integers(division) })
        .collect();
    if hints.is_empty() {
        let how = if float { "multiply by its reciprocal, computed" } else { "divide" };
        return vec![format!("if the divisor does not change in the loop, {how} before it")];
    }
    unique(hints.into_iter())
}

fn of_floats(division: &Division<'_>) -> String {
    let by = division.by;
    if by.contains('[') {
        return format!(
            "`/ {by}` divides by another number in every pass: keep reciprocals in place of `{by}` \
             if they are used more than once (rounds differently)"
        );
    }
    if by.starts_with(|c: char| c.is_ascii_digit()) {
        return format!("multiply by the constant `1.0 / {by}` (rounds differently)");
    }
    let by = expression::unwrapped(by);
    let divisor = if by.contains(' ') { format!("({by})") } else { by.to_owned() };
    format!(
        "if `{by}` does not change in the loop, multiply by `1.0 / {divisor}`, computed before it \
         (rounds differently)"
    )
}

fn of_integers(division: &Division<'_>) -> String {
    let by = division.by;
    if division.remainder {
        return format!(
            "`% {by}` is a division: carry the remainder along and subtract `{by}` when it is \
             reached; where `{by}` is a power of two, `& ({by} - 1)`"
        );
    }
    format!(
        "`/ {by}` is an integer division, many times a multiplication: take it out of the loop if \
         nothing in it changes; where `{by}` is a power of two, shift; nested loops over row and column need none"
    )
}

fn atomic(code: &str) -> String {
    let hint = if code.contains("clone()") {
        "a clone of an `Arc` counts atomically, and so does its drop: borrow in the loop"
    } else if code.contains(".lock()") || code.contains(".read()") || code.contains(".write()") {
        "lock once, before the loop"
    } else {
        "accumulate in a local variable, and add it to the atomic once, after the loop"
    };
    hint.to_owned()
}

/// Each once, in the order of the first.
fn unique<T: PartialEq>(all: impl Iterator<Item = T>) -> Vec<T> {
    let mut kept = Vec::new();
    for one in all {
        if !kept.contains(&one) {
            kept.push(one);
        }
    }
    kept
}

/// `a`, `b` and `c`.
fn listed(names: &[impl AsRef<str>]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{}`", name.as_ref())).collect();
    match quoted.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}

#[cfg(test)]
mod tests;
