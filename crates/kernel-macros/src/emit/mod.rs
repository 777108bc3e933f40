//! What is printed of a kernel.

mod item;
mod lanes;
pub(crate) mod scalar;
mod slices;
mod stub;
pub(crate) mod wgsl;

use proc_macro2::TokenStream;
use quote::quote;

use crate::ir::Kernel;
pub(crate) use stub::{head, stub, unread};

/// Everything that is printed of a kernel.
pub(crate) fn print(kernel: &Kernel) -> TokenStream {
    let function = scalar::print(kernel);
    let item = item::print(kernel);
    quote!(#function #item)
}
