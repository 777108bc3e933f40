//! Makes, fills and reads objects of C by their declarations, and lets C fill one.

use std::ffi::{c_char, c_void};

use tenfold_ffi::{Declarations, ErrorKind, Result, View};

const DECLARATIONS: &str = "
    enum shape { CIRCLE, SQUARE = 4 };
    typedef struct { double x, y; } point;
    struct figure {
        enum shape shape;
        unsigned filled : 1, color : 12;
        char name[16];
        union { double radius; point corners[2]; };
    };
    typedef struct { int quot, rem; } div_t;
";

unsafe extern "C" {
    fn snprintf(text: *mut c_char, bytes: usize, format: *const c_char, ...) -> i32;
}

fn main() -> Result<()> {
    let declarations = Declarations::parse(DECLARATIONS)?;
    assert_eq!(declarations.sizeof("struct figure")?, 56);
    assert_eq!(declarations.offsetof("struct figure", "corners[1].y")?, 48);

    // Numbers have to fit, names have to be known, indexes have to be inside.
    let mut figure = declarations.new("struct figure")?;
    figure.set("shape", "SQUARE")?;
    figure.set("color", 0xabc)?;
    figure.set("corners[1].x", 2.5)?;
    assert_eq!(figure.get("corners[1].x")?, 2.5);
    assert_eq!(figure.field("shape")?.enumerator()?, "SQUARE");
    assert!(figure.set("color", 4096).is_err_and(|error| error.kind() == ErrorKind::OutOfRange));
    assert!(figure.set("shape", "TRIANGLE").is_err_and(|error| error.kind() == ErrorKind::Field));
    assert!(figure.get("corners[2].x").is_err_and(|error| error.kind() == ErrorKind::Index));

    // C writes into a field.
    let mut name = figure.field_mut("name")?;
    let (start, bytes) = (name.as_mut_ptr().cast(), name.view().count()?);
    // SAFETY: it writes no more than so many bytes there, and reads two literals.
    unsafe { snprintf(start, bytes, c"%s-%d".as_ptr(), c"figure".as_ptr(), 7) };
    assert_eq!(figure.field("name")?.string()?, c"figure-7".to_owned());

    // All numbers of an array at once.
    let mut samples = declarations.new_array("double[]", 1000)?;
    let mut view = samples.view_mut();
    for (index, sample) in view.as_mut_slice::<f64>()?.iter_mut().enumerate() {
        *sample = index as f64;
    }
    assert_eq!(samples.get("[999]")?, 999.0);

    // Bytes from elsewhere, and a pointer of C.
    let bytes = figure.bytes();
    let same = View::from_buffer(&declarations, "struct figure", bytes)?;
    assert_eq!(same.get("color")?, 0xabc);
    let quotient: *mut c_void = {
        let mut pair = declarations.new("div_t")?;
        pair.set("quot", 3)?;
        pair.set("rem", 1)?;
        // Copied to where C would have put it.
        let copy = Box::new(<[u8; 8]>::try_from(pair.bytes()).expect("two int"));
        Box::into_raw(copy).cast()
    };
    let pointer = declarations.cast("div_t *", quotient.expose_provenance())?.try_into()?;
    // SAFETY: two `int` are there, and nobody writes to them.
    let pair = unsafe { View::from_pointer(&declarations, pointer) }?;
    assert_eq!(pair.get("rem")?, 1);
    // SAFETY: it came from a box, whose last view was above.
    drop(unsafe { Box::from_raw(quotient.cast::<[u8; 8]>()) });
    Ok(())
}
