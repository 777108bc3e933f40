//! Random numbers of distributions that draw as many numbers as they need, against the exact shares of what lies below.
//!
//! Kolmogorov and Smirnov: of `n` numbers the share below any place is off by more than `1.95 / sqrt(n)` once in a
//! thousand times. Seeds are fixed, so that what passes once always does.

use std::f64::consts::PI;

use ndarray::{Array1, ArrayD, Ix1, s};
use tenfold_array::{Array, ErrorKind, Random, Settings};

const COUNT: usize = 40_000;

/// The logarithm of the gamma function (Lanczos, of 9 terms: 15 digits).
fn ln_gamma(x: f64) -> f64 {
    const TERMS: [f64; 9] = [
        0.999_999_999_999_809_9,
        676.520_368_121_885_1,
        -1_259.139_216_722_402_8,
        771.323_428_777_653_1,
        -176.615_029_162_140_6,
        12.507_343_278_686_905,
        -0.138_571_095_265_720_12,
        9.984_369_578_019_572e-6,
        1.505_632_735_149_311_6e-7,
    ];
    if x < 0.5 {
        return (PI / (PI * x).sin()).ln() - ln_gamma(1.0 - x);
    }
    let t = x + 6.5;
    let terms = TERMS.iter().zip(0..).skip(1);
    let sum = terms.fold(TERMS[0], |sum, (term, i)| sum + term / (x - 1.0 + f64::from(i)));
    0.5 * (2.0 * PI).ln() + (x - 0.5) * t.ln() - t + sum.ln()
}

/// The share of the gamma distribution below a place: a series, or a continued fraction.
fn gamma_below(k: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    let scale = (k * x.ln() - x - ln_gamma(k)).exp();
    if x < k + 1.0 {
        let (mut term, mut sum, mut at) = (1.0 / k, 1.0 / k, k);
        while term > sum * 1e-16 {
            at += 1.0;
            term *= x / at;
            sum += term;
        }
        return scale * sum;
    }
    let (mut b, mut c) = (x + 1.0 - k, 1e300);
    let mut d = 1.0 / b;
    let mut fraction = d;
    for i in 1..10_000 {
        let i = f64::from(i);
        let a = -i * (i - k);
        b += 2.0;
        d = 1.0 / (a * d + b);
        c = b + a / c;
        fraction *= d * c;
        if (d * c - 1.0).abs() < 1e-15 {
            break;
        }
    }
    1.0 - scale * fraction
}

/// The share of the beta distribution below a place: a continued fraction, of the end that it converges for.
fn beta_below(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return if x <= 0.0 { 0.0 } else { 1.0 };
    }
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - beta_below(b, a, 1.0 - x);
    }
    let scale =
        (ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b) + a * x.ln() + b * (-x).ln_1p()).exp() / a;
    let tiny = |x: f64| if x.abs() < 1e-300 { 1e-300 } else { x };
    let (mut c, mut d) = (1.0, 1.0 / tiny(1.0 - (a + b) * x / (a + 1.0)));
    let mut fraction = d;
    for m in 1..10_000 {
        let m = f64::from(m);
        for step in [
            m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0)),
        ] {
            d = 1.0 / tiny(1.0 + step * d);
            c = tiny(1.0 + step / c);
            fraction *= c * d;
        }
        if (c * d - 1.0).abs() < 1e-15 {
            break;
        }
    }
    scale * fraction
}

fn normal_below(x: f64) -> f64 {
    let half = 0.5 * gamma_below(0.5, 0.5 * x * x);
    if x < 0.0 { 0.5 - half } else { 0.5 + half }
}

/// What a mixture with weights of the Poisson distribution comes to.
fn poisson_mixture(mean: f64, of: impl Fn(f64) -> f64) -> f64 {
    let weight = |j: f64| {
        if mean == 0.0 {
            f64::from(j == 0.0)
        } else {
            (j * mean.ln() - mean - ln_gamma(j + 1.0)).exp()
        }
    };
    (0..80).map(f64::from).map(|j| weight(j) * of(j)).sum()
}

