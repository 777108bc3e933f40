//! Edge cases, against what NumPy made of them: `golden/values.py` recorded it.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::collections::BTreeMap;

use ndarray::{Dimension, array};
use tenfold_array::{Array, Element};

const RECORD: &str = include_str!("golden/numpy.txt");

const NAN: f64 = f64::NAN;
const INF: f64 = f64::INFINITY;

/// The cases that nobody has looked at yet, by name: the type and the elements; and what was wrong.
struct Golden {
    cases: BTreeMap<&'static str, (&'static str, Vec<&'static str>)>,
    wrong: Vec<String>,
}

/// An element as the record has it, and how many units in the last place it is off.
trait Recorded: Element {
    fn off(self, recorded: &str) -> u64;
}

macro_rules! recorded {
    ($($T:ty),*) => {$(
        impl Recorded for $T {
            fn off(self, recorded: &str) -> u64 {
                if i128::from(self) == recorded.parse::<i128>().unwrap() { 0 } else { u64::MAX }
            }
        }
    )*};
}
recorded!(bool, i8, i16, i32, i64, u8, u16, u32, u64);

macro_rules! recorded_floats {
    ($($T:ty: $Bits:ident),*) => {$(
        impl Recorded for $T {
            fn off(self, recorded: &str) -> u64 {
                match recorded {
                    "nan" => if self.is_nan() { 0 } else { u64::MAX },
                    bits => self.to_bits().abs_diff($Bits::from_str_radix(bits, 16).unwrap()).into(),
                }
            }
        }
    )*};
}
recorded_floats!(f32: u32, f64: u64);

impl Golden {
    fn read() -> Self {
        let lines = RECORD.lines().filter(|line| !line.starts_with('#'));
        let cases = lines
            .map(|line| {
                let mut words = line.split(' ');
                let (name, dtype) = (words.next().unwrap(), words.next().unwrap());
                (name, (dtype, words.filter(|word| !word.is_empty()).collect()))
            })
            .collect();
        Self { cases, wrong: vec![] }
    }

    /// Asserts that an array is what was recorded, up to some units in the last place.
    #[track_caller]
    fn near<T: Recorded, D: Dimension>(&mut self, name: &str, x: Array<T, D>, units: u64) {
        let (dtype, elements) = self.cases.remove(name).unwrap_or_else(|| panic!("no case {name}"));
        assert_eq!(T::DTYPE.name(), dtype, "{name}");
        let x = x.compute().unwrap();
        assert_eq!(x.len(), elements.len(), "{name}");
        let off = x.iter().zip(&elements).map(|(x, recorded)| x.off(recorded)).max().unwrap();
        if off > units {
            self.wrong.push(format!("{name}: {x:?} is {off} units off {elements:?}"));
        }
    }

    #[track_caller]
    fn same<T: Recorded, D: Dimension>(&mut self, name: &str, x: Array<T, D>) {
        self.near(name, x, 0);
    }
}

#[test]
fn numpys_edge_cases() {
    let mut golden = Golden::read();
    floats(&mut golden);
    pairs(&mut golden);
    integers(&mut golden);
    casts(&mut golden);
    reductions(&mut golden);
    assert!(golden.wrong.is_empty(), "{:#?}", golden.wrong);
    assert!(golden.cases.is_empty(), "nobody looks at {:?}", golden.cases.keys());
}

fn of_floats() -> Array<f64, ndarray::Ix1> {
    let x = array![0.0, -0.0, 0.5, -0.5, 1.5, 2.5, -2.5, 3.7, -3.7, 1e300, INF, -INF, NAN];
    Array::from_ndarray(x, 4)
}

fn of_ints() -> Array<i8, ndarray::Ix1> {
    Array::from_ndarray(array![0, 1, -1, 7, -7, 127, -128, 100], 3)
}

fn floats(golden: &mut Golden) {
    let x = of_floats();
    golden.same("floor", x.floor());
    golden.same("ceil", x.ceil());
    golden.same("trunc", x.trunc());
    golden.same("rint", x.round());
    golden.same("sign", x.sign());
    golden.same("abs", x.abs());
    golden.same("square", x.square());
    golden.same("reciprocal", x.reciprocal());
    golden.same("sqrt", x.sqrt());
    golden.same("nan_to_num", x.nan_to_num());
    golden.same("isnan", x.is_nan());
    golden.same("isfinite", x.is_finite());
    golden.same("isinf", x.is_infinite());
    golden.same("cummax", x.cummax(0));
    golden.same("cummin", x.cummin(0));
    let x = Array::from_ndarray(array![0.25, 0.35, -0.25, 15.0, 25.0, 1e300, NAN], 4);
    golden.same("round1", x.round_to(1));
    golden.same("round-1", x.round_to(-1));
}

fn pairs(golden: &mut Golden) {
    let x = of_floats();
    let y = array![2.0, -2.0, 0.0, -0.0, 1.5, -0.7, INF, -INF, NAN, 3.0, 2.0, -1.0, 1.0];
    let y = &Array::from_ndarray(y, 5);
    golden.same("minimum", x.minimum(y));
    golden.same("maximum", x.maximum(y));
    golden.same("fmin", x.fmin(y));
    golden.same("fmax", x.fmax(y));
    golden.same("less", x.less(y));
    golden.same("less_equal", x.less_equal(y));
    golden.same("greater", x.greater(y));
    golden.same("greater_equal", x.greater_equal(y));
    golden.same("equal", x.equal(y));
    golden.same("not_equal", x.not_equal(y));
    golden.same("mod", x.modulo(y));
    golden.same("fmod", &x % y);
    golden.same("floor_divide", x.floor_div(y));
    golden.near("arctan2", x.atan2(y), 2);
    golden.near("hypot", x.hypot(y), 2);
    golden.near("power", x.powf(y), 2);
    golden.same("clip", x.clip(-1.0, 2.0));
    golden.same("clip_crossed", x.clip(2.0, -1.0));
}

