//! `map`, `into`, `par` and `explain` of generalised kernels.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::Ident;

use super::{Item, slices};
use crate::ir::{Kernel, Param, ParamKind, Ty};
use crate::signature::{Core, Dim, Signature};

pub(super) fn print(item: &Item<'_>, signature: &Signature) -> TokenStream {
    let name = &item.kernel.name;
    let (krate, private) = (&item.krate, &item.private);
    let print = Print::new(item, signature);
    let traits = item.element_types().into_iter().map(|element| print.implement(&element));
    let (alone, together) = (print.functions(false), print.functions(true));
    let call = item.call(false, false);
    let text = name.to_string();
    let used = slices::used(item);
    quote! {
        #(#traits)*

        impl #name {
            #alone

            /// The same functions over the threads of rayon's pool.
            pub fn par() -> Par {
                Par {}
            }

            /// What a call uses: instructions and threads.
            pub fn explain() -> #krate::Explain {
                #private::explain_cores(#text, &#call)
            }
        }

        /// A kernel over the threads of rayon's pool.
        #[derive(Clone, Copy, Debug)]
        pub struct Par {}

        impl Par {
            #together
        }

        #used
    }
}

/// An output: a parameter, or a number that the kernel returns, if its core has no axes.
struct Output<'a> {
    core: &'a Core,
    ty: Ty,
    name: Ident,
}

struct Print<'a> {
    item: &'a Item<'a>,
    signature: &'a Signature,
    inputs: &'a [Param],
    outputs: Vec<Output<'a>>,
}

impl<'a> Print<'a> {
    fn new(item: &'a Item<'a>, signature: &'a Signature) -> Self {
        let (inputs, arrays) = item.kernel.params.split_at(signature.inputs.len());
        let names = returned_names(item.kernel);
        let mut arrays = arrays.iter();
        let mut returned = item.kernel.returns.iter().zip(names);
        let outputs = signature.outputs.iter().filter_map(|core| {
            if core.is_empty() {
                let (ty, name) = returned.next()?;
                return Some(Output { core, ty: *ty, name });
            }
            let param = arrays.next()?;
            Some(Output { core, ty: param.kind.ty(), name: param.name.clone() })
        });
        let outputs = outputs.collect();
        Self { item, signature, inputs, outputs }
    }

