//! What stands in the parentheses of `#[profile(..)]`.

use proc_macro2::TokenStream;
use syn::parse::{Parse, ParseStream, Parser as _};
use syn::{Error, Ident, LitInt, Path, Result, Token};

/// The arguments of an attribute.
#[derive(Debug, Clone, Default)]
pub(crate) struct Args {
    /// One call in so many is timed.
    pub(crate) sample: Option<LitInt>,
    pub(crate) skip: Option<Ident>,
    pub(crate) host: Option<Path>,
}

impl Args {
    pub(crate) fn read(attr: TokenStream) -> Result<Self> {
        Self::parse.parse2(attr)
    }

    /// What a function of a block has, where the block has `self`.
    pub(crate) fn with(&self, own: &Self) -> Self {
        Self {
            sample: own.sample.clone().or_else(|| self.sample.clone()),
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
            "skip" => once(&self.skip, &key).map(|()| self.skip = Some(key)),
            _ => Err(Error::new(key.span(), KNOWN)),
        }
    }
}

const KNOWN: &str = "`#[profile(..)]` takes `sample = 64`, `skip` and `crate = path`";
const NEEDS_PATH: &str = "write the path of the crate: `crate = path::to::tenfold_profile`";

fn once<T>(before: &Option<T>, key: &Ident) -> Result<()> {
    match before {
        None => Ok(()),
        Some(_) => Err(Error::new(key.span(), format!("`{key}` is said twice"))),
    }
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
