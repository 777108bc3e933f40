//! Every operation of every variant that the machine has gives what it gives for one number.

use std::fmt::Debug;

use num_complex::Complex;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::one::{One, OneFloat, OneInt};
use super::*;

mod memory;

/// Equality of bits, where all NaN are the same.
trait Same: Copy + Debug {
    fn same(self, other: Self) -> bool;
}

/// A number with values to try.
trait Sample: Num + One + Same {
    /// Those where something ends or begins.
    fn special() -> Vec<Self>;
    /// From random bits; `kind` is the way.
    fn random(bits: u64, kind: u8) -> Self;
    /// `x * y + z`, in one rounding if `fused`.
    fn contracted(fused: bool, x: Self, y: Self, z: Self) -> Self;
}

/// The operations of floats, for the sake of their values.
trait SampleReal: Sample + Real<Bits: Same> + OneFloat {
    fn bits(self) -> Self::Bits;
    /// The lowest 4 bits.
    fn low_bits(self) -> usize;
    /// Its mantissa between 0.25 and 4.
    fn near_one(self) -> Self;
    /// An integer that `scale` takes.
    fn power(self) -> Self;
    /// Itself if it is positive and normal and not too large to have a reciprocal, else 1.
    fn moderate(self) -> Self;
    /// Itself if it is positive and finite, else 1.
    fn positive(self) -> Self;
    /// Whether `|self * other - 1|` is at most 2^-11.
    fn inverts(self, other: Self) -> bool;
}

macro_rules! integers {
    ($($E:ident)*) => {$(
        impl Same for $E {
            fn same(self, other: Self) -> bool {
                self == other
            }
        }
        impl Sample for $E {
            fn special() -> Vec<Self> {
                let mut all = vec![0, $E::MIN, $E::MAX, $E::MIN + 1, $E::MAX - 1, $E::MAX / 2 + 1];
                for bit in [0, 1, 3, 4, 5, 6, 7, 15, 16, 31, 32, 33, 52, 53, 62, 63] {
                    let x = (1_u64 << bit) as $E;
                    all.extend([x, x.wrapping_add(1), x.wrapping_sub(1), x.wrapping_neg()]);
                }
                all.sort_unstable();
                all.dedup();
                all
            }
            fn random(bits: u64, kind: u8) -> Self {
                match kind % 4 {
                    0 => bits as $E,
                    1 => (bits % 32) as $E,
                    2 => ((bits % 32) as $E).wrapping_neg(),
                    _ => (bits.cast_signed() >> (bits & 63)) as $E,
                }
            }
            fn contracted(_: bool, x: Self, y: Self, z: Self) -> Self {
                x.wrapping_mul(y).wrapping_add(z)
            }
        }
    )*};
}
integers! { i8 i16 i32 i64 u8 u16 u32 u64 }

impl<T: Same> Same for Complex<T> {
    fn same(self, other: Self) -> bool {
        self.re.same(other.re) && self.im.same(other.im)
    }
}
impl Same for bool {
    fn same(self, other: Self) -> bool {
        self == other
    }
}

