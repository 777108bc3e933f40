//! What is wrong with a function: all of it, not only the first.

use quote::ToTokens;
use syn::Error;

/// The errors of one function, each on its construct.
#[derive(Debug, Default)]
pub(crate) struct Refusals {
    errors: Option<Error>,
}

impl Refusals {
    /// Refuses a construct, from its first token to its last.
    pub(crate) fn at(&mut self, construct: impl ToTokens, message: impl std::fmt::Display) {
        self.push(Error::new_spanned(construct, message));
    }

    pub(crate) fn push(&mut self, error: Error) {
        match &mut self.errors {
            None => self.errors = Some(error),
            Some(errors) => errors.combine(error),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.errors.is_none()
    }

    pub(crate) fn into_error(self) -> Option<Error> {
        self.errors
    }
}
