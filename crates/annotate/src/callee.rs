//! What a called function is for, by its name.

/// What a call goes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Callee {
    /// Demangled, without the hash.
    pub(crate) name: String,
    pub(crate) sort: Sort,
    /// Whether the call can come back.
    pub(crate) returns: bool,
}

/// The sorts of functions that findings tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Sort {
    /// The panic of an index or range out of bounds.
    Bounds,
    /// Another panic.
    Panic,
    /// The end of a program that has no memory, or asks for too much.
    NoMemory,
    /// The end of a cleanup, or of the program.
    End,
    Allocation,
    Deallocation,
    /// A function of mathematics.
    Libm,
    /// `memcpy` and its like.
    Memory,
    /// A division of integers that the processor has no instruction for.
    Division,
    /// A function that only says that another is there.
    Nothing,
    /// A function pointer or a method of a trait object.
    Pointer,
    Other,
}

impl Callee {
    /// By the name that the linker knows.
    pub(crate) fn named(symbol: &str) -> Self {
        let name = demangled(symbol);
        let sort = sort(&name);
        let returns = !matches!(sort, Sort::Bounds | Sort::Panic | Sort::NoMemory | Sort::End);
        Self { name, sort, returns }
    }

    /// A call that does not say where it goes.
    pub(crate) fn pointer() -> Self {
        Self { name: String::new(), sort: Sort::Pointer, returns: true }
    }

    /// What a branch to this panic checks, for people.
    pub(crate) fn check(&self) -> String {
        let has = |part| self.name.contains(part);
        if self.sort == Sort::Bounds {
            return if has("panic_bounds_check") || has("array_out_of_bounds") {
                "bounds check"
            } else if has("len_mismatch") {
                "check of two slices' lengths"
            } else if has("core::str::") {
                "bounds check of a string slice"
            } else if has("::assert_failed") {
                "bounds check of a vector's method"
            } else {
                "bounds check of a slice"
            }
            .into();
        }
        if has("_by_zero") {
            "check for division by zero".into()
        } else if has("_overflow") && has("panic_const") {
            let rest = self.name.split("panic_const_").nth(1);
            match rest.and_then(|rest| rest.split('_').next()) {
                Some(operation) => format!("overflow check ({operation})"),
                None => "overflow check".into(),
            }
        } else if has("unwrap_failed") || has("expect_failed") {
            "check of an unwrap or expect".into()
        } else if has("assert_failed") {
            "assertion".into()
        } else if self.name.starts_with("core::panicking::") || has("begin_panic") {
            "check that panics".into()
        } else {
            format!("check that ends in `{}`", self.name)
        }
    }
}

/// The name as it is written in Rust, without the hash.
pub(crate) fn demangled(symbol: &str) -> String {
    let name = format!("{:#}", rustc_demangle::demangle(symbol));
    // Of a symbol with a version, or of one that LLVM cloned.
    let name = name.split_once('@').map_or(name.as_str(), |(name, _)| name);
    name.strip_prefix("__rustc::").unwrap_or(name).to_owned()
}

fn sort(name: &str) -> Sort {
    if let Some(sort) = panic_sort(name) {
        return sort;
    }
    if let Some(sort) = allocator_sort(name) {
        return sort;
    }
    match name {
        "__rust_no_alloc_shim_is_unstable" | "__rust_no_alloc_shim_is_unstable_v2" => {
            return Sort::Nothing;
        }
        "memcpy" | "memmove" | "memset" => return Sort::Memory,
        "__udivti3" | "__divti3" | "__umodti3" | "__modti3" | "__udivmodti4" | "__divmodti4" => {
            return Sort::Division;
        }
        _ => {}
    }
    let memory = ["compiler_builtins::mem::memcpy", "compiler_builtins::mem::memset"];
    if memory.contains(&name) || name.starts_with("__mem") {
        Sort::Memory
    } else if name.starts_with("compiler_builtins::") && name.contains("div") {
        Sort::Division
    } else if is_libm(name) {
        Sort::Libm
    } else {
        Sort::Other
    }
}

fn panic_sort(name: &str) -> Option<Sort> {
    let last = name.rsplit("::").next().unwrap_or(name);
    let slice = name.starts_with("core::slice::") && last.contains("fail");
    let text = name.starts_with("core::str::") && last.contains("fail");
    let vector =
        name.trim_start_matches('<').starts_with("alloc::vec::") && last == "assert_failed";
    if slice
        || text
        || vector
        || matches!(last, "panic_bounds_check" | "array_out_of_bounds" | "len_mismatch_fail")
    {
        return Some(Sort::Bounds);
    }
    let memory = name.contains("raw_vec::handle_error")
        || matches!(
            last,
            "capacity_overflow"
                | "alloc_err"
                | "rust_oom"
                | "handle_alloc_error"
                | "__rust_alloc_error_handler"
        );
    if memory {
        return Some(Sort::NoMemory);
    }
    let panics = [
        "core::panicking::",
        "std::panicking::begin_panic",
        "std::rt::begin_panic",
        "std::panicking::rust_panic",
        "std::panicking::panic_with_hook",
        "core::cell::panic_already",
    ];
    if panics.iter().any(|p| name.starts_with(p))
        || matches!(last, "unwrap_failed" | "expect_failed" | "rust_panic" | "rust_begin_unwind")
    {
        return Some(Sort::Panic);
    }
    let end = matches!(
        name,
        "_Unwind_Resume"
            | "abort"
            | "exit"
            | "_exit"
            | "std::process::exit"
            | "std::process::abort"
            | "__stack_chk_fail"
            | "__cxa_throw"
    );
    end.then_some(Sort::End)
}

