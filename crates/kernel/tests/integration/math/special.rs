//! Values that are known.

use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, LN_2, PI};

use super::{FUNCTIONS, Function, Machine};

const INF: f64 = f64::INFINITY;
const NAN: f64 = f64::NAN;
const THREE_QUARTERS: f64 = 3.0 * FRAC_PI_4;

/// What is known of each function.
type Table<T> = &'static [(&'static str, &'static [T])];

/// `(x, f(x))`
const UNARY: Table<(f64, f64)> = &[
    (
        "rsqrt",
        &[
            (0.0, INF),
            (-0.0, -INF),
            (INF, 0.0),
            (-INF, NAN),
            (-1.0, NAN),
            (1.0, 1.0),
            (4.0, 0.5),
            (0.25, 2.0),
        ],
    ),
    (
        "cbrt",
        &[
            (0.0, 0.0),
            (-0.0, -0.0),
            (INF, INF),
            (-INF, -INF),
            (1.0, 1.0),
            (-8.0, -2.0),
            (27.0, 3.0),
        ],
    ),
    (
        "exp",
        &[(0.0, 1.0), (-0.0, 1.0), (INF, INF), (-INF, 0.0), (1e4, INF), (-1e4, 0.0), (1e-30, 1.0)],
    ),
    (
        "exp2",
        &[
            (0.0, 1.0),
            (-0.0, 1.0),
            (INF, INF),
            (-INF, 0.0),
            (2000.0, INF),
            (-2000.0, 0.0),
            (10.0, 1024.0),
            (-3.0, 0.125),
            (-126.0, 1.1754943508222875e-38),
        ],
    ),
    (
        "exp_m1",
        &[
            (0.0, 0.0),
            (-0.0, -0.0),
            (INF, INF),
            (-INF, -1.0),
            (1e4, INF),
            (-1e4, -1.0),
            (1e-30, 1e-30),
            (-1e-35, -1e-35),
        ],
    ),
    (
        "ln",
        &[(0.0, -INF), (-0.0, -INF), (INF, INF), (-1.0, NAN), (-INF, NAN), (1.0, 0.0), (2.0, LN_2)],
    ),
    (
        "ln_1p",
        &[
            (0.0, 0.0),
            (-0.0, -0.0),
            (INF, INF),
            (-1.0, -INF),
            (-2.0, NAN),
            (-INF, NAN),
            (1.0, LN_2),
            (1e-30, 1e-30),
            (-1e-35, -1e-35),
        ],
    ),
    (
        "log2",
        &[
            (0.0, -INF),
            (-0.0, -INF),
            (INF, INF),
            (-1.0, NAN),
            (-INF, NAN),
            (1.0, 0.0),
            (8.0, 3.0),
            (0.25, -2.0),
            (1.1754943508222875e-38, -126.0),
        ],
    ),
    (
        "log10",
        &[
            (0.0, -INF),
            (-0.0, -INF),
            (INF, INF),
            (-1.0, NAN),
            (-INF, NAN),
            (1.0, 0.0),
            (10.0, 1.0),
            (1e5, 5.0),
            (100.0, 2.0),
        ],
    ),
    ("sin", &[(0.0, 0.0), (-0.0, -0.0), (INF, NAN), (-INF, NAN), (1e-30, 1e-30), (-1e-30, -1e-30)]),
    ("cos", &[(0.0, 1.0), (-0.0, 1.0), (INF, NAN), (-INF, NAN), (1e-30, 1.0)]),
    ("tan", &[(0.0, 0.0), (-0.0, -0.0), (INF, NAN), (-INF, NAN), (1e-30, 1e-30), (-1e-30, -1e-30)]),
    (
        "asin",
        &[
            (0.0, 0.0),
            (-0.0, -0.0),
            (1.0, FRAC_PI_2),
            (-1.0, -FRAC_PI_2),
            (1.5, NAN),
            (-1.5, NAN),
            (INF, NAN),
            (-INF, NAN),
            (1e-30, 1e-30),
        ],
    ),
    (
        "acos",
        &[
            (1.0, 0.0),
            (-1.0, PI),
            (0.0, FRAC_PI_2),
            (-0.0, FRAC_PI_2),
            (1.5, NAN),
            (-1.5, NAN),
            (INF, NAN),
            (-INF, NAN),
        ],
    ),
    (
        "atan",
        &[
            (0.0, 0.0),
            (-0.0, -0.0),
            (1.0, FRAC_PI_4),
            (-1.0, -FRAC_PI_4),
            (INF, FRAC_PI_2),
            (-INF, -FRAC_PI_2),
            (1e35, FRAC_PI_2),
            (1e-30, 1e-30),
        ],
    ),
    (
        "sinh",
        &[
            (0.0, 0.0),
            (-0.0, -0.0),
            (INF, INF),
            (-INF, -INF),
            (1e4, INF),
            (-1e4, -INF),
            (1e-30, 1e-30),
            (-1e-35, -1e-35),
        ],
    ),
    (
        "cosh",
        &[(0.0, 1.0), (-0.0, 1.0), (INF, INF), (-INF, INF), (1e4, INF), (-1e4, INF), (1e-30, 1.0)],
    ),
    (
        "tanh",
        &[
            (0.0, 0.0),
            (-0.0, -0.0),
            (INF, 1.0),
            (-INF, -1.0),
            (100.0, 1.0),
            (-100.0, -1.0),
            (1e-30, 1e-30),
            (-1e-35, -1e-35),
        ],
    ),
    ("erf", &[(0.0, 0.0), (-0.0, -0.0), (INF, 1.0), (-INF, -1.0), (10.0, 1.0), (-10.0, -1.0)]),
];

