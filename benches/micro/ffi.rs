//! What a call of C costs: as a direct one, typed, on a prepared handle, by name, through libffi and through
//! CFFI. The functions are compiled into a shared library here. Answers are checked before they are timed.

mod c_peer;

use std::collections::HashMap;
use std::ffi::{CStr, c_char, c_void};
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use c_peer::quartiles;
use criterion::{Criterion, criterion_group};
use libffi::low::{self, CodePtr};
use libffi::middle::{Cif, Type};
use tenfold_ffi::{Arg, Callable, Library, args};

const SOURCE: &str = "
int add(int a, int b) { return a + b; }
double six(int a, double b, long c, float d, const char *e, short f) {
    return a + b + c + d + *e + f;
}
";

const DECLARATIONS: &str = "
int add(int, int);
double six(int, double, long, float, const char *, short);
";

const TEXT: &CStr = c"text";

type Add = unsafe extern "C" fn(i32, i32) -> i32;
type Six = unsafe extern "C" fn(i32, f64, i64, f32, *const c_char, i16) -> f64;

/// All that calls.
struct Bench {
    direct: (Add, Six),
    typed: (Add, Six),
    prepared: (Callable, Callable),
    library: Library,
    cif: (Cif, Cif),
    path: PathBuf,
    _folder: tempfile::TempDir,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = c_peer::compile(SOURCE, folder.path());
        let name = path.to_str().expect("a name in Unicode");
        // SAFETY: it has no initialisers.
        let mut library = unsafe { Library::open(name) }.expect("it was compiled");
        library.cdef(DECLARATIONS).expect("they are right");
        let other = {
            // SAFETY: as above.
            unsafe { libloading::Library::new(&path) }.expect("it was compiled")
        };
        // SAFETY: the type is that of the source.
        let add = *unsafe { other.get::<Add>("add") }.expect("it is there");
        // SAFETY: as above.
        let six = *unsafe { other.get::<Six>("six") }.expect("it is there");
        std::mem::forget(other);
        let typed = (
            library.function::<Add>("add").expect("its type"),
            library.function::<Six>("six").expect("its type"),
        );
        let prepared = (
            library.prepare("add").expect("it can be called"),
            library.prepare("six").expect("it can be called"),
        );
        let six_types =
            [Type::i32(), Type::f64(), Type::i64(), Type::f32(), Type::pointer(), Type::i16()];
        let cif =
            (Cif::new([Type::i32(), Type::i32()], Type::i32()), Cif::new(six_types, Type::f64()));
        let direct = (add, six);
        Self { direct, typed, prepared, library, cif, path, _folder: folder }
    }
}

/// One of the ways to call: with what a call gives, and the time of so many of them.
struct Engine {
    name: &'static str,
    add: fn(&Bench, i32, i32) -> i64,
    add_time: fn(&Bench, u64) -> Duration,
    six: fn(&Bench) -> f64,
    six_time: fn(&Bench, u64) -> Duration,
}

/// The loops stand here and not around a pointer to a closure, which would cost as much as a call.
macro_rules! engine {
    ($name:literal, $add:ident, $six:ident) => {
        Engine {
            name: $name,
            add: |bench, a, b| i64::from($add(bench, a, b)),
            add_time: |bench, calls| {
                let begin = Instant::now();
                for _ in 0..calls {
                    black_box($add(bench, black_box(2), black_box(3)));
                }
                begin.elapsed()
            },
            six: $six,
            six_time: |bench, calls| {
                let begin = Instant::now();
                for _ in 0..calls {
                    black_box($six(black_box(bench)));
                }
                begin.elapsed()
            },
        }
    };
}

/// Direct and typed calls are made by one loop: two copies of it would differ by how they are aligned, which is
/// more than what is measured.
#[inline(never)]
fn add_loop(add: Add, calls: u64) -> Duration {
    let begin = Instant::now();
    for _ in 0..calls {
        // SAFETY: it takes any numbers.
        black_box(unsafe { add(black_box(2), black_box(3)) });
    }
    begin.elapsed()
}

