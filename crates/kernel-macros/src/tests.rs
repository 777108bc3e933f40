//! The macro as a function of tokens.

mod accepted;
mod fuzz;
mod portable;
mod refusals;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::refusals::Refusals;
use crate::{directives, function_of, ir, kernel_of};

/// The attribute's tokens and the function of `#[kernel(..)] fn ..`.
fn split(source: &str) -> (TokenStream, TokenStream) {
    let mut tokens = source.parse::<TokenStream>().unwrap().into_iter();
    assert_eq!(tokens.next().unwrap().to_string(), "#", "{source}");
    let TokenTree::Group(attribute) = tokens.next().unwrap() else { panic!("{source}") };
    let args = attribute.stream().into_iter().find_map(|token| match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis => {
            Some(group.stream())
        }
        _ => None,
    });
    (args.unwrap_or_default(), tokens.collect())
}

/// The kernel, or its errors.
fn read(source: &str) -> Result<ir::Kernel, syn::Error> {
    let (attr, item) = split(source);
    let function = function_of(item)?;
    let mut refusals = Refusals::default();
    let parsed = directives::read(attr, &mut refusals);
    kernel_of(parsed, &function, &mut refusals).ok_or_else(|| refusals.into_error().unwrap())
}
