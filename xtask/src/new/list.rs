//! Putting one more entry into a list that stands in a source file.

use anyhow::{Context as _, Result, bail};

/// Adds `line` to the lines that start with `prefix`, which are in order.
///
/// # Errors
/// There is no such line yet.
pub(super) fn insert_line(text: &str, prefix: &str, line: &str) -> Result<String> {
    let mut lines: Vec<&str> = text.lines().collect();
    let members = || (0..lines.len()).filter(|&i| lines[i].starts_with(prefix));
    let Some(first) = members().next() else { bail!("found no line that starts with `{prefix}`") };
    // After a line that is less, never before one that is more: that one's attributes stand
    // above it. Only the first line has none before it.
    let at = match members().rfind(|&i| lines[i] < line) {
        Some(before) => before + 1,
        None => above_attributes(&lines, first),
    };
    lines.insert(at, line);
    Ok(lines.join("\n") + "\n")
}

fn above_attributes(lines: &[&str], mut at: usize) -> usize {
    while at > 0 && lines[at - 1].starts_with("#[") {
        at -= 1;
    }
    at
}

/// Adds `line` in the same way to the part of a TOML file under `[section]`.
///
/// # Errors
/// There is no such section, or nothing in it that starts with `prefix`.
pub(super) fn insert_in_section(
    text: &str,
    section: &str,
    prefix: &str,
    line: &str,
) -> Result<String> {
    let header = format!("[{section}]\n");
    let start = text.find(&header).with_context(|| format!("found no [{section}]"))? + header.len();
    let end = text[start..].find("\n[").map_or(text.len(), |length| start + length + 1);
    // The blank line before the next header is no entry: an empty prefix must not match it.
    let body = text[start..end].trim_end();
    let inserted = insert_line(body, prefix, line).with_context(|| format!("in [{section}]"))?;
    Ok(format!("{}{}{}", &text[..start], inserted.trim_end(), &text[start + body.len()..]))
}

/// Adds `item` at the end of the list in brackets that follows the anchors, the last of which is
/// its opening bracket. Leaves the looks to rustfmt.
///
/// # Errors
/// An anchor is not there, or the list has no end.
pub(super) fn append_item(text: &str, anchors: &[&str], item: &str) -> Result<String> {
    let mut start = 0;
    for anchor in anchors {
        let found = text[start..].find(anchor);
        start += found.with_context(|| format!("found no `{anchor}`"))? + anchor.len();
    }
    let end = start + last_code(&text[start..]).context("found no end of the list")?;
    let comma = if text[start..end].is_empty() || text[..end].ends_with(',') { "" } else { "," };
    Ok(format!("{}{comma} {item}{}", &text[..end], &text[end..]))
}

/// The end of the last code before the bracket that closes the list; comments are no code.
fn last_code(list: &str) -> Option<usize> {
    let (mut depth, mut end, mut at) = (0_usize, 0, 0);
    while let Some(c) = list[at..].chars().next() {
        match c {
            '/' if list[at..].starts_with("//") => {
                at += list[at..].find('\n')?;
                continue;
            }
            '[' => depth += 1,
            ']' if depth == 0 => return Some(end),
            ']' => depth -= 1,
            _ => {}
        }
        at += c.len_utf8();
        if !c.is_whitespace() {
            end = at;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{append_item, insert_in_section, insert_line};

    #[test]
    fn lines_stay_in_order() {
        let text = "//! x\n\nmod a;\n#[cfg(test)]\nmod c;\nmod e;\n\nuse a::A;\n";
        let insert = |line| insert_line(text, "mod ", line).unwrap();
        assert_eq!(insert("mod b;"), text.replace("mod a;\n", "mod a;\nmod b;\n"));
        assert_eq!(insert("mod d;"), text.replace("mod c;\n", "mod c;\nmod d;\n"));
        assert_eq!(insert("mod f;"), text.replace("mod e;\n", "mod e;\nmod f;\n"));
        let attribute = "#[cfg(x)]\nmod c;\n";
        assert_eq!(
            insert_line(attribute, "mod ", "mod b;").unwrap(),
            format!("mod b;\n{attribute}")
        );
        let error = insert_line("use a::A;\n", "mod ", "mod b;").unwrap_err();
        assert_eq!(error.to_string(), "found no line that starts with `mod `");
    }

    #[test]
    fn sections_end_at_the_next_header() {
        let text = "[a]\nx = 1\nz = 1\n\n[b]\ny = 1\n";
        let insert = |section, line| insert_in_section(text, section, "", line).unwrap();
        assert_eq!(insert("a", "y = 2"), "[a]\nx = 1\ny = 2\nz = 1\n\n[b]\ny = 1\n");
        assert_eq!(insert("b", "z = 2"), "[a]\nx = 1\nz = 1\n\n[b]\ny = 1\nz = 2\n");
        assert!(insert_in_section(text, "c", "", "z = 2").unwrap_err().to_string().contains("[c]"));
    }

    #[test]
    fn items_go_to_the_end() {
        let append = |text: &str| append_item(text, &["RUNGS", "= &["], "c()");
        assert_eq!(
            append("RUNGS: &[R] = &[a(), b()];").unwrap(),
            "RUNGS: &[R] = &[a(), b(), c()];"
        );
        assert_eq!(append("RUNGS: &[R] = &[];").unwrap(), "RUNGS: &[R] = &[ c()];");
        assert_eq!(append("RUNGS = &[\n  a([1]),\n];").unwrap(), "RUNGS = &[\n  a([1]), c()\n];");
        let comment = "RUNGS = &[\n  a(), // [1] has\n  // no more];\n];";
        assert_eq!(append(comment).unwrap(), comment.replace("a(),", "a(), c()"));
        assert_eq!(append("STEPS").unwrap_err().to_string(), "found no `RUNGS`");
        assert_eq!(append("RUNGS = &[a()").unwrap_err().to_string(), "found no end of the list");
    }
}
