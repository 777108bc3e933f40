//! A field of temperatures: drawn, or read from a file.

use std::ops::Range;
use std::path::Path;

/// `rows x cols` temperatures, row by row.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    rows: usize,
    cols: usize,
    values: Vec<f64>,
}

impl Field {
    /// A field of `rows * cols` values.
    ///
    /// # Panics
    /// If there are more or fewer values than that.
    #[must_use]
    pub fn new(rows: usize, cols: usize, values: Vec<f64>) -> Self {
        assert_eq!(values.len(), rows * cols, "a field of {rows}x{cols}");
        Self { rows, cols, values }
    }

    /// A cold bottle (5 degrees) in a warm room (85 degrees), in any size.
    #[must_use]
    pub fn bottle(rows: usize, cols: usize) -> Self {
        Self::new(rows, cols, Self::bottle_rows(rows, cols, 0..rows))
    }

    /// The values of some rows of the bottle.
    pub(super) fn bottle_rows(rows: usize, cols: usize, some: Range<usize>) -> Vec<f64> {
        let inside = |i: usize, j: usize| {
            let y = (i as f64 + 0.5) / rows as f64;
            let x = ((j as f64 + 0.5) / cols as f64 - 0.5).abs();
            let half_width = match y {
                y if (0.15..0.35).contains(&y) => 0.07,
                // The shoulder, a quarter of a circle's rounding from neck to body.
                y if (0.35..0.45).contains(&y) => 0.07 + 0.13 * (1.0 - ((0.45 - y) / 0.1).powi(2)),
                y if (0.45..0.85).contains(&y) => 0.2,
                _ => 0.0,
            };
            x < half_width
        };
        let at = |k: usize| if inside(k / cols, k % cols) { 5.0 } else { 85.0 };
        (some.start * cols..some.end * cols).map(at).collect()
    }

    /// Reads the course's text format: a first line `# rows cols`, then the numbers row by row,
    /// divided by white space.
    ///
    /// # Errors
    /// One sentence that names the file and, where it can, the line and the column.
    pub fn read(path: &Path) -> Result<Self, String> {
        let bytes = std::fs::read(path)
            .map_err(|error| format!("{}: cannot read it: {error}", path.display()))?;
        let parsed = text(&bytes).and_then(Self::parse);
        parsed.map_err(|error| format!("{}:{error}", path.display()))
    }

    /// Parses the text of a file; an error starts with `line:column: `.
    ///
    /// # Errors
    /// One sentence that names the line and the column.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (header, numbers) = text.split_once('\n').unwrap_or((text, ""));
        let (rows, cols) = dimensions(header)
            .ok_or_else(|| format!("1:1: expected `# rows cols`, found {:?}", clip(header)))?;
        let count = rows
            .checked_mul(cols)
            .filter(|&count| count > 0)
            .ok_or_else(|| format!("1:3: a field of {rows}x{cols} has no size one can work on"))?;
        let mut values = Vec::with_capacity(count.min(text.len()));
        for (line, column, word) in words(numbers) {
            if values.len() == count {
                return Err(format!(
                    "{line}:{column}: {word:?} is one number too many for {rows}x{cols}"
                ));
            }
            values.push(number(word).ok_or_else(|| {
                format!("{line}:{column}: expected a finite number, found {:?}", clip(word))
            })?);
        }
        if values.len() < count {
            let last = text.lines().count().max(1);
            let column = text.lines().last().map_or(1, |line| line.chars().count() + 1);
            let found = values.len();
            return Err(format!(
                "{last}:{column}: ends after {found} of {count} numbers ({rows}x{cols})"
            ));
        }
        Ok(Self { rows, cols, values })
    }

    /// How many rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// How many columns.
    #[must_use]
    pub fn cols(&self) -> usize {
        self.cols
    }

    /// The temperatures, row by row.
    #[must_use]
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// As the naive rung holds it.
    pub(super) fn to_nested(&self) -> Vec<Vec<f64>> {
        self.values.chunks(self.cols).map(<[f64]>::to_vec).collect()
    }

    /// From what the naive rung holds.
    pub(super) fn from_nested(rows: &[Vec<f64>]) -> Self {
        Self::new(rows.len(), rows.first().map_or(0, Vec::len), rows.concat())
    }
}

