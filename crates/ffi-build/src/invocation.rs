//! What stands in the braces of a `c_library!`.

use proc_macro2::TokenStream;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Attribute, Ident, LitStr, Macro, Token, Visibility, bracketed, parenthesized};

mod keyword {
    syn::custom_keyword!(cstr);
}

/// One `c_library!`.
pub(crate) struct Invocation {
    pub(crate) name: Ident,
    pub(crate) headers: Vec<LitStr>,
    pub(crate) source: Option<Text>,
    pub(crate) sources: Vec<LitStr>,
    pub(crate) include: Vec<LitStr>,
    pub(crate) define: Vec<LitStr>,
    pub(crate) links: Vec<Link>,
    pub(crate) load: Option<LitStr>,
    pub(crate) cdef: Text,
    pub(crate) safe: Vec<SafeFunction>,
}

/// A library that is linked.
pub(crate) struct Link {
    pub(crate) is_static: bool,
    pub(crate) name: LitStr,
}

/// A text that stands in the invocation, or in a file.
pub(crate) enum Text {
    Here(LitStr),
    File(LitStr),
}

/// A function that is to be safe, and what guards its pointers.
pub(crate) struct SafeFunction {
    pub(crate) name: Ident,
    pub(crate) guards: Vec<(Ident, Guard)>,
    /// Whether the result is promised to be a text that lives for ever.
    pub(crate) returns_text: bool,
}

/// What stands for a pointer in a safe function.
pub(crate) enum Guard {
    /// An array with a length for each dimension.
    Array { dimensions: Vec<Dimension>, is_fortran: bool },
    /// A reference to one object.
    Reference,
    /// A text.
    Text,
}

/// The length of a dimension: a parameter, or a number.
pub(crate) enum Dimension {
    Parameter(Ident),
    Number(usize),
}

/// What may stand between the name and the end.
#[derive(Default)]
struct Items {
    headers: Vec<LitStr>,
    source: Option<Text>,
    sources: Vec<LitStr>,
    include: Vec<LitStr>,
    define: Vec<LitStr>,
    links: Vec<Link>,
    load: Option<LitStr>,
    cdef: Option<Text>,
    safe: Vec<SafeFunction>,
}

/// One, or several in brackets.
fn list<T: Parse>(input: ParseStream<'_>) -> syn::Result<Vec<T>> {
    if !input.peek(syn::token::Bracket) {
        return Ok(vec![input.parse()?]);
    }
    let inside;
    bracketed!(inside in input);
    Ok(Punctuated::<T, Token![,]>::parse_terminated(&inside)?.into_iter().collect())
}

impl Parse for Text {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.peek(LitStr) {
            return Ok(Self::Here(input.parse()?));
        }
        let call: Macro = input.parse()?;
        if !call.path.is_ident("include_str") {
            let message =
                "this is a string, or include_str!(\"file\"): what is in it must be known here";
            return Err(syn::Error::new_spanned(call, message));
        }
        Ok(Self::File(call.parse_body()?))
    }
}

impl Parse for Link {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let is_static = input.parse::<Option<Token![static]>>()?.is_some();
        Ok(Self { is_static, name: input.parse()? })
    }
}

impl Parse for Dimension {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.peek(syn::LitInt) {
            let number: syn::LitInt = input.parse()?;
            return Ok(Self::Number(number.base10_parse()?));
        }
        Ok(Self::Parameter(input.call(Ident::parse_any_name)?))
    }
}

impl Parse for Guard {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.parse::<Option<Token![&]>>()?.is_some() {
            return Ok(Self::Reference);
        }
        if input.parse::<Option<keyword::cstr>>()?.is_some() {
            return Ok(Self::Text);
        }
        let inside;
        bracketed!(inside in input);
        let dimensions = Punctuated::<Dimension, Token![,]>::parse_separated_nonempty(&inside)?;
        let mut is_fortran = false;
        if inside.parse::<Option<Token![;]>>()?.is_some() {
            let order: Ident = inside.parse()?;
            if order != "F" && order != "C" {
                return Err(syn::Error::new(order.span(), "the order is C or F"));
            }
            is_fortran = order == "F";
        }
        if !inside.is_empty() {
            return Err(inside.error("behind the dimensions stands `; F`, or nothing"));
        }
        Ok(Self::Array { dimensions: dimensions.into_iter().collect(), is_fortran })
    }
}

fn guard(input: ParseStream<'_>) -> syn::Result<(Ident, Guard)> {
    let name = input.call(Ident::parse_any_name)?;
    input.parse::<Token![:]>()?;
    Ok((name, input.parse()?))
}

/// Names of C may be words of Rust.
trait ParseAnyName: Sized {
    fn parse_any_name(input: ParseStream<'_>) -> syn::Result<Self>;
}

impl ParseAnyName for Ident {
    fn parse_any_name(input: ParseStream<'_>) -> syn::Result<Self> {
        <Self as syn::ext::IdentExt>::parse_any(input)
    }
}

impl Parse for SafeFunction {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let name = input.call(Ident::parse_any_name)?;
        let mut guards = Vec::new();
        if input.peek(syn::token::Paren) {
            let inside;
            parenthesized!(inside in input);
            let list = Punctuated::<_, Token![,]>::parse_terminated_with(&inside, guard)?;
            guards.extend(list);
        }
        let returns_text = input.parse::<Option<Token![->]>>()?.is_some();
        if returns_text {
            input.parse::<Token![&]>()?;
            let lifetime: syn::Lifetime = input.parse()?;
            if lifetime.ident != "static" {
                let message = "a text that is returned lives for ever, or the function is not safe";
                return Err(syn::Error::new(lifetime.span(), message));
            }
            input.parse::<keyword::cstr>()?;
        }
        Ok(Self { name, guards, returns_text })
    }
}