/// Asserts that numbers lie as they should.
fn check(name: &str, x: Array<f64, Ix1>, below: impl Fn(f64) -> f64) {
    let mut x = x.compute().unwrap().to_vec();
    assert!(x.iter().all(|x| x.is_finite()), "{name}");
    x.sort_by(f64::total_cmp);
    let n = x.len() as f64;
    let off = x.iter().zip(0..).map(|(&x, i)| {
        let (share, i) = (below(x), f64::from(i));
        (share - i / n).max((i + 1.0) / n - share)
    });
    let off = off.fold(0.0, f64::max) * n.sqrt();
    assert!(off < 1.95, "{name} is {off} off");
}

/// The same of counts, of which many are the same: by the share of each from a least one on.
fn check_counts(name: &str, x: Array<i64, Ix1>, least: i64, share: impl Fn(f64) -> f64) {
    let x = x.compute().unwrap();
    let most = x.iter().copied().max().unwrap();
    assert!(x.iter().all(|&x| x >= least), "{name}");
    let n = x.len() as f64;
    let mut counts = vec![0_u32; (most - least + 1) as usize];
    x.iter().for_each(|&x| counts[(x - least) as usize] += 1);
    let (mut below, mut counted, mut off) = (0.0, 0.0, 0.0_f64);
    for (place, &count) in counts.iter().enumerate() {
        below += share((place as i64 + least) as f64);
        counted += f64::from(count);
        off = off.max((below - counted / n).abs());
    }
    assert!(off * n.sqrt() < 1.95, "{name} is {} off", off * n.sqrt());
}

#[test]
fn functions_of_the_test_are_right() {
    // Of tables: Abramowitz and Stegun, 6.1, 26.2, 26.4; and where there is a closed form.
    let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{a} {b}");
    near(ln_gamma(0.5), PI.sqrt().ln());
    near(ln_gamma(11.0), 3_628_800.0_f64.ln());
    near(gamma_below(1.0, 0.7), 1.0 - (-0.7_f64).exp());
    near(gamma_below(2.0, 5.0), 1.0 - 6.0 * (-5.0_f64).exp());
    near(beta_below(2.0, 1.0, 0.3), 0.09);
    near(beta_below(1.0, 3.0, 0.8), 1.0 - 0.008);
    near(normal_below(1.0), 0.841_344_746_068_542_9);
    near(normal_below(-2.0), 0.022_750_131_948_179_2);
}

#[test]
fn gammas_lie_as_they_should() {
    let mut random = Random::new(2026);
    for k in [0.05, 0.3, 1.0, 2.5, 40.0, 1e4] {
        check(&format!("gamma {k}"), random.standard_gamma([COUNT], k, 9000), |x| {
            gamma_below(k, x)
        });
    }
    assert_eq!(random.standard_gamma([3], 0.0, 2).compute().unwrap().to_vec(), [0.0; 3]);
    for df in [0.4, 3.0, 77.0] {
        let below = |x: f64| gamma_below(0.5 * df, 0.5 * x);
        check(&format!("chisquare {df}"), random.chisquare([COUNT], df, 9000), below);
        let below = |t: f64| {
            let half = 0.5 * beta_below(0.5 * df, 0.5, df / (df + t * t));
            if t < 0.0 { half } else { 1.0 - half }
        };
        check(&format!("t {df}"), random.standard_t([COUNT], df, 9000), below);
    }
    for [a, b] in [[0.02, 0.01], [0.5, 3.0], [5.0, 1.0], [200.0, 100.0]] {
        let below = |x: f64| beta_below(a, b, x);
        let x = random.beta([COUNT], [a, b], 9000);
        if a < 0.1 {
            // Half of these are 1 as far as numbers go, and few lie between.
            let x = x.compute().unwrap();
            let ones = x.iter().filter(|&&x| x > 0.5).count() as f64 / COUNT as f64;
            assert!((1.0 - below(0.5) - ones).abs() * (COUNT as f64).sqrt() < 1.95, "{ones}");
            continue;
        }
        check(&format!("beta {a} {b}"), x, below);
    }
    for [m, n] in [[1.0, 2.0], [10.0, 4.0]] {
        let below = |x: f64| beta_below(0.5 * m, 0.5 * n, m * x / (m * x + n));
        check(&format!("f {m} {n}"), random.f([COUNT], [m, n], 9000), below);
    }
}

