
// What a module names as WGSL names a function of its own is the module's: nothing is called here but `sqrt` and
// `inverseSqrt`.
// Drivers that are told nothing of subnormal numbers may take them for 0 where they convert, and only there.
fn tenfold_widened(x: f32) -> f64 {
    let bits = bitcast<u32>(x);
    let magnitude = bits & 0x7fffffffu;
    if magnitude != 0u && magnitude < 0x00800000u {
        // In units of 2^-149.
        let value = f64(magnitude) * 1.4012984643248171e-45lf;
        if bits != magnitude {
            return -value;
        }
        return value;
    }
    return f64(x);
}

fn tenfold_units(x: f64) -> u32 {
    return u32((x * 7.1362384635297994e44lf + 4503599627370496.0lf) - 4503599627370496.0lf);
}

fn tenfold_narrowed(x: f64) -> f32 {
    // Below 2^-126 there are as many digits as units of 2^-149 fit, to which adding 2^52 rounds.
    if x > 0.0lf && x < 1.1754943508222875e-38lf {
        return bitcast<f32>(tenfold_units(x));
    }
    if x < 0.0lf && x > -1.1754943508222875e-38lf {
        return bitcast<f32>(tenfold_units(-x) | 0x80000000u);
    }
    return f32(x);
}

// By its bits: a subnormal number may count as 0 where numbers are compared.
fn tenfold_is_zero(x: f32) -> bool {
    return (bitcast<u32>(x) << 1u) == 0u;
}

// A quotient of numbers of 24 bits is further than 2^-49 of itself from where rounding to 24 bits turns, so that one
// of f64 need not be right to its last bit. The driver's reciprocal of f32 begins it: `wrong` is how far that is off,
// without an error of rounding, and what is left of the series of 1 / (1 - wrong) is below 2^-54. Where the
// reciprocal is not near, or something is 0, subnormal, infinite or NaN, f64 divides.
fn tenfold_quotient(x: f32, y: f32) -> f32 {
    let near = f64(1.0 / y);
    let wrong = 1.0lf - f64(y) * near;
    let quotient = f64(x) * (near + near * (wrong + wrong * wrong));
    let is_near = wrong > -3.814697265625e-6lf && wrong < 3.814697265625e-6lf;
    let is_small = quotient > -1.1754943508222875e-38lf && quotient < 1.1754943508222875e-38lf;
    if is_near && (!is_small || tenfold_is_zero(x)) {
        return f32(quotient);
    }
    return tenfold_narrowed(tenfold_widened(x) / tenfold_widened(y));
}

// The same of a root, which is 2^-51 of itself from there at least; it is never small. `wrong` is rounded at 2^-54,
// and what is left of the series of 1 / sqrt(1 - 2 wrong) is below 2^-55.
fn tenfold_root(x: f32) -> f32 {
    let near = f64(inverseSqrt(x));
    let root = f64(x) * near;
    let wrong = 0.5lf - 0.5lf * (root * near);
    if wrong > -1.9073486328125e-6lf && wrong < 1.9073486328125e-6lf {
        return f32(root + root * (wrong + 1.5lf * (wrong * wrong)));
    }
    if tenfold_is_zero(x) {
        return x;
    }
    return tenfold_narrowed(sqrt(tenfold_widened(x)));
}
