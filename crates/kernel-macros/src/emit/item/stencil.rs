//! `map`, `into`, `steps`, `par` and `explain` of stencils.

use proc_macro2::{Literal, Span, TokenStream};
use quote::{format_ident, quote};
use syn::Ident;

use super::Item;
use super::elementwise::output_params;
use crate::directives::{Border, Division};
use crate::emit::lanes;
use crate::ir::{Kernel, ParamKind, Ty};

pub(super) fn print(item: &Item<'_>, border: &Border) -> TokenStream {
    let printer = Printer::new(item, border);
    let (krate, private) = (&item.krate, &item.private);
    let name = &item.kernel.name;
    let lanes = printer.lanes();
    let traits = printer.traits();
    let (alone, together) = (printer.functions(false), printer.functions(true));
    let steps = printer.steps();
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

        #steps
    }
}

/// How far a neighbourhood reaches on each of three axes.
type Reach = [(i64, i64); 3];

/// A parameter.
struct Input<'a> {
    name: &'a Ident,
    ty: Ty,
    /// Of a neighbourhood.
    reach: Option<Reach>,
}

struct Printer<'a> {
    item: &'a Item<'a>,
    border: &'a Border,
    inputs: Vec<Input<'a>>,
    dims: usize,
    /// The types of the operands, one for each neighbourhood.
    operands: Vec<Ident>,
}

impl<'a> Printer<'a> {
    fn new(item: &'a Item<'a>, border: &'a Border) -> Self {
        let mut dims = 1;
        let mut inputs = vec![];
        for param in &item.kernel.params {
            let name = &param.name;
            match &param.kind {
                ParamKind::Neighbours { ty, dims: axes, reach } => {
                    dims = *axes;
                    let reach = three(reach);
                    inputs.push(Input { name, ty: *ty, reach: Some(reach) });
                }
                ParamKind::Value { ty, .. } => inputs.push(Input { name, ty: *ty, reach: None }),
                ParamKind::Slice { .. } => {}
            }
        }
        let operands = Item::operand_names(inputs.len(), "A");
        Self { item, border, inputs, dims, operands }
    }

