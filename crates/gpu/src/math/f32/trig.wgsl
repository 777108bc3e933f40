// An angle is `q` right angles and `high + low`, where `high` has 12 bits unless it is tiny: up to
// 98 by three parts of a right angle, of which `n` times the first two is exact, and above that by
// the bits of 2/pi that matter, multiplied as integers (Payne and Hanek).

// `(high, low, q)` of an angle that is not negative; of `q` what is left modulo 4.
fn tenfold_quadrant_f32(a: f32) -> vec3<f32> {
    // By bits, which puts NaN there too.
    if bitcast<u32>(a) > bitcast<u32>(98.0f) {
        return tenfold_quadrant_large_f32(a);
    }
    let n = round(a * 0.63661975);
    let rest = a - n * 1.5707932;
    let b = n * 3.1749369e-06;
    let sum = rest - b;
    // What is tiny is exact.
    let high = select(tenfold_chop_f32(sum), sum, abs(sum) < 0.00024414062);
    let low = ((rest - high) - b) - n * 2.563344e-12;
    return vec3<f32>(high, low, f32(u32(n) & 3u));
}

// As many right angles as the sum of `v` says, in two parts; backwards with `minus`.
fn tenfold_right_angle_f32(v: vec4<f32>, minus: bool) -> vec2<f32> {
    let first = tenfold_chop_f32(((v.w + v.z) + v.y) + v.x);
    let rest = (((v.x - first) + v.y) + v.z) + v.w;
    let product = first * 1.5708008;
    let tail = first * -4.454455e-06 + rest * 1.5707964;
    let high = tenfold_chop_f32(product + tail);
    let both = vec2<f32>(high, (product - high) + tail);
    return select(both, -both, minus);
}

// What the sine of `high + low` has after `high`.
fn tenfold_sine_f32(high: f32, low: f32) -> f32 {
    let r = high + low;
    let z = r * r;
    let p = -0.1666666 + z * (0.008333067 + z * (-0.00019809554 + z * 2.6054652e-06));
    return low + r * z * p;
}

// The cosine of `high + low`, in two parts.
fn tenfold_cosine_f32(high: f32, low: f32) -> vec2<f32> {
    let r = high + low;
    let z = r * r;
    let p = 0.041666668 + z * (-0.0013888889 + z * (2.4801588e-05 + z * -2.7557314e-07));
    let half = 0.5 * high * high;
    let w = 1.0 - half;
    let lost = (1.0 - w) - half;
    return vec2<f32>(w, lost + (z * z * p - low * (high + 0.5 * low)));
}

fn tenfold_sin_f32(x: f32) -> f32 {
    let a = tenfold_quadrant_f32(abs(x));
    let q = u32(a.z);
    let c = tenfold_cosine_f32(a.x, a.y);
    let y = select(a.x + tenfold_sine_f32(a.x, a.y), c.x + c.y, (q & 1u) != 0u);
    let minus = tenfold_sign_f32(x) ^ (u32(q >> 1u) << 31u);
    // Also -0.
    return select(tenfold_flip_f32(y, minus), x, abs(x) < 0.00024414062);
}

fn tenfold_cos_f32(x: f32) -> f32 {
    let a = tenfold_quadrant_f32(abs(x));
    let q = u32(a.z);
    let c = tenfold_cosine_f32(a.x, a.y);
    let y = select(c.x + c.y, a.x + tenfold_sine_f32(a.x, a.y), (q & 1u) != 0u);
    return tenfold_flip_f32(y, u32(((q + 1u) >> 1u) & 1u) << 31u);
}

