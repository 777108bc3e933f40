//! The kernels of a pass of a radix sort: how often each digit comes in a tile, and the elements to their
//! places.
//!
//! A tile is 8 bands of 32 invocations, each with so many elements one after another. Within a band
//! elements are taken 32 at a time. Those of one digit set their bits in one mask: the bits below its own
//! tell an element how many come before it, and the lowest of them adds all to the count of the digit. So
//! the order stays, no operation of subgroups is needed, and nothing depends on which comes first.

use std::fmt::Write as _;

use crate::program::Source;

/// Invocations of a work-group, and digits.
const SIZE: u32 = 256;
/// Elements of an invocation.
const EACH: u32 = 16;
/// Elements of a tile.
pub(super) const TILE: u32 = SIZE * EACH;
/// Bytes that a work-group shares, of which no device of today has fewer.
pub(super) const SHARED_BYTES: u32 = 4 * (2 * 8 * SIZE + 8 * SIZE + 2 * SIZE + SIZE);

/// What elements are, as far as their order goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Unsigned,
    Signed,
    Float,
}

/// A pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pass {
    pub(super) kind: Kind,
    /// Whether keys have two words.
    pub(super) is_double: bool,
    pub(super) is_descending: bool,
    /// Whether elements are read as they are, and not by their keys.
    pub(super) is_first: bool,
    pub(super) is_last: bool,
    /// Whether places go with the keys.
    pub(super) has_places: bool,
    /// Whether the last pass writes elements, and not places alone.
    pub(super) has_keys: bool,
}

