// Arc tangents of numbers above 1 are those of the reciprocal, and of numbers above 1/2 those of
// `(x - 1) / (x + 1)` around `pi / 4`; arc sines of numbers above 1/2 are those of
// `root = sqrt((1 - x) / 2)`, whose error is computed by its first bits.

// `(asin s - s) / s` of `z = s^2`.
fn tenfold_asin_bend_f64(z: f64) -> f64 {
    let p = 0.1666666666666676 + z * (0.07499999999970801 + z * (0.04464285717461054
        + z * (0.030381942707852036 + z * (0.022372214985582773 + z * (0.01735161205234293
        + z * (0.013980820075308946 + z * (0.01139891606278383 + z * (0.010780231848257453
        + z * (0.003706484687296516 + z * (0.021707270928278014
        + z * (-0.02099882567714517 + z * 0.03262848325720834)))))))))));
    return z * p;
}

// The root of `z` in two parts, the first of 26 bits.
fn tenfold_root_f64(z: f64) -> vec2<f64> {
    let root = sqrt(z);
    let first = tenfold_chop_f64(root);
    // The number is there for z = 0.
    return vec2<f64>(first, (z - first * first) / (root + first + 2.2250738585072014e-308));
}

fn tenfold_asin_f64(x: f64) -> f64 {
    let a = abs(x);
    if a > 1.0 {
        return tenfold_nan_f64();
    }
    if a > 0.5 {
        let z = 0.5 - 0.5 * a;
        let root = tenfold_root_f64(z);
        let bend = (root.x + root.y) * tenfold_asin_bend_f64(z);
        let rest = 2.0 * bend - (6.123233995736766e-17 - 2.0 * root.y);
        let y = 0.7853981633974483 - (rest - (0.7853981633974483 - 2.0 * root.x));
        return tenfold_flip_f64(y, tenfold_sign_f64(x));
    }
    return x + x * tenfold_asin_bend_f64(a * a);
}

fn tenfold_acos_f64(x: f64) -> f64 {
    let a = abs(x);
    if a > 1.0 {
        return tenfold_nan_f64();
    }
    if a > 0.5 {
        let z = 0.5 - 0.5 * a;
        let root = tenfold_root_f64(z);
        let bend = (root.x + root.y) * tenfold_asin_bend_f64(z);
        if x > 0.0 {
            return 2.0 * (root.x + (root.y + bend));
        }
        return 3.141592653589793 - 2.0 * (root.x + (root.y + (bend - 6.123233995736766e-17)));
    }
    return 1.5707963267948966 - (x - (6.123233995736766e-17 - x * tenfold_asin_bend_f64(a * a)));
}

// `(v, 1)` where `atan(over / under)`, for `0 <= over <= under`, is `pi / 4 + atan v`, and
// `(v, 0)` where it is `atan v`.
fn tenfold_atan_reduce_f64(over: f64, under: f64) -> vec2<f64> {
    let near = over + over > under;
    let v = select(over, over - under, near) / select(under, over + under, near);
    return vec2<f64>(v, select(0.0lf, 1.0lf, near));
}

// `base` eighths of a turn and `atan v`, which is taken off with `minus`.
fn tenfold_atan_sum_f64(v: f64, base: u32, minus: u64) -> f64 {
    let z = v * v;
    let p = -0.33333333333333315 + z * (0.19999999999993773 + z * (-0.14285714284998158
        + z * (0.11111111069997194 + z * (-0.09090907702935438 + z * (0.07692277576659144
        + z * (-0.066662240053963 + z * (0.05877805864824766 + z * (-0.052299828585396536
        + z * (0.04589265324917721 + z * (-0.03711289777501337 + z * (0.023645089623333133
        + z * -0.00835857568113495)))))))))));
    let bend = tenfold_flip_f64(v * z * p, minus);
    let way = tenfold_flip_f64(v, minus);
    switch base {
        case 0u: {
            return way + bend;
        }
        case 1u: {
            return 0.7853981633974483 + (way + (bend + 3.061616997868383e-17));
        }
        case 2u: {
            return 1.5707963267948966 + (way + (bend + 6.123233995736766e-17));
        }
        case 3u: {
            return 2.356194490192345 + (way + (bend + 9.184850993605148e-17));
        }
        default: {
            return 3.141592653589793 + (way + (bend + 1.2246467991473532e-16));
        }
    }
}

fn tenfold_atan_f64(x: f64) -> f64 {
    let a = min(abs(x), 1e300);
    let steep = a > 1.0;
    let r = tenfold_atan_reduce_f64(min(a, 1.0), max(a, 1.0));
    let near = u32(r.y);
    let minus = select(0lu, 0x8000000000000000lu, steep);
    let y = tenfold_atan_sum_f64(r.x, select(near, 2u - near, steep), minus);
    return select(tenfold_flip_f64(y, tenfold_sign_f64(x)), x, tenfold_is_nan_f64(x));
}

// The angle of the point `(x, y)`.
fn tenfold_atan2_f64(y: f64, x: f64) -> f64 {
    if tenfold_is_nan_f64(x) || tenfold_is_nan_f64(y) {
        return tenfold_nan_f64();
    }
    let ax = abs(x);
    let ay = abs(y);
    let steep = ay > ax;
    var over = min(ax, ay);
    var under = max(ax, ay);
    // 0 / 0 counts as 0, infinity over infinity as 1.
    if under == 0.0 || bitcast<u64>(over) == 0x7ff0000000000000lu {
        over = select(0.0lf, 1.0lf, under > 0.0);
        under = 1.0;
    }
    // So that sums do not overflow.
    if under > 1e300 {
        over = over * 0.25;
        under = under * 0.25;
    }
    let r = tenfold_atan_reduce_f64(over, under);
    let near = u32(r.y);
    let left = tenfold_sign_f64(x) != 0lu;
    // From where, in eighths of a turn, and which way.
    let whole = select(select(0u, 4u, left), 2u, steep);
    let back = steep != left;
    let base = select(whole + near, whole - near, back);
    let angle = tenfold_atan_sum_f64(r.x, base, select(0lu, 0x8000000000000000lu, back));
    return tenfold_flip_f64(angle, tenfold_sign_f64(y));
}
