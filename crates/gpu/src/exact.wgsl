
// What a module names as WGSL names a function of its own is the module's: nothing is called here but `sqrt`.
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

fn tenfold_quotient(x: f32, y: f32) -> f32 {
    return tenfold_narrowed(tenfold_widened(x) / tenfold_widened(y));
}

fn tenfold_root(x: f32) -> f32 {
    return tenfold_narrowed(sqrt(tenfold_widened(x)));
}
