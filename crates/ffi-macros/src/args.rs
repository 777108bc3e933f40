//! What stands in the parentheses of `#[export(..)]`.

use proc_macro2::{Span, TokenStream};
use syn::parse::{Parse, ParseStream, Parser as _};
use syn::punctuated::Punctuated;
use syn::{Error, Ident, LitStr, Path, Result, Token, parse_quote};

use crate::refusals::Refusals;
use crate::word;

/// The arguments.
#[derive(Debug)]
pub(crate) struct Args {
    /// The name in C, unless it is the function's.
    pub(crate) name: Option<LitStr>,
    /// The host crate.
    pub(crate) krate: Path,
}

enum Arg {
    C(Ident),
    Name(Ident, LitStr),
    Crate(Ident, Path),
}

/// Reads the attribute's tokens. What is wrong is refused; the rest counts.
pub(crate) fn read(attr: TokenStream, refusals: &mut Refusals) -> Args {
    let mut args = Args { name: None, krate: parse_quote!(::tenfold_ffi) };
    let list = Punctuated::<Arg, Token![,]>::parse_terminated.parse2(attr);
    let list = list.unwrap_or_else(|error| {
        refusals.push(error);
        Punctuated::default()
    });
    let mut seen: Vec<String> = vec![];
    for arg in list {
        let key = match &arg {
            Arg::C(key) | Arg::Name(key, _) | Arg::Crate(key, _) => key,
        };
        if seen.contains(&key.to_string()) {
            refusals.at(key, format!("`{key}` is said twice"));
        }
        seen.push(key.to_string());
        match arg {
            Arg::C(_) => {}
            Arg::Name(_, name) => {
                if let Err(why) = word::check(&name.value()) {
                    refusals.at(&name, why);
                }
                args.name = Some(name);
            }
            Arg::Crate(_, path) => args.krate = path,
        }
    }
    if refusals.is_empty() && !seen.iter().any(|key| key == "c") {
        refusals.push(Error::new(
            Span::call_site(),
            "say for whom: `#[export(c)]`, with `c` for C and Python",
        ));
    }
    args
}

impl Parse for Arg {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        if input.peek(Token![crate]) {
            let key = Ident::new("crate", input.parse::<Token![crate]>()?.span);
            input.parse::<Token![=]>()?;
            return Ok(Self::Crate(key, input.call(Path::parse_mod_style)?));
        }
        let key: Ident = input.parse()?;
        if key == "c" {
            return Ok(Self::C(key));
        }
        if key == "name" {
            let wrong = "write `name = \"kern_axpy\"`";
            let value = input.parse::<Token![=]>().and_then(|_| input.parse());
            return value.map(|name| Self::Name(key.clone(), name)).map_err(|_| {
                // The rest would only be a second error.
                Error::new_spanned(&key, wrong)
            });
        }
        Err(Error::new_spanned(
            &key,
            format!("there is no `{key}`: there are `c`, `name`, `crate`"),
        ))
    }
}
