//! Typed and dynamic calls, variables, constants and names of libraries.

use std::ffi::{CStr, c_char, c_void};

use tenfold_ffi::{Arg, Complex, ErrorKind, Library, Pointer, Value, args, c_record};

use crate::compiler::library;

/// libm, and through it libc.
fn c(cdef: &str) -> Library {
    // SAFETY: both are loaded already, or harmless.
    let mut library = unsafe { Library::open("m") }.unwrap();
    library.cdef(cdef).unwrap();
    library
}

#[test]
fn libraries_are_found_by_any_name() {
    for name in ["m", "libm.so.6", "c"] {
        // SAFETY: they are loaded already.
        unsafe { Library::open(name) }.unwrap_or_else(|error| panic!("{error}"));
    }
}

/// For whoever develops, `libc.so` is a text that the linker reads.
#[test]
fn texts_for_the_linker_are_got_over() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("libtext.so");
    let script = "/* GNU ld script */ GROUP ( /lib/libtext.so.1 )\n".repeat(2);
    std::fs::write(&text, script).unwrap();
    // SAFETY: it is none.
    let error = unsafe { Library::open(text.to_str().unwrap()) }.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LibraryNotFound);
    assert!(error.to_string().contains("invalid ELF header"), "{error}");
}

#[test]
fn typed_functions_are_plain_pointers() {
    let this = c("double fabs(double); long strtol(const char *text, char **end, int base);");
    let fabs = this.function::<unsafe extern "C" fn(f64) -> f64>("fabs").unwrap();
    assert_eq!(size_of_val(&fabs), size_of::<usize>());
    // SAFETY: the declarations are those of the headers, and the text ends with a 0.
    assert_eq!(unsafe { fabs(-2.0) }, 2.0);
    type Strtol = unsafe extern "C" fn(*const c_char, *mut *mut c_char, i32) -> i64;
    let strtol = this.function::<Strtol>("strtol").unwrap();
    // SAFETY: as above.
    assert_eq!(unsafe { strtol(c"77".as_ptr(), std::ptr::null_mut(), 8) }, 63);
}

c_record! {
    /// As in [`NODES`].
    #[derive(Debug, Clone, Copy, PartialEq)]
    struct Node: "struct node" {
        value: f64,
        next: *mut Node,
        r#type: [i16; 2],
    }
}

c_record! { struct Opaque: "struct opaque" }

c_record! {
    union Number: "union number" { whole: i64, real: f64 }
}

const NODES: &str = "
    struct opaque;
    struct node { double value; struct node *next; short type[2]; };
    union number { long whole; double real; };
";

