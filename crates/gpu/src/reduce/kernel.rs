//! The two kernels of a step of a reduction: along rows that lie dense, and along columns.
//!
//! Both take a tile of each row or column to one number by a tree that depends on the lengths alone: what
//! an invocation takes in, in which order, and how a work-group joins its invocations. So the result has
//! the same bits however many work-groups a device runs at a time, whatever its subgroups are, and however
//! an array is cut into bindings.

use std::fmt::Write as _;

use super::op::Op;
use crate::program::Source;
use crate::run::Ty;

/// Invocations of a work-group.
const SIZE: u32 = 256;

/// What is the same for all work-groups of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) op: Op,
    /// The type of the array's elements.
    pub(super) of: Ty,
    /// Whether the array itself is read, and not what a step before has left.
    pub(super) is_first: bool,
    /// Whether results are written, and not what the next step reads.
    pub(super) is_last: bool,
    /// Whether places are counted through all rows, and not in each anew.
    pub(super) is_flat: bool,
    pub(super) is_precise: bool,
    pub(super) tree: Tree,
}

/// How the text of a step reads elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Elements {
    /// Of an array `x`.
    Array,
    /// The same, four at a time.
    Quads,
    /// By a function `element`, of the number of the element.
    Function,
    /// And four that are there by a function `elements`, of the number of the first.
    Functions,
}

/// How elements are shared among invocations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tree {
    /// So many invocations a row, each of which takes in so many times four elements.
    Rows { lanes: u32, quads: u32 },
    /// So many columns a work-group; each invocation takes in so many elements of a column.
    Columns { columns: u32, elements: u32 },
}

impl Tree {
    /// For rows or columns of a length that lie so far apart, of which a kernel may see so many elements
    /// at a time. That bound matters for none of the sizes that devices have.
    pub(super) fn new(len: usize, inner: usize, most: usize) -> Self {
        if inner == 1 {
            let all = u32::try_from(len.div_ceil(4)).unwrap_or(u32::MAX).max(1);
            let mut lanes =
                all.div_ceil(4).checked_next_power_of_two().map_or(SIZE, |n| n.min(SIZE));
            let mut quads =
                if all > 4 * SIZE { 16 } else { all.div_ceil(lanes).next_power_of_two() };
            while (4 * lanes * quads) as usize > most && lanes * quads > 1 {
                if quads > 1 { quads /= 2 } else { lanes /= 2 }
            }
            return Self::Rows { lanes, quads };
        }
        let inner = u32::try_from(inner).unwrap_or(u32::MAX);
        // Neighbours read 128 bytes, which lie together, and a tile is tall, so that few numbers lie between steps.
        let mut columns = inner.checked_next_power_of_two().map_or(32, |n| n.min(32));
        // Lanes without an element would only cost.
        while columns < SIZE && (SIZE / columns / 2) as usize >= len {
            columns *= 2;
        }
        let mut elements = 32;
        while (elements * SIZE / columns) as usize > most && elements > 1 {
            elements /= 2;
        }
        while (elements * SIZE / columns) as usize > most && columns < SIZE {
            columns *= 2;
        }
        Self::Columns { columns, elements }
    }

    /// Elements of a row or column that become one.
    pub(super) fn tile(self) -> usize {
        let elements = match self {
            Self::Rows { lanes, quads } => 4 * lanes * quads,
            Self::Columns { columns, elements } => SIZE / columns * elements,
        };
        elements as usize
    }

    /// Work-groups for so many rows, tiles of each and numbers between two of a column.
    pub(super) fn groups(self, outer: usize, tiles: usize, inner: usize) -> usize {
        match self {
            Self::Rows { lanes, .. } => outer.div_ceil((SIZE / lanes) as usize) * tiles,
            Self::Columns { columns, .. } => outer * tiles * inner.div_ceil(columns as usize),
        }
    }

    /// Whether four elements can be read at a time where rows begin at multiples of four.
    pub(super) fn is_quads(self) -> bool {
        matches!(self, Self::Rows { .. })
    }
}

impl Step {
    /// What is read.
    pub(super) fn input(self) -> Ty {
        if self.is_first { self.of } else { self.op.key(self.of) }
    }

    /// What is written.
    pub(super) fn output(self) -> Ty {
        if self.is_last { self.op.result(self.of) } else { self.op.key(self.of) }
    }

    /// Whether places are read beside keys.
    pub(super) fn has_places(self) -> bool {
        self.op.is_place() && !self.is_first
    }

    /// Whether places are written beside keys.
    pub(super) fn gives_places(self) -> bool {
        self.op.is_place() && !self.is_last
    }

