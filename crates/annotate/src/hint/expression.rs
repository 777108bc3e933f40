//! What a line of source says, read without a parser: what it indexes, divides by and casts.

/// Longer lines are printed by programs: what is behind is not read.
const LONGEST: usize = 1000;

/// The code of a line: without comments, and with strings emptied.
pub(super) fn code(source: &str) -> String {
    let mut code = String::new();
    // A quote as a character opens no string.
    let source: String = source.trim().chars().take(LONGEST).collect();
    let source = source.replace("'\"'", "' '");
    let mut chars = source.chars().peekable();
    let mut in_string = false;
    while let Some(c) = chars.next() {
        match c {
            '\\' if in_string => {
                chars.next();
            }
            '"' => {
                in_string = !in_string;
                code.push(c);
            }
            '/' if !in_string && chars.peek() == Some(&'/') => break,
            c if !in_string => code.push(c),
            _ => {}
        }
    }
    code.truncate(code.trim_end().len());
    code
}

/// `base[index]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Index<'a> {
    pub(super) base: &'a str,
    pub(super) index: &'a str,
}

/// What an index looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// `x[i][j]`.
    Row,
    /// `x[i - 1]`.
    Offset,
    /// `x[i]`.
    Name,
    /// `x[a..b]`.
    Range,
    /// `x[[i, j]]`.
    Axes,
    /// `x[y[i]]`, `x[f(i)]`.
    Computed,
}

impl Shape {
    pub(super) const ALL: [Shape; 6] =
        [Shape::Row, Shape::Offset, Shape::Name, Shape::Range, Shape::Axes, Shape::Computed];
}

impl Index<'_> {
    pub(super) fn shape(&self) -> Shape {
        if self.index.starts_with('[') {
            Shape::Axes
        } else if self.index.contains("..") {
            Shape::Range
        } else if self.index.contains(['[', '(', '%', '&', '^']) {
            Shape::Computed
        } else if self.base.contains('[') {
            Shape::Row
        } else if self.index.chars().all(|c| is_name(c) || c == '.') {
            Shape::Name
        } else {
            Shape::Offset
        }
    }
}

/// What a line indexes, each once, in order; what stands inside of an index comes after it.
pub(super) fn indices(code: &str) -> Vec<Index<'_>> {
    let mut found = Vec::new();
    for (open, _) in code.match_indices('[') {
        let base = operand_before(&code[..open]);
        let Some(length) = matching(&code[open..]) else { continue };
        // The row of `a[i][j]` is said with the whole.
        let outer = code[open + length..].starts_with('[');
        let index = Index { base, index: code[open + 1..open + length - 1].trim() };
        if !base.is_empty() && !index.index.is_empty() && !outer && !found.contains(&index) {
            found.push(index);
        }
    }
    found
}

/// A division: what by, and whether its remainder is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Division<'a> {
    pub(super) by: &'a str,
    pub(super) remainder: bool,
}

/// What a line divides by.
pub(super) fn divisions(code: &str) -> Vec<Division<'_>> {
    let mut found = Vec::new();
    for (at, sign) in code.match_indices(['/', '%']) {
        let rest = code[at + 1..].trim_start_matches('=').trim_start();
        let by = operand_after(rest);
        if !by.is_empty() {
            found.push(Division { by, remainder: sign == "%" });
        }
    }
    found
}

/// The type of numbers that the first cast of a line goes to.
pub(super) fn cast(code: &str) -> Option<&str> {
    const NUMBERS: [&str; 14] = [
        "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32", "u64",
        "u128", "usize",
    ];
    code.split(" as ").skip(1).map(name_at_start).find(|target| NUMBERS.contains(target))
}

/// Whether a line adds to or multiplies one number again and again.
pub(super) fn reduces(code: &str) -> bool {
    let methods = [".sum(", ".sum::", ".product(", ".product::", ".fold("];
    let operators = ["+=", "-=", "*="];
    let to_one = |operator: &&str| {
        let left = code.split(*operator).next().unwrap_or_default().trim_end();
        // `x[i] += ..` is another number in every pass, and `*x += ..` mostly too.
        code.contains(*operator) && !left.ends_with([']', ')']) && !left.starts_with('*')
    };
    methods.iter().any(|method| code.contains(method)) || operators.iter().any(to_one)
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn name_at_start(text: &str) -> &str {
    let text = text.trim_start();
    &text[..text.find(|c| !is_name(c)).unwrap_or(text.len())]
}

/// The bytes of a bracket and all it encloses, at whose beginning the text is.
fn matching(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        match c {
            '[' | '(' => depth += 1,
            ']' | ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return Some(at + 1);
        }
    }
    None
}

/// What is inside, of an operand that is in brackets as a whole.
pub(super) fn unwrapped(operand: &str) -> &str {
    let inside = operand.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    inside.filter(|_| matching(operand) == Some(operand.len())).unwrap_or(operand)
}

