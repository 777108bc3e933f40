//! The accuracy of f32, against functions of f64.

use std::num::FpCategory;
use std::sync::Mutex;

use super::points::Points;
use super::{FUNCTIONS, Form, Function, Machine};

const BLOCK: usize = 1 << 14;

/// The largest error so far, in units of the last place, and where.
#[derive(Debug, Clone, Copy, Default)]
struct Worst {
    ulp: f64,
    at: (f32, f32),
}

impl Worst {
    fn join(&mut self, other: Worst) {
        if other.ulp > self.ulp {
            *self = other;
        }
    }
}

/// The distance of `got` from `wanted`, in units of the last place of an f32 like `wanted`; what is
/// beyond the largest number counts as the next power of 2. NaN, and the sign of zeros, must agree.
fn error(got: f32, wanted: f64) -> f64 {
    let limit = 340_282_366_920_938_463_463_374_607_431_768_211_456.0; // 2^128
    if wanted.is_nan() || got.is_nan() {
        return if wanted.is_nan() && got.is_nan() { 0.0 } else { f64::INFINITY };
    }
    if got == 0.0 && got.is_sign_negative() != wanted.is_sign_negative() {
        return f64::INFINITY;
    }
    let wanted = wanted.clamp(-limit, limit);
    let got = f64::from(got).clamp(-limit, limit);
    let exponent = ((wanted.to_bits() >> 52 & 0x7ff) as i32 - 1023).clamp(-126, 127);
    (got - wanted).abs() * f64::from_bits(u64::from((1023 + 23 - exponent).cast_unsigned()) << 52)
}

fn normal(x: f64) -> bool {
    (x as f32).classify() == FpCategory::Normal
}

/// What a result is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Judge {
    /// std.
    Std,
    /// Our functions of f64; std where that would be a new largest error.
    Ours,
}

/// Raises the largest errors of both forms.
fn raise(
    worst: &mut [Worst; 2],
    (function, machine, judge): (&Function, Machine, Judge),
    (x, y): (&[f32], &[f32]),
) {
    let mut got = [vec![0.0; x.len()], vec![0.0; x.len()]];
    (function.f32)(machine, Form::Default, x, y, &mut got[0]);
    (function.f32)(machine, Form::Fast, x, y, &mut got[1]);
    let mut ours = vec![0.0; x.len()];
    if judge == Judge::Ours {
        let wide = [x, y].map(|all| all.iter().copied().map(f64::from).collect::<Vec<_>>());
        (function.f64)(machine, Form::Default, &wide[0], &wide[1], &mut ours);
    }
    for (i, ours) in ours.into_iter().enumerate() {
        let usual = x[i].is_normal() && (y[i].is_normal() || !function.binary);
        for (form, worst) in worst.iter_mut().enumerate() {
            // Most are this near; the last place of `ours` is at least 2^-24 of it.
            let away = (f64::from(got[form][i]) - ours).abs();
            let near = away <= ours.abs() * (worst.ulp * 2_f64.powi(-24));
            if judge == Judge::Ours && near && away.is_finite() && got[form][i] != 0.0 {
                continue;
            }
            let counts = |wanted: f64| form == 0 || (usual && normal(wanted));
            if judge == Judge::Ours && !(counts(ours) && error(got[form][i], ours) > worst.ulp) {
                continue;
            }
            let wanted = (function.std)(x[i].into(), y[i].into());
            if counts(wanted) {
                worst.join(Worst { ulp: error(got[form][i], wanted), at: (x[i], y[i]) });
            }
        }
    }
}

fn report(function: &Function, what: &str, worst: [Worst; 2]) -> bool {
    let [default, fast] = worst;
    println!(
        "{:7} {what:8} {:8.4} at {:15e} {:15e}   fast {:8.4} at {:15e} {:15e}",
        function.name, default.ulp, default.at.0, default.at.1, fast.ulp, fast.at.0, fast.at.1
    );
    default.ulp < 1.0 && fast.ulp <= 4.0
}

#[test]
fn samples() {
    let mut points = Points(2);
    let mut wrong = Vec::new();
    for function in FUNCTIONS {
        let count = if function.binary { 1_000_000 } else { (1_usize << 32).div_ceil(4099) };
        let (mut x, mut y) = (vec![0.0; count], vec![0.0; count]);
        if function.binary {
            points.fill_f32(function, &mut x, &mut y);
        } else {
            for (x, i) in x.iter_mut().zip((0..=u32::MAX).step_by(4099)) {
                *x = f32::from_bits(i);
            }
        }
        for machine in Machine::available() {
            // A twentieth of them for those after the first.
            let step = if machine == Machine::available()[0] { 1 } else { 20 };
            let thin = |all: &[f32]| all.iter().copied().step_by(step).collect::<Vec<_>>();
            let mut worst = [Worst::default(); 2];
            raise(&mut worst, (function, machine, Judge::Std), (&thin(&x), &thin(&y)));
            if machine == Machine::Scalar {
                worst[1] = Worst::default();
            }
            if !report(function, &format!("{machine:?}"), worst) {
                wrong.push((function.name, machine, worst));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}

/// Every argument, or 2^30 pairs of them. The variable `ONLY` names one function.
#[test]
#[ignore = "long: hours unless optimised, and then minutes"]
fn exhaustive() {
    let mut wrong = Vec::new();
    let only = std::env::var("ONLY").ok();
    for function in FUNCTIONS.iter().filter(|f| only.as_ref().is_none_or(|only| only == f.name)) {
        let total = Mutex::new([Worst::default(); 2]);
        std::thread::scope(|scope| {
            for part in 0..2_u64 {
                let total = &total;
                scope.spawn(move || {
                    let worst = half(function, part);
                    let mut total = total.lock().unwrap();
                    total[0].join(worst[0]);
                    total[1].join(worst[1]);
                });
            }
        });
        let worst = total.into_inner().unwrap();
        if !report(function, "all", worst) {
            wrong.push((function.name, worst));
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}

fn half(function: &Function, part: u64) -> [Worst; 2] {
    let mut worst = [Worst::default(); 2];
    let mut points = Points(part);
    let (mut x, mut y) = (vec![0.0; BLOCK], vec![0.0; BLOCK]);
    let machine = Machine::available()[0];
    let all = if function.binary { 1_u64 << 29 } else { 1 << 31 };
    for start in (0..all).step_by(BLOCK) {
        if function.binary {
            points.fill_f32(function, &mut x, &mut y);
        } else {
            for (x, i) in x.iter_mut().zip(start..) {
                *x = f32::from_bits((part << 31 | i) as u32);
            }
        }
        raise(&mut worst, (function, machine, Judge::Ours), (&x, &y));
    }
    worst
}
