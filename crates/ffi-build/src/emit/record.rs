//! Structures and unions.

use std::cmp::Ordering;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};
use syn::LitInt;
use tenfold_cdecl::{Completeness, Length, Record, RecordKind, TypeKind};

use super::doc;
use super::types::{Types, c_integer, ident, integer};
use crate::error::Fault;
use crate::facts::{FieldFacts, RecordFacts};

/// One field of Rust, which may be several bit-fields of C, or none.
struct Member {
    name: Ident,
    ty: TokenStream,
    /// Whether C has a name for it.
    is_named: bool,
    doc: String,
    offset: u64,
    size: u64,
    alignment: u64,
    is_debug: bool,
}

/// A bit-field, and where its bits are kept.
struct Bits<'a> {
    field: &'a tenfold_cdecl::Field,
    storage: Ident,
    first: u64,
}

fn number(value: u64) -> LitInt {
    LitInt::new(&value.to_string(), Span::call_site())
}

/// Writes a record.
pub(crate) fn record(types: &Types<'_>, record: &Record) -> Result<TokenStream, Fault> {
    let Some(name) = types.catalog.record(record.id()) else { return Ok(TokenStream::new()) };
    let (c, name) = (types.catalog.unit.spell(record.ty()), ident(&name.rust));
    let doc = doc::item(&c);
    if record.completeness == Completeness::Incomplete {
        return Ok(opaque(&doc, &name));
    }
    let Some(facts) = types.facts.records.get(&record.id()) else {
        let message = format!("only a compiler knows the size of `{c}`");
        return Err(Fault::new(message));
    };
    let (members, bits) = members(types, record, facts)?;
    match record.kind {
        RecordKind::Struct => structure(types, &doc, &name, facts, members, &bits),
        RecordKind::Union => union(types, &doc, &name, facts, members, &bits),
    }
}

/// A type that Rust knows nothing of, and never has but behind a pointer.
pub(crate) fn opaque(doc: &TokenStream, name: &Ident) -> TokenStream {
    quote! {
        #doc
        #[derive(Debug)]
        #[repr(C)]
        pub struct #name {
            _nothing: [u8; 0],
            _marker: ::core::marker::PhantomData<(*mut u8, ::core::marker::PhantomPinned)>,
        }
    }
}

