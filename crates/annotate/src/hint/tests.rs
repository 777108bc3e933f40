use super::hints;
use crate::fixture::{cell, finding, line};
use crate::{Finding, Isa, Kind, Line};

fn one(found: &[Finding]) -> Line {
    line([(Isa::Baseline, cell(0, 1.0, found))])
}

/// The hints of a line with one finding, in a loop.
fn of(kind: Kind, what: &str, source: &str) -> Vec<String> {
    hints(&one(&[finding(kind, what, 1, 1)]), source)
}

fn assert_says(kind: Kind, what: &str, source: &str, parts: &[&str]) {
    let hints = of(kind, what, source).join("\n");
    for part in parts {
        assert!(hints.contains(part), "{kind:?} `{what}` in `{source}` says no {part:?}: {hints}");
    }
}

#[test]
fn bounds_checks_become_iterators_slices_and_chunks() {
    let check = |source, parts: &[&str]| assert_says(Kind::Bounds, "bounds check", source, parts);
    check("s += x[i];", &["iterate `x`", "`for x in x.iter()`"]);
    check(
        "z[i] = x[i] * y[i];",
        &["`z`, `x` and `y`", "`z.iter().zip(x)`", "`let x = &x[..z.len()];`"],
    );
    check("let d = u[i + 1] - u[i];", &["`u[i + 1]`", "`u.windows(n)`", "bounds = hoist"]);
    check("let row = &a[i * w..(i + 1) * w];", &["`a.chunks_exact(n)`"]);
    check("s += m[i][j];", &["`m[i][j]`", "`let row = &m[i];`"]);
    check("m[i][j] = x;", &["`let row = &mut m[i];`"]);
    check("s += a[[i, j]];", &["`a[[i, j]]`", "ndarray::Zip"]);
    check("c[h(x) % n] += 1;", &["depends on data"]);
    check("std::mem::swap(a, b);", &["inlined function"]);
}

#[test]
fn scalar_arithmetic_gets_its_reason() {
    let scalar = |what, source, parts: &[&str]| assert_says(Kind::Scalar, what, source, parts);
    let free = "#[kernel(reduce(sum, order = free))]";
    scalar("sum in order of f64", "s = s + x;", &[free, "several accumulators"]);
    scalar("scalar f64", "total += x * y;", &[free]);
    scalar("scalar f64", "x.iter().sum()", &[free]);
    scalar("scalar f64", "p *= x;", &["#[kernel(reduce(prod, order = free))]"]);
    scalar("minimum or maximum in order of f64", "m = m.max(x);", &["reduce(max)"]);
    scalar("scalar f64 arithmetic", "x.iter().fold(0.0, |a, b| a.max(*b))", &["reduce(max)"]);
    let to_integer = "cast of f64 to an integer";
    scalar(to_integer, "(x * 255.0) as u8", &["`as u8`", "to_int_unchecked", "unsafe"]);
    scalar(to_integer, "x as $Int", &["a cast of a float"]);
    scalar("cast of an integer to f64", "y = i as f64;", &["to `f64`", "AVX-512"]);
    scalar("cast between f32 and f64", "y = 0.5 * x as f64;", &["one of them"]);
    scalar("scalar f64", "y = a * x;", &["`#[kernel]`"]);
}

#[test]
fn what_stops_the_vectoriser_comes_first() {
    let both =
        [finding(Kind::Bounds, "bounds check", 1, 1), finding(Kind::Scalar, "scalar f64", 1, 1)];
    let said = hints(&one(&both), "y[i] = a * x[i];");
    assert!(said[1].contains("first take the bounds check out"), "{said:?}");
    let libm =
        [finding(Kind::Call, "call of `sin`", 1, 1), finding(Kind::Scalar, "scalar f64", 1, 1)];
    assert_eq!(hints(&one(&libm), "y = x.sin();").len(), 1);
    let ordered = [libm[0].clone(), finding(Kind::Scalar, "sum in order of f64", 1, 1)];
    assert_eq!(hints(&one(&ordered), "s += x.sin();").len(), 2);
    let some = [(Isa::V4, cell(0, 1.0, &libm[1..])), (Isa::Baseline, cell(0, 1.0, &libm))];
    assert_eq!(hints(&line(some), "y = x.sin();").len(), 2, "v4 has no call");
    let cast = [
        finding(Kind::Scalar, "scalar f64 arithmetic", 1, 1),
        finding(Kind::Scalar, "cast of an integer to f64", 1, 1),
    ];
    assert_eq!(hints(&one(&cast), "y = h * i as f64;").len(), 1);
}

