//! What is unpacked into memory that is there, of which the size is known.

use std::io::{self, Read};

use flate2::bufread::{GzDecoder, ZlibDecoder};

/// How the bytes of a chunk were made fewer, where that is done as a whole and last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    /// They were not.
    Plain,
    Zstd,
    Gzip,
    Zlib,
}

impl Packing {
    /// By the name of a codec, with that of who defined it or without.
    pub(super) fn of(codec: &str) -> Option<Self> {
        match codec.strip_prefix("numcodecs.").unwrap_or(codec) {
            "zstd" => Some(Self::Zstd),
            "gzip" => Some(Self::Gzip),
            "zlib" => Some(Self::Zlib),
            _ => None,
        }
    }

    /// Fills `out`, which is as long as what was packed. A stream that says it is longer is not believed: nothing is
    /// asked of memory for it.
    pub(super) fn unpack(self, packed: &[u8], out: &mut [u8]) -> io::Result<()> {
        match self {
            Self::Plain => {
                let wrong =
                    || io::Error::new(io::ErrorKind::InvalidData, lengths(packed.len(), out.len()));
                if packed.len() != out.len() {
                    return Err(wrong());
                }
                out.copy_from_slice(packed);
                Ok(())
            }
            Self::Zstd => {
                let found = zstd::bulk::decompress_to_buffer(packed, out)
                    .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
                match found == out.len() {
                    true => Ok(()),
                    false => {
                        Err(io::Error::new(io::ErrorKind::InvalidData, lengths(found, out.len())))
                    }
                }
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
        _ => {
            let what = format!("more than the {} bytes of its elements come of it", out.len());
            Err(io::Error::new(io::ErrorKind::InvalidData, what))
        }
    }
}

fn lengths(found: usize, wanted: usize) -> String {
    format!("{found} bytes come of it, but its elements have {wanted}")
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
        }
    }

    #[test]
    fn as_many_bytes_come_as_are_wanted_or_none() {
        for packing in [Packing::Plain, Packing::Zstd, Packing::Gzip, Packing::Zlib] {
            let bytes: Vec<u8> = (0..200).collect();
            let there = packed(packing, &bytes);
            let mut out = vec![0; 200];
            packing.unpack(&there, &mut out).unwrap();
            assert_eq!(out, bytes);
            packing.unpack(&there, &mut [0; 199]).unwrap_err();
            packing.unpack(&there, &mut [0; 201]).unwrap_err();
            packing.unpack(&there[..there.len() - 5], &mut out).unwrap_err();
            packing.unpack(&[], &mut out).unwrap_err();
        }
    }

    /// A frame that says it has 2^60 bytes.
    #[test]
    fn a_length_that_is_a_lie_takes_no_memory() {
        let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0b1110_0000];
        frame.extend((1_u64 << 60).to_le_bytes());
        frame.extend([1, 0, 0]);
        Packing::Zstd.unpack(&frame, &mut [0; 8]).unwrap_err();
    }
}