impl Pass {
    pub(super) fn key(self) -> &'static str {
        if self.is_double { "vec2<u32>" } else { "u32" }
    }

    fn named(self, what: &str) -> Source {
        Source::new(format!("sort_{what}")).size(SIZE).read("x", self.key())
    }

    /// Keys of elements in the order of unsigned numbers, elements of keys, and digits.
    fn items(self) -> String {
        let key = self.key();
        let high = if self.is_double { "k.y" } else { "k" };
        let flip = if self.is_descending { "k = ~k;\n" } else { "" };
        let (encode, decode) = match self.kind {
            Kind::Unsigned => (String::new(), String::new()),
            Kind::Signed => {
                (format!("{high} ^= 0x80000000u;\n"), format!("{high} ^= 0x80000000u;\n"))
            }
            // Of negative numbers all bits are turned, of others the sign.
            Kind::Float => {
                let all = |is: &str| {
                    format!(
                        "if (({high} & 0x80000000u) {is} 0u) {{ k = ~k; }} else {{ {high} ^= 0x80000000u; }}\n"
                    )
                };
                (all("!="), all("=="))
            }
        };
        let (encode, decode) = (
            if self.is_first { encode + flip } else { String::new() },
            if self.is_last { flip.to_owned() + &decode } else { String::new() },
        );
        let digit = match self.is_double {
            true => "(select(k.x, k.y, params.shift >= 32u) >> (params.shift & 31u)) & 255u",
            false => "(k >> params.shift) & 255u",
        };
        format!(
            "fn encode(x: {key}) -> {key} {{ var k = x;\n{encode}return k; }}\n\
             fn decode(x: {key}) -> {key} {{ var k = x;\n{decode}return k; }}\n\
             fn digit(k: {key}) -> u32 {{ return {digit}; }}\n"
        )
    }

    /// Counts of digits: of each row and digit those of the tiles, one after another.
    pub(super) fn counts(self) -> Source {
        let mut source = self.named("counts").write("counts", "u32");
        for name in ["len", "tiles", "shift", "first", "counts_first"] {
            source = source.param(name, "u32");
        }
        let mut body = String::from(
            "let tile = group % params.tiles;\nlet row = group / params.tiles;\n\
             let start = params.first + row * params.len;\n\
             atomicStore(&bins[local], 0u);\nworkgroupBarrier();\n",
        );
        for j in 0..EACH {
            let written = write!(
                body,
                "{{ let i = tile * {TILE}u + {}u + local;\nif (i < params.len) {{ \
                 atomicAdd(&bins[digit(encode(x[start + i]))], 1u); }} }}\n",
                j * SIZE
            );
            debug_assert!(written.is_ok(), "text takes everything");
        }
        body.push_str(
            "workgroupBarrier();\n\
             counts[params.counts_first + (row * SIZE + local) * params.tiles + tile] = \
             atomicLoad(&bins[local]);\n",
        );
        let items = self.items() + "var<workgroup> bins: array<atomic<u32>, 256>;\n";
        source.items(&items).body(&body)
    }

    /// Elements to their places, which are the sums of all counts before.
    pub(super) fn scatter(self) -> Source {
        let mut source = self.named("scatter");
        let (reads_places, writes_keys) =
            (self.has_places && !self.is_first, self.has_keys || !self.is_last);
        if reads_places {
            source = source.read("places", "u32");
        }
        source = source.read("offsets", "u32");
        if writes_keys {
            source = source.write("out", self.key());
        }
        if self.has_places {
            source = source.write("out_places", "u32");
        }
        for name in [
            "len",
            "tiles",
            "shift",
            "first",
            "places_first",
            "offsets_first",
            "out_first",
            "out_places_first",
        ] {
            source = source.param(name, "u32");
        }
        let items = self.items()
            + "var<workgroup> masks: array<atomic<u32>, 4096>;\n\
               var<workgroup> counts: array<u32, 2048>;\n\
               var<workgroup> sums: array<u32, 512>;\n\
               var<workgroup> bases: array<u32, 256>;\n";
        let mut body = String::from(
            "let tile = group % params.tiles;\nlet row = group / params.tiles;\n\
             let row_at = row * params.len;\nlet lane = local % 32u;\nlet band = local / 32u * SIZE;\n\
             let below = (1u << lane) - 1u;\n",
        );
        for part in 0..16 {
            let at = part * SIZE;
            let counts =
                if part < 8 { format!("counts[{at}u + local] = 0u;") } else { String::new() };
            let written = writeln!(body, "atomicStore(&masks[{at}u + local], 0u); {counts}");
            debug_assert!(written.is_ok(), "text takes everything");
        }
        body.push_str("workgroupBarrier();\n");
        body.push_str(&self.rank(reads_places));
        body.push_str(&Self::starts());
        body.push_str(&self.exchange(writes_keys));
        source.items(&items).body(&body)
    }

    /// `k{j}`, `p{j}` for its place, and `r{j}`: how many of the digit come before it in its band.
    fn rank(self, reads_places: bool) -> String {
        let mut text = String::new();
        let mut add = |part: std::fmt::Arguments<'_>| {
            let written = text.write_fmt(part);
            debug_assert!(written.is_ok(), "text takes everything");
        };
        for j in 0..EACH {
            add(format_args!(
                "let i{j} = tile * {TILE}u + local / 32u * {}u + {}u + lane;\n\
                 let is{j} = i{j} < params.len;\nvar k{j} = {}();\n\
                 if (is{j}) {{ k{j} = encode(x[params.first + row_at + i{j}]); }}\n",
                32 * EACH,
                32 * j,
                self.key(),
            ));
            if reads_places {
                add(format_args!(
                    "var p{j} = 0u;\nif (is{j}) {{ p{j} = places[params.places_first + row_at + i{j}]; }}\n"
                ));
            } else if self.has_places {
                add(format_args!("let p{j} = i{j};\n"));
            }
        }
        for j in 0..EACH {
            let half = j % 2 * 2048;
            add(format_args!(
                "let d{j} = band + digit(k{j});\n\
                 if (is{j}) {{ atomicOr(&masks[{half}u + d{j}], 1u << lane); }}\nworkgroupBarrier();\n\
                 let m{j} = atomicLoad(&masks[{half}u + d{j}]);\n\
                 var r{j} = counts[d{j}] + countOneBits(m{j} & below);\nworkgroupBarrier();\n\
                 if (is{j} && (m{j} & below) == 0u) {{\n\
                 counts[d{j}] += countOneBits(m{j});\natomicStore(&masks[{half}u + d{j}], 0u);\n}}\n"
            ));
        }
        text.push_str("workgroupBarrier();\n");
        text
    }

    /// Where the digits begin, in the tile and among all; an invocation has one digit.
    fn starts() -> String {
        let mut text = String::from("var total = 0u;\n");
        for band in 0..8 {
            let at = band * SIZE;
            let written = writeln!(
                text,
                "{{ let n = counts[{at}u + local]; counts[{at}u + local] = total; total += n; }}"
            );
            debug_assert!(written.is_ok(), "text takes everything");
        }
        text.push_str("var sum = total;\nsums[local] = sum;\nworkgroupBarrier();\n");
        let (mut apart, mut half) = (1, 0);
        while apart < SIZE {
            let next = 1 - half;
            let written = write!(
                text,
                "if (local >= {apart}u) {{ sum += sums[{}u + local - {apart}u]; }}\n\
                 sums[{}u + local] = sum;\nworkgroupBarrier();\n",
                half * SIZE,
                next * SIZE
            );
            debug_assert!(written.is_ok(), "text takes everything");
            (apart, half) = (apart * 2, next);
        }
        text.push_str("let digit_start = sum - total;\n");
        for band in 0..8 {
            let written = writeln!(text, "counts[{}u + local] += digit_start;", band * SIZE);
            debug_assert!(written.is_ok(), "text takes everything");
        }
        text.push_str(
            "bases[local] = offsets[params.offsets_first + (row * SIZE + local) * params.tiles + tile] \
             - digit_start;\nworkgroupBarrier();\n",
        );
        text
    }

    /// Elements in their order in the tile, by way of what is shared, so that neighbours write side by
    /// side.
    fn exchange(self, writes_keys: bool) -> String {
        let mut text = String::new();
        let mut add = |part: std::fmt::Arguments<'_>| {
            let written = text.write_fmt(part);
            debug_assert!(written.is_ok(), "text takes everything");
        };
        add(format_args!("let count = min(params.len - tile * {TILE}u, {TILE}u);\n"));
        let mut turn = |value: &str, name: &str| {
            for j in 0..EACH {
                let value = value.replace('#', &j.to_string());
                add(format_args!("if (is{j}) {{ atomicStore(&masks[r{j}], {value}); }}\n"));
            }
            add(format_args!("workgroupBarrier();\n"));
            for j in 0..EACH {
                add(format_args!("let {name}{j} = atomicLoad(&masks[{}u + local]);\n", j * SIZE));
            }
            add(format_args!("workgroupBarrier();\n"));
        };
        let places = "r# += counts[d#];\n";
        let ranks: String = (0..EACH).map(|j| places.replace('#', &j.to_string())).collect();
        if self.is_double {
            turn("k#.x", "low");
            turn("k#.y", "high");
        } else {
            turn("k#", "key");
        }
        if self.has_places {
            turn("p#", "place");
        }
        for j in 0..EACH {
            let key = match self.is_double {
                true => format!("vec2<u32>(low{j}, high{j})"),
                false => format!("key{j}"),
            };
            add(format_args!(
                "if ({at}u + local < count) {{\nlet k = {key};\n\
                 let to = row_at + bases[digit(k)] + {at}u + local;\n",
                at = j * SIZE
            ));
            if writes_keys {
                add(format_args!("out[params.out_first + to] = decode(k);\n"));
            }
            if self.has_places {
                add(format_args!("out_places[params.out_places_first + to] = place{j};\n"));
            }
            add(format_args!("}}\n"));
        }
        ranks + &text
    }
}
