//! Nothing that parses as tokens makes the macro panic.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{SystemTime, UNIX_EPOCH};

use proc_macro2::{Delimiter, Group, Ident, Literal, Punct, Spacing, Span, TokenStream, TokenTree};

use super::accepted::ACCEPTED;
use super::split;
use crate::expand;

/// SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end.max(1)).unwrap()).unwrap()
    }

    fn of<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len())]
    }
}

const WORDS: &[&str] = &[
    "fn",
    "let",
    "mut",
    "if",
    "else",
    "match",
    "for",
    "in",
    "while",
    "loop",
    "break",
    "continue",
    "return",
    "as",
    "pub",
    "unsafe",
    "async",
    "const",
    "move",
    "ref",
    "static",
    "struct",
    "enum",
    "impl",
    "trait",
    "where",
    "use",
    "mod",
    "self",
    "Self",
    "super",
    "crate",
    "true",
    "false",
    "dyn",
    "extern",
    "type",
    "x",
    "y",
    "n",
    "u",
    "out",
    "f",
    "T",
    "f64",
    "f32",
    "i32",
    "u64",
    "usize",
    "bool",
    "Real",
    "Int",
    "Nbr2",
    "View2",
    "ViewMut2",
    "Complex",
    "sqrt",
    "exp",
    "len",
    "rev",
    "step_by",
    "from",
    "from_bits",
    "powi",
    "PI",
    "MAX",
    "re",
    "im",
    "new",
    "kernel",
    "math",
    "fast",
    "strict",
    "reduce",
    "sum",
    "scan",
    "stencil",
    "border",
    "reflect",
    "bounds",
    "hoist",
    "order",
    "free",
    "target",
    "v4",
    "par",
    "on",
    "off",
    "fold",
    "identity",
    "_",
];
const NUMBERS: &[&str] = &[
    "0",
    "1",
    "2",
    "42",
    "1.0",
    "0.5",
    "1e300",
    "1e400",
    "1.",
    "3f32",
    "7u8",
    "2.5f64",
    "1u128",
    "18446744073709551615",
    "99999999999999999999",
    "0xff",
    "0b1",
    "1_000",
    "'c'",
    "b'b'",
    "\"(n)->(n)\"",
    "\"(m,n),(n)->()\"",
    "\"\"",
    "\"é\"",
    "c\"x\"",
    "b\"x\"",
    "r\"x\"",
];
const MARKS: &str = "+-*/%^!&|=<>.,;:?@#$~";

/// Tokens that a mutation may bring in, and the kernels that it starts with: made once, since the
/// source text of what is parsed is kept for ever.
struct Seeds {
    literals: Vec<TokenTree>,
    kernels: Vec<(TokenStream, TokenStream)>,
}

impl Seeds {
    fn new() -> Self {
        let literals =
            NUMBERS.iter().map(|text| TokenTree::Literal(text.parse::<Literal>().unwrap()));
        let kernels = ACCEPTED.iter().map(|source| split(source));
        Self {
            literals: literals.map(unplaced).collect(),
            kernels: kernels
                .map(|(attr, item)| {
                    let strip = |tokens: TokenStream| tokens.into_iter().map(unplaced).collect();
                    (strip(attr), strip(item))
                })
                .collect(),
        }
    }

    fn token(&self, random: &mut Random, depth: usize) -> TokenTree {
        match random.below(10) {
            0..4 => Ident::new(random.of::<&str>(WORDS), Span::call_site()).into(),
            4..6 => random.of(&self.literals).clone(),
            6..8 => {
                let mark = MARKS.chars().nth(random.below(MARKS.len())).unwrap();
                let spacing = *random.of(&[Spacing::Alone, Spacing::Joint]);
                Punct::new(mark, spacing).into()
            }
            8 if depth == 0 => Punct::new(';', Spacing::Alone).into(),
            _ if depth == 0 => Ident::new("x", Span::call_site()).into(),
            _ => {
                let inner = self.tokens(random, 6, depth - 1);
                Group::new(delimiter(random), inner).into()
            }
        }
    }

    fn tokens(&self, random: &mut Random, most: usize, depth: usize) -> TokenStream {
        (0..random.below(most)).map(|_| self.token(random, depth)).collect()
    }

