//! WGSL that is printed is WGSL.

use naga::valid::{Capabilities, ValidationFlags, Validator};

use quote::ToTokens;

use super::accepted::ACCEPTED;
use super::read;
use crate::emit::wgsl::{Piece, Portable, Source, print};
use crate::ir::{Kernel, Prim};

/// Kernels whose WGSL is looked at besides those that all tests take.
const MORE: &[&str] = &[
    "#[kernel] fn casts(x: f32, n: i32, m: u32, b: bool) -> f32 {
        let a = (x as i32) + (x as u32) as i32 + b as i32;
        (a << n) as f32 + (m >> 3) as f32 + (!m ^ 5) as f32
    }",
    "#[kernel] fn wide(x: f64, n: i64, m: u64) -> f64 {
        let k = x as i64 + n * 3 - (x as u64 + m) as i64;
        let least = -9223372036854775808i64;
        (k % n) as f64 / (k / n) as f64 + (m % 7) as f64 + (least >> 2) as f64
    }",
    "#[kernel] fn rounds(x: f32, y: f32) -> f32 {
        x.floor() + x.ceil() + x.round() + x.round_ties_even() + x.trunc() + x.fract() + x.recip()
            + x.rsqrt() + x.sqrt() + x.abs() + x.signum() + x.copysign(y) + x.min(y).max(0.5)
            + x.clamp(0.0, 1.0) + x.to_degrees() + x.to_radians() + x.mul_add(y, 2.0)
    }",
    "#[kernel] fn rounds64(x: f64, y: f64) -> f64 {
        x.floor() + x.ceil() + x.round() + x.round_ties_even() + x.trunc() + x.fract() + x.recip()
            + x.rsqrt() + x.sqrt() + x.abs() + x.signum() + x.copysign(y) + x.min(y).max(0.5)
            + x.clamp(0.0, 1.0) + x.to_degrees() + x.to_radians() + x.mul_add(y, 2.0)
    }",
    "#[kernel] fn transcendental(x: f32) -> f32 {
        x.exp() + x.exp2() + x.ln() + x.log2() + x.sin() + x.cos() + x.tan() + x.asin() + x.acos()
            + x.atan() + x.atan2(2.0) + x.sinh() + x.cosh() + x.tanh()
    }",
    "#[kernel] fn tests(x: f32, y: f64) -> bool {
        x.is_nan() != y.is_nan() || x.is_finite() && y.is_infinite() || x.is_sign_negative()
            && !y.is_sign_positive() || y != 2.0
    }",
    "#[kernel] fn ints(a: i32, b: i32, n: u32) -> u32 {
        let c = a.abs().signum().min(b).max(3).clamp(-4, 7).pow(3).wrapping_add(b).wrapping_neg();
        c.abs_diff(b).rotate_left(n).rotate_right(2) + n.count_ones() + n.leading_zeros()
            + a.trailing_zeros() + n.wrapping_shl(40).wrapping_shr(n) + (c / b) as u32
    }",
    "#[kernel] fn ints64(a: i64, b: u64, n: u32) -> i64 {
        a.abs().signum().min(4).max(3).clamp(-4, 7).pow(n) / a + (b.rotate_left(n) / b) as i64
            + a % -1
    }",
    "#[kernel] fn ranges(n: i32, m: u32) -> i32 {
        let mut s = 0;
        for i in 0..n { s += i; }
        for i in 0..=n { if i == 3 { continue; } s += i; }
        for i in (1..n).rev() { if i == 7 { break; } s -= i; }
        for i in (0..=m).step_by(3) { s += i as i32; }
        for i in (-4..=n).rev().step_by(2) { return i; }
        for k in 0..200u64 { s ^= k as i32; }
        s
    }",
    "#[kernel] fn values(x: f32, k: bool) -> (f32, f32) {
        let a = x + if k { let t = x * 2.0; t * t } else { 1.0 };
        let (b, c) = if a > 2.0 { (a, x) } else { (x, { let q = a; q * q }) };
        let d = k && { let w = b > c; w } || (if k { b } else { c }) == 3.0;
        if d { return (b, c); } else { (c, b) }
    }",
    "#[kernel] fn order(mut x: f32) -> f32 { let y = x + { x += 1.0; x }; y * x }",
    "#[kernel] fn words(r#loop: f32, var: f32, vec2: f32, __x: f32) -> f32 {
        let fn_ = var; let array = fn_ + vec2; let select = array; let var = select + __x; var * r#loop
    }",
    // Functions that WGSL has, or keeps for later.
    "#[kernel] fn exp(tenfold: f32) -> f32 { let y = { tenfold * 2.0 }; y.exp() }",
    "#[kernel] fn smooth(x: f32) -> (f32, i32) { (x, 1) }",
    "#[kernel] fn forever(x: u32) -> u32 { let mut n = x; loop { n += 1; if n > 9 { return n; } } }",
    "#[kernel] fn both(x: f32) -> f32 { if x > 0.0 { return 1.0; } else { return 2.0; } }",
    "#[kernel(stencil)] fn cube(u: Nbr3<f32>, v: Nbr3<f32>) -> f32 { u[[0, 1, -1]] - v[[0, 0, 2]] }",
    "#[kernel] fn indices(n: usize, k: isize) -> f32 { (n + 1) as f32 * k as f32 }",
    "#[kernel(for = [f32, f64, i32, u64])] fn all<T: Num>(a: T, b: T) -> T {
        let mut c = a * b + 3; if c == b { c = a - T::MAX; } c.max(b)
    }",
    "#[kernel] fn complex(z: Complex<f32>, w: Complex<f32>, x: f32) -> Complex<f32> {
        let mut v = (z * w + w / z - -z) * x + 2.0 * z / (x + w) - x;
        v += z;
        v *= x;
        if v == w || z != w || z.is_nan() || w.is_infinite() { v = z.conj().exp(); }
        while v.norm_sqr() < 4.0 && v.is_finite() { v = v * v + Complex::new(v.re, w.im); }
        v.ln() + v.sqrt().inv() + v.sin() * v.cos() + v.tan() - v.sinh() + v.cosh() / v.tanh()
            + v.powi(-3) + Complex::from_polar(v.norm(), v.arg()) + Complex::cis(x) - Complex::i()
    }",
    "#[kernel(for = [f32, f64])] fn parts<T: Real>(z: Complex<T>) -> (Complex<T>, T) {
        let w = z.exp().sqrt(); (if w.re > 0.0 { w } else { -w }, w.arg())
    }",
    "#[kernel(stencil)] fn field(u: Nbr1<Complex<f64>>) -> Complex<f64> { u[-1] * u[1] / u[0] }",
    "#[kernel] fn bit(x: f32, n: u32) -> f32 { f32::from_bits(x.to_bits() ^ n & !7) }",
];

