//! Random programs, on any number of ranks.

use proptest::prelude::*;
use tenfold_array::{Ranks, Result, Settings};

use super::on_ranks;
use crate::programs::{Choices, arrays_of};

/// The bits of two sums of a program, of which some arrays stay where they were computed.
fn program(seed: u64, ranks: &Ranks<'_>) -> Result<[u64; 2]> {
    let mut choices = Choices::new(seed);
    let (mut own, mut failed) = (Choices::new(!seed), None);
    let arrays = arrays_of(&mut choices, |lazy| {
        // Chunks that are larger than those of the others, too.
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
    let all = (last, other, &floats.sum(), last, &floats.mean());
    let (last, other, sum, again, mean) = ranks.compute_many(all)?;
    assert_eq!((&last, &again), (expected, expected), "seed {seed}");
    assert_eq!(&other, other_expected, "seed {seed}");
    Ok([sum, mean].map(|x| x.into_scalar().to_bits()))
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
