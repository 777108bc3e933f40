//! An owned piece of trusted markup.

use std::fmt::{self, Arguments, Display, Formatter, Write};

use crate::escape::{Escaped, plain_text};

/// An owned fragment of trusted markup.
///
/// Text enters through [`Html::text`] (or `From<&str>`) and is escaped there; only
/// [`Html::trusted`] takes markup as it stands. Fragments compose by [`push`](Html::push),
/// [`with`](Html::with), [`concat`](Html::concat), `extend` and `collect`.
///
/// ```
/// use tenfold_report::{Html, Tone};
///
/// let cell = Html::text("a < b ").with(Html::badge("checked", Tone::Good));
/// assert!(cell.as_str().starts_with("a &lt; b <span"));
/// assert_eq!(cell.to_plain_text(), "a < b checked");
/// ```
#[must_use]
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Html {
    markup: String,
}

impl Html {
    /// An empty fragment.
    pub fn new() -> Html {
        Html::default()
    }

    /// Text, escaped so that it means itself.
    pub fn text(text: &str) -> Html {
        Html { markup: Escaped(text).to_string() }
    }

    /// Markup taken as it stands: never pass what a user, a file or the network supplied.
    pub fn trusted(markup: impl Into<String>) -> Html {
        Html { markup: markup.into() }
    }

    /// Appends a fragment, or a text (which is escaped).
    pub fn push(&mut self, part: impl Into<Html>) {
        self.markup.push_str(&part.into().markup);
    }

    /// This fragment followed by another.
    pub fn with(mut self, part: impl Into<Html>) -> Html {
        self.push(part);
        self
    }

    /// All the parts, one after another.
    ///
    /// ```
    /// use tenfold_report::Html;
    /// assert_eq!(Html::concat(["1 < ", "2"]).as_str(), "1 &lt; 2");
    /// ```
    pub fn concat(parts: impl IntoIterator<Item = impl Into<Html>>) -> Html {
        parts.into_iter().fold(Html::new(), Html::with)
    }

    /// The markup.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.markup
    }

    /// Whether there is no markup at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.markup.is_empty()
    }

    /// What a reader would read: tags dropped, drawings left out, references resolved.
    #[must_use]
    pub fn to_plain_text(&self) -> String {
        plain_text(&self.markup)
    }

    /// Appends formatted markup; every text in it goes through `Escaped`.
    pub(crate) fn put(&mut self, markup: Arguments<'_>) {
        // Writing into a String cannot fail.
        let _ = self.markup.write_fmt(markup);
    }
}

impl Display for Html {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.markup)
    }
}

impl From<&str> for Html {
    fn from(text: &str) -> Html {
        Html::text(text)
    }
}

impl From<String> for Html {
    fn from(text: String) -> Html {
        Html::text(&text)
    }
}

impl From<&String> for Html {
    fn from(text: &String) -> Html {
        Html::text(text)
    }
}

impl From<&Html> for Html {
    fn from(html: &Html) -> Html {
        html.clone()
    }
}

impl<T: Into<Html>> Extend<T> for Html {
    fn extend<I: IntoIterator<Item = T>>(&mut self, parts: I) {
        parts.into_iter().for_each(|part| self.push(part));
    }
}

impl<T: Into<Html>> FromIterator<T> for Html {
    fn from_iter<I: IntoIterator<Item = T>>(parts: I) -> Html {
        Html::concat(parts)
    }
}
