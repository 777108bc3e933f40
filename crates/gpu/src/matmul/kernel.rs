//! The kernels of matrix products: one for devices, which keeps tiles in the memory of a work-group and
//! in registers, and a plain one for drivers that compute on the processor.

use std::fmt::Write as _;

use crate::program::Source;
use crate::run::Ty;

/// Steps along the inner axis that a work-group takes at a time.
const DEPTH: u32 = 8;
/// Invocations along each axis of a tile.
const SIDE: u32 = 16;

/// How a product is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Plan {
    /// A tile of 16 times as many rows and columns as each invocation keeps: 4 or 8.
    Tiles(u32),
    /// Four rows of a column for each invocation.
    Plain,
}

/// What a kernel is written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) ty: Ty,
    pub(super) plan: Plan,
    pub(super) left: Access,
    pub(super) right: Access,
    /// Whether results are written four at a time.
    pub(super) is_wide: bool,
}

/// How an operand is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// Four at a time, along the axis that the tile has four of.
    Quads,
    /// One by one, neighbours along the axis that the tile has four of.
    Along,
    /// One by one, neighbours along the other axis.
    Across,
}

impl Plan {
    /// Work-groups for a product.
    pub(super) fn groups(self, batches: usize, rows: usize, columns: usize) -> usize {
        match self {
            Self::Tiles(each) => {
                let tile = (SIDE * each) as usize;
                batches * rows.div_ceil(tile) * columns.div_ceil(tile)
            }
            Self::Plain => (batches * rows.div_ceil(4) * columns).div_ceil(64),
        }
    }
}

/// Adds formatted text.
macro_rules! add {
    ($text:ident, $($arguments:tt)*) => {{
        let written = write!($text, $($arguments)*);
        debug_assert!(written.is_ok(), "text takes everything");
    }};
}

impl Shape {
    pub(super) fn source(self) -> Source {
        let Ty { name: ty, .. } = self.ty;
        let bound = |access| if access == Access::Quads { self.ty.quad() } else { ty };
        let out = if self.is_wide { self.ty.quad() } else { ty };
        let size = if self.plan == Plan::Plain { 64 } else { SIDE * SIDE };
        let mut source = Source::new(format!("matmul_{ty}"))
            .size(size)
            .read("a", bound(self.left))
            .read("b", bound(self.right))
            .write("c", out);
        for name in [
            "batches", "rows", "columns", "depth", "a_first", "a_batch", "a_row", "a_step",
            "b_first", "b_batch", "b_step", "b_column", "c_first", "c_batch", "c_row",
        ] {
            source = source.param(name, "u32");
        }
        match self.plan {
            Plan::Plain => source.body(&self.plain()),
            Plan::Tiles(each) => source.items(&self.items(each)).body(&self.tiles(each)),
        }
    }

    fn plain(self) -> String {
        let zero = self.ty.literal(0);
        let mut text = String::from(
            "let column = index % params.columns;\nlet left = index / params.columns;\n\
             let blocks = (params.rows + 3u) / 4u;\nlet batch = left / blocks;\n\
             if (batch >= params.batches) { return; }\nlet row = left % blocks * 4u;\n\
             var at = params.b_first + batch * params.b_batch + column * params.b_column;\n\
             let base = params.a_first + batch * params.a_batch;\n",
        );
        for i in 0..4 {
            add!(text, "var sum{i} = {zero};\n");
            add!(text, "var at{i} = base + min(row + {i}u, params.rows - 1u) * params.a_row;\n");
        }
        text.push_str("for (var k = 0u; k < params.depth; k += 1u) {\nlet y = b[at];\n");
        for i in 0..4 {
            add!(text, "sum{i} += a[at{i}] * y; at{i} += params.a_step;\n");
        }
        text.push_str("at += params.b_step;\n}\n");
        text.push_str(
            "let to = params.c_first + batch * params.c_batch + row * params.c_row + column;\n",
        );
        for i in 0..4 {
            add!(
                text,
                "if (row + {i}u < params.rows) {{ c[to + {i}u * params.c_row] = sum{i}; }}\n"
            );
        }
        text
    }

