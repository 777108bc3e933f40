//! The small building blocks of a page.

use crate::Tone;
use crate::escape::Escaped;
use crate::html::Html;

impl Html {
    /// A heading below the section's own (`<h3>`).
    pub fn heading(text: &str) -> Html {
        Html::trusted(format!("<h3>{}</h3>", Escaped(text)))
    }

    /// A paragraph of text or of other fragments.
    pub fn paragraph(body: impl Into<Html>) -> Html {
        Html::trusted(format!("<p>{}</p>", body.into()))
    }

    /// Text in the fixed-width font, inside a line.
    pub fn code(text: &str) -> Html {
        Html::trusted(format!("<code>{}</code>", Escaped(text)))
    }

    /// A list with one bullet an item.
    ///
    /// ```
    /// use tenfold_report::Html;
    /// assert_eq!(Html::list(["a"]).as_str(), "<ul><li>a</li></ul>");
    /// ```
    pub fn list(items: impl IntoIterator<Item = impl Into<Html>>) -> Html {
        let mut out = Html::trusted("<ul>");
        for item in items {
            out.put(format_args!("<li>{}</li>", item.into()));
        }
        out.with(Html::trusted("</ul>"))
    }

    /// A body that opens under its summary, without any script.
    pub fn details(summary: impl Into<Html>, body: impl Into<Html>) -> Html {
        let (summary, body) = (summary.into(), body.into());
        Html::trusted(format!("<details><summary>{summary}</summary>{body}</details>"))
    }

    /// A word or two in a tinted pill.
    pub fn badge(text: &str, tone: Tone) -> Html {
        Html::trusted(format!("<span class=\"badge {}\">{}</span>", tone.class(), Escaped(text)))
    }

    /// A banner with the one sentence that the page is about.
    ///
    /// ```
    /// use tenfold_report::{Html, Tone};
    /// let banner = Html::verdict("12 of 12 rungs gave the right answer", Tone::Good);
    /// assert!(banner.to_plain_text().ends_with("right answer"));
    /// ```
    pub fn verdict(text: impl Into<Html>, tone: Tone) -> Html {
        let (class, sign) = (tone.class(), tone.sign());
        Html::trusted(format!(
            "<div class=\"verdict {class}\"><i aria-hidden=\"true\">{sign}</i><p>{}</p></div>",
            text.into()
        ))
    }

    /// A command to copy: it selects as a whole with one click.
    pub fn command(text: &str) -> Html {
        Html::trusted(format!(
            "<pre class=\"command\" tabindex=\"0\"><code>{}</code></pre>",
            Escaped(text)
        ))
    }

    /// A surface with a title and a body of its own.
    pub fn card(title: &str, body: impl Into<Html>) -> Html {
        let title = Escaped(title);
        Html::trusted(format!("<div class=\"card\"><h3>{title}</h3>{}</div>", body.into()))
    }

    /// A grid of key and value, such as the facts about the machine.
    ///
    /// ```
    /// use tenfold_report::Html;
    /// let host = Html::facts([("cores", "2"), ("rustc", "1.95.0")]);
    /// assert!(host.as_str().contains("<dt>cores</dt><dd>2</dd>"));
    /// ```
    pub fn facts<K: Into<Html>, V: Into<Html>>(pairs: impl IntoIterator<Item = (K, V)>) -> Html {
        let mut out = Html::trusted("<dl class=\"facts\">");
        for (key, value) in pairs {
            out.put(format_args!("<div><dt>{}</dt><dd>{}</dd></div>", key.into(), value.into()));
        }
        out.with(Html::trusted("</dl>"))
    }

    /// A row of large figures, each with what it counts beneath: the page in four numbers.
    ///
    /// ```
    /// use tenfold_report::Html;
    /// let figures = Html::figures([("8.4×", "geometric mean")]);
    /// assert_eq!(figures.to_plain_text(), "8.4×geometric mean");
    /// ```
    pub fn figures<V: Into<Html>, L: Into<Html>>(pairs: impl IntoIterator<Item = (V, L)>) -> Html {
        let mut out = Html::trusted("<div class=\"figures\">");
        for (value, label) in pairs {
            let (value, label) = (value.into(), label.into());
            out.put(format_args!("<div><b>{value}</b><span>{label}</span></div>"));
        }
        out.with(Html::trusted("</div>"))
    }

    /// Fragments side by side where there is room, below one another where there is none.
    pub fn columns(parts: impl IntoIterator<Item = impl Into<Html>>) -> Html {
        let mut out = Html::trusted("<div class=\"columns\">");
        for part in parts {
            out.put(format_args!("<div>{}</div>", part.into()));
        }
        out.with(Html::trusted("</div>"))
    }
}
