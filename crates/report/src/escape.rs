//! Escaping of text that others supplied.

use std::fmt::{self, Display, Formatter, Write};

/// Shows text so that it means itself in an element as well as in a quoted attribute.
pub(crate) struct Escaped<'a>(pub(crate) &'a str);

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                '\n' | '\t' => f.write_char(c)?,
                '\r' => {}
                // HTML forbids control characters even as references: show that one was there.
                c if c.is_control() => f.write_char('\u{fffd}')?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

/// The text of trusted markup: tags dropped, drawings left out, references resolved.
///
/// Our own writers escape `>` inside attributes, so a tag ends at the next `>`.
pub(crate) fn plain_text(markup: &str) -> String {
    let mut out = String::with_capacity(markup.len());
    let mut rest = markup;
    while let Some(open) = rest.find('<') {
        out.push_str(&rest[..open]);
        rest = &rest[open..];
        rest = if rest.starts_with("<svg") { after_drawing(rest) } else { after_tag(rest) };
    }
    out.push_str(rest);
    resolve(&out)
}

fn after_tag(rest: &str) -> &str {
    rest.find('>').map_or("", |at| &rest[at + 1..])
}

/// Drawings nest, so the first `</svg>` need not be the end of this one.
fn after_drawing(mut rest: &str) -> &str {
    let mut depth = 0_usize;
    while let Some(open) = rest.find('<') {
        let tag = &rest[open..];
        rest = after_tag(tag);
        if tag.starts_with("<svg") {
            depth += 1;
        } else if tag.starts_with("</svg") {
            depth = depth.saturating_sub(1);
        }
        if depth == 0 {
            return rest;
        }
    }
    ""
}

fn resolve(text: &str) -> String {
    // The ampersand comes last, or `&amp;lt;` would be resolved twice.
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_means_itself_and_comes_back() {
        let hostile = "<script>alert('x')</script> & \"q\" &lt;";
        let escaped = Escaped(hostile).to_string();
        assert!(!escaped.contains(['<', '>', '"', '\'']));
        assert_eq!(plain_text(&escaped), hostile);
    }

    #[test]
    fn control_characters_are_shown_and_line_ends_kept() {
        assert_eq!(Escaped("a\0b\r\n\tc").to_string(), "a\u{fffd}b\n\tc");
    }

    #[test]
    fn plain_text_drops_tags_and_drawings_and_survives_broken_markup() {
        assert_eq!(plain_text("<b>a</b><svg><svg>t</svg>u</svg>c"), "ac");
        assert_eq!(plain_text("a<b"), "a");
        assert_eq!(plain_text("a<svg>"), "a");
    }
}
