//! What is unpacked into memory that is there, of which the size is known.

use std::borrow::Cow;
use std::io::{self, Read};

use flate2::bufread::{GzDecoder, ZlibDecoder};
use zarrs::array::codec::BloscCodec;
use zarrs::array::{BytesRepresentation, BytesToBytesCodecTraits as _};
use zarrs::metadata_ext::codec::blosc::{BloscCompressor, BloscShuffleMode};

use super::codec::alone;

/// How the bytes of a chunk were made fewer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    /// They were not.
    Plain,
    Zstd,
    Gzip,
    Zlib,
    Blosc,
}

impl Packing {
    /// By the name of a codec, with that of who defined it or without.
    pub(super) fn of(codec: &str) -> Option<Self> {
        match codec.strip_prefix("numcodecs.").unwrap_or(codec) {
            "zstd" => Some(Self::Zstd),
            "gzip" => Some(Self::Gzip),
            "zlib" => Some(Self::Zlib),
            "blosc" => Some(Self::Blosc),
            _ => None,
        }
    }

    /// How many times a chunk there is in memory while it is packed, or unpacked, beside where it comes from and goes to. Blosc
    /// has a vector of its own, and two of its blocks, each of which may be as long as all.
    pub(super) fn copies(self) -> usize {
        match self {
            Self::Plain | Self::Zstd | Self::Gzip | Self::Zlib => 1,
            Self::Blosc => 3,
        }
    }

    /// So many bytes, which is what was packed.
    pub(super) fn unpacked(self, packed: &[u8], bytes: usize) -> io::Result<Vec<u8>> {
        match self {
            // It takes no memory that is there.
            Self::Blosc => blosc(packed, bytes),
            _ => {
                let mut unpacked = vec![];
                unpacked.try_reserve_exact(bytes)?;
                unpacked.resize(bytes, 0);
                self.unpack(packed, &mut unpacked)?;
                Ok(unpacked)
            }
        }
    }

    /// Fills `out`, which is as long as what was packed. A stream that says it is longer is not believed: nothing is
    /// asked of memory for it.
    pub(super) fn unpack(self, packed: &[u8], out: &mut [u8]) -> io::Result<()> {
        match self {
            Self::Plain => {
                has_length(packed.len(), out.len())?;
                out.copy_from_slice(packed);
                Ok(())
            }
            Self::Zstd => {
                let found = zstd::bulk::decompress_to_buffer(packed, out).map_err(invalid)?;
                has_length(found, out.len())
            }
            Self::Blosc => {
                out.copy_from_slice(&blosc(packed, out.len())?);
                Ok(())
            }
            Self::Gzip => fill(GzDecoder::new(packed), out),
            Self::Zlib => fill(ZlibDecoder::new(packed), out),
        }
    }
}

/// Fills `out` with all that comes.
fn fill(mut stream: impl Read, out: &mut [u8]) -> io::Result<()> {
    stream.read_exact(out)?;
    // The checksum is behind the last byte.
    match stream.read(&mut [0])? {
        0 => Ok(()),
        _ => Err(invalid(format!("more than the {} bytes of its elements come of it", out.len()))),
    }
}

/// So many bytes: what packed them says how many come of it, and as many are asked of memory.
fn blosc(packed: &[u8], bytes: usize) -> io::Result<Vec<u8>> {
    let says = packed.get(4..8).and_then(|len| len.try_into().ok()).map(u32::from_le_bytes);
    let says = says.ok_or_else(|| invalid("it has no header of Blosc"))?;
    has_length(usize::try_from(says).unwrap_or(usize::MAX), bytes)?;
    // How it was packed stands in the header too.
    let level = 0_u8.try_into().map_err(|_| invalid("level 0 is none"))?;
    let (compressor, shuffle) = (BloscCompressor::LZ4, BloscShuffleMode::NoShuffle);
    let codec = BloscCodec::new(compressor, level, None, shuffle, None)
        .map_err(|error| invalid(error.to_string()))?;
    let unpacked = BytesRepresentation::FixedSize(u64::from(says));
    let unpacked = codec.decode(Cow::Borrowed(packed), &unpacked, &alone()).map_err(invalid)?;
    has_length(unpacked.len(), bytes)?;
    Ok(unpacked.into_owned())
}

fn has_length(found: usize, wanted: usize) -> io::Result<()> {
    match found == wanted {
        true => Ok(()),
        false => Err(invalid(format!("{found} bytes come of it, but its elements have {wanted}"))),
    }
}

fn invalid(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn packed(packing: Packing, bytes: &[u8]) -> Vec<u8> {
        match packing {
            Packing::Plain => bytes.to_vec(),
            Packing::Zstd => zstd::bulk::compress(bytes, 1).unwrap(),
            Packing::Gzip => {
                let mut to = flate2::write::GzEncoder::new(vec![], flate2::Compression::fast());
                to.write_all(bytes).unwrap();
                to.finish().unwrap()
            }
            Packing::Zlib => {
                let mut to = flate2::write::ZlibEncoder::new(vec![], flate2::Compression::fast());
                to.write_all(bytes).unwrap();
                to.finish().unwrap()
            }
            Packing::Blosc => {
                let level = 5_u8.try_into().unwrap();
                let (compressor, shuffle) = (BloscCompressor::LZ4, BloscShuffleMode::Shuffle);
                let codec = BloscCodec::new(compressor, level, None, shuffle, Some(4)).unwrap();
                codec.encode(Cow::Borrowed(bytes), &alone()).unwrap().into_owned()
            }
        }
    }

    const ALL: [Packing; 5] =
        [Packing::Plain, Packing::Zstd, Packing::Gzip, Packing::Zlib, Packing::Blosc];

    #[test]
    fn as_many_bytes_come_as_are_wanted_or_none() {
        for packing in ALL {
            let bytes: Vec<u8> = (0..200).collect();
            let there = packed(packing, &bytes);
            let mut out = vec![0; 200];
            packing.unpack(&there, &mut out).unwrap();
            assert_eq!(out, bytes);
            assert_eq!(packing.unpacked(&there, 200).unwrap(), bytes);
            packing.unpack(&there, &mut [0; 199]).unwrap_err();
            packing.unpack(&there, &mut [0; 201]).unwrap_err();
            packing.unpack(&there[..there.len() - 5], &mut out).unwrap_err();
            packing.unpack(&[], &mut out).unwrap_err();
        }
    }

    /// Frames that say they have 2^60 bytes, or 2^32.
    #[test]
    fn a_length_that_is_a_lie_takes_no_memory() {
        let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0b1110_0000];
        frame.extend((1_u64 << 60).to_le_bytes());
        frame.extend([1, 0, 0]);
        Packing::Zstd.unpack(&frame, &mut [0; 8]).unwrap_err();
        let mut frame = packed(Packing::Blosc, &[7; 200]);
        frame[4..8].copy_from_slice(&u32::MAX.to_le_bytes());
        Packing::Blosc.unpack(&frame, &mut [0; 200]).unwrap_err();
    }
}