#[inline(never)]
fn six_loop(six: Six, calls: u64) -> Duration {
    let begin = Instant::now();
    for _ in 0..calls {
        // SAFETY: the text is there.
        black_box(unsafe { six(black_box(1), black_box(2.0), 3, 4.0, TEXT.as_ptr(), 5) });
    }
    begin.elapsed()
}

fn add_once(add: Add, a: i32, b: i32) -> i64 {
    // SAFETY: it takes any numbers.
    i64::from(unsafe { add(a, b) })
}

fn six_once(six: Six) -> f64 {
    // SAFETY: the text is there.
    unsafe { six(1, 2.0, 3, 4.0, TEXT.as_ptr(), 5) }
}

#[inline(always)]
fn six_args() -> [Arg<'static>; 6] {
    args![
        black_box(1),
        black_box(2.0),
        black_box(3_i64),
        black_box(4.0_f32),
        TEXT,
        black_box(5_i16)
    ]
}

#[inline(always)]
fn prepared_add(bench: &Bench, a: i32, b: i32) -> i32 {
    // SAFETY: the declaration is true, and it takes any numbers.
    let value = unsafe { bench.prepared.0.call(&args![a, b]) };
    match value {
        Ok(tenfold_ffi::Value::I32(value)) => value,
        _ => unreachable!("it returns an int"),
    }
}

#[inline(always)]
fn prepared_six(bench: &Bench) -> f64 {
    // SAFETY: the declaration is true, and the text is there.
    let value = unsafe { bench.prepared.1.call(&six_args()) };
    match value {
        Ok(tenfold_ffi::Value::F64(value)) => value,
        _ => unreachable!("it returns a double"),
    }
}

#[inline(always)]
fn named_add(bench: &Bench, a: i32, b: i32) -> i32 {
    // SAFETY: as above.
    let value = unsafe { bench.library.call(black_box("add"), &args![a, b]) };
    match value {
        Ok(tenfold_ffi::Value::I32(value)) => value,
        _ => unreachable!("it returns an int"),
    }
}

#[inline(always)]
fn named_six(bench: &Bench) -> f64 {
    // SAFETY: as above.
    let value = unsafe { bench.library.call(black_box("six"), &six_args()) };
    match value {
        Ok(tenfold_ffi::Value::F64(value)) => value,
        _ => unreachable!("it returns a double"),
    }
}

#[inline(always)]
fn libffi_add(bench: &Bench, a: i32, b: i32) -> i32 {
    let (mut a, mut b) = (a, b);
    let mut places: [*mut c_void; 2] =
        [std::ptr::from_mut(&mut a).cast(), std::ptr::from_mut(&mut b).cast()];
    // SAFETY: a pointer to a function is one.
    let code = CodePtr::from_ptr(bench.direct.0 as *const c_void);
    // SAFETY: the interface is the function's, and the places are those of its arguments.
    unsafe { low::call(bench.cif.0.as_raw_ptr(), code, places.as_mut_ptr()) }
}

#[inline(always)]
fn libffi_six(bench: &Bench) -> f64 {
    let (mut a, mut b, mut c, mut d) =
        (black_box(1_i32), black_box(2.0_f64), black_box(3_i64), black_box(4.0_f32));
    let (mut e, mut f) = (TEXT.as_ptr(), black_box(5_i16));
    let mut places: [*mut c_void; 6] = [
        std::ptr::from_mut(&mut a).cast(),
        std::ptr::from_mut(&mut b).cast(),
        std::ptr::from_mut(&mut c).cast(),
        std::ptr::from_mut(&mut d).cast(),
        std::ptr::from_mut(&mut e).cast(),
        std::ptr::from_mut(&mut f).cast(),
    ];
    let code = CodePtr::from_ptr(bench.direct.1 as *const c_void);
    // SAFETY: as above.
    unsafe { low::call(bench.cif.1.as_raw_ptr(), code, places.as_mut_ptr()) }
}

