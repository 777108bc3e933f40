//! Safe functions: what stands for pointers, and the checks before the call.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use tenfold_cdecl::{FunctionType, Integer, Length, Type, TypeKind};

use super::types::Types;
use crate::error::Fault;
use crate::invocation::{Dimension, Guard, SafeFunction};

/// What a safe function does around the call.
#[derive(Default)]
pub(crate) struct Guarded {
    /// The parameters that are left.
    pub(crate) parameters: Vec<TokenStream>,
    /// Lines before the call.
    pub(crate) before: Vec<TokenStream>,
    /// What C gets, one for each of its parameters.
    pub(crate) arguments: Vec<TokenStream>,
    /// Whether a check may fail.
    pub(crate) is_fallible: bool,
    /// Whether the parameters name the lifetime `'a`.
    pub(crate) has_views: bool,
    /// What is checked, for the documentation.
    pub(crate) errors: BTreeSet<&'static str>,
}

/// An array among the parameters.
struct Array<'a> {
    name: String,
    word: Ident,
    dimensions: &'a [Dimension],
    is_fortran: bool,
}

/// Finds out what guards a function's pointers.
///
/// # Errors
///
/// All pointers that nothing guards, and all guards that guard nothing.
pub(crate) fn guard(
    types: &Types<'_>,
    function: &FunctionType,
    safe: &SafeFunction,
) -> Result<Guarded, Vec<Fault>> {
    let names = types.parameters(function).map_err(|fault| vec![fault])?;
    let mut faults = unknown_guards(function, safe);
    let guards: BTreeMap<String, &Guard> =
        safe.guards.iter().map(|(name, guard)| (name.to_string(), guard)).collect();
    let dimensions = dimensions(safe);
    let mut guarded = Guarded::default();
    let mut arrays = Vec::new();
    for (parameter, (word, ty)) in function.parameters.iter().zip(&names) {
        let c = parameter.name.as_deref().unwrap_or_default();
        if dimensions.contains(c) {
            faults.extend(check_length(types, c, parameter.ty).err());
            guarded.arguments.push(quote!(#word));
            continue;
        }
        let TypeKind::Pointer(to) = *types.catalog.unit.resolved_kind(parameter.ty) else {
            faults.extend(pointer_inside(types, c, parameter.ty));
            guarded.parameters.push(quote!(#word: #ty));
            guarded.arguments.push(quote!(#word));
            continue;
        };
        match guards.get(c) {
            None if c.is_empty() => faults.push(Fault::new(format!(
                "the pointer `{}` has no name, so that nothing can guard it: name it, or leave the \
                 function unsafe",
                types.catalog.unit.spell(parameter.ty)
            ))),
            None => faults.push(Fault::new(format!(
                "the pointer `{c}` has no guard: write `{c}: [length]`, `{c}: &` or `{c}: cstr`, or leave the \
                 function unsafe"
            ))),
            Some(guard) => match pointer(types, &mut guarded, word, c, to, guard) {
                Ok(()) => arrays.extend(array(c, word, guard)),
                Err(fault) => faults.push(fault),
            },
        }
    }
    faults.extend(missing_dimensions(function, &dimensions));
    if !faults.is_empty() {
        return Err(faults);
    }
    check_arrays(function, &arrays, &names, &mut guarded);
    Ok(guarded)
}

fn unknown_guards(function: &FunctionType, safe: &SafeFunction) -> Vec<Fault> {
    let declared = |name: &str| {
        function.parameters.iter().any(|parameter| parameter.name.as_deref() == Some(name))
    };
    let mut seen = BTreeSet::new();
    let wrong = safe.guards.iter().filter_map(|(name, _)| {
        let name = name.to_string();
        if !declared(&name) {
            return Some(Fault::new(format!("the function has no parameter `{name}`")));
        }
        let is_first = seen.insert(name.clone());
        (!is_first).then(|| Fault::new(format!("`{name}` has two guards")))
    });
    wrong.collect()
}

/// The names that lengths have.
fn dimensions(safe: &SafeFunction) -> BTreeSet<String> {
    let lists = safe.guards.iter().filter_map(|(_, guard)| match guard {
        Guard::Array { dimensions, .. } => Some(dimensions),
        _ => None,
    });
    let names = lists.flatten().filter_map(|dimension| match dimension {
        Dimension::Parameter(name) => Some(name.to_string()),
        Dimension::Number(_) => None,
    });
    names.collect()
}

fn missing_dimensions(function: &FunctionType, dimensions: &BTreeSet<String>) -> Vec<Fault> {
    let declared: BTreeSet<&str> =
        function.parameters.iter().filter_map(|parameter| parameter.name.as_deref()).collect();
    let missing = dimensions.iter().filter(|name| !declared.contains(name.as_str()));
    missing.map(|name| Fault::new(format!("the length `{name}` is no parameter"))).collect()
}

/// A length is an integer that is passed by value.
fn check_length(types: &Types<'_>, c: &str, ty: Type) -> Result<(), Fault> {
    match types.catalog.unit.resolved_kind(ty) {
        TypeKind::Integer(_) | TypeKind::SomeInteger => Ok(()),
        _ => {
            let spelled = types.catalog.unit.spell(ty);
            Err(Fault::new(format!("the length `{c}` is `{spelled}`, and must be an integer")))
        }
    }
}

/// A pointer that a structure smuggles in has no guard.
fn pointer_inside(types: &Types<'_>, c: &str, ty: Type) -> Option<Fault> {
    has_pointer(types, ty).then(|| {
        Fault::new(format!(
            "`{c}` of type `{}` has pointers, which nothing can guard: leave the function unsafe",
            types.catalog.unit.spell(ty)
        ))
    })
}

/// Whether C may find a pointer in a value, as far as is known.
fn has_pointer(types: &Types<'_>, ty: Type) -> bool {
    match types.catalog.unit.resolved_kind(ty) {
        TypeKind::Pointer(_) | TypeKind::Function(_) | TypeKind::VaList | TypeKind::Opaque => true,
        TypeKind::Array { element, .. } => has_pointer(types, *element),
        TypeKind::Record(id) => {
            let record = types.catalog.unit.record_by_id(*id);
            record.completeness != tenfold_cdecl::Completeness::Complete
                || record.fields.iter().any(|field| has_pointer(types, field.ty))
        }
        _ => false,
    }
}

/// Whether a value goes on behind its end, as far as Rust knows it.
fn has_open(types: &Types<'_>, ty: Type) -> bool {
    match types.catalog.unit.resolved_kind(ty) {
        TypeKind::Array { element, length } => {
            matches!(length, Length::Open) || has_open(types, *element)
        }
        TypeKind::Record(id) => {
            let record = types.catalog.unit.record_by_id(*id);
            record.fields.iter().any(|field| has_open(types, field.ty))
        }
        _ => false,
    }
}

/// Whether a value has parts that may be 0 and 1 alone.
fn has_bool(types: &Types<'_>, ty: Type) -> bool {
    match types.catalog.unit.resolved_kind(ty) {
        TypeKind::Bool => true,
        TypeKind::Array { element, .. } => has_bool(types, *element),
        TypeKind::Record(id) => {
            let record = types.catalog.unit.record_by_id(*id);
            record.fields.iter().any(|field| field.width.is_none() && has_bool(types, field.ty))
        }
        _ => false,
    }
}

fn pointer(
    types: &Types<'_>,
    guarded: &mut Guarded,
    word: &Ident,
    c: &str,
    to: Type,
    guard: &Guard,
) -> Result<(), Fault> {
    let unit = types.catalog.unit;
    let is_const = types.is_const(to);
    let is_void = matches!(unit.resolved_kind(to), TypeKind::Void);
    // What a pointer leads to must be plain numbers: then any value of Rust's is one of C's, and back.
    if !is_void && has_pointer(types, to) {
        let message =
            format!("`{c}` leads to pointers, which nothing can guard: leave the function unsafe");
        return Err(Fault::new(message));
    }
    if !is_const && has_bool(types, to) {
        let message = format!(
            "C may write through `{c}` what is no `bool` of Rust: leave the function unsafe"
        );
        return Err(Fault::new(message));
    }
    if has_open(types, to) {
        let message =
            format!("`{c}` leads to an array that says no length: leave the function unsafe");
        return Err(Fault::new(message));
    }
    match guard {
        Guard::Text => {
            let is_char = matches!(unit.resolved_kind(to), TypeKind::Integer(Integer::Char));
            if !is_char || !is_const {
                return Err(Fault::new(format!(
                    "`{c}` is no `const char *`, so it cannot be a `cstr`"
                )));
            }
            guarded.parameters.push(quote!(#word: &tenfold::CStr));
            guarded.arguments.push(quote!(#word.as_ptr()));
        }
        Guard::Reference => {
            if is_void {
                return Err(Fault::new(format!(
                    "`{c}` leads to `void`: say how long it is, in bytes"
                )));
            }
            let target = types.rust(to)?;
            let borrow = if is_const { quote!(&#target) } else { quote!(&mut #target) };
            guarded.parameters.push(quote!(#word: #borrow));
            guarded.arguments.push(quote!(#word));
        }
        Guard::Array { dimensions, .. } => {
            let target = if is_void { quote!(u8) } else { types.rust(to)? };
            let view = if is_const { quote!(ReadArray) } else { quote!(WriteArray) };
            let cast = is_void.then(|| quote!(.cast()));
            let count = proc_macro2::Literal::usize_unsuffixed(dimensions.len());
            let ty = quote!(tenfold::#view<'a, #target, #count>);
            guarded.has_views = true;
            guarded.parameters.push(quote!(#word: impl ::core::convert::Into<#ty>));
            guarded.before.push(quote!(let #word: #ty = #word.into();));
            guarded.arguments.push(quote!(#word.address() #cast));
        }
    }
    Ok(())
}

fn array<'a>(c: &str, word: &Ident, guard: &'a Guard) -> Option<Array<'a>> {
    let Guard::Array { dimensions, is_fortran } = guard else { return None };
    let is_fortran = *is_fortran;
    Some(Array { name: c.to_owned(), word: word.clone(), dimensions, is_fortran })
}

/// The checks, in the order of their costs to the reader: layout, lengths, overlap.
fn check_arrays(
    function: &FunctionType,
    arrays: &[Array<'_>],
    names: &[(Ident, TokenStream)],
    guarded: &mut Guarded,
) {
    let mut lengths: BTreeMap<String, Ident> = BTreeMap::new();
    for array in arrays {
        let (word, name) = (&array.word, &array.name);
        let order = if array.is_fortran { quote!(F) } else { quote!(C) };
        guarded.before.push(quote!(#word.check_dense(#name, tenfold::Order::#order)?;));
        guarded.errors.insert("`Stride` if an array is not dense, in the declared order.");
        for (axis, dimension) in array.dimensions.iter().enumerate() {
            let given = quote!(#word.shape()[#axis]);
            let (text, needed) = match dimension {
                Dimension::Number(number) => {
                    let number = proc_macro2::Literal::usize_unsuffixed(*number);
                    (format!("dimension {axis}"), quote!(#number))
                }
                Dimension::Parameter(parameter) => {
                    let parameter = parameter.to_string();
                    let Some(length) = lengths.get(&parameter) else {
                        let length = format_ident!("tf_length_of_{}", parameter);
                        guarded.before.push(quote!(let #length: usize = #given;));
                        lengths.insert(parameter, length);
                        continue;
                    };
                    (parameter, quote!(#length))
                }
            };
            guarded.before.push(quote!(tenfold::check_length(#text, #name, #given, #needed)?;));
            guarded.errors.insert(
                "`Shape` if an array has another length than the others, or the declaration, say.",
            );
        }
    }
    if arrays.len() > 1 {
        let words = arrays.iter().map(|array| &array.word);
        guarded.before.push(quote!(tenfold::check_apart([#(#words.extent()),*])?;));
        guarded
            .errors
            .insert("`Overlap` if an array that C may write lies on the memory of another.");
    }
    for (parameter, (word, ty)) in function.parameters.iter().zip(names) {
        let c = parameter.name.as_deref().unwrap_or_default();
        if let Some(length) = lengths.get(c) {
            guarded.before.push(quote!(let #word: #ty = tenfold::length::<#ty>(#c, #length)?;));
            guarded.errors.insert("`OutOfRange` if a length does not fit its parameter.");
        }
    }
    guarded.is_fallible = !arrays.is_empty();
}