fn variants(kernel: &Kernel) -> Vec<Option<Prim>> {
    match &kernel.generic {
        Some(generic) => generic.types.iter().map(|prim| Some(*prim)).collect(),
        None => vec![None],
    }
}

/// What a launcher would put around a kernel: constants are 2, other kernels are there.
fn module(source: &Source) -> String {
    let mut text = String::new();
    for (name, ty, dims) in &source.neighbours {
        let place = ["i32", "vec2<i32>", "vec3<i32>"][dims - 1];
        let kernel = &source.name;
        text += &format!(
            "fn {kernel}_nbr_{name}(at: {place}, by: {place}) -> {ty} {{ return {ty}(); }}\n"
        );
    }
    for (fun, prim) in &source.needs {
        let (fun_name, ty) = (fun.name(), prim.name());
        let method = fun.method().unwrap();
        let params: Vec<String> = std::iter::once("x: ".to_owned() + ty)
            .chain(method.args.iter().enumerate().map(|(index, kind)| match kind {
                crate::fun::Kind::I32 => format!("y{index}: i32"),
                crate::fun::Kind::U32 => format!("y{index}: u32"),
                _ => format!("y{index}: {ty}"),
            }))
            .collect();
        let params = params.join(", ");
        text += &format!("fn tenfold_{fun_name}_{ty}({params}) -> {ty} {{ return x; }}\n");
    }
    for piece in &source.pieces {
        match piece {
            Piece::Text(part) => text += part,
            Piece::Const(_, prim) => text += &format!("{}(2)", prim.name()),
            Piece::Call(_) => text += "callee",
        }
    }
    text
}

