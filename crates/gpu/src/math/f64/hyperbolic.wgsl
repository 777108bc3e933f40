// `|x| = n ln 2 + r`. With `p = (2^n + 2^-n) / 2` and `m = (2^n - 2^-n) / 2`,
// `sinh x = m cosh r + p sinh r` and `cosh x = p cosh r + m sinh r`. The hyperbolic tangent is
// `E / (E + 2)` with `E = e^(2 |x|) - 1`.

// `(p, m)`, of each a quarter, since `2^n` alone could overflow.
fn tenfold_both_powers_f64(n: i32) -> vec2<f64> {
    let up = tenfold_scale_f64(1.0, n - 3);
    let down = tenfold_scale_f64(1.0, -n - 3);
    return vec2<f64>(up + down, up - down);
}

// `sinh r - r` and `cosh r - 1`.
fn tenfold_both_near_f64(r: f64) -> vec2<f64> {
    let z = r * r;
    let s = 0.16666666666666677 + z * (0.008333333333321624 + z * (0.00019841269886133723
        + z * (2.755724420973952e-06 + z * 2.510903428107179e-08)));
    let c = 0.04166666666660289 + z * (0.001388888892722426 + z * (2.4801508154230078e-05
        + z * 2.7625392443538134e-07));
    return vec2<f64>(r * z * s, 0.5 * z + z * z * c);
}

fn tenfold_sinh_f64(x: f64) -> f64 {
    let a = min(abs(x), 711.0);
    let n = round(a * 1.4426950408889634);
    let r = tenfold_rest_f64(a, n);
    let b = tenfold_both_powers_f64(i32(n));
    let near = tenfold_both_near_f64(r);
    let y = ((b.y + b.x * r) + (b.y * near.y + b.x * near.x)) * 4.0;
    // A quarter of a subnormal is not exact.
    let same = abs(x) < 1e-290 || tenfold_is_nan_f64(x);
    return select(tenfold_flip_f64(y, tenfold_sign_f64(x)), x, same);
}

fn tenfold_cosh_f64(x: f64) -> f64 {
    let a = min(abs(x), 711.0);
    let n = round(a * 1.4426950408889634);
    let r = tenfold_rest_f64(a, n);
    let b = tenfold_both_powers_f64(i32(n));
    let near = tenfold_both_near_f64(r);
    let y = (b.x + (b.y * r + (b.x * near.y + b.y * near.x))) * 4.0;
    return select(y, x, tenfold_is_nan_f64(x));
}

fn tenfold_tanh_f64(x: f64) -> f64 {
    let a = min(2.0 * abs(x), 40.0);
    let n = round(a * 1.4426950408889634);
    let t = tenfold_scale_f64(1.0, i32(n));
    let e = t * tenfold_exp_m1_near_f64(tenfold_rest_f64(a, n)) + (t - 1.0);
    let y = tenfold_flip_f64(e / (e + 2.0), tenfold_sign_f64(x));
    return select(y, x, tenfold_is_nan_f64(x));
}

// `ln(a + sqrt(a^2 + 1))`; of large numbers that of `2 a`.
fn tenfold_asinh_f64(x: f64) -> f64 {
    let a = abs(x);
    let square = a * a;
    let near = tenfold_ln_1p_f64(a + square / (1.0 + sqrt(1.0 + square)));
    let y = select(near, tenfold_ln_f64(a) + 0.6931471805599453, a > 268435456.0);
    return select(tenfold_flip_f64(y, tenfold_sign_f64(x)), x, tenfold_is_nan_f64(x));
}

// `ln(x + sqrt(x^2 - 1))` by what `x` is above 1; of large numbers that of `2 x`.
fn tenfold_acosh_f64(x: f64) -> f64 {
    if tenfold_is_nan_f64(x) || x < 1.0 {
        return tenfold_nan_f64();
    }
    let f = x - 1.0;
    let near = tenfold_ln_1p_f64(f + sqrt(2.0 * f + f * f));
    return select(near, tenfold_ln_f64(x) + 0.6931471805599453, x > 268435456.0);
}

// Half of `ln((1 + a) / (1 - a))`.
fn tenfold_atanh_f64(x: f64) -> f64 {
    let a = abs(x);
    if tenfold_is_nan_f64(x) || a > 1.0 {
        return tenfold_nan_f64();
    }
    let twice = a + a;
    let near = 0.5 * tenfold_ln_1p_f64(twice + twice * a / (1.0 - a));
    let y = select(near, tenfold_infinity_f64(), a == 1.0);
    return tenfold_flip_f64(y, tenfold_sign_f64(x));
}
