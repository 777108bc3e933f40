//! The `c_library!`s of a package, found in its source.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use proc_macro2::{Span, TokenStream, TokenTree};

/// The braces of an invocation.
pub(crate) struct Found {
    pub(crate) tokens: TokenStream,
    pub(crate) span: Span,
}

/// All files of Rust in a package, but those of packages inside it and of hidden folders and `target`.
pub(crate) fn files(package: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    walk(package, &mut files)?;
    files.sort();
    Ok(files)
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        // Not `path.is_dir()`: a link may lead back up.
        if entry.file_type()?.is_dir() {
            let name = entry.file_name();
            let is_hidden = name.to_string_lossy().starts_with('.');
            if !is_hidden && name != "target" && !path.join("Cargo.toml").exists() {
                walk(&path, files)?;
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(())
}

/// The invocations in a text, wherever they stand: in modules, functions, and arguments of other macros.
/// They are looked for among tokens, so that no new syntax of Rust is in the way.
///
/// # Errors
///
/// If the text is not even a sequence of tokens.
pub(crate) fn invocations(text: &str) -> Result<Vec<Found>, proc_macro2::LexError> {
    // Lexing takes its time, and most files have none.
    if !text.contains("c_library") {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    search(text.parse()?, &mut found);
    Ok(found)
}

fn search(tokens: TokenStream, found: &mut Vec<Found>) {
    // How much of `c_library ! {` the last tokens are.
    let mut matched = 0;
    for token in tokens {
        matched = match (&token, matched) {
            (TokenTree::Ident(word), _) if word == "c_library" => 1,
            (TokenTree::Punct(mark), 1) if mark.as_char() == '!' => 2,
            (TokenTree::Group(group), 2) => {
                found.push(Found { tokens: group.stream(), span: group.span() });
                continue;
            }
            (TokenTree::Group(group), _) => {
                search(group.stream(), found);
                0
            }
            _ => 0,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invocations_wherever_they_stand() {
        let text = "
            use tenfold_ffi::c_library;
            tenfold_ffi::c_library! { mod a; }
            mod inner { fn f() { c_library!(mod b;); other!({ c_library![mod c;]; }); } }
            /// c_library! { mod not_this; }
            const TEXT: &str = \"c_library! { mod nor_this; }\";
            macro_rules! c_library { () => {} }
        ";
        let found: Vec<String> =
            invocations(text).unwrap().iter().map(|found| found.tokens.to_string()).collect();
        assert_eq!(found, ["mod a ;", "mod b ;", "mod c ;"]);
        assert_eq!(invocations(text).unwrap()[0].span.start().line, 3);
        assert!(invocations("c_library!(").is_err());
    }

    #[test]
    fn packages_inside_and_links_are_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        };
        for name in
            ["src/a.rs", "src/deep/b.rs", "c.rs", "src/x.c", "inner/Cargo.toml", "inner/d.rs"]
        {
            write(name);
        }
        write("target/e.rs");
        write(".git/f.rs");
        #[cfg(unix)]
        std::os::unix::fs::symlink(folder.path(), folder.path().join("src/up")).unwrap();
        let files = files(folder.path()).unwrap();
        let names = files.iter().map(|file| file.strip_prefix(folder.path()).unwrap());
        let names: Vec<_> = names.map(|name| name.to_str().unwrap()).collect();
        assert_eq!(names, ["c.rs", "src/a.rs", "src/deep/b.rs"]);
    }
}
