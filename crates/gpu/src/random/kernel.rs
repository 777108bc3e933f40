//! The kernel that draws: a block for each invocation.

use std::fmt::Write as _;

use crate::program::Source;
use crate::run::Ty;

/// How numbers are distributed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Law {
    /// All bits of integers, floats below 1.
    Random,
    /// Between `low` and `low + width`.
    Uniform,
    Normal,
}

/// What is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Draw {
    pub(super) ty: Ty,
    pub(super) law: Law,
    /// Whether the device has 64-bit integers.
    pub(super) has_wide: bool,
    pub(super) is_precise: bool,
}

/// The product of two words, and the halves of a sum that is rounded nowhere.
const WIDE: &str = "fn wide(a: u32, b: u32) -> vec2<u32> {\n\
    let p = u64(a) * u64(b);\nreturn vec2<u32>(u32(p & 0xfffffffflu), u32(p >> 32u));\n}\n";
const WIDE_BY_HALVES: &str = "fn wide(a: u32, b: u32) -> vec2<u32> {\n\
    let al = a & 65535u; let ah = a >> 16u; let bl = b & 65535u; let bh = b >> 16u;\n\
    let low = al * bl; let m = ah * bl + (low >> 16u); let n = al * bh + (m & 65535u);\n\
    return vec2<u32>(a * b, ah * bh + (m >> 16u) + (n >> 16u));\n}\n";

const PHILOX: &str = "fn philox(block: vec2<u32>, stream: vec2<u32>, seed: vec2<u32>) -> vec4<u32> {\n\
    var c = vec4<u32>(block, stream);\nvar key = seed;\n";

/// fdlibm's logarithm of normal numbers, and sine and cosine up to an eighth of a turn.
const F32: &str = "fn ln(x: f32) -> f32 {\n\
    let bits = bitcast<u32>(x);\nlet e = bitcast<i32>(bits - 0x3f3504f3u) >> 23u;\n\
    let f = bitcast<f32>(bits - (bitcast<u32>(e) << 23u)) - 1.0;\n\
    let s = f / (2.0 + f);\nlet z = s * s;\nlet w = z * z;\n\
    let r = w * (0.40000972152 + w * 0.24279078841) + z * (0.66666662693 + w * 0.28498786688);\n\
    let h = 0.5 * f * f;\nlet k = f32(e);\n\
    return k * 0.69313812256 - ((h - (s * (h + r) + k * 0.0000090580006145)) - f);\n}\n\
    fn turn(y: u32) -> vec2<f32> {\n\
    let q = (y + 0x20000000u) >> 30u;\n\
    let a = f32(bitcast<i32>(y - (q << 30u))) * 1.4629180792671596e-9;\nlet z = a * a;\n\
    let s = a + a * z * (-1.6666654611e-1 + z * (8.3321608736e-3 + z * -1.9515295891e-4));\n\
    let c = 1.0 - 0.5 * z + z * z * (4.166664568298827e-2 + z * (-1.388731625493765e-3 + z * 2.443315711809948e-5));\n\
    return quarter(q, c, s);\n}\n";

const F64: &str = "fn ln(x: f64) -> f64 {\n\
    let bits = bitcast<u64>(x);\nlet e = bitcast<i64>(bits - 0x3fe6a09e667f3bcdlu) >> 52u;\n\
    let f = bitcast<f64>(bits - (bitcast<u64>(e) << 52u)) - 1.0lf;\n\
    let s = f / (2.0lf + f);\nlet z = s * s;\nlet w = z * z;\n\
    let t1 = w * (3.999999999940941908e-01lf + w * (2.222219843214978396e-01lf + w * 1.531383769920937332e-01lf));\n\
    let t2 = z * (6.666666666666735130e-01lf + w * (2.857142874366239149e-01lf + w * (1.818357216161805012e-01lf + w * 1.479819860511658591e-01lf)));\n\
    let h = 0.5lf * f * f;\nlet k = f64(i32(e));\n\
    return k * 6.93147180369123816490e-01lf - ((h - (s * (h + (t1 + t2)) + k * 1.90821492927058770002e-10lf)) - f);\n}\n\
    fn turn(y: vec2<u32>) -> vec2<f64> {\n\
    let q = (y.y + 0x20000000u) >> 30u;\n\
    let r = f64(bitcast<i32>(y.y - (q << 30u))) * 2.3283064365386963e-10lf + f64(y.x) * 5.421010862427522e-20lf;\n\
    let a = r * 6.283185307179586lf;\nlet z = a * a;\n\
    let s = a + a * z * (-1.66666666666666324348e-01lf + z * (8.33333333332248946124e-03lf + z * (-1.98412698298579493134e-04lf + z * (2.75573137070700676789e-06lf + z * (-2.50507602534068634195e-08lf + z * 1.58969099521155010221e-10lf)))));\n\
    let c = 1.0lf - 0.5lf * z + z * z * (4.16666666666666019037e-02lf + z * (-1.38888888888741095749e-03lf + z * (2.48015872894767294178e-05lf + z * (-2.75573143513906633035e-07lf + z * (2.08757232129817482790e-09lf + z * -1.13596475577881948265e-11lf)))));\n\
    return quarter(q, c, s);\n}\n";

