//! What stands in the parentheses of `#[profile(..)]`.

use proc_macro2::TokenStream;
use syn::parse::{Parse, ParseStream, Parser as _};
use syn::{Error, Ident, LitInt, Path, Result, Token};

/// The arguments of an attribute.
#[derive(Debug, Clone, Default)]
pub(crate) struct Args {
    /// One call in so many is timed.
    pub(crate) sample: Option<LitInt>,
    /// Each line is counted and timed.
    pub(crate) lines: Option<Ident>,
    pub(crate) skip: Option<Ident>,
    pub(crate) host: Option<Path>,
}

impl Args {
    pub(crate) fn read(attr: TokenStream) -> Result<Self> {
        Self::parse.parse2(attr)
    }

    /// What a function of a block has, where the block has `self`. Its own `sample` or `lines` stands
    /// in the place of both.
    pub(crate) fn with(&self, own: &Self) -> Self {
        let which = if own.sample.is_some() || own.lines.is_some() { own } else { self };
        Self {
            sample: which.sample.clone(),
            lines: which.lines.clone(),
            skip: own.skip.clone(),
            host: own.host.clone().or_else(|| self.host.clone()),
        }
    }
}

impl Parse for Args {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let mut args = Self::default();
        while !input.is_empty() {
            args.take(input)?;
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(args)
    }
}

impl Args {
    fn take(&mut self, input: ParseStream<'_>) -> Result<()> {
        if input.peek(Token![crate]) {
            let key = input.parse::<Token![crate]>()?;
            input.parse::<Token![=]>().map_err(|_| Error::new(key.span, NEEDS_PATH))?;
            let path = input.call(Path::parse_mod_style);
            self.host = Some(path.map_err(|error| Error::new(error.span(), NEEDS_PATH))?);
            return Ok(());
        }
        let key: Ident = input.parse().map_err(|error| Error::new(error.span(), KNOWN))?;
        match key.to_string().as_str() {
            "sample" => once(&self.sample, &key).and_then(|()| {
                self.sample = Some(sample(&key, input)?);
                Ok(())
            }),
            "lines" => once(&self.lines, &key).and_then(|()| {
                refuse_value(input)?;
                self.lines = Some(key.clone());
                Ok(())
            }),
            "skip" => once(&self.skip, &key).map(|()| self.skip = Some(key.clone())),
            _ => Err(Error::new(key.span(), KNOWN)),
        }?;
        self.refuse_together(&key)
    }

    /// What excludes each other, said at the later one.
    fn refuse_together(&self, key: &Ident) -> Result<()> {
        let why = match (&self.lines, &self.sample, &self.skip) {
            (Some(_), Some(_), _) => {
                "`lines` goes through all calls, and `sample` times some of them: write one of both"
            }
            (Some(_), _, Some(_)) => "`skip` leaves nothing for `lines` to do: write one of both",
            _ => return Ok(()),
        };
        Err(Error::new(key.span(), why))
    }
}

const KNOWN: &str = "`#[profile(..)]` takes `sample = 64`, `lines`, `skip` and `crate = path`";
const NEEDS_PATH: &str = "write the path of the crate: `crate = path::to::tenfold_profile`";

fn once<T>(before: &Option<T>, key: &Ident) -> Result<()> {
    match before {
        None => Ok(()),
        Some(_) => Err(Error::new(key.span(), format!("`{key}` is said twice"))),
    }
}

/// How lines are measured is nothing that a function says.
fn refuse_value(input: ParseStream<'_>) -> Result<()> {
    let why = "the session says how lines are measured, by `Session::builder().lines(..)`: write \
               `lines` alone";
    let has_value = input.peek(Token![=]) || input.peek(syn::token::Paren);
    if has_value { Err(input.error(why)) } else { Ok(()) }
}

fn sample(key: &Ident, input: ParseStream<'_>) -> Result<LitInt> {
    const NEEDS: &str = "write how many calls share one that is timed, from 1 to 1000000: \
                         `sample = 64`";
    input.parse::<Token![=]>().map_err(|_| Error::new(key.span(), NEEDS))?;
    let rate: LitInt = input.parse().map_err(|error| Error::new(error.span(), NEEDS))?;
    let fits = rate.base10_parse::<u32>().is_ok_and(|rate| (1..=1_000_000).contains(&rate));
    let plain = matches!(rate.suffix(), "" | "u32");
    if fits && plain { Ok(rate) } else { Err(Error::new(rate.span(), NEEDS)) }
}
