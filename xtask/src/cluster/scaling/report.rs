//! What a study says.

use anyhow::Result;

use super::figure::{Figure, figures};
use super::fit::Fit;
use super::study::Study;
use super::verdict::{Verdict, notes};

/// A study with all that is worked out of it.
#[derive(Debug)]
pub(crate) struct Report<'s> {
    pub(super) study: &'s Study,
    /// Fewest ranks times threads first.
    pub(super) figures: Vec<Figure<'s>>,
    /// Which of them all others are compared with.
    pub(super) base: usize,
    pub(super) fit: Option<Fit>,
    pub(super) verdict: Verdict,
    /// What must be known to read it.
    pub(super) notes: Vec<String>,
}

impl Study {
    /// Works it out. Refuses, in one sentence that names the point, samples that are not positive numbers, counts
    /// that are 0, and a study of nothing.
    pub(crate) fn report(&self) -> Result<Report<'_>> {
        self.check()?;
        let (figures, base) = figures(self);
        let fit = Fit::of(&figures, &figures[base], self.kind);
        let verdict = Verdict::of(&figures, base);
        let notes = notes(&figures, base);
        Ok(Report { study: self, figures, base, fit, verdict, notes })
    }
}

impl Report<'_> {
    /// Up to how many ranks it is worth running, in one sentence.
    pub(crate) fn verdict(&self) -> &str {
        &self.verdict.text
    }
}
