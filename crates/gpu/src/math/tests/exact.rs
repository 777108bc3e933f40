//! What has to be the same to the last bit: powers by squares, and integers.

use tenfold_kernel::kernel;

use super::device::{Route, Signature, open, run};
use super::points::Points;
use crate::{AdapterKind, Device, testing};

/// Arguments of all sizes, the extreme ones among them.
fn integers(points: &mut Points) -> Vec<(i64, i64)> {
    let special = [0, 1, 2, 3, 7, -1, -2, -7, 31, 63, i64::MAX, i64::MIN, i64::MIN + 1];
    let special32 = [i32::MAX, i32::MIN, i32::MIN + 1].map(i64::from);
    let all: Vec<i64> = special.into_iter().chain(special32).collect();
    let pairs = all.iter().flat_map(|x| all.iter().map(move |y| (*x, *y)));
    let mut any = || {
        let bits = points.bits();
        (points.bits() >> (bits % 64)).cast_signed()
    };
    pairs.chain((0..5000).map(|_| (any(), any()))).collect()
}

/// Whether it is the quotient of a GPU: Vulkan lets those be off by 2.5 units in the last place, and promises
/// nothing by divisors under 2^-126, whose quotients are infinite there. Those of processors here are exact.
fn is_quotient(device: &Device, got: f32, wanted: f32) -> bool {
    let is_near = wanted.is_finite() && got.to_bits().abs_diff(wanted.to_bits()) <= 3;
    let is_of_subnormal = (1.0 / wanted).is_subnormal() && got == wanted * f32::INFINITY;
    (is_near || is_of_subnormal) && device.adapter().kind() != AdapterKind::Cpu
}

/// The kernel of each pair, and the device's function.
macro_rules! same {
    ($device:ident $pairs:ident $T:ident $Y:ident $R:ident: $($name:ident($($y:ident)?))*) => {$({
        #[kernel]
        fn f(x: $T $(, $y: $Y)?) -> $R { x.$name($($y)?) }
        let second: Option<&str> = None $(.or({ let _ = stringify!($y); Some(stringify!($Y)) }))?;
        let signature = Signature {
            function: stringify!($name),
            ty: stringify!($T),
            second,
            result: stringify!($R),
        };
        let x: Vec<$T> = $pairs.iter().map(|pair| pair.0 as $T).collect();
        let y: Vec<$Y> = $pairs.iter().map(|pair| pair.1 as $Y).collect();
        let each = x.iter().zip(&y);
        let wanted: Vec<$R> = each.map(|(x, _y)| f(*x $(, { let $y = *_y; $y })?)).collect();
        let second = second.map(|_| &y[..]);
        for route in [Route::Fast, Route::Precise] {
            let got: Vec<$R> = run(&$device, &signature, route, &x, second);
            for (i, got) in got.into_iter().enumerate() {
                let (x, y, wanted) = (x[i], y[i], wanted[i]);
                // NaN is the same as NaN, and a device need not see subnormal f32.
                let same = got == wanted || format!("{got}") == format!("{wanted}");
                let is_subnormal = size_of::<$R>() == 4 && (wanted as f32).is_subnormal();
                let same = same || (is_subnormal && !testing::sees_subnormal(&$device));
                // Outside of precise mode a device need not divide f32 exactly.
                let is_power = signature.function == "powi" && signature.ty == "f32";
                let divides = is_power && (y as f64) < 0.0 && route == Route::Fast;
                let same = same || (divides && is_quotient(&$device, got as f32, wanted as f32));
                assert!(same, "{signature:?}, {route:?} of {x}, {y}: {got}, not {wanted}");
            }
        }
    })*};
}

#[test]
fn integers_are_those_of_kernels() {
    let Some(device) = open("integers on a device") else { return };
    let pairs = integers(&mut Points { state: 1, domain: (0.0, 1.0) });
    same! { device pairs i32 i32 i32: rem_euclid(y) div_euclid(y) }
    same! { device pairs u32 u32 u32: rem_euclid(y) div_euclid(y) }
    same! { device pairs i64 i64 i64: rem_euclid(y) div_euclid(y) }
    same! { device pairs u64 u64 u64: rem_euclid(y) div_euclid(y) }
    same! { device pairs i64 i64 u32: count_ones() leading_zeros() trailing_zeros() }
    same! { device pairs u64 u64 u32: count_ones() leading_zeros() trailing_zeros() }
}

#[test]
fn powers_by_squares_are_those_of_kernels() {
    let Some(device) = open("powers on a device") else { return };
    let mut points = Points { state: 2, domain: (-3.0, 3.0) };
    let special = [0, 1, 2, 3, -1, -2, -3, i32::MAX, i32::MIN, i32::MIN + 1];
    let numbers = [0.0, -0.0, 1.0, -1.0, 0.5, -2.0, f64::INFINITY, f64::NEG_INFINITY, f64::NAN];
    let pairs = numbers.iter().flat_map(|x| special.map(|n| (*x, n)));
    let mut any = || (points.pair().0, (points.bits() % 200) as i32 - 100);
    let pairs: Vec<(f64, i32)> = pairs.chain((0..5000).map(|_| any())).collect();
    same! { device pairs f32 i32 f32: powi(y) }
    same! { device pairs f64 i32 f64: powi(y) }
}
