//! The operations of reductions, as text.
//!
//! Smallest and largest are found among keys: integers in the order of the elements, of which those of
//! NaN come behind all others. So nothing depends on what a device's comparisons and minima make of NaN
//! and of subnormal numbers.

use std::fmt::Write as _;

use crate::element::Element;
use crate::run::Ty;

/// An operation.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(unnameable_types, reason = "a hidden constant alone is of it")]
pub enum Op {
    Sum,
    Prod,
    Mean,
    Min,
    Max,
    ArgMin,
    ArgMax,
    Any,
    All,
    /// Of what is not 0.
    Count,
}

impl Op {
    pub(super) fn name(self) -> &'static str {
        match self {
            Op::Sum => "sum",
            Op::Prod => "prod",
            Op::Mean => "mean",
            Op::Min => "min",
            Op::Max => "max",
            Op::ArgMin => "argmin",
            Op::ArgMax => "argmax",
            Op::Any => "any",
            Op::All => "all",
            Op::Count => "count",
        }
    }

    /// Whether the result is a place.
    pub(super) fn is_place(self) -> bool {
        matches!(self, Op::ArgMin | Op::ArgMax)
    }

    /// Whether the order of what is combined shows in floats.
    pub(super) fn is_rounded(self) -> bool {
        matches!(self, Op::Sum | Op::Prod | Op::Mean)
    }

    /// Whether there is a result of no elements.
    pub(super) fn has_identity(self) -> bool {
        matches!(self, Op::Sum | Op::Prod | Op::Any | Op::All | Op::Count)
    }

    /// The result of no elements, if there is one.
    pub(super) fn of_nothing<T: Element>(self) -> Option<T> {
        let identity = if matches!(self, Op::Prod | Op::All) { T::of(1) } else { T::of(0) };
        self.has_identity().then_some(identity)
    }

    /// What becomes of all elements on the device, if the rest is done with the number that comes back.
    pub(super) fn of_whole(self) -> Self {
        if self == Op::Mean { Op::Sum } else { self }
    }

    /// Whether elements are compared by keys.
    pub(super) fn is_keyed(self, of: Ty) -> bool {
        of.is_float() && matches!(self, Op::Min | Op::Max | Op::ArgMin | Op::ArgMax)
    }

    /// What is combined of elements of a type.
    pub(super) fn key(self, of: Ty) -> Ty {
        match self {
            Op::Any | Op::All | Op::Count => Ty::U32,
            _ if !self.is_keyed(of) => of,
            _ if of.bytes == 8 => Ty::U64,
            _ => Ty::U32,
        }
    }

    /// The type of the result.
    pub(super) fn result(self, of: Ty) -> Ty {
        match self {
            Op::ArgMin | Op::ArgMax | Op::Any | Op::All | Op::Count => Ty::U32,
            _ => of,
        }
    }

    /// What changes no result.
    fn identity(self, key: Ty) -> String {
        let is_min = matches!(self, Op::Min | Op::ArgMin);
        match (self, key.name) {
            (Op::Sum | Op::Mean | Op::Any | Op::Count, _) => key.literal(0),
            (Op::Prod | Op::All, _) => key.literal(1),
            (_, "i32") if is_min => "i32(2147483647)".to_owned(),
            (_, "i64") if is_min => "9223372036854775807li".to_owned(),
            (_, "i32") => "bitcast<i32>(0x80000000u)".to_owned(),
            (_, "i64") => "bitcast<i64>(0x8000000000000000lu)".to_owned(),
            (_, "u64") if is_min => "0xfffffffffffffffflu".to_owned(),
            (_, _) if is_min => "0xffffffffu".to_owned(),
            (_, _) => key.literal(0),
        }
    }

    /// How two are combined, `a` before `b`.
    fn join(self) -> &'static str {
        match self {
            Op::Sum | Op::Mean | Op::Count => "a + b",
            Op::Prod | Op::All => "a * b",
            Op::Min => "min(a, b)",
            Op::Max => "max(a, b)",
            Op::Any => "a | b",
            Op::ArgMin => "(b.v < a.v) | ((b.v == a.v) & (b.i < a.i))",
            Op::ArgMax => "(b.v > a.v) | ((b.v == a.v) & (b.i < a.i))",
        }
    }

    /// Functions for one and for four: `one` and `four` are what is combined; there are `IDENTITY1`,
    /// `IDENTITY4`, `join1`, `join4`, `fold` of four to one, and `key1`, `key4` of elements.
    pub(super) fn items(self, of: Ty) -> String {
        let key = self.key(of);
        let mut text = String::new();
        for (n, key_ty, of_ty) in [(1, key.name, of.name), (4, key.quad(), of.quad())] {
            let value = if n == 1 { "u32" } else { "vec4<u32>" };
            let identity = format!("{key_ty}({})", self.identity(key));
            let join = self.join();
            let written = match self.is_place() {
                true => write!(
                    text,
                    "struct Acc{n} {{ v: {key_ty}, i: {value} }}\n\
                     fn identity{n}() -> Acc{n} {{ return Acc{n}({identity}, {value}(0xffffffffu)); }}\n\
                     fn join{n}(a: Acc{n}, b: Acc{n}) -> Acc{n} {{\n\
                     let better = {join};\n\
                     return Acc{n}(select(a.v, b.v, better), select(a.i, b.i, better)); }}\n"
                ),
                false => write!(
                    text,
                    "alias Acc{n} = {key_ty};\n\
                     fn identity{n}() -> Acc{n} {{ return {identity}; }}\n\
                     fn join{n}(a: Acc{n}, b: Acc{n}) -> Acc{n} {{ return {join}; }}\n"
                ),
            };
            debug_assert!(written.is_ok(), "text takes everything");
            text.push_str(&self.key_function(of, n, of_ty, key_ty));
        }
        let part = |c: &str| match self.is_place() {
            true => format!("Acc1(a.v.{c}, a.i.{c})"),
            false => format!("a.{c}"),
        };
        let [x, y, z, w] = ["x", "y", "z", "w"].map(part);
        text + &format!(
            "fn fold(a: Acc4) -> Acc1 {{ return join1(join1({x}, {y}), join1({z}, {w})); }}\n"
        )
    }

    /// The key of elements.
    fn key_function(self, of: Ty, n: usize, of_ty: &str, key_ty: &str) -> String {
        let head = format!("fn key{n}(x: {of_ty}) -> {key_ty} {{\n");
        let (sign, shift, rest, infinity) = match of.bytes {
            8 => ("0x8000000000000000lu", "63u", "0x7ffffffffffffffflu", "0x7ff0000000000000lu"),
            _ => ("0x80000000u", "31u", "0x7fffffffu", "0x7f800000u"),
        };
        let bits_ty = match (of.bytes, n) {
            (8, 1) => Ty::U64.name,
            (8, _) => Ty::U64.quad(),
            (_, 1) => Ty::U32.name,
            _ => Ty::U32.quad(),
        };
        let shift_ty = if n == 1 { "u32" } else { "vec4<u32>" };
        let body = match self {
            Op::Any | Op::All | Op::Count if of.is_float() => format!(
                "return select({key_ty}(0u), {key_ty}(1u), (bitcast<{bits_ty}>(x) & {bits_ty}({rest})) != {bits_ty}());"
            ),
            Op::Any | Op::All | Op::Count => {
                format!("return select({key_ty}(0u), {key_ty}(1u), x != {of_ty}());")
            }
            _ if !self.is_keyed(of) => "return x;".to_owned(),
            _ => {
                let worst = self.identity(self.key(of));
                // As numbers -0 and 0 are equal, and the first of equal ones is what is asked for.
                let zeros = match self.is_place() {
                    true => {
                        format!("bits = select(bits, {bits_ty}(), bits == {bits_ty}({sign}));\n")
                    }
                    false => String::new(),
                };
                format!(
                    "var bits = bitcast<{bits_ty}>(x);\n{zeros}\
                     let is_nan = (bits & {bits_ty}({rest})) > {bits_ty}({infinity});\n\
                     let is_negative = (bits >> {shift_ty}({shift})) != {bits_ty}();\n\
                     let ordered = select(bits ^ {bits_ty}({sign}), ~bits, is_negative);\n\
                     return select(ordered, {bits_ty}({worst}), is_nan);"
                )
            }
        };
        format!("{head}{body}\n}}\n")
    }

    /// The result of what was combined, as text of `acc`.
    pub(super) fn finish(self, of: Ty) -> String {
        if self.is_place() {
            return "acc.i".to_owned();
        }
        if self == Op::Mean {
            return "acc / params.count".to_owned();
        }
        if !self.is_keyed(of) {
            return "acc".to_owned();
        }
        let (sign, shift) = match of.bytes {
            8 => ("0x8000000000000000lu", "63u"),
            _ => ("0x80000000u", "31u"),
        };
        // The keys of NaN come out as such.
        format!(
            "bitcast<{}>(select(~acc, acc ^ {sign}, (acc >> {shift}) != {}))",
            of.name,
            self.key(of).literal(0)
        )
    }
}
