//! What no file of the repository may hold.

use std::collections::BTreeSet;
use std::fs;

use crate::workspace::{files, folders, read, root};

/// Code that may be `unsafe`: a file, or a folder with a `/` behind it. Elsewhere in `crates/` the
/// compiler forbids it.
const UNSAFE: &[&str] = &[
    // What arrays of travel as they lie, buffers that another thread copies, and the traits that promise
    // when nobody does any more.
    "crates/comm/src/element.rs",
    "crates/comm/src/memory/",
    "crates/comm/src/communicator.rs",
    "crates/comm/src/joint.rs",
    "crates/comm/src/no_memory.rs",
    "crates/comm/src/pending.rs",
    "crates/comm/src/threads/communicator.rs",
    "crates/comm/src/threads/joint.rs",
    "crates/comm/src/threads/pending.rs",
    "crates/comm/tests/integration/calls.rs",
    "crates/comm-mpi/examples/latency.rs",
    "crates/comm-mpi/src/code.rs",
    "crates/comm-mpi/src/communicator.rs",
    "crates/comm-mpi/src/datatype.rs",
    "crates/comm-mpi/src/exposed.rs",
    "crates/comm-mpi/src/joint.rs",
    "crates/comm-mpi/src/memory.rs",
    "crates/comm-mpi/src/message.rs",
    "crates/comm-mpi/src/part.rs",
    "crates/comm-mpi/src/pending.rs",
    "crates/comm-mpi/src/raw.rs",
    "crates/comm-mpi/src/session.rs",
    "crates/comm-mpi/src/transport.rs",
    // Results of tasks without locks.
    "crates/array/src/executor/slots.rs",
    "crates/array/src/executor/values.rs",
    "crates/array/src/slab.rs",
    // Memory that is asked for before it is needed.
    "crates/array/src/prefetch.rs",
    // The counter of the processor, which says when something ran.
    "crates/array/src/trace/ticks.rs",
    // What the derive of an element prints.
    "crates/comm-macros/src/emit.rs",
    // Functions and memory of C.
    "benches/micro/ffi.rs",
    "benches/micro/ffi_callbacks.rs",
    "crates/ffi/examples/fibonacci.rs",
    "crates/ffi/examples/libm.rs",
    "crates/ffi/examples/qsort.rs",
    "crates/ffi/examples/records.rs",
    "crates/ffi/src/abi_tests.rs",
    "crates/ffi/src/arg.rs",
    "crates/ffi/src/callable.rs",
    "crates/ffi/src/callback/",
    "crates/ffi/src/codec.rs",
    "crates/ffi/src/ctype.rs",
    "crates/ffi/src/engine.rs",
    "crates/ffi/src/errno.rs",
    "crates/ffi/src/libffi.rs",
    "crates/ffi/src/library.rs",
    "crates/ffi/src/loader.rs",
    "crates/ffi/src/memory.rs",
    "crates/ffi/src/owned.rs",
    "crates/ffi/src/plan.rs",
    "crates/ffi/src/record.rs",
    "crates/ffi/src/signature.rs",
    "crates/ffi/src/stub.rs",
    "crates/ffi/src/text.rs",
    "crates/ffi/src/value.rs",
    "crates/ffi/src/view.rs",
    "crates/ffi/src/view_mut.rs",
    "crates/ffi/tests/integration/callbacks.rs",
    "crates/ffi/tests/integration/calls.rs",
    "crates/ffi/tests/integration/compiler.rs",
    "crates/ffi/tests/integration/data.rs",
    "crates/ffi/tests/integration/records.rs",
    "crates/ffi/tests/integration/safety.rs",
    "crates/ffi/tests/integration/safety_data.rs",
    // Bindings to C, and what they are checked with.
    "benches/micro/ffi_views.rs",
    "crates/ffi/src/api/",
    "examples/ffi/",
    // What the bindings to C have written in them.
    "crates/ffi-build/src/emit/",
    // SPIR-V and compiled kernels, which the driver takes as they are.
    "crates/gpu/src/float_controls.rs",
    "crates/gpu/src/heaps.rs",
    "crates/gpu/src/passthrough.rs",
    "crates/gpu/src/pipeline_cache.rs",
    // Instructions, whose presence a token vouches for.
    "crates/kernel/src/simd/",
    "crates/kernel/src/math/scalar.rs",
    // Rows of memory behind borrowed arrays of any layout.
    "crates/kernel/src/axis.rs",
    "crates/kernel/src/elementwise.rs",
    "crates/kernel/src/gufunc.rs",
    "crates/kernel/src/gufunc/",
    "crates/kernel/src/list.rs",
    "crates/kernel/src/nest.rs",
    "crates/kernel/src/operand.rs",
    "crates/kernel/src/random/",
    "crates/kernel/src/reduce.rs",
    "crates/kernel/src/scan.rs",
    "crates/kernel/src/slices/unchecked.rs",
    "crates/kernel/src/stencil/",
    // A C library of references, and kernels that say `unsafe` themselves.
    "crates/kernel/tests/integration/",
    // The counter of the processor that scopes read, as the floor of what they may cost.
    "benches/micro/profile.rs",
    // A counter of the processor, a reference in an atomic, and the trait of global allocators.
    "crates/profile/src/record/ticks.rs",
    "crates/profile/src/record/link.rs",
    "crates/profile/src/memory/allocator.rs",
    // A system call and the file that it gives.
    "crates/profile/src/counters.rs",
    // A signal's handler, timers, and unwind tables where the loader has put them.
    "crates/profile/src/sampler/",
    "crates/profile/examples/preload.rs",
    // What C passes to Rust functions, and what the attribute prints for it.
    "crates/ffi/src/export.rs",
    "crates/ffi/src/export/",
    "crates/ffi/tests/integration/linked.rs",
    "crates/ffi-macros/src/emit.rs",
    "crates/ffi-macros/src/library.rs",
    "crates/ffi-macros/src/outcome.rs",
    "crates/ffi-macros/src/parameter.rs",
    "crates/ffi-macros/src/record.rs",
    // A matrix product of another library, by its pointers, and libraries of C functions.
    "benches/peers/",
    "benches/ladder/matmul/linalg.rs",
];