    /// The kernel that reads arrays.
    pub(super) fn source(self, is_quads: bool) -> Source {
        let name = format!("{}_{}", self.op.name(), self.of.name);
        let of_array = |ty: Ty| if is_quads { ty.quad() } else { ty.name };
        let mut source = Source::new(name).precise(self.is_precise);
        source = source.read("x", of_array(self.input()));
        if self.has_places() {
            source = source.read("places", of_array(Ty::U32));
        }
        let elements = if is_quads { Elements::Quads } else { Elements::Array };
        self.complete(source, elements).param("first", "u32").param("places_first", "u32")
    }

    /// A kernel with what it reads, and all the rest.
    pub(super) fn complete(self, source: Source, elements: Elements) -> Source {
        let mut source = source.size(SIZE).write("out", self.output().name);
        if self.gives_places() {
            source = source.write("out_places", "u32");
        }
        for name in ["outer", "len", "inner", "tiles", "base", "out_first", "out_places_first"] {
            source = source.param(name, "u32");
        }
        source = source.param("count", self.of.name).items(&self.op.items(self.of));
        source = source.items(&self.loads(elements)).items(&self.shared());
        match self.tree {
            Tree::Rows { lanes, quads } => source.body(&self.rows(lanes, quads, elements)),
            Tree::Columns { columns, elements } => source.body(&self.columns(columns, elements)),
        }
    }

    /// `Acc{n}` of what is read, as text: `x`, and for what comes from a step before `place`.
    fn take(self, n: u32, x: &str, place: &str) -> String {
        let at = if self.is_flat { "start" } else { "at" };
        let x = if self.is_first { format!("key{n}({x})") } else { x.to_owned() };
        if !self.op.is_place() {
            return x;
        }
        match (self.is_first, n) {
            (true, 1) => format!("Acc1({x}, params.base + {at})"),
            (true, _) => {
                format!("Acc4({x}, vec4<u32>(params.base + {at}) + vec4<u32>(0u, 1u, 2u, 3u))")
            }
            (false, _) => format!("Acc{n}({x}, {place})"),
        }
    }

    /// `load1`, `load4` and `load_some`: of elements from the one at `start` on, which is `at` of its
    /// row.
    fn loads(self, elements: Elements) -> String {
        let x = |index: &str| match elements {
            Elements::Function | Elements::Functions => format!("element({index})"),
            Elements::Array | Elements::Quads => format!("x[params.first + {index}]"),
        };
        let place = |index: &str| format!("places[params.places_first + {index}]");
        if !self.tree.is_quads() {
            let take = self.take(1, &x("start"), &place("start"));
            return format!("fn load1(start: u32, at: u32) -> Acc1 {{ return {take}; }}\n");
        }
        let four = |one: &dyn Fn(&str) -> String, index: fn(u32) -> String, quad: &str| {
            let parts: Vec<_> = (0..4).map(|i| one(&index(i))).collect();
            format!("{quad}({})", parts.join(", "))
        };
        let quad = self.input().quad();
        let plain = |i: u32| format!("start + {i}u");
        // The last number stands in for those beyond it, which are then left out.
        let clamped = |i: u32| format!("start + min({i}u, params.len - 1u - at)");
        let all = match elements {
            Elements::Quads => x("start / 4u"),
            Elements::Functions => "elements(start)".to_owned(),
            Elements::Array | Elements::Function => four(&x, plain, quad),
        };
        let some = match elements {
            Elements::Quads => all.clone(),
            _ => four(&x, clamped, quad),
        };
        let (places, some_places) = match elements {
            Elements::Quads => (place("start / 4u"), place("start / 4u")),
            _ => {
                let quad = Ty::U32.quad();
                (four(&place, plain, quad), four(&place, clamped, quad))
            }
        };
        let pick = match self.op.is_place() {
            true => "return Acc4(select(none.v, some.v, keep), select(none.i, some.i, keep));",
            false => "return select(none, some, keep);",
        };
        format!(
            "fn load4(start: u32, at: u32) -> Acc4 {{ return {}; }}\n\
             fn load_some(start: u32, at: u32) -> Acc4 {{\n\
             let some = {};\nlet none = identity4();\n\
             let keep = vec4<u32>(at) + vec4<u32>(0u, 1u, 2u, 3u) < vec4<u32>(params.len);\n{pick}\n}}\n",
            self.take(4, &all, &places),
            self.take(4, &some, &some_places),
        )
    }

    /// What a work-group shares, and `put` and `take` of it.
    fn shared(self) -> String {
        let key = self.op.key(self.of).name;
        match self.op.is_place() {
            true => format!(
                "var<workgroup> keys: array<{key}, SIZE>;\nvar<workgroup> of_keys: array<u32, SIZE>;\n\
                 fn put(at: u32, acc: Acc1) {{ keys[at] = acc.v; of_keys[at] = acc.i; }}\n\
                 fn take(at: u32) -> Acc1 {{ return Acc1(keys[at], of_keys[at]); }}\n"
            ),
            false => format!(
                "var<workgroup> keys: array<{key}, SIZE>;\n\
                 fn put(at: u32, acc: Acc1) {{ keys[at] = acc; }}\n\
                 fn take(at: u32) -> Acc1 {{ return keys[at]; }}\n"
            ),
        }
    }