fn integers(golden: &mut Golden) {
    let x = of_ints();
    let y = &Array::from_ndarray(array![3_i8, 0, -1, -3, 3, 2, -1, 9], 2);
    golden.same("i8_add", &x + y);
    golden.same("i8_subtract", &x - y);
    golden.same("i8_multiply", &x * y);
    golden.same("i8_floor_divide", x.floor_div(y));
    golden.same("i8_mod", x.modulo(y));
    golden.same("i8_fmod", &x % y);
    golden.same("i8_bitwise_and", &x & y);
    golden.same("i8_bitwise_or", &x | y);
    golden.same("i8_bitwise_xor", &x ^ y);
    golden.same("i8_left_shift", &x << y);
    golden.same("i8_right_shift", &x >> y);
    golden.same("i8_abs", x.abs());
    golden.same("i8_sign", x.sign());
    golden.same("i8_negative", -&x);
    golden.same("i8_invert", !&x);
    golden.same("i8_square", x.square());
    golden.same("i8_cumsum", x.cumsum(0));
    golden.same("i8_cumprod", x.cumprod(0));
    golden.same("diff", x.diff(1, 0));
}

fn casts(golden: &mut Golden) {
    let wide = array![0, 1, -1, 300, -300, 1 << 31, -(1 << 40), 1 << 62];
    let wide = Array::<i64, _>::from_ndarray(wide, 3);
    let small = Array::from_ndarray(array![0.0, -0.0, 1.9, -1.9, 100.5, 0.999, -0.5], 3);
    let bools = Array::from_ndarray(array![false, true], 1);
    macro_rules! casts {
        ($x:ident, $from:literal: $($T:ty => $name:literal),*) => {
            $(golden.same(concat!("from_", $from, "_", $name), $x.astype::<$T>());)*
        };
    }
    casts!(wide, "int64": bool => "bool", i8 => "int8", i16 => "int16", i32 => "int32", u8 => "uint8",
        u16 => "uint16", u32 => "uint32", u64 => "uint64", f32 => "float32", f64 => "float64");
    casts!(bools, "bool": bool => "bool", i8 => "int8", i16 => "int16", i32 => "int32", u8 => "uint8",
        u16 => "uint16", u32 => "uint32", u64 => "uint64", f32 => "float32", f64 => "float64");
    casts!(small, "float64": bool => "bool", i8 => "int8", i16 => "int16", i32 => "int32",
        f32 => "float32", f64 => "float64");
}

fn reductions(golden: &mut Golden) {
    let x = of_ints();
    golden.same("i8_sum", x.sum());
    golden.same("i8_prod", x.prod());
    golden.same("i8_mean", x.mean());
    golden.same("i8_min", x.min());
    golden.same("i8_max", x.max());
    golden.same("i8_argmin", x.argmin());
    golden.same("i8_argmax", x.argmax());
    golden.same("i8_any", x.any());
    golden.same("i8_all", x.all());
    let holes = array![[1.0, NAN, 3.0], [NAN, NAN, NAN], [-2.0, 5.0, 5.0]];
    let x = Array::from_ndarray(holes, [2, 2]);
    golden.same("holes_sum", x.sum_axis(0));
    golden.same("holes_prod", x.prod_axis(0));
    golden.same("holes_mean", x.mean_axis(0));
    golden.same("holes_min", x.min_axis(0));
    golden.same("holes_max", x.max_axis(0));
    golden.same("holes_argmin", x.argmin_axis(0));
    golden.same("holes_argmax", x.argmax_axis(0));
    golden.same("holes_any", x.any_axis(0));
    golden.same("holes_all", x.all_axis(0));
    golden.same("holes_nansum", x.nansum_axis(1));
    golden.same("holes_nanprod", x.nanprod_axis(1));
    golden.same("holes_nanmin", x.nanmin_axis(1));
    golden.same("holes_nanmax", x.nanmax_axis(1));
    golden.near("holes_nanmean", x.nanmean_axis(1), 1);
    golden.near("holes_nanvar", x.nanvar_axis(1, 0.0), 2);
    golden.near("holes_nanstd", x.nanstd_axis(1, 0.0), 2);
    let some = x.slice(ndarray::s![..;2, ..]);
    golden.same("holes_nanargmin", some.nanargmin_axis(1));
    golden.same("holes_nanargmax", some.nanargmax_axis(1));
    let wide = Array::from_ndarray(array![0_i64, 1, -1, 300, -300], 2);
    golden.near("var_of_ints", wide.var(0.0), 2);
    golden.same("var_ddof_all", Array::arange(1.0..3.0, 1).var(2.0));
    golden.near("std_offset", (Array::arange(0.0..1000.0, 100) + 1e8).std(1.0), 100);
    let none = Array::<f64, _>::zeros([0, 2], 1);
    golden.same("empty_sum", none.sum_axis(0));
    golden.same("empty_prod", none.prod_axis(0));
    golden.same("empty_mean", none.mean_axis(0));
    golden.same("empty_any", none.any_axis(0));
    golden.same("empty_all", none.all_axis(0));
    golden.same("empty_var", none.var_axis(0, 0.0));
}