const LARGEST_FILE_BYTES: u64 = 1 << 20;

/// The files that hold text, with it.
fn texts() -> Vec<(String, String)> {
    let files = files().unwrap_or_default().into_iter();
    files
        .filter_map(|file| fs::read_to_string(root().join(&file)).ok().map(|t| (file, t)))
        .collect()
}

#[test]
fn no_file_is_large() {
    for file in files().unwrap_or_default() {
        let bytes = fs::metadata(root().join(&file)).unwrap().len();
        assert!(bytes <= LARGEST_FILE_BYTES, "{file} has {bytes} bytes");
    }
}

#[test]
fn dependencies_come_from_one_registry() {
    let lock = read("Cargo.lock");
    let sources: BTreeSet<&str> =
        lock.lines().filter_map(|line| line.strip_prefix("source = \"")).collect();
    assert!(sources.len() <= 1, "{sources:?}");
    assert!(sources.iter().all(|source| source.starts_with("registry+")), "{sources:?}");
    for (file, text) in texts().iter().filter(|(file, _)| file.ends_with(".toml")) {
        let line = text.lines().find(|line| {
            ["[registr", "[source.", "[source]", "replace-with", "index ="]
                .iter()
                .any(|p| line.starts_with(p))
        });
        assert_eq!(line, None, "{file} names a registry of its own");
    }
}

/// Hosts and folders that only one machine knows.
#[test]
fn no_file_names_somebodys_machine() {
    let hosts = ["artifact", "mirror.", "proxy.", "registry.", ".internal", ".local"];
    let folders = [["/ho", "me/"].concat(), ["/ro", "ot/"].concat()];
    for (file, text) in texts() {
        for line in text.lines() {
            for host in line.split("://").skip(1) {
                let host = host.split(['/', ' ', '"', ')', '>']).next().unwrap_or_default();
                assert!(!hosts.iter().any(|part| host.contains(part)), "{file} names {host}");
            }
            let folder = folders.iter().find(|folder| line.contains(folder.as_str()));
            assert_eq!(folder, None, "{file}: {line}");
        }
    }
}

/// Whether the code of a line opens something unsafe.
fn is_unsafe(line: &str) -> bool {
    // Every other part is inside a string.
    let code: String = line.split('"').step_by(2).collect();
    let code = code.split("//").next().unwrap_or_default();
    let opens = ["{", "(", "fn ", "impl", "trait ", "extern "];
    code.match_indices("unsafe").any(|(at, word)| {
        let is_word = !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let rest = code[at + word.len()..].trim_start();
        is_word && opens.iter().any(|open| rest.starts_with(open))
    })
}

fn may_be_unsafe(file: &str) -> bool {
    UNSAFE
        .iter()
        .any(|allowed| file == *allowed || (allowed.ends_with('/') && file.starts_with(allowed)))
}

#[test]
fn unsafe_code_is_where_the_list_has_it() {
    for (file, text) in texts().iter().filter(|(file, _)| file.ends_with(".rs")) {
        let number = text.lines().position(is_unsafe).map(|line| line + 1);
        if let Some(line) = number.filter(|_| !may_be_unsafe(file)) {
            panic!("{file}:{line} is unsafe, and the list in tests/words.rs does not have it");
        }
    }
}

#[test]
fn safe_crates_forbid_unsafe_code() {
    for name in folders("crates") {
        let folder = format!("crates/{name}/");
        if !UNSAFE.iter().any(|allowed| allowed.starts_with(&folder)) {
            let lib = read(&format!("{folder}src/lib.rs"));
            assert!(
                lib.contains("#![forbid(unsafe_code)]"),
                "{folder} does not forbid unsafe code"
            );
        }
    }
}

#[test]
fn unsafe_code_is_found() {
    for line in
        ["unsafe { f() }", "    pub unsafe fn f() {", "let x = unsafe{ 1 };", "#[unsafe(x)]"]
    {
        assert!(is_unsafe(line), "{line}");
    }
    let string = format!("f({:?})", "unsafe {");
    for line in ["#![forbid(unsafe_code)]", "// unsafe { f() }", "fn is_unsafe(x: X)", &string] {
        assert!(!is_unsafe(line), "{line}");
    }
}
