//! Pictures inside the page.

use crate::escape::Escaped;
use crate::html::Html;

/// A PNG picture carried inside the page, `width` pixels wide where there is room.
///
/// The bytes are not looked at: what is no PNG shows the alternative text.
///
/// ```
/// use tenfold_report::png_image;
/// let html = png_image(b"\x89PNG", "a fractal", 320);
/// assert!(html.as_str().contains("src=\"data:image/png;base64,iVBORw==\""));
/// ```
pub fn png_image(bytes: &[u8], alt: &str, width: u32) -> Html {
    let (data, alt) = (base64(bytes), Escaped(alt));
    Html::trusted(format!(
        "<img src=\"data:image/png;base64,{data}\" alt=\"{alt}\" width=\"{width}\">"
    ))
}

/// RFC 4648, section 4, with padding.
fn base64(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| chunk.get(at).copied().unwrap_or(0);
        let (a, b, c) = (byte(0), byte(1), byte(2));
        let sextets = [a >> 2, (a & 3) << 4 | b >> 4, (b & 15) << 2 | c >> 6, c & 63];
        for (at, sextet) in sextets.into_iter().enumerate() {
            // n bytes make n + 1 digits; padding fills up to four.
            out.push(if at <= chunk.len() { digit(sextet) } else { '=' });
        }
    }
    out
}

fn digit(sextet: u8) -> char {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char::from(DIGITS[usize::from(sextet & 63)])
}

#[cfg(test)]
mod tests {
    use super::base64;

    #[test]
    fn base64_matches_rfc_4648_section_10() {
        let cases = [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ];
        for (text, encoded) in cases {
            assert_eq!(base64(text.as_bytes()), encoded);
        }
    }
}
