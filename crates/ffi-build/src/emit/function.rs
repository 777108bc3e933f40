//! Functions and variables.

use proc_macro2::TokenStream;
use quote::quote;
use tenfold_cdecl::{Function, FunctionType, Origin, TypeKind, Variable};

use super::doc;
use super::guard::{Guarded, guard};
use super::types::{Types, ident};
use crate::error::Fault;
use crate::invocation::SafeFunction;
use crate::shim::{Shim, function_type};

/// What is written for a function: its declaration, and perhaps a function of Rust around it.
#[derive(Default)]
pub(crate) struct Emitted {
    /// Inside the `extern` block that all may see.
    pub(crate) direct: TokenStream,
    /// Inside the `extern` block that only the module sees.
    pub(crate) hidden: TokenStream,
    /// Beside them.
    pub(crate) around: TokenStream,
}

/// How a function is called.
pub(crate) struct Callee {
    /// The expression that is called.
    pub(crate) path: TokenStream,
    /// `&self`, of a method.
    pub(crate) receiver: TokenStream,
}

pub(crate) fn is_callable(function: &Function) -> Result<(), Fault> {
    if function.origin == Origin::C {
        return Ok(());
    }
    let message =
        "`extern \"Python\"` has no counterpart here: pass a callback, or export a Rust function";
    Err(Fault::new(message))
}

