//! A whole document.

use std::collections::HashSet;

use crate::annotated;
use crate::escape::Escaped;
use crate::html::Html;
use crate::spacetime;

pub(crate) const STYLE: &str = include_str!("style.css");

/// The browser itself then refuses whatever a mistake of ours would fetch or run.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

/// A self-contained page: one file, no script, nothing fetched, light or dark as the reader's
/// system is.
///
/// ```
/// use tenfold_report::{Html, Page};
///
/// let page = Page::new("Ladder")
///     .lead("Two workloads, six rungs.")
///     .section("heat", "Heat equation", Html::paragraph("slices beat vectors of vectors"))
///     .render();
/// assert!(page.starts_with("<!DOCTYPE html>"));
/// assert!(page.contains("<section id=\"heat\">"));
/// ```
#[must_use]
#[derive(Debug, Clone, Default)]
pub struct Page {
    title: String,
    lead: Html,
    footer: Html,
    sections: Vec<Section>,
}

#[derive(Debug, Clone)]
struct Section {
    id: String,
    title: String,
    body: Html,
}

impl Page {
    /// A page with its title.
    pub fn new(title: impl Into<String>) -> Page {
        Page { title: title.into(), ..Page::default() }
    }

    /// What stands below the title: a sentence, a verdict, a row of figures.
    pub fn lead(mut self, lead: impl Into<Html>) -> Page {
        self.lead = lead.into();
        self
    }

    /// The small print at the end.
    pub fn footer(mut self, footer: impl Into<Html>) -> Page {
        self.footer = footer.into();
        self
    }

    /// Adds a section.
    ///
    /// `id` is what links name (`#heat`): other characters than ASCII letters, digits, `-` and
    /// `_` become `-`, and an id that is taken already gets a number.
    pub fn section(mut self, id: &str, title: impl Into<String>, body: impl Into<Html>) -> Page {
        let id = self.free_id(id);
        self.sections.push(Section { id, title: title.into(), body: body.into() });
        self
    }

    /// The document. Three sections or more get a table of contents.
    #[must_use]
    pub fn render(&self) -> String {
        let mut out = Html::new();
        self.head(&mut out);
        self.header(&mut out);
        self.contents(&mut out);
        self.body(&mut out);
        if !self.footer.is_empty() {
            out.put(format_args!("<footer>{}</footer>\n", self.footer));
        }
        out.put(format_args!("</div>\n</body>\n</html>\n"));
        out.to_string()
    }

    fn free_id(&self, wanted: &str) -> String {
        let slug = slug(wanted);
        let taken: HashSet<&str> = self.sections.iter().map(|s| s.id.as_str()).collect();
        let numbered = (2..).map(|n: usize| format!("{slug}-{n}"));
        std::iter::once(slug.clone())
            .chain(numbered)
            .find(|id| !taken.contains(id.as_str()))
            .unwrap_or(slug)
    }

    fn head(&self, out: &mut Html) {
        out.put(format_args!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n\
             <title>{}</title>\n<style>\n{STYLE}{}</style>\n</head>\n<body>\n",
            Escaped(&self.title),
            self.extra_style(annotated::style).to_owned() + self.extra_style(spacetime::style)
        ));
    }

    /// The style of what only some pages have.
    fn extra_style(&self, of: fn(&Html) -> &'static str) -> &'static str {
        let parts = [&self.lead, &self.footer].into_iter();
        let parts = parts.chain(self.sections.iter().map(|section| &section.body));
        parts.map(of).find(|style| !style.is_empty()).unwrap_or_default()
    }

    fn header(&self, out: &mut Html) {
        let class = if self.has_contents() { "page wide" } else { "page" };
        let title = Escaped(&self.title);
        out.put(format_args!("<div class=\"{class}\">\n<header><h1>{title}</h1>\n"));
        if !self.lead.is_empty() {
            out.put(format_args!("<div class=\"lead\">{}</div>\n", self.lead));
        }
        out.put(format_args!("</header>\n"));
    }

    fn has_contents(&self) -> bool {
        self.sections.len() >= 3
    }

    fn contents(&self, out: &mut Html) {
        if !self.has_contents() {
            return;
        }
        out.put(format_args!("<nav aria-label=\"Contents\"><ol>"));
        for section in &self.sections {
            let title = Escaped(&section.title);
            out.put(format_args!("<li><a href=\"#{}\">{title}</a></li>", section.id));
        }
        out.put(format_args!("</ol></nav>\n"));
    }

    fn body(&self, out: &mut Html) {
        out.put(format_args!("<main>\n"));
        for Section { id, title, body } in &self.sections {
            let title = Escaped(title);
            out.put(format_args!("<section id=\"{id}\">\n<h2>{title}</h2>\n{body}\n</section>\n"));
        }
        out.put(format_args!("</main>\n"));
    }
}

pub(crate) fn slug(text: &str) -> String {
    let keep = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let slug: String = text.chars().take(80).map(|c| if keep(c) { c } else { '-' }).collect();
    if slug.is_empty() { "section".to_owned() } else { slug }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_clean_and_unique() {
        let page =
            Page::new("p").section("a b", "1", "").section("a-b", "2", "").section("", "3", "");
        let ids: Vec<&str> = page.sections.iter().map(|s| s.id.as_str()).collect();
        assert_eq!(ids, ["a-b", "a-b-2", "section"]);
    }

    #[test]
    fn the_style_stays_small() {
        assert!(STYLE.len() < 8192, "style.css has {} bytes", STYLE.len());
        let extra = annotated::style(&Html::marked_lines([])).len();
        assert!((1..6144).contains(&extra), "annotated.css has {extra} bytes");
    }
}