macro_rules! floats {
    ($($E:ident $Bits:ident mantissa: $M:literal, bias: $B:literal, powers: $P:literal;)*) => {$(
        impl Same for $E {
            fn same(self, other: Self) -> bool {
                self.to_bits() == other.to_bits() || (self.is_nan() && other.is_nan())
            }
        }
        impl Sample for $E {
            fn special() -> Vec<Self> {
                let mut all = vec![0.0, $E::from_bits(1), $E::from_bits(12345), $E::INFINITY];
                all.extend([$E::NAN, $E::MAX, $E::MAX / 8.0, $E::MIN_POSITIVE * 2.0, 0.1, 2.5, 3.5]);
                let powers = [0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0, $E::MIN_POSITIVE];
                let larger = [23, 24, 31, 32, 51, 52, 53, 62, 63, 64].map(|n| (2.0 as $E).powi(n));
                for x in powers.into_iter().chain(larger) {
                    all.extend([x, x.next_up(), x.next_down()]);
                }
                all.extend(all.clone().into_iter().map(|x| -x));
                all
            }
            fn random(bits: u64, kind: u8) -> Self {
                match kind % 4 {
                    0 => $E::from_bits(bits as $Bits),
                    // Halves.
                    1 => (bits % 64) as $E / 2.0 - 16.0,
                    2 => (bits.cast_signed() >> (bits & 63)) as $E,
                    _ => {
                        let mantissa = $E::from_bits(bits as $Bits).near_one();
                        mantissa * (2.0 as $E).powi((bits >> 56) as i32 - 128)
                    }
                }
            }
            fn contracted(fused: bool, x: Self, y: Self, z: Self) -> Self {
                if fused { $E::mul_add(x, y, z) } else { x * y + z }
            }
        }
        impl SampleReal for $E {
            fn bits(self) -> $Bits {
                $E::to_bits(self)
            }
            fn low_bits(self) -> usize {
                (self.to_bits() & 15) as usize
            }
            fn near_one(self) -> Self {
                let bits = self.to_bits();
                let exponent = $B + (bits >> $M) % 4 - 2;
                let up = $E::from_bits(bits & ((1 << $M) - 1) | exponent << $M);
                if bits % 3 == 0 { -up } else { up }
            }
            fn power(self) -> Self {
                (self.to_bits() % (2 * $P + 1)) as $E - $P as $E
            }
            fn moderate(self) -> Self {
                if self.is_normal() && self > 0.0 && self <= $E::MAX / 8.0 { self } else { 1.0 }
            }
            fn positive(self) -> Self {
                if self > 0.0 && self.is_finite() { self } else { 1.0 }
            }
            fn inverts(self, other: Self) -> bool {
                (self * other - 1.0).abs() <= 1.0 / 2048.0
            }
        }
    )*};
}
floats! {
    f32 u32 mantissa: 23, bias: 127, powers: 240;
    f64 u64 mantissa: 52, bias: 1023, powers: 2000;
}

#[cold]
#[inline(never)]
fn differ(s: &dyn Debug, of: &str, name: &str, from: &dyn Debug, found: &dyn Debug) -> ! {
    panic!("{s:?} {of}: {name} of {from:?} gives (got, wanted) {found:?}");
}

/// One column of numbers in a group; missing ones are 0.
#[inline(always)]
fn group<S: Simd, E: Element, const N: usize>(s: S, rows: &[[E; N]], column: usize) -> Lanes<S, E> {
    let mut array = Lanes::splat(s, E::NIL).to_array();
    for (to, row) in array.as_mut().iter_mut().zip(rows) {
        *to = row[column];
    }
    Lanes::from_array(s, array)
}

/// For every row: does the operation on groups agree with that on one number?
macro_rules! agree {
    ($s:ident $E:ident $rows:ident $row:tt $($name:tt: $wide:expr => $one:expr;)*) => {$(
        let got = $wide.to_array();
        for (got, row) in got.as_ref().iter().zip($rows) {
            #[expect(clippy::allow_attributes, reason = "most operations leave some unused")]
            #[allow(unused_variables, reason = "most operations leave some unused")]
            let $row = *row;
            let wanted = $one;
            if !got.same(wanted) {
                differ(&$s, $E::NAME, stringify!($name), row, &(got, wanted));
            }
        }
    )*};
}

struct Numbers<'a, E>(&'a [[E; 3]]);

