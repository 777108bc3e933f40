//! What is wrong before a call is a typed error: each row of the matrix in a process of its own, which ends
//! as processes do, by no signal.

use tenfold_ffi::{Arg, Complex, Error, ErrorKind, Library, Value, args};

use crate::compiler;
use crate::subprocess::rows;

fn open(name: &str) -> Result<Library, Error> {
    // SAFETY: libm and libc are loaded already, and the others are none.
    unsafe { Library::open(name) }
}

/// libm and libc with a few functions.
fn library() -> Library {
    let mut this = open("m").unwrap();
    this.cdef(
        "int abs(int); double sqrt(double); float sqrtf(float); int isalpha(int);
         unsigned long strlen(const char *text); char *strcpy(char *to, const char *from);
         int printf(const char *format, ...); int close(int file);
         typedef struct { long quot, rem; } ldiv_t; ldiv_t ldiv(long, long);
         unsigned char *memfrob(unsigned char *bytes, unsigned long count);",
    )
    .unwrap();
    this
}

fn call(name: &str, args: &[Arg<'_>]) -> Error {
    // SAFETY: the arguments are wrong, so nothing is called.
    let result: Result<Value, Error> = unsafe { library().call(name, args) };
    result.unwrap_err()
}

#[track_caller]
fn is(error: Error, kind: ErrorKind, words: &[&str]) {
    assert_eq!(error.kind(), kind, "{error}");
    let text = error.to_string();
    for word in words {
        assert!(text.contains(word), "{text}");
    }
}

rows! {
    a_missing_library {
        let error = open("tenfold_is_no_library").unwrap_err();
        is(error, ErrorKind::LibraryNotFound, &["libtenfold_is_no_library.so", "cannot open"]);
        is(open("/no/such/file.so").unwrap_err(), ErrorKind::LibraryNotFound, &["/no/such/file.so"]);
        is(open("").unwrap_err(), ErrorKind::LibraryNotFound, &["empty"]);
    }

    a_library_that_is_none {
        is(open("/usr").unwrap_err(), ErrorKind::LibraryNotFound, &["no file"]);
        is(open("/dev/null").unwrap_err(), ErrorKind::LibraryNotFound, &["no file"]);
        is(open("/etc/passwd").unwrap_err(), ErrorKind::LibraryNotFound, &["/etc/passwd", "ELF"]);
    }

    a_name_with_a_zero {
        is(open("lib\0m").unwrap_err(), ErrorKind::InteriorNul { position: 3 }, &["at 3"]);
        let error = library().prepare("ab\0s").unwrap_err();
        is(error, ErrorKind::NotDeclared, &["ab\0s"]);
    }

    a_missing_symbol {
        let error = library().cdef("double sqrtt(double);").unwrap_err();
        is(error, ErrorKind::SymbolNotFound, &["`m` has no symbol `sqrtt`", "`sqrt`"]);
        let error = library().cdef("extern int no_such_variable;").unwrap_err();
        is(error, ErrorKind::SymbolNotFound, &["`no_such_variable`"]);
    }

    a_wrong_declaration {
        let error = library().cdef("int f(imt x);").unwrap_err();
        is(error, ErrorKind::Declaration, &["line 1, column 7", "imt"]);
        let error = library().cdef("double abs(double);").unwrap_err();
        is(error, ErrorKind::Declaration, &["abs"]);
    }

    a_name_that_nothing_declares {
        is(call("sqrtd", &[]), ErrorKind::NotDeclared, &["`sqrtd`", "`sqrt`"]);
        let error = library().function::<unsafe extern "C" fn()>("exit").unwrap_err();
        is(error, ErrorKind::NotDeclared, &["`exit`"]);
        let error = library().variable::<i32>("abs").unwrap_err();
        is(error, ErrorKind::NotDeclared, &["no variable `abs`"]);
        is(library().constant("EOF").unwrap_err(), ErrorKind::NotDeclared, &["`EOF`"]);
    }

    a_wrong_type_of_rust {
        let error = library().function::<unsafe extern "C" fn(i64) -> i64>("sqrt").unwrap_err();
        is(error, ErrorKind::SignatureMismatch, &["double sqrt(double)", "fn(i64) -> i64", "parameter 1"]);
        let error = library().function::<unsafe extern "C" fn(i32) -> i64>("abs").unwrap_err();
        is(error, ErrorKind::SignatureMismatch, &["the result", "`i64` is not `int`"]);
    }

    a_wrong_count {
        is(call("abs", &[]), ErrorKind::Arity { given: 0, needed: 1 }, &["1 arguments, and 0"]);
        is(call("abs", &args![1, 2]), ErrorKind::Arity { given: 2, needed: 1 }, &["int abs(int)"]);
        is(call("printf", &[]), ErrorKind::Arity { given: 0, needed: 1 }, &["at least 1"]);
    }

    a_wrong_type {
        is(call("abs", &args![1.0]), ErrorKind::ArgType { index: 0 }, &["argument 1 of `abs` is f64", "`int`"]);
        is(call("strlen", &args![1]), ErrorKind::ArgType { index: 0 }, &["an integer", "const char *"]);
        is(call("strlen", &args![0_usize]), ErrorKind::ArgType { index: 0 }, &["an integer"]);
        is(call("strlen", &args![&1.5]), ErrorKind::ArgType { index: 0 }, &["*const f64"]);
        is(call("sqrt", &args![c"text"]), ErrorKind::ArgType { index: 0 }, &["`double`"]);
        is(call("ldiv", &args![1, true, 3]), ErrorKind::Arity { given: 3, needed: 2 }, &[]);
        is(call("abs", &args![&Value::Void]), ErrorKind::ArgType { index: 0 }, &["no value"]);
    }

    a_number_out_of_range {
        is(call("abs", &args![1_i64 << 31]), ErrorKind::OutOfRange, &["2147483648", "argument 1", "`int`"]);
        is(call("abs", &args![u64::MAX]), ErrorKind::OutOfRange, &["18446744073709551615"]);
        is(call("abs", &args![i128::MIN]), ErrorKind::OutOfRange, &[]);
        is(call("sqrtf", &args![0.1]), ErrorKind::OutOfRange, &["0.1", "`float`"]);
        is(call("sqrt", &args![(1_i64 << 53) + 1]), ErrorKind::OutOfRange, &["9007199254740993"]);
    }

    a_wrong_argument_for_dots {
        let error = call("printf", &args![c"%d", &Value::Void]);
        is(error, ErrorKind::ArgType { index: 1 }, &["argument 2 of `printf` is no value", "`...`"]);
        let error = call("printf", &args![1, 2]);
        is(error, ErrorKind::ArgType { index: 0 }, &["`const char *format`"]);
    }

    a_wrong_wide_number {
        let source = "long double f(long double x) { return x; } double _Complex g(double _Complex x) { return x; }
            float _Complex h(float _Complex x) { return x; } __int128 i(__int128 x) { return x; }";
        let mut library = compiler::library(source);
        library
            .cdef(
                "long double f(long double); double _Complex g(double _Complex);
                 float _Complex h(float _Complex); __int128 i(__int128);",
            )
            .unwrap();
        // SAFETY: nothing is called.
        let call = |name, args: &[Arg<'_>]| unsafe { library.call(name, args) }.unwrap_err();
        is(call("f", &args![c"1"]), ErrorKind::ArgType { index: 0 }, &["`long double`"]);
        is(call("f", &args![u128::MAX]), ErrorKind::OutOfRange, &["340282366920938463463374607431768211455"]);
        is(call("g", &args![1.0]), ErrorKind::ArgType { index: 0 }, &["`double _Complex`"]);
        let tenth = Complex::new(0.1, 0.0);
        is(call("h", &args![tenth]), ErrorKind::OutOfRange, &["0.1+0i"]);
        is(call("i", &args![u128::MAX]), ErrorKind::OutOfRange, &["`__int128`"]);
    }

    memory_that_may_only_be_read {
        let bytes = [1_u8, 2];
        is(call("memfrob", &args![&bytes[..], 2]), ErrorKind::ReadOnly, &["argument 1", "unsigned char *"]);
        is(call("strcpy", &args![c"to", c"from"]), ErrorKind::ReadOnly, &["may write"]);
    }

    a_null_pointer {
        is(call("abs", &args![Arg::NULL]), ErrorKind::ArgType { index: 0 }, &["null"]);
        let mut library = compiler::library("struct p { int x; }; int get(struct p p) { return p.x; }");
        library.cdef("struct p { int x; }; int get(struct p p);").unwrap();
        // SAFETY: nothing is called.
        let error = unsafe { library.call("get", &args![Arg::NULL]) }.unwrap_err();
        is(error, ErrorKind::Null, &["argument 1 of `get` is null", "struct p p"]);
    }

    a_null_pointer_that_the_declaration_forbids {
        let mut library = compiler::library(
            "int sum(int n, const int *p, int *q) { return n + *p + (q ? *q : 0); } int *none(void) { return 0; }",
        );
        library
            .cdef("int sum(int n, const int *p, int *q) __attribute__((__nonnull__(2))); int *none(void);")
            .unwrap();
        let sum = library.prepare("sum").unwrap();
        // SAFETY: it takes nothing.
        let none = unsafe { library.call("none", &[]) }.unwrap();
        let absent = std::ptr::null_mut::<i32>();
        for null in [Arg::NULL, Arg::from(absent), Arg::from(absent.cast_const()), Arg::from(&none)] {
            // SAFETY: nothing is called.
            let error = unsafe { sum.call(&[Arg::from(1), null, Arg::NULL]) }.unwrap_err();
            is(error, ErrorKind::Null, &["argument 2 of `sum` is null", "`const int *p`", "`nonnull`"]);
        }
        let mut three = library.declarations().new("int[1]").unwrap();
        three.set("[0]", 3).unwrap();
        for (p, q, expected) in [
            (Arg::from(&5), Arg::from(&mut 2), 8),
            (Arg::from(&three), Arg::NULL, 4),
            (Arg::from(&[4][..]), Arg::from(absent), 5),
        ] {
            // SAFETY: the integers are there that it reads.
            let value = unsafe { sum.call(&[Arg::from(1), p, q]) }.unwrap();
            assert_eq!(i32::try_from(value).unwrap(), expected);
        }
        // Declared twice, it is what both say.
        library.cdef("int sum(int, const int *, int *) __attribute__((nonnull(3)));").unwrap();
        for args in [args![1, Arg::NULL, &mut 2], args![1, &2, Arg::NULL]] {
            // SAFETY: nothing is called.
            let error = unsafe { library.call("sum", &args) }.unwrap_err();
            is(error, ErrorKind::Null, &[]);
        }
    }

    /// Of `strtok` it forbids the second alone.
    #[cfg(target_env = "gnu")]
    a_null_pointer_that_a_header_of_the_system_forbids {
        let mut this = Library::this().unwrap();
        this.cdef(&compiler::header("string.h")).unwrap();
        let mut bytes = *b"a b\0";
        for (name, args, words) in [
            ("strlen", &args![Arg::NULL][..], "argument 1 of `strlen` is null"),
            ("memcpy", &args![&mut bytes[..], Arg::NULL, 0], "argument 2 of `memcpy` is null"),
            ("strtok", &args![Arg::NULL, Arg::NULL], "argument 2 of `strtok` is null"),
        ] {
            // SAFETY: nothing is called.
            is(unsafe { this.call(name, args) }.unwrap_err(), ErrorKind::Null, &[words]);
        }
        // SAFETY: the text ends with a 0.
        let length = unsafe { this.call("strlen", &args![c"four"]) }.unwrap();
        assert_eq!(u64::try_from(length).unwrap(), 4);
    }

    errno_is_that_of_the_call {
        let close = library().prepare("close").unwrap();
        // SAFETY: there is no such file.
        let (value, errno) = unsafe { close.call_errno(&args![-1]) }.unwrap();
        assert_eq!(i32::try_from(value).unwrap(), -1);
        assert_eq!(errno.code(), libc::EBADF);
        let abs = library().prepare("abs").unwrap();
        // SAFETY: it takes any number.
        let (_, errno) = unsafe { abs.call_errno(&args![-1]) }.unwrap();
        assert_eq!(errno.code(), 0);
    }

    types_that_cannot_be_passed {
        let source = "typedef int v __attribute__((vector_size(16))); v f(v x) { return x; }
            _Float128 q(_Float128 x) { return x; } int l(__builtin_va_list l) { return 0; }
            struct big { char c[100000]; }; int b(struct big b) { return b.c[5]; }
            int __attribute__((ms_abi)) m(int x) { return x; }
            int __attribute__((ms_abi)) n(int x) { return x; }";
        let mut library = compiler::library(source);
        library
            .cdef(
                "typedef int v __attribute__((vector_size(16))); v f(v); _Float128 q(_Float128);
                 int l(__builtin_va_list); struct big { char c[100000]; }; int b(struct big);
                 int __attribute__((ms_abi)) m(int x); int n(int x) __attribute__((ms_abi));",
            )
            .unwrap();
        for name in ["f", "q", "l", "b", "m", "n"] {
            let error = library.prepare(name).unwrap_err();
            is(error, ErrorKind::Unsupported, &[]);
            // SAFETY: nothing is called.
            let error = unsafe { library.call(name, &args![1]) }.unwrap_err();
            is(error, ErrorKind::Unsupported, &[]);
        }
        for name in ["m", "n"] {
            let error = library.function::<unsafe extern "C" fn(i32) -> i32>(name).unwrap_err();
            is(error, ErrorKind::SignatureMismatch, &["convention"]);
        }
    }

    types_that_only_a_compiler_knows {
        let mut library = compiler::library("typedef struct { int a, b; } s; int get(s x) { return x.b; }");
        library.cdef("typedef struct { int a; ...; } s; int get(s);").unwrap();
        is(library.prepare("get").unwrap_err(), ErrorKind::Partial, &["get"]);
    }

    /// Unions that hold each other twice at every level have 2^60 leaves.
    types_that_branch_without_end_are_classified {
        let mut text = String::from("typedef union { int a; float b; } u0;");
        for at in 1..60 {
            text.push_str(&format!("typedef union {{ u{0} a, b; }} u{at};", at - 1));
        }
        // GCC itself would not come to an end.
        let mut library = Library::this().unwrap();
        library.cdef(&format!("{text} int get(u59 u) __asm__(\"abs\");")).unwrap();
        library.prepare("get").unwrap();
    }
}
