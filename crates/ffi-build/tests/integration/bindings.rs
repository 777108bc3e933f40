//! What is written for declarations that are right.

use crate::made::{bindings, has_zlib};

fn has(bindings: &str, wanted: &str) {
    let flat = |text: &str| text.replace(char::is_whitespace, "").replace(",)", ")");
    assert!(flat(bindings).contains(&flat(wanted)), "no `{wanted}` in\n{bindings}");
}

const ZLIB: &str = r###"
    header = "zlib.h"; link = "z";
    cdef = r#"
        #define Z_OK 0
        #define Z_BEST_SPEED ...
        #define Z_NULL ...
        #define Z_DATA_ERROR -3
        typedef unsigned char Byte;
        typedef unsigned int uInt;
        typedef unsigned long uLong;
        typedef Byte Bytef;
        typedef uLong uLongf;
        typedef void *voidpf;
        typedef int... z_off_t;
        typedef struct z_stream_s {
            Bytef *next_in;
            uInt avail_in;
            ...;
        } z_stream;
        typedef struct gzFile_s *gzFile;
        const char *zlibVersion(void);
        uLong crc32(uLong crc, const Bytef *buf, uInt len);
        int compress(Bytef *dest, uLongf *destLen, const Bytef *source, uLong sourceLen);
        int deflateInit(z_stream *strm, int level);
        int gzgetc(gzFile file);
        z_off_t gzseek(gzFile, z_off_t, int);
    "#;
    safe fn zlibVersion() -> &'static cstr, crc32(buf: [len]);
"###;

#[test]
fn zlib() {
    if !has_zlib("zlib") {
        return;
    }
    let z = bindings(ZLIB);
    has(&z, "pub const Z_BEST_SPEED: i32 = 1;");
    has(&z, "pub const Z_DATA_ERROR: tenfold::c_int = -3;");
    has(&z, "pub type z_off_t = i64;");
    has(&z, "assert!(::core::mem::size_of::<z_stream_s>() == 112);");
    has(&z, "pub type z_stream = z_stream_s;");
    has(&z, "pub fn zlibVersion() -> tenfold::Result<&'static tenfold::CStr>");
    has(
        &z,
        "pub fn crc32<'a>( crc: uLong, buf: impl ::core::convert::Into<tenfold::ReadArray<'a, Bytef, 1>>, ) -> tenfold::Result<uLong>",
    );
    // A macro and nothing else is called in C, a macro beside a function is the function.
    has(&z, "_m_deflateInit\"]");
    has(&z, "pub unsafe fn gzgetc(file: gzFile) -> tenfold::c_int;");
    assert!(!z.contains("m_gzgetc"));
}

#[test]
fn headers_of_the_system() {
    let text = bindings(
        r###"
        header = ["stdio.h", "string.h", "unistd.h", "errno.h", "dirent.h"];
        cdef = r#"
            struct dirent { char d_name[...]; unsigned char d_type; ...; };
            int sscanf(const char *s, const char *format, ...);
            int fseek(FILE *stream, long off, int whence);
            extern FILE *stdin;
            int errno;
            typedef int... off_t;
            off_t lseek(int fd, off_t offset, int whence);
        "#;
        "###,
    );
    has(&text, "pub d_name: [tenfold::c_char; 256]");
    // What the header calls otherwise in the library.
    has(&text, "#[link_name = \"__isoc99_sscanf\"] pub unsafe fn sscanf(");
    has(&text, "pub static mut stdin: *mut _IO_FILE;");
    has(&text, "_m_errno\"] pub safe fn errno() -> *mut tenfold::c_int;");
}

#[test]
fn names_that_are_the_same_or_words_of_rust() {
    let text = bindings(
        r###"
        source = r#"
            struct type { int match; double self; };
            struct stat { int x; };
            int stat(struct stat *fn);
            typedef int pair;
            struct pair { int a, b; };
            struct pair use(pair p, int);
        "#;
        cdef = r#"
            struct type { int match; double self; };
            struct stat { int x; };
            int stat(struct stat *fn);
            typedef int pair;
            struct pair { int a, b; };
            struct pair use(pair p, int);
        "#;
        safe fn use;
        "###,
    );
    has(
        &text,
        "pub struct r#type { /// `int match` pub r#match: tenfold::c_int, /// `double self` pub self_: f64",
    );
    has(&text, "pub unsafe fn stat(r#fn: *mut stat) -> tenfold::c_int;");
    has(&text, "pub safe fn r#use(p: pair, argument1: tenfold::c_int) -> struct_pair;");
}

