//! The kernels of a scan: of rows that lie dense, and of columns.
//!
//! A tile of a row is scanned with a number that stands for all before it. In a tile lie four parts one
//! after another, and of each an invocation has four elements: so neighbours read and write side by side,
//! and one scan of four totals, over the invocations, is enough for all parts.

use std::fmt::Write as _;

use crate::program::Source;
use crate::run::Ty;

/// Invocations of a work-group.
const SIZE: u32 = 256;
/// Four elements at a time, so often, are what an invocation has of a tile of a row.
pub(super) const QUADS: u32 = 4;

/// A running sum or product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Scan {
    pub(super) ty: Ty,
    pub(super) is_product: bool,
    /// Whether an element is left out of its own result.
    pub(super) is_exclusive: bool,
    pub(super) is_precise: bool,
}

impl Scan {
    /// `join` of `a` and `b`.
    fn join(self, a: &str, b: &str) -> String {
        let operator = if self.is_product { "*" } else { "+" };
        format!("({a} {operator} {b})")
    }

    fn identity(self) -> String {
        self.ty.literal(u32::from(self.is_product))
    }

    fn named(self, what: &str) -> Source {
        let name = if self.is_product { "cumprod" } else { "cumsum" };
        Source::new(format!("{name}_{}_{what}", self.ty.name)).size(SIZE).precise(self.is_precise)
    }

    /// Of rows.
    pub(super) fn rows(self, is_quads: bool, has_seeds: bool) -> Source {
        let ty = if is_quads { self.ty.quad() } else { self.ty.name };
        let mut source = self.named("rows").read("x", ty);
        if has_seeds {
            source = source.read("seeds", self.ty.name);
        }
        source = source.write("out", ty);
        for name in ["outer", "len", "tiles", "first", "seeds_first", "out_first"] {
            source = source.param(name, "u32");
        }
        let quad = self.ty.quad();
        let items = format!("var<workgroup> shared_sums: array<{quad}, {}>;\n", 2 * SIZE);
        let items = items + &self.load(is_quads) + &self.store(is_quads);
        source.items(&items).body(&self.rows_body(has_seeds))
    }

    fn load(self, is_quads: bool) -> String {
        let (quad, none) = (self.ty.quad(), self.identity());
        if is_quads {
            return format!(
                "fn load(start: u32, at: u32) -> {quad} {{\n\
                 let none = {quad}({none});\nif (at >= params.len) {{ return none; }}\n\
                 let keep = vec4<u32>(at) + vec4<u32>(0u, 1u, 2u, 3u) < vec4<u32>(params.len);\n\
                 return select(none, x[params.first + start / 4u], keep);\n}}\n"
            );
        }
        format!(
            "fn load(start: u32, at: u32) -> {quad} {{\n\
             var four = {quad}({none});\nlet i = params.first + start;\n\
             if (at + 3u < params.len) {{ return {quad}(x[i], x[i + 1u], x[i + 2u], x[i + 3u]); }}\n\
             if (at < params.len) {{ four.x = x[i]; }}\n\
             if (at + 1u < params.len) {{ four.y = x[i + 1u]; }}\n\
             if (at + 2u < params.len) {{ four.z = x[i + 2u]; }}\nreturn four;\n}}\n"
        )
    }

    fn store(self, is_quads: bool) -> String {
        let quad = self.ty.quad();
        let (i, all, one): (&str, &str, fn(u32) -> String) = match is_quads {
            true => ("params.out_first + start / 4u", "out[i] = four;", |n| {
                format!("out[i].{}", ["x", "y", "z", "w"][n as usize])
            }),
            false => (
                "params.out_first + start",
                "out[i] = four.x; out[i + 1u] = four.y; out[i + 2u] = four.z; out[i + 3u] = four.w;",
                |n| format!("out[i + {n}u]"),
            ),
        };
        format!(
            "fn store(start: u32, at: u32, four: {quad}) {{\nlet i = {i};\n\
             if (at + 3u < params.len) {{ {all} return; }}\n\
             if (at < params.len) {{ {} = four.x; }}\n\
             if (at + 1u < params.len) {{ {} = four.y; }}\n\
             if (at + 2u < params.len) {{ {} = four.z; }}\n}}\n",
            one(0),
            one(1),
            one(2)
        )
    }