    /// A few tokens left out, doubled, swapped, replaced or put in, at any depth.
    fn mutated(&self, random: &mut Random, tokens: &TokenStream) -> TokenStream {
        let mut tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
        let groups: Vec<usize> =
            (0..tokens.len()).filter(|at| matches!(tokens[*at], TokenTree::Group(_))).collect();
        if !groups.is_empty() && random.below(4) != 0 {
            let at = *random.of(&groups);
            let TokenTree::Group(group) = &tokens[at] else { unreachable!() };
            let inner = self.mutated(random, &group.stream());
            let outer = if random.below(20) == 0 { delimiter(random) } else { group.delimiter() };
            tokens[at] = Group::new(outer, inner).into();
            return tokens.into_iter().collect();
        }
        let at = random.below(tokens.len() + 1);
        let token = self.token(random, 2);
        match random.below(6) {
            0 if at < tokens.len() => drop(tokens.remove(at)),
            1 if at < tokens.len() => tokens.insert(at, tokens[at].clone()),
            2 if at < tokens.len() => tokens[at] = token,
            3 if !tokens.is_empty() => {
                let (one, two) = (random.below(tokens.len()), random.below(tokens.len()));
                tokens.swap(one, two);
            }
            4 => tokens.truncate(at),
            _ => tokens.insert(at, token),
        }
        tokens.into_iter().collect()
    }

    fn case(&self, random: &mut Random) -> (TokenStream, TokenStream) {
        if random.below(8) == 0 {
            return (self.tokens(random, 8, 3), self.tokens(random, 30, 6));
        }
        let (mut attr, mut item) = random.of(&self.kernels).clone();
        if random.below(4) == 0 {
            // The directives of one kernel on another.
            attr = random.of(&self.kernels).0.clone();
        }
        for _ in 0..random.below(4) {
            item = self.mutated(random, &item);
        }
        if random.below(4) == 0 {
            attr = self.mutated(random, &attr);
        }
        (attr, item)
    }
}

fn delimiter(random: &mut Random) -> Delimiter {
    use Delimiter::{Brace, Bracket, None, Parenthesis};
    *random.of(&[Brace, Bracket, Parenthesis, Parenthesis, None])
}

/// Without a place in a source, so that the text of all sources can be forgotten.
fn unplaced(token: TokenTree) -> TokenTree {
    let mut token = match token {
        TokenTree::Group(group) => {
            let inner = group.stream().into_iter().map(unplaced).collect();
            Group::new(group.delimiter(), inner).into()
        }
        other => other,
    };
    token.set_span(Span::call_site());
    token
}

fn run(cases: usize, seed: u64) {
    let seed = std::env::var("TENFOLD_FUZZ_SEED").map_or(seed, |seed| seed.parse().unwrap());
    println!("TENFOLD_FUZZ_SEED={seed}");
    let seeds = Seeds::new();
    let mut random = Random(seed);
    let (mut accepted, mut refused) = (0, 0);
    for number in 0..cases {
        let (attr, item) = seeds.case(&mut random);
        let text = (attr.to_string(), item.to_string());
        let printed = catch_unwind(AssertUnwindSafe(|| expand(attr, item)));
        let Ok(printed) = printed else {
            panic!("case {number} of seed {seed} panics:\n#[kernel({})]\n{}", text.0, text.1);
        };
        let is_refused = printed.into_iter().any(|token| token.to_string() == "compile_error");
        *(if is_refused { &mut refused } else { &mut accepted }) += 1;
        if number % 500 == 0 {
            proc_macro2::extra::invalidate_current_thread_spans();
        }
    }
    println!("{accepted} accepted, {refused} refused");
    assert!(accepted > cases / 100 && refused > cases / 10, "{accepted} and {refused} of {cases}");
}

/// The same each time: others are looked for by hand.
#[test]
fn tokens_do_not_panic() {
    run(20_000, 1);
}

#[test]
#[ignore = "long: a minute in release"]
fn a_million_tokens_do_not_panic() {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    run(1_000_000, now.as_secs());
}

#[test]
fn long_sums_and_deep_nests_are_refused() {
    let sum = vec!["x"; 3000].join(" + ");
    let nest = format!("{}x{}", "(".repeat(200), ")".repeat(200));
    let blocks = format!("{}x{}", "{ ".repeat(200), " }".repeat(200));
    for body in [sum, nest, blocks] {
        let source = format!("#[kernel] fn f(x: f64) -> f64 {{ {body} }}");
        // As much as a compiler's thread has.
        let thread = std::thread::Builder::new().stack_size(8 << 20).spawn(move || {
            let (attr, item) = split(&source);
            expand(attr, item).to_string()
        });
        let printed = thread.unwrap().join().unwrap();
        assert!(printed.contains("deep"), "{printed}");
    }
}