    /// The hidden function of groups.
    fn lanes(&self) -> TokenStream {
        let Self { item, dims, .. } = self;
        let private = &item.private;
        let [s, active, bad] = lanes::added_params();
        let set = Ident::new("__S", Span::mixed_site());
        let generic = item.generic().map(|(name, bound)| quote!(, #name: #bound));
        let nears = Item::operand_names(self.inputs.len(), "N");
        let mut bounds = vec![];
        let params = self.inputs.iter().zip(&nears).map(|(input, near)| {
            let (name, ty) = (input.name, item.ty(input.ty));
            if input.reach.is_none() {
                return quote!(#name: #private::Lanes<#set, #ty>);
            }
            bounds.push(quote!(, #near: #private::Neighbours<#set, #ty, #dims>));
            quote!(#name: #near)
        });
        let params: Vec<TokenStream> = params.collect();
        let returns = item.kernel.returns.iter().map(|ty| {
            let ty = item.ty(*ty);
            quote!(#private::Lanes<#set, #ty>)
        });
        let returns =
            if item.kernel.returns_tuple { quote!((#(#returns),*)) } else { quote!(#(#returns)*) };
        let body = lanes::body(item.kernel);
        let name = &item.kernel.name;
        quote! {
            impl #name {
                #[inline(always)]
                fn __lanes<#set: #private::Simd #generic #(#bounds)*>(
                    #s: #set,
                    #active: #private::Mask<#set>,
                    #bad: &mut #private::Mask<#set>,
                    #(#params),*
                ) -> #returns {
                    #body
                }
            }
        }
    }

    /// The types of the parameters as a list, of the runtime's markers.
    fn list(&self, ty: impl Fn(Ty) -> TokenStream) -> TokenStream {
        let private = &self.item.private;
        let each = self.inputs.iter().map(|input| {
            let ty = ty(input.ty);
            match &input.reach {
                None => quote!(#private::Number<#ty>),
                Some(reach) => {
                    let low = Literal::i64_unsuffixed(reach[0].0);
                    let planes = Literal::i64_unsuffixed(reach[0].1 - reach[0].0 + 1);
                    quote!(#private::Around<#ty, { #low }, #planes>)
                }
            }
        });
        Item::nested(each.collect::<Vec<_>>().into_iter())
    }

    /// `impl Stencil<f64> for heat`, for each element type.
    fn traits(&self) -> TokenStream {
        let Self { item, dims, inputs, .. } = self;
        let Kernel { name, returns, .. } = item.kernel;
        let private = &item.private;
        let names: Vec<String> = inputs.iter().map(|input| input.name.to_string()).collect();
        let outputs = item.output_names();
        let reach = (0..3).map(|axis| {
            let all = || inputs.iter().filter_map(|input| input.reach).map(|reach| reach[axis]);
            let low = all().map(|(low, _)| low).min().unwrap_or(0);
            let high = all().map(|(_, high)| high).max().unwrap_or(0);
            let [low, high] = [-low, high].map(Literal::i64_unsuffixed);
            quote!((#low, #high))
        });
        let reach = quote!([#(#reach),*]);
        let is_fallible = item.kernel.directives.division == Division::Error;
        let params: Vec<Ident> = Item::operand_names(inputs.len(), "x");
        let results = Item::operand_names(returns.len(), "r");
        let pattern = Item::nested(params.iter().map(|param| quote!(#param)));
        let nested = Item::nested(results.iter().map(|result| quote!(#result)));
        let impls = item.element_types().into_iter().map(|element| {
            let input = self.list(|ty| item.ty_for(ty, &element));
            let output = Item::nested(returns.iter().map(|ty| item.ty_for(*ty, &element)));
            quote! {
                impl #private::Stencil<#element> for #name {
                    type In = #input;
                    type Out = #output;
                    const DIMS: usize = #dims;
                    const NAMES: &'static [&'static str] = &[#(#names),*];
                    const OUTPUTS: &'static [&'static str] = &[#(#outputs),*];
                    const REACH: [(usize, usize); 3] = #reach;
                    const FALLIBLE: bool = #is_fallible;

                    #[inline(always)]
                    fn lanes<__S: #private::Simd, const __LIFTED: bool>(
                        s: __S,
                        active: #private::Mask<__S>,
                        bad: &mut #private::Mask<__S>,
                        #pattern: <Self::In as #private::Params>::Wide<__S, __LIFTED>,
                    ) -> <Self::Out as #private::List>::Wide<__S> {
                        let (#(#results),*) = Self::__lanes(s, active, bad, #(#params),*);
                        #nested
                    }
                }
            }
        });
        quote!(#(#impls)*)
    }

    /// The border, of one type.
    fn border(&self, ty: Ty) -> TokenStream {
        let krate = &self.item.krate;
        let value = match self.border {
            Border::Reflect => return quote!(#krate::Border::Reflect),
            Border::Wrap => return quote!(#krate::Border::Wrap),
            Border::Nearest => return quote!(#krate::Border::Nearest),
            Border::Valid => return quote!(#krate::Border::Valid),
            Border::Const(value) => value,
        };
        let name = self.item.ty(ty);
        match ty {
            Ty::Param => {
                quote!(#krate::Border::Const(<#name as #krate::Num>::from_f64((#value) as f64)))
            }
            Ty::Prim(prim) if prim != crate::ir::Prim::Bool => {
                quote!(#krate::Border::Const((#value) as #name))
            }
            _ => quote!(#krate::Border::Const(#value)),
        }
    }

    /// `D` of an operand.
    fn dimension(&self) -> TokenStream {
        let private = &self.item.private;
        let name = format_ident!("Ix{}", self.dims);
        quote!(#private::#name)
    }

    /// The parameters of a function with their types, and the generics of those; `place` is how
    /// the parameter with that number is taken.
    fn params(&self, place: Option<(usize, &TokenStream)>) -> (Vec<TokenStream>, Vec<TokenStream>) {
        let Self { item, .. } = self;
        let krate = &item.krate;
        let dimension = self.dimension();
        let (mut generics, mut params) = (vec![], vec![]);
        for (index, (input, operand)) in self.inputs.iter().zip(&self.operands).enumerate() {
            let (name, ty) = (input.name, item.ty(input.ty));
            match place {
                Some((at, place)) if at == index => params.push(quote!(mut #name: #place)),
                _ if input.reach.is_some() => {
                    generics.push(quote!(#operand: #krate::Operand<#ty, Dim = #dimension>));
                    params.push(quote!(#name: #operand));
                }
                _ => params.push(quote!(#name: #ty)),
            }
        }
        (generics, params)
    }

    /// The arguments as the runtime takes them.
    fn args(&self, place: Option<(usize, &Ident)>) -> TokenStream {
        let private = &self.item.private;
        let each = self.inputs.iter().enumerate().map(|(index, input)| {
            let name = input.name;
            let border = self.border(input.ty);
            match place {
                Some((at, place)) if at == index => quote!(#place),
                _ if input.reach.is_some() => quote!(#private::Field::new(&#name, #border)),
                _ => quote!(#name),
            }
        });
        Item::nested(each.collect::<Vec<_>>().into_iter())
    }

    /// What the generic functions of a kernel for several types ask for.
    fn implements(&self) -> Option<TokenStream> {
        let (item, private) = (self.item, &self.item.private);
        let (name, element) = (&item.kernel.name, item.trait_type());
        item.generic().map(|_| {
            let list = self.list(|ty| item.ty(ty));
            let results = Item::nested(item.kernel.returns.iter().map(|ty| item.ty(*ty)));
            quote!(#name: #private::Stencil<#element, In = #list, Out = #results>,)
        })
    }

    /// `map` and `into`; of `Par` if `par`.
    fn functions(&self, par: bool) -> TokenStream {
        let item = self.item;
        let Kernel { name, returns, .. } = item.kernel;
        let (krate, private) = (&item.krate, &item.private);
        let receiver = par.then(|| quote!(self,));
        let generic_param = item.generic().map(|(name, bound)| quote!(#name: #bound,));
        let implements = self.implements();
        let element = item.trait_type();
        let dimension = self.dimension();
        let (generics, params) = self.params(None);
        let args = self.args(None);
        let call = item.call(par, false);
        let names: Vec<&Ident> = self.inputs.iter().map(|input| input.name).collect();
        let result_types: Vec<TokenStream> = returns.iter().map(|ty| item.ty(*ty)).collect();
        let outs = output_params(returns.len(), &names);
        let out_types = Item::operand_names(returns.len(), "O");
        let mapped = quote!((#(#private::Array<#result_types, #dimension>),*));
        let nested_outs = Item::nested(outs.iter().map(|out| quote!(#out)));
        let steps = self.starter(par);
        quote! {
            /// The results in new arrays, of the shape of the inputs; with `border = valid`, smaller
            /// by what the kernel reaches.
            ///
            /// # Errors
            /// Neighbourhoods of different shapes; a zero divisor with `division = error`.
            #[inline]
            pub fn map<#generic_param #(#generics),*>(
                #receiver #(#params),*
            ) -> ::core::result::Result<#mapped, #krate::Error>
            where #implements
            {
                let #nested_outs =
                    #private::stencil_map::<#name, #element, #dimension>(&#args, #call)?;
                ::core::result::Result::Ok((#(#outs),*))
            }

            /// The results into arrays of the shape of the inputs; with `border = valid`, smaller by
            /// what the kernel reaches.
            ///
            /// # Errors
            /// Neighbourhoods of different shapes, and outputs of another; outputs whose elements
            /// share memory; a zero divisor with `division = error`.
            #[inline]
            pub fn into<
                #generic_param
                #(#generics,)*
                #(#out_types: #krate::Output<#result_types, Dim = #dimension>),*
            >(
                #receiver #(#params,)* #(#outs: #out_types),*
            ) -> ::core::result::Result<(), #krate::Error>
            where #implements
            {
                #private::stencil_into::<#name, #element, _>(&#args, &mut #nested_outs, #call)
            }

            #steps
        }
    }

    /// The parameter that can be taken ahead: the first neighbourhood, if the only result is what
    /// it holds.
    fn stepped(&self) -> Option<usize> {
        let first = self.inputs.iter().position(|input| input.reach.is_some())?;
        (self.item.kernel.returns == [self.inputs[first].ty]).then_some(first)
    }

    /// `steps`.
    fn starter(&self, par: bool) -> Option<TokenStream> {
        self.stepped()?;
        let receiver = par.then(|| quote!(self,));
        let call = self.item.call(par, true);
        Some(quote! {
            /// So many steps: what each computes is what the next reads.
            pub fn steps(#receiver count: usize) -> Steps {
                Steps { count, call: #call }
            }
        })
    }

    /// What `steps` returns.
    fn steps(&self) -> Option<TokenStream> {
        let stepped = self.stepped()?;
        let item = self.item;
        let (krate, private) = (&item.krate, &item.private);
        let name = &item.kernel.name;
        let generic_param = item.generic().map(|(name, bound)| quote!(#name: #bound,));
        let implements = self.implements();
        let element = item.trait_type();
        let dimension = self.dimension();
        let place = quote!(__L);
        let (generics, params) = self.params(Some((stepped, &place)));
        let field = Ident::new("field", Span::mixed_site());
        let args = self.args(Some((stepped, &field)));
        let Input { name: own, ty, .. } = &self.inputs[stepped];
        let border = self.border(*ty);
        let ty = item.ty(*ty);
        Some(quote! {
            /// So many steps of a kernel.
            #[derive(Clone, Copy, Debug)]
            pub struct Steps {
                count: usize,
                call: #private::Call,
            }

            impl Steps {
                /// Takes the first neighbourhood so many steps ahead; other arguments stay as they
                /// are. With `border = valid`, elements whose neighbourhood leaves the array keep
                /// their values.
                ///
                /// The result is bit for bit that of as many calls of `map`.
                ///
                /// # Errors
                /// Neighbourhoods of different shapes; a first one whose elements share memory; a
                /// zero divisor with `division = error`, after which its values are of no use.
                #[inline]
                pub fn run<
                    #generic_param
                    #(#generics,)*
                    __L: #krate::Output<#ty, Dim = #dimension>
                >(
                    self, #(#params),*
                ) -> ::core::result::Result<(), #krate::Error>
                where #implements
                {
                    let #field = #private::Field::of_output(&mut #own, #border);
                    #private::stencil_steps::<#name, #element, #ty>(
                        self.count, #stepped, &#field, &#args, self.call,
                    )
                }
            }
        })
    }
}

/// On three axes: the outermost, those between, and the innermost.
fn three(reach: &[(i64, i64)]) -> Reach {
    match *reach {
        [a] => [(0, 0), (0, 0), a],
        [a, b] => [a, (0, 0), b],
        [a, b, c] => [a, b, c],
        _ => [(0, 0); 3],
    }
}
