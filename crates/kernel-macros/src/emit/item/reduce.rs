//! `reduce` and `reduce_axis` of reductions.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};
use syn::Ident;

use super::Item;
use crate::directives::{Order, ReduceOp};
use crate::ir::{Kernel, Ty};

pub(super) fn print(item: &Item<'_>, ops: &[ReduceOp]) -> TokenStream {
    let name = &item.kernel.name;
    let (krate, private) = (&item.krate, &item.private);
    let lanes = item.lanes();
    let traits = item.elementwise();
    let folds = folds(item, ops);
    let op_types: Vec<TokenStream> =
        ops.iter().enumerate().map(|(index, op)| op_type(item, op, index)).collect();
    let op_list = Item::nested(op_types.iter().cloned());
    let impls = item.element_types().into_iter().map(|element| {
        quote! {
            impl #private::Reducing<#element> for #name {
                type Ops = #op_list;
            }
        }
    });
    let alone = functions(item, &op_types, false);
    let together = functions(item, &op_types, true);
    let call = item.call(false, false);
    let text = name.to_string();
    quote! {
        #lanes
        #traits
        #folds
        #(#impls)*

        impl #name {
            #alone

            /// The same functions over the threads of rayon's pool, with the same bits as result.
            pub fn par() -> Par {
                Par {}
            }

            /// What a call uses: instructions, grain, stores.
            pub fn explain() -> #krate::Explain {
                #private::explain(#text, &#call)
            }
        }

        /// A reduction over the threads of rayon's pool.
        #[derive(Clone, Copy, Debug)]
        pub struct Par {}

        impl Par {
            #together
        }
    }
}