impl Draw {
    /// Numbers that a block gives.
    pub(super) fn per_block(self) -> usize {
        match (self.ty.bytes, self.law) {
            (8, Law::Uniform) if !self.ty.is_float() => 1,
            (4, Law::Uniform) if !self.ty.is_float() => 2,
            (4, _) => 4,
            _ => 2,
        }
    }

    pub(super) fn source(self, is_quads: bool) -> Source {
        let ty = self.ty.name;
        let name = format!("philox_{ty}");
        let mut source = Source::new(name).precise(self.is_precise);
        source = source.write("out", if is_quads { self.ty.quad() } else { ty });
        for name in ["seed0", "seed1", "stream0", "stream1", "block0", "block1", "n", "first"] {
            source = source.param(name, "u32");
        }
        for name in ["low", "width", "last"] {
            source = source.param(name, ty);
        }
        source.items(&self.items()).items(self.below()).body(&self.body(is_quads))
    }

    fn items(self) -> String {
        let ty = self.ty.name;
        let mut text = String::from(if self.has_wide { WIDE } else { WIDE_BY_HALVES });
        text.push_str(PHILOX);
        for _ in 0..10 {
            text.push_str(
                "{ let p = wide(0xd2511f53u, c.x); let q = wide(0xcd9e8d57u, c.z);\n\
                 c = vec4<u32>(q.y ^ c.y ^ key.x, q.x, p.y ^ c.w ^ key.y, p.x);\n\
                 key += vec2<u32>(0x9e3779b9u, 0xbb67ae85u); }\n",
            );
        }
        text.push_str("return c;\n}\n");
        if self.law == Law::Normal {
            let written = write!(
                text,
                "fn quarter(q: u32, c: {ty}, s: {ty}) -> vec2<{ty}> {{\n\
                 let turned = select(vec2<{ty}>(c, s), vec2<{ty}>(-s, c), (q & 1u) != 0u);\n\
                 return select(turned, -turned, (q & 2u) != 0u);\n}}\n"
            );
            debug_assert!(written.is_ok(), "text takes everything");
            text.push_str(if self.ty.bytes == 8 { F64 } else { F32 });
        }
        text
    }

    /// The numbers of a block `c`.
    fn numbers(self) -> Vec<String> {
        let words = ["c.x", "c.y", "c.z", "c.w"];
        let pairs = [("c.x", "c.y"), ("c.z", "c.w")];
        let scaled = |x: String| match self.law {
            Law::Uniform => format!("min({x} * params.width + params.low, params.last)"),
            _ => x,
        };
        match (self.ty.name, self.law) {
            ("f32", Law::Normal) => {
                vec!["n0.x".into(), "n0.y".into(), "n1.x".into(), "n1.y".into()]
            }
            ("f64", Law::Normal) => vec!["n0.x".into(), "n0.y".into()],
            ("f32", _) => {
                let unit = |w: &&str| format!("(f32({w} >> 8u) * 5.9604644775390625e-8)");
                words.iter().map(unit).map(scaled).collect()
            }
            ("f64", _) => {
                let unit = |(low, high): &(&str, &str)| {
                    format!(
                        "(f64({high}) * 2.3283064365386963e-10lf + f64({low} >> 11u) * 1.1102230246251565e-16lf)"
                    )
                };
                pairs.iter().map(unit).map(scaled).collect()
            }
            (ty @ ("u64" | "i64"), Law::Random) => {
                let join =
                    |(l, h): &(&str, &str)| format!("bitcast<{ty}>(u64({l}) | (u64({h}) << 32u))");
                pairs.iter().map(join).collect()
            }
            (ty @ ("u64" | "i64"), _) => {
                vec![format!("bitcast<{ty}>(below(c) + bitcast<u64>(params.low))")]
            }
            (ty, Law::Random) => words.iter().map(|w| format!("bitcast<{ty}>({w})")).collect(),
            (ty, _) => {
                let below = |(l, h): &(&str, &str)| {
                    format!("bitcast<{ty}>(below({l}, {h}) + bitcast<u32>(params.low))")
                };
                pairs.iter().map(below).collect()
            }
        }
    }