const ENGINES: &[Engine] = &[
    Engine {
        name: "direct",
        add: |bench, a, b| add_once(bench.direct.0, a, b),
        add_time: |bench, calls| add_loop(bench.direct.0, calls),
        six: |bench| six_once(bench.direct.1),
        six_time: |bench, calls| six_loop(bench.direct.1, calls),
    },
    Engine {
        name: "typed",
        add: |bench, a, b| add_once(bench.typed.0, a, b),
        add_time: |bench, calls| add_loop(bench.typed.0, calls),
        six: |bench| six_once(bench.typed.1),
        six_time: |bench, calls| six_loop(bench.typed.1, calls),
    },
    engine!("prepared", prepared_add, prepared_six),
    engine!("by name", named_add, named_six),
    engine!("libffi", libffi_add, libffi_six),
];

fn checked() -> Bench {
    let bench = Bench::new();
    for engine in ENGINES {
        assert_eq!((engine.add)(&bench, 2, -3), -1, "{}", engine.name);
        assert_eq!((engine.six)(&bench), 15.0 + f64::from(b't'), "{}", engine.name);
    }
    bench
}

fn calls(criterion: &mut Criterion) {
    let bench = checked();
    let mut group = criterion.benchmark_group("ffi/add(int, int)");
    for engine in ENGINES {
        group.bench_function(engine.name, |b| b.iter_custom(|n| (engine.add_time)(&bench, n)));
    }
    group.finish();
    let mut group = criterion.benchmark_group("ffi/six arguments");
    for engine in ENGINES {
        group.bench_function(engine.name, |b| b.iter_custom(|n| (engine.six_time)(&bench, n)));
    }
    group.finish();
}

criterion_group!(benches, calls);

/// Nanoseconds of CFFI's calls, by mode and function; none where there is no Python with CFFI.
fn cffi(bench: &Bench) -> HashMap<String, f64> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("micro/ffi_cffi.py");
    let mut python = Command::new("python3");
    python.arg(script).arg(&bench.path).arg(SOURCE).arg("200000");
    let Ok(output) = python.output() else { return HashMap::new() };
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = |line: &str| -> Option<(String, f64)> {
        let (name, time) = line.rsplit_once(' ')?;
        Some((name.to_owned(), time.parse().ok()?))
    };
    text.lines().filter_map(line).collect()
}

/// `--table`: all engines in turns, so that what disturbs the machine disturbs all of them alike; the least
/// time of a call, and the quartiles of its ratios to a direct call of the same turn.
#[expect(clippy::print_stdout, reason = "that is what it is for")]
fn table() {
    const TURNS: usize = 200;
    const CALLS: u64 = 10_000;
    let bench = checked();
    let cffi = cffi(&bench);
    for (function, is_add) in [("add", true), ("six", false)] {
        let time = |engine: &Engine| {
            let time = if is_add { engine.add_time } else { engine.six_time };
            time(&bench, CALLS).as_secs_f64() * 1e9 / CALLS as f64
        };
        let turns: Vec<Vec<f64>> = (0..TURNS).map(|_| ENGINES.iter().map(time).collect()).collect();
        println!("{function:<10} {:>8}   x direct (quartiles)", "ns");
        let least = |at: usize| turns.iter().map(|turn| turn[at]).fold(f64::INFINITY, f64::min);
        for (at, engine) in ENGINES.iter().enumerate() {
            let [low, median, high] =
                quartiles(turns.iter().map(|turn| turn[at] / turn[0]).collect());
            let name = engine.name;
            println!("{name:<10} {:>8.2}   {median:.2} ({low:.2} to {high:.2})", least(at));
        }
        let [low, median, high] = quartiles(turns.iter().map(|turn| turn[4] / turn[2]).collect());
        println!("libffi is {median:.2} x prepared ({low:.2} to {high:.2})");
        for mode in ["abi", "api"] {
            if let Some(time) = cffi.get(&format!("{mode} {function}")) {
                println!("cffi {mode:<5} {time:>8.1}   {:.1} x prepared", time / least(2));
            }
        }
    }
}

fn main() {
    if std::env::args().any(|arg| arg == "--table") {
        return table();
    }
    benches();
    Criterion::default().configure_from_args().final_summary();
}
