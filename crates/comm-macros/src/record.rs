//! A struct, as it is read.

use proc_macro2::Span;
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser as _};
use syn::punctuated::Punctuated;
use syn::{
    Attribute, Data, DeriveInput, Error, GenericParam, Generics, Ident, Index, Member, Meta, Path,
    Result, Token, Type, parse_quote,
};

/// A struct whose fields lie in a fixed order.
#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) name: Ident,
    pub(crate) generics: Generics,
    pub(crate) fields: Vec<(Member, Type)>,
    /// Where `tenfold_comm` is.
    pub(crate) host: Path,
}

impl Record {
    /// The struct, or all that is wrong with it.
    pub(crate) fn read(item: &DeriveInput) -> Result<Self> {
        let mut errors = None;
        let host = keep(&mut errors, host(&item.attrs));
        let fields = keep(&mut errors, fields(item));
        if fields.is_some() {
            keep(&mut errors, representation(item));
        }
        keep(&mut errors, owns_all(&item.generics));
        match (errors, host, fields) {
            (None, Some(host), Some(fields)) => Ok(Self {
                name: item.ident.clone(),
                generics: with_bounds(&item.generics, &host),
                fields,
                host,
            }),
            (Some(errors), ..) => Err(errors),
            (None, ..) => Err(Error::new_spanned(&item.ident, "this cannot be read")),
        }
    }
}

/// The value, or its error beside the others.
fn keep<T>(errors: &mut Option<Error>, result: Result<T>) -> Option<T> {
    match (result, errors) {
        (Ok(value), _) => return Some(value),
        (Err(error), Some(errors)) => errors.combine(error),
        (Err(error), errors) => *errors = Some(error),
    }
    None
}

/// The fields by their names or numbers, with their types.
fn fields(item: &DeriveInput) -> Result<Vec<(Member, Type)>> {
    let data = match &item.data {
        Data::Struct(data) => data,
        Data::Enum(data) => {
            let message = "an enum has values that no other bytes make: send its number, or the \
                           value as an object by `send_object`";
            return Err(Error::new(data.enum_token.span, message));
        }
        Data::Union(data) => {
            let message = "nobody knows which field of a union is there: send a struct";
            return Err(Error::new(data.union_token.span, message));
        }
    };
    if data.fields.is_empty() {
        let message = "there is nothing to send: an element has a field";
        return Err(Error::new_spanned(&item.ident, message));
    }
    let member = |(number, field): (usize, &syn::Field)| match &field.ident {
        Some(name) => (Member::Named(name.clone()), field.ty.clone()),
        None => (Member::Unnamed(Index::from(number)), field.ty.clone()),
    };
    Ok(data.fields.iter().enumerate().map(member).collect())
}

/// That the compiler may not order the fields as it likes, and that they can be borrowed.
fn representation(item: &DeriveInput) -> Result<()> {
    let mut is_fixed = false;
    for attribute in item.attrs.iter().filter(|attribute| attribute.path().is_ident("repr")) {
        let list = attribute.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated)?;
        for meta in list {
            if meta.path().is_ident("packed") {
                let message = "fields of a packed struct cannot be borrowed, and some systems do not \
                               send them: order the fields from large to small instead";
                return Err(Error::new_spanned(meta, message));
            }
            is_fixed |= meta.path().is_ident("C") || meta.path().is_ident("transparent");
        }
    }
    if is_fixed {
        return Ok(());
    }
    let message = "the compiler may order these fields as it likes, in every program in another way: \
                   write `#[repr(C)]` on the struct";
    Err(Error::new_spanned(&item.ident, message))
}

/// That nothing in it is borrowed.
fn owns_all(generics: &Generics) -> Result<()> {
    match generics.lifetimes().next() {
        None => Ok(()),
        Some(lifetime) => {
            let message = "an element borrows nothing, as addresses mean nothing to another rank: \
                           own what it has";
            Err(Error::new(lifetime.lifetime.span(), message))
        }
    }
}

/// The same, with type parameters that are elements.
fn with_bounds(generics: &Generics, host: &Path) -> Generics {
    let mut generics = generics.clone();
    for parameter in &mut generics.params {
        if let GenericParam::Type(parameter) = parameter {
            parameter.bounds.push(parse_quote!(#host::Element));
        }
    }
    generics
}

const TAKES: &str = "`#[element(..)]` takes `crate = path`";
const NEEDS_PATH: &str = "write the path of the crate: `crate = path::to::tenfold_comm`";

/// What `#[element(crate = path)]` says, once at most.
fn host(attributes: &[Attribute]) -> Result<Path> {
    let mut said: Option<Path> = None;
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("element")) {
        let Meta::List(list) = &attribute.meta else {
            return Err(Error::new_spanned(&attribute.meta, TAKES));
        };
        if said.is_some() {
            return Err(Error::new_spanned(&attribute.meta, "`crate` is said twice"));
        }
        let tokens = list.tokens.clone();
        if tokens.is_empty() {
            return Err(Error::new_spanned(&attribute.meta, TAKES));
        }
        let mut path = path.parse2(tokens)?;
        // What is printed with it is no code of the user's for lints.
        for segment in &mut path.segments {
            segment.ident.set_span(Span::call_site().located_at(segment.ident.span()));
        }
        said = Some(path);
    }
    Ok(said.unwrap_or_else(|| parse_quote!(::tenfold_comm)))
}

fn path(input: ParseStream<'_>) -> Result<Path> {
    let key = input.call(Ident::parse_any).map_err(|error| Error::new(error.span(), TAKES))?;
    if key != "crate" {
        return Err(Error::new(key.span(), TAKES));
    }
    input.parse::<Token![=]>().map_err(|_| Error::new(key.span(), NEEDS_PATH))?;
    let is_empty = input.is_empty();
    let path = input.call(Path::parse_mod_style);
    let path = path.map_err(|error| {
        Error::new(if is_empty { key.span() } else { error.span() }, NEEDS_PATH)
    })?;
    input.parse::<Option<Token![,]>>()?;
    if input.is_empty() { Ok(path) } else { Err(input.error(TAKES)) }
}