#[test]
fn those_that_are_not_central_lie_as_they_should() {
    let mut random = Random::new(2027);
    for [df, nonc] in [[0.5, 3.0], [1.0, 2.0], [4.0, 0.0], [6.0, 20.0]] {
        let below = |x: f64| poisson_mixture(0.5 * nonc, |j| gamma_below(0.5 * df + j, 0.5 * x));
        let x = random.noncentral_chisquare([COUNT / 8], [df, nonc], 9000);
        check(&format!("noncentral chisquare {df} {nonc}"), x, below);
        let below = |x: f64| {
            poisson_mixture(0.5 * nonc, |j| beta_below(0.5 * df + j, 4.0, df * x / (df * x + 8.0)))
        };
        let x = random.noncentral_f([COUNT / 8], [df, 8.0, nonc], 9000);
        check(&format!("noncentral f {df} {nonc}"), x, below);
    }
}

#[test]
fn others_lie_as_they_should() {
    let mut random = Random::new(2028);
    for [mean, scale] in [[1.0, 1.0], [3.0, 0.2], [0.5, 2.0]] {
        let below = |x: f64| {
            let root = (scale / x).sqrt();
            let second = (2.0 * scale / mean).exp() * normal_below(-root * (x / mean + 1.0));
            normal_below(root * (x / mean - 1.0)) + second
        };
        check(&format!("wald {mean} {scale}"), random.wald([COUNT], [mean, scale], 9000), below);
    }
    for [mu, kappa] in [[0.0, 0.0], [0.5, 0.7], [-3.0, 4.0], [1.0, 300.0]] {
        // The density, summed up in steps from -π.
        let steps = 20_000;
        let at = |i: usize| -PI + 2.0 * PI * i as f64 / steps as f64;
        let density: Vec<f64> =
            (0..=steps).map(|i| (kappa * ((at(i) - mu).cos() - 1.0)).exp()).collect();
        let mut sums = vec![0.0; steps + 1];
        for i in 0..steps {
            sums[i + 1] = sums[i] + 0.5 * (density[i] + density[i + 1]);
        }
        let below = |x: f64| {
            let place = ((x + PI) / (2.0 * PI) * steps as f64).clamp(0.0, steps as f64 - 1.0);
            let (i, part) = (place as usize, place.fract());
            (sums[i] + part * (sums[i + 1] - sums[i])) / sums[steps]
        };
        check(
            &format!("vonmises {mu} {kappa}"),
            random.vonmises([COUNT], [mu, kappa], 9000),
            below,
        );
    }
}

