//! Comparing answers: what the workloads' `check` functions are made of.
//!
//! Each returns the error it found, or a sentence that says where and by how much it is too large.
//! A NaN is never close to anything but a NaN in the same place.

/// The largest absolute difference, at most `tolerance`.
///
/// # Errors
/// A difference over the tolerance, or slices of different length.
pub fn largest_difference(reference: &[f64], got: &[f64], tolerance: f64) -> Result<f64, String> {
    largest(reference, got, tolerance, "", |_| 1.0)
}

/// The largest difference relative to `max(|reference|, 1)`, at most `tolerance`.
///
/// # Errors
/// A difference over the tolerance, or slices of different length.
pub fn largest_relative(reference: &[f64], got: &[f64], tolerance: f64) -> Result<f64, String> {
    largest(reference, got, tolerance, "relative ", |r| r.abs().max(1.0))
}

fn largest(
    reference: &[f64],
    got: &[f64],
    tolerance: f64,
    kind: &str,
    scale: impl Fn(f64) -> f64,
) -> Result<f64, String> {
    same_length(reference.len(), got.len())?;
    let mut worst = (0.0, 0);
    for (i, (&r, &g)) in reference.iter().zip(got).enumerate() {
        if r.to_bits() == g.to_bits() || (r.is_nan() && g.is_nan()) {
            continue;
        }
        let error = (r - g).abs() / scale(r);
        if error > worst.0 || error.is_nan() {
            worst = (error, i);
        }
    }
    let (error, i) = worst;
    if error <= tolerance {
        return Ok(error);
    }
    Err(format!(
        "value {i} is {} where naive has {}: {kind}error {error:e}, allowed {tolerance:e}",
        got[i], reference[i]
    ))
}

/// The share of cells that differ at all, at most `allowed`: for chaotic maps, where one rounding
/// changes a cell beyond any tolerance.
///
/// # Errors
/// A share over the allowed one, or slices of different length.
pub fn differing_share<T: PartialEq + std::fmt::Debug>(
    reference: &[T],
    got: &[T],
    allowed: f64,
) -> Result<f64, String> {
    same_length(reference.len(), got.len())?;
    let differing = reference.iter().zip(got).filter(|(r, g)| r != g).count();
    let share = differing as f64 / reference.len().max(1) as f64;
    if share <= allowed {
        return Ok(share);
    }
    let i = reference.iter().zip(got).position(|(r, g)| r != g).unwrap_or_default();
    Err(format!(
        "{differing} of {} cells differ ({share:.2e}, allowed {allowed:e}); the first is cell {i}: \
         {:?} where naive has {:?}",
        reference.len(),
        got[i],
        reference[i]
    ))
}

/// Equality; the error is 0.
///
/// # Errors
/// The two differ.
pub fn equal<T: PartialEq + std::fmt::Debug>(reference: &T, got: &T) -> Result<f64, String> {
    if reference == got { Ok(0.0) } else { Err(format!("{got:?} where naive has {reference:?}")) }
}

/// The golden ratio's fraction. Its multiples without their whole parts are spread over [0, 1) without a pattern that
/// rows and columns could have too.
const GOLDEN: f64 = 0.618_033_988_749_894_9;

/// The mean of many values, their root mean square, the mean of each times a weight of its place, and 16 of them.
///
/// Means alone would not tell a field from what it becomes when it is smoothed; the squares do.
#[must_use]
pub fn digest(values: &[f64]) -> Vec<f64> {
    let count = values.len() as f64;
    let mean = |of: &dyn Fn(usize, f64) -> f64| {
        values.iter().enumerate().map(|(i, &v)| of(i, v)).sum::<f64>() / count
    };
    let weight = |i: usize| (i as f64 * GOLDEN).fract();
    let means = [mean(&|_, v| v), mean(&|_, v| v * v).sqrt(), mean(&|i, v| weight(i) * v)];
    let some = (1..=16).filter_map(|i| values.get((weight(i) * count) as usize).copied());
    means.into_iter().chain(some).collect()
}

/// Whether two digests are of the same answer: no number is off by more than `tolerance` of the
/// largest.
///
/// # Errors
/// One that is.
pub fn same_digest(ours: &[f64], theirs: &[f64], tolerance: f64) -> Result<f64, String> {
    let largest = ours.iter().fold(0.0_f64, |most, number| most.max(number.abs()));
    let error = largest_difference(ours, theirs, tolerance * largest);
    error.map_err(|_| format!("its answer is another one: {theirs:?}, ours {ours:?}"))
}

fn same_length(reference: usize, got: usize) -> Result<(), String> {
    if reference == got { Ok(()) } else { Err(format!("{got} values where naive has {reference}")) }
}

#[cfg(test)]
mod tests {
    use super::{digest, same_digest};

    /// Means, weighted by place in rows and columns too, are the same before and after.
    #[test]
    fn a_digest_tells_a_field_from_a_smoother_one() {
        let n = 200;
        let hot = |k: usize| (60..140).contains(&(k / n)) && (60..140).contains(&(k % n));
        let field: Vec<f64> = (0..n * n).map(|k| if hot(k) { 85.0 } else { 5.0 }).collect();
        let mut smooth = field.clone();
        for k in
            (0..n * n).filter(|k| (1..n - 1).contains(&(k / n)) && (1..n - 1).contains(&(k % n)))
        {
            smooth[k] = 0.25 * (field[k - 1] + field[k + 1] + field[k - n] + field[k + n]);
        }
        assert!(same_digest(&digest(&field), &digest(&smooth), 1e-6).is_err());
    }

    #[test]
    fn a_digest_tells_answers_apart() {
        let values: Vec<f64> = (0..1000).map(|i| f64::from(i * 37 % 101)).collect();
        let same = |other: &[f64]| same_digest(&digest(&values), &digest(other), 1e-6);
        assert!(same(&values).is_ok());
        let mut exchanged = values.clone();
        exchanged.swap(3, 900);
        assert_ne!(exchanged, values);
        let mut one_off = values.clone();
        one_off[500] += 1.0;
        let turned: Vec<f64> = values.iter().rev().copied().collect();
        for other in [&exchanged[..], &one_off, &turned, &values[1..]] {
            let error = same(other).unwrap_err();
            assert!(error.starts_with("its answer is another one: "), "{error}");
        }
        assert!(same_digest(&[1.0], &[f64::NAN], 1e-6).is_err());
    }
}
