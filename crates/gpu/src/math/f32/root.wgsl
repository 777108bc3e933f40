// Roots. A reciprocal root is a division by the root; special numbers are told by their bits.

fn tenfold_rsqrt_f32(x: f32) -> f32 {
    let bits = bitcast<u32>(x);
    let size = bits & 0x7fffffffu;
    if size == 0u {
        return tenfold_flip_f32(tenfold_infinity_f32(), bits);
    }
    if bits == 0x7f800000u {
        return 0.0;
    }
    if size > 0x7f800000u || bits > 0x80000000u {
        return tenfold_nan_f32();
    }
    return 1.0 / sqrt(x);
}

// `|x| = m 2^(3k + j)` with `j` from -1 to 1. The polynomial for `m^(-1/3)`, a step of third
// order, and a last one from a root `t` of 12 bits: what is left of `m - t^3` has no error.
fn tenfold_cbrt_f32(x: f32) -> f32 {
    let size = bitcast<u32>(x) & 0x7fffffffu;
    if size == 0u || size >= 0x7f800000u {
        return x;
    }
    let me = tenfold_split_f32(abs(x));
    let k = round(me.y * 0.33333334);
    let j = me.y - 3.0 * k;
    let a = me.x;
    var y = 1.6970673 + a * (-1.1886384 + a * (0.62175715 + a * -0.13028261));
    var m = a;
    if j > 0.0 {
        y = y * 0.7937005;
        m = a * 2.0;
    } else if j < 0.0 {
        y = y * 1.2599211;
        m = a * 0.5;
    }
    let error = 1.0 - (m * y) * (y * y);
    let z = y + (y * error) * (0.33333334 + 0.22222222 * error);
    let r = m * (z * z);
    let t = tenfold_chop_f32(r);
    let square = t * t;
    let first = tenfold_chop_f32(square);
    let rest = (m - first * t) - (square - first) * t;
    let root = t + rest / (r * r + (r * t + square));
    let scaled = tenfold_scale_f32(root, i32(k));
    return tenfold_flip_f32(scaled, tenfold_sign_f32(x));
}

fn tenfold_hypot_f32(x: f32, y: f32) -> f32 {
    let x_size = bitcast<u32>(x) & 0x7fffffffu;
    let y_size = bitcast<u32>(y) & 0x7fffffffu;
    if x_size == 0x7f800000u || y_size == 0x7f800000u {
        return tenfold_infinity_f32();
    }
    if x_size > 0x7f800000u || y_size > 0x7f800000u {
        return tenfold_nan_f32();
    }
    // So that squares neither overflow nor vanish.
    let size = max(x_size, y_size);
    var by = 1.0f;
    var back = 1.0f;
    if size > 0x5d000000u {
        by = 8.271806e-25;
        back = 1.2089258e24;
    } else if size < 0x2b000000u {
        by = 1.2089258e24;
        back = 8.271806e-25;
    }
    let a = bitcast<f32>(x_size) * by;
    let b = bitcast<f32>(y_size) * by;
    return sqrt(a * a + b * b) * back;
}