/// The bytes as text, if they are.
fn text(bytes: &[u8]) -> Result<&str, String> {
    std::str::from_utf8(bytes).map_err(|error| {
        let before = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().map_or(0, |last| last.chars().count()) + 1;
        format!("{line}:{column}: this is no text: byte {:#04x}", bytes[error.valid_up_to()])
    })
}

fn dimensions(header: &str) -> Option<(usize, usize)> {
    let mut words = header.strip_prefix('#')?.split_whitespace();
    let dimensions = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    words.next().is_none().then_some(dimensions)
}

fn number(word: &str) -> Option<f64> {
    word.parse().ok().filter(|number: &f64| number.is_finite())
}

/// The words of the lines after the header, with line and column, both from 1.
fn words(text: &str) -> impl Iterator<Item = (usize, usize, &str)> {
    text.lines().zip(2..).flat_map(|(line, number)| {
        line.split_whitespace().map(move |word| {
            let before = &line[..word.as_ptr() as usize - line.as_ptr() as usize];
            (number, before.chars().count() + 1, word)
        })
    })
}

/// An error shows no more of a strange file than fits on a line.
fn clip(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::Field;

    #[test]
    fn reads_what_the_course_writes() {
        let field = Field::parse("# 2 3\n1.0 2 3e0\n  4\t5.5 -6\n").unwrap();
        assert_eq!((field.rows(), field.cols()), (2, 3));
        assert_eq!(field.values(), [1.0, 2.0, 3.0, 4.0, 5.5, -6.0]);
    }

    #[test]
    fn errors_name_line_and_column() {
        let cases = [
            ("", "1:1: expected `# rows cols`, found \"\""),
            ("2 3\n1 2", "1:1: expected `# rows cols`"),
            ("# 2 x\n", "1:1: expected `# rows cols`"),
            ("# 2 2 2\n", "1:1: expected `# rows cols`"),
            ("# 0 3\n", "1:3: a field of 0x3 has no size"),
            ("# 9999999999999 9999999999999\n", "1:3: a field of 9999999999999x9999999999999"),
            ("# 2 2\n1 2\n3 bad\n", "3:3: expected a finite number, found \"bad\""),
            ("# 2 2\n1 2\n é NaN\n", "3:2: expected a finite number, found \"é\""),
            ("# 2 2\n1 2\n3 inf\n", "3:3: expected a finite number, found \"inf\""),
            ("# 2 2\n1 2\n3 4\n5\n", "4:1: \"5\" is one number too many for 2x2"),
            ("# 2 2\n1 2\n3\n", "3:2: ends after 3 of 4 numbers (2x2)"),
            ("# 2 2", "1:6: ends after 0 of 4 numbers (2x2)"),
        ];
        for (text, expected) in cases {
            let error = Field::parse(text).unwrap_err();
            assert!(error.starts_with(expected), "{text:?} gave {error:?}");
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_named_too() {
        let error = super::text(b"# 1 2\n1 \xff").unwrap_err();
        assert_eq!(error, "2:3: this is no text: byte 0xff");
    }

    #[test]
    fn the_bottle_is_cold_inside_at_any_size() {
        for n in [1, 2, 3, 64, 200] {
            let field = Field::bottle(n, n);
            assert_eq!(field.values().len(), n * n);
            assert!(field.values().iter().all(|&t| t == 5.0 || t == 85.0));
        }
        let field = Field::bottle(200, 200);
        assert_eq!(field.values()[100 * 200 + 100], 5.0);
        assert_eq!(field.values()[0], 85.0);
        assert_eq!(Field::bottle_rows(200, 200, 40..90), field.values()[40 * 200..90 * 200]);
    }
}
