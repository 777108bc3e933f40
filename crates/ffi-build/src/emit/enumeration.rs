//! Enumerations and constants.

use proc_macro2::{Literal, TokenStream};
use quote::quote;
use tenfold_cdecl::{Constant, Enum};

use super::doc;
use super::types::{Types, c_integer, ident, integer};
use crate::error::Fault;
use crate::facts::Value;

fn literal(value: i128) -> TokenStream {
    let literal = Literal::u128_unsuffixed(value.unsigned_abs());
    if value < 0 { quote!(-#literal) } else { quote!(#literal) }
}

/// An enumeration: a number with names, since C may put others into it.
pub(crate) fn enumeration(types: &Types<'_>, one: &Enum) -> Result<TokenStream, Fault> {
    let Some(name) = types.catalog.enumeration(one.id()) else {
        return unnamed(types, one);
    };
    let c = types.catalog.unit.spell(one.ty());
    let Some(kind) = types.facts.enums.get(&one.id()) else {
        return Err(Fault::new(format!("only a compiler knows the size of `{c}`")));
    };
    let raw = integer(*kind).ok_or_else(|| Fault::new(format!("`{c}` has no integer of Rust")))?;
    let (doc, text, name) = (doc::item(&c), name.rust.clone(), ident(&name.rust));
    let mut constants = Vec::new();
    let mut arms = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    for enumerator in &one.enumerators {
        let value = value(types, &enumerator.name)?;
        let spelled = &*enumerator.name;
        // The method is called `name`.
        let word = if spelled == "name" { ident("name_") } else { ident(spelled) };
        let number = literal(value.value);
        let doc = doc::line(&format!("{spelled} = {}", value.value));
        constants.push(quote!(#doc pub const #word: Self = Self(#number);));
        if seen.insert(value.value) {
            arms.push(quote!(#number => ::core::option::Option::Some(#spelled),));
        }
    }
    Ok(quote! {
        #doc
        ///
        /// Any number may come from C; [`name`](Self::name) tells those that are declared.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        #[repr(transparent)]
        pub struct #name(pub #raw);
        impl #name {
            #(#constants)*
            /// The name of the first constant with this value, if there is one.
            #[must_use]
            pub const fn name(self) -> ::core::option::Option<&'static str> {
                match self.0 {
                    #(#arms)*
                    _ => ::core::option::Option::None,
                }
            }
        }
        impl ::core::fmt::Debug for #name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                match self.name() {
                    ::core::option::Option::Some(name) => f.write_str(name),
                    ::core::option::Option::None => f.debug_tuple(#text).field(&self.0).finish(),
                }
            }
        }
    })
}

fn value(types: &Types<'_>, name: &str) -> Result<Value, Fault> {
    let found = types.facts.constants.get(name).copied();
    found.ok_or_else(|| Fault::new(format!("only a compiler knows the value of `{name}`")))
}

/// An enumeration that no type is named after: constants, as `#define` makes them.
fn unnamed(types: &Types<'_>, one: &Enum) -> Result<TokenStream, Fault> {
    let mut constants = TokenStream::new();
    for enumerator in &one.enumerators {
        let value = value(types, &enumerator.name)?;
        let ty =
            types.catalog.unit.constant(&enumerator.name).filter(|_| enumerator.value.is_some());
        let ty = ty.map(|constant| c_integer(constant.ty()));
        constants.extend(emit(&enumerator.name, value, ty)?);
    }
    Ok(constants)
}

fn emit(name: &str, value: Value, ty: Option<TokenStream>) -> Result<TokenStream, Fault> {
    let ty = match ty.or_else(|| integer(value.kind)) {
        Some(ty) => ty,
        None => return Err(Fault::new(format!("`{name}` has no integer type of Rust"))),
    };
    let (word, number) = (ident(name), literal(value.value));
    let doc = doc::line(&format!("{name} = {}", value.value));
    Ok(quote!(#doc pub const #word: #ty = #number;))
}

/// A constant that `#define` makes, or `static const int`.
pub(crate) fn constant(types: &Types<'_>, constant: &Constant) -> Result<TokenStream, Fault> {
    let known = value(types, constant.name())?;
    let ty = constant.value().map(|_| c_integer(constant.ty()));
    emit(constant.name(), known, ty)
}