    fn rows_body(self, has_seeds: bool) -> String {
        let (quad, none) = (self.ty.quad(), self.identity());
        let mut text = format!(
            "let tile = group % params.tiles;\nlet row = group / params.tiles;\n\
             let at = tile * {tile}u + local * 4u;\nlet start = row * params.len + at;\n",
            tile = SIZE * 4 * QUADS,
        );
        let mut add = |part: std::fmt::Arguments<'_>| {
            let written = text.write_fmt(part);
            debug_assert!(written.is_ok(), "text takes everything");
        };
        let parts: Vec<(u32, &str)> = (0..QUADS).zip(["x", "y", "z", "w"]).collect();
        for &(j, _) in &parts {
            let more = j * SIZE * 4;
            add(format_args!("let x{j} = load(start + {more}u, at + {more}u);\n"));
        }
        for &(j, _) in &parts {
            let (y, zw) = (self.join(&format!("x{j}.x"), &format!("x{j}.y")), format!("x{j}.z"));
            let z = self.join(&format!("y{j}"), &zw);
            let w = self.join(&format!("z{j}"), &format!("x{j}.w"));
            add(format_args!("let y{j} = {y};\nlet z{j} = {z};\nlet w{j} = {w};\n"));
        }
        add(format_args!(
            "var totals = {quad}(w0, w1, w2, w3);\nshared_sums[local] = totals;\nworkgroupBarrier();\n"
        ));
        let (mut apart, mut half) = (1, 0);
        while apart < SIZE {
            let joined =
                self.join(&format!("shared_sums[{}u + local - {apart}u]", half * SIZE), "totals");
            half = 1 - half;
            add(format_args!(
                "if (local >= {apart}u) {{ totals = {joined}; }}\n\
                 shared_sums[{}u + local] = totals;\nworkgroupBarrier();\n",
                half * SIZE
            ));
            apart *= 2;
        }
        let base = half * SIZE;
        add(format_args!(
            "var before = {quad}({none});\nif (local > 0u) {{ before = shared_sums[{base}u + local - 1u]; }}\n\
             let whole = shared_sums[{}u];\n",
            base + SIZE - 1
        ));
        match has_seeds {
            true => add(format_args!(
                "var seed = seeds[params.seeds_first + row * params.tiles + tile];\n"
            )),
            false => add(format_args!("var seed = {none};\n")),
        }
        for &(j, c) in &parts {
            let more = j * SIZE * 4;
            let four = match self.is_exclusive {
                true => format!("{quad}({none}, x{j}.x, y{j}, z{j})"),
                false => format!("{quad}(x{j}.x, y{j}, z{j}, w{j})"),
            };
            let from = self.join("seed", &format!("before.{c}"));
            let out = self.join(&format!("{quad}{from}"), &four);
            let seed = self.join("seed", &format!("whole.{c}"));
            add(format_args!("store(start + {more}u, at + {more}u, {out});\nseed = {seed};\n"));
        }
        text
    }

    /// Of columns: so many elements of a column, one after another, are a tile. Without results, the
    /// totals of tiles.
    pub(super) fn columns(self, is_total: bool, has_seeds: bool) -> Source {
        let ty = self.ty.name;
        let what = if is_total { "totals" } else { "columns" };
        let mut source = self.named(what).read("x", ty);
        if has_seeds {
            source = source.read("seeds", ty);
        }
        source = source.write("out", ty);
        for name in ["outer", "len", "inner", "tiles", "tile", "first", "seeds_first", "out_first"]
        {
            source = source.param(name, "u32");
        }
        let seed = match has_seeds {
            true => "seeds[params.seeds_first + index]".to_owned(),
            false => self.identity(),
        };
        let joined = self.join("sum", "x[params.first + at]");
        let each = match (is_total, self.is_exclusive) {
            (true, _) => format!("sum = {joined};"),
            (false, false) => format!("sum = {joined}; out[params.out_first + at] = sum;"),
            (false, true) => {
                format!("let next = {joined}; out[params.out_first + at] = sum; sum = next;")
            }
        };
        let end = if is_total { "out[params.out_first + index] = sum;" } else { "" };
        source.body(&format!(
            "let column = index % params.inner;\nlet left = index / params.inner;\n\
             let tile = left % params.tiles;\nlet row = left / params.tiles;\n\
             if (row >= params.outer) {{ return; }}\n\
             let i = tile * params.tile;\nlet count = min(params.len - i, params.tile);\n\
             var at = (row * params.len + i) * params.inner + column;\nvar sum = {seed};\n\
             for (var j = 0u; j < count; j += 1u) {{ {each} at += params.inner; }}\n{end}\n"
        ))
    }
}
