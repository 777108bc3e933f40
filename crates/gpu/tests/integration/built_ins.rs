//! The built-in functions of WGSL in raw kernels and formulas.

#![expect(clippy::cast_possible_truncation, reason = "numbers become those of f32")]

use tenfold_gpu::ndarray::{Array1, array};
use tenfold_gpu::{AdapterKind, Device, Element, ErrorKind, Feature, Formula, RawKernel, Result};

use crate::device::device;

/// A call, what it should give, from where its first argument is, and the units in the last place that it may err.
type Row = (&'static str, fn(f64, f64, f64) -> f64, (f64, f64), f64);

const COUNT: usize = 4096;

const ROWS: &[Row] = &[
    ("acos(x)", |x, _, _| x.acos(), (-1.0, 1.0), 2.0),
    ("acosh(x)", |x, _, _| x.acosh(), (1.0, 1e3), 5.0),
    ("asin(x)", |x, _, _| x.asin(), (-1.0, 1.0), 2.0),
    ("asinh(x)", |x, _, _| x.asinh(), (-1e3, 1e3), 5.0),
    ("atan(x)", |x, _, _| x.atan(), (-5.0, 5.0), 2.0),
    (
        "atanh(x)",
        |x, _, _| (0.5 * (2.0 * x.abs() / (1.0 - x.abs())).ln_1p()).copysign(x),
        (-1.0, 1.0),
        5.0,
    ),
    ("atan2(x, y)", |x, y, _| x.atan2(y), (-5.0, 5.0), 2.0),
    ("cos(x)", |x, _, _| x.cos(), (-50.0, 50.0), 2.0),
    ("cosh(x)", |x, _, _| x.cosh(), (-50.0, 50.0), 2.0),
    ("degrees(x)", |x, _, _| x.to_degrees(), (-50.0, 50.0), 1.0),
    ("exp(x)", |x, _, _| x.exp(), (-50.0, 50.0), 2.0),
    ("exp2(x)", |x, _, _| x.exp2(), (-50.0, 50.0), 2.0),
    ("inverseSqrt(x)", |x, _, _| 1.0 / x.sqrt(), (0.0, 50.0), 2.0),
    ("log(x)", |x, _, _| x.ln(), (0.0, 50.0), 2.0),
    ("log2(x)", |x, _, _| x.log2(), (0.0, 50.0), 2.0),
    ("pow(x, y)", |x, y, _| x.powf(y), (0.0, 50.0), 2.0),
    ("radians(x)", |x, _, _| x.to_radians(), (-500.0, 500.0), 1.0),
    ("sin(x)", |x, _, _| x.sin(), (-50.0, 50.0), 2.0),
    ("sinh(x)", |x, _, _| x.sinh(), (-50.0, 50.0), 3.0),
    ("sqrt(x)", |x, _, _| x.sqrt(), (0.0, 50.0), 0.5),
    ("tan(x)", |x, _, _| x.tan(), (-50.0, 50.0), 2.0),
    ("tanh(x)", |x, _, _| x.tanh(), (-5.0, 5.0), 4.0),
    ("log(vec3(1.0, y * y, x)).z", |x, _, _| x.ln(), (0.0, 50.0), 2.0),
    ("atan2(vec2(y, x), vec2(x, y)).y", |x, y, _| x.atan2(y), (-5.0, 5.0), 2.0),
    ("abs(x)", |x, _, _| x.abs(), (-50.0, 50.0), 0.5),
    ("ceil(x)", |x, _, _| x.ceil(), (-1e6, 1e6), 0.5),
    ("clamp(x, -3.0, 4.0)", |x, _, _| x.clamp(-3.0, 4.0), (-50.0, 50.0), 0.5),
    ("floor(x)", |x, _, _| x.floor(), (-1e6, 1e6), 0.5),
    ("fma(x, abs(y), abs(z))", |x, y, z| x * y.abs() + z.abs(), (0.0, 50.0), 2.0),
    ("fract(x)", |x, _, _| x - x.floor(), (-50.0, 50.0), 0.5),
    ("max(x, y)", |x, y, _| x.max(y), (-5.0, 5.0), 0.5),
    ("min(x, y)", |x, y, _| x.min(y), (-5.0, 5.0), 0.5),
    ("mix(x, abs(y), 0.3)", |x, y, _| x * 0.7 + y.abs() * 0.3, (0.0, 5.0), 4.0),
    ("modf(x).fract", |x, _, _| x.fract(), (-50.0, 50.0), 0.5),
    ("modf(x).whole", |x, _, _| x.trunc(), (-1e6, 1e6), 0.5),
    ("frexp(x).fract", |x, _, _| x / (x.abs().log2().floor() + 1.0).exp2(), (-50.0, 50.0), 0.5),
    ("FLOAT(frexp(x).exp)", |x, _, _| x.abs().log2().floor() + 1.0, (-50.0, 50.0), 0.5),
    ("ldexp(x, i32(y * 4.0))", |x, y, _| x * (y * 4.0).trunc().exp2(), (-5.0, 5.0), 0.5),
    ("round(x)", |x, _, _| x.round_ties_even(), (-1e6, 1e6), 0.5),
    ("saturate(x)", |x, _, _| x.clamp(0.0, 1.0), (-1.0, 2.0), 0.5),
    ("sign(x)", |x, _, _| x.signum(), (-1.0, 2.0), 0.5),
    (
        "smoothstep(1.0, 4.0, x)",
        |x, _, _| {
            let t = ((x - 1.0) / 3.0).clamp(0.0, 1.0);
            t * t * (3.0 - 2.0 * t)
        },
        (0.0, 5.0),
        8.0,
    ),
    ("step(x, y)", |x, y, _| f64::from(u8::from(x <= y)), (-5.0, 5.0), 0.5),
    ("trunc(x)", |x, _, _| x.trunc(), (-1e6, 1e6), 0.5),
    ("length(vec3(x, y, z))", |x, y, z| (x * x + y * y + z * z).sqrt(), (-5.0, 5.0), 8.0),
    ("distance(vec2(x, y), vec2(z, 1.0))", |x, y, z| (x - z).hypot(y - 1.0), (-5.0, 5.0), 8.0),
    ("normalize(vec2(x, y)).x", |x, y, _| x / x.hypot(y), (-5.0, 5.0), 8.0),
    ("dot(vec2(x, y), vec2(x, y))", |x, y, _| x * x + y * y, (-5.0, 5.0), 2.0),
    ("cross(vec3(x, 1.0, y), vec3(1.0, x, 0.0)).y", |_, y, _| y, (-5.0, 5.0), 0.5),
    ("reflect(vec2(x, y), vec2(1.0, 0.0)).x", |x, _, _| -x, (-5.0, 5.0), 0.5),
    ("faceForward(vec2(x, y), vec2(1.0, 0.0), vec2(1.0, 0.0)).x", |x, _, _| -x, (-5.0, 5.0), 0.5),
    (
        "refract(vec2(0.6, 0.8), vec2(0.0, -1.0), min(abs(x), 1.0)).x",
        |x, _, _| 0.6 * x.abs().min(1.0),
        (0.0, 1.0),
        8.0,
    ),
    ("determinant(mat2x2(x, 0.0, y, 2.0))", |x, _, _| 2.0 * x, (-5.0, 5.0), 0.5),
];

fn points((low, high): (f64, f64)) -> [Array1<f64>; 3] {
    let mut state = 1_u64;
    let mut next = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 * 0.5_f64.powi(53)
    };
    let x = Array1::from_iter((0..COUNT).map(|_| low + (high - low) * next()));
    let mut unit = || Array1::from_iter((0..COUNT).map(|_| 4.0 * next() - 2.0));
    [x, unit(), unit()]
}

