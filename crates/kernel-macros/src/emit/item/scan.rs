//! `map` and `into` of prefix scans.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::Ident;

use super::Item;
use crate::directives::ScanOp;
use crate::ir::Kernel;

pub(super) fn print(item: &Item<'_>, op: ScanOp) -> TokenStream {
    let name = &item.kernel.name;
    let (lanes, traits) = (item.lanes(), item.elementwise());
    let alone = function(item, op, false);
    let together = function(item, op, true);
    let (krate, private) = (&item.krate, &item.private);
    let call = item.call(false, false);
    let text = name.to_string();
    quote! {
        #lanes
        #traits

        impl #name {
            #alone

            /// The same function with its elements made over the threads of rayon's pool.
            pub fn par() -> Par {
                Par {}
            }

            /// What a call uses: instructions, grain, stores.
            pub fn explain() -> #krate::Explain {
                #private::explain(#text, &#call)
            }
        }

        /// A scan over the threads of rayon's pool.
        #[derive(Clone, Copy, Debug)]
        pub struct Par {}

        impl Par {
            #together
        }
    }
}

fn function(item: &Item<'_>, op: ScanOp, par: bool) -> TokenStream {
    let Kernel { name, returns, .. } = item.kernel;
    let (krate, private) = (&item.krate, &item.private);
    let receiver = par.then(|| quote!(self,));
    let values = item.values();
    let params: Vec<&Ident> = values.iter().map(|(param, _)| &param.name).collect();
    let types: Vec<TokenStream> = values.iter().map(|(_, ty)| item.ty(*ty)).collect();
    let operands = Item::operand_names(values.len(), "A");
    let generic = item.generic();
    let generic_param = generic.as_ref().map(|(name, bound)| quote!(#name: #bound,));
    let element = item.trait_type();
    let list = Item::nested(types.iter().cloned());
    let result = returns.first().map_or_else(|| quote!(()), |ty| item.ty(*ty));
    let implements = generic
        .is_some()
        .then(|| quote!(#name: #private::Elementwise<#element, In = #list, Out = (#result, ())>,));
    let operand_list = Item::nested(operands.iter().map(|a| quote!(#a)));
    let inputs = Item::nested(params.iter().map(|a| quote!(#a)));
    let axis = Ident::new("axis", Span::mixed_site());
    let call = item.call(par, false);
    let op = match op {
        ScanOp::Sum => quote!(add),
        ScanOp::Prod => quote!(mul),
        ScanOp::Min => quote!(min),
        ScanOp::Max => quote!(max),
    };
    quote! {
        /// What the elements up to each place on the axis come to, of the shape to which the
        /// operands broadcast together. In order along the axis, so that the bits are the same on
        /// any number of threads.
        ///
        /// # Errors
        /// An axis that there is not; shapes that do not broadcast; a zero divisor with
        /// `division = error`.
        #[inline]
        pub fn map<#generic_param #(#operands: #krate::Operand<#types>),*>(
            #receiver #axis: usize, #(#params: #operands),*
        ) -> ::core::result::Result<
            #private::Array<#result, <#operand_list as #private::Operands<#list>>::Dim>,
            #krate::Error,
        >
        where
            #operand_list: #private::Operands<#list> + ::core::marker::Sync,
            #implements
        {
            let (elements, ()) = #private::map::<#name, #element, _>(&#inputs, #call)?;
            #private::scan(elements, #axis, #private::ops::#op::<#result>)
        }
    }
}
