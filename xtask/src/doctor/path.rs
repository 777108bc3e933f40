//! Finding programs.

use std::path::PathBuf;

/// Where daemons live, which are not on every user's `PATH`.
const SYSTEM: [&str; 3] = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

/// The program that a shell would start.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    if program.contains('/') {
        return Some(PathBuf::from(program)).filter(|path| path.is_file());
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(SYSTEM.map(PathBuf::from));
    folders.map(|folder| folder.join(program)).find(|path| path.is_file())
}

/// An environment variable that holds something.
pub(super) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn finds_by_name_and_by_path() {
        let sh = find("sh").unwrap();
        assert!(sh.is_absolute());
        assert_eq!(find(sh.to_str().unwrap()), Some(sh));
        assert_eq!(find("no-such-program"), None);
        assert_eq!(find("/no/such/program"), None);
    }
}
