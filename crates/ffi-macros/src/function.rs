//! The function that is exported: what it has, and what it cannot have.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt as _;
use syn::{FnArg, GenericParam, Ident, ItemFn, Pat, Safety, Signature};

use crate::args::Args;
use crate::libc;
use crate::outcome::Outcome;
use crate::parameter::{Kind, Parameter};
use crate::refusals::Refusals;
use crate::word;

/// What the printers need of a function.
#[derive(Debug)]
pub(crate) struct Function<'a> {
    pub(crate) item: &'a ItemFn,
    /// The name in C.
    pub(crate) name: String,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) outcome: Outcome<'a>,
    /// `::tenfold_ffi::__private`
    pub(crate) private: TokenStream,
}

impl<'a> Function<'a> {
    /// Reads a function; refuses all that is wrong with it.
    pub(crate) fn read(item: &'a ItemFn, args: &Args, refusals: &mut Refusals) -> Self {
        refuse_signature(&item.sig, refusals);
        let name = match &args.name {
            Some(name) => name.value(),
            None => name_of(&item.sig.ident, refusals),
        };
        if let Err(why) = libc::check(&name) {
            match &args.name {
                Some(name) => refusals.at(name, why),
                None => refusals.at(&item.sig.ident, why),
            }
        }
        let krate = &args.krate;
        let private = quote!(#krate::__private);
        let parameters = parameters(&item.sig, refusals);
        let outcome = Outcome::of(&item.sig.output).unwrap_or_else(|error| {
            refusals.push(error);
            Outcome::default()
        });
        let function = Self { item, name, parameters, outcome, private };
        function.refuse_clashes(refusals);
        function
    }

    /// `x_len` is the name of a length where `x` is a slice.
    fn refuse_clashes(&self, refusals: &mut Refusals) {
        let variables =
            self.parameters.iter().flat_map(|parameter| parameter.variables(&self.private));
        let mut names: Vec<String> = variables.map(|(name, ..)| name).collect();
        names.extend(self.outcome.value.places().into_iter().map(|(name, ..)| name));
        for input in &self.item.sig.inputs {
            let FnArg::Typed(input) = input else { continue };
            let Pat::Ident(pat) = &*input.pat else { continue };
            let name = pat.ident.unraw().to_string();
            if names.iter().filter(|other| **other == name).count() > 1 {
                let message = format!(
                    "C has another `{name}`, of an array or the result: give it another name"
                );
                refusals.at(&pat.ident, message);
            }
        }
    }
}

fn parameters(sig: &Signature, refusals: &mut Refusals) -> Vec<Parameter> {
    let mut parameters = vec![];
    for input in &sig.inputs {
        let FnArg::Typed(input) = input else { continue };
        if let Some(attribute) = input.attrs.first() {
            refusals.at(attribute, "parameters of exported functions have no attributes");
        }
        let name = match &*input.pat {
            Pat::Ident(pat) if pat.by_ref.is_none() && pat.subpat.is_none() => {
                name_of(&pat.ident, refusals)
            }
            Pat::Wild(wild) => {
                refusals.at(wild, "give the parameter a name, which is its name in C");
                continue;
            }
            pat => {
                refusals.at(pat, "take it apart in the body: C passes one value by one name");
                continue;
            }
        };
        match Kind::of(&input.ty) {
            Ok(kind) => parameters.push(Parameter { name, kind }),
            Err(error) => refusals.push(error),
        }
    }
    parameters
}

fn name_of(ident: &Ident, refusals: &mut Refusals) -> String {
    let name = ident.unraw().to_string();
    if let Err(why) = word::check(&name) {
        refusals.at(ident, why);
    }
    name
}

/// What no exported function has.
fn refuse_signature(sig: &Signature, refusals: &mut Refusals) {
    if let Some(token) = &sig.asyncness {
        refusals.at(token, "C cannot await: export a function that blocks");
    }
    if let Safety::Unsafe(token) = &sig.safety {
        refusals.at(token, "what is exported checks its arguments: wrap it in a safe function");
    }
    if let Some(abi) = &sig.abi {
        refusals.at(abi, "the function of C is written beside it: leave the ABI out");
    }
    if let Some(variadic) = &sig.variadic {
        refusals.at(variadic, "an exported function has a fixed number of arguments");
    }
    if let Some(receiver) = sig.receiver() {
        refusals.at(receiver, "C has no `self`: export a function outside of the `impl`");
    }
    for param in &sig.generics.params {
        if !matches!(param, GenericParam::Lifetime(_)) {
            refusals.at(param, "C calls one function: export one for each type, which calls this");
        }
    }
    if let Some(clause) =
        sig.generics.where_clause.as_ref().filter(|clause| !clause.predicates.is_empty())
    {
        refusals.at(clause, "C knows no bounds: leave the clause out");
    }
}
