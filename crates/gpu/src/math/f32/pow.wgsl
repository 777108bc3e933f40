// `x^y = 2^(y log2 x)`. As `y log2 x` reaches 150, an error of the logarithm grows by that: it is
// computed to 34 bits, as a sum of two numbers. Every product in it whose rounding would count is
// one of short numbers, and exact.
//
// `|x| = m 2^e`, and one of three factors brings `m` to `1 + f` with `|f| <= 1/5`, exactly; then
// `log2(1 + f) = s (c1 + c3 z + z^2 Q(z))` with `s = f / (2 + f)`, `z = s^2 <= 1/121`.

// `log2 x` in two parts, the first of 12 bits.
fn tenfold_log2_parts_f32(x: f32) -> vec2<f32> {
    let me = tenfold_split_f32(x);
    let quarter = select(select(0.0f, -0.25f, me.x > 1.2), 0.25f, me.x < 0.875);
    var log = vec2<f32>(0.0, 0.0);
    if me.x < 0.875 {
        log = vec2<f32>(-0.3218994, -2.8680824e-05);
    } else if me.x > 1.2 {
        log = vec2<f32>(0.41503906, -1.5632212e-06);
    }
    let f = (me.x - 1.0) + quarter * me.x;
    // s, by the rest of the division; 1 / (2 + f) = (1 - s) / 2.
    let d = tenfold_chop_f32(2.0 + f);
    let s = f / (2.0 + f);
    let s_high = tenfold_chop_f32(s);
    let s_low = ((f - s_high * d) - s_high * (f - (d - 2.0))) * (0.5 - 0.5 * s);
    let z = s * s;
    let q = 0.57707804 + z * (0.41219857 + z * 0.3205989);
    // c3 + z Q
    let t = tenfold_chop_f32(0.9617967 + z * q);
    let t_low = ((0.9617967 - t) + z * q) + -7.028462e-09;
    // z (c3 + z Q)
    let square = s_high * s_high;
    let z_high = tenfold_chop_f32(square);
    let z_low = (square - z_high) + s_low * (s_high + s);
    let w = z_high * t;
    let w_low = z_low * t + z * t_low;
    // c1 + z (c3 + z Q)
    let u = tenfold_chop_f32(2.88539 + w);
    let u_low = ((2.88539 - u) + w) + (w_low + 3.851926e-08);
    let l = s_high * u;
    let l_low = s_high * u_low + s_low * (u + u_low);
    let whole = me.y + log.x;
    let high = tenfold_chop_f32(whole + l);
    return vec2<f32>(high, ((whole - high) + l) + (l_low + log.y));
}

// 0 for a number that is no integer, 1 for an odd one, 2 for an even one or infinity. By bits,
// since a device may take large numbers of f64 for integers.
fn tenfold_parity_f32(x: f32) -> u32 {
    let size = bitcast<u32>(x) & 0x7fffffffu;
    let e = i32(size >> 23u) - 127;
    if e < 0 {
        return select(0u, 2u, size == 0u);
    }
    if e > 23 {
        return 2u;
    }
    let places = 23u - u32(e);
    if (size & ((1u << places) - 1u)) != 0u {
        return 0u;
    }
    // Of 1 the last bit of the exponent, which is set.
    return 2u - u32((size >> places) & 1u);
}

// What the formula of `|x|^y` does not give: signs, and all that is 0, infinite or NaN.
fn tenfold_powf_special_f32(x: f32, y: f32, power: f32) -> f32 {
    let x_bits = bitcast<u32>(x);
    let size = x_bits & 0x7fffffffu;
    let y_size = bitcast<u32>(y) & 0x7fffffffu;
    let one = bitcast<u32>(1.0f);
    if x_bits == one || y_size == 0u {
        return 1.0;
    }
    if size > 0x7f800000u || y_size > 0x7f800000u {
        return tenfold_nan_f32();
    }
    let parity = tenfold_parity_f32(y);
    if x_bits > 0x80000000u && size < 0x7f800000u && parity == 0u {
        return tenfold_nan_f32();
    }
    var result = power;
    if size == one {
        result = 1.0;
    } else if size == 0u || size == 0x7f800000u || y_size == 0x7f800000u {
        let up = (size > one) == (tenfold_sign_f32(y) == 0u);
        result = select(0.0f, tenfold_infinity_f32(), up);
    }
    return tenfold_flip_f32(result, select(0u, tenfold_sign_f32(x), parity == 1u));
}

fn tenfold_powf_f32(x: f32, y: f32) -> f32 {
    let log = tenfold_log2_parts_f32(abs(x));
    let first = tenfold_chop_f32(y);
    let p = first * log.x;
    let fits = abs(p) < 200.0;
    let high = select(select(-170.0f, 170.0f, p > 0.0), p, fits);
    // Where the product overflows, the low part is NaN.
    let low = select(0.0f, (y - first) * log.x + y * log.y, fits);
    let n = tenfold_within_f32(round(high + low), -155.0, 128.0);
    let r = tenfold_within_f32((high - n) + low, -0.75, 0.75);
    let c = 0.24022648 + r * (0.055503625 + r * (0.009618516 + r * (0.0013390047
        + r * 0.0001532168)));
    let power = tenfold_scale_f32(1.0 + (r * 0.6931472 + r * r * c), i32(n));
    return tenfold_powf_special_f32(x, y, power);
}

// By squares, as on processors.
fn tenfold_powi_f32(x: f32, y: i32) -> f32 {
    var result = f32(1.0);
    var power = x;
    var rest = select(u32(y), 0u - u32(y), y < 0);
    loop {
        if rest == 0u {
            break;
        }
        if (rest & 1u) == 1u {
            result = result * power;
        }
        power = power * power;
        rest = rest >> 1u;
    }
    if y < 0 {
        return 1.0 / result;
    }
    return result;
}
