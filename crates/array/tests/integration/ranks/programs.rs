//! Random programs, on any number of ranks.

use ndarray::IxDyn;
use proptest::prelude::*;
#[cfg(feature = "fft")]
use tenfold_array::FftNorm;
use tenfold_array::{Array, Mesh, Ranks, Result, Settings};

use super::on_ranks;
use crate::programs::{Choices, arrays_of};

type Floats = Array<f64, IxDyn>;
type Integers = Array<i64, IxDyn>;

/// The sum of a transform along the first axis, if there is one that is not empty.
#[cfg(feature = "fft")]
fn transformed(x: &Floats) -> Floats {
    match x.shape().first() {
        Some(1..) => {
            x.fft(0, None, FftNorm::Ortho).map_named("both", |z| z.re + z.im).sum().into_dyn()
        }
        _ => x.sum().into_dyn(),
    }
}

#[cfg(not(feature = "fft"))]
fn transformed(x: &Floats) -> Floats {
    x.sum().into_dyn()
}

/// The sum of what a matrix becomes by its singular values, if it is one.
#[cfg(feature = "linalg")]
fn factored(x: &Floats) -> Floats {
    let shape = x.shape();
    match shape.as_slice() {
        &[rows, columns] if rows * columns > 0 => {
            let svd = x.reshape([rows, columns]).svd();
            (&svd.u * &svd.s).sum().into_dyn()
        }
        _ => x.sum().into_dyn(),
    }
}

#[cfg(not(feature = "linalg"))]
fn factored(x: &Floats) -> Floats {
    x.sum().into_dyn()
}

/// The same array on a mesh of up to so many ranks.
fn laid_out(choices: &mut Choices, x: &Integers, size: usize) -> Integers {
    let rows = 1 + choices.below(size);
    let mesh = Mesh::new([("row", rows), ("column", size / rows)]).expect("a mesh");
    let mut names = vec![None; x.ndim()];
    for name in ["row", "column"] {
        let at = choices.below(2 * names.len() + 1);
        if let Some(free) = names.get_mut(at).filter(|name| name.is_none()) {
            *free = Some(name);
        }
    }
    let mut layout = mesh.layout(names).expect("a layout");
    let block = choices.below(4);
    if block > 0 {
        layout = layout.cyclic(&vec![block; x.ndim()]).expect("a length for each axis");
    }
    let is_square = matches!(*x.chunks().counts(), [rows, columns] if rows == columns);
    if choices.below(2) == 0 && is_square {
        layout = layout.symmetric().expect("two axes");
    }
    x.on(&layout)
}

/// The bits of some sums of a program, of which some arrays stay where they were computed.
fn program(seed: u64, ranks: &Ranks<'_>) -> Result<[u64; 4]> {
    let mut choices = Choices::new(seed);
    let (mut own, mut failed) = (Choices::new(!seed), None);
    let arrays = arrays_of(&mut choices, |lazy| {
        // Chunks that are larger than those of the others, too.
        let lazy = if own.below(3) == 0 { laid_out(&mut own, &lazy, ranks.size()) } else { lazy };
        match own.below(3) {
            0 => ranks.persist(&lazy).unwrap_or_else(|error| {
                failed = Some(error);
                lazy
            }),
            _ => lazy,
        }
    });
    if let Some(error) = failed {
        return Err(error);
    }
    let (last, expected) = arrays.last().unwrap();
    let (other, other_expected) = &arrays[choices.below(arrays.len())];
    let floats = last.map_named("tenth", |x| x as f64 * 0.1);
    let (waves, factors) = (transformed(&floats), factored(&floats));
    let all = (last, other, &floats.sum(), last, &floats.mean(), &waves, &factors);
    let (last, other, sum, again, mean, waves, factors) = ranks.compute_many(all)?;
    assert_eq!((&last, &again), (expected, expected), "seed {seed}");
    assert_eq!(&other, other_expected, "seed {seed}");
    let [sum, mean] = [sum, mean].map(|x| x.into_scalar());
    Ok([sum, mean, waves.sum(), factors.sum()].map(f64::to_bits))
}

fn check(seed: u64, sizes: &[usize]) {
    let mut choices = Choices::new(seed.rotate_left(7));
    let one = on_ranks(1, &Settings::new().threads(1), |ranks| program(seed, ranks));
    for &size in sizes {
        let settings = Settings::new().threads(1 + choices.below(2));
        let bits = on_ranks(size, &settings, |ranks| program(seed, ranks));
        assert!(bits.iter().all(|bits| bits == &one[0]), "seed {seed} on {size} ranks");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn programs_have_the_same_bits_on_any_number_of_ranks(seed in any::<u64>()) {
        check(seed, &[2, 3, 4, 7]);
    }
}

#[test]
#[ignore = "long: 2,000 programs"]
fn many_programs_have_the_same_bits_on_any_number_of_ranks() {
    for seed in 0..2000 {
        check(seed, &[2, 3, 4, 7]);
    }
}
