//! What is wrong with a kernel: all of it, not only the first.

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::Error;

/// The errors of one kernel, each on its construct.
#[derive(Debug, Default)]
pub(crate) struct Refusals {
    errors: Option<Error>,
    count: usize,
}

impl Refusals {
    /// Refuses a construct, from its first token to its last.
    pub(crate) fn at(&mut self, construct: impl ToTokens, message: impl std::fmt::Display) {
        self.push(Error::new_spanned(construct, message));
    }

    /// Refuses what lies between two spans. The compiler joins them only for two tokens.
    pub(crate) fn between(&mut self, (start, end): (Span, Span), message: String) {
        let mark = |span| proc_macro2::TokenTree::from(proc_macro2::Ident::new("x", span));
        self.at(TokenStream::from_iter([mark(start), mark(end)]), message);
    }

    pub(crate) fn push(&mut self, error: Error) {
        self.count += 1;
        match &mut self.errors {
            None => self.errors = Some(error),
            Some(errors) => errors.combine(error),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.errors.is_none()
    }

    pub(crate) fn count(&self) -> usize {
        self.count
    }

    pub(crate) fn into_error(self) -> Option<Error> {
        self.errors
    }
}
