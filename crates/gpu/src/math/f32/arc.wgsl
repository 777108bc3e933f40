// Arc tangents of numbers above 1 are those of the reciprocal, and of numbers above 1/2 those of
// `(x - 1) / (x + 1)` around `pi / 4`; arc sines of numbers above 1/2 are those of
// `root = sqrt((1 - x) / 2)`, whose error is computed by its first bits.

// `(asin s - s) / s` of `z = s^2`.
fn tenfold_asin_bend_f32(z: f32) -> f32 {
    let p = 0.1666666 + z * (0.07500522 + z * (0.044513393 + z * (0.031838443
        + z * (0.0143204145 + z * 0.037683174))));
    return z * p;
}

// The root of `z` in two parts, the first of 12 bits.
fn tenfold_root_f32(z: f32) -> vec2<f32> {
    let root = sqrt(z);
    let first = tenfold_chop_f32(root);
    // The number is there for z = 0.
    return vec2<f32>(first, (z - first * first) / (root + first + 1.1754944e-38));
}

fn tenfold_asin_f32(x: f32) -> f32 {
    let a = abs(x);
    if a > 1.0 {
        return tenfold_nan_f32();
    }
    if a > 0.5 {
        let z = 0.5 - 0.5 * a;
        let root = tenfold_root_f32(z);
        let bend = (root.x + root.y) * tenfold_asin_bend_f32(z);
        let rest = 2.0 * bend - (-4.371139e-08 - 2.0 * root.y);
        let y = 0.7853982 - (rest - (0.7853982 - 2.0 * root.x));
        return tenfold_flip_f32(y, tenfold_sign_f32(x));
    }
    return x + x * tenfold_asin_bend_f32(a * a);
}

fn tenfold_acos_f32(x: f32) -> f32 {
    let a = abs(x);
    if a > 1.0 {
        return tenfold_nan_f32();
    }
    if a > 0.5 {
        let z = 0.5 - 0.5 * a;
        let root = tenfold_root_f32(z);
        let bend = (root.x + root.y) * tenfold_asin_bend_f32(z);
        if x > 0.0 {
            return 2.0 * (root.x + (root.y + bend));
        }
        return 3.1415927 - 2.0 * (root.x + (root.y + (bend - -4.371139e-08)));
    }
    return 1.5707964 - (x - (-4.371139e-08 - x * tenfold_asin_bend_f32(a * a)));
}

// `(v, 1)` where `atan(over / under)`, for `0 <= over <= under`, is `pi / 4 + atan v`, and
// `(v, 0)` where it is `atan v`.
fn tenfold_atan_reduce_f32(over: f32, under: f32) -> vec2<f32> {
    let near = over + over > under;
    let v = select(over, over - under, near) / select(under, over + under, near);
    return vec2<f32>(v, select(0.0f, 1.0f, near));
}

// `base` eighths of a turn and `atan v`, which is taken off with `minus`.
fn tenfold_atan_sum_f32(v: f32, base: u32, minus: u32) -> f32 {
    let z = v * v;
    let p = -0.33333328 + z * (0.19999555 + z * (-0.14273107 + z * (0.1094841
        + z * (-0.080090694 + z * 0.039042003))));
    let bend = tenfold_flip_f32(v * z * p, minus);
    let way = tenfold_flip_f32(v, minus);
    switch base {
        case 0u: {
            return way + bend;
        }
        case 1u: {
            return 0.7853982 + (way + (bend + -2.1855694e-08));
        }
        case 2u: {
            return 1.5707964 + (way + (bend + -4.371139e-08));
        }
        case 3u: {
            return 2.3561945 + (way + (bend + -5.9624403e-09));
        }
        default: {
            return 3.1415927 + (way + (bend + -8.742278e-08));
        }
    }
}

fn tenfold_atan_f32(x: f32) -> f32 {
    let a = min(abs(x), 1e30);
    let steep = a > 1.0;
    let r = tenfold_atan_reduce_f32(min(a, 1.0), max(a, 1.0));
    let near = u32(r.y);
    let minus = select(0u, 0x80000000u, steep);
    let y = tenfold_atan_sum_f32(r.x, select(near, 2u - near, steep), minus);
    return select(tenfold_flip_f32(y, tenfold_sign_f32(x)), x, tenfold_is_nan_f32(x));
}

// The angle of the point `(x, y)`.
fn tenfold_atan2_f32(y: f32, x: f32) -> f32 {
    if tenfold_is_nan_f32(x) || tenfold_is_nan_f32(y) {
        return tenfold_nan_f32();
    }
    let ax = abs(x);
    let ay = abs(y);
    let steep = ay > ax;
    var over = min(ax, ay);
    var under = max(ax, ay);
    // 0 / 0 counts as 0, infinity over infinity as 1.
    if under == 0.0 || bitcast<u32>(over) == 0x7f800000u {
        over = select(0.0f, 1.0f, under > 0.0);
        under = 1.0;
    }
    // So that sums do not overflow.
    if under > 1e37 {
        over = over * 0.25;
        under = under * 0.25;
    }
    let r = tenfold_atan_reduce_f32(over, under);
    let near = u32(r.y);
    let left = tenfold_sign_f32(x) != 0u;
    // From where, in eighths of a turn, and which way.
    let whole = select(select(0u, 4u, left), 2u, steep);
    let back = steep != left;
    let base = select(whole + near, whole - near, back);
    let angle = tenfold_atan_sum_f32(r.x, base, select(0u, 0x80000000u, back));
    return tenfold_flip_f32(angle, tenfold_sign_f32(y));
}
