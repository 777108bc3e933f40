//! What the environment asks for.

use std::env;
use std::ffi::OsString;
use std::time::Duration;

use super::Tracing;
use crate::{Error, Result};

impl Tracing {
    /// What the environment variables ask for; none where they ask for nothing.
    ///
    /// # Errors
    /// [`Variable`](crate::ErrorKind::Variable) for one that is none of what it may be.
    pub fn from_env() -> Result<Option<Self>> {
        Self::asked(env::var_os)
    }

    fn asked(value: impl Fn(&'static str) -> Option<OsString>) -> Result<Option<Self>> {
        // An empty text is how shells take a variable back.
        let folder = value("TENFOLD_COMM_TRACE").filter(|folder| !folder.is_empty());
        let is_checked = switch("TENFOLD_COMM_CHECK", &value)?;
        let is_synchronous = switch("TENFOLD_COMM_SYNCHRONOUS", &value)?;
        let (events, stall) =
            (number("TENFOLD_COMM_EVENTS", &value)?, number("TENFOLD_COMM_STALL_MS", &value)?);
        if folder.is_none() && !is_checked && !is_synchronous {
            return Ok(None);
        }
        let mut tracing = Self { is_synchronous, ..Self::new() };
        if let Some(events) = events.and_then(|events| usize::try_from(events).ok()) {
            tracing = tracing.events(events);
        } else if folder.is_none() {
            // Nobody reads them.
            tracing = tracing.events(0);
        }
        if let Some(stall) = stall {
            tracing = tracing.stall(Duration::from_millis(stall.max(1)));
        }
        Ok(Some(Self { folder: folder.map(Into::into), ..tracing }))
    }
}

fn switch(
    variable: &'static str,
    value: impl Fn(&'static str) -> Option<OsString>,
) -> Result<bool> {
    let Some(value) = value(variable) else { return Ok(false) };
    match value.to_str() {
        Some("1") => Ok(true),
        Some("0" | "") => Ok(false),
        _ => Err(Error::variable(variable, "0 or 1", &value)),
    }
}

fn number(
    variable: &'static str,
    value: impl Fn(&'static str) -> Option<OsString>,
) -> Result<Option<u64>> {
    let Some(value) = value(variable) else { return Ok(None) };
    let number = value.to_str().and_then(|text| text.parse().ok());
    number.map(Some).ok_or_else(|| Error::variable(variable, "a number", &value))
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;
    use std::time::Duration;

    use super::Tracing;
    use crate::Result;

    fn asked(set: &[(&str, &str)]) -> Result<Option<Tracing>> {
        Tracing::asked(|name| {
            let found = set.iter().find(|(other, _)| *other == name);
            found.map(|(_, value)| OsString::from(value))
        })
    }

    #[test]
    fn nothing_is_asked_for_nothing() {
        assert!(asked(&[]).unwrap().is_none());
        assert!(
            asked(&[("TENFOLD_COMM_CHECK", "0"), ("TENFOLD_COMM_EVENTS", "5")]).unwrap().is_none()
        );
        assert!(
            asked(&[("TENFOLD_COMM_TRACE", ""), ("TENFOLD_COMM_CHECK", "")]).unwrap().is_none()
        );
    }

    #[test]
    fn each_variable_is_heard() {
        let folder = asked(&[("TENFOLD_COMM_TRACE", "here")]).unwrap().unwrap();
        assert_eq!(folder.folder.unwrap().to_str(), Some("here"));
        assert_eq!(folder.events, 1_000_000);
        let check = asked(&[("TENFOLD_COMM_CHECK", "1"), ("TENFOLD_COMM_STALL_MS", "20")]);
        let check = check.unwrap().unwrap();
        assert_eq!((check.events, check.stall), (0, Duration::from_millis(20)));
        let set = [("TENFOLD_COMM_SYNCHRONOUS", "1"), ("TENFOLD_COMM_EVENTS", "7")];
        let synchronous = asked(&set).unwrap().unwrap();
        assert!(synchronous.is_synchronous && synchronous.events == 7);
    }

    #[test]
    fn what_is_none_is_an_error() {
        for wrong in [("TENFOLD_COMM_CHECK", "yes"), ("TENFOLD_COMM_EVENTS", "-1")] {
            let error = asked(&[wrong]).unwrap_err();
            assert!(error.to_string().contains(wrong.0), "{error}");
            assert!(error.to_string().contains(wrong.1), "{error}");
        }
    }
}