    /// What `numbers` needs before.
    fn before(self) -> &'static str {
        match (self.ty.name, self.law) {
            ("f32", Law::Normal) => {
                "let u0 = f32(c.x >> 8u) * 5.9604644775390625e-8 + (f32(c.x & 255u) + 0.5) * 2.3283064365386963e-10;\n\
                 let u1 = f32(c.z >> 8u) * 5.9604644775390625e-8 + (f32(c.z & 255u) + 0.5) * 2.3283064365386963e-10;\n\
                 let n0 = sqrt(-2.0 * ln(u0)) * turn(c.y);\nlet n1 = sqrt(-2.0 * ln(u1)) * turn(c.w);\n"
            }
            ("f64", Law::Normal) => {
                "let u = f64(c.y) * 2.3283064365386963e-10lf + (f64(c.x >> 11u) + 1.0lf) * 1.1102230246251565e-16lf;\n\
                 let n0 = sqrt(-2.0lf * ln(u)) * turn(c.zw);\n"
            }
            _ => "",
        }
    }

    /// Integers below a count: the high part of a product.
    fn below(self) -> &'static str {
        match (self.ty.name, self.law) {
            ("u32" | "i32", Law::Uniform) => {
                "fn below(low: u32, high: u32) -> u32 {\n\
                 let count = bitcast<u32>(params.width);\n\
                 let carry = wide(low, count).y;\nlet p = wide(high, count);\n\
                 return p.y + select(0u, 1u, p.x + carry < carry);\n}\n"
            }
            ("u64" | "i64", Law::Uniform) => {
                "fn below(c: vec4<u32>) -> u64 {\n\
                 let count = bitcast<u64>(params.width);\nlet low = count & 0xfffffffflu;\nlet high = count >> 32u;\n\
                 var carry = 0lu;\n\
                 carry = u64(c.x) * high + (carry >> 32u) + ((u64(c.x) * low + (carry & 0xfffffffflu)) >> 32u);\n\
                 carry = u64(c.y) * high + (carry >> 32u) + ((u64(c.y) * low + (carry & 0xfffffffflu)) >> 32u);\n\
                 carry = u64(c.z) * high + (carry >> 32u) + ((u64(c.z) * low + (carry & 0xfffffffflu)) >> 32u);\n\
                 carry = u64(c.w) * high + (carry >> 32u) + ((u64(c.w) * low + (carry & 0xfffffffflu)) >> 32u);\n\
                 return carry;\n}\n"
            }
            _ => "",
        }
    }

    fn body(self, is_quads: bool) -> String {
        let per = self.per_block();
        let mut text = format!(
            "if (index * {per}u >= params.n) {{ return; }}\n\
             let low = params.block0 + index;\n\
             let block = vec2<u32>(low, params.block1 + select(0u, 1u, low < index));\n\
             let c = philox(block, vec2<u32>(params.stream0, params.stream1), vec2<u32>(params.seed0, params.seed1));\n{}",
            self.before()
        );
        let numbers = self.numbers();
        if is_quads {
            let quad = self.ty.quad();
            text.push_str(&format!(
                "out[params.first + index] = {quad}({});\n",
                numbers.join(", ")
            ));
            return text;
        }
        for (j, number) in numbers.iter().enumerate() {
            text.push_str(&format!(
                "if (index * {per}u + {j}u < params.n) {{ out[params.first + index * {per}u + {j}u] = {number}; }}\n"
            ));
        }
        text
    }
}
