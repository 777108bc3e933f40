// What the functions do to the bits of a number. Tests for NaN are of bits: a device may take
// comparisons for those of numbers.

fn tenfold_is_nan_f64(x: f64) -> bool {
    return (bitcast<u64>(x) & 0x7ffffffffffffffflu) > 0x7ff0000000000000lu;
}

fn tenfold_nan_f64() -> f64 {
    return bitcast<f64>(0x7ff8000000000000lu);
}

fn tenfold_infinity_f64() -> f64 {
    return bitcast<f64>(0x7ff0000000000000lu);
}

// The sign of a number, alone among zeros.
fn tenfold_sign_f64(x: f64) -> u64 {
    return bitcast<u64>(x) & 0x8000000000000000lu;
}

// A number with its sign flipped where `sign` is minus.
fn tenfold_flip_f64(x: f64, sign: u64) -> f64 {
    return bitcast<f64>(bitcast<u64>(x) ^ sign);
}

// The first 26 bits of a number: the product of two such is exact.
fn tenfold_chop_f64(x: f64) -> f64 {
    return bitcast<f64>(bitcast<u64>(x) & 0xfffffffff8000000lu);
}

// `x 2^n` for x from 1/2 to 2: by the exponent where that is normal, and the rest by a factor.
fn tenfold_scale_f64(x: f64, n: i32) -> f64 {
    let low = n < -1020;
    let high = n > 1022;
    let by = select(select(n, n - 1, high), n + 100, low);
    let rest = select(select(1.0lf, 2.0lf, high), 7.888609052210118e-31lf, low);
    return bitcast<f64>(bitcast<u64>(x) + (u64(i64(by)) << 52u)) * rest;
}

// `(m, e)` with `x = m 2^e` and `0.75 <= m < 1.5`, for positive numbers; anything for others.
fn tenfold_split_f64(x: f64) -> vec2<f64> {
    let small = x < 2.2250738585072014e-308;
    let bits = bitcast<u64>(select(x, x * 18014398509481984.0, small));
    let e = i64(bits - 0x3fe8000000000000lu) >> 52u;
    let m = bitcast<f64>(bits - (u64(e) << 52u));
    return vec2<f64>(m, f64(e) - select(0.0lf, 54.0lf, small));
}