#[test]
fn records_are_compared_field_by_field() {
    let mut library = library(&format!(
        "{NODES}
        struct node next(struct node node) {{ return *node.next; }}
        double sum(const struct node *node) {{ return node ? node->value + sum(node->next) : 0; }}
        void *hidden(struct opaque *o) {{ return o; }}
        double real(union number number) {{ return number.real; }}"
    ));
    library
        .cdef(&format!(
            "{NODES}
            struct node next(struct node node);
            double sum(const struct node *node);
            void *hidden(struct opaque *o);
            double real(union number number);"
        ))
        .unwrap();
    let mut last = Node { value: 2.0, next: std::ptr::null_mut(), r#type: [3, 4] };
    let first = Node { value: 1.0, next: &raw mut last, r#type: [5, 6] };
    let next = library.function::<unsafe extern "C" fn(Node) -> Node>("next").unwrap();
    // SAFETY: the declarations are those of the source.
    assert_eq!(unsafe { next(first) }, last);
    // SAFETY: as above.
    let sum = unsafe { library.call("sum", &args![&first]) }.unwrap();
    assert_eq!(f64::try_from(sum).unwrap(), 3.0);
    // A reference goes where the record itself is declared.
    // SAFETY: as above.
    let copied = unsafe { library.call("next", &args![&first]) }.unwrap();
    assert!(matches!(&copied, Value::Data(data) if data.size() == size_of::<Node>()));
    // SAFETY: as above.
    let sum = unsafe { library.call("sum", &args![&copied]) }.unwrap();
    assert_eq!(f64::try_from(sum).unwrap(), 2.0);
    library.function::<unsafe extern "C" fn(*mut Opaque) -> *mut c_void>("hidden").unwrap();
    let number = Number { real: 1.5 };
    // SAFETY: as above.
    let real = unsafe { library.call("real", &args![&number]) }.unwrap();
    assert_eq!(f64::try_from(real).unwrap(), 1.5);
}

c_record! {
    struct Short: "struct node" { value: f64, next: *mut Short }
}

c_record! {
    struct Misnamed: "struct node" { value: f64, following: *mut Misnamed, r#type: [i16; 2] }
}

c_record! {
    struct Mistyped: "struct node" { value: f64, next: *mut Mistyped, r#type: [u16; 2] }
}

c_record! {
    #[repr(packed(2))]
    struct Misplaced: "struct node" { value: f64, next: *mut Misplaced, r#type: [i16; 2] }
}

#[test]
fn the_first_difference_is_told() {
    let mut library = library(&format!("{NODES} void take(struct node *node) {{ }}"));
    library.cdef(&format!("{NODES} void take(struct node *node);")).unwrap();
    let message = |error: tenfold_ffi::Error| {
        assert_eq!(error.kind(), ErrorKind::SignatureMismatch);
        error.to_string()
    };
    macro_rules! differs {
        ($([$signature:ty] $words:literal;)*) => {$(
            let error = message(library.function::<$signature>("take").unwrap_err());
            assert!(error.contains($words), "{error}");
        )*};
    }
    differs! {
        [unsafe extern "C" fn()] "0 parameters, and 1 are declared";
        [unsafe extern "C" fn(*mut Node) -> i32] "the result: `i32` is not `void`";
        [unsafe extern "C" fn(*const Node)] "`*const struct node` is not `struct node *`";
        [unsafe extern "C" fn(*mut f64)] "parameter 1: ";
        [unsafe extern "C" fn(*mut Opaque)] "`struct opaque` is not `struct node`";
        [unsafe extern "C" fn(*mut Node, ...)] "only one of the two has `...`";
        [unsafe extern "C" fn(*mut Short)] "2 fields, and 3 are declared";
        [unsafe extern "C" fn(*mut Misnamed)] "field `following` is `next` in C";
        [unsafe extern "C" fn(*mut Mistyped)] "field `type`: `[u16; 2]` is not `short[2]`";
        [unsafe extern "C" fn(*mut Misplaced)] "(size, alignment) is (20, 2), and (24, 8) in C";
    }
}

#[test]
fn numbers_keep_their_sign_and_size() {
    let this = c("int tolower(int); unsigned long strtoul(const char *, char **, int);");
    type Wrong = unsafe extern "C" fn(u32) -> i32;
    assert!(this.function::<Wrong>("tolower").is_err());
    // SAFETY: the declarations are those of the headers.
    let value = unsafe { this.call("strtoul", &args![c"-1", Arg::NULL, 10]) }.unwrap();
    assert_eq!(u64::try_from(value).unwrap(), u64::MAX);
}

#[test]
fn variadic_functions_get_promoted_arguments() {
    let this = c("int snprintf(char *into, unsigned long size, const char *format, ...);");
    let mut buffer = [0_u8; 100];
    let size = buffer.len();
    let format = c"%d %u %ld %.2f %.1f %s %c %llu %g %g %g %g %g %g %g %g";
    // SAFETY: the format fits the arguments, and the buffer is of that size.
    let length = unsafe {
        this.call(
            "snprintf",
            &args![
                &mut buffer[..],
                size,
                format,
                -1_i8,
                200_u8,
                i64::MIN,
                2.5_f32,
                0.1,
                c"text",
                120,
                u64::MAX,
                1.0,
                2.0,
                3.0,
                4.0,
                5.0,
                6.0,
                7.0,
                8.0,
            ],
        )
    };
    let text = CStr::from_bytes_until_nul(&buffer).unwrap().to_str().unwrap();
    let expected =
        "-1 200 -9223372036854775808 2.50 0.1 text x 18446744073709551615 1 2 3 4 5 6 7 8";
    assert_eq!(text, expected);
    assert_eq!(usize::try_from(length.unwrap()).unwrap(), expected.len());

    type Snprintf = unsafe extern "C" fn(*mut c_char, usize, *const c_char, ...) -> i32;
    let snprintf = this.function::<Snprintf>("snprintf").unwrap();
    // SAFETY: as above.
    assert_eq!(unsafe { snprintf(std::ptr::null_mut(), 0, c"%d".as_ptr(), 123) }, 3);
}

#[test]
fn functions_of_rust_are_arguments() {
    extern "C" fn descending(a: *const c_void, b: *const c_void) -> i32 {
        // SAFETY: they point to elements of the array.
        let a = unsafe { a.cast::<i32>().read() };
        // SAFETY: as above.
        let b = unsafe { b.cast::<i32>().read() };
        b.cmp(&a) as i32
    }
    let this = c("void qsort(void *base, unsigned long count, unsigned long size,
        int (*compare)(const void *, const void *));");
    let mut list = [3, 1, 2];
    let compare = descending as extern "C" fn(*const c_void, *const c_void) -> i32;
    // SAFETY: the array has 3 elements of 4 bytes.
    unsafe { this.call("qsort", &args![&mut list[..], 3, 4, compare]) }.unwrap();
    assert_eq!(list, [3, 2, 1]);
    type Qsort = unsafe extern "C" fn(
        *mut c_void,
        usize,
        usize,
        Option<unsafe extern "C" fn(*const c_void, *const c_void) -> i32>,
    );
    this.function::<Qsort>("qsort").unwrap();
    let wrong = descending as extern "C" fn(*const c_void, *const c_void) -> i32;
    let wrong = wrong as *const c_void;
    // A pointer to anything is not a function's type, but goes anywhere.
    // SAFETY: as above.
    unsafe { this.call("qsort", &args![&mut list[..], 3, 4, wrong.cast_mut()]) }.unwrap();
}

#[test]
fn other_types_of_functions_are_refused() {
    extern "C" fn other(a: i32) -> i32 {
        a
    }
    let this = c("void *bsearch(const void *, const void *, unsigned long, unsigned long,
        int (*)(const void *, const void *));");
    let other = other as extern "C" fn(i32) -> i32;
    // SAFETY: it is not called.
    let error = unsafe { this.call("bsearch", &args![Arg::NULL, Arg::NULL, 0, 0, other]) };
    assert_eq!(error.unwrap_err().kind(), ErrorKind::ArgType { index: 4 });
}

/// Reads the number of 80 bits, by C's conversion.
#[cfg(target_arch = "x86_64")]
fn extended(value: &Value) -> f64 {
    let mut library = library("double narrow(long double x) { return x; }");
    library.cdef("double narrow(long double x);").unwrap();
    // SAFETY: the declaration is that of the source.
    f64::try_from(unsafe { library.call("narrow", &args![value]) }.unwrap()).unwrap()
}

#[cfg(target_arch = "x86_64")]
#[test]
fn wide_numbers_are_passed_by_value() {
    let mut library = library(
        "long double half(long double x) { return x / 2; }
         __int128 twice(__int128 x) { return 2 * x; }
         double _Complex turned(double _Complex z) { return z * __builtin_complex(0.0, 1.0); }
         long double _Complex wide(double re, double im) { return __builtin_complex((long double)re, (long double)im); }",
    );
    library
        .cdef(
            "long double half(long double); __int128 twice(__int128);
             double _Complex turned(double _Complex); long double _Complex wide(double, double);",
        )
        .unwrap();
    // SAFETY: the declarations are those of the source.
    let call = |name: &str, args: &[Arg<'_>]| unsafe { library.call(name, args) }.unwrap();
    let half = call("half", &args![3.0]);
    assert_eq!(extended(&half), 1.5);
    assert_eq!(extended(&call("half", &args![&half])), 0.75);
    assert_eq!(extended(&call("half", &args![-5_i64])), -2.5);
    let twice = call("twice", &args![i128::MAX / 2]);
    assert_eq!(i128::try_from(twice).unwrap(), i128::MAX - 1);
    let turned = call("turned", &args![Complex::new(1.0, 2.0)]);
    assert_eq!(Complex::<f64>::try_from(turned).unwrap(), Complex::new(-2.0, 1.0));
    assert!(matches!(call("wide", &args![1.0, 2.0]), Value::Data(data) if data.size() == 32));
}

#[test]
fn variables_are_read_and_written() {
    let source = "int count = 3; const int limit = 7; double matrix[2] = {1, 2}; char *text = 0;
        int list[] = {4, 5}; struct { char c; int i; } pair = {'x', 9}; _Thread_local int own;";
    let declarations = "extern int count; extern const int limit; extern double matrix[2];
        extern char *text; extern int list[]; extern struct { char c; int i; } pair;
        extern _Thread_local int own;";
    let mut library = library(source);
    library.cdef(declarations).unwrap();
    let count = library.variable::<i32>("count").unwrap();
    // SAFETY: nobody else knows the library.
    unsafe { library.set_value("count", 5_u8) }.unwrap();
    // SAFETY: as above, and so below.
    assert_eq!(unsafe { *count }, 5);
    // SAFETY: as above.
    let value = unsafe { library.value("count") }.unwrap();
    assert_eq!(i32::try_from(value).unwrap(), 5);
    let matrix = library.variable::<[f64; 2]>("matrix").unwrap();
    // SAFETY: as above.
    assert_eq!(unsafe { *matrix }, [1.0, 2.0]);
    let list = library.variable::<i32>("list").unwrap();
    // SAFETY: as above.
    assert_eq!(unsafe { *list }, 4);
    // SAFETY: as above.
    let text = unsafe { library.value("text") }.unwrap();
    assert!(Pointer::try_from(text).unwrap().is_null());
    // SAFETY: as above.
    let set = |name: &str, value: Arg<'_>| unsafe { library.set_value(name, value) };
    assert_eq!(set("limit", 8.into()).unwrap_err().kind(), ErrorKind::ReadOnly);
    assert_eq!(set("count", i64::MAX.into()).unwrap_err().kind(), ErrorKind::OutOfRange);
    assert_eq!(set("count", 1.5.into()).unwrap_err().kind(), ErrorKind::ValueType);
    assert_eq!(set("own", 1.into()).unwrap_err().kind(), ErrorKind::Unsupported);
    let wrong = library.variable::<f32>("count").unwrap_err();
    assert_eq!(wrong.kind(), ErrorKind::SignatureMismatch);
    // SAFETY: as above.
    let pair = unsafe { library.value("pair") }.unwrap();
    assert!(matches!(&pair, Value::Data(data) if data.size() == 8));
    set("pair", Arg::from(&pair)).unwrap();
}

#[test]
fn constants_need_no_library() {
    let this = c("#define EOF (-1)\nenum { A, B = 1L << 40 }; static const int N = 12;");
    assert_eq!(this.constant("EOF").unwrap(), -1);
    assert_eq!(this.constant("B").unwrap(), 1 << 40);
    assert_eq!(this.constant("N").unwrap(), 12);
    assert_eq!(this.constant("C").unwrap_err().kind(), ErrorKind::NotDeclared);
}

#[test]
fn names_may_differ_in_the_library() {
    let this = c(
        r#"int length(const char *) __asm__("strlen"); static inline int g(int x) { return x; }"#,
    );
    // SAFETY: the text ends with a 0.
    let length = unsafe { this.call("length", &args![c"abc"]) }.unwrap();
    assert_eq!(i32::try_from(length).unwrap(), 3);
    assert_eq!(this.prepare("g").unwrap_err().kind(), ErrorKind::NotDeclared);
}

#[test]
fn after_an_error_nothing_has_changed() {
    let mut this = c("int abs(int);");
    let error = this.cdef("long labs(long); int no_such_function(void);").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SymbolNotFound);
    assert_eq!(this.prepare("labs").unwrap_err().kind(), ErrorKind::NotDeclared);
    this.cdef("int labs(int);").unwrap();
    // SAFETY: it takes any number.
    let value = unsafe { this.call("abs", &args![-4]) }.unwrap();
    assert_eq!(i32::try_from(value).unwrap(), 4);
}

#[test]
fn a_library_may_be_closed() {
    let mut library = library("int one(void) { return 1; }");
    library.cdef("int one(void);").unwrap();
    // SAFETY: the declaration is that of the source.
    let one = unsafe { library.call("one", &[]) }.unwrap();
    assert_eq!(i32::try_from(one).unwrap(), 1);
    // SAFETY: nothing of it is used any more.
    unsafe { library.close() }.unwrap();
}

#[test]
fn handles_go_to_other_threads() {
    let this = c("int abs(int);");
    let abs = this.prepare("abs").unwrap();
    std::thread::scope(|scope| {
        for n in -4..0 {
            let (this, abs) = (&this, abs.clone());
            scope.spawn(move || {
                // SAFETY: it takes any number, in any thread.
                let prepared = unsafe { abs.call(&args![n]) };
                // SAFETY: as above.
                let named = unsafe { this.call("abs", &args![n]) };
                for value in [prepared, named] {
                    assert_eq!(i32::try_from(value.unwrap()).unwrap(), -n);
                }
            });
        }
    });
}

#[test]
fn a_type_may_be_completed_later() {
    let mut library = library("struct s { int x; }; int get(struct s s) { return s.x; }");
    library.cdef("struct s; int get(struct s);").unwrap();
    assert!(library.prepare("get").is_err());
    library.cdef("struct s { int x; };").unwrap();
    assert!(library.prepare("get").is_ok());
}

/// A panic passes C and what called it, if both sides say that they let it.
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
#[test]
fn a_panic_passes_a_call() {
    unsafe extern "C-unwind" fn thrown() {
        std::panic::resume_unwind(Box::new("thrown"));
    }
    let mut library = library(
        "void few(void (*function)(void)) { function(); }
         int many(void (*function)(void), int a, int b, int c, int d, int e, int f, int g) { function(); return g; }
         void *long_double(void (*function)(void), long double x) { function(); return 0; }",
    );
    library
        .cdef(
            "void few(void *); int many(void *, int, int, int, int, int, int, int);
             void *long_double(void *, long double);",
        )
        .unwrap();
    let thrown = (thrown as unsafe extern "C-unwind" fn() as *const c_void).cast_mut();
    let panics = |name: &str, args: &[Arg<'_>]| {
        // SAFETY: the source was compiled with tables for unwinding.
        let call = || unsafe { library.call(name, args) };
        let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(call)).unwrap_err();
        assert_eq!(panic.downcast_ref(), Some(&"thrown"));
    };
    panics("few", &args![thrown]);
    // Those of the stack go through the stub.
    panics("many", &args![thrown, 1, 2, 3, 4, 5, 6, 7]);
    panics("long_double", &args![thrown, 1.0]);
}
