//! Paths to parts of an object: `corners[2].x`.

use crate::error::{Error, ErrorKind, Result};

/// One step into an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step<'a> {
    Field(&'a str),
    Index(usize),
}

/// The steps of a path, up to the first that is none.
pub(crate) struct Path<'a> {
    whole: &'a str,
    rest: &'a str,
}

impl<'a> Path<'a> {
    pub(crate) fn new(whole: &'a str) -> Self {
        Self { whole, rest: whole }
    }

    fn refused(&self) -> Error {
        let (whole, at) = (self.whole, self.whole.len() - self.rest.len());
        let message = format!(
            "the path `{whole}` is no `field`, `.field` or `[index]` from its byte {at} on"
        );
        Error::new(ErrorKind::Field, message)
    }

    fn step(&mut self) -> Result<Step<'a>> {
        if let Some(inner) = self.rest.strip_prefix('[') {
            let (index, rest) = inner.split_once(']').ok_or_else(|| self.refused())?;
            if index.is_empty() || !index.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(self.refused());
            }
            // One that is too large for the machine is too large for the array.
            let index = index.parse().unwrap_or(usize::MAX);
            self.rest = rest;
            return Ok(Step::Index(index));
        }
        let is_first = self.rest.len() == self.whole.len();
        let name = match self.rest.strip_prefix('.') {
            Some(name) if !is_first => name,
            None if is_first => self.rest,
            _ => return Err(self.refused()),
        };
        let end = name.find(['.', '[']).unwrap_or(name.len());
        let (name, rest) = name.split_at(end);
        if name.is_empty() {
            return Err(self.refused());
        }
        self.rest = rest;
        Ok(Step::Field(name))
    }

    /// The next step; none behind the last. An empty path has a wrong one.
    pub(crate) fn next(&mut self) -> Option<Result<Step<'a>>> {
        (!self.rest.is_empty() || self.whole.is_empty()).then(|| self.step())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(path: &str) -> Result<Vec<Step<'_>>> {
        let mut path = Path::new(path);
        std::iter::from_fn(|| path.next()).collect()
    }

    #[test]
    fn paths_are_read() {
        use Step::{Field, Index};
        assert_eq!(steps("x").unwrap(), [Field("x")]);
        let long = [Field("corners"), Index(2), Index(10), Field("x"), Field("y")];
        assert_eq!(steps("corners[2][10].x.y").unwrap(), long);
        assert_eq!(steps("[0].x").unwrap(), [Index(0), Field("x")]);
        assert_eq!(steps("[99999999999999999999999]").unwrap(), [Index(usize::MAX)]);
    }

    #[test]
    fn wrong_paths_are_refused() {
        for path in
            ["", ".", ".x", "x.", "x..y", "x[", "x[]", "x[-1]", "x[1", "x[1]y", "x[+1]", "[a]"]
        {
            assert_eq!(steps(path).unwrap_err().kind(), ErrorKind::Field, "{path}");
        }
    }
}