#[test]
fn counts_lie_as_they_should() {
    let mut random = Random::new(2029);
    let choose = |n: f64, k: f64| ln_gamma(n + 1.0) - ln_gamma(k + 1.0) - ln_gamma(n - k + 1.0);
    for lam in [0.01_f64, 1.0, 9.9, 10.0, 50.0, 1e4] {
        let share = |k: f64| (k * lam.ln() - lam - ln_gamma(k + 1.0)).exp();
        check_counts(&format!("poisson {lam}"), random.poisson([COUNT], lam, 9000), 0, share);
    }
    for (n, p) in
        [(1, 0.3_f64), (40, 0.1), (40, 0.5), (25, 0.9), (100_000, 0.3), (1_000_000, 0.999_999)]
    {
        let of = n as f64;
        let share = |k: f64| (choose(of, k) + k * p.ln() + (of - k) * (-p).ln_1p()).exp();
        check_counts(&format!("binomial {n} {p}"), random.binomial([COUNT], n, p, 9000), 0, share);
    }
    for (n, p) in [(0.5, 0.2_f64), (3.0, 0.5), (70.0, 0.9)] {
        let share = |k: f64| {
            (ln_gamma(n + k) - ln_gamma(n) - ln_gamma(k + 1.0) + n * p.ln() + k * (-p).ln_1p())
                .exp()
        };
        let x = random.negative_binomial([COUNT], n, p, 9000);
        check_counts(&format!("negative_binomial {n} {p}"), x, 0, share);
    }
    for [good, bad, sample] in
        [[5, 3, 4], [3, 50, 50], [400, 300, 60], [1000, 20, 900], [2000, 3000, 2500]]
    {
        let [g, b, s] = [good, bad, sample].map(|n| n as f64);
        let share = |k: f64| {
            if k > g || s - k > b || k > s {
                0.0
            } else {
                (choose(g, k) + choose(b, s - k) - choose(g + b, s)).exp()
            }
        };
        let x = random.hypergeometric([COUNT], [good, bad, sample], 9000);
        check_counts(&format!("hypergeometric {good} {bad} {sample}"), x, 0, share);
    }
    for p in [0.1_f64, 0.6, 0.99] {
        let share = |k: f64| (k * p.ln()).exp() / -k / (-p).ln_1p();
        check_counts(&format!("logseries {p}"), random.logseries([COUNT], p, 9000), 1, share);
    }
    for a in [1.7_f64, 2.0, 5.0] {
        let steps = 100_000;
        // By Euler and Maclaurin behind what is summed.
        let n = f64::from(steps);
        let zeta = (1..steps).map(f64::from).map(|k| k.powf(-a)).sum::<f64>()
            + n.powf(1.0 - a) / (a - 1.0)
            + 0.5 * n.powf(-a);
        // Large ones are few, and come together.
        let x = random.zipf([COUNT], a, 9000).map_named("few", |x| x.min(1000));
        let share = |k: f64| if k < 1000.0 { k.powf(-a) / zeta } else { 0.0 };
        let x = x.compute().unwrap().iter().copied().filter(|&x| x < 1000).collect::<Array1<_>>();
        let below = (1..1000).map(f64::from).map(share).sum::<f64>();
        let kept = x.len() as f64 / COUNT as f64;
        assert!((kept - below).abs() * (COUNT as f64).sqrt() < 1.95, "zipf {a}: {kept} {below}");
        check_counts(&format!("zipf {a}"), Array::from_ndarray(x, 5000), 1, |k| share(k) / below);
    }
}

#[test]
fn trials_of_several_ends_come_to_all() {
    let probabilities = [0.1, 0.0, 0.6, 0.3];
    let mut random = Random::new(2030);
    let x = random.multinomial([COUNT], 20, &probabilities, 9000);
    let all = x.compute().unwrap();
    assert!(all.rows().into_iter().all(|row| row.sum() == 20));
    for (axis, p) in probabilities.into_iter().enumerate() {
        let column: Array1<i64> = all.slice(s![.., axis]).to_owned();
        let share = |k: f64| {
            let choose = ln_gamma(21.0) - ln_gamma(k + 1.0) - ln_gamma(21.0 - k);
            match (p > 0.0, k) {
                (false, 0.0) => 1.0,
                (false, _) => 0.0,
                _ => (choose + k * f64::ln(p) + (20.0 - k) * f64::ln(1.0 - p)).exp(),
            }
        };
        check_counts(&format!("multinomial {axis}"), Array::from_ndarray(column, 5000), 0, share);
    }
}

/// All that is drawn so.
fn all(shape: [usize; 2], chunks: [usize; 2]) -> Vec<ArrayD<f64>> {
    let mut random = Random::new(7);
    let settings = Settings::new().threads(1 + chunks[0] % 3);
    let floats = [
        random.standard_gamma(shape, 0.7, chunks),
        random.chisquare(shape, 3.0, chunks),
        random.beta(shape, [2.0, 3.0], chunks),
        random.f(shape, [2.0, 3.0], chunks),
        random.standard_t(shape, 2.0, chunks),
        random.noncentral_chisquare(shape, [2.0, 3.0], chunks),
        random.noncentral_f(shape, [2.0, 3.0, 1.0], chunks),
        random.wald(shape, [2.0, 3.0], chunks),
        random.vonmises(shape, [2.0, 3.0], chunks),
    ];
    let counts = [
        random.poisson(shape, 20.0, chunks),
        random.binomial(shape, 90, 0.4, chunks),
        random.negative_binomial(shape, 5.0, 0.4, chunks),
        random.hypergeometric(shape, [50, 60, 30], chunks),
        random.logseries(shape, 0.5, chunks),
        random.zipf(shape, 2.5, chunks),
    ];
    let rows = random.multinomial(shape, 9, &[0.5, 0.25, 0.25], [chunks[0], chunks[1], 2]);
    let floats = floats.iter().map(|x| settings.compute(x).unwrap().into_dyn());
    let counts = counts.iter().map(|x| settings.compute(x).unwrap().mapv(|x| x as f64).into_dyn());
    let rows = settings.compute(&rows).unwrap().mapv(|x| x as f64);
    floats.chain(counts).chain([rows]).collect()
}

