//! SplitMix64, as a function of a seed and a counter: the numbers that the problems are drawn
//! from, and the points of `pi`.
//!
//! Steele, Lea, Flood: "Fast splittable pseudorandom number generators", OOPSLA 2014; constants as
//! in Vigna's `splitmix64.c`.

/// What the state advances by: 2^64 divided by the golden ratio, odd.
pub(super) const GAMMA: u64 = 0x9E37_79B9_7F4A_7C15;

/// Output `i` (from 0) of the generator seeded with `seed`; any output can be had without those
/// before it.
#[inline]
pub(super) fn output(seed: u64, i: u64) -> u64 {
    finalise(seed.wrapping_add(i.wrapping_add(1).wrapping_mul(GAMMA)))
}

/// The state's mixing into an output.
#[inline]
pub(super) fn finalise(state: u64) -> u64 {
    let z = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// `n` numbers from `[low, high)`, stream `stream` of the seed.
pub(super) fn uniform(seed: u64, stream: u64, n: usize, low: f64, high: f64) -> Vec<f64> {
    let seed = output(seed, stream);
    let unit = |i| (output(seed, i) >> 11) as f64 * (-53_f64).exp2();
    (0..).take(n).map(|i| low + (high - low) * unit(i)).collect()
}

#[cfg(test)]
mod tests {
    use super::{output, uniform};

    /// The first outputs of the reference `splitmix64.c` for the seed 1234567, as published on
    /// Rosetta Code ("Pseudo-random numbers/Splitmix64").
    #[test]
    fn gives_the_published_outputs() {
        let expected = [
            6_457_827_717_110_365_317,
            3_203_168_211_198_807_973,
            9_817_491_932_198_370_423,
            4_593_380_528_125_082_431,
            16_408_922_859_458_223_821,
        ];
        assert!((0..).zip(expected).all(|(i, output_i)| output(1_234_567, i) == output_i));
    }

    #[test]
    fn uniform_numbers_keep_to_their_range() {
        let numbers = uniform(1, 2, 10_000, 10.0, 100.0);
        assert!(numbers.iter().all(|number| (10.0..100.0).contains(number)));
        let mean = numbers.iter().sum::<f64>() / 1e4;
        assert!((mean - 55.0).abs() < 5.0 * 90.0 / (12.0 * 1e4_f64).sqrt());
    }
}
