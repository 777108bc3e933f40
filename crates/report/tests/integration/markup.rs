//! A strict little reader of markup: balanced tags, quoted attributes, no stray characters.

/// One thing read from the markup.
#[derive(Debug, PartialEq, Eq)]
enum Token<'a> {
    Open { name: &'a str, closed: bool },
    Close(&'a str),
}

const VOID: [&str; 3] = ["meta", "img", "wbr"];

/// Panics where the markup is not well formed, with what stands there.
pub(crate) fn assert_well_formed(markup: &str) {
    let mut open = Vec::new();
    let mut rest = markup.strip_prefix("<!DOCTYPE html>").unwrap_or(markup);
    while let Some(at) = rest.find('<') {
        assert_text(&rest[..at]);
        let (token, after) = token(&rest[at..]);
        rest = after;
        match token {
            Token::Open { closed: true, .. } => {}
            Token::Open { name, .. } if VOID.contains(&name) => {}
            Token::Open { name: "style", .. } => rest = after_style(rest),
            Token::Open { name, .. } => open.push(name),
            Token::Close(name) => assert_eq!(open.pop(), Some(name), "before {}", head(rest)),
        }
    }
    assert_text(rest);
    assert!(open.is_empty(), "never closed: {open:?}");
}

/// What no page may hold: scripts, addresses, handlers, numbers that are none.
pub(crate) fn assert_self_contained(page: &str) {
    for banned in ["http:", "https:", "<script", "javascript:", "url(", "@import", "NaN", "\"inf"] {
        assert!(!page.contains(banned), "the page holds {banned}");
    }
    let sources = page.matches("src=\"").count();
    assert_eq!(sources, page.matches("src=\"data:image/png;base64,").count());
}

fn after_style(rest: &str) -> &str {
    rest.find("</style>").map(|end| &rest[end + "</style>".len()..]).expect("style is closed")
}

fn token(rest: &str) -> (Token<'_>, &str) {
    let end = rest.find('>').unwrap_or_else(|| panic!("no end of tag: {}", head(rest)));
    let (inside, after) = (&rest[1..end], &rest[end + 1..]);
    if let Some(name) = inside.strip_prefix('/') {
        return (Token::Close(name), after);
    }
    let closed = inside.ends_with('/');
    let inside = inside.strip_suffix('/').unwrap_or(inside);
    let (name, attributes) = inside.split_once([' ', '\n']).unwrap_or((inside, ""));
    assert!(name.chars().all(|c| c.is_ascii_alphanumeric()), "odd tag {name:?}");
    assert_attributes(attributes);
    (Token::Open { name, closed }, after)
}

fn assert_attributes(mut rest: &str) {
    while !rest.trim().is_empty() {
        let (name, value) = rest.trim_start().split_once("=\"").expect("name=\"value\"");
        let odd = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | ':'));
        assert!(!name.is_empty() && !name.contains(odd), "odd attribute {name:?}");
        assert!(!name.starts_with("on"), "a handler: {name}");
        let (value, after) = value.split_once('"').expect("a closing quote");
        assert_text(value);
        rest = after;
    }
}

fn assert_text(text: &str) {
    assert!(!text.contains('>'), "stray > in {}", head(text));
    let known = ["&amp;", "&lt;", "&gt;", "&quot;", "&#39;"];
    for (at, _) in text.match_indices('&') {
        assert!(
            known.iter().any(|k| text[at..].starts_with(k)),
            "stray & in {}",
            head(&text[at..])
        );
    }
    let control = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
    assert!(!text.contains(control), "control character in {}", head(text));
}

fn head(text: &str) -> String {
    text.chars().take(60).collect()
}

#[test]
fn the_reader_accepts_what_is_well_formed() {
    assert_well_formed(
        "<!DOCTYPE html><p class=\"a\">x &amp; y<img alt=\"z\"><line x1=\"0\"/></p>",
    );
}

#[test]
fn the_reader_refuses_what_is_not() {
    let broken =
        ["<p>", "<p></b>", "<p a=b></p>", "<p>a & b</p>", "<p>></p>", "<p onclick=\"\"></p>", "<p"];
    for markup in broken {
        let result = std::panic::catch_unwind(|| assert_well_formed(markup));
        assert!(result.is_err(), "{markup} passed");
    }
}