    /// Joins the accumulators of invocations that lie `apart` from each other, of which `lane` counts so
    /// many.
    fn join(lanes: u32, apart: u32) -> String {
        let mut text = String::new();
        let mut half = lanes / 2;
        while half > 0 {
            let far = half * apart;
            let put =
                if half == lanes / 2 { "put(local, acc);\nworkgroupBarrier();\n" } else { "" };
            let again = if half > 1 { "put(local, acc);" } else { "" };
            let written = writeln!(
                text,
                "{put}if (lane < {half}u) {{ acc = join1(acc, take(local + {far}u)); {again} }}"
            );
            debug_assert!(written.is_ok(), "text takes everything");
            if half > 1 {
                text.push_str("workgroupBarrier();\n");
            }
            half /= 2;
        }
        text
    }

    fn store(self, at: &str) -> String {
        let mut text = match (self.is_last, self.op.is_place()) {
            (true, _) => format!("out[params.out_first + {at}] = {};\n", self.op.finish(self.of)),
            (false, true) => format!("out[params.out_first + {at}] = acc.v;\n"),
            (false, false) => format!("out[params.out_first + {at}] = acc;\n"),
        };
        if self.gives_places() {
            let written = writeln!(text, "out_places[params.out_places_first + {at}] = acc.i;");
            debug_assert!(written.is_ok(), "text takes everything");
        }
        text
    }

    fn rows(self, lanes: u32, quads: u32, elements: Elements) -> String {
        let rows = SIZE / lanes;
        let tile = 4 * lanes * quads;
        let mut all = String::new();
        for j in 0..quads {
            let at = 4 * j * lanes;
            let written = writeln!(all, "four = join4(four, load4(start + {at}u, at + {at}u));");
            debug_assert!(written.is_ok(), "text takes everything");
        }
        let whole = match elements {
            Elements::Array => "// Four numbers at a time by themselves.\n",
            _ => "",
        };
        format!(
            "{whole}let lane = local % {lanes}u;\n\
             let tile = group % params.tiles;\n\
             let row = group / params.tiles * {rows}u + local / {lanes}u;\n\
             let at = tile * {tile}u + lane * 4u;\n\
             let start = row * params.len + at;\n\
             var four = identity4();\n\
             if (row < params.outer) {{\n\
             if ((tile + 1u) * {tile}u <= params.len) {{\n{all}}} else {{\n\
             for (var j = 0u; j < {quads}u; j += 1u) {{\n\
             let more = j * {step}u;\n\
             if (at + more < params.len) {{ four = join4(four, load_some(start + more, at + more)); }}\n\
             }}\n}}\n}}\n\
             var acc = fold(four);\n{join}\
             if (lane == 0u && row < params.outer) {{ {store} }}\n",
            step = 4 * lanes,
            join = Self::join(lanes, 1),
            store = self.store("row * params.tiles + tile"),
        )
    }

    fn columns(self, columns: u32, elements: u32) -> String {
        let lanes = SIZE / columns;
        let tile = lanes * elements;
        let batch = elements.min(8);
        let mut all = String::new();
        for j in 0..batch {
            let rows = j * lanes;
            let written =
                writeln!(all, "let x{j} = load1(start + {rows}u * params.inner, at + {rows}u);");
            debug_assert!(written.is_ok(), "text takes everything");
        }
        for j in 0..batch {
            let written = writeln!(all, "acc = join1(acc, x{j});");
            debug_assert!(written.is_ok(), "text takes everything");
        }
        format!(
            "let blocks = (params.inner + {last}u) / {columns}u;\n\
             let column = group % blocks * {columns}u + local % {columns}u;\n\
             let lane = local / {columns}u;\n\
             let tile = group / blocks % params.tiles;\n\
             let row = group / blocks / params.tiles;\n\
             var at = tile * {tile}u + lane;\n\
             var start = (row * params.len + at) * params.inner + column;\n\
             var acc = identity1();\n\
             if (column < params.inner) {{\n\
             if ((tile + 1u) * {tile}u <= params.len) {{\n\
             for (var j = 0u; j < {batches}u; j += 1u) {{\n{all}\
             at += {step}u;\nstart += {step}u * params.inner;\n}}\n}} else {{\n\
             for (var j = 0u; j < {elements}u; j += 1u) {{\n\
             if (at < params.len) {{ acc = join1(acc, load1(start, at)); }}\n\
             at += {lanes}u;\nstart += {lanes}u * params.inner;\n}}\n}}\n}}\n{join}\
             if (lane == 0u && column < params.inner) {{ {store} }}\n",
            last = columns - 1,
            batches = elements / batch,
            step = batch * lanes,
            join = Self::join(lanes, columns),
            store = self.store("(row * params.tiles + tile) * params.inner + column"),
        )
    }
}