impl<E: Sample> Body for Numbers<'_, E> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        let fused = S::ISA != Isa::Baseline;
        for rows in self.0.chunks(S::LANES) {
            let [a, b, c] = [group(s, rows, 0), group(s, rows, 1), group(s, rows, 2)];
            let first = rows[0][0];
            agree! { s E rows [x, y, z]
                "itself": a => x;
                "splat": Lanes::splat(s, first) => first;
                "lane": Lanes::splat(s, a.lane(rows.len() - 1)) => rows[rows.len() - 1][0];
                "add": (a + b) => One::add(x, y);
                "sub": (a - b) => One::sub(x, y);
                "mul": (a * b) => One::mul(x, y);
                "div": (a / b) => One::div(x, y);
                "rem": (a % b) => One::rem(x, y);
                "neg": (-a) => One::neg(x);
                "abs": a.abs() => One::abs(x);
                "min": a.min(b) => One::min(x, y);
                "max": a.max(b) => One::max(x, y);
                "contract": a.contract(b, c) => E::contracted(fused, x, y, z);
                "add of one": (a + first) => One::add(x, first);
                "div by one": (a / first) => One::div(x, first);
                "eq": a.eq(b) => x == y;
                "ne": a.ne(b) => x != y;
                "lt": a.lt(b) => x < y;
                "le": a.le(b) => x <= y;
                "gt": a.gt(b) => x > y;
                "ge": a.ge(b) => x >= y;
                "select": Lanes::select(a.lt(b), b, c) => if x < y { y } else { z };
                "select by another's": Lanes::select(a.le(b) & !b.eq(c), a, c)
                    => if x <= y && y != z { x } else { z };
            }
        }
    }
}

struct Integers<'a, E>(&'a [[E; 3]]);

impl<E: Sample + Int + OneInt> Body for Integers<'_, E> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        for rows in self.0.chunks(S::LANES) {
            let [a, b] = [group(s, rows, 0), group(s, rows, 1)];
            let by = rows[0][2].to_f64().abs() % f64::from(E::BITS);
            let (by, same) = (by as u32, E::from_f64(by));
            agree! { s E rows [x, y, z]
                "and": a.and(b) => x.and(y);
                "or": a.or(b) => x.or(y);
                "xor": a.xor(b) => x.xor(y);
                "shl": a.shl(b) => x.shl(y);
                "shr": a.shr(b) => x.shr(y);
                "shl_by": a.shl_by(by) => x.shl(same);
                "shr_by": a.shr_by(by) => x.shr(same);
                "shr_by 1": a.shr_by(1) => x.shr(E::ONE);
            }
        }
    }
}

struct Reals<'a, E>(&'a [[E; 3]]);

impl<E: SampleReal> Body for Reals<'_, E> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        for rows in self.0.chunks(S::LANES) {
            let [a, b, c] = [group(s, rows, 0), group(s, rows, 1), group(s, rows, 2)];
            let table = [7, 3, 0, 15, 8, 1, 14, 2, 9, 13, 4, 10, 5, 12, 6, 11].map(E::from_i64);
            agree! { s E rows [x, y, z]
                "lookup": Lanes::<S, E>::lookup(&table, a.to_bits()) => table[x.low_bits()];
                "sqrt": a.sqrt() => OneFloat::sqrt(x);
                "mul_add": a.mul_add(b, c) => OneFloat::mul_add(x, y, z);
                "floor": a.floor() => OneFloat::floor(x);
                "ceil": a.ceil() => OneFloat::ceil(x);
                "trunc": a.trunc() => OneFloat::trunc(x);
                "round_ties_even": a.round_ties_even() => OneFloat::round_ties_even(x);
                "to_bits": a.to_bits() => x.bits();
                "from_bits": Lanes::<S, E>::from_bits(a.to_bits()) => x;
                "is_nan": a.is_nan() => x.to_f64().is_nan();
            }
            // Anything may come out of what these do not take, but something must.
            let _ = (a.scale(b), a.split(), a.rsqrt_estimate(), a.recip_estimate());
        }
    }
}

/// The operations that take some numbers only.
struct Parts<'a, E>(&'a [[E; 3]]);

