//! A ladder whose rungs are wrong in the ways in which rungs are wrong; see `mod.rs`.

use std::process::ExitCode;

use tenfold_benches::ladder::heat::{Field, Heat, Problem};
use tenfold_benches::{Rung, Size, Workload};

/// Heat, with rungs that are not quite heat.
struct Faulty;

impl Workload for Faulty {
    type Input = Problem;
    type Output = Field;

    const NAME: &'static str = "faulty";
    const ABOUT: &'static str = "heat with planted faults";
    const UNIT: &'static str = "update";
    const RUNGS: &'static [Rung<Problem, Field>] = &[
        Rung::new("naive", "", naive),
        Rung::new("right", "", naive),
        Rung::new("off", "", |problem| spoilt(naive(problem), |value| value + 1e-6)),
        Rung::new("nan", "", |problem| spoilt(naive(problem), |_| f64::NAN)),
        Rung::new("short", "", |problem| {
            let field = naive(problem);
            let rows = field.rows() - 1;
            Field::new(rows, field.cols(), field.values()[..rows * field.cols()].to_vec())
        }),
        Rung::new("panics", "", |_| panic!("planted")),
    ];

    fn problems(size: Size) -> Vec<Problem> {
        Heat::problems(size).into_iter().take(1).collect()
    }
    fn label(problem: &Problem) -> String {
        Heat::label(problem)
    }
    fn ops(problem: &Problem) -> f64 {
        Heat::ops(problem)
    }
    fn check(problem: &Problem, reference: &Field, got: &Field) -> Result<f64, String> {
        Heat::check(problem, reference, got)
    }
}

fn naive(problem: &Problem) -> Field {
    Heat::RUNGS[0].run.expect("naive is always built")(problem)
}

/// The field with its middle value changed.
fn spoilt(field: Field, change: fn(f64) -> f64) -> Field {
    let mut values = field.values().to_vec();
    let middle = values.len() / 2;
    values[middle] = change(values[middle]);
    Field::new(field.rows(), field.cols(), values)
}

fn main() -> ExitCode {
    tenfold_benches::main(&[Box::new(Faulty)])
}
