//! What reading a header costs: a text like a large library's after its preprocessor, made here, beside
//! lang-c, which builds a tree of it and no types.

use std::fmt::Write as _;
use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use lang_c::driver::{Config, Flavor, parse_preprocessed};
use tenfold_cdecl::Unit;

/// Groups of declarations; some 1 MB.
const GROUPS: usize = 1000;

/// Names that a group declares: an enumeration, its 3 constants, a structure, a type name and 5 functions.
const NAMES: usize = 1 + 3 + 1 + 1 + 5;

fn header() -> String {
    let mut text = String::from("typedef unsigned long size_t;\ntypedef int status_t;\n");
    for at in 0..GROUPS {
        let _ = write!(
            text,
            "# {line} \"/usr/include/module{at}.h\" 3 4\n\
             enum module{at}_flags {{\n  MODULE{at}_READ = 1 << 0,\n  MODULE{at}_WRITE = (1 << 1),\n  \
             MODULE{at}_BOTH = MODULE{at}_READ | MODULE{at}_WRITE\n}};\n\
             typedef struct module{at}_state {{\n  const unsigned char *next_in;\n  unsigned int avail_in;\n  \
             size_t total_in, total_out;\n  union {{ double real; long whole; }} value;\n  \
             unsigned int is_open : 1, is_dirty : 1, level : 4;\n  char name[64];\n  \
             void *(*allocate)(void *opaque, size_t items, size_t size);\n}} module{at}_t;\n\
             extern status_t module{at}_open(module{at}_t *state, const char *path, int flags) \
             __attribute__ ((__nothrow__ , __leaf__)) __attribute__ ((__nonnull__ (1, 2)));\n\
             extern status_t module{at}_read(module{at}_t *__restrict state, void *__restrict buffer, size_t count);\n\
             extern status_t module{at}_write(module{at}_t *state, const void *buffer, size_t count);\n\
             extern double module{at}_scale(double x, const double matrix[4][4], size_t rows, size_t columns);\n\
             extern void module{at}_each(module{at}_t *state, int (*visit)(void *, const char *, ...), void *data);\n\n",
            line = at + 1
        );
    }
    text
}

fn ours(text: &str) -> Unit {
    tenfold_cdecl::parse(text).expect("it is right")
}

fn theirs(text: &str) -> usize {
    let config =
        Config { flavor: Flavor::GnuC11, cpp_command: String::new(), cpp_options: Vec::new() };
    parse_preprocessed(&config, text.to_owned()).expect("it is right").unit.0.len()
}

fn parse(criterion: &mut Criterion) {
    let text = header();
    let unit = ours(&text);
    let names = unit.declarations().filter(|one| one.name().is_some()).count();
    // Two type names stand before the groups.
    assert_eq!(names, 2 + GROUPS * NAMES);
    let last = unit.record("module999_state").expect("it is declared");
    assert_eq!(unit.record_layout(last.id()).expect("it is complete").size(), 120);
    assert_eq!(theirs(&text), 2 + GROUPS * 7);

    let mut group = criterion.benchmark_group("cdecl");
    group.sample_size(10);
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("header", |bencher| bencher.iter(|| ours(black_box(&text))));
    group.bench_function("header_lang_c", |bencher| bencher.iter(|| theirs(black_box(&text))));
    group.finish();

    let lines = "double pow(double, double); int abs(int); size_t strlen(const char *);";
    assert!(ours(lines).function("strlen").is_some());
    let mut group = criterion.benchmark_group("cdecl/few");
    group.bench_function("three_prototypes", |bencher| bencher.iter(|| ours(black_box(lines))));
    group.finish();
}

criterion_group!(benches, parse);
criterion_main!(benches);