#[test]
fn calls_are_named() {
    let call = |what, source, parts: &[&str]| assert_says(Kind::Call, what, source, parts);
    call("call of `exp` (libm)", "x.exp()", &["`exp`", "#[kernel]", "vectors"]);
    call("call of `logf` (libm)", "x.ln()", &["`logf`", "has `ln`"]);
    call("call of `pow`", "x.powf(2.0)", &["`pow`", "x * x"]);
    call("call of `fma`", "x.mul_add(a, b)", &["`a * b + c`", "math = contract"]);
    call("call of `compiler_builtins::math::cbrt` (libm)", "x.cbrt()", &["`cbrt`", "vectors"]);
    call("call of `tgamma` (libm)", "gamma(x)", &["`tgamma`", "loop of its own"]);
    call("call of `fmax` (libm)", "x.max(y)", &["NaN"]);
    call("call of `__powidf2` (libm)", "x.powi(n)", &["`powi`", "x * x"]);
    call("call of `floor`", "x.floor()", &["SSE4.1"]);
    call("call of `heat::Grid<f64>::at`", "g.at(i)", &["`heat::Grid::at`", "#[inline]", "lto"]);
    call("call of `<std::env::Args as Iterator>::next`", "f(x)", &["`std::env::Args::next`"]);
    let next = "call of `core::iter::range::<impl Iterator for Range<A>>::next`";
    call(next, "for i in 0..n {", &["`core::iter::range::next`", "--release"]);
    call("call through a pointer", "f(x)", &["generic", "`dyn`"]);
    call("call of `memcpy`", "let v = rows[i];", &["`memcpy`", "borrow `rows`"]);
    call("call of `std::io::stdio::_print`", "println!()", &["BufWriter"]);
    let outside = [finding(Kind::Call, "call of `exp`", 1, 0)];
    assert_eq!(hints(&one(&outside), "x.exp()").len(), 1, "libm is always worth a hint");
}

#[test]
fn allocation_is_hoisted_reused_or_sized() {
    let alloc = |source, parts: &[&str]| assert_says(Kind::Alloc, "allocation", source, parts);
    alloc("v.push(x);", &["with_capacity"]);
    alloc("let s = format!(\"{x}\");", &["write!"]);
    alloc("let w = v.clone();", &["borrow", "clone_from"]);
    alloc("let w: Vec<_> = v.iter().collect();", &["clear", "extend"]);
    alloc("let b = Box::new(x);", &["one `Vec`"]);
    assert_says(Kind::Alloc, "deallocation by `__rust_dealloc`", "}", &["dropped here"]);
    alloc("let t = vec![0.0; n];", &["_into", "clear()"]);
}

#[test]
fn divisions_are_hoisted_or_replaced() {
    let div = |what, source, parts: &[&str]| assert_says(Kind::Div, what, source, parts);
    let float = "division by f64";
    div(float, "y = x / h;", &["`1.0 / h`", "rounds differently"]);
    div(float, "y = x / (a + b);", &["`1.0 / (a + b)`"]);
    div(float, "y = x / n as f64;", &["`1.0 / (n as f64)`"]);
    div(float, "y = x / 3.0;", &["the constant `1.0 / 3.0`"]);
    div(float, "y = x / d[i];", &["`d[i]`", "reciprocals"]);
    div(float, "y = mean(x);", &["reciprocal"]);
    div("square root of f64", "y = x.sqrt();", &["square root", "rsqrt"]);
    div("64-bit integer division", "j = i / w;", &["`/ w`", "shift"]);
    div("64-bit integer division", "j = i % w;", &["`% w`", "`& (w - 1)`"]);
    div("64-bit integer division", "j = f(i);", &["before it"]);
}