/// Writes a function of the library.
pub(crate) fn function(
    types: &Types<'_>,
    function: &Function,
    shim: Option<&Shim>,
    safe: Option<&SafeFunction>,
) -> Result<Emitted, Vec<Fault>> {
    let one = |fault| vec![fault];
    is_callable(function).map_err(one)?;
    let Some(ty) = function_type(types.catalog, function) else { return Ok(Emitted::default()) };
    let word = ident(&function.name);
    let mut emitted = Emitted::default();
    let Declared { link_name, function: declared } =
        declaration(types, function, ty, shim).map_err(one)?;
    let is_plain =
        shim.is_none_or(|shim| !shim.result_by_pointer && !shim.by_pointer.contains(&true));
    let is_direct =
        is_plain && safe.is_none_or(|safe| safe.guards.is_empty() && !safe.returns_text);
    if is_direct {
        let safety = match safe {
            Some(safe) => {
                check_numbers(types, ty, safe)?;
                quote!(safe)
            }
            None => quote!(unsafe),
        };
        let doc = documentation(types, function, safe.is_some(), None);
        emitted.direct = quote!(#doc #link_name pub #safety #declared);
        return Ok(emitted);
    }
    emitted.hidden = quote!(#link_name pub unsafe #declared);
    let callee = Callee { path: quote!(hidden::#word), receiver: TokenStream::new() };
    emitted.around = wrapper(types, function, ty, shim, safe, &callee)?;
    Ok(emitted)
}

/// A function that is safe without guards takes and gives numbers.
fn check_numbers(
    types: &Types<'_>,
    ty: &FunctionType,
    safe: &SafeFunction,
) -> Result<(), Vec<Fault>> {
    if ty.is_variadic {
        return Err(vec![Fault::new("a variadic function cannot be safe")]);
    }
    guard(types, ty, safe).map(|_| ())
}

/// `fn name(..) -> T;` with its name in the library.
fn declaration(
    types: &Types<'_>,
    function: &Function,
    ty: &FunctionType,
    shim: Option<&Shim>,
) -> Result<Declared, Fault> {
    let parameters = types.parameters(ty)?;
    let mut list: Vec<TokenStream> = Vec::new();
    let mut result = types.result(ty)?;
    if shim.is_some_and(|shim| shim.result_by_pointer) {
        let target = types.rust(ty.result)?;
        list.push(quote!(tf_result: *mut #target));
        result = TokenStream::new();
    }
    for (at, (name, ty)) in parameters.iter().enumerate() {
        let by_pointer = shim.is_some_and(|shim| shim.by_pointer[at]);
        list.push(if by_pointer { quote!(#name: *const #ty) } else { quote!(#name: #ty) });
    }
    if ty.is_variadic {
        list.push(quote!(...));
    }
    let symbol = shim
        .map(|shim| shim.symbol.clone())
        .or_else(|| types.facts.symbols.get(&*function.name).cloned())
        .or_else(|| function.symbol.as_deref().map(str::to_owned));
    let word = ident(&function.name);
    let symbol = symbol.or_else(|| (word != *function.name).then(|| (*function.name).to_owned()));
    let link_name = symbol.map(|symbol| quote!(#[link_name = #symbol]));
    Ok(Declared { link_name, function: quote!(fn #word(#(#list),*) #result;) })
}

/// The declaration of a function, and the attribute that goes before its visibility.
struct Declared {
    link_name: Option<TokenStream>,
    function: TokenStream,
}

/// A function of Rust that checks, passes by pointer what must be, and calls.
pub(crate) fn wrapper(
    types: &Types<'_>,
    function: &Function,
    ty: &FunctionType,
    shim: Option<&Shim>,
    safe: Option<&SafeFunction>,
    callee: &Callee,
) -> Result<TokenStream, Vec<Fault>> {
    let one = |fault| vec![fault];
    if ty.is_variadic {
        let what = if safe.is_some() { "be safe" } else { "be called through a wrapper" };
        return Err(one(Fault::new(format!("a variadic function cannot {what}"))));
    }
    let guarded = match safe {
        Some(safe) => guard(types, ty, safe)?,
        None => unguarded(types, ty).map_err(one)?,
    };
    let result = result(types, function, ty, safe).map_err(one)?;
    let is_fallible = guarded.is_fallible || result.is_fallible;
    let doc = documentation(types, function, safe.is_some(), Some((&guarded, result.is_fallible)));
    let word = ident(&function.name);
    let call = call(types, ty, shim, &guarded, callee).map_err(one)?;
    let call = (result.convert)(call);
    let body = match (is_fallible, result.is_fallible) {
        (true, false) => quote!(::core::result::Result::Ok(#call)),
        _ => call,
    };
    let value = &result.ty;
    let arrow = match (is_fallible, result.is_unit) {
        (true, true) => quote!(-> tenfold::Result<()>),
        (true, false) => quote!(-> tenfold::Result<#value>),
        (false, true) => TokenStream::new(),
        (false, false) => quote!(-> #value),
    };
    let (receiver, parameters, before) = (&callee.receiver, &guarded.parameters, &guarded.before);
    let lifetime = guarded.has_views.then(|| quote!(<'a>));
    let unsafe_ = safe.is_none().then(|| quote!(unsafe));
    Ok(quote! {
        #doc
        #[inline]
        pub #unsafe_ fn #word #lifetime (#receiver #(#parameters),*) #arrow {
            #(#before)*
            #body
        }
    })
}

fn unguarded(types: &Types<'_>, ty: &FunctionType) -> Result<Guarded, Fault> {
    let names = types.parameters(ty)?;
    Ok(Guarded {
        parameters: names.iter().map(|(name, ty)| quote!(#name: #ty)).collect(),
        arguments: names.iter().map(|(name, _)| quote!(#name)).collect(),
        ..Guarded::default()
    })
}

/// What a wrapper returns.
struct Returned {
    ty: TokenStream,
    is_unit: bool,
    is_fallible: bool,
    convert: Box<dyn Fn(TokenStream) -> TokenStream>,
}

fn result(
    types: &Types<'_>,
    function: &Function,
    ty: &FunctionType,
    safe: Option<&SafeFunction>,
) -> Result<Returned, Fault> {
    let is_unit = matches!(types.catalog.unit.resolved_kind(ty.result), TypeKind::Void);
    if safe.is_some_and(|safe| safe.returns_text) {
        let is_text = match *types.catalog.unit.resolved_kind(ty.result) {
            TypeKind::Pointer(to) => matches!(
                types.catalog.unit.resolved_kind(to),
                TypeKind::Integer(tenfold_cdecl::Integer::Char)
            ),
            _ => false,
        };
        if !is_text {
            return Err(Fault::new("the result is no `char *`, so it cannot be a `cstr`"));
        }
        let name = (*function.name).to_owned();
        let convert = move |call: TokenStream| {
            quote! {{
                let text = #call;
                // SAFETY: whoever wrote `&'static cstr` promises it.
                unsafe { tenfold::text(#name, text) }
            }}
        };
        let ty = quote!(&'static tenfold::CStr);
        return Ok(Returned { ty, is_unit: false, is_fallible: true, convert: Box::new(convert) });
    }
    let ty = if is_unit { quote!(()) } else { types.rust(ty.result)? };
    Ok(Returned { ty, is_unit, is_fallible: false, convert: Box::new(|call| call) })
}

fn call(
    types: &Types<'_>,
    ty: &FunctionType,
    shim: Option<&Shim>,
    guarded: &Guarded,
    callee: &Callee,
) -> Result<TokenStream, Fault> {
    let path = &callee.path;
    let mut arguments = Vec::new();
    for (at, argument) in guarded.arguments.iter().enumerate() {
        let by_pointer = shim.is_some_and(|shim| shim.by_pointer[at]);
        arguments.push(if by_pointer { quote!(&raw const #argument) } else { argument.clone() });
    }
    if shim.is_some_and(|shim| shim.result_by_pointer) {
        let target = types.rust(ty.result)?;
        return Ok(quote! {{
            // Zeros: of a `long double` C writes 10 bytes of 16.
            let mut tf_result = ::core::mem::MaybeUninit::<#target>::zeroed();
            // SAFETY: the type is verified, arrays are checked, and the rest is the caller's promise.
            unsafe { #path(tf_result.as_mut_ptr(), #(#arguments),*) };
            // SAFETY: C has written it, and what it left are zeros.
            unsafe { tf_result.assume_init() }
        }});
    }
    // The type is verified, arrays are checked, and the rest is a promise of whoever wrote `safe`, or calls.
    Ok(quote!(unsafe { #path(#(#arguments),*) }))
}

fn documentation(
    types: &Types<'_>,
    function: &Function,
    is_safe: bool,
    guarded: Option<(&Guarded, bool)>,
) -> TokenStream {
    let mut all = doc::item(&types.catalog.unit.declare(function.ty, &function.name));
    if let Some((guarded, returns_text)) = guarded.filter(|(g, text)| g.is_fallible || *text) {
        let mut lines = vec!["", "# Errors", ""];
        lines.extend(guarded.errors.iter().copied());
        if returns_text {
            lines.push("`Null` if C returns the null pointer.");
        }
        all.extend(doc::lines(&lines));
    }
    if !is_safe {
        all.extend(doc::lines(&[
            "",
            "# Safety",
            "",
            "The type is right; what C's manual asks for besides is not checked.",
        ]));
    }
    all
}

/// Writes a variable of the library: a function that gives its address, or the value of a constant one.
pub(crate) fn variable(
    types: &Types<'_>,
    variable: &Variable,
    shim: Option<&String>,
) -> Result<Emitted, Fault> {
    let unit = types.catalog.unit;
    let (word, name) = (ident(&variable.name), &*variable.name);
    let mut target = types.rust(variable.ty)?;
    if let (TypeKind::Array { element, .. }, Some(length)) =
        (unit.kind(variable.ty), types.facts.lengths.get(name))
    {
        let element = types.rust(*element)?;
        let length = proc_macro2::Literal::u64_unsuffixed(*length);
        target = quote!([#element; #length]);
    }
    let is_const = types.is_const(variable.ty);
    let pointer = if is_const { quote!(*const #target) } else { quote!(*mut #target) };
    let doc = doc::item(&unit.declare(variable.ty, name));
    let mut emitted = Emitted::default();
    if let Some(symbol) = shim {
        // Both kinds of shims are functions that have no requirements.
        let result = if crate::shim::is_value(variable) { target } else { pointer };
        emitted.direct = quote!(#doc #[link_name = #symbol] pub safe fn #word() -> #result;);
        return Ok(emitted);
    }
    let symbol = types.facts.symbols.get(name).map_or(name, String::as_str);
    emitted.hidden = quote!(#[link_name = #symbol] pub static mut #word: #target;);
    let raw =
        if is_const { quote!(&raw const hidden::#word) } else { quote!(&raw mut hidden::#word) };
    emitted.around = quote! {
        #doc
        ///
        /// This is its address. Reading and writing there is unsafe: C may do so too.
        #[inline]
        #[must_use]
        pub fn #word() -> #pointer {
            #raw
        }
    };
    Ok(emitted)
}
