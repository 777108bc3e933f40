//! `map`, `into` and `update` of prefix scans.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::Ident;

use super::elementwise::output_params;
use super::{Item, OverLast};
use crate::directives::ScanOp;
use crate::ir::Kernel;

pub(super) fn print(item: &Item<'_>, op: ScanOp) -> TokenStream {
    let name = &item.kernel.name;
    let (lanes, traits) = (item.lanes(), item.elementwise());
    let [alone, together] = [false, true].map(|par| {
        let (fresh, over) = (functions(item, op, par), update(item, op, par));
        quote!(#fresh #over)
    });
    let (krate, private) = (&item.krate, &item.private);
    let call = item.call(false, false);
    let text = name.to_string();
    quote! {
        #lanes
        #traits

        impl #name {
            #alone

            /// The same functions over the threads of rayon's pool.
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

/// The type of the operation in the runtime.
fn operation(item: &Item<'_>, op: ScanOp) -> TokenStream {
    let private = &item.private;
    let op = match op {
        ScanOp::Sum => quote!(Sum),
        ScanOp::Prod => quote!(Prod),
        ScanOp::Min => quote!(Min),
        ScanOp::Max => quote!(Max),
    };
    quote!(#private::reduction::#op)
}

/// `map` and `into`; of `Par` if `par`.
fn functions(item: &Item<'_>, op: ScanOp, par: bool) -> TokenStream {
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
    let bounds = quote! {
        #operand_list: #private::Operands<#list> + ::core::marker::Sync,
        #implements
    };
    let axis = Ident::new("axis", Span::mixed_site());
    let (call, op) = (item.call(par, false), operation(item, op));
    let out = output_params(1, &params);
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
        where #bounds
        {
            #private::scan::map::<#name, #element, _, _, #op>(&#inputs, #axis, #call)
        }

        /// The same into an array of the shape to which the operands broadcast together.
        ///
        /// # Errors
        /// An axis that there is not; shapes that do not broadcast or differ from the output's; an
        /// output whose elements share memory; a zero divisor with `division = error`.
        #[inline]
        pub fn into<
            #generic_param
            #(#operands: #krate::Operand<#types>,)*
            __O: #krate::Output<#result>
        >(
            #receiver #axis: usize, #(#params: #operands,)* #(#out)*: __O
        ) -> ::core::result::Result<(), #krate::Error>
        where #bounds
        {
            #private::scan::into::<#name, #element, _, _, _, #op>(&#inputs, #(#out)*, #axis, #call)
        }
    }
}

/// `update`, where the last operand has the type of the result.
fn update(item: &Item<'_>, op: ScanOp, par: bool) -> Option<TokenStream> {
    let name = &item.kernel.name;
    let (krate, private) = (&item.krate, &item.private);
    let OverLast { params, types, operands, last, last_ty, operand_list, list } =
        item.over_last()?;
    let receiver = par.then(|| quote!(self,));
    let generic = item.generic();
    let generic_param = generic.as_ref().map(|(name, bound)| quote!(#name: #bound,));
    let element = item.trait_type();
    let implements = generic
        .is_some()
        .then(|| quote!(#name: #private::Elementwise<#element, In = #list, Out = (#last_ty, ())>,));
    let [axis, place, all] =
        ["axis", "place", "inputs"].map(|name| Ident::new(name, Span::mixed_site()));
    let inputs = params.iter().map(|a| quote!(#a)).chain([quote!(#place.clone())]);
    let inputs = Item::nested(inputs.collect::<Vec<_>>().into_iter());
    let (call, op) = (item.call(par, true), operation(item, op));
    Some(quote! {
        /// The scan over the elements of the last argument.
        ///
        /// # Errors
        /// An axis that there is not; operands that do not broadcast to the last argument's shape;
        /// a last argument whose elements share memory; a zero divisor with `division = error`.
        #[inline]
        pub fn update<
            #generic_param
            #(#operands: #krate::Operand<#types>,)*
            __L: #krate::Output<#last_ty>
        >(
            #receiver #axis: usize, #(#params: #operands,)* mut #last: __L
        ) -> ::core::result::Result<(), #krate::Error>
        where
            #operand_list: #private::Operands<#list> + ::core::marker::Sync,
            #implements
        {
            let #place = #private::InPlace::new(&mut #last);
            let #all = #inputs;
            #private::scan::into::<#name, #element, _, _, _, #op>(&#all, #place, #axis, #call)
        }
    })
}
