//! Which colour a thing wears.

/// What a thing means: colour, and a sign beside it for those who do not see the colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Tone {
    /// As hoped.
    Good,
    /// Worth a look.
    Warn,
    /// Wrong.
    Bad,
    /// Neither good nor bad.
    #[default]
    Neutral,
}

impl Tone {
    pub(crate) fn class(self) -> &'static str {
        match self {
            Tone::Good => "good",
            Tone::Warn => "warn",
            Tone::Bad => "bad",
            Tone::Neutral => "neutral",
        }
    }

    pub(crate) fn sign(self) -> &'static str {
        match self {
            Tone::Good => "✓",
            Tone::Warn => "!",
            Tone::Bad => "✕",
            Tone::Neutral => "i",
        }
    }
}

/// The colour of a bar, a line or a span: a place in the palette, or a tone.
///
/// The palette has six colours that people with colour-blindness tell apart, and begins again
/// after the sixth. A `usize` or a [`Tone`] turns into a paint by itself.
///
/// ```
/// use tenfold_report::{Bar, Tone};
/// let ours = Bar::new("kernel", 3.1e-9).paint(0);
/// let wrong = Bar::new("fast but wrong", 1e-9).paint(Tone::Bad);
/// # let _ = (ours, wrong);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Paint {
    /// A place in the palette.
    Series(usize),
    /// A meaning.
    Tone(Tone),
}

impl Paint {
    pub(crate) fn class(self) -> &'static str {
        const PALETTE: [&str; 6] = ["s0", "s1", "s2", "s3", "s4", "s5"];
        match self {
            Paint::Series(place) => PALETTE[place % PALETTE.len()],
            Paint::Tone(tone) => tone.class(),
        }
    }
}

impl Default for Paint {
    fn default() -> Paint {
        Paint::Series(0)
    }
}

impl From<usize> for Paint {
    fn from(place: usize) -> Paint {
        Paint::Series(place)
    }
}

impl From<Tone> for Paint {
    fn from(tone: Tone) -> Paint {
        Paint::Tone(tone)
    }
}
