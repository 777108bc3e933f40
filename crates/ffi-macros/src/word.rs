//! Names that C and C++ can have.

/// The keywords of C23 and C++23, those of Rust's too, which `r#` lets one write, the types of the header, and
/// macros that look like names: GCC has `linux` and `unix` unless it is told to keep to the standard.
const TAKEN: &str = "\
    alignas alignof and and_eq asm atomic_cancel auto bitand bitor bool case catch char char16_t \
    char32_t char8_t class co_await co_return co_yield compl concept const_cast consteval \
    constexpr constinit decltype default delete double dynamic_cast errno explicit export float \
    friend goto inline int int16_t int32_t int64_t int8_t linux long mutable NULL namespace new noexcept not \
    not_eq nullptr operator or or_eq private protected ptrdiff_t public register \
    reinterpret_cast requires restrict short signed size_t sizeof static_assert static_cast \
    switch template this thread_local throw typedef typeid typename typeof typeof_unqual \
    uint16_t uint32_t uint64_t uint8_t union unix unsigned using virtual void volatile wchar_t xor \
    xor_eq break const continue do else enum extern false for if return static struct true try \
    while";

/// Why this cannot be a name in C.
pub(crate) fn check(name: &str) -> Result<(), String> {
    let is_reserved = name
        .strip_prefix('_')
        .is_some_and(|rest| rest.starts_with(|c: char| c == '_' || c.is_ascii_uppercase()));
    let is_letter = |c: char| c.is_ascii_alphabetic() || c == '_';
    let is_name =
        name.starts_with(is_letter) && name.chars().all(|c| is_letter(c) || c.is_ascii_digit());
    match (is_name, is_reserved || TAKEN.split(' ').any(|word| word == name)) {
        (true, false) => Ok(()),
        (true, true) => Err(format!("`{name}` is a word of C or C++: give it another name")),
        (false, _) => Err(format!("`{name}` is no name in C: letters of ASCII, digits and `_`")),
    }
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn keywords_and_letters_are_known() {
        assert_eq!(check("axpy_2"), Ok(()));
        assert_eq!((check("_x"), check("_2")), (Ok(()), Ok(())));
        for name in ["register", "unix", "NULL", "_Bool", "__x"] {
            assert!(check(name).unwrap_err().contains("a word of C"), "{name}");
        }
        for name in ["", "2x", "größe", "a b", "a-b"] {
            assert!(check(name).unwrap_err().contains("no name in C"), "{name}");
        }
    }
}
