//! How many of the samples that are asked for come: all, on a core for itself.

#![expect(clippy::print_stdout, reason = "an example shows what it finds")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use tenfold_profile::Session;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    for hz in [250, 500, 1000] {
        let session = Session::builder().sampler_hz(hz).start()?;
        spin(Duration::from_secs(1));
        let report = session.finish();
        let sampled = report.sampled().ok_or("a session with a sampler has samples")?;
        println!("{}", sampled.to_string().lines().next().unwrap_or_default());
        // On a core that others use too, some come together, and the line says how many.
        assert!(sampled.taken() > 0);
    }
    Ok(())
}

fn spin(time: Duration) {
    let end = Instant::now() + time;
    let mut x = 1_u64;
    while Instant::now() < end {
        x = (0..1000).fold(x, |x, _| black_box(x.wrapping_mul(31)));
    }
}