impl<E: SampleReal> Body for Parts<'_, E> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        for rows in self.0.chunks(S::LANES) {
            let [a, b, c] = [group(s, rows, 0), group(s, rows, 1), group(s, rows, 2)];
            let (mantissa, exponent) = c.split();
            agree! { s E rows [x, y, z]
                "scale": a.scale(b) => OneFloat::scale(x, y);
                "split's mantissa": mantissa => OneFloat::split(z).0;
                "split's exponent": exponent => OneFloat::split(z).1;
                "splitting undone": mantissa.scale(exponent) => z;
            }
            // Estimates differ from variant to variant, but not from what they estimate by much.
            let estimates = [(c.rsqrt_estimate(), true), (c.recip_estimate(), false)];
            for (got, root) in estimates {
                for (got, &[_, _, z]) in got.to_array().as_ref().iter().zip(rows) {
                    let exact = if root { OneFloat::sqrt(z) } else { z };
                    if z.same(z.moderate()) && !got.inverts(exact) {
                        differ(&s, E::NAME, "an estimate", &z, &(got, root));
                    }
                }
            }
        }
    }
}

/// From a type, by methods, to types.
macro_rules! conversions {
    ($($Body:ident $From:ident: $($method:ident $To:ident),*;)*) => {$(
        struct $Body<'a>(&'a [[$From; 3]]);
        impl Body for $Body<'_> {
            type Output = ();
            #[inline(always)]
            fn run<S: Simd>(self, s: S) {
                for rows in self.0.chunks(S::LANES) {
                    let a = group(s, rows, 0);
                    agree! { s $From rows [x, y, z] $($method: a.$method() => x as $To;)* }
                }
            }
        }
    )*};
}
conversions! {
    FromF32 f32: to_f64 f64, to_i32 i32;
    FromF64 f64: to_f32 f32, to_i32 i32, to_i64 i64;
    FromI32 i32: to_f64 f64, to_f32 f32, to_i64 i64, to_u32 u32;
    FromI64 i64: to_f64 f64, to_i32 i32, to_u64 u64;
    FromU32 u32: to_u64 u64, to_i32 i32;
    FromU64 u64: to_f64 f64, to_u32 u32, to_i64 i64;
}

/// Bit `i` of each word is lane `i`.
struct Masks<'a>(&'a [[u64; 3]]);

impl Body for Masks<'_> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        let all = ((1_u64 << S::LANES) - 1) as u32;
        for words in self.0 {
            let [x, y, z] = words.map(|word| word as u32 & all);
            let [a, b, c] = [x, y, z].map(|x| Lanes::new(s, S::Mask::from_bits(s, x)));
            let mut array = Mask::splat(s, false).to_array();
            for (i, to) in array.as_mut().iter_mut().enumerate() {
                *to = x >> i & 1 != 0;
            }
            let n = z as usize % (S::LANES + 1);
            let results = [
                ("bits", a, x),
                ("from_array", Lanes::from_array(s, array), x),
                ("to_array", Lanes::from_array(s, a.to_array()), x),
                ("splat", Lanes::splat(s, x & 1 != 0), if x & 1 != 0 { all } else { 0 }),
                ("and", a & b, x & y),
                ("or", a | b, x | y),
                ("not", !a, !x & all),
                ("select", Lanes::select(a, b, c), x & y | !x & z),
                ("first", Mask::first(s, n), ((1_u64 << n) - 1) as u32),
            ];
            for (name, got, wanted) in results {
                let found = (got.bits(), got.any(), got.all());
                let wanted = (wanted, wanted != 0, wanted == all);
                if found != wanted {
                    differ(&s, "bool", name, &[x, y, z], &(found, wanted));
                }
            }
        }
    }
}

/// What a body is called with: rows of numbers.
trait Tokens: Simd {
    fn numbers<E: Sample>(self, rows: &[[E; 3]]) {
        self.call(Numbers(rows));
        self.call(memory::Memory(rows));
    }
    fn masks(self, rows: &[[u64; 3]]) {
        self.call(Masks(rows));
        let bools: Vec<_> = rows.iter().map(|row| row.map(|word| word & 1 != 0)).collect();
        self.call(memory::Memory(&bools));
    }
    fn integers<E: Sample + Int + OneInt>(self, rows: &[[E; 3]]) {
        self.numbers(rows);
        self.call(Integers(rows));
    }
    fn reals<E: SampleReal>(self, rows: &[[E; 3]]) {
        self.numbers(rows);
        self.call(Reals(rows));
        let parts: Vec<_> =
            rows.iter().map(|&[x, y, z]| [x.near_one(), y.power(), z.positive()]).collect();
        self.call(Parts(&parts));
        let pairs: Vec<_> = rows
            .iter()
            .map(|&[x, y, z]| [Complex::new(x, y), Complex::new(y, z), Complex::new(z, x)])
            .collect();
        self.call(memory::Memory(&pairs));
    }
}
impl<S: Simd> Tokens for S {}

