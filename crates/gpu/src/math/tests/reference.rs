//! The largest errors, by a C program that has functions of long double.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The program; its file goes with this.
#[derive(Debug)]
pub(super) struct Reference(PathBuf);

impl Reference {
    /// Compiles it, or says why not.
    pub(super) fn load() -> Result<Self, String> {
        if !cfg!(all(target_arch = "x86_64", target_os = "linux")) {
            return Err("long double has more digits than double on x86-64 alone".to_owned());
        }
        let thread = format!("{:?}", std::thread::current().id()).replace(['(', ')'], "");
        let name = format!("tenfold-gpu-reference-{}-{thread}", std::process::id());
        let program = std::env::temp_dir().join(name);
        let built = compile(&program).map_err(|error| format!("cc: {error}"))?;
        if !built.status.success() {
            return Err(String::from_utf8_lossy(&built.stderr).into_owned());
        }
        Ok(Self(program))
    }

    /// The largest error in units of the last place of numbers of `bits` bits, and its index; `which` is
    /// `all` or `normal`, which leaves out results that should be subnormal.
    pub(super) fn worst(
        &self,
        function: &str,
        (bits, which): (u32, &str),
        columns: [&[f64]; 3],
    ) -> (f64, usize) {
        let count = columns[0].len();
        let mut child = Command::new(&self.0)
            .args([function, &bits.to_string(), &count.to_string(), which])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = child.stdin.take().unwrap();
        for column in columns {
            input.write_all(bytemuck::cast_slice(column)).unwrap();
        }
        drop(input);
        let mut text = String::new();
        child.stdout.take().unwrap().read_to_string(&mut text).unwrap();
        assert!(child.wait().unwrap().success(), "the reference has no `{function}`");
        let (worst, at) = text.trim().split_once(' ').unwrap();
        (worst.parse().unwrap(), at.parse().unwrap())
    }
}

/// The source goes with the tests, which may run elsewhere.
fn compile(program: &Path) -> std::io::Result<Output> {
    let mut child = Command::new("cc")
        .args(["-O2", "-o"])
        .arg(program)
        .args(["-x", "c", "-", "-lm"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    // A compiler that fails need not read it, and says why.
    drop(child.stdin.take().map(|mut input| input.write_all(include_bytes!("reference.c"))));
    child.wait_with_output()
}

impl Drop for Reference {
    fn drop(&mut self) {
        // A file in the folder of temporary ones may stay.
        drop(std::fs::remove_file(&self.0));
    }
}
