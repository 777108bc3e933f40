//! What is printed of a kernel beside its function: the struct of the same name, its functions, and
//! the traits of the runtime.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};
use syn::Ident;

use crate::directives::{Directives, Form, Isa, Stores};
use crate::emit::{lanes, scalar};
use crate::ir::{Bound, Kernel, Param, ParamKind, Ty};

mod elementwise;
mod gufunc;
mod reduce;
mod scan;
mod slices;
mod source;
mod stencil;

/// The struct, its functions and its traits.
pub(crate) fn print(kernel: &Kernel) -> TokenStream {
    let item = Item::new(kernel);
    let Kernel { vis, name, .. } = kernel;
    let parts = match &kernel.directives.form {
        Form::Elementwise => elementwise::print(&item),
        Form::Reduce(ops) => reduce::print(&item, ops),
        Form::Stencil { border } => stencil::print(&item, border),
        Form::Loop => slices::print(&item),
        Form::Gufunc(signature) => gufunc::print(&item, signature),
        Form::Scan(op) => scan::print(&item, *op),
    };
    let source = source::print(&item);
    let doc = format!("The kernel [`{name}`](fn@{name}) over arrays.");
    // In a block of its own, so that the helpers' names are nobody else's.
    quote! {
        #[doc = #doc]
        #[allow(non_camel_case_types, reason = "named as its function")]
        #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
        #vis struct #name {}

        #[allow(
            warnings,
            clippy::all,
            clippy::pedantic,
            reason = "printed by a macro; the function above has the user's warnings"
        )]
        const _: () = { #source #parts };
    }
}

/// What the forms share.
struct Item<'a> {
    kernel: &'a Kernel,
    /// `::tenfold_kernel`
    krate: TokenStream,
    /// `::tenfold_kernel::__private`
    private: TokenStream,
}

/// What `update` takes: all but the last parameter as operands, and the last as what is written.
struct OverLast<'a> {
    params: Vec<&'a Ident>,
    types: Vec<TokenStream>,
    operands: Vec<Ident>,
    last: &'a Ident,
    last_ty: TokenStream,
    operand_list: TokenStream,
    list: TokenStream,
}

