//! Random numbers of how often something happens.

use ndarray::{IntoDimension, IxDyn};

use super::Random;
use super::distributions::refused;
use super::gamma::gamma;
use super::stream::Stream;
use crate::array::Array;
use crate::cut::IntoChunks;

/// Up to so many things are counted: as many as numbers have digits for, so that what is counted is exact.
const MOST: u64 = 1 << 53;

const HALF_LN_TAU: f64 = 0.918_938_533_204_672_8;

/// What Stirling's approximation of the logarithm of `k!` is off: the error of the series is below 1e-13 from 10 on.
fn tail(k: f64) -> f64 {
    const FIRST: [f64; 10] = [
        0.081_061_466_795_327_26,
        0.041_340_695_955_409_29,
        0.027_677_925_684_998_34,
        0.020_790_672_103_765_09,
        0.016_644_691_189_821_19,
        0.013_876_128_823_070_75,
        0.011_896_709_945_891_77,
        0.010_411_265_261_972_09,
        0.009_255_462_182_712_733,
        0.008_330_563_433_362_87,
    ];
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is below 10")]
    if k < 10.0 {
        return FIRST[k as usize];
    }
    let of = 1.0 / (k + 1.0);
    let square = of * of;
    (1.0 / 12.0 - (1.0 / 360.0 - (1.0 / 1260.0 - square / 1680.0) * square) * square) * of
}

/// The logarithm of `k!`.
fn ln_factorial(k: f64) -> f64 {
    (k + 0.5) * (k + 1.0).ln() - (k + 1.0) + HALF_LN_TAU + tail(k)
}

/// A number of the Poisson distribution: by products for small means, and else by transformed rejection (Hörmann,
/// 1993, PTRS).
pub(super) fn poisson(stream: &mut Stream, lam: f64) -> f64 {
    if lam < 10.0 {
        let (least, mut product, mut count) = ((-lam).exp(), stream.unit(), 0.0);
        while product > least {
            product *= stream.unit();
            count += 1.0;
        }
        return count;
    }
    let root = lam.sqrt();
    let b = 0.931 + 2.53 * root;
    let a = -0.059 + 0.024_83 * b;
    let alpha = 1.1239 + 1.1328 / (b - 3.4);
    let most = 0.9277 - 3.6224 / (b - 2.0);
    loop {
        let (u, v) = (stream.unit() - 0.5, stream.unit());
        let us = 0.5 - u.abs();
        let k = ((2.0 * a / us + b) * u + lam + 0.43).floor();
        if us >= 0.07 && v <= most {
            return k;
        }
        if k < 0.0 || (us < 0.013 && v > us) {
            continue;
        }
        // k ln(lam) - lam - ln(k!), whose parts are nearly the same.
        let off = k + 1.0 - lam;
        let below =
            off + k * (-off / (k + 1.0)).ln_1p() - 0.5 * (k + 1.0).ln() - HALF_LN_TAU - tail(k);
        if (v * alpha / (a / (us * us) + b)).ln() <= below {
            return k;
        }
    }
}

/// A number of the binomial distribution, of a probability of 1/2 at most: by the waiting times between successes where
/// there are few (Devroye, 1986), and else by transformed rejection (Hörmann, 1993, BTRS).
fn rare_binomial(stream: &mut Stream, n: f64, p: f64) -> f64 {
    if p == 0.0 {
        return 0.0;
    }
    if n * p < 10.0 {
        let (scale, mut trials, mut count) = ((-p).ln_1p(), 0.0, 0.0);
        loop {
            trials += (stream.unit().ln() / scale).floor() + 1.0;
            if trials > n {
                return count;
            }
            count += 1.0;
        }
    }
    let r = p / (1.0 - p);
    let root = (n * p * (1.0 - p)).sqrt();
    let b = 1.15 + 2.53 * root;
    let a = -0.0873 + 0.0248 * b + 0.01 * p;
    let most = 0.92 - 4.2 / b;
    let alpha = (2.83 + 5.1 / b) * root;
    let m = ((n + 1.0) * p).floor();
    loop {
        let (u, v) = (stream.unit() - 0.5, stream.unit());
        let us = 0.5 - u.abs();
        let k = ((2.0 * a / us + b) * u + n * p + 0.5).floor();
        if us >= 0.07 && v <= most {
            return k;
        }
        if k < 0.0 || k > n {
            continue;
        }
        // The logarithm of how much more often m comes than k, whose parts are nearly the same.
        let off = k - m;
        let below = off * (r * (n - m + 1.0) / (m + 1.0)).ln()
            - (k + 0.5) * (off / (m + 1.0)).ln_1p()
            + (n - k + 0.5) * (off / (n - k + 1.0)).ln_1p()
            + (tail(m) + tail(n - m) - tail(k) - tail(n - k));
        if (v * alpha / (a / (us * us) + b)).ln() <= below {
            return k;
        }
    }
}

