//! What an argument is remembered by: the type of its key, and the expression that finds it.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens as _, quote};
use syn::{
    Error, GenericArgument, Ident, PathArguments, PathSegment, Result, Type, TypePath,
    TypeReference,
};

/// The key of one argument.
pub(crate) struct Key {
    /// `String`
    pub(crate) ty: TokenStream,
    /// `text`, a `&str`
    pub(crate) query: TokenStream,
}

/// Builds keys for one function.
#[derive(Debug)]
pub(crate) struct Keys {
    pub(crate) private: TokenStream,
    pub(crate) typed: bool,
}

impl Keys {
    /// The key of an argument of this type.
    ///
    /// # Errors
    /// On the part of the type that cannot be remembered.
    pub(crate) fn of(&self, ty: &Type, expr: &TokenStream) -> Result<Key> {
        match peel(ty) {
            Type::Reference(reference) => self.of_reference(reference, expr),
            Type::Tuple(tuple) if !tuple.elems.is_empty() => {
                let part = |(i, ty): (usize, &Type)| {
                    let i = syn::Index::from(i);
                    self.of(ty, &quote!(#expr.#i))
                };
                let parts: Vec<Key> =
                    tuple.elems.iter().enumerate().map(part).collect::<Result<_>>()?;
                Ok(together(parts))
            }
            Type::ImplTrait(_) => Err(Error::new_spanned(
                ty,
                "`impl Trait` hides the type that a key has: write a type parameter, as in \
                 `fn f<T: Hash + Eq + Clone + Send + 'static>(x: T)`",
            )),
            Type::Ptr(_) => Err(Error::new_spanned(
                ty,
                "a pointer would be remembered by its address: take `&[T]` or a value",
            )),
            Type::FnPtr(_) => Err(Error::new_spanned(
                ty,
                "a function has no identity to be remembered by: `ignore` it, or take a value that \
                 chooses one",
            )),
            Type::TraitObject(_) => Err(Error::new_spanned(ty, DYN)),
            Type::Path(path) => match option_of_reference(path) {
                Some(inner) => {
                    let Key { ty, query } = self.of(inner, &quote!((*__some)))?;
                    Ok(Key {
                        ty: quote!(::core::option::Option<#ty>),
                        query: quote! {
                            ::core::option::Option::map(
                                ::core::option::Option::as_ref(&#expr),
                                |__some| #query,
                            )
                        },
                    })
                }
                None => self.of_value(ty, expr),
            },
            _ => self.of_value(ty, expr),
        }
    }

    fn of_reference(&self, reference: &TypeReference, expr: &TokenStream) -> Result<Key> {
        if reference.mutability.is_some() {
            let message = "a remembered function cannot change its arguments: take `&` and return \
                           what is new";
            return Err(Error::new_spanned(reference, message));
        }
        let inner = peel(&reference.elem);
        if matches!(inner, Type::TraitObject(_)) {
            return Err(Error::new_spanned(inner, DYN));
        }
        if let Some(view) = view(inner) {
            return Ok(self.of_view(&view, &quote!(#expr)));
        }
        refuse_borrows(inner)?;
        Ok(self.owned(inner, expr))
    }

    fn of_value(&self, ty: &Type, expr: &TokenStream) -> Result<Key> {
        if let Some(view) = view(ty) {
            return Ok(self.of_view(&view, &quote!(&#expr)));
        }
        refuse_borrows(ty)?;
        Ok(self.owned(ty, &quote!(&#expr)))
    }

    /// Of a type that a reference was given to.
    fn owned(&self, ty: &Type, reference: &TokenStream) -> Key {
        let Self { private, typed } = self;
        if says_floats(ty) {
            return Key {
                ty: quote!(#private::Floats<#ty, #typed>),
                query: quote!(#private::Floats::<#ty, #typed>::of(#reference)),
            };
        }
        Key {
            ty: quote!(<#ty as #private::ToOwned>::Owned),
            query: quote!(#private::key::<#ty>(#reference)),
        }
    }

    /// Of a view of an array, which is kept as an array.
    fn of_view(&self, view: &Type, reference: &TokenStream) -> Key {
        let Self { private, typed } = self;
        Key {
            ty: quote!(#private::ViewKey<#view, #typed>),
            query: quote!(#private::view::<#typed, _>(#reference)),
        }
    }
}

const DYN: &str =
    "a trait object cannot be compared: take a type parameter, or `ignore` the argument";

/// A type without parentheses, and without the group that a `macro_rules!` puts around what it was given.
pub(crate) fn peel(ty: &Type) -> &Type {
    match ty {
        Type::Paren(inner) => peel(&inner.elem),
        Type::Group(inner) => peel(&inner.elem),
        ty => ty,
    }
}

/// Several keys as one.
pub(crate) fn together(mut keys: Vec<Key>) -> Key {
    if keys.len() == 1 {
        return keys.swap_remove(0);
    }
    let (types, queries) = (keys.iter().map(|key| &key.ty), keys.iter().map(|key| &key.query));
    Key { ty: quote!((#(#types,)*)), query: quote!((#(#queries,)*)) }
}

/// `Option<&T>`, `Option<(&T, u32)>`: the inside.
fn option_of_reference(path: &TypePath) -> Option<&Type> {
    let last = path.path.segments.last()?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    match arguments.args.first()? {
        GenericArgument::Type(inner) if last.ident == "Option" && borrows(inner) => Some(inner),
        _ => None,
    }
}

/// `ArrayView1<f64>` with the lifetime that a key has.
fn view(ty: &Type) -> Option<Type> {
    let Type::Path(path) = peel(ty) else { return None };
    let is_view = |segment: &PathSegment| segment.ident.to_string().starts_with("ArrayView");
    path.path.segments.last().filter(|segment| is_view(segment))?;
    let mut path = path.clone();
    let last = path.path.segments.last_mut()?;
    if let PathArguments::AngleBracketed(arguments) = &mut last.arguments {
        let forever: GenericArgument = syn::parse_quote!('static);
        match arguments.args.first_mut() {
            Some(first @ GenericArgument::Lifetime(_)) => *first = forever,
            _ => arguments.args.insert(0, forever),
        }
    }
    Some(Type::Path(path))
}

/// Whether any token of a type is one of these.
fn any(tokens: TokenStream, is: &dyn Fn(&TokenTree, Option<&TokenTree>) -> bool) -> bool {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    tokens.iter().enumerate().any(|(i, token)| match token {
        TokenTree::Group(group) => any(group.stream(), is),
        token => is(token, tokens.get(i + 1)),
    })
}

/// Whether the type says `f32` or `f64`, which have neither `Hash` nor `Eq`.
fn says_floats(ty: &Type) -> bool {
    any(
        ty.to_token_stream(),
        &|token, _| matches!(token, TokenTree::Ident(ident) if ident == "f32" || ident == "f64"),
    )
}

/// Whether one of these lifetimes is named.
pub(crate) fn names_lifetime(tokens: TokenStream, lifetimes: &[Ident]) -> bool {
    any(tokens, &|token, next| match (token, next) {
        (TokenTree::Punct(punct), Some(TokenTree::Ident(name))) if punct.as_char() == '\'' => {
            lifetimes.contains(name)
        }
        _ => false,
    })
}

/// Whether the type borrows from elsewhere than the program itself.
pub(crate) fn borrows(ty: &Type) -> bool {
    borrows_in(ty.to_token_stream(), false, &mut vec![])
}

/// Whether any of these tokens borrows. Arguments of `Fn(&str)` borrow when it is called, and may leave
/// out lifetimes, as may those that a `for<'a>` binds.
fn borrows_in(tokens: TokenStream, are_arguments: bool, bound: &mut Vec<Ident>) -> bool {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut rest = tokens.as_slice();
    while let [token, after @ ..] = rest {
        rest = after;
        match (token, after) {
            (TokenTree::Ident(binder), _) if binder == "for" => {
                let end = after.iter().position(|token| is_punct(token, '>')).unwrap_or(0);
                bound.extend(after[..end].iter().filter_map(ident).cloned());
                rest = &after[end..];
            }
            (TokenTree::Ident(name), [TokenTree::Group(arguments), after @ ..])
                if FUNCTIONS.iter().any(|function| name == function) =>
            {
                if borrows_in(arguments.stream(), true, bound) {
                    return true;
                }
                rest = after;
            }
            (token, after) => {
                if is_borrow(token, after.first(), are_arguments, bound) {
                    return true;
                }
            }
        }
    }
    false
}

/// Whether a group borrows, or a token before this one.
fn is_borrow(
    token: &TokenTree,
    next: Option<&TokenTree>,
    are_arguments: bool,
    bound: &mut Vec<Ident>,
) -> bool {
    match (token, next) {
        (TokenTree::Group(group), _) => borrows_in(group.stream(), are_arguments, bound),
        (tick, Some(TokenTree::Ident(name))) if is_punct(tick, '\'') => match name == "_" {
            true => !are_arguments,
            false => name != "static" && !bound.contains(name),
        },
        // `&'static str` borrows from the program.
        (token, next) => {
            let is_named = next.is_some_and(|next| is_punct(next, '\''));
            is_punct(token, '&') && !is_named && !are_arguments
        }
    }
}

/// What has its arguments in parentheses.
const FUNCTIONS: &[&str] = &["Fn", "FnMut", "FnOnce", "AsyncFn", "AsyncFnMut", "AsyncFnOnce", "fn"];

fn is_punct(token: &TokenTree, which: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == which)
}

fn ident(token: &TokenTree) -> Option<&Ident> {
    match token {
        TokenTree::Ident(ident) => Some(ident),
        _ => None,
    }
}

/// A key outlives the call, and keeps no borrows.
fn refuse_borrows(ty: &Type) -> Result<()> {
    if !borrows(ty) {
        return Ok(());
    }
    Err(Error::new_spanned(
        ty,
        "a key owns what is in it: it is looked up by `&T`, `&str`, `&[T]`, and tuples and options of \
         them, but not by borrows further in; take `&[String]` for `&[&str]`",
    ))
}