    /// What is shared, and how four elements of an operand are read: `load_a(batch, row, k)` along k, and
    /// `load_b(batch, k, column)` along the columns, 0 outside.
    fn items(self, each: u32) -> String {
        let (ty, quad) = (self.ty.name, self.ty.quad());
        let quads = 2 * SIDE * each * DEPTH / 4;
        let mut text = format!(
            "var<workgroup> a_tile: array<{quad}, {quads}>;\nvar<workgroup> b_tile: array<{quad}, {quads}>;\n"
        );
        for (array, access, [i, j], [i_len, j_len], [i_step, j_step]) in [
            ("a", self.left, ["row", "k"], ["rows", "depth"], ["a_row", "a_step"]),
            ("b", self.right, ["k", "column"], ["depth", "columns"], ["b_step", "b_column"]),
        ] {
            add!(
                text,
                "fn load_{array}(batch: u32, {i}: u32, {j}: u32) -> {quad} {{\n\
                 if ({i} >= params.{i_len} || {j} >= params.{j_len}) {{ return {quad}(); }}\n\
                 let base = params.{array}_first + batch * params.{array}_batch + {i} * params.{i_step};\n"
            );
            if access == Access::Quads {
                add!(text, "return {array}[base + {j} / 4u];\n}}\n");
                continue;
            }
            add!(
                text,
                "let at = base + {j} * params.{j_step};\nlet more = params.{j_len} - {j};\n"
            );
            add!(
                text,
                "if (more >= 4u) {{ return {quad}({array}[at], {array}[at + params.{j_step}], \
                 {array}[at + 2u * params.{j_step}], {array}[at + 3u * params.{j_step}]); }}\n\
                 var four = {quad}({array}[at], {ty}(), {ty}(), {ty}());\n\
                 if (more > 1u) {{ four.y = {array}[at + params.{j_step}]; }}\n\
                 if (more > 2u) {{ four.z = {array}[at + 2u * params.{j_step}]; }}\nreturn four;\n}}\n"
            );
        }
        text
    }

    fn tiles(self, each: u32) -> String {
        let quad = self.ty.quad();
        let tile = SIDE * each;
        let mut text = format!(
            // Tiles of eight rows of tiles go one after another, so that what they read stays in the cache.
            "let tile_rows = (params.rows + {last}u) / {tile}u;\n\
             let tile_columns = (params.columns + {last}u) / {tile}u;\n\
             let tiles = tile_rows * tile_columns;\n\
             let batch = group / tiles;\nlet at = group % tiles;\n\
             let band = at / (8u * tile_columns) * 8u;\nlet in_band = at % (8u * tile_columns);\n\
             let high = min(tile_rows - band, 8u);\n\
             let row = (band + in_band % high) * {tile}u;\nlet column = in_band / high * {tile}u;\n\
             let x = local % {SIDE}u;\nlet y = local / {SIDE}u;\n",
            last = tile - 1,
        );
        text.push_str(&self.places(tile));
        for (i, j) in (0..each).flat_map(|i| (0..each / 4).map(move |j| (i, j))) {
            add!(text, "var sum{i}_{j} = {quad}();\n");
        }
        add!(text, "var next_a = {quad}();\nvar next_b = {quad}();\nvar half = 0u;\n");
        text.push_str(&Self::fetch("0u", tile));
        text.push_str(&Self::keep("half", tile));
        add!(
            text,
            "workgroupBarrier();\n\
             for (var k = 0u; k < params.depth; k += {DEPTH}u) {{\n\
             let more = k + {DEPTH}u;\nif (more < params.depth) {{\n{}}}\n\
             let a_at = half * {a_half}u + y * {a_rows}u;\nlet b_at = half * {b_half}u + x;\n",
            Self::fetch("more", tile),
            a_half = tile * DEPTH / 4,
            a_rows = 4 * DEPTH / 4,
            b_half = tile * DEPTH / 4,
        );
        for quarter in 0..DEPTH / 4 {
            text.push_str(&self.multiply(each, quarter));
        }
        add!(
            text,
            "half = 1u - half;\nif (more < params.depth) {{\n{}}}\nworkgroupBarrier();\n}}\n",
            Self::keep("half", tile)
        );
        text.push_str(&self.store(each));
        text
    }