/// The functions that are ours, and those of the driver.
#[test]
fn built_in_functions_are_near() {
    let Some(device) = device("built_in_functions_are_near") else { return };
    let mut wrong = vec![];
    for (ty, is_precise) in [("f64", false), ("f64", true), ("f32", true), ("f32", false)] {
        let features = [Feature::F64, Feature::I64, Feature::Precise];
        if !features.iter().all(|&feature| device.has(feature)) {
            continue;
        }
        for row in ROWS {
            let is_gpu = device.adapter().kind() != AdapterKind::Cpu;
            if is_gpu && ty == "f64" && is_precise && row.0.contains("frexp") {
                let error = kernel(&device, row.0, ty, is_precise).unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
                continue;
            }
            let (error, part) = worst(&device, row, ty, is_precise);
            println!("| `{}` | {ty} | {is_precise} | {error:.2} | {part:.1e} |", row.0);
            // In fast mode those of f32 are the driver's, with two or three digits.
            let is_near = match (ty, is_precise) {
                ("f32", false) => part <= 0.5_f64.powi(8) || row.0.starts_with("tan("),
                _ => error <= row.3,
            };
            if !is_near {
                wrong.push(format!("{} of {ty}, precise {is_precise}: {error}", row.0));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn kernel(device: &Device, call: &str, ty: &str, is_precise: bool) -> Result<RawKernel> {
    let text = format!(
        "@group(0) @binding(0) var<storage> xs: array<FLOAT>;
         @group(0) @binding(1) var<storage> ys: array<FLOAT>;
         @group(0) @binding(2) var<storage> zs: array<FLOAT>;
         @group(0) @binding(3) var<storage, read_write> found: array<FLOAT>;
         @compute @workgroup_size(64) fn f(@builtin(global_invocation_id) id: vec3<u32>) {{
             let x = xs[id.x]; let y = ys[id.x]; let z = zs[id.x];
             found[id.x] = {call};
         }}"
    )
    .replace("FLOAT", ty);
    match is_precise {
        true => device.raw_kernel_precise(&text, "f"),
        false => device.raw_kernel(&text, "f"),
    }
}

/// The largest error in units of the last place, and as a part of what is wanted, or of 1 if that is more.
fn worst(
    device: &Device,
    (call, wanted, domain, _): &Row,
    ty: &str,
    is_precise: bool,
) -> (f64, f64) {
    let kernel = kernel(device, call, ty, is_precise).unwrap();
    let (given, found) = match ty {
        "f64" => run(device, &kernel, points(*domain)),
        _ => {
            let (given, found) =
                run(device, &kernel, points(*domain).map(|c| c.mapv(|x| x as f32)));
            (given.map(|column| column.mapv(f64::from)), found.mapv(f64::from))
        }
    };
    let digits = if ty == "f64" { 52.0 } else { 23.0 };
    let mut most = (0.0, 0.0);
    for (i, got) in found.iter().enumerate() {
        let wanted = wanted(given[0][i], given[1][i], given[2][i]);
        if wanted.is_nan() && got.is_nan() {
            continue;
        }
        let unit = (wanted.abs().max(f64::MIN_POSITIVE).log2().floor() - digits).exp2();
        let error = (got - wanted).abs();
        // NaN is found too.
        let larger = |most: f64, error: f64| if error <= most { most } else { error };
        most = (larger(most.0, error / unit), larger(most.1, error / wanted.abs().max(1.0)));
    }
    most
}

fn run<T: Element>(
    device: &Device,
    kernel: &RawKernel,
    given: [Array1<T>; 3],
) -> ([Array1<T>; 3], Array1<T>) {
    let [x, y, z] = given.each_ref().map(|column| device.upload(column).unwrap());
    let mut found = device.zeros::<T, _>(COUNT).unwrap();
    kernel.run([64, 1, 1], (&x, &y, &z, &mut found)).unwrap();
    (given, found.to_array().unwrap())
}

#[test]
fn formulas_have_them_too() {
    let Some(device) = device("formulas_have_them_too") else { return };
    let (x, y) = (array![0.1, 2.5, 40.0], array![-1.5, 3.0, 0.25]);
    let wanted =
        Array1::from_iter(x.iter().zip(&y).map(|(x, y): (&f64, &f64)| x.powf(*y) + x.sin()));
    let text = "pow(vec2(y, x), vec2(x, y)).y + sin(x)";
    let near = |a: f64, b: f64, units: f64| (a - b).abs() <= units * b.abs();
    let of_f32 = Formula::<(f32, f32), f32>::new(["x", "y"], text).unwrap();
    let (a, b) = (x.mapv(|x| x as f32), y.mapv(|y| y as f32));
    let (a, b) = (device.upload(&a).unwrap(), device.upload(&b).unwrap());
    let found = of_f32.of((&a, &b)).eval().unwrap().to_array().unwrap();
    assert!(found.iter().zip(&wanted).all(|(&f, &w)| near(f.into(), w, 1e-6)), "{found} {wanted}");
    if !device.has(Feature::F64) || !device.has(Feature::I64) {
        return;
    }
    let of_f64 = Formula::<(f64, f64), f64>::new(["x", "y"], text).unwrap();
    let (x, y) = (device.upload(&x).unwrap(), device.upload(&y).unwrap());
    // Where the kernel has one of them already.
    let both = x.lazy().sin() + of_f64.of((&x, &y)) - x.lazy().sin();
    for expr in [of_f64.of((&x, &y)), of_f64.of((&x, &y)).fast(), both.clone(), both.fast()] {
        let found = expr.eval().unwrap().to_array().unwrap();
        assert!(found.iter().zip(&wanted).all(|(&f, &w)| near(f, w, 1e-14)), "{found} {wanted}");
    }
}

#[test]
fn a_formula_is_one_expression() {
    for text in [
        "x; } fn other() -> f32 { return 1.0",
        "x; } @compute @workgroup_size(1) fn other() { return",
        "x; } const y = 1.0; fn tenfold_exp_f32(x: f32) -> f32 { return 1.0",
    ] {
        let error = Formula::<(f32,), f32>::new(["x"], text).unwrap_err();
        assert!(error.to_string().starts_with("a formula is one expression"), "{error}");
    }
}

#[test]
fn functions_of_the_kernel_s_own_are_its_own() {
    let Some(device) = device("functions_of_the_kernel_s_own_are_its_own") else { return };
    if !device.has(Feature::F64) || !device.has(Feature::I64) {
        return;
    }
    let text = |own: &str, value: &str| {
        format!(
            "@group(0) @binding(0) var<storage, read_write> x: array<f64>;
             {own}
             @compute @workgroup_size(1) fn f() {{ x[0] = {value}; }}"
        )
    };
    let exp = text("fn exp(x: f64) -> f64 { return x + 1.0; }", "exp(x[0])");
    let mut x = device.upload(&array![1.0]).unwrap();
    for kernel in [device.raw_kernel(&exp, "f"), device.raw_kernel_precise(&exp, "f")] {
        kernel.unwrap().run([1, 1, 1], (&mut x,)).unwrap();
    }
    assert_eq!(x.to_array().unwrap(), array![3.0]);
    for (own, name) in [
        ("fn abs(x: f64) -> f64 { return x; }", "abs"),
        ("struct vec2 { x: f64 }", "vec2"),
        ("const select: f32 = 1.0;", "select"),
    ] {
        let error = device.raw_kernel(&text(own, "sinh(x[0])"), "f").unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Validation { .. }), "{error}");
        assert!(error.to_string().contains(&format!("`{name}`")), "{error}");
    }
    // Another function of one of our names, and a type of one that our functions have.
    for own in ["fn tenfold_exp2_f64(x: f64) -> f64 { return x; }", "alias u64 = u32;"] {
        let error = device.raw_kernel(&text(own, "exp2(x[0])"), "f").expect_err(own);
        assert!(matches!(error.kind(), ErrorKind::Validation { .. }), "{error}");
    }
}

#[test]
fn an_override_beside_functions_of_ours_is_unsupported() {
    let Some(device) = device("an_override_beside_functions_of_ours_is_unsupported") else {
        return;
    };
    if !device.has(Feature::F64) || !device.has(Feature::I64) {
        return;
    }
    let text = |value: &str| {
        format!(
            "@group(0) @binding(0) var<storage, read_write> x: array<f64>;
             override by: f32 = 2.0;
             @compute @workgroup_size(1) fn f() {{ x[0] = {value}; }}"
        )
    };
    let mut x = device.upload(&array![1.0]).unwrap();
    let sum = text("x[0] + f64(by)");
    device.raw_kernel(&sum, "f").unwrap().run([1, 1, 1], (&mut x,)).unwrap();
    assert_eq!(x.to_array().unwrap(), array![3.0]);
    let of_ours = device.raw_kernel(&text("exp(x[0]) + f64(by)"), "f");
    for kernel in [of_ours, device.raw_kernel_precise(&sum, "f")] {
        assert_eq!(kernel.unwrap_err().kind(), ErrorKind::Unsupported);
    }
}
