// Roots. A reciprocal root is a division by the root; special numbers are told by their bits.

fn tenfold_rsqrt_f64(x: f64) -> f64 {
    let bits = bitcast<u64>(x);
    let size = bits & 0x7ffffffffffffffflu;
    if size == 0lu {
        return tenfold_flip_f64(tenfold_infinity_f64(), bits);
    }
    if bits == 0x7ff0000000000000lu {
        return 0.0;
    }
    if size > 0x7ff0000000000000lu || bits > 0x8000000000000000lu {
        return tenfold_nan_f64();
    }
    return 1.0 / sqrt(x);
}

// `|x| = m 2^(3k + j)` with `j` from -1 to 1. The polynomial for `m^(-1/3)`, a step of third
// order, and a last one from a root `t` of 26 bits: what is left of `m - t^3` has no error.
fn tenfold_cbrt_f64(x: f64) -> f64 {
    let size = bitcast<u64>(x) & 0x7ffffffffffffffflu;
    if size == 0lu || size >= 0x7ff0000000000000lu {
        return x;
    }
    let me = tenfold_split_f64(abs(x));
    let k = round(me.y * 0.3333333333333333);
    let j = me.y - 3.0 * k;
    let a = me.x;
    var y = 1.838080367086798 + a * (-1.7212294348728332 + a * (1.3608499884067158
        + a * (-0.5771946350749896 + a * 0.09945611345945046)));
    var m = a;
    if j > 0.0 {
        y = y * 0.7937005259840998;
        m = a * 2.0;
    } else if j < 0.0 {
        y = y * 1.2599210498948732;
        m = a * 0.5;
    }
    let error = 1.0 - (m * y) * (y * y);
    let z = y + (y * error) * (0.3333333333333333 + 0.2222222222222222 * error);
    let r = m * (z * z);
    let t = tenfold_chop_f64(r);
    let square = t * t;
    let first = tenfold_chop_f64(square);
    let rest = (m - first * t) - (square - first) * t;
    let root = t + rest / (r * r + (r * t + square));
    let scaled = tenfold_scale_f64(root, i32(k));
    return tenfold_flip_f64(scaled, tenfold_sign_f64(x));
}

fn tenfold_hypot_f64(x: f64, y: f64) -> f64 {
    let x_size = bitcast<u64>(x) & 0x7ffffffffffffffflu;
    let y_size = bitcast<u64>(y) & 0x7ffffffffffffffflu;
    if x_size == 0x7ff0000000000000lu || y_size == 0x7ff0000000000000lu {
        return tenfold_infinity_f64();
    }
    if x_size > 0x7ff0000000000000lu || y_size > 0x7ff0000000000000lu {
        return tenfold_nan_f64();
    }
    // So that squares neither overflow nor vanish.
    let size = max(x_size, y_size);
    var by = 1.0lf;
    var back = 1.0lf;
    if size > 0x5f00000000000000lu {
        by = 4.043174611952195e-174;
        back = 2.4733040147310453e173;
    } else if size < 0x2700000000000000lu {
        by = 2.4733040147310453e173;
        back = 4.043174611952195e-174;
    }
    let a = bitcast<f64>(x_size) * by;
    let b = bitcast<f64>(y_size) * by;
    return sqrt(a * a + b * b) * back;
}
