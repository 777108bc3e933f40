// `x^y = 2^(y log2 x)`. As `y log2 x` reaches 1075, an error of the logarithm grows by that: it is
// computed to 68 bits, as a sum of two numbers. Every product in it whose rounding would count is
// one of short numbers, and exact.
//
// `|x| = m 2^e`, and one of three factors brings `m` to `1 + f` with `|f| <= 1/5`, exactly; then
// `log2(1 + f) = s (c1 + c3 z + z^2 Q(z))` with `s = f / (2 + f)`, `z = s^2 <= 1/121`.

// `log2 x` in two parts, the first of 26 bits.
fn tenfold_log2_parts_f64(x: f64) -> vec2<f64> {
    let me = tenfold_split_f64(x);
    let quarter = select(select(0.0lf, -0.25lf, me.x > 1.2), 0.25lf, me.x < 0.875);
    var log = vec2<f64>(0.0, 0.0);
    if me.x < 0.875 {
        log = vec2<f64>(-0.3219280948874257, 6.33385952568616e-14);
    } else if me.x > 1.2 {
        log = vec2<f64>(0.4150374992786965, 1.4733181985781966e-13);
    }
    let f = (me.x - 1.0) + quarter * me.x;
    // s, by the rest of the division; 1 / (2 + f) = (1 - s) / 2.
    let d = tenfold_chop_f64(2.0 + f);
    let s = f / (2.0 + f);
    let s_high = tenfold_chop_f64(s);
    let s_low = ((f - s_high * d) - s_high * (f - (d - 2.0))) * (0.5 - 0.5 * s);
    let z = s * s;
    let q = 0.577078016355584 + z * (0.4121985831134788 + z * (0.32059889654163615
        + z * (0.2623086189695232 + z * (0.2218852695409826 + z * 0.19776044901672654))));
    // c3 + z Q
    let t = tenfold_chop_f64(0.9617966939259756 + z * q);
    let t_low = ((0.9617966939259756 - t) + z * q) + 5.0577616648125907e-17;
    // z (c3 + z Q)
    let square = s_high * s_high;
    let z_high = tenfold_chop_f64(square);
    let z_low = (square - z_high) + s_low * (s_high + s);
    let w = z_high * t;
    let w_low = z_low * t + z * t_low;
    // c1 + z (c3 + z Q)
    let u = tenfold_chop_f64(2.8853900817779268 + w);
    let u_low = ((2.8853900817779268 - u) + w) + (w_low + 4.0710547481862066e-17);
    let l = s_high * u;
    let l_low = s_high * u_low + s_low * (u + u_low);
    let whole = me.y + log.x;
    let high = tenfold_chop_f64(whole + l);
    return vec2<f64>(high, ((whole - high) + l) + (l_low + log.y));
}

// 0 for a number that is no integer, 1 for an odd one, 2 for an even one or infinity. By bits,
// since a device may take large numbers of f64 for integers.
fn tenfold_parity_f64(x: f64) -> u32 {
    let size = bitcast<u64>(x) & 0x7ffffffffffffffflu;
    let e = i32(size >> 52u) - 1023;
    if e < 0 {
        return select(0u, 2u, size == 0lu);
    }
    if e > 52 {
        return 2u;
    }
    let places = 52u - u32(e);
    if (size & ((1lu << places) - 1lu)) != 0lu {
        return 0u;
    }
    // Of 1 the last bit of the exponent, which is set.
    return 2u - u32((size >> places) & 1lu);
}

// What the formula of `|x|^y` does not give: signs, and all that is 0, infinite or NaN.
fn tenfold_powf_special_f64(x: f64, y: f64, power: f64) -> f64 {
    let x_bits = bitcast<u64>(x);
    let size = x_bits & 0x7ffffffffffffffflu;
    let y_size = bitcast<u64>(y) & 0x7ffffffffffffffflu;
    let one = bitcast<u64>(1.0lf);
    if x_bits == one || y_size == 0lu {
        return 1.0;
    }
    if size > 0x7ff0000000000000lu || y_size > 0x7ff0000000000000lu {
        return tenfold_nan_f64();
    }
    let parity = tenfold_parity_f64(y);
    if x_bits > 0x8000000000000000lu && size < 0x7ff0000000000000lu && parity == 0u {
        return tenfold_nan_f64();
    }
    var result = power;
    if size == one {
        result = 1.0;
    } else if size == 0lu || size == 0x7ff0000000000000lu || y_size == 0x7ff0000000000000lu {
        let up = (size > one) == (tenfold_sign_f64(y) == 0lu);
        result = select(0.0lf, tenfold_infinity_f64(), up);
    }
    return tenfold_flip_f64(result, select(0lu, tenfold_sign_f64(x), parity == 1u));
}

fn tenfold_powf_f64(x: f64, y: f64) -> f64 {
    let log = tenfold_log2_parts_f64(abs(x));
    let first = tenfold_chop_f64(y);
    let p = first * log.x;
    let fits = abs(p) < 1200.0;
    let high = select(select(-1100.0lf, 1100.0lf, p > 0.0), p, fits);
    // Where the product overflows, the low part is NaN.
    let low = select(0.0lf, (y - first) * log.x + y * log.y, fits);
    let n = tenfold_within_f64(round(high + low), -1080.0, 1024.0);
    let r = tenfold_within_f64((high - n) + low, -0.75, 0.75);
    let c = 0.24022650695910122 + r * (0.0555041086648207 + r * (0.009618129107596945
        + r * (0.001333355814669759 + r * (0.00015403530454147386
        + r * (1.5252733533783596e-05 + r * (1.3215436556419335e-06
        + r * (1.017819073898452e-07 + r * (7.073590143822422e-09
        + r * 4.4353094496345944e-10))))))));
    let power = tenfold_scale_f64(1.0 + (r * 0.6931471805599453 + r * r * c), i32(n));
    return tenfold_powf_special_f64(x, y, power);
}

// By squares, as on processors.
fn tenfold_powi_f64(x: f64, y: i32) -> f64 {
    var result = f64(1.0);
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
