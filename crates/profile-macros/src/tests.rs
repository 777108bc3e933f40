//! Expansions, and every refusal with the place that it stands on.

use proc_macro2::TokenStream;
use syn::{ImplItem, Item, TraitItem};

use crate::args::Args;
use crate::item;
use crate::refused::{REFUSED, unmark};

/// Expands `#[profile(attr)]`; an error where it is refused.
fn expand(attr: &str, source: &str) -> syn::Result<String> {
    let args = Args::read(attr.parse().unwrap())?;
    item::profile(&args, source.parse().unwrap()).map(|tokens| tokens.to_string())
}

fn same(attr: &str, source: &str, expected: &str) {
    let expected: TokenStream = expected.parse().unwrap();
    assert_eq!(expand(attr, source).unwrap(), expected.to_string());
}

#[test]
fn a_function_opens_a_scope_before_all_else() {
    same(
        "",
        "/// Adds.\n#[inline] pub unsafe extern \"C\" fn add<T: Num>(a: T, b: T) -> T { a + b }",
        "#[doc = \" Adds.\"] #[inline] pub unsafe extern \"C\" fn add<T: Num>(a: T, b: T) -> T {
            ::tenfold_profile::__private::function!(1, 0); a + b }",
    );
    same(
        "sample = 64, crate = my::profile",
        "fn f() {}",
        "fn f() { my::profile::__private::function!(64, 0); }",
    );
}

#[test]
fn a_method_may_have_a_receiver() {
    same(
        "",
        "fn f(&mut self) { self.x += 1; }",
        "fn f(&mut self) { ::tenfold_profile::__private::function!(1, 0); self.x += 1; }",
    );
}

#[test]
fn a_block_profiles_its_functions_and_nothing_else() {
    same(
        "sample = 8",
        "impl T for S {
            const N: usize = 1;
            type X = u8;
            fn a(&self) { 1 }
            #[profile(sample = 2)] fn b() { 2 }
            #[profile(skip)] const fn c() { 3 }
            #[tenfold_profile::profile] #[cold] fn d() { 4 }
        }",
        "impl T for S {
            const N: usize = 1;
            type X = u8;
            fn a(&self) { ::tenfold_profile::__private::function!(8, 0); 1 }
            fn b() { ::tenfold_profile::__private::function!(2, 0); 2 }
            const fn c() { 3 }
            #[cold] fn d() { ::tenfold_profile::__private::function!(8, 0); 4 }
        }",
    );
}

#[test]
fn attributes_of_others_stay() {
    same(
        "crate = my::own",
        "impl S {
            #[hotpath::profile] fn a() { 1 }
            #[my::own::profile(skip)] fn b() { 2 }
            #[::tenfold_profile::profile(skip)] fn c() { 3 }
        }",
        "impl S {
            #[hotpath::profile] fn a() { my::own::__private::function!(1, 0); 1 }
            fn b() { 2 }
            fn c() { 3 }
        }",
    );
}

#[test]
fn all_that_is_wrong_in_a_block_is_said() {
    let error = expand("", "impl S { const fn a() {} fn b() {} async fn c() {} }").unwrap_err();
    assert_eq!(error.into_iter().count(), 2);
}

/// The first attribute of ours in the source, with what it stands on.
fn attribute(source: &str) -> (TokenStream, TokenStream) {
    let file = syn::parse_file(source).unwrap();
    let mut found = vec![];
    for item in file.items {
        collect(&item, &mut found);
    }
    found.into_iter().next().expect("an attribute of ours")
}

fn collect(item: &Item, found: &mut Vec<(TokenStream, TokenStream)>) {
    match item {
        Item::Fn(item) => take(&item.attrs, item, found),
        Item::Struct(item) => take(&item.attrs, item, found),
        Item::Mod(item) => take(&item.attrs, item, found),
        Item::Trait(item) => {
            take(&item.attrs, item, found);
            for inner in &item.items {
                if let TraitItem::Fn(inner) = inner {
                    take(&inner.attrs, inner, found);
                }
            }
        }
        Item::Impl(item) => {
            take(&item.attrs, item, found);
            for inner in &item.items {
                if let ImplItem::Fn(inner) = inner {
                    take(&inner.attrs, inner, found);
                }
            }
        }
        _ => {}
    }
}

/// The compiler takes the attribute off before it hands on the item.
fn take(
    attrs: &[syn::Attribute],
    item: &impl quote::ToTokens,
    found: &mut Vec<(TokenStream, TokenStream)>,
) {
    if !attrs.first().is_some_and(|attr| attr.path().is_ident("profile")) {
        return;
    }
    let args = match &attrs[0].meta {
        syn::Meta::List(list) => list.tokens.clone(),
        _ => TokenStream::new(),
    };
    // `#` and the brackets are the first two tokens.
    let rest = item.to_token_stream().into_iter().skip(2).collect();
    found.push((args, rest));
}

#[test]
fn refusals_stand_on_what_they_refuse() {
    for (marked, message) in REFUSED {
        let (source, marks) = unmark(marked);
        let (attr, item) = attribute(&source);
        let error = Args::read(attr)
            .and_then(|args| item::profile(&args, item))
            .expect_err(&format!("accepted: {marked}"));
        assert!(error.to_string().contains(message), "{marked}: {error}");
        assert_eq!(
            error.span().source_text().as_deref(),
            Some(&source[marks[0].clone()]),
            "{error}"
        );
    }
}
