// `|x| = n ln 2 + r`. With `p = (2^n + 2^-n) / 2` and `m = (2^n - 2^-n) / 2`,
// `sinh x = m cosh r + p sinh r` and `cosh x = p cosh r + m sinh r`. The hyperbolic tangent is
// `E / (E + 2)` with `E = e^(2 |x|) - 1`.

// `(p, m)`, of each a quarter, since `2^n` alone could overflow.
fn tenfold_both_powers_f32(n: i32) -> vec2<f32> {
    let up = tenfold_scale_f32(1.0, n - 3);
    let down = tenfold_scale_f32(1.0, -n - 3);
    return vec2<f32>(up + down, up - down);
}

// `sinh r - r` and `cosh r - 1`.
fn tenfold_both_near_f32(r: f32) -> vec2<f32> {
    let z = r * r;
    let s = 0.16666667 + z * (0.008333175 + z * 0.00019974123);
    let c = 0.04166646 + z * 0.0013935395;
    return vec2<f32>(r * z * s, 0.5 * z + z * z * c);
}

fn tenfold_sinh_f32(x: f32) -> f32 {
    let a = min(abs(x), 90.0);
    let n = round(a * 1.442695);
    let r = tenfold_rest_f32(a, n);
    let b = tenfold_both_powers_f32(i32(n));
    let near = tenfold_both_near_f32(r);
    let y = ((b.y + b.x * r) + (b.y * near.y + b.x * near.x)) * 4.0;
    // A quarter of a subnormal is not exact.
    let same = abs(x) < 1e-30 || tenfold_is_nan_f32(x);
    return select(tenfold_flip_f32(y, tenfold_sign_f32(x)), x, same);
}

fn tenfold_cosh_f32(x: f32) -> f32 {
    let a = min(abs(x), 90.0);
    let n = round(a * 1.442695);
    let r = tenfold_rest_f32(a, n);
    let b = tenfold_both_powers_f32(i32(n));
    let near = tenfold_both_near_f32(r);
    let y = (b.x + (b.y * r + (b.x * near.y + b.y * near.x))) * 4.0;
    return select(y, x, tenfold_is_nan_f32(x));
}

fn tenfold_tanh_f32(x: f32) -> f32 {
    let a = min(2.0 * abs(x), 20.0);
    let n = round(a * 1.442695);
    let t = tenfold_scale_f32(1.0, i32(n));
    let e = t * tenfold_exp_m1_near_f32(tenfold_rest_f32(a, n)) + (t - 1.0);
    let y = tenfold_flip_f32(e / (e + 2.0), tenfold_sign_f32(x));
    return select(y, x, tenfold_is_nan_f32(x));
}

// `ln(a + sqrt(a^2 + 1))`; of large numbers that of `2 a`.
fn tenfold_asinh_f32(x: f32) -> f32 {
    let a = abs(x);
    let square = a * a;
    let near = tenfold_ln_1p_f32(a + square / (1.0 + sqrt(1.0 + square)));
    let y = select(near, tenfold_ln_f32(a) + 0.6931472, a > 16384.0);
    return select(tenfold_flip_f32(y, tenfold_sign_f32(x)), x, tenfold_is_nan_f32(x));
}

// `ln(x + sqrt(x^2 - 1))` by what `x` is above 1; of large numbers that of `2 x`.
fn tenfold_acosh_f32(x: f32) -> f32 {
    if tenfold_is_nan_f32(x) || x < 1.0 {
        return tenfold_nan_f32();
    }
    let f = x - 1.0;
    let near = tenfold_ln_1p_f32(f + sqrt(2.0 * f + f * f));
    return select(near, tenfold_ln_f32(x) + 0.6931472, x > 16384.0);
}

// Half of `ln((1 + a) / (1 - a))`.
fn tenfold_atanh_f32(x: f32) -> f32 {
    let a = abs(x);
    if tenfold_is_nan_f32(x) || a > 1.0 {
        return tenfold_nan_f32();
    }
    let twice = a + a;
    let near = 0.5 * tenfold_ln_1p_f32(twice + twice * a / (1.0 - a));
    let y = select(near, tenfold_infinity_f32(), a == 1.0);
    return tenfold_flip_f32(y, tenfold_sign_f32(x));
}