impl Items {
    fn read(&mut self, input: ParseStream<'_>) -> syn::Result<()> {
        let word = input.call(Ident::parse_any_name)?;
        if word == "safe" {
            input.parse::<Token![fn]>()?;
            let list = Punctuated::<SafeFunction, Token![,]>::parse_separated_nonempty(input)?;
            self.safe.extend(list);
        } else {
            input.parse::<Token![=]>()?;
            self.assign(&word, input)?;
        }
        input.parse::<Token![;]>()?;
        Ok(())
    }

    fn assign(&mut self, word: &Ident, input: ParseStream<'_>) -> syn::Result<()> {
        match word.to_string().as_str() {
            "header" | "headers" => self.headers.extend(list::<LitStr>(input)?),
            "sources" => self.sources.extend(list::<LitStr>(input)?),
            "include" => self.include.extend(list::<LitStr>(input)?),
            "define" => self.define.extend(list::<LitStr>(input)?),
            "link" => self.links.extend(list::<Link>(input)?),
            "source" => once(&mut self.source, word, input.parse()?)?,
            "load" => once(&mut self.load, word, input.parse()?)?,
            "cdef" => once(&mut self.cdef, word, input.parse()?)?,
            other => {
                let message = format!(
                    "`{other}` is not known: there are header, source, sources, include, define, link, load, \
                     cdef and `safe fn`"
                );
                return Err(syn::Error::new(word.span(), message));
            }
        }
        Ok(())
    }
}

fn once<T>(place: &mut Option<T>, word: &Ident, value: T) -> syn::Result<()> {
    if place.replace(value).is_some() {
        return Err(syn::Error::new(word.span(), format!("`{word}` stands here twice")));
    }
    Ok(())
}

impl Parse for Invocation {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        input.call(Attribute::parse_outer)?;
        input.parse::<Visibility>()?;
        input.parse::<Token![mod]>()?;
        let name: Ident = input.parse()?;
        input.parse::<Token![;]>()?;
        let mut items = Items::default();
        while !input.is_empty() {
            items.read(input)?;
        }
        let Some(cdef) = items.cdef else {
            return Err(syn::Error::new(name.span(), "there is no `cdef`"));
        };
        if let Some(load) = &items.load {
            let compiles = !items.headers.is_empty()
                || !items.links.is_empty()
                || !items.sources.is_empty()
                || items.source.is_some();
            if compiles {
                let message = "`load` asks no compiler, so it goes with no header, source or link";
                return Err(syn::Error::new(load.span(), message));
            }
        }
        Ok(Self {
            name,
            headers: items.headers,
            source: items.source,
            sources: items.sources,
            include: items.include,
            define: items.define,
            links: items.links,
            load: items.load,
            cdef,
            safe: items.safe,
        })
    }
}

/// Reads what is in the braces.
pub(crate) fn read(tokens: TokenStream) -> syn::Result<Invocation> {
    syn::parse2(tokens)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        read(text.parse().unwrap()).err().unwrap().to_string()
    }

    #[test]
    fn all_that_may_stand_there() {
        let text = r#"
            /// zlib.
            #[cfg(unix)]
            pub(crate) mod z;
            header = ["a.h", "b.h"]; source = "int f(void);"; sources = ["x.c",]; include = "src";
            define = ["A", "B=1"]; link = [static "z", "m"]; cdef = include_str!("z.cdef");
            safe fn a, b(x: [in, 3; F], type: &, s: cstr) -> &'static cstr;
            safe fn c;
        "#;
        let read = read(text.parse().unwrap()).unwrap();
        assert_eq!(read.name, "z");
        assert_eq!((read.headers.len(), read.define.len(), read.sources.len()), (2, 2, 1));
        assert!(read.links[0].is_static && !read.links[1].is_static);
        assert!(matches!(read.cdef, Text::File(_)));
        assert_eq!(read.safe.len(), 3);
        let b = &read.safe[1];
        assert!(b.returns_text && b.guards.len() == 3);
        assert!(matches!(b.guards[0].1, Guard::Array { is_fortran: true, .. }));
    }

    #[test]
    fn what_may_not() {
        assert!(error("mod m;").contains("there is no `cdef`"));
        assert!(error("mod m; cdef = \"\"; cdef = \"\";").contains("`cdef` stands here twice"));
        assert!(error("mod m; heder = \"\";").contains("`heder` is not known"));
        assert!(error("mod m; cdef = concat!(\"\");").contains("include_str"));
        assert!(error("mod m; cdef = \"\"; load = \"m\"; link = \"m\";").contains("no compiler"));
        assert!(error("mod m; safe fn f() -> &'a cstr;").contains("lives for ever"));
        assert!(error("mod m; safe fn f(x: [n; G]);").contains("the order is C or F"));
    }
}
