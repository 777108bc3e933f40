//! Expansions, and every refusal with the place that it stands on.

use proc_macro2::TokenStream;
use syn::{ImplItem, Item, TraitItem};

use crate::args::Args;
use crate::item;
use crate::marks::unmark;
use crate::refused::REFUSED;

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
            ::tenfold_profile::__private::function!(1, 2); a + b }",
    );
    same(
        "sample = 64, crate = my::profile",
        "fn f() {}",
        "fn f() { my::profile::__private::function!(64, 1); }",
    );
}

#[test]
fn a_method_may_have_a_receiver() {
    same(
        "",
        "fn f(&mut self) { self.x += 1; }",
        "fn f(&mut self) { ::tenfold_profile::__private::function!(1, 1); self.x += 1; }",
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
            fn a(&self) { ::tenfold_profile::__private::function!(8, 4); 1 }
            fn b() { ::tenfold_profile::__private::function!(2, 5); 2 }
            const fn c() { 3 }
            #[cold] fn d() { ::tenfold_profile::__private::function!(8, 7); 4 }
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
            #[hotpath::profile] fn a() { my::own::__private::function!(1, 2); 1 }
            fn b() { 2 }
            fn c() { 3 }
        }",
    );
}

/// Expands `#[profile(lines)]` on a function with this body, which begins on line 1; marks are written
/// as `NAME(NUMBER);`.
fn marked(body: &str, lines: &str, expected: &str) {
    let source = body.strip_prefix("fn f()").unwrap().trim();
    let names = ["mark", "goto", "back"];
    let expected = names.into_iter().fold(expected.to_owned(), |text, name| {
        text.replace(&format!("{name}("), &format!("::tenfold_profile::__private::{name}!(lines, "))
    });
    let expected = expected
        .replace("again();", "::tenfold_profile::__private::again!(lines);")
        .replace("each(", "::tenfold_profile::__private::each!(lines, ");
    same(
        "lines",
        body,
        &format!(
            "fn f() {{ ::tenfold_profile::__private::function!(1, 1);
             ::tenfold_profile::__private::lines!(lines, 1, 1, {source:?}, [{lines}]); {expected} }}"
        ),
    );
}

#[test]
fn marks_stand_before_statements() {
    marked(
        "fn f() {\n let a = 1; let b = 2;\n g(a);\n a + b\n }",
        "2, 3, 4",
        "mark(0); let a = 1; let b = 2; mark(1); g(a); mark(2); a + b",
    );
}

#[test]
fn headers_of_loops_are_marked_each_time() {
    marked(
        "fn f() {\n for x in y {\n g(x);\n }\n while a {\n break;\n }\n loop {\n h()\n }\n }",
        "2, 3, 5, 6, 8, 9",
        "goto(0); for x in each(0, y) { mark(1); g(x); }
         loop { mark(2); if a { mark(3); break; } else { break; } }
         mark(4); loop { mark(5); h() }",
    );
}

#[test]
fn branches_have_lines_where_they_stand_on_some() {
    marked(
        "fn f() {\n if a { b() } else if c {\n d()\n }\n else if e {\n m!()\n } else {\n match x {\n \
         1 => m!(),\n 2 =>\n m!(),\n 3 => { y }\n }\n }\n }",
        "2, 3, 5, 6, 8, 9, 11, 12",
        "mark(0); if a { b() } else if c { mark(1); d() } else {
             mark(2); if e { mark(3); m!() } else { mark(4); match x {
                 1 => { mark(5); (m!()) },
                 2 => { mark(6); (m!()) },
                 3 => { mark(7); y }
         } } }",
    );
}

#[test]
fn behind_a_block_inside_of_an_expression_its_line_goes_on() {
    marked(
        "fn f() {\n let x = g(if a {\n b()\n } else { c() }) + {\n let y = 1;\n y\n };\n x\n }",
        "2, 3, 4, 5, 6, 8",
        "mark(0); let x = g(if a { back(0); mark(1); b() } else { back(0); mark(2); c() })
             + { back(0); mark(3); let y = 1; mark(4); y };
         mark(5); x",
    );
}

#[test]
fn closures_are_entered_where_they_have_lines() {
    marked(
        "fn f() {\n g(|x| x + 1);\n g(|x| { x });\n g(|x| {\n let y = x;\n y\n });\n \
         g(|x| if x {\n 1\n } else { 2 });\n g(async |x| {\n 1\n }, async {\n 1\n }, const {\n 1\n });\n }",
        "2, 3, 4, 5, 6, 8, 9, 10, 11",
        "mark(0); g(|x| x + 1); mark(1); g(|x| { x });
         mark(2); g(|x| { again(); mark(3); let y = x; mark(4); y });
         mark(5); g(|x| { again(); if x { mark(6); 1 } else { mark(7); 2 } });
         mark(8); g(async |x| { 1 }, async { 1 }, const { 1 });",
    );
}

#[test]
fn a_mark_is_there_when_its_statement_is() {
    marked(
        "fn f() {\n #[cfg(a)]\n #[allow(b)]\n let x = 1;\n #[cfg(c)]\n g();\n x\n }",
        "4, 6, 7",
        "#[cfg(a)] mark(0); #[cfg(a)] #[allow(b)] let x = 1; #[cfg(c)] mark(1); #[cfg(c)] g(); mark(2); x",
    );
}

#[test]
fn a_function_without_statements_has_no_lines() {
    same("lines", "fn f() {}", "fn f() { ::tenfold_profile::__private::function!(1, 1); }");
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
