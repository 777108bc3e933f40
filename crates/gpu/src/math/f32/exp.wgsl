// `x = n ln 2 + r`, a polynomial for `e^r`, and an exact scaling by `2^n`. The first part of ln 2
// is so short that `n` times it is exact. Arguments are clamped to where the result is 0 or
// infinite.

// `x` between bounds; NaN stays.
fn tenfold_within_f32(x: f32, low: f32, high: f32) -> f32 {
    return select(select(x, high, x > high), low, x < low);
}

// `x - n ln 2`.
fn tenfold_rest_f32(x: f32, n: f32) -> f32 {
    return (x - n * 0.69311523) - n * 3.1946183e-5;
}

fn tenfold_exp_f32(x: f32) -> f32 {
    let a = tenfold_within_f32(x, -105.0, 89.0);
    let n = round(a * 1.442695);
    let r = tenfold_rest_f32(a, n);
    let p = 0.49999994 + r * (0.16666521 + r * (0.041668277 + r * (0.008368682
        + r * 0.0013819563)));
    let y = tenfold_scale_f32(1.0 + (r + r * r * p), i32(n));
    return select(y, x, tenfold_is_nan_f32(x));
}

fn tenfold_exp2_f32(x: f32) -> f32 {
    let a = tenfold_within_f32(x, -151.0, 128.0);
    let n = round(a);
    let r = a - n;
    let p = 0.24022648 + r * (0.055503625 + r * (0.009618516 + r * (0.0013390047
        + r * 0.0001532168)));
    let y = tenfold_scale_f32(1.0 + (r * 0.6931472 + r * r * p), i32(n));
    return select(y, x, tenfold_is_nan_f32(x));
}

// `e^r - 1` for what `tenfold_rest` gives.
fn tenfold_exp_m1_near_f32(r: f32) -> f32 {
    let p = 0.5 + r * (0.16666667 + r * (0.04166649 + r * (0.008333211 + r * (0.0013932661
        + r * 0.00019941316))));
    return r + r * r * p;
}

// `(t (e^r - 1) + (t - 1/2)) * 2` with `t = 2^(n - 1)`, which is finite for every result that is.
fn tenfold_exp_m1_f32(x: f32) -> f32 {
    let a = tenfold_within_f32(x, -19.0, 89.0);
    let n = round(a * 1.442695);
    let near = tenfold_exp_m1_near_f32(tenfold_rest_f32(a, n));
    let t = tenfold_scale_f32(1.0, i32(n) - 1);
    let y = (t * near + (t - 0.5)) * 2.0;
    // Halving a subnormal is not exact, and -0 would become 0.
    return select(y, x, abs(x) < 1e-30 || tenfold_is_nan_f32(x));
}
