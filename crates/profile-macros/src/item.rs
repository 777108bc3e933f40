//! What the attribute stands on: a function, a method, an `impl` block.

use proc_macro2::{Literal, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::{
    Attribute, Block, Error, ImplItem, ImplItemFn, Item, ItemFn, ItemImpl, Meta, Path, Result,
    Signature, Stmt, StmtMacro, TraitItemFn, parse_quote, parse2,
};

use crate::args::Args;
use crate::lines;

const STANDS: &str = "`#[profile]` stands on a function, a method or an `impl` block";

/// The item with its scopes.
pub(crate) fn profile(args: &Args, item: TokenStream) -> Result<TokenStream> {
    if let Ok(function) = parse2::<ItemFn>(item.clone()) {
        return free(args, function).map(ToTokens::into_token_stream);
    }
    // A method with a receiver is no function that stands by itself.
    if let Ok(method) = parse2::<ImplItemFn>(item.clone()) {
        return one_method(args, method).map(ToTokens::into_token_stream);
    }
    if let Ok(TraitItemFn { sig, default: None, .. }) = parse2(item.clone()) {
        let why = "a function without a body has nothing to time";
        return Err(Error::new_spanned(sig.ident, why));
    }
    match parse2::<Item>(item) {
        Ok(Item::Impl(block)) => methods(args, block).map(ToTokens::into_token_stream),
        Ok(Item::Trait(other)) => Err(Error::new(
            other.trait_token.span,
            format!("{STANDS}, not on a trait: write it on those of its methods that have a body"),
        )),
        Ok(other) => Err(Error::new_spanned(other, STANDS)),
        Err(error) => Err(error),
    }
}

/// The item without attributes of ours, to stand beside errors.
pub(crate) fn bare(item: TokenStream) -> TokenStream {
    match parse2::<ItemImpl>(item.clone()) {
        Ok(mut block) => {
            for item in &mut block.items {
                if let ImplItem::Fn(method) = item {
                    method.attrs.retain(|attr| !is_ours(attr, None));
                }
            }
            block.into_token_stream()
        }
        Err(_) => item,
    }
}

fn free(args: &Args, mut function: ItemFn) -> Result<ItemFn> {
    refuse_skip(args)?;
    refuse(&function.sig, "leave out `#[profile]`")?;
    enter(args, &function.sig, &mut function.block)?;
    Ok(function)
}

fn one_method(args: &Args, mut method: ImplItemFn) -> Result<ImplItemFn> {
    refuse_skip(args)?;
    refuse(&method.sig, "leave out `#[profile]`")?;
    enter(args, &method.sig, &mut method.block)?;
    Ok(method)
}

fn refuse_skip(args: &Args) -> Result<()> {
    let message = "`skip` is for a function inside of an `impl` block with `#[profile]`: leave out \
                   the attribute";
    args.skip.as_ref().map_or(Ok(()), |skip| Err(Error::new(skip.span(), message)))
}

/// All functions of a block, with all that is wrong with any.
fn methods(args: &Args, mut block: ItemImpl) -> Result<ItemImpl> {
    refuse_skip(args)?;
    let mut errors: Option<Error> = None;
    for item in &mut block.items {
        let ImplItem::Fn(method) = item else { continue };
        if let Err(error) = method_of_block(args, method) {
            match &mut errors {
                Some(errors) => errors.combine(error),
                None => errors = Some(error),
            }
        }
    }
    errors.map_or(Ok(block), Err)
}

fn method_of_block(args: &Args, method: &mut ImplItemFn) -> Result<()> {
    let mut own = Args::default();
    for attr in method.attrs.extract_if(.., |attr| is_ours(attr, args.host.as_ref())) {
        own = own.with(&match &attr.meta {
            Meta::Path(_) => Args::default(),
            Meta::List(list) => Args::read(list.tokens.clone())?,
            Meta::NameValue(pair) => {
                return Err(Error::new(pair.eq_token.span, "write `#[profile(..)]`"));
            }
        });
    }
    if own.skip.is_some() {
        return Ok(());
    }
    refuse(&method.sig, "write `#[profile(skip)]` on it")?;
    enter(&args.with(&own), &method.sig, &mut method.block)
}

/// `#[profile]`, by itself or by a path of this crate. Others have attributes of that name too.
fn is_ours(attr: &Attribute, host: Option<&Path>) -> bool {
    let names = |path: &Path| path.segments.iter().map(|s| s.ident.to_string()).collect();
    let mut path: Vec<String> = names(attr.path());
    if path.pop().is_none_or(|last| last != "profile") {
        return false;
    }
    path.is_empty() || path == ["tenfold_profile"] || host.is_some_and(|host| path == names(host))
}

/// What cannot be timed by a scope around it.
fn refuse(signature: &Signature, instead: &str) -> Result<()> {
    if let Some(token) = &signature.constness {
        let why = "a `const fn` may run in the compiler, which has no clock";
        return Err(Error::new_spanned(token, format!("{why}: {instead}")));
    }
    if let Some(token) = &signature.asyncness {
        let why = "an `async fn` stops at each `.await` and goes on later, on another thread maybe, \
                   so that its time is not its own";
        let hint = "put `scope!(\"name\", ..)` around what runs between two `.await`";
        return Err(Error::new_spanned(token, format!("{why}: {instead}, and {hint}")));
    }
    Ok(())
}

/// Opens a scope before the first statement; it ends after everything that the function holds.
fn enter(args: &Args, signature: &Signature, block: &mut Block) -> Result<()> {
    if block.stmts.first().is_some_and(is_entered) {
        let why = "`#[profile]` stands here twice: leave out one";
        return Err(Error::new(signature.ident.span(), why));
    }
    let host = match &args.host {
        Some(path) => quote!(#path),
        None => quote!(::tenfold_profile),
    };
    if args.lines.is_some() {
        lines::mark(&host, &signature.ident, block)?;
    }
    let sample = args.sample.as_ref().map_or(quote!(1), ToTokens::to_token_stream);
    let line = Literal::usize_unsuffixed(line(signature.ident.span()));
    block.stmts.insert(0, parse_quote!(#host::__private::function!(#sample, #line);));
    Ok(())
}

/// Whether it is what `enter` writes: attributes are read from the outermost on.
fn is_entered(stmt: &Stmt) -> bool {
    let Stmt::Macro(StmtMacro { mac, .. }) = stmt else { return false };
    let names: Vec<String> = mac.path.segments.iter().map(|part| part.ident.to_string()).collect();
    matches!(&names[..], [.., private, name] if private == "__private" && name == "function")
}

/// Where something begins.
pub(crate) fn line(at: Span) -> usize {
    if proc_macro::is_available() { at.unwrap().line() } else { of_test(at).0 }
}

/// Where it ends.
pub(crate) fn last_line(at: Span) -> usize {
    if proc_macro::is_available() { at.unwrap().end().line() } else { of_test(at).1 }
}

/// Both outside of a compiler, which is where tests are.
#[cfg(test)]
fn of_test(at: Span) -> (usize, usize) {
    (at.start().line, at.end().line)
}

#[cfg(not(test))]
fn of_test(_: Span) -> (usize, usize) {
    (0, 0)
}
