//! Pictures of answers, as PNG files with a palette.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use anyhow::{Context as _, Result};

use crate::workload::Picture;

/// Colours from cold to hot, between which the palette is interpolated: even steps of lightness,
/// so that it reads in grey and to the colour-blind too.
const RAMP: [[f64; 3]; 6] = [
    [12.0, 12.0, 46.0],
    [74.0, 16.0, 100.0],
    [150.0, 38.0, 102.0],
    [221.0, 81.0, 58.0],
    [249.0, 161.0, 44.0],
    [252.0, 250.0, 185.0],
];

/// Writes the picture, its smallest value in the first colour and its largest in the last.
pub(crate) fn write(picture: &Picture, path: &Path) -> Result<()> {
    let context = || format!("cannot write {}", path.display());
    let file = BufWriter::new(File::create(path).with_context(context)?);
    let (width, height) = (u32::try_from(picture.width)?, u32::try_from(picture.height)?);
    let mut encoder = png::Encoder::new(file, width, height);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_palette(palette());
    encoder.set_compression(png::Compression::High);
    let mut writer = encoder.write_header().with_context(context)?;
    writer.write_image_data(&indices(&picture.values)).with_context(context)?;
    writer.finish().with_context(context)
}

fn palette() -> Vec<u8> {
    (0..256).flat_map(|i| colour(f64::from(i) / 255.0)).collect()
}

fn colour(at: f64) -> [u8; 3] {
    let at = at * (RAMP.len() - 1) as f64;
    let (from, to) = (at.floor() as usize, at.ceil() as usize);
    let between = at - at.floor();
    std::array::from_fn(|c| (RAMP[from][c] * (1.0 - between) + RAMP[to][c] * between) as u8)
}

/// Each value's place between the smallest and the largest.
fn indices(values: &[f64]) -> Vec<u8> {
    let finite = || values.iter().copied().filter(|v| v.is_finite());
    let low = finite().fold(f64::INFINITY, f64::min);
    let range = finite().fold(f64::NEG_INFINITY, f64::max) - low;
    let scale = if range > 0.0 { 255.0 / range } else { 0.0 };
    // A cast of NaN gives 0, and one of infinity the end of the range.
    values.iter().map(|v| ((v - low) * scale).round() as u8).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coldest_first_hottest_last() {
        assert_eq!(indices(&[5.0, 85.0, 45.0]), [0, 255, 128]);
        assert_eq!(indices(&[3.0, 3.0]), [0, 0]);
        assert_eq!(indices(&[]), [0; 0]);
        assert_eq!(palette().len(), 768);
        assert_eq!(palette()[..3], [12, 12, 46]);
        assert_eq!(palette()[765..], [252, 250, 185]);
    }

    #[test]
    fn a_written_picture_reads_back() {
        let path = std::env::temp_dir().join(format!("tenfold-picture-{}.png", std::process::id()));
        let picture = Picture { width: 3, height: 2, values: vec![0., 1., 2., 3., 4., 5.] };
        write(&picture, &path).unwrap();
        let decoder = png::Decoder::new(std::io::BufReader::new(File::open(&path).unwrap()));
        let mut reader = decoder.read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        std::fs::remove_file(&path).unwrap();
        assert_eq!((info.width, info.height), (3, 2));
        assert_eq!(pixels[..6], [0, 51, 102, 153, 204, 255]);
    }
}
