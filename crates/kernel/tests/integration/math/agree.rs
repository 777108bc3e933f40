//! Every instruction set and the scalar form give the same bits.

use std::fmt::Debug;

use tenfold_kernel::simd::Real;

use super::points::Points;
use super::{Arrays, FUNCTIONS, Form, Function, Machine};

const COUNT: usize = 20_000;

fn check<T: Real + Debug>(
    function: &Function,
    arrays: Arrays<T>,
    x: &[T],
    y: &[T],
    same: fn(T, T) -> bool,
) {
    let machines = Machine::available();
    let compute = |machine| {
        let mut out = vec![T::ZERO; x.len()];
        arrays(machine, Form::Default, x, y, &mut out);
        out
    };
    let wanted = compute(machines[0]);
    for machine in &machines[1..] {
        for (i, (got, wanted)) in compute(*machine).into_iter().zip(&wanted).enumerate() {
            assert!(
                same(got, *wanted),
                "{} of {:?}, {:?} is {got:?} by {machine:?}, but {wanted:?} by {:?}",
                function.name,
                x[i],
                y[i],
                machines[0],
            );
        }
    }
}

#[test]
fn every_isa_gives_the_same_bits() {
    let mut points = Points(1);
    for function in FUNCTIONS {
        let (mut x, mut y) = (vec![0.0; COUNT], vec![0.0; COUNT]);
        points.fill(function, &mut x, &mut y);
        check(function, function.f64, &x, &y, |a, b| {
            a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan())
        });
        let (mut x, mut y) = (vec![0.0; COUNT], vec![0.0; COUNT]);
        points.fill_f32(function, &mut x, &mut y);
        check(function, function.f32, &x, &y, |a, b| {
            a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan())
        });
    }
}