fn validate(text: &str) -> Result<(), String> {
    let module = naga::front::wgsl::parse_str(text).map_err(|e| e.emit_to_string(text))?;
    let capabilities = Capabilities::FLOAT64 | Capabilities::SHADER_INT64;
    Validator::new(ValidationFlags::all(), capabilities)
        .validate(&module)
        .map_err(|e| e.emit_to_string(text))?;
    Ok(())
}

#[test]
fn sources_are_valid() {
    let mut valid = 0;
    let mut wrong = vec![];
    for text in ACCEPTED.iter().chain(MORE) {
        let Ok(kernel) = read(text) else { continue };
        for dtype in variants(&kernel) {
            let Portable::Source(source) = print(&kernel, dtype) else { continue };
            if !source.deps.is_empty() {
                continue;
            }
            let module = module(&source);
            let function = &naga::front::wgsl::parse_str(&module)
                .map(|module| module.functions.iter().last().map(|(_, f)| f.arguments.len()));
            if let Ok(Some(arguments)) = function {
                let place = usize::from(!source.neighbours.is_empty());
                assert_eq!(*arguments, source.params.len() + place, "{module}");
                assert_eq!(module.contains("_out {"), source.returns.len() > 1, "{module}");
            }
            match validate(&module) {
                Ok(()) => valid += 1,
                Err(error) => wrong.push(format!("{text}\n{module}\n{error}")),
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n\n"));
    assert!(valid >= 30, "{valid}");
}

#[test]
fn all_of_more_is_read() {
    for source in MORE {
        let errors: Vec<String> =
            read(source).err().into_iter().flatten().map(|e| e.to_string()).collect();
        assert!(errors.is_empty(), "{source}\n{errors:?}");
        let kernel = read(source).unwrap();
        for dtype in variants(&kernel) {
            let printed = print(&kernel, dtype);
            assert!(matches!(printed, Portable::Source(_)), "{source}\n{printed:?}");
        }
    }
}

fn reason(source: &str) -> String {
    match print(&read(source).unwrap(), None) {
        Portable::Unsupported { reason } => reason,
        Portable::Source(source) => panic!("{source:?}"),
    }
}

#[test]
fn what_wgsl_lacks_has_a_reason() {
    for (source, part) in [
        ("#[kernel(loop)] fn f(x: &mut [f64]) { x[0] = 1.0; }", "slices"),
        ("#[kernel] fn f(x: i8) -> i8 { x }", "no `i8`"),
        ("#[kernel] fn f(z: Complex<f64>) -> f64 { z.powf(0.3).re }", "`powf` of complex numbers"),
        ("#[kernel] fn f(x: f64) -> f64 { x % 2.0 }", "not exact"),
        ("#[kernel(division = error)] fn f(x: f64) -> f64 { 1.0 / x }", "`division = error`"),
        (
            "#[kernel] fn f(n: i32) -> i32 { 'a: loop { loop { break 'a; } } n }",
            "`break` an outer loop",
        ),
        ("#[kernel] fn f(n: i32) -> i32 { let k = g(2); n }", "annotate it"),
    ] {
        assert!(reason(source).contains(part), "{source}: {}", reason(source));
    }
}

#[test]
fn constants_calls_and_functions_are_left_open() {
    let kernel = read("#[kernel] fn f(x: f64) -> f64 { g(x).exp() * LIMIT + x.exp() }").unwrap();
    let Portable::Source(source) = print(&kernel, None) else { panic!() };
    assert_eq!(source.needs, [(crate::ir::Fun::Exp, Prim::F64)]);
    assert_eq!(source.deps.len(), 1);
    let open: Vec<String> = source
        .pieces
        .iter()
        .filter_map(|piece| match piece {
            Piece::Text(_) => None,
            Piece::Const(path, prim) => {
                Some(format!("{}: {}", path.to_token_stream(), prim.name()))
            }
            Piece::Call(path) => Some(path.to_token_stream().to_string()),
        })
        .collect();
    assert_eq!(open, ["g", "LIMIT: f64"]);
}
