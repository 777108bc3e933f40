//! The function that is to be remembered: what it has, and what it cannot have.

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote};
use syn::punctuated::Punctuated;
use syn::{
    FnArg, GenericArgument, GenericParam, Generics, Ident, ItemFn, Pat, PathArguments,
    ReceiverKind, ReturnType, Safety, Signature, Token, Type, TypeParamBound, WherePredicate,
};

use crate::args::Args;
use crate::key::{self, Key, Keys};
use crate::refusals::Refusals;

/// More arguments would need longer tuples.
const MOST_ARGUMENTS: usize = 12;

/// What the printers need of a function.
#[derive(Debug)]
pub(crate) struct Function<'a> {
    pub(crate) item: &'a ItemFn,
    pub(crate) args: &'a Args,
    /// `::tenfold_memo::__private`
    pub(crate) private: TokenStream,
    /// `n: u64, text: &str`, without `mut`.
    pub(crate) inputs: Vec<TokenStream>,
    /// `n, text`
    pub(crate) names: Vec<Ident>,
    pub(crate) key: TokenStream,
    pub(crate) query: TokenStream,
    /// What is kept: of a `Result` what is `Ok`.
    pub(crate) value: TokenStream,
    pub(crate) keeps_ok: bool,
    /// The generics that a memo can have: no lifetimes.
    pub(crate) generics: Generics,
}