#[test]
fn other_branches_to_panics_say_why() {
    let panic = |what, source, parts: &[&str]| assert_says(Kind::Panic, what, source, parts);
    panic("overflow check", "s += x;", &["--release", "wrapping_add"]);
    panic("check for division by zero", "a / b", &["NonZero"]);
    panic("overflow check (div)", "a / b", &["NonZero", "-1"]);
    panic("check of an unwrap or expect", "f(x)?", &["unwrap before the loop"]);
    panic("assertion", "f(x);", &["assert before"]);
    panic("panic", "let x = v.pop().unwrap();", &["unwrap before the loop"]);
    panic("panic", "u8::try_from(x).unwrap()", &["conversion"]);
    panic("panic", "c.borrow_mut().push(x)", &["borrow once"]);
    panic("panic", "assert!(x > 0.0);", &["assert before"]);
    panic("panic", "f(x);", &["check before the loop"]);
}

#[test]
fn spills_and_atomics_have_hints() {
    assert_says(Kind::Spill, "12 spills", "f(x)", &["split the loop"]);
    assert_says(Kind::Atomic, "lock xadd", "n.fetch_add(1, Relaxed);", &["once, after the loop"]);
    assert_says(Kind::Atomic, "lock inc", "let a = a.clone();", &["`Arc`"]);
    assert_says(Kind::Atomic, "lock cmpxchg", "*m.lock() += 1;", &["lock once"]);
}

#[test]
fn what_happens_once_has_no_hint() {
    for &kind in Kind::ALL {
        if kind != Kind::Scalar {
            let found = [finding(kind, "call of `f`", 1, 0)];
            assert_eq!(hints(&one(&found), "x[i] / y"), [""; 0], "{kind:?}");
        }
    }
}

#[test]
fn nothing_is_said_twice_and_variants_are_named() {
    let found = [finding(Kind::Bounds, "bounds check", 2, 1)];
    let twice = [found[0].clone(), finding(Kind::Bounds, "slice check", 1, 1)];
    assert_eq!(hints(&one(&twice), "x[i]").len(), 1);
    let clean = cell(0, 0.0, &[]);
    let some = line([(Isa::V4, clean), (Isa::Baseline, cell(0, 1.0, &found))]);
    let said = hints(&some, "x[i]");
    assert!(said[0].ends_with(" (only in baseline)"), "{said:?}");
    let deeper = cell(0, 1.0, &[finding(Kind::Bounds, "bounds check", 1, 2)]);
    let both = line([(Isa::V3, deeper), (Isa::Baseline, cell(0, 1.0, &found))]);
    assert_eq!(hints(&both, "x[i]").len(), 1);
    assert!(!hints(&both, "x[i]")[0].contains("only in"));
}

/// Lines that no compiler took, cut anywhere.
#[test]
fn any_text_has_hints_or_none() {
    let pieces = [
        "[", "]", "(", ")", "<", ">", "->", "\"", "é", "/", "%", " as ", "f64", "x", ".", "::",
        "'", "\\",
    ];
    let mut state = 1_u64;
    for _ in 0..4_000 {
        let mut text = String::new();
        for _ in 0..state >> 60 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            text += pieces[(state >> 33) as usize % pieces.len()];
        }
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        for &kind in Kind::ALL {
            of(kind, "division of f64", &text);
        }
        of(Kind::Div, "integer division", &text);
        of(Kind::Call, &format!("call of `{text}`"), &text);
    }
}

#[test]
fn a_line_of_a_megabyte_is_read_in_part() {
    let text = "x[i]".to_owned() + &"[j]".repeat(300_000);
    let said = of(Kind::Bounds, "bounds check", &text).join("");
    assert!(said.len() < 10_000, "{} bytes", said.len());
}
