// `x = n ln 2 + r`, a polynomial for `e^r`, and an exact scaling by `2^n`. The first part of ln 2
// is so short that `n` times it is exact. Arguments are clamped to where the result is 0 or
// infinite.

// `x` between bounds; NaN stays.
fn tenfold_within_f64(x: f64, low: f64, high: f64) -> f64 {
    return select(select(x, high, x > high), low, x < low);
}

// `x - n ln 2`.
fn tenfold_rest_f64(x: f64, n: f64) -> f64 {
    return (x - n * 0.6931471805592082) - n * 7.371002565167799e-13;
}

fn tenfold_exp_f64(x: f64) -> f64 {
    let a = tenfold_within_f64(x, -746.0, 710.0);
    let n = round(a * 1.4426950408889634);
    let r = tenfold_rest_f64(a, n);
    let p = 0.5000000000000011 + r * (0.16666666666666402 + r * (0.041666666666530065
        + r * (0.008333333333501548 + r * (0.0013888888943679827
        + r * (0.00019841269489683397 + r * (2.4801493027283328e-05
        + r * (2.7557602782402834e-06 + r * (2.763027988213608e-07
        + r * 2.4994465411965037e-08))))))));
    let y = tenfold_scale_f64(1.0 + (r + r * r * p), i32(n));
    return select(y, x, tenfold_is_nan_f64(x));
}

fn tenfold_exp2_f64(x: f64) -> f64 {
    let a = tenfold_within_f64(x, -1076.0, 1024.0);
    let n = round(a);
    let r = a - n;
    let p = 0.24022650695910122 + r * (0.0555041086648207 + r * (0.009618129107596945
        + r * (0.001333355814669759 + r * (0.00015403530454147386
        + r * (1.5252733533783596e-05 + r * (1.3215436556419335e-06
        + r * (1.017819073898452e-07 + r * (7.073590143822422e-09
        + r * 4.4353094496345944e-10))))))));
    let y = tenfold_scale_f64(1.0 + (r * 0.6931471805599453 + r * r * p), i32(n));
    return select(y, x, tenfold_is_nan_f64(x));
}

// `e^r - 1` for what `tenfold_rest` gives.
fn tenfold_exp_m1_near_f64(r: f64) -> f64 {
    let p = 0.5 + r * (0.16666666666666677 + r * (0.04166666666666669
        + r * (0.008333333333321565 + r * (0.0013888888888872923
        + r * (0.00019841269886304428 + r * (2.4801587347033723e-05
        + r * (2.7557244019476465e-06 + r * (2.755725556091626e-07
        + r * (2.510910647995305e-08 + r * 2.0920112999119757e-09)))))))));
    return r + r * r * p;
}

// `(t (e^r - 1) + (t - 1/2)) * 2` with `t = 2^(n - 1)`, which is finite for every result that is.
fn tenfold_exp_m1_f64(x: f64) -> f64 {
    let a = tenfold_within_f64(x, -39.0, 710.0);
    let n = round(a * 1.4426950408889634);
    let near = tenfold_exp_m1_near_f64(tenfold_rest_f64(a, n));
    let t = tenfold_scale_f64(1.0, i32(n) - 1);
    let y = (t * near + (t - 0.5)) * 2.0;
    // Halving a subnormal is not exact, and -0 would become 0.
    return select(y, x, abs(x) < 1e-290 || tenfold_is_nan_f64(x));
}
