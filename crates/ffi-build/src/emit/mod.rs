//! The bindings, as Rust.

mod doc;
mod enumeration;
mod function;
mod guard;
mod load;
mod record;
mod types;

use proc_macro2::TokenStream;
use quote::quote;
use tenfold_cdecl::{Declaration, TypeKind, Typedef};

use self::function::Emitted;
use self::types::{Types, ident, integer, type_ident};
use crate::catalog::Catalog;
use crate::error::{Fault, Placed};
use crate::facts::Facts;
use crate::invocation::{Link, SafeFunction};
use crate::shim::Shims;

/// What bindings are made from.
pub(crate) struct Library<'a> {
    pub(crate) catalog: &'a Catalog<'a>,
    pub(crate) facts: &'a Facts,
    pub(crate) shims: &'a Shims,
    pub(crate) safe: &'a [SafeFunction],
    /// The library that was compiled here.
    pub(crate) compiled: Option<&'a str>,
    pub(crate) links: &'a [Link],
    /// The library that is loaded at run time, in place of all that.
    pub(crate) load: Option<&'a str>,
}

pub(crate) fn safe_of<'a>(safe: &'a [SafeFunction], name: &str) -> Option<&'a SafeFunction> {
    safe.iter().find(|one| one.name == name)
}

/// Writes a module's contents.
pub(crate) fn module(library: &Library<'_>) -> Result<String, Vec<Placed>> {
    let types = Types { catalog: library.catalog, facts: library.facts };
    let mut faults = unknown_safe(library);
    let mut items = TokenStream::new();
    let mut functions = Emitted::default();
    for declaration in library.catalog.unit.declarations() {
        let span = declaration.span();
        let written = item(&types, declaration).map_err(|fault| vec![fault]).and_then(|tokens| {
            items.extend(tokens);
            if library.load.is_some() {
                Ok(Emitted::default())
            } else {
                linked(&types, library, declaration)
            }
        });
        match written {
            Ok(one) => {
                functions.direct.extend(one.direct);
                functions.hidden.extend(one.hidden);
                functions.around.extend(one.around);
            }
            Err(all) => faults.extend(all.into_iter().map(|fault| (span, fault))),
        }
    }
    let loaded = match library.load.map(|name| load::library(&types, name, library.safe)) {
        Some(Ok(tokens)) => tokens,
        Some(Err(all)) => {
            faults.extend(all);
            TokenStream::new()
        }
        None => externs(library, &functions),
    };
    if !faults.is_empty() {
        return Err(faults);
    }
    print(&quote!(#items #loaded))
}

fn print(tokens: &TokenStream) -> Result<String, Vec<Placed>> {
    let file = syn::parse2(tokens.clone()).map_err(|error| {
        let message =
            format!("the bindings are no Rust, which is a fault of this program: {error}");
        vec![(None, Fault::new(message))]
    })?;
    Ok(format!("// Written by tenfold-ffi-build.\n\n{}", prettyplease::unparse(&file)))
}

/// The blocks of functions, with the libraries that have them.
fn externs(library: &Library<'_>, functions: &Emitted) -> TokenStream {
    let compiled = library.compiled.map(|name| quote!(#[link(name = #name, kind = "static")]));
    let links = library.links.iter().map(|link| {
        let name = &link.name;
        if link.is_static {
            quote!(#[link(name = #name, kind = "static")])
        } else {
            quote!(#[link(name = #name)])
        }
    });
    let Emitted { direct, hidden, around } = functions;
    quote! {
        #around
        #compiled
        #(#links)*
        unsafe extern "C" {
            #direct
        }
        mod hidden {
            use super::*;
            unsafe extern "C" {
                #hidden
            }
        }
    }
}

fn unknown_safe(library: &Library<'_>) -> Vec<Placed> {
    let unit = library.catalog.unit;
    let mut seen = std::collections::BTreeSet::new();
    let mut faults = Vec::new();
    for one in library.safe {
        let name = one.name.to_string();
        if unit.function(&name).is_none() {
            let near = unit.nearest(&name).first().map(|near| format!("; did you mean `{near}`?"));
            let message = format!(
                "`safe fn {name}`: no such function is declared{}",
                near.unwrap_or_default()
            );
            faults.push((None, Fault::new(message)));
        }
        if !seen.insert(name.clone()) {
            faults.push((None, Fault::new(format!("`safe fn {name}` stands here twice"))));
        }
    }
    faults
}

fn linked(
    types: &Types<'_>,
    library: &Library<'_>,
    declaration: Declaration<'_>,
) -> Result<Emitted, Vec<Fault>> {
    match declaration {
        Declaration::Function(one) => {
            let shim = library.shims.functions.get(&*one.name);
            function::function(types, one, shim, safe_of(library.safe, &one.name))
        }
        Declaration::Variable(one) => {
            let shim = library.shims.variables.get(&*one.name);
            function::variable(types, one, shim).map_err(|fault| vec![fault])
        }
        _ => Ok(Emitted::default()),
    }
}

/// A type or a constant.
fn item(types: &Types<'_>, declaration: Declaration<'_>) -> Result<TokenStream, Fault> {
    match declaration {
        Declaration::Record(one) => record::record(types, one),
        Declaration::Enum(one) => enumeration::enumeration(types, one),
        Declaration::Typedef(one) => typedef(types, one),
        Declaration::Constant(one) if !types.catalog.is_enumerator(one.name()) => {
            enumeration::constant(types, one)
        }
        _ => Ok(TokenStream::new()),
    }
}

fn typedef(types: &Types<'_>, typedef: &Typedef) -> Result<TokenStream, Fault> {
    if typedef.span.is_none() || types.catalog.names_its_own_tag(typedef) {
        return Ok(TokenStream::new());
    }
    let unit = types.catalog.unit;
    let name = type_ident(&typedef.name);
    let doc = doc::item(&format!("typedef {}", unit.declare(typedef.ty, &typedef.name)));
    let unknown = || Fault::new(format!("only a compiler knows what `{}` is", typedef.name));
    let ty = match unit.kind(typedef.ty) {
        TypeKind::Opaque => return Ok(record::opaque(&doc, &name)),
        TypeKind::Pointer(to) if matches!(unit.kind(*to), TypeKind::Opaque) => {
            let target = ident(&format!("{}_target", typedef.name));
            let inner = record::opaque(&doc::line(&format!("*{}", typedef.name)), &target);
            return Ok(quote!(#inner #doc pub type #name = *mut #target;));
        }
        TypeKind::SomeInteger => {
            let kind = types.facts.integers.get(&typedef.id());
            kind.copied().and_then(integer).ok_or_else(unknown)?
        }
        TypeKind::SomeFloat => match types.facts.floats.get(&typedef.id()) {
            Some(4) => quote!(f32),
            Some(8) => quote!(f64),
            Some(16) => quote!(tenfold::LongDouble),
            _ => return Err(unknown()),
        },
        _ => types.rust(typedef.ty)?,
    };
    Ok(quote!(#doc pub type #name = #ty;))
}
