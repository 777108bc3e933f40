// An angle is `q` right angles and `high + low`, where `high` has 26 bits unless it is tiny: up to
// 12800 by three parts of a right angle, of which `n` times the first two is exact, and above that
// by the bits of 2/pi that matter, multiplied as integers (Payne and Hanek).

// `(high, low, q)` of an angle that is not negative; of `q` what is left modulo 4.
fn tenfold_quadrant_f64(a: f64) -> vec3<f64> {
    // By bits, which puts NaN there too.
    if bitcast<u64>(a) > bitcast<u64>(12800.0lf) {
        return tenfold_quadrant_large_f64(a);
    }
    let n = round(a * 0.6366197723675814);
    let rest = a - n * 1.5707963267941523;
    let b = n * 7.443547480488527e-13;
    let sum = rest - b;
    // What is tiny is exact.
    let high = select(tenfold_chop_f64(sum), sum, abs(sum) < 7.450580596923828e-09);
    let low = ((rest - high) - b) - n * -1.9034889620193266e-25;
    return vec3<f64>(high, low, f64(u32(n) & 3u));
}

// As many right angles as the sum of `v` says, in two parts; backwards with `minus`.
fn tenfold_right_angle_f64(v: vec4<f64>, minus: bool) -> vec2<f64> {
    let first = tenfold_chop_f64(((v.w + v.z) + v.y) + v.x);
    let rest = (((v.x - first) + v.y) + v.z) + v.w;
    let product = first * 1.5707963407039642;
    let tail = first * -1.3909067614167116e-08 + rest * 1.5707963267948966;
    let high = tenfold_chop_f64(product + tail);
    let both = vec2<f64>(high, (product - high) + tail);
    return select(both, -both, minus);
}

// What the sine of `high + low` has after `high`.
fn tenfold_sine_f64(high: f64, low: f64) -> f64 {
    let r = high + low;
    let z = r * r;
    let p = -0.16666666666666632 + z * (0.008333333333322422 + z * (-0.0001984126982981521
        + z * (2.7557313694621686e-06 + z * (-2.505075855780743e-08
        + z * 1.5896822327385126e-10))));
    return low + r * z * p;
}

// The cosine of `high + low`, in two parts.
fn tenfold_cosine_f64(high: f64, low: f64) -> vec2<f64> {
    let r = high + low;
    let z = r * r;
    let p = 0.0416666666666666 + z * (-0.0013888888888874136 + z * (2.480158728949035e-05
        + z * (-2.7557314354792824e-07 + z * (2.0875723620566686e-09
        + z * -1.1359666422643009e-11))));
    let half = 0.5 * high * high;
    let w = 1.0 - half;
    let lost = (1.0 - w) - half;
    return vec2<f64>(w, lost + (z * z * p - low * (high + 0.5 * low)));
}

fn tenfold_sin_f64(x: f64) -> f64 {
    let a = tenfold_quadrant_f64(abs(x));
    let q = u32(a.z);
    let c = tenfold_cosine_f64(a.x, a.y);
    let y = select(a.x + tenfold_sine_f64(a.x, a.y), c.x + c.y, (q & 1u) != 0u);
    let minus = tenfold_sign_f64(x) ^ (u64(q >> 1u) << 63u);
    // Also -0.
    return select(tenfold_flip_f64(y, minus), x, abs(x) < 7.450580596923828e-09);
}

fn tenfold_cos_f64(x: f64) -> f64 {
    let a = tenfold_quadrant_f64(abs(x));
    let q = u32(a.z);
    let c = tenfold_cosine_f64(a.x, a.y);
    let y = select(c.x + c.y, a.x + tenfold_sine_f64(a.x, a.y), (q & 1u) != 0u);
    return tenfold_flip_f64(y, u64(((q + 1u) >> 1u) & 1u) << 63u);
}

// The quotient of two numbers in two parts, the rest of which is put right.
fn tenfold_tan_f64(x: f64) -> f64 {
    let a = tenfold_quadrant_f64(abs(x));
    let odd = (u32(a.z) & 1u) != 0u;
    let sine = vec2<f64>(a.x, tenfold_sine_f64(a.x, a.y));
    let cosine = tenfold_cosine_f64(a.x, a.y);
    let over = select(sine, cosine, odd);
    let under = select(cosine, sine, odd);
    let inverse = 1.0 / (under.x + under.y);
    let quotient = tenfold_chop_f64((over.x + over.y) * inverse);
    let first = tenfold_chop_f64(under.x + under.y);
    let rest = (under.x - first) + under.y;
    let y = quotient + (((over.x - quotient * first) + over.y) - quotient * rest) * inverse;
    let minus = tenfold_sign_f64(x) ^ select(0lu, 0x8000000000000000lu, odd);
    return select(tenfold_flip_f64(y, minus), x, abs(x) < 7.450580596923828e-09);
}

