//! How near the results are, on a device, by both routes.

use std::io::Write;

use super::device::{Route, Signature, open, run};
use super::points::Points;
use super::reference::Reference;
use crate::{AdapterKind, Device, testing};

/// A function, whether it has two arguments, where it is interesting, and the largest errors that
/// it may have, in units of the last place: of f32 and f64.
type Row = (&'static str, bool, (f64, f64), [f64; 2]);

const ROWS: &[Row] = &[
    ("exp", false, (-760.0, 720.0), [2.0, 2.0]),
    ("exp2", false, (-1080.0, 1030.0), [2.0, 2.0]),
    ("exp_m1", false, (-40.0, 720.0), [3.0, 3.0]),
    ("ln", false, (0.0, 1e6), [2.0, 2.0]),
    ("ln_1p", false, (-1.0, 10.0), [2.0, 2.0]),
    ("log2", false, (0.0, 1e6), [2.0, 2.0]),
    ("log10", false, (0.0, 1e6), [2.0, 2.0]),
    ("sin", false, (-15000.0, 15000.0), [2.0, 2.0]),
    ("cos", false, (-15000.0, 15000.0), [2.0, 2.0]),
    ("tan", false, (-15000.0, 15000.0), [2.0, 2.0]),
    ("asin", false, (-1.0, 1.0), [2.0, 2.0]),
    ("acos", false, (-1.0, 1.0), [2.0, 2.0]),
    ("atan", false, (-5.0, 5.0), [2.0, 2.0]),
    ("atan2", true, (-5.0, 5.0), [2.0, 2.0]),
    ("sinh", false, (-720.0, 720.0), [3.0, 3.0]),
    ("cosh", false, (-720.0, 720.0), [2.0, 2.0]),
    ("tanh", false, (-20.0, 20.0), [4.0, 4.0]),
    ("asinh", false, (-1e6, 1e6), [3.0, 3.0]),
    ("acosh", false, (1.0, 1e6), [3.0, 3.0]),
    ("atanh", false, (-1.0, 1.0), [3.0, 3.0]),
    ("powf", true, (0.0, 40.0), [2.0, 2.0]),
    ("rsqrt", false, (0.0, 1e6), [2.0, 2.0]),
    ("cbrt", false, (-1e6, 1e6), [1.0, 1.0]),
    ("hypot", true, (-1e3, 1e3), [2.0, 2.0]),
    ("erf", false, (-6.0, 6.0), [2.0, 2.0]),
];

/// The columns of the table.
const WAYS: [(u32, Route); 4] =
    [(32, Route::Fast), (32, Route::Precise), (64, Route::Fast), (64, Route::Precise)];

/// Numbers that functions treat apart.
const SPECIAL: &[f64] = &[
    0.0,
    1.0,
    0.5,
    0.75,
    1.2,
    1.5,
    2.0,
    3.0,
    10.0,
    100.0,
    1e5,
    98.0,
    12800.0,
    1e-8,
    1e-30,
    1e-40,
    1e-45,
    5e-324,
    1e-310,
    1e-290,
    1e-140,
    1e30,
    1e200,
    33554433.0,
    9007199254740993.0,
    88.722_84,
    89.5,
    103.97,
    104.5,
    709.782712893384,
    710.5,
    711.0,
    745.13,
    746.5,
    1023.5,
    1024.0,
    1074.5,
    5001.0,
    f64::MAX,
    f64::MIN_POSITIVE,
    f32::MAX as f64,
    f32::MIN_POSITIVE as f64,
    f64::INFINITY,
    f64::NAN,
    std::f64::consts::FRAC_PI_2,
    std::f64::consts::FRAC_PI_4,
    std::f64::consts::PI,
];

/// All pairs of special numbers with both signs, and then random ones.
fn pairs(points: &mut Points, count: usize) -> Vec<(f64, f64)> {
    let signed = || SPECIAL.iter().flat_map(|x| [*x, -*x]);
    let special = signed().flat_map(|x| signed().map(move |y| (x, y)));
    special.chain(std::iter::repeat_with(|| points.pair())).take(count).collect()
}

/// The largest error of a function in units of the last place, and where it is. Subnormal arguments and
/// results of f32 are left out where the device does not see them.
fn worst(
    (device, reference): (&Device, &Reference),
    (name, two, ..): Row,
    (bits, route): (u32, Route),
    pairs: &[(f64, f64)],
) -> (f64, (f64, f64)) {
    let ty = if bits == 32 { "f32" } else { "f64" };
    let is_whole = bits == 64 || testing::sees_subnormal(device);
    let is_seen = |x: f64| is_whole || !(x as f32).is_subnormal();
    let pairs: Vec<_> = pairs.iter().filter(|pair| is_seen(pair.0) && is_seen(pair.1)).collect();
    let signature = Signature { function: name, ty, second: two.then_some(ty), result: ty };
    let [x, y]: [Vec<f64>; 2] = [
        pairs.iter().map(|pair| rounded(pair.0, bits)).collect(),
        pairs.iter().map(|pair| rounded(pair.1, bits)).collect(),
    ];
    let got: Vec<f64> = match bits {
        32 => {
            let [x, y] = [&x, &y].map(|all| all.iter().map(|x| *x as f32).collect::<Vec<_>>());
            let got: Vec<f32> = run(device, &signature, route, &x, two.then_some(&y[..]));
            got.into_iter().map(f64::from).collect()
        }
        _ => run(device, &signature, route, &x, two.then_some(&y[..])),
    };
    let which = if is_whole { "all" } else { "normal" };
    let (error, at) = reference.worst(name, (bits, which), [&x, &y, &got]);
    (error, (x[at], y[at]))
}

fn rounded(x: f64, bits: u32) -> f64 {
    if bits == 32 { f64::from(x as f32) } else { x }
}

/// The largest errors of a function by all ways, and where they are.
fn of_row(both: (&Device, &Reference), row: Row, count: usize) -> [(f64, (f64, f64)); 4] {
    let mut points = Points { state: 7, domain: row.2 };
    let mut most = [(0.0, (0.0, 0.0)); 4];
    for start in (0..count).step_by(1 << 20) {
        let pairs = pairs(&mut points, (count - start).min(1 << 20));
        for (most, way) in most.iter_mut().zip(WAYS) {
            let found = worst(both, row, way, &pairs);
            // NaN is found too.
            *most = if found.0 <= most.0 { *most } else { found };
        }
    }
    most
}

/// Checks all functions at `count` points each, and prints the table.
fn check(test: &str, count: usize) {
    let Some(device) = open(test) else { return };
    let reference = match Reference::load() {
        Ok(reference) => reference,
        Err(reason) => {
            let reason = reason.lines().next().unwrap_or_default().to_owned();
            writeln!(std::io::stdout(), "skipped: {test}: {reason}").unwrap();
            return;
        }
    };
    let only = std::env::var("ONLY").ok();
    let mut wrong = vec![];
    for row in ROWS.iter().filter(|row| only.as_ref().is_none_or(|only| only == row.0)) {
        let errors = of_row((&device, &reference), *row, count);
        let numbers: Vec<String> = errors.iter().map(|(e, _)| format!("{e:7.3} ")).collect();
        println!("| {:7} | {}|", row.0, numbers.join("| "));
        for ((error, at), (bits, route)) in errors.into_iter().zip(WAYS) {
            // Outside of precise mode the quotients of f32 are those of the driver, and a GPU's err.
            let is_promised = bits == 64
                || route == Route::Precise
                || device.adapter().kind() == AdapterKind::Cpu;
            if is_promised && (error.is_nan() || error > row.3[usize::from(bits == 64)]) {
                wrong.push(format!("{} of f{bits}, {route:?}: {error} at {at:?}", row.0));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn functions_are_near() {
    check("accuracy of functions", 100_000);
}

/// As many points as `POINTS` says, or ten million; `ONLY` names one function.
#[test]
#[ignore = "long: ten minutes"]
fn functions_are_near_at_many_points() {
    let count = std::env::var("POINTS").map_or(10_000_000, |points| points.parse().unwrap());
    check("accuracy of functions at many points", count);
}
