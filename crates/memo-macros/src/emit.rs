//! What is printed: the function that asks its memo first, and what stands beside it.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Attribute, Meta};

use crate::code;
use crate::function::Function;

mod free;
mod method;
mod stub;

pub(crate) use stub::{has_body, head, stub, unread};

/// All of it.
pub(crate) fn print(function: &Function<'_>) -> TokenStream {
    match (&function.args.field, function.args.associated) {
        (Some(field), _) => method::with_field(function, field),
        (None, true) => method::associated(function),
        (None, false) => free::print(function),
    }
}

/// How a memo is asked and told, and what computes.
struct Asking<'a> {
    /// `f::__memo()`, or `&self.cache`.
    memo: TokenStream,
    /// `f::uncached`
    uncached: &'a TokenStream,
}

/// What lints may not say of `uncached`.
fn allow_uncached() -> TokenStream {
    quote! {
        #[allow(dead_code, reason = "not all of it is called")]
        #[allow(
            clippy::must_use_candidate,
            clippy::missing_errors_doc,
            clippy::missing_panics_doc,
            reason = "said of the function that it is of"
        )]
    }
}

/// The body of the function: asks, and computes.
fn body(function: &Function<'_>, asking: &Asking<'_>) -> TokenStream {
    let Function { private, query, names, .. } = function;
    let Asking { memo, uncached } = asking;
    let enter = match &function.item.sig.asyncness {
        Some(_) => format_ident!("enter_alone"),
        None => format_ident!("enter"),
    };
    let waits = function.item.sig.asyncness.map(|_| quote!(.await));
    let call = quote!(#uncached(#(#names),*) #waits);
    // In blocks of their own, so that what is borrowed is given back before arguments move.
    let entered = quote!({ let __query = #query; #private::Enter::#enter(#memo, &__query) });
    let finish = quote!(#private::Finish::finish);
    if function.keeps_ok {
        return quote! {
            match #entered {
                #private::Ok(__value) => #private::Ok(__value),
                #private::Err(ref mut __turn) => match #call {
                    #private::Ok(__value) => #private::Ok(#finish(__turn, __value)),
                    #private::Err(__error) => #private::Err(__error),
                },
            }
        };
    }
    quote! {
        match #entered {
            #private::Ok(__value) => __value,
            #private::Err(ref mut __turn) => { let __value = #call; #finish(__turn, __value) }
        }
    }
}

/// `Memo::builder()` with what the arguments say.
fn builder(function: &Function<'_>) -> TokenStream {
    let (args, private) = (function.args, &function.private);
    let (maxsize, typed) = (&args.maxsize, args.typed);
    let bytes = args.max_bytes.as_ref().zip(args.weigh.as_ref());
    let bytes = bytes.map(|(bytes, weigh)| quote!(.max_bytes(#bytes, #weigh)));
    let ttl = args.ttl.as_ref().map(|ttl| quote!(.ttl(#ttl)));
    let shards = args.shards.as_ref().map(|shards| quote!(.shards(#shards)));
    let single = args.single_flight.map(|on| quote!(.single_flight(#on)));
    let patience = args.patience.as_ref().map(|patience| quote!(.patience(#patience)));
    let build = if args.of_thread { quote!(.build_local()) } else { quote!(.build()) };
    let Function { key, value, .. } = function;
    let builder = quote! {
        #private::Memo::<#key, #value>::builder()
            .maxsize(#maxsize) #bytes #ttl #shards #single #patience .typed(#typed)
    };
    let builder = match args.s3fifo {
        true => quote!(#private::with_s3fifo!(#builder)),
        false => builder,
    };
    let builder = match &args.disk {
        Some(disk) => code::with_disk(function, disk, &builder),
        None => builder,
    };
    quote!(#builder #build)
}

/// Where the memo is, behind `&'static`: in a static, or in a registry of one for each set of type
/// parameters. `uses` is called with an expression for a reference to it.
fn access(function: &Function<'_>) -> TokenStream {
    let Function { private, key, value, generics, .. } = function;
    let (impls, _, clause) = generics.split_for_impl();
    let (builder, tag) = (builder(function), function.tag());
    let name = function.args.associated.then(|| function.beside("memo"));
    let name = name.map_or_else(|| format_ident!("__memo"), |name| format_ident!("__{name}"));
    let head = |ty: TokenStream| {
        quote! {
            #[doc(hidden)]
            #[inline]
            fn #name #impls() -> #ty #clause
        }
    };
    if function.args.of_thread && function.has_many() {
        let head = head(quote!(#private::OfThread<#key, #value>));
        return quote!(#head {
            #private::thread_local! {
                static __ALL: #private::LocalRegistry = const { #private::LocalRegistry::new() };
            }
            let __memo = __ALL.try_with(|__all| __all.get::<#tag, #key, #value>(|| #builder));
            #private::OfThread::new(__memo)
        });
    }
    if function.args.of_thread {
        let head = head(quote!(&'static #private::PerThread<#key, #value>));
        return quote!(#head {
            #private::thread_local! {
                static __MEMO: #private::LocalMemo<#key, #value> = #builder;
            }
            &__MEMO
        });
    }
    let head = head(quote!(&'static #private::Memo<#key, #value>));
    if function.has_many() {
        return quote!(#head {
            static __ALL: #private::Registry = #private::Registry::new();
            __ALL.get::<#tag, #key, #value>(|| #builder)
        });
    }
    quote!(#head {
        static __MEMO: #private::LazyLock<#private::Memo<#key, #value>> =
            #private::LazyLock::new(|| #builder);
        &__MEMO
    })
}

/// The user's attributes, for the function, and for the one that holds its body.
struct Attributes {
    outer: Vec<TokenStream>,
    inner: Vec<TokenStream>,
    /// `cfg`, for all that stands beside.
    all: Vec<TokenStream>,
}

fn attributes(attrs: &[Attribute]) -> Attributes {
    let mut sorted = Attributes { outer: vec![], inner: vec![], all: vec![] };
    for attr in attrs {
        let path = attr.path();
        if path.is_ident("cfg") {
            sorted.all.push(quote!(#attr));
        } else if ["allow", "warn", "deny", "forbid"].iter().any(|level| path.is_ident(level)) {
            sorted.outer.push(quote!(#attr));
            sorted.inner.push(quote!(#attr));
        } else if path.is_ident("target_feature") {
            // The body is compiled for it, and only what has it calls that safely.
            sorted.outer.push(quote!(#attr));
            sorted.inner.push(quote!(#attr));
        } else if path.is_ident("expect") {
            // What is expected is in the body or in the signature: in one of the two, mostly.
            if let Meta::List(list) = &attr.meta {
                let tokens = &list.tokens;
                sorted.outer.push(quote!(#[allow(#tokens)]));
                sorted.inner.push(quote!(#[allow(#tokens)]));
            }
        } else {
            sorted.outer.push(quote!(#attr));
        }
    }
    sorted
}