/// The type of an operation in the runtime.
fn op_type(item: &Item<'_>, op: &ReduceOp, index: usize) -> TokenStream {
    let private = &item.private;
    let reduction = quote!(#private::reduction);
    let sum = match item.kernel.directives.order {
        Order::Compensated => quote!(#reduction::CompensatedSum),
        Order::Fixed | Order::Free => quote!(#reduction::Sum),
    };
    match op {
        ReduceOp::Sum => sum,
        ReduceOp::Mean => quote!(#reduction::Mean<#sum>),
        ReduceOp::Prod => quote!(#reduction::Prod),
        ReduceOp::Min => quote!(#reduction::Min),
        ReduceOp::Max => quote!(#reduction::Max),
        ReduceOp::Any => quote!(#reduction::Any),
        ReduceOp::All => quote!(#reduction::All),
        ReduceOp::Count => quote!(#reduction::Count),
        ReduceOp::Argmin => quote!(#reduction::Arg<false>),
        ReduceOp::Argmax => quote!(#reduction::Arg<true>),
        ReduceOp::Fold { .. } => {
            let name = format_ident!("Fold{index}");
            quote!(#name)
        }
    }
}

/// The operations that the user gives by a kernel of two values.
fn folds(item: &Item<'_>, ops: &[ReduceOp]) -> TokenStream {
    let private = &item.private;
    let mut tokens = TokenStream::new();
    for (index, op) in ops.iter().enumerate() {
        let ReduceOp::Fold { kernel, identity } = op else { continue };
        let name = format_ident!("Fold{index}");
        let ty = item.kernel.returns.get(index).copied().unwrap_or(Ty::Unknown);
        let types = match ty {
            Ty::Param | Ty::Complex(None) => {
                item.element_types().iter().map(|element| item.ty_for(ty, element)).collect()
            }
            _ => vec![item.ty(ty)],
        };
        tokens.extend(quote!(pub struct #name;));
        tokens.extend(types.iter().map(|ty| {
            quote! {
                impl #private::reduction::Op<#ty> for #name {
                    type Acc<__S: #private::Simd> = #private::Lanes<__S, #ty>;
                    type Partial = #ty;
                    type Result = #ty;
                    #[inline(always)]
                    fn start<__S: #private::Simd>(s: __S) -> Self::Acc<__S> {
                        #private::Lanes::splat(s, #identity)
                    }
                    #[inline(always)]
                    fn add<__S: #private::Simd>(
                        acc: Self::Acc<__S>,
                        x: #private::Lanes<__S, #ty>,
                        _: usize,
                    ) -> Self::Acc<__S> {
                        let s = x.token();
                        let mut bad = #private::Mask::splat(s, false);
                        #kernel::__lanes(s, #private::Mask::splat(s, true), &mut bad, acc, x)
                    }
                    #[inline(always)]
                    fn select<__S: #private::Simd>(
                        mask: #private::Mask<__S>,
                        a: Self::Acc<__S>,
                        b: Self::Acc<__S>,
                    ) -> Self::Acc<__S> {
                        #private::Lanes::select(mask, a, b)
                    }
                    #[inline(always)]
                    fn join<__S: #private::Simd>(
                        a: Self::Acc<__S>,
                        b: Self::Acc<__S>,
                    ) -> Self::Acc<__S> {
                        <Self as #private::reduction::Op<#ty>>::add(a, b, 0)
                    }
                    #[inline(always)]
                    fn lane<__S: #private::Simd>(acc: Self::Acc<__S>, lane: usize) -> #ty {
                        acc.lane(lane)
                    }
                    #[inline(always)]
                    fn merge(a: #ty, b: #ty) -> #ty {
                        #kernel(a, b)
                    }
                    #[inline(always)]
                    fn empty() -> ::core::option::Option<#ty> {
                        ::core::option::Option::Some(#identity)
                    }
                    #[inline(always)]
                    fn result(partial: #ty, _: usize) -> #ty {
                        partial
                    }
                }
            }
        }));
    }
    tokens
}

/// `reduce` and `reduce_axis`; of `Par` if `par`.
fn functions(item: &Item<'_>, ops: &[TokenStream], par: bool) -> TokenStream {
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
    let results = Item::nested(returns.iter().map(|ty| item.ty(*ty)));
    let op_list = Item::nested(ops.iter().cloned());
    let implements = generic.is_some().then(|| {
        quote! {
            #name: #private::Reducing<#element, In = #list, Out = #results, Ops = #op_list>,
        }
    });
    let operand_list = Item::nested(operands.iter().map(|a| quote!(#a)));
    let inputs = Item::nested(params.iter().map(|a| quote!(#a)));
    let of_ops = ops.iter().zip(returns).map(|(op, ty)| {
        let ty = item.ty(*ty);
        quote!(<#op as #private::reduction::Op<#ty>>::Result)
    });
    let of_ops: Vec<TokenStream> = of_ops.collect();
    let op_bounds = generic.is_some().then(|| {
        let bounds = ops.iter().zip(returns).map(|(op, ty)| {
            let ty = item.ty(*ty);
            quote!(#op: #private::reduction::Op<#ty>,)
        });
        quote!(#(#bounds)*)
    });
    let outs = Item::operand_names(returns.len(), "r");
    let nested_outs = Item::nested(outs.iter().map(|out| quote!(#out)));
    let axis = Ident::new("axis", Span::mixed_site());
    let call = item.call(par, false);
    let dim = quote!(<#operand_list as #private::Operands<#list>>::Dim);
    let smaller = quote!(<#dim as #krate::ndarray::Dimension>::Smaller);
    quote! {
        /// One value of all elements, of the shape to which the operands broadcast together.
        ///
        /// # Errors
        /// Shapes that do not broadcast; nothing to reduce by an operation without identity; a
        /// zero divisor with `division = error`.
        #[inline]
        pub fn reduce<#generic_param #(#operands: #krate::Operand<#types>),*>(
            #receiver #(#params: #operands),*
        ) -> ::core::result::Result<(#(#of_ops),*), #krate::Error>
        where
            #operand_list: #private::Operands<#list> + ::core::marker::Sync,
            #implements
            #op_bounds
        {
            let #nested_outs = #private::reduce::<#name, #element, _>(&#inputs, #call)?;
            ::core::result::Result::Ok((#(#outs),*))
        }

        /// Reduces along one axis of the shape to which the operands broadcast together; the
        /// results have the other axes.
        ///
        /// # Errors
        /// An axis that there is not; shapes that do not broadcast; nothing to reduce by an
        /// operation without identity; a zero divisor with `division = error`.
        #[inline]
        pub fn reduce_axis<#generic_param #(#operands: #krate::Operand<#types>),*>(
            #receiver #axis: usize, #(#params: #operands),*
        ) -> ::core::result::Result<(#(#private::Array<#of_ops, #smaller>),*), #krate::Error>
        where
            #operand_list: #private::Operands<#list> + ::core::marker::Sync,
            #implements
            #op_bounds
        {
            let #nested_outs =
                #private::reduce_axis::<#name, #element, _>(&#inputs, #axis, #call)?;
            ::core::result::Result::Ok((#(#outs),*))
        }
    }
}
