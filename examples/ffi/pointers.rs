//! The course's exercise on pointers: a C function that changes two numbers of the caller's.

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use anyhow::Result;
use tenfold_ffi::{Library, args};

fn main() -> Result<()> {
    // ANCHOR: pointers
    // SAFETY: the library is ours, and has no initialisers.
    let mut library = unsafe { Library::open(env!("FIBO")) }?;
    library.cdef("void fibo(int *a, int *b);")?;
    let fibo = library.prepare("fibo")?;
    let (mut a, mut b) = ([0], [1]);
    let mut terms = vec![];
    for _ in 0..11 {
        // SAFETY: the declaration is that of the source, and a number is behind each pointer.
        unsafe { fibo.call(&args![&mut a[..], &mut b[..]])? };
        terms.push(b[0]);
    }
    // ANCHOR_END: pointers
    println!("{terms:?}");
    assert_eq!(terms, [1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144]);
    Ok(())
}