// The quotient of two numbers in two parts, the rest of which is put right.
fn tenfold_tan_f32(x: f32) -> f32 {
    let a = tenfold_quadrant_f32(abs(x));
    let odd = (u32(a.z) & 1u) != 0u;
    let sine = vec2<f32>(a.x, tenfold_sine_f32(a.x, a.y));
    let cosine = tenfold_cosine_f32(a.x, a.y);
    let over = select(sine, cosine, odd);
    let under = select(cosine, sine, odd);
    let inverse = 1.0 / (under.x + under.y);
    let quotient = tenfold_chop_f32((over.x + over.y) * inverse);
    let first = tenfold_chop_f32(under.x + under.y);
    let rest = (under.x - first) + under.y;
    let y = quotient + (((over.x - quotient * first) + over.y) - quotient * rest) * inverse;
    let minus = tenfold_sign_f32(x) ^ select(0u, 0x80000000u, odd);
    return select(tenfold_flip_f32(y, minus), x, abs(x) < 0.00024414062);
}

// The bits of 2/pi after the point, after 32 zeros.
fn tenfold_two_over_pi_f32(i: u32) -> u32 {
    var words = array<u32, 9>(
        0x00000000u, 0xa2f9836eu, 0x4e441529u, 0xfc2757d1u, 0xf534ddc0u, 0xdb629599u, 0x3c439041u,
        0xfe5163abu, 0xdebbc561u,
    );
    return words[i];
}

// The upper half of a product.
fn tenfold_multiply_high_f32(a: u32, b: u32) -> u32 {
    let low = (a & 0xffffu) * (b & 0xffffu);
    let mid = (a >> 16u) * (b & 0xffffu) + (low >> 16u);
    let cross = (a & 0xffffu) * (b >> 16u) + (mid & 0xffffu);
    return (a >> 16u) * (b >> 16u) + (mid >> 16u) + (cross >> 16u);
}

// The bits from number `at` on.
fn tenfold_two_over_pi_from_f32(at: u32, word: u32) -> u32 {
    let i = (at >> 5u) + word;
    let by = at & 31u;
    let next = (tenfold_two_over_pi_f32(i + 1u) >> 1u) >> (31u - by);
    return (tenfold_two_over_pi_f32(i) << by) | next;
}

fn tenfold_quadrant_large_f32(a: f32) -> vec3<f32> {
    let bits = bitcast<u32>(a);
    if (bits & 0x7fffffffu) >= 0x7f800000u {
        return vec3<f32>(tenfold_nan_f32(), 0.0, 0.0);
    }
    // a = m 2^e; the bits of 2/pi before number e - 1 contribute multiples of 4 right angles.
    let m = (bits & 0x7fffffu) | 0x800000u;
    let at = (bits >> 23u) - 120u;
    let first = tenfold_two_over_pi_from_f32(at, 0u);
    let second = tenfold_two_over_pi_from_f32(at, 1u);
    let third = tenfold_two_over_pi_from_f32(at, 2u);
    // m times these, modulo 2^96: the right angles modulo 4 and 94 bits after the point.
    let low = m * third;
    let part = m * second;
    let mid = part + tenfold_multiply_high_f32(m, third);
    let carry = select(0u, 1u, mid < part);
    let top = m * first + (tenfold_multiply_high_f32(m, second) + carry);
    var high = (top << 2u) | (mid >> 30u);
    var rest = (mid << 2u) | (low >> 30u);
    // To the nearest right angle.
    let minus = (high >> 31u) != 0u;
    if minus {
        high = ~high;
        rest = ~rest;
    }
    let v = vec4<f32>(
        f32(high >> 16u) * 1.5258789e-5,
        f32(high & 0xffffu) * 2.3283064e-10,
        f32(rest >> 16u) * 3.5527137e-15,
        f32(rest & 0xffffu) * 5.421011e-20,
    );
    let r = tenfold_right_angle_f32(v, minus);
    return vec3<f32>(r.x, r.y, f32(((top >> 30u) + select(0u, 1u, minus)) & 3u));
}

fn tenfold_to_degrees_f32(x: f32) -> f32 {
    return x * 57.29578;
}

fn tenfold_to_radians_f32(x: f32) -> f32 {
    return x * 0.017453292;
}