    /// Which four elements of the tiles an invocation brings: neighbours in memory by neighbours.
    fn places(self, tile: u32) -> String {
        let quarters = DEPTH / 4;
        let fours = tile / 4;
        // Half of the invocations are enough for a small tile; the other half brings the other one.
        let b_local = if tile * DEPTH / 4 < SIDE * SIDE { "(local - 128u)" } else { "local" };
        let a = match self.left {
            Access::Across => format!("let a_i = local % {tile}u;\nlet a_j = local / {tile}u;\n"),
            _ => format!("let a_i = local / {quarters}u;\nlet a_j = local % {quarters}u;\n"),
        };
        let b = match self.right {
            Access::Across => {
                format!("let b_i = {b_local} % {DEPTH}u;\nlet b_j = {b_local} / {DEPTH}u;\n")
            }
            _ => format!("let b_i = {b_local} / {fours}u;\nlet b_j = {b_local} % {fours}u;\n"),
        };
        a + &b
    }

    /// Conditions under which an invocation brings a part of each tile.
    fn shares(tile: u32) -> [&'static str; 2] {
        if tile * DEPTH / 4 < SIDE * SIDE {
            ["if (local < 128u) ", "if (local >= 128u) "]
        } else {
            ["", ""]
        }
    }

    fn fetch(k: &str, tile: u32) -> String {
        let [a, b] = Self::shares(tile);
        format!(
            "{a}{{ next_a = load_a(batch, row + a_i, {k} + a_j * 4u); }}\n\
             {b}{{ next_b = load_b(batch, {k} + b_i, column + b_j * 4u); }}\n"
        )
    }

    fn keep(half: &str, tile: u32) -> String {
        let [a, b] = Self::shares(tile);
        let (quads, quarters, fours) = (tile * DEPTH / 4, DEPTH / 4, tile / 4);
        format!(
            "{a}{{ a_tile[{half} * {quads}u + a_i * {quarters}u + a_j] = next_a; }}\n\
             {b}{{ b_tile[{half} * {quads}u + b_i * {fours}u + b_j] = next_b; }}\n"
        )
    }

    /// Four steps along the inner axis. An invocation has rows `4 y ..` of each 64 and columns `4 x ..` of
    /// each 64, so that neighbours read what lies side by side.
    fn multiply(self, each: u32, quarter: u32) -> String {
        let (quad, quarters, fours) = (self.ty.quad(), DEPTH / 4, SIDE * each / 4);
        let mut text = String::from("{\n");
        for i in 0..each {
            let at = (i / 4 * 64 + i % 4) * quarters + quarter;
            add!(text, "let a{i} = a_tile[a_at + {at}u];\n");
        }
        for (step, part) in ["x", "y", "z", "w"].into_iter().enumerate() {
            let k = quarter * 4 + u32::try_from(step).unwrap_or(0);
            text.push_str("{\n");
            for j in 0..each / 4 {
                add!(text, "let b{j} = b_tile[b_at + {}u];\n", k * fours + j * SIDE);
            }
            for (i, j) in (0..each).flat_map(|i| (0..each / 4).map(move |j| (i, j))) {
                match self.ty.is_float() {
                    true => {
                        add!(text, "sum{i}_{j} = fma({quad}(a{i}.{part}), b{j}, sum{i}_{j});\n");
                    }
                    false => add!(text, "sum{i}_{j} += {quad}(a{i}.{part}) * b{j};\n"),
                }
            }
            text.push_str("}\n");
        }
        text.push_str("}\n");
        text
    }

    fn store(self, each: u32) -> String {
        let mut text = String::from("let to = params.c_first + batch * params.c_batch;\n");
        for (i, j) in (0..each).flat_map(|i| (0..each / 4).map(move |j| (i, j))) {
            add!(
                text,
                "{{ let i = row + y * 4u + {}u;\nlet j = column + x * 4u + {}u;\n\
                 if (i < params.rows && j < params.columns) {{\n",
                i / 4 * 64 + i % 4,
                j * 64
            );
            if self.is_wide {
                add!(text, "c[to + i * params.c_row + j / 4u] = sum{i}_{j};\n");
            } else {
                add!(text, "let here = to + i * params.c_row + j;\nc[here] = sum{i}_{j}.x;\n");
                for (more, part) in [(1, "y"), (2, "z"), (3, "w")] {
                    add!(
                        text,
                        "if (j + {more}u < params.columns) {{ c[here + {more}u] = sum{i}_{j}.{part}; }}\n"
                    );
                }
            }
            text.push_str("}\n}\n");
        }
        text
    }
}