impl<'a> Function<'a> {
    /// Reads a function; refuses all that is wrong with it.
    pub(crate) fn read(item: &'a ItemFn, args: &'a Args, refusals: &mut Refusals) -> Self {
        let krate = &args.krate;
        let private = quote!(#krate::__private);
        refuse_signature(&item.sig, args, refusals);
        let keys = Keys { private: private.clone(), typed: args.typed };
        let (mut inputs, mut names, mut parts) = (vec![], vec![], vec![]);
        for input in &item.sig.inputs {
            let FnArg::Typed(input) = input else { continue };
            let Some(name) = name_of(&input.pat, refusals) else { continue };
            if let Some(attribute) = input.attrs.first() {
                refusals.at(attribute, "parameters of remembered functions have no attributes");
            }
            let ty = &input.ty;
            inputs.push(quote!(#name: #ty));
            if !args.ignore.contains(&name) {
                match keys.of(ty, &quote!(#name)) {
                    Ok(key) => parts.push(key),
                    Err(error) => refusals.push(error),
                }
            }
            names.push(name);
        }
        for name in args.ignore.iter().filter(|&name| !names.contains(name)) {
            let hint =
                crate::suggest::did_you_mean(&name.to_string(), names.iter().map(Ident::to_string));
            refusals.at(name, format!("there is no parameter `{name}` to ignore{hint}"));
        }
        if parts.len() > MOST_ARGUMENTS {
            let message = format!(
                "{} arguments are more than {MOST_ARGUMENTS}: put some into a tuple",
                parts.len()
            );
            refusals.at(&item.sig.ident, message);
        }
        let Key { ty: key, query } = key::together(parts);
        let (value, keeps_ok) = value_of(&item.sig, args, refusals);
        let generics = without_lifetimes(&item.sig.generics);
        Self { item, args, private, inputs, names, key, query, value, keeps_ok, generics }
    }

    /// The name of the function or of something beside it: `f_cache_info`.
    pub(crate) fn beside(&self, suffix: &str) -> Ident {
        format_ident!("{}_{suffix}", self.item.sig.ident)
    }

    /// `<T, N>`, behind `::`; nothing for a function that is not generic.
    pub(crate) fn turbofish(&self) -> TokenStream {
        let names = self.parameters();
        if names.is_empty() { quote!() } else { quote!(::<#(#names),*>) }
    }

    /// The type and const parameters.
    pub(crate) fn parameters(&self) -> Vec<&Ident> {
        self.item.sig.generics.params.iter().filter_map(type_or_const).collect()
    }

    /// A type that no other set of type parameters has.
    pub(crate) fn tag(&self) -> TokenStream {
        let tag = |param: &GenericParam| match param {
            GenericParam::Type(param) => Some(param.ident.to_token_stream()),
            GenericParam::Const(param) => {
                let (name, private) = (&param.ident, &self.private);
                Some(quote!(#private::Number<#name>))
            }
            GenericParam::Lifetime(_) => None,
        };
        let tags: Vec<TokenStream> = self.item.sig.generics.params.iter().filter_map(tag).collect();
        let this = self.args.associated.then(|| quote!(Self,));
        quote!((#this #(#tags,)*))
    }

    /// Whether there are many memos, one for each set of type parameters.
    pub(crate) fn has_many(&self) -> bool {
        self.args.associated || !self.parameters().is_empty()
    }
}

/// What no remembered function has.
fn refuse_signature(sig: &Signature, args: &Args, refusals: &mut Refusals) {
    if let Some(token) = &sig.constness {
        refusals.at(token, "a `const fn` remembers nothing: leave `const` out");
    }
    if let Safety::Unsafe(token) = &sig.safety {
        refusals.at(
            token,
            "an `unsafe fn` is called for what it does to memory: wrap it in a safe one",
        );
    }
    if let Some(abi) = &sig.abi {
        refusals.at(
            abi,
            "a function of another ABI is called from elsewhere: wrap it in one of Rust's",
        );
    }
    if let Some(token) = &sig.asyncness {
        if args.of_thread {
            let message =
                "an `async fn` goes from thread to thread: leave `scope = \"thread\"` out";
            refusals.at(token, message);
        }
        if args.disk.is_some() {
            refusals.at(token, "the disk would block an `async fn`: leave `disk` out");
        }
    }
    if let Some(variadic) = &sig.variadic {
        refusals.at(variadic, "a remembered function has a fixed number of arguments");
    }
    match (sig.receiver(), &args.field) {
        (Some(receiver), None) => refusals.at(
            receiver,
            "a method remembers in a field of its own: declare `cache: Memo<u32, f64>`, with the \
             arguments as its key, and write `field = cache`",
        ),
        (Some(receiver), Some(_)) => {
            if !matches!(receiver.kind, ReceiverKind::Reference(_, _, None)) {
                refusals.at(receiver, "a method that remembers takes `&self`");
            }
        }
        (None, Some(field)) => {
            refusals.at(field, "`field` is for methods, which have `&self`: leave it out");
        }
        (None, None) => {}
    }
    if args.field.is_some()
        && let Some(param) = sig.generics.params.iter().find_map(type_or_const)
    {
        let message = format!(
            "a `field` is one memo, which knows no `{param}`: leave the parameter out, or remember in \
             a function of its own"
        );
        refusals.at(param, message);
    }
    if args.associated && args.field.is_some() {
        refusals.at(&args.field, "a method with a `field` needs no `associated`");
    }
    if !args.associated && args.field.is_none() && says_self(sig) {
        let message = "a function of an `impl` says `associated`, as in `#[memoize(associated)]`";
        refusals.at(&sig.ident, message);
    }
    for param in &sig.generics.params {
        if let GenericParam::Const(param) = param
            && param.ty.to_token_stream().to_string() != "usize"
        {
            refusals.at(&param.ty, "a const parameter of a remembered function is a `usize`");
        }
    }
}

/// The name of a parameter that is no lifetime.
fn type_or_const(param: &GenericParam) -> Option<&Ident> {
    match param {
        GenericParam::Type(param) => Some(&param.ident),
        GenericParam::Const(param) => Some(&param.ident),
        GenericParam::Lifetime(_) => None,
    }
}

/// Whether a signature says `Self`.
pub(crate) fn says_self(sig: &Signature) -> bool {
    let (inputs, output) = (&sig.inputs, &sig.output);
    let tokens = quote!(#inputs #output);
    fn any(tokens: TokenStream) -> bool {
        tokens.into_iter().any(|token| match token {
            proc_macro2::TokenTree::Ident(ident) => ident == "Self",
            proc_macro2::TokenTree::Group(group) => any(group.stream()),
            _ => false,
        })
    }
    sig.receiver().is_none() && any(tokens)
}

fn name_of(pat: &Pat, refusals: &mut Refusals) -> Option<Ident> {
    match pat {
        Pat::Ident(name) if name.by_ref.is_none() && name.subpat.is_none() => {
            Some(name.ident.clone())
        }
        Pat::Wild(_) => {
            refusals.at(
                pat,
                "give the parameter a name: it is part of the key, unless you `ignore` it",
            );
            None
        }
        _ => {
            refusals.at(pat, "give the parameter a name, and take it apart in the body");
            None
        }
    }
}

/// What is kept of what the function returns.
fn value_of(sig: &Signature, args: &Args, refusals: &mut Refusals) -> (TokenStream, bool) {
    let ReturnType::Type(_, ty) = &sig.output else {
        refusals.at(&sig.ident, "a function that returns nothing has nothing to be remembered");
        return (quote!(()), false);
    };
    let ty = key::peel(ty);
    match ty {
        Type::Tuple(tuple) if tuple.elems.is_empty() => {
            refusals.at(ty, "a function that returns nothing has nothing to be remembered");
        }
        Type::ImplTrait(_) => {
            refusals
                .at(ty, "a value that is kept has a type with a name: write it in place of `impl`");
        }
        Type::Never(_) => {
            refusals.at(ty, "a function that never returns has nothing to be remembered");
        }
        ty if key::borrows(ty) => {
            let message = "a value that is kept outlives the arguments: return what owns it, as \
                           `String` for `&str`, or an `Arc`";
            refusals.at(ty, message);
        }
        _ => {}
    }
    match ok_of(ty).filter(|_| !args.cache_err) {
        Some(ok) => (ok, true),
        None => (quote!(#ty), false),
    }
}

/// `T` of a type that is called `Result`.
fn ok_of(ty: &Type) -> Option<TokenStream> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last().filter(|last| last.ident == "Result")?;
    let first = match &last.arguments {
        PathArguments::AngleBracketed(arguments) => {
            arguments.args.iter().find_map(|argument| match argument {
                GenericArgument::Type(ty) => Some(quote!(#ty)),
                _ => None,
            })
        }
        _ => None,
    };
    // `fmt::Result` has none.
    Some(first.unwrap_or_else(|| quote!(())))
}

/// The generics of what lives longer than a call: without its lifetimes, and bounds that name them.
fn without_lifetimes(generics: &Generics) -> Generics {
    let mut generics = generics.clone();
    let gone: Vec<Ident> = generics.lifetimes().map(|param| param.lifetime.ident.clone()).collect();
    let is_kept = |bound: &TypeParamBound| !key::names_lifetime(bound.to_token_stream(), &gone);
    let kept = |bounds: Bounds| -> Bounds { bounds.into_iter().filter(is_kept).collect() };
    let params = generics.params.into_iter().filter_map(|param| match param {
        GenericParam::Lifetime(_) => None,
        GenericParam::Type(mut param) => {
            param.bounds = kept(param.bounds);
            Some(GenericParam::Type(param))
        }
        GenericParam::Const(_) => Some(param),
    });
    generics.params = params.collect();
    if generics.params.is_empty() {
        (generics.lt_token, generics.gt_token) = (None, None);
    }
    if let Some(clause) = &mut generics.where_clause {
        let predicates = std::mem::take(&mut clause.predicates).into_iter();
        let predicates = predicates.filter_map(|predicate| match predicate {
            WherePredicate::Type(mut predicate) if !key::borrows(&predicate.bounded_ty) => {
                predicate.bounds = kept(predicate.bounds);
                Some(WherePredicate::Type(predicate))
            }
            _ => None,
        });
        clause.predicates = predicates.collect();
    }
    generics
}

type Bounds = Punctuated<TypeParamBound, Token![+]>;
