//! C of our own in ABI mode: compiled while the program runs, loaded, and called.
//!
//!     cargo run --package tenfold-ffi --example fibonacci

use std::error::Error;
use std::io::Write as _;
use std::process::Command;

use tenfold_ffi::{Library, args};

const SOURCE: &str = "
int fibonacci(int n)
{
    int a = 0, b = 1;
    while (n-- > 0) {
        int next = a + b;
        a = b;
        b = next;
    }
    return a;
}

void fill(long *into, unsigned long count)
{
    for (unsigned long i = 0; i < count; i++)
        into[i] = i < 2 ? (long)i : into[i - 1] + into[i - 2];
}
";

const DECLARATIONS: &str = "
int fibonacci(int n);
void fill(long *into, unsigned long count);
";

fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let (source, object) = (folder.path().join("fib.c"), folder.path().join("libfib.so"));
    std::fs::write(&source, SOURCE)?;
    let mut cc = Command::new("cc");
    cc.args(["-O2", "-shared", "-fPIC", "-o"]).arg(&object).arg(&source);
    if !cc.status()?.success() {
        return Err("the C compiler failed".into());
    }

    // SAFETY: it has no initialisers.
    let mut library = unsafe { Library::open(object.to_str().ok_or("a name in Unicode")?)? };
    library.cdef(DECLARATIONS)?;

    let fibonacci = library.prepare("fibonacci")?;
    let mut first = Vec::new();
    for n in 0..10 {
        // SAFETY: the declaration is that of the source, and numbers below 47 fit.
        first.push(i32::try_from(unsafe { fibonacci.call(&args![n])? })?);
    }
    assert_eq!(first, [0, 1, 1, 2, 3, 5, 8, 13, 21, 34]);

    let mut numbers = vec![0_i64; 90];
    let count = numbers.len();
    // SAFETY: so many elements are there.
    unsafe { library.call("fill", &args![&mut numbers[..], count])? };
    assert_eq!(numbers[89], 1_779_979_416_004_714_189);
    let _ = writeln!(std::io::stdout(), "{first:?} .. {}", numbers[89]);
    Ok(())
}