impl<'a> Item<'a> {
    fn new(kernel: &'a Kernel) -> Self {
        let krate = &kernel.directives.krate;
        Self { kernel, krate: quote!(#krate), private: quote!(#krate::__private) }
    }

    /// `T: Real`, as an argument of traits and functions.
    fn generic(&self) -> Option<(Ident, TokenStream)> {
        let generic = self.kernel.generic.as_ref()?;
        let krate = &self.krate;
        let bound = match generic.bound {
            Bound::Real => quote!(#krate::Real),
            Bound::Int => quote!(#krate::Int),
            Bound::Num => quote!(#krate::Num),
        };
        Some((generic.name.clone(), bound))
    }

    /// The types that the kernel is for: what its traits are implemented for.
    fn element_types(&self) -> Vec<TokenStream> {
        match &self.kernel.generic {
            Some(generic) => generic.types.iter().map(|prim| self.ty(Ty::Prim(*prim))).collect(),
            None => vec![self.own_type()],
        }
    }

    /// Of a kernel for one type: that of its first result.
    fn own_type(&self) -> TokenStream {
        self.kernel.returns.first().map_or_else(|| quote!(()), |ty| self.ty(*ty))
    }

    /// The type argument of the kernel's traits within its generic functions.
    fn trait_type(&self) -> TokenStream {
        self.kernel.generic.as_ref().map_or_else(
            || self.own_type(),
            |generic| {
                let name = &generic.name;
                quote!(#name)
            },
        )
    }

    fn ty(&self, ty: Ty) -> TokenStream {
        scalar::ty(self.kernel, ty)
    }

    /// A type for one of the element types.
    fn ty_for(&self, ty: Ty, element: &TokenStream) -> TokenStream {
        match ty {
            Ty::Param => element.clone(),
            Ty::Complex(None) => scalar::complex_of(self.kernel, element),
            ty => self.ty(ty),
        }
    }

    fn values(&self) -> Vec<(&'a Param, Ty)> {
        let params = self.kernel.params.iter();
        params
            .filter_map(|param| match param.kind {
                ParamKind::Value { ty, .. } => Some((param, ty)),
                _ => None,
            })
            .collect()
    }

    /// How the last operand is overwritten, if it has the type of the only result.
    fn over_last(&self) -> Option<OverLast<'_>> {
        let private = &self.private;
        let values = self.values();
        let ((last, last_ty), first) = values.split_last()?;
        if self.kernel.returns != [*last_ty] {
            return None;
        }
        let last_ty = self.ty(*last_ty);
        let types: Vec<TokenStream> = first.iter().map(|(_, ty)| self.ty(*ty)).collect();
        let operands = Self::operand_names(first.len(), "A");
        let in_place = quote!(#private::InPlace<#last_ty, __L::Dim>);
        let all: Vec<TokenStream> =
            operands.iter().map(|operand| quote!(#operand)).chain([in_place]).collect();
        let all_types: Vec<TokenStream> = types.iter().chain([&last_ty]).cloned().collect();
        Some(OverLast {
            params: first.iter().map(|(param, _)| &param.name).collect(),
            last: &last.name,
            operand_list: Self::nested(all.into_iter()),
            list: Self::nested(all_types.into_iter()),
            types,
            operands,
            last_ty,
        })
    }

    /// `(a, (b, ()))`
    fn nested(parts: impl DoubleEndedIterator<Item = TokenStream>) -> TokenStream {
        parts.rev().fold(quote!(()), |rest, part| quote!((#part, #rest)))
    }

    /// `A0`, `A1`, .. for the types of so many operands.
    fn operand_names(count: usize, prefix: &str) -> Vec<Ident> {
        (0..count).map(|index| format_ident!("__{prefix}{index}")).collect()
    }

    /// The names that errors give the outputs.
    fn output_names(&self) -> Vec<String> {
        match self.kernel.returns.len() {
            1 => vec![String::from("out")],
            count => (0..count).map(|index| format!("out{index}")).collect(),
        }
    }

    /// How a call goes by the directives; `par` as an expression.
    fn call(&self, par: bool, in_place: bool) -> TokenStream {
        let Directives { stores, targets, par: always, .. } = &self.kernel.directives;
        let (krate, private) = (&self.krate, &self.private);
        let stores = match stores {
            Stores::Auto => quote!(Auto),
            Stores::Stream => quote!(Stream),
        };
        let targets = targets.iter().map(|isa| match isa {
            Isa::V4 => quote!(#krate::Isa::V4),
            Isa::V3 => quote!(#krate::Isa::V3),
            Isa::Baseline | Isa::Neon => quote!(#krate::Isa::Baseline),
        });
        let par = par || *always;
        quote! {
            #private::Call {
                par: #par,
                stores: #krate::Stores::#stores,
                in_place: #in_place,
                targets: &[#(#targets),*],
            }
        }
    }

    /// The hidden function of groups, which other kernels call.
    fn lanes(&self) -> TokenStream {
        let private = &self.private;
        let [s, active, bad] = lanes::added_params();
        let set = Ident::new("__S", Span::mixed_site());
        let generic = self.generic().map(|(name, bound)| quote!(, #name: #bound));
        let params = self.values().into_iter().map(|(param, ty)| {
            let (name, ty) = (&param.name, self.ty(ty));
            quote!(#name: #private::Lanes<#set, #ty>)
        });
        let returns = self.kernel.returns.iter().map(|ty| {
            let ty = self.ty(*ty);
            quote!(#private::Lanes<#set, #ty>)
        });
        let returns =
            if self.kernel.returns_tuple { quote!((#(#returns),*)) } else { quote!(#(#returns)*) };
        let body = lanes::body(self.kernel);
        let name = &self.kernel.name;
        quote! {
            impl #name {
                #[doc(hidden)]
                #[inline(always)]
                pub fn __lanes<#set: #private::Simd #generic>(
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

    /// `impl Elementwise<f64> for saxpy`, for each element type.
    fn elementwise(&self) -> TokenStream {
        let Kernel { name, returns, .. } = self.kernel;
        let private = &self.private;
        let values = self.values();
        let names = values.iter().map(|(param, _)| param.name.to_string());
        let names: Vec<String> = names.collect();
        let params: Vec<Ident> = Self::operand_names(values.len(), "x");
        let outputs = self.output_names();
        let results = Self::operand_names(returns.len(), "r");
        let pattern = Self::nested(params.iter().map(|param| quote!(#param)));
        let nested = Self::nested(results.iter().map(|result| quote!(#result)));
        let impls = self.element_types().into_iter().map(|element| {
            let input = values.iter().map(|(_, ty)| self.ty_for(*ty, &element));
            let input = Self::nested(input);
            let output = Self::nested(returns.iter().map(|ty| self.ty_for(*ty, &element)));
            quote! {
                impl #private::Elementwise<#element> for #name {
                    type In = #input;
                    type Out = #output;
                    const NAMES: &'static [&'static str] = &[#(#names),*];
                    const OUTPUTS: &'static [&'static str] = &[#(#outputs),*];

                    #[inline(always)]
                    fn lanes<__S: #private::Simd>(
                        s: __S,
                        active: #private::Mask<__S>,
                        bad: &mut #private::Mask<__S>,
                        #pattern: <Self::In as #private::List>::Wide<__S>,
                    ) -> <Self::Out as #private::List>::Wide<__S> {
                        let (#(#results),*) = Self::__lanes(s, active, bad, #(#params),*);
                        #nested
                    }
                }
            }
        });
        quote!(#(#impls)*)
    }
}