fn allocator_sort(name: &str) -> Option<Sort> {
    match name {
        "malloc"
        | "calloc"
        | "realloc"
        | "posix_memalign"
        | "aligned_alloc"
        | "__rust_alloc"
        | "__rust_alloc_zeroed"
        | "__rust_realloc"
        | "__rdl_alloc"
        | "__rdl_alloc_zeroed"
        | "__rdl_realloc"
        | "__rg_alloc"
        | "__rg_alloc_zeroed"
        | "__rg_realloc" => {
            return Some(Sort::Allocation);
        }
        "free" | "__rust_dealloc" | "__rdl_dealloc" | "__rg_dealloc" => {
            return Some(Sort::Deallocation);
        }
        _ => {}
    }
    // Those of jemalloc and mimalloc, which are called by name where they replace the usual one.
    if let Some(own) = name.strip_prefix("_rjem_").or_else(|| name.strip_prefix("mi_")) {
        let frees = own.contains("free") || own.contains("dalloc");
        let allocates = own.contains("alloc") || own.contains("memalign");
        return match (frees, allocates) {
            (true, _) => Some(Sort::Deallocation),
            (_, true) => Some(Sort::Allocation),
            _ => None,
        };
    }
    let last = name.rsplit("::").next().unwrap_or(name);
    let raw = name.contains("raw_vec::")
        && ["grow", "reserve", "allocate", "with_capacity"].iter().any(|p| last.contains(p));
    let other = name.starts_with("alloc::alloc::")
        || name.starts_with("alloc::vec::from_elem")
        || name.starts_with("alloc::fmt::format")
        || name.contains("alloc::alloc::Global") && last.contains("alloc");
    (raw || other).then_some(Sort::Allocation)
}

/// Names of the C library's mathematics without the `f` of those for f32, and of the compiler's own.
const LIBM: [&str; 55] = [
    "exp",
    "exp2",
    "exp10",
    "expm1",
    "log",
    "log2",
    "log10",
    "log1p",
    "pow",
    "sin",
    "cos",
    "tan",
    "asin",
    "acos",
    "atan",
    "atan2",
    "sinh",
    "cosh",
    "tanh",
    "asinh",
    "acosh",
    "atanh",
    "sincos",
    "cbrt",
    "hypot",
    "fma",
    "fmod",
    "remainder",
    "floor",
    "ceil",
    "trunc",
    "round",
    "rint",
    "nearbyint",
    "roundeven",
    "fmin",
    "fmax",
    "fminimum",
    "fmaximum",
    "fminimum_num",
    "fmaximum_num",
    "fdim",
    "ldexp",
    "frexp",
    "scalbn",
    "modf",
    "tgamma",
    "lgamma",
    "lgamma_r",
    "erf",
    "erfc",
    "sqrt",
    "fabs",
    "copysign",
    "__powidf2",
];

fn is_libm(name: &str) -> bool {
    if name.starts_with("libm::") || name.starts_with("compiler_builtins::math::") {
        return true;
    }
    let known = |name: &str| LIBM.contains(&name);
    known(name)
        || name.strip_suffix('f').is_some_and(known)
        || matches!(name, "lgammaf_r" | "__powisf2")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sort_of(name: &str) -> Sort {
        Callee::named(name).sort
    }

    #[test]
    fn sorts_by_name() {
        assert_eq!(sort_of("exp"), Sort::Libm);
        assert_eq!(sort_of("sinf"), Sort::Libm);
        assert_eq!(sort_of("fma"), Sort::Libm);
        assert_eq!(sort_of("expand"), Sort::Other);
        assert_eq!(sort_of("core::panicking::panic_bounds_check"), Sort::Bounds);
        assert_eq!(sort_of("core::slice::index::slice_index_fail"), Sort::Bounds);
        assert_eq!(sort_of("core::panicking::panic_const::panic_const_div_by_zero"), Sort::Panic);
        assert_eq!(sort_of("core::result::unwrap_failed"), Sort::Panic);
        assert_eq!(sort_of("alloc::raw_vec::RawVec<T,A>::grow_one"), Sort::Allocation);
        assert_eq!(sort_of("alloc::raw_vec::handle_error"), Sort::NoMemory);
        assert_eq!(sort_of("hashbrown::raw::Fallibility::capacity_overflow"), Sort::NoMemory);
        assert_eq!(sort_of("__rust_dealloc"), Sort::Deallocation);
        assert_eq!(sort_of("_rjem_sdallocx"), Sort::Deallocation);
        assert_eq!(sort_of("mi_malloc_aligned"), Sort::Allocation);
        assert_eq!(sort_of("<alloc::vec::Vec<u8>>::remove::assert_failed"), Sort::Bounds);
        assert_eq!(sort_of("memcpy"), Sort::Memory);
        assert_eq!(sort_of("__udivti3"), Sort::Division);
        assert_eq!(sort_of("mine::helper"), Sort::Other);
    }

    #[test]
    fn mangled_names_of_both_kinds_are_read() {
        let legacy = "_ZN4core9panicking18panic_bounds_check17h0123456789abcdefE";
        assert_eq!(Callee::named(legacy).name, "core::panicking::panic_bounds_check");
        let v0 = "_RNvNtCs1234_4core9panicking18panic_bounds_check";
        assert_eq!(Callee::named(v0).name, "core::panicking::panic_bounds_check");
        assert!(!Callee::named(v0).returns);
    }
}
