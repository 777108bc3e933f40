//! Packs a text with zlib's stream, piece by piece, and unpacks it.

use anyhow::{Result, ensure};

tenfold_ffi::c_library! {
    /// zlib, as far as it is needed: the compiler completes what is written `...`.
    mod z;
    header = "zlib.h";
    link = "z";
    cdef = r#"
        #define Z_OK ...
        #define Z_STREAM_END ...
        #define Z_NO_FLUSH ...
        #define Z_FINISH ...
        #define Z_BEST_COMPRESSION ...
        typedef struct z_stream_s {
            unsigned char *next_in;
            unsigned int avail_in;
            unsigned char *next_out;
            unsigned int avail_out;
            ...;
        } z_stream;
        const char *zlibVersion(void);
        unsigned long crc32(unsigned long crc, const unsigned char *buf, unsigned int len);
        int deflateInit(z_stream *strm, int level);
        int deflate(z_stream *strm, int flush);
        int deflateEnd(z_stream *strm);
        int inflateInit(z_stream *strm);
        int inflate(z_stream *strm, int flush);
        int inflateEnd(z_stream *strm);
    "#;
    safe fn zlibVersion() -> &'static cstr, crc32(buf: [len]);
}

type Step = unsafe extern "C" fn(*mut z::z_stream, i32) -> i32;

/// Hands all of `input` to a stream, and takes what it gives in pieces of 1000 bytes.
fn run(stream: &mut z::z_stream, step: Step, input: &[u8]) -> Result<Vec<u8>> {
    let mut output = Vec::new();
    let mut piece = [0; 1000];
    // zlib does not write there.
    stream.next_in = input.as_ptr().cast_mut();
    stream.avail_in = u32::try_from(input.len())?;
    loop {
        stream.next_out = piece.as_mut_ptr();
        stream.avail_out = 1000;
        // SAFETY: the stream was begun, and its pointers lead to as many bytes as it says.
        let status = unsafe { step(stream, z::Z_FINISH) };
        output.extend_from_slice(&piece[..1000 - stream.avail_out as usize]);
        match status {
            z::Z_STREAM_END => return Ok(output),
            z::Z_OK => {}
            // There is no more room in the piece.
            _ => ensure!(stream.avail_out == 0, "zlib says {status}"),
        }
    }
}

fn pack(text: &[u8]) -> Result<Vec<u8>> {
    let mut stream = z::z_stream::default();
    // SAFETY: a stream of zeros asks for zlib's own memory.
    let status = unsafe { z::deflateInit(&raw mut stream, z::Z_BEST_COMPRESSION) };
    ensure!(status == z::Z_OK, "zlib says {status}");
    let packed = run(&mut stream, z::deflate, text);
    // SAFETY: it was begun.
    unsafe { z::deflateEnd(&raw mut stream) };
    packed
}

fn unpack(packed: &[u8]) -> Result<Vec<u8>> {
    let mut stream = z::z_stream::default();
    // SAFETY: a stream of zeros asks for zlib's own memory.
    let status = unsafe { z::inflateInit(&raw mut stream) };
    ensure!(status == z::Z_OK, "zlib says {status}");
    let text = run(&mut stream, z::inflate, packed);
    // SAFETY: it was begun.
    unsafe { z::inflateEnd(&raw mut stream) };
    text
}

pub(crate) fn show() -> Result<()> {
    let lines = (0..2000).map(|k| format!("line {} of many\n", k * k % 1009));
    let text: String = lines.collect();
    let packed = pack(text.as_bytes())?;
    println!("zlib {}: {} bytes become {}", z::zlibVersion()?.to_str()?, text.len(), packed.len());
    assert!(packed.len() < text.len() / 3);
    let back = unpack(&packed)?;
    assert_eq!(z::crc32(0, &back)?, z::crc32(0, text.as_bytes())?);
    assert_eq!(back, text.as_bytes());
    Ok(())
}