fn binomial(stream: &mut Stream, n: f64, p: f64) -> f64 {
    match p <= 0.5 {
        true => rare_binomial(stream, n, p),
        false => n - rare_binomial(stream, n, 1.0 - p),
    }
}

/// How many are good of `sample` that are taken: one after another where they are few, and else by the ratio of uniform
/// numbers (Stadlober, 1990).
fn hypergeometric(stream: &mut Stream, good: f64, bad: f64, sample: f64) -> f64 {
    let all = good + bad;
    // Those that are taken, or those that are left, whichever are fewer.
    let taken = sample.min(all - sample);
    let (few, many) = (good.min(bad), good.max(bad));
    let of_few = match taken < 10.0 {
        true => one_by_one(stream, few, all, taken),
        false => by_ratio(stream, few, many, taken),
    };
    let good_taken = if good > bad { taken - of_few } else { of_few };
    if taken < sample { good - good_taken } else { good_taken }
}

fn one_by_one(stream: &mut Stream, few: f64, all: f64, taken: f64) -> f64 {
    let (mut found, mut gone) = (0.0, 0.0);
    while gone < taken {
        if stream.unit() * (all - gone) < few - found {
            found += 1.0;
        }
        gone += 1.0;
    }
    found
}

fn by_ratio(stream: &mut Stream, few: f64, many: f64, taken: f64) -> f64 {
    let all = few + many;
    let p = few / all;
    let a = taken * p + 0.5;
    let variance = (all - taken) * taken * p * (1.0 - p) / (all - 1.0);
    let c = (variance + 0.5).sqrt();
    // 2 sqrt(2 / e) and 3 - 2 sqrt(3 / e).
    let h = 1.715_527_769_921_413_5 * c + 0.898_916_162_058_898_8;
    let log = |k: f64| {
        ln_factorial(k)
            + ln_factorial(few - k)
            + ln_factorial(taken - k)
            + ln_factorial(many - taken + k)
    };
    let mode = log(((taken + 1.0) * (few + 1.0) / (all + 2.0)).floor());
    let end = (taken.min(few) + 1.0).min((a + 16.0 * c).floor());
    loop {
        let (u, v) = (stream.unit(), stream.unit());
        let k = (a + h * (v - 0.5) / u).floor();
        if k < 0.0 || k >= end {
            continue;
        }
        let t = mode - log(k);
        if u * (4.0 - u) - 3.0 <= t || (u * (u - t) < 1.0 && 2.0 * u.ln() <= t) {
            return k;
        }
    }
}

/// A number of the logarithmic distribution (Kemp, 1981).
fn logseries(stream: &mut Stream, p: f64) -> f64 {
    let v = stream.unit();
    if v >= p {
        return 1.0;
    }
    let q = -((-p).ln_1p() * stream.unit()).exp_m1();
    match v {
        _ if v <= q * q => (1.0 + v.ln() / q.ln()).floor().max(1.0),
        _ if v >= q => 1.0,
        _ => 2.0,
    }
}

