//! Bindings to a library that is loaded at run time.

use proc_macro2::TokenStream;
use quote::quote;
use tenfold_cdecl::{Declaration, Function};

use super::function::{Callee, is_callable, wrapper};
use super::types::{Types, ident};
use super::{doc, safe_of};
use crate::error::{Fault, Placed};
use crate::invocation::SafeFunction;
use crate::shim::function_type;

/// One function of the library.
struct Entry {
    field: TokenStream,
    resolve: TokenStream,
    method: TokenStream,
}

/// Writes `Library`, with all functions as methods.
pub(crate) fn library(
    types: &Types<'_>,
    name: &str,
    safe: &[SafeFunction],
) -> Result<TokenStream, Vec<Placed>> {
    let (mut entries, mut faults) = (Vec::new(), Vec::new());
    for declaration in types.catalog.unit.declarations() {
        match declaration {
            Declaration::Function(function) => match entry(types, function, safe) {
                Ok(entry) => entries.extend(entry),
                Err(all) => {
                    faults.extend(all.into_iter().map(|fault| (Some(function.span), fault)));
                }
            },
            Declaration::Variable(variable) => {
                let message = "a library that is loaded at run time gives functions alone";
                faults.push((Some(variable.span), Fault::new(message)));
            }
            _ => {}
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let fields = entries.iter().map(|entry| &entry.field);
    let resolves = entries.iter().map(|entry| &entry.resolve);
    let methods = entries.iter().map(|entry| &entry.method);
    let doc = doc::lines(&[&format!("The functions of the library `{name}`, looked up by name.")]);
    let load_doc =
        loading(&format!("Loads `{name}`, which the loader finds, and looks up all functions."));
    let open_doc = loading("Loads a library by its path, or by a name that the loader finds.");
    Ok(quote! {
        #doc
        #[derive(Clone, Copy)]
        pub struct Library {
            #(#fields)*
        }
        impl ::core::fmt::Debug for Library {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.debug_struct("Library").field("name", &#name).finish_non_exhaustive()
            }
        }
        impl Library {
            #load_doc
            pub unsafe fn load() -> tenfold::Result<Self> {
                unsafe { Self::open(#name) }
            }
            #open_doc
            pub unsafe fn open(library: &str) -> tenfold::Result<Self> {
                let library = unsafe { tenfold::Loaded::open(library) }?;
                ::core::result::Result::Ok(Self { #(#resolves)* })
            }
            #(#methods)*
        }
    })
}

fn loading(what: &str) -> TokenStream {
    doc::lines(&[
        what,
        "",
        "It is never unloaded.",
        "",
        "# Errors",
        "",
        "`LibraryNotFound`, and `SymbolNotFound` for the first function that it does not have.",
        "",
        "# Safety",
        "",
        "Its constructors run, and its functions have the types that are declared: nothing can check that.",
    ])
}

fn entry(
    types: &Types<'_>,
    function: &Function,
    safe: &[SafeFunction],
) -> Result<Option<Entry>, Vec<Fault>> {
    is_callable(function).map_err(|fault| vec![fault])?;
    if function.is_static {
        return Err(vec![Fault::new("no library has a function that is `static`")]);
    }
    let Some(ty) = function_type(types.catalog, function) else { return Ok(None) };
    if let Some(parameter) = ty.parameters.iter().find(|one| types.catalog.needs_pointer(one.ty)) {
        let spelled = types.catalog.unit.spell(parameter.ty);
        return Err(vec![Fault::new(format!(
            "Rust cannot pass `{spelled}` by value without a compiler"
        ))]);
    }
    if types.catalog.needs_pointer(ty.result) {
        let spelled = types.catalog.unit.spell(ty.result);
        return Err(vec![Fault::new(format!("Rust cannot take `{spelled}` without a compiler"))]);
    }
    let pointer = types.rust(function.ty).map_err(|fault| vec![fault])?;
    let word = ident(&function.name);
    let symbol = function.symbol.as_deref().unwrap_or(&function.name);
    let field = quote!(#word: #pointer,);
    let resolve = quote! {
        // The address is not null, and the caller of `open` promises its type.
        #word: {
            let address = library.address(#symbol)?;
            unsafe { ::core::mem::transmute::<*const tenfold::c_void, #pointer>(address) }
        },
    };
    let method = if ty.is_variadic {
        // No method of Rust is variadic: it gives the pointer.
        let doc = doc::item(&types.catalog.unit.declare(function.ty, &function.name));
        quote!(#doc #[must_use] pub fn #word(&self) -> #pointer { self.#word })
    } else {
        let callee = Callee { path: quote!((self.#word)), receiver: quote!(&self,) };
        wrapper(types, function, ty, None, safe_of(safe, &function.name), &callee)?
    };
    Ok(Some(Entry { field, resolve, method }))
}