/// The name, path or indexed thing that a text ends with.
fn operand_before(text: &str) -> &str {
    let mut start = text.len();
    loop {
        let before = &text[..start];
        let Some(last) = before.chars().next_back() else { break };
        // A range ends where another operand begins: `1..x[i]`.
        if before.ends_with("..") {
            break;
        } else if is_name(last) || last == '.' {
            start -= last.len_utf8();
        } else if last == ']' {
            let Some(open) = opening(before) else { break };
            start = open;
        } else {
            break;
        }
    }
    let operand = text[start..].trim_start_matches('.');
    // `return [..]` and `in [..]` index nothing, and neither does a bracket by itself.
    let named = operand.starts_with(|c: char| c.is_alphabetic() || c == '_');
    if named { operand } else { "" }
}

/// Where the bracket begins that a text ends with.
fn opening(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices().rev() {
        match c {
            ']' => depth += 1,
            '[' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

/// The operand that a text begins with: a name, a path, a number, something in brackets, with what is
/// called on it, indexed in it and cast from it.
fn operand_after(text: &str) -> &str {
    let mut end = text.find(|c| !matches!(c, '*' | '&' | '-')).unwrap_or(text.len());
    loop {
        let rest = &text[end..];
        let Some(first) = rest.chars().next() else { break };
        if is_name(first) || first == '.' || rest.starts_with("::") {
            // A range ends an operand: `0..n / 2..m` is odd, but may come.
            if rest.starts_with("..") {
                break;
            }
            end += if first == ':' { 2 } else { first.len_utf8() };
        } else if matches!(first, '[' | '(') {
            let Some(length) = matching(rest) else { break };
            end += length;
        } else if let Some(target) = rest.strip_prefix(" as ") {
            end += " as ".len() + name_at_start(target).len();
        } else {
            break;
        }
    }
    text[..end].trim_end()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(code: &str) -> Vec<(&str, &str)> {
        indices(code).into_iter().map(|Index { base, index }| (base, index)).collect()
    }

    #[test]
    fn code_is_what_the_compiler_reads() {
        assert_eq!(code("  let x = a[i]; // b[j] / c"), "let x = a[i];");
        assert_eq!(code(r#"print("a[i] \" // b", x / 2)"#), r#"print("", x / 2)"#);
        assert_eq!(code("s.find('\"') // x"), "s.find(' ')");
        assert_eq!(code("\"never closed [i]"), "\"");
    }

    #[test]
    fn indices_have_their_bases() {
        assert_eq!(pairs("sum += x[i] * self.y[i - 1];"), [("x", "i"), ("self.y", "i - 1")]);
        assert_eq!(pairs("a[i][j] + a[i][j]"), [("a[i]", "j")]);
        assert_eq!(pairs("a[[i, j]]"), [("a", "[i, j]")]);
        assert_eq!(pairs("x[y[i]]"), [("x", "y[i]"), ("y", "i")]);
        assert_eq!(pairs("for j in 1..u[i].len() {"), [("u", "i")]);
        assert_eq!(pairs("é[ü]"), [("é", "ü")]);
    }

    #[test]
    fn indices_have_shapes() {
        let shapes = [
            ("x[i]", Shape::Name),
            ("x[0]", Shape::Name),
            ("x[i][j]", Shape::Row),
            ("x[i + 1]", Shape::Offset),
            ("x[i..j]", Shape::Range),
            ("x[[i, j]]", Shape::Axes),
            ("x[y[i]]", Shape::Computed),
            ("x[h % n]", Shape::Computed),
        ];
        for (code, shape) in shapes {
            assert_eq!(indices(code)[0].shape(), shape, "{code}");
        }
    }

    #[test]
    fn brackets_that_index_nothing_are_no_indices() {
        for code in ["#[inline]", "vec![0; n]", "let x: [f64; 3] = [1.0, 2.0];", "&[", "x[", "]["] {
            assert_eq!(pairs(code), [], "{code}");
        }
    }

    #[test]
    fn divisors_are_whole_operands() {
        let by = |code| divisions(code).into_iter().map(|d| d.by).collect::<Vec<_>>();
        assert_eq!(by("x / n as f64 + 1.0"), ["n as f64"]);
        assert_eq!(by("x[i] /= self.h(a, b)[0].c;"), ["self.h(a, b)[0].c"]);
        assert_eq!(by("(a / (b + c)) % std::f64::consts::PI"), ["(b + c)", "std::f64::consts::PI"]);
        assert_eq!(by("a / -é"), ["-é"]);
        assert_eq!(by("a /"), [""; 0]);
    }

    #[test]
    fn brackets_around_the_whole_go() {
        let pairs = [("(a + b)", "a + b"), ("(a).f(b)", "(a).f(b)"), ("a(b)", "a(b)"), ("(", "(")];
        for (operand, inside) in pairs {
            assert_eq!(unwrapped(operand), inside);
        }
    }

    #[test]
    fn casts_name_their_target() {
        assert_eq!(cast("(x * 255.0) as u8"), Some("u8"));
        assert_eq!(cast("x as Foo + i as f64 * h"), Some("f64"));
        assert_eq!(cast("x as Foo"), None);
    }

    #[test]
    fn a_reduction_is_of_one_number() {
        for code in ["sum += x;", "self.total -= x[i];", "x.iter().sum::<f64>()", "p *= x;"] {
            assert!(reduces(code), "{code}");
        }
        for code in ["x[i] += y;", "*x += y;", "a = b + c;", "x.row_mut(i) += y"] {
            assert!(!reduces(code), "{code}");
        }
    }
}
