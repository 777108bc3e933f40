//! `map`, `into`, `update`, `par` and `explain` of elementwise kernels.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};
use syn::Ident;

use super::{Item, OverLast};
use crate::ir::Kernel;

pub(super) fn print(item: &Item<'_>) -> TokenStream {
    let name = &item.kernel.name;
    let krate = &item.krate;
    let private = &item.private;
    let lanes = item.lanes();
    let traits = item.elementwise();
    let alone = functions(item, false);
    let together = functions(item, true);
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

        /// A kernel over the threads of rayon's pool.
        #[derive(Clone, Copy, Debug)]
        pub struct Par {}

        impl Par {
            #together
        }
    }
}

/// `map`, `into` and `update`; of `Par` if `par`.
fn functions(item: &Item<'_>, par: bool) -> TokenStream {
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
    let implements = generic.is_some().then(|| {
        let list = Item::nested(types.iter().cloned());
        let results = Item::nested(returns.iter().map(|ty| item.ty(*ty)));
        quote!(#name: #private::Elementwise<#element, In = #list, Out = #results>,)
    });
    let list = Item::nested(types.iter().cloned());
    let operand_list = Item::nested(operands.iter().map(|a| quote!(#a)));
    let inputs = Item::nested(params.iter().map(|a| quote!(#a)));
    let bounds = quote! {
        #operand_list: #private::Operands<#list> + ::core::marker::Sync,
        #implements
    };
    let call = item.call(par, false);

    let result_types: Vec<TokenStream> = returns.iter().map(|ty| item.ty(*ty)).collect();
    let outs = output_params(returns.len(), &params);
    let out_types = Item::operand_names(returns.len(), "O");
    let dim = quote!(<#operand_list as #private::Operands<#list>>::Dim);
    let mapped = quote!((#(#private::Array<#result_types, #dim>),*));
    let nested_outs = Item::nested(outs.iter().map(|out| quote!(#out)));
    let update = update(item, par);
    quote! {
        /// The results in new arrays, of the shape to which the operands broadcast together.
        ///
        /// # Errors
        /// Shapes that do not broadcast; a zero divisor with `division = error`.
        #[inline]
        pub fn map<#generic_param #(#operands: #krate::Operand<#types>),*>(
            #receiver #(#params: #operands),*
        ) -> ::core::result::Result<#mapped, #krate::Error>
        where #bounds
        {
            let #nested_outs = #private::map::<#name, #element, _>(&#inputs, #call)?;
            ::core::result::Result::Ok((#(#outs),*))
        }

        /// The results into arrays of the shape to which the operands broadcast together.
        ///
        /// # Errors
        /// Shapes that do not broadcast or differ from the outputs'; outputs whose elements share
        /// memory; a zero divisor with `division = error`.
        #[inline]
        pub fn into<
            #generic_param
            #(#operands: #krate::Operand<#types>,)*
            #(#out_types: #krate::Output<#result_types>),*
        >(
            #receiver #(#params: #operands,)* #(#outs: #out_types),*
        ) -> ::core::result::Result<(), #krate::Error>
        where #bounds
        {
            #private::into::<#name, #element, _, _>(&#inputs, &mut #nested_outs, #call)
        }

        #update
    }
}

/// `update`, where the last operand has the type of the only result.
fn update(item: &Item<'_>, par: bool) -> Option<TokenStream> {
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
    let [place, all] = ["place", "inputs"].map(|name| Ident::new(name, Span::mixed_site()));
    let inputs = params.iter().map(|a| quote!(#a)).chain([quote!(#place.clone())]);
    let inputs = Item::nested(inputs.collect::<Vec<_>>().into_iter());
    let call = item.call(par, true);
    Some(quote! {
        /// The results over the elements of the last argument.
        ///
        /// # Errors
        /// Operands that do not broadcast to the last argument's shape; a last argument whose
        /// elements share memory; a zero divisor with `division = error`.
        #[inline]
        pub fn update<
            #generic_param
            #(#operands: #krate::Operand<#types>,)*
            __L: #krate::Output<#last_ty>
        >(
            #receiver #(#params: #operands,)* mut #last: __L
        ) -> ::core::result::Result<(), #krate::Error>
        where
            #operand_list: #private::Operands<#list> + ::core::marker::Sync,
            #implements
        {
            let #place = #private::InPlace::new(&mut #last);
            let #all = #inputs;
            #private::into::<#name, #element, _, _>(&#all, &mut (#place, ()), #call)
        }
    })
}

/// `out`, or `out0`, `out1`, ..; not the name of a parameter.
pub(super) fn output_params(count: usize, params: &[&Ident]) -> Vec<Ident> {
    let mut prefix = String::from("out");
    while params.iter().any(|param| param.to_string().starts_with(&prefix)) {
        prefix.insert(0, '_');
    }
    match count {
        1 => vec![format_ident!("{prefix}")],
        _ => (0..count).map(|index| format_ident!("{prefix}{index}")).collect(),
    }
}