/// A number of the zeta distribution up to [`MOST`] (Devroye, 1986).
fn zipf(stream: &mut Stream, a: f64) -> f64 {
    let less = a - 1.0;
    let b = 2.0_f64.powf(less);
    loop {
        let (u, v) = (stream.unit(), stream.unit());
        let x = u.powf(-1.0 / less).floor();
        if x > to_f64(MOST) {
            continue;
        }
        let t = (1.0 + 1.0 / x).powf(less);
        if v * x * (t - 1.0) / (b - 1.0) <= t / b {
            return x;
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts are below 2^53")]
fn to_f64(count: u64) -> f64 {
    count as f64
}

#[expect(clippy::cast_possible_truncation, reason = "counts are below 2^63, and saturate")]
fn to_i64(count: f64) -> i64 {
    count as i64
}

/// What is wrong with a probability.
fn wrong_probability(p: f64) -> Option<String> {
    let what = || format!("argument `p` is {p}, but a probability is from 0 to 1");
    (!(0.0..=1.0).contains(&p)).then(what)
}

/// What is wrong with a number of things.
fn wrong_count(name: &str, n: u64) -> Option<String> {
    (n > MOST).then(|| format!("argument `{name}` is {n}, but must be {MOST} at most"))
}

/// Distributions of counts. An element draws as many numbers as it needs, of a stream that is its own: as other
/// distributions, these are the same for any chunks and any number of threads. Parameters that cannot be are an error.
///
/// ```
/// use tenfold_array::Random;
///
/// let mut random = Random::new(1);
/// let calls = random.poisson([300, 400], 3.5, 100);
/// assert!((calls.mean().compute()?.into_scalar() - 3.5).abs() < 0.05);
/// let heads = random.binomial([300, 400], 1000, 0.5, 100);
/// assert!((heads.mean().compute()?.into_scalar() - 500.0).abs() < 0.5);
/// let error = random.binomial([3], 10, 1.5, 3).compute().unwrap_err();
/// assert!(error.to_string().starts_with("argument `p` is 1.5, but a probability is from 0 to 1"), "{error}");
/// # Ok::<(), tenfold_array::Error>(())
/// ```
impl Random {
    /// How often something happens that does so `lam` times in the mean, whenever it likes.
    #[track_caller]
    #[must_use]
    pub fn poisson<S: IntoDimension>(
        &mut self,
        shape: S,
        lam: f64,
        chunks: impl IntoChunks,
    ) -> Array<i64, S::Dim> {
        if !(0.0..=to_f64(MOST)).contains(&lam) {
            let sentence = format!("argument `lam` is {lam}, but must be from 0 to {MOST}");
            return refused::<i64, S>(sentence);
        }
        self.sampled("poisson", &[lam], shape, chunks, move |stream| to_i64(poisson(stream, lam)))
    }

    /// How many of `n` trials succeed, of which each does with a probability of `p`.
    #[track_caller]
    #[must_use]
    pub fn binomial<S: IntoDimension>(
        &mut self,
        shape: S,
        n: u64,
        p: f64,
        chunks: impl IntoChunks,
    ) -> Array<i64, S::Dim> {
        if let Some(sentence) = wrong_probability(p).or_else(|| wrong_count("n", n)) {
            return refused::<i64, S>(sentence);
        }
        let n = to_f64(n);
        let f = move |stream: &mut Stream| to_i64(binomial(stream, n, p));
        self.sampled("binomial", &[n, p], shape, chunks, f)
    }

    /// How many trials fail before `n` succeed, of which each does with a probability of `p`. `n` need not be whole.
    #[track_caller]
    #[must_use]
    pub fn negative_binomial<S: IntoDimension>(
        &mut self,
        shape: S,
        n: f64,
        p: f64,
        chunks: impl IntoChunks,
    ) -> Array<i64, S::Dim> {
        // So many fail in the mean, of which the number varies by a multiple of that.
        let mean = n * (1.0 - p) / p;
        if !(n > 0.0 && p > 0.0 && p <= 1.0 && mean < to_f64(MOST) / 1e3) {
            let sentence = format!(
                "argument `n` and `p` are {n} and {p}, but must be above 0 and from above 0 to 1, of a mean of {} at most",
                MOST / 1000
            );
            return refused::<i64, S>(sentence);
        }
        let f = move |stream: &mut Stream| {
            let rate = gamma(stream, n) * ((1.0 - p) / p);
            to_i64(poisson(stream, rate))
        };
        self.sampled("negative_binomial", &[n, p], shape, chunks, f)
    }

    /// How many are good of `sample` that are taken of `good` and `bad` ones.
    #[track_caller]
    #[must_use]
    pub fn hypergeometric<S: IntoDimension>(
        &mut self,
        shape: S,
        [good, bad, sample]: [u64; 3],
        chunks: impl IntoChunks,
    ) -> Array<i64, S::Dim> {
        let all = good.saturating_add(bad);
        // As many as NumPy allows: the logarithms of factorials lose their digits beyond.
        let wrong = match sample > all || all > 1_000_000_000 {
            true => Some(format!(
                "argument `good`, `bad` and `sample` are {good}, {bad} and {sample}, but at most all can be taken, and there \
                 are 1000000000 at most"
            )),
            false => None,
        };
        if let Some(sentence) = wrong {
            return refused::<i64, S>(sentence);
        }
        let [good, bad, sample] = [good, bad, sample].map(to_f64);
        let f = move |stream: &mut Stream| to_i64(hypergeometric(stream, good, bad, sample));
        self.sampled("hypergeometric", &[good, bad, sample], shape, chunks, f)
    }

    /// Numbers from 1 on, of which `k` comes as often as `p^k / k` says.
    #[track_caller]
    #[must_use]
    pub fn logseries<S: IntoDimension>(
        &mut self,
        shape: S,
        p: f64,
        chunks: impl IntoChunks,
    ) -> Array<i64, S::Dim> {
        if !(0.0..1.0).contains(&p) {
            let sentence = format!("argument `p` is {p}, but must be from 0 to below 1");
            return refused::<i64, S>(sentence);
        }
        self.sampled("logseries", &[p], shape, chunks, move |stream| to_i64(logseries(stream, p)))
    }

    /// Numbers from 1 to 2^53, of which `k` comes as often as `1 / k^a` says.
    #[track_caller]
    #[must_use]
    pub fn zipf<S: IntoDimension>(
        &mut self,
        shape: S,
        a: f64,
        chunks: impl IntoChunks,
    ) -> Array<i64, S::Dim> {
        // Below, nearly all that is drawn is beyond 2^53; above, nothing but 1 is.
        if !(1.01..=1e3).contains(&a) {
            let sentence = format!("argument `a` is {a}, but must be from 1.01 to 1000");
            return refused::<i64, S>(sentence);
        }
        self.sampled("zipf", &[a], shape, chunks, move |stream| to_i64(zipf(stream, a)))
    }

    /// How often each of several things happens in `n` trials: a last axis has a count for each of their probabilities, of
    /// which the last is what is left by the others.
    ///
    /// ```
    /// use tenfold_array::Random;
    ///
    /// let dice = Random::new(1).multinomial([100], 60, &[1.0 / 6.0; 6], 50);
    /// assert_eq!(dice.shape().as_slice(), [100, 6]);
    /// assert!(dice.sum_axis(1).compute()?.iter().all(|&all| all == 60));
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn multinomial<S: IntoDimension>(
        &mut self,
        shape: S,
        n: u64,
        probabilities: &[f64],
        chunks: impl IntoChunks,
    ) -> Array<i64, IxDyn> {
        let sum: f64 = probabilities.split_last().map_or(0.0, |(_, others)| others.iter().sum());
        let wrong = probabilities.iter().find_map(|&p| wrong_probability(p));
        let wrong = wrong.or_else(|| wrong_count("n", n)).or_else(|| match probabilities {
            [] => Some("argument `probabilities` is empty, but something must happen".to_owned()),
            _ if sum > 1.0 + 1e-12 => {
                Some(format!("argument `probabilities` has a sum of {sum} before the last, but must have 1 at most"))
            }
            _ => None,
        });
        if let Some(sentence) = wrong {
            return refused::<i64, IxDyn>(sentence);
        }
        let parameters: Vec<f64> =
            [to_f64(n)].into_iter().chain(probabilities.iter().copied()).collect();
        let (n, ps): (f64, Box<[f64]>) = (to_f64(n), probabilities.into());
        let f = move |stream: &mut Stream, out: &mut [i64]| {
            let (mut trials, mut share) = (n, 1.0);
            let last = ps.len() - 1;
            for (to, &p) in out.iter_mut().zip(&ps[..last]) {
                let count =
                    if share > 0.0 { binomial(stream, trials, (p / share).min(1.0)) } else { 0.0 };
                *to = to_i64(count);
                (trials, share) = (trials - count, share - p);
            }
            out[last] = to_i64(trials);
        };
        self.sampled_rows("multinomial", &parameters, shape, probabilities.len(), chunks, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factorials_have_their_logarithms() {
        let mut exact = 0.0;
        for k in 1..170 {
            exact += f64::from(k).ln();
            let made = ln_factorial(f64::from(k));
            assert!((made - exact).abs() <= 1e-13 * exact.max(1.0), "{k}: {made} {exact}");
        }
        assert!(ln_factorial(0.0).abs() < 1e-15);
    }
}