fn members<'a>(
    types: &Types<'_>,
    record: &'a Record,
    facts: &RecordFacts,
) -> Result<(Vec<Member>, Vec<Bits<'a>>), Fault> {
    let (mut members, mut bits): (Vec<Member>, Vec<Bits<'a>>) = (Vec::new(), Vec::new());
    let mut fields = record.fields.iter().zip(&facts.fields).enumerate().peekable();
    while let Some((at, (field, place))) = fields.next() {
        if field.width.is_none() {
            members.push(whole(types, record, at, field, *place)?);
            continue;
        }
        // Neighbours share their bytes; those of a union all begin at 0.
        let storage = format_ident!("_bits{at}");
        let mut run = vec![(field, *place)];
        while record.kind == RecordKind::Struct
            && let Some((_, (next, place))) = fields.next_if(|(_, (next, _))| next.width.is_some())
        {
            run.push((next, *place));
        }
        let named = run.iter().filter(|(field, _)| field.name.is_some());
        let end = |(field, place): &(&tenfold_cdecl::Field, FieldFacts)| {
            place.bit_offset + u64::from(field.width.unwrap_or_default())
        };
        let first = named.clone().map(|(_, place)| place.bit_offset / 8).min();
        let (Some(first), Some(last)) = (first, named.clone().map(end).max()) else { continue };
        let size = last.div_ceil(8) - first;
        let length = number(size);
        members.push(Member {
            name: storage.clone(),
            ty: quote!([u8; #length]),
            is_named: false,
            doc: String::new(),
            offset: first,
            size,
            alignment: 1,
            is_debug: true,
        });
        bits.extend(named.map(|(field, place)| Bits {
            field,
            storage: storage.clone(),
            first: place.bit_offset - first * 8,
        }));
    }
    // Those of a record written with `...` need not be in order.
    if record.kind == RecordKind::Struct {
        members.sort_by_key(|member| member.offset);
    }
    Ok((members, bits))
}

fn whole(
    types: &Types<'_>,
    record: &Record,
    at: usize,
    field: &tenfold_cdecl::Field,
    place: FieldFacts,
) -> Result<Member, Fault> {
    let unit = types.catalog.unit;
    let name = field.name.as_deref().map_or_else(|| format!("anonymous{at}"), str::to_owned);
    if !place.is_placed {
        let message = format!(
            "nobody tells where the member `{name}` of `{}` lies: name it",
            unit.spell(record.ty())
        );
        return Err(Fault::new(message));
    }
    let mut ty = types.rust(field.ty)?;
    let mut layout = types.facts.layout(unit, field.ty);
    if let (TypeKind::Array { element, length: Length::Deduced }, Some(length)) =
        (unit.kind(field.ty), place.length)
    {
        let element_ty = types.rust(*element)?;
        let count = number(length);
        ty = quote!([#element_ty; #count]);
        layout =
            types.facts.layout(unit, *element).map(|(size, alignment)| (size * length, alignment));
    }
    let Some((size, alignment)) = layout else {
        let message =
            format!("the field `{name}` of type `{}` has no size in Rust", unit.spell(field.ty));
        return Err(Fault::new(message));
    };
    Ok(Member {
        name: ident(&name),
        ty,
        is_named: true,
        doc: unit.declare(field.ty, &name),
        offset: place.bit_offset / 8,
        size,
        alignment,
        is_debug: types.is_debug(field.ty),
    })
}

fn field(member: &Member) -> TokenStream {
    let (name, ty) = (&member.name, &member.ty);
    if !member.is_named {
        // All can be named, so that `..T::default()` can stand for the rest.
        return quote!(#[doc(hidden)] pub #name: #ty);
    }
    let doc = doc::line(&member.doc);
    quote!(#doc pub #name: #ty)
}

/// Rust has records that are packed, and those that are aligned, and none that are both. `largest` is the
/// alignment that the members ask for.
fn repr(alignment: u64, largest: u64) -> TokenStream {
    let bytes = number(alignment);
    match alignment.cmp(&largest) {
        Ordering::Less => quote!(#[repr(C, packed(#bytes))]),
        Ordering::Equal => quote!(#[repr(C)]),
        Ordering::Greater => quote!(#[repr(C, align(#bytes))]),
    }
}

fn structure(
    types: &Types<'_>,
    doc: &TokenStream,
    name: &Ident,
    facts: &RecordFacts,
    members: Vec<Member>,
    bits: &[Bits<'_>],
) -> Result<TokenStream, Fault> {
    let largest = members.iter().map(|member| member.alignment).max().unwrap_or(1);
    let (mut fields, mut at) = (Vec::new(), 0);
    let padding = |fields: &mut Vec<TokenStream>, bytes: u64| {
        let (name, length) = (format_ident!("_padding{}", fields.len()), number(bytes));
        fields.push(quote!(#[doc(hidden)] pub #name: [u8; #length]));
    };
    for member in &members {
        let alignment = member.alignment.min(facts.alignment);
        if member.offset < at || member.offset % alignment != 0 {
            let message = format!(
                "the field `{}` lies at byte {}, where Rust can have none of its type",
                member.name, member.offset
            );
            return Err(Fault::new(message));
        }
        if u64::next_multiple_of(at, alignment) != member.offset {
            padding(&mut fields, member.offset - at);
        }
        fields.push(field(member));
        at = member.offset + member.size;
    }
    if u64::next_multiple_of(at, largest.min(facts.alignment).max(1)) < facts.size {
        padding(&mut fields, facts.size - at);
    }
    let repr = repr(facts.alignment, largest);
    let is_debug = members.iter().all(|member| member.is_debug);
    let debug = if is_debug { quote!(#[derive(Debug)]) } else { TokenStream::new() };
    let by_hand = (!is_debug).then(|| debug_by_hand(name));
    let asserts = asserts(name, facts, &members);
    let zeroed = zeroed(name);
    let accessors = accessors(types, name, bits, false)?;
    Ok(quote! {
        #doc
        #[derive(Clone, Copy)]
        #debug
        #repr
        pub struct #name {
            #(#fields),*
        }
        #by_hand
        #zeroed
        #accessors
        #asserts
    })
}

fn union(
    types: &Types<'_>,
    doc: &TokenStream,
    name: &Ident,
    facts: &RecordFacts,
    members: Vec<Member>,
    bits: &[Bits<'_>],
) -> Result<TokenStream, Fault> {
    let mut fields: Vec<TokenStream> = members.iter().map(field).collect();
    let largest = members.iter().map(|member| member.alignment).max().unwrap_or(1);
    let bytes = members.iter().map(|member| member.size).max().unwrap_or(0);
    if bytes.next_multiple_of(largest.min(facts.alignment).max(1)) < facts.size || fields.is_empty()
    {
        let length = number(facts.size);
        fields.push(quote!(#[doc(hidden)] pub _padding: [u8; #length]));
    }
    let repr = repr(facts.alignment, largest);
    let (by_hand, zeroed) = (debug_by_hand(name), zeroed(name));
    let asserts = asserts(name, facts, &members);
    let accessors = accessors(types, name, bits, true)?;
    Ok(quote! {
        #doc
        #[derive(Clone, Copy)]
        #repr
        pub union #name {
            #(#fields),*
        }
        #by_hand
        #zeroed
        #accessors
        #asserts
    })
}

fn debug_by_hand(name: &Ident) -> TokenStream {
    let text = name.to_string();
    quote! {
        impl ::core::fmt::Debug for #name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.debug_struct(#text).finish_non_exhaustive()
            }
        }
    }
}

/// Numbers, pointers, functions that may be null, and what is made of them: all may be 0.
fn zeroed(name: &Ident) -> TokenStream {
    quote! {
        impl ::core::default::Default for #name {
            /// All bytes are 0.
            fn default() -> Self {
                // SAFETY: it has numbers, pointers and optional functions only, for which 0 is a value.
                unsafe { ::core::mem::zeroed() }
            }
        }
    }
}

fn asserts(name: &Ident, facts: &RecordFacts, members: &[Member]) -> TokenStream {
    let (size, alignment) = (number(facts.size), number(facts.alignment.max(1)));
    let offsets = members.iter().map(|member| {
        let (field, offset) = (&member.name, number(member.offset));
        quote!(assert!(::core::mem::offset_of!(#name, #field) == #offset);)
    });
    quote! {
        const _: () = {
            assert!(::core::mem::size_of::<#name>() == #size);
            assert!(::core::mem::align_of::<#name>() == #alignment);
            #(#offsets)*
        };
    }
}

/// Methods that read and write bit-fields.
fn accessors(
    types: &Types<'_>,
    name: &Ident,
    bits: &[Bits<'_>],
    is_union: bool,
) -> Result<TokenStream, Fault> {
    let mut methods = Vec::new();
    for one in bits {
        let setter = format!("set_{}", one.field.name.as_deref().unwrap_or_default());
        let is_taken = bits.iter().any(|other| other.field.name.as_deref() == Some(&*setter));
        let setter = if is_taken { setter + "_" } else { setter };
        methods.push(accessor(types, one, &setter, is_union)?);
    }
    if methods.is_empty() {
        return Ok(TokenStream::new());
    }
    Ok(quote!(impl #name { #(#methods)* }))
}

fn accessor(
    types: &Types<'_>,
    bits: &Bits<'_>,
    setter: &str,
    is_union: bool,
) -> Result<TokenStream, Fault> {
    let unit = types.catalog.unit;
    let c = bits.field.name.as_deref().unwrap_or_default();
    let width = bits.field.width.unwrap_or_default();
    if width > 64 {
        let message = format!("the bit-field `{c}` has {width} bits, and methods take 64 at most");
        return Err(Fault::new(message));
    }
    let (get, set) = (ident(c), ident(setter));
    let ty = types.rust(bits.field.ty)?;
    let (first, storage) = (number(bits.first), &bits.storage);
    let width_literal = number(u64::from(width));
    // What the number is read as, and how it becomes a value and a number again.
    let (is_signed, from, to) = match unit.resolved_kind(bits.field.ty) {
        TypeKind::Bool => (false, quote!(number != 0), quote!(i128::from(value))),
        TypeKind::Integer(integer) => {
            let raw = c_integer(*integer);
            (unit.target().is_signed(*integer), quote!(number as #raw), quote!(value as i128))
        }
        TypeKind::Enum(id) => {
            let kind = types.facts.enums.get(id).copied();
            let raw = kind.and_then(integer).unwrap_or_else(|| quote!(u32));
            let is_signed = kind.is_some_and(|kind| kind.is_signed);
            match types.catalog.enumeration(*id) {
                Some(_) => (is_signed, quote!(#ty(number as #raw)), quote!(value.0 as i128)),
                None => (is_signed, quote!(number as #raw), quote!(value as i128)),
            }
        }
        _ => return Err(Fault::new(format!("the bit-field `{c}` has no integer type"))),
    };
    let declaration = format!("{} : {width}", unit.declare(bits.field.ty, c));
    let read_doc = doc::line(&declaration);
    let write_doc = doc::lines(&[
        &format!("Writes `{declaration}`."),
        "",
        "# Errors",
        "",
        "`OutOfRange` if the bits cannot hold the value. Nothing is written then.",
    ]);
    let read = quote!(tenfold::bits::read(&storage, #first, #width_literal, #is_signed));
    if is_union {
        return Ok(quote! {
            #read_doc
            ///
            /// # Safety
            ///
            /// Its bytes have been written.
            pub unsafe fn #get(&self) -> #ty {
                // SAFETY: the caller promises it, and any bytes will do.
                let storage = unsafe { self.#storage };
                let number = #read;
                #from
            }
            #write_doc
            ///
            /// # Safety
            ///
            /// The bytes around it have been written.
            pub unsafe fn #set(&mut self, value: #ty) -> tenfold::Result<()> {
                // SAFETY: the caller promises it, and any bytes will do.
                let storage = unsafe { &mut self.#storage };
                tenfold::bits::write(storage, #first, #width_literal, #is_signed, #to, #c)
            }
        });
    }
    Ok(quote! {
        #read_doc
        pub fn #get(&self) -> #ty {
            let storage = self.#storage;
            let number = #read;
            #from
        }
        #write_doc
        pub fn #set(&mut self, value: #ty) -> tenfold::Result<()> {
            tenfold::bits::write(&mut self.#storage, #first, #width_literal, #is_signed, #to, #c)
        }
    })
}
