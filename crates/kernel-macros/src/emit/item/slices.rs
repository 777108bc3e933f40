//! `call` of loop kernels, and the body that they share with generalised kernels.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};
use syn::Ident;

use super::Item;
use crate::directives::Bounds;
use crate::emit::{scalar, slices};
use crate::ir::{Kernel, Param, ParamKind};

pub(super) fn print(item: &Item<'_>) -> TokenStream {
    let Kernel { name, params, .. } = item.kernel;
    let (krate, private) = (&item.krate, &item.private);
    let traits = item.element_types().into_iter().map(|element| {
        let body = body(item, &element);
        let args = args_type(item, &element, &quote!('a));
        let output = returned(item, Some(&element));
        let permit = permit(item);
        let [pattern, passed] = unpacked(params);
        quote! {
            impl #private::slices::Loop<#element> for #name {
                type Args<'a> = #args;
                type Output = #output;
                type Permit = #permit;

                #[inline(always)]
                fn body<__S: #private::Simd>(
                    _: __S,
                    #pattern: Self::Args<'_>,
                    _: Self::Permit,
                ) -> ::core::result::Result<Self::Output, #krate::Error> {
                    #body
                    body::<__S>(#passed)
                }
            }
        }
    });
    let (call, used) = (call(item), used(item));
    quote!(#(#traits)* #call #used)
}

/// Who calls the kernel over arrays alone need not hear that its function is never called.
pub(super) fn used(item: &Item<'_>) -> TokenStream {
    let Kernel { name, generic, .. } = item.kernel;
    let types = generic.as_ref().map(|_| item.element_types());
    let types = types.and_then(|types| types.into_iter().next()).map(|ty| quote!(::<#ty>));
    quote!(let _ = #name #types;)
}

/// `fn body<S>(x: &[f64], ..) -> Result<..>`, with one element type in place of a type parameter.
pub(super) fn body(item: &Item<'_>, element: &TokenStream) -> TokenStream {
    let kernel = item.kernel;
    let (krate, private) = (&item.krate, &item.private);
    let set = slices::set();
    let params = kernel.params.iter().map(|param| {
        let (name, ty) = (&param.name, item.ty_for(param.kind.ty(), element));
        match &param.kind {
            ParamKind::Slice { is_mut, dims, .. } => {
                let mutable = is_mut.then(|| quote!(mut));
                let shape = (*dims == 2).then(|| shape_name(name));
                let shape = shape.map(|shape| quote!(, #shape: [usize; 2]));
                quote!(#name: &#mutable [#ty] #shape)
            }
            ParamKind::Value { var, .. } if kernel.vars[*var].is_mut => quote!(mut #name: #ty),
            _ => quote!(#name: #ty),
        }
    });
    let views = kernel.params.iter().filter_map(|param| {
        let ParamKind::Slice { is_mut, dims, .. } = param.kind else { return None };
        let name = &param.name;
        let cells = is_mut.then(|| quote!(let #name = #private::slices::cells(#name);));
        let shape = shape_name(name);
        let matrix =
            (dims == 2).then(|| quote!(let #name = #private::slices::matrix(#name, #shape);));
        Some(quote!(#cells #matrix))
    });
    let alias = kernel.generic.as_ref().map(|generic| {
        let name = &generic.name;
        quote! {
            use #krate::{Int as _, Num as _, Real as _};
            type #name = #element;
        }
    });
    let output = returned(item, Some(element));
    let statements = scalar::fallible_body(kernel);
    quote! {
        #[inline(always)]
        fn body<#set: #private::Simd>(
            #(#params),*
        ) -> ::core::result::Result<#output, #krate::Error> {
            #alias
            #(#views)*
            #statements
        }
    }
}

/// The shape that comes with the elements of a matrix.
fn shape_name(name: &Ident) -> Ident {
    format_ident!("{name}_shape", span = Span::mixed_site())
}

/// What the kernel returns, for one of its element types or for the type parameter.
fn returned(item: &Item<'_>, element: Option<&TokenStream>) -> TokenStream {
    let types = item.kernel.returns.iter().map(|ty| match element {
        Some(element) => item.ty_for(*ty, element),
        None => item.ty(*ty),
    });
    if item.kernel.returns_tuple || item.kernel.returns.is_empty() {
        quote!((#(#types),*))
    } else {
        quote!(#(#types)*)
    }
}

/// What a caller promises.
pub(super) fn permit(item: &Item<'_>) -> TokenStream {
    let private = &item.private;
    match item.kernel.directives.bounds {
        Bounds::Unchecked => quote!(#private::slices::Unchecked),
        Bounds::Check | Bounds::Hoist => quote!(()),
    }
}

/// The promise as a value, and the qualifier of the function that passes it on.
pub(super) fn promise(item: &Item<'_>) -> [Option<TokenStream>; 2] {
    let private = &item.private;
    match item.kernel.directives.bounds {
        Bounds::Unchecked => {
            let word = Ident::new("unsafe", Span::call_site());
            [Some(quote!(#word { #private::slices::Unchecked::promised() })), Some(quote!(#word))]
        }
        Bounds::Check | Bounds::Hoist => [Some(quote!(())), None],
    }
}

/// The section of the documentation that a function which passes a promise on has.
pub(super) fn safety(item: &Item<'_>) -> Option<TokenStream> {
    let is_unchecked = item.kernel.directives.bounds == Bounds::Unchecked;
    is_unchecked.then(|| {
        quote! {
            ///
            /// # Safety
            /// The kernel reads and writes no element outside of its arguments.
        }
    })
}

/// `(&'a [f64], (f64, (&'a mut [f64], ())))`; a matrix is its elements and its shape.
fn args_type(item: &Item<'_>, element: &TokenStream, life: &TokenStream) -> TokenStream {
    let types = item.kernel.params.iter().map(|param| {
        let ty = item.ty_for(param.kind.ty(), element);
        match &param.kind {
            ParamKind::Slice { is_mut, dims, .. } => {
                let mutable = is_mut.then(|| quote!(mut));
                let slice = quote!(&#life #mutable [#ty]);
                if *dims == 2 { quote!((#slice, [usize; 2])) } else { slice }
            }
            _ => ty,
        }
    });
    Item::nested(types.collect::<Vec<_>>().into_iter())
}

/// The pattern of the arguments, and the arguments of the body.
pub(super) fn unpacked(params: &[Param]) -> [TokenStream; 2] {
    let is_matrix = |param: &Param| param.kind.dims() == 2;
    let patterns = params.iter().map(|param| {
        let (name, shape) = (&param.name, shape_name(&param.name));
        if is_matrix(param) { quote!((#name, #shape)) } else { quote!(#name) }
    });
    let passed = params.iter().map(|param| {
        let (name, shape) = (&param.name, shape_name(&param.name));
        if is_matrix(param) { quote!(#name, #shape) } else { quote!(#name) }
    });
    [Item::nested(patterns.collect::<Vec<_>>().into_iter()), quote!(#(#passed,)*)]
}

/// `call`, with slices or arrays for the slices.
fn call(item: &Item<'_>) -> TokenStream {
    let Kernel { name, params, generic, .. } = item.kernel;
    let (krate, private) = (&item.krate, &item.private);
    let element = item.trait_type();
    let types = Item::operand_names(params.len(), "A");
    let mut operands = vec![];
    let mut inputs = vec![];
    let mut slices = vec![];
    for (param, operand) in params.iter().zip(&types) {
        let (arg, ty, text) = (&param.name, item.ty(param.kind.ty()), param.name.to_string());
        let ParamKind::Slice { is_mut, dims, .. } = param.kind else {
            inputs.push(quote!(#arg: #ty));
            continue;
        };
        let (bound, function) = match (dims, is_mut) {
            (1, false) => ("Slice", "slice_of"),
            (1, true) => ("SliceMut", "slice_of_mut"),
            (_, false) => ("Matrix", "matrix_of"),
            (_, true) => ("MatrixMut", "matrix_of_mut"),
        };
        let [bound, function] = [bound, function].map(|name| format_ident!("{name}"));
        let mutable = is_mut.then(|| quote!(mut));
        operands.push(quote!(#operand: #krate::#bound<#ty>));
        inputs.push(quote!(#mutable #arg: #operand));
        slices.push(quote!(let #arg = #private::slices::#function(&#mutable #arg, #text)?;));
    }
    let generic_param = item.generic().map(|(name, bound)| quote!(#name: #bound,));
    let output = returned(item, None);
    let permit = permit(item);
    let bound = generic.as_ref().map(|_| {
        let args = args_type(item, &element, &quote!('a));
        quote! {
            where #name: for<'a> #private::slices::Loop<
                #element, Args<'a> = #args, Output = #output, Permit = #permit
            >
        }
    });
    let args = Item::nested(params.iter().map(|param| {
        let arg = &param.name;
        quote!(#arg)
    }));
    let (how, text) = (item.call(false, false), name.to_string());
    let [promise, qualifier] = promise(item);
    let safety = safety(item);
    quote! {
        impl #name {
            /// Runs the kernel with the instructions that this machine has.
            ///
            /// The arguments are slices, or arrays and views whose elements lie one after another.
            ///
            /// # Errors
            /// An index outside of its argument, a zero divisor with `division = error`, an
            /// argument that is not contiguous. What was written before an error stays.
            #safety
            #[inline]
            pub #qualifier fn call<#generic_param #(#operands),*>(
                #(#inputs),*
            ) -> ::core::result::Result<#output, #krate::Error>
            #bound
            {
                #(#slices)*
                #private::slices::call::<#name, #element>(#args, #promise, #how)
            }

            /// What a call uses: instructions.
            pub fn explain() -> #krate::Explain {
                #private::explain_loop(#text, &#how)
            }
        }
    }
}
