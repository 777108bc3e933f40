//! The accuracy of f64, against C's functions of long double.

#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

use std::io::Write;
use std::sync::Mutex;

use super::points::Points;
use super::reference::Reference;
use super::{FUNCTIONS, Form, Function, Machine};

const BLOCK: usize = 1 << 12;

/// The largest errors of both forms, in units of the last place, and where.
#[derive(Debug, Clone, Copy, Default)]
struct Worst {
    ulp: [f64; 2],
    at: [(f64, f64); 2],
}

fn reference() -> Option<Reference> {
    match Reference::load() {
        Ok(reference) => Some(reference),
        Err(reason) => {
            let line =
                format!("skipped: accuracy of f64: {}\n", reason.lines().next().unwrap_or(""));
            std::io::stdout().write_all(line.as_bytes()).unwrap();
            None
        }
    }
}

fn errors(
    (function, machine): (&Function, Machine),
    reference: Reference,
    points: &mut Points,
    count: usize,
) -> Worst {
    let mut worst = Worst::default();
    let mut block = [(); 4].map(|()| vec![0.0; BLOCK]);
    for _ in 0..count.div_ceil(BLOCK) {
        let [x, y, got, fast] = &mut block;
        points.fill(function, x, y);
        (function.f64)(machine, Form::Default, x, y, got);
        let form = if machine == Machine::Scalar { Form::Default } else { Form::Fast };
        (function.f64)(machine, form, x, y, fast);
        let arrays = [&x[..], &y[..], &got[..], &fast[..]];
        reference.raise(function.name, arrays, &mut worst.ulp, &mut worst.at);
    }
    worst
}

fn report(function: &Function, what: &str, worst: Worst) -> bool {
    let ([default, fast], [at, fast_at]) = (worst.ulp, worst.at);
    println!(
        "{:7} {what:8} {default:8.4} at {:24e} {:24e}   fast {fast:8.4} at {:24e} {:24e}",
        function.name, at.0, at.1, fast_at.0, fast_at.1
    );
    default < 1.0 && fast <= 4.0
}

#[test]
fn samples() {
    let Some(reference) = reference() else { return };
    let mut points = Points(3);
    let mut wrong = Vec::new();
    for function in FUNCTIONS {
        for machine in Machine::available() {
            let count = if machine == Machine::available()[0] { 100_000 } else { 5_000 };
            let worst = errors((function, machine), reference, &mut points, count);
            if !report(function, &format!("{machine:?}"), worst) {
                wrong.push((function.name, machine, worst));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// 10^8 arguments, or as many as the variable `POINTS` says; `ONLY` names one function.
#[test]
#[ignore = "long: many minutes"]
fn many() {
    let Some(reference) = reference() else { return };
    let mut wrong = Vec::new();
    let only = std::env::var("ONLY").ok();
    let count = std::env::var("POINTS").map_or(100_000_000, |points| points.parse().unwrap());
    let machine = Machine::available()[0];
    for function in FUNCTIONS.iter().filter(|f| only.as_ref().is_none_or(|only| only == f.name)) {
        let total = Mutex::new(Worst::default());
        std::thread::scope(|scope| {
            for part in 0..2 {
                let total = &total;
                scope.spawn(move || {
                    let mut points = Points(part << 40 | 12345);
                    let found = errors((function, machine), reference, &mut points, count / 2);
                    let mut total = total.lock().unwrap();
                    for i in 0..2 {
                        if found.ulp[i] > total.ulp[i] {
                            (total.ulp[i], total.at[i]) = (found.ulp[i], found.at[i]);
                        }
                    }
                });
            }
        });
        let worst = total.into_inner().unwrap();
        if !report(function, "many", worst) {
            wrong.push((function.name, worst));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
