//! Edge cases, and the operations that are used most, against what NumPy and Dask made of them: `golden/values.py`
//! recorded it.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::collections::BTreeMap;

use ndarray::{Array2, Dimension, Ix2, array, s};
use num_complex::{Complex32, Complex64};
use tenfold_array::{Array, Border, Element, Excess};

const RECORD: &str = include_str!("golden/numpy.txt");

const NAN: f64 = f64::NAN;
const INF: f64 = f64::INFINITY;

/// The cases that nobody has looked at yet, by name: the type and the elements; and what was wrong.
pub(crate) struct Golden {
    cases: BTreeMap<&'static str, (&'static str, Vec<&'static str>)>,
    wrong: Vec<String>,
}

/// An element as the record has it, and how many units in the last place it is off.
pub(crate) trait Recorded: Element {
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

impl Recorded for Complex64 {
    fn off(self, recorded: &str) -> u64 {
        let (re, im) = recorded.split_once(',').unwrap();
        self.re.off(re).max(self.im.off(im))
    }
}

impl Recorded for Complex32 {
    fn off(self, recorded: &str) -> u64 {
        let (re, im) = recorded.split_once(',').unwrap();
        self.re.off(re).max(self.im.off(im))
    }
}

impl Golden {
    pub(crate) fn read(record: &'static str) -> Self {
        let lines = record.lines().filter(|line| !line.starts_with('#'));
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
    pub(crate) fn near<T: Recorded, D: Dimension>(
        &mut self,
        name: &str,
        x: Array<T, D>,
        units: u64,
    ) {
        let (dtype, elements) = self.cases.remove(name).unwrap_or_else(|| panic!("no case {name}"));
        assert_eq!(T::DTYPE.name(), dtype, "{name}");
        let x = x.compute().unwrap();
        let mut elements = elements;
        if x.ndim() > 1 {
            let lens: Vec<String> = x.shape().iter().map(usize::to_string).collect();
            assert_eq!(elements.pop(), Some(&*format!("@{}", lens.join("x"))), "{name}");
        }
        assert_eq!(x.len(), elements.len(), "{name}");
        let off = x.iter().zip(&elements).map(|(x, recorded)| x.off(recorded)).max().unwrap_or(0);
        if off > units {
            self.wrong.push(format!("{name}: {x:?} is {off} units off {elements:?}"));
        }
    }

    /// Asserts that nothing was wrong, and all was looked at.
    pub(crate) fn finish(self) {
        assert!(self.wrong.is_empty(), "{:#?}", self.wrong);
        assert!(self.cases.is_empty(), "nobody looks at {:?}", self.cases.keys());
    }

    #[track_caller]
    pub(crate) fn same<T: Recorded, D: Dimension>(&mut self, name: &str, x: Array<T, D>) {
        self.near(name, x, 0);
    }
}

#[test]
fn numpys_edge_cases() {
    let mut golden = Golden::read(RECORD);
    floats(&mut golden);
    pairs(&mut golden);
    integers(&mut golden);
    casts(&mut golden);
    reductions(&mut golden);
    complex(&mut golden);
    bounds(&mut golden);
    reductions_along_axes(&mut golden);
    choices(&mut golden);
    shapes(&mut golden);
    products_and_borders(&mut golden);
    made(&mut golden);
    golden.finish();
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

fn complex(golden: &mut Golden) {
    let z = |re, im| Complex64::new(re, im);
    let first = [z(1.0, 2.0), z(-0.0, -0.5), z(3.0, 0.0), z(1e200, 1e200), z(1e-200, -3e-200)];
    let x = [&first[..], &[z(0.0, 0.0), z(-2.0, 0.25), z(0.0, 1e300), z(2.0, -1.0)]].concat();
    let first = [z(2.0, -1.0), z(4.0, 0.0), z(-0.0, -0.25), z(2e200, -1e200), z(1e-200, 1e-200)];
    let y = [&first[..], &[z(1.0, 1.0), z(0.0, 0.0), z(1e300, 1e300), z(0.5, 8.0)]].concat();
    let [x, y] = [x, y].map(|of| Array::from_ndarray(ndarray::Array1::from(of), 4));
    golden.same("c_add", &x + &y);
    golden.same("c_subtract", &x - &y);
    let keep = [0, 1, 2, 4, 5, 6, 7, 8];
    golden.same("c_multiply", x.take(0, &keep) * y.take(0, &keep));
    golden.same("c_square", x.take(0, &keep).square());
    golden.same("c_divide", &x / &y);
    golden.near("c_abs", x.abs(), 1);
    golden.near("c_angle", x.arg(), 1);
    golden.same("c_conj", x.conj());
    golden.same("c_real", x.real());
    golden.same("c_imag", x.imag());
    golden.same("c_negative", -&x);
    let some = x.compress(0, &[true, true, true, true, true, false, true, true, true]);
    golden.near("c_reciprocal", some.reciprocal(), 2);
    let some = x.take(0, &[0, 1, 2, 6, 8]);
    golden.same("c_sum", some.sum());
    golden.same("c_prod", some.prod());
    golden.near("c_mean", some.mean(), 1);
    golden.same("c_cumsum", some.cumsum(0));
    golden.same("c_to_complex64", x.take(0, &[0, 1, 2, 6]).astype::<Complex32>());
}

fn bounds(golden: &mut Golden) {
    let one = Array::from_ndarray(array![5.0], 1);
    golden.same("one_std", one.std(0.0));
    golden.same("one_std_ddof", one.std(1.0));
    let zeros = Array::from_ndarray(array![-0.0, -0.0], 1);
    golden.same("minus_zero_sum", zeros.sum());
    golden.same("minus_zero_nansum", zeros.nansum());
    golden.same("minus_zero_mean", zeros.mean());
    golden.same("minus_zero_prod", Array::from_ndarray(array![-0.0, 3.0], 1).prod());
    golden.same("nan_cumsum", Array::from_ndarray(array![1.0, NAN, 2.0, INF], 1).cumsum(0));
    golden.same("nan_cumprod", Array::from_ndarray(array![2.0, 0.0, INF, 2.0], 3).cumprod(0));
    golden.same("clip_nan", Array::from_ndarray(array![1.0, NAN, -3.0], 2).clip(NAN, 2.0));
    golden.same("wraps_sum", Array::from_ndarray(array![i64::MAX, 1, 5], 2).sum());
    golden.same("wraps_usum", Array::from_ndarray(array![u64::MAX, 3], 1).sum());
    golden.same("wraps_prod", Array::from_ndarray(array![1_i64 << 62, 2, 3], 2).prod());
    golden.same("mean_of_u8", Array::from_ndarray(array![255_u8, 255, 254], 2).mean());
    let x = Array::from_ndarray(array![i64::MIN, i64::MAX, 7, -7], 3);
    let y = &Array::from_ndarray(array![-1_i64, 0, 64, 63], 2);
    golden.same("i64_floor_divide", x.floor_div(y));
    golden.same("i64_mod", x.modulo(y));
    golden.same("i64_left_shift", &x << y);
    golden.same("i64_right_shift", &x >> y);
    golden.same("i64_multiply", &x * y);
}

/// `X` of the record.
fn of_axes() -> Array<f64, Ix2> {
    let of = |(row, column)| 0.5 * (f64::from((6 * row + column) * 7 % 11) - 4.0);
    let plain = Array2::from_shape_fn((4, 6), |(row, column)| {
        of((u32::try_from(row).unwrap(), u32::try_from(column).unwrap()))
    });
    Array::from_ndarray(plain, [2, 3])
}

fn reductions_along_axes(golden: &mut Golden) {
    let x = of_axes();
    golden.same("x_sum", x.sum_axis(0));
    golden.near("x_mean", x.mean_axis(1), 1);
    golden.near("x_std", x.std(0.0), 2);
    golden.near("x_var", x.var_axis(0, 1.0), 2);
    golden.same("x_min", x.min_axis(1));
    golden.same("x_max", x.max_axes(&[0, 1]));
    golden.same("x_any", x.greater(2.5).any_axis(0));
    golden.same("x_all", x.greater(-2.0).all_axis(1));
    golden.same("x_argmin", x.argmin_axis(1));
    golden.same("x_argmax", x.argmax_axis(0));
    golden.same("x_argmax_of_all", x.argmax());
    golden.same("x_cumsum", x.cumsum(0));
    golden.same("x_cumprod", x.cumprod(1));
}

fn choices(golden: &mut Golden) {
    let x = of_axes();
    golden.same("x_where", x.less(0.0).where_(&-&x, &(&x + 1.0)));
    let cases = [(&x.less(0.0), &(&x * 0.0)), (&x.greater(2.0), &(&x * 2.0))];
    golden.same("x_select", Array::select(&cases, 7.0));
    golden.same("x_clip", x.clip(-1.0, 1.5));
    golden.same("x_astype", x.astype::<i32>());
    golden.same("x_round", x.round());
    golden.same("x_slice", x.slice(s![..;-2, 1..5]));
    golden.same("x_row", x.slice(s![-1, ..]));
    golden.same("x_take", x.take(1, &[5, 0, 0, -2]));
    golden.same("x_compress", x.compress(0, &[true, false, false, true]));
    golden.same("x_diagonal", x.diagonal());
    golden.same("x_tril", x.tril(1));
    golden.same("x_triu", x.triu(-1));
}

fn shapes(golden: &mut Golden) {
    let x = of_axes();
    let part = x.slice(s![..2, ..3]);
    golden.same("x_reshape", x.reshape([2, 2, 6]));
    golden.same("x_ravel", x.ravel());
    golden.same("x_transpose", x.t());
    golden.same("x_moveaxis", x.reshape([2, 2, 6]).move_axis(0, 2));
    golden.same("x_squeeze", x.slice(s![.., 1..3]).insert_axis(1).squeeze(&[1]));
    golden.same("x_flip", x.flip(1));
    golden.same("x_roll", x.roll(1, -2));
    golden.same("x_repeat", x.repeat(0, 2));
    golden.same("x_tile", part.tile(&[2, 1]));
    golden.same("x_stack", Array::stack(1, &[x.clone(), -&x]));
    golden.same("x_hstack", Array::hstack(&[x.clone(), x.slice(s![.., ..1])]));
    golden.same("x_vstack", Array::vstack(&[x.clone(), x.slice(s![..1, ..])]));
    let rows = [x.slice(s![..2, ..]), x.slice(s![1.., ..])];
    golden.same("x_concatenate", Array::concatenate(0, &rows));
    golden.same("x_broadcast", x.slice(s![.., ..1]) - x.slice(s![..1, ..]));
    let widths = [(1, 0), (2, 1)];
    golden.same("x_pad_constant", part.pad(&widths, Border::Const(9.0)));
    golden.same("x_pad_edge", part.pad(&widths, Border::Nearest));
    golden.same("x_pad_wrap", part.pad(&widths, Border::Wrap));
    golden.same("x_pad_reflect", part.pad(&widths, Border::Reflect));
}

fn products_and_borders(golden: &mut Golden) {
    let x = of_axes();
    golden.same("x_diff", x.diff(2, 1));
    golden.same("x_dot", x.dot(&x.t()));
    golden.same("x_tensordot", x.tensordot(&x.slice(s![.., ..2]), (&[0], &[0])));
    golden.same("x_outer", x.slice(s![0, ..3]).outer(&x.slice(s![1, ..2])));
    let greatest = |of: ndarray::ArrayView2<'_, f64>| of.iter().copied().fold(-INF, f64::max);
    golden.same("dask_coarsen", x.coarsen(&[2, 3], Excess::Refuse, greatest));
    golden.same("dask_map_blocks", x.map_blocks(move |block, _| &block - greatest(block)));
    let borders =
        [("periodic", Border::Wrap), ("nearest", Border::Nearest), ("4.0", Border::Const(4.0))];
    for (name, border) in borders {
        let seen = x.map_overlap(&[1, 1], border, |seen, _| {
            &seen.slice(s![..-2, 1..-1]) + &seen.slice(s![1..-1, 2..])
        });
        golden.same(&format!("dask_overlap_{name}"), seen);
    }
}

fn made(golden: &mut Golden) {
    golden.same("made_zeros", Array::<f64, _>::zeros([2, 3], 2));
    golden.same("made_ones", Array::<i16, _>::ones([2, 3], 2));
    golden.same("made_full", Array::full([3], 2.5, 2));
    golden.same("made_arange", Array::arange(3..8_i64, 2));
    golden.same("made_linspace", Array::linspace(-1.0, 2.0, 7, 3));
    golden.same("made_eye", Array::<f64, _>::eye([4, 4], 1, 3));
    golden.same("made_indices", Array::indices(&[2, 3], 2));
}
