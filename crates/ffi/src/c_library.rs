//! API mode: bindings that a compiler verified.

/// A module of bindings to a C library, from its declarations: CFFI's API mode.
///
/// The package needs a `build.rs` that calls `tenfold_ffi_build::verify()`. It finds this invocation, has
/// the C compiler hold every declaration against the real header, completes what is written with `...`,
/// compiles C that stands here, and writes the module. A declaration that is wrong fails the build, with
/// its line and that of the header. Without the `build.rs` this is a compile error.
///
/// ```text
/// tenfold_ffi::c_library! {
///     /// zlib.
///     pub mod z;
///     header = "zlib.h";              // or header = ["a.h", "b.h"]
///     link = "z";                     // optional; link = static "z"
///     cdef = r#"
///         #define Z_BEST_SPEED ...
///         const char *zlibVersion(void);
///         unsigned long crc32(unsigned long crc, const unsigned char *buf, unsigned int len);
///     "#;                             // or cdef = include_str!("zlib.cdef")
///     safe fn zlibVersion() -> &'static cstr, crc32(buf: [len]);
/// }
/// let sum = z::crc32(0, b"123456789")?;
/// ```
///
/// Further items, in any order:
///
/// - `source = r#"C code"#;` is compiled, after the headers; `sources = ["src/evolve.c"];` too, by their
///   paths from the package. `include = ["src"];` and `define = ["NAME", "NAME=value"];` go to the compiler.
/// - `load = "m";` in place of all these: the functions are looked up at run time, in a library that the
///   system's loader finds. No compiler is asked. The module then has a `Library` with `unsafe fn load()`,
///   `unsafe fn open(path)` and the functions as methods.
///
/// All invocations of a package are verified, whatever `cfg` is around them, and no two modules may have one
/// name. A crate that forbids unsafe code cannot have one: every binding to C is unsafe code.
///
/// # The bindings
///
/// Structures and unions have C's layout, which is asserted, all fields public, and `Default` for zeros;
/// written with `...`, they are padded to their size. A bit-field `f` has methods `f` and `set_f`, which refuses
/// what the bits cannot hold. An enumeration is a number with constants and `name()`, since C may put any number
/// into it; one without a name is constants. A variable is a function that gives its address, and
/// `static const T X;` one that gives its value: `X` may be any expression that `T` holds
/// exactly, a macro for example. Functions that
/// are macros, or that the header defines, are called through a few lines of C that are compiled along, as are
/// those that take a `long double`, which is 16 bytes to pass on. Words of Rust get `r#`, and
/// names that it has already get `_` behind, or their keyword before: `u8_`, `enum_color`.
///
/// # Safe functions
///
/// A function is `unsafe` unless `safe fn` lists it: the compiler vouches for its type, and whoever writes
/// `safe` vouches that C keeps to the arrays that it is given. Numbers pass as they are. Each pointer needs
/// a guard in the parentheses, and the build fails without:
///
/// | guard | the Rust parameter | what is checked |
/// |---|---|---|
/// | `buf: [len]` | `impl Into<ReadArray<T, 1>>`: a slice, an array; `WriteArray` where C may write | the parameter `len` is computed, and fits its type |
/// | `u: [nx, ny]` | `impl Into<WriteArray<T, 2>>`: a dense `ArrayViewMut2` | rows are contiguous; all that name `nx` agree |
/// | `a: [m, n; F]` | the same | columns are contiguous |
/// | `p: [3]` | the same | its length is 3 |
/// | `out: &` | `&mut T`, or `&T` where C only reads | |
/// | `name: cstr` | `&CStr` | |
///
/// No array that C writes may overlap another. `-> &'static cstr` promises that the result is a text that
/// is never freed or changed. Where a check can fail, the function returns a [`Result`](crate::Result).
#[macro_export]
macro_rules! c_library {
    ($(#[$attribute:meta])* $visibility:vis mod $name:ident; $($rest:tt)*) => {
        $(#[$attribute])*
        #[allow(
            dead_code,
            improper_ctypes,
            missing_debug_implementations,
            non_camel_case_types,
            non_snake_case,
            non_upper_case_globals,
            single_use_lifetimes,
            unnameable_types,
            unreachable_pub,
            unsafe_code,
            unused_braces,
            unused_imports,
            unused_qualifications,
            clippy::all,
            clippy::pedantic,
            clippy::restriction,
            reason = "these are C's names, and code that a program wrote"
        )]
        $visibility mod $name {
            use $crate::__private::api as tenfold;

            include!(concat!(
                env!(
                    "OUT_DIR",
                    "c_library! needs a build.rs with `fn main() { tenfold_ffi_build::verify() }`, and \
                     tenfold-ffi-build in [build-dependencies]"
                ),
                "/tenfold-ffi/",
                stringify!($name),
                ".rs"
            ));
        }
    };
    ($($rest:tt)*) => {
        ::core::compile_error!("c_library! begins with `mod NAME;`");
    };
}
