// What the functions do to the bits of a number. Tests for NaN are of bits: a device may take
// comparisons for those of numbers.

fn tenfold_is_nan_f32(x: f32) -> bool {
    return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u;
}

fn tenfold_nan_f32() -> f32 {
    return bitcast<f32>(0x7fc00000u);
}

fn tenfold_infinity_f32() -> f32 {
    return bitcast<f32>(0x7f800000u);
}

// The sign of a number, alone among zeros.
fn tenfold_sign_f32(x: f32) -> u32 {
    return bitcast<u32>(x) & 0x80000000u;
}

// A number with its sign flipped where `sign` is minus.
fn tenfold_flip_f32(x: f32, sign: u32) -> f32 {
    return bitcast<f32>(bitcast<u32>(x) ^ sign);
}

// The first 12 bits of a number: the product of two such is exact.
fn tenfold_chop_f32(x: f32) -> f32 {
    return bitcast<f32>(bitcast<u32>(x) & 0xfffff000u);
}

// `x 2^n` for x from 1/2 to 2: by the exponent where that is normal, and the rest by a factor.
fn tenfold_scale_f32(x: f32, n: i32) -> f32 {
    let low = n < -124;
    let high = n > 126;
    let by = select(select(n, n - 1, high), n + 50, low);
    let rest = select(select(1.0f, 2.0f, high), 8.881784e-16f, low);
    return bitcast<f32>(bitcast<u32>(x) + (u32(by) << 23u)) * rest;
}

// `(m, e)` with `x = m 2^e` and `0.75 <= m < 1.5`, for positive numbers; anything for others.
fn tenfold_split_f32(x: f32) -> vec2<f32> {
    let small = x < 1.1754944e-38;
    let bits = bitcast<u32>(select(x, x * 16777216.0, small));
    let e = i32(bits - 0x3f400000u) >> 23u;
    let m = bitcast<f32>(bits - (u32(e) << 23u));
    return vec2<f32>(m, f32(e) - select(0.0f, 24.0f, small));
}