#[test]
fn elements_know_their_place() {
    let whole = all([13, 9], [13, 9]);
    for chunks in [[1, 9], [5, 2], [4, 4]] {
        assert_eq!(all([13, 9], chunks), whole);
    }
    // Each is another array, and none is one number.
    for (i, x) in whole.iter().enumerate() {
        assert!(x.iter().any(|of| *of != x[[0; 3][..x.ndim()].as_ref()]), "{i}");
        assert!(whole[..i].iter().all(|y| y != x), "{i}");
    }
    // Part of an array is that part.
    let x = Random::new(7).standard_gamma([13, 9], 0.7, 4).slice(s![5..9, 3]);
    assert_eq!(x.compute().unwrap().into_dyn(), whole[0].slice(s![5..9, 3]).to_owned().into_dyn());
    assert_eq!(Random::new(1).poisson([], 3.0, 1).compute().unwrap().len(), 1);
    assert_eq!(Random::new(1).poisson([0, 3], 3.0, 1).compute().unwrap().len(), 0);
}

#[test]
fn parameters_that_cannot_be() {
    let mut random = Random::new(1);
    let refused = |x: Array<f64, Ix1>, told: &str| {
        let error = x.compute().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Value);
        assert!(error.to_string().starts_with(&format!("argument {told}")), "{error}");
    };
    refused(random.standard_gamma([1], -1.0, 1), "`k` is -1, but must be 0 or more and finite");
    refused(random.chisquare([1], 0.0, 1), "`df` is 0, but must be above 0");
    refused(random.beta([1], [f64::NAN, 1.0], 1), "`a` is NaN");
    refused(random.f([1], [1.0, f64::INFINITY], 1), "`dfden` is inf");
    refused(random.wald([1], [1.0, -0.0], 1), "`scale` is -0");
    refused(random.vonmises([1], [f64::INFINITY, 1.0], 1), "`mu` is inf, but must be finite");
    refused(random.noncentral_f([1], [1.0, 1.0, -2.0], 1), "`nonc` is -2");
    let refused = |x: Array<i64, Ix1>, told: &str| {
        let error = x.compute().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Value);
        assert!(error.to_string().starts_with(&format!("argument {told}")), "{error}");
    };
    refused(random.poisson([1], -1.0, 1), "`lam` is -1");
    refused(random.poisson([1], 1e30, 1), "`lam` is 1");
    refused(random.binomial([1], 1, f64::NAN, 1), "`p` is NaN, but a probability is from 0 to 1");
    refused(random.binomial([1], u64::MAX, 0.5, 1), "`n` is 18446744073709551615");
    refused(random.negative_binomial([1], 1.0, 0.0, 1), "`n` and `p` are 1 and 0");
    refused(random.hypergeometric([1], [1, 2, 4], 1), "`good`, `bad` and `sample` are 1, 2 and 4");
    refused(random.logseries([1], 1.0, 1), "`p` is 1");
    refused(random.zipf([1], 1.0, 1), "`a` is 1");
    for probabilities in [&[][..], &[0.7, 0.7, 0.0], &[-0.1, 1.1]] {
        let error = random.multinomial([2], 3, probabilities, 1).compute().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Value);
    }
    // The ends of what can be.
    assert_eq!(random.binomial([3], 9, 1.0, 1).compute().unwrap().to_vec(), [9; 3]);
    assert_eq!(random.binomial([3], 0, 0.5, 1).compute().unwrap().to_vec(), [0; 3]);
    assert_eq!(random.poisson([3], 0.0, 1).compute().unwrap().to_vec(), [0; 3]);
    assert_eq!(random.hypergeometric([3], [4, 0, 3], 1).compute().unwrap().to_vec(), [3; 3]);
    assert_eq!(random.logseries([3], 0.0, 1).compute().unwrap().to_vec(), [1; 3]);
}
