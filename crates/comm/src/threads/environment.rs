//! How many ranks the environment asks for.

use std::ffi::OsStr;
use std::thread;

use super::run::MAX_RANKS;
use crate::{Error, Result};

const VARIABLE: &str = "TENFOLD_RANKS";
const MUST: &str = "a number from 1 to 65536";

/// As many as the variable says; as many as there are cores where it is not set.
pub(super) fn ranks() -> Result<usize> {
    std::env::var_os(VARIABLE).map_or_else(|| Ok(cores()), |value| parsed(&value))
}

/// A system that does not tell has one.
fn cores() -> usize {
    thread::available_parallelism().map_or(1, Into::into).min(MAX_RANKS)
}

fn parsed(value: &OsStr) -> Result<usize> {
    let ranks = value.to_str().and_then(|text| text.parse().ok());
    ranks
        .filter(|ranks| (1..=MAX_RANKS).contains(ranks))
        .ok_or_else(|| Error::variable(VARIABLE, MUST, value))
}

#[cfg(test)]
mod tests {
    use super::{MUST, OsStr, VARIABLE, cores, parsed};
    use crate::ErrorKind;

    #[test]
    fn numbers_of_ranks() {
        for ranks in [1, 4, 65_536] {
            assert_eq!(parsed(OsStr::new(&ranks.to_string())).unwrap(), ranks);
        }
        assert!(cores() >= 1);
    }

    #[test]
    fn what_is_none_is_shown() {
        let large = format!("{}0", usize::MAX);
        for wrong in ["", "0", "65537", &large, "-1", "4.0", "four", " 4", "4\n", "0x4"] {
            let error = parsed(OsStr::new(wrong)).unwrap_err();
            let kind = ErrorKind::Variable { variable: VARIABLE, must: MUST };
            assert_eq!(error.kind(), kind);
            let sentence =
                format!("`TENFOLD_RANKS` is {wrong:?}, it must be a number from 1 to 65536");
            assert_eq!(error.to_string(), sentence);
            // What `main` prints of it.
            assert!(format!("{error:?}").contains(&format!("{sentence:?}")), "{error:?}");
        }
    }

    #[test]
    fn a_long_text_is_cut() {
        let error = parsed(OsStr::new(&"é".repeat(1000))).unwrap_err();
        assert!(error.to_string().contains(&format!("\"{}..\"", "é".repeat(40))), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_text_is_shown_as_far_as_it_goes() {
        use std::os::unix::ffi::OsStrExt as _;
        let error = parsed(OsStr::from_bytes(b"4\xff")).unwrap_err();
        assert!(error.to_string().contains("is \"4\u{fffd}\""), "{error}");
    }
}
