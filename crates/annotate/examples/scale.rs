//! How long a binary takes to annotate, and how much memory: `scale BINARY SOURCE`.

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use std::path::PathBuf;
use std::time::Instant;

use tenfold_annotate::{Selection, annotate};

/// Wherever it is started.
const OWN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/scale.rs");

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let paths: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    // Without arguments: this program, and its own text.
    let (binary, source) = match &paths[..] {
        [binary, source] => (binary.clone(), source.clone()),
        _ => (std::env::current_exe()?, PathBuf::from(OWN)),
    };
    let bytes = std::fs::metadata(&binary)?.len();
    let start = Instant::now();
    let annotation = annotate(&binary, &Selection { source, function: None })?;
    let read = start.elapsed();
    let page = annotation.to_html().len();
    let lines: usize = annotation.files.iter().map(|file| file.lines.len()).sum();
    println!("binary    {:.1} MB", bytes as f64 / 1e6);
    println!(
        "found     {} files, {lines} lines, {} functions",
        annotation.files.len(),
        annotation.functions.len()
    );
    println!("annotate  {:.2} s", read.as_secs_f64());
    println!(
        "page      {:.2} s, {:.1} MB",
        (start.elapsed() - read).as_secs_f64(),
        page as f64 / 1e6
    );
    println!("peak      {}", peak().as_deref().unwrap_or("unknown"));
    Ok(())
}

/// The most memory that this process has had, where the system says it.
fn peak() -> Option<String> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().to_owned())
}