// The bits of 2/pi after the point, after 64 zeros.
fn tenfold_two_over_pi_f64(i: u32) -> u64 {
    var words = array<u64, 21>(
        0x0000000000000000lu, 0xa2f9836e4e441529lu, 0xfc2757d1f534ddc0lu, 0xdb6295993c439041lu,
        0xfe5163abdebbc561lu, 0xb7246e3a424dd2e0lu, 0x06492eea09d1921clu, 0xfe1deb1cb129a73elu,
        0xe88235f52ebb4484lu, 0xe99c7026b45f7e41lu, 0x3991d639835339f4lu, 0x9c845f8bbdf9283blu,
        0x1ff897ffde05980flu, 0xef2f118b5a0a6d1flu, 0x6d367ecf27cb09b7lu, 0x4f463f669e5fea2dlu,
        0x7527bac7ebe5f17blu, 0x3d0739f78a5292ealu, 0x6bfb5fb11f8d5d08lu, 0x56033046fc7b6bablu,
        0xf0cfbc209af4361dlu,
    );
    return words[i];
}

// The upper half of a product.
fn tenfold_multiply_high_f64(a: u64, b: u64) -> u64 {
    let mask = 0xfffffffflu;
    let low = (a & mask) * (b & mask);
    let mid = (a >> 32u) * (b & mask) + (low >> 32u);
    let cross = (a & mask) * (b >> 32u) + (mid & mask);
    return (a >> 32u) * (b >> 32u) + (mid >> 32u) + (cross >> 32u);
}

// The bits from number `at` on.
fn tenfold_two_over_pi_from_f64(at: u32, word: u32) -> u64 {
    let i = (at >> 6u) + word;
    let by = at & 63u;
    let next = (tenfold_two_over_pi_f64(i + 1u) >> 1u) >> (63u - by);
    return (tenfold_two_over_pi_f64(i) << by) | next;
}

fn tenfold_quadrant_large_f64(a: f64) -> vec3<f64> {
    let bits = bitcast<u64>(a);
    if (bits & 0x7ffffffffffffffflu) >= 0x7ff0000000000000lu {
        return vec3<f64>(tenfold_nan_f64(), 0.0, 0.0);
    }
    // a = m 2^e; the bits of 2/pi before number e - 1 contribute multiples of 4 right angles.
    let m = (bits & 0xffffffffffffflu) | 0x10000000000000lu;
    let at = u32(bits >> 52u) - 1013u;
    let first = tenfold_two_over_pi_from_f64(at, 0u);
    let second = tenfold_two_over_pi_from_f64(at, 1u);
    let third = tenfold_two_over_pi_from_f64(at, 2u);
    // m times these, modulo 2^192: the right angles modulo 4 and 190 bits after the point.
    let low = m * third;
    let part = m * second;
    let mid = part + tenfold_multiply_high_f64(m, third);
    let carry = select(0lu, 1lu, mid < part);
    let top = m * first + (tenfold_multiply_high_f64(m, second) + carry);
    var high = (top << 2u) | (mid >> 62u);
    var rest = (mid << 2u) | (low >> 62u);
    // To the nearest right angle.
    let minus = (high >> 63u) != 0lu;
    if minus {
        high = ~high;
        rest = ~rest;
    }
    let v = vec4<f64>(
        f64(u32(high >> 32u)) * 2.3283064365386963e-10,
        f64(u32(high & 0xfffffffflu)) * 5.421010862427522e-20,
        f64(u32(rest >> 32u)) * 1.262177448353619e-29,
        f64(u32(rest & 0xfffffffflu)) * 2.938735877055719e-39,
    );
    let r = tenfold_right_angle_f64(v, minus);
    return vec3<f64>(r.x, r.y, f64((u32(top >> 62u) + select(0u, 1u, minus)) & 3u));
}

fn tenfold_to_degrees_f64(x: f64) -> f64 {
    return x * 57.29577951308232;
}

fn tenfold_to_radians_f64(x: f64) -> f64 {
    return x * 0.017453292519943295;
}
