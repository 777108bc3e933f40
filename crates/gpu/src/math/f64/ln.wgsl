// `x = m 2^e` with `0.75 <= m < 1.5`, and `f = m - 1`. Around `x = 1` the exponent is 0, so that
// nothing cancels.

// The logarithm of what is not a positive finite number; of others `y`.
fn tenfold_ln_special_f64(x: f64, y: f64) -> f64 {
    let bits = bitcast<u64>(x);
    let size = bits & 0x7ffffffffffffffflu;
    if size == 0lu {
        return -tenfold_infinity_f64();
    }
    if size > 0x7ff0000000000000lu || bits == 0x7ff0000000000000lu {
        return x;
    }
    if bits > 0x8000000000000000lu {
        return tenfold_nan_f64();
    }
    return y;
}

// What `ln(1 + f)` has after `f - f^2 / 2`: with `s = f / (2 + f)` it is `s (f^2 / 2 + R(s^2))`,
// where `R` is what the series of `2 atanh s` has after `2 s`.
fn tenfold_ln_tail_f64(f: f64, half: f64) -> f64 {
    let s = f / (2.0 + f);
    let z = s * s;
    let p = 0.666666666666666 + z * (0.40000000000055946 + z * (0.2857142855600663
        + z * (0.22222224276264824 + z * (0.18181667084862962 + z * (0.15391072541823572
        + z * (0.13174260062277018 + z * 0.1383857813893105))))));
    return s * (half + z * p);
}

// `ln(1 + f) + e ln 2 + lost`.
fn tenfold_ln_sum_f64(f: f64, e: f64, lost: f64) -> f64 {
    let half = 0.5 * f * f;
    let tail = tenfold_ln_tail_f64(f, half) + (e * 7.371002565167799e-13 + lost);
    return e * 0.6931471805592082 - ((half - tail) - f);
}

fn tenfold_ln_f64(x: f64) -> f64 {
    let me = tenfold_split_f64(x);
    return tenfold_ln_special_f64(x, tenfold_ln_sum_f64(me.x - 1.0, me.y, 0.0));
}

// Of `u = 1 + x`, whose rounding error is put back as `error / u`.
fn tenfold_ln_1p_f64(x: f64) -> f64 {
    let u = x + 1.0;
    let me = tenfold_split_f64(u);
    // By the first bits of `u`: sums of the same numbers may be taken for each other.
    let first = tenfold_chop_f64(u);
    let error = ((max(x, 1.0) - first) + min(x, 1.0)) - (u - first);
    // Where u is around 1, f is x itself.
    let near = me.y == 0.0;
    let lost = select(error / u, 0.0lf, near);
    let y = tenfold_ln_sum_f64(select(me.x - 1.0, x, near), me.y, lost);
    return select(tenfold_ln_special_f64(u, y), x, abs(x) < 1e-140 || tenfold_is_nan_f64(x));
}

// `ln(1 + f)` in two parts, the first of 26 bits.
fn tenfold_ln_parts_f64(f: f64) -> vec2<f64> {
    let half = 0.5 * f * f;
    let high = tenfold_chop_f64(f - half);
    return vec2<f64>(high, ((f - high) - half) + tenfold_ln_tail_f64(f, half));
}

// `whole + (l.x + l.y) (c.x + c.y)`, with a short first part of both.
fn tenfold_ln_of_base_f64(whole: f64, l: vec2<f64>, c: vec2<f64>, rest: f64) -> f64 {
    let product = l.x * c.x;
    let high = tenfold_chop_f64(whole + product);
    return high + (((whole - high) + product) + (((l.x + l.y) * c.y + l.y * c.x) + rest));
}

fn tenfold_log2_f64(x: f64) -> f64 {
    let me = tenfold_split_f64(x);
    let l = tenfold_ln_parts_f64(me.x - 1.0);
    let c = vec2<f64>(1.4426950514316559, -1.0542692476429138e-08);
    return tenfold_ln_special_f64(x, tenfold_ln_of_base_f64(me.y, l, c, 0.0));
}

fn tenfold_log10_f64(x: f64) -> f64 {
    let me = tenfold_split_f64(x);
    let l = tenfold_ln_parts_f64(me.x - 1.0);
    let c = vec2<f64>(0.4342944845557213, -2.6524694553078553e-09);
    let whole = me.y * 0.30102999566361177;
    let y = tenfold_ln_of_base_f64(whole, l, c, me.y * 3.694239077158931e-13);
    return tenfold_ln_special_f64(x, y);
}