#[test]
fn layouts_that_rust_has_to_be_told() {
    let text = bindings(
        r###"
        source = r#"
            struct __attribute__((packed)) tight { char a; double b; };
            struct wide { char a; } __attribute__((aligned(32)));
            union either { char bytes[12]; long number; unsigned bit : 1; };
            struct flexible { int n; double values[]; };
            struct partial { char hidden; double first; long double also_hidden; short last; };
        "#;
        cdef = r#"
            struct __attribute__((packed)) tight { char a; double b; };
            struct wide { char a; } __attribute__((aligned(32)));
            union either { char bytes[12]; long number; unsigned bit : 1; };
            struct flexible { int n; double values[]; };
            struct partial { short last; double first; ...; };
        "#;
        "###,
    );
    has(&text, "#[repr(C, packed(1))] pub struct tight");
    has(&text, "#[repr(C, align(32))] pub struct wide");
    has(&text, "pub union either");
    has(&text, "pub values: [f64; 0]");
    has(&text, "#[repr(C, align(16))] pub struct partial { #[doc(hidden)] pub _padding0: [u8; 8]");
    has(&text, "assert!(::core::mem::offset_of!(partial, last) == 32);");
    has(&text, "assert!(::core::mem::size_of::<partial>() == 48);");
}

#[test]
fn functions_of_a_source_are_called_directly_unless_they_are_static() {
    let text = bindings(
        r###"
        source = "int open_to_all(int x) { return x; } static int own(int x) { return x; }";
        cdef = "int open_to_all(int x); int own(int x);";
        safe fn open_to_all, own;
        "###,
    );
    has(&text, "/// int open_to_all(int x); /// ``` pub safe fn open_to_all(");
    has(&text, "_m_own\"] pub safe fn own(");
}

/// Declarations that are the source itself: nothing in them is an alarm.
#[test]
fn records_of_all_kinds_are_accepted() {
    let records = include_str!("cdef/records.cdef");
    let text = bindings(&format!("source = r#\"{records}\"#; cdef = r#\"{records}\"#;"));
    has(&text, "pub struct all_unnamed { /// `int x` pub x: tenfold::c_int");
    has(&text, "pub anonymous2: all_anonymous2,");
    has(&text, "pub fn set_b(&mut self, value: tenfold::c_uint) -> tenfold::Result<()>");
    has(&text, "pub grid: [[f64; 3usize]; 2usize]".replace("usize", "").as_str());
    has(&text, "pub type all_ptr = *const all;");
}

/// No method of Rust is variadic.
#[test]
fn variadic_functions_of_a_loaded_library_are_pointers() {
    let text = bindings("load = \"m\"; cdef = \"int match(const char *format, ...);\";");
    has(&text, "pub fn r#match(&self) -> unsafe extern \"C\" fn(");
}

/// All that makes names of Rust collide where those of C do not.
#[test]
fn names_that_rust_has_taken() {
    let c = r#"
        typedef uint8_t u8; typedef double f64;
        struct bits { unsigned x : 3; unsigned set_x : 2; };
        struct hidden { u8 x; }; struct tenfold { f64 y; };
        enum color { RED, name };
        int color(struct hidden *p);
        long double mixed(enum color color, int result, const double *RED, int n, int length_of_n);
    "#;
    let text = bindings(&format!(
        "source = r#\"#include <stdint.h>\n{c}\"#; cdef = r#\"{c}\"#; safe fn mixed(RED: [n]);"
    ));
    has(&text, "pub type u8_ = u8;");
    has(&text, "pub fn set_x_(&mut self, value");
    has(&text, "pub struct struct_hidden");
    has(&text, "pub x: u8_");
    has(&text, "pub const name_: Self");
    has(&text, "pub struct enum_color(pub u32);");
    has(&text, "unsafe fn color(p: *mut struct_hidden)");
    has(&text, "tf_result: *mut tenfold::LongDouble, color: enum_color, result: tenfold::c_int,");
}

#[test]
fn constants_that_are_narrow_have_the_type_that_c_promotes_them_to() {
    let text = bindings(
        "source = \"#define A ((unsigned char)200)\\n#define B ((signed char)-1)\\n\";
        cdef = \"#define A ...\\n#define B ...\";",
    );
    has(&text, "pub const A: i32 = 200;");
    has(&text, "pub const B: i32 = -1;");
}
