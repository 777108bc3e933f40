//! How a user says into which chunks an array is cut.

use crate::chunks::{AxisChunks, Chunks};
use crate::element::DType;
use crate::error::{Error, ErrorKind, Result};

/// How many bytes a chunk has if nobody says otherwise.
const AUTO: usize = 8 << 20;

/// What an array can be cut by:
///
/// | | |
/// |---|---|
/// | `"auto"` | those that a source is best read in, else of about 8 MiB, about as long on all axes |
/// | `"2MiB"` | the same of another size |
/// | `1000` | so many elements on each axis |
/// | `[1000, 2000]`, `&[..]` | so many on each axis of its own |
/// | [`Chunks`] | as they are listed |
///
/// ```
/// use tenfold_array::Array;
///
/// let x = Array::<f64, _>::zeros([4000, 3000], "auto");
/// assert_eq!(x.chunks().largest().as_slice(), [1024, 1024]);
/// let x = x.rechunk([4000, 100]);
/// assert_eq!(x.chunks().counts().as_slice(), [1, 30]);
/// ```
pub trait IntoChunks {
    /// The chunks of an array.
    ///
    /// # Errors
    /// [`ErrorKind::Chunks`], [`ErrorKind::Shape`] or [`ErrorKind::Value`] if it cannot be cut like this.
    fn into_chunks(self, shape: &[usize], dtype: DType) -> Result<Chunks>;

    /// Whether the chunks are left to whoever knows better, such as a source that is best read in some.
    fn is_auto(&self) -> bool {
        false
    }
}

impl IntoChunks for usize {
    fn into_chunks(self, shape: &[usize], _: DType) -> Result<Chunks> {
        Chunks::even(shape, &vec![self; shape.len()])
    }
}

impl IntoChunks for &[usize] {
    fn into_chunks(self, shape: &[usize], _: DType) -> Result<Chunks> {
        Chunks::even(shape, self)
    }
}

impl<const N: usize> IntoChunks for [usize; N] {
    fn into_chunks(self, shape: &[usize], _: DType) -> Result<Chunks> {
        Chunks::even(shape, &self)
    }
}

impl IntoChunks for &Chunks {
    fn into_chunks(self, shape: &[usize], _: DType) -> Result<Chunks> {
        if self.shape().as_slice() != shape {
            let sentence = format!(
                "argument `chunks` cuts an array of the shape {:?}, but this one has {shape:?}",
                self.shape().as_slice()
            );
            return Err(Error::new(ErrorKind::Chunks, sentence));
        }
        Ok(self.clone())
    }
}

impl IntoChunks for Chunks {
    fn into_chunks(self, shape: &[usize], dtype: DType) -> Result<Chunks> {
        (&self).into_chunks(shape, dtype)
    }
}

impl IntoChunks for &str {
    fn is_auto(&self) -> bool {
        *self == "auto"
    }

    fn into_chunks(self, shape: &[usize], dtype: DType) -> Result<Chunks> {
        let bytes = if self == "auto" { AUTO } else { bytes("chunks", self)? };
        Ok(of_bytes(shape, dtype, bytes))
    }
}

/// A number of bytes, such as `512MiB`.
pub(crate) fn bytes(argument: &'static str, text: &str) -> Result<usize> {
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let unit = match unit.trim() {
        "" | "B" => Some(1.0),
        "kB" | "KB" => Some(1e3),
        "MB" => Some(1e6),
        "GB" => Some(1e9),
        "TB" => Some(1e12),
        "KiB" | "kiB" => Some(f64::from(1 << 10)),
        "MiB" => Some(f64::from(1 << 20)),
        "GiB" => Some(f64::from(1 << 30)),
        "TiB" => Some(f64::from(1 << 30) * 1024.0),
        _ => None,
    };
    let bytes = number.parse::<f64>().ok().zip(unit).map(|(number, unit)| number * unit);
    match bytes {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked")]
        Some(bytes) if (1.0..1e18).contains(&bytes) => Ok(bytes as usize),
        _ => {
            let sentence = format!(
                "argument `{argument}` is {text:?}, but must be a number of bytes such as \"512MiB\""
            );
            Err(Error::new(ErrorKind::Value, sentence))
        }
    }
}

/// Chunks of about so many bytes: of lengths that are powers of two, halved where they are longest until they fit.
fn of_bytes(shape: &[usize], dtype: DType, bytes: usize) -> Chunks {
    let most = (bytes / dtype.bytes()).max(1);
    let mut sizes: Vec<usize> = shape.iter().map(|&len| len.clamp(1, 1 << 62)).collect();
    let count =
        |sizes: &[usize]| sizes.iter().fold(1_usize, |count, &size| count.saturating_mul(size));
    while count(&sizes) > most {
        let Some(longest) = sizes.iter_mut().max() else { break };
        *longest = longest.div_ceil(2).next_power_of_two().min(*longest - 1).max(1);
    }
    Chunks::new(shape.iter().zip(sizes).map(|(&len, size)| match AxisChunks::even(len, size) {
        Ok(axis) => axis,
        Err(_) => AxisChunks::one(len),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_read() {
        let read = |text| bytes("memory", text);
        assert_eq!(read("512MiB").unwrap(), 512 << 20);
        assert_eq!(read("1.5 GB").unwrap(), 1_500_000_000);
        assert_eq!(read("7").unwrap(), 7);
        for wrong in ["", "MiB", "-1", "0", "1e3", "12 parsecs", "1.2.3", "1e400"] {
            let sentence = read(wrong).unwrap_err().to_string();
            assert!(
                sentence.starts_with(&format!("argument `memory` is {wrong:?}, but")),
                "{sentence}"
            );
        }
    }

    #[test]
    fn chunks_of_some_bytes() {
        let cut = |shape: &[usize], bytes| of_bytes(shape, DType::F64, bytes).largest().to_vec();
        assert_eq!(cut(&[16384, 16384], AUTO), [1024, 1024]);
        assert_eq!(cut(&[1_000_000_000], AUTO), [1 << 20]);
        assert_eq!(cut(&[10, 10], AUTO), [10, 10]);
        assert_eq!(cut(&[10, 10], 1), [1, 1]);
        assert_eq!(cut(&[0, 10], AUTO), [0, 10]);
        assert_eq!(cut(&[], AUTO), [0; 0]);
    }
}