/// `(x, y, f(x, y))`
const BINARY: Table<(f64, f64, f64)> = &[
    (
        "atan2",
        &[
            (0.0, 1.0, 0.0),
            (-0.0, 1.0, -0.0),
            (0.0, -1.0, PI),
            (-0.0, -1.0, -PI),
            (0.0, 0.0, 0.0),
            (-0.0, 0.0, -0.0),
            (0.0, -0.0, PI),
            (-0.0, -0.0, -PI),
            (0.0, INF, 0.0),
            (-0.0, -INF, -PI),
            (1.0, 0.0, FRAC_PI_2),
            (1.0, -0.0, FRAC_PI_2),
            (-1.0, 0.0, -FRAC_PI_2),
            (-1.0, -0.0, -FRAC_PI_2),
            (INF, 0.0, FRAC_PI_2),
            (1.0, 1.0, FRAC_PI_4),
            (1.0, -1.0, THREE_QUARTERS),
            (-1.0, -1.0, -THREE_QUARTERS),
            (-1.0, 1.0, -FRAC_PI_4),
            (1.0, INF, 0.0),
            (-1.0, INF, -0.0),
            (1.0, -INF, PI),
            (-1.0, -INF, -PI),
            (INF, 1.0, FRAC_PI_2),
            (-INF, -1.0, -FRAC_PI_2),
            (INF, INF, FRAC_PI_4),
            (-INF, INF, -FRAC_PI_4),
            (INF, -INF, THREE_QUARTERS),
            (-INF, -INF, -THREE_QUARTERS),
            (NAN, 1.0, NAN),
            (1.0, NAN, NAN),
            (NAN, INF, NAN),
            (INF, NAN, NAN),
            (NAN, 0.0, NAN),
            (0.0, NAN, NAN),
            (1e30, -1e-30, FRAC_PI_2),
            (1e-30, -1e30, PI),
        ],
    ),
    (
        "powf",
        &[
            (2.0, 10.0, 1024.0),
            (2.0, -3.0, 0.125),
            (-2.0, 3.0, -8.0),
            (-2.0, 2.0, 4.0),
            (9.0, 0.5, 3.0),
            (1.0, NAN, 1.0),
            (1.0, INF, 1.0),
            (NAN, 0.0, 1.0),
            (NAN, -0.0, 1.0),
            (NAN, 1.0, NAN),
            (2.0, NAN, NAN),
            (-1.0, INF, 1.0),
            (-1.0, -INF, 1.0),
            (-8.0, 0.5, NAN),
            (0.0, 3.0, 0.0),
            (-0.0, 3.0, -0.0),
            (-0.0, 2.0, 0.0),
            (-0.0, 0.5, 0.0),
            (0.0, -3.0, INF),
            (-0.0, -3.0, -INF),
            (-0.0, -2.0, INF),
            (0.0, -INF, INF),
            (0.0, INF, 0.0),
            (0.5, INF, 0.0),
            (0.5, -INF, INF),
            (2.0, INF, INF),
            (2.0, -INF, 0.0),
            (INF, 2.0, INF),
            (INF, -2.0, 0.0),
            (-INF, 3.0, -INF),
            (-INF, 2.0, INF),
            (-INF, 0.5, INF),
            (-INF, -3.0, -0.0),
            (-INF, -2.0, 0.0),
            (2.0, 5000.0, INF),
            (-2.0, 5001.0, -INF),
            (-2.0, -5001.0, -0.0),
        ],
    ),
    (
        "hypot",
        &[
            (3.0, 4.0, 5.0),
            (-5.0, 12.0, 13.0),
            (0.0, 0.0, 0.0),
            (-0.0, -0.0, 0.0),
            (0.0, -2.0, 2.0),
            (INF, 1.0, INF),
            (1.0, -INF, INF),
            (NAN, INF, INF),
            (-INF, NAN, INF),
            (NAN, 1.0, NAN),
            (1.0, NAN, NAN),
            (3e30, 4e30, 5e30),
            (1e-30, 0.0, 1e-30),
        ],
    ),
];

/// For both types, on every machine.
fn check(function: &Function, (x, y): (f64, f64), wanted: f64) {
    for machine in Machine::available() {
        let got = Function::one(function.f64, machine, x, y);
        let same = got.to_bits() == wanted.to_bits() || (got.is_nan() && wanted.is_nan());
        assert!(same, "{} of {x:e}, {y:e} by {machine:?}: {got:e}, not {wanted:e}", function.name);
        let got = Function::one(function.f32, machine, x as f32, y as f32);
        let wanted = wanted as f32;
        let same = got.to_bits() == wanted.to_bits() || (got.is_nan() && wanted.is_nan());
        assert!(
            same,
            "{} of f32 {x:e}, {y:e} by {machine:?}: {got:e}, not {wanted:e}",
            function.name
        );
    }
}

#[test]
fn known_values() {
    for function in FUNCTIONS {
        if function.binary {
            let (_, values) = BINARY.iter().find(|(name, _)| *name == function.name).unwrap();
            for (x, y, wanted) in *values {
                check(function, (*x, *y), *wanted);
            }
        } else {
            let (_, values) = UNARY.iter().find(|(name, _)| *name == function.name).unwrap();
            for (x, wanted) in *values {
                check(function, (*x, 0.0), *wanted);
            }
            check(function, (NAN, 0.0), NAN);
        }
    }
}
