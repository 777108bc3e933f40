// `x = m 2^e` with `0.75 <= m < 1.5`, and `f = m - 1`. Around `x = 1` the exponent is 0, so that
// nothing cancels.

// The logarithm of what is not a positive finite number; of others `y`.
fn tenfold_ln_special_f32(x: f32, y: f32) -> f32 {
    let bits = bitcast<u32>(x);
    let size = bits & 0x7fffffffu;
    if size == 0u {
        return -tenfold_infinity_f32();
    }
    if size > 0x7f800000u || bits == 0x7f800000u {
        return x;
    }
    if bits > 0x80000000u {
        return tenfold_nan_f32();
    }
    return y;
}

// What `ln(1 + f)` has after `f - f^2 / 2`.
fn tenfold_ln_tail_f32(f: f32) -> f32 {
    let p = 0.33333337 + f * (-0.25000155 + f * (0.19999725 + f * (-0.16655795
        + f * (0.14274804 + f * (-0.12720332 + f * (0.11701423 + f * (-0.09148107
        + f * 0.03799085)))))));
    return f * (f * f) * p;
}

// `ln(1 + f) + e ln 2 + lost`.
fn tenfold_ln_sum_f32(f: f32, e: f32, lost: f32) -> f32 {
    let half = 0.5 * f * f;
    let tail = tenfold_ln_tail_f32(f) + (e * 3.1946183e-5 + lost);
    return e * 0.69311523 - ((half - tail) - f);
}

fn tenfold_ln_f32(x: f32) -> f32 {
    let me = tenfold_split_f32(x);
    return tenfold_ln_special_f32(x, tenfold_ln_sum_f32(me.x - 1.0, me.y, 0.0));
}

// Of `u = 1 + x`, whose rounding error is put back as `error / u`.
fn tenfold_ln_1p_f32(x: f32) -> f32 {
    let u = x + 1.0;
    let me = tenfold_split_f32(u);
    // By the first bits of `u`: sums of the same numbers may be taken for each other.
    let first = tenfold_chop_f32(u);
    let error = ((max(x, 1.0) - first) + min(x, 1.0)) - (u - first);
    // Where u is around 1, f is x itself.
    let near = me.y == 0.0;
    let lost = select(error / u, 0.0f, near);
    let y = tenfold_ln_sum_f32(select(me.x - 1.0, x, near), me.y, lost);
    return select(tenfold_ln_special_f32(u, y), x, abs(x) < 1e-18 || tenfold_is_nan_f32(x));
}

// `ln(1 + f)` in two parts, the first of 12 bits.
fn tenfold_ln_parts_f32(f: f32) -> vec2<f32> {
    let half = 0.5 * f * f;
    let high = tenfold_chop_f32(f - half);
    return vec2<f32>(high, ((f - high) - half) + tenfold_ln_tail_f32(f));
}

// `whole + (l.x + l.y) (c.x + c.y)`, with a short first part of both.
fn tenfold_ln_of_base_f32(whole: f32, l: vec2<f32>, c: vec2<f32>, rest: f32) -> f32 {
    let product = l.x * c.x;
    let high = tenfold_chop_f32(whole + product);
    return high + (((whole - high) + product) + (((l.x + l.y) * c.y + l.y * c.x) + rest));
}

fn tenfold_log2_f32(x: f32) -> f32 {
    let me = tenfold_split_f32(x);
    let l = tenfold_ln_parts_f32(me.x - 1.0);
    let c = vec2<f32>(1.4428711, -0.00017605285);
    return tenfold_ln_special_f32(x, tenfold_ln_of_base_f32(me.y, l, c, 0.0));
}

fn tenfold_log10_f32(x: f32) -> f32 {
    let me = tenfold_split_f32(x);
    let l = tenfold_ln_parts_f32(me.x - 1.0);
    let c = vec2<f32>(0.43432617, -3.168997e-05);
    let whole = me.y * 0.3010254;
    let y = tenfold_ln_of_base_f32(whole, l, c, me.y * 4.605039e-06);
    return tenfold_ln_special_f32(x, y);
}