    /// `C1<f64>`
    fn core(&self, core: &Core, ty: TokenStream) -> TokenStream {
        let private = &self.item.private;
        let name = format_ident!("C{}", core.len());
        quote!(#private::gufunc::#name<#ty>)
    }

    /// The lists of input and output cores; types by `of`.
    fn lists(&self, of: impl Fn(Ty) -> TokenStream) -> [TokenStream; 2] {
        let inputs = self.signature.inputs.iter().zip(self.inputs);
        let inputs = inputs.map(|(core, param)| self.core(core, of(param.kind.ty())));
        let outputs = self.outputs.iter().map(|output| self.core(output.core, of(output.ty)));
        [Item::nested(inputs), Item::nested(outputs)]
    }

    /// `&[&[Named("n")], &[Named("n")]]`
    fn dims(&self) -> TokenStream {
        let private = &self.item.private;
        let cores = self.signature.inputs.iter().chain(&self.signature.outputs).map(|core| {
            let dims = core.iter().map(|dim| match dim {
                Dim::Named(name) => quote!(#private::gufunc::CoreDim::Named(#name)),
                Dim::Fixed(len) => quote!(#private::gufunc::CoreDim::Fixed(#len)),
            });
            quote!(&[#(#dims),*])
        });
        quote!(&[#(#cores),*])
    }

    /// `impl Gufunc<f64> for softmax`
    fn implement(&self, element: &TokenStream) -> TokenStream {
        let item = self.item;
        let (krate, private, name) = (&item.krate, &item.private, &item.kernel.name);
        let [input, output] = self.lists(|ty| item.ty_for(ty, element));
        let names = self.inputs.iter().map(|param| param.name.to_string());
        let outputs = self.outputs.iter().map(|output| output.name.to_string());
        let (dims, permit) = (self.dims(), slices::permit(item));
        let body = slices::body(item, element);
        let arrays = &item.kernel.params[self.inputs.len()..];
        let [input_pattern, passed] = slices::unpacked(self.inputs);
        let [output_pattern, passed_out] = slices::unpacked(arrays);
        let count = item.kernel.returns.len();
        let results = Item::operand_names(count, "r");
        let nested = Item::nested(results.iter().map(|result| quote!(#result)));
        let pattern = if item.kernel.returns_tuple || count == 0 {
            quote!((#(#results),*))
        } else {
            quote!(#(#results)*)
        };
        quote! {
            impl #private::gufunc::Gufunc<#element> for #name {
                type In = #input;
                type Out = #output;
                type Permit = #permit;
                const NAMES: &'static [&'static str] = &[#(#names),*];
                const OUTPUTS: &'static [&'static str] = &[#(#outputs),*];
                const DIMS: &'static [&'static [#private::gufunc::CoreDim]] = #dims;

                #[inline(always)]
                fn body<__S: #private::Simd>(
                    _: __S,
                    #input_pattern: <Self::In as #private::gufunc::Cores>::In<'_>,
                    #output_pattern: <Self::Out as #private::gufunc::Cores>::Out<'_>,
                    _: Self::Permit,
                ) -> ::core::result::Result<
                    <Self::Out as #private::gufunc::Cores>::Returned,
                    #krate::Error,
                > {
                    #body
                    let #pattern = body::<__S>(#passed #passed_out)?;
                    ::core::result::Result::Ok(#nested)
                }
            }
        }
    }

    /// `map` and `into`; of `Par` if `par`.
    fn functions(&self, par: bool) -> TokenStream {
        let item = self.item;
        let Kernel { name, generic, .. } = item.kernel;
        let (krate, private) = (&item.krate, &item.private);
        let receiver = par.then(|| quote!(self,));
        let params: Vec<&Ident> = self.inputs.iter().map(|param| &param.name).collect();
        let types: Vec<TokenStream> =
            self.inputs.iter().map(|param| item.ty(param.kind.ty())).collect();
        let operands = Item::operand_names(params.len(), "A");
        let generic_param = item.generic().map(|(name, bound)| quote!(#name: #bound,));
        let element = item.trait_type();
        let [list, results] = self.lists(|ty| item.ty(ty));
        let permit = slices::permit(item);
        let implements = generic.as_ref().map(|_| {
            let of = quote!(In = #list, Out = #results, Permit = #permit);
            quote!(#name: #private::gufunc::Gufunc<#element, #of>,)
        });
        let operand_list = Item::nested(operands.iter().map(|a| quote!(#a)));
        let bounds = quote! {
            #operand_list: #private::gufunc::CoreOperands<#list>,
            #implements
        };
        let inputs = Item::nested(params.iter().map(|a| quote!(#a)));
        let outer = quote!(<#operand_list as #private::gufunc::CoreOperands<#list>>::Outer);
        let mapped = self.outputs.iter().map(|output| {
            let (ty, dim) = (item.ty(output.ty), dim_of(output.core, &outer, private));
            quote!(#private::Array<#ty, #dim>)
        });
        let mapped = quote!((#(#mapped),*));
        let outs: Vec<&Ident> = self.outputs.iter().map(|output| &output.name).collect();
        let out_types = Item::operand_names(outs.len(), "O");
        let result_types = self.outputs.iter().map(|output| item.ty(output.ty));
        let nested = Item::nested(outs.iter().map(|out| quote!(#out)));
        let call = item.call(par, false);
        let [promise, qualifier] = slices::promise(item);
        let safety = slices::safety(item);
        quote! {
            /// The results in new arrays: the outer axes to which the inputs broadcast together,
            /// and behind them the core dimensions of the output.
            ///
            /// # Errors
            /// Core dimensions that differ or outer axes that do not broadcast; an index outside of
            /// its argument; a zero divisor with `division = error`.
            #safety
            #[inline]
            pub #qualifier fn map<#generic_param #(#operands: #krate::Operand<#types>),*>(
                #receiver #(#params: #operands),*
            ) -> ::core::result::Result<#mapped, #krate::Error>
            where #bounds
            {
                let #nested = #private::gufunc::map::<#name, #element, _>(
                    &#inputs, #promise, #call
                )?;
                ::core::result::Result::Ok((#(#outs),*))
            }

            /// The results into arrays of the shapes that `map` would make.
            ///
            /// # Errors
            /// As `map`, and outputs of another shape or whose elements share memory. What was
            /// written before an error stays.
            #safety
            #[inline]
            pub #qualifier fn into<
                #generic_param
                #(#operands: #krate::Operand<#types>,)*
                #(#out_types: #krate::Output<#result_types>),*
            >(
                #receiver #(#params: #operands,)* #(#outs: #out_types),*
            ) -> ::core::result::Result<(), #krate::Error>
            where #bounds
            {
                #private::gufunc::into::<#name, #element, _, _>(
                    &#inputs, &mut #nested, #promise, #call
                )
            }
        }
    }
}

/// The type of the axes of an output.
fn dim_of(core: &Core, outer: &TokenStream, private: &TokenStream) -> TokenStream {
    core.iter().fold(quote!(#outer), |dim, _| quote!(<#dim as #private::Dimension>::Larger))
}

/// The names of the numbers that a kernel returns, which are those of no parameter.
fn returned_names(kernel: &Kernel) -> Vec<Ident> {
    let is_array = |param: &Param| matches!(param.kind, ParamKind::Slice { is_mut: true, .. });
    let mut prefix = String::from("out");
    while kernel.params.iter().any(|param| {
        let name = param.name.to_string();
        name.starts_with(&prefix) || (is_array(param) && name == prefix)
    }) {
        prefix.insert(0, '_');
    }
    match kernel.returns.len() {
        1 => vec![format_ident!("{prefix}")],
        count => (0..count).map(|index| format_ident!("{prefix}{index}")).collect(),
    }
}
