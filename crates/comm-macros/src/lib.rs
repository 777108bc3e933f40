//! The derive of the trait `Element` of `tenfold-comm`.

#![forbid(unsafe_code)]

mod emit;
mod record;

use record::Record;

/// Makes a struct of elements an `Element`, which is sent as it lies in memory.
///
/// ```text
/// #[derive(Clone, Copy, Element)]
/// #[repr(C)]
/// struct Particle {
///     place: [f64; 3],
///     mass: f32,
///     id: u32,
/// }
/// ```
///
/// The struct is `#[repr(C)]` or `#[repr(transparent)]`, `Copy`, and has fields, each of them an element,
/// named or not. Its layout is a record: the offset and the layout of each field, in their order. Two structs
/// with the same record can be received for each other, so who derives this says that any values of the
/// fields make a good value of the struct.
///
/// Type parameters become elements: `Pair<T>` is an element where `T` is. Bytes between fields have no value,
/// and travel without one.
///
/// Refused, with a word on what to write instead: enums and unions, structs without a `repr` that fixes the
/// order of their fields, packed ones, those that borrow, and those without bytes.
///
/// `#[element(crate = path)]` says where `tenfold_comm` is, if it is renamed.
#[proc_macro_derive(Element, attributes(element))]
pub fn element(item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let record = syn::parse(item).and_then(|item| Record::read(&item));
    match record {
        Ok(record) => emit::print(&record).into(),
        Err(errors) => errors.to_compile_error().into(),
    }
}