/// Calls `check` with the special values in pairs, then with random ones.
fn with_rows<E: Sample>(check: impl Fn(&[[E; 3]])) {
    let special = E::special();
    let third = |i: usize| special[i % special.len()];
    let mut rows = Vec::new();
    for (i, &x) in special.iter().enumerate() {
        for (j, &y) in special.iter().enumerate() {
            rows.push([x, y, third(i + 3 * j)]);
            rows.push([x, y, third(7 * i + j + 1)]);
        }
    }
    check(&rows);
    let mut runner =
        TestRunner::new(Config { failure_persistence: None, ..Config::with_cases(256) });
    let number = (any::<u64>(), any::<u8>()).prop_map(|(bits, kind)| E::random(bits, kind));
    let rows = vec([number.clone(), number.clone(), number], 1..100);
    let outcome = runner.run(&rows, |rows| {
        check(&rows);
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
}

/// Tests of every variant.
macro_rules! variants {
    ($($(#[$attribute:meta])* $variant:ident: $token:expr;)*) => {$(
        $(#[$attribute])*
        mod $variant {
            use super::*;
            variants! { @ $token =>
                f32s: reals f32, FromF32; f64s: reals f64, FromF64;
                i8s: integers i8,; i16s: integers i16,; i32s: integers i32, FromI32;
                i64s: integers i64, FromI64; u8s: integers u8,; u16s: integers u16,;
                u32s: integers u32, FromU32; u64s: integers u64, FromU64; masks: masks u64,;
            }
        }
    )*};
    (@ $token:expr => $($name:ident: $how:ident $E:ident, $($From:ident)?;)*) => {$(
        #[test]
        fn $name() {
            // A machine that lacks the instructions has nothing to test.
            if let Some(s) = $token {
                with_rows::<$E>(|rows| {
                    s.$how(rows);
                    $(s.call($From(rows));)?
                });
            }
        }
    )*};
}
variants! {
    #[cfg(target_arch = "x86_64")]
    v4: V4::detect();
    #[cfg(target_arch = "x86_64")]
    v3: V3::detect();
    portable1: Some(Portable::<1>);
    portable2: Some(Portable::<2>);
    portable4: Some(Portable::<4>);
}

/// The meaning itself, where it can be had another way: f32 in f64.
#[test]
fn scaling_and_splitting_of_one() {
    with_rows::<f32>(|rows| {
        for &[x, y, z] in rows {
            let (x, n, z) = (x.near_one(), y.power(), z.positive());
            let exact = f64::from(x) * 2.0_f64.powi(n as i32);
            assert!(OneFloat::scale(x, n).same(exact as f32), "{x} {n}");
            let (mantissa, exponent) = OneFloat::split(z);
            assert!((0.75..1.5).contains(&mantissa), "{z}: {mantissa}");
            let back = f64::from(mantissa) * 2.0_f64.powi(exponent as i32);
            assert!(f64::from(z).same(back), "{z}: {mantissa} {exponent}");
        }
    });
    with_rows::<f64>(|rows| {
        for row in rows {
            let z = row[2].positive();
            let (mantissa, exponent) = OneFloat::split(z);
            assert!((0.75..1.5).contains(&mantissa), "{z}: {mantissa}");
            assert!(OneFloat::scale(mantissa, exponent).same(z), "{z}: {mantissa} {exponent}");
        }
    });
}
